//! User rules: compiled from source within limits, and monitored while they run. A rule that times out twice is
//! disabled, since it would cost that time on every file.

use crate::compiler::{compiler, unusable};
use crate::error::{Error, Result};
use crate::info::list;
use crate::model::{Problem, ProblemKind};
use crate::source::{self, Span};
use shellsift_yara::{Rules, ScanError, Scanner, SourceCode};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

/// The largest rule file. The collected packs of the public have 20 MB.
const LARGEST: u64 = 64 << 20;
/// All of them together.
const MOST: u64 = 256 << 20;
/// The stack of the thread that compiles, for what nests within the bounds.
const STACK: usize = 64 << 20;
/// How long compiling may take.
const COMPILING: Duration = Duration::from_secs(300);
/// How often the rules may run out of time before the one that does it is looked for.
const STRIKES: usize = 2;
/// The time that each try has, when it is looked for, and all of them.
const TRY: Duration = Duration::from_secs(1);
const SEARCH: Duration = Duration::from_secs(60);
/// How many rules may be switched off one by one, before all of them are.
const MOST_OFF: usize = 8;

/// One rule file.
struct Source {
    name: String,
    text: String,
    rules: Vec<Span>,
}

/// The rules, and what is known of them since they run.
pub(super) struct UserRules {
    sources: Vec<Source>,
    first: Rules,
    state: Mutex<State>,
    /// How often rules were switched off.
    generation: AtomicUsize,
}

#[derive(Default)]
struct State {
    strikes: usize,
    /// What is switched off: file and rule.
    off: BTreeSet<(usize, usize)>,
    /// What is left of the rules since; kept for good, as scanners look at it.
    left: Option<&'static Rules>,
}

impl UserRules {
    /// Compiles the rules at these paths. Those that cannot be used are named in the problems.
    pub(super) fn compile(paths: &[PathBuf]) -> Result<(Self, Vec<Problem>)> {
        let paths = paths.to_vec();
        let (sender, receiver) = mpsc::sync_channel(1);
        let work = move || {
            let _ = sender.send(compile(&paths));
        };
        std::thread::Builder::new().stack_size(STACK).spawn(work).map_err(|error| {
            Error::Rules(format!(
                "the rules cannot be compiled: no thread with a stack of {} MiB: {error}",
                STACK >> 20
            ))
        })?;
        match receiver.recv_timeout(COMPILING) {
            Ok(compiled) => compiled,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                Err(Error::Rules(format!("compiling the rules took longer than {} s", COMPILING.as_secs())))
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(Error::Internal("the rule compiler failed".to_owned())),
        }
    }

    /// Adds the text of the rules to a hash, file by file.
    pub(super) fn digest(&self, hasher: &mut impl sha2::Digest) {
        for source in &self.sources {
            hasher.update((source.text.len() as u64).to_le_bytes());
            hasher.update(&source.text);
        }
    }

    /// The rules as they are now, and of which generation that is.
    pub(super) fn rules(&self) -> (&Rules, usize) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        (state.left.unwrap_or(&self.first), self.generation.load(Ordering::Relaxed))
    }

    /// Whether a scanner of this generation has the rules of now.
    pub(super) fn is_current(&self, generation: usize) -> bool {
        self.generation.load(Ordering::Relaxed) == generation
    }

    /// The rules ran out of time on these bytes. The second time the rule that does it is looked for and switched off; says so.
    pub(super) fn ran_out_of_time(&self, bytes: &[u8], generation: usize, seconds: u64) -> Option<Problem> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_current(generation) {
            return None; // another thread has found it meanwhile
        }
        state.strikes += 1;
        if state.strikes < STRIKES {
            return None;
        }
        state.strikes = 0;
        let slow = if state.off.len() < MOST_OFF { self.slow(bytes, &state.off) } else { None };
        let words = match slow {
            Some((file, rule)) => {
                state.off.insert((file, rule));
                let (source, rule) = (self.sources.get(file)?, self.sources.get(file)?.rules.get(rule)?);
                format!("{}: rule {} exceeded {seconds} s twice and is disabled", source.name, rule.name)
            }
            None => {
                state.off = self.all().collect();
                format!("the rules of --rules exceeded {seconds} s repeatedly: all of them are disabled")
            }
        };
        state.left = Some(Box::leak(Box::new(self.compiled_without(&state.off))));
        self.generation.fetch_add(1, Ordering::Relaxed);
        Some(Problem::general(ProblemKind::RuleInvalid, words))
    }

    /// Every rule: file and number.
    fn all(&self) -> impl Iterator<Item = (usize, usize)> {
        let of_file = |(file, source): (usize, &Source)| (0..source.rules.len()).map(move |rule| (file, rule));
        self.sources.iter().enumerate().flat_map(of_file)
    }

    /// The rule that runs out of time on these bytes, by halves.
    fn slow(&self, bytes: &[u8], off: &BTreeSet<(usize, usize)>) -> Option<(usize, usize)> {
        let begin = Instant::now();
        let every: BTreeSet<(usize, usize)> = self.all().collect();
        let mut suspects: Vec<(usize, usize)> = every.difference(off).copied().collect();
        let runs_out = |kept: &[(usize, usize)]| {
            let without = every.iter().filter(|one| !kept.contains(one)).copied().collect();
            let rules = self.compiled_without(&without);
            let mut scanner = Scanner::new(&rules);
            scanner.set_timeout(TRY);
            scanner.fast_scan(true);
            matches!(scanner.scan(bytes), Err(ScanError::Timeout))
        };
        while suspects.len() > 1 && begin.elapsed() < SEARCH {
            let (left, right) = suspects.split_at(suspects.len() / 2);
            // Where neither half does it alone, no rule does.
            suspects = match () {
                () if runs_out(left) => left.to_vec(),
                () if runs_out(right) => right.to_vec(),
                () => return None,
            };
        }
        suspects.pop().filter(|_| suspects.is_empty())
    }

    /// The rules but for some. That the others compile is known.
    fn compiled_without(&self, off: &BTreeSet<(usize, usize)>) -> Rules {
        let Ok(mut compiler) = compiler() else { return shellsift_yara::Compiler::new().build() };
        for (file, source) in self.sources.iter().enumerate() {
            let spans = source.rules.iter().enumerate();
            let gone = spans.filter(|(rule, span)| span.refused.is_some() || off.contains(&(file, *rule)));
            let text = source::without(&source.text, gone.map(|(_, span)| span));
            compiler.new_namespace(&source.name);
            let _ = compiler.add_source(SourceCode::from(&*text).with_origin(source.name.as_str()));
        }
        compiler.build()
    }
}

