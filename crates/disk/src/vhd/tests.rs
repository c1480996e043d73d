use crate::testing::{bytes, error_at, opened, refused, survives, volume};

const BLOCK: usize = 8192;

fn seal(bytes: &mut [u8], at: usize) {
    bytes[at..at + 4].fill(0);
    let sum = bytes.iter().fold(0u32, |sum, byte| sum.wrapping_add(u32::from(*byte)));
    bytes[at..at + 4].copy_from_slice(&(!sum).to_be_bytes());
}

fn footer(kind: u32, length: u64, id: u8) -> Vec<u8> {
    let mut bytes = vec![0; 512];
    bytes[..8].copy_from_slice(b"conectix");
    bytes[16..24].copy_from_slice(&if kind == 2 { u64::MAX } else { 512 }.to_be_bytes());
    bytes[28..32].copy_from_slice(b"win ");
    bytes[48..56].copy_from_slice(&length.to_be_bytes());
    bytes[60..64].copy_from_slice(&kind.to_be_bytes());
    bytes[68..84].fill(id);
    seal(&mut bytes, 64);
    bytes
}

/// A dynamic disk, or a child of the disk `parent`: blocks without any of `sectors` are left out, only those sectors are marked.
fn dynamic(content: &[u8], id: u8, parent: Option<(u8, &str)>, has: impl Fn(usize) -> bool) -> Vec<u8> {
    let end = footer(if parent.is_some() { 4 } else { 3 }, content.len() as u64, id);
    let blocks = content.len().div_ceil(BLOCK);
    let mut header = vec![0; 1024];
    header[..8].copy_from_slice(b"cxsparse");
    header[16..24].copy_from_slice(&1536u64.to_be_bytes());
    header[28..32].copy_from_slice(&(blocks as u32).to_be_bytes());
    header[32..36].copy_from_slice(&(BLOCK as u32).to_be_bytes());
    let path: Vec<u8> = parent.map_or(Vec::new(), |(_, path)| path.encode_utf16().flat_map(u16::to_le_bytes).collect());
    if let Some((parent, _)) = parent {
        header[40..56].fill(parent);
        header[576..580].copy_from_slice(b"W2ru");
        header[584..588].copy_from_slice(&(path.len() as u32).to_be_bytes());
        header[592..600].copy_from_slice(&2048u64.to_be_bytes());
    }
    seal(&mut header, 36);
    let mut table = vec![0xff; 512];
    let mut body = path;
    body.resize(512, 0);
    for block in 0..blocks {
        let mut data = content[block * BLOCK..content.len().min((block + 1) * BLOCK)].to_vec();
        data.resize(BLOCK, 0);
        let sectors: Vec<usize> = (0..BLOCK / 512).filter(|sector| has(block * BLOCK / 512 + sector)).collect();
        if sectors.is_empty() {
            continue;
        }
        table[4 * block..4 * block + 4].copy_from_slice(&((2048 + body.len()) as u32 / 512).to_be_bytes());
        let mut bitmap = vec![0; 512];
        sectors.iter().for_each(|sector| bitmap[sector / 8] |= 0x80 >> (sector % 8));
        if parent.is_some() {
            (0..BLOCK / 512)
                .filter(|sector| !sectors.contains(sector))
                .for_each(|sector| data[sector * 512..][..512].fill(0xee));
        }
        body.extend(bitmap);
        body.extend(data);
    }
    [end.clone(), header, table, body, end].concat()
}

fn base() -> Vec<u8> {
    let mut content = volume(5 * BLOCK + 512);
    content[2 * BLOCK..3 * BLOCK].fill(0);
    content
}

fn written(sector: usize) -> bool {
    sector / 16 != 2
}

#[test]
fn fixed_and_dynamic_disks() {
    let content = base();
    let fixed = opened(&[("a.vhd", [content.clone(), footer(2, content.len() as u64, 1)].concat())]);
    assert_eq!((fixed.kind, bytes(&fixed)), ("fixed VHD", content.clone()));
    let disk = opened(&[("a.vhd", dynamic(&content, 1, None, written))]);
    assert_eq!((disk.kind, bytes(&disk)), ("dynamic VHD", content.clone()));
    assert!(disk.problems.is_empty());
    let mut damaged = dynamic(&content, 1, None, written);
    let end = damaged.len() - 512;
    damaged[end..].fill(0);
    let disk = opened(&[("a.vhd", damaged.clone())]);
    assert_eq!(bytes(&disk), content, "by the copy of the footer");
    damaged[70] ^= 1;
    assert_eq!(opened(&[("a.vhd", damaged)]).problems, ["its footer does not match its checksum"]);
}

#[test]
fn a_volume_out_of_a_fixed_disk_is_raw() {
    let content = volume(4096);
    let disk = opened(&[("a.vhd", [content.clone(), footer(2, 100_000, 1)].concat())]);
    assert_eq!((disk.kind, bytes(&disk), disk.problems.len()), ("raw", content, 1));
}

