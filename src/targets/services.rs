//! Autostart entries of the registry: what the hives of a server start is checked like tasks and scripts. On a live server the hives are
//! locked, which is reported; tasks and scripts are still checked.

use super::autostart::{Command, VolumeContext};
use super::hives::{FOLDER, Hives, Registry};
use super::plan::Plan;
use super::starts::Starts;
use super::{linux, tasks};
use crate::model::{Problem, ProblemKind, ServerPath};

/// Checks what the registry of a volume starts, and returns the programs of its services, folded and with variables expanded.
pub(super) fn add(
    volume: &VolumeContext<'_, '_>,
    root: &ServerPath,
    registry: &Registry,
    live: bool,
    plan: &mut Plan,
) -> Vec<String> {
    let of_system = registry.system.iter().map(|(file, _, starts)| (file, starts));
    let of_software = registry.software.iter().map(|(file, _, starts)| (file, starts));
    let mut programs = Vec::new();
    for (file, starts) in of_system.chain(of_software) {
        check(volume, file, starts, plan);
        programs.extend(starts.programs.iter().map(|text| volume.plain(text)));
    }
    let hives = Hives { evidence: volume.evidence, resolver: volume.resolver, live };
    let of_accounts = tasks::homes(volume, root);
    let of_accounts = of_accounts.iter().flat_map(|home| volume.resolver.files_below(home, "NTUSER.DAT"));
    let of_default = volume.resolver.files_below(root, &format!(r"{FOLDER}\DEFAULT"));
    for file in of_accounts.chain(of_default) {
        let mut starts = Starts::default();
        hives.with(&file, plan, |hive| starts.of_account(hive));
        check(volume, &file, &starts, plan);
    }
    programs
}

/// Checks what one hive starts.
fn check(volume: &VolumeContext<'_, '_>, file: &ServerPath, starts: &Starts, plan: &mut Plan) {
    for start in &starts.commands {
        let command = Command { by: &start.by, line: start.line.clone(), folder: &start.folder };
        volume.command(file, &command, plan);
    }
    for image in starts.linux.iter().flat_map(|path| volume.files(&volume.plain(path))) {
        linux::disk_of_linux(&image, plan);
    }
    if starts.is_cut {
        let message = "more services, classes and other autostart entries than are checked: the rest was not read";
        plan.problems.push(Problem::at(ProblemKind::PartiallyExamined, file, message));
    }
}
