//! What ASP.NET leaves when it compiles a page.

use super::{ServerPath, Timestamp};

/// A compiled page, as its `.compiled` file describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// The page's URL path: `/owa/auth/logon.aspx`.
    pub virtual_path: String,
    /// The assembly it was compiled to, without extension, if one is named.
    pub assembly: Option<String>,
    /// Whether that assembly lies beside the `.compiled` file.
    pub assembly_there: bool,
    /// The files it was made of, by URL path.
    pub dependencies: Vec<String>,
    /// When the `.compiled` file was made, and so the page first compiled into it: created or, failing that, modified.
    pub time: Option<Timestamp>,
    /// Whether ASP.NET has marked it for deletion (`.delete`).
    pub retired: bool,
    /// Whether the page is still there.
    pub source: SourceState,
}

/// What became of the source of a compiled page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceState {
    /// It is there.
    Present(ServerPath),
    /// It is gone from everywhere the configuration puts it: more than one place where several sites have an application of
    /// that path. Never empty.
    Gone(Vec<ServerPath>),
    /// Unknown: why.
    Unknown(String),
}
