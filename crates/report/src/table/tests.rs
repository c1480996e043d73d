use super::*;
use crate::CaseReader;
use crate::recorder::tests::records;
use crate::text::columns;
use serde_json::{Value, json};

fn case_of(inputs: &[Vec<Value>]) -> Case {
    let mut reader = CaseReader::default();
    for (at, records) in inputs.iter().enumerate() {
        let text: String = records.iter().map(|record| format!("{record}\n")).collect();
        reader.add(&format!("{at}.jsonl"), text.as_bytes()).expect("read");
    }
    reader.done()
}

fn drawn(case: &Case, style: Style) -> String {
    let mut out = Vec::new();
    write(case, style, &mut out).expect("memory");
    String::from_utf8(out).expect("text")
}

fn screen(case: &Case, width: usize) -> String {
    drawn(case, Style { terminal: true, width: Some(width), ..Style::default() })
}

/// The records of one kind of the run that all tests of records have.
fn template(kind: &str) -> Value {
    let is_of = |record: &Value| record["shellsift"]["record"] == kind && record["shellsift"]["preliminary"] != true;
    records().into_iter().find(is_of).unwrap_or_else(|| panic!("no {kind}"))
}

/// A server with these records beside its start and its end.
fn server(name: &str, verdict: &str, mut records: Vec<Value>) -> Vec<Value> {
    let mut end = template("scan_end");
    end["shellsift"]["complete"] = true.into();
    end["shellsift"]["summary"] = json!({
        "verdict": verdict, "description": "words of the verdict", "interrupted": false, "findings": [], "problems": [],
        "ended": "2026-01-01T00:00:00.0000000Z", "seconds": 1.0,
    });
    records.insert(0, template("scan_start"));
    let mut coverage = template("coverage");
    coverage["shellsift"]["coverage"]["folders"] = 5.into();
    records.push(coverage);
    records.push(end);
    for record in &mut records {
        record["shellsift"]["scan_id"] = name.into();
        record["host"]["name"] = name.into();
    }
    records
}

const LONG: &str = r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\Current\themes";

fn sha256(n: usize) -> String {
    format!("{n:064x}")
}

fn finding(n: usize, level: &str, score: f64, path: &str) -> Value {
    let mut record = template("finding");
    record["event"]["id"] = format!("finding-{n}-{path}").into();
    record["file"] = json!({
        "path": path, "name": "x.aspx", "size": 1461, "created": "2021-03-03T06:59:21.3071234Z",
        "mtime": "2021-03-03T06:59:21.3071234Z", "hash": { "sha256": sha256(n) },
    });
    let own = &mut record["shellsift"];
    own.as_object_mut().expect("an object").remove("ntfs");
    (own["level"], own["score"]) = (level.into(), score.into());
    let location = json!({ "offset": 0, "length": 9, "encodings": "stored", "line": 17,
        "excerpt": "<% eval(Request[\"inert\"], \"a long line of code that goes on and on and on and on and on and on\"); %>" });
    let reason = |id: String, kind: &str, title: String| json!({ "id": id, "kind": kind, "score": 95, "title": title, "locations": [location] });
    let mut reasons = vec![
        reason(format!("behaviour/{n}"), "behaviour", format!("executes request input (eval), the {n}th")),
        reason("location/x".to_owned(), "location", "server code in a static-content folder: aspnet_client".to_owned()),
    ];
    (0..9).for_each(|m| reasons.push(reason(format!("signature/{m}"), "signature", "a rule".to_owned())));
    own["reasons"] = reasons.into();
    let endpoint = |m: usize| json!({ "url": format!("/owa/{m}/auth/x.aspx"), "site": "s", "application": "/", "pool": "p", "disposition": "executes", "handler": "h" });
    own["reachable"] = (0..4).map(endpoint).collect::<Vec<_>>().into();
    own["file_requests"] = json!({ "count": 3, "clients": 1, "first": "2021-03-03T07:01:40.0000000Z", "last": "2021-03-08T20:37:27.0000000Z" });
    record
}

/// 57 different findings, 12 of them of level medium.
fn findings() -> Vec<Value> {
    (0..57)
        .map(|n| {
            let (level, score) = if n < 45 { ("critical", 98.0) } else { ("medium", 60.0) };
            finding(n, level, score, &format!(r"{LONG}\page number {n}.aspx"))
        })
        .collect()
}

