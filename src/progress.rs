//! What a run shows on a terminal while it goes on: the name of each stage, and how far it is.

use indicatif::{BinaryBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often it is drawn. Nothing is drawn of a stage that takes less.
const EVERY: Duration = Duration::from_millis(125);
/// Remaining time is shown from this time on, and from this many bytes on: before that it would be a guess.
const KNOWN_AFTER: (Duration, u64) = (Duration::from_secs(3), 4 << 20);

/// How far a stage is at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Now {
    /// Nothing is counted.
    #[default]
    Running,
    /// A walk: what it has found so far. How much there is nobody knows before it ends.
    Walking {
        /// Files found.
        files: u64,
        /// Folders listed.
        folders: u64,
    },
    /// A part of what is known.
    Reading {
        /// Files finished.
        files: u64,
        /// Bytes read.
        bytes: u64,
        /// Findings so far, where they are counted.
        found: Option<u64>,
    },
}

/// What there is to read.
#[derive(Clone, Copy, Debug)]
pub struct Total {
    /// What is counted: `files`, `logs`.
    pub what: &'static str,
    /// How many.
    pub files: u64,
    /// Their bytes, as listed.
    pub bytes: u64,
}

/// The stage of a run, on standard error: nothing where that is no terminal, or where the user wants nothing.
#[derive(Default)]
pub struct Progress {
    is_shown: bool,
    stage: Option<Display>,
}

impl Progress {
    /// `quiet`: whether the user wants nothing.
    pub fn new(quiet: bool) -> Self {
        Self { is_shown: !quiet && io::stderr().is_terminal(), stage: None }
    }

    /// The next stage, of which nothing is counted.
    pub fn stage(&mut self, name: &'static str) {
        self.show(name, None, || Now::Running);
    }

    /// The next stage, with what `look` returns.
    pub fn walk(&mut self, name: &'static str, look: impl Fn() -> Now + Send + 'static) {
        self.show(name, None, look);
    }

    /// The next stage, with what `look` returns of a known total.
    pub fn read(&mut self, name: &'static str, total: Total, look: impl Fn() -> Now + Send + 'static) {
        self.show(name, Some(total), look);
    }

    /// Shows nothing any more, before something else is written to the terminal.
    pub fn clear(&mut self) {
        self.stage = None;
    }

    fn show(&mut self, name: &'static str, total: Option<Total>, look: impl Fn() -> Now + Send + 'static) {
        // The one before it is gone from the terminal before the next one is drawn.
        self.clear();
        if self.is_shown {
            self.stage = Some(Display::start(name, total, look));
        }
    }
}

