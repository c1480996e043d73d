//! Every check fires and stays silent.

mod libraries;
mod situations;

use super::super::test_support::{artefact_at, knowledge, results};
use super::*;
use crate::model::{Entry, Role};
use situations::{AGENTS, AUTODISCOVER, EEMS, OWA, ROOT, SERVER, WEB, disclosed_key, section, situations};
use std::collections::{BTreeMap, BTreeSet};

const SITE: &str = r"C:\inetpub\wwwroot|web.config";
const ANYWHERE: &str = r"C:\case|copy\web.config";

fn role(path: &str) -> Role {
    match path {
        WEB | SITE => Role::WebRoot,
        path if path == ANYWHERE || path.starts_with(r"C:\case|") => Role::Unknown,
        OWA | AUTODISCOVER | AGENTS => Role::Exchange,
        _ => Role::DropFolder,
    }
}

fn look(path: &str, bytes: &[u8]) -> ScanResults {
    let mut file = artefact_at(role(path), path);
    file.entry = Entry { size: bytes.len() as u64, ..file.entry };
    let views = crate::decode::views(bytes, 0, crate::decode::Effort::Quick).views;
    let mut results = ScanResults::default();
    Config { configs: None }.look(&file, &ScanContext::new(&views), &mut results);
    results
}

/// The kind, the name and the image of each row of modules.csv.
fn images() -> Vec<(String, String, String)> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures/exchange/modules.csv");
    let mut reader = csv::Reader::from_path(path).expect("is there");
    let rows = reader.records().map(|row| row.expect("a table"));
    rows.map(|row| (row[0].to_owned(), row[1].to_owned(), row[5].to_owned())).collect()
}

/// Ids without their family, and scores.
fn reported(path: &str, inside: &str) -> Vec<(String, u8)> {
    let text = format!("<?xml version=\"1.0\"?>\n<configuration>\n{inside}\n</configuration>\n");
    let results = look(path, text.as_bytes());
    assert_eq!(results.problems, [], "{inside}");
    results.reasons.into_iter().map(|reason| (reason.id.replace("config/", ""), reason.score)).collect()
}

#[test]
fn every_check_fires_and_stays_silent() {
    let mut fired = BTreeSet::from(["dtd".to_owned()]);
    for (id, path, fires, score, silent) in situations() {
        let reasons = reported(path, &fires);
        let found = reasons.iter().find(|(found, _)| found == id);
        assert_eq!(found.map(|(_, score)| *score), Some(score), "{id} of {fires}: {reasons:?}");
        assert_eq!(reported(path, &silent), [], "{id}: {silent}");
        fired.insert(id.to_owned());
    }
    let all: BTreeSet<String> = elements()
        .filter(|check| matches!(check.look, Look::File(_)))
        .map(|check| check.check.name().to_owned())
        .collect();
    assert_eq!(fired, all);
}

#[test]
fn a_location_is_the_element_with_its_line_in_any_encoding() {
    let text =
        "<configuration>\r\n<system.web>\r\n<pages enableViewStateMac=\"false\" />\r\n</system.web></configuration>";
    let mut marked = b"\xEF\xBB\xBF".to_vec();
    marked.extend(text.bytes());
    let mut wide = vec![0xFF, 0xFE];
    wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let at = text.find("<pages").expect("there") as u64;
    for (bytes, offset, length) in [(text.as_bytes(), at, 36), (&marked, at + 3, 36), (&wide, 2 * at + 2, 72)] {
        let results = look(WEB, bytes);
        let proof = &results.reasons[0].locations[0];
        assert_eq!((proof.line, proof.offset, proof.length), (Some(3), offset, length));
        assert!(proof.excerpt.contains("enableViewStateMac"), "{}", proof.excerpt);
    }
    // A byte that is no text keeps every position.
    let broken = [b"<configuration a=\"\xE4\">".as_slice(), &text.as_bytes()[15..]].concat();
    assert_eq!(look(WEB, &broken).reasons[0].locations[0].offset, at + 6);
}

