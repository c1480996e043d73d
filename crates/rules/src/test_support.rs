//! Shared by the tests: the built-in rules, compiled from `signatures/` once, and a sample file.

use super::{BuiltIn, SignatureScanner, Signatures};
use crate::code::context::ScanContext;
use crate::model::{Artefact, Entry, Place, Role, ScanResults, ServerPath};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

/// The rules in the files of this name, each folder by itself.
fn compiled(file: &str) -> Vec<u8> {
    let signatures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../signatures");
    let sources = shellsift_yara::sources(&signatures, file).expect("rules are there");
    shellsift_yara::serialized(&sources).expect("they compile")
}

/// The built-in rules.
pub(crate) fn built_in() -> BuiltIn {
    static PAGES: LazyLock<Vec<u8>> = LazyLock::new(|| compiled("rules.yar"));
    static PROGRAMS: LazyLock<Vec<u8>> = LazyLock::new(|| compiled("programs.yar"));
    BuiltIn { pages: || PAGES.clone(), programs: || PROGRAMS.clone(), digest: || [0; 32] }
}

/// What a scan needs to know.
pub(crate) struct Knowledge {
    pub(crate) signatures: Option<Signatures>,
    pub(crate) timeout: Duration,
}

/// No rules.
pub(crate) fn knowledge() -> Knowledge {
    Knowledge { signatures: None, timeout: Duration::from_secs(10) }
}

/// An artefact of this name at this place, 100 bytes large.
pub(crate) fn artefact(name: &str, role: Role, relative: &str) -> Artefact {
    let path = ServerPath::drive('C').join(name);
    Artefact::new(path, Entry::file(name, 100), Place::new(role, relative))
}

/// The matches of the rules in these bytes.
pub(crate) fn results(knowledge: &Knowledge, artefact: &Artefact, bytes: &[u8]) -> ScanResults {
    let mut results = ScanResults::default();
    let views = crate::decode::views(bytes, 0, crate::decode::Effort::Thorough).views;
    let mut scanner = SignatureScanner::new(knowledge.signatures.as_ref(), knowledge.timeout);
    scanner.look(artefact, &ScanContext::new(&views), &mut results);
    results
}
