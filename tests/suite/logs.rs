//! The events in the text logs of the fixture servers.

use super::support::{self, fixture, of_kind, problems, records, run};
use shellsift::evidence::Memory;
use shellsift::logs::checks::cmdlets::KnownFolders;
use shellsift::logs::{self, Counters, Job};
use shellsift::model::{Level, LogReport, Problem, ServerPath, Stage, Timestamp};
use shellsift::targets::{self, FileLookup};
use std::sync::atomic::AtomicBool;

const AUTH: &str = r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth";

fn examine(server: &str, threads: usize) -> (LogReport, Vec<Problem>) {
    let evidence: Memory = fixture::in_memory(&fixture::server(server));
    let root = ServerPath::drive('C');
    let given = targets::Target { kind: targets::recognise(&evidence, &root), path: root.clone() };
    let plan = targets::discover(&evidence, &[given], &['C'], false);
    let mut problems = Vec::new();
    let sources = logs::survey(&evidence, &plan, &[root], &mut problems);
    let urls = FileLookup::new(&evidence, &plan);
    let path = |text: &str| ServerPath::from_windows(text).unwrap();
    let found = [
        (path(r"C:\inetpub\wwwroot\aspnet_client\discover.aspx"), vec!["/aspnet_client/discover.aspx".to_owned()]),
        (path(&format!(r"{AUTH}\RedirSuiteServerProxy.aspx")), vec!["/owa/auth/RedirSuiteServerProxy.aspx".to_owned()]),
        (path(&format!(r"{AUTH}\9c1f04ab7d.aspx")), vec!["/owa/auth/9c1f04ab7d.aspx".to_owned()]),
    ];
    let report = logs::examine(
        &Job {
            evidence: &evidence,
            sources: &sources,
            found: &found,
            exists: &|url| urls.exists(url),
            folders: &KnownFolders { web: Vec::new(), exchange: plan.exchange.clone() },
            threads,
            interrupted: &AtomicBool::new(false),
            throttle: logs::Throttle::default(),
            counters: &Counters::default(),
        },
        &mut |problem| problems.push(problem),
    );
    (report, problems)
}

fn short(time: Option<Timestamp>) -> String {
    time.map(|time| time.to_string()[..19].to_owned()).unwrap_or_default()
}

