//! Running the rules over the views of a file.

use crate::code::context::{ScanContext, piece};
use crate::code::page::may_be_a_page;
use crate::compiler::VARIABLES;
use crate::decode::{Assembly, View};
use crate::info::describe;
use crate::model::place::kind;
use crate::model::server_path::{extension, fold};
use crate::model::{Artefact, Problem, ProblemKind, Reason, ReasonKind, Role, RuleRef, ScanResults};
use crate::needed::Needed;
use crate::signatures::Signatures;
use crate::user_rules::UserRules;
use crate::views::means;
use shellsift_yara::{Rule, Rules, ScanError, Scanner};
use std::time::Duration;

/// The prefix of the namespaces of built-in rules; those of the user's files have none.
const BUILT_IN: &str = "shellsift/";

/// How many matches of one pattern are kept; the first is shown.
const MAX_MATCHES: usize = 64;
/// How many locations a reason carries.
const MAX_LOCATIONS: usize = 3;
/// How much text a location shows.
const EXCERPT: usize = 160;

/// The scanners of one worker: YARA-X needs them mutable.
pub struct SignatureScanner<'k> {
    pages: Option<Scanner<'k>>,
    programs: Option<(Scanner<'k>, &'k Needed)>,
    user: Option<(&'k UserRules, Scanner<'k>, usize)>,
    timeout: Duration,
}

impl<'k> SignatureScanner<'k> {
    /// Scanners of these rules; `timeout` is how long they may take for one view of one file.
    pub fn new(signatures: Option<&'k Signatures>, timeout: Duration) -> Self {
        Self {
            pages: signatures.map(|signatures| scanner(&signatures.pages, timeout)),
            programs: signatures.map(|signatures| (scanner(&signatures.programs, timeout), &signatures.needed)),
            user: signatures.and_then(|signatures| signatures.user.as_ref()).map(|user| of_user(user, timeout)),
            timeout,
        }
    }
}

fn scanner(rules: &Rules, timeout: Duration) -> Scanner<'_> {
    let mut scanner = Scanner::new(rules);
    scanner.set_timeout(timeout);
    scanner.max_matches_per_pattern(MAX_MATCHES);
    scanner.fast_scan(true);
    scanner
}

/// A scanner of the user's rules, as far as they are switched on now.
fn of_user(user: &UserRules, timeout: Duration) -> (&UserRules, Scanner<'_>, usize) {
    let (rules, generation) = user.rules();
    (user, scanner(rules, timeout), generation)
}

impl SignatureScanner<'_> {
    /// Lets the rules see a file, or a piece of one.
    pub fn look(&mut self, artefact: &Artefact, context: &ScanContext<'_, '_>, results: &mut ScanResults) {
        let name = &artefact.entry.name;
        let content_alone = artefact.place.role == Role::Unknown;
        // The bytes of a program are no page, whatever markers chance put there; under another name they may be.
        let program = context.is_program(name) && kind::is_program(name);
        let runs = kind::is_web(name) || content_alone && !program && !kind::is_for_browsers(name);
        if let Some(scanner) = &mut self.pages {
            let views = context.views.iter().enumerate();
            let views = views.filter(|(at, view)| match view.assembly() {
                _ if view.is_reread() => false,
                Some(assembly) => assembly != Assembly::Library,
                None => runs || !program && may_be_a_page(name, context.server_code()[*at]),
            });
            let views = views.map(|(_, view)| view);
            scan(scanner, views, means, artefact, self.timeout, results);
        }
        if let Some((scanner, needed)) = &mut self.programs {
            // A page may carry a program inside a string.
            let whole = content_alone || context.begins_as_program() || kind::is_program(name);
            let views = context.views.iter().filter(|view| whole || view.holds_program());
            let views = views.filter(|view| needed.may_hit(&view.bytes));
            scan(scanner, views, |_, _, _| true, artefact, self.timeout, results);
        }
        for view in context.views.iter() {
            let Some(user) = &mut self.user else { break };
            if !user.0.is_current(user.2) {
                *user = of_user(user.0, self.timeout);
            }
            let (rules, scanner, generation) = user;
            set_variables(scanner, artefact, context, results);
            if scan(scanner, std::iter::once(view), |_, _, _| true, artefact, self.timeout, results) {
                results.problems.extend(rules.ran_out_of_time(&view.bytes, *generation, self.timeout.as_secs()));
            }
        }
    }
}

fn set_variables(
    scanner: &mut Scanner<'_>,
    artefact: &Artefact,
    context: &ScanContext<'_, '_>,
    results: &mut ScanResults,
) {
    let name = fold(&artefact.entry.name);
    let extension = extension(&name);
    let values = [
        name,
        artefact.path.parent().map(|folder| folder.to_string()).unwrap_or_default(),
        if extension.is_empty() { extension } else { format!(".{extension}") },
        context.views.first().map_or("UNKNOWN", |view| kind_by_content(&view.bytes)).to_owned(),
        String::new(), // the owner is not read
    ];
    for (variable, value) in VARIABLES.iter().zip(values) {
        if scanner.set_global(variable, value).is_err() {
            results.problems.push(stopped(artefact, format!("the rule variable {variable} could not be set")));
        }
    }
}

/// A problem of the rules with a file.
fn stopped(artefact: &Artefact, message: String) -> Problem {
    Problem::at(ProblemKind::DetectorAborted, &artefact.path, message)
}

/// Lets the rules see these views; says whether they ran out of time on one.
fn scan<'v, 'a: 'v>(
    scanner: &mut Scanner<'_>,
    views: impl Iterator<Item = &'v View<'a>>,
    means: fn(&Rule<'_, '_>, &str, &View<'_>) -> bool,
    artefact: &Artefact,
    timeout: Duration,
    results: &mut ScanResults,
) -> bool {
    let mut timed_out = false;
    for view in views {
        match scanner.scan(&view.bytes) {
            Ok(matches) => {
                for rule in matches.matching_rules().filter(|rule| means(rule, &artefact.entry.name, view)) {
                    let reason = reason(&rule, view);
                    if !results.reasons.iter().any(|known| known.id == reason.id) {
                        results.reasons.push(reason);
                    }
                }
            }
            Err(ScanError::Timeout) => {
                timed_out = true;
                let seconds = timeout.as_secs();
                let message = format!("the rules exceeded {seconds} s on the view {} and were stopped", view.encodings);
                results.problems.push(stopped(artefact, message));
            }
            Err(error) => {
                let message = format!("the rules failed on the view {}: {error}", view.encodings);
                results.problems.push(stopped(artefact, message));
            }
        }
    }
    timed_out
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
    ranges.truncate(MAX_LOCATIONS);
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