/// A line of the terminal, drawn until it is dropped.
struct Display {
    bar: ProgressBar,
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Display {
    fn start(name: &'static str, total: Option<Total>, look: impl Fn() -> Now + Send + 'static) -> Self {
        // It is hidden until it is drawn for the first time.
        let bar = ProgressBar::with_draw_target(total.map(|total| total.bytes.max(1)), ProgressDrawTarget::hidden());
        let template = if total.is_some() { "{bar:16} {msg}" } else { "{spinner} {msg}" };
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        let done = Arc::new(AtomicBool::new(false));
        let (drawn, finished, begin) = (bar.clone(), done.clone(), Instant::now());
        // Where the system has no thread left, nothing is drawn.
        let thread = std::thread::Builder::new().spawn(move || {
            std::thread::park_timeout(EVERY);
            let mut is_visible = false;
            while !finished.load(Ordering::Relaxed) {
                let now = look();
                if let Now::Reading { bytes, .. } = now {
                    drawn.set_position(bytes);
                }
                drawn.set_message(line(name, total, now, begin.elapsed()));
                if !is_visible {
                    drawn.set_draw_target(ProgressDrawTarget::stderr_with_hz(8));
                    is_visible = true;
                }
                drawn.tick();
                std::thread::park_timeout(EVERY);
            }
        });
        Self { bar, done, thread: thread.ok() }
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}

/// The text of a stage.
fn line(name: &str, total: Option<Total>, now: Now, elapsed: Duration) -> String {
    match (now, total) {
        (Now::Reading { files, bytes, found }, Some(total)) => {
            let found = found.map_or(String::new(), |found| format!("  {found} found"));
            // Archives are counted unpacked, so more can be read than was listed.
            let all = BinaryBytes(total.bytes.max(bytes));
            let left = remaining(bytes, total.bytes, elapsed).map_or(String::new(), |left| format!("  {left}"));
            // What counts comes first: a narrow terminal cuts the end off.
            format!("{name}  {files}/{} {}{found}{left}  {}/{all}", total.files, total.what, BinaryBytes(bytes))
        }
        (Now::Walking { files, folders }, _) => format!("{name}  {files} files in {folders} folders"),
        _ => name.to_owned(),
    }
}

/// The remaining time in words, by the bytes that were read so far; `None` until it is known, and where it is not.
fn remaining(done: u64, total: u64, elapsed: Duration) -> Option<String> {
    let (time, bytes) = KNOWN_AFTER;
    if elapsed < time || done < bytes.max(total / 100) || done >= total {
        return None;
    }
    let left = elapsed.as_secs_f64() * (total - done) as f64 / done as f64;
    // Rounded up: nobody waits with a stop watch, and everybody remembers a promise.
    let up = |unit: f64| (left / unit).ceil().max(1.0) as u64;
    Some(match left {
        left if left <= 90.0 => format!("about {} s left", up(10.0) * 10),
        left if left <= 90.0 * 60.0 => format!("about {} min left", up(60.0)),
        left if left <= 100.0 * 3600.0 => format!("about {} h left", up(3600.0)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn no_remaining_time_is_told_before_it_is_known_nor_after_it_is_wrong() {
        let seconds = Duration::from_secs;
        assert_eq!(remaining(50 * MIB, 100 * MIB, seconds(2)), None, "too soon");
        assert_eq!(remaining(3 * MIB, 100 * MIB, seconds(60)), None, "too little was read");
        assert_eq!(remaining(20 * MIB, 100_000 * MIB, seconds(60)), None, "less than a hundredth");
        assert_eq!(remaining(0, 0, seconds(60)), None);
        assert_eq!(remaining(100 * MIB, 100 * MIB, seconds(60)), None, "everything that was listed was read");
        assert_eq!(remaining(200 * MIB, 100 * MIB, seconds(60)), None, "more than was listed");
        assert_eq!(remaining(50 * MIB, 100 * MIB, seconds(12)).as_deref(), Some("about 20 s left"));
        assert_eq!(remaining(50 * MIB, 100 * MIB, seconds(150)).as_deref(), Some("about 3 min left"));
        assert_eq!(remaining(10 * MIB, 100 * MIB, seconds(3600)).as_deref(), Some("about 9 h left"));
        assert_eq!(remaining(u64::MAX / 50, u64::MAX, seconds(u64::MAX / 2)), None, "nobody waits for that");
    }

    #[test]
    fn each_stage_says_what_it_counts() {
        let second = Duration::from_secs(1);
        assert_eq!(line("discovering", None, Now::Running, second), "discovering");
        let walking = Now::Walking { files: 16_241, folders: 812 };
        assert_eq!(line("walking", None, walking, second), "walking  16241 files in 812 folders");
        let total = Some(Total { what: "files", files: 9, bytes: 10 * MIB });
        let reading = |bytes| Now::Reading { files: 3, bytes, found: Some(2) };
        assert_eq!(
            line("examining", total, reading(5 * MIB), second),
            "examining  3/9 files  2 found  5.00 MiB/10.00 MiB"
        );
        assert_eq!(
            line("examining", total, reading(5 * MIB), Duration::from_secs(12)),
            "examining  3/9 files  2 found  about 20 s left  5.00 MiB/10.00 MiB"
        );
        let logs = Now::Reading { files: 1, bytes: 11 * MIB, found: None };
        let total = Some(Total { what: "logs", files: 2, bytes: 10 * MIB });
        assert_eq!(
            line("reading logs", total, logs, Duration::from_secs(12)),
            "reading logs  1/2 logs  11.00 MiB/11.00 MiB"
        );
    }

    #[test]
    fn nothing_is_shown_and_no_thread_is_started_where_nobody_wants_it() {
        // Tests have no terminal as standard error, or are asked for nothing.
        let mut progress = Progress::new(true);
        progress.stage("discovering");
        progress.walk("walking", || Now::Running);
        progress.read("examining", Total { what: "files", files: 1, bytes: 1 }, || Now::Running);
        assert!(progress.stage.is_none());
    }

    #[test]
    fn a_stage_ends_at_once() {
        let begin = Instant::now();
        for _ in 0..20 {
            let mut progress = Progress { is_shown: true, stage: None };
            progress.stage("discovering");
            progress.clear();
        }
        assert!(begin.elapsed() < EVERY * 10, "no stage waits for the next time to draw: {:?}", begin.elapsed());
    }
}
