//! The purpose of a folder, and whether server code belongs there.

use super::{Seen, checks, in_exchange_web};
use crate::catalogue::ExchangeFolder;
use crate::detect::{Knowledge, ScanResults};
use crate::model::drop_folders::{self, Found};
use crate::model::file_types::Uses;
use crate::model::{Artefact, Role};

/// Folder names below which a default Exchange has pictures, styles, scripts and fonts only, in every build of the baseline. `prem`,
/// `current` and `current2` hold the client of OWA.
const STATIC: &[&str] =
    &["themes", "resources", "scripts", "styles", "images", "img", "css", "js", "fonts", "prem", "current", "current2"];
/// The same for anybody's site; folders of scripts and resources hold pages there.
const STATIC_ANYWHERE: &[&str] = &["images", "img", "css", "js", "fonts"];
/// Folders whose content IIS gives to nobody, yet runs or reads. A default Exchange has libraries in the first.
const CODE: &[&str] = &["bin", "app_code", "app_data"];

/// Lets every check of this file look. `has_code`: whether the content shows server code.
pub(super) fn look(seen: &Seen<'_>, has_code: bool, knowledge: &Knowledge, results: &mut ScanResults) {
    let is_default =
        seen.artefact.place.role == Role::Exchange && knowledge.baseline_names.contains(&seen.artefact.place.relative);
    if !is_default {
        in_oab(seen, results);
        in_a_static_folder(seen, results);
        in_a_code_folder(seen, results);
        in_a_drop_folder(seen, has_code, results);
        among_logs(seen, results);
    }
    hidden(seen, has_code, results);
}

/// What it does: looks for server code in the folders of the offline address book. Why it matters: CVE-2021-26858 writes
/// there, and files are handed out to every mailbox. Benign look-alikes: the `global.asax` of the front end, which is a default, and
/// that of Exchange 2010, of which no names are known.
fn in_oab(seen: &Seen<'_>, results: &mut ScanResults) {
    let place = &seen.artefact.place;
    let inside = ExchangeFolder::AddressBook.holds(&place.relative);
    if place.role == Role::Exchange && inside && (place.names_known || seen.extension != "asax") {
        results.reasons.push(seen.reason(
            &checks::PAGE_IN_OAB_FOLDER,
            65,
            "server code in a folder of the offline address book (OAB)",
        ));
    }
}

/// What it does: looks for server code in folders of pictures, styles, scripts and fonts, and in those named after a build.
/// Why it matters: nobody looks for pages there, and old ones stay after each update. Benign look-alikes: none in Exchange; in
/// other sites a handler that makes pictures or styles, which is why those count less, and what PHP packages carry.
fn in_a_static_folder(seen: &Seen<'_>, results: &mut ScanResults) {
    let place = &seen.artefact.place;
    let folders = || place.folder().split('\\');
    if in_exchange_web(seen.artefact) && place.names_known {
        if let Some(folder) = folders().find(|folder| STATIC.contains(folder) || is_version(folder)) {
            let title = format!("server code in a static-content folder: {folder}");
            results.reasons.push(seen.reason(&checks::PAGE_IN_STATIC_FOLDER, 60, title));
        }
    } else if place.role == Role::WebRoot
        && seen.file_type().is(Uses::RUNS)
        && !seen.file_type().is(Uses::FOREIGN)
        // Razor gives pages of such a name to nobody: they are pieces of others.
        && !(seen.is(&["cshtml", "vbhtml"]) && seen.artefact.entry.name.starts_with('_'))
        && let Some(folder) = folders().find(|folder| STATIC_ANYWHERE.contains(folder))
    {
        let title = format!("an executable page in a static-content folder: {folder}");
        results.reasons.push(seen.reason(&checks::PAGE_IN_STATIC_FOLDER, 35, title));
    }
}

/// `15.2.721.2`: digits and dots, at least two of these.
fn is_version(folder: &str) -> bool {
    folder.starts_with(|c: char| c.is_ascii_digit())
        && folder.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && folder.bytes().filter(|b| *b == b'.').count() >= 2
}

/// What it does: looks for server code in `bin`, `App_Code` and `App_Data` of Exchange. Why it matters: what lies in
/// App_Code is compiled into the application, and none of these is looked at by visitors. Benign look-alikes: none; no build
/// has any.
fn in_a_code_folder(seen: &Seen<'_>, results: &mut ScanResults) {
    if in_exchange_web(seen.artefact)
        && let Some(folder) = seen.artefact.place.folder().split('\\').find(|folder| CODE.contains(folder))
    {
        let title = format!("server code in an Exchange folder that should contain none: {folder}");
        results.reasons.push(seen.reason(&checks::PAGE_IN_CODE_FOLDER, 55, title));
    }
}

