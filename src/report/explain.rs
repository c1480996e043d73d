//! The text of `shellsift explain`: one file, every view, every reason with its proof in context.

use super::text::{bytes, code, plain};
use crate::decode::View;
use crate::model::{Artefact, Finding, Problem};
use std::io::{self, Write};

/// How many lines are shown on either side of a proof.
const CONTEXT: usize = 2;
/// How much of a line is shown.
const WIDTH: usize = 200;

/// Prints one file. `views` are the layers of each examined piece.
pub fn explain(
    artefact: &Artefact,
    finding: Option<&Finding>,
    views: &[View<'_>],
    problems: &[Problem],
    out: &mut dyn Write,
) -> io::Result<()> {
    let entry = &artefact.entry;
    writeln!(out, "{}   {}", plain(artefact.path.as_str()), bytes(entry.size))?;
    let times = &entry.times;
    for (name, time) in [
        ("created", times.created),
        ("modified", times.modified),
        ("changed", times.changed),
        ("accessed", times.accessed),
    ] {
        match time {
            Some(time) => writeln!(out, "  {name:<10} {time}")?,
            None => writeln!(out, "  {name:<10} not given by this source")?,
        }
    }
    let attributes = entry.attributes.names();
    if !attributes.is_empty() {
        writeln!(out, "  {:<10} {}", "attributes", attributes.join(", "))?;
    }
    if let Some(inode) = entry.inode {
        writeln!(out, "  {:<10} {inode}", "record")?;
    }
    for (name, hash) in
        [("sha256", &artefact.hashes.sha256), ("sha1", &artefact.hashes.sha1), ("md5", &artefact.hashes.md5)]
    {
        writeln!(out, "  {name:<10} {}", hash.as_deref().unwrap_or("content not readable"))?;
    }
    writeln!(out, "  {:<10} {}: {}", "place", artefact.place.role.name(), plain(&artefact.place.relative))?;
    if let Some(url) = finding.and_then(|finding| finding.artefact.place.url.as_ref()) {
        writeln!(out, "  {:<10} {}", "url", plain(url))?;
    }
    writeln!(out, "\nviews")?;
    for view in views {
        writeln!(out, "  {:<10} {} from byte {}", view.trail, bytes(view.bytes.len() as u64), view.stored_offset(0))?;
    }
    match finding {
        None => writeln!(out, "\nno detector has anything against it")?,
        Some(finding) => {
            writeln!(out, "\n{} {:.1}", finding.level.name().to_uppercase(), finding.score)?;
            for reason in &finding.reasons {
                writeln!(out, "\n  {:>3}  {}   [{}]", reason.points, plain(&reason.title), plain(&reason.id))?;
                if let Some(reference) = reason.rule.as_ref().and_then(|rule| rule.reference.as_ref()) {
                    writeln!(out, "       see {}", plain(reference))?;
                }
                for proof in &reason.proof {
                    if proof.length == 0 && proof.line.is_none() {
                        // No place in the content: a name, or times.
                        writeln!(out, "       {} {}", proof.trail, code(&proof.excerpt))?;
                        continue;
                    }
                    writeln!(out, "       {} bytes {}..{}", proof.trail, proof.offset, proof.offset + proof.length)?;
                    match view_line(views, &proof.trail, proof.offset, proof.line) {
                        Some((view, at)) => context(view, at, out)?,
                        None => writeln!(out, "       {}", code(&proof.excerpt))?,
                    }
                }
            }
        }
    }
    for problem in problems {
        writeln!(out, "\nproblem  {}", plain(&problem.message))?;
    }
    Ok(())
}

/// The view that a proof was seen in, and the line.
fn view_line<'v, 'a>(
    views: &'v [View<'a>],
    trail: &str,
    offset: u64,
    line: Option<u64>,
) -> Option<(&'v View<'a>, u64)> {
    let mut of_trail = views.iter().filter(|view| view.trail == trail && view.stored_offset(0) <= offset + 2);
    Some((of_trail.next_back()?, line?))
}

fn context(view: &View<'_>, line: u64, out: &mut dyn Write) -> io::Result<()> {
    let first = (line as usize).saturating_sub(1 + CONTEXT);
    let lines = view.bytes.split(|&byte| byte == b'\n').enumerate().skip(first).take(2 * CONTEXT + 1);
    for (at, bytes) in lines {
        let mark = if at as u64 + 1 == line { '>' } else { ' ' };
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(WIDTH)]);
        let more = if bytes.len() > WIDTH { " ..." } else { "" };
        writeln!(out, "     {mark} {:>5} | {}{more}", at + 1, code(shown.trim_end()))?;
    }
    Ok(())
}
