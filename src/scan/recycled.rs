//! Reads the recycle bins: where the files in them were, who deleted them and when, and records of files that are in no bin any more.

use super::Survey;
use super::recycle_bins::{RecycleBins, gone, is_page, reason};
use crate::evidence::{BinItem, Content, Evidence, classify};
use crate::model::{DeletedFile, Entry, FoundIn, Problem, ProblemKind, Recycled, ServerPath};
use crate::targets::Plan;
use std::collections::{BTreeMap, HashSet};
use std::io;

/// How many records without a file are findings.
const MOST: usize = 1_000;

/// Reads the records of the files that the survey met in recycle bins, and of those among the deleted files.
pub(super) fn read(evidence: &dyn Evidence, plan: &Plan, survey: &mut Survey, problems: &mut Vec<Problem>) {
    let (items, records, unread) = (BTreeMap::new(), Vec::new(), HashSet::new());
    let mut reader = BinReader { evidence, items, records, unread, problems };
    for (folder, files) in survey.in_recycle_bins() {
        files.iter().for_each(|name| reader.file(&folder.join(name)));
    }
    let deleted = survey.deleted.iter().map(|(file, _)| file);
    let deleted = deleted.filter(|file| file.found_in == FoundIn::Record && BinItem::of(&file.path).is_some());
    let deleted: Vec<DeletedFile> = deleted.cloned().collect();
    reader.deleted(&deleted);
    let BinReader { items, records, .. } = reader;
    let is_deleted: HashSet<&ServerPath> = deleted.iter().map(|file| &file.path).collect();
    let mut bins = RecycleBins { items: items.into_iter().collect(), ..RecycleBins::default() };
    // What the change journal has of the file itself is reported there.
    let vanished: HashSet<ServerPath> = survey.journal.vanished.iter().map(|(file, _)| file.path.clone()).collect();
    for Record { path, item, recycled, entry } in records {
        bins.items.entry(item.content()).or_insert_with(|| recycled.clone());
        let is_there = is_deleted.contains(&item.content()) || vanished.contains(&item.content());
        if !is_there
            && is_gone(evidence, &item.content())
            && is_page(plan, &recycled.original)
            && bins.gone.len() < MOST
        {
            bins.gone.push(gone(plan, path, recycled, entry));
        }
    }
    bins.add_events(plan);
    // A record among the deleted files is reported with the file that it is about.
    let is_told = |file: &DeletedFile| {
        let item = BinItem::of(&file.path).filter(BinItem::is_record);
        item.is_some_and(|item| bins.items.contains_key(&item.content()))
    };
    survey.deleted.retain(|(file, _)| file.found_in != FoundIn::Record || !is_told(file));
    survey.deleted.iter_mut().for_each(|(_, artefact)| bins.apply(artefact, plan));
    for (artefact, reasons) in &mut survey.journal.vanished {
        bins.apply(artefact, plan);
        reasons.extend(reason(artefact));
    }
    survey.recycled = bins;
}

fn is_gone(evidence: &dyn Evidence, content: &ServerPath) -> bool {
    evidence.stat(content).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// A record (`$I...`) that was met, in use or deleted.
struct Record {
    path: ServerPath,
    item: BinItem,
    recycled: Recycled,
    entry: Entry,
}

struct BinReader<'r> {
    evidence: &'r dyn Evidence,
    /// By the path of what was deleted.
    items: BTreeMap<ServerPath, Recycled>,
    records: Vec<Record>,
    /// Records that cannot be read: each is a problem once, however many files lie in the folder that it is about.
    unread: HashSet<ServerPath>,
    problems: &'r mut Vec<Problem>,
}

impl BinReader<'_> {
    /// A file that the survey met: what was deleted, or a record under the name of a web file type.
    fn file(&mut self, path: &ServerPath) {
        let Some(item) = BinItem::of(path) else { return };
        if item.is_record() {
            let recycled = self.read_record(&item, path, self.evidence.open(path));
            if let (Some(recycled), Ok(entry)) = (recycled, self.evidence.stat(path)) {
                self.records.push(Record { path: path.clone(), item, recycled, entry });
            }
            return;
        }
        if !item.is_content() || self.items.contains_key(&item.path()) {
            return;
        }
        let item = BinItem { below: Vec::new(), ..item };
        let record = item.record();
        if self.unread.contains(&record) {
            return;
        }
        match self.evidence.open(&record) {
            // Without a record nothing is known but that it is in the bin.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            opened => {
                if let Some(recycled) = self.read_record(&item, &record, opened) {
                    self.items.insert(item.path(), recycled);
                }
            }
        }
    }

    /// Deleted files: the bin was emptied, and both halves may still have their records in the MFT.
    fn deleted(&mut self, files: &[DeletedFile]) {
        for file in files {
            let Some(item) = BinItem::of(&file.path).filter(BinItem::is_record) else { continue };
            let opened = self.evidence.open_deleted(file, None);
            // What is left of it need not be a record any more.
            let Ok(recycled) = opened.and_then(|content| item.read(content)) else { continue };
            self.items.entry(item.content()).or_insert_with(|| recycled.clone());
            self.records.push(Record { path: file.path.clone(), item, recycled, entry: file.entry.clone() });
        }
    }

    /// What a record says. That it cannot be read is a problem.
    fn read_record(&mut self, item: &BinItem, record: &ServerPath, opened: io::Result<Content>) -> Option<Recycled> {
        match opened.and_then(|content| item.read(content)) {
            Ok(recycled) => Some(recycled),
            Err(error) => {
                let kind = match error.kind() {
                    io::ErrorKind::InvalidData => ProblemKind::FileUnreadable,
                    _ => classify(&error),
                };
                let message = format!("the record of a deleted file in the recycle bin cannot be read: {error}");
                if self.unread.insert(record.clone()) {
                    self.problems.push(Problem::at(kind, record, message));
                }
                None
            }
        }
    }
}
