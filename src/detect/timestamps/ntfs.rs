//! Timestomping: creation times that contradict what NTFS records beside them. Sources that read NTFS by themselves alone have these
//! facts.
//!
//! $STANDARD_INFORMATION has the times that programs read and set. $FILE_NAME has a second set, which the system writes when a name is
//! made: at creation, and at a rename, where it copies the first set. (B. Carrier, "File System Forensic Analysis", chapter 12; SANS,
//! "Windows Time Rules".)

use super::shared::{common, reason};
use crate::model::{Artefact, CheckInfo, Reason};

pub(super) const SET_BACK: CheckInfo = CheckInfo {
    id: "timestamp/set_back",
    title: "created, by $STANDARD_INFORMATION, before its name was ($FILE_NAME)",
    score: 15,
    looks_for: "Server code whose creation time is before the one in $FILE_NAME, where the other files of the folder do not show it.",
    why: "Programs can set the first and not the second: a tool has set the time back (timestomping).",
    benign_look_alikes: "Archivers, installers and copy tools that keep creation times: all of their files show it. An editor that \
                         replaces a file within 15 seconds, for which Windows keeps the old creation time (tunnelling).",
    attack: &["T1070.006"],
    ..CheckInfo::EMPTY
};

pub(super) const BEFORE_VOLUME: CheckInfo = CheckInfo {
    id: "timestamp/before_volume",
    title: "created before its volume was formatted",
    score: 12,
    looks_for: "Server code whose creation time in $FILE_NAME is before that of the $MFT.",
    why: "No name can be older than its volume: the time was set and the file renamed afterwards, or the clock was wrong.",
    benign_look_alikes: "A volume that was copied file by file, or restored from a backup, with a tool that sets $FILE_NAME.",
    attack: &["T1070.006"],
    ..CheckInfo::EMPTY
};

pub(super) const RECORD_NUMBER: CheckInfo = CheckInfo {
    id: "timestamp/record_number",
    title: "its MFT record is among those of files that were created long after it",
    score: 12,
    looks_for: "Server code created more than 30 days before all of the sixteen files whose MFT records are around its own.",
    why: "New files take the first free record: a file with an old time among records of a later one was created later.",
    benign_look_alikes: "A single file that a copy tool placed there with its old creation time.",
    attack: &["T1070.006"],
    ..CheckInfo::EMPTY
};

/// What the two sets of times, the volume and the number of the record say about a creation time.
pub(super) fn reasons(artefact: &Artefact) -> Vec<Reason> {
    let times = &artefact.entry.times;
    let (Some(ntfs), Some(created)) = (&artefact.entry.ntfs, times.created) else { return Vec::new() };
    let mut reasons = Vec::new();
    let is_common = artefact.neighbours.is_some_and(|others| common(others.set_back, others.both));
    if let Some(name) = ntfs.name_times.created.filter(|_| ntfs.is_set_back(times.created) && !is_common) {
        let whole = if created.nanos() == 0 && name.nanos() != 0 { "; in whole seconds" } else { "" };
        let formatted = match ntfs.volume_created.filter(|volume| created < *volume) {
            Some(volume) => format!("; the volume was formatted {volume}"),
            None => String::new(),
        };
        let line = format!("$STANDARD_INFORMATION created {created}, $FILE_NAME created {name}{whole}{formatted}");
        reasons.push(reason(&SET_BACK, line));
    }
    if let (Some(name), Some(volume)) = (ntfs.name_times.created, ntfs.volume_created)
        && name.plus_seconds(86_400.0) < volume
    {
        let line = format!("$FILE_NAME created {name}; the volume was formatted {volume}");
        reasons.push(reason(&BEFORE_VOLUME, line));
    }
    if let Some(first) = artefact.neighbours.and_then(|others| others.records_from) {
        let number = artefact.entry.inode.unwrap_or_default();
        let line = format!("created {created}; the files of the records around {number} from {first} on");
        reasons.push(reason(&RECORD_NUMBER, line));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Entry, FolderStats, NtfsRecord, Place, Role, ServerPath, Times, Timestamp};

    const MARCH: i64 = 1_614_800_000;

    fn file(created: (i64, u32), named: i64) -> Artefact {
        let path = ServerPath::drive('C').join_all(r"inetpub\wwwroot\x.aspx");
        let time = |seconds, nanos| Some(Timestamp::new(seconds, nanos));
        let ntfs = NtfsRecord {
            name_times: Times { created: time(named, 500), ..Times::default() },
            volume_created: time(MARCH - 400 * 86_400, 0),
            ..NtfsRecord::default()
        };
        let times = Times { created: time(created.0, created.1), ..Times::default() };
        let entry = Entry { times, inode: Some(9), ntfs: Some(Box::new(ntfs)), ..Entry::file("x.aspx", 1) };
        Artefact::new(path, entry, Place::new(Role::WebRoot, "x.aspx"))
    }

    fn ids(artefact: &Artefact) -> Vec<String> {
        reasons(artefact).into_iter().map(|reason| reason.id).collect()
    }

    #[test]
    fn a_creation_time_before_that_of_the_name_is_reported_unless_the_folder_shows_it() {
        let mut set_back = file((MARCH - 900 * 86_400, 0), MARCH);
        assert_eq!(ids(&set_back), ["timestamp/set_back"]);
        let line = &reasons(&set_back)[0].locations[0];
        assert!(format!("{line:?}").contains("whole seconds") && format!("{line:?}").contains("formatted"));
        set_back.neighbours = Some(FolderStats { both: 20, set_back: 15, ..FolderStats::default() });
        assert!(ids(&set_back).is_empty(), "an archive was unpacked");
        assert!(ids(&file((MARCH, 400), MARCH)).is_empty(), "the same");
        assert!(ids(&file((MARCH + 50, 0), MARCH)).is_empty(), "later");
        let mut plain = set_back.clone();
        plain.entry.ntfs = None;
        assert!(ids(&plain).is_empty(), "a source without records");
    }

    #[test]
    fn names_older_than_the_volume_and_records_of_later_files_are_reported() {
        let old = MARCH - 900 * 86_400;
        assert_eq!(ids(&file((old, 7), old)), ["timestamp/before_volume"]);
        let mut among = file((MARCH - 90 * 86_400, 7), MARCH - 90 * 86_400);
        assert!(ids(&among).is_empty());
        let records_from = Some(Timestamp::new(MARCH, 0));
        among.neighbours = Some(FolderStats { records_from, ..FolderStats::default() });
        assert_eq!(ids(&among), ["timestamp/record_number"]);
    }
}
