//! YARA-X rules over every view of a file.
//!
//! Rules are the built-in catalogue and the user's own sources. Compiled rule files are refused: loading one can run native
//! code that it carries.
//!
//! The user's rules see every view of every file. Built-in rules about pages see what can be a page: every view of a file
//! that IIS runs by its name, and of any other file the views with a mark of server code, without which no engine takes a
//! text for code. In a folder of unknown role they see everything but what is for browsers and has no such mark. Scripts, styles
//! and pictures, nine in ten bytes of a web folder, would cost more than all the rest of a scan, and what a script does in the
//! browser says nothing of the server.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("own.yar");
//! std::fs::write(&file, "rule own { meta: score = 60 strings: $a = \"needle\" condition: $a }")?;
//! let (rules, problems) = shellsift_rules::Signatures::compile(None, &[file])?;
//! assert_eq!((rules.list()[0].name.as_str(), rules.list()[0].score, problems.len()), ("own", 60, 0));
//! # Ok(())
//! # }
//! ```

mod error;
mod own;
mod source;

use self::own::Own;
use crate::code::context::{ScanContext, piece};
use crate::code::page::{Mark, may_be_a_page, server_code};
use crate::decode::{Assembly, View};
pub use crate::error::{Error, Result};
use crate::model::place::kind;
use crate::model::server_path::{extension, fold};
use crate::model::{Artefact, Problem, ProblemKind, Reason, ReasonKind, Role, RuleRef, ScanResults};
use aho_corasick::packed::Searcher;
use shellsift_code::{self as code, decode};
use shellsift_model as model;
use shellsift_yara::{Compiler, IgnoredRuleReason, MetaValue, Rule, Rules, ScanError, Scanner};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// Variables that public rule packs expect, as LOKI and THOR define them: the file's name, its folder, its extension with
/// the dot in lower case, its kind by content, and its owner.
const VARIABLES: [&str; 5] = ["filename", "filepath", "extension", "filetype", "owner"];

/// The prefix that tells the namespaces of built-in rules from those of the user's files.
const BUILT_IN: &str = "shellsift/";

/// The prefix of those about a technique.
const TECHNIQUE: &str = "shellsift/technique/";

/// Points of a rule whose metadata gives no `score`; LOKI's default.
const DEFAULT_POINTS: u8 = 70;

/// How many matches of one pattern are kept; the first is shown.
const MATCHES_KEPT: usize = 64;
/// How many pieces of proof a reason carries.
const PROOFS_KEPT: usize = 3;
/// How much text a piece of proof shows.
const EXCERPT: usize = 160;

/// The rules that a program brings along, as [`shellsift_yara::serialized`] made them. Loading such bytes can run code that they
/// carry: nothing of a user's or of the evidence may come here.
#[derive(Clone, Copy)]
pub struct BuiltIn {
    /// Those about server code.
    pub pages: fn() -> Vec<u8>,
    /// Those about programs and libraries.
    pub programs: fn() -> Vec<u8>,
    /// SHA-256 over all of them as they are packed.
    pub digest: fn() -> [u8; 32],
}

/// Compiled rules.
pub struct Signatures {
    pages: Rules,
    programs: Rules,
    /// What rules about programs need.
    needed: Needed,
    own: Option<Own>,
    /// The built-in rules, if they are in it.
    built_in: Option<BuiltIn>,
    /// How many built-in families are in it.
    pub families: usize,
    /// How many techniques that many families share.
    pub techniques: usize,
}

/// A rule as `rules list` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// The family or file it is from.
    pub ruleset: String,
    /// Its name.
    pub name: String,
    /// The points it gives.
    pub score: u8,
    /// What it is, if it says.
    pub description: String,
    /// Where to read more, if it says.
    pub reference: Option<String>,
}

