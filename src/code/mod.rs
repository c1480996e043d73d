//! Reads server-side code: what a page is made of, and what its code does.

pub mod page;
pub mod structure;
