//! The survey of one file.

use super::context::add_single;
use super::journal::Journal;
use super::{Survey, recycled, survey};
use crate::evidence::Evidence;
use crate::model::place::kind;
use crate::model::{Coverage, Problem, Role, ServerPath};
use crate::targets::{Area, Plan};
use std::sync::atomic::AtomicBool;

/// A survey of one file of the evidence, with the place that the plan's areas give it. Server code of a site or of Exchange
/// is seen beside the other files of its area, as in a scan: the area is walked for that, and nothing else of it kept.
pub fn single(evidence: &dyn Evidence, plan: &Plan, file: &ServerPath, problems: &mut Vec<Problem>) -> Survey {
    let mut alone = Survey::default();
    add_single(evidence, plan, file, &mut alone, problems);
    recycled::read(evidence, plan, &mut alone, problems);
    alone.recycled.keep_items();
    alone.sort();
    let Some(around) = around(plan, &alone, file) else { return alone };
    let among = survey::survey(evidence, &around, &AtomicBool::new(false), &mut Vec::new());
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
