use super::assets::{SCRIPT, STYLE};
use super::*;
use crate::CaseReader;
use crate::recorder::tests::records;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Text that would do something in a page, in a template, or to a reader.
const MALICIOUS: &str = "</noscript></details></script><script>alert(1)</script></style><img src=x onerror=alert(2)>\"'` --> {{ 7*7 }} {% if %} &lt; \
    \u{202e}evil\u{2066}\u{200b}\u{7}\u{1b}[2J\n\r\u{2028}<!--]]>";

/// The records of one run on this server.
fn run_on(server: &str) -> Vec<Value> {
    let mut records = records();
    records.truncate(records.iter().position(|record| record["shellsift"]["record"] == "scan_end").expect("ends") + 1);
    for record in &mut records {
        record["shellsift"]["scan_id"] = server.into();
        record["host"]["name"] = server.into();
    }
    records
}

fn of_kind<'r>(records: &'r mut [Value], kind: &str) -> Vec<&'r mut Value> {
    records.iter_mut().filter(|record| record["shellsift"]["record"] == kind).collect()
}

fn case_of(runs: &[Vec<Value>]) -> Case {
    let mut reader = CaseReader::default();
    for (number, records) in runs.iter().enumerate() {
        let text: String = records.iter().map(|record| format!("{record}\n")).collect();
        reader.add(&format!("{number}.jsonl"), text.as_bytes()).expect("records");
    }
    reader.done()
}

fn page_within(case: &Case, limits: &Limits) -> String {
    let mut out = Vec::new();
    write_within(case, limits, &mut out).expect("memory");
    String::from_utf8(out).expect("UTF-8")
}

fn page(runs: &[Vec<Value>]) -> String {
    page_within(&case_of(runs), &LIMITS)
}

/// Leaves a page for the check in a browser (`.ci/html/run.sh`), where that has asked for it.
fn keep(name: &str, page: &str) {
    if let Some(folder) = std::env::var_os("HTML_PAGES") {
        std::fs::write(std::path::Path::new(&folder).join(format!("{name}.html")), page).expect("written");
    }
}

/// The names of all tags, without those of the style and the script.
fn tags(page: &str) -> BTreeSet<String> {
    let page = page.replace(STYLE, "").replace(SCRIPT, "");
    let name = |rest: &str| rest.chars().take_while(|c| !c.is_whitespace() && *c != '>').collect::<String>();
    page.split('<').skip(1).map(|rest| name(rest).trim_start_matches('/').trim_end_matches('/').to_owned()).collect()
}

/// What a page must not have, whatever is in the records.
fn assert_inert(page: &str) {
    for (text, times) in [("<script", 1), ("</script", 1), ("<style", 1), ("</style", 1), ("<img", 0), ("<!--", 0)] {
        assert_eq!(page.matches(text).count(), times, "{text}");
    }
    assert_eq!(page.matches("<noscript").count(), page.matches("<div class=\"block later\"><noscript>\n").count());
    assert_eq!(page.matches("</noscript").count(), page.matches("</details></noscript></div>\n").count());
    assert!(!page.contains(" 49 "), "text of a record is no template");
    let odd = page.chars().find(|c| *c != '\n' && crate::text::plain(&c.to_string()) != c.to_string());
    assert_eq!(odd, None);
    let open = page.matches("<details").count();
    assert_eq!(open, page.matches("</details>").count());
}

/// Replaces each text of a record by another, where it stays a record.
fn replace_texts(record: &mut Value, with: &str) -> usize {
    fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
        match value {
            Value::String(_) => out.push(at.to_owned()),
            Value::Array(list) => list.iter().enumerate().for_each(|(n, one)| pointers(one, &format!("{at}/{n}"), out)),
            Value::Object(map) => map.iter().for_each(|(name, one)| pointers(one, &format!("{at}/{name}"), out)),
            _ => {}
        }
    }
    const KEPT: [&str; 5] =
        ["/event/module", "/event/id", "/shellsift/schema", "/shellsift/scan_id", "/shellsift/record"];
    let mut found = Vec::new();
    pointers(record, "", &mut found);
    let mut replaced = 0;
    for pointer in found.iter().filter(|pointer| !KEPT.contains(&pointer.as_str())) {
        let Some(place) = record.pointer_mut(pointer) else { continue };
        let before = std::mem::replace(place, with.into());
        if serde_json::from_value::<crate::Record>(record.clone()).is_ok() {
            replaced += 1;
        } else if let Some(place) = record.pointer_mut(pointer) {
            *place = before;
        }
    }
    replaced
}

