//! The file that a record is about.

use super::words::{Time, Times};
use crate::model::server_path::extension;
use crate::model::{Artefact, ServerPath, Signed};
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;

/// The file, with the times that its source vouches for, taken before it was opened.
#[derive(Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct File {
    pub(in crate::report) path: String,
    pub(in crate::report) name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(in crate::report) extension: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) drive_letter: Option<char>,
    /// `file` or `dir`; absent where it is not known.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(in crate::report) kind: Option<FileType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) size: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::report) attributes: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) created: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) mtime: Option<Time>,
    /// When the record of the file system was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) ctime: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) accessed: Option<Time>,
    /// On NTFS the number of the MFT record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) inode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) hash: Option<Hash>,
    /// The signature of a known publisher; absent where there is no valid one, and where it was not verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) code_signature: Option<CodeSignature>,
}

#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum FileType {
    File,
    Dir,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Hash {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) md5: Option<String>,
}

/// A valid signature of a known publisher.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct CodeSignature {
    pub(in crate::report) exists: bool,
    /// It covers the whole content and is correct.
    pub(in crate::report) valid: bool,
    /// Its key, or that of the issuing authority, is known. Revocation is not checked.
    pub(in crate::report) trusted: bool,
    /// The publisher.
    pub(in crate::report) subject_name: String,
    /// The kind of signature and its state, in words.
    pub(in crate::report) status: String,
}

impl From<&Signed> for CodeSignature {
    fn from(signed: &Signed) -> Self {
        Self {
            exists: true,
            valid: true,
            trusted: true,
            subject_name: signed.publisher.clone(),
            status: signed.to_string(),
        }
    }
}

impl File {
    /// A file or folder of which the name alone is known.
    pub(in crate::report) fn named(path: &ServerPath) -> Self {
        Self {
            path: path.to_string(),
            name: path.name().to_owned(),
            extension: extension(path.name()),
            directory: path.parent().map(|folder| folder.to_string()),
            drive_letter: path.drive_letter(),
            ..Self::default()
        }
    }

    /// A folder.
    pub(in crate::report) fn folder(path: &ServerPath) -> Self {
        Self { kind: Some(FileType::Dir), extension: String::new(), ..Self::named(path) }
    }

    /// A file of which the name and the hash alone are known.
    pub(in crate::report) fn hashed(path: &ServerPath, sha256: &str) -> Self {
        let hash = Hash { sha256: Some(sha256.to_owned()), sha1: None, md5: None };
        Self { kind: Some(FileType::File), hash: Some(hash), ..Self::named(path) }
    }

    /// An examined file.
    pub(in crate::report) fn examined(artefact: &Artefact, times: &mut Times) -> Self {
        let own = &artefact.entry.times;
        let hashes = &artefact.hashes;
        Self {
            kind: Some(FileType::File),
            size: Some(artefact.entry.size),
            attributes: artefact.entry.attributes.names(),
            created: times.take("file.created", own.created),
            mtime: times.take("file.mtime", own.modified),
            ctime: times.take("file.ctime", own.changed),
            accessed: times.take("file.accessed", own.accessed),
            inode: artefact.entry.inode.map(|inode| inode.to_string()),
            hash: hashes.sha256.is_some().then(|| Hash {
                sha256: hashes.sha256.clone(),
                sha1: hashes.sha1.clone(),
                md5: hashes.md5.clone(),
            }),
            code_signature: artefact.signed.as_ref().map(CodeSignature::from),
            ..Self::named(&artefact.path)
        }
    }
}
