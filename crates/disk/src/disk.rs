//! Opening a disk image: its format is recognised and opens it.

use crate::error::{Unopened, Why, failed, unopened};
use crate::files::Files;
use crate::image::Disk;
use crate::opening::{Container, Opening};
use crate::partitions::{FileSystem, Partitions, Table, partitions};
use crate::recognise::{Format, recognise};
use crate::{ReadAt, ewf, ova, qcow2, raw, vhd, vhdx, vmdk};
use std::sync::Arc;

/// Opens a disk image by its content; its name only tells what its other files are called.
///
/// # Errors
/// Says what is wrong with which file. An archive of several disks is refused here: [`open_all`].
pub fn open(files: &dyn Files, name: &str) -> Result<Disk, Unopened> {
    let mut disks = open_all(files, name)?;
    match (disks.len(), disks.pop()) {
        (1, Some(disk)) => Ok(disk),
        (count, _) => Err(unopened(name, Why::Unsupported, format!("it contains {count} disks"))),
    }
}

/// Opens all disks of an image: one, but for an OVA with several.
///
/// # Errors
/// As [`open`].
pub fn open_all(files: &dyn Files, name: &str) -> Result<Vec<Disk>, Unopened> {
    let mut opening = Opening::new(files, recognised);
    let source = opening.file(name)?;
    if recognise(&*source).map_err(|error| failed(name, &error))? == Format::Tar {
        return ova::open(name, &source, opening.parts, recognised);
    }
    opening.parts.clear();
    let container = opening.container(name, false)?;
    Ok(vec![opening.finish(container)])
}

/// Opens an image by its content. `as_raw`: whatever it looks like, it is the disk itself.
fn recognised(opening: &mut Opening<'_>, name: &str, as_raw: bool) -> Result<Container, Unopened> {
    let source = opening.file(name)?;
    let format_of = |source: &Arc<dyn ReadAt>| match as_raw {
        true => Ok(Format::Raw),
        false => recognise(&**source).map_err(|error| failed(name, &error)),
    };
    let first = format_of(&source)?;
    if first == Format::Ewf {
        report_table(opening, name, &source);
        return ewf::open(opening, name, source);
    }
    let joined = raw::join(opening, name, &source)?;
    let (source, format, is_split) = match joined {
        Some(joined) => {
            let format = format_of(&joined)?;
            (joined, format, true)
        }
        None => (source, first, false),
    };
    if !matches!(format, Format::Raw | Format::Vhd | Format::Tar | Format::Unread(_)) {
        report_table(opening, name, &source);
    }
    match format {
        Format::Ewf => Err(unopened(name, Why::Damaged, "its parts do not form an EWF image")),
        Format::Vhd => vhd::open(opening, name, source),
        Format::Vhdx => vhdx::open(opening, name, source),
        Format::VmdkSparse | Format::VmdkDescriptor | Format::VmdkCowd | Format::VmdkSeSparse => {
            vmdk::open(opening, name, source, format)
        }
        Format::Qcow2 => qcow2::open(opening, name, source),
        Format::Tar => Err(unopened(name, Why::Unsupported, "a tar archive is not a disk")),
        Format::Unread(what) => Err(unopened(name, Why::Unsupported, format!("{what} is not supported"))),
        Format::Raw => {
            let kind = if is_split { "raw, split" } else { "raw" };
            if !as_raw {
                raw::check(name, &source)?;
            }
            Ok(Container::new(source, kind))
        }
    }
}

/// Reports a container that is a disk as well: who can write the first sector of a disk can make an image of it look like a container that
/// shows another disk.
fn report_table(opening: &mut Opening<'_>, name: &str, source: &Arc<dyn ReadAt>) {
    // Packed bytes may look like a table by chance, yet lead to no volume.
    let leads_to_a_volume =
        |found: Partitions| found.list.iter().any(|partition| partition.file_system != FileSystem::Unknown);
    if partitions(source).is_ok_and(|found| found.table != Table::None && leads_to_a_volume(found)) {
        let text =
            "it has a partition table of its own: it may be a raw disk that was made to look like another format";
        opening.problem(name, text.to_owned());
    }
}
