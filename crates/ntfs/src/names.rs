//! Names, and how the volume compares them.

use crate::entry::Times;
use crate::segment::Reference;
use shellsift_disk::numbers::units;
use std::sync::OnceLock;

/// Which rules a name obeys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Namespace {
    /// Any name; case counts.
    Posix,
    /// A long name, beside a short one.
    Win32,
    /// A short name (8.3).
    Dos,
    /// A long name that is a short one at once.
    Win32AndDos,
    /// None that is known.
    Other(u8),
}

impl Namespace {
    pub(crate) fn new(stored: u8) -> Self {
        match stored {
            0 => Self::Posix,
            1 => Self::Win32,
            2 => Self::Dos,
            3 => Self::Win32AndDos,
            other => Self::Other(other),
        }
    }
}

/// A name of a record in use or not: a `$FILE_NAME`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// The record that has the name.
    pub number: u64,
    /// The folder it lies in.
    pub parent: Reference,
    /// Which rules it obeys.
    pub space: Namespace,
    /// Units of UTF-16; they may be any, so also halves of a pair.
    pub units: &'a [u16],
    /// The times that Windows sets with the name.
    pub times: Times,
}

/// The upper case of each unit, as the volume has it in `$UpCase`.
pub(crate) struct UpperCase(Vec<u16>);

impl UpperCase {
    /// How many bytes `$UpCase` has.
    pub(crate) const SIZE: usize = 2 << 16;

    /// Takes the table of a volume.
    pub(crate) fn new(stored: &[u8]) -> Self {
        Self(units(stored).collect())
    }

    /// What Windows has had for ASCII, Latin, Greek and Cyrillic ever since, for a volume whose table is gone.
    pub(crate) fn common() -> Self {
        let upper = |unit: u16| {
            let mut mapped = char::from_u32(u32::from(unit)).into_iter().flat_map(char::to_uppercase);
            match (mapped.next(), mapped.next()) {
                (Some(one), None) => u16::try_from(u32::from(one)).unwrap_or(unit),
                _ => unit,
            }
        };
        static COMMON: OnceLock<Vec<u16>> = OnceLock::new();
        Self(COMMON.get_or_init(|| (0..=u16::MAX).map(upper).collect()).clone())
    }

    pub(crate) fn of(&self, unit: u16) -> u16 {
        self.0.get(usize::from(unit)).copied().unwrap_or(unit)
    }

    /// Whether two names are the same but for case.
    pub(crate) fn same(&self, one: &[u16], other: &[u16]) -> bool {
        one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a == b || self.of(*a) == self.of(*b))
    }

    /// A number that is the same for names that are the same but for case.
    pub(crate) fn hash(&self, name: &[u16]) -> u32 {
        use std::hash::Hasher as _;
        // Keyed only by what is fixed, so that a listing has the same order each time; it cannot be computed backwards.
        let mut hasher = std::hash::DefaultHasher::new();
        let mut folded = [0; 16];
        for part in name.chunks(8) {
            for (into, unit) in folded.as_chunks_mut::<2>().0.iter_mut().zip(part) {
                *into = self.of(*unit).to_le_bytes();
            }
            hasher.write(folded.get(..2 * part.len()).unwrap_or_default());
        }
        (hasher.finish() >> 32) as u32
    }
}

/// How far a path is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// Up to the root.
    Root,
    /// The record of a folder on the way is in other use since.
    Reused,
    /// The record of a folder on the way is not there, torn, or has no name.
    NoParent,
    /// A folder on the way lies in itself.
    Loop,
    /// There are more folders on the way than a path of Windows can have.
    TooDeep,
}

/// Where a name lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Folders from above, as far as they are known, then the name. Empty for the root.
    pub parts: Vec<Vec<u16>>,
    /// What is above the first part.
    pub known: Known,
    /// A folder on the way is deleted.
    pub in_deleted_folder: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_the_table_of_the_volume() {
        let wide = |text: &str| text.encode_utf16().collect::<Vec<_>>();
        let common = UpperCase::common();
        assert!(common.same(&wide("Übung.ASPX"), &wide("übung.aspx")));
        assert!(!common.same(&wide("a"), &wide("ab")));
        assert_eq!(common.hash(&wide("a-long-name.aspx")), common.hash(&wide("A-Long-NAME.aspx")));
        assert_ne!(common.hash(&wide("a")), common.hash(&wide("b")));
        let short = UpperCase::new(&[0, 0, 1, 0]);
        assert!(!short.same(&wide("A"), &wide("a")), "a table that ends early maps nothing");
        assert!(common.same(&[0xD83D, 0x41], &[0xD83D, 0x61]), "halves of a pair stay");
    }
}
