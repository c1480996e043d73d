//! Strings that are split in the source of a page and concatenated by its code.

/// The most that may lie between two pieces of a string.
const LONGEST: usize = 96;

/// Where the next piece of a string begins whose piece before, `before` characters long, ends at `at`: behind a quote, what
/// puts strings together in C#, JScript or Visual Basic, and another quote. Reads no further than [`LONGEST`].
///
/// `"..." + "..."`, `"..." & _` and a line end, `x += "..."`, `x = x & "..."`, `.Append("...")`, and, behind a piece of whole
/// groups of four, the comma of an array.
pub(super) fn next_piece(bytes: &[u8], at: usize, before: usize) -> Option<usize> {
    let quote = *bytes.get(at)?;
    if !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let rest = bytes.get(at + 1..)?;
    let rest = &rest[..rest.len().min(LONGEST)];
    let end = memchr::memchr2(b'"', b'\'', rest)?;
    let glue = &rest[..end];
    let is_glue = |byte: &u8| byte.is_ascii_alphanumeric() || b"_ \t\r\n.+&=;:(),@$".contains(byte);
    if !glue.iter().all(is_glue) {
        return None;
    }
    let joins = memchr::memchr2(b'+', b'&', glue).is_some() || memchr::memmem::find(glue, b"ppend(").is_some();
    let array = before >= 16 && before.is_multiple_of(4) && glue.trim_ascii() == b",";
    (joins || array).then_some(at + 1 + end + 1)
}

/// Where a string goes on whose line ends at `at`: behind a line end, written as such, as `\r\n` or behind a backslash, and
/// white space.
pub(super) fn next_line(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let rest = &rest[..rest.len().min(LONGEST)];
    let (mut length, mut ends) = (0, 0);
    loop {
        match rest.get(length..)? {
            [b'\n' | b'\r', ..] => (length, ends) = (length + 1, ends + 1),
            [b'\\', b'\n' | b'\r' | b'n' | b'r', ..] => (length, ends) = (length + 2, ends + 1),
            [b' ' | b'\t', ..] => length += 1,
            _ => break,
        }
    }
    (ends > 0).then_some(at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_found_behind_what_joins_them_and_not_behind_anything_else() {
        for glue in [
            r#"" + ""#,
            r#""+'"#,
            "\" & _\r\n   \"",
            "\";\nx += \"",
            "\"\nx = x & \"",
            r#"").Append(""#,
            "\" +\n @\"",
            r#"", ""#,
        ] {
            assert_eq!(next_piece(format!("{glue}QQ").as_bytes(), 0, 16), Some(glue.len()), "{glue}");
        }
        for glue in [r#"") ""#, r#"" < ""#, r#"+"a"#, "\" +", "", &format!("\"{}+\"", " ".repeat(LONGEST))] {
            assert_eq!(next_piece(glue.as_bytes(), 0, 16), None, "{glue}");
        }
        assert_eq!(next_piece(br#"","QQ"#, 0, 3), None);
        for (end, next) in [
            ("\n  Q", Some(3)),
            ("\\r\\nQ", Some(4)),
            (" \\\r\nQ", Some(4)),
            (" Q", None),
            ("Q", None),
            ("\n", Some(1)),
        ] {
            assert_eq!(next_line(end.as_bytes(), 0), next, "{end:?}");
        }
    }
}
