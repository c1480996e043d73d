//! JSONL for Timesketch: one row per time, with `message`, `datetime`, `timestamp_desc`, and everything else flat, by the names that
//! Plaso gives it where it has one. <https://timesketch.org/guides/user/import-from-json-csv/>

use crate::case::{Case, Entry, Gap, Head, Run};
use crate::jsonl::json_line;
use crate::record::{FindingBody, HealthRecord, HitBody, RequestsRecord, Time, TimelineRecord};
use crate::text::plain;
use crate::{Format, Style};
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::{self, Write};

pub(super) const FORMAT: Format = Format {
    id: "timesketch",
    extension: "timesketch.jsonl",
    about: "one row per time as JSONL, for Timesketch",
    findings_only: false,
    write: Some(write),
};

/// A row. The first four are what Timesketch needs.
#[derive(Serialize)]
struct Row<'r> {
    message: &'r str,
    /// ISO 8601 in UTC, to the microsecond.
    datetime: String,
    /// What the time is, in Plaso's words.
    timestamp_desc: &'r str,
    /// Microseconds since 1970.
    timestamp: i64,
    #[serde(flatten)]
    fields: &'r Map<String, Value>,
}

/// Times and what they are.
type Times<'t> = Vec<(&'t str, Option<Time>)>;

/// What stands for a time where there is none, so that nothing is left out: when the record was made.
const NO_TIME: &str = "Record Time";

/// The fields of rows that share them.
#[derive(Clone, Default)]
struct Fields(Map<String, Value>);

impl Fields {
    /// Those of every row of a run.
    fn of(run: &Run) -> Self {
        let mut fields = Self::default();
        fields.text("hostname", run.server());
        fields.text("scan_id", &run.scan_id);
        let labels = run.labels.as_ref();
        fields.text("case", labels.and_then(|labels| labels.case.as_deref()).unwrap_or_default());
        fields.text("examiner", labels.and_then(|labels| labels.examiner.as_deref()).unwrap_or_default());
        fields
    }

    /// Those of every row of a record.
    fn with(&self, kind: &str, head: &Head) -> Self {
        let mut fields = self.clone();
        fields.text("data_type", &format!("shellsift:{kind}"));
        fields.text("event_id", &head.event.id);
        if let Some(file) = &head.file {
            fields.text("filename", &file.path);
            fields.text("inode", file.inode.as_deref().unwrap_or_default());
            fields.number("file_size", file.size);
            fields.list("file_attributes", &file.attributes);
            if let Some(hash) = &file.hash {
                fields.text("sha256_hash", hash.sha256.as_deref().unwrap_or_default());
                fields.text("sha1_hash", hash.sha1.as_deref().unwrap_or_default());
                fields.text("md5_hash", hash.md5.as_deref().unwrap_or_default());
            }
        }
        fields.text("url", head.url.as_ref().map(|url| url.path.as_str()).unwrap_or_default());
        if let Some(rule) = &head.rule {
            fields.text("rule", &rule.id);
            fields.text("ruleset", rule.ruleset.as_deref().unwrap_or_default());
        }
        if let Some(client) = &head.source {
            fields.text("source_ip", &client.ip.to_string());
        }
        if let Some(user) = &head.user {
            fields.text("username", user.name.as_deref().unwrap_or_default());
            fields.text("user_sid", user.id.as_deref().unwrap_or_default());
        }
        fields.list("techniques", &techniques(head));
        let implausible = head.implausible_times.iter();
        let implausible: Vec<String> =
            implausible.map(|time| format!("{}: Unix time {}", time.field, time.unix_time)).collect();
        fields.list("implausible_times", &implausible);
        fields
    }

    fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.0.insert(name.to_owned(), plain(text).into());
        }
    }

    fn number(&mut self, name: &str, number: impl Into<Option<u64>>) {
        if let Some(number) = number.into() {
            self.0.insert(name.to_owned(), number.into());
        }
    }

    fn list<T: AsRef<str>>(&mut self, name: &str, list: &[T]) {
        if !list.is_empty() {
            let list: Vec<String> = list.iter().map(|text| plain(text.as_ref())).collect();
            self.0.insert(name.to_owned(), list.into());
        }
    }

    /// Writes a row per time, equal ones of one meaning once.
    fn rows(&self, message: &str, times: &Times, else_at: Time, out: &mut dyn Write) -> io::Result<()> {
        let message = plain(message);
        let mut known = times.iter().filter_map(|(what, time)| Some((*what, (*time)?))).peekable();
        if known.peek().is_none() {
            return self.row(&message, NO_TIME, else_at, out);
        }
        known.try_for_each(|(what, time)| self.row(&message, what, time, out))
    }

    fn row(&self, message: &str, timestamp_desc: &str, time: Time, out: &mut dyn Write) -> io::Result<()> {
        let micros = time.0.seconds().saturating_mul(1_000_000).saturating_add(i64::from(time.0.nanos() / 1000));
        let text = time.to_string();
        // 2021-03-03T06:59:21.307123, of whatever precision the time has.
        let datetime = format!("{}+00:00", text.get(..26).unwrap_or(&text));
        let mut line = json_line(&Row { message, datetime, timestamp_desc, timestamp: micros, fields: &self.0 })?;
        line.push(b'\n');
        out.write_all(&line)
    }
}

