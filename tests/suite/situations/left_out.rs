//! What this program knows of and does not look at.

use super::{Answer, Situation};

const fn left(id: &'static str, what: &'static str, why: &'static str) -> Situation {
    Situation { id, what, plant: |_| {}, more: &[], answer: Answer::OutOfScope { why }, ordinary: None }
}

pub(super) const SITUATIONS: &[Situation] = &[
    left(
        "left_out/memory",
        "A module lives in the worker process and in no file any more",
        "files hold nothing of it; logs and what ASP.NET compiled may",
    ),
    left("left_out/wmi", "A WMI subscription writes a page anew", "the WMI repository is not read"),
    left("left_out/bits", "A BITS job starts a program", "the queue of BITS is not read"),
    left("left_out/users_hives", "A run key stands in the hive of a user", "NTUSER.DAT is not read"),
    left(
        "left_out/hive_logs",
        "A service stands in the transaction log of a hive alone",
        "transaction logs are not replayed",
    ),
    left(
        "left_out/class_ids",
        "A profiler, an FTP provider or a log plug-in is named by its CLSID",
        "the entry is a finding; the registry is not asked for the library behind it",
    ),
    left(
        "left_out/encrypted_assembly",
        "An assembly carries another one that is encrypted",
        "what is packed or plain is read; nothing is decrypted",
    ),
    left(
        "left_out/other_scripts",
        "A .hta, .sct, .wsc or .ps1 lies in a web folder",
        "no server runs it by its name; rules look at it, the reader of code does not",
    ),
    left(
        "left_out/class_that_is_gone",
        "A handler names a class that no library of its application has",
        "real sites have such handlers; it is a gap only where the application has no library at all",
    ),
    left(
        "left_out/flow",
        "Request data goes through a LINQ query, an exception or VBScript's GetRef",
        "the reader of code does not follow it; rules look at the page",
    ),
];
