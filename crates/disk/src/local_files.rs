//! The files of a folder of this machine.

use crate::files::{Files, split, stays_below};
use crate::{LocalFile, ReadAt};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The files of a folder of this machine, opened for reading only; on Windows others may read, write and delete them meanwhile.
///
/// An image of a thousand segments does not need a thousand open files: a bounded number is open at a time.
pub struct LocalFiles {
    folder: PathBuf,
    /// A name that is no text, and how it is shown.
    odd: Option<(String, PathBuf)>,
    open: Arc<OpenFiles>,
}

/// How many files are held open at once.
const OPEN: usize = 64;
/// How many names of a folder are listed.
const NAMES: usize = 200_000;

impl LocalFiles {
    /// The folder.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), odd: None, open: Arc::default() }
    }

    /// The folder of an image, and the name to open it by.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] if the path ends in no file name.
    pub fn of(image: &Path) -> io::Result<(Self, String)> {
        let file = image.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let folder = image.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = file.to_string_lossy().into_owned();
        // What was given by the user may be called anything; only names out of images are held against the rules.
        let is_odd = file.to_str().is_none() || !stays_below(&name);
        let odd = is_odd.then(|| (name.clone(), image.to_owned()));
        Ok((Self { odd, ..Self::new(folder) }, name))
    }

    fn path(&self, name: &str) -> io::Result<PathBuf> {
        if let Some((shown, path)) = &self.odd
            && shown == name
        {
            return Ok(path.clone());
        }
        if !stays_below(name) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let path = self.folder.join(name);
        match path.try_exists() {
            Ok(false) => self.alike(name),
            _ => Ok(path),
        }
    }

    /// The one file that is called so but for the case of its letters: images come from file systems that do not tell case apart.
    fn alike(&self, name: &str) -> io::Result<PathBuf> {
        let (folder, file) = split(name);
        let folder = self.folder.join(folder);
        let names = names_in(&folder)?;
        let mut alike = names.iter().filter(|other| other.eq_ignore_ascii_case(file));
        match (alike.next(), alike.next()) {
            (Some(one), None) => Ok(folder.join(one)),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let names = std::fs::read_dir(folder)?.take(NAMES).filter_map(Result::ok);
    Ok(names.filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

impl Files for LocalFiles {
    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadAt>> {
        let path = self.path(name)?;
        // A pipe would never answer; asked before it is opened.
        if !std::fs::metadata(&path)?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
        }
        let file = LocalFile::new(open(&path)?)?;
        let length = file.len();
        let number = self.open.add(file);
        Ok(Arc::new(Reopened { path, length, number, open: Arc::clone(&self.open) }))
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        if !folder.is_empty() && !stays_below(folder) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        names_in(&self.folder.join(folder))
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0x7); // FILE_SHARE_READ | WRITE | DELETE
    options.open(path)
}

/// The files that are open now, the last used last.
#[derive(Default)]
struct OpenFiles(Mutex<Held>);

#[derive(Default)]
struct Held {
    next: u64,
    files: Vec<(u64, Arc<LocalFile>)>,
}

impl OpenFiles {
    fn add(&self, file: LocalFile) -> u64 {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = held.next;
        held.next += 1;
        held.put(number, Arc::new(file));
        number
    }

    fn get(&self, number: u64, path: &Path, length: u64) -> io::Result<Arc<LocalFile>> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = held.files.iter().rposition(|(other, _)| *other == number) {
            let found = held.files.remove(index);
            let file = Arc::clone(&found.1);
            held.files.push(found);
            return Ok(file);
        }
        let file = Arc::new(LocalFile::new(open(path)?)?);
        if file.len() < length {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was read"));
        }
        held.put(number, Arc::clone(&file));
        Ok(file)
    }
}

impl Held {
    fn put(&mut self, number: u64, file: Arc<LocalFile>) {
        if self.files.len() >= OPEN {
            self.files.remove(0);
        }
        self.files.push((number, file));
    }
}

/// A file that is opened again where too many others were open meanwhile.
struct Reopened {
    path: PathBuf,
    length: u64,
    number: u64,
    open: Arc<OpenFiles>,
}

impl ReadAt for Reopened {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let count = crate::read_at::there(self.length, buffer.len(), at);
        match buffer.get_mut(..count).filter(|into| !into.is_empty()) {
            Some(into) => self.open.get(self.number, &self.path, self.length)?.read_at(into, at),
            None => Ok(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_exact_at;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("made");
        std::fs::create_dir(folder.path().join("below")).expect("made");
        std::fs::write(folder.path().join("Disk.E01"), b"one").expect("written");
        std::fs::write(folder.path().join("below/x.vmdk"), b"two").expect("written");
        folder
    }

    #[test]
    fn only_regular_files_of_the_folder_are_opened() {
        let folder = folder();
        let files = LocalFiles::new(folder.path());
        assert_eq!(files.open("disk.e01").expect("whatever the case").len(), 3);
        assert_eq!(files.open("below/x.vmdk").expect("below").len(), 3);
        for name in ["../x", "/etc/passwd", "", "below", "below/../Disk.E01", "missing"] {
            assert!(files.open(name).is_err(), "{name}");
        }
        let mut names = files.names("").expect("listed");
        names.sort();
        assert_eq!(names, ["Disk.E01", "below"]);
    }

    #[test]
    fn what_the_user_gives_may_have_any_name() {
        let folder = folder();
        let path = folder.path().join("a:b.raw");
        if std::fs::write(&path, b"raw").is_err() {
            return; // Windows has no such names
        }
        let (files, name) = LocalFiles::of(&path).expect("a name");
        assert_eq!(files.open(&name).expect("opened").len(), 3);
        assert!(LocalFiles::new(folder.path()).open("a:b.raw").is_err());
    }

    #[test]
    fn a_thousand_files_are_not_open_at_once() {
        let folder = folder();
        let files = LocalFiles::new(folder.path());
        let all: Vec<_> = (0..300u16)
            .map(|number| {
                let name = format!("disk.{number:03}");
                std::fs::write(folder.path().join(&name), number.to_le_bytes()).expect("written");
                files.open(&name).expect("opened")
            })
            .collect();
        for (number, file) in all.iter().enumerate() {
            let mut bytes = [0; 2];
            read_exact_at(&**file, &mut bytes, 0).expect("read");
            assert_eq!(usize::from(u16::from_le_bytes(bytes)), number);
        }
        assert_eq!(files.open.0.lock().expect("free").files.len(), OPEN);
    }
}
