//! How NTFS compares names: without case, by the table of the volume.

/// Folds case as a Windows volume does when it compares names: character by character, never changing their number, and two texts
/// are equal afterwards if and only if they are to NTFS.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().map(fold_char).collect()
}

/// The lower case of what `$UpCase` makes of a character, where that leads back to the same; else what it makes of it.
fn fold_char(c: char) -> char {
    let upper = upper_case(c);
    let mut lower = upper.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) if upper_case(one) == upper => one,
        _ => upper,
    }
}

/// What the table `$UpCase` of an NTFS volume has for a character (as Windows Vista and later write it; mkntfs has it in
/// libntfs-3g/unistr.c): one UTF-16 unit for one. It is the simple upper case of Unicode, but for characters that would
/// become ASCII or another letter's (the Kelvin sign, the dotless i and the long s stay what they are), and for what Unicode
/// got later.
fn upper_case(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    let stays = match u32::from(c) {
        // The micro sign, dotless i, long s; capital letters in front of small ones; Greek and Coptic forms of letters.
        0xB5 | 0x131 | 0x17F | 0x1C5 | 0x1C8 | 0x1CB | 0x1F2 | 0x345 => true,
        0x3D0 | 0x3D1 | 0x3D5..=0x3D7 | 0x3F0 | 0x3F1 | 0x3F3 | 0x3F5 | 0x1E9B | 0x1FBE => true,
        0x10D0..=0x10FF | 0x13F8..=0x13FD | 0x1C80..=0x1C8F | 0xA640..=0xABFF => true,
        0x10000.. => true, // names are compared by units
        _ => false,
    };
    if stays {
        return c;
    }
    // Unicode writes these with two letters; the table has the one.
    let one = match u32::from(c) {
        code @ (0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7) => char::from_u32(code + 8),
        code @ (0x1FB3 | 0x1FC3 | 0x1FF3) => char::from_u32(code + 9),
        _ => None,
    };
    if let Some(one) = one {
        return one;
    }
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) if !one.is_ascii() && u32::from(one) <= 0xFFFF => one,
        _ => c, // one to many: the table has no such pair
    }
}

/// Whether two names are one name to Windows.
pub fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
        || (!(a.is_ascii() && b.is_ascii()) && a.chars().map(fold_char).eq(b.chars().map(fold_char)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_is_folded_as_ntfs_does_it() {
        for (a, b) in [
            ("É", "é"),
            ("ÿ", "Ÿ"),
            ("ς", "Σ"),
            ("ς", "σ"),
            ("ж", "Ж"),
            ("ａ", "Ａ"),
            ("ᾳ", "ᾼ"),
            ("ⅷ", "Ⅷ"),
            ("ǆ", "Ǆ"),
        ] {
            assert!(same_name(a, b) && fold(a) == fold(b), "{a} {b}");
        }
        // Kelvin, dotless and dotted i, long s, sharp s, Angstrom, Ohm, micro, a letter beyond the first 65,536.
        for (a, b) in [
            ("\u{212a}", "k"),
            ("\u{131}", "i"),
            ("\u{130}", "i"),
            ("\u{17f}", "s"),
            ("ß", "ẞ"),
            ("\u{212b}", "å"),
            ("\u{2126}", "ω"),
            ("\u{b5}", "μ"),
            ("\u{10428}", "\u{10400}"),
            ("\u{1c5}", "\u{1c4}"),
        ] {
            assert!(!same_name(a, b) && fold(a) != fold(b), "{a} {b}");
        }
        for code in 0..=0xFFFF {
            let Some(c) = char::from_u32(code) else { continue };
            let upper = upper_case(c);
            assert_eq!(upper_case(upper), upper, "{code:x}");
            assert_eq!(fold_char(fold_char(c)), fold_char(c), "{code:x}");
            assert_eq!(fold_char(upper), fold_char(c), "{code:x}");
            assert!(c.is_ascii() || !fold_char(c).is_ascii(), "{code:x}");
        }
    }

    proptest! {
        #[test]
        fn folding_keeps_the_number_of_characters(text in "\\PC{0,40}") {
            prop_assert_eq!(fold(&text).chars().count(), text.chars().count());
            prop_assert!(same_name(&text, &fold(&text)));
        }
    }
}
