//! A configuration file as the checks see it.

use crate::catalogue::default_config::{DefaultConfig, TypeIs, TypeName, is_of_the_framework, plain_path};
use crate::code::page::ServerCode;
use crate::config::{Document, Element, LOADED_ABOVE_EXCHANGE, LOADED_AS_PART, LOADED_AS_POOL, LOADED_BESIDE_EXCHANGE};
use crate::model::drop_folders::{self, Found};
use crate::model::server_path::fold;
use crate::model::{Artefact, Role};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// What a configuration file is to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    /// `applicationHost.config`, `administration.config`, `redirection.config`: what IIS starts with.
    Server,
    /// What IIS wrote for one application pool when it started it.
    Copy,
    /// An old state that IIS keeps.
    History,
    /// `web.config`, and what can be drawn into one.
    Web,
    /// Of the .NET framework: `machine.config` and the `web.config` above all others.
    Framework,
    /// Of one program: `w3wp.exe.config`.
    Program,
    /// What IIS may find in its configuration: a file of `inetsrv\config\schema`.
    Schema,
}

impl FileKind {
    /// What this file is, if it is configuration.
    pub(super) fn of(artefact: &Artefact) -> Option<Self> {
        let name = fold(&artefact.entry.name);
        let path = artefact.path.folded();
        let path = path.replace('/', "\\");
        // What a configuration draws in is a part of it, whatever it is called.
        let part = is_part(artefact);
        let browsers = name.ends_with(".browser")
            && (path.contains(r"\app_browsers\") || path.contains(r"\microsoft.net\framework"));
        if path.contains(r"\inetsrv\config\schema\") && name.ends_with(".xml") {
            return Some(Self::Schema);
        }
        if !name.ends_with(".config") && !part && !browsers {
            return None;
        }
        Some(match name.as_str() {
            _ if path.contains(r"\history\cfghistory_") => Self::History,
            _ if path.contains(r"\inetpub\temp\apppools\") => Self::Copy,
            "applicationhost.config" | "administration.config" | "redirection.config" => Self::Server,
            _ if path.contains(r"\microsoft.net\framework") && !path.contains(r"\temporary asp.net files\") => {
                Self::Framework
            }
            name if name.ends_with(".exe.config") => Self::Program,
            _ => Self::Web,
        })
    }

    /// What a file turns out to be once it is read: what declares the modules of IIS is the server's own file, or a copy of it
    /// under another name.
    pub(super) fn by_content(self, artefact: &Artefact, document: &Document) -> Self {
        let declares = |(at, element): (usize, &Element)| {
            element.name == "globalModules"
                && document.ends_with(at, &["configuration", "system.webServer", "globalModules"])
        };
        let is_copy = self == Self::Web && !self.is_read_by_the_server(artefact);
        if is_copy && document.elements.iter().enumerate().any(declares) { Self::Server } else { self }
    }

    /// Whether a part of the server reads a file of this name, so that one that is broken leaves a gap.
    pub(super) fn is_read_by_the_server(self, artefact: &Artefact) -> bool {
        let names = [
            "web.config",
            "applicationhost.config",
            "administration.config",
            "redirection.config",
            "machine.config",
            "agents.config",
            "fetagents.config",
        ];
        self == Self::Copy || is_part(artefact) || names.contains(&fold(&artefact.entry.name).as_str())
    }
}

/// Whether another configuration draws the file in.
fn is_part(artefact: &Artefact) -> bool {
    artefact.loaded_as.iter().any(|what| what.starts_with(LOADED_AS_PART) || what.starts_with(LOADED_AS_POOL))
}

/// Something that a check found.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// Where, in the text or, for code, in the view.
    pub(super) range: Range<usize>,
    /// Whether the range is one of the view, a byte order mark included.
    pub(super) of_view: bool,
    pub(super) score: u8,
    pub(super) title: String,
}

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PathClass {
    /// inetsrv, the .NET framework, RpcProxy: what handlers and modules are part of.
    System,
    /// Elsewhere in Windows.
    Windows,
    /// The installation folder of Exchange.
    Exchange,
    /// Below Program Files.
    Programs,
    /// On another machine.
    Share,
    /// Where anybody may write, or where pages lie.
    Drop,
    /// Anywhere else on a local drive.
    Elsewhere,
    /// No absolute path.
    Relative,
}

impl PathClass {
    /// The words for a title, behind the path.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::System | Self::Windows => "in Windows",
            Self::Exchange => "in the Exchange folder",
            Self::Programs => "of another product",
            Self::Share => "on a remote host",
            Self::Drop => "in a folder that everyone can write to or that is served",
            Self::Elsewhere => "outside the Windows, IIS and Exchange folders",
            Self::Relative => "by a relative path",
        }
    }
}

