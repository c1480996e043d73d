use super::*;
use crate::CaseReader;
use crate::recorder::tests::records;
use serde_json::{Value, json};

/// An output: a finding for each path, content, level and reason, one hit, and an end.
fn output(host: Option<&str>, files: &[(&str, &str, &str, &str)], last: &str, complete: bool) -> Case {
    let text: String = lines_of(host, files, last, complete).iter().map(|record| format!("{record}\n")).collect();
    let mut reader = CaseReader::default();
    reader.add("x", text.as_bytes()).expect("an output");
    reader.done()
}

fn lines_of(host: Option<&str>, files: &[(&str, &str, &str, &str)], last: &str, complete: bool) -> Vec<Value> {
    let all = records();
    let of_kind = |kind: &str| {
        all.iter()
            .rfind(|record| record["shellsift"]["record"] == *kind && record["shellsift"].get("suppressed").is_none())
            .expect("a record")
            .clone()
    };
    let mut out = vec![of_kind("scan_start")];
    for (path, content, level, reason) in files {
        let mut finding = of_kind("finding");
        finding["file"]["path"] = json!(path);
        finding["file"]["hash"]["sha256"] = json!(content.repeat(64));
        finding["event"]["id"] = json!(format!("{path}{content}"));
        finding["shellsift"]["level"] = json!(level);
        finding["shellsift"]["reasons"][0]["id"] = json!(reason);
        out.push(finding);
    }
    let mut hit = of_kind("log_hit");
    hit["event"]["end"] = json!(last);
    out.push(hit);
    let mut end = of_kind("scan_end");
    end["shellsift"]["complete"] = json!(complete);
    out.push(end);
    for record in &mut out {
        match host {
            Some(host) => record["host"]["name"] = json!(host),
            None => drop(record["host"].as_object_mut().map(|host| host.remove("name"))),
        }
    }
    out
}

const FIRST: &str = "2021-03-03T00:00:00Z";

fn case(files: &[(&str, &str, &str, &str)]) -> Case {
    output(Some("MAIL"), files, FIRST, true)
}

fn table(diff: &Diff) -> String {
    let mut out = Vec::new();
    diff_table(diff, false, &mut out).expect("memory");
    String::from_utf8(out).expect("text")
}

#[test]
fn what_is_new_gone_and_changed_is_told_apart() {
    let before = case(&[
        (r"C:\same", "a", "high", "x/r"),
        (r"C:\gone", "b", "high", "x/r"),
        (r"C:\content", "c", "medium", "x/r"),
        (r"C:\level", "d", "low", "x/r"),
        (r"C:\reasons", "e", "high", "x/r"),
    ]);
    let after = case(&[
        (r"C:\SAME", "a", "high", "x/r"),
        (r"C:\new", "b", "critical", "x/r"),
        (r"C:\content", "f", "medium", "x/r"),
        (r"C:\level", "d", "high", "x/r"),
        (r"C:\reasons", "e", "high", "x/other"),
    ]);
    let diff = Diff::new(&before, &after);
    let changes: Vec<String> = diff.changes.iter().map(|one| format!("{} {}", one.kind.name(), one.name)).collect();
    let expected = [r"new C:\new", r"changed C:\level", r"changed C:\reasons", r"changed C:\content", r"gone C:\gone"];
    assert_eq!(changes, expected);
    assert_eq!(diff.same, 2, "a page of the same path and content, and the hit");
    assert!(diff.has_news(Level::Critical) && !diff.has_gaps() && diff.notes.is_empty(), "{diff:?}");
    let text = table(&diff);
    assert!(text.contains("RAISED   HIGH     MAIL: C:\\level\n"), "{text}");
    assert!(text.contains("level low -> high") && text.contains("+ x/other") && text.contains("- x/r"), "{text}");
    assert!(
        text.ends_with("findings and log hits: 1 new, 3 changed (1 raised in level), 1 gone, 2 the same\n"),
        "{text}"
    );
}

#[test]
fn only_what_is_new_or_raised_is_news() {
    let known = [(r"C:\a", "a", "high", "x/r")];
    let news = |before: &[(&str, &str, &str, &str)], after: &[(&str, &str, &str, &str)], level| {
        Diff::new(&case(before), &case(after)).has_news(level)
    };
    assert!(!news(&known, &known, Level::Info));
    assert!(!news(&known, &[], Level::Info), "gone");
    assert!(!news(&known, &[(r"C:\a", "a", "medium", "x/r")], Level::Info), "lowered");
    assert!(!news(&known, &[(r"C:\a", "a", "high", "x/other")], Level::Info), "another reason");
    assert!(news(&known, &[(r"C:\a", "b", "high", "x/r")], Level::High), "other content");
    assert!(news(&known, &[(r"C:\a", "a", "critical", "x/r")], Level::Critical), "raised");
    assert!(news(&[], &known, Level::High) && !news(&[], &known, Level::Critical), "new");
    let again = Diff::new(&case(&known), &output(Some("MAIL"), &known, "2021-03-04T00:00:00Z", true));
    assert!(again.has_news(Level::Critical), "the client of the hit came back");
    let text = table(&again);
    assert!(text.contains("lines instead of") && text.contains("2021-03-04"), "{text}");
    // Logs that were rotated away take sightings with them.
    let rotated = Diff::new(&output(Some("MAIL"), &known, "2021-03-04T00:00:00Z", true), &case(&known));
    assert!(!rotated.has_news(Level::Info));
}

