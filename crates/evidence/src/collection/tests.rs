//! Collections as the tools write them, opened as volumes.

use super::*;
use crate::archive::tests::make::{Zipped, gzip, pax, tar, tarred, zip, zipped};
use crate::archive::{Archive, Format};
use crate::evidence::{Listed, Memory};
use crate::model::{Entry, EntryKind, ProblemKind, Timestamp};
use std::io::Read;

const PAGE: &[u8] = b"<%@ Page %>";

fn path(text: &str) -> ServerPath {
    ServerPath::from_windows(text).expect("absolute")
}

fn root() -> ServerPath {
    ServerPath::analysis(std::path::Path::new("/case/a.zip"))
}

fn within(inner: impl Evidence + 'static, root: &ServerPath) -> Result<Box<dyn Evidence>, String> {
    let inner: Arc<dyn Evidence> = Arc::new(inner);
    let volumes = open_within(&inner, root, "/case/a.zip").expect("a collection");
    volumes.map(|volumes| Box::new(volumes) as Box<dyn Evidence>).map_err(|error| error.to_string())
}

fn archived(bytes: Vec<u8>, format: Format) -> Box<dyn Evidence> {
    let archive = Archive::open(Arc::new(bytes), format, root(), "/case/a.zip").expect("an archive");
    within(archive, &root()).expect("opened")
}

/// All files of all volumes.
fn all(evidence: &dyn Evidence) -> Vec<String> {
    paths(evidence).iter().map(ServerPath::to_string).collect()
}

fn paths(evidence: &dyn Evidence) -> Vec<ServerPath> {
    let mut out = Vec::new();
    let mut open: Vec<ServerPath> = evidence.sources().into_iter().map(|source| source.shown_as).collect();
    while let Some(folder) = open.pop() {
        evidence
            .list(&folder, &|_| true, &mut |listed| match listed {
                Listed::Entry(Entry { name, kind: EntryKind::Folder, .. }) => open.push(folder.join(&name)),
                Listed::Entry(entry) => out.push(folder.join(&entry.name)),
                other => panic!("{other:?}"),
            })
            .expect("listed");
    }
    out.sort();
    out
}

fn content(evidence: &dyn Evidence, file: &str) -> Vec<u8> {
    content_of(evidence, &path(file))
}

fn content_of(evidence: &dyn Evidence, file: &ServerPath) -> Vec<u8> {
    let mut bytes = Vec::new();
    evidence.open(file).expect("opened").reader.read_to_end(&mut bytes).expect("read");
    bytes
}

