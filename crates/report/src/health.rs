//! The text of `shellsift health`: the build, its vulnerabilities, what to install.

use super::Style;
use super::text::{plain, wrap};
use crate::model::{Health, OpenVulnerability, PatchLevel, Problem};
use std::io::{self, Write};

/// Columns before the text of a line.
const INDENT: usize = 12;

/// Prints the patch level of each installation. Verbose also lists the vulnerabilities that are not known to be exploited, and
/// every source of a build.
pub fn health(all: &[Health], problems: &[Problem], style: Style, out: &mut dyn Write) -> io::Result<()> {
    for (at, health) in all.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let mut page = Page { style: &style, out: &mut *out };
        page.installation(health)?;
    }
    if all.is_empty() {
        writeln!(out, "no Exchange installation was found")?;
    }
    if !problems.is_empty() {
        writeln!(out, "\nnot examined")?;
    }
    for problem in problems {
        let path = problem.path.as_ref().map(|path| format!("{}: ", plain(path.as_str()))).unwrap_or_default();
        writeln!(out, "  {path}{}", plain(&problem.message))?;
    }
    Ok(())
}

struct Page<'o> {
    style: &'o Style,
    out: &'o mut dyn Write,
}

impl Page<'_> {
    fn installation(&mut self, health: &Health) -> io::Result<()> {
        if let Some(root) = &health.root {
            self.line("exchange", root.as_str())?;
        }
        match health.build.is_empty() {
            true => self.line("build", "unknown")?,
            false => self.line("build", &format!("{}   read from {}", health.build, health.source))?,
        }
        if let Some(level) = &health.level {
            self.line("level", &level_words(level))?;
            self.line("support", &support_words(level))?;
        }
        // All sources where one says something else, or where it is asked for.
        if self.style.verbose || !health.caveats.is_empty() {
            let verbose = self.style.verbose;
            for seen in health.seen.iter().filter(|seen| verbose || seen.build != health.build) {
                let span = match (seen.first, seen.last) {
                    (Some(first), Some(last)) => format!("   {first} to {last}"),
                    (Some(first), None) => format!("   since {first}"),
                    _ => String::new(),
                };
                self.line("also", &format!("{}   {}{span}", seen.build, seen.source))?;
            }
        }
        for caveat in &health.caveats {
            self.line("caveat", caveat)?;
        }
        if !health.build.is_empty() {
            self.vulnerabilities(health)?;
        }
        for mitigation in &health.mitigations {
            self.line("mitigation", mitigation)?;
        }
        for condition in &health.conditions {
            self.line("check", &format!("not visible in files: {condition}"))?;
        }
        for (at, step) in health.steps.iter().enumerate() {
            self.line("to do", &format!("{}. {step}", at + 1))?;
        }
        if health.level.is_some() && health.steps.is_empty() {
            self.line("to do", "no newer update is in the reference data")?;
        }
        if health.open.iter().any(|vulnerability| vulnerability.exploited) {
            self.line("note", "an update fixes the vulnerability; it does not remove a backdoor installed before")?;
        }
        self.line(
            "data",
            &format!(
                "builds and vulnerabilities as of {}; later ones are not in the reference data",
                health.tables_until
            ),
        )
    }

    fn vulnerabilities(&mut self, health: &Health) -> io::Result<()> {
        let (exploited, others): (Vec<&OpenVulnerability>, Vec<&OpenVulnerability>) =
            health.open.iter().partition(|vulnerability| vulnerability.exploited);
        for vulnerability in &exploited {
            self.line(
                "VULNERABLE",
                &format!("{}, known to be exploited: {}", name(vulnerability), fix_words(vulnerability)),
            )?;
        }
        if exploited.is_empty() {
            self.line("vulnerable", "to no CVE known to be exploited (CISA KEV)")?;
        }
        if self.style.verbose {
            return others.iter().try_for_each(|vulnerability| {
                self.line("vulnerable", &format!("{}: {}", name(vulnerability), fix_words(vulnerability)))
            });
        }
        match others.len() {
            0 => Ok(()),
            1 => self.line("vulnerable", "to 1 further CVE (-v lists it)"),
            count => self.line("vulnerable", &format!("to {count} further CVEs (-v lists them)")),
        }
    }

    /// A line of text under its word, broken where the output has a width.
    fn line(&mut self, word: &str, text: &str) -> io::Result<()> {
        let text = plain(text);
        let width = self.style.width.map_or(usize::MAX, |width| width.saturating_sub(INDENT).max(20));
        for (at, line) in wrap(&text, width).iter().enumerate() {
            let word = if at == 0 { word } else { "" };
            writeln!(self.out, "{word:<INDENT$}{line}")?;
        }
        Ok(())
    }
}

