//! The build of an installation, from its files.

use super::words::product_words;
use crate::catalogue::ExchangeFolder;
use crate::catalogue::builds::{Build, Tables};
use crate::evidence::{Evidence, Listed, Resolver, classify};
use crate::model::{BuildSeen, EntryKind, Problem, ProblemKind, ServerPath, Timestamp};
use crate::pe::version::{self, Unread};
use std::collections::BTreeSet;

/// The program whose version is Exchange's own.
pub(super) const SETUP: &str = r"bin\ExSetup.exe";

/// Binaries to compare it with, and whether every update replaces them. Counted on the baseline: of 76 updates of 2013 to
/// April 2021, all replaced the first two; `owaauth.dll` was replaced by 74, `Microsoft.Exchange.Services.dll` by 64, and
/// `Microsoft.Exchange.FrontEndHttpProxy.dll` by 52 of 66. Those of `bin` are not in the baseline.
const OTHERS: &[(&str, bool)] = &[
    (r"ClientAccess\Owa\bin\Microsoft.Exchange.Clients.Owa2.Server.dll", true),
    (r"ClientAccess\ecp\bin\Microsoft.Exchange.Management.ControlPanel.dll", true),
    (r"ClientAccess\Owa\auth\owaauth.dll", false),
    (r"ClientAccess\exchweb\EWS\bin\Microsoft.Exchange.Services.dll", false),
    (r"FrontEnd\HttpProxy\bin\Microsoft.Exchange.FrontEndHttpProxy.dll", false),
    (r"FrontEnd\HttpProxy\bin\Microsoft.Exchange.HttpUtilities.dll", false),
    (r"bin\Microsoft.Exchange.Common.dll", false),
    (r"bin\Microsoft.Exchange.HttpUtilities.dll", false),
    (r"bin\Microsoft.Exchange.Diagnostics.dll", false),
    (r"bin\Microsoft.Exchange.Data.dll", false),
];

