//! Reparse points: what is to be done with a file before it is opened. Source: Microsoft, \[MS-FSCC\] 2.1.2.

use crate::wof::Algorithm;
use shellsift_disk::numbers::{u16_at, u32_at, units};

/// `IO_REPARSE_TAG_*` that are distinguished.
mod tag {
    pub(super) const MOUNT_POINT: u32 = 0xA000_0003;
    pub(super) const SYMLINK: u32 = 0xA000_000C;
    pub(super) const WOF: u32 = 0x8000_0017;
    pub(super) const DEDUP: u32 = 0x8000_0013;
    pub(super) const SIS: u32 = 0x8000_0007;
    pub(super) const HSM: u32 = 0xC000_0004;
    pub(super) const HSM2: u32 = 0x8000_0006;
    pub(super) const WCI: u32 = 0x8000_0018;
    pub(super) const WCI_1: u32 = 0x9000_1018;
    /// With a number in the four bits from 12 on.
    pub(super) const CLOUD: u32 = 0x9000_001A;
    pub(super) const CLOUD_NUMBER: u32 = 0x0000_F000;
    /// Set in tags of things that stand for something else by name.
    pub(super) const NAME_SURROGATE: u32 = 0x2000_0000;
}

/// The content of a reparse point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reparse {
    /// A folder that is another folder, or a volume (`\??\Volume{...}\`).
    Junction {
        /// Where it leads, as Windows follows it.
        target: Vec<u16>,
        /// Where it leads, as it is shown.
        shown: Vec<u16>,
    },
    /// A symbolic link.
    SymbolicLink {
        /// Where it leads, as Windows follows it.
        target: Vec<u16>,
        /// Where it leads, as it is shown.
        shown: Vec<u16>,
        /// Whether that starts at the folder of the link.
        relative: bool,
    },
    /// Compressed by the Windows Overlay Filter; `None` is an algorithm that is not known, by its number.
    Compressed(Result<Algorithm, u32>),
    /// Its content lies in a WIM archive.
    InWim,
    /// Its content lies in the chunk store of data deduplication.
    Deduplicated,
    /// A file of a cloud provider, here or not.
    Cloud,
    /// Its content is kept elsewhere: single instances, hierarchical storage, layers of containers.
    Elsewhere(u32),
    /// Stands for something else by name, in a way that is not read.
    OtherLink(u32),
    /// Any other tag.
    Other(u32),
    /// It is damaged.
    Damaged(u32),
}

impl Reparse {
    /// Whether it is a link, which is not followed.
    pub fn is_link(&self) -> bool {
        matches!(self, Self::Junction { .. } | Self::SymbolicLink { .. } | Self::OtherLink(_))
    }

    pub(crate) fn read(stored: &[u8]) -> Self {
        let tag = u32_at(stored, 0).unwrap_or_default();
        let length = usize::from(u16_at(stored, 4).unwrap_or_default());
        let data = stored.get(8..).map(|data| data.get(..length).unwrap_or(data)).unwrap_or_default();
        match tag {
            tag::MOUNT_POINT => match (name(data, 0, 8), name(data, 4, 8)) {
                (Some(target), Some(shown)) => Self::Junction { target, shown },
                _ => Self::Damaged(tag),
            },
            tag::SYMLINK => match (name(data, 0, 12), name(data, 4, 12), u32_at(data, 8)) {
                (Some(target), Some(shown), Some(flags)) => {
                    Self::SymbolicLink { target, shown, relative: flags & 1 != 0 }
                }
                _ => Self::Damaged(tag),
            },
            // WOF_EXTERNAL_INFO: a version and a provider; of files, a version and an algorithm follow
            tag::WOF => match (u32_at(data, 4), u32_at(data, 12)) {
                (Some(1), _) => Self::InWim,
                (Some(2), Some(algorithm)) => Self::Compressed(Algorithm::new(algorithm).ok_or(algorithm)),
                _ => Self::Damaged(tag),
            },
            tag::DEDUP => Self::Deduplicated,
            tag::SIS | tag::HSM | tag::HSM2 | tag::WCI | tag::WCI_1 => Self::Elsewhere(tag),
            tag if tag & !tag::CLOUD_NUMBER == tag::CLOUD => Self::Cloud,
            tag if tag & tag::NAME_SURROGATE != 0 => Self::OtherLink(tag),
            tag => Self::Other(tag),
        }
    }
}

/// A name by its offset and length, which lie at `at`, counted from `names`.
fn name(data: &[u8], at: usize, names: usize) -> Option<Vec<u16>> {
    let (offset, length) = (usize::from(u16_at(data, at)?), usize::from(u16_at(data, at + 2)?));
    Some(units(data.get(names + offset..names + offset + length)?).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(tag: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = tag.to_le_bytes().to_vec();
        bytes.extend([data.len() as u8, 0, 0, 0]);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn links_have_two_names() {
        let data = [2, 0, 2, 0, 0, 0, 2, 0, b'b', 0, b'a', 0];
        let junction = Reparse::read(&stored(0xA000_0003, &data));
        assert_eq!(junction, Reparse::Junction { target: vec![97], shown: vec![98] });
        let data = [2, 0, 2, 0, 0, 0, 2, 0, 1, 0, 0, 0, b'b', 0, b'a', 0];
        let link = Reparse::read(&stored(0xA000_000C, &data));
        assert_eq!(link, Reparse::SymbolicLink { target: vec![97], shown: vec![98], relative: true });
        assert!(link.is_link());
        assert_eq!(Reparse::read(&stored(0xA000_000C, &data[..15])), Reparse::Damaged(0xA000_000C));
    }

    #[test]
    fn filters_are_distinguished() {
        let wof = |provider: u8, algorithm: u8| {
            Reparse::read(&stored(0x8000_0017, &[1, 0, 0, 0, provider, 0, 0, 0, 1, 0, 0, 0, algorithm, 0, 0, 0]))
        };
        assert_eq!(wof(2, 1), Reparse::Compressed(Ok(Algorithm::Lzx)));
        assert_eq!(wof(2, 9), Reparse::Compressed(Err(9)));
        assert_eq!(wof(1, 0), Reparse::InWim);
        assert_eq!(Reparse::read(&stored(0x9000_301A, &[])), Reparse::Cloud);
        assert_eq!(Reparse::read(&stored(0x8000_0013, &[])), Reparse::Deduplicated);
        assert_eq!(Reparse::read(&stored(0xA000_001D, &[])), Reparse::OtherLink(0xA000_001D));
        assert_eq!(Reparse::read(&stored(0x8000_001B, &[])), Reparse::Other(0x8000_001B));
        assert_eq!(Reparse::read(&[1]), Reparse::Other(0));
    }
}
