//! What takes part in every request.

use super::subject::{Hit, PathClass, Subject, file_name};
use super::{Check, Look};
use crate::catalogue::config_norms::{ImageIs, TypeIs, TypeName};
use crate::model::server_path::fold;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "native_module",
        title: "a native module that is not stock",
        score: 90,
        what: "An entry of `globalModules` whose name and image are on no list of stock Exchange and of the roles of IIS, or whose \
               image is not the one of that name.",
        why: "A native module sees and answers every request of every site, as the system itself. Most backdoors of IIS are \
               one.",
        harmless: "Filters against attacks, and extensions of IIS from Microsoft and others; where they lie says how far to \
                   trust them.",
        look: Look::File(native),
    },
    Check {
        id: "isapi_filter",
        title: "an ISAPI filter that is not stock",
        score: 90,
        what: "The same for `isapiFilters/filter`.",
        why: "A filter sees requests before they are checked, passwords among them. A false `owaauth.dll` has stolen those of \
               whole companies.",
        harmless: "Old products for single sign-on.",
        look: Look::File(filters),
    },
    Check {
        id: "managed_module",
        title: "a managed module of a class that is not stock",
        score: 70,
        what: "An entry of `modules` or `httpModules` whose class is on no list of stock Exchange, IIS and ASP.NET, or is listed \
               with another assembly or key.",
        why: "A managed module sees every request of its application: it can answer some itself, and keep passwords.",
        harmless: "A second factor for the logon page, filters against attacks and the like come as such a module. They are to \
                   be known; what pretends to be Exchange counts more.",
        look: Look::File(managed),
    },
    Check {
        id: "starts_by_itself",
        title: "code that runs when the web server starts",
        score: 50,
        what: "A class of `serviceAutoStartProviders`, or a page that `applicationInitialization` asks for.",
        why: "It runs without anybody's request, after every restart.",
        harmless: "Other products use both to be warm for their first visitor. Stock Exchange uses neither, and elsewhere \
                   both count little.",
        look: Look::File(starts),
    },
];

/// How sure an unknown image makes us, by where it lies.
fn by_place(lies: PathClass) -> u8 {
    match lies {
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
    if subject.express && subject.norms.is_of_express(name, written) {
        return None;
    }
    let image = &*subject.place(written);
    let lies = subject.lies(image);
    let file = file_name(image);
    let (score, title) = match subject.norms.image_is(name, image, subject.exchange.as_deref()) {
        ImageIs::Stock => return None,
        // Without an image it is an entry of another section.
        _ if image.is_empty() => return None,
        ImageIs::NotAsStock => {
            let title = format!("the {what} {name} is loaded from {image}, which is not where that one lies");
            (by_place(lies).max(75), title)
        }
        ImageIs::Unknown if subject.norms.is_stock_image(image, subject.exchange.as_deref()) => {
            (25, format!("the {what} {name} is a stock library under another name ({file})"))
        }
        ImageIs::Unknown if subject.norms.is_of_a_product(image) => {
            (20, format!("the {what} {name} is of a known product, at its place: {image}"))
        }
        ImageIs::Unknown => (by_place(lies), format!("the {what} {name} is not stock: {image}, {}", lies.in_words())),
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
                (30, "a class that no known server has, with a key of Microsoft's as text")
            }
            TypeIs::Stock | TypeIs::Microsoft => continue,
            TypeIs::NotAsStock => (70, "a stock class of another library or key"),
            TypeIs::LikeExchange if key.is_some() => {
                (40, "a class that is named like Exchange and that no known server has")
            }
            TypeIs::LikeExchange => {
                (45, "a class that is named like Exchange, that no known server has, and that has no key")
            }
            TypeIs::LikeMicrosoft if subject.is_of_exchange() => {
                (45, "a class that is named like .NET and has no key of Microsoft's")
            }
            // Libraries that Microsoft gives out for sites are named without their key more often than not.
            TypeIs::LikeMicrosoft => (20, "a class that is named like .NET and has no key of Microsoft's"),
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
        if !class.is_empty() && !matches!(subject.type_is(class), TypeIs::Stock | TypeIs::Microsoft) {
            let score = if subject.exchange.is_some() { 50 } else { 30 };
            hits.push(subject.hit(at, score, format!("a class runs when the web server starts: {class}")));
        }
    }
    for (at, page) in subject.at(&["applicationInitialization", "add"]) {
        let page = page.attribute("initializationPage");
        let path = page.split(['?', '#']).next().unwrap_or(page);
        let extension = crate::model::server_path::extension(file_name(path));
        if crate::model::file_types::of_extension(&fold(&extension)).is(crate::model::file_types::Uses::SERVER_CODE) {
            hits.push(subject.hit(at, 30, format!("a page is asked for when the web server starts: {page}")));
        }
    }
    hits
}