/// The builds that files and folders name.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// That of `bin\ExSetup.exe`.
    pub(super) setup: Option<Build>,
    /// Those of other programs, with their path and whether every update replaces them.
    others: Vec<(&'static str, Build, bool)>,
    /// Those of folder names, with the time when the folder was created, where the evidence has it.
    folders: Vec<(&'static str, Build, Option<Timestamp>)>,
    /// Folder names that name a cumulative update alone (`15.2.721`).
    lines: BTreeSet<[u16; 3]>,
    /// Caveats about the binaries, in words.
    pub(super) caveats: Vec<String>,
}

impl Files {
    pub(super) fn read(evidence: &dyn Evidence, root: &ServerPath, problems: &mut Vec<Problem>) -> Self {
        let resolver = Resolver::new(evidence);
        let mut files = Self::default();
        files.setup = files.program(evidence, &resolver, root, SETUP, problems);
        for &(path, always) in OTHERS {
            let build = files.program(evidence, &resolver, root, path, problems);
            files.others.extend(build.map(|build| (path, build, always)));
        }
        for names in ExchangeFolder::Versioned.folders() {
            for folder in resolver.folders_below(root, names) {
                files.folder(evidence, &folder, names, problems);
            }
        }
        resolver.report(problems);
        files
    }

    /// The version of a program, if it is there and has one. Where a copy on Linux holds its name in two spellings, the
    /// first is read.
    fn program(
        &mut self,
        evidence: &dyn Evidence,
        resolver: &Resolver<'_>,
        root: &ServerPath,
        names: &str,
        problems: &mut Vec<Problem>,
    ) -> Option<Build> {
        let path = resolver.files_below(root, names).into_iter().next()?;
        let read = evidence.open(&path).map_err(Unread::Io).and_then(|mut content| version::read(&mut content.reader));
        let version = match read {
            Ok(version) => version,
            Err(error) => {
                let kind = match &error {
                    Unread::Io(error) => classify(error),
                    Unread::Broken(_) => ProblemKind::ExecutableMalformed,
                };
                problems.push(Problem::at(kind, &path, format!("its version cannot be read: {error}")));
                return None;
            }
        };
        if let Some(packer) = version.packer {
            self.caveats.push(format!("{names} is packed with {packer}, unlike any Exchange binary"));
        }
        let build = Build(version.file);
        let first = version.file_text.split_whitespace().next().unwrap_or_default();
        if !first.is_empty() && Build::parse(first) != Some(build) {
            self.caveats.push(format!("{names} has version {build} in numbers and \"{}\" in text", version.file_text));
        }
        (build != Build::default()).then_some(build)
    }

    fn folder(
        &mut self,
        evidence: &dyn Evidence,
        folder: &ServerPath,
        names: &'static str,
        problems: &mut Vec<Problem>,
    ) {
        let listed = evidence.list(folder, &|_| false, &mut |listed| {
            let Listed::Entry(entry) = listed else { return };
            if entry.kind != EntryKind::Folder {
                return;
            }
            match Build::of_folder(&entry.name) {
                Some((build, true)) => self.folders.push((names, build, entry.times.created)),
                Some((Build([a, b, c, _]), false)) => drop(self.lines.insert([a, b, c])),
                None => {}
            }
        });
        if let Err(error) = listed {
            problems.push(Problem::at(ProblemKind::FolderUnreadable, folder, error.to_string()));
        }
        self.folders.sort_by_key(|(_, build, _)| *build);
        let surplus = self.folders.len().saturating_sub(64); // the newest are kept
        self.folders.drain(..surplus);
    }

    /// Every source with its build.
    pub(super) fn seen(&self) -> Vec<BuildSeen> {
        let seen =
            |source: String, build: Build| BuildSeen { build: build.to_string(), first: None, last: None, source };
        let setup = self.setup.iter().map(|build| seen(SETUP.to_owned(), *build));
        let others = self.others.iter().map(|(path, build, _)| seen((*path).to_owned(), *build));
        let folders = self
            .folders
            .iter()
            .map(|(path, build, created)| BuildSeen { first: *created, ..seen(format!("folder in {path}"), *build) });
        setup.chain(others).chain(folders).collect()
    }

    /// The build to go by where ExSetup.exe says nothing: the highest of any program, else of any folder. Old folders stay
    /// on the disk, newer ones do not come by themselves.
    pub(super) fn next_best(&self) -> Option<(Build, String)> {
        let program = self.others.iter().max_by_key(|(_, build, _)| *build);
        let folder = self.folders.iter().max_by_key(|(_, build, _)| *build);
        program
            .map(|(path, build, _)| (*build, (*path).to_owned()))
            .or_else(|| folder.map(|(path, build, _)| (*build, format!("a folder in {path}"))))
    }

    /// The cumulative update that folders name where nothing else names a build.
    pub(super) fn line_of_folders(&self, tables: &Tables) -> Option<String> {
        let [a, b, c] = *self.lines.last()?;
        let line = Build([a, b, c, 0]).line();
        let row = tables.releases().find(|release| release.build.line() == line);
        let words =
            row.map_or_else(String::new, |row| format!(", which is {} {}", product_words(&row.product), row.cu));
        Some(format!("folders are named {a}.{b}.{c}{words}; they do not identify the update"))
    }

    /// What does not go together with the build of ExSetup.exe.
    pub(super) fn mixed(&self, setup: Build) -> Vec<String> {
        let list = |wanted: &dyn Fn(Build, bool) -> bool| {
            let which = self.others.iter().filter(|(_, build, always)| wanted(*build, *always));
            which.map(|(path, build, _)| format!("{path} is {build}")).collect::<Vec<_>>().join(", ")
        };
        let newer = list(&|build, _| build > setup);
        let older_line = list(&|build, _| build.line() < setup.line());
        let left = list(&|build, always| always && build < setup && build.line() == setup.line());
        let folders: BTreeSet<Build> =
            self.folders.iter().map(|(_, build, _)| *build).filter(|build| *build > setup).collect();
        let mut caveats = Vec::new();
        if !newer.is_empty() {
            caveats.push(format!(
                "inconsistent builds: {SETUP} is {setup}, but {newer}. An update was interrupted, or did not replace \
                 {SETUP}, as can happen with an .msp installation; the verdict uses the older build"
            ));
        }
        if !older_line.is_empty() {
            caveats.push(format!(
                "inconsistent builds: {SETUP} is {setup}, but {older_line}, of an earlier cumulative update. Setup \
                 was interrupted, or the file was restored"
            ));
        }
        if !left.is_empty() {
            caveats.push(format!(
                "inconsistent builds: {SETUP} is {setup}, but {left}, and every update in the baseline replaces it. \
                 The update did not complete: the vulnerabilities it fixes may still exist"
            ));
        }
        if let Some(folder) = folders.last().filter(|_| newer.is_empty()) {
            caveats.push(format!(
                "a folder is named {folder}, which is newer than {SETUP} ({setup}): an update did not complete"
            ));
        }
        caveats
    }
}
