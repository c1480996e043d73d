//! What a record of the log changes: names in folders, and content in records of the `$MFT`.

use crate::Reference;
use shellsift_disk::numbers::{u16_at, u32_at, u64_at};

/// Operations that are understood.
const INITIALIZE_RECORD: u16 = 0x02;
const CREATE_ATTRIBUTE: u16 = 0x05;
const DELETE_ATTRIBUTE: u16 = 0x06;
const UPDATE_RESIDENT: u16 = 0x07;
const ADD_ENTRY: [u16; 2] = [0x0C, 0x0E];
const DELETE_ENTRY: [u16; 2] = [0x0D, 0x0F];

/// Kinds of attributes.
const FILE_NAME: u32 = 0x30;
const DATA: u32 = 0x80;
/// A record has few attributes; each has 24 bytes at least.
const MOST_ATTRIBUTES: usize = 64;

/// How the volume is divided, to tell which record of the `$MFT` is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Bytes of a cluster.
    pub cluster: u32,
    /// Bytes of a record of the `$MFT`.
    pub record: u32,
}

/// A name that was given or taken away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameChange {
    /// The number of the record of the log; later changes have greater ones.
    pub lsn: u64,
    /// The transaction that it is part of: its changes were made at once.
    pub transaction: u32,
    /// What happened.
    pub kind: NameChangeKind,
    /// The file; unknown where a new record does not tell its own number.
    pub file: Option<Reference>,
    /// The folder.
    pub parent: Reference,
    /// The name.
    pub name: Vec<u16>,
    /// Its kind: 0 POSIX, 1 Win32, 2 DOS (8.3), 3 both.
    pub space: u8,
    /// Created, modified, changed and accessed as the folder had them then, as FILETIME (100 ns since 1601-01-01 UTC).
    pub times: [u64; 4],
    /// The size in bytes as the folder had it then.
    pub size: u64,
    /// The attributes (FILE_ATTRIBUTE_*).
    pub attributes: u32,
}

/// What happened to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameChangeKind {
    /// A record was made with it: the file was created.
    Created,
    /// It was added to its folder: created, renamed, moved, or its times were changed there.
    Added,
    /// It was removed from its folder: deleted, renamed, moved.
    Removed,
}

/// Content that was written into a record of the `$MFT`: that of small files, and of small streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The number of the record of the log.
    pub lsn: u64,
    /// The number of the record of the `$MFT`.
    pub record: u64,
    /// Where the bytes belong.
    pub part: ContentPart,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Which part of the content of a record some bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContentPart {
    /// The whole content of a stream; that of the file has no name.
    Whole {
        /// The name of the stream.
        stream: Vec<u16>,
    },
    /// A part of an attribute, whose kind the log does not tell; `$STANDARD_INFORMATION`, which is mostly first, is left out.
    Part {
        /// Where the attribute begins in the record.
        attribute: u16,
        /// Where the bytes begin in the attribute, its head included.
        offset: u16,
    },
}

