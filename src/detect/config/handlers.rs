//! Handler mappings: which engine executes which files.

use super::subject::{FileKind, Hit, PathClass, Subject, file_name, program_of};
use super::{Check, CheckInfo, Look};
use crate::catalogue::default_config::{TypeIs, TypeName};
use crate::model::file_types::{self, Uses};
use crate::model::server_path::fold;
use std::collections::HashSet;

pub(super) const CHECKS: &[Check] = &[
    Check {
        check: CheckInfo {
            id: "config/static_extension_handler",
            title: "a handler executes a static file extension",
            score: 90,
            looks_for: "A mapping in `handlers` or `httpHandlers` that compiles or executes images, styles, scripts, \
                        text, logs or configuration: `PageHandlerFactory` and similar classes, `asp.dll`, \
                        `aspnet_isapi.dll`, ISAPI, CGI, FastCGI, server-side includes.",
            why: "A webshell can then be stored in a file that does not look like a page, and `web.config` itself \
                  becomes one.",
            benign_look_alikes: "The Autodiscover mapping `*.xml` in applicationHost.config, which is compared with \
                                 its location. Sites that generate images or styles use handlers of their own, which \
                                 are not script engines. Mapping a file type to ASP.NET (`aspnet_isapi.dll`) executes \
                                 nothing until a build provider exists for it: URL rewriters do that, and it scores \
                                 less than half where the file has none. So does `.html` outside Exchange: sites have \
                                 pages with this extension.",
            attack: &["T1505.003", "T1036.008"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(static_kinds),
    },
    Check {
        check: CheckInfo {
            id: "config/unknown_extension_handler",
            title: "a handler executes an unknown file extension",
            score: 60,
            looks_for: "The same for an extension that no default server maps to a script engine.",
            why: "A page with a custom extension is missed by every search for pages.",
            benign_look_alikes: "Products with an extension of their own; on an Exchange server they are rare. An \
                                 interpreter with its own file type (`php-cgi.exe` and `.php`) is not reported here.",
            attack: &["T1505.003", "T1036"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(unknown_kinds),
    },
    Check {
        check: CheckInfo {
            id: "config/wildcard_handler",
            title: "a handler executes every file",
            score: 80,
            looks_for: "A mapping of `*` or `*.*` to an engine that executes files.",
            why: "Every file placed in the folder executes, whatever its name.",
            benign_look_alikes: "ASP.NET in classic mode maps everything to `aspnet_isapi.dll`, and Python and PHP \
                                 frameworks map everything to their interpreter, which scores low; the mapping of \
                                 `rpcproxy.dll` is a default.",
            attack: &["T1505.003"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(everything),
    },
    Check {
        check: CheckInfo {
            id: "config/custom_handler",
            title: "a handler class that is not a default",
            score: 65,
            looks_for: "A handler whose class is not in the list of default Exchange, IIS and ASP.NET classes, or is \
                        listed with another assembly or public key token.",
            why: "A handler is a page without a file: a request for its path runs its assembly.",
            benign_look_alikes: "Most other web products have handlers of their own; they score as worth a review, and \
                                 those that pretend to belong to Exchange score higher.",
            attack: &["T1505.004"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(types),
    },
    Check {
        check: CheckInfo {
            id: "config/script_processor",
            title: "requests are passed to an executable outside Windows, IIS and Exchange",
            score: 92,
            looks_for: "`scriptProcessor`, a FastCGI application, `processPath`, or an allowed ISAPI or CGI \
                        executable: a command interpreter, a path on a remote host or in a drop folder, or anything \
                        outside inetsrv, the .NET Framework and Exchange.",
            why: "A request that reaches `cmd.exe` needs no webshell.",
            benign_look_alikes: "PHP, Python or .NET Core installed for another site on the same server; these \
                                 interpreters score low.",
            attack: &["T1505.004", "T1059"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(processors),
    },
    Check {
        check: CheckInfo {
            id: "config/build_provider",
            title: "a build provider compiles a file extension that is not a page",
            score: 85,
            looks_for: "`compilation/buildProviders/add` for an extension outside those of the .NET Framework.",
            why: "It tells the page compiler that, for example, `.txt` is a page.",
            benign_look_alikes: "View engines and designers register their own extension and class.",
            attack: &["T1505.003", "T1036.008"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(build_providers),
    },
];

/// Whether files of this extension are sent as they are, or to nobody.
fn is_static(kind: &str) -> bool {
    file_types::of_extension(kind).is(Uses::STATIC | Uses::BROWSER)
}

/// Whether files of this extension are pages of markup, which many sites have run by an engine.
fn is_markup(kind: &str) -> bool {
    file_types::of_extension(kind).is(Uses::MARKUP)
}

/// Classes that compile or run the file they are asked for.
const FACTORIES: &[&str] = &[
    "system.web.ui.pagehandlerfactory",
    "system.web.ui.simplehandlerfactory",
    "system.web.services.protocols.webservicehandlerfactory",
    "system.web.script.services.scripthandlerfactory",
    "system.servicemodel.activation.httphandler",
    "system.servicemodel.activation.servicehttphandlerfactory",
    "system.xaml.hosting.xamlhttphandlerfactory",
];

/// Programs that run what their arguments say.
pub(super) const INTERPRETERS: &[&str] = &[
    "cmd",
    "powershell",
    "powershell_ise",
    "pwsh",
    "cscript",
    "wscript",
    "mshta",
    "rundll32",
    "regsvr32",
    "msbuild",
    "certutil",
    "bash",
    "wsl",
    "installutil",
    "regasm",
    "csc",
    "jsc",
    "vbc",
];

/// Interpreters of languages that sites are written in, and the kinds of file that are theirs. What such a file does is reported
/// when it is examined.
const LANGUAGES: &[(&str, &[&str])] = &[
    ("php-cgi", &["php", "php3", "php4", "php5", "php7", "phtml"]),
    ("php", &["php", "php3", "php4", "php5", "php7", "phtml"]),
    ("python", &["py"]),
    ("python3", &["py"]),
    ("perl", &["pl", "plx", "cgi"]),
    ("ruby", &["rb", "rbw"]),
    ("lua", &["lua"]),
];

/// The kinds of file of the language that a program interprets.
fn language_of(program: &str) -> Option<&'static [&'static str]> {
    let name = fold(file_name(program));
    let name = name.trim_end_matches(".exe");
    LANGUAGES.iter().find(|(known, _)| *known == name).map(|(_, kinds)| *kinds)
}

/// One mapping of a path to an engine.
struct Mapping<'s> {
    at: usize,
    /// Its patterns, folded.
    paths: Vec<String>,
    path: &'s str,
    class: &'s str,
    modules: &'s str,
    processor: &'s str,
}

/// An engine that runs files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Engine {
    Pages,
    Classic,
    AspNetIsapi,
    Other,
}

impl Mapping<'_> {
    fn engine(&self) -> Option<Engine> {
        let class = fold(&TypeName::parse(self.class).class);
        let modules = fold(self.modules);
        let has = |name: &str| modules.split(',').any(|module| module.trim() == name);
        let processor = fold(file_name(program_of(self.processor)));
        match () {
            () if FACTORIES.contains(&class.as_str()) => Some(Engine::Pages),
            () if !(has("isapimodule")
                || has("cgimodule")
                || has("fastcgimodule")
                || has("serversideincludemodule")) =>
            {
                None
            }
            () if processor == "asp.dll" => Some(Engine::Classic),
            () if processor == "aspnet_isapi.dll" => Some(Engine::AspNetIsapi),
            () => Some(Engine::Other),
        }
    }

    /// The extension that a pattern asks for, without wildcards; `None` for every file.
    fn extension(pattern: &str) -> Option<&str> {
        let name = file_name(pattern);
        match name.rsplit_once('.') {
            Some((before, "*")) if before.trim_matches('*').is_empty() => None,
            Some((_, extension)) => Some(extension.trim_matches('*')),
            None if name.trim_matches('*').is_empty() => None,
            // A name without extension, as in `api/x`.
            None => Some(""),
        }
    }

    fn engine_in_words(&self) -> &str {
        match (self.class.is_empty(), self.processor.is_empty()) {
            (false, _) => self.class.split(',').next().unwrap_or(self.class).trim(),
            (true, false) => file_name(program_of(self.processor)),
            (true, true) => self.modules,
        }
    }
}

fn mappings<'s>(subject: &'s Subject<'_>) -> impl Iterator<Item = Mapping<'s>> {
    let mapped = |at: &(usize, &crate::config::Element)| {
        let is_default = subject.defaults.maps(
            at.1.attribute("path"),
            at.1.attribute("type"),
            at.1.attribute("modules"),
            at.1.attribute("scriptProcessor"),
        );
        // What is a default here is one in the server's own file, or in those of Exchange; for `*.xml` at Autodiscover alone.
        let here = matches!(subject.kind, FileKind::Server | FileKind::Copy) || subject.is_of_exchange();
        let place = match subject.document.location(at.0) {
            Some(location) if !location.is_empty() => fold(location),
            _ => subject.artefact.place.folder().to_owned(),
        };
        let autodiscover = fold(at.1.attribute("path")) != "*.xml" || place.ends_with("autodiscover");
        !(is_default && here && autodiscover)
    };
    let handlers = subject.at(&["handlers", "add"]).chain(subject.at(&["httpHandlers", "add"]));
    handlers.filter(mapped).map(|(at, element)| Mapping {
        at,
        paths: element.attribute("path").split(',').map(|path| fold(path.trim())).collect(),
        path: element.attribute("path"),
        class: element.attribute("type"),
        modules: element.attribute("modules"),
        processor: element.attribute("scriptProcessor"),
    })
}

fn static_kinds(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let compiled = compiled(subject);
    for mapping in mappings(subject).filter(|mapping| mapping.engine().is_some()) {
        let kinds = mapping.paths.iter().filter_map(|path| Mapping::extension(path));
        let Some(kind) = kinds.filter(|kind| is_static(kind)).max_by_key(|kind| *kind == "config") else {
            continue;
        };
        let engine = mapping.engine_in_words();
        // The address of Autodiscover, in a copy of its folder.
        let is_default = |path: &&str| subject.defaults.maps(path, mapping.class, mapping.modules, mapping.processor);
        let score = match mapping.engine() {
            _ if subject.is_anywhere() && mapping.paths.iter().all(|path| is_default(&path.as_ref())) => 25,
            _ if subject.is_of_exchange() => 85,
            // Sites have their pages under such names, or include pieces in them.
            _ if is_markup(kind) => 40,
            Some(Engine::AspNetIsapi) if !compiled.contains(kind) => 40,
            _ => 85,
        };
        hits.push(match kind {
            "config" => {
                subject.hit(mapping.at, 90, format!("a handler executes configuration files as pages ({engine})"))
            }
            kind => subject.hit(
                mapping.at,
                score,
                format!("a handler executes .{kind} files with a script engine ({engine})"),
            ),
        });
    }
    hits
}

/// The kinds of file for which the file itself names a build provider to the page compiler.
fn compiled(subject: &Subject<'_>) -> HashSet<String> {
    let providers = subject.at(&["buildProviders", "add"]);
    providers.map(|(_, add)| fold(add.attribute("extension").trim_start_matches(['*', '.']))).collect()
}

fn unknown_kinds(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let compiled = compiled(subject);
    for mapping in mappings(subject).filter(|mapping| mapping.engine().is_some()) {
        let mut kinds = mapping.paths.iter().filter_map(|path| Mapping::extension(path));
        let known = |kind: &str| {
            kind.is_empty()
                || is_static(kind)
                || file_types::of_extension(kind).is(Uses::ENGINE_NORMAL | Uses::SERVER_CODE)
        };
        let own = language_of(program_of(mapping.processor)).unwrap_or_default();
        if let Some(kind) = kinds.find(|kind| !known(kind) && !own.contains(kind)) {
            let title =
                format!("a handler executes .{kind} files with a script engine ({})", mapping.engine_in_words());
            let score = match mapping.engine() {
                _ if subject.is_of_exchange() => 60,
                // A program that is none of Microsoft's engines is judged by its place.
                Some(Engine::Other) => 30,
                Some(Engine::AspNetIsapi) if !compiled.contains(kind) => 40,
                _ => 60,
            };
            hits.push(subject.hit(mapping.at, score, title));
        }
    }
    hits
}

fn everything(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for mapping in mappings(subject) {
        if !mapping.paths.iter().any(|path| Mapping::extension(path).is_none()) {
            continue;
        }
        let score = match mapping.engine() {
            None => continue,
            Some(Engine::AspNetIsapi) => 30,
            // What another program does is its own check's to say.
            Some(Engine::Other) if subject.path_class(program_of(mapping.processor)) == PathClass::System => continue,
            Some(Engine::Other) if mapping.processor.is_empty() && !fold(mapping.modules).contains("cgi") => continue,
            Some(Engine::Other)
                if language_of(program_of(mapping.processor)).is_some() && !subject.is_of_exchange() =>
            {
                20
            }
            Some(Engine::Pages | Engine::Classic | Engine::Other) => 80,
        };
        let title = format!("a handler executes every file with a script engine ({})", mapping.engine_in_words());
        hits.push(subject.hit(mapping.at, score, title));
    }
    hits
}

fn types(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for mapping in mappings(subject).filter(|mapping| !mapping.class.is_empty()) {
        let (score, what) = match subject.type_is(mapping.class) {
            TypeIs::Microsoft if subject.is_microsofts_by_key_alone(mapping.class) => {
                (30, "a class unknown on default servers that claims a Microsoft public key")
            }
            TypeIs::Default | TypeIs::Microsoft => continue,
            TypeIs::NotAsDefault => (65, "a default class with another assembly or public key"),
            // The list is of Exchange 2019: other versions have some of their own.
            TypeIs::LikeExchange => (45, "a class with an Exchange name, unknown on default servers"),
            TypeIs::LikeMicrosoft => {
                (if subject.is_of_exchange() { 30 } else { 20 }, "a class with a .NET name and no Microsoft public key")
            }
            // An honest product has its own: listed, not convicted.
            TypeIs::Foreign => (subject.of_another_product(), "a class of another product"),
        };
        let title = format!("the handler of {} is {what}: {}", mapping.path, mapping.class);
        hits.push(subject.hit(mapping.at, score, title));
    }
    hits
}

fn processors(subject: &Subject<'_>) -> Vec<Hit> {
    let handlers = subject.at(&["handlers", "add"]).map(|(at, element)| (at, element.attribute("scriptProcessor")));
    let fast = subject.at(&["fastCgi", "application"]).map(|(at, element)| (at, element.attribute("fullPath")));
    let core = ["aspNetCore", "httpPlatform"]
        .into_iter()
        .flat_map(|name| subject.named(name))
        .map(|at| (at, subject.element(at).attribute("processPath")));
    let allowed = subject
        .at(&["isapiCgiRestriction", "add"])
        .filter(|(_, element)| element.is_true("allowed"))
        .map(|(at, element)| (at, element.attribute("path")));
    let mut hits = Vec::new();
    for (at, command) in handlers.chain(fast).chain(core).chain(allowed) {
        let command = subject.place(command);
        let program = program_of(&command);
        if program.is_empty() {
            continue;
        }
        let name = fold(file_name(program));
        let path_class = subject.path_class(program);
        let is = |names: &[&str]| names.contains(&name.trim_end_matches(".exe"));
        let score = match path_class {
            _ if is(INTERPRETERS) => 92,
            PathClass::Share => 90,
            _ if subject.defaults.is_of_a_product(program) => 20,
            PathClass::Drop => 85,
            PathClass::System | PathClass::Exchange => continue,
            _ if language_of(program).is_some() && subject.is_of_exchange() => 50,
            _ if is(&["dotnet", "node", "java", "iisexpress"]) || language_of(program).is_some() => 20,
            PathClass::Relative if subject.element(at).name == "aspNetCore" => 20,
            PathClass::Programs => 25,
            PathClass::Windows => 40,
            PathClass::Elsewhere | PathClass::Relative => 50,
        };
        let title = match is(INTERPRETERS) {
            true => format!("requests are passed to {name}, which executes any command"),
            false => format!("requests are passed to {program}, {}", path_class.in_words()),
        };
        hits.push(subject.hit(at, score, title));
    }
    hits
}

fn build_providers(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, element) in subject.at(&["buildProviders", "add"]) {
        let kind = fold(element.attribute("extension").trim_start_matches(['*', '.']));
        let class = element.attribute("type");
        let pages =
            fold(class).contains("system.web.compilation.page") || fold(class).contains("webhandlerbuildprovider");
        let built = file_types::of_extension(&kind).is(Uses::BUILT);
        let score = match subject.type_is(class) {
            _ if subject.is_of_exchange() && subject.defaults.builds(&kind, class) => continue,
            _ if built && fold(class).starts_with("system.") => continue,
            _ if subject.is_anywhere() && subject.defaults.builds(&kind, class) => 25,
            _ if is_markup(&kind) && !subject.is_of_exchange() => 45,
            _ if is_static(&kind) && !built => 85,
            _ if pages => 75,
            TypeIs::Default | TypeIs::Microsoft if !built => 30,
            TypeIs::Default | TypeIs::Microsoft => continue,
            _ => 35,
        };
        hits.push(subject.hit(at, score, format!("a build provider compiles .{kind} files ({class})")));
    }
    hits
}
