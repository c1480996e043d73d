//! The file that a record is about.

use super::words::{Text, Time, Times, texts};
use crate::model::server_path::extension;
use crate::model::{Artefact, ServerPath, Signed};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The file, with the times that its source vouches for, taken before it was opened.
#[derive(Default, Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) extension: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) directory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drive_letter: Option<char>,
    /// `file` or `dir`; absent where it is not known.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<FileType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) size: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attributes: Vec<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) created: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mtime: Option<Time>,
    /// When the record of the file system was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ctime: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) accessed: Option<Time>,
    /// On NTFS the number of the MFT record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inode: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hash: Option<Hash>,
    /// The signature of a known publisher; absent where there is no valid one, and where it was not verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code_signature: Option<CodeSignature>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum FileType {
    File,
    Dir,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Hash {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) md5: Option<String>,
}

/// A valid signature of a known publisher.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct CodeSignature {
    pub(crate) exists: bool,
    /// It covers the whole content and is correct.
    pub(crate) valid: bool,
    /// Its key, or that of the issuing authority, is known. Revocation is not checked.
    pub(crate) trusted: bool,
    /// The publisher.
    pub(crate) subject_name: String,
    /// The kind of signature and its state, in words.
    pub(crate) status: String,
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
    pub(crate) fn named(path: &ServerPath) -> Self {
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
    pub(crate) fn folder(path: &ServerPath) -> Self {
        Self { kind: Some(FileType::Dir), extension: String::new(), ..Self::named(path) }
    }

    /// A file of which the name and the hash alone are known.
    pub(crate) fn hashed(path: &ServerPath, sha256: &str) -> Self {
        let hash = Hash { sha256: Some(sha256.to_owned()), sha1: None, md5: None };
        Self { kind: Some(FileType::File), hash: Some(hash), ..Self::named(path) }
    }

    /// An examined file.
    pub(crate) fn examined(artefact: &Artefact, times: &mut Times) -> Self {
        let own = &artefact.entry.times;
        let hashes = &artefact.hashes;
        Self {
            kind: Some(FileType::File),
            size: Some(artefact.entry.size),
            attributes: texts(&artefact.entry.attributes.names()),
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
