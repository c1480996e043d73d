//! Common Event Format of ArcSight, `CEF:0`: one line per finding, per sign of exploitation in logs, per gap and per end of a run.
//! Micro Focus Security ArcSight Common Event Format, version 25, with its names and lengths of fields.

use crate::case::{Case, Entry, Gap, Head, Run};
use crate::model::{Level, Outcome};
use crate::record::{FindingBody, HitBody, Time};
use crate::text::plain;
use crate::{Format, Style};
use std::io::{self, Write};
use std::net::IpAddr;

pub(super) const FORMAT: Format = Format {
    id: "cef",
    extension: "cef",
    about: "ArcSight Common Event Format, one line per finding, log hit and end of a run, for a SIEM",
    findings_only: false,
    write: Some(write),
};

/// What a value that was too long for its field ends with.
const TRUNCATED: &str = " [truncated]";

/// The severity of CEF, 0 to 10, so that levels of the same name are in the same of its bands.
fn severity(level: Level) -> u8 {
    match level {
        Level::Info => 1,
        Level::Low => 3,
        Level::Medium => 6,
        Level::High => 8,
        Level::Critical => 10,
    }
}

fn write(case: &Case, _: Style, out: &mut dyn Write) -> io::Result<()> {
    for run in &case.runs {
        run.findings.iter().try_for_each(|one| finding(run, one, out))?;
        run.hits.iter().try_for_each(|one| hit(run, one, out))?;
        let gaps = run.gaps();
        // Alerts are about what was not examined; gaps of the logs are in the JSONL output.
        let own = gaps.iter().filter(|gap| gap.noticed.is_some() || gap.kind == "omitted");
        own.into_iter().try_for_each(|one| gap(Some(run), one, out))?;
        end(run, out)?;
    }
    case.gaps_of_inputs().iter().try_for_each(|one| gap(None, one, out))
}

/// An event: its line is put together field by field.
struct Event(String);

impl Event {
    /// The seven fields of the header.
    fn new(run: Option<&Run>, id: &str, name: &str, severity: u8) -> Self {
        let observer = run.and_then(|run| run.observer.as_ref());
        let (vendor, product) = observer.map_or(("shellsift", "shellsift"), |one| (&one.vendor, &one.product));
        let version = observer.map_or(env!("CARGO_PKG_VERSION"), |one| &one.version);
        let mut line = "CEF:0".to_owned();
        for field in [vendor, product, version, id, name] {
            line.push('|');
            // A separator ends a field of the header.
            for c in shortened(field, 512).chars() {
                if matches!(c, '|' | '\\') {
                    line.push('\\');
                }
                line.push(c);
            }
        }
        line += &format!("|{severity}|");
        let mut event = Self(line);
        if let Some(run) = run {
            event.text("dvchost", run.server(), 100);
            let case = run.labels.as_ref().and_then(|labels| labels.case.as_deref());
            event.custom(5, "case", case.unwrap_or_default());
            event.custom(6, "scan id", &run.scan_id);
        }
        event
    }

    /// A field of the extension of at most so many characters. An equals sign would begin another one.
    fn text(&mut self, key: &str, text: &str, most: usize) {
        let text = shortened(text, most);
        if text.is_empty() {
            return;
        }
        // Readers drop blanks at the ends of a value, and Windows names may end with one.
        let (start, end) = (text.len() - text.trim_start().len(), text.trim_end().len());
        if !self.0.ends_with('|') {
            self.0.push(' ');
        }
        self.0.push_str(key);
        self.0.push('=');
        for (at, c) in text.char_indices() {
            match c {
                _ if at < start || at >= end => self.0.push_str(&format!("<U+{:04X}>", u32::from(c))),
                '=' | '\\' => self.0.extend(['\\', c]),
                c => self.0.push(c),
            }
        }
    }

