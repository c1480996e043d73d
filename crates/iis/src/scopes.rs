//! Handlers, request filters, MIME types and authentication of a configuration file, by location, and the effective
//! configuration for a request.
//!
//! IIS puts settings together from the outside in (docs.microsoft.com, "IIS configuration reference"): applicationHost.config,
//! its `location` elements, the web.config of the site's root, that of each folder on the way. Of handlers, what an inner
//! place adds comes before what it inherits (`mergeAppend="false"` in IIS_schema.xml), and the first that fits takes the
//! request.

use super::{Document, Element, bounded};
use crate::model::server_path::fold;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// How many settings of one file are kept; applicationHost.config of an Exchange server has some two thousand.
const MAX_SETTINGS: usize = 20_000;
/// Characters that are kept of one text; IIS itself takes no longer URL.
const MAX_TEXT: usize = 4_096;
/// About how many bytes a setting takes beside its text.
const WEIGHT_OF_SETTING: usize = 256;
/// How many handlers are kept where many files add some.
const MAX_HANDLERS: usize = 2_000;

/// The settings of one file, by the URL path below its own place that they are for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfigScopes {
    by_path: HashMap<String, Vec<Layer>>,
    /// Why the file was not understood to its end.
    pub broken: Option<String>,
    /// About how many bytes of memory it takes.
    pub weight: usize,
    /// The ways of authentication that files further in may not change, unless a `location` allows it.
    locked: Vec<&'static str>,
}

/// The settings of one place in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
struct Layer {
    /// Whether applications further in have them as well.
    inherited: bool,
    /// Whether files further in may change the sections that it has.
    unlocks: Option<bool>,
    settings: Vec<Setting>,
}

/// A handler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handler {
    /// Its name.
    pub name: String,
    /// The name, folded.
    key: String,
    /// The files it takes, by pattern.
    pub path: String,
    /// The methods it takes; `*` for all.
    pub verb: String,
    /// The managed type, if it is one.
    pub of_type: String,
    /// The native modules.
    pub modules: String,
    /// The program or library that runs the file.
    pub processor: String,
    /// The kinds of pool it is for.
    pub condition: String,
    /// `File`, `Directory`, `Either` or `Unspecified`.
    pub resource: String,
    /// The right that it asks of the place.
    pub access: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Setting {
    /// Empties a list.
    Clear(List),
    /// Takes the member of this folded key out of a list.
    Remove(List, String),
    Handler(Arc<Handler>),
    AccessPolicy(String),
    Segment(String),
    Sequence(String),
    Extension(String, bool),
    UnlistedExtensions(bool),
    ContentType(String),
    /// A way of authentication, and whether it is on where that is configured.
    Authentication(&'static str, Option<bool>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Handlers,
    Segments,
    Sequences,
    Extensions,
    ContentTypes,
}

/// The sections with lists, by the names of their innermost elements; the attribute that a member is known by.
const LISTS: &[(&[&str], List, &str)] = &[
    (&["system.webServer", "handlers"], List::Handlers, "name"),
    (&["requestFiltering", "hiddenSegments"], List::Segments, "segment"),
    (&["requestFiltering", "denyUrlSequences"], List::Sequences, "sequence"),
    (&["requestFiltering", "fileExtensions"], List::Extensions, "fileExtension"),
    (&["system.webServer", "staticContent"], List::ContentTypes, "fileExtension"),
];

/// The sections of `security/authentication`, and how they are called in reports.
const AUTHENTICATION: &[(&str, &str)] = &[
    ("anonymousAuthentication", "anonymous"),
    ("basicAuthentication", "basic"),
    ("windowsAuthentication", "windows"),
    ("digestAuthentication", "digest"),
    ("clientCertificateMappingAuthentication", "client certificate"),
    ("iisClientCertificateMappingAuthentication", "IIS client certificate mapping"),
];

/// Forms authentication of ASP.NET, which `system.web/authentication` switches on.
const FORMS: &str = "forms";

impl ConfigScopes {
    /// Reads a file: applicationHost.config or a web.config.
    pub fn of(document: &Document) -> Self {
        let mut layers = Self { broken: document.broken.clone(), ..Self::default() };
        let mut kept = 0usize;
        // The place of the element that is read; `None` at the file's own. Elements of one `location` follow each other.
        let mut open: Option<(usize, String)> = None;
        // Whether the last layer of the file's own place is its own, and not that of a `location` for it.
        let mut is_own = false;
        for (at, element) in document.elements.iter().enumerate() {
            let path = match enclosing_location(document, at) {
                None => {
                    open = None;
                    String::new()
                }
                Some(location) => match &open {
                    Some((known, path)) if *known == location => path.clone(),
                    _ => {
                        is_own = false;
                        let path = layers.open_location(&document.elements[location]);
                        open = Some((location, path.clone()));
                        path
                    }
                },
            };
            if element.name == "section" && same(element.attribute("overrideModeDefault"), "deny") {
                layers.locked.extend(way(element.attribute("name")));
            }
            for setting in read(document, at, element) {
                kept += 1;
                if kept > MAX_SETTINGS {
                    layers
                        .broken
                        .get_or_insert_with(|| format!("more than {MAX_SETTINGS} settings: the rest was not read"));
                    return layers;
                }
                layers.weight += element.range.len() + WEIGHT_OF_SETTING;
                let known = layers.by_path.entry(path.clone()).or_default();
                if open.is_none() && !is_own {
                    known.push(Layer { inherited: true, ..Layer::default() });
                    is_own = true;
                }
                if let Some(layer) = known.last_mut() {
                    layer.settings.push(setting);
                }
            }
        }
        layers
    }

    /// A file of which nothing is known, and why.
    pub fn unreadable(why: String) -> Self {
        Self { broken: Some(why), ..Self::default() }
    }

    /// Begins the layer of a `location` element and gives the path it is for.
    fn open_location(&mut self, location: &Element) -> String {
        let path = key(location.attribute("path"));
        let mode = location.attribute("overrideMode");
        self.weight += location.range.len() + WEIGHT_OF_SETTING;
        let layer = Layer {
            inherited: !same(location.attribute("inheritInChildApplications"), "false"),
            unlocks: match () {
                () if same(mode, "allow") => Some(true),
                () if same(mode, "deny") || same(location.attribute("allowOverride"), "false") => Some(false),
                () => None,
            },
            settings: Vec::new(),
        };
        self.by_path.entry(path.clone()).or_default().push(layer);
        path
    }

    /// Whether the file configures nothing that matters here.
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty() && self.broken.is_none()
    }
}