fn write(case: &Case, _: Style, out: &mut dyn Write) -> io::Result<()> {
    for run in &case.runs {
        let of_run = Fields::of(run);
        run_itself(run, &of_run, out)?;
        run.findings.iter().try_for_each(|one| finding(one, &of_run, out))?;
        run.hits.iter().try_for_each(|one| hit(one, &of_run, out))?;
        run.requests.iter().try_for_each(|one| requests(one, &of_run, out))?;
        run.timeline.iter().try_for_each(|one| timeline_event(one, &of_run, out))?;
        run.health.iter().try_for_each(|one| health(one, &of_run, out))?;
        let at = end_of(run);
        run.gaps().iter().try_for_each(|one| gap(one, &of_run, at, out))?;
    }
    // What concerns no run has no time of its own: that of the last thing known.
    let last = case.runs.iter().map(end_of).max().unwrap_or_else(Time::now);
    case.gaps_of_inputs().iter().try_for_each(|one| gap(one, &Fields::default(), last, out))
}

/// When a run ended or, where that is not known, when it began.
fn end_of(run: &Run) -> Time {
    let ended = run.end.as_ref().and_then(|end| end.summary.as_ref()).map(|summary| summary.ended);
    ended.or_else(|| run.start.as_ref()?.started).unwrap_or_else(Time::now)
}

fn run_itself(run: &Run, of_run: &Fields, out: &mut dyn Write) -> io::Result<()> {
    if let Some(start) = &run.start {
        let mut fields = of_run.clone();
        fields.text("data_type", "shellsift:scan_start");
        fields.text("command_line", &start.command_line);
        let message = format!("shellsift started: {}", start.command_line);
        fields.rows(&message, &vec![("Scan Start Time", start.started)], end_of(run), out)?;
    }
    if let Some(summary) = run.end.as_ref().and_then(|end| end.summary.as_ref()) {
        let mut fields = of_run.clone();
        fields.text("data_type", "shellsift:scan_end");
        let verdict = summary.verdict.0.words(summary.subject.0);
        fields.text("verdict", verdict);
        fields.list("tag", &[verdict]);
        let message = format!("{verdict}: {}", summary.description);
        fields.rows(&message, &vec![("Scan End Time", Some(summary.ended))], summary.ended, out)?;
    }
    Ok(())
}

fn finding(finding: &Entry<FindingBody>, of_run: &Fields, out: &mut dyn Write) -> io::Result<()> {
    let Entry { head, body } = finding;
    let mut fields = of_run.with("finding", head);
    level(&mut fields, body.level.0.name(), head);
    fields.0.insert("score".to_owned(), body.score.into());
    let reasons: Vec<String> = body.reasons.iter().map(|reason| format!("{} {}", reason.score, reason.title)).collect();
    fields.list("reasons", &reasons);
    fields.list("executes_at", &body.executes_at().collect::<Vec<_>>());
    fields.text("patch_level", body.patch_level.as_deref().unwrap_or_default());
    let file = head.file.clone().unwrap_or_default();
    let mut times = vec![
        ("Creation Time", file.created),
        ("Content Modification Time", file.mtime),
        ("Metadata Modification Time", file.ctime),
        ("Last Access Time", file.accessed),
    ];
    if let Some(ntfs) = &body.state.ntfs {
        fields.number("mft_sequence", ntfs.sequence.map(u64::from));
        if ntfs.deleted {
            fields.0.insert("is_deleted".to_owned(), true.into());
        }
        times.extend([
            ("Creation Time ($FILE_NAME)", ntfs.name_created),
            ("Content Modification Time ($FILE_NAME)", ntfs.name_modified),
            ("Metadata Modification Time ($FILE_NAME)", ntfs.name_changed),
            ("Last Access Time ($FILE_NAME)", ntfs.name_accessed),
        ]);
        if let Some(shadow) = &ntfs.shadow {
            times.push(("Shadow Copy Creation Time", shadow.created));
        }
    }
    if let Some(compiled) = &body.state.compiled {
        times.push(("Compilation Time", compiled.time));
    }
    if let Some(recycled) = &body.state.recycle_bin {
        fields.text("original_path", &recycled.original_path);
        times.push(("Content Deletion Time", recycled.deleted));
    }
    if let Some(requests) = &body.file_requests {
        fields.number("requests", requests.count);
        fields.number("clients", requests.clients);
    }
    fields.rows(&head.message, &times, head.timestamp, out)
}

/// The level, and what Timesketch shows as tags: the level and the techniques.
fn level(fields: &mut Fields, level: &'static str, head: &Head) {
    fields.text("level", level);
    let mut tags = vec![level];
    tags.extend(techniques(head));
    fields.list("tag", &tags);
}

