//! What one pass over the `$MFT` keeps of it: about 100 bytes a record.

use crate::bytes::{fix_up, four_at};
use crate::claims::Claims;
use crate::entry::{Entry, Problem, Times};
use crate::names::{Name, Namespace, UpperCase};
use crate::segment::{Reference, Segment, StoredName, kind, number::ROOT};
use shellsift_disk::numbers::{u32_at, units};

pub(crate) mod mark {
    pub(crate) const PRESENT: u16 = 1;
    pub(crate) const IN_USE: u16 = 2;
    pub(crate) const FOLDER: u16 = 4;
    pub(crate) const STREAMS: u16 = 8;
    pub(crate) const SLACK: u16 = 16;
    pub(crate) const PART: u16 = 32;
    pub(crate) const NAMED: u16 = 64;
    /// It hangs below the root.
    pub(crate) const REACHED: u16 = 128;
}

/// A record.
#[derive(Clone, Copy, Default)]
pub(crate) struct Row {
    size: u64,
    attributes: u32,
    times: u32,
    pub(crate) sequence: u16,
    pub(crate) marks: u16,
    /// How the times are packed.
    packing: u8,
}

impl Row {
    pub(crate) fn is(&self, marks: u16) -> bool {
        self.marks & marks == marks
    }
}

/// A `$FILE_NAME`.
#[derive(Clone, Copy)]
struct NameRow {
    owner: u32,
    parent: u32,
    at: u32,
    times: u32,
    parent_sequence: u16,
    length: u8,
    /// How the times are packed, and the namespace in the lower two bits.
    packing: u8,
}

/// What a record says that continues another.
struct Part {
    base: u32,
    sequence: u16,
    number: u32,
    in_use: bool,
    size: Option<u64>,
    marks: u16,
    tag: Option<u32>,
    /// Its names in `Table::late`.
    names: std::ops::Range<u32>,
}

/// Problems with a record of their own; further ones are counted.
const PROBLEMS: usize = 4096;
/// Names that are kept, and names of one file: Windows allows 1,024 links, each of which may have a short name.
const NAMES: usize = 1 << 30;
const NAMES_OF_FILE: usize = 2_048;
/// Records of a page of the table: numbers that were never used cost nothing.
const PAGE: usize = 1024;

#[derive(Default)]
pub(crate) struct Table {
    pages: Vec<Option<Box<[Row; PAGE]>>>,
    times: Vec<u64>,
    arena: Vec<u16>,
    names: Vec<NameRow>,
    late: Vec<NameRow>,
    parts: Vec<Part>,
    /// Names in use by (number of the parent, hash).
    children: Vec<u32>,
    tags: Vec<(u32, u32)>,
    pub(crate) claims: Claims,
    pub(crate) problems: Vec<Problem>,
    pub(crate) problems_left_out: u64,
}

impl Table {
    /// A table of a volume of so many clusters.
    pub(crate) fn new(clusters: u64) -> Self {
        Self { claims: Claims::new(clusters), ..Self::default() }
    }

    pub(crate) fn row(&self, number: u64) -> Option<&Row> {
        let number = usize::try_from(number).ok()?;
        let row = self.pages.get(number / PAGE)?.as_deref()?.get(number % PAGE)?;
        row.is(mark::PRESENT).then_some(row)
    }

    fn row_mut(&mut self, number: u32) -> Option<&mut Row> {
        let number = number as usize;
        if self.pages.len() <= number / PAGE {
            self.pages.resize_with(number / PAGE + 1, || None);
        }
        let page = self.pages.get_mut(number / PAGE)?;
        page.get_or_insert_with(|| Box::new([Row::default(); PAGE])).get_mut(number % PAGE)
    }

    pub(crate) fn problem(&mut self, problem: Problem) {
        if let Some(last) = self.problems.last_mut()
            && let (Some(first), Some(number)) = (last.number, problem.number)
            && first + last.count == number
            && (last.reason, &last.name, last.in_use) == (problem.reason, &problem.name, problem.in_use)
        {
            last.count += problem.count;
        } else if self.problems.len() < PROBLEMS {
            self.problems.push(problem);
        } else {
            self.problems_left_out += problem.count;
        }
    }

