//! Archives made by hand, opened and read; malicious and damaged ones.

mod bounds;
pub(crate) mod make;

use super::*;
use crate::model::Timestamp;
use make::{Zipped, gzip, pax, tar, tarred, zip, zipped};

fn root() -> ServerPath {
    ServerPath::analysis(std::path::Path::new("/case/a"))
}

fn opened(bytes: Vec<u8>, format: Format) -> io::Result<Archive> {
    Archive::open(Arc::new(bytes), format, root(), "/case/a")
}

fn open(bytes: Vec<u8>, format: Format) -> Archive {
    opened(bytes, format).expect("an archive")
}

/// All files with their content or the reason that there is none, and what is no file.
fn all(archive: &Archive) -> Vec<String> {
    let mut out = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        archive
            .list(&folder, &|_| true, &mut |listed| {
                let Listed::Entry(entry) = listed else { panic!("{listed:?}") };
                let path = folder.join(&entry.name);
                let name = path.below_exactly(&root()).expect("below").to_owned();
                match entry.kind {
                    EntryKind::Folder => folders.push(path),
                    EntryKind::File => out.push(format!("{name}: {}", content(archive, &path))),
                    kind => out.push(format!("{name}: {kind:?}")),
                }
            })
            .expect("listed");
    }
    out.sort();
    out
}

fn content(archive: &Archive, path: &ServerPath) -> String {
    let mut bytes = Vec::new();
    match archive.open(path).and_then(|content| content.reader.take(1 << 20).read_to_end(&mut bytes)) {
        Ok(_) => String::from_utf8_lossy(&bytes[..bytes.len().min(100)]).into_owned(),
        Err(error) => format!("({error})"),
    }
}

fn problems(archive: &Archive) -> Vec<String> {
    archive.problems().into_iter().map(|problem| problem.message).collect()
}

#[test]
fn a_zip_archive_is_listed_and_read_without_unpacking() {
    let mut extended = b"UT\x05\0\x01".to_vec();
    extended.extend(1_614_754_761u32.to_le_bytes());
    let mut ntfs = b"\x0a\0\x20\0\0\0\0\0\x01\0\x18\0".to_vec();
    for ticks in [132_592_283_613_071_234u64, 0, 132_592_283_613_071_235] {
        ntfs.extend(ticks.to_le_bytes());
    }
    let archive = open(
        zip(&[
            zipped("w/", b""),
            Zipped { extra: extended, ..zipped("w/a.aspx", b"<%@ Page %>") },
            Zipped { deflated: false, extra: ntfs, ..zipped("w\\b.txt", b"stored") },
            zipped("c", b""),
        ]),
        Format::Zip,
    );
    assert_eq!(all(&archive), ["c: ", "w/a.aspx: <%@ Page %>", "w/b.txt: stored"]);
    assert_eq!((archive.len(), problems(&archive)), (4, Vec::new()));
    let at = |name: &str| root().join("w").join(name);
    let stat = |path: &ServerPath| archive.stat(path).expect("there").times;
    assert_eq!(stat(&at("a.aspx")).modified, Some(Timestamp::new(1_614_754_761, 0)));
    assert_eq!(stat(&at("b.txt")).modified, Timestamp::from_filetime(132_592_283_613_071_234));
    assert_eq!(stat(&at("b.txt")).created, Timestamp::from_filetime(132_592_283_613_071_235));
    assert_eq!(stat(&root().join("c")).modified, None, "a local time of an unknown zone is none");
    let source = archive.sources().remove(0);
    assert_eq!(source.gives, ["created", "modified"]);
    assert!(source.lacks[0].starts_with("1 of 3 files have only local times"), "{:?}", source.lacks);
    assert!(archive.stat(&root().join("W")).is_err() && archive.open(&root().join("w")).is_err());
    assert_eq!(archive.stat(&ServerPath::drive('C')).expect_err("elsewhere").to_string(), NOT_PROVIDED);
}

