use super::*;
use crate::model::overview::{ApplicationOverview, FolderState};
use crate::model::{
    Action, ActionItem, AntivirusExclusion, Attributes, BaselineStatus, BuildSeen, Disposition, Endpoint, Entry,
    Examined, ExchangeSetup, ExcludedKind, ExclusionAdvice, ExclusionSource, Hashes, IisSetup, InShadow,
    InstalledProduct, Location, LogProof, NamedStream, NtfsRecord, OpenVulnerability, Outcome, PatchLevel, Place,
    ProblemKind, Provenance, Reason, Recycled, RequestSummary, Role, RuleRef, ServerInfo, ServerPath, Signed, SignedBy,
    Since, Stage, Subject, SuppressedCounts, TimeZoneInfo, Times as FileTimes, Timestamp, WindowsInfo,
};
use crate::record::schema::schema;
use crate::test_support::{finding_of, techniques_of};
use crate::write_record;
use validator::misfits;

#[path = "../../../../tests/suite/support/schema.rs"]
mod validator;

/// An output in memory.
struct Written {
    recorder: Recorder,
    out: Vec<u8>,
}

impl Written {
    fn by(recorder: Recorder) -> Self {
        Self { recorder, out: Vec::new() }
    }

    fn write(&mut self, make: impl FnOnce(&Recorder) -> Record) {
        write_record(&make(&self.recorder), &mut self.out).expect("memory");
    }
}

/// A file of which nothing is known but its name.
fn artefact(path: &ServerPath) -> Artefact {
    let file = Artefact::new(path.clone(), Entry::file(path.name(), 3), Place::new(Role::WebRoot, "x"));
    Artefact { examined: Examined::MetadataOnly, ..file }
}

fn reason() -> Reason {
    let rule =
        Some(RuleRef { name: "r".to_owned(), ruleset: "f".to_owned(), reference: Some("u".to_owned()), given: false });
    let proof = vec![Location {
        offset: 1,
        length: 2,
        encodings: "stored".to_owned(),
        line: Some(1),
        excerpt: "\0\n\u{7f}".to_owned(),
        role: Some(crate::model::LocationRole::Sink),
    }];
    Reason {
        id: "signature/r".to_owned(),
        kind: ReasonKind::Signature,
        score: 80,
        title: "t".to_owned(),
        locations: proof,
        rule,
        path: vec!["a".to_owned()],
    }
}

fn run() -> RunInfo {
    RunInfo {
        scan_id: "1".to_owned(),
        version: "0",
        started: Timestamp::new(0, 0),
        host: Some("h".to_owned()),
        host_source: Some("SYSTEM hive"),
        server: server(),
        evidence_id: "e".to_owned(),
        provenance: Provenance { program_sha256: Some("d".repeat(64)), ..Provenance::default() },
        case: Some("c".to_owned()),
        examiner: None,
        signatures: String::new(),
        detectors: vec!["signatures"],
    }
}

/// A server of whose registry everything is known.
fn server() -> ServerInfo {
    let text = || Some("t".to_owned());
    let time = Some(Timestamp::new(1, 0));
    let zone = TimeZoneInfo::new(text(), 60, Some(120));
    let setup = ExchangeSetup { version: "v15".to_owned(), path: "p".to_owned(), build: text(), changed: time };
    let exclusion = AntivirusExclusion {
        kind: ExcludedKind::Path,
        value: "v".to_owned(),
        source: ExclusionSource::Local,
        // Past the year 9999.
        changed: Some(Timestamp::new(i64::MAX, 0)),
        advice: ExclusionAdvice::Risky,
        score: 60,
    };
    let product =
        InstalledProduct { name: "n".to_owned(), version: text(), publisher: text(), path: text(), changed: time };
    ServerInfo {
        host_name: text(),
        windows: Some(WindowsInfo { name: text(), release: text(), version: text(), folder: text(), installed: time }),
        time_zone: Some(zone),
        shut_down: time,
        exchange: vec![setup],
        iis: Some(IisSetup { version: text(), path: text(), web_root: text() }),
        exclusions: vec![exclusion],
        products: vec![product, InstalledProduct::default()],
        omitted: 1,
    }
}