#[test]
fn a_disclosed_key_is_critical_where_the_server_reads_it() {
    let key = disclosed_key().to_ascii_lowercase();
    let element = format!("<machineKey validationKey='{key}' validation='SHA1'/>");
    let web = format!("<system.web>{element}</system.web>");
    let critical = [("machine_key_disclosed".to_owned(), 95)];
    let machine = r"C:\|Windows\Microsoft.NET\Framework64\v4.0.30319\Config\machine.config";
    for path in [OWA, WEB, SITE, ROOT, SERVER, machine] {
        assert_eq!(reported(path, &web), critical, "{path}");
        assert_eq!(reported(path, &format!("<location path='a/b'>{web}</location>")), critical, "{path}");
    }
    // A section with a file of its own, and a file that nothing reads.
    let part = r"C:\inetpub\wwwroot|keys.config";
    let reasons = look(part, element.as_bytes()).reasons;
    assert_eq!(reasons[0].score, 95);
    assert_eq!(reported(r"C:\inetpub\wwwroot|web.old.config", &web), [("machine_key_disclosed".to_owned(), 20)]);
    let title = &look(WEB, format!("<configuration>{web}</configuration>").as_bytes()).reasons[0].title;
    for word in ["every node", "restart IIS", "search for", "CVE-2020-0688"] {
        assert!(title.contains(word), "{title}");
    }
    assert!(title.chars().count() <= LONGEST, "{title}");
}

#[test]
fn a_fixed_key_says_much_in_exchange_alone() {
    let fixed = "<system.web><machineKey validationKey='00112233445566778899AABBCCDDEEFF'/></system.web>";
    for (path, score) in [(OWA, 75), (WEB, 20), (SITE, 20), (ROOT, 45)] {
        assert_eq!(reported(path, fixed), [("machine_key_fixed".to_owned(), score)], "{path}");
    }
    assert_eq!(reported(WEB, "<system.web><machineKey validationKey='short'/></system.web>"), []);
}

const EXPRESS: &str = r"C:\inetpub\wwwroot|shop\.vs\config\applicationhost.config";

#[test]
fn what_the_older_frameworks_enter_is_a_default() {
    let filters = section(
        "isapiFilters",
        r#"<filter name="ASP.Net_2.0.50727-64" path="%windir%\Microsoft.NET\Framework64\v2.0.50727\aspnet_filter.dll"/>
        <filter name="ASP.Net_2.0.50727.0" path="%windir%\Microsoft.NET\Framework\v2.0.50727\aspnet_filter.dll"/>
        <filter name="ASP.Net_2.0_for_V1.1" path="%windir%\Microsoft.NET\Framework\v2.0.50727\aspnet_filter.dll"/>"#,
    );
    let service = |library: &str| {
        section(
            "handlers",
            &format!(
                r#"<add name="svc-Integrated" path="*.svc" verb="*" type="System.ServiceModel.Activation.HttpHandler, {library}, Version=3.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089" preCondition="integratedMode,runtimeVersionv2.0"/>"#
            ),
        )
    };
    assert_eq!(reported(SERVER, &(filters.clone() + &service("System.ServiceModel"))), []);
    let moved = filters.replace(r"Framework64\v2", r"Framework64\x2");
    assert_eq!(reported(SERVER, &moved), [("isapi_filter".to_owned(), 75)]);
    assert_eq!(reported(SERVER, &service("Helper")), [("custom_handler".to_owned(), 65)]);
}

