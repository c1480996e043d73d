//! VMDK: the disks of VMware, whole or in extents, with snapshots. After VMware's "Virtual Disk Format 5.0"; seSparse after what QEMU's
//! block/vmdk.c documents of its fields.

mod beneath;
mod descriptor;
mod sesparse;
mod sparse;

#[cfg(test)]
pub(crate) mod tests;

use crate::ReadAt;
use crate::bytes::read_vec;
use crate::error::{Unopened, Why, failed, unopened};
use crate::files::candidates;
use crate::image::Fact;
use crate::mapped::{Joined, Mapped, Piece, Plain};
use crate::opening::{Container, Identity, Opening};
use crate::recognise::Format;
use beneath::{Beneath, SECTOR};
use descriptor::{Descriptor, Extent};
use sesparse::SeSparse;
use sparse::{Header, Sparse};
use std::io;
use std::sync::Arc;

/// The longest descriptor: one of a disk of 64 TiB in extents of 2 GiB has 2 MiB.
const TEXT: u64 = 4 << 20;
/// No parent.
const NONE: u32 = u32::MAX;

/// Opens a disk with its extents and parents.
pub(crate) fn open(
    opening: &mut Opening<'_>,
    name: &str,
    source: Arc<dyn ReadAt>,
    format: Format,
) -> Result<Container, Unopened> {
    let bad = |error: io::Error| failed(name, &error);
    match format {
        Format::VmdkDescriptor => {
            let size = usize::try_from(source.len().min(TEXT)).unwrap_or(0);
            let text = read_vec(&*source, 0, size, "its descriptor").map_err(bad)?;
            assemble(opening, name, &Descriptor::parse(&text).map_err(bad)?, None)
        }
        Format::VmdkSparse => {
            let header = Header::read(&*source).map_err(bad)?;
            let Some((at, size)) = header.descriptor else { return Err(only_extent(name)) };
            let size = usize::try_from(size.min(TEXT)).unwrap_or(0);
            let text = read_vec(&*source, at, size, "its descriptor").map_err(bad)?;
            // QEMU leaves room for one in extents that have none.
            if text.iter().all(|byte| *byte == 0) {
                return Err(only_extent(name));
            }
            let descriptor = Descriptor::parse(&text).map_err(bad)?;
            if descriptor.extents.len() != 1 {
                return Err(only_extent(name));
            }
            assemble(opening, name, &descriptor, Some((source, header)))
        }
        _ => Err(only_extent(name)),
    }
}

/// An extent does not know whether it has a parent, so what it does not hold would be read as zeros.
fn only_extent(name: &str) -> Unopened {
    let reason = "it is only an extent of a VMware disk; specify the descriptor, the small .vmdk next to it";
    unopened(name, Why::Unsupported, reason)
}

fn assemble(
    opening: &mut Opening<'_>,
    name: &str,
    descriptor: &Descriptor,
    whole: Option<(Arc<dyn ReadAt>, Header)>,
) -> Result<Container, Unopened> {
    let bad = |error: io::Error| failed(name, &error);
    let parent = match descriptor.parent_cid {
        NONE => None,
        cid => {
            let hint = descriptor.parent.clone().unwrap_or_default();
            let is_the_one = |identity| identity == Identity::Vmdk(cid);
            Some(Arc::new(opening.parent(name, &[hint], &is_the_one, false)?))
        }
    };
    let is_child = parent.is_some();
    let mut pieces = Vec::with_capacity(descriptor.extents.len());
    let mut beneath = Beneath { parent, start: 0 };
    if let Some((source, header)) = whole {
        pieces.push(Piece::Source(Arc::new(Mapped(
            Sparse::new(source, &header, beneath, &opening.caches).map_err(bad)?,
        ))));
    } else {
        for extent in &descriptor.extents {
            let length = extent.sectors.saturating_mul(SECTOR);
            pieces.push(piece(opening, name, extent, length, &beneath)?);
            beneath.start = beneath.start.saturating_add(length);
        }
    }
    let too_long = || unopened(name, Why::Damaged, "its extents are too long");
    let mut data: Vec<Piece> = pieces;
    let data: Arc<dyn ReadAt> = match (data.len(), data.pop()) {
        (1, Some(Piece::Source(one))) => one,
        (_, last) => {
            data.extend(last);
            Arc::new(Mapped(Joined::new(data).ok_or_else(too_long)?))
        }
    };
    let facts = vec![Fact { name: "type", value: descriptor.create_type.clone() }];
    let kind = if is_child { "VMDK snapshot" } else { kind(&descriptor.create_type) };
    Ok(Container { identity: Identity::Vmdk(descriptor.cid), facts, ..Container::new(data, kind) })
}

