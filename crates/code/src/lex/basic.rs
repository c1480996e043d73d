//! VBScript and Visual Basic .NET, by Microsoft's language specifications. Line ends and colons end statements; ` _` at
//! the end of a line continues one, and in Visual Basic so does an operator, a comma or an open bracket.

use super::lexer::{Lexer, hex, hidden};
use crate::code::blank::wide;
use crate::code::structure::Language;
use crate::code::token::{Kind, NOT_WHOLE, Punct};

pub(super) fn run(lexer: &mut Lexer<'_>) {
    let net = lexer.language == Language::VisualBasic;
    let mut brackets = 0usize;
    // For each interpolated string whose hole is being read, how many brackets were open before it.
    let mut holes: Vec<usize> = Vec::new();
    while lexer.at < lexer.text.len() {
        let start = lexer.at;
        let byte = lexer.peek(0);
        match byte {
            b'\n' | b'\r' => {
                lexer.at += 1;
                line_ends(lexer, start, &mut brackets);
            }
            0..=0x20 => lexer.at += 1,
            b'\'' => lexer.skip_line(),
            b'#' if net && starts_name(lexer.peek(1)) && begins_statement(lexer) => lexer.skip_line(),
            b'#' => date(lexer),
            b'"' => quoted(lexer, net),
            b'$' if net && lexer.peek(1) == b'"' => {
                lexer.punct(Punct::Open, 2);
                interpolated(lexer, &mut holes, brackets);
            }
            b'}' if holes.last().is_some_and(|&before| before >= brackets) => end_hole(lexer, &mut holes, brackets),
            b':' | b',' if holes.last().is_some_and(|&before| before >= brackets) => skip_format(lexer, &mut holes),
            b'&' if matches!(lexer.peek(1), b'h' | b'H') && lexer.peek(2).is_ascii_hexdigit() => {
                based(lexer, |b| b.is_ascii_hexdigit(), 16)
            }
            b'&' if matches!(lexer.peek(1), b'o' | b'O') && (b'0'..=b'7').contains(&lexer.peek(2)) => {
                based(lexer, |b| (b'0'..=b'7').contains(&b), 8)
            }
            b'0'..=b'9' => lexer.number(),
            b'_' if line_goes_on(lexer) => {}
            b'[' => bracketed_name(lexer),
            _ if byte >= 0x80
                && let Some(wide) = lexer.wide() =>
            {
                if lexer.pass(wide) {
                    line_ends(lexer, start, &mut brackets);
                }
            }
            // Letters and punctuation of full width stand for plain ones in Visual Basic (language specification, 1.1); nobody writes so.
            0xEF if net
                && matches!(lexer.rest(), [_, 0xBC, 0x83..=0xBB | 0xBD..=0xBF, ..] | [_, 0xBD, 0x80..=0x9E, ..])
                && typographic(lexer.rest()).is_none() =>
            {
                lexer.tokens.truncated = true;
                lexer.at += 3;
            }
            // An element of XML as a value (language specification, 11.23). Its text is none of the language's.
            b'<' if net && starts_name(lexer.peek(1)) && gives_value(lexer) && holds_element(lexer.rest()) => {
                lexer.tokens.truncated = true;
                punct(lexer, byte, start);
            }
            _ if byte >= 0x80 && typographic(lexer.rest()) == Some(b'"') && net => quoted(lexer, net),
            _ if byte >= 0x80 && typographic(lexer.rest()) == Some(b'\'') && net => lexer.skip_line(),
            _ if byte >= 0x80 && hidden(lexer.rest()) > 0 => lexer.at += hidden(lexer.rest()),
            _ if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80 => word(lexer, net),
            _ => {
                match byte {
                    b'(' | b'{' => brackets += 1,
                    b')' | b'}' => brackets = brackets.saturating_sub(1),
                    _ => {}
                }
                punct(lexer, byte, start);
            }
        }
    }
    let at = lexer.at;
    end(lexer, at);
}

/// Ends the hole of an interpolated string and reads on in its text.
fn end_hole(lexer: &mut Lexer<'_>, holes: &mut Vec<usize>, brackets: usize) {
    holes.pop();
    lexer.punct(Punct::Close, 1);
    let at = lexer.at;
    lexer.add(Kind::Punct(Punct::Add), at, 0);
    interpolated(lexer, holes, brackets);
}

