use super::*;
use crate::model::Level;
use crate::model::Outcome;
use crate::recorder::tests::records;
use serde_json::Value;

fn lines(records: &[Value]) -> String {
    records.iter().map(|record| format!("{record}\n")).collect()
}

fn read(inputs: &[(&str, &str)]) -> Result<Case, ReadError> {
    let mut reader = CaseReader::default();
    inputs.iter().try_for_each(|(name, text)| reader.add(name, text.as_bytes()))?;
    Ok(reader.done())
}

/// The records of one run.
fn of_run(scan_id: &str) -> Vec<Value> {
    let mut records = records();
    records.truncate(records.iter().position(|record| record["shellsift"]["record"] == "scan_end").expect("ends") + 1);
    records.iter_mut().for_each(|record| record["shellsift"]["scan_id"] = scan_id.into());
    records
}

#[test]
fn every_record_is_read_back_as_it_was_written() {
    for record in records() {
        let read: Record = serde_json::from_value(record.clone()).unwrap_or_else(|error| panic!("{error} in {record}"));
        assert_eq!(serde_json::to_value(&read).expect("JSON"), record);
    }
}

#[test]
fn of_one_id_the_last_record_counts_and_each_kind_has_its_list() {
    let case = read(&[("a.jsonl", &lines(&of_run("1")))]).expect("a case");
    let [run] = &case.runs[..] else { panic!("{} runs", case.runs.len()) };
    assert_eq!(run.findings.len(), 1, "the preliminary record is replaced");
    assert_eq!(run.findings[0].body.patch_level.as_deref(), Some("p"));
    assert_eq!((run.problems.len(), run.health.len(), run.examined), (2, 2, 1));
    assert!(run.start.is_some() && run.end.is_some() && run.coverage.is_some() && run.log_coverage.is_some());
    assert!(case.unread.is_empty() && case.notes.is_empty(), "{case:?}");
}

#[test]
fn runs_are_kept_apart_and_two_outputs_of_one_run_are_named() {
    let (one, two) = (lines(&of_run("1")), lines(&of_run("2")));
    let case = read(&[("a", &one), ("b", &two)]).expect("a case");
    assert_eq!((case.runs.len(), case.servers().len(), case.notes.len()), (2, 1, 0));
    let case = read(&[("a", &one), ("b", &one)]).expect("a case");
    assert_eq!((case.runs.len(), case.runs[0].findings.len()), (1, 1));
    assert_eq!(case.notes, ["a and b are outputs of the same run and are taken as one"]);
}

#[test]
fn an_output_that_was_cut_is_a_stated_gap() {
    let whole = lines(&of_run("1"));
    let case = read(&[("a", &whole[..whole.len() - 40])]).expect("a case");
    assert!(case.has_gaps());
    assert!(case.unread.iter().any(|gap| gap.contains("cut in the middle of a record")), "{:?}", case.unread);
    assert!(case.unread.iter().any(|gap| gap.contains("ends before the end of the run 1")), "{:?}", case.unread);
    // What is left of it counts.
    assert_eq!(case.verdict(), Some(Outcome::Compromised));
    // Wherever it is cut, nothing panics and nothing is silent.
    for cut in (0..whole.len()).step_by(97) {
        let Some(part) = whole.get(..cut) else { continue };
        assert!(read(&[("a", part)]).map_or(true, |case| case.has_gaps()), "{cut}");
    }
}

#[test]
fn the_verdict_on_what_is_left_of_a_run_is_that_of_its_records() {
    let all = of_run("1");
    let of = |change: &dyn Fn(&mut Value)| {
        let kinds = ["scan_start", "finding", "log_hit"];
        let is_wanted = |record: &&Value| kinds.iter().any(|kind| record["shellsift"]["record"] == *kind);
        let mut records: Vec<Value> = all.iter().filter(is_wanted).cloned().collect();
        records.retain(|record| record["shellsift"].get("suppressed").is_none());
        records.iter_mut().for_each(change);
        read(&[("a", &lines(&records))]).expect("a case").verdict()
    };
    let level = |finding: &'static str, hit: &'static str| {
        move |record: &mut Value| {
            let own = &mut record["shellsift"];
            match own["record"].as_str() {
                Some("finding") => own["level"] = finding.into(),
                Some("log_hit") => (own["level"], own["hit"]["stage"]) = (hit.into(), "attempt".into()),
                _ => {}
            }
        }
    };
    assert_eq!(of(&level("high", "info")), Some(Outcome::Compromised));
    assert_eq!(of(&level("info", "high")), Some(Outcome::Compromised), "logs that show exploitation");
    assert_eq!(of(&level("medium", "info")), Some(Outcome::Suspicious));
    assert_eq!(of(&level("info", "medium")), Some(Outcome::Suspicious));
    assert_eq!(of(&level("info", "low")), Some(Outcome::Attempted));
    assert_eq!(of(&level("info", "info")), Some(Outcome::Incomplete));
    let exposed = |record: &mut Value| {
        level("critical", "info")(record);
        if let Some(reasons) = record["shellsift"]["reasons"].as_array_mut() {
            reasons.truncate(1);
            reasons[0]["id"] = "config/machine_key_disclosed".into();
        }
    };
    assert_eq!(of(&exposed), Some(Outcome::Exposed));
}

