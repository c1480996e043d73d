//! `sites`: what discovery finds, and what changed in the configuration.

use super::exit::Exit;
use super::pipeline::{Pipeline, Request};
use super::provenance::Equipment;
use super::steps::keep;
use crate::cli;
use crate::error::Result;
use crate::model::{ConfigChange, Level};
use crate::targets::{self, UrlMap};
use crate::{inputs, report};

pub(super) fn sites_verb(options: &cli::Sites) -> Result<Exit> {
    let options: &'static cli::Sites = keep(options.clone());
    let mut run = Pipeline::open(Request {
        targets: &options.examined.targets,
        output: &options.examined.output,
        timeout: options.examined.timeout.timeout,
        open: inputs::open,
        is_partial_worth_it: false,
        has_findings: false,
    })?;
    run.discover()?;
    run.begin(Equipment::default(), Level::Info)?;
    run.report_plan(|_| true);
    let (inputs, plan) = (run.inputs, run.plan);
    let configuration = run.step("reading the configuration", move |problems| {
        let servers = plan.servers();
        let changes = servers.flat_map(|iis| targets::history(&inputs.evidence, &plan.configs, iis, problems));
        let changes: Vec<ConfigChange> = changes.collect();
        (targets::overview(plan, &UrlMap::new(&inputs.evidence, plan)), changes)
    })?;
    let (overview, changes) = configuration.unwrap_or_default();
    if let Some(writers) = &mut run.collector.writers {
        overview.sites.iter().for_each(|site| writers.record(|recorder| recorder.site(site)));
    }
    let done = run.conclude(&[], &[], false)?;
    let exit = Exit::of_coverage(&done.results.problems);
    done.write(Some(&|results, _, out| {
        report::sites(&results.sources, &results.discovered, &overview, &changes, &results.problems, out)
    }))?;
    Ok(exit)
}
