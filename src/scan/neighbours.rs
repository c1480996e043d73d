//! Folder statistics, computed after the walk.

use super::file::{Files, Folder};
use crate::model::place::kind;
use crate::model::{FolderStats, Role, ServerPath, TimeStats, Timestamp};
use std::collections::HashMap;
use std::ops::Range;

/// Larger folders get no statistics: no folder of pages is so large, and memory stays small whatever is planted.
const MOST: usize = 20_000;
const DAY: i64 = 86_400;
/// How far apart times of one installation or update lie, at most.
const NEAR: i64 = 30 * DAY;
/// How far from a page the libraries of its update were built or written, at most.
const UPDATE: i64 = 3 * DAY;
/// Created so long after it was modified: not written where it lies.
const LATE: i64 = 180 * DAY;
/// 1990-01-01T00:00:00Z: no web page is older.
const FIRST_PAGE: i64 = 631_152_000;

const CREATED: usize = 0;
const MODIFIED: usize = 1;

/// The statistics of every folder that holds server code of a site or of Exchange: eight bytes a file in them, and four a
/// program of the areas.
#[derive(Debug, Default)]
pub(super) struct FolderTimes {
    folders: HashMap<u32, FolderTimesOf>,
    areas: Vec<[Vec<i64>; 2]>,
    now: i64,
}

#[derive(Debug)]
struct FolderTimesOf {
    area: usize,
    times: [OneTime; 2],
    both: u32,
    born_late: u32,
    set_back: u32,
}

/// One time of all files of a folder.
#[derive(Debug, Default)]
struct OneTime {
    /// The files that have it, in its order.
    order: Box<[u32]>,
    whole_seconds: u32,
    absurd: u32,
    shared: u32,
    densest: u32,
}

/// Whether a name is that of a log.
pub(super) fn is_log(name: &str) -> bool {
    let logs = ["log", "etl", "blg", "evtx"];
    name.rsplit_once('.').is_some_and(|(_, extension)| logs.iter().any(|log| extension.eq_ignore_ascii_case(log)))
}

/// The range of files of a folder: they were added one after the other.
fn stretches(files: &Files) -> impl Iterator<Item = (u32, Range<u32>)> {
    let mut all = files.all();
    std::iter::from_fn(move || {
        let from = all.start;
        let folder = files.folder(all.next()?);
        all.start = all.clone().find(|at| files.folder(*at) != folder).unwrap_or(all.end);
        Some((folder, from..all.start))
    })
}

impl FolderTimes {
    /// Of a finished survey. `name` gives a file's name; `now` is the present moment.
    pub(super) fn of<'s>(folders: &[Folder], files: &Files, name: &dyn Fn(u32) -> &'s str, now: Timestamp) -> Self {
        let mut crowds = Self { now: now.seconds(), ..Self::default() };
        let mut areas: HashMap<(Role, &ServerPath), usize> = HashMap::new();
        for (id, range) in stretches(files) {
            let folder = &folders[id as usize];
            if !matches!(folder.role, Role::Exchange | Role::WebRoot) {
                continue;
            }
            let area = *areas.entry((folder.role, &folder.base)).or_insert_with(|| {
                crowds.areas.push(Default::default());
                crowds.areas.len() - 1
            });
            let mut has_code = false;
            for file in range.clone() {
                has_code |= kind::is_server_code(name(file));
                if kind::is_program(name(file)) {
                    for which in [CREATED, MODIFIED] {
                        crowds.areas[area][which].extend(files.time(file, which).map(|(seconds, _)| seconds));
                    }
                }
            }
            if has_code && range.len() <= MOST {
                let mut crowd = FolderTimesOf::of(area, files, range.clone(), now.seconds());
                crowd.set_back = range.filter(|file| files.is_set_back(*file)).count() as u32;
                crowds.folders.insert(id, crowd);
            }
        }
        crowds.areas.iter_mut().flatten().for_each(|times| times.sort_unstable());
        crowds
    }

    /// Statistics about one file of a folder; `None` if not requested.
    pub(super) fn neighbours(&self, folder: &Folder, file: u32, files: &Files) -> Option<FolderStats> {
        let crowd = self.folders.get(&files.folder(file))?;
        let own = [CREATED, MODIFIED].map(|which| files.time(file, which));
        let company = |which: usize| {
            own[which].map(|own| {
                let programs = &self.areas[crowd.area][which];
                crowd.times[which].beside(which, own, files, self.now, programs)
            })
        };
        let (both, late) = match own {
            [Some(created), Some(modified)] => (1, u32::from(born_late(created.0, modified.0))),
            _ => (0, 0),
        };
        Some(FolderStats {
            files: folder.names.saturating_sub(1),
            logs: folder.logs,
            created: company(CREATED),
            modified: company(MODIFIED),
            both: crowd.both.saturating_sub(both),
            born_late: crowd.born_late.saturating_sub(late),
            set_back: crowd.set_back,
            records_from: None,
        })
    }
}

