use super::book::{fitted, serial};
use super::*;
use crate::case::sample::{MALICIOUS, case, malicious_run, run, written};
use crate::model::Timestamp;
use crate::record::Time;
use crate::text::plain;
use std::collections::BTreeMap;
use std::io::Read;

/// The parts of a workbook by their names.
fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).expect("an archive");
    (0..archive.len())
        .map(|at| {
            let mut part = archive.by_index(at).expect("a part");
            let mut text = String::new();
            part.read_to_string(&mut text).expect("UTF-8");
            (part.name().expect("UTF-8").into_owned(), text)
        })
        .collect()
}

/// The sheets by their names.
fn sheets(bytes: &[u8]) -> BTreeMap<String, String> {
    let parts = parts(bytes);
    let names = parts["xl/workbook.xml"].split("<sheet name=\"").skip(1).filter_map(|rest| rest.split('"').next());
    (1..)
        .zip(names)
        .map(|(at, name)| (name.to_owned(), parts[&format!("xl/worksheets/sheet{at}.xml")].clone()))
        .collect()
}

/// The cells of a row: what kind, and the text without the escapes of XML.
fn cells(sheet: &str, row: u64) -> BTreeMap<String, String> {
    let Some(rest) = sheet.split(&format!("<row r=\"{row}\">")).nth(1) else { return BTreeMap::new() };
    let cells = rest.split("</row>").next().unwrap_or_default().split("<c r=\"").skip(1);
    cells
        .map(|cell| {
            let (name, rest) = cell.split_once('"').expect("a name");
            let value = rest.split_once("<v>").map(|(_, rest)| rest.split("</v>").next());
            let text = rest.split_once("preserve\">").map(|(_, rest)| rest.split("</t>").next());
            let text = value.or(text).flatten().expect("a value");
            let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
            (name.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned(), text.replace("_x005F_", "_"))
        })
        .collect()
}

#[test]
fn there_is_a_sheet_per_kind_with_headings_filters_and_real_dates() {
    let mut records = run("MAIL");
    let finding = records.iter_mut().rfind(|record| record["shellsift"]["record"] == "finding").expect("one");
    finding["file"]["created"] = "2021-03-03T06:59:21.3071234Z".into();
    finding["file"]["mtime"] = "1601-01-02T03:04:05.6Z".into();
    let bytes = written(&FORMAT, &case(&[records, run("B")]));
    let sheets = sheets(&bytes);
    let names: Vec<&str> = sheets.keys().map(String::as_str).collect();
    let expected = [
        "builds seen",
        "clients",
        "findings",
        "gaps",
        "log hits",
        "patch level",
        "reasons",
        "requests",
        "summary",
        "timeline",
        "what to do now",
    ];
    assert_eq!(names, expected);
    for (name, sheet) in &sheets {
        assert!(sheet.contains("state=\"frozen\"") && sheet.contains("<autoFilter ref=\"A1:"), "{name}");
        assert!(!sheet.contains("<f>") && !sheet.contains("hyperlink"), "{name}");
    }
    let findings = &sheets["findings"];
    let (heading, row) = (cells(findings, 1), cells(findings, 2));
    assert_eq!((heading["H"].as_str(), heading["I"].as_str()), ("created (UTC)", "modified (UTC)"));
    let created: f64 = row["H"].parse().expect("a number");
    // 2021-03-03 is day 44258.
    assert!((created - (44_258.0 + 25_161.307 / 86_400.0)).abs() < 1e-8, "{created}");
    assert_eq!(row["I"], "1601-01-02T03:04:05.6000000Z", "no date of a spreadsheet");
    assert_eq!((row["A"].as_str(), cells(findings, 3)["A"].as_str()), ("MAIL", "B"));
    assert_eq!(cells(&sheets["summary"], 2)["B"], "compromised");
    assert_eq!(cells(&sheets["what to do now"], 2)["A"], "1", "the number that the screen has");
    assert_eq!(
        (cells(&sheets["clients"], 2)["A"].as_str(), cells(&sheets["clients"], 2)["B"].as_str()),
        ("a", "account")
    );
    assert_eq!(cells(&sheets["clients"], 2)["D"], "2", "on two servers");
    let content = &parts(&bytes)["[Content_Types].xml"];
    assert_eq!(content.matches("worksheet+xml").count(), expected.len());
}