/// A configuration file with its elements by name.
pub(super) struct Subject<'s> {
    pub(super) artefact: &'s Artefact,
    pub(super) kind: FileKind,
    pub(super) document: &'s Document,
    pub(super) code: Option<ServerCode>,
    pub(super) defaults: &'static DefaultConfig,
    /// The installation folder of Exchange, folded and without a final separator.
    pub(super) exchange: Option<String>,
    /// Whether it is what IIS Express starts with, which names its own folder by a variable that IIS does not have.
    pub(super) express: bool,
    by_name: HashMap<&'s str, Vec<usize>>,
}

impl<'s> Subject<'s> {
    pub(super) fn new(
        artefact: &'s Artefact,
        kind: FileKind,
        document: &'s Document,
        code: Option<ServerCode>,
    ) -> Self {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, element) in document.elements.iter().enumerate() {
            by_name.entry(&element.name).or_default().push(at);
        }
        let defaults = crate::catalogue::default_config();
        let mut subject = Self { artefact, kind, document, code, defaults, exchange: None, express: false, by_name };
        subject.exchange = subject.find_exchange();
        subject.express = subject.is_of_express();
        subject
    }

    /// Where Exchange is installed: above this file, or above most front-end folders that the sites of this file serve.
    fn find_exchange(&self) -> Option<String> {
        if self.artefact.place.role == Role::Exchange {
            let path = self.artefact.path.folded();
            return path.strip_suffix(&self.artefact.place.relative).map(|root| root.trim_end_matches('\\').to_owned());
        }
        let mut counts: HashMap<String, usize> = HashMap::new();
        for at in self.named("virtualDirectory") {
            let path = plain_path(self.element(at).attribute("physicalPath"));
            if let Some((root, _)) = path.split_once(r"\frontend\httpproxy\") {
                *counts.entry(root.to_owned()).or_default() += 1;
            }
        }
        // A default server has a dozen; one that was added does not make an installation.
        let most = counts.into_iter().filter(|(_, count)| *count >= 3);
        most.max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0))).map(|(root, _)| root)
    }

    /// Whether IIS Express is what reads this file: it is not at the place of the one of IIS, and most of the native modules that
    /// it loads lie in `%IIS_BIN%`.
    fn is_of_express(&self) -> bool {
        let path = self.artefact.path.folded().replace('/', "\\");
        if self.kind != FileKind::Server || path.ends_with(r"\inetsrv\config\applicationhost.config") {
            return false;
        }
        let modules: Vec<usize> = self.at(&["globalModules", "add"]).map(|(at, _)| at).collect();
        let own = modules.iter().filter(|&&at| in_express(self.element(at).attribute("image")).is_some()).count();
        own * 2 > modules.len()
    }

    /// A path with the variables of IIS Express put in where it is what reads the file: its folder has what IIS has in inetsrv,
    /// and that of the user what IIS has beside it.
    pub(super) fn place<'p>(&self, path: &'p str) -> Cow<'p, str> {
        match in_express(path).filter(|_| self.express) {
            Some(rest) => Cow::Owned(format!(r"%windir%\system32\inetsrv{rest}")),
            None => Cow::Borrowed(path),
        }
    }

    /// The score of a class of another product: an honest one has its own, so it is listed, not convicted.
    pub(super) fn of_another_product(&self) -> u8 {
        match self.kind {
            _ if self.holds_for_exchange() => 35,
            // Above all sites of the machine.
            FileKind::Framework => 30,
            _ => 15,
        }
    }

    pub(super) fn element(&self, at: usize) -> &'s Element {
        &self.document.elements[at]
    }

    /// Every element of this name.
    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = usize> + '_ {
        self.by_name.get(name).into_iter().flatten().copied()
    }

    /// Every element at the end of such a path, the outermost of its names first.
    pub(super) fn at<'p>(&'p self, path: &'p [&'p str]) -> impl Iterator<Item = (usize, &'s Element)> + 'p {
        let last = path.last().copied().unwrap_or_default();
        self.named(last).filter(|&at| self.document.ends_with(at, path)).map(|at| (at, self.element(at)))
    }

    pub(super) fn hit(&self, at: usize, score: u8, title: String) -> Hit {
        Hit { range: self.element(at).range.clone(), of_view: false, score, title }
    }

    /// Whether the file lies in a folder of Exchange, or is a part of what Exchange's sites start with.
    pub(super) fn is_of_exchange(&self) -> bool {
        self.artefact.place.role == Role::Exchange
    }

    /// Whether applications of Exchange have what the file says: it is theirs, or that of the site above them.
    pub(super) fn holds_for_exchange(&self) -> bool {
        self.is_of_exchange() || self.artefact.loaded_as.iter().any(|what| what.ends_with(LOADED_ABOVE_EXCHANGE))
    }

    /// Whether it is configuration of the site that Exchange has, below it and beside Exchange.
    pub(super) fn is_beside_exchange(&self) -> bool {
        self.artefact.loaded_as.iter().any(|what| what.ends_with(LOADED_BESIDE_EXCHANGE))
    }

    /// Whether the role of the folder is unknown: then it may be of any product, and what Exchange has somewhere may be Exchange's.
    pub(super) fn is_anywhere(&self) -> bool {
        self.artefact.place.role == Role::Unknown
    }

    /// What is known of a .NET type.
    pub(super) fn type_is(&self, text: &str) -> TypeIs {
        match self.defaults.type_is(&TypeName::parse(text)) {
            // Above all sites the framework names its own types in short.
            TypeIs::LikeMicrosoft if self.kind == FileKind::Framework => TypeIs::Microsoft,
            is => is,
        }
    }

    /// Whether a class is called as Microsoft's, and is neither a default nor of the framework, where only these belong: its key is text.
    pub(super) fn is_microsofts_by_key_alone(&self, text: &str) -> bool {
        let name = TypeName::parse(text);
        self.holds_for_exchange()
            && self.defaults.type_is(&name) == TypeIs::Microsoft
            && name.assembly.as_deref().is_some_and(|assembly| !is_of_the_framework(assembly))
    }

    /// Where a path leads.
    pub(super) fn path_class(&self, path: &str) -> PathClass {
        path_class(path, self.exchange.as_deref())
    }
}

