//! Which folders matter: what a target turns out to be, and the areas of it that are examined.

pub mod aspnet_cache;
mod discover;
pub mod iis;
mod leftover;
mod registry;

pub use discover::{Given, Shape, discover, recognise};

use crate::model::{Discovered, Place, Problem, Role, ServerPath, server_path::fold, server_path::same_name};

/// A folder to examine with everything below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// The folder, in the case it has on the evidence.
    pub path: ServerPath,
    /// What it is to the server.
    pub role: Role,
    /// The folder that relative paths in it start from.
    pub base: ServerPath,
    /// Whether every file is examined, or web kinds only.
    pub every_file: bool,
}

/// All that is examined in one run.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The areas, sorted by path; they may lie inside each other.
    pub areas: Vec<Area>,
    /// Single files that were named as targets.
    pub files: Vec<ServerPath>,
    /// The roots of Exchange installations.
    pub exchange: Vec<ServerPath>,
    /// The web server's configuration.
    pub iis: Option<iis::Iis>,
    /// What was missing or broken on the way.
    pub problems: Vec<Problem>,
    /// What the targets turned out to be, in words.
    pub discovered: Vec<Discovered>,
}

impl Plan {
    /// The URL path that reaches a file: of the virtual directories whose folder it lies in, the deepest folder and the
    /// shortest URL.
    pub fn url(&self, file: &ServerPath) -> Option<String> {
        let mut best: Option<(usize, String)> = None;
        for (folder, url) in self.iis.iter().flat_map(iis::Iis::mappings) {
            let Some(rest) = file.below(folder) else { continue };
            let depth = folder.as_str().len();
            let url = format!("{}/{}", url.trim_end_matches('/'), rest.replace('\\', "/"));
            let better = match &best {
                None => true,
                Some((other, shorter)) => depth > *other || depth == *other && url.len() < shorter.len(),
            };
            if better {
                best = Some((depth, url));
            }
        }
        best.map(|(_, url)| url)
    }

    /// The place of a file in an area.
    pub fn place(&self, file: &ServerPath, role: Role, base: &ServerPath) -> Place {
        let relative = match file.windows_below(base) {
            Some(relative) if !relative.is_empty() => fold(&relative),
            _ => fold(file.name()),
        };
        Place { role, relative, stock_known: !same_name(base.name(), "V14"), url: None, reach: Vec::new() }
    }
}