#[test]
fn the_timeline_of_the_compromised_server_is_reported() {
    let (report, problems) = examine("compromised_2019", 2);
    assert_eq!(problems, []);
    let seen: Vec<(String, &str, &str, Stage, Level)> = report
        .hits
        .iter()
        .map(|hit| (short(hit.first), hit.client.as_str(), hit.check, hit.stage, hit.level))
        .collect();
    let first = "203.0.113.7";
    for expected in [
        ("2021-03-03T06:49:42", first, "log/proxylogon", Stage::Attempt, Level::Low),
        ("2021-03-03T06:49:43", first, "log/proxylogon", Stage::ReachedBackend, Level::Medium),
        ("2021-03-03T06:49:46", first, "log/proxylogon", Stage::SessionObtained, Level::High),
        ("2021-03-03T06:59:15", first, "log/proxylogon", Stage::DataRead, Level::High),
        ("2021-03-03T06:59:18", first, "log/proxylogon", Stage::ConfigurationChanged, Level::High),
        ("2021-03-03T06:59:20", first, "log/proxylogon", Stage::CodeExecutionOrFileWrite, Level::Critical),
        ("2021-03-03T06:49:42", first, "log/post_to_static_file", Stage::ReachedBackend, Level::Medium),
        ("2021-03-03T06:59:17", "", "log/virtual_directory_script_url", Stage::ConfigurationChanged, Level::High),
        ("2021-03-03T06:59:20", "", "log/virtual_directory_reset", Stage::Context, Level::Info),
        ("2021-03-03T07:02:10", "203.0.113.9", "log/unknown_script_request", Stage::ReachedBackend, Level::Medium),
        (
            "2021-03-03T07:03:30",
            "203.0.113.9",
            "log/unknown_script_request",
            Stage::CodeExecutionOrFileWrite,
            Level::High,
        ),
        ("2021-03-03T07:18:20", "", "log/oab_download", Stage::CodeExecutionOrFileWrite, Level::Critical),
        ("2021-03-07T15:04:04", "203.0.113.8", "log/proxylogon", Stage::Attempt, Level::Low),
        ("2021-03-08T20:37:27", "203.0.113.9", "log/webshell_probe", Stage::Attempt, Level::Low),
        ("2021-08-19T13:20:01", "198.51.100.23", "log/proxyshell", Stage::ReachedBackend, Level::Medium),
        ("2021-08-19T13:20:09", "198.51.100.23", "log/proxyshell", Stage::SessionObtained, Level::High),
        ("2021-08-19T13:26:00", "198.51.100.23", "log/proxyshell", Stage::Attempt, Level::Low),
        (
            "2021-08-19T13:22:05",
            r"EXAMPLE\alice",
            "cmdlet/mailbox_export",
            Stage::CodeExecutionOrFileWrite,
            Level::Critical,
        ),
    ] {
        let (time, client, check, stage, level) = expected;
        let expected = (time.to_owned(), client, check, stage, level);
        assert!(seen.contains(&expected), "{expected:?} is not among {seen:#?}");
    }
    // The probe of a neighbour's makes nobody an intruder.
    assert!(report.hits.iter().filter(|hit| hit.client == "203.0.113.8").all(|hit| hit.level == Level::Low));

    let requests = |name: &str| report.requests.iter().find(|requests| requests.path.name() == name).unwrap();
    let discover = requests("discover.aspx");
    assert_eq!((discover.count, short(discover.first).as_str()), (3, "2021-03-03T07:01:40"));
    assert_eq!(discover.clients.keys().collect::<Vec<_>>(), ["203.0.113.9"]);
    assert_eq!((requests("RedirSuiteServerProxy.aspx").count, requests("RedirSuiteServerProxy.aspx").joined), (1, 1));
    assert_eq!(requests("9c1f04ab7d.aspx").locations[0].member.as_deref(), Some("u_ex210819.log"));

    let builds: Vec<_> = report.builds.iter().map(|build| (build.build.as_str(), build.source.as_str())).collect();
    assert!(
        builds.contains(&("15.2.721.2", "HttpProxy logs")) && builds.contains(&("15.2.721.13", "HttpProxy logs")),
        "{builds:?}"
    );
    let w3svc1 = report.spans.iter().find(|span| span.kind == "IIS W3SVC1").unwrap();
    assert_eq!(
        (w3svc1.files, short(w3svc1.first).as_str(), short(w3svc1.last).as_str()),
        (9, "2021-02-23T09:00:01", "2021-08-19T13:27:33")
    );
    assert!(
        report.spans.iter().any(|span| span.kind == "HttpProxy Eas" && span.folder.is_none()),
        "missing ones are said"
    );

    let folder = support::folder();
    let out = folder.path().join("logs.txt");
    let ran = run(["logs", support::server("compromised_2019").to_str().unwrap(), "-q", "-o", out.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let text = std::fs::read_to_string(out).unwrap();
    assert!(
        text.contains("203.0.113.7   code execution or file write")
            && text.contains("u_ex210819.zip (u_ex210819.log), line"),
        "{text}"
    );
}

#[test]
fn the_clean_server_is_silent() {
    let (report, problems) = examine("clean_2019", 1);
    // An export to a share of the domain's is for the record.
    let reported: Vec<_> = report.hits.iter().map(|hit| (hit.check, hit.level)).collect();
    assert_eq!(
        (problems, reported, report.requests),
        (vec![], vec![("cmdlet/mailbox_export_share", Level::Info)], vec![])
    );
    assert!(
        report.spans.iter().filter(|span| span.files > 0).count() >= 9,
        "and its logs were read: {:?}",
        report.spans
    );
}

#[test]
fn the_timeline_does_not_depend_on_threads() {
    assert_eq!(examine("compromised_2019", 1), examine("compromised_2019", 4));
}

/// A log of the cases: how it is stored, where a server keeps it, the checks that must speak, and the verdict.
type Case = (&'static str, &'static str, &'static [&'static str], &'static str);

const V15: &str = "Program Files/Microsoft/Exchange Server/V15/Logging";
const CASES: &[Case] = &[
    ("HttpProxy_2021081913-1.LOG", "HttpProxy/Autodiscover", &["log/proxyshell"], "compromised"),
    (
        "audit20230111-1.LOG",
        "CosmosQueue/audit",
        &[
            "cmdlet/mailbox_export",
            "cmdlet/export_role_assigned",
            "cmdlet/virtual_directory_script",
            "cmdlet/transport_agent_installed",
            "cmdlet/protection_disabled",
        ],
        "compromised",
    ),
    ("u_ex210303.log", "inetpub/logs/LogFiles/W3SVC2", &["log/proxylogon_back_end"], "compromised"),
    ("u_ex250718.log", "inetpub/logs/LogFiles/W3SVC1", &["log/toolshell", "log/toolshell_page"], "compromised"),
    ("httperr1.log", "Windows/System32/LogFiles/HTTPERR", &[], "nothing_found"),
];

fn stored(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/logs/cases/{name}.b64", env!("CARGO_MANIFEST_DIR"));
    fixture::decode(&std::fs::read(path).unwrap())
}

/// The verdict, the checks that spoke above `info`, and the kinds of problems.
fn reported(journal: &str) -> (String, Vec<String>, Vec<String>) {
    let records = records(journal);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut checks: Vec<String> = of_kind(&records, "log_hit")
        .into_iter()
        .filter(|hit| hit["shellsift"]["level"] != "info")
        .map(|hit| text(&hit["shellsift"]["hit"]["check"]))
        .collect();
    checks.sort();
    checks.dedup();
    (text(&of_kind(&records, "scan_end")[0]["shellsift"]["summary"]["verdict"]), checks, problems(&records))
}

/// A copy of parts of a server, without any configuration: what is there is read, by either verb.
#[test]
fn every_case_is_reported_by_scan_and_logs_wherever_it_lies() {
    for (name, place, checks, verdict) in CASES {
        let folder = support::folder();
        let place = if place.contains("LogFiles") { (*place).to_owned() } else { format!("{V15}/{place}") };
        std::fs::create_dir_all(folder.path().join(&place)).unwrap();
        std::fs::create_dir_all(folder.path().join("inetpub/wwwroot")).unwrap();
        std::fs::write(folder.path().join("inetpub/wwwroot/a.htm"), "<p>quiet</p>").unwrap();
        let file = folder.path().join(&place).join(name);
        std::fs::write(&file, stored(name)).unwrap();
        let mut expected: Vec<String> = checks.iter().map(|check| (*check).to_owned()).collect();
        expected.sort();
        for verb in ["scan", "logs"] {
            // The volume, the folder that the log lies in, and the log alone.
            for target in [folder.path(), file.parent().unwrap(), &file] {
                let ran = run([verb, target.to_str().unwrap(), "-q", "-f", "jsonl"]);
                let (outcome, checks, problems) = reported(&ran.out);
                assert_eq!(
                    (outcome.as_str(), &checks, ran.code),
                    (*verdict, &expected, i32::from(!expected.is_empty())),
                    "{verb} {}: {problems:?}",
                    target.display()
                );
            }
        }
    }
}

#[test]
fn logs_that_are_left_out_by_choice_are_a_gap_and_none_is_none() {
    let folder = support::folder();
    let logs = folder.path().join("inetpub/logs/LogFiles/W3SVC1");
    std::fs::create_dir_all(&logs).unwrap();
    std::fs::create_dir_all(folder.path().join("inetpub/wwwroot")).unwrap();
    std::fs::write(folder.path().join("inetpub/wwwroot/a.htm"), "<p>quiet</p>").unwrap();
    let scan = || support::scan(folder.path(), &["--no-logs"]);
    let (code, records) = scan();
    assert_eq!((code, problems(&records)), (0, vec![]));
    std::fs::write(logs.join("u_ex250718.log"), stored("u_ex250718.log")).unwrap();
    let (code, records) = scan();
    assert_eq!((code, problems(&records)), (3, vec!["logs_skipped".to_owned()]));
    let summary = &of_kind(&records, "scan_end")[0]["shellsift"]["summary"];
    assert_eq!(summary["verdict"], "incomplete");
    assert!(summary["gaps"].as_str().unwrap().contains("1 set of logs was not read"), "{summary}");
}
