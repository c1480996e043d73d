//! The steps of a run that do evidence I/O, each an errand that can be abandoned. The main thread, which holds results
//! and outputs, waits for them and does no evidence I/O itself.

use super::draft;
use super::exit::Exit;
use crate::error::{Error, Result};
use crate::model::Problem;
use crate::watch::{self, Errand, Left};
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
/// (some supervisors signal twice) must not take the end of the JSONL output away; only one that comes to no end is ended here.
pub(super) fn interruption() -> &'static AtomicBool {
    // A second handler, in a process that runs this twice, is refused; the first one serves.
    let _ = ctrlc::set_handler(|| {
        if !watch::stopped().swap(true, Ordering::Relaxed) {
            // Where the system has no thread for it, the run ends by itself or not at all.
            let _ = std::thread::Builder::new().spawn(|| {
                std::thread::sleep(LAST_WORD);
                draft::remove_all();
                std::process::exit(i32::from(Exit::Interrupted.code()));
            });
        }
    });
    watch::stopped()
}

/// A step under way.
pub(super) struct Step<T> {
    name: &'static str,
    errand: Errand<(T, Vec<Problem>)>,
    begin: std::time::Instant,
}

impl<T: Send + 'static> Step<T> {
    /// Begins a step. What could not be examined goes into the list that it is given. It may be begun anew, so it must depend on
    /// nothing but what it was given.
    pub(super) fn start(name: &'static str, work: impl Fn(&mut Vec<Problem>) -> T + Send + Sync + 'static) -> Self {
        let errand = Errand::start(move || {
            let mut problems = Vec::new();
            let value = work(&mut problems);
            (value, problems)
        });
        Self { name, errand, begin: std::time::Instant::now() }
    }

    /// Waits for it. `None` where the run is being stopped, which then ends with what it has.
    pub(super) fn wait(self, report: &mut dyn FnMut(Problem)) -> Result<Option<T>> {
        let mut problems = Vec::new();
        let done = self.errand.wait(&mut problems);
        // What had no answer is known already, and better: it comes first.
        problems.into_iter().for_each(&mut *report);
        log(self.name, self.begin);
        match done {
            Ok((value, problems)) => {
                problems.into_iter().for_each(report);
                Ok(Some(value))
            }
            Err(Left::Stopped | Left::Silent) => Ok(None),
            Err(Left::Panicked) => Err(Error::Internal(format!("{} failed; please report it", self.name))),
        }
    }

    /// Waits for it where the run has nothing to end with. Errors where it came to no end.
    pub(super) fn done(self, report: &mut dyn FnMut(Problem)) -> Result<T> {
        self.wait(report)?.ok_or_else(|| match watch::stopped().load(Ordering::Relaxed) {
            true => Error::Interrupted("nothing was written"),
            false => Error::Silent("the evidence does not respond; --timeout sets how long to wait".to_owned()),
        })
    }
}

/// Logs that a stage ended.
pub(super) fn log(stage: &str, begin: std::time::Instant) {
    tracing::info!(seconds = begin.elapsed().as_secs_f64(), "{stage}");
}
