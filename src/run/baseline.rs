//! `baseline`: tables of known-good files; and which builds the installations of a server are.

use super::exit::Exit;
use super::outputs::{print, write_whole};
use super::pipeline::{Pipeline, Request};
use super::provenance::Equipment;
use super::sink::{create, refuse_one, refuse_standard_output};
use super::steps::{Step, keep};
use crate::catalogue::baseline::{Baseline, Sha256, Table, built_in, is_listed, read_table, write_table};
use crate::cli::{self, BaselineBuild, BaselineCheck, BaselineVerb};
use crate::error::{Error, Result};
use crate::evidence::{Evidence, classify};
use crate::inputs::{self, Inputs};
use crate::model::server_path::fold;
use crate::model::{BaselineStatus, BuildMatch, Comparison, Level, Problem, ProblemKind, ServerPath};
use crate::report::text::plain;
use crate::scan::{BaselineMatcher, Reader, Survey};
use crate::settings;
use crate::targets::Plan;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// How much of a file is in memory at once while it is hashed.
const HELD: u64 = 8 << 20;

pub(super) fn baseline_verb(verb: &BaselineVerb) -> Result<Exit> {
    match verb {
        BaselineVerb::Build(options) => build(options),
        BaselineVerb::Check(options) => check(options),
        BaselineVerb::Info { files } => info(files),
    }
}

/// The tables of these files.
pub(super) fn own_tables(files: &[PathBuf]) -> Result<Vec<Table>> {
    files.iter().map(read).collect()
}

/// The built-in table and these.
pub(super) fn with_built_in(own: Vec<Table>) -> Baseline {
    Baseline { tables: std::iter::once(built_in()).chain(own).collect() }
}

fn read(path: &PathBuf) -> Result<Table> {
    let file = std::fs::File::open(path).map_err(|source| Error::Input { path: path.clone(), source })?;
    read_table(file).map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
}

/// What the installations were compared with, a line each.
pub(super) fn in_words(baseline: &BaselineMatcher) -> Vec<String> {
    baseline.installations.iter().map(|(root, build_match)| words(root, build_match)).collect()
}

/// Those whose build no table knows.
pub(super) fn without_baseline(baseline: &BaselineMatcher) -> Vec<String> {
    let unknown = baseline.installations.iter().filter(|(_, build_match)| !matches!(build_match, BuildMatch::Known(_)));
    unknown.map(|(root, build_match)| words(root, build_match)).collect()
}

fn words(root: &ServerPath, build_match: &BuildMatch) -> String {
    match build_match {
        BuildMatch::Known(build) => format!("{root}: build {build} by its binaries; every file is compared"),
        BuildMatch::CarriedOver { .. } => format!(
            "{root}: no baseline for this build, but its pages are those of known builds: deviations from them are reported"
        ),
        BuildMatch::Unknown(why) => {
            format!("{root}: no baseline for this build ({why}): only matches are reported, deviations are not")
        }
    }
}

/// One file of an installation and how it compares.
struct Compared {
    path: ServerPath,
    /// Below the installation folder, as it is spelled there.
    relative: String,
    sha256: String,
}

/// Unpacks the tables, where there is an installation to compare and the detector runs. The user's are read in any case, since a
/// broken one is to be reported.
pub(super) fn start_tables(
    plan: &Plan,
    files: &'static [PathBuf],
    detectors: &[&str],
) -> Step<Result<Option<Baseline>>> {
    let wanted = !plan.exchange.is_empty() && detectors.contains(&"baseline");
    Step::start("unpacking the baselines", move |_| {
        let own = own_tables(files)?;
        Ok(wanted.then(|| with_built_in(own)))
    })
}

/// Which builds the installations are, by these tables, which are those of `files` and the built-in ones.
pub(super) fn installed_builds(
    run: &mut Pipeline,
    survey: &'static Survey,
    tables: Step<Result<Option<Baseline>>>,
    files: &'static [PathBuf],
) -> Result<Option<&'static BaselineMatcher>> {
    match run.wait(tables)?.transpose()?.flatten() {
        Some(tables) => matcher_of(run, survey, tables, files),
        None => Ok(None),
    }
}

/// As [`installed_builds`].
fn matcher_of(
    run: &mut Pipeline,
    survey: &'static Survey,
    tables: Baseline,
    files: &'static [PathBuf],
) -> Result<Option<&'static BaselineMatcher>> {
    let (inputs, plan, interrupted) = (run.inputs, run.plan, run.interrupted);
    let tables = Mutex::new(Some(tables));
    let baseline = run.step("comparing with the baselines", move |_| {
        // Begun anew, it has none any more.
        let tables = tables.lock().ok().and_then(|mut tables| tables.take());
        let tables = tables.map_or_else(|| own_tables(files).map(with_built_in), Ok)?;
        Ok::<_, Error>(BaselineMatcher::new(&inputs.evidence, plan, survey, tables, interrupted))
    })?;
    Ok(baseline.transpose()?.map(keep))
}

