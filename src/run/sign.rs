//! Detached signatures of outputs, in the format of `ssh-keygen -Y sign`.

use super::sink::create;
use crate::error::{Error, Result};
use shellsift_package::{PublicKey, SigningKey};
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// The largest key or signature file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// A signature that is to be made when its output is complete.
pub(super) struct Signing {
    key: SigningKey,
    output: PathBuf,
    signature: PathBuf,
    force: bool,
}

impl Signing {
    /// Reads the key, and makes sure that the signature has a place, before anything is examined.
    pub(super) fn prepare(key: &Path, output: Option<&Path>, force: bool) -> Result<Self> {
        let output = output.ok_or_else(|| {
            Error::Usage("--sign needs an output in a file: the signature is written beside it".to_owned())
        })?;
        let signature = of(output);
        if !force && std::fs::symlink_metadata(&signature).is_ok() {
            return Err(Error::Usage(format!("{} exists; --force overwrites it", signature.display())));
        }
        let text = read(key)?;
        let key = SigningKey::read(&text).map_err(|why| Error::Usage(format!("--sign {}: {why}", key.display())))?;
        Ok(Self { key, output: output.to_owned(), signature, force })
    }

    /// Signs the output as it is on the disk.
    pub(super) fn sign(self) -> Result<PublicKey> {
        let failed = |source| Error::Output { to: self.signature.display().to_string(), source };
        let file = File::open(&self.output).map_err(failed)?;
        let text = self.key.sign(BufReader::new(file)).map_err(|why| failed(std::io::Error::other(why)))?;
        let mut sink = create(&self.signature, self.force, false)?;
        sink.write_all(text.as_bytes()).and_then(|()| sink.finish()).map_err(failed)?;
        Ok(self.key.public())
    }
}

/// The signature file of an output.
pub(super) fn of(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".sig");
    PathBuf::from(name)
}

/// A small file of text.
pub(super) fn read(path: &Path) -> Result<String> {
    let failed = |source| Error::Input { path: path.to_owned(), source };
    let mut text = String::new();
    File::open(path).map_err(failed)?.take(LARGEST + 1).read_to_string(&mut text).map_err(failed)?;
    match text.len() as u64 > LARGEST {
        true => Err(Error::Usage(format!("{}: larger than {} MiB", path.display(), LARGEST >> 20))),
        false => Ok(text),
    }
}
