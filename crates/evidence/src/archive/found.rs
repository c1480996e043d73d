//! What a format's reader finds in an archive: members, their names, and trouble.

use super::columns::{Members, Stamps};
use super::member::{How, Member, Stamp};
use super::names::Taken;
use super::tree::{Builder, Refused};
use crate::model::{Problem, ProblemKind, ServerPath, Times};
use std::collections::{BTreeMap, HashMap};

/// How many problems of one kind are listed one by one.
const MOST_LISTED: usize = 20;
/// How many problems are listed in all.
const MOST_ONCE: usize = 1000;
/// How many members may lead elsewhere; the rest are links without a target.
const MOST_LINKS: usize = 500_000;
/// How many bytes all targets of links may have together.
const MOST_TARGETS: usize = 64 << 20;

/// The times of members beside that of their last writing.
#[derive(Default)]
pub(crate) struct MoreTimes {
    created: Stamps,
    changed: Stamps,
    accessed: Stamps,
}

impl MoreTimes {
    fn set(&mut self, own: u32, times: Times) {
        self.created.set(own, Stamp::of_time(times.created));
        self.changed.set(own, Stamp::of_time(times.changed));
        self.accessed.set(own, Stamp::of_time(times.accessed));
    }

    /// Those of a member, without that of its last writing.
    pub(crate) fn of(&self, own: u32) -> Times {
        let [created, changed, accessed] =
            [&self.created, &self.changed, &self.accessed].map(|times| times.get(own).time());
        Times { created, changed, accessed, modified: None }
    }

    /// Which of them any member has, by name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        let all = [("created", &self.created), ("changed", &self.changed), ("accessed", &self.accessed)];
        all.into_iter().filter(|(_, times)| !times.is_empty()).map(|(name, _)| name)
    }
}

/// Problems, bounded: the first ones of each kind, and how many there were.
#[derive(Default)]
pub(crate) struct ProblemLog {
    list: Vec<Problem>,
    /// How many problems that are reported once were one too many.
    omitted: usize,
    counts: BTreeMap<(ProblemKind, &'static str), usize>,
}

impl ProblemLog {
    /// Notes that of `path` something is true.
    pub(crate) fn note(&mut self, kind: ProblemKind, path: &ServerPath, what: &'static str) {
        let count = self.counts.entry((kind, what)).or_default();
        *count += 1;
        if *count <= MOST_LISTED {
            self.list.push(Problem::at(kind, path, what));
        }
    }

    /// Adds a problem that is reported once.
    pub(crate) fn once(&mut self, kind: ProblemKind, path: &ServerPath, message: String) {
        if self.list.len() < MOST_ONCE {
            self.list.push(Problem::at(kind, path, message));
        } else {
            self.omitted += 1;
        }
    }

    /// All of it, `root` being the archive itself.
    pub(crate) fn all(&self, root: &ServerPath) -> Vec<Problem> {
        let more = self.counts.iter().filter(|(_, count)| **count > MOST_LISTED);
        let more = more.map(|((kind, what), count)| {
            Problem::at(*kind, root, format!("{} more of its members: each {what}", count - MOST_LISTED))
        });
        let omitted = (self.omitted > 0).then(|| {
            let message = format!("has {} more problems, which are not listed", self.omitted);
            Problem::at(ProblemKind::PartiallyExamined, root, message)
        });
        self.list.iter().cloned().chain(more).chain(omitted).collect()
    }
}

/// What was found so far.
pub(crate) struct Found {
    pub(crate) root: ServerPath,
    pub(crate) names: Builder,
    pub(crate) members: Members,
    /// The times of a member beside that of its last writing.
    pub(crate) times: MoreTimes,
    /// Where links lead.
    pub(crate) targets: HashMap<u32, String>,
    target_bytes: usize,
    pub(crate) problem_log: ProblemLog,
    /// How many members have only a time of day without a zone.
    pub(crate) local_times: usize,
}

impl Found {
    pub(crate) fn new(root: ServerPath) -> Self {
        Self {
            root,
            names: Builder::default(),
            members: Members::default(),
            times: MoreTimes::default(),
            targets: HashMap::new(),
            target_bytes: 0,
            problem_log: ProblemLog::default(),
            local_times: 0,
        }
    }

