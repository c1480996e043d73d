//! What of the findings is exported, and what is not and why.

use super::super::facts::is_known_good;
use crate::case::{Case, Entry};
use crate::model::server_path::{extension, fold};
use crate::model::{BaselineStatus, Level, Role};
use crate::record::FindingBody;
use std::collections::HashMap;

/// What an export came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Hashes, paths or URLs that the rules have.
    pub values: usize,
    /// What was left out, in words, with how many findings it concerns.
    pub left_out: Vec<String>,
    /// What could not be read of the results, in words.
    pub unread: Vec<String>,
}

/// Something found, on however many servers.
pub(crate) struct Found<'c> {
    pub(crate) finding: &'c Entry<FindingBody>,
    pub(crate) servers: Vec<&'c str>,
}

/// What was found, each value once, in the order of the runs and of urgency.
#[derive(Default)]
pub(crate) struct Values<'c> {
    pub(crate) places: HashMap<String, usize>,
    pub(crate) list: Vec<(String, Found<'c>)>,
}

impl<'c> Values<'c> {
    /// Adds a value of a finding; values that differ in case alone are the same.
    pub(crate) fn add(&mut self, value: String, finding: &'c Entry<FindingBody>, server: &'c str) {
        let place = *self.places.entry(fold(&value)).or_insert(self.list.len());
        match self.list.get_mut(place) {
            Some((_, known)) => {
                if known.servers.last() != Some(&server) {
                    known.servers.push(server);
                }
                if finding.body.level.0 > known.finding.body.level.0 {
                    known.finding = finding;
                }
            }
            None => self.list.push((value, Found { finding, servers: vec![server] })),
        }
    }
}

/// The reasons for which findings are left out, with how many.
#[derive(Default)]
pub(crate) struct LeftOut(Vec<(&'static str, u64)>);

impl LeftOut {
    pub(crate) fn count(&mut self, why: &'static str) {
        match self.0.iter_mut().find(|(known, _)| *known == why) {
            Some((_, count)) => *count += 1,
            None => self.0.push((why, 1)),
        }
    }

    pub(crate) fn words(self) -> Vec<String> {
        let words =
            |(why, count)| if count == 1 { format!("1 finding {why}") } else { format!("{count} findings {why}") };
        self.0.into_iter().map(words).collect()
    }
}

/// The findings that are exported, each with its server.
pub(crate) fn wanted<'c>(
    case: &'c Case,
    min_level: Level,
    left_out: &mut LeftOut,
) -> Vec<(&'c Entry<FindingBody>, &'c str)> {
    let mut list = Vec::new();
    for run in &case.runs {
        run.suppressed.iter().for_each(|_| left_out.count("that the user's list suppresses"));
        for finding in &run.findings {
            if finding.body.level.0 < min_level {
                left_out.count("below the level");
            } else if is_known_good(&finding.body) {
                left_out.count("with known-good content");
            } else {
                list.push((finding, run.server()));
            }
        }
    }
    list
}

/// Names that web servers and applications have anyhow: by name alone they are no trace of an attacker.
pub(crate) const COMMON_NAMES: [&str; 7] =
    ["default.aspx", "default.asp", "global.asax", "index.aspx", "index.asp", "index.html", "iisstart.htm"];
/// Extensions of configuration, which lies at the same path on every server.
pub(crate) const CONFIGURATION: [&str; 4] = ["config", "xml", "json", "ini"];
/// The reasons that say that no build of Exchange ships a page of this name.
pub(crate) const NOT_SHIPPED: [&str; 1] = ["location/unknown_page_in_logon_folder"];

/// Why the name of a file cannot be exported: on another server it may be that of a file that belongs there.
pub(crate) fn name_is_common(finding: &Entry<FindingBody>) -> Option<&'static str> {
    let body = &finding.body;
    let name = finding.path().rsplit(['\\', '/']).next().unwrap_or_default().to_lowercase();
    let not_shipped = || body.reasons.iter().any(|reason| NOT_SHIPPED.contains(&reason.id.as_str()));
    match body.state.baseline.as_ref().map(|baseline| baseline.status.0) {
        Some(BaselineStatus::KnownGood | BaselineStatus::Elsewhere | BaselineStatus::Changed) => {
            return Some("with the name of a file of the known-good baseline");
        }
        Some(BaselineStatus::NoBaseline) if !not_shipped() => {
            return Some(
                "in an installation whose build is in no baseline, so that the name may be one that Exchange has",
            );
        }
        Some(BaselineStatus::NoBaseline | BaselineStatus::NotStock) | None => {}
    }
    if COMMON_NAMES.contains(&name.as_str()) || CONFIGURATION.contains(&extension(&name).as_str()) {
        return Some("with a name that servers have anyhow");
    }
    if body.state.role.0 == Role::AspnetTemp {
        return Some("in Temporary ASP.NET Files, whose names each server makes up anew");
    }
    let signed = finding.head.file.as_ref().is_some_and(|file| file.code_signature.is_some());
    signed.then_some("signed by a known publisher")
}
