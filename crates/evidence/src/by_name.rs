//! What is given to be examined as part of a case, and in which nothing is recognised: a damaged or encrypted image, the middle part of a
//! split one, an archive that was cut; and what is read only as part of a volume. Scanned as a single file, each would end in "nothing
//! found" although nobody looked into it.

use super::image::{Image, NotOpened};
use super::kind::{Candidate, Detect, Head, Holds, Kind, Opened, Unopened};

/// Extensions of disk images of servers and nothing else.
const IMAGES: &[&str] = &[
    "ad1", "aff4", "avhd", "avhdx", "e01", "ex01", "l01", "lx01", "qcow", "qcow2", "qed", "s01", "vdi", "vhd", "vhdx",
    "vmdk",
];
/// Extensions of images that other files have as well (`.aff`: dictionaries), or that sites offer for download.
const RAW: &[&str] = &["aff", "dd", "dmg", "hdd", "img", "raw", "sparseimage"];
/// Extensions of archives, and of what packs a single file.
const ARCHIVES: &[&str] = &[
    "7z", "bz2", "cab", "cpio", "gz", "iso", "lz4", "lzma", "ova", "rar", "tar", "tbz2", "tgz", "txz", "wim", "xz",
    "z", "zip", "zst",
];

/// A file that is named like a disk image, in which no format is recognised.
pub(super) const IMAGE: Kind = Kind {
    id: "image_by_name",
    name: "named like a disk image",
    holds: Holds::Disk,
    advice: "FILE",
    detect: Detect::Magic(|head| is_named(head, IMAGES)),
    open: open_image,
};

/// Kinds of single files that were given as a target. In a folder they are files like any other.
pub(super) const OF_TARGETS: &[Kind] = &[
    // By their content first: `mft.raw` is no disk.
    Kind { id: "hive", name: "a registry hive", detect: Detect::Magic(|head| head.at(0, b"regf")), ..PART },
    Kind {
        id: "mft",
        name: "an extracted $MFT",
        detect: Detect::Magic(|head| head.at(0, b"FILE0\0") || head.at(0, b"FILE*\0")),
        ..PART
    },
    Kind {
        id: "logfile",
        name: "an extracted $LogFile",
        detect: Detect::Magic(|head| head.at(0, b"RSTR\x1e\0")),
        ..PART
    },
    Kind {
        id: "journal",
        name: "an extracted change journal ($UsnJrnl:$J)",
        // USN_RECORD_V2 and V3: the version, and that the name follows the fields.
        detect: Detect::Magic(|head| {
            let is = |version: &[u8], at: usize, name: &[u8]| head.at(4, version) && head.at(at, name);
            head.at(2, b"\0\0") && (is(b"\x02\0\0\0", 58, b"\x3c\0") || is(b"\x03\0\0\0", 74, b"\x4c\0"))
        }),
        ..PART
    },
    Kind { detect: Detect::Magic(|head| is_named(head, RAW) || is_part(head)), ..IMAGE },
    Kind {
        id: "archive_by_name",
        name: "named like an archive",
        holds: Holds::Files,
        advice: "FILE",
        detect: Detect::Magic(|head| is_named(head, ARCHIVES)),
        open: no_archive,
    },
];

/// What is read as part of a volume.
const PART: Kind = Kind {
    id: "part",
    name: "a part of a volume",
    holds: Holds::Files,
    advice: "FILE",
    detect: Detect::Magic(|_| false),
    open: part_of_a_volume,
};

/// Whether its name ends in one of these and it is no text, whatever its name.
fn is_named(head: &Head<'_>, extensions: &[&str]) -> bool {
    extensions.contains(&head.extension) && !head.is_text()
}

