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

mod read_at;
pub mod shadow;

pub use read_at::{LocalFile, ReadAt, Window, read_exact_at};
