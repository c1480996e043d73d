//! Compiled pages in Temporary ASP.NET Files: a page that has run leaves a `.compiled` file and an assembly, and both
//! outlive it.
//!
//! What `hash` and `filehash` of a `.compiled` file are made of is not documented, so whether a page that is there is the one
//! that was compiled is not known.

use super::{Detect, Detector, Knowledge, ScanContext, ScanResults};
use crate::catalogue::exchange_applications;
use crate::model::device_names::device_of;
use crate::model::place::kind;
use crate::model::server_path::fold;
use crate::model::{Artefact, CheckInfo, Compiled, Location, Reason, ReasonKind, ServerPath, SourceState};

pub(super) const DETECTOR: Detector = Detector {
    id: "compiled",
    about: "compiled pages in Temporary ASP.NET Files: deleted pages, pages from locations where none belongs",
    build: |knowledge: &Knowledge| Box::new(Leavings { knowledge }),
};

/// The checks of this file.
pub(crate) const CHECKS: &[&CheckInfo] = &[&SOURCE_DELETED, &SOURCE_UNVERIFIED, &FROM_DROP_FOLDER, &ASSEMBLY_MISSING];

const SOURCE_DELETED: CheckInfo = CheckInfo {
    id: "compiled/source_deleted",
    title: "a page was compiled and executed, and has been deleted",
    score: 75,
    looks_for: "Pages that were compiled and exist in none of the locations from which the configuration serves their \
                URL. 40 if ASP.NET has marked the files for deletion; 25 and 10 outside Exchange and `aspnet_client`.",
    why: "The page was requested and executed, and later deleted; most attackers of 2021 deleted their webshells \
          when they were done.",
    benign_look_alikes: "Pages of old updates, which is why the names of all default pages are excluded; a site whose \
                         pages come and go, which scores low.",
    attack: &["T1505.003", "T1070.004"],
    ..CheckInfo::EMPTY
};

const SOURCE_UNVERIFIED: CheckInfo = CheckInfo {
    id: "compiled/source_unverified",
    title: "an unknown page was compiled and executed",
    score: 40,
    looks_for: "A page under an Exchange URL that no build ships was compiled, and it could not be determined whether \
                it still exists.",
    why: "It was executed.",
    benign_look_alikes: "Pages of add-ons, on evidence without the server's configuration.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

const FROM_DROP_FOLDER: CheckInfo = CheckInfo {
    id: "compiled/from_drop_folder",
    title: "a page was compiled from a folder that should contain none",
    score: 70,
    looks_for: "Pages compiled from `aspnet_client` or from a folder with a reserved device name.",
    why: "`aspnet_client` contains browser scripts only and was the main drop folder of March 2021; virtual \
          directories of ProxyShell pointed to folders such as `COM1`.",
    benign_look_alikes: "None found.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

const ASSEMBLY_MISSING: CheckInfo = CheckInfo {
    id: "compiled/assembly_missing",
    title: "the compiled assembly of an unknown page is missing",
    score: 15,
    looks_for: "`.compiled` files of pages that no build ships, without their assembly.",
    why: "The assembly contained the code, and may have been deleted.",
    benign_look_alikes: "An ASP.NET clean-up that was interrupted.",
    attack: &["T1070.004"],
    ..CheckInfo::EMPTY
};

struct Leavings<'k> {
    knowledge: &'k Knowledge,
}

impl Detect for Leavings<'_> {
    fn look(&mut self, artefact: &Artefact, _: &ScanContext<'_, '_>, results: &mut ScanResults) {
        let Some(page) = &artefact.compiled else { return };
        // The large file is looked at in two pieces, and this says the same of both.
        if results.reasons.iter().any(|reason| reason.kind == ReasonKind::Compiled) {
            return;
        }
        let names: Vec<String> = page.virtual_path.split('/').filter(|name| !name.is_empty()).map(fold).collect();
        let Some(name) = names.last() else { return };
        // global.asax, App_Code and resources are compiled as well, and by Setup at other times than pages.
        if !kind::is_server_code(name) || name == "global.asax" {
            return;
        }
        let in_exchange = names.len() > 1 && exchange_applications().contains(&names[0]);
        let in_aspnet_client = names.iter().any(|name| name == "aspnet_client");
        if let Some((score, title)) = drop_folder(&names) {
            results.reasons.push(reason(&FROM_DROP_FOLDER, score, title, page));
        }
        let in_inspected_site = in_exchange || in_aspnet_client;
        match &page.source {
            SourceState::Gone(places) if !self.is_default(places) => {
                results.reasons.push(source_gone(page, places, in_inspected_site));
            }
            SourceState::Unknown(why) if in_inspected_site && !self.is_default_name(name) => {
                results.reasons.push(source_unknown(page, why));
            }
            _ => {}
        }
        let is_preserved = artefact.entry.name.to_ascii_lowercase().ends_with(".compiled");
        if is_preserved && in_inspected_site && !self.is_default_name(name) {
            results.reasons.extend(assembly_missing(page));
        }
    }
}

