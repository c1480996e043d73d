//! What the targets check, and the part of shellsift that they check it on: its modules are taken as they are, since the whole
//! crate would bring YARA-X, which takes minutes to build with a sanitizer.
#![allow(dead_code)] // not all of the modules is used

mod checks;
#[path = "../../src/code/mod.rs"]
pub mod code;
mod compiled;
#[path = "../../src/config/mod.rs"]
pub mod config;
#[path = "../../src/decode/mod.rs"]
pub mod decode;
#[path = "../../src/targets/leftover.rs"]
pub mod leftover;
#[path = "../../src/model/mod.rs"]
pub mod model;

pub use checks::{fold, lexer, reading, structure};
pub use compiled::compiled;
