//! What the files of a folder say together, worked out once the walk is over.

use super::survey::{File, Folder, NO_TIME};
use crate::model::place::kind;
use crate::model::{Company, Neighbours, Role, ServerPath, Timestamp};
use std::collections::HashMap;

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
pub(super) struct Crowds {
    folders: HashMap<u32, Crowd>,
    areas: Vec<[Vec<i64>; 2]>,
    now: i64,
}

#[derive(Debug)]
struct Crowd {
    area: usize,
    times: [OneTime; 2],
    both: u32,
    born_late: u32,
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

fn time(file: &File, which: usize) -> Option<(i64, u32)> {
    (file.nanos[which] != NO_TIME).then(|| (file.seconds[which], file.nanos[which]))
}

/// The range of files of a folder: they were added one after the other.
fn stretches(files: &[File]) -> impl Iterator<Item = (u32, std::ops::Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let folder = files.get(at)?.folder;
        let length = files[at..].iter().take_while(|file| file.folder == folder).count();
        at += length;
        Some((folder, at - length..at))
    })
}

impl Crowds {
    /// Of a finished survey. `name` gives a file's name; `now` is the present moment.
    pub(super) fn of<'s>(
        folders: &[Folder],
        files: &'s [File],
        name: &dyn Fn(&'s File) -> &'s str,
        now: Timestamp,
    ) -> Self {
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
            for file in &files[range.clone()] {
                has_code |= kind::is_server_code(name(file));
                if kind::is_program(name(file)) {
                    for which in [CREATED, MODIFIED] {
                        crowds.areas[area][which].extend(time(file, which).map(|(seconds, _)| seconds));
                    }
                }
            }
            if has_code && range.len() <= MOST {
                let crowd = Crowd::of(area, files, range, now.seconds());
                crowds.folders.insert(id, crowd);
            }
        }
        crowds.areas.iter_mut().flatten().for_each(|times| times.sort_unstable());
        crowds
    }

    /// What the others say about one file of a folder; `None` where nobody asked.
    pub(super) fn neighbours(&self, folder: &Folder, file: &File, files: &[File]) -> Option<Neighbours> {
        let crowd = self.folders.get(&file.folder)?;
        let own = [CREATED, MODIFIED].map(|which| time(file, which));
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
        Some(Neighbours {
            files: folder.names.saturating_sub(1),
            logs: folder.logs,
            created: company(CREATED),
            modified: company(MODIFIED),
            both: crowd.both.saturating_sub(both),
            born_late: crowd.born_late.saturating_sub(late),
        })
    }
}

fn born_late(created: i64, modified: i64) -> bool {
    created.saturating_sub(modified) > LATE
}

fn is_absurd(seconds: i64, now: i64) -> bool {
    seconds < FIRST_PAGE || seconds > now.saturating_add(DAY)
}

impl Crowd {
    fn of(area: usize, files: &[File], range: std::ops::Range<usize>, now: i64) -> Self {
        let times = [CREATED, MODIFIED].map(|which| OneTime::of(which, files, range.clone(), now));
        let (mut both, mut late) = (0, 0);
        for file in &files[range] {
            if let (Some(created), Some(modified)) = (time(file, CREATED), time(file, MODIFIED)) {
                both += 1;
                late += u32::from(born_late(created.0, modified.0));
            }
        }
        Self { area, times, both, born_late: late }
    }
}

impl OneTime {
    fn of(which: usize, files: &[File], range: std::ops::Range<usize>, now: i64) -> Self {
        let of = |at: &u32| time(&files[*at as usize], which).unwrap_or_default();
        let mut order: Box<[u32]> = range.filter(|at| time(&files[*at], which).is_some()).map(|at| at as u32).collect();
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
    fn beside(&self, which: usize, own: (i64, u32), files: &[File], now: i64, programs: &[i64]) -> Company {
        let of = |at: &u32| time(&files[*at as usize], which).unwrap_or_default();
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
        Company {
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
