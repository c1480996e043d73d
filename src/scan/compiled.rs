//! Compiled pages in Temporary ASP.NET Files, joined with their pages after the walk.

use super::compiled_pages::CompiledPages;
use super::surveyed::Survey;
use crate::evidence::{Evidence, Resolver};
use crate::model::server_path::fold;
use crate::model::{Compiled, Problem, ProblemKind, Role, ServerPath, SourceState};
use crate::targets::preservation_file::{PreservationFile, read};
use crate::targets::{PageCandidate, Plan, UrlMap};
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};

/// How many `.compiled` files are read. A server with every page of Exchange compiled has some hundreds.
const MAX_FILES: usize = 20_000;
/// How much is read of one. Real ones have less than 2 KB; one that names every file of a large site, some ten.
const MAX_BYTES: u64 = 1 << 20;
/// How much text is kept of all of them.
const MAX_TEXT: usize = 16 << 20;
/// How many pages that the walk did not meet are looked for in folders.
const MAX_LOOKED_FOR: usize = 2000;

/// One `.compiled` file before its page is looked for.
struct Found {
    file: u32,
    folder: u32,
    preserved: PreservationFile,
    retired: bool,
    candidates: Result<Vec<PageCandidate>, String>,
}

/// The compiled pages of a finished walk.
pub(super) fn pages(
    evidence: &dyn Evidence,
    plan: &Plan,
    survey: &Survey,
    interrupted: &AtomicBool,
    problems: &mut Vec<Problem>,
) -> CompiledPages {
    let found = collect(evidence, plan, survey, interrupted, problems);
    if found.is_empty() {
        return CompiledPages::default();
    }
    let mut lookup = Lookup::new(evidence, survey, &found);
    let assemblies = assemblies(survey, &found);
    let mut compiled = CompiledPages::default();
    for found in found {
        let source = match found.candidates {
            Ok(candidates) => lookup.source(&candidates),
            Err(why) => SourceState::Unknown(why),
        };
        let PreservationFile { virtual_path, assembly, dependencies } = found.preserved;
        let library = assembly.as_ref().and_then(|name| assemblies.get(&(found.folder, fold(name) + ".dll")));
        let at = compiled.pages.len() as u32;
        compiled.by_file.insert(found.file, at);
        if let Some(library) = library {
            // Of an assembly of many pages, the page that is missing is reported.
            let kept = compiled.by_file.entry(*library).or_insert(at);
            let gone = |source: &SourceState| matches!(source, SourceState::Gone(_));
            if gone(&source) && !compiled.pages.get(*kept as usize).is_some_and(|page| gone(&page.source)) {
                *kept = at;
            }
        }
        let times = survey.times(found.file);
        compiled.pages.push(Compiled {
            virtual_path,
            assembly,
            assembly_there: library.is_some(),
            dependencies,
            time: times.created.or(times.modified),
            retired: found.retired,
            source,
        });
    }
    compiled
}

/// Reads every `.compiled` file of the survey, inside bounds.
fn collect(
    evidence: &dyn Evidence,
    plan: &Plan,
    survey: &Survey,
    interrupted: &AtomicBool,
    problems: &mut Vec<Problem>,
) -> Vec<Found> {
    let urls = UrlMap::new(evidence, plan);
    let mut found: Vec<Found> = Vec::new();
    let mut text = 0;
    let mut seen = 0;
    for (file, folder, name) in survey.in_role(Role::AspnetTemp) {
        let folded = fold(name);
        let marker = folded.ends_with(".compiled.delete");
        if !marker && !folded.ends_with(".compiled") {
            continue;
        }
        if interrupted.load(Ordering::Relaxed) {
            break;
        }
        let path = survey.folder(folder).join(name);
        seen += 1;
        if seen > MAX_FILES || text > MAX_TEXT {
            let message = "too many .compiled files: the pages of this one and the following ones are unknown";
            problems.push(Problem::at(ProblemKind::PartiallyExamined, &path, message));
            break;
        }
        // One that cannot be opened is reported when it is examined.
        let mut bytes = Vec::new();
        let opened =
            evidence.open(&survey.opens(&path)).map(|content| content.reader.take(MAX_BYTES).read_to_end(&mut bytes));
        if !matches!(opened, Ok(Ok(_))) {
            continue;
        }
        let preserved = match read(&bytes) {
            Ok(preserved) => preserved,
            // The marker of a deletion to come need not hold anything.
            Err(_) if marker => continue,
            Err(why) => {
                problems.push(Problem::at(ProblemKind::ConfigMalformed, &path, format!("a .compiled file: {why}")));
                continue;
            }
        };
        text += preserved.virtual_path.len() + preserved.dependencies.iter().map(String::len).sum::<usize>();
        let application = survey.relative(folder);
        let application = application.split('\\').next().unwrap_or_default();
        let candidates = urls.page_candidates(&path, application, &preserved.virtual_path);
        found.push(Found { file, folder, preserved, retired: marker, candidates });
    }
    // ASP.NET puts an empty marker beside a file that it could not delete.
    let markers: HashSet<(u32, String)> = survey
        .in_role(Role::AspnetTemp)
        .filter_map(|(_, folder, name)| Some((folder, fold(name).strip_suffix(".delete")?.to_owned())))
        .collect();
    for one in &mut found {
        one.retired |= markers.contains(&(one.folder, fold(survey.file_name(one.file))));
    }
    found
}

