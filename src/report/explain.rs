//! The text of `shellsift explain`: one file, every view, every reason with its proof in context.

use super::frame::{frame, shown};
use super::text::{bytes, code, plain};
use crate::decode::View;
use crate::model::{Artefact, BaselineStatus, Finding, Listing, Problem};
use std::io::{self, Write};

/// How many lines are shown of a decoded text, and how far they are looked for.
const EXCERPT_LINES: usize = 3;
const EXCERPT_REACH: usize = 4096;

/// Prints one file. `views` are the layers of each examined piece.
pub fn explain(
    artefact: &Artefact,
    finding: Option<&Finding>,
    views: &[View<'_>],
    listings: &[Listing],
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
    for reach in finding.iter().flat_map(|finding| &finding.artefact.place.reach) {
        let identity = if reach.identity.is_empty() { "" } else { &format!(" ({})", reach.identity) };
        let words = format!("{} {}, pool {}{identity}", reach.url, reach.runs.in_words(), reach.pool);
        writeln!(out, "  {:<10} {}", "reached as", plain(&words))?;
    }
    if let Some(comparison) = &artefact.comparison {
        writeln!(out, "  {:<10} {}", "stock", plain(&comparison.in_words()))?;
        if let Some(expected) = &comparison.expected_sha256 {
            writeln!(out, "  {:<10} {expected} is what that build has here", "")?;
        }
    }
    if let Some(signed) = &artefact.signed {
        writeln!(out, "  {:<10} {}", "signature", plain(&signed.to_string()))?;
    }
    writeln!(out, "\nviews")?;
    for view in views {
        let at = view.first_decoded();
        writeln!(
            out,
            "  {:<10} {} from byte {}",
            view.encodings,
            bytes(view.bytes.len() as u64),
            view.stored_offset(at)
        )?;
        if view.encodings != "stored" {
            excerpt(view, at, out)?;
        }
    }
    match finding {
        None if artefact.comparison.as_ref().is_some_and(|c| c.status == BaselineStatus::KnownGood) => {
            writeln!(out, "\nknown good: this content is stock at this place, and was not looked at further")?;
        }
        None => writeln!(out, "\nno detector has anything against it")?,
        Some(finding) => {
            writeln!(out, "\n{} {:.1}", finding.level.name().to_uppercase(), finding.score)?;
            for reason in &finding.reasons {
                writeln!(out, "\n  {:>3}  {}   [{}]", reason.score, plain(&reason.title), plain(&reason.id))?;
                if let Some(reference) = reason.rule.as_ref().and_then(|rule| rule.reference.as_ref()) {
                    writeln!(out, "       see {}", plain(reference))?;
                }
                if reason.path.len() > 1 {
                    writeln!(out, "       by way of {}", plain(&reason.path.join(" > ")))?;
                }
                for proof in &reason.locations {
                    if proof.length == 0 && proof.line.is_none() {
                        // No place in the content: a name, or times.
                        writeln!(out, "       {} {}", proof.encodings, code(&proof.excerpt))?;
                        continue;
                    }
                    let role = proof.role.map_or(String::new(), |role| format!("{}, ", role.name()));
                    writeln!(
                        out,
                        "       {role}{} bytes {}..{}",
                        proof.encodings,
                        proof.offset,
                        proof.offset + proof.length
                    )?;
                    match view_of(views, &proof.encodings, proof.offset) {
                        Some(view) if proof.line.is_some() => {
                            for line in frame(view, proof).lines() {
                                writeln!(out, "       {}", line.trim_end())?;
                            }
                        }
                        _ => writeln!(out, "       {}", code(&proof.excerpt))?,
                    }
                }
            }
        }
    }
    for listing in listings {
        server_code(listing, out)?;
    }
    for problem in problems {
        writeln!(out, "\nproblem  {}", plain(&problem.message))?;
    }
    Ok(())
}

/// The server code of a view: each line as it stands, how it reads where that is something else, and what it shows.
fn server_code(listing: &Listing, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nserver code   {} ({})", listing.encodings, listing.languages.join(", "))?;
    let mut before = None;
    for line in &listing.lines {
        if before.is_some_and(|before| line.number > before + 1) {
            writeln!(out, "             ...")?;
        }
        before = Some(line.number);
        let mark = if line.marks.is_empty() { ' ' } else { '>' };
        writeln!(out, "     {mark} {:>5} | {}", line.number, shown(line.text.as_bytes()))?;
        if let Some(reads) = &line.reads {
            writeln!(out, "             = {}", shown(reads.as_bytes()))?;
        }
        for mark in &line.marks {
            writeln!(out, "             ^ {}", plain(mark))?;
        }
    }
    Ok(())
}

/// The view that a proof was seen in.
fn view_of<'v, 'a>(views: &'v [View<'a>], encodings: &str, offset: u64) -> Option<&'v View<'a>> {
    let mut of_trail = views.iter().filter(|view| view.encodings == encodings && view.stored_offset(0) <= offset + 2);
    of_trail.next_back()
}

/// The first lines of a decoded text, from where it differs from the text around it.
fn excerpt(view: &View<'_>, at: usize, out: &mut dyn Write) -> io::Result<()> {
    let rest = &view.bytes[at..];
    let lines = rest[..rest.len().min(EXCERPT_REACH)].split(|&byte| byte == b'\n');
    for line in lines.filter(|line| !line.trim_ascii().is_empty()).take(EXCERPT_LINES) {
        writeln!(out, "    | {}", shown(line))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Style, table};
    use super::*;
    use crate::detect::test_support::artefact;
    use crate::model::{Reason, ReasonKind, Role, Signed, SignedBy};

    #[test]
    fn a_signature_is_told_here_and_in_the_table() {
        let mut file = artefact("x.dll", Role::WebRoot, "x.dll");
        let words = "signed by Inert Publisher (strong name 59194538b1f74545), signature valid";
        let by = SignedBy::StrongName("59194538b1f74545".to_owned());
        for (signed, told) in [(Some(Signed { publisher: "Inert Publisher".to_owned(), by }), true), (None, false)] {
            file.signed = signed;
            let reason = Reason::new(ReasonKind::Behaviour, "x", 5, "t");
            let finding = crate::verdict::score_finding(file.clone(), vec![reason]).expect("has a reason");
            let mut out = Vec::new();
            explain(&file, Some(&finding), &[], &[], &[], &mut out).expect("memory");
            assert_eq!(String::from_utf8_lossy(&out).contains(words), told);
            let mut out = Vec::new();
            table::block(&finding, Style { terminal: true, ..Style::default() }, &mut out).expect("memory");
            assert_eq!(String::from_utf8_lossy(&out).contains(words), told);
        }
    }
}