#[test]
fn no_text_of_any_record_gets_out_of_its_place() {
    let plain = run_on("MAIL01");
    let mut malicious = run_on("MAIL01");
    let replaced: usize = malicious.iter_mut().map(|record| replace_texts(record, MALICIOUS)).sum();
    assert!(replaced > 200, "{replaced} texts");
    let page_of_plain = page(std::slice::from_ref(&plain));
    let page_of_malicious = page(&[malicious.clone()]);
    assert_inert(&page_of_plain);
    assert_inert(&page_of_malicious);
    let (tags_of_malicious, tags_of_plain) = (tags(&page_of_malicious), tags(&page_of_plain));
    // Its data flow is in its code.
    assert_eq!(tags_of_malicious.difference(&tags_of_plain).collect::<Vec<_>>(), ["mark"]);
    keep("plain", &page_of_plain);
    keep("malicious", &page_of_malicious);
    let later = page_within(&case_of(std::slice::from_ref(&malicious)), &Limits { at_once: 0, ..LIMITS });
    assert_inert(&later);
    assert_eq!(later.matches("<noscript>").count(), 1);
    keep("malicious_later", &later);
    assert!(page_of_malicious.contains("alert(1)") && page_of_malicious.contains("&lt;U+202E&gt;evil"), "it is shown");
    let mut other = plain;
    other.iter_mut().for_each(|record| record["shellsift"]["scan_id"] = "2".into());
    assert_inert(&page(&[malicious, other]));
}

#[test]
fn addresses_that_are_no_links_are_shown_as_text() {
    for (reference, links) in
        [("https://example.org/a", 1), ("javascript:alert(1)", 0), ("https://x y", 0), ("data:,x", 0)]
    {
        let mut records = run_on("MAIL01");
        for record in of_kind(&mut records, "finding") {
            record["shellsift"]["reasons"][0]["rule"]["reference"] = reference.into();
        }
        assert_eq!(page(&[records]).matches(">reference</a>").count(), links, "{reference}");
    }
}

#[test]
fn texts_of_a_megabyte_are_cut_and_their_rest_is_counted() {
    let long = "A".repeat(1 << 20);
    let mut records = run_on("MAIL01");
    let usual = page(&[records.clone()]).len();
    const PLACES: [&str; 14] = [
        "/file/path",
        "/error/message",
        "/url/path",
        "/shellsift/reasons/0/title",
        "/shellsift/reasons/0/data_flow/0",
        "/shellsift/reasons/0/locations/0/excerpt",
        "/shellsift/hit/title",
        "/shellsift/hit/client",
        "/shellsift/hit/locations/0/excerpt",
        "/shellsift/requests/locations/0/excerpt",
        "/shellsift/requests/user_agents/0/value",
        "/shellsift/timeline_event/description",
        "/shellsift/run/command_line",
        "/shellsift/summary/description",
    ];
    let mut replaced = 0;
    for place in records
        .iter_mut()
        .flat_map(|record| PLACES.map(|place| record.pointer_mut(place).map(|place| *place = long.as_str().into())))
    {
        replaced += usize::from(place.is_some());
    }
    assert!(replaced > PLACES.len(), "{replaced}");
    let page = page(&[records]);
    assert!(page.len() < usual + (1 << 20), "{} bytes", page.len());
    keep("long", &page);
    assert!(page.contains("... [1,044,576 more characters are not shown]"));
    assert_inert(&page);
}

#[test]
fn the_policy_allows_the_one_style_and_the_one_script_alone() {
    let page = page(&[run_on("MAIL01")]);
    let between = |start: &str, end: &str| {
        let rest = page.split_once(start).expect(start).1;
        rest.split_once(end).expect(end).0
    };
    let policy = between("http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    let style = environment::digest(between("<style>", "</style>"));
    let script = environment::digest(between("<script>", "</script>"));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
        )
    );
    assert!(page.find("Content-Security-Policy") < page.find("<style>"));
    for needle in ["innerHTML", "outerHTML", "insertAdjacent", "eval(", "fetch(", "XMLHttp", "import(", "http:"] {
        assert!(!SCRIPT.contains(needle), "{needle}");
    }
    assert!(
        !STYLE.contains("url(")
            && !STYLE.contains("@import")
            && !page.contains(" style=\"")
            && !page.contains(" onclick")
    );
}