/// The assemblies that `.compiled` files name, by folder and folded name.
fn assemblies(survey: &Survey, found: &[Found]) -> HashMap<(u32, String), u32> {
    let wanted: HashSet<(u32, String)> =
        found.iter().filter_map(|one| Some((one.folder, fold(one.preserved.assembly.as_ref()?) + ".dll"))).collect();
    let libraries = survey.in_role(Role::AspnetTemp).map(|(file, folder, name)| ((folder, fold(name)), file));
    libraries.filter(|(key, _)| wanted.contains(key)).collect()
}

/// Looks for pages: among what the walk met and, for the few that it did not, in their folders.
struct Lookup<'e> {
    evidence: &'e dyn Evidence,
    resolver: Resolver<'e>,
    /// Files that the walk met, by folded path, of those that are asked for.
    met: HashMap<String, ServerPath>,
    listable: HashMap<ServerPath, bool>,
    looked_for: usize,
}

impl<'e> Lookup<'e> {
    fn new(evidence: &'e dyn Evidence, survey: &Survey, found: &[Found]) -> Self {
        let candidates = || found.iter().filter_map(|one| one.candidates.as_ref().ok()).flatten();
        let names: HashSet<String> = candidates()
            .filter_map(|candidate| match candidate {
                PageCandidate::Below(_, names) | PageCandidate::Assumed(_, names) => {
                    names.last().map(|name| fold(name))
                }
                PageCandidate::NoFolder(_) => None,
            })
            .collect();
        let asked = survey.names().filter(|(_, name, _)| names.contains(&fold(name)));
        let met = asked.map(|(folder, name, _)| folder.join(name)).map(|path| (path.folded(), path)).collect();
        Self { evidence, resolver: Resolver::new(evidence), met, listable: HashMap::new(), looked_for: 0 }
    }

    /// What became of a page that may lie at any of these places.
    fn source(&mut self, candidates: &[PageCandidate]) -> SourceState {
        let mut gone: Vec<ServerPath> = Vec::new();
        let mut assumed = false;
        let mut unknown = None;
        for candidate in candidates {
            let (folder, names) = match candidate {
                PageCandidate::NoFolder(path) => {
                    gone.push(path.clone());
                    continue;
                }
                PageCandidate::Below(folder, names) => (folder, names),
                PageCandidate::Assumed(folder, names) => {
                    assumed = true;
                    (folder, names)
                }
            };
            let path = names.iter().fold(folder.clone(), |path, name| path.join(name));
            match self.find(folder, names, &path) {
                Ok(Some(there)) => return SourceState::Present(there),
                Ok(None) => gone.push(path),
                Err(why) => unknown = Some(why),
            }
        }
        gone.dedup();
        match unknown {
            Some(why) => SourceState::Unknown(why),
            None if assumed => {
                let places: Vec<&str> = gone.iter().map(ServerPath::as_str).collect();
                let places = places.join(" nor at ");
                SourceState::Unknown(format!(
                    "there is no configuration; it is not at {places}, where a default installation has it"
                ))
            }
            None => SourceState::Gone(gone),
        }
    }

