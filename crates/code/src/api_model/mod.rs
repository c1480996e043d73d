//! The API model of server code: classes, COM objects, functions and members, from the references of .NET Framework
//! 4.8, VBScript 5.8, JScript 5.8 and the COM libraries they use.

mod java;
pub mod methods;
pub mod php;
pub mod table;
pub mod text;
pub mod types;

pub use methods::{Arg, Effect, Fold, Method, Sink};
pub use table::METHODS;
pub use types::Types;

use super::structure::Language;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// What one name can mean.
#[derive(Clone, Debug, Default)]
pub struct Meaning {
    /// The kinds of a class of this name.
    pub class: Types,
    /// Its rows of the tables of methods.
    pub methods: Vec<&'static Method>,
    /// Its rows of [`table::SETTERS`].
    pub setters: Vec<(Types, Sink)>,
}

/// The languages that share their classes and functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Platform {
    /// Those of .NET and of classic ASP.
    #[default]
    Windows,
    /// PHP.
    Php,
    /// Java.
    Java,
}

impl Platform {
    /// That of a language.
    pub fn of(language: Language) -> Platform {
        match language {
            Language::Php => Platform::Php,
            Language::Java => Platform::Java,
            Language::CSharp | Language::VisualBasic | Language::JScript | Language::VbScript => Platform::Windows,
        }
    }
}

type Names = HashMap<&'static [u8], Meaning>;

fn names(classes: &[(&'static str, Types)], tables: &[&'static [Method]]) -> Names {
    let mut names = Names::new();
    for (name, types) in classes {
        names.entry(name.as_bytes()).or_default().class = *types;
    }
    for method in tables.iter().copied().flatten() {
        names.entry(method.name.as_bytes()).or_default().methods.push(method);
    }
    names
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = names(types::CLASSES, &[METHODS, text::METHODS]);
    for (name, receiver, sink) in table::SETTERS {
        names.entry(name.as_bytes()).or_default().setters.push((*receiver, *sink));
    }
    names
});
static PHP: LazyLock<Names> = LazyLock::new(|| names(php::CLASSES, &[php::METHODS]));
static JAVA: LazyLock<Names> = LazyLock::new(|| names(java::CLASSES, &[java::METHODS]));

/// What a name in lower case can mean; `None` for one that nothing is known of.
pub fn meaning(name: &[u8]) -> Option<&'static Meaning> {
    NAMES.get(name)
}

/// As [`meaning`], in the languages of this kind.
pub fn meaning_in(platform: Platform, name: &[u8]) -> Option<&'static Meaning> {
    match platform {
        Platform::Windows => NAMES.get(name),
        Platform::Php => PHP.get(name),
        Platform::Java => JAVA.get(name),
    }
}

/// Whether a class of a library, written as source, can give request data to what runs text, a program or a connection, or handle
/// requests at all: whether it has a name by which one of these is done. A class with none of them has no such event.
pub fn class_may_reach_sink(text: &[u8]) -> bool {
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
    let mut folded = Vec::with_capacity(64);
    text.split(|byte| !in_name(byte)).filter(|name| (2..=64).contains(&name.len())).any(|name| {
        folded.clear();
        folded.extend(name.iter().map(u8::to_ascii_lowercase));
        is_request_or_sink(&folded)
    })
}

/// Whether this name, in lower case, is one of a request, or of what runs text, a program or a connection.
fn is_request_or_sink(name: &[u8]) -> bool {
    static STRONG: LazyLock<HashSet<&'static [u8]>> = LazyLock::new(|| {
        let strong = |sink: Sink| {
            matches!(
                sink,
                Sink::Evaluate
                    | Sink::Start
                    | Sink::Connect
                    | Sink::Native
                    | Sink::Load
                    | Sink::Compile
                    | Sink::Transform
            )
        };
        let sinks = |meaning: &Meaning| {
            let methods = meaning.methods.iter();
            methods.into_iter().any(|method| matches!(method.effect, Effect::Sink(sink, ..) if strong(sink)))
                || meaning.setters.iter().any(|(_, sink)| strong(*sink))
        };
        NAMES.iter().filter(|(_, meaning)| sinks(meaning)).map(|(name, _)| *name).collect()
    });
    STRONG.contains(name)
        || memchr::memmem::find(name, b"request").is_some()
        || memchr::memmem::find(name, b"httpcontext").is_some()
        || name == b"dllimport"
}

/// Whether PHP that has these names can do anything that is asked of it: run text, a program or a connection, or do something
/// else with what a request holds.
fn php_may_reach_sink<'n>(names: impl Iterator<Item = &'n [u8]>) -> bool {
    let mut source = false;
    for name in names {
        source |= php::SOURCES.contains(&name);
        let strong = PHP.get(name).is_some_and(|meaning| {
            meaning.methods.iter().any(|method| {
                matches!(
                    method.effect,
                    Effect::Sink(
                        Sink::Evaluate
                            | Sink::Start
                            | Sink::Connect
                            | Sink::Fetch
                            | Sink::Native
                            | Sink::Load
                            | Sink::Write
                            | Sink::Save
                            | Sink::Move,
                        ..
                    )
                )
            })
        });
        if strong || source {
            return true;
        }
    }
    false
}

