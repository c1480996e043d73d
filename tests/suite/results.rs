//! The verbs over results, suppression, the configuration file, and output files that are whole or not there.
#![cfg(unix)]

use crate::support::{self, of_kind, program, records};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A folder with a page that is found, and a folder for outputs.
struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let case = Self { folder: support::folder() };
        fs::create_dir(case.pages()).unwrap();
        fs::create_dir(case.out()).unwrap();
        fs::write(case.pages().join("x.aspx"), support::stand_in()).unwrap();
        case
    }

    fn pages(&self) -> PathBuf {
        self.folder.path().join("pages")
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.out().join(name)
    }

    /// Scans the pages into a file, as this host.
    fn scan(&self, host: &str, name: &str, more: &[&str]) -> Option<i32> {
        let (pages, file) = (self.pages(), self.file(name));
        let mut command = program();
        command.args(["scan", "-q", "-f", "jsonl", "--host", host, "--force", "-o"]).arg(file).arg(pages).args(more);
        command.output().unwrap().status.code()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(self.out()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn run(verb: &str, arguments: &[&Path]) -> Output {
    program().arg(verb).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn results_of_several_servers_are_written_in_any_format_with_the_most_urgent_exit_code() {
    let case = Case::new();
    assert_eq!((case.scan("MAIL01", "a.jsonl", &[]), case.scan("MAIL02", "b.jsonl", &[])), (Some(1), Some(1)));
    let merged = run("report", &[&case.out(), Path::new("-f"), Path::new("jsonl")]);
    assert_eq!(merged.status.code(), Some(1), "{}", text(&merged.stderr));
    let merged = records(&text(&merged.stdout));
    assert_eq!((of_kind(&merged, "finding").len(), of_kind(&merged, "scan_end").len()), (2, 2));
    let csv = case.file("all.csv");
    let written = run("report", &[&case.file("b.jsonl"), &case.file("a.jsonl"), Path::new("-o"), &csv]);
    assert_eq!(written.status.code(), Some(1));
    let rows = fs::read_to_string(&csv).unwrap();
    assert!(rows.contains("MAIL01") && rows.contains("MAIL02") && rows.lines().count() == 3, "{rows}");
    // Nothing found, and complete: 0. The same without its end: 3.
    fs::write(case.pages().join("x.aspx"), "<html></html>").unwrap();
    let clean = case.scan("MAIL03", "c.jsonl", &["--exit-zero"]);
    assert_eq!(clean, Some(0));
    let jsonl = [Path::new("-f"), Path::new("jsonl")];
    let complete = records(&fs::read_to_string(case.file("c.jsonl")).unwrap())
        .iter()
        .any(|record| record["shellsift"]["complete"] == true);
    let code = if complete { 0 } else { 3 };
    assert_eq!(run("report", &[&case.file("c.jsonl"), jsonl[0], jsonl[1]]).status.code(), Some(code));
    let whole = fs::read_to_string(case.file("c.jsonl")).unwrap();
    fs::write(case.file("c.jsonl"), &whole[..whole.len() - 30]).unwrap();
    let cut = run("report", &[&case.file("c.jsonl"), jsonl[0], jsonl[1]]);
    assert_eq!(cut.status.code(), Some(3));
    assert!(text(&cut.stderr).contains("cut in the middle of a record"), "{}", text(&cut.stderr));
}

#[test]
fn what_is_no_result_ends_with_2_and_no_input_is_overwritten() {
    let case = Case::new();
    case.scan("MAIL01", "a.jsonl", &[]);
    fs::write(case.file("other.txt"), "LEVEL\tSCORE\n").unwrap();
    let before = fs::read(case.file("a.jsonl")).unwrap();
    let other = run("report", &[&case.file("a.jsonl"), &case.file("other.txt"), Path::new("-o"), &case.file("x.csv")]);
    assert_eq!(other.status.code(), Some(2));
    assert!(text(&other.stderr).contains("is not a JSONL output of shellsift"), "{}", text(&other.stderr));
    let own = case.file("a.jsonl");
    let over = program().args(["report", "-f", "jsonl", "--force", "-o"]).args([&own, &own]).output().unwrap();
    assert_eq!(over.status.code(), Some(2));
    assert!(text(&over.stderr).contains("one of the inputs"), "{}", text(&over.stderr));
    assert!(fs::read(&own).unwrap() == before);
    assert_eq!(case.names(), ["a.jsonl", "other.txt"], "nothing half is left");
}

#[test]
fn differences_alert_on_what_is_new() {
    let case = Case::new();
    case.scan("MAIL01", "a.jsonl", &[]);
    let (a, b) = (case.file("a.jsonl"), case.file("b.jsonl"));
    let same = run("diff", &[&a, &a]);
    assert!(matches!(same.status.code(), Some(0 | 3)), "{}", text(&same.stdout));
    fs::write(case.pages().join("y.aspx"), support::stand_in()).unwrap();
    case.scan("MAIL01", "b.jsonl", &[]);
    let new = run("diff", &[&a, &b]);
    assert_eq!(new.status.code(), Some(1));
    assert!(text(&new.stdout).contains("NEW ") && text(&new.stdout).contains("y.aspx"), "{}", text(&new.stdout));
    let gone = run("diff", &[&b, &a]);
    assert_ne!(gone.status.code(), Some(1));
    assert!(text(&gone.stdout).contains("GONE "), "{}", text(&gone.stdout));
}

#[test]
fn files_without_a_finding_are_compared_where_all_files_have_records() {
    let case = Case::new();
    let page = |name: &str, text: &str| fs::write(case.pages().join(name), format!("<html>{text}</html>")).unwrap();
    ["same.aspx", "changed.aspx", "gone.aspx"].iter().for_each(|name| page(name, name));
    for more in [&["--all"][..], &["--all", "--min-level", "critical"]] {
        case.scan("MAIL01", "a.jsonl", more);
        let all = records(&fs::read_to_string(case.file("a.jsonl")).unwrap());
        let files = ["finding", "examined"].iter().flat_map(|kind| of_kind(&all, kind));
        let files: BTreeSet<String> = files.map(|record| record["file"]["path"].to_string()).collect();
        assert_eq!(files.len(), 4, "{files:?}");
    }
    case.scan("MAIL01", "c.jsonl", &[]);
    case.scan("MAIL01", "a.jsonl", &["--all"]);
    page("changed.aspx", "other");
    page("new.aspx", "new");
    fs::remove_file(case.pages().join("gone.aspx")).unwrap();
    case.scan("MAIL01", "b.jsonl", &["--all"]);
    let diff = run("diff", &[&case.file("a.jsonl"), &case.file("b.jsonl")]);
    assert_ne!(diff.status.code(), Some(1), "files alone alert nobody: {}", text(&diff.stdout));
    let out = text(&diff.stdout);
    assert!(out.contains("files: 1 new, 1 changed, 1 gone, 1 the same\n"), "{out}");
    let without = run("diff", &[&case.file("c.jsonl"), &case.file("b.jsonl")]);
    let out = text(&without.stdout);
    assert!(
        out.contains("are not compared: only the newer results have records of them") && !out.contains("files:"),
        "{out}"
    );
}

#[test]
fn what_is_suppressed_is_counted_and_an_error_in_the_list_ends_the_run() {
    let case = Case::new();
    let list = case.file("s.csv");
    fs::write(&list, "path,reason,expires\n*x.aspx,our own,2999-01-01\n*x.aspx,older,2020-01-01\n").unwrap();
    let code = case.scan("MAIL01", "a.jsonl", &["--suppress", list.to_str().unwrap()]);
    assert_ne!(code, Some(1), "it counts for nothing");
    let all = records(&fs::read_to_string(case.file("a.jsonl")).unwrap());
    let finding = of_kind(&all, "finding")[0];
    assert_eq!(finding["shellsift"]["suppressed"]["reason"], "our own");
    let summary = &of_kind(&all, "scan_end")[0]["shellsift"]["summary"];
    assert_eq!(summary["suppressed"]["findings"], 1);
    assert!(summary["description"].as_str().unwrap().ends_with("; 1 finding suppressed"), "{summary}");
    let discovered = of_kind(&all, "scan_start")[0]["shellsift"]["run"]["discovered"].to_string();
    assert!(discovered.contains("expired on 2020-01-01"), "{discovered}");
    // Later, without having been so when it was found.
    case.scan("MAIL01", "b.jsonl", &[]);
    let unsuppressed = case.file("b.jsonl");
    let given: [&Path; 5] = [&unsuppressed, Path::new("--suppress"), &list, Path::new("-f"), Path::new("jsonl")];
    let later = run("report", &given);
    assert_ne!(later.status.code(), Some(1), "{}", text(&later.stdout));
    assert!(text(&later.stdout).contains("1 finding suppressed"));
    fs::write(&list, "path,reason\nC:\\x,\n").unwrap();
    let wrong = run("report", &given);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("s.csv, line 2: has no reason"), "{}", text(&wrong.stderr));
}

#[test]
fn a_configuration_file_is_read_where_it_is_named_and_nowhere_else() {
    let case = Case::new();
    fs::write(case.file("shellsift.toml"), "exit-zero = true\nformat = \"csv\"\n").unwrap();
    let scan = |more: &[&str]| {
        let mut command = program();
        command.current_dir(case.out()).args(["scan", "-q"]).arg(case.pages()).args(more);
        let ran = command.output().unwrap();
        (ran.status.code(), text(&ran.stdout))
    };
    assert_eq!(scan(&[]).0, Some(1), "what lies in the current folder may be anyone's");
    let (code, out) = scan(&["--config", "shellsift.toml"]);
    assert!(code == Some(0) && out.starts_with("level,score,"), "{code:?} {out}");
    let (_, out) = scan(&["--config", "shellsift.toml", "--json"]);
    assert!(out.contains("--config shellsift.toml: --exit-zero, sha256 "), "{out}");
}

#[test]
fn a_full_disk_leaves_no_file() {
    let case = Case::new();
    case.scan("MAIL01", "a.jsonl", &[]);
    let mut ids = Vec::new();
    for format in shellsift::report::FORMATS {
        let (input, out) = (case.file("a.jsonl"), case.file(&format!("x.{}", format.extension)));
        // The shell counts in blocks of 512 or 1024 bytes.
        let line = format!(
            "ulimit -f 1; trap '' XFSZ; exec {} report {} -f {} -o {}",
            program().get_program().to_str().unwrap(),
            input.display(),
            format.id,
            out.display()
        );
        let limited = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
        let small = out.exists() && limited.status.code() != Some(2);
        assert!(small || limited.status.code() == Some(2), "{}: {}", format.id, text(&limited.stderr));
        if !small {
            assert!(!out.exists(), "{}", format.id);
            assert!(text(&limited.stderr).contains("cannot write"), "{}: {}", format.id, text(&limited.stderr));
        }
        let full =
            run("report", &[&input, Path::new("-f"), Path::new(format.id), Path::new("-o"), Path::new("/dev/full")]);
        assert_eq!(full.status.code(), Some(2), "{}: {}", format.id, text(&full.stderr));
        ids.push(out);
    }
    ids.iter().for_each(|file| drop(fs::remove_file(file)));
    assert_eq!(case.names(), ["a.jsonl"], "nothing half is left");
}

#[test]
fn a_package_is_whole_or_not_there_and_never_takes_the_place_of_its_input() {
    let case = Case::new();
    case.scan("MAIL01", "a.jsonl", &[]);
    let (results, package) = (case.file("a.jsonl"), case.file("case.zip"));
    let before = fs::read(&results).unwrap();
    let collect = |to: &Path, more: &[&str]| {
        let ran = program().arg("collect").arg(&results).arg("-o").arg(to).args(more).output().unwrap();
        (ran.status.code(), text(&ran.stderr) + &text(&ran.stdout))
    };
    for (to, more, why) in [
        (results.as_path(), &["--force"][..], "one of the inputs"),
        (Path::new("-"), &[], "a package is written to a file"),
        (&case.pages().join("case.zip"), &[], "inside the evidence"),
        (&package, &["--password", ""], "--password"),
        (&package, &["--max-total", "x"], "--max-total x: use a size"),
    ] {
        let (code, words) = collect(to, more);
        assert!(code == Some(2) && words.contains(why), "{words}");
    }
    assert_eq!((fs::read(&results).unwrap(), case.names()), (before, vec!["a.jsonl".to_owned()]));
    let (code, words) = collect(&package, &[]);
    assert_eq!(code, Some(0), "{words}");
    assert_eq!(
        (case.names(), fs::read_dir(case.pages()).unwrap().count()),
        (vec!["a.jsonl".into(), "case.zip".into()], 1)
    );
    let (code, words) = collect(&package, &[]);
    assert!(code == Some(2) && words.contains("--force"), "{words}");
    let verify = |bytes: &[u8]| {
        let file = case.file("copy.zip");
        fs::write(&file, bytes).unwrap();
        let ran = run("verify", &[&file]);
        (ran.status.code(), text(&ran.stdout))
    };
    let whole = fs::read(&package).unwrap();
    let (code, words) = verify(&whole);
    assert!(code == Some(0) && words.contains("this package is whole"), "{words}");
    assert_eq!(verify(&whole[..whole.len() / 2]).0, Some(3));
    let mut changed = whole.clone();
    changed[whole.len() / 3] ^= 1;
    assert!(verify(&changed).0 != Some(0));
    fs::write(case.pages().join("x.aspx"), "another").unwrap();
    let (code, words) = collect(&package, &["--force"]);
    assert!(code == Some(3) && words.contains("DIFFERENT"), "{words}");
}
