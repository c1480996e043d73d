//! Valid signatures of known publishers, which lower content scores.
//!
//! What it does: of a program that another detector has something against, verifies the strong name and the Authenticode
//! signature. One that holds, and is of a publisher whose key is known, lowers the reasons that come from the content. Why it
//! matters: libraries that serve pages do for a living what only a backdoor does in a page. What is not lowered: known hashes,
//! rules that the user gave, and all that place, name, time and configuration say, since a signature says whose file it is, and
//! not what it does where it lies. A copy that was changed has no such signature
//! ([why so](../../docs/decisions/0016-known-publishers.md)).

use super::{Detect, Detector, Knowledge, ScanContext, ScanResults};
use crate::catalogue::{self, Publishers};
use crate::decode::cil;
use crate::model::place::kind;
use crate::model::{Artefact, Examined, Reason, ReasonKind, Signed, SignedBy};
use crate::signing::{authenticode, strong_name};
use sha2::{Digest, Sha256};

pub(super) const DETECTOR: Detector = Detector {
    id: "publisher",
    about: "lowers content scores of executables and assemblies signed by known publishers",
    build: |_: &Knowledge| Box::new(Voucher { publishers: catalogue::publishers() }),
};

/// What a reason from the content of such a program counts: all of them together stay `info`.
const OF_SIGNED: u8 = 5;

struct Voucher<'p> {
    publishers: &'p Publishers,
}

impl Detect for Voucher<'_> {
    fn look(&mut self, artefact: &Artefact, context: &ScanContext<'_, '_>, results: &mut ScanResults) {
        // What IIS takes for a page runs as one, whatever else it may be.
        let judged = !results.reasons.is_empty() && artefact.examined == Examined::Whole;
        if !judged || kind::is_web(&artefact.entry.name) || !context.begins_as_program() {
            return;
        }
        results.signed = context.views.first().and_then(|stored| self.signed(&stored.bytes));
        if results.signed.is_some() {
            for reason in results.reasons.iter_mut().filter(|reason| is_of_content(reason)) {
                reason.score = reason.score.min(OF_SIGNED);
            }
        }
    }
}

/// The publisher whose key is built in that has signed a program, if its signature holds.
pub fn publisher_of(file: &[u8]) -> Option<Signed> {
    Voucher { publishers: catalogue::publishers() }.signed(file)
}

/// Whether a known publisher has signed a program, and the signature holds.
pub(super) fn is_signed(file: &[u8]) -> bool {
    publisher_of(file).is_some()
}

/// Whether a program has the public key of a known publisher as its strong name, whoever made it.
pub(super) fn claims_to_be_signed(file: &[u8]) -> bool {
    let key = cil::strong_name(file).map(|name| hex::encode(Sha256::digest(name.public_key)));
    key.is_some_and(|key| catalogue::publishers().of_strong_name(&key).is_some())
}

/// Whether a reason comes from what the program holds, by what is built in.
fn is_of_content(reason: &Reason) -> bool {
    match reason.kind {
        ReasonKind::Behaviour => true,
        ReasonKind::Signature => !reason.rule.as_ref().is_some_and(|rule| rule.given),
        _ => false,
    }
}

