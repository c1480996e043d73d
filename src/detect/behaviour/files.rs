//! Behaviours that write, read and list files.

use super::Behaviour;
use super::facts::*;
use crate::code::api_model::{Sink, types};
use crate::code::flow::Event;
use crate::code::flow::value::TaintFlags;

const WRITES: &[Sink] = &[Sink::Write, Sink::Save];
const PAGES: &[Sink] = &[Sink::Write, Sink::Save, Sink::Move];

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        id: "writes_anywhere",
        title: "writes request data to a path that request data names",
        score: 72,
        what: "Both the whole path of a file, from its drive to its extension, and what is written into it come with the \
               request: text, an upload, a stream.",
        why: "With this a page puts any other page anywhere. It is the smaller half of most shells, and often all there is.",
        harmless: "Editors of templates and uploads without a check, which are open to the same. A path that begins with a \
                   folder of the page's own, or ends with an extension of its own, does not count, nor one below the site \
                   in a page that is a part of an application, nor what a class for uploads saves that looks at extensions.",
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
        id: "writes_beside",
        title: "writes request data beside itself under a name that request data gives",
        score: 60,
        what: "What is written comes with the request, and so does the name of the file, with its extension; the folder is the \
               page's own or the root of the site.",
        why: "What is written there under the name of a page runs.",
        harmless: "None was seen in 6,662 pages of 21 applications; they write into folders of their own, and look at the \
                   extension.",
        shows: |f| {
            let beside = |e: &Event| data(e) && has(e, TaintFlags::PLACE) && has(e, TaintFlags::ENDS) && !whole(e);
            let shown = f.which(WRITES, |e| beside(e) && with_data(e));
            if shown.is_empty() || f.checks_names() { Vec::new() } else { shown }
        },
    },
    Behaviour {
        id: "writes_request_page",
        title: "writes request data, and nothing else, into a page",
        score: 70,
        what: "A file with the extension of a page, or configuration of the server, gets its whole content from the request.",
        why: "What is written there runs when it is asked for next.",
        harmless: "Editors of templates and settings, which are open to the same.",
        shows: |f| {
            if f.is_upload_class() {
                return Vec::new();
            }
            f.which(PAGES, |e| has(e, TaintFlags::PAGE_NAME) && (is_whole(e.second) || is_upload(e)))
        },
    },
    Behaviour {
        id: "writes_request_into_page",
        title: "writes request data into a page, among other things",
        score: 40,
        what: "A file with the extension of a page, or configuration of the server, gets a part of its content from the request.",
        why: "Quotes that are not looked after make code of it.",
        harmless: "Content managers that keep their settings in a page; 3 of 2,950 pages of classic ASP.",
        shows: |f| {
            let partly =
                |e: &Event| e.second.flags.intersects(TaintFlags::TAINT) && !is_whole(e.second) && !is_upload(e);
            f.which(PAGES, |e| has(e, TaintFlags::PAGE_NAME) && partly(e))
        },
    },
    Behaviour {
        id: "writes_constant_page",
        title: "writes a page beside itself",
        score: 10,
        what: "A page writes a file with the extension of a page, and what it writes is not request data.",
        why: "Droppers do it. What they write is read as a page too, and judged.",
        harmless: "Installers and content managers.",
        shows: |f| {
            f.which(WRITES, |e| {
                has(e, TaintFlags::PAGE_NAME) && !e.second.flags.intersects(TaintFlags::TAINT | TaintFlags::REMOTE)
            })
        },
    },
    Behaviour {
        id: "marks_own_folder",
        title: "writes a page into its own folder and does nothing else",
        score: 55,
        what: "The page is all of a few lines, and writes a file with the extension of a page where it lies itself.",
        why: "It is how an intruder tries whether pages can be written and run.",
        harmless: "None known.",
        shows: |f| {
            let small = f.reading.tokens < 250 && !f.belongs_somewhere();
            f.which(WRITES, |e| small && has(e, TaintFlags::PAGE_NAME) && has(e, TaintFlags::PLACE))
        },
    },
    Behaviour {
        id: "fetches_page",
        title: "saves as a page what another computer answers",
        score: 85,
        what: "What was asked of another computer is written into a file with the extension of a page.",
        why: "It is how a shell is brought onto a server from elsewhere.",
        harmless: "None known. Content managers that make pages of their own answers write html.",
        shows: |f| {
            f.which(&[Sink::Write, Sink::Save, Sink::Download], |e| {
                // What PHP makes of an answer piece by piece is no page that came whole.
                let whole = !f.is_php()
                    || e.second.flags.intersects(TaintFlags::LEADS) && e.second.flags.intersects(TaintFlags::ENDS);
                has(e, TaintFlags::PAGE_NAME) && e.second.flags.intersects(TaintFlags::REMOTE) && whole
                    || e.sink == Sink::Download && has(e, TaintFlags::PAGE_NAME)
            })
        },
    },
    Behaviour {
        id: "fetches_anything",
        title: "saves under a name from the request what another computer answers",
        score: 70,
        what: "A file whose name comes with the request gets what another computer answers.",
        why: "It is how tools are brought onto a server from elsewhere.",
        harmless: "Pages that collect pictures from other sites; their names begin with a folder of their own.",
        shows: |f| {
            f.which(&[Sink::Write, Sink::Save, Sink::Download], |e| {
                f.whole(e) && e.second.flags.intersects(TaintFlags::REMOTE)
                    || e.sink == Sink::Download && (data(e) || with_data(e)) && !inside(e)
            })
        },
    },
    Behaviour {
        id: "saves_unchecked_upload",
        title: "saves an upload beside itself under any name",
        score: 55,
        what: "An uploaded file is saved under the name it came with, into the folder of the page or the root of the site, \
               and nothing in the page looks at its kind.",
        why: "A page that takes any file to where pages run takes a shell.",
        harmless: "Uploads of a careless application. A page that looks at the extension or the kind of content does not count, \
                   nor one that saves into a folder of its own.",
        shows: |f| {
            let shown = f.which(WRITES, |e| has(e, TaintFlags::NAME) && has(e, TaintFlags::PLACE | TaintFlags::LEADS));
            if shown.is_empty() || f.checks_names() { Vec::new() } else { shown }
        },
    },
    Behaviour {
        id: "saves_upload_anywhere",
        title: "saves an upload to a folder that request data names",
        score: 72,
        what: "An uploaded file is saved under the name it came with, into a folder that comes with the request as well.",
        why: "It is the upload of a file manager that knows no bounds.",
        harmless: "File managers of an application keep inside a folder of their own, with which the path then begins.",
        shows: |f| {
            if f.is_file_manager_class() {
                return Vec::new();
            }
            let both = TaintFlags::LEADS | TaintFlags::ENDS;
            f.which(WRITES, |e| {
                has(e, TaintFlags::NAME) && data(e) && e.main.flags & (both | TaintFlags::PART) == both
                    || e.sink == Sink::Save && data(e) && has(e, TaintFlags::ENDS) && f.reading.tokens < 250
            })
        },
    },
    Behaviour {
        id: "lists_anywhere",
        title: "lists a folder that request data names",
        score: 55,
        what: "The whole path of a folder that is listed comes with the request.",
        why: "It is the first thing a file manager of an intruder does.",
        harmless: "File managers of an application, which keep inside a folder of their own; a path that is bound to the site \
                   (`MapPath`) does not count, nor a page that is a part of an application and does nothing else with files \
                   that the request names.",
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
        id: "reads_anywhere",
        title: "reads a file that request data names",
        score: 30,
        what: "The whole path of a file that is read comes with the request.",
        why: "It shows the configuration, and with it keys and passwords.",
        harmless: "Careless downloads, which are open to the same: 1 of 2,950 pages of classic ASP.",
        shows: |f| f.which(&[Sink::Read], |e| f.anywhere(e)),
    },
    Behaviour {
        id: "manages_files_anywhere",
        title: "lists, reads, writes, moves or deletes files that request data names",
        score: 85,
        what: "At least three different kinds of act on files get their whole path from the request.",
        why: "A file manager that knows no bounds.",
        harmless: "None was seen in 6,662 pages of 21 applications. Classes for uploads that look at extensions read, write and \
                   delete what they were sent; they count only where folders are listed too. Source files of file managers that \
                   look at extensions do not count.",
        shows: |f| {
            let listed = || f.any(&[Sink::List], |e| f.anywhere(e));
            if f.is_file_manager_class() || f.is_upload_class() && !listed() {
                return Vec::new();
            }
            kinds(f, 3, |e| f.anywhere(e))
        },
    },
    Behaviour {
        id: "manages_files",
        title: "lists, reads, writes and deletes files by names from the request",
        score: 60,
        what: "At least four different kinds of act on files get request data into their path.",
        why: "A file manager; who may use it is not to be seen in its code.",
        harmless: "File managers of content managers, which mostly do one thing a page, and keep inside a folder of their own \
                   below the site: that does not count.",
        shows: |f| {
            // The other half of a page may be of any application: its paths begin with a folder of its own.
            if f.is_page() {
                kinds(f, 4, |e| data(e) && !inside(e))
            } else if f.is_file_manager_class() {
                Vec::new()
            } else {
                kinds(f, 4, |e| data(e) && has(e, TaintFlags::LEADS))
            }
        },
    },
    Behaviour {
        id: "changes_times",
        title: "sets the times or attributes of a file that request data names",
        score: 50,
        what: "Creation or modification times, or the attributes of a file, are set, and its path or they come with the request.",
        why: "It hides when a file was brought, and hides the file.",
        harmless: "What is about to be deleted is made writable before; taking attributes away does not count.",
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
    for act in FILES {
        shown.extend(facts.events().iter().position(|event| event.sink == *act && holds(event)));
    }
    if shown.len() >= least { shown } else { Vec::new() }
}