/// The nearest `location` around an element, by its place. Where elements lie deep it is asked for each, so the way up is
/// as long as [`super::Document`] lets elements lie in each other.
fn enclosing_location(document: &Document, at: usize) -> Option<usize> {
    let mut next = document.elements[at].parent;
    while let Some(at) = next {
        if document.elements[at].name == "location" {
            return Some(at);
        }
        next = document.elements[at].parent;
    }
    None
}

/// A path of a `location`, folded, without slashes at its ends; the root of configuration is the empty one.
pub fn key(path: &str) -> String {
    let path = fold(bounded(path, MAX_TEXT)).replace('\\', "/");
    let path = path.trim().trim_matches('/');
    if path == "." { String::new() } else { path.to_owned() }
}

fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

fn way(section: &str) -> Option<&'static str> {
    AUTHENTICATION.iter().find(|(name, _)| *name == section).map(|(_, way)| *way)
}

/// The settings of one element.
fn read(document: &Document, at: usize, element: &Element) -> Vec<Setting> {
    let mut settings = Vec::new();
    for (names, list, member) in LISTS {
        if document.ends_with(at, names) {
            match list {
                List::Handlers if !element.attribute("accessPolicy").is_empty() => {
                    let rights = bounded(element.attribute("accessPolicy"), MAX_TEXT);
                    settings.push(Setting::AccessPolicy(rights.to_owned()));
                }
                List::Extensions if !element.attribute("allowUnlisted").is_empty() => {
                    settings.push(Setting::UnlistedExtensions(element.is_true("allowUnlisted")));
                }
                _ => {}
            }
        }
        if !element.parent.is_some_and(|parent| document.ends_with(parent, names)) {
            continue;
        }
        let member_key = fold(bounded(element.attribute(member), MAX_TEXT));
        match (element.name.as_str(), list) {
            ("clear", list) => settings.push(Setting::Clear(*list)),
            ("remove", list) => settings.push(Setting::Remove(*list, member_key)),
            ("add", List::Handlers) => settings.push(Setting::Handler(Arc::new(handler(element)))),
            ("add", List::Segments) => settings.push(Setting::Segment(member_key)),
            ("add", List::Sequences) if !member_key.is_empty() => settings.push(Setting::Sequence(member_key)),
            ("add", List::Extensions) => {
                // The schema's own value is true.
                let allowed = !same(element.attribute("allowed"), "false");
                settings.push(Setting::Extension(member_key, allowed));
            }
            ("mimeMap", List::ContentTypes) => settings.push(Setting::ContentType(member_key)),
            _ => {}
        }
    }
    if let Some(way) = way(&element.name)
        && document.ends_with(at, &["authentication", &element.name])
    {
        let said = !element.attribute("enabled").is_empty();
        settings.push(Setting::Authentication(way, said.then(|| element.is_true("enabled"))));
    }
    if document.ends_with(at, &["system.web", "authentication"]) && !element.attribute("mode").is_empty() {
        settings.push(Setting::Authentication(FORMS, Some(same(element.attribute("mode"), "Forms"))));
    }
    settings
}

fn handler(element: &Element) -> Handler {
    let text = |name: &str| bounded(element.attribute(name), MAX_TEXT).to_owned();
    Handler {
        name: text("name"),
        key: fold(bounded(element.attribute("name"), MAX_TEXT)),
        path: text("path"),
        verb: text("verb"),
        of_type: text("type"),
        modules: text("modules"),
        processor: text("scriptProcessor"),
        condition: text("preCondition"),
        resource: text("resourceType"),
        access: text("requireAccess"),
    }
}

