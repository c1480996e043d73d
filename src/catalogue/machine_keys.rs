//! Publicly disclosed ASP.NET machine keys, by digest: `signatures/web/machine_keys.csv`.

use sha2::{Digest, Sha256};

/// The first bytes of the digests, sorted.
static HEADS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/machine_keys.bin"));
/// How many bytes of a digest are kept.
const HEAD: usize = 8;

/// Whether the text of a `validationKey` or `decryptionKey` is a key that anybody can look up. Case and blanks do not count, and
/// what stands behind a comma (`,IsolateApps`) is no part of the key.
pub fn is_disclosed(written: &str) -> bool {
    let key = written.split(',').next().unwrap_or_default();
    // A key has at most 128 digits; what is longer by far is none.
    if key.len() > 4096 {
        return false;
    }
    let key: String = key.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    if key.is_empty() || key == "AUTOGENERATE" {
        return false;
    }
    let digest = Sha256::digest(key.as_bytes());
    let (heads, _) = HEADS.as_chunks::<HEAD>();
    heads.binary_search_by(|head| head.as_slice().cmp(&digest[..HEAD])).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key that every Exchange server had until 2020, which is in every list; encoded, since scanners look for it.
    fn shared() -> String {
        use base64::Engine;
        let key = base64::engine::general_purpose::STANDARD
            .decode("Q0IyNzIxQUJEQUY4RTlEQzUxNkQ2MjFEOEI4QkYxM0EyQzlFODY4OUEyNTMwM0JG")
            .expect("base64");
        String::from_utf8(key).expect("digits")
    }

    #[test]
    fn a_disclosed_key_is_known_however_it_is_written() {
        let key = shared();
        let (head, tail) = key.split_at(7);
        for written in [
            key.clone(),
            key.to_lowercase(),
            format!("  {key},IsolateApps"),
            format!("{head}\n\t {tail} , IsolateApps"),
        ] {
            assert!(is_disclosed(&written), "{written}");
        }
    }

    #[test]
    fn generated_missing_and_own_keys_are_not_known() {
        let own = "9".repeat(1 << 20);
        for written in [
            "",
            " ",
            "AutoGenerate",
            "AutoGenerate,IsolateApps",
            ",IsolateApps",
            "00112233445566778899AABBCCDDEEFF",
            &own,
        ] {
            assert!(!is_disclosed(written), "{}", &written[..written.len().min(40)]);
        }
    }

    #[test]
    fn every_digest_of_the_table_is_there() {
        let table = include_str!("../../signatures/web/machine_keys.csv");
        let cells = table.lines().skip(1).flat_map(|line| line.split(',')).map(str::trim);
        let heads: std::collections::BTreeSet<&str> = cells.filter_map(|cell| cell.get(..2 * HEAD)).collect();
        assert!(heads.len() > 1_000);
        assert_eq!(HEADS.len(), heads.len() * HEAD);
    }
}
