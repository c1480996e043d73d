//! Joins several sources as volumes of one server; each serves the paths below its root.

use super::{Content, Evidence, Holdings, Listed, Stream};
use crate::model::{DeletedFile, Entry, FileHistory, Problem, ServerPath, ShadowCopy, Source};
use std::io;
use std::path::{Path, PathBuf};

/// Why nothing is known of a path outside every source.
pub(super) const NOT_PROVIDED: &str = "on a volume that was not provided";

/// Sources under the names that the examined server has for them: drive letters, or folders of the analysis machine.
#[derive(Default)]
pub struct Overlay {
    volumes: Vec<(ServerPath, Box<dyn Evidence>)>,
}

impl Overlay {
    /// No sources yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a source, which names its files below `root`. Of two with one root the first answers.
    pub fn add(&mut self, root: ServerPath, source: Box<dyn Evidence>) {
        self.volumes.push((root, source));
        // The longest name first, so that a volume joined below another is met before it.
        self.volumes.sort_by_key(|(root, _)| std::cmp::Reverse(root.as_str().len()));
    }

    /// Adds the volumes of another one.
    pub fn join(&mut self, other: Self) {
        other.volumes.into_iter().for_each(|(root, source)| self.add(root, source));
    }

    /// The names of its volumes.
    pub fn roots(&self) -> impl Iterator<Item = &ServerPath> {
        self.volumes.iter().map(|(root, _)| root)
    }

    /// The name in the evidence of a file or folder of this machine; `None` if it lies in no source. Links on the way to it are
    /// resolved; it may be a link itself and stays one.
    pub fn name_of(&self, local_path: &Path) -> Option<ServerPath> {
        let absolute = std::path::absolute(local_path).ok()?;
        let folder = absolute.parent()?.canonicalize().ok()?;
        self.holds(&folder.join(absolute.file_name()?))
    }

    fn source_of(&self, path: &ServerPath) -> Option<&dyn Evidence> {
        let (_, source) = self.volumes.iter().find(|(root, _)| path.below_exactly(root).is_some())?;
        Some(source.as_ref())
    }

    fn at(&self, path: &ServerPath) -> io::Result<&dyn Evidence> {
        self.source_of(path).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, NOT_PROVIDED))
    }
}

impl Evidence for Overlay {
    fn sources(&self) -> Vec<Source> {
        let mut sources: Vec<Source> = self.volumes.iter().flat_map(|(_, source)| source.sources()).collect();
        sources.sort_by(|a, b| a.shown_as.cmp(&b.shown_as));
        sources
    }

    fn list(&self, folder: &ServerPath, wanted: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(Listed)) -> io::Result<()> {
        self.at(folder)?.list(folder, wanted, each)
    }

    fn stat(&self, path: &ServerPath) -> io::Result<Entry> {
        self.at(path)?.stat(path)
    }

    fn open(&self, file: &ServerPath) -> io::Result<Content> {
        self.at(file)?.open(file)
    }

    fn is_index(&self, folder: &ServerPath) -> bool {
        self.source_of(folder).is_some_and(|source| source.is_index(folder))
    }

    fn remarks(&self) -> Vec<String> {
        self.volumes.iter().flat_map(|(_, source)| source.remarks()).collect()
    }

    fn problems(&self) -> Vec<Problem> {
        self.volumes.iter().flat_map(|(_, source)| source.problems()).collect()
    }

    fn holdings(&self) -> Vec<Holdings> {
        self.volumes.iter().flat_map(|(_, source)| source.holdings()).collect()
    }

    fn locate(&self, folder: &ServerPath, target: &str) -> Option<ServerPath> {
        let source = self.source_of(folder)?;
        match self.local_target(folder, target) {
            // A link of one volume may lead to the folder of another.
            Some(local_path) => self.holds(&local_path),
            None => source.locate(folder, target),
        }
    }

    fn local_target(&self, folder: &ServerPath, target: &str) -> Option<PathBuf> {
        self.source_of(folder)?.local_target(folder, target)
    }

    fn holds(&self, local_path: &Path) -> Option<ServerPath> {
        let depth = |root: &ServerPath, name: &ServerPath| name.names().count() - root.names().count();
        let names = self.volumes.iter().filter_map(|(root, source)| Some((root, source.holds(local_path)?)));
        // Of sources that lie inside each other, the innermost.
        names.min_by_key(|(root, name)| depth(root, name)).map(|(_, name)| name)
    }

    fn knows_short_names(&self) -> bool {
        self.volumes.iter().any(|(_, source)| source.knows_short_names())
    }

    fn short_name(&self, path: &ServerPath) -> Option<String> {
        self.source_of(path)?.short_name(path)
    }

    fn deleted(&self, wanted: &dyn Fn(&ServerPath) -> bool, each: &mut dyn FnMut(DeletedFile)) {
        self.volumes.iter().for_each(|(_, source)| source.deleted(wanted, each));
    }

