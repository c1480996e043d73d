use super::*;
use std::io;

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// A record as Windows writes it, of version 2 or 3.
fn record(version: u16, usn: u64, file: u64, name: &str, reason: Reason) -> Vec<u8> {
    let mut bytes = vec![0; 4];
    bytes.extend(version.to_le_bytes());
    bytes.extend([0; 2]);
    for reference in [file, 5 << 48 | 5] {
        bytes.extend(reference.to_le_bytes());
        bytes.resize(bytes.len() + if version == 3 { 8 } else { 0 }, 0);
    }
    bytes.extend(usn.to_le_bytes());
    bytes.extend((1_000 + usn).to_le_bytes());
    bytes.extend(reason.bits().to_le_bytes());
    bytes.extend([0; 8]);
    bytes.extend(0x20_u32.to_le_bytes());
    let name: Vec<u8> = units(name).into_iter().flat_map(u16::to_le_bytes).collect();
    bytes.extend((name.len() as u16).to_le_bytes());
    bytes.extend((bytes.len() as u16 + 2).to_le_bytes());
    bytes.extend(name);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let length = bytes.len() as u32;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    bytes
}

/// A journal of records, each (file, name, reason), with pages filled as Windows does.
fn journal(records: &[(u64, &str, Reason)]) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::new();
    for (number, (file, name, reason)) in records.iter().enumerate() {
        let version = if number.is_multiple_of(2) { 2 } else { 3 };
        let mut next = record(version, bytes.len() as u64, *file, name, *reason);
        if bytes.len() / 4_096 != (bytes.len() + next.len() - 1) / 4_096 {
            bytes.resize(bytes.len().next_multiple_of(4_096), 0);
            next = record(version, bytes.len() as u64, *file, name, *reason);
        }
        bytes.extend(next);
    }
    bytes
}

fn many() -> Vec<u8> {
    let names: Vec<String> = (0..5_000).map(|number| format!("file{number}.aspx")).collect();
    let records: Vec<_> =
        names.iter().zip(0..).map(|(name, file)| (1 << 48 | file, name.as_str(), Reason::FILE_CREATE)).collect();
    journal(&records)
}

#[test]
fn records_of_both_versions_are_read_across_pages() {
    let bytes = many();
    let journal = Journal::whole(Arc::new(bytes));
    let mut records = journal.records();
    let all: Vec<Record> = records.by_ref().collect();
    assert_eq!((all.len(), records.skipped()), (5_000, Skipped::default()));
    for (number, record) in all.iter().enumerate() {
        assert_eq!(record.name, units(&format!("file{number}.aspx")));
        assert_eq!((record.file, record.parent.number), (Reference { number: number as u64, sequence: 1 }, 5));
        assert_eq!((record.time, record.reason), (1_000 + record.usn, Reason::FILE_CREATE));
    }
}

#[test]
fn only_allocated_ranges_are_read() {
    /// Huge, with a few bytes at the end.
    struct Sparse(u64, Vec<u8>);
    impl ReadAt for Sparse {
        fn len(&self) -> u64 {
            self.0 + self.1.len() as u64
        }
        fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
            self.1.read_at(buffer, at.checked_sub(self.0).ok_or_else(|| io::Error::other("not allocated"))?)
        }
    }
    let bytes = many();
    let (start, length) = (1 << 62, bytes.len() as u64);
    let source = Arc::new(Sparse(start, bytes));
    let journal =
        Journal::new(source.clone(), [start + 8_192..u64::MAX, start..start + 8_192, start + 100..start + 200, 9..9]);
    assert_eq!((journal.allocated(), journal.records().count()), (length, 5_000));
    // A run that begins in the middle, and one that is left out.
    let parts = Journal::new(source, [start..start + 4_096, start + 8_192..start + 12_288]);
    let mut records = parts.records();
    let count = records.by_ref().count();
    assert!((70..200).contains(&count) && records.skipped() == Skipped::default(), "{count} {:?}", records.skipped());
}

