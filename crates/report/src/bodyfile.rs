//! The body file of The Sleuth Kit 3 and later, which `mactime` makes a timeline of: one row per finding, and a second one for its
//! times of $FILE_NAME. <https://wiki.sleuthkit.org/index.php?title=Body_file>

use crate::case::{Case, Entry, Run};
use crate::record::{FindingBody, Time};
use crate::text::plain;
use crate::{Format, Style};
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "bodyfile",
    extension: "body",
    about: "the file times of every finding as a body file, for mactime",
    findings_only: true,
    write: Some(write),
};

/// Times in the order of the format: accessed, modified, changed, created.
type Times = [Option<Time>; 4];

fn write(case: &Case, _: Style, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "# shellsift: the files of findings. Times are Unix time in whole seconds (UTC), 0 where not known."
    )?;
    writeln!(out, "# MD5|name|inode|mode_as_string|UID|GID|size|atime|mtime|ctime|crtime")?;
    writeln!(out, "# inode: on NTFS the number of the MFT record and its sequence. % and | in names are %25 and %7C.")?;
    let several = case.servers().len() > 1;
    for run in &case.runs {
        let server = if several { format!("{}: ", run.server()) } else { String::new() };
        for finding in &run.findings {
            rows(&server, finding, out)?;
        }
        left_out(run, out)?;
    }
    match case.suppressed() {
        0 => {}
        1 => writeln!(out, "# suppressed: 1 finding or log hit is not in here")?,
        many => writeln!(out, "# suppressed: {many} findings and log hits are not in here")?,
    }
    for gap in &case.gaps() {
        let server = if gap.server.is_empty() { String::new() } else { format!("{}: ", gap.server) };
        writeln!(out, "# {} {}", plain(&format!("{server}{}: {}", gap.kind, gap.path)), plain(&gap.message))?;
    }
    Ok(())
}

/// Names the times that no row has.
fn left_out(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    for finding in &run.findings {
        for time in &finding.head.implausible_times {
            let (field, unix) = (plain(&time.field), plain(&time.unix_time));
            writeln!(out, "# {}: {field} is not a plausible time: Unix time {unix}", plain(finding.path()))?;
        }
    }
    Ok(())
}

/// The rows of one finding.
fn rows(server: &str, finding: &Entry<FindingBody>, out: &mut dyn Write) -> io::Result<()> {
    let Some(file) = &finding.head.file else { return Ok(()) };
    let ntfs = finding.body.state.ntfs.as_ref();
    let own = [file.accessed, file.mtime, file.ctime, file.created];
    let deleted = if ntfs.is_some_and(|ntfs| ntfs.deleted) { " (deleted)" } else { "" };
    row(&format!("{server}{}{deleted}", file.path), finding, own, out)?;
    let names = ntfs.map(|ntfs| [ntfs.name_accessed, ntfs.name_modified, ntfs.name_changed, ntfs.name_created]);
    match names.filter(|names| names.iter().any(Option::is_some)) {
        Some(names) => row(&format!("{server}{} ($FILE_NAME){deleted}", file.path), finding, names, out),
        None => Ok(()),
    }
}

fn row(name: &str, finding: &Entry<FindingBody>, times: Times, out: &mut dyn Write) -> io::Result<()> {
    let Some(file) = &finding.head.file else { return Ok(()) };
    // What is read back may be anything: a row of another beginning would be a comment.
    let is_md5 = |md5: &&str| md5.len() == 32 && md5.bytes().all(|digit| digit.is_ascii_hexdigit());
    let md5 = file.hash.as_ref().and_then(|hash| hash.md5.as_deref()).filter(is_md5).unwrap_or("0");
    let is_number = |inode: &&str| !inode.is_empty() && inode.bytes().all(|digit| digit.is_ascii_digit());
    let inode = file.inode.as_deref().filter(is_number).unwrap_or("0");
    let sequence = finding.body.state.ntfs.as_ref().and_then(|ntfs| ntfs.sequence);
    let sequence = sequence.map(|sequence| format!("-{sequence}")).unwrap_or_default();
    // As The Sleuth Kit writes a file of NTFS, which has no such mode.
    let mode = "r/rrwxrwxrwx";
    let [atime, mtime, ctime, crtime] = times.map(|time| time.map_or(0, |time| time.0.seconds()));
    let (name, size) = (escape(name), file.size.unwrap_or(0));
    writeln!(out, "{md5}|{name}|{inode}{sequence}|{mode}|0|0|{size}|{atime}|{mtime}|{ctime}|{crtime}")
}

/// A field: one line, without the separator. `mactime` decodes `%` and two digits after it has parted the fields, so a `%` that stands
/// before two digits is written so itself, or a name could bring in what was taken out of it here.
fn escape(text: &str) -> String {
    let text = plain(text);
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let is_code = || {
            let digits = text.as_bytes().get(at + 1..at + 3);
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        match c {
            '|' => out.push_str("%7C"),
            '%' if is_code() => out.push_str("%25"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests;
