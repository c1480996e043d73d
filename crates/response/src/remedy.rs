//! What becomes of a found file: whether it can be removed, or belongs to the product and has to be restored or corrected.

use shellsift_model::server_path::extension;
use shellsift_model::{BaselineStatus, Finding, ReasonKind};

/// What is to be done about a found file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// It can be removed.
    Remove,
    /// It belongs to the product and was changed: it has to be restored.
    Restore,
    /// ASP.NET made it from a page.
    Compiled,
    /// It was deleted already.
    Deleted,
    /// It is a setting, or defines what starts by itself: its content has to be corrected.
    Correct,
}

/// Checks that find code in a page of the product itself; `*` at the end stands for anything.
pub const MODIFIED: &[&str] = &[
    "baseline/modified_page",
    "signature/logon_harvest_*",
    "signature/owaauth_replaced_*",
    "behaviour/logon_page_credential_theft",
];

/// What is to be done about the file of a finding.
pub fn remedy(finding: &Finding) -> Remedy {
    let artefact = &finding.artefact;
    let reasons = || finding.reasons.iter();
    let is_deleted = artefact.entry.ntfs.as_ref().is_some_and(|record| record.deleted || record.shadow.is_some())
        || artefact.recycled.is_some()
        || reasons().any(|reason| reason.kind == ReasonKind::Deleted);
    if is_deleted {
        return Remedy::Deleted;
    }
    if artefact.compiled.is_some() || reasons().any(|reason| reason.kind == ReasonKind::Compiled) {
        return Remedy::Compiled;
    }
    // A configuration file can hold a whole page, and a server that loses its configuration does not start.
    if extension(artefact.path.name()) == "config" || is_definition(finding) {
        return Remedy::Correct;
    }
    let changed = artefact.comparison.as_ref().is_some_and(|one| one.status == BaselineStatus::Changed);
    let modified = MODIFIED.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    if changed || reasons().any(|reason| crate::table::matches(&modified, &reason.id)) {
        return Remedy::Restore;
    }
    Remedy::Remove
}

/// Whether a file is a setting of the server, or defines what starts by itself: a hive, a task, a script of the product.
fn is_definition(finding: &Finding) -> bool {
    let mut reasons = finding.reasons.iter();
    let is_setting = |kind: ReasonKind| kind.is_configuration() || kind == ReasonKind::Timestamp;
    reasons.clone().any(|reason| reason.kind == ReasonKind::Autostart) || reasons.all(|reason| is_setting(reason.kind))
}
