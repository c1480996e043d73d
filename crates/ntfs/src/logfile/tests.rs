use super::*;
use crate::Reference;

const GEOMETRY: Geometry = Geometry { cluster: 4_096, record: 1_024 };

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// A name as records and folders store it.
fn key(parent: u64, name: &str) -> Vec<u8> {
    let mut key = parent.to_le_bytes().to_vec();
    (1..=4_u64).for_each(|time| key.extend(time.to_le_bytes()));
    key.extend(0_u64.to_le_bytes());
    key.extend(77_u64.to_le_bytes());
    key.extend(0x20_u32.to_le_bytes());
    key.extend([0; 4]);
    key.extend([name.encode_utf16().count() as u8, 1]);
    key.extend(units(name).into_iter().flat_map(u16::to_le_bytes));
    key.resize(key.len().next_multiple_of(8), 0);
    key
}

/// An entry of a folder.
fn entry(file: u64, key: &[u8]) -> Vec<u8> {
    let mut entry = file.to_le_bytes().to_vec();
    entry.extend((16 + key.len() as u16).to_le_bytes());
    entry.extend((key.len() as u16).to_le_bytes());
    entry.extend([0; 4]);
    entry.extend(key);
    entry
}

fn attribute(kind: u32, stream: &str, content: &[u8]) -> Vec<u8> {
    let name: Vec<u8> = units(stream).into_iter().flat_map(u16::to_le_bytes).collect();
    let start = (24 + name.len()).next_multiple_of(8);
    let mut bytes = vec![0; start];
    bytes[..4].copy_from_slice(&kind.to_le_bytes());
    bytes[9] = (name.len() / 2) as u8;
    bytes[10] = 24;
    bytes[16..20].copy_from_slice(&(content.len() as u32).to_le_bytes());
    bytes[20] = start as u8;
    bytes[24..24 + name.len()].copy_from_slice(&name);
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let length = bytes.len() as u32;
    bytes[4..8].copy_from_slice(&length.to_le_bytes());
    bytes
}

/// A record of the `$MFT` as it is made.
fn record(number: u32, attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = vec![0; 56];
    bytes[..4].copy_from_slice(b"FILE");
    bytes[4] = 48;
    bytes[16] = 3;
    bytes[20] = 56;
    bytes[44..48].copy_from_slice(&number.to_le_bytes());
    attributes.iter().for_each(|attribute| bytes.extend(attribute));
    bytes.extend(u32::MAX.to_le_bytes());
    bytes.extend([0; 4]);
    bytes
}

/// An operation: what is done, and what would undo it.
fn operation(redo: (u16, &[u8]), undo: (u16, &[u8]), place: (u16, u16), vcn: u64) -> Vec<u8> {
    let undo_at = 32 + redo.1.len() as u16;
    let head = [redo.0, undo.0, 32, redo.1.len() as u16, undo_at, undo.1.len() as u16, 0, 1, place.0, place.1, 2, 0];
    let mut data: Vec<u8> = head.into_iter().flat_map(u16::to_le_bytes).collect();
    data.extend(vcn.to_le_bytes());
    data.extend(redo.1);
    data.extend(undo.1);
    data.resize(data.len().next_multiple_of(8), 0);
    data
}

/// A log with these operations: 2 restart pages, 2 copies, the ring.
fn log(operations: &[Vec<u8>]) -> Vec<u8> {
    let mut restart = vec![0; PAGE];
    restart[..4].copy_from_slice(b"RSTR");
    restart[20..24].copy_from_slice(&4_096_u32.to_le_bytes());
    restart[24] = 48;
    restart[28] = 1;
    restart[48 + 16] = 44;
    restart[48 + 36] = 48;
    restart[48 + 38] = 64;
    let mut pages = vec![restart.clone(), restart, vec![0xFF; PAGE], vec![0xFF; PAGE]];
    let fresh = || {
        let mut page = vec![0; PAGE];
        page[..4].copy_from_slice(b"RCRD");
        page
    };
    let (mut page, mut at) = (fresh(), DATA);
    for (number, operation) in operations.iter().enumerate() {
        if at + HEAD + 16 > PAGE {
            pages.push(std::mem::replace(&mut page, fresh()));
            at = DATA;
        }
        let lsn = (5 << 20) + (pages.len() * PAGE + at) as u64 / 8;
        page[at..at + 8].copy_from_slice(&lsn.to_le_bytes());
        page[at + 24..at + 28].copy_from_slice(&(operation.len() as u32).to_le_bytes());
        page[at + 32] = 1;
        page[at + 36] = number as u8;
        at += HEAD;
        let mut rest = operation.as_slice();
        while !rest.is_empty() {
            if at == PAGE {
                pages.push(std::mem::replace(&mut page, fresh()));
                at = DATA;
            }
            let part = rest.len().min(PAGE - at);
            page[at..at + part].copy_from_slice(&rest[..part]);
            (at, rest) = (at + part, &rest[part..]);
        }
    }
    pages.push(page);
    for page in pages.iter_mut().filter(|page| page[0] != 0xFF) {
        let at = if page.starts_with(b"RSTR") { 30 } else { 40 };
        guard(page, at);
    }
    pages.concat()
}

