//! Worker threads that process numbered items and report each. A thread that hangs in evidence I/O is abandoned, and
//! its item is processed by another.

use super::{GRACE, Post, Silence, TICK, too_many, unpoisoned};
use crate::model::{Problem, ProblemKind};
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, Condvar, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

/// How many results a thread gathers before it hands them on, unless there is something to report.
const BATCH: usize = 32;
/// How many such batches may wait to be reported; then the threads wait.
const WAITING: usize = 64;
/// How often an item is begun anew.
const TRIES: usize = 4;

/// A thread's work.
pub type Work<'j> = Box<dyn FnOnce() + Send + 'j>;

/// Starts threads.
pub type Spawn<'c, 'j> = &'c dyn Fn(Work<'j>) -> io::Result<()>;

/// Starts a thread that nobody joins: a read that hangs holds up nothing but itself.
pub fn detached(work: Work<'static>) -> io::Result<()> {
    std::thread::Builder::new().spawn(work).map(drop)
}

/// What became of an item.
pub enum ItemEvent<T> {
    /// It is done.
    Done(T),
    /// A call about it had no answer in time; it is begun anew.
    Silent(Problem),
    /// It takes so long that it will never end: it is left.
    Stuck,
    /// The thread that was at it ended without a word: an error of the program.
    Died,
    /// The run was stopped while it was under way, or nobody can do it.
    Left(Option<Problem>),
}

/// What was left when the work ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// Items that nobody did, and about which nothing else was reported.
    pub open: usize,
    /// Threads that ended without a word between two items.
    pub idle: usize,
}

impl Rest {
    /// What is wrong, if something is: `what` names the items (`event logs`).
    pub fn problem(self, what: &str, kind: ProblemKind) -> Option<Problem> {
        let open = (self.open > 0).then(|| format!("{} {what} were not read to their end", self.open));
        let idle = (self.idle > 0)
            .then(|| format!("{} worker threads ended by an internal error; please report it", self.idle));
        let words: Vec<String> = open.into_iter().chain(idle).collect();
        (!words.is_empty()).then(|| Problem::general(kind, words.join("; ")))
    }
}

/// The message about an item whose thread died.
pub const DIED: &str = "internal error: the thread that was at this ended; please report it";

/// What the threads share.
struct Shared<'j, T> {
    next: AtomicUsize,
    total: usize,
    /// Items to be done once more.
    again: Mutex<Vec<usize>>,
    stop: AtomicBool,
    interrupted: &'j AtomicBool,
    sender: SyncSender<Vec<(usize, T)>>,
}

impl<T> Shared<'_, T> {
    fn stopping(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.interrupted.load(Ordering::Relaxed)
    }
}

const NOTHING: usize = usize::MAX;

/// One thread, as the others see it.
struct Seat<T> {
    post: OnceLock<Arc<Post>>,
    doing: AtomicUsize,
    /// What is done and not handed on yet.
    ready: Mutex<Vec<(usize, T)>>,
    ended: AtomicBool,
    /// It panicked.
    died: AtomicBool,
}

impl<T> Seat<T> {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            post: OnceLock::new(),
            doing: AtomicUsize::new(NOTHING),
            ready: Mutex::default(),
            ended: AtomicBool::new(false),
            died: AtomicBool::new(false),
        })
    }
}

/// One thread's hold on the items.
pub struct Hand<'j, T> {
    shared: Arc<Shared<'j, T>>,
    seat: Arc<Seat<T>>,
    post: Arc<Post>,
}

