//! Volumes with what is hard to read, each thing with a volume that has it and one that does not.

use crate::test_support::*;
use crate::{Algorithm, Known, Namespace, Reparse, State, Unopened, Unread};
use shellsift_disk::ReadAt;

/// The unnamed stream, resident.
fn content(bytes: &[u8]) -> Vec<u8> {
    resident(0x80, "", bytes)
}

fn reparse(tag: u32, data: &[u8]) -> Vec<u8> {
    let mut stored = tag.to_le_bytes().to_vec();
    stored.extend((data.len() as u32).to_le_bytes());
    stored.extend(data);
    resident(0xC0, "", &stored)
}

const WOF: u32 = 0x8000_0017;

#[test]
fn facts_names_times_and_folders() {
    let mut image = Image::new();
    image.with_upper_case = true;
    image.record(20, 2, FOLDER, &[standard([1, 2, 3, 4], 0x10), named(ROOT, "inetpub")]);
    let inside = 20 | 2 << 48;
    let names = [named(inside, "Default.aspx"), name_of(inside, 2, &wide("DEFAUL~1.ASP"), [1, 2, 1, 2])];
    let mut attributes = vec![standard([5, 6, 5, u64::MAX], 0x27)];
    attributes.extend(names);
    attributes.push(content(b"a page"));
    attributes.push(resident(0x80, "Zone.Identifier", b"zone"));
    image.record(21, 1, FILE, &attributes);
    image.record(22, 1, FILE, &[standard([0; 4], 0), name_of(inside, 0, &[0xD83D, 0x61], [0; 4]), content(b"")]);
    image.record(23, 1, FILE, &[named(inside, "case.txt"), content(b"1")]);
    image.record(24, 1, FILE, &[name_of(inside, 0, &wide("CASE.txt"), [0; 4]), content(b"2")]);
    let volume = image.open();
    assert!(volume.problems().is_empty(), "{:?}", volume.problems());
    let facts = volume.facts();
    assert_eq!(
        (facts.serial, &facts.label, facts.version, facts.dirty),
        (0x1122_3344_5566_7788, &wide("DATA"), (3, 1), true)
    );
    assert_eq!((facts.cluster, facts.record, facts.times.created), (1024, 1024, 7));
    assert_eq!(volume.find_path(r"INETPUB\default.aspx"), Some(21));
    assert_eq!(volume.find_path("inetpub/defaul~1.asp"), Some(21));
    assert_eq!(volume.find_path("inetpub/other"), None);
    assert_eq!((volume.find(20, &wide("case.txt")), volume.find(20, &wide("CASE.txt"))), (Some(23), Some(24)));
    assert!(matches!(volume.find(20, &wide("Case.txt")), Some(23 | 24)));
    assert_eq!(volume.find(20, &[0xD83D, 0x41]), Some(22), "half of a pair");
    let mut children: Vec<_> = volume.children(20).map(|name| (name.number, name.space)).collect();
    children.sort_by_key(|child| (child.0, child.1 == Namespace::Dos));
    let posix = Namespace::Posix;
    assert_eq!(
        children,
        [(21, Namespace::Win32), (21, Namespace::Dos), (22, posix), (23, Namespace::Win32), (24, posix)]
    );
    let entry = volume.entry(21).expect("there");
    assert_eq!((entry.size, entry.has_streams, entry.attributes, entry.times.accessed), (6, true, 0x27, u64::MAX));
    let record = volume.record(21).expect("read");
    assert_eq!((record.times, record.names[1].times), (entry.times, volume.names(21).nth(1).expect("two").times));
    assert_eq!(record.names[1].times.modified, 2);
    assert_eq!(all(&volume, 21, "").as_deref(), Ok(&b"a page"[..]));
    assert_eq!(all(&volume, 21, "Zone.Identifier").as_deref(), Ok(&b"zone"[..]));
    assert!(matches!(volume.open_stream(21, &wide("zone.identifier2")), Err(Unread::NoStream)));
    assert!(matches!(volume.record(40), Err(Unread::NoRecord)));
    assert!(matches!(volume.record(1 << 60), Err(Unread::NoRecord)));
    let path = volume.path_of(21);
    assert_eq!((path.parts, path.known), (vec![wide("inetpub"), wide("Default.aspx")], Known::Root));
    assert!(volume.path_of(5).parts.is_empty());
}

