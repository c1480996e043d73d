//! What the readers of a page put together: server code, directives, elements, includes.

use std::ops::Range;

/// A language of server code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// C#, any version.
    CSharp,
    /// Visual Basic .NET.
    VisualBasic,
    /// JScript: of classic ASP, or JScript.NET.
    JScript,
    /// VBScript of classic ASP.
    VbScript,
    /// PHP, any version.
    Php,
    /// Java of server pages.
    Java,
}

/// How a piece of server code comes to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockKind {
    /// Statements: `<% ... %>`, Razor's `@{ ... }`.
    Statements,
    /// An expression whose value is written: `<%= %>`, `<%: %>`, Razor's `@x` and `@(x)`.
    Output,
    /// A data-binding expression: `<%# %>`.
    Binding,
    /// Members of the page's class: `<script runat="server">`, `@functions { }`, a file that is code from end to end.
    Members,
}

/// A piece of server code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// How it comes to run.
    pub kind: BlockKind,
    /// Its language.
    pub language: Language,
    /// Where it lies in the text, without its delimiters.
    pub range: Range<usize>,
}

/// A `<%@ name attribute="value" %>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Its name in lower case; empty for classic ASP's `<%@language=...%>`.
    pub name: String,
    /// Attributes in lower case with their values as they stand.
    pub attributes: Vec<(String, String)>,
    /// The whole directive.
    pub range: Range<usize>,
}

/// An element that runs on the server and has a name that code can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// The tag in lower case: `asp:textbox`, `input`, `object`.
    pub tag: String,
    /// Its `id`, as it stands; may be empty.
    pub id: String,
    /// Its attributes: names in lower case, values as they stand (entities not undone), each with the value's place.
    pub attributes: Vec<(String, Range<usize>)>,
    /// The whole tag.
    pub range: Range<usize>,
}

/// A server-side include.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// What is included, as it stands.
    pub path: String,
    /// The whole comment.
    pub range: Range<usize>,
}

/// The text of a page.
#[derive(Clone, Copy)]
pub(super) struct PageText<'t> {
    /// With plain blanks for all others.
    pub(super) text: &'t [u8],
    /// As it is stored, of the same length.
    pub(super) stored: &'t [u8],
}
