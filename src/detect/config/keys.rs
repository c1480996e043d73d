//! Machine keys and ViewState protection.

use super::subject::{FileKind, Hit, Subject};
use super::{Check, CheckInfo, Look};
use crate::catalogue::is_disclosed;
use crate::model::server_path::fold;
use sha2::{Digest, Sha256};

pub(super) const CHECKS: &[Check] = &[
    Check {
        check: CheckInfo {
            id: "config/machine_key_disclosed",
            title: "a publicly disclosed machine key",
            score: 95,
            looks_for: "A `validationKey` or `decryptionKey` of `machineKey`, in the file itself or in one of its \
                        `location` elements, that is in Microsoft's list of publicly disclosed keys: from \
                        documentation, code samples and answers that were copied.",
            why: "Anyone can look up the key, forge ViewState that the server trusts, and execute code with it: \
                  without a file, without a logon, and after every update. It means that the server is exposed, not \
                  that it was compromised: a run with no other finding is EXPOSED, not compromised. Generate new keys on \
                  all nodes of the farm at once, restart IIS, and then search for what was left behind: modules, \
                  scheduled tasks, accounts, pages.",
            benign_look_alikes: "A file that no application reads, such as a copy with another name: it scores low \
                                 there.",
            attack: &["T1190", "T1552.001"],
            references: &[
                "https://www.microsoft.com/en-us/security/blog/2025/02/06/code-injection-attacks-using-publicly-disclosed-asp-net-machine-keys/",
            ],
            ..CheckInfo::EMPTY
        },
        look: Look::File(disclosed),
    },
    Check {
        check: CheckInfo {
            id: "config/machine_key_fixed",
            title: "a fixed machine key",
            score: 75,
            looks_for: "A `machineKey` with explicit keys instead of `AutoGenerate`, which every Exchange server has \
                        had since February 2020.",
            why: "Whoever knows the key can send ViewState (`__VIEWSTATE`) that the server trusts, with objects that \
                  execute code when they are deserialized: access that needs no file and survives every update.",
            benign_look_alikes: "Web farms share fixed keys on purpose, and content management systems create one at \
                                 installation; Exchange does neither. Before February 2020 every Exchange server had \
                                 the same key in `ecp`: that is CVE-2020-0688, and the key is in the list of disclosed \
                                 ones.",
            attack: &["T1190", "T1505.003"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(machine_key),
    },
    Check {
        check: CheckInfo {
            id: "config/viewstate_mac_disabled",
            title: "ViewState protection is weakened",
            score: 60,
            looks_for: "`enableViewStateMac=\"false\"`, a weak algorithm in `machineKey`, or settings that re-enable \
                        insecure legacy deserialization.",
            why: "ViewState without a valid MAC can be forged by anyone and can contain objects that execute code.",
            benign_look_alikes: "Very old applications; current .NET versions ignore the first setting unless configured \
                                 otherwise.",
            attack: &["T1190", "T1562"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(view_state),
    },
];

/// SHA-256 of the validation key, in upper case, that every Exchange server had before February 2020.
/// Zero Day Initiative, 2020-02-25, on CVE-2020-0688.
const SHARED: &str = "6d60845874ad370b4c0e1906237bb25eaf3490e22abd71b9c8423f81664e8fe3";

/// Whether the server takes the keys of this file: from a `web.config`, from those above all sites, or from a part of one that has
/// a file of its own (`configSource`), whose root is the section.
fn is_in_effect(subject: &Subject<'_>) -> bool {
    let name = fold(&subject.artefact.entry.name);
    let own_file = subject.document.elements.first().is_some_and(|root| root.name == "machineKey");
    own_file || matches!(name.as_str(), "web.config" | "machine.config" | "applicationhost.config")
}

/// The keys of an element that are publicly disclosed, in words.
fn disclosed_of(subject: &Subject<'_>, at: usize) -> Option<&'static str> {
    let known = |name: &str| is_disclosed(subject.element(at).attribute(name));
    match (known("validationKey"), known("decryptionKey")) {
        (true, true) => Some("validation and decryption keys are"),
        (true, false) => Some("validation key is"),
        (false, true) => Some("decryption key is"),
        (false, false) => None,
    }
}

fn disclosed(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for at in subject.named("machineKey") {
        let Some(which) = disclosed_of(subject, at) else { continue };
        let cve = if is_shared(subject.element(at).attribute("validationKey")) {
            "; every Exchange server had it before February 2020 (CVE-2020-0688)"
        } else {
            ""
        };
        hits.push(match is_in_effect(subject) {
            true => subject.hit(
                at,
                95,
                format!(
                    "the {which} publicly disclosed: anyone can forge ViewState and run code on this server{cve}. Set \
                     new random keys on every node of the farm, restart IIS, then search for artefacts left behind"
                ),
            ),
            false => subject.hit(
                at,
                20,
                format!(
                    "the {which} publicly disclosed{cve}; no application reads a file of this name: make sure that none uses the key"
                ),
            ),
        });
    }
    hits
}

/// Whether a validation key is the one that all Exchange servers shared.
fn is_shared(written: &str) -> bool {
    let key = written.split(',').next().unwrap_or_default().trim().to_ascii_uppercase();
    hex::encode(Sha256::digest(key.as_bytes())) == SHARED
}

fn machine_key(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    // A disclosed key is reported as disclosed, not as fixed.
    for at in subject.named("machineKey").filter(|&at| disclosed_of(subject, at).is_none()) {
        let key = |name: &str| {
            let value = subject.element(at).attribute(name).split(',').next().unwrap_or_default().trim();
            value.len() >= 16 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        if !key("validationKey") && !key("decryptionKey") {
            continue;
        }
        let score = match subject.kind {
            _ if subject.is_of_exchange() => 75,
            // The site of Exchange has the key for its applications too, and nothing else on it needs one.
            _ if subject.holds_for_exchange() => 60,
            _ if subject.is_beside_exchange() => 50,
            // For all sites of the machine: a farm's, or put there by somebody who will come back.
            FileKind::Framework => 45,
            // Farms of servers share a key, and content managers make one.
            _ => 20,
        };
        let title = "a fixed machine key: whoever knows it can forge ViewState that executes code";
        hits.push(subject.hit(at, score, title.to_owned()));
    }
    hits
}

fn view_state(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for at in subject.named("pages") {
        if subject.element(at).attribute("enableViewStateMac").eq_ignore_ascii_case("false") {
            // Since 2014 .NET checks all the same.
            let score = if subject.is_of_exchange() { 60 } else { 40 };
            hits.push(subject.hit(at, score, "ViewState is not validated (no MAC)".to_owned()));
        }
    }
    for at in subject.named("machineKey") {
        let is = |name: &str, weak: &[&str]| weak.contains(&fold(subject.element(at).attribute(name)).as_str());
        if is("validation", &["md5", "none"]) || is("decryption", &["des", "none"]) {
            let score = if subject.is_of_exchange() { 25 } else { 10 };
            hits.push(subject.hit(at, score, "ViewState is protected by a weak algorithm".to_owned()));
        }
    }
    for (at, element) in subject.at(&["appSettings", "add"]) {
        let key = fold(element.attribute("key"));
        let unsafe_key = key.starts_with("aspnet:") && key.contains("insecure")
            || matches!(key.as_str(), "aspnet:uselegacyencryption" | "aspnet:uselegacymachinekeyencryption")
            || key == "microsoft:workflowcomponentmodel:enableunsafeactivities";
        if unsafe_key && element.is_true("value") {
            let title = format!("insecure legacy deserialization is enabled: {}", element.attribute("key"));
            let score = if subject.is_of_exchange() { 35 } else { 20 };
            hits.push(subject.hit(at, score, title));
        }
    }
    let legacy = subject.named("NetFx40_LegacySecurityPolicy").filter(|&at| subject.element(at).is_true("enabled"));
    hits.extend(legacy.map(|at| subject.hit(at, 20, "the legacy .NET security policy is enabled".to_owned())));
    let trust = subject.named("trust").filter(|&at| subject.element(at).is_true("legacyCasModel"));
    hits.extend(trust.map(|at| subject.hit(at, 20, "the legacy .NET security policy is enabled".to_owned())));
    hits
}
