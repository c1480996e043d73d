//! What is known of one text while it is read: its header, the hour of the last line, what it covers and what was wrong with it.

use super::checks::PathClass;
use super::coverage::{self, Hours};
use super::format::{Field, Header, Kind};
use super::lines::ColumnIndexes;
use crate::model::{ServerPath, Timestamp};
use std::collections::BTreeMap;

/// Builds that are kept of one text.
pub(super) const BUILDS: usize = 100;
/// Date and hour: `2021-03-03T06`.
pub(super) const HOUR: usize = 13;

/// What is known of the text that is being read.
pub(super) struct TextState<'t> {
    pub(super) file: usize,
    pub(super) path: &'t ServerPath,
    pub(super) member: Option<&'t str>,
    pub(super) header: Header,
    /// The number of the line that was read last, from 1.
    pub(super) line: u64,
    pub(super) bytes: u64,
    pub(super) hour: Option<[u8; HOUR]>,
    /// The latest time so far, and whether there was one.
    pub(super) latest: Option<Timestamp>,
    pub(super) hours: Hours,
    pub(super) builds: BTreeMap<String, (Timestamp, Timestamp)>,
    pub(super) build: Option<String>,
    /// Blocks that are no text.
    pub(super) undecodable: u64,
    /// Hours whose build was one too many.
    pub(super) builds_truncated: Tally,
    /// The first line with each kind of trouble, and how many there were.
    pub(super) long: Tally,
    pub(super) zero: Tally,
    pub(super) undated: Tally,
    pub(super) senseless: Tally,
    /// Whether the rest of a line that is too long is being left out.
    pub(super) skipping: bool,
    /// Whether the server answered a page that only Exchange has.
    pub(super) of_exchange: bool,
}

/// The first line with some trouble, and how many had it.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) first: u64,
    pub(super) count: u64,
}

impl Tally {
    pub(super) fn add(&mut self, line: u64) {
        if self.count == 0 {
            self.first = line;
        }
        self.count += 1;
    }
}

impl<'t> TextState<'t> {
    pub(super) fn new(file: usize, path: &'t ServerPath, member: Option<&'t str>) -> Self {
        Self {
            file,
            path,
            member,
            header: Header::default(),
            line: 0,
            bytes: 0,
            hour: None,
            latest: None,
            hours: Hours::default(),
            builds: BTreeMap::new(),
            build: None,
            builds_truncated: Tally::default(),
            undecodable: 0,
            long: Tally::default(),
            zero: Tally::default(),
            undated: Tally::default(),
            senseless: Tally::default(),
            skipping: false,
            of_exchange: false,
        }
    }

    /// Recognises an Exchange server by an answered page of Exchange. Scanners request these pages from any server.
    pub(super) fn notice(&mut self, class: Option<&PathClass>, line: &[u8]) {
        if self.of_exchange || !class.is_some_and(|class| class.of_exchange) {
            return;
        }
        let Some(layout) = self.header.layout.as_ref() else { return };
        let line = String::from_utf8_lossy(line);
        let status = layout.place(Field::Status).and_then(|at| layout.split(&line).get(at)?.parse::<u16>().ok());
        self.of_exchange = status.is_some_and(|status| (200..300).contains(&status));
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        self.header.layout.as_ref().map(|layout| layout.kind)
    }

    /// Where a line of a log of requests has its method and path.
    pub(super) fn column_indexes(&self) -> Option<ColumnIndexes> {
        let layout = self.header.layout.as_ref()?;
        let stem = layout.place(Field::Stem)?;
        match layout.kind {
            Kind::W3c | Kind::HttpErr => Some(ColumnIndexes {
                method: layout.place(Field::Method)?,
                stem,
                blanks: true,
                dated: layout.time_first,
            }),
            Kind::HttpProxy => Some(ColumnIndexes { method: stem, stem, blanks: false, dated: false }),
            _ => None,
        }
    }

    /// A line that does not begin as the one before: it belongs to a head, or another hour begins, or it is damaged. Says whether
    /// it belongs to a head.
    pub(super) fn new_hour(&mut self, line: &[u8]) -> bool {
        if line.is_empty() {
            return false;
        }
        if self.header.read(line) {
            self.hour = None;
            self.build = self.header.version.as_deref().and_then(coverage::build);
            return true;
        }
        let Some(layout) = &self.header.layout else { return false };
        let time_first = layout.time_first;
        match self.header.time(line) {
            Some(time) => {
                self.hour = if time_first { line.first_chunk().copied() } else { None };
                if let Some(latest) = self.latest.filter(|_| coverage::sensible(time))
                    && latest.seconds().saturating_sub(time.seconds()) > coverage::BACK
                {
                    self.hours.clock_rollback(latest, time);
                    self.latest = Some(time);
                }
                self.enter(time);
            }
            None => self.undated.add(self.line),
        }
        false
    }

    /// The last line of an hour, or of a block.
    pub(super) fn note(&mut self, line: &[u8]) {
        if let Some(time) = self.header.time(line) {
            self.enter(time);
        }
    }

    pub(super) fn enter(&mut self, time: Timestamp) {
        if !coverage::sensible(time) {
            return self.senseless.add(self.line);
        }
        self.latest = self.latest.max(Some(time));
        self.hours.note(time);
        if let Some(build) = &self.build {
            if let Some(seen) = self.builds.get_mut(build) {
                *seen = (seen.0.min(time), seen.1.max(time));
            } else if self.builds.len() < BUILDS {
                self.builds.insert(build.clone(), (time, time));
            } else {
                self.builds_truncated.add(self.line);
            }
        }
    }
}

/// Whether more than a few of the first bytes are none that a text of any encoding has.
pub(super) fn is_no_text(block: &[u8]) -> bool {
    let head = block.get(..4096).unwrap_or(block);
    let odd = head.iter().filter(|byte| matches!(byte, 0..=8 | 14..=31 | 127)).count();
    odd * 50 > head.len()
}
