//! What the formats of other tools have in common: which files count as malicious, and values of records that are sure to have the
//! form that those tools expect, whoever wrote the JSONL output that they were read from.

use crate::case::{Entry, Run};
use crate::model::{BaselineStatus, Level, Timestamp};
use crate::record::{ActionRecord, File, FindingBody, Threat, Time};
use crate::text::plain;
use std::collections::BTreeSet;

/// SHA-256 of no bytes at all: the hash of every empty file.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// Servers that are named before the others are counted.
const NAMED: usize = 10;
/// Reasons that are named before the others are counted.
const REASONS: usize = 5;

/// A technique of MITRE ATT&CK.
pub(super) struct Technique<'c> {
    pub(super) id: &'c str,
    pub(super) name: &'c str,
}

impl Technique<'_> {
    /// Its page.
    pub(super) fn url(&self) -> String {
        format!("https://attack.mitre.org/techniques/{}/", self.id.replace('.', "/"))
    }
}

/// Whether the baseline has this content.
pub(super) fn is_known_good(finding: &FindingBody) -> bool {
    let status = finding.state.baseline.as_ref().map(|baseline| baseline.status.0);
    matches!(status, Some(BaselineStatus::KnownGood | BaselineStatus::Elsewhere))
}

/// Whether the file is handed on as malicious: level high or critical, and no content of the baseline.
pub(super) fn is_malicious(finding: &FindingBody) -> bool {
    finding.level.0 >= Level::High && !is_known_good(finding)
}

/// The SHA-256 of a file, if it identifies one: that of an empty file does not.
pub(super) fn sha256(file: Option<&File>) -> Option<&str> {
    hash(file?.hash.as_ref()?.sha256.as_ref(), 64).filter(|hash| *hash != EMPTY)
}

/// The SHA-1 of a file.
pub(super) fn sha1(file: Option<&File>) -> Option<&str> {
    hash(file?.hash.as_ref()?.sha1.as_ref(), 40)
}

/// The MD5 of a file.
pub(super) fn md5(file: Option<&File>) -> Option<&str> {
    hash(file?.hash.as_ref()?.md5.as_ref(), 32)
}

fn hash(text: Option<&String>, digits: usize) -> Option<&str> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.map(String::as_str).filter(|text| text.len() == digits && text.bytes().all(is_digit))
}

/// The techniques of a record; those that have subtechniques in it are named by these alone.
pub(super) fn techniques(threat: Option<&Threat>) -> Vec<Technique<'_>> {
    let Some(threat) = threat else { return Vec::new() };
    let sub = threat.technique.subtechnique.as_ref();
    let under: BTreeSet<&str> =
        sub.into_iter().flat_map(|ids| &ids.id).filter_map(|id| Some(id.split_once('.')?.0)).collect();
    let main = threat.technique.id.iter().zip(&threat.technique.name).filter(|(id, _)| !under.contains(id.as_ref()));
    let sub = sub.into_iter().flat_map(|ids| ids.id.iter().zip(&ids.name));
    main.chain(sub).filter(|(id, _)| is_technique(id)).map(|(id, name)| Technique { id, name }).collect()
}

/// `T1505` or `T1505.003`.
fn is_technique(id: &str) -> bool {
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    match id.strip_prefix('T').unwrap_or_default().split_once('.') {
        Some((main, sub)) => digits(main, 4) && digits(sub, 3),
        None => id.starts_with('T') && digits(&id[1..], 4),
    }
}

