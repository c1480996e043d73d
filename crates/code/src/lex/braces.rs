//! C#, JScript and Java: ECMA-334 (lexical structure, up to raw strings of C# 11), ECMA-262 and the Java Language
//! Specification (the part that C# has as well).

use super::lexer::{Lexer, hex, hidden, push_char};
use crate::code::structure::Language;
use crate::code::token::{Kind, Punct};

/// An interpolated string whose hole is being read.
struct Hole {
    verbatim: bool,
    /// How many quotes end it: 1, or 3 and more for a raw string.
    quotes: usize,
    /// How many braces open a hole.
    braces: usize,
    /// Brackets open inside the hole.
    depth: usize,
}

pub(super) fn run(lexer: &mut Lexer<'_>) {
    let script = lexer.language == Language::JScript;
    let mut holes: Vec<Hole> = Vec::new();
    let mut reach = lexer.rest().len().saturating_mul(8).saturating_add(1 << 16);
    // How many `#if` are open: what lies behind one may be no code, whatever it looks like.
    let mut conditions = 0usize;
    while lexer.at < lexer.text.len() {
        let start = lexer.at;
        let byte = lexer.peek(0);
        match byte {
            b'\n' | b'\r' => {
                lexer.line = true;
                lexer.at += 1;
            }
            0..=0x20 => lexer.at += 1,
            b'/' if script && is_conditional(lexer.rest()) => lexer.at += 3,
            b'/' if lexer.peek(1) == b'/' => lexer.skip_line(),
            b'/' if lexer.peek(1) == b'*' => comment(lexer, conditions),
            b'@' if script && lexer.rest().starts_with(b"@*/") => lexer.at += 3,
            b'#' if !script && lexer.line => {
                match directive(lexer.rest()) {
                    Some(b"if") => conditions += 1,
                    Some(b"endif") => conditions = conditions.saturating_sub(1),
                    _ => {}
                }
                lexer.skip_line();
            }
            b'"' if !script && lexer.rest().starts_with(b"\"\"\"") => {
                let quotes = lexer.rest().iter().take_while(|&&b| b == b'"').count();
                raw(lexer, start, quotes);
                stop_at_directive(lexer, start, conditions);
            }
            b'"' => quoted(lexer, start, b'"'),
            b'\'' => quoted(lexer, start, b'\''),
            b'@' if !script && lexer.peek(1) == b'"' => {
                lexer.at += 2;
                verbatim(lexer, start);
                stop_at_directive(lexer, start, conditions);
            }
            b'@' if !script && lexer.peek(1) == b'$' && lexer.peek(2) == b'"' => {
                lexer.at += 3;
                begin_hole_string(lexer, &mut holes, Hole { verbatim: true, quotes: 1, braces: 1, depth: 0 });
            }
            b'$' if !script && opens_interpolated(lexer).is_some() => {
                if let Some((length, hole)) = opens_interpolated(lexer) {
                    lexer.at += length;
                    begin_hole_string(lexer, &mut holes, hole);
                }
            }
            b'@' if !script && starts_name(lexer.peek(1)) => {
                lexer.at += 1;
                lexer.name(true);
                lexer.no_keyword(start);
            }
            b'0'..=b'9' => lexer.number(),
            b'.' if lexer.peek(1).is_ascii_digit() && !lexer.after_operand() => lexer.number(),
            b'/' if script && !lexer.after_operand() && regular_expression(lexer, &mut reach) => {}
            b'/' if script && hides_as_expression(lexer, &mut reach) => {
                lexer.tokens.truncated = true;
                if !regular_expression(lexer, &mut reach) {
                    punct(lexer, byte);
                }
            }
            _ if let Some(wide) = lexer.wide() => {
                lexer.pass(wide);
            }
            _ if byte >= 0x80 && hidden(lexer.rest()) > 0 => lexer.at += hidden(lexer.rest()),
            _ if starts_name(byte) || byte == b'$' || byte == b'\\' => lexer.name(true),
            _ if in_hole(lexer, byte, &mut holes) => {}
            _ => punct(lexer, byte),
        }
    }
}

/// A comment in `/*` and `*/`.
fn comment(lexer: &mut Lexer<'_>, conditions: usize) {
    let start = lexer.at;
    lexer.at += 2;
    let open = memchr::memmem::find(lexer.rest(), b"*/").is_none();
    lexer.tokens.open_comment |= open;
    lexer.skip_past(b"*/");
    stop_at_directive(lexer, start, conditions);
}