/// How the value of a hole is to be written: x:F2, x,10.
fn skip_format(lexer: &mut Lexer<'_>, holes: &mut Vec<usize>) {
    while !matches!(lexer.peek(0), b'}' | b'"' | b'\r' | b'\n' | 0) {
        lexer.at += 1;
    }
    if lexer.peek(0) != b'}' {
        holes.clear();
    }
}

/// A name in brackets, [a name]. It may hold anything but a bracket and a line end.
fn bracketed_name(lexer: &mut Lexer<'_>) {
    let start = lexer.at;
    let rest = lexer.rest();
    match memchr::memchr3(b']', b'\n', b'\r', &rest[..rest.len().min(256)]) {
        Some(end) if end > 1 && rest[end] == b']' => {
            lexer.at += end + 1;
            let symbol = lexer.interner.symbol(&lexer.text[start + 1..start + end], false);
            lexer.add(Kind::Name, start, symbol);
            lexer.no_keyword(start);
        }
        _ => lexer.at += 1,
    }
}

/// A name, a keyword, or a comment that begins with `Rem`.
fn word(lexer: &mut Lexer<'_>, net: bool) {
    if matches!(lexer.peek(0), b'r' | b'R') && is_remark(lexer) {
        lexer.skip_line();
        return;
    }
    lexer.name(false);
    // The type character of a name: text$, count%.
    if matches!(lexer.peek(0), b'$' | b'%' | b'!' | b'#' | b'@') && !starts_name(lexer.peek(1)) && net {
        lexer.at += 1;
    }
}

/// Whether a value goes on here: at the beginning of a statement, markup of a page stands.
fn gives_value(lexer: &Lexer<'_>) -> bool {
    lexer.tokens.tokens.last().is_some_and(|token| match token.kind {
        Kind::Punct(punct) => matches!(punct, Punct::Assign | Punct::Open | Punct::Comma | Punct::Concat | Punct::Add),
        Kind::Name => lexer.interner.name(token.value) == b"return",
        _ => false,
    })
}

/// Whether a line that begins with a tag closes one, with a quote between.
fn holds_element(text: &[u8]) -> bool {
    let line = &text[..text.iter().take(4096).position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(text.len().min(4096))];
    let closes = memchr::memmem::rfind(line, b"</").or(memchr::memmem::rfind(line, b"/>"));
    closes.is_some_and(|end| memchr::memchr2(b'"', b'\'', &line[..end]).is_some())
}

/// A line has ended.
fn line_ends(lexer: &mut Lexer<'_>, start: usize, brackets: &mut usize) {
    lexer.line = true;
    // VBScript itself would refuse a line that ends so; a mailer or an editor may have wrapped it.
    if !(lexer.language == Language::VisualBasic && *brackets > 0 || carries_on(lexer)) {
        *brackets = 0;
        end(lexer, start);
    }
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn end(lexer: &mut Lexer<'_>, start: usize) {
    if lexer.tokens.tokens.last().is_some_and(|token| token.kind != Kind::End) {
        lexer.add(Kind::End, start, 0);
    }
}

fn begins_statement(lexer: &Lexer<'_>) -> bool {
    lexer.tokens.tokens.last().is_none_or(|token| matches!(token.kind, Kind::End | Kind::Block))
}

/// Whether the last token wants something behind it.
fn carries_on(lexer: &Lexer<'_>) -> bool {
    matches!(
        lexer.tokens.tokens.last().map(|token| token.kind),
        Some(Kind::Punct(
            Punct::Comma
                | Punct::Concat
                | Punct::Add
                | Punct::Subtract
                | Punct::Multiply
                | Punct::Divide
                | Punct::IntDivide
                | Punct::Power
                | Punct::Assign
                | Punct::Dot
                | Punct::AddAssign
                | Punct::OtherAssign
        ))
    )
}

/// `_`, blanks and a line end are passed over.
fn line_goes_on(lexer: &mut Lexer<'_>) -> bool {
    let rest = lexer.rest();
    let mut blanks = 0;
    while let Some(&byte) = rest.get(1 + blanks) {
        let wide = wide(&rest[1 + blanks..]).filter(|wide| !wide.ends_line(lexer.language));
        blanks += match byte {
            b'\n' | b'\r' => break,
            0..=0x20 => 1,
            _ => match wide {
                Some(wide) => wide.length,
                None => break,
            },
        };
    }
    match rest.get(1 + blanks) {
        Some(b'\r') => lexer.at += 2 + blanks + usize::from(rest.get(2 + blanks) == Some(&b'\n')),
        Some(b'\n') => lexer.at += 2 + blanks,
        Some(_) if let Some(wide) = wide(&rest[1 + blanks..]) => lexer.at += 1 + blanks + wide.length,
        // Visual Basic takes a comment behind it.
        Some(b'\'') if lexer.language == Language::VisualBasic => {
            lexer.skip_line();
            lexer.at += lexer.rest().iter().take(2).take_while(|&&b| b == b'\r' || b == b'\n').count();
        }
        _ => return false,
    }
    true
}

/// Whether `Rem` stands where a statement can begin.
fn is_remark(lexer: &Lexer<'_>) -> bool {
    let rest = lexer.rest();
    rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"rem"))
        && rest.get(3).is_none_or(|&b| b <= b' ')
        && (begins_statement(lexer)
            || lexer.tokens.tokens.last().is_some_and(|token| {
                token.kind == Kind::Name
                    && !token.verbatim
                    && matches!(lexer.interner.name(token.value), b"then" | b"else")
            }))
}

