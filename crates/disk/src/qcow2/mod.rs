//! QCOW2, versions 2 and 3: the disks of QEMU, KVM, Proxmox and OpenStack. After QEMU's docs/interop/qcow2.txt. Numbers are big-endian.
//! The disk is the present state; snapshots inside the file are not read. qcow 1 and encrypted images are refused.

mod cluster;
mod header;

#[cfg(test)]
pub(crate) mod tests;

use crate::ReadAt;
use crate::bytes::damaged;
use crate::cache::{Caches, Own, Pages};
use crate::error::{Unopened, Why, failed, unopened};
use crate::files::candidates;
use crate::mapped::{Content, Mapped, Mapping, Parent, beneath};
use crate::opening::{Container, Opening};
use cluster::Method;
use header::Header;
use std::io;
use std::sync::Arc;

/// Bits 9 to 55 of an entry: a place in the file.
const PLACE: u64 = 0x00ff_ffff_ffff_fe00;
const PACKED: u64 = 1 << 62;
const SUBCLUSTERS: u64 = 32;

/// Opens a disk with its data file and its backing files.
pub(crate) fn open(opening: &mut Opening<'_>, name: &str, source: Arc<dyn ReadAt>) -> Result<Container, Unopened> {
    let header = Header::read(&*source).map_err(|error| failed(name, &error))?;
    if header.is_marked_corrupt {
        opening.problem(name, "it is marked as corrupt by QEMU".to_owned());
    }
    let data = match &header.data_file {
        None => Arc::clone(&source),
        Some(said) => data_file(opening, name, said)?,
    };
    let parent = match &header.backing {
        None => None,
        Some(said) => {
            if let Some((scheme, _)) = said.split_once(':').filter(|(scheme, _)| scheme.len() > 1) {
                let reason =
                    format!("its backing file is given as {scheme}: instead of a file name, which is not supported");
                return Err(unopened(name, Why::Unsupported, reason));
            }
            // The format holds no id of the backing file, so any of that name is taken.
            Some(opening.parent(name, std::slice::from_ref(said), &|_| true, header.backing_is_raw)?)
        }
    };
    let kind = match (&parent, &header.data_file) {
        (Some(_), _) => "QCOW2 with a backing file",
        (None, Some(_)) => "QCOW2 with a data file",
        (None, None) => "QCOW2",
    };
    let facts = header.facts();
    let disk = Qcow2::new(source, data, header, parent, &opening.caches).map_err(|error| failed(name, &error))?;
    Ok(Container { facts, ..Container::new(Arc::new(Mapped(disk)), kind) })
}

fn data_file(opening: &mut Opening<'_>, name: &str, said: &str) -> Result<Arc<dyn ReadAt>, Unopened> {
    for file in candidates(name, said) {
        match opening.file(&file) {
            Err(error) if error.why == Why::Missing => {}
            other => return other,
        }
    }
    let reason = format!("its data file is missing: it is named {said:?}; looked for only next to the image");
    Err(unopened(name, Why::Missing, reason))
}

/// The disk of a QCOW2 image.
struct Qcow2 {
    /// The image with its tables.
    pages: Pages,
    data: Arc<dyn ReadAt>,
    has_data_file: bool,
    cluster_bits: u32,
    table_at: u64,
    table_entries: u64,
    /// An entry of a second table has 128 bits and tells of 32 parts of its cluster.
    is_extended: bool,
    has_zero_flag: bool,
    method: Method,
    length: u64,
    parent: Option<Parent>,
    unpacked: Own,
}

impl Qcow2 {
    fn new(
        source: Arc<dyn ReadAt>,
        data: Arc<dyn ReadAt>,
        header: Header,
        parent: Option<Parent>,
        caches: &Caches,
    ) -> io::Result<Self> {
        let entry_bits = if header.is_extended { 4 } else { 3 };
        let covered_bits = header.cluster_bits + header.cluster_bits - entry_bits;
        let needed = header.length.div_ceil(1 << covered_bits);
        if u64::from(header.table_entries) < needed {
            return Err(damaged("its first table is too short for its disk"));
        }
        if needed.checked_mul(8).and_then(|size| size.checked_add(header.table_at)).is_none_or(|end| end > source.len())
        {
            return Err(damaged("its first table is outside the file"));
        }
        Ok(Self {
            pages: Pages::new(source, caches),
            data,
            has_data_file: header.data_file.is_some(),
            cluster_bits: header.cluster_bits,
            table_at: header.table_at,
            table_entries: needed,
            is_extended: header.is_extended,
            has_zero_flag: header.version >= 3,
            method: header.method,
            length: header.length,
            parent,
            unpacked: caches.unpacked(),
        })
    }

