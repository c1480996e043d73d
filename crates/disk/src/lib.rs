//! Disk images and virtual disks as bytes at positions ([`ReadAt`]), and the partitions on them. Their bytes are the attacker's or a bad
//! disk's: every reader here is bounded, and what cannot be read is an error with a reason, never zeros. `docs/decisions/0044` says which
//! formats are read.
//!
//! ```
//! use shellsift_disk::{FileSystem, NamedFiles, open, partitions};
//! use std::sync::Arc;
//!
//! let mut volume = vec![0; 8192];
//! volume[3..11].copy_from_slice(b"NTFS    ");
//! // `LocalFiles` is for files of this machine.
//! let files = NamedFiles::new()
//!     .with("disk.001", Arc::new(volume[..4096].to_vec()))
//!     .with("disk.002", Arc::new(volume[4096..].to_vec()));
//! let disk = open(&files, "disk.001").unwrap();
//! assert_eq!((disk.kind, disk.data.len()), ("raw, split", 8192));
//! let found = partitions(&disk.data).unwrap();
//! assert_eq!(found.list[0].file_system, FileSystem::Ntfs);
//! ```

mod aligned;
mod bytes;
mod cache;
mod disk;
mod error;
mod ewf;
mod files;
mod image;
mod inflate;
mod local_files;
mod mapped;
pub mod numbers;
mod opening;
mod ova;
mod partitions;
mod qcow2;
mod raw;
mod read_at;
mod recognise;
pub mod shadow;
#[cfg(test)]
mod testing;
mod verify;
mod vhd;
mod vhdx;
mod vmdk;

pub use aligned::Aligned;
pub use disk::{open, open_all};
pub use error::{Unopened, Why};
pub use files::{Files, NamedFiles};
pub use image::{Disk, Fact, Part, StoredHashes};
pub use local_files::LocalFiles;
pub use partitions::{FileSystem, Partition, Partitions, Table, Type, of_another_system, partitions};
pub use read_at::{LocalFile, ReadAt, Window, read_exact_at};
pub use recognise::other_image;
pub use verify::{Verified, verify};