#[test]
fn zip_archives_with_large_numbers_and_with_something_around_them_are_read() {
    // Zip64: sizes and the place in an extra field, the directory by its own record.
    let mut extra = b"\x01\0\x08\0".to_vec();
    extra.extend(6u64.to_le_bytes());
    let member = Zipped { deflated: false, size: Some(u32::MAX), extra, ..zipped("x", b"stored") };
    let mut file = zip(&[member]);
    let end = file.split_off(file.len() - 22);
    let (length, at) = (
        u32::from_le_bytes(end[12..16].try_into().expect("4")),
        u32::from_le_bytes(end[16..20].try_into().expect("4")),
    );
    let record = file.len() as u64;
    file.extend(b"PK\x06\x06\x2c\0\0\0\0\0\0\0\x2d\0\x2d\0\0\0\0\0\0\0\0\0");
    for number in [1, 1, u64::from(length), u64::from(at)] {
        file.extend(number.to_le_bytes());
    }
    file.extend(b"PK\x06\x07\0\0\0\0");
    file.extend(record.to_le_bytes());
    file.extend([1, 0, 0, 0]);
    file.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0");
    assert_eq!(all(&open(file.clone(), Format::Zip)), ["x: stored"]);
    let before = [b"MZ a program".as_slice(), &file].concat();
    assert_eq!(all(&open(before, Format::Zip)), ["x: stored"]);

    let plain = zip(&[zipped("x", b"content")]);
    let before = [b"MZ a program that unpacks it".as_slice(), &plain].concat();
    assert_eq!(all(&open(before, Format::Zip)), ["x: content"]);
    let behind = [plain.as_slice(), b"PK\x05\x06 something behind it"].concat();
    assert_eq!(all(&open(behind, Format::Zip)), ["x: content"]);
    assert_eq!(all(&open(zip(&[]), Format::Zip)), [""; 0]);
}

#[test]
fn what_a_zip_archive_says_wrongly_is_reported_and_content_is_still_read() {
    let text = b"some content that is longer than its packed form: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let archive = open(
        zip(&[
            Zipped { check: Some(7), ..zipped("sum", text) },
            Zipped { size: Some(5), ..zipped("longer", text) },
            Zipped { size: Some(500), ..zipped("shorter", text) },
            Zipped { flags: 1, ..zipped("secret", text) },
            Zipped { method: Some(12), ..zipped("bzip2", text) },
            Zipped { method: Some(1234), ..zipped("odd", text) },
            zipped("../../out.aspx", b"inert"),
            zipped("/etc/absolute.aspx", b"inert"),
            zipped("twice.aspx", b"one"),
            zipped("twice.aspx", b"two"),
            zipped("Twice.aspx", b"three"),
            Zipped { mode: 0o120_777, deflated: false, ..zipped("link", b"../x") },
        ]),
        Format::Zip,
    );
    let found = all(&archive);
    let says = |line: &str| assert!(found.iter().any(|found| found.starts_with(line)), "{line} in {found:#?}");
    for line in [
        "sum: some content",
        "longer: some content",
        "shorter: some content",
        "secret: (is encrypted in the archive)",
        "bzip2: (is compressed with bzip2",
        "odd: (is compressed by a method",
        "<2E><2E>/<2E><2E>/out.aspx: inert",
        "etc/absolute.aspx: inert",
        "twice.aspx: one",
        "twice<#9>.aspx: two",
        "Twice.aspx: three",
        "link: Link { target: Some(\"../x\") }",
    ] {
        says(line);
    }
    assert_eq!(archive.encrypted(10), [root().join("secret")]);
    let problems = problems(&archive);
    for part in
        ["checksum does not match", "not as long as", "lead out of the folder", "have a name that another one has"]
    {
        assert!(problems.iter().any(|problem| problem.contains(part)), "{part} in {problems:#?}");
    }
    assert_eq!(problems.len(), 5, "{problems:#?}");
    assert!(archive.problems().iter().any(|problem| problem.path == Some(root().join("sum"))));
}

