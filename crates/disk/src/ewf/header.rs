//! The header sections: who acquired what, when, and with which program.

use crate::bytes::{plain, utc, utf16};
use crate::image::Fact;
use flate2::read::ZlibDecoder;
use std::io::Read;

/// The longest header section that is unpacked, and how much of it.
pub(super) const PACKED: usize = 1 << 20;
const UNPACKED: u64 = 1 << 20;

/// What the identifiers of a header mean.
const NAMES: &[(&str, &str)] = &[
    ("c", "case number"),
    ("n", "evidence number"),
    ("a", "description"),
    ("e", "examiner"),
    ("t", "notes"),
    ("md", "model of the medium"),
    ("sn", "serial number of the medium"),
    ("l", "label of the device"),
    ("av", "version of the acquiring program"),
    ("ov", "system of the acquiring program"),
    ("m", "acquired"),
    ("u", "clock of the acquiring system"),
];

/// The values of the first category. `is_wide`: UTF-16 (header2), or else bytes.
pub(super) fn facts(packed: &[u8], is_wide: bool) -> Vec<Fact> {
    let mut bytes = Vec::new();
    // What can be unpacked of a damaged header is still worth telling.
    let _ = ZlibDecoder::new(packed).take(UNPACKED).read_to_end(&mut bytes);
    let text = match (is_wide, bytes.strip_prefix(b"\xff\xfe"), bytes.strip_prefix(b"\xfe\xff")) {
        (true, Some(rest), _) => utf16(rest, false),
        (true, None, Some(rest)) => utf16(rest, true),
        (true, None, None) => utf16(&bytes, false),
        _ => String::from_utf8(bytes)
            .unwrap_or_else(|error| error.as_bytes().iter().map(|byte| char::from(*byte)).collect()),
    };
    let mut lines = text.lines().map(|line| line.trim_end_matches('\r')).skip_while(|line| *line != "main").skip(1);
    let (Some(keys), Some(values)) = (lines.next(), lines.next()) else { return Vec::new() };
    let pairs = keys.split('\t').zip(values.split('\t'));
    let facts = pairs.filter_map(|(key, value)| {
        let (_, name) = NAMES.iter().find(|(id, _)| *id == key.trim())?;
        let value = plain(value);
        (!value.is_empty()).then_some(Fact { name, value: if matches!(key, "m" | "u") { time(&value) } else { value } })
    });
    facts.collect()
}

/// A time as the header has it, "2002 3 4 10 19 59" in the zone of the acquiring system or seconds since 1970, made readable.
fn time(value: &str) -> String {
    let numbers: Vec<u32> = value.split(' ').map_while(|part| part.parse().ok()).collect();
    match *numbers {
        [year, month, day, hour, minute, second] => {
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} (local time)")
        }
        [seconds] if value.len() >= 9 => utc(u64::from(seconds)),
        _ => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).expect("packed");
        encoder.finish().expect("packed")
    }

    #[test]
    fn headers_name_who_acquired_what() {
        let text =
            b"1\r\nmain\r\nc\tn\ta\te\tt\tm\tzz\r\n7\t\tdisk 0\tM\xfcller\tno\x1bte\t2021 3 20 10 0 0\tx\r\n\r\n";
        let facts = facts(&packed(text), false);
        let parsed: Vec<_> = facts.iter().map(|fact| (fact.name, &*fact.value)).collect();
        let expected = [
            ("case number", "7"),
            ("description", "disk 0"),
            ("examiner", "M\u{fc}ller"),
            ("notes", "note"),
            ("acquired", "2021-03-20 10:00:00 (local time)"),
        ];
        assert_eq!(parsed, expected);
        let wide: Vec<u8> =
            "\u{feff}1\nmain\na\tm\nx\t1616234400\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let facts = super::facts(&packed(&wide), true);
        assert_eq!(facts[1].value, "2021-03-20 10:00:00 UTC");
        assert!(super::facts(b"no zlib", false).is_empty() && super::facts(&packed(b"main\n"), true).is_empty());
    }
}
