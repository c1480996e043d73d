//! Files included by a page: server-side includes, scripts with a `src`, source files named by a directive. The
//! combined text is analysed as the engine compiles it, so that code in a file of any name and location, or split over
//! two files, is analysed as one.
//!
//! ASP.NET puts an included file in place of its include whatever its name, and takes an absolute path (`TemplateParser`,
//! `ProcessServerInclude` and `ProcessScriptTag` of .NET Framework's reference source); classic ASP takes a path that leads up
//! where parent paths are allowed (Microsoft, "Including Files in ASP Applications", "AspEnableParentPaths").

mod finder;
mod include_sites;

pub(super) use finder::Finder;

use crate::code::page::{may_be_a_page, server_code};
use crate::decode::{self, Effort, INCLUDED, Joined, MAX_JOINED, View};
use crate::evidence::classify;
use crate::model::place::kind;
use crate::model::server_path::extension;
use crate::model::{Artefact, Examined, Problem, ProblemKind, Reason, ReasonKind, Role, ServerPath};
use finder::{Found, page_is_known};
use include_sites::{How, IncludeSite, MAX_FILES, include_sites, is_bare, mentions, wrapped};
use std::collections::HashSet;
use std::io::Read;
use std::ops::Range;

/// How deep files include each other.
const MAX_DEPTH: usize = 16;
/// How many names of files a page may have that are looked for.
const MAX_NAMES: usize = 1_024;
/// How much is read of one.
const MAX_BYTES: u64 = 4 << 20;

/// What a page takes in.
#[derive(Default)]
pub(super) struct Taken {
    /// The page with it; empty if it takes in nothing that is there.
    pub(super) pieces: Vec<Joined>,
    /// The places in the stored page of includes of files that are examined as pages themselves.
    pub(super) known: Vec<Range<u64>>,
    /// What could not be looked at.
    pub(super) problems: Vec<Problem>,
}

/// What this page takes in. `stored` is what was read of it.
pub(super) fn taken(artefact: &Artefact, stored: &[u8], finder: &Finder<'_>) -> Taken {
    let mut work = Work {
        finder,
        page: artefact,
        seen: HashSet::new(),
        room: MAX_JOINED,
        names: 0,
        missing: None,
        taken: Taken::default(),
    };
    let name = &artefact.entry.name;
    if extension(name) == "compiled" {
        work.taken.problems.extend(finder.compiled(artefact, stored));
        return work.taken;
    }
    let config = extension(name) == "config";
    let web = kind::is_web(name);
    // Of a larger file it is said already that only its ends were looked at.
    if artefact.examined != Examined::Whole || config || stored.starts_with(b"MZ") && !web {
        return work.taken;
    }
    if stored.len() > MAX_JOINED {
        if web && mentions(stored) {
            let message = "too large to be analysed with its included files, which were not searched for";
            work.taken.problems.push(Problem::at(ProblemKind::CodeAnalysisTruncated, &artefact.path, message));
        }
        return work.taken;
    }
    let views = decode::views(stored, 0, Effort::Quick);
    let Some(view) = views.views.last() else { return work.taken };
    let foreign = || finder.class_problem(artefact, &view.bytes);
    if !mentions(&view.bytes) || !web && !may_be_a_page(name, server_code(&view.bytes)) && !is_included(view) {
        return finish(work.taken, foreign);
    }
    work.page(view);
    finish(work.taken, foreign)
}

/// What a page takes in; what is said of the class that it names, if it takes in nothing.
fn finish(mut taken: Taken, foreign: impl FnOnce() -> Option<Problem>) -> Taken {
    if taken.pieces.is_empty() {
        taken.problems.extend(foreign());
    }
    taken
}

/// Whether a text that has no mark of server code takes in another file.
fn is_included(view: &View<'_>) -> bool {
    memchr::memmem::find(&view.bytes, b"#include").is_some()
}

struct Work<'w> {
    finder: &'w Finder<'w>,
    page: &'w Artefact,
    /// Each file is taken in once.
    seen: HashSet<ServerPath>,
    /// How many bytes may still be taken in.
    room: usize,
    /// How many names were looked for.
    names: usize,
    /// An include of which nothing is there.
    missing: Option<String>,
    taken: Taken,
}

