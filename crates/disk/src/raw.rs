//! Raw images, whole or split: disk.001, disk.002, ...; disk.000, ...; disk.aa, disk.ab, ...

use crate::error::{Unopened, Why, failed, unopened};
use crate::files::{beside, split};
use crate::mapped::{Joined, Mapped, Piece};
use crate::opening::Opening;
use crate::partitions::partitions;
use crate::{ReadAt, Window};
use std::io;
use std::sync::Arc;

/// How the parts of an image are numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Numbers {
    /// With so many digits, more where they do not suffice.
    Digits(usize),
    /// With so many letters, as split(1) does it; with the case of the first one.
    Letters(usize, bool),
}

/// How many parts an image may have.
const PARTS: u64 = 20_000;

impl Numbers {
    /// What an extension numbers, and the number.
    fn of(extension: &str) -> Option<(Self, u64)> {
        let width = extension.len();
        if !(2..=6).contains(&width) {
            return None;
        }
        if extension.bytes().all(|byte| byte.is_ascii_digit()) {
            return extension.parse().ok().map(|number| (Self::Digits(width), number));
        }
        let is_upper = extension.bytes().all(|byte| byte.is_ascii_uppercase());
        if width > 4 || !(is_upper || extension.bytes().all(|byte| byte.is_ascii_lowercase())) {
            return None;
        }
        let value = |number: u64, byte: u8| number * 26 + u64::from(byte.to_ascii_lowercase().saturating_sub(b'a'));
        Some((Self::Letters(width, is_upper), extension.bytes().fold(0, value)))
    }

    fn extension(self, number: u64) -> String {
        match self {
            Self::Digits(width) => format!("{number:0width$}"),
            Self::Letters(width, is_upper) => {
                let mut letters: Vec<char> = Vec::with_capacity(width);
                let mut rest = number;
                for _ in 0..width {
                    let first = if is_upper { b'A' } else { b'a' };
                    letters.push(char::from(first + u8::try_from(rest % 26).unwrap_or(0)));
                    rest /= 26;
                }
                letters.into_iter().rev().collect()
            }
        }
    }

    /// The number of another part of the same series.
    fn number(self, extension: &str) -> Option<u64> {
        let (other, number) = Self::of(extension)?;
        match (self, other) {
            (Self::Digits(width), Self::Digits(_)) => {
                (self.extension(number) == extension && extension.len() >= width).then_some(number)
            }
            _ => (self == other).then_some(number),
        }
    }
}

/// The parts of a split image as one, if `name` is the first of several.
pub(crate) fn join(
    opening: &mut Opening<'_>,
    name: &str,
    first: &Arc<dyn ReadAt>,
) -> Result<Option<Arc<dyn ReadAt>>, Unopened> {
    let (folder, file) = split(name);
    let Some((stem, extension)) = file.rsplit_once('.') else { return Ok(None) };
    let Some((numbers, start)) = Numbers::of(extension) else { return Ok(None) };
    let names = opening.files.names(folder).map_err(|error| failed(name, &error))?;
    let number_of = |other: &String| {
        let (other_stem, other_extension) = other.rsplit_once('.')?;
        if other_stem.eq_ignore_ascii_case(stem) { numbers.number(other_extension) } else { None }
    };
    let mut found: Vec<u64> = names.iter().filter_map(number_of).collect();
    found.sort_unstable();
    found.dedup();
    let is_series = found.contains(&start) && found.len() > 1;
    let lowest = found.first().copied().unwrap_or(start);
    let begins = match numbers {
        Numbers::Digits(_) => start <= 1 && start == lowest,
        Numbers::Letters(..) => start == 0,
    };
    if !is_series {
        return Ok(None);
    }
    if !begins {
        // Three files with numbers for extensions are no split image; one with a first part is.
        if lowest <= 1 && lowest < start {
            let reason = format!("it is a part of a split image that begins with {stem}.{}", numbers.extension(lowest));
            return Err(unopened(name, Why::Unsupported, reason));
        }
        return Ok(None);
    }
    let found: Vec<u64> = found.into_iter().filter(|number| *number >= start).collect();
    if let Some(index) = (start..).zip(&found).position(|(expected, number)| expected != *number) {
        let missing = format!("{stem}.{}", numbers.extension(start + index as u64));
        return Err(unopened(name, Why::Missing, format!("its part {missing} is missing, and later ones are there")));
    }
    if found.len() as u64 > PARTS {
        return Err(unopened(name, Why::Unsupported, format!("it has more than {PARTS} parts")));
    }
    joined(opening, name, first, found.iter().skip(1).map(|number| format!("{stem}.{}", numbers.extension(*number))))
        .map(Some)
}

fn joined(
    opening: &mut Opening<'_>,
    name: &str,
    first: &Arc<dyn ReadAt>,
    others: impl Iterator<Item = String>,
) -> Result<Arc<dyn ReadAt>, Unopened> {
    let size = first.len();
    let (mut pieces, mut short) = (vec![Piece::Source(Arc::clone(first))], None);
    for other in others {
        // All parts but the last are of one size. A shorter one in the middle was cut, and what follows would lie at wrong places.
        if let Some(short) = short {
            let reason = format!(
                "its part {short} is not as long as the first one, so the places of what follows are not known"
            );
            return Err(unopened(name, Why::Damaged, reason));
        }
        let part = opening.file(&beside(name, &other))?;
        if part.len() != size {
            short = Some(other);
        }
        pieces.push(Piece::Source(part));
    }
    let joined = Joined::new(pieces).ok_or_else(|| unopened(name, Why::Damaged, "its parts are too long"))?;
    Ok(Arc::new(Mapped(joined)))
}

/// How much of a file is looked at before it is said to hold only zeros.
const LOOKED: u64 = 64 << 20;

/// Refuses a file that does not look like a disk.
pub(crate) fn check(name: &str, source: &Arc<dyn ReadAt>) -> Result<(), Unopened> {
    if source.is_empty() {
        return Err(unopened(name, Why::Unknown, "it is empty"));
    }
    if is_disk(source).map_err(|error| failed(name, &error))? {
        return Ok(());
    }
    let reason = match are_zeros(source).map_err(|error| failed(name, &error))? {
        false => "it is not a known disk image: there is neither a partition table nor a volume at its start",
        true if source.len() <= LOOKED => "it contains only zeros",
        true => "it contains only zeros in its first 64 MiB",
    };
    Err(unopened(name, Why::Unknown, reason))
}

/// Whether bytes look like a disk: a partition table, or a volume that is known.
fn is_disk(source: &Arc<dyn ReadAt>) -> io::Result<bool> {
    Ok(!partitions(source)?.list.is_empty())
}

fn are_zeros(source: &Arc<dyn ReadAt>) -> io::Result<bool> {
    let source = Window::new(Arc::clone(source), 0, LOOKED);
    let mut buffer = vec![0; 1 << 20];
    let mut at = 0;
    loop {
        let read = source.read_at(&mut buffer, at)?;
        let part = buffer.get(..read).unwrap_or_default();
        if part.is_empty() || part.iter().any(|byte| *byte != 0) {
            return Ok(part.is_empty());
        }
        at += part.len() as u64;
    }
}

#[cfg(test)]
mod tests;
