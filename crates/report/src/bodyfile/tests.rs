use super::*;
use crate::case::sample::{MALICIOUS, case, lines, malicious_run, run};

/// The fields of the rows, as `mactime` takes them: parted, then decoded.
fn rows(lines: &[String]) -> Vec<Vec<String>> {
    let rows: Vec<Vec<String>> =
        lines.iter().filter(|line| !line.starts_with('#')).map(|line| line.split('|').map(decoded).collect()).collect();
    for row in &rows {
        assert_eq!(row.len(), 11, "{row:?}");
        assert!(row[5..].iter().all(|number| number.parse::<i64>().is_ok()), "{row:?}");
    }
    rows
}

/// `s/%([A-F0-9][A-F0-9])/pack("C", hex($1))/egis`
fn decoded(field: &str) -> String {
    let mut out = String::new();
    let mut rest = field;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => out.push(char::from(code)),
            None => out.push('%'),
        }
        rest = &rest[at + if code.is_some() { 3 } else { 1 }..];
    }
    out + rest
}

#[test]
fn a_finding_has_its_times_and_those_of_its_name_as_the_sleuth_kit_marks_them() {
    let mut records = run("MAIL");
    let finding = records.iter_mut().rfind(|record| record["shellsift"]["record"] == "finding").expect("one");
    finding["file"]["path"] = r"C:\w\a.aspx".into();
    finding["file"]["size"] = 42.into();
    for (field, time) in [
        ("accessed", "2021-03-03T06:59:24.9999999Z"),
        ("mtime", "2021-03-03T06:59:23.5Z"),
        ("ctime", "1969-12-31T23:59:59.5Z"),
        ("created", "2021-03-03T06:59:21Z"),
    ] {
        finding["file"][field] = time.into();
    }
    finding["shellsift"]["ntfs"]["name_created"] = "2021-03-03T07:00:00Z".into();
    for other in ["name_modified", "name_changed"] {
        finding["shellsift"]["ntfs"].as_object_mut().expect("a record").remove(other);
    }
    finding["shellsift"]["ntfs"]["name_accessed"] = "2021-03-03T07:00:01Z".into();
    let lines = lines(&FORMAT, &case(&[records]));
    let rows: Vec<&String> = lines.iter().filter(|line| !line.starts_with('#')).collect();
    let md5 = "c".repeat(32);
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert_eq!(
        rows[0],
        &format!("{md5}|C:\\w\\a.aspx (deleted)|7-3|r/rrwxrwxrwx|0|0|42|1614754764|1614754763|-1|1614754761")
    );
    assert_eq!(
        rows[1],
        &format!("{md5}|C:\\w\\a.aspx ($FILE_NAME) (deleted)|7-3|r/rrwxrwxrwx|0|0|42|1614754801|0|0|1614754800")
    );
}

#[test]
fn names_cannot_add_fields_lines_or_codes() {
    let lines = lines(&FORMAT, &case(&[malicious_run()]));
    let rows = rows(&lines);
    assert_eq!(rows.len(), 2);
    let shown = plain(MALICIOUS);
    assert!(rows.iter().all(|row| row[1].starts_with(&shown)), "{rows:?}");
    let mut records = run("A");
    let finding = records.iter_mut().rfind(|record| record["shellsift"]["record"] == "finding").expect("one");
    finding["file"]["hash"]["md5"] = "# a comment".into();
    finding["file"]["inode"] = MALICIOUS.into();
    let lines = crate::case::sample::lines(&FORMAT, &case(&[records]));
    assert_eq!(
        lines.iter().filter(|line| line.starts_with("0|C:\\") && line.contains("|0-3|r/r")).count(),
        2,
        "{lines:?}"
    );
    assert_eq!(escape("100%|%41%zz%4"), "100%%7C%2541%zz%4");
    assert_eq!(decoded(&escape("%|%41%2541%é")), "%|%41%2541%é");
}

#[test]
fn several_servers_are_told_apart_and_nothing_is_left_out_in_silence() {
    let mut cut = run("B");
    cut.pop();
    let case = case(&[run("A"), cut]);
    let lines = lines(&FORMAT, &case);
    let rows = rows(&lines);
    assert!(rows.len() == 4 && rows[0][1].starts_with("A: C:\\") && rows[3][1].starts_with("B: C:\\"), "{rows:?}");
    assert!(lines.iter().any(|line| line.starts_with("# unread: ") && line.contains("ends before the end of the run")));
    assert!(lines.iter().any(|line| line.starts_with("# A: file_locked: C:\\")), "{lines:?}");
}

#[test]
fn times_that_no_row_holds_are_named() {
    let mut records = run("A");
    let finding = records.iter_mut().rfind(|record| record["shellsift"]["record"] == "finding").expect("one");
    finding["shellsift"]["implausible_times"] =
        serde_json::json!([{ "field": "file.created", "unix_time": "253402300800.000000000" }]);
    let lines = lines(&FORMAT, &case(&[records]));
    let named = lines.iter().any(|line| line.starts_with('#') && line.ends_with("Unix time 253402300800.000000000"));
    assert!(named, "{lines:?}");
    let empty = crate::case::sample::lines(&FORMAT, &Case::default());
    assert!(empty.len() == 3 && empty.iter().all(|line| line.starts_with('#')));
}

#[test]
fn what_is_suppressed_is_counted() {
    let mut records = run("A");
    let of = |records: &[serde_json::Value]| lines(&FORMAT, &case(&[records.to_vec()]));
    assert!(!of(&records).iter().any(|line| line.contains("suppressed")));
    let finding = records.iter_mut().rfind(|record| record["shellsift"]["record"] == "finding").expect("one");
    finding["shellsift"]["suppressed"] = serde_json::json!({ "reason": "our own" });
    let lines = of(&records);
    assert!(lines.contains(&"# suppressed: 1 finding or log hit is not in here".to_owned()), "{lines:?}");
    assert!(rows(&lines).is_empty());
}
