use crate::cells::HEADER;
use crate::test_support::{List, Written, entry, header, written};
use crate::{Hive, HiveError, Recovery, ValueData, facts};
use shellsift_disk::ReadAt;
use shellsift_disk::numbers::u32_at;
use std::io;

fn sample() -> Written {
    Written::new("ROOT")
        .text(r"ControlSet001\Services\A", "ImagePath", r"C:\a.exe")
        .text(r"ControlSet001\Services\Ä", "ServiceDll", r"C:\ä.dll")
        .value(r"ControlSet001\Services\Ж", "Many", 7, &crate::test_support::utf16("one\0two\0\0"))
        .value(r"ControlSet001\Services\Ж", "Expand", 2, &crate::test_support::utf16("%windir%\0"))
        .value(r"ControlSet001\Services\Ж", "Quad", 11, &7_u64.to_le_bytes())
        .value(r"ControlSet001\Services\Ж", "Odd", 4, &[1, 2])
        .dword("Select", "Current", 1)
        .binary("Large", "Data", &large())
        .text("Default", "", "unnamed")
}

fn large() -> Vec<u8> {
    (0..40_000_u32).map(|number| number as u8).collect()
}

/// All names and data, so that two hives can be compared.
fn content(hive: &Hive) -> Vec<String> {
    let lines = hive.root().walk().map(|key| {
        let values: Vec<_> = key.values().map(|value| (value.name(), value.kind(), value.bytes())).collect();
        format!("{} {} {} {values:?}", key.depth(), key.name(), key.last_written())
    });
    lines.collect()
}

fn changed(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

/// Where some bytes begin.
fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).expect("it is there")
}

#[test]
fn keys_and_values_are_found_without_case_in_every_kind_of_list() {
    for list in [List::Leaf, List::Fast, List::Hash, List::Root] {
        let hive = Hive::new(sample().bytes_with(list), &[]).expect("a hive");
        let services = hive.at(r"controlset001\SERVICES").expect("services");
        let names: Vec<String> = services.keys().map(|key| key.name()).collect();
        assert_eq!(names, ["A", "Ä", "Ж"], "{list:?}");
        assert_eq!(services.at("ä").expect("found").text("SERVICEDLL").as_deref(), Some(r"C:\ä.dll"));
        assert_eq!(services.last_written(), written("Services"));
        let many = services.key("ж").expect("found");
        let data: Vec<ValueData> = many.values().map(|value| value.data()).collect();
        assert_eq!(
            data,
            [
                ValueData::Texts(vec!["one".to_owned(), "two".to_owned()]),
                ValueData::Expand("%windir%".to_owned()),
                ValueData::Qword(7),
                ValueData::Bytes(vec![1, 2]),
            ]
        );
        assert_eq!(many.text("many").as_deref(), Some("one\ntwo"));
        assert_eq!(hive.at("Large").expect("found").value("data").expect("found").bytes(), large());
        assert_eq!(hive.at("Default").expect("found").text("").as_deref(), Some("unnamed"));
        assert!(services.key("C").is_none() && many.value("x").is_none() && hive.at("Select\\x").is_none());
        assert_eq!((hive.problems(), *hive.recovery()), (vec![], Recovery::NotNeeded));
    }
}

#[test]
fn what_is_no_hive_is_refused_with_its_reason() {
    let refused = |bytes: Vec<u8>| Hive::new(bytes, &[]).err().expect("refused");
    assert!(matches!(refused(Vec::new()), HiveError::NotAHive));
    assert!(matches!(refused(vec![0; 10_000]), HiveError::NotAHive));
    assert!(matches!(refused(header(32, 4_096, (1, 1), 6)), HiveError::Log));
    assert!(matches!(refused(b"regf".to_vec()), HiveError::NoRoot));
    struct Endless;
    impl ReadAt for Endless {
        fn len(&self) -> u64 {
            u64::MAX
        }
        fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
            Err(io::ErrorKind::InvalidData.into())
        }
    }
    assert!(matches!(Hive::read(&Endless, &[]), Err(HiveError::TooLarge(u64::MAX))));
}