    fn find(&mut self, folder: &ServerPath, names: &[String], path: &ServerPath) -> Result<Option<ServerPath>, String> {
        if let Some(met) = self.met.get(&path.folded()) {
            return Ok(Some(met.clone()));
        }
        self.looked_for += 1;
        if self.looked_for > MAX_LOOKED_FOR {
            return Err(format!(
                "more than {MAX_LOOKED_FOR} compiled pages without a source: this one was not searched for"
            ));
        }
        if let Some(there) = self.resolver.files_below(folder, &names.join("\\")).into_iter().next() {
            return Ok(Some(there));
        }
        // Not met is not gone where a folder of the way cannot be listed, or leads elsewhere.
        let mut here = folder.clone();
        for (depth, name) in names.iter().enumerate() {
            if !self.can_list(&here) {
                return Err(format!("{here} cannot be listed"));
            }
            let next = here.join(name);
            if let Ok(entry) = self.evidence.stat(&next)
                && !matches!(entry.kind, crate::model::EntryKind::File | crate::model::EntryKind::Folder)
            {
                return Err(format!("{next} is a link or not a regular file"));
            }
            match self.resolver.folders_below(folder, &names[..=depth].join("\\")).into_iter().next() {
                Some(below) => here = below,
                None => break,
            }
        }
        Ok(None)
    }