/// Whether it is named like a part of a split image: `disk.002`.
fn is_part(head: &Head<'_>) -> bool {
    let digits = head.extension;
    (2..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !head.is_text()
}

/// Opens it all the same: NTFS keeps a copy of its boot sector, and an image has more to say about what is wrong.
fn open_image(candidate: &Candidate<'_>) -> Result<Opened, Unopened> {
    let image = Image::open(candidate.path).map_err(|error| match error {
        NotOpened::Failed(error) => Unopened::Failed(error),
        NotOpened::Refused(why) => refused(candidate, &format!(
            "cannot be opened as one ({why}): verify it with the tool that made it; if it is no image, rename it to have it scanned as a \
             single file"
        )),
    })?;
    Ok(Opened::Images { images: vec![image], notices: Vec::new(), problems: Vec::new() })
}

fn no_archive(candidate: &Candidate<'_>) -> Result<Opened, Unopened> {
    Err(refused(
        candidate,
        "is of no format that is known: it may be damaged, encrypted or cut off; if it is no archive, rename it to have it scanned as a \
         single file",
    ))
}

fn part_of_a_volume(candidate: &Candidate<'_>) -> Result<Opened, Unopened> {
    Err(refused(
        candidate,
        "is read only as part of a volume: scan the image, the mounted volume or the collection that it comes from",
    ))
}

fn refused(Candidate { kind, path, .. }: &Candidate<'_>, why: &str) -> Unopened {
    Unopened::Refused(format!("{} is {} and {why}", path.display(), kind.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::HEAD;

    fn id(name: &str, head: &[u8]) -> Option<&'static str> {
        Kind::of_target(name, head).map(|kind| kind.id)
    }

    #[test]
    fn what_cannot_be_looked_into_is_no_single_file() {
        let damaged: Vec<u8> = (0..2_000_usize).map(|at| (at * 7) as u8).collect();
        for (expected, name) in [
            ("image_by_name", "disk.E01"),
            ("image_by_name", "disk.vmdk"),
            ("image_by_name", "c.dd"),
            ("image_by_name", "disk.002"),
            ("archive_by_name", "case.zip"),
            ("archive_by_name", "wwwroot.tar.gz"),
        ] {
            assert_eq!(id(name, &damaged), Some(expected), "{name}");
            assert_eq!(id(name, b""), Some(expected), "{name}, empty");
            assert_eq!(id(name, &[0xff; 512]), Some(expected), "{name}, overwritten");
            // Text was called so by somebody, and is read as what it is.
            assert_eq!(id(name, b"<%@ Page Language=\"C#\" %>\r\n\t"), None, "{name}");
        }
        let journal = |version: u8, at: usize, name: u8| {
            let mut record = vec![0; 96];
            (record[0], record[4], record[at]) = (96, version, name);
            record
        };
        for (expected, bytes) in [
            ("hive", b"regf\x01\0\0\0".to_vec()),
            ("mft", b"FILE0\0\x03\0".to_vec()),
            ("logfile", b"RSTR\x1e\0\x09\0".to_vec()),
            ("journal", journal(2, 58, 0x3c)),
            ("journal", journal(3, 74, 0x4c)),
        ] {
            assert_eq!((id("x", &bytes), id("x.raw", &bytes)), (Some(expected), Some(expected)));
            // In a folder it is a file like any other.
            assert_eq!(Kind::of("x", &bytes).map(|kind| kind.id), None, "{expected}");
        }
    }

    #[test]
    fn other_files_are_single_files() {
        let binary: &[u8] = &[1; 2_000];
        for name in ["x.bin", "x.dll", "x.aspx", "x", "x.2", "x.12345", "x.0a1"] {
            assert_eq!(id(name, binary), None, "{name}");
        }
        assert_eq!(id("x", &[0; 96]), None);
        // Beside pages, only what is an image and nothing else.
        let in_folder = |name: &str| Kind::of(name, &[1; HEAD]).map(|kind| kind.id);
        assert_eq!(in_folder("disk.E01"), Some("image_by_name"));
        assert_eq!((in_folder("firmware.img"), in_folder("setup.dmg"), in_folder("x.gz")), (None, None, None));
    }
}
