//! Authenticode: the signature in the certificate table of Windows executables.
//!
//! Formats: Microsoft, "Windows Authenticode Portable Executable Signature Format"; RFC 2315 (PKCS #7) and RFC 5280 (X.509).
//!
//! A signature holds if the digest in it is that of the file, the signer's certificate has signed it, and an authority whose key
//! the caller trusts has signed that certificate. Offline nothing is known of certificates that were revoked since, and
//! dates are not compared: a signature stays valid after its certificate has expired if it was made before, and when it was made
//! is what another authority claims.

use super::der::{BIT_STRING, CONTEXT, INTEGER, OBJECT_ID, OCTET_STRING, SEQUENCE, SET, Value, Values};
use super::rsa_signature::Algorithm;
use rsa::PublicKey;
use rsa::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256};
use shellsift_pe::bytes::Bytes;
use shellsift_pe::headers::Headers;

/// Object identifiers, as DER has them.
const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
const INDIRECT_DATA: &[u8] = &[0x2B, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x04];
const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
const ORGANISATION: &[u8] = &[0x55, 0x04, 0x0A];
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1D, 0x25];
const CODE_SIGNING: &[u8] = &[0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x03];

/// How many certificates a signature brings at most: the longest real ones have seven.
const MAX_CERTIFICATES: usize = 32;
/// How large one is at most: real ones have some two thousand bytes.
const MAX_CERTIFICATE: usize = 1 << 16;

/// Who has signed a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The organisation that its certificate names.
    pub organisation: String,
    /// The SHA-256 of the key (SubjectPublicKeyInfo) that has signed its certificate.
    pub authority: [u8; 32],
}

/// The PKCS #7 signature in a certificate table; `None` if there is anything else in it.
pub(super) fn certificate(table: &[u8]) -> Option<&[u8]> {
    let bytes = Bytes(table);
    // Revision 2, a PKCS #7 signature.
    if bytes.u16(4)? != 0x0200 || bytes.u16(6)? != 2 {
        return None;
    }
    let entry = table.get(8..bytes.u32(0)? as usize)?;
    let signature = Values(entry).expect(SEQUENCE)?.whole;
    let padding = [&entry[signature.len()..], &table[8 + entry.len()..]];
    let clean = padding.concat().iter().all(|&byte| byte == 0) && padding.iter().all(|bytes| bytes.len() < 8);
    clean.then_some(signature)
}

/// Who has signed this program, if the signature holds and `is_trusted` knows the signer; else why not.
pub fn verify(file: &[u8], is_trusted: impl Fn(&Signer) -> bool) -> Result<Signer, &'static str> {
    let places = Headers::read(file)?.signing().ok_or("its certificate table is not the end of it")?;
    let table = &file[places.table.clone()];
    if table.is_empty() {
        return Err("it has no certificate table");
    }
    let signature = certificate(table).ok_or("its certificate table contains more than a signature")?;
    let signed = Signed::read(signature).ok_or("its signature format is not supported")?;
    let signer = signed.signer();
    let (signer, key) = signer.ok_or("its signer's certificate or that of the issuer is missing")?;
    if !is_trusted(&signer) {
        return Err("its signer is unknown");
    }
    // Everything but what signing changes. Where Windows would leave out more, the digests differ, and nothing is vouched for.
    let (checksum, entry) = (places.checksum, places.entry);
    let pieces = [&file[..checksum], &file[checksum + 4..entry], &file[entry + 8..places.table.start]];
    if signed.file.0.digest(&pieces) != signed.file.1 {
        return Err("its signature belongs to different content");
    }
    match signed.holds(&key) {
        true => Ok(signer),
        false => Err("its signature is invalid"),
    }
}

