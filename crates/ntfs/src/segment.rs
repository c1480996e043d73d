//! One record of the `$MFT` and its attributes.
//! Source: the NTFS documentation of the Linux-NTFS project and of libfsntfs.

use shellsift_disk::numbers::{u16_at, u32_at, u64_at};

/// The kinds of attributes that are read.
pub(crate) mod kind {
    pub(crate) const STANDARD_INFORMATION: u32 = 0x10;
    pub(crate) const ATTRIBUTE_LIST: u32 = 0x20;
    pub(crate) const FILE_NAME: u32 = 0x30;
    pub(crate) const VOLUME_NAME: u32 = 0x60;
    pub(crate) const VOLUME_INFORMATION: u32 = 0x70;
    pub(crate) const DATA: u32 = 0x80;
    pub(crate) const INDEX_ROOT: u32 = 0x90;
    pub(crate) const INDEX_ALLOCATION: u32 = 0xA0;
    pub(crate) const BITMAP: u32 = 0xB0;
    pub(crate) const REPARSE_POINT: u32 = 0xC0;
    pub(crate) const END: u32 = u32::MAX;
}

/// Flags of an attribute.
pub(crate) mod flag {
    /// The method of compression; 1 is LZNT1.
    pub(crate) const COMPRESSED: u16 = 0x00FF;
    pub(crate) const ENCRYPTED: u16 = 0x4000;
    pub(crate) const SPARSE: u16 = 0x8000;
}

/// Records that have their place.
pub(crate) mod number {
    pub(crate) const MFT: u64 = 0;
    pub(crate) const VOLUME: u64 = 3;
    pub(crate) const ROOT: u64 = 5;
    pub(crate) const BITMAP: u64 = 6;
    pub(crate) const UPPER_CASE: u64 = 10;
}

/// The number of a record and which use of it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    /// The number of the record: 48 bits.
    pub number: u64,
    /// Counts the uses of the record.
    pub sequence: u16,
}

impl Reference {
    /// Takes one apart as it is stored.
    pub fn new(stored: u64) -> Self {
        Self { number: stored & 0xFFFF_FFFF_FFFF, sequence: (stored >> 48) as u16 }
    }
}

/// A record with its sectors put right.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'a>(pub(crate) &'a [u8]);

impl<'a> Segment<'a> {
    pub(crate) fn has_signature(&self) -> bool {
        self.0.starts_with(b"FILE")
    }

    pub(crate) fn sequence(&self) -> u16 {
        u16_at(self.0, 16).unwrap_or_default()
    }

    pub(crate) fn links(&self) -> u16 {
        u16_at(self.0, 18).unwrap_or_default()
    }

    fn flags(&self) -> u16 {
        u16_at(self.0, 22).unwrap_or_default()
    }

    pub(crate) fn in_use(&self) -> bool {
        self.flags() & 1 != 0
    }

    pub(crate) fn folder(&self) -> bool {
        self.flags() & 2 != 0
    }

    /// The record that this one continues.
    pub(crate) fn base(&self) -> Option<Reference> {
        u64_at(self.0, 32).map(Reference::new).filter(|base| base.number != 0)
    }

    /// The number of the record as it says itself (since Windows XP).
    pub(crate) fn attributes(&self) -> Attributes<'a> {
        Attributes { record: self.0, at: usize::from(u16_at(self.0, 20).unwrap_or(u16::MAX)), ended: false }
    }
}

/// The attributes of a record in their order.
pub(crate) struct Attributes<'a> {
    record: &'a [u8],
    at: usize,
    ended: bool,
}

impl Attributes<'_> {
    /// Where the next one would lie.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Whether they ended with the mark of the end, as they have to.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    fn next(&mut self) -> Option<Attribute<'a>> {
        if u32_at(self.record, self.at)? == kind::END {
            self.ended = true;
            return None;
        }
        let length = u32_at(self.record, self.at + 4)? as usize;
        let bytes = self.record.get(self.at..self.at.checked_add(length)?).filter(|_| length >= 24)?;
        let attribute = Attribute::read(bytes)?;
        self.at += length;
        Some(attribute)
    }
}