#[test]
fn it_goes_on_behind_damage() {
    let bytes = many();
    let whole = Journal::whole(Arc::new(bytes.clone())).records().count();
    let mut damaged = bytes.clone();
    damaged[10_000..10_400].fill(0xAB);
    let journal = Journal::whole(Arc::new(damaged));
    let mut records = journal.records();
    let count = records.by_ref().count();
    assert!((whole - 8..whole).contains(&count), "{count}");
    assert!((300..800).contains(&records.skipped().damaged), "{:?}", records.skipped());
    assert!(records.skipped().problems()[0].contains("are not records"));
    struct Bad(Vec<u8>);
    impl ReadAt for Bad {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
        fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
            match at < 8_200 && 8_200 < at + buffer.len() as u64 {
                true => Err(io::Error::other("bad sector")),
                false => self.0.read_at(buffer, at),
            }
        }
    }
    let journal = Journal::whole(Arc::new(Bad(bytes)));
    let mut records = journal.records();
    let count = records.by_ref().count();
    assert!((whole - 50..whole).contains(&count), "{count}");
    assert_eq!(records.skipped(), Skipped { unreadable: 4_096, ..Skipped::default() });
}

#[test]
fn other_versions_are_counted() {
    let mut bytes = record(2, 0, 7, "a", Reason::CLOSE);
    let mut ranges = vec![0; 80];
    ranges[0] = 80;
    ranges[4] = 4;
    bytes.extend(ranges);
    let mut foreign = record(3, 0, 7, "b", Reason::CLOSE);
    foreign[16] = 1;
    bytes.extend(foreign);
    bytes.extend(record(2, 0, 7, "c", Reason::CLOSE));
    let journal = Journal::whole(Arc::new(bytes));
    let mut records = journal.records();
    assert_eq!(records.by_ref().map(|record| record.name).collect::<Vec<_>>(), [units("a"), units("c")]);
    assert_eq!(records.skipped(), Skipped { ranges: 1, foreign: 1, ..Skipped::default() });
}

#[test]
fn a_page_that_no_longer_exists_has_a_history() {
    let (page, other) = (2 << 48 | 70, 3 << 48 | 70);
    let created = Reason::FILE_CREATE;
    let extended = created | Reason::DATA_EXTEND;
    let bytes = journal(&[
        (page, "x.txt", created),
        (page, "x.txt", extended),
        (page, "x.txt", extended | Reason::CLOSE),
        (page, "x.txt", Reason::RENAME_OLD_NAME),
        (page, "x.aspx", Reason::RENAME_NEW_NAME),
        (page, "x.aspx", Reason::RENAME_NEW_NAME | Reason::CLOSE),
        (page, "x.aspx", Reason::BASIC_INFO_CHANGE),
        (page, "x.aspx", Reason::BASIC_INFO_CHANGE | Reason::CLOSE),
        (page, "x.aspx", Reason::DATA_TRUNCATION),
        (page, "x.aspx", Reason::DATA_TRUNCATION | Reason::DATA_OVERWRITE),
        (page, "x.aspx", Reason::DATA_TRUNCATION | Reason::DATA_OVERWRITE | Reason::CLOSE),
        (page, "x.aspx", Reason::FILE_DELETE | Reason::CLOSE),
        (other, "y.log", created | Reason::CLOSE),
    ]);
    let source = Journal::whole(Arc::new(bytes));
    let folded = fold(&source, |record| record.name.ends_with(&units(".aspx")));
    assert_eq!((folded.records, folded.histories.len(), folded.truncated), (13, 1, false));
    let history = &folded.histories[0];
    let kinds: Vec<EventKind> = history.events.iter().map(|event| event.kind.clone()).collect();
    let parent = Reference { number: 5, sequence: 5 };
    assert_eq!(
        kinds,
        [
            EventKind::Created,
            EventKind::Extended,
            EventKind::Renamed { from: Some((units("x.txt"), parent)) },
            EventKind::BasicInfoChanged,
            EventKind::Overwritten,
            EventKind::Deleted
        ]
    );
    assert_eq!((history.created(), history.file), (Some(1_000), Reference { number: 70, sequence: 2 }));
    assert!(history.deleted() > history.created());
    assert_eq!(history.last_name(), Some((units("x.aspx").as_slice(), parent)));
    assert_eq!(fold(&source, |_| false).histories, []);
}