/// What it does: looks for pages that were compiled and are in none of the places from which the configuration serves their
/// URL. Why it matters: the page was asked for and ran, and somebody took it away; most intruders of 2021 deleted theirs when
/// they were done. Benign look-alikes: pages of old updates, which is why the names of all default pages are left out; a site of the
/// company's own whose pages come and go, so that counts little; what ASP.NET itself has marked for deletion.
fn source_gone(page: &Compiled, places: &[ServerPath], in_inspected_site: bool) -> Reason {
    let score = match (in_inspected_site, page.retired) {
        (true, false) => 75,
        (true, true) => 40,
        (false, false) => 25,
        (false, true) => 10,
    };
    let when = page.time.map_or(String::new(), |time| format!(", compiled {time}"));
    let places: Vec<&str> = places.iter().map(ServerPath::as_str).collect();
    let title = format!(
        "{} was executed here{when}, and has been deleted from {}",
        page.virtual_path,
        places.join(" and from ")
    );
    reason(&SOURCE_DELETED, score, title, page)
}

/// What it does: says of a page under a URL of Exchange whose name no build ships that it is not known whether it is still
/// there. Why it matters: it ran. Benign look-alikes: pages of add-ons, on evidence without the configuration of the server.
fn source_unknown(page: &Compiled, why: &str) -> Reason {
    let title = format!(
        "{} was executed here, a page that no Exchange build ships; whether it was deleted is not known: {why}",
        page.virtual_path
    );
    reason(&SOURCE_UNVERIFIED, 40, title, page)
}

/// What it does: looks for pages that were compiled from where no page belongs: `aspnet_client`, a folder with the name of a
/// device. Why it matters: `aspnet_client` holds scripts for the browser only and was the main drop folder of March 2021;
/// virtual directories of ProxyShell pointed to folders such as `COM1`. Benign look-alikes: none met.
fn drop_folder(names: &[String]) -> Option<(u8, String)> {
    let (_, folders) = names.split_last()?;
    if folders.iter().any(|name| name == "aspnet_client") {
        return Some((70, "a page was compiled from aspnet_client, which contains static files only".to_owned()));
    }
    let device = folders.iter().find(|name| device_of(name).is_some())?;
    Some((65, format!("a page was compiled from a folder with a reserved DOS device name: {device}")))
}

/// What it does: looks for `.compiled` files of pages that no build ships whose assembly is not beside them. Why it matters: it
/// held the code, and somebody may have taken it away. Benign look-alikes: a clean-up of ASP.NET that was broken off.
fn assembly_missing(page: &Compiled) -> Option<Reason> {
    let assembly = page.assembly.as_ref().filter(|_| !page.assembly_there)?;
    let title = format!("its assembly {assembly}.dll is missing");
    Some(reason(&ASSEMBLY_MISSING, 15, title, page))
}

impl Leavings<'_> {
    /// Whether Exchange ships a page at any of these places.
    fn is_default(&self, places: &[ServerPath]) -> bool {
        places.iter().any(|place| {
            let path = place.folded().replace('/', "\\");
            ["frontend\\httpproxy\\", "clientaccess\\"].iter().any(|root| {
                path.match_indices(root).any(|(at, _)| {
                    let relative: Vec<&str> =
                        path[at..].split('\\').map(|name| if is_version(name) { "version" } else { name }).collect();
                    self.knowledge.baseline_names.contains(&relative.join("\\"))
                })
            })
        })
    }

    /// Whether Exchange ships a page of this name, whatever the folder.
    fn is_default_name(&self, name: &str) -> bool {
        crate::catalogue::pages().folders_of(name).next().is_some()
    }
}