fn hit() -> LogHit {
    let proof = LogProof {
        path: ServerPath::drive('C').join("a.log"),
        member: Some("m".to_owned()),
        deleted: true,
        line: 1,
        time: Some(Timestamp::new(1, 0)),
        excerpt: "\u{1b}".to_owned(),
    };
    LogHit {
        check: "c",
        cves: &["CVE-1"],
        stage: Stage::CodeExecutionOrFileWrite,
        level: Level::Critical,
        title: "t".to_owned(),
        client: "a".to_owned(),
        first: Some(Timestamp::new(1, 0)),
        last: Some(Timestamp::new(2, 0)),
        count: 2,
        locations: vec![proof],
        patch: Some("p".to_owned()),
    }
}

fn site() -> SiteOverview {
    let path = ServerPath::drive('C').join("x");
    let folders =
        [FolderState::Found(path.clone()), FolderState::Missing(path), FolderState::NotProvided(r"D:\x".to_owned())];
    let application = ApplicationOverview {
        path: "/".to_owned(),
        pool: "p".to_owned(),
        pool_details: vec!["32-bit".to_owned()],
        authentication: Vec::new(),
        folders: folders.into_iter().map(|folder| ("/".to_owned(), folder)).collect(),
    };
    SiteOverview {
        id: "1".to_owned(),
        name: "s".to_owned(),
        bindings: vec!["http *:80:".to_owned()],
        applications: vec![application],
        ..SiteOverview::default()
    }
}

fn requests(path: &ServerPath, proof: LogProof) -> FileRequests {
    let counts: std::collections::BTreeMap<String, u64> = [("k".to_owned(), 1)].into();
    FileRequests {
        path: path.clone(),
        url: "/x".to_owned(),
        first: None,
        last: Some(Timestamp::new(2, 0)),
        first_success: None,
        last_success: Some(Timestamp::new(2, 0)),
        count: 1,
        methods: counts.clone(),
        statuses: counts.clone(),
        clients: counts.clone(),
        agents: counts,
        joined: 0,
        locations: vec![proof],
    }
}

fn health(path: &ServerPath) -> Health {
    let seen =
        BuildSeen { build: "1".to_owned(), first: None, last: Some(Timestamp::new(1, 0)), source: "s".to_owned() };
    let vulnerability = OpenVulnerability {
        cve: "CVE-1".to_owned(),
        nickname: String::new(),
        exploited: true,
        fixed_in: String::new(),
        fixed_by: "u".to_owned(),
        caveat: String::new(),
        condition: "c".to_owned(),
    };
    Health {
        root: Some(path.clone()),
        level: Some(PatchLevel::default()),
        seen: vec![seen],
        open: vec![vulnerability],
        ..Health::default()
    }
}

fn summary() -> Summary {
    Summary {
        outcome: Outcome::Compromised,
        subject: Subject::Server,
        by_level: [0, 0, 0, 0, 1],
        problems: [(ProblemKind::FileLocked, 1)].into(),
        words: "w".to_owned(),
        hits_by_level: [1, 0, 0, 0, 0],
        logs: Some("l".to_owned()),
        patch: vec!["p".to_owned()],
        no_baseline: vec!["b".to_owned()],
        actions: vec![
            Action {
                id: "remove_files".to_owned(),
                order: 1,
                title: "t".to_owned(),
                why: "w".to_owned(),
                items: vec![ActionItem { text: "t".to_owned(), finding: Some("f".to_owned()) }, ActionItem::default()],
                items_omitted: 1,
                references: vec!["r".to_owned()],
            },
            Action::default(),
        ],
        suppressed: SuppressedCounts { findings: 1, log_hits: 1, reasons: [("accepted".to_owned(), 2)].into() },
        gaps: Some("g".to_owned()),
        interrupted: false,
        seconds: 0.5,
    }
}