/// Whether it is the id of a CVE: `CVE-2021-26855`.
pub(super) fn is_cve(id: &str) -> bool {
    let digits = |text: &str| (4..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    id.strip_prefix("CVE-")
        .and_then(|rest| rest.split_once('-'))
        .is_some_and(|(year, number)| year.len() == 4 && digits(year) && digits(number))
}

/// The page of a CVE.
pub(super) fn cve_url(id: &str) -> String {
    format!("https://www.cve.org/CVERecord?id={id}")
}

/// RFC 3339 with milliseconds, the precision that STIX asks for.
pub(super) fn millis(time: Time) -> String {
    let text = time.to_string();
    let second = text.get(..19).unwrap_or("1970-01-01T00:00:00");
    format!("{second}.{:03}Z", time.0.nanos() / 1_000_000)
}

/// When a run began; that of the first record where the beginning is missing.
pub(super) fn started(run: &Run) -> Time {
    let start = run.start.as_ref().and_then(|start| start.started);
    let summary = || run.end.as_ref()?.summary.as_ref()?.started;
    let finding = || Some(run.findings.first()?.head.event.created);
    let hit = || Some(run.hits.first()?.head.event.created);
    start.or_else(summary).or_else(finding).or_else(hit).unwrap_or(Time(Timestamp::new(0, 0)))
}

/// When a run ended, never before it began; its beginning where the end is missing.
pub(super) fn ended(run: &Run) -> Time {
    let summary = run.end.as_ref().and_then(|end| end.summary.as_ref());
    let started = started(run);
    summary.map_or(started, |summary| summary.ended).max(started)
}

/// What is missing in the results of a run, in words.
pub(super) fn gaps(run: &Run) -> Vec<String> {
    let summary = run.end.as_ref().and_then(|end| end.summary.as_ref());
    let mut gaps: Vec<String> = summary.and_then(|summary| summary.gaps.clone()).into_iter().collect();
    if run.end.is_none() {
        gaps.push("the results end before the end of the run".to_owned());
    }
    let omitted = run.omitted;
    for (count, what) in [(omitted.findings, "findings"), (omitted.problems, "problems")] {
        if count > 0 {
            gaps.push(format!("{count} further {what} are in the JSONL output alone"));
        }
    }
    gaps
}

/// An action in words: why and how, and what it is to be done to.
pub(super) fn action_words(action: &ActionRecord) -> String {
    let mut lines: Vec<String> = Some(plain(&action.description)).filter(|text| !text.is_empty()).into_iter().collect();
    lines.extend(action.items.iter().map(|item| format!("- {}", plain(&item.description))));
    if action.items_omitted > 0 {
        lines.push(format!("- and {} more", action.items_omitted));
    }
    lines.extend(action.references.iter().map(|reference| plain(reference)));
    lines.join("\n")
}

/// Names, the first few of them: `A, B and 3 more`.
pub(super) fn some_of(names: &[&str]) -> String {
    let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Why a file was found: the titles of its reasons, each once, the strongest first.
pub(super) fn why(finding: &Entry<FindingBody>) -> String {
    let mut seen = BTreeSet::new();
    let titles = finding.body.reasons.iter().map(|reason| reason.title.trim_end_matches('.'));
    let titles: Vec<&str> = titles.filter(|title| seen.insert(*title)).collect();
    let shown = plain(&titles.iter().take(REASONS).copied().collect::<Vec<_>>().join("; "));
    match titles.len().saturating_sub(REASONS) {
        0 => shown,
        more => format!("{shown}; and {more} more reasons"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_their_form_or_are_left_out() {
        for (id, good) in [
            ("T1505", true),
            ("T1505.003", true),
            ("T1505.03", false),
            ("X1505", false),
            ("T15051", false),
            ("T\u{661}505", false),
            ("", false),
            ("T", false),
            ("1505.003", false),
        ] {
            assert_eq!(is_technique(id), good, "{id}");
        }
        for (id, good) in
            [("CVE-2021-26855", true), ("CVE-21-26855", false), ("CVE-2021-1", false), ("cve-2021-26855", false)]
        {
            assert_eq!(is_cve(id), good, "{id}");
        }
        let hash_of = |text: &str| hash(Some(&text.to_owned()), 32).is_some();
        assert!(hash_of(&"a".repeat(32)) && !hash_of(&"A".repeat(32)) && !hash_of(&"a".repeat(31)) && !hash_of("' OR"));
    }

    #[test]
    fn times_have_milliseconds() {
        assert_eq!(millis(Time(Timestamp::new(0, 0))), "1970-01-01T00:00:00.000Z");
        assert_eq!(millis(Time(Timestamp::new(1_614_754_757, 960_999_999))), "2021-03-03T06:59:17.960Z");
        assert_eq!(some_of(&["a", "b"]), "a, b");
        assert_eq!(some_of(&["a"; 12]), format!("{} and 2 more", ["a"; 10].join(", ")));
    }
}
