//! The command line: golden files for every format and the help, exit codes, options.

use crate::support::{self, golden, of_kind, problems, program, records, run, scan, server};
use std::process::Stdio;

/// What differs from run to run or from machine to machine is replaced.
fn steady(text: &str, target: &std::path::Path) -> String {
    let mut out = text
        .replace(target.canonicalize().unwrap().to_str().unwrap(), "<target>")
        .replace(target.to_str().unwrap(), "<target>");
    for (before, after) in [
        (" of 289 files   ", "\n"),
        ("\"@timestamp\":\"20", "\""),
        ("\"created\":\"20", "\""),
        ("\"scan_id\":\"", "\""),
        ("\"dataset\":\"shellsift.scan_start\",\"id\":\"", "\""),
        ("\"dataset\":\"shellsift.coverage\",\"id\":\"", "\""),
        ("\"dataset\":\"shellsift.log_coverage\",\"id\":\"", "\""),
        ("\"dataset\":\"shellsift.scan_end\",\"id\":\"", "\""),
        ("\"seconds\":", "}"),
        ("\"started\":\"", "\""),
        ("\"ended\":\"", "\""),
        ("\"command_line\":\"", "\""),
        ("\"program_sha256\":\"", "\""),
        ("\"rules_sha256\":\"", "\""),
        ("identity   ", "\n"),
        ("command    ", "\n"),
        ("run        ", "\n"),
    ] {
        let mut rest = out.as_str();
        let mut next = String::new();
        while let Some(at) = rest.find(before) {
            let value = at + before.len();
            next.push_str(&rest[..value]);
            next.push('~');
            let end = rest[value..].find(after).map_or(rest.len(), |end| value + end);
            rest = &rest[end..];
        }
        next.push_str(rest);
        out = next;
    }
    // No file of this repository holds what antivirus software looks for, not even of an inert stand-in.
    for (word, broken) in [
        ("eval(", "ev~al("),
        ("eval/", "ev~al/"),
        ("Request", "Req~uest"),
        ("request(", "req~uest("),
        ("<script", "<scr~ipt"),
        ("unsafe", "un~safe"),
    ] {
        out = out.replace(word, broken);
    }
    // The command line is repeated as what to do in the end.
    let program = env!("CARGO_BIN_EXE_shellsift");
    while let Some(start) = out.find(program) {
        let end = out[start..].find(['"', '\n']).map_or(out.len(), |end| start + end);
        out.replace_range(start..end, "~");
    }
    // The file system that the fixture was unpacked to.
    let words: Vec<String> = out
        .split_inclusive("copy on ")
        .enumerate()
        .map(|(at, part)| match at {
            0 => part.to_owned(),
            _ => {
                let end = part.find(['\n', '"']).unwrap_or(part.len());
                format!("~{}", &part[end..])
            }
        })
        .collect();
    words.concat()
}

fn to_file(format: &str, more: &[&str]) -> String {
    let folder = support::folder();
    let file = folder.path().join("out");
    let target = server("compromised_2019");
    let ran =
        run([&["scan", target.to_str().unwrap(), "-q", "-f", format, "-o", file.to_str().unwrap()], more].concat());
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, "", ""));
    steady(&std::fs::read_to_string(file).unwrap(), &target)
}

#[cfg(unix)] // Windows has no link in the tree
#[test]
fn every_format_is_as_its_golden_file() {
    // The others have ids of the run in them; tests of their own read them.
    let golden_formats = ["table", "jsonl", "csv"];
    for format in shellsift::report::FORMATS.iter().filter(|format| golden_formats.contains(&format.id)) {
        let more: &[&str] = match format.id {
            "jsonl" => &["--host", "MAIL01", "--case", "2021-7", "--examiner", "A. Example", "-t", "1"],
            _ => &[],
        };
        golden(&format!("compromised_2019.{}", format.extension), &to_file(format.id, more));
    }
    let target = server("compromised_2019");
    golden("compromised_2019.pipe.tsv", &steady(&run(["scan", target.to_str().unwrap()]).out, &target));
}

#[cfg(unix)]
#[test]
fn explain_and_sites_are_as_their_golden_files() {
    let target = server("compromised_2019");
    let page = target.join("Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/owa/auth/OutlookZH.aspx");
    let ran = run(["explain", page.to_str().unwrap()]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    golden("explain.txt", &steady(&ran.out, &target));
    let ran = run(["sites", target.to_str().unwrap()]);
    assert_eq!((ran.code, ran.err.as_str()), (3, ""), "a volume was not given");
    golden("sites.txt", &steady(&ran.out, &target));
}

#[test]
fn help_is_as_its_golden_files() {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help.scan", &["scan", "--help"]),
        ("help.explain", &["explain", "--help"]),
        ("help.logs", &["logs", "--help"]),
        ("help.health", &["health", "--help"]),
        ("help.sites", &["sites", "--help"]),
        ("help.rules", &["rules", "--help"]),
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, 0);
        golden(&format!("{name}.txt"), &ran.out.replace(".exe", ""));
    }
}