fn kind(create_type: &str) -> &'static str {
    const KINDS: &[(&str, &str)] = &[
        ("monolithicSparse", "VMDK, monolithicSparse"),
        ("monolithicFlat", "VMDK, monolithicFlat"),
        ("twoGbMaxExtentSparse", "VMDK, twoGbMaxExtentSparse"),
        ("twoGbMaxExtentFlat", "VMDK, twoGbMaxExtentFlat"),
        ("streamOptimized", "VMDK, streamOptimized"),
        ("vmfs", "VMDK, vmfs"),
        ("vmfsSparse", "VMDK, vmfsSparse"),
        ("seSparse", "VMDK, seSparse"),
    ];
    KINDS.iter().find(|(id, _)| id.eq_ignore_ascii_case(create_type)).map_or("VMDK", |(_, kind)| kind)
}

/// Opens an extent.
fn piece(
    opening: &mut Opening<'_>,
    name: &str,
    extent: &Extent,
    length: u64,
    beneath: &Beneath,
) -> Result<Piece, Unopened> {
    let is = |kinds: &[&str]| kinds.iter().any(|kind| extent.kind.eq_ignore_ascii_case(kind));
    if is(&["ZERO"]) {
        return Ok(Piece::Zeros(length));
    }
    if is(&["VMFSRDM", "VMFSRAW", "VMFSRDMP", "VMFSPASSTHROUGHRAWDEVICEMAP"]) {
        return Err(unopened(
            name,
            Why::Unsupported,
            "its data is on a device of its host (raw device mapping), not in a file",
        ));
    }
    let (file, source) = extent_file(opening, name, extent)?;
    let bad = |error: io::Error| failed(&file, &error);
    let too_short = |held: u64| format!("its extent {file} contains {held} of {length} bytes");
    let data: Arc<dyn ReadAt> = if is(&["FLAT", "VMFS"]) {
        let start = extent.offset.saturating_mul(SECTOR);
        let held = source.len().saturating_sub(start);
        if held < length {
            opening.problem(name, too_short(held));
        }
        Arc::new(Mapped(Plain { source, start, length }))
    } else if is(&["SPARSE"]) {
        let header = Header::read(&*source).map_err(bad)?;
        Arc::new(Mapped(Sparse::new(source, &header, beneath.clone(), &opening.caches).map_err(bad)?))
    } else if is(&["VMFSSPARSE"]) {
        let header = Header::cowd(&*source).map_err(bad)?;
        Arc::new(Mapped(Sparse::new(source, &header, beneath.clone(), &opening.caches).map_err(bad)?))
    } else if is(&["SESPARSE"]) {
        Arc::new(Mapped(SeSparse::new(source, beneath.clone(), &opening.caches).map_err(bad)?))
    } else {
        return Err(unopened(name, Why::Unsupported, format!("an extent of type {} is not supported", extent.kind)));
    };
    if data.len() == length {
        return Ok(Piece::Source(data));
    }
    // The next extent begins where the descriptor says, whatever this one holds.
    if data.len() < length {
        opening.problem(name, too_short(data.len()));
    }
    Ok(Piece::Source(Arc::new(Mapped(Plain { source: data, start: 0, length }))))
}

fn extent_file(opening: &mut Opening<'_>, name: &str, extent: &Extent) -> Result<(String, Arc<dyn ReadAt>), Unopened> {
    let names = candidates(name, &extent.file);
    for file in &names {
        match opening.file(file) {
            Err(error) if error.why == Why::Missing => {}
            Err(error) => return Err(error),
            Ok(source) => return Ok((file.clone(), source)),
        }
    }
    let reason = match names.last() {
        Some(file) => format!("its extent {file} is missing"),
        None => format!("one of its extents is named {:?}, which is not a file next to it", extent.file),
    };
    Err(unopened(name, Why::Missing, reason))
}