/// Counts a bracket in the hole of an interpolated string; `true` if the byte belongs to the string and is read.
fn in_hole(lexer: &mut Lexer<'_>, byte: u8, holes: &mut Vec<Hole>) -> bool {
    let Some(hole) = holes.last_mut() else { return false };
    match byte {
        b'(' | b'[' | b'{' => hole.depth += 1,
        b')' | b']' => hole.depth = hole.depth.saturating_sub(1),
        b'}' if hole.depth > 0 => hole.depth -= 1,
        b'}' => {
            end_hole(lexer, holes);
            return true;
        }
        // How the value is to be written: x:F2, x,10.
        b':' | b',' if hole.depth == 0 => {
            while !matches!(lexer.peek(0), b'}' | b'"' | 0) {
                lexer.at += 1;
            }
            if lexer.peek(0) != b'}' {
                holes.clear();
            }
            return true;
        }
        _ => {}
    }
    false
}

fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether a comment begins here in which JScript's conditional compilation finds code.
fn is_conditional(text: &[u8]) -> bool {
    let Some(inside) = text.strip_prefix(b"/*@").or(text.strip_prefix(b"//@")) else { return false };
    [&b"cc_on"[..], b"if", b"set"]
        .iter()
        .any(|word| inside.get(..word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word)))
}

/// `$"`, `$@"`, `$$"""`: how many bytes that is, and what it opens.
fn opens_interpolated(lexer: &Lexer<'_>) -> Option<(usize, Hole)> {
    let rest = lexer.rest();
    let dollars = rest.iter().take(16).take_while(|&&b| b == b'$').count();
    let quotes = rest[dollars..].iter().take(64).take_while(|&&b| b == b'"').count();
    if quotes >= 3 {
        return Some((dollars + quotes, Hole { verbatim: true, quotes, braces: dollars, depth: 0 }));
    }
    match (dollars, &rest[1..]) {
        (1, [b'"', ..]) => Some((2, Hole { verbatim: false, quotes: 1, braces: 1, depth: 0 })),
        (1, [b'@', b'"', ..]) => Some((3, Hole { verbatim: true, quotes: 1, braces: 1, depth: 0 })),
        _ => None,
    }
}

fn begin_hole_string(lexer: &mut Lexer<'_>, holes: &mut Vec<Hole>, hole: Hole) {
    let start = lexer.at;
    lexer.add(Kind::Punct(Punct::Open), start, 0);
    interpolated(lexer, holes, hole);
}

/// The text of an interpolated string up to its end or its next hole. The whole becomes `(text + (hole) + text)`.
fn interpolated(lexer: &mut Lexer<'_>, holes: &mut Vec<Hole>, hole: Hole) {
    let start = lexer.at;
    let from = lexer.interner.bytes.len();
    loop {
        let rest = lexer.rest();
        let Some(&byte) = rest.first() else { break };
        match byte {
            b'"' if hole.quotes > 1 => {
                let quotes = rest.iter().take_while(|&&b| b == b'"').count();
                if quotes >= hole.quotes {
                    literal(lexer, start, from);
                    lexer.at += quotes;
                    lexer.add(Kind::Punct(Punct::Close), start, 0);
                    return;
                }
                lexer.interner.bytes.extend(std::iter::repeat_n(b'"', quotes));
                lexer.at += quotes;
            }
            b'"' if hole.verbatim && rest.get(1) == Some(&b'"') => {
                lexer.interner.bytes.push(b'"');
                lexer.at += 2;
            }
            b'"' => {
                literal(lexer, start, from);
                lexer.at += 1;
                lexer.add(Kind::Punct(Punct::Close), start, 0);
                return;
            }
            b'\\' if !hole.verbatim => escape(lexer),
            b'\n' | b'\r' if !hole.verbatim => break,
            b'{' => {
                let braces = rest.iter().take_while(|&&b| b == b'{').count();
                if hole.braces == 1 && braces >= 2 {
                    lexer.interner.bytes.extend(std::iter::repeat_n(b'{', braces / 2));
                    lexer.at += braces / 2 * 2;
                } else if braces >= hole.braces {
                    // The innermost of them open the hole.
                    lexer.interner.bytes.extend(std::iter::repeat_n(b'{', braces - hole.braces));
                    lexer.at += braces - hole.braces;
                    literal(lexer, start, from);
                    lexer.at += hole.braces;
                    lexer.add(Kind::Punct(Punct::Add), start, 0);
                    lexer.add(Kind::Punct(Punct::Open), start, 0);
                    if holes.len() < 64 {
                        holes.push(Hole { depth: 0, ..hole });
                    }
                    return;
                } else {
                    lexer.interner.bytes.extend(std::iter::repeat_n(b'{', braces));
                    lexer.at += braces;
                }
            }
            b'}' if hole.braces == 1 && rest.get(1) == Some(&b'}') => {
                lexer.interner.bytes.push(b'}');
                lexer.at += 2;
            }
            _ => {
                lexer.interner.bytes.push(byte);
                lexer.at += 1;
            }
        }
    }
    literal(lexer, start, from);
    lexer.add(Kind::Punct(Punct::Close), start, 0);
}

