//! Writes a package, member by member.

use crate::manifest::{MANIFEST, Manifest, SUMS};
use sha2::{Digest, Sha256};
use std::io::{self, Seek, Write};
use zip::write::{FullFileOptions, SimpleFileOptions};
use zip::{AesMode, CompressionMethod, DateTime, ZipWriter};

/// The times of a member. `None` is "not known".
#[derive(Clone, Copy, Debug, Default)]
pub struct FileTimes {
    /// In 100 ns since 1601-01-01T00:00:00Z, as NTFS has them: when the file was created.
    pub created: Option<u64>,
    /// When its content was last written.
    pub modified: Option<u64>,
    /// When it was last read.
    pub accessed: Option<u64>,
}

/// What was written of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// In bytes.
    pub size: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// A package that is being written: a ZIP file whose members are encrypted with AES-256 (WinZip's AE-2).
pub struct Package<W: Write + Seek> {
    zip: ZipWriter<W>,
    password: String,
    member: Option<(Sha256, u64)>,
    sums: String,
}

impl<W: Write + Seek> Package<W> {
    /// Begins a package.
    pub fn new(out: W, password: &str) -> Self {
        Self { zip: ZipWriter::new(out), password: password.to_owned(), member: None, sums: String::new() }
    }

    /// Begins a member.
    pub fn begin(&mut self, name: &str, times: FileTimes) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(times.modified.and_then(dos_time).unwrap_or_default())
            .unix_permissions(0o600)
            .large_file(true);
        let options = with_times(options, times)?.with_aes_encryption(AesMode::Aes256, &self.password);
        self.zip.start_file(name, options)?;
        self.member = Some((Sha256::new(), 0));
        Ok(())
    }

    /// Adds bytes to the member.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some((hasher, size)) = &mut self.member else {
            return Err(io::Error::other("no member was begun"));
        };
        hasher.update(bytes);
        *size = size.saturating_add(bytes.len() as u64);
        self.zip.write_all(bytes)
    }

    /// Ends the member.
    pub fn end(&mut self, name: &str) -> io::Result<Written> {
        let (hasher, size) = self.member.take().ok_or_else(|| io::Error::other("no member was begun"))?;
        let sha256 = hex::encode(hasher.finalize());
        self.sums.push_str(&format!("{sha256}  {name}\n"));
        Ok(Written { size, sha256 })
    }

    /// Adds the manifest and ends the package.
    pub fn finish(mut self, manifest: &Manifest) -> io::Result<W> {
        let sums = std::mem::take(&mut self.sums);
        let json = serde_json::to_vec_pretty(manifest)?;
        for (name, bytes) in [(SUMS, sums.as_bytes()), (MANIFEST, &json[..])] {
            self.begin(name, FileTimes::default())?;
            self.write(bytes)?;
            self.end(name)?;
        }
        let mut out = self.zip.finish()?;
        out.flush()?;
        Ok(out)
    }
}

/// 100 ns from 1601 to 1970.
const TO_1970: u64 = 116_444_736_000_000_000;
const SECOND: u64 = 10_000_000;

/// All three times to 100 ns where they are known; else those that are, to the second. None is made up for one that is not.
fn with_times<'k>(options: SimpleFileOptions, times: FileTimes) -> io::Result<FullFileOptions<'k, 'static>> {
    let seconds = |time: Option<u64>| u32::try_from(time?.checked_sub(TO_1970)? / SECOND).ok();
    let options = match (times.modified, times.accessed, times.created) {
        (Some(modified), Some(accessed), Some(created)) => options.with_ntfs_times(modified, accessed, created)?,
        (None, None, None) => options.into_full_options(),
        (modified, accessed, created) => {
            options.with_extended_timestamp(seconds(modified), seconds(accessed), seconds(created))?
        }
    };
    Ok(options)
}

/// As ZIP files have it, from 1980 to 2107; here in UTC. Civil date from a day number by Howard Hinnant's algorithm.
fn dos_time(time: u64) -> Option<DateTime> {
    let seconds = time.checked_sub(TO_1970)? / SECOND;
    let (days, second) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let byte = |number: u64| u8::try_from(number).ok();
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let year = u16::try_from(year).ok()?;
    DateTime::from_date_and_time(year, byte(month)?, byte(day)?, byte(hour)?, byte(minute)?, byte(second % 60)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_ntfs_become_those_of_zip() {
        let at = |seconds: u64| dos_time(TO_1970 + seconds * SECOND).map(|time| time.to_string());
        assert_eq!(at(1_614_754_762).as_deref(), Some("2021-03-03 06:59:22"));
        assert_eq!(at(951_782_400).as_deref(), Some("2000-02-29 00:00:00"));
        assert_eq!(at(0), None, "before 1980");
        assert_eq!((dos_time(0), dos_time(u64::MAX)), (None, None));
    }
}
