//! `explain`: one file.

use super::sink::refuse_standard_output;
use super::steps::{self, interruption, keep};
use super::{Exit, Loaded, load, print, stock_tables};
use crate::cli;
use crate::decode;
use crate::detect::{DETECTORS, behaviour};
use crate::error::{Error, Result};
use crate::evidence::Evidence;
use crate::model::explanation::Explanation;
use crate::model::{EntryKind, Level, Location, Reason};
use crate::report;
use crate::scan::{self, Counters, Event};
use crate::settings;
use crate::targets;
use crate::watch::{self, Errand};
use std::io;
use std::time::Duration;

pub(super) fn explain_verb(options: &cli::Explain) -> Result<Exit> {
    interruption();
    watch::wait_at_most(Duration::from_secs(options.size.timeout));
    let options = options.clone();
    // In one piece, since there is nothing to tell before the end of it.
    let mut problems = Vec::new();
    let (text, exit) = steps::done(Errand::start(move || explain(&options)).wait(&mut problems))??;
    print(|out| out.write_all(&text))?;
    Ok(exit)
}

fn explain(options: &cli::Explain) -> Result<(Vec<u8>, Exit)> {
    let max_size = settings::parse_size(&options.size.max_size)?;
    let window = settings::window(&options.times)?;
    let file = options.file.as_ref().ok_or_else(|| Error::Usage("no file is named".to_owned()))?;
    let metadata = std::fs::symlink_metadata(file).map_err(|source| Error::Target { path: file.clone(), source })?;
    if !metadata.is_file() {
        return Err(Error::Usage(format!("{} is not a regular file", file.display())));
    }
    let root = options.within.clone().or_else(|| settings::root_above(file));
    let targets = cli::Targets { targets: vec![root.unwrap_or_else(|| file.clone())], map: Vec::new(), shape: None };
    // What hangs in a scan is left behind, with what it looks at.
    let opened: &'static settings::Inputs = keep(settings::open(&targets)?);
    let path = opened
        .evidence
        .name_of(file)
        .ok_or_else(|| Error::Usage(format!("{} does not lie in {}", file.display(), targets.targets[0].display())))?;
    let plan: &'static targets::Plan = keep(targets::discover(&opened.evidence, &opened.given, &opened.drives, false));
    refuse_standard_output(opened, plan)?;
    let detectors: &'static [&'static str] =
        keep(DETECTORS.iter().map(|detector| detector.id).collect::<Vec<_>>()).as_slice();
    let loaded: &'static Loaded = keep(load(&options.rules, &options.lists, detectors, options.size.timeout, window)?);
    let mut problems = loaded.problems.clone();
    let survey: &'static scan::Survey = keep(scan::single(&opened.evidence, plan, &path, &mut problems));
    let interrupted = interruption();
    // Only the file's own installation is asked for its build.
    let mut own = plan.clone();
    own.exchange.retain(|root| path.below(root).is_some());
    own.areas.retain(|area| own.exchange.iter().any(|root| area.path.below(root).is_some()));
    let around = scan::survey(&opened.evidence, &own, interrupted, &mut Vec::new());
    let tables = stock_tables(!own.exchange.is_empty(), &options.lists, detectors)?;
    let stock = tables.map(|tables| keep(scan::Stock::new(&opened.evidence, &own, &around, tables, interrupted)));
    let settings = keep(scan::Settings {
        threads: 1,
        max_size,
        cpu_limit: 100,
        detectors,
        allowed: &loaded.allowed,
        interrupted,
        on_worker: || {},
    });
    let (mut finding, mut clean) = (None, None);
    let job = scan::Job { evidence: &opened.evidence, plan, survey, stock, knowledge: &loaded.knowledge, settings };
    scan::scan_detached(&job, keep(Counters::default()), true, &mut |event| {
        match event {
            Event::Finding(found) => finding = Some(found),
            Event::Clean(artefact) => clean = Some(artefact),
            Event::Problem(problem) => problems.push(problem),
        }
        true
    });
    let artefact = match (&finding, &clean) {
        (Some(finding), _) => finding.artefact.clone(),
        (None, Some(artefact)) => (**artefact).clone(),
        (None, None) => {
            let why = problems.first().map_or("it could not be examined".to_owned(), |problem| problem.message.clone());
            return Err(Error::Target { path: file.clone(), source: io::Error::other(why) });
        }
    };
    // Read once more, for the text around each proof.
    let mut reader = scan::Reader::new(max_size);
    let mut artefact = artefact;
    if let Ok(content) = opened.evidence.open(&path)
        && reader.read(content, interrupted).is_ok()
    {
        reader.complete(&mut artefact.hashes);
    }
    let views = |(start, piece)| decode::views(piece, start, decode::Effort::Thorough).views;
    let views: Vec<decode::View<'_>> = reader.pieces().flat_map(views).collect();
    let listings = behaviour::listings(&artefact, &views);
    let context = |location: &Location| decode::context(&views, location);
    let of_reason = |reason: &Reason| reason.locations.iter().map(context).collect();
    let reasons = finding.iter().flat_map(|finding| &finding.reasons);
    let explanation = Explanation {
        contexts: reasons.map(of_reason).collect(),
        artefact,
        finding: finding.map(|finding| *finding),
        views: views.iter().map(decode::outline).collect(),
        listings,
        problems,
    };
    let mut text = Vec::new();
    report::explain(&explanation, &mut text).map_err(|error| Error::Internal(error.to_string()))?;
    let Explanation { artefact, finding, problems, .. } = explanation;
    let exit = match finding {
        Some(finding) if finding.level >= Level::Medium => Exit::Found,
        _ if artefact.entry.kind != EntryKind::File || !problems.is_empty() => Exit::Incomplete,
        _ => Exit::Clean,
    };
    Ok((text, exit))
}
