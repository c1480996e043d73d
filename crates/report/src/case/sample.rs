//! Cases for tests of formats.

use super::{Case, CaseReader};
use crate::recorder::tests::records;
use crate::{Format, Style};
use serde_json::{Value, json};

/// Text that tries everything: formula, markup, separators and escapes of every format, line ends, terminal, bidi, no character.
pub(crate) const MALICIOUS: &str = "=cmd|'/c calc'!A1 %0A%7c|\\|a=b,<script>alert(1)</script>&amp;\"_x000D_\
    \u{202e}\r\n\u{1b}]0;x\u{7}\u{85}\u{2028}\u{feff}\u{fffe}\u{ffff} CEF:0|x|日本🐚";

/// The records of one run, of a server of this name.
pub(crate) fn run(server: &str) -> Vec<Value> {
    let mut records = records();
    records.truncate(records.iter().position(|record| record["shellsift"]["record"] == "scan_end").expect("ends") + 1);
    for record in &mut records {
        record["shellsift"]["scan_id"] = format!("run of {server}").into();
        record["host"]["name"] = server.into();
    }
    records
}

/// The same, where everything that comes from the evidence is malicious.
pub(crate) fn malicious_run() -> Vec<Value> {
    let mut records = run(MALICIOUS);
    for record in &mut records {
        record["message"] = MALICIOUS.into();
        record["labels"] = json!({ "case": MALICIOUS, "examiner": MALICIOUS });
        for (part, field) in
            [("file", "path"), ("file", "name"), ("url", "path"), ("rule", "description"), ("error", "message")]
        {
            if record.get(part).is_some() {
                record[part][field] = MALICIOUS.into();
            }
        }
        let own = &mut record["shellsift"];
        for reason in own["reasons"].as_array_mut().into_iter().flatten() {
            ["title", "id"].iter().for_each(|field| reason[field] = MALICIOUS.into());
            reason["locations"][0]["excerpt"] = MALICIOUS.into();
            reason["data_flow"] = json!([MALICIOUS, MALICIOUS]);
            ["name", "ruleset", "reference"].iter().for_each(|field| reason["rule"][field] = MALICIOUS.into());
        }
        if own.get("hit").is_some() {
            ["title", "client", "check"].iter().for_each(|field| own["hit"][field] = MALICIOUS.into());
            own["hit"]["locations"][0]["excerpt"] = MALICIOUS.into();
        }
        if own.get("requests").is_some() {
            let counted = json!([{ "value": MALICIOUS, "count": 3 }]);
            ["clients", "user_agents", "methods"].iter().for_each(|field| own["requests"][field] = counted.clone());
        }
        if own.get("timeline_event").is_some() {
            own["timeline_event"]["description"] = MALICIOUS.into();
        }
    }
    records
}

/// A case of these runs, each read from an input of its own.
pub(crate) fn case(runs: &[Vec<Value>]) -> Case {
    let mut reader = CaseReader::default();
    for (at, records) in runs.iter().enumerate() {
        let text: String = records.iter().map(|record| format!("{record}\n")).collect();
        reader.add(&format!("{at}.jsonl"), text.as_bytes()).expect("records");
    }
    reader.done()
}

/// What a format writes of a case.
pub(crate) fn written(format: &Format, case: &Case) -> Vec<u8> {
    let Some(write) = format.write else { panic!("{} is not written from a case", format.id) };
    let mut out = Vec::new();
    write(case, Style::default(), &mut out).expect("memory");
    out
}

/// The same as text, of which no line has a control or bidirectional character.
pub(crate) fn lines(format: &Format, case: &Case) -> Vec<String> {
    let text = String::from_utf8(written(format, case)).expect("UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'));
    let lines: Vec<String> = text.split_terminator('\n').map(ToOwned::to_owned).collect();
    for line in &lines {
        let bad = |c: char| c.is_control() || matches!(c, '\u{202e}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
        assert!(!line.contains(bad), "{line:?}");
    }
    lines
}
