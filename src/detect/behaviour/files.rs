//! Behaviours: writing, reading and listing files.

use super::facts::*;
use crate::code::api_model::{Sink, types};
use crate::code::flow::Event;
use crate::code::flow::value::TaintFlags;
use crate::model::CheckInfo;

const WRITES: &[Sink] = &[Sink::Write, Sink::Save];
const PAGES: &[Sink] = &[Sink::Write, Sink::Save, Sink::Move];

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        check: CheckInfo {
            id: "behaviour/arbitrary_file_write",
            title: "writes request input to a path from request input",
            score: 72,
            looks_for: "Both the whole path of a file, from drive to extension, and its content are request input: \
                        text, an upload, a stream.",
            why: "Such a page can place any other page anywhere. It is the smaller half of most webshells, and often \
                  all there is.",
            benign_look_alikes: "Template editors and uploads without validation, which are vulnerable to this. A path \
                                 that starts with a fixed folder or ends with a fixed extension does not count, nor \
                                 one below the site in a page that belongs to an application, nor what an upload class \
                                 that checks extensions saves.",
            attack: &["T1505.003", "T1105"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            // An editor of an application's own files, below its own folder.
            let editor = |e: &Event| has(e, TaintFlags::MAPPED) && f.belongs_somewhere();
            if f.is_upload_class() || f.is_file_manager_class() {
                return Vec::new();
            }
            f.which(WRITES, |e| f.whole(e) && with_data(e) && !editor(e))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/own_folder_file_write",
            title: "writes request input to a file name from request input in its own folder",
            score: 60,
            looks_for: "The content and the file name with its extension are request input; the folder is that of the \
                        page or the root of the site.",
            why: "A file written there with a page extension executes.",
            benign_look_alikes: "None in 6,662 pages of 21 applications: they write to dedicated folders and check the \
                                 extension.",
            attack: &["T1505.003", "T1105"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let beside =
                |e: &Event| data(e) && has(e, TaintFlags::PAGE_PATH) && has(e, TaintFlags::AT_END) && !whole(e);
            let shown = f.which(WRITES, |e| beside(e) && with_data(e));
            if shown.is_empty() || f.checks_names() { Vec::new() } else { shown }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/page_write_request_input",
            title: "writes a page whose whole content is request input",
            score: 70,
            looks_for: "The whole content of a file with a page extension, or of a server configuration file, is \
                        request input.",
            why: "The content executes with the next request for it.",
            benign_look_alikes: "Editors of templates and settings, which are vulnerable to this.",
            attack: &["T1505.003", "T1105"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            if f.is_upload_class() {
                return Vec::new();
            }
            f.which(PAGES, |e| has(e, TaintFlags::PAGE_NAME) && (is_whole(e.second) || is_upload(e)))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/page_write_partial_input",
            title: "writes a page that contains request input",
            score: 40,
            looks_for: "Part of the content of a file with a page extension, or of a server configuration file, is \
                        request input.",
            why: "Without correct quoting, the input becomes code.",
            benign_look_alikes: "Content management systems that keep their settings in a page; 3 of 2,950 classic ASP \
                                 pages.",
            attack: &["T1505.003"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let partly =
                |e: &Event| e.second.flags.intersects(TaintFlags::TAINT) && !is_whole(e.second) && !is_upload(e);
            f.which(PAGES, |e| has(e, TaintFlags::PAGE_NAME) && partly(e))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/page_write_constant",
            title: "writes a page to its own folder",
            score: 10,
            looks_for: "A page writes a file with a page extension, and the content is not request input.",
            why: "Droppers do this. What they write is parsed as a page too, and scored.",
            benign_look_alikes: "Installers and content management systems.",
            attack: &["T1505.003"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(WRITES, |e| {
                has(e, TaintFlags::PAGE_NAME) && !e.second.flags.intersects(TaintFlags::TAINT | TaintFlags::REMOTE)
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/writability_probe",
            title: "writes a page into its own folder and does nothing else",
            score: 55,
            looks_for: "The page consists of a few lines and writes a file with a page extension into its own folder.",
            why: "Attackers use such pages to test whether pages can be written and executed.",
            benign_look_alikes: "None known.",
            attack: &["T1505.003"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let small = f.reading.tokens < 250 && !f.belongs_somewhere();
            f.which(WRITES, |e| small && has(e, TaintFlags::PAGE_NAME) && has(e, TaintFlags::PAGE_PATH))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/page_download",
            title: "saves the response of a remote host as a page",
            score: 85,
            looks_for: "The response of a remote host is written to a file with a page extension.",
            why: "This brings a webshell onto the server from elsewhere.",
            benign_look_alikes: "None known. Content management systems that generate pages from responses write HTML.",
            attack: &["T1505.003", "T1105"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Write, Sink::Save, Sink::Download], |e| {
                // What PHP makes of an answer piece by piece is no page that came whole.
                let whole = !f.is_php()
                    || e.second.flags.intersects(TaintFlags::AT_START) && e.second.flags.intersects(TaintFlags::AT_END);
                has(e, TaintFlags::PAGE_NAME) && e.second.flags.intersects(TaintFlags::REMOTE) && whole
                    || e.sink == Sink::Download && has(e, TaintFlags::PAGE_NAME)
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/arbitrary_file_download",
            title: "saves the response of a remote host under a name from request input",
            score: 70,
            looks_for: "A file whose name is request input receives the response of a remote host.",
            why: "This brings tools onto the server from elsewhere.",
            benign_look_alikes: "Pages that collect images from other sites; their file names start with a fixed \
                                 folder.",
            attack: &["T1105"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Write, Sink::Save, Sink::Download], |e| {
                f.whole(e) && e.second.flags.intersects(TaintFlags::REMOTE)
                    || e.sink == Sink::Download && (data(e) || with_data(e)) && !inside(e)
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/file_upload_unchecked",
            title: "saves an upload into its own folder without checking the file type",
            score: 55,
            looks_for: "An uploaded file is saved under its original name into the folder of the page or the root of \
                        the site, and nothing in the page checks its type (CWE-434).",
            why: "A page that accepts any file where pages execute accepts a webshell.",
            benign_look_alikes: "Uploads of a careless application. A page that checks the extension or the content \
                                 type does not count, nor one that saves into a dedicated folder.",
            attack: &["T1505.003", "T1105"],
            references: &["https://cwe.mitre.org/data/definitions/434.html"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let shown =
                f.which(WRITES, |e| has(e, TaintFlags::NAME) && has(e, TaintFlags::PAGE_PATH | TaintFlags::AT_START));
            if shown.is_empty() || f.checks_names() { Vec::new() } else { shown }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/file_upload_arbitrary_path",
            title: "saves an upload to a folder from request input",
            score: 72,
            looks_for: "An uploaded file is saved under its original name into a folder that is request input as well.",
            why: "This is the upload function of an unrestricted file manager.",
            benign_look_alikes: "File managers of applications restrict the path to a folder of their own, with which \
                                 the path then starts.",
            attack: &["T1505.003", "T1105"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            if f.is_file_manager_class() {
                return Vec::new();
            }
            let both = TaintFlags::AT_START | TaintFlags::AT_END;
            f.which(WRITES, |e| {
                has(e, TaintFlags::NAME) && data(e) && e.main.flags & (both | TaintFlags::PART) == both
                    || e.sink == Sink::Save && data(e) && has(e, TaintFlags::AT_END) && f.reading.tokens < 250
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/directory_listing",
            title: "lists a directory from request input",
            score: 55,
            looks_for: "The whole path of a directory that is listed is request input.",
            why: "Usually the first thing an attacker's file manager does.",
            benign_look_alikes: "File managers of applications, which stay in a folder of their own; a path restricted \
                                 to the site (`MapPath`) does not count, nor does a page that belongs to an \
                                 application and does nothing else with files named by the request.",
            attack: &["T1505.003", "T1083"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            // Who may ask a part of an application, another part says.
            let others = [Sink::Read, Sink::Write, Sink::Save, Sink::Delete, Sink::Move];
            let alone = f.is_page() && f.belongs_somewhere() && !f.any(&others, |e| f.anywhere(e));
            if alone || f.is_file_manager_class() {
                return Vec::new();
            }
            f.which(&[Sink::List], |e| f.anywhere(e))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/arbitrary_file_read",
            title: "reads a file from request input",
            score: 30,
            looks_for: "The whole path of a file that is read is request input (CWE-22).",
            why: "It discloses configuration, and with it keys and passwords.",
            benign_look_alikes: "Careless download pages, which are vulnerable to this: 1 of 2,950 classic ASP pages.",
            attack: &["T1005"],
            references: &["https://cwe.mitre.org/data/definitions/22.html"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::Read], |e| f.anywhere(e)),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/file_manager_arbitrary_path",
            title: "lists, reads, writes, moves or deletes files at any path from request input",
            score: 85,
            looks_for: "At least three different kinds of file operations take their whole path from the request.",
            why: "This is an unrestricted file manager.",
            benign_look_alikes: "None in 6,662 pages of 21 applications. Upload classes that check extensions read, \
                                 write and delete what they received: they count only if they list directories too. \
                                 Source files of file managers that check extensions do not count.",
            attack: &["T1505.003", "T1083", "T1005", "T1105"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let listed = || f.any(&[Sink::List], |e| f.anywhere(e));
            if f.is_file_manager_class() || f.is_upload_class() && !listed() {
                return Vec::new();
            }
            kinds(f, 3, |e| f.anywhere(e))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/file_manager",
            title: "lists, reads, writes and deletes files by names from request input",
            score: 60,
            looks_for: "At least four different kinds of file operations have request input in their path.",
            why: "This is a file manager; its code does not show who may use it.",
            benign_look_alikes: "File managers of content management systems, which usually do one operation per page \
                                 and stay in a folder of their own below the site: that does not count.",
            attack: &["T1505.003", "T1083", "T1005"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            // The other half of a page may be of any application: its paths begin with a folder of its own.
            if f.is_page() {
                kinds(f, 4, |e| data(e) && !inside(e))
            } else if f.is_file_manager_class() {
                Vec::new()
            } else {
                kinds(f, 4, |e| data(e) && has(e, TaintFlags::AT_START))
            }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/timestomp",
            title: "sets the times or attributes of a file from request input",
            score: 50,
            looks_for: "Creation or modification times, or file attributes, are set, and the path or the values are \
                        request input.",
            why: "It hides when a file was created, or the file itself.",
            benign_look_alikes: "Files are made writable before they are deleted: removing attributes does not count.",
            attack: &["T1070.006", "T1564.001"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Attribute], |e| {
                (data(e) || with_data(e)) && !e.second.flags.intersects(TaintFlags::MAPPED) && !f.shows_file(e)
            })
        },
    },
];

/// Whether what is saved is an upload as it came.
fn is_upload(event: &Event) -> bool {
    event.sink == Sink::Save && event.receiver.intersects(types::POSTED)
}

/// One event of each kind of act on files, if there are enough kinds.
fn kinds(facts: &Facts<'_>, least: usize, holds: impl Fn(&Event) -> bool) -> Shown {
    let mut shown = Vec::new();
    for sink in FILES {
        let found = facts.events().iter().position(|event| event.sink == *sink && holds(event));
        shown.extend(found.map(Trigger::Event));
    }
    if shown.len() >= least { shown } else { Vec::new() }
}
