//! The markers by which IIS script engines recognise server code.

use super::blank::wide;
use super::structure::is_padded;
use crate::model::place::kind;
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// A piece of server code in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerCode {
    /// What was found.
    pub mark: Mark,
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// How sure a marker is. Ordered: the last is the surest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// `<?php`: code of an engine that IIS runs where it is installed.
    Php,
    /// `<% ... %>` without a word by which server code reads, runs or makes anything: a client-side template, most likely.
    Template,
    /// `<% ... %>` with such a word.
    Block,
    /// `<script runat="server">` or `<object runat="server">`.
    ServerScript,
    /// `<%@ Page %>` and the like.
    Directive,
}

impl Mark {
    /// The name for a person.
    pub fn name(self) -> &'static str {
        match self {
            Mark::Php => "PHP code",
            Mark::Template | Mark::Block => "a code block",
            Mark::ServerScript => "a server-side element",
            Mark::Directive => "a page directive",
        }
    }
}

/// The words that open an ASP.NET or classic ASP directive.
const DIRECTIVES: &[&[u8]] = &[
    b"page",
    b"webhandler",
    b"webservice",
    b"control",
    b"master",
    b"application",
    b"servicehost",
    b"import",
    b"assembly",
    b"register",
    b"implements",
    b"reference",
    b"mastertype",
    b"language",
    b"codepage",
    b"transaction",
    b"enablesessionstate",
];

/// Whether a text with this marker can be a page at all under this name: any marker will do, but for blocks without a word of server
/// code in the kinds of file that hold templates.
pub fn may_be_a_page(name: &str, code: Option<ServerCode>) -> bool {
    code.is_some_and(|code| code.mark > Mark::Template || !kind::holds_templates(name))
}

/// Whether a `<?` that this follows opens PHP, and says so.
fn is_php(behind: &[u8]) -> bool {
    behind.get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"php"))
        && behind.get(3).is_none_or(u8::is_ascii_whitespace)
}

/// Whether a text under this name is read as PHP beside what its name says: no engine of its own takes it, and it holds PHP.
pub fn is_php_beside(name: &str, text: &[u8]) -> bool {
    !kind::is_web(name)
        && !kind::holds_templates(name)
        && memchr::memmem::find_iter(text, b"<?").any(|at| is_php(&text[at + 2..]))
}

/// How far behind its opening a directive or tag is followed.
const REACH: usize = 4096;

/// The surest server code marker in `text`, the first of its kind; `None` if there is none. No engine takes a block without an
/// end, so one that is not closed is no marker: `<%` stands in translations (`<%2$s>`) and, by chance, in pictures and fonts.
///
/// Linear in time: the next end of a block is searched for once, and the body of one block is not read again for another.
pub fn server_code(text: &[u8]) -> Option<ServerCode> {
    let mut best: Option<ServerCode> = None;
    let mut read_to = 0;
    let mut ends = Ends { text, next: Some(0) };
    for at in memchr::memchr_iter(b'<', text) {
        let rest = &text[at + 1..];
        let found = match rest.first() {
            Some(b'%') if is_directive(&rest[1..]) => Some((Mark::Directive, at + 2 + 40.min(rest.len() - 1))),
            Some(b'%') if at >= read_to => ends.after(at + 2).and_then(|end| {
                let body = &text[at + 2..end];
                if !is_text(body) && !is_padded(body, 256) {
                    return None; // a chance pair of bytes, which hides nothing that follows
                }
                read_to = end;
                let mark = if speaks(body) { Mark::Block } else { Mark::Template };
                Some((mark, end + 2))
            }),
            Some(b'?') if is_php(&rest[1..]) => Some((Mark::Php, at + 6)),
            Some(b's' | b'S' | b'o' | b'O') => server_element(rest).map(|end| (Mark::ServerScript, at + 1 + end)),
            _ => None,
        };
        if let Some((mark, end)) = found
            && best.is_none_or(|best| mark > best.mark)
        {
            best = Some(ServerCode { mark, start: at, end: end.min(text.len()) });
            if mark == Mark::Directive {
                break;
            }
        }
    }
    best
}

/// Where blocks end, asked for in order.
struct Ends<'t> {
    text: &'t [u8],
    /// The first `%>` from where was asked last; `None` if there is no more.
    next: Option<usize>,
}

impl Ends<'_> {
    /// The first `%>` at or behind a place, which is never before that of the last call.
    fn after(&mut self, place: usize) -> Option<usize> {
        let known = self.next?;
        let is_end = self.text.get(known..known + 2) == Some(b"%>");
        if known < place || !is_end {
            let from = place.max(known);
            self.next = memchr::memmem::find(self.text.get(from..)?, b"%>").map(|at| from + at);
        }
        self.next
    }
}