    /// A custom string, with what it is.
    fn custom(&mut self, number: u8, label: &str, text: &str) {
        if !text.is_empty() {
            self.text(&format!("cs{number}"), text, 4000);
            self.text(&format!("cs{number}Label"), label, 1023);
        }
    }

    fn number(&mut self, key: &str, number: impl Into<Option<u64>>) {
        if let Some(number) = number.into() {
            self.text(key, &number.to_string(), 20);
        }
    }

    /// Milliseconds since 1970; before that, where they would be negative, the date in full.
    fn time(&mut self, key: &str, time: Option<Time>) {
        let Some(time) = time else { return };
        let (seconds, millis) = (time.0.seconds(), time.0.nanos() / 1_000_000);
        let text = if seconds >= 0 {
            format!("{}", seconds.saturating_mul(1000).saturating_add(i64::from(millis)))
        } else {
            in_full(time, millis)
        };
        self.text(key, &text, 40);
    }

    /// What an event has of its record.
    fn head(&mut self, head: &Head) {
        self.text("externalId", &head.event.id, 40);
        self.time("rt", Some(head.event.created));
        if let Some(file) = &head.file {
            self.text("filePath", &file.path, 1023);
            self.text("fname", &file.name, 1023);
            self.number("fsize", file.size);
            self.time("fileCreateTime", file.created);
            self.time("fileModificationTime", file.mtime);
            let hash = file.hash.as_ref().and_then(|hash| hash.sha256.as_deref());
            self.text("fileHash", hash.unwrap_or_default(), 255);
        }
        self.text("request", head.url.as_ref().map(|url| url.path.as_str()).unwrap_or_default(), 1023);
        match head.source.as_ref().map(|client| client.ip) {
            Some(IpAddr::V4(ip)) => self.text("src", &ip.to_string(), 15),
            Some(IpAddr::V6(ip)) => {
                self.text("c6a2", &ip.to_string(), 45);
                self.text("c6a2Label", "Source IPv6 Address", 1023);
            }
            None => {}
        }
        if let Some(user) = &head.user {
            self.text("suser", user.name.as_deref().unwrap_or_default(), 1023);
            self.text("sntdom", user.domain.as_deref().unwrap_or_default(), 255);
            self.text("suid", user.id.as_deref().unwrap_or_default(), 1023);
        }
        if let Some(threat) = &head.threat {
            let technique = &threat.technique;
            let ids = technique.subtechnique.as_ref().map_or(&technique.id, |ids| &ids.id);
            self.custom(4, "MITRE ATT&CK techniques", &ids.join(" "));
        }
    }

    fn write(mut self, out: &mut dyn Write) -> io::Result<()> {
        self.0.push('\n');
        out.write_all(self.0.as_bytes())
    }
}

/// A time as `MMM dd yyyy HH:mm:ss.SSS zzz`.
fn in_full(time: Time, millis: u32) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = time.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    format!("{} {} {} {}.{millis:03} UTC", month.unwrap_or(&""), part(8, 10), part(0, 4), part(11, 19))
}

/// One line of at most so many characters; what is cut off is marked.
fn shortened(text: &str, most: usize) -> String {
    let text = plain(text);
    // Most are short; counting characters is for those that may not be.
    if text.len() <= most || text.chars().count() <= most {
        return text;
    }
    let room = most.saturating_sub(TRUNCATED.len());
    text.chars().take(room).chain(TRUNCATED.chars()).collect()
}