impl Signatures {
    /// Compiles the built-in rules and those of `paths`: files, or folders with `.yar` and `.yara` files at any depth. Rules
    /// that do not compile are passed over and named in the problems.
    ///
    /// Errors if a path cannot be read, if a file is a compiled one, or if the user's paths give no usable rule at all.
    pub fn compile(built_in: Option<BuiltIn>, paths: &[PathBuf]) -> Result<(Self, Vec<Problem>)> {
        let load = |of: fn(BuiltIn) -> fn() -> Vec<u8>| {
            built_in.map_or_else(|| Ok(Compiler::new().build()), |built_in| load_built_in(of(built_in)))
        };
        let (pages, programs) = (|built_in: BuiltIn| built_in.pages, |built_in: BuiltIn| built_in.programs);
        let own = || if paths.is_empty() { Ok(None) } else { Own::compile(paths).map(Some) };
        // One after the other where the system has no thread left.
        let (pages, programs, own) = std::thread::scope(|scope| {
            let spawned = std::thread::Builder::new().spawn_scoped(scope, || (load(programs), own()));
            let pages = load(pages);
            let others = spawned.map_or_else(|_| Ok((load(programs), own())), |beside| beside.join());
            let (programs, own) = others.map_err(|_| Error::Internal("the rule compiler failed".to_owned()))?;
            Ok((pages?, programs?, own?))
        })?;
        begin_time(&pages)?;
        let (own, problems) = own.map_or((None, Vec::new()), |(rules, problems)| (Some(rules), problems));
        let named = [&pages, &programs].into_iter().flat_map(Rules::iter).map(|rule| rule.namespace().to_owned());
        let named: BTreeSet<String> = named.collect();
        let techniques = named.iter().filter(|name| name.starts_with(TECHNIQUE)).count();
        let families = named.len() - techniques;
        let needed = Needed::of(&programs);
        Ok((Self { pages, programs, needed, own, built_in, families, techniques }, problems))
    }

    /// SHA-256 over the rules, built-in and user's, lower-case hexadecimal.
    pub fn digest(&self) -> String {
        use sha2::Digest;
        let mut hasher = sha2::Sha256::new();
        if let Some(built_in) = &self.built_in {
            hasher.update((built_in.digest)());
        }
        if let Some(own) = &self.own {
            own.digest(&mut hasher);
        }
        hex::encode(hasher.finalize())
    }

    /// The rules that can fire by themselves.
    pub fn list(&self) -> Vec<RuleInfo> {
        let own = self.own.as_ref().map(|own| own.rules().0);
        let sets = [Some(&self.pages), Some(&self.programs), own];
        sets.into_iter().flatten().flat_map(list).collect()
    }
}

/// YARA-X counts the seconds of all scans in a thread that the first scan with a bound of time begins, and a system that has no
/// thread left would end that scan with a panic.
fn begin_time(rules: &Rules) -> Result<()> {
    let begin = || {
        let mut scanner = Scanner::new(rules);
        scanner.set_timeout(Duration::from_secs(60));
        scanner.scan(b"").is_ok()
    };
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(begin)) {
        Ok(true) => Ok(()),
        _ => Err(Error::Internal("the rules cannot be run: no thread or memory available".to_owned())),
    }
}

/// The rules of a set that can fire by themselves.
fn list(rules: &Rules) -> Vec<RuleInfo> {
    rules.iter().filter(|rule| !rule.is_private()).map(|rule| describe(&rule)).collect()
}

fn compiler<'a>() -> Result<Compiler<'a>> {
    let mut compiler = Compiler::new();
    compiler.relaxed_re_syntax(true);
    // A rule file is no way to read another file of this machine.
    compiler.enable_includes(false);
    for variable in VARIABLES {
        compiler.define_global(variable, "").map_err(|error| Error::Internal(error.to_string()))?;
    }
    Ok(compiler)
}

fn load_built_in(bytes: fn() -> Vec<u8>) -> Result<Rules> {
    Rules::deserialize(bytes()).map_err(|error| Error::Internal(format!("built-in rules: {error}")))
}

/// What could not be used of the source that was added last: its rules by name, then errors that belong to no rule, such as
/// the import of an unknown module.
fn unusable(compiler: &Compiler<'_>, name: &str, ignored_before: usize, errors_before: usize) -> Vec<Problem> {
    let problem = |text: String| Problem::general(ProblemKind::RuleUnusable, format!("{name}: {text}"));
    let mut of_rules = Vec::new();
    let mut problems = Vec::new();
    for (rule, why) in compiler.ignored_rules().skip(ignored_before) {
        if let IgnoredRuleReason::CompileError(error) = &why {
            of_rules.push(error.to_string());
        }
        problems.push(problem(format!("rule {rule} is skipped: {}", reason_ignored(&why))));
    }
    let errors = compiler.errors()[errors_before..].iter().map(ToString::to_string);
    problems.extend(errors.filter(|error| !of_rules.contains(error)).map(|error| problem(first_lines(&error))));
    problems
}

