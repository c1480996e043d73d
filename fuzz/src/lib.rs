//! What the targets check, and the part of shellsift that they check it on: its modules are taken as they are, since the whole
//! crate would bring YARA-X, which takes minutes to build with a sanitizer.
#![allow(dead_code)] // not all of the modules is used

mod beside;
#[path = "../../src/catalogue/mod.rs"]
pub mod catalogue;
mod checks;
#[path = "../../src/code/mod.rs"]
pub mod code;
mod compiled;
#[path = "../../src/config/mod.rs"]
pub mod config;
#[path = "../../src/decode/mod.rs"]
pub mod decode;
mod event_logs;
#[path = "../../src/evidence/mod.rs"]
pub mod evidence;
#[path = "../../src/host/mod.rs"]
pub mod host;
#[path = "../../src/logs/mod.rs"]
pub mod logs;
#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/pe/mod.rs"]
pub mod pe;
mod structures;
#[path = "../../src/targets/mod.rs"]
pub mod targets;
mod text_logs;
#[path = "../../src/watch/mod.rs"]
pub mod watch;

pub use beside::beside;
pub use checks::{configuration, fold, lexer, reading, structure};
pub use compiled::compiled;
pub use event_logs::events;
use pe::version;
pub use structures::{pe_shape, signed};
pub use text_logs::text_logs;

/// What is said of a version is bounded text, and a file that is cut short has the same version or says that it is broken.
pub fn version_resource(data: &[u8]) {
    let read = |mut data: &[u8]| version::read(&mut data).ok();
    let Some(whole) = read(data) else { return };
    assert!(whole.file_text.chars().count() <= 64 && whole.product_text.chars().count() <= 64);
    let half = read(&data[..data.len() / 2]);
    assert!(half.is_none_or(|half| half == whole));
}
