//! A finding: what the list shows of it, and what opens below.

use super::code::{self, Line};
use super::facts::{Facts, counts, link, number, short, span};
use super::limits::Limits;
use super::servers::Servers;
use crate::across::Across;
use crate::case::{Case, Entry, Run};
use crate::model::{BaselineStatus, Level};
use crate::record::{File, FindingBody, RequestsRecord, Time};
use crate::text::{bytes, grouped};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::HashMap;

/// Lines of code of a finding, and of one that matters less.
const LINES: usize = 40;
const FEW_LINES: usize = 6;
/// Values of a list: clients, user agents; and the URLs that were requested.
const VALUES: usize = 20;
/// Reasons, and the URLs by which a file is reached.
const REASONS: usize = 100;

/// How much is shown of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Detail {
    /// Everything, even what an earlier finding has the same.
    full: bool,
    /// The code.
    code: bool,
    /// All that is known of its file.
    all: bool,
}

impl Detail {
    /// When so many bytes of findings are written, and so many of findings with code of their own.
    pub(super) fn of(written: usize, own: usize, limits: &Limits) -> Self {
        Self { full: written < limits.in_full, code: own < limits.with_code, all: written < limits.with_all }
    }
}

/// What the page does not have of findings.
#[derive(Debug, Default, Serialize)]
pub(super) struct LeftOut {
    /// Findings.
    pub(super) findings: usize,
    /// Findings without their code.
    code: usize,
    /// Findings that refer to an earlier one.
    repeated: usize,
    /// Findings with less than everything of their files and requests.
    short: usize,
    /// Findings with no more than the least of them.
    less: usize,
}

impl LeftOut {
    pub(super) fn count(&mut self, finding: &Finding) {
        self.code += usize::from(finding.brief);
        self.repeated += usize::from(finding.same_as.is_some());
        self.short += usize::from(finding.detail.all && !finding.detail.full);
        self.less += usize::from(!finding.detail.all);
    }
}

/// What is looked up for each finding.
pub(super) struct Findings<'c> {
    pub(super) servers: &'c Servers<'c>,
    pub(super) total: usize,
    /// The ids of reasons and the folders, the most frequent first, with their counts; their places are their numbers.
    pub(super) reasons: Vec<(&'c str, u64)>,
    pub(super) folders: Vec<(&'c str, u64)>,
    reason_numbers: HashMap<&'c str, usize>,
    folder_numbers: HashMap<&'c str, usize>,
    /// Findings at each level, the least first.
    pub(super) levels: [u64; 5],
    across: Across,
    /// The requests for a file, by its run and path.
    requests: HashMap<(&'c str, String), Vec<&'c Entry<RequestsRecord>>>,
    /// The finding that was the first with these reasons and this code.
    seen: RefCell<HashMap<[u8; 32], usize>>,
}

impl<'c> Findings<'c> {
    pub(super) fn new(case: &'c Case, servers: &'c Servers<'c>, list: &[(&'c Run, &'c Entry<FindingBody>)]) -> Self {
        let mut levels = [0; 5];
        let (mut reasons, mut folders) = (HashMap::new(), HashMap::new());
        for (_, finding) in list {
            if let Some(count) = Level::ALL.iter().position(|level| *level == finding.body.level.0) {
                levels[count] += 1;
            }
            let mut ids: Vec<&str> = finding.body.reasons.iter().map(|reason| reason.id.as_str()).collect();
            ids.sort_unstable();
            ids.dedup();
            ids.into_iter().for_each(|id| *reasons.entry(id).or_default() += 1);
            *folders.entry(folder(finding)).or_default() += 1;
        }
        let (reasons, folders) = (frequent_first(reasons), frequent_first(folders));
        let mut requests: HashMap<_, Vec<_>> = HashMap::new();
        for run in &case.runs {
            for entry in &run.requests {
                requests.entry((run.scan_id.as_str(), entry.path().to_lowercase())).or_default().push(entry);
            }
        }
        Self {
            servers,
            total: list.len(),
            reason_numbers: numbers(&reasons),
            folder_numbers: numbers(&folders),
            reasons,
            folders,
            levels,
            across: Across::of(case),
            requests,
            seen: RefCell::default(),
        }
    }

    /// The finding that has the same reasons and code, if an earlier one has; of a new one its number is kept.
    fn first_with(&self, finding: &FindingBody, number: usize) -> Option<usize> {
        let mut hasher = Sha256::new();
        let mut add = |text: &str| {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        };
        for reason in &finding.reasons {
            add(&reason.id);
            add(&reason.title);
            // With the lengths of the lists, no text can stand for one of another list.
            add(&format!("{} {} {}", reason.score, reason.data_flow.len(), reason.locations.len()));
            reason.data_flow.iter().for_each(|name| add(name));
            for location in &reason.locations {
                let place = location.line.is_none().then_some(location.offset);
                let role = location.role.map(|role| role.0.name());
                add(&format!("{:?} {place:?} {role:?} {}", location.line, location.encodings));
                add(&location.excerpt);
            }
        }
        let mut seen = self.seen.borrow_mut();
        let first = *seen.entry(hasher.finalize().into()).or_insert(number);
        (first != number).then_some(first)
    }
}

fn folder(finding: &Entry<FindingBody>) -> &str {
    finding.head.file.as_ref().and_then(|file| file.directory.as_deref()).unwrap_or_default()
}

fn frequent_first(counts: HashMap<&str, u64>) -> Vec<(&str, u64)> {
    let mut list: Vec<_> = counts.into_iter().filter(|(value, _)| !value.is_empty()).collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    list
}

fn numbers<'c>(list: &[(&'c str, u64)]) -> HashMap<&'c str, usize> {
    list.iter().enumerate().map(|(number, (value, _))| (*value, number)).collect()
}

