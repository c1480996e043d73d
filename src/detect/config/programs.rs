//! The programs and libraries that configuration loads into the web server.

use super::subject::{PathClass, lies};
use super::{Check, Look, ScanContext};
use crate::model::{Artefact, Role};
use crate::pe::shape::{self, Certificates, Shape};

use super::super::publisher;
use crate::config::{LOADED_ABOVE_EXCHANGE, LOADED_AS_ANY, LOADED_AS_CLASS, LOADED_AS_MICROSOFT};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "image_place",
        title: "the web server loads a library from an odd place",
        score: 80,
        what: "A native module or ISAPI filter, by the configuration that was read, outside of inetsrv, the framework and the \
               folders of Exchange.",
        why: "What an intruder adds lies where he can write.",
        harmless: "Extensions of IIS below Program Files count little.",
        look: Look::Program(image_place),
    },
    Check {
        id: "image_unsigned",
        title: "the web server loads a library without a signature",
        score: 60,
        what: "A native module or ISAPI filter whose headers name no certificate table, or one that does not lie inside the file. \
               Whether a signature that is there is valid was not asked.",
        why: "Microsoft signs all of its own, and so do most others.",
        harmless: "Libraries of Windows are signed by catalogues and carry no signature themselves, so nothing is said of those at \
                   their stock place. Small vendors sign nothing.",
        look: Look::Program(image_unsigned),
    },
    Check {
        id: "module_not_loaded",
        title: "a library that could be a module of IIS, which no configuration loads",
        score: 50,
        what: "The export `RegisterModule` of native modules, or `HttpFilterProc` of ISAPI filters, in a library of a web folder or \
               of inetsrv that the configuration that was read does not load and that is not stock.",
        why: "A backdoor is put there before it is registered, and stays there after it was taken out again.",
        harmless: "Libraries of a role of IIS that was removed, and those of sites whose configuration was not read.",
        look: Look::Program(module_not_loaded),
    },
    Check {
        id: "class_library",
        title: "configuration takes a class from a library that nobody vouches for",
        score: 75,
        what: "A library of .NET from which configuration loads a class: under a name of Microsoft's without a signature of Microsoft's \
               that holds, or, in a folder of Exchange, of anybody without a signature. Libraries that could be taken count as those \
               that are.",
        why: "The name of a class, of its library and of its key are text that anybody may write; whose library it is, its signature \
               says. The runtime itself verifies no strong name of a program that it trusts.",
        harmless: "Sites build libraries under such names, and some vendors sign nothing: outside of Exchange both count little.",
        look: Look::Program(class_library),
    },
];

/// A program as the checks see it.
pub(super) struct Program<'s> {
    artefact: &'s Artefact,
    pub(super) shape: Shape,
    lies: PathClass,
    is_stock: bool,
    /// Whether it lies where a well-known product puts it.
    is_of_a_product: bool,
    /// The stored file as far as it was read, and whether that is all of it.
    bytes: &'s [u8],
}

impl<'s> Program<'s> {
    /// The program in a file, if it is one; only its beginning says so.
    pub(super) fn of(artefact: &'s Artefact, sight: &'s ScanContext<'_, '_>) -> Option<Self> {
        let view = sight.views.first().filter(|view| view.stored_offset(0) == 0)?;
        let shape = shape::read(&view.bytes, artefact.entry.size.max(view.bytes.len() as u64))?;
        let path = artefact.path.folded();
        let root = (artefact.place.role == Role::Exchange)
            .then(|| path.strip_suffix(&artefact.place.relative).map(|root| root.trim_end_matches('\\')))
            .flatten();
        let norms = crate::catalogue::config_norms();
        let is_stock = norms.is_stock_image(&path, root);
        let is_of_a_product = norms.is_of_a_product(&path);
        Some(Self { artefact, shape, lies: lies(&path, root), is_stock, is_of_a_product, bytes: &view.bytes })
    }

    fn is_native(&self) -> bool {
        self.artefact.loaded_as.iter().any(|what| what.starts_with("native module") || what.starts_with("ISAPI filter"))
    }

    fn loaded_as(&self) -> &str {
        self.artefact.loaded_as.first().map_or("a module", String::as_str)
    }

    /// What it exports of what makes a module, as proof.
    pub(super) fn exports(&self) -> String {
        let telling = self.shape.exports.iter().filter(|name| EXPORTS.contains(&name.as_str()));
        format!("exports {}", telling.map(String::as_str).collect::<Vec<_>>().join(", "))
    }
}

