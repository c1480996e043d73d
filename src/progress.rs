//! The bar on a terminal; knows nothing but counts.

use crate::scan::Counters;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// A bar on standard error, drawn from counters until it is dropped.
pub struct Bar {
    bar: ProgressBar,
    done: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    /// Starts to draw. `files` and `bytes` are the totals.
    pub fn start(files: u64, bytes: u64, counters: Arc<Counters>) -> Self {
        let bar = ProgressBar::with_draw_target(Some(bytes.max(1)), ProgressDrawTarget::stderr_with_hz(8));
        let template = "{bar:24} {msg}  {binary_bytes}/{binary_total_bytes}  {binary_bytes_per_sec}  {eta} left";
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        let done = Arc::new(AtomicBool::new(false));
        let (drawn, finished) = (bar.clone(), done.clone());
        let thread = std::thread::spawn(move || {
            while !finished.load(Ordering::Relaxed) {
                let (seen, finds) = (counters.files.load(Ordering::Relaxed), counters.findings.load(Ordering::Relaxed));
                drawn.set_position(counters.bytes.load(Ordering::Relaxed));
                drawn.set_message(format!("{seen}/{files} files  {finds} found"));
                std::thread::sleep(Duration::from_millis(125));
            }
        });
        Self { bar, done, thread: Some(thread) }
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