#[test]
fn holes_valid_data_and_fragments() {
    let mut image = Image::new();
    let one = image.store(&[b'a'; 2048]);
    let two = image.store(&[b'b'; 1024]);
    let runs = [(1, Some(two)), (3, None), (2, Some(one))];
    let non_resident =
        NonResident { size: 6000, valid: Some(5000), flags: 0x8000, runs: &runs, ..NonResident::default() };
    image.record(20, 1, FILE, &[named(ROOT, "f"), in_clusters(0x80, "", &non_resident)]);
    let short = NonResident { size: 5000, runs: &[(2, Some(one)), (1, Some(1 << 40))], ..NonResident::default() };
    image.record(21, 1, FILE, &[named(ROOT, "g"), in_clusters(0x80, "", &short)]);
    let volume = image.open();
    let mut wanted = vec![b'b'; 1024];
    wanted.resize(4096, 0);
    wanted.resize(5000, b'a');
    wanted.resize(6000, 0);
    assert_eq!(all(&volume, 20, ""), Ok(wanted.clone()));
    let stream = volume.open_stream(20, &[]).expect("opened");
    assert_eq!(
        (stream.next_data(0), stream.next_data(1024), stream.next_data(5000)),
        (Some(0..1024), Some(4096..5000), None)
    );
    for (at, byte) in wanted.iter().enumerate() {
        let mut one = [0xEE];
        assert_eq!(stream.read_at(&mut one, at as u64).expect("read"), 1);
        assert_eq!(one[0], *byte, "{at}");
    }
    let stream = volume.open_stream(21, &[]).expect("opened");
    let mut buffer = [0; 4096];
    assert_eq!(stream.read_some(&mut buffer, 0).expect("read"), 2048);
    let broken = stream.read_some(&mut buffer, 2048).expect_err("behind the volume");
    assert_eq!(broken.range, 2048..3072);
    let broken = stream.read_some(&mut buffer, 3072).expect_err("not listed");
    assert_eq!(broken.range, 3072..5000);
    assert!(stream.read_at(&mut buffer, 1000).is_err());
}

#[test]
fn compressed_units_packed_plain_and_empty() {
    // units of 16 clusters: packed, plain, empty, damaged
    let mut packed = vec![0x02, 0xB0, 0x00, b'x', b'y']; // "xy"
    packed.truncate(5);
    let mut image = Image::new();
    let unit = image.store(&packed);
    let plain = image.store(&[b'p'; 16 * 1024]);
    let damaged = image.store(&[0x03, 0xB0, 0x02, b'a', 0xFF, 0xFF, 0x01, 0x30, b'o', b'k']);
    let runs = [(1, Some(unit)), (15, None), (16, Some(plain)), (16, None), (1, Some(damaged)), (15, None)];
    let non_resident = NonResident { flags: 1, unit: 4, size: 64 * 1024, runs: &runs, ..NonResident::default() };
    image.record(20, 1, FILE, &[named(ROOT, "f"), in_clusters(0x80, "", &non_resident)]);
    let strange = NonResident { flags: 2, ..non_resident };
    image.record(21, 1, FILE, &[named(ROOT, "g"), in_clusters(0x80, "", &strange)]);
    let large = NonResident { flags: 1, unit: 63, size: 10, runs: &runs, ..NonResident::default() };
    image.record(22, 1, FILE, &[named(ROOT, "h"), in_clusters(0x80, "", &large)]);
    let volume = image.open();
    let stream = volume.open_stream(20, &[]).expect("opened");
    let mut bytes = vec![0xEE; 48 * 1024];
    assert_eq!(stream.read_at(&mut bytes, 0).expect("read"), bytes.len());
    assert_eq!(&bytes[..4], b"xy\0\0");
    assert!(bytes[4..16384].iter().all(|byte| *byte == 0));
    assert!(bytes[16384..32768].iter().all(|byte| *byte == b'p'));
    assert!(bytes[32768..].iter().all(|byte| *byte == 0));
    let broken = stream.read_some(&mut bytes, 49152).expect_err("damaged");
    assert_eq!(broken.range, 49152..53248);
    stream.read_some(&mut bytes, 53248).expect("the next chunk is sound");
    assert_eq!(&bytes[..3], b"ok\0");
    assert!(matches!(volume.open_stream(21, &[]), Err(Unread::Damaged(_))));
    assert!(matches!(volume.open_stream(22, &[]), Err(Unread::Damaged(_))));
}

