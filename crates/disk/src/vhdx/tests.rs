use crate::bytes::Crc32c;
use crate::testing::{bytes, error_at, opened, refused, survives, volume};

const MIB: usize = 1 << 20;
const LOG: usize = MIB;
const TABLE: usize = 3 * MIB;
const SECTOR: usize = 512;

fn id(text: &str) -> [u8; 16] {
    super::metadata::id(text).expect("an id")
}

fn seal(bytes: &mut [u8]) {
    bytes[4..8].fill(0);
    let mut sum = Crc32c::new();
    sum.add(bytes);
    bytes[4..8].copy_from_slice(&sum.value().to_le_bytes());
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn header(sequence: u64, own: u8, log: u8) -> Vec<u8> {
    let mut bytes = vec![0; 4096];
    put(&mut bytes, 0, b"head");
    put(&mut bytes, 8, &sequence.to_le_bytes());
    bytes[32..48].fill(own);
    bytes[48..64].fill(log);
    put(&mut bytes, 66, &[1, 0]);
    put(&mut bytes, 68, &(MIB as u32).to_le_bytes());
    put(&mut bytes, 72, &(LOG as u64).to_le_bytes());
    seal(&mut bytes);
    bytes
}

fn metadata(length: usize, parent: Option<u8>) -> Vec<u8> {
    let mut bytes = vec![0; MIB];
    put(&mut bytes, 0, b"metadata");
    let mut items: Vec<(&str, Vec<u8>)> = vec![
        (
            "CAA16737-FA36-4D43-B3B6-33F0AA44E76B",
            [(MIB as u32).to_le_bytes(), [if parent.is_some() { 2 } else { 0 }, 0, 0, 0]].concat(),
        ),
        ("2FA54224-CD1B-4876-B211-5DBED83BF4B8", (length as u64).to_le_bytes().to_vec()),
        ("8141BF1D-A96F-4709-BA47-F233A8FAAB5F", (SECTOR as u32).to_le_bytes().to_vec()),
    ];
    if let Some(parent) = parent {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let linkage = format!("{{{}}}", crate::bytes::guid(&[parent; 16]));
        let pairs = [
            ("parent_linkage", &*linkage),
            ("absolute_win32_path", r"D:\vm\none.vhdx"),
            ("relative_path", r".\base.vhdx"),
        ];
        let (mut slots, mut texts) = (Vec::new(), Vec::new());
        for (key, value) in pairs {
            let at = 20 + 12 * pairs.len() + texts.len();
            let (key, value) = (wide(key), wide(value));
            slots.extend((at as u32).to_le_bytes());
            slots.extend(((at + key.len()) as u32).to_le_bytes());
            slots.extend((key.len() as u16).to_le_bytes());
            slots.extend((value.len() as u16).to_le_bytes());
            texts.extend([key, value].concat());
        }
        let head = [&id("B04AEFB7-D19E-4A81-B789-25B8E9445913")[..], &[0, 0, pairs.len() as u8, 0]].concat();
        items.push(("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C", [head, slots, texts].concat()));
    }
    bytes[10] = items.len() as u8;
    let mut at = 64 << 10;
    for (index, (name, item)) in items.iter().enumerate() {
        let entry = 32 + 32 * index;
        put(&mut bytes, entry, &id(name));
        put(&mut bytes, entry + 16, &(at as u32).to_le_bytes());
        put(&mut bytes, entry + 20, &(item.len() as u32).to_le_bytes());
        put(&mut bytes, entry + 24, &[4]);
        put(&mut bytes, at, item);
        at += item.len();
    }
    bytes
}

/// A disk of `length` bytes with these entries in its block table, followed by `blocks` from 4 MiB on.
fn image(length: usize, own: u8, parent: Option<u8>, table: &[(usize, u64)], blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0; 4 * MIB];
    put(&mut bytes, 0, b"vhdxfile");
    put(&mut bytes, 64 << 10, &header(7, own, 0));
    put(&mut bytes, 128 << 10, &header(6, 99, 0));
    let mut regions = vec![0; 64 << 10];
    put(&mut regions, 0, b"regi\0\0\0\0\x02");
    for (index, (name, at)) in
        [("2DC27766-F623-4200-9D64-115E9BFD4A08", TABLE), ("8B7CA206-4790-4B9A-B8FE-575F050F886E", 2 * MIB)]
            .iter()
            .enumerate()
    {
        put(&mut regions, 16 + 32 * index, &id(name));
        put(&mut regions, 32 + 32 * index, &(*at as u64).to_le_bytes());
        put(&mut regions, 40 + 32 * index, &(MIB as u32).to_le_bytes());
        put(&mut regions, 44 + 32 * index, &[1]);
    }
    seal(&mut regions);
    put(&mut bytes, 192 << 10, &regions);
    put(&mut bytes, 256 << 10, &regions);
    put(&mut bytes, 2 * MIB, &metadata(length, parent));
    for (index, entry) in table {
        put(&mut bytes, TABLE + 8 * index, &entry.to_le_bytes());
    }
    bytes.extend(blocks.concat());
    bytes
}