#[test]
fn a_case_without_anything_is_a_page() {
    let page = page_within(&Case::default(), &LIMITS);
    assert_inert(&page);
    for text in ["No results.", "No findings.", "No logs were read.", "No Exchange installation was found"] {
        assert!(page.contains(text), "{text}");
    }
    keep("empty", &page);
    assert!(!page.contains("id=\"timeline\"") && !page.contains("id=\"actions\""));
}

#[test]
fn everything_that_is_known_of_a_finding_is_in_the_page() {
    let page = page(&[run_on("MAIL01")]);
    for text in [
        "COMPROMISED",
        "compromised",
        "What to do now",
        "remove_files",
        &"a".repeat(64),
        &"b".repeat(40),
        &"c".repeat(32),
        "executes at",
        "served as a static file",
        "denied",
        "patch level",
        "data flow:",
        "<mark",
        "signature/r",
        "1970-01-01T00:00:00.0000001Z",
        "deleted from",
        "in shadow copy",
        "$FILE_NAME created",
        "1 request by 1 client",
        "log_coverage",
        "gap from",
        "CVE-1",
        "program SHA-256",
        "original times: created",
        "Defender exclusion",
        "first lines",
        "file_locked",
    ] {
        let is_id = ["COMPROMISED", "remove_files", "log_coverage", "file_locked", "<mark"].contains(&text);
        assert!(page.contains(text) != is_id, "{text}");
    }
    assert!(page.contains("file locked"), "kinds are words");
}

#[test]
fn servers_are_told_apart_and_rarity_is_counted() {
    let (one, two, mut three) = (run_on("MAIL01"), run_on("MAIL02"), run_on("MAIL03"));
    for record in of_kind(&mut three, "finding") {
        record["file"]["path"] = r"C:\other\rare.aspx".into();
        record["file"]["hash"]["sha256"] = "f".repeat(64).into();
    }
    let page = page(&[one, two, three]);
    assert_inert(&page);
    keep("servers", &page);
    for text in
        ["3 compromised", "MAIL01: t", "MAIL03: t", "on 2 of 3 servers", "on 1 of 3 servers", "<option>MAIL02</option>"]
    {
        assert!(page.contains(text), "{text}");
    }
    assert!(page.contains("3 of 3 servers"), "a client of all of them");
}

#[test]
fn what_is_suppressed_is_listed_with_its_reason_and_is_no_finding() {
    let page = page(&[records()]);
    let (findings, rest) = page.split_once("id=\"gaps\"").expect("section");
    assert!(rest.contains("<h3>Suppressed</h3>") && rest.contains("accepted") && rest.contains("2027-01-31"));
    assert!(rest.contains(r"C:\s.aspx") && !findings.contains(r"C:\s.aspx"));
    assert!(!self::page(&[run_on("MAIL01")]).contains("<h3>Suppressed</h3>"));
}

#[test]
fn addresses_and_accounts_are_apart() {
    let mut records = run_on("MAIL01");
    for (record, client) in of_kind(&mut records, "log_hit").into_iter().zip(["203.0.113.9:443", r"EXAMPLE\alice"]) {
        record["shellsift"]["hit"]["client"] = client.into();
    }
    let page = page(&[records]);
    let clients = page.split_once("id=\"clients\"").expect("section").1;
    let (addresses, accounts) = clients.split_once("<h3>Accounts</h3>").expect("accounts");
    assert!(addresses.contains(">203.0.113.9</bdi>") && accounts.contains(r"EXAMPLE\alice"));
}

