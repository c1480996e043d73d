//! Exploitation evidence in logs: which logs there are, what they cover, and what lines in them show.

pub mod checks;
pub mod events;
pub mod ledger;

pub use ledger::{Check, Ledger, Sighting, Spot};
