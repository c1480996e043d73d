//! Behaviours: credential theft, account creation and listing.

use super::facts::*;
use crate::code::api_model::{Sink, types};
use crate::code::flow::Event;
use crate::code::flow::value::TaintFlags;
use crate::code::tree::Node;
use crate::model::CheckInfo;

pub(super) const BEHAVIOURS: &[Behaviour] = &[
    Behaviour {
        check: CheckInfo {
            id: "behaviour/credential_logging",
            title: "writes a submitted password to a file",
            score: 70,
            looks_for: "The value of a password form field reaches a file that is neither a page nor configuration. \
                        Fields are recognised by name; those of databases, mail and FTP servers do not count, nor does \
                        a value that was hashed.",
            why: "Modified logon pages collect the passwords of everyone who logs on.",
            benign_look_alikes: "None in 9,801 ASP.NET pages and 7,817 classic ASP pages.",
            attack: &["T1056.003"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            f.which(&[Sink::Write, Sink::Save], |e| {
                let secret =
                    e.second.flags.intersects(TaintFlags::SECRET) && !e.second.flags.intersects(TaintFlags::DERIVED);
                secret && !has(e, TaintFlags::PAGE_NAME)
            })
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/form_logging",
            title: "writes all submitted form fields to a file",
            score: 40,
            looks_for: "All form fields, regardless of their names, are written to a file with a constant name that is \
                        neither a page nor configuration, in a page that belongs to no application.",
            why: "It collects what others type: a modified logon page does not need field names for that.",
            benign_look_alikes: "Error logs and filters against SQL injection that keep the submitted data: 3 of 7,817 \
                                 classic ASP pages; scripts that store the answers of any form.",
            attack: &["T1056.003"],
            ..CheckInfo::EMPTY
        },
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
        check: CheckInfo {
            id: "behaviour/credential_exfiltration",
            title: "sends a submitted password to another host",
            score: 60,
            looks_for: "The value of a password form field is part of the URL or body of an outgoing request, in a \
                        page that belongs to no application.",
            why: "Modified logon pages send the passwords of everyone who logs on to the attacker.",
            benign_look_alikes: "Pages that log on to another service for the user; those of an application have \
                                 includes or code-behind files.",
            attack: &["T1056.003", "T1041"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let secret = |e: &Event| has(e, TaintFlags::SECRET) || e.second.flags.intersects(TaintFlags::SECRET);
            let shown = f.which(&[Sink::Fetch, Sink::Download, Sink::Post], secret);
            if f.belongs_somewhere() { Vec::new() } else { shown }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/credential_exfiltration_script",
            title: "has a browser script that sends the typed password to another host",
            score: 60,
            looks_for: "A browser script reads a password field and puts its value into a request to an absolute URL, \
                        an image URL, or a beacon.",
            why: "Everyone who logs on also sends the password to a third party.",
            benign_look_alikes: "Pages whose logon is handled by an API on another host.",
            attack: &["T1056.003", "T1041"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.sent(|sent| sent.far || sent.covert),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/logon_page_credential_theft",
            title: "Outlook on the web logon page that leaks the password",
            score: 85,
            looks_for: "The page or script has the names of the Outlook on the web logon page (`clkLgn`, `auth.owa`), \
                        and the value of its password field reaches a request, a URL, a cookie, browser storage or \
                        another field.",
            why: "The original page only submits its form. Attackers modify it and `flogon.js` to collect the \
                  passwords of a whole organisation.",
            benign_look_alikes: "None known: the original scripts copy the password only into its plain-text twin \
                                 field.",
            attack: &["T1056.003", "T1556"],
            ..CheckInfo::EMPTY
        },
        shows: |f| f.sent(|sent| sent.outlook),
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/account_creation",
            title: "creates a local account, sets its password or adds it to a group",
            score: 75,
            looks_for: "A page uses the WinNT provider of ADSI, or the machine context of `AccountManagement`, to \
                        create users, set passwords or change groups.",
            why: "Attackers create accounts of their own this way.",
            benign_look_alikes: "Administration pages of hosting panels, which are vulnerable to misuse.",
            attack: &["T1136.001", "T1098.007"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let changes: &[&[u8]] =
                &[b"create", b"setpassword", b"save", b"add", b"invoke", b"commitchanges", b"setinfo"];
            let shown = f.in_page(&[Sink::Account], |e| {
                changes.contains(&f.reading.callee(e)) && own(e, types::ADSI | types::ACCOUNTS | types::DIRECTORY_ENTRY)
            });
            let local =
                || f.literal_starts_with(b"winnt:") || f.mentions(b"machine") && f.mentions(b"principalcontext");
            if shown.is_empty() || !local() { Vec::new() } else { shown }
        },
    },
    Behaviour {
        check: CheckInfo {
            id: "behaviour/account_enumeration",
            title: "lists local accounts, groups or services",
            score: 50,
            looks_for: "A page iterates over a constant `WinNT:` path and writes the members to its output.",
            why: "Attackers use it to choose the next account.",
            benign_look_alikes: "Old server test pages that list services this way.",
            attack: &["T1087.001", "T1007"],
            ..CheckInfo::EMPTY
        },
        shows: |f| {
            let shown = f.in_page(&[Sink::Account], |e| {
                own(e, types::ADSI) && matches!(f.reading.tree.node(e.node), Node::Each(..))
            });
            let written =
                || f.any(&[Sink::Output], |_| true) && f.literal_starts_with(b"winnt:") && !f.belongs_somewhere();
            if shown.is_empty() || !written() { Vec::new() } else { shown }
        },
    },
];
