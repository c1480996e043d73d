//! CVE-2021-26858 in the OAB generator log (CSS-Exchange, Test-ProxyLogon.ps1, check 3): the temporary file of the
//! download is outside the OAB folder. The path is normalised before comparison, since `..` leads out of the folder.

use super::{CheckInfo, Field, Kind, Known, Level, LogCheck, Needle, Observations, Record, Stage};
use crate::catalogue::ExchangeFolder;
use crate::logs::text::find_folded;
use crate::model::ServerPath;
use crate::model::place::kind::is_server_code;

pub(super) const OAB: CheckInfo = CheckInfo {
    id: "log/oab_download",
    title: "the OAB generator downloaded outside its folder",
    level: Some(Level::Critical),
    looks_for: "OABGeneratorLog: a download to a path outside the OAB folder.",
    why: "CVE-2021-26858 writes a file this way.",
    benign_look_alikes: "None known.",
    attack: &["T1190", "T1505.003"],
    cves: &["CVE-2021-26858"],
    references: &["https://github.com/microsoft/CSS-Exchange/blob/main/Security/src/Test-ProxyLogon.ps1"],
    ..CheckInfo::EMPTY
};

pub(super) const LOG_CHECK: LogCheck = LogCheck {
    checks: &[&OAB],
    kinds: &[Kind::OabGenerator],
    needles: &[Needle::new("and temporary file")],
    words: &[],
    run,
};

fn run(record: &Record<'_>, known: &Known<'_>, observations: &mut Observations<'_>) {
    let message = match record.get(Field::Message) {
        "" => record.raw,
        message => message,
    };
    const BEFORE: &str = "Download failed and temporary file";
    let Some(at) = find_folded(message, BEFORE) else { return };
    let rest = &message[at + BEFORE.len()..];
    let end = find_folded(rest, "needs to be removed").unwrap_or(rest.len());
    let written = rest[..end].trim().trim_matches(['\'', '"']);
    let (place, words) = match local(written) {
        Some(path) if is_address_book(&path, &known.folders.exchange) && !is_server_code(path.name()) => return,
        Some(path) => (path.as_str().to_owned(), is_server_code(path.name())),
        None if written.is_empty() => return,
        None => (written.to_owned(), is_server_code(written)),
    };
    let level = if words { Level::Critical } else { Level::High };
    let title = format!("the OAB generator wrote outside its folder: {place}");
    observations.report(record, &OAB, Stage::CodeExecutionOrFileWrite, level, &title);
}

/// A path of this server, normalised: `C:\...`, or the administrative share of a drive under a name of the server itself.
fn local(written: &str) -> Option<ServerPath> {
    ServerPath::from_windows(written).or_else(|| ServerPath::on_host(written)?.1)
}

/// Whether a path is in the address book folder of an installation of the server, or, where none is known, in one that looks
/// like it.
fn is_address_book(path: &ServerPath, exchange: &[ServerPath]) -> bool {
    let store = ExchangeFolder::AddressBookStore.first();
    if exchange.iter().any(|root| root.drive_letter().is_some()) {
        return exchange.iter().any(|root| path.below(&root.join_all(store)).is_some_and(|below| !below.is_empty()));
    }
    let folded = path.folded();
    folded.contains(r"\exchange server\v15\clientaccess\oab\") || folded.contains(r"\v15\clientaccess\oab\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_compared_after_normalising() {
        let path = |text: &str| local(text).expect(text);
        let default = [ServerPath::drive('C').join_all(r"Program Files\Microsoft\Exchange Server\V15")];
        let other = [ServerPath::drive('E').join_all(r"Ex")];
        let oab = r"C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\OAB";
        assert!(is_address_book(&path(&format!(r"{oab}\Temp\a.lzx")), &default));
        assert!(is_address_book(&path(&format!(r"{oab}\Temp\a.lzx")), &[]));
        assert!(!is_address_book(&path(&format!(r"{oab}\Temp\a.lzx")), &other), "another installation's folder");
        assert!(is_address_book(&path(r"e:\EX\clientaccess\oab\a.lzx"), &other));
        assert!(!is_address_book(&path(&format!(r"{oab}\..\..\x.lzx")), &default));
        assert!(!is_address_book(&path(&format!(r"{oab}2\x.lzx")), &default));
        assert_eq!(path(r"\\127.0.0.1\C$\inetpub\x.aspx").as_str(), r"C:\inetpub\x.aspx");
        assert_eq!(local(r"\\server\share\x.aspx"), None);
    }
}
