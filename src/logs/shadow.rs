//! Logs in shadow copies that the volume has no more: deleted, truncated or overwritten since. What a log of today goes on from is not read
//! again, or each of its hits would be counted twice.

use super::events;
use super::recognise::{content_begins_as_log, is_name_of_server};
use crate::evidence::{Content, Evidence};
use crate::model::server_path::extension;
use crate::model::{DeletedFile, Problem, ProblemKind, ServerPath, ShadowCopy, Since};
use std::collections::{BTreeMap, HashSet};
use std::io::Read;

/// Event logs that are named.
const NAMED: usize = 3;
/// How many logs are read.
const MOST: usize = 10_000;
/// How much of a text log is compared with the log of today: its head, and the first requests.
const COMPARED: u64 = 4_096;

/// Logs that only shadow copies have.
#[derive(Default)]
pub struct InShadowCopies {
    /// Text logs, each out of the newest copy that has it.
    pub text: Vec<DeletedFile>,
    /// Event logs that were deleted.
    pub events: Vec<DeletedFile>,
}

/// Finds the logs that only these copies have. `known`: deleted logs that are read anyway. Event logs that were overwritten in part
/// are a gap: most of their records are in the log of today as well.
pub fn find(
    evidence: &dyn Evidence,
    copies: &[ShadowCopy],
    known: &HashSet<ServerPath>,
    problems: &mut Vec<Problem>,
) -> InShadowCopies {
    let mut newest: BTreeMap<ServerPath, (DeletedFile, Since)> = BTreeMap::new();
    let mut omitted = 0_u64;
    for copy in copies {
        // What cannot be read of a copy is reported by the survey of its files.
        let _ = evidence.in_shadow_copy(copy, &is_log, &mut |file| {
            let since = file.entry.ntfs.as_ref().and_then(|ntfs| ntfs.shadow.as_ref()).map(|shadow| shadow.since);
            let Some(since) = since.filter(|since| *since != Since::TimesChanged) else { return };
            if file.entry.size == 0 || known.contains(&file.path) {
                return;
            }
            match newest.len() < MOST || newest.contains_key(&file.path) {
                true => drop(newest.insert(file.path.clone(), (file, since))),
                false => omitted += 1,
            }
        });
    }
    if omitted > 0 {
        let message = format!("{omitted} logs in shadow copies above the limit were not read");
        problems.push(Problem::general(ProblemKind::LogResultsTruncated, message));
    }
    let mut found = InShadowCopies::default();
    let mut overwritten = Vec::new();
    for (path, (file, since)) in newest {
        let was = || evidence.open_deleted(&file, None).ok();
        let today = || evidence.open(&path).ok();
        let is_gone = matches!(since, Since::Deleted | Since::Moved);
        match extension(path.name()) == "evtx" {
            true if since == Since::Deleted => found.events.push(file),
            // Windows itself renames a log that is full, and its archived parts are read.
            true if !is_gone && first_records(was()) != first_records(today()) => overwritten.push(path),
            false if (is_gone || begin(was()) != begin(today())) && was().is_some_and(content_begins_as_log) => {
                found.text.push(file);
            }
            _ => {}
        }
    }
    if let Some(first) = overwritten.first() {
        let named = overwritten.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let more = overwritten.len().checked_sub(NAMED).filter(|more| *more > 0);
        let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
        let message =
            format!("event logs in shadow copies have records that were overwritten since and not read: {named}{more}");
        problems.push(Problem::at(ProblemKind::LogsSkipped, first, message));
    }
    found
}

/// Whether a file is one of the logs that are read.
fn is_log(path: &ServerPath) -> bool {
    let name = path.name();
    is_name_of_server(name) && (extension(name) != "evtx" || events::is_wanted(name))
}

fn begin(log: Option<Content>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What came before an error is enough to see a difference.
    let _ = log.map(|log| log.reader.take(COMPARED).read_to_end(&mut bytes));
    bytes
}