/// A quotation mark or apostrophe of another script that Visual Basic takes for the plain one.
fn typographic(text: &[u8]) -> Option<u8> {
    match text {
        [0xE2, 0x80, 0x9C | 0x9D, ..] | [0xEF, 0xBC, 0x82, ..] => Some(b'"'),
        [0xE2, 0x80, 0x98 | 0x99, ..] | [0xEF, 0xBC, 0x87, ..] => Some(b'\''),
        _ => None,
    }
}

/// A string: `""` is a quote, a line end ends it. `"x"c` is a character.
fn quoted(lexer: &mut Lexer<'_>, net: bool) {
    let start = lexer.at;
    let from = lexer.interner.bytes.len();
    let mark = |lexer: &Lexer<'_>| match lexer.peek(0) {
        b'"' => 1,
        byte if byte >= 0x80 && net && typographic(lexer.rest()) == Some(b'"') => 3,
        _ => 0,
    };
    lexer.at += mark(lexer);
    loop {
        let rest = lexer.rest();
        let plain = rest
            .iter()
            .position(|&b| matches!(b, b'"' | b'\n' | b'\r') || net && matches!(b, 0xE2 | 0xEF))
            .unwrap_or(rest.len());
        lexer.interner.bytes.extend_from_slice(&lexer.text[lexer.at..lexer.at + plain]);
        lexer.at += plain;
        if matches!(lexer.peek(0), b'\n' | b'\r') || lexer.at >= lexer.text.len() {
            break;
        }
        let length = mark(lexer);
        if length == 0 {
            let byte = lexer.peek(0);
            lexer.interner.bytes.push(byte);
            lexer.at += 1;
            continue;
        }
        lexer.at += length;
        let again = mark(lexer);
        if again == 0 {
            if net && matches!(lexer.peek(0), b'c' | b'C') && !starts_name(lexer.peek(1)) {
                lexer.at += 1;
            }
            break;
        }
        lexer.interner.bytes.push(b'"');
        lexer.at += again;
    }
    let value = lexer.interner.close(from);
    lexer.add(Kind::Literal, start, value);
}

