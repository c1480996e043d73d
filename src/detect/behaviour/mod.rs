//! Behaviour detection: analyses the code of each view for request input that reaches a dangerous sink, and for code
//! that does not belong in a page. Names and strings do not matter, so unknown webshells are found by their purpose.

mod credentials;
mod data;
mod evaluation;
mod execution;
mod facts;
mod files;
mod listing;
mod locations;
mod objects;
mod persistence;

use super::{Detect, Detector, Knowledge, ScanContext, ScanResults};
use crate::code::api_model;
use crate::code::flow::value::TaintFlags;
use crate::code::page::{is_php_beside, may_be_a_page};
use crate::code::reading::{Budget, Reading, read};
use crate::code::structure::{Directive, objects::is_scripted_sheet};
use crate::decode::{Assembly, View, cil};
use crate::model::file_types::Uses;
use crate::model::place::{Role, kind};
use crate::model::server_path::extension;
use crate::model::{Artefact, CheckInfo, Problem, ProblemKind, Reason};
pub use facts::Behaviour;
use facts::{Facts, Trigger};
pub use listing::listings;
use std::time::{Duration, Instant};

pub(super) const DETECTOR: Detector = Detector {
    id: "behaviour",
    about: "what server code does: executes request input, starts processes, writes files",
    build: |knowledge: &Knowledge| Box::new(Behaviours { timeout: knowledge.timeout }),
};

/// Every behaviour.
pub fn behaviours() -> impl Iterator<Item = &'static Behaviour> {
    let tables = [
        evaluation::BEHAVIOURS,
        execution::BEHAVIOURS,
        files::BEHAVIOURS,
        data::BEHAVIOURS,
        credentials::BEHAVIOURS,
        persistence::BEHAVIOURS,
        objects::BEHAVIOURS,
    ];
    tables.into_iter().flatten()
}

/// Every check of behaviours.
pub fn checks() -> impl Iterator<Item = &'static CheckInfo> {
    behaviours().map(|behaviour| &behaviour.check)
}

struct Behaviours {
    /// How long the code of one piece of a file may take.
    timeout: Duration,
}

/// How many tokens are read of one piece of a file, all its views together.
const MAX_TOKENS: usize = 1_500_000;

/// How many steps of decoders are run of one piece of a file.
const MAX_STEPS: usize = 500_000;

impl Detect for Behaviours {
    fn look(&mut self, artefact: &Artefact, context: &ScanContext<'_, '_>, results: &mut ScanResults) {
        let (mut truncated, mut unsupported, mut code) = (false, false, false);
        let (begin, mut left, mut steps) = (Instant::now(), MAX_TOKENS, MAX_STEPS);
        resources(artefact, context, results);
        for (at, view) in context.views.iter().enumerate() {
            if !runs(artefact, context, at, view) && !is_logon_script(artefact, view) {
                continue;
            }
            if view.is_program_code() && view.bytes.len() > PART {
                truncated |= self.program(artefact, view, begin, results);
                continue;
            }
            if left == 0 || begin.elapsed() > self.timeout {
                truncated = true;
                break;
            }
            let budget = Budget::default();
            let reading =
                read(&view.bytes, name_of(artefact, view), Budget { tokens: budget.tokens.min(left), steps, ..budget });
            left = left.saturating_sub(reading.tokens);
            steps = steps.saturating_sub(reading.steps);
            truncated |= reading.truncated || reading.flow.ambiguous && !is_library(view);
            unsupported |= reading.structure.unsupported_language;
            unsupported |= reading.structure.directives.iter().any(says_odd_encoding);
            code |= reading.code > 0 || !reading.structure.directives.is_empty();
            report(&reading, view, false, results);
            if !is_library(view) && is_php_beside(&artefact.entry.name, &view.bytes) {
                let budget = Budget { tokens: budget.tokens.min(left), steps, ..budget };
                let reading = read(&view.bytes, "beside.php", budget);
                left = left.saturating_sub(reading.tokens);
                steps = steps.saturating_sub(reading.steps);
                truncated |= reading.truncated;
                report(&reading, view, false, results);
            }
        }
        let known = |problem: &Problem| problem.kind == ProblemKind::CodeAnalysisTruncated;
        let unsupported = (unsupported && is_served(artefact))
            .then_some("its language or code page is not supported; it was scanned by signatures only");
        if let Some(message) = unread(artefact, context, code).or(unsupported)
            && !results.problems.iter().any(known)
        {
            results.problems.push(Problem::at(ProblemKind::CodeAnalysisTruncated, &artefact.path, message));
        }
        if truncated && !results.problems.iter().any(known) {
            let message = "its server code exceeds the limit; the rest was scanned by signatures only";
            results.problems.push(Problem::at(ProblemKind::CodeAnalysisTruncated, &artefact.path, message));
        }
    }
}

