//! Evidence types: what can be a target, how it is recognised, and how it is opened. What is recognised and not opened is refused with
//! instructions. A new source is a file with its `KIND` and its line in [`KINDS`].

use super::image::{Image, NotOpened};
use super::kind::{Candidate, Collected, Detect, HEAD, Head, Holds, Kind, Layout, Opened, Unopened, quoted};
use super::{Evidence, by_name, collection, directory};
use crate::model::ServerPath;
use crate::model::place::kind::is_web;
use crate::model::server_path::extension;
use std::io::Read;

/// A disk image.
fn open_image(candidate: &Candidate<'_>) -> Result<Opened, Unopened> {
    let image = Image::open(candidate.path).map_err(|error| match error {
        NotOpened::Failed(error) => Unopened::Failed(error),
        NotOpened::Refused(why) => candidate.kind.refused(candidate.path, &why),
    })?;
    Ok(Opened::Images { images: vec![image], notices: Vec::new(), problems: Vec::new() })
}

/// An archive: its members, the volumes that a collector put there, or the disk images in it. A single file that is only compressed is
/// refused.
fn open_archive(candidate: &Candidate<'_>) -> Result<Opened, Unopened> {
    crate::archive::open(candidate).unwrap_or_else(|| Err(single_file(candidate)))
}

/// A single file that is compressed: it is no archive, whatever it is.
fn single_file(candidate: &Candidate<'_>) -> Unopened {
    let path = candidate.path.display().to_string();
    let file = quoted(&path);
    Unopened::Refused(format!(
        "{path} is a single file {}: unpack it (gunzip -k {file}, on Windows 7z x {file}) and scan the unpacked file; shellsift logs reads \
         compressed logs directly",
        candidate.kind.name
    ))
}

/// An image or archive: says what to do with it.
fn not_opened(candidate: &Candidate<'_>) -> Result<Opened, Unopened> {
    let Candidate { kind, path, .. } = candidate;
    let unpacked = if kind.may_hold_logs() { "; shellsift logs reads compressed logs directly" } else { "" };
    let advice = kind.advice_for(&quoted(&path.display().to_string()));
    Err(Unopened::Refused(format!("{} is {} and cannot be opened; {advice}{unpacked}", path.display(), kind.name)))
}

const DISK: Holds = Holds::Disk;
const FILES: Holds = Holds::Files;

/// Mounts with what QEMU reads, partitions and all.
const WITH_QEMU: &str = "qemu-nbd -r -c /dev/nbd0 FILE && ntfs-3g -o ro /dev/nbd0p2 /mnt/c (lsblk /dev/nbd0 shows the partitions; on \
Windows Arsenal Image Mounter or FTK Imager, read-only)";
const WITH_EWF: &str = "ewfmount FILE /mnt/ewf && losetup -rP --show -f /mnt/ewf/ewf1, then ntfs-3g -o ro /dev/loop0p2 /mnt/c (lsblk shows \
the partitions; on Windows Arsenal Image Mounter or FTK Imager, read-only)";
const ATTACHED: &str = "qemu-nbd -r -c /dev/nbd0 FILE && ntfs-3g -o ro /dev/nbd0p2 /mnt/c (lsblk /dev/nbd0 shows the partitions; on \
Windows Mount-DiskImage -Access ReadOnly FILE)";
const WITH_LOOP: &str = "losetup -rP --show -f FILE, then ntfs-3g -o ro /dev/loop0p2 /mnt/c (lsblk shows the partitions; on Windows \
Arsenal Image Mounter or FTK Imager, read-only)";
const BY_TYPE: &str = "mount -o ro,loop FILE /mnt/c";

