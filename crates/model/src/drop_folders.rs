//! Drop folders, where web content, executables or both do not belong: `signatures/windows/drop_folders.csv`, the only
//! list of them. The significance depends on what was found there, so each use has its own column.

use super::server_path::fold;
use super::table::rows;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../../signatures/windows/drop_folders.csv");

/// What lies in a folder, or leads there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A virtual directory maps to it.
    VirtualDirectory,
    /// A page lies there.
    Page,
    /// A task, a service or a script runs an executable from there.
    Program,
    /// The same with a script.
    Script,
    /// A library that configuration loads lies there.
    Library,
    /// An event names a path there.
    Event,
    /// A link in a web folder leads there.
    Link,
}

/// One row.
#[derive(Clone, Debug)]
pub struct DropFolder {
    /// The folder below a volume, as Windows writes it; `...` stands for any number of folders.
    pub folder: &'static str,
    /// Its name in a sentence.
    pub name: &'static str,
    /// Whether web file types in it are examined on every volume.
    pub surveyed: bool,
    names: Vec<String>,
    scores: [Option<Score>; 7],
}

/// A score from 0 to 100; and from how many folders below on it is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Score {
    score: u8,
    deep: Option<(usize, u8)>,
}

impl Score {
    /// `50`, `50 2:30` (30 from the second folder below on), `yes` (100); nothing where the column has nothing.
    fn of(cell: &str) -> Option<Self> {
        let (score, deep) = cell.split_once(' ').map_or((cell, None), |(score, deep)| (score, Some(deep)));
        let score = if score == "yes" { 100 } else { score.parse().ok()? };
        let deep = deep
            .and_then(|deep| deep.split_once(':'))
            .and_then(|(at, score)| Some((at.parse().ok()?, score.parse().ok()?)));
        Some(Self { score, deep })
    }
}

/// Every row, in the order of the table.
pub fn all() -> &'static [DropFolder] {
    static ROWS: LazyLock<Vec<DropFolder>> = LazyLock::new(|| {
        let row = |[folder, name, surveyed, scores @ .., _]: [&'static str; 11]| {
            let scores: [&str; 7] = scores;
            DropFolder {
                folder,
                name,
                surveyed: surveyed == "yes",
                names: folder.split('\\').map(fold).collect(),
                scores: scores.map(Score::of),
            }
        };
        rows(TABLE).map(row).collect()
    });
    &ROWS
}

/// How many names at the start of a path a row takes, the fewest.
fn taken(row: &[String], path: &[&str]) -> Option<usize> {
    let Some(open) = row.iter().position(|name| name == "...") else {
        return (row.len() <= path.len() && row.iter().zip(path).all(|(name, own)| name == own)).then_some(row.len());
    };
    let (head, tail) = (&row[..open], &row[open + 1..]);
    let rest = path.get(head.len()..)?;
    if !head.iter().zip(path).all(|(name, own)| name == own) {
        return None;
    }
    let at = rest.windows(tail.len()).position(|window| window.iter().zip(tail).all(|(own, name)| name == own))?;
    Some(head.len() + at + tail.len())
}

/// The deepest folder of the table that a path lies in, or is, and that says something of what was found there; and how much, from
/// 1 to 100. `path` is folded, below its volume, with backslashes.
pub fn find(path: &str, found: Found) -> Option<(&'static DropFolder, u8)> {
    let names: Vec<&str> = path.split('\\').filter(|name| !name.is_empty()).collect();
    let of = |row: &'static DropFolder| {
        let score = row.scores[found as usize]?;
        let taken = taken(&row.names, &names)?;
        let folders = names.len().saturating_sub(taken + 1);
        let score = score.deep.filter(|(from, _)| folders >= *from).map_or(score.score, |(_, deep)| deep);
        Some((row, score))
    };
    all().iter().filter_map(of).max_by_key(|(row, _)| row.names.len()).filter(|(_, score)| *score > 0)
}

#[cfg(test)]
mod tests {
    use super::super::table::is_well_formed;
    use super::*;

    #[test]
    fn every_row_is_read_and_has_a_source() {
        assert!(is_well_formed::<11>(TABLE));
        for row in rows::<11>(TABLE) {
            for cell in &row[3..10] {
                assert_eq!(cell.is_empty(), Score::of(cell).is_none(), "{}: {cell}", row[0]);
            }
        }
    }

    #[test]
    fn the_deepest_folder_that_has_something_to_say_counts() {
        let score = |path: &str, found| find(path, found).map(|(_, score)| score);
        for (path, found, expected) in [
            (r"programdata\x\q.aspx", Found::Page, Some(50)),
            (r"programdata\x\y\q.aspx", Found::Page, Some(30)),
            (r"programdata\microsoft\q.aspx", Found::Page, Some(15)),
            (r"programdata\microsoft", Found::VirtualDirectory, Some(50)),
            (r"programdata\x.exe", Found::Program, Some(55)),
            (r"programdata\x\x.exe", Found::Program, None),
            (r"inetpub\q.aspx", Found::Page, Some(20)),
            (r"inetpub\wwwroot\q.aspx", Found::Page, None),
            (r"users\bob\appdata\local\temp\x.exe", Found::Program, Some(60)),
            (r"users\bob\appdata\local\x.ps1", Found::Script, Some(50)),
            (r"users\bob\appdata\local\x.exe", Found::Program, None),
            (r"x\appdata\local\temp", Found::VirtualDirectory, Some(70)),
            (r"windows\microsoft.net\framework64\v4\temporary asp.net files\a\x.dll", Found::Library, Some(100)),
            (r"windows\system32\x.dll", Found::Library, None),
            (r"windowsx\temp\q.aspx", Found::Page, None),
            ("", Found::Link, None),
        ] {
            assert_eq!(score(path, found), expected, "{path} {found:?}");
        }
    }
}
