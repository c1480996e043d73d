//! Hives and logs, written for tests.

use crate::marvin::marvin32;

#[path = "../../../tests/suite/support/hive.rs"]
mod hive;

pub(crate) use hive::{List, Written, entry, header, utf16, written};
