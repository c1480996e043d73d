//! Names that imitate default Exchange pages.

use super::{Seen, checks, in_exchange_web, in_logon_folder};
use crate::catalogue::{ExchangeFolder, Pages, pages};
use crate::detect::{Knowledge, ScanResults};
use crate::model::Role;

/// Longer names are compared with nothing: the longest default one has 41 letters.
const LONGEST: usize = 64;

/// Default names that are so typical of Exchange that they are odd in any other site.
const TELLING: &[&str] = &[
    "errorfe.aspx",
    "frowny.aspx",
    "outlookcn.aspx",
    "redirsuiteserviceproxy.aspx",
    "svmfeedback.aspx",
    "timeoutlogout.aspx",
];
/// Default names that anybody gives a page.
const ANYBODYS: &[&str] =
    &["default.aspx", "error.aspx", "about.aspx", "main.aspx", "info.aspx", "global.asax", "service.svc"];

/// Lets both checks of this file look.
pub(super) fn look(seen: &Seen<'_>, knowledge: &Knowledge, results: &mut ScanResults) {
    let place = &seen.artefact.place;
    let (folder, name) = place.relative.rsplit_once('\\').unwrap_or(("", &place.relative));
    if !place.names_known || knowledge.baseline_names.contains(&place.relative) {
        return;
    }
    let pages = pages();
    if pages.folders_of(name).next().is_some() {
        in_the_wrong_folder(seen, pages, name, results);
    } else if in_exchange_web(seen.artefact) {
        imitates(seen, pages, folder, name, results);
    }
}

/// What it does: looks for a default page's file name in a folder of Exchange where no build has it, and for the few names
/// that nobody but Exchange has in any site. Why it matters: `TimeoutLogout.aspx` in `owa\auth` was a shell; the name passes
/// for a default one. Benign look-alikes: a page that a later build moved; names that anybody gives are left out.
fn in_the_wrong_folder(seen: &Seen<'_>, pages: &Pages, name: &str, results: &mut ScanResults) {
    let mut homes = pages.folders_of(name);
    let Some(home) = homes.next() else { return };
    let own = |folder: &str| ExchangeFolder::Logon.folded().any(|logon| logon == folder);
    // A name of several folders is not telling, unless all of them are logon folders.
    let indicative = !ANYBODYS.contains(&name) && homes.all(|other| own(home) && own(other));
    let odd_here = match seen.artefact.place.role {
        Role::Exchange => in_exchange_web(seen.artefact) && indicative,
        Role::WebRoot => TELLING.contains(&name),
        _ => false,
    };
    if odd_here {
        let title = format!("named like the default Exchange page {name}, which belongs in {home}");
        results.reasons.push(seen.reason(&checks::KNOWN_PAGE_NAME_WRONG_FOLDER, 50, title));
    }
}

/// What it does: compares a name that is no default with the default pages of its folder and of the logon folders: a letter
/// more, less, other or swapped, digits for letters, a number at the end, and in the logon folders another code at the end
/// (`OutlookEN` for `OutlookCN`). Why it matters: such names are chosen to be passed over. Benign look-alikes: a page of a later
/// build; of all default ones three pairs would look alike, none of which lies in a logon folder of the front end.
fn imitates(seen: &Seen<'_>, pages: &Pages, folder: &str, name: &str, results: &mut ScanResults) {
    if name.chars().count() > LONGEST {
        return;
    }
    let logon = in_logon_folder(seen.artefact);
    let of_logon = ExchangeFolder::Logon.folded().flat_map(|logon| pages.in_folder(logon));
    let mut candidates = pages.in_folder(folder).chain(of_logon).filter(|default_name| *default_name != name);
    if let Some(default_name) = candidates.find(|default_name| alike(name, default_name, logon)) {
        // In a logon folder the name is no default one, which is reported already.
        let score = if logon { 40 } else { 50 };
        results.reasons.push(seen.reason(
            &checks::LOOK_ALIKE_PAGE_NAME,
            score,
            format!("similar to the name of the default Exchange page {default_name}"),
        ));
    }
}