#[test]
fn hosts_that_differ_are_said_and_a_host_without_a_name_is_none_of_its_own() {
    let files = [(r"C:\a", "a", "high", "x/r")];
    let other = Diff::new(&case(&files), &output(Some("MAIL02"), &files, FIRST, true));
    assert!(other.notes.iter().any(|note| note == "different hosts: only the newer results have MAIL02"), "{other:?}");
    let mut renamed = files;
    renamed[0].0 = r"C:\A";
    let nameless = Diff::new(&output(None, &files, FIRST, true), &output(Some("MAIL"), &renamed, FIRST, true));
    assert!(!nameless.has_news(Level::Info) && nameless.notes[0].contains("taken as one host"), "{nameless:?}");
}

#[test]
fn gaps_are_said() {
    let files = [(r"C:\a", "a", "high", "x/r")];
    for (one, other) in [(true, false), (false, true)] {
        let diff = Diff::new(&output(Some("M"), &files, FIRST, one), &output(Some("M"), &files, FIRST, other));
        assert!(diff.has_gaps() && !diff.has_news(Level::Info));
        assert!(table(&diff).contains("gap "), "{}", table(&diff));
    }
}

#[test]
fn names_of_the_evidence_are_escaped_and_the_end_has_the_counts() {
    let path = "C:\\a\u{1b}[2J\u{202e}\n.aspx";
    let diff = Diff::new(&case(&[]), &case(&[(path, "a", "high", "x/\u{2028}r")]));
    let text = table(&diff);
    assert!(text.contains("C:\\a<U+001B>[2J<U+202E><U+000A>.aspx") && !text.contains('\u{1b}'), "{text}");
    let mut out = Vec::new();
    diff_jsonl(&diff, &mut out).expect("memory");
    let text = String::from_utf8(out).expect("text");
    let records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((records.len(), &records[0]["file"]["path"]), (2, &json!(path)));
    assert_eq!((&records[0]["shellsift"]["change"], &records[1]["shellsift"]["new"]), (&json!("new"), &json!(1)));
    assert_eq!(records[0]["shellsift"]["after"]["level"], "high");
    assert!(CaseReader::default().add("d", text.as_bytes()).is_err(), "differences are no results");
    assert_eq!(
        table(&Diff::new(&Case::default(), &Case::default())),
        "findings and log hits: 0 new, 0 changed, 0 gone, 0 the same\n"
    );
}

/// The same with records of files without a finding: path and content.
fn with_files(findings: &[(&str, &str, &str, &str)], files: &[(&str, &str)]) -> Case {
    let template = records().into_iter().find(|one| one["shellsift"]["record"] == "examined").expect("a record");
    let mut case = CaseReader::keeping_files();
    let mut out = lines_of(Some("MAIL"), findings, FIRST, true);
    for (path, content) in files {
        let mut file = template.clone();
        file["file"]["path"] = json!(path);
        file["file"]["hash"] = json!({ "sha256": content.repeat(64) });
        file["event"]["id"] = json!(format!("examined {path}{content}"));
        file["host"]["name"] = json!("MAIL");
        if let Some(ntfs) = file["shellsift"].as_object_mut() {
            ntfs.remove("ntfs");
        }
        out.insert(1, file);
    }
    let text: String = out.iter().map(|record| format!("{record}\n")).collect();
    case.add("x", text.as_bytes()).expect("an output");
    case.done()
}

