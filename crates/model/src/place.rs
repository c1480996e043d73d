//! The location of a file, in the terms of the location checks.

/// The kinds of file by what a web server does with them.
pub use super::file_types as kind;

use super::named::named;

/// What a folder is to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Below an Exchange installation; the relative path starts at its root (`FrontEnd\...`).
    Exchange,
    /// Content of an IIS site, application or virtual directory.
    WebRoot,
    /// Temporary ASP.NET Files of a framework version.
    AspnetTemp,
    /// No web content by itself, but where attackers drop it.
    DropFolder,
    /// A folder of unknown purpose: judged by content alone.
    Unknown,
}

named!(Role {
    Exchange => "exchange",
    WebRoot => "web_root",
    AspnetTemp => "temporary_aspnet_files",
    DropFolder => "drop_folder",
    Unknown => "folder",
});

impl Role {
    /// The words for a person.
    pub fn words(self) -> &'static str {
        match self {
            Role::Exchange => "Exchange",
            Role::WebRoot => "web root",
            Role::AspnetTemp => "Temporary ASP.NET Files",
            Role::DropFolder => "common drop folder",
            Role::Unknown => "folder",
        }
    }
}

/// The place of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The role of the area it lies in.
    pub role: Role,
    /// Its path below the area's root, folded, with backslashes, the file's own name last.
    pub relative: String,
    /// Whether the names of the default pages of this installation are known: those of Exchange 2010 (V14) are not.
    pub names_known: bool,
    /// The URL path that reaches it, if the configuration has one.
    pub url: Option<String>,
    /// Every way in which the web server reaches it; filled in for findings.
    pub reach: Vec<super::Endpoint>,
}

impl Place {
    /// A path below the root of an area of this role, in an installation whose page names are known.
    pub fn new(role: Role, relative: impl Into<String>) -> Self {
        Self { role, relative: relative.into(), names_known: true, url: None, reach: Vec::new() }
    }

    /// A file of which only the content is judged.
    pub fn unknown(name: &str) -> Self {
        Self {
            role: Role::Unknown,
            relative: super::server_path::fold(name),
            names_known: false,
            url: None,
            reach: Vec::new(),
        }
    }

    /// The folder part of the relative path, without a final separator.
    pub fn folder(&self) -> &str {
        self.relative.rsplit_once('\\').map_or("", |(folder, _)| folder)
    }

    /// Whether it lies in or below a folder of this name at any depth.
    pub fn has_folder(&self, name: &str) -> bool {
        self.folder().split('\\').any(|part| part == name)
    }
}