#[test]
fn malicious_text_is_text() {
    let sheets = sheets(&written(&FORMAT, &case(&[malicious_run()])));
    let shown = plain(MALICIOUS).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    assert_eq!(cells(&sheets["findings"], 2)["D"], shown);
    assert_eq!(cells(&sheets["reasons"], 2)["O"], shown, "the excerpt");
    for (name, sheet) in &sheets {
        assert!(!sheet.contains("<script") && !sheet.contains("<f>"), "{name}");
        assert!(!sheet.replace("_x005F_x000D_", "").contains("_x000D_"), "{name}");
        assert!(!sheet.contains(['\u{202e}', '\u{1b}', '\u{ffff}', '\u{fffe}']), "{name}");
        // Every string is marked as one.
        assert_eq!(sheet.matches("<is>").count(), sheet.matches("t=\"inlineStr\"").count());
    }
}

#[test]
fn clients_are_addresses_accounts_or_what_a_limit_omitted() {
    let mut records = run("A");
    let requests = records.iter_mut().find(|one| one["shellsift"]["record"] == "file_requests").expect("one");
    let counted = |value: &str| serde_json::json!({ "value": value, "count": 2 });
    requests["shellsift"]["requests"]["clients"] =
        serde_json::json!([counted("203.0.113.9:443"), counted("..."), counted("EXAMPLE\\alice")]);
    let sheet = sheets(&written(&FORMAT, &case(&[records]))).remove("clients").expect("a sheet");
    let rows: Vec<_> = (2..=5).map(|row| cells(&sheet, row)).collect();
    let kinds: Vec<_> = rows.iter().map(|row| (row["A"].as_str(), row["B"].as_str(), row["I"].as_str())).collect();
    let expected = [
        ("a", "account", "0"),
        ("...", "others", "2"),
        ("203.0.113.9:443", "address", "2"),
        ("EXAMPLE\\alice", "account", "2"),
    ];
    assert_eq!(kinds, expected);
    assert!(!rows[1].contains_key("K"), "the times of a file are not those of each of its clients");
}

#[test]
fn what_does_not_fit_is_said() {
    let text = "\u{1f41a}".repeat(20_000);
    let cell = fitted(&text);
    assert!(cell.encode_utf16().count() <= 32_767 && cell.encode_utf16().count() > 32_700);
    assert!(cell.ends_with(" ... [truncated: 40,000 characters]"));
    assert_eq!(fitted(&"x".repeat(32_767)).len(), 32_767);
    assert_eq!(fitted(&"é".repeat(32_767)).chars().count(), 32_767);

    let servers: Vec<_> = (0..5).map(|at| run(&format!("S{at}"))).collect();
    let sheet = sheets(&workbook(&case(&servers), 4).expect("memory")).remove("findings").expect("a sheet");
    assert_eq!(sheet.matches("<row ").count(), 4);
    assert_eq!(cells(&sheet, 3)["A"], "S1");
    assert_eq!(cells(&sheet, 4)["A"], "3 more rows do not fit into a sheet: the JSONL output has them");
}

#[test]
fn dates_before_excels_calendar_are_none() {
    let serial = |seconds| serial(Time(Timestamp::new(seconds, 0)));
    assert_eq!(serial(0), Some(25_569.0));
    assert_eq!(serial(-2_203_891_200), Some(61.0), "1900-03-01");
    assert_eq!(serial(-2_203_891_201), None);
}

#[test]
fn the_same_results_give_the_same_bytes_and_an_empty_case_a_workbook() {
    let case = case(&[run("A")]);
    assert_eq!(written(&FORMAT, &case), written(&FORMAT, &case));
    let empty = sheets(&written(&FORMAT, &Case::default()));
    assert_eq!(empty.len(), 10);
    assert_eq!(empty["findings"].matches("<row ").count(), 1);
}