fn born_late(created: i64, modified: i64) -> bool {
    created.saturating_sub(modified) > LATE
}

fn is_absurd(seconds: i64, now: i64) -> bool {
    seconds < FIRST_PAGE || seconds > now.saturating_add(DAY)
}

impl FolderTimesOf {
    fn of(area: usize, files: &Files, range: Range<u32>, now: i64) -> Self {
        let times = [CREATED, MODIFIED].map(|which| OneTime::of(which, files, range.clone(), now));
        let (mut both, mut late) = (0, 0);
        for file in range {
            if let (Some(created), Some(modified)) = (files.time(file, CREATED), files.time(file, MODIFIED)) {
                both += 1;
                late += u32::from(born_late(created.0, modified.0));
            }
        }
        Self { area, times, both, born_late: late, set_back: 0 }
    }
}

impl OneTime {
    fn of(which: usize, files: &Files, range: Range<u32>, now: i64) -> Self {
        let of = |at: &u32| files.time(*at, which).unwrap_or_default();
        let mut order: Box<[u32]> = range.filter(|at| files.time(*at, which).is_some()).collect();
        order.sort_unstable_by_key(of);
        let mut one = Self::default();
        let (mut first, mut at) = (0, 0);
        while at < order.len() {
            let (seconds, nanos) = of(&order[at]);
            let equal = order[at..].iter().take_while(|other| of(other) == (seconds, nanos)).count();
            if equal > 1 {
                one.shared += equal as u32;
            }
            if nanos == 0 {
                one.whole_seconds += equal as u32;
            }
            if is_absurd(seconds, now) {
                one.absurd += equal as u32;
            }
            at += equal;
            while seconds.saturating_sub(of(&order[first]).0) > NEAR {
                first += 1;
            }
            one.densest = one.densest.max((at - first) as u32);
        }
        one.order = order;
        one
    }

