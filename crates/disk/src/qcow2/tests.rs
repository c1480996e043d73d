use crate::testing::{bytes, error_at, opened, refused, survives, volume};
use std::io::Write;

const BITS: u32 = 9;
const CLUSTER: usize = 1 << BITS;

/// How a cluster is stored.
#[derive(Clone, Copy, PartialEq)]
enum How {
    None,
    Zeros,
    Data,
    Packed,
}

#[derive(Clone, Copy, Default)]
struct Options {
    version: u32,
    features: u64,
    is_zstd: bool,
    backing: &'static str,
    backing_format: &'static str,
    data_file: &'static str,
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("packed");
    encoder.finish().expect("packed")
}

/// A frame of Zstandard with one block: its bytes as they are, or one byte many times.
fn zstd(bytes: &[u8]) -> Vec<u8> {
    let size = bytes.len() as u32;
    let (kind, data) =
        if bytes.iter().all(|byte| *byte == bytes[0]) { (1, vec![bytes[0]]) } else { (0, bytes.to_vec()) };
    let block = (size << 3 | kind << 1 | 1).to_le_bytes();
    [b"\x28\xb5\x2f\xfd\xa0", &size.to_le_bytes()[..], &block[..3], &data].concat()
}

fn header(length: usize, options: Options) -> Vec<u8> {
    let mut bytes = vec![0; CLUSTER];
    put(&mut bytes, 0, b"QFI\xfb");
    put(&mut bytes, 4, &options.version.to_be_bytes());
    put(&mut bytes, 20, &BITS.to_be_bytes());
    put(&mut bytes, 24, &(length as u64).to_be_bytes());
    let tables = length.div_ceil(CLUSTER).div_ceil(CLUSTER / 8) as u32;
    put(&mut bytes, 36, &tables.to_be_bytes());
    put(&mut bytes, 40, &(CLUSTER as u64).to_be_bytes());
    let mut at = 72;
    if options.version == 3 {
        let features =
            options.features | if options.is_zstd { 8 } else { 0 } | if options.data_file.is_empty() { 0 } else { 4 };
        put(&mut bytes, 72, &features.to_be_bytes());
        put(&mut bytes, 100, &112u32.to_be_bytes());
        bytes[104] = u8::from(options.is_zstd);
        at = 112;
    }
    for (kind, value) in [(0xe279_2aca_u32, options.backing_format), (0x4441_5441, options.data_file)] {
        if !value.is_empty() {
            put(&mut bytes, at, &[kind.to_be_bytes(), (value.len() as u32).to_be_bytes()].concat());
            put(&mut bytes, at + 8, value.as_bytes());
            at += 8 + value.len().next_multiple_of(8);
        }
    }
    if !options.backing.is_empty() {
        put(&mut bytes, 8, &400u64.to_be_bytes());
        put(&mut bytes, 16, &(options.backing.len() as u32).to_be_bytes());
        put(&mut bytes, 400, options.backing.as_bytes());
    }
    bytes
}

/// An image, and what its data file holds: header, first table, second tables, data.
fn image(content: &[u8], options: Options, how: impl Fn(usize) -> How) -> (Vec<u8>, Vec<u8>) {
    let clusters = content.len().div_ceil(CLUSTER);
    let tables = clusters.div_ceil(CLUSTER / 8);
    let mut first = vec![0; (tables * 8).next_multiple_of(CLUSTER)];
    let tables_at = CLUSTER + first.len();
    let mut second = vec![0; tables * CLUSTER];
    let data_at = tables_at + second.len();
    let (mut data, mut outside) = (Vec::new(), Vec::new());
    for table in 0..tables {
        put(&mut first, 8 * table, &((tables_at + table * CLUSTER) as u64 | 1 << 63).to_be_bytes());
    }
    for number in 0..clusters {
        let mut part = content[number * CLUSTER..content.len().min((number + 1) * CLUSTER)].to_vec();
        part.resize(CLUSTER, 0);
        let entry = match how(number) {
            How::None => 0,
            How::Zeros => 1,
            How::Data if !options.data_file.is_empty() => {
                outside.resize(number * CLUSTER, 0xdd);
                outside.extend(part);
                (number * CLUSTER) as u64 | 1 << 63
            }
            How::Data => {
                data.resize(data.len().next_multiple_of(CLUSTER), 0);
                let place = data_at + data.len();
                data.extend(part);
                place as u64 | 1 << 63
            }
            How::Packed => {
                let place = data_at + data.len();
                let packed = if options.is_zstd { zstd(&part) } else { deflate(&part) };
                data.extend(&packed);
                let sectors = (place + packed.len() - 1) / 512 - place / 512;
                place as u64 | (sectors as u64) << (62 - (BITS - 8)) | 1 << 62
            }
        };
        put(&mut second, 8 * number, &entry.to_be_bytes());
    }
    ([header(content.len(), options), first, second, data].concat(), outside)
}

