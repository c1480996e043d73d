use super::*;
use crate::case::sample::{MALICIOUS, case, lines, malicious_run, run};
use std::collections::BTreeMap;

/// A line taken apart by the rules of the format: seven fields of a header, and values by their keys.
fn parsed(line: &str) -> ([String; 7], BTreeMap<String, String>) {
    let mut header: Vec<String> = vec![String::new()];
    let mut chars = line.chars();
    while header.len() < 8 {
        match chars.next().unwrap_or_else(|| panic!("the header ends early: {line}")) {
            '\\' => header.last_mut().expect("one").extend(chars.next()),
            '|' => header.push(String::new()),
            c => header.last_mut().expect("one").push(c),
        }
    }
    header.pop();
    let extension = chars.as_str();
    let mut fields = BTreeMap::new();
    // A key is what stands before an equals sign that is not escaped, behind the last blank.
    let mut key: Option<String> = None;
    let mut value = String::new();
    let mut chars = extension.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => value.extend(chars.next()),
            '=' => {
                let (before, next) = value.rsplit_once(' ').unwrap_or(("", &value));
                let (before, next) = (before.to_owned(), next.to_owned());
                assert!(next.chars().all(|c| c.is_ascii_alphanumeric()), "{next} in {line}");
                if let Some(key) = key.replace(next) {
                    assert!(fields.insert(key, before).is_none(), "a key twice: {line}");
                }
                value.clear();
            }
            c => value.push(c),
        }
    }
    fields.insert(key.expect("a key"), value);
    (header.try_into().expect("seven"), fields)
}

#[test]
fn there_is_one_event_per_finding_hit_and_end_with_its_severity() {
    let mut records = run("MAIL");
    let finding = records.iter_mut().rfind(|record| record["shellsift"]["record"] == "finding").expect("one");
    finding["file"]["path"] = r"C:\w\a=b.aspx ".into();
    finding["file"]["created"] = "2021-03-03T06:59:21.3071234Z".into();
    finding["file"]["mtime"] = "1601-01-02T03:04:05.678Z".into();
    let lines = lines(&FORMAT, &case(&[records]));
    let events: Vec<_> = lines.iter().map(|line| parsed(line)).collect();
    let of = |kind: &str| events.iter().filter(|(_, fields)| fields["cat"] == kind).collect::<Vec<_>>();
    let [(header, fields)] = of("finding")[..] else { panic!("{lines:?}") };
    assert_eq!(
        header.each_ref().map(String::as_str),
        ["CEF:0", "shellsift", "shellsift", "0", "signature/r", "t", "8"]
    );
    assert_eq!((fields["filePath"].as_str(), fields["dvchost"].as_str()), (r"C:\w\a=b.aspx<U+0020>", "MAIL"));
    assert_eq!(fields["fileCreateTime"], "1614754761307");
    assert_eq!(fields["fileModificationTime"], "Jan 02 1601 03:04:05.678 UTC");
    assert_eq!((fields["cs1"].as_str(), fields["cs1Label"].as_str()), ("high", "level"));
    let [(header, fields), (_, without_times)] = of("log_hit")[..] else { panic!("{lines:?}") };
    assert!(!without_times.contains_key("start") && !without_times.contains_key("suser"));
    assert_eq!((header[6].as_str(), fields["cnt"].as_str(), fields["start"].as_str()), ("10", "2", "1000"));
    let [(header, fields)] = of("scan_end")[..] else { panic!("{lines:?}") };
    assert_eq!((header[5].as_str(), header[6].as_str()), ("verdict: compromised", "10"));
    assert_eq!(fields["cs2"], "g", "what was not examined");
    assert_eq!(of("gap").len(), 2);
}

#[test]
fn files_that_were_given_are_malicious_and_no_server_compromised() {
    let mut records = run("A");
    records.last_mut().expect("the end")["shellsift"]["summary"]["subject"] = "files".into();
    let lines = lines(&FORMAT, &case(&[records]));
    let (header, fields) = parsed(lines.last().expect("one"));
    assert_eq!((header[5].as_str(), fields["outcome"].as_str()), ("verdict: malicious", "malicious"));
}

#[test]
fn malicious_text_neither_ends_a_field_nor_begins_one() {
    let lines = lines(&FORMAT, &case(&[malicious_run(), run("B")]));
    let shown = plain(MALICIOUS);
    for line in &lines {
        let (header, fields) = parsed(line);
        assert_eq!((header[0].as_str(), header[1].as_str()), ("CEF:0", "shellsift"), "{line}");
        assert!(header[6].parse::<u8>().is_ok_and(|severity| severity <= 10));
        if fields["cat"] == "finding" && fields["dvchost"] != "B" {
            assert_eq!((fields["filePath"].as_str(), header[5].as_str()), (shown.as_str(), shown.as_str()));
            assert_eq!(fields["msg"], shown);
        }
    }
}

#[test]
fn long_values_are_cut_with_a_mark_and_addresses_have_their_fields() {
    let mut records = run("MAIL");
    for record in &mut records {
        record["message"] = "=".repeat(100_000).into();
    }
    let hit = records.iter_mut().find(|record| record["shellsift"]["record"] == "log_hit").expect("one");
    hit["source"] = serde_json::json!({ "address": "2001:db8::1", "ip": "2001:db8::1" });
    let lines = lines(&FORMAT, &case(&[records]));
    let (_, fields) = parsed(&lines[0]);
    assert_eq!(fields["msg"].chars().count(), 1023);
    assert!(fields["msg"].ends_with("== [truncated]"));
    let events: Vec<_> = lines.iter().map(|line| parsed(line).1).collect();
    let hit = events.iter().find(|fields| fields["cat"] == "log_hit").expect("one");
    assert_eq!((hit["c6a2"].as_str(), hit.contains_key("src")), ("2001:db8::1", false));
}

#[test]
fn a_cut_output_is_an_event_and_an_empty_case_has_none() {
    let mut records = run("A");
    records.pop();
    let lines = lines(&FORMAT, &case(&[records]));
    let (header, fields) = parsed(lines.last().expect("one"));
    assert_eq!((header[4].as_str(), fields["cat"].as_str()), ("unread", "gap"));
    assert!(crate::case::sample::lines(&FORMAT, &Case::default()).is_empty());
}
