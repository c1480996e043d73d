//! Detached signatures in the SSHSIG format (OpenSSH, PROTOCOL.sshsig) with Ed25519 keys in OpenSSH's own file format
//! (PROTOCOL.key, `openssh-key-v1`), so that `ssh-keygen -Y verify` is all that is needed to check one.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ed25519_dalek::{Signature, Signer, VerifyingKey};
use sha2::{Digest, Sha256, Sha512};
use std::io::{self, Read};

/// The namespace of the signatures: that which OpenSSH's manual names for files.
pub const NAMESPACE: &str = "file";
/// The only kind of key.
const ED25519: &[u8] = b"ssh-ed25519";
/// The largest key or signature file that is read, in bytes.
const LARGEST: usize = 64 << 10;

/// Why a key or a signature cannot be used, or is wrong.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// It is no key or signature of this format.
    #[error("{0}")]
    Format(&'static str),
    /// What is signed could not be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The signature is not one of this content by this key.
    #[error("the signature does not fit the content")]
    Wrong,
}

type Result<T> = std::result::Result<T, SignatureError>;

fn format<T>(why: &'static str) -> Result<T> {
    Err(SignatureError::Format(why))
}

/// A public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// As keys and signatures have it.
    fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        put(&mut blob, ED25519);
        put(&mut blob, &self.0);
        blob
    }

    fn from_blob(blob: &[u8]) -> Result<Self> {
        let mut rest = blob;
        if take(&mut rest)? != ED25519 {
            return format("only ssh-ed25519 keys are supported; ssh-keygen -Y verify reads the others");
        }
        match <[u8; 32]>::try_from(take(&mut rest)?) {
            Ok(key) if rest.is_empty() => Ok(Self(key)),
            _ => format("the public key is damaged"),
        }
    }

    /// `SHA256:...`, as `ssh-keygen -l` shows it.
    pub fn fingerprint(&self) -> String {
        format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(self.blob())))
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "ssh-ed25519 {}", STANDARD.encode(self.blob()))
    }
}

