//! Location anomalies.
//!
//! Judges by the role of the folder, so it says nothing of folders whose role is not known, but for the size check.
//! `folders` knows what a folder is for, `links` where links lead, `names` what a name pretends, `look_alike` which default page it imitates.

pub(crate) mod checks;
mod folders;
mod links;
mod look_alike;
mod names;
mod seen;

use super::{Detect, Detector, Knowledge, ScanContext, ScanResults, piece};
use crate::code::page::{Mark, ServerCode};
use crate::decode::View;
use crate::model::file_types::Uses;
use crate::model::place::kind;
use crate::model::server_path::extension;
use crate::model::{Artefact, Examined, Location, Reason, Role};
pub(super) use seen::in_a_logon_folder;
use seen::{Seen, in_exchange_web, in_logon_folder};

pub(super) const DETECTOR: Detector = Detector {
    id: "location",
    about: "server code where none belongs, unknown or deceptive names",
    build: |knowledge| Box::new(Placement { knowledge }),
};

struct Placement<'k> {
    knowledge: &'k Knowledge,
}

/// How much of a page is shown as evidence.
const EXCERPT: usize = 160;

impl Detect for Placement<'_> {
    fn look(&mut self, artefact: &Artefact, context: &ScanContext<'_, '_>, results: &mut ScanResults) {
        oversized(artefact, results);
        links::look(artefact, results);
        if !matches!(artefact.place.role, Role::Exchange | Role::WebRoot | Role::DropFolder) {
            return;
        }
        let (views, code) = (context.views, surest(context));
        in_aspnet_client(artefact, views, code, results);
        self.unknown_page(artefact, views, code, results);
        names::look(artefact, results);
        compiled_in_advance(artefact, views, results);
        if kind::is_server_code(&artefact.entry.name) {
            let seen =
                Seen { artefact, extension: extension(&artefact.entry.name), locations: locate(artefact, views, code) };
            folders::look(&seen, code.is_some(), self.knowledge, results);
            look_alike::look(&seen, self.knowledge, results);
        }
        // The resources of a program may well hold pages.
        if !context.is_program(&artefact.entry.name) {
            in_a_static_file(artefact, views, code, results);
        }
    }
}

impl Placement<'_> {
    /// What it does: looks for pages in the logon folders of OWA and ECP whose names no Exchange build ships. Why it
    /// matters: these folders are reachable without a logon, so most drops of 2021 lie here. Benign look-alikes: a page that a
    /// build after April 2021 added (none is known), a company's own logon page.
    fn unknown_page(
        &self,
        artefact: &Artefact,
        views: &[View<'_>],
        code: Option<(usize, ServerCode)>,
        results: &mut ScanResults,
    ) {
        let relative = &artefact.place.relative;
        if !artefact.place.names_known
            || !in_logon_folder(artefact)
            || !kind::is_server_code(&artefact.entry.name)
            || self.knowledge.baseline_names.contains(relative)
        {
            return;
        }
        let locations = locate(artefact, views, code);
        let title = "a page that no Exchange build ships, in a logon folder";
        results.reasons.push(Reason::new(&checks::UNKNOWN_PAGE_IN_LOGON_FOLDER, 70, title, locations));
    }
}

