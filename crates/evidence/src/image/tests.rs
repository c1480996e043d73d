//! Devices as images. A plain file stands for the device, so that no root is needed.

use super::*;
use crate::device::tests::test_volume;
use crate::{Evidence, drives};

/// A disk with an MBR whose first partition is the volume.
fn disk() -> Vec<u8> {
    let volume = test_volume();
    let mut disk = vec![0; 1 << 20];
    disk[446 + 4] = 7;
    disk[446 + 8..446 + 12].copy_from_slice(&2048_u32.to_le_bytes());
    let sectors = u32::try_from(volume.len() / 512).expect("small");
    disk[446 + 12..446 + 16].copy_from_slice(&sectors.to_le_bytes());
    disk[510..512].copy_from_slice(b"\x55\xaa");
    disk.extend(volume);
    disk
}

fn kinds(image: Image) -> Vec<String> {
    let joined = drives::join(vec![image], &[]).unwrap_or_else(|error| panic!("{error}"));
    joined.evidence.sources().into_iter().map(|source| format!("{} {}", source.shown_as, source.kind)).collect()
}

#[test]
fn a_device_is_a_volume_or_a_disk_with_partitions() {
    let folder = tempfile::tempdir().expect("made");
    let path = folder.path().join("sdb");
    std::fs::write(&path, test_volume()).expect("written");
    let volume = Image::of_device(&path).expect("opened");
    assert!(volume.files().is_empty(), "it has no file beside it");
    assert_eq!(kinds(volume), [r"C:\ NTFS, raw device"]);
    std::fs::write(&path, disk()).expect("written");
    let mut opened = Image::of_device(&path).expect("opened");
    assert!(opened.map(1, 'E'));
    assert_eq!(kinds(opened), [r"E:\ NTFS, partition 1 of a raw device"]);
}

#[test]
fn a_device_is_never_taken_for_a_container() {
    let folder = tempfile::tempdir().expect("made");
    // What an attacker may write behind the last partition: the footer of a VHD. As a file it is taken for one.
    let mut bytes = disk();
    let mut footer = [0; 512];
    footer[..8].copy_from_slice(b"conectix");
    bytes.extend(footer);
    let path = folder.path().join("sdb.001");
    std::fs::write(&path, &bytes).expect("written");
    std::fs::write(folder.path().join("sdb.002"), &bytes).expect("written");
    assert_eq!(kinds(Image::of_device(&path).expect("opened")), [r"C:\ NTFS, partition 1 of a raw device"]);
}

#[test]
fn a_device_without_a_volume_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().expect("made");
    let path = folder.path().join("sdb");
    std::fs::write(&path, [0; 8192]).expect("written");
    let refused = Image::of_device(&path).map(kinds).expect_err("empty").to_string();
    assert_eq!(refused, "it has no volume");
    let mut refs = vec![0; 8192];
    refs[3..11].copy_from_slice(b"ReFS\0\0\0\0");
    std::fs::write(&path, refs).expect("written");
    let refused = Image::of_device(&path).map(kinds).expect_err("ReFS").to_string();
    assert!(refused.contains("ReFS"), "{refused}");
    assert!(matches!(Image::of_device(&folder.path().join("none")), Err(NotOpened::Failed(_))));
}

#[test]
fn volumes_for_which_no_letter_is_left_are_reported_and_the_others_are_read() {
    let folder = tempfile::tempdir().expect("made");
    let image = |number: usize| {
        let path = folder.path().join(format!("sd{number:02}"));
        std::fs::write(&path, test_volume()).expect("written");
        Image::of_device(&path).expect("opened")
    };
    let joined = drives::join((0..25).map(image).collect(), &['D']).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(joined.evidence.sources().len(), 23);
    let problems: Vec<String> = joined.evidence.problems().into_iter().map(|problem| problem.message).collect();
    let left: Vec<&String> = problems.iter().filter(|problem| problem.contains("no drive letter left")).collect();
    assert!(left.len() == 2 && left[0].contains("sd23 was not examined"), "{problems:?}");
    let joined = drives::join((0..24).map(image).collect(), &[]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((joined.evidence.sources().len(), joined.evidence.problems().len()), (24, 0));
}