#[test]
fn what_iis_express_starts_with_is_a_default_there_and_nowhere_else() {
    let mut modules = String::new();
    for (kind, name, image) in images() {
        if kind == "global_module" && image.to_ascii_lowercase().contains("inetsrv") {
            modules += &format!(
                r#"<add name="{name}" image="{}"/>"#,
                image.replace(r"%windir%\System32\inetsrv", "%IIS_BIN%")
            );
        } else if kind == "express_module" {
            modules += &format!(r#"<add name="{name}" image="{image}"/>"#);
        }
    }
    assert!(modules.matches("%IIS_BIN%").count() > 20);
    let rest = section(
        "handlers",
        r#"<add name="ASPClassic" path="*.asp" verb="GET" modules="IsapiModule" scriptProcessor="%IIS_BIN%\asp.dll"/>"#,
    ) + &section(
        "security",
        r#"<isapiCgiRestriction><add path="%IIS_BIN%\asp.dll" allowed="true"/></isapiCgiRestriction>"#,
    ) + r#"<applicationPools><add name="Clr4" CLRConfigFile="%IIS_USER_HOME%\config\aspnet.config"/></applicationPools>"#;
    let with = |extra: &str| section("globalModules", &format!("{modules}{extra}")) + &rest;
    assert_eq!(reported(EXPRESS, &with("")), []);
    // Copies of it have any name.
    assert_eq!(reported(r"C:\case|host.config", &with("")), []);
    let ids = |path: &str, extra: &str| reported(path, &with(extra)).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids(EXPRESS, r#"<add name="Own" image="%IIS_BIN%\own.dll"/>"#), ["native_module"]);
    assert_eq!(ids(EXPRESS, r#"<add name="Own" image="C:\ProgramData\own.dll"/>"#), ["native_module"]);
    assert_eq!(ids(EXPRESS, r#"<add name="UriCacheModule" image="%IIS_BIN%\own.dll"/>"#), ["native_module"]);
    // IIS has no such variable.
    assert!(ids(SERVER, "").contains(&"native_module".to_owned()));
}

#[test]
fn well_known_products_are_listed_at_their_place_and_judged_elsewhere() {
    let module = |image: &str| section("globalModules", &format!(r#"<add name="Own" image="{image}"/>"#));
    let filter = |path: &str| section("isapiFilters", &format!(r#"<filter name="tomcat" path="{path}"/>"#));
    for (text, id, score) in [
        (module(r"C:\Inetpub\CSPGateway\CSPms.dll"), "native_module", 20),
        (module(r"C:\Inetpub\CSPGateway\other.dll"), "native_module", 85),
        (module(r"C:\opt\shibboleth-sp\lib64\shibboleth\iis7_shib.dll"), "native_module", 20),
        (filter(r"C:\ColdFusion2021\config\wsconfig\1\isapi_redirect.dll"), "isapi_filter", 20),
        (filter(r"C:\ColdFusion2021\config\isapi_redirect.dll"), "isapi_filter", 65),
        (filter(r"C:\ProgramData\ColdFusion2021\config\wsconfig\1\isapi_redirect.dll"), "isapi_filter", 85),
    ] {
        assert_eq!(reported(SERVER, &text), [(id.to_owned(), score)], "{text}");
    }
    let handler = |path: &str, program: &str| {
        section("handlers", &format!(r#"<add path="{path}" modules="FastCgiModule" scriptProcessor="{program}"/>"#))
    };
    for (path, program, expected) in [
        ("*.php", r"C:\PHP\v8\php-cgi.exe", &[("script_processor", 20)][..]),
        ("*.rb", r"C:\Ruby193\bin\ruby.exe", &[("script_processor", 20)]),
        ("*", r"C:\Python\python.exe|C:\Python\wfastcgi.py", &[("wildcard_handler", 20), ("script_processor", 20)]),
        ("*.php", r"C:\ProgramData\x\php-cgi.exe", &[("script_processor", 85)]),
        ("*.abc", r"C:\PHP\v8\php-cgi.exe", &[("unknown_extension_handler", 30), ("script_processor", 20)]),
        ("*.jpg", r"C:\PHP\v8\php-cgi.exe", &[("static_extension_handler", 85), ("script_processor", 20)]),
    ] {
        let expected: Vec<_> = expected.iter().map(|(id, score)| ((*id).to_owned(), *score)).collect();
        assert_eq!(reported(WEB, &handler(path, program)), expected, "{path} {program}");
    }
}

/// A site has classes of its own, a key and expressions; none of this is strong, and by the verdict's rule together it is not either.
#[test]
fn nothing_in_the_configuration_of_an_honest_product_is_strong() {
    let own: String =
        (0..9).map(|n| format!(r#"<add name="{n}" path="{n}.axd" type="Blog.Part{n}, Blog"/>"#)).collect();
    let text = format!(
        "<configuration>{}<system.web><machineKey validationKey='00112233445566778899AABBCCDDEEFF'/><pages enableViewStateMac='false'/>\
        <compilation><expressionBuilders><add expressionPrefix='x' type='Blog.Builder, Blog'/></expressionBuilders></compilation>\
        </system.web></configuration>",
        section("handlers", &own)
            + &section("modules", &own)
            + &section("httpLogging dontLog='true'", "").replace("</httpLogging dontLog='true'>", "</httpLogging>")
    );
    let reasons = look(WEB, text.as_bytes()).reasons;
    let score: Vec<u8> = reasons.iter().map(|reason| reason.score).collect();
    assert!(score.len() >= 6 && score.iter().all(|score| *score <= 40), "{score:?}");
}

/// What Exchange has in its own place says little in a folder that may be a copy of that place, and much on a server.
#[test]
fn what_lies_anywhere_is_judged_with_less_confidence() {
    let class = "System.ServiceModel.Activation.HttpHandler, System.ServiceModel.Activation, Version=4.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35";
    let autodiscover = format!(
        r#"<system.webServer><handlers><add path="*.xml" verb="POST" type="{class}"/></handlers></system.webServer>"#
    );
    assert_eq!(reported(ANYWHERE, &autodiscover), [("static_extension_handler".to_owned(), 25)]);
    assert_eq!(reported(WEB, &autodiscover), [("static_extension_handler".to_owned(), 85)]);
    let away = "<system.webServer><rewrite><rules><rule name='r'><match url='x'/><action type='Rewrite' url='https://example.test/y'/></rule></rules></rewrite></system.webServer>";
    for (path, score) in [(ANYWHERE, 25), (WEB, 25), (OWA, 50)] {
        assert_eq!(reported(path, away), [("url_rewrite".to_owned(), score)], "{path}");
    }
}

#[test]
fn what_the_lists_hold_is_silent_as_a_whole() {
    let rows = |text: &str| -> Vec<Vec<String>> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|row| row.expect("a table").iter().map(str::to_owned).collect()).collect()
    };
    let quoted = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    let signatures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures/exchange");
    let read = |name: &str| std::fs::read_to_string(signatures.join(name)).expect("is there");

    let exchange = r"F:\Mail\Exchange";
    let mut server = String::from("<sites><site name='s' id='1'><application path='/'>");
    for folder in ["owa", "ecp", "EWS", "mapi"] {
        server +=
            &format!(r#"<virtualDirectory path="/{folder}" physicalPath="{exchange}\FrontEnd\HttpProxy\{folder}"/>"#);
    }
    server += "</application></site></sites><location path='Default Web Site/Autodiscover'><system.webServer>";
    let (mut modules, mut managed, mut filters, mut handlers) = Default::default();
    for row in rows(&read("modules.csv")) {
        let [kind, name, path, verb, by, image, class, ..] = &row[..] else { panic!("columns: {row:?}") };
        let image = quoted(&image.replace("<ExchangeInstallPath>", exchange));
        let (list, text): (&mut String, _) = match kind.as_str() {
            "global_module" | "optional_module" => (&mut modules, format!(r#"<add name="{name}" image="{image}"/>"#)),
            "managed_module" | "framework_type" => (&mut managed, format!(r#"<add name="{name}" type="{class}"/>"#)),
            "isapi_filter" => (&mut filters, format!(r#"<filter name="{name}" path="{image}"/>"#)),
            "handler" => (
                &mut handlers,
                format!(
                    r#"<add path="{path}" verb="{verb}" modules="{by}" scriptProcessor="{image}" type="{class}"/>"#
                ),
            ),
            "not_anonymous" | "express_module" | "product_module" => continue,
            other => panic!("{other}"),
        };
        list.push_str(&text);
    }
    server += &format!(
        "<globalModules>{modules}</globalModules><modules>{managed}</modules><isapiFilters>{filters}</isapiFilters><handlers>{handlers}</handlers></system.webServer></location>"
    );
    assert_eq!(reported(SERVER, &server), []);

    let mut webs: BTreeMap<bool, String> = BTreeMap::new();
    for row in rows(&read("web_config.csv")) {
        let [file, section, name, path, verb, class, ..] = &row[..] else { panic!("columns: {row:?}") };
        let parent = match section.as_str() {
            "modules" | "handlers" | "httpHandlers" | "httpModules" => section,
            "buildProviders" | "expressionBuilders" => section,
            _ => continue,
        };
        // Native modules have no namespace.
        let by = if class.contains('.') { "type" } else { "modules" };
        let web = webs.entry(file.contains("AutoD")).or_default();
        let of = if section == "buildProviders" { "extension" } else { "path" };
        *web += &format!(r#"<{parent}><add name="{name}" {of}="{path}" verb="{verb}" {by}="{class}"/></{parent}>"#);
    }
    assert!(webs.values().map(|web| web.matches("<add").count()).sum::<usize>() > 210);
    assert_eq!(reported(OWA, &webs[&false]), []);
    assert_eq!(reported(AUTODISCOVER, &webs[&true]), []);
    assert_eq!(reported(OWA, &webs[&true]), [("static_extension_handler".to_owned(), 85)], "elsewhere");
}

#[test]
fn mitigations_are_named_and_are_no_finding() {
    let rule = |name: &str, enabled: &str, input: &str, pattern: &str, action: &str| {
        format!(
            r#"<rule name="{name}"{enabled} stopProcessing="true"><match url=".*"/><conditions><add input="{input}" pattern="{pattern}"/></conditions><action type="{action}"/></rule>"#
        )
    };
    let backend =
        rule("X-BEResource Abort - inbound", "", "{HTTP_COOKIE}", "(.*)X-BEResource=(.+)/(.+)~(.+)", "AbortRequest");
    let by_hand = rule(
        "RequestBlockingRule1",
        "",
        "{UrlDecode:{REQUEST_URI}}",
        "(?=.*autodiscover)(?=.*powershell)",
        "CustomResponse",
    );
    let early = rule("mine", "", "{REQUEST_URI}", r".*autodiscover\.json.*\@.*Powershell.*", "AbortRequest");
    let raw = rule("PowerShell - inbound", "", "{REQUEST_URI}", "(?=.*autodiscover)(?=.*powershell)", "AbortRequest");
    let off = rule(
        "b",
        r#" enabled="false""#,
        "{UrlDecode:{REQUEST_URI}}",
        "(?=.*autodiscover)(?=.*powershell)",
        "AbortRequest",
    );
    let soft = rule("c", "", "{UrlDecode:{REQUEST_URI}}", "(?=.*autodiscover)(?=.*powershell)", "None");
    let named = rule("EEMS M1.1 PowerShell - inbound", "", "{URL}", "nothing", "AbortRequest");
    let outbound = r#"<rule name="EEMS M2.1 OWA CSP - outbound"/>"#;
    let all = [&*backend, &by_hand, &early, &raw, &off, &soft, &named, outbound].concat();
    let document = Document::parse(&format!("<c><rewrite><rules>{EEMS}{all}</rules></rewrite></c>"));
    let known = mitigations(&document);
    let holds: Vec<_> = known.iter().map(|known| (known.cve.as_str(), matches!(known.holds, Holds::Yes))).collect();
    let late = "CVE-2022-41040";
    assert_eq!(
        holds,
        [
            (late, true),
            ("CVE-2021-26855", true),
            (late, true),
            (late, false),
            (late, false),
            (late, false),
            (late, false),
            (late, false),
            ("", false)
        ]
    );
    assert!(matches!(known[8].holds, Holds::Unknown(_)));
    let rules = |rules: &str| section("rewrite", &format!("<rules>{rules}</rules>"));
    assert_eq!(reported(WEB, &rules(&format!("{EEMS}{backend}{by_hand}{early}"))), []);
    assert_eq!(
        reported(WEB, &rules(&off)),
        [("mitigation_disabled".to_owned(), 45), ("mitigation_rule".to_owned(), 0)]
    );
    // Beside another finding they are listed.
    let beside = rules(EEMS) + "<system.web><pages enableViewStateMac='false'/></system.web>";
    assert_eq!(reported(WEB, &beside), [("viewstate_mac_disabled".to_owned(), 40), ("mitigation_rule".to_owned(), 0)]);
}

#[test]
fn several_of_a_kind_are_one_reason_with_several_locations() {
    let many: String =
        (0..20).map(|n| format!(r#"<add path="*.gif" name="{n}" type="System.Web.UI.PageHandlerFactory"/>"#)).collect();
    let text = format!("<configuration>{}</configuration>", section("handlers", &many));
    let reasons = look(WEB, text.as_bytes()).reasons;
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].locations.len(), MAX_LOCATIONS);
    assert!(reasons[0].title.ends_with("(and 19 more)"), "{}", reasons[0].title);
}

#[test]
fn copies_count_little_and_the_past_not_at_all() {
    let text = format!(
        "<configuration>{}</configuration>",
        section("globalModules", r#"<add name="X" image="C:\ProgramData\x.dll"/>"#)
    );
    let score = |path| -> Vec<u8> { look(path, text.as_bytes()).reasons.iter().map(|reason| reason.score).collect() };
    assert_eq!(score(SERVER), [85]);
    assert_eq!(score(r"C:\|inetpub\temp\appPools\P\P.config"), [COPY]);
    assert_eq!(score(r"C:\|inetpub\history\CFGHISTORY_0000000007\applicationHost.config"), [0; 0]);
    assert_eq!(
        score(r"C:\|Windows\System32\inetsrv\config\applicationHost.config.bak"),
        [0; 0],
        "no configuration by its name"
    );
}

#[test]
fn broken_files_are_reported_and_what_comes_before_is_judged() {
    let fires = "<configuration><system.web><pages enableViewStateMac='false'/>";
    for (text, words) in [
        (fires.to_owned(), "ends inside"),
        (format!("{fires}<a"), "not well-formed"),
        (format!("{fires}</b>"), "not well-formed"),
        (format!("<a x='1' x='2'>{fires}</system.web></configuration></a>"), "twice"),
        (format!("{fires}{}", "<a>".repeat(200)), "levels"),
    ] {
        let results = look(WEB, text.as_bytes());
        assert!(results.reasons.iter().any(|reason| reason.id == "config/viewstate_mac_disabled"), "{text}");
        assert_eq!(results.problems.len(), 1, "{text}");
        assert_eq!(results.problems[0].kind, ProblemKind::ConfigMalformed);
        assert!(results.problems[0].message.contains(words), "{}", results.problems[0].message);
    }
    assert_eq!(look(WEB, b"MZ").problems.len(), 1);
    assert_eq!(look(WEB, b"").problems.len(), 1);
    let other = r"C:\inetpub\wwwroot|sub\list.config";
    for text in [
        "no xml",
        "[ { \"Id\": 1 } ]",
        "SET ANSI_NULLS ON\nGO\n-- <x",
        "<p>Dear #Name#,<br>see you",
        "<a x='1' x='2'/>",
        fires,
    ] {
        assert_eq!(look(other, text.as_bytes()).problems, [], "anything may be called so: {text}");
    }
    for path in [r"C:\case|applicationHost.config", r"C:\case|machine.config", AGENTS] {
        assert_eq!(look(path, b"<configuration><a").problems.len(), 1, "{path}");
    }
    let seventeen = format!("{}{}", "<a>".repeat(17), "</a>".repeat(17));
    assert_eq!(look(WEB, seventeen.as_bytes()).problems, []);
    let laughs = br#"<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><configuration a="&b;"/>"#;
    let results = look(WEB, laughs);
    assert_eq!((results.reasons[0].id.as_str(), results.reasons[0].score), ("config/dtd", 45));
}

#[test]
fn a_file_without_end_is_bounded() {
    let mut large = b"<configuration><system.web><pages enableViewStateMac='false'/>".to_vec();
    large.resize(MAX_BYTES + 100, b' ');
    let results = look(WEB, &large);
    assert_eq!(results.reasons.len(), 1);
    assert!(results.problems[0].message.contains("16 MiB"), "{:?}", results.problems);
    // The end of a larger one is no file of its own.
    let views =
        crate::decode::views(b"<pages enableViewStateMac='false'/>", 1 << 30, crate::decode::Effort::Quick).views;
    let mut results = ScanResults::default();
    Config { configs: None }.look(&artefact_at(Role::WebRoot, WEB), &ScanContext::new(&views), &mut results);
    assert!(results.reasons.is_empty() && results.problems.is_empty());
}

#[test]
fn malicious_files_cost_what_they_hold() {
    let of = |inside: &str, count: usize| format!("<rewrite><rules>{}</rules></rewrite>", inside.repeat(count));
    let filters = |inside: &str| format!("<hiddenSegments>{}</hiddenSegments>", inside.repeat(60_000));
    let begin = std::time::Instant::now();
    for text in [
        of(EEMS, 30_000),
        of(&format!("<clear/>{EEMS}"), 25_000),
        filters("<clear/>"),
        of("<clear/>", 60_000),
        of("<rule><action type='Rewrite' url='http://x/'/>", 100),
        format!(
            "<handlers>{}</handlers>",
            "<add path='*.gif' type='System.Web.UI.PageHandlerFactory'/>".repeat(60_000)
        ),
        format!("<modules><add type='{}'/></modules>", "x".repeat(1 << 20)),
    ] {
        let document = Document::parse(&text);
        let file = artefact_at(Role::WebRoot, WEB);
        let subject = Subject::new(&file, FileKind::Web, &document, None);
        for check in elements() {
            let Look::File(look) = check.look else { continue };
            look(&subject);
        }
    }
    // A second or two; a step for each pair would be an hour.
    assert!(begin.elapsed().as_secs() < 120, "{:?}", begin.elapsed());
    let long = format!("<configuration><modules><add type='{}'/></modules></configuration>", "é".repeat(1 << 16));
    assert!(look(WEB, long.as_bytes()).reasons[0].title.chars().count() <= LONGEST + 3);
}

#[test]
fn everything_an_xml_file_can_be_cut_into_does_no_harm() {
    for (_, path, fires, ..) in situations() {
        let text = format!("<configuration>{fires}</configuration>");
        for end in 0..text.len() {
            look(path, &text.as_bytes()[..end]);
        }
    }
}

#[test]
fn what_hides_from_the_reader_is_a_gap() {
    for (bytes, words) in [
        (br#"<?xml version="1.0" encoding="utf-7"?><configuration/>"#.to_vec(), "utf-7"),
        (br#"<!DOCTYPE c [<!ENTITY t "A.B, C">]><configuration><a type="&t;"/></configuration>"#.to_vec(), "entities"),
        (br#"<!DOCTYPE c SYSTEM "x.dtd"><configuration/>"#.to_vec(), "entities"),
        (
            br#"<configuration><handlers configProtectionProvider="P"><EncryptedData/></handlers></configuration>"#
                .to_vec(),
            "encrypted",
        ),
        (format!("<configuration><a {}/></configuration>", "b='' ".repeat(200)).into_bytes(), "attributes"),
    ] {
        let results = look(WEB, &bytes);
        let gap = results.problems.iter().find(|problem| problem.kind == ProblemKind::ConfigMalformed);
        assert!(gap.is_some_and(|gap| gap.message.contains(words)), "{words}: {:?}", results.problems);
        assert_eq!(look(r"C:\case|any.config", &bytes).problems, [], "no part of the server reads it");
    }
    let mut part = artefact_at(Role::WebRoot, r"C:\inetpub\wwwroot|logo.txt");
    part.loaded_as = vec![format!("{}: handlers of C:\\inetpub\\wwwroot\\web.config", crate::config::LOADED_AS_PART)];
    let text = br#"<handlers><add path="*.gif" type="System.Web.UI.PageHandlerFactory"/></handlers>"#;
    let found = results(&DETECTOR, &knowledge(), &part, text);
    assert_eq!(found.reasons[0].id, "config/static_extension_handler");
    assert_eq!(results(&DETECTOR, &knowledge(), &part, b"<handlers>").problems.len(), 1);
    part.loaded_as.clear();
    assert_eq!(results(&DETECTOR, &knowledge(), &part, text).reasons, []);
}