/// An operation on records or folders.
pub(super) struct Operation<'d> {
    redo: (u16, &'d [u8]),
    undo: (u16, &'d [u8]),
    record: u64,
    attribute: u16,
    offset: u16,
}

impl<'d> Operation<'d> {
    /// The operation of a record of the log: a head of 32 bytes, and in it where data for doing and undoing it lie.
    pub(super) fn new(data: &'d [u8], geometry: Geometry) -> Option<Self> {
        let part = |at: usize| {
            let (start, length) = (usize::from(u16_at(data, at)?), usize::from(u16_at(data, at + 2)?));
            Some(data.get(start..start + length).unwrap_or_default())
        };
        let clusters = u64_at(data, 24)?.checked_mul(u64::from(geometry.cluster))?;
        let position = clusters.checked_add(u64::from(u16_at(data, 20)?) * 512)?;
        let mut operation = Self {
            redo: (u16_at(data, 0)?, part(4)?),
            undo: (u16_at(data, 2)?, part(8)?),
            record: position.checked_div(u64::from(geometry.record))?,
            attribute: u16_at(data, 16)?,
            offset: u16_at(data, 18)?,
        };
        // Records since Windows XP tell their number; the place of the change can be reckoned wrongly, this cannot.
        let (kind, record) = operation.redo;
        if kind == INITIALIZE_RECORD && u16_at(record, 4).is_some_and(|guard| guard >= 48) {
            operation.record = u64::from(u32_at(record, 44).unwrap_or_default());
        }
        Some(operation)
    }

    pub(super) fn names(&self, lsn: u64, transaction: u32) -> Vec<NameChange> {
        let mut found = Vec::new();
        let change =
            |kind, file, key: &[u8]| named(key).map(|name| NameChange { lsn, transaction, kind, file, ..name });
        if self.redo.0 == INITIALIZE_RECORD {
            for attribute in attributes(self.redo.1).filter(|attribute| attribute.kind == FILE_NAME) {
                let sequence = u16_at(self.redo.1, 16).unwrap_or_default();
                let file = Reference { number: self.record, sequence };
                found.extend(change(NameChangeKind::Created, Some(file), attribute.content));
            }
        }
        let entries = [
            (ADD_ENTRY.contains(&self.redo.0), NameChangeKind::Added, self.redo.1),
            (DELETE_ENTRY.contains(&self.redo.0), NameChangeKind::Removed, self.undo.1),
        ];
        for (_, kind, entry) in entries.into_iter().filter(|(is, ..)| *is) {
            let file = u64_at(entry, 0).map(Reference::new);
            let key = u16_at(entry, 10).and_then(|length| entry.get(16..16 + usize::from(length)));
            found.extend(key.and_then(|key| change(kind, file, key)));
        }
        found
    }

    pub(super) fn content(&self, lsn: u64) -> Vec<Content> {
        let whole = |attribute: Attribute<'_>| Content {
            lsn,
            record: self.record,
            part: ContentPart::Whole { stream: attribute.name() },
            bytes: attribute.content.to_vec(),
        };
        let is_data = |attribute: &Attribute<'_>| attribute.kind == DATA && !attribute.content.is_empty();
        let mut found = Vec::new();
        match self.redo.0 {
            INITIALIZE_RECORD => found.extend(attributes(self.redo.1).filter(is_data).map(whole)),
            CREATE_ATTRIBUTE => found.extend(Attribute::new(self.redo.1).filter(is_data).map(whole)),
            DELETE_ATTRIBUTE => found.extend(Attribute::new(self.undo.1).filter(is_data).map(whole)),
            // Behind the head of the record and $STANDARD_INFORMATION, and not one of the numbers that change at every turn.
            UPDATE_RESIDENT if self.attribute > 0x60 => {
                for bytes in
                    [self.undo, self.redo].into_iter().filter(|part| part.0 == UPDATE_RESIDENT && part.1.len() > 8)
                {
                    let part = ContentPart::Part { attribute: self.attribute, offset: self.offset };
                    found.push(Content { lsn, record: self.record, part, bytes: bytes.1.to_vec() });
                }
            }
            _ => {}
        }
        found
    }
}

/// An attribute that lies in its record.
struct Attribute<'d> {
    kind: u32,
    name: &'d [u8],
    content: &'d [u8],
}

impl<'d> Attribute<'d> {
    fn new(bytes: &'d [u8]) -> Option<Self> {
        // Content in clusters is not here.
        if *bytes.get(8)? != 0 {
            return None;
        }
        let name_at = usize::from(u16_at(bytes, 10)?);
        let name = bytes.get(name_at..name_at + 2 * usize::from(*bytes.get(9)?)).unwrap_or_default();
        let (length, at) = (u32_at(bytes, 16)? as usize, usize::from(u16_at(bytes, 20)?));
        Some(Self { kind: u32_at(bytes, 0)?, name, content: bytes.get(at..at.checked_add(length)?)? })
    }

    fn name(&self) -> Vec<u16> {
        units(self.name)
    }
}

/// The attributes of a record that lie in it.
fn attributes(record: &[u8]) -> impl Iterator<Item = Attribute<'_>> {
    let first = u16_at(record, 20).filter(|_| record.starts_with(b"FILE")).map(usize::from);
    let step = move |at: &usize| {
        let length = u32_at(record, at + 4)? as usize;
        (length >= 24).then(|| at.checked_add(length)).flatten().filter(|next| *next < record.len())
    };
    let places = std::iter::successors(first, step).take(MOST_ATTRIBUTES);
    places.filter_map(move |at| Attribute::new(record.get(at..)?))
}

/// A name as records and folders store it; of an index of something else nothing comes.
fn named(key: &[u8]) -> Option<NameChange> {
    let length = usize::from(*key.get(64)?);
    let space = *key.get(65)?;
    let name = units(key.get(66..66 + 2 * length)?);
    if length == 0 || space > 3 || key.len() >= 66 + 2 * length + 8 {
        return None;
    }
    let time = |at| u64_at(key, at).unwrap_or_default();
    Some(NameChange {
        lsn: 0,
        transaction: 0,
        kind: NameChangeKind::Added,
        file: None,
        parent: Reference::new(u64_at(key, 0)?),
        name,
        space,
        times: [time(8), time(16), time(24), time(32)],
        size: time(48),
        attributes: u32_at(key, 56)?,
    })
}

fn units(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect()
}
