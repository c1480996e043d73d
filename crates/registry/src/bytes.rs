//! Text in bytes.

use shellsift_disk::numbers::units;

/// UTF-16LE as text, with U+FFFD for what is no text.
pub(crate) fn wide(bytes: &[u8]) -> String {
    char::decode_utf16(units(bytes)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