fn reason_ignored(why: &IgnoredRuleReason<'_>) -> String {
    match why {
        IgnoredRuleReason::IgnoredModule(module) => format!("it requires the module {module}"),
        IgnoredRuleReason::IgnoredRule(rule) => format!("it requires the rule {rule}, which is skipped"),
        IgnoredRuleReason::CompileError(error) => first_lines(&error.to_string()),
    }
}

/// A compiler message without its drawing: what, and where.
fn first_lines(message: &str) -> String {
    let mut lines = message.lines().map(str::trim).filter(|line| !line.is_empty());
    let what = lines.next().unwrap_or_default();
    match lines.next().and_then(|line| line.strip_prefix("-->")) {
        Some(place) => format!("{what} ({})", place.trim()),
        None => what.to_owned(),
    }
}

fn describe(rule: &Rule<'_, '_>) -> RuleInfo {
    let mut info = RuleInfo {
        ruleset: rule.namespace().to_owned(),
        name: rule.identifier().to_owned(),
        score: DEFAULT_POINTS,
        description: String::new(),
        reference: None,
    };
    for (key, value) in rule.metadata() {
        match (key, value) {
            ("score", MetaValue::Integer(score)) => info.score = score.clamp(0, 100) as u8,
            ("score", MetaValue::String(score)) => {
                info.score = score.parse().map_or(info.score, |score: u8| score.min(100))
            }
            ("description", MetaValue::String(text)) => info.description = text.to_owned(),
            ("reference", MetaValue::String(text)) if info.reference.is_none() => {
                info.reference = Some(text.to_owned())
            }
            _ => {}
        }
    }
    info
}

/// The words of which a view holds one if any of some rules hits it: each rule says in its metadata, as `needs`, a word without
/// which its condition cannot hold, or several words (`a|b`) of which one is there. They are few, so the vector search takes
/// them at once and is many times as fast as YARA-X with all patterns of the rules. Where a rule says nothing, or there are more
/// words than the search takes, every view may be hit.
pub struct Needed(Option<Searcher>);

impl Needed {
    /// The words of these rules, one byte or two bytes a letter.
    pub fn of(rules: &Rules) -> Self {
        let mut words = BTreeSet::new();
        for rule in rules.iter() {
            let needs = rule.metadata().find_map(|(key, value)| match value {
                MetaValue::String(words) if key == "needs" => Some(words),
                _ => None,
            });
            let Some(needs) = needs else { return Self(None) };
            for word in needs.split('|') {
                words.insert(word.as_bytes().to_vec());
                words.insert(word.encode_utf16().flat_map(u16::to_le_bytes).collect());
            }
        }
        Self(Searcher::new(words))
    }

    /// Whether a rule may hit these bytes.
    pub fn may_hit(&self, bytes: &[u8]) -> bool {
        self.0.as_ref().is_none_or(|words| words.find(bytes).is_some())
    }
}

/// The scanners of one worker: YARA-X needs them mutable.
pub struct SignatureScanner<'k> {
    pages: Option<Scanner<'k>>,
    programs: Option<(Scanner<'k>, &'k Needed)>,
    own: Option<(&'k Own, Scanner<'k>, usize)>,
    timeout: Duration,
}

impl<'k> SignatureScanner<'k> {
    /// Scanners of these rules; `timeout` is how long they may take for one view of one file.
    pub fn new(signatures: Option<&'k Signatures>, timeout: Duration) -> Self {
        Self {
            pages: signatures.map(|signatures| scanner(&signatures.pages, timeout)),
            programs: signatures.map(|signatures| (scanner(&signatures.programs, timeout), &signatures.needed)),
            own: signatures.and_then(|signatures| signatures.own.as_ref()).map(|own| of_own(own, timeout)),
            timeout,
        }
    }
}

fn scanner(rules: &Rules, timeout: Duration) -> Scanner<'_> {
    let mut scanner = Scanner::new(rules);
    scanner.set_timeout(timeout);
    scanner.max_matches_per_pattern(MATCHES_KEPT);
    scanner.fast_scan(true);
    scanner
}

