//! Names and paths of files left by intruders, from the rows `filename`, `path`, `path_regex` and `drop_folder` of
//! `signatures/exchange/indicators.csv`. Everything is compared without case.

use crate::model::place::kind;
use crate::model::server_path::{extension, fold};
use regex::bytes::RegexSet;
use std::collections::HashMap;

/// The weight of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// `low`, or a score below 60.
    Low,
    /// `medium`, or a score from 60.
    Medium,
    /// `high`, or a score from 80.
    High,
}

/// What a row names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameKind {
    /// A folder, whatever lies in it.
    Folder,
    /// A file name in any folder.
    Name,
    /// A path that leaves the name, or part of it, open.
    Pattern,
    /// One path.
    Path,
}

impl NameKind {
    /// The last part of a reason's id.
    pub fn name(self) -> &'static str {
        match self {
            NameKind::Folder => "folder",
            NameKind::Name => "name",
            NameKind::Pattern => "pattern",
            NameKind::Path => "path",
        }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameFact {
    /// What it names.
    pub kind: NameKind,
    /// Its weight.
    pub sure: Sure,
    /// The name, path or pattern as the table has it.
    pub value: String,
    /// The intrusion it comes from.
    pub about: String,
    /// Where to read more.
    pub reference: Option<String>,
}

/// Every row, by what it is looked up with.
#[derive(Debug)]
pub struct BadNames {
    /// By the folded file name: the end of the folder's path, empty for any, and the row.
    by_name: HashMap<Box<str>, Vec<(Box<str>, NameFact)>>,
    folders: Vec<(Box<str>, NameFact)>,
    patterns: Vec<NameFact>,
    set: RegexSet,
}

/// Kinds of file that patterns are about, beside server code.
const PATTERN_KINDS: &[&str] = &["zip", "7z", "rar", "dmp", "bat", "ps1", "exe", "dll"];

impl BadNames {
    pub(super) fn parse(table: &str) -> Self {
        let mut by_name: HashMap<Box<str>, Vec<(Box<str>, NameFact)>> = HashMap::new();
        let (mut folders, mut patterns) = (Vec::new(), Vec::new());
        let mut add = |folder: &str, name: &str, fact: NameFact| {
            by_name.entry(name.into()).or_default().push((folder.into(), fact));
        };
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        for row in reader.records().map(|row| row.expect("the embedded table is well-formed, a test reads it")) {
            let field = |at: usize| row.get(at).unwrap_or_default();
            let fact = |kind: NameKind| NameFact {
                kind,
                sure: sure(field(3)),
                value: field(1).to_owned(),
                about: about(field(2)).to_owned(),
                reference: reference(field(2), field(5)),
            };
            let value = fold(field(1));
            match field(0) {
                "filename" if !value.contains('\\') => add("", &value, fact(NameKind::Name)),
                "filename" | "path" => {
                    let (folder, name) = value.rsplit_once('\\').unwrap_or(("", &value));
                    add(folder, name, fact(NameKind::Path));
                }
                "path_regex" => match literal(field(1)) {
                    Some(text) => {
                        let folded = fold(&text);
                        let (folder, name) = folded.rsplit_once('\\').unwrap_or(("", &folded));
                        let kind = if folder.is_empty() { NameKind::Name } else { NameKind::Path };
                        add(folder, name, NameFact { value: text, ..fact(kind) });
                    }
                    None => patterns.push(fact(NameKind::Pattern)),
                },
                // What the folders of Exchange and aspnet_client hold is judged by the detector of locations.
                "drop_folder" if value.starts_with(r"programdata\") || value.starts_with(r"users\") => {
                    folders.push((value.trim_end_matches('\\').into(), fact(NameKind::Folder)));
                }
                _ => {}
            }
        }
        let ends = |fact: &NameFact| {
            let open = fact.value.ends_with('$') || fact.value.ends_with(r"\\");
            format!("(?i-u){}{}", fact.value, if open { "" } else { "$" })
        };
        let set = RegexSet::new(patterns.iter().map(ends)).expect("the embedded patterns compile, a test reads them");
        Self { by_name, folders, patterns, set }
    }

