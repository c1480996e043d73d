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
    /// Whether the source is asked again when it is examined: it has a record of the MFT for it, or times that are not kept here.
    pub(super) is_asked_again: bool,
    /// Whether its creation time is before that of its name in the MFT.
    pub(super) is_set_back: bool,
}

/// The files by columns: 12 bytes a file, and what its source has of it (eight for a time).
#[derive(Debug, Default)]
pub(super) struct Files {
    length: u32,
    /// The files of a folder follow each other: the first file of each run, and its folder.
    folders: Vec<(u32, u32)>,
    attributes: Numbers,
    name_at: Numbers,
    name_length: Numbers,
    /// Created, modified, changed, accessed: seconds since 1601 without two of their bits, and these two above the nanoseconds. So any time
    /// from 1601 to 2145 takes twice 32 bits.
    seconds: [Numbers; 4],
    /// In the lower thirty bits one more than the nanoseconds; zero where the source has no such time.
    nanos: [Numbers; 4],
    sizes: Numbers,
    inodes: Numbers,
    flags: Numbers,
}

const IS_ASKED_AGAIN: u64 = 1;
const IS_SET_BACK: u64 = 2;

/// From 1601 to 1970.
const SINCE_1601: i64 = 11_644_473_600;
const NANOS: u64 = (1 << 30) - 1;

/// A time as two columns have it: of most times each fits into 32 bits.
fn packed(time: Timestamp) -> (u64, u64) {
    let seconds = time.seconds().wrapping_add(SINCE_1601) as u64;
    ((seconds >> 34 << 32) | (seconds & 0xffff_ffff), ((seconds >> 32 & 3) << 30) | (u64::from(time.nanos()) + 1))
}

/// The same back: seconds since 1970 and nanoseconds.
fn unpacked(seconds: u64, nanos: u64) -> Option<(i64, u32)> {
    let whole = seconds >> 32 << 34 | nanos >> 30 << 32 | seconds & 0xffff_ffff;
    Some(((whole as i64).wrapping_sub(SINCE_1601), (nanos & NANOS).checked_sub(1)? as u32))
}

impl Files {
    pub(super) fn len(&self) -> usize {
        self.length as usize
    }

    /// Adds a file; `false` where no more fit.
    pub(super) fn push(&mut self, file: &File) -> bool {
        let at = self.length;
        let Some(length) = at.checked_add(1) else { return false };
        self.length = length;
        if self.folders.last().is_none_or(|(_, folder)| *folder != file.folder) {
            self.folders.push((at, file.folder));
        }
        self.attributes.set(at, u64::from(file.attributes));
        self.name_at.set(at, file.name_at as u64);
        self.name_length.set(at, u64::from(file.name_length));
        let Times { created, modified, changed, accessed } = file.times;
        let columns = self.seconds.iter_mut().zip(&mut self.nanos);
        for ((seconds, nanos), time) in columns.zip([created, modified, changed, accessed]) {
            let (whole, rest) = time.map_or((0, 0), packed);
            seconds.set(at, whole);
            nanos.set(at, rest);
        }
        self.sizes.set(at, file.size);
        self.inodes.set(at, file.inode);
        let flag = |is: bool, flag| if is { flag } else { 0 };
        self.flags.set(at, flag(file.is_asked_again, IS_ASKED_AGAIN) | flag(file.is_set_back, IS_SET_BACK));
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
            is_asked_again: flags & IS_ASKED_AGAIN != 0,
            is_set_back: flags & IS_SET_BACK != 0,
        }
    }

    pub(super) fn folder(&self, at: u32) -> u32 {
        let run = self.folders.partition_point(|(first, _)| *first <= at).checked_sub(1);
        run.and_then(|run| self.folders.get(run)).map_or(0, |(_, folder)| *folder)
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
        unpacked(self.seconds.get(which)?.get(at), self.nanos.get(which)?.get(at))
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

    /// Puts the files from this one on, all of one folder, in the order of their names.
    pub(super) fn sort_from(&mut self, first: u32, names: &str) {
        if (first..self.length).is_sorted_by(|a, b| self.name(*a, names) <= self.name(*b, names)) {
            return;
        }
        let mut order: Vec<u32> = (first..self.length).collect();
        order.sort_unstable_by(|a, b| self.name(*a, names).cmp(self.name(*b, names)));
        let columns = [
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
            folder: 7,
            attributes: n ^ 0x20,
            name_at: 2 * n as usize,
            name_length: 2,
            times: Times { created: time(n), modified: time(u32::MAX - n), changed: None, accessed: time(n % 2) },
            size: u64::from(n) << 32,
            inode: u64::MAX - u64::from(n),
            is_asked_again: n.is_multiple_of(2),
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
            let columns = [&files.attributes, &files.name_at, &files.name_length, &files.sizes];
            times.chain(columns).chain([&files.inodes, &files.flags]).map(Numbers::bytes).sum::<usize>()
        };
        let files: Files = (1..=1000).map(plain).collect();
        assert_eq!((bytes(&files), files.folders.len()), (12 * 1000, 1));
        let time = Some(Timestamp::new(1_614_754_761, 307_123_400));
        let times = Times { created: time, modified: time, changed: time, accessed: time };
        let of_an_image = |n| File { times, inode: 7, attributes: 0x20, is_asked_again: true, ..plain(n) };
        assert_eq!(bytes(&(1..=1000).map(of_an_image).collect()), 56 * 1000);
        let of_an_index = |n| File { times: Times { changed: None, accessed: None, ..times }, ..of_an_image(n) };
        assert_eq!(bytes(&(1..=1000).map(of_an_index).collect()), 40 * 1000);
    }

    #[test]
    fn times_of_five_centuries_take_eight_bytes_and_any_other_comes_back_too() {
        let seconds = [-11_644_473_600, -11_644_473_599, -1, 0, 1, i64::from(u32::MAX), 5_535_395_583];
        let far = [5_535_395_584, -11_644_473_601, i64::MAX, i64::MIN];
        for (at, seconds) in seconds.into_iter().chain(far).enumerate() {
            for nanos in [0, 999_999_999] {
                let (whole, rest) = packed(Timestamp::new(seconds, nanos));
                assert_eq!(unpacked(whole, rest), Some((seconds, nanos)));
                assert!(rest <= u64::from(u32::MAX) && (whole > u64::from(u32::MAX)) == (at > 6), "{seconds}");
            }
        }
        assert_eq!(unpacked(0, 0), None);
    }

    #[test]
    fn the_folder_of_a_file_is_that_of_its_run() {
        let files: Files = [4, 4, 2, 2, 2, 4].map(|folder| File { folder, ..File::default() }).into_iter().collect();
        assert_eq!((files.folders.len(), [0, 1, 2, 4, 5].map(|at| files.folder(at))), (3, [4, 4, 2, 2, 4]));
    }
}