impl<T> Hand<'_, T> {
    /// The next item; `None` when it is time to end.
    pub fn next(&self) -> Option<usize> {
        if self.shared.stopping() || self.post.is_given_up() {
            return None;
        }
        let at = unpoisoned(&self.shared.again).pop().or_else(|| {
            let at = self.shared.next.load(Ordering::Relaxed);
            // Asked before it is counted, so that it never runs over whatever the number of threads.
            (at < self.shared.total).then(|| self.shared.next.fetch_add(1, Ordering::Relaxed))
        })?;
        self.post.gets_on();
        self.seat.doing.store(at, Ordering::Release);
        (at < self.shared.total).then_some(at)
    }

    /// Whether the run is being stopped.
    pub fn stopping(&self) -> bool {
        self.shared.stopping()
    }

    /// Hands on what became of an item; `hurry` if somebody waits for it.
    pub fn done(&self, at: usize, outcome: T, hurry: bool) {
        let batch = {
            let mut ready = unpoisoned(&self.seat.ready);
            if self.post.is_given_up() {
                return;
            }
            ready.push((at, outcome));
            self.seat.doing.store(NOTHING, Ordering::Release);
            if hurry || ready.len() >= BATCH { std::mem::take(&mut *ready) } else { Vec::new() }
        };
        if !batch.is_empty() && self.shared.sender.send(batch).is_err() {
            self.shared.stop.store(true, Ordering::Relaxed);
        }
    }
}

impl<T> Drop for Hand<'_, T> {
    fn drop(&mut self) {
        let batch = std::mem::take(&mut *unpoisoned(&self.seat.ready));
        if self.post.is_given_up() {
            return;
        }
        self.seat.died.store(std::thread::panicking(), Ordering::Release);
        // Also an empty one, so that whoever waits sees that this thread has ended.
        let _ = self.shared.sender.send(batch);
        self.seat.ended.store(true, Ordering::Release);
    }
}

/// Gets what became of an item, and returns whether to go on.
type Report<'r, T> = &'r mut dyn FnMut(usize, ItemEvent<T>) -> bool;

/// Lets `threads` threads work through the items from 0 to `total`; each runs `work` once, which takes items from its hand until
/// there is none. If the system provides fewer threads, those do it; if it provides none, the calling one works. What becomes of
/// each item is passed to `report` at once; `report` returns whether to go on.
pub fn run<'j, T: Send + 'j>(
    (threads, spawn): (usize, Spawn<'_, 'j>),
    total: usize,
    interrupted: &'j AtomicBool,
    work: impl Fn(&Hand<'j, T>) + Send + Sync + 'j,
    report: Report<'_, T>,
) -> Rest {
    let (sender, receiver) = mpsc::sync_channel(WAITING);
    let (next, stop, again) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::default());
    let shared = Arc::new(Shared { next, total, again, stop, interrupted, sender });
    let work = Arc::new(work);
    let hire = || {
        let seat = Seat::new();
        let (shared, own, work) = (shared.clone(), seat.clone(), work.clone());
        let started = spawn(Box::new(move || {
            let post = Post::own();
            let _ = own.post.set(post.clone());
            work(&Hand { shared, seat: own, post });
        }));
        started.is_ok().then_some(seat)
    };
    let seats: Vec<_> = (0..threads.clamp(1, total.max(1))).map_while(|_| hire()).collect();
    if seats.is_empty() {
        return Rest { open: alone(&shared, &*work, receiver, report), idle: 0 };
    }
    let shared = &*shared;
    let mut crew = Crew { shared, seats, hire: &hire, threads, open: total, tries: HashMap::new(), died: 0, idle: 0 };
    crew.wait(&receiver, report);
    crew.close(&receiver, report)
}

/// The threads at work, as seen by the one that waits for them.
struct Crew<'c, 'j, T> {
    shared: &'c Shared<'j, T>,
    seats: Vec<Arc<Seat<T>>>,
    hire: &'c dyn Fn() -> Option<Arc<Seat<T>>>,
    /// How many threads were requested.
    threads: usize,
    /// Items without a result.
    open: usize,
    /// How often an item was begun anew.
    tries: HashMap<usize, usize>,
    died: usize,
    idle: usize,
}

