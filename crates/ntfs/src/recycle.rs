//! The recycle bin: `$Recycle.Bin\SID\$Ixxxxxx.ext` records where `$Rxxxxxx.ext` next to it was and when it was deleted.
//!
//! The layout follows libyal's description in dtformats (Windows Recycle.Bin file formats): version 1 of Vista to 8.1 with a path of 260
//! characters, version 2 of Windows 10 and later with its length.

/// The largest file that is one: version 2 with a path of the greatest length.
pub const MAX_BYTES: usize = 28 + 2 * 32_768;
/// Characters of the path of version 1.
const PATH_1: usize = 260;

/// What was thrown away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discarded {
    /// The path where it lay, with its drive: `C:\inetpub\wwwroot\x.aspx`.
    pub path: Vec<u16>,
    /// The file ends within the path.
    pub truncated: bool,
    /// Its size in bytes; of a folder, that of all in it.
    pub size: u64,
    /// When, as FILETIME (100 ns since 1601-01-01 UTC).
    pub time: u64,
}

/// Why a file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDiscarded {
    /// It is too short.
    #[error("it is truncated: a record of the recycle bin has at least 28 bytes")]
    Short,
    /// It has another version.
    #[error("it is of version {0} of the recycle bin's records; versions 1 and 2 are read")]
    Version(u64),
}

/// Reads a file `$I...`.
///
/// # Errors
/// Where the file is no record of the recycle bin.
pub fn read(bytes: &[u8]) -> Result<Discarded, NotDiscarded> {
    let number = |at: usize| {
        let chunk = bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or(NotDiscarded::Short)?;
        Ok(u64::from_le_bytes(*chunk))
    };
    let (version, size, time) = (number(0)?, number(8)?, number(16)?);
    let (path, length) = match version {
        1 => (bytes.get(24..), PATH_1),
        2 => {
            let length = bytes.get(24..).and_then(|rest| rest.first_chunk()).ok_or(NotDiscarded::Short)?;
            (bytes.get(28..), u32::from_le_bytes(*length) as usize)
        }
        version => return Err(NotDiscarded::Version(version)),
    };
    let units = path.unwrap_or_default().chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let mut ended = false;
    let path: Vec<u16> = units
        .take(length.min(32_768))
        .take_while(|unit| {
            ended = *unit == 0;
            !ended
        })
        .collect();
    let truncated = !ended && path.len() < length;
    Ok(Discarded { path, truncated, size, time })
}

/// The name of the content file for a record of the recycle bin: `$RABC123.aspx` for `$IABC123.aspx`. `None` for other names.
pub fn content_name(name: &[u16]) -> Option<Vec<u16>> {
    let is = |at: usize, letter: u8| name.get(at).is_some_and(|unit| *unit == u16::from(letter));
    if !(is(0, b'$') && (is(1, b'I') || is(1, b'i'))) || name.len() < 3 {
        return None;
    }
    let mut content = name.to_vec();
    content[1] = u16::from(b'R');
    Some(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    fn sample(version: u64, path: &str) -> Vec<u8> {
        let mut bytes =
            [version.to_le_bytes(), 77_u64.to_le_bytes(), 132_592_283_613_071_234_u64.to_le_bytes()].concat();
        let mut path = units(path);
        path.push(0);
        match version {
            1 => path.resize(PATH_1, 0xFEFE),
            _ => bytes.extend((path.len() as u32).to_le_bytes()),
        }
        bytes.extend(path.into_iter().flat_map(u16::to_le_bytes));
        bytes
    }

    #[test]
    fn both_versions_are_read() {
        for version in [1, 2] {
            let path = r"C:\inetpub\wwwroot\ä.aspx";
            let expected = Discarded { path: units(path), truncated: false, size: 77, time: 132_592_283_613_071_234 };
            let bytes = sample(version, path);
            assert_eq!(read(&bytes), Ok(expected.clone()), "{version}");
            let truncated = read(&bytes[..40]).expect("its beginning");
            assert!(truncated.truncated && expected.path.starts_with(&truncated.path) && !truncated.path.is_empty());
            for length in 0..bytes.len() {
                assert!(read(&bytes[..length]).is_ok_and(|half| half.truncated || half == expected) || length < 28);
            }
        }
    }

    #[test]
    fn what_is_no_record_is_refused_and_lengths_are_not_believed() {
        assert_eq!(read(&[]), Err(NotDiscarded::Short));
        assert_eq!(read(&sample(3, "x")), Err(NotDiscarded::Version(3)));
        let mut bytes = sample(2, "x");
        bytes[24..28].fill(0xFF);
        assert_eq!(read(&bytes).map(|one| (one.path, one.truncated)), Ok((units("x"), false)));
        bytes.truncate(30);
        assert_eq!(read(&bytes).map(|one| (one.path, one.truncated)), Ok((units("x"), true)));
    }

    #[test]
    fn the_content_lies_beside_it() {
        assert_eq!(content_name(&units("$IABC123.aspx")), Some(units("$RABC123.aspx")));
        assert_eq!(content_name(&units("$RABC123.aspx")), None);
        assert_eq!(content_name(&units("$I")), None);
        assert_eq!(content_name(&units("desktop.ini")), None);
    }
}
