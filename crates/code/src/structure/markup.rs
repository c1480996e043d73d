//! Pages with markers and markup: `<% %>`, `<script runat="server">`, server controls, includes.

use super::language::Declared;
use super::objects::{Carried, What};
use super::tag::{self, Attribute, Tag};
use super::text::{blank, goes_on, is_text, keep, run, string, without_entities};
use super::{BlockKind, Directive, Element, Include, PageText, directive};
use std::ops::Range;

/// How many bytes of tags are read beside four times those of the text, those in tags counted again; and how far behind its
/// opening a tag is followed when a text has more tags in tags than a page can have.
const TAG_BYTES: usize = 65_536;
const SHORT_TAG_REACH: usize = 128;
/// How far behind its opening an include is followed.
const INCLUDE_REACH: usize = 65_536;
/// How many attributes of an element are kept.
const MOST_ATTRIBUTES: usize = 1024;

/// A block whose language is not known yet.
pub(super) struct Piece {
    pub(super) kind: BlockKind,
    pub(super) range: Range<usize>,
    /// What its own tag says of its language.
    pub(super) declared: Declared,
    /// Whether `declared` is by the `type` alone, which no engine reads.
    pub(super) by_type: bool,
}

/// What the tags and blocks of a text give.
#[derive(Default)]
pub(super) struct Found {
    pub(super) pieces: Vec<Piece>,
    pub(super) directives: Vec<Directive>,
    pub(super) elements: Vec<Element>,
    pub(super) includes: Vec<Include>,
    pub(super) carried: Vec<Carried>,
    pub(super) truncated: bool,
}

/// Reads the tags and blocks of a text, by the rules of classic ASP or by those of ASP.NET. Linear in time.
pub(super) fn read(source: PageText<'_>, classic: bool) -> Found {
    let PageText { text, stored } = source;
    let mut reader = Reader {
        text,
        stored,
        classic,
        found: Found::default(),
        close: Next::new(b"%>"),
        comment_close: Next::new(b"--%>"),
        html_comment_close: Next::new(b"-->"),
        attributes: Vec::new(),
        tag_bytes: 0,
        comments: 0,
        refused: 0,
        application: None,
    };
    let mut i = 0;
    while let Some(n) = text.get(i..).and_then(|rest| memchr::memchr(b'<', rest)) {
        i = reader.mark(i + n);
    }
    reader.finish()
}

struct Reader<'a> {
    /// With plain blanks.
    text: &'a [u8],
    /// As it is stored.
    stored: &'a [u8],
    classic: bool,
    found: Found,
    close: Next,
    comment_close: Next,
    html_comment_close: Next,
    /// Those of the last tag; kept to be filled again.
    attributes: Vec<Attribute>,
    /// How many bytes of tags were read, those in tags counted again.
    tag_bytes: usize,
    /// How many bytes of comments were read in front of what they hold.
    comments: usize,
    /// How many blocks were no text.
    refused: usize,
    /// Behind the `Application` directive.
    application: Option<usize>,
}

