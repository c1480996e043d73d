//! What the page brings along.

/// The style and the script of the page. Their digests are all that the page allows to run.
pub(crate) const STYLE: &str = include_str!("page/page.css");

pub(crate) const SCRIPT: &str = include_str!("page/page.js");
