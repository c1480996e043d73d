//! Deceptive names.

use super::checks;
use crate::detect::ScanResults;
use crate::model::device_names::device_of;
use crate::model::place::kind;
use crate::model::server_path::extension;
use crate::model::{Artefact, CheckInfo, Location, Reason};

/// Documents, which pages make now and then.
const DOCUMENTS: &[&str] = &["pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "rtf", "csv"];
/// Other kinds that nobody expects to run. Not htm, css, js, xml: pages make those all the time (`sitemap.xml.aspx`).
const PASSIVE: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "bmp", "ico", "webp", "txt", "zip", "rar", "7z", "mp3", "mp4", "avi", "log", "bak",
    "tmp",
];

/// Lets every check of this file look.
pub(super) fn look(artefact: &Artefact, results: &mut ScanResults) {
    let name = &artefact.entry.name;
    let code = kind::is_server_code(name);
    if code {
        double_extension(artefact, results);
    }
    // Nearly every name ends here.
    let plain = |b: u8| b.is_ascii() && !b.is_ascii_control() && !matches!(b, b';' | b':');
    if !name.bytes().all(plain) || name.ends_with(['.', ' ']) {
        strange(artefact, code, results);
    }
    device(artefact, results);
}

/// What it does: looks for the extension of a picture, document or archive before that of server code. Why it matters: in
/// lists and logs it passes for what it is not, and checks of uploads look at the first one. Benign look-alikes: pages that
/// make what the first one says, mostly styles, scripts or XML, not counted here, and now and then documents; robots.txt.
fn double_extension(artefact: &Artefact, results: &mut ScanResults) {
    let name = artefact.entry.name.trim_end_matches(['.', ' ']);
    let Some((stem, last)) = name.rsplit_once('.') else { return };
    let before = extension(stem);
    // Applications of PHP name their files by what they make or hold: `class.log.php`, `list.csv.php`.
    if kind::is_php(&last.to_ascii_lowercase())
        && (DOCUMENTS.contains(&&*before) || matches!(&*before, "txt" | "log" | "bak" | "tmp"))
    {
        return;
    }
    let score = match before.as_str() {
        _ if stem.eq_ignore_ascii_case("robots.txt") => return,
        document if DOCUMENTS.contains(&document) => 40,
        // A name alone convicts nobody: `module.audio.mp3.php` is of WordPress, and copies are called `.bak`.
        "bak" | "tmp" | "mp3" => 25,
        passive if PASSIVE.contains(&passive) => 45,
        _ => return,
    };
    let title = format!("server code disguised as a .{before} file: .{before}.{}", last.to_ascii_lowercase());
    results.reasons.push(reason(artefact, &checks::DOUBLE_EXTENSION, score, title));
}

/// What it does: looks for names that hide what they are: a dot or space at the end, which Windows drops; `;` or `:` behind
/// an extension of server code, at which old versions of IIS and NTFS stop reading; characters that turn the order of
/// others around or show as nothing. Why it matters: what is shown is not what runs, and ordinary tools cannot open or
/// delete such files. Benign look-alikes: none for server code; direction marks in names of Hebrew and Arabic documents,
/// which count only where they turn Latin text around.
fn strange(artefact: &Artefact, code: bool, results: &mut ScanResults) {
    let name = &artefact.entry.name;
    let found = if code && name.ends_with(['.', ' ']) {
        Some((60, "server code whose name ends in a dot or a space, which Windows drops"))
    } else if name.split_once([';', ':']).is_some_and(|(before, _)| kind::is_server_code(before)) {
        Some((60, "a name that continues after the extension of server code"))
    } else if code && name.chars().any(is_invisible) {
        Some((60, "server code with invisible characters in its name"))
    } else if name.contains(['\u{202d}', '\u{202e}']) {
        Some((40, "a name with bidirectional characters that displays a different extension"))
    } else {
        None
    };
    if let Some((score, title)) = found {
        results.reasons.push(reason(artefact, &checks::DECEPTIVE_FILE_NAME, score, title.to_owned()));
    }
}

