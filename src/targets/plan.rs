//! The plan of a run: the areas and files to examine, and what is known of the server.

use super::iis;
use super::loaded::Loaded;
use crate::catalogue;
use crate::config::cache::{ConfigCache, ConfigFile};
use crate::config::deviations::{Deviation, deviations};
use crate::evidence::{CrossedLink, Evidence};
use crate::model::{
    Discovered, Place, Problem, Reason, Role, ServerInfo, ServerPath, server_path::fold, server_path::same_name,
};
use shellsift_registry::facts::EventLog;
use std::collections::HashMap;
use std::sync::Arc;

/// A configuration file of the evidence, parsed once a run.
///
/// # Errors
/// Why it cannot be read.
pub fn config_file(
    evidence: &dyn Evidence,
    plan: &Plan,
    file: &ServerPath,
) -> Result<Arc<ConfigFile>, crate::config::cache::Unreadable> {
    iis::document(evidence, &plan.configs, file)
}

/// A folder to examine with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// The folder, in the case it has on the evidence.
    pub path: ServerPath,
    /// What it is to the server.
    pub role: Role,
    /// The folder that relative paths in it start from.
    pub base: ServerPath,
    /// Whether every file is examined, or web file types only.
    pub every_file: bool,
}

/// All that is examined in one run.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The areas, sorted by path; they may be inside each other.
    pub areas: Vec<Area>,
    /// Single files: those that were named as targets, and what the web server loads from outside the areas.
    pub files: Vec<ServerPath>,
    /// What checks of tasks, hives and scripts found in files.
    pub noted: HashMap<ServerPath, Vec<Reason>>,
    /// As what configuration loads which file.
    pub loaded: Loaded,
    /// The roots of Exchange installations.
    pub exchange: Vec<ServerPath>,
    /// What the registry says of the server.
    pub server: ServerInfo,
    /// The settings of its event logs, by the drive of the Windows and the folded name of the log.
    pub event_logs: HashMap<(char, String), EventLog>,
    /// The web server's configuration.
    pub iis: Option<iis::Iis>,
    /// The configurations of further Windows volumes: a second system, or a copy of one.
    pub other_iis: Vec<iis::Iis>,
    /// The configuration files that were parsed.
    pub configs: Arc<ConfigCache>,
    /// By which path a folder was asked for, where links lead to it from there.
    pub reached_as: HashMap<ServerPath, ServerPath>,
    /// The links on the way to what is examined.
    pub crossed: Vec<(ServerPath, CrossedLink)>,
    /// What was missing or broken on the way.
    pub problems: Vec<Problem>,
    /// What the targets turned out to be, in words.
    pub discovered: Vec<Discovered>,
}

impl Plan {
    /// Adds a folder to examine.
    pub(super) fn add_area(&mut self, path: ServerPath, role: Role, base: &ServerPath, every_file: bool) {
        self.areas.push(Area { path, role, base: base.clone(), every_file });
    }

    /// Notes a reason of a file, one of each check, and has it examined.
    pub(super) fn note(&mut self, file: &ServerPath, reason: Reason) {
        const MOST: usize = 20;
        let noted = self.noted.entry(file.clone()).or_default();
        if noted.len() < MOST && !noted.iter().any(|known| known.id == reason.id) {
            noted.push(reason);
        }
        if !self.files.contains(file) {
            self.files.push(file.clone());
        }
    }

    /// Reports what a target turned out to be, each line once.
    pub(super) fn report(&mut self, what: &'static str, words: String) {
        report_once(&mut self.discovered, what, words);
    }

    /// The web servers' configurations, that of the first volume first.
    pub fn servers(&self) -> impl Iterator<Item = &iis::Iis> {
        self.iis.iter().chain(&self.other_iis)
    }

    /// How the web servers deviate from a default Exchange installation.
    pub fn deviations(&self) -> Vec<Deviation> {
        let of = |iis: &iis::Iis| {
            let system = iis.system.unwrap_or('C');
            deviations(&iis.server, catalogue::default_sites(), system, &self.exchange_names())
        };
        self.servers().flat_map(of).collect()
    }

    /// The variables that paths of a configuration may name, for a server whose Windows is on `system`: its Exchange is the one on
    /// the same volume, or else the first.
    pub fn variables(&self, system: char) -> iis::Variables {
        let own = self.exchange.iter().find(|root| root.drive_letter() == Some(system));
        iis::Variables::new(system, own.or(self.exchange.first()))
    }

    /// The roots of Exchange installations by every name: configurations and logs write that of a link which leads there.
    pub fn exchange_names(&self) -> Vec<ServerPath> {
        let of = |root: &ServerPath| self.reached_as.get(root).cloned().into_iter().chain([root.clone()]);
        self.exchange.iter().flat_map(of).collect()
    }

    /// The innermost area that a path is in.
    pub fn area_of(&self, path: &ServerPath) -> Option<&Area> {
        let around = self.areas.iter().filter(|area| path.below(&area.path).is_some());
        around.max_by_key(|area| area.path.as_str().len())
    }

    /// The place of a file in an area.
    pub fn place(&self, file: &ServerPath, role: Role, base: &ServerPath) -> Place {
        let relative = match file.windows_below(base) {
            Some(relative) if !relative.is_empty() => fold(&relative),
            _ => fold(file.name()),
        };
        Place { role, relative, names_known: !same_name(base.name(), "V14"), url: None, reach: Vec::new() }
    }
}

/// [`Plan::report`], where another part of the plan is borrowed.
pub(super) fn report_once(discovered: &mut Vec<Discovered>, what: &'static str, words: String) {
    let line = Discovered { what, words };
    if !discovered.contains(&line) {
        discovered.push(line);
    }
}
