//! Timestamp anomalies compared with the other files of the folder.
//!
//! Observations with a low score: times are easily set, and easily wrong for honest reasons. All of them together stay below
//! the level that is shown by default; beside another reason they add to it. They are about server code in folders of a site
//! or of Exchange, and silent where the source cannot vouch for a time, where fewer than five others have one, and where the
//! others show the same. The window is another matter: there the user says which times count.

mod ntfs;
mod shared;

use super::{Detect, Detector, ScanContext, ScanResults};
use crate::model::place::kind;
use crate::model::{Artefact, CheckInfo, FolderStats, ReasonKind, TimeStats, Timestamp, Window};
use shared::{common, reason};

pub(super) const DETECTOR: Detector = Detector {
    id: "timestamps",
    about: "timestamp anomalies: timestamps that do not fit the folder, and --window",
    build: |knowledge| Box::new(Timestamps { window: knowledge.window }),
};

/// The checks of this file.
pub(crate) const CHECKS: &[&CheckInfo] = &[
    &IN_WINDOW,
    &IMPLAUSIBLE_TIME,
    &ZERO_SUBSECONDS,
    &CREATION_TIME_OUTLIER,
    &MODIFICATION_TIME_OUTLIER,
    &CREATED_AFTER_MODIFIED,
    &MODIFICATION_TIME_COPIED,
    &ntfs::SET_BACK,
    &ntfs::BEFORE_VOLUME,
    &ntfs::RECORD_NUMBER,
];

const IN_WINDOW: CheckInfo = CheckInfo {
    id: "timestamp/in_window",
    title: "changed inside the requested time window",
    score: 30,
    looks_for: "Server code, configuration, and anything with another reason, created or modified inside `--window`.",
    why: "Who knows when the intrusion took place wants to see everything that changed then.",
    benign_look_alikes: "Whatever changed then for a legitimate reason, above all an update.",
    ..CheckInfo::EMPTY
};

const IMPLAUSIBLE_TIME: CheckInfo = CheckInfo {
    id: "timestamp/implausible_time",
    title: "a timestamp before 1990 or in the future",
    score: 10,
    looks_for: "Times in the future or before 1990 that the other files of the folder do not have.",
    why: "No clock produces such a time; a tool did.",
    benign_look_alikes: "Archives that set one fixed time for all their files, which the other files then have too; a \
                         server whose clock was wrong.",
    attack: &["T1070.006"],
    ..CheckInfo::EMPTY
};

const ZERO_SUBSECONDS: CheckInfo = CheckInfo {
    id: "timestamp/zero_subseconds",
    title: "a timestamp without fractional seconds",
    score: 8,
    looks_for: "A time without a fraction of a second among others that have one.",
    why: "Windows records times in units of 100 ns; tools that set times work in seconds.",
    benign_look_alikes: "Files from archives, which keep whole seconds: those of an update come with DLLs of \
                         about the same time, and are not reported.",
    attack: &["T1070.006"],
    ..CheckInfo::EMPTY
};

