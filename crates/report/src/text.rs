//! Untrusted text made safe to display.

use std::fmt::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Text for a terminal or a line-oriented file: whatever moves the cursor, turns the writing direction or cannot be seen is
/// shown as `<U+202E>`. What comes out has no control character, so it is one line.
pub fn plain(text: &str) -> String {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_printable(c) {
            out.push(c);
        } else {
            let _ = write!(out, "<U+{:04X}>", c as u32);
        }
    }
    out
}

/// The same for a line of source code, where tabs are plain white space.
pub fn code(text: &str) -> String {
    plain(&text.replace('\t', "    "))
}

/// Whether a character can be seen and leaves the others where they are.
pub(crate) fn is_printable(c: char) -> bool {
    !(c.is_control()
        || matches!(c as u32,
            0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F // soft hyphen, joiners, fillers, Arabic mark
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F // zero width, line ends, bidirectional controls
            | 0x3164 | 0xE000..=0xF8FF | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF0..=0xFFFB // private use, variation, marks
            | 0xE0000..=0x10FFFF)) // tags, private planes
}

/// Text in lines of at most `width` columns, broken at spaces alone: a word that is longer, such as a path or a hash,
/// stays whole.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        let word_length = word.width();
        if length > 0 && length + 1 + word_length > width {
            lines.push(std::mem::take(&mut line));
            length = 0;
        } else if !line.is_empty() || length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word_length;
    }
    lines.push(line);
    lines
}

/// The same for text with paths, which stay whole where a space stands inside of them: a word with a backslash that follows a path is
/// taken for a part of it. The name at the end of a path can be distinguished from what follows it only where it has no space.
pub fn wrap_paths(text: &str, width: usize) -> Vec<String> {
    let mut glued = String::with_capacity(text.len());
    let mut is_path = false;
    for (at, word) in text.split(' ').enumerate() {
        is_path = match is_path && word.contains('\\') {
            true => {
                glued.push(GLUE);
                true
            }
            false => {
                if at > 0 {
                    glued.push(' ');
                }
                path_start(word).is_some()
            }
        };
        glued.push_str(word);
    }
    wrap(&glued, width).into_iter().map(|line| line.replace(GLUE, " ")).collect()
}

/// Stands for a space inside a path while text is wrapped. A control character, one column wide here: no shown text has one.
const GLUE: char = '\u{1f}';

/// Where a path begins in a text: at a drive letter or at two backslashes.
fn path_start(text: &str) -> Option<usize> {
    let drive = text.find(":\\").filter(|at| *at > 0 && text.as_bytes()[at - 1].is_ascii_alphabetic()).map(|at| at - 1);
    [drive, text.find("\\\\")].into_iter().flatten().min()
}

/// How many columns text takes on a terminal.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// Text of at most `width` columns: the folders at the beginning of its first path are left out before anything else is cut off.
pub fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let Some(start) = path_start(text) else { return truncate(text, width) };
    let (before, rest) = text.split_at(start);
    let (path, after) = rest.split_at(path_end(rest));
    if before.is_empty() && after.is_empty() {
        return shorten_path(path, width);
    }
    // Nothing but whole folders is taken out of the middle of a text.
    let name = path.rfind('\\').map_or(path, |at| &path[at..]);
    let room = width.saturating_sub(before.width() + after.width()).max(ELLIPSIS.len() + name.width());
    truncate(&format!("{before}{}{after}", shorten_path(path, room)), width)
}

/// A path, or what stands for one, of at most `width` columns: its first folders are left out before its name is cut off.
pub fn shorten_path(path: &str, width: usize) -> String {
    if path.width() <= width {
        return path.to_owned();
    }
    let room = width.saturating_sub(ELLIPSIS.len());
    // From the end, so that what is looked at does not grow with the text.
    let (mut used, mut tail) = (0, None);
    for (at, c) in path.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        if c == '\\' {
            tail = Some(at);
        }
    }
    match (tail, path.rfind('\\')) {
        (Some(at), _) => format!("{ELLIPSIS}{}", &path[at..]),
        // Of a name that is too long, its beginning.
        (None, Some(at)) if room >= SHORTEST => format!("{ELLIPSIS}{}", truncate(&path[at..], room)),
        _ => truncate(path, width),
    }
}

/// Where the path ends that a text begins with: behind the last word with a backslash, and before marks that end it. A name with
/// spaces at the end of a path cannot be distinguished from what follows it.
fn path_end(text: &str) -> usize {
    let goes_on = |word: &&str| word.contains('\\') && path_start(word).is_none();
    let mut end = 0;
    let mut words = text.split_inclusive(' ').peekable();
    while let Some(word) = words.next() {
        // One word without a backslash may stand between two parts, as in `Program Files (x86)\`.
        let is_part = end == 0 || goes_on(&word) || path_start(word).is_none() && words.peek().is_some_and(goes_on);
        if !is_part {
            break;
        }
        let bare = word.trim_end().trim_end_matches(['"', '\'', ';', ',', ':', ')', ']', '|']);
        if bare.len() < word.trim_end().len() {
            return end + bare.len();
        }
        end += word.len();
    }
    text[..end].trim_end().len()
}

