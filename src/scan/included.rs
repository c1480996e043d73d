//! Files included by a page: server-side includes, scripts with a `src`, source files named by a directive. The
//! combined text is analysed as the engine compiles it, so that code in a file of any name and location, or split over
//! two files, is analysed as one.
//!
//! ASP.NET puts an included file in place of its include whatever its name, and takes an absolute path (`TemplateParser`,
//! `ProcessServerInclude` and `ProcessScriptTag` of .NET Framework's reference source); classic ASP takes a path that leads up
//! where parent paths are allowed (Microsoft, "Including Files in ASP Applications", "AspEnableParentPaths").

use super::classes::{Classes, holds};
use super::php_includes;
use crate::code::page::{is_php_beside, may_be_a_page, server_code};
use crate::code::structure::objects::What;
use crate::code::structure::{Directive, Language, Structure};
use crate::decode::{self, Effort, INCLUDED, Joined, MAX_JOINED, View};
use crate::evidence::{Evidence, Resolver, classify};
use crate::model::place::kind;
use crate::model::server_path::{escape_name, extension};
use crate::model::{Artefact, EntryKind, Examined, Problem, ProblemKind, Reason, ReasonKind, Role, ServerPath};
use crate::targets::{Plan, UrlMap, preservation_file};
use aho_corasick::AhoCorasick;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::io::Read;
use std::ops::Range;
use std::sync::LazyLock;

/// How deep files include each other.
const MAX_DEPTH: usize = 16;
/// How many files a page takes in.
const MAX_FILES: usize = 256;
/// How many names of files a page may have that are looked for.
const MAX_NAMES: usize = 1_024;
/// How much is read of one.
const MAX_BYTES: u64 = 4 << 20;
/// How many folders above a page may be the root of its application, where no configuration says so.
const MAX_ABOVE: usize = 12;

/// Finds the files that pages name.
pub(super) struct Finder<'f> {
    evidence: &'f dyn Evidence,
    plan: &'f Plan,
    reacher: &'f UrlMap<'f>,
    resolver: Resolver<'f>,
    classes: Classes,
    /// Folders of assemblies that are no application's.
    elsewhere: Vec<ServerPath>,
}

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

/// How a file is taken in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// In place of a comment, by a path of the disk.
    File,
    /// In place of a comment, by a path of the site.
    Virtual,
    /// As the body of a script.
    Script,
    /// As a source file beside the page; whether the page is code from its directive on.
    Source(bool),
    /// In place of an `include` of PHP.
    Php,
    /// Not at all: the compiler gets it beside the page.
    Compiler,
    /// Not at all: it is run with the page.
    Program,
}

/// A place where something is taken in.
struct Spot {
    range: Range<usize>,
    path: String,
    how: How,
}

/// What becomes of a path.
enum Found {
    File(ServerPath),
    /// It cannot be said what lies there: why.
    Unknown(&'static str),
    /// Nothing is there, so the page does not run.
    Missing,
}

impl<'f> Finder<'f> {
    pub(super) fn new(evidence: &'f dyn Evidence, plan: &'f Plan, reacher: &'f UrlMap<'f>) -> Self {
        let caches = plan.areas.iter().filter(|area| area.path.name().to_ascii_lowercase().starts_with("gac"));
        let mut elsewhere: Vec<ServerPath> = caches.map(|area| area.path.clone()).collect();
        let libraries = plan
            .areas
            .iter()
            .filter(|area| area.role == Role::Exchange && area.path.name().eq_ignore_ascii_case("bin"));
        elsewhere.extend(libraries.map(|area| area.path.clone()));
        Self { evidence, plan, reacher, resolver: Resolver::new(evidence), classes: Classes::default(), elsewhere }
    }

    /// The file that `path` names in a file that lies in `folder`.
    fn find(&self, path: &str, how: How, page: &ServerPath, folder: &ServerPath) -> Found {
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
        let mut found = self.reacher.physical(path, page);
        let above = std::iter::successors(page.parent(), ServerPath::parent).take(MAX_ABOVE);
        found.extend(above.map(|folder| walk(&folder, path)));
        found
    }