    fn cluster(&self) -> u64 {
        1 << self.cluster_bits
    }

    /// What a cluster holds that is neither packed nor absent.
    fn stored(&self, entry: u64, within: u64) -> io::Result<Content<'_>> {
        let place = entry & PLACE;
        // In a data file the first cluster of the disk may lie at 0; in the image the header does.
        if !place.is_multiple_of(self.cluster()) || (place == 0 && !self.has_data_file) {
            return Err(damaged("its tables have a cluster at no possible place"));
        }
        Ok(Content::Stored(&*self.data, place + within))
    }

    fn packed(&self, entry: u64, number: u64, within: u64) -> io::Result<Content<'_>> {
        if self.has_data_file {
            return Err(damaged("it has a data file and a compressed cluster, which is impossible"));
        }
        let bytes = self.unpacked.get_or(number, || {
            let unpacked = cluster::unpack(self.pages.source(), entry, self.cluster_bits, self.method);
            unpacked.map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => damaged(format!("its cluster {number} {error}")),
                _ => error,
            })
        })?;
        Ok(Content::Unpacked(bytes, usize::try_from(within).unwrap_or(usize::MAX)))
    }

    /// A cluster of 32 subclusters with a bit each for "allocated" and for "reads as zeros".
    fn parts(&self, entry: u64, bits: u64, at: u64) -> io::Result<(Content<'_>, u64)> {
        let within = at % self.cluster();
        let size = self.cluster() / SUBCLUSTERS;
        let number = within / size;
        let state = |number: u64| (bits >> number & 1 == 1, bits >> (number + SUBCLUSTERS) & 1 == 1);
        let alike = (number..SUBCLUSTERS).take_while(|other| state(*other) == state(number)).count() as u64;
        let reach = alike * size - within % size;
        let content = match state(number) {
            (true, true) => return Err(damaged("its tables have a part of a cluster that is there and zeros at once")),
            (true, false) => self.stored(entry, within)?,
            (false, true) => Content::Zeros,
            (false, false) => beneath(self.parent.as_ref(), at),
        };
        Ok((content, reach))
    }
}

impl Mapping for Qcow2 {
    fn length(&self) -> u64 {
        self.length
    }

    fn map(&self, at: u64, _: u64) -> io::Result<(Content<'_>, u64)> {
        let entry_size = if self.is_extended { 16 } else { 8 };
        let entries = self.cluster() / entry_size;
        let (number, within) = (at / self.cluster(), at % self.cluster());
        let left = self.cluster() - within;
        let (table, index) = (number / entries, number % entries);
        if table >= self.table_entries {
            return Err(damaged("its first table is too short for its disk"));
        }
        let table = self.pages.be64(self.table_at + 8 * table, "its first table")? & PLACE;
        if table == 0 {
            let all = (entries - index).saturating_mul(self.cluster()) - within;
            return Ok((beneath(self.parent.as_ref(), at), all.min(self.length - at)));
        }
        let place = table + index * entry_size;
        let entry = self.pages.be64(place, "one of its second tables")?;
        if entry & PACKED != 0 {
            return Ok((self.packed(entry, number, within)?, left));
        }
        if self.is_extended {
            let bits = self.pages.be64(place + 8, "one of its second tables")?;
            return self.parts(entry, bits, at);
        }
        let content = match (self.has_zero_flag && entry & 1 == 1, entry & PLACE) {
            (true, _) => Content::Zeros,
            // With a data file a cluster may lie at 0; the mark of a cluster that is used once tells it from one that is not there.
            (false, 0) if !(self.has_data_file && entry >> 63 == 1) => beneath(self.parent.as_ref(), at),
            (false, _) => self.stored(entry, within)?,
        };
        Ok((content, left))
    }
}
