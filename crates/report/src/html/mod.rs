//! One page that is opened in a browser, filtered and sent on: everything is in the one file, and it asks for nothing from anywhere.
//!
//! The page is written in parts (`page/`), a finding and a log hit at a time, so that a case of any size needs no more memory than
//! its records. What is too much for a page is left out where it matters least, and the page says what it leaves out.

mod clients;
mod code;
mod environment;
mod facts;
mod finding;
mod logs;
mod overview;
mod rarity;
mod servers;
#[cfg(test)]
mod tests;
mod timeline;

use crate::case::{Case, Entry, Run};
use crate::record::FindingBody;
use crate::{Format, Style};
use environment::Page;
use finding::{Finding, Findings};
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "html",
    extension: "html",
    about: "one page for a browser: verdict, timeline, findings to filter and search",
    findings_only: true,
    write: Some(write),
};

/// The style and the script of the page. Their digests are all that the page allows to run.
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// How much of what a page has room for.
struct Limits {
    /// Findings.
    findings: usize,
    /// Bytes of findings in full; what comes after them is not repeated where an earlier finding has the same.
    in_full: usize,
    /// Bytes of findings with code of their own; those after them have their reasons alone.
    with_code: usize,
    /// Bytes of findings with all that is known of their files; those after them have hash, times, URL and requests.
    with_all: usize,
    /// Rows of log hits.
    hits: usize,
    /// Bytes of log hits with their lines.
    with_lines: usize,
}

const LIMITS: Limits = Limits {
    findings: 20_000,
    in_full: 2 << 20,
    with_code: 5 << 20,
    with_all: 6 << 20,
    hits: 4_000,
    with_lines: 1 << 20,
};

fn write(case: &Case, _: Style, out: &mut dyn Write) -> io::Result<()> {
    write_within(case, &LIMITS, out)
}

fn write_within(case: &Case, limits: &Limits, out: &mut dyn Write) -> io::Result<()> {
    let page = Page::new()?;
    let servers = servers::Servers::of(case);
    let list = most_urgent_first(case);
    let findings = Findings::new(case, &servers, &list);
    let clients = clients::clients(case, &servers);
    out.write_all(page.render("top.html", &overview::top(case, &servers, &findings, clients.total()))?.as_bytes())?;

    let (mut written, mut own) = (0, 0);
    let mut left_out = finding::LeftOut::default();
    for (number, (run, entry)) in list.iter().take(limits.findings).enumerate() {
        let view = Finding::new(&findings, number, run, entry, finding::Detail::of(written, own, limits));
        left_out.count(&view);
        let text = page.render("finding.html", &view)?;
        written += text.len();
        own += if view.is_repeated() { 0 } else { text.len() };
        out.write_all(text.as_bytes())?;
    }
    left_out.findings = list.len().saturating_sub(limits.findings);

    let hits = logs::most_urgent_first(case, &servers);
    out.write_all(page.render("between.html", &logs::Between::new(&servers, left_out, hits.len()))?.as_bytes())?;
    let mut written = 0;
    for hit in hits.iter().take(limits.hits) {
        let view = logs::Hit::new(&servers, hit, written < limits.with_lines);
        let text = page.render("hit.html", &view)?;
        written += text.len();
        out.write_all(text.as_bytes())?;
    }
    let hits_left_out = hits.len().saturating_sub(limits.hits);
    out.write_all(page.render("bottom.html", &overview::bottom(case, &servers, clients, hits_left_out))?.as_bytes())
}

/// The findings of all runs.
fn most_urgent_first(case: &Case) -> Vec<(&Run, &Entry<FindingBody>)> {
    let mut list: Vec<_> =
        case.runs.iter().flat_map(|run| run.findings.iter().map(move |finding| (run, finding))).collect();
    list.sort_by(|(_, a), (_, b)| {
        let level = b.body.level.0.cmp(&a.body.level.0);
        level.then(b.body.score.total_cmp(&a.body.score)).then_with(|| a.path().cmp(b.path()))
    });
    list
}