impl Behaviours {
    /// The code of a large program, part by part: data is followed through whole classes. Whether a bound cut something off.
    fn program(&self, artefact: &Artefact, view: &View<'_>, begin: Instant, results: &mut ScanResults) -> bool {
        let mut truncated = false;
        // All that counts in a library of this size is request data that reaches something dangerous.
        let library = is_library(view);
        for part in view.parts_of_program(PART, |class| !library || api_model::class_may_reach_sink(class)) {
            if begin.elapsed() > self.timeout {
                return true;
            }
            let budget = Budget { tokens: PART_TOKENS, ..Budget::default() };
            let reading = read(&part.bytes, name_of(artefact, &part), budget);
            truncated |= reading.truncated;
            report(&reading, &part, true, results);
        }
        truncated
    }
}

/// What the resources of an assembly carry: they are read as those of a file of their own are.
fn resources(artefact: &Artefact, context: &ScanContext<'_, '_>, results: &mut ScanResults) {
    let Some(view) = context.views.first().filter(|view| view.holds_program()) else { return };
    if !is_served(artefact) || artefact.place.role == Role::AspnetTemp {
        return;
    }
    for place in cil::resources(&view.bytes) {
        let content = &view.bytes[place.clone()];
        if !content.starts_with(RESOURCES) {
            continue;
        }
        let mut reading = read(content, "a.resources", Budget::default());
        for carried in &mut reading.structure.carried {
            carried.range = place.start + carried.range.start..place.start + carried.range.end;
        }
        report(&reading, view, false, results);
    }
}

/// How resources begin that were compiled.
const RESOURCES: &[u8] = &[0xCE, 0xCA, 0xEF, 0xBE];

/// How much code of a program is read at once. One class may be longer.
const PART: usize = 512 << 10;
/// How many tokens a part may have. The longest class that was met, of a library that is sold obfuscated, has 640,000.
const PART_TOKENS: usize = 2_000_000;
/// Whether a directive names a code page that is not read: of those that Windows has, what lies in EBCDIC, ISO 2022 or a page of
/// another system is read otherwise than its bytes look.
fn says_odd_encoding(directive: &Directive) -> bool {
    let reported = directive.attributes.iter().find(|(name, _)| name == "codepage");
    let number = reported.and_then(|(_, value)| value.trim().parse::<u32>().ok());
    number.is_some_and(|number| {
        !matches!(
            number,
            0 | 437 | 737 | 775 | 850 | 852 | 855..=869 | 874 | 932 | 936 | 949 | 950 | 1200 | 1201 | 1250..=1258
                | 1361 | 10000 | 12000 | 12001 | 20127 | 20866 | 20932 | 20936 | 20949 | 21866 | 28591..=28606 | 38598
                | 51932 | 51936 | 51949 | 51950 | 54936 | 65000 | 65001
        )
    })
}

/// Whether a file lies where a server may take it from.
fn is_served(artefact: &Artefact) -> bool {
    matches!(artefact.place.role, Role::Exchange | Role::WebRoot | Role::DropFolder)
}

/// Why the code of a file that a server would run is not read at all, if that is so: what is not read is not called clean.
fn unread(artefact: &Artefact, context: &ScanContext<'_, '_>, code: bool) -> Option<&'static str> {
    if !is_served(artefact) {
        return None;
    }
    match &*extension(&artefact.entry.name) {
        "cfm" | "cfc" => return Some("ColdFusion is not supported; it was scanned by signatures only"),
        "pl" | "cgi" => {
            return Some("Perl and CGI scripts are not supported; they were scanned by signatures only");
        }
        "idc" | "htx" => return Some("Internet Database Connector queries are not supported"),
        "war" | "ear" => return Some("a Java application archive; its content was not examined"),
        _ => {}
    }
    let name = &*extension(&artefact.entry.name);
    if kind::is_server_code(&artefact.entry.name)
        && context.views.iter().any(|view| view.encodings.starts_with("ebcdic"))
    {
        return Some("it is encoded in EBCDIC; only the code pages 37, 500 and 1047 are supported");
    }
    let view = context.views.first()?;
    if !code && kind::of_extension(name).is(Uses::PAGE) && is_no_text(&view.bytes) {
        return Some("its bytes are not text in any supported encoding; the server may read it differently");
    }
    let head = &view.bytes[..view.bytes.len().min(ENCODED_HEAD)];
    let is_php = memchr::memmem::find(head, b"<?php").is_some();
    let encoded = is_php && ENCODED.iter().any(|mark| memchr::memmem::find(head, mark).is_some());
    encoded.then_some("its PHP is encoded for a loader (ionCube, Zend Guard, SourceGuardian) and cannot be analysed")
}

