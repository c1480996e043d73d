//! Sites, applications and virtual directories that a stock Exchange does not have, and where they lead: what the map of sites
//! tells, as reasons of the file that says it.

use super::subject::{FileKind, Hit, Subject};
use crate::catalogue;
use crate::config::deviations::deviations;
use crate::config::server::Server;
use crate::model::ServerPath;
use std::collections::BTreeMap;

/// Departures from stock by their ids (`path_is_device_name`).
pub(super) fn look(subject: &Subject<'_>) -> BTreeMap<&'static str, Vec<Hit>> {
    let mut found: BTreeMap<&'static str, Vec<Hit>> = BTreeMap::new();
    if subject.kind != FileKind::Server {
        return found;
    }
    let server = Server::of(subject.document);
    let system = subject.artefact.path.drive_letter().unwrap_or('C');
    let installation = subject.exchange.as_deref().and_then(ServerPath::from_windows);
    for departure in deviations(&server, catalogue::stock_sites(), system, installation.as_slice()) {
        found.entry(departure.id).or_default().push(Hit {
            range: departure.range,
            of_view: false,
            score: departure.score,
            title: departure.words,
        });
    }
    found
}
