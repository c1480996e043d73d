//! Page structure: where the server code is, in which language, and what executes it.

mod directive;
mod jsp;
mod language;
mod markup;
mod name;
pub mod objects;
mod parts;
mod php;
mod razor;
mod razor_basic;
mod tag;
#[cfg(test)]
mod tests;
mod text;
mod xaml;

use super::blank;
use language::{Declared, LanguageHints};
use markup::Found;
use name::Kind;
use objects::Carried;
use parts::PageText;
pub use parts::{Block, BlockKind, Directive, Element, Include, Language};
pub(super) use text::is_padded;

/// What a page is made of. Every range lies inside the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Structure {
    /// Its server code in the order it stands, blocks not overlapping.
    pub blocks: Vec<Block>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// Its elements that run on the server.
    pub elements: Vec<Element>,
    /// Its server-side includes.
    pub includes: Vec<Include>,
    /// What acts when the file is read, without being code of a language.
    pub carried: Vec<Carried>,
    /// Whether it is classic ASP: by its first directive if that can be of one kind only, else by its name, else by how its code
    /// looks.
    pub classic: bool,
    /// Whether there was more than is kept of any of these.
    pub truncated: bool,
    /// Whether it has code in a language that is not supported.
    pub unsupported_language: bool,
}

/// Names of directives that only ASP.NET has.
const NET_DIRECTIVES: &[&str] = &[
    "page",
    "webhandler",
    "webservice",
    "control",
    "master",
    "application",
    "servicehost",
    "assembly",
    "import",
    "register",
    "implements",
    "reference",
    "mastertype",
    "previouspagetype",
    "outputcache",
];

impl Structure {
    /// What server code lies where in a text of this name, and in which language. The text may be of any encoding that has
    /// ASCII in its place, or no text at all; `name` is a file's name or path, and says what the server takes the file for.
    /// Where the content is clearly of another kind than the name, the content counts. Time is linear in the text's length.
    pub fn read(text: &[u8], name: &str) -> Structure {
        let plain = blank::plain(text);
        let source = PageText { text: plain.as_deref().unwrap_or(text), stored: text };
        match name::kind(name) {
            Kind::Code(language) => whole_file(text, language),
            Kind::Razor(language) => razor(source, language),
            Kind::Workflow => workflow(source),
            Kind::Resources => Structure { carried: objects::resources(text), ..Structure::default() },
            Kind::Other if objects::is_scripted_sheet(text) => {
                let (blocks, elements) = objects::sheet(text);
                Structure { blocks, elements, ..Structure::default() }
            }
            Kind::Php => match php::read(text) {
                Some(block) => Structure { blocks: vec![block], ..Structure::default() },
                None => page(source, Kind::Other),
            },
            kind => page(source, kind),
        }
    }
}

/// A file of nothing but code.
fn whole_file(text: &[u8], language: Language) -> Structure {
    let start = if text.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let mut structure = Structure::default();
    if text::is_text(&text[start..], 4096, true) {
        structure.blocks.push(Block { kind: BlockKind::Members, language, range: start..text.len() });
    }
    structure
}

/// A page with code blocks, of ASP.NET or classic ASP.
fn page(source: PageText<'_>, kind: Kind) -> Structure {
    let text = source.text;
    let assumed = kind == Kind::Classic;
    let mut found = markup::read(source, assumed);
    let classic = is_classic(text, kind, &found);
    if classic != assumed {
        found = markup::read(source, classic);
    }
    let language = page_language(text, kind, classic, &found);
    let mut blocks = Vec::with_capacity(found.pieces.len());
    let java = language == Some(Language::Java);
    let mut unsupported_language = false;
    for piece in found.pieces {
        let own = match piece.declared {
            Declared::Unsupported => None,
            Declared::Nothing => language,
            // Scripts for the browser have such types; on the server the page's language counts more.
            _ if piece.by_type && !classic => language.or(piece.declared.language(classic)),
            Declared::Unknown => language,
            declared => declared.language(classic),
        };
        if let Some(language) = own {
            blocks.push(Block { kind: piece.kind, language, range: piece.range });
        } else {
            unsupported_language = true;
        }
    }
    let truncated = found.truncated | (java && jsp::elements(text, &mut blocks));
    let Found { directives, elements, includes, carried, .. } = found;
    Structure { blocks, directives, elements, includes, carried, classic, truncated, unsupported_language }
}

/// A workflow service, which may be a page beside.
fn workflow(source: PageText<'_>) -> Structure {
    let mut structure = page(source, Kind::Net);
    if structure.blocks.is_empty() {
        structure.blocks = xaml::read(source.text);
        structure.classic = false;
    }
    structure.carried.extend(objects::markup(source.text));
    structure
}

/// What a directive says of the page's language.
fn declared_by(directive: &Directive) -> Declared {
    if matches!(&*directive.name, "assembly" | "import" | "register" | "reference" | "outputcache") {
        return Declared::Nothing;
    }
    // Java's pages have directives of the same look.
    if directive.name == "page"
        && directive.attributes.iter().any(|(name, _)| name == "import")
        && !directive.attributes.iter().any(|(name, _)| name == "language")
    {
        return Declared::Java;
    }
    let declared = directive.attributes.iter().find(|(name, _)| name == "language");
    declared.map(|(_, value)| Declared::of(value.as_bytes())).unwrap_or_default()
}

