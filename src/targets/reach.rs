//! By which URL paths the web server reaches a file, and what it does with a request for each.
//!
//! A URL path belongs to the application with the longest path that it starts with, and there to the virtual directory with
//! the longest path; what lies in a folder of the same name below another one is not reached by it. Settings are put
//! together along the URL, not along the disk: `/owa/Calendar` inherits what holds for `/owa`.

use super::Plan;
use super::iis::{self, Application, Iis, Physical, Site, VirtualDirectory};
use crate::config::handling::runs;
use crate::config::layers::{Effective, Layers, key};
use crate::evidence::{Evidence, Resolver};
use crate::model::server_path::fold;
use crate::model::{Reach, Runs, ServerPath};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// How many URL paths of one file are told. A stock page has four at most.
const MAX_REACHES: usize = 32;
/// How many virtual directories of one folder are tried.
const MAX_TRIED: usize = 1_000;
/// How many levels a URL may have for its settings to be put together.
const MAX_LEVELS: usize = 64;
/// How many web.config files are remembered.
const MAX_REMEMBERED: usize = 4_096;

/// Answers how files are reached. Shared by threads; reads a web.config when it is first needed.
pub struct Reacher<'r> {
    evidence: &'r dyn Evidence,
    sites: Vec<SiteMap<'r>>,
    /// The virtual directories of each served folder, folded, without a final separator: site, application, directory.
    served: HashMap<String, Vec<(usize, usize, usize)>>,
    /// The lengths of these folders' paths: no other beginning of a path needs to be looked up.
    lengths: HashSet<usize>,
    /// The web.config of folders, by the folder's folded path.
    configs: Mutex<HashMap<String, Arc<Layers>>>,
}

/// A site with its URL space.
struct SiteMap<'r> {
    iis: &'r Iis,
    site: &'r Site,
    applications: Prefixes,
    /// Of each application.
    folders: Vec<Prefixes>,
}

/// URL paths, folded, without slashes at their ends, and what the longest one that a URL starts with stands for.
#[derive(Default)]
struct Prefixes {
    by_path: HashMap<String, usize>,
    lengths: BTreeSet<usize>,
}

impl Prefixes {
    fn of<'p>(paths: impl Iterator<Item = &'p str>) -> Self {
        let mut prefixes = Self::default();
        for (at, path) in paths.enumerate() {
            let path = key(path);
            prefixes.lengths.insert(path.len());
            prefixes.by_path.entry(path).or_insert(at);
        }
        prefixes
    }

    /// The longest path that a folded URL path, without slashes at its ends, starts with: its place and its length.
    fn longest(&self, url: &str) -> Option<(usize, usize)> {
        self.lengths.iter().rev().find_map(|&length| {
            let head = url.get(..length)?;
            let ends = length == 0 || length == url.len() || url[length..].starts_with('/');
            self.by_path.get(head).filter(|_| ends).map(|at| (*at, length))
        })
    }
}

impl<'r> SiteMap<'r> {
    fn new(iis: &'r Iis, site: &'r Site) -> Self {
        let applications = Prefixes::of(site.applications.iter().map(|application| application.path.as_str()));
        let folders = site.applications.iter();
        let folders = folders.map(|app| Prefixes::of(app.folders.iter().map(|folder| folder.path.as_str()))).collect();
        Self { iis, site, applications, folders }
    }

    /// The application and virtual directory that a URL path, as [`key`] gives it, belongs to, and how much of it they take.
    fn resolve(&self, url: &str) -> Option<(usize, usize, usize)> {
        let (application, taken) = self.applications.longest(url)?;
        let rest = url.get(taken..)?.trim_start_matches('/');
        let (folder, more) = self.folders.get(application)?.longest(rest)?;
        Some((application, folder, url.len() - rest.len() + more))
    }

    fn parts(&self, application: usize, folder: usize) -> Option<(&'r Application, &'r VirtualDirectory)> {
        let application = self.site.applications.get(application)?;
        Some((application, application.folders.get(folder)?))
    }
}

