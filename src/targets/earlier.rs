//! Systems that lie beside the one that runs: what setup left of the one before it, or prepares for the one after. Nobody serves their
//! folders by default, a virtual directory may point into them, and they are looked at for web kinds by content alone: their pages
//! are what an ordinary server had.

use super::Plan;
use super::discover::{aspnet_temp, installations};
use super::{add, assemblies, say};
use crate::catalogue::ExchangeFolder;
use crate::evidence::Resolver;
use crate::model::server_path::fold;
use crate::model::{Role, ServerPath};

/// What their names begin with, folded.
const NAMES: &[&str] = &["windows.old", "$windows.~", "$inplace.~", "$upgrade.~", "$getcurrent", "$sysreset"];

pub(super) fn add_systems(resolver: &Resolver<'_>, root: &ServerPath, plan: &mut Plan) {
    // A root that cannot be listed is told by the survey.
    for folder in resolver.folders_in(root) {
        let name = fold(folder.name());
        if NAMES.iter().any(|known| name.starts_with(known)) {
            say(plan, "earlier", format!("{folder}: what setup left of a system, by content alone"));
            add(plan, folder.clone(), Role::Unknown, &folder, false);
            // What it had compiled, and the libraries of its sites, are no web kinds.
            aspnet_temp(resolver, &folder, plan);
            assemblies::of_profiles(resolver, &folder, plan);
            let mut web = resolver.folders_below(&folder, r"inetpub\wwwroot");
            for installation in installations(resolver, &folder) {
                web.extend(
                    ExchangeFolder::Web.folders().flat_map(|names| resolver.folders_below(&installation, names)),
                );
            }
            for folder in web {
                add(plan, folder.clone(), Role::Unknown, &folder, true);
            }
        }
    }
}