fn level_words(level: &PatchLevel) -> String {
    let update = if level.update.is_empty() { String::new() } else { format!(" {}", level.update) };
    let nearest = if level.nearest { format!("   the nearest known build is {}", level.build) } else { String::new() };
    format!("{} {}{update}, released {}{nearest}", level.product, level.cu, level.released)
}

fn support_words(level: &PatchLevel) -> String {
    match (level.end_of_support.as_str(), level.out_of_support) {
        ("", _) => "end of support unknown".to_owned(),
        (end, true) => format!("ended on {end}"),
        (end, false) => format!("until {end}"),
    }
}

fn name(vulnerability: &OpenVulnerability) -> String {
    match vulnerability.nickname.is_empty() {
        true => vulnerability.cve.clone(),
        false => format!("{} {}", vulnerability.cve, vulnerability.nickname),
    }
}

fn fix_words(vulnerability: &OpenVulnerability) -> String {
    let mut words = match (vulnerability.fixed_in.is_empty(), vulnerability.fixed_by.is_empty()) {
        (true, _) => "no fix was released for this CU".to_owned(),
        (false, true) => format!("fixed in {}", vulnerability.fixed_in),
        (false, false) => format!("fixed by {} ({})", vulnerability.fixed_by, vulnerability.fixed_in),
    };
    if !vulnerability.condition.is_empty() {
        words.push_str(&format!("; {}", vulnerability.condition));
    }
    if !vulnerability.caveat.is_empty() {
        words.push_str(&format!(" [caveat: {}]", vulnerability.caveat));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ProblemKind, ServerPath};

    fn drawn(health: Health, verbose: bool, width: Option<usize>) -> String {
        let mut out = Vec::new();
        let style = Style { verbose, width, ..Style::default() };
        super::health(&[health], &[], style, &mut out).expect("memory");
        String::from_utf8(out).expect("text")
    }

    fn vulnerability(cve: &str, exploited: bool) -> OpenVulnerability {
        OpenVulnerability {
            cve: cve.to_owned(),
            nickname: String::new(),
            exploited,
            fixed_in: "15.2.721.13".to_owned(),
            fixed_by: "Mar21SU".to_owned(),
            condition: String::new(),
            caveat: String::new(),
        }
    }

    #[test]
    fn exploited_vulnerabilities_are_listed_and_the_others_counted() {
        let open = vec![vulnerability("CVE-1", true), vulnerability("CVE-2", false), vulnerability("CVE-3", false)];
        let health = Health { build: "15.2.721.2".to_owned(), open, ..Health::default() };
        let text = drawn(health.clone(), false, None);
        assert!(text.contains("VULNERABLE  CVE-1, known to be exploited: fixed by Mar21SU (15.2.721.13)\n"), "{text}");
        assert!(text.contains("to 2 further CVEs") && !text.contains("CVE-2"), "{text}");
        assert!(drawn(health, true, None).contains("vulnerable  CVE-3: fixed by Mar21SU"), "{text}");
    }

    #[test]
    fn text_of_the_evidence_moves_no_cursor_and_lines_keep_their_column() {
        let caveats = vec!["bin\\x.exe says 1.2.3.4 in numbers and \"\u{1b}[2J\" in text and more words".to_owned()];
        let text = drawn(Health { caveats, ..Health::default() }, false, Some(40));
        assert!(text.contains("<U+001B>[2J") && !text.contains('\u{1b}'), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        assert!(text.contains("\n            "), "{text}");
    }

    #[test]
    fn what_could_not_be_read_is_listed() {
        let mut out = Vec::new();
        let path = ServerPath::drive('C').join("x");
        let problem = Problem::at(ProblemKind::ExecutableMalformed, &path, "it is\ncut off");
        super::health(&[], &[problem], Style::default(), &mut out).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert_eq!(text, "no Exchange installation was found\n\nnot examined\n  C:\\x: it is<U+000A>cut off\n");
    }
}