/// A hive that was changed in its last value, in the log alone.
fn torn() -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let old = Written::new("ROOT").text("A", "x", "old").text("B", "x", "old").bytes();
    let new = Written::new("ROOT").text("A", "x", "new").text("B", "x", "new").bytes();
    let bins = (old.len() - HEADER) as u32;
    let root = u32_at(&old, 36).expect("a root");
    let torn = changed(&old, 0, &header(root, bins, (8, 7), 0));
    (torn, new, header(root, bins, (0, 0), 6))
}

/// A log of the given entries, the first with this number.
fn log_of(root: u32, bins: u32, first: u32, entries: &[Vec<u8>]) -> Vec<u8> {
    let mut log = header(root, bins, (first, first), 6);
    entries.iter().for_each(|entry| log.extend(entry));
    log
}

#[test]
fn entries_of_both_logs_are_replayed_in_their_order() {
    let (torn, new, head) = torn();
    let (root, bins) = (u32_at(&head, 36).expect("root"), u32_at(&head, 40).expect("bins"));
    let page = &new[HEADER..];
    let middle = vec![0xEE; 512];
    // The first entry writes what the second one mends; the number of both goes on in the other log.
    let one = log_of(root, bins, 8, &[entry(8, bins, &[(512, &middle)])]);
    let two = log_of(root, bins, 9, &[entry(9, bins, &[(0, page)])]);
    let expected = content(&Hive::new(new.clone(), &[]).expect("a hive"));
    for logs in [[&one[..], &two], [&two, &one]] {
        let hive = Hive::new(torn.clone(), &logs).expect("a hive");
        assert_eq!((content(&hive), *hive.recovery()), (expected.clone(), Recovery::Replayed { entries: 2, pages: 2 }));
        assert_eq!(hive.problems(), Vec::<String>::new());
    }
    // An entry that is torn, one of another number, and a log that does not continue are left out.
    let stale = log_of(root, bins, 9, &[entry(9, bins, &[(0, page)]), entry(4, bins, &[(0, &middle)])]);
    let hive = Hive::new(torn.clone(), &[&one, &stale]).expect("a hive");
    assert_eq!(content(&hive), expected);
    let mut bad = log_of(root, bins, 8, &[entry(8, bins, &[(0, page)]), entry(9, bins, &[(0, &middle)])]);
    let last = bad.len() - 1;
    bad[last] ^= 1;
    let hive = Hive::new(torn.clone(), &[&bad]).expect("a hive");
    assert_eq!((content(&hive), *hive.recovery()), (expected, Recovery::Replayed { entries: 1, pages: 1 }));
    assert_eq!(hive.problems(), ["transaction log 1 is damaged from its entry 9 on, which is missing"]);
    let later = log_of(root, bins, 10, &[entry(10, bins, &[(0, &middle)])]);
    let hive = Hive::new(torn, &[&one, &later]).expect("a hive");
    assert_eq!(*hive.recovery(), Recovery::Replayed { entries: 1, pages: 1 });
}

#[test]
fn pages_that_are_no_sectors_are_not_replayed() {
    let (torn, new, head) = torn();
    let (root, bins) = (u32_at(&head, 36).expect("root"), u32_at(&head, 40).expect("bins"));
    let log = log_of(root, bins, 8, &[entry(8, bins, &[(0, &new[HEADER..HEADER + 511])])]);
    let hive = Hive::new(torn, &[&log]).expect("a hive");
    assert_eq!(*hive.recovery(), Recovery::Incomplete);
    assert!(hive.problems()[0].contains("entry 8 of transaction log 1"), "{:?}", hive.problems());
}

#[test]
fn a_hive_that_was_written_to_its_end_ignores_its_logs_and_one_without_logs_says_so() {
    let (torn, new, head) = torn();
    let (root, bins) = (u32_at(&head, 36).expect("root"), u32_at(&head, 40).expect("bins"));
    let log = log_of(root, bins, 8, &[entry(8, bins, &[(0, &new[HEADER..])])]);
    let whole = changed(&torn, 0, &header(root, bins, (7, 7), 0));
    let hive = Hive::new(whole, &[&log]).expect("a hive");
    assert_eq!(
        (hive.at("A").expect("a key").text("x").as_deref(), *hive.recovery()),
        (Some("old"), Recovery::NotNeeded)
    );
    let old = log_of(root, bins, 3, &[entry(3, bins, &[(0, &new[HEADER..])])]);
    let zeros = vec![0; 512];
    for logs in [&[][..], &[&[][..]], &[zeros.as_slice()], &[old.as_slice()]] {
        let hive = Hive::new(torn.clone(), logs).expect("a hive");
        assert_eq!(
            (hive.at("A").expect("a key").text("x").as_deref(), *hive.recovery()),
            (Some("old"), Recovery::Incomplete)
        );
        assert!(
            hive.problems()[0].contains("was not written to its end (sequence numbers 8 and 7)"),
            "{:?}",
            hive.problems()
        );
    }
    // Without a valid header the log gives one.
    let headless = changed(&torn, 0, &[0; 512]);
    let hive = Hive::new(headless, &[&log]).expect("a hive");
    assert_eq!(hive.at("B").expect("a key").text("x").as_deref(), Some("new"));
    assert_eq!(hive.problems(), ["its header is damaged: its checksum is wrong"]);
}