/// Characters that show as nothing or change the order of others (Unicode 15, general category Cf and controls).
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// What it does: looks for files and folders with the name of a device (`COM1`, `CON`, `AUX`). Why it matters: Windows
/// makes and opens them only by a detour that people do not take; virtual directories of ProxyShell pointed to such
/// folders. Benign look-alikes: trees that were unpacked on another system (`aux.c`), so what is not server code counts less.
fn device(artefact: &Artefact, results: &mut ScanResults) {
    // Below the area's root, and that root's own name: it may be the folder itself.
    let root = artefact.place.relative.split('\\').count();
    let depth = artefact.path.names().count();
    let names = artefact.path.names().skip(depth.saturating_sub(root + 1));
    for name in names {
        if let Some(device) = device_of(name) {
            let (score, what) = if kind::is_web(&artefact.entry.name) { (65, "server code") } else { (30, "a file") };
            let title = format!("{what} with a reserved DOS device name: {device}");
            results.reasons.push(reason(artefact, &checks::RESERVED_DEVICE_NAME, score, title));
            return;
        }
    }
}

fn reason(artefact: &Artefact, check: &CheckInfo, score: u8, title: String) -> Reason {
    Reason::new(check, score, title, vec![Location::of_name(&*artefact.place.relative)])
}

#[cfg(test)]
mod tests {
    use super::super::tests::reasons;
    use super::*;
    use crate::model::Role;

    fn site(path: &str) -> Vec<(&'static str, u8)> {
        reasons(Role::WebRoot, &format!(r"C:\site|{path}"))
    }

    #[test]
    fn a_double_extension_fires_and_what_pages_make_does_not() {
        for (path, score) in [("photo.jpg.aspx", 45), ("report.PDF.ashx", 40), ("a.txt.asp", 45), ("menu.bak.ascx", 25)]
        {
            assert_eq!(site(path), [("location/double_extension", score)], "{path}");
        }
        for path in
            ["a.aspx", "sitemap.xml.aspx", "robots.txt.aspx", "a.appcache.aspx", "a.aspx.txt", "a.aspx.bak", "jpg.aspx"]
        {
            assert_eq!(site(path), [], "{path}");
        }
    }

    #[test]
    fn names_that_hide_what_they_are_fire() {
        for (path, score) in [
            ("x.aspx.", 60),
            ("x.aspx ", 60),
            ("x.asp;.jpg", 60),
            ("x.aspx:y.jpg", 60),
            ("x\u{200b}.aspx", 60),
            ("gpj\u{202e}.aspx", 60),
            ("x\u{202e}xpsa.txt", 40),
        ] {
            assert_eq!(site(path), [("location/deceptive_file_name", score)], "{path:?}");
        }
        for path in ["x.aspx", "ä.aspx", "a;b.css", "notes.", "\u{5d0}\u{200f}.pdf", "logo :.png"] {
            assert_eq!(site(path), [], "{path:?}");
        }
    }

    #[test]
    fn device_names_fire_in_folder_and_file_name() {
        let fires = |role, path: &str| {
            reasons(role, path)
                .into_iter()
                .find(|(id, _)| *id == "location/reserved_device_name")
                .map(|(_, score)| score)
        };
        assert_eq!(fires(Role::WebRoot, r"C:\ProgramData\COM1|readme.aspx"), Some(65), "the root of an area itself");
        assert_eq!(fires(Role::DropFolder, r"C:\|ProgramData\aux\x.aspx"), Some(65));
        assert_eq!(fires(Role::WebRoot, r"C:\site|lpt9.aspx"), Some(65));
        assert_eq!(fires(Role::WebRoot, r"C:\site|con\logo.gif"), Some(30));
        for path in [r"C:\site|contact.aspx", r"C:\site|com\x.aspx", r"C:\site|com0.aspx", r"C:\aux\x\site|x.aspx"] {
            assert_eq!(fires(Role::WebRoot, path), None, "{path}");
        }
        assert_eq!(device_of("COM\u{b9}").as_deref(), Some("COM\u{b9}"));
    }
}
