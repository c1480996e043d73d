//! Opens the registry hives of a Windows, with their transaction logs replayed in memory, and reports what is wrong with them.

use super::plan::Plan;
use super::registry;
use super::starts::Starts;
use crate::evidence::{Evidence, Resolver, classify};
use crate::host;
use crate::model::{Problem, ProblemKind, ServerPath};
use shellsift_registry::facts::{self, Software, System};
use shellsift_registry::{Hive, Recovery};
use std::io::Read;

/// Where the hives of a Windows are, from the root of its volume.
pub(super) const FOLDER: &str = r"Windows\System32\config";
/// Bytes that are read of a transaction log. Windows keeps them far below.
const MAX_LOG: u64 = 128 << 20;
/// Problems of a hive that are told; the rest is counted.
const PROBLEMS_SHOWN: usize = 4;

/// What the registry of a Windows says, and what it starts.
#[derive(Default)]
pub(super) struct Registry {
    /// The hives SYSTEM: one, or none.
    pub(super) system: Vec<(ServerPath, System, Starts)>,
    /// The hives SOFTWARE: one, or none.
    pub(super) software: Vec<(ServerPath, Software, Starts)>,
}

/// Reads the hives SYSTEM and SOFTWARE of a volume, each once. On a live server, where they are in use, the facts are those of its own
/// registry.
pub(super) fn read(
    evidence: &dyn Evidence,
    resolver: &Resolver<'_>,
    root: &ServerPath,
    live: bool,
    plan: &mut Plan,
) -> Registry {
    let own = host::system_drive().and_then(|drive| ServerPath::from_windows(&drive.to_string_lossy()));
    let is_running = live && own.as_ref() == Some(root);
    let mut of_windows = Registry::default();
    let files = Hives { evidence, resolver, live };
    for file in resolver.files_below(root, &format!(r"{FOLDER}\SYSTEM")) {
        let mut starts = Starts::default();
        let read = files.with(&file, plan, |hive| {
            starts.of_system(hive);
            facts::system(hive)
        });
        let facts = read.or_else(|| is_running.then(registry::system).flatten());
        of_windows.system.extend(facts.map(|facts| (file, facts, starts)));
    }
    for file in resolver.files_below(root, &format!(r"{FOLDER}\SOFTWARE")) {
        let mut starts = Starts::default();
        let read = files.with(&file, plan, |hive| {
            starts.of_software(hive);
            facts::software(hive)
        });
        let facts = read.or_else(|| is_running.then(registry::software).flatten());
        of_windows.software.extend(facts.map(|facts| (file, facts, starts)));
    }
    of_windows
}

/// Where hives are opened.
pub(super) struct Hives<'h, 'e> {
    pub(super) evidence: &'e dyn Evidence,
    pub(super) resolver: &'h Resolver<'e>,
    pub(super) live: bool,
}

impl Hives<'_, '_> {
    /// Opens a hive with its logs and looks into it. What cannot be read, what is damaged, and changes that no log holds are problems.
    pub(super) fn with<T>(&self, file: &ServerPath, plan: &mut Plan, look: impl FnOnce(&Hive) -> T) -> Option<T> {
        let (bytes, cut) = self.bytes(file, Hive::MAX_BYTES);
        if let Some(error) = cut {
            if self.live {
                // The system locks its hives; no other process can read these files.
                plan.report("registry", format!("{file}: in use, so services and run keys were not examined"));
                return None;
            }
            plan.problems.push(Problem::at(classify(&error), file, error.to_string()));
        }
        // A collection may hold an empty file in its place.
        if bytes.is_empty() {
            return None;
        }
        let logs = if Hive::needs_logs(&bytes) { self.logs(file, plan) } else { Vec::new() };
        let logs: Vec<&[u8]> = logs.iter().map(Vec::as_slice).collect();
        let hive = match Hive::new(bytes, &logs) {
            Ok(hive) => hive,
            Err(error) => {
                let message = format!("{error}: services and other autostart entries are unknown");
                plan.problems.push(Problem::at(ProblemKind::ConfigBroken, file, message));
                return None;
            }
        };
        let seen = look(&hive);
        if let Recovery::Replayed { entries, .. } = hive.recovery() {
            let what = if *entries == 1 { "entry" } else { "entries" };
            plan.report("registry", format!("{file}: {entries} {what} of its transaction logs replayed in memory"));
        }
        plan.problems.extend(damage(file, &hive));
        Some(seen)
    }

    /// The logs beside a hive, as far as they can be read.
    fn logs(&self, file: &ServerPath, plan: &mut Plan) -> Vec<Vec<u8>> {
        let Some(folder) = file.parent() else { return Vec::new() };
        let beside = |end: &str| self.resolver.files_below(&folder, &format!("{}{end}", file.name()));
        let mut logs = Vec::new();
        for log in Hive::LOGS.iter().flat_map(|end| beside(end)) {
            let (bytes, cut) = self.bytes(&log, MAX_LOG);
            if let Some(error) = cut {
                plan.problems.push(Problem::at(classify(&error), &log, error.to_string()));
            }
            if bytes.len() as u64 > MAX_LOG {
                let message = format!("a transaction log above {} MiB, which was not replayed", MAX_LOG >> 20);
                plan.problems.push(Problem::at(ProblemKind::PartlyExamined, &log, message));
                continue;
            }
            logs.push(bytes);
        }
        logs
    }

    /// The bytes of a file, one more than `most` at most, and why they end early.
    fn bytes(&self, file: &ServerPath, most: u64) -> (Vec<u8>, Option<std::io::Error>) {
        let mut bytes = Vec::new();
        let read = self.evidence.open(file).and_then(|content| content.reader.take(most + 1).read_to_end(&mut bytes));
        (bytes, read.err())
    }
}

/// What is wrong with a hive, in one problem.
fn damage(file: &ServerPath, hive: &Hive) -> Option<Problem> {
    let problems = hive.problems();
    let (shown, rest) = problems.split_at(problems.len().min(PROBLEMS_SHOWN));
    let more = if rest.is_empty() { String::new() } else { format!("; and {} more", rest.len()) };
    let message = format!("the hive was partially read: {}{more}", shown.join("; "));
    (!problems.is_empty()).then(|| Problem::at(ProblemKind::PartlyExamined, file, message))
}