/// An entry of the block table.
fn at(mib: usize, state: u64) -> u64 {
    (mib * MIB) as u64 | state
}

fn content() -> Vec<u8> {
    volume(3 * MIB - SECTOR)
}

fn dynamic(own: u8, content: &[u8]) -> Vec<u8> {
    let mut third = content[2 * MIB..].to_vec();
    third.resize(MIB, 0);
    image(content.len(), own, None, &[(0, at(5, 6)), (1, 2), (2, at(4, 6))], &[third, content[..MIB].to_vec()])
}

fn with_hole() -> Vec<u8> {
    let mut content = content();
    content[MIB..2 * MIB].fill(0);
    content
}

/// An entry of the log: whole sectors that go to places in the file, and ranges of zeros.
fn entry(
    sequence: u64,
    tail: usize,
    log: u8,
    file: usize,
    changes: &[(usize, Vec<u8>)],
    zeros: &[(usize, usize)],
) -> Vec<u8> {
    let mut bytes = vec![0; 4096 * (1 + changes.len())];
    let length = bytes.len() as u32;
    put(&mut bytes, 0, b"loge");
    put(&mut bytes, 8, &length.to_le_bytes());
    put(&mut bytes, 12, &(tail as u32).to_le_bytes());
    put(&mut bytes, 16, &sequence.to_le_bytes());
    put(&mut bytes, 24, &((changes.len() + zeros.len()) as u32).to_le_bytes());
    bytes[32..48].fill(log);
    put(&mut bytes, 48, &(file as u64).to_le_bytes());
    put(&mut bytes, 56, &(file as u64).to_le_bytes());
    for (index, (place, data)) in changes.iter().enumerate() {
        let (at, sector) = (64 + 32 * index, 4096 * (1 + index));
        put(&mut bytes, at, b"desc");
        put(&mut bytes, at + 4, &data[4092..]);
        put(&mut bytes, at + 8, &data[..8]);
        put(&mut bytes, at + 16, &(*place as u64).to_le_bytes());
        put(&mut bytes, at + 24, &sequence.to_le_bytes());
        put(&mut bytes, sector, b"data");
        put(&mut bytes, sector + 4, &((sequence >> 32) as u32).to_le_bytes());
        put(&mut bytes, sector + 8, &data[8..4092]);
        put(&mut bytes, sector + 4092, &(sequence as u32).to_le_bytes());
    }
    for (index, (place, count)) in zeros.iter().enumerate() {
        let at = 64 + 32 * (changes.len() + index);
        put(&mut bytes, at, b"zero");
        put(&mut bytes, at + 8, &(*count as u64).to_le_bytes());
        put(&mut bytes, at + 16, &(*place as u64).to_le_bytes());
        put(&mut bytes, at + 24, &sequence.to_le_bytes());
    }
    seal(&mut bytes);
    bytes
}

#[test]
fn dynamic_disks() {
    let disk = opened(&[("a.vhdx", dynamic(1, &content()))]);
    assert_eq!((disk.kind, disk.problems.len()), ("dynamic VHDX", 0));
    assert_eq!(bytes(&disk), with_hole());
}

/// A child whose first block is there in part, the second not at all, the third as zeros; and what its disk holds.
fn child(parent: &[u8], sector: usize) -> (Vec<u8>, Vec<u8>, usize) {
    let (mut bitmap, mut block) = (vec![0; MIB], vec![0xee; MIB]);
    let mut expected = parent.to_vec();
    expected[2 * MIB..].fill(0);
    for number in [0, 1, 2, 9, 17, MIB / sector - 1] {
        bitmap[number / 8] |= 1 << (number % 8);
        let own: Vec<u8> = parent[number * sector..][..sector].iter().map(|byte| byte ^ 0x33).collect();
        put(&mut block, number * sector, &own);
        put(&mut expected, number * sector, &own);
    }
    let ratio = (1 << 23) * sector / MIB;
    let table = [(0, at(5, 7)), (2, 2), (ratio, at(4, 6))];
    let mut child = image(parent.len(), 2, Some(1), &table, &[bitmap, block]);
    put(&mut child, 2 * MIB + (64 << 10) + 16, &(sector as u32).to_le_bytes());
    (child, expected, TABLE + 8 * ratio)
}

#[test]
fn children_have_single_sectors() {
    let parent = dynamic(1, &content()[..3 * MIB - 4096]);
    for sector in [512, 4096] {
        let (child, expected, bitmap_at) = child(&with_hole()[..3 * MIB - 4096], sector);
        let list = [("child.avhdx", child.clone()), ("base.vhdx", parent.clone())];
        let disk = opened(&list);
        assert_eq!(disk.kind, "differencing VHDX");
        assert!(bytes(&disk) == expected, "sectors of {sector}");
        assert!(refused(&[("child.avhdx", child.clone())]).contains("its parent is missing"));
        let other = dynamic(3, &content());
        assert!(refused(&[("child.avhdx", child.clone()), ("base.vhdx", other)]).contains("not the image"));
        let mut torn = child;
        put(&mut torn, bitmap_at, &[0; 8]);
        let disk = opened(&[("child.avhdx", torn), list[1].clone()]);
        assert!(error_at(&disk, 0).contains("its bitmap is missing"));
    }
}

