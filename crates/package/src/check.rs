//! Checks a package against its manifest.

use crate::manifest::{Comparison, Content, FORMAT, MANIFEST, Manifest, Member, SUMS};
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
    /// It has no end, or a damaged one: the list of members is the last thing in a ZIP file.
    #[error("the list of members, at the end of the package, is missing or damaged: {0}")]
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
    let mut manifest = manifest(&mut zip, password)?;
    let members = std::mem::take(&mut manifest.members);
    let mut check =
        PackageCheck { manifest, whole: 0, differences: Vec::new(), differences_count: 0, changed_before: 0 };
    let mut listed: HashSet<String> = [MANIFEST, SUMS].map(str::to_owned).into();
    for member in &members {
        if !listed.insert(member.name.clone()) {
            check.differs(format!("{}: is listed twice in the manifest", member.name));
            continue;
        }
        if member.comparison == Comparison::Different {
            check.changed_before = check.changed_before.saturating_add(1);
        }
        let expected = &member.content;
        match digest(&mut zip, &member.name, password, expected.size) {
            Ok(found) if found == *expected => check.whole = check.whole.saturating_add(1),
            Ok(found) if found.size > expected.size => {
                check.differs(format!("{}: has more than {} bytes", member.name, expected.size));
            }
            Ok(found) if found.size < expected.size => {
                check.differs(format!("{}: has {} bytes instead of {}", member.name, found.size, expected.size));
            }
            Ok(_) => check.differs(format!("{}: its content is not what was collected (SHA-256)", member.name)),
            Err(ZipError::FileNotFound) => check.differs(format!("{}: is missing", member.name)),
            Err(error) => check.differs(format!("{}: cannot be read: {error}", member.name)),
        }
    }
    check.manifest.members = members;
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
    let line = |member: &Member| format!("{}  {}\n", member.content.sha256, member.name);
    let expected: String = manifest.members.iter().map(line).collect();
    match digest(zip, SUMS, password, expected.len() as u64) {
        Ok(found) if found.sha256 == hex::encode(Sha256::digest(expected)) => None,
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
        .take(LARGEST + 1)
        .read_to_end(&mut json)
        .map_err(|error| NotAPackage::Foreign(format!("its manifest cannot be read: {error}")))?;
    if json.len() as u64 > LARGEST {
        return Err(NotAPackage::Foreign(format!("its manifest is larger than {} MiB", LARGEST >> 20)));
    }
    let manifest: Manifest = serde_json::from_slice(&json)
        .map_err(|error| NotAPackage::Foreign(format!("its manifest is none of shellsift: {error}")))?;
    match manifest.format == FORMAT {
        true => Ok(manifest),
        false => Err(foreign("its manifest is of another version of shellsift")),
    }
}

/// The size and hash of a member, of which no more than one byte beyond `most` is read: a few kilobytes of a ZIP file can stand for
/// gigabytes.
fn digest<R: Read + Seek>(zip: &mut ZipArchive<R>, name: &str, password: &str, most: u64) -> Result<Content, ZipError> {
    let mut member = zip.by_name_decrypt(name, password.as_bytes())?.take(most.saturating_add(1));
    let (mut hasher, mut size, mut buffer) = (Sha256::new(), 0_u64, vec![0; 1 << 16]);
    loop {
        let count = member.read(&mut buffer)?;
        if count == 0 {
            return Ok(Content { size, sha256: hex::encode(hasher.finalize()) });
        }
        hasher.update(buffer.get(..count).unwrap_or_default());
        size = size.saturating_add(count as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileTimes, Kind, Package, Provenance, Tool, Wanted};
    use std::io::{Cursor, Write};

    fn manifest(members: Vec<Member>) -> Manifest {
        Manifest {
            format: FORMAT.to_owned(),
            created: "2021-03-09T00:00:00Z".to_owned(),
            made: Provenance {
                tool: Tool { name: "shellsift".to_owned(), version: "0".to_owned(), sha256: None },
                command_line: String::new(),
                case: None,
                examiner: None,
            },
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
            let wanted = Wanted {
                kind: Kind::Finding,
                server_path: r"C:\x".to_owned(),
                scan_id: String::new(),
                examined_sha256: None,
            };
            list.push(Member::new((*name).to_owned(), wanted, written));
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
        assert!(first(|manifest| manifest.members[0].content.size = 9).contains("a: has 3 bytes instead of 9"));
        assert!(first(|manifest| manifest.members[0].content.size = 2).contains("a: has more than 2 bytes"));
        assert!(first(|manifest| manifest.members[1].content.sha256 = "0".repeat(64)).contains("b: its content"));
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

    /// 32 MiB of zeros, of which the manifest knows one byte.
    #[test]
    fn no_more_is_unpacked_than_the_manifest_says() {
        let bytes = package(&[("a", &vec![0; 32 << 20])], |manifest| manifest.members[0].content.size = 1);
        assert!(bytes.len() < 1 << 20, "packed");
        let mut zip = ZipArchive::new(Cursor::new(&bytes)).expect("a ZIP file");
        assert_eq!(digest(&mut zip, "a", "infected", 1).expect("read").size, 2);
        assert!(check(&bytes).differences.join("; ").contains("a: has more than 1 bytes"));
    }

    /// Other programs read the manifest by these names.
    #[test]
    fn the_names_of_the_manifest_stay() {
        let bytes = package(&[("M/C/x", b"one")], |manifest| {
            manifest.members[0].wanted.examined_sha256 = Some("a".repeat(64));
            manifest.made.case = Some("7".to_owned());
        });
        let mut zip = ZipArchive::new(Cursor::new(&bytes)).expect("a ZIP file");
        let mut json = String::new();
        let mut member = zip.by_name_decrypt(MANIFEST, b"infected").expect("a manifest");
        member.read_to_string(&mut json).expect("read");
        let manifest: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        for name in ["format", "created", "tool", "command_line", "case", "inputs", "scans", "complete", "members"] {
            assert!(manifest.get(name).is_some(), "{name}");
        }
        for name in ["name", "kind", "server_path", "size", "sha256", "complete", "examined_sha256", "comparison"] {
            assert!(manifest["members"][0].get(name).is_some(), "{name}");
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
