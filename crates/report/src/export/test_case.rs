//! Cases for tests of the export formats, from own records in which every text is an attacker's.

use crate::{Case, CaseReader, Format, Style};
use serde_json::{Value, json};

/// A name with everything that some format takes for more than text.
pub(super) const MALICIOUS: &str = "a\"'`{0}](x)\u{202e}\u{1b}[2J\r\n--- - *?<!-- =1 é\u{1f41a}\\\".aspx";
pub(super) const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
pub(super) const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A record of this kind.
pub(super) fn record(server: &str, kind: &str, id: &str, own: Value) -> Value {
    let mut record = json!({
        "@timestamp": "2026-01-02T03:04:05.678901200Z", "ecs": {"version": "9.4.0"}, "message": format!("m {MALICIOUS}"),
        "event": {
            "kind": "event", "category": ["file"], "type": ["info"], "module": "shellsift",
            "dataset": format!("shellsift.{kind}"), "id": id, "created": "2026-01-02T03:04:05.678901200Z",
        },
        "host": {"name": server},
        "observer": {"product": "shellsift", "vendor": "shellsift", "type": "scanner", "version": "1.2.3"},
        "labels": {"case": "7\u{202e}"},
        "shellsift": {"schema": "2", "scan_id": format!("scan of {server}"), "record": kind},
    });
    merge(&mut record["shellsift"], own);
    record
}

fn merge(to: &mut Value, members: Value) {
    let members = members.as_object().cloned().unwrap_or_default();
    members.into_iter().for_each(|(name, value)| to[name] = value);
}

/// A finding of this level at this path, with this hash.
pub(super) fn finding(server: &str, path: &str, sha256: &str, level: &str) -> Value {
    let (folder, name) = path.rsplit_once('\\').expect("a folder");
    let location = |line: u64, role: &str| json!({"offset": 10 * line, "length": 5, "encodings": "stored", "line": line, "excerpt": MALICIOUS, "role": role});
    let mut record = record(
        server,
        "finding",
        &format!("{server} {path} {sha256}"),
        json!({
            "level": level, "score": 93.4, "examined": "complete", "role": "web_root",
            "reasons": [
                {
                    "id": "behaviour/eval", "kind": "behaviour", "score": 90, "title": format!("runs {MALICIOUS}"),
                    "locations": [location(3, "sink"), location(1, "source"), location(2, "step")],
                    "data_flow": ["Request[\"x\"]", "v", "eval"],
                },
                {
                    "id": "signature/r", "kind": "signature", "score": 80, "title": "t",
                    "locations": [{"offset": 0, "length": 0, "encodings": "name", "excerpt": name}],
                    "rule": {"name": "r", "ruleset": "f", "reference": "javascript:alert(1)"},
                },
            ],
            "reachable": [{
                "url": format!("/x/{name}"), "site": "s", "application": "/", "pool": "p", "disposition": "executes",
            }],
        }),
    );
    record["file"] = json!({
        "path": path, "name": name, "directory": folder, "type": "file", "size": 12, "drive_letter": "C",
        "created": "2021-03-03T06:59:17.9600000Z", "mtime": "2021-03-03T06:59:18.9600000Z",
        "hash": {"sha256": sha256, "sha1": "a".repeat(40), "md5": "b".repeat(32)},
    });
    record["threat"] = json!({
        "framework": "MITRE ATT&CK", "tactic": {"id": ["TA0003"], "name": ["Persistence"]},
        "technique": {
            "id": ["T1505", "T1059", "T'1"], "name": ["Server Software Component", "Command \"x\"", "n"],
            "subtechnique": {"id": ["T1505.003"], "name": ["Web Shell"]},
        },
    });
    record
}

/// The state of a finding towards the baseline.
pub(super) fn with_baseline(mut finding: Value, status: &str) -> Value {
    finding["shellsift"]["baseline"] = json!({"status": status});
    finding
}

/// A sign of exploitation by this client.
pub(super) fn hit(server: &str, client: &str) -> Value {
    let mut record = record(
        server,
        "log_hit",
        &format!("{server} hit {client}"),
        json!({
            "level": "high",
            "hit": {
                "check": "log/proxylogon", "stage": "attempt", "title": "t {x}", "cves": ["CVE-2021-26855", "CVE-' OR 1"],
                "count": 3, "client": client,
                "locations": [{"path": "C:\\logs\\u_ex.log", "line": 7, "time": "2021-03-03T06:59:17Z", "excerpt": MALICIOUS}],
            },
        }),
    );
    record["event"]["start"] = "2021-03-03T06:59:17Z".into();
    record["event"]["end"] = "2021-03-03T07:59:17Z".into();
    record
}