/// A scanner of the user's rules, as far as they are switched on now.
fn of_own(own: &Own, timeout: Duration) -> (&Own, Scanner<'_>, usize) {
    let (rules, generation) = own.rules();
    (own, scanner(rules, timeout), generation)
}

impl SignatureScanner<'_> {
    /// Lets the rules see a file, or a piece of one.
    pub fn look(&mut self, artefact: &Artefact, sight: &ScanContext<'_, '_>, marks: &mut ScanResults) {
        let name = &artefact.entry.name;
        let content_alone = artefact.place.role == Role::Unknown;
        // The bytes of a program are no page, whatever marks chance put there; under another name they may be.
        let program = sight.is_program(name) && kind::is_program(name);
        let runs = kind::is_web(name) || content_alone && !program && !kind::is_for_browsers(name);
        if let Some(scanner) = &mut self.pages {
            let views = sight.views.iter().enumerate();
            let views = views.filter(|(at, view)| match view.assembly() {
                _ if view.is_reread() => false,
                Some(assembly) => assembly != Assembly::Library,
                None => runs || !program && may_be_a_page(name, sight.server_code()[*at]),
            });
            let views = views.map(|(_, view)| view);
            scan(scanner, views, means, artefact, self.timeout, marks);
        }
        if let Some((scanner, needed)) = &mut self.programs {
            // A page may carry a program inside a string.
            let whole = content_alone || sight.begins_as_program() || kind::is_program(name);
            let views = sight.views.iter().filter(|view| whole || view.holds_program());
            let views = views.filter(|view| needed.may_hit(&view.bytes));
            scan(scanner, views, |_, _, _| true, artefact, self.timeout, marks);
        }
        for view in sight.views.iter() {
            let Some(own) = &mut self.own else { break };
            if !own.0.is_current(own.2) {
                *own = of_own(own.0, self.timeout);
            }
            let (rules, scanner, generation) = own;
            set_variables(scanner, artefact, sight, marks);
            if scan(scanner, std::iter::once(view), |_, _, _| true, artefact, self.timeout, marks) {
                marks.problems.extend(rules.ran_out_of_time(&view.bytes, *generation, self.timeout.as_secs()));
            }
        }
    }
}

fn set_variables(scanner: &mut Scanner<'_>, artefact: &Artefact, sight: &ScanContext<'_, '_>, marks: &mut ScanResults) {
    let name = fold(&artefact.entry.name);
    let extension = extension(&name);
    let values = [
        name,
        artefact.path.parent().map(|folder| folder.to_string()).unwrap_or_default(),
        if extension.is_empty() { extension } else { format!(".{extension}") },
        sight.views.first().map_or("UNKNOWN", |view| kind_by_content(&view.bytes)).to_owned(),
        String::new(), // the owner is not read
    ];
    for (variable, value) in VARIABLES.iter().zip(values) {
        if scanner.set_global(variable, value).is_err() {
            marks.problems.push(stopped(artefact, format!("the rule variable {variable} could not be set")));
        }
    }
}

/// A problem of the rules with a file.
fn stopped(artefact: &Artefact, message: String) -> Problem {
    Problem::at(ProblemKind::DetectorStopped, &artefact.path, message)
}

/// Lets the rules see these views; says whether they ran out of time on one.
fn scan<'v, 'a: 'v>(
    scanner: &mut Scanner<'_>,
    views: impl Iterator<Item = &'v View<'a>>,
    means: fn(&Rule<'_, '_>, &str, &View<'_>) -> bool,
    artefact: &Artefact,
    timeout: Duration,
    marks: &mut ScanResults,
) -> bool {
    let mut timed_out = false;
    for view in views {
        match scanner.scan(&view.bytes) {
            Ok(results) => {
                for rule in results.matching_rules().filter(|rule| means(rule, &artefact.entry.name, view)) {
                    let reason = reason(&rule, view);
                    if !marks.reasons.iter().any(|known| known.id == reason.id) {
                        marks.reasons.push(reason);
                    }
                }
            }
            Err(ScanError::Timeout) => {
                timed_out = true;
                let seconds = timeout.as_secs();
                let message = format!("the rules exceeded {seconds} s on the view {} and were stopped", view.encodings);
                marks.problems.push(stopped(artefact, message));
            }
            Err(error) => {
                let message = format!("the rules failed on the view {}: {error}", view.encodings);
                marks.problems.push(stopped(artefact, message));
            }
        }
    }
    timed_out
}

