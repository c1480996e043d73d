//! What to do about what was found.

/// A step of the response, with everything that it is to be done to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// Its stable id: `preserve_logs`.
    pub id: String,
    /// Its place among the actions, the first to do lowest.
    pub order: u32,
    /// What to do, as an imperative: `Remove these files after the disk was imaged`.
    pub title: String,
    /// Why, and how, in a sentence or two.
    pub why: String,
    /// What it is to be done to, the most urgent first.
    pub items: Vec<ActionItem>,
    /// Items that were too many to list.
    pub items_omitted: u64,
    /// Pages of the vendor or of an authority about it.
    pub references: Vec<String>,
}

/// One thing that an action is to be done to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionItem {
    /// What it is, in words: a path with its hash, an account, a log with the time at which it will be deleted.
    pub text: String,
    /// The path of the file of the finding behind it, as the report has it; or the check of a log hit.
    pub finding: Option<String>,
}
