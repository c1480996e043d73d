use crate::testing::{bytes, error_at, files, opened, refused, survives, volume};
use std::io::Write;

const SECTOR: usize = 512;
const GRAIN: usize = 16 * SECTOR;
const PER_TABLE: usize = 4;

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn header(capacity: usize, flags: u32, directory: u64, has_descriptor: bool) -> Vec<u8> {
    let mut bytes = vec![0; SECTOR];
    put(&mut bytes, 0, b"KDMV\x01");
    put(&mut bytes, 8, &(flags | 1).to_le_bytes());
    put(&mut bytes, 12, &((capacity / SECTOR) as u64).to_le_bytes());
    put(&mut bytes, 20, &((GRAIN / SECTOR) as u64).to_le_bytes());
    if has_descriptor {
        put(&mut bytes, 28, &1u64.to_le_bytes());
        put(&mut bytes, 36, &2u64.to_le_bytes());
    }
    put(&mut bytes, 44, &(PER_TABLE as u32).to_le_bytes());
    put(&mut bytes, 56, &directory.to_le_bytes());
    put(&mut bytes, 73, b"\n \r\n");
    put(&mut bytes, 77, &[u8::from(flags & 1 << 16 != 0)]);
    bytes
}

fn text(cid: u32, parent: Option<(u32, &str)>, create_type: &str, extents: &str) -> Vec<u8> {
    let (parent_cid, hint) =
        parent.map_or((u32::MAX, String::new()), |(cid, path)| (cid, format!("parentFileNameHint=\"{path}\"\n")));
    let text = format!(
        "# Disk DescriptorFile\nversion=1\nCID={cid:08x}\nparentCID={parent_cid:08x}\n{hint}createType=\"{create_type}\"\n{extents}\n"
    );
    text.into_bytes()
}

#[derive(Clone, Copy, PartialEq)]
enum Grain {
    None,
    Zeros,
    Data,
}

/// A sparse extent; with a descriptor it is a whole disk.
fn sparse(content: &[u8], descriptor: Option<Vec<u8>>, grain: impl Fn(usize) -> Grain) -> Vec<u8> {
    let grains = content.len().div_ceil(GRAIN);
    let tables = grains.div_ceil(PER_TABLE);
    let mut bytes = header(content.len(), 1 << 2, 3, descriptor.is_some());
    let mut text = descriptor.unwrap_or_default();
    text.resize(2 * SECTOR, 0);
    bytes.extend(text);
    let mut directory = vec![0; SECTOR];
    let mut entries = vec![0; tables * SECTOR];
    let mut data = Vec::new();
    for number in 0..grains {
        let (table, index) = (number / PER_TABLE, number % PER_TABLE);
        let sector = match grain(number) {
            Grain::None => continue,
            Grain::Zeros => 1,
            Grain::Data => {
                let sector = 4 + tables + data.len() / SECTOR;
                let part = &content[number * GRAIN..content.len().min((number + 1) * GRAIN)];
                data.extend(part);
                data.resize(data.len().next_multiple_of(GRAIN), 0);
                sector
            }
        };
        put(&mut directory, 4 * table, &(4 + table as u32).to_le_bytes());
        put(&mut entries, table * SECTOR + 4 * index, &(sector as u32).to_le_bytes());
    }
    [bytes, directory, entries, data].concat()
}

fn base() -> Vec<u8> {
    let mut content = volume(10 * GRAIN + SECTOR);
    content[3 * GRAIN..8 * GRAIN].fill(0);
    content
}

fn written(number: usize) -> Grain {
    match number {
        3 => Grain::Zeros,
        4..8 => Grain::None,
        _ => Grain::Data,
    }
}

const ITSELF: &str = "RW 161 SPARSE \"a.vmdk\"";

#[test]
fn one_sparse_file() {
    let whole = sparse(&base(), Some(text(1, None, "monolithicSparse", ITSELF)), written);
    let disk = opened(&[("renamed.vmdk", whole.clone())]);
    assert_eq!((disk.kind, bytes(&disk)), ("VMDK, monolithicSparse", base()));
    let mut altered = whole.clone();
    altered[75] = b'\n';
    assert!(refused(&[("a.vmdk", altered)]).contains("copied as a text"));
    let mut altered = whole.clone();
    put(&mut altered, 56, &[0xff; 7]);
    assert!(refused(&[("a.vmdk", altered)]).contains("its grain directory is outside"));
    let mut altered = whole.clone();
    put(&mut altered, 4 * SECTOR, &[0x7f; 4]);
    assert_eq!(error_at(&opened(&[("a.vmdk", altered)]), 0), "its data is outside the file");
    survives(&[("a.vmdk", whole)], 0, (0..4000).step_by(5));
}

