//! Non-ASCII whitespace and line ends, as the compilers of server code treat them.
//!
//! ASP.NET finds its tags and blocks with regular expressions, whose `\s` is `Char.IsWhiteSpace`: U+0009 to U+000D, U+0020, U+0085, U+00A0
//! and the categories Zs, Zl and Zp, to which .NET Framework counts U+180E as well. C# (ECMA-334, 6.3.2 and 6.3.4) has the blanks
//! of Zs and ends lines at U+0085, U+2028 and U+2029; Visual Basic (language specification, 1.2.1 and 1.2.2) ends them at U+2028
//! and U+2029, its compilers at U+0085 as well; JScript (ECMA-262, third edition, 7.2 and 7.3) has the blanks of Zs and ends lines
//! at U+2028 and U+2029. VBScript ends lines at CR, LF and colons alone.

use super::structure::Language;

/// A character outside ASCII that shows nothing, and how many bytes it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wide {
    pub(super) character: char,
    pub(super) length: usize,
}

/// The blank or line end outside ASCII that a text begins with: in UTF-8, or as a single byte of a Latin code page. In code
/// pages of two bytes those stand for the first half of a character, and another byte outside ASCII follows.
pub(super) fn wide(text: &[u8]) -> Option<Wide> {
    let wide = |character, length| Some(Wide { character, length });
    match *text {
        [0xC2, 0x85, ..] => wide('\u{85}', 2),
        [0xC2, 0xA0, ..] => wide('\u{A0}', 2),
        [0xE1, 0x9A, 0x80, ..] => wide('\u{1680}', 3),
        [0xE1, 0xA0, 0x8E, ..] => wide('\u{180E}', 3),
        [0xE2, 0x80, last @ (0x80..=0x8A | 0xA8 | 0xA9 | 0xAF), ..] => {
            wide(char::from_u32(0x2000 + u32::from(last - 0x80)).unwrap_or(' '), 3)
        }
        [0xE2, 0x81, 0x9F, ..] => wide('\u{205F}', 3),
        [0xE3, 0x80, 0x80, ..] => wide('\u{3000}', 3),
        [byte @ (0x85 | 0xA0), ref rest @ ..] => {
            let next = rest.iter().find(|byte| !matches!(byte, 0x85 | 0xA0));
            next.is_none_or(u8::is_ascii).then_some(Wide { character: char::from(byte), length: 1 })
        }
        _ => None,
    }
}

impl Wide {
    /// Whether a line ends here for a language.
    pub(super) fn ends_line(self, language: Language) -> bool {
        match self.character {
            '\u{85}' => matches!(language, Language::CSharp | Language::VisualBasic),
            '\u{2028}' | '\u{2029}' => {
                matches!(language, Language::CSharp | Language::VisualBasic | Language::JScript)
            }
            _ => false,
        }
    }

    /// Whether one edition of Unicode takes it for a blank and another for a character that stands for nothing: U+180E was
    /// Zs up to 6.2 and is Cf since 6.3, and so some compilers put together what others part.
    pub(super) fn is_doubtful(self) -> bool {
        self.character == '\u{180E}'
    }
}

/// Bytes that can begin such a character, and those of control; line ends and blanks stay what they are.
const ODD: [bool; 256] = {
    let mut odd = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        odd[byte] = match byte as u8 {
            b'\t' | b'\n' | b'\r' | 0x0C => false,
            0..0x20 | 0x85 | 0xA0 | 0xC2 | 0xE1..=0xE3 => true,
            _ => false,
        };
        byte += 1;
    }
    odd
};

/// The text with a plain blank for every byte of such a character, and for the characters of control that no reader of markup
/// minds, as long as before; `None` if there is none of them.
pub(super) fn plain(text: &[u8]) -> Option<Vec<u8>> {
    let mut plain: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(skipped) = text.get(at..).and_then(|rest| rest.iter().position(|&byte| ODD[usize::from(byte)])) {
        at += skipped;
        let after_wide = at > 0 && text[at - 1] >= 0x80 && plain.as_ref().is_none_or(|plain| plain[at - 1] != b' ');
        let length = match text[at] {
            0..0x20 => 1,
            0x85 | 0xA0 if after_wide => 0,
            _ => wide(&text[at..]).map_or(0, |wide| wide.length),
        };
        if length > 0 {
            plain.get_or_insert_with(|| text.to_vec())[at..at + length].fill(b' ');
        }
        at += length.max(1);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_line_ends() {
        let ends = |c: char, language| {
            let mut bytes = [0; 4];
            wide(c.encode_utf8(&mut bytes).as_bytes()).is_some_and(|wide| wide.ends_line(language))
        };
        for (c, sharp, basic, script) in
            [('\u{85}', true, true, false), ('\u{2028}', true, true, true), ('\u{2029}', true, true, true)]
        {
            assert_eq!(ends(c, Language::CSharp), sharp);
            assert_eq!(ends(c, Language::VisualBasic), basic);
            assert_eq!(ends(c, Language::JScript), script);
            assert!(!ends(c, Language::VbScript) && !ends(c, Language::Php));
        }
        assert!(!ends('\u{A0}', Language::CSharp) && !ends('\u{3000}', Language::CSharp));
    }

    #[test]
    fn blanks_of_any_width_become_plain_ones_and_letters_stay() {
        for c in "\u{85}\u{A0}\u{1680}\u{180E}\u{2000}\u{2007}\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{B}\0"
            .chars()
        {
            let text = format!("<%{c}@{c}Page%>");
            let plain = plain(text.as_bytes()).unwrap();
            assert_eq!(plain.len(), text.len());
            assert!(plain.iter().all(u8::is_ascii_graphic) || plain.contains(&b' '), "{c:?}");
            assert!(!plain.iter().any(|b| *b >= 0x80 || *b < b' '), "{c:?}");
        }
        assert_eq!(plain(b"a\xA0b\x85\xA0c").unwrap(), b"a b  c");
        for text in [&b"plain\t\r\n"[..], "Übermut 变量 \u{200B}".as_bytes(), b"\xB1\xE4\xA0\xC1", b"\x85\xE4"] {
            assert_eq!(plain(text), None, "{text:?}");
        }
    }
}
