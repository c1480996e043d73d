//! Cmdlets in remote PowerShell logs and the audit spool: extracts them from a line for [`cmdlets`].

use super::cmdlets::parameters::text_of;
use super::cmdlets::{self, Call};
use super::{Field, Kind, Known, LogCheck, Needle, Observations, Record};
use crate::logs::text::find_folded;

pub(super) const LOG_CHECK: LogCheck = LogCheck {
    checks: cmdlets::CHECKS,
    kinds: &[Kind::Cmdlet, Kind::Audit],
    // Those of `cmdlets::NEEDLES`; a test compares them.
    needles: &[
        Needle::new("mailboxexportrequest"),
        Needle::new("managementroleassignment"),
        Needle::new("exchangecertificate"),
        Needle::new("virtualdirectory"),
        Needle::new("transportagent"),
        Needle::new("adminauditlogconfig"),
        Needle::new("mitigationsenabled"),
        Needle::new("forwardingsmtpaddress"),
        Needle::new("forwardingaddress"),
        Needle::new("new-inboxrule"),
        Needle::new("set-inboxrule"),
        Needle::new("add-mailboxpermission"),
        Needle::new("add-recipientpermission"),
        Needle::new("add-adpermission"),
        Needle::new("add-rolegroupmember"),
        Needle::new("update-rolegroupmember"),
        Needle::new("new-rolegroup"),
    ],
    words: &[],
    run,
};

fn run(record: &Record<'_>, known: &Known<'_>, observations: &mut Observations<'_>) {
    // A record of the audit log that was truncated has no columns behind its data.
    let data = record.get(Field::Data);
    let operation = match record.get(Field::Operation) {
        "" => text_of(data, "Operation").unwrap_or_default(),
        operation => operation.to_owned(),
    };
    let (cmdlet, parameters) = match (record.get(Field::Cmdlet), operation.as_str()) {
        // A log of other columns: the first word of the kind, and what follows it.
        ("", "") => match word(record.raw) {
            Some(found) => found,
            None => return,
        },
        ("", operation) => (operation, data),
        (cmdlet, _) => (cmdlet, record.get(Field::Parameters)),
    };
    let success = match record.get(Field::Outcome) {
        "" => None,
        // The audit log says whether it succeeded.
        outcome => Some(find_folded(outcome, "success").is_some() || outcome.eq_ignore_ascii_case("true")),
    };
    let call = Call { cmdlet, parameters, success, computer: record.get(Field::Server) };
    if let Some(shown) = cmdlets::judge(&call, known.folders) {
        observations.report(record, shown.check, shown.stage, shown.level, &shown.title);
    }
}

/// The first `Verb-Noun` of which the noun is looked for, and the text behind it.
fn word(raw: &str) -> Option<(&str, &str)> {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    cmdlets::NEEDLES
        .iter()
        .filter_map(|noun| find_folded(raw, noun))
        .filter_map(|at| {
            let start = raw[..at]
                .rfind(|c: char| !part(c))
                .map_or(0, |before| before + raw[before..].chars().next().map_or(1, char::len_utf8));
            let end = raw[at..].find(|c: char| !part(c)).map_or(raw.len(), |end| at + end);
            raw[start..end].contains('-').then(|| (&raw[start..end], &raw[end..]))
        })
        .min_by_key(|(word, _)| word.as_ptr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_cmdlets_need_is_searched_for() {
        let own: Vec<String> = LOG_CHECK.needles.iter().map(|needle| needle.text.to_owned()).collect();
        let theirs: Vec<String> = cmdlets::NEEDLES.iter().map(|word| word.to_ascii_lowercase()).collect();
        assert_eq!(own, theirs);
    }

    #[test]
    fn a_cmdlet_is_found_among_other_columns() {
        assert_eq!(
            word("t,\u{e9}New-MailboxExportRequest,-FilePath x"),
            Some(("New-MailboxExportRequest", ",-FilePath x"))
        );
        assert_eq!(word("MailboxExportRequest"), None);
    }
}
