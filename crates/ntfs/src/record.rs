//! A file or folder with everything in its records.

use crate::bytes::four_at;
use crate::entry::Times;
use crate::names::Namespace;
use crate::reparse::Reparse;
use crate::segment::{Attribute, Body, Reference, Segment, StoredName, flag, kind};
use shellsift_disk::numbers::{u16_at, u32_at, u64_at, units};
use std::collections::HashSet;

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The number of the record.
    pub number: u64,
    /// Which use of the record it is.
    pub sequence: u16,
    /// Whether the record is in use; otherwise its file is deleted.
    pub in_use: bool,
    /// Whether it is a folder.
    pub folder: bool,
    /// How many names the record counts, short ones not among them.
    pub link_count: u16,
    /// `FILE_ATTRIBUTE_*` of `$STANDARD_INFORMATION`.
    pub attributes: u32,
    /// The times of `$STANDARD_INFORMATION`.
    pub times: Times,
    /// Every `$FILE_NAME`.
    pub names: Vec<FileName>,
    /// Streams of data in the order of their first appearance.
    pub streams: Vec<StreamInfo>,
    /// The content of its reparse point.
    pub reparse: Option<Reparse>,
    /// What is wrong with it, to follow its name.
    pub problems: Vec<&'static str>,
}

/// A `$FILE_NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// The folder it lies in.
    pub parent: Reference,
    /// Which rules it obeys.
    pub space: Namespace,
    /// Units of UTF-16; they may be any, so also halves of a pair.
    pub units: Vec<u16>,
    /// The times that Windows sets with the name.
    pub times: Times,
}

/// A stream according to its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamInfo {
    /// Units of UTF-16; none for the content of the file.
    pub name: Vec<u16>,
    /// How long it is.
    pub size: u64,
    /// Whether it lies in the record.
    pub resident: bool,
    /// Whether NTFS compressed it.
    pub compressed: bool,
    /// Whether it is encrypted (EFS).
    pub encrypted: bool,
    /// Whether it may have holes.
    pub sparse: bool,
}

/// Streams of one file that are read. An attribute list of Windows has room for some thousands; real files have a handful.
const STREAMS: usize = 1_024;

impl Record {
    /// Whether an `FILE_ATTRIBUTE_*` is set.
    pub fn has(&self, attribute: u32) -> bool {
        self.attributes & attribute != 0
    }

    /// The first name that is not a short one, or that.
    pub fn name(&self) -> Option<&FileName> {
        self.names.iter().find(|name| name.space != Namespace::Dos).or(self.names.first())
    }

    pub(crate) fn new(number: u64, segment: Segment<'_>) -> Self {
        Self {
            number,
            sequence: segment.sequence(),
            in_use: segment.in_use(),
            folder: segment.folder(),
            link_count: segment.links(),
            attributes: 0,
            times: Times::default(),
            names: Vec::new(),
            streams: Vec::new(),
            reparse: None,
            problems: Vec::new(),
        }
    }

    pub(crate) fn problem(&mut self, reason: &'static str) {
        if !self.problems.contains(&reason) {
            self.problems.push(reason);
        }
    }

    /// Adds an attribute.
    pub(crate) fn add(&mut self, attribute: &Attribute<'_>, seen: &mut HashSet<Vec<u16>>) {
        match (attribute.kind, attribute.body) {
            (kind::STANDARD_INFORMATION, Body::Resident(content)) => {
                self.times = Times::new(four_at(content, 0).unwrap_or_default());
                self.attributes = u32_at(content, 32).unwrap_or_default();
            }
            (kind::FILE_NAME, Body::Resident(content)) => match StoredName::read(content) {
                Some(name) => self.names.push(FileName {
                    parent: name.parent,
                    space: Namespace::new(name.space),
                    units: units(name.name).collect(),
                    times: Times::new(name.times),
                }),
                None => self.problem("it has a damaged name"),
            },
            (kind::REPARSE_POINT, Body::Resident(content)) => self.reparse = Some(Reparse::read(content)),
            (kind::DATA, body) => self.add_stream(attribute, body, seen),
            _ => {}
        }
    }

    fn add_stream(&mut self, attribute: &Attribute<'_>, body: Body<'_>, seen: &mut HashSet<Vec<u16>>) {
        let (resident, size) = match body {
            Body::Resident(content) => (true, content.len() as u64),
            Body::Clusters(clusters) if clusters.first == 0 => (false, clusters.size),
            Body::Clusters(_) => return,
        };
        if self.streams.len() >= STREAMS {
            return self.problem("it has more than 1024 streams: the rest is not read");
        }
        let name: Vec<u16> = units(attribute.name).collect();
        if !seen.insert(name.clone()) {
            return self.problem("it has two streams of one name: only the first one is read");
        }
        self.streams.push(StreamInfo {
            name,
            size,
            resident,
            compressed: attribute.flags & flag::COMPRESSED != 0,
            encrypted: attribute.flags & flag::ENCRYPTED != 0,
            sparse: attribute.flags & flag::SPARSE != 0,
        });
    }
}

/// An entry of an attribute list: an attribute, and the record that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) kind: u32,
    pub(crate) first: u64,
    pub(crate) holder: Reference,
}

/// The entries of an attribute list, up to one that is damaged.
pub(crate) fn listed(mut list: &[u8]) -> Vec<Listed> {
    let mut entries = Vec::new();
    while let (Some(kind), Some(length)) = (u32_at(list, 0), u16_at(list, 4)) {
        let (Some(first), Some(holder)) = (u64_at(list, 8), u64_at(list, 16)) else { break };
        entries.push(Listed { kind, first, holder: Reference::new(holder) });
        match list.get(usize::from(length)..) {
            Some(rest) if length >= 26 => list = rest,
            _ => break,
        }
    }
    entries
}