impl<T> Crew<'_, '_, T> {
    /// Takes results until none is missing, the run is stopped, or no thread is left.
    fn wait(&mut self, receiver: &mpsc::Receiver<Vec<(usize, T)>>, report: Report<'_, T>) {
        let mut stopping: Option<Instant> = None;
        let mut looked = Instant::now();
        while self.open > 0 {
            if let Ok(batch) = receiver.recv_timeout(TICK)
                && !self.done(batch, report)
            {
                self.shared.stop.store(true, Ordering::Relaxed);
            }
            if self.shared.stopping() {
                let waited = stopping.get_or_insert_with(Instant::now).elapsed();
                if waited > GRACE || self.all_ended() {
                    break;
                }
            }
            if looked.elapsed() < TICK {
                continue;
            }
            looked = Instant::now();
            let mut missing = 0;
            for seat in std::mem::take(&mut self.seats) {
                match self.check(&seat, report) {
                    None => self.seats.push(seat),
                    Some(replace) => missing += usize::from(replace),
                }
            }
            for _ in 0..missing {
                self.hire();
            }
            // Where all have ended and items are left, they were handed out again too late.
            if self.all_ended() {
                let again = !unpoisoned(&self.shared.again).is_empty() && !self.shared.stopping();
                if !(again && self.hire()) {
                    break;
                }
            }
        }
    }

    fn hire(&mut self) -> bool {
        let seat = (self.hire)();
        let started = seat.is_some();
        self.seats.extend(seat);
        started
    }

    fn all_ended(&self) -> bool {
        self.seats.iter().all(|seat| seat.ended.load(Ordering::Acquire))
    }

    /// Reports finished items; whether anybody listened to all of it.
    fn done(&mut self, batch: Vec<(usize, T)>, report: Report<'_, T>) -> bool {
        let mut listening = true;
        for (at, outcome) in batch {
            self.open -= 1;
            listening &= report(at, ItemEvent::Done(outcome));
        }
        listening
    }

    /// Checks one thread. `None` if it goes on; otherwise it is out, and the answer is whether another one takes its place.
    fn check(&mut self, seat: &Seat<T>, report: Report<'_, T>) -> Option<bool> {
        if seat.ended.load(Ordering::Acquire) && seat.died.load(Ordering::Acquire) {
            self.died += 1;
            match seat.doing.load(Ordering::Acquire) {
                NOTHING => self.idle += 1,
                at => {
                    self.open -= 1;
                    report(at, ItemEvent::Died);
                }
            }
            // As often as there are threads: what kills each of them kills all that follow.
            return Some(self.died <= self.threads);
        }
        let post = seat.post.get()?;
        let silence = post.give_up_if_silent();
        let busy = seat.doing.load(Ordering::Acquire) != NOTHING;
        if silence.is_none() && !(busy && post.give_up_if_stuck()) {
            return None;
        }
        let ready = std::mem::take(&mut *unpoisoned(&seat.ready));
        self.done(ready, report);
        let at = seat.doing.load(Ordering::Acquire);
        let Some(silence) = silence else {
            if at != NOTHING {
                self.open -= 1;
                report(at, ItemEvent::Stuck);
            }
            return Some(true);
        };
        let too_many_silent = silence.too_many;
        if at != NOTHING {
            self.begin_anew(at, silence, report);
        }
        if too_many_silent {
            self.shared.stop.store(true, Ordering::Relaxed);
        }
        Some(true)
    }

    /// Gives an item whose thread waits in vain to another thread, unless it was given often enough.
    fn begin_anew(&mut self, at: usize, silence: Silence, report: Report<'_, T>) {
        report(at, ItemEvent::Silent(silence.problem.clone()));
        let tried = self.tries.entry(at).or_default();
        *tried += 1;
        if *tried < TRIES && !silence.too_many {
            unpoisoned(&self.shared.again).push(at);
        } else {
            self.open -= 1;
            report(at, ItemEvent::Left(Some(if silence.too_many { too_many() } else { silence.problem })));
        }
    }

    /// Stops all threads, and reports what they have finished and what they leave.
    fn close(mut self, receiver: &mpsc::Receiver<Vec<(usize, T)>>, report: Report<'_, T>) -> Rest {
        self.shared.stop.store(true, Ordering::Relaxed);
        // What is ready is reported, whoever made it.
        while let Ok(batch) = receiver.recv_timeout(Duration::from_millis(1)) {
            self.done(batch, report);
        }
        for seat in std::mem::take(&mut self.seats) {
            let (ready, at) = {
                let mut ready = unpoisoned(&seat.ready);
                if let Some(post) = seat.post.get().filter(|_| !seat.ended.load(Ordering::Acquire)) {
                    post.give_up();
                }
                (std::mem::take(&mut *ready), seat.doing.load(Ordering::Acquire))
            };
            self.done(ready, report);
            let dead = seat.died.load(Ordering::Acquire);
            match at {
                NOTHING => self.idle += usize::from(dead),
                at if dead => {
                    self.open -= 1;
                    report(at, ItemEvent::Died);
                }
                at => drop(report(at, ItemEvent::Left(seat.post.get().and_then(|post| post.left())))),
            }
        }
        Rest { open: self.open, idle: self.idle }
    }
}

