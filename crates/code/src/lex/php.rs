//! PHP, by its language reference (lexical structure up to PHP 8). A block starts after its opening tag, or with code
//! that has none, and continues through the markup between tags to its end.

use super::lexer::{Lexer, hex, hidden, push_char};
use crate::code::token::{Kind, Punct};

/// What waits for a closing brace.
#[derive(Clone, Copy, Debug)]
enum Brace {
    /// A block or a list: the brace itself.
    Plain,
    /// `${expression}` and `->{expression}`, which are read as calls.
    Call,
    /// The hole of a string, which goes on behind it.
    Hole(Text),
}

/// A string with variables in it.
#[derive(Clone, Copy, Debug)]
struct Text {
    end: End,
    /// Whether a piece of it was given already.
    opened: bool,
    /// Where it began.
    start: usize,
}

/// What ends a string.
#[derive(Clone, Copy, Debug)]
enum End {
    Quote(u8),
    /// The label of a heredoc: where it stands.
    Label(usize, usize),
}

pub(super) fn run(lexer: &mut Lexer<'_>) {
    let mut braces: Vec<Brace> = Vec::new();
    while lexer.at < lexer.text.len() {
        let start = lexer.at;
        let byte = lexer.peek(0);
        match byte {
            b'\n' | b'\r' => {
                lexer.line = true;
                lexer.at += 1;
            }
            0..=0x20 => lexer.at += 1,
            b'?' if lexer.peek(1) == b'>' => markup(lexer),
            // An attribute: a list that nobody uses.
            b'#' if lexer.peek(1) == b'[' => lexer.at += 1,
            b'#' => comment(lexer),
            b'/' if lexer.peek(1) == b'/' => comment(lexer),
            b'/' if lexer.peek(1) == b'*' => {
                lexer.at += 2;
                lexer.skip_past(b"*/");
            }
            b'\'' => single(lexer),
            b'"' => {
                lexer.at += 1;
                string(lexer, &mut braces, Text { end: End::Quote(b'"'), opened: false, start });
            }
            b'`' => {
                // What stands in backticks is given to a shell.
                lexer.at += 1;
                let symbol = lexer.interner.symbol(b"shell_exec", false);
                lexer.add(Kind::Name, start, symbol);
                lexer.add(Kind::Punct(Punct::Open), start, 0);
                string(lexer, &mut braces, Text { end: End::Quote(b'`'), opened: false, start });
            }
            b'<' if lexer.rest().starts_with(b"<<<") && heredoc(lexer, &mut braces) => {}
            b'$' => variable(lexer, &mut braces),
            b'0'..=b'9' => lexer.number(),
            b'.' if lexer.peek(1).is_ascii_digit() && !lexer.after_operand() => lexer.number(),
            // Of a qualified name the last part counts.
            b'\\' => lexer.at += 1,
            _ if byte >= 0x80 && hidden(lexer.rest()) > 0 => lexer.at += hidden(lexer.rest()),
            _ if starts_name(byte) => {
                name(lexer);
                if lexer.text[start..lexer.at].eq_ignore_ascii_case(b"__halt_compiler") {
                    lexer.at = lexer.text.len();
                }
            }
            b'{' => {
                braces.push(Brace::Plain);
                lexer.punct(Punct::OpenBrace, 1);
            }
            b'}' => match braces.pop() {
                None | Some(Brace::Plain) => lexer.punct(Punct::CloseBrace, 1),
                Some(Brace::Call) => lexer.punct(Punct::Close, 1),
                Some(Brace::Hole(text)) => {
                    lexer.punct(Punct::Close, 1);
                    lexer.add(Kind::Punct(Punct::Concat), start, 0);
                    string(lexer, &mut braces, Text { opened: true, ..text });
                }
            },
            _ => punct(lexer, byte, &mut braces),
        }
    }
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The end of a name that begins at `at`.
fn name_end(text: &[u8], at: usize) -> usize {
    at + text[at..].iter().take_while(|&&b| in_name(b)).count()
}

/// A name; of `a\b\c` the last part.
fn name(lexer: &mut Lexer<'_>) {
    let mut start = lexer.at;
    let mut end = name_end(lexer.text, start);
    while lexer.text.get(end) == Some(&b'\\') && lexer.text.get(end + 1).is_some_and(|&b| starts_name(b)) {
        start = end + 1;
        end = name_end(lexer.text, start);
    }
    lexer.at = end;
    let symbol = lexer.interner.symbol(&lexer.text[start..end], false);
    lexer.add(Kind::Name, start, symbol);
}

/// `$name`, `$$name`, `${expression}`. A variable's name keeps its `$`, so that it is no function's.
fn variable(lexer: &mut Lexer<'_>, braces: &mut Vec<Brace>) {
    let start = lexer.at;
    match lexer.peek(1) {
        byte if starts_name(byte) => {
            let end = name_end(lexer.text, start + 1);
            lexer.at = end;
            let symbol = lexer.interner.symbol(&lexer.text[start..end], true);
            lexer.add(Kind::Name, start, symbol);
        }
        b'{' => {
            lexer.at += 2;
            open_call(lexer, start, braces);
        }
        b'$' => {
            // `$$$x` is a call of a call; more than a few are nobody's.
            let more = lexer.rest().iter().take(9).take_while(|&&b| b == b'$').count();
            lexer.at += more - 1;
            if !starts_name(lexer.peek(1)) {
                if lexer.peek(1) == b'{' {
                    return; // `$${x}`: its own `$` is read next
                }
                lexer.at += 1;
                return;
            }
            for _ in 1..more {
                let symbol = lexer.interner.symbol(b"$$", false);
                lexer.add(Kind::Name, start, symbol);
                lexer.add(Kind::Punct(Punct::Open), start, 0);
            }
            variable(lexer, braces);
            for _ in 1..more {
                lexer.add(Kind::Punct(Punct::Close), lexer.at, 0);
            }
        }
        _ => lexer.at += 1,
    }
}

/// Begins what is read as a call of `$$`.
fn open_call(lexer: &mut Lexer<'_>, start: usize, braces: &mut Vec<Brace>) {
    let symbol = lexer.interner.symbol(b"$$", false);
    lexer.add(Kind::Name, start, symbol);
    lexer.add(Kind::Punct(Punct::Open), start, 0);
    braces.push(Brace::Call);
}

/// A comment ends with its line, or where the code does.
fn comment(lexer: &mut Lexer<'_>) {
    loop {
        let rest = lexer.rest();
        match memchr::memchr3(b'\n', b'\r', b'?', rest) {
            None => lexer.at = lexer.text.len(),
            Some(at) if rest[at] == b'?' && rest.get(at + 1) != Some(&b'>') => {
                lexer.at += at + 1;
                continue;
            }
            Some(at) => lexer.at += at,
        }
        return;
    }
}

/// From `?>` to behind the next opening tag.
fn markup(lexer: &mut Lexer<'_>) {
    lexer.punct(Punct::Semicolon, 2);
    match opening(lexer.text, lexer.at) {
        Some(tag) => {
            let start = lexer.at;
            lexer.at = tag.behind;
            lexer.line = true;
            if tag.writes {
                lexer.add(Kind::Output, start.max(tag.behind - 3), lexer.language as u32);
            }
        }
        None => lexer.at = lexer.text.len(),
    }
}

/// An opening tag of PHP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag {
    /// What follows it.
    pub(crate) behind: usize,
    /// Whether what follows is written into the page: `<?=`.
    pub(crate) writes: bool,
    /// Whether it says PHP in full.
    pub(crate) full: bool,
}

