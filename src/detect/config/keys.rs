//! Keys and checks that keep a page's state from being forged.

use super::subject::{FileKind, Hit, Subject};
use super::{Check, Look};
use crate::model::server_path::fold;
use sha2::{Digest, Sha256};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "machine_key",
        title: "a fixed machine key",
        points: 75,
        what: "`machineKey` with keys that are written down, instead of `AutoGenerate` as on every Exchange server since \
               February 2020.",
        why: "Whoever knows the key sends a page's state (`__VIEWSTATE`) that the server trusts, and with it objects that run code \
               when they are put together: a door that needs no file and stays after every update.",
        harmless: "Farms of web servers share fixed keys on purpose, Exchange does not. Before February 2020 every Exchange server \
                   had the same key in `ecp`, which is CVE-2020-0688 and said as such.",
        look: Look::File(machine_key),
    },
    Check {
        id: "view_state",
        title: "the state of pages is not protected as it should be",
        points: 60,
        what: "`enableViewStateMac=\"false\"`, a weak algorithm of `machineKey`, or settings that switch old and unsafe ways of \
               reading data on again.",
        why: "A state that nobody checks can be made up by anybody, with objects in it that run code.",
        harmless: "Very old applications; current .NET ignores the first of these unless it is told otherwise.",
        look: Look::File(view_state),
    },
];

/// SHA-256 of the validation key, in upper case, that every Exchange server had before February 2020.
/// Zero Day Initiative, 2020-02-25, on CVE-2020-0688.
const SHARED: &str = "6d60845874ad370b4c0e1906237bb25eaf3490e22abd71b9c8423f81664e8fe3";

fn machine_key(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for at in subject.named("machineKey") {
        let key = |name: &str| {
            let value = subject.element(at).attribute(name).split(',').next().unwrap_or_default().trim();
            let fixed = value.len() >= 16 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
            fixed.then(|| value.to_ascii_uppercase())
        };
        let (points, title) = match (key("validationKey"), key("decryptionKey")) {
            (Some(key), _) if hex::encode(Sha256::digest(key.as_bytes())) == SHARED => (
                60,
                "the machine key that every Exchange server had before February 2020: CVE-2020-0688, whoever has a mailbox \
                 runs code"
                    .to_owned(),
            ),
            (None, None) => continue,
            _ => {
                let points = match subject.kind {
                    FileKind::Framework => 60,
                    _ if subject.is_of_exchange() => 75,
                    _ if subject.is_of_root() => 55,
                    // Farms of servers and content managers share a key.
                    _ => 35,
                };
                (points, "a fixed machine key: whoever knows it sends page states (ViewState) that run code".to_owned())
            }
        };
        hits.push(subject.hit(at, points, title));
    }
    hits
}

fn view_state(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for at in subject.named("pages") {
        if subject.element(at).attribute("enableViewStateMac").eq_ignore_ascii_case("false") {
            hits.push(subject.hit(at, 60, "the state of pages (ViewState) is not checked".to_owned()));
        }
    }
    for at in subject.named("machineKey") {
        let is = |name: &str, weak: &[&str]| weak.contains(&fold(subject.element(at).attribute(name)).as_str());
        if is("validation", &["md5", "none"]) || is("decryption", &["des", "none"]) {
            hits.push(subject.hit(at, 25, "the state of pages is protected by a weak algorithm".to_owned()));
        }
    }
    for (at, element) in subject.at(&["appSettings", "add"]) {
        let key = fold(element.attribute("key"));
        let unsafe_key = key.starts_with("aspnet:") && key.contains("insecure")
            || matches!(key.as_str(), "aspnet:uselegacyencryption" | "aspnet:uselegacymachinekeyencryption")
            || key == "microsoft:workflowcomponentmodel:enableunsafeactivities";
        if unsafe_key && element.is_true("value") {
            let title = format!("an old and unsafe way of reading data is on: {}", element.attribute("key"));
            hits.push(subject.hit(at, 35, title));
        }
    }
    let legacy = subject.named("NetFx40_LegacySecurityPolicy").filter(|&at| subject.element(at).is_true("enabled"));
    hits.extend(legacy.map(|at| subject.hit(at, 20, "the old security policy of .NET is on".to_owned())));
    let trust = subject.named("trust").filter(|&at| subject.element(at).is_true("legacyCasModel"));
    hits.extend(trust.map(|at| subject.hit(at, 20, "the old security policy of .NET is on".to_owned())));
    hits
}
