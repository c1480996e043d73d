//! Files, logs and patch level in one run: what each stage adds, that each can be skipped, and the verdicts.

use crate::support::{self, of_kind, problems, records, run, scan, server};
use serde_json::Value;
use std::path::Path;

fn summary(records: &[Value]) -> &Value {
    &of_kind(records, "scan_end")[0]["shellsift"]["summary"]
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from).into_iter().map(Result::unwrap) {
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target).unwrap();
        } else if entry.file_type().is_file() {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn one_run_covers_files_logs_and_patch_level() {
    let (code, records) = scan(&server("compromised_2019"), &[]);
    assert_eq!(code, 1);
    let hits = of_kind(&records, "log_hit");
    let written = hits.iter().find(|hit| {
        hit["shellsift"]["hit"]["check"] == "log/proxylogon"
            && hit["shellsift"]["hit"]["stage"] == "code_execution_or_file_write"
    });
    let written = written.expect("the file that ProxyLogon wrote");
    assert_eq!(
        (&written["source"]["address"], &written["shellsift"]["level"]),
        (&"203.0.113.7".into(), &"critical".into())
    );
    assert_eq!(written["event"]["start"], "2021-03-03T06:59:20.3590000Z");
    assert_eq!(written["vulnerability"]["id"], "CVE-2021-26855");
    let patch = written["shellsift"]["hit"]["patch_level"].as_str().unwrap();
    assert!(patch.starts_with("15.2.721.2 then") && patch.contains("vulnerable to CVE-2021-26855"), "{patch}");
    let proof = &written["shellsift"]["hit"]["locations"][0];
    assert!(proof["path"].as_str().unwrap().ends_with(r"\Logging\HttpProxy\Ecp\HttpProxy_2021030306-1.LOG"), "{proof}");
    let shell = r"C:\inetpub\wwwroot\aspnet_client\discover.aspx";
    let requests: Vec<_> =
        of_kind(&records, "file_requests").into_iter().filter(|record| record["file"]["path"] == shell).collect();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0]["shellsift"]["requests"]["methods"][0], serde_json::json!({"value": "POST", "count": 3}));
    assert_eq!(
        requests[0]["shellsift"]["requests"]["clients"][0],
        serde_json::json!({"value": "203.0.113.9", "count": 3})
    );
    let health = &of_kind(&records, "health")[0]["shellsift"]["health"];
    assert_eq!((&health["build"], &health["level"]["cumulative_update"]), (&"15.2.721.13".into(), &"CU7".into()));
    // The timeline in order: exploited, file created, accessed, compiled, deleted, patched.
    let timeline: Vec<(&str, &str)> = of_kind(&records, "timeline_event")
        .into_iter()
        .map(|moment| {
            (moment["shellsift"]["timeline_event"]["kind"].as_str().unwrap(), moment["message"].as_str().unwrap())
        })
        .collect();
    let mut from = 0;
    for (what, words) in [
        ("exploited", "obtained an ECP session"),
        ("exploited", "wrote a file through a virtual directory reset"),
        ("file_created", "discover.aspx"),
        ("accessed", "/aspnet_client/discover.aspx"),
        ("page_compiled", "/owa/auth/OutlookEN.aspx, which has been deleted"),
        ("deleted", "/owa/auth/outlooken.aspx"),
        ("patched", "15.2.721.13"),
        ("exploited", "ProxyShell: used remote PowerShell"),
        ("configuration_changed", "virtual directory /help"),
        ("exploited", "a mailbox was exported as server code"),
    ] {
        let at = timeline[from..].iter().position(|moment| moment.0 == what && moment.1.contains(words));
        from += at.unwrap_or_else(|| panic!("{what} {words} not behind {:?}", timeline.get(from.wrapping_sub(1)))) + 1;
    }
    let words = summary(&records)["description"].as_str().unwrap();
    assert!(words.starts_with("exploited since 2021-03-03T06:49:46.2100000Z (proxylogon"), "{words}");
    assert!(words.contains("(high confidence)"), "{words}");
    assert!(summary(&records)["logs"].as_str().unwrap().starts_with("logs from 2021-02-20T"));
    assert!(summary(&records)["patch_level"][0].as_str().unwrap().contains("ProxyShell"));
}

#[test]
fn each_stage_can_be_switched_off() {
    let kinds = |more: &[&str]| {
        let (_, records) = scan(&server("compromised_2019"), more);
        ["log_hit", "file_requests", "log_coverage", "health"].map(|kind| !of_kind(&records, kind).is_empty())
    };
    assert_eq!(kinds(&[]), [true; 4]);
    assert_eq!(kinds(&["--no-logs"]), [false, false, false, true]);
    assert_eq!(kinds(&["--no-health"]), [true, true, true, false]);
    assert_eq!(kinds(&["--no-logs", "--no-health"]), [false; 4]);
}

#[test]
fn the_clean_server_is_silent_in_every_stage() {
    let (code, records) = scan(&server("clean_2019"), &["--min-level", "info"]);
    assert_eq!((code, problems(&records)), (0, Vec::new()));
    assert_eq!(of_kind(&records, "finding"), [&Value::Null; 0]);
    // What administrators do is for the record, and no more.
    assert!(of_kind(&records, "log_hit").iter().all(|hit| hit["shellsift"]["level"] == "info"));
    let summary = summary(&records);
    assert_eq!(of_kind(&records, "scan_end")[0]["shellsift"]["complete"], true);
    assert_eq!(summary["verdict"], "nothing_found");
    let words = summary["description"].as_str().unwrap();
    assert!(words.contains("nor in logs from 2020-12-01T"), "{words}");
}