    /// Takes a record as it is on the disk. `again` reads it once more, where it is torn.
    pub(crate) fn add(&mut self, number: u32, record: &mut [u8], again: impl FnOnce(&mut [u8]) -> bool) {
        if !record.starts_with(b"FILE") {
            let reason = if record.starts_with(b"BAAD") {
                "Windows found the record torn and abandoned it"
            } else if record.iter().any(|byte| *byte != 0) {
                "it is not an MFT record"
            } else {
                return;
            };
            self.problem(Problem { number: Some(number.into()), count: 1, in_use: false, name: None, reason });
            return;
        }
        if let Err(reason) = fix_up(record)
            && !(again(record) && fix_up(record).is_ok())
        {
            let segment = Segment(record);
            let name = segment.attributes().find_map(|attribute| {
                let name = StoredName::read(attribute.content_of(kind::FILE_NAME)?).filter(|name| name.space != 2)?;
                Some((name.parent, units(name.name).collect()))
            });
            let in_use = segment.in_use();
            self.problem(Problem { number: Some(number.into()), count: 1, in_use, name, reason });
            return;
        }
        let segment = Segment(record);
        match segment.base() {
            None => self.add_base(number, segment),
            Some(base) => self.add_part(number, base, segment),
        }
    }

    fn add_base(&mut self, number: u32, segment: Segment<'_>) {
        let mut row = Row { sequence: segment.sequence(), marks: mark::PRESENT, ..Row::default() };
        row.marks |= if segment.in_use() { mark::IN_USE } else { 0 };
        row.marks |= if segment.folder() { mark::FOLDER } else { 0 };
        let mut attributes = segment.attributes();
        for attribute in attributes.by_ref() {
            match attribute.kind {
                kind::STANDARD_INFORMATION => {
                    if let Some(content) = attribute.resident() {
                        row.attributes = u32_at(content, 32).unwrap_or_default();
                        (row.times, row.packing) = self.keep_times(four_at(content, 0).unwrap_or_default(), None);
                    }
                }
                kind::FILE_NAME => {
                    if let Some(name) = attribute.resident().and_then(StoredName::read) {
                        row.marks |= mark::NAMED;
                        if let Some(name) = self.name_row(number, &name, (row.times, row.packing)) {
                            self.names.push(name);
                        }
                    }
                }
                kind::DATA if attribute.name.is_empty() => row.size = attribute.first_size().unwrap_or(row.size),
                kind::DATA => row.marks |= mark::STREAMS,
                kind::REPARSE_POINT => self.tags.push((number, attribute.reparse_tag())),
                _ => {}
            }
            if attribute.kind == kind::DATA && !row.is(mark::IN_USE) {
                self.claims.add(&attribute);
            }
        }
        if !attributes.ended() {
            let reason = "its attributes are damaged: what follows the damage is not read";
            self.problem(Problem {
                number: Some(number.into()),
                count: 1,
                in_use: segment.in_use(),
                name: None,
                reason,
            });
        } else if has_slack(segment.0.get(attributes.at() + 8..).unwrap_or_default()) {
            row.marks |= mark::SLACK;
        }
        if let Some(place) = self.row_mut(number) {
            *place = row;
        }
    }

    fn add_part(&mut self, number: u32, base: Reference, segment: Segment<'_>) {
        if let Some(place) = self.row_mut(number) {
            let in_use = if segment.in_use() { mark::IN_USE } else { 0 };
            *place = Row { sequence: segment.sequence(), marks: mark::PRESENT | mark::PART | in_use, ..Row::default() };
        }
        let Ok(owner) = u32::try_from(base.number) else { return };
        let start = u32::try_from(self.late.len()).unwrap_or(u32::MAX);
        let in_use = segment.in_use();
        let mut part = Part {
            base: owner,
            sequence: base.sequence,
            number,
            in_use,
            size: None,
            marks: 0,
            tag: None,
            names: start..start,
        };
        for attribute in segment.attributes() {
            match attribute.kind {
                kind::FILE_NAME => {
                    if let Some(name) = attribute.resident().and_then(StoredName::read) {
                        part.marks |= mark::NAMED;
                        if let Some(name) = self.name_row(owner, &name, (u32::MAX, 0)) {
                            self.late.push(name);
                        }
                    }
                }
                kind::DATA if attribute.name.is_empty() => part.size = attribute.first_size().or(part.size),
                kind::DATA => part.marks |= mark::STREAMS,
                kind::REPARSE_POINT => part.tag = Some(attribute.reparse_tag()),
                _ => {}
            }
            if attribute.kind == kind::DATA && !in_use {
                self.claims.add(&attribute);
            }
        }
        part.names.end = u32::try_from(self.late.len()).unwrap_or(u32::MAX);
        self.parts.push(part);
    }