fn end_hole(lexer: &mut Lexer<'_>, holes: &mut Vec<Hole>) {
    let Some(hole) = holes.pop() else { return };
    let start = lexer.at;
    lexer.at += lexer.rest().iter().take(hole.braces).take_while(|&&b| b == b'}').count();
    lexer.add(Kind::Punct(Punct::Close), start, 0);
    lexer.add(Kind::Punct(Punct::Add), start, 0);
    interpolated(lexer, holes, hole);
}

fn literal(lexer: &mut Lexer<'_>, start: usize, from: usize) {
    let value = lexer.interner.close(from);
    lexer.add(Kind::Literal, start, value);
}

/// A string or character with backslash escapes. It ends at its line's end if nothing else ends it.
fn quoted(lexer: &mut Lexer<'_>, start: usize, quote: u8) {
    lexer.at += 1;
    let from = lexer.interner.bytes.len();
    loop {
        let rest = lexer.rest();
        let Some(plain) = rest.iter().position(|&b| b == quote || matches!(b, b'\\' | b'\n' | b'\r')) else {
            lexer.interner.bytes.extend_from_slice(rest);
            lexer.at = lexer.text.len();
            break;
        };
        lexer.interner.bytes.extend_from_slice(&lexer.text[lexer.at..lexer.at + plain]);
        lexer.at += plain;
        match lexer.peek(0) {
            b'\\' => escape(lexer),
            byte if byte == quote => {
                lexer.at += 1;
                break;
            }
            _ => break,
        }
    }
    literal(lexer, start, from);
}

/// An escape inside a string. An unknown one stands for its character.
fn escape(lexer: &mut Lexer<'_>) {
    let byte = lexer.peek(1);
    lexer.at = (lexer.at + 2).min(lexer.text.len());
    let simple = match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'0'..=b'7' if lexer.language == Language::JScript => {
            let mut value = u32::from(byte - b'0');
            for _ in 0..2 {
                let digit = lexer.peek(0);
                if !(b'0'..=b'7').contains(&digit) || value >= 32 {
                    break;
                }
                value = value * 8 + u32::from(digit - b'0');
                lexer.at += 1;
            }
            push_char(&mut lexer.interner.bytes, value);
            return;
        }
        b'0' => 0,
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'v' => 11,
        b'u' | b'U' | b'x' => {
            let most = match byte {
                b'u' => 4,
                b'U' => 8,
                // C# takes up to four digits, JScript two.
                _ if lexer.language == Language::JScript => 2,
                _ => 4,
            };
            let digits = lexer.rest().iter().take(most).take_while(|b| b.is_ascii_hexdigit()).count();
            if let Some(c) = hex(lexer.text.get(lexer.at..lexer.at + digits)).filter(|_| digits > 0) {
                push_char(&mut lexer.interner.bytes, c);
            }
            lexer.at += digits;
            return;
        }
        b'\r' => {
            lexer.at += usize::from(lexer.peek(0) == b'\n');
            return;
        }
        b'\n' | 0 => return,
        other => other,
    };
    lexer.interner.bytes.push(simple);
}

/// `@"..."`, in which only `""` is special.
fn verbatim(lexer: &mut Lexer<'_>, start: usize) {
    let from = lexer.interner.bytes.len();
    loop {
        let rest = lexer.rest();
        let plain = memchr::memchr(b'"', rest).unwrap_or(rest.len());
        lexer.interner.bytes.extend_from_slice(&lexer.text[lexer.at..lexer.at + plain]);
        lexer.at += plain;
        if lexer.peek(1) == b'"' && lexer.peek(0) == b'"' {
            lexer.interner.bytes.push(b'"');
            lexer.at += 2;
        } else {
            lexer.at = (lexer.at + 1).min(lexer.text.len());
            break;
        }
    }
    literal(lexer, start, from);
}