/// The kinds, the more particular ones first. Magics are those of libewf's and Microsoft's format documents, QEMU's block drivers and
/// file(1).
pub const KINDS: &[Kind] = &[
    collection::KIND,
    directory::KIND,
    Kind {
        id: "ewf",
        name: "an EnCase disk image (EWF, E01)",
        holds: DISK,
        advice: WITH_EWF,
        detect: Detect::Magic(|head| head.at(0, b"EVF\x09\r\n\xff\0") || head.at(0, b"EVF2\r\n\x81\0")),
        open: open_image,
    },
    Kind {
        id: "ewf_logical",
        name: "an EnCase logical image (L01)",
        holds: FILES,
        advice: "ewfmount -f files FILE /mnt/files",
        detect: Detect::Magic(|head| head.at(0, b"LVF\x09\r\n\xff\0") || head.at(0, b"LEF2\r\n\x81\0")),
        open: not_opened,
    },
    Kind {
        id: "ad1",
        name: "an AccessData logical image (AD1)",
        holds: FILES,
        advice: "export its files with FTK Imager, or target-mount FILE /mnt/files (dissect)",
        detect: Detect::Magic(|head| {
            head.at(0, b"ADSEGMENTEDFILE\0") || head.at(0, b"ADLOGICALIMAGE\0") || head.at(0, b"ADCRYPT\0")
        }),
        open: not_opened,
    },
    Kind {
        id: "aff4",
        name: "an AFF4 image",
        holds: DISK,
        advice: "mount it read-only with Arsenal Image Mounter, or export a raw image with aff4imager",
        detect: Detect::Magic(|head| {
            head.is_zip() && (head.extension == "aff4" || head.has(b"aff4://") || head.has(b"aff4%3A%2F%2F"))
        }),
        open: not_opened,
    },
    Kind {
        id: "aff",
        name: "an AFF image",
        holds: DISK,
        advice: "affuse FILE /mnt/aff, then the raw image in it by losetup -rP --show -f and ntfs-3g -o ro",
        detect: Detect::Magic(|head| head.at(0, b"AFF10\r\n\0")),
        open: not_opened,
    },
    Kind {
        id: "vhdx",
        name: "a VHDX disk image",
        holds: DISK,
        advice: ATTACHED,
        detect: Detect::Magic(|head| head.at(0, b"vhdxfile")),
        open: open_image,
    },
    Kind {
        id: "vhd",
        name: "a VHD disk image",
        holds: DISK,
        advice: ATTACHED,
        // One of fixed size has its mark at the end: it begins as its disk does.
        detect: Detect::Magic(|head| head.at(0, b"conectix") || head.extension == "vhd" && head.is_disk()),
        open: open_image,
    },
    Kind {
        id: "vmdk",
        name: "a VMDK disk image",
        holds: DISK,
        advice: WITH_QEMU,
        detect: Detect::Magic(|head| {
            let sparse = head.at(0, b"KDMV") || head.at(0, b"COWD") || head.at(0, b"\xbe\xba\xfe\xca\0\0\0\0");
            sparse || head.at(0, b"# Disk DescriptorFile")
        }),
        open: open_image,
    },
    Kind {
        id: "qcow2",
        name: "a QCOW2 disk image",
        holds: DISK,
        advice: WITH_QEMU,
        detect: Detect::Magic(|head| head.at(0, b"QFI\xfb")),
        open: open_image,
    },
    Kind {
        id: "vdi",
        name: "a VDI disk image",
        holds: DISK,
        advice: WITH_QEMU,
        detect: Detect::Magic(|head| head.at(64, b"\x7f\x10\xda\xbe")),
        open: open_image,
    },
    Kind {
        id: "bitlocker",
        name: "a BitLocker-encrypted volume",
        holds: DISK,
        advice: "unlock it: dislocker -r -V FILE -p -- /mnt/bde asks for the recovery password, then ntfs-3g -o ro \
/mnt/bde/dislocker-file /mnt/c",
        // BitLocker To Go begins like FAT and has its identifier at 424.
        detect: Detect::Magic(|head| head.at(3, b"-FVE-FS-") || head.is_boot_sector() && head.at(424, BITLOCKER_TO_GO)),
        open: open_image,
    },
    Kind {
        id: "ntfs",
        name: "an image of an NTFS volume",
        holds: DISK,
        advice: "ntfs-3g -o ro FILE /mnt/c (on Windows Arsenal Image Mounter or FTK Imager, read-only)",
        detect: Detect::Magic(|head| head.at(3, b"NTFS    ") && head.is_boot_sector()),
        open: open_image,
    },
    Kind {
        id: "refs",
        name: "an image of a ReFS volume",
        holds: DISK,
        advice: "attach it read-only to a Windows system that supports ReFS",
        detect: Detect::Magic(|head| head.at(3, b"ReFS\0\0\0\0")),
        open: open_image,
    },
    Kind {
        id: "fat",
        name: "an image of a FAT volume",
        holds: DISK,
        advice: BY_TYPE,
        detect: Detect::Magic(|head| {
            let named = head.at(82, b"FAT32   ") || head.at(54, b"FAT1") || head.at(3, b"EXFAT   ");
            named && head.is_boot_sector()
        }),
        open: open_image,
    },
    Kind {
        id: "gpt",
        name: "a raw disk image (GPT)",
        holds: DISK,
        advice: WITH_LOOP,
        detect: Detect::Magic(|head| head.at(512, b"EFI PART") || head.at(4096, b"EFI PART")),
        open: open_image,
    },
    Kind {
        id: "mbr",
        name: "a raw disk image (MBR)",
        holds: DISK,
        advice: WITH_LOOP,
        detect: Detect::Magic(|head| head.is_partitioned()),
        open: open_image,
    },
    Kind {
        id: "other_volume",
        name: "an image of a volume of Linux or macOS",
        holds: DISK,
        advice: BY_TYPE,
        detect: Detect::Magic(|head| shellsift_disk::of_another_system(head.bytes).is_some()),
        open: open_image,
    },
    Kind {
        id: "other_image",
        name: "a disk image of a format that is not supported",
        holds: DISK,
        advice: "convert it to a raw image (qemu-img convert -O raw FILE disk.dd) and scan that",
        detect: Detect::Magic(|head| shellsift_disk::other_image(head.bytes).is_some()),
        open: open_image,
    },
    Kind {
        id: "cpio",
        name: "a cpio archive",
        holds: FILES,
        advice: "cpio -idm < FILE in an empty folder",
        // The header is of hexadecimal digits, 110 bytes, or of octal ones, 76 bytes.
        detect: Detect::Magic(|head| {
            let digits =
                |size: usize| head.bytes.get(..size).is_some_and(|head| head.iter().all(u8::is_ascii_hexdigit));
            (head.at(0, b"070701") || head.at(0, b"070702")) && digits(110) || head.at(0, b"070707") && digits(76)
        }),
        open: not_opened,
    },
    Kind {
        id: "iso",
        name: "an image of an optical disc (ISO)",
        holds: FILES,
        advice: "mount -o ro,loop FILE /mnt/iso (on Windows Mount-DiskImage -Access ReadOnly FILE)",
        detect: Detect::Magic(|head| {
            head.at(32_769, b"CD001") || head.at(32_769, b"BEA01") || head.at(32_769, b"NSR0")
        }),
        open: not_opened,
    },
    Kind {
        id: "wim",
        name: "a Windows image (WIM)",
        holds: FILES,
        advice: "wimmount FILE 1 /mnt/wim (on Windows Dism /Mount-Image /ReadOnly /ImageFile:FILE /Index:1 /MountDir:FOLDER)",
        detect: Detect::Magic(|head| head.at(0, b"MSWIM\0\0\0")),
        open: not_opened,
    },
    Kind {
        id: "zip",
        name: "a zip archive",
        holds: FILES,
        advice: "unzip FILE -d FOLDER",
        detect: Detect::Magic(|head| {
            (head.is_zip() && !head.is_package()) || head.at(0, b"PK\x05\x06") || head.at(0, b"PK\x07\x08PK\x03\x04")
        }),
        open: open_archive,
    },
    Kind {
        id: "7z",
        name: "a 7z archive",
        holds: FILES,
        advice: "7z x FILE -oFOLDER",
        detect: Detect::Magic(|head| head.at(0, b"7z\xbc\xaf\x27\x1c")),
        open: open_archive,
    },
    Kind {
        id: "rar",
        name: "a RAR archive",
        holds: FILES,
        advice: "7z x FILE -oFOLDER",
        detect: Detect::Magic(|head| head.at(0, b"Rar!\x1a\x07")),
        open: not_opened,
    },
    Kind {
        id: "cab",
        name: "a cabinet (CAB)",
        holds: FILES,
        advice: "7z x FILE -oFOLDER",
        detect: Detect::Magic(|head| head.at(0, b"MSCF\0\0\0\0")),
        open: not_opened,
    },
    Kind {
        id: "ova",
        name: "a virtual machine (OVA)",
        holds: DISK,
        advice: "tar -xf FILE -C FOLDER, then scan its disks",
        // Its description comes first: DSP0243, 2.
        detect: Detect::Magic(|head| {
            let name = head.bytes.get(..100).and_then(|name| name.split(|byte| *byte == 0).next()).unwrap_or_default();
            head.at(257, b"ustar") && name.to_ascii_lowercase().ends_with(b".ovf")
        }),
        open: open_image,
    },
    Kind {
        id: "tar",
        name: "a tar archive",
        holds: FILES,
        advice: "tar -xf FILE -C FOLDER",
        detect: Detect::Magic(|head| head.at(257, b"ustar\0") || head.at(257, b"ustar  \0")),
        open: open_archive,
    },
    Kind {
        id: "gzip",
        name: "compressed with gzip",
        holds: FILES,
        advice: UNPACK,
        detect: Detect::Magic(|head| head.at(0, b"\x1f\x8b\x08")),
        open: open_archive,
    },
    Kind {
        id: "bzip2",
        name: "compressed with bzip2",
        holds: FILES,
        advice: UNPACK,
        detect: Detect::Magic(|head| head.at(0, b"BZh") && head.at(4, b"1AY&SY")),
        open: not_opened,
    },
    Kind {
        id: "xz",
        name: "compressed with xz",
        holds: FILES,
        advice: UNPACK,
        detect: Detect::Magic(|head| head.at(0, b"\xfd7zXZ\0")),
        open: not_opened,
    },
    Kind {
        id: "zstd",
        name: "compressed with zstd",
        holds: FILES,
        advice: UNPACK,
        detect: Detect::Magic(|head| head.at(0, b"\x28\xb5\x2f\xfd")),
        open: not_opened,
    },
];