impl Voucher<'_> {
    /// The known publisher of a program, if its signature holds.
    fn signed(&self, file: &[u8]) -> Option<Signed> {
        self.strong_name(file).or_else(|| self.authenticode(file))
    }

    fn strong_name(&self, file: &[u8]) -> Option<Signed> {
        let name = cil::strong_name(file)?;
        let publisher = self.publishers.of_strong_name(&hex::encode(Sha256::digest(name.public_key)))?;
        strong_name::verify(file, &name).ok()?;
        let token = hex::encode(strong_name::token(name.public_key));
        Some(Signed { publisher: publisher.to_owned(), by: SignedBy::StrongName(token) })
    }

    fn authenticode(&self, file: &[u8]) -> Option<Signed> {
        let known = |signer: &authenticode::Signer| {
            self.publishers.of_certificate(&hex::encode(signer.authority), &signer.organisation)
        };
        let signer = authenticode::verify(file, |signer| known(signer).is_some()).ok()?;
        let publisher = known(&signer)?.to_owned();
        Some(Signed { publisher, by: SignedBy::Authenticode(signer.organisation) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::artefact;
    use super::*;
    use crate::decode::{Effort, views};
    use crate::model::{Role, RuleRef};
    use crate::pe_test_support::{AUTHORITY, ORGANISATION, STRONG_NAME_KEY, signed as fixture};

    /// A table of our own keys: what is built in cannot sign our fixtures.
    fn publishers() -> Publishers {
        Publishers::parse(&format!(
            "kind,sha256,named,publisher,note,source\n\
             strong name,{STRONG_NAME_KEY},59194538b1f74545,Inert Strong Names,,\n\
             authenticode,{AUTHORITY},{ORGANISATION},Inert Publisher,,\n"
        ))
    }

    fn reason(kind: ReasonKind, score: u8, rule: Option<bool>) -> Reason {
        let rule = rule.map(|given| RuleRef { name: "r".to_owned(), ruleset: "r".to_owned(), reference: None, given });
        let id = format!("{}/x", kind.name());
        Reason { id, kind, score, title: String::new(), locations: Vec::new(), rule, path: Vec::new() }
    }

    /// One reason of each kind, and a signature of the user's.
    fn reasons() -> Vec<Reason> {
        use ReasonKind::*;
        let kinds =
            [Behaviour, Baseline, Location, Hash, Access, Timestamp, Indicator, Compiled, Config, Autostart, Deleted];
        let mut reasons: Vec<Reason> = kinds.into_iter().map(|kind| reason(kind, 90, None)).collect();
        reasons.extend([reason(Signature, 90, Some(false)), reason(Signature, 90, Some(true))]);
        reasons
    }

    fn results(publishers: &Publishers, name: &str, file: &[u8], reasons: Vec<Reason>) -> ScanResults {
        let mut results = ScanResults { reasons, ..ScanResults::default() };
        let views = views(file, 0, Effort::Program).views;
        Voucher { publishers }.look(&artefact(name, Role::WebRoot, name), &ScanContext::new(&views), &mut results);
        results
    }

    fn lowered(results: &ScanResults) -> usize {
        results.reasons.iter().filter(|reason| reason.score == OF_SIGNED).count()
    }

    #[test]
    fn content_findings_are_lowered_and_no_others() {
        for (name, words) in [
            ("strong_name", "signed by Inert Strong Names (strong name 59194538b1f74545), signature valid"),
            ("authenticode", "signed by Inert Publisher (Authenticode, Inert Publisher), signature valid"),
        ] {
            let results = results(&publishers(), "x.dll", &fixture(name), reasons());
            assert_eq!(results.signed.as_ref().map(ToString::to_string).as_deref(), Some(words));
            for reason in &results.reasons {
                let of_content = reason.id == "behaviour/x" || reason.rule.as_ref().is_some_and(|rule| !rule.given);
                assert_eq!(reason.score, if of_content { OF_SIGNED } else { 90 }, "{name}: {reason:?}");
            }
        }
    }

    #[test]
    fn a_copy_that_was_changed_is_found_as_before() {
        for name in ["strong_name", "authenticode"] {
            let mut file = fixture(name);
            let at = memchr::memmem::find(&file, b"CreateInstance").expect("a name in it");
            file[at] = b'c';
            let results = results(&publishers(), "x.dll", &file, reasons());
            assert_eq!((&results.signed, lowered(&results)), (&None, 0), "{name}");
        }
    }

    #[test]
    fn who_is_not_known_vouches_for_nothing() {
        for name in ["delay_signed", "unsigned", "other_authority", "other_use"] {
            assert_eq!(results(&publishers(), "x.dll", &fixture(name), reasons()).signed, None, "{name}");
        }
        for name in ["strong_name", "authenticode"] {
            assert_eq!(results(catalogue::publishers(), "x.dll", &fixture(name), reasons()).signed, None, "{name}");
        }
    }

    #[test]
    fn nothing_is_asked_without_a_reason_nor_of_what_runs_as_a_page() {
        let file = fixture("strong_name");
        assert_eq!(results(&publishers(), "x.dll", &file, Vec::new()).signed, None);
        assert_eq!(results(&publishers(), "x.aspx", &file, reasons()).signed, None);
    }

    #[test]
    fn the_handler_is_found_where_nobody_vouches_for_it_and_not_where_somebody_does() {
        use super::super::behaviour;
        use super::super::test_support::knowledge;
        let level = |file: &[u8]| {
            let found = super::super::test_support::results(
                &behaviour::DETECTOR,
                &knowledge(),
                &artefact("x.dll", Role::WebRoot, "x.dll"),
                file,
            );
            let results = results(&publishers(), "x.dll", file, found.reasons);
            crate::verdict::score_finding(artefact("x.dll", Role::WebRoot, "x.dll"), results.reasons)
                .map(|found| found.level)
        };
        use crate::model::Level;
        for name in ["unsigned", "delay_signed", "other_authority", "other_use"] {
            assert_eq!(level(&fixture(name)), Some(Level::Critical), "{name}");
        }
        for name in ["strong_name", "authenticode"] {
            assert_eq!(level(&fixture(name)), Some(Level::Info), "{name}");
        }
    }

    #[test]
    fn the_built_in_table_holds_keys() {
        let known = catalogue::publishers();
        assert!(known.len() >= 14, "{}", known.len());
        let framework = "933598639cbaa1de502f80d2fd1db78f13c8d7bb64a5fdc1bc73ac0b5ce4f5ca";
        assert_eq!(known.of_strong_name(framework), Some("Microsoft Corporation"));
        let authority = "403d745163781e8bc32dcd578fc66040ce004feb501362a4fc789ccfe1599a97";
        assert_eq!(known.of_certificate(authority, "Microsoft Corporation"), Some("Microsoft Corporation"));
        assert_eq!(known.of_certificate(authority, "Somebody"), None);
    }
}