#[test]
fn what_a_page_has_no_room_for_is_left_out_and_said() {
    let mut records = run_on("MAIL01");
    let finding = of_kind(&mut records, "finding").remove(0).clone();
    for number in 0..5 {
        let mut more = finding.clone();
        more["event"]["id"] = json!(format!("more {number}"));
        more["file"]["path"] = json!(format!(r"C:\w\{number}.aspx"));
        more["shellsift"]["level"] = json!(["critical", "high", "medium", "low", "info"][number]);
        if number > 1 {
            more["shellsift"]["reasons"][0]["title"] = json!(format!("title {number}"));
        }
        records.insert(1, more);
    }
    let case = case_of(&[records]);
    let page = page_within(&case, &LIMITS);
    assert_eq!((page.matches("<details class=\"f\"").count(), page.matches("class=\"same\"").count()), (6, 0));
    let place = |path: &str| page.find(&format!("{path}.aspx</bdi></span><span class=\"time\"")).expect(path);
    assert!(place("0") < place("1") && place("1") < place("2") && place("3") < place("4"), "the most urgent first");

    let tight =
        Limits { findings: 5, at_once: 5, in_full: 1, with_code: usize::MAX, with_all: 1, hits: 1, with_lines: 0 };
    let page = page_within(&case, &tight);
    assert_eq!(page.matches("<details class=\"f\"").count(), 5);
    assert!(page.contains("1 more finding, the least urgent, is not in this page"));
    assert!(
        page.contains("Reasons and code as of <a href=\"#f0\">") && page.contains("findings refer to an earlier one")
    );
    assert!(page.contains("(1 line is in the JSONL output)"), "lines of hits");
    assert!(page.contains("findings, the least urgent, have no more than SHA-256"));

    assert!(!page.contains("have no SHA-1"), "what is said of them is less");

    let page = page_within(&case, &Limits { with_code: 1, with_all: usize::MAX, ..tight });
    assert!(page.contains("findings, the least urgent, have no code in this page"));
    assert!(page.contains("findings, less urgent, have no SHA-1 and MD5") && !page.contains("no more than SHA-256"));
    assert_inert(&page);
}

/// A record of a finding for each number, with these changes.
fn findings(count: usize, change: impl Fn(usize, &mut Value)) -> Vec<Value> {
    let mut records = run_on("MAIL01");
    let finding = of_kind(&mut records, "finding").remove(0).clone();
    records.retain(|record| record["shellsift"]["record"] != "finding");
    for number in 0..count {
        let mut more = finding.clone();
        more["event"]["id"] = json!(format!("{number}"));
        more["file"]["path"] = json!(format!(r"C:\w\{number:03}.aspx"));
        change(number, &mut more);
        records.insert(1, more);
    }
    records
}

#[test]
fn findings_after_the_first_ones_are_left_to_the_script_and_to_browsers_without_one() {
    let case = case_of(&[findings(120, |_, _| ())]);
    for (at_once, blocks, later) in [(200, 3, 0), (120, 3, 0), (100, 3, 1), (70, 3, 1), (50, 3, 2), (0, 3, 3)] {
        let page = page_within(&case, &Limits { at_once, ..LIMITS });
        assert_inert(&page);
        assert_eq!(page.matches("<div class=\"block").count(), blocks);
        assert_eq!(page.matches("<noscript>").count(), later, "{at_once}");
        assert_eq!(page.matches("<details class=\"f\"").count(), 120);
        let (_, rest) = page.split_once("id=\"findings\"").expect("section");
        let section = rest.split_once("</section>").expect("its end").0;
        assert_eq!(section.matches("<div").count(), section.matches("</div>").count(), "{at_once}");
        assert!(page.contains("data-findings=\"120\" data-block=\"50\""));
    }
    let page = page_within(&case, &Limits { at_once: 0, findings: 60, ..LIMITS });
    assert!(page.contains("data-findings=\"60\"") && page.contains("60 more findings, the least urgent, are not"));
}

#[test]
fn only_findings_that_look_the_same_refer_to_each_other() {
    let tight = Limits { in_full: 1, ..LIMITS };
    let same = |change: &dyn Fn(usize, &mut Value)| {
        let page = page_within(&case_of(&[findings(2, change)]), &tight);
        page.matches("class=\"same\"").count()
    };
    let reason = |number: usize, record: &mut Value, name: &str, values: [Value; 2]| {
        record["shellsift"]["reasons"][0][name] = values[number].clone();
    };
    assert_eq!(same(&|_, _| ()), 1);
    assert_eq!(same(&|n, record| reason(n, record, "score", [json!(50), json!(60)])), 0);
    assert_eq!(same(&|n, record| reason(n, record, "title", [json!("one"), json!("two")])), 0);
    assert_eq!(same(&|n, record| reason(n, record, "data_flow", [json!(["a"]), json!(["b"])])), 0);
}

