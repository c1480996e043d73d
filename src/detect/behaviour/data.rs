//! Behaviours that reach into databases, the registry, accounts, keys and the network, and that stay in memory.

use super::Behaviour;
use super::facts::*;
use crate::code::api_model::{Sink, types};
use crate::code::flow::value::TaintFlags;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        id: "tunnels",
        title: "connects to a computer that request data names",
        score: 90,
        what: "A socket is connected to a host or port that comes with the request.",
        why: "A page that carries whatever it is sent into the network behind the server: reGeorg, ABPTTS and their kin.",
        harmless: "None was seen in 6,662 pages of 21 applications.",
        shows: |f| f.which(&[Sink::Connect], |e| data(e) || with_data(e)),
    },
    Behaviour {
        id: "carries_body_to_socket",
        title: "sends the body of requests into a socket",
        score: 80,
        what: "Request data is written into a socket, and what the socket gives is read.",
        why: "The other half of a tunnel, in a page of its own or with its host in a session.",
        harmless: "None known.",
        shows: |f| {
            let reads = f.any(&[Sink::Receive], |_| true);
            f.which(&[Sink::Send], |e| reads && (data(e) || bytes(e)))
        },
    },
    Behaviour {
        id: "connects_socket",
        title: "uses a socket",
        score: 20,
        what: "A page connects a socket, and its host does not come with the request as far as could be followed.",
        why: "It is worth knowing beside other things.",
        harmless: "Pages that send mail or ask whether a service runs.",
        shows: |f| f.which(&[Sink::Connect], |e| !data(e) && !with_data(e) && e.arguments > 0),
    },
    Behaviour {
        id: "listens_to_network",
        title: "listens to all that passes on the network",
        score: 75,
        what: "A raw socket is told to receive every packet (`IOControl`).",
        why: "It collects passwords of others.",
        harmless: "None known in pages.",
        shows: |f| f.in_page(&[Sink::Sniff], |_| true),
    },
    Behaviour {
        id: "forwards_request",
        title: "asks an address that request data names",
        score: 15,
        what: "The address of a request to another computer comes with the request.",
        why: "It looks into the network behind the server.",
        harmless: "Proxies for maps and feeds.",
        shows: |f| f.which(&[Sink::Fetch], whole),
    },
    Behaviour {
        id: "shows_request_address",
        title: "asks an address that request data names, and shows the answer",
        score: 45,
        what: "The whole address of a request to another computer comes with the request, and its answer is written into the \
               page; the page belongs to nothing.",
        why: "A way into the network behind the server, for whoever can reach it.",
        harmless: "Proxies for maps and feeds, which should know whom they ask.",
        shows: |f| {
            let shows = f.any(&[Sink::Output], |e| has(e, TaintFlags::REMOTE));
            if shows && !f.belongs_somewhere() { f.which(&[Sink::Fetch], whole) } else { Vec::new() }
        },
    },
    Behaviour {
        id: "opens_request_database",
        title: "opens a database that request data names",
        score: 20,
        what: "The connection string of a database comes with the request, wholly or in parts.",
        why: "A console for whatever database can be reached from the server.",
        harmless: "Installers ask for the database they are to use: 32 of 2,950 pages of classic ASP, none of 3,712 of ASP.NET.",
        shows: |f| {
            // In PHP a statement and its database are one thing; a console shows both.
            if f.is_php() && f.any(&[Sink::SqlRun], |e| data(e) && has(e, TaintFlags::LEADS)) {
                return Vec::new();
            }
            f.which(&[Sink::SqlConnect], data)
        },
    },
    Behaviour {
        id: "sql_console",
        title: "runs any SQL on any database that request data names",
        score: 72,
        what: "The connection string and the whole statement come with the request, in a page that belongs to nothing.",
        why: "A console for whatever database can be reached from the server, and with it often a command line.",
        harmless: "SQL managers; those that are part of an application have includes, code behind them or a user to know.",
        shows: |f| {
            let opens = f.any(&[Sink::SqlConnect], |e| data(e) && has(e, TaintFlags::LEADS));
            let runs = f.which(&[Sink::SqlRun], |e| data(e) && has(e, TaintFlags::LEADS));
            if opens && !f.belongs_somewhere() { runs } else { Vec::new() }
        },
    },
    Behaviour {
        id: "copies_database",
        title: "copies a database that request data names into files",
        score: 60,
        what: "The connection string comes with the request, and so does the name of a file that is written.",
        why: "It is how the content of a database is carried off.",
        harmless: "Exports of an application open the application's own database.",
        shows: |f| {
            let writes = f.any(&[Sink::Write, Sink::Save], data);
            let opens = f.which(&[Sink::SqlConnect], |e| data(e) && !own(e, types::ADO_CONNECTION));
            if writes && !f.belongs_somewhere() { opens } else { Vec::new() }
        },
    },
    Behaviour {
        id: "registry_from_request",
        title: "reads or writes the registry by a name from the request",
        score: 80,
        what: "The name of a key or value of the registry comes with the request.",
        why: "Keys, accounts and settings of the whole server lie there.",
        harmless: "None was seen in 6,662 pages of 21 applications.",
        shows: |f| f.which(&[Sink::RegistryRead, Sink::RegistryWrite], |e| data(e) || with_data(e)),
    },
    Behaviour {
        id: "searches_registry",
        title: "goes through the registry",
        score: 55,
        what: "A page lists names of keys or values, or reads what is not named by a constant.",
        why: "It looks for what the server has, and what it can be made to do.",
        harmless: "None was seen in 6,662 pages of 21 applications.",
        shows: |f| {
            f.in_page(&[Sink::RegistryRead], |e| {
                (unknown(e) && e.arguments > 0 || matches!(f.reading.callee(e), b"getvaluenames" | b"getsubkeynames"))
                    && !data(e)
            })
        },
    },
    Behaviour {
        id: "uses_registry",
        title: "reads or writes the registry",
        score: 30,
        what: "A page reads or writes constant keys of the registry.",
        why: "Ports, passwords of remote tools and logon settings are read so.",
        harmless: "Pages that look for a version or a setting of their own.",
        shows: |f| f.in_page(&[Sink::RegistryRead, Sink::RegistryWrite], |e| !unknown(e) && !data(e) && !with_data(e)),
    },
    Behaviour {
        id: "manages_accounts",
        title: "reads or changes accounts of the computer or the directory",
        score: 45,
        what: "A page opens `WinNT:` or `LDAP:` paths or directory entries that are not for its own log-on, makes users, sets \
               passwords.",
        why: "It makes an intruder's own account.",
        harmless: "Log-on pages and address books ask the directory with a constant path.",
        shows: |f| {
            let changes = |e: &crate::code::flow::Event| own(e, types::ADSI) || data(e) || has(e, TaintFlags::LEADS);
            f.which(&[Sink::Account], changes)
        },
    },
    Behaviour {
        id: "reads_connection_strings",
        title: "gives away a connection string that request data names",
        score: 55,
        what: "An entry of the configuration's connection strings is chosen by the request.",
        why: "It holds the address, name and password of a database.",
        harmless: "None was seen in 6,662 pages of 21 applications; pages name their own database by a constant.",
        shows: |f| f.which(&[Sink::Setting], data),
    },
    Behaviour {
        id: "reads_keys",
        title: "reads the keys of the server",
        score: 75,
        what: "The machine keys are read by code.",
        why: "With them whoever asks can make view state that runs programs, long after the page is gone.",
        harmless: "None known in pages.",
        shows: |f| f.in_page(&[Sink::Key], |_| true),
    },
    Behaviour {
        id: "provides_pages",
        title: "makes pages that lie on no disk",
        score: 85,
        what: "A page registers a VirtualPathProvider, or holds a class made from it.",
        why: "Its pages live in the memory of the server: the file that brought them can be deleted.",
        harmless: "Libraries of content managers register one when the application starts (`Application_Start`); a page does not.",
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
        id: "listens_for_requests",
        title: "listens for requests of its own",
        score: 80,
        what: "A page starts an HttpListener, or a listening socket.",
        why: "It answers at an address that no log of the server shows, as long as the process lives.",
        harmless: "None known in pages.",
        shows: |f| f.in_page(&[Sink::Listen], |_| true),
    },
    Behaviour {
        id: "hooks_requests",
        title: "hooks itself into the requests of others",
        score: 55,
        what: "A page registers a module, a filter or a route while it runs.",
        why: "What is registered so answers other addresses, or sees passwords of others, and lies on no disk.",
        harmless: "Applications register theirs when they start, in Global.asax or a library.",
        shows: |f| {
            let application = f.reading.structure.directives.iter().any(|d| d.name == "application");
            if application { Vec::new() } else { f.in_page(&[Sink::Route, Sink::Module], |_| true) }
        },
    },
];