/// A finding as the page shows it.
#[derive(Serialize)]
pub(super) struct Finding<'c> {
    number: usize,
    level: &'static str,
    rank: usize,
    score: String,
    server: usize,
    server_name: &'c str,
    path: &'c str,
    folder: String,
    /// The numbers of its reasons.
    reason_numbers: String,
    /// All its times, in seconds since 1970.
    seconds: String,
    when: String,
    /// On how many servers, and in words.
    on: usize,
    spread: String,
    why: &'c str,
    more: usize,
    facts: Facts,
    requests: Vec<Requests>,
    requests_left_out: usize,
    reasons: Vec<Reason<'c>>,
    reasons_left_out: usize,
    lines: Vec<Line>,
    lines_left_out: usize,
    /// The number of an earlier finding with the same reasons and code.
    same_as: Option<usize>,
    /// Whether it has code that is not shown.
    brief: bool,
    #[serde(skip)]
    detail: Detail,
}

/// A reason.
#[derive(Serialize)]
struct Reason<'c> {
    score: u8,
    id: &'c str,
    title: &'c str,
    flow: &'c [String],
    flow_left_out: usize,
    reference: Option<String>,
}

/// The requests for the file of a finding by one URL.
#[derive(Serialize)]
struct Requests {
    summary: String,
    clients: String,
    details: String,
    lines: Vec<RequestLine>,
}

#[derive(Serialize)]
struct RequestLine {
    at: String,
    text: String,
}

impl<'c> Finding<'c> {
    /// Whether it refers to an earlier finding.
    pub(super) fn is_repeated(&self) -> bool {
        self.same_as.is_some()
    }