impl<'r> Reacher<'r> {
    /// Answers for the sites of a plan.
    pub fn new(evidence: &'r dyn Evidence, plan: &'r Plan) -> Self {
        let sites: Vec<SiteMap<'r>> =
            plan.servers().flat_map(|iis| iis.sites.iter().map(move |site| SiteMap::new(iis, site))).collect();
        let mut served: HashMap<String, Vec<(usize, usize, usize)>> = HashMap::new();
        for (at, map) in sites.iter().enumerate() {
            for (a, application) in map.site.applications.iter().enumerate() {
                for (f, folder) in application.folders.iter().enumerate() {
                    let Physical::Folders(paths) = &folder.physical else { continue };
                    for path in paths {
                        let path = path.folded().trim_end_matches(path.separator()).to_owned();
                        let known = served.entry(path).or_default();
                        // Folders whose names differ only in case are one to Windows.
                        if known.last() != Some(&(at, a, f)) {
                            known.push((at, a, f));
                        }
                    }
                }
            }
        }
        let lengths = served.keys().map(String::len).collect();
        Self { evidence, sites, served, lengths, configs: Mutex::default() }
    }

    /// Every URL path that reaches a file, the most telling first: one where it runs before one where it does not, then that
    /// of the deepest virtual directory, then the shortest. Empty where no configuration was found or none serves it.
    pub fn reach(&self, file: &ServerPath) -> Vec<Reach> {
        let mut reaches: Vec<(usize, Reach)> = Vec::new();
        let folded = file.folded();
        let ends = folded.match_indices(file.separator()).map(|(at, _)| at);
        let ends = ends.filter(|at| self.lengths.contains(at)).collect::<Vec<_>>();
        // From the inside out, so that the bound takes the farthest.
        let candidates = ends.iter().rev().filter_map(|end| Some((*end, self.served.get(&folded[..*end])?)));
        let candidates = candidates.flat_map(|(end, all)| all.iter().map(move |candidate| (end, candidate)));
        for (end, &(at, a, f)) in candidates.take(MAX_TRIED) {
            let Some(map) = self.sites.get(at) else { continue };
            let Some((application, folder)) = map.parts(a, f) else { continue };
            if let Some(reach) = self.reach_by(map, (a, application), (f, folder), file) {
                reaches.push((end, reach));
                if reaches.len() >= MAX_REACHES {
                    break;
                }
            }
        }
        let rank = |runs: &Runs| match runs {
            Runs::By(_) => 0,
            Runs::Unknown(_) => 1,
            Runs::Sent => 2,
            Runs::Refused(_) => 3,
        };
        reaches.sort_by_key(|(depth, reach)| (rank(&reach.runs), usize::MAX - depth, reach.url.len()));
        reaches.into_iter().map(|(_, reach)| reach).collect()
    }

    fn reach_by(
        &self,
        map: &SiteMap<'r>,
        (a, application): (usize, &Application),
        (f, folder): (usize, &VirtualDirectory),
        file: &ServerPath,
    ) -> Option<Reach> {
        let Physical::Folders(roots) = &folder.physical else { return None };
        let rest = roots.iter().find_map(|root| file.below(root))?;
        let names: Vec<&str> = rest.split(file.separator()).filter(|name| !name.is_empty()).collect();
        let url = format!("{}/{}", application.url(folder).trim_end_matches('/'), names.join("/"));
        let url = if url.starts_with('/') { url } else { format!("/{url}") };
        let (found_application, found_folder, _) = map.resolve(&key(&url))?;
        if (found_application, found_folder) != (a, f) {
            return None; // another one lies over it
        }
        let pool = map.iis.pool_of(map.site, application);
        let settings = self.settings(map, a, &url, true);
        Some(Reach {
            site: map.site.name.clone(),
            application: application.path.clone(),
            pool: pool.to_owned(),
            identity: map.iis.pool(pool).map(|pool| pool.identity.clone()).unwrap_or_default(),
            runs: runs(&settings, &url, map.iis.pool(pool)),
            authentication: settings.authentication(),
            url,
        })
    }

    /// The ways of authentication that are on at the root of an application, by the names of the configuration.
    pub fn authentication(&self, site: &Site, application: &Application) -> Vec<String> {
        let map = self.sites.iter().find(|map| std::ptr::eq(map.site, site));
        let Some(map) = map else { return Vec::new() };
        let at = site.applications.iter().position(|own| std::ptr::eq(own, application)).unwrap_or_default();
        self.settings(map, at, &application.path, false).authentication()
    }

