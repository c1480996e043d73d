//! The tables and heaps of metadata: ECMA-335, II.22 and II.24.2.
//!
//! Numbers of rows are the file's word. Each table is as long as there are bytes for it; every index is checked when it is used.

use super::image::Image;
use crate::bytes::Bytes;

/// A column, by what it holds.
#[derive(Clone, Copy)]
enum Column {
    /// So many bytes of number.
    Number(u8),
    Text,
    Guid,
    Blob,
    /// A row of a table.
    Row(u8),
    /// A row of one of several tables.
    Coded(&'static [u8]),
}

use Column::{Blob, Coded, Guid, Number, Row, Text};

/// No table.
const NONE: u8 = 0xFF;
const TYPE: &[u8] = &[0x02, 0x01, 0x1B];
const CONSTANT: &[u8] = &[0x04, 0x08, 0x17];
const ATTRIBUTED: &[u8] = &[
    0x06, 0x04, 0x01, 0x02, 0x08, 0x09, 0x0A, 0x00, 0x0E, 0x17, 0x14, 0x11, 0x1A, 0x1B, 0x20, 0x23, 0x26, 0x27, 0x28,
    0x2A, 0x2C, 0x2B,
];
const MARSHALLED: &[u8] = &[0x04, 0x08];
const SECURED: &[u8] = &[0x02, 0x06, 0x20];
const PARENT: &[u8] = &[0x02, 0x01, 0x1A, 0x06, 0x1B];
const SEMANTICS: &[u8] = &[0x14, 0x17];
const METHOD: &[u8] = &[0x06, 0x0A];
const FORWARDED: &[u8] = &[0x04, 0x06];
const IMPLEMENTATION: &[u8] = &[0x26, 0x23, 0x27];
const ATTRIBUTE: &[u8] = &[NONE, NONE, 0x06, 0x0A, NONE];
const SCOPE: &[u8] = &[0x00, 0x1A, 0x23, 0x01];
const GENERIC: &[u8] = &[0x02, 0x06];

/// The columns of every table up to the last that is read.
const TABLES: [&[Column]; 0x2C] = [
    &[Number(2), Text, Guid, Guid, Guid],
    &[Coded(SCOPE), Text, Text],
    &[Number(4), Text, Text, Coded(TYPE), Row(0x04), Row(0x06)],
    &[Row(0x04)],
    &[Number(2), Text, Blob],
    &[Row(0x06)],
    &[Number(4), Number(2), Number(2), Text, Blob, Row(0x08)],
    &[Row(0x08)],
    &[Number(2), Number(2), Text],
    &[Row(0x02), Coded(TYPE)],
    &[Coded(PARENT), Text, Blob],
    &[Number(2), Coded(CONSTANT), Blob],
    &[Coded(ATTRIBUTED), Coded(ATTRIBUTE), Blob],
    &[Coded(MARSHALLED), Blob],
    &[Number(2), Coded(SECURED), Blob],
    &[Number(2), Number(4), Row(0x02)],
    &[Number(4), Row(0x04)],
    &[Blob],
    &[Row(0x02), Row(0x14)],
    &[Row(0x14)],
    &[Number(2), Text, Coded(TYPE)],
    &[Row(0x02), Row(0x17)],
    &[Row(0x17)],
    &[Number(2), Text, Blob],
    &[Number(2), Row(0x06), Coded(SEMANTICS)],
    &[Row(0x02), Coded(METHOD), Coded(METHOD)],
    &[Text],
    &[Blob],
    &[Number(2), Coded(FORWARDED), Text, Row(0x1A)],
    &[Number(4), Row(0x04)],
    &[Number(4), Number(4)],
    &[Number(4)],
    &[Number(4), Number(2), Number(2), Number(2), Number(2), Number(4), Blob, Text, Text],
    &[Number(4)],
    &[Number(4), Number(4), Number(4)],
    &[Number(2), Number(2), Number(2), Number(2), Number(4), Blob, Text, Text, Blob],
    &[Number(4), Row(0x23)],
    &[Number(4), Number(4), Number(4), Row(0x23)],
    &[Number(4), Text, Blob],
    &[Number(4), Number(4), Text, Text, Coded(IMPLEMENTATION)],
    &[Number(4), Number(4), Text, Coded(IMPLEMENTATION)],
    &[Row(0x02), Row(0x02)],
    &[Number(2), Number(2), Coded(GENERIC), Text],
    &[Coded(METHOD), Blob],
];

/// Numbers of the tables that are read.
pub(super) const TYPE_REF: u8 = 0x01;
pub(super) const TYPE_DEF: u8 = 0x02;
pub(super) const FIELD: u8 = 0x04;
pub(super) const METHOD_DEF: u8 = 0x06;
pub(super) const PARAM: u8 = 0x08;
pub(super) const INTERFACE: u8 = 0x09;
pub(super) const MEMBER_REF: u8 = 0x0A;
pub(super) const CUSTOM_ATTRIBUTE: u8 = 0x0C;
pub(super) const SIGNATURE: u8 = 0x11;
pub(super) const TYPE_SPEC: u8 = 0x1B;
pub(super) const MODULE_REF: u8 = 0x1A;
pub(super) const IMPORT: u8 = 0x1C;
pub(super) const FIELD_DATA: u8 = 0x1D;
pub(super) const ASSEMBLY: u8 = 0x20;
pub(super) const EXPORTED_TYPE: u8 = 0x27;
pub(super) const RESOURCE: u8 = 0x28;
pub(super) const METHOD_SPEC: u8 = 0x2B;

/// How long a name is taken.
const MAX_NAME: usize = 200;

#[derive(Clone, Copy, Default)]
struct Table {
    at: usize,
    rows: u32,
    width: usize,
    /// Where each column begins, and how wide it is.
    columns: [(u8, u8); 9],
}

/// Where each table is.
pub(super) struct Tables<'b> {
    bytes: Bytes<'b>,
    strings: &'b [u8],
    user_strings: &'b [u8],
    blobs: &'b [u8],
    tables: [Table; 0x2C],
}

