//! A workbook for a spreadsheet: one sheet per kind of result. Cells are strings, numbers and dates: none is ever a formula or a
//! link.

mod book;
mod clients;
mod sheets;

use crate::case::Case;
use crate::record::Time;
use crate::{Format, Style};
use std::borrow::Cow;
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "xlsx",
    extension: "xlsx",
    about: "a workbook for a spreadsheet, with a sheet per kind of result",
    findings_only: false,
    write: Some(write),
};

/// A cell.
#[derive(Clone, Debug)]
enum Cell<'c> {
    Text(Cow<'c, str>),
    Number(f64),
    Time(Time),
    Empty,
}

impl<'c> Cell<'c> {
    fn text(text: impl Into<Cow<'c, str>>) -> Self {
        Self::Text(text.into())
    }

    fn count(count: u64) -> Self {
        // Exact up to 2^53; Excel shows 15 digits of it.
        #[allow(clippy::cast_precision_loss)]
        Self::Number(count as f64)
    }

    fn of<T>(value: Option<T>, make: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, make)
    }

    fn time(time: Option<Time>) -> Self {
        Self::of(time, Self::Time)
    }
}

fn write(case: &Case, _: Style, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&workbook(case, book::ROWS)?)
}

/// The workbook, with `most` rows at most in a sheet.
fn workbook(case: &Case, most: u64) -> io::Result<Vec<u8>> {
    let ended = case.runs.iter().filter_map(|run| Some(run.end.as_ref()?.summary.as_ref()?.ended)).max();
    book::workbook(sheets::all(case), ended, most)
}

#[cfg(test)]
mod tests;