/// Whether the page is read as classic ASP: by the first directive if that can be of one kind only, else by the name, else by
/// how the code looks.
fn is_classic(text: &[u8], kind: Kind, found: &Found) -> bool {
    let first = found.directives.first();
    if first.is_some_and(|first| NET_DIRECTIVES.contains(&&*first.name)) {
        return false;
    }
    let declared = first.map(declared_by).unwrap_or_default();
    if matches!(declared, Declared::CSharp | Declared::Basic | Declared::Java) || kind == Kind::Java {
        return false;
    }
    let by_script = |wanted: &[Declared]| found.pieces.iter().any(|piece| wanted.contains(&piece.declared));
    let only_scripts = found.pieces.iter().all(|piece| piece.kind == BlockKind::Members);
    let named = found.directives.iter().any(|directive| NET_DIRECTIVES.contains(&&*directive.name));
    let controls = found.elements.iter().any(|element| element.tag.starts_with("asp:"));
    match kind {
        Kind::Classic => {
            let net = only_scripts && by_script(&[Declared::CSharp, Declared::Basic]) || by_script(&[Declared::CSharp]);
            !(net && declared.is_open())
        }
        _ if named || controls || by_script(&[Declared::CSharp, Declared::Basic]) => false,
        Kind::Net => {
            // Classic ASP under a name of ASP.NET: it says VBScript or nothing, and has what Visual Basic .NET has not.
            let hints = hints(text, found);
            matches!(declared, Declared::BasicScript | Declared::Nothing | Declared::Unknown)
                && hints.basic_script > 0
                && hints.language(false) == Language::VisualBasic
        }
        _ if matches!(declared, Declared::BasicScript | Declared::Script | Declared::Unsupported) => true,
        _ if by_script(&[Declared::BasicScript])
            || found.pieces.iter().any(|piece| is_encoded(&text[piece.range.clone()])) =>
        {
            true
        }
        _ => !found.pieces.is_empty() && hints(text, found).language(false) == Language::VisualBasic,
    }
}

/// Whether the code is of Microsoft's script encoder, whose work only classic ASP runs.
fn is_encoded(code: &[u8]) -> bool {
    code.trim_ascii_start().starts_with(b"#@~^")
}

/// The language of the blocks that do not say their own; `None` if it is one that is not read.
fn page_language(text: &[u8], kind: Kind, classic: bool, found: &Found) -> Option<Language> {
    let by_directive = found.directives.iter().map(declared_by).find(|&declared| declared != Declared::Nothing);
    // A page of ASP.NET has one language, and a script may be the one to say it.
    let by_script = || {
        let by_script = found.pieces.iter().filter(|piece| !piece.by_type).map(|piece| piece.declared);
        by_script.filter(|_| !classic).find(|declared| !declared.is_open())
    };
    let declared = by_directive.filter(|declared| !declared.is_open()).or_else(by_script).unwrap_or_default();
    match declared {
        Declared::Unsupported => None,
        Declared::Nothing | Declared::Unknown if kind == Kind::Java => Some(Language::Java),
        Declared::Nothing | Declared::Unknown => {
            let mut hints = hints(text, found);
            // Beside a script in JScript less is enough.
            if classic && found.pieces.iter().any(|piece| piece.declared == Declared::Script) && hints.basic == 0 {
                hints.script += 1;
                hints.braces += 2;
            }
            Some(hints.language(classic))
        }
        declared => declared.language(classic),
    }
}

/// How the code looks of all blocks that do not say their own language.
fn hints(text: &[u8], found: &Found) -> LanguageHints {
    let mut hints = LanguageHints::default();
    for piece in found.pieces.iter().filter(|piece| piece.declared.is_open() || piece.by_type) {
        hints.add(&text[piece.range.clone()]);
        if hints.is_full() {
            break;
        }
    }
    hints
}

/// A page of Razor. One that has directives of ASP.NET, too, is read both ways.
fn razor(source: PageText<'_>, language: Language) -> Structure {
    let text = source.text;
    let (mut blocks, truncated) = match language {
        Language::VisualBasic => razor_basic::read(text),
        _ => razor::read(text),
    };
    let page = page(source, Kind::Net);
    if page.directives.is_empty() {
        return Structure { blocks, truncated, ..Structure::default() };
    }
    // Both are in order; of two that overlap, Razor's is kept.
    let mut both = Vec::with_capacity(blocks.len() + page.blocks.len());
    let mut own = std::mem::take(&mut blocks).into_iter().peekable();
    let mut end = 0;
    for block in page.blocks {
        while let Some(own) = own.next_if(|own| own.range.start < block.range.end) {
            end = own.range.end;
            both.push(own);
        }
        if block.range.start >= end {
            both.push(block);
        }
    }
    both.extend(own);
    both.sort_by_key(|block| block.range.start);
    let truncated = truncated || page.truncated || both.len() > text::MAX_KEPT;
    both.truncate(text::MAX_KEPT);
    Structure { blocks: both, truncated, ..page }
}