/// Whether a name imitates a default one. `loose`: in the logon folders, which have few default pages.
fn alike(name: &str, default_name: &str, loose: bool) -> bool {
    let (Some((a, kind_a)), Some((b, kind_b))) = (name.rsplit_once('.'), default_name.rsplit_once('.')) else {
        return false;
    };
    if kind_a != kind_b && !loose {
        return false;
    }
    if a == b {
        return loose; // logon.asp
    }
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if b.len() < 5 {
        return false;
    }
    let allowed = match a.len().min(b.len()) {
        16.. if loose => 3,
        8.. if loose => 2,
        5.. => 1,
        _ => 0,
    };
    skeleton(&a) == skeleton(&b)
        || without_number(&a) == without_number(&b)
        || within(&a, &b, allowed)
        || loose && other_code(&a, &b)
}

/// A name with what is read as the same letter made the same.
fn skeleton(name: &[char]) -> String {
    let same = |c: &char| match c {
        '0' | '\u{43e}' | '\u{3bf}' => Some('o'),
        '1' | 'i' | '\u{456}' | '\u{131}' | '|' => Some('l'),
        '3' | '\u{435}' => Some('e'),
        '4' | '\u{430}' => Some('a'),
        '5' | '\u{455}' => Some('s'),
        '7' => Some('t'),
        '\u{440}' => Some('p'),
        '\u{441}' => Some('c'),
        '\u{443}' => Some('y'),
        '\u{445}' => Some('x'),
        '-' | '_' | ' ' => None,
        c => Some(*c),
    };
    name.iter().filter_map(same).collect()
}

fn without_number(name: &[char]) -> &[char] {
    let length = name.iter().rposition(|c| !c.is_ascii_digit()).map_or(0, |last| last + 1);
    &name[..length.max(1).min(name.len())]
}

/// Whether both begin alike and end in different codes: `OutlookEN` and `OutlookCN`, `logout` and `logoff`.
fn other_code(a: &[char], b: &[char]) -> bool {
    let common = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let longest = a.len().max(b.len()) - common;
    common >= 5 && longest <= 3 || common >= 4 && longest <= 2
}

