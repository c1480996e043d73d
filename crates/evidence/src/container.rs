//! Disk images and archives, told by how they begin. Nothing that lies in one is read: whoever gives one as a target, or has one
//! in a folder that is scanned, is told so, and what to do.

use super::Evidence;
use crate::model::ServerPath;
use crate::model::place::kind::is_web;
use crate::model::server_path::extension;
use std::io::Read;

/// Whether a container is a disk or a bundle of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Volumes, with all that lies on them.
    Disk,
    /// Files.
    Files,
}

/// A kind of container: how it is told, what it is called, what to do with it.
pub struct Container {
    /// The stable name.
    pub id: &'static str,
    /// What a person calls it, with its article.
    pub name: &'static str,
    /// What lies in it.
    pub holds: Holds,
    /// How its content can be scanned; `FILE` stands for its path.
    pub advice: &'static str,
    is: fn(&Head<'_>) -> bool,
}

/// The first bytes of a file and, for formats that have no mark of their own there, the extension of its name.
struct Head<'h> {
    bytes: &'h [u8],
    extension: &'h str,
}

/// How much of a file tells what it is: the mark of an ISO 9660 volume lies behind sixteen sectors.
const HEAD: usize = 34 << 10;

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
const BY_TYPE: &str = "mount it read-only: mount -o ro,loop FILE /mnt/c";

