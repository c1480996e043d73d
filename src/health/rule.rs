//! The vulnerabilities of a build, evaluated like CSS-Exchange's HealthChecker (Invoke-AnalyzerSecurityCveCheck.ps1),
//! which compares a build with the first fixed build of each cumulative update in ascending order.

use crate::catalogue::builds::{Build, Fix, Tables};
use crate::model::OpenVulnerability;
use std::collections::BTreeMap;

/// Whether a build has a vulnerability, and what fixes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FixStatus<'t> {
    /// It is vulnerable.
    Open {
        /// What closes it on this cumulative update; `None` if this one never got the fix.
        fix: Option<&'t Fix>,
        /// What must hold beside the update, wherever it is to be had; empty for nothing.
        condition: &'t str,
        /// The row of the same cumulative update that says otherwise, where rows disagree.
        disputed: Option<&'t Fix>,
    },
    /// The code has the fix: by this row, which may set a condition. Of a cumulative update newer than every listed one, it
    /// is the last row.
    Closed(&'t Fix),
    /// The tables do not list the vulnerability for this product, or do not know the product.
    Unlisted,
}

/// Whether a build has a vulnerability.
///
/// 1. Rows of its own cumulative update decide. Where several name a build, the highest counts, and a build between them is
///    open and disputed.
/// 2. Without such a row it is open if a newer cumulative update is listed: that one had to be fixed, so the older had the
///    vulnerability, and it never got an update.
/// 3. Newer than every listed one: closed, since cumulative updates hold all earlier fixes.
pub fn judge<'t>(tables: &'t Tables, build: Build, cve: &str) -> FixStatus<'t> {
    let Some(product) = tables.product(build) else { return FixStatus::Unlisted };
    let fixes = tables.fixes(cve, product);
    let Some(last) = fixes.last().copied() else { return FixStatus::Unlisted };
    let mut own = fixes.iter().copied().filter(|fix| fix.build.line() == build.line());
    match (own.next(), own.next_back()) {
        (None, _) if last.build > build => FixStatus::Open { fix: None, condition: &last.condition, disputed: None },
        (None, _) => FixStatus::Closed(last),
        (Some(only), None) if build >= only.build => FixStatus::Closed(only),
        (Some(only), None) => FixStatus::Open { fix: Some(only), condition: &only.condition, disputed: None },
        (_, Some(highest)) if build >= highest.build => FixStatus::Closed(highest),
        (Some(lowest), Some(highest)) => {
            let disputed = Some(lowest).filter(|lowest| build >= lowest.build);
            FixStatus::Open { fix: Some(highest), condition: &highest.condition, disputed }
        }
    }
}

/// The vulnerabilities that a build has, known exploited ones first, and the conditions of those that its code has closed.
pub(super) fn open(tables: &Tables, build: Build) -> (Vec<OpenVulnerability>, Vec<String>) {
    let mut open = Vec::new();
    let mut conditions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (cve, vulnerability) in tables.vulnerabilities() {
        match judge(tables, build, cve) {
            FixStatus::Open { fix, condition, disputed } => open.push(OpenVulnerability {
                cve: cve.to_owned(),
                nickname: vulnerability.nickname.clone(),
                exploited: vulnerability.exploited,
                fixed_in: fix.map(|fix| fix.build.to_string()).unwrap_or_default(),
                fixed_by: fix.map(|fix| fix.fixed_by.clone()).unwrap_or_default(),
                condition: condition.to_owned(),
                caveat: caveat(fix, disputed),
            }),
            FixStatus::Closed(fix) if !fix.condition.is_empty() => {
                conditions.entry(&fix.condition).or_default().push(cve);
            }
            FixStatus::Closed(_) | FixStatus::Unlisted => {}
        }
    }
    open.sort_by_key(|vulnerability| !vulnerability.exploited);
    for (cve, condition) in tables.demands(build) {
        conditions.entry(condition).or_default().push(cve);
    }
    let conditions = conditions.into_iter().map(|(condition, cves)| format!("{condition} ({})", cves.join(", ")));
    (open, conditions.collect())
}

fn caveat(fix: Option<&Fix>, disputed: Option<&Fix>) -> String {
    let note = fix.map(|fix| fix.note.clone()).unwrap_or_default();
    match disputed {
        Some(other) => {
            let words = format!("according to another row, {} ({}) fixes it", other.build, other.fixed_by);
            if note.is_empty() { words } else { format!("{words}; {note}") }
        }
        None => note,
    }
}
