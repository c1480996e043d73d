//! Finds the files that pages name, and says what is known of one that is not found.

use super::super::classes::{Classes, holds};
use super::include_sites::How;
use crate::code::page::{is_php_beside, may_be_a_page, server_code};
use crate::evidence::{Evidence, Resolver};
use crate::model::place::kind;
use crate::model::server_path::{escape_name, extension};
use crate::model::{Artefact, EntryKind, Problem, ProblemKind, Role, ServerPath};
use crate::targets::{Plan, UrlMap, preservation_file};
use std::ffi::OsStr;

/// How many folders above a page may be the root of its application, where no configuration says so.
const MAX_ABOVE: usize = 12;

/// What becomes of a path.
pub(super) enum Found {
    File(ServerPath),
    /// What is there is unknown: why.
    Unknown(&'static str),
    /// Nothing is there, so the page does not run.
    Missing,
}

/// Finds the files that pages name.
pub(in crate::scan) struct Finder<'f> {
    pub(super) evidence: &'f dyn Evidence,
    plan: &'f Plan,
    url_map: &'f UrlMap<'f>,
    resolver: Resolver<'f>,
    classes: Classes,
    /// Folders of assemblies that are no application's.
    elsewhere: Vec<ServerPath>,
}

impl<'f> Finder<'f> {
    pub(in crate::scan) fn new(evidence: &'f dyn Evidence, plan: &'f Plan, url_map: &'f UrlMap<'f>) -> Self {
        let caches = plan.areas.iter().filter(|area| area.path.name().to_ascii_lowercase().starts_with("gac"));
        let mut elsewhere: Vec<ServerPath> = caches.map(|area| area.path.clone()).collect();
        let libraries = plan
            .areas
            .iter()
            .filter(|area| area.role == Role::Exchange && area.path.name().eq_ignore_ascii_case("bin"));
        elsewhere.extend(libraries.map(|area| area.path.clone()));
        Self { evidence, plan, url_map, resolver: Resolver::new(evidence), classes: Classes::default(), elsewhere }
    }

    /// The file that `path` names in a file that lies in `folder`.
    pub(super) fn find(&self, path: &str, how: How, page: &ServerPath, folder: &ServerPath) -> Found {
        let path = path.trim();
        if path.is_empty() || path.contains('<') || path.contains('\0') {
            return Found::Missing;
        }
        if path.starts_with("\\\\") || path.starts_with("//") {
            return Found::Unknown("it is on another machine");
        }
        if how == How::Php && path.contains("://") && !path.starts_with("file://") {
            return match path.starts_with("php:") || path.starts_with("data:") {
                true => Found::Missing,
                false => Found::Unknown("it is a stream, not a file"),
            };
        }
        let path = path.strip_prefix("file://").filter(|_| how == How::Php).unwrap_or(path);
        let on_disk = how == How::File || how == How::Php && !path.starts_with('~');
        let of_site = !on_disk && path.starts_with(['/', '~']);
        let candidates = if let Some(path) = ServerPath::from_windows(path) {
            vec![path]
        } else if of_site {
            self.of_site(path.trim_start_matches('~'), page)
        } else {
            vec![walk(folder, path)]
        };
        for candidate in &candidates {
            if let Some(file) = self.resolver.files(candidate).into_iter().next() {
                return Found::File(file);
            }
        }
        let why = candidates.iter().find_map(|candidate| self.unknown(candidate));
        why.map_or(Found::Missing, Found::Unknown)
    }

    /// Where a path of the site can lie.
    fn of_site(&self, path: &str, page: &ServerPath) -> Vec<ServerPath> {
        let mut found = self.url_map.physical(path, page);
        let above = std::iter::successors(page.parent(), ServerPath::parent).take(MAX_ABOVE);
        found.extend(above.map(|folder| walk(&folder, path)));
        found
    }

    /// Why nothing is known about a path at which no file was found.
    fn unknown(&self, path: &ServerPath) -> Option<&'static str> {
        match self.evidence.stat(path) {
            Ok(entry) if entry.kind != EntryKind::File => return Some("it is a link, or not a file"),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Some("it cannot be opened"),
            _ => {}
        }
        if path.names().any(is_odd) {
            return Some("its path can only be resolved by Windows");
        }
        let mut above = std::iter::successors(path.parent(), ServerPath::parent);
        let is_there = |folder: ServerPath| self.evidence.stat(&folder).is_ok();
        (!above.any(is_there)).then_some("it is outside the evidence")
    }

    /// What is to be said of a page that was compiled in advance (`bin\*.compiled`) whose assembly is nowhere.
    pub(super) fn compiled(&self, artefact: &Artefact, stored: &[u8]) -> Option<Problem> {
        let folder = artefact.path.parent()?;
        if !folder.name().eq_ignore_ascii_case("bin") || !page_is_known(artefact) {
            return None;
        }
        let leftover = preservation_file::read(stored).ok()?;
        let name = leftover.assembly?;
        let name = name.split(',').next().unwrap_or_default().trim().to_owned();
        let beside = ["dll", "exe"].iter().any(|kind| {
            !self.resolver.files(&folder.join(&escape_name(OsStr::new(&format!("{name}.{kind}"))))).is_empty()
        });
        if name.is_empty() || beside || self.elsewhere.iter().any(|cache| holds(cache, &name, true, self.evidence)) {
            return None;
        }
        let message =
            format!("{} runs from the assembly \"{name}\", which is in no file of the evidence", leftover.virtual_path);
        Some(Problem::at(ProblemKind::CodeAnalysisTruncated, &artefact.path, message))
    }

    /// What is unknown about the class that a page without code names.
    pub(super) fn class_problem(&self, artefact: &Artefact, text: &[u8]) -> Option<Problem> {
        self.classes.problem(artefact, text, self.evidence, &self.resolver, &self.elsewhere)
    }

    /// Whether a file is met on the walk, and examined as what the server makes of it.
    pub(super) fn is_examined(&self, file: &ServerPath, content: &[u8], how: How) -> bool {
        let name = file.name();
        let web = kind::is_web(name);
        let met = self.plan.areas.iter().any(|area| (area.every_file || web) && file.below(&area.path).is_some());
        met && match how {
            How::File | How::Virtual => web || may_be_a_page(name, server_code(content)),
            How::Script | How::Source(_) => matches!(&*extension(name), "cs" | "vb"),
            How::Php => web || may_be_a_page(name, server_code(content)) || is_php_beside(name, content),
            How::Compiler | How::Program => true,
        }
    }
}

/// Whether a name is one that Windows takes for another: a short name, one with an end that is dropped, a stream.
fn is_odd(name: &str) -> bool {
    let short = name.split('~').nth(1).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    short || name.ends_with(['.', ' ']) || name.contains(':') || name.contains('%')
}

/// A path from a folder on, either slash, with parts that lead up.
fn walk(folder: &ServerPath, path: &str) -> ServerPath {
    path.split(['/', '\\']).filter(|name| !name.is_empty() && *name != ".").fold(
        folder.clone(),
        |at, name| match name {
            ".." => at.parent().unwrap_or(at),
            name => at.join(&escape_name(OsStr::new(name))),
        },
    )
}

/// Whether the file lies where it is known what for. A folder that is examined for its content alone is torn out of its site.
pub(super) fn page_is_known(page: &Artefact) -> bool {
    page.place.role != Role::Unknown
}
