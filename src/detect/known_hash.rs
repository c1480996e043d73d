//! Hashes of known malicious files.
//!
//! What it does: compares the file's digests with published ones of webshells and of what intruders left beside them.
//! Why it matters: a hit names the intrusion. Benign look-alikes: none; an empty or one-line file can share a digest with
//! another one, so lists of such files do not belong here.

use super::{Detect, Detector, Knowledge, ScanContext, ScanResults};
use crate::catalogue::BUILT_IN_LISTS;
use crate::catalogue::HashFact;
use crate::model::{Artefact, CheckInfo, Location, Reason, RuleRef};

pub(super) const DETECTOR: Detector = Detector {
    id: "known-hash",
    about: "hashes of known malicious files, built in and from --iocs",
    build: |knowledge| Box::new(KnownHash { knowledge }),
};

/// The checks of this file.
pub(crate) const CHECKS: &[&CheckInfo] = &[&KNOWN_MALICIOUS, &USER_LIST];

const KNOWN_MALICIOUS: CheckInfo = CheckInfo {
    id: "hash/known_malicious",
    title: "a known malicious file",
    score: 100,
    looks_for: "The SHA-256, SHA-1 or MD5 of the file is in the built-in list of malicious files; the score is that of \
                the list.",
    why: "The file is known.",
    benign_look_alikes: "None; the sources are named in the finding.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

const USER_LIST: CheckInfo = CheckInfo {
    id: "hash/user_list",
    title: "a file in the user's hash list",
    score: 100,
    looks_for: "The hash of the file is in a list given with `--iocs`; the score is that of the list.",
    why: "The user listed this file.",
    benign_look_alikes: "Depends on the list.",
    ..CheckInfo::EMPTY
};

struct KnownHash<'k> {
    knowledge: &'k Knowledge,
}

impl Detect for KnownHash<'_> {
    fn look(&mut self, artefact: &Artefact, _: &ScanContext<'_, '_>, results: &mut ScanResults) {
        let hashes = &artefact.hashes;
        let known = [&hashes.sha256, &hashes.sha1, &hashes.md5]
            .into_iter()
            .flatten()
            .find_map(|hash| self.knowledge.malicious.get(hash).map(|fact| (hash, fact)));
        if let Some((hash, fact)) = known {
            results.reasons.push(reason(hash, fact, artefact.entry.size));
        }
    }
}

fn reason(hash: &str, fact: &HashFact, size: u64) -> Reason {
    let check = if BUILT_IN_LISTS.contains(&fact.list.as_str()) { &KNOWN_MALICIOUS } else { &USER_LIST };
    let title = format!("known malicious file: {}", fact.about);
    Reason::new(check, fact.score, title, vec![Location::whole(size, hash)]).by_rule(RuleRef {
        name: hash.to_owned(),
        ruleset: fact.list.clone(),
        reference: fact.reference.clone(),
        given: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{artefact, knowledge, results};
    use super::*;
    use crate::model::Role;

    #[test]
    fn a_listed_hash_fires_and_another_stays_silent() {
        let mut knowledge = knowledge();
        knowledge.malicious = crate::catalogue::malicious_hashes();
        let mut file = artefact("x.aspx", Role::Unknown, "x.aspx");
        for (hash, fires) in [("3c0db3a5194e1568e8e2164149f30763b7f3043d", true), (&*"0".repeat(40), false)] {
            file.hashes.sha1 = Some(hash.to_owned());
            let results = results(&DETECTOR, &knowledge, &file, b"");
            assert_eq!(results.reasons.iter().any(|reason| reason.score == 95), fires, "{hash}");
        }
    }
}
