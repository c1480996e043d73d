//! Cache of parsed configuration files: each file is parsed once per run.

use super::{Document, MAX_BYTES, text};
use crate::model::{ProblemKind, ServerPath};
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// About how many bytes of documents are kept; the oldest go first.
const MAX_KEPT: usize = 64 << 20;
/// How many errors are remembered.
const MAX_ERRORS: usize = 10_000;
/// About how much an element takes beside its text.
const WEIGHT_OF_ELEMENT: usize = 120;

/// The same for an attribute.
const WEIGHT_OF_ATTRIBUTE: usize = 48;

/// A parsed file.
#[derive(Debug)]
pub struct ConfigFile {
    /// Its elements.
    pub document: Document,
    /// How many bytes of it were read.
    pub bytes: usize,
    hash: u64,
}

impl ConfigFile {
    /// A document that was put together from several files.
    pub fn joined(document: Document) -> Self {
        Self { document, bytes: 0, hash: 0 }
    }
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The kind of problem that is.
    pub kind: ProblemKind,
    /// In words.
    pub message: String,
}

/// The files of one run. Shared by threads; no lock is held while a file is read.
#[derive(Debug, Default)]
pub struct ConfigCache {
    state: Mutex<State>,
    hasher: RandomState,
    parsed: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    files: HashMap<ServerPath, Arc<ConfigFile>>,
    /// In the order in which they came, each with its weight.
    order: VecDeque<(ServerPath, usize)>,
    weight: usize,
    errors: HashMap<ServerPath, Unreadable>,
    reported: HashSet<ServerPath>,
}

impl ConfigCache {
    /// What is known of a file.
    pub fn get(&self, path: &ServerPath) -> Option<Result<Arc<ConfigFile>, Unreadable>> {
        let state = self.lock();
        let known = state.files.get(path).cloned().map(Ok);
        known.or_else(|| state.errors.get(path).cloned().map(Err))
    }

    /// Parses the bytes of a file, of which no more than [`MAX_BYTES`] count, unless these very bytes were parsed before.
    pub fn parse(&self, path: &ServerPath, bytes: &[u8]) -> Arc<ConfigFile> {
        let text = || text::Text::of(&bytes[..bytes.len().min(MAX_BYTES)]);
        self.parse_as(path, bytes, || Document::of(&text(), bytes.len() > MAX_BYTES))
    }

    /// The same for bytes whose text is known already.
    pub fn parse_as(&self, path: &ServerPath, bytes: &[u8], parse: impl FnOnce() -> Document) -> Arc<ConfigFile> {
        let hash = self.hasher.hash_one(bytes);
        if let Some(known) =
            self.lock().files.get(path).filter(|known| known.hash == hash && known.bytes == bytes.len())
        {
            return known.clone();
        }
        self.parsed.fetch_add(1, Ordering::Relaxed);
        let file = Arc::new(ConfigFile { document: parse(), bytes: bytes.len(), hash });
        self.keep(path, &file);
        file
    }

    /// A file that is not to be remembered: its reading was broken off.
    pub fn parse_part(&self, bytes: &[u8]) -> Document {
        self.parsed.fetch_add(1, Ordering::Relaxed);
        Document::read(bytes)
    }

    /// Keeps a file unless one of its path is kept already, which came first and stays.
    fn keep(&self, path: &ServerPath, file: &Arc<ConfigFile>) {
        let attributes = file.document.elements.iter().flat_map(|element| &element.attributes);
        let text: usize = attributes.map(|(name, value)| name.len() + value.len() + WEIGHT_OF_ATTRIBUTE).sum();
        let weight = text + file.document.elements.len() * WEIGHT_OF_ELEMENT + path.as_str().len();
        let mut state = self.lock();
        if weight > MAX_KEPT || state.files.contains_key(path) {
            return;
        }
        state.files.insert(path.clone(), file.clone());
        state.weight += weight;
        state.order.push_back((path.clone(), weight));
        while state.weight > MAX_KEPT
            && let Some((oldest, weight)) = state.order.pop_front()
        {
            state.weight -= weight;
            state.files.remove(&oldest);
        }
    }

    /// Remembers that a file cannot be read.
    pub fn fail(&self, path: &ServerPath, error: Unreadable) {
        let mut state = self.lock();
        if state.errors.len() < MAX_ERRORS {
            state.errors.insert(path.clone(), error);
        }
    }

    /// Whether nobody has reported yet that this file cannot be read: whoever asks first reports it.
    pub fn first_report(&self, path: &ServerPath) -> bool {
        let mut state = self.lock();
        state.reported.len() >= MAX_ERRORS || state.reported.insert(path.clone())
    }

    /// How often a file was parsed.
    pub fn parsed(&self) -> u64 {
        self.parsed.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> ServerPath {
        ServerPath::drive('C').join(name)
    }

    #[test]
    fn the_same_bytes_are_parsed_once_and_others_anew() {
        let cache = ConfigCache::default();
        let first = cache.parse(&path("a"), b"<a><b/></a>");
        assert!(Arc::ptr_eq(&first, &cache.parse(&path("a"), b"<a><b/></a>")));
        assert_eq!((cache.parsed(), first.document.elements.len()), (1, 2));
        assert_eq!(cache.parse(&path("a"), b"<a/>").document.elements.len(), 1, "it was changed meanwhile");
        assert_eq!(cache.parsed(), 2);
        assert!(cache.get(&path("b")).is_none());
    }

    #[test]
    fn an_error_is_remembered_and_reported_once() {
        let cache = ConfigCache::default();
        let error = Unreadable { kind: ProblemKind::FileUnreadable, message: "locked".to_owned() };
        cache.fail(&path("a"), error.clone());
        assert!(cache.first_report(&path("a")) && !cache.first_report(&path("a")) && cache.first_report(&path("b")));
        assert_eq!(cache.get(&path("a")).map(|known| known.err()), Some(Some(error)));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let cache = ConfigCache::default();
        let text = format!("<a>{}</a>", "<b c='d'/>".repeat(20_000));
        for number in 0..60 {
            cache.parse(&path(&number.to_string()), text.as_bytes());
        }
        let state = cache.lock();
        assert!(state.weight <= MAX_KEPT && state.files.len() < 60 && state.files.len() == state.order.len());
        assert!(state.files.contains_key(&path("59")) && !state.files.contains_key(&path("0")));
    }
}