    /// Keeps four times and says where and how. Equal ones are kept once: most files were made and never touched.
    fn keep_times(&mut self, times: [u64; 4], like: Option<(u32, u8)>) -> (u32, u8) {
        if let Some((at, packing)) = like
            && self.unpacked(at, packing) == times
        {
            return (at, packing);
        }
        let at = u32::try_from(self.times.len()).unwrap_or(u32::MAX);
        let [first, ..] = times;
        self.times.push(first);
        let mut packing = 0;
        for (pair, (before, time)) in times.iter().zip(times.iter().skip(1)).enumerate() {
            let code = match *time {
                time if time == *before => 1,
                time if time == first => 2,
                time => {
                    self.times.push(time);
                    0
                }
            };
            packing |= code << (2 * pair);
        }
        (at, packing)
    }

    fn unpacked(&self, at: u32, packing: u8) -> [u64; 4] {
        let mut kept = self.times.get(at as usize..).unwrap_or_default().iter().copied();
        let first = kept.next().unwrap_or_default();
        let mut times = [first; 4];
        let mut last = first;
        for (pair, time) in times.iter_mut().skip(1).enumerate() {
            last = match packing >> (2 * pair) & 3 {
                0 => kept.next().unwrap_or_default(),
                1 => last,
                _ => first,
            };
            *time = last;
        }
        times
    }

    fn name_row(&mut self, owner: u32, name: &StoredName<'_>, like: (u32, u8)) -> Option<NameRow> {
        let before =
            self.names.last().filter(|before| before.owner == owner).map(|before| (before.times, before.packing >> 2));
        let like = before.unwrap_or(like);
        let Some(at) = u32::try_from(self.arena.len()).ok().filter(|_| self.names.len() < NAMES) else {
            self.problems_left_out += 1;
            return None;
        };
        let (times, packing) = self.keep_times(name.times, Some(like));
        self.arena.extend(units(name.name));
        Some(NameRow {
            owner,
            parent: u32::try_from(name.parent.number).unwrap_or(u32::MAX),
            at,
            times,
            parent_sequence: name.parent.sequence,
            length: u8::try_from(name.name.len() / 2).unwrap_or(u8::MAX),
            packing: packing << 2 | name.space & 3,
        })
    }

    /// Joins the parts of records to those they continue.
    pub(crate) fn join(&mut self) {
        let (late, mut parts) = (std::mem::take(&mut self.late), std::mem::take(&mut self.parts));
        parts.retain(|part| {
            self.row(part.base.into())
                .is_some_and(|row| !row.is(mark::PART) && continues(row, part.sequence, part.in_use))
        });
        parts.sort_by_key(|part| part.base);
        let (mut base, mut left) = (u32::MAX, NAMES_OF_FILE);
        for part in &parts {
            if part.base != base {
                (base, left) = (part.base, NAMES_OF_FILE);
            }
            let names = late.get(part.names.start as usize..part.names.end as usize).unwrap_or_default();
            if names.len() > left {
                let (number, in_use) = (Some(base.into()), part.in_use);
                let reason = "it has more names than Windows allows: not all of them are listed";
                self.problem(Problem { number, count: 1, in_use, name: None, reason });
            }
            let names = names.get(..names.len().min(left)).unwrap_or_default();
            left -= names.len();
            self.names.extend_from_slice(names);
            self.tags.extend(part.tag.map(|tag| (part.base, tag)));
            if let Some(row) = self.row_mut(part.base) {
                row.marks |= part.marks;
                row.size = part.size.unwrap_or(row.size);
            }
        }
        self.parts = parts;
        self.tags.sort_by_key(|tag| tag.0);
        self.claims.finish();
        if !self.names.is_sorted_by_key(|name| name.owner) {
            self.names.sort_by_key(|name| name.owner);
        }
    }

