//! Where a page includes a file: comments, scripts with a `src`, directives and their compiler options, `include` of PHP.

use super::super::php_includes;
use crate::code::structure::objects::What;
use crate::code::structure::{Directive, Language, Structure};
use crate::model::server_path::extension;
use aho_corasick::AhoCorasick;
use std::ops::Range;
use std::sync::LazyLock;

/// How many files a page takes in.
pub(super) const MAX_FILES: usize = 256;

/// How a file is taken in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// In place of a comment, by a path of the disk.
    File,
    /// In place of a comment, by a path of the site.
    Virtual,
    /// As the body of a script.
    Script,
    /// As a source file beside the page; whether the page is code from its directive on.
    Source(bool),
    /// In place of an `include` of PHP.
    Php,
    /// Not at all: the compiler gets it beside the page.
    Compiler,
    /// Not at all: it is run with the page.
    Program,
}

/// A place where something is taken in.
pub(super) struct IncludeSite {
    pub(super) range: Range<usize>,
    pub(super) path: String,
    pub(super) how: How,
}

/// Whether a text can take in anything.
pub(super) fn mentions(text: &[u8]) -> bool {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let words = ["include", "codefile", "src", "require", "compileroptions", "#exec"];
        AhoCorasick::builder().ascii_case_insensitive(true).build(words).expect("a few short words")
    });
    WORDS.is_match(text)
}

/// The places of a text where something is taken in, in order, none inside another.
pub(super) fn include_sites(text: &[u8], name: &str) -> Vec<IncludeSite> {
    let structure = Structure::read(text, name);
    let mut include_sites = Vec::new();
    if structure.blocks.iter().any(|block| block.language == Language::Php) {
        let found = php_includes::find(text).into_iter();
        include_sites.extend(found.map(|(range, path)| IncludeSite { range, path, how: How::Php }));
    }
    for carried in structure.carried.iter().filter(|carried| carried.what == What::Program) {
        let mark = String::from_utf8_lossy(&text[carried.range.clone()]).into_owned();
        let path = mark.split_once('=').map_or("", |(_, value)| value.trim_end_matches("-->").trim());
        let path = path.trim_matches(['"', '\'']).split('?').next().unwrap_or_default().to_owned();
        include_sites.push(IncludeSite { range: carried.range.clone(), path, how: How::Program });
    }
    for include in structure.includes {
        let head = text[include.range.clone()].to_ascii_lowercase();
        let how = match head.starts_with(b"<!--") {
            false => How::Script,
            true => {
                let equals = memchr::memchr(b'=', &head).unwrap_or(head.len());
                let of_site = memchr::memmem::find(&head[..equals], b"virtual").is_some();
                if of_site { How::Virtual } else { How::File }
            }
        };
        include_sites.push(IncludeSite { range: include.range, path: include.path, how });
    }
    for directive in structure.directives {
        let named = |name: &str| directive.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let whole = matches!(&*directive.name, "webhandler" | "webservice" | "servicehost");
        let own = whole || matches!(&*directive.name, "page" | "control" | "master" | "application" | "assembly");
        // Pages of Java take in files by a directive.
        if let Some(path) = named("file").filter(|_| directive.name == "include") {
            include_sites.push(IncludeSite { range: directive.range.clone(), path: path.clone(), how: How::Virtual });
        }
        if let Some(path) = named("codefile").or(named("src")).filter(|_| own) {
            include_sites.push(IncludeSite {
                range: directive.range.clone(),
                path: path.clone(),
                how: How::Source(whole),
            });
        }
        if let Some(options) = named("compileroptions") {
            include_sites.extend(handed(options, &directive));
        }
    }
    include_sites.sort_by_key(|include| include.range.start);
    let mut end = 0;
    include_sites.retain(|include| {
        let fits = include.range.start >= end;
        end = if fits { include.range.end } else { end };
        fits
    });
    include_sites
}

