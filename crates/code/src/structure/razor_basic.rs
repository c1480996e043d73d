//! Razor pages in Visual Basic.

use super::razor::{in_name, is_mail, push, starts_name};
use super::text::{blank, goes_on, run};
use super::{Block, BlockKind, Language};
use std::ops::Range;

/// How far the parentheses of an expression without its own are followed.
const EXPRESSION_REACH: usize = 4096;

/// The server code of a Razor page in Visual Basic, and whether there was more than is kept. Linear in time.
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
            Some(b'(') => {
                let close = partner(text, from);
                self.push(BlockKind::Output, from + 1..close);
                text.len().min(close + 1)
            }
            Some(&b) if starts_name(b) && !is_mail(text, at) => self.word(from),
            _ => from,
        }
    }

    fn word(&mut self, from: usize) -> usize {
        let text = self.text;
        let end = run(text, from, in_name);
        let word = text[from..end].to_ascii_lowercase();
        let blank_after = text.get(end).is_none_or(|&b| blank(b));
        match &*word {
            b"code" if blank_after => self.up_to(BlockKind::Statements, end, b"code"),
            b"functions" if blank_after => self.up_to(BlockKind::Members, end, b"functions"),
            b"helper" if blank_after => self.up_to(BlockKind::Members, end, b"helper"),
            b"if" | b"for" | b"while" | b"do" | b"using" | b"select" | b"synclock" | b"try" | b"with"
                if blank_after =>
            {
                let end = self.statement_end(from, &word);
                self.push(BlockKind::Statements, from..end);
                end
            }
            b"section" | b"modeltype" | b"imports" | b"inherits" | b"end" if blank_after => end,
            _ => self.expression(from, end),
        }
    }

    /// The block from `from` up to `End word`.
    fn up_to(&mut self, kind: BlockKind, from: usize, word: &[u8]) -> usize {
        let (close, behind) = find_end(self.text, from, word).unwrap_or((self.text.len(), self.text.len()));
        self.push(kind, from..close);
        behind
    }

    /// Where a statement ends that has an end of its own: `If ... End If`, `For ... Next`. Others of its kind in it are counted
    /// by their lines.
    fn statement_end(&self, from: usize, word: &[u8]) -> usize {
        let text = self.text;
        let mut depth = 0usize;
        let mut i = from;
        while i < text.len() {
            let line_end = memchr::memchr(b'\n', &text[i..]).map_or(text.len(), |n| i + n);
            let start = run(text, i, |b| blank(b) && b != b'\n' || b == b'@').min(line_end);
            let first = run(text, start, in_name).min(line_end);
            let second = run(text, first, |b| b == b' ' || b == b'\t').min(line_end);
            let is = |at: usize, word: &[u8]| {
                goes_on(text, at, word) && !text.get(at + word.len()).is_some_and(|&b| in_name(b))
            };
            let closed = match word {
                b"for" => is(start, b"next"),
                b"do" => is(start, b"loop"),
                _ => is(start, b"end") && is(second, word),
            };
            if closed {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return match word {
                        b"for" => first,
                        b"do" => line_end,
                        _ => second + word.len(),
                    };
                }
            } else if is(start, word) {
                let line = text[start..line_end].trim_ascii_end();
                let single = word == b"if" && !line.to_ascii_lowercase().ends_with(b"then");
                match single {
                    // All of it on its line.
                    true if depth == 0 => return line_end,
                    true => {}
                    false => depth += 1,
                }
            }
            i = line_end + 1;
        }
        text.len()
    }

    /// `@name.member(arguments)`, its first name read up to `end`.
    fn expression(&mut self, from: usize, end: usize) -> usize {
        let text = &self.text[..self.text.len().min(end.saturating_add(EXPRESSION_REACH))];
        let mut end = end;
        loop {
            match text.get(end) {
                Some(b'(') => end = text.len().min(partner(text, end) + 1),
                Some(b'.') if text.get(end + 1).is_some_and(|&b| starts_name(b)) => end = run(text, end + 1, in_name),
                _ => break,
            }
        }
        self.push(BlockKind::Output, from..end);
        end
    }

    fn push(&mut self, kind: BlockKind, range: Range<usize>) {
        push(&mut self.blocks, &mut self.truncated, Block { kind, language: Language::VisualBasic, range });
    }
}

/// Where `End word` stands from `from` on, and what follows it.
fn find_end(text: &[u8], from: usize, word: &[u8]) -> Option<(usize, usize)> {
    for n in memchr::memchr2_iter(b'e', b'E', text.get(from..)?) {
        let at = from + n;
        if !goes_on(text, at, b"end") || in_name(text[at - 1]) {
            continue;
        }
        let second = run(text, at + 3, |b| b == b' ' || b == b'\t');
        let behind = second + word.len();
        if second > at + 3 && goes_on(text, second, word) && !text.get(behind).is_some_and(|&b| in_name(b)) {
            return Some((at, behind));
        }
    }
    None
}

/// Where the parenthesis at `open` is closed, strings passed over; the text's end if it is not.
fn partner(text: &[u8], open: usize) -> usize {
    let mut depth = 0usize;
    let mut i = open;
    while let Some(&b) = text.get(i) {
        match b {
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    return i;
                }
            }
            b'"' => {
                let rest = &text[i + 1..];
                i += 1 + memchr::memchr2(b'"', b'\n', rest).unwrap_or(rest.len());
            }
            _ => {}
        }
        i += 1;
    }
    text.len()
}
