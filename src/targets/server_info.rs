//! What the registry says of a server, as plain values for the reports.

use super::hives::Registry;
use super::plan::Plan;
use crate::model::server_path::fold;
use crate::model::{ExchangeSetup, IisSetup, InstalledProduct, TimeZoneInfo, Timestamp, WindowsInfo};
use shellsift_registry::facts::{EventLog, Exchange, Iis, Product, Software, TimeZone, Windows};
use std::collections::HashMap;

/// Characters that are kept of a text of the registry.
const MAX_TEXT: usize = 1_024;
/// Entries that are kept of a list.
pub(super) const MAX_LIST: usize = 1_000;

/// Adds what the registry of a volume says to what is known of the server. A second Windows adds its installations; name, version and
/// time zone are those of the first one.
pub(super) fn add(registry: &Registry, plan: &mut Plan) {
    for (_, system, _) in &registry.system {
        let server = &mut plan.server;
        server.host_name = server.host_name.take().or_else(|| system.host_name.clone());
        server.shut_down = server.shut_down.or(system.shutdown.and_then(Timestamp::from_filetime));
        let Some(zone) = system.time_zone.as_ref().map(time_zone) else { continue };
        let words = zone.in_words();
        server.time_zone.get_or_insert(zone);
        plan.report("time zone", words);
    }
    for (_, software, _) in &registry.software {
        of_software(software, plan);
    }
    event_logs(registry, &mut plan.event_logs);
}

/// The settings of event logs: a policy outweighs those of a log itself.
fn event_logs(registry: &Registry, known: &mut HashMap<(char, String), EventLog>) {
    let systems = registry.system.iter().map(|(file, system, _)| (file, &system.event_logs));
    let of_software = |logs: fn(&Software) -> &Vec<EventLog>| {
        registry.software.iter().map(move |(file, software, _)| (file, logs(software)))
    };
    let all = of_software(|one| &one.log_policies).chain(systems).chain(of_software(|one| &one.channels));
    for (file, logs) in all {
        let Some(drive) = file.drive_letter() else { continue };
        for log in logs {
            let own = known.entry((drive, fold(&log.name))).or_default();
            *own = std::mem::take(own).or(log.clone());
        }
    }
}

fn of_software(software: &Software, plan: &mut Plan) {
    if let Some(windows) = software.windows.as_ref().map(windows) {
        let installed = windows.installed.map_or(String::new(), |time| format!(", installed {time}"));
        plan.report("windows", format!("{}{installed}", windows.in_words()));
        plan.server.windows.get_or_insert(windows);
    }
    for setup in software.exchange.iter().map(exchange) {
        let build = setup.build.as_ref().map_or(String::new(), |build| format!(", build {build}"));
        plan.report("registry", format!("Exchange {}{build}, installed in {}", setup.version, setup.path));
        plan.server.exchange.push(setup);
    }
    if let Some(iis) = software.iis.as_ref().map(iis) {
        let version = iis.version.as_ref().map_or(String::new(), |version| format!(" {version}"));
        let root = iis.web_root.as_ref().map_or(String::new(), |root| format!(", default site in {root}"));
        plan.report("registry", format!("IIS{version}{root}"));
        plan.server.iis.get_or_insert(iis);
    }
    if !software.products.is_empty() {
        let what = if software.products.len() == 1 { "product" } else { "products" };
        plan.report("registry", format!("{} installed {what}", software.products.len()));
    }
    let server = &mut plan.server;
    keep(&mut server.products, software.products.iter().map(product), &mut server.omitted);
}

/// Adds to a list as far as it goes, and counts the rest.
pub(super) fn keep<T>(list: &mut Vec<T>, more: impl Iterator<Item = T>, omitted: &mut u64) {
    for entry in more {
        match list.len() < MAX_LIST {
            true => list.push(entry),
            false => *omitted = omitted.saturating_add(1),
        }
    }
}

/// A text of the registry, not longer than a report shows.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

fn some(text: &Option<String>) -> Option<String> {
    text.as_deref().map(shortened)
}

fn time_zone(zone: &TimeZone) -> TimeZoneInfo {
    let ahead = |season: i32| -(i64::from(zone.bias) + i64::from(season));
    TimeZoneInfo::new(some(&zone.name), ahead(zone.standard), zone.has_daylight.then(|| ahead(zone.daylight)))
}

fn windows(windows: &Windows) -> WindowsInfo {
    let update = windows.update.map(|update| update.to_string());
    let parts = [some(&windows.version), some(&windows.build), update.filter(|_| windows.build.is_some())];
    let version = parts.into_iter().flatten().collect::<Vec<_>>().join(".");
    WindowsInfo {
        name: some(&windows.product),
        release: some(&windows.release),
        version: Some(version).filter(|version| !version.is_empty()),
        folder: some(&windows.root),
        installed: windows.installed.and_then(Timestamp::from_filetime),
    }
}

fn exchange(setup: &Exchange) -> ExchangeSetup {
    ExchangeSetup {
        version: setup.key.to_owned(),
        path: shortened(&setup.path),
        build: setup.build.map(|build| build.map(|part| part.to_string()).join(".")),
        changed: Timestamp::from_filetime(setup.last_written),
    }
}

fn iis(iis: &Iis) -> IisSetup {
    IisSetup {
        version: iis.version.map(|(major, minor)| format!("{major}.{minor}")),
        path: some(&iis.install_path),
        web_root: some(&iis.web_root),
    }
}

fn product(product: &Product) -> InstalledProduct {
    InstalledProduct {
        name: shortened(&product.name),
        version: some(&product.version),
        publisher: some(&product.publisher),
        path: some(&product.folder),
        changed: Timestamp::from_filetime(product.last_written),
    }
}
