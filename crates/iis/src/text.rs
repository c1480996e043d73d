//! The text of a configuration file, as XML parsers decode it: by byte order mark, by the encoding of `<` in the first
//! bytes, or by the declared encoding (XML 1.0, appendix F; .NET does the same in `XmlTextReader`, IIS in `msxml6` and
//! `xmllite`).

use encoding_rs::{Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE};

/// Where a declaration has to stand: XML readers look at the very start alone.
const DECLARATION: usize = 1_024;
/// After how many bytes the position in the file is noted again.
const STEP: usize = 4_096;

/// Decoded text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text, without a byte order mark.
    pub text: String,
    /// Why the text may be another one to the server.
    pub uncertainty: Option<String>,
    /// Places in the text, and the same places in the file.
    places: Vec<(usize, usize)>,
    /// Bytes that one character of ASCII takes in the file.
    unit: usize,
}

impl Text {
    /// Decodes a file.
    pub fn of(bytes: &[u8]) -> Self {
        let wide = |big: bool, skip: usize| utf32(&bytes[skip..], big, skip);
        match bytes {
            [0xFF, 0xFE, 0, 0, ..] => return wide(false, 4),
            [0, 0, 0xFE, 0xFF, ..] => return wide(true, 4),
            [b'<', 0, 0, 0, ..] => return wide(false, 0),
            [0, 0, 0, b'<', ..] => return wide(true, 0),
            [0xFF, 0xFE, ..] => return decoded(bytes, 2, UTF_16LE, 2, None),
            [0xFE, 0xFF, ..] => return decoded(bytes, 2, UTF_16BE, 2, None),
            // White space may come before the root where nothing is declared.
            [b'<' | b' ' | b'\r' | b'\n' | b'\t', 0, ..] => return decoded(bytes, 0, UTF_16LE, 2, None),
            [0, b'<' | b' ' | b'\r' | b'\n' | b'\t', ..] => return decoded(bytes, 0, UTF_16BE, 2, None),
            _ => {}
        }
        let (start, marked) = if bytes.starts_with(b"\xEF\xBB\xBF") { (3, true) } else { (0, false) };
        let Some(label) = declared(&bytes[start..]) else {
            let uncertainty = match bytes {
                // EBCDIC, and UTF-7 by its own mark: no reader of .NET's takes the first, and nobody should take the second.
                [0x4C, 0x6F, 0xA7, 0x94, ..] => Some("is encoded in EBCDIC and was not decoded"),
                [b'+', b'/', b'v', ..] => Some("is encoded in UTF-7 and was not decoded"),
                _ => None,
            };
            return decoded(bytes, start, UTF_8, 1, uncertainty.map(str::to_owned));
        };
        let unknown = || {
            format!("declares the encoding \"{label}\", which was not decoded: its meaning to the server is unknown")
        };
        match Encoding::for_label_no_replacement(label.as_bytes()) {
            None => decoded(bytes, start, UTF_8, 1, Some(unknown())),
            // One byte a character, or the text would have begun otherwise: readers refuse it, or take what the bytes say.
            Some(known) if known == UTF_16LE || known == UTF_16BE || known == UTF_8 => {
                decoded(bytes, start, UTF_8, 1, None)
            }
            Some(known) if marked && !known.is_single_byte() => {
                let uncertainty =
                    format!("starts as UTF-8 but declares the encoding \"{label}\": parsers disagree on which to use");
                decoded(bytes, start, UTF_8, 1, Some(uncertainty))
            }
            // An editor's mark before an old declaration: in both readings the elements are the same.
            Some(_) if marked => decoded(bytes, start, UTF_8, 1, None),
            Some(known) if known == REPLACEMENT || known == encoding_rs::X_USER_DEFINED => {
                decoded(bytes, start, UTF_8, 1, Some(unknown()))
            }
            Some(known) => decoded(bytes, start, known, 1, None),
        }
    }

    /// A place of the text in the file.
    pub fn stored(&self, at: usize) -> usize {
        let known = self.places.partition_point(|(text, _)| *text <= at).saturating_sub(1);
        let Some((text, file)) = self.places.get(known).copied() else { return at };
        let between = self.text.get(text..at).map_or(at - text.min(at), |part| match self.unit {
            // Where the file is UTF-8 a byte is a byte; `?` stands for each that is no text.
            0 => part.len(),
            unit => part.chars().count() * unit,
        });
        let end = self.places.get(known + 1).map_or(usize::MAX, |(_, file)| *file);
        (file + between).min(end)
    }
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = &bytes[..bytes.len().min(DECLARATION)];
    let rest = head.strip_prefix(b"<?xml")?;
    let end = memchr::memmem::find(rest, b"?>").unwrap_or(rest.len());
    let text = String::from_utf8_lossy(&rest[..end]).into_owned();
    let after = text.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let label = after[1..].split(quote).next()?.trim();
    let short: String = label.chars().take(40).collect();
    (!short.is_empty()).then_some(short)
}