    /// What holds at a URL path, of a file or of a folder.
    fn settings(&self, map: &SiteMap<'r>, application: usize, url: &str, is_file: bool) -> Effective {
        let root = &map.iis.layers;
        let mut effective = Effective::default();
        let doubt = map.iis.redirected_to.as_ref().map(|_| "the sites are configured elsewhere".to_owned());
        effective.doubt = doubt.or_else(|| root.broken.as_ref().map(|why| format!("applicationHost.config: {why}")));
        let url = key(url);
        let segments: Vec<&str> = url.split('/').filter(|segment| !segment.is_empty()).collect();
        if segments.len() > MAX_LEVELS {
            effective.doubt = Some(format!("the URL has more than {MAX_LEVELS} levels"));
            return effective;
        }
        let own_application = map
            .site
            .applications
            .get(application)
            .map_or(0, |own| key(&own.path).split('/').filter(|segment| !segment.is_empty()).count());
        effective.enter(root, "", true, true, root);
        // The web.config of each level so far, the site's own the first.
        let mut configs: Vec<Arc<Layers>> = Vec::new();
        let mut place = fold(&map.site.name);
        for level in 0..=segments.len() {
            if let Some(segment) = level.checked_sub(1).and_then(|at| segments.get(at)) {
                place.push('/');
                place.push_str(segment);
            }
            let same_application = own_application <= level;
            effective.enter(root, &place, same_application, true, root);
            for (outer, config) in configs.iter().enumerate().filter(|(_, config)| !config.is_empty()) {
                let below = segments.get(outer..level).unwrap_or_default().join("/");
                effective.enter(config, &below, same_application, false, root);
            }
            // The last level is the file's own, which can only have a `location`.
            if is_file && level == segments.len() {
                break;
            }
            let config = self.config_at(map, segments.get(..level).unwrap_or_default());
            if let Some(why) = &config.broken {
                effective.doubt.get_or_insert_with(|| why.clone());
            }
            effective.enter(&config, "", same_application, false, root);
            configs.push(config);
        }
        effective
    }

    /// The web.config of the folder that a URL path leads to; an empty one where there is none. Folders whose names differ
    /// only in case are one to Windows.
    fn config_at(&self, map: &SiteMap<'r>, segments: &[&str]) -> Arc<Layers> {
        let url = segments.join("/");
        let Some((application, folder, taken)) = map.resolve(&url) else { return Arc::default() };
        let Some((_, directory)) = map.parts(application, folder) else { return Arc::default() };
        let Physical::Folders(roots) = &directory.physical else { return Arc::default() };
        let Some(root) = roots.first() else { return Arc::default() };
        let names = url.get(taken..).unwrap_or_default().replace('/', "\\");
        let place = format!("{}\\{}", root.folded(), names.trim_matches('\\'));
        let lock = || self.configs.lock().unwrap_or_else(|held| held.into_inner());
        if let Some(known) = lock().get(&place) {
            return known.clone();
        }
        let resolver = Resolver::new(self.evidence);
        let files = roots.iter().find_map(|root| {
            Some(resolver.files_below(root, &format!("{names}\\web.config"))).filter(|files| !files.is_empty())
        });
        let file = files.as_ref().and_then(|files| files.first());
        let layers = Arc::new(file.map_or_else(Layers::default, |file| self.read(file)));
        let mut configs = lock();
        if configs.len() >= MAX_REMEMBERED {
            configs.clear();
        }
        configs.insert(place, layers.clone());
        layers
    }

