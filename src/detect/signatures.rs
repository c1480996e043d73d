//! Built-in and user rules over every view of a file, run by the crate `shellsift_rules`.

pub use super::rule_set::Signatures;
use super::{Detect, Detector, ScanContext, ScanResults};
use crate::model::Artefact;
use shellsift_rules::SignatureScanner;
pub use shellsift_rules::{Needed, RuleInfo, VIEWS, means};

pub(super) const DETECTOR: Detector = Detector {
    id: "signatures",
    about: "YARA-X rules, built in and from --rules",
    build: |knowledge| {
        let rules = knowledge.signatures.as_ref().map(|signatures| &signatures.0);
        Box::new(SignatureScanner::new(rules, knowledge.timeout))
    },
};

impl Detect for SignatureScanner<'_> {
    fn look(&mut self, artefact: &Artefact, context: &ScanContext<'_, '_>, results: &mut ScanResults) {
        SignatureScanner::look(self, artefact, context, results);
    }
}
