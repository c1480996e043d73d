//! Image files and archives of the analysis machine: every question is registered, because a share may never answer.

use crate::model::ServerPath;
use crate::watch::{self, What};
use shellsift_disk::{Files, LocalFile, LocalFiles, ReadAt};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A file whose reads are registered.
struct Registered {
    file: Arc<dyn ReadAt>,
    path: ServerPath,
}

impl ReadAt for Registered {
    fn len(&self) -> u64 {
        self.file.len()
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        watch::ask(What::Read, &self.path, || self.file.read_at(buffer, at))
    }
}

/// A file of this machine as bytes at positions.
pub(crate) fn bytes(path: &Path, named: &ServerPath) -> io::Result<Arc<dyn ReadAt>> {
    let file = watch::ask(What::Open, named, || LocalFile::new(std::fs::File::open(path)?))?;
    Ok(Arc::new(Registered { file: Arc::new(file), path: named.clone() }))
}

/// The files beside an image: its segments, extents and parents.
pub(crate) struct Beside {
    files: LocalFiles,
    folder: ServerPath,
}

impl Beside {
    /// The folder of an image, and the name of the image in it.
    pub(crate) fn of(image: &Path) -> io::Result<(Self, String)> {
        let absolute = std::path::absolute(image)?;
        let (files, name) = LocalFiles::of(&absolute)?;
        let folder = ServerPath::analysis(absolute.parent().unwrap_or(&absolute));
        Ok((Self { files, folder }, name))
    }

    fn path(&self, name: &str) -> ServerPath {
        name.split('/').filter(|part| !part.is_empty()).fold(self.folder.clone(), |path, part| path.join(part))
    }
}

impl Files for Beside {
    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadAt>> {
        let path = self.path(name);
        let file = watch::ask(What::Open, &path, || self.files.open(name))?;
        Ok(Arc::new(Registered { file, path }))
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        watch::ask(What::List, &self.path(folder), || self.files.names(folder))
    }
}
