//! Strong names: the signature of an assembly with its publisher's key.
//!
//! What is signed (ECMA-335, II.6.3; tried on 386 real assemblies): the headers up to the end of the section
//! table with the checksum and the directory of certificates set to zero, then the stored bytes of each section without the
//! signature. Layouts of keys: Microsoft, "PUBLICKEYBLOB", and the public-key blob of ECMA-335, II.6.2.1.3. Numbers in them
//! begin with the least significant byte.

use super::rsa_signature::Algorithm;
use rsa::{BoxedUint, PublicKey};
use sha1::{Digest, Sha1};
use shellsift_pe::bytes::Bytes;
use shellsift_pe::cil::StrongName;
use shellsift_pe::headers::Headers;
use std::ops::Range;

/// The token by which others refer to a key: the last eight bytes of its SHA-1, turned round.
pub fn token(public_key: &[u8]) -> [u8; 8] {
    let digest = Sha1::digest(public_key);
    std::array::from_fn(|at| digest[digest.len() - 1 - at])
}

/// The public-key blob: two algorithms and a length, then the key as CryptoAPI has it.
const KEY: usize = 12;
/// Where the modulus begins: a head of eight bytes, a magic word, the number of bits, the exponent.
const MODULUS: usize = KEY + 20;

/// Verifies the strong name; the error says why it does not hold. Every byte of the file is then signed, or zero, or part of the signatures.
///
/// The key that ECMA has standardised is no key by itself and cannot be verified here; nor can files that name another key
/// beside the one of their identity.
pub fn verify(file: &[u8], name: &StrongName<'_>) -> Result<(), &'static str> {
    let (algorithm, key) = key_of(name.public_key).ok_or("its public key format is not supported")?;
    let signature = file.get(name.signature.clone()).ok_or("its signature is not inside the file")?;
    if signature.iter().all(|&byte| byte == 0) {
        return Err("it is delay-signed: the signature is empty");
    }
    let pieces = signed(file, &name.signature).ok_or("parts of the file are not covered by the signature")?;
    let signature: Vec<u8> = signature.iter().rev().copied().collect();
    match algorithm.is_signed(&key, &pieces, &signature) {
        true => Ok(()),
        false => Err("its signature does not match its content"),
    }
}

fn key_of(public_key: &[u8]) -> Option<(Algorithm, PublicKey)> {
    let bytes = Bytes(public_key);
    // The algorithms of CryptoAPI (ALG_ID). What is no number of a digest is SHA-1, as the runtime has it.
    let algorithm = match bytes.u32(4)? {
        0 | 0x8004 => Algorithm::Sha1,
        0x800C => Algorithm::Sha256,
        0x800D => Algorithm::Sha384,
        0x800E => Algorithm::Sha512,
        _ => return None,
    };
    if public_key.get(KEY + 8..KEY + 12)? != b"RSA1" {
        return None;
    }
    let modulus = public_key.get(MODULUS..)?;
    if modulus.len().checked_mul(8)? != bytes.u32(KEY + 12)? as usize {
        return None;
    }
    let exponent = BoxedUint::from(bytes.u32(KEY + 16)?);
    let key = PublicKey::new(BoxedUint::from_le_slice_vartime(modulus), exponent).ok()?;
    Some((algorithm, key))
}

/// The bytes that are signed, in order; `None` if that leaves out more than signatures and zeros.
fn signed<'a>(file: &'a [u8], signature: &Range<usize>) -> Option<Vec<&'a [u8]>> {
    let headers = Headers::read(file).ok()?;
    let places = headers.signing()?;
    if super::authenticode::certificate(file.get(places.table.clone())?).is_none() && !places.table.is_empty() {
        return None;
    }
    let mut pieces = vec![
        file.get(..places.checksum)?,
        &[0; 4],
        file.get(places.checksum + 4..places.entry)?,
        &[0; 8],
        file.get(places.entry + 8..places.end)?,
    ];
    let mut stored = headers.stored_sections().ok()?;
    for range in &stored {
        let bytes = file.get(range.clone())?;
        let (from, to) = (signature.start.saturating_sub(range.start), signature.end.saturating_sub(range.start));
        if range.contains(&signature.start) {
            pieces.extend([&bytes[..from], bytes.get(to..)?]);
        } else {
            pieces.push(bytes);
        }
    }
    // Headers, sections and certificates follow each other, with nothing but zeros between them. So nothing is hashed twice.
    stored.sort_unstable_by_key(|range| range.start);
    let mut end = places.end;
    for range in stored.into_iter().filter(|range| !range.is_empty()).chain([places.table]) {
        if file.get(end..range.start)?.iter().any(|&byte| byte != 0) {
            return None;
        }
        end = range.end;
    }
    (end == file.len()).then_some(pieces)
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{STRONG_NAME_TOKEN, signed as fixture};
    use super::*;
    use shellsift_pe::cil;

    fn verified(file: &[u8]) -> Result<(), &'static str> {
        verify(file, &cil::strong_name(file).expect("it has a key"))
    }

    #[test]
    fn a_strong_name_holds_and_has_its_token() {
        let file = fixture("strong_name");
        let name = cil::strong_name(&file).expect("it has a key");
        assert_eq!(hex::encode(token(name.public_key)), STRONG_NAME_TOKEN);
        assert_eq!(verify(&file, &name), Ok(()));
        assert_eq!(verified(&fixture("delay_signed")), Err("it is delay-signed: the signature is empty"));
        assert_eq!(cil::strong_name(&fixture("unsigned")), None);
        assert_eq!(cil::strong_name(b"MZ and nothing else"), None);
    }

    #[test]
    fn no_byte_can_be_changed_but_the_checksum_and_where_certificates_would_be() {
        let file = fixture("strong_name");
        let places = Headers::read(&file).expect("headers").signing().expect("a library");
        let mut free = Vec::new();
        for at in 0..file.len() {
            let mut changed = file.clone();
            changed[at] ^= 0x10;
            if cil::strong_name(&changed).is_some_and(|name| verify(&changed, &name).is_ok()) {
                free.push(at);
            }
        }
        let may = |at: &usize| {
            (places.checksum..places.checksum + 4).contains(at) || (places.entry..places.entry + 8).contains(at)
        };
        assert!(free.iter().all(may), "{free:?}");
        assert!(free.len() >= 4);
    }

    #[test]
    fn nothing_may_follow_what_is_signed() {
        let file = fixture("strong_name");
        let mut longer = file.clone();
        longer.push(1);
        assert!(verified(&longer).is_err(), "one byte more");
        let (entry, end) = {
            let places = Headers::read(&file).expect("headers").signing().expect("a library");
            (places.entry, file.len() as u32)
        };
        // A certificate table may, since signing with Authenticode adds it afterwards; but nothing else under its name.
        for (table, holds) in [
            (&[16, 0, 0, 0, 0, 2, 2, 0, 0x30, 3, 2, 1, 5, 0, 0, 0][..], true),
            (&[16, 0, 0, 0, 0, 2, 2, 0, 0x30, 3, 2, 1, 5, 0, 0, 7], false),
            (b"anything at all!", false),
        ] {
            let mut file = [&file[..], table].concat();
            file[entry..entry + 4].copy_from_slice(&end.to_le_bytes());
            file[entry + 4..entry + 8].copy_from_slice(&16u32.to_le_bytes());
            assert_eq!(verified(&file).is_ok(), holds, "{table:?}");
        }
    }
}