#[test]
fn logs_alone_and_loose_logs_are_read() {
    let compromised = server("compromised_2019");
    let ran = run(["logs", compromised.to_str().unwrap(), "-q", "-f", "jsonl"]);
    assert_eq!(ran.code, 1);
    assert_eq!(summary(&records(&ran.out))["verdict"], "compromised");
    // A folder that somebody copied out of the server, and one file by itself.
    let folder = support::folder();
    let owa = compromised.join("Program Files/Microsoft/Exchange Server/V15/Logging/HttpProxy/Owa");
    copy(&owa, folder.path());
    for target in [folder.path().to_owned(), folder.path().join("HttpProxy_2021030715-1.LOG")] {
        let ran = run(["logs", target.to_str().unwrap(), "-q", "-f", "jsonl"]);
        let all = records(&ran.out);
        let hits = of_kind(&all, "log_hit");
        assert!(hits.iter().any(|hit| hit["source"]["address"] == "203.0.113.8"), "{}", target.display());
        assert_eq!(summary(&all)["verdict"], "attempted");
        // An attempt that was refused does not turn the exit code; what is no log in the folder does.
        assert!([0, 3].contains(&ran.code), "{}", ran.code);
    }
    // Beside a server they are read as well.
    let clean = server("clean_2019");
    let ran = run(["logs", clean.to_str().unwrap(), folder.path().to_str().unwrap(), "-q", "-f", "jsonl"]);
    assert!(of_kind(&records(&ran.out), "log_hit").iter().any(|hit| hit["source"]["address"] == "203.0.113.8"));
    let nothing = support::folder();
    std::fs::write(nothing.path().join("a.txt"), "no log").unwrap();
    let ran = run(["logs", nothing.path().to_str().unwrap(), "-q", "-f", "jsonl"]);
    assert_eq!(ran.code, 3);
    assert!(problems(&records(&ran.out)).contains(&"nothing_to_examine".to_owned()));
}

/// The folders of its logs may be named in the part that could not be read.
#[test]
fn a_configuration_that_is_broken_is_a_gap_of_the_logs() {
    let folder = support::folder();
    let config = folder.path().join("Windows/System32/inetsrv/config");
    std::fs::create_dir_all(&config).unwrap();
    let log = folder.path().join("inetpub/logs/LogFiles/W3SVC1");
    copy(&server("clean_2019").join("inetpub/logs/LogFiles/W3SVC1"), &log);
    let kinds = |text: &str| {
        std::fs::write(config.join("applicationHost.config"), text).unwrap();
        let ran = run(["logs", folder.path().to_str().unwrap(), "-q", "-f", "jsonl"]);
        (ran.code, problems(&records(&ran.out)))
    };
    std::fs::create_dir_all(folder.path().join("inetpub/wwwroot")).unwrap();
    let whole = r#"<configuration><system.applicationHost><sites><site name="s" id="1"><application path="/"><virtualDirectory
        path="/" physicalPath="C:\inetpub\wwwroot"/></application></site></sites></system.applicationHost></configuration>"#;
    assert_eq!(kinds(whole), (0, Vec::new()));
    assert_eq!(kinds("<configuration><system.applicationHost>"), (3, vec!["config_malformed".to_owned()]));
}

#[test]
fn a_server_that_was_exploited_and_has_no_shell_is_compromised_all_the_same() {
    let folder = support::folder();
    let installation = "Program Files/Microsoft/Exchange Server/V15";
    let (from, to) = (server("compromised_2019").join(installation), folder.path().join(installation));
    copy(&from.join("Logging/HttpProxy/Ecp"), &to.join("Logging/HttpProxy/Ecp"));
    copy(&from.join("bin"), &to.join("bin"));
    std::fs::create_dir_all(to.join("FrontEnd/HttpProxy")).unwrap();
    std::fs::create_dir_all(folder.path().join("Windows/System32")).unwrap();
    let (code, records) = scan(folder.path(), &[]);
    let summary = summary(&records);
    assert_eq!((code, &summary["verdict"]), (1, &"compromised".into()));
    assert!(summary["description"].as_str().unwrap().contains("no webshell found"), "{summary}");
    let (code, records) = scan(folder.path(), &["--no-logs"]);
    assert!(code != 1 && self::summary(&records)["verdict"] != "compromised");
}

#[test]
fn reference_data_of_the_user_is_used_and_malformed_data_is_reported_at_once() {
    let target = server("clean_2019");
    let ran = run(["scan", target.to_str().unwrap(), "-q", "--data-dir", "/no/such/folder"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    let folder = support::folder();
    std::fs::write(folder.path().join("builds.csv"), "product,cu,update,build\nnonsense,x,y,z\n").unwrap();
    let (_, records) = scan(&target, &["--facts", folder.path().to_str().unwrap()]);
    assert!(problems(&records).contains(&"reference_data_invalid".to_owned()));
}
