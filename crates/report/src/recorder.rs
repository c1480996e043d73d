//! What a run found, as records: the one place where values of the model become those of the output.

use super::record::{
    Body, Category, ComparisonBody, CoverageBody, ECS, Ecs, EndBody, ErrorMessage, Event, ExaminedBody, File,
    FindingBody, HealthBody, HitBody, Host, Kind, Labels, LogCoverageBody, Observer, Os, Own, Owner, Record, Related,
    RequestsBody, Rule, SCHEMA, ShadowCopyBody, SiteBody, StartBody, Threat, Time, Times, Type, Url, User,
    Vulnerability, actor,
};
use crate::model::overview::SiteOverview;
use crate::model::{
    Artefact, Comparison, Coverage, Discovered, FileRequests, Finding, Health, Level, LogHit, LogSpan, Problem,
    ReasonKind, RunInfo, ServerPath, ShadowCopy, Skipped, Source, Summary, Suppressed, TechniquesOf, TimelineEvent,
    TimelineKind,
};
/// Makes the records of a run.
pub struct Recorder {
    run: RunInfo,
    owner: Owner,
    sources: Vec<Source>,
    techniques_of: TechniquesOf,
}

impl Recorder {
    /// Of one run. `techniques_of`: the table of checks, for `threat.*`.
    pub fn new(run: RunInfo, sources: Vec<Source>, techniques_of: TechniquesOf) -> Self {
        Self { owner: Owner::of(&run), run, sources, techniques_of }
    }

    /// The first record: who ran what on which evidence.
    pub fn start(&self, discovered: &[Discovered]) -> Record {
        let mut times = Times::default();
        let body = StartBody::new(&self.run, &self.sources, discovered, &mut times);
        let message = format!("shellsift {} started", self.run.version);
        let id = self.run_id("scan_start");
        self.record(Body::ScanStart(Box::new(body)), message, id, times)
    }

    /// A suspicious file. `preliminary`: whether the same finding is written once more when more is known of it.
    pub fn finding(&self, finding: &Finding, preliminary: bool) -> Record {
        let artefact = &finding.artefact;
        let mut times = Times::default();
        let best = finding.reasons.first().map(|reason| reason.title.as_str()).unwrap_or_default();
        let message = format!("{} {}: {best}", finding.level, artefact.path);
        let body = FindingBody::new(finding, self.source_of(artefact), &mut times);
        let file = File::examined(artefact, &mut times);
        let id = self.file_id("finding", artefact);
        let mut record = self.record(Body::Finding(Box::new(body)), message, id, times);
        record.event.kind = Kind::Alert;
        record.event.category = vec![Category::Malware, Category::File];
        record.event.severity = Some(severity(finding.level));
        record.event.risk_score = Some((finding.score * 1000.0).round() / 1000.0);
        record.related.hash = artefact.hashes.all().cloned().collect();
        record.file = Some(file);
        record.deleted_by(artefact);
        record.url = artefact.place.url.clone().map(|path| Url { path });
        record.rule = finding.reasons.iter().find(|reason| reason.rule.is_some()).or(finding.reasons.first()).map(rule);
        record.threat = Threat::of(finding.reasons.iter().map(|reason| reason.id.as_str()), self.techniques_of);
        record.shellsift.preliminary = preliminary;
        record
    }

    /// A suspicious file that the user's list suppresses.
    pub fn suppressed_finding(&self, finding: &Finding, what: &Suppressed) -> Record {
        let mut record = self.finding(finding, false);
        if let Body::Finding(body) = &mut record.shellsift.body {
            body.suppressed = Some(what.into());
        }
        record
    }

    /// A sign of exploitation that the user's list suppresses.
    pub fn suppressed_hit(&self, hit: &LogHit, what: &Suppressed) -> Record {
        let mut record = self.hit(hit, false);
        if let Body::LogHit(body) = &mut record.shellsift.body {
            body.suppressed = Some(what.into());
        }
        record
    }

    /// A shadow copy of a volume.
    pub fn shadow_copy(&self, copy: &ShadowCopy) -> Record {
        let mut times = Times::default();
        let body = ShadowCopyBody::new(copy, &mut times);
        let id = self.owner.id("shadow_copy", [copy.volume.folded().as_str(), &copy.id]);
        let message = format!("{}: shadow copy {}", copy.volume, copy.number);
        let mut record = self.record(Body::ShadowCopy(body), message, id, times);
        record.event.kind = Kind::State;
        record
    }