#[test]
fn completions_and_the_manual_page_are_printed() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(run(["completions", shell]).out.contains("shellsift"), "{shell}");
    }
    let page = run(["man"]).out;
    assert!(page.contains(".TH shellsift 1") && page.contains("scan"), "{page}");
}

#[test]
fn what_was_found_is_exported_as_rules_that_find_it_again() {
    let folder = support::folder();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (results, yara, sigma) = (file("results.jsonl"), file("found.yar"), file("found.yml"));
    let target = folder.path().join("wwwroot");
    std::fs::create_dir(&target).unwrap();
    std::fs::write(target.join("a.aspx"), support::stand_in()).unwrap();
    assert_eq!(run(["scan", target.to_str().unwrap(), "-q", "-f", "jsonl", "-o", &results]).code, 1);
    let ran = run(["rules", "export", &results, "-o", &yara]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("found.yar: 1 exported"), "{}", ran.out);
    assert_eq!(run(["rules", "check", &yara]).code, 0);
    let again = [
        "scan",
        target.to_str().unwrap(),
        "-q",
        "-f",
        "jsonl",
        "--no-builtin-rules",
        "--detectors",
        "signatures",
        "--rules",
        &yara,
    ];
    assert!(run(again).out.contains("signature/shellsift_"), "the rule finds the file");
    // The extension chooses the language, and an output is neither overwritten unasked nor one of the inputs.
    assert_eq!(run(["rules", "export", &results, "-o", &sigma]).code, 0);
    assert!(std::fs::read_to_string(&sigma).unwrap().starts_with("# Found files by name"));
    assert_eq!(run(["rules", "export", &results, "-o", &sigma]).code, 2);
    let before = std::fs::read(&results).unwrap();
    assert_eq!(run(["rules", "export", &results, "-o", &results, "--force"]).code, 2);
    assert_eq!(std::fs::read(&results).unwrap(), before);
    // Results that end in the middle are a gap, and what is no output of this program is refused.
    std::fs::write(file("cut.jsonl"), &before[..before.len() - 10]).unwrap();
    let ran = run(["rules", "export", &file("cut.jsonl"), "--format", "sigma"]);
    assert!(ran.code == 3 && ran.out.contains("# Not read of the results: "), "{}", ran.out);
    let ran = run(["rules", "export", &yara]);
    assert!(ran.code == 2 && ran.err.contains("is not a JSONL output of shellsift"), "{}", ran.err);
}

