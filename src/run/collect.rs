//! `collect`: an evidence package of the files behind earlier results.

use super::draft;
use super::exit::Exit;
use super::gather::{Found, Gathered, Opening, gather, not_collected, wanted};
use super::outputs::print;
use super::packing::{Packing, Sender};
use super::provenance;
use super::sign::Signing;
use super::sink::{create, refuse_input, refuse_one};
use super::steps::{Step, interruption, keep};
use crate::cli;
use crate::error::{Error, Result};
use crate::evidence::Overlay;
use crate::inputs::{self, Inputs};
use crate::model::{Problem, Role, ServerPath, Timestamp};
use crate::report::text::{bytes, grouped, plain};
use crate::report::{Case, CaseReader, FileState, FileUse, ReadError, RunFiles};
use crate::settings;
use crate::targets::{Area, Plan};
use crate::watch;
use sha2::{Digest, Sha256};
use shellsift_package::{
    Comparison, Content, FORMAT, FileTimes, Input, Kind, MANIFEST, Manifest, Member, Names, NotCollected, Provenance,
    SUMS, Scan, ScanSource, Times, Tool, Wanted,
};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::Duration;

pub(super) fn collect_verb(options: &cli::Collect) -> Result<Exit> {
    let options: &'static cli::Collect = keep(options.clone());
    let interrupted = interruption();
    watch::wait_at_most(Duration::from_secs(options.timeout.timeout));
    let limits = Limits {
        file: settings::parse_size("--max-size", &options.max_size)?,
        total: settings::parse_size("--max-total", &options.max_total)?,
    };
    let (results, targets): (Vec<&PathBuf>, Vec<&PathBuf>) = options.inputs.iter().partition(|path| is_results(path));
    if results.is_empty() {
        return Err(Error::Usage("no JSONL output of a scan (FILE.jsonl) is among the arguments".to_owned()));
    }
    if settings::is_standard_output(&options.output) {
        return Err(Error::Usage("a package is written to a file: name one with --output".to_owned()));
    }
    refuse_input(&options.output, &results)?;
    let signing = options.sign.as_deref().map(|key| Signing::prepare(key, Some(&options.output), options.force));
    let signing = signing.transpose()?;
    let program = provenance::program();
    let (case, inputs) = read_results(&results)?;
    let runs = case.files(settings::level(options.min_level));
    let given = cli::Targets {
        targets: targets.into_iter().cloned().collect(),
        map: options.map.clone(),
        ..cli::Targets::default()
    };
    let opened = open_all(&runs, given, options)?;
    for (run, opened) in runs.iter().zip(&opened) {
        refuse_one(&options.output, opened.inputs, &found_in(run))?;
    }
    let packing = Packing::start(create(&options.output, options.force, false)?, &options.password.password)?;
    let collection = Collection {
        names: Names::default(),
        members: Vec::new(),
        not_collected: Vec::new(),
        notes: case.unread().to_vec(),
        has_gaps: !case.unread().is_empty(),
        limits,
        written: 0,
        sender: packing.sender(),
    };
    let made = collection.make(options, &runs, &opened, inputs, program, packing);
    // The thread of the package may not have ended yet.
    let manifest = made.inspect_err(|_| draft::remove_all())?;
    let signed = signing.map(Signing::sign).transpose()?;
    if !options.quiet {
        let sha256 = digest(&options.output)?;
        let lines = summary(options, &manifest, &sha256, signed.map(|key| key.fingerprint()));
        print(|out| lines.iter().try_for_each(|line| writeln!(out, "{}", plain(line))))?;
    }
    Ok(match () {
        () if interrupted.load(Ordering::Relaxed) => Exit::Interrupted,
        () if manifest.complete => Exit::Clean,
        () => Exit::Incomplete,
    })
}

/// How much is collected, in bytes.
#[derive(Clone, Copy)]
struct Limits {
    file: u64,
    total: u64,
}

/// Whether an argument is an output of a scan; everything else is a target.
fn is_results(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jsonl")) && path.is_file()
}

/// Reads results, and what they are themselves.
fn read_results(paths: &[&PathBuf]) -> Result<(Case, Vec<Input>)> {
    let mut reader = CaseReader::default();
    let mut inputs = Vec::new();
    for path in paths {
        let failed = |source| Error::Input { path: (*path).clone(), source };
        let mut file = Hashed::new(File::open(path).map_err(failed)?);
        let name = path.display().to_string();
        reader.add(&name, BufReader::new(&mut file)).map_err(|error| match error {
            ReadError::Io { source, .. } => failed(source),
            foreign => Error::Usage(foreign.to_string()),
        })?;
        // What the reader had no use for belongs to the file all the same.
        io::copy(&mut file, &mut io::sink()).map_err(failed)?;
        inputs.push(Input { path: name, content: file.content() });
    }
    Ok((reader.done(), inputs))
}

