//! Several threads that work through numbered items, told as they are done; one that the evidence does not answer is given up,
//! and its item done by another.

use super::{GRACE, Post, TICK, too_many, unpoisoned};
use crate::model::Problem;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Condvar, Mutex, OnceLock, Weak};
use std::time::{Duration, Instant};

/// How many results a thread gathers before it hands them on, unless there is something to tell.
const BATCH: usize = 32;
/// How many such batches may wait to be told; then the threads wait.
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
pub enum Told<T> {
    /// It is done.
    Done(T),
    /// A question about it had no answer; it is begun anew.
    Silent(Problem),
    /// The run was stopped while it was under way, or nobody can do it.
    Left(Option<Problem>),
}

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
        // Also an empty one, so that whoever waits sees that this thread has ended.
        let _ = self.shared.sender.send(batch);
        self.seat.ended.store(true, Ordering::Release);
    }
}

/// Lets `threads` threads work through the items from 0 to `total`; each runs `work` once, which takes items from its hand until
/// there is none. Fewer threads serve where the system gives no more; where it gives none at all, the calling one works.
/// What becomes of each item is told as it comes; `tell` says whether anybody listens.
pub fn run<'j, T: Send + 'j>(
    (threads, spawn): (usize, Spawn<'_, 'j>),
    total: usize,
    interrupted: &'j AtomicBool,
    work: impl Fn(&Hand<'j, T>) + Send + Sync + 'j,
    tell: &mut dyn FnMut(usize, Told<T>) -> bool,
) {
    let (sender, receiver) = mpsc::sync_channel(WAITING);
    let (next, stop, again) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::default());
    let shared = Arc::new(Shared { next, total, again, stop, interrupted, sender });
    let work = Arc::new(work);
    let hire = |seats: &mut Vec<Arc<Seat<T>>>| {
        let seat = Arc::new(Seat {
            post: OnceLock::new(),
            doing: AtomicUsize::new(NOTHING),
            ready: Mutex::default(),
            ended: AtomicBool::new(false),
        });
        let (shared, own, work) = (shared.clone(), seat.clone(), work.clone());
        let started = spawn(Box::new(move || {
            let post = Post::own();
            let _ = own.post.set(post.clone());
            work(&Hand { shared, seat: own, post });
        }));
        if started.is_ok() {
            seats.push(seat);
        }
        started.is_ok()
    };
    let mut seats = Vec::new();
    for _ in 0..threads.clamp(1, total.max(1)) {
        if !hire(&mut seats) {
            break;
        }
    }
    if seats.is_empty() {
        return alone(&shared, &*work, receiver, tell);
    }

    let mut open = total;
    let mut tries: HashMap<usize, usize> = HashMap::new();
    let mut stopping: Option<Instant> = None;
    let mut looked = Instant::now();
    while open > 0 {
        match receiver.recv_timeout(TICK) {
            Ok(batch) => {
                for (at, outcome) in batch {
                    open -= 1;
                    if !tell(at, Told::Done(outcome)) {
                        shared.stop.store(true, Ordering::Relaxed);
                    }
                }
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
        if shared.stopping() {
            let waited = stopping.get_or_insert_with(Instant::now).elapsed();
            if waited > GRACE || seats.iter().all(|seat| seat.ended.load(Ordering::Acquire)) {
                break;
            }
        }
        if looked.elapsed() < TICK {
            continue;
        }
        looked = Instant::now();
        let mut hired = 0;
        seats.retain(|seat| {
            let Some(silence) = seat.post.get().and_then(|post| post.give_up_if_silent()) else { return true };
            for (at, outcome) in std::mem::take(&mut *unpoisoned(&seat.ready)) {
                open -= 1;
                tell(at, Told::Done(outcome));
            }
            let at = seat.doing.load(Ordering::Acquire);
            if at != NOTHING {
                tell(at, Told::Silent(silence.problem));
                let tried = tries.entry(at).or_default();
                *tried += 1;
                if *tried < TRIES && !silence.too_many {
                    unpoisoned(&shared.again).push(at);
                } else {
                    open -= 1;
                    tell(at, Told::Left(silence.too_many.then(too_many)));
                }
            }
            if silence.too_many {
                shared.stop.store(true, Ordering::Relaxed);
            }
            hired += 1;
            false
        });
        for _ in 0..hired {
            hire(&mut seats);
        }
        // A thread that ended with an item in its hands has panicked; where all have ended and items are left, they were
        // handed out again too late.
        if !seats.iter().any(|seat| !seat.ended.load(Ordering::Acquire)) {
            let again = !unpoisoned(&shared.again).is_empty() && !shared.stopping();
            if !(again && hire(&mut seats)) {
                break;
            }
        }
    }
    shared.stop.store(true, Ordering::Relaxed);
    // What is ready is told, whoever made it.
    while let Ok(batch) = receiver.recv_timeout(Duration::from_millis(1)) {
        for (at, outcome) in batch {
            tell(at, Told::Done(outcome));
        }
    }
    for seat in &seats {
        let (ready, at) = {
            let mut ready = unpoisoned(&seat.ready);
            if let Some(post) = seat.post.get().filter(|_| !seat.ended.load(Ordering::Acquire)) {
                post.give_up();
            }
            (std::mem::take(&mut *ready), seat.doing.load(Ordering::Acquire))
        };
        for (at, outcome) in ready {
            tell(at, Told::Done(outcome));
        }
        if at != NOTHING {
            tell(at, Told::Left(seat.post.get().and_then(|post| post.left())));
        }
    }
}

/// Without any other thread: nobody watches, but the work is done.
fn alone<'j, T>(
    shared: &Arc<Shared<'j, T>>,
    work: &dyn Fn(&Hand<'j, T>),
    receiver: mpsc::Receiver<Vec<(usize, T)>>,
    tell: &mut dyn FnMut(usize, Told<T>) -> bool,
) {
    let seat = Arc::new(Seat {
        post: OnceLock::new(),
        doing: AtomicUsize::new(NOTHING),
        ready: Mutex::default(),
        ended: AtomicBool::new(false),
    });
    // One item a turn, since what is handed on waits in a queue of bounded length.
    for at in 0..shared.total {
        if shared.stopping() {
            return;
        }
        let (next, total, again) = (AtomicUsize::new(at), at + 1, Mutex::default());
        let (stop, sender) = (AtomicBool::new(false), shared.sender.clone());
        let one = Arc::new(Shared { next, total, again, stop, interrupted: shared.interrupted, sender });
        work(&Hand { shared: one, seat: seat.clone(), post: Post::own() });
        for (at, outcome) in receiver.try_iter().flatten() {
            if !tell(at, Told::Done(outcome)) {
                shared.stop.store(true, Ordering::Relaxed);
            }
        }
    }
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
