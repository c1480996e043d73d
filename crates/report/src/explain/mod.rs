//! The output of `shellsift explain`: one file, every view, its code once, and every reason with the numbers that stand beside the code.

mod code;
mod page;

use super::Style;
use super::frame::shown;
use super::text::{bytes, code as shown_code, plain, wrap_paths};
use crate::model::explanation::Explanation;
use crate::model::{BaselineStatus, Finding, Level, Location};
use page::Page;
use std::io::{self, Write};

/// Where the text of a reason begins.
const REASON: usize = 12;
/// Places of a reason that are listed.
const PLACES: usize = 8;

/// Prints one file.
pub fn explain(file: &Explanation, style: &Style, out: &mut dyn Write) -> io::Result<()> {
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
    let page = &mut Page { style, out };
    code::code(file, page)?;
    match finding {
        None if artefact.comparison.as_ref().is_some_and(|c| c.status == BaselineStatus::KnownGood) => {
            page.line("\nknown good: the baseline has this content at this path; not scanned further")?;
        }
        None => page.line("\nno detections")?,
        Some(finding) => reasons(finding, page)?,
    }
    for problem in &file.problems {
        page.line("")?;
        page.text("problem  ", &problem.message)?;
    }
    Ok(())
}

fn reasons(finding: &Finding, page: &mut Page<'_>) -> io::Result<()> {
    let level = format!("{} {:.1}", finding.level.name().to_uppercase(), finding.score);
    let level = if finding.level >= Level::High { page.warn(&level) } else { level };
    page.line(&format!("\n{level}"))?;
    for (at, reason) in finding.reasons.iter().enumerate() {
        let number = format!("{:>5}", format!("[{}]", at + 1));
        page.line("")?;
        let title = format!("{}   [{}]", reason.title, reason.id);
        // Wrapped as if it had no colour, which takes no columns.
        let indent = number.len() + 7;
        let room = page.style.width.map_or(usize::MAX, |width| width.saturating_sub(indent).max(30));
        let mut margin = format!("{}  {:>3}  ", page.mark(&number), reason.score);
        for line in wrap_paths(&plain(&title), room) {
            page.line(&format!("{margin}{line}"))?;
            margin = " ".repeat(indent);
        }
        let margin = " ".repeat(REASON);
        if let Some(reference) = reason.rule.as_ref().and_then(|rule| rule.reference.as_ref()) {
            page.text(&margin, &format!("see {reference}"))?;
        }
        if reason.path.len() > 1 {
            page.text(&margin, &format!("data flow: {}", reason.path.join(" -> ")))?;
        }
        reason.locations.iter().take(PLACES).try_for_each(|location| place(location, &margin, page))?;
        if reason.locations.len() > PLACES {
            page.line(&format!("{margin}and {} more places", reason.locations.len() - PLACES))?;
        }
    }
    Ok(())
}

/// `line 2, utf16le bytes 234..316, sink`
fn place(location: &Location, margin: &str, page: &mut Page<'_>) -> io::Result<()> {
    if location.length == 0 && location.line.is_none() {
        // No place in the content: a name, or times.
        return page.line(&format!("{margin}{} {}", plain(&location.encodings), shown_code(&location.excerpt)));
    }
    let line = location.line.map_or(String::new(), |line| format!("line {line}, "));
    let role = location.role.map_or(String::new(), |role| format!(", {}", role.name()));
    let (from, to) = (location.offset, location.offset.saturating_add(location.length));
    page.line(&format!("{margin}{line}{} bytes {from}..{to}{role}", plain(&location.encodings)))?;
    match location.line {
        Some(_) => Ok(()),
        None => page.line(&format!("{margin}  {}", shown_code(&location.excerpt))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::explanation::ContextLine;
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
            explain(&explanation, &Style::default(), &mut out).expect("memory");
            assert_eq!(String::from_utf8_lossy(&out).contains(words), is_signed);
        }
    }
    #[test]
    fn the_code_stands_once_with_the_numbers_of_its_reasons() {
        let path = ServerPath::drive('C').join("x.aspx");
        let file = Artefact::new(path, Entry::file("x.aspx", 40), Place::new(Role::WebRoot, "x"));
        let text = "<% \u{1b}[2J eval(Request[\"x\"]) %>";
        let reason = |id: &str, word: &str| {
            let offset = text.find(word).expect("in it") as u64;
            let location = Location { length: word.len() as u64, offset, line: Some(1), ..Location::whole(0, text) };
            Reason { locations: vec![location], ..Reason::unlisted(ReasonKind::Behaviour, id, 80, "t") }
        };
        let mut finding = finding_of(file.clone(), reason("one", "eval"));
        finding.reasons.push(reason("two", "Request"));
        let place = |word: &str| {
            let start = text.find(word).expect("in it");
            vec![vec![ContextLine { number: 1, text: text.to_owned(), place: Some(start..start + word.len()) }]]
        };
        let explanation = Explanation {
            artefact: file,
            finding: Some(finding),
            views: Vec::new(),
            contexts: vec![place("eval"), place("Request")],
            listings: Vec::new(),
            problems: Vec::new(),
        };
        let drawn = |colour| {
            let mut out = Vec::new();
            explain(&explanation, &Style { colour, ..Style::default() }, &mut out).expect("memory");
            String::from_utf8(out).expect("text")
        };
        let plain = drawn(false);
        assert_eq!(plain.matches("eval(Request").count(), 1, "{plain}");
        let lines: Vec<&str> = plain.lines().collect();
        let at = lines.iter().position(|line| line.contains("eval(Request")).expect("the code");
        assert!(lines[at].starts_with("         1 2     1 | <% <U+001B>[2J eval"), "{plain}");
        assert_eq!(lines[at + 1].trim_start(), "|                ^^^^ ^^^^^^^", "{plain}");
        assert!(plain.contains("  [1]   80  ") && plain.contains("  [2]   80  "), "{plain}");
        assert!(!plain.contains('\u{1b}') && drawn(true).contains("\u{1b}[1;36m1 2\u{1b}[0m"));
    }
}
