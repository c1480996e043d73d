//! The fixture servers: the clean one stays silent, and on the compromised one every planted situation is found for the
//! intended reason.

use crate::support::{self, finding, of_kind, problems, reasons, scan, server};
use serde_json::Value;
use std::collections::BTreeSet;

const V15: &str = r"C:\Program Files\Microsoft\Exchange Server\V15";

/// Situation, path (`V15` for the installation), and a reason that must be among the finding's.
const PLANTED: &[(&str, &str, &str)] = &[
    (
        "OAB dump with script in ExternalUrl",
        r"C:\inetpub\wwwroot\aspnet_client\discover.aspx",
        "signature/oab_external_url_script_value",
    ),
    (
        "the same file lies where no code belongs",
        r"C:\inetpub\wwwroot\aspnet_client\discover.aspx",
        "location/page_in_aspnet_client",
    ),
    (
        "C# one-liner under a look-alike name",
        r"V15\FrontEnd\HttpProxy\owa\auth\RedirSuiteServerProxy.aspx",
        "signature/china_chopper_jscriptevaluate_request",
    ),
    (
        "the look-alike name is not a default one",
        r"V15\FrontEnd\HttpProxy\owa\auth\RedirSuiteServerProxy.aspx",
        "location/unknown_page_in_logon_folder",
    ),
    ("VB one-liner", r"V15\FrontEnd\HttpProxy\owa\auth\errorEE.aspx", "signature/china_chopper_script_control"),
    (
        "benign text, but not a default page of ecp\\auth",
        r"V15\FrontEnd\HttpProxy\ecp\auth\TimeoutLogon.aspx",
        "location/unknown_page_in_logon_folder",
    ),
    (
        "eight random characters below system_web",
        r"C:\inetpub\wwwroot\aspnet_client\system_web\k7Qm2xPd.aspx",
        "signature/china_chopper_jscript_eval_unsafe",
    ),
    ("classic ASP one-liner", r"C:\inetpub\wwwroot\iisupdate.asp", "signature/china_chopper_asp_execute_request"),
    ("the one-liner by what it does", r"C:\inetpub\wwwroot\iisupdate.asp", "behaviour/eval_request_input"),
    (
        "an encoded one-liner by what it does",
        r"C:\inetpub\wwwroot\aspnet_client\system_web\counter.asp",
        "behaviour/eval_request_input",
    ),
    ("a loader by what it does", r"V15\FrontEnd\HttpProxy\OAB\oabview.aspx", "behaviour/assembly_load_request"),
    (
        "page behind a picture's header",
        r"V15\FrontEnd\HttpProxy\owa\auth\Current\themes\resources\lgnfoot.gif",
        "signature/china_chopper_jscript_eval_unsafe",
    ),
    (
        "server code in a picture",
        r"V15\FrontEnd\HttpProxy\owa\auth\Current\themes\resources\lgnfoot.gif",
        "location/server_code_in_static_file",
    ),
    (
        "server code in a text file",
        r"C:\inetpub\wwwroot\aspnet_client\notes.txt",
        "signature/china_chopper_compile_request",
    ),
    (
        "one-liner in UTF-16",
        r"V15\FrontEnd\HttpProxy\owa\auth\OutlookZH.aspx",
        "signature/china_chopper_jscript_eval_unsafe",
    ),
    (
        "ProxyShell drop in a mailbox export",
        r"V15\FrontEnd\HttpProxy\owa\auth\9c1f04ab7d.aspx",
        "signature/proxyshell_drop_mailbox_export",
    ),
    (
        "ProxyShell drop in a certificate request",
        r"C:\inetpub\wwwroot\aspnet_client\certreq.aspx",
        "signature/proxyshell_drop_certificate_request",
    ),
    ("reGeorg tunnel", r"V15\ClientAccess\exchweb\EWS\sync.ashx", "signature/regeorg_header_names"),
    ("ASPXSpy among the pages of ecp", r"V15\ClientAccess\ecp\Reporting\summary.aspx", "signature/aspxspy_console"),
    ("Behinder", r"V15\FrontEnd\HttpProxy\OAB\oabview.aspx", "signature/behinder_decrypt_and_instantiate"),
    ("Godzilla, renamed", r"V15\ClientAccess\Owa\auth\error3.aspx", "signature/godzilla_assembly_in_session"),
    ("web.config as page", r"C:\inetpub\wwwroot\aspnet_client\web.config", "signature/webconfig_as_page_code"),
    (
        "pictures mapped to the page compiler",
        r"C:\inetpub\wwwroot\aspnet_client\system_web\4_0_30319\web.config",
        "signature/webconfig_as_page_static_extension",
    ),
    (
        "virtual directory of a reserved device name",
        r"C:\ProgramData\COM1\readme.aspx",
        "signature/china_chopper_jscript_eval_unsafe",
    ),
    ("page in Users\\Public", r"C:\Users\Public\Documents\help.aspx", "signature/china_chopper_load_request"),
    ("default name, foreign content", r"V15\ClientAccess\ecp\about.aspx", "signature/china_chopper_write_request"),
    (
        "library compiled from a shell",
        r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\8e05b027\e164d61b\App_Web_inert4zq.dll",
        "signature/china_chopper_compiled_page",
    ),
    (
        "one letter code away from a default page",
        r"V15\FrontEnd\HttpProxy\owa\auth\errorEE.aspx",
        "location/look_alike_page_name",
    ),
    ("a name of the lists of March 2021", r"V15\FrontEnd\HttpProxy\owa\auth\errorEE.aspx", "indicator/known_file_name"),
    ("a path of the lists of March 2021", r"V15\FrontEnd\HttpProxy\owa\auth\OutlookZH.aspx", "indicator/known_path"),
    (
        "named like the one default page of its folder",
        r"V15\FrontEnd\HttpProxy\ecp\auth\TimeoutLogon.aspx",
        "location/look_alike_page_name",
    ),
    (
        "eight random characters, where they were dropped",
        r"C:\inetpub\wwwroot\aspnet_client\system_web\k7Qm2xPd.aspx",
        "indicator/known_path_pattern",
    ),
    ("a page in the offline address book", r"V15\FrontEnd\HttpProxy\OAB\oabview.aspx", "location/page_in_oab_folder"),
    (
        "months younger than the pages around it",
        r"V15\ClientAccess\ecp\about.aspx",
        "timestamp/modification_time_outlier",
    ),
    ("a folder with the name of a device", r"C:\ProgramData\COM1\readme.aspx", "location/reserved_device_name"),
    ("a folder of the lists of 2021", r"C:\ProgramData\COM1\readme.aspx", "indicator/known_folder"),
    ("a link out of a web folder", r"C:\inetpub\wwwroot\portal", "location/web_folder_link"),
    ("an executable page served from ProgramData", r"C:\ProgramData\COM1\readme.aspx", "location/page_in_drop_folder"),
    ("a page that no site serves", r"C:\Users\Public\Documents\help.aspx", "location/page_in_drop_folder"),
    (
        "a default page's name in another folder",
        r"V15\FrontEnd\HttpProxy\owa\auth\TimeoutLogout.aspx",
        "location/known_page_name_wrong_folder",
    ),
    (
        "a default page's name in another folder",
        r"V15\FrontEnd\HttpProxy\owa\auth\TimeoutLogout.aspx",
        "indicator/known_path",
    ),
    ("a name that Microsoft published", r"V15\FrontEnd\HttpProxy\owa\auth\bob.aspx", "indicator/known_path"),
    (
        "two letters of a default page's name swapped",
        r"V15\ClientAccess\ecp\abuot.aspx",
        "location/look_alike_page_name",
    ),
    (
        "page in a folder of styles",
        r"V15\FrontEnd\HttpProxy\owa\auth\Current\themes\errorFS.aspx",
        "location/page_in_static_folder",
    ),
    ("page among libraries", r"V15\FrontEnd\HttpProxy\bin\Diagnostics.aspx", "location/page_in_code_folder"),
    ("page among logs", r"V15\Logging\HttpProxy\Owa\HttpProxy.aspx", "location/page_in_log_folder"),
    ("double extension", r"C:\inetpub\wwwroot\photo.jpg.aspx", "location/double_extension"),
    ("name that IIS 6 ran as a page", r"C:\inetpub\wwwroot\logo.asp;.jpg", "location/deceptive_file_name"),
    ("page among the error pages", r"C:\inetpub\custerr\en-US\507.aspx", "location/page_in_drop_folder"),
    (
        "page in the recycle bin",
        r"C:\$Recycle.Bin\S-1-5-21-1004336348-1177238915-682003330-500\$RA1B2C3.aspx",
        "location/page_in_drop_folder",
    ),
    ("archive of stolen mail", r"C:\ProgramData\it.zip", "indicator/known_path"),
    ("memory of lsass", r"C:\Windows\Temp\lsass.dmp", "indicator/known_path_pattern"),
    ("library named like an IIS backdoor", r"C:\Windows\System32\inetsrv\iisddos.dll", "indicator/known_file_name"),
    ("time without fractions of a second", r"V15\ClientAccess\ecp\Reporting\outbox.aspx", "timestamp/zero_subseconds"),
    (
        "page in base64 inside a page",
        r"C:\inetpub\wwwroot\aspnet_client\system_web\2_0_50727\help.aspx",
        "signature/china_chopper_jscript_eval_unsafe",
    ),
    (
        "classic page in VBScript.Encode",
        r"C:\inetpub\wwwroot\aspnet_client\system_web\counter.asp",
        "signature/asp_one_liner_wrapped",
    ),
    ("names in HTML entities", r"C:\inetpub\wwwroot\aspnet_client\iispage.aspx", "signature/html_entity_code_words"),
    ("names in HTML entities", r"C:\inetpub\wwwroot\aspnet_client\iispage.aspx", "indicator/known_path"),
    ("names in \\u escapes", r"C:\inetpub\wwwroot\aspnet_client\session.aspx", "signature/unicode_escaped_code_words"),
    (
        "evaluator's name cut in pieces",
        r"V15\FrontEnd\HttpProxy\OAB\index.aspx",
        "signature/split_eval_words_evaluator",
    ),
    ("style sheet with script", r"V15\FrontEnd\HttpProxy\owa\auth\xsl.aspx", "signature/msxsl_script_request"),
    ("COM object by class id", r"C:\inetpub\wwwroot\aspnet_client\calendar.asp", "signature/object_classid_shell"),
    (
        "logon page that keeps passwords",
        r"V15\FrontEnd\HttpProxy\owa\auth\logon.aspx",
        "signature/logon_harvest_owa_page_writes",
    ),
    (
        "SimpleSeeSharp",
        r"V15\FrontEnd\HttpProxy\owa\auth\Current\HttpHandler.aspx",
        "signature/simpleseesharp_stream_to_given_path",
    ),
    ("SPORTSBALL", r"C:\inetpub\wwwroot\aspnet_client\supp0rt.aspx", "signature/sportsball_request_to_standard_input"),
    ("ABPTTS tunnel", r"V15\FrontEnd\HttpProxy\EWS\exchange.aspx", "signature/abptts_options"),
    ("SharPyShell", r"V15\FrontEnd\HttpProxy\Autodiscover\discovery.aspx", "signature/sharpyshell_named"),
    ("Antak", r"V15\ClientAccess\ecp\PersonalSettings\sessions.aspx", "signature/antak_named"),
    ("GhostContainer", r"V15\ClientAccess\owa\bin\App_Web_Container_1.dll", "signature/ghostcontainer_class_names"),
    (
        "native module that takes orders",
        r"V15\FrontEnd\HttpProxy\bin\HttpExtension.dll",
        "signature/iis_module_backdoor_iis_raid",
    ),
    (
        "a module that is not a default one",
        r"C:\Windows\System32\inetsrv\config\applicationHost.config",
        "config/native_module",
    ),
    ("the library of that module", r"C:\ProgramData\Microsoft\Web\httphlp.dll", "config/module_path"),
    ("the library of that module", r"C:\ProgramData\Microsoft\Web\httphlp.dll", "config/module_unsigned"),
    ("a module that nothing loads", r"C:\Windows\System32\inetsrv\reqhlp.dll", "config/module_unregistered"),
    ("a machine key that somebody knows", r"C:\inetpub\wwwroot\status\web.config", "config/machine_key_fixed"),
    ("a page for the address of a picture", r"C:\inetpub\wwwroot\status\web.config", "config/url_rewrite"),
    ("a mitigation taken away", r"V15\FrontEnd\HttpProxy\Autodiscover\v1\web.config", "config/mitigation_disabled"),
    (
        "a module that pretends to be Exchange",
        r"V15\FrontEnd\HttpProxy\Autodiscover\v1\web.config",
        "config/managed_module",
    ),
    ("requests without a log", r"V15\FrontEnd\HttpProxy\Autodiscover\v1\web.config", "config/http_logging_disabled"),
    ("logs compiled as pages", r"C:\ProgramData\COM1\web.config", "config/build_provider"),
    (
        "a domain manager for the worker process",
        r"C:\Windows\System32\inetsrv\w3wp.exe.config",
        "config/appdomain_manager",
    ),
    ("an agent that reads every mail", r"V15\TransportRoles\Shared\agents.config", "config/transport_agent_untrusted"),
    (
        "pictures mapped to the page compiler, by structure",
        r"C:\inetpub\wwwroot\aspnet_client\system_web\4_0_30319\web.config",
        "config/static_extension_handler",
    ),
    (
        "web.config as page, by structure",
        r"C:\inetpub\wwwroot\aspnet_client\web.config",
        "config/server_code_in_config",
    ),
    (
        "web.config as page, by structure",
        r"C:\inetpub\wwwroot\aspnet_client\web.config",
        "config/request_filtering_weakened",
    ),
    (
        "a page that ran and is gone",
        r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\8e05b027\e164d61b\outlooken.aspx.1c2d3e4f.compiled",
        "compiled/source_deleted",
    ),
    (
        "what it was compiled to",
        r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\8e05b027\e164d61b\App_Web_inert4zq.dll",
        "compiled/source_deleted",
    ),
    (
        "what the compiled page does",
        r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\8e05b027\e164d61b\App_Web_inert4zq.dll",
        "behaviour/eval_request_input",
    ),
    (
        "a page compiled from a folder of scripts",
        r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\root\e22c2559\92c7e946\discover.aspx.fdf15353.compiled",
        "compiled/from_drop_folder",
    ),
    (
        "its assembly was taken away",
        r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\root\e22c2559\92c7e946\discover.aspx.fdf15353.compiled",
        "compiled/assembly_missing",
    ),
];