/// Without any other thread: nobody watches, but the work is done.
fn alone<'j, T>(
    shared: &Arc<Shared<'j, T>>,
    work: &dyn Fn(&Hand<'j, T>),
    receiver: mpsc::Receiver<Vec<(usize, T)>>,
    report: Report<'_, T>,
) -> usize {
    let mut open = shared.total;
    let seat = Seat::new();
    // One item a turn, since what is handed on waits in a queue of bounded length.
    for at in 0..shared.total {
        if shared.stopping() {
            break;
        }
        let (next, total, again) = (AtomicUsize::new(at), at + 1, Mutex::default());
        let (stop, sender) = (AtomicBool::new(false), shared.sender.clone());
        let one = Arc::new(Shared { next, total, again, stop, interrupted: shared.interrupted, sender });
        work(&Hand { shared: one, seat: seat.clone(), post: Post::own() });
        for (at, outcome) in receiver.try_iter().flatten() {
            open -= 1;
            if !report(at, ItemEvent::Done(outcome)) {
                shared.stop.store(true, Ordering::Relaxed);
            }
        }
    }
    open
}

/// Something that one thread has at a time, and loses when it is given up.
#[derive(Debug, Default)]
pub struct Turn {
    holder: Mutex<Weak<Post>>,
    free: Condvar,
}

/// The turn, until it is dropped.
pub struct Mine<'t>(&'t Turn);

impl Turn {
    /// Waits for the turn. `None` if the calling thread is not to go on.
    pub fn take(&self, stopping: impl Fn() -> bool) -> Option<Mine<'_>> {
        let own = Post::own();
        let mut holder = unpoisoned(&self.holder);
        loop {
            // Whoever waits its turn is not stuck.
            own.gets_on();
            if own.is_given_up() || stopping() {
                return None;
            }
            if holder.upgrade().is_none_or(|post| post.is_given_up()) {
                *holder = Arc::downgrade(&own);
                return Some(Mine(self));
            }
            let waited = self.free.wait_timeout(holder, Duration::from_millis(100));
            holder = waited.map_or_else(|poisoned| poisoned.into_inner().0, |(holder, _)| holder);
        }
    }
}

