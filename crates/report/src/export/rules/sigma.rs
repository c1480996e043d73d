//! Sigma: paths of found files as `file_event`, URLs at which they execute as `webserver`. One rule for each level, in parts.

use super::super::facts::{millis, some_of, techniques};
use super::super::uuid::own;
use super::found::{Exported, Found, LeftOut, Values, name_is_common, wanted};
use crate::case::Case;
use crate::model::Level;
use crate::record::FindingBody;
use crate::text::plain;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// Values of one rule: more are too many for the queries of some backends.
const VALUES: usize = 200;

/// What a rule looks at.
struct Kind {
    /// Part of the id of a rule.
    id: &'static str,
    title: &'static str,
    description: &'static str,
    logsource: &'static str,
    field: &'static str,
    false_positive: &'static str,
}

const FILES: Kind = Kind {
    id: "file_event",
    title: "file at the path of a finding",
    description: "A file is created at a path at which a scan of another server found a suspicious file.",
    logsource: "    category: file_event\n    product: windows",
    field: "TargetFilename|endswith",
    false_positive: "A file of the same name that belongs to an application",
};

const URLS: Kind = Kind {
    id: "webserver",
    title: "request for the URL of a finding",
    description: "A request for a URL path at which another server executes a suspicious file.",
    logsource: "    category: webserver",
    field: "cs-uri-stem",
    false_positive: "Scanners that try the names of known web shells",
};

pub(super) fn write(case: &Case, min_level: Level, exported: Exported, out: &mut dyn Write) -> io::Result<Exported> {
    let mut left_out = LeftOut::default();
    let (mut files, mut urls) = (Values::default(), Values::default());
    for (finding, server) in wanted(case, min_level, &mut left_out) {
        if let Some(why) = name_is_common(finding) {
            left_out.count(why);
            continue;
        }
        match below_the_drive(original_path(finding.path(), &finding.body)) {
            Some(path) => files.add(path.to_owned(), finding, server),
            None => left_out.count("at a path that no log writes like this"),
        }
        // In a recycle bin it is at none of the URLs of the other servers.
        let executes = finding.body.executes_at().filter(|_| finding.body.state.recycle_bin.is_none());
        for url in executes.filter(|url| url.len() > 1 && is_text(url)) {
            // IIS writes a blank as a plus sign.
            urls.add(url.replace(' ', "+"), finding, server);
        }
    }
    let values = files.list.len() + urls.list.len();
    let exported = Exported { values, left_out: left_out.words(), ..exported };
    writeln!(out, "# Found files by name: {} paths, {} URLs,", files.list.len(), urls.list.len())?;
    writeln!(out, "# of findings of level {min_level} and above. Their content is in the export to YARA.")?;
    exported.left_out.iter().try_for_each(|left_out| writeln!(out, "# Left out: {left_out}."))?;
    exported.unread.iter().try_for_each(|unread| writeln!(out, "# Not read of the results: {unread}"))?;
    let mut is_first = true;
    for (kind, values) in [(FILES, files), (URLS, urls)] {
        let mut levels: BTreeMap<Level, Vec<(String, Found<'_>)>> = BTreeMap::new();
        for (value, found) in values.list {
            levels.entry(found.finding.body.level.0).or_default().push((value, found));
        }
        for (level, values) in levels.iter().rev() {
            for (index, part) in values.chunks(VALUES).enumerate() {
                if !std::mem::take(&mut is_first) {
                    writeln!(out, "---")?;
                }
                rule(&kind, *level, index + 1, part, out)?;
            }
        }
    }
    Ok(exported)
}

fn rule(
    kind: &Kind,
    level: Level,
    number: usize,
    values: &[(String, Found<'_>)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let all: Vec<&str> = values.iter().map(|(value, _)| value.as_str()).collect();
    let id = own(&[&["sigma", kind.id, level.name()], &all[..]].concat());
    let part = if number == 1 { String::new() } else { format!(", part {number}") };
    let servers: BTreeSet<&str> = values.iter().flat_map(|(_, found)| found.servers.iter().copied()).collect();
    let servers: Vec<&str> = servers.into_iter().collect();
    let date = values.iter().map(|(_, found)| found.finding.head.event.created).max().map(millis).unwrap_or_default();
    writeln!(out, "title: shellsift {} ({level}{part})", kind.title)?;
    writeln!(out, "id: {id}\nstatus: experimental")?;
    writeln!(out, "description: {}", scalar(&format!("{} Found on: {}.", kind.description, some_of(&servers))))?;
    writeln!(out, "author: shellsift\ndate: {}", date.get(..10).unwrap_or("1970-01-01"))?;
    let heads = values.iter().map(|(_, found)| &found.finding.head);
    let tags = heads.flat_map(|head| techniques(head.threat.as_ref())).map(|technique| technique.id.to_lowercase());
    let tags: BTreeSet<String> = tags.collect();
    if !tags.is_empty() {
        writeln!(out, "tags:")?;
        tags.iter().try_for_each(|tag| writeln!(out, "    - attack.{tag}"))?;
    }
    writeln!(out, "logsource:\n{}", kind.logsource)?;
    writeln!(out, "detection:\n    selection:\n        {}:", kind.field)?;
    for value in all {
        writeln!(out, "            - {}", scalar(&literal(value)))?;
    }
    writeln!(out, "    condition: selection")?;
    writeln!(out, "falsepositives:\n    - {}", kind.false_positive)?;
    let level = if level == Level::Info { "informational" } else { level.name() };
    writeln!(out, "level: {level}")
}

/// Where a file was before it was moved to a recycle bin: its name there is made up anew each time.
fn original_path<'c>(path: &'c str, finding: &'c FindingBody) -> &'c str {
    finding.state.recycle_bin.as_ref().map_or(path, |bin| bin.original_path.as_str())
}

/// The path without its drive letter, which differs from server to server; `None` of a path that is none of Windows, or whose
/// name is not text.
fn below_the_drive(path: &str) -> Option<&str> {
    let rest = path.split_once(':').filter(|(drive, _)| drive.len() == 1)?.1;
    (rest.starts_with('\\') && rest.len() > 1 && is_text(rest)).then_some(rest)
}

/// Whether it is as logs write it: nothing of it is escaped, and nothing of it would have to be.
fn is_text(text: &str) -> bool {
    !text.contains(['<', '>']) && plain(text) == text
}

/// A value without wildcards: `*`, `?` and the backslash before them, or before another one, are escaped.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let special = match c {
            '*' | '?' => true,
            '\\' => chars.peek().is_none_or(|next| matches!(next, '*' | '?' | '\\')),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// A single-quoted scalar of YAML, on one line.
pub(super) fn scalar(text: &str) -> String {
    format!("'{}'", plain(text).replace('\'', "''"))
}