#[test]
fn members_that_lie_in_each_other_are_not_read() {
    let mut members = vec![zipped("kernel", &[0; 100_000]), zipped("fair", b"fair")];
    members.extend((0..50).map(|n| Zipped {
        content: Vec::new(),
        at: Some(0),
        ..zipped(&format!("{n}"), &[0; 100_000])
    }));
    // The others point at the first header.
    for member in &mut members[2..] {
        member.content = vec![0; 100_000];
    }
    let archive = open(zip(&members), Format::Zip);
    let found = all(&archive);
    assert_eq!(found.iter().filter(|line| line.contains("as in a zip bomb")).count(), 51, "{found:?}");
    assert!(found.contains(&"fair: fair".to_owned()));
}

#[test]
fn a_zip_archive_without_its_end_is_refused_with_the_reason() {
    let whole = zip(&[zipped("x", b"content")]);
    let error = opened(b"PK\x03\x04 and nothing more".to_vec(), Format::Zip).err().expect("cut");
    assert!(error.to_string().contains("no zip directory at its end"), "{error}");
    let mut split = whole.clone();
    let at = split.len() - 18;
    split[at] = 3;
    assert!(opened(split, Format::Zip).err().expect("a part").to_string().contains("split"));
    assert!(opened(Vec::new(), Format::Zip).is_err());
    // A directory that says that there is more in it.
    let mut more = whole.clone();
    let at = more.len() - 12;
    more[at] = 9;
    assert_eq!(problems(&open(more, Format::Zip)), ["its directory has 1 members and states 9"]);
}

#[test]
fn of_a_zip_archive_that_is_cut_what_came_before_is_read() {
    let text = noise(3000, 5);
    let text = String::from_utf8(text).expect("digits");
    let members =
        [zipped("w/", b""), zipped("w/a.aspx", b"first"), zipped("w/b.aspx", b"second"), zipped("c", text.as_bytes())];
    let sized = zip(&members);
    // The same as one writes it who cannot go back: sizes behind the content.
    let mut streamed = Vec::new();
    for member in &members {
        let packed = make::deflate(&member.content);
        streamed.extend(b"PK\x03\x04\x14\0\x08\0\x08\0\0\0\0\0");
        streamed.extend([0; 12]);
        streamed.extend((member.name.len() as u16).to_le_bytes());
        streamed.extend([0, 0]);
        streamed.extend(&member.name);
        streamed.extend(&packed);
        streamed.extend(b"PK\x07\x08");
        for number in [make::crc(&member.content), packed.len() as u32, member.content.len() as u32] {
            streamed.extend(number.to_le_bytes());
        }
    }
    let end = memchr::memmem::find(&sized, b"PK\x01\x02").expect("a directory");
    for whole in [sized[..end + 20].to_vec(), streamed.clone()] {
        let archive = open(whole, Format::Zip);
        let found = all(&archive);
        assert_eq!((found.len(), found[1].as_str(), found[2].as_str()), (3, "w/a.aspx: first", "w/b.aspx: second"));
        assert!(found[0].starts_with("c: ") && !found[0].contains('('), "{found:?}");
        assert!(
            problems(&archive)[0].contains("4 members were found without its directory"),
            "{:?}",
            problems(&archive)
        );
        assert_eq!(problems(&archive).len(), 1);
    }
    for whole in [&sized[..end - 100], &streamed[..streamed.len() - 100]] {
        let archive = open(whole.to_vec(), Format::Zip);
        let found = all(&archive);
        assert_eq!((found.len(), found[1].as_str()), (3, "w/a.aspx: first"));
        assert!(found[0].starts_with("c: ("), "what is there of the last one, and that it ends there: {found:?}");
    }
    for end in 0..streamed.len() {
        if let Ok(archive) = opened(streamed[..end].to_vec(), Format::Zip) {
            all(&archive);
        }
    }
}

