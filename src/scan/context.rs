//! What a folder is while it is walked: its role, and how carefully it is looked at.

use super::Survey;
use super::file::Folder;
use crate::evidence::{Evidence, classify};
use crate::model::{EntryKind, Problem, Role, ServerPath};
use crate::targets::{Area, Plan};
use std::collections::HashMap;
use std::sync::Arc;

impl Survey {
    pub(super) fn add_folder(&mut self, path: &ServerPath, context: &Context) -> u32 {
        let (role, base) = (context.role, context.base.clone());
        let named = context.alias.is_some().then(|| context.named(path));
        self.folders.push(Folder { path: path.clone(), role, base, named, names: 0, logs: 0 });
        self.folders.len() as u32 - 1
    }
}

/// What a folder is while it is walked.
#[derive(Clone)]
pub(super) struct Context {
    pub(super) role: Role,
    pub(super) base: ServerPath,
    pub(super) every_file: bool,
    /// The folder that a link leads to, and the path by which it was reached.
    pub(super) alias: Option<Arc<(ServerPath, ServerPath)>>,
}

/// The weight of a role.
pub(super) fn weight(role: Role) -> u8 {
    match role {
        Role::Exchange => 4,
        Role::AspnetTemp => 3,
        Role::WebRoot => 2,
        Role::Unknown => 1,
        Role::DropFolder => 0,
    }
}

impl Context {
    fn of(area: &Area, reached: &HashMap<ServerPath, ServerPath>) -> Self {
        let alias = reached.get(&area.path).map(|named| Arc::new((area.path.clone(), named.clone())));
        Self { role: area.role, base: area.base.clone(), every_file: area.every_file, alias }
    }

    /// The path by which a folder or file of this context was reached.
    pub(super) fn named(&self, path: &ServerPath) -> ServerPath {
        let Some(alias) = &self.alias else { return path.clone() };
        let Some(below) = path.below_exactly(&alias.0) else { return path.clone() };
        let names = below.split(path.separator()).filter(|name| !name.is_empty());
        names.fold(alias.1.clone(), |path, name| path.join(name))
    }

    /// Whether its files are those of a site or of the web folders of Exchange.
    pub(super) fn is_web(&self) -> bool {
        self.every_file && matches!(self.role, Role::WebRoot | Role::Exchange)
    }

    /// The context where a further area begins inside this one: what either examines is examined, and the role that says
    /// more about a file wins.
    fn entering(&self, area: &Area, reached: &HashMap<ServerPath, ServerPath>) -> Self {
        // Within one web root the outer base stays: `aspnet_client` must not vanish from the path of a virtual directory
        // that points into it.
        let keep =
            weight(self.role) > weight(area.role) || self.role == area.role && area.base.below(&self.base).is_some();
        let other = Self::of(area, reached);
        let Self { role, base, alias, .. } = if keep { self.clone() } else { other };
        Self { role, base, alias, every_file: self.every_file || area.every_file }
    }
}

/// The context where these areas begin.
pub(super) fn enter(outer: Option<&Context>, areas: &[&Area], reached: &HashMap<ServerPath, ServerPath>) -> Context {
    let mut context = outer.cloned().unwrap_or_else(|| Context::of(areas[0], reached));
    for area in areas {
        context = context.entering(area, reached);
    }
    context
}

/// Adds a file by its path.
pub(super) fn add_single(
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