/// What holds at one place: put together from the outside in with [`EffectiveConfig::enter`].
#[derive(Clone, Debug, Default)]
pub struct EffectiveConfig {
    /// The handlers, the first that fits first.
    pub handlers: Vec<Arc<Handler>>,
    /// Whether any file configures handlers.
    pub has_handlers: bool,
    /// The rights of the place; the schema's own value is `Read`.
    pub access: Option<String>,
    /// Names of folders and files that are not served, folded.
    pub segments: BTreeSet<String>,
    /// Texts that no URL may hold, folded.
    pub sequences: BTreeSet<String>,
    /// Extensions with their dot, folded, and whether they are served.
    pub extensions: BTreeMap<String, bool>,
    /// Whether extensions that are not listed are refused.
    pub refuses_unlisted: bool,
    /// Extensions that have a type of content, if any file configures it.
    pub content_types: Option<BTreeSet<String>>,
    /// Whether each way of authentication is on, by the names of the configuration, where a file configures it.
    pub authentication: Vec<(&'static str, bool)>,
    /// Why what holds is not sure.
    pub uncertainty: Option<String>,
    /// Ways that inner files may change though the declaration of their section locks them, or may not though it does not.
    unlocked: BTreeMap<&'static str, bool>,
}

impl EffectiveConfig {
    /// Lets a file say what it has to say of one place. `path` is the place below the file's own, as [`key`] gives it;
    /// `same_application` whether the request's application begins no further in than the file's own place; `is_root`
    /// whether the file is applicationHost.config, for which no lock holds; `root` is that file.
    pub fn enter(
        &mut self,
        file: &ConfigScopes,
        path: &str,
        same_application: bool,
        is_root: bool,
        root: &ConfigScopes,
    ) {
        for layer in file.by_path.get(path).into_iter().flatten() {
            if !layer.inherited && !same_application {
                continue;
            }
            let mut own: Vec<Arc<Handler>> = Vec::new();
            for setting in &layer.settings {
                self.apply(setting, &mut own, layer.unlocks.filter(|_| is_root), is_root, root);
            }
            if !own.is_empty() {
                own.append(&mut self.handlers);
                self.handlers = own;
            }
            if self.handlers.len() > MAX_HANDLERS {
                self.handlers.truncate(MAX_HANDLERS);
                self.uncertainty
                    .get_or_insert_with(|| format!("more than {MAX_HANDLERS} handlers: the rest was not read"));
            }
        }
    }

    fn apply(
        &mut self,
        setting: &Setting,
        own: &mut Vec<Arc<Handler>>,
        unlocks: Option<bool>,
        is_root: bool,
        root: &ConfigScopes,
    ) {
        match setting {
            Setting::Clear(List::Handlers) => {
                self.has_handlers = true;
                self.handlers.clear();
                own.clear();
            }
            Setting::Remove(List::Handlers, name) => {
                self.has_handlers = true;
                self.handlers.retain(|known| known.key != *name);
                own.retain(|known| known.key != *name);
            }
            Setting::Handler(handler) => {
                self.has_handlers = true;
                if own.len() < MAX_HANDLERS {
                    own.push(handler.clone());
                }
            }
            Setting::AccessPolicy(rights) => self.access = Some(rights.clone()),
            Setting::Clear(List::Segments) => self.segments.clear(),
            Setting::Remove(List::Segments, name) => _ = self.segments.remove(name),
            Setting::Segment(name) => _ = self.segments.insert(name.clone()),
            Setting::Clear(List::Sequences) => self.sequences.clear(),
            Setting::Remove(List::Sequences, text) => _ = self.sequences.remove(text),
            Setting::Sequence(text) => _ = self.sequences.insert(text.clone()),
            Setting::Clear(List::Extensions) => self.extensions.clear(),
            Setting::Remove(List::Extensions, name) => _ = self.extensions.remove(name),
            Setting::Extension(name, allowed) => _ = self.extensions.insert(name.clone(), *allowed),
            Setting::UnlistedExtensions(allowed) => self.refuses_unlisted = !allowed,
            Setting::Clear(List::ContentTypes) => self.content_types = Some(BTreeSet::new()),
            Setting::Remove(List::ContentTypes, name) => {
                self.content_types.iter_mut().for_each(|types| _ = types.remove(name));
            }
            Setting::ContentType(name) => _ = self.content_types.get_or_insert_default().insert(name.clone()),
            Setting::Authentication(way, on) => {
                if let Some(unlocks) = unlocks {
                    self.unlocked.insert(way, unlocks);
                }
                // A file that may not set it stops the whole place from working; what the outer one says is what was meant.
                let may = is_root || *self.unlocked.get(way).unwrap_or(&!root.locked.contains(way));
                let Some(on) = on.filter(|_| may) else { return };
                match self.authentication.iter_mut().find(|(known, _)| known == way) {
                    Some((_, known)) => *known = on,
                    None => self.authentication.push((way, on)),
                }
            }
        }
    }

    /// The ways of authentication that are on.
    pub fn authentication(&self) -> Vec<String> {
        self.authentication.iter().filter(|(_, on)| *on).map(|(way, _)| (*way).to_owned()).collect()
    }
}
