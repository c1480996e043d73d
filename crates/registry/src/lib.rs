//! Registry hives of Windows, read offline with their logs replayed in memory. Bytes are the attacker's or a bad disk's: every reader
//! here is bounded, and damage is reported along with what could be read.
//!
//! [`Hive`] is a hive, [`Key`] and [`Value`] what it holds; [`facts`] has what the hives SOFTWARE and SYSTEM record about a server.
//!
//! ```no_run
//! use shellsift_registry::{Hive, facts};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let hive = Hive::new(std::fs::read("SYSTEM")?, &[&std::fs::read("SYSTEM.LOG1")?, &std::fs::read("SYSTEM.LOG2")?])?;
//! let system = facts::system(&hive);
//! assert_eq!(system.host_name.as_deref(), Some("MAIL01"));
//! assert!(hive.problems().is_empty());
//! # Ok(())
//! # }
//! ```

mod bytes;
mod cells;
mod error;
pub mod facts;
mod hive;
mod key;
mod log;
mod marvin;
#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
mod value;

pub use error::HiveError;
pub use hive::Hive;
pub use key::{Key, Keys};
pub use log::Recovery;
pub use marvin::marvin32;
pub use value::{Value, ValueData, Values};
