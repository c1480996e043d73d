//! Known-good baselines: which file belongs where in which build of Exchange.
//!
//! The built-in table is made from the hash baselines of microsoft/CSS-Exchange (MIT, see NOTICE): 131 builds from 2013 RTM
//! to 2019 CU9, every file below `FrontEnd` and `ClientAccess`. Script files carry over from build to build, so a file that
//! any build has at this place is known good; folders of older builds, which stay after each update, are known the same way.

mod embedded;
mod file;
mod table;

pub use embedded::built_in;
pub use file::{BrokenTable, read_table, write_table};
pub use table::{Build, BuildSet, Sha256, Table};

use super::ExchangeFolder;
use crate::model::place::kind;
use crate::model::{BaselineStatus, BuildMatch, Comparison};

/// The tables of a run, the built-in one first.
#[derive(Clone)]
pub struct Baseline {
    /// The tables; a file that one of them knows is known.
    pub tables: Vec<Table>,
}

/// The digest of no bytes.
const EMPTY: Sha256 = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41,
    0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

/// How many pages may differ on an unknown build before nothing is said about any: more of them are an update, not an
/// intruder. `fixtures/golden/left_out.tsv` has what comes of it with each of the 131 builds left out in turn.
pub const FEW: usize = 5;
/// How many known pages there must be for each that differs.
const KNOWN_FOR_EACH: usize = 10;

/// Whether tables list the folder of this file: a folded path below the installation folder.
pub fn is_listed(relative: &str) -> bool {
    ExchangeFolder::Web.holds(relative)
}

/// The form in which paths are compared: folded, and `version` for a folder named after a build (`15.2.721`, `15.1.2176.4`),
/// as the built-in table has it. `relative` is folded and below the installation folder.
pub fn place(relative: &str) -> String {
    let (folders, name) = relative.rsplit_once('\\').unwrap_or(("", relative));
    let parts = folders.split('\\').filter(|part| !part.is_empty());
    let mut path: String = parts.flat_map(|part| [if names_a_build(part) { "version" } else { part }, "\\"]).collect();
    path.push_str(name);
    path
}

/// Whether a deviation of this file says something: server code, and the scripts of the logon page, which handle passwords.
/// `relative` is folded and below the installation folder.
pub fn is_code_or_logon_script(relative: &str) -> bool {
    kind::is_server_code(relative) || relative.starts_with(r"frontend\httpproxy\owa\auth\") && relative.ends_with(".js")
}

/// `15.2.721` or `15.2.721.2`; not the versions of fonts and libraries, which begin with other numbers.
fn names_a_build(folder: &str) -> bool {
    crate::catalogue::builds::Build::of_folder(folder).is_some_and(|(build, _)| matches!(build.0[0], 8 | 14 | 15))
}

impl Baseline {
    /// Compares a file. `relative` is its folded path below the installation folder.
    pub fn compare(&self, relative: &str, sha256: &Sha256, standing: &BuildMatch) -> Comparison {
        let mut comparison = Comparison {
            status: BaselineStatus::NoBaseline,
            build_known: matches!(standing, BuildMatch::Known(_)),
            builds: None,
            expected_sha256: None,
            baseline_path: None,
        };
        let known: Vec<(&Table, u32)> =
            self.tables.iter().filter_map(|table| Some((table, table.hash_index(sha256)?))).collect();
        if known.is_empty() && matches!(standing, BuildMatch::Unknown(_)) {
            return comparison; // most files of an installation that no table knows
        }
        let place = place(relative);
        if let Some((table, builds)) = known.iter().find_map(|(table, at)| Some((table, table.builds_at(&place, *at)?)))
        {
            comparison.status = BaselineStatus::KnownGood;
            comparison.builds = Some(in_words(table, builds));
            return comparison;
        }
        // That an empty file lies at some other place too says nothing.
        let known = if *sha256 == EMPTY { Vec::new() } else { known };
        comparison.baseline_path = known.iter().find_map(|(table, at)| table.path_at(*at).map(str::to_owned));
        let is_name_known = self.tables.iter().any(|table| table.has_path(&place));
        comparison.status = match standing {
            // Where nothing can be said of the name, the content may still be known.
            _ if !is_name_known && comparison.baseline_path.is_some() => BaselineStatus::Elsewhere,
            BuildMatch::Unknown(_) => BaselineStatus::NoBaseline,
            _ if is_name_known => BaselineStatus::Changed,
            BuildMatch::CarriedOver { names_too: false } => BaselineStatus::NoBaseline,
            _ if is_listed(&place) => BaselineStatus::NotStock,
            _ => BaselineStatus::NoBaseline,
        };
        if let BuildMatch::Known(build) = standing {
            comparison.builds = Some(build.clone());
            let expected = self.find(|table| table.content(&place, table.build(build)?));
            comparison.expected_sha256 = expected.map(hex::encode);
        }
        comparison
    }

    fn find<'t, T>(&'t self, look: impl Fn(&'t Table) -> Option<T>) -> Option<T> {
        self.tables.iter().find_map(look)
    }
}

/// `15.2.721.2`, or `15.1.225.42 to 15.2.858.5 (80 builds)`.
fn in_words(table: &Table, builds: &BuildSet) -> String {
    let names: Vec<&str> = table.counted(builds).filter_map(|at| Some(table.builds.get(at)?.name.as_str())).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first, .., last] => format!("{first} to {last} ({} builds)", names.len()),
    }
}