/// What a view can be to a rule about server code, as the rule's `views` names it: what can be a page, a page of PHP or of Java, a
/// source file, the code of an assembly.
pub const VIEWS: [&str; 5] = [PAGE, PHP, JAVA, SOURCE, ASSEMBLY];
const PAGE: &str = "page";
const PHP: &str = "php";
const JAVA: &str = "java";
const SOURCE: &str = "source";
const ASSEMBLY: &str = "assembly";

/// What a rule means that does not say.
const MEANT: &str = "page,source";

/// What a view can be. Assemblies that ASP.NET compiled from pages are those pages. Rules about other pages hit the text of PHP by
/// accident, and no engine of theirs runs it, if there is no mark of theirs; what has no extension of any engine may be a page of
/// each.
fn kinds_of(name: &str, view: &View<'_>) -> &'static [&'static str] {
    let extension = extension(&fold(name));
    match view.assembly() {
        Some(Assembly::Classes | Assembly::Library) => return &[ASSEMBLY],
        Some(Assembly::Pages) => return &[PAGE],
        None if matches!(&*extension, "cs" | "vb") => return &[SOURCE],
        None => {}
    }
    let php = kind::is_php(&extension);
    match server_code(&view.bytes).map(|code| code.mark) {
        // An archive holds files of any kind.
        _ if extension == "phar" => &[PHP],
        None if php => &[PHP],
        Some(Mark::Php) => &[PHP],
        _ if php => &[PAGE, PHP],
        _ if kind::is_java(&extension) => &[PAGE, JAVA],
        _ if kind::is_web(name) => &[PAGE],
        _ => &[PAGE, PHP, JAVA],
    }
}

/// Whether a built-in rule about server code means this view of a file of this name.
pub fn means(rule: &Rule<'_, '_>, name: &str, view: &View<'_>) -> bool {
    let said = rule.metadata().find_map(|(key, value)| match value {
        MetaValue::String(views) if key == "views" => Some(views),
        _ => None,
    });
    let kinds = kinds_of(name, view);
    said.unwrap_or(MEANT).split(',').any(|view| kinds.contains(&view))
}

/// The kind of a file as LOKI names it.
fn kind_by_content(bytes: &[u8]) -> &'static str {
    match bytes {
        [b'M', b'Z', ..] => "EXE",
        [0x7F, b'E', b'L', b'F', ..] => "ELF",
        [b'P', b'K', 3, 4, ..] => "ZIP",
        [b'M', b'D', b'M', b'P', ..] => "MDMP",
        _ => "UNKNOWN",
    }
}

