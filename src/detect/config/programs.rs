//! Executables and DLLs that configuration loads into the web server.

use super::check::{Check, EXPORTS, Look, Program};
use super::subject::PathClass;
use crate::config::{LOADED_ABOVE_EXCHANGE, LOADED_AS_ANY, LOADED_AS_CLASS, LOADED_AS_MICROSOFT};
use crate::detect::publisher;
use crate::model::{CheckInfo, Role};
use crate::pe::shape::Certificates;

pub(super) const CHECKS: &[Check] = &[
    Check {
        check: CheckInfo {
            id: "config/module_path",
            title: "the web server loads a DLL from an unusual path",
            score: 80,
            looks_for: "A native module or ISAPI filter of the configuration that is outside inetsrv, the .NET \
                        Framework and the Exchange folders.",
            why: "An attacker places a module where he can write.",
            benign_look_alikes: "IIS extensions in Program Files score low.",
            attack: &["T1505.004", "T1036.005"],
            ..CheckInfo::EMPTY
        },
        look: Look::Program(image_place),
    },
    Check {
        check: CheckInfo {
            id: "config/module_unsigned",
            title: "the web server loads an unsigned DLL",
            score: 60,
            looks_for: "A native module or ISAPI filter whose headers have no certificate table, or one that is \
                        outside the file. Whether an existing signature is valid is not checked here.",
            why: "Microsoft signs all of its own modules, and so do most vendors.",
            benign_look_alikes: "Windows DLLs are signed by catalog and have no embedded signature, so those at their \
                                 default path are not reported. Small vendors do not sign.",
            attack: &["T1505.004"],
            ..CheckInfo::EMPTY
        },
        look: Look::Program(image_unsigned),
    },
    Check {
        check: CheckInfo {
            id: "config/module_unregistered",
            title: "a possible IIS module that no configuration loads",
            score: 50,
            looks_for: "The export `RegisterModule` of native modules, or `HttpFilterProc` of ISAPI filters, in a DLL \
                        in a web folder or in inetsrv that the examined configuration does not load and that is not a \
                        default.",
            why: "A backdoor is placed there before it is registered, and stays there after it was unregistered.",
            benign_look_alikes: "DLLs of an IIS role that was removed, and those of sites whose configuration was not \
                                 examined.",
            attack: &["T1505.004"],
            ..CheckInfo::EMPTY
        },
        look: Look::Program(module_not_loaded),
    },
    Check {
        check: CheckInfo {
            id: "config/assembly_untrusted",
            title: "configuration loads a class from an untrusted assembly",
            score: 75,
            looks_for: "A .NET assembly from which configuration loads a class: with a Microsoft name but without a \
                        valid Microsoft signature, or, in an Exchange folder, without any signature. Assemblies that \
                        could be loaded count like those that are.",
            why: "The name of a class, of its assembly and of its public key are text that anyone can write; only the \
                  signature proves the origin. The runtime does not verify strong names in full trust.",
            benign_look_alikes: "Sites build assemblies with such names, and some vendors do not sign: outside \
                                 Exchange both score low.",
            attack: &["T1505.004", "T1036.005"],
            ..CheckInfo::EMPTY
        },
        look: Look::Program(class_library),
    },
];

fn image_place(program: &Program<'_>) -> Option<(u8, String)> {
    if !program.is_native() || program.is_default {
        return None;
    }
    let score = match program.path_class {
        PathClass::Share => 80,
        _ if program.is_of_a_product => 20,
        PathClass::Drop => 80,
        PathClass::Elsewhere | PathClass::Relative => 60,
        PathClass::Windows => 45,
        PathClass::Programs => 20,
        PathClass::System | PathClass::Exchange => return None,
    };
    Some((score, format!("the web server loads it as {}, {}", program.loaded_as(), program.path_class.in_words())))
}

fn image_unsigned(program: &Program<'_>) -> Option<(u8, String)> {
    let what = match program.shape.certificates {
        Certificates::None => "has no embedded signature",
        Certificates::Broken => "names a signature outside the file",
        Certificates::Present | Certificates::Unknown => return None,
    };
    if !program.is_native() {
        return None;
    }
    let in_windows = matches!(program.path_class, PathClass::System | PathClass::Windows);
    let broken = program.shape.certificates == Certificates::Broken;
    let (score, more) = match () {
        () if broken => (55, ""),
        // A catalogue signs it, or does not: that is not known here.
        () if in_windows && program.is_default => return None,
        () if in_windows => (35, "; whether a Windows catalog signs it was not checked"),
        () if program.is_default => (60, ", unlike the default Exchange file here"),
        () => (40, ""),
    };
    Some((score, format!("the web server loads it as {}, and it {what}{more}", program.loaded_as())))
}

fn module_not_loaded(program: &Program<'_>) -> Option<(u8, String)> {
    let could = EXPORTS.iter().find(|name| program.shape.exports(name))?;
    let place = program.artefact.place.role;
    let is_inspected = matches!(place, Role::Exchange | Role::WebRoot | Role::DropFolder);
    if !program.artefact.loaded_as.is_empty() || program.is_default || program.is_of_a_product || !is_inspected {
        return None;
    }
    let what = if *could == "RegisterModule" { "a native IIS module" } else { "an ISAPI filter" };
    // Products bring the filter that they want registered; nobody puts one into the folders of IIS or of Exchange but to load it.
    let score = if place == Role::WebRoot { 40 } else { 50 };
    Some((score, format!("a DLL built as {what} ({could}) that no examined configuration loads")))
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
    let windows = matches!(program.path_class, PathClass::System | PathClass::Windows);
    let (score, how) = match (microsoft.is_some(), publisher::claims_to_be_signed(program.bytes)) {
        // Builds of .NET's own libraries before they are signed have its key; on a site they are seen now and then.
        (_, true) if exchange || windows => (75, "it has the public key of a known publisher, but no valid signature"),
        (_, true) => (25, "it has the public key of a known publisher, but no valid signature"),
        (true, _) if exchange || windows => (70, "it is not signed by a known publisher"),
        (true, _) => (20, "it is not signed by a known publisher"),
        (false, _) if !exchange && !windows => return None,
        // The cache takes no library without a key, which anybody can make.
        (false, _) if windows => (30, "it is not signed by a known publisher"),
        (false, _) if signed => (35, "it is not signed by a known publisher"),
        (false, _) if what.starts_with(LOADED_AS_ANY) => (30, "it is not signed"),
        (false, _) => (55, "it is not signed"),
    };
    Some((score, format!("{what}; {how}")))
}