#[test]
fn parts_in_other_records() {
    let mut image = Image::new();
    let places: Vec<_> = [b'1', b'2', b'3'].iter().map(|byte| image.store(&[*byte; 1024])).collect();
    let part = |first: u64, size| {
        in_clusters(
            0x80,
            "",
            &NonResident { first, size, runs: &[(1, Some(places[first as usize]))], ..NonResident::default() },
        )
    };
    let list = |kind: u32, first: u64, holder: u64| {
        let mut entry = kind.to_le_bytes().to_vec();
        entry.extend([32, 0, 0, 26]);
        entry.extend(first.to_le_bytes());
        entry.extend(holder.to_le_bytes());
        entry.resize(32, 0);
        entry
    };
    let base = 20 | 3 << 48;
    let holders = [list(0x80, 0, 21 | 1 << 48), list(0x80, 1, 22 | 1 << 48), list(0x80, 2, 23 | 1 << 48)].concat();
    image.record(20, 3, FILE, &[resident(0x20, "", &holders), named(ROOT, "f")]);
    image.part(21, 1, FILE, base, &[part(0, 3000), name_of(ROOT, 1, &wide("link"), [4; 4])]);
    image.part(22, 1, FILE, base, &[part(1, 0)]);
    image.part(23, 1, FILE, base, &[part(2, 0), resident(0x80, "late", b"late")]);
    // of an earlier use of the record
    image.part(24, 1, FILE, 20 | 2 << 48, &[resident(0x80, "stale", b"stale")]);
    let bytes = image.build();
    let volume = open(bytes.clone()).expect("a volume");
    let record = volume.record(20).expect("read");
    assert_eq!((record.names.len(), record.streams.len(), record.problems.len()), (2, 2, 0));
    assert_eq!((volume.find_path("LINK"), volume.entry(20).map(|entry| entry.size)), (Some(20), Some(3000)));
    let wanted = [[b'1'; 1024], [b'2'; 1024], [b'3'; 1024]].concat();
    assert_eq!(all(&volume, 20, "").as_deref(), Ok(&wanted[..3000]));
    assert_eq!(all(&volume, 20, "late").as_deref(), Ok(&b"late"[..]));
    assert!(matches!(volume.open_stream(20, &wide("stale")), Err(Unread::NoStream)));
    assert!(matches!(volume.record(21), Err(Unread::NoRecord)));
    assert!(volume.entry(21).is_none());
    // the record of the middle is torn
    let mut torn = bytes;
    torn[(4 + 22) * 1024 + 511] ^= 1;
    let volume = open(torn).expect("a volume");
    assert_eq!(volume.problems().iter().filter_map(|problem| problem.number).collect::<Vec<_>>(), [22]);
    assert_eq!(
        volume.record(20).expect("read").problems,
        ["a record that continues it is missing: parts of it are not known"]
    );
    let stream = volume.open_stream(20, &[]).expect("opened");
    let mut buffer = [0; 2048];
    assert_eq!(stream.read_some(&mut buffer, 0).expect("read"), 1024);
    assert_eq!(stream.read_some(&mut buffer, 1024).expect_err("missing").range, 1024..2048);
    assert_eq!(stream.read_some(&mut buffer, 2048).expect("read"), 952);
    assert_eq!(buffer[0], b'3');
}

