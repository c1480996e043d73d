//! Known limits: what this program does not examine.

use super::{Answer, Situation};

const fn left(id: &'static str, what: &'static str, why: &'static str) -> Situation {
    Situation { id, what, plant: |_| {}, more: &[], answer: Answer::OutOfScope { why }, ordinary: None }
}

pub(super) const SITUATIONS: &[Situation] = &[
    left(
        "left_out/memory",
        "A module exists only in the memory of the worker process",
        "no file contains it; logs and compiled pages may",
    ),
    left("left_out/wmi", "A WMI subscription recreates a page", "the WMI repository is not read"),
    left("left_out/bits", "A BITS job starts a command", "the BITS queue is not read"),
    left(
        "left_out/class_ids",
        "A profiler, an FTP provider or a log plug-in is named by CLSID",
        "the entry is a finding; the registry is not searched for its DLL",
    ),
    left(
        "left_out/encrypted_assembly",
        "An assembly carries an encrypted assembly",
        "plain and compressed content is read; nothing is decrypted",
    ),
    left(
        "left_out/other_scripts",
        "A .hta, .sct, .wsc or .ps1 file in a web folder",
        "no server executes it by name; signatures scan it, code analysis does not",
    ),
    left(
        "left_out/class_that_is_gone",
        "A handler names a class that no DLL of its application has",
        "real sites have such handlers; a gap only where the application has no DLL at all",
    ),
    left(
        "left_out/flow",
        "Request input flows through a LINQ query, an exception or VBScript's GetRef",
        "not followed by code analysis; signatures scan the page",
    ),
];
