//! What the targets check, and the part of shellsift that they check it on: its crates, and of the program itself the modules
//! that read logs and what lies beside the web server. Those are taken as they are, since the whole program would bring YARA-X,
//! which takes minutes to build with a sanitizer.
#![allow(dead_code)] // not all of the modules is used

mod archives;
mod beside;
#[path = "../../src/catalogue/mod.rs"]
pub mod catalogue;
mod checks;
mod compiled;
mod disks;
mod event_logs;
#[path = "../../src/host/mod.rs"]
pub mod host;
#[path = "../../src/logs/mod.rs"]
pub mod logs;
mod results;
mod structures;
#[path = "../../src/targets/mod.rs"]
pub mod targets;
mod text_logs;
mod traces;
mod volumes;

pub use shellsift_code as code;
pub use shellsift_code::decode;
pub use shellsift_evidence as evidence;
pub use shellsift_evidence::watch;
pub use shellsift_iis as config;
pub use shellsift_model as model;
pub use shellsift_pe as pe;
pub use shellsift_response as response;
pub use shellsift_signing as signing;

pub use archives::archives;
pub use beside::beside;
pub use checks::{configuration, fold, lexer, reading, structure};
pub use compiled::compiled;
pub use disks::disk;
pub use event_logs::events;
use pe::version;
pub use results::results;
pub use structures::{pe_shape, signed};
pub use text_logs::text_logs;
pub use traces::{hives, journal, log_file, shadow};
pub use volumes::ntfs;

/// What is said of a version is bounded text, and a file that is truncated has the same version or says that it is broken.
pub fn version_resource(data: &[u8]) {
    let read = |mut data: &[u8]| version::read(&mut data).ok();
    let Some(whole) = read(data) else { return };
    assert!(whole.file_text.chars().count() <= 64 && whole.product_text.chars().count() <= 64);
    let half = read(&data[..data.len() / 2]);
    assert!(half.is_none_or(|half| half == whole));
}
