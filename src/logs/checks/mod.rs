//! What is looked for, as functions over the fields of a line or an event.

pub mod cmdlets;
