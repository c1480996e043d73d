//! Hangs, limits, sparse files, output paths and user rules.

use super::{AUTH, Answer, Server, Situation};
use crate::support;
use std::io::{Seek, SeekFrom, Write};

/// A page of a terabyte, nearly all of it a hole, with the inert page at its end.
fn sparse(server: &Server, path: &str) {
    let at = server.at(path);
    let mut file = std::fs::File::create(at).unwrap();
    file.seek(SeekFrom::Start(1 << 40)).unwrap();
    file.write_all(&support::stand_in()).unwrap();
}

const RULES: &str = r"C:\Windows\Temp\own.yar";
const WITH_RULES: &[&str] = &["--timeout", "1", "-r", "ROOT/Windows/Temp/own.yar"];

/// The user's rules, one of which is hostile.
fn rules(server: &Server, hostile: &str) {
    server.write(RULES, format!("rule fine {{ condition: filesize == 123456789 }}\n{hostile}\n"));
}

fn shell(server: &Server) {
    server.shell(&format!(r"{AUTH}\errorFE2.aspx"));
}

const FOUND: Answer = Answer::Finding {
    path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\errorFE2.aspx",
    reason: "signature/china_chopper_jscript_eval_unsafe",
    level: "critical",
};

const NEVER_WRITTEN: Answer = Answer::Refused { words: "which is never written to" };

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "running/129_threads",
        what: "So many threads that the workers wait for each other",
        plant: shell,
        more: &["-t", "129"],
        answer: FOUND,
        ordinary: Some(|_| {}),
    },
    Situation {
        id: "running/256_threads",
        what: "As many threads as can be requested",
        plant: shell,
        more: &["-t", "100000"],
        answer: FOUND,
        ordinary: Some(|_| {}),
    },
    Situation {
        id: "running/sparse_page",
        what: "A sparse page of one terabyte with the code at its end",
        plant: |server| sparse(server, &format!(r"{AUTH}\errorFE2.aspx")),
        more: &[],
        answer: FOUND,
        ordinary: None,
    },
    Situation {
        id: "running/sparse_file",
        what: "A sparse file of one terabyte delays the scan",
        plant: |server| sparse(server, &format!(r"{AUTH}\x.txt")),
        more: &[],
        answer: Answer::Gap { kind: "partially_examined", words: "holes" },
        ordinary: None,
    },
    Situation {
        id: "running/sparse_event_log",
        what: "A sparse event log of one terabyte delays log analysis",
        plant: |server| {
            shell(server);
            let log = r"C:\Windows\System32\winevt\Logs\Application.evtx";
            let mut bytes = if server.at(log).exists() { std::fs::read(server.at(log)).unwrap() } else { Vec::new() };
            if bytes.is_empty() {
                bytes.extend(b"ElfFile\0");
            }
            server.write(log, bytes);
            std::fs::File::options().write(true).open(server.at(log)).unwrap().set_len(1 << 40).unwrap();
        },
        more: &[],
        answer: FOUND,
        ordinary: None,
    },
    Situation {
        id: "running/event_log_of_holes",
        what: "An event log was replaced by a terabyte of holes: its content is unknown",
        plant: |server| {
            let log = r"C:\Windows\System32\winevt\Logs\Application.evtx";
            std::fs::File::options().write(true).open(server.at(log)).unwrap().set_len(1 << 40).unwrap();
        },
        more: &[],
        answer: Answer::Gap { kind: "log_damaged", words: "are holes" },
        ordinary: None,
    },
    Situation {
        id: "running/output_in_the_evidence",
        what: "The output path is inside the evidence",
        plant: |_| {},
        more: &["-o", "ROOT/inetpub/x.jsonl"],
        answer: NEVER_WRITTEN,
        ordinary: None,
    },
    Situation {
        id: "running/output_by_another_root",
        what: "The output path leads into the evidence through system links",
        plant: |_| {},
        more: &["--force", "-o", "/proc/self/rootROOT/inetpub/x.jsonl"],
        answer: NEVER_WRITTEN,
        ordinary: None,
    },
    Situation {
        id: "running/output_by_dots",
        what: "The output path leaves the evidence and enters it again",
        plant: |_| {},
        more: &["-o", "ROOT/Windows/../inetpub/x.jsonl"],
        answer: NEVER_WRITTEN,
        ordinary: None,
    },
    Situation {
        id: "running/output_is_a_link",
        what: "The output is a link to a page, or a dangling link",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/suite/outputs.rs::no_output_is_written_into_the_evidence",
            says: "refused",
        },
        ordinary: None,
    },
    Situation {
        id: "running/output_is_a_hard_link",
        what: "The output is a hard link to a file of the evidence",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/suite/outputs.rs::no_output_is_written_into_the_evidence",
            says: "refused",
        },
        ordinary: None,
    },
    Situation {
        id: "running/output_below_a_link",
        what: "A parent folder of the output is a link into the evidence",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/suite/outputs.rs::no_output_is_written_into_the_evidence",
            says: "refused",
        },
        ordinary: None,
    },
    Situation {
        id: "running/output_by_a_bind_mount",
        what: "The output is in a folder that is bind-mounted from the evidence",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/suite/outputs.rs::a_folder_of_the_evidence_that_is_mounted_elsewhere_is_evidence",
            says: "refused",
        },
        ordinary: None,
    },
    Situation {
        id: "running/rules_nest",
        what: "A user rule is nested so deeply that parsing it kills the process",
        plant: |server| rules(server, &format!("rule deep {{ condition: {}true }}", "not ".repeat(50_000))),
        more: WITH_RULES,
        answer: Answer::Gap { kind: "rule_invalid", words: "deep" },
        ordinary: Some(|server| rules(server, "rule other { condition: not (not (filesize == 123456788)) }")),
    },
    Situation {
        id: "running/rules_brackets",
        what: "A user rule has so many brackets that the compiler drops it silently",
        plant: |server| {
            rules(server, &format!("rule deep {{ condition: {}true{} }}", "(".repeat(5000), ")".repeat(5000)));
        },
        more: WITH_RULES,
        answer: Answer::Gap { kind: "rule_invalid", words: "deep" },
        ordinary: None,
    },
    Situation {
        id: "running/rules_pattern_nests",
        what: "A pattern of a user rule is nested so deeply that parsing it kills the process",
        plant: |server| {
            let pattern = format!("/x{}a{}/", "(".repeat(20_000), ")".repeat(20_000));
            rules(server, &format!("rule deep {{ strings: $a = {pattern} condition: $a }}"));
        },
        more: WITH_RULES,
        answer: Answer::Gap { kind: "rule_invalid", words: "deep" },
        ordinary: None,
    },
    Situation {
        id: "running/rules_include",
        what: "A rule file includes another file of the examiner's machine",
        plant: |server| rules(server, "include \"/etc/hostname\""),
        more: WITH_RULES,
        answer: Answer::Gap { kind: "rule_invalid", words: "include" },
        ordinary: None,
    },
    Situation {
        id: "running/rules_slow",
        what: "A user rule takes its whole time limit on every file",
        plant: |server| {
            let slow = "rule slow { condition: for any i in (0..1000000) : ( for any j in (0..1000000) : ( i * j == 5000000000000 ) ) }";
            rules(server, slow);
        },
        more: WITH_RULES,
        answer: Answer::Gap { kind: "rule_invalid", words: "rule slow exceeded 1 s twice and is disabled" },
        ordinary: None,
    },
    Situation {
        id: "running/hang",
        what: "Reading a file or folder hangs, and blocks the scan, log analysis or discovery",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/robustness/hang.sh",
            says: "gap `read_timed_out`; everything else is found",
        },
        ordinary: None,
    },
    Situation {
        id: "running/signals",
        what: "A signal arrives while something hangs, and a supervisor signals twice",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/robustness/signals.sh",
            says: "all results and `scan_end` are written within a second",
        },
        ordinary: None,
    },
    Situation {
        id: "running/kill",
        what: "The program is killed at an arbitrary moment",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/robustness/kill.sh",
            says: "the JSONL output contains only complete records",
        },
        ordinary: None,
    },
    Situation {
        id: "running/limits",
        what: "Memory, threads, open files, file size or disk space run out",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/robustness/limits.sh",
            says: "one error and exit code 2; results so far are kept",
        },
        ordinary: None,
    },
    Situation {
        id: "running/races",
        what: "Files change, disappear and become links or pipes during the scan",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/robustness/races.sh",
            says: "a problem for each such file; no link is followed",
        },
        ordinary: None,
    },
    Situation {
        id: "running/writes_nothing",
        what: "The program is tricked into writing to the evidence, starting a process or connecting to the network",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere { test: "tests/robustness/strace.sh", says: "no command makes such a system call" },
        ordinary: None,
    },
];
