//! Behaviours: databases, registry, accounts, keys, network, memory residence.

use super::facts::*;
use crate::code::api_model::{Sink, types};
use crate::code::flow::value::TaintFlags;
use crate::model::CheckInfo;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        check: CheckInfo {
            id: "behaviour/network_tunnel",
            title: "connects to a host from request input",
            score: 90,
            looks_for: "A socket connects to a host or port from request input.",
            why: "The page relays traffic into the internal network: reGeorg, ABPTTS and similar tunnels.",
            benign_look_alikes: "None in 6,662 pages of 21 applications.",
            attack: &["T1505.003", "T1090.001", "T1572"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::Connect], |e| data(e) || with_data(e)),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/socket_relay",
            title: "relays request bodies to a socket",
            score: 80,
            looks_for: "Request input is written to a socket, and the socket is read.",
            why: "The other half of a tunnel, in a separate page or with its host kept in a session.",
            benign_look_alikes: "None known.",
            attack: &["T1505.003", "T1090.001", "T1572"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let reads = f.any(&[Sink::Receive], |_| true);
            f.which(&[Sink::Send], |e| reads && (data(e) || bytes(e)))
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/socket_connection",
            title: "opens a socket connection",
            score: 20,
            looks_for: "A page opens a socket connection, and the host could not be traced to request input.",
            why: "Adds context to other findings.",
            benign_look_alikes: "Pages that send mail or check whether a service is running.",
            attack: &["T1095"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::Connect], |e| !data(e) && !with_data(e) && e.arguments > 0),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/packet_sniffing",
            title: "captures network traffic",
            score: 75,
            looks_for: "A raw socket is set to receive all packets (`IOControl`).",
            why: "It collects other people's passwords.",
            benign_look_alikes: "None known in pages.",
            attack: &["T1040"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.in_page(&[Sink::Sniff], |_| true),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/ssrf",
            title: "requests a URL from request input",
            score: 15,
            looks_for: "The URL of an outgoing request is request input (CWE-918).",
            why: "It provides access to the internal network.",
            benign_look_alikes: "Proxies for maps and feeds.",
            attack: &["T1090"],
            references: &["https://cwe.mitre.org/data/definitions/918.html"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::Fetch], whole),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/ssrf_response_shown",
            title: "requests a URL from request input and returns the response",
            score: 45,
            looks_for: "The whole URL of an outgoing request is request input, its response is written to the page, \
                        and the page belongs to no application.",
            why: "It opens the internal network to anyone who can reach the page.",
            benign_look_alikes: "Proxies for maps and feeds, which should restrict their targets.",
            attack: &["T1090"],
            references: &["https://cwe.mitre.org/data/definitions/918.html"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let shows = f.any(&[Sink::Output], |e| has(e, TaintFlags::REMOTE));
            if shows && !f.belongs_somewhere() { f.which(&[Sink::Fetch], whole) } else { Vec::new() }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/database_connection_request",
            title: "opens a database from request input",
            score: 20,
            looks_for: "The connection string of a database is request input, in whole or in part.",
            why: "A console for every database that this server can reach.",
            benign_look_alikes: "Installers ask which database to use: 32 of 2,950 classic ASP pages, none of 3,712 \
                                 ASP.NET pages.",
            attack: &["T1213.006"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            // In PHP a statement and its database are one thing; a console shows both.
            if f.is_php() && f.any(&[Sink::SqlRun], |e| data(e) && has(e, TaintFlags::AT_START)) {
                return Vec::new();
            }
            f.which(&[Sink::SqlConnect], data)
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/sql_console",
            title: "runs any SQL on any database from request input",
            score: 72,
            looks_for: "The connection string and the whole statement are request input, in a page that belongs to no \
                        application.",
            why: "A console for every database that this server can reach, and often a command prompt as well.",
            benign_look_alikes: "SQL managers; those that belong to an application have includes, code-behind files or \
                                 user checks.",
            attack: &["T1505.003", "T1213.006"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let opens = f.any(&[Sink::SqlConnect], |e| data(e) && has(e, TaintFlags::AT_START));
            let runs = f.which(&[Sink::SqlRun], |e| data(e) && has(e, TaintFlags::AT_START));
            if opens && !f.belongs_somewhere() { runs } else { Vec::new() }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/database_export",
            title: "exports a database from request input to files",
            score: 60,
            looks_for: "The connection string is request input, and so is the name of a file that is written.",
            why: "The content of a database is exfiltrated this way.",
            benign_look_alikes: "Export functions of an application open the application's own database.",
            attack: &["T1213.006", "T1074"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let writes = f.any(&[Sink::Write, Sink::Save], data);
            let opens = f.which(&[Sink::SqlConnect], |e| data(e) && !own(e, types::ADO_CONNECTION));
            if writes && !f.belongs_somewhere() { opens } else { Vec::new() }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/registry_access_request",
            title: "accesses the registry by a name from request input",
            score: 80,
            looks_for: "The name of a registry key or value is request input.",
            why: "Keys, accounts and settings of the whole server are stored there.",
            benign_look_alikes: "None in 6,662 pages of 21 applications.",
            attack: &["T1505.003", "T1012", "T1112"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::RegistryRead, Sink::RegistryWrite], |e| data(e) || with_data(e)),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/registry_enumeration",
            title: "enumerates the registry",
            score: 55,
            looks_for: "A page lists the names of keys or values, or reads one that is not named by a constant.",
            why: "It shows what is installed on the server and what can be abused.",
            benign_look_alikes: "None in 6,662 pages of 21 applications.",
            attack: &["T1012"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.in_page(&[Sink::RegistryRead], |e| {
                (unknown(e) && e.arguments > 0 || matches!(f.reading.callee(e), b"getvaluenames" | b"getsubkeynames"))
                    && !data(e)
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/registry_access",
            title: "accesses the registry",
            score: 30,
            looks_for: "A page reads or writes constant registry keys.",
            why: "Ports, passwords of remote administration tools and logon settings are read this way.",
            benign_look_alikes: "Pages that look up a version or a setting of their own.",
            attack: &["T1012"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.in_page(&[Sink::RegistryRead, Sink::RegistryWrite], |e| !unknown(e) && !data(e) && !with_data(e)),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/account_management",
            title: "reads or changes local or directory accounts",
            score: 45,
            looks_for: "A page opens `WinNT:` or `LDAP:` paths or directory entries that are not used for its own \
                        logon, creates users, or sets passwords.",
            why: "Attackers create accounts of their own this way.",
            benign_look_alikes: "Logon pages and address books query the directory with a constant path.",
            attack: &["T1087", "T1098"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let changes = |e: &crate::code::flow::Event| own(e, types::ADSI) || data(e) || has(e, TaintFlags::AT_START);
            f.which(&[Sink::Account], changes)
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/connection_string_disclosure",
            title: "discloses a connection string selected by request input",
            score: 55,
            looks_for: "An entry of the `connectionStrings` configuration is selected by request input.",
            why: "It contains the host, user and password of a database.",
            benign_look_alikes: "None in 6,662 pages of 21 applications: pages name their own database by a constant.",
            attack: &["T1552.001"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.which(&[Sink::Setting], data),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/machine_key_read",
            title: "reads the machine keys of the server",
            score: 75,
            looks_for: "Code reads the machine keys.",
            why: "With the keys, anyone can forge ViewState that executes code, long after the page is gone.",
            benign_look_alikes: "None known in pages.",
            attack: &["T1552.001", "T1505.003"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.in_page(&[Sink::Key], |_| true),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/virtual_path_provider",
            title: "registers a virtual path provider (fileless pages)",
            score: 85,
            looks_for: "A page registers a VirtualPathProvider, or contains a class derived from it.",
            why: "Its pages exist only in the memory of the worker process: the file that registered them can be \
                  deleted.",
            benign_look_alikes: "Libraries of content management systems register one when the application starts \
                                 (`Application_Start`); a page does not.",
            attack: &["T1505.003", "T1620"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let derives = f.derives(&[b"virtualpathprovider"]);
            let start = f.any(&[Sink::Provide], |_| true);
            if start {
                f.in_page(&[Sink::Provide], |_| true)
            } else if derives {
                f.in_page(&[Sink::Define], |_| true)
            } else {
                Vec::new()
            }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/http_listener",
            title: "opens its own HTTP or socket listener",
            score: 80,
            looks_for: "A page starts an HttpListener or a listening socket.",
            why: "It answers at a URL that no web server log shows, as long as the process lives.",
            benign_look_alikes: "None known in pages.",
            attack: &["T1505.003", "T1205"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.in_page(&[Sink::Listen], |_| true),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/runtime_route_or_module",
            title: "registers a module, filter or route at run time",
            score: 55,
            looks_for: "A page registers a module, a filter or a route while it runs.",
            why: "The registered code answers other URLs or sees other users' passwords, and is not stored on disk.",
            benign_look_alikes: "Applications register theirs at start-up, in Global.asax or an assembly.",
            attack: &["T1505.003", "T1505.004"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let application = f.reading.structure.directives.iter().any(|d| d.name == "application");
            if application { Vec::new() } else { f.in_page(&[Sink::Route, Sink::Module], |_| true) }
        },
    },
];
