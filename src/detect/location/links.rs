//! Links in web folders, and on the path to them.

use super::{Seen, checks};
use crate::detect::ScanResults;
use crate::model::drop_folders::{self, Found};
use crate::model::server_path::fold;
use crate::model::{Artefact, EntryKind, Role, ServerPath};

/// What it does: looks for links (junctions, mount points, symbolic links) in web folders, and on the way to them, and where
/// they lead. Why it matters: what lies behind one is served, and is not seen by who looks through the web folder; a junction
/// into `ProgramData` or `Temp` makes a web folder of it. Benign look-alikes: `inetpub`, an installation or a big folder of a site
/// that was moved to another volume, which is why a link by itself counts little; deployment tools switch versions of a site
/// by one.
pub(super) fn look(artefact: &Artefact, results: &mut ScanResults) {
    let EntryKind::Link { target } = &artefact.entry.kind else { return };
    if !matches!(artefact.place.role, Role::Exchange | Role::WebRoot) {
        return;
    }
    let seen = Seen { artefact, extension: String::new(), locations: Vec::new() };
    let target = target.as_deref().unwrap_or_default();
    if target.is_empty() || fold(target).starts_with("unsupported reparse") {
        // What a driver or a filter of the system cannot show is reported as a gap.
        return;
    }
    let (score, what) = match odd(&artefact.path, target) {
        Some(what) => (55, what),
        None => (30, ""),
    };
    results.reasons.push(seen.reason(
        &checks::WEB_FOLDER_LINK,
        score,
        format!("a link in a web folder or on the path to one, to {target}{what}"),
    ));
}

/// What is odd about the place that a link leads to.
fn odd(link: &ServerPath, target: &str) -> Option<&'static str> {
    let Some(path) = ServerPath::from_windows(target) else {
        let folded = fold(target).replace('/', "\\");
        let devices = [r"\\", r"\??\", r"\device\", r"\dosdevices\", "volume{", r"\global"];
        return devices
            .iter()
            .any(|device| folded.starts_with(device) || folded.contains(r"\volume{"))
            .then_some(": a device, a share or a volume without a letter");
    };
    let names: Vec<String> = path.names().map(fold).collect();
    match names.first() {
        None => Some(": a whole volume"),
        Some(first) if drop_folders::find(first, Found::Link).is_some() && !same_folder(link, &path) => {
            Some(", where no web content belongs")
        }
        Some(_) => None,
    }
}

/// Whether both lie in the same folder of the first level, as a link of a site that lies there already.
fn same_folder(link: &ServerPath, path: &ServerPath) -> bool {
    let firsts = |path: &ServerPath| path.names().take(2).map(fold).collect::<Vec<_>>();
    link.drive_letter() == path.drive_letter() && firsts(link).len() == 2 && firsts(link) == firsts(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::test_support::artefact;

    fn score(role: Role, target: &str) -> Option<u8> {
        let mut artefact = artefact("x", role, "x");
        artefact.path = ServerPath::from_windows(r"C:\inetpub\wwwroot\x").expect("absolute");
        artefact.entry.kind = EntryKind::Link { target: Some(target.to_owned()) };
        let mut results = ScanResults::default();
        look(&artefact, &mut results);
        results.reasons.first().map(|reason| reason.score)
    }

    #[test]
    fn a_link_counts_by_where_it_leads() {
        for odd in [
            r"C:\ProgramData\x",
            r"c:\users\Public",
            r"C:\Windows\Temp\x",
            r"D:\$RECYCLE.BIN\x",
            r"D:\",
            r"\\server\share",
            r"\??\Volume{1}\",
            r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\x",
            r"\Device\HarddiskVolume3\x",
        ] {
            assert_eq!(score(Role::WebRoot, odd), Some(55), "{odd}");
        }
        for plain in [r"D:\wwwroot", r"C:\inetpub\wwwroot\releases\3", "../gone"] {
            assert_eq!(score(Role::WebRoot, plain), Some(30), "{plain}");
        }
        assert_eq!(score(Role::DropFolder, r"C:\ProgramData\x"), None);
        assert_eq!(score(Role::Unknown, r"C:\ProgramData\x"), None);
        assert_eq!(score(Role::WebRoot, "unsupported reparse tag 0x80000013"), None);
    }
}