const UNPACK: &str = "tar -xf FILE -C FOLDER if it contains a tar archive, otherwise 7z x FILE -oFOLDER";

/// {4967D63B-2E29-4AD8-8399-F6A339E3D001}
const BITLOCKER_TO_GO: &[u8] = b"\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01";

impl Kind {
    /// What a file of this name that begins with `head` is. Not one that the web server would run by its name: a page is run
    /// whatever stands before its first mark.
    pub fn of(name: &str, head: &[u8]) -> Option<&'static Self> {
        Self::find(KINDS.iter().chain([&by_name::IMAGE]), name, head)
    }

    /// What a file is that was given as a target: an image or archive by its name as well, and what is only read as part of a volume.
    pub fn of_target(name: &str, head: &[u8]) -> Option<&'static Self> {
        Self::find(KINDS.iter().chain(by_name::OF_TARGETS).chain([&by_name::IMAGE]), name, head)
    }

    fn find(mut kinds: impl Iterator<Item = &'static Self>, name: &str, head: &[u8]) -> Option<&'static Self> {
        if is_web(name) {
            return None;
        }
        let extension = extension(name);
        let head = Head { bytes: &head[..head.len().min(HEAD)], extension: &extension };
        kinds.find(|kind| matches!(kind.detect, Detect::Magic(is) if is(&head)))
    }

    /// What a folder is, with the volumes that lie in it.
    pub fn of_folder(layout: &Layout<'_>) -> Option<(&'static Self, Vec<Collected>)> {
        KINDS.iter().find_map(|kind| match kind.detect {
            Detect::Layout(volumes) => Some((kind, volumes(layout))).filter(|(_, volumes)| !volumes.is_empty()),
            Detect::Folder => Some((kind, Vec::new())),
            Detect::Magic(_) => None,
        })
    }

    /// The kind of a folder as it is, whatever lies in it.
    pub fn folder() -> &'static Self {
        &directory::KIND
    }

    /// What a file of the evidence is; `None` as well for one that cannot be opened, which its reader will say.
    pub fn at(evidence: &dyn Evidence, file: &ServerPath) -> Option<&'static Self> {
        Self::of(file.name(), &head(evidence, file)?)
    }

    /// What a target is; `None` as well for one that cannot be opened.
    pub fn of_target_at(evidence: &dyn Evidence, file: &ServerPath) -> Option<&'static Self> {
        Self::of_target(file.name(), &head(evidence, file)?)
    }
}

