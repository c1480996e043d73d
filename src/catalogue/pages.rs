//! Pages of a default Exchange installation, by folder and by file name.

use super::BaselineNames;
use crate::model::place::kind;
use std::collections::HashMap;

/// Names and folders of default server code, folded, below the installation folder.
#[derive(Debug, Default)]
pub struct Pages {
    by_folder: HashMap<Box<str>, Vec<Box<str>>>,
    by_name: HashMap<Box<str>, Vec<Box<str>>>,
}

impl Pages {
    pub(super) fn of(names: &BaselineNames) -> Self {
        let mut pages = Self::default();
        for path in names.iter() {
            let Some((folder, name)) = path.rsplit_once('\\') else { continue };
            if kind::is_server_code(name) {
                pages.by_folder.entry(folder.into()).or_default().push(name.into());
                pages.by_name.entry(name.into()).or_default().push(folder.into());
            }
        }
        // What comes out must not depend on the order of a hash table.
        pages.by_folder.values_mut().chain(pages.by_name.values_mut()).for_each(|list| list.sort());
        pages
    }

    /// The names of the pages in a folder, sorted.
    pub fn in_folder(&self, folder: &str) -> impl Iterator<Item = &str> {
        self.by_folder.get(folder).into_iter().flatten().map(|name| &**name)
    }

    /// The folders that have a page of this name, sorted.
    pub fn folders_of(&self, name: &str) -> impl Iterator<Item = &str> {
        self.by_name.get(name).into_iter().flatten().map(|folder| &**folder)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn pages_are_found_by_folder_and_by_name() {
        let pages = crate::catalogue::pages();
        assert_eq!(pages.in_folder(r"frontend\httpproxy\ecp\auth").collect::<Vec<_>>(), ["timeoutlogout.aspx"]);
        assert_eq!(pages.folders_of("errorfe.aspx").collect::<Vec<_>>(), [r"frontend\httpproxy\owa\auth"]);
        assert_eq!(pages.folders_of("web.config").count(), 0, "no code");
        assert!(pages.folders_of("default.aspx").count() > 20);
    }
}
