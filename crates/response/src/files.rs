//! Files to keep, remove, restore or review, and the volumes that they lie on.

use super::evidence::Index;
use super::item::{counted, item};
use super::remedy::Remedy;
use super::results::Results;
use shellsift_model::{ActionItem, EntryKind, Finding, Level, Subject};
use std::collections::BTreeMap;

/// The check of code in an alternate data stream: the stream is what has to go.
const STREAM: &str = "location/alternate_data_stream";

/// `path, SHA-256 digest`, and which of its streams it is about.
fn with_hash(finding: &Finding) -> ActionItem {
    let artefact = &finding.artefact;
    let path = artefact.path.to_string();
    let text = match &artefact.hashes.sha256 {
        Some(digest) => format!("{path}, SHA-256 {digest}"),
        None => format!("{path}, no SHA-256: its content could not be read"),
    };
    let stream = finding.reasons.iter().find(|reason| reason.id == STREAM);
    let stream = stream.map_or(String::new(), |reason| format!("; {}", reason.title));
    item(format!("{text}{stream}"), path)
}

/// Whether a finding is malicious with high confidence.
fn is_malicious(results: &Results<'_>, finding: &Finding) -> bool {
    (results.intrusion)(finding) >= Level::High
}

fn is_file(finding: &Finding) -> bool {
    finding.artefact.entry.kind == EntryKind::File
}

/// Malicious files that can be removed; of files that were given by themselves, all malicious ones.
pub(crate) fn to_remove(results: &Results<'_>, index: &Index<'_>) -> Vec<ActionItem> {
    let found = index.findings.iter().zip(&index.remedies);
    let is_wanted = |remedy| remedy == Remedy::Remove || results.summary.subject == Subject::Files;
    let found = found.filter(|(finding, remedy)| is_wanted(**remedy) && is_file(finding));
    found.filter(|(finding, _)| is_malicious(results, finding)).map(|(finding, _)| with_hash(finding)).collect()
}

/// Malicious files that belong to the product.
pub(crate) fn to_restore(results: &Results<'_>, index: &Index<'_>) -> Vec<ActionItem> {
    let found = index.with(Remedy::Restore).filter(|finding| is_malicious(results, finding));
    let text = |finding: &Finding| {
        let with_hash = with_hash(finding);
        let expected = finding.artefact.comparison.as_ref().and_then(|one| one.expected_sha256.as_ref());
        let expected = expected.map_or(String::new(), |digest| format!("; the original has {digest}"));
        item(format!("{}{expected}", with_hash.text), with_hash.finding.unwrap_or_default())
    };
    found.map(text).collect()
}

/// What needs review: what is not malicious with high confidence, and what is no file.
pub(crate) fn to_review(results: &Results<'_>, index: &Index<'_>) -> Vec<ActionItem> {
    let found = index.with(Remedy::Remove).chain(index.with(Remedy::Restore));
    let found = found.filter(|finding| (results.intrusion)(finding) >= Level::Medium);
    found.filter(|finding| !is_file(finding) || !is_malicious(results, finding)).map(with_reason).collect()
}

/// What ASP.NET made of pages.
pub(crate) fn compiled(index: &Index<'_>) -> Vec<ActionItem> {
    index.with(Remedy::Compiled).map(with_page).collect()
}

/// What is left of deleted files.
pub(crate) fn deleted(index: &Index<'_>) -> Vec<ActionItem> {
    index.with(Remedy::Deleted).map(with_reason).collect()
}

/// `path: the first reason`.
fn with_reason(finding: &Finding) -> ActionItem {
    let path = finding.artefact.path.to_string();
    let title = finding.reasons.first().map_or("", |reason| reason.title.as_str());
    item(format!("{path}: {title}"), path)
}

/// `path, of page /owa/auth/x.aspx`.
fn with_page(finding: &Finding) -> ActionItem {
    let path = finding.artefact.path.to_string();
    let page = finding.artefact.compiled.as_ref();
    let page = page.map_or(String::new(), |compiled| format!(", of page {}", compiled.virtual_path));
    item(format!("{path}{page}"), path)
}

/// Volumes with findings, the one with the most urgent finding first. None where the evidence is a disk image already.
pub(crate) fn volumes(results: &Results<'_>, index: &Index<'_>) -> Vec<ActionItem> {
    if results.imaged {
        return Vec::new();
    }
    let mut counts: BTreeMap<char, (usize, u64, &Finding)> = BTreeMap::new();
    for (at, finding) in index.findings.iter().enumerate() {
        if let Some(letter) = finding.artefact.path.drive_letter() {
            counts.entry(letter.to_ascii_uppercase()).or_insert((at, 0, finding)).1 += 1;
        }
    }
    let mut volumes: Vec<_> = counts.into_iter().collect();
    volumes.sort_by_key(|(_, (first, ..))| *first);
    let text = |(letter, (_, count, finding)): (char, (usize, u64, &Finding))| {
        item(format!("{letter}: ({})", counted(count, "finding")), finding.artefact.path.to_string())
    };
    volumes.into_iter().map(text).collect()
}