/// Whether bytes are no text of one byte a character, nor UTF-8: characters of control stand all over it.
fn is_no_text(bytes: &[u8]) -> bool {
    let odd = bytes.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0C | 0x1A) || b == 0x7F);
    bytes.len() >= 16 && bytes.iter().any(|byte| *byte != 0) && odd.count() * 20 > bytes.len()
}

/// How much of a file is asked whether it is encoded.
const ENCODED_HEAD: usize = 2048;
/// What encoders of PHP put in front of what they made.
const ENCODED: &[&[u8]] = &[b"ionCube Loader", b"<?php @Zend;", b"sg_load(", b"SourceGuardian"];

/// Whether a view is read: one that IIS could run, as it is stored or written. Text that was encoded inside another one
/// counts where it has a server code marker.
fn runs(artefact: &Artefact, context: &ScanContext<'_, '_>, at: usize, view: &View<'_>) -> bool {
    let name = &artefact.entry.name;
    let marked = || may_be_a_page(name, context.server_code()[at]);
    if view.is_program_code() || context.is_program(name) {
        return view.is_program_code();
    }
    let inner = ["base64", "hex", "deflate"].iter().any(|decoder| view.encodings.ends_with(decoder));
    let read =
        || kind::is_read_as_code(name) || is_compiled_script(artefact) || at == 0 && is_scripted_sheet(&view.bytes);
    kind::is_web(name) && !inner || marked() || !inner && read()
}

/// Whether ASP.NET compiles this script with the application: in `App_Code` each source file is compiled in the language of its
/// extension, and machine.config gives those of JScript to its compiler.
fn is_compiled_script(artefact: &Artefact) -> bool {
    matches!(&*extension(&artefact.entry.name), "js" | "jsl" | "jscript" | "javascript")
        && artefact.place.has_folder("app_code")
}

/// Whether a view is a script or a static page that belongs to the logon page of Outlook on the web: it runs in the browser of
/// whoever logs on, and handles the password.
fn is_logon_script(artefact: &Artefact, view: &View<'_>) -> bool {
    kind::holds_templates(&artefact.entry.name) && memchr::memmem::find(&view.bytes, b"clkLgn").is_some()
}

/// The name under which a view is read. Libraries are written as source files, and compiled pages as pages.
fn name_of<'a>(artefact: &'a Artefact, view: &View<'_>) -> &'a str {
    match is_library(view) {
        true => "library.cs",
        false if is_compiled_script(artefact) => "App_Code.jscript",
        false => &artefact.entry.name,
    }
}

/// Whether a view is the code of a program that is a library rather than compiled pages.
fn is_library(view: &View<'_>) -> bool {
    view.assembly() == Some(Assembly::Library)
}

/// What counts in libraries: request data that is run. All else is the daily work of one.
const OF_LIBRARIES: u8 = 90;
/// What counts in assemblies of a few classes, among them one that answers requests.
const OF_CLASSES: u8 = 70;
/// What counts there only if data from elsewhere reaches it: what hosts, view engines and checks of a site's safety do.
const OF_HOSTS: &[&str] = &[
    "behaviour/virtual_path_provider",
    "behaviour/machine_key_read",
    "behaviour/http_listener",
    "behaviour/packet_sniffing",
];
/// What counts in a large library that is not surely request data that is run: it does everything somewhere.
const OF_MANY: u8 = 15;
/// What all else counts there: to register modules and routes, to look for assemblies and to compile at run time is plumbing.
const PLUMBING: u8 = 20;

/// Adds what a page shows to what is known of the file. `of_many` says that it is a part of a large program.
fn report(reading: &Reading, view: &View<'_>, of_many: bool, results: &mut ScanResults) {
    let structure = &reading.structure;
    let quiet = structure.includes.is_empty() && structure.carried.is_empty() && reading.sent.is_empty();
    if quiet && reading.flow.events.is_empty() {
        return;
    }
    let facts = Facts { reading };
    let least = if is_library(view) { OF_LIBRARIES } else { 0 };
    for behaviour in behaviours().filter(|behaviour| behaviour.check.score >= least) {
        let shown = (behaviour.shows)(&facts);
        if shown.is_empty() {
            continue;
        }
        let score = score(behaviour, reading, view, of_many, &shown);
        let known = results.reasons.iter().position(|known| known.id == behaviour.check.id);
        match known {
            // One part of a program may show surely what another one only hints at.
            Some(at) if results.reasons[at].score < score => drop(results.reasons.remove(at)),
            Some(_) => continue,
            None => {}
        }
        let (locations, path) = locations::of(reading, view, &shown);
        results.reasons.push(Reason::new(&behaviour.check, score, behaviour.check.title, locations).along(path));
    }
}