fn finding(run: &Run, finding: &Entry<FindingBody>, out: &mut dyn Write) -> io::Result<()> {
    let Entry { head, body } = finding;
    let strongest = body.reasons.first();
    let (id, name) = strongest.map_or(("finding", "suspicious file"), |one| (&one.id, &one.title));
    let mut event = Event::new(Some(run), id, name, severity(body.level.0));
    event.text("cat", "finding", 1023);
    event.head(head);
    event.custom(1, "level", body.level.0.name());
    let reasons: Vec<String> = body.reasons.iter().map(|reason| format!("{} {}", reason.score, reason.title)).collect();
    event.custom(2, "reasons", &reasons.join("; "));
    event.custom(3, "executes at", &body.executes_at().collect::<Vec<_>>().join(" "));
    event.text("cfp1", &format!("{:.1}", body.score), 10);
    event.text("cfp1Label", "score", 1023);
    if let Some(requests) = &body.file_requests {
        event.number("cn1", requests.count);
        event.text("cn1Label", "requests", 1023);
        event.time("start", requests.first);
        event.time("end", requests.last);
    }
    event.text("msg", &head.message, 1023);
    event.write(out)
}

fn hit(run: &Run, hit: &Entry<HitBody>, out: &mut dyn Write) -> io::Result<()> {
    let Entry { head, body: HitBody { level, hit, .. } } = hit;
    let mut event = Event::new(Some(run), &hit.check, &hit.title, severity(level.0));
    event.text("cat", "log_hit", 1023);
    event.head(head);
    event.time("start", head.event.start);
    event.time("end", head.event.end);
    event.number("cnt", hit.count);
    event.custom(1, "level", level.0.name());
    event.custom(2, "stage", hit.stage.0.name());
    event.custom(3, "CVEs", &hit.cves.join(" "));
    if let Some(line) = hit.locations.first() {
        event.text("oldFilePath", &format!("{}{}", line.path, line.if_deleted()), 1023);
        event.number("cn1", line.line);
        event.text("cn1Label", "line of the log", 1023);
        event.text("reason", &line.excerpt, 1023);
    }
    event.text("msg", &head.message, 1023);
    event.write(out)
}

fn gap(run: Option<&Run>, gap: &Gap, out: &mut dyn Write) -> io::Result<()> {
    let mut event = Event::new(run, gap.kind, &gap.kind.replace('_', " "), 3);
    event.text("cat", "gap", 1023);
    event.time("rt", gap.noticed);
    event.text("filePath", gap.path, 1023);
    event.text("msg", &gap.message, 1023);
    event.write(out)
}

/// The end of a run. One that does not judge, or that was cut short, has no verdict.
fn end(run: &Run, out: &mut dyn Write) -> io::Result<()> {
    let Some(end) = &run.end else { return Ok(()) };
    let Some(summary) = &end.summary else {
        let mut event = Event::new(Some(run), "scan_end", "end of the run", 0);
        event.text("cat", "scan_end", 1023);
        event.text("outcome", if end.complete { "complete" } else { "not complete" }, 63);
        return event.write(out);
    };
    let verdict = summary.verdict.0;
    let severity = match verdict {
        Outcome::Compromised => 10,
        Outcome::Suspicious | Outcome::Exposed => 6,
        Outcome::Attempted | Outcome::Incomplete => 3,
        Outcome::NothingFound => 0,
    };
    let words = verdict.words(summary.subject.0);
    let mut event = Event::new(Some(run), "scan_end", &format!("verdict: {words}"), severity);
    event.text("cat", "scan_end", 1023);
    event.text("outcome", words, 63);
    event.time("rt", Some(summary.ended));
    event.time("start", summary.started);
    event.time("end", Some(summary.ended));
    event.custom(1, "complete", if end.complete { "true" } else { "false" });
    event.custom(2, "gaps", summary.gaps.as_deref().unwrap_or_default());
    event.custom(3, "patch level", &summary.patch_level.join("; "));
    let count = |list: &[crate::record::LevelCount]| list.iter().map(|one| one.count).fold(0, u64::saturating_add);
    event.number("cn1", count(&summary.findings));
    event.text("cn1Label", "findings", 1023);
    if let Some(hits) = &summary.log_hits {
        event.number("cn2", count(hits));
        event.text("cn2Label", "log hits", 1023);
    }
    event.text("msg", &summary.description, 1023);
    event.write(out)
}

#[cfg(test)]
mod tests;