fn with_actions(mut records: Vec<Value>) -> Vec<Value> {
    let action = |n: usize| {
        let item = |m: usize| json!({ "description": format!(r"{LONG}\page number {m}.aspx, SHA-256 {}", sha256(m)), "finding": format!(r"{LONG}\page number {m}.aspx") });
        json!({ "id": format!("a{n}"), "order": n, "title": format!("step {n}"), "items": (0..3).map(item).collect::<Vec<_>>(),
            "references": ["https://learn.microsoft.com/exchange"] })
    };
    let end = records.last_mut().expect("an end");
    end["shellsift"]["summary"]["actions"] = (0..8).map(action).collect::<Vec<_>>().into();
    records
}

/// Every line fits, unless it holds a path or hash that is longer than what is beside its margin.
fn assert_fits(text: &str, width: usize) {
    for line in text.lines() {
        let is_long = line.contains(LONG);
        assert!(columns(line) <= width || is_long, "{} columns of {width}: {line}", columns(line));
    }
    let hashes = text.match_indices("sha256 ").map(|(at, _)| at + 7);
    for at in
        hashes.chain(text.match_indices("SHA-256 ").map(|(at, _)| at + 8).filter(|at| !text[*at..].starts_with("...")))
    {
        let hash = text[at..].chars().take_while(char::is_ascii_hexdigit).count();
        assert_eq!(hash, 64, "a hash is whole or not there");
    }
}

#[test]
fn a_screen_fits_its_width_and_breaks_no_path_and_no_hash() {
    let case = case_of(&[with_actions(server("MAIL01", "compromised", findings()))]);
    for width in [80, 120, 200] {
        let text = screen(&case, width);
        assert_fits(&text, width);
        assert!(text.lines().count() < 250, "{} lines at {width}", text.lines().count());
        for n in 0..57 {
            let path = format!(r"{LONG}\page number {n}.aspx");
            assert!(text.lines().any(|line| line.contains(&path)), "{path} at {width}");
        }
        assert!(text.contains(&format!("sha256 {}", sha256(0))), "the first ones are shown with their hash");
        assert_fits(
            &drawn(&case, Style { terminal: true, verbose: true, width: Some(width), ..Style::default() }),
            width,
        );
    }
}

#[test]
fn a_block_has_six_lines_at_most_with_what_decides() {
    let path = r"C:\inetpub\wwwroot\aspnet_client\x.aspx";
    let mut copies: Vec<Value> = vec![finding(1, "critical", 98.0, path)];
    copies.push(finding(1, "critical", 98.0, r"C:\inetpub\wwwroot\copy.aspx"));
    for findings in [copies[..1].to_vec(), copies] {
        let case = case_of(&[server("MAIL01", "compromised", findings.clone())]);
        for width in [80, 120, 200] {
            let text = screen(&case, width);
            let block = text.split("\n\n").find(|block| block.starts_with("CRITICAL  98")).expect("a block");
            assert!(block.lines().count() <= 6, "{width}: {block}");
            for word in [
                path,
                "modified",
                &sha256(1),
                "executes at /owa/0/auth/x.aspx and 3 more",
                "executes requ",
                "9 more reasons",
            ] {
                assert!(block.contains(word), "{word} at {width}: {block}");
            }
            assert_eq!(
                block.contains("with the same content: C:\\inetpub\\wwwroot\\copy.aspx"),
                findings.len() > 1,
                "{block}"
            );
            assert!(block.contains("server code in a"), "{width}: {block}");
            assert!(findings.len() > 1 || block.contains("| <% eval("), "{width}: {block}");
        }
    }
}

#[test]
fn the_end_comes_in_the_order_in_which_it_is_read() {
    let case = case_of(&[with_actions(server("MAIL01", "compromised", findings()))]);
    let style =
        Style { terminal: true, width: Some(120), outputs: vec!["case.jsonl (jsonl)".to_owned()], ..Style::default() };
    let text = drawn(&case, style.clone());
    let place = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word}: {text}"));
    let order = [
        "CRITICAL  98",
        "examined ",
        "LEVEL    SCORE",
        "what to do now",
        "COMPROMISED  words of the verdict",
        "outputs    case.jsonl (jsonl)",
    ];
    assert!(order.windows(2).all(|two| place(two[0]) < place(two[1])), "{text}");
    let last: Vec<&str> = text.lines().rev().take(2).collect();
    assert!(last[0].starts_with("outputs") && last[1].starts_with("COMPROMISED"), "{last:?}");
    assert!(text.contains("2021-03-03 07:01 2021-03-08 20:37") && text.contains("executes request input"), "{text}");
    assert!(text.contains("  1. step 0 (3)\n     - "), "{text}");

    let end = drawn(&case, Style { summary: true, ..style });
    assert!(end.starts_with("examined ") && text.ends_with(&end), "{end}");
}

