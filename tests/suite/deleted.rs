//! What a file system remembers of files that are no more, on evidence in memory.

use crate::support::{self, finding, of_kind, reasons, scan, scan_in_memory};
use shellsift::evidence::{Content, Evidence, Listed, Memory};
use shellsift::model::{
    DeletedFile, Entry, FileEvent, FileHistory, FoundIn, NtfsRecord, Remains, ServerPath, Source, Timestamp,
};
use shellsift::scan::Event;
use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::Path;

/// A drive of which deleted files and a change journal are known.
struct Remembers {
    files: Memory,
    deleted: Vec<DeletedFile>,
    histories: Vec<FileHistory>,
}

impl Evidence for Remembers {
    fn sources(&self) -> Vec<Source> {
        self.files.sources()
    }

    fn list(&self, folder: &ServerPath, wanted: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(Listed)) -> io::Result<()> {
        self.files.list(folder, wanted, each)
    }

    fn stat(&self, path: &ServerPath) -> io::Result<Entry> {
        self.files.stat(path)
    }

    fn open(&self, file: &ServerPath) -> io::Result<Content> {
        self.files.open(file)
    }

    fn deleted(&self, wanted: &dyn Fn(&ServerPath) -> bool, each: &mut dyn FnMut(DeletedFile)) {
        self.deleted.iter().filter(|file| wanted(&file.path)).cloned().for_each(each);
    }

    fn open_deleted(&self, file: &DeletedFile, _: Option<&str>) -> io::Result<Content> {
        let is_page = file.path.name().ends_with(".aspx");
        let bytes = if is_page { b"<%@ Page %>".to_vec() } else { b"plain text.".to_vec() };
        let size = bytes.len() as u64;
        Ok(Content { reader: Box::new(Cursor::new(bytes)), size, changed: None, inode: None, holes: 0 })
    }

    fn histories(&self, wanted: &dyn Fn(&ServerPath) -> bool) -> io::Result<Vec<FileHistory>> {
        Ok(self.histories.iter().filter(|history| wanted(&history.path)).cloned().collect())
    }
}

fn path(name: &str) -> ServerPath {
    ServerPath::from_windows(&format!(r"C:\w\{name}")).unwrap()
}

fn deleted(name: &str, record: u64, is_slack: bool) -> DeletedFile {
    let found_in = if is_slack { FoundIn::Slack } else { FoundIn::Record };
    let ntfs = NtfsRecord { deleted: !is_slack, remains: Some(Remains::Whole), ..NtfsRecord::default() };
    let entry = Entry { inode: Some(record), ntfs: Some(Box::new(ntfs)), ..Entry::file(name, 11) };
    DeletedFile { path: path(name), entry, record, found_in }
}

fn history(name: &str, record: u64, exists: bool) -> FileHistory {
    let at = |seconds: i64| Timestamp::new(1_614_800_000 + seconds, 0);
    let events = vec![(at(0), FileEvent::Created), (at(40), FileEvent::Deleted)];
    FileHistory { path: path(name), record: (record, 1), exists, events }
}

/// The reasons of each finding, by its name.
fn found(evidence: &dyn Evidence) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    let _ = scan_in_memory(evidence, &mut |event| {
        if let Event::Finding(finding) = event {
            let reasons = finding.reasons.iter().map(|reason| reason.id.clone()).collect();
            found.insert(finding.artefact.path.name().to_owned(), reasons);
        }
        true
    });
    found
}