/// The first opening tag from `from` on: `<?php`, `<?=`, or the short one, which XML's `<?xml` is not.
pub(crate) fn opening(text: &[u8], from: usize) -> Option<Tag> {
    let mut at = from;
    loop {
        at += memchr::memmem::find(text.get(at..)?, b"<?")?;
        let rest = &text[at + 2..];
        let full = rest.len() >= 3
            && rest[..3].eq_ignore_ascii_case(b"php")
            && rest.get(3).is_none_or(|b| b.is_ascii_whitespace());
        if full {
            return Some(Tag { behind: (at + 6).min(text.len()), writes: false, full });
        }
        match rest.first() {
            Some(b'=') => return Some(Tag { behind: at + 3, writes: true, full }),
            Some(b) if b.is_ascii_whitespace() || matches!(b, b'@' | b'$' | b'/' | b'#') => {
                return Some(Tag { behind: at + 2, writes: false, full });
            }
            // `<?eval(...)` is code; of other languages of markup the word that follows is known.
            Some(b) if b.is_ascii_alphabetic() => {
                let word = &rest[..rest.iter().take(24).take_while(|b| b.is_ascii_alphabetic()).count()];
                let code = matches!(rest[word.len()..].first(), Some(b'(' | b'"' | b'\''));
                if code {
                    return Some(Tag { behind: at + 2, writes: false, full });
                }
            }
            _ => {}
        }
        at += 2;
    }
}

