//! Why a hive is not read at all.

use std::io;

/// Why a hive is not read at all. Damage in a hive that is read is reported by [`crate::Hive::problems`].
#[derive(Debug, thiserror::Error)]
pub enum HiveError {
    /// It has neither a header nor hive bins.
    #[error("it is not a registry hive: it does not start with \"regf\"")]
    NotAHive,
    /// It is a transaction log: the hive lies beside it.
    #[error("it is a transaction log of a registry hive, not the hive")]
    Log,
    /// It is larger than SOFTWARE of any server, and than what is held in memory.
    #[error("it has {0} bytes, more than the {limit} MiB that are read of a registry hive", limit = crate::cells::MAX_BYTES >> 20)]
    TooLarge(u64),
    /// Neither its header names a root key, nor does any cell hold one.
    #[error("it has no root key")]
    NoRoot,
    /// Its bytes cannot be had.
    #[error("its bytes cannot be read: {0}")]
    Read(#[from] io::Error),
}
