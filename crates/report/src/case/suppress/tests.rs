use crate::model::{Level, Outcome, Timestamp};
use crate::recorder::tests::records;
use crate::{Case, CaseReader, Suppressions, write_case};
use serde_json::{Value, json};

/// A run with these findings (path and level), these hits (client and level), requests and events for each file, and its end.
fn output(findings: &[(&str, &str)], hits: &[(&str, &str)], complete: bool) -> String {
    let all = records();
    let of_kind = |kind: &str| {
        let is =
            |record: &&Value| record["shellsift"]["record"] == *kind && record["shellsift"].get("suppressed").is_none();
        // The last end is one without a verdict.
        let found = if kind == "scan_end" { all.iter().find(is) } else { all.iter().rfind(is) };
        found.expect("a record").clone()
    };
    let mut out = vec![of_kind("scan_start")];
    for (path, level) in findings {
        let mut finding = of_kind("finding");
        finding["file"]["path"] = json!(path);
        finding["event"]["id"] = json!(path);
        finding["shellsift"]["level"] = json!(level);
        let mut requests = of_kind("file_requests");
        requests["file"]["path"] = json!(path);
        requests["event"]["id"] = json!(format!("{path} requests"));
        requests["url"]["path"] = json!(format!("/{path}"));
        out.extend([finding, requests]);
        for words in [format!("{path} (created)"), format!("/{path}, 2 requests by c"), "patched".to_owned()] {
            let mut event = of_kind("timeline_event");
            event["event"]["id"] = json!(words);
            event["shellsift"]["timeline_event"]["description"] = json!(words);
            out.push(event);
        }
    }
    for (client, level) in hits {
        let mut hit = of_kind("log_hit");
        hit["event"]["id"] = json!(client);
        hit["shellsift"]["hit"]["client"] = json!(client);
        hit["shellsift"]["level"] = json!(level);
        out.push(hit);
    }
    let counts = |list: &[(&str, &str)]| {
        let of = |level: &str| list.iter().filter(|(_, one)| *one == level).count();
        let levels = ["info", "low", "medium", "high", "critical"];
        levels.map(|level| json!({ "value": level, "count": of(level) }))
    };
    let mut end = of_kind("scan_end");
    end["shellsift"]["complete"] = json!(complete);
    let summary = &mut end["shellsift"]["summary"];
    summary["verdict"] = json!("compromised");
    summary["description"] = json!("as it was");
    summary["findings"] = json!(counts(findings));
    summary["log_hits"] = json!(counts(hits));
    summary.as_object_mut().expect("an object").remove("suppressed");
    summary["actions"] =
        json!([{ "id": "a", "order": 1, "title": "t", "items": [{ "description": "d", "finding": "C:\\a" }] }]);
    out.push(end);
    out.iter_mut().for_each(|record| record["host"]["name"] = json!("MAIL"));
    out.iter().map(|record| format!("{record}\n")).collect()
}

fn read(text: &str) -> Case {
    let mut reader = CaseReader::default();
    reader.add("x", text.as_bytes()).expect("an output");
    reader.done()
}

/// As the table of actions has it: one of a compromise, and all others for every verdict.
fn applies(id: &str, outcome: Outcome) -> bool {
    id != "isolate" || outcome == Outcome::Compromised
}

/// The verdict and its words without these rows.
fn verdict(text: &str, rows: &str) -> (Option<Outcome>, String, Case) {
    let mut case = read(text);
    let list = format!("path,client,reason\n{rows}");
    case.suppress(&Suppressions::parse(list.as_bytes(), "s", Timestamp::now()).expect("a list"), &applies);
    let summary = case.runs[0].end.as_ref().and_then(|end| end.summary.clone()).expect("a verdict");
    (case.verdict(), summary.description, case)
}

#[test]
fn the_verdict_follows_what_is_left() {
    let output = |complete| output(&[(r"C:\a", "high"), (r"C:\b", "medium")], &[("192.0.2.1", "high")], complete);
    let all = output(true);
    let of = |rows: &str| {
        let (outcome, words, _) = verdict(&all, rows);
        (outcome.expect("one"), words)
    };
    let text = |text: &str| text.to_owned();
    assert_eq!(of("C:\\c,,r\n"), (Outcome::Compromised, text("as it was")), "nothing of it is there");
    assert_eq!(
        of("C:\\B,,r\n"),
        (
            Outcome::Compromised,
            text("exploited, as the logs show, and 1 malicious file (high confidence); 1 finding suppressed")
        )
    );
    assert_eq!(of("C:\\a,,r\n"), (Outcome::Compromised, text("exploited, as the logs show; 1 finding suppressed")));
    let (outcome, words) = of("C:\\a,,r\n,192.0.2.*,r\n");
    assert_eq!((outcome, &*words), (Outcome::Suspicious, "1 file to review; 1 finding and 1 log hit suppressed"));
    let everything = "C:\\a,,r\nC:\\b,,q\n,192.0.2.*,r\n";
    let (outcome, words) = of(everything);
    assert_eq!((outcome, &*words), (Outcome::NothingFound, "nothing else found; 2 findings and 1 log hit suppressed"));
    let (outcome, ..) = verdict(&output(false), everything);
    assert_eq!(outcome, Some(Outcome::Incomplete), "a gap is none the less");
}