    pub(super) fn new(
        findings: &Findings<'c>,
        number: usize,
        run: &'c Run,
        entry: &'c Entry<FindingBody>,
        detail: Detail,
    ) -> Self {
        let Entry { head, body } = entry;
        let level = body.level.0;
        let server = findings.servers.of_run(run);
        let same_as = findings.first_with(body, number).filter(|_| !detail.full);
        let has_code = || body.reasons.iter().flat_map(|reason| &reason.locations).any(|one| !one.excerpt.is_empty());
        let brief = !detail.code && same_as.is_none() && has_code();
        let most = if level <= Level::Low { FEW_LINES } else { LINES };
        let (lines, lines_left_out) =
            if brief || same_as.is_some() { Default::default() } else { code::lines(&body.reasons, most) };
        let rarity = findings.across.rarity(entry);
        let mut reason_numbers: Vec<usize> =
            body.reasons.iter().filter_map(|reason| findings.reason_numbers.get(reason.id.as_str()).copied()).collect();
        reason_numbers.sort_unstable();
        reason_numbers.dedup();
        let reasons = if same_as.is_some() { &[] } else { body.reasons.as_slice() };
        let reasons_left_out = reasons.len().saturating_sub(REASONS);
        let reasons = reasons.iter().take(REASONS).map(|reason| Reason {
            score: reason.score,
            id: &reason.id,
            title: &reason.title,
            flow: code::shown_flow(&reason.data_flow),
            flow_left_out: reason.data_flow.len() - code::shown_flow(&reason.data_flow).len(),
            reference: reason.rule.as_ref().and_then(|rule| link(rule.reference.as_deref()?)),
        });
        let file = head.file.as_ref();
        let key = (run.scan_id.as_str(), entry.path().to_lowercase());
        let requests = findings.requests.get(&key).map(Vec::as_slice).unwrap_or_default();
        Self {
            number,
            level: level.name(),
            rank: Level::ALL.iter().position(|one| *one == level).unwrap_or_default(),
            score: format!("{:.0}", body.score.floor()),
            server,
            server_name: findings.servers.label(server),
            path: entry.path(),
            folder: findings.folder_numbers.get(folder(entry)).map(ToString::to_string).unwrap_or_default(),
            reason_numbers: joined(reason_numbers),
            seconds: joined(times(entry).into_iter().map(|time| time.0.seconds())),
            when: short(file.and_then(|file| file.created.or(file.mtime))),
            on: rarity.map_or(0, |rarity| rarity.on),
            spread: rarity.map(|rarity| rarity.to_string()).unwrap_or_default(),
            why: body.reasons.first().map(|reason| reason.title.as_str()).unwrap_or_default(),
            more: body.reasons.len().saturating_sub(1),
            facts: facts(run, entry, detail),
            requests: requests.iter().take(VALUES).map(|entry| Requests::new(entry, detail)).collect(),
            requests_left_out: requests.len().saturating_sub(VALUES),
            reasons: reasons.collect(),
            reasons_left_out,
            lines,
            lines_left_out,
            same_as,
            brief,
            detail,
        }
    }
}

fn joined(numbers: impl IntoIterator<Item: ToString>) -> String {
    numbers.into_iter().map(|number| number.to_string()).collect::<Vec<_>>().join(" ")
}

/// The times of a finding: of its file, and of the requests for it.
fn times(entry: &Entry<FindingBody>) -> Vec<Time> {
    let file = entry.head.file.as_ref();
    let requests = entry.body.file_requests.as_ref();
    let of_file = file.map(|file| [file.created, file.mtime, file.ctime]).unwrap_or_default();
    let of_requests = requests.map(|requests| [requests.first, requests.last]).unwrap_or_default();
    of_file.into_iter().chain(of_requests).flatten().collect()
}

/// Names and values of a finding's file. In full, they also have what can be looked up by the rest: further hashes, and how a URL is
/// configured.
fn facts(run: &Run, entry: &Entry<FindingBody>, detail: Detail) -> Facts {
    let Entry { head, body } = entry;
    let full = detail.full;
    let mut facts = Facts::default();
    if let Some(hash) = head.file.as_ref().and_then(|file| file.hash.as_ref()) {
        facts.add_hash("SHA-256", hash.sha256.as_ref());
        facts.add_hash("SHA-1", hash.sha1.as_ref().filter(|_| full));
        facts.add_hash("MD5", hash.md5.as_ref().filter(|_| full));
    }
    if let Some(file) = &head.file {
        facts.add_time("created", file.created);
        facts.add_time("modified", file.mtime);
        if detail.all {
            of_file(&mut facts, file);
        }
    }
    for time in &head.implausible_times {
        let value = format!("{} seconds since 1970", time.unix_time);
        facts.add_with("implausible time", value, time.field.clone());
    }
    let urls = if detail.all { REASONS } else { 1 };
    for endpoint in body.reachable.iter().take(urls) {
        let mut note = vec![format!("site {}, pool {}", endpoint.site, endpoint.pool)];
        note.extend(endpoint.identity.clone());
        note.extend(endpoint.handler.as_ref().map(|handler| format!("handler {handler}")));
        note.extend(endpoint.reason.clone());
        if !endpoint.authentication.is_empty() {
            note.push(format!("authentication: {}", endpoint.authentication.join(", ")));
        }
        let note = if full { note.join("; ") } else { String::new() };
        facts.add_with(endpoint.disposition.words(), endpoint.url.clone(), note);
    }
    if detail.all && body.reachable.len() > urls {
        facts.add("further URLs", format!("{} in the JSONL output", grouped((body.reachable.len() - urls) as u64)));
    }
    facts.add("patch level", body.patch_level.clone().unwrap_or_default());
    if let Some(requests) = &body.file_requests {
        let count = format!(
            "{} by {}",
            number(requests.count, "request", "requests"),
            number(requests.clients, "client", "clients")
        );
        let success = match requests.first_success {
            Some(_) => format!("with success {}", span(requests.first_success, requests.last_success)),
            None => "none with success".to_owned(),
        };
        facts.add_with("requests", format!("{count}, {}", span(requests.first, requests.last)), success);
    }
    if !detail.all {
        return facts;
    }
    of_state(&mut facts, body);
    // How it was obtained has the source of all files where there is one alone.
    let several_sources = run.start.as_ref().is_none_or(|start| start.sources.len() > 1);
    if let Some(source) = body.source.as_ref().filter(|_| several_sources) {
        facts.add_with("source", source.analysis_path.clone(), source.kind.clone());
    }
    facts
}

