//! Is a decoded text plausible? Any long word decodes as base64, and any number as hex: what comes out must look like
//! text or a program.

use super::inflate;

/// How many decoded bytes are judged.
pub(super) const HEAD: usize = 48;
/// The fewest decoded bytes that can be judged, unless they are text to the last one.
pub(super) const SHORTEST: usize = 17;
/// How many decoded bytes are judged where they may be compressed: what says how a stream is packed can be long.
pub(super) const PACKED_HEAD: usize = 768;

/// Whether the first bytes of something are those of a text, plain or UTF-16, or of a Windows program.
pub(super) fn is_plain(head: &[u8]) -> bool {
    is_text(head) || is_wide(head) || is_program(head)
}

/// Whether the first bytes of something, up to [`PACKED_HEAD`], are those of a compressed text or program.
pub(super) fn is_packed(head: &[u8]) -> bool {
    let mut out = [0; 64];
    let filled = inflate::peek(head, &mut out);
    let out = &out[..filled];
    filled >= SHORTEST && is_plain(out) && is_varied(out)
}

/// Not the same few bytes over and over, which inflate from the same few bytes that fill a gap in a binary.
fn is_varied(bytes: &[u8]) -> bool {
    let mut seen = [false; 256];
    bytes.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    seen.iter().filter(|seen| **seen).count() >= 6
}

/// Whether something short begins as gzip or zlib do; bare deflate is recognised by what it holds, which needs more.
pub(super) fn is_marked_packed(head: &[u8]) -> bool {
    head.starts_with(b"\x1F\x8B\x08") || matches!(head, [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..])
}

/// No control characters, and either mostly ASCII or all UTF-8.
pub(super) fn is_text(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let control = |byte: &u8| *byte < 0x20 && !is_space(*byte);
    if head.is_empty() || head.iter().any(control) {
        return false;
    }
    let plain = head.iter().filter(|byte| byte.is_ascii()).count();
    plain * 10 >= head.len() * 7 || is_utf8(head)
}

/// Printable ASCII and white space alone.
pub(super) fn is_ascii_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| (0x20..0x7F).contains(byte) || is_space(*byte))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C)
}

/// UTF-8, up to a character that is cut off by the end.
fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// UTF-16 in either order with a mark, or in a Latin script.
fn is_wide(head: &[u8]) -> bool {
    let of = |zero_at: usize| {
        let pairs = head.len() / 2;
        let fits =
            head.chunks_exact(2).filter(|pair| pair[zero_at] == 0 && is_ascii_text(&[pair[1 - zero_at]])).count();
        pairs >= 4 && fits * 2 >= pairs
    };
    let body = head.strip_prefix(b"\xFF\xFE").or(head.strip_prefix(b"\xFE\xFF")).unwrap_or(head);
    let marked = body.len() < head.len();
    of(0) || of(1) || marked && body.len() >= 8 && body.chunks_exact(2).filter(|pair| pair.contains(&0)).count() >= 2
}

/// `MZ` and the first field of a DOS header, how much of its last page is used: below 512.
fn is_program(head: &[u8]) -> bool {
    matches!(head, [b'M', b'Z', _, 0 | 1, _, 0, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_programs_are_plausible_and_noise_is_not() {
        for text in
            [&b"<%@ Page Language=\"C#\" %>"[..], b"e\0v\0a\0l\0(\0x\0)\0;\0a\0", "\u{feff}日本語のテキスト".as_bytes()]
        {
            assert!(is_plain(text), "{text:?}");
        }
        assert!(is_plain(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0"));
        for noise in
            [&b""[..], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"GIF89a\x01\0\x01\0\x80\0", b"MZ\xff\xff\xff\xff", &[0; 40]]
        {
            assert!(!is_plain(noise), "{noise:?}");
        }
    }
}