/// Columns of a name from which on its beginning is worth more than that of its path.
const SHORTEST: usize = 8;
/// Stands for folders that are left out.
const ELLIPSIS: &str = "...";

/// Text of at most `width` columns; what is cut off is marked. A hash is whole or not there.
pub fn truncate(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(4);
    let mut used = 0;
    let end = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or(0);
        used > room
    });
    let end = before_hash(text, end.map_or(text.len(), |(at, _)| at));
    format!("{} ...", &text[..end])
}

/// Digits of the shortest hash, an MD5.
const HASH: usize = 32;

/// A place in a text or, if it is inside of a hash, the place before that and the blank in front of it.
fn before_hash(text: &str, at: usize) -> usize {
    let is_digit = |byte: &&u8| byte.is_ascii_hexdigit();
    let (before, behind) = text.as_bytes().split_at(at);
    let start = at - before.iter().rev().take_while(is_digit).count();
    let length = at - start + behind.iter().take(HASH).take_while(is_digit).count();
    if length >= HASH && start < at { text[..start].trim_end_matches(' ').len() } else { at }
}

/// Text in which times have the milliseconds that logs have, or none, instead of seven digits.
pub fn short_times(text: &str) -> String {
    /// Digits of a second in the times of records.
    const DIGITS: usize = 7;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('.') {
        let (before, fraction) = rest.split_at(at);
        let digits = fraction.get(1..=DIGITS).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()));
        match digits.filter(|_| fraction.as_bytes().get(DIGITS + 1) == Some(&b'Z') && ends_in_time(before)) {
            Some(digits) => {
                out.push_str(before);
                if !digits.starts_with("000") {
                    out.push_str(&fraction[..4]);
                }
                rest = &fraction[DIGITS + 1..];
            }
            None => {
                out.push_str(before);
                out.push('.');
                rest = &fraction[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Whether a text ends like `2021-03-03T06:59:21`.
fn ends_in_time(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let is_of = |(byte, form): (&u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == form };
    text.len() >= FORM.len() && text.as_bytes()[text.len() - FORM.len()..].iter().zip(FORM).all(is_of)
}

/// A number with a comma every three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in the unit that a person reads.
pub fn bytes(number: u64) -> String {
    match number {
        0..10_000_000 => format!("{} B", grouped(number)),
        _ => format!("{} MB", grouped(number / 1_000_000)),
    }
}

/// What begins a formula for a spreadsheet (OWASP, CSV Injection), and the full-width forms, which those of Japan and China take for
/// the same.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// A cell of a spreadsheet: shown text, in which nothing is left that a spreadsheet would take for a formula. It may part cells at
/// semicolons or tabs instead of commas, by its locale, and then quotation marks that were put around the whole hide nothing: so a
/// quote stands in front of every place where a cell could begin.
pub fn cell(text: &str) -> String {
    let mut cell = String::new();
    // At the start, behind a separator, and with blanks or quotation marks between.
    let mut begins = true;
    for c in plain(text).chars() {
        if begins && FORMULA.contains(&c) {
            cell.push('\'');
        }
        begins = matches!(c, ';' | ',' | '\t') || begins && (c.is_whitespace() || matches!(c, '"' | '\u{ff02}'));
        cell.push(c);
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_moves_the_cursor_or_turns_the_text_is_spelled_out() {
        assert_eq!(plain("a\u{1b}[31m\u{202e}xpsa.txt\r\n"), "a<U+001B>[31m<U+202E>xpsa.txt<U+000D><U+000A>");
        assert_eq!(plain("logön 日本 🐚"), "logön 日本 🐚");
        assert_eq!(plain("\u{9b}2J\u{200b}\u{feff}\u{e0041}"), "<U+009B>2J<U+200B><U+FEFF><U+E0041>");
    }

    #[test]
    fn formulas_become_text() {
        assert_eq!(cell("=cmd|'/c calc'!A1"), "'=cmd|'/c calc'!A1");
        assert_eq!(cell("\t=1"), "<U+0009>=1");
        assert_eq!(cell("C:\\x"), "C:\\x");
        assert_eq!(cell("a;=1;\"+2, -3|@x"), "a;'=1;\"'+2, '-3|@x");
        assert_eq!(cell("\u{ff1d}1 \u{ff20}x"), "'\u{ff1d}1 \u{ff20}x");
        assert_eq!(cell(" =1"), " '=1");
        assert_eq!(cell("C:\\a-b;c=d, e\\f+g@h"), "C:\\a-b;c=d, e\\f+g@h");
    }

    #[test]
    fn lines_break_at_spaces_and_long_words_stay_whole() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a C:\\a\\very\\long\\path b", 5), ["a", "C:\\a\\very\\long\\path", "b"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("\u{65e5}\u{672c} ab", 6), ["\u{65e5}\u{672c}", "ab"], "two columns each");
        assert_eq!(truncate("\u{65e5}\u{672c}\u{65e5}\u{672c}\u{65e5}", 9), "\u{65e5}\u{672c} ...");
        assert_eq!(
            wrap_paths(r"a C:\Program Files\Exchange Server\V15: no more", 12),
            ["a", r"C:\Program Files\Exchange Server\V15:", "no more"]
        );
        assert_eq!(shorten(r"was C:\Program Files\x\日本.aspx", 20), r"was ...\x\日本.aspx");
        assert_eq!(shorten(r"C:\aaaaaaaaaaaaaaaaaaaa.aspx", 14), r"...\aaaaaa ...");
        assert_eq!(shorten(r"C:\aaaaaaaaaaaaaaaaaaaa.aspx", 10), r"C:\aaa ...");
        // Two paths are never put together to one, and what follows a path stays what it is.
        let two = r"PhysicalPath=\\?\C:\Windows\applicationHost.config; NewValue=C:\ProgramData\COM1";
        assert_eq!(shorten(two, 60), r"PhysicalPath=...\applicationHost.config; NewValue=C:\Pro ...");
        let agent = r"C:\Program Files (x86)\Exchange Server\agents.config: an agent of C:\Users\Public\inert.dll";
        assert_eq!(shorten(agent, 44), r"...\agents.config: an agent of C:\Users\ ...");
        assert_eq!(shorten(agent, 80), r"...\Exchange Server\agents.config: an agent of C:\Users\Public\inert.dll");
        let link = r"a directory -> C:\ProgramData\COM1: needs a \\?\ path";
        assert_eq!(shorten(link, 45), r"a directory -> ...\COM1: needs a \\?\ path");
        assert_eq!(shorten(r"C:\inetpub\logo.asp;.jpg: a name", 26), r"...\logo.asp;.jpg: a name");
        assert_eq!(shorten_path(r"C:\inetpub\my page 3.aspx +2", 22), r"...\my page 3.aspx +2");
        assert_eq!((truncate("äöüäöüäöü", 8), truncate("short", 8)), ("äöüä ...".to_owned(), "short".to_owned()));
    }

    #[test]
    fn a_hash_is_whole_or_not_there() {
        let hash = "a3344973c2a2d349dd1f33ee9ac3240470d8f7ba4e51798e725e5b513de65110";
        let text = format!(r"...\x.aspx, SHA-256 {hash}, times");
        for width in 20..=text.len() {
            let cut = truncate(&text, width);
            assert!(cut.contains(hash) || cut.starts_with(r"...\x.aspx,") && !cut.contains("a3"), "{cut}");
        }
        assert_eq!(truncate(&text, 60), r"...\x.aspx, SHA-256 ...");
        assert_eq!(truncate(&"deadbeef".repeat(3), 20), "deadbeefdeadbeef ...", "too short for one");
    }

    #[test]
    fn times_have_milliseconds_and_nothing_else_is_touched() {
        for (text, short) in [
            ("since 2021-03-03T06:49:46.2100000Z (x)", "since 2021-03-03T06:49:46.210Z (x)"),
            (
                "2021-03-03T06:49:42.0000000Z to 2021-03-03T06:49:42.0001234Z",
                "2021-03-03T06:49:42Z to 2021-03-03T06:49:42Z",
            ),
            ("v1.0000000Z 2021-03-03T06:49.0000000Z", "v1.0000000Z 2021-03-03T06:49.0000000Z"),
            ("2021-03-03T06:49:42.123Z ü. 日.", "2021-03-03T06:49:42.123Z ü. 日."),
        ] {
            assert_eq!(short_times(text), short);
        }
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    proptest! {
        #[test]
        fn what_is_shortened_fits(text in "[a-c :;,.()\\\\日]{0,80}", width in 8_usize..60) {
            prop_assert!(shorten(&text, width).width() <= width.max(8), "{}", shorten(&text, width));
            prop_assert!(shorten_path(&text, width).width() <= width.max(8), "{}", shorten_path(&text, width));
        }

        #[test]
        fn nothing_gets_through(text in any::<String>()) {
            prop_assert!(plain(&text).chars().all(|c| !c.is_control() && is_printable(c)));
        }
    }
}
