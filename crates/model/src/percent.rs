//! Percent-encoding, as lenient as its readers are: what is no pair of digits stays as it is.

/// What counts as encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escapes {
    /// `%41`, as in a URI.
    Bytes,
    /// The same and `%u0041`, as IIS, ASP and `unescape` of JavaScript read it.
    BytesAndUnits,
}

/// One layer of encoding less; `None` where there is none. What `%u` names and is no character becomes U+FFFD.
pub fn decode(text: &[u8], escapes: Escapes) -> Option<Vec<u8>> {
    let first = memchr::memchr(b'%', text)?;
    let (head, mut rest) = text.split_at(first);
    let mut out = Vec::with_capacity(text.len());
    out.extend_from_slice(head);
    let mut any = false;
    while let Some((&byte, more)) = rest.split_first() {
        let (wide, digits) = match more {
            [b'u' | b'U', digits @ ..] if escapes == Escapes::BytesAndUnits => (true, digits.get(..4)),
            digits => (false, digits.get(..2)),
        };
        match digits.filter(|_| byte == b'%').and_then(number) {
            Some(code) if wide => {
                let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[6..];
                any = true;
            }
            Some(code) => {
                out.push(code as u8);
                rest = &rest[3..];
                any = true;
            }
            None => {
                out.push(byte);
                rest = more;
            }
        }
    }
    any.then_some(out)
}

/// The same for text; bytes that are no UTF-8 become U+FFFD.
pub fn decode_text(text: &str, escapes: Escapes) -> Option<String> {
    decode(text.as_bytes(), escapes).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_units_are_decoded_and_everything_else_stays() {
        for (text, bytes, units) in [
            ("a%20b", Some("a b"), Some("a b")),
            ("%u0041", None, Some("A")),
            ("%uD800x", None, Some("\u{fffd}x")),
            ("%u004", None, None),
            ("%+f%-1%4", None, None),
            ("100%", None, None),
            ("%%41", Some("%A"), Some("%A")),
            ("%2541", Some("%41"), Some("%41")),
            ("%c3%BC", Some("ü"), Some("ü")),
            ("", None, None),
        ] {
            assert_eq!(decode_text(text, Escapes::Bytes).as_deref(), bytes, "{text}");
            assert_eq!(decode_text(text, Escapes::BytesAndUnits).as_deref(), units, "{text}");
        }
        assert_eq!(decode(b"%ff", Escapes::Bytes), Some(vec![0xFF]));
    }
}
