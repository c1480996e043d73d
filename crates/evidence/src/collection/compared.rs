//! Content compared with the hash that the collector recorded when it read the file on the server.

use crate::archive::ProblemLog;
use crate::model::{ProblemKind, ServerPath};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// A hash of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

impl Hash {
    /// From hexadecimal digits; `None` if they are no hash. That of nothing is what collectors write where they had none.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = text.trim().as_bytes();
        match text.len() {
            40 => digits(text).map(Self::Sha1),
            64 => digits(text).map(Self::Sha256),
            _ => None,
        }
    }
}

fn digits<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.bytes().all(|c| c.is_ascii_hexdigit()))?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

enum Sum {
    Sha1(Sha1),
    Sha256(Sha256),
}

/// A reading that ends with the comparison. Whoever does not read to the end has nothing compared.
pub(super) struct Compared<R> {
    inner: R,
    expected: Hash,
    sum: Option<Sum>,
    path: ServerPath,
    problem_log: Arc<Mutex<ProblemLog>>,
}

impl<R: Read> Compared<R> {
    pub(super) fn new(inner: R, expected: Hash, path: ServerPath, problem_log: Arc<Mutex<ProblemLog>>) -> Self {
        let sum = match expected {
            Hash::Sha1(_) => Sum::Sha1(Sha1::new()),
            Hash::Sha256(_) => Sum::Sha256(Sha256::new()),
        };
        Self { inner, expected, sum: Some(sum), path, problem_log }
    }
}

impl<R: Read> Read for Compared<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count > 0 {
            let bytes = buffer.get(..count).unwrap_or_default();
            match &mut self.sum {
                Some(Sum::Sha1(sum)) => sum.update(bytes),
                Some(Sum::Sha256(sum)) => sum.update(bytes),
                None => {}
            }
        } else if !buffer.is_empty() {
            let is_right = match self.sum.take() {
                Some(Sum::Sha1(sum)) => self.expected == Hash::Sha1(sum.finalize().into()),
                Some(Sum::Sha256(sum)) => self.expected == Hash::Sha256(sum.finalize().into()),
                None => true,
            };
            if !is_right {
                let mut problem_log = self.problem_log.lock().unwrap_or_else(PoisonError::into_inner);
                problem_log.note(
                    ProblemKind::FileChanged,
                    &self.path,
                    "does not match the hash that its collector recorded",
                );
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_than_that_of_the_record_is_reported_once() {
        let (sha1, sha256) = (
            "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
            "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824",
        );
        for (text, content, expected) in
            [(sha1, "hello", 0), (sha256, "hello", 0), (sha1, "other", 1), (sha256, "other", 1)]
        {
            let problem_log = Arc::default();
            let hash = Hash::of(text).expect("a hash");
            let mut reader = Compared::new(content.as_bytes(), hash, ServerPath::drive('C'), Arc::clone(&problem_log));
            for _ in 0..2 {
                io::copy(&mut reader, &mut io::sink()).expect("read");
            }
            let all = problem_log.lock().expect("free").all(&ServerPath::drive('C'));
            assert_eq!(all.len(), expected, "{text} {content}");
        }
        for text in ["", "x", &"g".repeat(40), &"é".repeat(20), &"+1".repeat(32)] {
            assert_eq!(Hash::of(text), None, "{text}");
        }
    }
}