/// A file of which everything is known.
fn full_artefact(path: &ServerPath) -> Artefact {
    let time = Some(Timestamp::new(0, 100));
    let mut full = artefact(path);
    full.entry.times = FileTimes { created: time, modified: time, changed: time, accessed: time };
    full.entry.inode = Some(7);
    full.entry.ntfs = Some(Box::new(NtfsRecord {
        sequence: Some(3),
        name_times: full.entry.times,
        deleted: true,
        streams: vec![NamedStream { name: "s".to_owned(), size: 1 }],
        other_names: vec![r"C:\x\y.aspx".to_owned()],
        remains: Some(crate::model::Remains::Partial),
        volume_created: time,
        shadow: Some(Box::new(InShadow {
            number: 1,
            id: "{s}".to_owned(),
            created: time,
            also_in: vec![2],
            since: Since::Moved,
            today: Some(path.clone()),
        })),
    }));
    full.entry.attributes = Attributes(0x27);
    full.hashes = Hashes { sha256: Some("a".repeat(64)), sha1: Some("b".repeat(40)), md5: Some("c".repeat(32)) };
    full.place.url = Some("/x".to_owned());
    let reach = |runs, identity: &str| Endpoint {
        url: "/x".to_owned(),
        site: "s".to_owned(),
        application: "/".to_owned(),
        pool: "p".to_owned(),
        identity: identity.to_owned(),
        runs,
        authentication: if identity.is_empty() { Vec::new() } else { vec!["anonymous".to_owned()] },
    };
    let why = || "why".to_owned();
    full.place.reach = vec![
        reach(Disposition::By("h".to_owned()), "LocalSystem"),
        reach(Disposition::Sent, ""),
        reach(Disposition::Refused(why()), ""),
        reach(Disposition::Unknown(why()), ""),
    ];
    full.recycled = Some(Box::new(Recycled {
        original: ServerPath::drive('C').join("x.aspx"),
        user: Some("S-1-5-21-1".to_owned()),
        time,
    }));
    full.examined = Examined::Ends(5);
    full.signed = Some(Signed { publisher: "p".to_owned(), by: SignedBy::StrongName("0123456789abcdef".to_owned()) });
    full
}

