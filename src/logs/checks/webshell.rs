//! Webshell use in IIS logs (helsecert's incident log of March 2021; Sigma): an unknown script is answered with 200
//! while it exists, and with a redirect to the logon page after its deletion; a POST to a static file.

use super::{CheckInfo, Field, Kind, Known, Level, LogCheck, Observations, Page, Record, Stage};
use crate::targets::Exists;

pub(super) const REQUEST: CheckInfo = CheckInfo {
    id: "log/unknown_script_request",
    title: "successful request for an unknown script",
    level: Some(Level::High),
    looks_for: "IIS logs: a successful answer of a script that is neither on disk, as far as that could be checked, \
                nor a page or handler of Exchange.",
    why: "Webshells that were deleted remain in the logs.",
    benign_look_alikes: "Other applications on the server whose pages were removed.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};
pub(super) const PROBE: CheckInfo = CheckInfo {
    id: "log/webshell_probe",
    title: "requests for scripts that do not exist in typical webshell folders",
    level: Some(Level::Low),
    looks_for: "IIS logs: requests in Exchange folders for scripts that do not exist.",
    why: "Attackers look for their own webshells and those of others.",
    benign_look_alikes: "Internet scanners.",
    attack: &["T1595.002"],
    ..CheckInfo::EMPTY
};
pub(super) const POST: CheckInfo = CheckInfo {
    id: "log/post_to_static_file",
    title: "a POST to a static file",
    level: Some(Level::Medium),
    looks_for: "IIS logs: data sent to a file that is served as a static file.",
    why: "A handler mapping or rewrite rule may execute the file.",
    benign_look_alikes: "Broken clients; IIS answers them with 405.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

pub(super) const LOG_CHECK: LogCheck =
    LogCheck { checks: &[&REQUEST, &PROBE, &POST], kinds: &[Kind::W3c], needles: &[], words: &[], run };

fn run(record: &Record<'_>, _: &Known<'_>, observations: &mut Observations<'_>) {
    let Some(class) = record.class else { return };
    if record.is_own_probe() {
        return;
    }
    let sends = record.is("POST") || record.is("PUT");
    let status = record.status();
    let has_exchange = record.of_exchange;
    let in_exchange_app = class.in_exchange_app || has_exchange && class.may_be_in_exchange_app;
    match class.page {
        Page::Unknown(exists) => {
            let known = match exists {
                Exists::No => "is neither on disk now nor a page or handler of Exchange",
                _ => "is not a page or handler of Exchange; whether it is on disk was not checked",
            };
            match status {
                Some(200..300) => {
                    let gone = exists == Exists::No;
                    let (stage, level) = match (in_exchange_app, sends) {
                        (true, true) => (Stage::CodeExecutionOrFileWrite, Level::High),
                        (true, false) => (Stage::ReachedBackend, Level::Medium),
                        // Another application of a server with Exchange, which may have pages of its own.
                        (false, true) if has_exchange => (Stage::ReachedBackend, Level::Medium),
                        (false, false) if has_exchange && gone => (Stage::ReachedBackend, Level::Medium),
                        // Other servers have pages that were there then, and addresses that are no files.
                        (false, true) if gone => (Stage::Context, Level::Low),
                        (false, false) if !has_exchange && !gone => return,
                        (false, _) => (Stage::Context, Level::Info),
                    };
                    let how = if sends { "received data and answered" } else { "answered" };
                    observations.report(
                        record,
                        &REQUEST,
                        stage,
                        level,
                        &format!("{} {how} with success; it {known}", class.script),
                    );
                }
                Some(300..400) if in_exchange_app => probe(record, observations),
                Some(400..) if class.in_drop_folder => probe(record, observations),
                _ => {}
            }
        }
        Page::Static if sends && in_exchange_app => match status {
            Some(200..300) => {
                let title = format!("data was sent to {}, a static file, with success", class.path);
                observations.report(record, &POST, Stage::ReachedBackend, Level::Medium, &title);
            }
            // 405 is what IIS answers to a mistake; it is a sign all the same, since no client of Exchange makes it.
            Some(_) => observations.report(record, &POST, Stage::Attempt, Level::Low, "data was sent to static files"),
            None => {}
        },
        _ => {}
    }
}

fn probe(record: &Record<'_>, observations: &mut Observations<'_>) {
    let agent = record.get(Field::Agent);
    let title =
        if agent.is_empty() { "requested missing scripts, without a user agent" } else { "requested missing scripts" };
    observations.report(record, &PROBE, Stage::Attempt, Level::Low, title);
}
