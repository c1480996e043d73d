//! The names of default Exchange pages.

use std::collections::HashSet;

/// Paths below the installation folder, folded.
#[derive(Clone, Debug)]
pub struct BaselineNames(HashSet<Box<str>>);

impl BaselineNames {
    /// Reads `signatures/exchange/baseline_names.csv`.
    pub(super) fn parse(table: &str) -> Self {
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let rows = reader.records().map(|row| row.expect("the embedded table is well-formed, a test reads it"));
        Self(rows.filter_map(|row| row.get(0).map(Into::into)).collect())
    }

    /// Whether some build ships a page at this path, folded, below the installation folder.
    pub fn contains(&self, relative: &str) -> bool {
        self.0.contains(relative)
    }

    /// Every path.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|path| &**path)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn default_pages_are_known_and_look_alikes_are_not() {
        let names = crate::catalogue::baseline_names();
        assert!(names.contains(r"frontend\httpproxy\owa\auth\logon.aspx"));
        assert!(names.contains(r"frontend\httpproxy\ecp\auth\timeoutlogout.aspx"));
        assert!(!names.contains(r"frontend\httpproxy\owa\auth\timeoutlogout.aspx"));
        assert!(!names.contains(r"frontend\httpproxy\owa\auth\redirsuiteserverproxy.aspx"));
    }
}