/// Every kind of record, with every optional part once there and once not.
pub(crate) fn records() -> Vec<serde_json::Value> {
    let path = ServerPath::from_windows(r"C:\w\<FF>\x\u{202e}.aspx").expect("absolute");
    let time = Some(Timestamp::new(0, 100));
    let (full, bare) = (full_artefact(&path), artefact(&path));
    let reason = reason();
    let run = run();
    let source = Source {
        analysis_path: "/m".to_owned(),
        shown_as: ServerPath::drive('C'),
        kind: "ntfs".to_owned(),
        gives: vec!["created"],
        lacks: vec![],
    };
    let mut out = Vec::new();
    for (run, artefact) in
        [(run.clone(), full), (RunInfo { host: None, case: None, server: ServerInfo::default(), ..run }, bare)]
    {
        let mut writer = Written::by(Recorder::new(run, vec![source.clone()], techniques_of));
        writer.write(|recorder| recorder.start(&[Discovered { what: "iis", words: "1 site".to_owned() }]));
        let mut finding = finding_of(artefact.clone(), reason.clone());
        writer.write(|recorder| recorder.finding(&finding, true));
        // Once more, with what was known only later.
        finding.patch = Some("p".to_owned());
        finding.requests = Some(RequestSummary {
            count: 1,
            first: time,
            last: time,
            first_success: None,
            last_success: None,
            clients: 1,
        });
        writer.write(|recorder| recorder.finding(&finding, false));
        writer.write(|recorder| recorder.site(&site()));
        let copy = ShadowCopy {
            volume: ServerPath::drive('C'),
            number: 1,
            id: "{s}".to_owned(),
            created: time,
            size: 1,
            machine: Some("MAIL".to_owned()),
            stored: true,
        };
        writer.write(|recorder| recorder.shadow_copy(&copy));
        let bare = ShadowCopy { created: Some(Timestamp::new(i64::MAX, 0)), machine: None, stored: false, ..copy };
        writer.write(|recorder| recorder.shadow_copy(&bare));
        let comparison = Comparison {
            status: BaselineStatus::Changed,
            build_known: true,
            builds: None,
            expected_sha256: None,
            baseline_path: None,
        };
        writer.write(|recorder| recorder.comparison(&path, &"a".repeat(64), &comparison));
        writer.write(|recorder| recorder.clean(&artefact));
        writer.write(|recorder| recorder.problem(&Problem::at(ProblemKind::FileLocked, &path, "locked")));
        writer.write(|recorder| recorder.problem(&Problem::general(ProblemKind::RuleInvalid, "rule")));
        let skipped = Skipped { path: path.clone(), why: "link", target: Some("t".to_owned()) };
        writer.write(|recorder| {
            recorder
                .coverage(&Coverage { skipped: [("link", 1)].into(), surveyed: 1, ..Coverage::default() }, &[skipped])
        });
        let mut hit = hit();
        let proof = hit.locations[0].clone();
        writer.write(|recorder| recorder.hit(&hit, false));
        hit = LogHit { cves: &[], client: String::new(), first: None, last: None, patch: None, ..hit };
        writer.write(|recorder| recorder.hit(&hit, true));
        writer.write(|recorder| recorder.requests(&requests(&path, proof)));
        let span = LogSpan {
            kind: "IIS".to_owned(),
            folder: Some(path.clone()),
            files: 1,
            first: Some(Timestamp::new(1, 0)),
            gaps: vec![(Timestamp::new(1, 0), Timestamp::new(2, 0))],
            deleted: vec![path.clone()],
            deleted_count: 1,
            deleted_not_read: vec![(path.clone(), crate::model::Remains::Partial)],
            deleted_not_read_count: 1,
            ..LogSpan::default()
        };
        writer.write(|recorder| recorder.log_coverage(&[span, LogSpan::default()]));
        writer.write(|recorder| recorder.health(&health(&path)));
        writer.write(|recorder| recorder.health(&Health::default()));
        for what in TimelineKind::ALL {
            let event = TimelineEvent { time: Timestamp::new(1, 0), what: *what, words: "w".to_owned() };
            writer.write(|recorder| recorder.timeline_event(&event));
        }
        writer.write(|recorder| recorder.end(&summary()));
        writer.write(|recorder| recorder.end_without_verdict(&summary()));
        // Behind the end, where records of one run that are cut there do not have them.
        let known = Suppressed { reason: "accepted".to_owned(), expires: Some("2027-01-31".to_owned()) };
        let other = finding_of(self::artefact(&ServerPath::drive('C').join("s.aspx")), reason.clone());
        writer.write(|recorder| recorder.suppressed_finding(&other, &known));
        let known = Suppressed { expires: None, ..known };
        writer.write(|recorder| recorder.suppressed_hit(&LogHit { check: "s", ..self::hit() }, &known));
        out.extend(writer.out);
    }
    let text = String::from_utf8(out).expect("JSON is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("a record is one line of JSON")).collect()
}

#[test]
fn every_record_validates_against_the_published_schema() {
    let generated = schema();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema/record.schema.json");
    let pretty = serde_json::to_string_pretty(&generated).expect("JSON") + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &pretty).expect("written");
    }
    let published = std::fs::read_to_string(&path).expect("published").replace("\r\n", "\n");
    assert!(
        published == pretty,
        "docs/schema/record.schema.json is not what the types give; UPDATE_GOLDEN=1 writes it"
    );
    for record in records() {
        let errors = misfits(&generated, &record);
        assert!(errors.is_empty(), "{errors:?} in {record}");
    }
}

#[test]
fn the_kinds_of_record_are_the_documented_ones() {
    let kinds: std::collections::BTreeSet<String> =
        records().iter().map(|record| record["shellsift"]["record"].as_str().expect("text").to_owned()).collect();
    let document = include_str!("../../../../docs/output.md");
    assert_eq!(kinds.len(), 14);
    for kind in kinds {
        assert!(document.contains(&format!("`{kind}`")), "{kind}");
    }
}

fn writer(host: Option<&str>, scan_id: &str) -> Written {
    let run = RunInfo { host: host.map(str::to_owned), scan_id: scan_id.to_owned(), ..run() };
    Written::by(Recorder::new(run, Vec::new(), techniques_of))
}