#[test]
fn the_log_is_replayed() {
    let clean = dynamic(1, &content());
    let page = clean[TABLE..TABLE + 4096].to_vec();
    let mut wrong = page.clone();
    wrong[..8].copy_from_slice(&at(900, 6).to_le_bytes());
    let with_log = |entries: &[(usize, Vec<u8>)]| {
        let mut bytes = clean.clone();
        bytes[TABLE..TABLE + 4096].fill(0);
        put(&mut bytes, 128 << 10, &header(8, 1, 5));
        for (sector, entry) in entries {
            // Round the end of the log.
            for (index, part) in entry.chunks(4096).enumerate() {
                put(&mut bytes, LOG + (sector + index) % 256 * 4096, part);
            }
        }
        bytes
    };
    let length = clean.len();
    let log =
        |sequence, tail: usize, page: &Vec<u8>| entry(sequence, tail * 4096, 5, length, &[(TABLE, page.clone())], &[]);
    // Two entries that go round the end; before them an older sequence, and one of another log.
    let bytes_of = |entries: &[(usize, Vec<u8>)]| bytes(&opened(&[("a.vhdx", with_log(entries))]));
    let old = (10, log(3, 10, &wrong));
    let other = (20, entry(99, 20 * 4096, 6, length, &[(TABLE, wrong.clone())], &[]));
    let round = [(255, log(8, 255, &wrong)), (1, log(9, 255, &page))];
    assert_eq!(bytes_of(&[old.clone(), other.clone(), round[0].clone(), round[1].clone()]), with_hole());
    // A sequence whose tail is not in it does not count, a torn last entry neither.
    let torn = (22, {
        let mut entry = log(10, 21, &wrong);
        entry[5000] ^= 1;
        entry
    });
    assert_eq!(bytes_of(&[old, (30, log(50, 31, &wrong)), (20, log(9, 20, &page)), torn]), with_hole());
    // Zeros, then the page; the entry is of two parts.
    let both = entry(4, 0, 5, length, &[(TABLE, page.clone())], &[(TABLE + 4096, 8192)]);
    assert_eq!(bytes_of(&[(0, both)]), with_hole());
    let disk = opened(&[("a.vhdx", with_log(&[]))]);
    assert!(disk.problems[0].contains("it was not closed"));
    let cut = opened(&[("a.vhdx", with_log(&[(0, entry(4, 0, 5, length + MIB, &[(TABLE, page.clone())], &[]))]))]);
    assert!(cut.problems[0].contains("it is truncated"));
    let list = [("a.vhdx", with_log(&[(0, log(4, 0, &page))]))];
    survives(
        &list,
        0,
        [LOG, LOG + 8, LOG + 12, LOG + 24, LOG + 32, LOG + 64, LOG + 80, LOG + 4096, 128 << 10, (128 << 10) + 68]
            .into_iter(),
    );
}

#[test]
fn what_is_not_possible_is_refused() {
    let sound = dynamic(1, &content());
    let altered = |at: usize, with: &[u8]| {
        let mut bytes = sound.clone();
        put(&mut bytes, at, with);
        vec![("a.vhdx", bytes)]
    };
    assert_eq!(bytes(&opened(&altered(192 << 10, b"x"))), with_hole(), "by the second region table");
    assert!(refused(&altered(64 << 10, &[0; 80 << 10])).contains("neither of its two headers is sound"));
    assert!(refused(&altered((2 * MIB) + (64 << 10), &[1, 0, 0, 0])).contains("block size"));
    assert!(refused(&altered((2 * MIB) + (64 << 10) + 8, &[0xff; 8])).contains("are not possible"));
    assert!(refused(&altered(2 * MIB + 10, &[0])).contains("does not contain the sizes"));
    for (entry, text) in [
        (at(4, 5), "a state, 5"),
        (at(4, 7), "a state, 7"),
        (at(0, 6), "no possible place"),
        (u64::MAX << 20 | 6, "is outside"),
    ] {
        assert!(error_at(&opened(&altered(TABLE, &entry.to_le_bytes())), 0).contains(text), "{text}");
    }
    // A block table at the end of all numbers.
    let mut regions = sound[192 << 10..256 << 10].to_vec();
    put(&mut regions, 32, &(u64::MAX - 7).to_le_bytes());
    seal(&mut regions);
    assert!(refused(&altered(192 << 10, &regions)).contains("its block table is outside the file"));
    let metadata = (2 * MIB..2 * MIB + 200).step_by(23).chain((2 * MIB + (64 << 10)..).take(20).step_by(3));
    survives(&[("a.vhdx", sound)], 0, metadata.chain(TABLE..TABLE + 9));
}
