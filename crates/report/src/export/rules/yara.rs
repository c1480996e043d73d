//! YARA: one rule for each content, by its size and SHA-256. It needs the module `hash`.

use super::super::facts::sha256;
use super::super::facts::{millis, some_of, why};
use super::found::{Exported, Found, LeftOut, Values, wanted};
use crate::case::Case;
use crate::model::Level;
use crate::text::{plain, truncate};
use std::io::{self, Write};

/// Columns of a string in `meta`.
const WIDTH: usize = 400;

pub(super) fn write(case: &Case, min_level: Level, exported: Exported, out: &mut dyn Write) -> io::Result<Exported> {
    let mut left_out = LeftOut::default();
    let mut values = Values::default();
    for (finding, server) in wanted(case, min_level, &mut left_out) {
        match sha256(finding.head.file.as_ref()) {
            Some(sha256) => values.add(sha256.to_owned(), finding, server),
            None => left_out.count("without a hash, or without content"),
        }
    }
    let exported = Exported { values: values.list.len(), left_out: left_out.words(), ..exported };
    writeln!(out, "// Found files by content: {} rules, findings of level {min_level} and above.", exported.values)?;
    exported.left_out.iter().try_for_each(|left_out| writeln!(out, "// Left out: {left_out}."))?;
    exported.unread.iter().try_for_each(|unread| writeln!(out, "// Not read of the results: {unread}"))?;
    writeln!(out, "// Names are in the export to Sigma.\n\nimport \"hash\"")?;
    for (sha256, found) in &values.list {
        rule(sha256, found, out)?;
    }
    Ok(exported)
}

fn rule(sha256: &str, found: &Found<'_>, out: &mut dyn Write) -> io::Result<()> {
    let finding = found.finding;
    let file = finding.head.file.as_ref();
    writeln!(out, "\nrule shellsift_{sha256}\n{{\n    meta:")?;
    let mut meta = |name: &str, text: &str| {
        if text.is_empty() { Ok(()) } else { writeln!(out, "        {name} = \"{}\"", string(text)) }
    };
    meta("description", &why(finding))?;
    meta("path", finding.path())?;
    meta("found_on", &some_of(&found.servers))?;
    meta("sha256", sha256)?;
    meta("level", finding.body.level.0.name())?;
    meta("date", millis(finding.head.event.created).get(..10).unwrap_or_default())?;
    writeln!(out, "        score = {}", finding.body.score.round().clamp(0.0, 100.0) as u8)?;
    // The size is compared first: without it the hash of every file would be taken.
    let size = file.and_then(|file| file.size).and_then(|size| i64::try_from(size).ok());
    let size = size.map(|size| format!("filesize == {size} and ")).unwrap_or_default();
    writeln!(out, "    condition:\n        {size}hash.sha256(0, filesize) == \"{sha256}\"\n}}")
}

/// Text between the quotes of a YARA string, on one line.
pub(super) fn string(text: &str) -> String {
    truncate(&plain(text), WIDTH).replace('\\', "\\\\").replace('"', "\\\"")
}
