//! Earlier or prepared Windows systems left by setup. Their folders are not served by default, although a virtual
//! directory may point into them. They are scanned for web file types by content only: their pages are those of an
//! ordinary server.

use super::assemblies;
use super::installations::installations;
use super::plan::Plan;
use crate::catalogue::ExchangeFolder;
use crate::evidence::Resolver;
use crate::model::server_path::fold;
use crate::model::{Role, ServerPath};

/// What their names begin with, folded.
const NAMES: &[&str] = &["windows.old", "$windows.~", "$inplace.~", "$upgrade.~", "$getcurrent", "$sysreset"];

pub(super) fn add_systems(resolver: &Resolver<'_>, root: &ServerPath, plan: &mut Plan) {
    // A root that cannot be listed is reported by the survey.
    for folder in resolver.folders_in(root) {
        let name = fold(folder.name());
        if NAMES.iter().any(|known| name.starts_with(known)) {
            plan.report("earlier", format!("{folder}: files of an earlier system, by content only"));
            plan.add_area(folder.clone(), Role::Unknown, &folder, false);
            // What it had compiled, and the libraries of its sites, are not web file types.
            assemblies::aspnet_temp(resolver, &folder, plan);
            assemblies::of_profiles(resolver, &folder, plan);
            let mut web = resolver.folders_below(&folder, r"inetpub\wwwroot");
            for installation in installations(resolver, &folder) {
                web.extend(
                    ExchangeFolder::Web.folders().flat_map(|names| resolver.folders_below(&installation, names)),
                );
            }
            for folder in web {
                plan.add_area(folder.clone(), Role::Unknown, &folder, true);
            }
        }
    }
}
