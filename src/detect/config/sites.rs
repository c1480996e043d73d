//! Sites, applications and virtual directories that are not part of a default Exchange installation, and their paths,
//! as reasons of the configuration file.

use super::CheckInfo;
use super::subject::{FileKind, Hit, Subject};
use crate::catalogue;
use crate::config::deviations::deviations;
use crate::config::server::Server;
use crate::model::ServerPath;
use std::collections::BTreeMap;

/// Every deviation by its name, `config/<name>`.
pub(super) const CHECKS: &[CheckInfo] = &[
    CheckInfo {
        id: "config/site_added",
        title: "a site that is not part of a default Exchange installation",
        score: 10,
        looks_for: "A site in applicationHost.config that no default Exchange server has.",
        why: "A site can serve any folder.",
        benign_look_alikes: "Certificate services, WSUS, antivirus and other products add sites.",
        attack: &["T1505.003"],
        ..CheckInfo::EMPTY
    },
    CheckInfo {
        id: "config/application_added",
        title: "an application that is not part of a default Exchange installation",
        score: 10,
        looks_for: "An application in a default site that no default Exchange server has.",
        why: "An application can serve any folder, with its own configuration.",
        benign_look_alikes: "Certificate services, antivirus and archiving products add applications.",
        attack: &["T1505.003"],
        ..CheckInfo::EMPTY
    },
    CheckInfo {
        id: "config/virtual_directory_added",
        title: "a virtual directory that is not part of a default Exchange installation",
        score: 15,
        looks_for: "A virtual directory in a default application that no default Exchange server has.",
        why: "ProxyShell attacks made drop folders reachable this way.",
        benign_look_alikes: "Third-party products add some.",
        attack: &["T1505.003"],
        ..CheckInfo::EMPTY
    },
    CheckInfo {
        id: "config/default_path_changed",
        title: "a default virtual directory with a changed physical path",
        score: 50,
        looks_for: "A virtual directory of a default Exchange installation that points to another folder.",
        why: "The known URL then serves the attacker's files.",
        benign_look_alikes: "An installation that was moved by hand.",
        attack: &["T1505.003"],
        ..CheckInfo::EMPTY
    },
    CheckInfo {
        id: "config/default_pool_changed",
        title: "a default application in another application pool",
        score: 25,
        looks_for: "An application of a default Exchange installation that runs in another pool.",
        why: "Another pool has other rights and another configuration.",
        benign_look_alikes: "Administrators who separate applications.",
        attack: &["T1505.004"],
        ..CheckInfo::EMPTY
    },
    CheckInfo {
        id: "config/app_pool_localsystem",
        title: "an additional application pool that runs as LocalSystem",
        score: 20,
        looks_for: "A pool with the identity LocalSystem that no default Exchange server has.",
        why: "Code in this pool has full control of the server.",
        benign_look_alikes: "Products that run their pool as LocalSystem.",
        attack: &["T1505.004"],
        ..CheckInfo::EMPTY
    },
    CheckInfo {
        id: "config/path_outside_known_roots",
        title: "a physical path outside Exchange, IIS and Program Files",
        score: 10,
        looks_for: "A virtual directory whose folder is outside the folders of Exchange, IIS and installed programs, \
                    on a server with Exchange.",
        why: "The server's products do not keep web content there.",
        benign_look_alikes: "Sites on another volume.",
        attack: &["T1505.003"],
        ..CheckInfo::EMPTY
    },
    CheckInfo {
        id: "config/path_drop_folder",
        title: "a physical path in a drop folder",
        score: 80,
        looks_for: "A virtual directory whose folder is in ProgramData, `Users\\Public`, PerfLogs, the recycle bin, \
                    or a temporary folder.",
        why: "No web content belongs there, and every service can write there; ProxyShell attacks used such folders.",
        benign_look_alikes: "Products that serve files from ProgramData; rare.",
        attack: &["T1505.003", "T1564"],
        ..CheckInfo::EMPTY
    },
    CheckInfo {
        id: "config/path_unc",
        title: "a physical path on a network share",
        score: 30,
        looks_for: "A virtual directory whose folder is a UNC path.",
        why: "The content comes from another host, or from this one by its network name, and was not examined here.",
        benign_look_alikes: "Farms with content on a file server.",
        attack: &["T1505.003"],
        ..CheckInfo::EMPTY
    },
    CheckInfo {
        id: "config/path_device_namespace",
        title: "a physical path in the device namespace",
        score: 60,
        looks_for: "A virtual directory whose folder starts with `\\\\?\\`, `\\\\.\\` or `\\??\\`.",
        why: "Such paths bypass the normalisation of Windows names, so that ordinary tools cannot open the folder.",
        benign_look_alikes: "None known.",
        attack: &["T1505.003", "T1564"],
        ..CheckInfo::EMPTY
    },
    CheckInfo {
        id: "config/path_reserved_device_name",
        title: "a physical path with a reserved device name",
        score: 90,
        looks_for: "A virtual directory whose folder has a reserved device name (`COM1`, `AUX` and others).",
        why: "Only a `\\\\?\\` path can open or delete such a folder: ProxyShell attacks hid their webshells there.",
        benign_look_alikes: "None known.",
        attack: &["T1505.003", "T1564"],
        ..CheckInfo::EMPTY
    },
    CheckInfo {
        id: "config/deviations_truncated",
        title: "more deviations from a default web server than are listed",
        score: 10,
        looks_for: "A server whose configuration has more deviations than are reported; the most serious ones are \
                    kept.",
        why: "What is not listed was not reviewed.",
        benign_look_alikes: "Servers of hosting providers, with hundreds of added sites.",
        attack: &["T1505.003"],
        ..CheckInfo::EMPTY
    },
];

/// Deviations from the default server by their checks.
pub(super) fn look(subject: &Subject<'_>) -> Vec<(&'static CheckInfo, Vec<Hit>)> {
    if subject.kind != FileKind::Server {
        return Vec::new();
    }
    let mut found: BTreeMap<&'static str, Vec<Hit>> = BTreeMap::new();
    let server = Server::of(subject.document);
    let system = subject.artefact.path.drive_letter().unwrap_or('C');
    let installation = subject.exchange.as_deref().and_then(ServerPath::from_windows);
    for deviation in deviations(&server, catalogue::default_sites(), system, installation.as_slice()) {
        found.entry(deviation.id).or_default().push(Hit {
            range: deviation.range,
            of_view: false,
            score: deviation.score,
            title: deviation.words,
        });
    }
    let check = |id: &str| CHECKS.iter().find(|check| check.name() == id);
    found.into_iter().filter_map(|(id, hits)| Some((check(id)?, hits))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_deviation_is_a_check() {
        for id in crate::config::deviations::IDS {
            assert!(CHECKS.iter().any(|check| check.name() == *id), "{id}");
        }
        assert_eq!(crate::config::deviations::IDS.len(), CHECKS.len());
    }
}
