//! Enrichment of findings and hits after all stages: patch level at their time, requests for the files. No evidence
//! I/O.

use crate::catalogue::builds::Tables;
use crate::health::History;
use crate::model::{
    ConfigChange, FileRequests, Finding, Health, Level, LogHit, RequestSummary, ServerPath, SourceState, TimelineEvent,
    TimelineKind, Timestamp,
};
use crate::verdict::level_of_intrusion;
use std::collections::{BTreeSet, HashMap};

/// Which stages of a run may add to its findings.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Later {
    /// Logs are read.
    pub(super) requests: bool,
    /// The patch level of an installation is found.
    pub(super) patch_level: bool,
}

impl Later {
    /// Whether a finding may gain facts that it does not have when it is made.
    pub(super) fn may_add_to(self, finding: &Finding) -> bool {
        let place = &finding.artefact.place;
        self.requests && (place.url.is_some() || !place.reach.is_empty())
            || self.patch_level && level_of_intrusion(finding) >= Level::High
    }
}

/// Gives each hit, and each malicious file, the patch level at its time; returns the updates over time.
pub(super) fn patch_levels(
    tables: &Tables,
    health: &[Health],
    hits: &mut [LogHit],
    findings: &mut [Finding],
) -> Vec<TimelineEvent> {
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
pub(super) fn changes(all: Vec<ConfigChange>) -> Vec<TimelineEvent> {
    let event = |change: ConfigChange| {
        let (after, until) = change.between;
        let since = after.filter(|_| until.is_some()).map_or(String::new(), |after| format!(" (after {after})"));
        Some(TimelineEvent {
            time: until.or(after)?,
            what: TimelineKind::ConfigurationChanged,
            words: format!("{}{since}", change.words),
        })
    };
    all.into_iter().filter_map(event).collect()
}

/// Pages that ran and are gone, for the timeline.
pub(super) fn compiled(pages: Vec<(Timestamp, String, SourceState)>) -> Vec<TimelineEvent> {
    let gone = pages.into_iter().filter(|(.., source)| matches!(source, SourceState::Gone(_)));
    let event = |(time, page, _)| TimelineEvent {
        time,
        what: TimelineKind::PageCompiled,
        words: format!("{page}, which has been deleted"),
    };
    gone.map(event).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;
    use crate::detect::test_support::artefact;
    use crate::model::{BuildSeen, LogProof, Reason, ReasonKind, Role, Stage};
    use std::collections::BTreeMap;

    fn at(second: i64) -> Timestamp {
        // 2021-03-03
        Timestamp::new(1_614_754_760 + second, 0)
    }

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    fn finding(file: &str, score: u8, modified: Option<Timestamp>) -> Finding {
        let mut artefact = artefact("x.aspx", Role::Exchange, "x.aspx");
        artefact.path = path(file);
        artefact.entry.times.modified = modified;
        let reason = Reason {
            id: "signature/x".to_owned(),
            kind: ReasonKind::Signature,
            score,
            title: "t".to_owned(),
            locations: Vec::new(),
            rule: None,
            path: Vec::new(),
        };
        crate::verdict::score_finding(artefact, vec![reason]).expect("has a reason")
    }

    fn installation(root: &str, build: &str) -> Health {
        let seen = BuildSeen {
            build: build.to_owned(),
            first: Some(at(-1000)),
            last: Some(at(1000)),
            source: "HttpProxy logs".to_owned(),
        };
        Health { root: Some(path(root)), build: build.to_owned(), seen: vec![seen], ..Health::default() }
    }

    fn requests_for(file: &str, url: &str, count: u64, second: i64, client: &str) -> FileRequests {
        FileRequests {
            path: path(file),
            url: url.to_owned(),
            first: Some(at(second)),
            last: Some(at(second + 5)),
            first_success: None,
            last_success: Some(at(second + 5)),
            count,
            methods: BTreeMap::new(),
            statuses: BTreeMap::new(),
            clients: [(client.to_owned(), count)].into(),
            agents: BTreeMap::new(),
            joined: 0,
            locations: Vec::new(),
        }
    }

    #[test]
    fn each_malicious_file_gets_the_patch_level_of_its_own_installation_at_its_time() {
        let tables = catalogue::exchange_builds();
        let health = [installation(r"C:\one", "15.2.721.2"), installation(r"D:\two", "15.1.2106.2")];
        let mut findings = [
            finding(r"C:\one\x.aspx", 95, Some(at(0))),
            finding(r"D:\two\x.aspx", 95, Some(at(0))),
            // Of two installations it is none, it says no time, and it is not malicious with high confidence.
            finding(r"E:\x.aspx", 95, Some(at(0))),
            finding(r"C:\one\y.aspx", 95, None),
            finding(r"C:\one\z.aspx", 30, Some(at(0))),
        ];
        patch_levels(&tables, &health, &mut [], &mut findings);
        let levels: Vec<Option<&str>> = findings.iter().map(|finding| finding.patch.as_deref()).collect();
        assert!(levels[0].is_some_and(|words| words.starts_with("15.2.721.2 then")), "{levels:?}");
        assert!(levels[1].is_some_and(|words| words.starts_with("15.1.2106.2 then")), "{levels:?}");
        assert_eq!(levels[2..], [None, None, None]);
        let later = Later { patch_level: true, requests: false };
        assert!(findings[..2].iter().all(|finding| later.may_add_to(finding)));
        assert!(!later.may_add_to(&findings[4]) && !Later::default().may_add_to(&findings[0]));
    }

    #[test]
    fn a_hit_gets_the_vulnerabilities_of_its_time_and_one_without_a_time_nothing() {
        let tables = catalogue::exchange_builds();
        let hit = |first| LogHit {
            check: "proxylogon",
            cves: &["CVE-2021-26855"],
            stage: Stage::ReachedBackend,
            level: Level::High,
            title: "t".to_owned(),
            client: String::new(),
            first,
            last: first,
            count: 1,
            locations: vec![LogProof {
                path: path(r"C:\l.log"),
                member: None,
                deleted: false,
                line: 1,
                time: first,
                excerpt: String::new(),
            }],
            patch: None,
        };
        let mut hits = [hit(Some(at(0))), hit(None)];
        patch_levels(&tables, &[installation(r"C:\one", "15.2.721.2")], &mut hits, &mut []);
        assert!(hits[0].patch.as_ref().is_some_and(|words| words.contains("CVE-2021-26855")), "{:?}", hits[0].patch);
        assert_eq!(hits[1].patch, None);
    }

    #[test]
    fn requests_by_several_urls_are_one_sum_and_other_files_get_none() {
        let all = [
            requests_for(r"C:\x.aspx", "/x.aspx", 2, 10, "a"),
            requests_for(r"C:\x.aspx", "/y/x.aspx", 3, 1, "b"),
            requests_for(r"C:\z.aspx", "/z.aspx", 1, 0, "c"),
        ];
        let mut findings = [finding(r"C:\x.aspx", 95, None), finding(r"C:\other.aspx", 95, None)];
        requests(&all, &mut findings);
        let sum = findings[0].requests.clone().expect("there are some");
        assert_eq!((sum.count, sum.clients), (5, 2));
        assert_eq!((sum.first, sum.last, sum.first_success), (Some(at(1)), Some(at(15)), None));
        assert_eq!(findings[1].requests, None);
    }
}
