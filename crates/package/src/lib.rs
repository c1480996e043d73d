//! What makes results and evidence hold up: packages of files with a manifest ([`Package`], [`check_package`]), the hash chain of a
//! JSONL output ([`Chain`], [`check_chain`]), and detached signatures that `ssh-keygen -Y verify` accepts ([`SigningKey`],
//! [`check_signature`]). Formats and why they are so: docs/decisions/0050-evidence-packages.md.
//!
//! Nothing here opens a file: readers and writers are the caller's.

mod chain;
mod check;
mod manifest;
mod names;
mod sshsig;
mod writer;

pub use chain::{Chain, ChainCheck, check_chain};
pub use check::{NotAPackage, PackageCheck, check_package};
pub use manifest::{
    Comparison, Content, FORMAT, Input, Kind, MANIFEST, Manifest, Member, NotCollected, Provenance, SUMS, Scan,
    ScanSource, Times, Tool, Wanted,
};
pub use names::Names;
pub use sshsig::{NAMESPACE, PublicKey, SignatureError, SigningKey, check_signature, public_keys};
pub use writer::{FileTimes, Package};
