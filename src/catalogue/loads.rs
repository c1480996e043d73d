//! Configuration attributes that load code, in addition to handlers and modules: `signatures/web/loads.csv`, one
//! attribute per row.

use crate::model::server_path::fold;
use std::collections::HashMap;

/// What the value of an attribute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The name of a .NET class.
    Class,
    /// The name of an assembly.
    Assembly,
    /// A native library.
    Library,
    /// A class of COM.
    Com,
    /// A program or a command line.
    Command,
    /// What a program is started with.
    Arguments,
    /// What a compiler is started with.
    Options,
    /// The name of a variable of the environment; its value stands beside it.
    Variable,
    /// A page or a control, by its address.
    Page,
    /// A folder.
    Folder,
    /// Nothing: that the conditions hold is what counts.
    Switch,
}

/// A condition on an attribute of the same element.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Is(String, String),
    IsNot(String, String),
    Has(String, String),
    HasNot(String, String),
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// The names of the element and of those around it, the outermost first.
    pub place: Vec<String>,
    /// The attribute; empty for a switch.
    pub attribute: String,
    when: Vec<Condition>,
    /// What its value is.
    pub kind: Kind,
    /// The score in Exchange folders.
    pub exchange: u8,
    /// The score in configuration of the whole server.
    pub server: u8,
    /// The score elsewhere.
    pub site: u8,
    /// Default values, folded.
    pub defaults: Vec<String>,
    /// What it does, behind "a class that".
    pub does: String,
}

impl Load {
    /// Whether the conditions hold for an element whose attributes `value` gives.
    pub fn applies<'v>(&self, value: impl Fn(&str) -> &'v str) -> bool {
        self.when.iter().all(|condition| match condition {
            Condition::Is(name, wanted) => fold(value(name).trim()) == *wanted,
            Condition::IsNot(name, other) => fold(value(name).trim()) != *other,
            Condition::Has(name, part) => has(value(name), part),
            Condition::HasNot(name, part) => !has(value(name), part),
        })
    }

    /// Whether a value is a default.
    pub fn is_default(&self, value: &str) -> bool {
        let value = fold(value.trim());
        self.defaults.contains(&value)
    }
}

/// All rows, by the innermost element.
#[derive(Clone, Debug, Default)]
pub struct Loads {
    rows: HashMap<String, Vec<Load>>,
}

impl Loads {
    pub(super) fn parse(text: &str) -> Self {
        let mut loads = Self::default();
        let reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        for row in reader.into_records().flatten() {
            let cell = |at: usize| row.get(at).unwrap_or_default().trim();
            let Some(kind) = kind(cell(3)) else { continue };
            let place: Vec<String> = cell(0).split('/').map(str::to_owned).collect();
            let score = |at: usize| cell(at).parse().unwrap_or_default();
            let load = Load {
                attribute: cell(1).to_owned(),
                when: cell(2).split(';').filter_map(condition).collect(),
                kind,
                exchange: score(4),
                server: score(5),
                site: score(6),
                defaults: cell(7).split('|').filter(|value| !value.is_empty()).map(fold).collect(),
                does: cell(8).to_owned(),
                place,
            };
            loads.rows.entry(load.place.last().cloned().unwrap_or_default()).or_default().push(load);
        }
        loads
    }

    /// The rows about elements of this name.
    pub fn of(&self, element: &str) -> &[Load] {
        self.rows.get(element).map_or(&[], Vec::as_slice)
    }

    /// The names of the elements that rows are about.
    pub fn elements(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.values().map(Vec::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Whether a list, however its parts are divided, has this one.
fn has(list: &str, part: &str) -> bool {
    fold(list).split([',', ' ', '|', '\\']).any(|one| one == part)
}

fn condition(text: &str) -> Option<Condition> {
    let split = |by: &str| text.split_once(by).map(|(name, value)| (name.trim().to_owned(), fold(value.trim())));
    split("!=")
        .map(|(name, value)| Condition::IsNot(name, value))
        .or_else(|| split("!~").map(|(name, value)| Condition::HasNot(name, value)))
        .or_else(|| split("~").map(|(name, value)| Condition::Has(name, value)))
        .or_else(|| split("=").map(|(name, value)| Condition::Is(name, value)))
}

fn kind(text: &str) -> Option<Kind> {
    Some(match text {
        "class" => Kind::Class,
        "assembly" => Kind::Assembly,
        "library" => Kind::Library,
        "com" => Kind::Com,
        "command" => Kind::Command,
        "arguments" => Kind::Arguments,
        "options" => Kind::Options,
        "variable" => Kind::Variable,
        "page" => Kind::Page,
        "folder" => Kind::Folder,
        "switch" => Kind::Switch,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::loads;
    use super::*;

    #[test]
    fn every_row_is_read_and_makes_sense() {
        let rows = include_str!("../../signatures/web/loads.csv").lines().count() - 1;
        assert_eq!(loads().len(), rows);
        for load in loads().elements().flat_map(|name| loads().of(name)) {
            assert_eq!(load.attribute.is_empty(), load.kind == Kind::Switch, "{load:?}");
            assert!(load.kind == Kind::Variable || !load.does.is_empty(), "{load:?}");
            assert!(load.site <= load.server && load.server <= load.exchange && load.exchange > 0, "{load:?}");
        }
    }

    #[test]
    fn conditions_are_of_the_same_element() {
        let load = &Loads::parse("h,h,h,h,h,h,h,h,h\na/x,,b=one;c~two;d!=,switch,3,2,1,,says so").of("x")[0].clone();
        let has = |b: &'static str, c: &'static str, d: &'static str| {
            load.applies(|name| match name {
                "b" => b,
                "c" => c,
                _ => d,
            })
        };
        assert!(has("ONE", "zero, Two", "x"));
        assert!(!has("1", "two", "x") && !has("one", "twofold", "x") && !has("one", "two", ""));
    }
}