/// Hashes what is read.
struct Hashed<R> {
    inner: R,
    hasher: Sha256,
    size: u64,
}

impl<R> Hashed<R> {
    fn new(inner: R) -> Self {
        Self { inner, hasher: Sha256::new(), size: 0 }
    }

    fn content(self) -> Content {
        Content { size: self.size, sha256: hex::encode(self.hasher.finalize()) }
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(buffer.get(..count).unwrap_or_default());
        self.size = self.size.saturating_add(count as u64);
        Ok(count)
    }
}

/// The hash of a file.
fn digest(path: &Path) -> Result<String> {
    let failed = |source| Error::Input { path: path.to_owned(), source };
    let mut file = Hashed::new(File::open(path).map_err(failed)?);
    io::copy(&mut file, &mut io::sink()).map_err(failed)?;
    Ok(file.content().sha256)
}

/// The folders of findings: on the server itself, where every drive is evidence and the package must go somewhere, it goes to none of them.
fn found_in(run: &RunFiles) -> Plan {
    let found = run.files.iter().filter(|file| file.used_as == FileUse::Finding);
    let folders: BTreeSet<ServerPath> = found.filter_map(|file| ServerPath::from_shown(&file.path)?.parent()).collect();
    let area = |path: ServerPath| Area { base: path.clone(), path, role: Role::WebRoot, every_file: true };
    Plan { areas: folders.into_iter().map(area).collect(), ..Plan::default() }
}

/// The evidence of one run.
struct OpenedRun {
    inputs: &'static Inputs,
    /// Sources that could not be opened, in words.
    missing: Vec<String>,
}

/// Opens the evidence of each run: the targets that were given, or what the results name.
fn open_all(runs: &[RunFiles], given: cli::Targets, options: &'static cli::Collect) -> Result<Vec<OpenedRun>> {
    let ignore = &mut |_: Problem| {};
    if !given.targets.is_empty() || !given.map.is_empty() {
        let servers: BTreeSet<String> = runs.iter().map(|run| run.server.to_lowercase()).collect();
        if servers.len() > 1 {
            let message = "targets belong to one server, and the results are of several: collect each server by itself";
            return Err(Error::Usage(message.to_owned()));
        }
        let given: &'static cli::Targets = keep(given);
        let inputs = Step::start("opening the evidence", move |_| inputs::open(given)).done(ignore)??;
        let inputs: &'static Inputs = keep(inputs);
        return Ok(runs.iter().map(|_| OpenedRun { inputs, missing: Vec::new() }).collect());
    }
    let mut opened = Vec::new();
    for run in runs {
        let sources: Vec<(String, String)> =
            run.sources.iter().map(|source| (source.analysis_path.clone(), source.server_path.clone())).collect();
        if !options.quiet {
            for (path, shown_as) in &sources {
                let _ = io::Write::write_fmt(
                    &mut io::stderr(),
                    format_args!("shellsift: {}: reading {} as {}\n", plain(&run.server), plain(path), plain(shown_as)),
                );
            }
        }
        let again = move |_: &mut Vec<Problem>| inputs::sources::open_sources(&sources);
        let (inputs, missing) = Step::start("opening the evidence", again).done(ignore)??;
        opened.push(OpenedRun { inputs: keep(inputs), missing });
    }
    Ok(opened)
}

/// A package that is being made.
struct Collection {
    names: Names,
    members: Vec<Member>,
    not_collected: Vec<NotCollected>,
    notes: Vec<String>,
    /// Whether results or folders could not be read: more may have been wanted.
    has_gaps: bool,
    limits: Limits,
    /// Bytes of all members.
    written: u64,
    sender: Sender,
}

