//! Unpacks a fixture server: `fixtures/servers/<name>/tree.tsv` and its `files/`, in which every inert sample is stored
//! encoded.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)] // shared by the tests, the example and the bench

use base64::Engine;
use shellsift_evidence::Memory;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// One line of a tree.
pub struct Item {
    /// When its content was last changed.
    pub modified: SystemTime,
    /// Below the root of the volume, with forward slashes.
    pub path: String,
    /// What lies there.
    pub content: Content,
}

/// What lies at a path.
pub enum Content {
    /// A file.
    File(Vec<u8>),
    /// A symbolic link.
    Link(String),
    /// An empty folder.
    Folder,
}

/// The folder of a fixture server.
pub fn server(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/servers").join(name)
}

/// Reads the tree of a fixture server. Panics if it is not as its README says.
pub fn read(server: &Path) -> Vec<Item> {
    let tree = fs::read_to_string(server.join("tree.tsv")).expect("a fixture server has a tree.tsv");
    let lines = tree.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let mut fields = line.split('\t');
            let mut field = || fields.next().unwrap_or_else(|| panic!("three columns: {line}"));
            let (modified, path, content) = (field(), field(), field());
            let modified: time::Stamp = modified.parse().unwrap_or_else(|()| panic!("a time: {line}"));
            let content = match content.split_once(':').unwrap_or((content, "")) {
                ("name", "") => Content::File(format!("shellsift fixture: stand-in for {path}\r\n").into_bytes()),
                ("dir", "") => Content::Folder,
                ("link", target) => Content::Link(target.to_owned()),
                ("plain", file) => Content::File(stored(server, file)),
                ("b64", file) => Content::File(decode(&stored(server, file))),
                ("b64gz", file) => Content::File(unzip(&decode(&stored(server, file)))),
                _ => panic!("unknown content: {line}"),
            };
            Item { modified: modified.0, path: path.to_owned(), content }
        })
        .collect()
}

fn stored(server: &Path, file: &str) -> Vec<u8> {
    let path = server.join("files").join(file);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Undoes the encoding that stand-ins are stored in.
pub fn decode(text: &[u8]) -> Vec<u8> {
    let text: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(text).expect("stored as base64")
}

/// Undoes gzip.
pub fn unzip(bytes: &[u8]) -> Vec<u8> {
    let mut unzipped = Vec::new();
    io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes), &mut unzipped).expect("stored as gzip");
    unzipped
}

/// Writes the tree into a folder, which becomes the root of the volume. Links are left out where the system has none.
pub fn unpack(server: &Path, to: &Path) -> io::Result<usize> {
    let items = read(server);
    for item in &items {
        let path = to.join(&item.path);
        if let Content::Folder = item.content {
            fs::create_dir_all(&path)?;
            continue;
        }
        fs::create_dir_all(path.parent().expect("below the root"))?;
        match &item.content {
            Content::File(bytes) => {
                fs::write(&path, bytes)?;
                fs::OpenOptions::new().write(true).open(&path)?.set_modified(item.modified)?;
            }
            #[cfg(unix)]
            Content::Link(target) => {
                let _ = fs::remove_file(&path);
                std::os::unix::fs::symlink(target, &path)?;
                let since = item.modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
                let time =
                    rustix::fs::Timespec { tv_sec: since.as_secs() as i64, tv_nsec: since.subsec_nanos().into() };
                let times = rustix::fs::Timestamps { last_access: time, last_modification: time };
                rustix::fs::utimensat(rustix::fs::CWD, &path, &times, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)?;
            }
            _ => {}
        }
    }
    Ok(items.len())
}

/// The tree as evidence in memory.
pub fn in_memory(server: &Path) -> Memory {
    read(server).into_iter().fold(Memory::new(), |memory, item| {
        let path = format!("C:\\{}", item.path.replace('/', "\\"));
        match item.content {
            Content::File(bytes) => memory.file(&path, &bytes).modified(&path, item.modified.into()),
            Content::Link(target) => memory.link(&path, &target),
            Content::Folder => memory.folder(&path),
        }
    })
}

mod time {
    use std::str::FromStr;
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    pub struct Stamp(pub SystemTime);

    impl FromStr for Stamp {
        type Err = ();

        fn from_str(text: &str) -> Result<Self, ()> {
            let time: jiff::Timestamp = text.parse().map_err(|_| ())?;
            let nanos = u64::try_from(time.as_nanosecond()).map_err(|_| ())?;
            Ok(Stamp(UNIX_EPOCH + Duration::from_nanos(nanos)))
        }
    }
}
