//! Finds the files of results in the evidence again.

use crate::evidence::{Content, Evidence, Listed, Overlay, Resolver, classify};
use crate::model::server_path::same_name;
use crate::model::{DeletedFile, Entry, EntryKind, Problem, ServerPath};
use crate::report::{FileState, FileUse, RunFile, RunFiles};
use shellsift_package::{Kind, NotCollected, Wanted};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io;

/// Neighbours of one folder that are collected.
const MOST_NEIGHBOURS: usize = 10_000;

/// How a file is opened.
#[derive(Clone, Debug)]
pub(super) enum Opening {
    /// By its path.
    Listed,
    /// As a stream of the file of its path.
    Stream(String),
    /// By its record, or one of its streams.
    Gone(Box<DeletedFile>, Option<String>),
}

/// A file that was found again.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) kind: Kind,
    /// What the results say of it.
    pub(super) file: RunFile,
    /// Where it is, without links; of a stream, its file.
    pub(super) path: ServerPath,
    pub(super) entry: Option<Entry>,
    pub(super) opening: Opening,
}

impl Found {
    /// Opens it for reading.
    pub(super) fn open(&self, evidence: &dyn Evidence) -> io::Result<Content> {
        match &self.opening {
            Opening::Listed => evidence.open(&self.path),
            Opening::Stream(name) => evidence.open_stream(&self.path, name),
            Opening::Gone(file, stream) => evidence.open_deleted(file, stream.as_deref()),
        }
    }

    /// The size that a listing gives, in bytes; 0 where none does.
    pub(super) fn size(&self) -> u64 {
        match (&self.opening, &self.entry) {
            (Opening::Listed | Opening::Gone(_, None), Some(entry)) => entry.size,
            (Opening::Stream(name) | Opening::Gone(_, Some(name)), Some(entry)) => {
                let mut streams = entry.ntfs.iter().flat_map(|ntfs| &ntfs.streams);
                streams.find(|stream| stream.name == *name).map_or(0, |stream| stream.size)
            }
            _ => 0,
        }
    }
}

/// What was found again of a run, and what was not.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) found: Vec<Found>,
    pub(super) missing: Vec<NotCollected>,
}

/// The kind of member that a file becomes.
fn kind(used_as: FileUse) -> Kind {
    match used_as {
        FileUse::Finding => Kind::Finding,
        FileUse::Configuration => Kind::Configuration,
        FileUse::Log => Kind::Log,
    }
}

/// What is said of a file in the package, or one that could not be put there.
pub(super) fn wanted(run: &RunFiles, kind: Kind, file: &RunFile) -> Wanted {
    let (server_path, scan_id) = (file.path.clone(), run.scan_id.clone());
    Wanted { kind, server_path, scan_id, examined_sha256: file.sha256.clone() }
}

/// What is said of a file that is not in the package.
pub(super) fn not_collected(run: &RunFiles, kind: Kind, file: &RunFile, reason: String) -> NotCollected {
    NotCollected { wanted: wanted(run, kind, file), reason }
}

/// Looks for every file of a run. Paths of results are anybody's text: a path leads nowhere but to names that listings of the evidence
/// have.
pub(super) fn gather(evidence: &Overlay, run: &RunFiles, neighbours: bool, problems: &mut Vec<Problem>) -> Gathered {
    let gone = Gone::new(gone(evidence, run, problems));
    let finder = Finder { evidence, resolver: Resolver::new(evidence), gone };
    let mut gathered = Gathered::default();
    let mut taken = HashSet::new();
    for file in &run.files {
        match finder.find(file) {
            Ok(found) => {
                if taken.insert((found.path.clone(), format!("{:?}", found.opening))) {
                    gathered.found.push(found);
                }
            }
            Err(NotFound::Absent(_)) if file.used_as == FileUse::Configuration => {}
            Err(NotFound::Absent(why)) => {
                gathered.missing.push(not_collected(run, kind(file.used_as), file, why.into()))
            }
            Err(NotFound::Failed(reason)) => {
                gathered.missing.push(not_collected(run, kind(file.used_as), file, reason))
            }
        }
    }
    if neighbours {
        finder.neighbours(run, &mut gathered, &taken);
    }
    finder.resolver.report(problems);
    gathered
}

/// Why a file was not found.
enum NotFound {
    /// It is not in the evidence.
    Absent(&'static str),
    /// The evidence could not be asked.
    Failed(String),
}

impl From<io::Error> for NotFound {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Files that no listing shows, by path, and by path and record: many can have had one path.
struct Gone {
    files: Vec<DeletedFile>,
    places: HashMap<(String, Option<u64>), Vec<usize>>,
}

impl Gone {
    fn new(files: Vec<DeletedFile>) -> Self {
        let mut places: HashMap<(String, Option<u64>), Vec<usize>> = HashMap::new();
        for (at, file) in files.iter().enumerate() {
            places.entry((file.path.folded(), None)).or_default().push(at);
            if file.entry.inode.is_some() {
                places.entry((file.path.folded(), file.entry.inode)).or_default().push(at);
            }
        }
        Self { files, places }
    }

