//! Writes a package in a thread of its own: what is read comes in pieces through a bounded queue, so that a read of the evidence that never
//! returns holds neither the package nor the run.

use super::sink::Sink;
use crate::error::{Error, Result};
use shellsift_package::{Content, FileTimes, Manifest, Package};
use std::io::{self, BufWriter, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Pieces on their way, and the size of one in bytes.
const PIECES: usize = 16;
const PIECE: usize = 1 << 18;

enum Message {
    Begin(u64, String, FileTimes),
    /// Bytes of a member from this place on. A read that is begun anew sends them once more.
    Bytes(u64, u64, Vec<u8>),
    End(u64, SyncSender<io::Result<Content>>),
}

type Packed = io::Result<Package<BufWriter<Sink>>>;

/// A package that is being written.
pub(super) struct Packing {
    sender: Sender,
    thread: JoinHandle<Packed>,
}

impl Packing {
    /// Begins a package.
    pub(super) fn start(sink: Sink, password: &str) -> Result<Self> {
        let package = Package::new(BufWriter::new(sink), password);
        let (messages, receiver) = sync_channel(PIECES);
        let thread = std::thread::Builder::new().spawn(move || pack(package, &receiver));
        let thread = thread.map_err(|error| Error::Limit(format!("no thread for the package: {error}")))?;
        Ok(Self { sender: Sender { messages, next: Arc::default(), state: Arc::default() }, thread })
    }

    /// Where members are sent to.
    pub(super) fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// Adds the manifest, ends the package and gives it its name. Every sender is gone but those of reads that were given up.
    pub(super) fn finish(self, manifest: &Manifest) -> io::Result<()> {
        let Self { sender, thread } = self;
        // A read that was given up still holds a sender: the thread ends with this member, not with the last sender.
        let (reply, _) = sync_channel(1);
        let _ = sender.messages.send(Message::End(u64::MAX, reply));
        drop(sender);
        let package = thread.join().map_err(|_| io::Error::other("the thread of the package failed"))??;
        package.finish(manifest)?.into_parts().0.finish()
    }
}

/// What was begun of the member that is written.
#[derive(Default)]
struct State {
    reserved: Option<(u64, String, FileTimes)>,
    open: Option<u64>,
}

/// Sends members to a package, one after the other.
#[derive(Clone)]
pub(super) struct Sender {
    messages: SyncSender<Message>,
    next: Arc<AtomicU64>,
    state: Arc<Mutex<State>>,
}

impl Sender {
    /// Takes a number for a member that begins when it is opened.
    pub(super) fn reserve(&self, name: &str, times: FileTimes) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) =
            State { reserved: Some((id, name.to_owned(), times)), open: None };
        id
    }

    /// Begins a member.
    pub(super) fn begin(&self, name: &str, times: FileTimes) -> u64 {
        let id = self.reserve(name, times);
        self.open(id);
        id
    }

    /// Begins the member of this number, unless it was or another one is on.
    pub(super) fn open(&self, id: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, name, times)) = state.reserved.take_if(|(reserved, ..)| *reserved == id) {
            state.open = Some(id);
            let _ = self.messages.send(Message::Begin(id, name, times));
        }
    }

    /// Whether the member of this number was begun. If not, it never will be: a read that was given up may yet come to an end.
    pub(super) fn was_begun(&self, id: u64) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.reserved.take_if(|(reserved, ..)| *reserved == id);
        state.open == Some(id)
    }

    /// Sends content from its start, at most so many bytes. Says why it is not all of it.
    pub(super) fn copy(&self, id: u64, mut content: impl Read, most: u64) -> std::result::Result<(), String> {
        let mut place = 0_u64;
        loop {
            let mut piece = vec![0; PIECE];
            let count = match content.read(&mut piece) {
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(format!("read up to byte {place}: {error}")),
            };
            if count == 0 {
                return Ok(());
            }
            let room = usize::try_from(most.saturating_sub(place)).unwrap_or(usize::MAX);
            piece.truncate(count.min(room));
            let sent = piece.len();
            if self.messages.send(Message::Bytes(id, place, piece)).is_err() {
                return Err("the package cannot be written".to_owned());
            }
            place = place.saturating_add(sent as u64);
            if sent < count {
                return Err(format!("larger than a limit of size: only the first {place} bytes"));
            }
        }
    }

    /// Ends a member.
    pub(super) fn end(&self, id: u64) -> io::Result<Content> {
        let (reply, written) = sync_channel(1);
        let gone = || io::Error::other("the thread of the package failed");
        self.messages.send(Message::End(id, reply)).map_err(|_| gone())?;
        written.recv().map_err(|_| gone())?
    }
}

