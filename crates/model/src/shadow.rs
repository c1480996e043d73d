//! Shadow copies: earlier states of a volume that Windows keeps on the volume itself.

use super::named::named;
use super::{ServerPath, Timestamp};

/// A shadow copy of a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShadowCopy {
    /// The root of the volume.
    pub volume: ServerPath,
    /// Its number on this volume, from 1, the oldest first.
    pub number: u32,
    /// Its id as `vssadmin list shadows` shows it or, where that cannot be read, the id of its store.
    pub id: String,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// The size of the volume at that time, in bytes.
    pub size: u64,
    /// The machine that created it.
    pub machine: Option<String>,
    /// Whether its blocks are on the volume: only then it can be read.
    pub stored: bool,
}

impl ShadowCopy {
    /// What a report calls it, to follow "the": `shadow copy of 2021-03-03T02:00:00.0000000Z`.
    pub fn in_words(&self) -> String {
        match self.created {
            Some(created) => format!("shadow copy of {created}"),
            None => format!("shadow copy {} of {}", self.number, self.volume),
        }
    }
}

/// Where a file of a shadow copy was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InShadow {
    /// The number of the copy on its volume, from 1, the oldest first.
    pub number: u32,
    /// The id of the copy.
    pub id: String,
    /// When the copy was created.
    pub created: Option<Timestamp>,
    /// The numbers of other copies that have the file with the same record, times and size.
    pub also_in: Vec<u32>,
    /// What became of the file.
    pub since: Since,
    /// Of a file that was moved, its path today.
    pub today: Option<ServerPath>,
}

/// How a file of a shadow copy differs from the volume as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Since {
    /// It was deleted.
    Deleted,
    /// It was renamed or moved: nothing is at its path.
    Moved,
    /// Its content or an alternate data stream is another today, or cannot be compared.
    Changed,
    /// Its content is the same; the time of its creation or of its last write is another.
    TimesChanged,
}

named!(Since {
    Deleted => "deleted",
    Moved => "moved",
    Changed => "content_changed",
    TimesChanged => "times_changed",
});

impl InShadow {
    /// `in the shadow copy of 2021-03-03T02:00:00.0000000Z; deleted since`
    pub fn in_words(&self) -> String {
        let copy = match self.created {
            Some(created) => format!("in the shadow copy of {created}"),
            None => format!("in shadow copy {}", self.number),
        };
        let others = match self.also_in.len() {
            0 => String::new(),
            1 => " and in one more".to_owned(),
            count => format!(" and in {count} more"),
        };
        let since = match (self.since, &self.today) {
            (Since::Deleted, _) => "deleted since".to_owned(),
            (Since::Moved, Some(path)) => format!("moved since, to {path}"),
            (Since::Moved, None) => "moved since".to_owned(),
            (Since::Changed, _) => "different from today's file".to_owned(),
            (Since::TimesChanged, _) => "today's file has the same content and other times".to_owned(),
        };
        format!("{copy}{others}; {since}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_a_copy_is_described_with_the_time_of_the_copy() {
        let created = Some(Timestamp::new(1_614_736_800, 0));
        let mut file =
            InShadow { number: 2, id: "x".to_owned(), created, also_in: vec![], since: Since::Deleted, today: None };
        assert_eq!(file.in_words(), "in the shadow copy of 2021-03-03T02:00:00.0000000Z; deleted since");
        file.also_in = vec![3, 4];
        file.since = Since::Moved;
        file.today = ServerPath::from_windows(r"C:\x.txt");
        assert_eq!(
            file.in_words(),
            r"in the shadow copy of 2021-03-03T02:00:00.0000000Z and in 2 more; moved since, to C:\x.txt"
        );
        file = InShadow { created: None, also_in: vec![1], since: Since::Changed, ..file };
        assert_eq!(file.in_words(), "in shadow copy 2 and in one more; different from today's file");
        file.since = Since::TimesChanged;
        assert!(file.in_words().ends_with("; today's file has the same content and other times"));
    }
}
