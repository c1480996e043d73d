//! One page that is opened in a browser, filtered and sent on: everything is in the one file, and it asks for nothing from anywhere.
//!
//! The page is written in parts (`page/`), a finding and a log hit at a time, so that a case of any size needs no more memory than
//! its records. What is too much for a page is left out where it matters least, and the page says what it leaves out.

mod assets;
mod clients;
mod code;
mod environment;
mod facts;
mod finding;
mod limits;
mod logs;
mod overview;
mod servers;
#[cfg(test)]
mod tests;
mod timeline;

use crate::case::{Case, Entry, Run};
use crate::record::FindingBody;
use crate::{Format, Style};
use environment::Page;
use finding::{Finding, Findings};
use limits::{BLOCK, LIMITS, Limits};
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "html",
    extension: "html",
    about: "one page for a browser: verdict, timeline, findings to filter and search",
    findings_only: true,
    write: Some(write),
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
    out.write_all(
        page.render("top.html", &overview::top(case, &servers, &findings, clients.total(), limits))?.as_bytes(),
    )?;

    let (mut written, mut own) = (0, 0);
    let mut left_out = finding::LeftOut::default();
    for (number, (run, entry)) in list.iter().take(limits.findings).enumerate() {
        if number % BLOCK == 0 {
            out.write_all(block(number, limits).as_bytes())?;
        }
        let view = Finding::new(&findings, number, run, entry, finding::Detail::of(written, own, limits));
        left_out.count(&view);
        let text = page.render("finding.html", &view)?;
        written += text.len();
        own += if view.is_repeated() { 0 } else { text.len() };
        out.write_all(text.as_bytes())?;
    }
    out.write_all(block_end(list.len().min(limits.findings), limits).as_bytes())?;
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

/// Ends the block of findings before this one, and begins the next. A browser that runs scripts takes what is in `noscript` as text,
/// which costs it next to nothing; the script makes nodes of it when the page is drawn.
fn block(number: usize, limits: &Limits) -> String {
    let begin =
        if number < limits.at_once { "<div class=\"block\">\n" } else { "<div class=\"block later\"><noscript>\n" };
    block_end(number, limits).to_owned() + begin
}

/// Ends the block of the findings before this number.
fn block_end(number: usize, limits: &Limits) -> &'static str {
    match number.checked_sub(1) {
        None => "",
        Some(last) if last - last % BLOCK < limits.at_once => "</div>\n",
        Some(_) => "</noscript></div>\n",
    }
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
