//! Name-based identifiers (RFC 9562, version 5): the same thing has the same id in every output.

use sha1::{Digest, Sha1};

/// The namespace of STIX cyber-observable objects (STIX 2.1, section 2.9).
pub(super) const STIX_OBSERVABLES: [u8; 16] =
    [0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7];
/// The namespace of everything that this program names itself.
pub(super) const OWN: [u8; 16] =
    [0xe4, 0x2a, 0x7a, 0xc6, 0x97, 0x5d, 0x41, 0x91, 0xbb, 0xba, 0x54, 0x22, 0x42, 0x06, 0x6b, 0xc2];

/// The id of a name in a namespace.
pub(super) fn v5(namespace: [u8; 16], name: &str) -> String {
    let digest = Sha1::new().chain_update(namespace).chain_update(name).finalize();
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
    bytes[6] = (bytes[6] & 0x0f) | 0x50;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    let parts = [hex.get(..8), hex.get(8..12), hex.get(12..16), hex.get(16..20), hex.get(20..)];
    parts.map(Option::unwrap_or_default).join("-")
}

/// The id of what these parts identify, in the own namespace. Parts of the evidence cannot read like two.
pub(super) fn own(parts: &[&str]) -> String {
    let mut name = String::new();
    for part in parts {
        name += &format!("{}:{part}", part.len());
    }
    v5(OWN, &name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_the_standard() {
        // RFC 9562, appendix A.4.
        let dns = [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        assert_eq!(v5(dns, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
        assert_ne!(own(&["a", "bc"]), own(&["ab", "c"]));
        assert_ne!(own(&["1:a"]), own(&["", "a"]));
    }
}
