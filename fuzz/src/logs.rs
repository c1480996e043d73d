//! Of the room for logs what reads event logs.

#[path = "cmdlets.rs"]
pub mod checks;
#[path = "../../src/logs/events/mod.rs"]
pub mod events;
#[path = "../../src/logs/ledger.rs"]
pub mod ledger;

pub use ledger::{Check, Ledger, Sighting, Spot};