/// The Ed25519 keys of a `.pub`, `authorized_keys` or `allowed_signers` file that may sign files. Keys of other kinds, of certificate
/// authorities and for other namespaces are left out.
///
/// # Errors
/// A key is limited in time, which is not checked here.
pub fn public_keys(text: &str) -> Result<Vec<PublicKey>> {
    let mut keys = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let words = words(line);
        // The first key is that of the line; what follows it is a comment.
        let Some(at) = words.windows(2).position(is_key) else { continue };
        let (options, key) = words.split_at(at);
        let [kind, key, ..] = key else { continue };
        let Some(key) = STANDARD.decode(key).ok().and_then(|blob| PublicKey::from_blob(&blob).ok()) else { continue };
        if kind.as_bytes() != ED25519 {
            continue;
        }
        let options: Vec<String> = options.iter().map(|word| word.to_ascii_lowercase()).collect();
        let has = |option: &str| options.iter().any(|word| word.split(',').any(|one| one.starts_with(option)));
        if has("valid-after=") || has("valid-before=") {
            return format("a key is limited in time (valid-after, valid-before): check with ssh-keygen -Y verify");
        }
        let for_files = |list: &str| !list.contains('!') && list.split(',').any(|one| one == NAMESPACE || one == "*");
        let mut namespaces = options.iter().filter_map(|word| {
            let (_, list) = word.split_once("namespaces=\"")?;
            list.split('"').next()
        });
        if !has("cert-authority") && namespaces.all(for_files) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// Whether two words are a kind of key and a key, which begins with a length below 2^24.
fn is_key(words: &[&str]) -> bool {
    let begins = |kind: &&str| ["ssh-", "ecdsa-", "sk-"].iter().any(|start| kind.starts_with(start));
    matches!(words, [kind, key] if begins(kind) && key.starts_with("AAAA"))
}

/// The words of a line; blanks within double quotes part none.
fn words(line: &str) -> Vec<&str> {
    let mut is_quoted = false;
    let parts = line.split(|c: char| {
        is_quoted ^= c == '"';
        c.is_ascii_whitespace() && !is_quoted
    });
    parts.filter(|word| !word.is_empty()).collect()
}

/// A secret key.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// Reads the file of a private key as `ssh-keygen -t ed25519` writes it. One with a passphrase is refused.
    pub fn read(text: &str) -> Result<Self> {
        let blob = unarmoured(text, "OPENSSH PRIVATE KEY")?;
        let Some(mut rest) = blob.strip_prefix(b"openssh-key-v1\0") else {
            return format("not a private key of OpenSSH");
        };
        let (cipher, kdf, _) = (take(&mut rest)?, take(&mut rest)?, take(&mut rest)?);
        if cipher != b"none" || kdf != b"none" {
            return format(
                "the key has a passphrase: sign with `ssh-keygen -Y sign -f KEY -n file OUTPUT` afterwards, or use a key without one",
            );
        }
        if number(&mut rest)? != 1 {
            return format("not exactly one key");
        }
        let public = PublicKey::from_blob(take(&mut rest)?)?;
        let mut rest = take(&mut rest)?;
        if number(&mut rest)? != number(&mut rest)? || take(&mut rest)? != ED25519 || take(&mut rest)? != public.0 {
            return format("the private key is damaged");
        }
        let pair = <[u8; 64]>::try_from(take(&mut rest)?);
        let key = pair.ok().and_then(|pair| ed25519_dalek::SigningKey::from_keypair_bytes(&pair).ok());
        match key.filter(|key| key.verifying_key().to_bytes() == public.0) {
            Some(key) => Ok(Self(key)),
            None => format("the private key is damaged"),
        }
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs content, as the text of a `.sig` file.
    pub fn sign(&self, content: impl Read) -> Result<String> {
        let message = signed(NAMESPACE.as_bytes(), b"sha512", &digest::<Sha512>(content)?);
        let mut signature = Vec::new();
        put(&mut signature, ED25519);
        put(&mut signature, &self.0.sign(&message).to_bytes());
        let mut blob = b"SSHSIG".to_vec();
        blob.extend(1_u32.to_be_bytes());
        for part in [&self.public().blob()[..], NAMESPACE.as_bytes(), b"", b"sha512", &signature] {
            put(&mut blob, part);
        }
        let mut text = "-----BEGIN SSH SIGNATURE-----\n".to_owned();
        let encoded = STANDARD.encode(blob);
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let (line, more) = rest.split_at(rest.len().min(70));
            text.push_str(line);
            text.push('\n');
            rest = more;
        }
        text.push_str("-----END SSH SIGNATURE-----\n");
        Ok(text)
    }
}

/// Checks a `.sig` file against content. Gives the key that signed; whose it is, is for the caller to say.
pub fn check_signature(signature: &str, content: impl Read) -> Result<PublicKey> {
    let blob = unarmoured(signature, "SSH SIGNATURE")?;
    let Some(mut rest) = blob.strip_prefix(b"SSHSIG") else { return format("not a signature of OpenSSH") };
    if number(&mut rest)? != 1 {
        return format("a signature of an unknown version");
    }
    let key = PublicKey::from_blob(take(&mut rest)?)?;
    let (namespace, _, hash, mut signature) = (take(&mut rest)?, take(&mut rest)?, take(&mut rest)?, take(&mut rest)?);
    if namespace != NAMESPACE.as_bytes() {
        return format("the signature was made for another purpose (its namespace is not \"file\")");
    }
    let digest = match hash {
        b"sha512" => digest::<Sha512>(content)?,
        b"sha256" => digest::<Sha256>(content)?,
        _ => return format("a signature over an unknown hash"),
    };
    let (kind, bytes) = (take(&mut signature)?, take(&mut signature)?);
    let bytes = <[u8; 64]>::try_from(bytes).ok().filter(|_| kind == ED25519);
    // Nothing may stand behind the parts, which OpenSSH refuses too.
    let Some(bytes) = bytes.filter(|_| rest.is_empty() && signature.is_empty()) else {
        return format("the signature is damaged");
    };
    let verifier = VerifyingKey::from_bytes(&key.0).map_err(|_| SignatureError::Format("the public key is damaged"))?;
    let message = signed(namespace, hash, &digest);
    verifier.verify_strict(&message, &Signature::from_bytes(&bytes)).map_err(|_| SignatureError::Wrong)?;
    Ok(key)
}