    fn read(&self, file: &ServerPath) -> Layers {
        match iis::document(self.evidence, file) {
            Ok(document) => {
                let mut layers = Layers::of(&document);
                layers.broken = layers.broken.map(|why| format!("{file}: {why}"));
                layers
            }
            Err(error) => Layers::unreadable(format!("{file} could not be read: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use crate::targets::{Given, Shape, discover};
    use std::fmt::Write as _;

    const CONFIG: &str = r"C:\Windows\System32\inetsrv\config\applicationHost.config";
    const HANDLERS: &str = r#"<location path="" overrideMode="Allow"><system.webServer><handlers accessPolicy="Read, Script">
        <add name="dll" path="*.dll" verb="*" modules="IsapiModule" requireAccess="Execute"/>
        <add name="Classic" path="*.aspx" verb="*" modules="IsapiModule" scriptProcessor="x.dll" preCondition="classicMode,runtimeVersionv4.0,bitness64"/>
        <add name="Page2" path="*.aspx" verb="GET,POST" type="System.Web.UI.PageHandlerFactory" preCondition="integratedMode,runtimeVersionv2.0"/>
        <add name="Page" path="*.aspx" verb="GET,HEAD,POST,DEBUG" type="System.Web.UI.PageHandlerFactory" preCondition="integratedMode,runtimeVersionv4.0"/>
        <add name="Razor" path="*.cshtml" verb="GET" type="System.Web.HttpForbiddenHandler"/>
        <add name="Resource" path="WebResource.axd" verb="GET" type="System.Web.Handlers.AssemblyResourceLoader"/>
        <add name="Options" path="*" verb="OPTIONS" modules="ProtocolSupportModule" requireAccess="None"/>
        <add name="StaticFile" path="*" verb="*" modules="StaticFileModule,DefaultDocumentModule" resourceType="Either" requireAccess="Read"/>
        </handlers></system.webServer></location>"#;

    /// A server with one site of these applications (path, pool, folder), `rest` of applicationHost.config, and files.
    fn server(applications: &[(&str, &str, &str)], rest: &str, files: &[(&str, &str)]) -> (Memory, Plan) {
        let mut text = r#"<configuration><configSections><section name="anonymousAuthentication" overrideModeDefault="Deny"/></configSections>
            <system.applicationHost><applicationPools><add name="A"><processModel identityType="LocalSystem"/></add><add name="Old" managedPipelineMode="Classic"/>
            <add name="Bare" managedRuntimeVersion=""/><add name="Wow" enable32BitAppOnWin64="true"/><applicationPoolDefaults managedRuntimeVersion="v4.0"><processModel identityType="ApplicationPoolIdentity"/></applicationPoolDefaults></applicationPools>
            <sites><site name="Web" id="1">"#.to_owned();
        for (path, pool, folder) in applications {
            let _ = write!(text, r#"<application path="{path}" applicationPool="{pool}">"#);
            // A second part is a virtual directory: its URL path and folder.
            for (n, part) in folder.split('|').enumerate() {
                let (url, physical) = if n == 0 { ("/", part) } else { part.split_once('>').expect("url>folder") };
                let _ = write!(text, r#"<virtualDirectory path="{url}" physicalPath="{physical}"/>"#);
            }
            text += "</application>";
        }
        let _ = write!(text, "</site></sites></system.applicationHost>{rest}</configuration>");
        let mut evidence = Memory::new().file(CONFIG, text.as_bytes());
        for (path, content) in files {
            evidence = evidence.file(path, content.as_bytes());
        }
        let given = [Given { path: ServerPath::drive('C'), shape: Shape::Volume }];
        let plan = discover(&evidence, &given, &['C'], false);
        (evidence, plan)
    }

    fn reach((evidence, plan): &(Memory, Plan), file: &str) -> Vec<Reach> {
        Reacher::new(evidence, plan).reach(&ServerPath::from_windows(file).expect("absolute"))
    }

    fn urls(server: &(Memory, Plan), file: &str) -> Vec<String> {
        reach(server, file).into_iter().map(|reach| reach.url).collect()
    }

    fn by(name: &str) -> Runs {
        Runs::By(name.to_owned())
    }

    /// What becomes of `name` in C:\w with these web.config files, each in its folder.
    fn what(name: &str, configs: &[(&str, &str)]) -> Runs {
        let path = format!(r"C:\w\{name}");
        let configs: Vec<(String, String)> = configs
            .iter()
            .map(|(folder, text)| {
                (
                    format!(r"C:\w\{folder}Web.Config"),
                    format!("<configuration><system.webServer>{text}</system.webServer></configuration>"),
                )
            })
            .collect();
        let mut files: Vec<(&str, &str)> = vec![(&path, "")];
        files.extend(configs.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let server = server(&[("/", "A", r"C:\w")], HANDLERS, &files);
        reach(&server, &path).remove(0).runs
    }

    #[test]
    fn every_url_of_a_folder_that_several_applications_share_is_told() {
        let owa = r"C:\ex\owa";
        let server = server(
            &[("/", "", r"C:\w"), ("/owa", "A", owa), ("/owa/Calendar", "B", owa), ("/owa/oma", "A", owa)],
            HANDLERS,
            &[(r"C:\ex\owa\auth\X.aspx", ""), (r"C:\w\a.aspx", "")],
        );
        let found = reach(&server, r"C:\ex\owa\auth\X.aspx");
        let told: Vec<_> = found.iter().map(|reach| (reach.url.as_str(), reach.application.as_str())).collect();
        assert_eq!(
            told,
            [
                ("/owa/auth/X.aspx", "/owa"),
                ("/owa/oma/auth/X.aspx", "/owa/oma"),
                // Nothing tells of pool B, so nothing tells which handler is for it.
                ("/owa/Calendar/auth/X.aspx", "/owa/Calendar"),
            ]
        );
        assert_eq!((found[0].pool.as_str(), found[0].identity.as_str()), ("A", "LocalSystem"));
        assert_eq!((found[2].pool.as_str(), found[2].identity.as_str()), ("B", ""));
        assert_eq!(found[0].runs, by("Page"));
        assert!(matches!(found[2].runs, Runs::Unknown(_)), "{:?}", found[2]);
        assert_eq!(reach(&server, r"C:\w\a.aspx")[0].pool, "DefaultAppPool");
        assert_eq!(urls(&server, r"C:\elsewhere\a.aspx"), [""; 0]);
    }

    #[test]
    fn what_lies_under_another_mapping_is_not_reached_by_that_url() {
        let server = server(
            &[
                ("/", "A", r"C:\w|/img>C:\pictures|/sub/x>C:\over"),
                ("/sub", "A", r"C:\sub"),
                ("/deep", "A", r"C:\w\real"),
            ],
            HANDLERS,
            &[
                (r"C:\w\sub\a.aspx", ""),
                (r"C:\w\img\a.aspx", ""),
                (r"C:\pictures\a.aspx", ""),
                (r"C:\w\real\a.aspx", ""),
                (r"C:\over\a.aspx", ""),
                (r"C:\sub\x\a.aspx", ""),
            ],
        );
        assert_eq!(urls(&server, r"C:\w\sub\a.aspx"), [""; 0], "an application lies over it");
        assert_eq!(urls(&server, r"C:\w\img\a.aspx"), [""; 0], "a virtual directory lies over it");
        assert_eq!(urls(&server, r"C:\pictures\a.aspx"), ["/img/a.aspx"]);
        assert_eq!(urls(&server, r"C:\W\REAL\a.aspx"), ["/deep/a.aspx", "/REAL/a.aspx"], "the deepest folder first");
        assert_eq!(urls(&server, r"C:\over\a.aspx"), [""; 0], "the application is chosen before its directories");
        assert_eq!(urls(&server, r"C:\sub\x\a.aspx"), ["/sub/x/a.aspx"]);
    }

    #[test]
    fn the_handler_is_that_of_extension_pool_and_method() {
        assert_eq!(what("a.ASPX", &[]), by("Page"));
        assert_eq!(what("webresource.AXD", &[]), by("Resource"));
        assert_eq!(what("a.gif", &[]), Runs::Sent);
        assert_eq!(what("readme", &[]), Runs::Sent);
        assert_eq!(what("a.cshtml", &[]), Runs::Refused("handler Razor (HttpForbiddenHandler)".to_owned()));
        let Runs::Refused(why) = what("a.dll", &[]) else { panic!("ran") };
        assert!(why.contains("Execute"), "{why}");
        let pools = server(
            &[("/", "A", r"C:\w"), ("/old", "Old", r"C:\w"), ("/bare", "Bare", r"C:\w"), ("/wow", "Wow", r"C:\w")],
            &HANDLERS.replace("integratedMode,runtimeVersionv4.0", "integratedMode,runtimeVersionv4.0,bitness64"),
            &[(r"C:\w\a.aspx", "")],
        );
        let runs: Vec<(String, Runs)> =
            reach(&pools, r"C:\w\a.aspx").into_iter().map(|reach| (reach.url, reach.runs)).collect();
        let expected = [
            ("/a.aspx", by("Page")),
            ("/old/a.aspx", by("Classic")),
            ("/wow/a.aspx", Runs::Sent),
            ("/bare/a.aspx", Runs::Sent),
        ];
        assert_eq!(runs, expected.map(|(url, runs)| (url.to_owned(), runs)));
    }

    #[test]
    fn web_config_files_change_handlers_from_the_outside_in() {
        let add = |name: &str, path: &str| {
            format!(r#"<handlers><add name="{name}" path="{path}" verb="*" type="T"/></handlers>"#)
        };
        assert_eq!(what(r"s\a.gif", &[(r"s\", &add("Gif", "*.gif"))]), by("Gif"));
        assert_eq!(what(r"a.gif", &[(r"s\", &add("Gif", "*.gif"))]), Runs::Sent, "not outside of its folder");
        assert_eq!(what(r"s\t\a.gif", &[("", &add("Outer", "*.gif")), (r"s\", &add("Inner", "*.gif"))]), by("Inner"));
        assert_eq!(what(r"a.aspx", &[("", &add("All", "*"))]), by("All"), "what is added inside comes first");
        assert_eq!(what(r"a.aspx", &[("", r#"<handlers><remove name="PAGE"/></handlers>"#)]), Runs::Sent);
        let clear = r#"<handlers><clear/></handlers>"#;
        assert!(matches!(what("a.aspx", &[("", clear)]), Runs::Refused(why) if why.contains("no handler")));
        let exact = add("Exact", "/s/only.txt");
        assert_eq!(what(r"s\only.txt", &[("", &exact)]), by("Exact"));
        assert_eq!(what(r"only.txt", &[("", &exact)]), Runs::Sent);
        let put = r#"<handlers><add name="Put" path="*.txt" verb="PUT" type="T"/></handlers>"#;
        assert_eq!(what("a.txt", &[("", put)]), by("Put"), "a page that answers to any method runs");
        let junk = r#"<handlers><add name="J" path="*.txt" verb="A,B,C,D,E,F,G,H" modules="StaticFileModule" requireAccess="Read"/><add name="Post" path="*.txt" verb="POST" type="T"/></handlers>"#;
        assert_eq!(what("a.txt", &[("", junk)]), by("Post"), "whatever methods stand before it");
        let bits = r#"<handlers><add name="B" path="*.txt" verb="*" type="T" preCondition="bitness32"/></handlers>"#;
        assert_eq!(what("a.txt", &[("", bits)]), Runs::Sent);
        assert_eq!(what("a.txt", &[("", &bits.replace("32", "64"))]), by("B"));
        let folder = r#"<handlers><add name="F" path="*" verb="*" type="T" resourceType="Directory"/></handlers>"#;
        assert_eq!(what("a.txt", &[("", folder)]), Runs::Sent);
        let read_only = r#"<handlers accessPolicy="Read"/>"#;
        assert!(matches!(what(r"s\a.aspx", &[(r"s\", read_only)]), Runs::Refused(why) if why.contains("Script")));
    }

    #[test]
    fn locations_are_for_their_place_alone() {
        let location = |path: &str, more: &str| {
            format!(
                r#"<location path="{path}" {more}><system.webServer><handlers><add name="Here" path="*.gif" verb="*" type="T"/></handlers></system.webServer></location>"#
            )
        };
        let gif = [(r"C:\w\s\a.gif", ""), (r"C:\w\b.gif", "")];
        for (path, more, inside, outside) in [
            ("Web/s", "", by("Here"), Runs::Sent),
            ("WEB/S/A.GIF", "", by("Here"), Runs::Sent),
            ("Web", "", by("Here"), by("Here")),
            ("Other", "", Runs::Sent, Runs::Sent),
        ] {
            let server = server(&[("/", "A", r"C:\w")], &format!("{HANDLERS}{}", location(path, more)), &gif);
            assert_eq!(reach(&server, r"C:\w\s\a.gif")[0].runs, inside, "{path}");
            assert_eq!(reach(&server, r"C:\w\b.gif")[0].runs, outside, "{path}");
        }
        let config = format!("<configuration>{}</configuration>", location("s", ""));
        let files = [gif[0], gif[1], (r"C:\w\web.config", config.as_str())];
        let server_ = server(&[("/", "A", r"C:\w")], HANDLERS, &files);
        assert_eq!(reach(&server_, r"C:\w\s\a.gif")[0].runs, by("Here"), "a location of a web.config");
        assert_eq!(reach(&server_, r"C:\w\b.gif")[0].runs, Runs::Sent);
        let not_inside =
            format!("<configuration>{}</configuration>", location(".", r#"inheritInChildApplications="false""#));
        let files = [gif[0], gif[1], (r"C:\w\web.config", not_inside.as_str())];
        let server = server(&[("/", "A", r"C:\w"), ("/s", "A", r"C:\w\s")], HANDLERS, &files);
        let runs: Vec<_> = reach(&server, r"C:\w\s\a.gif").into_iter().map(|reach| reach.runs).collect();
        assert_eq!(runs, [Runs::Sent], "an application inside does not inherit it");
        assert_eq!(reach(&server, r"C:\w\b.gif")[0].runs, by("Here"));
    }

    #[test]
    fn what_stands_around_a_location_is_not_of_it() {
        let own = |name: &str| {
            format!(
                r#"<system.webServer><handlers><add name="{name}" path="*.{name}" verb="*" type="T"/></handlers></system.webServer>"#
            )
        };
        let location =
            |more: &str| format!(r#"<location path="." inheritInChildApplications="false">{more}</location>"#);
        let config = format!("<configuration>{}{}{}</configuration>", own("one"), location(&own("two")), own("three"));
        let files = [
            (r"C:\w\s\a.one", ""),
            (r"C:\w\s\a.two", ""),
            (r"C:\w\s\a.three", ""),
            (r"C:\w\web.config", config.as_str()),
        ];
        let server = server(&[("/", "A", r"C:\w"), ("/s", "A", r"C:\w\s")], HANDLERS, &files);
        let runs = ["one", "two", "three"].map(|name| reach(&server, &format!(r"C:\w\s\a.{name}"))[0].runs.clone());
        assert_eq!(runs, [by("one"), Runs::Sent, by("three")]);
    }

    #[test]
    fn an_application_inherits_along_the_url_not_along_the_disk() {
        let config = r#"<configuration><system.webServer><handlers><add name="Own" path="*.gif" verb="*" type="T"/></handlers></system.webServer></configuration>"#;
        let server = server(
            &[("/", "A", r"C:\w"), ("/a", "A", r"C:\a"), ("/a/b", "A", r"D:\gone|/c>C:\x")],
            HANDLERS,
            &[(r"C:\A\q.gif", ""), (r"C:\a\web.config", config), (r"C:\x\p.gif", "")],
        );
        // C:\A and C:\a are one folder to Windows; the evidence has both.
        assert_eq!(reach(&server, r"C:\A\q.gif")[0].runs, by("Own"));
        assert_eq!(reach(&server, r"C:\x\p.gif")[0].runs, by("Own"));
        assert_eq!(reach(&server, r"C:\x\p.gif")[0].url, "/a/b/c/p.gif");
    }

    #[test]
    fn request_filters_and_types_of_content_refuse() {
        let filter = r#"<security><requestFiltering><hiddenSegments><add segment="bin"/></hiddenSegments><fileExtensions allowUnlisted="true"><add fileExtension=".config" allowed="false"/></fileExtensions><denyUrlSequences><add sequence=".."/></denyUrlSequences></requestFiltering></security>"#;
        let refused = |name: &str, inner: &str| match what(name, &[("", filter), (r"s\", inner)]) {
            Runs::Refused(why) => why,
            other => panic!("{name}: {other:?}"),
        };
        assert!(refused(r"s\BIN\a.aspx", "").contains("\"bin\""));
        assert!(refused(r"s\a.config", "").contains(".config"));
        assert!(refused(r"s\a..b.aspx", "").contains(".."));
        let unlisted =
            r#"<security><requestFiltering><fileExtensions allowUnlisted="false"/></requestFiltering></security>"#;
        assert!(refused(r"s\a.aspx", unlisted).contains("list"));
        let removed = r#"<security><requestFiltering><hiddenSegments><remove segment="BIN"/></hiddenSegments><fileExtensions><clear/></fileExtensions></requestFiltering></security>"#;
        assert_eq!(what(r"s\bin\a.aspx", &[("", filter), (r"s\", removed)]), by("Page"));
        assert_eq!(what(r"s\a.config", &[("", filter), (r"s\", removed)]), Runs::Sent);
        assert_eq!(what(r"s\robin\a.aspx", &[("", filter)]), by("Page"), "a part of a name is no segment");
        let types = r#"<staticContent><mimeMap fileExtension=".gif" mimeType="image/gif"/></staticContent>"#;
        assert_eq!(what("a.gif", &[("", types)]), Runs::Sent);
        assert!(matches!(what("a.asp", &[("", types)]), Runs::Refused(why) if why.contains(".asp")));
        assert_eq!(what("a.aspx", &[("", types)]), by("Page"), "types of content are for files that are sent");
    }

    #[test]
    fn what_the_configuration_does_not_tell_is_not_guessed() {
        let one = |rest: &str, files: &[(&str, &str)]| {
            let server = server(&[("/", "A", r"C:\w")], rest, files);
            reach(&server, r"C:\w\a.aspx").remove(0).runs
        };
        let unknown = |runs: Runs| match runs {
            Runs::Unknown(why) => why,
            other => panic!("{other:?}"),
        };
        let page = (r"C:\w\a.aspx", "");
        assert!(unknown(one("", &[page])).contains("no handlers"));
        assert!(unknown(one(&format!("{HANDLERS}<<"), &[page])).contains("applicationHost.config"));
        assert!(
            unknown(one(HANDLERS, &[page, (r"C:\w\web.config", "<configuration><x")])).contains(r"C:\w\web.config")
        );
        let redirected = (
            r"C:\Windows\System32\inetsrv\config\redirection.config",
            r#"<configuration><configurationRedirection enabled="true" path="\\x\y"/></configuration>"#,
        );
        assert!(unknown(one(HANDLERS, &[page, redirected])).contains("elsewhere"));
        // No configuration of a server, no way to reach anything.
        let plan = Plan::default();
        assert_eq!(
            Reacher::new(&Memory::new(), &plan)
                .reach(&ServerPath::from_windows(r"C:\inetpub\wwwroot\a.aspx").expect("absolute")),
            []
        );
    }

    #[test]
    fn authentication_is_that_of_the_place_and_locked_settings_hold() {
        let ways = |on: &str| {
            format!("<system.webServer><security><authentication>{on}</authentication></security></system.webServer>")
        };
        let rest = format!(
            r#"{HANDLERS}{}<location path="Web/ecp">{}</location>"#,
            ways(r#"<anonymousAuthentication enabled="true"/><basicAuthentication enabled="false"/>"#),
            ways(r#"<anonymousAuthentication enabled="false"/><windowsAuthentication enabled="true"/>"#),
        );
        let own = format!(
            r#"<configuration>{}<system.web><authentication mode="Forms"/></system.web></configuration>"#,
            ways(r#"<anonymousAuthentication enabled="false"/><basicAuthentication enabled="true"/>"#)
        );
        let files =
            [(r"C:\w\a.aspx", ""), (r"C:\e\a.aspx", ""), (r"C:\w\s\a.aspx", ""), (r"C:\w\s\web.config", own.as_str())];
        let applications = [("/", "A", r"C:\w"), ("/ecp", "A", r"C:\e")];
        let locked = server(&applications, &rest, &files);
        let who = |server: &(Memory, Plan), file: &str| reach(server, file).remove(0).authentication;
        assert_eq!(who(&locked, r"C:\w\a.aspx"), ["anonymous"]);
        assert_eq!(who(&locked, r"C:\e\a.aspx"), ["windows"]);
        assert_eq!(who(&locked, r"C:\w\s\a.aspx"), ["anonymous", "basic", "forms"], "anonymous is locked");
        let iis = locked.1.iis.as_ref().expect("read");
        let reacher = Reacher::new(&locked.0, &locked.1);
        assert_eq!(reacher.authentication(&iis.sites[0], &iis.sites[0].applications[1]), ["windows"]);
        let unlocking = format!(
            r#"{rest}<location path="Web" overrideMode="Allow">{}</location>"#,
            ways("<anonymousAuthentication/>")
        );
        let open = server(&applications, &unlocking, &files);
        assert_eq!(who(&open, r"C:\w\s\a.aspx"), ["basic", "forms"]);
    }

    #[test]
    fn many_mappings_many_levels_and_long_names_have_an_end() {
        let applications: Vec<String> = (0..3_000).map(|n| format!("/a{n}")).collect();
        let applications: Vec<(&str, &str, &str)> =
            applications.iter().map(|path| (path.as_str(), "A", r"C:\w")).collect();
        let long = format!(r"C:\w\{}a.aspx", "x\\".repeat(5_000).replace("\\\\", "\\"));
        let server_ = server(&applications, HANDLERS, &[(r"C:\w\a.aspx", "")]);
        assert_eq!(reach(&server_, r"C:\w\a.aspx").len(), MAX_REACHES);
        assert!(matches!(&reach(&server_, &long)[0].runs, Runs::Unknown(why) if why.contains("levels")));
        let many = format!(
            "<configuration><system.webServer><handlers>{}</handlers></system.webServer></configuration>",
            r#"<add name="x" path="*.q" verb="*" type="T"/>"#.repeat(30_000)
        );
        let server_ = server(&[("/", "A", r"C:\w")], HANDLERS, &[(r"C:\w\a.aspx", ""), (r"C:\w\web.config", &many)]);
        assert!(matches!(&reach(&server_, r"C:\w\a.aspx")[0].runs, Runs::Unknown(why) if why.contains("more than")));
    }
}