#[test]
fn low_findings_have_a_line_and_info_is_counted() {
    let low = (0..20).map(|n| finding(n, "low", 30.0, &format!(r"C:\low{n}.aspx")));
    let info = (20..23).map(|n| finding(n, "info", 3.0, &format!(r"C:\info{n}.aspx")));
    let case = case_of(&[server("MAIL01", "suspicious", low.chain(info).collect())]);
    let text = screen(&case, 120);
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("LOW ")).collect();
    assert!(lines.len() == 15 && lines[0].contains(r"C:\low0.aspx   executes request input"), "{text}");
    assert!(text.contains("5 more of level low, 3 of level info: -v lists them"), "{text}");
    let all = drawn(&case, Style { terminal: true, verbose: true, ..Style::default() });
    assert!((0..20).all(|n| all.contains(&format!(r"C:\low{n}.aspx"))) && all.contains(r"C:\info22.aspx"), "{all}");
}

#[test]
fn forty_servers_are_one_screen_and_equal_findings_one_block() {
    let servers: Vec<Vec<Value>> = (0..40)
        .map(|n| {
            let mut found = vec![finding(1, "critical", 98.0, r"C:\x.aspx")];
            let verdict = if n == 7 { "compromised" } else { "suspicious" };
            if n == 7 {
                found.push(finding(2, "high", 80.0, r"C:\only here.aspx"));
            }
            server(&format!("MAIL{n:02}"), verdict, found)
        })
        .collect();
    let case = case_of(&servers);
    let text = screen(&case, 120);
    assert_fits(&text, 120);
    assert!(text.lines().count() < 120, "{text}");
    assert_eq!(text.matches("CRITICAL  98 MAIL").count(), 1, "{text}");
    assert!(text.contains("also, with the same content: MAIL01, MAIL02") && text.contains("40 servers"), "{text}");
    assert!(text.contains("HIGH      80 MAIL07  C:\\only here.aspx"), "{text}");
    let first = text.split("SERVER  ").nth(1).and_then(|table| table.lines().nth(1)).expect("a table of servers");
    assert!(first.starts_with("MAIL07"), "the worst first: {first}");
    assert!(text.contains("COMPROMISED  of 40 runs, compromised: 1 (MAIL07), suspicious: 39 (MAIL00,"), "{text}");
    let lines = drawn(&case, Style::default());
    assert!(lines.lines().next().is_some_and(|head| head.ends_with("\tWHY\tHOST")), "{lines}");
    assert_eq!(lines.lines().filter(|line| line.starts_with("critical\t98\t")).count(), 40);
}

#[test]
fn a_file_given_alone_is_malicious_and_a_clean_server_is_clean() {
    let mut records = server("x", "compromised", vec![finding(1, "critical", 98.0, r"C:\x.aspx")]);
    records.last_mut().expect("an end")["shellsift"]["summary"]["subject"] = "files".into();
    let text = screen(&case_of(&[records]), 80);
    assert!(text.contains("\nMALICIOUS  words") && !text.contains("COMPROMISED"), "{text}");

    let text = screen(&case_of(&[server("x", "nothing_found", Vec::new())]), 80);
    assert!(text.contains("\nNOTHING FOUND  words of the verdict\noutputs"), "{text}");
    assert!(!text.contains("LEVEL") && !text.contains("what to do"), "{text}");
    assert!(screen(&Case::default(), 80).contains("INCOMPLETE  no run was read"));
}

