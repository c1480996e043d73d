//! Of the checks of logs those of cmdlets.

#[path = "../../src/logs/checks/cmdlets/mod.rs"]
pub mod cmdlets;