#[test]
fn a_log_of_the_old_format_is_replayed_and_cannot_grow_without_end() {
    let (torn, new, head) = torn();
    let (root, bins) = (u32_at(&head, 36).expect("root"), u32_at(&head, 40).expect("bins"));
    let mut log = header(root, bins, (8, 8), 1);
    log.extend(b"DIRT");
    log.extend(vec![0xFF; bins as usize / 512 / 8]);
    log.resize(log.len().next_multiple_of(512), 0);
    log.extend_from_slice(&new[HEADER..]);
    let hive = Hive::new(torn.clone(), &[&log]).expect("a hive");
    assert_eq!(hive.at("A").expect("a key").text("x").as_deref(), Some("new"));
    assert_eq!(
        (*hive.recovery(), hive.problems()),
        (Recovery::Replayed { entries: 1, pages: u64::from(bins) / 512 }, vec![])
    );
    let far = log_of(root, 0x1FFF_F000, 8, &[entry(8, 0x1FFF_F000, &[(0x1FFF_E000, &[0; 512])])]);
    let hive = Hive::new(torn, &[&far]).expect("a hive");
    assert!(hive.problems()[0].contains("names pages outside of it"), "{:?}", hive.problems());
    assert_eq!(*hive.recovery(), Recovery::Incomplete);
}

#[test]
fn a_lost_root_is_found_and_loops_end() {
    let bytes = sample().bytes();
    let expected = content(&Hive::new(bytes.clone(), &[]).expect("a hive"));
    let hive = Hive::new(changed(&bytes, 36, &[0xF8; 4]), &[]).expect("a hive");
    assert_eq!(content(&hive), expected);
    assert_eq!(hive.problems().len(), 2, "checksum and root: {:?}", hive.problems());
    // A service whose list is the list of its own parent.
    let hive = Hive::new(bytes.clone(), &[]).expect("a hive");
    let parent = hive.at("ControlSet001").expect("a key").position() as usize;
    let child = hive.at(r"ControlSet001\Services\A").expect("a key").position() as usize;
    let list = bytes[parent + 4 + 0x1C..][..4].to_vec();
    let looped = changed(&changed(&bytes, child + 4 + 0x1C, &list), child + 4 + 0x14, &[1]);
    let hive = Hive::new(looped, &[]).expect("a hive");
    assert_eq!(content(&hive), expected);
    assert!(hive.problems().iter().any(|problem| problem.starts_with("two lists name the same key")));
    let mut key = hive.root();
    let mut deep = 0;
    while let Some(below) = key.key("ControlSet001").or_else(|| key.key("Services")).or_else(|| key.key("A")) {
        key = below;
        deep += 1;
    }
    assert_eq!(deep, 512);
    assert!(hive.problems().iter().any(|problem| problem.contains("more than 512 deep")));
}

