//! Where Exchange is installed on a volume.

use crate::evidence::{Evidence, Resolver};
use crate::model::ServerPath;
use crate::model::server_path::{fold, same_name};

/// Folders that are no place to look for an Exchange installation in: large, or closed to administrators on every Windows.
const NOT_FOR_EXCHANGE: &[&str] = &[
    "windows",
    "users",
    "$recycle.bin",
    "system volume information",
    "programdata",
    "documents and settings",
    "windowsapps",
    "modifiablewindowsapps",
    "recovery",
    "config.msi",
    "$winreagent",
    "$windows.~bt",
    "$windows.~ws",
    "$extend",
];

/// The Exchange installations that are in a folder, wherever a volume can have them.
pub fn installations_in(evidence: &dyn Evidence, folder: &ServerPath) -> Vec<ServerPath> {
    installations(&Resolver::new(evidence), folder)
}

/// Exchange installations on a volume: the default folders, any `bin\ExSetup.exe` whose installation is within the first
/// three levels, and `Exchange Server\V14|V15` below a folder of these levels (`E:\Programme\Microsoft\Exchange Server`).
pub(super) fn installations(resolver: &Resolver<'_>, root: &ServerPath) -> Vec<ServerPath> {
    let mut found = Vec::new();
    let mut level = vec![root.clone()];
    for depth in 0..=3 {
        let mut next = Vec::new();
        for folder in &level {
            if depth > 0 && !resolver.files_below(folder, r"bin\ExSetup.exe").is_empty() {
                found.push(folder.clone());
                continue;
            }
            if same_name(folder.name(), "Exchange Server") {
                for version in ["V15", "V14"] {
                    found.extend(resolver.folders_below(folder, version));
                }
                continue;
            }
            if depth < 3 {
                next.extend(
                    resolver
                        .folders_in(folder)
                        .into_iter()
                        .filter(|child| !NOT_FOR_EXCHANGE.contains(&fold(child.name()).as_str())),
                );
            }
        }
        level = next;
    }
    found.sort();
    found.dedup();
    found
}
