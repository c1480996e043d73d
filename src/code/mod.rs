//! Reads server-side code. So far: whether a text holds any.

pub mod page;
