//! Behaviours of small tools: uploaders, droppers, pages that overwrite themselves, dump databases, run one fixed command, or
//! pack a site. Most are judged in pages that belong to no application, since applications do parts of the same.

use super::Behaviour;
use super::facts::*;
use crate::code::api_model::{Sink, Types, types};
use crate::code::flow::value::{Constant, TaintFlags};

/// A page of more tokens than this is no small tool.
const SMALL: usize = 400;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        id: "self_overwrite",
        title: "overwrites itself",
        score: 70,
        what: "A file whose path is that of the page itself (`SCRIPT_NAME`, `PATH_TRANSLATED`, `Request.PhysicalPath`) is \
               written, or something is copied over it.",
        why: "A shell rewrites itself to change its content or its password, or to become harmless when it is done.",
        harmless: "None was seen in 9,801 pages of ASP.NET and 7,817 of classic ASP.",
        shows: |f| {
            let mut shown = f.in_page(&[Sink::Write, Sink::Save], |e| has(e, TaintFlags::OWN));
            shown.extend(
                f.in_page(&[Sink::Move], |e| e.second.flags.intersects(TaintFlags::OWN) && !own(e, types::FSO_FILE)),
            );
            shown.truncate(MOST_SHOWN);
            shown
        },
    },
    Behaviour {
        id: "dropper_execution",
        title: "writes an executable that it carries",
        score: 70,
        what: "A file with the extension of an executable or a script of Windows gets what the page carries or decodes: long \
               base64 or hexadecimal text, or bytes that a decoder makes; or it gets constant text and a program is started.",
        why: "It brings a tool past whatever looks at uploads, and runs it with the rights of the web server.",
        harmless: "None known in pages.",
        shows: |f| {
            let starts = f.any(&[Sink::Start, Sink::Native], |_| true) && !f.belongs_somewhere();
            let small = f.reading.tokens < 4 * SMALL;
            let made = TaintFlags::BLOB | TaintFlags::DECODED | TaintFlags::BUILT;
            f.in_page(&[Sink::Write, Sink::Save], |e| {
                let content = e.second.flags;
                let text = f.text(e.second.constant);
                let carried = content.intersects(made) && !content.intersects(TaintFlags::TAINT | TaintFlags::STORED)
                    || text.is_some_and(|text| text.starts_with(b"MZ"));
                let constant = starts && text.is_some_and(|text| small || text.len() > 2000);
                has(e, TaintFlags::PROGRAM) && !data(e) && (carried || constant)
            })
        },
    },
    Behaviour {
        id: "assembly_invoke",
        title: "calls an assembly that it loads by name with request data",
        score: 55,
        what: "A page that belongs to no application loads an assembly or looks up a class by a constant name, makes an object \
               of it by reflection, and gives it request data or the request itself.",
        why: "The shell is in a library in `bin`; the page is only the door to it, and has no word of what it does.",
        harmless: "Pages that load plug-ins, which are part of an application.",
        shows: |f| {
            let named = f.any(&[Sink::Load], |e| e.main.constant != Constant::Unknown)
                || f.any(&[Sink::Reflect], |e| {
                    f.reading.callee(e) == b"gettype"
                        && f.text(e.main.constant).is_some_and(|name| name.contains(&b','))
                });
            if !named || f.belongs_somewhere() {
                return Vec::new();
            }
            let context = types::REQUEST | types::CONTEXT;
            f.in_page(&[Sink::Reflect], |e| {
                let called = matches!(f.reading.callee(e), b"invoke" | b"invokemember" | b"equals" | b"createinstance");
                called && (data(e) || with_data(e) || e.second.types.intersects(context))
            })
        },
    },
    Behaviour {
        id: "sql_statement_request",
        title: "runs any SQL statement that comes with the request and shows its result",
        score: 60,
        what: "The whole statement comes with the request, and what the database answers is written into the page, or the \
               request names the database as well; the page belongs to no application.",
        why: "A console for the site's own database, and with it often a command line.",
        harmless: "SQL tools of administrators; those that are part of an application have includes or code behind them.",
        shows: |f| {
            let runs = f.in_page(&[Sink::SqlRun], |e| whole(e) && own(e, DATABASES));
            if runs.is_empty() {
                return runs;
            }
            let shows = f.any(&[Sink::Output], |e| has(e, TaintFlags::STORED))
                || f.any(&[Sink::SqlConnect], |e| data(e) && e.arguments > 0)
                || f.mentions(b"datasource");
            if shows && !f.belongs_somewhere() { runs } else { Vec::new() }
        },
    },
    Behaviour {
        id: "database_dump_request",
        title: "opens a database that the request names and shows what is in it",
        score: 60,
        what: "The connection string comes with the request, wholly or in parts, and what the database answers is written into \
               the page, which belongs to no application.",
        why: "It reads any database that can be reached from the server.",
        harmless: "Installers ask for the database they are to use, but show nothing of what is in it.",
        shows: |f| {
            let shows = f.any(&[Sink::Output], |e| has(e, TaintFlags::STORED));
            let opens = f.in_page(&[Sink::SqlConnect], |e| data(e) && e.arguments > 0);
            if shows && !f.belongs_somewhere() && f.any(&[Sink::SqlRun], |_| true) { opens } else { Vec::new() }
        },
    },
    Behaviour {
        id: "file_upload_unrestricted",
        title: "is an uploader that takes files of any kind",
        score: 50,
        what: "A small page that belongs to no application saves an upload under the name it came with, and nothing in it looks \
               at the name, the kind or who sends it. What lies in `App_Data` is served to nobody and does not count.",
        why: "A page that takes any file takes a shell.",
        harmless: "Samples and tests of upload components, which are open to the same.",
        shows: |f| {
            let small = f.reading.tokens < 3 * SMALL;
            if !small || f.belongs_somewhere() {
                return Vec::new();
            }
            let shown = f.in_page(&[Sink::Save, Sink::Write], |e| {
                let named = has(e, TaintFlags::NAME) || data(e) && (with_data(e) || e.sink == Sink::Save);
                named && has(e, TaintFlags::ENDS) && !has(e, TaintFlags::PROGRAM | TaintFlags::PAGE_NAME)
            });
            let checked = || f.checks_names() || f.checks_user() || f.holds(b"app_data");
            if shown.is_empty() || checked() { Vec::new() } else { shown }
        },
    },
    Behaviour {
        id: "command_execution_fixed",
        title: "runs a fixed command and does nothing else",
        score: 60,
        what: "A small page that belongs to no application starts a command interpreter, or a program whose output it reads, \
               with a constant command, and writes the output; or it is all of a few lines that start an \
               interpreter.",
        why: "It is how an intruder tries whether programs can be started, and who the server runs as.",
        harmless: "Pages of administrators that show the state of a server.",
        shows: |f| {
            let shows = f.any(&[Sink::Output], |e| has(e, TaintFlags::STORED));
            let (small, tiny) = (f.reading.tokens < SMALL, f.reading.tokens < SMALL / 3);
            if f.belongs_somewhere() {
                return Vec::new();
            }
            f.in_page(&[Sink::Start], |e| {
                let fixed = !data(e) && !with_data(e) && !own(e, types::PIPE);
                fixed && (small && shows || tiny && has(e, TaintFlags::SHELL))
            })
        },
    },
    Behaviour {
        id: "ssrf_open_proxy",
        title: "asks any address for whoever asks, shows the answer, and does nothing else",
        score: 50,
        what: "The whole address of a request to another host comes with the request, its answer is written into the page, and \
               the page is all of a few lines that look at neither.",
        why: "An open proxy into the network behind the server.",
        harmless: "Proxies for maps and feeds from before browsers could ask other hosts; they should know whom they ask.",
        shows: |f| {
            let shows = f.any(&[Sink::Output], |e| has(e, TaintFlags::REMOTE));
            let small = f.reading.tokens < 90 && !f.belongs_somewhere();
            if shows && small { f.in_page(&[Sink::Fetch], whole) } else { Vec::new() }
        },
    },
    Behaviour {
        id: "site_archive",
        title: "packs the files of the site into an archive or a database",
        score: 60,
        what: "A page that belongs to no application goes through a folder, reads its files, and puts them into a ZIP archive \
               or a database file that it creates.",
        why: "It is how a whole site, with its configuration and passwords, is carried off in one file.",
        harmless: "Backup pages of a content manager, which are part of it.",
        shows: |f| {
            if f.belongs_somewhere() {
                return Vec::new();
            }
            let walks = f.any(&[Sink::List], |_| true) && f.any(&[Sink::Read], |_| true);
            let mut shown = f.in_page(&[Sink::Pack], |e| {
                has(e, TaintFlags::PLACE | TaintFlags::MAPPED | TaintFlags::DATA)
                    || e.main.constant != Constant::Unknown
            });
            if walks && shown.is_empty() {
                shown = f.in_page(&[Sink::Write], |e| own(e, types::DB_TOOL));
            }
            shown
        },
    },
];

/// Objects that run statements.
const DATABASES: Types = types::SQL_COMMAND
    .union(types::SQL_ADAPTER)
    .union(types::ADO_CONNECTION)
    .union(types::ADO_RECORDS)
    .union(types::SQL_SOURCE);