impl Collection {
    fn make(
        mut self,
        options: &cli::Collect,
        runs: &[RunFiles],
        opened: &[OpenedRun],
        inputs: Vec<Input>,
        program: Option<String>,
        packing: Packing,
    ) -> Result<Manifest> {
        for name in [MANIFEST, SUMS] {
            self.names.reserve(name);
        }
        for input in &inputs {
            self.results(input, &options.output)?;
        }
        for (run, opened) in runs.iter().zip(opened) {
            self.run(run, opened, options)?;
        }
        let complete =
            !self.has_gaps && self.not_collected.is_empty() && self.members.iter().all(Member::is_as_examined);
        let first = |of: fn(&RunFiles) -> &Option<String>| runs.iter().find_map(|run| of(run).clone());
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            created: Timestamp::now().to_string(),
            made: Provenance {
                tool: tool(env!("CARGO_PKG_VERSION"), program),
                command_line: provenance::own_command_line(),
                case: options.labels.case_id.clone().or_else(|| first(|run| &run.case)),
                examiner: options.labels.examiner.clone().or_else(|| first(|run| &run.examiner)),
            },
            inputs,
            scans: runs.iter().map(scan).collect(),
            complete,
            members: self.members,
            not_collected: self.not_collected,
            notes: self.notes,
        };
        drop(self.sender);
        packing
            .finish(&manifest)
            .map_err(|source| Error::Output { to: options.output.display().to_string(), source })?;
        Ok(manifest)
    }

    /// Adds an output that says what was collected.
    fn results(&mut self, input: &Input, output: &Path) -> Result<()> {
        let path = PathBuf::from(&input.path);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let name = self.names.give_in("results", &name);
        let failed = |source| Error::Input { path: path.clone(), source };
        let file = File::open(&path).map_err(failed)?;
        let id = self.sender.begin(&name, FileTimes::default());
        let end = self.sender.copy(id, file, u64::MAX);
        let written = self.end(id, output)?;
        let wanted = Wanted {
            kind: Kind::Results,
            server_path: input.path.clone(),
            scan_id: String::new(),
            examined_sha256: Some(input.content.sha256.clone()),
        };
        let member = Member::new(name, wanted, written);
        self.members.push(Member { complete: end.is_ok(), error: end.err(), ..member });
        Ok(())
    }

    fn end(&mut self, id: u64, output: &Path) -> Result<Content> {
        let failed = |source| Error::Output { to: output.display().to_string(), source };
        let written = self.sender.end(id).map_err(failed)?;
        self.written = self.written.saturating_add(written.size);
        Ok(written)
    }

    /// Adds the files of a run.
    fn run(&mut self, run: &RunFiles, opened: &OpenedRun, options: &cli::Collect) -> Result<()> {
        self.notes.extend(run.notes.iter().cloned());
        self.notes.extend(opened.missing.iter().map(|words| format!("{}: source {words}", run.server)));
        let (evidence, own, neighbours) = (&opened.inputs.evidence, run.clone(), options.neighbours);
        let looked = Step::start("looking for the files", move |problems| gather(evidence, &own, neighbours, problems));
        let mut problems = Vec::new();
        let Gathered { mut found, missing } = match looked.wait(&mut |problem| problems.push(problem))? {
            Some(gathered) => gathered,
            None => {
                let all = run.files.iter();
                let lost = all.map(|file| not_collected(run, Kind::Finding, file, "interrupted".to_owned()));
                self.not_collected.extend(lost);
                return Ok(());
            }
        };
        self.not_collected.extend(missing);
        self.has_gaps |= problems.iter().any(|problem| problem.kind.leaves_a_gap());
        self.notes.extend(problems.iter().map(|problem| match &problem.path {
            Some(path) => format!("{}: {path}: {}", run.server, problem.message),
            None => format!("{}: {}", run.server, problem.message),
        }));
        found.sort_by_key(|found| found.kind);
        for found in found {
            if let Err(reason) = self.file(run, &found, evidence, &options.output)? {
                self.not_collected.push(not_collected(run, found.kind, &found.file, reason));
            }
        }
        Ok(())
    }

    /// Adds a file; or says why it cannot be added.
    fn file(
        &mut self,
        run: &RunFiles,
        found: &Found,
        evidence: &'static Overlay,
        output: &Path,
    ) -> Result<std::result::Result<(), String>> {
        let room = self.limits.total.saturating_sub(self.written);
        match found.size() {
            size if size > self.limits.file => {
                return Ok(Err(format!("{} bytes are more than --max-size", grouped(size))));
            }
            size if size > room => return Ok(Err("the package has reached --max-total".to_owned())),
            _ => {}
        }
        let most = self.limits.file.min(room);
        let name = self.names.give(&run.server, &state_folder(&found.file.state), &member_path(found));
        let entry = found.entry.as_ref();
        let time =
            |of: fn(&crate::model::Times) -> Option<Timestamp>| entry.and_then(|entry| of(&entry.times)?.to_filetime());
        let times = FileTimes {
            created: time(|times| times.created),
            modified: time(|times| times.modified),
            accessed: time(|times| times.accessed),
        };
        let id = self.sender.reserve(&name, times);
        let (sender, own) = (self.sender.clone(), found.clone());
        let read = Step::start("reading a file", move |_| {
            let content = own.open(evidence).map_err(|error| error.to_string())?;
            sender.open(id);
            let holes = content.holes;
            sender.copy(id, content.reader, most)?;
            match holes {
                0 => Ok(()),
                holes => Err(format!("{} bytes of holes are left out", grouped(holes))),
            }
        });
        let mut silent = None;
        let end: std::result::Result<(), String> = match read.wait(&mut |problem| silent = Some(problem.message))? {
            Some(end) => end,
            None => Err(silent.take().unwrap_or_else(|| "interrupted".to_owned())),
        };
        if !self.sender.was_begun(id) {
            return Ok(Err(end.err().or(silent).unwrap_or_else(|| "it could not be opened".to_owned())));
        }
        let written = self.end(id, output)?;
        let error = end.err().map(|why| silent.map_or(why.clone(), |silent| format!("{why} ({silent})")));
        let member = Member {
            source: source_of(run, found),
            complete: error.is_none(),
            error,
            state: state_words(&found.file.state),
            level: found.file.level.clone(),
            reason: found.file.reason.clone(),
            ..Member::new(name, wanted(run, found.kind, &found.file), written)
        };
        self.members.push(match entry {
            Some(entry) => with_metadata(member, entry),
            None => member,
        });
        Ok(Ok(()))
    }
}

