//! A partition as listed in its table, its type, and what it contains.

use crate::bytes::guid;

/// The type of a partition according to its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// The type byte of an MBR.
    Mbr(u8),
    /// The type GUID of a GPT, as it is stored.
    Gpt([u8; 16]),
    /// There is no table.
    Whole,
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Mbr(kind) => write!(f, "{kind:#04x}"),
            Self::Gpt(id) => f.write_str(&guid(id)),
            Self::Whole => f.write_str("no partition table"),
        }
    }
}

/// What lies in a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileSystem {
    /// NTFS.
    Ntfs,
    /// Encrypted with BitLocker.
    BitLocker,
    /// Encrypted with BitLocker To Go, which begins like FAT.
    BitLockerToGo,
    /// ReFS.
    ReFs,
    /// FAT12, FAT16 or FAT32.
    Fat,
    /// exFAT.
    ExFat,
    /// A member of a pool of Storage Spaces.
    StorageSpaces,
    /// Of a dynamic disk (LDM): volumes that may lie on several disks.
    DynamicDisk,
    /// Set aside by Windows (MSR): there is nothing in it.
    Reserved,
    /// ext2, ext3 or ext4.
    Ext,
    /// Another one of Linux or macOS, or what such volumes lie in.
    Other(&'static str),
    /// None of these.
    Unknown,
}

impl FileSystem {
    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ntfs => "NTFS",
            Self::BitLocker => "BitLocker",
            Self::BitLockerToGo => "BitLocker To Go",
            Self::ReFs => "ReFS",
            Self::Fat => "FAT",
            Self::ExFat => "exFAT",
            Self::StorageSpaces => "Storage Spaces",
            Self::DynamicDisk => "dynamic disk (LDM)",
            Self::Reserved => "Microsoft reserved",
            Self::Ext => "ext",
            Self::Other(name) => name,
            Self::Unknown => "unknown",
        }
    }
}

/// A partition as listed in its table.
pub(super) struct Slot {
    pub(super) number: u32,
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) kind: Type,
    pub(super) name: String,
    pub(super) mounted_device: Option<Vec<u8>>,
}