#[test]
fn deleted_pages_slack_and_pages_of_the_journal_are_found_and_what_exists_is_not_among_them() {
    let files = Memory::new().file(r"C:\w\con.aspx", b"<p>").file(r"C:\w\there.aspx", b"<p>");
    let evidence = Remembers {
        files,
        // Names of devices, so that the detector of names has something to say of them.
        deleted: vec![
            deleted("aux.aspx", 40, false),
            deleted("nul.aspx", 41, true),
            deleted("prn.txt", 42, true),
            deleted("plain.txt", 43, false),
        ],
        histories: vec![
            history("gone.aspx", 50, false),
            history("there.aspx", 51, true),
            history("aux.aspx", 40, false),
            history("gone.txt", 52, false),
        ],
    };
    let found = found(&evidence);
    let has = |name: &str, id: &str| found.get(name).is_some_and(|reasons| reasons.iter().any(|reason| reason == id));
    assert!(has("aux.aspx", "deleted/file"), "{found:?}");
    assert!(has("nul.aspx", "deleted/record_slack"), "{found:?}");
    assert!(has("gone.aspx", "deleted/page_in_journal"), "{found:?}");
    // A file that exists, slack of what is no code, a deleted text without a reason, and a text that the journal knows.
    assert!(!found["con.aspx"].iter().any(|reason| reason.starts_with("deleted/")), "{found:?}");
    for silent in ["there.aspx", "prn.txt", "plain.txt", "gone.txt"] {
        assert!(!found.contains_key(silent), "{silent}: {found:?}");
    }
    // The record is left: the journal adds no second finding.
    assert!(!has("aux.aspx", "deleted/page_in_journal"));
}

#[test]
fn orphans_and_content_of_the_log_file_are_judged_and_names_alone_are_named() {
    let log = |content: &str| FoundIn::LogFile { content: (!content.is_empty()).then(|| content.as_bytes().into()) };
    let index = FoundIn::FolderIndex { in_use: false };
    let evidence = Memory::new()
        .deleted(r"C:\w\aux.aspx", FoundIn::Orphan, Remains::Unknown, b"<%@ Page %>")
        .deleted(r"C:\w\nul.aspx", log("<%@ Page %>"), Remains::Whole, b"<%@ Page %>")
        .deleted(r"C:\w\plain.aspx", log("<p>plain</p>"), Remains::Partial, b"<p>plain</p>")
        .deleted(r"C:\w\logged.aspx", log(""), Remains::Unknown, b"")
        .deleted(r"C:\w\indexed.aspx", index.clone(), Remains::Unknown, b"")
        .deleted(r"C:\w\indexed.txt", index.clone(), Remains::Unknown, b"")
        .deleted(r"C:\w\prn.aspx", FoundIn::Record, Remains::Whole, b"<%@ Page %>")
        .deleted(r"C:\w\PRN.aspx", index, Remains::Unknown, b"");
    let found = found(&evidence);
    let of = |name: &str| found.get(name).cloned().unwrap_or_default();
    assert!(of("aux.aspx").contains(&"deleted/orphaned".to_owned()), "{found:?}");
    assert!(of("nul.aspx").contains(&"deleted/log_file_content".to_owned()), "{found:?}");
    assert_eq!(
        (of("logged.aspx"), of("indexed.aspx")),
        (vec!["deleted/name_only".to_owned()], vec!["deleted/name_only".to_owned()])
    );
    for silent in ["plain.aspx", "indexed.txt", "PRN.aspx"] {
        assert!(of(silent).is_empty(), "{silent}: {found:?}");
    }
}

const USER: &str = "S-1-5-21-1004336348-1177238915-682003330-500";

/// The record of a recycle bin about a file that was deleted at 2021-03-03T06:59:21.3071234Z.
fn bin_record(original: &str) -> Vec<u8> {
    let units: Vec<u16> = original.encode_utf16().chain([0]).collect();
    let mut bytes = [2_u64.to_le_bytes(), 7_u64.to_le_bytes(), 132_592_283_613_071_234_u64.to_le_bytes()].concat();
    bytes.extend((units.len() as u32).to_le_bytes());
    bytes.extend(units.into_iter().flat_map(u16::to_le_bytes));
    bytes
}