/// The path that the name of a member is made of: that where the file was found.
fn member_path(found: &Found) -> String {
    match &found.opening {
        Opening::Listed => found.path.to_string(),
        Opening::Stream(name) => format!("{}:{name}", found.path),
        Opening::Gone(..) => found.file.path.clone(),
    }
}

fn state_folder(state: &FileState) -> String {
    match state {
        FileState::Listed => String::new(),
        FileState::Deleted => "deleted".to_owned(),
        FileState::Shadow(id) => format!("shadow copy {}", id.get(..13).unwrap_or(id).trim_matches(['{', '}'])),
    }
}

fn state_words(state: &FileState) -> String {
    match state {
        FileState::Listed => String::new(),
        FileState::Deleted => "deleted".to_owned(),
        FileState::Shadow(id) => format!("in shadow copy {id}"),
    }
}

/// The source that a file is below, by its path on this machine.
fn source_of(run: &RunFiles, found: &Found) -> String {
    let is_below = |root: &str| ServerPath::from_shown(root).is_some_and(|root| found.path.below(&root).is_some());
    let sources = run.sources.iter().filter(|source| is_below(&source.server_path));
    sources.max_by_key(|source| source.server_path.len()).map(|source| source.analysis_path.clone()).unwrap_or_default()
}

fn with_metadata(member: Member, entry: &crate::model::Entry) -> Member {
    let times = |times: &crate::model::Times| {
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        Times {
            created: text(times.created),
            modified: text(times.modified),
            changed: text(times.changed),
            accessed: text(times.accessed),
        }
    };
    let ntfs = entry.ntfs.as_ref();
    Member {
        times: times(&entry.times),
        name_times: ntfs.map(|ntfs| times(&ntfs.name_times)).unwrap_or_default(),
        attributes: entry.attributes.names().into_iter().map(str::to_owned).collect(),
        inode: entry.inode,
        sequence: ntfs.and_then(|ntfs| ntfs.sequence),
        ..member
    }
}

fn tool(version: &str, sha256: Option<String>) -> Tool {
    Tool { name: "shellsift".to_owned(), version: version.to_owned(), sha256 }
}

fn scan(run: &RunFiles) -> Scan {
    let source = |source: &crate::report::RunSource| ScanSource {
        analysis_path: source.analysis_path.clone(),
        server_path: source.server_path.clone(),
        kind: source.kind.clone(),
        times: source.times.clone(),
        limitations: source.limitations.clone(),
    };
    Scan {
        scan_id: run.scan_id.clone(),
        host: run.server.clone(),
        started: run.started.clone(),
        made: Provenance {
            tool: tool(&run.version, run.program_sha256.clone()),
            command_line: run.command_line.clone(),
            case: run.case.clone(),
            examiner: run.examiner.clone(),
        },
        sources: run.sources.iter().map(source).collect(),
    }
}

