//! Razor pages in C#.

use super::text::{MAX_KEPT, behind_verbatim, blank, run};
use super::{Block, BlockKind, Language};
use std::ops::Range;

/// How far the brackets of an expression without its own parentheses are followed.
const EXPRESSION_REACH: usize = 4096;
/// How far behind its name the body of a helper is looked for.
const HEAD_REACH: usize = 4096;

/// The server code of a Razor page in C#, and whether there was more than is kept. Linear in time.
pub(super) fn read(text: &[u8]) -> (Vec<Block>, bool) {
    let mut reader = Reader { text, blocks: Vec::new(), truncated: false };
    let mut i = 0;
    while let Some(n) = text.get(i..).and_then(|rest| memchr::memchr(b'@', rest)) {
        i = reader.transition(i + n);
    }
    (reader.blocks, reader.truncated)
}

struct Reader<'a> {
    text: &'a [u8],
    blocks: Vec<Block>,
    truncated: bool,
}

impl Reader<'_> {
    /// What the `@` at `at` opens; gives where to go on, which is behind it.
    fn transition(&mut self, at: usize) -> usize {
        let text = self.text;
        let from = at + 1;
        match text.get(from) {
            Some(b'*') => {
                let rest = text.get(from + 1..).unwrap_or_default();
                memchr::memmem::find(rest, b"*@").map_or(text.len(), |n| from + 1 + n + 2)
            }
            Some(b'@') => from + 1,
            Some(b'{') => self.bracketed(BlockKind::Statements, from),
            Some(b'(') => self.bracketed(BlockKind::Output, from),
            Some(&b) if starts_name(b) && !is_mail(text, at) => self.word(at),
            _ => from,
        }
    }

    /// The block between the bracket at `open` and its partner.
    fn bracketed(&mut self, kind: BlockKind, open: usize) -> usize {
        let close = partner(self.text, open);
        self.truncated |= kind != BlockKind::Output && hides_in_markup(self.text, open, close);
        self.push(kind, open + 1..close);
        self.text.len().min(close + 1)
    }

    fn word(&mut self, at: usize) -> usize {
        let text = self.text;
        let from = at + 1;
        let end = run(text, from, in_name);
        let next = run(text, end, blank);
        let opens = |bracket: u8| text.get(next) == Some(&bracket);
        match &text[from..end] {
            b"if" | b"for" | b"foreach" | b"while" | b"switch" | b"lock" | b"using" if opens(b'(') => {
                self.statement(from, end)
            }
            b"try" | b"do" if opens(b'{') => self.statement(from, end),
            b"functions" | b"code" if opens(b'{') => self.bracketed(BlockKind::Members, next),
            b"helper" if text.get(end).is_some_and(|&b| blank(b)) => self.helper(at, next),
            // What follows on the line is no code, or has an `@` of its own.
            b"section" if opens_line(text, at) && text.get(next).is_some_and(|&b| starts_name(b)) => end,
            b"using" | b"model" | b"inherits" | b"inject" | b"page" | b"namespace" | b"layout" | b"implements"
            | b"attribute" | b"addTagHelper" | b"removeTagHelper" | b"tagHelperPrefix" | b"sessionstate"
            | b"typeparam" | b"rendermode"
                if opens_line(text, at) && text.get(end).is_none_or(|&b| blank(b)) =>
            {
                end
            }
            b"await" if text.get(next).is_some_and(|&b| starts_name(b)) && next > end => {
                let end = run(text, next, in_name);
                self.expression(from, end)
            }
            _ => self.expression(from, end),
        }
    }

    /// `@helper Name(arguments) { ... }`, from its name to its brace.
    fn helper(&mut self, at: usize, name: usize) -> usize {
        let text = self.text;
        let head = &text[..text.len().min(name + HEAD_REACH)];
        let Some(n) = head.get(name..).and_then(|head| memchr::memchr2(b'{', b'@', head)) else { return at + 1 };
        if text[name + n] == b'@' {
            return name + n;
        }
        let close = partner(text, name + n);
        let end = text.len().min(close + 1);
        self.push(BlockKind::Members, name..end);
        end
    }

    /// A statement with its brackets, and those that go on from it: `else`, `catch`, `finally`, `while`.
    fn statement(&mut self, from: usize, behind_word: usize) -> usize {
        let text = self.text;
        let mut end = behind_word;
        let mut i = behind_word;
        loop {
            i = run(text, i, blank);
            if text.get(i) == Some(&b'(') {
                end = text.len().min(partner(text, i) + 1);
                i = run(text, end, blank);
            }
            if text.get(i) != Some(&b'{') {
                break;
            }
            end = text.len().min(partner(text, i) + 1);
            i = run(text, end, blank);
            let word = run(text, i, in_name);
            let goes_on = match &text[i..word] {
                b"else" => true,
                b"catch" | b"finally" => text[from..].starts_with(b"try"),
                b"while" => text[from..].starts_with(b"do"),
                _ => false,
            };
            if !goes_on {
                break;
            }
            i = run(text, word, blank);
            let second = run(text, i, in_name);
            if matches!(&text[i..second], b"if" | b"when") {
                i = second;
            }
        }
        self.truncated |= hides_in_markup(self.text, from, end.saturating_sub(1));
        self.push(BlockKind::Statements, from..end);
        end
    }

    /// `@name.member(arguments)[index]`, its first name read up to `end`.
    fn expression(&mut self, from: usize, end: usize) -> usize {
        let whole = self.text;
        let text = &whole[..whole.len().min(end.saturating_add(EXPRESSION_REACH))];
        let mut end = end;
        loop {
            match text.get(end) {
                Some(b'(' | b'[') => end = text.len().min(partner(text, end) + 1),
                Some(b'.') if text.get(end + 1).is_some_and(|&b| starts_name(b)) => end = run(text, end + 1, in_name),
                Some(b'?') if text.get(end + 1) == Some(&b'[') => end += 1,
                Some(b'?' | b'!')
                    if text.get(end + 1) == Some(&b'.') && text.get(end + 2).is_some_and(|&b| starts_name(b)) =>
                {
                    end = run(text, end + 2, in_name);
                }
                _ => break,
            }
        }
        self.truncated |= end == text.len() && end < whole.len();
        self.push(BlockKind::Output, from..end);
        end
    }

    fn push(&mut self, kind: BlockKind, range: Range<usize>) {
        push(&mut self.blocks, &mut self.truncated, Block { kind, language: Language::CSharp, range });
    }
}

