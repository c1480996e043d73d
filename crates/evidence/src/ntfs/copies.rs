//! The shadow copy of a volume that is open.

use shellsift_disk::shadow::Shadows;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a copy is waited for that another thread opens. That thread may have been given up, because a read hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The shadow copies of a volume. One of them is open at a time, because each has a table of records of its own.
pub(super) struct Copies<V> {
    pub(super) shadows: Arc<Shadows>,
    open: Mutex<Open<V>>,
    opened: Condvar,
}

struct Open<V> {
    copy: Option<(u32, Arc<V>)>,
    /// Whether a thread opens one.
    is_under_way: bool,
}

impl<V> Copies<V> {
    pub(super) fn new(shadows: Arc<Shadows>) -> Self {
        Self { shadows, open: Mutex::new(Open { copy: None, is_under_way: false }), opened: Condvar::new() }
    }

    /// The copy of this number, opened by `open` if it is not open. The lock is not held meanwhile: reads may hang.
    pub(super) fn get(&self, number: u32, open: impl FnOnce(&Shadows) -> io::Result<V>) -> io::Result<Arc<V>> {
        let begin = Instant::now();
        let mut state = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some((_, volume)) = state.copy.as_ref().filter(|(known, _)| *known == number) {
                return Ok(Arc::clone(volume));
            }
            let Some(left) = PATIENCE.checked_sub(begin.elapsed()).filter(|_| state.is_under_way) else { break };
            let waited = self.opened.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        // Its table goes before the next one is made.
        *state = Open { copy: None, is_under_way: true };
        drop(state);
        let opened = open(&self.shadows).map(Arc::new);
        let mut state = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_under_way = false;
        if let Ok(volume) = &opened {
            state.copy = Some((number, Arc::clone(volume)));
        }
        self.opened.notify_all();
        opened
    }
}
