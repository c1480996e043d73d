//! One member of an archive, and how it is read.

use crate::model::Timestamp;

/// A time in units of 100 ns since 1970, a third of the size of an `Option<Timestamp>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp(i64);

impl Stamp {
    pub(crate) const NONE: Self = Self(i64::MIN);

    /// From Unix time. What is beyond the years that fit is none.
    pub(crate) fn of(seconds: i64, nanos: u32) -> Self {
        let ticks = seconds.checked_mul(10_000_000).and_then(|ticks| ticks.checked_add(i64::from(nanos / 100)));
        ticks.map_or(Self::NONE, Self)
    }

    /// From what [`Self::ticks`] says.
    pub(crate) const fn of_ticks(ticks: i64) -> Self {
        Self(ticks)
    }

    pub(crate) const fn ticks(self) -> i64 {
        self.0
    }

    pub(crate) fn of_time(time: Option<Timestamp>) -> Self {
        time.map_or(Self::NONE, |time| Self::of(time.seconds(), time.nanos()))
    }

    pub(crate) fn time(self) -> Option<Timestamp> {
        let nanos = u32::try_from(self.0.rem_euclid(10_000_000)).unwrap_or(0) * 100;
        (self != Self::NONE).then(|| Timestamp::new(self.0.div_euclid(10_000_000), nanos))
    }
}

/// One member of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Where it is: of zip its header, of tar its content, of 7z its content in the unpacked block.
    pub(crate) at: u64,
    /// How many bytes it has in the archive.
    pub(crate) packed: u64,
    /// How many bytes it has.
    pub(crate) size: u64,
    pub(crate) modified: Stamp,
    /// CRC-32 of its content, where the format has one.
    pub(crate) check: Option<u32>,
    /// The block of a 7z archive.
    pub(crate) block: u32,
    pub(crate) how: How,
}

/// How a member is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// As it lies there.
    Stored,
    /// Deflate.
    Deflated,
    /// Deflate64, which Windows' Explorer writes for files above 2 GB.
    Deflated64,
    /// In a block of a 7z archive.
    Block,
    /// Not at all, and why.
    Not(Why),
    /// It is a folder.
    Folder,
    /// A link, by the table of targets.
    Link,
    /// A second name of another member, by the table of targets.
    HardLink,
    /// A device, FIFO, socket.
    Device,
}

/// Why a member is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    Encrypted,
    Bzip2,
    Lzma,
    Zstd,
    Method,
    Overlaps,
    Sparse,
    Outside,
}

impl Why {
    /// In words that follow the name.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Encrypted => "is encrypted in the archive",
            Self::Bzip2 => "is compressed with bzip2, which is not supported: unpack the archive with 7-Zip",
            Self::Lzma => "is compressed with LZMA, which is not supported: unpack the archive with 7-Zip",
            Self::Zstd => "is compressed with Zstandard, which is not supported: unpack the archive with 7-Zip",
            Self::Method => "is compressed by a method that is not supported: unpack the archive with 7-Zip",
            Self::Overlaps => "shares its bytes in the archive with other members, as in a zip bomb, and was not read",
            Self::Sparse => {
                "is stored as a sparse file in a form that is not supported: unpack the archive with GNU tar"
            }
            Self::Outside => "is outside the archive, which is truncated or damaged",
        }
    }
}
