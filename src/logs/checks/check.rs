//! What a check of a text log is, what it is given and where it reports.

use super::address::PathClass;
use super::cmdlets::KnownFolders;
use crate::logs::aggregate::{HitAggregator, LogLocation, Sighting};
use crate::logs::format::{Field, Kind, Layout};
use crate::logs::needles::Needle;
use crate::logs::text::{self, decoded};
use crate::model::{CheckInfo, Level, Stage, Timestamp};
use std::borrow::Cow;

/// Checks of some kinds of log.
pub(in crate::logs) struct LogCheck {
    /// The checks that it makes.
    pub(in crate::logs) checks: &'static [&'static CheckInfo],
    /// The kinds of log that it looks at.
    pub(in crate::logs) kinds: &'static [Kind],
    /// Any of these in a line makes it worth a check; searched for in whole blocks.
    pub(in crate::logs) needles: &'static [Needle],
    /// The same, searched for only in lines of which the path of the request says that its query matters ([`PathClass::inspect_query`]).
    pub(in crate::logs) words: &'static [Needle],
    /// The function.
    pub(in crate::logs) run: fn(&Record<'_>, &Known<'_>, &mut Observations<'_>),
}

/// What is known of the server.
#[derive(Clone, Copy)]
pub(in crate::logs) struct Known<'k> {
    /// Its Exchange installations, and the folders that its web server serves.
    pub(in crate::logs) folders: &'k KnownFolders,
}

/// A line, or a record of several lines, split into its columns.
pub(in crate::logs) struct Record<'r> {
    pub(in crate::logs) layout: &'r Layout,
    pub(in crate::logs) fields: Vec<Cow<'r, str>>,
    /// The whole of it.
    pub(in crate::logs) raw: &'r str,
    pub(in crate::logs) time: Option<Timestamp>,
    /// What the path of the request is, in logs of requests.
    pub(in crate::logs) class: Option<&'r PathClass>,
    /// Whether the server is known to have Exchange, by its disk or by what it answered before.
    pub(in crate::logs) of_exchange: bool,
}

impl Record<'_> {
    /// A column; empty where the log or the line has none.
    pub(in crate::logs) fn get(&self, field: Field) -> &str {
        if field == Field::Query {
            return self.layout.query(&self.fields);
        }
        self.layout.place(field).and_then(|at| self.fields.get(at)).map_or("", |value| value)
    }

    /// The status of the answer: the front end's, else the back end's.
    pub(in crate::logs) fn status(&self) -> Option<u16> {
        let number = |field| self.get(field).trim().parse().ok();
        number(Field::Status).or_else(|| number(Field::BackEndStatus))
    }

    /// Whether the answer was a success.
    pub(in crate::logs) fn succeeded(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether the request has this method.
    pub(in crate::logs) fn is(&self, method: &str) -> bool {
        self.get(Field::Method).eq_ignore_ascii_case(method)
    }

    /// Path and query, decoded, in lower case.
    pub(in crate::logs) fn address(&self) -> String {
        decoded(&format!("{}?{}", self.get(Field::Stem), self.get(Field::Query)))
    }

    /// The account; empty for a request that proved nothing.
    pub(in crate::logs) fn user(&self) -> &str {
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
                text::find_folded(data, "S:CMD=").map_or(data, |at| &data[at..])
            }
            Kind::OabGenerator => self.get(Field::Message),
            Kind::Audit if !self.get(Field::Operation).is_empty() => {
                let data = self.get(Field::Data);
                let parameters = text::find_folded(data, "\"Parameters\":").map_or(data, |at| &data[at..]);
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
    pub(in crate::logs) fn is_own_probe(&self) -> bool {
        let client = self.get(Field::Client);
        let local =
            matches!(client, "::1" | "127.0.0.1") || !client.is_empty() && client == self.get(Field::ServerAddress);
        let agent = self.get(Field::Agent);
        local
            && (["AMProbe", "MSExchangeMonitoring", "Exchange BackEnd Probes"]
                .iter()
                .any(|name| text::begins(agent, name))
                || text::find_folded(self.user(), "HealthMailbox").is_some())
    }
}

/// Where checks report what they found.
pub(in crate::logs) struct Observations<'m> {
    pub(in crate::logs) aggregate: &'m mut HitAggregator,
    pub(in crate::logs) location: LogLocation<'m>,
}

impl Observations<'_> {
    /// Reports what the record shows.
    pub(in crate::logs) fn report(
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
pub(in crate::logs) fn back_end_of(path: &str) -> &'static str {
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