fn base() -> Vec<u8> {
    let mut content = volume(90 * CLUSTER + 100);
    content[10 * CLUSTER..20 * CLUSTER].fill(0);
    content[30 * CLUSTER..34 * CLUSTER].fill(7);
    content
}

fn plain(number: usize) -> How {
    match number {
        10..15 => How::None,
        15..20 => How::Zeros,
        _ => How::Data,
    }
}

fn packed(number: usize) -> How {
    if plain(number) == How::Data && number % 4 != 3 { How::Packed } else { plain(number) }
}

const V3: Options = Options { version: 3, features: 0, is_zstd: false, backing: "", backing_format: "", data_file: "" };

#[test]
fn clusters_as_they_are_and_packed() {
    for options in [V3, Options { is_zstd: true, ..V3 }] {
        for how in [plain, packed] {
            let disk = opened(&[("a.qcow2", image(&base(), options, how).0)]);
            assert_eq!((disk.kind, bytes(&disk)), ("QCOW2", base()));
        }
    }
    let second = Options { version: 2, ..V3 };
    let how = |number| if plain(number) == How::Zeros { How::None } else { packed(number) };
    assert_eq!(bytes(&opened(&[("a.qcow2", image(&base(), second, how).0)])), base());
    let corrupt = image(&base(), Options { features: 2, ..V3 }, plain).0;
    assert_eq!(opened(&[("a.qcow2", corrupt)]).problems, ["it is marked as corrupt by QEMU"]);
    let mut torn = image(&base(), V3, packed).0;
    let at = torn.len() - 100;
    torn[at..].fill(0xff);
    assert!(error_at(&opened(&[("a.qcow2", torn)]), base().len() as u64 - 50).contains("cannot be unpacked"));
}

#[test]
fn files_beside_the_image() {
    let lies: Vec<u8> = base().iter().map(|byte| byte ^ 0x11).collect();
    let own = |number: usize| match number % 5 {
        0 => How::Packed,
        1 => How::Zeros,
        2 => How::Data,
        _ => How::None,
    };
    let mut expected = base();
    for number in 0..91 {
        let range = number * CLUSTER..expected.len().min((number + 1) * CLUSTER);
        match own(number) {
            How::Zeros => expected[range].fill(0),
            How::None => expected[range.clone()].copy_from_slice(&lies[range]),
            _ => {}
        }
    }
    // The parent as a disk that looks like a container: the image says that it is none.
    let mut raw = lies.clone();
    put(&mut raw, 5 * 3 * CLUSTER, b"x");
    let options = Options { backing: "/images/base.raw", backing_format: "raw", ..V3 };
    let child = image(&base(), options, own).0;
    let disk = opened(&[("c.qcow2", child.clone()), ("base.raw", lies.clone())]);
    assert_eq!((disk.kind, bytes(&disk)), ("QCOW2 with a backing file", expected.clone()));
    let mut short = expected;
    short[80 * CLUSTER..]
        .chunks_mut(CLUSTER)
        .enumerate()
        .filter(|(index, _)| own(index + 80) == How::None)
        .for_each(|(_, part)| part.fill(0));
    assert_eq!(bytes(&opened(&[("c.qcow2", child.clone()), ("base.raw", lies[..80 * CLUSTER].to_vec())])), short);
    assert!(refused(&[("c.qcow2", child.clone())]).contains("its parent is missing"));
    let list = [("c.qcow2", child), ("base.raw", lies)];
    survives(&list, 0, (0..420).chain((CLUSTER..3000).step_by(7)));
    for backing in ["json:{\"driver\":\"nbd\"}", "nbd://host/x"] {
        let child = image(&base(), Options { backing, ..V3 }, own).0;
        assert!(refused(&[("c.qcow2", child)]).contains("instead of a file name"));
    }
    let (image, data) = image(&base(), Options { data_file: "d.bin", ..V3 }, plain);
    assert_eq!(bytes(&opened(&[("a.qcow2", image.clone()), ("d.bin", data)])), base());
    assert!(refused(&[("a.qcow2", image)]).contains("its data file is missing"));
}

