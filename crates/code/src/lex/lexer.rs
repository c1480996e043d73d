//! What the lexers share: where one stands, the tokens it adds, blanks, names and numbers.

use crate::code::blank::{Wide, wide};
use crate::code::structure::Language;
use crate::code::token::{Interner, Kind, NOT_WHOLE, Punct, Token};

/// The tokens of a file, block after block.
#[derive(Debug, Default)]
pub struct Tokens {
    /// In the order of the text.
    pub tokens: Vec<Token>,
    /// Whether the budget ended before the code did, or code can be read in two ways of which one hides something.
    pub truncated: bool,
    /// Whether a comment that a block opened is open where it ends. To the compiler the next block goes on with it.
    pub(super) open_comment: bool,
}

/// A lexer at work.
pub(super) struct Lexer<'l> {
    /// Up to the end of the block.
    pub(super) text: &'l [u8],
    pub(super) at: usize,
    /// Whether a line end was passed since the last token.
    pub(super) line: bool,
    pub(super) language: Language,
    pub(super) interner: &'l mut Interner,
    pub(super) tokens: &'l mut Tokens,
    pub(super) budget: usize,
}

impl<'l> Lexer<'l> {
    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn rest(&self) -> &'l [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn full(&self) -> bool {
        self.tokens.tokens.len() >= self.budget || self.interner.bytes.len() > MAX_LITERALS
    }

    /// Adds a token from `start` to where the lexer stands.
    pub(super) fn add(&mut self, kind: Kind, start: usize, value: u32) {
        if self.full() {
            self.tokens.truncated = true;
            self.at = self.text.len();
            return;
        }
        let line = std::mem::take(&mut self.line);
        let end = self.at.min(self.text.len()) as u32;
        self.tokens.tokens.push(Token { kind, line, verbatim: false, value, start: (start as u32).min(end), end });
    }

    pub(super) fn punct(&mut self, punct: Punct, length: usize) {
        let start = self.at;
        self.at += length;
        self.add(Kind::Punct(punct), start, 0);
    }

    /// Whether the last token can end an operand, so that punctuation behind it is an operator.
    pub(super) fn after_operand(&self) -> bool {
        let Some(last) = self.tokens.tokens.last() else { return false };
        match last.kind {
            Kind::Name => last.verbatim || !WANTS_OPERAND.contains(&self.interner.name(last.value)),
            Kind::Number | Kind::Literal | Kind::Other => true,
            // `a++ / b` is written more often than `++/b/`.
            Kind::Punct(punct) => matches!(punct, Punct::Close | Punct::CloseIndex | Punct::CloseBrace | Punct::Step),
            _ => false,
        }
    }

    /// Says of the name that was just read, if one was, that it is no keyword. It begins at `start`.
    pub(super) fn no_keyword(&mut self, start: usize) {
        if let Some(last) = self.tokens.tokens.last_mut()
            && last.kind == Kind::Name
            && last.start as usize >= start
        {
            last.verbatim = true;
            last.start = start as u32;
        }
    }

    /// Goes to the end of the line, as the language has it.
    pub(super) fn skip_line(&mut self) {
        let rest = self.rest();
        let line = &rest[..memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())];
        let ends = |at: &usize| wide(&line[*at..]).is_some_and(|wide| wide.ends_line(self.language));
        let wide = memchr::memchr3_iter(0xC2, 0xE2, 0x85, line).find(ends);
        self.at += wide.unwrap_or(line.len());
    }

    /// The blank or line end outside ASCII that stands here. Code pages of two bytes have its single bytes inside characters.
    pub(super) fn wide(&self) -> Option<Wide> {
        if self.peek(0) < 0x80 || self.language == Language::Php {
            return None;
        }
        let found = wide(self.rest())?;
        let inside = found.length == 1
            && self
                .at
                .checked_sub(1)
                .and_then(|at| self.text.get(at))
                .is_some_and(|b| *b >= 0x80 && !matches!(b, 0x85 | 0xA0));
        (!inside).then_some(found)
    }

    /// Passes such a blank; gives whether a line ends with it.
    pub(super) fn pass(&mut self, wide: Wide) -> bool {
        self.at += wide.length;
        self.tokens.truncated |= wide.is_doubtful();
        let ends = wide.ends_line(self.language);
        self.line |= ends;
        ends
    }

    /// A comment of the block before ends here, unless that makes no difference: what it hides is read where nothing in it
    /// would hide the rest.
    pub(super) fn end_comment(&mut self) {
        let rest = self.rest();
        match memchr::memmem::find(rest, b"*/") {
            Some(end) => {
                let before = &rest[..end];
                let hides =
                    memchr::memchr2(b'"', b'\'', before).is_some() || memchr::memmem::find(before, b"//").is_some();
                self.at += if hides { end + 2 } else { 0 };
            }
            None => self.tokens.open_comment = true,
        }
    }

    /// Jumps behind `mark`, or to the end of the block.
    pub(super) fn skip_past(&mut self, mark: &[u8]) {
        self.at = memchr::memmem::find(self.rest(), mark).map_or(self.text.len(), |end| self.at + end + mark.len());
    }

    /// Reads a name: letters, digits, `_`, everything outside ASCII but the characters that show nothing, which C# leaves
    /// out of names; `\u0065` where the language has it.
    pub(super) fn name(&mut self, escapes: bool) {
        let start = self.at;
        let mut odd: Option<Vec<u8>> = None;
        loop {
            let byte = self.peek(0);
            if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' && escapes {
                if let Some(odd) = &mut odd {
                    odd.push(byte);
                }
                self.at += 1;
            } else if byte >= 0x80 {
                if self.at > start && self.wide().is_some() {
                    break;
                }
                let hidden = hidden(self.rest());
                let length = hidden.max(1);
                if hidden > 0 {
                    odd.get_or_insert_with(|| self.text[start..self.at].to_vec());
                } else if let Some(odd) = &mut odd {
                    odd.push(byte);
                }
                self.at += length;
            } else if escapes && byte == b'\\' && matches!(self.peek(1), b'u' | b'U') {
                let digits = if self.peek(1) == b'u' { 4 } else { 8 };
                let Some(c) = hex(self.text.get(self.at + 2..self.at + 2 + digits)) else { break };
                let odd = odd.get_or_insert_with(|| self.text[start..self.at].to_vec());
                push_char(odd, c);
                self.at += 2 + digits;
            } else {
                break;
            }
        }
        if self.at == start {
            self.at += 1; // a lone backslash
            return;
        }
        let exact = matches!(self.language, Language::CSharp | Language::JScript | Language::Java);
        let symbol = match &odd {
            Some(odd) => self.interner.symbol(odd, exact),
            None => self.interner.symbol(&self.text[start..self.at], exact),
        };
        self.add(Kind::Name, start, symbol);
        // Java's words have no capitals, and `Class` is a class.
        if self.language == Language::Java && self.text[start..self.at].iter().any(u8::is_ascii_uppercase) {
            self.no_keyword(start);
        }
    }

    /// Reads a decimal number with fraction, exponent and suffix.
    pub(super) fn number(&mut self) {
        let start = self.at;
        let mut value: u64 = 0;
        let mut whole = true;
        if self.peek(0) == b'0' && matches!(self.peek(1), b'x' | b'X') {
            self.at += 2;
            while let Some(digit) = (self.peek(0) as char).to_digit(16) {
                value = value.saturating_mul(16).saturating_add(u64::from(digit));
                self.at += 1;
            }
        }
        loop {
            match self.peek(0) {
                digit @ b'0'..=b'9' if whole => {
                    value = value.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
                }
                b'.' if self.peek(1).is_ascii_digit() => whole = false,
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' if !whole => {}
                b'_' => {}
                // Suffixes: 1L, 1UL, 2m; the exponent of 1e5.
                b'e' | b'E' if self.peek(1).is_ascii_digit() => whole = false,
                b'l' | b'L' | b'u' | b'U' | b'm' | b'M' | b'd' | b'D' | b'f' | b'F' => {}
                _ => break,
            }
            self.at += 1;
        }
        let value = if whole && value < u64::from(NOT_WHOLE) { value as u32 } else { NOT_WHOLE };
        self.add(Kind::Number, start, value);
    }
}

