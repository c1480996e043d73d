//! NTFS, read from its structures: names, both sets of times, streams, content, deleted files, the change journal. Bytes are the
//! attacker's or a bad disk's: every reader here is bounded, and what cannot be read is an error with a reason.

pub mod logfile;
pub mod recycle;
pub mod usn;
