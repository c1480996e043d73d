//! Each row fires once and stays silent once; the order of the response; the links.

use super::*;
use shellsift_model::ServerPath;
use shellsift_model::{
    AntivirusExclusion, Artefact, Compiled, Entry, EntryKind, ExcludedKind, ExclusionAdvice, ExclusionSource, Finding,
    Health, Level, LogHit, LogProof, LogReport, LogSpan, OpenVulnerability, PatchLevel, Place, Problem, ProblemKind,
    Reason, ReasonKind, Recycled, Role, ServerInfo, SourceState, Stage, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

fn tables() -> Tables {
    let actions = include_str!("../../../signatures/response/actions.csv");
    Tables::parse(actions, include_str!("../../../signatures/response/log_retention.csv")).expect("well-formed")
}

fn path(text: &str) -> ServerPath {
    ServerPath::from_windows(text).expect("absolute")
}

/// What a test puts into a run.
#[derive(Clone)]
struct Run {
    summary: Summary,
    findings: Vec<Finding>,
    logs: LogReport,
    health: Vec<Health>,
    problems: Vec<Problem>,
    problems_omitted: u64,
    server: ServerInfo,
    imaged: bool,
}

impl Run {
    fn new(outcome: Outcome) -> Self {
        let summary = Summary {
            outcome,
            subject: Subject::Server,
            by_level: [0; 5],
            hits_by_level: [0; 5],
            problems: BTreeMap::new(),
            words: String::new(),
            logs: None,
            patch: Vec::new(),
            no_baseline: Vec::new(),
            suppressed: shellsift_model::SuppressedCounts::default(),
            gaps: None,
            actions: Vec::new(),
            interrupted: false,
            seconds: 0.0,
        };
        Self {
            summary,
            findings: Vec::new(),
            logs: LogReport::default(),
            health: Vec::new(),
            problems: Vec::new(),
            problems_omitted: 0,
            server: ServerInfo::default(),
            imaged: false,
        }
    }

    fn about_files(mut self) -> Self {
        self.summary.subject = Subject::Files;
        self
    }

    fn with(mut self, add: impl FnOnce(&mut Self)) -> Self {
        add(&mut self);
        self
    }

    fn actions(&self) -> Vec<Action> {
        let results = Results {
            summary: &self.summary,
            findings: &self.findings,
            intrusion: |finding| finding.level,
            logs: Some(&self.logs),
            health: &self.health,
            problems: &self.problems,
            problems_omitted: self.problems_omitted,
            server: &self.server,
            host: Some("EX1"),
            imaged: self.imaged,
            command_line: "shellsift scan /mnt/case",
        };
        actions(&tables(), &results)
    }

    fn action(&self, id: &str) -> Option<Action> {
        self.actions().into_iter().find(|action| action.id == id)
    }
}

fn finding(file: &str, level: Level, ids: &[&str]) -> Finding {
    let file = path(file);
    let kind = |id: &str| ReasonKind::ALL.iter().copied().find(|kind| Some(kind.name()) == id.split('/').next());
    let reason = |id: &&str| Reason {
        id: (*id).to_owned(),
        kind: kind(id).expect("a kind"),
        score: 80,
        title: format!("title of {id}"),
        locations: Vec::new(),
        rule: None,
        path: Vec::new(),
    };
    let mut artefact =
        Artefact::new(file.clone(), Entry::file(file.name(), 10), Place::new(Role::WebRoot, file.name()));
    artefact.hashes.sha256 = Some("ab".repeat(32));
    Finding { artefact, reasons: ids.iter().map(reason).collect(), score: 90.0, level, patch: None, requests: None }
}

const PAGE: &str = r"C:\inetpub\wwwroot\x.aspx";

fn shell() -> Finding {
    finding(PAGE, Level::Critical, &["behaviour/eval_request_input"])
}

fn hit(check: &'static str, level: Level, stage: Stage, client: &str) -> LogHit {
    LogHit {
        check,
        cves: &[],
        stage,
        level,
        title: format!("title of {check}"),
        client: client.to_owned(),
        first: Some(Timestamp::new(5, 0)),
        last: None,
        count: 1,
        locations: vec![LogProof {
            path: path(r"D:\IISLogs\W3SVC1\u_ex210303.log"),
            member: None,
            deleted: false,
            line: 1,
            time: None,
            excerpt: String::new(),
        }],
        patch: None,
    }
}

fn changed(check: &'static str) -> LogHit {
    hit(check, Level::High, Stage::ConfigurationChanged, r"EXAMPLE\alice")
}

fn span(kind: &str, folder: &str, files: u64) -> LogSpan {
    let (first, last) = (Some(Timestamp::new(0, 0)), Some(Timestamp::new(9, 0)));
    LogSpan { kind: kind.to_owned(), folder: Some(path(folder)), files, first, last, ..LogSpan::default() }
}

fn exclusion(advice: ExclusionAdvice, value: &str) -> AntivirusExclusion {
    AntivirusExclusion {
        kind: ExcludedKind::Path,
        value: value.to_owned(),
        source: ExclusionSource::GroupPolicy,
        changed: None,
        advice,
        score: 50,
    }
}

fn health(out_of_support: bool) -> Health {
    let open = |cve: &str, exploited| OpenVulnerability {
        cve: cve.to_owned(),
        nickname: "Nick".to_owned(),
        exploited,
        fixed_in: "15.2.721.13".to_owned(),
        fixed_by: "Mar21SU".to_owned(),
        condition: String::new(),
        caveat: String::new(),
    };
    let level = PatchLevel { product: "Exchange Server 2019".to_owned(), out_of_support, ..PatchLevel::default() };
    Health {
        root: Some(path(r"C:\Exchange\V15")),
        level: Some(level),
        open: vec![open("CVE-2021-26855", true), open("CVE-1", false)],
        steps: vec!["Install Mar21SU.".to_owned()],
        ..Health::default()
    }
}

/// A run in which a row fires, and one that is close and in which it stays silent.
fn situations() -> Vec<(&'static str, Run, Run)> {
    let run = Run::new;
    let bad = Outcome::Compromised;
    let odd = Outcome::Suspicious;
    let clean = Outcome::NothingFound;
    let found = |outcome, finding: Finding| run(outcome).with(|run| run.findings.push(finding));
    let seen = |outcome, hit: LogHit| run(outcome).with(|run| run.logs.hits.push(hit));
    let gap = |kind| run(Outcome::Incomplete).with(|run| run.problems.push(Problem::at(kind, &path(PAGE), "m")));
    let of = |ids: &[&str]| finding(PAGE, Level::High, ids);
    let config = |ids: &[&str]| finding(r"C:\Windows\System32\inetsrv\config\applicationHost.config", Level::High, ids);
    let weak = |mut finding: Finding| {
        finding.reasons.iter_mut().for_each(|reason| reason.score = 20);
        finding
    };
    let at = |level, mut finding: Finding| {
        finding.level = level;
        finding
    };
    let deleted = |mut finding: Finding| {
        finding.artefact.recycled =
            Some(Box::new(Recycled { original: path(PAGE), user: Some("S-1-5-21-1-2-3-500".to_owned()), time: None }));
        finding
    };
    let compiled = |mut finding: Finding| {
        finding.artefact.compiled = Some(Compiled {
            virtual_path: "/x.aspx".to_owned(),
            assembly: None,
            assembly_there: true,
            dependencies: Vec::new(),
            time: None,
            retired: false,
            source: SourceState::Gone(vec![path(PAGE)]),
        });
        finding
    };
    let spans = |outcome, span: LogSpan| run(outcome).with(|run| run.logs.spans.push(span));
    let healthy = |one: Health| run(clean).with(|run| run.health.push(one));
    let excluded = |one| run(clean).with(|run| run.server.exclusions.push(one));
    let attempt = || hit("log/proxylogon", Level::Low, Stage::Attempt, "203.0.113.9");
    let internal = || hit("log/proxylogon", Level::High, Stage::SessionObtained, "10.0.0.7");
    let iis = || span("IIS W3SVC1", r"D:\IISLogs\W3SVC1", 2);
    vec![
        ("isolate", run(bad), run(odd)),
        ("capture_memory", run(bad), run(bad).about_files()),
        ("image_disks", found(bad, shell()), found(bad, shell()).with(|run| run.imaged = true)),
        ("preserve_logs", spans(bad, iis()), spans(clean, iis())),
        ("preserve_deleted", found(bad, deleted(shell())), found(bad, shell())),
        ("keep_files", found(bad, shell()).about_files(), found(bad, shell())),
        ("review_files", found(odd, at(Level::Medium, shell())), found(bad, shell())),
        ("review_activity", seen(Outcome::Attempted, attempt()), seen(odd, changed("cmdlet/mail_forwarding"))),
        ("remove_autostarts", found(bad, of(&["autostart/writes_server_code"])), found(bad, shell())),
        ("remove_modules", found(bad, config(&["config/native_module"])), found(bad, config(&["config/site_added"]))),
        ("remove_transport_agents", seen(bad, changed("cmdlet/transport_agent_installed")), found(bad, shell())),
        (
            "correct_configuration",
            found(bad, config(&["config/path_drop_folder"])),
            found(bad, config(&["config/native_module"])),
        ),
        ("remove_files", found(bad, shell()), found(bad, config(&["config/native_module", "signature/x"]))),
        ("restore_files", found(bad, of(&["signature/logon_harvest_password_to_file"])), found(bad, shell())),
        ("remove_compiled", found(bad, compiled(shell())), found(bad, shell())),
        (
            "reset_virtual_directories",
            seen(bad, changed("cmdlet/virtual_directory_script")),
            seen(bad, hit("log/virtual_directory_reset", Level::Low, Stage::Attempt, "")),
        ),
        (
            "remove_exclusions",
            excluded(exclusion(ExclusionAdvice::Risky, r"C:\inetpub")),
            excluded(exclusion(ExclusionAdvice::Recommended, r"C:\Windows\Cluster")),
        ),
        (
            "restore_protection",
            seen(odd, LogHit { level: Level::Low, ..changed("event/log_cleared") }),
            seen(odd, LogHit { level: Level::Info, ..changed("event/log_cleared") }),
        ),
        (
            "disable_accounts",
            seen(bad, changed("cmdlet/mailbox_export")),
            seen(bad, LogHit { client: r"NT AUTHORITY\SYSTEM".to_owned(), ..changed("cmdlet/mailbox_export") }),
        ),
        (
            "reset_passwords",
            found(bad, of(&["behaviour/credential_logging"])),
            found(bad, weak(of(&["behaviour/credential_logging"]))),
        ),
        ("reset_server_credentials", run(bad), run(odd)),
        ("remove_role_assignments", seen(odd, changed("cmdlet/export_role_assigned")), seen(odd, attempt())),
        ("remove_mail_access", seen(odd, changed("cmdlet/mail_forwarding")), seen(odd, attempt())),
        ("remove_exports", seen(bad, changed("cmdlet/mailbox_export_share")), seen(bad, attempt())),
        (
            "replace_machine_keys",
            found(Outcome::Exposed, config(&["config/machine_key_disclosed"])),
            found(odd, config(&["config/machine_key_fixed"])),
        ),
        (
            "rotate_machine_keys",
            seen(bad, hit("log/toolshell", Level::High, Stage::CodeExecutionOrFileWrite, "203.0.113.9")),
            seen(Outcome::Attempted, hit("log/toolshell", Level::Low, Stage::Attempt, "203.0.113.9")),
        ),
        ("install_updates", healthy(health(false)), healthy(Health { steps: Vec::new(), ..health(false) })),
        ("apply_mitigations", healthy(health(false)), healthy(Health { open: Vec::new(), ..health(false) })),
        ("replace_server", healthy(health(true)), healthy(health(false))),
        ("search_clients", seen(Outcome::Attempted, attempt()), seen(bad, internal())),
        ("check_internal_clients", seen(bad, internal()), seen(bad, attempt())),
        ("check_other_servers", run(bad), run(clean)),
        ("scan_source_server", run(clean).about_files(), run(clean)),
        ("repeat_regularly", run(clean), run(Outcome::Incomplete)),
        (
            "gap_interrupted",
            run(Outcome::Incomplete).with(|run| run.summary.interrupted = true),
            run(Outcome::Incomplete),
        ),
        ("gap_unreadable", gap(ProblemKind::FileLocked), gap(ProblemKind::ConfigMalformed)),
        ("gap_volumes", gap(ProblemKind::VolumeNotProvided), gap(ProblemKind::FolderMissing)),
        ("gap_images", gap(ProblemKind::ImageNotOpened), gap(ProblemKind::FileLocked)),
        ("gap_partial", gap(ProblemKind::DecodingTruncated), gap(ProblemKind::FileLocked)),
        ("gap_configuration", gap(ProblemKind::ConfigMalformed), gap(ProblemKind::FileLocked)),
        ("gap_logs_read", gap(ProblemKind::LogsSkipped), gap(ProblemKind::FileLocked)),
        ("gap_logs_missing", spans(clean, LogSpan { files: 0, folder: None, ..iis() }), spans(clean, iis())),
        ("gap_options", gap(ProblemKind::RuleInvalid), gap(ProblemKind::FileLocked)),
        (
            "gap_baseline",
            run(clean).with(|run| run.summary.no_baseline.push(r"C:\V15: no baseline for this build".to_owned())),
            run(clean),
        ),
        // It applies to every run: a row that is silent nowhere is tested with the verdicts.
        ("check_again", run(clean), run(clean)),
    ]
}

#[test]
fn each_row_fires_once_and_stays_silent_once() {
    let situations = situations();
    for (id, fires, silent) in &situations {
        let action = fires.action(id).unwrap_or_else(|| panic!("{id} is silent"));
        assert!(silent.action(id).is_none() || *id == "check_again", "{id} fires: {:?}", silent.action(id));
        assert!(!action.title.is_empty() && !action.why.is_empty(), "{id}");
    }
    let tested: BTreeSet<&str> = situations.iter().map(|(id, ..)| *id).collect();
    let rows = tables().rows;
    assert_eq!(tested, rows.iter().map(|row| row.id.as_str()).collect(), "every row has a situation");
    assert_eq!(tested.len(), rows.len(), "an id is there twice");
    let orders: BTreeSet<u32> = rows.iter().map(|row| row.order).collect();
    assert_eq!(orders.len(), rows.len(), "two rows have the same place");
}

#[test]
fn every_verdict_has_actions_in_the_order_of_a_response() {
    for outcome in Outcome::ALL {
        for run in [Run::new(*outcome), Run::new(*outcome).about_files()] {
            let actions = run.actions();
            assert_eq!(actions.last().map(|action| action.id.as_str()), Some("check_again"), "{outcome:?}");
            assert!(actions.len() >= 2 || *outcome != Outcome::Compromised, "{outcome:?}");
            assert!(actions.windows(2).all(|pair| pair[0].order < pair[1].order), "{outcome:?}");
        }
    }
}

#[test]
fn nothing_that_changes_the_server_comes_before_the_evidence_is_safe() {
    let rows = tables().rows;
    let safe: Vec<u32> = rows.iter().filter(|row| !row.changes && row.order < 200).map(|row| row.order).collect();
    let last = rows
        .iter()
        .filter(|row| ["image_disks", "preserve_logs", "preserve_deleted", "keep_files"].contains(&&*row.id));
    let last = last.map(|row| row.order).max().expect("they are there");
    assert!(safe.contains(&last));
    for row in &rows {
        let verbs =
            ["remove", "delete", "restore", "reset", "rotate", "replace", "install", "disable", "apply", "correct"];
        let named = verbs.iter().any(|verb| row.id.starts_with(verb));
        assert_eq!(named, row.changes, "{}: its name says whether it changes the server", row.id);
        assert!(!row.changes || row.order > last, "{} comes before the evidence is safe", row.id);
        let says = |word: &str| row.title.contains(word);
        assert!(
            !says("Remove these files") && !says("Restore these files") || says("after the disk was imaged"),
            "{}",
            row.title
        );
    }
}

#[test]
fn links_are_those_of_vendor_and_authority() {
    let rows = tables().rows;
    let mut seen = 0;
    for reference in rows.iter().flat_map(|row| &row.references) {
        let rest = reference.strip_prefix("https://").unwrap_or_else(|| panic!("{reference} is not https"));
        let host = rest.split('/').next().unwrap_or_default();
        let known = ["learn.microsoft.com", "support.microsoft.com", "msrc.microsoft.com", "www.cisa.gov"];
        assert!(known.contains(&host), "{reference}");
        assert!(rest.len() > host.len() + 1 && reference.chars().all(|c| c.is_ascii_graphic()), "{reference}");
        seen += 1;
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn malicious_files_are_removed_by_path_and_digest_and_settings_are_not() {
    let mut run = Run::new(Outcome::Compromised);
    let hive = finding(r"C:\Windows\System32\config\SOFTWARE", Level::Critical, &["autostart/runs_from_web_folder"]);
    let host = finding(r"C:\x\applicationHost.config", Level::Critical, &["config/native_module", "signature/s"]);
    let mut folder = finding(r"C:\inetpub\wwwroot\folder", Level::High, &["location/alternate_data_stream"]);
    folder.artefact.entry.kind = EntryKind::Folder;
    run.findings = vec![hive, host, folder, shell()];
    let action = run.action("remove_files").expect("fires");
    let expected = format!("{PAGE}, SHA-256 {}", "ab".repeat(32));
    assert_eq!(action.items.iter().map(|item| item.text.as_str()).collect::<Vec<_>>(), [expected.as_str()]);
    assert_eq!(action.items[0].finding.as_deref(), Some(PAGE));
    let stream = finding(r"C:\inetpub\wwwroot\x.txt", Level::High, &["location/alternate_data_stream"]);
    let other = Run::new(Outcome::Compromised).with(|run| run.findings.push(stream));
    let action = other.action("remove_files").expect("fires");
    assert!(action.items[0].text.ends_with("; title of location/alternate_data_stream"), "{}", action.items[0].text);
    // Nothing breaks where a file lies by itself, and all of them are evidence.
    let kept = run.clone().about_files().action("keep_files").expect("fires");
    assert_eq!(kept.items.len(), 3, "{:?}", kept.items);
    let review = run.action("review_files").expect("fires");
    assert_eq!(review.items.len(), 1, "a folder is not removed");
    // Whatever is malicious is in one action at least.
    let named: BTreeSet<String> =
        run.actions().into_iter().flat_map(|action| action.items).filter_map(|item| item.finding).collect();
    for finding in &run.findings {
        assert!(named.contains(finding.artefact.path.as_str()), "{}", finding.artefact.path);
    }
}

#[test]
fn logs_are_named_with_what_they_show_and_when_they_go() {
    let mut run = Run::new(Outcome::Compromised);
    run.logs.hits.push(hit("log/proxylogon", Level::High, Stage::SessionObtained, "203.0.113.9"));
    let mut event = hit("event/log_cleared", Level::Low, Stage::ConfigurationChanged, "");
    event.locations[0].path = path(r"C:\Windows\System32\winevt\Logs\application.evtx");
    run.logs.hits.push(event);
    run.logs.spans = vec![
        span("System.evtx", r"C:\Windows\System32\winevt\Logs", 1),
        span("Application.evtx", r"C:\Windows\System32\winevt\Logs", 1),
        span("HttpProxy Ecp", r"C:\V15\Logging\HttpProxy\Ecp", 3),
        span("IIS W3SVC1", r"D:\IISLogs\W3SVC1", 2),
        LogSpan { folder: None, ..span("Security.evtx", r"C:\x", 0) },
    ];
    run.logs.spans[0].retention = Some("overwrites its oldest events at 20 MiB".to_owned());
    let items = run.action("preserve_logs").expect("fires").items;
    assert_eq!(items.len(), 4);
    assert!(items[3].text.ends_with("; overwrites its oldest events at 20 MiB"), "{}", items[3].text);
    assert!(items[0].text.starts_with(r"D:\IISLogs\W3SVC1: IIS W3SVC1, 2 files from 1970-"), "{}", items[0].text);
    assert!(items[0].text.contains(", 1 hit; in general: IIS starts a new file daily"), "{}", items[0].text);
    assert_eq!(items[0].finding.as_deref(), Some("log/proxylogon"));
    let logs = r"C:\Windows\System32\winevt\Logs";
    assert!(items[1].text.starts_with(&format!(r"{logs}\Application.evtx: events from 1970-")), "{}", items[1].text);
    assert!(items[1].text.contains(", 1 hit; ") && !items[3].text.contains(" hit"), "of its own file alone");
    assert!(items[1].text.ends_with("the oldest events are overwritten when the file has its maximum size"));
    assert!(items[2].text.contains("30 days"), "{}", items[2].text);
}

#[test]
fn a_log_that_was_deleted_is_not_called_missing() {
    let mut run = Run::new(Outcome::Suspicious);
    let folder = path(r"C:\inetpub\logs\LogFiles\W3SVC2");
    let mut deleted = span("IIS W3SVC2", folder.as_str(), 0);
    deleted.add_not_read(folder.join("u_ex210303.log"), shellsift_model::Remains::Overwritten);
    let elsewhere = LogSpan { folder: None, ..span("IIS W3SVC2", r"C:\x", 0) };
    run.logs.spans = vec![deleted, elsewhere.clone(), LogSpan { kind: "HTTPERR".to_owned(), ..elsewhere }];
    let items = run.action("gap_logs_missing").expect("fires").items;
    let texts: Vec<&str> = items.iter().map(|item| item.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            r"C:\inetpub\logs\LogFiles\W3SVC2: IIS W3SVC2, 1 deleted log not read",
            "HTTPERR, missing",
            "IIS W3SVC2, missing"
        ]
    );
}

#[test]
fn addresses_and_accounts_are_kept_apart_and_the_worst_comes_first() {
    let mut run = Run::new(Outcome::Compromised);
    let mut add = |client: &str, level| {
        run.logs.hits.push(hit("log/proxylogon", level, Stage::SessionObtained, client));
    };
    add("203.0.113.9:443", Level::High);
    add("203.0.113.9", Level::High);
    add("2001:db8::1", Level::Critical);
    add("10.0.0.7", Level::High);
    add("127.0.0.1", Level::High);
    add(r"EXAMPLE\alice", Level::High);
    add(r"example\ALICE", Level::High);
    let names = |id: &str| -> Vec<String> {
        let items = run.action(id).map_or(Vec::new(), |action| action.items);
        items.into_iter().map(|item| item.text.split(": ").next().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names("search_clients"), ["2001:db8::1", "203.0.113.9"]);
    assert_eq!(names("check_internal_clients"), ["10.0.0.7"]);
    assert_eq!(names("disable_accounts").len(), 1);
}

#[test]
fn the_number_of_items_is_bounded_and_the_rest_is_counted() {
    let mut run = Run::new(Outcome::Compromised);
    let count = MOST_ITEMS + 7;
    run.findings = (0..count)
        .map(|at| finding(&format!(r"C:\inetpub\wwwroot\{at:03}.aspx"), Level::High, &["behaviour/eval_request_input"]))
        .collect();
    let action = run.action("remove_files").expect("fires");
    assert_eq!((action.items.len(), action.items_omitted), (MOST_ITEMS, 7));
    // Problems that were not even kept are counted as well.
    let mut run = Run::new(Outcome::Incomplete);
    run.problems.push(Problem::at(ProblemKind::FileLocked, &path(PAGE), "m"));
    run.problems_omitted = 9;
    run.summary.problems.insert(ProblemKind::FileLocked, 10);
    assert_eq!(run.action("gap_unreadable").map(|action| action.items_omitted), Some(9));
    let long = "x".repeat(100_000);
    let mut run = Run::new(Outcome::Incomplete);
    run.problems.push(Problem::general(ProblemKind::FileLocked, long));
    assert!(run.action("gap_unreadable").expect("fires").items[0].text.len() < 3_000);
}

#[test]
fn the_same_results_in_another_order_give_the_same_actions() {
    let mut run = Run::new(Outcome::Compromised);
    run.findings = (0..9)
        .map(|at| {
            let level = [Level::High, Level::Critical, Level::Medium][at % 3];
            finding(&format!(r"C:\inetpub\wwwroot\{at}.aspx"), level, &["behaviour/eval_request_input"])
        })
        .collect();
    for client in ["203.0.113.9", "198.51.100.2", r"EXAMPLE\bob", r"EXAMPLE\alice"] {
        run.logs.hits.push(changed("cmdlet/mail_forwarding"));
        run.logs.hits.push(hit("log/proxylogon", Level::High, Stage::SessionObtained, client));
    }
    run.logs.spans = vec![span("IIS W3SVC2", r"D:\b", 1), span("IIS W3SVC1", r"D:\a", 1)];
    run.problems = vec![
        Problem::at(ProblemKind::FileLocked, &path(r"C:\b"), "m"),
        Problem::at(ProblemKind::FileLocked, &path(r"C:\a"), "m"),
    ];
    let mut other = run.clone();
    other.findings.reverse();
    other.logs.hits.reverse();
    other.logs.spans.reverse();
    other.problems.reverse();
    assert!(run.actions().len() > 8);
    assert_eq!(run.actions(), other.actions());
}

#[test]
fn a_malformed_table_is_refused_with_its_line() {
    let header = "id,order,verdicts,about,changes,lists,of,title,why,references\n";
    let retention = "kind,retention,source\n";
    let error = |row: &str| Tables::parse(&format!("{header}{row}\n"), retention).map_err(|error| error.to_string());
    assert!(error("a,1,any,any,no,nothing,,t,w,").is_ok());
    for (row, expected) in [
        ("a,one,any,any,no,nothing,,t,w,", "line 2: column order has \"one\""),
        ("a,1,bad,any,no,nothing,,t,w,", "line 2: column verdicts has \"bad\""),
        ("a,1,any,house,no,nothing,,t,w,", "line 2: column about has \"house\""),
        ("a,1,any,any,maybe,nothing,,t,w,", "line 2: column changes has \"maybe\""),
        ("a,1,any,any,no,everything,,t,w,", "line 2: column lists has \"everything\""),
        ("a,1,any,any,no,nothing,,,w,", "line 2: column title has \"\""),
    ] {
        assert_eq!(error(row), Err(expected.to_owned()));
    }
    assert!(error("a,1").is_err(), "a row with too few cells");
}

#[test]
fn an_action_applies_to_the_verdicts_of_its_row() {
    let tables = tables();
    assert!(tables.applies("isolate", Outcome::Compromised) && !tables.applies("isolate", Outcome::NothingFound));
    assert!(
        tables.applies("install_updates", Outcome::NothingFound)
            && tables.applies("of another version", Outcome::Exposed)
    );
}
