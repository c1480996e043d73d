//! What a file is, by its content. Magics of formats that are not read: file(1), QEMU's and libyal's format documents, the formats'
//! own specifications.

use crate::ReadAt;
use crate::bytes::has;
use std::io;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Ewf,
    Vhd,
    Vhdx,
    /// Of VMware's hosted products: a sparse extent, with or without a descriptor in it.
    VmdkSparse,
    VmdkDescriptor,
    /// Of ESX: a sparse extent of a snapshot.
    VmdkCowd,
    /// Of ESX: the same with blocks of 4 KiB.
    VmdkSeSparse,
    Qcow2,
    Tar,
    /// Recognised and not read, with its name.
    Unread(&'static str),
    /// Nothing of these.
    Raw,
}

/// Disk images.
const OTHER_IMAGES: Marks = &[
    (0, b"EVF2\r\n\x81\0", "an EnCase 7 disk image (Ex01)"),
    (0x40, b"\x7f\x10\xda\xbe", "a VirtualBox disk (VDI)"),
    (0, b"QED\0", "a QEMU enhanced disk (QED)"),
    (0, b"WithoutFreeSpace", "a Parallels disk (HDD)"),
    (0, b"WithouFreSpacExt", "a Parallels disk (HDD)"),
    (0, b"AFF10\r\n\0", "an AFF disk image"),
    (0, b"LUKS\xba\xbe", "a disk encrypted with LUKS"),
    (0, b"partclone-image", "an image made by partclone"),
    (0, b"Bochs Virtual HD Image", "a Bochs disk"),
    (0, b"conectix_vhdset", "a VHD set"),
    (0, b"sprs\0\0\0\x03", "an Apple sparse disk image"),
];

/// What holds files, and what is packed.
const ARCHIVES: Marks = &[
    (0, b"LVF\x09\r\n\xff\0", "an EnCase logical image (L01)"),
    (0, b"LEF2\r\n\x81\0", "an EnCase 7 logical image (Lx01)"),
    (0, b"ADSEGMENTEDFILE", "an FTK logical image (AD1)"),
    (0, b"ADCRYPT", "an encrypted FTK image"),
    (0, b"\x1f\x8b", "a file packed with gzip"),
    (0, b"BZh", "a file packed with bzip2"),
    (0, b"\xfd7zXZ\0", "a file packed with xz"),
    (0, b"\x28\xb5\x2f\xfd", "a file packed with Zstandard"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"PK\x03\x04", "a ZIP archive (AFF4 images are such)"),
    (0, b"MSWIM\0\0\0", "a Windows image (WIM)"),
];

/// Where a mark is, the mark, and whose it is.
type Marks = &'static [(usize, &'static [u8], &'static str)];

/// The name of a format of disk images that is recognised by how a file begins, and not read.
pub fn other_image(head: &[u8]) -> Option<&'static str> {
    named(OTHER_IMAGES, head)
}

fn named(marks: Marks, head: &[u8]) -> Option<&'static str> {
    marks.iter().find(|(offset, magic, _)| has(head, *offset, magic)).map(|(.., name)| *name)
}

/// How much of a file is looked at: the mark of an ISO 9660 volume lies behind sixteen sectors of 2,048 bytes.
const HEAD: usize = 34 << 10;

/// Tells what a file is.
///
/// # Errors
/// the error of the source.
pub(crate) fn recognise(source: &dyn ReadAt) -> io::Result<Format> {
    let mut head = vec![0; HEAD];
    let read = source.read_at(&mut head, 0)?;
    head.truncate(read);
    let at = |offset: usize, magic: &[u8]| has(&head, offset, magic);
    if at(0, b"EVF\x09\r\n\xff\0") {
        return Ok(Format::Ewf);
    }
    if at(0, b"vhdxfile") {
        return Ok(Format::Vhdx);
    }
    if at(0, b"KDMV") {
        return Ok(Format::VmdkSparse);
    }
    if at(0, b"COWD") {
        return Ok(Format::VmdkCowd);
    }
    if at(0, b"\xbe\xba\xfe\xca\0\0\0\0") {
        return Ok(Format::VmdkSeSparse);
    }
    if at(0, b"QFI\xfb") {
        return Ok(Format::Qcow2);
    }
    if let Some(name) = other_image(&head).or_else(|| named(ARCHIVES, &head)) {
        return Ok(Format::Unread(name));
    }
    if is_descriptor(&head) {
        return Ok(Format::VmdkDescriptor);
    }
    if at(0, b"conectix") || has_vhd_footer(source)? {
        return Ok(Format::Vhd);
    }
    if at(257, b"ustar") {
        return Ok(Format::Tar);
    }
    Ok(tail(source, &head)?.map_or(Format::Raw, Format::Unread))
}

fn is_descriptor(head: &[u8]) -> bool {
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let line = head.get(start..).unwrap_or_default();
    let line = line.get(..24).unwrap_or(line);
    line.to_ascii_lowercase().starts_with(b"# disk descriptorfile")
}

/// Disks of early versions of Virtual PC end in 511 bytes.
fn has_vhd_footer(source: &dyn ReadAt) -> io::Result<bool> {
    let mut tail = [0; 512];
    let at = source.len().saturating_sub(512);
    let read = source.read_at(&mut tail, at)?;
    Ok(read == 512 && (tail.starts_with(b"conectix") || has(&tail, 1, b"conectix")))
}

/// Formats with their mark at the end, and an optical disc where the sectors in front tell nothing.
fn tail(source: &dyn ReadAt, head: &[u8]) -> io::Result<Option<&'static str>> {
    let mut end = [0; 512];
    let at = source.len().saturating_sub(512);
    source.read_at(&mut end, at)?;
    if end.starts_with(b"koly") {
        return Ok(Some("an Apple disk image (DMG)"));
    }
    let is_optical = has(head, 32_769, b"CD001") && !has(head, 510, b"\x55\xaa") && !has(head, 512, b"EFI PART");
    Ok(is_optical.then_some("an optical disc (ISO 9660)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format_of(bytes: &[u8]) -> Format {
        recognise(&bytes.to_vec()).expect("read")
    }

    #[test]
    fn formats_are_identified_by_their_bytes() {
        assert_eq!(format_of(b""), Format::Raw);
        assert_eq!(format_of(b"EVF\x09\r\n\xff\0\x01\x01\0\0\0"), Format::Ewf);
        assert_eq!(format_of(b"\r\n# Disk DescriptorFile\nversion=1"), Format::VmdkDescriptor);
        assert_eq!(format_of(b"# Disk"), Format::Raw);
        assert!(matches!(format_of(b"EVF2\r\n\x81\0"), Format::Unread(name) if name.contains("Ex01")));
        let mut fixed = vec![0; 2048];
        fixed[1536..1544].copy_from_slice(b"conectix");
        assert_eq!(format_of(&fixed), Format::Vhd);
        fixed.pop();
        assert_eq!(format_of(&fixed), Format::Vhd, "a footer of 511 bytes");
        fixed.pop();
        assert_eq!(format_of(&fixed), Format::Raw);
        let mut optical = vec![0; 40_000];
        optical[32_769..32_774].copy_from_slice(b"CD001");
        assert!(matches!(format_of(&optical), Format::Unread(_)));
        optical[510..512].copy_from_slice(b"\x55\xaa");
        assert_eq!(format_of(&optical), Format::Raw, "it may be a disk as well");
        let mut apple = vec![0; 1024];
        apple[512..516].copy_from_slice(b"koly");
        assert!(matches!(format_of(&apple), Format::Unread(_)));
    }
}
