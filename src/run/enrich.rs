//! What findings and hits gain when all stages have ended: the patch level at their time, and the requests for the files. Over
//! plain values; nothing here asks the evidence.

use crate::catalogue::builds::Tables;
use crate::health::History;
use crate::model::{
    ConfigChange, FileRequests, Finding, Health, Level, LogHit, Moment, RequestSummary, ServerPath, SourceState,
    Timestamp,
};
use crate::verdict::level_of_intrusion;
use std::collections::{BTreeSet, HashMap};

/// Whether a finding has facts that it did not have when it was made.
pub(super) fn is_enriched(finding: &Finding) -> bool {
    finding.patch.is_some() || finding.requests.is_some()
}

/// Gives each hit, and each malicious file, the patch level at its time; returns the updates over time.
pub(super) fn patch_levels(
    tables: &Tables,
    health: &[Health],
    hits: &mut [LogHit],
    findings: &mut [Finding],
) -> Vec<Moment> {
    let histories: Vec<(&ServerPath, History<'_>)> =
        health.iter().filter_map(|one| Some((one.root.as_ref()?, History::new(one, tables)))).collect();
    // The installation that a path lies in; the only one, for logs and pages that lie elsewhere.
    let of = |path: Option<&ServerPath>| {
        let own = histories.iter().find(|(root, _)| path.is_some_and(|path| path.below(root).is_some()));
        own.or(histories.first().filter(|_| histories.len() == 1)).map(|(_, history)| history)
    };
    for hit in hits {
        let history = of(hit.locations.first().map(|location| &location.path));
        // A check that is about no vulnerability of Exchange gets the build alone.
        hit.patch = history.zip(hit.first).map(|(history, time)| match hit.cves {
            [] => history.at(time).words,
            cves => history.open_at(time, cves),
        });
    }
    for finding in findings {
        let times = &finding.artefact.entry.times;
        let born = times.created.or(times.modified).filter(|_| level_of_intrusion(finding) >= Level::High);
        finding.patch = born.and_then(|born| Some(of(Some(&finding.artefact.path))?.at(born).words));
    }
    histories.iter().flat_map(|(_, history)| history.updates()).collect()
}

/// Gives each finding the requests for its file, by whatever URL they came.
pub(super) fn requests(all: &[FileRequests], findings: &mut [Finding]) {
    let mut of_path: HashMap<&ServerPath, Vec<&FileRequests>> = HashMap::new();
    all.iter().for_each(|requests| of_path.entry(&requests.path).or_default().push(requests));
    for finding in findings {
        finding.requests = of_path.get(&finding.artefact.path).and_then(|requests| sum(requests));
    }
}

/// Requests by several URLs as one.
fn sum(all: &[&FileRequests]) -> Option<RequestSummary> {
    let first = |time: fn(&FileRequests) -> Option<Timestamp>| all.iter().filter_map(|one| time(one)).min();
    let last = |time: fn(&FileRequests) -> Option<Timestamp>| all.iter().filter_map(|one| time(one)).max();
    let clients: BTreeSet<&String> = all.iter().flat_map(|one| one.clients.keys()).collect();
    let count = all.iter().map(|one| one.count).sum();
    (count > 0).then(|| RequestSummary {
        count,
        first: first(|one| one.first),
        last: last(|one| one.last),
        first_success: first(|one| one.first_success),
        last_success: last(|one| one.last_success),
        clients: clients.len() as u64,
    })
}

/// Changes of configuration, for the timeline.
pub(super) fn changes(all: Vec<ConfigChange>) -> Vec<Moment> {
    let moment = |change: ConfigChange| {
        let (after, until) = change.between;
        let since = after.filter(|_| until.is_some()).map_or(String::new(), |after| format!(" (after {after})"));
        Some(Moment { time: until.or(after)?, what: "configured", words: format!("{}{since}", change.words) })
    };
    all.into_iter().filter_map(moment).collect()
}

/// Pages that ran and are gone, for the timeline.
pub(super) fn compiled(pages: Vec<(Timestamp, String, SourceState)>) -> Vec<Moment> {
    let gone = pages.into_iter().filter(|(.., source)| matches!(source, SourceState::Gone(_)));
    gone.map(|(time, page, _)| Moment { time, what: "compiled", words: format!("{page}, which is gone") }).collect()
}