fn problems(evidence: &dyn Evidence) -> Vec<String> {
    evidence.problems().into_iter().map(|problem| problem.message).collect()
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha1(bytes: &[u8]) -> String {
    use sha1::Digest;
    sha1::Sha1::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_collection_of_velociraptor_has_the_names_times_and_hashes_of_the_server() {
    let metadata = r#"{"Created":"2021-03-03T06:59:21.3071234Z","Changed":"2021-03-04T00:00:00Z","LastAccessed":"2021-03-05T00:00:00Z","Modified":"2020-01-01T00:00:00Z","Size":11,"SourceFile":"C:\\inetpub\\wwwroot\\.x.aspx"}
not json
{"Modified":"2020-01-02T00:00:00Z","Size":99,"SourceFile":"C:\\inetpub\\wwwroot\\cut.aspx"}
{"Modified":"2020-01-02T00:00:00Z","SourceFile":"C:\\nowhere"}
"#;
    let uploads = format!(
        r#"{{"SourceFile":"C:\\inetpub\\wwwroot\\.x.aspx","SourceFileSha256":"{}","Created":"1999-01-01T00:00:00Z"}}
{{"SourceFile":"C:\\inetpub\\wwwroot\\other.aspx","SourceFileSha256":"{}"}}
"#,
        sha256(PAGE),
        sha256(b"what the server had"),
    );
    let index = br#"{"ranges":[{"file_length":4,"length":4},{"file_offset":4,"original_offset":4,"length":4},
        {"file_offset":4,"original_offset":8,"file_length":4,"length":4}]}"#;
    let evidence = archived(
        zip(&[
            zipped("uploads/auto/C%3A/inetpub/wwwroot/%2Ex.aspx", PAGE),
            zipped("uploads/auto/C%3A/inetpub/wwwroot/100%25.aspx", PAGE),
            zipped("uploads/auto/C%3A/inetpub/wwwroot/cut.aspx", PAGE),
            zipped("uploads/auto/C%3A/inetpub/wwwroot/other.aspx", PAGE),
            zipped("uploads/auto/D%3A/IISLogs/W3SVC1/u_ex210303.log", b"log"),
            zipped("uploads/ntfs/%5C%5C.%5CC%3A/inetpub/wwwroot/cut.aspx", PAGE),
            zipped("uploads/ntfs/%5C%5C.%5CC%3A/$Extend/$UsnJrnl%3A$J", b"HEADtail"),
            zipped("uploads/ntfs/%5C%5C.%5CC%3A/$Extend/$UsnJrnl%3A$J.idx", index),
            zipped(
                "uploads/ntfs/%5C%5C%3F%5CGLOBALROOT%5CDevice%5CHarddiskVolumeShadowCopy1/Windows/System32/config/SYSTEM",
                b"old",
            ),
            zipped("results/Windows.KapeFiles.Targets%2FAll File Metadata.json", metadata.as_bytes()),
            zipped("results/Windows.KapeFiles.Targets%2FUploads.json", uploads.as_bytes()),
            zipped("client_info.json", br#"{"os_info":{"hostname":"MAIL01"}}"#),
            zipped("uploads/stray.aspx", PAGE),
        ]),
        Format::Zip,
    );
    let shadow = "/case/a.zip/uploads/ntfs/%5C%5C%3F%5CGLOBALROOT%5CDevice%5CHarddiskVolumeShadowCopy1";
    assert_eq!(
        all(evidence.as_ref()),
        [
            &format!("{shadow}/Windows/System32/config/SYSTEM"),
            r"C:\$Extend\$UsnJrnl:$J",
            r"C:\$Extend\$UsnJrnl:$J.idx",
            r"C:\inetpub\wwwroot\.x.aspx",
            r"C:\inetpub\wwwroot\100%.aspx",
            r"C:\inetpub\wwwroot\cut.aspx",
            r"C:\inetpub\wwwroot\other.aspx",
            r"D:\IISLogs\W3SVC1\u_ex210303.log",
        ]
    );
    let times = evidence.stat(&path(r"C:\inetpub\wwwroot\.x.aspx")).expect("there").times;
    assert_eq!(times.created, Some(Timestamp::new(1_614_754_761, 307_123_400)), "the first record knows it");
    assert_eq!(times.modified, Some(Timestamp::new(1_577_836_800, 0)));
    assert!(times.changed.is_some() && times.accessed.is_some());
    assert_eq!(content(evidence.as_ref(), r"C:\$Extend\$UsnJrnl:$J"), b"HEAD\0\0\0\0tail");
    assert_eq!(evidence.stat(&path(r"C:\$Extend\$UsnJrnl:$J")).expect("there").size, 12);
    assert_eq!(problems(evidence.as_ref()).len(), 3, "{:?}", problems(evidence.as_ref()));
    for file in all(evidence.as_ref()).iter().filter(|file| file.starts_with("C:")) {
        content(evidence.as_ref(), file);
    }
    let problems = evidence.problems();
    let says = |part: &str, kind| {
        assert!(problems.iter().any(|p| p.kind == kind && p.message.contains(part)), "{part} in {problems:#?}")
    };
    says("1 of its rows could not be read", ProblemKind::LogDamaged);
    says("was collected in part", ProblemKind::PartiallyExamined);
    says("is outside the volumes", ProblemKind::PartiallyExamined);
    says("does not match the hash that its collector recorded", ProblemKind::FileChanged);
    assert_eq!(problems.len(), 4, "{problems:#?}");
    let held = evidence.holdings().remove(0);
    assert_eq!(
        (held.tool, held.host.as_deref(), held.with_times, held.with_hash),
        ("Velociraptor", Some("MAIL01"), 2, 2)
    );
    assert_eq!((held.volumes, held.others.len()), (vec![path("C:\\"), path("D:\\")], 1));
    let held = evidence.holdings().remove(0);
    assert!(held.holds(Asked::IisLogs) && held.holds(Asked::WebFiles) && held.holds(Asked::ChangeJournal));
    assert!(!held.holds(Asked::EventLogs));
    let sources = evidence.sources();
    let c = sources.iter().find(|source| source.shown_as == path("C:\\")).expect("C");
    assert_eq!(c.kind, "Velociraptor collection (zip archive)");
    assert!(c.lacks.iter().any(|lacks| lacks.contains("the collection contains no HTTPERR logs")), "{:?}", c.lacks);
}

#[test]
fn a_collection_of_kape_has_the_times_and_hashes_of_its_log() {
    let log = format!(
        "\u{feff}CopiedTimestamp,SourceFile,DestinationFile,FileSize,SourceFileSha1,DeferredCopy,CreatedOnUtc,ModifiedOnUtc,LastAccessedOnUtc,CopyDuration\r\n\
         2021,C:\\inetpub\\wwwroot\\x.aspx,E:\\C\\x.aspx,11,{},False,2021-03-03 06:59:21.3071234,2020-01-01 00:00:00.0000000,2021-03-05 00:00:00,0\r\n\
         2021,C:\\$Extend\\$UsnJrnl:$J,E:\\C\\$J,1,,False,2019-01-01 00:00:00,2019-01-01 00:00:00,2019-01-01 00:00:00,0\r\n",
        sha1(PAGE)
    );
    let skipped = "SourceFile,SourceFileSha1,Reason\r\nC:\\inetpub\\wwwroot\\copy.aspx,ab,Deduped\r\n";
    let files: [(&str, &[u8]); 5] = [
        ("C/$Extend/$J", b"x"),
        ("C/inetpub/wwwroot/x.aspx", PAGE),
        ("D/IISLogs/x.log", b""),
        ("2021-03-20T10_00_00_CopyLog.csv", log.as_bytes()),
        ("2021-03-20T10_00_00_SkipLog.csv.csv", skipped.as_bytes()),
    ];
    let folder = files.iter().fold(Memory::new(), |memory, (name, bytes)| {
        memory.file(&format!(r"C:\case\{}", name.replace('/', "\\")), bytes)
    });
    let packed = files.iter().map(|(name, bytes)| zipped(name, bytes)).collect::<Vec<_>>();
    for evidence in [within(folder, &path(r"C:\case")).expect("opened"), archived(zip(&packed), Format::Zip)] {
        assert_eq!(all(evidence.as_ref()), [r"C:\$Extend\$J", r"C:\inetpub\wwwroot\x.aspx", r"D:\IISLogs\x.log"]);
        let journal = evidence.stat(&path(r"C:\$Extend\$J")).expect("there").times;
        assert_eq!(journal.created, Some(Timestamp::new(1_546_300_800, 0)));
        assert_eq!(content(evidence.as_ref(), r"C:\inetpub\wwwroot\x.aspx"), PAGE);
        let times = evidence.stat(&path(r"C:\inetpub\wwwroot\x.aspx")).expect("there").times;
        assert_eq!(times.created, Some(Timestamp::new(1_614_754_761, 307_123_400)));
        assert_eq!(times.modified, Some(Timestamp::new(1_577_836_800, 0)));
        assert_eq!(problems(evidence.as_ref()), [r"KAPE did not copy 1 files: C:\inetpub\wwwroot\copy.aspx (Deduped)"]);
        assert_eq!(evidence.holdings()[0].tool, "KAPE");
    }
}

#[test]
fn the_layouts_of_acquire_are_volumes_and_two_spellings_of_a_folder_are_one() {
    let members = |prefix: &str, c: &str, d: &str| {
        tar(&[
            pax(&[("mtime", "1614754761.3071234")]),
            tarred(&format!("{prefix}{c}/Windows/System32/a.dll"), b'0', "", b"a"),
            tarred(&format!("{prefix}{c}/windows/system32/config/SYSTEM"), b'0', "", b"hive"),
            tarred(&format!("{prefix}{c}/portal"), b'2', "/C:/Users/Public", b""),
            tarred(&format!("{prefix}{d}/IISLogs/x.log"), b'0', "", b"log"),
        ])
    };
    let expected =
        [r"C:\Windows\System32\a.dll", r"C:\Windows\System32\config\SYSTEM", r"C:\portal", r"D:\IISLogs\x.log"];
    for bytes in [members("fs/", "C:", "D:"), members("/fs/", "c:", "d:"), members("", "sysvol", "d:")] {
        for evidence in [archived(bytes.clone(), Format::Tar), archived(gzip(&bytes), Format::TarGzip)] {
            assert_eq!(all(evidence.as_ref()), expected);
            let times = evidence.stat(&path(r"C:\Windows\System32\a.dll")).expect("there").times;
            assert_eq!((times.created, times.modified), (None, Some(Timestamp::new(1_614_754_761, 307_123_400))));
            let link = evidence.stat(&path(r"C:\portal")).expect("there").kind;
            assert_eq!(link, EntryKind::Link { target: Some("/C:/Users/Public".to_owned()) });
            assert_eq!((evidence.holdings()[0].tool, problems(evidence.as_ref()).len()), ("acquire", 0));
            assert!(evidence.holdings()[0].holds(Asked::Hives));
        }
    }
    let volume = tar(&[tarred("fs/C:/inetpub/x", b'0', "", b""), tarred("fs/$fs$/fs0/EFI/x", b'0', "", b"efi")]);
    let evidence = archived(volume, Format::Tar);
    assert_eq!(all(evidence.as_ref()), ["/case/a.zip/fs/$fs$/fs0/EFI/x", r"C:\inetpub\x"]);
}

#[test]
fn what_has_only_dos_times_is_reported_and_crafted_names_stay_inside() {
    let evidence =
        archived(zip(&[zipped("C/inetpub/wwwroot/x.aspx", PAGE), zipped("C/Windows/CyLR.log", b"")]), Format::Zip);
    let source = evidence.sources().remove(0);
    assert_eq!((source.gives.len(), evidence.holdings()[0].tool), (0, "CyLR"));
    assert!(source.lacks.contains(&"no modified times".to_owned()), "{:?}", source.lacks);
    assert!(
        source.lacks.iter().any(|lacks| lacks.contains("only local times of an unknown zone")),
        "{:?}",
        source.lacks
    );

    let evidence = archived(
        zip(&[
            zipped("uploads/auto/C%3A/..%2F..%2Fup.aspx", PAGE),
            zipped("uploads/auto/C%3A/w/twice.aspx", b"1"),
            zipped("uploads/auto/C%3A/w/twice.aspx", b"2"),
            zipped("uploads/auto/C%3A/W/Twice.aspx", b"3"),
            zipped("uploads/auto/C%3A/%2E%2E/%2E%2E/out.aspx", PAGE),
            zipped("../out.aspx", PAGE),
            Zipped { flags: 1, ..zipped("uploads/auto/C%3A/secret.aspx", PAGE) },
        ]),
        Format::Zip,
    );
    let files = all(evidence.as_ref());
    assert_eq!(files.len(), 6, "{files:?}");
    assert!(files.iter().all(|file| file.starts_with("C:\\")) && files.contains(&r"C:\..<2F>..<2F>up.aspx".to_owned()));
    let refused = evidence.open(&path(r"C:\secret.aspx")).err().expect("encrypted");
    assert!(refused.to_string().contains("encrypted"));
    assert!(problems(evidence.as_ref()).len() >= 3, "{:?}", problems(evidence.as_ref()));
}

#[test]
fn what_two_parts_of_a_volume_call_the_same_is_read_from_each() {
    let evidence = archived(
        zip(&[
            zipped("uploads/auto/C%3A/d", b"a file"),
            zipped("uploads/ntfs/%5C%5C.%5CC%3A/d/x", b"below a folder"),
            zipped("uploads/auto/C%3A/e/x", b"below a folder"),
            zipped("uploads/ntfs/%5C%5C.%5CC%3A/e", b"a file"),
            zipped("uploads/auto/C%3A/f", b"one"),
            zipped("uploads/ntfs/%5C%5C.%5CC%3A/f", b"another"),
            zipped("uploads/auto/C%3A/g", b"same"),
            zipped("uploads/ntfs/%5C%5C.%5CC%3A/g", b"same"),
        ]),
        Format::Zip,
    );
    let mut contents: Vec<_> =
        paths(evidence.as_ref()).iter().map(|file| content_of(evidence.as_ref(), file)).collect();
    contents.sort();
    let expected: [&[u8]; 7] =
        [b"a file", b"a file", b"another", b"below a folder", b"below a folder", b"one", b"same"];
    assert_eq!(contents, expected);
}

#[test]
fn an_archive_of_a_volume_is_one_and_says_what_was_assumed() {
    let bytes = zip(&[zipped("inetpub/wwwroot/x.aspx", PAGE), zipped("y.aspx", PAGE)]);
    let archive = Archive::open(Arc::new(bytes), Format::Zip, root(), "/case/a.zip").expect("an archive");
    let inner: Arc<dyn Evidence> = Arc::new(archive);
    assert!(open_within(&inner, &root(), "/case/a.zip").is_none());
    let evidence = open_volume(&inner, &root(), "/case/a.zip").map_err(|error| error.to_string());
    let evidence: Box<dyn Evidence> = Box::new(evidence.expect("opened"));
    assert_eq!(all(evidence.as_ref()), [r"C:\inetpub\wwwroot\x.aspx", r"C:\y.aspx"]);
    assert!(evidence.sources()[0].lacks.iter().any(|lacks| lacks.contains("C: is assumed")));
    assert_eq!(problems(evidence.as_ref()).len(), 0);
}

#[test]
fn collections_of_several_servers_are_refused_with_their_names() {
    let evidence = Memory::new()
        .file(r"C:\case\A\uploads\auto\C%3A\x", b"")
        .file(r"C:\case\A\uploads\ntfs\%5C%5C.%5CC%3A\y", b"")
        .file(r"C:\case\B\fs\C:\x", b"");
    let words = within(evidence, &path(r"C:\case")).err().expect("refused");
    assert!(words.contains("the collections of 2 servers") && words.contains(r"C:\case\B"), "{words}");
    let none: Arc<dyn Evidence> = Arc::new(Memory::new().file(r"C:\case\x.aspx", b""));
    assert!(open_within(&none, &path(r"C:\case"), "").is_none());
}

#[test]
fn no_change_of_a_record_makes_it_panic() {
    let metadata =
        br#"{"Created":"2021-03-03T06:59:21.3071234Z","Size":11,"SourceFile":"C:\\x.aspx","Upload":{"sha256":"ab"}}"#;
    let index = br#"{"ranges":[{"file_length":11,"length":12}]}"#;
    for at in 0..metadata.len() {
        for value in [0, b'"', b'\\', b'9', 0xff] {
            let mut changed = metadata.to_vec();
            changed[at] = value;
            let mut shape = index.to_vec();
            shape[at % index.len()] = value;
            let evidence = Memory::new()
                .file(r"C:\case\uploads\auto\C%3A\x.aspx", PAGE)
                .file(r"C:\case\uploads\auto\C%3A\x.aspx.idx", &shape)
                .file(r"C:\case\results\A%2FAll Matches Metadata.json", &changed)
                .file(r"C:\case\results\A%2FUploads.csv", &changed);
            let evidence = within(evidence, &path(r"C:\case")).expect("opened");
            assert!(!content(evidence.as_ref(), r"C:\x.aspx").is_empty());
        }
    }
}

#[test]
fn what_is_left_out_of_a_collection_is_reported() {
    let stored = |name: &str, content: &[u8]| zipped(name, content);
    let index = |pieces: usize| {
        let piece =
            |at: usize| format!(r#"{{"file_offset":{at},"original_offset":{},"file_length":1,"length":2}}"#, 2 * at);
        format!(r#"{{"ranges":[{}]}}"#, (0..pieces).map(piece).collect::<Vec<_>>().join(","))
    };
    let volume = "uploads/auto/C%3A/";
    let mut members = vec![stored("uploads/auto/C%3A/inetpub/wwwroot/a.aspx", PAGE)];
    // Ten pieces are kept in tests: the first has four, the second would have eight.
    for (name, pieces) in [("a", 2), ("b", 4)] {
        members.push(stored(&format!("{volume}{name}"), &vec![b'x'; pieces]));
        members.push(stored(&format!("{volume}{name}.idx"), index(pieces).as_bytes()));
    }
    members.extend((0..70).map(|number| stored(&format!("results/Windows.NTFS.MFT%2F{number}.json"), b"")));
    members.extend((0..50).map(|number| stored(&format!("beside/{number}/x.txt"), b"")));
    let evidence = archived(zip(&members), Format::Zip);
    assert_eq!(content(evidence.as_ref(), r"C:\a"), b"x\0x\0");
    assert_eq!(content(evidence.as_ref(), r"C:\b"), b"xxxx");
    let found = problems(evidence.as_ref());
    let has = |text: &str| found.iter().filter(|problem| problem.contains(text)).count() == 1;
    assert!(has("as too many others") && has("is one of 70 records, of which 64 are read"), "{found:?}");
    assert!(has("more than 40 folders are: not looked through"), "{found:?}");
    let few = archived(zip(&members[..3]), Format::Zip);
    assert_eq!(problems(few.as_ref()), [""; 0]);
}