    /// A file's own time beside the others.
    fn beside(&self, which: usize, own: (i64, u32), files: &Files, now: i64, programs: &[i64]) -> TimeStats {
        let of = |at: &u32| files.time(*at, which).unwrap_or_default();
        let within = |span: i64| {
            let (low, high) = (own.0.saturating_sub(span), own.0.saturating_add(span));
            let from = self.order.partition_point(|at| of(at).0 < low);
            (self.order.partition_point(|at| of(at).0 <= high) - from) as u32
        };
        let from = self.order.partition_point(|at| of(at) < own);
        let to = self.order.partition_point(|at| of(at) <= own);
        let absurd = is_absurd(own.0, now);
        // The last one, or the one before it if this is the last one.
        let last = self.order.len() - usize::from(to == self.order.len());
        let latest = last.checked_sub(1).map(|at| of(&self.order[at])).map(|(s, n)| Timestamp::new(s, n));
        let (low, high) = (own.0.saturating_sub(UPDATE), own.0.saturating_add(UPDATE));
        let programs = programs.partition_point(|at| *at <= high) - programs.partition_point(|at| *at < low);
        TimeStats {
            known: (self.order.len() as u32).saturating_sub(1),
            whole_seconds: self.whole_seconds.saturating_sub(u32::from(own.1 == 0)),
            absurd: self.absurd.saturating_sub(u32::from(absurd)),
            is_absurd: absurd,
            near: within(NEAR).saturating_sub(1),
            same: ((to - from) as u32).saturating_sub(1),
            shared: self.shared,
            densest: self.densest,
            latest,
            programs: programs as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use crate::model::Artefact;
    use crate::scan::file::File;
    use crate::scan::{single, survey};
    use crate::targets::{Area, Plan};
    use std::sync::atomic::AtomicBool;

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    fn plan(role: Role, every_file: bool) -> Plan {
        let root = path(r"C:\w");
        Plan { areas: vec![Area { base: root.clone(), path: root, role, every_file }], ..Plan::default() }
    }

    fn artefacts(evidence: &Memory, plan: &Plan) -> Vec<Artefact> {
        let survey = survey(evidence, plan, &AtomicBool::new(false), &mut Vec::new());
        (0..survey.len()).map(|at| survey.artefact(at, plan)).collect()
    }

    #[test]
    fn every_name_is_counted_whether_it_is_examined_or_not() {
        let evidence = ["a.log", "B.LOG", "c.etl", "d.txt", "log"]
            .iter()
            .fold(Memory::new(), |memory, name| memory.file(&format!(r"C:\w\{name}"), b""))
            .file(r"C:\w\x.aspx", b"");
        for every_file in [true, false] {
            let all = artefacts(&evidence, &plan(Role::Exchange, every_file));
            let page = all.iter().find(|file| file.entry.name == "x.aspx").expect("server code is always examined");
            let neighbours = page.neighbours.expect("a folder with server code");
            assert_eq!((neighbours.files, neighbours.logs), (5, 3), "{every_file}");
        }
    }

    #[test]
    fn times_are_compared_with_those_of_the_others() {
        let day = |day: i64, nanos| Timestamp::new(1_600_000_000 + day * DAY, nanos);
        let put = |memory: Memory, name: &str, created, modified| {
            let path = format!(r"C:\w\{name}");
            memory.file(&path, b"").times(&path, created, modified)
        };
        let mut evidence = put(Memory::new(), "a.aspx", day(0, 1), day(-400, 0));
        evidence = put(evidence, "b.aspx", day(0, 2), day(-400, 0));
        evidence = put(evidence, "c.aspx", day(100, 3), day(90, 7));
        evidence = put(evidence, "d.gif", day(1, 0), Timestamp::new(0, 0));
        evidence = put(evidence, r"bin\e.dll", day(101, 5), day(88, 5));
        let all = artefacts(&evidence, &plan(Role::WebRoot, true));
        let of = |name: &str| {
            all.iter().find(|file| file.entry.name == name).and_then(|file| file.neighbours).expect("has some")
        };
        let c = of("c.aspx");
        assert_eq!((c.both, c.born_late), (3, 3));
        let expected = TimeStats {
            known: 3,
            whole_seconds: 1,
            near: 0,
            densest: 3,
            latest: Some(day(1, 0)),
            programs: 1,
            ..TimeStats::default()
        };
        assert_eq!(c.created, Some(expected));
        let expected = TimeStats {
            known: 3,
            whole_seconds: 3,
            absurd: 1,
            shared: 2,
            densest: 2,
            latest: Some(day(-400, 0)),
            programs: 1,
            ..TimeStats::default()
        };
        assert_eq!(c.modified, Some(expected));
        let a = of("a.aspx");
        assert_eq!(a.modified.map(|all| (all.same, all.near, all.whole_seconds)), Some((1, 1, 2)));
        assert_eq!((a.born_late, a.created.and_then(|all| all.latest)), (2, Some(day(100, 3))));
        assert!(all.iter().all(|file| file.neighbours.is_some() != (file.entry.name == "e.dll")), "no code in bin");
    }

    #[test]
    fn a_file_by_itself_is_seen_as_in_the_whole_survey() {
        let evidence = Memory::new().file(r"C:\w\x.aspx", b"").file(r"C:\w\y.aspx", b"").file(r"C:\w\bin\z.dll", b"");
        let plan = plan(Role::WebRoot, true);
        let alone = single(&evidence, &plan, &path(r"C:\w\y.aspx"), &mut Vec::new());
        assert_eq!((alone.len(), alone.coverage.surveyed), (1, 1));
        let whole = artefacts(&evidence, &plan);
        let whole = whole.iter().find(|file| file.entry.name == "y.aspx").and_then(|file| file.neighbours);
        assert_eq!(alone.artefact(0, &plan).neighbours, whole);
        assert!(whole.is_some_and(|all| all.files == 1 && all.modified.is_some_and(|all| all.programs == 1)));
    }

    #[test]
    fn folders_of_other_roles_and_enormous_ones_have_none() {
        let evidence = Memory::new().file(r"C:\w\x.aspx", b"");
        for role in [Role::Unknown, Role::DropFolder, Role::AspnetTemp] {
            assert!(artefacts(&evidence, &plan(role, true))[0].neighbours.is_none(), "{role:?}");
        }
        let files = |count: usize| (0..count).map(|_| File::default()).collect::<Files>();
        let root = path(r"C:\w");
        let folders = [Folder { path: root.clone(), role: Role::WebRoot, base: root, named: None, names: 0, logs: 0 }];
        let crowds =
            |files: &Files| FolderTimes::of(&folders, files, &|_| "x.aspx", Timestamp::new(0, 0)).folders.len();
        assert_eq!(crowds(&files(MOST + 1)), 0);
        assert_eq!(crowds(&files(MOST)), 1);
    }
}
