//! Writes what a run found: one writer per format over the finished results, and JSONL, which is written as the run goes.

mod across;
mod bodyfile;
mod case;
mod cef;
mod checks;
mod csv;
mod diff;
mod explain;
mod export;
mod format;
mod frame;
mod health;
mod html;
mod jsonl;
mod record;
mod recorder;
mod shadow;
mod sites;
mod suppress;
mod table;
#[cfg(test)]
mod test_support;
pub mod text;
mod timesketch;
mod xlsx;

pub(crate) use shellsift_model as model;

pub use across::Across;
pub use case::{Case, CaseReader, FileState, FileUse, ReadError, RunFile, RunFiles, RunSource};
pub use checks::{CheckRow, check, check_list, check_list_jsonl};
pub use diff::{Diff, diff_jsonl, diff_table};
pub use explain::explain;
pub use export::{Exported, RuleLanguage, export_rules};
pub use format::{Draw, Format, Style};
pub use health::health;
pub use jsonl::{record_line, write_case, write_line, write_record};
pub use record::{Record, SCHEMA};
pub use recorder::Recorder;
pub use shadow::shadow_copies;
pub use sites::sites;
pub use suppress::{SuppressError, Suppressions};

/// Every format.
pub const FORMATS: &[Format] = &[
    table::FORMAT,
    html::FORMAT,
    jsonl::FORMAT,
    csv::FORMAT,
    timesketch::FORMAT,
    bodyfile::FORMAT,
    xlsx::FORMAT,
    cef::FORMAT,
    export::stix::FORMAT,
    export::misp::FORMAT,
    export::sarif::FORMAT,
];

/// The format of this id.
pub fn format(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

/// The format that a file's extension stands for; `txt` is a table.
pub fn format_of(extension: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.extension == extension || format.id == extension)
}