/// What it does: looks for pages in folders that no site serves by itself and everybody knows how to write to. Why it
/// matters: a virtual directory that points there makes them reachable (ProxyShell did so), and tools are staged there.
/// Benign look-alikes: installers unpack web projects and samples (so what lies deep in ProgramData or Users\Public, or in
/// Microsoft's own folders there, counts little), an old site in inetpub, SharePoint's folders, a page that was deleted.
fn in_a_drop_folder(seen: &Seen<'_>, has_code: bool, results: &mut ScanResults) {
    let role = seen.artefact.place.role;
    // Certificates are .cer too, and compilers leave .cs files in Windows\Temp.
    let page = seen.file_type().is(Uses::RUNS) || has_code && seen.extension == "cer";
    if !page || !matches!(role, Role::DropFolder | Role::WebRoot) {
        return;
    }
    let path = seen.artefact.path.folded();
    let Some(below) = below_drive(&path) else { return };
    let Some((score, what)) = drop_folder(below) else { return };
    // What lies in a recycle bin has the role of the folder that it was deleted from.
    let served = role == Role::WebRoot && seen.artefact.recycled.is_none();
    let score = match score {
        score if seen.file_type().is(Uses::FOREIGN) => score.min(20),
        score if served => score + 5,
        score => score,
    };
    let title = match served {
        true => format!("an executable page served from {what}"),
        false => format!("an executable page in {what}"),
    };
    results.reasons.push(seen.reason(&checks::PAGE_IN_DROP_FOLDER, score, title));
}

/// A folded path without its drive; `None` if it has none, as in a copy.
fn below_drive(path: &str) -> Option<&str> {
    path.get(1..3).filter(|colon| *colon == r":\").and_then(|_| path.get(3..))
}

/// What a folded path below a drive says about a page there: the score, and the folder in words.
fn drop_folder(path: &str) -> Option<(u8, &'static str)> {
    let (first, rest) = path.split_once('\\')?;
    let (folder, score) = drop_folders::find(path, Found::Page)?;
    Some(match first {
        // $R: the content of what was deleted; $I: where it was, without content.
        "$recycle.bin" => match rest.split('\\').find_map(|name| name.get(..2).filter(|two| two.starts_with('$'))) {
            Some("$i") => return None,
            Some("$r") => (30, "the recycle bin, where it was deleted"),
            _ => (score, "the recycle bin, with a name that deletion does not create"),
        },
        // What Windows itself puts there.
        "inetpub" if is_error_page_of_asp(rest) => return None,
        _ => (score, folder.name),
    })
}

/// `custerr\en-US\500-100.asp`, which the role of classic ASP installs in each language: it shows the error of a page. What it
/// holds is judged as ever.
fn is_error_page_of_asp(below_inetpub: &str) -> bool {
    let names: Vec<&str> = below_inetpub.split('\\').collect();
    match names.as_slice() {
        ["custerr", language, "500-100.asp"] => {
            language.len() <= 12
                && language.split('-').all(|part| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_alphanumeric()))
        }
        _ => false,
    }
}