    /// Sorts the names in use by folder.
    pub(crate) fn sort(&mut self, upper: &UpperCase) {
        let mut children = Vec::with_capacity(self.names.len());
        let mut first: Option<&NameRow> = None;
        let mut astray = Vec::new();
        for (index, name) in (0_u32..).zip(&self.names) {
            first = first.filter(|first| first.owner == name.owner).or(Some(name));
            let Some(row) = self.row(name.owner.into()).filter(|row| row.is(mark::IN_USE)) else { continue };
            // A name in a folder that has gone is in none, whatever took its record.
            let is_held = self.row(name.parent.into()).is_some_and(|parent| parent.sequence == name.parent_sequence);
            let one_parent = first.is_none_or(|first| first.parent == name.parent);
            if row.is(mark::FOLDER) && !one_parent {
                astray.push(name.owner);
            } else if is_held && u64::from(name.owner) != ROOT && name.owner != name.parent {
                children.push(index);
            }
        }
        for owner in astray {
            // Only so is what hangs below the root a tree.
            let reason = "it is a folder with two parents: only the first one is used";
            self.problem(Problem { number: Some(owner.into()), count: 1, in_use: true, name: None, reason });
        }
        let parent = |index: &u32| self.names.get(*index as usize).map(|name| name.parent);
        children.sort_unstable_by_key(|index| (parent(index), *index));
        let mut keyed = Vec::new();
        for folder in children.chunk_by_mut(|a, b| parent(a) == parent(b)) {
            let hashed =
                |index: &u32| self.names.get(*index as usize).map(|name| (upper.hash(self.units(name)), *index));
            keyed.clear();
            keyed.extend(folder.iter().filter_map(hashed));
            // By their units where the hashes are the same, which a volume's own $UpCase can make of all names.
            let named = |(hash, index): &(u32, u32)| (*hash, self.child(index).map(|name| self.units(name)), *index);
            keyed.sort_unstable_by(|a, b| named(a).cmp(&named(b)));
            folder.iter_mut().zip(&keyed).for_each(|(index, (_, sorted))| *index = *sorted);
        }
        self.children = children;
        self.reach();
    }

    /// Marks what hangs below the root. What is in use and does not is found by no walk through folders.
    fn reach(&mut self) {
        let mut folders = vec![ROOT];
        while let Some(folder) = folders.pop() {
            let below: Vec<u64> = self.children(folder).map(|name| name.number).collect();
            for number in below {
                let row = u32::try_from(number).ok().and_then(|number| self.row_mut(number));
                let Some(row) = row.filter(|row| !row.is(mark::REACHED)) else { continue };
                row.marks |= mark::REACHED;
                if row.is(mark::FOLDER) {
                    folders.push(number);
                }
            }
        }
    }

    /// The numbers of files and folders in use that do not hang below the root, ascending.
    pub(crate) fn orphans(&self) -> impl Iterator<Item = u64> {
        let holds = |row: &Row| row.is(mark::NAMED) || row.is(mark::STREAMS) || row.size > 0;
        self.numbers(move |row| row.is(mark::IN_USE) && !row.is(mark::REACHED) && holds(row))
            .filter(|number| *number > ROOT)
    }

    fn units(&self, name: &NameRow) -> &[u16] {
        let at = name.at as usize;
        self.arena.get(at..at + usize::from(name.length)).unwrap_or_default()
    }

    fn name(&self, row: &NameRow) -> Name<'_> {
        Name {
            number: row.owner.into(),
            parent: Reference { number: row.parent.into(), sequence: row.parent_sequence },
            space: Namespace::new(row.packing & 3),
            units: self.units(row),
            times: Times::new(self.unpacked(row.times, row.packing >> 2)),
        }
    }

    pub(crate) fn entry(&self, number: u64) -> Option<Entry> {
        let row = self.row(number).filter(|row| !row.is(mark::PART))?;
        let tag = self.tags.binary_search_by_key(&number, |tag| tag.0.into()).ok().and_then(|at| self.tags.get(at));
        Some(Entry {
            number,
            sequence: row.sequence,
            in_use: row.is(mark::IN_USE),
            folder: row.is(mark::FOLDER),
            attributes: row.attributes,
            times: Times::new(self.unpacked(row.times, row.packing)),
            size: row.size,
            has_streams: row.is(mark::STREAMS),
            reparse_tag: tag.map(|tag| tag.1),
            has_slack: row.is(mark::SLACK),
        })
    }

    /// The numbers of records with these marks, ascending.
    pub(crate) fn numbers(&self, wanted: impl Fn(&Row) -> bool) -> impl Iterator<Item = u64> {
        let rows = self.pages.iter().enumerate().filter_map(|(page, rows)| Some((page, rows.as_deref()?)));
        rows.flat_map(|(page, rows)| rows.iter().enumerate().map(move |(at, row)| (page * PAGE + at, row)))
            .filter(move |(_, row)| row.is(mark::PRESENT) && !row.is(mark::PART) && wanted(row))
            .map(|(number, _)| number as u64)
    }

    /// The names of a record.
    pub(crate) fn names(&self, number: u64) -> impl Iterator<Item = Name<'_>> {
        let start = self.names.partition_point(|name| u64::from(name.owner) < number);
        let names = self.names.get(start..).unwrap_or_default().iter();
        names.take_while(move |name| u64::from(name.owner) == number).map(|name| self.name(name))
    }

    fn child(&self, index: &u32) -> Option<&NameRow> {
        self.names.get(*index as usize)
    }

    /// The names in use in a folder.
    pub(crate) fn children(&self, folder: u64) -> impl Iterator<Item = Name<'_>> {
        let before = |index: &u32| self.child(index).is_some_and(|name| u64::from(name.parent) < folder);
        let start = self.children.partition_point(before);
        let names = self.children.get(start..).unwrap_or_default().iter().map_while(|index| self.child(index));
        names.take_while(move |name| u64::from(name.parent) == folder).map(|name| self.name(name))
    }

    /// The record of a name in a folder, without regard to case; one of exactly this case comes first.
    pub(crate) fn find(&self, folder: u64, wanted: &[u16], upper: &UpperCase) -> Option<u64> {
        let hash = upper.hash(wanted);
        let key = |index: &u32| self.child(index).map(|name| (u64::from(name.parent), upper.hash(self.units(name))));
        let start = self.children.partition_point(|index| key(index) < Some((folder, hash)));
        let rest = self.children.get(start..).unwrap_or_default();
        let same = rest.get(..rest.partition_point(|index| key(index) == Some((folder, hash)))).unwrap_or_default();
        let exact = same.partition_point(|index| self.child(index).is_some_and(|name| self.units(name) < wanted));
        let named = |index: &u32| self.child(index).map(|name| (name.owner, self.units(name)));
        let exact = same.get(exact).and_then(named).filter(|(_, units)| *units == wanted);
        let found = exact.or_else(|| same.iter().filter_map(named).find(|(_, units)| upper.same(units, wanted)));
        found.map(|(owner, _)| owner.into())
    }

    /// The numbers of the records that continue this one.
    pub(crate) fn parts(&self, number: u64) -> impl Iterator<Item = u64> {
        let start = self.parts.partition_point(|part| u64::from(part.base) < number);
        let parts = self.parts.get(start..).unwrap_or_default().iter();
        parts.take_while(move |part| u64::from(part.base) == number).map(|part| part.number.into())
    }
}