/// What follows a variable of IIS Express at the start of a path.
fn in_express(path: &str) -> Option<&str> {
    ["%iis_bin%", "%iis_user_home%"].iter().find_map(|variable| {
        let head = path.get(..variable.len())?;
        head.eq_ignore_ascii_case(variable).then(|| &path[variable.len()..])
    })
}

/// Where a path leads; `exchange` is the installation folder, folded, where it is known.
pub(super) fn path_class(path: &str, exchange: Option<&str>) -> PathClass {
    let path = plain_path(path);
    if path.starts_with(r"\\") || path.contains("://") {
        return PathClass::Share;
    }
    let (Some(b':'), Some(rest)) = (path.as_bytes().get(1), path.get(2..)) else { return PathClass::Relative };
    let inside = |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.starts_with('\\'));
    let below = |folders: &[&str]| folders.iter().any(|folder| rest.starts_with(folder));
    // Where pages lie is below Exchange too: owa\auth is where they are dropped.
    if exchange.is_some_and(inside) || rest.contains(r"\microsoft\exchange server\v1") {
        return PathClass::Exchange;
    }
    match () {
        () if drop_folders::find(rest, Found::Library).is_some() => PathClass::Drop,
        () if below(&[
            r"\windows\system32\inetsrv\",
            r"\windows\syswow64\inetsrv\",
            r"\windows\microsoft.net\framework\",
            r"\windows\microsoft.net\framework64\",
            r"\windows\system32\rpcproxy\",
        ]) =>
        {
            PathClass::System
        }
        () if below(&[r"\windows\"]) => PathClass::Windows,
        () if below(&[r"\program files\", r"\program files (x86)\"]) => PathClass::Programs,
        () => PathClass::Elsewhere,
    }
}

/// The last name of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['\\', '/']).next().unwrap_or(path)
}

/// The program of a command line as configuration writes it: without quotes, arguments and what follows a bar.
pub(super) fn program_of(command: &str) -> &str {
    let command = command.trim();
    if let Some(quoted) = command.strip_prefix('"') {
        return quoted.split('"').next().unwrap_or(quoted);
    }
    let command = command.split('|').next().unwrap_or(command).trim();
    let lower = command.to_ascii_lowercase();
    match [".exe", ".dll", ".com", ".bat", ".cmd"].iter().filter_map(|end| lower.find(end).map(|at| at + 4)).min() {
        Some(end) => command.get(..end).unwrap_or(command),
        None => command,
    }
}