#[test]
fn extents_flat_and_sparse() {
    let content = base();
    let (first, rest) = content.split_at(4 * GRAIN);
    let (second, third) = rest.split_at(3 * SECTOR);
    let lines = format!(
        "RW {} SPARSE \"a-s001.vmdk\"\nRW 3 ZERO\nRW {} FLAT \"/vm/a-f001.vmdk\" 2",
        first.len() / SECTOR,
        third.len() / SECTOR
    );
    assert!(second.iter().all(|byte| *byte == 0));
    let sparse = sparse(first, None, written);
    let list = [
        ("a.vmdk", text(1, None, "twoGbMaxExtentSparse", &lines)),
        ("a-s001.vmdk", sparse.clone()),
        ("a-f001.vmdk", [vec![9; 2 * SECTOR], third.to_vec()].concat()),
    ];
    let disk = opened(&list);
    assert_eq!((disk.parts.len(), bytes(&disk)), (3, content.clone()));
    assert!(refused(&list[..2]).contains("its extent a-f001.vmdk is missing"));
    assert!(refused(&[("a-s001.vmdk", sparse)]).contains("only an extent"));
    let mut cut = list.clone();
    cut[2].1.truncate(5 * SECTOR);
    let disk = opened(&cut);
    assert!(disk.problems[0].contains("its extent a-f001.vmdk contains 1536 of"), "{:?}", disk.problems);
    assert!(disk.data.read_at(&mut [0; 16], content.len() as u64 - 20).is_err());
    for (line, reason) in [
        ("RW 9 VMFSRDM \"x\"", "on a device"),
        ("RW 9 ODD \"a-s001.vmdk\"", "type ODD"),
        ("RW 9 FLAT \"..\"", "not a file next to"),
    ] {
        assert!(refused(&[("a.vmdk", text(1, None, "vmfs", line)), list[1].clone()]).contains(reason), "{line}");
    }
}

#[test]
fn snapshots_lie_over_their_parents() {
    let lies: Vec<u8> = base().iter().map(|byte| byte ^ 0x77).collect();
    let own = |number: usize| match number {
        0 | 5 => Grain::Data,
        1 => Grain::Zeros,
        _ => Grain::None,
    };
    let mut expected = lies.clone();
    expected[3 * GRAIN..8 * GRAIN].fill(0);
    expected[..GRAIN].copy_from_slice(&base()[..GRAIN]);
    expected[GRAIN..2 * GRAIN].fill(0);
    let parent = sparse(&lies, Some(text(0x1234, None, "monolithicSparse", ITSELF)), written);
    let child = sparse(&base(), Some(text(2, Some((0x1234, r"C:\vm\base.vmdk")), "monolithicSparse", ITSELF)), own);
    let list = [("child.vmdk", child.clone()), ("base.vmdk", parent.clone())];
    let disk = opened(&list);
    assert_eq!((disk.kind, bytes(&disk)), ("VMDK snapshot", expected.clone()));
    assert!(refused(&list[..1]).contains("its parent is missing"));
    let other = sparse(&lies, Some(text(0x1235, None, "monolithicSparse", ITSELF)), written);
    assert!(refused(&[list[0].clone(), ("base.vmdk", other)]).contains("was changed since"));
    // The child in two extents, so that the second one lies over the middle of its parent.
    let half = 4 * GRAIN;
    let lines = format!("RW {} SPARSE \"c-s1\"\nRW {} SPARSE \"c-s2\"", half / SECTOR, (base().len() - half) / SECTOR);
    let split = [
        ("c.vmdk", text(3, Some((0x1234, "base.vmdk")), "twoGbMaxExtentSparse", &lines)),
        ("base.vmdk", parent),
        ("c-s1", sparse(&base()[..half], None, own)),
        ("c-s2", sparse(&base()[half..], None, |number| own(number + 4))),
    ];
    assert_eq!(bytes(&opened(&split)), expected);
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("packed");
    encoder.finish().expect("packed")
}

/// A disk written as a stream: packed grains, then the tables, then a footer that tells where they are.
pub(crate) fn stream(content: &[u8]) -> Vec<u8> {
    let flags = 1 << 16 | 1 << 17;
    let pad = |bytes: &mut Vec<u8>| bytes.resize(bytes.len().next_multiple_of(SECTOR), 0);
    let mut bytes = header(content.len(), flags, u64::MAX, true);
    let mut descriptor = text(1, None, "streamOptimized", ITSELF);
    descriptor.resize(2 * SECTOR, 0);
    bytes.extend(descriptor);
    let grains = content.len().div_ceil(GRAIN);
    let mut entries = vec![0u32; grains.next_multiple_of(PER_TABLE)];
    for (number, part) in content.chunks(GRAIN).enumerate().filter(|(_, part)| part.iter().any(|byte| *byte != 0)) {
        entries[number] = (bytes.len() / SECTOR) as u32;
        let mut part = part.to_vec();
        part.resize(GRAIN, 0);
        let packed = zlib(&part);
        bytes.extend(((number * GRAIN / SECTOR) as u64).to_le_bytes());
        bytes.extend((packed.len() as u32).to_le_bytes());
        bytes.extend(packed);
        pad(&mut bytes);
    }
    let mut directory = Vec::new();
    for table in entries.chunks(PER_TABLE) {
        directory.extend(((bytes.len() / SECTOR) as u32).to_le_bytes());
        table.iter().for_each(|entry| bytes.extend(entry.to_le_bytes()));
        pad(&mut bytes);
    }
    let directory_at = (bytes.len() / SECTOR) as u64;
    bytes.extend(directory);
    pad(&mut bytes);
    bytes.extend(header(content.len(), flags, directory_at, true));
    bytes.extend(vec![0; SECTOR]);
    bytes
}

