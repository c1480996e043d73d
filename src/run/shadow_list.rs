//! `scan --shadow list`: the shadow copies of the volumes, and nothing else.

use super::exit::Exit;
use super::pipeline::{Pipeline, Request};
use super::provenance::Equipment;
use crate::cli;
use crate::error::Result;
use crate::inputs;
use crate::model::Level;
use crate::report;

pub(super) fn list(options: &'static cli::Scan) -> Result<Exit> {
    let mut run = Pipeline::open(Request {
        targets: &options.targets,
        output: &options.output,
        timeout: options.load.size.timeout,
        open: inputs::open,
        is_partial_worth_it: false,
        has_findings: false,
    })?;
    run.shadow.choose(options.shadow.shadow.as_ref())?;
    run.discovered.clone_from(&run.inputs.discovered);
    run.begin(Equipment::default(), Level::Info)?;
    let (copies, problems) = (run.shadow.all.clone(), std::mem::take(&mut run.shadow.problems));
    problems.into_iter().for_each(|problem| run.collector.problem(problem));
    if let Some(writers) = &mut run.collector.writers {
        copies.iter().for_each(|copy| writers.record(|recorder| recorder.shadow_copy(copy)));
    }
    let done = run.conclude(&[], &[], false)?;
    let exit = Exit::of_coverage(&done.results.problems);
    done.write(Some(&|results, _, out| report::shadow_copies(results, &copies, out)))?;
    Ok(exit)
}