#[test]
fn a_finding_without_code_does_not_say_that_its_code_is_elsewhere() {
    let tight = Limits { in_full: 0, with_code: 0, ..LIMITS };
    let sentence = "The code is not in this page";
    let no_code = findings(1, |_, record| {
        for reason in record["shellsift"]["reasons"].as_array_mut().expect("reasons") {
            reason["locations"] = json!([]);
        }
    });
    assert!(!page_within(&case_of(&[no_code]), &tight).contains(sentence));
    assert!(page_within(&case_of(&[findings(1, |_, _| ())]), &tight).contains(sentence));
}

#[test]
fn a_finding_with_too_much_of_a_kind_says_how_much_is_left_out() {
    let many = |count: usize, one: &Value| Value::Array(vec![one.clone(); count]);
    let page = page(&[findings(1, |_, record| {
        let reason = &mut record["shellsift"]["reasons"][0];
        reason["data_flow"] = many(60_000, &json!("x"));
        let step =
            json!({ "offset": 1, "length": 1, "encodings": "stored", "line": 1, "excerpt": "y", "role": "step" });
        reason["locations"] = many(60_000, &step);
        let other = json!({ "id": "a/b", "kind": "behaviour", "score": 1, "title": "t", "locations": [] });
        record["shellsift"]["reasons"].as_array_mut().expect("reasons").extend(vec![other; 120]);
    })]);
    for text in [" and 59,950 more names</div>", "21 more reasons are in the JSONL output"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!self::page(&[findings(1, |_, _| ())]).contains("more reason"));
}

#[test]
fn ten_thousand_findings_of_two_hundred_servers_are_a_page_of_bounded_size() {
    let levels = ["critical", "high", "medium", "low", "info"];
    let runs = (0..200).map(|server| {
        let mut records = run_on(&format!("MAIL{server:03}"));
        let finding = of_kind(&mut records, "finding").remove(0).clone();
        records.retain(|record| record["shellsift"]["record"] != "finding");
        for number in 0..50 {
            let mut more = finding.clone();
            more["event"]["id"] = json!(format!("{number}"));
            more["file"]["path"] = json!(format!(r"C:\inetpub\wwwroot\aspnet_client\system_web\{number}.aspx"));
            more["shellsift"]["level"] = json!(levels[number % 5]);
            // Every second one is unlike all others.
            if number % 2 == 0 {
                more["file"]["hash"]["sha256"] = json!(format!("{:064x}", server * 100 + number));
                more["shellsift"]["reasons"][0]["locations"][0]["excerpt"] =
                    json!(format!("run(Form[\"{server} {number}\"])"));
            }
            records.insert(1, more);
        }
        records
    });
    let page = page(&runs.collect::<Vec<_>>());
    keep("large", &page);
    assert_eq!(page.matches("<details class=\"f\"").count(), 10_000);
    assert!(page.len() < 15 << 20, "{} bytes", page.len());
    assert!(page.contains("findings refer to an earlier one") && page.contains("have no code in this page"));
}

#[test]
fn the_picture_begins_where_the_events_are_and_has_a_bounded_number_of_marks() {
    let mut records = run_on("MAIL01");
    let event = of_kind(&mut records, "timeline_event").remove(0).clone();
    let at = |number: usize, time: &str| {
        let mut event = event.clone();
        event["event"]["id"] = json!(format!("event {number}"));
        event["@timestamp"] = json!(time);
        event["shellsift"]["timeline_event"]["description"] = json!(format!("event {number}"));
        event
    };
    records.retain(|record| record["shellsift"]["record"] != "timeline_event");
    records.push(at(0, "1980-01-01T00:00:00Z"));
    records.extend(
        (1..6_000).map(|n| at(n, &format!("2021-03-{:02}T{:02}:{:02}:{:02}Z", 1 + n % 9, n % 24, n % 60, n / 100))),
    );
    let case = case_of(&[records]);
    let servers = servers::Servers::of(&case);
    let view = serde_json::to_value(timeline::timeline(&case, &servers).expect("events")).expect("JSON");
    assert!(
        view["from"].as_i64() > Some(1_614_000_000) && view["first"].as_i64() < Some(320_000_000),
        "{}",
        view["from"]
    );
    assert_eq!(view["partial"], true);
    let marks: Vec<&Value> =
        view["rows"].as_array().expect("rows").iter().flat_map(|row| row["marks"].as_array().expect("marks")).collect();
    assert!(marks.len() <= 3_000 && marks.len() > 10, "{}", marks.len());
    assert!(!view["merged"].as_str().expect("text").is_empty());
    assert_eq!(marks.iter().filter(|mark| mark["outside"] == true).count(), 1);
    assert!((1..=9).contains(&view["ticks"].as_array().expect("ticks").len()));
    assert_eq!(view["list_left_out"].as_u64(), Some(6_000 - 2_000));
}