/// Whether one becomes the other by at most so many letters put in, left out, exchanged or swapped with the next (optimal
/// string alignment). Only a band of the table is worked out, so the time is linear.
fn within(a: &[char], b: &[char], most: usize) -> bool {
    if a.len().abs_diff(b.len()) > most {
        return false;
    }
    let far = most + 1;
    let width = b.len() + 1;
    let (mut before, mut last): (Vec<usize>, Vec<usize>) = (vec![far; width], (0..width).collect());
    for i in 1..=a.len() {
        let mut row = vec![far; width];
        if i <= most {
            row[0] = i;
        }
        for j in i.saturating_sub(most).max(1)..=(i + most).min(b.len()) {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (last[j] + 1).min(row[j - 1] + 1).min(last[j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row[j] = best.min(far);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()] <= most
}

#[cfg(test)]
mod tests {
    use super::super::tests::reasons;
    use super::*;
    use proptest::prelude::*;

    fn exchange(path: &str) -> Vec<&'static str> {
        reasons(Role::Exchange, &format!(r"C:\V15|{path}")).into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn names_near_a_default_one_are_reported_in_logon_folders() {
        for name in [
            "RedirSuiteServerProxy",
            "OutlookEN",
            "OutlookZH",
            "OutlookJP",
            "OutlookCN1",
            "errorFF",
            "errorEE",
            "errorEW",
            "errorEEE",
            "logout",
            "log0n",
            "1ogon",
            "lgoon",
            "logon2",
            "Sign0ut",
            "error3",
            "err\u{43e}rFE",
            "time_out_logout",
        ] {
            let found = exchange(&format!(r"FrontEnd\HttpProxy\owa\auth\{name}.aspx"));
            assert_eq!(found, ["location/unknown_page_in_logon_folder", "location/look_alike_page_name"], "{name}");
        }
        assert_eq!(
            exchange(r"FrontEnd\HttpProxy\ecp\auth\TimeoutLogon.aspx"),
            ["location/unknown_page_in_logon_folder", "location/look_alike_page_name"]
        );
        assert_eq!(
            exchange(r"FrontEnd\HttpProxy\owa\auth\logon.asp"),
            ["location/unknown_page_in_logon_folder", "location/look_alike_page_name"]
        );
        for name in ["bob", "help", "x", "8Lw7tAhF9i1pJnRo", "owafonts", "authhead"] {
            assert_eq!(
                exchange(&format!(r"FrontEnd\HttpProxy\owa\auth\{name}.aspx")),
                ["location/unknown_page_in_logon_folder"],
                "{name}"
            );
        }
    }

    #[test]
    fn elsewhere_in_exchange_only_what_is_nearest_is_reported() {
        for path in [
            r"ClientAccess\ecp\abuot.aspx",
            r"ClientAccess\ecp\default2.aspx",
            r"ClientAccess\ecp\OutlookEN.aspx",
            r"FrontEnd\HttpProxy\owa\logon1.aspx",
        ] {
            assert_eq!(exchange(path), ["location/look_alike_page_name"], "{path}");
        }
        for path in [
            r"ClientAccess\ecp\summary.aspx",
            r"ClientAccess\ecp\about.ashx",
            r"ClientAccess\ecp\Pickers\mypicker.aspx",
            r"ClientAccess\ecp\abuot.htm",
            r"FrontEnd\HttpProxy\owa\logout.css",
        ] {
            assert_eq!(exchange(path), [""; 0], "{path}");
        }
        assert_eq!(reasons(Role::WebRoot, r"C:\site|logon1.aspx"), []);
    }

    #[test]
    fn a_default_name_in_the_wrong_folder_is_reported_if_it_is_typical() {
        for path in [
            r"FrontEnd\HttpProxy\owa\errorFE.aspx",
            r"ClientAccess\ecp\logon.aspx",
            r"ClientAccess\ecp\Pickers\signout.aspx",
        ] {
            assert_eq!(exchange(path), ["location/known_page_name_wrong_folder"], "{path}");
        }
        assert_eq!(
            exchange(r"FrontEnd\HttpProxy\owa\auth\TimeoutLogout.aspx"),
            ["location/unknown_page_in_logon_folder", "location/known_page_name_wrong_folder"]
        );
        assert_eq!(reasons(Role::WebRoot, r"C:\site|errorFE.aspx"), [("location/known_page_name_wrong_folder", 50)]);
        for path in
            [r"ClientAccess\ecp\Pickers\error.aspx", r"ClientAccess\ecp\Pickers\default.aspx", r"Logs\logon.css"]
        {
            assert_eq!(exchange(path), [""; 0], "{path}");
        }
        for path in ["logon.aspx", "signout.aspx", "default.aspx"] {
            assert_eq!(reasons(Role::WebRoot, &format!(r"C:\site|{path}")), [], "{path}");
        }
    }

    #[test]
    fn hardly_any_default_page_looks_like_another() {
        let pages = pages();
        let mut pairs = Vec::new();
        for path in crate::catalogue::baseline_names().iter() {
            let Some((folder, name)) = path.rsplit_once('\\') else { continue };
            let twins = pages.in_folder(folder).filter(|other| *other > name && alike(name, other, false));
            pairs.extend(twins.map(|other| format!(r"{folder}\{name} {other}")));
        }
        assert!(pairs.len() <= 3, "{pairs:#?}");
    }

    /// The whole table, as a check of the band.
    fn distance(a: &[char], b: &[char]) -> usize {
        let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                rows[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                    best = best.min(rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]));
                    if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                        best = best.min(rows[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        rows[a.len()][b.len()]
    }

    proptest! {
        #[test]
        fn the_band_gives_what_the_whole_table_gives(a in "[ab]{0,9}", b in "[ab]{0,9}", most in 0usize..4) {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            prop_assert_eq!(within(&a, &b, most), distance(&a, &b) <= most);
        }

        #[test]
        fn no_name_is_too_strange_to_compare(name in "\\PC{0,80}", default_name in "[a-z]{1,9}\\.aspx") {
            let _ = alike(&name, &default_name, true);
            let _ = alike(&name, &default_name, false);
        }
    }
}