#[test]
fn files_without_a_finding_are_compared_and_alert_nobody() {
    let known = ("C:\\same.aspx", "a");
    let before = with_files(
        &[(r"C:\found.aspx", "d", "high", "x/r")],
        &[known, (r"C:\gone.aspx", "b"), (r"C:\changed.aspx", "c"), (r"C:\was.aspx", "e"), (r"C:\was2.aspx", "e")],
    );
    let after = with_files(
        &[(r"C:\WAS.aspx", "e", "high", "x/r"), (r"C:\was2.aspx", "f", "medium", "x/r")],
        &[(r"c:\SAME.aspx", "a"), (r"C:\new.aspx", "b"), (r"C:\changed.aspx", "f"), (r"C:\found.aspx", "d")],
    );
    let diff = Diff::new(&before, &after);
    let of = |files: bool| -> Vec<String> {
        let of_kind = |kind| diff.of(kind, files).map(move |one| format!("{} {}", one.kind.name(), one.name));
        [ChangeKind::New, ChangeKind::Changed, ChangeKind::Gone].into_iter().flat_map(of_kind).collect()
    };
    assert_eq!(of(true), [r"new C:\new.aspx", r"changed C:\changed.aspx", r"gone C:\gone.aspx"]);
    assert_eq!(of(false), [r"new C:\WAS.aspx", r"new C:\was2.aspx", r"gone C:\found.aspx"]);
    assert_eq!((diff.files_same, diff.same), (Some(1), 1));
    let text = table(&diff);
    for part in [
        "NEW      HIGH     MAIL: C:\\WAS.aspx",
        "the file was there before, without a finding, with the same content",
        "the file was there before, without a finding, with other content",
        "the file is still there, without a finding, with the same content",
        "NEW      FILE     MAIL: C:\\new.aspx\n                  sha256 bbbb",
        "CHANGED  FILE     MAIL: C:\\changed.aspx\n                  sha256 cccc",
        "\nfiles: 1 new, 1 changed, 1 gone, 1 the same\nfindings and log hits: 2 new, 0 changed, 1 gone, 1 the same\n",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.find("GONE     HIGH") < text.find("NEW      FILE"), "findings come first: {text}");
    let mut out = Vec::new();
    diff_jsonl(&diff, &mut out).expect("memory");
    let all: Vec<Value> =
        std::str::from_utf8(&out).expect("text").lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(
        all.last().expect("an end")["shellsift"]["files"],
        json!({ "new": 1, "changed": 1, "gone": 1, "same": 1 })
    );
    let was = all.iter().find(|one| one["file"]["path"] == r"C:\WAS.aspx").expect("a change");
    assert_eq!(was["shellsift"]["without_finding"]["sha256"], "e".repeat(64));
    // Files alone are counted and listed, and are no news.
    let files =
        Diff::new(&with_files(&[], &[known]), &with_files(&[], &[("C:\\same.aspx", "b"), ("C:\\new.aspx", "c")]));
    assert!(files.count(ChangeKind::New, true) == 1 && files.count(ChangeKind::Changed, true) == 1);
    assert!(!files.has_news(Level::Info) && files.notes.is_empty(), "{files:?}");
}

#[test]
fn files_that_one_of_the_results_has_no_records_of_are_not_compared_and_that_is_said() {
    let (with, without) = (with_files(&[], &[("C:\\a.aspx", "a")]), with_files(&[], &[]));
    for (older, newer, which) in [(&with, &without, "older"), (&without, &with, "newer")] {
        let diff = Diff::new(older, newer);
        assert!(diff.changes.is_empty() && diff.files_same.is_none(), "{diff:?}");
        let note =
            format!("files without a finding of MAIL are not compared: only the {which} results have records of them");
        assert!(diff.notes.iter().any(|one| one.starts_with(&note)), "{:?}", diff.notes);
    }
    let neither = Diff::new(&without, &with_files(&[], &[]));
    assert!(neither.notes.is_empty() && !table(&neither).contains("files:"), "{neither:?}");
    // A reader that was not asked to keeps none.
    let text: String = records().iter().map(|record| format!("{record}\n")).collect();
    let mut reader = CaseReader::default();
    reader.add("x", text.as_bytes()).expect("an output");
    let case = reader.done();
    assert!(case.examined() > 0 && case.runs.iter().all(|run| run.files.is_empty()));
}

#[test]
fn files_of_no_listing_are_none_of_those_at_their_path() {
    let template = records().into_iter().find(|one| one["shellsift"]["record"] == "examined").expect("a record");
    let of = |deleted: &[&str]| {
        let mut out = lines_of(Some("MAIL"), &[], FIRST, true);
        for id in deleted {
            let mut file = template.clone();
            file["file"]["path"] = json!("C:\\a.aspx");
            file["event"]["id"] = json!(id);
            file["host"]["name"] = json!("MAIL");
            file["shellsift"]["ntfs"] = json!({ "entry": 7, "deleted": !id.is_empty() });
            out.insert(1, file);
        }
        let text: String = out.iter().map(|record| format!("{record}\n")).collect();
        let mut reader = CaseReader::keeping_files();
        reader.add("x", text.as_bytes()).expect("an output");
        reader.done()
    };
    let diff = Diff::new(&of(&["", "1", "2"]), &of(&["", "2", "3"]));
    let count = |kind| diff.count(kind, true);
    assert_eq!((count(ChangeKind::New), count(ChangeKind::Gone), diff.files_same), (1, 1, Some(2)));
}

#[test]
fn many_files_are_counted_and_with_v_all_are_listed() {
    let many: Vec<(String, &str)> = (0..60).map(|at| (format!("C:\\{at}.aspx"), "a")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|(path, content)| (path.as_str(), *content)).collect();
    let diff = Diff::new(&with_files(&[], &many[..1]), &with_files(&[], &many));
    assert!(table(&diff).contains("NEW      34 more files: -v lists them, -f jsonl has them\n"), "{}", table(&diff));
    let mut out = Vec::new();
    diff_table(&diff, true, &mut out).expect("memory");
    assert_eq!(String::from_utf8_lossy(&out).matches("NEW      FILE").count(), 59);
}