    /// A site of the web server's configuration.
    pub fn site(&self, site: &SiteOverview) -> Record {
        let id = self.owner.id("site", [site.id.as_str(), &site.name]);
        let message = format!("site {}: {}", site.id, site.name);
        let mut record = self.record(Body::Site(SiteBody::from(site)), message, id, Times::default());
        record.event.kind = Kind::State;
        record.event.category = vec![Category::Configuration];
        record
    }

    /// A file of an installation that is not what the baseline has in its place.
    pub fn comparison(&self, path: &ServerPath, sha256: &str, comparison: &Comparison) -> Record {
        let id = self.owner.id("comparison", [path.folded().as_str(), sha256]);
        let message = format!("{}: {path}", comparison.status.name());
        let body = Body::Comparison(ComparisonBody::from(comparison));
        let mut record = self.record(body, message, id, Times::default());
        record.event.kind = Kind::State;
        record.event.category = vec![Category::File];
        record.related.hash = vec![sha256.to_owned()];
        record.file = Some(File::hashed(path, sha256));
        record
    }

    /// A file that was examined without a finding.
    pub fn clean(&self, artefact: &Artefact) -> Record {
        let mut times = Times::default();
        let body = ExaminedBody::new(artefact, &mut times);
        let file = File::examined(artefact, &mut times);
        let id = self.file_id("examined", artefact);
        let message = format!("examined {}", artefact.path);
        let mut record = self.record(Body::Examined(Box::new(body)), message, id, times);
        record.event.category = vec![Category::File];
        record.related.hash = artefact.hashes.all().cloned().collect();
        record.file = Some(file);
        record.deleted_by(artefact);
        record
    }

    /// Something that could not be examined.
    pub fn problem(&self, problem: &Problem) -> Record {
        let path = problem.path.as_ref().map(ToString::to_string);
        let message = match &path {
            Some(path) => format!("{path}: {}", problem.message),
            None => problem.message.clone(),
        };
        let folded = problem.path.as_ref().map(|path| path.folded()).unwrap_or_default();
        let id = self.owner.id("problem", [problem.kind.name(), &folded, &problem.message]);
        let mut record = self.record(Body::Problem(problem.into()), message, id, Times::default());
        record.error = Some(ErrorMessage { message: problem.message.clone(), kind: problem.kind.name().into() });
        record.file = problem.path.as_ref().map(File::named);
        record
    }

    /// What was covered.
    pub fn coverage(&self, coverage: &Coverage, skipped: &[Skipped]) -> Record {
        let body = Body::Coverage(CoverageBody::new(coverage, skipped));
        let message = format!("{} files surveyed", coverage.surveyed);
        let id = self.run_id("coverage");
        let mut record = self.record(body, message, id, Times::default());
        record.event.kind = Kind::Metric;
        record
    }

    /// A sign of exploitation. `preliminary`: whether logs are still being read.
    pub fn hit(&self, hit: &LogHit, preliminary: bool) -> Record {
        let mut times = Times::default();
        let body = HitBody::new(hit, &mut times);
        let (start, end) = (times.take("event.start", hit.first), times.take("event.end", hit.last));
        let id = self.owner.id("log_hit", hit.key());
        let message = format!("{} {}: {}", hit.level, hit.check, hit.title);
        let mut record = self.record(Body::LogHit(body), message, id, times);
        record.happened(start.as_ref());
        record.event.kind = Kind::Alert;
        record.event.category = vec![Category::IntrusionDetection, Category::Web];
        record.event.severity = Some(severity(hit.level));
        (record.event.start, record.event.end) = (start, end);
        (record.source, record.user) = actor(&hit.client);
        record.related.ip = record.source.iter().map(|source| source.ip).collect();
        let user = record.user.iter();
        record.related.user = user.flat_map(|user| [&user.name, &user.id]).flatten().cloned().collect();
        record.vulnerability = hit.cves.first().map(|cve| Vulnerability::cve(cve));
        let check = format!("log/{}", hit.check);
        record.threat = Threat::of([check.as_str()].into_iter(), self.techniques_of);
        record.rule = Some(Rule {
            id: check,
            name: hit.check.to_owned(),
            category: "log".into(),
            description: hit.title.clone(),
            ruleset: None,
            reference: None,
        });
        record.shellsift.preliminary = preliminary;
        record
    }