/// Keywords that an operand follows, in languages with braces.
const WANTS_OPERAND: &[&[u8]] =
    &[b"return", b"case", b"throw", b"typeof", b"in", b"else", b"do", b"void", b"delete", b"new", b"instanceof"];

/// How many bytes of literals are kept of a file.
const MAX_LITERALS: usize = 64 << 20;

/// The value of hexadecimal digits.
pub(super) fn hex(digits: Option<&[u8]>) -> Option<u32> {
    digits?.iter().try_fold(0u32, |value, &digit| value.checked_mul(16)?.checked_add((digit as char).to_digit(16)?))
}

pub(super) fn push_char(to: &mut Vec<u8>, c: u32) {
    let c = char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER);
    to.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The length of a character that shows nothing (category Cf of Unicode, in UTF-8), or 0.
pub(super) fn hidden(text: &[u8]) -> usize {
    match text {
        [0xC2, 0xAD, ..] | [0xD8, 0x80..=0x85 | 0x9C, ..] | [0xDB, 0x9D, ..] | [0xDC, 0x8F, ..] => 2,
        [0xE2, 0x80, 0x8B..=0x8F | 0xAA..=0xAE, ..]
        | [0xE2, 0x81, 0xA0..=0xAF, ..]
        | [0xEF, 0xBB, 0xBF, ..]
        | [0xEF, 0xBF, 0xB9..=0xBB, ..] => 3,
        // Interlinear, musical and tag characters beyond the first plane.
        [0xF0, 0x91, 0x82, 0xBD, ..] | [0xF0, 0x9B, 0xB2, 0xA0..=0xA3, ..] | [0xF0, 0x9D, 0x85, 0xB3..=0xBA, ..] => 4,
        [0xF3, 0xA0, 0x80 | 0x81, _, ..] => 4,
        // The soft hyphen of Latin code pages.
        [0xAD, next, ..] if next.is_ascii() || *next == 0xAD => 1,
        _ => 0,
    }
}
