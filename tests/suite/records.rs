//! The JSONL output as other programs read it: every record of the fixture runs against the published schema and against the list of
//! fields of Elastic Common Schema; and how outputs end when nobody reads them.

use crate::support::{self, hive::Written, program, run, scan, schema, server};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;

fn repository(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn published() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| serde_json::from_str(&repository("docs/schema/record.schema.json")).unwrap())
}

/// The lines of every verb that writes JSONL, run by run, with the preliminary ones.
fn runs() -> &'static [Vec<Value>] {
    static RUNS: OnceLock<Vec<Vec<Value>>> = OnceLock::new();
    RUNS.get_or_init(|| {
        let (compromised, clean) = (server("compromised_2019"), server("clean_2019"));
        let (compromised, clean) = (compromised.to_str().unwrap(), clean.to_str().unwrap());
        let lines = |arguments: &[&str]| {
            let ran = run([arguments, &["-q", "-f", "jsonl"]].concat());
            ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        vec![
            lines(&["scan", compromised, "--all", "--min-level", "info", "--host", "MAIL01", "--case", "7"]),
            lines(&["scan", clean, "--max-size", "1KiB"]),
            lines(&["logs", compromised]),
        ]
    })
}

#[test]
fn every_record_of_every_verb_validates() {
    let mut kinds = BTreeSet::new();
    for record in runs().iter().flatten() {
        let errors = schema::misfits(published(), record);
        assert!(errors.is_empty(), "{errors:#?}\n{record}");
        kinds.insert(record["shellsift"]["record"].as_str().unwrap());
    }
    assert_eq!(kinds.len(), 11, "{kinds:?}");
}

#[test]
fn an_id_names_one_thing_of_a_run() {
    for records in runs() {
        let mut seen: BTreeMap<&str, &Value> = BTreeMap::new();
        for record in records.iter().filter(|record| record["shellsift"]["preliminary"] != true) {
            let id = record["event"]["id"].as_str().unwrap();
            if let Some(other) = seen.insert(id, record) {
                panic!("two records have the id {id}:\n{other}\n{record}");
            }
        }
    }
}

/// What is wrong, and how a record is made so.
type Wrong = (&'static str, &'static str, fn(&mut Value));

#[test]
fn wrong_records_are_refused() {
    let wrongs: [Wrong; 19] = [
        ("finding", "an unknown kind of record", |r| r["shellsift"]["record"] = json!("rumour")),
        ("finding", "no kind of record", |r| drop(r["shellsift"].as_object_mut().unwrap().remove("record"))),
        ("finding", "an unknown level", |r| r["shellsift"]["level"] = json!("grave")),
        ("finding", "an unknown kind of reason", |r| r["shellsift"]["reasons"][0]["kind"] = json!("hunch")),
        ("finding", "a score that is text", |r| r["shellsift"]["score"] = json!("98")),
        ("finding", "a score of a reason above a byte", |r| r["shellsift"]["reasons"][0]["score"] = json!(300)),
        ("finding", "a finding without its file", |r| drop(r.as_object_mut().unwrap().remove("file"))),
        ("finding", "a finding without reasons", |r| drop(r["shellsift"].as_object_mut().unwrap().remove("reasons"))),
        ("finding", "a finding with what a hit has", |r| r["shellsift"]["hit"] = json!({})),
        ("finding", "a field that nobody knows", |r| r["shellsift"]["mood"] = json!("good")),
        ("finding", "a top-level field that nobody knows", |r| r["mood"] = json!("good")),
        ("finding", "a time past the year 9999", |r| r["file"]["mtime"] = json!("@253402300800.000000000")),
        ("finding", "a time that is none", |r| r["@timestamp"] = json!("yesterday")),
        ("finding", "no id", |r| drop(r["event"].as_object_mut().unwrap().remove("id"))),
        ("finding", "another schema", |r| r["shellsift"]["schema"] = json!("1")),
        ("log_hit", "an unknown stage", |r| r["shellsift"]["hit"]["stage"] = json!("written")),
        ("log_hit", "a vulnerability that is a list", |r| r["vulnerability"] = json!({"id": ["CVE-2021-26855"]})),
        ("file_requests", "clients as names of fields", |r| {
            r["shellsift"]["requests"]["clients"] = json!({"203.0.113.9": 1});
        }),
        ("scan_end", "an unknown verdict", |r| r["shellsift"]["summary"]["verdict"] = json!("fine")),
    ];
    for (kind, what, change) in wrongs {
        let mut record = runs().iter().flatten().find(|one| one["shellsift"]["record"] == kind).unwrap().clone();
        assert!(schema::misfits(published(), &record).is_empty());
        change(&mut record);
        assert!(!schema::misfits(published(), &record).is_empty(), "{what} is not refused");
    }
}