    /// Why nothing can be said of a path at which no file was found.
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
    fn compiled(&self, artefact: &Artefact, stored: &[u8]) -> Option<Problem> {
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
        Some(Problem::at(ProblemKind::CodeCut, &artefact.path, message))
    }

    /// Whether a file is met on the walk, and examined as what the server makes of it.
    fn is_examined(&self, file: &ServerPath, content: &[u8], how: How) -> bool {
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
            work.taken.problems.push(Problem::at(ProblemKind::CodeCut, &artefact.path, message));
        }
        return work.taken;
    }
    let views = decode::views(stored, 0, Effort::Quick);
    let Some(view) = views.views.last() else { return work.taken };
    let (evidence, resolver) = (finder.evidence, &finder.resolver);
    let foreign = || finder.classes.problem(artefact, &view.bytes, evidence, resolver, &finder.elsewhere);
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

/// Whether a text can take in anything.
fn mentions(text: &[u8]) -> bool {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let words = ["include", "codefile", "src", "require", "compileroptions", "#exec"];
        AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("a few short words")
    });
    WORDS.is_match(text)
}

/// The places of a text where something is taken in, in order, none inside another.
fn spots(text: &[u8], name: &str) -> Vec<Spot> {
    let structure = Structure::read(text, name);
    let mut spots = Vec::new();
    if structure.blocks.iter().any(|block| block.language == Language::Php) {
        let found = php_includes::find(text).into_iter();
        spots.extend(found.map(|(range, path)| Spot { range, path, how: How::Php }));
    }
    for carried in structure.carried.iter().filter(|carried| carried.what == What::Program) {
        let mark = String::from_utf8_lossy(&text[carried.range.clone()]).into_owned();
        let path = mark.split_once('=').map_or("", |(_, value)| value.trim_end_matches("-->").trim());
        let path = path.trim_matches(['"', '\'']).split('?').next().unwrap_or_default().to_owned();
        spots.push(Spot { range: carried.range.clone(), path, how: How::Program });
    }
    for include in structure.includes {
        let head = text[include.range.clone()].to_ascii_lowercase();
        let how = match head.starts_with(b"<!--") {
            false => How::Script,
            true => {
                let equals = memchr::memchr(b'=', &head).unwrap_or(head.len());
                let of_site = memchr::memmem::find(&head[..equals], b"virtual").is_some();
                if of_site { How::Virtual } else { How::File }
            }
        };
        spots.push(Spot { range: include.range, path: include.path, how });
    }
    for directive in structure.directives {
        let named = |name: &str| directive.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let whole = matches!(&*directive.name, "webhandler" | "webservice" | "servicehost");
        let own = whole || matches!(&*directive.name, "page" | "control" | "master" | "application" | "assembly");
        // Pages of Java take in files by a directive.
        if let Some(path) = named("file").filter(|_| directive.name == "include") {
            spots.push(Spot { range: directive.range.clone(), path: path.clone(), how: How::Virtual });
        }
        if let Some(path) = named("codefile").or(named("src")).filter(|_| own) {
            spots.push(Spot { range: directive.range.clone(), path: path.clone(), how: How::Source(whole) });
        }
        if let Some(options) = named("compileroptions") {
            spots.extend(handed(options, &directive));
        }
    }
    spots.sort_by_key(|spot| spot.range.start);
    let mut end = 0;
    spots.retain(|spot| {
        let fits = spot.range.start >= end;
        end = if fits { spot.range.end } else { end };
        fits
    });
    spots
}

