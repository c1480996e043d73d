//! Cmdlets in text logs: what remote PowerShell ran (`CmdletInfra\...\Rps_Cmdlet`), and the spool of the admin audit log
//! (`CosmosQueue\audit`). What a call means is [`super::cmdlets`]'.

use super::cmdlets::{self, Call};
use super::{Field, Kind, Known, Lens, Marks, Needle, Record};

pub(super) const LENS: Lens =
    Lens { checks: cmdlets::CHECKS, kinds: &[Kind::Cmdlet, Kind::Audit], needles: &NEEDLES, look };

/// The words of [`cmdlets::NEEDLES`], as they are searched for.
const NEEDLES: [Needle; 7] = [
    Needle::new("mailboxexportrequest"),
    Needle::new("managementroleassignment"),
    Needle::new("exchangecertificate"),
    Needle::new("virtualdirectory"),
    Needle::new("transportagent"),
    Needle::new("adminauditlogconfig"),
    Needle::new("mitigationsenabled"),
];

fn look(record: &Record<'_>, known: &Known<'_>, marks: &mut Marks<'_>) {
    let success = match record.get(Field::Outcome) {
        "" => None,
        outcome => Some(outcome.eq_ignore_ascii_case("success") || outcome.eq_ignore_ascii_case("true")),
    };
    let call =
        Call { cmdlet: record.get(Field::Cmdlet), parameters: record.get(Field::Parameters), success, computer: "" };
    if let Some(shown) = cmdlets::judge(&call, known.places) {
        marks.see(record, shown.check, shown.grade, shown.level, &shown.title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_cmdlets_are_judged_by_is_searched_for() {
        let searched: Vec<&str> = NEEDLES.iter().map(|needle| needle.text).collect();
        let judged: Vec<String> = cmdlets::NEEDLES.iter().map(|needle| needle.to_ascii_lowercase()).collect();
        assert_eq!(searched, judged);
    }
}