/// Keeps a block that is not blank, if there is room.
pub(super) fn push(blocks: &mut Vec<Block>, truncated: &mut bool, block: Block) {
    if blocks.len() < MAX_KEPT {
        if block.range.start < block.range.end {
            blocks.push(block);
        }
    } else {
        *truncated = true;
    }
}

/// Whether a name can start with this byte; those of other alphabets are letters.
pub(super) fn starts_name(b: u8) -> bool {
    b.is_ascii_alphabetic() || b == b'_' || b >= 0x80
}

/// Whether a name can have this byte.
pub(super) fn in_name(b: u8) -> bool {
    starts_name(b) || b.is_ascii_digit()
}

/// Whether the `@` at `at` is one of an address: a letter or digit in front.
pub(super) fn is_mail(text: &[u8], at: usize) -> bool {
    at > 0 && text[at - 1].is_ascii_alphanumeric()
}

/// Whether there are only blanks in front on the line, as far as a line is indented.
fn opens_line(text: &[u8], at: usize) -> bool {
    let before = &text[at.saturating_sub(256)..at];
    let before = &before[before.iter().rposition(|&b| b == b'\n' || b == b'\r').map_or(0, |n| n + 1)..];
    before.iter().all(|&b| blank(b) || b >= 0x80)
}

/// Whether text of markup in a block of code may hide code from whoever reads all of it as code: a quote in the text of an
/// element with code behind the element on its line.
fn hides_in_markup(text: &[u8], open: usize, close: usize) -> bool {
    let block = &text[open..close.min(text.len())];
    memchr::memmem::find_iter(block, b"</").any(|end| {
        let line = &block[..end];
        let before = &line[line.len() - line.len().min(512)..];
        let inside = memchr::memrchr2(b'>', b'\n', before).map_or(before, |at| &before[at + 1..]);
        let behind = &block[end..block.len().min(end + 512)];
        let behind = &behind[..memchr::memchr(b'\n', behind).unwrap_or(behind.len())];
        let behind = memchr::memchr(b'>', behind).map_or(&[][..], |at| &behind[at + 1..]);
        let behind = behind.trim_ascii_start();
        memchr::memchr2(b'"', b'\'', inside).is_some()
            && behind.first().is_some_and(|b| starts_name(*b))
            && memchr::memchr(b'(', behind).is_some()
            && memchr::memchr(b';', behind).is_some()
    })
}

/// Where the bracket at `open` is closed, literals and comments of C# passed over; the text's end if it is not.
fn partner(text: &[u8], open: usize) -> usize {
    let opens = text[open];
    let closes = match opens {
        b'(' => b')',
        b'[' => b']',
        _ => b'}',
    };
    let mut depth = 0usize;
    let mut i = open;
    while let Some(&b) = text.get(i) {
        match b {
            _ if b == opens => depth += 1,
            _ if b == closes => {
                depth -= 1;
                if depth == 0 {
                    return i;
                }
            }
            b'"' | b'\'' | b'/' | b'@' => {
                i = behind_literal(text, i);
                continue;
            }
            _ => {}
        }
        i += 1;
    }
    text.len()
}

/// Behind the literal or comment at `at`; behind the one byte if there is none. Markup may stand in code, so what is left open
/// ends with its line.
fn behind_literal(text: &[u8], at: usize) -> usize {
    let rest = &text[at..];
    let to = |mark: &[u8], from: usize| {
        memchr::memmem::find(rest.get(from..).unwrap_or_default(), mark)
            .map_or(text.len(), |n| at + from + n + mark.len())
    };
    match rest {
        [b'/', b'*', ..] => to(b"*/", 2),
        [b'@', b'*', ..] => to(b"*@", 2),
        // An address in markup has the same slashes.
        [b'/', b'/', ..] if at == 0 || text[at - 1] != b':' => {
            at + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
        }
        [b'"', b'"', b'"', ..] => to(b"\"\"\"", 3),
        [b'@', b'"', ..] => behind_verbatim(text, at + 2),
        [b'@', b'$', b'"', ..] => behind_verbatim(text, at + 3),
        [b'"', ..] if text[..at].ends_with(b"@$") => behind_verbatim(text, at + 1),
        [b'"', ..] => behind_string(text, at + 1),
        [b'\'', b'\\', tail @ ..] => {
            tail.iter().take(12).skip(1).position(|&b| b == b'\'').map_or(at + 1, |n| at + n + 4)
        }
        [b'\'', _, b'\'', ..] => at + 3,
        _ => at + 1,
    }
}

/// Behind the end of a string whose text starts at `i`, or its line's.
fn behind_string(text: &[u8], mut i: usize) -> usize {
    while let Some(n) = text.get(i..).and_then(|rest| memchr::memchr3(b'"', b'\\', b'\n', rest)) {
        i += n;
        match text[i] {
            b'\\' => i += 2,
            _ => return i + 1,
        }
    }
    text.len()
}