#[test]
fn the_clean_server_gives_no_finding_and_exit_code_0() {
    let (code, records) = scan(&server("clean_2019"), &["--min-level", "info"]);
    assert_eq!(of_kind(&records, "finding"), [&Value::Null; 0]);
    assert_eq!(problems(&records), [""; 0]);
    let end = of_kind(&records, "scan_end")[0];
    assert_eq!((code, &end["shellsift"]["summary"]["verdict"]), (0, &Value::from("nothing_found")));
    assert!(of_kind(&records, "coverage")[0]["shellsift"]["coverage"]["examined"].as_u64().unwrap() > 200);
}

#[test]
fn every_planted_situation_is_found_for_the_reason_that_was_planted() {
    let (code, records) = scan(&server("compromised_2019"), &["--min-level", "info"]);
    assert_eq!(code, 1);
    for (situation, path, reason) in PLANTED {
        let path = path.replace("V15\\", &format!("{V15}\\"));
        let finding = finding(&records, &path).unwrap_or_else(|| panic!("{situation}: nothing found at {path}"));
        assert!(reasons(finding).contains(reason), "{situation}: {:?}", reasons(finding));
    }
    let planted: BTreeSet<String> =
        PLANTED.iter().map(|(_, path, _)| path.replace("V15\\", &format!("{V15}\\"))).collect();
    let found: BTreeSet<String> =
        of_kind(&records, "finding").iter().map(|record| record["file"]["path"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found, planted, "nothing beside what was planted");
}

#[test]
fn what_is_encoded_is_proved_through_its_trail() {
    let (_, records) = scan(&server("compromised_2019"), &[]);
    for (name, encodings) in [
        ("help.aspx", "base64"),
        ("counter.asp", "vbscript.encode"),
        ("OutlookZH.aspx", "utf16le"),
        ("session.aspx", "stored"),
    ] {
        let finding = of_kind(&records, "finding").into_iter().find(|record| {
            record["file"]["name"] == name
                && record["shellsift"]["reasons"][0]["locations"][0]["encodings"] == encodings
        });
        assert!(finding.is_some(), "{name} through {encodings}");
    }
}

#[test]
fn findings_carry_hashes_times_urls_and_proof() {
    let (_, records) = scan(&server("compromised_2019"), &[]);
    let shell = finding(&records, r"C:\inetpub\wwwroot\aspnet_client\discover.aspx").unwrap();
    let file = &shell["file"];
    assert_eq!(file["mtime"], "2021-03-03T06:59:21.3071234Z");
    assert_eq!(file["drive_letter"], "C");
    for (name, digits) in [("sha256", 64), ("sha1", 40), ("md5", 32)] {
        assert_eq!(file["hash"][name].as_str().unwrap().len(), digits, "{name}");
    }
    assert_eq!(shell["url"]["path"], "/aspnet_client/discover.aspx");
    let proof = &shell["shellsift"]["reasons"][0]["locations"][0];
    let (offset, length) = (proof["offset"].as_u64().unwrap() as usize, proof["length"].as_u64().unwrap() as usize);
    let stored = std::fs::read(server("compromised_2019").join("inetpub/wwwroot/aspnet_client/discover.aspx")).unwrap();
    let piece = String::from_utf8_lossy(&stored[offset..offset + length]).into_owned();
    assert!(piece.contains("Request"), "the proof leads back to the stored bytes: {piece}");
    let wide = finding(&records, &format!(r"{V15}\FrontEnd\HttpProxy\owa\auth\OutlookZH.aspx")).unwrap();
    assert_eq!(wide["shellsift"]["reasons"][0]["locations"][0]["encodings"], "utf16le");
}

#[test]
fn what_is_not_examined_is_reported() {
    let (_, records) = scan(&server("compromised_2019"), &[]);
    assert_eq!(problems(&records), ["volume_not_provided", "folder_missing"]);
    let coverage = &of_kind(&records, "coverage")[0]["shellsift"]["coverage"];
    if cfg!(unix) {
        assert_eq!(coverage["skipped"], serde_json::json!([{"value": "link", "count": 1}]));
        assert_eq!(coverage["not_followed"][0]["path"], r"C:\inetpub\wwwroot\portal");
        assert_eq!(coverage["not_followed"][0]["target"], "../../Users/Public/Portal");
    }
    let count = |name: &str| coverage[name].as_u64().unwrap();
    let skipped: u64 = coverage["skipped"].as_array().unwrap().iter().map(|one| one["count"].as_u64().unwrap()).sum();
    let ended = count("examined")
        + count("known_good")
        + count("partially_examined")
        + count("failed")
        + count("not_reached")
        + skipped;
    assert_eq!(count("surveyed"), ended, "the numbers add up");
    let end = &of_kind(&records, "scan_end")[0]["shellsift"];
    assert_eq!((&end["summary"]["verdict"], &end["complete"]), (&Value::from("compromised"), &Value::from(false)));
}

#[test]
fn the_volume_that_was_not_given_can_be_joined() {
    let data = support::folder();
    std::fs::create_dir_all(data.path().join("WebApps/intranet")).unwrap();
    std::fs::write(data.path().join("WebApps/intranet/shell.txt"), support::stand_in()).unwrap();
    let map = format!("{}=D:\\", data.path().display());
    let (_, records) = scan(&server("compromised_2019"), &["--map", &map]);
    assert_eq!(problems(&records), ["folder_missing"]);
    let found = finding(&records, r"D:\WebApps\intranet\shell.txt").expect("found on the joined volume");
    assert_eq!(found["url"]["path"], "/intranet/shell.txt");
    assert_eq!(found["file"]["drive_letter"], "D");
}

#[test]
fn an_exchange_folder_a_plain_folder_and_a_single_file_are_targets_too() {
    let server = server("compromised_2019");
    let install = server.join("Program Files/Microsoft/Exchange Server/V15");
    let (_, records) = scan(&install, &[]);
    let auth: Vec<_> =
        of_kind(&records, "finding").into_iter().filter(|r| r["file"]["name"] == "TimeoutLogon.aspx").collect();
    assert_eq!(
        reasons(auth[0]),
        ["location/unknown_page_in_logon_folder", "location/look_alike_page_name"],
        "an installation has roles"
    );

    let (code, records) = scan(&install.join("FrontEnd/HttpProxy/ecp/auth"), &[]);
    assert_eq!((code, of_kind(&records, "finding").len()), (0, 0), "a plain folder has none");

    let (code, records) = scan(&server.join("inetpub/wwwroot/aspnet_client/notes.txt"), &[]);
    let findings = of_kind(&records, "finding");
    assert_eq!((code, findings.len()), (1, 1));
    assert!(reasons(findings[0]).iter().all(|reason| reason.starts_with("signature/")), "content alone");
}

#[test]
fn a_window_raises_what_changed_inside_it_and_a_bad_one_is_refused() {
    let clean = server("clean_2019");
    let (code, records) = scan(&clean, &["--window", "2021-03-04..2021-03-04"]);
    let findings = of_kind(&records, "finding");
    assert_eq!((code, findings.len()), (0, 1), "low: shown, but no reason to fail");
    assert_eq!(findings[0]["file"]["path"], r"C:\inetpub\wwwroot\web.config");
    assert_eq!(reasons(findings[0]), ["timestamp/in_window"]);
    assert_eq!(of_kind(&scan(&clean, &["--window", "..2015-01-01"]).1, "finding").len(), 0);

    let config = clean.join("inetpub/wwwroot/web.config");
    let explain = |window| support::run(["explain", config.to_str().unwrap(), "--window", window]);
    assert!(explain("2021-03-01..").out.contains("[timestamp/in_window]"));
    for wrong in ["2021-03-04", "..", "2021-03-05..2021-03-04", "last week.."] {
        let ran = support::run(["scan", clean.to_str().unwrap(), "--window", wrong]);
        assert_eq!((ran.code, explain(wrong).code), (2, 2), "{wrong}");
        assert!(ran.err.contains(&format!("--window {wrong}: ")), "{}", ran.err);
    }
}

#[test]
fn explain_sees_a_file_beside_its_neighbours_as_a_scan_does() {
    let server = server("compromised_2019");
    let (_, records) = scan(&server, &["--min-level", "info"]);
    for name in ["about.aspx", "OutlookZH.aspx", "readme.aspx", "lgnfoot.gif"] {
        let found = of_kind(&records, "finding").into_iter().find(|record| record["file"]["name"] == name).unwrap();
        let path = found["file"]["path"].as_str().unwrap();
        let file = path[3..].split('\\').fold(server.clone(), |path, name| path.join(name));
        let out = support::run(["explain", file.to_str().unwrap()]).out;
        for reason in reasons(found) {
            assert!(
                out.replace('~', "").contains(&format!("[{}]", reason.replace('~', ""))),
                "{name}: {reason}\n{out}"
            );
        }
    }
}

#[test]
fn the_findings_do_not_depend_on_the_threads() {
    // One thread goes in the order of examination; several tell what they have as they have it.
    let strip = |records: Vec<Value>| -> Vec<String> {
        let findings = of_kind(&records, "finding");
        let in_words = |r: &&Value| format!("{} {} {}", r["file"]["path"], r["event"]["id"], r["shellsift"]["reasons"]);
        let mut words: Vec<String> = findings.iter().map(in_words).collect();
        words.sort();
        words
    };
    let one = strip(scan(&server("compromised_2019"), &["-t", "1"]).1);
    for threads in ["2", "7", "129"] {
        assert_eq!(strip(scan(&server("compromised_2019"), &["-t", threads]).1), one, "{threads} threads");
    }
}

/// Scans a volume that lies in memory: every finding, whatever its level.
fn scan_in_memory(evidence: &shellsift::evidence::Memory) -> Vec<shellsift::model::Finding> {
    use shellsift::catalogue::{self, HashList};
    use shellsift::detect::{DETECTORS, Knowledge, signatures::Signatures};
    use shellsift::model::ServerPath;
    use shellsift::{scan, targets};
    let root = ServerPath::drive('C');
    let given = targets::Target { kind: targets::recognise(evidence, &root), path: root };
    let plan = targets::discover(evidence, &[given], &['C'], false);
    let interrupted = std::sync::atomic::AtomicBool::new(false);
    let survey = scan::survey(evidence, &plan, &interrupted, &mut Vec::new());
    let tables = catalogue::baseline::Baseline { tables: vec![catalogue::baseline::built_in()] };
    let baseline = scan::BaselineMatcher::new(evidence, &plan, &survey, tables, &interrupted);
    let knowledge = Knowledge {
        signatures: Some(Signatures::compile(true, &[]).unwrap().0),
        malicious: catalogue::malicious_hashes(),
        ..Knowledge::new(std::time::Duration::from_secs(60))
    };
    let detectors: Vec<&str> = DETECTORS.iter().map(|detector| detector.id).collect();
    let settings = scan::Settings {
        threads: 2,
        max_size: 64 << 20,
        cpu_limit: 100,
        detectors: &detectors,
        allowed: &HashList::default(),
        interrupted: &interrupted,
        on_worker: || {},
    };
    let job = scan::Job {
        evidence,
        plan: &plan,
        survey: &survey,
        baseline: Some(&baseline),
        knowledge: &knowledge,
        settings: &settings,
    };
    let mut found = Vec::new();
    let coverage = scan::scan(&job, &scan::Counters::default(), false, &mut |event| {
        if let scan::Event::Finding(finding) = event {
            found.push(*finding);
        }
        true
    });
    assert!(coverage.adds_up());
    found
}

#[test]
fn the_same_server_in_memory_gives_the_same_findings() {
    let evidence = support::fixture::in_memory(&support::fixture::server("compromised_2019"));
    let found = scan_in_memory(&evidence);
    let found: BTreeSet<(String, Vec<String>)> = found
        .iter()
        .map(|f| (f.artefact.path.to_string(), f.reasons.iter().map(|reason| reason.id.clone()).collect()))
        .collect();
    let (_, records) = support::scan(&server("compromised_2019"), &["--min-level", "info"]);
    let on_disk: BTreeSet<_> = of_kind(&records, "finding")
        .iter()
        .map(|r| (r["file"]["path"].as_str().unwrap().to_owned(), reasons(r).into_iter().map(str::to_owned).collect()))
        .collect();
    assert_eq!(found, on_disk);
}

#[test]
fn creation_times_and_attributes_are_judged_where_the_source_has_them() {
    use shellsift::model::{Level, Timestamp};
    let day = |day: i64, nanos| Timestamp::new(1_606_780_800 + day * 86_400, nanos);
    let evidence = support::fixture::in_memory(&support::fixture::server("clean_2019"));
    // Installed a month after it was built, like any server.
    let installed = of_kind(&scan(&server("clean_2019"), &["--all"]).1, "examined")
        .iter()
        .map(|record| record["file"]["path"].as_str().unwrap().to_owned())
        .zip(1..)
        .fold(evidence, |memory, (path, n)| memory.times(&path, day(30, 100 * n), day(0, 700 * n)));
    assert_eq!(scan_in_memory(&installed).len(), 0, "silent with creation times too");

    let ecp = format!(r"{V15}\ClientAccess\ecp");
    let (neighbour, path) = (format!(r"{ecp}\about.aspx"), format!(r"{ecp}\overview.aspx"));
    let planted = installed
        .times(&neighbour, day(30, 100), day(0, 4_711_000))
        .file(&path, b"")
        .times(&path, day(95, 0), day(0, 4_711_000))
        .attributes(&path, 0x26);
    let found = scan_in_memory(&planted);
    let said: Vec<_> = found
        .iter()
        .map(|finding| (finding.artefact.path.to_string(), finding.level))
        .zip(found.iter().map(|finding| finding.reasons.iter().map(|reason| &*reason.id).collect::<Vec<_>>()))
        .collect();
    let reasons = [
        "location/hidden_attribute",
        "timestamp/modification_time_copied",
        "timestamp/creation_time_outlier",
        "timestamp/zero_subseconds",
    ];
    assert_eq!(said, [((path.clone(), Level::Medium), reasons.to_vec())]);

    let without = scan_in_memory(&planted.attributes(&path, 0x20));
    assert_eq!(without.iter().map(|finding| finding.level).collect::<Vec<_>>(), [Level::Info], "times alone");
}
