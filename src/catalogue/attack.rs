//! Techniques and tactics of MITRE ATT&CK: `signatures/attack.csv`, which names their version.

use crate::model::{Tactic, Technique};
use std::collections::BTreeMap;

/// The techniques by their id.
#[derive(Clone, Debug, Default)]
pub struct Techniques(BTreeMap<&'static str, Technique>);

impl Techniques {
    /// Reads the table: `id,name,tactics,source`. A tactic has its short name in the third column, a technique those of its
    /// tactics with `|` between them. The table is embedded and read once, so its text stays for good.
    pub(super) fn parse(table: &'static str) -> Self {
        let rows = table.lines().skip(1).filter_map(columns);
        let (tactics, techniques): (Vec<_>, Vec<_>) = rows.partition(|(id, ..)| id.starts_with("TA"));
        let tactics: BTreeMap<&str, Tactic> =
            tactics.into_iter().map(|(id, name, short)| (short, Tactic { id, name })).collect();
        let names: BTreeMap<&str, &'static str> = techniques.iter().map(|(id, name, _)| (*id, *name)).collect();
        let technique = |(id, name, short): (&'static str, &'static str, &'static str)| {
            let parent = id.split_once('.').and_then(|(parent, _)| Some((parent, *names.get(parent)?)));
            let tactics = short.split('|').filter_map(|short| tactics.get(short)).copied().collect();
            (id, Technique { id, name, parent, tactics })
        };
        Self(techniques.into_iter().map(technique).collect())
    }

    /// A technique by its id: `T1505.003`.
    pub fn get(&self, id: &str) -> Option<&Technique> {
        self.0.get(id)
    }
}

/// Id, name and tactics of a row. Names have commas only within quotes, and no quotes inside.
fn columns(row: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let (id, rest) = row.split_once(',')?;
    let (name, rest) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\",")?,
        None => rest.split_once(',')?,
    };
    Some((id, name, rest.split_once(',').map_or(rest, |(tactics, _)| tactics)))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_technique_has_its_name_its_parent_and_its_tactics() {
        let techniques = crate::catalogue::techniques();
        let shell = techniques.get("T1505.003").expect("is there");
        assert_eq!((shell.name, shell.parent), ("Web Shell", Some(("T1505", "Server Software Component"))));
        assert_eq!(
            shell.tactics.iter().map(|tactic| (tactic.id, tactic.name)).collect::<Vec<_>>(),
            [("TA0003", "Persistence")]
        );
        assert_eq!(shell.reference(), "https://attack.mitre.org/techniques/T1505/003/");
        assert_eq!(techniques.get("T0000"), None);
    }

    #[test]
    fn every_row_is_read_as_a_reader_of_csv_reads_it() {
        let techniques = crate::catalogue::techniques();
        let text = include_str!("../../signatures/attack.csv");
        for row in csv::Reader::from_reader(text.as_bytes()).records().map(|row| row.expect("well-formed")) {
            let Some(technique) = techniques.get(&row[0]) else {
                assert!(row[0].starts_with("TA"), "{}", &row[0]);
                continue;
            };
            assert_eq!(technique.name, &row[1]);
            assert_eq!(technique.tactics.len(), row[2].split('|').count(), "{}", &row[0]);
            assert!(!row[3].is_empty(), "{} has no source", &row[0]);
        }
    }
}
