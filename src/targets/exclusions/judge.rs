//! What an exclusion of an antivirus leaves out: web content, drop folders, what Microsoft says something of, or nothing of these.

use crate::catalogue::{ExchangeFolder, KnownExclusion, known_exclusions};
use crate::model::drop_folders::{self, Found};
use crate::model::file_types::{is_program, is_server_code};
use crate::model::server_path::fold;
use crate::model::{ExcludedKind, ExclusionAdvice, ServerPath};
use crate::targets::autostart::VolumeContext;
use crate::targets::command_line::normal;
use crate::targets::plan::Plan;
use shellsift_registry::facts::{self, Exclusion};

/// Characters of an exclusion that are looked at.
const MAX_VALUE: usize = 1_024;
/// The folder of Exchange, folded, where none is known.
const DEFAULT_EXCHANGE: &str = r"c:\program files\microsoft\exchange server\v15";

/// What an exclusion leaves out.
pub(super) struct Judged {
    /// What is said of it.
    pub(super) advice: ExclusionAdvice,
    /// What it adds to a finding.
    pub(super) score: u8,
    /// What it leaves out, in a sentence.
    pub(super) words: &'static str,
}

impl Judged {
    const fn risky(score: u8, words: &'static str) -> Self {
        Self { advice: ExclusionAdvice::Risky, score, words }
    }

    const OTHER: Self = Self { advice: ExclusionAdvice::Other, score: 0, words: "" };

    fn known(row: &KnownExclusion) -> Self {
        let words = match row.advice {
            ExclusionAdvice::Recommended => "what Microsoft recommends to exclude for Exchange",
            ExclusionAdvice::FormerlyRecommended => "what Microsoft recommended to exclude until February 2023",
            ExclusionAdvice::Risky | ExclusionAdvice::Other => match row.kind {
                ExcludedKind::Path => "a folder that Microsoft advises not to exclude",
                ExcludedKind::Extension => "an extension that Microsoft advises not to exclude",
                ExcludedKind::Process => "what a process opens that Microsoft advises not to exclude",
            },
        };
        Self { advice: row.advice, score: row.score, words }
    }
}

/// What exclusions are compared with.
pub(super) struct Judge<'j, 'g, 'e> {
    volume: &'j VolumeContext<'g, 'e>,
    /// The folders of Exchange; the variable of a path stands for the first one.
    exchange: Vec<Names>,
    variable: String,
    /// The rows of the table that are paths, with their variables put in, once for each folder of Exchange.
    paths: Vec<(Names, &'static KnownExclusion)>,
    /// The web folders.
    web: Vec<Names>,
}

/// A folded path by its names; an excluded one may have `*` and `?` in them.
type Names = Vec<String>;

impl<'j, 'g, 'e> Judge<'j, 'g, 'e> {
    /// For the exclusions of a volume's Windows.
    pub(super) fn new(volume: &'j VolumeContext<'g, 'e>, plan: &Plan) -> Self {
        let mut exchange: Vec<String> = plan.exchange_names().iter().map(ServerPath::folded).collect();
        if exchange.is_empty() {
            exchange.push(DEFAULT_EXCHANGE.to_owned());
        }
        let rows = known_exclusions().iter().filter(|row| row.kind == ExcludedKind::Path);
        let paths = rows.flat_map(|row| {
            let of = |root: &String| (names(&with_exchange(volume, &row.value, root)), row);
            exchange.iter().map(of).collect::<Vec<_>>()
        });
        let paths = paths.collect();
        let web = volume.web_folders().map(names).collect();
        let variable = exchange.first().cloned().unwrap_or_default();
        Self { volume, exchange: exchange.iter().map(|root| names(root)).collect(), variable, paths, web }
    }

    /// What an exclusion leaves out.
    pub(super) fn judge(&self, exclusion: &Exclusion) -> Judged {
        let value: String = fold(exclusion.value.trim().trim_matches('"')).chars().take(MAX_VALUE).collect();
        match exclusion.kind {
            facts::ExclusionKind::Path => self.path(&names(&self.plain(&value)), false),
            facts::ExclusionKind::Extension => extension_of(&value),
            facts::ExclusionKind::Process => self.process(&self.plain(&value)),
        }
    }

    /// A path without variables, and without the conditions that can stand behind it (`:{PathType:folder,...}`).
    fn plain(&self, value: &str) -> String {
        let value = value.split_once(":{").map_or(value, |(path, _)| path.trim_end_matches('\\'));
        with_exchange(self.volume, value, &self.variable)
    }