fn written(root: &Path, name: &str, bytes: &[u8]) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_page_in_the_recycle_bin_is_judged_by_the_folder_that_it_was_deleted_from() {
    let folder = support::folder();
    let root = folder.path();
    let bin = |name: &str| format!("$Recycle.Bin/{USER}/{name}");
    let web = r"C:\inetpub\wwwroot\aspnet_client";
    std::fs::create_dir_all(root.join("Windows/System32")).unwrap();
    written(root, "inetpub/wwwroot/iisstart.htm", b"<html></html>");
    // A page, a page in a folder, a record whose page is gone, one that cannot be read, a text, a page without a record.
    written(root, &bin("$RAAAAAA.aspx"), &support::stand_in());
    written(root, &bin("$IAAAAAA.aspx"), &bin_record(&format!(r"{web}\x.aspx")));
    written(root, &bin("$RBBBBBB/sub/y.aspx"), b"<%@ Page %>");
    written(root, &bin("$IBBBBBB"), &bin_record(&format!(r"{web}\old")));
    written(root, &bin("$ICCCCCC.aspx"), &bin_record(&format!(r"{web}\gone.aspx")));
    written(root, &bin("$RDDDDDD.aspx"), b"<%@ Page %>");
    written(root, &bin("$IDDDDDD.aspx"), b"short");
    written(root, &bin("$REEEEEE.txt"), b"text");
    written(root, &bin("$IEEEEEE.txt"), &bin_record(&format!(r"{web}\notes.txt")));
    written(root, &bin("$RFFFFFF.aspx"), b"<%@ Page %>");
    written(root, &bin("$IGGGGGG.aspx"), &bin_record(r"C:\Users\bob\Desktop\draft.aspx"));
    let (_, records) = scan(root, &[]);
    let found = |name: &str| finding(&records, &format!(r"C:\$Recycle.Bin\{USER}\{name}"));
    let page = found("$RAAAAAA.aspx").expect("found");
    assert_eq!(page["shellsift"]["recycle_bin"]["original_path"], format!(r"{web}\x.aspx"));
    assert_eq!(page["shellsift"]["recycle_bin"]["deleted"], "2021-03-03T06:59:21.3071234Z");
    assert_eq!((&page["user"]["id"], &page["shellsift"]["role"]), (&USER.into(), &"web_root".into()));
    let why = reasons(page);
    for id in ["deleted/recycle_bin", "location/page_in_aspnet_client", "location/page_in_drop_folder"] {
        assert!(why.contains(&id), "{id}: {why:?}");
    }
    let inside = found(r"$RBBBBBB\sub\y.aspx").expect("found");
    assert_eq!(inside["shellsift"]["recycle_bin"]["original_path"], format!(r"{web}\old\sub\y.aspx"));
    let gone = found("$ICCCCCC.aspx").expect("found");
    assert!(reasons(gone).contains(&"deleted/recycle_bin_record"), "{gone}");
    assert_eq!(gone["shellsift"]["recycle_bin"]["original_path"], format!(r"{web}\gone.aspx"));
    let bare = found("$RFFFFFF.aspx").expect("found");
    assert!(
        bare["shellsift"].get("recycle_bin").is_none() && !reasons(bare).contains(&"location/page_in_aspnet_client")
    );
    for silent in ["$REEEEEE.txt", "$IGGGGGG.aspx", "$IAAAAAA.aspx"] {
        assert!(found(silent).is_none(), "{silent}");
    }
    let problems = of_kind(&records, "problem");
    let unread: Vec<_> = problems.iter().map(|one| one["file"]["path"].as_str().unwrap_or_default()).collect();
    let unread: Vec<_> = unread.into_iter().filter(|path| path.contains("$Recycle.Bin")).collect();
    assert!(unread.len() == 1 && unread[0].ends_with("$IDDDDDD.aspx"), "{problems:?}");
    let deleted = |page: &str| {
        let events =
            of_kind(&records, "timeline_event").into_iter().map(|one| one["shellsift"]["timeline_event"].clone());
        let words = events.filter(|one| one["kind"] == "file_deleted").map(|one| one["description"].to_string());
        words.filter(|words| words.contains(page)).count()
    };
    assert_eq!((deleted("x.aspx"), deleted("gone.aspx"), deleted("notes.txt"), deleted("draft.aspx")), (1, 1, 0, 0));
}