/// A raw string, ended by as many quotes as began it. Of one in lines, the first and the last line and the last one's indent
/// are none of the text.
fn raw(lexer: &mut Lexer<'_>, start: usize, quotes: usize) {
    lexer.at += quotes;
    let from = lexer.interner.bytes.len();
    loop {
        let rest = lexer.rest();
        let plain = memchr::memchr(b'"', rest).unwrap_or(rest.len());
        lexer.interner.bytes.extend_from_slice(&lexer.text[lexer.at..lexer.at + plain]);
        lexer.at += plain;
        let found = lexer.rest().iter().take_while(|&&b| b == b'"').count();
        if found == 0 {
            break;
        }
        lexer.at += found;
        if found >= quotes {
            break;
        }
        lexer.interner.bytes.extend(std::iter::repeat_n(b'"', found));
    }
    if let Some(text) = lines_of_raw(&lexer.interner.bytes[from..]) {
        lexer.interner.bytes.truncate(from);
        lexer.interner.bytes.extend_from_slice(&text);
    }
    literal(lexer, start, from);
}

/// The text of a raw string in lines.
fn lines_of_raw(text: &[u8]) -> Option<Vec<u8>> {
    let blank = |line: &[u8]| line.iter().all(|b| matches!(b, b' ' | b'\t' | b'\r'));
    let first = memchr::memchr(b'\n', text).filter(|&first| blank(&text[..first]))?;
    let last = memchr::memrchr(b'\n', text).filter(|&last| blank(&text[last..][1..]))?;
    let indent = &text[last + 1..];
    // With no line between the two, both are the same line end.
    let mut out = Vec::with_capacity(last.saturating_sub(first));
    for (number, line) in text.get(first + 1..last).unwrap_or_default().split(|&b| b == b'\n').enumerate() {
        if number > 0 {
            out.push(b'\n');
        }
        out.extend_from_slice(line.strip_prefix(indent).unwrap_or(line));
    }
    if out.last() == Some(&b'\r') {
        out.pop();
    }
    Some(out)
}

/// The word of a directive of C#'s preprocessor that a line begins with.
fn directive(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_start().strip_prefix(b"#")?.trim_ascii_start();
    Some(&line[..line.iter().position(|b| !b.is_ascii_lowercase()).unwrap_or(line.len())])
}

/// What was passed from `start` on is text of several lines that began between `#if` and its end. Of code that is left out the
/// compiler reads directives alone (ECMA-334, 6.5.6), so a comment or a string that opens there ends at the next one, and
/// otherwise it does not: which it is depends on what is defined. It is read so that nothing is hidden.
fn stop_at_directive(lexer: &mut Lexer<'_>, start: usize, conditions: usize) {
    if conditions == 0 {
        return;
    }
    let passed = &lexer.text[start..lexer.at.min(lexer.text.len())];
    let ends = |&at: &usize| matches!(directive(&passed[at + 1..]), Some(b"endif" | b"else" | b"elif"));
    let found = memchr::memchr2_iter(b'\n', b'\r', passed).find(|at| {
        let line = &passed[at + 1..];
        line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count() < line.len() && ends(at)
    });
    if let Some(at) = found {
        lexer.at = start + at;
        lexer.tokens.truncated = true;
    }
}

/// Whether the slash here, behind a bracket, is a division unless the bracket closes a condition, and then opens a regular
/// expression that holds a quote: `if (x) /"/.test(y)`.
fn hides_as_expression(lexer: &Lexer<'_>, reach: &mut usize) -> bool {
    let closes = |kind| matches!(kind, Kind::Punct(Punct::Close | Punct::CloseBrace));
    let tokens = &lexer.tokens.tokens;
    if !tokens.last().is_some_and(|token| closes(token.kind)) || !closes_condition(lexer) {
        return false;
    }
    let (mut quote, mut at) = (false, 1);
    let rest = lexer.rest();
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'\n' | b'\r' => return false,
            b'/' => return quote && at > 1,
            b'\\' => at += 1,
            b'"' | b'\'' => quote = true,
            _ => {}
        }
        if *reach == 0 {
            return false;
        }
        *reach -= 1;
        at += 1;
    }
    false
}