#[test]
fn what_powershell_redirected_is_named_and_a_mark_of_utf8_is_none_of_the_text() {
    let whole = lines(&of_run("1"));
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(whole.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let error = CaseReader::default().add("x", &*utf16).expect_err("UTF-16").to_string();
    assert!(error.starts_with("x: is UTF-16: write the output with -o"), "{error}");
    let case = read(&[("x", &format!("\u{feff}{whole}"))]).expect("a case");
    assert!(case.unread.is_empty() && case.runs.len() == 1, "{:?}", case.unread);
}

#[test]
fn what_is_no_output_or_of_another_schema_is_refused_by_name() {
    let mut newer = of_run("1");
    newer.iter_mut().for_each(|record| record["shellsift"]["schema"] = "3".into());
    let mut newer_and_other = newer.clone();
    newer_and_other.iter_mut().for_each(|record| record["shellsift"]["record"] = "novelty".into());
    for (text, why) in [
        (lines(&newer), "schema 3"),
        (lines(&newer_and_other), "schema 3"),
        ("{\"event\":{\"module\":\"zeek\"},\"shellsift\":{\"schema\":\"2\"}}\n".to_owned(), "not a JSONL output"),
        ("LEVEL\tSCORE\n".to_owned(), "not a JSONL output"),
        ("\n\n".to_owned(), "no record"),
    ] {
        let error = read(&[("x", &text)]).expect_err(&text).to_string();
        assert!(error.starts_with("x: ") && error.contains(why), "{error}");
        assert_eq!(error.matches("x: ").count(), 1, "{error}");
    }
}

#[test]
fn records_that_are_not_understood_are_counted_and_named() {
    let mut records = of_run("1");
    let mut novelty = records[0].clone();
    novelty["shellsift"]["record"] = "novelty\u{1b}[2J".into();
    records.insert(1, novelty.clone());
    let case = read(&[("a", &lines(&records))]).expect("a case");
    assert!(
        case.unread.iter().any(|gap| gap.starts_with("a, line 2: not understood (novelty<U+001B>")),
        "{:?}",
        case.unread
    );
    novelty["shellsift"]["record"] = "n".repeat(1 << 20).into();
    let case = read(&[("a", &lines(&[records.clone(), vec![novelty.clone()]].concat()))]).expect("a case");
    assert!(case.unread.iter().all(|gap| gap.len() < 1000), "what is quoted is bounded");
    (0..20).for_each(|_| records.insert(1, novelty.clone()));
    let case = read(&[("a", &lines(&records))]).expect("a case");
    assert!(case.unread.iter().any(|gap| gap == "a: 16 more lines could not be read"), "{:?}", case.unread);
    let long = format!("{}{{\"x\":\"{}\"}}\n{}", lines(&of_run("1")), "x".repeat(40 << 20), lines(&of_run("2")));
    let case = read(&[("a", &long)]).expect("a case");
    assert_eq!((case.runs.len(), case.unread.len()), (2, 1), "{:?}", case.unread);
}

#[test]
fn a_case_is_written_again_in_an_order_of_its_own_and_reads_back_the_same() {
    let (first, second) = (of_run("1"), of_run("2"));
    let (one, two) = (lines(&first), lines(&second));
    let written = |inputs: &[(&str, &str)]| {
        let mut out = Vec::new();
        crate::write_case(&read(inputs).expect("a case"), &mut out).expect("memory");
        String::from_utf8(out).expect("text")
    };
    let text = written(&[("a", &one), ("b", &two)]);
    assert!(text == written(&[("b", &two), ("a", &one)]), "whatever comes first");
    assert!(text == written(&[("c", &text)]), "once more");
    // Of one id the last record counts.
    let key = |record: &Value| format!("{} {}", record["shellsift"]["scan_id"], record["event"]["id"]);
    let given = [first, second].concat().into_iter().filter(|one| one["shellsift"]["record"] != "examined");
    let expected: HashMap<String, Value> = given.map(|record| (key(&record), record)).collect();
    let read: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(read.len(), expected.len());
    for record in &read {
        assert_eq!(Some(record), expected.get(&key(record)), "nothing is lost or changed");
    }
    assert!(text.lines().next().is_some_and(|line| line.contains("scan_start")));
    assert!(text.lines().last().is_some_and(|line| line.contains("scan_end")));
    // What could not be read back is missing in what is written again, and it says so.
    let broken = one.replacen("\"log_hit\"", "\"novelty\"", 1);
    let case = read_one(&written(&[("a", &broken)]));
    let end = case.runs[0].end.as_ref().expect("an end");
    assert!(!end.complete && case.has_gaps());
    let gaps = end.summary.as_ref().and_then(|summary| summary.gaps.clone()).unwrap_or_default();
    assert!(gaps.contains("1 record of the output could not be read back"), "{gaps}");
}

fn read_one(text: &str) -> Case {
    read(&[("one", text)]).expect("a case")
}

#[test]
fn one_scan_id_on_two_hosts_is_two_runs() {
    let one = of_run("1");
    let mut other = of_run("1");
    other.iter_mut().for_each(|record| record["host"]["name"] = "MAIL02\u{1b}[2J".into());
    let case = read(&[("a", &lines(&one)), ("b", &lines(&other))]).expect("a case");
    assert_eq!((case.runs.len(), case.servers().len()), (2, 2));
    assert_eq!(case.runs[0].findings.len(), 1);
    assert!(case.notes[0].contains("taken as two runs") && !case.notes[0].contains('\u{1b}'), "{:?}", case.notes);
}

#[test]
fn what_was_found_below_the_listed_level_counts() {
    let mut records = of_run("1");
    records.retain(|record| !["finding", "log_hit"].contains(&record["shellsift"]["record"].as_str().expect("a kind")));
    let end = records.last_mut().expect("the end");
    end["shellsift"]["summary"]["findings"] = serde_json::json!([{ "value": "high", "count": 1 }]);
    end["shellsift"]["summary"]["log_hits"] = serde_json::json!([]);
    let case = read_one(&lines(&records));
    assert!(case.has_found(Level::High) && !case.has_found(Level::Critical));
}

#[test]
fn more_than_is_kept_is_counted_and_a_gap() {
    let records = of_run("1");
    let mut builder = Builder::default();
    let of_kind = |kind: &str| {
        let record = records.iter().find(|record| record["shellsift"]["record"] == *kind).expect("a record");
        serde_json::from_value::<Record>(record.clone()).expect("a record")
    };
    builder.add(of_kind("scan_start"), 1 << 20, "a");
    builder.add(of_kind("finding"), 1 << 30, "a");
    builder.add(of_kind("problem"), 1 << 20, "a");
    builder.add(of_kind("scan_end"), 1 << 20, "a");
    let case = builder.done(&HashMap::new());
    let run = &case.runs[0];
    assert_eq!((run.findings.len(), run.omitted.findings, run.problems.len()), (0, 1, 1));
    assert!(run.end.as_ref().is_some_and(|end| !end.complete) && case.has_gaps());
    assert!(case.has_found(Level::Info) && case.unread[0].contains("1 records were not kept"), "{:?}", case.unread);
}

#[test]
fn runs_are_bounded_however_little_each_of_them_has() {
    let examined = of_run("1").into_iter().find(|record| record["shellsift"]["record"] == "examined").expect("one");
    let mut builder = Builder::default();
    let add = |scan_id: String, builder: &mut Builder| {
        let mut record = examined.clone();
        record["shellsift"]["scan_id"] = scan_id.into();
        builder.add(serde_json::from_value(record).expect("a record"), 400, "a");
    };
    // As if much had been read before.
    let mut start = of_run("0").swap_remove(0);
    start["shellsift"]["scan_id"] = "0".into();
    builder.add(serde_json::from_value(start).expect("a record"), (1 << 30) - (16 << 10), "a");
    (1..10).for_each(|at| add(at.to_string(), &mut builder));
    add("1".to_owned(), &mut builder);
    let case = builder.done(&HashMap::new());
    assert!(
        case.runs.len() < 5 && case.unread[0].contains("were not kept"),
        "{} runs, {:?}",
        case.runs.len(),
        case.unread
    );
}