/// The ids of the techniques of a record, the most specific ones.
fn techniques(head: &Head) -> Vec<&str> {
    let Some(threat) = &head.threat else { return Vec::new() };
    let subtechniques = threat.technique.subtechnique.as_ref().map(|ids| ids.id.as_slice()).unwrap_or_default();
    let is_named = |id: &str| subtechniques.iter().any(|sub| sub.split('.').next() == Some(id));
    let techniques = threat.technique.id.iter().filter(|id| !is_named(id));
    techniques.chain(subtechniques).map(AsRef::as_ref).collect()
}

fn hit(hit: &Entry<HitBody>, of_run: &Fields, out: &mut dyn Write) -> io::Result<()> {
    let Entry { head, body: HitBody { level: of, hit, .. } } = hit;
    let mut fields = of_run.with("log_hit", head);
    level(&mut fields, of.0.name(), head);
    fields.text("stage", hit.stage.0.name());
    fields.text("client", hit.client.as_deref().unwrap_or_default());
    fields.list("cves", &hit.cves);
    fields.number("count", hit.count);
    fields.text("patch_level", hit.patch_level.as_deref().unwrap_or_default());
    if let Some(line) = hit.locations.first() {
        fields.text("log_file", &line.path);
        if line.deleted {
            fields.0.insert("log_is_deleted".to_owned(), true.into());
        }
        fields.number("log_line", line.line);
        fields.text("log_text", &line.excerpt);
    }
    fields.rows(&head.message, &span(head), head.timestamp, out)
}

/// The first and the last time of a record, one row where they are the same.
fn span(head: &Head) -> Times<'static> {
    let (start, end) = (head.event.start, head.event.end);
    vec![("Start Time", start), ("End Time", end.filter(|end| start != Some(*end)))]
}

fn requests(requests: &Entry<RequestsRecord>, of_run: &Fields, out: &mut dyn Write) -> io::Result<()> {
    let Entry { head, body } = requests;
    let mut fields = of_run.with("file_requests", head);
    fields.number("count", body.count);
    for (name, list) in [
        ("http_methods", &body.methods),
        ("http_statuses", &body.statuses),
        ("clients", &body.clients),
        ("user_agents", &body.user_agents),
    ] {
        let list: Vec<String> = list.iter().map(|one| format!("{} ({})", one.value, one.count)).collect();
        // `clients` of a finding is a number, and an index has one type per name.
        fields.list(if name == "clients" { "client_list" } else { name }, &list);
    }
    let mut times = span(head);
    times.push(("First Successful Request", body.first_success));
    times.push(("Last Successful Request", body.last_success.filter(|last| body.first_success != Some(*last))));
    fields.rows(&head.message, &times, head.timestamp, out)
}

fn timeline_event(event: &Entry<TimelineRecord>, of_run: &Fields, out: &mut dyn Write) -> io::Result<()> {
    let mut fields = of_run.with("timeline_event", &event.head);
    fields.text("event_kind", event.body.kind.0.name());
    let times = vec![("Event Time", event.head.event.start)];
    fields.rows(&event.head.message, &times, event.head.timestamp, out)
}

fn health(health: &Entry<HealthRecord>, of_run: &Fields, out: &mut dyn Write) -> io::Result<()> {
    let Entry { head, body } = health;
    let mut fields = of_run.with("health", head);
    fields.text("build", &body.build);
    let exploited = body.vulnerabilities.iter().filter(|one| one.known_exploited);
    fields.list("cves", &exploited.map(|one| one.cve.as_str()).collect::<Vec<_>>());
    fields.list("updates_to_install", &body.updates_to_install);
    fields.rows(&head.message, &Vec::new(), head.timestamp, out)?;
    // A build without a time is in no timeline; the record has it.
    for seen in body.builds_seen.iter().filter(|seen| seen.first.is_some() || seen.last.is_some()) {
        let mut fields = of_run.with("build_seen", head);
        fields.text("build", &seen.build);
        fields.text("source", &seen.source);
        let last = seen.last.filter(|last| seen.first != Some(*last));
        let times = vec![("First Seen", seen.first), ("Last Seen", last)];
        fields.rows(&format!("Exchange build {} in {}", seen.build, seen.source), &times, head.timestamp, out)?;
    }
    Ok(())
}

fn gap(gap: &Gap, of_run: &Fields, at: Time, out: &mut dyn Write) -> io::Result<()> {
    let mut fields = of_run.clone();
    fields.text("data_type", "shellsift:gap");
    fields.text("gap_kind", gap.kind);
    fields.text("filename", gap.path);
    let times = vec![("Gap Start Time", gap.from), ("Gap End Time", gap.to)];
    fields.rows(&format!("{}: {}", gap.kind, gap.message), &times, gap.noticed.unwrap_or(at), out)
}

#[cfg(test)]
mod tests;
