//! Modules and filters, which see every request.

use super::subject::{Hit, PathClass, Subject, file_name};
use super::{Check, CheckInfo, Look};
use crate::catalogue::default_config::{ImageIs, TypeIs, TypeName};
use crate::model::server_path::fold;

pub(super) const CHECKS: &[Check] = &[
    Check {
        check: CheckInfo {
            id: "config/native_module",
            title: "a native IIS module that is not a default",
            score: 90,
            looks_for: "An entry in `globalModules` whose name and image are not in the list of defaults of Exchange \
                        and the IIS roles, or whose image is not the one known for that name.",
            why: "A native module sees and answers every request to every site, with the rights of the worker process. \
                  Most IIS backdoors are native modules.",
            benign_look_alikes: "Web application firewalls and IIS extensions from Microsoft and others; their path \
                                 shows how far to trust them.",
            attack: &["T1505.004"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(native),
    },
    Check {
        check: CheckInfo {
            id: "config/isapi_filter",
            title: "an ISAPI filter that is not a default",
            score: 90,
            looks_for: "The same for `isapiFilters/filter`.",
            why: "A filter sees requests before authentication, including passwords. A fake `owaauth.dll` has stolen \
                  those of whole organisations.",
            benign_look_alikes: "Old single sign-on products.",
            attack: &["T1505.004", "T1556"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(filters),
    },
    Check {
        check: CheckInfo {
            id: "config/managed_module",
            title: "a managed IIS module that is not a default",
            score: 70,
            looks_for: "An entry in `modules` or `httpModules` whose class is not in the list of default Exchange, IIS \
                        and ASP.NET classes, or is listed with another assembly or public key token.",
            why: "A managed module sees every request to its application: it can answer requests itself and collect \
                  passwords.",
            benign_look_alikes: "Multi-factor authentication for the logon page, web application firewalls and similar \
                                 products are managed modules. Verify them; those that pretend to belong to Exchange \
                                 score higher.",
            attack: &["T1505.004"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(managed),
    },
    Check {
        check: CheckInfo {
            id: "config/autostart",
            title: "code that runs when the web server starts",
            score: 50,
            looks_for: "A class in `serviceAutoStartProviders`, or a page that `applicationInitialization` requests.",
            why: "It runs without a client request, after every restart.",
            benign_look_alikes: "Other products use both to warm up. A default Exchange installation uses neither, and \
                                 elsewhere both score low.",
            attack: &["T1505.004", "T1546"],
            ..CheckInfo::EMPTY
        },
        look: Look::File(starts),
    },
];

/// How sure an unknown image makes us, by where it lies.
fn by_place(path_class: PathClass) -> u8 {
    match path_class {
        PathClass::Share => 90,
        PathClass::Drop => 85,
        PathClass::Elsewhere | PathClass::Relative => 65,
        PathClass::Exchange => 60,
        PathClass::System | PathClass::Windows => 55,
        PathClass::Programs => 35,
    }
}

fn image(subject: &Subject<'_>, at: usize, what: &str, written: &str) -> Option<Hit> {
    let name = subject.element(at).attribute("name");
    if subject.express && subject.defaults.is_of_express(name, written) {
        return None;
    }
    let image = &*subject.place(written);
    let path_class = subject.path_class(image);
    let file = file_name(image);
    let (score, title) = match subject.defaults.image_is(name, image, subject.exchange.as_deref()) {
        ImageIs::Default => return None,
        // Without an image it is an entry of another section.
        _ if image.is_empty() => return None,
        ImageIs::NotAsDefault => {
            let title = format!("the {what} {name} is loaded from {image}, which is not its default path");
            (by_place(path_class).max(75), title)
        }
        ImageIs::Unknown if subject.defaults.is_default_image(image, subject.exchange.as_deref()) => {
            (25, format!("the {what} {name} is a default DLL under another name ({file})"))
        }
        ImageIs::Unknown if subject.defaults.is_of_a_product(image) => {
            (20, format!("the {what} {name} belongs to a known product, at its own path: {image}"))
        }
        ImageIs::Unknown => {
            (by_place(path_class), format!("the {what} {name} is not a default: {image}, {}", path_class.in_words()))
        }
    };
    Some(subject.hit(at, score, title))
}

fn native(subject: &Subject<'_>) -> Vec<Hit> {
    let modules = subject.at(&["globalModules", "add"]);
    modules.filter_map(|(at, module)| image(subject, at, "native module", module.attribute("image"))).collect()
}

fn filters(subject: &Subject<'_>) -> Vec<Hit> {
    let filters = subject.at(&["isapiFilters", "filter"]);
    filters.filter_map(|(at, filter)| image(subject, at, "ISAPI filter", filter.attribute("path"))).collect()
}

fn managed(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    let modules = subject.at(&["modules", "add"]).chain(subject.at(&["httpModules", "add"]));
    for (at, module) in modules {
        let (name, class) = (module.attribute("name"), module.attribute("type"));
        if class.is_empty() {
            continue;
        }
        let key = TypeName::parse(class).token;
        let (score, what) = match subject.type_is(class) {
            TypeIs::Microsoft if subject.is_microsofts_by_key_alone(class) => {
                (30, "a class unknown on default servers that claims a Microsoft public key")
            }
            TypeIs::Default | TypeIs::Microsoft => continue,
            TypeIs::NotAsDefault => (70, "a default class with another assembly or public key"),
            TypeIs::LikeExchange if key.is_some() => (40, "a class with an Exchange name, unknown on default servers"),
            TypeIs::LikeExchange => (45, "a class with an Exchange name and no public key, unknown on default servers"),
            TypeIs::LikeMicrosoft if subject.is_of_exchange() => {
                (45, "a class with a .NET name and no Microsoft public key")
            }
            // Libraries that Microsoft gives out for sites are named without their key more often than not.
            TypeIs::LikeMicrosoft => (20, "a class with a .NET name and no Microsoft public key"),
            // An honest product has its own, a second factor on OWA say: listed, not convicted.
            TypeIs::Foreign => (subject.of_another_product(), "a class of another product"),
        };
        hits.push(subject.hit(at, score, format!("the module {name} is {what}: {class}")));
    }
    hits
}

fn starts(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, provider) in subject.at(&["serviceAutoStartProviders", "add"]) {
        let class = provider.attribute("type");
        if !class.is_empty() && !matches!(subject.type_is(class), TypeIs::Default | TypeIs::Microsoft) {
            let score = if subject.exchange.is_some() { 50 } else { 30 };
            hits.push(subject.hit(at, score, format!("a class runs when the web server starts: {class}")));
        }
    }
    for (at, page) in subject.at(&["applicationInitialization", "add"]) {
        let page = page.attribute("initializationPage");
        let path = page.split(['?', '#']).next().unwrap_or(page);
        let extension = crate::model::server_path::extension(file_name(path));
        if crate::model::file_types::of_extension(&fold(&extension)).is(crate::model::file_types::Uses::SERVER_CODE) {
            hits.push(subject.hit(at, 30, format!("a page is requested when the web server starts: {page}")));
        }
    }
    hits
}
