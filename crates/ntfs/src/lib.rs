//! NTFS, read from its structures: names, both sets of times, streams, content, deleted files, the change journal. Bytes are the
//! attacker's or a bad disk's: every reader here is bounded, and what cannot be read is an error with a reason.
//!
//! ```no_run
//! use shellsift_disk::{LocalFile, ReadAt};
//! use shellsift_ntfs::Volume;
//! use std::{fs::File, sync::Arc};
//!
//! let source: Arc<dyn ReadAt> = Arc::new(LocalFile::new(File::open("volume.img")?)?);
//! let volume = Volume::open(source)?;
//! for name in volume.children(volume.root()) {
//!     let entry = volume.entry(name.number).expect("a name has a record");
//!     let shown = String::from_utf16_lossy(name.units);
//!     # let _ = (entry.times.created, shown);
//! }
//! let journal = volume.find_path("$Extend/$UsnJrnl").expect("there is one");
//! let entries = volume.open_stream(journal, &"$J".encode_utf16().collect::<Vec<_>>())?;
//! # let _ = entries.next_data(0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bitmap;
mod boot;
mod bytes;
mod claims;
mod deleted;
mod entry;
mod error;
mod gather;
#[cfg(test)]
mod in_use_tests;
mod index;
#[cfg(test)]
mod limit_tests;
mod lz;
mod lznt1;
mod lzx;
mod names;
mod packed;
mod plain;
mod record;
mod reparse;
mod runs;
mod scan;
mod segment;
mod stream;
mod table;
#[cfg(test)]
mod test_support;
mod volume;
#[cfg(test)]
mod volume_tests;
mod wof;
mod xpress;

pub use deleted::{Deleted, State};
pub use entry::{Entry, Problem, Times};
pub use error::{Broken, Unopened, Unread};
pub use index::Remnant;
pub use names::{Known, Name, Namespace, Path};
pub use record::{FileName, Record, StreamInfo};
pub use reparse::Reparse;
pub use scan::Facts;
pub use segment::Reference;
pub use stream::Stream;
pub use volume::Volume;
pub use wof::Algorithm;

pub mod logfile;
pub mod recycle;
pub mod usn;
