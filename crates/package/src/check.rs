//! Checks a package against its manifest.

use crate::manifest::{Comparison, FORMAT, MANIFEST, Manifest, Member, SUMS};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::io::{self, Read, Seek};
use zip::ZipArchive;
use zip::result::ZipError;

/// The largest manifest that is read, in bytes.
const LARGEST: u64 = 256 << 20;
/// Differences that are kept.
const KEPT: usize = 100;

/// Why a file cannot be checked as a package.
#[derive(Debug, thiserror::Error)]
pub enum NotAPackage {
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It has no end: the list of members is the last thing in a ZIP file.
    #[error("the package is cut or damaged: {0}")]
    Cut(String),
    /// The password is another.
    #[error("the password is wrong")]
    Password,
    /// It is a ZIP file of another kind.
    #[error("{0}")]
    Foreign(String),
}

/// What a check of a package found.
#[derive(Debug)]
pub struct PackageCheck {
    /// The manifest of the package.
    pub manifest: Manifest,
    /// Members that are as the manifest says.
    pub whole: u64,
    /// What differs, in words, the first hundred of them.
    pub differences: Vec<String>,
    /// How many in all.
    pub differences_count: u64,
    /// Members that were another file already when they were collected.
    pub changed_before: u64,
}

impl PackageCheck {
    fn differs(&mut self, words: String) {
        self.differences_count = self.differences_count.saturating_add(1);
        if self.differences.len() < KEPT {
            self.differences.push(words);
        }
    }
}

/// Reads every member of a package and compares it with the manifest.
pub fn check_package(input: impl Read + Seek, password: &str) -> Result<PackageCheck, NotAPackage> {
    let mut zip = ZipArchive::new(input).map_err(|error| match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => NotAPackage::Io(error),
        other => NotAPackage::Cut(other.to_string()),
    })?;
    let manifest = manifest(&mut zip, password)?;
    let mut check =
        PackageCheck { manifest, whole: 0, differences: Vec::new(), differences_count: 0, changed_before: 0 };
    let mut listed: HashSet<String> = [MANIFEST, SUMS].map(str::to_owned).into();
    for member in check.manifest.members.clone() {
        if !listed.insert(member.name.clone()) {
            check.differs(format!("{}: is listed twice in the manifest", member.name));
            continue;
        }
        if member.comparison == Comparison::Different {
            check.changed_before = check.changed_before.saturating_add(1);
        }
        match digest(&mut zip, &member.name, password) {
            Ok((size, sha256)) if size == member.size && sha256 == member.sha256 => {
                check.whole = check.whole.saturating_add(1);
            }
            Ok((size, _)) if size != member.size => {
                check.differs(format!("{}: has {size} bytes instead of {}", member.name, member.size));
            }
            Ok(_) => check.differs(format!("{}: its content is not what was collected (SHA-256)", member.name)),
            Err(ZipError::FileNotFound) => check.differs(format!("{}: is missing", member.name)),
            Err(error) => check.differs(format!("{}: cannot be read: {error}", member.name)),
        }
    }
    if let Some(words) = sums_differ(&mut zip, &check.manifest, password) {
        check.differs(words);
    }
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap_or_default().into_owned()).collect();
    for name in names.iter().filter(|name| !listed.contains(name.as_str())) {
        check.differs(format!("{name}: is not in the manifest"));
    }
    Ok(check)
}

/// Whether the list for `sha256sum` says what the manifest says.
fn sums_differ<R: Read + Seek>(zip: &mut ZipArchive<R>, manifest: &Manifest, password: &str) -> Option<String> {
    let line = |member: &Member| format!("{}  {}\n", member.sha256, member.name);
    let expected: String = manifest.members.iter().map(line).collect();
    match digest(zip, SUMS, password) {
        Ok((_, sha256)) if sha256 == hex::encode(Sha256::digest(expected)) => None,
        Ok(_) => Some(format!("{SUMS}: is not the list of the manifest")),
        Err(error) => Some(format!("{SUMS}: cannot be read: {error}")),
    }
}

fn manifest<R: Read + Seek>(zip: &mut ZipArchive<R>, password: &str) -> Result<Manifest, NotAPackage> {
    let foreign = |why: &str| NotAPackage::Foreign(why.to_owned());
    let member = zip.by_name_decrypt(MANIFEST, password.as_bytes()).map_err(|error| match error {
        ZipError::FileNotFound => foreign("no package of shellsift: it has no MANIFEST.json"),
        ZipError::InvalidPassword => NotAPackage::Password,
        other => NotAPackage::Foreign(format!("its manifest cannot be read: {other}")),
    })?;
    let mut json = Vec::new();
    member
        .take(LARGEST)
        .read_to_end(&mut json)
        .map_err(|error| NotAPackage::Foreign(format!("its manifest cannot be read: {error}")))?;
    let manifest: Manifest = serde_json::from_slice(&json)
        .map_err(|error| NotAPackage::Foreign(format!("its manifest is none of shellsift: {error}")))?;
    match manifest.format == FORMAT {
        true => Ok(manifest),
        false => Err(foreign("its manifest is of another version of shellsift")),
    }
}

