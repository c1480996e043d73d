//! Handlers and services whose file names a class without code: whether that class is in the evidence.
//!
//! `<%@ WebHandler Class="X" %>`, `<%@ WebService Class="X" %>`, `<%@ ServiceHost Service="X" %>` and `<%@ Application Inherits="X" %>` run
//! a class of the application's `bin` or `App_Code`, or of an assembly that they name, from the global cache. All of these are
//! examined; a class that is in none of them comes from where nobody has looked.

use crate::catalogue::baseline_names;
use crate::code::structure::Structure;
use crate::decode::cil;
use crate::evidence::{Evidence, Listed, Resolver};
use crate::model::file_types::{self, Uses};
use crate::model::server_path::{extension, fold};
use crate::model::{Artefact, EntryKind, Problem, ProblemKind, Role, ServerPath};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::rc::Rc;

/// How many folders above a file may be the root of its application.
const MAX_ABOVE: usize = 12;
/// How many files of one folder are asked for their classes.
const MAX_FILES: usize = 2_000;
/// How much is read of one.
const MAX_BYTES: u64 = 64 << 20;
/// How many classes of one folder are remembered.
const MAX_CLASSES: usize = 500_000;

/// The short names of classes by the folder of an application, folded; each folder is read once.
#[derive(Default)]
pub(super) struct Classes {
    known: RefCell<HashMap<ServerPath, Rc<HashSet<String>>>>,
}

impl Classes {
    /// What is to be said of a file that names a class and has no code of its own.
    pub(super) fn problem(
        &self,
        artefact: &Artefact,
        text: &[u8],
        evidence: &dyn Evidence,
        resolver: &Resolver<'_>,
        elsewhere: &[ServerPath],
    ) -> Option<Problem> {
        let name = &artefact.entry.name;
        let served = matches!(artefact.place.role, Role::Exchange | Role::WebRoot);
        if !served || !file_types::of_name(name).is(Uses::CLASS) {
            return None;
        }
        let structure = Structure::read(text, name);
        if !structure.blocks.is_empty() {
            return None;
        }
        let named = structure.directives.iter().find_map(|directive| {
            let wanted: &[&str] = match &*directive.name {
                "webhandler" | "webservice" => &["class"],
                "servicehost" => &["service", "factory"],
                "application" => &["inherits"],
                _ => return None,
            };
            let value = |name: &&str| directive.attributes.iter().find(|(known, _)| known == name);
            wanted.iter().find_map(value).map(|(_, value)| value.trim())
        })?;
        let (class, assembly) = named
            .split_once(',')
            .map_or((named, ""), |(class, rest)| (class.trim(), rest.split(',').next().unwrap_or_default().trim()));
        let short = fold(class.rsplit(['.', '+', '/']).next().unwrap_or_default());
        // The framework's own lie in the cache and in its folder; a class of such a name that is not the framework's lies in
        // one of those that are examined as well.
        if short.is_empty() || class.starts_with("System.") {
            return None;
        }
        // A page of Exchange under its own name that asks for a class of Exchange: what a copy without libraries looks like.
        let is_default = artefact.place.role == Role::Exchange && baseline_names().contains(&artefact.place.relative);
        if is_default && class.starts_with("Microsoft.Exchange.") {
            return None;
        }
        let above = std::iter::successors(artefact.path.parent(), ServerPath::parent).take(MAX_ABOVE);
        let mut has_classes = false;
        for folder in above {
            let at = |name: &str| resolver.folders_below(&folder, name);
            for place in at("bin").into_iter().chain(at("App_Code")) {
                let classes = self.of(&place, evidence);
                if classes.contains(&short) {
                    return None;
                }
                has_classes |= !classes.is_empty();
            }
        }
        // Applications that have their libraries have handlers, too, whose library was never installed (a dozen on the real sites
        // that were tried). Where there are none at all, nothing is known of what runs.
        if has_classes {
            return None;
        }
        // Of an assembly that is named, or of any of the same beginning, in the cache or in a folder of Exchange.
        let beginning = if assembly.is_empty() { class.split('.').next().unwrap_or_default() } else { assembly };
        if elsewhere.iter().any(|folder| holds(folder, beginning, !assembly.is_empty(), evidence)) {
            return None;
        }
        let message = format!(
            "runs the class \"{class}\", which is in no file of the evidence: its application has neither assemblies nor sources"
        );
        Some(Problem::at(ProblemKind::CodeAnalysisTruncated, &artefact.path, message))
    }

    /// The classes of a folder of an application and of those below it.
    fn of(&self, folder: &ServerPath, evidence: &dyn Evidence) -> Rc<HashSet<String>> {
        if let Some(known) = self.known.borrow().get(folder) {
            return known.clone();
        }
        let mut classes = HashSet::new();
        let mut folders = vec![folder.clone()];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            let (mut names, mut below) = (Vec::new(), Vec::new());
            let wanted = |name: &str| matches!(&*extension(name), "dll" | "exe" | "cs" | "vb" | "js" | "jsl");
            // The walk reports what cannot be listed or opened.
            let _ = evidence.list(&folder, &wanted, &mut |listed| match listed {
                Listed::Entry(entry) if entry.kind == EntryKind::File && wanted(&entry.name) => names.push(entry.name),
                Listed::Entry(entry) if entry.kind == EntryKind::Folder => below.push(folder.join(&entry.name)),
                _ => {}
            });
            for name in names {
                files += 1;
                if files > MAX_FILES || classes.len() > MAX_CLASSES {
                    break;
                }
                let mut bytes = Vec::new();
                let opened = evidence.open(&folder.join(&name));
                if opened.is_ok_and(|content| content.reader.take(MAX_BYTES).read_to_end(&mut bytes).is_ok()) {
                    match bytes.starts_with(b"MZ") {
                        true => classes.extend(cil::class_names(&bytes).iter().map(|name| fold(name))),
                        false => classes.extend(declared(&bytes)),
                    }
                }
            }
            if files <= MAX_FILES {
                folders.extend(below);
            }
        }
        let classes = Rc::new(classes);
        self.known.borrow_mut().insert(folder.clone(), classes.clone());
        classes
    }
}

/// The names of classes that a source file declares, folded.
fn declared(text: &[u8]) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let named = |at: usize| {
        let rest = lower[at + 5..].trim_ascii_start();
        let end = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80));
        fold(&String::from_utf8_lossy(&rest[..end.unwrap_or(rest.len())]))
    };
    memchr::memmem::find_iter(&lower, b"class").map(named).collect()
}

/// Whether a folder of assemblies holds one of this name or, if it need not be `exact`, one whose name begins so.
pub(super) fn holds(folder: &ServerPath, name: &str, exact: bool, evidence: &dyn Evidence) -> bool {
    let name = fold(name);
    let mut found = false;
    let mut meet = |other: &str| {
        let other = fold(other);
        let stem = other.strip_suffix(".dll").or(other.strip_suffix(".exe")).unwrap_or(&other);
        found |= stem == name || !exact && stem.split('.').next() == Some(&name);
    };
    let _ = evidence.list(folder, &|_| true, &mut |listed| {
        if let Listed::Entry(entry) = listed {
            meet(&entry.name);
        }
    });
    found
}