#[test]
fn what_is_cut_or_overwritten_is_a_problem_and_the_rest_is_read() {
    let bytes = sample().bytes();
    let longer = bytes.len() as u32;
    let cut = Hive::new(changed(&bytes, 40, &longer.to_le_bytes()), &[]).expect("a hive");
    assert!(cut.problems().iter().any(|problem| problem.starts_with("it is truncated: ")), "{:?}", cut.problems());
    assert!(matches!(Hive::new(bytes[..HEADER + 512].to_vec(), &[]), Err(HiveError::NoRoot)));
    let list = find(&bytes, b"lh\x03\0");
    let hive = Hive::new(changed(&bytes, list, b"xx"), &[]).expect("a hive");
    assert_eq!(hive.at(r"ControlSet001\Services").expect("a key").keys().count(), 0);
    assert_eq!(hive.at("Select").expect("a key").text("Current").as_deref(), Some("1"));
    assert!(hive.problems()[0].starts_with("a list of keys is overwritten (at "), "{:?}", hive.problems());
    let hive = Hive::new(changed(&bytes, list + 4, &[0xFF; 4]), &[]).expect("a hive");
    assert_eq!(hive.at(r"ControlSet001\Services").expect("a key").keys().count(), 2);
    assert!(hive.problems()[0].starts_with("a key is outside the hive"), "{:?}", hive.problems());
    let part = find(&bytes, b"db\x03\0");
    let hive = Hive::new(changed(&bytes, part + 2, &[2]), &[]).expect("a hive");
    assert_eq!(hive.at("Large").expect("a key").value("Data").expect("a value").bytes(), large()[..2 * 16_344]);
    assert!(hive.problems()[0].starts_with("the data of a value is truncated"), "{:?}", hive.problems());
    let bin = Hive::new(changed(&bytes, HEADER, b"xxxx"), &[]).expect("a hive");
    assert!(bin.problems()[0].contains("belong to no bin, the first at 4096"), "{:?}", bin.problems());
}

/// A disk of which some bytes cannot be read.
struct Bad(Vec<u8>, std::ops::Range<usize>);

impl ReadAt for Bad {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let from = at as usize;
        if from < self.1.end && self.1.start < from + buffer.len() {
            return Err(io::Error::other("bad sector"));
        }
        self.0.read_at(buffer, at)
    }
}

#[test]
fn bytes_that_cannot_be_read_are_no_zeros() {
    let bytes = sample().bytes();
    let gap = bytes.len() / 4_096 / 2 * 4_096;
    let hive = Hive::read(&Bad(bytes.clone(), gap..gap + 1), &[]).expect("a hive");
    let data = hive.at("Large").map(|key| key.value("Data").expect("a value").bytes().len());
    assert!(data.is_none_or(|length| length < 40_000), "{data:?}");
    assert!(hive.problems().iter().any(|problem| problem == &format!("bytes {gap} to {} cannot be read", gap + 4_096)));
    // A log brings them back.
    let root = u32_at(&bytes, 36).expect("root");
    let bins = (bytes.len() - HEADER) as u32;
    let torn = changed(&bytes, 0, &header(root, bins, (8, 7), 0));
    let log = log_of(root, bins, 8, &[entry(8, bins, &[((gap - HEADER) as u32, &bytes[gap..gap + 4_096])])]);
    let hive = Hive::read(&Bad(torn.clone(), gap..gap + 1), &[&log]).expect("a hive");
    assert_eq!((content(&hive), hive.problems()), (content(&Hive::new(bytes.clone(), &[]).expect("a hive")), vec![]));
    assert!(matches!(Hive::read(&Bad(torn.clone(), 0..bytes.len()), &[]), Err(HiveError::Read(_))));
    let log = Bad(log, 0..1);
    let hive = Hive::read(&torn, &[&log]).expect("a hive");
    assert!(
        hive.problems().iter().any(|problem| problem.contains("log 1 cannot be read: bad sector")),
        "{:?}",
        hive.problems()
    );
}

/// A list of keys, or the data of values, that everything shares: what a few bytes say is bounded by the size of the hive.
#[test]
fn lists_and_data_that_are_shared_end() {
    let mut wide = Written::new("ROOT");
    for number in 0..2_000 {
        wide = wide.binary(&format!(r"L\{number:04}"), "v", &[0; 400]);
    }
    let mut bytes = wide.bytes();
    // Every key has the list of keys of `L`.
    let hive = Hive::new(bytes.clone(), &[]).expect("a hive");
    let parent = hive.at("L").expect("L");
    let node = |key: crate::Key<'_>| key.position() as usize + 4;
    let list = bytes[node(parent)..][0x14..0x20].to_vec();
    for at in parent.keys().map(node) {
        bytes[at + 0x14..at + 0x20].copy_from_slice(&list);
    }
    let hive = Hive::new(bytes, &[]).expect("a hive");
    let started = std::time::Instant::now();
    let read = |key: crate::Key<'_>| key.values().map(|value| value.bytes().len()).sum::<usize>();
    let total: usize = hive.at("L").expect("L").keys().flat_map(|key| key.keys()).map(read).sum();
    assert!(total < 200 << 20 && started.elapsed().as_secs() < 20, "{total} bytes in {:?}", started.elapsed());
    assert!(hive.problems().iter().any(|problem| problem.contains("the rest was not read")), "{:?}", hive.problems());
}

