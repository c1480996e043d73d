//! Registers evidence I/O calls: a read that never returns must block neither the run nor its end.
//!
//! Every question to the evidence (list, look up, open, read) is asked through a [`Question`], which notes it at the asking
//! thread's [`Post`]. A call of the operating system cannot be taken back, so a thread whose question stays without an answer
//! is given up: its work is begun anew by another one ([`Errand`], [`crew`]), for which that question is answered at once, with
//! an error. Whoever is given up and comes back all the same gets errors too, until it ends; its results are ignored.

pub mod crew;
mod errand;

pub use errand::{Errand, Left};

use crate::model::{Problem, ProblemKind, ServerPath};
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How long an interrupted run waits for what is under way; a supervisor's patience is a second.
pub const GRACE: Duration = Duration::from_millis(400);
/// How often whoever waits looks at what it waits for.
const TICK: Duration = Duration::from_millis(20);
/// How many questions a run may wait for in vain. Each has cost the time that was allowed for it, and holds a thread.
const MOST_UNANSWERED: usize = 32;

/// How long a thread may be at one item without a question. The rules of a large pack take a minute for a view at most.
const STUCK: Duration = Duration::from_secs(900);

/// Set when the run is to end, by Ctrl-C and its kin: from then on every question gets an error.
static STOPPED: AtomicBool = AtomicBool::new(false);
/// How long an answer may take, in milliseconds.
static PATIENCE: AtomicU64 = AtomicU64::new(30_000);
/// Questions that nobody answered, each with the place up to which answers came.
static UNANSWERED: Mutex<Option<HashMap<(What, ServerPath), u64>>> = Mutex::new(None);
/// Whether there is any, so that asking costs nothing.
static ANY_UNANSWERED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static OWN: Arc<Post> = Arc::default();
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// The names in a folder.
    List,
    /// The metadata of a name.
    Stat,
    /// A file to read from.
    Open,
    /// The content of a file.
    Read,
}

impl What {
    /// What was being done to it.
    fn in_words(self) -> &'static str {
        match self {
            Self::List => "listed",
            Self::Stat => "looked up",
            Self::Open => "opened",
            Self::Read => "read",
        }
    }
}

/// The flag that ends the run.
pub fn stopped() -> &'static AtomicBool {
    &STOPPED
}

/// For how long the run has been ending.
fn stopped_for() -> Option<Duration> {
    static SINCE: OnceLock<Instant> = OnceLock::new();
    STOPPED.load(Ordering::Relaxed).then(|| SINCE.get_or_init(Instant::now).elapsed())
}

/// Sets how long an answer may take.
pub fn wait_at_most(patience: Duration) {
    PATIENCE.store(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
}

fn patience() -> Duration {
    Duration::from_millis(PATIENCE.load(Ordering::Relaxed))
}

/// Why a question got no answer, inside an [`io::Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The evidence did not answer in time.
    Silent,
    /// The run is ending.
    Stopped,
}

impl std::error::Error for Unanswered {}

impl fmt::Display for Unanswered {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => write!(out, "no answer within {} s (--timeout)", patience().as_secs()),
            Self::Stopped => out.write_str("interrupted"),
        }
    }
}

/// Whether an error means that the evidence did not answer.
pub fn is_silence(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref()) == Some(&Unanswered::Silent)
}

/// Whether an error means that the read was given up: the evidence gave none in time, or the run is ending.
pub fn is_unanswered(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Unanswered>())
}

/// Whether a message is that of such an error.
pub fn is_said_of_silence(message: &str) -> bool {
    message.starts_with(&Unanswered::Silent.to_string())
}

/// What a thread asks at the moment.
#[derive(Clone, Debug)]
struct Asked {
    what: What,
    path: ServerPath,
    /// How far answers came: bytes, or names.
    place: u64,
    since: Instant,
}

/// The place of a thread that asks.
#[derive(Debug, Default)]
pub struct Post {
    asked: Mutex<Option<Asked>>,
    /// When it last showed that it gets on.
    alive: Mutex<Option<Instant>>,
    given_up: AtomicBool,
}

impl Post {
    /// That of the calling thread.
    pub fn own() -> Arc<Self> {
        OWN.with(Arc::clone)
    }

