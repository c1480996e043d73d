//! `diff`: what is new, gone or changed from one result to a later one.

use super::exit::Exit;
use super::outputs::{open, write_whole};
use super::report::refuse_integrity;
use super::results::{files, is_standard_input, read_into};
use super::sink::{Sink, refuse_inputs};
use super::{suppress, trace};
use crate::catalogue;
use crate::cli;
use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::report::{CaseReader, Diff, diff_jsonl, diff_table};
use crate::settings;
use crate::verdict::COUNTS;

pub(super) fn diff_verb(options: &cli::Diff) -> Result<Exit> {
    let output = &options.judged.output;
    trace::start(if output.quiet { 0 } else { output.verbose });
    if output.host.is_some() || output.labels.case_id.is_some() || output.labels.examiner.is_some() {
        return Err(Error::Usage("--host, --case and --examiner are in the results that are compared".to_owned()));
    }
    refuse_integrity(output)?;
    let destinations = settings::destinations(output, Some("diff"), &Timestamp::now().to_string()[..19])?;
    if let Some(other) = destinations.iter().find(|one| !["table", "jsonl"].contains(&one.format.id)) {
        return Err(Error::Usage(format!("differences are written as table or jsonl, not as {}", other.format.id)));
    }
    if is_standard_input(&options.older) && is_standard_input(&options.newer) {
        return Err(Error::Usage("standard input has one of the two results, not both".to_owned()));
    }
    let mut inputs = files(&[options.older.clone(), options.newer.clone()])?;
    inputs.retain(|path| !is_standard_input(path));
    refuse_inputs(&destinations, &inputs)?;
    let list = suppress::read(&options.judged.suppress, output.quiet)?;
    let read = |path| read_into(CaseReader::keeping_files(), std::slice::from_ref(path));
    let (mut older, mut newer) = (read(&options.older)?, read(&options.newer)?);
    for case in [&mut older, &mut newer] {
        list.iter().for_each(|list| case.suppress(list, &|id, outcome| catalogue::response().applies(id, outcome)));
    }
    let diff = Diff::new(&older, &newer);
    drop((older, newer));
    let fail_on = settings::level(options.judged.verdict.fail_on);
    let exit = match () {
        () if options.judged.verdict.exit_zero => Exit::Clean,
        () if diff.has_news(fail_on) => Exit::Found,
        () if diff.has_gaps() => Exit::Incomplete,
        () if diff.has_news(COUNTS) => Exit::Below,
        () => Exit::Clean,
    };
    let mut sinks = Vec::new();
    for destination in &destinations {
        let (sink, name) = open(destination, output.force, false)?;
        sinks.push((destination.format, sink, name));
    }
    for (format, sink, name) in sinks {
        let sink = sink.unwrap_or_else(|| Sink::standard_output(false));
        write_whole(sink, |out| match format.id {
            "jsonl" => diff_jsonl(&diff, out),
            _ => diff_table(&diff, output.verbose > 0, out),
        })
        .map_err(|source| Error::Output { to: name, source })?;
    }
    Ok(exit)
}
