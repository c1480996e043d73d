//! What elements and attributes of configuration name: classes, libraries, sections that run code.

use super::plan::Plan;
use crate::catalogue::default_config::TypeName;
use crate::catalogue::loads;
use crate::config::Document;
use crate::model::ServerPath;
use crate::model::server_path::{fold, same_name};
use std::collections::{HashMap, HashSet};

/// Whether a section that may be in a file of its own decides what runs. Others, passwords above all, are left out of many copies.
pub(super) fn runs_code(section: &str) -> bool {
    const SECTIONS: &[&str] = &[
        "handlers",
        "modules",
        "globalModules",
        "isapiFilters",
        "httpHandlers",
        "httpModules",
        "compilation",
        "buildProviders",
        "rules",
        "globalRules",
        "outboundRules",
        "providers",
        "httpRuntime",
        "pages",
        "runtime",
        "configBuilders",
        "webServices",
        "serviceHostingEnvironment",
        "services",
        "behaviors",
        "extensions",
        "fastCgi",
        "isapiCgiRestriction",
        "sites",
        "applicationPools",
        "configurationRedirection",
        "requestFiltering",
        "traceFailedRequests",
        "httpCompression",
        "linkedConfiguration",
    ];
    SECTIONS.contains(&section)
}

/// Whether what an element names runs: a section that no program asks for is never read, and its class is never loaded.
pub(super) fn class_is_run(element: &str) -> bool {
    !matches!(element, "section" | "sectionGroup" | "codeBase" | "bindingRedirect")
}

/// The folders of sites, where an application of the same site is in Exchange: their configuration holds for that one too.
pub(super) fn above_exchange(plan: &Plan) -> HashSet<String> {
    let mut folders = HashSet::new();
    for site in plan.servers().flat_map(|iis| &iis.sites) {
        let of = |path: &str| -> Vec<&ServerPath> {
            let applications =
                site.applications.iter().filter(|application| (application.path == "/") == (path == "/"));
            let roots = applications.flat_map(|application| application.folders.iter().filter(|one| one.path == "/"));
            roots.flat_map(|folder| folder.physical.folders()).collect()
        };
        let below = of("").into_iter().any(|folder| plan.exchange.iter().any(|root| folder.below(root).is_some()));
        if below {
            folders.extend(of("/").into_iter().map(ServerPath::folded));
        }
    }
    folders
}

/// Where `codeBase` says that libraries are, by their folded names.
pub(super) fn code_bases(document: &Document) -> HashMap<String, Vec<String>> {
    let mut bases: HashMap<String, Vec<String>> = HashMap::new();
    let mut identity: Option<(Option<usize>, String)> = None;
    for element in &document.elements {
        match element.name.as_str() {
            "assemblyIdentity" => identity = Some((element.parent, fold(element.attribute("name")))),
            "codeBase" => {
                if let Some((parent, name)) = &identity
                    && *parent == element.parent
                {
                    bases.entry(name.clone()).or_default().push(element.attribute("href").to_owned());
                }
            }
            _ => {}
        }
    }
    bases
}

/// The class that an attribute names. With its library anywhere; without one where the table says that a class stands there.
pub(super) fn type_name(document: &Document, at: usize, attribute: &str, value: &str) -> Option<TypeName> {
    let element = &document.elements[at];
    let value = value.trim();
    if value.is_empty() || value.len() > 2_000 {
        return None;
    }
    let simple = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '`'))
    };
    // The name of a library alone.
    if same_name(attribute, "assembly") || attribute == "appDomainManagerAssembly" {
        let name = value.split(',').next().unwrap_or_default().trim();
        let token = TypeName::parse(&format!("*,{value}")).token;
        return simple(name).then(|| TypeName { class: "*".to_owned(), assembly: Some(name.to_owned()), token });
    }
    // What is redirected to another version is a library of the application, or nothing.
    let redirected = element.name == "assemblyIdentity" && attribute == "name";
    if redirected || element.name == "appDomainManagerAssembly" && attribute == "value" {
        let name = value.split(',').next().unwrap_or_default().trim();
        return simple(name).then(|| TypeName { class: "*".to_owned(), assembly: Some(name.to_owned()), token: None });
    }
    // Of a generic class the library stands behind the last bracket.
    let value = value.rsplit_once(']').map_or(value, |(_, rest)| if rest.contains(',') { rest } else { value });
    let name = TypeName::parse(value.trim_start_matches(','));
    match &name.assembly {
        Some(assembly) => (simple(assembly) || assembly.split(' ').count() == 1 && simple(assembly)).then_some(name),
        None => (simple(&name.class) && name.class.contains('.') && stands_for_a_class(document, at, attribute))
            .then_some(name),
    }
}

/// Whether an attribute is one in which a class stands: of a module or a handler, or by the table.
pub(super) fn stands_for_a_class(document: &Document, at: usize, attribute: &str) -> bool {
    let element = &document.elements[at];
    let parent = element.parent.map_or("", |at| document.elements[at].name.as_str());
    let listed = matches!(parent, "modules" | "httpModules" | "handlers" | "httpHandlers") && attribute == "type";
    listed
        || loads().of(&element.name).iter().any(|load| {
            load.kind == crate::catalogue::loads::Kind::Class
                && load.attribute == attribute
                && document.ends_with(at, &load.place)
        })
}