/// Words without one of which no server code in a block reads a request, runs text or makes an object, and what must follow
/// them. Templates for the browser hold some of them as parts of other words, or as text.
const SERVER_WORDS: &[(&str, Follows)] = &[
    ("request", Follows::Use),
    ("response", Follows::Use),
    ("server", Follows::Use),
    ("session", Follows::Use),
    ("execute", Follows::End),
    ("executeglobal", Follows::End),
    ("eval", Follows::End),
    ("createobject", Follows::End),
    ("getobject", Follows::End),
    ("wscript", Follows::End),
    ("process", Follows::End),
    ("assembly", Follows::End),
    ("strreverse", Follows::End),
    ("chr(", Follows::Anything),
    ("chrw(", Follows::Anything),
    ("vbscript", Follows::Anything),
    ("jscript", Follows::Anything),
];

/// What must stand behind a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// The end of the word.
    End,
    /// What uses an object: `.`, `(`, `[`, or a string that is its argument.
    Use,
    Anything,
}

/// Whether a block's body has one of the words of server code.
fn speaks(body: &[u8]) -> bool {
    static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let words = SERVER_WORDS.iter().map(|(word, _)| word);
        let built = AhoCorasick::builder().ascii_case_insensitive(true).build(words);
        built.expect("a handful of short words")
    });
    let in_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    WORDS.find_overlapping_iter(body).any(|found| {
        let starts = found.start().checked_sub(1).and_then(|at| body.get(at)).is_none_or(|b| !in_word(b));
        let behind = &body[found.end()..];
        starts
            && match SERVER_WORDS[found.pattern().as_usize()].1 {
                Follows::Anything => true,
                Follows::End => behind.first().is_none_or(|b| !in_word(b)),
                Follows::Use => {
                    let next = behind.iter().find(|b| !b.is_ascii_whitespace());
                    matches!(next, Some(b'.' | b'(' | b'[' | b'"'))
                }
            }
    })
}

/// `@ word` with the word one of the directives.
fn is_directive(after_percent: &[u8]) -> bool {
    let head = &after_percent[..after_percent.len().min(REACH)];
    let head = without_blanks(head);
    let Some(body) = head.strip_prefix(b"@") else { return false };
    let body = without_blanks(body);
    let length = body.iter().take(24).take_while(|b| b.is_ascii_alphabetic()).count();
    DIRECTIVES.iter().any(|word| word.eq_ignore_ascii_case(&body[..length]))
}

/// The text behind its blanks of any kind, and behind characters of control.
fn without_blanks(mut text: &[u8]) -> &[u8] {
    loop {
        let length = match text.first() {
            None => return text,
            Some(0..=0x20) => 1,
            Some(_) => match wide(text) {
                Some(wide) => wide.length,
                None => return text,
            },
        };
        text = &text[length..];
    }
}

/// `script ... runat=server ...>` or `object ...`, case and quotes as they come; gives the end of the tag.
fn server_element(after_bracket: &[u8]) -> Option<usize> {
    let head = &after_bracket[..after_bracket.len().min(REACH)];
    let word = head.get(..6)?;
    if !(word.eq_ignore_ascii_case(b"script") || word.eq_ignore_ascii_case(b"object")) {
        return None;
    }
    let body = &head[6..];
    if without_blanks(body).len() == body.len() {
        return None;
    }
    let end = memchr::memchr(b'>', body)?;
    let tag = body[..end].to_ascii_lowercase();
    let mut rest = &tag[..];
    while let Some(at) = memchr::memmem::find(rest, b"runat") {
        rest = &rest[at + 5..];
        let value = without_blanks(rest).strip_prefix(b"=").map(without_blanks);
        let value =
            value.map(|value| without_blanks(value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value)));
        // Characters may be written as their numbers.
        if value.is_some_and(|value| value.starts_with(b"server") || value.starts_with(b"&#")) {
            return Some(6 + end + 1);
        }
    }
    None
}

