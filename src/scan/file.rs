//! Compact representation of files and folders in a survey, since a server can have millions.

use crate::model::{Numbers, Role, ServerPath, Times, Timestamp};

/// A folder that was walked.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: ServerPath,
    pub(super) role: Role,
    pub(super) base: ServerPath,
    /// The path by which it was reached, where a link leads to it.
    pub(super) named: Option<ServerPath>,
    /// Files listed in it, wanted or not.
    pub(super) names: u32,
    /// Of them, logs.
    pub(super) logs: u32,
}

/// A file with its metadata; its name lies in the text that all names share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct File {
    pub(super) folder: u32,
    pub(super) attributes: u32,
    pub(super) name_at: usize,
    pub(super) name_length: u32,
    pub(super) times: Times,
    pub(super) size: u64,
    /// Zero where the source has none; MFT record 0 is $MFT itself.
    pub(super) inode: u64,
    /// Whether the source has a record of the MFT for it.
    pub(super) has_record: bool,
    /// Whether its creation time is before that of its name in the MFT.
    pub(super) is_set_back: bool,
}

/// The files by columns: 16 bytes a file, and what its source has of it (eight for a time).
#[derive(Debug, Default)]
pub(super) struct Files {
    length: u32,
    folders: Numbers,
    attributes: Numbers,
    name_at: Numbers,
    name_length: Numbers,
    /// Created, modified, changed, accessed: seconds.
    seconds: [Numbers; 4],
    /// One more than the nanoseconds; zero where the source has no such time.
    nanos: [Numbers; 4],
    sizes: Numbers,
    inodes: Numbers,
    flags: Numbers,
}

const HAS_RECORD: u64 = 1;
const IS_SET_BACK: u64 = 2;

impl Files {
    pub(super) fn len(&self) -> usize {
        self.length as usize
    }

    /// Adds a file; `false` where no more fit.
    pub(super) fn push(&mut self, file: &File) -> bool {
        let at = self.length;
        let Some(length) = at.checked_add(1) else { return false };
        self.length = length;
        self.folders.set(at, u64::from(file.folder));
        self.attributes.set(at, u64::from(file.attributes));
        self.name_at.set(at, file.name_at as u64);
        self.name_length.set(at, u64::from(file.name_length));
        let Times { created, modified, changed, accessed } = file.times;
        let columns = self.seconds.iter_mut().zip(&mut self.nanos);
        for ((seconds, nanos), time) in columns.zip([created, modified, changed, accessed]) {
            seconds.set(at, time.map_or(0, |time| time.seconds() as u64));
            nanos.set(at, time.map_or(0, |time| u64::from(time.nanos()) + 1));
        }
        self.sizes.set(at, file.size);
        self.inodes.set(at, file.inode);
        let flag = |is: bool, flag| if is { flag } else { 0 };
        self.flags.set(at, flag(file.has_record, HAS_RECORD) | flag(file.is_set_back, IS_SET_BACK));
        true
    }

    pub(super) fn get(&self, at: u32) -> File {
        let flags = self.flags.get(at);
        File {
            folder: self.folder(at),
            attributes: self.attributes.get(at) as u32,
            name_at: self.name_at.get(at) as usize,
            name_length: self.name_length.get(at) as u32,
            times: self.times(at),
            size: self.size(at),
            inode: self.inodes.get(at),
            has_record: flags & HAS_RECORD != 0,
            is_set_back: flags & IS_SET_BACK != 0,
        }
    }

    pub(super) fn folder(&self, at: u32) -> u32 {
        self.folders.get(at) as u32
    }

    pub(super) fn size(&self, at: u32) -> u64 {
        self.sizes.get(at)
    }

    pub(super) fn inode(&self, at: u32) -> u64 {
        self.inodes.get(at)
    }

    pub(super) fn is_set_back(&self, at: u32) -> bool {
        self.flags.get(at) & IS_SET_BACK != 0
    }

    /// One of its times: seconds and nanoseconds.
    pub(super) fn time(&self, at: u32, which: usize) -> Option<(i64, u32)> {
        let nanos = self.nanos.get(which)?.get(at).checked_sub(1)?;
        Some((self.seconds.get(which)?.get(at) as i64, nanos as u32))
    }