fn decoded(bytes: &[u8], start: usize, encoding: &'static Encoding, unit: usize, uncertainty: Option<String>) -> Text {
    let mut text = Text { uncertainty, unit, ..Text::default() };
    if encoding == UTF_8 {
        text.unit = 0;
        text.places.push((0, start));
        for chunk in bytes[start..].utf8_chunks() {
            text.text.push_str(chunk.valid());
            // One character of one byte each, so that positions stay what they are.
            text.text.extend(chunk.invalid().iter().map(|_| '?'));
        }
        return text;
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut at = start;
    loop {
        text.places.push((text.text.len(), at));
        let part = &bytes[at..bytes.len().min(at + STEP)];
        let last = at + part.len() == bytes.len();
        text.text.reserve(decoder.max_utf8_buffer_length(part.len()).unwrap_or(part.len() * 3));
        // The buffer is as large as it asks for, so the whole part is taken.
        let (_, read, _) = decoder.decode_to_string(part, &mut text.text, last);
        at += read;
        if last || read == 0 {
            return text;
        }
    }
}

fn utf32(bytes: &[u8], big: bool, skip: usize) -> Text {
    let mut text = Text { unit: 4, places: vec![(0, skip)], ..Text::default() };
    text.text.extend(bytes.chunks(4).map(|four| {
        let Ok(four) = <[u8; 4]>::try_from(four) else { return char::REPLACEMENT_CHARACTER };
        let value = if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) };
        char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
    }));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii(label: &str) -> String {
        format!("<?xml version=\"1.0\" encoding='{label}'?><a b='x'/>")
    }

    #[test]
    fn every_encoding_that_is_declared_or_seen_is_decoded() {
        let plain = "<?xml version=\"1.0\"?><a b='ü'/>";
        let utf16 = |big: bool| -> Vec<u8> {
            plain.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        let utf32 = |big: bool| -> Vec<u8> {
            plain.chars().flat_map(|c| if big { (c as u32).to_be_bytes() } else { (c as u32).to_le_bytes() }).collect()
        };
        let with = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
        for bytes in [
            plain.as_bytes().to_vec(),
            with(b"\xEF\xBB\xBF", plain.as_bytes().to_vec()),
            utf16(false),
            utf16(true),
            with(&[0xFF, 0xFE], utf16(false)),
            with(&[0xFE, 0xFF], utf16(true)),
            utf32(false),
            utf32(true),
            with(&[0xFF, 0xFE, 0, 0], utf32(false)),
            with(&[0, 0, 0xFE, 0xFF], utf32(true)),
        ] {
            let text = Text::of(&bytes);
            assert_eq!((text.text.as_str(), text.uncertainty.as_deref()), (plain, None), "{bytes:?}");
            let unit = bytes.len() / plain.len();
            let at = text.text.find("<a").expect("there");
            assert!(bytes[text.stored(at)..].iter().take(4).any(|byte| *byte == b'<'), "{unit}");
        }
        for (label, byte, letter) in
            [("windows-1252", 0xFC, 'ü'), ("ISO-8859-1", 0xFC, 'ü'), ("ibm866", 0x80, 'А'), ("windows-1251", 0xC0, 'А')]
        {
            let mut bytes = ascii(label).into_bytes();
            let at = bytes.iter().position(|byte| *byte == b'x').map(|_| bytes.len() - 4).expect("there");
            bytes[at] = byte;
            let text = Text::of(&bytes);
            assert!(text.text.contains(&format!("b='{letter}'")) && text.uncertainty.is_none(), "{label}: {text:?}");
            let end = text.text.find("/>").expect("there");
            assert_eq!(&bytes[text.stored(end)..], b"/>", "{label}");
        }
    }

    #[test]
    fn what_cannot_be_decoded_is_reported() {
        for label in ["utf-7", "IBM037", "iso-2022-kr", "x-nobody", "hz-gb-2312"] {
            assert!(
                Text::of(ascii(label).as_bytes()).uncertainty.is_some_and(|words| words.contains(label)),
                "{label}"
            );
        }
        for label in ["utf-8", "UTF-16", "us-ascii", "gb2312", "shift_jis"] {
            assert_eq!(Text::of(ascii(label).as_bytes()).uncertainty, None, "{label}");
        }
        assert!(Text::of(&[0x4C, 0x6F, 0xA7, 0x94, 0x93]).uncertainty.is_some());
        assert!(Text::of(b"+/v8-+ADw-a/+AD4-").uncertainty.is_some());
        let marked = [b"\xEF\xBB\xBF".as_slice(), ascii("iso-2022-jp").as_bytes()].concat();
        assert!(Text::of(&marked).uncertainty.is_some());
        assert_eq!(Text::of(&[]).text, "");
    }

    #[test]
    fn text_that_shifts_is_read_as_the_reader_shifts_it() {
        // In ISO-2022-JP the bytes between the shifts are no markup, whatever they look like.
        let mut bytes = ascii("iso-2022-jp").into_bytes();
        let at = bytes.len() - 4;
        bytes.splice(at..=at, *b"\x1B$B<\"\x1B(B");
        let text = Text::of(&bytes);
        assert_eq!(text.text.matches('<').count(), 2, "{}", text.text);
    }
}