/// The requests for a file by these clients.
pub(super) fn requests(server: &str, path: &str, clients: &[&str]) -> Value {
    let clients: Vec<Value> = clients.iter().map(|client| json!({"value": client, "count": 2})).collect();
    let mut record = record(
        server,
        "file_requests",
        &format!("{server} requests {path}"),
        json!({
            "requests": {
                "count": 4, "methods": [], "statuses": [], "clients": clients, "user_agents": [],
                "matched_by_request_id": 0, "locations": [],
            },
        }),
    );
    record["file"] = json!({"path": path, "name": "x"});
    record
}

/// A problem with this path.
pub(super) fn problem(server: &str, path: &str) -> Value {
    let own = json!({"problem": {"kind": "file_unreadable", "gap": true}});
    let mut record = record(server, "problem", &format!("{server} problem {path}"), own);
    record["file"] = json!({"path": path, "name": "x"});
    record["error"] = json!({"message": format!("e {MALICIOUS}"), "type": "file_unreadable"});
    record
}

/// The end of a run.
pub(super) fn end(server: &str) -> Value {
    record(
        server,
        "scan_end",
        &format!("{server} end"),
        json!({
            "complete": false,
            "summary": {
                "verdict": "compromised", "description": format!("d {MALICIOUS}"), "interrupted": false, "gaps": "1 file failed",
                "findings": [{"value": "high", "count": 1}], "problems": [], "started": "2026-01-02T03:04:05.1Z",
                "ended": "2026-01-02T03:05:06.1Z", "seconds": 61.0,
            "actions": [{
                "id": "isolate", "order": 1, "title": "Isolate \u{202e}", "description": "why",
                "items": [{"description": format!("i {MALICIOUS}")}], "items_omitted": 3,
            }],
            },
        }),
    )
}

/// A case of these records.
pub(super) fn case(records: &[Value]) -> Case {
    let mut reader = CaseReader::default();
    let text: String = records.iter().map(|record| format!("{record}\n")).collect();
    reader.add("in.jsonl", text.as_bytes()).expect("records");
    let case = reader.done();
    assert!(!case.unread.iter().any(|gap| gap.contains("not understood")), "{:?}", case.unread);
    case
}

/// Two servers with the same file, and one with another file, hits and problems.
pub(super) fn two_servers() -> Case {
    let page = "C:\\inetpub\\wwwroot\\aspnet_client\\shell.aspx";
    let malicious = format!("C:\\w\\{MALICIOUS}");
    case(&[
        finding("A", page, SHA256, "critical"),
        finding("A", &malicious, &"c".repeat(64), "high"),
        finding("A", "C:\\w\\medium.aspx", &"d".repeat(64), "medium"),
        with_baseline(finding("A", "C:\\w\\logon.aspx", &"e".repeat(64), "high"), "known_good_elsewhere"),
        finding("A", "C:\\w\\empty.aspx", EMPTY, "high"),
        hit("A", "203.0.113.7"),
        hit("A", "2001:db8::1"),
        hit("A", "EXAMPLE\\al\u{202e}ice"),
        requests("A", page, &["203.0.113.7", "...", "10.0.0.1"]),
        problem("A", &malicious),
        end("A"),
        finding("B\u{202e}", page, SHA256, "critical"),
        end("B\u{202e}"),
    ])
}

/// What a format writes.
pub(super) fn written(format: &Format, case: &Case) -> String {
    let Some(write) = format.write else { panic!("{} is not written from a case", format.id) };
    let mut out = Vec::new();
    write(case, Style::default(), &mut out).expect("memory");
    String::from_utf8(out).expect("UTF-8")
}

/// The JSON of a format, of which no character moves a cursor or turns the direction.
pub(super) fn json_of(format: &Format, case: &Case) -> Value {
    let text = written(format, case);
    assert!(text.chars().all(|c| c == '\n' || crate::text::is_printable(c)), "{} shows what it is given", format.id);
    serde_json::from_str(&text).expect("JSON")
}