/// The size and hash of a member.
fn digest<R: Read + Seek>(zip: &mut ZipArchive<R>, name: &str, password: &str) -> Result<(u64, String), ZipError> {
    let mut member = zip.by_name_decrypt(name, password.as_bytes())?;
    let (mut hasher, mut size, mut buffer) = (Sha256::new(), 0_u64, vec![0; 1 << 16]);
    loop {
        let count = member.read(&mut buffer)?;
        if count == 0 {
            return Ok((size, hex::encode(hasher.finalize())));
        }
        hasher.update(buffer.get(..count).unwrap_or_default());
        size = size.saturating_add(count as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileTimes, Kind, Package, Times, Tool};
    use std::io::{Cursor, Write};

    fn manifest(members: Vec<Member>) -> Manifest {
        Manifest {
            format: FORMAT.to_owned(),
            created: "2021-03-09T00:00:00Z".to_owned(),
            tool: Tool { name: "shellsift".to_owned(), version: "0".to_owned(), sha256: None },
            command_line: String::new(),
            case: None,
            examiner: None,
            inputs: Vec::new(),
            scans: Vec::new(),
            complete: true,
            members,
            not_collected: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// A package of these members; the manifest as `change` leaves it.
    fn package(members: &[(&str, &[u8])], change: impl Fn(&mut Manifest)) -> Vec<u8> {
        let mut package = Package::new(Cursor::new(Vec::new()), "infected");
        let mut list = Vec::new();
        for (name, bytes) in members {
            let time = Some(132_592_283_613_071_234);
            package.begin(name, FileTimes { created: time, modified: time, accessed: time }).expect("begun");
            bytes.chunks(3).for_each(|chunk| package.write(chunk).expect("written"));
            let written = package.end(name).expect("ended");
            list.push(Member {
                name: (*name).to_owned(),
                kind: Kind::Finding,
                server_path: r"C:\x".to_owned(),
                scan_id: String::new(),
                source: String::new(),
                size: written.size,
                sha256: written.sha256,
                complete: true,
                error: None,
                examined_sha256: None,
                comparison: Comparison::NotKnown,
                times: Times::default(),
                name_times: Times::default(),
                attributes: Vec::new(),
                inode: None,
                sequence: None,
                state: String::new(),
                level: String::new(),
                reason: String::new(),
            });
        }
        let mut manifest = manifest(list);
        change(&mut manifest);
        package.finish(&manifest).expect("finished").into_inner()
    }

    fn check(bytes: &[u8]) -> PackageCheck {
        check_package(Cursor::new(bytes), "infected").expect("a package")
    }

    #[test]
    fn a_package_is_whole_and_encrypted() {
        let page = b"an inert page, an inert page, an inert page";
        let bytes = package(&[("M/C/x.aspx", page), ("M/C/empty", b"")], |_| {});
        let found = check(&bytes);
        assert_eq!((found.whole, found.differences_count), (2, 0), "{:?}", found.differences);
        assert!(!bytes.windows(8).any(|window| window == &page[..8]));
        assert!(matches!(check_package(Cursor::new(&bytes), "other"), Err(NotAPackage::Password)));
        let mut zip = ZipArchive::new(Cursor::new(&bytes)).expect("a ZIP file");
        assert!(zip.by_index(0).is_err(), "not without a password");
        let last = zip.name_for_index(zip.len() - 1).expect("named").expect("a name");
        assert_eq!(last, MANIFEST);
    }

    #[test]
    fn whatever_is_not_as_the_manifest_says_is_told() {
        let members: &[(&str, &[u8])] = &[("a", b"one"), ("b", b"two")];
        let first = |change: fn(&mut Manifest)| check(&package(members, change)).differences.join("; ");
        assert!(first(|manifest| manifest.members[0].size = 9).contains("a: has 3 bytes instead of 9"));
        assert!(first(|manifest| manifest.members[1].sha256 = "0".repeat(64)).contains("b: its content"));
        assert!(first(|manifest| manifest.members[0].name = "c".to_owned()).contains("c: is missing"));
        assert!(first(|manifest| manifest.members[0].name = "b".to_owned()).contains("twice"));
        assert!(first(|manifest| drop(manifest.members.pop())).contains("b: is not in the manifest"));
    }

    #[test]
    fn every_changed_byte_is_seen_and_none_panics() {
        let bytes = package(&[("a", &[7; 300]), ("b", b"two")], |_| {});
        let mut zip = ZipArchive::new(Cursor::new(&bytes)).expect("a ZIP file");
        // Elsewhere are times, versions and attributes of the ZIP format itself, which the manifest has better.
        let content = |at: usize| {
            let member = zip.by_index_raw(at).expect("a member");
            let start = member.data_start().expect("known");
            (start..start + member.compressed_size()).step_by(3)
        };
        for at in (0..4).flat_map(content) {
            let mut changed = bytes.clone();
            changed[usize::try_from(at).expect("fits")] ^= 0x41;
            let found = check_package(Cursor::new(changed), "infected");
            assert!(!found.is_ok_and(|check| check.differences_count == 0), "{at}");
        }
        for length in (0..bytes.len()).step_by(37) {
            let found = check_package(Cursor::new(&bytes[..length]), "infected");
            assert!(matches!(found, Err(NotAPackage::Cut(_) | NotAPackage::Io(_))), "{length}: {found:?}");
        }
    }

    #[test]
    fn other_zip_files_are_not_packages() {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("x", zip::write::SimpleFileOptions::default()).expect("begun");
        zip.write_all(b"x").expect("written");
        let bytes = zip.finish().expect("finished").into_inner();
        let error = check_package(Cursor::new(bytes), "infected").expect_err("foreign").to_string();
        assert!(error.contains("no package of shellsift"), "{error}");
        let newer = package(&[], |manifest| manifest.format = "shellsift-package-2".to_owned());
        assert!(matches!(check_package(Cursor::new(newer), "infected"), Err(NotAPackage::Foreign(_))));
    }
}
