//! When the file of a finding came to be, as far as its times can be believed.

use crate::model::{BaselineStatus, Finding, Timestamp};

/// Checks that show that the times of a file were set, or are not those of this volume.
pub(super) const NOT_BELIEVED: &[&str] = &[
    "timestamp/before_volume",
    "timestamp/implausible_time",
    "timestamp/record_number",
    "timestamp/set_back",
    "timestamp/times_set",
];
/// Checks that show that its modification time is another file's.
pub(super) const COPIED: &[&str] = &["timestamp/modification_time_copied"];

/// The time, and which one it is: the creation time or, where there is none, the modification time. Of times that were set back, the
/// creation time of the name, which programs cannot set. Of a file that was there before, such as a configuration file or a changed
/// page of the product, the modification time. `None` where no time is plausible.
pub(super) fn born(finding: &Finding, now: Timestamp) -> Option<(Timestamp, &'static str)> {
    let entry = &finding.artefact.entry;
    // Clocks differ, and zones are mistaken: a day is allowed.
    let is_plausible = |time: &Timestamp| time.is_plausible() && *time <= now.plus_seconds(86_400.0);
    let is_found = |ids: &[&str]| finding.reasons.iter().any(|reason| ids.contains(&reason.id.as_str()));
    if is_found(NOT_BELIEVED) {
        let name = entry.ntfs.as_ref().and_then(|record| record.name_times.created).filter(is_plausible);
        let later = name.filter(|name| entry.times.created.is_none_or(|created| created < *name));
        return later.map(|time| (time, "created (by $FILE_NAME)"));
    }
    let changed = finding.artefact.comparison.as_ref().is_some_and(|one| one.status == BaselineStatus::Changed);
    let was_there = changed || finding.reasons.iter().all(|reason| reason.kind.is_configuration());
    let created = entry.times.created.filter(|time| !was_there && is_plausible(time));
    let modified = || entry.times.modified.filter(|time| !is_found(COPIED) && is_plausible(time));
    created.map(|time| (time, "created")).or_else(|| modified().map(|time| (time, "last modified")))
}
