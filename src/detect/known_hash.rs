//! Is this file known to be hostile?
//!
//! What it does: compares the file's digests with published ones of webshells and of what intruders left beside them.
//! Why it matters: a hit names the intrusion. Known harmless: none; an empty or one-line file can share a digest with
//! another one, so lists of such files do not belong here.

use super::{Detect, Detector, Knowledge, ScanContext, ScanResults};
use crate::catalogue::HashFact;
use crate::model::{Artefact, Location, Reason, ReasonKind, RuleRef};

pub(super) const DETECTOR: Detector = Detector {
    id: "known-hash",
    about: "digests of files known to be hostile, built in and from --iocs",
    build: |knowledge| Box::new(KnownHash { knowledge }),
};

struct KnownHash<'k> {
    knowledge: &'k Knowledge,
}

impl Detect for KnownHash<'_> {
    fn look(&mut self, artefact: &Artefact, _: &ScanContext<'_, '_>, marks: &mut ScanResults) {
        let hashes = &artefact.hashes;
        let known = [&hashes.sha256, &hashes.sha1, &hashes.md5]
            .into_iter()
            .flatten()
            .find_map(|hash| self.knowledge.hostile.get(hash).map(|fact| (hash, fact)));
        if let Some((hash, fact)) = known {
            marks.reasons.push(reason(hash, fact, artefact.entry.size));
        }
    }
}

fn reason(hash: &str, fact: &HashFact, size: u64) -> Reason {
    Reason::new(ReasonKind::Hash, &fact.list, fact.score, format!("known hostile file: {}", fact.about))
        .at(vec![Location::whole(size, hash)])
        .by_rule(RuleRef {
            name: hash.to_owned(),
            ruleset: fact.list.clone(),
            reference: fact.reference.clone(),
            given: false,
        })
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{artefact, knowledge, marks};
    use super::*;
    use crate::model::Role;

    #[test]
    fn a_listed_hash_fires_and_another_stays_silent() {
        let mut knowledge = knowledge();
        knowledge.hostile = crate::catalogue::hostile_hashes();
        let mut file = artefact("x.aspx", Role::Unknown, "x.aspx");
        for (hash, fires) in [("3c0db3a5194e1568e8e2164149f30763b7f3043d", true), (&*"0".repeat(40), false)] {
            file.hashes.sha1 = Some(hash.to_owned());
            let marks = marks(&DETECTOR, &knowledge, &file, b"");
            assert_eq!(marks.reasons.iter().any(|reason| reason.score == 95), fires, "{hash}");
        }
    }
}