fn compile(paths: &[PathBuf]) -> Result<(UserRules, Vec<Problem>)> {
    let mut compiler = compiler()?;
    let (mut problems, mut sources) = (Vec::new(), Vec::new());
    let (mut ignored, mut total) = (0, 0);
    for path in files(paths)? {
        let name = path.display().to_string();
        let problem = |text: String| Problem::general(ProblemKind::RuleInvalid, format!("{name}: {text}"));
        let mut bytes = Vec::new();
        std::fs::File::open(&path)
            .and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes))
            .map_err(|source| Error::Input { path: path.clone(), source })?;
        if bytes.starts_with(b"YARA") || bytes.contains(&0) {
            let message = format!(
                "{name}: compiled or binary rule files are refused, because loading one can run code: use the source"
            );
            return Err(Error::Rules(message));
        }
        total += bytes.len() as u64;
        if bytes.len() as u64 > LARGEST || total > MOST {
            let bounds = format!("{} MiB per file and {} MiB in total", LARGEST >> 20, MOST >> 20);
            problems.push(problem(format!("the file is skipped: rules are limited to {bounds}")));
            continue;
        }
        // Packs hold a file in Latin-1 here and there; YARA-X takes UTF-8 only.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let rules = source::rules(&text);
        let refused = || rules.iter().filter(|span| span.refused.is_some());
        for span in refused() {
            let why = span.refused.as_deref().unwrap_or_default();
            problems.push(problem(format!("rule {} is skipped: {why}", span.name)));
        }
        let usable = source::without(&text, refused());
        compiler.new_namespace(&name);
        let errors_before = compiler.errors().len();
        if compiler.add_source(SourceCode::from(&*usable).with_origin(name.as_str())).is_err() {
            problems.extend(unusable(&compiler, &name, ignored, errors_before));
        }
        ignored = compiler.ignored_rules().len();
        sources.push(Source { name, text, rules });
    }
    let rules = compiler.build();
    problems.extend(lost(&rules, &sources, &problems));
    if list(&rules).is_empty() {
        let why = problems.first().map_or("no .yar or .yara files there".to_owned(), |problem| problem.message.clone());
        return Err(Error::Rules(format!("no usable rule in --rules: {why}")));
    }
    Ok((UserRules { sources, first: rules, state: Mutex::default(), generation: AtomicUsize::new(0) }, problems))
}

/// Rules that stand in the source and are neither compiled nor named in a problem.
fn lost(rules: &Rules, sources: &[Source], problems: &[Problem]) -> Vec<Problem> {
    let compiled: BTreeSet<(&str, &str)> = rules.iter().map(|rule| (rule.namespace(), rule.identifier())).collect();
    let mut lost = Vec::new();
    for source in sources {
        // What a file's problems name, as words.
        let of_file = problems.iter().filter_map(|problem| problem.message.strip_prefix(&*source.name));
        let named: BTreeSet<&str> =
            of_file.flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_')).collect();
        for span in &source.rules {
            if !compiled.contains(&(&*source.name, &*span.name)) && !named.contains(&*span.name) {
                let message = format!("{}: rule {} is skipped: the compiler omitted it", source.name, span.name);
                lost.push(Problem::general(ProblemKind::RuleInvalid, message));
            }
        }
    }
    lost
}

/// The rule files at these paths, sorted, folders searched at any depth.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let metadata = std::fs::metadata(path).map_err(|source| Error::Input { path: path.clone(), source })?;
        if metadata.is_file() {
            found.push(path.clone());
            continue;
        }
        for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
            let entry = entry.map_err(|error| Error::Input {
                path: path.clone(),
                source: error.into_io_error().unwrap_or_else(|| std::io::Error::other("link loop")),
            })?;
            if entry.file_type().is_file() && is_rule_file(entry.path()) {
                found.push(entry.into_path());
            }
        }
    }
    Ok(found)
}

fn is_rule_file(path: &Path) -> bool {
    path.extension()
        .and_then(|e| e.to_str())
        .is_some_and(|e| e.eq_ignore_ascii_case("yar") || e.eq_ignore_ascii_case("yara"))
}
