//! 8.3 short names that Windows creates for long names, as far as they can be derived without the directory.
//!
//! RtlGenerate8dot3Name: blanks and all dots but the last go, what FAT has not becomes `_`, six characters stay, then `~` and a
//! number; from the fifth of a kind on two characters, four hexadecimal digits and `~` with a number (Microsoft, "Naming Files,
//! Paths, and Namespaces"; KB142982).

use crate::model::server_path::fold;

/// Whether a name can be a short one.
pub(super) fn may_be(name: &str) -> bool {
    let (base, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let plain = |text: &str| !text.contains([' ', '.', ':']);
    (1..=8).contains(&base.chars().count()) && extension.chars().count() <= 3 && plain(base) && plain(extension)
}

/// Whether `short`, which has a `~`, can be the short name of `long`.
pub(super) fn fits(long: &str, short: &str) -> bool {
    let (base, extension) = parts(long);
    let short = fold(short);
    let (short_base, short_extension) = short.rsplit_once('.').unwrap_or((&short, ""));
    let Some((head, number)) = short_base.rsplit_once('~') else { return false };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let same_extension = extension.chars().take(3).eq(short_extension.chars());
    // `LO1A2B~5`: the digits are a sum over the long name.
    let digits = head.len().checked_sub(4).filter(|at| *at <= 2 && head.is_char_boundary(*at));
    let summed = digits
        .is_some_and(|at| head[at..].bytes().all(|byte| byte.is_ascii_hexdigit()) && base.starts_with(&head[..at]));
    same_extension && (base.starts_with(head) || summed)
}

/// The base and the extension that a short name is made of.
fn parts(long: &str) -> (String, String) {
    let long = fold(long);
    let trimmed = long.trim_start_matches(['.', ' ']);
    let (base, extension) = trimmed.rsplit_once('.').unwrap_or((trimmed, ""));
    let clean = |text: &str| {
        let kept = text.chars().filter(|c| !matches!(c, '.' | ' '));
        kept.map(|c| if matches!(c, '+' | ',' | ';' | '=' | '[' | ']') { '_' } else { c }).collect::<String>()
    };
    (clean(base), clean(extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_fit_the_long_ones_that_they_are_made_of() {
        for (long, short) in [
            ("Program Files", "PROGRA~1"),
            ("Program Files (x86)", "progra~2"),
            ("ProgramData", "PROGRA~3"),
            ("Common Files", "COMMON~1"),
            ("aspnet_client", "ASPNET~1"),
            ("a.b.c.aspx", "ABC~1.ASP"),
            (".hidden files", "HIDDEN~1"),
            ("web[1]+x", "WEB_1_~1"),
            ("longfilename", "LO1A2B~5"),
            ("Programme", "PROGR~12"),
        ] {
            assert!(may_be(short) && fits(long, short), "{long} {short}");
        }
        for (long, short) in [
            ("Program Files", "PROGRA~X"),
            ("Windows", "PROGRA~1"),
            ("x.aspx", "X~1.HTM"),
            ("Program Files", "PROGRAM"),
            ("é", "~"),
        ] {
            assert!(!fits(long, short), "{long} {short}");
        }
        assert!(!may_be("Program Files") && !may_be("") && !may_be("a.aspx") && may_be("INETPUB"));
    }
}