/// Writes what comes, until the end of the package. After an error nothing more is written; everything that comes is still taken.
fn pack(mut package: Package<BufWriter<Sink>>, messages: &Receiver<Message>) -> Packed {
    let (mut current, mut place, mut failed): (Option<(u64, String)>, u64, Option<io::Error>) = (None, 0, None);
    while let Ok(message) = messages.recv() {
        let is_current = |id: u64| current.as_ref().is_some_and(|(current, _)| *current == id);
        let done = match message {
            Message::End(u64::MAX, _) => break,
            Message::Begin(id, name, times) => {
                place = 0;
                let begun = if failed.is_none() { package.begin(&name, times) } else { Ok(()) };
                current = Some((id, name));
                begun
            }
            Message::Bytes(id, at, bytes) if is_current(id) && failed.is_none() => {
                let known = usize::try_from(place.saturating_sub(at)).unwrap_or(usize::MAX);
                let new = bytes.get(known..).unwrap_or_default();
                place = place.saturating_add(new.len() as u64);
                package.write(new)
            }
            // Of a read that was given up.
            Message::Bytes(..) => Ok(()),
            Message::End(_, reply) => {
                let ended = match (&failed, current.take()) {
                    (None, Some((_, name))) => package.end(&name),
                    (Some(error), _) => Err(io::Error::new(error.kind(), error.to_string())),
                    (None, None) => Err(io::Error::other("no member was begun")),
                };
                let error = ended.as_ref().err().map(|error| io::Error::new(error.kind(), error.to_string()));
                let _ = reply.send(ended);
                error.map_or(Ok(()), Err)
            }
        };
        if let Err(error) = done {
            failed.get_or_insert(error);
        }
    }
    failed.map_or(Ok(package), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::sink::create;
    use shellsift_package::{FORMAT, Kind, Member, Provenance, Tool, Wanted, check_package};
    use std::fs::File;

    fn manifest(members: Vec<Member>) -> Manifest {
        let tool = Tool { name: "shellsift".to_owned(), version: "0".to_owned(), sha256: None };
        Manifest {
            format: FORMAT.to_owned(),
            created: String::new(),
            made: Provenance { tool, command_line: String::new(), case: None, examiner: None },
            inputs: Vec::new(),
            scans: Vec::new(),
            complete: true,
            members,
            not_collected: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// A read that was given up comes to an end after all, before the next member and after the last.
    #[test]
    fn what_comes_too_late_is_no_part_of_the_package() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("case.zip");
        let packing = Packing::start(create(&place, false, false).expect("a file"), "infected").expect("a thread");
        let sender = packing.sender();
        let late = |name: &str| {
            let id = sender.reserve(name, FileTimes::default());
            assert!(!sender.was_begun(id));
            sender.open(id);
            assert_eq!(sender.copy(id, &b"late"[..], u64::MAX), Ok(()));
        };
        late("M/C/a");
        let id = sender.begin("M/C/b", FileTimes::default());
        assert!(sender.was_begun(id));
        // The first read of two was not dead.
        assert_eq!(sender.copy(id, &b"one"[..], u64::MAX), Ok(()));
        assert_eq!(
            sender.copy(id, &b"one and"[..], 5),
            Err("larger than a limit of size: only the first 5 bytes".into())
        );
        let content = sender.end(id).expect("written");
        assert_eq!(sender.copy(id, &b"late"[..], u64::MAX), Ok(()));
        late("M/C/c");
        let wanted =
            Wanted { kind: Kind::Finding, server_path: String::new(), scan_id: String::new(), examined_sha256: None };
        let manifest = manifest(vec![Member::new("M/C/b".to_owned(), wanted, content.clone())]);
        packing.finish(&manifest).expect("finished");
        let check = check_package(File::open(&place).expect("a file"), "infected").expect("a package");
        assert_eq!((check.whole, content.size, &check.differences[..]), (1, 5, &[][..]));
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing beside it");
    }
}