/// Fields of ECS: type, whether it is a list, allowed values.
fn fields() -> BTreeMap<String, (String, bool, Vec<String>)> {
    let text = repository("fixtures/ecs/fields.tsv");
    let rows = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect::<Vec<_>>());
    rows.map(|row| {
        let allowed = row[3].split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect();
        (row[0].to_owned(), (row[1].to_owned(), row[2] == "array", allowed))
    })
    .collect()
}

/// What is wrong with a record by ECS.
fn ecs_errors(record: &Value, fields: &BTreeMap<String, (String, bool, Vec<String>)>) -> Vec<String> {
    let mut errors = Vec::new();
    let mut open: Vec<(String, &Value)> = vec![(String::new(), record)];
    while let Some((at, value)) = open.pop() {
        if at == "shellsift" {
            continue;
        }
        let known = fields.get(&at);
        if let (Value::Object(map), true) = (value, known.is_none_or(|(kind, ..)| kind != "object")) {
            let below = |name: &String| if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            open.extend(map.iter().map(|(name, value)| (below(name), value)));
            continue;
        }
        let Some((kind, is_list, allowed)) = known else {
            errors.push(format!("{at} is no field of ECS"));
            continue;
        };
        let values: Vec<&Value> = match value {
            Value::Array(list) => list.iter().collect(),
            value => vec![value],
        };
        if value.is_array() != *is_list {
            errors.push(format!("{at} is {}a list", if *is_list { "not " } else { "" }));
        }
        for value in values {
            let text = value.as_str();
            let fits = match kind.as_str() {
                "keyword" | "match_only_text" | "wildcard" | "constant_keyword" => {
                    text.is_some_and(|text| !text.is_empty())
                }
                "date" => text.is_some_and(schema::is_date_time),
                "ip" => text.is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok()),
                "long" => value.is_i64() || value.is_u64(),
                "float" => value.is_number(),
                "boolean" => value.is_boolean(),
                "object" => value.as_object().is_some_and(|map| map.values().all(Value::is_string)),
                other => panic!("{at}: type {other}"),
            };
            if !fits {
                errors.push(format!("{at} is no {kind}: {value}"));
            }
            if !allowed.is_empty() && !text.is_some_and(|text| allowed.iter().any(|one| one == text)) {
                errors.push(format!("{at} may not be {value}"));
            }
        }
    }
    errors
}

#[test]
fn every_other_field_is_one_of_elastic_common_schema() {
    let fields = fields();
    let categories = repository("fixtures/ecs/categories.tsv");
    let types: BTreeMap<&str, BTreeSet<&str>> = categories
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(category, types)| (category, types.split(',').collect()))
        .collect();
    for record in runs().iter().flatten() {
        let errors = ecs_errors(record, &fields);
        assert!(errors.is_empty(), "{errors:#?}\n{record}");
        let texts = |name: &str| record["event"][name].as_array().unwrap().iter().map(|value| value.as_str().unwrap());
        for category in texts("category") {
            assert!(texts("type").all(|kind| types[category].contains(kind)), "{category}: {}", record["event"]);
        }
        assert!(!record["event"]["category"].as_array().unwrap().is_empty());
        let version = record["ecs"]["version"].as_str().unwrap();
        assert!(repository("fixtures/ecs/fields.tsv").lines().next().unwrap().contains(&format!(" v{version},")));
    }
    // The check sees what it is for.
    let record = &runs()[0][0];
    for (at, wrong) in [
        ("event", json!({"kind": "rumour"})),
        ("source", json!({"ip": "EXAMPLE\\alice"})),
        ("vulnerability", json!({"id": ["CVE-1"]})),
        ("event", json!({"category": "host"})),
        ("file", json!({"mtime": "@253402300800.0"})),
        ("file", json!({"colour": "red"})),
        ("file", json!({"size": "1"})),
    ] {
        let mut wrong_record = record.clone();
        wrong_record[at] = wrong;
        assert!(!ecs_errors(&wrong_record, &fields).is_empty(), "{at}");
    }
}