#[test]
fn content_that_is_elsewhere_is_refused_by_name() {
    let mut image = Image::new();
    let hole =
        in_clusters(0x80, "", &NonResident { size: 9, flags: 0x8000, runs: &[(1, None)], ..NonResident::default() });
    let mut add = |number, attributes: &[Vec<u8>]| image.record(number, 1, FILE, attributes);
    let encrypted =
        in_clusters(0x80, "", &NonResident { size: 9, flags: 0x4000, runs: &[(1, Some(9))], ..NonResident::default() });
    add(20, &[named(ROOT, "efs"), encrypted]);
    add(21, &[named(ROOT, "dedup"), hole.clone(), reparse(0x8000_0013, &[])]);
    add(22, &[named(ROOT, "cloud"), hole.clone(), reparse(0x9000_601A, &[])]);
    add(23, &[named(ROOT, "hydrated"), content(b"here"), reparse(0x9000_601A, &[])]);
    add(24, &[named(ROOT, "recall"), standard([1; 4], 0x40_0000), content(b"here"), reparse(0x9000_601A, &[])]);
    add(25, &[named(ROOT, "wim"), hole.clone(), reparse(WOF, &[1, 0, 0, 0, 1, 0, 0, 0])]);
    add(26, &[named(ROOT, "unknown"), hole.clone(), reparse(WOF, &[1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0])]);
    add(27, &[named(ROOT, "no stream"), hole.clone(), reparse(WOF, &[1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0])]);
    add(28, &[named(ROOT, "filter"), hole.clone(), reparse(0x8000_0099, &[])]);
    add(29, &[named(ROOT, "other"), content(b"here"), reparse(0x8000_0099, &[])]);
    add(30, &[named(ROOT, "hsm"), hole.clone(), reparse(0xC000_0004, &[])]);
    add(31, &[named(ROOT, "cut"), hole, reparse(WOF, &[1, 0, 0, 0, 2, 0, 0, 0])]);
    add(32, &[named(ROOT, "cut, and here"), content(b"here"), reparse(WOF, &[1, 0, 0, 0, 2, 0, 0, 0])]);
    let volume = image.open();
    let refusal = |number| all(&volume, number, "").expect_err("refused");
    assert_eq!(refusal(20), "it is encrypted (EFS)");
    assert!(refusal(21).contains("deduplicated"));
    assert!(refusal(22).contains("cloud") && refusal(24).contains("cloud"));
    assert!(refusal(25).contains("WIM") && refusal(26).contains("algorithm 9") && refusal(27).contains("missing"));
    assert!(refusal(28).contains("0x80000099") && refusal(30).contains("0xc0000004"));
    assert_eq!(refusal(31), "its reparse point is damaged");
    assert_eq!(all(&volume, 32, "").as_deref(), Ok(&b"here"[..]));
    assert_eq!(all(&volume, 23, "").as_deref(), Ok(&b"here"[..]));
    assert_eq!(all(&volume, 29, "").as_deref(), Ok(&b"here"[..]));
    assert_eq!(volume.entry(21).expect("there").reparse_tag, Some(0x8000_0013));
    assert_eq!(volume.entry(20).expect("there").reparse_tag, None);
}