impl Drop for Mine<'_> {
    fn drop(&mut self) {
        let mut holder = unpoisoned(&self.0.holder);
        if holder.upgrade().is_some_and(|post| Arc::ptr_eq(&post, &Post::own())) {
            *holder = Weak::new();
            self.0.free.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{What, ask};
    use super::*;
    use crate::model::ServerPath;
    use std::collections::BTreeSet;

    fn squares(hand: &Hand<'static, usize>) {
        while let Some(at) = hand.next() {
            hand.done(at, at * at, at % 7 == 0);
        }
    }

    static NEVER: AtomicBool = AtomicBool::new(false);

    #[test]
    fn every_item_is_done_once_by_any_number_of_threads() {
        let none = |_: Work<'static>| Err(io::ErrorKind::WouldBlock.into());
        for (threads, spawn) in [1, 2, 128, 129, 256]
            .map(|threads| (threads, &detached as Spawn<'_, 'static>))
            .into_iter()
            .chain([(4, &none as _)])
        {
            for total in [0, 1, 33, 5000] {
                let mut seen = BTreeSet::new();
                let left = run((threads, spawn), total, &NEVER, squares, &mut |at, event| {
                    assert!(matches!(event, ItemEvent::Done(square) if square == at * at) && seen.insert(at));
                    true
                });
                assert_eq!((seen.len(), left), (total, Rest::default()), "{threads} threads");
            }
        }
    }

    #[test]
    fn nobody_works_for_nobody_and_a_stopped_run_ends() {
        let mut event = 0;
        let left = run((4, &detached), 1_000_000, &NEVER, squares, &mut |_, _| {
            event += 1;
            false
        });
        assert!(left.open > 0 && event < 100_000, "{event}");
        static STOP: AtomicBool = AtomicBool::new(false);
        let begin = Instant::now();
        let slow = |hand: &Hand<'static, usize>| {
            while let Some(at) = hand.next() {
                if at == 3 {
                    std::thread::sleep(Duration::from_secs(600));
                }
                hand.done(at, at, true);
            }
        };
        let mut done = BTreeSet::new();
        run((2, &detached), 10, &STOP, slow, &mut |at, event| {
            if matches!(event, ItemEvent::Done(_)) {
                done.insert(at);
            }
            STOP.store(done.len() == 9, Ordering::Relaxed);
            true
        });
        assert!(done.len() == 9 && begin.elapsed() < Duration::from_secs(30), "{done:?}");
    }

    #[test]
    fn an_item_whose_question_has_no_answer_is_begun_anew_and_a_panic_leaves_the_others() {
        crate::watch::wait_at_most(Duration::from_millis(200));
        let work = |hand: &Hand<'static, bool>| {
            while let Some(at) = hand.next() {
                let path = ServerPath::drive('Q').join(&format!("crew{at}"));
                let answer = ask(What::Read, &path, || {
                    if at == 5 {
                        std::thread::sleep(Duration::from_secs(600));
                    }
                    Ok(())
                });
                if at == 7 {
                    std::panic::resume_unwind(Box::new("test"));
                }
                hand.done(at, answer.is_ok(), false);
            }
        };
        let (mut done, mut silent, mut died) = (Vec::new(), 0, Vec::new());
        let left = run((3, &detached), 40, &NEVER, work, &mut |at, event| {
            match event {
                ItemEvent::Done(answered) => done.push((at, answered)),
                ItemEvent::Silent(problem) => {
                    assert!(problem.path.is_some_and(|path| path.name() == "crew5"));
                    silent += 1;
                }
                ItemEvent::Died => died.push(at),
                ItemEvent::Stuck | ItemEvent::Left(_) => {}
            }
            true
        });
        assert_eq!((done.len(), silent, left, died), (39, 1, Rest::default(), vec![7]));
        assert!(done.contains(&(5, false)) && done.contains(&(6, true)));
        crate::watch::wait_at_most(Duration::from_secs(30));
    }

    #[test]
    fn a_worker_that_dies_is_reported_and_its_work_done_by_others() {
        // One dies with an item, one between two, and one that follows at once.
        let work = |hand: &Hand<'static, usize>| {
            while let Some(at) = hand.next() {
                if at == 2 {
                    std::panic::resume_unwind(Box::new("test"));
                }
                hand.done(at, at, true);
                if at == 4 {
                    std::panic::resume_unwind(Box::new("test"));
                }
            }
        };
        for threads in [1, 4] {
            let (mut done, mut died) = (BTreeSet::new(), Vec::new());
            let rest = run((threads, &detached), 50, &NEVER, work, &mut |at, event| {
                match event {
                    ItemEvent::Done(_) => drop(done.insert(at)),
                    ItemEvent::Died => died.push(at),
                    _ => panic!("nothing else happens to {at}"),
                }
                true
            });
            assert_eq!(died, [2], "{threads}");
            assert!(rest.idle <= 1 && done.len() + 1 + rest.open == 50, "{threads}: {} {rest:?}", done.len());
            assert_eq!(rest.problem("files", ProblemKind::DetectorAborted).is_some(), rest.idle + rest.open > 0);
        }
        let all = run(
            (2, &detached),
            10,
            &NEVER,
            |_: &Hand<'static, ()>| std::panic::resume_unwind(Box::new("t")),
            &mut |_, _| true,
        );
        let problem = all.problem("files", ProblemKind::DetectorAborted).expect("reported");
        assert!(all.open == 10 && all.idle > 0 && problem.message.contains("worker threads"), "{problem:?}");
    }
}
