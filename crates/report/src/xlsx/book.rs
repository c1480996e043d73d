//! A workbook as Office Open XML (ECMA-376, part 1) in a zip archive. It has strings, which stand in their cells, numbers, and
//! numbers that are shown as dates. There is no code here for formulas and links, so no cell can become one.

use super::cell::Cell;
use crate::record::Time;
use crate::text::{grouped, plain};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Cursor, Write};
use zip::write::SimpleFileOptions;

/// The rows of a sheet, with the headings, and the UTF-16 units of a cell that Excel allows.
/// <https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3>
pub(super) const ROWS: u64 = 1_048_576;
const CELL: usize = 32_767;

/// A column: its heading and its width in characters. Times have `(UTC)` in their heading.
pub(super) type Column = (&'static str, u16);

/// A sheet: its columns, and its rows as they are made.
pub(super) struct Sheet<'c> {
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
    pub(super) rows: Box<dyn Iterator<Item = Vec<Cell<'c>>> + 'c>,
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// How cells look, by their place in `cellXfs`: plain, heading, time, note. Date format 164 is our own.
const STYLES: &str = "<numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss.000\"/></numFmts>\
<fonts count=\"3\"><font><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font>\
<font><b/><sz val=\"11\"/><color rgb=\"FFFFFFFF\"/><name val=\"Calibri\"/><family val=\"2\"/></font>\
<font><i/><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font></fonts>\
<fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>\
<fill><patternFill patternType=\"solid\"><fgColor rgb=\"FF1F3A5F\"/><bgColor indexed=\"64\"/></patternFill></fill></fills>\
<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
<cellXfs count=\"4\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
<xf numFmtId=\"0\" fontId=\"1\" fillId=\"2\" borderId=\"0\" xfId=\"0\" applyFont=\"1\" applyFill=\"1\"/>\
<xf numFmtId=\"164\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
<xf numFmtId=\"0\" fontId=\"2\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/></cellXfs>\
<cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>";
const HEADING: u8 = 1;
const TIME: u8 = 2;
const NOTE: u8 = 3;

type Archive = zip::ZipWriter<Cursor<Vec<u8>>>;

/// The workbook. `ended`: when what it is about ended; the same results give the same bytes. `most`: the rows of a sheet.
pub(super) fn workbook(sheets: Vec<Sheet>, ended: Option<Time>, most: u64) -> io::Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name).collect();
    head(&mut archive, &names, ended)?;
    let mut filters = String::new();
    for (at, sheet) in sheets.into_iter().enumerate() {
        let (name, columns) = (sheet.name, sheet.columns.len());
        begin(&mut archive, &format!("xl/worksheets/sheet{}.xml", at + 1))?;
        let rows = fill(&mut archive, sheet, at == 0, most)?;
        filters += &format!(
            "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"{at}\" hidden=\"1\">'{name}'!$A$1:${}${rows}</definedName>",
            letters(columns)
        );
    }
    begin(&mut archive, "xl/workbook.xml")?;
    let list: String = (1..)
        .zip(&names)
        .map(|(at, name)| format!("<sheet name=\"{name}\" sheetId=\"{at}\" r:id=\"rId{at}\"/>"))
        .collect();
    write!(
        archive,
        "{XML}<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{list}</sheets>\
         <definedNames>{filters}</definedNames></workbook>"
    )?;
    Ok(archive.finish().map_err(io::Error::other)?.into_inner())
}

/// Begins a part of the archive, whose time is always the same.
fn begin(archive: &mut Archive, name: &str) -> io::Result<()> {
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file(name, options.last_modified_time(zip::DateTime::default())).map_err(io::Error::other)
}

/// What the workbook consists of, how its cells look, and when it was made.
fn head(archive: &mut Archive, names: &[&str], ended: Option<Time>) -> io::Result<()> {
    let parts: String = (1..=names.len())
        .map(|at| {
            let part = format!("/xl/worksheets/sheet{at}.xml");
            format!("<Override PartName=\"{part}\" ContentType=\"{TYPES}.worksheet+xml\"/>")
        })
        .collect();
    begin(archive, "[Content_Types].xml")?;
    write!(
        archive,
        "{XML}<Types xmlns=\"{PACKAGE}/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{TYPES}.sheet.main+xml\"/>\
         <Override PartName=\"/xl/styles.xml\" ContentType=\"{TYPES}.styles+xml\"/>\
         <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>\
         {parts}</Types>"
    )?;
    begin(archive, "_rels/.rels")?;
    write!(
        archive,
        "{XML}<Relationships xmlns=\"{PACKAGE}/relationships\">\
         <Relationship Id=\"rId1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"{PACKAGE}/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>\
         </Relationships>"
    )?;
    let sheets: String = (1..=names.len())
        .map(|at| {
            let target = format!("worksheets/sheet{at}.xml");
            format!("<Relationship Id=\"rId{at}\" Type=\"{OFFICE}/worksheet\" Target=\"{target}\"/>")
        })
        .collect();
    begin(archive, "xl/_rels/workbook.xml.rels")?;
    write!(
        archive,
        "{XML}<Relationships xmlns=\"{PACKAGE}/relationships\">{sheets}\
         <Relationship Id=\"rId{}\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>",
        names.len() + 1
    )?;
    begin(archive, "xl/styles.xml")?;
    write!(archive, "{XML}<styleSheet xmlns=\"{MAIN}\">{STYLES}</styleSheet>")?;
    begin(archive, "docProps/core.xml")?;
    // The type of the date has no fractions in every reader.
    let second = ended.map(|ended| ended.to_string()).and_then(|text| Some(format!("{}Z", text.get(..19)?)));
    let created =
        second.map(|second| format!("<dcterms:created xsi:type=\"dcterms:W3CDTF\">{second}</dcterms:created>"));
    write!(
        archive,
        "{XML}<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>shellsift results</dc:title>\
         <dc:creator>shellsift</dc:creator>{}</cp:coreProperties>",
        created.unwrap_or_default()
    )
}

