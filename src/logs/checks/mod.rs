//! Checks of text logs, one subject per file. A `LogCheck` names the log types, the words that make a line worth
//! parsing, and a function over the columns.

mod address;
mod cmdlet_lines;
pub mod cmdlets;
mod ecp_server;
mod oab_generator;
mod owassrf;
mod proxylogon;
mod proxyshell;
mod proxytoken;
mod toolshell;
mod viewstate;
mod webshell;

pub(super) use address::{Page, PathClass, PathClassifier};

use super::aggregate::{HitAggregator, LogLocation, Sighting};
use super::format::{Field, Kind, Layout};
use super::needles::Needle;
use super::text::decoded;
use crate::model::{CheckInfo, Level, Stage, Timestamp};
use cmdlets::KnownFolders;
use std::borrow::Cow;

/// Checks of some kinds of log.
pub(super) struct LogCheck {
    /// The checks that it makes.
    pub(super) checks: &'static [&'static CheckInfo],
    /// The kinds of log that it looks at.
    pub(super) kinds: &'static [Kind],
    /// Any of these in a line makes it worth a check; searched for in whole blocks.
    pub(super) needles: &'static [Needle],
    /// The same, searched for only in lines of which the path of the request says that its query matters ([`PathClass::inspect_query`]).
    pub(super) words: &'static [Needle],
    /// The function.
    pub(super) run: fn(&Record<'_>, &Known<'_>, &mut Observations<'_>),
}

/// All of them.
pub(super) const LOG_CHECKS: &[LogCheck] = &[
    proxylogon::LOG_CHECK,
    proxylogon::BACK_END_LOG_CHECK,
    ecp_server::LOG_CHECK,
    oab_generator::LOG_CHECK,
    cmdlet_lines::LOG_CHECK,
    proxyshell::LOG_CHECK,
    owassrf::LOG_CHECK,
    owassrf::POWERSHELL_LOG,
    proxytoken::LOG_CHECK,
    viewstate::LOG_CHECK,
    toolshell::LOG_CHECK,
    webshell::LOG_CHECK,
];

/// Every check of the text logs; those of cmdlets are in the event logs too.
pub fn all() -> impl Iterator<Item = &'static CheckInfo> {
    LOG_CHECKS.iter().flat_map(|check| check.checks).copied()
}

/// What is known of the server.
#[derive(Clone, Copy)]
pub(super) struct Known<'k> {
    /// Its Exchange installations, and the folders that its web server serves.
    pub(super) folders: &'k KnownFolders,
}

/// A line, or a record of several lines, split into its columns.
pub(super) struct Record<'r> {
    pub(super) layout: &'r Layout,
    pub(super) fields: Vec<Cow<'r, str>>,
    /// The whole of it.
    pub(super) raw: &'r str,
    pub(super) time: Option<Timestamp>,
    /// What the path of the request is, in logs of requests.
    pub(super) class: Option<&'r PathClass>,
    /// Whether the server is known to have Exchange, by its disk or by what it answered before.
    pub(super) of_exchange: bool,
}

