//! OVA: a virtual machine as a tar archive with its disks. After DMTF's DSP0243 and the ustar format of POSIX.

use crate::bytes::{has, plain, read_vec};
use crate::cache::Caches;
use crate::error::{Unopened, Why, failed, unopened};
use crate::files::NamedFiles;
use crate::image::{Disk, Part};
use crate::opening::{Opening, Recognised};
use crate::{ReadAt, Window};
use std::io;
use std::sync::Arc;

/// An OVA has a handful of members.
const MEMBERS: usize = 1000;
const DISKS: usize = 64;
const BLOCK: u64 = 512;

/// Opens the disks of the archive.
pub(crate) fn open(
    name: &str,
    source: &Arc<dyn ReadAt>,
    parts: Vec<Part>,
    recognised: Recognised,
) -> Result<Vec<Disk>, Unopened> {
    let members = members(&**source).map_err(|error| failed(name, &error))?;
    if !members.first().is_some_and(|member| ends_in(&member.name, ".ovf")) {
        let reason = "it is an archive (tar), and no virtual machine (OVA), which begins with its .ovf";
        return Err(unopened(name, Why::Unsupported, reason));
    }
    let mut names: Vec<String> = members.iter().map(|member| member.name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    if let Some(twin) = names.windows(2).find(|pair| pair[0] == pair[1]).and_then(|pair| pair.first()) {
        return Err(unopened(name, Why::Damaged, format!("it has two members with the name {twin}")));
    }
    let files = members.iter().fold(NamedFiles::new(), |files, member| {
        files.with(&member.name, Arc::new(Window::new(Arc::clone(source), member.at, member.length)))
    });
    let caches = Caches::new();
    let mut disks = Vec::new();
    for member in members.iter().filter(|member| ends_in(&member.name, ".vmdk")) {
        if disks.len() == DISKS {
            return Err(unopened(name, Why::Unsupported, format!("it has more than {DISKS} disks: unpack it first")));
        }
        let is_cut = member.at.checked_add(member.length).is_none_or(|end| end > source.len());
        if is_cut {
            return Err(unopened(name, Why::Damaged, format!("its member {} is outside the file", member.name)));
        }
        let mut opening = Opening::new(&files, recognised);
        opening.caches = caches.clone();
        let within = |error: Unopened| Unopened { name: name.to_owned(), reason: format!("in it, {error}"), ..error };
        let container = opening.container(&member.name, false).map_err(within)?;
        let mut disk = opening.finish(container);
        disk.kind = "OVA";
        disk.parts = parts.iter().cloned().chain(disk.parts).collect();
        disks.push(disk);
    }
    match disks.is_empty() {
        true => Err(unopened(name, Why::Unsupported, "it contains no disk in a .vmdk")),
        false => Ok(disks),
    }
}

fn ends_in(name: &str, extension: &str) -> bool {
    let start = name.len().saturating_sub(extension.len());
    name.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(extension))
}

struct Member {
    name: String,
    at: u64,
    length: u64,
}

/// The regular files of the archive.
fn members(source: &dyn ReadAt) -> io::Result<Vec<Member>> {
    let (mut found, mut at, mut blocks) = (Vec::new(), 0u64, 0);
    while at.checked_add(BLOCK).is_some_and(|end| end <= source.len()) && blocks < MEMBERS {
        blocks += 1;
        let header = read_vec(source, at, 512, "its directory")?;
        if !has(&header, 257, b"ustar") {
            break;
        }
        let Some(length) = number(header.get(124..136).unwrap_or_default()) else { break };
        let field =
            |range: std::ops::Range<usize>| plain(&String::from_utf8_lossy(header.get(range).unwrap_or_default()));
        let (name, prefix) = (field(0..100), field(345..500));
        let is_file = matches!(header.get(156), Some(0 | b'0' | b'7'));
        let data = at + BLOCK;
        if is_file {
            let is_posix = has(&header, 257, b"ustar\0") && !prefix.is_empty();
            let name = if is_posix { format!("{prefix}/{name}") } else { name };
            let name = name.trim_start_matches("./").to_owned();
            found.push(Member { name, at: data, length });
        }
        let Some(next) = length.checked_next_multiple_of(BLOCK).and_then(|size| data.checked_add(size)) else { break };
        at = next;
    }
    Ok(found)
}

/// A number of a header: octal digits, or with the highest bit set the bytes themselves, for files of 8 GiB and more.
fn number(field: &[u8]) -> Option<u64> {
    if field.first().is_some_and(|first| first & 0x80 != 0) {
        let (high, low) = field.split_at_checked(4)?;
        return (*high == [0x80, 0, 0, 0]).then(|| low.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
    }
    let digits = field.iter().copied().filter(|byte| !matches!(byte, b' ' | 0));
    digits.into_iter().try_fold(0u64, |sum, digit| match digit {
        b'0'..=b'7' => sum.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
pub(crate) mod tests;
