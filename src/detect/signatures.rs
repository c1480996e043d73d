//! Built-in and user rules over every view of a file, run by the crate `shellsift_rules`.

use super::{Detect, Detector, ScanContext, ScanResults};
use crate::catalogue::{self, Subject};
use crate::error::Result;
use crate::model::{Artefact, Problem};
use shellsift_rules::{BuiltIn, SignatureScanner};
pub use shellsift_rules::{Needed, RuleInfo, VIEWS, means};
use std::ops::Deref;
use std::path::PathBuf;

pub(super) const DETECTOR: Detector = Detector {
    id: "signatures",
    about: "YARA-X rules, built in and from --rules",
    build: |knowledge| {
        let rules = knowledge.signatures.as_ref().map(|signatures| &signatures.0);
        Box::new(SignatureScanner::new(rules, knowledge.timeout))
    },
};

/// The rules that [`catalogue::rules`] holds.
const BUILT_IN: BuiltIn = BuiltIn {
    pages: || catalogue::rules(Subject::Pages),
    programs: || catalogue::rules(Subject::Programs),
    digest: catalogue::rules_digest,
};

/// Compiled rules.
pub struct Signatures(shellsift_rules::Signatures);

impl Signatures {
    /// The built-in rules, if wanted, and those of `paths`, as [`shellsift_rules::Signatures::compile`] has it.
    pub fn compile(built_in: bool, paths: &[PathBuf]) -> Result<(Self, Vec<Problem>)> {
        let (rules, problems) = shellsift_rules::Signatures::compile(built_in.then_some(BUILT_IN), paths)?;
        Ok((Self(rules), problems))
    }
}

impl Deref for Signatures {
    type Target = shellsift_rules::Signatures;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl Detect for SignatureScanner<'_> {
    fn look(&mut self, artefact: &Artefact, sight: &ScanContext<'_, '_>, marks: &mut ScanResults) {
        SignatureScanner::look(self, artefact, sight, marks);
    }
}