    /// The first one of this path that a result can mean.
    fn find(&self, file: &RunFile, path: &ServerPath) -> Option<&DeletedFile> {
        let is_it = |gone: &&DeletedFile| {
            let ntfs = gone.entry.ntfs.as_ref();
            let sequence = file.record.and_then(|(_, sequence)| sequence);
            let is_of_record = sequence.is_none_or(|sequence| ntfs.is_none_or(|ntfs| ntfs.sequence == Some(sequence)));
            let shadow = ntfs.and_then(|ntfs| ntfs.shadow.as_ref());
            let is_of_copy = match &file.state {
                FileState::Shadow(id) => shadow.is_some_and(|shadow| shadow.id == *id),
                _ => shadow.is_none(),
            };
            is_of_record && is_of_copy
        };
        let places = self.places.get(&(path.folded(), file.record.map(|(number, _)| number)));
        places.into_iter().flatten().filter_map(|at| self.files.get(*at)).find(is_it)
    }
}

struct Finder<'e> {
    evidence: &'e Overlay,
    resolver: Resolver<'e>,
    gone: Gone,
}

impl Finder<'_> {
    fn find(&self, file: &RunFile) -> Result<Found, NotFound> {
        let path = ServerPath::from_shown(&file.path).ok_or(NotFound::Absent("not a path of a server"))?;
        let found = |path, entry, opening| Found { kind: kind(file.used_as), file: file.clone(), path, entry, opening };
        if file.state != FileState::Listed {
            let (gone, stream) = self.find_gone(file, &path).ok_or(NotFound::Absent("no record of it was found"))?;
            return Ok(found(path, Some(gone.entry.clone()), Opening::Gone(Box::new(gone.clone()), stream)));
        }
        if let Some(path) = self.file(&path)? {
            let entry = self.evidence.stat(&path)?;
            return Ok(found(path, Some(entry), Opening::Listed));
        }
        if let Some((base, stream)) = stream_of(&path) {
            let folder = self.folder(&base);
            if let Some(base) = self.file(&base)?.or(folder) {
                let mut streams = self.evidence.streams(&base)?.into_iter();
                let stream = streams.find(|known| same_name(&known.name, &stream));
                let stream = stream.ok_or(NotFound::Absent("the file has no such stream"))?;
                return Ok(found(base.clone(), self.evidence.stat(&base).ok(), Opening::Stream(stream.name)));
            }
        }
        Err(NotFound::Absent("it is not there"))
    }

    /// The root of the evidence that a path is below, and the names from there.
    fn below(&self, path: &ServerPath) -> Option<(ServerPath, String)> {
        let roots = self.evidence.roots().filter_map(|root| Some((root, path.windows_below(root)?)));
        roots.max_by_key(|(root, _)| root.as_str().len()).map(|(root, names)| (root.clone(), names))
    }

    /// The file of this path: of those that differ in case alone, the one that is spelled so.
    fn file(&self, path: &ServerPath) -> Result<Option<ServerPath>, NotFound> {
        let (root, names) = self.below(path).ok_or(NotFound::Absent("on a volume that was not provided"))?;
        let all = self.resolver.files_below(&root, &names);
        Ok(all.iter().find(|one| *one == path).or(all.first()).cloned())
    }

    fn folder(&self, path: &ServerPath) -> Option<ServerPath> {
        let (root, names) = self.below(path)?;
        self.resolver.folders_below(&root, &names).into_iter().next()
    }

    fn find_gone(&self, file: &RunFile, path: &ServerPath) -> Option<(&DeletedFile, Option<String>)> {
        if let Some(gone) = self.gone.find(file, path) {
            return Some((gone, None));
        }
        let (base, stream) = stream_of(path)?;
        self.gone.find(file, &base).map(|gone| (gone, Some(stream)))
    }