/// Which build an installation is, and how far its pages are known: determined from its own files before any is judged.
pub struct Votes<'b> {
    baseline: &'b Baseline,
    programs: usize,
    /// For each build of each table, how many of the programs it has.
    by_build: Vec<Vec<usize>>,
    known: usize,
    differing: usize,
    unknown_names: usize,
}

impl<'b> Votes<'b> {
    /// No votes yet.
    pub fn new(baseline: &'b Baseline) -> Self {
        let by_build = baseline.tables.iter().map(|table| vec![0; table.builds.len()]).collect();
        Self { baseline, programs: 0, by_build, known: 0, differing: 0, unknown_names: 0 }
    }

    /// Whether an executable votes: a DLL of the product itself at a default path. Its content changes with nearly every
    /// build, while libraries of others stay.
    pub fn is_program_of_interest(relative: &str) -> bool {
        let name = relative.rsplit('\\').next().unwrap_or_default();
        name.starts_with("microsoft.exchange.") && name.ends_with(".dll") && relative.starts_with("frontend\\")
            || relative.starts_with(r"clientaccess\owa\bin\microsoft.exchange.")
    }

    /// Whether a page of this name (folded, below the installation folder) is at a default path.
    pub fn is_baseline_name(&self, relative: &str) -> bool {
        let place = place(relative);
        self.baseline.tables.iter().any(|table| table.has_path(&place))
    }

    /// A library of the product.
    pub fn program(&mut self, relative: &str, sha256: &Sha256) {
        let place = place(relative);
        if !self.is_baseline_name(relative) {
            return;
        }
        self.programs += 1;
        for (table, votes) in self.baseline.tables.iter().zip(&mut self.by_build) {
            if let Some(builds) = table.builds_of(&place, sha256) {
                table.counted(builds).for_each(|build| votes[build] += 1);
            }
        }
    }

    /// A page at a default path.
    pub fn page(&mut self, relative: &str, sha256: &Sha256) {
        let place = place(relative);
        match self.baseline.tables.iter().any(|table| table.builds_of(&place, sha256).is_some()) {
            true => self.known += 1,
            false => self.differing += 1,
        }
    }

    /// A page whose name no build has at its place.
    pub fn unknown_name(&mut self) {
        self.unknown_names += 1;
    }