    /// Requests for a found file.
    pub fn requests(&self, requests: &FileRequests) -> Record {
        let mut times = Times::default();
        let body = RequestsBody::new(requests, &mut times);
        let (start, end) = (times.take("event.start", requests.first), times.take("event.end", requests.last));
        let id = self.owner.id("file_requests", [requests.path.folded().as_str(), &requests.url]);
        let what = if requests.count == 1 { "request" } else { "requests" };
        let message = format!("{} {what} for {}", requests.count, requests.path);
        let mut record = self.record(Body::FileRequests(body), message, id, times);
        record.happened(start.as_ref());
        record.event.category = vec![Category::Web];
        record.event.kinds = vec![Type::Access];
        (record.event.start, record.event.end) = (start, end);
        record.related.ip = requests.clients.keys().filter_map(|client| Some(actor(client).0?.ip)).collect();
        record.file = Some(File::named(&requests.path));
        record.url = Some(Url { path: requests.url.clone() });
        record
    }

    /// What the logs cover.
    pub fn log_coverage(&self, spans: &[LogSpan]) -> Record {
        let mut times = Times::default();
        let body = LogCoverageBody::new(spans, &mut times);
        let files: u64 = spans.iter().map(|span| span.files).sum();
        let id = self.run_id("log_coverage");
        let mut record = self.record(Body::LogCoverage(body), format!("{files} log files read"), id, times);
        record.event.kind = Kind::Metric;
        record
    }

    /// The patch level of an installation.
    pub fn health(&self, health: &Health) -> Record {
        let mut times = Times::default();
        let body = HealthBody::new(health, &mut times);
        let root = health.root.as_ref().map(|root| root.folded()).unwrap_or_default();
        let id = self.owner.id("health", [root.as_str()]);
        let message = format!("Exchange build {}", health.build);
        let mut record = self.record(Body::Health(Box::new(body)), message, id, times);
        record.event.kind = Kind::State;
        record.event.category = vec![Category::Host, Category::Vulnerability];
        record.file = health.root.as_ref().map(File::folder);
        record
    }

    /// An event of the timeline.
    pub fn timeline_event(&self, event: &TimelineEvent) -> Record {
        let mut times = Times::default();
        let start = times.take("event.start", event.time);
        let second = event.time.unix_text();
        let id = self.owner.id("timeline_event", [event.what.name(), &second, &event.words]);
        let message = format!("{}: {}", event.what.words(), event.words);
        let mut record = self.record(Body::TimelineEvent(event.into()), message, id, times);
        record.happened(start.as_ref());
        record.event.start = start;
        let (category, kind) = match event.what {
            TimelineKind::Exploited | TimelineKind::Suspicious | TimelineKind::Attempt => {
                (Category::IntrusionDetection, Type::Info)
            }
            TimelineKind::FileCreated | TimelineKind::PageCompiled => (Category::File, Type::Creation),
            TimelineKind::Accessed => (Category::Web, Type::Access),
            TimelineKind::Deleted | TimelineKind::FileDeleted => (Category::File, Type::Deletion),
            TimelineKind::ConfigurationChanged => (Category::Configuration, Type::Change),
            TimelineKind::Patched => (Category::Package, Type::Installation),
        };
        record.event.category = vec![category];
        record.event.kinds = vec![kind];
        record
    }

    /// The last record: the verdict.
    pub fn end(&self, summary: &Summary) -> Record {
        let mut times = Times::default();
        let body = EndBody::new(&self.run, summary, &mut times);
        let message = format!("{}: {}", summary.outcome.words(summary.subject), summary.words);
        let id = self.run_id("scan_end");
        self.record(Body::ScanEnd(body), message, id, times)
    }

    /// The last record of a verb that shows and does not judge.
    pub fn end_without_verdict(&self, summary: &Summary) -> Record {
        let message = summary.gaps.as_ref().map_or("complete".to_owned(), |gaps| format!("not complete: {gaps}"));
        let id = self.run_id("scan_end");
        self.record(Body::ScanEnd(EndBody::without_verdict(summary)), message, id, Times::default())
    }

