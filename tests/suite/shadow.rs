//! Shadow copies: what differs in them from the volume as it is.

use crate::support::{self, image, of_kind, problems, reasons, records, run, scan};
use serde_json::Value;
use std::path::Path;

const CLIENT: &str = r"C:\inetpub\wwwroot\aspnet_client";
/// Blocks of shadow copies.
const BLOCK: usize = 0x4000;
const MAGIC: [u8; 16] =
    [0x6B, 0x87, 0x08, 0x38, 0x76, 0xC1, 0x48, 0x4E, 0xB7, 0xAE, 0x04, 0x04, 0x6E, 0x6C, 0xC7, 0x52];
/// 2021-03-02T02:00:00Z and a day later, as FILETIME.
const TUESDAY: u64 = 132_591_240_000_000_000;
const WEDNESDAY: u64 = TUESDAY + 864_000_000_000;

/// A volume with shadow copies, the oldest first: each a state of the volume and its time. What a copy holds lies in blocks that are
/// empty in all of them.
struct Written {
    bytes: Vec<u8>,
    empty: Vec<usize>,
}

impl Written {
    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.bytes[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn number(&mut self, at: usize, number: usize) {
        self.put(at, &(number as u64).to_le_bytes());
    }

    /// An empty block of a list.
    fn list(&mut self, kind: u8) -> usize {
        let at = self.empty.pop().unwrap();
        self.put(at, &MAGIC);
        self.put(at + 16, &[1, 0, 0, 0, kind]);
        self.number(at + 32, at);
        at
    }

    fn new(now: &[u8], copies: &[(&[u8], u64)]) -> Self {
        let is_empty = |volume: &[u8], at: usize| volume[at..at + BLOCK].iter().all(|byte| *byte == 0);
        let states: Vec<&[u8]> = copies.iter().map(|(state, _)| *state).chain([now]).collect();
        let blocks = (0..now.len()).step_by(BLOCK);
        let empty = blocks.filter(|at| states.iter().all(|state| is_empty(state, *at))).collect();
        let mut written = Self { bytes: now.to_vec(), empty };
        let catalog = written.list(2);
        written.put(0x1E00, &MAGIC);
        written.put(0x1E00 + 16, &[2, 0, 0, 0, 1]);
        written.number(0x1E00 + 48, catalog);
        for (number, (state, created)) in copies.iter().enumerate() {
            let (store, blocks) = (written.list(4), written.list(3));
            let (entry, id) = (catalog + 128 + number * 256, [number as u8 + 1; 16]);
            written.number(entry, 2);
            written.number(entry + 8, now.len());
            written.put(entry + 16, &id);
            written.put(entry + 48, &created.to_le_bytes());
            written.number(entry + 128, 3);
            written.number(entry + 136, blocks);
            written.put(entry + 144, &id);
            written.number(entry + 160, store);
            written.put(store + 128 + 16, &id);
            written.put(store + 128 + 64, &[4, 0, b'S', 0, b'1', 0]);
            let mut descriptor = blocks + 128;
            for at in
                (0..now.len()).step_by(BLOCK).filter(|at| state[*at..at + BLOCK] != states[number + 1][*at..at + BLOCK])
            {
                let kept = written.empty.pop().unwrap();
                written.put(kept, &state[at..at + BLOCK]);
                written.number(descriptor, at);
                written.number(descriptor + 16, kept);
                descriptor += 32;
            }
        }
        written
    }
}

/// Where the record of a file of the volume begins, by its name in it; the record is in use.
fn record(volume: &[u8], name: &str) -> usize {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut places = (0..volume.len() - name.len()).filter(|at| volume[*at..].starts_with(&name));
    places
        .find_map(|at| {
            let record = at - at % 1024;
            (volume[record..].starts_with(b"FILE") && volume[record + 22] == 1).then_some(record)
        })
        .unwrap()
}

fn written(folder: &Path, now: &[u8], copies: &[(&[u8], u64)]) -> std::path::PathBuf {
    let path = folder.join("volume.dd");
    std::fs::write(&path, Written::new(now, copies).bytes).unwrap();
    path
}

/// The findings in shadow copies.
fn in_copies(records: &[Value]) -> Vec<&Value> {
    let findings = of_kind(records, "finding");
    findings.into_iter().filter(|one| one["shellsift"]["ntfs"].get("shadow").is_some()).collect()
}

#[test]
fn what_differs_in_a_copy_is_found_with_the_time_of_the_copy() {
    let before = image::volume();
    let page = record(&before, "page.aspx");
    let length = before[page..page + 1024].windows(2).position(|two| two == b"<%").unwrap();
    type Change = Box<dyn Fn(&mut [u8])>;
    let cases: [(&str, &str, Change); 4] = [
        ("deleted", "deleted/file_in_shadow_copy", Box::new(|record| record.fill(0))),
        // Neither size nor times tell.
        ("content_changed", "deleted/earlier_version", Box::new(move |record| record[length..length + 40].fill(b' '))),
        ("times_changed", "deleted/earlier_version", Box::new(|record| record[0x38 + 0x18 + 5] ^= 1)),
        (
            "moved",
            "deleted/file_in_shadow_copy",
            Box::new(|record| {
                let name = record.windows(4).position(|two| two == b"p\0a\0").unwrap();
                record[name] = b'q';
            }),
        ),
    ];
    for (since, id, change) in cases {
        let mut now = before.clone();
        change(&mut now[page..page + 1024]);
        let folder = support::folder();
        let image = written(folder.path(), &now, &[(&before, TUESDAY), (&before, WEDNESDAY)]);
        let (code, records) = scan(&image, &["--shadow", "all"]);
        let found = in_copies(&records);
        assert_eq!((code, found.len()), (1, 1), "{since}: {found:?}");
        assert_eq!(found[0]["file"]["path"], format!(r"{CLIENT}\page.aspx"));
        assert!(found[0]["file"]["hash"]["sha256"].is_string() && found[0]["shellsift"]["level"] == "critical");
        assert!(reasons(found[0]).contains(&id), "{since}: {:?}", reasons(found[0]));
        let ntfs = &found[0]["shellsift"]["ntfs"];
        assert_eq!(ntfs["deleted"], since == "deleted");
        let shadow = &ntfs["shadow"];
        assert_eq!((&shadow["since"], &shadow["number"]), (&since.into(), &2.into()));
        assert_eq!((&shadow["created"], &shadow["also_in"]), (&"2021-03-03T02:00:00.0000000Z".into(), &[1].into()));
        assert_eq!(shadow.get("path_today").is_some(), since == "moved", "{shadow}");
        if since == "times_changed" {
            // Today's file has the same path and content, and is a finding by itself.
            let path = &found[0]["file"]["path"];
            let at_path = of_kind(&records, "finding").into_iter().filter(|one| one["file"]["path"] == *path);
            assert_eq!(at_path.count(), 2);
        }
        let allowed = folder.path().join("allowed.txt");
        std::fs::write(&allowed, found[0]["file"]["hash"]["sha256"].as_str().unwrap()).unwrap();
        let (_, cleared) = scan(&image, &["--shadow", "all", "--allow-hashes", allowed.to_str().unwrap()]);
        assert!(in_copies(&cleared).is_empty(), "{since}");
        let (_, of_one) = scan(&image, &["--shadow", "1"]);
        assert_eq!(in_copies(&of_one)[0]["shellsift"]["ntfs"]["shadow"]["created"], "2021-03-02T02:00:00.0000000Z");
    }
}

#[test]
fn a_copy_in_which_nothing_differs_adds_nothing() {
    let volume = image::volume();
    let folder = support::folder();
    let image = written(folder.path(), &volume, &[(&volume, TUESDAY), (&volume, WEDNESDAY)]);
    let paths = |records: &[Value]| {
        let mut paths: Vec<String> =
            of_kind(records, "finding").iter().map(|one| one["file"]["path"].to_string()).collect();
        paths.sort();
        paths
    };
    let (without, plain) = scan(&image, &[]);
    let (with, all) = scan(&image, &["--shadow", "all"]);
    assert_eq!((without, paths(&plain)), (with, paths(&all)));
    assert!(in_copies(&all).is_empty() && problems(&all) == problems(&plain));
    let start = of_kind(&plain, "scan_start")[0].to_string();
    assert!(start.contains("has 2 shadow copies: 1 of 2021-03-02T02:00:00.0000000Z, 2 of"), "{start}");
    assert!(start.contains("scan --shadow all also scans"), "{start}");
    assert!(of_kind(&all, "scan_start")[0].to_string().contains("what differs in them is scanned"));
    let ran = run(["scan", image.to_str().unwrap(), "-q"]);
    assert!(ran.out.contains("# shadow     C:\\ has 2 shadow copies"), "{}", ran.out);
}

#[test]
fn the_streams_of_a_file_that_is_known_good_are_examined() {
    let before = image::volume();
    let readme = record(&before, "readme.txt");
    let mut now = before.clone();
    now[readme..readme + 1024].fill(0);
    let folder = support::folder();
    let image = written(folder.path(), &now, &[(&before, TUESDAY)]);
    let readme = |options: &[&str]| {
        let (_, records) = scan(&image, &[&["--shadow", "all"], options].concat());
        let named = in_copies(&records).into_iter().find(|one| one["file"]["name"] == "readme.txt");
        named.expect("it has a stream with code").clone()
    };
    let allowed = folder.path().join("allowed.txt");
    std::fs::write(&allowed, readme(&[])["file"]["hash"]["sha256"].as_str().unwrap()).unwrap();
    let cleared = readme(&["--allow-hashes", allowed.to_str().unwrap()]);
    assert!(reasons(&cleared).contains(&"deleted/file_in_shadow_copy"), "{:?}", reasons(&cleared));
}

/// Gives the file of a record another name of the same length and this text as its content, which is resident.
fn rewrite(volume: &mut [u8], at: usize, name: (&str, &str), text: &[u8]) {
    let record = &mut volume[at..at + 1024];
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let (old, new) = (wide(name.0), wide(name.1));
    let place = record.windows(old.len()).position(|part| part == old).unwrap();
    record[place..][..new.len()].copy_from_slice(&new);
    record[place - 2] = (new.len() / 2) as u8;
    // Its update sequence is at 0x30: the number, then what the two last bytes of each sector were.
    let last: [u8; 2] = record[0x32..0x34].try_into().unwrap();
    record[510..512].copy_from_slice(&last);
    let data = record.windows(8).position(|part| part[..4] == [0x80, 0, 0, 0] && part[4] == 0x20).unwrap();
    let length = (24 + text.len()).next_multiple_of(8);
    record[data + 4..data + 8].copy_from_slice(&(length as u32).to_le_bytes());
    record[data + 16..data + 20].copy_from_slice(&(text.len() as u32).to_le_bytes());
    record[data + 24..data + length].fill(0);
    record[data + 24..][..text.len()].copy_from_slice(text);
    record[data + length..][..8].copy_from_slice(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    record[24..28].copy_from_slice(&((data + length + 8) as u32).to_le_bytes());
    let (number, now): ([u8; 2], [u8; 2]) =
        (record[0x30..0x32].try_into().unwrap(), record[510..512].try_into().unwrap());
    record[0x32..0x34].copy_from_slice(&now);
    record[510..512].copy_from_slice(&number);
}

#[test]
fn logs_that_only_a_copy_has_are_read() {
    const HEAD: &str = "#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip sc-status\r\n";
    const ATTACK: &str = "2021-08-14 02:00:01 GET /autodiscover/autodiscover.json @x.io/mapi/nspi/?&Email=autodiscover/\
                          autodiscover.json%3f@x.io 192.0.2.7 200\r\n";
    const QUIET: &str = "2021-08-15 02:00:01 GET /owa/ - 192.0.2.8 200\r\n";
    let volume = image::volume();
    let log = record(&volume, "readme.txt");
    let with = |text: String| {
        let mut state = volume.clone();
        rewrite(&mut state, log, ("readme.txt", "ex2103.log"), text.as_bytes());
        state
    };
    let before = with(format!("{HEAD}{ATTACK}"));
    let hits = |now: &[u8], options: &[&str]| {
        let folder = support::folder();
        let image = written(folder.path(), now, &[(&before, TUESDAY), (&before, WEDNESDAY)]);
        let (_, records) = scan(&image, &[&["--shadow", "all"], options].concat());
        of_kind(&records, "log_hit").iter().filter(|hit| hit.to_string().contains("ex2103.log")).count()
    };
    let mut deleted = before.clone();
    deleted[log..log + 1024].fill(0);
    assert_eq!(hits(&deleted, &[]), 1, "deleted: once, though two copies have it");
    assert_eq!(hits(&deleted, &["--no-logs"]), 0, "nobody asked for logs");
    assert_eq!(hits(&with(format!("{HEAD}{QUIET}")), &[]), 1, "rewritten");
    assert_eq!(hits(&volume, &[]), 1, "renamed, and no log any more");
}

#[test]
fn copies_are_listed_in_each_format_and_end_the_run() {
    let volume = image::volume();
    let folder = support::folder();
    let image = written(folder.path(), &volume, &[(&volume, TUESDAY), (&volume, WEDNESDAY)]);
    let image = image.to_str().unwrap();
    let ran = run(["scan", image, "--shadow", "list", "-q"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let id = "{02020202-0202-0202-0202-020202020202}";
    let line = ran.out.lines().find(|line| line.contains(id)).unwrap_or_else(|| panic!("{}", ran.out));
    assert!(
        line.starts_with("C:\\ ") && line.contains("2021-03-03T02:00:00.0000000Z") && line.ends_with("S1"),
        "{line}"
    );
    let ran = run(["scan", image, "--shadow", "list", "-q", "-f", "jsonl"]);
    let records = records(&ran.out);
    let copies = of_kind(&records, "shadow_copy");
    assert_eq!((ran.code, copies.len(), of_kind(&records, "scan_end").len()), (0, 2, 1));
    let copy = &copies[1]["shellsift"]["shadow_copy"];
    assert_eq!((&copy["number"], &copy["id"], &copy["machine"]), (&2.into(), &id.into(), &"S1".into()));
    assert_eq!((&copy["volume"], &copy["stored"]), (&"C:\\".into(), &true.into()));
    assert_eq!(run(["scan", image, "--shadow", "list", "-q", "-f", "csv"]).code, 2);

    let bare = folder.path().join("bare.dd");
    std::fs::write(&bare, &volume).unwrap();
    let ran = run(["scan", bare.to_str().unwrap(), "--shadow", "list", "-q"]);
    assert!(ran.code == 0 && ran.out.contains("no volume has a shadow copy"), "{}", ran.out);
}

#[test]
fn what_cannot_be_scanned_is_refused_or_a_gap() {
    let volume = image::volume();
    let folder = support::folder();
    let image = written(folder.path(), &volume, &[(&volume, TUESDAY)]);
    for (target, choice, message) in [
        (image.as_path(), "7", "no volume has a shadow copy 7"),
        (image.as_path(), "0", "use list, all, or numbers"),
        (folder.path(), "all", "no target is a disk image"),
        (folder.path(), "list", "no target is a disk image"),
    ] {
        let ran = run(["scan", target.to_str().unwrap(), "--shadow", choice, "-q"]);
        assert!(ran.code == 2 && ran.err.contains(message), "{choice}: {} {}", ran.code, ran.err);
    }
    // The list of its blocks is gone.
    let mut damaged = Written::new(&volume, &[(&volume, TUESDAY)]).bytes;
    let list = (0..damaged.len()).step_by(BLOCK).find(|at| damaged[*at..].starts_with(&MAGIC) && damaged[at + 20] == 3);
    damaged[list.unwrap()..][..16].fill(0);
    std::fs::write(&image, damaged).unwrap();
    let (_, records) = scan(&image, &["--shadow", "all"]);
    let gap = of_kind(&records, "problem").into_iter().find(|one| one["error"]["type"] == "image_not_opened").unwrap();
    let message = gap["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("the shadow copy of 2021-03-02T02:00:00.0000000Z was not examined: "), "{message}");
}