    /// Whether nobody waits for this thread any more.
    pub fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }

    fn give_up(&self) {
        self.given_up.store(true, Ordering::Relaxed);
    }

    /// Notes that the thread gets on.
    fn gets_on(&self) {
        *unpoisoned(&self.alive) = Some(Instant::now());
    }

    /// Gives the thread up if it asks nothing and has shown nothing for so long that it never will.
    fn give_up_if_stuck(&self) -> bool {
        let stuck = unpoisoned(&self.alive).is_some_and(|alive| alive.elapsed() > STUCK) && self.asked().is_none();
        if stuck {
            self.give_up();
        }
        stuck
    }

    fn asked(&self) -> MutexGuard<'_, Option<Asked>> {
        unpoisoned(&self.asked)
    }

    /// Gives the thread up if it has waited too long. The question is remembered, and gets an error from now on.
    fn give_up_if_silent(&self) -> Option<Silence> {
        let asked = self.asked().clone().filter(|asked| asked.since.elapsed() > patience())?;
        self.give_up();
        let mut all = unpoisoned(&UNANSWERED);
        let all = all.get_or_insert_with(HashMap::new);
        all.insert((asked.what, asked.path.clone()), asked.place);
        ANY_UNANSWERED.store(true, Ordering::Release);
        let message = format!("{} while it was {}", Unanswered::Silent, asked.what.in_words());
        let problem = Problem::at(ProblemKind::ReadTimedOut, &asked.path, message);
        Some(Silence { problem, too_many: all.len() >= MOST_UNANSWERED })
    }

    /// What the thread was at when the run was stopped.
    fn left(&self) -> Option<Problem> {
        let asked = self.asked().clone()?;
        let kind = if asked.what == What::List { ProblemKind::FolderUnreadable } else { ProblemKind::FileUnreadable };
        Some(Problem::at(kind, &asked.path, format!("interrupted while it was {}", asked.what.in_words())))
    }
}

/// A question without an answer.
struct Silence {
    problem: Problem,
    /// Whether there were so many that the run has to end.
    too_many: bool,
}

/// The message when so many reads had no answer that the run ends.
fn too_many() -> Problem {
    let message = format!("{MOST_UNANSWERED} reads timed out: no further evidence is read");
    Problem::general(ProblemKind::ReadTimedOut, message)
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A question under way: noted from [`Question::ask`] until it is dropped.
#[derive(Debug)]
pub struct Question {
    post: Arc<Post>,
    /// What the thread was asking when it began with this.
    outer: Option<Asked>,
    /// From this place on there was no answer the last time.
    silent_from: Option<u64>,
}

impl Question {
    /// Notes a question. Errors if it had no answer before, if the run is ending, or if nobody waits for this thread.
    pub fn ask(what: What, path: &ServerPath) -> io::Result<Self> {
        Self::ask_from(what, path, 0)
    }

    fn ask_from(what: What, path: &ServerPath, place: u64) -> io::Result<Self> {
        let post = Post::own();
        if STOPPED.load(Ordering::Relaxed) {
            return Err(io::Error::other(Unanswered::Stopped));
        }
        if post.is_given_up() {
            return Err(io::Error::other(Unanswered::Silent));
        }
        let silent_from = ANY_UNANSWERED
            .load(Ordering::Acquire)
            .then(|| unpoisoned(&UNANSWERED).as_ref()?.get(&(what, path.clone())).copied())
            .flatten();
        if silent_from.is_some_and(|from| from <= place) {
            return Err(io::Error::other(Unanswered::Silent));
        }
        let outer = post.asked().replace(Asked { what, path: path.clone(), place, since: Instant::now() });
        Ok(Self { post, outer, silent_from })
    }

    /// Notes that a part of the answer came: so many bytes, or names, in all. Errors as [`Question::ask`].
    pub fn answered(&self, place: u64) -> io::Result<()> {
        if let Some(asked) = &mut *self.post.asked() {
            asked.place = place;
            asked.since = Instant::now();
        }
        if STOPPED.load(Ordering::Relaxed) {
            return Err(io::Error::other(Unanswered::Stopped));
        }
        match self.post.is_given_up() || self.silent_from.is_some_and(|from| from <= place) {
            true => Err(io::Error::other(Unanswered::Silent)),
            false => Ok(()),
        }
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        let now = Instant::now();
        *self.post.asked() = self.outer.take().map(|asked| Asked { since: now, ..asked });
        *unpoisoned(&self.post.alive) = Some(now);
    }
}

/// Asks for something that is answered in one piece.
pub fn ask<T>(what: What, path: &ServerPath, answer: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let question = Question::ask(what, path)?;
    let answered = answer()?;
    if question.post.is_given_up() { Err(io::Error::other(Unanswered::Silent)) } else { Ok(answered) }
}

/// Reads of a file, each of them a question.
pub struct Reads<R> {
    inner: R,
    path: ServerPath,
    place: u64,
}

impl<R: Read> Reads<R> {
    /// Of this file.
    pub fn of(inner: R, path: &ServerPath) -> Self {
        Self { inner, path: path.clone(), place: 0 }
    }
}

impl<R: Read> Read for Reads<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let question = Question::ask_from(What::Read, &self.path, self.place)?;
        // Up to where there was no answer the last time, and no byte further.
        let most = question.silent_from.map_or(buffer.len() as u64, |from| from - self.place);
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.inner.read(&mut buffer[..most])?;
        if question.post.is_given_up() {
            return Err(io::Error::other(Unanswered::Silent));
        }
        self.place += count as u64;
        Ok(count)
    }
}
