//! `sites`: what discovery finds, and what changed in the configuration.

use super::exit::Exit;
use super::pipeline::{Pipeline, Request};
use super::steps::keep;
use crate::cli;
use crate::config::server::{Application, Physical, Site};
use crate::error::Result;
use crate::model::{ConfigChange, Level, ReviewedArea, SiteMap, WebApplication, WebFolder, WebSite};
use crate::targets::iis::Iis;
use crate::targets::{self, Area, Plan, UrlMap};
use crate::{report, settings};

pub(super) fn sites_verb(options: &cli::Sites) -> Result<Exit> {
    let options: &'static cli::Sites = keep(options.clone());
    let mut run = Pipeline::open(Request {
        targets: &options.targets,
        output: &options.output,
        timeout: options.timeout.timeout,
        open: settings::open,
        is_partial_worth_it: false,
        has_findings: false,
    })?;
    run.discover()?;
    run.begin(String::new(), Vec::new(), Level::Info)?;
    run.report_plan(|_| true);
    let (inputs, plan) = (run.inputs, run.plan);
    let map = run.step("reading the configuration", move |problems| {
        let changes = plan.servers().flat_map(|iis| targets::history(&inputs.evidence, iis, problems)).collect();
        site_map(plan, &UrlMap::new(&inputs.evidence, plan), changes)
    })?;
    let map = map.unwrap_or_default();
    if let Some(writers) = &mut run.collector.writers {
        map.sites.iter().for_each(|site| writers.jsonl(|jsonl| jsonl.site(site)));
    }
    let done = run.conclude(&[], &[], false)?;
    let exit = Exit::of_coverage(&done.results.problems);
    done.write(Some(&|results, _, out| report::sites(results, &map, out)))?;
    Ok(exit)
}

/// What the configuration says, as plain values.
fn site_map(plan: &Plan, urls: &UrlMap<'_>, changes: Vec<ConfigChange>) -> SiteMap {
    let sites = plan.servers().flat_map(|iis| iis.sites.iter().map(|site| one_site(iis, site, urls))).collect();
    let deviations = plan.deviations().into_iter().map(|one| (one.score, one.words)).collect();
    // One that lies in another which examines as much needs no line of its own.
    let inside = |area: &Area, other: &Area| {
        other != area && area.path.below(&other.path).is_some_and(|below| !below.is_empty())
    };
    let covered =
        |area: &&Area| !plan.areas.iter().any(|other| inside(area, other) && (other.every_file || !area.every_file));
    let areas = plan.areas.iter().filter(covered);
    let areas =
        areas.map(|area| ReviewedArea { path: area.path.clone(), role: area.role, every_file: area.every_file });
    SiteMap { sites, deviations, changes, areas: areas.collect() }
}

fn one_site(iis: &Iis, site: &Site, urls: &UrlMap<'_>) -> WebSite {
    let applications = site.applications.iter().map(|application| WebApplication {
        path: application.path.clone(),
        pool: pool(iis, site, application),
        authentication: urls.authentication(site, application),
        folders: application
            .folders
            .iter()
            .flat_map(|folder| {
                let url = application.url(folder);
                match &folder.physical {
                    Physical::Folders(paths) => {
                        paths.iter().map(|path| WebFolder::present(&url, path.as_str())).collect()
                    }
                    Physical::Missing(path) => vec![WebFolder::missing(&url, path.as_str())],
                    Physical::NotGiven => vec![WebFolder::not_provided(&url, &folder.configured)],
                }
            })
            .collect(),
    });
    WebSite {
        id: site.id.clone(),
        name: site.name.clone(),
        logs: site.logs.clone(),
        bindings: site.bindings.clone(),
        applications: applications.collect(),
    }
}

/// A pool with what is known of it: its account, its version of .NET, and what is unusual about it.
fn pool(iis: &Iis, site: &Site, application: &Application) -> String {
    let name = iis.pool_of(site, application);
    let Some(pool) = iis.pool(name) else { return format!("{name} (not configured)") };
    let mut known = Vec::new();
    if !pool.identity.is_empty() {
        known.push(pool.identity.clone());
    }
    match pool.runtime.as_deref() {
        Some("") => known.push("no .NET".to_owned()),
        Some(version) => known.push(format!(".NET {version}")),
        None => {}
    }
    if pool.is_32_bit {
        known.push("32-bit".to_owned());
    }
    if pool.is_classic {
        known.push("classic pipeline".to_owned());
    }
    if known.is_empty() { name.to_owned() } else { format!("{name} ({})", known.join(", ")) }
}
