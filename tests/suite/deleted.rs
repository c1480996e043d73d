//! What a file system remembers of files that are no more, on evidence in memory.

use crate::support::scan_in_memory;
use shellsift::evidence::{Content, Evidence, Listed, Memory};
use shellsift::model::{
    DeletedFile, Entry, FileEvent, FileHistory, NtfsRecord, Remains, ServerPath, Source, Timestamp,
};
use shellsift::scan::Event;
use std::collections::BTreeMap;
use std::io::{self, Cursor};

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
    let ntfs = NtfsRecord { deleted: !is_slack, remains: Some(Remains::Whole), ..NtfsRecord::default() };
    let entry = Entry { inode: Some(record), ntfs: Some(Box::new(ntfs)), ..Entry::file(name, 11) };
    DeletedFile { path: path(name), entry, record, is_slack }
}

fn history(name: &str, record: u64, exists: bool) -> FileHistory {
    let at = |seconds: i64| Timestamp::new(1_614_800_000 + seconds, 0);
    let events = vec![(at(0), FileEvent::Created), (at(40), FileEvent::Deleted)];
    FileHistory { path: path(name), record: (record, 1), exists, events }
}

/// The reasons of each finding, by its name.
fn found(evidence: &Remembers) -> BTreeMap<String, Vec<String>> {
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