impl Record<'_> {
    /// A column; empty where the log or the line has none.
    pub(super) fn get(&self, field: Field) -> &str {
        if field == Field::Query {
            return self.layout.query(&self.fields);
        }
        self.layout.place(field).and_then(|at| self.fields.get(at)).map_or("", |value| value)
    }

    /// The status of the answer: the front end's, else the back end's.
    pub(super) fn status(&self) -> Option<u16> {
        let number = |field| self.get(field).trim().parse().ok();
        number(Field::Status).or_else(|| number(Field::BackEndStatus))
    }

    /// Whether the answer was a success.
    pub(super) fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether the request has this method.
    pub(super) fn is(&self, method: &str) -> bool {
        self.get(Field::Method).eq_ignore_ascii_case(method)
    }

    /// Path and query, decoded, in lower case.
    pub(super) fn address(&self) -> String {
        decoded(&format!("{}?{}", self.get(Field::Stem), self.get(Field::Query)))
    }

    /// The account; empty for a request that proved nothing.
    pub(super) fn user(&self) -> &str {
        self.get(Field::User)
    }

    /// The part to show: lines of the front-end proxy have forty columns, and the relevant ones are in the middle.
    fn excerpt(&self) -> Cow<'_, str> {
        let text = match self.layout.kind {
            Kind::HttpProxy => {
                let columns = [
                    ("", Field::Method),
                    ("", Field::Stem),
                    ("AnchorMailbox=", Field::Anchor),
                    ("HttpStatus=", Field::Status),
                    ("BackEndCookie=", Field::BackEndCookie),
                    ("UrlQuery=", Field::Query),
                    ("AuthenticatedUser=", Field::User),
                    ("UserAgent=", Field::Agent),
                ];
                let shown = columns.iter().filter(|(_, field)| !self.get(*field).is_empty());
                return shown
                    .map(|(name, field)| format!("{name}{}", self.get(*field)))
                    .collect::<Vec<_>>()
                    .join(" ")
                    .into();
            }
            Kind::EcpServer => {
                let data = self.get(Field::EventData);
                super::text::find_folded(data, "S:CMD=").map_or(data, |at| &data[at..])
            }
            Kind::OabGenerator => self.get(Field::Message),
            Kind::Audit if !self.get(Field::Operation).is_empty() => {
                let data = self.get(Field::Data);
                let parameters = super::text::find_folded(data, "\"Parameters\":").map_or(data, |at| &data[at..]);
                return [self.get(Field::Operation), parameters, self.get(Field::Outcome)].join(" ").into();
            }
            Kind::Cmdlet if !self.get(Field::Cmdlet).is_empty() => {
                let columns = [Field::Cmdlet, Field::Parameters, Field::Outcome];
                return columns.map(|field| self.get(field)).join(" ").into();
            }
            _ => "",
        };
        if text.is_empty() { self.raw.into() } else { text.into() }
    }

    /// Whether it is one of the probes by which Exchange watches itself: from the server, and named as they are. A client that
    /// takes their name is none.
    pub(super) fn is_own_probe(&self) -> bool {
        let client = self.get(Field::Client);
        let local =
            matches!(client, "::1" | "127.0.0.1") || !client.is_empty() && client == self.get(Field::ServerAddress);
        let agent = self.get(Field::Agent);
        local
            && (["AMProbe", "MSExchangeMonitoring", "Exchange BackEnd Probes"]
                .iter()
                .any(|name| super::text::begins(agent, name))
                || super::text::find_folded(self.user(), "HealthMailbox").is_some())
    }
}

/// Where checks report what they found.
pub(super) struct Observations<'m> {
    pub(super) aggregate: &'m mut HitAggregator,
    pub(super) location: LogLocation<'m>,
}

impl Observations<'_> {
    /// Reports what the record shows.
    pub(super) fn report(
        &mut self,
        record: &Record<'_>,
        check: &'static CheckInfo,
        stage: Stage,
        level: Level,
        title: &str,
    ) {
        let client = match record.get(Field::Client) {
            "" => record.user(),
            client => client,
        };
        self.aggregate.enter(&Sighting {
            check,
            stage,
            level,
            title,
            client,
            time: record.time,
            location: self.location,
            excerpt: &record.excerpt(),
        });
    }
}

/// What a column that holds an address leads to on the back end, by the first folder of its path.
pub(super) fn back_end_of(path: &str) -> &'static str {
    const TARGETS: &[(&str, &str)] = &[
        ("/autodiscover", "Autodiscover"),
        ("/powershell", "remote PowerShell"),
        ("/mapi", "MAPI"),
        ("/ews", "EWS"),
        ("/ecp", "ECP"),
        ("/owa", "OWA"),
        ("/oab", "OAB"),
        ("/rpc", "RPC"),
        ("/api", "REST"),
    ];
    TARGETS.iter().find(|(folder, _)| path.starts_with(folder)).map_or("the back end", |(_, words)| words)
}
