//! Numbers, texts and checks in structures of bytes.

use crate::numbers::{array_at, u16_at, u32_at, u64_at};
use crate::{ReadAt, read_exact_at};
use std::io;

// Structures are read whole before their fields are: a field behind the end would be a mistake here, not of the input, and is 0.
pub(crate) fn le16(bytes: &[u8], at: usize) -> u16 {
    u16_at(bytes, at).unwrap_or_default()
}

pub(crate) fn le32(bytes: &[u8], at: usize) -> u32 {
    u32_at(bytes, at).unwrap_or_default()
}

pub(crate) fn le64(bytes: &[u8], at: usize) -> u64 {
    u64_at(bytes, at).unwrap_or_default()
}

pub(crate) fn be32(bytes: &[u8], at: usize) -> u32 {
    array_at(bytes, at).map(u32::from_be_bytes).unwrap_or_default()
}

pub(crate) fn be64(bytes: &[u8], at: usize) -> u64 {
    array_at(bytes, at).map(u64::from_be_bytes).unwrap_or_default()
}

/// Sixteen bytes: an identity or a digest.
pub(crate) fn sixteen(bytes: &[u8], at: usize) -> [u8; 16] {
    array_at(bytes, at).unwrap_or_default()
}

/// Whether `magic` lies at `at`.
pub(crate) fn has(bytes: &[u8], at: usize, magic: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(magic))
}

/// As Windows writes a GUID of sixteen bytes: 2DC27766-F623-4200-9D64-115E9BFD4A08.
pub(crate) fn guid(bytes: &[u8; 16]) -> String {
    let tail: String = bytes[10..].iter().map(|byte| format!("{byte:02X}")).collect();
    let (a, b, c) = (le32(bytes, 0), le16(bytes, 4), le16(bytes, 6));
    format!("{a:08X}-{b:04X}-{c:04X}-{:02X}{:02X}-{tail}", bytes[8], bytes[9])
}

/// UTF-16 up to its end or a zero; what is no character becomes U+FFFD.
pub(crate) fn utf16(bytes: &[u8], big_endian: bool) -> String {
    let units = bytes.chunks_exact(2).map(|two| match big_endian {
        true => u16::from_be_bytes([two[0], two[1]]),
        false => u16::from_le_bytes([two[0], two[1]]),
    });
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    String::from_utf16_lossy(&units)
}

/// Longest text of an image that is reported, in characters.
const TEXT: usize = 4096;

/// A text up to its end or a zero, without control characters, which a message could not show; cut where it is too long for one.
pub(crate) fn plain(text: &str) -> String {
    let shown = text.chars().take_while(|c| *c != '\0').filter(|c| !c.is_control());
    shown.take(TEXT).collect::<String>().trim().to_owned()
}

/// Seconds since 1970 as a date, after the usual arithmetic of eras of 400 years that begin in March.
pub(crate) fn utc(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let date = day - (153 * month + 2) / 5 + 1;
    let (month, year) = if month < 10 { (month + 3, year) } else { (month - 9, year + 1) };
    format!(
        "{:04}-{month:02}-{date:02} {:02}:{:02}:{:02} UTC",
        era * 400 + year,
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

/// What is wrong with the bytes of a container.
pub(crate) fn damaged(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

/// `length` bytes from `at` on. The length is held against the file before memory is asked for.
///
/// # Errors
/// "WHAT is outside the file", and the error of the source.
pub(crate) fn read_vec(source: &dyn ReadAt, at: u64, length: usize, what: &str) -> io::Result<Vec<u8>> {
    if at.checked_add(length as u64).is_none_or(|end| end > source.len()) {
        return Err(damaged(format!("{what} is outside the file")));
    }
    let mut bytes = vec![0; length];
    read_exact_at(source, &mut bytes, at)?;
    Ok(bytes)
}

/// CRC-32C (Castagnoli), reflected, as VHDX has it.
pub(crate) struct Crc32c(u32);

const CASTAGNOLI: [u32; 256] = {
    let mut table = [0; 256];
    let mut number = 0;
    while number < 256 {
        let mut value = number as u32;
        let mut bit = 0;
        while bit < 8 {
            value = (value >> 1) ^ if value & 1 == 1 { 0x82F6_3B78 } else { 0 };
            bit += 1;
        }
        table[number] = value;
        number += 1;
    }
    table
};

impl Crc32c {
    pub(crate) fn new() -> Self {
        Self(u32::MAX)
    }

    pub(crate) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 >> 8) ^ CASTAGNOLI[usize::from((self.0 as u8) ^ byte)];
        }
    }

    pub(crate) fn value(&self) -> u32 {
        !self.0
    }

    /// Whether a structure matches the checksum that it holds at `at`, which counts as zeros.
    pub(crate) fn seals(bytes: &[u8], at: usize) -> bool {
        let (Some(before), Some(behind)) = (bytes.get(..at), bytes.get(at + 4..)) else { return false };
        let mut sum = Self::new();
        sum.add(before);
        sum.add(&[0; 4]);
        sum.add(behind);
        sum.value() == le32(bytes, at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_texts_and_sums() {
        assert_eq!((le32(&[1, 2, 3, 4], 0), le32(&[1, 2, 3], 0), le16(&[1, 2], usize::MAX)), (0x0403_0201, 0, 0));
        let mut sum = Crc32c::new();
        sum.add(b"123456789");
        assert_eq!(sum.value(), 0xE306_9283, "the check value of the catalogue of CRCs");
        assert_eq!(
            guid(&[0x66, 0x77, 0xC2, 0x2D, 0x23, 0xF6, 0, 0x42, 0x9D, 0x64, 0x11, 0x5E, 0x9B, 0xFD, 0x4A, 8]),
            "2DC27766-F623-4200-9D64-115E9BFD4A08"
        );
        assert_eq!((utf16(b"a\0b\0\0\0c\0", false), utf16(b"\0a\xd8\0", true)), ("ab".into(), "a\u{fffd}".into()));
        assert_eq!(plain("  a\tb\u{1b}[0m\0c"), "ab[0m");
        assert_eq!((utc(951_782_400), utc(0)), ("2000-02-29 00:00:00 UTC".into(), "1970-01-01 00:00:00 UTC".into()));
        let source = vec![0; 4];
        let error = read_vec(&source, 2, usize::MAX, "its table").expect_err("outside");
        assert_eq!(error.to_string(), "its table is outside the file");
    }
}