#[test]
fn rules_are_listed_and_checked() {
    let ran = run(["rules", "list"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for check in shellsift::checks::checks() {
        assert!(ran.out.contains(check.id) && ran.out.contains(check.title), "{}", check.id);
    }
    let folder = support::folder();
    let good = folder.path().join("good.yar");
    std::fs::write(&good, "rule mine { strings: $a = \"abcdef\" condition: $a }").unwrap();
    let ran = run([
        "rules",
        "list",
        "--no-builtin-rules",
        "--kind",
        "signature",
        "-f",
        "jsonl",
        "--rules",
        good.to_str().unwrap(),
    ]);
    let row: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&row["id"], &row["score"]), (&"signature/mine".into(), &70.into()));
    let logs = run(["rules", "list", "--kind", "log,event"]).out;
    assert!(
        logs.contains("log/proxylogon") && logs.contains("event/log_cleared") && !logs.contains("signature/"),
        "{logs}"
    );
    let ran = run(["rules", "list", "--kind", "placement"]);
    assert!(ran.code == 2 && ran.err.contains("location"), "{}", ran.err);
    let ran = run(["rules", "check", good.to_str().unwrap()]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "1 rules can be used, 0 problems\n"));
    let broken = folder.path().join("broken.yar");
    std::fs::write(&broken, "rule theirs { condition: nothing }").unwrap();
    let ran = run(["rules", "check", folder.path().to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(ran.out.contains("theirs") && ran.out.contains("broken.yar"), "{}", ran.out);
}

#[test]
fn a_check_is_explained_by_its_id() {
    let ran = run(["explain", "--check", "behaviour/eval_request_input"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    for words in [
        "executes request input (eval)",
        "T1505.003 Server Software Component: Web Shell (Persistence)",
        "Benign look-alikes",
    ] {
        assert!(ran.out.contains(words), "{}", ran.out);
    }
    assert!(run(["explain", "--check", "signature/godzilla_default_key"]).out.contains("# Godzilla"));
    assert!(run(["explain", "--check", "log/proxylogon"]).out.contains("CVE-2021-26855"));
    let ran = run(["explain", "--check", "behaviour/none"]);
    assert!(ran.code == 2 && ran.err.contains("rules list"), "{}", ran.err);
    assert_eq!(run(["explain"]).code, 2, "neither a file nor a check");
}

#[test]
fn exit_codes_follow_what_was_found() {
    let compromised = server("compromised_2019");
    assert_eq!(scan(&compromised, &["--fail-on", "critical"]).0, 1);
    assert_eq!(scan(&compromised, &["--exit-zero"]).0, 0);
    let auth = compromised.join("Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/ecp");
    assert_eq!(scan(&auth, &[]).0, 0);
    assert_eq!(
        scan(&compromised, &["--without", "signatures,behaviour,location,indicators,config,compiled", "--no-logs"]).0,
        3,
        "nothing found, a volume is missing"
    );
    assert_eq!(run(["scan", "/no/such/target"]).code, 2);
    assert_eq!(run(["scan", "--no-such-option"]).code, 2);
    if cfg!(unix) {
        assert_eq!(run(["scan"]).code, 2, "no target is this server, and this is no Windows");
    }
}

#[test]
fn two_volumes_of_one_letter_are_refused_and_a_wrongly_recognised_target_can_be_corrected() {
    let (clean, compromised) = (server("clean_2019"), server("compromised_2019"));
    let ran = run(["scan", clean.to_str().unwrap(), compromised.to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("two volumes would both be C:"), "{}", ran.err);
    let map = format!("{}=E:\\", compromised.display());
    let (_, records) = scan(&clean, &[compromised.to_str().unwrap(), "--map", &map]);
    assert!(of_kind(&records, "finding").iter().all(|record| record["file"]["drive_letter"] == "E"));
    let (_, records) = scan(&compromised, &["--target-type", "folder"]);
    let paths = of_kind(&records, "finding");
    assert!(paths.iter().all(|record| record["shellsift"]["role"] == "folder"), "{paths:?}");
}

#[test]
fn levels_choose_what_is_reported_not_what_is_counted() {
    let (_, all) = scan(&server("compromised_2019"), &[]);
    let (_, some) = scan(&server("compromised_2019"), &["--min-level", "critical"]);
    assert!(of_kind(&some, "finding").len() < of_kind(&all, "finding").len());
    let count = |records| of_kind(records, "scan_end")[0]["shellsift"]["summary"]["findings"].clone();
    assert_eq!(count(&some), count(&all));
}

#[test]
fn a_name_without_a_path_and_an_existing_file_are_handled() {
    let folder = support::folder();
    let page = folder.path().join("in/x.aspx");
    std::fs::create_dir_all(page.parent().unwrap()).unwrap();
    std::fs::write(&page, support::stand_in()).unwrap();
    let scan = |more: &[&str]| {
        program().current_dir(folder.path()).args([&["scan", "in", "-q"], more].concat()).output().unwrap()
    };
    let out = scan(&["-f", "table,jsonl", "--host", "MAIL01"]);
    assert_eq!(out.status.code(), Some(1));
    let written: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n != "in")
        .collect();
    assert!(
        written.len() == 1 && written[0].starts_with("shellsift_MAIL01_2") && written[0].ends_with(".jsonl"),
        "{written:?}"
    );
    assert_eq!(scan(&["-o", &written[0]]).status.code(), Some(2), "an existing file is not overwritten");
    assert_eq!(scan(&["-o", &written[0], "--force"]).status.code(), Some(1));
    let inside = scan(&["-f", "jsonl", "-o", "in/journal.jsonl"]);
    assert_eq!(inside.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&inside.stderr).contains("never written to"));
    assert!(!folder.path().join("in/journal.jsonl").exists());
    let beside = program().current_dir(folder.path().join("in")).args(["scan", "x.aspx", "-q", "-o", "x.csv"]).output();
    assert_eq!(beside.unwrap().status.code(), Some(1), "beside a single file is not in it");
    let itself =
        program().current_dir(folder.path().join("in")).args(["scan", "x.aspx", "-o", "x.aspx", "--force"]).output();
    assert_eq!(itself.unwrap().status.code(), Some(2), "the file itself is evidence");
    assert_eq!(std::fs::read(&page).unwrap(), support::stand_in());
}

#[test]
fn malicious_and_allowed_hashes_come_from_the_users_lists() {
    use sha2::{Digest, Sha256};
    let folder = support::folder();
    let target = folder.path().join("in");
    std::fs::create_dir(&target).unwrap();
    std::fs::write(target.join("quiet.bin"), b"nothing to see").unwrap();
    std::fs::write(target.join("x.aspx"), support::stand_in()).unwrap();
    let hash = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|b| format!("{b:02X}")).collect::<String>();
    let iocs = folder.path().join("iocs.txt");
    std::fs::write(&iocs, format!("{};90;a known loader\nnonsense\n", hash(b"nothing to see"))).unwrap();
    let allowed = folder.path().join("allowed.txt");
    std::fs::write(&allowed, format!("{}  x.aspx\n", hash(&support::stand_in()))).unwrap();
    let (code, records) =
        scan(&target, &["--iocs", iocs.to_str().unwrap(), "--allow-hashes", allowed.to_str().unwrap()]);
    let findings = of_kind(&records, "finding");
    assert_eq!((code, findings.len()), (1, 1));
    assert_eq!(findings[0]["shellsift"]["reasons"][0]["title"], "known malicious file: a known loader");
    assert_eq!(problems(&records), ["indicator_invalid"]);
    assert_eq!(of_kind(&records, "coverage")[0]["shellsift"]["coverage"]["known_good"], 1);
}

#[test]
fn own_rules_are_used_beside_or_instead_of_the_built_in_ones() {
    let folder = support::folder();
    let target = folder.path().join("in");
    std::fs::create_dir(&target).unwrap();
    std::fs::write(target.join("x.aspx"), support::stand_in()).unwrap();
    let rule = folder.path().join("mine.yar");
    std::fs::write(
        &rule,
        "rule mine { meta: score = 80 strings: $a = \"@@inert@@\" condition: $a and extension == \".aspx\" }",
    )
    .unwrap();
    let ids = |more: &[&str]| {
        let (_, records) = scan(&target, &[&["-r", rule.to_str().unwrap()], more].concat());
        let reasons = of_kind(&records, "finding")[0]["shellsift"]["reasons"].as_array().unwrap().clone();
        reasons.iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(ids(&[]).len() > 1 && ids(&[]).contains(&"signature/mine".to_owned()));
    assert_eq!(ids(&["--no-builtin-rules"]), ["signature/mine"]);
}

#[test]
fn all_adds_a_record_for_every_file() {
    let (_, records) = scan(&server("clean_2019"), &["--all"]);
    let examined = of_kind(&records, "coverage")[0]["shellsift"]["coverage"]["examined"].as_u64().unwrap();
    assert_eq!(of_kind(&records, "examined").len() as u64, examined);
}

#[test]
fn colour_marks_the_level_alone_and_only_when_asked() {
    let target = server("compromised_2019");
    let out = |more: &[&str]| run([&["scan", target.to_str().unwrap()], more].concat()).out;
    assert!(!out(&[]).contains('\x1b'), "a pipe has no colour");
    assert!(out(&["--color", "always"]).contains("\x1b[1;31mCOMPROMISED\x1b[0m"));
}

#[test]
fn identity_is_in_every_record() {
    let (_, records) = scan(&server("clean_2019"), &["--host", "MAIL01", "--case", "7"]);
    let ids: std::collections::BTreeSet<_> = records.iter().map(|r| r["shellsift"]["scan_id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    assert!(records.iter().all(|r| r["host"]["name"] == "MAIL01" && r["labels"]["case"] == "7"));
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_closes_its_journal_and_says_130_and_a_killed_one_leaves_it_readable() {
    use std::io::{BufRead, BufReader};
    for signal in ["INT", "KILL"] {
        let folder = support::folder();
        let target = folder.path().join("in");
        std::fs::create_dir(&target).unwrap();
        std::fs::write(target.join("a.aspx"), support::stand_in()).unwrap();
        for n in 0..400 {
            std::fs::write(target.join(format!("b{n}.txt")), vec![b'x'; 200_000]).unwrap();
        }
        // Slow enough to be caught in the middle.
        let mut child = program()
            .args(["scan", target.to_str().unwrap(), "-q", "-f", "jsonl", "-t", "1", "--cpu-limit", "1"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut journal = String::new();
        for line in lines.by_ref() {
            let line = line.unwrap();
            journal.push_str(&line);
            journal.push('\n');
            if line.contains("\"record\":\"finding\"") {
                break;
            }
        }
        let kill =
            std::process::Command::new("kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        for line in lines {
            journal.push_str(&line.unwrap());
            journal.push('\n');
        }
        let records = records(&journal);
        assert_eq!(of_kind(&records, "finding").len(), 1, "{signal}");
        let code = child.wait().unwrap().code();
        if signal == "INT" {
            let end = &of_kind(&records, "scan_end")[0]["shellsift"];
            assert_eq!((code, &end["complete"]), (Some(130), &serde_json::Value::from(false)));
            let coverage = &of_kind(&records, "coverage")[0]["shellsift"]["coverage"];
            assert!(coverage["not_reached"].as_u64().unwrap() > 0);
        } else {
            assert!(of_kind(&records, "scan_end").is_empty());
        }
    }
}
