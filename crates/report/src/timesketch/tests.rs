use super::*;
use crate::case::sample::{MALICIOUS, case, lines, malicious_run, run};
use std::collections::BTreeMap;

/// The rows, each checked for what Timesketch needs; every name has one type, as an index wants it.
fn rows(case: &Case) -> Vec<Value> {
    let rows: Vec<Value> =
        lines(&FORMAT, case).iter().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let mut types: BTreeMap<String, std::mem::Discriminant<Value>> = BTreeMap::new();
    for row in &rows {
        assert!(!row["message"].as_str().expect("text").is_empty() && row["timestamp_desc"].is_string(), "{row}");
        let datetime: jiff::Timestamp = row["datetime"].as_str().expect("text").parse().expect("ISO 8601");
        assert_eq!(row["timestamp"].as_i64(), Some(datetime.as_microsecond()), "{row}");
        for (name, value) in row.as_object().expect("an object") {
            let one = |value: &Value| !value.is_object() && !value.is_null();
            assert!(
                value.as_array().map_or_else(|| one(value), |list| list.iter().all(Value::is_string)),
                "{name} in {row}"
            );
            let known = *types.entry(name.clone()).or_insert(std::mem::discriminant(value));
            assert!(known == std::mem::discriminant(value), "{name} has two types: {row}");
        }
    }
    rows
}

fn of<'r>(rows: &'r [Value], kind: &str) -> Vec<&'r Value> {
    rows.iter().filter(|row| row["data_type"] == format!("shellsift:{kind}")).collect()
}

fn descriptions<'r>(rows: &[&'r Value]) -> Vec<&'r str> {
    rows.iter().map(|row| row["timestamp_desc"].as_str().unwrap_or_default()).collect()
}

#[test]
fn every_time_of_a_finding_is_a_row() {
    let mut records = run("MAIL");
    let finding = records.iter_mut().rfind(|record| record["shellsift"]["record"] == "finding").expect("one");
    finding["file"]["created"] = "2021-03-03T06:59:21.3071234Z".into();
    let rows = rows(&case(&[records]));
    let findings = of(&rows, "finding");
    assert_eq!(
        descriptions(&findings),
        [
            "Creation Time",
            "Content Modification Time",
            "Metadata Modification Time",
            "Last Access Time",
            "Creation Time ($FILE_NAME)",
            "Content Modification Time ($FILE_NAME)",
            "Metadata Modification Time ($FILE_NAME)",
            "Last Access Time ($FILE_NAME)",
            "Shadow Copy Creation Time",
            "Content Deletion Time",
        ]
    );
    let first = findings[0];
    assert_eq!(first["datetime"], "2021-03-03T06:59:21.307123+00:00");
    assert_eq!(first["timestamp"], 1_614_754_761_307_123_i64);
    assert_eq!((&first["hostname"], &first["level"], &first["score"]), (&"MAIL".into(), &"high".into(), &80.0.into()));
    assert_eq!(first["tag"], serde_json::json!(["high", "T1505.003"]));
    assert_eq!(first["sha256_hash"], "a".repeat(64));
    assert_eq!(first["reasons"], serde_json::json!(["80 t"]));
}

#[test]
fn hits_requests_events_and_builds_have_rows_and_equal_times_one() {
    let rows = rows(&case(&[run("MAIL")]));
    // The second hit of the sample has no times.
    assert_eq!(descriptions(&of(&rows, "log_hit")), ["Start Time", "End Time", NO_TIME]);
    assert_eq!(descriptions(&of(&rows, "file_requests")), ["End Time", "Last Successful Request"]);
    assert!(descriptions(&of(&rows, "timeline_event")).iter().all(|what| *what == "Event Time"));
    assert_eq!(descriptions(&of(&rows, "build_seen")).first(), Some(&"Last Seen"));
    assert_eq!(descriptions(&of(&rows, "scan_end")), ["Scan End Time"]);
    assert_eq!(of(&rows, "scan_end")[0]["verdict"], "compromised");
}

#[test]
fn what_has_no_time_or_an_impossible_one_has_a_row_all_the_same() {
    let mut records = run("MAIL");
    let finding = records.iter_mut().rfind(|record| record["shellsift"]["record"] == "finding").expect("one");
    for field in ["created", "mtime", "ctime", "accessed"] {
        finding["file"].as_object_mut().expect("a file").remove(field);
    }
    for part in ["ntfs", "recycle_bin"] {
        finding["shellsift"].as_object_mut().expect("own").remove(part);
    }
    finding["shellsift"]["implausible_times"] =
        serde_json::json!([{ "field": "file.created", "unix_time": "253402300800.000000000" }]);
    let rows = rows(&case(&[records]));
    let findings = of(&rows, "finding");
    assert_eq!(descriptions(&findings), [NO_TIME]);
    assert_eq!(findings[0]["implausible_times"][0], "file.created: Unix time 253402300800.000000000");
    assert!(of(&rows, "gap").iter().any(|gap| gap["gap_kind"] == "file_locked"));
}

#[test]
fn malicious_text_stays_in_its_field() {
    let rows = rows(&case(&[malicious_run(), run("B")]));
    let shown = plain(MALICIOUS);
    for row in of(&rows, "finding").iter().filter(|row| row["hostname"] != "B") {
        assert_eq!((row["message"].as_str(), row["filename"].as_str()), (Some(&*shown), Some(&*shown)));
    }
    let hosts: std::collections::BTreeSet<&str> = rows.iter().filter_map(|row| row["hostname"].as_str()).collect();
    assert_eq!(hosts, [shown.as_str(), "B"].into());
}

#[test]
fn a_cut_output_is_a_row_and_an_empty_case_has_none() {
    let mut records = run("A");
    records.pop();
    let rows = rows(&case(&[records]));
    let unread = rows.iter().filter(|row| row["gap_kind"] == "unread").count();
    assert_eq!(unread, 1);
    assert!(super::tests::rows(&Case::default()).is_empty());
}