/// The files that the options of a directive give to the compiler: sources by their path; libraries, modules, resources and files of
/// further options where they are named by more than a name (Microsoft, "C# Compiler Options").
fn handed(options: &str, directive: &Directive) -> Vec<IncludeSite> {
    const FILES: &[&str] = &[
        "addmodule",
        "r",
        "reference",
        "l",
        "link",
        "recurse",
        "res",
        "resource",
        "linkres",
        "linkresource",
        "analyzer",
        "a",
        "additionalfile",
        "keyfile",
        "lib",
        "libpath",
    ];
    let end = directive.range.end;
    let include = |path: &str, how: How| IncludeSite { range: end..end, path: path.to_owned(), how };
    // A path in quotes may hold blanks.
    let mut quoted = false;
    let parts = options.split(|sign: char| {
        quoted ^= sign == '"';
        sign.is_whitespace() && !quoted
    });
    let parts = parts.map(|part| part.replace('"', "")).filter(|part| !part.is_empty());
    let of = |part: String| match part.strip_prefix(['/', '-']) {
        Some(option) => {
            let (name, value) = option.split_once(':').unwrap_or((option, ""));
            let file = FILES.iter().any(|known| name.eq_ignore_ascii_case(known));
            let path = value.contains(['\\', '/']) || !matches!(&*name.to_ascii_lowercase(), "r" | "reference");
            (file && path && !value.is_empty()).then(|| include(value, How::Compiler))
        }
        None if part.starts_with('@') => Some(include(&part[1..], How::Compiler)),
        None => Some(include(&part, How::Source(false))),
    };
    parts.filter_map(of).take(MAX_FILES).collect()
}

/// Whether a page has nothing of its own beside what it includes: tags, directives and blanks at most.
pub(super) fn is_bare(text: &[u8], include_sites: &[IncludeSite]) -> bool {
    const MOST: usize = 64 << 10;
    let mut rest = Vec::new();
    let mut from = 0;
    for include in include_sites {
        rest.extend_from_slice(&text[from.min(include.range.start)..include.range.start]);
        from = include.range.end;
    }
    rest.extend_from_slice(&text[from..]);
    if rest.len() > MOST {
        return false;
    }
    let mut i = 0;
    while let Some(&byte) = rest.get(i) {
        let code = rest[i..].starts_with(b"<%") && !rest[i + 2..].trim_ascii_start().starts_with(b"@");
        if byte == b'<' && !code && !rest[i..].starts_with(b"<?") {
            i += memchr::memchr(b'>', &rest[i..]).map_or(rest.len(), |end| end + 1);
        } else if byte.is_ascii_whitespace() || matches!(byte, 0 | 0xEF | 0xBB | 0xBF) {
            i += 1;
        } else {
            return false;
        }
    }
    true
}

/// What stands in place of the mark.
pub(super) fn wrapped(mark: &[u8], content: Vec<u8>, include: &IncludeSite) -> Vec<u8> {
    match include.how {
        How::File | How::Virtual | How::Compiler | How::Program => content,
        How::Php => {
            // Code that is not closed goes on behind it.
            let open = memchr::memmem::rfind(&content, b"<?") > memchr::memmem::rfind(&content, b"?>");
            let end: &[u8] = if open { b"\n;" } else { b"<?php " };
            [b"?>", &content[..], end].concat()
        }
        How::Script => {
            // The body of the script is the file; an element without one gets it.
            let empty = mark.trim_ascii_end().ends_with(b"/>");
            let head = if empty { &mark[..mark.len() - 2] } else { &mark[..mark.len() - 1] };
            [head, b">\n", &content[..], if empty { b"\n</script>" } else { b"\n" }].concat()
        }
        How::Source(true) => [mark, b"\n", &content[..], b"\n"].concat(),
        How::Source(false) => {
            let language = match &*extension(&include.path) {
                "vb" => "VB",
                "js" | "jsl" => "JScript",
                _ => "C#",
            };
            let head = format!("\n<script runat=\"server\" language=\"{language}\">\n");
            [mark, head.as_bytes(), &content[..], b"\n</script>\n"].concat()
        }
    }
}
