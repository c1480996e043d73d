//! The publisher that signed a file.

use std::fmt;

/// A valid signature of a known publisher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The publisher, as the table of known ones names it.
    pub publisher: String,
    /// How.
    pub by: SignedBy,
}

/// How a program is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedBy {
    /// By the strong name of an assembly: the token of its key.
    StrongName(String),
    /// With a certificate for this organisation.
    Authenticode(String),
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match &self.by {
            SignedBy::StrongName(token) => format!("strong name {token}"),
            SignedBy::Authenticode(organisation) => format!("Authenticode, {organisation}"),
        };
        write!(f, "signed by {} ({how}), signature valid", self.publisher)
    }
}