    fn can_list(&mut self, folder: &ServerPath) -> bool {
        let evidence = self.evidence;
        *self.listable.entry(folder.clone()).or_insert_with(|| match evidence.list(folder, &|_| false, &mut |_| {}) {
            Ok(()) => true,
            // A folder that is not there holds nothing.
            Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use crate::evidence::memory::Fault;
    use crate::scan;
    use crate::targets::{Area, Plan, discover, recognise};

    const CACHE: &str = r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files";
    const CONFIG: &str = r#"<configuration><system.applicationHost><sites>
        <site name="Default Web Site" id="1"><application path="/"><virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot"/>
        </application><application path="/owa"><virtualDirectory path="/" physicalPath="C:\front\owa"/></application></site>
        <site name="Exchange Back End" id="2"><application path="/owa"><virtualDirectory path="/" physicalPath="C:\back\owa"/>
        </application></site></sites></system.applicationHost></configuration>"#;

    fn compiled(url: &str, assembly: &str) -> Vec<u8> {
        format!(r#"<preserve resultType="3" virtualPath="{url}" assembly="{assembly}" type="ASP.x"/>"#).into_bytes()
    }

    fn server() -> Memory {
        Memory::new()
            .file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", CONFIG.as_bytes())
            .folder(r"C:\inetpub\wwwroot")
            .file(r"C:\front\owa\auth\Logon.aspx", b"")
            .file(r"C:\back\owa\auth\errorFE.aspx", b"")
            .file(&format!(r"{CACHE}\owa\1\2\logon.aspx.1.compiled"), &compiled("/owa/auth/logon.aspx", "App_Web_a"))
            .file(
                &format!(r"{CACHE}\owa\1\2\errorfe.aspx.2.compiled"),
                &compiled("/owa/auth/errorfe.aspx", "App_Web_A"),
            )
            .file(&format!(r"{CACHE}\owa\1\2\x.aspx.3.compiled"), &compiled("/owa/auth/x.aspx", "App_Web_a"))
            .file(&format!(r"{CACHE}\owa\1\2\app_web_a.dll"), b"MZ")
            .file(&format!(r"{CACHE}\owa\9\9\app_web_a.dll"), b"MZ")
            .file(&format!(r"{CACHE}\owa\1\2\y.aspx.4.compiled"), &compiled("/owa/y.aspx", "App_Web_b"))
            .file(&format!(r"{CACHE}\owa\1\2\y.aspx.4.compiled.delete"), b"")
            .file(&format!(r"{CACHE}\owa\1\2\broken.compiled"), b"<preserve")
    }

    fn survey(evidence: &Memory) -> (Plan, Survey, Vec<Problem>) {
        let root = ServerPath::drive('C');
        let given = crate::targets::Target { kind: recognise(evidence, &root), path: root };
        let plan = discover(evidence, &[given], &['C'], false);
        let mut problems = Vec::new();
        let survey = scan::survey(evidence, &plan, &AtomicBool::new(false), &mut problems);
        (plan, survey, problems)
    }

    fn about(evidence: &Memory, file: &str) -> Option<Compiled> {
        let (plan, survey, _) = survey(evidence);
        let path = ServerPath::from_windows(&format!(r"{CACHE}\owa\{file}")).expect("absolute");
        let at = (0..survey.len()).find(|&at| survey.path(at) == path).expect("surveyed");
        survey.artefact(at, &plan).compiled
    }

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    #[test]
    fn a_page_is_gone_only_if_it_is_gone_from_every_site() {
        let evidence = server();
        let source = |file: &str| about(&evidence, &format!(r"1\2\{file}")).map(|page| page.source);
        assert_eq!(source("logon.aspx.1.compiled"), Some(SourceState::Present(path(r"C:\front\owa\auth\Logon.aspx"))));
        assert_eq!(
            source("errorfe.aspx.2.compiled"),
            Some(SourceState::Present(path(r"C:\back\owa\auth\errorFE.aspx")))
        );
        let gone = vec![path(r"C:\front\owa\auth\x.aspx"), path(r"C:\back\owa\auth\x.aspx")];
        assert_eq!(source("x.aspx.3.compiled"), Some(SourceState::Gone(gone)));
        let (_, survey, problems) = survey(&evidence);
        let said: Vec<_> =
            problems.iter().map(|problem| (problem.kind, problem.path.as_ref().map(ServerPath::name))).collect();
        assert_eq!(said, [(ProblemKind::ConfigMalformed, Some("broken.compiled"))]);
        let pages = survey.compiled_pages();
        assert!(pages.is_sorted_by_key(|(time, ..)| *time));
        let mut urls: Vec<&str> = pages.iter().map(|(_, url, _)| url.as_str()).collect();
        urls.sort_unstable();
        assert_eq!(urls, ["/owa/auth/errorfe.aspx", "/owa/auth/logon.aspx", "/owa/auth/x.aspx", "/owa/y.aspx"]);
    }

    #[test]
    fn an_assembly_names_the_page_that_is_gone_and_marks_of_deletion_count() {
        let evidence = server();
        let library = about(&evidence, r"1\2\app_web_a.dll").expect("joined");
        assert_eq!((library.virtual_path.as_str(), library.assembly_there), ("/owa/auth/x.aspx", true));
        assert_eq!(about(&evidence, r"9\9\app_web_a.dll"), None, "of another application");
        let retired = about(&evidence, r"1\2\y.aspx.4.compiled").expect("read");
        assert_eq!((retired.retired, retired.assembly_there), (true, false));
    }

    #[test]
    fn what_cannot_be_listed_is_not_gone() {
        let closed = r"C:\back\owa\auth";
        let evidence = server().fault(closed, Fault::Refuse(std::io::ErrorKind::PermissionDenied));
        let page = about(&evidence, r"1\2\x.aspx.3.compiled").expect("read");
        assert!(matches!(page.source, SourceState::Unknown(why) if why.contains("cannot be listed")));
        let evidence = server().link(r"C:\back\owa\auth\x.aspx", r"C:\elsewhere");
        let page = about(&evidence, r"1\2\x.aspx.3.compiled").expect("read");
        assert!(matches!(page.source, SourceState::Unknown(why) if why.contains("is a link")));
    }

    #[test]
    fn one_file_alone_is_joined_as_well() {
        let evidence = server();
        let (plan, _, _) = survey(&evidence);
        for file in ["x.aspx.3.compiled", "app_web_a.dll"] {
            let path = path(&format!(r"{CACHE}\owa\1\2\{file}"));
            let alone = scan::single(&evidence, &plan, &path, &mut Vec::new());
            assert_eq!(alone.len(), 1);
            let artefact = alone.artefact(0, &plan);
            assert_eq!(artefact.compiled.map(|page| page.virtual_path).as_deref(), Some("/owa/auth/x.aspx"), "{file}");
            assert!(artefact.place.relative.starts_with("owa"), "{}", artefact.place.relative);
        }
    }

    #[test]
    fn crafted_numbers_end_at_a_bound_that_is_reported() {
        let mut evidence = Memory::new();
        for n in 0..=MAX_FILES {
            evidence = evidence.file(&format!(r"C:\t\owa\{n}.compiled"), &compiled(&format!("/owa/{n}.aspx"), "a"));
        }
        let area = Area { path: path(r"C:\t"), role: Role::AspnetTemp, base: path(r"C:\t"), every_file: true };
        let plan = Plan { areas: vec![area], exchange: vec![path(r"C:\V15")], ..Plan::default() };
        let mut problems = Vec::new();
        let survey = scan::survey(&evidence, &plan, &AtomicBool::new(false), &mut problems);
        assert_eq!(problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), [ProblemKind::PartiallyExamined]);
        let sources: Vec<_> = survey.compiled_for_tests().map(|page| &page.source).collect();
        assert_eq!(sources.len(), MAX_FILES);
        assert!(
            matches!(&sources[0], SourceState::Unknown(why) if why.contains("default installation")),
            "{:?}",
            sources[0]
        );
        assert!(matches!(sources.last(), Some(SourceState::Unknown(why)) if why.contains("not searched for")));
    }
}
