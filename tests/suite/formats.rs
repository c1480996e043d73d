//! Every format writes the same facts: of a finding JSONL (its last record), CSV and the table agree field by field.

use crate::support::{self, of_kind, records, run, server};
use serde_json::Value;
use std::collections::BTreeMap;

/// A scan of the compromised server in each format.
fn written() -> (Vec<Value>, Vec<BTreeMap<String, String>>, String) {
    let (target, folder) = (server("compromised_2019"), support::folder());
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let outputs = [file("out.jsonl"), file("out.csv"), file("out.txt")];
    let ran = run([
        "scan",
        target.to_str().unwrap(),
        "-q",
        "-v",
        "--min-level",
        "info",
        "-f",
        "jsonl,csv,table",
        "-o",
        &outputs[0],
        "-o",
        &outputs[1],
        "-o",
        &outputs[2],
    ]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let mut rows = csv::Reader::from_path(&outputs[1]).unwrap();
    let head = rows.headers().unwrap().clone();
    let row = |row: csv::StringRecord| head.iter().zip(&row).map(|(a, b)| (a.to_owned(), b.to_owned())).collect();
    let rows = rows.records().map(|record| row(record.unwrap())).collect();
    let text = |path: &str| std::fs::read_to_string(path).unwrap();
    (records(&text(&outputs[0])), rows, text(&outputs[2]))
}

/// A value of a record as text; empty where it is not there.
fn text(record: &Value, pointer: &str) -> String {
    match record.pointer(pointer) {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(unix)] // Windows has no link in the tree
#[test]
fn jsonl_csv_and_table_say_the_same_of_each_finding() {
    let (records, rows, table) = written();
    let findings = of_kind(&records, "finding");
    assert_eq!(findings.len(), rows.iter().filter(|row| row["level"] != "gap").count());
    // The block of a finding in the table, its lines joined, since long ones are wrapped.
    let blocks: Vec<String> =
        table.split("\n\n").map(|block| block.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let (mut patched, mut requested, mut reached) = (0, 0, 0);
    for finding in findings {
        let path = text(finding, "/file/path");
        let row = rows.iter().find(|row| row["path"] == path).unwrap_or_else(|| panic!("no row of {path}"));
        for (column, pointer) in [
            ("level", "/shellsift/level"),
            ("name", "/file/name"),
            ("size", "/file/size"),
            ("created", "/file/created"),
            ("modified", "/file/mtime"),
            ("accessed", "/file/accessed"),
            ("changed", "/file/ctime"),
            ("sha256", "/file/hash/sha256"),
            ("sha1", "/file/hash/sha1"),
            ("md5", "/file/hash/md5"),
            ("inode", "/file/inode"),
            ("url", "/url/path"),
            ("baseline", "/shellsift/baseline/status"),
            ("requests", "/shellsift/file_requests/count"),
            ("first_request", "/shellsift/file_requests/first"),
            ("last_request", "/shellsift/file_requests/last"),
            ("clients", "/shellsift/file_requests/clients"),
            ("patch_level", "/shellsift/patch_level"),
        ] {
            assert_eq!(row[column], text(finding, pointer), "{column} of {path}");
        }
        let score: f64 = row["score"].parse().unwrap();
        let exact = finding["shellsift"]["score"].as_f64().unwrap();
        assert!((score - exact).abs() < 0.051, "{path}");
        let reasons = finding["shellsift"]["reasons"].as_array().unwrap();
        let why: Vec<String> =
            reasons.iter().map(|reason| format!("{} {}", reason["score"], text(reason, "/title"))).collect();
        assert_eq!(row["why"].trim_start_matches('\''), why.join(" | "), "{path}");
        let urls: Vec<String> = finding["shellsift"]["reachable"]
            .as_array()
            .map_or(Vec::new(), |all| all.iter().map(|one| text(one, "/url")).collect());
        let executes = finding["shellsift"]["reachable"].as_array().into_iter().flatten();
        let executes = executes.filter(|one| one["disposition"] == "executes").map(|one| text(one, "/url"));
        assert_eq!(row["executes_at"], executes.collect::<Vec<_>>().join(" "), "{path}");

        let shown: String = path.split_whitespace().collect::<Vec<_>>().join(" ");
        let block = blocks
            .iter()
            .find(|block| block.contains(&format!(" {shown} ")))
            .unwrap_or_else(|| panic!("no block of {path}"));
        // The table never rounds up, and the record has three decimals.
        let level = text(finding, "/shellsift/level").to_uppercase();
        let head = |score: f64| format!("{level} {} ", score.floor());
        assert!([exact, exact - 0.001].iter().any(|score| block.contains(&head(*score))), "{exact} of {path}: {block}");
        let mut facts = vec![
            text(finding, "/file/mtime"),
            text(finding, "/file/created"),
            text(finding, "/file/hash/sha256"),
            text(finding, "/shellsift/patch_level"),
            text(finding, "/shellsift/file_requests/first"),
            text(finding, "/shellsift/file_requests/last"),
        ];
        facts.extend(urls.iter().take(3).cloned());
        facts.push(text(&reasons[0], "/title"));
        for fact in facts.iter().map(|fact| fact.split_whitespace().collect::<Vec<_>>().join(" ")) {
            assert!(block.contains(&fact), "{fact} of {path}: {block}");
        }
        patched += u64::from(!row["patch_level"].is_empty());
        requested += u64::from(!row["requests"].is_empty());
        reached += u64::from(!urls.is_empty());
    }
    assert!(patched > 10 && requested > 3 && reached > 10, "{patched} {requested} {reached}");
}

#[test]
fn what_is_listed_changes_nothing_of_the_results() {
    let target = server("compromised_2019");
    let scan = |level: &str| support::scan(&target, &["--min-level", level]).1;
    let (all, few) = (scan("info"), scan("critical"));
    let paths = |records: &[Value], level: &str| {
        let of = |record: &&Value| record["shellsift"]["level"] == level;
        let mut paths: Vec<String> =
            of_kind(records, "finding").into_iter().filter(of).map(|one| text(one, "/file/path")).collect();
        paths.sort();
        paths
    };
    assert_eq!(paths(&all, "critical"), paths(&few, "critical"));
    assert_eq!(of_kind(&few, "finding").len(), paths(&few, "critical").len());
    for kind in ["log_hit", "file_requests", "moment", "health", "coverage"] {
        let (mut all, mut few) = (of_kind(&all, kind).len(), of_kind(&few, kind).len());
        assert_eq!(std::mem::take(&mut all), std::mem::take(&mut few), "{kind}");
    }
    let verdict = |records: &[Value]| of_kind(records, "scan_end")[0]["shellsift"]["summary"]["words"].clone();
    assert_eq!(verdict(&all), verdict(&few));
}

#[test]
fn every_verb_writes_jsonl_with_a_first_and_a_last_record() {
    let target = server("compromised_2019");
    let target = target.to_str().unwrap();
    let page =
        format!("{target}/Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/owa/auth/OutlookZH.aspx");
    for (verb, kind) in [
        (&["logs", target][..], "log_hit"),
        (&["health", target], "health"),
        (&["sites", target], "site"),
        (&["explain", &page], "finding"),
        (&["baseline", "check", target], "comparison"),
    ] {
        let ran = run([verb, &["-q", "-f", "jsonl"]].concat());
        let written = records(&ran.out);
        let kinds: Vec<&Value> = written.iter().map(|record| &record["shellsift"]["record"]).collect();
        assert_eq!(
            (kinds[0], kinds[kinds.len() - 1]),
            (&"scan_start".into(), &"scan_end".into()),
            "{verb:?}: {kinds:?}"
        );
        if kind != "comparison" {
            assert!(kinds.contains(&&kind.into()), "{verb:?}: {kinds:?}");
        }
        assert!(written[written.len() - 1]["shellsift"]["complete"].is_boolean());
    }
}
