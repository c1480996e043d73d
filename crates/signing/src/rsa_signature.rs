//! RSA signatures over digests (RFC 8017, RSASSA-PKCS1-v1_5), as used by strong names and Authenticode.

use rsa::PublicKey;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A digest that signatures are made over. MD5, with which the oldest ones were made, can be forged and is none of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    /// The digest of these pieces one after the other.
    pub(super) fn digest(self, pieces: &[&[u8]]) -> Vec<u8> {
        fn of<D: Digest>(pieces: &[&[u8]]) -> Vec<u8> {
            let mut digest = D::new();
            pieces.iter().for_each(|piece| digest.update(piece));
            digest.finalize().to_vec()
        }
        match self {
            Algorithm::Sha1 => of::<Sha1>(pieces),
            Algorithm::Sha256 => of::<Sha256>(pieces),
            Algorithm::Sha384 => of::<Sha384>(pieces),
            Algorithm::Sha512 => of::<Sha512>(pieces),
        }
    }

    /// Whether this is the key's signature over these pieces, its bytes from the most significant one on.
    pub(super) fn is_signed(self, key: &PublicKey, pieces: &[&[u8]], signature: &[u8]) -> bool {
        let digest = self.digest(pieces);
        let held = match self {
            Algorithm::Sha1 => key.pkcs1v15_verify_prehash::<Sha1>(&digest, signature),
            Algorithm::Sha256 => key.pkcs1v15_verify_prehash::<Sha256>(&digest, signature),
            Algorithm::Sha384 => key.pkcs1v15_verify_prehash::<Sha384>(&digest, signature),
            Algorithm::Sha512 => key.pkcs1v15_verify_prehash::<Sha512>(&digest, signature),
        };
        held.is_ok()
    }
}
