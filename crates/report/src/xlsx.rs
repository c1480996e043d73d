//! A workbook for a spreadsheet: one sheet per kind of result. Cells are strings, numbers and dates: none is ever a formula or a
//! link.

mod book;
mod cell;
mod clients;
mod sheets;

use crate::case::Case;
use crate::{Format, Style};
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "xlsx",
    extension: "xlsx",
    about: "a workbook for a spreadsheet, with a sheet per kind of result",
    findings_only: false,
    write: Some(write),
};

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