/// The kinds, the more particular ones first. Magics are those of libewf's and Microsoft's format documents, QEMU's block drivers and
/// file(1).
pub const CONTAINERS: &[Container] = &[
    Container {
        id: "ewf",
        name: "an EnCase disk image (EWF, E01)",
        holds: DISK,
        advice: WITH_EWF,
        is: |head| head.at(0, b"EVF\x09\r\n\xff\0") || head.at(0, b"EVF2\r\n\x81\0"),
    },
    Container {
        id: "ewf_logical",
        name: "an EnCase logical image (L01)",
        holds: FILES,
        advice: "ewfmount -f files FILE /mnt/files",
        is: |head| head.at(0, b"LVF\x09\r\n\xff\0") || head.at(0, b"LEF2\r\n\x81\0"),
    },
    Container {
        id: "ad1",
        name: "an AccessData logical image (AD1)",
        holds: FILES,
        advice: "export its files with FTK Imager, or target-mount FILE /mnt/files (dissect)",
        is: |head| head.at(0, b"ADSEGMENTEDFILE\0") || head.at(0, b"ADLOGICALIMAGE\0") || head.at(0, b"ADCRYPT\0"),
    },
    Container {
        id: "aff4",
        name: "an AFF4 image",
        holds: DISK,
        advice: "mount it read-only with Arsenal Image Mounter, or export a raw image with aff4imager",
        is: |head| head.is_zip() && (head.extension == "aff4" || head.has(b"aff4://") || head.has(b"aff4%3A%2F%2F")),
    },
    Container {
        id: "aff",
        name: "an AFF image",
        holds: DISK,
        advice: "affuse FILE /mnt/aff, then the raw image in it by losetup -rP --show -f and ntfs-3g -o ro",
        is: |head| head.at(0, b"AFF10\r\n\0"),
    },
    Container {
        id: "vhdx",
        name: "a VHDX disk image",
        holds: DISK,
        advice: ATTACHED,
        is: |head| head.at(0, b"vhdxfile"),
    },
    Container {
        id: "vhd",
        name: "a VHD disk image",
        holds: DISK,
        advice: ATTACHED,
        // One of fixed size has its mark at the end: it begins as its disk does.
        is: |head| head.at(0, b"conectix") || head.extension == "vhd" && head.is_disk(),
    },
    Container {
        id: "vmdk",
        name: "a VMDK disk image",
        holds: DISK,
        advice: WITH_QEMU,
        is: |head| {
            let sparse = head.at(0, b"KDMV") || head.at(0, b"COWD") || head.at(0, b"\xbe\xba\xfe\xca\0\0\0\0");
            sparse || head.at(0, b"# Disk DescriptorFile")
        },
    },
    Container {
        id: "qcow2",
        name: "a QCOW2 disk image",
        holds: DISK,
        advice: WITH_QEMU,
        is: |head| head.at(0, b"QFI\xfb"),
    },
    Container {
        id: "vdi",
        name: "a VDI disk image",
        holds: DISK,
        advice: WITH_QEMU,
        is: |head| head.at(64, b"\x7f\x10\xda\xbe"),
    },
    Container {
        id: "bitlocker",
        name: "a volume that BitLocker encrypted",
        holds: DISK,
        advice: "unlock it: dislocker -r -V FILE -p -- /mnt/bde asks for the recovery password, then ntfs-3g -o ro \
/mnt/bde/dislocker-file /mnt/c",
        // BitLocker To Go begins like FAT and has its identifier at 424.
        is: |head| head.at(3, b"-FVE-FS-") || head.is_boot_sector() && head.at(424, BITLOCKER_TO_GO),
    },
    Container {
        id: "ntfs",
        name: "an image of an NTFS volume",
        holds: DISK,
        advice: "ntfs-3g -o ro FILE /mnt/c (on Windows Arsenal Image Mounter or FTK Imager, read-only)",
        is: |head| head.at(3, b"NTFS    ") && head.is_boot_sector(),
    },
    Container {
        id: "refs",
        name: "an image of a ReFS volume",
        holds: DISK,
        advice: "attach it read-only to a Windows that reads ReFS",
        is: |head| head.at(3, b"ReFS\0\0\0\0"),
    },
    Container {
        id: "fat",
        name: "an image of a FAT volume",
        holds: DISK,
        advice: BY_TYPE,
        is: |head| {
            let named = head.at(82, b"FAT32   ") || head.at(54, b"FAT1") || head.at(3, b"EXFAT   ");
            named && head.is_boot_sector()
        },
    },
    Container {
        id: "gpt",
        name: "a raw disk image (GPT)",
        holds: DISK,
        advice: WITH_LOOP,
        is: |head| head.at(512, b"EFI PART") || head.at(4096, b"EFI PART"),
    },
    Container {
        id: "mbr",
        name: "a raw disk image (MBR)",
        holds: DISK,
        advice: WITH_LOOP,
        is: |head| head.is_partitioned(),
    },
    Container {
        id: "iso",
        name: "an image of an optical disc (ISO)",
        holds: FILES,
        advice: "mount -o ro,loop FILE /mnt/iso (on Windows Mount-DiskImage -Access ReadOnly FILE)",
        is: |head| head.at(32_769, b"CD001") || head.at(32_769, b"BEA01") || head.at(32_769, b"NSR0"),
    },
    Container {
        id: "wim",
        name: "a Windows image (WIM)",
        holds: FILES,
        advice: "wimmount FILE 1 /mnt/wim (on Windows Dism /Mount-Image /ReadOnly /ImageFile:FILE /Index:1 /MountDir:FOLDER)",
        is: |head| head.at(0, b"MSWIM\0\0\0"),
    },
    Container {
        id: "zip",
        name: "a zip archive",
        holds: FILES,
        advice: "unzip FILE -d FOLDER",
        is: |head| {
            (head.is_zip() && !head.is_package()) || head.at(0, b"PK\x05\x06") || head.at(0, b"PK\x07\x08PK\x03\x04")
        },
    },
    Container {
        id: "7z",
        name: "a 7z archive",
        holds: FILES,
        advice: "7z x FILE -oFOLDER",
        is: |head| head.at(0, b"7z\xbc\xaf\x27\x1c"),
    },
    Container {
        id: "rar",
        name: "a RAR archive",
        holds: FILES,
        advice: "7z x FILE -oFOLDER",
        is: |head| head.at(0, b"Rar!\x1a\x07"),
    },
    Container {
        id: "cab",
        name: "a cabinet (CAB)",
        holds: FILES,
        advice: "7z x FILE -oFOLDER",
        is: |head| head.at(0, b"MSCF\0\0\0\0"),
    },
    Container {
        id: "tar",
        name: "a tar archive",
        holds: FILES,
        advice: "tar -xf FILE -C FOLDER",
        is: |head| head.at(257, b"ustar\0") || head.at(257, b"ustar  \0"),
    },
    Container {
        id: "gzip",
        name: "packed by gzip",
        holds: FILES,
        advice: UNPACK,
        is: |head| head.at(0, b"\x1f\x8b\x08"),
    },
    Container {
        id: "bzip2",
        name: "packed by bzip2",
        holds: FILES,
        advice: UNPACK,
        is: |head| head.at(0, b"BZh") && head.at(4, b"1AY&SY"),
    },
    Container { id: "xz", name: "packed by xz", holds: FILES, advice: UNPACK, is: |head| head.at(0, b"\xfd7zXZ\0") },
    Container {
        id: "zstd",
        name: "packed by zstd",
        holds: FILES,
        advice: UNPACK,
        is: |head| head.at(0, b"\x28\xb5\x2f\xfd"),
    },
];

const UNPACK: &str = "tar -xf FILE -C FOLDER where it holds a tar archive, otherwise 7z x FILE -oFOLDER";

/// {4967D63B-2E29-4AD8-8399-F6A339E3D001}
const BITLOCKER_TO_GO: &[u8] = b"\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01";

/// With what the packages of documents, libraries and programs begin that are zip files by their form alone (OPC, ODF, JAR, NuGet).
const PACKAGES: &[&[u8]] =
    &[b"[Content_Types].xml", b"_rels/", b"mimetype", b"META-INF/", b"docProps/", b"word/", b"xl/", b"ppt/"];

