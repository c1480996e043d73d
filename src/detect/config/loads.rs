//! Code loaded by configuration in addition to handlers and modules: one table of attributes
//! (`signatures/web/loads.csv`) and checks of their values.
//!
//! A class is a default one by its name only where the library that the name leads to is: the name is looked at here, the library where it
//! lies (`programs.rs`; [why](../../../docs/decisions/0023-trust-by-signature.md)).

use super::subject::{FileKind, Hit, PathClass, Subject, file_name, program_of};
use super::{Check, CheckInfo, Look};
use crate::catalogue::default_config::{TypeIs, TypeName, is_named_like_microsoft, is_of_the_framework, plain_path};
use crate::catalogue::loads;
use crate::catalogue::loads::{Kind, Load};
use crate::config::Element;
use crate::model::file_types::{self, Uses};
use crate::model::server_path::{extension, fold};
use std::collections::HashSet;

pub(super) const CHECKS: &[Check] = &[
    Check {
        check: CheckInfo {
            id: "config/custom_type_loaded",
            title: "a class that is not a default is loaded",
            score: 65,
            looks_for: "A class or assembly that is not a default in one of the attributes through which ASP.NET, WCF, \
                        remoting and IIS load types (`requestValidationType`, `pageBaseType`, `soapExtensionTypes`, \
                        `configSections`, `behaviorExtensions`, providers and others; `signatures/web/loads.csv`); in \
                        the files of Exchange and of the whole server, in any attribute.",
            why: "Each of them runs code with every request or when the application starts, and none of them is a \
                  module, a handler or a page.",
            benign_look_alikes: "Nearly every site has custom providers, sections and extensions: they score low \
                                 outside Exchange, and their assembly is examined itself.",
            attack: &["T1505.004", "T1574"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(classes),
    },
    Check {
        check: CheckInfo {
            id: "config/executable_launched",
            title: "configuration starts an executable or loads a native DLL",
            score: 92,
            looks_for: "`managedRuntimeLoader`, `orphanActionExe`, `autoShutdownExe`, `customActionExe` of failed \
                        request tracing, DLLs for compression, WebDAV and listener adapters, COM classes for logging, \
                        authentication or URL rewriting, environment variables that load code (`COR_PROFILER`, \
                        `DOTNET_STARTUP_HOOKS`, `PHPRC` and others), interpreter arguments and compiler options.",
            why: "The code starts in the worker process, without a request that would show it.",
            benign_look_alikes: "Monitoring products set a profiler in Program Files; the default DLLs of IIS are \
                                 known.",
            attack: &["T1505.004", "T1574.012"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(programs),
    },
    Check {
        check: CheckInfo {
            id: "config/dangerous_feature_enabled",
            title: "configuration enables a dangerous feature that is off by default",
            score: 75,
            looks_for: "WebDAV authoring, `typeFilterLevel=\"Full\"` in remoting, command execution in server-side \
                        includes, unlisted CGI and ISAPI executables, logs in one central binary file or written by a \
                        custom log module.",
            why: "Clients can write files or run executables, or the logs cannot be read.",
            benign_look_alikes: "Sites that are edited through WebDAV, old applications with remoting; Exchange uses \
                                 none of these.",
            attack: &["T1562", "T1505.004"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(switches),
    },
    Check {
        check: CheckInfo {
            id: "config/external_page_included",
            title: "configuration includes a page or a code folder in the site",
            score: 55,
            looks_for: "A control, a master page, a mapped URL, a code folder, or the folder for compiled pages that \
                        is set in configuration: with a static file extension, in a folder of static files, or \
                        anywhere in Exchange.",
            why: "It executes with other pages, and its own URL is never requested.",
            benign_look_alikes: "Sites use controls and master pages for all their pages.",
            attack: &["T1505.003"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(pages),
    },
    Check {
        check: CheckInfo {
            id: "config/section_encrypted",
            title: "a configuration section is encrypted",
            score: 30,
            looks_for: "`configProtectionProvider` in a section that contains more than passwords. What such a section \
                        loads could not be examined and is a gap.",
            why: "It hides the setting from people who read the file, but not from the server.",
            benign_look_alikes: "Connection strings and application settings are encrypted on many servers: the first \
                                 are not reported here, the second score low.",
            attack: &["T1027.013"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(encrypted),
    },
];

/// How many hits a file has at most of one check: of more, the first are reported and all are counted.
const MAX_HITS: usize = 5_000;

/// The score of a row for this file.
fn score(subject: &Subject<'_>, load: &Load) -> u8 {
    match subject.kind {
        _ if subject.holds_for_exchange() => load.exchange,
        FileKind::Server | FileKind::Copy | FileKind::Framework | FileKind::Program => load.server,
        _ => load.site,
    }
}

/// The rows that apply to the elements of the file, with what stands in the attribute.
fn rows<'s>(
    subject: &'s Subject<'_>,
    wanted: &'static [Kind],
) -> impl Iterator<Item = (usize, &'static Load, &'s str)> + 's {
    loads().elements().flat_map(move |name| {
        subject.named(name).flat_map(move |at| {
            let element: &'s Element = &subject.document.elements[at];
            let rows = loads().of(name).iter().filter(move |load| {
                wanted.contains(&load.kind)
                    && subject.document.ends_with(at, &load.place)
                    && load.applies(|name| element.attribute(name))
            });
            rows.flat_map(move |load| {
                let any = load.attribute == "*";
                let values = element.attributes.iter().filter(move |(name, _)| any || *name == load.attribute);
                let values = values.map(|(_, value)| value.trim()).filter(|value| !value.is_empty());
                let switch = (load.kind == Kind::Switch).then_some("");
                values.chain(switch).map(move |value| (at, load, value)).collect::<Vec<_>>()
            })
        })
    })
}

/// How sure the name of a class makes us, where one of another product has this score; `None` for a default one.
fn by_name(subject: &Subject<'_>, value: &str, score: u8) -> Option<u8> {
    let name = TypeName::parse(value);
    let wide = subject.holds_for_exchange() || subject.kind != FileKind::Web;
    let assembly = name.assembly.as_deref();
    match subject.defaults.type_is(&name) {
        TypeIs::Default | TypeIs::Microsoft => None,
        // Mono's and other versions' names of the same classes.
        TypeIs::NotAsDefault if assembly.is_some_and(is_of_the_framework) => None,
        TypeIs::NotAsDefault => Some(score.max(if wide { 60 } else { 40 })),
        TypeIs::LikeMicrosoft if assembly.is_some_and(is_of_the_framework) => None,
        // The runtime asks System.Web first.
        TypeIs::LikeMicrosoft if assembly.is_none() && fold(&name.class).starts_with("system.") => None,
        // The list is of Exchange 2019: other versions have some of their own.
        TypeIs::LikeExchange | TypeIs::LikeMicrosoft if assembly.is_none_or(is_named_like_microsoft) => {
            // Whether it is, its library says.
            Some(score.min(if wide { 20 } else { 5 }))
        }
        TypeIs::LikeExchange | TypeIs::LikeMicrosoft | TypeIs::Foreign => Some(score),
    }
}

fn classes(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let mut checked: HashSet<(usize, &str)> = HashSet::new();
    for (at, load, value) in rows(subject, &[Kind::Class, Kind::Assembly]) {
        checked.insert((at, value));
        if load.is_default(value) || !looks_like_a_name(value) {
            continue;
        }
        let (score, what) = match load.kind {
            Kind::Assembly => {
                let name = value.split(',').next().unwrap_or(value).trim();
                let foreign = !is_named_like_microsoft(name)
                    && !load.is_default(name)
                    && name != "*"
                    && !name.contains(['\\', '/']);
                (foreign.then(|| score(subject, load)), "a library")
            }
            _ => (by_name(subject, value, score(subject, load)), "a class"),
        };
        if let Some(score) = score {
            hits.push(subject.hit(at, score, format!("{what} that is not a default {}: {value}", load.does)));
        }
    }
    // What is in no row, where nothing but Microsoft's own belongs.
    if subject.holds_for_exchange() || subject.kind == FileKind::Framework {
        for (at, element) in subject.document.elements.iter().enumerate() {
            if has_a_check_of_its_own(subject, element) || hits.len() > MAX_HITS {
                continue;
            }
            for (name, value) in &element.attributes {
                let value = value.trim();
                let class = TypeName::parse(value);
                let is_name = class.assembly.is_some() && class.class.contains('.') && looks_like_a_name(value);
                if !is_name || name == "preCondition" || checked.contains(&(at, value)) {
                    continue;
                }
                if let Some(score) = by_name(subject, value, 30) {
                    let title = format!("a class that is not a default in {} of {}: {value}", name, element.name);
                    hits.push(subject.hit(at, score, title));
                }
            }
        }
    }
    hits
}

/// Whether handlers, modules and compilers are looked at by another check.
fn has_a_check_of_its_own(subject: &Subject<'_>, element: &Element) -> bool {
    let parent = element.parent.map_or("", |at| subject.element(at).name.as_str());
    let lists = [
        "handlers",
        "httpHandlers",
        "modules",
        "httpModules",
        "buildProviders",
        "expressionBuilders",
        "compilers",
        "serviceAutoStartProviders",
        "agentList",
    ];
    lists.contains(&parent) || matches!(element.name.as_str(), "appDomainManagerAssembly" | "appDomainManagerType")
}

/// Whether a value is the name of a class or of an assembly, and no text.
fn looks_like_a_name(value: &str) -> bool {
    let (name, rest) = value.split_once(',').unwrap_or((value, ""));
    let letters = |text: &str, more: &[char]| {
        text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '+' | '`' | '-') || more.contains(&c))
    };
    let name = name.trim();
    let simple = rest.split(',').next().unwrap_or_default().trim();
    !name.is_empty()
        && letters(name, &['[', ']', '\\', '*', '$', '@'])
        && (name.contains('.') || !simple.is_empty() || !name.contains(' '))
        && letters(simple.split('=').next().unwrap_or_default(), &[' '])
        && !simple.contains(' ')
}

/// Variables that make a program load code, and how sure each makes us beside the place of what it names.
const VARIABLES: &[(&str, u8)] = &[
    ("cor_profiler", 60),
    ("coreclr_profiler", 60),
    ("cor_profiler_path", 60),
    ("coreclr_profiler_path", 60),
    ("cor_enable_profiling", 30),
    ("coreclr_enable_profiling", 30),
    ("dotnet_startup_hooks", 75),
    ("dotnet_additional_deps", 60),
    ("dotnet_shared_store", 50),
    ("aspnetcore_hostingstartupassemblies", 50),
    ("aspnetcore_hostingstartup__hostingstartupassemblies", 50),
    ("devpath", 70),
    ("appdomain_manager_asm", 80),
    ("appdomain_manager_type", 80),
    ("phprc", 40),
    ("php_ini_scan_dir", 40),
    ("php_value", 50),
    ("php_admin_value", 50),
    ("node_options", 50),
    ("pythonstartup", 50),
    ("perl5opt", 50),
    ("perl5lib", 30),
    ("rubyopt", 50),
    ("lua_init", 50),
    ("java_tool_options", 50),
    ("_java_options", 50),
    ("jdk_java_options", 50),
    ("comspec", 70),
    ("systemroot", 60),
    ("windir", 60),
    ("path", 40),
    ("pathext", 40),
    ("psmodulepath", 50),
    ("openssl_conf", 50),
];

fn variable(subject: &Subject<'_>, at: usize, name: &str) -> Option<(u8, String)> {
    let value = subject.element(at).attribute("value");
    let folded = fold(name.trim());
    let path_class = |value: &str| value.split(';').map(|part| subject.path_class(part.trim())).collect::<Vec<_>>();
    let away = path_class(value).iter().any(|path_class| matches!(path_class, PathClass::Share | PathClass::Drop));
    // `PHP_INI_SCAN_DIR_64` and the like: the bitness stands behind.
    let base = folded.trim_end_matches("_32").trim_end_matches("_64");
    let known = VARIABLES.iter().find(|(known, _)| *known == base).map(|(_, score)| *score);
    let score = match known {
        Some(_) if away => 80,
        // Products that watch applications lie there, and name their class of COM beside it.
        Some(score) if path_class(value).contains(&PathClass::Programs) => score.min(40),
        // Switched on without a class beside it, it is the one of the whole machine that is loaded, from the registry.
        Some(_) if base.ends_with("_enable_profiling") && value == "1" && !has_beside(subject, at, "_profiler") => 50,
        Some(score) if value.is_empty() || matches!(value, "0" | "1") => score.min(30),
        // A class of COM: the list beside it says where its library lies, or the registry does.
        Some(score) if base.ends_with("_profiler") => match library_beside(subject, at, base) {
            Some(path) if subject.path_class(path) == PathClass::Programs => score.min(40),
            _ => score,
        },
        Some(score) => score,
        // What the runtime reads under its own name and with this beginning.
        None if folded.starts_with("complus_") && folded.contains("appdomain") => 80,
        None if folded.starts_with("complus_") && matches!(value.as_bytes().get(1), Some(b':' | b'\\')) => 60,
        None if folded.starts_with("complus_") || folded.starts_with("cor_") || folded.starts_with("coreclr_") => 30,
        None if away && subject.is_of_exchange() => 30,
        None if subject.exchange.is_some() => 25,
        None => return None,
    };
    Some((score, format!("an environment variable of the web server's processes: {name}={value}")))
}

/// How many elements after the start of a list of variables are looked at for another variable.
const MOST_BESIDE: usize = 200;

/// Whether the list has another variable with such a word in its name.
fn has_beside(subject: &Subject<'_>, at: usize, word: &str) -> bool {
    let Some(parent) = subject.element(at).parent else { return false };
    let beside = subject.document.elements.iter().skip(parent + 1).take(MOST_BESIDE);
    let mut beside = beside.filter(|element| element.parent == Some(parent));
    beside.any(|element| fold(element.attribute("name")).contains(word))
}

/// The path of the profiler beside its class.
fn library_beside<'s>(subject: &Subject<'s>, at: usize, base: &str) -> Option<&'s str> {
    let parent = subject.element(at).parent?;
    // As far as lists of variables reach: each of them may ask.
    let beside = subject.document.elements.iter().skip(parent + 1).take(MOST_BESIDE);
    let mut beside = beside.filter(|element| element.parent == Some(parent));
    let path = |element: &&Element| fold(element.attribute("name")).starts_with(&format!("{base}_path"));
    beside.find(path).map(|element| element.attribute("value"))
}

/// Programs that run what their arguments say, beside those of `handlers.rs`.
fn runs_its_arguments(program: &str) -> bool {
    super::handlers::INTERPRETERS.contains(&fold(file_name(program)).trim_end_matches(".exe"))
}

fn programs(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let kinds: &[Kind] = &[Kind::Library, Kind::Com, Kind::Command, Kind::Arguments, Kind::Options, Kind::Variable];
    for (at, load, value) in rows(subject, kinds) {
        // The template of IIS Express has the version where the library belongs.
        let of_express = subject.express && load.kind == Kind::Library && matches!(value, "v4.0" | "v2.0");
        if load.is_default(value) || of_express {
            continue;
        }
        let base = score(subject, load);
        let (score, title) = match load.kind {
            Kind::Variable => match variable(subject, at, value) {
                Some(found) => found,
                None => continue,
            },
            Kind::Library => {
                let path_class = subject.path_class(&subject.place(value));
                let score = match path_class {
                    PathClass::Share | PathClass::Drop => 90,
                    PathClass::System | PathClass::Windows | PathClass::Programs => base.min(55),
                    _ => base,
                };
                (score, format!("a DLL that {}: {value}, {}", load.does, path_class.in_words()))
            }
            Kind::Command => {
                let program = program_of(value);
                let path_class = subject.path_class(program);
                let score = match path_class {
                    _ if runs_its_arguments(program) => 92,
                    PathClass::Share => 90,
                    PathClass::Drop if !plain_path(program).contains(r":\inetpub\") => 90,
                    PathClass::Programs => base.min(60),
                    _ => base,
                };
                (score, format!("an executable {}: {value}", load.does))
            }
            Kind::Arguments | Kind::Options => match indicative(subject, value) {
                Some(word) => (base, format!("{word} {}: {value}", load.does)),
                None => continue,
            },
            _ => (base, format!("a COM class {}: {value}", load.does)),
        };
        hits.push(subject.hit(at, score, title));
    }
    // Programs of .NET Core and others that a module starts.
    for name in ["aspNetCore", "httpPlatform"] {
        for at in subject.named(name) {
            let arguments = subject.element(at).attribute("arguments");
            if let Some(word) = indicative(subject, arguments) {
                let score = if subject.is_of_exchange() { 60 } else { 50 };
                hits.push(subject.hit(at, score, format!("{word} in the arguments of an executable: {arguments}")));
            }
        }
    }
    hits
}

/// What in the arguments of a program or a compiler makes it load something that is not named by the program.
fn indicative(subject: &Subject<'_>, value: &str) -> Option<&'static str> {
    let folded = fold(value);
    let words: Vec<&str> = folded.split([' ', '"', '=', ',']).filter(|word| !word.is_empty()).collect();
    let begins = |starts: &[&str]| words.iter().any(|word| starts.iter().any(|start| word.starts_with(start)));
    let away = |word: &&str| {
        let path =
            word.split_once(':').filter(|(option, _)| option.starts_with(['/', '-'])).map_or(*word, |(_, path)| path);
        matches!(subject.path_class(path), PathClass::Share | PathClass::Drop)
            && !plain_path(path).contains(r":\inetpub\")
    };
    match () {
        () if folded.contains("auto_prepend_file") || folded.contains("auto_append_file") => {
            Some("a file executed before every page")
        }
        () if folded.contains("allow_url_include") || folded.contains("extension=") => Some("an interpreter setting"),
        () if begins(&[
            "/r:",
            "-r:",
            "/reference:",
            "-reference:",
            "/addmodule:",
            "-addmodule:",
            "/a:",
            "-a:",
            "/analyzer:",
            "-analyzer:",
            "/lib:",
            "-lib:",
            "/libpath:",
            "-libpath:",
            "/autoref",
            "/recurse:",
            "-recurse:",
            "/keyfile:",
        ]) =>
        {
            Some("an assembly or folder")
        }
        () if begins(&["@"]) => Some("a response file"),
        () if words.iter().any(away) => Some("a path that everyone can write to"),
        () => None,
    }
}

fn switches(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    // IIS Express, which developers start, has several of these on.
    for (at, load, _) in rows(subject, &[Kind::Switch]).filter(|_| !subject.express) {
        hits.push(subject.hit(at, score(subject, load), load.does.clone()));
    }
    hits
}

fn pages(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, load, value) in rows(subject, &[Kind::Page, Kind::Folder]) {
        let base = score(subject, load);
        let plain = plain_path(value.trim_start_matches('~'));
        let kind = extension(file_name(&plain));
        let page = load.kind == Kind::Page;
        let code = file_types::of_extension(&kind).is(Uses::SERVER_CODE);
        let score = match () {
            () if page
                && !code
                && file_types::of_extension(&kind).is(Uses::BROWSER)
                && kind != "html"
                && kind != "htm" =>
            {
                base.max(50)
            }
            () if page && super::requests::is_no_place(value) => base.max(50),
            () if page && super::requests::leads_away(value) => {
                base.max(if subject.is_of_exchange() { 45 } else { 15 })
            }
            // An address without a page behind it is routed by the site, and sites have pages and folders of code.
            () if page && !code => base.min(5),
            () if !page && matches!(subject.path_class(value), PathClass::Share | PathClass::Drop) => {
                base.max(if subject.holds_for_exchange() { 50 } else { 35 })
            }
            () if !page && plain.starts_with("..") => base.max(40),
            () if base <= 15 => continue,
            () => base,
        };
        hits.push(subject.hit(at, score, format!("{} of the configuration {}: {value}", name_of(load), load.does)));
    }
    hits
}

fn name_of(load: &Load) -> &'static str {
    if load.kind == Kind::Page { "a page" } else { "a folder" }
}

/// Sections that hold passwords and are encrypted for that.
const SECRETS: &[&str] =
    &["connectionStrings", "sessionState", "identity", "machineKey", "smtp", "network", "processModel", "credentials"];

/// The sections that are encrypted, and whether they hold nothing but passwords.
pub(super) fn encrypted_sections(subject: &Subject<'_>) -> Vec<(usize, bool)> {
    let elements = subject.document.elements.iter().enumerate();
    let marked = elements.filter(|(_, element)| !element.attribute("configProtectionProvider").is_empty());
    marked.map(|(at, element)| (at, SECRETS.contains(&element.name.as_str()))).collect()
}

fn encrypted(subject: &Subject<'_>) -> Vec<Hit> {
    let sections = encrypted_sections(subject).into_iter().filter(|(_, secret)| !secret);
    sections
        .map(|(at, _)| {
            let name = &subject.element(at).name;
            let score = if subject.is_of_exchange() || name != "appSettings" { 30 } else { 10 };
            subject.hit(at, score, format!("the section {name} is encrypted and could not be examined"))
        })
        .collect()
}
