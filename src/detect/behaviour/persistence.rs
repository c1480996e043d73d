//! Behaviours of small tools: uploaders, droppers, pages that overwrite themselves, dump databases, run one fixed
//! command, or pack a site. Most apply only to pages that belong to no application, since applications do parts of the
//! same.

use super::facts::*;
use crate::code::api_model::{Sink, Types, types};
use crate::code::flow::value::{Constant, TaintFlags};
use crate::model::CheckInfo;

/// A page of more tokens than this is no small tool.
const SMALL: usize = 400;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        check: CheckInfo {
            id: "behaviour/self_overwrite",
            title: "overwrites its own file",
            score: 70,
            looks_for: "A file at the page's own path (`SCRIPT_NAME`, `PATH_TRANSLATED`, `Request.PhysicalPath`) is \
                        written, or another file is copied over it.",
            why: "A webshell rewrites itself to change its content or password, or to turn into a benign page when it \
                  is no longer needed.",
            benign_look_alikes: "None in 9,801 ASP.NET pages and 7,817 classic ASP pages.",
            attack: &["T1505.003", "T1070.004"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let mut shown = f.in_page(&[Sink::Write, Sink::Save], |e| has(e, TaintFlags::THIS_PAGE));
            shown.extend(f.in_page(&[Sink::Move], |e| {
                e.second.flags.intersects(TaintFlags::THIS_PAGE) && !own(e, types::FSO_FILE)
            }));
            shown.truncate(MOST_SHOWN);
            shown
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/executable_dropper",
            title: "writes an embedded executable",
            score: 70,
            looks_for: "A file with the extension of an executable or a Windows script receives data that the page \
                        carries or decodes: long base64 or hexadecimal text, or the output of a decoder; or it \
                        receives constant text and a process is started.",
            why: "It brings a tool past upload filters and runs it with the rights of the web server.",
            benign_look_alikes: "None known in pages.",
            attack: &["T1505.003", "T1105", "T1027.009"],
            ..CheckInfo::EMPTY
        },
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
        check: CheckInfo {
            id: "behaviour/assembly_invoke",
            title: "passes request input to an assembly loaded by name",
            score: 55,
            looks_for: "A page that belongs to no application loads an assembly or looks up a class by a constant \
                        name, creates an object by reflection, and passes it request input or the request itself.",
            why: "The webshell is a DLL in `bin`; the page is only its entry point and shows nothing of what it does.",
            benign_look_alikes: "Pages that load plug-ins, which belong to an application.",
            attack: &["T1505.003", "T1620"],
            ..CheckInfo::EMPTY
        },
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
        check: CheckInfo {
            id: "behaviour/sql_statement_request",
            title: "runs an SQL statement from request input and shows the result",
            score: 60,
            looks_for: "The whole statement is request input, and the result is written to the page, or the request \
                        also selects the database; the page belongs to no application.",
            why: "A console for the site's own database, and often a command prompt as well.",
            benign_look_alikes: "SQL tools of administrators; those that belong to an application have includes or \
                                 code-behind files.",
            attack: &["T1505.003", "T1213.006"],
            ..CheckInfo::EMPTY
        },
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
        check: CheckInfo {
            id: "behaviour/database_dump_request",
            title: "opens a database from request input and shows its content",
            score: 60,
            looks_for: "The connection string is request input, in whole or in part, and query results are written to \
                        the page, which belongs to no application.",
            why: "It reads every database that this server can reach.",
            benign_look_alikes: "Installers ask which database to use, but do not show its content.",
            attack: &["T1505.003", "T1213.006"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let shows = f.any(&[Sink::Output], |e| has(e, TaintFlags::STORED));
            let opens = f.in_page(&[Sink::SqlConnect], |e| data(e) && e.arguments > 0);
            if shows && !f.belongs_somewhere() && f.any(&[Sink::SqlRun], |_| true) { opens } else { Vec::new() }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/file_upload_unrestricted",
            title: "unrestricted file upload",
            score: 50,
            looks_for: "A small page that belongs to no application saves an upload under its original name, and \
                        nothing in it checks the name, the type or the sender (CWE-434). Files saved to `App_Data` are \
                        not served and do not count.",
            why: "A page that accepts any file accepts a webshell.",
            benign_look_alikes: "Samples and tests of upload components, which are vulnerable to this.",
            attack: &["T1505.003", "T1105"],
            references: &["https://cwe.mitre.org/data/definitions/434.html"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let small = f.reading.tokens < 3 * SMALL;
            if !small || f.belongs_somewhere() {
                return Vec::new();
            }
            let shown = f.in_page(&[Sink::Save, Sink::Write], |e| {
                let named = has(e, TaintFlags::NAME) || data(e) && (with_data(e) || e.sink == Sink::Save);
                named && has(e, TaintFlags::AT_END) && !has(e, TaintFlags::PROGRAM | TaintFlags::PAGE_NAME)
            });
            let checked = || f.checks_names() || f.checks_user() || f.holds(b"app_data");
            if shown.is_empty() || checked() { Vec::new() } else { shown }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/command_execution_fixed",
            title: "executes a fixed command and does nothing else",
            score: 60,
            looks_for: "A small page that belongs to no application starts a command interpreter, or an executable \
                        whose output it reads, with a constant command, and writes the output; or it is a page of a few \
                        lines that starts an interpreter.",
            why: "Attackers use it to test whether processes can be started, and under which account.",
            benign_look_alikes: "Administration pages that show the state of a server.",
            attack: &["T1505.003", "T1059.003"],
            ..CheckInfo::EMPTY
        },
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
        check: CheckInfo {
            id: "behaviour/ssrf_open_proxy",
            title: "open HTTP proxy",
            score: 50,
            looks_for: "The whole URL of an outgoing request is request input, the response is written to the page, \
                        and the page consists of a few lines that validate neither.",
            why: "An open proxy into the internal network.",
            benign_look_alikes: "Proxies for maps and feeds from the time before browsers supported cross-origin \
                                 requests; they should restrict their targets.",
            attack: &["T1090"],
            references: &["https://cwe.mitre.org/data/definitions/918.html"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let shows = f.any(&[Sink::Output], |e| has(e, TaintFlags::REMOTE));
            let small = f.reading.tokens < 90 && !f.belongs_somewhere();
            if shows && small { f.in_page(&[Sink::Fetch], whole) } else { Vec::new() }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/site_archive",
            title: "packs the files of the site into an archive or a database",
            score: 60,
            looks_for: "A page that belongs to no application walks a folder, reads its files, and puts them into a \
                        ZIP archive or a database file that it creates.",
            why: "A whole site, with its configuration and passwords, is exfiltrated in one file this way.",
            benign_look_alikes: "Backup pages of a content management system, which belong to it.",
            attack: &["T1505.003", "T1560", "T1005"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            if f.belongs_somewhere() {
                return Vec::new();
            }
            let walks = f.any(&[Sink::List], |_| true) && f.any(&[Sink::Read], |_| true);
            let mut shown = f.in_page(&[Sink::Pack], |e| {
                has(e, TaintFlags::PAGE_PATH | TaintFlags::MAPPED | TaintFlags::DATA)
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