/// What is signed in place of the content.
fn signed(namespace: &[u8], hash: &[u8], digest: &[u8]) -> Vec<u8> {
    let mut message = b"SSHSIG".to_vec();
    for part in [namespace, b"", hash, digest] {
        put(&mut message, part);
    }
    message
}

fn digest<D: Digest>(mut content: impl Read) -> io::Result<Vec<u8>> {
    let mut hasher = D::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match content.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().to_vec()),
            Ok(count) => hasher.update(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// The bytes between the lines of BEGIN and END.
fn unarmoured(text: &str, what: &str) -> Result<Vec<u8>> {
    if text.len() > LARGEST {
        return format("too large");
    }
    let inside = text.trim().strip_prefix(&format!("-----BEGIN {what}-----"));
    let inside = inside.and_then(|text| text.strip_suffix(&format!("-----END {what}-----")));
    let Some(inside) = inside else { return format("not in the format of OpenSSH") };
    let base64: String = inside.split_ascii_whitespace().collect();
    STANDARD.decode(base64).map_err(|_| SignatureError::Format("damaged base64"))
}

/// Appends a string of RFC 4251, 5: its length and its bytes.
fn put(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

fn number(rest: &mut &[u8]) -> Result<u32> {
    let (head, tail) = rest.split_first_chunk::<4>().ok_or(SignatureError::Format("it is cut"))?;
    *rest = tail;
    Ok(u32::from_be_bytes(*head))
}

fn take<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8]> {
    let length = usize::try_from(number(rest)?).unwrap_or(usize::MAX);
    let (head, tail) = rest.split_at_checked(length).ok_or(SignatureError::Format("it is cut"))?;
    *rest = tail;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The file that `ssh-keygen` would write for a key of this seed; a key for tests and nothing else.
    fn key_file(seed: u8, cipher: &[u8]) -> String {
        let key = ed25519_dalek::SigningKey::from_bytes(&[seed; 32]);
        let public = PublicKey(key.verifying_key().to_bytes());
        let mut inner = [7_u32.to_be_bytes(), 7_u32.to_be_bytes()].concat();
        for part in [ED25519, &public.0, &key.to_keypair_bytes(), b"comment", b""] {
            put(&mut inner, part);
        }
        let mut blob = b"openssh-key-v1\0".to_vec();
        for part in [cipher, cipher, b""] {
            put(&mut blob, part);
        }
        blob.extend(1_u32.to_be_bytes());
        put(&mut blob, &public.blob());
        put(&mut blob, &inner);
        let header = "OPENSSH PRIVATE";
        format!("-----BEGIN {header} KEY-----\n{}\n-----END {header} KEY-----\n", STANDARD.encode(blob))
    }

    #[test]
    fn what_was_signed_is_accepted_and_nothing_else() {
        let key = SigningKey::read(&key_file(1, b"none")).expect("a key");
        let signature = key.sign(&b"results"[..]).expect("signed");
        assert!(signature.lines().all(|line| line.len() <= 70));
        assert_eq!(check_signature(&signature, &b"results"[..]).expect("fits"), key.public());
        assert!(matches!(check_signature(&signature, &b"result"[..]), Err(SignatureError::Wrong)));
        let (at, with) = (signature.len() / 2, |c: u8| if c == b'A' { 'B' } else { 'A' });
        let changed = format!("{}{}{}", &signature[..at], with(signature.as_bytes()[at]), &signature[at + 1..]);
        assert!(check_signature(&changed, &b"results"[..]).is_err());
        let other = SigningKey::read(&key_file(2, b"none")).expect("a key");
        assert_ne!(
            check_signature(&other.sign(&b"results"[..]).expect("signed"), &b"results"[..]).expect("fits"),
            key.public()
        );
    }

    #[test]
    fn keys_are_found_in_every_file_that_openssh_has_for_them() {
        let key = SigningKey::read(&key_file(1, b"none")).expect("a key").public();
        let text =
            format!("# {key}\n{key} me@host\nme namespaces=\"git,file\" {key}\nssh-rsa AAAA\nssh-ed25519 AAAA\n");
        assert_eq!(public_keys(&text).expect("keys"), [key, key]);
        assert!(key.fingerprint().starts_with("SHA256:") && key.fingerprint().len() == 50);
    }

    /// A file of trusted keys may name keys that are not trusted for this.
    #[test]
    fn keys_that_may_not_sign_files_are_left_out() {
        let key = SigningKey::read(&key_file(1, b"none")).expect("a key").public();
        for line in [
            format!("me namespaces=\"git\" {key}"),
            format!("me namespaces=\"git,filed\" {key}"),
            format!("me namespaces=\"!file,*\" {key}"),
            format!("me cert-authority {key}"),
            format!("me cert-authority,namespaces=\"file\" {key}"),
            format!("ssh-rsa AAAA replaced {key}"),
            format!("sk-ssh-ed25519@openssh.com AAAA {key}"),
            format!("command=\"x {key} y\" ssh-rsa AAAA"),
            format!("  # {key}"),
        ] {
            assert_eq!(public_keys(&line).expect("no limit in time"), [], "{line}");
        }
        for line in [
            format!("me@a,me@b {key} cert-authority"),
            format!("ssh-admin@example.org {key}"),
            format!("me namespaces=\"*\" {key} namespaces=\"git\""),
            format!("command=\"a b\",no-pty {key}"),
        ] {
            assert_eq!(public_keys(&line).expect("no limit in time"), [key], "{line}");
        }
        let limited = public_keys(&format!("me valid-before=\"20200101\",namespaces=\"file\" {key}"));
        assert!(limited.expect_err("not checked here").to_string().contains("limited in time"));
    }

    /// The parts of a signature, put together anew.
    fn blob(parts: &[&[u8]], end: &[u8]) -> String {
        let mut blob = [&b"SSHSIG"[..], &1_u32.to_be_bytes()].concat();
        parts.iter().for_each(|part| put(&mut blob, part));
        blob.extend_from_slice(end);
        format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", STANDARD.encode(blob))
    }

    #[test]
    fn a_signature_for_another_purpose_or_with_more_behind_it_is_none() {
        let key = SigningKey::read(&key_file(1, b"none")).expect("a key");
        let digest = Sha512::digest(b"results");
        let of = |namespace: &[u8], more: &[u8]| {
            let mut signature = Vec::new();
            put(&mut signature, ED25519);
            put(&mut signature, &key.0.sign(&signed(namespace, b"sha512", &digest)).to_bytes());
            signature.extend_from_slice(more);
            signature
        };
        let public = key.public().blob();
        let check = |namespace: &[u8], signature: &[u8], end: &[u8]| {
            check_signature(&blob(&[&public, namespace, b"", b"sha512", signature], end), &b"results"[..])
        };
        assert_eq!(check(b"file", &of(b"file", b""), b"").expect("fits"), key.public());
        assert!(check(b"git", &of(b"git", b""), b"").is_err_and(|error| error.to_string().contains("another purpose")));
        assert!(matches!(check(b"file", &of(b"git", b""), b""), Err(SignatureError::Wrong)), "only relabelled");
        assert!(check(b"file", &of(b"file", b"x"), b"").is_err());
        assert!(check(b"file", &of(b"file", b""), b"x").is_err());
        let whole = key.sign(&b"results"[..]).expect("signed");
        for length in 0..whole.len() - 1 {
            assert!(check_signature(&whole[..length], &b"results"[..]).is_err(), "{length}");
        }
    }

    #[test]
    fn other_keys_are_refused_with_the_reason() {
        let error = |text: &str| SigningKey::read(text).err().expect("refused").to_string();
        assert!(error(&key_file(1, b"aes256-ctr")).contains("passphrase"));
        assert!(error("ssh-ed25519 AAAA me").contains("format of OpenSSH"));
        assert!(error(&"x".repeat(LARGEST + 1)).contains("too large"));
        let key = key_file(1, b"none");
        let cut: String =
            key.lines().map(|line| if line.len() > 100 { &line[..100] } else { line }).collect::<Vec<_>>().join("\n");
        assert!(error(&cut).contains("cut"), "{}", error(&cut));
    }

    proptest! {
        #[test]
        fn malicious_bytes_are_no_signature(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let blob = [&b"SSHSIG\0\0\0\x01"[..], &bytes].concat();
            let text = format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", STANDARD.encode(blob));
            prop_assert!(check_signature(&text, &b"x"[..]).is_err());
        }
    }
}
