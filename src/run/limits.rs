//! Resource limits of the process, checked once before anything is opened instead of failing in the middle.

use crate::error::Result;

/// The address space that a run takes whatever it examines: the rules, above all.
#[cfg(unix)]
const FIXED: u64 = 448 << 20;
/// What each thread takes beside: its scanners, its stack, its share of the allocator.
#[cfg(unix)]
const EACH: u64 = 256 << 20;
/// Files that are open at once, at most.
#[cfg(unix)]
const FILES: u64 = 32;

/// How many of these threads may work. Errors if the limits of the process are too narrow for one.
#[cfg(unix)]
pub(super) fn threads(wanted: usize) -> Result<usize> {
    use crate::error::Error;
    use rustix::process::{Resource, getrlimit};
    let refused = |words: String| Err(Error::Limit(words));
    let memory = [(Resource::As, "-v"), (Resource::Data, "-d")];
    let memory = memory.into_iter().filter_map(|(resource, option)| Some((getrlimit(resource).current?, option)));
    let mut threads = wanted;
    if let Some((most, option)) = memory.min() {
        if most < FIXED + EACH {
            let (most, needed) = (most >> 10, (FIXED + EACH) >> 10);
            return refused(format!(
                "the memory limit (ulimit {option}) is {most} KiB; a run needs at least {needed} KiB"
            ));
        }
        threads = threads.min(usize::try_from((most - FIXED) / EACH).unwrap_or(1).max(1));
    }
    if let Some(most) = getrlimit(Resource::Nofile).current.filter(|most| *most < FILES) {
        return refused(format!("the limit of open files (ulimit -n) is {most}; a run opens up to {FILES}"));
    }
    // One for the signals, one for the steps, one for the rules' time, and those that work.
    let alive = std::sync::Arc::new(());
    let tries: Vec<_> = (0..3)
        .map(|_| {
            let alive = alive.clone();
            std::thread::Builder::new().spawn(move || drop(alive))
        })
        .collect();
    for one in tries {
        match one {
            Ok(thread) => drop(thread.join()),
            Err(error) => {
                return refused(format!("no thread can be created (ulimit -u): {error}"));
            }
        }
    }
    Ok(threads)
}

#[cfg(not(unix))]
pub(super) fn threads(wanted: usize) -> Result<usize> {
    Ok(wanted)
}