#[test]
fn nothing_of_the_evidence_moves_the_cursor_or_adds_a_line() {
    let malicious = "C:\\\u{1b}[2J\u{202e}\r\n# COMPROMISED\t=1\u{65e5}\u{672c}\u{65e5}\u{672c}\u{65e5}\u{672c}.aspx";
    let mut record = finding(1, "critical", 98.0, malicious);
    record["shellsift"]["reasons"][0]["title"] = malicious.into();
    record["shellsift"]["reasons"][0]["locations"][0]["excerpt"] = malicious.repeat(2000).into();
    record["shellsift"]["reachable"][0]["url"] = malicious.into();
    record["file"]["hash"]["sha256"] = malicious.into();
    record["shellsift"]["patch_level"] = malicious.into();
    let mut others: Vec<Value> =
        ["log_hit", "file_requests", "log_coverage", "timeline_event", "problem", "health"].map(template).into();
    others[0]["shellsift"]["hit"]["title"] = malicious.into();
    others[0]["shellsift"]["hit"]["client"] = malicious.into();
    others[0]["shellsift"]["level"] = "high".into();
    others[1]["shellsift"]["requests"]["user_agents"] = json!([{ "value": malicious, "count": 1 }]);
    others[3]["shellsift"]["timeline_event"]["description"] = malicious.into();
    others[4]["message"] = malicious.into();
    others.push(record);
    let mut one = with_actions(server(malicious, "compromised", others));
    let summary = &mut one.last_mut().expect("an end")["shellsift"]["summary"];
    (summary["description"], summary["gaps"]) = (malicious.into(), malicious.into());
    summary["actions"][0]["items"][0]["description"] = malicious.into();
    let mut two = one.clone();
    two.iter_mut().for_each(|record| record["shellsift"]["scan_id"] = "2".into());
    two.iter_mut().for_each(|record| record["host"]["name"] = "B".into());
    for case in [case_of(&[one.clone()]), case_of(&[one, two])] {
        for (terminal, verbose, summary) in [
            (true, false, false),
            (true, true, false),
            (true, false, true),
            (false, false, false),
            (false, true, false),
        ] {
            let text = drawn(&case, Style { terminal, verbose, summary, width: Some(80), ..Style::default() });
            let is_safe = |c: char| (!c.is_control() || c == '\n' || (c == '\t' && !terminal)) && c != '\u{202e}';
            assert!(text.chars().all(is_safe), "{text}");
            assert!(!text.lines().any(|line| line.starts_with("# COMPROMISED\t")), "{text}");
            assert!(text.contains("<U+202E>") && text.contains('\u{65e5}'), "{text}");
        }
        assert!(screen(&case, 120).lines().all(|line| columns(line) <= 240), "{}", screen(&case, 120));
    }
}

#[test]
fn colour_marks_the_level_alone() {
    let case = case_of(&[server("MAIL01", "compromised", findings())]);
    let plain = screen(&case, 120);
    let coloured = drawn(&case, Style { terminal: true, colour: true, width: Some(120), ..Style::default() });
    assert!(coloured.contains("\x1b[1;31mCOMPROMISED\x1b[0m"));
    let mut without = coloured;
    for code in ["\x1b[1;31m", "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[2m", "\x1b[0m"] {
        without = without.replace(code, "");
    }
    assert_eq!(without, plain, "colour takes no columns");
}

#[test]
fn counts_have_their_number_and_times_their_milliseconds() {
    let drawn_with = |links: u64, style: Style| {
        let mut records = server("MAIL01", "compromised", Vec::new());
        let end = records.len() - 1;
        records[end]["shellsift"]["summary"]["description"] = "exploited since 2021-03-03T06:49:46.2100000Z".into();
        records[end - 1]["shellsift"]["coverage"]["skipped"] = json!([{ "value": "link", "count": links }]);
        drawn(&case_of(&[records]), style)
    };
    let terminal = Style { terminal: true, width: Some(120), ..Style::default() };
    let text = drawn_with(2, terminal.clone());
    assert!(text.contains("skipped 2 (2 links)") && text.contains("since 2021-03-03T06:49:46.210Z\n"), "{text}");
    let exact = "since 2021-03-03T06:49:46.2100000Z\n";
    let text = drawn_with(1, Style { verbose: true, ..terminal });
    assert!(text.contains("skipped 1 (1 link)") && text.contains(exact), "{text}");
    assert!(drawn_with(1, Style::default()).contains(exact), "a pipe has all of it");
}

#[test]
fn event_logs_have_records_and_text_logs_have_lines() {
    for (path, number) in [(r"C:\Windows\x.EVTX", "record 7"), (r"C:\inetpub\x.evtx.log", "line 7")] {
        let mut hit = template("log_hit");
        hit["shellsift"]["hit"]["locations"] = json!([{ "path": path, "line": 7, "excerpt": "e" }]);
        let case = case_of(&[server("MAIL01", "compromised", vec![hit])]);
        let text = drawn(&case, Style { terminal: true, verbose: true, width: Some(120), ..Style::default() });
        assert!(text.contains(&format!("{path}, {number}\n")), "{text}");
        assert!(drawn(&case, Style::default()).contains(&format!("{path} {number}: e")), "in a pipe");
    }
}