/// What is read of a signature.
struct Signed<'a> {
    /// The digest of the file.
    file: (Algorithm, &'a [u8]),
    /// What the signature is about, of which the signed attributes have the digest.
    content: &'a [u8],
    certificates: Vec<Certificate<'a>>,
    /// The issuer and the serial number of the signer's certificate.
    signer: (&'a [u8], &'a [u8]),
    algorithm: Algorithm,
    /// The signed attributes.
    attributes: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Signed<'a> {
    fn read(signature: &'a [u8]) -> Option<Self> {
        let mut outer = Values(signature).inside(SEQUENCE)?;
        if outer.expect(OBJECT_ID)?.content != SIGNED_DATA {
            return None;
        }
        let mut data = outer.inside(CONTEXT)?.inside(SEQUENCE)?;
        data.expect(INTEGER)?;
        data.expect(SET)?;
        let mut about = data.inside(SEQUENCE)?;
        if about.expect(OBJECT_ID)?.content != INDIRECT_DATA {
            return None;
        }
        let content = about.inside(CONTEXT)?.expect(SEQUENCE)?.content;
        let mut indirect = Values(content);
        indirect.expect(SEQUENCE)?;
        let mut digest = indirect.inside(SEQUENCE)?;
        let file = (algorithm(digest.inside(SEQUENCE)?)?, digest.expect(OCTET_STRING)?.content);
        let certificates: Vec<_> = Values(data.optional(CONTEXT)?.content).take(MAX_CERTIFICATES).collect();
        let certificates = certificates.into_iter().filter_map(Certificate::read).collect();
        data.optional(CONTEXT | 1);
        let mut signers = data.inside(SET)?;
        let mut signer = signers.inside(SEQUENCE)?;
        signer.expect(INTEGER)?;
        let mut by = signer.inside(SEQUENCE)?;
        let by = (by.expect(SEQUENCE)?.whole, by.expect(INTEGER)?.content);
        let algorithm = algorithm(signer.inside(SEQUENCE)?)?;
        let attributes = signer.expect(CONTEXT)?.whole;
        signer.expect(SEQUENCE)?;
        let signature = signer.expect(OCTET_STRING)?.content;
        // Windows takes one signer, and so does this.
        let one = signers.next().is_none();
        one.then_some(Self { file, content, certificates, signer: by, algorithm, attributes, signature })
    }

    /// Who has signed, and the key of the certificate, if the authority's certificate is there and has signed that.
    fn signer(&self) -> Option<(Signer, PublicKey)> {
        let of_signer = |known: &&Certificate<'_>| (known.issuer, known.serial) == self.signer;
        let own = self.certificates.iter().find(of_signer).filter(|own| own.signs_code)?;
        let issuer = self.certificates.iter().find(|known| known.subject == own.issuer && known.has_signed(own))?;
        let organisation = own.organisation.clone()?;
        let signer = Signer { organisation, authority: Sha256::digest(issuer.key).into() };
        Some((signer, PublicKey::from_public_key_der(own.key).ok()?))
    }

    /// Whether the key has signed the attributes, and those are about the content.
    fn holds(&self, key: &PublicKey) -> bool {
        let mut attributes = Values(self.attributes).inside(CONTEXT).into_iter().flatten();
        let (mut of_type, mut of_digest) = (None, None);
        for mut attribute in attributes.by_ref().map(|attribute| Values(attribute.content)) {
            let id = attribute.expect(OBJECT_ID).map(|id| id.content);
            let value = attribute.inside(SET).and_then(|mut values| values.next()).map(|value| value.content);
            match id {
                Some(CONTENT_TYPE) => of_type = of_type.or(value),
                Some(MESSAGE_DIGEST) => of_digest = of_digest.or(value),
                _ => {}
            }
        }
        // Signed as the set that they are, under whose tag they are not stored.
        let attributes = [&[SET], self.attributes.get(1..).unwrap_or_default()];
        of_type == Some(INDIRECT_DATA)
            && of_digest == Some(&self.algorithm.digest(&[self.content]))
            && self.algorithm.is_signed(key, &attributes, self.signature)
    }
}

/// The digest that an algorithm identifier names, alone or with RSA.
fn algorithm(mut identifier: Values<'_>) -> Option<Algorithm> {
    Some(match identifier.expect(OBJECT_ID)?.content {
        [0x2B, 0x0E, 0x03, 0x02, 0x1A] => Algorithm::Sha1,
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01] => Algorithm::Sha256,
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02] => Algorithm::Sha384,
        [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03] => Algorithm::Sha512,
        [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, with] => match with {
            0x05 => Algorithm::Sha1,
            0x0B => Algorithm::Sha256,
            0x0C => Algorithm::Sha384,
            0x0D => Algorithm::Sha512,
            _ => return None,
        },
        _ => return None,
    })
}

/// What is read of a certificate.
struct Certificate<'a> {
    /// What is signed of it.
    body: &'a [u8],
    serial: &'a [u8],
    issuer: &'a [u8],
    subject: &'a [u8],
    organisation: Option<String>,
    key: &'a [u8],
    /// Whether it is one to sign code with.
    signs_code: bool,
    /// How it is signed; of an authority, which another one may have signed with MD5, only the key is used.
    algorithm: Option<Algorithm>,
    signature: &'a [u8],
}

