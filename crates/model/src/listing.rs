//! The server code of a page, line by line, as `explain` shows it.

/// The server code of one view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The view it stands in.
    pub encodings: String,
    /// Its languages, by name.
    pub languages: Vec<&'static str>,
    /// Its lines in order. Lines that show nothing are left out of a long page.
    pub lines: Vec<CodeLine>,
}

/// A line of server code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CodeLine {
    /// Its number in the view, from 1.
    pub number: u64,
    /// The line as it is stored or decoded. Raw.
    pub text: String,
    /// How it reads with blanks and comments taken out and constants put together, where that says something else. Raw.
    pub reads: Option<String>,
    /// The behaviours that it shows, each with what the line is to it.
    pub marks: Vec<String>,
}