    fn process(&self, value: &str) -> Judged {
        let path = names(value);
        let name = path.last().map_or("", String::as_str);
        let row = known(ExcludedKind::Process, name);
        let is_bare = path.len() <= 1;
        if let Some(row) = row
            && (is_bare || row.advice == ExclusionAdvice::Recommended && self.is_in_exchange(&path))
        {
            return Judged::known(row);
        }
        if matches!(name, "*" | "*.*" | "*.exe") {
            return Judged::risky(60, "what any process opens");
        }
        match if is_bare { Judged::OTHER } else { self.path(&path, true) } {
            place if place.advice == ExclusionAdvice::Risky => {
                Judged::risky(place.score, "what a process opens that lies in a web or drop folder")
            }
            _ => row.map_or(Judged::OTHER, Judged::known),
        }
    }

    /// What a path leaves out; `is_file` if it is known to be one.
    fn path(&self, path: &[String], is_file: bool) -> Judged {
        let last = path.last().map_or("", String::as_str);
        if is_server_code(last) {
            return Judged::risky(60, "pages");
        }
        if path.len() <= 1 {
            return match last.ends_with(':') || last == "*" {
                true => Judged::risky(50, "a whole drive"),
                false => Judged::OTHER,
            };
        }
        // A wildcard leaves out more than the folder that it fits.
        let known = self.paths.iter().filter(|(row, _)| lies_in(path, row)).map(|(_, row)| row);
        if let Some(row) = known.max_by_key(|row| row.value.len()) {
            return Judged::known(row);
        }
        let is_file = is_file || is_program(last);
        self.web_content(path).or_else(|| drop_folder(path, is_file)).unwrap_or(Judged::OTHER)
    }

    fn is_in_exchange(&self, path: &[String]) -> bool {
        self.exchange.iter().any(|root| lies_in(path, root))
    }

    /// A web folder, a folder in one, or one around it.
    fn web_content(&self, path: &[String]) -> Option<Judged> {
        let joined = format!("\\{}\\", path.join("\\"));
        let is_logon = ExchangeFolder::Logon.folded().any(|folder| joined.contains(&format!("\\{folder}\\")));
        if is_logon || joined.contains("\\aspnet_client\\") {
            return Some(Judged::risky(60, "a folder in which intruders drop pages"));
        }
        let inside = || self.web.iter().filter(|folder| may_lie_in(path, folder));
        if inside().next().is_some() {
            let is_root = inside().any(|folder| folder.len() == path.len());
            return Some(match is_root || self.is_in_exchange(path) {
                true => Judged::risky(50, "a web folder"),
                false => Judged::risky(40, "what lies below a site"),
            });
        }
        let mut around = self.web.iter().filter(|folder| is_below(folder, path)).peekable();
        around.peek()?;
        Some(match around.all(|folder| self.is_in_exchange(folder)) {
            true => Judged::risky(30, "a folder around the web folders of Exchange"),
            false => Judged::risky(50, "a folder around web folders"),
        })
    }
}

/// A folder in which no program is installed, a file in one, or a folder around one.
fn drop_folder(path: &[String], is_file: bool) -> Option<Judged> {
    // The table judges a file by the folder that it lies in.
    let score = |folder: &str| drop_folders::find(&format!("{folder}\\*"), Found::Program).map(|(_, score)| score);
    let below = path.get(1..)?;
    let joined = below.join("\\");
    let own =
        if is_file { drop_folders::find(&joined, Found::Program).map(|(_, score)| score) } else { score(&joined) };
    if let Some(score) = own {
        return Some(Judged::risky(score.min(50), "a drop folder"));
    }
    let is_around = |row: &&drop_folders::DropFolder| {
        let folder = fold(row.folder);
        !folder.contains("...") && is_below(&names(&folder), below) && score(&folder).is_some()
    };
    let around = drop_folders::all().iter().find(is_around);
    around.map(|_| Judged::risky(40, "a folder around drop folders"))
}

fn extension_of(value: &str) -> Judged {
    let name = value.trim_start_matches(['*', '.']);
    match known(ExcludedKind::Extension, name) {
        Some(row) => Judged::known(row),
        None if name.is_empty() => Judged::risky(60, "files of any type"),
        None if is_server_code(&format!("x.{name}")) => Judged::risky(60, "server code"),
        None => Judged::OTHER,
    }
}