/// Guards a page: the last two bytes of each sector go to its head.
fn guard(page: &mut [u8], at: usize) {
    page[4..8].copy_from_slice(&[at as u8, 0, 9, 0]);
    page[at..at + 2].copy_from_slice(&[0xAA, 1]);
    for sector in 1..9 {
        let last = sector * STRIDE - 2;
        page.copy_within(last..last + 2, at + 2 * sector);
        page[last..last + 2].copy_from_slice(&[0xAA, 1]);
    }
}

fn sample() -> Vec<Vec<u8>> {
    let content = b"<%@ Page Language=\"JScript\"%>".to_vec();
    let made = record(
        70,
        &[
            attribute(0x10, "", &[0; 48]),
            attribute(0x30, "", &key(5 << 48 | 5, "x.aspx")),
            attribute(0x80, "", &content),
        ],
    );
    let stream = attribute(0x80, "s", b"hidden");
    let in_folder = entry(3 << 48 | 70, &key(5 << 48 | 5, "x.aspx"));
    vec![
        operation((2, &made), (3, &[]), (0, 0), 17),
        operation((0x0E, &in_folder), (0x0F, &[]), (0, 0), 0),
        operation((5, &stream), (6, &[]), (0x180, 0), 17),
        operation((7, &content), (7, &[b'-'; 29]), (0x188, 24), 17),
        operation((7, &[0; 32]), (7, &[0; 32]), (0x38, 24), 17),
        operation((0x0F, &[]), (0x0E, &in_folder), (0, 0), 0),
    ]
}

#[test]
fn names_and_content_of_what_is_gone_are_reported() {
    let log = LogFile::read(&log(&sample()), GEOMETRY).expect("a log");
    assert_eq!((log.records, log.damaged, log.truncated), (6, 0, false));
    let kinds: Vec<_> = log.names.iter().map(|change| (change.kind, change.transaction)).collect();
    assert_eq!(kinds, [(NameChangeKind::Created, 0), (NameChangeKind::Added, 1), (NameChangeKind::Removed, 5)]);
    for change in &log.names {
        assert_eq!(change.file, Some(Reference { number: 70, sequence: 3 }));
        assert_eq!((change.parent, &change.name), (Reference { number: 5, sequence: 5 }, &units("x.aspx")));
        assert_eq!((change.times, change.size, change.attributes, change.space), ([1, 2, 3, 4], 77, 0x20, 1));
    }
    let whole = |stream: &str| ContentPart::Whole { stream: units(stream) };
    let part = ContentPart::Part { attribute: 0x188, offset: 24 };
    let content: Vec<_> = log.content.iter().map(|content| (&content.part, content.record, content.bytes[0])).collect();
    // 17 clusters of 4 records, and 2 sectors, which are one record.
    assert_eq!(content, [(&whole(""), 70, b'<'), (&whole("s"), 69, b'h'), (&part, 69, b'-'), (&part, 69, b'<')]);
}

#[test]
fn records_go_on_in_the_next_page() {
    let long = vec![b'a'; 900];
    let operations: Vec<Vec<u8>> = (0..60).map(|at| operation((7, &long), (0, &[]), (0x100, at), 17)).collect();
    let bytes = log(&operations);
    let whole = LogFile::read(&bytes, GEOMETRY).expect("a log");
    assert_eq!((whole.records, whole.content.len()), (60, 60));
    assert!(whole.content.iter().all(|content| content.bytes == long));
    // A torn page costs its own records, and the end of what leads into it.
    let mut torn = bytes.clone();
    torn[6 * PAGE + 510] ^= 1;
    let rest = LogFile::read(&torn, GEOMETRY).expect("a log");
    assert_eq!((rest.damaged, (50..60).contains(&rest.records)), (1, true));
    // Restart pages are not needed.
    let mut headless = bytes;
    headless[..2 * PAGE].fill(7);
    assert_eq!(LogFile::read(&headless, GEOMETRY).expect("a log"), whole);
}

#[test]
fn what_is_no_log_is_refused() {
    let refused = |bytes: Vec<u8>| LogFile::read(&bytes, GEOMETRY).expect_err("refused");
    assert!(matches!(refused(Vec::new()), NoLogFile::NotALogFile));
    assert!(matches!(refused(vec![0xFF; 20 * PAGE]), NoLogFile::Empty));
    assert!(matches!(refused(vec![7; 20 * PAGE]), NoLogFile::NotALogFile));
    let mut other = log(&[]);
    other[21] = 0x20;
    assert!(matches!(refused(other), NoLogFile::PageSize(0x2000)));
}

#[test]
fn no_damage_stops_it() {
    let bytes = log(&sample());
    for at in (0..200).chain(4 * PAGE..4 * PAGE + 1_400) {
        for value in [0, 1, 0x7F, 0xFF] {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            if let Ok(log) = LogFile::read(&bytes, GEOMETRY) {
                assert!(log.names.len() < 10 && log.content.len() < 10);
            }
        }
    }
    for length in (0..bytes.len()).step_by(97) {
        let _ = LogFile::read(&bytes[..length].to_vec(), Geometry { cluster: u32::MAX, record: 0 });
    }
}