/// `'...'`, in which only the quote and the backslash are escaped.
fn single(lexer: &mut Lexer<'_>) {
    let start = lexer.at;
    lexer.at += 1;
    let from = lexer.interner.bytes.len();
    loop {
        let rest = lexer.rest();
        let plain = memchr::memchr2(b'\'', b'\\', rest).unwrap_or(rest.len());
        lexer.interner.bytes.extend_from_slice(&rest[..plain]);
        lexer.at += plain;
        match (lexer.peek(0), lexer.peek(1)) {
            (b'\\', next @ (b'\'' | b'\\')) => {
                lexer.interner.bytes.push(next);
                lexer.at += 2;
            }
            (b'\\', _) => {
                lexer.interner.bytes.push(b'\\');
                lexer.at += 1;
            }
            _ => break,
        }
    }
    lexer.at = (lexer.at + 1).min(lexer.text.len());
    literal(lexer, start, from);
}

fn literal(lexer: &mut Lexer<'_>, start: usize, from: usize) {
    let value = lexer.interner.close(from);
    lexer.add(Kind::Literal, start, value);
}

/// `<<<LABEL`, `<<<"LABEL"`, `<<<'LABEL'`. `false` if this is none.
fn heredoc(lexer: &mut Lexer<'_>, braces: &mut Vec<Brace>) -> bool {
    let start = lexer.at;
    let text = lexer.text;
    let mut at = start + 3;
    at += text[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let quote = text.get(at).copied().filter(|b| matches!(b, b'"' | b'\''));
    at += usize::from(quote.is_some());
    let end = name_end(text, at.min(text.len()));
    if end == at || !starts_name(text[at]) || quote.is_some_and(|quote| text.get(end) != Some(&quote)) {
        return false;
    }
    let line = end + usize::from(quote.is_some());
    if !matches!(text.get(line), Some(b'\n' | b'\r')) {
        return false;
    }
    lexer.at = line + if text[line..].starts_with(b"\r\n") { 2 } else { 1 };
    if quote == Some(b'\'') {
        let (close, behind) = label_end(text, lexer.at, &text[at..end]).unwrap_or((text.len(), text.len()));
        let from = lexer.interner.bytes.len();
        lexer.interner.bytes.extend_from_slice(&text[lexer.at..close]);
        lexer.at = behind;
        literal(lexer, start, from);
    } else {
        string(lexer, braces, Text { end: End::Label(at, end), opened: false, start });
    }
    true
}

/// Where a heredoc's text ends, its last line end left out, and what follows its label.
fn label_end(text: &[u8], from: usize, label: &[u8]) -> Option<(usize, usize)> {
    let mut line = from;
    loop {
        if let Some(behind) = is_label(text, line, label) {
            let end = line.saturating_sub(1).max(from);
            return Some((if end > from && text[end - 1] == b'\r' { end - 1 } else { end }, behind));
        }
        line += memchr::memchr(b'\n', text.get(line..)?)? + 1;
    }
}

/// Whether the line that begins here ends a heredoc; gives what follows the label.
fn is_label(text: &[u8], line: usize, label: &[u8]) -> Option<usize> {
    let at = line + text.get(line..)?.iter().take(256).take_while(|b| matches!(b, b' ' | b'\t')).count();
    let behind = at + label.len();
    (text.get(at..behind)? == label && !text.get(behind).is_some_and(|&b| in_name(b))).then_some(behind)
}

/// Reads a string up to its end or its next hole. With variables it becomes `(text . variable . text)`.
fn string(lexer: &mut Lexer<'_>, braces: &mut Vec<Brace>, mut text: Text) {
    let mut piece = lexer.at;
    let mut from = lexer.interner.bytes.len();
    loop {
        let rest = lexer.rest();
        let Some(&byte) = rest.first() else { break };
        match (byte, text.end) {
            (quote, End::Quote(end)) if quote == end => {
                lexer.at += 1;
                break;
            }
            (b'\\', _) => escape(lexer, text.end),
            (b'\n' | b'\r', End::Label(at, end)) => {
                let line = lexer.at + if rest.starts_with(b"\r\n") { 2 } else { 1 };
                if let Some(behind) = is_label(lexer.text, line, &lexer.text[at..end]) {
                    lexer.at = behind;
                    break;
                }
                lexer.interner.bytes.extend_from_slice(&lexer.text[lexer.at..line]);
                lexer.at = line;
            }
            (b'{', _) if rest.get(1) == Some(&b'$') => {
                open(lexer, &mut text, piece, from);
                lexer.at += 1;
                lexer.add(Kind::Punct(Punct::Open), lexer.at - 1, 0);
                braces.push(Brace::Hole(text));
                return;
            }
            (b'$', _) if rest.get(1) == Some(&b'{') => {
                // `${name}` and `${expression}`
                let end = name_end(lexer.text, lexer.at + 2);
                open(lexer, &mut text, piece, from);
                if matches!(lexer.text.get(end), Some(b'}' | b'[')) && end > lexer.at + 2 {
                    let start = lexer.at;
                    let name = [b"$", &lexer.text[start + 2..end]].concat();
                    lexer.at = end;
                    lexer.add(Kind::Punct(Punct::Open), start, 0);
                    let symbol = lexer.interner.symbol(&name, true);
                    lexer.add(Kind::Name, start, symbol);
                } else {
                    let start = lexer.at;
                    lexer.at += 2;
                    let symbol = lexer.interner.symbol(b"$$", false);
                    lexer.add(Kind::Name, start, symbol);
                    lexer.add(Kind::Punct(Punct::Open), start, 0);
                }
                braces.push(Brace::Hole(text));
                return;
            }
            (b'$', _) if rest.get(1).is_some_and(|&b| starts_name(b)) => {
                open(lexer, &mut text, piece, from);
                simple(lexer, braces);
                lexer.add(Kind::Punct(Punct::Concat), lexer.at, 0);
                piece = lexer.at;
                from = lexer.interner.bytes.len();
            }
            _ => {
                // All up to the next byte that may mean something.
                let stop = |&b: &u8| matches!(b, b'\\' | b'$' | b'{' | b'"' | b'`' | b'\n' | b'\r');
                let plain = rest[1..].iter().position(stop).map_or(rest.len(), |at| at + 1);
                lexer.interner.bytes.extend_from_slice(&rest[..plain]);
                lexer.at += plain;
            }
        }
    }
    literal(lexer, piece.min(lexer.at), from);
    if text.opened {
        lexer.add(Kind::Punct(Punct::Close), lexer.at, 0);
    }
    if matches!(text.end, End::Quote(b'`')) {
        lexer.add(Kind::Punct(Punct::Close), lexer.at, 0);
    }
}

/// Gives what was read of a string so far, since a variable follows.
fn open(lexer: &mut Lexer<'_>, text: &mut Text, piece: usize, from: usize) {
    if !text.opened {
        lexer.add(Kind::Punct(Punct::Open), text.start, 0);
        text.opened = true;
    }
    literal(lexer, piece.min(lexer.at), from);
    lexer.add(Kind::Punct(Punct::Concat), lexer.at, 0);
}

/// `$name`, `$name[key]`, `$name->member` inside a string.
fn simple(lexer: &mut Lexer<'_>, braces: &mut Vec<Brace>) {
    variable(lexer, braces);
    let rest = lexer.rest();
    if rest.first() == Some(&b'[') {
        let key = lexer.at + 1;
        let end = match lexer.text.get(key) {
            Some(b'$') => name_end(lexer.text, key + 1),
            Some(b'-') => name_end(lexer.text, key + 1),
            _ => name_end(lexer.text, key.min(lexer.text.len())),
        };
        if lexer.text.get(end) != Some(&b']') || end == key {
            return;
        }
        lexer.punct(Punct::OpenIndex, 1);
        match lexer.text[key] {
            b'$' => variable(lexer, braces),
            b'0'..=b'9' => lexer.number(),
            _ => {
                let from = lexer.interner.bytes.len();
                lexer.interner.bytes.extend_from_slice(&lexer.text[key..end]);
                lexer.at = end;
                literal(lexer, key, from);
            }
        }
        lexer.at = end;
        lexer.punct(Punct::CloseIndex, 1);
    } else if rest.starts_with(b"->") && rest.get(2).is_some_and(|&b| starts_name(b)) {
        lexer.punct(Punct::Dot, 2);
        name(lexer);
    }
}

/// An escape in a string with variables. An unknown one is what it is.
fn escape(lexer: &mut Lexer<'_>, end: End) {
    let byte = lexer.peek(1);
    let from = lexer.at;
    lexer.at = (lexer.at + 2).min(lexer.text.len());
    let simple = match byte {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'v' => 11,
        b'e' => 27,
        b'f' => 12,
        b'\\' | b'$' => byte,
        b'"' | b'`' if matches!(end, End::Quote(quote) if quote == byte) => byte,
        b'0'..=b'7' => {
            let digits = lexer.text[from + 1..].iter().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            lexer.at = from + 1 + digits;
            let value = lexer.text[from + 1..lexer.at].iter().fold(0u32, |value, b| value * 8 + u32::from(b - b'0'));
            value as u8
        }
        b'x' if lexer.peek(0).is_ascii_hexdigit() => {
            let digits = lexer.rest().iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
            let value = hex(lexer.text.get(lexer.at..lexer.at + digits)).unwrap_or(0);
            lexer.at += digits;
            value as u8
        }
        b'u' if lexer.peek(0) == b'{' => {
            let digits = lexer.rest()[1..].iter().take(8).take_while(|b| b.is_ascii_hexdigit()).count();
            if let Some(c) = hex(lexer.text.get(lexer.at + 1..lexer.at + 1 + digits)).filter(|_| digits > 0) {
                push_char(&mut lexer.interner.bytes, c);
            }
            lexer.at += 1 + digits;
            lexer.at += usize::from(lexer.peek(0) == b'}');
            return;
        }
        _ => {
            lexer.interner.bytes.push(b'\\');
            lexer.at = from + 1;
            // What follows may be the end of a line, or nothing.
            return;
        }
    };
    lexer.interner.bytes.push(simple);
}

fn punct(lexer: &mut Lexer<'_>, byte: u8, braces: &mut Vec<Brace>) {
    let next = lexer.peek(1);
    let third = lexer.peek(2);
    let (punct, length) = match (byte, next) {
        (b'(', _) => (Punct::Open, 1),
        (b')', _) => (Punct::Close, 1),
        (b'[', _) => (Punct::OpenIndex, 1),
        (b']', _) => (Punct::CloseIndex, 1),
        (b',', _) => (Punct::Comma, 1),
        (b';', _) => (Punct::Semicolon, 1),
        (b':', b':') | (b'-', b'>') => return member(lexer, 2, braces),
        (b'?', b'-') if third == b'>' => return member(lexer, 3, braces),
        (b':', _) => (Punct::Colon, 1),
        (b'?', b'?') if third == b'=' => (Punct::Assign, 3),
        (b'?', b'?') => (Punct::Coalesce, 2),
        (b'?', _) => (Punct::Question, 1),
        (b'=', b'>') => (Punct::Lambda, 2),
        (b'=', b'=') => (Punct::Equal, if third == b'=' { 3 } else { 2 }),
        (b'=', _) => (Punct::Assign, 1),
        (b'!', b'=') => (Punct::NotEqual, if third == b'=' { 3 } else { 2 }),
        // What it gives is a number, whatever it stands before.
        (b'!', _) => (Punct::Subtract, 1),
        (b'<', b'>') => (Punct::NotEqual, 2),
        (b'<', b'=') => (Punct::LessEqual, if third == b'>' { 3 } else { 2 }),
        (b'<', b'<') if third == b'=' => (Punct::OtherAssign, 3),
        (b'<', b'<') => (Punct::ShiftLeft, 2),
        (b'<', _) => (Punct::Less, 1),
        (b'>', b'=') => (Punct::GreaterEqual, 2),
        (b'>', b'>') if third == b'=' => (Punct::OtherAssign, 3),
        (b'>', b'>') => (Punct::ShiftRight, 2),
        (b'>', _) => (Punct::Greater, 1),
        (b'.', b'=') | (b'+', b'=') => (Punct::AddAssign, 2),
        (b'+', b'+') | (b'-', b'-') => (Punct::Step, 2),
        (b'*', b'*') => (Punct::Power, if third == b'=' { 3 } else { 2 }),
        (b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^', b'=') => (Punct::OtherAssign, 2),
        (b'&', b'&') => (Punct::And, 2),
        (b'|', b'|') => (Punct::Or, 2),
        (b'+', _) => (Punct::Add, 1),
        (b'-', _) => (Punct::Subtract, 1),
        (b'*', _) => (Punct::Multiply, 1),
        (b'/', _) => (Punct::Divide, 1),
        (b'%', _) => (Punct::Remainder, 1),
        (b'&', _) => (Punct::BitAnd, 1),
        (b'|', _) => (Punct::BitOr, 1),
        (b'^', _) => (Punct::Xor, 1),
        (b'~', _) => (Punct::Not, 1),
        // `...$list`
        (b'.', b'.') => {
            lexer.at += if third == b'.' { 3 } else { 2 };
            return;
        }
        (b'.', _) => (Punct::Concat, 1),
        _ => {
            lexer.at += 1;
            return;
        }
    };
    lexer.punct(punct, length);
}

/// `->` and `::`; `->{expression}` is read as a call of what the expression names.
fn member(lexer: &mut Lexer<'_>, length: usize, braces: &mut Vec<Brace>) {
    lexer.punct(Punct::Dot, length);
    if lexer.peek(0) == b'{' {
        let start = lexer.at;
        lexer.at += 1;
        open_call(lexer, start, braces);
    }
}
