//! Fixed values of STIX.

/// TLP:AMBER: what is in here names the servers of a victim.
pub(crate) const TLP_AMBER: &str = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82";

/// What is known for good has been created once: the first release of this format.
pub(crate) const FIXED: &str = "2026-11-29T00:00:00.000Z";