impl Work<'_> {
    /// Whether the page lies where a server may run it, under a name that one runs: copies of version control and the like do not.
    fn is_served_page(&self) -> bool {
        self.page.place.role != Role::Unknown && kind::is_web(&self.page.entry.name)
    }

    /// The page itself: what stands in place of what.
    fn page(&mut self, view: &View<'_>) {
        let text = &view.bytes[..];
        self.room = self.room.saturating_sub(text.len());
        let folder = self.page.path.parent();
        let mut pieces: Vec<Joined> = Vec::new();
        let mut from = 0;
        let stored = |range: Range<usize>| {
            let range = view.stored_range(range.start, range.end);
            usize::try_from(range.start).unwrap_or(0)..usize::try_from(range.end).unwrap_or(0)
        };
        let mut any = false;
        let include_sites = include_sites(text, &self.page.entry.name);
        for include in &include_sites {
            let Some((content, examined)) = self.content(include, folder.as_ref()) else { continue };
            // A source file that is examined by itself says all that it has to say.
            if examined && !matches!(include.how, How::File | How::Virtual) {
                continue;
            }
            let place = stored(include.range.clone());
            if examined {
                self.taken.known.push(place.start as u64..place.end as u64);
            }
            let content = self.expand(content, folder.as_ref(), include, 1);
            pieces.push((text[from..include.range.start].to_vec(), stored(from..include.range.start)));
            pieces.push((wrapped(&text[include.range.clone()], content, include), place));
            from = include.range.end;
            any = true;
        }
        if any {
            pieces.push((text[from..].to_vec(), stored(from..text.len())));
            self.taken.pieces = pieces;
        } else if let Some(path) =
            self.missing.take().filter(|_| self.is_served_page() && is_bare(text, &include_sites))
        {
            let message = format!("contains only an include, and \"{path}\" is missing: the code it runs is unknown");
            self.taken.problems.push(Problem::at(ProblemKind::CodeAnalysisTruncated, &self.page.path, message));
        }
    }

    /// The text of what is taken in, and whether the file is examined by itself; `None` if there is nothing to take in.
    fn content(&mut self, include: &IncludeSite, folder: Option<&ServerPath>) -> Option<(Vec<u8>, bool)> {
        let page = &self.page.path;
        let gap = |kind: ProblemKind, why: &str| {
            Problem::at(kind, page, format!("includes \"{}\", which was not examined: {why}", include.path))
        };
        self.names += 1;
        if self.seen.len() >= MAX_FILES || self.room == 0 || self.names > MAX_NAMES {
            let message = "includes more than the limit: the rest was not examined";
            let problem = Problem::at(ProblemKind::CodeAnalysisTruncated, page, message);
            if !self.taken.problems.contains(&problem) {
                self.taken.problems.push(problem);
            }
            return None;
        }
        let found = self.finder.find(&include.path, include.how, page, folder?);
        if matches!(include.how, How::Compiler | How::Program) {
            let examined = matches!(&found, Found::File(file) if self.finder.is_examined(file, b"", include.how));
            if !examined && page_is_known(self.page) {
                let what = if include.how == How::Program { "runs the executable" } else { "passes its compiler" };
                let message = format!("{what} \"{}\", which was not examined", include.path);
                self.taken.problems.push(Problem::at(ProblemKind::CodeAnalysisTruncated, page, message));
            }
            return None;
        }
        let file = match found {
            Found::File(file) => file,
            Found::Missing => {
                if include.how != How::Php {
                    self.missing.get_or_insert_with(|| include.path.clone());
                }
                return None;
            }
            Found::Unknown(why) => {
                // A folder that is examined for its content alone is torn out of its site.
                if self.page.place.role != Role::Unknown {
                    let problem = gap(ProblemKind::VolumeNotProvided, why);
                    if !self.taken.problems.contains(&problem) {
                        self.taken.problems.push(problem);
                    }
                }
                return None;
            }
        };
        if self.seen.contains(&file) || file == *page {
            return None;
        }
        let mut bytes = Vec::new();
        let read = self
            .finder
            .evidence
            .open(&file)
            .and_then(|content| content.reader.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        if let Err(error) = read {
            self.taken.problems.push(gap(classify(&error), &error.to_string()));
            return None;
        }
        if bytes.len() as u64 > MAX_BYTES || bytes.len() > self.room {
            bytes.truncate(self.room.min(MAX_BYTES as usize));
            self.taken.problems.push(gap(ProblemKind::CodeAnalysisTruncated, "its end, because the limit was reached"));
        }
        self.room -= bytes.len();
        let views = decode::views(&bytes, 0, Effort::Quick);
        let text = views.views.last().map_or_else(Vec::new, |view| view.bytes.to_vec());
        let examined = self.finder.is_examined(&file, &text, include.how);
        self.seen.insert(file);
        Some((text, examined))
    }

    /// A text that is taken in, with what it takes in itself.
    fn expand(&mut self, text: Vec<u8>, folder: Option<&ServerPath>, of: &IncludeSite, depth: usize) -> Vec<u8> {
        if !matches!(of.how, How::File | How::Virtual | How::Php) || !mentions(&text) {
            return text;
        }
        if depth >= MAX_DEPTH {
            let message = format!("has nested includes more than {MAX_DEPTH} deep");
            self.taken.problems.push(Problem::at(ProblemKind::CodeAnalysisTruncated, &self.page.path, message));
            return text;
        }
        // Classic ASP goes from the folder of the file that includes, ASP.NET from that of the page: where it is not there,
        // the other is asked.
        let own = match folder.map(|folder| self.finder.find(&of.path, of.how, &self.page.path, folder)) {
            Some(Found::File(file)) => file.parent(),
            _ => None,
        };
        let mut whole = Vec::with_capacity(text.len());
        let mut from = 0;
        for include in include_sites(&text, &self.page.entry.name) {
            let own_folder = own.clone();
            let mut base = own_folder.as_ref();
            let mut content = self.content(&include, base);
            if content.is_none() {
                base = folder;
                content = self.content(&include, base);
            }
            let Some((content, _)) = content else { continue };
            let content = self.expand(content, base, &include, depth + 1);
            whole.extend_from_slice(&text[from..include.range.start]);
            whole.extend(wrapped(&text[include.range.clone()], content, &include));
            from = include.range.end;
        }
        whole.extend_from_slice(&text[from..]);
        whole
    }
}

/// Leaves out what only says of an included file what is said of that file itself.
pub(super) fn leave_out(known: &[Range<u64>], reasons: &mut Vec<Reason>) {
    if known.is_empty() {
        return;
    }
    reasons.retain(|reason| {
        let of_content = matches!(reason.kind, ReasonKind::Behaviour | ReasonKind::Signature);
        let inside = |range: &Range<u64>| {
            reason.locations.iter().all(|proof| {
                proof.encodings.starts_with(INCLUDED)
                    && range.start <= proof.offset
                    && proof.offset + proof.length <= range.end
            })
        };
        !(of_content && !reason.locations.is_empty() && known.iter().any(inside))
    });
}