fn reason(rule: &Rule<'_, '_>, view: &View<'_>) -> Reason {
    let info = describe(rule);
    let ruleset = info.ruleset.strip_prefix(BUILT_IN).unwrap_or(&info.ruleset).to_owned();
    let mut ranges: Vec<_> =
        rule.patterns().filter_map(|pattern| pattern.matches().next()).map(|found| found.range()).collect();
    // The longest match says the most: a directive is part of many rules, the call that it enables of one.
    ranges.sort_by_key(|range| (std::cmp::Reverse(range.len()), range.start));
    ranges.truncate(PROOFS_KEPT);
    let mut locations: Vec<_> = ranges.into_iter().map(|range| piece(view, range, EXCERPT, None)).collect();
    locations.dedup_by(|a, b| a.excerpt == b.excerpt);
    let title = if info.description.is_empty() { format!("rule {}", info.name) } else { info.description };
    Reason::unlisted(ReasonKind::Signature, &info.name, info.score, title).at(locations).by_rule(RuleRef {
        name: info.name,
        given: ruleset == info.ruleset,
        ruleset,
        reference: info.reference,
    })
}

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests {
    use super::test_support::{artefact, built_in, knowledge, marks};
    use super::*;
    use crate::model::Role;

    fn with_rules(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pack.yar");
        std::fs::write(&path, text).expect("written");
        (folder, path)
    }

    fn compiled(text: &str) -> Result<(Signatures, Vec<Problem>)> {
        let (_folder, path) = with_rules(text);
        Signatures::compile(None, &[path])
    }

    #[test]
    fn rules_about_other_pages_say_nothing_of_php_nor_those_of_java_of_asp_net() {
        let kinds = |name: &str, text: &[u8]| {
            let views = crate::decode::views(text, 0, crate::decode::Effort::Quick);
            kinds_of(name, &views.views[0])
        };
        assert_eq!(kinds("a.php", b"<?php x"), [PHP]);
        assert_eq!(kinds("a.php", b"eval(x)"), [PHP]);
        assert_eq!(kinds("a.jpg", b"GIF <?php x"), [PHP]);
        assert_eq!(kinds("a.PHAR", b"<?php x ?><% Execute(x) %>"), [PHP]);
        assert_eq!(kinds("a.php", b"<?php x ?><% Execute(x) %>"), [PAGE, PHP], "another engine's marks");
        assert_eq!(kinds("a.asp", b"x"), [PAGE]);
        assert_eq!(kinds("a.ashx", b"<%@ WebHandler %>"), [PAGE]);
        assert_eq!(kinds("a.JSP", b"<% x(request) %>"), [PAGE, JAVA]);
        assert_eq!(kinds("a.gif", b"<% x(request) %>"), [PAGE, PHP, JAVA]);
    }

    #[test]
    fn the_built_in_rules_compile_and_say_what_they_are() {
        let (signatures, problems) = Signatures::compile(Some(built_in()), &[]).expect("compiles");
        assert_eq!(problems, []);
        assert!(signatures.families >= 24 && signatures.techniques >= 12);
        for rule in signatures.list() {
            assert!(!rule.description.is_empty() && rule.reference.is_some(), "{}", rule.name);
        }
    }

    #[test]
    fn public_rules_see_their_variables_and_their_score() {
        let rule = r#"rule by_name { meta: score = 65 description = "d" strings: $a = "needle" condition: $a and filename == "x.aspx" and extension == ".aspx" and filepath == "C:\\" and filetype == "UNKNOWN" and owner == "" }"#;
        let (signatures, problems) = compiled(rule).expect("compiles");
        assert_eq!(problems, []);
        let mut knowledge = knowledge();
        knowledge.signatures = Some(signatures);
        let file = artefact("X.ASPX", Role::Unknown, "x.aspx");
        let marks = marks(&knowledge, &file, b"a\nb needle c");
        let reason = &marks.reasons[0];
        assert_eq!((reason.score, reason.title.as_str(), reason.id.as_str()), (65, "d", "signature/by_name"));
        assert_eq!(
            (reason.locations[0].offset, reason.locations[0].line, reason.locations[0].excerpt.as_str()),
            (4, Some(2), "b needle c")
        );
    }

    #[test]
    fn a_broken_rule_is_named_and_the_others_stay() {
        let text = "rule good { strings: $a = \"abcd\" condition: $a }\nrule broken { condition: nothing_of_that_name }\nimport \"no_such_module\"\nrule also { strings: $a = \"efgh\" condition: $a }";
        let (signatures, problems) = compiled(text).expect("some compile");
        let names: Vec<_> = signatures.list().into_iter().map(|rule| rule.name).collect();
        assert!(names.contains(&"good".to_owned()), "{names:?}");
        assert!(problems.iter().any(|p| p.message.contains("broken")), "{problems:?}");
    }

    #[test]
    fn compiled_files_and_packs_without_a_usable_rule_are_refused() {
        let (_folder, path) = with_rules("YARA-X\0\0\0\0");
        let error = Signatures::compile(Some(built_in()), &[path]).err().expect("refused").to_string();
        assert!(error.contains("can run code"), "{error}");
        for text in ["", "rule x { condition: nope }", "this is no rule"] {
            assert!(matches!(compiled(text), Err(Error::Rules(_))), "{text}");
        }
    }

    #[test]
    fn a_rule_that_runs_too_long_is_stopped_and_reported() {
        let rule = "rule slow { condition: for any i in (0..1000000) : ( for any j in (0..1000000) : ( uint8(i % 1024) + j == 5000000 ) ) }";
        let (signatures, _) = compiled(rule).expect("compiles");
        let mut knowledge = knowledge();
        knowledge.signatures = Some(signatures);
        knowledge.timeout = Duration::from_secs(1);
        let marks = marks(&knowledge, &artefact("x", Role::Unknown, "x"), &[0; 2048]);
        assert_eq!(marks.problems[0].kind, ProblemKind::DetectorStopped);
        assert!(marks.problems[0].message.contains("exceeded 1 s"));
    }

    #[test]
    fn a_rule_that_runs_out_of_time_twice_is_switched_off_and_the_others_stay() {
        let slow = "rule slow { condition: for any i in (0..1000000) : ( for any j in (0..1000000) : ( uint8(i % 1024) + j == 5000000 ) ) }";
        let text = format!(
            "rule before {{ strings: $a = \"needle\" condition: $a }} {slow} rule behind {{ condition: filesize == 2048 }}"
        );
        let (signatures, _) = compiled(&text).expect("compiles");
        let mut knowledge = knowledge();
        knowledge.signatures = Some(signatures);
        knowledge.timeout = Duration::from_secs(1);
        let file = artefact("x", Role::Unknown, "x");
        let mut bytes = vec![0; 2048];
        bytes[..6].copy_from_slice(b"needle");
        let look = || marks(&knowledge, &file, &bytes);
        assert_eq!(look().problems.len(), 1);
        let second = look();
        assert!(
            second.problems[1].message.ends_with("rule slow exceeded 1 s twice and is disabled"),
            "{:?}",
            second.problems
        );
        let third = look();
        assert_eq!(third.problems, []);
        let ids: Vec<&str> = third.reasons.iter().map(|reason| reason.id.as_str()).collect();
        assert_eq!(ids, ["signature/before", "signature/behind"]);
    }

    #[test]
    fn rules_that_nest_too_deep_or_take_in_other_files_are_named_and_the_others_stay() {
        let deep = |sign: &str, count: usize| format!("rule deep_{count} {{ condition: {}true }}", sign.repeat(count));
        let brackets = format!("rule brackets {{ condition: {}true{} }}", "(".repeat(5000), ")".repeat(5000));
        let fine = "rule fine { condition: true }";
        let text =
            format!("include \"/etc/passwd\"\n{fine}\n{}\n{}\n{brackets}", deep("not ", 100_000), deep("not ", 150));
        let (signatures, problems) = compiled(&text).expect("some compile");
        let names: Vec<_> = signatures.list().into_iter().map(|rule| rule.name).collect();
        assert_eq!(names, ["fine", "deep_150"]);
        for word in ["include", "deep_100000", "brackets"] {
            assert!(problems.iter().any(|problem| problem.message.contains(word)), "{word}: {problems:?}");
        }
        // The longest chain that is let through.
        let chain = |sign: &str| format!("rule chain {{ condition: 1{} }}", sign.repeat(source::CHAIN - 10));
        for sign in [" and true", " + 1", " - 1", " | 1"] {
            let (signatures, problems) = compiled(&chain(sign)).expect("it compiles");
            assert!(signatures.list().len() == 1 || !problems.is_empty(), "{sign}");
        }
    }

    #[test]
    fn rules_about_pages_see_what_can_be_a_page_and_in_folders_of_unknown_role_everything() {
        let (signatures, _) = Signatures::compile(Some(built_in()), &[]).expect("compiles");
        let mut knowledge = knowledge();
        knowledge.signatures = Some(signatures);
        // Put together here, so that no file of this repository holds it.
        let call = ["ev", "al(Request[\"inert\"],\"uns", "afe\")"].concat();
        let fires = |role, name: &str, text: &str| {
            !marks(&knowledge, &artefact(name, role, name), text.as_bytes()).reasons.is_empty()
        };
        assert!(fires(Role::WebRoot, "x.aspx", &call), "runs by its name");
        assert!(fires(Role::WebRoot, "x.css", &format!("<% {call} %>")), "holds server code");
        assert!(!fires(Role::WebRoot, "x.css", &call), "is nothing that IIS could run");
        assert!(fires(Role::Unknown, "x.txt", &call), "content alone");
        assert!(!fires(Role::Unknown, "x.css", &call), "code of the browser's, if any");
        // What a script does in the browser, with a translation in it that begins like a block.
        let decodes = ["function a(x){ return ev", "al(unesc", "ape(x)); }"].concat();
        assert!(fires(Role::Unknown, "x.txt", &decodes) && fires(Role::WebRoot, "x.asp", &decodes));
        let translated = format!("var t=\"account %1$s <%2$s>\";{decodes}");
        for name in ["x.js", "x.html", "x.css", "x.map", "x.png"] {
            for role in [Role::Unknown, Role::WebRoot] {
                assert!(!fires(role, name, &decodes) && !fires(role, name, &translated), "{name}");
            }
        }
        assert!(fires(Role::Unknown, "x.css", &format!("<% {call} %>")), "holds server code");
    }

    #[test]
    fn a_rule_about_pages_means_source_files_too_and_assemblies_only_if_it_says_so() {
        use crate::decode::{Effort, views};
        let file = |name: &str| {
            let path = format!("{}/../../fixtures/compiled/{name}.dll.b64", env!("CARGO_MANIFEST_DIR"));
            let text: String = std::fs::read_to_string(path).expect("a fixture").split_whitespace().collect();
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).expect("base64")
        };
        let rule = |views: &str| format!("rule r {{ meta: score = 1 {views} condition: true }}");
        let mut compiler = Compiler::new();
        for (name, views) in [("silent", ""), ("page", "views = \"page\""), ("all", "views = \"source,assembly\"")] {
            compiler.new_namespace(name);
            compiler.add_source(rule(views).as_str()).expect("a rule");
        }
        let rules = compiler.build();
        let meant = |name: &str, view: &View<'_>| -> Vec<String> {
            let mut scanner = Scanner::new(&rules);
            let results = scanner.scan(b"x").expect("scanned");
            results
                .matching_rules()
                .filter(|rule| means(rule, name, view))
                .map(|rule| rule.namespace().to_owned())
                .collect()
        };
        let text = views(b"class X { }", 0, Effort::Quick);
        assert_eq!(meant("x.aspx", &text.views[0]), ["silent", "page"]);
        assert_eq!(meant("x.cs", &text.views[0]), ["silent", "all"]);
        for (name, of) in [("plumbing", &["all"][..]), ("near", &["all"]), ("plumbing_page", &["silent", "page"])] {
            let bytes = file(name);
            let views = views(&bytes, 0, Effort::Program);
            assert_eq!(meant("x.dll", &views.views[1]), of, "{name}");
        }
    }

    #[test]
    fn the_bytes_of_a_program_are_no_page_and_the_same_under_another_name_may_be() {
        let (signatures, _) = Signatures::compile(Some(built_in()), &[]).expect("compiles");
        let mut knowledge = knowledge();
        knowledge.signatures = Some(signatures);
        // Put together here, so that no file of this repository holds it.
        let head = ["MZ", &"\0".repeat(58), "\u{40}\0\0\0PE\0\0"].concat();
        let text = [&head, "<% ev", "al(Request[\"inert\"],\"uns", "afe\") %>"].concat();
        for (name, role, fires) in [
            ("x.dll", Role::WebRoot, false),
            ("x.dll", Role::Unknown, false),
            ("x.aspx", Role::WebRoot, true),
            ("x.gif", Role::WebRoot, true),
            ("x.aspx", Role::Unknown, true),
        ] {
            let marks = marks(&knowledge, &artefact(name, role, name), text.as_bytes());
            assert_eq!(!marks.reasons.is_empty(), fires, "{name} {role:?}: {:?}", marks.reasons);
        }
    }

    #[test]
    fn wide_text_is_found_through_its_view_with_stored_offsets() {
        let (signatures, _) = compiled("rule w { strings: $a = \"needle\" condition: $a }").expect("compiles");
        let mut knowledge = knowledge();
        knowledge.signatures = Some(signatures);
        let wide: Vec<u8> =
            [0xFF, 0xFE].into_iter().chain("hay needle".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let marks = marks(&knowledge, &artefact("x", Role::Unknown, "x"), &wide);
        let locations = &marks.reasons[0].locations[0];
        assert_eq!((locations.encodings.as_str(), locations.offset, locations.length), ("utf16le", 10, 12));
    }
}
