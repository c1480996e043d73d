//! YARA-X rules over every view of a file.
//!
//! Rules are the built-in catalogue and the user's own sources. Compiled rule files are refused: loading one can run native
//! code that it carries.
//!
//! The user's rules see every view of every file. Built-in rules about pages see what can be a page: every view of a file
//! that IIS runs by its name, and of any other file the views with a server code marker, without which no engine takes a
//! text for code. In a folder of unknown role they see everything but what is for browsers and has no such marker. Scripts, styles
//! and pictures, nine in ten bytes of a web folder, would cost more than all the rest of a scan, and what a script does in the
//! browser says nothing of the server.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("own.yar");
//! std::fs::write(&file, "rule own { meta: score = 60 strings: $a = \"needle\" condition: $a }")?;
//! let (rules, problems) = shellsift_rules::Signatures::compile(None, &[file])?;
//! assert_eq!((rules.list()[0].name.as_str(), rules.list()[0].score, problems.len()), ("own", 60, 0));
//! # Ok(())
//! # }
//! ```

mod compiler;
mod error;
mod info;
mod needed;
mod scan;
mod signatures;
mod source;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
mod user_rules;
mod views;

pub use error::{Error, Result};
pub use info::RuleInfo;
pub use needed::Needed;
pub use scan::SignatureScanner;
use shellsift_code::{self as code, decode};
use shellsift_model as model;
pub use signatures::{BuiltIn, Signatures};
pub use views::{VIEWS, means};