/// A tar archive with one of everything.
fn everything() -> Vec<u8> {
    let long = format!("{}/long.aspx", "folder".repeat(30));
    let mut prefixed: [u8; 512] = tarred("name.aspx", b'0', "", b"").try_into().expect("a block");
    prefixed[345..351].copy_from_slice(b"prefix");
    tar(&[
        tarred("w/", b'5', "", b""),
        tarred("w/a.aspx", b'0', "", b"content"),
        make::signed(prefixed).to_vec(),
        pax(&[
            ("path", "w/ошибка.aspx"),
            ("mtime", "1614754761.3071234"),
            ("atime", "1.5"),
            ("LIBARCHIVE.creationtime", "2"),
        ]),
        tarred("made up", b'0', "", b"by pax"),
        tarred("././@LongLink", b'L', "", format!("{long}\0").as_bytes()),
        tarred("cut", b'0', "", b"by GNU"),
        tarred("w/link", b'2', "/C:/Users/Public", b""),
        tarred("w/second.aspx", b'1', "w/a.aspx", b""),
        tarred("w/third.aspx", b'1', "./w/second.aspx", b""),
        tarred("w/lost.aspx", b'1', "elsewhere", b""),
        tarred("pipe", b'6', "", b""),
        tarred("holes", b'S', "", b"xx"),
        tarred("w\\back", b'0', "", b"slash"),
        tarred("../up.aspx", b'0', "", b"inert"),
        tarred("w/a.aspx", b'0', "", b"again"),
    ])
}

const EVERYTHING: &[&str] = &[
    "<2E><2E>/up.aspx: inert",
    "holes: (is stored as a sparse file in a form that is not supported: unpack the archive with GNU tar)",
    "pipe: Other(\"device\")",
    "prefix/name.aspx: ",
    "w/a.aspx: content",
    "w/link: Link { target: Some(\"/C:/Users/Public\") }",
    "w/lost.aspx: Link { target: Some(\"elsewhere\") }",
    "w/second.aspx: content",
    "w/third.aspx: content",
    "w/ошибка.aspx: by pax",
    "w<5C>back: slash",
];

#[test]
fn a_tar_archive_is_listed_and_read_packed_or_not() {
    for (bytes, format) in [(everything(), Format::Tar), (gzip(&everything()), Format::TarGzip)] {
        let archive = open(bytes, format);
        let mut found = all(&archive);
        let long = found.iter().position(|line| line.ends_with("/long.aspx: by GNU")).expect("a long name");
        found.remove(long);
        let again = found.iter().position(|line| line.starts_with("w/a<#")).expect("the second of a name");
        assert!(found.remove(again).ends_with(".aspx: again"));
        assert_eq!(found, EVERYTHING, "{format:?}");
        let times = archive.stat(&root().join("w").join("ошибка.aspx")).expect("there").times;
        assert_eq!(times.modified, Some(Timestamp::new(1_614_754_761, 307_123_400)));
        assert_eq!((times.accessed, times.created), (Some(Timestamp::new(1, 500_000_000)), Some(Timestamp::new(2, 0))));
        assert_eq!(problems(&archive).len(), 2, "{:?}", problems(&archive));
    }
    assert!(Archive::is_tar(&everything()) && !Archive::is_tar(&[0; 512]) && !Archive::is_tar(b"short"));
}

