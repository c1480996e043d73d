//! Checks of text logs, one subject per file. A `LogCheck` names the log types, the words that make a line worth
//! parsing, and a function over the columns.

mod address;
mod check;
mod cmdlet_lines;
pub mod cmdlets;
mod ecp_server;
mod oab_generator;
mod owassrf;
mod proxylogon;
mod proxyshell;
mod proxytoken;
mod sharepoint;
mod toolshell;
mod viewstate;
mod webshell;

pub(super) use address::{Page, PathClass, PathClassifier};
pub(super) use check::{Known, LogCheck, Observations, Record};

use super::format::{Field, Kind};
use super::needles::Needle;
use crate::model::{CheckInfo, Level, Stage};
use check::back_end_of;

/// All of them.
pub(super) const LOG_CHECKS: &[LogCheck] = &[
    proxylogon::LOG_CHECK,
    proxylogon::BACK_END_LOG_CHECK,
    ecp_server::LOG_CHECK,
    oab_generator::LOG_CHECK,
    cmdlet_lines::LOG_CHECK,
    proxyshell::LOG_CHECK,
    owassrf::LOG_CHECK,
    owassrf::POWERSHELL_LOG,
    proxytoken::LOG_CHECK,
    viewstate::LOG_CHECK,
    toolshell::LOG_CHECK,
    webshell::LOG_CHECK,
];

/// Every check of the text logs; those of cmdlets are in the event logs too.
pub fn all() -> impl Iterator<Item = &'static CheckInfo> {
    LOG_CHECKS.iter().flat_map(|check| check.checks).copied()
}