#[test]
fn overlay_files_are_unpacked_chunk_by_chunk() {
    // chunks of 4 KiB: stored, damaged, stored; the table has the ends of the first two
    let mut packed = Vec::new();
    packed.extend(4096_u32.to_le_bytes());
    packed.extend(4400_u32.to_le_bytes());
    packed.extend([b'a'; 4096]);
    packed.extend([0xFF; 304]);
    packed.extend([b'c'; 10]);
    let mut image = Image::new();
    let place = image.store(&packed);
    let hole =
        in_clusters(0x80, "", &NonResident { size: 8202, flags: 0x8000, runs: &[(9, None)], ..NonResident::default() });
    let non_resident = NonResident { size: packed.len() as u64, runs: &[(5, Some(place))], ..NonResident::default() };
    let stored = in_clusters(0x80, "WofCompressedData", &non_resident);
    let xpress = reparse(WOF, &[1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    image.record(20, 1, FILE, &[named(ROOT, "f"), hole, stored, xpress]);
    let volume = image.open();
    assert_eq!(volume.record(20).expect("read").reparse, Some(Reparse::Compressed(Ok(Algorithm::Xpress4K))));
    let stream = volume.open_stream(20, &[]).expect("opened");
    let mut buffer = [0; 8192];
    assert_eq!((stream.len(), stream.read_some(&mut buffer, 100).expect("read")), (8202, 3996));
    assert_eq!(buffer[3995], b'a');
    assert_eq!(stream.read_some(&mut buffer, 5000).expect_err("damaged").range, 5000..8192);
    assert_eq!(stream.read_some(&mut buffer, 8192).expect("read"), 10);
    assert_eq!(&buffer[..10], &[b'c'; 10]);
}

#[test]
fn deleted_files_and_what_is_left_of_them() {
    let mut image = Image::new();
    let places: Vec<_> = (0..4).map(|_| image.store(&[b'x'; 2048])).collect();
    let at = |place: u64| {
        in_clusters(0x80, "", &NonResident { size: 2000, runs: &[(2, Some(place))], ..NonResident::default() })
    };
    image.free(places[0], 2);
    image.free(places[1], 1);
    image.free(places[3], 2);
    image.record(20, 2, DELETED | 2, &[named(ROOT, "gone")]);
    let gone = 20 | 1 << 48; // counted when it was freed
    image.record(21, 2, DELETED, &[named(gone, "whole"), at(places[0]), resident(0x80, "s", b"stream")]);
    image.record(22, 2, DELETED, &[named(gone, "partly"), at(places[1])]);
    image.record(23, 2, DELETED, &[named(ROOT, "lost"), at(places[2])]);
    image.record(24, 2, DELETED, &[named(ROOT, "shared"), at(places[3])]);
    image.record(25, 2, DELETED, &[named(ROOT, "shared too"), at(places[3])]);
    image.record(26, 7, FOLDER, &[named(ROOT, "new")]);
    image.record(27, 2, DELETED, &[named(26 | 3 << 48, "orphan"), content(b"here")]);
    image.record(28, 2, DELETED | 2, &[named(28 | 1 << 48, "loop")]);
    image.record(29, 2, DELETED, &[named(28 | 1 << 48, "in it"), content(b"")]);
    image.record(30, 2, DELETED, &[named(60 | 1 << 48, "nowhere"), content(b"")]);
    image.record(31, 1, FILE, &[named(ROOT, "in use"), content(b"")]);
    let volume = image.open();
    assert_eq!(volume.deleted().collect::<Vec<_>>(), (20..=25).chain(27..=30).collect::<Vec<_>>());
    let state = |number| volume.deleted_file(number).expect("read").streams[0].1;
    assert_eq!((state(21), state(22)), (State::Whole, State::Partial { in_use: 1, clusters: 2 }));
    assert_eq!((state(23), state(24), state(27)), (State::Overwritten, State::Unknown, State::Whole));
    assert_eq!(volume.deleted_file(21).expect("read").streams[1].1, State::Whole);
    assert_eq!(state(31), State::Whole, "in use");
    let known = |number| {
        let path = volume.deleted_file(number).expect("read").paths.remove(0);
        (path.known, path.in_deleted_folder, path.parts.len())
    };
    assert_eq!((known(21), known(23)), ((Known::Root, true, 2), (Known::Root, false, 1)));
    assert_eq!((known(27), known(30)), ((Known::Reused, false, 1), (Known::NoParent, false, 1)));
    assert_eq!((known(28).0, known(29).0), (Known::Loop, Known::Loop));
    let mut buffer = [0; 2048];
    let stream = volume.open_deleted(22, &[]).expect("opened");
    assert_eq!(stream.read_some(&mut buffer, 0).expect("free"), 1024);
    assert_eq!(stream.read_some(&mut buffer, 1024).expect_err("in use").range, 1024..2000);
    assert_eq!(all(&volume, 22, ""), Ok(vec![b'x'; 2000]), "as the clusters are");
    assert!(volume.find_path("gone").is_none(), "deleted names are not in folders");
    assert_eq!(volume.children(5).filter(|name| name.number >= 16).count(), 2);
}

#[test]
fn slack_holds_what_a_small_file_was() {
    let mut image = Image::new();
    image.record(20, 1, FILE, &[named(ROOT, "f"), content(b"")]);
    image.patch(20, 700, b"<% once resident %>");
    image.record(21, 1, FILE, &[named(ROOT, "g"), content(b"")]);
    let volume = image.open();
    assert!(volume.slack(20).expect("read").ends_with(b"<% once resident %>"));
    assert!(volume.slack(21).expect("read").is_empty());
    assert_eq!([20, 21].map(|number| volume.entry(number).expect("there").has_slack), [true, false]);
}

#[test]
fn a_folder_has_one_parent() {
    let mut image = Image::new();
    let (a, b) = (20 | 1 << 48, 21 | 1 << 48);
    image.record(20, 1, FOLDER, &[named(ROOT, "a"), named(b, "back")]);
    image.record(21, 1, FOLDER, &[named(a, "b"), name_of(a, 2, &wide("B"), [1; 4])]);
    let volume = image.open();
    assert_eq!(volume.problems().iter().filter_map(|problem| problem.number).collect::<Vec<_>>(), [20]);
    assert_eq!((volume.children(20).count(), volume.children(21).count()), (2, 0));
    let below_itself = {
        let mut image = Image::new();
        image.record(20, 1, FOLDER, &[named(ROOT, "a")]);
        image.root_in = 20 | 1 << 48;
        image.open()
    };
    assert_eq!((below_itself.children(20).count(), below_itself.path_of(20).known), (0, Known::Root));
    let stale = {
        let mut image = Image::new();
        image.record(20, 2, FOLDER, &[named(ROOT, "a")]);
        image.record(21, 1, FILE, &[named(a, "of the folder before"), content(b"")]);
        image.open()
    };
    assert_eq!(stale.children(20).count(), 0);
    assert_eq!(stale.path_of(21).known, Known::Reused);
}

#[test]
fn what_leads_to_the_files_may_be_damaged() {
    let mut image = Image::new();
    image.record(20, 1, FILE, &[named(ROOT, "f"), content(b"here")]);
    let sound = image.build();
    let reasons = |bytes: Vec<u8>| {
        let volume = open(bytes).expect("a volume");
        assert_eq!(all(&volume, volume.find_path("f").expect("found"), "").as_deref(), Ok(&b"here"[..]));
        volume.problems().iter().map(|problem| problem.reason).collect::<Vec<_>>().join("; ")
    };
    assert!(reasons(sound.clone()).starts_with("its $UpCase is damaged"));
    let mut bytes = sound.clone();
    bytes[..512].fill(0);
    assert!(reasons(bytes).starts_with("its boot sector is damaged"));
    let mut bytes = sound.clone();
    bytes[4 * 1024..5 * 1024].fill(0xA5);
    assert!(reasons(bytes).starts_with("the first record of its $MFT is damaged"));
    let mut bytes = sound.clone();
    bytes[(4 + 40) * 1024..(4 + 42) * 1024].copy_from_slice(&[b'B'; 2048]);
    bytes[(4 + 40) * 1024..(4 + 40) * 1024 + 4].copy_from_slice(b"BAAD");
    let volume = open(bytes).expect("a volume");
    let reported: Vec<_> =
        volume.problems().iter().filter_map(|problem| Some((problem.number?, problem.reason))).collect();
    assert_eq!(reported, [(40, "Windows found the record torn and abandoned it"), (41, "it is not an MFT record")]);
    let mut bytes = sound.clone();
    bytes[(4 + 20) * 1024 + 1023] ^= 1;
    let volume = open(bytes).expect("a volume");
    let torn = volume.problems().iter().find(|problem| problem.number == Some(20)).expect("reported");
    assert_eq!((torn.in_use, torn.name.as_ref().map(|name| &name.1)), (true, Some(&wide("f"))));
    let mut bytes = sound.clone();
    bytes.truncate(30 * 1024);
    let volume = open(bytes).expect("a volume");
    assert!(volume.problems().iter().any(|problem| problem.reason.starts_with("it is shorter")));
    let mut both = sound;
    both[2 * 1024..3 * 1024].fill(0);
    both[4 * 1024..5 * 1024].fill(0);
    assert!(matches!(open(both), Err(Unopened::Damaged(_))));
}

#[test]
fn other_volumes_are_refused_by_name() {
    let of = |name: &[u8; 8]| {
        let mut sector = vec![0; 4096];
        sector[3..11].copy_from_slice(name);
        open(sector).expect_err("refused")
    };
    assert!(matches!(of(b"-FVE-FS-"), Unopened::BitLocker));
    assert!(matches!(of(b"ReFS\0\0\0\0"), Unopened::Refs));
    assert!(matches!(of(b"MSDOS5.0"), Unopened::NotNtfs));
    assert!(matches!(of(b"NTFS    "), Unopened::Damaged(_)));
    assert!(matches!(open(Vec::new()), Err(Unopened::NotNtfs)));
}

#[test]
fn what_no_walk_from_the_root_meets() {
    let mut image = Image::new();
    image.record(20, 1, FOLDER, &[named(ROOT, "torn")]);
    image.record(21, 1, FOLDER, &[named(20 | 1 << 48, "below")]);
    image.record(22, 1, FILE, &[named(21 | 1 << 48, "f"), content(b"x")]);
    image.record(23, 1, FOLDER, &[named(24 | 1 << 48, "loop")]);
    image.record(24, 1, FOLDER, &[named(23 | 1 << 48, "loop")]);
    image.record(25, 1, FILE, &[named(ROOT, "met"), content(b"x")]);
    image.record(26, 1, FILE, &[content(b"no name")]);
    image.record(27, 1, FILE, &[standard([1; 4], 0)]);
    let sound = image.build();
    let orphans = |bytes| open(bytes).expect("a volume").orphans().collect::<Vec<_>>();
    assert_eq!(orphans(sound.clone()), [23, 24, 26]);
    let mut torn = sound;
    torn[(4 + 20) * 1024 + 511] ^= 1;
    assert_eq!(orphans(torn), [21, 22, 23, 24, 26]);
}

#[test]
fn an_index_still_holds_names_that_are_gone() {
    let folder = 20 | 1 << 48;
    let entry = |record: u64, parent, name: &str| {
        let content = name_content(parent, 1, &wide(name), [1, 2, 3, 4]);
        let mut entry = record.to_le_bytes().to_vec();
        entry.extend((16 + content.len() as u16).next_multiple_of(8).to_le_bytes());
        entry.extend((content.len() as u16).to_le_bytes());
        entry.extend([0; 4]);
        entry.extend(content);
        entry.resize(entry.len().next_multiple_of(8), 0);
        entry
    };
    let mut block = b"INDX\x28\0\x03\0".to_vec();
    block.resize(24, 0);
    let live = entry(21 | 1 << 48, folder, "live");
    let torn = entry(22 | 1 << 48, folder, "torn");
    block.extend([40_u32, 40 + (live.len() + torn.len()) as u32, 1000, 0].map(u32::to_le_bytes).concat());
    block.resize(64, 0);
    block.extend(live.iter().chain(&torn));
    block.extend(entry(30 | 7 << 48, folder, "gone.aspx"));
    block.extend(entry(21 | 1 << 48, folder, "live"));
    block.extend(entry(31 | 7 << 48, ROOT, "of another folder"));
    block.extend(&entry(32 | 7 << 48, folder, "its head is lost")[16..]);
    block.resize(1024, 0);
    block[40..42].copy_from_slice(&[7, 7]);
    block.copy_within(510..512, 42);
    block[510..512].copy_from_slice(&[7, 7]);
    block[1022..].copy_from_slice(&[7, 7]);
    let mut image = Image::new();
    let place = image.store(&block);
    let mut root = vec![0x30, 0, 0, 0, 1, 0, 0, 0];
    root.extend(1024_u32.to_le_bytes());
    root.resize(48, 0);
    let non_resident = NonResident { size: 1024, runs: &[(1, Some(place))], ..NonResident::default() };
    let index = [resident(0x90, "$I30", &root), in_clusters(0xA0, "$I30", &non_resident)].concat();
    image.record(20, 1, FOLDER, &[named(ROOT, "d"), index]);
    image.record(21, 1, FILE, &[named(folder, "live"), content(b"")]);
    let volume = image.open();
    let names = volume.remnants(20).expect("read");
    let reported: Vec<_> =
        names.iter().map(|name| (&*name.units, name.in_use, name.record.map(|it| it.number))).collect();
    let (torn, gone, headless) = (wide("torn"), wide("gone.aspx"), wide("its head is lost"));
    assert_eq!(reported, [(&*torn, true, Some(22)), (&gone, false, Some(30)), (&headless, false, None)]);
    assert_eq!((names[0].times.accessed, names[0].space), (4, Namespace::Win32));
    assert!(volume.remnants(5).expect("read").is_empty());
    assert!(matches!(volume.remnants(60), Err(Unread::NoRecord)));
}

/// A disk with bad places.
struct Bad(Vec<u8>, std::ops::Range<u64>);

impl ReadAt for Bad {
    fn len(&self) -> u64 {
        ReadAt::len(&self.0)
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
        if at < self.1.end && at + buffer.len() as u64 > self.1.start {
            return Err(std::io::Error::other("a bad sector"));
        }
        self.0.read_at(buffer, at)
    }
}

#[test]
fn bad_sectors_cost_what_lies_in_them() {
    let mut image = Image::new();
    let place = image.store(&[b'x'; 5 * 1024]);
    let non_resident = NonResident { size: 5000, runs: &[(5, Some(place))], ..NonResident::default() };
    image.record(20, 1, FILE, &[named(ROOT, "f"), in_clusters(0x80, "", &non_resident)]);
    image.record(21, 1, FILE, &[named(ROOT, "g"), content(b"")]);
    image.record(22, 1, FILE, &[named(ROOT, "h"), content(b"")]);
    let bytes = image.build();
    let bad = |range| crate::Volume::open(std::sync::Arc::new(Bad(bytes.clone(), range))).expect("a volume");
    let volume = bad(25 * 1024 + 100..26 * 1024 + 1);
    let reported: Vec<_> =
        volume.problems().iter().filter_map(|problem| Some((problem.number?, problem.count))).collect();
    assert_eq!(reported, [(21, 2)]);
    assert!(volume.find_path("f").is_some());
    let start = place * 1024;
    let volume = bad(start + 2100..start + 2101);
    assert!(volume.problems().iter().all(|problem| problem.number.is_none()));
    let stream = volume.open_stream(20, &[]).expect("opened");
    let mut buffer = [0; 8192];
    assert_eq!(stream.read_some(&mut buffer, 0).expect("before"), 2048);
    let broken = stream.read_some(&mut buffer, 2048).expect_err("bad");
    assert_eq!((broken.range, broken.reason.as_str()), (2048..3072, "a bad sector"));
    assert_eq!(stream.read_some(&mut buffer, 3072).expect("behind"), 1928);
    let error = stream.read_at(&mut buffer, 0).expect_err("as a whole");
    assert_eq!(error.to_string(), "bytes 2048 to 3072 cannot be read: a bad sector");
}

/// Opens whatever it is and reads all of it, within bounds.
fn exercise(bytes: Vec<u8>) {
    let Ok(volume) = open(bytes) else { return };
    let mut buffer = vec![0; 70_000];
    for number in volume.numbers().chain(volume.deleted()).take(100) {
        let _ = (
            volume.path_of(number),
            volume.slack(number),
            volume.deleted_file(number),
            volume.children(number).count(),
        );
        let _ = volume.remnants(number);
        let Ok(record) = volume.record(number) else { continue };
        for stream in &record.streams {
            for opened in [volume.open_stream(number, &stream.name), volume.open_deleted(number, &stream.name)]
                .into_iter()
                .flatten()
            {
                let _ = (opened.next_data(0), opened.next_data(u64::MAX), opened.read_at(&mut buffer, u64::MAX - 5));
                let mut at = 0;
                for _ in 0..20 {
                    at = match opened.read_some(&mut buffer, at) {
                        Ok(0) => break,
                        Ok(read) => at + read as u64,
                        Err(broken) => {
                            assert!(broken.range.end > at);
                            broken.range.end
                        }
                    };
                }
            }
        }
    }
}

#[test]
fn damage_anywhere_neither_panics_nor_hangs() {
    let mut image = Image::new();
    let packed = image.store(&[0x02, 0xB0, 0x00, b'x', b'y', 0x03, 0xB0, 0x02, b'a', 0x00, 0x10]);
    let runs = [(1, Some(packed)), (15, None)];
    let non_resident = NonResident { flags: 1, unit: 4, size: 9000, runs: &runs, ..NonResident::default() };
    let hole =
        in_clusters(0x80, "", &NonResident { size: 8202, flags: 0x8000, runs: &[(9, None)], ..NonResident::default() });
    let wof = resident(0x80, "WofCompressedData", &[64, 0, 0, 0, 128, 0, 0, 0, 1, 2, 3, 4]);
    image.record(20, 1, FOLDER, &[standard([1; 4], 0), named(ROOT, "d")]);
    image.record(21, 1, FILE, &[named(20 | 1 << 48, "f"), in_clusters(0x80, "", &non_resident)]);
    image.record(
        22,
        1,
        FILE,
        &[named(ROOT, "w"), hole, wof, reparse(WOF, &[1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0])],
    );
    image.record(23, 2, DELETED, &[named(20 | 1 << 48, "x"), in_clusters(0x80, "", &non_resident)]);
    image.record(24, 1, FILE, &[resident(0x20, "", &[0x80; 60]), named(ROOT, "l"), content(b"")]);
    image.part(25, 1, FILE, 24 | 1 << 48, &[content(b"part")]);
    let sound = image.build();
    let records = [0, 3, 5, 6, 20, 21, 22, 23, 24, 25];
    let places = (0..90).chain(records.into_iter().flat_map(|number| (4 + number) * 1024..(4 + number) * 1024 + 560));
    for (turn, at) in places.enumerate() {
        let mut bytes = sound.clone();
        bytes[at] = [0x00, 0x7F, 0xFF][turn % 3];
        exercise(bytes);
    }
    for length in (0..sound.len()).step_by(509) {
        exercise(sound[..length].to_vec());
    }
}