#[test]
fn what_is_damaged_or_cut_ends_a_tar_archive_with_a_problem() {
    let whole =
        tar(&[tarred("a", b'0', "", b"first"), tarred("b", b'0', "", &[b'x'; 3000]), tarred("c", b'0', "", b"third")]);
    let read = |bytes: Vec<u8>, format| {
        let archive = open(bytes, format);
        (all(&archive).len(), problems(&archive))
    };
    let mut damaged = whole.clone();
    damaged[1024] ^= 1;
    assert_eq!(
        read(damaged, Format::Tar),
        (1, vec!["a header of the archive is damaged; what follows at byte 1536 was not read".to_owned()])
    );
    let (count, problems) = read(whole[..1024 + 512 + 700].to_vec(), Format::Tar);
    assert!(count == 2 && problems[0].contains("truncated"), "{problems:?}");
    assert_eq!(read(whole.clone(), Format::Tar), (3, Vec::new()));
    // Two archives, one behind the other, and something else behind both.
    assert_eq!(read([whole.clone(), tar(&[tarred("d", b'0', "", b"4")])].concat(), Format::Tar), (4, Vec::new()));
    let (count, problems) = read([whole.clone(), vec![b'x'; 512]].concat(), Format::Tar);
    assert!(count == 3 && problems[0].contains("not a tar archive"), "{problems:?}");
    // Sizes that lead out of the file.
    for size in [[0x80, 0, 0, 0, 0x7f, 255, 255, 255, 255, 255, 255, 255], [0xff; 12], *b"77777777777\0"] {
        let mut block: [u8; 512] = whole[..512].try_into().expect("a block");
        block[124..136].copy_from_slice(&size);
        let crafted = [make::signed(block).to_vec(), whole[512..].to_vec()].concat();
        match opened(crafted, Format::Tar) {
            Ok(archive) => assert!(all(&archive).len() <= 1 && archive.problems().len() == 1),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::InvalidData),
        }
    }
    assert!(opened(b"no archive at all".repeat(100), Format::Tar).is_err());

    let packed = gzip(&whole);
    let (count, problems) = read(packed[..packed.len() - 3].to_vec(), Format::TarGzip);
    assert!(count == 3 && problems[0].contains("checksum is missing"), "{problems:?}");
    let mut wrong = packed.clone();
    let at = wrong.len() - 6;
    wrong[at] ^= 1;
    let (count, problems) = read(wrong, Format::TarGzip);
    assert!(count == 3 && problems[0].contains("checksum does not match"), "{problems:?}");
    // In two parts, as pigz and `cat` make it.
    let parts = [gzip(&whole[..700]), gzip(&whole[700..])].concat();
    assert_eq!(read(parts, Format::TarGzip), (3, Vec::new()));
}

/// Bytes that hardly pack, the same each time.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let step = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b"0123456789abcdef"[(state >> 20) as usize % 16]
    };
    std::iter::repeat_with(step).take(length).collect()
}

#[test]
fn a_packed_tar_archive_is_read_in_any_order_from_where_states_were_kept() {
    let contents: Vec<Vec<u8>> = (0..40).map(|n| noise(500_000 + n * 13, n as u64 + 1)).collect();
    let members = contents.iter().enumerate().map(|(n, content)| tarred(&format!("{n}"), b'0', "", content));
    let archive = open(gzip(&tar(&members.collect::<Vec<_>>())), Format::TarGzip);
    let read = |n: usize| {
        let mut bytes = Vec::new();
        archive.open(&root().join(&n.to_string())).expect("there").reader.read_to_end(&mut bytes).expect("read");
        bytes
    };
    for n in [39, 0, 17, 3, 38, 39, 20, 1, 0] {
        assert!(read(n) == contents[n], "{n}");
    }
    // Several at once, piece by piece.
    let mut open: Vec<_> =
        (0..12).map(|n| archive.open(&root().join(&(n * 3).to_string())).expect("there").reader).collect();
    let mut whole = vec![Vec::new(); open.len()];
    let mut piece = vec![0; 70_001];
    loop {
        let mut got = 0;
        for (reader, whole) in open.iter_mut().zip(&mut whole) {
            let count = reader.read(&mut piece).expect("read");
            whole.extend_from_slice(&piece[..count]);
            got += count;
        }
        if got == 0 {
            break;
        }
    }
    for (n, whole) in whole.iter().enumerate() {
        assert!(*whole == contents[n * 3], "{n}");
    }
}

