//! The steps of a run that ask the evidence, each an errand that can be given up: the thread that tells the run, which holds
//! what was found and the outputs, waits for them and asks nothing itself.

use super::{Exit, baseline, stock_tables};
use crate::catalogue::baseline::Baseline;
use crate::cli;
use crate::error::{Error, Result};
use crate::model::Problem;
use crate::scan::{self, Stock, Survey};
use crate::settings::Inputs;
use crate::targets::{self, Plan};
use crate::watch::{self, Errand, Left};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Keeps a value for as long as the process lives: a thread that a read holds may look at it until then. A run is the last thing
/// that a process does.
pub(super) fn keep<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// How long an interrupted run may take to write what it has: its outputs may be pipes that nobody reads.
const LAST_WORD: Duration = Duration::from_secs(5);

/// Set by Ctrl-C and its kin, for the rest of the process. The run then ends by itself, within a second. Whoever asks again
/// (some supervisors signal twice) must not take the end of the journal away; only one that comes to no end is cut off.
pub(super) fn interruption() -> &'static AtomicBool {
    // A second handler, in a process that runs this twice, is refused; the first one serves.
    let _ = ctrlc::set_handler(|| {
        if !watch::stopped().swap(true, Ordering::Relaxed) {
            // Where the system has no thread for it, the run ends by itself or not at all.
            let _ = std::thread::Builder::new().spawn(|| {
                std::thread::sleep(LAST_WORD);
                std::process::exit(i32::from(Exit::Interrupted.code()));
            });
        }
    });
    watch::stopped()
}

/// What an errand gave; an error where it came to no end.
pub(super) fn done<T>(given: std::result::Result<T, Left>) -> Result<T> {
    given.map_err(|left| match left {
        Left::Stopped => Error::Interrupted("nothing was written"),
        Left::Silent => {
            Error::Silent("the evidence does not answer; --timeout says how long it is waited for".to_owned())
        }
        Left::Panicked => Error::Internal("a step of the run failed; please report it".to_owned()),
    })
}

/// What an errand gave; nothing where the run is being stopped, which then ends with what it has.
pub(super) fn unless_stopped<T>(given: std::result::Result<T, Left>, panicked: &str) -> Result<Option<T>> {
    match given {
        Ok(given) => Ok(Some(given)),
        Err(Left::Stopped | Left::Silent) => Ok(None),
        Err(Left::Panicked) => Err(Error::Internal(panicked.to_owned())),
    }
}

/// Opens the evidence.
pub(super) fn opened(
    open: impl Fn() -> Result<Inputs> + Send + Sync + 'static,
    problems: &mut Vec<Problem>,
) -> Result<&'static Inputs> {
    interruption();
    done(Errand::start(open).wait(problems))?.map(keep)
}

/// Opens the evidence of a run that has a journal, which is to be closed even where the run is stopped before anything is open.
pub(super) fn opened_or_stopped(
    open: impl Fn() -> Result<Inputs> + Send + Sync + 'static,
    targets: &cli::Targets,
    problems: &mut Vec<Problem>,
) -> Result<&'static Inputs> {
    match opened(open, problems) {
        Err(Error::Interrupted(_)) => Ok(keep(Inputs::nothing(targets))),
        other => other,
    }
}

/// The areas of the targets. Nothing where the run is being stopped.
pub(super) fn planned(opened: &'static Inputs, problems: &mut Vec<Problem>) -> Result<Plan> {
    let plan = Errand::start(|| targets::discover(&opened.evidence, &opened.given, &opened.drives, opened.live));
    Ok(unless_stopped(plan.wait(problems), "the discovery failed")?.unwrap_or_default())
}

/// Every file in the areas, with what could not be listed, here and when the plan was made.
pub(super) fn walk(plan: &Plan, opened: &'static Inputs, problems: &mut Vec<Problem>) -> Result<&'static Survey> {
    problems.extend(plan.problems.iter().cloned());
    let own = plan.clone();
    let walked = Errand::start(move || {
        let mut problems = Vec::new();
        let survey = scan::survey(&opened.evidence, &own, watch::stopped(), &mut problems);
        (survey, problems)
    });
    let (survey, more) = unless_stopped(walked.wait(problems), "the walk failed")?.unwrap_or_default();
    // What had no answer is known already, and better.
    problems.extend(more);
    Ok(keep(survey))
}

/// Which builds the installations are.
pub(super) fn stock(
    opened: &'static Inputs,
    plan: &Plan,
    survey: &'static Survey,
    tables: Baseline,
    options: &'static cli::Scan,
    detectors: &'static [&'static str],
    problems: &mut Vec<Problem>,
) -> Result<Option<&'static Stock>> {
    let own = plan.clone();
    let tables = Mutex::new(Some(tables));
    let stock = Errand::start(move || {
        let tables = tables.lock().ok().and_then(|mut tables| tables.take());
        // Begun anew, it has none any more.
        let tables = tables.map_or_else(|| stock_tables(true, &options.lists, detectors), |tables| Ok(Some(tables)));
        let none = || baseline::with_built_in(Vec::new());
        tables.map(|tables| Stock::new(&opened.evidence, &own, survey, tables.unwrap_or_else(none), watch::stopped()))
    });
    let stock = unless_stopped(stock.wait(problems), "the stock tables could not be used")?.transpose()?;
    Ok(stock.map(keep))
}