/// Whether a block's body can be code at all: in a binary file the two bytes `<%` stand here and there by chance. Code may
/// hold control characters in its strings and comments, and text of any encoding, so a part of them is let pass.
fn is_text(body: &[u8]) -> bool {
    let head = &body[..body.len().min(256)];
    let odd = head.iter().filter(|&&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0C) || b == 0x7F).count();
    let plain = head.iter().filter(|&&b| (0x20..0x7F).contains(&b) || matches!(b, b'\t' | b'\n' | b'\r')).count();
    head.iter().any(u8::is_ascii_alphanumeric) && odd * 10 <= head.len() && plain * 2 >= head.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: &[u8]) -> Option<Mark> {
        server_code(text).map(|code| code.mark)
    }

    #[test]
    fn directives_scripts_and_blocks_are_distinguished_in_any_spelling() {
        assert_eq!(mark(b"GIF89a <% x = 1 %>\n<%@\n  PAGE language=c#%>"), Some(Mark::Directive));
        assert_eq!(mark(b"<%@language=VBScript%>"), Some(Mark::Directive));
        assert_eq!(mark(b"<SCRIPT Language='JScript'\nRunAt = \"Server\">"), Some(Mark::ServerScript));
        assert_eq!(mark(b"<script runatx=server language=x runat='server'>"), Some(Mark::ServerScript));
        assert_eq!(mark(b"<object id=x RUNAT=server classid='clsid:0'>"), Some(Mark::ServerScript));
        assert_eq!(mark(b"a <%= name %> b"), Some(Mark::Template));
        assert_eq!(mark(b"a <%= name %> b <% Exec\x00ute(x) %><% EXECUTE x %>"), Some(Mark::Block));
        assert_eq!(mark(b"<% /* one \x01 control character hides nothing */ eval() %>"), Some(Mark::Block));
        let padded = [b"<% '".as_slice(), &b"padding ".repeat(9_000), b"\n x = request(1) %>"].concat();
        assert_eq!(mark(&padded), Some(Mark::Block));
        assert_eq!(mark(b"GIF89a <?PHP\nx"), Some(Mark::Php));
        assert_eq!(mark(b"<?php x ?><% Execute(x) %>"), Some(Mark::Block));
        assert_eq!(mark(b"<?xml version='1.0'?><?phpx ?>"), None);
    }

    #[test]
    fn client_script_markup_and_chance_bytes_are_no_server_code() {
        for text in [
            &b"<script>runat=server</script>"[..],
            b"<script data-runat='client'>",
            b"< % x %>",
            b"<%\x00\x01\x02a%>",
            b"<% %>",
            b"",
            b"<",
            b"<s",
            b"<% unclosed(x, request(1)",
            b"var t=\"account %1$s <%2$s>\"; setTimeout((()=>request(c)),5)",
        ] {
            assert_eq!(server_code(text), None, "{text:?}");
        }
    }

    #[test]
    fn words_of_the_server_count_where_they_are_used() {
        for code in ["request (1)", "x=Request[1]", "System.Diagnostics.Process p", "Execute x", "ExecuteGlobal x"] {
            assert_eq!(mark(format!("<% {code} %>").as_bytes()), Some(Mark::Block), "{code}");
        }
        for text in ["request a quote", "requests.length", "item.processed", "evaluate(x)", "sessions"] {
            assert_eq!(mark(format!("<% {text} %>").as_bytes()), Some(Mark::Template), "{text}");
        }
    }

    #[test]
    fn a_script_is_a_page_by_server_code_alone_and_a_picture_by_any_block() {
        let page = |name: &str, text: &[u8]| may_be_a_page(name, server_code(text));
        for name in ["a.js", "a.html", "a.map", "a.css", "a.jpg", "a.ttf", "a.txt"] {
            assert!(page(name, b"<% x = request(1) %>") && page(name, b"<%@ Page %>"), "{name}");
            assert!(!page(name, b"<%2$s>") && !page(name, b"\x89 <%\x01\x02\xFF\xFE\x03\x04\x05 %>"), "{name}");
            assert_eq!(page(name, b"<% name %>"), !kind::holds_templates(name), "{name}");
        }
    }

    #[test]
    fn a_chance_opening_in_a_picture_hides_no_code_behind_it() {
        let picture = [b"\x89PNG <%\x00\x01\x02\x03".as_slice(), &[0xFE; 300], b"<%x = request(1)%>"].concat();
        assert_eq!(mark(&picture), Some(Mark::Block));
        assert_eq!(mark(&picture[..310]), None);
    }

    #[test]
    fn a_megabyte_of_openings_is_read_in_linear_time() {
        let begin = std::time::Instant::now();
        for unit in [&b"<%"[..], b"<script ", b"<script runat=", b"<%@ ", b"<% \x01", b"<% request", b"<% a %> %>"] {
            for end in [&b""[..], b"%>"] {
                let _ = server_code(&[&*unit.repeat((1 << 20) / unit.len()), end].concat());
            }
        }
        assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed()); // 3 s where it is optimised; square time takes minutes
    }
}