#[test]
fn parts_of_clusters() {
    // Clusters of 16 KiB with 32 parts of 512 bytes; entries of 128 bits.
    let content = volume(3 << 14);
    let mut bytes_of = vec![0; 4 << 14];
    let mut head = header(content.len(), Options { features: 16, ..V3 });
    put(&mut head, 20, &14u32.to_be_bytes());
    put(&mut head, 36, &1u32.to_be_bytes());
    put(&mut head, 40, &(1u64 << 14).to_be_bytes());
    put(&mut bytes_of, 0, &head);
    put(&mut bytes_of, 1 << 14, &(2u64 << 14).to_be_bytes());
    put(&mut bytes_of, 2 << 14, &[(3u64 << 14).to_be_bytes(), 0x0000_00f0_0000_000f_u64.to_be_bytes()].concat());
    put(&mut bytes_of, 3 << 14, &content[..1 << 14]);
    let mut expected = vec![0; content.len()];
    expected[..2048].copy_from_slice(&content[..2048]);
    assert_eq!(bytes(&opened(&[("a.qcow2", bytes_of.clone())])), expected);
    put(&mut bytes_of, (2 << 14) + 8, &0x0000_0001_0000_000f_u64.to_be_bytes());
    assert!(error_at(&opened(&[("a.qcow2", bytes_of.clone())]), 0).contains("zeros at once"));
    survives(&[("a.qcow2", bytes_of)], 0, (0..120).chain(1 << 14..(1 << 14) + 8).chain(2 << 14..(2 << 14) + 20));
}

#[test]
fn what_is_not_read_is_refused() {
    let sound = image(&base(), V3, plain).0;
    let altered = |at: usize, with: &[u8]| {
        let mut bytes = sound.clone();
        put(&mut bytes, at, with);
        refused(&[("a.qcow2", bytes)])
    };
    assert!(altered(4, &[0, 0, 0, 1]).contains("version 1"));
    assert!(altered(32, &[0, 0, 0, 2]).contains("it is encrypted"));
    assert!(altered(20, &[0, 0, 0, 63]).contains("clusters"));
    assert!(altered(24, &[0xff; 8]).contains("size of its disk"));
    assert!(altered(24, &[0x7f; 8]).contains("first table is too short"));
    assert!(altered(40, &[0x7f; 8]).contains("is outside the file"));
    assert!(altered(72, &[0x40]).contains("features"));
    assert!(altered(100, &[0xff; 4]).contains("length of its header"));
    let mut bytes = sound.clone();
    put(&mut bytes, 2 * CLUSTER, &[0x00, 0xff]);
    assert!(error_at(&opened(&[("a.qcow2", bytes)]), 0).contains("is outside the file"));
}

#[test]
fn an_image_that_is_a_disk_as_well_is_reported() {
    let content = volume(20 * CLUSTER);
    let options = Options { version: 2, ..Options::default() };
    let (mut image, _) = image(&content, options, |_| How::Data);
    assert!(opened(&[("a.qcow2", image.clone())]).problems.is_empty());
    // A table of partitions in the room behind the header, which leads to the volume in the image.
    let entry = [0, 0, 0, 0, 7, 0, 0, 0, (image.len() / CLUSTER - 20) as u8, 0, 0, 0, 20, 0, 0, 0];
    put(&mut image, 446, &entry);
    put(&mut image, 510, b"\x55\xaa");
    let disk = opened(&[("a.qcow2", image)]);
    assert_eq!((disk.kind, bytes(&disk)), ("QCOW2", content));
    assert!(disk.problems[0].contains("it may be a raw disk"));
}