#[test]
fn renames_without_a_beginning_and_in_a_row_are_reported() {
    let old = Reason::RENAME_OLD_NAME;
    let new = Reason::RENAME_NEW_NAME;
    let bytes = journal(&[
        (9, "b", new | Reason::CLOSE),
        (9, "b", old),
        (9, "c", new),
        (9, "c", old | new),
        (9, "d", new),
        (9, "d", new | Reason::CLOSE),
    ]);
    let folded = fold(&Journal::whole(Arc::new(bytes)), |_| true);
    let from = |name: &str| EventKind::Renamed { from: Some((units(name), Reference { number: 5, sequence: 5 })) };
    let kinds: Vec<EventKind> = folded.histories[0].events.iter().map(|event| event.kind.clone()).collect();
    assert_eq!(kinds, [EventKind::Renamed { from: None }, from("b"), from("c")]);
}

#[test]
fn no_damage_stops_it() {
    let bytes =
        journal(&[(9, "name.aspx", Reason::FILE_CREATE), (9, "name.aspx", Reason::CLOSE), (8, "b", Reason::CLOSE)]);
    for at in 0..bytes.len() {
        for value in [0, 1, 0x7F, 0xFF] {
            let mut bytes = bytes.clone();
            bytes[at] = value;
            assert!(fold(&Journal::whole(Arc::new(bytes)), |_| true).records <= 3);
        }
        assert!(Journal::whole(Arc::new(bytes[..at].to_vec())).records().count() < 3);
    }
}

/// Bytes, and behind them a range that is broken at once to the end.
struct Endless(Vec<u8>);

impl ReadAt for Endless {
    fn len(&self) -> u64 {
        1 << 60
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let there = ReadAt::len(&self.0);
        if at + buffer.len() as u64 > there {
            return Err(Broken { range: at.max(there)..1 << 60, reason: "it is listed nowhere".into() }.into());
        }
        self.0.read_at(buffer, at)
    }
}

#[test]
fn what_is_listed_nowhere_is_left_at_once() {
    let mut bytes = journal(&[(9, "a", Reason::FILE_CREATE)]);
    bytes.resize(4_096, 0);
    let journal = Journal::whole(Arc::new(Endless(bytes)));
    let mut records = journal.records();
    assert_eq!(records.by_ref().count(), 1);
    assert_eq!(records.skipped(), Skipped { unreadable: (1 << 60) - 4_096, ..Skipped::default() });
}

#[test]
fn no_more_is_read_than_the_volume_has() {
    let pages = |count: usize| {
        let page = |number: usize| {
            let mut page = record(2, number as u64, 9, "a", Reason::CLOSE);
            page.resize(4_096, 0);
            page
        };
        Journal::whole(Arc::new((0..count).flat_map(page).collect::<Vec<u8>>()))
    };
    let read = |journal: Journal| {
        let mut records = journal.records();
        (records.by_ref().count(), records.skipped().unreadable)
    };
    assert_eq!(read(pages(700)), (700, 0));
    assert_eq!(read(pages(700).on_volume_of(700 * 4_096)), (700, 0));
    assert_eq!(read(pages(700).on_volume_of(512 * 4_096)), (512, (700 - 256 - 256) * 4_096));
}

#[test]
fn a_deletion_is_told_whatever_came_before() {
    let close = |reason| (9, "log.aspx", reason | Reason::CLOSE);
    let mut records = vec![close(Reason::DATA_EXTEND); 3_000];
    records.push(close(Reason::FILE_DELETE));
    records.push(close(Reason::FILE_DELETE));
    let history = &fold(&Journal::whole(Arc::new(journal(&records))), |_| true).histories[0];
    assert_eq!((history.events.len(), history.truncated, history.deleted().is_some()), (2_001, true, true));
}