fn only(writer: &Written) -> serde_json::Value {
    serde_json::from_slice(&writer.out).expect("one record")
}

#[test]
fn an_id_is_that_of_the_file_whatever_the_rules_say_and_whoever_runs_them() {
    let of = |host, scan_id, path: &str, content: &str, rule: &str| {
        let mut artefact = artefact(&ServerPath::from_windows(path).expect("absolute"));
        artefact.hashes.sha256 = Some(content.to_owned());
        let reason = Reason { id: rule.to_owned(), ..reason() };
        let finding = finding_of(artefact, reason);
        let mut writer = writer(host, scan_id);
        writer.write(|recorder| recorder.finding(&finding, false));
        only(&writer)["event"]["id"].as_str().expect("text").to_owned()
    };
    let id = of(Some("MAIL"), "1", r"C:\x.aspx", "a", "signature/x");
    assert_eq!(id, of(Some("mail"), "2", r"C:\X.ASPX", "a", "behaviour/y"));
    for other in [
        of(Some("OTHER"), "1", r"C:\x.aspx", "a", "signature/x"),
        of(None, "1", r"C:\x.aspx", "a", "signature/x"),
        of(Some("MAIL"), "1", r"D:\x.aspx", "a", "signature/x"),
        of(Some("MAIL"), "1", r"C:\x.aspx", "b", "signature/x"),
    ] {
        assert_ne!(id, other);
    }
}

#[test]
fn no_line_end_of_any_reader_is_left_inside_a_record() {
    let mut writer = writer(None, "1");
    let text = "a\u{85}b\u{2028}c\u{2029}d\n\u{b}\u{c}\u{1c}\u{1e}e";
    writer.write(|recorder| recorder.problem(&Problem::general(ProblemKind::FileLocked, text)));
    let line = std::str::from_utf8(&writer.out).expect("text");
    let ends = ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];
    assert_eq!(line.matches(ends).count(), 1, "{line}");
    assert!(line.contains("a\\u0085b\\u2028c\\u2029d\\n"), "{line}");
    assert_eq!(only(&writer)["error"]["message"], text);
}

#[test]
fn implausible_times_are_kept_apart() {
    let path = ServerPath::drive('C').join("x.aspx");
    let mut artefact = artefact(&path);
    artefact.entry.times.created = Timestamp::from_filetime(u64::MAX >> 1);
    artefact.entry.times.modified = Some(Timestamp::new(0, 0));
    let mut writer = writer(None, "1");
    writer.write(|recorder| recorder.clean(&artefact));
    let record = only(&writer);
    assert!(record["file"].get("created").is_none(), "{record}");
    assert_eq!(record["file"]["mtime"], "1970-01-01T00:00:00.0000000Z");
    let odd = &record["shellsift"]["implausible_times"];
    assert_eq!(odd[0]["field"], "file.created");
    assert_eq!(odd[0]["unix_time"], "910692730085.477580700");
    assert!(misfits(&schema(), &record).is_empty());
}

#[test]
fn logs_and_timeline_have_the_time_of_the_event_and_accounts_are_no_addresses() {
    let time = Some(Timestamp::new(1, 0));
    for (client, at, expected) in [
        ("203.0.113.9", "/source/ip", "203.0.113.9"),
        ("EXAMPLE\\alice", "/user/name", "alice"),
        ("S-1-5-18", "/user/id", "S-1-5-18"),
    ] {
        let mut writer = writer(None, "1");
        let hit = LogHit { client: client.to_owned(), first: time, last: time, ..hit() };
        writer.write(|recorder| recorder.hit(&hit, false));
        let record = only(&writer);
        assert_eq!(record.pointer(at).and_then(|value| value.as_str()), Some(expected));
        assert_eq!(record.get("source").is_some(), record.get("user").is_none());
        assert_eq!(record["@timestamp"], "1970-01-01T00:00:01.0000000Z");
        assert_ne!(record["event"]["created"], record["@timestamp"]);
        assert_eq!(record["vulnerability"]["id"], "CVE-1");
    }
}
