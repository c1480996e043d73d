//! One file with everything that `explain` shows of it.

use super::{Artefact, Finding, Listing, Problem};
use std::ops::Range;

/// A file, examined alone.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The file.
    pub artefact: Artefact,
    /// What was found, if anything.
    pub finding: Option<Finding>,
    /// Its content, stored and decoded.
    pub views: Vec<ViewOutline>,
    /// The text around each location of each reason, in their order; empty where there is none to show.
    pub contexts: Vec<Vec<Vec<ContextLine>>>,
    /// Its server code.
    pub listings: Vec<Listing>,
    /// What could not be examined.
    pub problems: Vec<Problem>,
}

/// A view of a file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewOutline {
    /// The decodings that lead there, outermost first; `stored` for none.
    pub encodings: String,
    /// Its bytes.
    pub length: u64,
    /// Where it begins in the stored file.
    pub offset: u64,
    /// Its first lines, if it is decoded. Raw.
    pub excerpt: Vec<String>,
}

/// A line around a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextLine {
    /// Its number in the view, from 1.
    pub number: u64,
    /// The line, truncated to a readable length. Raw.
    pub text: String,
    /// The bytes of `text` that the place covers, if it is in this line.
    pub place: Option<Range<usize>>,
}