/// The files that the options of a directive give to the compiler: sources by their path; libraries, modules, resources and files of
/// further options where they are named by more than a name (Microsoft, "C# Compiler Options").
fn handed(options: &str, directive: &Directive) -> Vec<Spot> {
    const FILES: &[&str] = &[
        "addmodule",
        "r",
        "reference",
        "l",
        "link",
        "recurse",
        "res",
        "resource",
        "linkres",
        "linkresource",
        "analyzer",
        "a",
        "additionalfile",
        "keyfile",
        "lib",
        "libpath",
    ];
    let end = directive.range.end;
    let spot = |path: &str, how: How| Spot { range: end..end, path: path.to_owned(), how };
    // A path in quotes may hold blanks.
    let mut quoted = false;
    let parts = options.split(|sign: char| {
        quoted ^= sign == '"';
        sign.is_whitespace() && !quoted
    });
    let parts = parts.map(|part| part.replace('"', "")).filter(|part| !part.is_empty());
    let of = |part: String| match part.strip_prefix(['/', '-']) {
        Some(option) => {
            let (name, value) = option.split_once(':').unwrap_or((option, ""));
            let file = FILES.iter().any(|known| name.eq_ignore_ascii_case(known));
            let path = value.contains(['\\', '/']) || !matches!(&*name.to_ascii_lowercase(), "r" | "reference");
            (file && path && !value.is_empty()).then(|| spot(value, How::Compiler))
        }
        None if part.starts_with('@') => Some(spot(&part[1..], How::Compiler)),
        None => Some(spot(&part, How::Source(false))),
    };
    parts.filter_map(of).take(MAX_FILES).collect()
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
        let spots = spots(text, &self.page.entry.name);
        for spot in &spots {
            let Some((content, examined)) = self.content(spot, folder.as_ref()) else { continue };
            // A source file that is examined by itself says all that it has to say.
            if examined && !matches!(spot.how, How::File | How::Virtual) {
                continue;
            }
            let place = stored(spot.range.clone());
            if examined {
                self.taken.known.push(place.start as u64..place.end as u64);
            }
            let content = self.expand(content, folder.as_ref(), spot, 1);
            pieces.push((text[from..spot.range.start].to_vec(), stored(from..spot.range.start)));
            pieces.push((wrapped(&text[spot.range.clone()], content, spot), place));
            from = spot.range.end;
            any = true;
        }
        if any {
            pieces.push((text[from..].to_vec(), stored(from..text.len())));
            self.taken.pieces = pieces;
        } else if let Some(path) = self.missing.take().filter(|_| self.is_served_page() && is_bare(text, &spots)) {
            let message = format!("contains only an include, and \"{path}\" is missing: the code it runs is unknown");
            self.taken.problems.push(Problem::at(ProblemKind::CodeCut, &self.page.path, message));
        }
    }

    /// The text of what is taken in, and whether the file is examined by itself; `None` if there is nothing to take in.
    fn content(&mut self, spot: &Spot, folder: Option<&ServerPath>) -> Option<(Vec<u8>, bool)> {
        let page = &self.page.path;
        let gap = |kind: ProblemKind, why: &str| {
            Problem::at(kind, page, format!("includes \"{}\", which was not examined: {why}", spot.path))
        };
        self.names += 1;
        if self.seen.len() >= MAX_FILES || self.room == 0 || self.names > MAX_NAMES {
            let message = "includes more than the limit: the rest was not examined";
            let problem = Problem::at(ProblemKind::CodeCut, page, message);
            if !self.taken.problems.contains(&problem) {
                self.taken.problems.push(problem);
            }
            return None;
        }
        let found = self.finder.find(&spot.path, spot.how, page, folder?);
        if matches!(spot.how, How::Compiler | How::Program) {
            let examined = matches!(&found, Found::File(file) if self.finder.is_examined(file, b"", spot.how));
            if !examined && page_is_known(self.page) {
                let what = if spot.how == How::Program { "runs the executable" } else { "passes its compiler" };
                let message = format!("{what} \"{}\", which was not examined", spot.path);
                self.taken.problems.push(Problem::at(ProblemKind::CodeCut, page, message));
            }
            return None;
        }
        let file = match found {
            Found::File(file) => file,
            Found::Missing => {
                if spot.how != How::Php {
                    self.missing.get_or_insert_with(|| spot.path.clone());
                }
                return None;
            }
            Found::Unknown(why) => {
                // A folder that is examined for its content alone is torn out of its site.
                if self.page.place.role != Role::Unknown {
                    let problem = gap(ProblemKind::VolumeNotGiven, why);
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
            self.taken.problems.push(gap(ProblemKind::CodeCut, "its end, because the limit was reached"));
        }
        self.room -= bytes.len();
        let views = decode::views(&bytes, 0, Effort::Quick);
        let text = views.views.last().map_or_else(Vec::new, |view| view.bytes.to_vec());
        let examined = self.finder.is_examined(&file, &text, spot.how);
        self.seen.insert(file);
        Some((text, examined))
    }

    /// A text that is taken in, with what it takes in itself.
    fn expand(&mut self, text: Vec<u8>, folder: Option<&ServerPath>, of: &Spot, depth: usize) -> Vec<u8> {
        if !matches!(of.how, How::File | How::Virtual | How::Php) || !is_including(&text) {
            return text;
        }
        if depth >= MAX_DEPTH {
            let message = format!("has nested includes more than {MAX_DEPTH} deep");
            self.taken.problems.push(Problem::at(ProblemKind::CodeCut, &self.page.path, message));
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
        for spot in spots(&text, &self.page.entry.name) {
            let own_folder = own.clone();
            let mut base = own_folder.as_ref();
            let mut content = self.content(&spot, base);
            if content.is_none() {
                base = folder;
                content = self.content(&spot, base);
            }
            let Some((content, _)) = content else { continue };
            let content = self.expand(content, base, &spot, depth + 1);
            whole.extend_from_slice(&text[from..spot.range.start]);
            whole.extend(wrapped(&text[spot.range.clone()], content, &spot));
            from = spot.range.end;
        }
        whole.extend_from_slice(&text[from..]);
        whole
    }
}

/// Whether the file lies where it is known what for. A folder that is examined for its content alone is torn out of its site.
fn page_is_known(page: &Artefact) -> bool {
    page.place.role != Role::Unknown
}

/// Whether a page has nothing of its own beside what it takes in: marks, directives and blanks at most.
fn is_bare(text: &[u8], spots: &[Spot]) -> bool {
    const MOST: usize = 64 << 10;
    let mut rest = Vec::new();
    let mut from = 0;
    for spot in spots {
        rest.extend_from_slice(&text[from.min(spot.range.start)..spot.range.start]);
        from = spot.range.end;
    }
    rest.extend_from_slice(&text[from..]);
    if rest.len() > MOST {
        return false;
    }
    let mut i = 0;
    while let Some(&byte) = rest.get(i) {
        let code = rest[i..].starts_with(b"<%") && !rest[i + 2..].trim_ascii_start().starts_with(b"@");
        if byte == b'<' && !code && !rest[i..].starts_with(b"<?") {
            i += memchr::memchr(b'>', &rest[i..]).map_or(rest.len(), |end| end + 1);
        } else if byte.is_ascii_whitespace() || matches!(byte, 0 | 0xEF | 0xBB | 0xBF) {
            i += 1;
        } else {
            return false;
        }
    }
    true
}

fn is_including(text: &[u8]) -> bool {
    mentions(text)
}

/// What stands in place of the mark.
fn wrapped(mark: &[u8], content: Vec<u8>, spot: &Spot) -> Vec<u8> {
    match spot.how {
        How::File | How::Virtual | How::Compiler | How::Program => content,
        How::Php => {
            // Code that is not closed goes on behind it.
            let open = memchr::memmem::rfind(&content, b"<?") > memchr::memmem::rfind(&content, b"?>");
            let end: &[u8] = if open { b"\n;" } else { b"<?php " };
            [b"?>", &content[..], end].concat()
        }
        How::Script => {
            // The body of the script is the file; an element without one gets it.
            let empty = mark.trim_ascii_end().ends_with(b"/>");
            let head = if empty { &mark[..mark.len() - 2] } else { &mark[..mark.len() - 1] };
            [head, b">\n", &content[..], if empty { b"\n</script>" } else { b"\n" }].concat()
        }
        How::Source(true) => [mark, b"\n", &content[..], b"\n"].concat(),
        How::Source(false) => {
            let language = match &*extension(&spot.path) {
                "vb" => "VB",
                "js" | "jsl" => "JScript",
                _ => "C#",
            };
            let head = format!("\n<script runat=\"server\" language=\"{language}\">\n");
            [mark, head.as_bytes(), &content[..], b"\n</script>\n"].concat()
        }
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
