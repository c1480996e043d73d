//! A plan as plain values, for reports.

use super::UrlMap;
use super::iis::{Application, Iis, Physical, Site};
use super::plan::{Area, Plan};
use crate::model::overview::{ApplicationOverview, AreaOverview, FolderState, Overview, SiteOverview};

/// The sites, deviations and areas of a plan.
pub fn overview(plan: &Plan, map: &UrlMap<'_>) -> Overview {
    let sites = plan.servers().flat_map(|iis| iis.sites.iter().map(|site| one_site(iis, site, map)));
    // An area inside another one that examines as much needs no line of its own.
    let is_inside = |area: &Area| {
        let around =
            |other: &&Area| *other != area && area.path.below(&other.path).is_some_and(|rest| !rest.is_empty());
        plan.areas.iter().filter(around).any(|other| other.every_file || !area.every_file)
    };
    let areas = plan.areas.iter().filter(|area| !is_inside(area));
    Overview {
        sites: sites.collect(),
        deviations: plan.deviations().into_iter().map(|deviation| (deviation.score, deviation.words)).collect(),
        areas: areas
            .map(|area| AreaOverview { path: area.path.clone(), role: area.role, every_file: area.every_file })
            .collect(),
    }
}

fn one_site(iis: &Iis, site: &Site, map: &UrlMap<'_>) -> SiteOverview {
    SiteOverview {
        id: site.id.clone(),
        name: site.name.clone(),
        logs: site.logs.clone(),
        bindings: site.bindings.clone(),
        applications: site
            .applications
            .iter()
            .map(|application| one_application(iis, site, application, map))
            .collect(),
    }
}

fn one_application(iis: &Iis, site: &Site, application: &Application, map: &UrlMap<'_>) -> ApplicationOverview {
    let folders = application.folders.iter().flat_map(|folder| {
        let states = match &folder.physical {
            Physical::Folders(paths) => paths.iter().cloned().map(FolderState::Found).collect(),
            Physical::Missing(path) => vec![FolderState::Missing(path.clone())],
            Physical::NotGiven => vec![FolderState::NotProvided(folder.configured.clone())],
        };
        let url = application.url(folder);
        states.into_iter().map(move |state| (url.clone(), state))
    });
    let pool = iis.pool_of(site, application);
    ApplicationOverview {
        path: application.path.clone(),
        pool: pool.to_owned(),
        pool_details: pool_details(iis, pool),
        authentication: map.authentication(site, application),
        folders: folders.collect(),
    }
}

fn pool_details(iis: &Iis, name: &str) -> Vec<String> {
    let Some(pool) = iis.pool(name) else { return vec!["not configured".to_owned()] };
    let mut details = Vec::new();
    if !pool.identity.is_empty() {
        details.push(pool.identity.clone());
    }
    match pool.runtime.as_deref() {
        Some("") => details.push("no .NET".to_owned()),
        Some(version) => details.push(format!(".NET {version}")),
        None => {}
    }
    if pool.is_32_bit {
        details.push("32-bit".to_owned());
    }
    if pool.is_classic {
        details.push("classic pipeline".to_owned());
    }
    details
}