/// Writes a sheet. Gives the number of its rows with the headings; what did not fit is said in one more.
fn fill(out: &mut Archive, sheet: Sheet, is_first: bool, most: u64) -> io::Result<u64> {
    let selected = if is_first { " tabSelected=\"1\"" } else { "" };
    // Written row by row: the compressor is slow with small pieces.
    let mut xml = format!(
        "{XML}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView{selected} workbookViewId=\"0\">\
         <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><cols>"
    );
    for (at, (_, width)) in (1..).zip(sheet.columns) {
        let _ = write!(xml, "<col min=\"{at}\" max=\"{at}\" width=\"{width}\" customWidth=\"1\"/>");
    }
    xml.push_str("</cols><sheetData><row r=\"1\">");
    let names: Vec<String> = (1..=sheet.columns.len()).map(letters).collect();
    for (column, (heading, _)) in names.iter().zip(sheet.columns) {
        string(&mut xml, column, 1, HEADING, heading);
    }
    xml.push_str("</row>");
    let (mut rows, mut left_out) = (1_u64, 0_u64);
    for row in sheet.rows {
        if rows >= most.saturating_sub(1) {
            left_out += 1;
            continue;
        }
        rows += 1;
        let _ = write!(xml, "<row r=\"{rows}\">");
        names.iter().zip(&row).for_each(|(column, cell)| put(&mut xml, column, rows, cell));
        xml.push_str("</row>");
        out.write_all(xml.as_bytes())?;
        xml.clear();
    }
    if left_out > 0 {
        let last = rows + 1;
        let words = format!("{} more rows do not fit into a sheet: the JSONL output has them", grouped(left_out));
        let _ = write!(xml, "<row r=\"{last}\">");
        string(&mut xml, "A", last, NOTE, &words);
        xml.push_str("</row>");
    }
    let end = letters(sheet.columns.len());
    let _ = write!(xml, "</sheetData><autoFilter ref=\"A1:{end}{rows}\"/></worksheet>");
    out.write_all(xml.as_bytes())?;
    Ok(rows)
}

fn put(xml: &mut String, column: &str, row: u64, cell: &Cell) {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) if text.is_empty() => {}
        Cell::Text(text) => string(xml, column, row, 0, &fitted(&plain(text))),
        Cell::Number(number) => {
            let _ = write!(xml, "<c r=\"{column}{row}\"><v>{number}</v></c>");
        }
        Cell::Time(time) => match serial(*time) {
            Some(serial) => {
                let _ = write!(xml, "<c r=\"{column}{row}\" s=\"{TIME}\"><v>{serial}</v></c>");
            }
            None => string(xml, column, row, 0, &time.to_string()),
        },
    }
}

fn string(xml: &mut String, column: &str, row: u64, style: u8, text: &str) {
    let text = escaped(text);
    let _ = write!(
        xml,
        "<c r=\"{column}{row}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{text}</t></is></c>"
    );
}

/// Text of XML 1.0. Excel reads `_x000D_` as the character of that number (ECMA-376, 22.9.2.19): an underscore that begins such a one
/// is written so itself.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let is_code = |rest: &str| {
        let rest = rest.as_bytes();
        rest.first() == Some(&b'x')
            && rest.get(5) == Some(&b'_')
            && rest.get(1..5).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '_' if text.get(at + 1..).is_some_and(is_code) => out.push_str("_x005F_"),
            // No characters of XML, and `plain` leaves these two.
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// A time as Excel counts it, in days since 1899-12-30. Before March 1900 its calendar is another one.
pub(super) fn serial(time: Time) -> Option<f64> {
    const MARCH_1900: i64 = -2_203_891_200;
    let seconds = time.0.seconds();
    let millis = seconds.checked_mul(1000)?.checked_add(i64::from(time.0.nanos() / 1_000_000))?;
    #[allow(clippy::cast_precision_loss)] // below 2^53
    let days = millis as f64 / 86_400_000.0;
    (seconds >= MARCH_1900).then_some(days + 25_569.0)
}

/// Text that fits into a cell; what is cut off is said.
pub(super) fn fitted(text: &str) -> Cow<'_, str> {
    let length = if text.len() <= CELL { text.len() } else { text.encode_utf16().count() };
    if length <= CELL {
        return text.into();
    }
    let note = format!(" ... [truncated: {} characters]", grouped(length as u64));
    let room = CELL.saturating_sub(note.len());
    let mut used = 0_usize;
    let end = text.char_indices().find(|(_, c)| {
        used = used.saturating_add(c.len_utf16());
        used > room
    });
    format!("{}{note}", text.get(..end.map_or(text.len(), |(at, _)| at)).unwrap_or_default()).into()
}

/// The name of a column, from 1: A, B, ... Z, AA.
fn letters(mut column: usize) -> String {
    let mut name = Vec::new();
    while column > 0 {
        let digit = (column - 1) % 26;
        name.push(char::from(b'A' + u8::try_from(digit).unwrap_or_default()));
        column = (column - 1) / 26;
    }
    name.iter().rev().collect()
}