    pub(super) fn times(&self, at: u32) -> Times {
        let [created, modified, changed, accessed] =
            [0, 1, 2, 3].map(|which| self.time(at, which).map(|(seconds, nanos)| Timestamp::new(seconds, nanos)));
        Times { created, modified, changed, accessed }
    }

    /// Its name in the text that all names share.
    pub(super) fn name<'n>(&self, at: u32, names: &'n str) -> &'n str {
        let from = self.name_at.get(at) as usize;
        names.get(from..from.saturating_add(self.name_length.get(at) as usize)).unwrap_or_default()
    }

    /// The numbers of all.
    pub(super) fn all(&self) -> std::ops::Range<u32> {
        0..self.length
    }

    /// Puts the files from this one on in the order of their names.
    pub(super) fn sort_from(&mut self, first: u32, names: &str) {
        if (first..self.length).is_sorted_by(|a, b| self.name(*a, names) <= self.name(*b, names)) {
            return;
        }
        let mut order: Vec<u32> = (first..self.length).collect();
        order.sort_unstable_by(|a, b| self.name(*a, names).cmp(self.name(*b, names)));
        let columns = [
            &mut self.folders,
            &mut self.attributes,
            &mut self.name_at,
            &mut self.name_length,
            &mut self.sizes,
            &mut self.inodes,
            &mut self.flags,
        ];
        let times = self.seconds.iter_mut().chain(&mut self.nanos);
        times.chain(columns).for_each(|column| column.reorder(first, &order));
    }
}

#[cfg(test)]
impl FromIterator<File> for Files {
    fn from_iter<I: IntoIterator<Item = File>>(list: I) -> Self {
        let mut files = Self::default();
        list.into_iter().for_each(|file| assert!(files.push(&file), "fits"));
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(n: u32) -> File {
        let time = |n: u32| Some(Timestamp::new(i64::from(n) - 1, n % 1_000_000_000));
        File {
            folder: n,
            attributes: n ^ 0x20,
            name_at: 2 * n as usize,
            name_length: 2,
            times: Times { created: time(n), modified: time(u32::MAX - n), changed: None, accessed: time(n % 2) },
            size: u64::from(n) << 32,
            inode: u64::MAX - u64::from(n),
            has_record: n.is_multiple_of(2),
            is_set_back: n.is_multiple_of(3),
        }
    }

    #[test]
    fn files_come_back_as_they_were_and_in_the_order_of_names() {
        let names = "c0a1b2d3";
        let mut files: Files = (0..4).map(file).collect();
        let whole = |files: &Files| files.all().map(|at| files.get(at)).collect::<Vec<_>>();
        assert_eq!(whole(&files), [0, 1, 2, 3].map(file));
        files.sort_from(1, names);
        assert_eq!(whole(&files), [0, 1, 2, 3].map(file), "they were");
        files.sort_from(0, names);
        assert_eq!(whole(&files), [1, 2, 0, 3].map(file));
        assert_eq!(files.all().map(|at| files.name(at, names)).collect::<String>(), "a1b2c0d3");
    }

    #[test]
    fn a_surveyed_file_costs_what_its_source_has_of_it() {
        let plain = |n: usize| File { folder: 1, name_at: n, name_length: 9, size: 1, ..File::default() };
        let bytes = |files: &Files| {
            let times = files.seconds.iter().chain(&files.nanos);
            let columns = [&files.folders, &files.attributes, &files.name_at, &files.name_length, &files.sizes];
            times.chain(columns).chain([&files.inodes, &files.flags]).map(Numbers::bytes).sum::<usize>()
        };
        let files: Files = (1..=1000).map(plain).collect();
        assert_eq!(bytes(&files), 16 * 1000);
        let time = Some(Timestamp::new(1_614_754_761, 307_123_400));
        let times = Times { created: time, modified: time, changed: time, accessed: time };
        let of_an_image = |n| File { times, inode: 7, attributes: 0x20, has_record: true, ..plain(n) };
        assert_eq!(bytes(&(1..=1000).map(of_an_image).collect()), 60 * 1000);
    }
}
