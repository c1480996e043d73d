//! `report`: the results of earlier runs, of one server or of many, in any format.

use super::exit::Exit;
use super::outputs::{open, style, write_whole};
use super::results::{files, is_standard_input, read_case, remark};
use super::sink::{Sink, refuse_inputs};
use super::{suppress, trace};
use crate::catalogue;
use crate::cli;
use crate::error::{Error, Result};
use crate::model::Timestamp;
use crate::report::{Case, write_case};
use crate::settings::{self, Destination};
use std::io::{self, Write};

pub(super) fn report_verb(options: &cli::Report) -> Result<Exit> {
    let output = &options.judged.output;
    trace::start(if output.quiet { 0 } else { output.verbose });
    if output.host.is_some() {
        return Err(Error::Usage("--host: the names of the hosts are in the results".to_owned()));
    }
    let now = &Timestamp::now().to_string()[..19];
    refuse_integrity(output)?;
    // What is wrong with the outputs is said before much is read.
    check(&settings::destinations(output, None, now)?, options)?;
    let list = suppress::read(&options.judged.suppress, output.quiet)?;
    let mut case = read_case(&options.results)?;
    list.iter().for_each(|list| case.suppress(list, &|id, outcome| catalogue::response().applies(id, outcome)));
    case.label(output.labels.case_id.as_deref(), output.labels.examiner.as_deref());
    remark(&case, output.quiet);
    let host = match &case.servers()[..] {
        [one] => (*one).to_owned(),
        many => format!("{}_servers", many.len()),
    };
    let destinations = settings::destinations(output, Some(&host), now)?;
    check(&destinations, options)?;
    let exit = Exit::of_case(&case, settings::level(options.judged.verdict.fail_on), options.judged.verdict.exit_zero);
    let mut sinks = Vec::new();
    for destination in &destinations {
        let (sink, name) = open(destination, output.force, false)?;
        sinks.push((destination.format, sink, name));
    }
    let names: Vec<(String, &'static str)> = sinks.iter().map(|(format, _, name)| (name.clone(), format.id)).collect();
    let mut failed = None;
    for (format, sink, name) in sinks {
        let style = style(output, sink.is_none(), &name, &names);
        let sink = sink.unwrap_or_else(|| Sink::standard_output(false));
        let written = write_whole(sink, |out| match format.write {
            None => write_records(&case, output.quiet, out),
            Some(draw) => draw(&case, style, out),
        });
        if let Err(source) = written {
            failed.get_or_insert(Error::Output { to: name, source });
        }
    }
    failed.map_or(Ok(exit), Err)
}

/// A hash chain and a signature are of the run itself: records that are written again are others.
pub(super) fn refuse_integrity(output: &cli::Output) -> Result<()> {
    match output.integrity.chain || output.integrity.sign.is_some() {
        true => Err(Error::Usage("--chain and --sign are for the JSONL output of a run".to_owned())),
        false => Ok(()),
    }
}

/// No output may take the place of an input.
fn check(destinations: &[Destination], options: &cli::Report) -> Result<()> {
    let mut inputs = files(&options.results)?;
    inputs.retain(|path| !is_standard_input(path));
    refuse_inputs(destinations, &inputs)
}

/// The records again. What is not among them is said.
fn write_records(case: &Case, quiet: bool, out: &mut dyn Write) -> io::Result<()> {
    if !quiet && case.examined() > 0 {
        let count = case.examined();
        let _ = writeln!(io::stderr(), "shellsift: {count} records of files without a finding are not written again");
    }
    write_case(case, out)
}