#[test]
fn what_is_suppressed_is_counted_listed_and_in_nothing_else() {
    let all = output(&[(r"C:\a", "high"), (r"C:\b", "medium")], &[("192.0.2.1", "high")], true);
    let (.., case) = verdict(&all, "C:\\a,,our page\n,192.0.2.*,our scanner\n");
    let run = &case.runs[0];
    assert_eq!((run.findings.len(), run.suppressed.len(), run.hits.len(), run.suppressed_hits.len()), (1, 1, 0, 1));
    assert!(!case.has_found(Level::High) && case.has_found(Level::Medium));
    assert_eq!(case.suppressed(), 2);
    let described: Vec<&str> = run.timeline.iter().map(|event| event.body.description.as_str()).collect();
    assert_eq!(described, [r"/C:\b, 2 requests by c", r"C:\b (created)", "patched"], "events of the file went with it");
    assert_eq!(run.requests.len(), 1);
    assert!(run.actions().is_empty());
    let counts = run.end.as_ref().and_then(|end| end.summary.as_ref()?.suppressed.clone()).expect("counts");
    assert_eq!((counts.findings, counts.log_hits, counts.reasons.len()), (1, 1, 2));
    // The records say it, and whoever reads them knows it without the list.
    let mut out = Vec::new();
    write_case(&case, &mut out).expect("memory");
    let text = String::from_utf8(out).expect("text");
    assert!(text.contains(r#""suppressed":{"reason":"our page"}"#), "{}", text.len());
    let again = read(&text);
    assert_eq!((again.suppressed(), again.has_found(Level::High)), (2, false));
    // A second list adds to the first.
    let mut again = again;
    let more = Suppressions::parse(b"path,reason\nC:\\b,too\n", "s", Timestamp::now()).expect("a list");
    again.suppress(&more, &applies);
    let summary = again.runs[0].end.as_ref().and_then(|end| end.summary.clone()).expect("a verdict");
    let counts = summary.suppressed.expect("counts");
    assert_eq!((counts.findings, again.suppressed(), again.has_found(Level::Low)), (2, 3, false));
    assert_eq!(summary.description, "nothing else found; 2 findings and 1 log hit suppressed", "once, with all of it");
}

/// What is left of an output after this client was suppressed.
fn without_client(records: &[Value], client: &str) -> Case {
    let mut case = read(&records.iter().map(|record| format!("{record}\n")).collect::<String>());
    let list = format!("client,reason\n{client},our scanner\n");
    case.suppress(&Suppressions::parse(list.as_bytes(), "s", Timestamp::now()).expect("a list"), &applies);
    case
}

fn parsed(output: &str) -> Vec<Value> {
    output.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn attempts_that_are_suppressed_are_no_verdict_and_what_administrators_do_is_no_attempt() {
    let scanner = "192.0.2.1";
    let of = |other: Option<&str>| {
        let mut hits = vec![(scanner, "low")];
        hits.extend(other.map(|_| ("EXAMPLE\\admin", "low")));
        let mut records = parsed(&output(&[], &hits, true));
        for record in &mut records {
            let own = &mut record["shellsift"];
            if own["record"] == "scan_end" {
                own["summary"]["verdict"] = json!("attempted");
            }
            if own["record"] == "log_hit" {
                let is_scanner = own["hit"]["client"] == scanner;
                own["hit"]["stage"] = json!(if is_scanner { "attempt" } else { other.unwrap_or_default() });
            }
        }
        without_client(&records, scanner).verdict()
    };
    assert_eq!(of(None), Some(Outcome::NothingFound));
    assert_eq!(of(Some("configuration_changed")), Some(Outcome::NothingFound));
    assert_eq!(of(Some("attempt")), Some(Outcome::Attempted));
}

#[test]
fn actions_are_those_of_the_verdict_that_is_left() {
    let mut records = parsed(&output(&[], &[("192.0.2.1", "high"), ("192.0.2.2", "low")], false));
    let item = |text: &str| json!({ "description": text, "finding": "log/x" });
    let action = |id: &str, items: Value| json!({ "id": id, "order": 1, "title": id, "items": items });
    records.last_mut().expect("an end")["shellsift"]["summary"]["actions"] = json!([
        action("isolate", json!([{ "description": "MAIL" }])),
        action("search_clients", json!([item("192.0.2.1: x, first ..."), item("192.0.2.2: x")])),
        action("examine_client", json!([item("192.0.2.1: x")])),
        action("install_updates", json!([{ "description": "CU15" }])),
    ]);
    let case = without_client(&records, "192.0.2.1");
    let left: Vec<(&str, usize)> =
        case.runs[0].actions().iter().map(|action| (action.id.as_str(), action.items.len())).collect();
    assert_eq!(left, [("search_clients", 1), ("install_updates", 1)]);
    let case = without_client(&records, "192.0.2.9");
    assert_eq!(case.runs[0].actions().len(), 4, "nothing of it is there");
}
