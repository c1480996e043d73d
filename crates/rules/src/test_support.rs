//! Shared by the tests: the built-in rules, compiled from `signatures/` once, and a sample file.

use super::{BuiltIn, SignatureScanner, Signatures};
use crate::code::context::ScanContext;
use crate::model::{
    Artefact, Attributes, Entry, EntryKind, Examined, Hashes, Place, Role, ScanResults, ServerPath, Times,
};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

/// The rules in the files of this name, each folder by itself.
fn compiled(file: &str) -> Vec<u8> {
    let signatures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../signatures");
    let mut sources = Vec::new();
    for (kind, namespace) in [("webshells", "shellsift/"), ("techniques", "shellsift/technique/")] {
        for folder in std::fs::read_dir(signatures.join(kind)).expect("rules are there").flatten() {
            if let Ok(text) = std::fs::read_to_string(folder.path().join(file)) {
                sources.push((format!("{namespace}{}", folder.file_name().display()), text));
            }
        }
    }
    let sources: Vec<(&str, &str)> = sources.iter().map(|(namespace, text)| (&**namespace, &**text)).collect();
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
    Artefact {
        path: ServerPath::drive('C').join(name),
        entry: Entry {
            name: name.to_owned(),
            kind: EntryKind::File,
            size: 100,
            times: Times::default(),
            inode: None,
            ntfs: None,
            attributes: Attributes::default(),
        },
        place: Place { role, relative: relative.to_owned(), stock_known: true, url: None, reach: Vec::new() },
        neighbours: None,
        hashes: Hashes::default(),
        examined: Examined::Whole,
        comparison: None,
        compiled: None,
        loaded_as: Vec::new(),
        signed: None,
    }
}

/// What the rules say of these bytes.
pub(crate) fn marks(knowledge: &Knowledge, artefact: &Artefact, bytes: &[u8]) -> ScanResults {
    let mut marks = ScanResults::default();
    let views = crate::decode::views(bytes, 0, crate::decode::Effort::Thorough).views;
    let mut scanner = SignatureScanner::new(knowledge.signatures.as_ref(), knowledge.timeout);
    scanner.look(artefact, &ScanContext::new(&views), &mut marks);
    marks
}