/// The text of an interpolated string up to its end or its next hole. The whole becomes `(text + (hole) + text)`.
fn interpolated(lexer: &mut Lexer<'_>, holes: &mut Vec<usize>, brackets: usize) {
    let start = lexer.at;
    let from = lexer.interner.bytes.len();
    let mut open = false;
    loop {
        let (byte, next) = (lexer.peek(0), lexer.peek(1));
        match byte {
            _ if lexer.at >= lexer.text.len() => break,
            b'\r' | b'\n' => break,
            b'"' if next != b'"' => break,
            b'{' if next != b'{' => {
                open = true;
                break;
            }
            b'"' | b'{' | b'}' if next == byte => lexer.at += 2,
            _ => lexer.at += 1,
        }
        lexer.interner.bytes.push(byte);
    }
    let value = lexer.interner.close(from);
    lexer.add(Kind::Literal, start, value);
    if open {
        let at = lexer.at;
        lexer.add(Kind::Punct(Punct::Add), at, 0);
        lexer.punct(Punct::Open, 1);
        if holes.len() < 64 {
            holes.push(brackets);
        }
    } else {
        let length = usize::from(lexer.peek(0) == b'"');
        lexer.punct(Punct::Close, length);
    }
}

/// `#1/1/2021#`; a lone `#` means nothing.
fn date(lexer: &mut Lexer<'_>) {
    let start = lexer.at;
    let rest = &lexer.rest()[1..];
    // A date has neither brackets nor operators nor strings.
    let odd = |b: u8| {
        !(b.is_ascii_alphanumeric()
            || matches!(b, b' ' | b'\t' | b'/' | b'-' | b':' | b',' | b'.' | b'\'')
            || b >= 0x80)
    };
    let end = rest.iter().take(40).position(|&b| odd(b));
    match end {
        Some(end) if rest[end] == b'#' && end > 3 => {
            lexer.at += end + 2;
            lexer.add(Kind::Other, start, 0);
        }
        _ => lexer.at += 1,
    }
}

/// `&H41`, `&O101`.
fn based(lexer: &mut Lexer<'_>, digit: fn(u8) -> bool, base: u32) {
    let start = lexer.at;
    lexer.at += 2;
    let from = lexer.at;
    while digit(lexer.peek(0)) {
        lexer.at += 1;
    }
    let digits = &lexer.text[from..lexer.at];
    let value = match base {
        16 => hex(Some(digits)),
        _ => digits.iter().try_fold(0u32, |value, b| value.checked_mul(8)?.checked_add(u32::from(b - b'0'))),
    };
    if lexer.peek(0) == b'&' {
        lexer.at += 1;
    }
    lexer.add(Kind::Number, start, value.unwrap_or(NOT_WHOLE));
}

fn punct(lexer: &mut Lexer<'_>, byte: u8, start: usize) {
    let next = lexer.peek(1);
    let (punct, length) = match (byte, next) {
        (b'(', _) => (Punct::Open, 1),
        (b')', _) => (Punct::Close, 1),
        (b'{', _) => (Punct::OpenBrace, 1),
        (b'}', _) => (Punct::CloseBrace, 1),
        (b',', _) => (Punct::Comma, 1),
        (b':', b'=') => (Punct::Colon, 2),
        (b':', _) => {
            lexer.at += 1;
            end(lexer, start);
            return;
        }
        (b'.', _) => (Punct::Dot, 1),
        (b'!', _) if starts_name(next) => (Punct::Dot, 1),
        (b'?', b'.') => (Punct::Dot, 2),
        (b'=', _) => (Punct::Assign, 1),
        (b'<', b'>') => (Punct::NotEqual, 2),
        (b'<', b'=') => (Punct::LessEqual, 2),
        (b'<', b'<') => (Punct::ShiftLeft, 2),
        (b'<', _) => (Punct::Less, 1),
        (b'>', b'=') => (Punct::GreaterEqual, 2),
        (b'>', b'>') => (Punct::ShiftRight, 2),
        (b'>', _) => (Punct::Greater, 1),
        (b'+', b'=') | (b'&', b'=') => (Punct::AddAssign, 2),
        (b'-' | b'*' | b'/' | b'\\' | b'^', b'=') => (Punct::OtherAssign, 2),
        (b'&', _) => (Punct::Concat, 1),
        (b'+', _) => (Punct::Add, 1),
        (b'-', _) => (Punct::Subtract, 1),
        (b'*', _) => (Punct::Multiply, 1),
        (b'/', _) => (Punct::Divide, 1),
        (b'\\', _) => (Punct::IntDivide, 1),
        (b'^', _) => (Punct::Power, 1),
        (b'@', _) => (Punct::At, 1),
        _ => {
            lexer.at += 1;
            return;
        }
    };
    lexer.punct(punct, length);
}