const CREATION_TIME_OUTLIER: CheckInfo = CheckInfo {
    id: "timestamp/creation_time_outlier",
    title: "created long before or after the files around it",
    score: 10,
    looks_for: "A creation time more than 30 days from nearly all others in the folder, most of which are close \
                together, and from any update, which brings DLLs.",
    why: "Pages come with an installation or an update; a single file was placed there by hand.",
    benign_look_alikes: "A page that is edited by hand.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

const MODIFICATION_TIME_OUTLIER: CheckInfo = CheckInfo {
    id: "timestamp/modification_time_outlier",
    title: "modified long before or after the files around it and any update",
    score: 10,
    looks_for: "A modification time more than 30 days from nearly all others in the folder, most of which are close \
                together, and from any update, which brings DLLs.",
    why: "Pages come with an installation or an update; a single file was changed by hand.",
    benign_look_alikes: "A page that is edited by hand.",
    attack: &["T1505.003"],
    ..CheckInfo::EMPTY
};

const CREATED_AFTER_MODIFIED: CheckInfo = CheckInfo {
    id: "timestamp/created_after_modified",
    title: "created more than a year after it was last modified",
    score: 10,
    looks_for: "A file created more than a year after its modification time, where the other files were not.",
    why: "A file that is written in place is created first; the other order is that of a copy, or of a time that was \
          set back.",
    benign_look_alikes: "Installers: all of their files show it, and then nothing is reported.",
    attack: &["T1070.006"],
    ..CheckInfo::EMPTY
};

const MODIFICATION_TIME_COPIED: CheckInfo = CheckInfo {
    id: "timestamp/modification_time_copied",
    title: "the newest file has exactly the modification time of another file",
    score: 12,
    looks_for: "The newest file of a folder with exactly the modification time of another one, where hardly any others \
                share a time.",
    why: "Copying the time of a neighbouring file (timestomping) leaves this.",
    benign_look_alikes: "A copy of a page next to it, which keeps the time.",
    attack: &["T1070.006"],
    ..CheckInfo::EMPTY
};

struct Timestamps {
    window: Option<Window>,
}

/// So many others must have a time before they say anything.
const ENOUGH: u32 = 5;
/// Fewer libraries with times nearby are no update.
const UPDATE: u32 = 3;
const YEAR: i64 = 365 * 86_400;
const DAY: i64 = 86_400;

impl Detect for Timestamps {
    fn look(&mut self, artefact: &Artefact, _: &ScanContext<'_, '_>, results: &mut ScanResults) {
        if let Some(window) = &self.window {
            inside_the_window(artefact, window, results);
        }
        if !kind::is_server_code(&artefact.entry.name) {
            return;
        }
        results.reasons.extend(ntfs::reasons(artefact));
        let Some(neighbours) = &artefact.neighbours else { return };
        let times = &artefact.entry.times;
        for (what, time, stats) in
            [("created", times.created, &neighbours.created), ("modified", times.modified, &neighbours.modified)]
        {
            let (Some(time), Some(stats)) = (time, stats) else { continue };
            absurd(what, time, stats, results);
            whole_seconds(what, time, stats, results);
            apart(what, time, stats, results);
        }
        if let (Some(created), Some(modified)) = (times.created, times.modified) {
            created_long_after(created, modified, neighbours, results);
            cloned(created, modified, neighbours, results);
        }
    }
}

/// What it does: raises server code and configuration, and whatever another check has something against, created or
/// modified in the span that the user gave. Why it matters: who knows when the intrusion was wants to see all that changed
/// then. Benign look-alikes: whatever changed then for a good reason, an update above all.
fn inside_the_window(artefact: &Artefact, window: &Window, results: &mut ScanResults) {
    let suspicious = results.reasons.iter().any(|reason| reason.kind != ReasonKind::Timestamp);
    if !suspicious && !kind::is_web(&artefact.entry.name) {
        return;
    }
    let times = &artefact.entry.times;
    let inside = |time: Option<Timestamp>| time.filter(|time| window.holds(*time));
    let lines: Vec<String> = [("created", inside(times.created)), ("modified", inside(times.modified))]
        .into_iter()
        .filter_map(|(what, time)| Some(format!("{what} {}", time?)))
        .collect();
    if !lines.is_empty() {
        results.reasons.push(reason(&IN_WINDOW, lines.join(", ")));
    }
}

/// What it does: looks for times in the future or before 1990. Why it matters: no clock gives them; a tool did. Benign
/// look-alikes: archives that set one fixed time for all they hold, which then the others show too; a server whose clock was
/// wrong.
fn absurd(what: &str, time: Timestamp, stats: &TimeStats, results: &mut ScanResults) {
    if stats.is_absurd && !common(stats.absurd, stats.known) {
        results.reasons.push(reason(&IMPLAUSIBLE_TIME, format!("{what} {time}")));
    }
}

/// What it does: looks for a time without a fraction of a second among others that have one. Why it matters: Windows counts
/// in 100 ns; tools that set times work in seconds. Benign look-alikes: files out of archives, which keep whole seconds: of an
/// update they come with DLLs of about the same time, and then nothing is reported.
fn whole_seconds(what: &str, time: Timestamp, stats: &TimeStats, results: &mut ScanResults) {
    let of_update = what == "modified" && stats.programs >= UPDATE;
    if time.nanos() == 0
        && stats.known >= ENOUGH
        && !common(stats.whole_seconds, stats.known)
        && !of_update
        && !stats.is_absurd
    {
        let line =
            format!("{what} {time}; {} of {} others have a fraction", stats.known - stats.whole_seconds, stats.known);
        results.reasons.push(reason(&ZERO_SUBSECONDS, line));
    }
}

/// What it does: looks for a time more than 30 days from nearly all others of the folder, most of which lie close together,
/// and from any installation or update, which brings DLLs. Why it matters: pages come with an installation or an
/// update; what came by itself was put there by somebody. Benign look-alikes: a page that somebody edits.
fn apart(what: &str, time: Timestamp, stats: &TimeStats, results: &mut ScanResults) {
    let alone = stats.near <= (stats.known / 4).min(3);
    let settled = u64::from(stats.densest) * 10 >= u64::from(stats.known) * 6;
    if stats.known >= ENOUGH && alone && settled && stats.programs < UPDATE && !stats.is_absurd {
        let line = format!("{what} {time}; {} of {} others within 30 days", stats.near, stats.known);
        let check = if what == "created" { &CREATION_TIME_OUTLIER } else { &MODIFICATION_TIME_OUTLIER };
        results.reasons.push(reason(check, line));
    }
}

/// What it does: looks for a file created more than a year after it was last modified, where the others were not. Why it
/// matters: a file that is written where it lies is created first; the other order is that of a copy, or of a time that was
/// set back. Benign look-alikes: installers, whose files all show it, so that nothing is reported.
fn created_long_after(created: Timestamp, modified: Timestamp, neighbours: &FolderStats, results: &mut ScanResults) {
    let late = created.seconds().saturating_sub(modified.seconds()) > YEAR;
    if late && neighbours.both >= ENOUGH && !common(neighbours.born_late, neighbours.both) {
        let line = format!("modified {modified}, created {created}");
        results.reasons.push(reason(&CREATED_AFTER_MODIFIED, line));
    }
}

/// What it does: looks for the newest file of a folder with exactly the modification time of another one, where hardly any
/// others share one. Why it matters: that is what giving a file the time of its neighbour leaves. Benign look-alikes: a copy of
/// a page beside it, which keeps the time.
fn cloned(created: Timestamp, modified: Timestamp, neighbours: &FolderStats, results: &mut ScanResults) {
    let (Some(of_created), Some(of_modified)) = (&neighbours.created, &neighbours.modified) else { return };
    let newest = of_created.latest.is_some_and(|latest| created.seconds() > latest.seconds().saturating_add(DAY));
    if newest
        && of_modified.known >= ENOUGH
        && of_modified.same > 0
        // Itself and the one it took the time from, or two.
        && (of_modified.shared <= 3 || !common(of_modified.shared, of_modified.known))
    {
        let line = format!("modified {modified} like {} other file, created {created}", of_modified.same);
        results.reasons.push(reason(&MODIFICATION_TIME_COPIED, line));
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{artefact_at, knowledge, results};
    use super::*;
    use crate::evidence::Memory;
    use crate::model::{Level, Reason, Role, ServerPath};
    use crate::targets::{Area, Plan};
    use crate::{scan, verdict};
    use std::sync::atomic::AtomicBool;

    /// A time of 2020 or later: `days` after the first of January, with a fraction unless `nanos` is zero.
    fn day(days: i64, nanos: u32) -> Timestamp {
        Timestamp::new(1_577_836_800 + days * DAY + i64::from(nanos / 1000), nanos)
    }

    const ROOT: &str = r"C:\site";

    /// A folder of nine pages, installed on one day and built in the month before, and one that is asked about.
    fn folder(created: Timestamp, modified: Timestamp) -> Memory {
        (1..10)
            .fold(Memory::new(), |memory, n| {
                let path = format!(r"{ROOT}\page{n}.aspx");
                memory.file(&path, b"").times(&path, day(300, 1000 * n), day(270 + i64::from(n), 7000 * n))
            })
            .file(r"C:\site\x.aspx", b"")
            .times(r"C:\site\x.aspx", created, modified)
    }

    fn surveyed(evidence: &Memory, name: &str) -> Artefact {
        let path = ServerPath::from_windows(ROOT).expect("absolute");
        let area = Area { base: path.clone(), path, role: Role::WebRoot, every_file: true };
        let plan = Plan { areas: vec![area], ..Plan::default() };
        let survey = scan::survey(evidence, &plan, &AtomicBool::new(false), &mut Vec::new());
        let all = (0..survey.len()).map(|at| survey.artefact(at, &plan));
        all.into_iter().find(|artefact| artefact.entry.name == name).expect("was put there")
    }

    fn reasons(evidence: &Memory, name: &str) -> Vec<Reason> {
        results(&DETECTOR, &knowledge(), &surveyed(evidence, name), b"").reasons
    }

    fn reported(evidence: &Memory, name: &str) -> Vec<String> {
        reasons(evidence, name).into_iter().map(|reason| reason.id).collect()
    }

    #[test]
    fn times_like_those_of_the_others_are_silent() {
        let evidence = folder(day(300, 500), day(275, 500));
        for name in ["x.aspx", "page1.aspx", "page9.aspx"] {
            assert_eq!(reported(&evidence, name), [""; 0], "{name}");
        }
    }

    #[test]
    fn a_file_that_came_by_itself_is_reported_and_one_of_an_update_is_not() {
        let evidence = folder(day(420, 500), day(420, 500));
        assert_eq!(
            reported(&evidence, "x.aspx"),
            ["timestamp/creation_time_outlier", "timestamp/modification_time_outlier"]
        );
        assert_eq!(reported(&evidence, "page3.aspx"), [""; 0]);
        let updated = (1..4).fold(evidence, |memory, n| {
            let path = format!(r"{ROOT}\bin\library{n}.dll");
            memory.file(&path, b"").times(&path, day(421, 10 * n), day(419, 10 * n))
        });
        assert_eq!(reported(&updated, "x.aspx"), [""; 0]);
    }

    #[test]
    fn pages_that_are_edited_all_the_time_are_silent() {
        let evidence = (0..12).fold(Memory::new(), |memory, n| {
            let path = format!(r"{ROOT}\page{n}.aspx");
            let time = day(40 * n, 500);
            memory.file(&path, b"").times(&path, time, time)
        });
        assert_eq!(reported(&evidence, "page11.aspx"), [""; 0]);
    }

    #[test]
    fn whole_seconds_are_reported_among_fractions_only() {
        let evidence = folder(day(300, 500), day(275, 0));
        assert_eq!(reported(&evidence, "x.aspx"), ["timestamp/zero_subseconds"]);
        let whole = (1..10)
            .fold(evidence, |memory, n| memory.times(&format!(r"{ROOT}\page{n}.aspx"), day(300, 500), day(275, 0)));
        assert_eq!(reported(&whole, "x.aspx"), [""; 0], "all of them came out of an archive");
    }

    #[test]
    fn a_time_set_back_by_years_is_reported_unless_an_installer_did_it_to_all() {
        let evidence = folder(day(300, 500), day(-700, 500));
        assert_eq!(
            reported(&evidence, "x.aspx"),
            ["timestamp/modification_time_outlier", "timestamp/created_after_modified"]
        );
        let installed = (1..10).fold(evidence, |memory, n| {
            memory.times(&format!(r"{ROOT}\page{n}.aspx"), day(300, 500 + n), day(-700, 500 * n))
        });
        assert_eq!(reported(&installed, "x.aspx"), [""; 0]);
    }

    #[test]
    fn the_time_of_a_neighbour_is_reported_unless_many_share_one() {
        let evidence = folder(day(310, 500), day(273, 21_000));
        assert_eq!(reported(&evidence, "x.aspx"), ["timestamp/modification_time_copied"]);
        let built = (1..10).fold(evidence, |memory, n| {
            memory.times(&format!(r"{ROOT}\page{n}.aspx"), day(300, 1000 * n), day(273, 21_000))
        });
        assert_eq!(reported(&built, "x.aspx"), [""; 0]);
        assert_eq!(reported(&folder(day(300, 500), day(273, 21_000)), "x.aspx"), [""; 0], "not the newest");
    }

    #[test]
    fn times_that_no_clock_gives_are_reported_even_for_a_single_file() {
        for absurd in [Timestamp::new(500_000_000, 100), Timestamp::new(32_503_680_000, 100)] {
            let evidence = Memory::new().file(r"C:\site\x.aspx", b"").times(r"C:\site\x.aspx", absurd, absurd);
            assert_eq!(reported(&evidence, "x.aspx"), ["timestamp/implausible_time", "timestamp/implausible_time"]);
            let packed = (1..10).fold(folder(absurd, absurd), |memory, n| {
                memory.times(&format!(r"{ROOT}\page{n}.aspx"), absurd, absurd)
            });
            assert_eq!(reported(&packed, "x.aspx"), [""; 0]);
        }
    }

    #[test]
    fn a_source_without_creation_times_and_a_file_with_few_others_are_silent() {
        let evidence = folder(day(420, 0), day(420, 0)).without_created();
        assert_eq!(
            reported(&evidence, "x.aspx"),
            ["timestamp/zero_subseconds", "timestamp/modification_time_outlier"],
            "modified alone is judged"
        );
        let few = (1..4).fold(Memory::new().file(r"C:\site\x.aspx", b""), |memory, n| {
            memory.file(&format!(r"{ROOT}\page{n}.aspx"), b"")
        });
        assert_eq!(reported(&few.times(r"C:\site\x.aspx", day(900, 0), day(-900, 0)), "x.aspx"), [""; 0]);
    }

    #[test]
    fn what_is_no_server_code_is_silent() {
        let evidence = folder(day(300, 500), day(275, 500));
        let evidence = evidence.file(r"C:\site\x.css", b"").times(r"C:\site\x.css", day(900, 0), day(-900, 0));
        assert_eq!(reported(&evidence, "x.css"), [""; 0]);
    }

    #[test]
    fn all_observations_together_stay_below_what_is_shown() {
        // Of these checks, of those of NTFS, and of the change journal.
        let score: Vec<u8> = [15, 12, 12, 12, 10, 10, 10, 10, 8, 8, 8].into();
        assert_eq!(verdict::level(verdict::combined(&score), 15), Level::Info);
        let endless = [12; 100];
        assert_eq!(verdict::level(verdict::combined(&endless), 12), Level::Info);
        for (created, modified) in
            [(day(420, 0), day(-900, 0)), (day(420, 0), day(420, 0)), (day(-9000, 0), day(99_000, 0))]
        {
            let reasons = reasons(&folder(created, modified), "x.aspx");
            assert!(!reasons.is_empty() && reasons.iter().all(|reason| reason.score <= 12), "{reasons:?}");
        }
    }

    #[test]
    fn a_window_raises_server_code_and_what_is_suspicious() {
        let mut knowledge = knowledge();
        knowledge.window = Some(Window::parse("2021-02-26..2021-03-10").expect("a window"));
        let inside = Timestamp::new(1_614_754_761, 0);
        let mut file = artefact_at(Role::WebRoot, r"C:\site|x.aspx");
        let mut reported = |name: &str, created, modified, suspicious: bool| {
            file.entry.name = name.to_owned();
            file.entry.times.created = created;
            file.entry.times.modified = modified;
            let mut results = ScanResults::default();
            if suspicious {
                results.reasons.push(Reason { kind: ReasonKind::Location, ..reason(&IMPLAUSIBLE_TIME, String::new()) });
            }
            (DETECTOR.build)(&knowledge).look(&file, &ScanContext::new(&[]), &mut results);
            results
                .reasons
                .into_iter()
                .filter(|reason| reason.id == "timestamp/in_window")
                .map(|reason| reason.score)
                .next()
        };
        let (before, none) = (Some(Timestamp::new(1_577_836_800, 0)), None);
        assert_eq!(reported("x.aspx", none, Some(inside), false), Some(30));
        assert_eq!(reported("web.config", Some(inside), before, false), Some(30));
        assert_eq!(reported("x.gif", none, Some(inside), true), Some(30));
        assert_eq!(reported("x.gif", none, Some(inside), false), None);
        assert_eq!(reported("x.aspx", before, before, true), None);
        assert_eq!(reported("x.aspx", none, none, true), None);
    }
}