    /// The name of a member in the evidence.
    pub(crate) fn path(&self, taken: &Taken) -> ServerPath {
        taken.names.iter().fold(self.root.clone(), |path, name| path.join(name))
    }

    /// Takes a member. `false`: there are too many, and the rest is not to be read.
    pub(crate) fn add(&mut self, taken: &Taken, member: Member) -> bool {
        let own = self.members.len() as u32; // below 2^32 by the bound of the tree
        let names = taken.names.iter().map(String::as_str);
        match self.names.add(names, own, member.how == How::Folder) {
            Ok(()) => {}
            Err(Refused::TooDeep) => {
                let root = self.root.clone();
                let what = "has a member whose name is too long or leads through too many folders, which was not read";
                self.problem_log.note(ProblemKind::PartiallyExamined, &root, what);
                return true;
            }
            Err(Refused::Full) => {
                let message = format!(
                    "has more members or names than the limit: only the first {} were read",
                    self.members.len()
                );
                let root = self.root.clone();
                self.problem_log.once(ProblemKind::PartiallyExamined, &root, message);
                return false;
            }
        }
        self.members.push(member);
        if taken.climbs {
            let path = self.path(taken);
            let what = "has a name that would lead out of the folder it is unpacked to; it was kept inside";
            self.problem_log.note(ProblemKind::PathUnresolved, &path, what);
        }
        true
    }

    /// The number of the member that was added last.
    pub(crate) fn last(&self) -> u32 {
        (self.members.len() as u32).saturating_sub(1)
    }

    /// Remembers the other times of the member that was added last.
    pub(crate) fn set_times(&mut self, times: Times) {
        self.times.set(self.last(), times);
    }

    /// Remembers where the member that was added last leads.
    pub(crate) fn set_target(&mut self, target: String) {
        self.target_bytes = self.target_bytes.saturating_add(target.len());
        if self.targets.len() < MOST_LINKS && self.target_bytes < MOST_TARGETS {
            self.targets.insert(self.last(), target);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    #[test]
    fn times_keep_100_nanoseconds_and_the_impossible_is_none() {
        for (seconds, nanos) in [(1_614_754_761, 307_123_400), (-1, 999_999_900), (0, 0), (-11_644_473_600, 100)] {
            assert_eq!(Stamp::of(seconds, nanos).time(), Some(Timestamp::new(seconds, nanos)));
        }
        assert_eq!(Stamp::of(i64::MAX, 0).time(), None);
        assert_eq!(Stamp::of_time(None).time(), None);
    }

    #[test]
    fn more_times_are_found_by_the_number_of_their_member() {
        let at = |seconds| Some(Timestamp::new(seconds, 100));
        let mut times = MoreTimes::default();
        times.set(3, Times { created: at(1), ..Times::default() });
        times.set(9, Times { accessed: at(2), ..Times::default() });
        times.set(9, Times { accessed: at(3), changed: at(4), ..Times::default() });
        assert_eq!(times.of(3), Times { created: at(1), ..Times::default() });
        assert_eq!(times.of(9), Times { accessed: at(3), changed: at(4), ..Times::default() });
        assert_eq!(times.of(4), Times::default());
        assert_eq!(times.names().collect::<Vec<_>>(), ["created", "changed", "accessed"]);
        times = MoreTimes::default();
        times.set(7, Times { accessed: at(1), ..Times::default() });
        assert_eq!(times.names().collect::<Vec<_>>(), ["accessed"]);
    }

    #[test]
    fn trouble_is_reported_one_by_one_up_to_a_bound() {
        let mut problem_log = ProblemLog::default();
        let root = ServerPath::drive('C');
        for n in 0..MOST_LISTED + 5 {
            problem_log.note(ProblemKind::PathUnresolved, &root.join(&n.to_string()), "is odd");
        }
        let all = problem_log.all(&root);
        assert_eq!(
            (all.len(), all[MOST_LISTED].message.as_str()),
            (MOST_LISTED + 1, "5 more of its members: each is odd")
        );
    }
}
