//! Behaviours that take passwords of others, and that make or list accounts.

use super::Behaviour;
use super::facts::*;
use crate::code::api_model::{Sink, types};
use crate::code::flow::Event;
use crate::code::flow::value::TaintFlags;
use crate::code::tree::Node;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        id: "credential_logging",
        title: "writes the password field of a form to a file",
        score: 70,
        what: "The value of a form field for a password reaches a file that is neither a page nor configuration. Fields are \
               told by their names; those of databases, mail and FTP servers do not count, nor what went through a hash.",
        why: "Edited logon pages collect the passwords of everybody who logs on (T1056.003).",
        harmless: "None was seen in 9,801 pages of ASP.NET and 7,817 of classic ASP.",
        shows: |f| {
            f.which(&[Sink::Write, Sink::Save], |e| {
                let secret =
                    e.second.flags.intersects(TaintFlags::SECRET) && !e.second.flags.intersects(TaintFlags::DERIVED);
                secret && !has(e, TaintFlags::PAGE_NAME)
            })
        },
    },
    Behaviour {
        id: "form_logging",
        title: "writes every field of a form to a file",
        score: 40,
        what: "All that a form holds, whatever the names of its fields, is written to a file of a constant name that is neither \
               a page nor configuration, in a page that belongs to no application.",
        why: "It collects what others type: an edited logon page or a copy of one needs no names of fields for that.",
        harmless: "Error logs and filters against SQL injection keep what was sent: 3 of 7,817 pages of classic ASP; scripts that keep \
                   the answers of any form.",
        shows: |f| {
            if f.belongs_somewhere() {
                return Vec::new();
            }
            f.in_page(&[Sink::Write, Sink::Save], |e| {
                e.second.flags.intersects(TaintFlags::FORM)
                    && !data(e)
                    && !has(e, TaintFlags::PAGE_NAME | TaintFlags::NAME)
            })
        },
    },
    Behaviour {
        id: "credential_exfiltration",
        title: "sends the password field of a form to another host",
        score: 60,
        what: "The value of a form field for a password is in the address or the body of a request that the page itself makes, \
               in a page that belongs to no application.",
        why: "Edited logon pages send the passwords of everybody who logs on to their collector (T1056.003).",
        harmless: "Pages that log on at another service for their user; those of an application have includes or code behind them.",
        shows: |f| {
            let secret = |e: &Event| has(e, TaintFlags::SECRET) || e.second.flags.intersects(TaintFlags::SECRET);
            let shown = f.which(&[Sink::Fetch, Sink::Download, Sink::Post], secret);
            if f.belongs_somewhere() { Vec::new() } else { shown }
        },
    },
    Behaviour {
        id: "credential_exfiltration_script",
        title: "has a browser script that sends the typed password to another host",
        score: 60,
        what: "A script for the browser reads a password field and puts its value into a request to an absolute address, the \
               address of a picture, or a beacon.",
        why: "Whoever logs on here gives the password to somebody else as well (T1056.003).",
        harmless: "Pages whose log-on is answered by an API on another host.",
        shows: |f| f.sent(|sent| sent.far || sent.covert),
    },
    Behaviour {
        id: "logon_page_credential_theft",
        title: "is a logon page of Outlook on the web whose script hands the password to more than its form",
        score: 85,
        what: "The page or script has the names of the logon page of Outlook on the web (`clkLgn`, `auth.owa`), and the value \
               of its password field reaches a request, an address, a cookie, browser storage or another field.",
        why: "The stock page only sends its form. Intruders edit it and `flogon.js` to collect the passwords of a whole company.",
        harmless: "None known: the stock scripts copy the password into its plain-text twin alone.",
        shows: |f| f.sent(|sent| sent.outlook),
    },
    Behaviour {
        id: "account_creation",
        title: "creates an account of the computer, sets its password or adds it to a group",
        score: 75,
        what: "A page uses the WinNT provider of ADSI, or the machine context of `AccountManagement`, to create users, set \
               passwords or change groups.",
        why: "It makes an intruder's own account (T1136.001).",
        harmless: "Administration pages of hosting panels, which are open to the same.",
        shows: |f| {
            let changes: &[&[u8]] =
                &[b"create", b"setpassword", b"save", b"add", b"invoke", b"commitchanges", b"setinfo"];
            let shown = f.in_page(&[Sink::Account], |e| {
                changes.contains(&f.reading.callee(e)) && own(e, types::ADSI | types::ACCOUNTS | types::DIRECTORY_ENTRY)
            });
            let local = || f.says(b"winnt:") || f.mentions(b"machine") && f.mentions(b"principalcontext");
            if shown.is_empty() || !local() { Vec::new() } else { shown }
        },
    },
    Behaviour {
        id: "account_enumeration",
        title: "lists the accounts, groups or services of the computer",
        score: 50,
        what: "A page goes through the members of a constant `WinNT:` path and writes them out.",
        why: "An intruder looks for whom to be next (T1087.001).",
        harmless: "Old pages that test what a server can do list its services so.",
        shows: |f| {
            let shown = f.in_page(&[Sink::Account], |e| {
                own(e, types::ADSI) && matches!(f.reading.tree.node(e.node), Node::Each(..))
            });
            let written = || f.any(&[Sink::Output], |_| true) && f.says(b"winnt:") && !f.belongs_somewhere();
            if shown.is_empty() || !written() { Vec::new() } else { shown }
        },
    },
];
