//! Metadata of the built-in rules and notes of their families, without loading the rules.

/// A built-in rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleFacts {
    /// Its name.
    pub name: &'static str,
    /// The folder of its family or technique: `webshells/godzilla`.
    pub folder: &'static str,
    /// 0 to 100.
    pub score: u8,
    /// One sentence.
    pub description: &'static str,
    /// Where to read more.
    pub reference: &'static str,
    /// The techniques of MITRE ATT&CK, with commas between them.
    pub attack: &'static str,
}

/// Reads what `build.rs` wrote: a row a rule, columns with tabs between them.
pub(super) fn parse(table: &'static str) -> Vec<RuleFacts> {
    let fact = |row: &'static str| {
        let mut columns = row.split('\t');
        let mut next = || columns.next();
        Some(RuleFacts {
            name: next()?,
            folder: next()?,
            score: next()?.parse().ok()?,
            description: next()?,
            reference: next()?,
            attack: next()?,
        })
    };
    table.lines().filter_map(fact).collect()
}

/// The notes of a folder in what `build.rs` wrote: `folder`, a line with nothing but a form feed behind each.
pub(super) fn notes(all: &'static str, folder: &str) -> Option<&'static str> {
    all.split('\u{c}').find_map(|part| part.strip_prefix(folder)?.strip_prefix('\n')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use crate::catalogue::{rule_facts, rule_notes};
    use crate::detect::signatures::Signatures;

    #[test]
    fn every_built_in_rule_is_described_as_the_rule_describes_itself() {
        let (signatures, _) = Signatures::compile(true, &[]).expect("compiles");
        let mut rules = signatures.list();
        rules.sort_by(|a, b| a.name.cmp(&b.name));
        let mut facts = rule_facts().to_vec();
        facts.sort_by_key(|fact| fact.name);
        assert_eq!(facts.len(), rules.len());
        for (fact, rule) in facts.iter().zip(&rules) {
            assert_eq!((fact.name, fact.score, fact.description), (&*rule.name, rule.score, &*rule.description));
            assert!(rule_notes(fact.folder).is_some_and(|notes| notes.starts_with("# ")), "{}", fact.folder);
        }
        assert_eq!(rule_notes("webshells/none"), None);
    }
}