    /// The result of the votes. A build is known if it has at least half of the programs; most of the others of its products
    /// have none, or all but one.
    pub fn conclude(&self) -> BuildMatch {
        let best = self.by_build.iter().enumerate().flat_map(|(table, votes)| {
            votes.iter().enumerate().map(move |(build, count)| (*count, std::cmp::Reverse((table, build))))
        });
        if let Some((count, std::cmp::Reverse((table, build)))) = best.max()
            && count > 0
            && count * 2 >= self.programs
        {
            return BuildMatch::Known(self.baseline.tables[table].builds[build].name.clone());
        }
        let which = match self.programs {
            0 => "its binaries were not provided",
            _ => "its binaries match no build in the baseline",
        };
        if self.known == 0 {
            return BuildMatch::Unknown(format!("{which}, nor do its pages"));
        }
        if self.differing <= FEW && self.differing * KNOWN_FOR_EACH <= self.known {
            return BuildMatch::CarriedOver { names_too: self.unknown_names <= FEW };
        }
        BuildMatch::Unknown(format!("{which}, and {} of {} pages differ", self.differing, self.known + self.differing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_a_build_is_every_builds_folder() {
        for (relative, expected) in [
            (r"clientaccess\owa\prem\15.2.721.2\scripts\x.js", r"clientaccess\owa\prem\version\scripts\x.js"),
            (r"frontend\httpproxy\owa\auth\15.0.847\x.css", r"frontend\httpproxy\owa\auth\version\x.css"),
            (r"clientaccess\ecp\fonts\5.27.1\x.eot", r"clientaccess\ecp\fonts\5.27.1\x.eot"),
            (r"clientaccess\ecp\15.2.721.2", r"clientaccess\ecp\15.2.721.2"),
            (r"a\15.2\b", r"a\15.2\b"),
            (r"a\15.2.3.4.5\b", r"a\15.2.3.4.5\b"),
            ("x.aspx", "x.aspx"),
        ] {
            assert_eq!(place(relative), expected);
        }
    }

    const PAGE: &str = r"frontend\httpproxy\owa\auth\logon.aspx";
    const PROGRAM: &str = r"frontend\httpproxy\bin\microsoft.exchange.x.dll";

    fn baseline() -> Baseline {
        let build = |name: &str| Build { name: name.to_owned(), about: String::new() };
        let mut files =
            vec![(PAGE, 1, 0), (PAGE, 2, 1), (PROGRAM, 3, 0), (PROGRAM, 4, 1), (r"clientaccess\a.css", 5, 0)];
        let names: Vec<String> = (0..60).map(|n| format!(r"clientaccess\ecp\p{n}.aspx")).collect();
        files.extend(names.iter().map(|name| (name.as_str(), 6, 0)));
        let files = files.into_iter().map(|(path, hash, at)| (path.to_owned(), [hash; 32], at));
        Baseline { tables: vec![Table::from_files(vec![build("15.2.1.1"), build("15.2.2.2")], files)] }
    }

    #[test]
    fn each_verdict_is_reached() {
        let baseline = baseline();
        let known = BuildMatch::Known("15.2.2.2".to_owned());
        let status = |path: &str, hash: u8, standing: &BuildMatch| baseline.compare(path, &[hash; 32], standing).status;
        assert_eq!(status(PAGE, 1, &known), BaselineStatus::KnownGood, "of an older build");
        assert_eq!(status(PAGE, 9, &known), BaselineStatus::Changed);
        assert_eq!(status(r"clientaccess\x.aspx", 1, &known), BaselineStatus::Elsewhere);
        assert_eq!(status(r"clientaccess\x.aspx", 9, &known), BaselineStatus::NotStock);
        assert_eq!(
            status(r"logging\x.aspx", 9, &known),
            BaselineStatus::NoBaseline,
            "the tables do not list that folder"
        );
        let unknown = BuildMatch::Unknown(String::new());
        assert_eq!(status(PAGE, 1, &unknown), BaselineStatus::KnownGood);
        for path in [PAGE, r"clientaccess\x.aspx"] {
            assert_eq!(status(path, 9, &unknown), BaselineStatus::NoBaseline);
        }
        let carried = |names_too| BuildMatch::CarriedOver { names_too };
        assert_eq!(status(PAGE, 9, &carried(false)), BaselineStatus::Changed);
        assert_eq!(status(r"clientaccess\x.aspx", 9, &carried(false)), BaselineStatus::NoBaseline);
        assert_eq!(status(r"clientaccess\x.aspx", 9, &carried(true)), BaselineStatus::NotStock);

        let changed = baseline.compare(PAGE, &[9; 32], &known);
        assert_eq!(changed.expected_sha256.as_deref(), Some(&*"02".repeat(32)));
        let elsewhere = baseline.compare(r"clientaccess\x.aspx", &[1; 32], &known);
        assert_eq!(elsewhere.baseline_path.as_deref(), Some(PAGE));
    }

    #[test]
    fn programs_identify_the_build_and_pages_whether_an_unknown_one_can_be_judged() {
        let baseline = baseline();
        let conclude = |programs: &[u8], known: usize, differing: usize, unknown_names: usize| {
            let mut votes = Votes::new(&baseline);
            programs.iter().for_each(|hash| votes.program(PROGRAM, &[*hash; 32]));
            (0..known).for_each(|n| votes.page(&format!(r"clientaccess\ecp\p{n}.aspx"), &[6; 32]));
            (0..differing).for_each(|_| votes.page(PAGE, &[9; 32]));
            (0..unknown_names).for_each(|_| votes.unknown_name());
            votes.conclude()
        };
        assert_eq!(conclude(&[4], 0, 30, 0), BuildMatch::Known("15.2.2.2".to_owned()));
        assert_eq!(conclude(&[3, 9], 0, 0, 0), BuildMatch::Known("15.2.1.1".to_owned()));
        assert_eq!(conclude(&[9], 60, 5, 5), BuildMatch::CarriedOver { names_too: true });
        assert_eq!(conclude(&[], 60, 5, 6), BuildMatch::CarriedOver { names_too: false });
        for (known, differing) in [(60, 6), (49, 5), (0, 0), (0, 1)] {
            assert!(matches!(conclude(&[9], known, differing, 0), BuildMatch::Unknown(_)), "{known} {differing}");
        }
    }

    #[test]
    fn only_libraries_of_the_product_vote() {
        assert!(Votes::is_program_of_interest(r"frontend\httpproxy\bin\microsoft.exchange.httpproxy.dll"));
        assert!(!Votes::is_program_of_interest(r"frontend\httpproxy\bin\newtonsoft.json.dll"));
        assert!(!Votes::is_program_of_interest(r"clientaccess\ecp\bin\microsoft.exchange.x.dll"));
    }
}