/// Whether the bracket in front closes what `if` and the like ask, as far as that is near; a brace closes a block.
fn closes_condition(lexer: &Lexer<'_>) -> bool {
    let mut depth = 0usize;
    for (at, token) in lexer.tokens.tokens.iter().enumerate().rev().take(64) {
        match token.kind {
            Kind::Punct(Punct::CloseBrace) if depth == 0 => return true,
            Kind::Punct(Punct::Close) => depth += 1,
            Kind::Punct(Punct::Open) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let word = at.checked_sub(1).and_then(|at| lexer.tokens.tokens.get(at));
                    return word.is_some_and(|word| {
                        word.kind == Kind::Name
                            && matches!(lexer.interner.name(word.value), b"if" | b"while" | b"for" | b"with")
                    });
                }
            }
            _ => {}
        }
    }
    true
}

/// A regular expression; `false` if the line holds no end of one. `reach` is how many bytes may still be looked through for
/// ends, so that a page of nothing but slashes does not cost thousands of times its length.
fn regular_expression(lexer: &mut Lexer<'_>, reach: &mut usize) -> bool {
    let rest = lexer.rest();
    let (mut at, mut class) = (1, false);
    loop {
        match rest.get(at) {
            None | Some(b'\n' | b'\r') => return false,
            Some(b'\\') => at += 1,
            Some(b'[') => class = true,
            Some(b']') => class = false,
            Some(b'/') if !class => break,
            Some(_) if *reach == 0 => return false,
            Some(_) => {}
        }
        *reach = reach.saturating_sub(1);
        at += 1;
    }
    let start = lexer.at;
    lexer.at += at + 1;
    while lexer.peek(0).is_ascii_alphabetic() {
        lexer.at += 1;
    }
    lexer.at = lexer.at.min(lexer.text.len());
    lexer.add(Kind::Other, start, 0);
    true
}

fn punct(lexer: &mut Lexer<'_>, byte: u8) {
    let next = lexer.peek(1);
    let third = lexer.peek(2);
    let (punct, length) = match (byte, next) {
        (b'(', _) => (Punct::Open, 1),
        (b')', _) => (Punct::Close, 1),
        (b'[', _) => (Punct::OpenIndex, 1),
        (b']', _) => (Punct::CloseIndex, 1),
        (b'{', _) => (Punct::OpenBrace, 1),
        (b'}', _) => (Punct::CloseBrace, 1),
        (b',', _) => (Punct::Comma, 1),
        (b';', _) => (Punct::Semicolon, 1),
        (b':', b':') => (Punct::Dot, 2),
        (b':', _) => (Punct::Colon, 1),
        (b'?', b'.') if !third.is_ascii_digit() => (Punct::Dot, 2),
        (b'?', b'?') if third == b'=' => (Punct::OtherAssign, 3),
        (b'?', b'?') => (Punct::Coalesce, 2),
        (b'?', _) => (Punct::Question, 1),
        (b'=', b'>') => (Punct::Lambda, 2),
        (b'=', b'=') => (Punct::Equal, if third == b'=' { 3 } else { 2 }),
        (b'=', _) => (Punct::Assign, 1),
        (b'!', b'=') => (Punct::NotEqual, if third == b'=' { 3 } else { 2 }),
        (b'!', _) => (Punct::Not, 1),
        (b'<', b'=') => (Punct::LessEqual, 2),
        (b'<', b'<') => (Punct::ShiftLeft, 2),
        (b'<', _) => (Punct::Less, 1),
        // `>>` may also close two lists of type arguments; the parser decides by what stands in front.
        (b'>', b'=') => (Punct::GreaterEqual, 2),
        (b'>', _) => (Punct::Greater, 1),
        (b'+', b'=') => (Punct::AddAssign, 2),
        (b'+', b'+') | (b'-', b'-') => (Punct::Step, 2),
        (b'-', b'>') if lexer.language == Language::Java => (Punct::Lambda, 2),
        (b'-', b'>') => (Punct::Dot, 2),
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
        (b'@', _) => (Punct::At, 1),
        (b'.', b'.') => (Punct::Comma, 2),
        (b'.', _) => (Punct::Dot, 1),
        _ => {
            lexer.at += 1;
            return;
        }
    };
    lexer.punct(punct, length);
}