impl Reader<'_> {
    /// What stands at the `<` at `at`; gives where to go on, which is behind it.
    fn mark(&mut self, at: usize) -> usize {
        match self.text.get(at + 1) {
            Some(b'%') => self.block(at),
            Some(b'!') => self.include(at).unwrap_or(at + 2),
            Some(b) if b.is_ascii_alphabetic() => self.tag(at),
            _ => at + 1,
        }
    }

    fn block(&mut self, at: usize) -> usize {
        let text = self.text;
        let inside = at + 2;
        if !self.classic
            && text[inside..].starts_with(b"--")
            && let Some(end) = self.comment_close.find(text, inside + 1)
        {
            return end + 4;
        }
        let first = run(text, inside, blank);
        if text.get(first) == Some(&b'@') {
            return match directive::read(text, at, first + 1, self.classic) {
                Some(directive) => self.directive(directive),
                None => inside,
            };
        }
        let close = self.close.find(text, inside);
        let end = close.unwrap_or(text.len());
        let behind = close.map_or(text.len(), |close| close + 2);
        let (kind, from) = match text.get(inside) {
            Some(b':') if !self.classic => (BlockKind::Output, inside + 1),
            // What Microsoft's script encoder makes starts with the same characters.
            Some(b'#') if !self.classic && !text[inside..].starts_with(b"#@~^") => {
                (BlockKind::Binding, inside + 1 + usize::from(text.get(inside + 1) == Some(&b':')))
            }
            // An expression that names a setting or a resource: no code.
            Some(b'$') if !self.classic && close.is_some() => return behind,
            _ if text.get(first) == Some(&b'=') => (BlockKind::Output, first + 1),
            _ => (BlockKind::Statements, inside),
        };
        let range = from.min(end)..end;
        // Thousands that are no text: each of the others gets a shorter look.
        let look = if self.refused > 4096 { 32 } else { 256 };
        if !is_text(&self.stored[range.clone()], look, close.is_some()) {
            self.refused += 1;
            // Marks by chance, in front of those that count.
            return inside;
        }
        self.push(kind, range, Declared::Nothing, false);
        behind
    }

    fn directive(&mut self, directive: Directive) -> usize {
        let end = directive.range.end;
        let whole = matches!(&*directive.name, "webhandler" | "webservice" | "servicehost")
            && !self.found.directives.iter().any(|other| matches!(&*other.name, "page" | "control" | "master"));
        if directive.name == "application" {
            self.application = self.application.or(Some(end));
        }
        keep(&mut self.found.directives, directive, &mut self.found.truncated);
        if whole { self.whole_code(end) } else { end }
    }

    /// A handler or a service is code from its directives on to the end, but for those that somebody wrote as a page.
    fn whole_code(&mut self, from: usize) -> usize {
        let text = self.text;
        let mut from = from;
        loop {
            let start = run(text, from, blank);
            let next = if text[start..].starts_with(b"<%--") {
                self.comment_close.find(text, start + 3).map(|end| end + 4)
            } else if text[start..].starts_with(b"<%") && text.get(run(text, start + 2, blank)) == Some(&b'@') {
                let inside = run(text, start + 2, blank) + 1;
                directive::read(text, start, inside, self.classic).map(|directive| {
                    let end = directive.range.end;
                    keep(&mut self.found.directives, directive, &mut self.found.truncated);
                    end
                })
            } else {
                None
            };
            let Some(next) = next else {
                if [&b"<%"[..], b"<!", b"<script", b"<html", b"<head", b"<body", b"<form"]
                    .iter()
                    .any(|mark| goes_on(text, start, mark))
                {
                    return start;
                }
                self.push_code(from);
                return text.len();
            };
            from = next;
        }
    }

    /// All from here on is code, if there is any text.
    fn push_code(&mut self, from: usize) {
        if is_text(&self.stored[from..], 4096, true) {
            self.push(BlockKind::Members, from..self.text.len(), Declared::Nothing, false);
        }
    }

    fn tag(&mut self, at: usize) -> usize {
        let text = self.text;
        // Tags in tags are read again, as far as a page that is one can have them.
        let ambiguous = self.tag_bytes > text.len().saturating_mul(4) + TAG_BYTES;
        let reach = if ambiguous { SHORT_TAG_REACH } else { text.len() };
        let tag = match tag::read(text, at, reach, &mut self.attributes) {
            Ok(tag) => tag,
            Err(end) => {
                // One that is longer than is read could be anything: a script of the server counts as one.
                let script = end >= at + reach && goes_on(text, at + 1, b"script");
                self.found.truncated |= script;
                self.tag_bytes += end - at;
                self.found.truncated |= end >= at + reach && end < text.len();
                return at + 1;
            }
        };
        self.tag_bytes += tag.end - at;
        let runs = |attribute: &Attribute| {
            let value = without_entities(&text[attribute.value.clone()][..attribute.value.len().min(1024)]);
            text[attribute.name.clone()].eq_ignore_ascii_case(b"runat") && goes_on(value.trim_ascii(), 0, b"server")
        };
        let server = self.attributes.iter().any(runs);
        if !server {
            return at + 1;
        }
        if text[tag.name.clone()].eq_ignore_ascii_case(b"script") {
            self.script(at, &tag)
        } else {
            self.element(at, tag)
        }
    }

    /// The value of an attribute of the last tag.
    fn attribute(&self, name: &[u8]) -> Option<&[u8]> {
        self.attributes
            .iter()
            .find(|attribute| self.text[attribute.name.clone()].eq_ignore_ascii_case(name))
            .map(|attribute| &self.text[attribute.value.clone()])
    }

    fn script(&mut self, at: usize, tag: &Tag) -> usize {
        let language = self.attribute(b"language").map(Declared::of).unwrap_or_default();
        let by_type = language == Declared::Nothing;
        let declared = if by_type { self.attribute(b"type").map(Declared::of).unwrap_or_default() } else { language };
        if let Some(path) = self.attribute(b"src") {
            let path = String::from_utf8_lossy(path).into_owned();
            keep(&mut self.found.includes, Include { path, range: at..tag.end }, &mut self.found.truncated);
        }
        if tag.empty {
            return tag.end;
        }
        let mut i = tag.end;
        let mut behind = self.text.len();
        let end = loop {
            let Some(n) = memchr::memchr(b'<', &self.text[i..]) else { break self.text.len() };
            let open = i + n;
            i = open + 1;
            if goes_on(self.text, i, b"/script") {
                let close = run(self.text, i + 7, blank);
                if self.text.get(close) == Some(&b'>') {
                    behind = close + 1;
                    break open;
                }
            } else if self.text[i..].starts_with(b"!--") {
                // Engines put the file there in scripts, too.
                i = self.include(open).unwrap_or(i);
            }
        };
        if !self.text[tag.end..end].trim_ascii().is_empty() {
            self.push(BlockKind::Members, tag.end..end, declared, by_type);
        }
        behind
    }

    fn element(&mut self, at: usize, tag: Tag) -> usize {
        let id = self.attribute(b"id").map(|id| String::from_utf8_lossy(id).into_owned()).unwrap_or_default();
        let attributes = self.attributes.iter().take(MOST_ATTRIBUTES);
        let attributes =
            attributes.map(|a| (string(self.text, a.name.clone()).to_ascii_lowercase(), a.value.clone())).collect();
        let name = string(self.text, tag.name).to_ascii_lowercase();
        let element = Element { tag: name, id, attributes, range: at..tag.end };
        keep(&mut self.found.elements, element, &mut self.found.truncated);
        at + 1
    }

    /// `<!-- #include file="..." -->` and `<!-- #exec cmd="..." -->`; gives its end.
    fn include(&mut self, at: usize) -> Option<usize> {
        let text = self.text;
        if !goes_on(text, at, b"<!--") {
            return None;
        }
        // Comments in comments are read again.
        let reach = if self.comments > text.len() { 1024 } else { INCLUDE_REACH };
        let i = run(&text[..text.len().min(at + 4 + reach)], at + 4, blank);
        self.comments += i - at;
        if goes_on(text, i, b"#exec") {
            return self.command(at, i + 5);
        }
        if !goes_on(text, i, b"#include") {
            return None;
        }
        let i = run(text, i + 8, blank);
        let kind = run(text, i, |b| b.is_ascii_alphabetic());
        if !(text[i..kind].eq_ignore_ascii_case(b"file") || text[i..kind].eq_ignore_ascii_case(b"virtual")) {
            return None;
        }
        let i = run(text, kind, blank);
        let rest = text.get(i..)?.strip_prefix(b"=")?;
        let end = self.html_comment_close.find(text, i + 1)? - (i + 1);
        let value = rest[..end].trim_ascii();
        // No path has this: the comment was left open.
        if memchr::memchr(b'<', value).is_some() {
            return None;
        }
        let path = match value.split_first() {
            Some((&quote @ (b'"' | b'\''), value)) => &value[..memchr::memchr(quote, value).unwrap_or(value.len())],
            _ => value,
        };
        let path = String::from_utf8_lossy(path).into_owned();
        let end = i + 1 + end + 3;
        keep(&mut self.found.includes, Include { path, range: at..end }, &mut self.found.truncated);
        Some(end)
    }

    /// `<!-- #exec cmd="..." -->`, behind its word; gives its end.
    fn command(&mut self, at: usize, behind: usize) -> Option<usize> {
        let text = self.text;
        let from = run(text, behind, blank);
        let what = match from > behind {
            true if goes_on(text, from, b"cmd") => What::Command,
            true if goes_on(text, from, b"cgi") => What::Program,
            _ => return None,
        };
        if text.get(run(text, from + 3, blank)) != Some(&b'=') {
            return None;
        }
        let end = self.html_comment_close.find(text, from)? + 3;
        keep(&mut self.found.carried, Carried { what, range: at..end }, &mut self.found.truncated);
        Some(end)
    }

    fn push(&mut self, kind: BlockKind, range: Range<usize>, declared: Declared, by_type: bool) {
        keep(&mut self.found.pieces, Piece { kind, range, declared, by_type }, &mut self.found.truncated);
    }

    fn finish(mut self) -> Found {
        if let Some(from) = self.application
            && self.found.pieces.is_empty()
        {
            let from = self.found.directives.iter().map(|d| d.range.end).max().unwrap_or(from).max(from);
            let code = self.text[from..].trim_ascii_start();
            if !code.starts_with(b"<") {
                self.push_code(from);
            }
        }
        self.found
    }
}

/// Where a delimiter comes next, remembered so that no stretch of text is searched twice.
struct Next {
    mark: &'static [u8],
    /// What is known: from here on, the first is there.
    known: Option<(usize, Option<usize>)>,
}

impl Next {
    fn new(mark: &'static [u8]) -> Next {
        Next { mark, known: None }
    }

    fn find(&mut self, text: &[u8], from: usize) -> Option<usize> {
        if let Some((known_from, at)) = self.known
            && known_from <= from
            && at.is_none_or(|at| from <= at)
        {
            return at;
        }
        let at = text.get(from..).and_then(|rest| memchr::memmem::find(rest, self.mark)).map(|n| from + n);
        self.known = Some((from, at));
        at
    }
}
