//! Work in a separate thread that can be abandoned.

use super::{GRACE, Post, TICK, stopped_for, too_many};
use crate::model::Problem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};

/// The stack of an errand, whatever the limits of the process say of its first thread's.
const STACK: usize = 8 << 20;

/// Why an errand came to no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The run is ending.
    Stopped,
    /// Too many questions had no answer.
    Silent,
    /// It panicked.
    Panicked,
}

/// Work that is done beside, by a thread that is given up where the evidence does not answer it. It is then begun anew, so it
/// must depend on nothing but what it was given.
pub struct Errand<T> {
    work: Arc<dyn Fn() -> T + Send + Sync>,
    runs: Running<T>,
}

/// One try.
enum Running<T> {
    Done(std::thread::Result<T>),
    Beside(Receiver<std::thread::Result<T>>, Arc<Post>),
}

impl<T: Send + 'static> Errand<T> {
    /// Begins. Where the system has no thread left, the work is done here and now.
    pub fn start(work: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let work: Arc<dyn Fn() -> T + Send + Sync> = Arc::new(work);
        Self { runs: begin(&work), work }
    }

    /// Waits until it is done; what had no answer is added to `problems`. When the run is stopped, it has a moment left.
    pub fn wait(self, problems: &mut Vec<Problem>) -> Result<T, Left> {
        let Self { work, mut runs } = self;
        loop {
            let (receiver, post) = match runs {
                Running::Done(done) => return done.map_err(|_| Left::Panicked),
                Running::Beside(receiver, post) => (receiver, post),
            };
            match receiver.recv_timeout(TICK) {
                Ok(done) => return done.map_err(|_| Left::Panicked),
                Err(RecvTimeoutError::Disconnected) => return Err(Left::Panicked),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if stopped_for().is_some_and(|time| time > GRACE) {
                problems.extend(post.left());
                post.give_up();
                return Err(Left::Stopped);
            }
            runs = match post.give_up_if_silent() {
                None => Running::Beside(receiver, post),
                Some(silence) => {
                    problems.push(silence.problem);
                    if silence.too_many {
                        problems.push(too_many());
                        return Err(Left::Silent);
                    }
                    begin(&work)
                }
            };
        }
    }
}

fn begin<T: Send + 'static>(work: &Arc<dyn Fn() -> T + Send + Sync>) -> Running<T> {
    let (posts, post) = mpsc::sync_channel(1);
    let (sender, receiver) = mpsc::sync_channel(1);
    let own = work.clone();
    let started = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        let _ = posts.send(Post::own());
        let _ = sender.send(catch_unwind(AssertUnwindSafe(|| own())));
    });
    match (started, post.recv()) {
        (Ok(_), Ok(post)) => Running::Beside(receiver, post),
        _ => Running::Done(catch_unwind(AssertUnwindSafe(|| work()))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{What, ask};
    use super::*;
    use crate::model::{ProblemKind, ServerPath};
    use shellsift_disk::ReadAt;
    use std::sync::Mutex;
    use std::time::Duration;

    /// How long is waited is one for all threads: tests that set it run one after another.
    static PATIENCE: Mutex<()> = Mutex::new(());

    #[test]
    fn work_that_waits_in_vain_is_begun_anew_without_its_question() {
        let _alone = PATIENCE.lock();
        crate::watch::wait_at_most(Duration::from_millis(100));
        let path = ServerPath::drive('Q').join("errand");
        let errand = Errand::start(move || {
            let answer = ask(What::List, &path, || {
                std::thread::sleep(Duration::from_secs(600));
                Ok(())
            });
            answer.is_err_and(|error| super::super::is_silence(&error))
        });
        let mut problems = Vec::new();
        assert_eq!(errand.wait(&mut problems), Ok(true));
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].kind, ProblemKind::ReadTimedOut);
        crate::watch::wait_at_most(Duration::from_secs(30));
    }

    /// A device that looks whether each read of it is registered, and hangs at one place.
    struct Device(ServerPath);

    impl ReadAt for Device {
        fn len(&self) -> u64 {
            1 << 20
        }

        fn read_at(&self, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
            let asked = Post::own().asked().clone().expect("a question");
            let place = self.0.join(&format!("offset {}", at >> 16 << 16));
            assert_eq!((asked.what, asked.path), (What::Read, place));
            if (at..at + buffer.len() as u64).contains(&(520 << 10)) {
                std::thread::sleep(Duration::from_secs(600));
            }
            buffer.fill(7);
            Ok(buffer.len())
        }
    }

    #[test]
    fn every_read_of_a_device_is_registered_and_a_place_that_hangs_costs_no_other() {
        let _alone = PATIENCE.lock();
        crate::watch::wait_at_most(Duration::from_millis(100));
        let path = ServerPath::drive('R');
        let device = Arc::new(crate::device::over(Arc::new(Device(path.clone())), path));
        let errand = Errand::start(move || {
            let mut buffer = [0; 600];
            // What hung is begun anew, and is an error at once then.
            let hung = [520_u64 << 10, 513 << 10]
                .map(|at| device.read_at(&mut [0; 600], at).is_err_and(|error| super::super::is_silence(&error)));
            let others = [1000, 511 << 10, 576 << 10].map(|at| device.read_at(&mut buffer, at).ok());
            (hung, others, buffer[599])
        });
        let mut problems = Vec::new();
        assert_eq!(errand.wait(&mut problems), Ok(([true; 2], [Some(600); 3], 7)));
        assert_eq!((problems.len(), problems[0].kind), (1, ProblemKind::ReadTimedOut));
        assert!(problems[0].path.as_ref().is_some_and(|path| path.as_str().ends_with(r"offset 524288")));
        crate::watch::wait_at_most(Duration::from_secs(30));
    }

    #[test]
    fn a_panic_is_no_end_without_a_word() {
        let errand: Errand<()> = Errand::start(|| std::panic::resume_unwind(Box::new("test")));
        assert_eq!(errand.wait(&mut Vec::new()), Err(Left::Panicked));
    }
}
