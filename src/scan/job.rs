//! What is scanned, with what, and how.

use super::{BaselineMatcher, Survey};
use crate::catalogue::HashList;
use crate::detect::Knowledge;
use crate::evidence::Evidence;
use crate::targets::Plan;
use std::sync::atomic::AtomicBool;

/// How a scan is done.
pub struct Settings<'s> {
    /// Worker threads, at least one.
    pub threads: usize,
    /// Of larger files, only the first and the last half of this are scanned.
    pub max_size: u64,
    /// The detectors to run, by id.
    pub detectors: &'s [&'static str],
    /// Files of these hashes are known good.
    pub allowed: &'s HashList,
    /// The share of the time, in percent, that a worker may work.
    pub cpu_limit: u8,
    /// Set from outside to stop early.
    pub interrupted: &'s AtomicBool,
    /// Called by each worker when it starts.
    pub on_worker: fn(),
}

/// What is scanned, and with what.
#[derive(Clone, Copy)]
pub struct Job<'j> {
    /// Where the files come from.
    pub evidence: &'j dyn Evidence,
    /// The areas, for places and URLs.
    pub plan: &'j Plan,
    /// The files.
    pub survey: &'j Survey,
    /// The baselines, if files are compared with them.
    pub baseline: Option<&'j BaselineMatcher>,
    /// What detectors know.
    pub knowledge: &'j Knowledge,
    /// How.
    pub settings: &'j Settings<'j>,
}