/// What a record says of one thing: a name, a stream, times.
pub(crate) struct Attribute<'a> {
    pub(crate) kind: u32,
    pub(crate) flags: u16,
    /// In UTF-16.
    pub(crate) name: &'a [u8],
    pub(crate) body: Body<'a>,
}

/// Where the content of an attribute lies.
#[derive(Clone, Copy)]
pub(crate) enum Body<'a> {
    /// In the record.
    Resident(&'a [u8]),
    /// In clusters.
    Clusters(Clusters<'a>),
}

/// Content in clusters, or a part of it where it goes on in another record.
#[derive(Clone, Copy)]
pub(crate) struct Clusters<'a> {
    /// The first cluster of the stream that is listed here.
    pub(crate) first: u64,
    /// Clusters that are compressed together, as a power of two; 0 where they are not.
    pub(crate) unit: u8,
    /// How long the stream is. Of the first part only, as what follows.
    pub(crate) size: u64,
    /// How much of it was ever written; what follows are zeros.
    pub(crate) valid: u64,
    pub(crate) pairs: &'a [u8],
}

impl<'a> Attribute<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (of_name, at) = (usize::from(*bytes.get(9)?), usize::from(u16_at(bytes, 10)?));
        let name = if of_name == 0 { &[][..] } else { bytes.get(at..at + 2 * of_name)? };
        let body = if *bytes.get(8)? == 0 {
            let (length, at) = (u32_at(bytes, 16)? as usize, usize::from(u16_at(bytes, 20)?));
            Body::Resident(bytes.get(at..at.checked_add(length)?)?)
        } else {
            Body::Clusters(Clusters {
                first: u64_at(bytes, 16)?,
                unit: *bytes.get(34)?,
                size: u64_at(bytes, 48)?,
                valid: u64_at(bytes, 56)?,
                pairs: bytes.get(usize::from(u16_at(bytes, 32)?)..)?,
            })
        };
        Some(Self { kind: u32_at(bytes, 0)?, flags: u16_at(bytes, 12)?, name, body })
    }

    pub(crate) fn resident(&self) -> Option<&'a [u8]> {
        match self.body {
            Body::Resident(content) => Some(content),
            Body::Clusters(_) => None,
        }
    }

    pub(crate) fn clusters(&self) -> Option<Clusters<'a>> {
        match self.body {
            Body::Resident(_) => None,
            Body::Clusters(clusters) => Some(clusters),
        }
    }

    /// The content that lies in the record, where the attribute is of this kind.
    pub(crate) fn content_of(&self, kind: u32) -> Option<&'a [u8]> {
        self.resident().filter(|_| self.kind == kind)
    }

    /// How long the stream is; `None` of a part that goes on with it.
    pub(crate) fn first_size(&self) -> Option<u64> {
        match self.body {
            Body::Resident(content) => Some(content.len() as u64),
            Body::Clusters(clusters) => (clusters.first == 0).then_some(clusters.size),
        }
    }

    /// The tag of a reparse point; 0 where it does not lie in the record, which no tag is.
    pub(crate) fn reparse_tag(&self) -> u32 {
        self.resident().and_then(|content| u32_at(content, 0)).unwrap_or_default()
    }
}

/// A `$FILE_NAME` as it is stored.
pub(crate) struct StoredName<'a> {
    pub(crate) parent: Reference,
    pub(crate) times: [u64; 4],
    pub(crate) space: u8,
    /// In UTF-16.
    pub(crate) name: &'a [u8],
}

impl<'a> StoredName<'a> {
    pub(crate) fn read(content: &'a [u8]) -> Option<Self> {
        let of_name = usize::from(*content.get(64)?);
        Some(Self {
            parent: Reference::new(u64_at(content, 0)?),
            times: crate::bytes::four_at(content, 8)?,
            space: *content.get(65)?,
            name: content.get(66..66 + 2 * of_name)?,
        })
    }
}
