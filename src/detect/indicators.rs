//! Indicators: names and paths known from intrusions.
//!
//! What it does: compares the path with those that intruders used since 2021. Why it matters: a hit names the campaign.
//! Benign look-alikes: a name is only a hint, and some are anybody's (`help.aspx`); archives in ProgramData are left by many
//! products; a name at the place where a default Exchange has it is never one.

use super::{Detect, Detector, Knowledge, ScanContext, ScanResults};
use crate::catalogue::{NameFact, NameKind, Sure, bad_names};
use crate::model::place::kind;
use crate::model::{Artefact, CheckInfo, Location, Reason, Role, RuleRef};

pub(super) const DETECTOR: Detector = Detector {
    id: "indicators",
    about: "names and paths known from intrusions",
    build: |knowledge| Box::new(Indicators { knowledge }),
};

/// The checks of this file.
pub(crate) const CHECKS: &[&CheckInfo] = &[&KNOWN_PATH, &KNOWN_PATH_PATTERN, &KNOWN_FILE_NAME, &KNOWN_FOLDER];

const KNOWN_PATH: CheckInfo = CheckInfo {
    id: "indicator/known_path",
    title: "a path known from an intrusion",
    score: 65,
    looks_for: "Whole paths of files that attackers left, from public reports; the confidence of the source decides \
                the score.",
    why: "A match names the campaign.",
    benign_look_alikes: "Some paths are plausible for other files; a default Exchange file at its own path never \
                         matches.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

const KNOWN_PATH_PATTERN: CheckInfo = CheckInfo {
    id: "indicator/known_path_pattern",
    title: "a path pattern known from intrusions",
    score: 60,
    looks_for: "Path patterns of files that attackers left. Patterns that leave the file name open have 30.",
    why: "A match names the campaign or the technique.",
    benign_look_alikes: "Archives in ProgramData are left by many products.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

const KNOWN_FILE_NAME: CheckInfo = CheckInfo {
    id: "indicator/known_file_name",
    title: "a file name known from intrusions",
    score: 35,
    looks_for: "File names that attackers used, of pages anywhere in a web folder and of DLLs in folders of IIS and \
                Exchange.",
    why: "A match names the campaign.",
    benign_look_alikes: "A name is only a hint, and some are common (`help.aspx` has 15 outside Exchange).",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

const KNOWN_FOLDER: CheckInfo = CheckInfo {
    id: "indicator/known_folder",
    title: "a folder known from intrusions",
    score: 40,
    looks_for: "Folders that attackers created.",
    why: "A match names the campaign.",
    benign_look_alikes: "Folders of the same name that a product creates.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

struct Indicators<'k> {
    knowledge: &'k Knowledge,
}

/// Names that any site may have.
const ANYBODYS: &[&str] =
    &["document.aspx", "error.aspx", "healthcheck.aspx", "help.aspx", "logout.aspx", "one.aspx", "t.aspx", "web.aspx"];

impl Detect for Indicators<'_> {
    fn look(&mut self, artefact: &Artefact, _: &ScanContext<'_, '_>, results: &mut ScanResults) {
        let place = &artefact.place;
        let judged = matches!(place.role, Role::Exchange | Role::WebRoot | Role::DropFolder);
        let name = place.relative.rsplit('\\').next().unwrap_or(&place.relative);
        if !judged
            || !bad_names().concern(name)
            || place.role == Role::Exchange && self.knowledge.baseline_names.contains(&place.relative)
        {
            return;
        }
        let path = artefact.path.folded().replace('/', "\\");
        // Of several rows about one file the one that says most: they are the same fact.
        let facts = bad_names().about(&path).into_iter();
        let best = facts.filter_map(|fact| Some((score(fact, artefact, &path)?, fact)));
        if let Some((score, fact)) = best.max_by_key(|(score, fact)| (*score, fact.kind, fact.sure)) {
            results.reasons.push(reason(score, fact, &artefact.place.relative));
        }
    }
}

/// How sure a row makes us, here.
fn score(fact: &NameFact, artefact: &Artefact, path: &str) -> Option<u8> {
    let place = &artefact.place;
    let name = path.rsplit('\\').next().unwrap_or(path);
    Some(match (fact.kind, fact.sure) {
        (NameKind::Path, Sure::High) => 65,
        (NameKind::Path, Sure::Medium) => 50,
        (NameKind::Path, Sure::Low) => 20,
        // Where a pattern leaves the name open it says little more than that no page belongs there, which is placement's.
        (NameKind::Pattern, Sure::High) if names_the_file(&fact.value) => 60,
        (NameKind::Pattern, Sure::High | Sure::Medium) => 30,
        (NameKind::Pattern, Sure::Low) => 20,
        (NameKind::Folder, _) => 40,
        (NameKind::Name, sure) if kind::is_server_code(name) => {
            let indicative = place.role != Role::WebRoot || place.has_folder("aspnet_client");
            // The names of the default pages of Exchange 2010 are not known.
            if place.role == Role::Exchange && !place.names_known {
                return None;
            }
            match sure {
                _ if ANYBODYS.contains(&name) && !indicative => 15,
                Sure::Low => 25,
                _ => 35,
            }
        }
        // A library whose name is all that is known.
        (NameKind::Name, _) => match place.role {
            Role::Exchange => 25,
            Role::DropFolder if path.contains(r"\system32\inetsrv\") => 30,
            _ => return None,
        },
    })
}

/// Whether the last part of a pattern begins with the letters of a name.
fn names_the_file(pattern: &str) -> bool {
    let last = pattern.rsplit(r"\\").next().unwrap_or(pattern);
    last.trim_start_matches('(').starts_with(|c: char| c.is_ascii_alphabetic())
}

fn reason(score: u8, fact: &NameFact, relative: &str) -> Reason {
    let check = match fact.kind {
        NameKind::Path => &KNOWN_PATH,
        NameKind::Pattern => &KNOWN_PATH_PATTERN,
        NameKind::Name => &KNOWN_FILE_NAME,
        NameKind::Folder => &KNOWN_FOLDER,
    };
    let title = format!("{}: {}", check.title, fact.about);
    Reason::new(check, score, title, vec![Location::of_name(relative)]).by_rule(RuleRef {
        name: fact.value.clone(),
        ruleset: "exchange/indicators".to_owned(),
        reference: fact.reference.clone(),
        given: false,
    })
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{artefact_at, knowledge, results};
    use super::*;

    fn reported(role: Role, path: &str) -> Option<(String, u8)> {
        let mut reasons = results(&DETECTOR, &knowledge(), &artefact_at(role, path), b"").reasons;
        assert!(reasons.len() < 2, "one fact, one reason");
        reasons.pop().map(|reason| (reason.id, reason.score))
    }

    const LAYOUTS: &str = r"C:\Program Files\Common Files\microsoft shared\Web Server Extensions\16\TEMPLATE\LAYOUTS";
    const AUTH: &str = r"C:\V15|FrontEnd\HttpProxy\owa\auth";

    #[test]
    fn paths_say_most_and_names_little() {
        for (role, path, id, score) in [
            (Role::Exchange, &*format!(r"{AUTH}\bob.aspx"), "indicator/known_path", 65),
            (Role::Exchange, &*format!(r"{AUTH}\OutlookEN.aspx"), "indicator/known_path", 50),
            (Role::Exchange, &*format!(r"{AUTH}\TimeoutLogout.aspx"), "indicator/known_path", 50),
            (Role::Exchange, r"C:\V15|ClientAccess\ecp\errorEW.aspx", "indicator/known_file_name", 35),
            (Role::WebRoot, r"C:\inetpub\wwwroot|aspnet_client\shell.aspx", "indicator/known_path", 65),
            (Role::WebRoot, r"C:\inetpub\wwwroot|aspnet_client\qwe.aspx", "indicator/known_path_pattern", 30),
            (Role::WebRoot, r"C:\inetpub\wwwroot|app\shell.aspx", "indicator/known_file_name", 35),
            (Role::WebRoot, r"C:\inetpub\wwwroot|app\help.aspx", "indicator/known_file_name", 15),
            (Role::DropFolder, r"C:\|Users\Public\help.aspx", "indicator/known_file_name", 35),
            (Role::DropFolder, r"C:\|ProgramData\b.rar", "indicator/known_path_pattern", 20),
            (Role::DropFolder, r"C:\|ProgramData\it.zip", "indicator/known_path", 65),
            (Role::DropFolder, r"C:\|root\lsass.dmp", "indicator/known_path_pattern", 60),
            (Role::WebRoot, r"C:\ProgramData\ZING|x.aspx", "indicator/known_folder", 40),
            (Role::DropFolder, r"C:\|Windows\System32\inetsrv\iisddos.dll", "indicator/known_file_name", 30),
            (Role::WebRoot, &*format!(r"{LAYOUTS}|spinstall0.aspx"), "indicator/known_path", 65),
            (Role::WebRoot, &*format!(r"{LAYOUTS}|debug_dev.js"), "indicator/known_path", 65),
            (Role::WebRoot, &*format!(r"{LAYOUTS}|spinstall7x.aspx"), "indicator/known_path_pattern", 60),
        ] {
            assert_eq!(reported(role, path), Some((id.to_owned(), score)), "{path}");
        }
    }

    #[test]
    fn default_places_content_alone_and_other_names_stay_silent() {
        for (role, path) in [
            (Role::Exchange, r"C:\V15|FrontEnd\HttpProxy\ecp\auth\TimeoutLogout.aspx"),
            (Role::Exchange, r"C:\V15|ClientAccess\ecp\error.aspx"),
            (Role::Exchange, r"C:\V15|ClientAccess\Owa\auth\error.aspx"),
            (Role::Unknown, r"C:\x\FrontEnd\HttpProxy\owa\auth|bob.aspx"),
            (Role::WebRoot, &*format!(r"{LAYOUTS}|settings.aspx")),
            (Role::WebRoot, &*format!(r"{LAYOUTS}|1033\debug_dev.js")),
            (Role::WebRoot, &*format!(r"{LAYOUTS}|spinstallation.aspx")),
            (Role::WebRoot, r"C:\inetpub\wwwroot|app\debug_dev.js"),
            (Role::WebRoot, r"C:\inetpub\wwwroot|app\start.aspx"),
            (Role::WebRoot, r"C:\inetpub\wwwroot|app\bin\logging.dll"),
            (Role::DropFolder, r"C:\|ProgramData\McAfee\a.zip"),
            (Role::AspnetTemp, r"C:\Windows\x|dl3\cache.dll"),
        ] {
            assert_eq!(reported(role, path), None, "{path}");
        }
        let mut old = artefact_at(Role::Exchange, r"C:\V14|ClientAccess\Owa\forms\help.aspx");
        old.place.names_known = false;
        assert!(results(&DETECTOR, &knowledge(), &old, b"").reasons.is_empty(), "Exchange 2010");
    }

    #[test]
    fn what_lies_in_a_drop_folder_is_surveyed_for_its_name() {
        use crate::evidence::Memory;
        use crate::model::ServerPath;
        use crate::{scan, targets};
        let evidence = Memory::new()
            .folder(r"C:\Windows\System32")
            .file(r"C:\ProgramData\It.zip", b"")
            .file(r"C:\ProgramData\longer_name.zip", b"")
            .file(r"C:\ProgramData\Veeam\a.zip", b"")
            .file(r"C:\Windows\Temp\lsass_1.DMP", b"")
            .file(r"C:\Windows\Temp\setup.log", b"");
        let root = ServerPath::drive('C');
        let given = targets::Target { kind: targets::recognise(&evidence, &root), path: root };
        let plan = targets::discover(&evidence, &[given], &['C'], false);
        let survey = scan::survey(&evidence, &plan, &std::sync::atomic::AtomicBool::new(false), &mut Vec::new());
        let mut found: Vec<_> = (0..survey.len())
            .map(|at| survey.artefact(at, &plan))
            .map(|file| (file.entry.name.clone(), results(&DETECTOR, &knowledge(), &file, b"").reasons[0].score))
            .collect();
        found.sort();
        assert_eq!(found, [("It.zip".to_owned(), 65), ("lsass_1.DMP".to_owned(), 60)]);
        assert_eq!((survey.coverage.surveyed, survey.coverage.names_only), (2, 3));
    }

    #[test]
    fn the_reason_names_the_campaign_and_its_source() {
        let file = artefact_at(Role::WebRoot, r"C:\inetpub\wwwroot|aspnet_client\caches.aspx");
        let reason = &results(&DETECTOR, &knowledge(), &file, b"").reasons[0];
        assert!(reason.title.contains("Winnti"), "{}", reason.title);
        let rule = reason.rule.as_ref().expect("has one");
        assert_eq!(rule.ruleset, "exchange/indicators");
        assert!(rule.reference.as_ref().is_some_and(|reference| reference.contains("welivesecurity")));
    }
}