/// Whether a record that names this use of a base continues it. Records that are freed count their next use already.
fn continues(base: &Row, sequence: u16, in_use: bool) -> bool {
    if base.is(mark::IN_USE) { in_use && base.sequence == sequence } else { !in_use && held(base.sequence, sequence) }
}

/// Whether a freed record was this use of it: Windows counts when it frees, others when they take a record anew.
pub(crate) fn held(now: u16, sequence: u16) -> bool {
    now == sequence || now.checked_sub(1).filter(|before| *before != 0).unwrap_or(u16::MAX) == sequence
}

/// Whether there is more behind the last attribute than the end of an earlier one.
fn has_slack(rest: &[u8]) -> bool {
    rest.iter().any(|byte| *byte != 0) && rest.iter().filter(|byte| **byte != 0).count() > 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_at_once_whatever_the_volume_takes_for_the_same() {
        let wide = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
        let mut table = Table::new(0);
        let root = Row { sequence: 5, marks: mark::PRESENT | mark::IN_USE | mark::FOLDER, ..Row::default() };
        *table.row_mut(ROOT as u32).expect("room") = root;
        let mut add = |owner: u32, name: &str, parent_sequence: u16| {
            *table.row_mut(owner).expect("room") = Row { marks: mark::PRESENT | mark::IN_USE, ..Row::default() };
            let at = table.arena.len() as u32;
            table.arena.extend(wide(name));
            let (parent, length) = (ROOT as u32, name.len() as u8);
            table.names.push(NameRow { owner, parent, at, times: 0, parent_sequence, length, packing: 0 });
        };
        add(10, "gone", 4);
        (11..100_000).for_each(|owner| add(owner, &format!("{owner:06}"), 5));
        // All units are one, so that all names of six have the same hash.
        let upper = UpperCase::new(&vec![0; UpperCase::SIZE]);
        table.sort(&upper);
        let begin = std::time::Instant::now();
        for owner in (11..100_000_u32).step_by(10) {
            assert_eq!(table.find(ROOT, &wide(&format!("{owner:06}")), &upper), Some(u64::from(owner)));
        }
        assert_eq!(table.find(ROOT, &wide("000010"), &upper), Some(11), "but for case, as the volume has it");
        assert_eq!(table.find(ROOT, &wide("gone"), &upper), None, "in a folder that was there before");
        assert_eq!(table.children(ROOT).count(), 99_989);
        assert!(begin.elapsed().as_secs() < 10, "{:?}", begin.elapsed());
    }
}
