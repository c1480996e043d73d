//! The compiled rules of the crate `shellsift_rules` with those that the program has built in.

use crate::catalogue::{self, Subject};
use crate::error::Result;
use crate::model::Problem;
use shellsift_rules::BuiltIn;
use std::ops::Deref;
use std::path::PathBuf;

/// The rules that [`catalogue::rules`] holds.
const BUILT_IN: BuiltIn = BuiltIn {
    pages: || catalogue::rules(Subject::Pages),
    programs: || catalogue::rules(Subject::Programs),
    digest: catalogue::rules_digest,
};

/// Compiled rules.
pub struct Signatures(pub(super) shellsift_rules::Signatures);

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