/// What it does: looks for server code in folders of logs. Why it matters: antivirus excludes logs. Benign
/// look-alikes: a viewer that somebody put beside the logs it shows.
fn among_logs(seen: &Seen<'_>, results: &mut ScanResults) {
    let place = &seen.artefact.place;
    let own = place.role == Role::Exchange && ExchangeFolder::Logs.holds(&place.relative);
    let of_iis = place.role != Role::Exchange
        && below_drive(&seen.artefact.path.folded()).is_some_and(|path| path.starts_with(r"inetpub\logs\"));
    let (others, logs) = seen.artefact.neighbours.map_or((0, 0), |all| (all.files, all.logs));
    if own || of_iis {
        results.reasons.push(seen.reason(&checks::PAGE_IN_LOG_FOLDER, 65, "server code in a log folder"));
    } else if others >= 3 && u64::from(logs) * 5 >= u64::from(others) * 4 {
        let title = format!("server code among logs: {logs} of the {others} other files");
        results.reasons.push(seen.reason(&checks::PAGE_IN_LOG_FOLDER, 50, title));
    }
}

const HIDDEN: u32 = 0x2;
const SYSTEM: u32 = 0x4;

/// What it does: looks for server code with the attribute hidden or system, where the source has attributes. Why it
/// matters: intruders set them after the drop (`attrib +h +s`), to hide the page. Benign look-alikes: none in
/// Exchange; old FrontPage folders are hidden, their pages are not.
fn hidden(seen: &Seen<'_>, has_code: bool, results: &mut ScanResults) {
    let bits = seen.artefact.entry.attributes.0;
    if bits & (HIDDEN | SYSTEM) == 0 || seen.extension == "cer" && !has_code || is_deleted_note(seen.artefact) {
        return;
    }
    let what = match (bits & HIDDEN != 0, bits & SYSTEM != 0) {
        (true, true) => "hidden and system",
        (true, false) => "hidden",
        _ => "system",
    };
    results.reasons.push(seen.reason(&checks::HIDDEN_ATTRIBUTE, 55, format!("server code with the attribute {what}")));
}

/// The note that the recycle bin keeps of a deleted file, which is hidden and has its extension.
fn is_deleted_note(artefact: &Artefact) -> bool {
    artefact.place.relative.starts_with(r"$recycle.bin\")
}

#[cfg(test)]
mod tests {
    use super::super::tests::reasons;
    use super::*;
    use crate::detect::test_support::{artefact_at, knowledge, results};
    use crate::model::{Attributes, FolderStats};

    #[test]
    fn server_code_in_the_oab_folder_fires_and_its_default_files_do_not() {
        for path in
            [r"FrontEnd\HttpProxy\OAB\log.aspx", r"ClientAccess\OAB\Temp\a.ashx", r"ClientAccess\OAB\global.asax"]
        {
            assert_eq!(
                reasons(Role::Exchange, &format!(r"C:\V15|{path}")),
                [("location/page_in_oab_folder", 65)],
                "{path}"
            );
        }
        for path in
            [r"FrontEnd\HttpProxy\OAB\global.asax", r"FrontEnd\HttpProxy\OAB\web.config", r"ClientAccess\OAB\a.lzx"]
        {
            assert_eq!(reasons(Role::Exchange, &format!(r"C:\V15|{path}")), [], "{path}");
        }
    }

    #[test]
    fn server_code_in_static_folders_fires_in_exchange_more_than_elsewhere() {
        let fires = [("location/page_in_static_folder", 60)];
        for path in [
            r"ClientAccess\Owa\prem\15.2.721.2\scripts\a.aspx",
            r"ClientAccess\ecp\15.2.721.2\x.ashx",
            r"ClientAccess\ecp\themes\default\x.cs",
        ] {
            assert_eq!(reasons(Role::Exchange, &format!(r"C:\V15|{path}")), fires, "{path}");
        }
        let site = |path: &str| reasons(Role::WebRoot, &format!(r"C:\inetpub\wwwroot|{path}"));
        assert_eq!(site(r"app\images\x.aspx"), [("location/page_in_static_folder", 35)]);
        for path in [
            r"app\images\x.gif",
            r"app\img\_piece.cshtml",
            r"app\images\x.cs",
            r"app\js\x.php",
            r"app\scripts\x.asp",
            r"app\15.2.721.2\x.aspx",
        ] {
            assert_eq!(site(path), [], "{path}");
        }
        assert_eq!(reasons(Role::Exchange, r"C:\V15|ClientAccess\ecp\15.2.721.2\x.css"), []);
        assert!(!is_version("15.2") && !is_version("1.2.x") && is_version("15.1.225"));
    }

    #[test]
    fn server_code_in_folders_for_libraries_fires_in_exchange_only() {
        assert_eq!(
            reasons(Role::Exchange, r"C:\V15|FrontEnd\HttpProxy\bin\x.aspx"),
            [("location/page_in_code_folder", 55)]
        );
        assert_eq!(
            reasons(Role::Exchange, r"C:\V15|ClientAccess\ecp\App_Code\x.cs"),
            [("location/page_in_code_folder", 55)]
        );
        assert_eq!(reasons(Role::WebRoot, r"C:\inetpub\wwwroot|App_Code\x.cs"), []);
        assert_eq!(reasons(Role::Exchange, r"C:\V15|ClientAccess\ecp\bin\web.config"), []);
    }

    #[test]
    fn pages_in_drop_folders_fire_by_how_odd_they_are_there() {
        for (path, score) in [
            (r"ProgramData\q.aspx", 50),
            (r"ProgramData\Vendor\q.aspx", 50),
            (r"ProgramData\Vendor\console\web\q.aspx", 30),
            (r"ProgramData\Microsoft\VisualStudio\q.aspx", 15),
            (r"ProgramData\Vendor\q.php", 20),
            (r"Users\Public\Documents\q.aspx", 50),
            (r"Users\Public\Documents\Vendor Samples\CS\q.aspx", 30),
            (r"PerfLogs\q.ashx", 55),
            (r"root\q.aspx", 55),
            (r"Windows\Temp\q.asp", 40),
            (r"Windows\System32\inetsrv\q.aspx", 60),
            (r"Windows\System32\RpcProxy\q.aspx", 60),
            (r"inetpub\custerr\en-US\q.aspx", 60),
            (r"inetpub\oldsite\q.aspx", 20),
            (r"$Recycle.Bin\S-1-5-21-1\$RA1B2C3.aspx", 30),
            (r"$Recycle.Bin\S-1-5-21-1\$RA1B2C3\sub\q.aspx", 30),
            (r"$Recycle.Bin\q.aspx", 55),
        ] {
            assert_eq!(
                reasons(Role::DropFolder, &format!(r"C:\|{path}")),
                [("location/page_in_drop_folder", score)],
                "{path}"
            );
        }
        assert_eq!(
            reasons(Role::WebRoot, r"C:\ProgramData\help|q.aspx"),
            [("location/page_in_drop_folder", 55)],
            "served"
        );
        assert_eq!(
            reasons(Role::WebRoot, r"C:\Windows\System32\RpcProxy|q.aspx"),
            [("location/page_in_drop_folder", 65)]
        );
    }

    #[test]
    fn what_installers_compilers_and_deleting_leave_stays_silent() {
        for path in [
            r"ProgramData\Vendor\root.cer",
            r"Windows\Temp\k1x2.0.cs",
            r"ProgramData\Vendor\web.config",
            r"$Recycle.Bin\S-1-5-21-1\$IA1B2C3.aspx",
            r"Program Files\Common Files\microsoft shared\Web Server Extensions\16\x.aspx",
            r"Users\Public\desktop.ini",
            r"inetpub\custerr\en-US\500-100.asp",
            r"inetpub\custerr\zh-Hans-CN\500-100.asp",
        ] {
            assert_eq!(reasons(Role::DropFolder, &format!(r"C:\|{path}")), [], "{path}");
        }
        assert_eq!(reasons(Role::WebRoot, r"C:\inetpub\wwwroot|q.aspx"), []);
        let sharepoint = r"C:\Program Files\Common Files\microsoft shared\Web Server Extensions\16";
        for path in [
            r"TEMPLATE\LAYOUTS|settings.aspx",
            r"TEMPLATE\LAYOUTS|1033\styles\help.aspx",
            r"TEMPLATE\LAYOUTS|images\logo.png",
            r"TEMPLATE\ADMIN|default.aspx",
            r"ISAPI|lists.asmx",
            r"TEMPLATE|FEATURES\Search\results.aspx",
        ] {
            assert_eq!(reasons(Role::WebRoot, &format!("{sharepoint}\\{path}")), [], "{path}");
        }
        assert_eq!(reasons(Role::WebRoot, r"D:\site|programdata\q.aspx"), []);
        let cer = artefact_at(Role::DropFolder, r"C:\|ProgramData\x.cer");
        let code = results(&super::super::DETECTOR, &knowledge(), &cer, b"<% Execute(Request(1)) %>");
        assert_eq!(code.reasons.len(), 1, "server code in a certificate");
    }

    #[test]
    fn server_code_among_logs_fires_by_place_and_by_neighbours() {
        let fires = [("location/page_in_log_folder", 65)];
        assert_eq!(reasons(Role::Exchange, r"C:\V15|Logging\HttpProxy\Owa\x.aspx"), fires);
        assert_eq!(reasons(Role::DropFolder, r"C:\|inetpub\logs\LogFiles\W3SVC1\x.aspx"), fires);
        let mut file = artefact_at(Role::WebRoot, r"C:\site|x.aspx");
        for (files, logs, count) in [(5, 5, 1), (5, 4, 1), (5, 3, 0), (2, 2, 0), (0, 0, 0)] {
            file.neighbours = Some(FolderStats { files, logs, ..FolderStats::default() });
            let results = results(&super::super::DETECTOR, &knowledge(), &file, b"");
            assert_eq!(results.reasons.len(), count, "{logs} of {files}");
        }
    }

    #[test]
    fn hidden_server_code_fires_and_a_hidden_picture_does_not() {
        for (path, bits, fires) in [
            (r"C:\site|x.aspx", 0x22, true),
            (r"C:\site|x.aspx", 0x4, true),
            (r"C:\site|x.aspx", 0x21, false),
            (r"C:\site|x.gif", 0x6, false),
            (r"C:\site|x.cer", 0x2, false),
            (r"C:\site|web.config", 0x2, false),
        ] {
            let mut file = artefact_at(Role::WebRoot, path);
            file.entry.attributes = Attributes(bits);
            let results = results(&super::super::DETECTOR, &knowledge(), &file, b"");
            assert_eq!(
                results.reasons.iter().any(|reason| reason.id == "location/hidden_attribute"),
                fires,
                "{path} {bits:x}"
            );
        }
    }
}