/// What a behaviour counts in this view. In a page, all of it. An assembly does much for a living that a page has no need of:
/// there the data flow decides.
fn score(behaviour: &Behaviour, reading: &Reading, view: &View<'_>, of_many: bool, shown: &[Trigger]) -> u8 {
    let flow = locations::data_flow(reading, shown);
    match view.assembly() {
        None | Some(Assembly::Pages) => behaviour.check.score,
        // Names are all that leads from class to class, and a large library has many of one name.
        // What a large one makes of a name by ways that are not seen (a macro by its alias, and the library that it names) is not
        // what came.
        Some(Assembly::Library) if is_one_chain(view, &flow) && !(of_many && is_derived(reading, shown)) => {
            behaviour.check.score
        }
        Some(Assembly::Library) if of_many => OF_MANY,
        Some(Assembly::Library) => behaviour.check.score / 2,
        Some(Assembly::Classes) => {
            let counts = !flow.is_empty() || !OF_HOSTS.contains(&behaviour.check.id);
            if behaviour.check.score >= OF_CLASSES && counts {
                behaviour.check.score
            } else {
                behaviour.check.score.min(PLUMBING)
            }
        }
    }
}

/// Whether a data flow through an assembly's code stays in one class, and leads from method to method by calls rather than by
/// what some object keeps.
fn is_one_chain(view: &View<'_>, flow: &[usize]) -> bool {
    let steps = flow.windows(2).all(|pair| {
        class_at(view, pair[0]) == class_at(view, pair[1])
            && (method_at(view, pair[0]) == method_at(view, pair[1]) || !is_kept_elsewhere(view, pair[0]))
    });
    steps && !flow.is_empty()
}

/// Whether what is reached went through something that nothing is known of.
fn is_derived(reading: &Reading, shown: &[Trigger]) -> bool {
    let event = shown.first().and_then(|first| first.event(reading));
    event.is_some_and(|event| event.main.flags.intersects(TaintFlags::DERIVED))
}

/// Where the method begins around a place of an assembly's code: behind the line that opens it.
fn method_at(view: &View<'_>, at: usize) -> Option<usize> {
    memchr::memmem::rfind(&view.bytes[..at.min(view.bytes.len())], b") {\n")
}

/// Whether the statement at a place of an assembly's code gives a member of another object than `this` its value.
fn is_kept_elsewhere(view: &View<'_>, at: usize) -> bool {
    let at = at.min(view.bytes.len());
    let start = view.bytes[..at].iter().rposition(|byte| b";{}\n".contains(byte)).map_or(0, |before| before + 1);
    let statement = view.bytes[start..].trim_ascii_start();
    let end = statement.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"_.".contains(byte));
    let (target, rest) = statement.split_at(end.unwrap_or(statement.len()));
    rest.starts_with(b" = ") && target.contains(&b'.') && !target.starts_with(b"this.")
}

/// The line that opens the class around a place of an assembly's code.
fn class_at<'v>(view: &'v View<'_>, at: usize) -> &'v [u8] {
    const OPENS: &[u8] = b"public partial class ";
    let before = &view.bytes[..at.min(view.bytes.len())];
    let Some(start) = memchr::memmem::rfind(before, OPENS) else { return &[] };
    let rest = &view.bytes[start..];
    &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{artefact, knowledge, results};
    use super::*;

    /// What is reported for a file in a folder: that its code is not read, and whether anything is found.
    fn reported(role: Role, name: &str, bytes: &[u8]) -> (bool, bool) {
        let results = results(&DETECTOR, &knowledge(), &artefact(name, role, name), bytes);
        (
            results.problems.iter().any(|problem| problem.kind == ProblemKind::CodeAnalysisTruncated),
            !results.reasons.is_empty(),
        )
    }

    #[test]
    fn code_that_is_not_read_is_no_clean_code() {
        let web = |name: &str, text: &[u8]| reported(Role::WebRoot, name, text);
        assert_eq!(web("a.cfm", b"<cfset a = 1>"), (true, false));
        assert_eq!(web("a.pl", b"print 1;"), (true, false));
        assert_eq!(web("shop.war", b"PK\x03\x04"), (true, false));
        assert_eq!(web("a.php", b"<?php if(!extension_loaded('ionCube Loader')){die();} ?>\nHR+c"), (true, false));
        assert_eq!(web("a.php", b"<?php echo 1; // like the ionCube one"), (false, false));
        assert_eq!(reported(Role::Unknown, "a.pl", b"print 1;"), (false, false), "nobody serves it");
    }

    #[test]
    fn php_in_a_file_that_no_engine_takes_is_read_beside_what_else_it_holds() {
        let code = b"<?php @@inert@@; eval($_POST['none']);";
        let web = |name: &str| reported(Role::WebRoot, name, code).1;
        assert!(web("a.php") && web("a.gif") && web("a.txt") && web("list.module") && web("a.inc"));
        assert!(!web("a.js") && !web("a.html") && !web("a.aspx") && !web("a.md"), "templates, and another engine's");
    }
}
