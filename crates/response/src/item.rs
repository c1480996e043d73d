//! One item of an action.

use shellsift_model::ActionItem;

/// Characters of an item: paths of Windows end at 32,767, and nobody types one that long.
const LONGEST: usize = 2_000;

/// What an action is to be done to.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The items, the most urgent first.
    pub(crate) items: Vec<ActionItem>,
    /// Items that are known to exist and were not kept by whoever gathered the results.
    pub(crate) omitted: u64,
}

impl From<Vec<ActionItem>> for Found {
    fn from(items: Vec<ActionItem>) -> Self {
        Self { items, omitted: 0 }
    }
}

/// An item; `finding` is the path of the file or the check behind it.
pub(crate) fn item(text: impl Into<String>, finding: impl Into<String>) -> ActionItem {
    ActionItem { text: shortened(text.into()), finding: Some(finding.into()).filter(|finding| !finding.is_empty()) }
}

/// Text of a bounded length; what was cut is marked.
fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{} ...", &text[..at]),
        None => text,
    }
}

/// `1 request`, `2 requests`.
pub(crate) fn counted(count: u64, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}