#[test]
fn streams_are_unpacked() {
    let whole = stream(&base());
    let disk = opened(&[("a.vmdk", whole.clone())]);
    assert_eq!((disk.kind, bytes(&disk)), ("VMDK, streamOptimized", base()));
    let mut altered = whole.clone();
    altered[3 * SECTOR + 40] ^= 1;
    assert!(error_at(&opened(&[("a.vmdk", altered)]), 0).contains("its grain 0 cannot be unpacked"));
    let mut altered = whole.clone();
    altered[3 * SECTOR] ^= 1;
    assert!(error_at(&opened(&[("a.vmdk", altered)]), 0).contains("its grain 0 is marked as another one"));
    let cut = whole[..whole.len() - 4 * SECTOR].to_vec();
    assert!(refused(&[("a.vmdk", cut)]).contains("the file is truncated"));
    survives(&[("a.vmdk", whole.clone())], 0, (whole.len() - 3000..whole.len()).step_by(9).chain(1536..1600));
}

#[test]
fn extents_of_esx() {
    let content = base();
    // COWD: entries of 32 bits, tables of 4,096.
    let mut cowd = vec![0; 4 * SECTOR];
    put(&mut cowd, 0, b"COWD\x01\0\0\0\x03");
    put(&mut cowd, 12, &((content.len() / SECTOR) as u32).to_le_bytes());
    put(&mut cowd, 16, &((GRAIN / SECTOR) as u32).to_le_bytes());
    put(&mut cowd, 20, &4u32.to_le_bytes());
    let mut directory = vec![0; SECTOR];
    put(&mut directory, 0, &5u32.to_le_bytes());
    let mut table = vec![0; 4096 * 4];
    put(&mut table, 0, &37u32.to_le_bytes());
    let cowd = [cowd, directory, table, content[..GRAIN].to_vec()].concat();
    let line = format!("RW {} VMFSSPARSE \"a-delta.vmdk\"", content.len() / SECTOR);
    let disk = opened(&[("a.vmdk", text(1, None, "vmfsSparse", &line)), ("a-delta.vmdk", cowd)]);
    let mut expected = vec![0; content.len()];
    expected[..GRAIN].copy_from_slice(&content[..GRAIN]);
    assert_eq!(bytes(&disk), expected);

    // seSparse: grains of 8 sectors, tables of 64 sectors with entries of 64 bits.
    let mut header = vec![0; 2 * SECTOR];
    let fields = [
        (0, 0xcafe_babe),
        (1, 0x2_0000_0001),
        (2, content.len() as u64 / 512),
        (3, 8),
        (4, 64),
        (10, 1),
        (16, 2),
        (18, 3),
        (24, 67),
    ];
    for (index, value) in fields {
        put(&mut header, 8 * index, &u64::to_le_bytes(value));
    }
    put(&mut header, SECTOR, &0xcafe_cafe_u64.to_le_bytes());
    let mut directory = vec![0; SECTOR];
    put(&mut directory, 0, &0x1000_0000_0000_0000_u64.to_le_bytes());
    let mut table = vec![0; 64 * SECTOR];
    put(&mut table, 0, &(3 << 60 | 1u64 << 48).to_le_bytes());
    put(&mut table, 8, &(2u64 << 60).to_le_bytes());
    put(&mut table, 24, &(3u64 << 60).to_le_bytes());
    let se = [header, directory, table, content[8192..12288].to_vec(), content[..4096].to_vec()].concat();
    let mut expected = vec![0; content.len()];
    expected[..4096].copy_from_slice(&content[..4096]);
    expected[12288..16384].copy_from_slice(&content[8192..12288]);
    let line = format!("RW {} SESPARSE \"a-sesparse.vmdk\"", content.len() / SECTOR);
    let list = [("a.vmdk", text(1, None, "seSparse", &line)), ("a-sesparse.vmdk", se.clone())];
    assert_eq!(bytes(&opened(&list)), expected);
    assert!(refused(&[("a-sesparse.vmdk", se)]).contains("only an extent"));
    let mut open = list.clone();
    open[1].1[SECTOR + 24] = 1;
    assert!(refused(&open).contains("replaying its journal is not supported"));
    survives(&list, 1, (0..700).chain(1024..1030).chain(1536..1570));
    survives(&list, 0, 0..list[0].1.len());
    assert!(crate::open_all(&files(&list), "a.vmdk").is_ok());
}