#[test]
fn the_run_says_who_made_it() {
    let start = &runs()[0][0];
    let made = &start["shellsift"]["run"];
    let line = made["command_line"].as_str().unwrap();
    assert!(line.contains("shellsift scan ") && line.contains("--host MAIL01"), "{line}");
    let is_hash = |value: &Value| value.as_str().is_some_and(|text| text.len() == 64);
    assert!(is_hash(&made["program_sha256"]) && is_hash(&made["rules_sha256"]), "{made}");
    assert!(made["reference_data"].as_str().is_some_and(|date| date.starts_with("20")), "{made}");
    assert_eq!(made["host_source"], "--host");
    let folder = support::folder();
    let target = folder.path().join("in");
    std::fs::create_dir(&target).unwrap();
    std::fs::write(target.join("x.aspx"), support::stand_in()).unwrap();
    let rule = folder.path().join("mine.yar");
    std::fs::write(&rule, "rule mine { strings: $a = \"abcdef\" condition: $a }").unwrap();
    let (_, records) = scan(&target, &["-r", rule.to_str().unwrap()]);
    let own = &records[0]["shellsift"]["run"]["rules_sha256"];
    assert!(is_hash(own) && own != &made["rules_sha256"]);
}

#[test]
fn the_host_has_the_name_of_its_registry() {
    let folder = support::folder();
    let config = folder.path().join("Windows/System32/config");
    std::fs::create_dir_all(&config).unwrap();
    let hive = Written::new("ROOT")
        .text(r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName", "OLD")
        .text(r"ControlSet002\Control\ComputerName\ComputerName", "ComputerName", "EXCH\u{1b}02")
        .dword("Select", "Current", 2);
    std::fs::write(config.join("SYSTEM"), hive.bytes()).unwrap();
    std::fs::create_dir_all(folder.path().join("inetpub/wwwroot")).unwrap();
    std::fs::write(folder.path().join("inetpub/wwwroot/x.aspx"), support::stand_in()).unwrap();
    let (_, records) = scan(folder.path(), &[]);
    assert!(records.iter().all(|record| record["host"]["name"] == "EXCH02"), "{}", records[0]);
    assert_eq!(records[0]["shellsift"]["run"]["host_source"], "SYSTEM hive");
    let (_, records) = scan(folder.path(), &["--host", "OTHER"]);
    assert_eq!(records[0]["host"]["name"], "OTHER");
    let (_, records) = scan(&folder.path().join("inetpub"), &[]);
    assert!(records[0].get("host").is_none(), "nothing says so");
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_every_output_quietly() {
    let target = server("compromised_2019");
    let target = target.to_str().unwrap();
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        writer
    };
    for arguments in [
        &["scan", target, "-f", "csv"][..],
        &["scan", target, "-f", "table"],
        &["scan", target, "-f", "jsonl"],
        &["logs", target],
        &["sites", target],
        &["health", target],
        &["rules", "list"],
        &["man"],
    ] {
        let output = program().args(arguments).stdout(closed()).stderr(Stdio::piped()).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), error.as_str()), (Some(2), ""), "{arguments:?}");
        let output = program().args(arguments).stdout(closed()).stderr(closed()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?} with a closed standard error");
    }
    let output = program().args(["scan", "/nowhere/at/all"]).stderr(closed()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_pipe_loses_nothing_that_logs_show() {
    let target = server("compromised_2019");
    let ran = run(["logs", target.to_str().unwrap(), "-q"]);
    let hits = runs()[2].iter().filter(|record| record["shellsift"]["record"] == "log_hit");
    let hits: Vec<&Value> = hits.filter(|record| record["shellsift"]["preliminary"] != true).collect();
    let lines: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("log\t")).collect();
    assert_eq!(lines.len(), hits.len());
    for hit in hits {
        let own = &hit["shellsift"]["hit"];
        let holds = |line: &&&str| {
            let cells: Vec<&str> = line.split('\t').collect();
            cells[3] == own["check"] && cells[2] == own["stage"] && cells[4] == own["client"].as_str().unwrap_or("-")
        };
        let line = lines.iter().find(holds).unwrap_or_else(|| panic!("{hit}"));
        let locations = own["locations"].as_array().unwrap();
        assert!(locations.iter().all(|one| line.contains(one["path"].as_str().unwrap())), "{line}");
    }
    assert!(ran.out.contains("\n# logs\n"), "what the logs cover");
}

#[test]
fn an_extension_without_a_format_is_refused() {
    let (target, folder) = (support::folder(), support::folder());
    for name in ["x.pdf", "x.doc", "x.json"] {
        let file = folder.path().join(name);
        let ran = run(["scan", "--no-logs", target.path().to_str().unwrap(), "-o", file.to_str().unwrap()]);
        assert_eq!(ran.code, 2, "{}", ran.err);
        assert!(ran.err.contains("no format has the extension") && !file.exists(), "{}", ran.err);
    }
}