/// The oldest chunk of an event log, and the number of the first record in its chunk 0, which a log that is full overwrites first
/// (libevtx: offsets 8 of the header and of a chunk, which is behind 4,096 bytes).
fn first_records(log: Option<Content>) -> Option<([u8; 8], [u8; 8])> {
    let mut head = [0; 4_096 + 16];
    log?.reader.read_exact(&mut head).ok()?;
    Some((*head.get(8..)?.first_chunk()?, *head.get(4_096 + 8..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Listed, Memory};
    use crate::model::{Entry, FoundIn, InShadow, NtfsRecord, Source};
    use std::io::{self, Cursor};

    /// A volume of today, with the files of its shadow copies by the number of the copy.
    struct Copied {
        today: Memory,
        copies: Vec<(u32, DeletedFile, Vec<u8>)>,
    }

    impl Evidence for Copied {
        fn sources(&self) -> Vec<Source> {
            self.today.sources()
        }

        fn list(
            &self,
            folder: &ServerPath,
            wanted: &dyn Fn(&str) -> bool,
            each: &mut dyn FnMut(Listed),
        ) -> io::Result<()> {
            self.today.list(folder, wanted, each)
        }

        fn stat(&self, path: &ServerPath) -> io::Result<Entry> {
            self.today.stat(path)
        }

        fn open(&self, file: &ServerPath) -> io::Result<Content> {
            self.today.open(file)
        }

        fn open_deleted(&self, file: &DeletedFile, _: Option<&str>) -> io::Result<Content> {
            let (.., bytes) = self.copies.iter().find(|(_, known, _)| known == file).ok_or(io::ErrorKind::NotFound)?;
            let (reader, size) = (Box::new(Cursor::new(bytes.clone())), bytes.len() as u64);
            Ok(Content { reader, size, changed: None, inode: None, holes: 0 })
        }

        fn in_shadow_copy(
            &self,
            copy: &ShadowCopy,
            wanted: &dyn Fn(&ServerPath) -> bool,
            each: &mut dyn FnMut(DeletedFile),
        ) -> io::Result<Vec<Problem>> {
            let of_copy = self.copies.iter().filter(|(number, file, _)| *number == copy.number && wanted(&file.path));
            of_copy.for_each(|(_, file, _)| each(file.clone()));
            Ok(Vec::new())
        }
    }

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    fn in_copy(number: u32, place: &str, since: Since, bytes: &[u8]) -> (u32, DeletedFile, Vec<u8>) {
        let shadow =
            InShadow { number, id: number.to_string(), created: None, also_in: Vec::new(), since, today: None };
        let ntfs = NtfsRecord { shadow: Some(Box::new(shadow)), ..NtfsRecord::default() };
        let name = place.rsplit('\\').next().expect("a name");
        let entry = Entry { ntfs: Some(Box::new(ntfs)), ..Entry::file(name, bytes.len() as u64) };
        (number, DeletedFile { path: path(place), entry, record: 40, found_in: FoundIn::Record }, bytes.to_vec())
    }

    /// The logs to read, as path and number of the copy, and the kinds of problems.
    fn found(today: Memory, copies: Vec<(u32, DeletedFile, Vec<u8>)>) -> (Vec<(String, u32)>, Vec<ProblemKind>) {
        let evidence = Copied { today, copies };
        let copy = |number| ShadowCopy {
            volume: ServerPath::drive('C'),
            number,
            id: String::new(),
            created: None,
            size: 0,
            machine: None,
            stored: true,
        };
        let mut problems = Vec::new();
        let found = find(&evidence, &[copy(1), copy(2)], &HashSet::from([path(r"C:\l\u_ex210309.log")]), &mut problems);
        let number = |file: &DeletedFile| {
            let shadow = file.entry.ntfs.as_ref().and_then(|ntfs| ntfs.shadow.as_ref());
            (file.path.to_string(), shadow.map_or(0, |shadow| shadow.number))
        };
        (found.text.iter().chain(&found.events).map(number).collect(), problems.iter().map(|one| one.kind).collect())
    }

    const LOG: &[u8] =
        b"#Fields: date time cs-method cs-uri-stem c-ip sc-status\r\n2021-03-03 02:00:00 GET /a 192.0.2.1 200\r\n";

    #[test]
    fn logs_that_are_gone_are_read_once_and_those_that_went_on_are_not() {
        let text = r"C:\l\u_ex210301.log";
        let of = |today: Memory, since| found(today, vec![in_copy(1, text, since, LOG), in_copy(2, text, since, LOG)]);
        let newest = vec![(text.to_owned(), 2)];
        assert_eq!(of(Memory::new(), Since::Deleted), (newest.clone(), vec![]));
        assert_eq!(of(Memory::new(), Since::Moved), (newest.clone(), vec![]));
        let other = String::from_utf8_lossy(LOG).replacen("2021", "2022", 1).into_bytes();
        assert_eq!(of(Memory::new().file(text, &other), Since::Changed), (newest, vec![]), "it begins otherwise");
        let longer = [&LOG.repeat(50)[..], b"and more"].concat();
        let long = vec![in_copy(1, text, Since::Changed, &LOG.repeat(50))];
        assert_eq!(found(Memory::new().file(text, &longer), long), (vec![], vec![]), "it went on");
        assert_eq!(of(Memory::new(), Since::TimesChanged), (vec![], vec![]));
        let others = vec![
            in_copy(1, r"C:\l\u_ex210309.log", Since::Deleted, LOG),
            in_copy(1, r"C:\l\u_ex210302.log", Since::Deleted, b"no log"),
            in_copy(1, r"C:\l\x.aspx", Since::Deleted, LOG),
        ];
        assert_eq!(found(Memory::new(), others), (vec![], vec![]), "known, no log, no name of one");
    }

    #[test]
    fn an_event_log_whose_first_records_are_others_today_is_a_gap() {
        let text = r"C:\Windows\System32\winevt\Logs\Security.evtx";
        let log = |oldest: u8, record: u8, more: usize| {
            let mut bytes = vec![0; 4_096 + 16 + more];
            (bytes[8], bytes[4_096 + 8]) = (oldest, record);
            bytes
        };
        let of = |today: Memory, since| found(today, vec![in_copy(1, text, since, &log(0, 1, 0))]);
        let changed = |today: &[u8]| of(Memory::new().file(text, today), Since::Changed);
        assert_eq!(changed(&log(0, 1, 700)), (vec![], vec![]), "it went on");
        for today in [log(3, 1, 0), log(0, 90, 0), b"cut".to_vec()] {
            assert_eq!(changed(&today), (vec![], vec![ProblemKind::LogsSkipped]));
        }
        assert_eq!(of(Memory::new(), Since::Deleted), (vec![(text.to_owned(), 1)], vec![]));
    }
}