impl Container {
    /// What a file of this name that begins with `head` is. Not one that the web server would run by its name: a page is run
    /// whatever stands before its first mark.
    pub fn of(name: &str, head: &[u8]) -> Option<&'static Self> {
        if is_web(name) {
            return None;
        }
        let extension = extension(name);
        let head = Head { bytes: &head[..head.len().min(HEAD)], extension: &extension };
        CONTAINERS.iter().find(|container| (container.is)(&head))
    }

    /// What a file of the evidence is; `None` as well for one that cannot be opened, which its reader will say.
    pub fn at(evidence: &dyn Evidence, file: &ServerPath) -> Option<&'static Self> {
        let mut head = Vec::new();
        // What came before an error tells as much.
        let _ = evidence.open(file).and_then(|content| content.reader.take(HEAD as u64).read_to_end(&mut head));
        Self::of(file.name(), &head)
    }

    /// Whether logs are read out of it as it is.
    pub fn may_hold_logs(&self) -> bool {
        matches!(self.id, "gzip" | "zip")
    }

    /// What to do with the one at `file`, as one would type its path.
    pub fn advice_for(&self, file: &str) -> String {
        let verb = match self.holds {
            Holds::Disk => "mount the volume in it read-only and give that",
            Holds::Files => "unpack or mount it and give the folder",
        };
        format!("{verb}: {}", self.advice.replace("FILE", file))
    }
}

impl Head<'_> {
    fn at(&self, offset: usize, magic: &[u8]) -> bool {
        self.bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic))
    }

    fn has(&self, text: &[u8]) -> bool {
        memchr::memmem::find(self.bytes, text).is_some()
    }

    fn is_zip(&self) -> bool {
        self.at(0, b"PK\x03\x04")
    }

    /// Whether the first member of a zip file is one that packages begin with.
    fn is_package(&self) -> bool {
        PACKAGES.iter().any(|name| self.at(30, name))
    }

    /// A sector that a machine could start from: the mark at its end, and a jump or nothing in front.
    fn is_boot_sector(&self) -> bool {
        self.at(510, b"\x55\xaa") && matches!(self.bytes.first(), Some(0xeb | 0xe9 | 0))
    }

    /// A partition table that could be one: each entry is active or not, one of them says where something lies, and none lies in
    /// the table itself. The four entries are at 446, sixteen bytes each.
    fn is_partitioned(&self) -> bool {
        let Some(table) = self.bytes.get(446..510).filter(|_| self.at(510, b"\x55\xaa")) else { return false };
        let number =
            |entry: &[u8], at: usize| entry[at..at + 4].iter().rev().fold(0u32, |n, byte| n << 8 | u32::from(*byte));
        let mut used = 0;
        for entry in table.chunks_exact(16) {
            match (entry[0], entry[4]) {
                (_, 0) if entry.iter().all(|byte| *byte == 0) => {}
                (0 | 0x80, 1..) if number(entry, 8) > 0 && number(entry, 12) > 0 => used += 1,
                _ => return false,
            }
        }
        used > 0
    }

    fn is_disk(&self) -> bool {
        self.is_partitioned() || self.at(512, b"EFI PART") || self.is_boot_sector()
    }
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
        Container::of(name, bytes).map(|container| container.id)
    }

    /// One active NTFS partition from sector 2048 on.
    const PARTITION: &[u8] = b"\x80\x20\x21\0\x07\xfe\xff\xff\0\x08\0\0\0\0\x01\0";
    const END: (usize, &[u8]) = (510, b"\x55\xaa");

    #[test]
    fn each_kind_is_told_by_how_it_begins() {
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
            ("iso", "x.iso", &[(32_769, b"CD001")]),
            ("wim", "x.wim", &[(0, b"MSWIM\0\0\0")]),
            ("zip", "x.zip", &[(0, b"PK\x03\x04"), (30, b"wwwroot/")]),
            ("zip", "empty.zip", &[(0, b"PK\x05\x06")]),
            ("7z", "x.7z", &[(0, b"7z\xbc\xaf\x27\x1c")]),
            ("rar", "x.rar", &[(0, b"Rar!\x1a\x07\x01\0")]),
            ("cab", "x.cab", &[(0, b"MSCF\0\0\0\0")]),
            ("tar", "x.tar", &[(0, b"fs/c:/Windows/"), (257, b"ustar\x0000")]),
            ("gzip", "x.tgz", &[(0, b"\x1f\x8b\x08")]),
            ("bzip2", "x.bz2", &[(0, b"BZh91AY&SY")]),
            ("xz", "x.xz", &[(0, b"\xfd7zXZ\0")]),
            ("zstd", "x.zst", &[(0, b"\x28\xb5\x2f\xfd")]),
        ];
        for (expected, name, marks) in cases {
            assert_eq!(id(name, &file(marks)), Some(*expected), "{name}");
        }
        for container in CONTAINERS {
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
