use super::*;
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
    // Wherever it is cut, nothing panics and nothing is silent.
    for cut in (0..whole.len()).step_by(97) {
        let Some(part) = whole.get(..cut) else { continue };
        assert!(read(&[("a", part)]).map_or(true, |case| case.has_gaps()), "{cut}");
    }
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
    (0..20).for_each(|_| records.insert(1, novelty.clone()));
    let case = read(&[("a", &lines(&records))]).expect("a case");
    assert!(case.unread.iter().any(|gap| gap == "a: 16 more lines could not be read"), "{:?}", case.unread);
    let long = format!("{}{{\"x\":\"{}\"}}\n{}", lines(&of_run("1")), "x".repeat(40 << 20), lines(&of_run("2")));
    let case = read(&[("a", &long)]).expect("a case");
    assert_eq!((case.runs.len(), case.unread.len()), (2, 1), "{:?}", case.unread);
}
