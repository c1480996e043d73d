//! How a container opens the files beside it: segments, extents, parents. The names stand in the evidence, so they are the attacker's:
//! whatever one says, only the folder of the image and what lies below it is looked into.

use crate::ReadAt;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

/// Files that lie together: a folder of this machine ([`crate::LocalFiles`]), members of an archive, a test ([`NamedFiles`]).
pub trait Files: Send + Sync {
    /// Opens a file for reading. `name` is relative with `/` between folders; a name that is not found may match without regard to
    /// ASCII case where only one does.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`]; [`io::ErrorKind::InvalidInput`] for a name that leads out or is none; what the system says.
    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadAt>>;

    /// The names of the files in one of the folders (empty: the upper one), to see which numbers of a series are there. In no order;
    /// may be cut at a bound.
    ///
    /// # Errors
    /// The error of the operating system.
    fn names(&self, folder: &str) -> io::Result<Vec<String>>;
}

/// Files by name, whatever they are read from.
#[derive(Default)]
pub struct NamedFiles(BTreeMap<String, Arc<dyn ReadAt>>);

impl NamedFiles {
    /// No files yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more file, under a relative name with `/` between folders.
    #[must_use]
    pub fn with(mut self, name: &str, data: Arc<dyn ReadAt>) -> Self {
        self.0.insert(name.to_owned(), data);
        self
    }
}

impl Files for NamedFiles {
    fn open(&self, name: &str) -> io::Result<Arc<dyn ReadAt>> {
        if let Some(data) = self.0.get(name) {
            return Ok(Arc::clone(data));
        }
        let mut alike = self.0.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        match (alike.next(), alike.next()) {
            (Some((_, data)), None) => Ok(Arc::clone(data)),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        let names = self.0.keys().filter_map(|name| {
            let (own, file) = split(name);
            (own == folder).then(|| file.to_owned())
        });
        Ok(names.collect())
    }
}

/// The folder and the file of a relative name.
pub(crate) fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

/// The name of `file` in the folder of `name`.
pub(crate) fn beside(name: &str, file: &str) -> String {
    match split(name) {
        ("", _) => file.to_owned(),
        (folder, _) => format!("{folder}/{file}"),
    }
}

/// Whether a name stays below the folder it is taken from, and means a file there: on Windows a colon would name a stream or a drive,
/// and some words name devices in every folder.
pub(crate) fn stays_below(name: &str) -> bool {
    !name.is_empty() && name.split('/').all(is_plain)
}

fn is_plain(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).trim_end();
    let is_numbered = |device: &str| {
        let (head, digit) = stem.split_at_checked(3).unwrap_or((stem, ""));
        head.eq_ignore_ascii_case(device) && digit.chars().count() == 1
    };
    let is_device =
        ["con", "nul", "aux", "prn", "conin$", "conout$"].iter().any(|word| stem.eq_ignore_ascii_case(word))
            || is_numbered("com")
            || is_numbered("lpt");
    !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']) && !is_device
}

/// Where a file is looked for that an image names by a path of the machine it was made on: relative to the image where that stays
/// below its folder, and by its file name in the folder of the image. Never anywhere else.
pub(crate) fn candidates(image: &str, path: &str) -> Vec<String> {
    let path = path.trim().replace('\\', "/");
    let mut plain = path.as_str();
    while let Some(rest) = plain.strip_prefix("./") {
        plain = rest.trim_start_matches('/');
    }
    let file = plain.rsplit('/').next().unwrap_or(plain);
    let mut found = Vec::new();
    for name in [plain, file] {
        let name = beside(image, name);
        if stays_below(&name) && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_of_an_image_leads_out_of_its_folder() {
        let outside =
            [r"..\..\etc\base.vhd", r"\\server\share\base.vhd", "/etc/base.vhd", r"C:\x\base.vhd", "a/../../base.vhd"];
        for path in outside {
            assert_eq!(candidates("child.vhd", path), ["base.vhd"], "{path}");
            assert_eq!(candidates("vm/child.vhd", path), ["vm/base.vhd"], "{path}");
        }
        assert_eq!(candidates("child.vhd", r".\old\base.vhd"), ["old/base.vhd", "base.vhd"]);
        assert_eq!(candidates("child.vhd", "base.vhd"), ["base.vhd"]);
        for none in ["", "..", ".", r"C:\", "/", "NUL", "com1.txt", "a:b", "x/..", "lpt9"] {
            assert!(candidates("child.vhd", none).is_empty(), "{none}");
        }
        assert_eq!(candidates("child.vhd", "computer.vhd"), ["computer.vhd"]);
    }

    #[test]
    fn named_files_are_found_and_told() {
        let data: Arc<dyn ReadAt> = Arc::new(b"x".to_vec());
        let files =
            NamedFiles::new().with("a/One.E01", Arc::clone(&data)).with("a/one.E02", data.clone()).with("A", data);
        assert!(files.open("a/one.e01").is_ok() && files.open("a/two").is_err());
        assert_eq!(files.names("a").expect("listed"), ["One.E01", "one.E02"]);
        assert_eq!(files.names("").expect("listed"), ["A"]);
    }
}