/// Lists of what is lost, which many keys share, end as well.
#[test]
fn lists_of_lost_keys_and_values_that_are_shared_end() {
    let mut wide = Written::new("ROOT");
    for number in 0..2_000 {
        wide = wide.dword(&format!(r"L\{number:04}"), "v", 1).dword("M", &number.to_string(), 1);
    }
    let bytes = wide.bytes();
    let hive = Hive::new(bytes.clone(), &[]).expect("a hive");
    let node = |key: crate::Key<'_>| key.position() as usize + 4;
    let (l, m) = (node(hive.at("L").expect("L")), node(hive.at("M").expect("M")));
    let place = |at: usize| HEADER + 4 + u32_at(&bytes, at).expect("a place") as usize;
    // Each key has the list of keys of `L`, or that of the values of `M`, in which all are lost.
    for (list, from, to, step) in [(l, 0x14, 0x20, 8), (m, 0x24, 0x2C, 4)] {
        let mut shared = bytes.clone();
        for at in hive.at("L").expect("L").keys().map(node) {
            shared.copy_within(list + from..list + to, at + from);
        }
        let lost = if step == 8 { place(list + 0x1C) + 4 } else { place(list + 0x28) };
        let mut whole = shared.clone();
        (0..2_000).for_each(|number| shared[lost + step * number..][..4].copy_from_slice(&[0xF8, 0xFF, 0xFF, 0]));
        if step == 8 {
            // The keys of `L` itself are still there.
            let own = whole.len();
            let length = 4 + 2_000 * 8;
            whole.extend_from_within(lost - 8..lost - 4 + length);
            shared.extend_from_slice(&whole[own..]);
            shared[list + 0x1C..list + 0x20].copy_from_slice(&((own - HEADER) as u32).to_le_bytes());
        }
        let hive = Hive::new(shared, &[]).expect("a hive");
        let read = |key: crate::Key<'_>| key.keys().count() + key.values().count();
        let total: usize = hive.at("L").expect("L").keys().map(read).sum();
        let problems = hive.problems();
        assert!(problems.iter().any(|problem| problem.contains("the rest was not read")), "{total} {problems:?}");
    }
}

#[test]
fn only_a_hive_that_was_not_written_to_its_end_needs_logs() {
    let (torn, new, _) = torn();
    assert!(Hive::needs_logs(&torn) && !Hive::needs_logs(&new));
    assert!(Hive::needs_logs(&changed(&new, 508, &[0xAA])) && Hive::needs_logs(b""));
}

#[test]
fn no_damage_stops_it() {
    let read = |bytes: Vec<u8>, logs: &[&[u8]]| {
        let Ok(hive) = Hive::new(bytes, logs) else { return };
        let lines = content(&hive);
        assert!(lines.len() <= 20, "no key twice");
        let _ = (facts::system(&hive), facts::software(&hive));
        assert!(hive.problems().len() <= 101);
    };
    let whole = Written::new("ROOT")
        .text(r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName", "M")
        .binary("MountedDevices", r"\DosDevices\C:", &[0; 12])
        .bytes_with(List::Root);
    let used = whole.windows(8).rposition(|window| window != [0; 8]).expect("not empty");
    for at in (0..512).chain(HEADER..used) {
        for value in [0, 1, 0x7F, 0xFF] {
            read(changed(&whole, at, &[value]), &[]);
        }
    }
    for length in (0..whole.len()).step_by(7) {
        read(whole[..length].to_vec(), &[]);
    }
    let (torn, new, head) = torn();
    let (root, bins) = (u32_at(&head, 36).expect("root"), u32_at(&head, 40).expect("bins"));
    let log = log_of(root, bins, 8, &[entry(8, bins, &[(0, &new[HEADER..HEADER + 512])])]);
    for at in 0..log.len() {
        for value in [0, 1, 0x7F, 0xFF] {
            read(torn.clone(), &[&changed(&log, at, &[value])]);
        }
        read(torn.clone(), &[&log[..at]]);
    }
}
