//! Streams that NTFS compressed: units of clusters, of which as many are taken as the packed bytes need. A unit that has all of its
//! clusters is not packed, one that has none is zeros. Source: the NTFS documentation of the Linux-NTFS project and of libfsntfs.

use crate::bytes::fitting;
use crate::error::Broken;
use crate::lznt1;
use crate::plain::Plain;
use crate::runs::{self, HOLE, NOWHERE};
use std::sync::Mutex;

/// Largest unit; Windows has 64 KiB.
const LARGEST: u64 = 64 * lznt1::CHUNK as u64;

pub(crate) struct Packed {
    /// The clusters, as far as they are listed: packed bytes lie behind the size and behind the valid data, too.
    plain: Plain,
    size: u64,
    valid: u64,
    /// Bytes of a unit.
    unit: u64,
    last: Mutex<Unit>,
}

/// The unit that was unpacked last.
#[derive(Default)]
struct Unit {
    number: Option<u64>,
    bytes: Vec<u8>,
    /// Chunks that are broken, the lowest bit for the first one.
    broken: u64,
    reason: String,
    packed: Vec<u8>,
}

impl Packed {
    /// `unit` is the number of clusters of a unit as a power of two. `None` if that is no size of a unit.
    pub(crate) fn new(mut plain: Plain, unit: u8) -> Option<Self> {
        let unit = 1_u64.checked_shl(u32::from(unit))?.checked_mul(plain.cluster).filter(|unit| *unit <= LARGEST)?;
        let (size, valid) = (plain.size, plain.valid);
        (plain.size, plain.valid) = (u64::MAX, u64::MAX);
        (unit >= lznt1::CHUNK as u64).then(|| Self { plain, size, valid, unit, last: Mutex::default() })
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn read_some(&self, buffer: &mut [u8], at: u64) -> Result<usize, Broken> {
        let count = fitting(buffer, self.size.saturating_sub(at));
        if at >= self.valid {
            buffer.get_mut(..count).unwrap_or_default().fill(0);
            return Ok(count);
        }
        let written = self.valid.min(self.size);
        let (number, inside) = (at / self.unit, at % self.unit);
        let mut unit = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if unit.number != Some(number) {
            unit.number = None;
            self.unpack(number, &mut unit);
            unit.number = Some(number);
        }
        let start = number * self.unit;
        let chunk = lznt1::CHUNK as u64;
        let is_broken = |index: u64| unit.broken >> index.min(63) & 1 != 0;
        let mut index = inside / chunk;
        let state = is_broken(index);
        while (index + 1) * chunk < self.unit && is_broken(index + 1) == state {
            index += 1;
        }
        let end = start.saturating_add(((index + 1) * chunk).min(self.unit)).min(written);
        if state {
            return Err(Broken { range: at..end, reason: unit.reason.clone() });
        }
        let count = fitting(buffer, end - at);
        let rest =
            usize::try_from(inside).ok().and_then(|inside| unit.bytes.get(inside..)?.get(..count)).unwrap_or_default();
        buffer.get_mut(..rest.len()).unwrap_or_default().copy_from_slice(rest);
        Ok(rest.len())
    }

    /// Unpacks a unit; what cannot be had of it is marked broken.
    fn unpack(&self, number: u64, unit: &mut Unit) {
        let size = usize::try_from(self.unit).unwrap_or_default();
        unit.bytes.resize(size, 0);
        unit.broken = 0;
        let result = self.clusters(number).and_then(|taken| {
            let start = number * self.unit;
            let raw = |bytes: &mut [u8]| self.plain.read_whole(bytes, start).map_err(|broken| broken.reason);
            match taken {
                0 => unit.bytes.fill(0),
                all if all == self.unit => raw(&mut unit.bytes)?,
                some => {
                    unit.packed.resize(usize::try_from(some).unwrap_or_default(), 0);
                    raw(&mut unit.packed)?;
                    unit.broken = lznt1::unpack(&unit.packed, &mut unit.bytes);
                    unit.reason = "they are compressed (LZNT1), and that is damaged".into();
                }
            }
            Ok(())
        });
        if let Err(reason) = result {
            unit.broken = u64::MAX;
            unit.reason = reason;
        }
    }

    /// How many bytes of clusters a unit has. They lie in front of it.
    fn clusters(&self, number: u64) -> Result<u64, String> {
        let cluster = self.plain.cluster;
        let (first, end) = (number * (self.unit / cluster), (number + 1) * (self.unit / cluster));
        let Some((index, _)) = runs::at(&self.plain.runs, first) else {
            return Err("no clusters are listed for them".into());
        };
        let (mut taken, mut hole) = (0, false);
        for run in self.plain.runs.get(index..).unwrap_or_default().iter().take_while(|run| run.first < end) {
            let count = run.end().min(end) - run.first.max(first);
            match run.place {
                HOLE => hole = true,
                NOWHERE => return Err("the list of clusters is damaged there".into()),
                _ if hole => return Err("the clusters of a compressed unit do not come first".into()),
                _ => taken += count * cluster,
            }
        }
        Ok(taken)
    }
}