/// Whether a function of this bare name exists in the language.
pub fn bare_in(method: &Method, language: Language, classic: bool) -> bool {
    match method.name {
        // In ASP.NET `Eval("x")` binds data.
        "execute" | "executeglobal" => language == Language::VbScript,
        "eval" => matches!(language, Language::VbScript | Language::JScript),
        "settimeout" | "unescape" | "decodeuri" | "decodeuricomponent" | "parseint" | "number" => {
            language == Language::JScript || classic && method.name == "unescape"
        }
        "function" => language == Language::JScript,
        "shell" | "dir" | "kill" => language == Language::VisualBasic,
        "createobject" | "getobject" => language != Language::CSharp,
        "virtualalloc"
        | "virtualallocex"
        | "virtualprotect"
        | "createthread"
        | "createremotethread"
        | "writeprocessmemory"
        | "createprocess"
        | "createprocessa"
        | "createprocessw"
        | "createprocessasuser"
        | "winexec"
        | "shellexecutea" => true,
        _ => language != Language::CSharp,
    }
}

/// Whether code that has these names can use any capability at all: whether one of its functions or members acts, on an object
/// that it can have. Most pages cannot, and need no further reading. `given` is what the page's elements are. Of code in
/// languages that evaluate text the answer is always yes.
pub fn may_reach_sink<'n>(
    names: impl Iterator<Item = &'n [u8]>,
    languages: &[Language],
    given: Types,
    classic: bool,
) -> bool {
    if languages.contains(&Language::Php) {
        return php_may_reach_sink(names);
    }
    let platform = if languages.contains(&Language::Java) { Platform::Java } else { Platform::Windows };
    if classic || languages.iter().any(|language| matches!(language, Language::JScript | Language::VbScript)) {
        return true;
    }
    let mut have = PAGE_OBJECTS | given;
    let mut known = Vec::new();
    for name in names {
        if matches!(name, b"dllimport" | b"declare") {
            return true;
        }
        if let Some(meaning) = meaning_in(platform, name) {
            have |= meaning.class;
            known.push(meaning);
        }
    }
    if table::MAKERS.iter().any(|(receiver, ..)| receiver.intersects(have)) || have.intersects(types::PATH_PROVIDER) {
        return true;
    }
    // What members give is what other members belong to; few chains are longer than this.
    for _ in 0..4 {
        let before = have;
        for meaning in &known {
            for method in &meaning.methods {
                let bare =
                    method.receiver.is_empty() && languages.iter().any(|&language| bare_in(method, language, classic));
                if !bare && method.receiver != methods::ANY && !method.receiver.intersects(have) {
                    continue;
                }
                if matches!(method.effect, Effect::Sink(sink, ..) if sink != Sink::Output) {
                    return true;
                }
                have |= method.returns;
            }
            if meaning.setters.iter().any(|(receiver, _)| receiver.intersects(have)) {
                return true;
            }
        }
        if have == before {
            break;
        }
    }
    false
}

/// What every page has.
const PAGE_OBJECTS: Types = types::REQUEST
    .union(types::RESPONSE)
    .union(types::SERVER)
    .union(types::STORE)
    .union(types::CONTEXT)
    .union(types::CONTROL);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_written_as_it_is_looked_up() {
        let names = types::CLASSES.iter().chain(types::COM).map(|(name, _)| *name);
        for name in names
            .chain(METHODS.iter().chain(text::METHODS).map(|method| method.name))
            .chain(table::SETTERS.iter().map(|s| s.0))
        {
            assert_eq!(name, name.to_ascii_lowercase());
            assert!(!name.is_empty());
        }
    }

    #[test]
    fn code_whose_names_cannot_reach_a_sink_needs_no_reading() {
        let sinks = |text: &str| {
            let names: Vec<&[u8]> = text.split(' ').map(str::as_bytes).collect();
            may_reach_sink(names.into_iter(), &[Language::CSharp], Types::empty(), false)
        };
        assert!(!sinks("response write request querystring resources globalresources x eval"));
        assert!(!sinks("stream write read open"), "no object that these belong to");
        assert!(sinks("system diagnostics process start"));
        assert!(sinks("request files saveas"), "what a member gives has members too");
        assert!(sinks("x getmethod invoke"), "whatever x is");
        assert!(sinks("new sqlconnection"));
        assert!(sinks("dllimport kernel32"));
        let script = |name: &'static str| {
            may_reach_sink(std::iter::once(name.as_bytes()), &[Language::JScript], Types::empty(), false)
        };
        assert!(script("x"), "languages that evaluate text");
    }

    #[test]
    fn com_objects_are_known_by_prog_id_version_and_class_id() {
        assert_eq!(types::com(b"WScript.Shell.1"), types::WSH);
        assert_eq!(types::com(b"Msxml2.ServerXMLHTTP.6.0"), types::XML_HTTP);
        assert_eq!(types::com(b"clsid:72C24DD5-D70A-438B-8A42-98424B88AFB8"), types::WSH);
        assert_eq!(types::com(b"{0D43FE01-F093-11CF-8940-00A0C9054228}"), types::FSO);
        assert_eq!(types::com(b"MSWC.AdRotator"), Types::empty());
        assert_eq!(types::moniker(b"winmgmts:\\\\.\\root\\cimv2:Win32_Process"), types::WMI_PROCESS);
        assert_eq!(types::moniker(b"WinNT://."), types::ADSI);
    }
}
