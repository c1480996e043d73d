//! A shadow copy as it is reported.

use std::fmt;

/// A GUID, in the order of bytes in which it is stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Guid(pub [u8; 16]);

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g, h, i, last @ ..] = self.0;
        let (one, two, three) =
            (u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, g]), u16::from_le_bytes([h, i]));
        write!(f, "{{{one:08x}-{two:04x}-{three:04x}-{:02x}{:02x}-", last[0], last[1])?;
        last[2..].iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("}")
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A shadow copy as listed in the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShadowCopy {
    /// The id of its store, which names the file in `System Volume Information`.
    pub store: Guid,
    /// Its own id, as `vssadmin` lists it.
    pub id: Option<Guid>,
    /// The id of the set that it was made with: copies of several volumes of one moment.
    pub set: Option<Guid>,
    /// When it was made, as FILETIME (100 ns since 1601-01-01 UTC).
    pub created: u64,
    /// The size of the volume in bytes.
    pub size: u64,
    /// Its attributes (VSS_VOLUME_SNAPSHOT_ATTRIBUTES).
    pub attributes: Option<u32>,
    /// The machine that made it.
    pub machine: Option<String>,
    /// Whether the volume contains the map of its blocks.
    pub stored: bool,
}
