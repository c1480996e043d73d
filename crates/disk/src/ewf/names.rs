//! The names of segments: .E01 to .E99, .EAA to .EZZ, .FAA to .ZZZ; of SMART .s01 and on.

/// The name of segment `number` (from 1 on), after the name of any segment; `None` behind the last possible, or where the name is not of
/// this form.
pub(crate) fn segment(name: &str, number: u32) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let mut letters = extension.chars();
    let first = letters.next().filter(char::is_ascii_alphabetic)?;
    if extension.len() != 3 || !letters.all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let series = if first.eq_ignore_ascii_case(&'s') { b'S' } else { b'E' };
    let text = match number {
        0 => return None,
        1..=99 => format!("{}{number:02}", char::from(series)),
        _ => {
            let rest = number - 100;
            let letter = |number: u32| u8::try_from(number).ok().map(|number| char::from(b'A' + number));
            let first = u8::try_from(rest / 676)
                .ok()
                .and_then(|ahead| series.checked_add(ahead))
                .filter(|first| *first <= b'Z')?;
            format!("{}{}{}", char::from(first), letter(rest / 26 % 26)?, letter(rest % 26)?)
        }
    };
    let is_lower = first.is_ascii_lowercase();
    Some(format!("{stem}.{}", if is_lower { text.to_ascii_lowercase() } else { text }))
}

#[cfg(test)]
mod tests {
    use super::segment;

    #[test]
    fn segments_are_called_past_the_ninety_ninth() {
        let name = |number| segment("a.b.E01", number);
        for (number, expected) in [
            (1, "E01"),
            (99, "E99"),
            (100, "EAA"),
            (125, "EAZ"),
            (126, "EBA"),
            (775, "EZZ"),
            (776, "FAA"),
            (14_971, "ZZZ"),
        ] {
            assert_eq!(name(number), Some(format!("a.b.{expected}")), "{number}");
        }
        assert_eq!((name(0), name(14_972)), (None, None));
        assert_eq!(segment("x.s01", 100).as_deref(), Some("x.saa"));
        assert_eq!(segment("x.e07", 1).as_deref(), Some("x.e01"));
        assert_eq!((segment("x", 2), segment("x.dd", 2), segment("x.001", 2)), (None, None, None));
    }
}