    /// The other files in the folders of the findings.
    fn neighbours(&self, run: &RunFiles, gathered: &mut Gathered, taken: &HashSet<(ServerPath, String)>) {
        let of = |found: &Found| found.path.parent().filter(|_| found.kind == Kind::Finding);
        let folders: BTreeSet<ServerPath> = gathered.found.iter().filter_map(of).collect();
        for folder in folders {
            let neighbour = |path: &ServerPath| RunFile {
                path: path.to_string(),
                used_as: FileUse::Finding,
                level: String::new(),
                reason: format!("in the folder of a finding, {folder}"),
                sha256: None,
                state: FileState::Listed,
                record: None,
            };
            let (mut entries, mut omitted, mut failed) = (Vec::new(), 0_u64, Vec::new());
            let listed = self.evidence.list(&folder, &|_| true, &mut |listed| match listed {
                Listed::Entry(entry) if entry.kind != EntryKind::File => {}
                Listed::Entry(_) if entries.len() >= MOST_NEIGHBOURS => omitted += 1,
                Listed::Entry(entry) => entries.push(entry),
                Listed::Failed(name, error) => failed.push((folder.join(&name), error.to_string())),
                Listed::NameOnly => {}
            });
            if let Err(error) = listed {
                failed.push((folder.clone(), format!("the folder cannot be listed: {error}")));
            }
            if omitted > 0 {
                failed.push((
                    folder.clone(),
                    format!("{omitted} files beyond the first {MOST_NEIGHBOURS} of the folder"),
                ));
            }
            for (path, reason) in failed {
                gathered.missing.push(not_collected(run, Kind::Neighbour, &neighbour(&path), reason));
            }
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            for entry in entries {
                let path = folder.join(&entry.name);
                if !taken.contains(&(path.clone(), format!("{:?}", Opening::Listed))) {
                    let (file, opening) = (neighbour(&path), Opening::Listed);
                    gathered.found.push(Found { kind: Kind::Neighbour, file, path, entry: Some(entry), opening });
                }
            }
        }
    }
}

/// `C:\x.aspx` and `evil` of `C:\x.aspx:evil`.
fn stream_of(path: &ServerPath) -> Option<(ServerPath, String)> {
    let (name, stream) = path.name().split_once(':')?;
    Some((path.parent()?.join(name), stream.to_owned()))
}

