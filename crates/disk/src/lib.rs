//! Disk images and virtual disks as bytes at positions ([`ReadAt`]), and the partitions on them. Their bytes are the attacker's or a bad
//! disk's: every reader here is bounded, and what cannot be read is an error with a reason, never zeros.
//!
//! ```
//! use shellsift_disk::{ReadAt, Window};
//! use std::sync::Arc;
//!
//! let disk: Arc<dyn ReadAt> = Arc::new(b"boot sector, volume".to_vec());
//! let volume = Window::new(disk, 13, 6);
//! let mut bytes = [0; 6];
//! assert_eq!(volume.read_at(&mut bytes, 0).unwrap(), 6);
//! assert_eq!(&bytes, b"volume");
//! ```

mod bytes;
mod cache;
mod disk;
mod ewf;
mod files;
mod inflate;
mod local_files;
mod mapped;
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

pub use disk::{Disk, Fact, Part, StoredHashes, Unopened, Why, open, open_all};
pub use files::{Files, NamedFiles};
pub use local_files::LocalFiles;
pub use partitions::{FileSystem, Partition, Partitions, Table, Type, partitions};
pub use read_at::{LocalFile, ReadAt, Window, read_exact_at};
pub use verify::{Verified, verify};