fn known(kind: ExcludedKind, value: &str) -> Option<&'static KnownExclusion> {
    known_exclusions().iter().find(|row| row.kind == kind && row.value == value)
}

/// A folded path with its variables put in. Exchange's own ends with a backslash, which people write once more.
fn with_exchange(volume: &VolumeContext<'_, '_>, path: &str, root: &str) -> String {
    normal(&volume.plain(&path.replace("%exchangeinstallpath%", &format!("{root}\\"))))
}

/// The names of a folded path. What stands for all that is in a folder is left out: `C:\x\*` leaves out the same as `C:\x`.
fn names(path: &str) -> Names {
    let mut names: Names = path.split('\\').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    while names.len() > 1 && names.last().is_some_and(|name| matches!(name.as_str(), "*" | "*.*")) {
        names.pop();
    }
    names
}

/// Whether all that a path with wildcards names lies in a folder, or is it.
fn lies_in(path: &[String], folder: &[String]) -> bool {
    path.len() >= folder.len() && path.iter().zip(folder).all(|(name, pattern)| fits(pattern, name))
}

/// Whether something that a path with wildcards names may lie in a folder, or is it.
fn may_lie_in(path: &[String], folder: &[String]) -> bool {
    path.len() >= folder.len() && path.iter().zip(folder).all(|(pattern, name)| fits(pattern, name))
}

/// Whether a folder lies in what a path with wildcards names.
fn is_below(folder: &[String], path: &[String]) -> bool {
    folder.len() > path.len() && path.iter().zip(folder).all(|(pattern, name)| fits(pattern, name))
}

