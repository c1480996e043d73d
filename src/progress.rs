//! The progress bar.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// What there is to show of a run at a moment.
pub struct Now {
    /// Files finished.
    pub files: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Findings so far, where they are counted.
    pub found: Option<u64>,
}

/// A bar on standard error, drawn from counters until it is dropped.
pub struct Bar {
    bar: ProgressBar,
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    /// Starts to draw what `look` returns. `files` and `bytes` are the totals, `what` names them (`files`, `logs`).
    pub fn start(what: &'static str, files: u64, bytes: u64, look: impl Fn() -> Now + Send + 'static) -> Self {
        let bar = ProgressBar::with_draw_target(Some(bytes.max(1)), ProgressDrawTarget::stderr_with_hz(8));
        let template = "{bar:24} {msg}  {binary_bytes}/{binary_total_bytes}  {binary_bytes_per_sec}  {eta} left";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        let done = Arc::new(AtomicBool::new(false));
        let (drawn, finished) = (bar.clone(), done.clone());
        // Where the system has no thread left, nothing is drawn.
        let thread = std::thread::Builder::new().spawn(move || {
            while !finished.load(Ordering::Relaxed) {
                let now = look();
                let found = now.found.map_or(String::new(), |found| format!("  {found} found"));
                drawn.set_position(now.bytes);
                drawn.set_message(format!("{}/{files} {what}{found}", now.files));
                std::thread::sleep(Duration::from_millis(125));
            }
        });
        Self { bar, done, thread: thread.ok() }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.bar.finish_and_clear();
    }
}