    fn remnants(&self, wanted: &dyn Fn(&ServerPath) -> bool, each: &mut dyn FnMut(DeletedFile)) -> io::Result<()> {
        let mut result = Ok(());
        for (root, source) in &self.volumes {
            if let Err(error) = source.remnants(wanted, each) {
                result = Err(io::Error::new(error.kind(), format!("{root}: {error}")));
            }
        }
        result
    }

    fn open_deleted(&self, file: &DeletedFile, stream: Option<&str>) -> io::Result<Content> {
        self.at(&file.path)?.open_deleted(file, stream)
    }

    fn shadow_copies(&self, problems: &mut Vec<Problem>) -> Vec<ShadowCopy> {
        let mut copies: Vec<ShadowCopy> =
            self.volumes.iter().flat_map(|(_, source)| source.shadow_copies(problems)).collect();
        copies.sort_by(|a, b| (&a.volume, a.number).cmp(&(&b.volume, b.number)));
        copies
    }

    fn in_shadow_copy(
        &self,
        copy: &ShadowCopy,
        wanted: &dyn Fn(&ServerPath) -> bool,
        each: &mut dyn FnMut(DeletedFile),
    ) -> io::Result<Vec<Problem>> {
        self.at(&copy.volume)?.in_shadow_copy(copy, wanted, each)
    }

    fn histories(&self, wanted: &dyn Fn(&ServerPath) -> bool) -> io::Result<Vec<FileHistory>> {
        let mut all = Vec::new();
        for (_, source) in &self.volumes {
            all.extend(source.histories(wanted)?);
        }
        Ok(all)
    }

    fn streams(&self, path: &ServerPath) -> io::Result<Vec<Stream>> {
        self.at(path)?.streams(path)
    }

    fn open_stream(&self, path: &ServerPath, name: &str) -> io::Result<Content> {
        self.at(path)?.open_stream(path, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use std::io::Read;

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    /// Volumes C: and D:, and a folder of D: that is a source of its own.
    fn joined() -> Overlay {
        let mut overlay = Overlay::new();
        overlay.add(path("C:\\"), Box::new(Memory::new().file(r"C:\a.txt", b"c").short(r"C:\a.txt", "A~1.TXT")));
        overlay.add(
            path("D:\\"),
            Box::new(Memory::new().drive('D').file(r"D:\a.txt", b"d").file(r"D:\in\a.txt", b"outer")),
        );
        overlay.add(
            path(r"D:\in"),
            Box::new(Memory::new().file(r"D:\in\a.txt", b"inner").stream(r"D:\in\a.txt", "s", b"x")),
        );
        overlay
    }

    fn content(evidence: &dyn Evidence, file: &str) -> Option<String> {
        let mut text = String::new();
        evidence.open(&path(file)).ok()?.reader.read_to_string(&mut text).ok()?;
        Some(text)
    }

    #[test]
    fn each_source_answers_for_what_lies_below_its_name_and_the_innermost_wins() {
        let joined = joined();
        let of = |file| content(&joined, file);
        assert_eq!(of(r"C:\a.txt").as_deref(), Some("c"));
        assert_eq!(of(r"D:\a.txt").as_deref(), Some("d"));
        assert_eq!(of(r"D:\in\a.txt").as_deref(), Some("inner"));
        assert_eq!(joined.short_name(&path(r"C:\a.txt")).as_deref(), Some("A~1.TXT"));
        assert_eq!(joined.streams(&path(r"D:\in\a.txt")).expect("there").len(), 1);
        assert_eq!(joined.streams(&path(r"D:\a.txt")).expect("there").len(), 0);
    }

    #[test]
    fn what_lies_in_no_source_is_refused_with_the_reason() {
        let error = joined().stat(&path(r"E:\x")).expect_err("no such volume");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().contains("not provided"));
        assert!(joined().source_of(&path("E:\\")).is_none() && joined().locate(&path("E:\\"), "x").is_none());
    }

    #[test]
    fn a_link_leads_from_one_folder_of_this_machine_into_another() {
        let (one, other) = (tempfile::tempdir().expect("made"), tempfile::tempdir().expect("made"));
        std::fs::create_dir(other.path().join("in")).expect("made");
        let mut overlay = Overlay::new();
        for (folder, root) in
            [(one.path().to_owned(), "C:\\"), (other.path().to_owned(), "D:\\"), (other.path().join("in"), "E:\\")]
        {
            let source = crate::evidence::Directory::open(&folder, path(root)).expect("opened");
            overlay.add(path(root), Box::new(source));
        }
        let target = |name: &str| other.path().join(name).to_string_lossy().into_owned();
        assert_eq!(overlay.locate(&path("C:\\"), &target("x")), Some(path(r"D:\x")));
        assert_eq!(overlay.locate(&path("C:\\"), &target("in")), Some(path("E:\\")));
        assert_eq!(overlay.name_of(&other.path().join("in").join("y")), Some(path(r"E:\y")));
        assert_eq!(overlay.locate(&path("C:\\"), "/nowhere/at/all"), None);
    }
}
