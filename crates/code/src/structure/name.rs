//! How IIS treats a file by its name.

use super::Language;
use crate::model::file_types::{self, Engine};

/// A kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Classic ASP's.
    Classic,
    /// A page, handler or service of ASP.NET.
    Net,
    /// Razor's.
    Razor(Language),
    /// Code from end to end.
    Code(Language),
    /// A workflow service, and other markup of XAML.
    Workflow,
    /// Resources, as text or compiled.
    Resources,
    /// A page of Java, which has the same delimiters.
    Java,
    /// PHP's.
    Php,
    /// Any other.
    Other,
}

/// The kind that a name says. If the last extension says nothing, one before it may: `a.asp.bak`, `a.asp;.jpg`.
pub(super) fn kind(name: &str) -> Kind {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let name = match name.split_once("::$") {
        Some((name, _)) => name,
        None => name,
    };
    let mut parts = name.trim_end_matches(['.', ' ']).split('.');
    // The first is the name itself.
    let stem = parts.next();
    let mut last = true;
    for part in parts.rev().take(8).chain(stem.filter(|_| !name.contains('.'))) {
        let kind = by_extension(part.trim_matches([' ', ';']));
        if matches!(kind, Kind::Classic | Kind::Net) || last && kind != Kind::Other {
            return kind;
        }
        last = false;
    }
    Kind::Other
}

fn by_extension(extension: &str) -> Kind {
    match file_types::of_extension(&extension.to_ascii_lowercase()).engine {
        Engine::Asp => Kind::Classic,
        Engine::AspNet => Kind::Net,
        Engine::Workflow => Kind::Workflow,
        Engine::Resources => Kind::Resources,
        Engine::RazorCSharp => Kind::Razor(Language::CSharp),
        Engine::RazorBasic => Kind::Razor(Language::VisualBasic),
        Engine::CSharp => Kind::Code(Language::CSharp),
        Engine::Basic => Kind::Code(Language::VisualBasic),
        Engine::JScript => Kind::Code(Language::JScript),
        Engine::Java => Kind::Java,
        Engine::Php => Kind::Php,
        Engine::None => Kind::Other,
    }
}
