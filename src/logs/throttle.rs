//! Throttling of the workers.

use std::time::{Duration, Instant};

/// How politely the workers work.
#[derive(Clone, Copy, Debug)]
pub struct Throttle {
    /// Called by each worker when it starts.
    pub on_worker: fn(),
    /// The share of the time, in percent, that a worker may work; from 1 to 100.
    cpu_limit: u8,
}

impl Throttle {
    /// With the share brought into its bounds.
    pub fn new(cpu_limit: u8, on_worker: fn()) -> Self {
        Self { on_worker, cpu_limit: cpu_limit.clamp(1, 100) }
    }

    /// Whether no rest is needed.
    pub(super) fn is_full(&self) -> bool {
        self.cpu_limit == 100
    }

    /// Rests after some work, as long as the share asks for.
    pub(super) fn rest(&self, worked: Duration) {
        if !self.is_full() {
            std::thread::sleep(worked.mul_f64(100.0 / f64::from(self.cpu_limit) - 1.0));
        }
    }

    /// Does a piece of work and rests.
    pub(super) fn work<T>(&self, work: impl FnOnce() -> T) -> T {
        if self.is_full() {
            return work();
        }
        let begin = Instant::now();
        let done = work();
        self.rest(begin.elapsed());
        done
    }
}

impl Default for Throttle {
    /// At full speed.
    fn default() -> Self {
        Self::new(100, || {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_time_is_rested() {
        let begin = Instant::now();
        Throttle::new(25, || {}).work(|| std::thread::sleep(Duration::from_millis(20)));
        assert!(begin.elapsed() >= Duration::from_millis(79), "{:?}", begin.elapsed());
        let begin = Instant::now();
        Throttle::default().work(|| ());
        assert!(begin.elapsed() < Duration::from_millis(50));
        assert_eq!(Throttle::new(0, || {}).cpu_limit, 1);
    }
}
