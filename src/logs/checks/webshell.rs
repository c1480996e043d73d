//! Use of a webshell as IIS logs it (helsecert's incident log of March 2021; Sigma): a script that nobody knows is answered with 200
//! while it exists, and with a redirect to the logon page when it is gone; something is posted to a file that is sent as it is.

use super::{Check, Field, Kind, Known, Level, LogCheck, Observations, Page, Record, Stage};
use crate::targets::Exists;

pub(super) const REQUEST: Check = Check {
    id: "unknown_script",
    cves: &[],
    about: "a script was answered that is neither on disk, as far as that can be checked, nor a page or handler of Exchange \
            (IIS)",
};
pub(super) const PROBE: Check = Check {
    id: "webshell_probe",
    cves: &[],
    about: "a script that is not there was asked for where shells are dropped (IIS)",
};
pub(super) const POST: Check =
    Check { id: "post_to_static", cves: &[], about: "something was posted to a file that is sent as it is (IIS)" };

pub(super) const LOG_CHECK: LogCheck =
    LogCheck { checks: &[&REQUEST, &PROBE, &POST], kinds: &[Kind::W3c], needles: &[], words: &[], look };

fn look(record: &Record<'_>, _: &Known<'_>, marks: &mut Observations<'_>) {
    let Some(class) = record.class else { return };
    if record.is_own_probe() {
        return;
    }
    let sends = record.is("POST") || record.is("PUT");
    let status = record.status();
    let has_exchange = record.of_exchange;
    let at_home = class.at_home || has_exchange && class.may_be_home;
    match class.page {
        Page::Unknown(exists) => {
            let known = match exists {
                Exists::No => "is neither on disk now, nor a page or handler of Exchange",
                _ => "is no page or handler of Exchange; whether it is on disk was not checked",
            };
            match status {
                Some(200..300) => {
                    let gone = exists == Exists::No;
                    let (stage, level) = match (at_home, sends) {
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
                    let how = if sends { "was sent data and answered" } else { "was answered" };
                    marks.see(
                        record,
                        &REQUEST,
                        stage,
                        level,
                        &format!("{} {how} with success; it {known}", class.script),
                    );
                }
                Some(300..400) if at_home => probe(record, marks),
                Some(400..) if class.watched => probe(record, marks),
                _ => {}
            }
        }
        Page::Static if sends && at_home => match status {
            Some(200..300) => {
                let title = format!("data was sent to {}, a static file, with success", class.path);
                marks.see(record, &POST, Stage::ReachedBackend, Level::Medium, &title);
            }
            // 405 is what IIS answers to a mistake; it is a sign all the same, since no client of Exchange makes it.
            Some(_) => marks.see(record, &POST, Stage::Attempt, Level::Low, "data was sent to static files"),
            None => {}
        },
        _ => {}
    }
}

fn probe(record: &Record<'_>, marks: &mut Observations<'_>) {
    let agent = record.get(Field::Agent);
    let title = if agent.is_empty() {
        "asked for scripts that are not there, without a user agent"
    } else {
        "asked for scripts that are not there"
    };
    marks.see(record, &PROBE, Stage::Attempt, Level::Low, title);
}