#[test]
fn a_7z_archive_is_listed_and_read_in_any_order() {
    let long = noise(300, 3);
    let files: [(&str, &[u8]); 5] = [
        ("w/a.aspx", b"first"),
        ("w\\b.aspx", &long),
        ("empty.aspx", b""),
        ("../up.aspx", b"inert"),
        ("ошибка", b"last"),
    ];
    let whole: Vec<u8> = files.iter().flat_map(|(_, content)| content.to_vec()).collect();
    let expected = ["<2E><2E>/up.aspx: inert", "empty.aspx: ", "w/a.aspx: first", "w/b.aspx: ", "ошибка: last"];
    for (coder, properties, packed) in [
        (&[0][..], &[][..], whole.clone()),
        (&[0x21], &[8], make::lzma2(&whole)),
        (&[4, 1, 8], &[], make::deflate(&whole)),
    ] {
        let archive = open(make::seven(&files, coder, properties, &packed), Format::SevenZip);
        let found = all(&archive);
        assert!(found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected)), "{found:?}");
        assert_eq!(found.len(), 5);
        let times = archive.stat(&root().join("ошибка")).expect("there").times;
        assert_eq!(times.modified, Timestamp::from_filetime(132_592_283_613_071_234));
        assert_eq!(problems(&archive).len(), 1, "{:?}", problems(&archive));
    }
    for (coder, said) in [(&[6, 0xf1, 7, 1][..], "encrypted"), (&[4, 2, 2], "bzip2"), (&[3, 4, 1], "method")] {
        let archive = open(make::seven(&files, coder, &[], &whole), Format::SevenZip);
        assert!(all(&archive).iter().filter(|line| line.contains(said)).count() == 4, "{:?}", all(&archive));
    }
    // Content that is another than its sum says, and a block that ends early.
    let mut other = whole.clone();
    other[0] ^= 1;
    let archive = open(make::seven(&files, &[0], &[], &other), Format::SevenZip);
    all(&archive);
    assert!(problems(&archive).iter().any(|problem| problem.contains("checksum does not match")));
    let archive = open(make::seven(&files, &[0x21], &[8], &make::lzma2(&whole[..100])), Format::SevenZip);
    assert!(all(&archive).iter().any(|line| line.contains("damaged block")), "{:?}", all(&archive));
    assert!(opened(make::seven(&files, &[0], &[], &whole)[..200].to_vec(), Format::SevenZip).is_err());
}

#[test]
fn no_change_of_a_7z_archive_makes_it_panic_or_read_without_end() {
    let files: [(&str, &[u8]); 3] = [("w/a.aspx", b"first"), ("b", b"second"), ("empty", b"")];
    let whole = make::seven(&files, &[0x21], &[8], &make::lzma2(b"firstsecond"));
    let header = u64::from_le_bytes(whole[12..20].try_into().expect("8")) as usize + 32;
    for at in 0..whole.len() {
        for value in [0, 1, 0x7f, 0xff, whole[at] ^ 1, whole[at] ^ 0x80] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            // With the sum that the header has now, or nobody would look into it.
            let sum = make::crc(&bytes[header..]);
            bytes[28..32].copy_from_slice(&sum.to_le_bytes());
            if let Ok(archive) = opened(bytes, Format::SevenZip) {
                assert!(all(&archive).len() < 20);
            }
        }
        let _ = opened(whole[..at].to_vec(), Format::SevenZip).map(|archive| all(&archive));
    }
}

#[test]
fn a_disk_image_in_an_archive_is_bytes_at_positions() {
    let image = noise(3_000_000, 7);
    let name = ServerPath::join(&root(), "disk.vhdx");
    let text = String::from_utf8(image.clone()).expect("digits");
    let packed = zip(&[Zipped { deflated: true, ..zipped("disk.vhdx", text.as_bytes()) }, zipped("x", b"x")]);
    let stored = zip(&[Zipped { deflated: false, ..zipped("disk.vhdx", text.as_bytes()) }]);
    let tarred = tar(&[tarred("disk.vhdx", b'0', "", text.as_bytes())]);
    for (bytes, format) in
        [(packed, Format::Zip), (stored, Format::Zip), (tarred.clone(), Format::Tar), (gzip(&tarred), Format::TarGzip)]
    {
        let archive = open(bytes, format);
        let disk = archive.bytes_of(&name).expect("bytes");
        assert_eq!(disk.len(), 3_000_000);
        for at in [2_999_000, 0, 512, 1_700_003, 262_143] {
            let mut sector = [0; 1000];
            assert_eq!(disk.read_at(&mut sector, at as u64).expect("read"), 1000);
            assert!(sector == image[at..at + 1000], "{at}");
        }
        assert_eq!(disk.read_at(&mut [0; 10], 3_000_000).expect("read"), 0);
    }
}