/// Every file below the listed folders of the installations, hashed, in the order of their paths.
fn hashed(run: &mut Pipeline, survey: &'static Survey) -> Result<Vec<Compared>> {
    let (inputs, plan, interrupted) = (run.inputs, run.plan, run.interrupted);
    let files = run.step("hashing", move |problems| hash(inputs, plan, survey, interrupted, problems))?;
    files.unwrap_or_else(|| Ok(Vec::new()))
}

fn hash(
    inputs: &Inputs,
    plan: &Plan,
    survey: &Survey,
    interrupted: &AtomicBool,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Compared>> {
    let mut files = Vec::new();
    let mut reader = Reader::new(HELD);
    for (folder, name, _) in survey.names() {
        if interrupted.load(Ordering::Relaxed) {
            return Err(Error::Interrupted("nothing was written"));
        }
        let path = folder.join(name);
        let Some(relative) = plan.exchange.iter().find_map(|root| path.windows_below(root)) else {
            continue;
        };
        let folded = fold(&relative);
        if !is_listed(&folded) {
            continue;
        }
        let content = inputs.evidence.open(&survey.opens(&path));
        match content.and_then(|content| reader.read(content, &AtomicBool::new(false))) {
            Ok(read) => {
                let sha256 = read.hashes.sha256.unwrap_or_default();
                files.push(Compared { path, relative, sha256 });
            }
            Err(error) => problems.push(Problem::at(classify(&error), &path, error.to_string())),
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Opens the targets and walks through them. Errors if no installation is there.
fn walked(targets: &'static cli::Targets, output: &'static cli::Output) -> Result<(Pipeline, &'static Survey)> {
    let timeout = cli::TIMEOUT;
    let mut run = Pipeline::open(Request {
        targets,
        output,
        timeout,
        open: inputs::open,
        is_partial_worth_it: false,
        has_findings: false,
    })?;
    run.discover()?;
    let walk = run.start_survey();
    let survey = run.survey(walk)?;
    match () {
        () if run.is_interrupted() => Err(Error::Interrupted("nothing was written")),
        () if run.plan.exchange.is_empty() => Err(Error::Usage("no Exchange installation there".to_owned())),
        () => Ok((run, survey)),
    }
}

fn build(options: &BaselineBuild) -> Result<Exit> {
    let options: &'static BaselineBuild = keep(options.clone());
    let (mut run, survey) = walked(&options.targets, keep(cli::Output { quiet: true, ..cli::Output::default() }))?;
    let (opened, plan) = (run.inputs, run.plan);
    if plan.exchange.len() > 1 {
        return Err(Error::Usage("several Exchange installations there: name the folder of one".to_owned()));
    }
    let name = match &options.build {
        Some(name) if name.is_empty() || name.contains([',', '\n', '\r', '"']) => {
            return Err(Error::Usage("--build: the name must not contain commas, quotes or line breaks".to_owned()));
        }
        Some(name) => name.clone(),
        None => {
            let baseline = matcher_of(&mut run, survey, with_built_in(Vec::new()), &[])?;
            match baseline.and_then(|baseline| baseline.installations.first()) {
                Some((_, BuildMatch::Known(build))) => build.clone(),
                _ => {
                    let message = "its binaries match no build in the baseline: name it with --build";
                    return Err(Error::Usage(message.to_owned()));
                }
            }
        }
    };
    let files = hashed(&mut run, survey)?;
    if files.is_empty() {
        return Err(Error::Usage("no file below FrontEnd or ClientAccess there".to_owned()));
    }
    let gap = run.collector.early().iter().find(|problem| {
        matches!(problem.kind, ProblemKind::FolderUnreadable) || problem.path.as_ref().is_some_and(|p| listed(plan, p))
    });
    if let Some(problem) = gap {
        // Half a table would call the other half unknown.
        let place = problem.path.as_ref().map(ToString::to_string).unwrap_or_default();
        return Err(Error::Usage(format!(
            "no table was written, because {place} could not be read: {}",
            problem.message
        )));
    }
    let rows = files.into_iter().map(|file| {
        let mut sha256: Sha256 = [0; 32];
        hex::decode_to_slice(&file.sha256, &mut sha256).expect("the reader returns a digest");
        (sha256, file.relative)
    });
    if settings::is_standard_output(&options.file.output) {
        refuse_standard_output(opened, plan)?;
        print(|out| write_table(out, &name, rows).map(drop))?;
        return Ok(Exit::Clean);
    }
    refuse_one(&options.file.output, opened, plan)?;
    let to = |source| Error::Output { to: options.file.output.display().to_string(), source };
    let sink = create(&options.file.output, options.file.force, false)?;
    let count = write_whole(sink, |out| write_table(out, &name, rows)).map_err(to)?;
    print(|out| writeln!(out, "{}: {count} files as build {}", options.file.output.display(), plain(&name)))?;
    Ok(Exit::Clean)
}

fn listed(plan: &Plan, path: &ServerPath) -> bool {
    let relative = plan.exchange.iter().find_map(|root| path.windows_below(root)).map(|relative| fold(&relative));
    relative.is_some_and(|relative| is_listed(&relative))
}

fn check(options: &BaselineCheck) -> Result<Exit> {
    let options: &'static BaselineCheck = keep(options.clone());
    let (mut run, survey) = walked(&options.targets, &options.output)?;
    let own = own_tables(&options.baselines)?;
    let baseline = matcher_of(&mut run, survey, with_built_in(own), &options.baselines)?;
    let baseline = baseline.ok_or(Error::Interrupted("nothing was written"))?;
    let no_baseline = without_baseline(baseline);
    let files = hashed(&mut run, survey)?;
    run.begin(Equipment::default(), Level::Info)?;
    let mut counts: BTreeMap<BaselineStatus, u64> = BTreeMap::new();
    let mut differing = Vec::new();
    for file in &files {
        let Some(comparison) = baseline.compare_digest(&file.path, &fold(&file.relative), &file.sha256) else {
            continue;
        };
        *counts.entry(comparison.status).or_default() += 1;
        if !matches!(comparison.status, BaselineStatus::KnownGood | BaselineStatus::NoBaseline) {
            differing.push((file, comparison));
        }
    }
    if let Some(writers) = &mut run.collector.writers {
        for (file, comparison) in &differing {
            writers.record(|recorder| recorder.comparison(&file.path, &file.sha256, comparison));
        }
    }
    let done = run.conclude(&[], &no_baseline, false)?;
    let problems = done.results.problems.clone();
    let differs = counts.iter().any(|(status, _)| {
        matches!(status, BaselineStatus::Changed | BaselineStatus::NotStock | BaselineStatus::Elsewhere)
    });
    let is_incomplete = files.is_empty() || !no_baseline.is_empty() || counts.contains_key(&BaselineStatus::NoBaseline);
    done.write(Some(&|_, _, out| {
        in_words(baseline).iter().try_for_each(|line| writeln!(out, "baseline   {}", plain(line)))?;
        writeln!(out)?;
        differing.iter().try_for_each(|(file, comparison)| one(file, comparison, out))?;
        for problem in &problems {
            let place = problem.path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
            writeln!(out, "problem    {}", plain(&format!("{place}{}", problem.message)))?;
        }
        writeln!(out)?;
        counts.iter().try_for_each(|(status, count)| writeln!(out, "{count:>8}  {status}"))?;
        if files.is_empty() {
            writeln!(out, "incomplete: no file below FrontEnd or ClientAccess there, so nothing was compared")?;
        } else if !no_baseline.is_empty() {
            let learn = "build one from a clean server with baseline build and use it with --baseline";
            writeln!(
                out,
                "incomplete: no baseline for this build, so modified files cannot be distinguished from updated ones; {learn}"
            )?;
        }
        Ok(())
    }))?;
    Ok(match () {
        () if differs => Exit::Found,
        // That nothing was compared is no success.
        () if is_incomplete => Exit::Incomplete,
        () => Exit::of_coverage(&problems),
    })
}

/// One line of a file that differs.
fn one(file: &Compared, comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    let more = match (&comparison.expected_sha256, &comparison.baseline_path) {
        (Some(expected), _) => format!("   baseline {expected}"),
        (None, Some(place)) => format!("   baseline at {place}"),
        (None, None) => String::new(),
    };
    writeln!(out, "{:<30} {}  {}{}", comparison.status, file.sha256, plain(file.path.as_str()), plain(&more))
}

fn info(files: &[PathBuf]) -> Result<Exit> {
    let tables = match files {
        [] => vec![("built-in".to_owned(), built_in())],
        files => {
            let names = files.iter().map(|path| path.display().to_string());
            names.zip(own_tables(files)?).collect()
        }
    };
    print(|out| {
        for (name, table) in &tables {
            let mut counts = vec![0u64; table.builds.len()];
            for (_, _, builds) in table.iter() {
                builds.iter().for_each(|build| counts[build] += 1);
            }
            let builds = table.builds.len();
            let word = if builds == 1 { "build" } else { "builds" };
            writeln!(out, "{}: {builds} {word}, {} rows", plain(name), table.len())?;
            for (build, count) in table.builds.iter().zip(counts) {
                let line = format!("{:<16} {count:>6} files  {}", build.name, build.about);
                writeln!(out, "  {}", plain(line.trim_end()))?;
            }
        }
        Ok(())
    })?;
    Ok(Exit::Clean)
}
