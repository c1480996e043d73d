//! What IIS takes a file for by its name.

use super::Language;
use crate::model::place::kind::{JAVA, PHP};

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
    /// A page of Java, which has the same marks.
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
    match &*extension.to_ascii_lowercase() {
        "asp" | "asa" | "cer" | "cdx" | "stm" | "shtm" | "shtml" => Kind::Classic,
        "aspx" | "ashx" | "asmx" | "ascx" | "asax" | "master" | "svc" | "soap" | "rem" | "aspq" => Kind::Net,
        "xamlx" | "xaml" | "xoml" | "rules" => Kind::Workflow,
        "resx" | "resources" => Kind::Resources,
        "cshtml" | "cshtm" | "razor" => Kind::Razor(Language::CSharp),
        "vbhtml" | "vbhtm" => Kind::Razor(Language::VisualBasic),
        "cs" => Kind::Code(Language::CSharp),
        "vb" => Kind::Code(Language::VisualBasic),
        // A name that is given to what ASP.NET compiles as JScript.
        "jscript" => Kind::Code(Language::JScript),
        java if JAVA.contains(&java) => Kind::Java,
        // Libraries of PHP, and what content managers call theirs.
        "phps" | "inc" | "module" | "ctp" => Kind::Php,
        php if PHP.contains(&php) => Kind::Php,
        _ => Kind::Other,
    }
}