#[test]
fn an_image_that_is_too_large_to_be_read_in_place_is_refused_by_what_to_do() {
    let name = ServerPath::join(&root(), "disk.dd");
    let outcome = |member: Zipped, states: usize| {
        let archive = open(zip(&[member]), Format::Zip);
        let read = archive.bytes_within(&name, states);
        (read.map(|bytes| bytes.len()).map_err(|error| error.to_string()), archive.problems().len())
    };
    let image = noise(3_000_000, 7);
    let member = || zipped("disk.dd", &image);
    assert_eq!(outcome(member(), 2), (Ok(3_000_000), 0));
    // It says that it is larger than two states serve.
    let (refused, _) = outcome(Zipped { size: Some(48 << 20), ..member() }, 2);
    assert!(refused.is_err_and(|why| why.contains("larger than 32 MiB") && why.contains("unpack the archive first")));
    // It says that it is smaller than it is, and another sum.
    let (refused, _) = outcome(Zipped { size: Some(1 << 20), ..member() }, 2);
    assert_eq!(refused, Err("it unpacks to more than the archive says".to_owned()));
    assert_eq!(outcome(Zipped { check: Some(1), ..member() }, 2), (Ok(3_000_000), 1));
    assert_eq!(outcome(Zipped { deflated: false, ..member() }, 2), (Ok(3_000_000), 0));
    let (refused, _) = outcome(Zipped { method: Some(12), ..member() }, 2);
    assert!(refused.is_err_and(|why| why.contains("bzip2")));
}

#[test]
fn few_states_read_the_same_bytes() {
    let image = noise(9_000_000, 3);
    let archive = open(zip(&[zipped("disk.dd", &image)]), Format::Zip);
    let disk = archive.bytes_within(&ServerPath::join(&root(), "disk.dd"), 2).expect("bytes");
    for at in [8_999_000, 0, 4_500_000, 512, 7_000_003, 262_143] {
        let mut sector = [0; 1000];
        assert_eq!(disk.read_at(&mut sector, at as u64).expect("read"), 1000);
        assert!(sector == image[at..at + 1000], "{at}");
    }
}

#[test]
fn no_change_of_a_byte_and_no_cut_makes_it_panic_or_read_without_end() {
    let zip = zip(&[
        Zipped {
            extra: b"UT\x05\0\x01abcd\x0a\0\x04\0\0\0\0\0".to_vec(),
            ..zipped("w/a.aspx", b"content content content")
        },
        Zipped { deflated: false, ..zipped("b", b"stored") },
        Zipped { mode: 0o120_777, deflated: false, ..zipped("link", b"../x") },
    ]);
    let small = tar(&[
        pax(&[("path", "w/x.aspx"), ("mtime", "1614754761.3"), ("size", "7")]),
        tarred("x", b'0', "", b"content"),
        tarred("././@LongLink", b'L', "", b"long\0"),
        tarred("h", b'1', "w/x.aspx", b""),
    ]);
    for (whole, format) in [(&zip, Format::Zip), (&small, Format::Tar), (&gzip(&small), Format::TarGzip)] {
        for end in 0..whole.len() {
            if let Ok(archive) = opened(whole[..end].to_vec(), format) {
                all(&archive);
            }
        }
        for at in 0..whole.len() {
            for value in [0, 0xff, whole[at] ^ 1, whole[at] ^ 0x80] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                if let Ok(archive) = opened(bytes, format) {
                    assert!(all(&archive).len() < 20);
                    archive.problems();
                }
            }
        }
    }
}
