//! Writes a package, member by member.

use crate::manifest::{Content, MANIFEST, Manifest, SUMS};
use sha2::{Digest, Sha256};
use std::io::{self, Seek, Write};
use std::mem::ManuallyDrop;
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

/// A package that is being written: a ZIP file whose members are encrypted with AES-256 (WinZip's AE-2).
pub struct Package<W: Write + Seek> {
    /// Not dropped: it would write its end once more after an error, and complain on standard error beside the error that the caller has.
    zip: ManuallyDrop<ZipWriter<W>>,
    password: String,
    member: Option<(Sha256, u64)>,
    sums: String,
}

impl<W: Write + Seek> Package<W> {
    /// Begins a package.
    pub fn new(out: W, password: &str) -> Self {
        let zip = ManuallyDrop::new(ZipWriter::new(out));
        Self { zip, password: password.to_owned(), member: None, sums: String::new() }
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

    /// Ends the member. Gives what was written of it.
    pub fn end(&mut self, name: &str) -> io::Result<Content> {
        let (hasher, size) = self.member.take().ok_or_else(|| io::Error::other("no member was begun"))?;
        let sha256 = hex::encode(hasher.finalize());
        self.sums.push_str(&format!("{sha256}  {name}\n"));
        Ok(Content { size, sha256 })
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
        let mut out = ManuallyDrop::into_inner(self.zip).finish()?;
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

    /// A disk that is full from this byte on.
    struct Full(io::Cursor<Vec<u8>>, u64);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match self.0.position() + bytes.len() as u64 > self.1 {
                true => Err(io::ErrorKind::StorageFull.into()),
                false => self.0.write(bytes),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Seek for Full {
        fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_full_disk_is_an_error_wherever_it_is_full() {
        let make = |most: u64| {
            let mut package = Package::new(Full(io::Cursor::new(Vec::new()), most), "infected");
            package.begin("a", FileTimes::default())?;
            package.write(b"inert")?;
            package.end("a")?;
            let tool = crate::Tool { name: String::new(), version: String::new(), sha256: None };
            let made = crate::Provenance { tool, command_line: String::new(), case: None, examiner: None };
            let (inputs, scans, members) = (Vec::new(), Vec::new(), Vec::new());
            let (format, created) = (crate::FORMAT.to_owned(), String::new());
            let (not_collected, notes) = (Vec::new(), Vec::new());
            let manifest =
                Manifest { format, created, made, inputs, scans, complete: true, members, not_collected, notes };
            package.finish(&manifest).map(|full| full.0.into_inner().len() as u64)
        };
        let whole = make(u64::MAX).expect("room");
        for most in (0..whole).step_by(7) {
            assert_eq!(make(most).expect_err("full").kind(), io::ErrorKind::StorageFull, "{most}");
        }
        assert!(make(whole).is_ok());
    }

    #[test]
    fn times_of_ntfs_become_those_of_zip() {
        let at = |seconds: u64| dos_time(TO_1970 + seconds * SECOND).map(|time| time.to_string());
        assert_eq!(at(1_614_754_762).as_deref(), Some("2021-03-03 06:59:22"));
        assert_eq!(at(951_782_400).as_deref(), Some("2000-02-29 00:00:00"));
        assert_eq!(at(0), None, "before 1980");
        assert_eq!((dos_time(0), dos_time(u64::MAX)), (None, None));
    }
}