/// Whether a folder is named for a build: `15.2.721.2`.
fn is_version(name: &str) -> bool {
    name.split('.').count() == 4 && name.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

fn reason(check: &CheckInfo, score: u8, title: String, page: &Compiled) -> Reason {
    Reason::new(check, score, title, vec![Location::of_name(&*page.virtual_path)])
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{artefact, knowledge, results};
    use super::*;
    use crate::model::{Role, Timestamp};

    fn page(url: &str, source: SourceState) -> Compiled {
        Compiled {
            virtual_path: url.to_owned(),
            assembly: Some("App_Web_a".to_owned()),
            assembly_there: true,
            dependencies: Vec::new(),
            time: Some(Timestamp::new(1_614_754_931, 0)),
            retired: false,
            source,
        }
    }

    fn reported(page: &Compiled) -> Vec<(String, u8)> {
        let mut file = artefact("x.aspx.1.compiled", Role::AspnetTemp, r"owa\1\2\x.aspx.1.compiled");
        file.compiled = Some(page.clone());
        let reasons = results(&DETECTOR, &knowledge(), &file, b"").reasons;
        reasons.into_iter().map(|reason| (reason.id.trim_start_matches("compiled/").to_owned(), reason.score)).collect()
    }

    const ROOT: &str = r"D:\Exchange\V15";

    fn gone(below: &str) -> SourceState {
        let path = ServerPath::from_windows(&format!(r"{ROOT}\{below}")).expect("absolute");
        SourceState::Gone(vec![path])
    }

    fn one(id: &str, score: u8) -> Vec<(String, u8)> {
        vec![(id.to_owned(), score)]
    }

    #[test]
    fn a_page_that_ran_and_is_gone_fires_and_default_pages_stay_silent() {
        let odd = page("/owa/auth/OutlookEN.aspx", gone(r"FrontEnd\HttpProxy\owa\auth\OutlookEN.aspx"));
        assert_eq!(reported(&odd), one("source_deleted", 75));
        assert_eq!(reported(&Compiled { retired: true, ..odd }), one("source_deleted", 40));
        let own = page("/shop/cart.aspx", gone(r"shop\cart.aspx"));
        assert_eq!(reported(&own), one("source_deleted", 25));
        let there = ServerPath::from_windows(r"C:\x\logon.aspx").expect("absolute");
        for silent in [
            page("/owa/auth/logon.aspx", gone(r"FrontEnd\HttpProxy\owa\auth\logon.aspx")),
            page("/ecp/default.aspx", gone(r"ClientAccess\ecp\default.aspx")),
            page("/owa/global.asax", gone(r"ClientAccess\owa\global.asax")),
            page("/owa/App_Code/", gone(r"ClientAccess\owa\App_Code")),
            page("/owa/auth/x.aspx", SourceState::Present(there)),
            page("/", gone("x")),
        ] {
            assert_eq!(reported(&silent), [], "{}", silent.virtual_path);
        }
    }

    #[test]
    fn nothing_is_reported_for_any_default_page_that_an_update_removed() {
        let mut seen = 0;
        for path in crate::catalogue::baseline_names().iter() {
            let below = path.replace(r"\version\", r"\15.2.721.2\");
            let name = below.rsplit('\\').next().expect("has one");
            let lost = Compiled { assembly_there: false, ..page(&format!("/owa/auth/{name}"), gone(&below)) };
            let web = below.starts_with(r"frontend\httpproxy\") || below.starts_with(r"clientaccess\");
            if web && kind::is_server_code(name) {
                assert_eq!(reported(&lost), [], "{path}");
                seen += 1;
            }
        }
        assert!(seen > 800, "{seen}");
    }

    #[test]
    fn an_unknown_source_is_reported_for_other_names_alone() {
        let why = || SourceState::Unknown("no configuration".to_owned());
        assert_eq!(reported(&page("/owa/auth/OutlookEN.aspx", why())), one("source_unverified", 40));
        assert_eq!(reported(&page("/owa/auth/logon.aspx", why())), []);
        assert_eq!(reported(&page("/shop/cart.aspx", why())), []);
    }

    #[test]
    fn pages_of_drop_folders_fire_wherever_they_are_now() {
        let there = || SourceState::Present(ServerPath::from_windows(r"C:\x\a.aspx").expect("absolute"));
        assert_eq!(reported(&page("/aspnet_client/system_web/a.aspx", there())), one("from_drop_folder", 70));
        assert_eq!(reported(&page("/help/COM1/readme.aspx", there())), one("from_drop_folder", 65));
        assert_eq!(reported(&page("/owa/com1.aspx", there())), []);
        assert_eq!(reported(&page("/aspnet_client_docs/a.aspx", there())), []);
    }

    #[test]
    fn a_missing_assembly_is_reported_for_other_pages() {
        let lost = |url: &str, below: &str| Compiled { assembly_there: false, ..page(url, gone(below)) };
        let odd = reported(&lost("/owa/auth/OutlookEN.aspx", r"FrontEnd\HttpProxy\owa\auth\OutlookEN.aspx"));
        assert_eq!(odd[1], ("assembly_missing".to_owned(), 15));
        assert_eq!(reported(&lost("/owa/auth/logon.aspx", r"FrontEnd\HttpProxy\owa\auth\logon.aspx")), []);
    }
}
