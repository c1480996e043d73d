//! Products whose folders are web roots whatever the configuration says.

use super::plan::Plan;
use crate::catalogue::product_folders;
use crate::evidence::Resolver;
use crate::model::{Role, ServerPath};

/// Adds the products on a volume. One of which no served folder is there is not installed.
pub(super) fn add(resolver: &Resolver<'_>, root: &ServerPath, plan: &mut Plan) {
    for rows in product_folders().chunk_by(|a, b| (&a.product, &a.home) == (&b.product, &b.home)) {
        let Some(first) = rows.first() else { continue };
        for home in homes(resolver, root, &first.home) {
            let folders = |every_file: bool| {
                let rows = rows.iter().filter(move |row| row.every_file == every_file);
                rows.flat_map(|row| resolver.folders_below(&home, &row.folder)).collect::<Vec<_>>()
            };
            let served = folders(true);
            if served.is_empty() {
                continue;
            }
            plan.report(&first.product, home.to_string());
            let other = folders(false).into_iter().map(|folder| (folder, false));
            for (folder, every_file) in served.into_iter().map(|folder| (folder, true)).chain(other) {
                plan.add_area(folder.clone(), Role::WebRoot, &folder, every_file);
            }
        }
    }
}

/// Where a product is: one place, or a folder for each version.
fn homes(resolver: &Resolver<'_>, root: &ServerPath, home: &str) -> Vec<ServerPath> {
    let Some(above) = home.strip_suffix(r"\*") else { return resolver.folders_below(root, home) };
    let versions = resolver.folders_below(root, above).into_iter().flat_map(|above| resolver.folders_in(&above));
    versions.filter(|version| version.name().bytes().all(|b| b.is_ascii_digit())).collect()
}
