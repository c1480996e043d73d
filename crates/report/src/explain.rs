//! The output of `shellsift explain`: one file, every view, every reason with its locations in context.

use super::frame::{frame, shown};
use super::text::{bytes, code, plain};
use crate::model::explanation::{ContextLine, Explanation};
use crate::model::{BaselineStatus, Finding, Listing};
use std::io::{self, Write};

/// Prints one file.
pub fn explain(file: &Explanation, out: &mut dyn Write) -> io::Result<()> {
    let Explanation { artefact, finding, .. } = file;
    let finding = finding.as_ref();
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
            None => writeln!(out, "  {name:<10} not available from this source")?,
        }
    }
    let attributes = entry.attributes.names();
    if !attributes.is_empty() {
        writeln!(out, "  {:<10} {}", "attributes", attributes.join(", "))?;
    }
    if let Some(inode) = entry.inode {
        writeln!(out, "  {:<10} {inode}", "MFT record")?;
    }
    for (name, hash) in
        [("sha256", &artefact.hashes.sha256), ("sha1", &artefact.hashes.sha1), ("md5", &artefact.hashes.md5)]
    {
        writeln!(out, "  {name:<10} {}", hash.as_deref().unwrap_or("content not readable"))?;
    }
    writeln!(out, "  {:<10} {}: {}", "location", artefact.place.role.words(), plain(&artefact.place.relative))?;
    if let Some(url) = finding.and_then(|finding| finding.artefact.place.url.as_ref()) {
        writeln!(out, "  {:<10} {}", "url", plain(url))?;
    }
    for reach in finding.iter().flat_map(|finding| &finding.artefact.place.reach) {
        let identity = if reach.identity.is_empty() { "" } else { &format!(" ({})", reach.identity) };
        let words = format!("{} {}, pool {}{identity}", reach.url, reach.runs.in_words(), reach.pool);
        writeln!(out, "  {:<10} {}", "served as", plain(&words))?;
    }
    if let Some(comparison) = &artefact.comparison {
        writeln!(out, "  {:<10} {}", "baseline", plain(&comparison.in_words()))?;
        if let Some(expected) = &comparison.expected_sha256 {
            writeln!(out, "  {:<10} {expected} is the content of that build here", "")?;
        }
    }
    if let Some(signed) = &artefact.signed {
        writeln!(out, "  {:<10} {}", "signature", plain(&signed.to_string()))?;
    }
    writeln!(out, "\nviews")?;
    for view in &file.views {
        writeln!(out, "  {:<10} {} from byte {}", view.encodings, bytes(view.length), view.offset)?;
        for line in &view.excerpt {
            writeln!(out, "    | {}", shown(line))?;
        }
    }
    match finding {
        None if artefact.comparison.as_ref().is_some_and(|c| c.status == BaselineStatus::KnownGood) => {
            writeln!(out, "\nknown good: the baseline has this content at this path; not scanned further")?;
        }
        None => writeln!(out, "\nno detections")?,
        Some(finding) => reasons(finding, &file.contexts, out)?,
    }
    for listing in &file.listings {
        server_code(listing, out)?;
    }
    for problem in &file.problems {
        writeln!(out, "\nproblem  {}", plain(&problem.message))?;
    }
    Ok(())
}

fn reasons(finding: &Finding, contexts: &[Vec<Vec<ContextLine>>], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{} {:.1}", finding.level.name().to_uppercase(), finding.score)?;
    for (at, reason) in finding.reasons.iter().enumerate() {
        writeln!(out, "\n  {:>3}  {}   [{}]", reason.score, plain(&reason.title), plain(&reason.id))?;
        if let Some(reference) = reason.rule.as_ref().and_then(|rule| rule.reference.as_ref()) {
            writeln!(out, "       see {}", plain(reference))?;
        }
        if reason.path.len() > 1 {
            writeln!(out, "       data flow: {}", plain(&reason.path.join(" -> ")))?;
        }
        for (of_reason, location) in reason.locations.iter().enumerate() {
            if location.length == 0 && location.line.is_none() {
                // No place in the content: a name, or times.
                writeln!(out, "       {} {}", location.encodings, code(&location.excerpt))?;
                continue;
            }
            let role = location.role.map_or(String::new(), |role| format!("{}, ", role.name()));
            let (from, to) = (location.offset, location.offset + location.length);
            writeln!(out, "       {role}{} bytes {from}..{to}", location.encodings)?;
            let lines = contexts.get(at).and_then(|contexts| contexts.get(of_reason)).filter(|lines| !lines.is_empty());
            match lines {
                Some(lines) if location.line.is_some() => {
                    for line in frame(lines, location.role).lines() {
                        writeln!(out, "       {}", line.trim_end())?;
                    }
                }
                _ => writeln!(out, "       {}", code(&location.excerpt))?,
            }
        }
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
        writeln!(out, "     {mark} {:>5} | {}", line.number, shown(&line.text))?;
        if let Some(reads) = &line.reads {
            writeln!(out, "             = {}", shown(reads))?;
        }
        for mark in &line.marks {
            writeln!(out, "             ^ {}", plain(mark))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Artefact, Entry, Place, Reason, ReasonKind, Role, ServerPath, Signed, SignedBy};
    use crate::test_support::finding_of;

    #[test]
    fn a_signature_is_reported() {
        let path = ServerPath::drive('C').join("x.dll");
        let mut file = Artefact::new(path, Entry::file("x.dll", 5), Place::new(Role::WebRoot, "x"));
        let words = "signed by Inert Publisher (strong name 59194538b1f74545), signature valid";
        let by = SignedBy::StrongName("59194538b1f74545".to_owned());
        for (signed, is_signed) in [(Some(Signed { publisher: "Inert Publisher".to_owned(), by }), true), (None, false)]
        {
            file.signed = signed;
            let reason = Reason::unlisted(ReasonKind::Behaviour, "x", 5, "t");
            let finding = finding_of(file.clone(), reason);
            let mut out = Vec::new();
            let explanation = Explanation {
                artefact: file.clone(),
                finding: Some(finding.clone()),
                views: Vec::new(),
                contexts: Vec::new(),
                listings: Vec::new(),
                problems: Vec::new(),
            };
            explain(&explanation, &mut out).expect("memory");
            assert_eq!(String::from_utf8_lossy(&out).contains(words), is_signed);
        }
    }
}