impl<'a> Certificate<'a> {
    fn read(value: Value<'a>) -> Option<Self> {
        let fits = value.tag == SEQUENCE && value.content.len() <= MAX_CERTIFICATE;
        let mut outer = fits.then_some(Values(value.content))?;
        let body = outer.expect(SEQUENCE)?;
        let algorithm = algorithm(outer.inside(SEQUENCE)?);
        // The first byte says how many bits of the last one are unused: none.
        let signature = outer.expect(BIT_STRING)?.content.strip_prefix(&[0])?;
        let mut fields = Values(body.content);
        fields.optional(CONTEXT);
        let serial = fields.expect(INTEGER)?.content;
        fields.expect(SEQUENCE)?;
        let issuer = fields.expect(SEQUENCE)?.whole;
        fields.expect(SEQUENCE)?;
        let subject = fields.expect(SEQUENCE)?;
        let key = fields.expect(SEQUENCE)?.whole;
        let extensions = fields.find(|field| field.tag == CONTEXT | 3);
        let signs_code = extensions.and_then(|all| Values(all.content).inside(SEQUENCE)).is_some_and(signs_code);
        let organisation = organisation(Values(subject.content));
        let (body, subject) = (body.whole, subject.whole);
        Some(Self { body, serial, issuer, subject, organisation, key, signs_code, algorithm, signature })
    }

    fn has_signed(&self, other: &Certificate<'_>) -> bool {
        let key = PublicKey::from_public_key_der(self.key).ok();
        let known = key.zip(other.algorithm);
        known.is_some_and(|(key, algorithm)| algorithm.is_signed(&key, &[other.body], other.signature))
    }
}

/// Whether the extensions of a certificate allow to sign code with it.
fn signs_code(extensions: Values<'_>) -> bool {
    extensions.map(|extension| Values(extension.content)).any(|mut extension| {
        extension.expect(OBJECT_ID).is_some_and(|id| id.content == EXTENDED_KEY_USAGE)
            && extension
                .find(|value| value.tag == OCTET_STRING)
                .and_then(|value| Values(value.content).inside(SEQUENCE))
                .is_some_and(|mut usages| usages.any(|usage| usage.tag == OBJECT_ID && usage.content == CODE_SIGNING))
    })
}

/// The organisation of a name, if it has one alone.
fn organisation(name: Values<'_>) -> Option<String> {
    let pairs = name.flat_map(|set| Values(set.content)).map(|pair| Values(pair.content));
    let mut found = pairs.filter_map(|mut pair| {
        let id = pair.expect(OBJECT_ID)?;
        (id.content == ORGANISATION).then(|| pair.next()).flatten()
    });
    let organisation = found.next()?;
    // PrintableString and UTF8String; the others that are allowed are not met in certificates of code.
    let is_text = matches!(organisation.tag, 0x0C | 0x13) && found.next().is_none();
    is_text.then(|| String::from_utf8_lossy(organisation.content).into_owned())
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{AUTHORITY, ORGANISATION, signed as fixture};
    use super::*;

    fn known(signer: &Signer) -> bool {
        hex::encode(signer.authority) == AUTHORITY && signer.organisation == ORGANISATION
    }

    #[test]
    fn a_signature_holds_where_its_authority_is_known() {
        let file = fixture("authenticode");
        assert!(verify(&file, known).is_ok_and(|signer| known(&signer)));
        assert_eq!(verify(&file, |_| false), Err("its signer is unknown"));
        for (name, why) in [
            ("unsigned", "it has no certificate table"),
            ("other_authority", "its signer is unknown"),
            ("other_use", "its signer's certificate or that of the issuer is missing"),
        ] {
            assert_eq!(verify(&fixture(name), known), Err(why), "{name}");
        }
    }

    #[test]
    fn no_byte_of_the_program_can_be_changed_but_the_checksum() {
        let file = fixture("authenticode");
        let places = Headers::read(&file).expect("headers").signing().expect("signed");
        let mut free = Vec::new();
        for at in 0..places.table.start {
            let mut changed = file.clone();
            changed[at] ^= 0x10;
            if verify(&changed, known).is_ok() {
                free.push(at);
            }
        }
        assert_eq!(free, (places.checksum..places.checksum + 4).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_may_follow_a_signature_or_be_beside_it() {
        let file = fixture("authenticode");
        assert!(verify(&[&file[..], b"\0"].concat(), known).is_err(), "behind the table");
        let places = Headers::read(&file).expect("headers").signing().expect("signed");
        // A longer table, with something behind the signature in it.
        let mut stuffed = [&file[..], b"somebody's text!"].concat();
        let size = (stuffed.len() - places.table.start) as u32;
        stuffed[places.entry + 4..places.entry + 8].copy_from_slice(&size.to_le_bytes());
        assert!(verify(&stuffed, known).is_err());
        stuffed[places.table.start..places.table.start + 4].copy_from_slice(&size.to_le_bytes());
        assert!(verify(&stuffed, known).is_err());
    }

    #[test]
    fn a_broken_signature_does_no_harm() {
        let file = fixture("authenticode");
        let places = Headers::read(&file).expect("headers").signing().expect("signed");
        for at in places.table.clone() {
            let mut changed = file.clone();
            changed[at] = 0xFF;
            // Names of the signer's organisation and the like may change what is read; what was signed may not.
            let _ = verify(&changed, known);
            let _ = verify(&file[..at], known);
        }
    }
}