/// The files of no listing that have the path of one that is wanted: deleted ones, other remains, those of shadow copies.
fn gone(evidence: &Overlay, run: &RunFiles, problems: &mut Vec<Problem>) -> Vec<DeletedFile> {
    let mut wanted: HashSet<String> = HashSet::new();
    let mut copies: HashSet<&str> = HashSet::new();
    for file in run.files.iter().filter(|file| file.state != FileState::Listed) {
        let Some(path) = ServerPath::from_shown(&file.path) else { continue };
        wanted.extend(stream_of(&path).map(|(base, _)| base.folded()));
        wanted.insert(path.folded());
        if let FileState::Shadow(id) = &file.state {
            copies.insert(id);
        }
    }
    let mut gone = Vec::new();
    if wanted.is_empty() {
        return gone;
    }
    let is_wanted = |path: &ServerPath| wanted.contains(&path.folded());
    let mut add = |file: DeletedFile| {
        if is_wanted(&file.path) {
            gone.push(file);
        }
    };
    evidence.deleted(&is_wanted, &mut add);
    let root = evidence.roots().next().cloned().unwrap_or_else(|| ServerPath::drive('C'));
    let failed = |error: &io::Error| Problem::at(classify(error), &root, error.to_string());
    if let Err(error) = evidence.remnants(&is_wanted, &mut add) {
        problems.push(failed(&error));
    }
    if copies.is_empty() {
        return gone;
    }
    for copy in evidence.shadow_copies(problems).iter().filter(|copy| copies.contains(copy.id.as_str())) {
        match evidence.in_shadow_copy(copy, &is_wanted, &mut add) {
            Ok(more) => problems.extend(more),
            Err(error) => problems.push(failed(&error)),
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use crate::evidence::memory::Fault;
    use crate::model::{FoundIn, NtfsRecord};
    use std::io::Read;

    fn run(paths: &[&str]) -> RunFiles {
        let file = |path: &&str| RunFile {
            path: (*path).to_owned(),
            used_as: FileUse::Finding,
            level: "high".to_owned(),
            reason: String::new(),
            sha256: None,
            state: FileState::Listed,
            record: None,
        };
        RunFiles { files: paths.iter().map(file).collect(), ..RunFiles::default() }
    }

    fn server() -> Overlay {
        let memory = Memory::new()
            .file(r"C:\inetpub\x.aspx", b"page")
            .file(r"C:\inetpub\beside.txt", b"beside")
            .file(r"C:\secret.txt", b"secret")
            .stream(r"C:\inetpub\x.aspx", "s", b"stream");
        let mut overlay = Overlay::new();
        overlay.add(ServerPath::drive('C'), Box::new(memory));
        overlay
    }

    fn text(evidence: &Overlay, found: &Found) -> String {
        let mut text = String::new();
        found.open(evidence).expect("opened").reader.read_to_string(&mut text).expect("read");
        text
    }

    #[test]
    fn files_and_streams_are_found_by_the_text_of_a_record() {
        let evidence = server();
        let run = run(&[r"C:\INETPUB\X.aspx", r"C:\inetpub\x.aspx:s", r"C:\inetpub\x.aspx"]);
        let gathered = gather(&evidence, &run, false, &mut Vec::new());
        let texts: Vec<String> = gathered.found.iter().map(|found| text(&evidence, found)).collect();
        assert_eq!(texts, ["page", "stream"], "the same file twice is one: {:?}", gathered.missing);
    }

    #[test]
    fn malicious_paths_lead_nowhere_and_are_told() {
        let malicious = [
            r"C:\inetpub\..\secret.txt",
            r"C:\inetpub\<2E><2E>\secret.txt",
            r"C:\inetpub/../secret.txt",
            r"C:\inetpub<2F>..<2F>secret.txt",
            r"D:\x",
            "/etc/passwd",
            r"\\host\c$\x",
            r"C:\inetpub\x.aspx:none",
            r"C:\inetpub",
            "",
            "\u{202e}",
        ];
        let gathered = gather(&server(), &run(&malicious), false, &mut Vec::new());
        assert!(gathered.found.is_empty(), "{:?}", gathered.found);
        assert_eq!(gathered.missing.len(), malicious.len());
        assert!(gathered.missing.iter().all(|missing| !missing.reason.is_empty()));
    }

    /// Two files were deleted at one path: each finding is about its own.
    #[test]
    fn of_deleted_files_of_one_path_the_record_decides() {
        let path = ServerPath::drive('C').join("x.aspx");
        let gone = |record: u64, sequence: u16| {
            let ntfs = NtfsRecord { sequence: Some(sequence), deleted: true, ..NtfsRecord::default() };
            let entry = Entry { inode: Some(record), ntfs: Some(Box::new(ntfs)), ..Entry::file("x.aspx", 1) };
            DeletedFile { path: path.clone(), entry, record, found_in: FoundIn::Record }
        };
        let all = Gone::new(vec![gone(7, 1), gone(9, 1), gone(9, 2)]);
        let find = |record: Option<(u64, Option<u16>)>, state: FileState, path: &str| {
            let file = RunFile { record, state, ..run(&[path]).files.remove(0) };
            let found = all.find(&file, &ServerPath::from_windows(path).expect("absolute"));
            found.map(|gone| (gone.record, gone.entry.ntfs.as_ref().and_then(|ntfs| ntfs.sequence)))
        };
        let deleted = |record, path| find(record, FileState::Deleted, path);
        assert_eq!(deleted(Some((9, Some(2))), r"c:\X.ASPX"), Some((9, Some(2))));
        assert_eq!(deleted(Some((9, None)), r"C:\x.aspx"), Some((9, Some(1))));
        assert_eq!(deleted(None, r"C:\x.aspx"), Some((7, Some(1))));
        assert_eq!((deleted(Some((8, None)), r"C:\x.aspx"), deleted(None, r"C:\y.aspx")), (None, None));
        assert_eq!(find(None, FileState::Shadow("{1}".to_owned()), r"C:\x.aspx"), None);
    }

    /// A `web.config` need not be there; one whose folder cannot be listed may be.
    #[test]
    fn configuration_that_is_not_there_is_no_gap_and_a_silent_folder_is_one() {
        let gathered = |evidence: Memory| {
            let mut overlay = Overlay::new();
            overlay.add(ServerPath::drive('C'), Box::new(evidence));
            let mut wanted = run(&[r"C:\a\web.config"]);
            wanted.files[0].used_as = FileUse::Configuration;
            let mut problems = Vec::new();
            let gathered = gather(&overlay, &wanted, false, &mut problems);
            (gathered.found.len(), gathered.missing.len(), problems.iter().any(|one| one.kind.leaves_a_gap()))
        };
        assert_eq!(gathered(Memory::new().folder(r"C:\a")), (0, 0, false));
        assert_eq!(gathered(Memory::new().file(r"C:\a\web.config", b"x")), (1, 0, false));
        let silent = Memory::new().file(r"C:\a\web.config", b"x");
        let silent = silent.fault(r"C:\a", Fault::Refuse(io::ErrorKind::PermissionDenied));
        assert_eq!(gathered(silent), (1, 0, true), "found by its name, and what else is there is not known");
    }

    #[test]
    fn neighbours_are_those_of_the_folder_and_not_the_finding_again() {
        let evidence = server();
        let gathered = gather(&evidence, &run(&[r"C:\inetpub\x.aspx"]), true, &mut Vec::new());
        let kinds: Vec<(Kind, String)> =
            gathered.found.iter().map(|found| (found.kind, text(&evidence, found))).collect();
        assert_eq!(kinds, [(Kind::Finding, "page".to_owned()), (Kind::Neighbour, "beside".to_owned())]);
    }
}
