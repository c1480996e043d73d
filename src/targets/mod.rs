//! Discovery: the type of a target, and the areas to examine.

mod assemblies;
mod autostart;
mod class_names;
mod command_line;
mod discover;
mod earlier;
mod history;
pub mod hive;
pub mod iis;
mod installations;
mod linux;
mod loaded;
pub mod loads;
mod modules;
mod overview;
mod plan;
pub mod preservation_file;
mod products;
mod registry;
mod served;
mod servers;
mod services;
mod tasks;
mod tomcat;
mod url_map;
mod web_servers;

pub use autostart::checks::CHECKS as AUTOSTART_CHECKS;
pub use discover::{Target, TargetKind, discover, is_server, is_whole, recognise};
pub use history::history;
pub use installations::installations_in;
pub use loaded::Loaded;
pub use overview::overview;
pub use plan::{Area, Plan, config_file};
pub use url_map::{Exists, FileLookup, PageCandidate, UrlMap};