    /// Whether anything can be known of a file of this name, folded; spares making its whole path of nearly all files.
    pub fn concern(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
            || kind::is_server_code(name)
            || PATTERN_KINDS.contains(&extension(name).as_str())
    }

    /// What is known of a file: `path` is its whole path, folded, with backslashes. Rows about one path come before
    /// patterns, those before names, and names before folders; surer ones first.
    pub fn about(&self, path: &str) -> Vec<&NameFact> {
        let (folder, name) = path.rsplit_once('\\').unwrap_or(("", path));
        let mut facts = Vec::new();
        for (end, fact) in self.by_name.get(name).into_iter().flatten() {
            if end.is_empty() || ends_with_folder(folder, end) {
                facts.push(fact);
            }
        }
        if kind::is_server_code(name) || PATTERN_KINDS.contains(&extension(name).as_str()) {
            facts.extend(self.set.matches(path.as_bytes()).into_iter().map(|at| &self.patterns[at]));
            facts.extend(self.folders.iter().filter(|(known, _)| has_folder(folder, known)).map(|(_, fact)| fact));
        }
        facts.sort_by_key(|fact| std::cmp::Reverse((fact.kind, fact.sure)));
        facts
    }

    /// Whether a file of a folder in which only web file types are scanned is worth examining for its name. `folder` is
    /// folded. Names of libraries count where IIS keeps its modules: elsewhere they are anybody's.
    pub fn meet(&self, folder: &str, name: &str) -> bool {
        let name = fold(name);
        if let Some(known) = self.by_name.get(name.as_str()) {
            let modules = folder.ends_with(r"\system32\inetsrv");
            return known.iter().any(|(end, _)| if end.is_empty() { modules } else { ends_with_folder(folder, end) });
        }
        PATTERN_KINDS.contains(&extension(&name).as_str()) && self.set.is_match(format!("{folder}\\{name}").as_bytes())
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.by_name.values().map(Vec::len).sum::<usize>() + self.folders.len() + self.patterns.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Whether a folded path ends with these folders, whole names compared.
fn ends_with_folder(folder: &str, end: &str) -> bool {
    folder.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('\\'))
}

/// Whether a folded path lies in or below these folders of a drive.
fn has_folder(folder: &str, known: &str) -> bool {
    let below = folder.get(3..).unwrap_or_default();
    below.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('\\'))
}

fn sure(confidence: &str) -> Sure {
    let score = confidence.strip_prefix("score").and_then(|score| score.parse::<u8>().ok());
    match (confidence, score) {
        ("high", _) | (_, Some(80..)) => Sure::High,
        ("medium", _) | (_, Some(60..)) => Sure::Medium,
        _ => Sure::Low,
    }
}

/// The intrusion, without the address that some rows carry behind it.
fn about(family: &str) -> &str {
    family.split(" http").next().unwrap_or(family)
}

fn reference(family: &str, source: &str) -> Option<String> {
    let address = family.find("http").map(|at| &family[at..]);
    Some(address.unwrap_or(source).to_owned()).filter(|reference| !reference.is_empty())
}

/// What a pattern without any choice stands for: most are names and paths with their special characters escaped. `None`
/// if it leaves anything open, or does not end in a file name.
fn literal(pattern: &str) -> Option<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut characters = pattern.strip_suffix('$').unwrap_or(pattern).chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next()? {
                escaped @ ('\\' | '.' | '-') => text.push(escaped),
                _ => return None,
            },
            '[' | ']' | '(' | ')' | '{' | '}' | '*' | '+' | '?' | '|' | '^' | '$' | '.' => return None,
            c => text.push(c),
        }
    }
    let text = text.trim_start_matches('\\');
    let name = text.rsplit('\\').next()?;
    name.contains('.').then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::bad_names;

    fn first(path: &str) -> Option<(NameKind, Sure)> {
        bad_names().about(path).first().map(|fact| (fact.kind, fact.sure))
    }

    #[test]
    fn every_row_about_names_is_read() {
        let rows =
            csv::Reader::from_reader(&include_bytes!("../../signatures/exchange/indicators.csv")[..]).into_records();
        let about_names = |row: &csv::StringRecord| match &row[0] {
            "filename" | "path" | "path_regex" => true,
            "drop_folder" => ["programdata\\", "users\\"].iter().any(|start| fold(&row[1]).starts_with(start)),
            _ => false,
        };
        assert_eq!(bad_names().len(), rows.filter_map(Result::ok).filter(about_names).count(), "none lost");
        assert!(bad_names().patterns.len() < 40, "most patterns are plain paths: {}", bad_names().patterns.len());
    }

    #[test]
    fn paths_names_patterns_and_folders_are_distinguished() {
        let v15 = r"d:\exchange server\v15";
        for (path, expected) in [
            (&*format!(r"{v15}\frontend\httpproxy\owa\auth\bob.aspx"), Some((NameKind::Path, Sure::High))),
            (&*format!(r"{v15}\frontend\httpproxy\owa\auth\getpp.aspx"), Some((NameKind::Path, Sure::Medium))),
            (&*format!(r"{v15}\frontend\httpproxy\owa\bob.aspx"), None),
            (r"c:\inetpub\wwwroot\errorew.aspx", Some((NameKind::Name, Sure::Medium))),
            (r"c:\inetpub\wwwroot\shell.aspx", Some((NameKind::Name, Sure::Medium))),
            (r"c:\inetpub\wwwroot\myshell.aspx", None),
            (r"c:\inetpub\wwwroot\aspnet_client\x1.aspx", Some((NameKind::Pattern, Sure::High))),
            (r"c:\inetpub\wwwroot\aspnet_client\x1.aspx.txt", None),
            (r"c:\programdata\a1.zip", Some((NameKind::Pattern, Sure::Low))),
            (r"c:\programdata\longername.zip", None),
            (r"c:\programdata\x\a1.zip", None),
            (r"c:\programdata\it.zip", Some((NameKind::Path, Sure::High))),
            (r"c:\windows\temp\lsass-1.dmp", Some((NameKind::Pattern, Sure::High))),
            (r"c:\windows\temp\w3wp.dmp", None),
            (r"c:\programdata\zing\q.aspx", Some((NameKind::Folder, Sure::High))),
            (r"c:\programdata\zingara\q.aspx", None),
            (r"c:\windows\temp\creds.db", Some((NameKind::Path, Sure::Low))),
        ] {
            assert_eq!(first(path), expected, "{path}");
        }
        let fact = bad_names().about(r"c:\inetpub\wwwroot\aspnet_client\caches.aspx")[0];
        assert!(fact.about.contains("Winnti") && !fact.about.contains("http"), "{fact:?}");
        assert!(fact.reference.as_ref().is_some_and(|reference| reference.starts_with("https://")), "{fact:?}");
    }

    #[test]
    fn in_folders_that_are_looked_through_only_telling_names_are_met() {
        for (folder, name, met) in [
            (r"c:\programdata", "IT.zip", true),
            (r"c:\programdata", "a.7z", true),
            (r"c:\programdata\mcafee", "a.7z", false),
            (r"c:\windows\temp", "LSASS.DMP", true),
            (r"c:\windows\system32\inetsrv", "iisddos.dll", true),
            (r"c:\programdata\vendor", "logging.dll", false),
            (r"c:\users\public", "1.log", true),
            (r"c:\windows\temp", "1.log", false),
            (r"c:\windows\temp", "setup.exe", false),
        ] {
            assert_eq!(bad_names().meet(folder, name), met, "{folder}\\{name}");
        }
    }
}