fn of_file(facts: &mut Facts, file: &File) {
    facts.add_time("record changed", file.ctime);
    facts.add_time("accessed", file.accessed);
    facts.add("size", file.size.map(bytes).unwrap_or_default());
    facts.add("attributes", file.attributes.join(", "));
    if let Some(signature) = &file.code_signature {
        facts.add_with("signed by", signature.subject_name.clone(), signature.status.clone());
    }
}

/// What is known of a finding beside its file.
fn of_state(facts: &mut Facts, body: &FindingBody) {
    let state = &body.state;
    facts.add("location", state.role.0.words());
    if let Some(baseline) = state.baseline.as_ref().filter(|baseline| baseline.status.0 != BaselineStatus::NoBaseline) {
        let expected = baseline.expected_sha256.as_ref().map(|hash| format!("expected SHA-256 {hash}"));
        let note: Vec<String> =
            [baseline.build.clone(), expected, baseline.baseline_path.clone()].into_iter().flatten().collect();
        facts.add_with("baseline", baseline.status.0.words(), note.join("; "));
    }
    if let Some(compiled) = &state.compiled {
        let note = [&[compiled.page.words().to_owned()], compiled.page_paths.as_slice()].concat();
        facts.add_with("compiled from", compiled.virtual_path.clone(), note.join("; "));
    }
    if let Some(bin) = &state.recycle_bin {
        facts.add_with("deleted from", bin.original_path.clone(), short(bin.deleted));
    }
    if let Some(ntfs) = &state.ntfs {
        facts.add_time("$FILE_NAME created", ntfs.name_created);
        facts.add_time("$FILE_NAME modified", ntfs.name_modified);
        facts.add_time("$FILE_NAME record changed", ntfs.name_changed);
        let remains = ntfs.remains.map(|remains| format!("content left: {}", remains.0.name())).unwrap_or_default();
        match (ntfs.deleted, remains.is_empty()) {
            (true, _) => facts.add_with("state", "deleted", remains),
            (false, false) => facts.add_with("state", "in the slack of its MFT record", remains),
            (false, true) => {}
        }
        facts.add("MFT record", ntfs.entry.map(|entry| entry.to_string()).unwrap_or_default());
        facts.add("hard links", ntfs.other_names.join("; "));
        let streams: Vec<String> =
            ntfs.streams.iter().map(|stream| format!("{} ({})", stream.name, bytes(stream.size))).collect();
        facts.add("streams", streams.join("; "));
        if let Some(shadow) = &ntfs.shadow {
            let since = shadow.since.0.name().replace('_', " ");
            let note = [&["since then: ".to_owned() + &since], shadow.path_today.as_slice()].concat();
            facts.add_with(
                "in shadow copy",
                format!("{} of {}", shadow.number, short(shadow.created)),
                note.join("; "),
            );
        }
    }
    match state.examined.name() {
        "complete" => {}
        extent => facts.add("examined", extent.replace('_', " ")),
    }
}

impl Requests {
    fn new(entry: &Entry<RequestsRecord>, detail: Detail) -> Self {
        let Entry { head, body } = entry;
        let url = head.url.as_ref().map(|url| url.path.as_str()).unwrap_or_default();
        let lines = body.locations.iter().filter(|_| detail.full).map(|line| RequestLine {
            at: format!("{}:{}", line.path, line.line),
            text: super::environment::bounded(&line.excerpt, 400).into_owned(),
        });
        let count = number(body.count, "request", "requests");
        let when = span(head.event.start, head.event.end);
        Self {
            summary: [count.as_str(), url, when.as_str()]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" · "),
            clients: counts(&body.clients, VALUES),
            details: format!(
                "methods {}; statuses {}; user agents {}",
                counts(&body.methods, VALUES),
                counts(&body.statuses, VALUES),
                counts(&body.user_agents, VALUES)
            ),
            lines: lines.collect(),
        }
    }
}
