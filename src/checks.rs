//! The catalogue of all checks. `rules list`, `explain --check`, the documents and the MITRE ATT&CK fields of records
//! come from here.

use crate::catalogue::{self, RuleFacts};
use crate::model::{CheckInfo, Technique};
use crate::{detect, logs, scan, targets};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Every check, kind by kind: built-in rules, behaviours, locations, baseline, indicators, hashes, compiled pages, timestamps,
/// access, configuration, autostarts, logs, cmdlets and event logs.
pub fn checks() -> impl Iterator<Item = &'static CheckInfo> {
    let of_registry = targets::EXCLUSION_CHECKS.iter().chain(targets::AUTOSTART_CHECKS);
    let files = detect::checks().chain(scan::CHECKS.iter().copied()).chain(of_registry.copied());
    signatures().iter().chain(files).chain(logs::all_checks())
}

/// A check by its id.
pub fn find(id: &str) -> Option<&'static CheckInfo> {
    index().get(id).map(|entry| entry.check)
}

/// The techniques of MITRE ATT&CK that a check is evidence of, by its id; none for rules of the user's.
pub fn attack_of(id: &str) -> &'static [Technique] {
    index().get(id).map_or(&[], |entry| &entry.attack)
}

/// The notes of the family of a built-in rule, in Markdown, by the id of its check.
pub fn notes_of(id: &str) -> Option<&'static str> {
    let name = id.strip_prefix("signature/")?;
    let rule = catalogue::rule_facts().iter().find(|rule| rule.name == name)?;
    catalogue::rule_notes(rule.folder)
}

struct Entry {
    check: &'static CheckInfo,
    attack: Vec<Technique>,
}

fn index() -> &'static BTreeMap<&'static str, Entry> {
    static INDEX: LazyLock<BTreeMap<&'static str, Entry>> = LazyLock::new(|| {
        let techniques = catalogue::techniques();
        let entry = |check: &'static CheckInfo| {
            let attack = check.attack.iter().filter_map(|id| techniques.get(id)).cloned().collect();
            (check.id, Entry { check, attack })
        };
        checks().map(entry).collect()
    });
    &INDEX
}

/// The built-in rules as checks, made once.
fn signatures() -> &'static [CheckInfo] {
    static RULES: LazyLock<Vec<CheckInfo>> = LazyLock::new(|| catalogue::rule_facts().iter().map(signature).collect());
    &RULES
}

/// A rule as a check. Its strings stay for good: there is one for each built-in rule.
fn signature(rule: &RuleFacts) -> CheckInfo {
    let list = |text: &'static str| -> &'static [&'static str] {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().leak()
    };
    let sections = |heading: &str| catalogue::rule_notes(rule.folder).and_then(|notes| section(notes, heading));
    CheckInfo {
        id: format!("signature/{}", rule.name).leak(),
        title: rule.description.trim_end_matches('.'),
        score: rule.score,
        looks_for: rule.description,
        why: sections("What it is").unwrap_or(rule.description),
        benign_look_alikes: sections("Benign look-alikes").unwrap_or("None known."),
        attack: list(rule.attack),
        references: list(rule.reference),
        ..CheckInfo::EMPTY
    }
}

/// The paragraph of notes that begins with a heading in bold: `**What it is.** ...`.
fn section(notes: &'static str, heading: &str) -> Option<&'static str> {
    let start = notes.find(&format!("**{heading}.**"))? + heading.len() + 5;
    let rest = &notes[start..];
    Some(rest[..rest.find("\n\n").unwrap_or(rest.len())].trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ReasonKind;
    use std::collections::BTreeSet;

    #[test]
    fn every_check_has_an_id_of_its_own_its_words_and_known_techniques() {
        let mut ids = BTreeSet::new();
        let mut names = BTreeMap::new();
        for check in checks() {
            let id = check.id;
            assert!(ids.insert(id), "{id} twice");
            assert_eq!(id.matches('/').count(), 1, "{id}");
            let snake = |text: &str| {
                text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
                    && text.starts_with(|c: char| c.is_ascii_lowercase())
            };
            assert!(snake(check.area()) && snake(check.name()), "{id}");
            // One name means one thing, whatever stands before it.
            if let Some(other) = names.insert(check.name(), check.area()) {
                assert!(other == "signature" || check.area() == "signature", "{id} and {other}/{}", check.name());
            }
            assert!(check.title.len() > 5 && !check.title.ends_with('.'), "{id}: {}", check.title);
            assert!(check.score <= 100 && (check.level.is_none() || check.score == 0), "{id}");
            for text in [check.looks_for, check.why, check.benign_look_alikes] {
                assert!(text.ends_with('.') && text.len() > 4, "{id}: {text}");
            }
            for technique in check.attack {
                assert!(catalogue::techniques().get(technique).is_some(), "{id}: {technique}");
            }
            assert!(check.cves.iter().all(|cve| cve.starts_with("CVE-")), "{id}");
            assert!(check.references.iter().all(|reference| !reference.is_empty()), "{id}");
            let log = ["log", "cmdlet", "event"].contains(&check.area());
            assert_eq!(ReasonKind::of(check).is_none(), log, "{id}");
            assert_eq!(check.level.is_some(), log, "{id}");
        }
        assert!(ids.len() > catalogue::rule_facts().len());
    }

    #[test]
    fn a_check_is_found_with_its_techniques_and_its_notes() {
        let check = find("behaviour/eval_request_input").expect("is there");
        assert_eq!(check.title, "executes request input (eval)");
        assert_eq!(attack_of(check.id)[0].id, "T1505.003");
        assert_eq!((find("behaviour/none"), attack_of("signature/mine")), (None, &[][..]));
        assert!(notes_of("signature/godzilla_default_key").is_some_and(|notes| notes.starts_with("# Godzilla")));
        assert_eq!(notes_of("behaviour/eval_request_input"), None);
    }
}