/// A row of a table, counted from 1; 0 is none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub(super) struct Token {
    pub(super) table: u8,
    pub(super) row: u32,
}

impl Token {
    pub(super) fn of(number: u32) -> Self {
        Self { table: (number >> 24) as u8, row: number & 0x00FF_FFFF }
    }
}

impl<'b> Tables<'b> {
    /// Reads the heads. What does not fit is noted in the image.
    pub(super) fn read(image: &mut Image<'b>) -> Option<Self> {
        let bytes = Bytes(image.tables);
        let heaps = bytes.u8(6)?;
        let valid = bytes.u64(8)?;
        let mut at: usize = 24;
        let mut claimed = [0u32; 64];
        for (_, rows) in claimed.iter_mut().enumerate().filter(|(table, _)| valid >> table & 1 == 1) {
            *rows = bytes.u32(at)?;
            at += 4;
        }
        at += if heaps & 0x40 != 0 { 4 } else { 0 };
        let wide = |rows: u64, bits: u32| if rows >> (16 - bits) == 0 { 2 } else { 4 };
        let width = |column: Column| match column {
            Number(width) => width,
            Text => 2 + 2 * (heaps & 1),
            Guid => 2 + (heaps & 2),
            Blob => 2 + (heaps & 4) / 2,
            Row(table) => wide(u64::from(claimed[usize::from(table)]), 0),
            Coded(tables) => {
                let most =
                    tables.iter().filter(|table| **table != NONE).map(|table| claimed[usize::from(*table)]).max();
                wide(u64::from(most.unwrap_or(0)), tag_bits(tables))
            }
        };
        let mut tables = [Table::default(); 0x2C];
        for (number, columns) in TABLES.iter().enumerate() {
            let table = &mut tables[number];
            for (column, place) in columns.iter().zip(&mut table.columns) {
                *place = (table.width as u8, width(*column));
                table.width += usize::from(place.1);
            }
            table.at = at;
            let room = bytes.0.len().saturating_sub(at) / table.width.max(1);
            table.rows = claimed[number].min(u32::try_from(room).unwrap_or(u32::MAX));
            if table.rows < claimed[number] {
                image.note("a metadata table is truncated");
            }
            at = at.saturating_add((claimed[number] as usize).saturating_mul(table.width));
        }
        let (strings, user_strings, blobs) = (image.strings, image.user_strings, image.blobs);
        Some(Self { bytes, strings, user_strings, blobs, tables })
    }