/// Lines that are listed of one kind.
const LISTED: usize = 20;

/// What was made, for the screen.
fn summary(options: &cli::Collect, manifest: &Manifest, sha256: &str, signed: Option<String>) -> Vec<String> {
    let size = manifest.members.iter().map(|member| member.content.size).fold(0, u64::saturating_add);
    let count = |kind| manifest.members.iter().filter(|member| member.wanted.kind == kind).count() as u64;
    let kinds = [
        (Kind::Results, "results"),
        (Kind::Finding, "files of findings"),
        (Kind::Configuration, "configuration files"),
        (Kind::Log, "logs"),
        (Kind::Neighbour, "neighbours"),
    ];
    let counts = kinds.into_iter().map(|(kind, words)| (count(kind), words)).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts.map(|(count, words)| format!("{} {words}", grouped(count))).collect();
    let mut lines = vec![
        format!("package     {}", options.output.display()),
        format!("sha256      {sha256}"),
        format!("content     {}: {}", bytes(size), counts.join(", ")),
    ];
    let mut list = |what: &str, all: Vec<String>| {
        let more = all.len().saturating_sub(LISTED);
        lines.extend(all.into_iter().take(LISTED).map(|words| format!("{what:<11} {words}")));
        if more > 0 {
            lines.push(format!("{what:<11} {} more, in {MANIFEST}", grouped(more as u64)));
        }
    };
    list("signed by", signed.into_iter().collect());
    let members = || manifest.members.iter();
    let different = members().filter(|member| member.comparison == Comparison::Different);
    list(
        "DIFFERENT",
        different.map(|one| format!("{}: not the content that was examined", one.wanted.server_path)).collect(),
    );
    let cut = members().filter_map(|member| Some(format!("{}: {}", member.wanted.server_path, member.error.as_ref()?)));
    list("INCOMPLETE", cut.collect());
    let missing = manifest.not_collected.iter();
    list("MISSING", missing.map(|one| format!("{}: {}", one.wanted.server_path, one.reason)).collect());
    list("note", manifest.notes.clone());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::RunFile;

    fn file(path: &str, used_as: FileUse) -> RunFile {
        RunFile {
            path: path.to_owned(),
            used_as,
            level: String::new(),
            reason: String::new(),
            sha256: None,
            state: FileState::Listed,
            record: None,
        }
    }

    /// On the server itself the package may lie on its drives, and not beside what was found there.
    #[test]
    fn a_package_goes_to_no_folder_of_a_finding() {
        let files = vec![
            file(r"C:\inetpub\wwwroot\x.aspx", FileUse::Finding),
            file(r"C:\logs\a.log", FileUse::Log),
            file("no path", FileUse::Finding),
        ];
        let folder = tempfile::tempdir().expect("a folder");
        let name = |text: &str| ServerPath::from_windows(text).expect("absolute");
        let plan = found_in(&RunFiles { files, ..RunFiles::default() });
        let areas: Vec<_> = plan.areas.iter().map(|area| (area.path.clone(), area.every_file)).collect();
        assert_eq!(areas, [(name(r"C:\inetpub\wwwroot"), true)]);
        // The drive C: of a server that is this machine.
        let mut inputs = Inputs { live: true, ..Inputs::default() };
        for below in ["inetpub/wwwroot/sub", "cases"] {
            std::fs::create_dir_all(folder.path().join(below)).expect("room");
        }
        let drive = crate::evidence::Directory::open(folder.path(), ServerPath::drive('C')).expect("a folder");
        inputs.evidence.add(ServerPath::drive('C'), Box::new(drive));
        let refused = |inputs: &Inputs, below: &str| refuse_one(&folder.path().join(below), inputs, &plan).is_err();
        for (below, expected) in [
            ("inetpub/wwwroot/case.zip", true),
            ("inetpub/wwwroot/sub/case.zip", true),
            ("inetpub/case.zip", false),
            ("cases/case.zip", false),
        ] {
            assert_eq!(refused(&inputs, below), expected, "{below}");
        }
        inputs
            .targets
            .push(crate::targets::Target { path: ServerPath::drive('C'), kind: crate::targets::TargetKind::Volume });
        inputs.live = false;
        assert!(refused(&inputs, "cases/case.zip"), "of another server nothing is written to");
    }
}
