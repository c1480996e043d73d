//! Assemblies loaded by the runtime and the page compiler.

use super::subject::{FileKind, Hit, PathClass, Subject};
use super::{Check, CheckInfo, Look};
use crate::catalogue::default_config::{TypeIs, plain_path};
use crate::model::server_path::{extension, fold};

pub(super) const CHECKS: &[Check] = &[
    Check {
        check: CheckInfo {
            id: "config/appdomain_manager",
            title: "an AppDomain manager is configured",
            score: 80,
            looks_for: "`appDomainManagerAssembly` and `appDomainManagerType`, in the configuration of a site, of the \
                        worker process or of any executable.",
            why: "The runtime loads this assembly before anything else and gives it control of every application \
                  domain: code that no page, module or handler names.",
            benign_look_alikes: ".NET hosts in large products. Neither IIS nor Exchange uses one.",
            attack: &["T1574.014"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(domain_manager),
    },
    Check {
        check: CheckInfo {
            id: "config/assembly_codebase",
            title: "an assembly is loaded from a custom path",
            score: 80,
            looks_for: "`codeBase`, `assemblies/add`, `probing`, `linkedConfiguration` or compiler options that name a \
                        remote host, a drop folder, or a path outside Exchange.",
            why: "The runtime loads whatever is there under the name of a trusted assembly.",
            benign_look_alikes: "`codeBase` into Exchange's own folders, which default files contain by the thousand, \
                                 is not reported; other products point into their own folders.",
            attack: &["T1574", "T1505.004"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(by_path),
    },
    Check {
        check: CheckInfo {
            id: "config/devpath",
            title: "assemblies are loaded from DEVPATH or from remote sources",
            score: 45,
            looks_for: "`developmentMode developerInstallation=\"true\"`, which makes the runtime use the DEVPATH \
                        variable, or `loadFromRemoteSources`.",
            why: "Any assembly can then replace the real one or be loaded from a remote host.",
            benign_look_alikes: "Developer workstations; `loadFromRemoteSources` where programs run from a share.",
            attack: &["T1574"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(developer),
    },
    Check {
        check: CheckInfo {
            id: "config/app_pool_clr_config",
            title: "an application pool uses its own CLR configuration file",
            score: 75,
            looks_for: "`CLRConfigFile` of an application pool outside the Exchange folder.",
            why: "The file decides what the worker process loads first, and it need not be called `web.config`.",
            benign_look_alikes: "Exchange sets files in its `bin` folder for its pools.",
            attack: &["T1574", "T1505.004"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(pool),
    },
    Check {
        check: CheckInfo {
            id: "config/expression_builder",
            title: "the page compiler uses a class that is not a default",
            score: 50,
            looks_for: "`expressionBuilders/add`, or a `system.codedom` compiler, with a class that is not \
                        Microsoft's.",
            why: "The class runs whenever a page is compiled.",
            benign_look_alikes: "Localisation products.",
            attack: &["T1505.004"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(compilers),
    },
    Check {
        check: CheckInfo {
            id: "config/external_config_source",
            title: "part of the configuration is stored elsewhere",
            score: 60,
            looks_for: "`configSource` or `file` attributes that lead outside the folder or to a file without the \
                        extension `.config`; shared configuration on a remote host. Files inside the evidence are \
                        examined as configuration, whatever its name.",
            why: "The relevant part can be hidden in a file that does not look like configuration.",
            benign_look_alikes: "Sections in separate files next to this one; farms share the IIS configuration.",
            attack: &["T1564", "T1036"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(elsewhere),
    },
];

fn domain_manager(subject: &Subject<'_>) -> Vec<Hit> {
    let names = ["appDomainManagerAssembly", "appDomainManagerType"];
    let found = names.into_iter().flat_map(|name| subject.named(name));
    let mut hits: Vec<Hit> = found
        .map(|at| {
            let value = subject.element(at).attribute("value");
            subject.hit(at, 80, format!("an AppDomain manager starts before everything else: {value}"))
        })
        .collect();
    // One manager has two elements.
    hits.truncate(1);
    hits
}

/// How sure a library from this place makes us; `None` for one that belongs there.
fn score(subject: &Subject<'_>, path: &str) -> Option<u8> {
    match subject.path_class(path) {
        PathClass::Share => Some(80),
        PathClass::Drop if subject.is_of_exchange() || subject.kind == FileKind::Framework => Some(75),
        PathClass::Drop => Some(55),
        PathClass::Elsewhere => Some(40),
        PathClass::Relative if plain_path(path).starts_with("..") && plain_path(path).matches("..").count() > 1 => {
            Some(35)
        }
        PathClass::Windows | PathClass::Programs if subject.is_of_exchange() => Some(30),
        _ => None,
    }
}

fn by_path(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for name in ["codeBase", "linkedConfiguration"] {
        for at in subject.named(name) {
            let path = subject.element(at).attribute("href");
            if let Some(score) = score(subject, path) {
                let what = if name == "codeBase" { "a library" } else { "further configuration" };
                let title = format!("{what} is loaded from {path}, {}", subject.path_class(path).in_words());
                hits.push(subject.hit(at, score, title));
            }
        }
    }
    for (at, element) in subject.at(&["assemblies", "add"]) {
        let assembly = element.attribute("assembly");
        if assembly.contains(['\\', '/']) {
            hits.push(subject.hit(at, 75, format!("the page compiler references an assembly by path: {assembly}")));
        }
    }
    for at in subject.named("probing") {
        let path = subject.element(at).attribute("privatePath");
        let outside = |part: &&str| {
            let part = plain_path(part);
            part.starts_with(r"\\") || part.contains(':') || part.starts_with("..")
        };
        if let Some(part) = path.split(';').find(outside) {
            hits.push(subject.hit(at, 45, format!("assemblies are probed outside the application: {part}")));
        }
    }
    for (at, element) in subject.at(&["compilers", "compiler"]) {
        let options = element.attribute("compilerOptions");
        // The folder of a path is looked for wherever it begins.
        let starts = options.match_indices(r":\").map(|(at, _)| at.saturating_sub(1));
        let shares = options.match_indices(r"\\").map(|(at, _)| at);
        let paths = starts.chain(shares).filter_map(|at| options.get(at..));
        if let Some(score) = paths.filter_map(|path| score(subject, path)).max() {
            hits.push(subject.hit(at, score, format!("the page compiler options name files by path: {options}")));
        }
    }
    hits
}

fn developer(subject: &Subject<'_>) -> Vec<Hit> {
    let modes = subject.named("developmentMode").filter(|&at| subject.element(at).is_true("developerInstallation"));
    let words = "the runtime loads assemblies from DEVPATH";
    let mut hits: Vec<Hit> = modes.map(|at| subject.hit(at, 45, words.to_owned())).collect();
    let remote = subject.named("loadFromRemoteSources").filter(|&at| subject.element(at).is_true("enabled"));
    let score = if subject.is_of_exchange() { 25 } else { 15 };
    hits.extend(remote.map(|at| subject.hit(at, score, "assemblies may be loaded from remote hosts".to_owned())));
    hits
}

fn pool(subject: &Subject<'_>) -> Vec<Hit> {
    let pools = subject.at(&["applicationPools", "add"]);
    pools
        .filter_map(|(at, pool)| {
            let file = pool.attribute("CLRConfigFile");
            let score = match subject.path_class(&subject.place(file)) {
                _ if file.is_empty() => return None,
                PathClass::Exchange | PathClass::System => return None,
                PathClass::Share | PathClass::Drop => 75,
                _ => 50,
            };
            let title = format!("the application pool {} starts with the configuration {file}", pool.attribute("name"));
            Some(subject.hit(at, score, title))
        })
        .collect()
}

fn compilers(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (path, what) in [
        (["expressionBuilders", "add"], "page expressions are evaluated by"),
        (["compilers", "compiler"], "pages are compiled by"),
    ] {
        for (at, element) in subject.at(&path) {
            let class = element.attribute("type");
            let score = match subject.type_is(class) {
                TypeIs::NotAsDefault => 50,
                TypeIs::Foreign if !class.is_empty() => {
                    if subject.is_of_exchange() {
                        35
                    } else {
                        20
                    }
                }
                TypeIs::LikeExchange => 45,
                _ => continue,
            };
            hits.push(subject.hit(at, score, format!("{what} a class that is not a default: {class}")));
        }
    }
    hits
}

/// Whether a path, taken from the folder of the file, leads to a place where pages do not lie and anybody may write.
fn leads_where_anybody_writes(subject: &Subject<'_>, plain: &str) -> bool {
    let outside = |path: &str| {
        !path.contains(r":\inetpub\") && matches!(subject.path_class(path), PathClass::Drop | PathClass::Windows)
    };
    if !plain.starts_with("..") {
        return plain.contains(':') && outside(plain);
    }
    let folder = subject.artefact.path.parent().map(|folder| folder.folded().replace('/', "\\")).unwrap_or_default();
    let mut names: Vec<&str> = folder.split('\\').filter(|name| !name.is_empty()).collect();
    for name in plain.split('\\').filter(|name| !matches!(*name, "" | ".")) {
        match name {
            // Nothing lies above a drive.
            ".." if names.len() <= 1 => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    outside(&names.join("\\"))
}

fn elsewhere(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, element) in subject.document.elements.iter().enumerate() {
        let file = if element.name == "appSettings" { element.attribute("file") } else { "" };
        for path in [element.attribute("configSource"), file] {
            let plain = plain_path(path);
            let score = match () {
                () if path.is_empty() => continue,
                () if plain.starts_with(r"\\") => 50,
                () if leads_where_anybody_writes(subject, &plain) => 60,
                // Where Microsoft's advice puts secrets: outside of the site. `configSource` may not lead there.
                () if plain.contains(':') => 35,
                () if plain.starts_with("..") => 40,
                () if extension(&plain) != "config" => 40,
                () => continue,
            };
            let title = format!("the section {} is stored elsewhere: {path}", element.name);
            hits.push(subject.hit(at, score, title));
        }
    }
    for at in subject.named("configurationRedirection").filter(|&at| subject.element(at).is_true("enabled")) {
        let path = fold(subject.element(at).attribute("path"));
        hits.push(subject.hit(at, 30, format!("the IIS configuration is stored elsewhere: {path}")));
    }
    hits
}