/// The timeline of these times of each run.
fn timeline_of(runs: &[(&str, &[&str])]) -> Value {
    let runs = runs.iter().map(|(server, times)| {
        let mut records = run_on(server);
        let event = of_kind(&mut records, "timeline_event").remove(0).clone();
        records.retain(|record| record["shellsift"]["record"] != "timeline_event");
        for (number, time) in times.iter().enumerate() {
            let mut event = event.clone();
            event["event"]["id"] = json!(format!("event {number}"));
            event["@timestamp"] = json!(time);
            records.push(event);
        }
        records
    });
    let case = case_of(&runs.collect::<Vec<_>>());
    let servers = servers::Servers::of(&case);
    serde_json::to_value(timeline::timeline(&case, &servers).expect("events")).expect("JSON")
}

#[test]
fn events_of_one_of_several_servers_are_in_its_row() {
    let times: &[&str] = &["2021-03-03T00:00:00Z", "2021-03-04T00:00:00Z", "2021-03-05T00:00:00Z"];
    for runs in [[("MAIL01", times), ("MAIL02", &[])], [("MAIL01", &[]), ("MAIL02", times)]] {
        let view = timeline_of(&runs);
        let rows = view["rows"].as_array().expect("rows");
        let marks = rows.iter().map(|row| row["marks"].as_array().expect("marks").len());
        assert_eq!((rows.len(), marks.sum::<usize>(), &view["total"]), (1, 3, &json!(3)));
    }
}

#[test]
fn a_server_with_a_long_name_does_not_cover_the_marks() {
    let times: &[&str] = &["2021-03-03T00:00:00Z"];
    let long = "mail01.exchange.\u{202e}corp.example.org";
    let view = timeline_of(&[("MAIL01", times), (long, times)]);
    let names = |name: &str| [0, 1].map(|row| view["rows"][row][name].as_str().expect("text").to_owned());
    assert!(names("name").contains(&"MAIL01".to_owned()) && names("name").iter().all(|name| name.len() <= 22));
    assert!(names("name").contains(&"mail01.exchange.<U+...".to_owned()), "{:?}", names("name"));
    assert!(names("whole_name").contains(&long.to_owned()) && names("whole_name").contains(&String::new()));
}

#[test]
fn of_few_events_too_one_that_is_far_from_the_others_is_left_out_at_first() {
    let near = [
        "2021-03-03T00:00:00Z",
        "2021-03-04T00:00:00Z",
        "2021-03-05T00:00:00Z",
        "2021-03-06T00:00:00Z",
        "2021-03-07T00:00:00Z",
    ];
    let far = [&["1980-01-01T00:00:00Z"], &near[..]].concat();
    assert_eq!(timeline_of(&[("MAIL01", &near)])["partial"], false);
    let view = timeline_of(&[("MAIL01", &far)]);
    assert_eq!((&view["partial"], view["from"].as_i64() > Some(1_614_000_000)), (&json!(true), true));
}

#[test]
fn a_full_disk_is_an_error() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.0 {
                0 => Err(io::Error::from(io::ErrorKind::StorageFull)),
                _ => {
                    let taken = bytes.len().min(self.0);
                    self.0 -= taken;
                    Ok(taken)
                }
            }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let case = case_of(&[run_on("MAIL01")]);
    for room in [0, 100, 20_000] {
        let error = write(&case, Style::default(), &mut Full(room)).expect_err("full");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
