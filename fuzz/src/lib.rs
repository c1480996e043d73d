//! What the targets check, and the part of shellsift that they check it on: its modules are taken as they are, since the whole
//! crate would bring YARA-X, which takes minutes to build with a sanitizer.
#![allow(dead_code)] // not all of the modules is used

mod checks;
#[path = "../../src/catalogue/mod.rs"]
pub mod catalogue;
#[path = "../../src/code/mod.rs"]
pub mod code;
#[path = "../../src/config/mod.rs"]
pub mod config;
#[path = "../../src/evidence/mod.rs"]
pub mod evidence;
#[path = "../../src/model/mod.rs"]
pub mod model;
mod event_logs;
#[path = "../../src/logs/mod.rs"]
pub mod logs;
#[path = "../../src/targets/mod.rs"]
pub mod targets;
mod text_logs;

pub use checks::{fold, lexer, reading, structure};
pub use event_logs::events;
pub use text_logs::text_logs;