    pub(super) fn rows(&self, table: u8) -> u32 {
        self.tables.get(usize::from(table)).map_or(0, |table| table.rows)
    }

    /// A cell; 0 where there is no such row.
    pub(super) fn cell(&self, table: u8, row: u32, column: usize) -> u32 {
        let cell = || {
            let table = self.tables.get(usize::from(table)).filter(|table| row >= 1 && row <= table.rows)?;
            let (start, width) = table.columns.get(column)?;
            let at = table.at + (row as usize - 1) * table.width + usize::from(*start);
            if *width == 2 { self.bytes.u16(at).map(u32::from) } else { self.bytes.u32(at) }
        };
        cell().unwrap_or(0)
    }

    /// A cell that names a row of one of several tables.
    pub(super) fn coded(&self, table: u8, row: u32, column: usize) -> Token {
        let tables = match TABLES.get(usize::from(table)).and_then(|columns| columns.get(column)) {
            Some(Coded(tables)) => *tables,
            _ => &[],
        };
        decode(tables, self.cell(table, row, column))
    }

    /// A row of a type as signatures name it.
    pub(super) fn type_token(number: u32) -> Token {
        decode(TYPE, number)
    }

    pub(super) fn text(&self, table: u8, row: u32, column: usize) -> String {
        let bytes = self.strings.get(self.cell(table, row, column) as usize..).unwrap_or_default();
        let bytes = &bytes[..bytes.len().min(MAX_NAME)];
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }

    pub(super) fn blob(&self, table: u8, row: u32, column: usize) -> &'b [u8] {
        sized(self.blobs, self.cell(table, row, column) as usize).unwrap_or_default()
    }

    /// A literal, in UTF-16.
    pub(super) fn literal(&self, at: u32) -> impl Iterator<Item = u16> + use<'b> {
        let bytes = sized(self.user_strings, at as usize).unwrap_or_default();
        bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
    }
}

fn tag_bits(tables: &[u8]) -> u32 {
    usize::BITS - (tables.len() - 1).leading_zeros()
}

fn decode(tables: &[u8], number: u32) -> Token {
    if tables.is_empty() {
        return Token { table: NONE, row: 0 };
    }
    let bits = tag_bits(tables);
    let table = tables.get((number & ((1 << bits) - 1)) as usize).copied().unwrap_or(NONE);
    Token { table, row: number >> bits }
}

/// An item of a heap, behind its length.
fn sized(heap: &[u8], at: usize) -> Option<&[u8]> {
    let rest = heap.get(at..)?;
    let (length, used) = compressed(rest)?;
    rest.get(used..used.checked_add(length as usize)?)
}

/// A compressed number (ECMA-335, II.23.2) and how many bytes it takes.
pub(super) fn compressed(bytes: &[u8]) -> Option<(u32, usize)> {
    let first = u32::from(*bytes.first()?);
    let byte = |at: usize| bytes.get(at).map(|byte| u32::from(*byte));
    match first {
        0..0x80 => Some((first, 1)),
        0x80..0xC0 => Some(((first & 0x3F) << 8 | byte(1)?, 2)),
        0xC0..0xE0 => Some(((first & 0x1F) << 24 | byte(1)? << 16 | byte(2)? << 8 | byte(3)?, 4)),
        _ => None,
    }
}
