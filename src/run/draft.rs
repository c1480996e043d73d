//! A file that gets its name when it is complete: it is written beside its place under a name of its own, and renamed. Of one that
//! fails nothing is left.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The files that have no name yet, of the whole process: an end from outside takes them away.
static UNFINISHED: Mutex<Option<HashSet<PathBuf>>> = Mutex::new(None);

/// How many names are tried; one is enough where nobody creates 2^64 files beforehand.
const TRIES: usize = 16;

/// The name that a file will get.
pub(super) struct Draft {
    place: PathBuf,
    /// Where it is written.
    beside: PathBuf,
    /// Whether a file that has the name by then is overwritten.
    force: bool,
}

impl Draft {
    /// Creates a file beside `place`, a path without links.
    pub(super) fn create(place: &Path, force: bool) -> io::Result<(File, Self)> {
        let folder = place.parent().ok_or(io::ErrorKind::NotFound)?;
        for _ in 0..TRIES {
            // Keyed anew for each value by the randomness of the system.
            let beside = folder.join(format!(".shellsift-{:016x}.tmp", RandomState::new().build_hasher().finish()));
            match careful().create_new(true).open(&beside) {
                Ok(file) => {
                    unfinished(|all| all.insert(beside.clone()));
                    return Ok((file, Self { place: place.to_owned(), beside, force }));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Gives it its name, once all of it is on the disk.
    pub(super) fn finish(self, file: File) -> io::Result<()> {
        sync(&file)?;
        drop(file);
        let renamed =
            if self.force { fs::rename(&self.beside, &self.place) } else { rename_new(&self.beside, &self.place) };
        if renamed.is_ok() {
            unfinished(|all| all.remove(&self.beside));
        }
        renamed
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if unfinished(|all| all.remove(&self.beside)) {
            // One that has its name now is not there any more.
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// Waits until a file is on its disk: some file systems report only then that they are full.
pub(super) fn sync(file: &File) -> io::Result<()> {
    match file.sync_all() {
        // Of file systems that know no such thing.
        Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

/// Takes away what will not be finished any more.
pub(super) fn remove_all() {
    let all = unfinished(std::mem::take);
    all.iter().for_each(|file| drop(fs::remove_file(file)));
}

fn unfinished<T>(with: impl FnOnce(&mut HashSet<PathBuf>) -> T) -> T {
    with(UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
}

/// Renames to a name that nobody has.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        use rustix::io::Errno;
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            // Not of this file system.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            other => return other.map_err(io::Error::from),
        }
    }
    match fs::symlink_metadata(to) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(from, to),
        Err(error) => Err(error),
    }
}

/// Opens for writing without following a link that has come to lie there.
pub(super) fn careful() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        let flags = OFlags::NOFOLLOW | OFlags::NOCTTY | OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits() as i32);
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_file_gets_its_name_when_it_is_complete() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("case.html");
        let (mut file, draft) = Draft::create(&place, false).expect("a file");
        file.write_all(b"half").expect("room");
        assert!(!place.exists() && names(folder.path()).len() == 1);
        draft.finish(file).expect("renamed");
        assert_eq!(
            (fs::read(&place).expect("a file"), names(folder.path())),
            (b"half".to_vec(), vec!["case.html".into()])
        );
    }

    #[test]
    fn nothing_is_left_of_one_that_fails() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("case.html");
        let (file, draft) = Draft::create(&place, false).expect("a file");
        drop((file, draft));
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn a_file_that_came_meanwhile_is_overwritten_on_request_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("case.html");
        for (force, expected) in [(false, "theirs"), (true, "")] {
            let (file, draft) = Draft::create(&place, force).expect("a file");
            fs::write(&place, "theirs").expect("room");
            assert_eq!(draft.finish(file).is_ok(), force);
            assert_eq!((fs::read_to_string(&place).expect("a file"), names(folder.path()).len()), (expected.into(), 1));
        }
    }
}
