//! The survey of one file.

use super::super::recycled;
use super::{Context, enter, survey};
use crate::evidence::{Evidence, classify};
use crate::model::place::kind;
use crate::model::{Coverage, EntryKind, Problem, Role, ServerPath};
use crate::scan::Survey;
use crate::scan::journal::Journal;
use crate::targets::{Area, Plan};
use std::sync::atomic::AtomicBool;

/// A survey of one file of the evidence, with the place that the plan's areas give it. Server code of a site or of Exchange
/// is seen beside the other files of its area, as in a scan: the area is walked for that, and nothing else of it kept.
pub fn single(evidence: &dyn Evidence, plan: &Plan, file: &ServerPath, problems: &mut Vec<Problem>) -> Survey {
    let mut alone = Survey::default();
    add(evidence, plan, file, &mut alone, problems);
    recycled::read(evidence, plan, &mut alone, problems);
    alone.recycled.keep_items();
    alone.sort();
    let Some(around) = around(plan, &alone, file) else { return alone };
    let among = survey(evidence, &around, &AtomicBool::new(false), &mut Vec::new());
    match (0..among.len()).find(|&at| among.path(at) == *file) {
        Some(at) => only(among, at, alone.coverage),
        None => alone,
    }
}

/// What is walked to see a file beside others; `None` where they say nothing of it.
fn around(plan: &Plan, alone: &Survey, file: &ServerPath) -> Option<Plan> {
    let folder = alone.folders.first()?;
    match folder.role {
        Role::Exchange | Role::WebRoot if kind::is_server_code(file.name()) => {
            let inside = |area: &&Area| area.path.below(&folder.base).is_some();
            let areas: Vec<Area> = plan.areas.iter().filter(inside).cloned().collect();
            Some(Plan { areas, ..Plan::default() })
        }
        // What ASP.NET left is recognised by the other files of its folder.
        Role::AspnetTemp => {
            let area = Area { path: file.parent()?, role: folder.role, base: folder.base.clone(), every_file: true };
            Some(Plan { areas: vec![area], files: Vec::new(), ..plan.clone() })
        }
        _ => None,
    }
}

/// One file of a survey, with what the others say of it.
fn only(mut among: Survey, at: usize, coverage: Coverage) -> Survey {
    among.links.clear();
    among.with_streams.clear();
    among.deleted.clear();
    among.journal = Journal::default();
    among.recycled.keep_items();
    among.order = among.order.get(at).copied().into_iter().collect();
    among.coverage = coverage;
    among.skipped.clear();
    among
}

/// Adds a file by its path.
pub(super) fn add(
    evidence: &dyn Evidence,
    plan: &Plan,
    path: &ServerPath,
    survey: &mut Survey,
    problems: &mut Vec<Problem>,
) {
    let parent = path.parent().unwrap_or_else(|| path.clone());
    match evidence.stat(path) {
        Ok(entry) if entry.kind == EntryKind::File => {
            // The areas around it, from the outermost in, as the walk meets them.
            let mut around: Vec<&Area> = plan.areas.iter().filter(|area| parent.below(&area.path).is_some()).collect();
            around.sort_by_key(|area| area.path.as_str().len());
            let context = match around.is_empty() {
                true => Context { role: Role::Unknown, base: parent.clone(), every_file: true, alias: None },
                false => enter(None, &around, &plan.reached_as),
            };
            let folder = survey.add_folder(&parent, &context);
            survey.add_file(folder, &entry, evidence.is_index(path));
        }
        Ok(entry) => {
            let why = match entry.kind {
                EntryKind::Other(what) => what,
                _ => "link",
            };
            survey.skip(path.clone(), why, None);
        }
        Err(error) => problems.push(Problem::at(classify(&error), path, error.to_string())),
    }
}