    fn record(&self, body: Body, message: String, id: String, times: Times) -> Record {
        let now = Time::now();
        let host = &self.run.host;
        let os = self.run.server.windows.as_ref().map(Os::from);
        Record {
            timestamp: now,
            ecs: Ecs { version: ECS.into() },
            message,
            event: Event {
                kind: Kind::Event,
                category: vec![Category::Host],
                kinds: vec![Type::Info],
                module: "shellsift".into(),
                dataset: format!("shellsift.{}", body.name()),
                id,
                created: now,
                severity: None,
                risk_score: None,
                start: None,
                end: None,
                sequence: None,
            },
            host: (host.is_some() || os.is_some()).then(|| Host { name: host.clone(), os }),
            observer: Observer {
                product: "shellsift".into(),
                vendor: "shellsift".into(),
                kind: "scanner".into(),
                version: self.run.version.into(),
            },
            labels: (self.run.case.is_some() || self.run.examiner.is_some())
                .then(|| Labels { case: self.run.case.clone(), examiner: self.run.examiner.clone() }),
            file: None,
            url: None,
            rule: None,
            threat: None,
            error: None,
            source: None,
            user: None,
            vulnerability: None,
            related: Related { hosts: host.iter().cloned().collect(), ..Related::default() },
            shellsift: Own {
                schema: SCHEMA.into(),
                scan_id: self.run.scan_id.clone(),
                preliminary: false,
                implausible_times: times.implausible,
                body,
                chain: None,
            },
        }
    }

    /// The id of a record about the run itself.
    fn run_id(&self, kind: &str) -> String {
        self.owner.id(kind, [self.run.scan_id.as_str()])
    }

    /// The same path with the same content is the same file, whatever was found in it.
    fn file_id(&self, kind: &str, artefact: &Artefact) -> String {
        let path = artefact.path.folded();
        let content = artefact.hashes.sha256.as_deref().unwrap_or_default();
        // A deleted file is another one than that which has its path now, and so is one of a shadow copy.
        match artefact.entry.ntfs.as_ref().filter(|ntfs| ntfs.remains.is_some() || ntfs.shadow.is_some()) {
            Some(ntfs) => {
                let mut record = format!("{:?}-{:?}-{}", artefact.entry.inode, ntfs.sequence, ntfs.deleted);
                if let Some(shadow) = &ntfs.shadow {
                    record += &format!("-{}", shadow.id);
                }
                self.owner.id(kind, [path.as_str(), content, &record])
            }
            None => self.owner.id(kind, [path.as_str(), content]),
        }
    }

    fn source_of(&self, artefact: &Artefact) -> Option<&Source> {
        let of = |source: &&Source| artefact.path.below(&source.shown_as).is_some();
        self.sources.iter().filter(of).max_by_key(|source| source.shown_as.as_str().len())
    }
}

impl Record {
    /// Takes the user who deleted a file to a recycle bin.
    fn deleted_by(&mut self, artefact: &Artefact) {
        let user = artefact.recycled.as_ref().and_then(|recycled| recycled.user.clone());
        self.related.user.extend(user.clone());
        self.user = user.map(|id| User { id: Some(id), ..User::default() });
    }

    /// Numbers the record in its output, from 1.
    pub fn number(&mut self, number: u64) {
        self.event.sequence = Some(number);
    }

    /// Takes the time at which that which the record is about happened, where it is known.
    fn happened(&mut self, time: Option<&Time>) {
        if let Some(time) = time {
            self.timestamp = *time;
        }
    }
}

fn rule(reason: &crate::model::Reason) -> Rule {
    let check = reason.id.split_once('/').map_or(reason.id.as_str(), |(_, check)| check);
    let (given, is_yara) = (reason.rule.as_ref(), reason.kind == ReasonKind::Signature);
    Rule {
        id: reason.id.clone(),
        // The rule of a hash or an indicator list is called by the hash or the path: no name.
        name: given.filter(|_| is_yara).map_or(check, |rule| &rule.name).to_owned(),
        category: reason.kind.name().into(),
        description: reason.title.clone(),
        ruleset: given.map(|rule| rule.ruleset.clone()),
        reference: given.and_then(|rule| rule.reference.clone()),
    }
}

/// Elastic's numbers for the severities of its detection engine.
fn severity(level: Level) -> u8 {
    match level {
        Level::Info => 1,
        Level::Low => 21,
        Level::Medium => 47,
        Level::High => 73,
        Level::Critical => 99,
    }
}

#[cfg(test)]
pub(crate) mod tests;