/// How a file begins; what came before an error is enough.
fn head(evidence: &dyn Evidence, file: &ServerPath) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let _ = evidence.open(file).ok()?.reader.take(HEAD as u64).read_to_end(&mut head);
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes and their places in a file.
    type Marks<'m> = &'m [(usize, &'m [u8])];

    /// A file with these bytes at these places and nothing else.
    fn file(marks: Marks<'_>) -> Vec<u8> {
        let mut bytes = vec![0; HEAD];
        for (at, mark) in marks {
            bytes[*at..*at + mark.len()].copy_from_slice(mark);
        }
        bytes
    }

    fn id(name: &str, bytes: &[u8]) -> Option<&'static str> {
        Kind::of(name, bytes).map(|kind| kind.id)
    }

    /// One active NTFS partition from sector 2048 on.
    const PARTITION: &[u8] = b"\x80\x20\x21\0\x07\xfe\xff\xff\0\x08\0\0\0\0\x01\0";
    const END: (usize, &[u8]) = (510, b"\x55\xaa");

    #[test]
    fn each_kind_is_recognised_by_how_it_begins() {
        let cases: &[(&str, &str, Marks<'_>)] = &[
            ("ewf", "disk.E01", &[(0, b"EVF\x09\r\n\xff\0\x01\x01\0")]),
            ("ewf", "disk.Ex01", &[(0, b"EVF2\r\n\x81\0")]),
            ("ewf_logical", "x.L01", &[(0, b"LVF\x09\r\n\xff\0")]),
            ("ad1", "x.ad1", &[(0, b"ADSEGMENTEDFILE\0")]),
            ("aff4", "x.aff4", &[(0, b"PK\x03\x04")]),
            ("aff4", "x.bin", &[(0, b"PK\x03\x04"), (30, b"aff4%3A%2F%2Fc21")]),
            ("aff", "x.aff", &[(0, b"AFF10\r\n\0")]),
            ("vhdx", "x", &[(0, b"vhdxfile")]),
            ("vhd", "x", &[(0, b"conectix")]),
            ("vhd", "fixed.vhd", &[(446, PARTITION), END]),
            ("vmdk", "x.vmdk", &[(0, b"KDMV\x01\0\0\0")]),
            ("vmdk", "x.vmdk", &[(0, b"# Disk DescriptorFile\n")]),
            ("vmdk", "x-sesparse.vmdk", &[(0, b"\xbe\xba\xfe\xca\0\0\0\0\x01")]),
            ("qcow2", "x", &[(0, b"QFI\xfb\0\0\0\x03")]),
            ("vdi", "x", &[(0, b"<<< a disk image >>>\n"), (64, b"\x7f\x10\xda\xbe")]),
            ("bitlocker", "x", &[(0, b"\xeb\x58\x90-FVE-FS-"), END]),
            ("bitlocker", "x", &[(0, b"\xeb\x58\x90MSWIN4.1"), (82, b"FAT32   "), (424, BITLOCKER_TO_GO), END]),
            ("ntfs", "c.dd", &[(0, b"\xeb\x52\x90NTFS    "), END]),
            ("refs", "d.dd", &[(3, b"ReFS\0\0\0\0")]),
            ("fat", "efi.dd", &[(0, b"\xeb\x58\x90MSDOS5.0"), (82, b"FAT32   "), END]),
            (
                "gpt",
                "disk.001",
                &[(446, b"\0\0\x02\0\xee\xff\xff\xff\x01\0\0\0\xff\xff\xff\xff"), END, (512, b"EFI PART")],
            ),
            ("gpt", "4k.dd", &[(4096, b"EFI PART")]),
            ("mbr", "disk.dd", &[(446, PARTITION), END]),
            ("other_volume", "root.dd", &[(512, b"LABELONE"), (536, b"LVM2 001")]),
            ("other_volume", "mac.dd", &[(32, b"NXSB\0\x10\0\0")]),
            ("other_image", "x", &[(0, b"WithoutFreeSpace")]),
            ("other_image", "x", &[(0, b"LUKS\xba\xbe")]),
            ("cpio", "x", &[(0, &[b"070701".as_slice(), &[b'0'; 104]].concat())]),
            ("cpio", "x", &[(0, &[b"070707".as_slice(), &[b'1'; 70]].concat())]),
            ("iso", "x.iso", &[(32_769, b"CD001")]),
            ("wim", "x.wim", &[(0, b"MSWIM\0\0\0")]),
            ("zip", "x.zip", &[(0, b"PK\x03\x04"), (30, b"wwwroot/")]),
            ("zip", "empty.zip", &[(0, b"PK\x05\x06")]),
            ("7z", "x.7z", &[(0, b"7z\xbc\xaf\x27\x1c")]),
            ("rar", "x.rar", &[(0, b"Rar!\x1a\x07\x01\0")]),
            ("cab", "x.cab", &[(0, b"MSCF\0\0\0\0")]),
            ("ova", "x.ova", &[(0, b"mail01.ovf\0"), (257, b"ustar\x0000")]),
            ("tar", "x.tar", &[(0, b"fs/c:/Windows/"), (257, b"ustar\x0000")]),
            ("gzip", "x.tgz", &[(0, b"\x1f\x8b\x08")]),
            ("bzip2", "x.bz2", &[(0, b"BZh91AY&SY")]),
            ("xz", "x.xz", &[(0, b"\xfd7zXZ\0")]),
            ("zstd", "x.zst", &[(0, b"\x28\xb5\x2f\xfd")]),
        ];
        for (expected, name, marks) in cases {
            assert_eq!(id(name, &file(marks)), Some(*expected), "{name}");
        }
        for container in KINDS.iter().filter(|kind| matches!(kind.detect, Detect::Magic(_))) {
            assert!(cases.iter().any(|(id, ..)| *id == container.id), "{} has no case", container.id);
            assert!(!container.name.is_empty() && container.advice_for("'x y'").contains(": "), "{}", container.id);
        }
    }

    #[test]
    fn what_only_looks_a_little_like_one_is_none() {
        let shell = b"<%@ Page Language=\"C#\" %>".as_slice();
        let cases: &[(&str, Marks<'_>)] = &[
            ("page.txt", &[(0, shell)]),
            // A page is run whatever stands before it.
            ("x.aspx", &[(0, b"PK\x03\x04"), (100, shell)]),
            ("x.php", &[(0, b"\x1f\x8b\x08")]),
            // Packages are zip files by their form alone.
            ("letter.docx", &[(0, b"PK\x03\x04"), (30, b"[Content_Types].xml")]),
            ("lib.jar", &[(0, b"PK\x03\x04"), (30, b"META-INF/MANIFEST.MF")]),
            ("page.odt", &[(0, b"PK\x03\x04"), (30, b"mimetypeapplication/")]),
            // The mark of a boot sector at its place by chance, and a table that cannot be one.
            ("chance.bin", &[END]),
            ("chance.bin", &[(446, b"\x42\0\0\0\x07"), END]),
            ("chance.bin", &[(446, b"\x80\0\0\0\x07\0\0\0\0\0\0\0\0\0\0\0"), END]),
            ("names.txt", &[(3, b"NTFS    ")]),
            ("dictionary.txt", &[(0, b"BZh and so on")]),
            ("numbers.txt", &[(0, b"070701;12;070707")]),
        ];
        for (name, marks) in cases {
            assert_eq!(id(name, &file(marks)), None, "{name}");
        }
        assert_eq!(id("x", b""), None);
        for end in 0..600 {
            let whole = file(&[(446, PARTITION), END]);
            assert_eq!(id("cut", &whole[..end]), (end >= 512).then_some("mbr"), "{end}");
        }
    }
}