/// Whether a name fits a pattern with `*` and `?`.
fn fits(pattern: &str, name: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern == name;
    }
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut place) = (0, 0);
    // Where the last star is, and how much of the name it takes so far.
    let mut star = None;
    while place < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(c) if *c == '?' || *c == name[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((of_star, taken)) = star else { return false };
                star = Some((of_star, taken + 1));
                at = of_star + 1;
                place = taken + 1;
            }
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Memory, Resolver};
    use crate::model::Role;
    use shellsift_registry::facts::{ExclusionKind, ExclusionSource};

    fn judged(kind: ExclusionKind, values: &[&str]) -> Vec<(ExclusionAdvice, u8)> {
        let evidence = Memory::new();
        let resolver = Resolver::new(&evidence);
        let mut plan = Plan::default();
        let path = |text: &str| ServerPath::from_windows(text).expect("absolute");
        let exchange = path(r"D:\Exchange Server\V15");
        plan.exchange.push(exchange.clone());
        for (folder, role, base) in [
            (r"D:\Exchange Server\V15\FrontEnd", Role::Exchange, exchange.clone()),
            (r"D:\Exchange Server\V15\ClientAccess", Role::Exchange, exchange),
            (r"C:\inetpub\wwwroot", Role::WebRoot, path(r"C:\inetpub\wwwroot")),
            (r"E:\Sites\Shop", Role::WebRoot, path(r"E:\Sites\Shop")),
        ] {
            plan.add_area(path(folder), role, &base, true);
        }
        let volume = VolumeContext::new(&evidence, &resolver, &ServerPath::drive('C'), &['C', 'D', 'E'], &plan);
        let judge = Judge::new(&volume, &plan);
        let one = |value: &&str| {
            let source = ExclusionSource::Local;
            let judged = judge.judge(&Exclusion { kind, value: (*value).to_owned(), source, last_written: 0 });
            (judged.advice, judged.score)
        };
        values.iter().map(one).collect()
    }

    fn all_are(kind: ExclusionKind, expected: (ExclusionAdvice, u8), values: &[&str]) {
        for (value, judged) in values.iter().zip(judged(kind, values)) {
            assert_eq!(judged, expected, "{kind:?} {value}");
        }
    }

    #[test]
    fn what_microsoft_recommends_adds_nothing() {
        let recommended = (ExclusionAdvice::Recommended, 0);
        all_are(
            ExclusionKind::Path,
            recommended,
            &[
                r"D:\Exchange Server\V15\ClientAccess\OAB",
                r"%ExchangeInstallPath%Mailbox",
                r"%ExchangeInstallPath%\Logging\*",
                r"d:/exchange server/v15/TransportRoles/Logs/Hub",
                r"%SystemDrive%\inetpub\temp\IIS Temporary Compressed Files",
                r"C:\Windows\Temp\OICE_0F9A1C36-1111-2222-3333-444455556666.0",
                r"C:\Windows\Cluster\:{PathType:folder}",
            ],
        );
        // A wildcard that fits a folder of the list fits others as well.
        let not_of_the_list = [r"C:\Windows\*\Cluster", r"D:\*\V15\Mailbox"];
        assert!(judged(ExclusionKind::Path, &not_of_the_list).iter().all(|one| one.0 != recommended.0));
        all_are(ExclusionKind::Extension, recommended, &["edb", ".log", "*.config"]);
        let programs = ["EdgeTransport.exe", r"%ExchangeInstallPath%FrontEnd\PopImap\Microsoft.Exchange.Imap4.exe"];
        all_are(ExclusionKind::Process, recommended, &programs);
        let withdrawn = (ExclusionAdvice::FormerlyRecommended, 20);
        all_are(ExclusionKind::Process, withdrawn, &["w3wp.exe", r"%SystemRoot%\System32\inetsrv\w3wp.exe"]);
        all_are(ExclusionKind::Path, withdrawn, &[r"%windir%\System32\Inetsrv", r"C:\Windows\Temp\"]);
    }

    #[test]
    fn web_content_and_drop_folders_weigh() {
        for (score, values) in [
            (
                60,
                &[
                    r"C:\inetpub\wwwroot\aspnet_client",
                    r"D:\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\*",
                    r"*\owa\auth\x.aspx",
                    r"D:\Exchange Server\V15\ClientAccess\OAB\*.aspx",
                    "*.ashx",
                ][..],
            ),
            (
                50,
                &[
                    r"C:\inetpub\wwwroot",
                    r"C:\inetpub",
                    r"C:\*\wwwroot\",
                    r"E:\Sites",
                    r"D:\Exchange Server\V15\FrontEnd\HttpProxy\ecp",
                    r"D:\Exchange Server\V15\ClientAccess",
                    "C:",
                    r"c:\*",
                    r"%PUBLIC%\Documents",
                    r"C:\ProgramData",
                    r"C:\ProgramData\x.exe",
                ],
            ),
            (40, &[r"E:\Sites\Shop\App_Data", r"C:\Users", r"C:\Windows"]),
            (30, &[r"D:\Exchange Server\V15", r"D:\Exchange Server\*"]),
        ] {
            all_are(ExclusionKind::Path, (ExclusionAdvice::Risky, score), values);
        }
        all_are(ExclusionKind::Extension, (ExclusionAdvice::Risky, 60), &["aspx", ".ASHX", "*.php", "*"]);
        all_are(ExclusionKind::Extension, (ExclusionAdvice::Risky, 50), &["dll"]);
        all_are(
            ExclusionKind::Process,
            (ExclusionAdvice::Risky, 60),
            &["*", r"C:\inetpub\wwwroot\aspnet_client\w3wp.exe"],
        );
        all_are(ExclusionKind::Process, (ExclusionAdvice::Risky, 50), &[r"C:\Users\Public\EdgeTransport.exe"]);
        all_are(ExclusionKind::Process, (ExclusionAdvice::Risky, 40), &["cmd.exe", r"C:\Windows\System32\cmd.exe"]);
    }

    #[test]
    fn what_other_products_need_is_nothing() {
        let other = (ExclusionAdvice::Other, 0);
        let long = format!(r"C:\{}", r"*\".repeat(2_000));
        let paths = [
            r"C:\ProgramData\Veeam\Backup",
            r"C:\Program Files\Veeam",
            r"E:\SQL\Data",
            r"F:\DB01\DB01.edb",
            "pagefile.sys",
            "",
            r"\\fs1\share\x",
        ];
        all_are(ExclusionKind::Path, other, &paths);
        all_are(ExclusionKind::Extension, other, &["mdf", "vhdx"]);
        all_are(ExclusionKind::Process, other, &["sqlservr.exe", r"C:\Program Files\Veeam\agent.exe"]);
        assert_eq!(judged(ExclusionKind::Path, &[&long])[0].0, ExclusionAdvice::Risky, "a whole drive");
    }

    #[test]
    fn wildcards_end() {
        assert!(fits("a*c?e", "abbcde") && fits("*", "") && !fits("a?", "a") && !fits("ab", "abc"));
        assert!(!fits(&"*a".repeat(400), &"a".repeat(399)) && fits(&"*a".repeat(400), &"a".repeat(1_000)));
    }
}