/// What IIS asks a native module and an ISAPI filter for. Microsoft, IIS native-code API and ISAPI references.
const EXPORTS: &[&str] = &["RegisterModule", "HttpFilterProc"];

fn image_place(program: &Program<'_>) -> Option<(u8, String)> {
    if !program.is_native() || program.is_stock {
        return None;
    }
    let score = match program.lies {
        PathClass::Share => 80,
        _ if program.is_of_a_product => 20,
        PathClass::Drop => 80,
        PathClass::Elsewhere | PathClass::Relative => 60,
        PathClass::Windows => 45,
        PathClass::Programs => 20,
        PathClass::System | PathClass::Exchange => return None,
    };
    Some((score, format!("the web server loads it as {}, {}", program.loaded_as(), program.lies.in_words())))
}

fn image_unsigned(program: &Program<'_>) -> Option<(u8, String)> {
    let what = match program.shape.certificates {
        Certificates::None => "carries no signature of its own",
        Certificates::Broken => "names a signature that does not lie inside the file",
        Certificates::Present | Certificates::Unknown => return None,
    };
    if !program.is_native() {
        return None;
    }
    let in_windows = matches!(program.lies, PathClass::System | PathClass::Windows);
    let broken = program.shape.certificates == Certificates::Broken;
    let (score, more) = match () {
        () if broken => (55, ""),
        // A catalogue signs it, or does not: that is not known here.
        () if in_windows && program.is_stock => return None,
        () if in_windows => (35, "; whether a catalogue of Windows signs it was not looked up"),
        () if program.is_stock => (60, ", unlike the one that Exchange has here"),
        () => (40, ""),
    };
    Some((score, format!("the web server loads it as {}, and it {what}{more}", program.loaded_as())))
}

fn module_not_loaded(program: &Program<'_>) -> Option<(u8, String)> {
    let could = EXPORTS.iter().find(|name| program.shape.exports(name))?;
    let place = program.artefact.place.role;
    let watched = matches!(place, Role::Exchange | Role::WebRoot | Role::DropFolder);
    if !program.artefact.loaded_as.is_empty() || program.is_stock || program.is_of_a_product || !watched {
        return None;
    }
    let what = if *could == "RegisterModule" { "a native module of IIS" } else { "an ISAPI filter" };
    // Products bring the filter that they want registered; nobody puts one into the folders of IIS or of Exchange but to load it.
    let score = if place == Role::WebRoot { 40 } else { 50 };
    Some((score, format!("a library made to be {what} ({could}), which no configuration that was read loads")))
}

fn class_library(program: &Program<'_>) -> Option<(u8, String)> {
    let loaded = &program.artefact.loaded_as;
    let find = |start: &str| loaded.iter().find(|what| what.starts_with(start));
    let microsoft = find(LOADED_AS_MICROSOFT);
    let what = microsoft.or_else(|| find(LOADED_AS_CLASS)).or_else(|| find(LOADED_AS_ANY))?;
    // A program that is not .NET's holds no class.
    if program.shape.managed == Some(false) || publisher::is_signed(program.bytes) {
        return None;
    }
    let path = program.artefact.path.folded().replace('/', "\\");
    // Where no site lies and anybody writes.
    let dropped = program.artefact.place.role == Role::DropFolder && !path.contains(r":\inetpub\");
    let exchange = program.artefact.place.role == Role::Exchange
        || dropped
        || loaded.iter().any(|what| what.ends_with(LOADED_ABOVE_EXCHANGE));
    let signed = program.shape.certificates == Certificates::Present;
    let windows = matches!(program.lies, PathClass::System | PathClass::Windows);
    let (score, how) = match (microsoft.is_some(), publisher::claims_to_be_signed(program.bytes)) {
        // Builds of .NET's own libraries before they are signed have its key; on a site they are seen now and then.
        (_, true) if exchange || windows => {
            (75, "it has the key of a known publisher and no signature of his that holds")
        }
        (_, true) => (25, "it has the key of a known publisher and no signature of his that holds"),
        (true, _) if exchange || windows => (70, "no publisher that is known has signed it"),
        (true, _) => (20, "no publisher that is known has signed it"),
        (false, _) if !exchange && !windows => return None,
        // The cache takes no library without a key, which anybody can make.
        (false, _) if windows => (30, "no publisher that is known has signed it"),
        (false, _) if signed => (35, "no publisher that is known has signed it"),
        (false, _) if what.starts_with(LOADED_AS_ANY) => (30, "nobody has signed it"),
        (false, _) => (55, "nobody has signed it"),
    };
    Some((score, format!("{what}; {how}")))
}