/// What it does: looks for the files that precompiled pages leave (`bin\*.compiled`) in folders of
/// Exchange that IIS serves. Why it matters: such a page needs no file of its own; its URL runs a class of a library. Benign
/// look-alikes: none; pages of Exchange are compiled on the server, into Temporary ASP.NET Files.
fn compiled_in_advance(artefact: &Artefact, views: &[View<'_>], results: &mut ScanResults) {
    if in_exchange_web(artefact) && extension(&artefact.entry.name) == "compiled" && artefact.place.has_folder("bin") {
        let locations = locate(artefact, views, None);
        let title = "a precompiled page in a folder of Exchange assemblies, which contains none by default";
        results.reasons.push(Reason::new(&checks::PRECOMPILED_PAGE, 55, title, locations));
    }
}

/// What it does: looks for server code below a folder named `aspnet_client`. Why it matters: ASP.NET keeps static client
/// scripts there, so it is writable, reachable and never holds a page; the main drop folder of March 2021. Benign look-alikes:
/// the web.config that some hosts have there.
fn in_aspnet_client(
    artefact: &Artefact,
    views: &[View<'_>],
    code: Option<(usize, ServerCode)>,
    results: &mut ScanResults,
) {
    if !artefact.place.has_folder("aspnet_client") {
        return;
    }
    let by_name = kind::is_server_code(&artefact.entry.name);
    let by_content = code.is_some_and(|(_, code)| code.mark > Mark::Block);
    if by_name || by_content {
        let locations = locate(artefact, views, code.filter(|(_, code)| by_name || code.mark > Mark::Block));
        let title = "server code in aspnet_client, which contains static files only";
        results.reasons.push(Reason::new(&checks::PAGE_IN_ASPNET_CLIENT, 70, title, locations));
    }
}

/// What it does: looks for server code markers in files that IIS does not run by their extension. Why it matters: a
/// handler mapping, a rename or an include runs them. Benign look-alikes: client-side templates in scripts and pages, which is
/// why a code block counts in no such kind, and one without a word of server code in none; skins, documentation and spare copies
/// of pages (`.bak`, `.old`, `.txt`), which count little. What the code does is reported separately.
fn in_a_static_file(
    artefact: &Artefact,
    views: &[View<'_>],
    code: Option<(usize, ServerCode)>,
    results: &mut ScanResults,
) {
    let extension = extension(&artefact.entry.name);
    let Some((view, code)) = code else { return };
    // What configuration holds is reported by the detector for it.
    if kind::is_server_code(&artefact.entry.name) || extension == "config" {
        return;
    }
    let score = match code.mark {
        Mark::Php if !kind::of_extension(&extension).is(Uses::MEDIA) => return,
        Mark::Php => 50,
        Mark::Template => return,
        Mark::Block if kind::holds_templates(&artefact.entry.name) => return,
        // Skins and documentation hold directives, and people keep copies of pages under names of their own: not in Exchange.
        _ if artefact.place.role != Role::Exchange
            && (kind::holds_templates(&artefact.entry.name) || !kind::is_for_browsers(&artefact.entry.name)) =>
        {
            20
        }
        Mark::Block => 40,
        _ => 60,
    };
    let what =
        if extension.is_empty() { "a file without extension".to_owned() } else { format!("a .{extension} file") };
    let locations = locate(artefact, views, Some((view, code)));
    let title = format!("server code in {what}: {}", code.mark.name());
    results.reasons.push(Reason::new(&checks::SERVER_CODE_IN_STATIC_FILE, score, title, locations));
}

/// What it does: looks for server-script kinds larger than what is examined whole. Why it matters: nobody writes a page of
/// such a size; padding makes scanners pass over a file. Benign look-alikes: none met.
fn oversized(artefact: &Artefact, results: &mut ScanResults) {
    let Examined::Ends(each) = artefact.examined else { return };
    if kind::is_server_code(&artefact.entry.name) {
        let locations = Vec::new();
        let title = format!(
            "a server page of {} MB: only the first and last {} MB were scanned",
            artefact.entry.size >> 20,
            each >> 20
        );
        results.reasons.push(Reason::new(&checks::OVERSIZED_PAGE, 60, title, locations));
    }
}

/// The surest server code marker in any view, with the view's place in the list.
fn surest(context: &ScanContext<'_, '_>) -> Option<(usize, ServerCode)> {
    let found = context.server_code().iter().enumerate().filter_map(|(at, code)| Some((at, (*code)?)));
    found.max_by_key(|(at, code)| (code.mark, std::cmp::Reverse(*at)))
}

fn locate(artefact: &Artefact, views: &[View<'_>], code: Option<(usize, ServerCode)>) -> Vec<Location> {
    let Some((at, code)) = code else {
        let path = artefact.place.relative.clone();
        return vec![Location::of_name(path)];
    };
    vec![piece(&views[at], code.start..code.end, EXCERPT, None)]
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{artefact, artefact_at, knowledge, results};
    use super::*;

    /// Ids and scores of what is reported for an empty file; see `artefact_at` for the path.
    pub(super) fn reasons(role: Role, path: &str) -> Vec<(&'static str, u8)> {
        let reasons = results(&DETECTOR, &knowledge(), &artefact_at(role, path), b"").reasons;
        reasons.into_iter().map(|reason| (&*reason.id.leak(), reason.score)).collect()
    }

    fn ids(role: Role, relative: &str, bytes: &[u8]) -> Vec<String> {
        let name = relative.rsplit('\\').next().expect("has one");
        let file = artefact(name, role, relative);
        results(&DETECTOR, &knowledge(), &file, bytes).reasons.into_iter().map(|reason| reason.id).collect()
    }

    /// What locations and indicators say of a file below the installation folder; `version` stands for a build's folder.
    fn reported_in_exchange(path: &str) -> Vec<String> {
        let path = path.replace(r"\version\", r"\15.2.721.2\");
        let file = artefact_at(Role::Exchange, &format!(r"C:\Program Files\Microsoft\Exchange Server\V15|{path}"));
        let knowledge = knowledge();
        let detectors = [DETECTOR, super::super::indicators::DETECTOR];
        let all = detectors.iter().flat_map(|detector| results(detector, &knowledge, &file, b"").reasons);
        all.map(|reason| format!("{path}: {}", reason.id)).collect()
    }

    #[test]
    fn nothing_is_reported_for_any_default_name_at_its_own_place() {
        let mut seen = 0;
        for path in crate::catalogue::baseline_names().iter() {
            assert_eq!(reported_in_exchange(path), [""; 0]);
            seen += 1;
        }
        assert_eq!(seen, 1270);
    }

    const PAGE: &[u8] = b"<%@ Page Language=\"C#\" %>";

    #[test]
    fn server_code_in_aspnet_client_fires_by_name_and_by_content() {
        assert_eq!(ids(Role::WebRoot, r"aspnet_client\x.aspx", b"hello"), ["location/page_in_aspnet_client"]);
        assert_eq!(
            ids(Role::WebRoot, r"aspnet_client\system_web\x.gif", PAGE),
            ["location/page_in_aspnet_client", "location/server_code_in_static_file"]
        );
        assert_eq!(ids(Role::WebRoot, r"aspnet_client\system_web\4_0\x.js", b"var t = '<% name %>'"), [""; 0]);
        assert_eq!(
            ids(
                Role::WebRoot,
                r"aspnet_client\web.config",
                b"<configuration><system.webServer><httpRedirect/></system.webServer></configuration>"
            ),
            [""; 0]
        );
        assert_eq!(ids(Role::WebRoot, r"my_aspnet_client.aspx", PAGE), [""; 0]);
    }

    #[test]
    fn names_that_no_build_ships_fire_in_logon_folders_only() {
        for folder in [r"frontend\httpproxy\owa\auth", r"frontend\httpproxy\ecp\auth", r"clientaccess\owa\auth"] {
            assert_eq!(
                ids(Role::Exchange, &format!(r"{folder}\x.aspx"), b""),
                ["location/unknown_page_in_logon_folder"],
                "{folder}"
            );
        }
        let mut old = artefact("mine.aspx", Role::Exchange, r"clientaccess\owa\auth\mine.aspx");
        old.place.names_known = false;
        assert!(results(&DETECTOR, &knowledge(), &old, b"").reasons.is_empty(), "Exchange 2010");
        for path in [
            r"frontend\httpproxy\owa\auth\logon.aspx",
            r"clientaccess\owa\auth\error2.aspx",
            r"frontend\httpproxy\owa\auth\15.2.721\x.css",
            r"clientaccess\ecp\mine.aspx",
        ] {
            assert_eq!(ids(Role::Exchange, path, b""), [""; 0], "{path}");
        }
    }

    #[test]
    fn server_code_in_a_static_file_fires_but_templates_and_programs_do_not() {
        assert_eq!(
            ids(Role::Exchange, r"clientaccess\owa\a.gif", b"GIF89a<script runat=server>"),
            ["location/server_code_in_static_file"]
        );
        let score = |role, name: &str, bytes: &[u8]| {
            let reasons = results(&DETECTOR, &knowledge(), &artefact(name, role, name), bytes).reasons;
            reasons.iter().map(|reason| reason.score).collect::<Vec<_>>()
        };
        let block = b"<% x(Request(1)) %>";
        for (name, of_block, of_page) in [
            ("a.jpg", &[40][..], &[60][..]),
            ("a.css", &[40], &[60]),
            ("a.txt", &[20], &[20]),
            ("a.bak", &[20], &[20]),
            ("a.html", &[], &[20]),
        ] {
            assert_eq!(score(Role::WebRoot, name, block), of_block, "{name}");
            assert_eq!(score(Role::WebRoot, name, PAGE), of_page, "{name}");
        }
        assert_eq!((score(Role::Exchange, "a.txt", block), score(Role::Exchange, "a.htm", PAGE)), (vec![40], vec![60]));
        assert_eq!(ids(Role::WebRoot, "a.txt", b"<% x() %>"), [""; 0]);
        assert_eq!(
            ids(Role::WebRoot, "a.jpg", b"\xFF\xD8 <%x = request(1)%>"),
            ["location/server_code_in_static_file"]
        );
        assert_eq!(ids(Role::WebRoot, "a.js", b"<% x(Request(1)) %>"), [""; 0]);
        let program = [b"MZ".as_slice(), &[0; 58], b"\x40\0\0\0PE\0\0 <%@ Page %>"].concat();
        assert_eq!(ids(Role::WebRoot, "a.dll", &program), [""; 0]);
        assert_eq!(
            ids(Role::WebRoot, "a.jpg", b"MZ <%@ Page %>"),
            ["location/server_code_in_static_file"],
            "no program"
        );
        assert_eq!(ids(Role::WebRoot, "a.aspx", PAGE), [""; 0]);
    }

    #[test]
    fn wide_text_is_judged_like_plain_text() {
        let wide: Vec<u8> =
            std::str::from_utf8(PAGE).expect("text").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(ids(Role::WebRoot, "a.txt", &wide), ["location/server_code_in_static_file"]);
    }

    #[test]
    fn a_folder_of_unknown_role_is_not_judged_but_an_oversized_page_counts_everywhere() {
        assert_eq!(ids(Role::Unknown, r"aspnet_client\x.aspx", PAGE), [""; 0]);
        let mut file = artefact("x.aspx", Role::Unknown, "x.aspx");
        file.examined = Examined::Ends(32 << 20);
        assert_eq!(results(&DETECTOR, &knowledge(), &file, b"").reasons[0].id, "location/oversized_page");
        file.entry.name = "x.log".to_owned();
        assert_eq!(results(&DETECTOR, &knowledge(), &file, b"").reasons.len(), 0);
    }
}