#[test]
fn a_footer_in_an_unused_sector_of_a_disk_hides_nothing_of_it() {
    let content = volume(8192);
    for end in [footer(2, 4096, 1), footer(3, 4096, 1), footer(4, 4096, 1)] {
        let disk = opened(&[("a.dd", [content.clone(), end.clone()].concat())]);
        assert_eq!((disk.kind, disk.problems.len()), ("raw", 1));
        assert_eq!(bytes(&disk)[..8192], content);
    }
    // Only its start is damaged: it does not look like a disk.
    let mut dynamic = dynamic(&base(), 1, None, written);
    dynamic[..8].fill(0);
    let disk = opened(&[("a.vhd", dynamic)]);
    assert_eq!((disk.kind, bytes(&disk), disk.problems.len()), ("dynamic VHD", base(), 0));
}

#[test]
fn the_search_for_parents_ends() {
    // Each child names two files, both of which are opened, and each of these names two again.
    let path = |number: u8, which: &str| format!("{number}{which}.vhd");
    let mut list: Vec<(String, Vec<u8>)> = Vec::new();
    for number in 0..20u8 {
        for (which, id) in [("a", 100 + number), ("b", number)] {
            let (wrong, right) = (path(number + 1, "a"), path(number + 1, "b"));
            let mut child = dynamic(&base(), id, Some((number + 1, &wrong)), |sector| sector == 3);
            let name: Vec<u8> = right.encode_utf16().flat_map(u16::to_be_bytes).collect();
            child[512 + 64..512 + 64 + name.len()].copy_from_slice(&name);
            seal(&mut child[512..1536], 36);
            list.push((path(number, which), child));
        }
    }
    list.extend([("a", 120), ("b", 20)].map(|(which, id)| (path(20, which), dynamic(&base(), id, None, written))));
    let from = |number: u8| {
        let list = list.iter().skip(2 * usize::from(number) + 1).map(|(name, bytes)| (&**name, bytes.clone()));
        list.collect::<Vec<_>>()
    };
    assert!(refused(&from(0)).contains("more than 256 images were opened"));
    assert_eq!(bytes(&opened(&from(16))).len(), base().len());
}

#[test]
fn children_have_single_sectors() {
    let lies: Vec<u8> = base().iter().map(|byte| byte ^ 0x5a).collect();
    let mut expected = base();
    let own = |sector: usize| sector.is_multiple_of(5) || (30..34).contains(&sector);
    for sector in (0..expected.len() / 512).filter(|sector| !own(*sector)) {
        let is_there = written(sector);
        let parent = lies[sector * 512..][..512].to_vec();
        expected[sector * 512..][..512].copy_from_slice(&if is_there { parent } else { vec![0; 512] });
    }
    let parent = dynamic(&lies, 1, None, written);
    let child = dynamic(&base(), 2, Some((1, r"..\..\vm\base.vhd")), own);
    let disk = opened(&[("child.vhd", child.clone()), ("base.vhd", parent.clone())]);
    assert_eq!((disk.kind, bytes(&disk)), ("differencing VHD", expected));
    assert_eq!(disk.parts.iter().map(|part| &*part.name).collect::<Vec<_>>(), ["child.vhd", "base.vhd"]);
    assert!(refused(&[("child.vhd", child.clone())]).contains("its parent is missing"));
    let other = dynamic(&lies, 3, None, written);
    assert!(refused(&[("child.vhd", child.clone()), ("base.vhd", other)]).contains("not the image"));
    let own_parent = dynamic(&base(), 2, Some((2, "child.vhd")), own);
    assert!(refused(&[("child.vhd", own_parent)]).contains("among its own parents"));
    let list = [("child.vhd", child), ("base.vhd", parent)];
    survives(&list, 0, (0..3000).step_by(7).chain(0..600));
    survives(&list, 1, (0..2600).step_by(11));
}

#[test]
fn a_long_chain_of_parents_is_refused() {
    let mut list: Vec<(String, Vec<u8>)> = vec![("0.vhd".into(), dynamic(&base(), 0, None, written))];
    for number in 1..40u8 {
        let parent = format!("{}.vhd", number - 1);
        list.push((
            format!("{number}.vhd"),
            dynamic(&base(), number, Some((number - 1, &parent)), |sector| sector == 3),
        ));
    }
    let names = |last: usize| {
        let mut names: Vec<(&str, Vec<u8>)> =
            list[..=last].iter().map(|(name, bytes)| (&**name, bytes.clone())).collect();
        names.reverse();
        names
    };
    assert_eq!(bytes(&opened(&names(32))).len(), base().len());
    assert!(refused(&names(39)).contains("longer than 32"));
}

#[test]
fn what_is_not_possible_is_refused() {
    let sound = dynamic(&base(), 1, None, written);
    let altered = |at: usize, with: &[u8]| {
        let mut bytes = sound.clone();
        bytes[at..at + with.len()].copy_from_slice(with);
        refused(&[("a.vhd", bytes)])
    };
    assert!(altered(512, b"x").contains("its header is not where"));
    assert!(altered(512 + 32, &[0; 4]).contains("block size"));
    assert!(altered(512 + 28, &[0; 4]).contains("too short"));
    assert!(altered(512 + 16, &[0xff; 8]).contains("is outside the file"));
    let mut bytes = sound.clone();
    bytes[1536..1540].copy_from_slice(&[0x7f; 4]);
    assert_eq!(error_at(&opened(&[("a.vhd", bytes)]), 0), "its data is outside the file");
}
