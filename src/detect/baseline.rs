//! Comparison with the known-good baseline.
//!
//! The comparison itself is made when the file has been read, since a known-good file at its own place needs no further
//! look; this says what a deviation means. Libraries and configuration differ for many reasons (updates after the tables,
//! Setup, mitigations), so they are no finding by that alone.

use super::{Detect, Detector, Knowledge, ScanContext, ScanResults, location};
use crate::catalogue::baseline::is_code_or_logon_script;
use crate::model::place::kind;
use crate::model::{Artefact, BaselineStatus, CheckInfo, Comparison, Location, Reason};

pub(super) const DETECTOR: Detector = Detector {
    id: "baseline",
    about: "what differs from the known-good files of Exchange builds, and from --baseline",
    build: |_: &Knowledge| Box::new(Deviation),
};

/// The checks of this file.
pub(crate) const CHECKS: &[&CheckInfo] = &[&MODIFIED_PAGE, &UNKNOWN_PAGE];

const MODIFIED_PAGE: CheckInfo = CheckInfo {
    id: "baseline/modified_page",
    title: "a default page with content of no known build",
    score: 60,
    looks_for: "Default pages, and scripts of the logon page, whose content no known build has; 40 on an unknown \
                build.",
    why: "A line added to the logon page sends every password away; a webshell in a default page keeps its name.",
    benign_look_alikes: "An organisation's own logo and text on the logon page; an update newer than the baseline, \
                         which is why an installation of an unknown build is judged only if nearly all of its pages \
                         are known.",
    attack: &["T1505.003", "T1554"],
    ..CheckInfo::EMPTY
};

const UNKNOWN_PAGE: CheckInfo = CheckInfo {
    id: "baseline/unknown_page",
    title: "server code with a name that no known Exchange build has here",
    score: 50,
    looks_for: "Server code below the web folders of Exchange under a name that no build has there; 40 on an unknown \
                build. Logon folders have a check of their own.",
    why: "Among a thousand pages one more is not noticed.",
    benign_look_alikes: "Pages of add-ons (mail filters, fax, archiving).",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

struct Deviation;

impl Detect for Deviation {
    fn look(&mut self, artefact: &Artefact, _: &ScanContext<'_, '_>, results: &mut ScanResults) {
        let Some(comparison) = &artefact.comparison else { return };
        let relative = &artefact.place.relative;
        if !is_code_or_logon_script(relative) {
            return;
        }
        match comparison.status {
            BaselineStatus::Changed => results.reasons.push(changed(artefact, comparison)),
            BaselineStatus::NotStock if kind::is_server_code(relative) && !location::in_a_logon_folder(relative) => {
                results.reasons.push(not_default(artefact, comparison));
            }
            _ => {}
        }
    }
}

/// What it does: looks for default pages, and scripts of the logon page, whose content no known build has. Why it matters: a
/// line added to the logon page sends away every password; a shell in a default page keeps its name. Benign look-alikes: a
/// company's own logo and text on the logon page; an update of later than the tables (which is why an installation whose
/// programs are not known is judged only if nearly all of its pages are, and then with a lower score: the page may be new).
fn changed(artefact: &Artefact, comparison: &Comparison) -> Reason {
    let (score, title) = match &comparison.builds {
        Some(build) if comparison.build_known => {
            (60, format!("a default page with other content than in build {build} and every other known build"))
        }
        _ => (40, "a default page whose content no known build has, while nearly all other pages are known".to_owned()),
    };
    let expected = comparison.expected_sha256.as_ref().map(|hash| format!("baseline sha256 {hash}"));
    reason(&MODIFIED_PAGE, score, title, expected.unwrap_or_else(|| artefact.place.relative.clone()))
}

/// What it does: looks for server code below the web folders of Exchange under a name that no build has there. Why it
/// matters: among a thousand pages one more is not seen. Benign look-alikes: pages of add-ons (mail filters, fax, archives).
/// The logon folders are the location detector's, since their names are known whatever the build.
fn not_default(artefact: &Artefact, comparison: &Comparison) -> Reason {
    let (score, title) = match comparison.build_known {
        true => (50, "server code with a name that no Exchange build has here"),
        false => (40, "server code with a name that no known Exchange build has here"),
    };
    reason(&UNKNOWN_PAGE, score, title.to_owned(), artefact.place.relative.clone())
}

fn reason(check: &CheckInfo, score: u8, title: String, excerpt: String) -> Reason {
    Reason::new(check, score, title, vec![Location::of_name(excerpt)])
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{artefact, knowledge, results};
    use super::*;
    use crate::model::Role;

    fn reasons(relative: &str, status: BaselineStatus, build_known: bool) -> Vec<(String, u8)> {
        let mut file = artefact(relative.rsplit('\\').next().expect("has one"), Role::Exchange, relative);
        let builds = build_known.then(|| "15.2.721.2".to_owned());
        file.comparison = Some(Comparison { status, build_known, builds, expected_sha256: None, baseline_path: None });
        let results = results(&DETECTOR, &knowledge(), &file, b"");
        results.reasons.into_iter().map(|reason| (reason.id, reason.score)).collect()
    }

    #[test]
    fn a_changed_page_fires_and_a_changed_library_style_or_configuration_does_not() {
        let changed = |score| vec![("baseline/modified_page".to_owned(), score)];
        for page in [r"frontend\httpproxy\owa\auth\logon.aspx", r"clientaccess\ecp\x.ascx"] {
            assert_eq!(reasons(page, BaselineStatus::Changed, true), changed(60));
            assert_eq!(reasons(page, BaselineStatus::Changed, false), changed(40));
        }
        let script = r"frontend\httpproxy\owa\auth\15.2.721\scripts\premium\flogon.js";
        assert_eq!(reasons(script, BaselineStatus::Changed, true), changed(60));
        for other in [
            r"clientaccess\owa\bin\x.dll",
            r"clientaccess\ecp\web.config",
            r"clientaccess\ecp\x.css",
            r"clientaccess\owa\prem\15.2.721.2\scripts\x.js",
        ] {
            assert_eq!(reasons(other, BaselineStatus::Changed, true), [], "{other}");
        }
    }

    #[test]
    fn a_page_of_no_build_fires_where_location_does_not() {
        for (build_known, score) in [(true, 50), (false, 40)] {
            let fires = [("baseline/unknown_page".to_owned(), score)];
            assert_eq!(reasons(r"clientaccess\ecp\x.aspx", BaselineStatus::NotStock, build_known), fires);
        }
        for silent in [r"frontend\httpproxy\owa\auth\x.aspx", r"clientaccess\ecp\x.css", r"clientaccess\ecp\bin\x.dll"]
        {
            assert_eq!(reasons(silent, BaselineStatus::NotStock, true), [], "{silent}");
        }
    }

    #[test]
    fn what_is_known_or_cannot_be_judged_is_silent() {
        for status in [BaselineStatus::KnownGood, BaselineStatus::Elsewhere, BaselineStatus::NoBaseline] {
            assert_eq!(reasons(r"clientaccess\ecp\x.aspx", status, true), []);
        }
        let file = artefact("x.aspx", Role::Exchange, r"clientaccess\ecp\x.aspx");
        assert!(results(&DETECTOR, &knowledge(), &file, b"").reasons.is_empty(), "nothing was compared");
    }
}
