use super::*;
use crate::model::{Coverage, LogHit, LogSpan, Outcome, ProblemKind, Stage, Summary, Timestamp};

#[test]
fn the_worked_example_of_the_document_holds() {
    assert_eq!(format!("{:.3}", combined(&[40, 70, 50, 70, 40])), "84.196");
    let document = include_str!("../../docs/verdict.md");
    assert!(document.contains("[70, 70, 50, 40, 40]") && document.contains("84.196"));
}

#[test]
fn one_reason_is_its_own_score_and_none_is_zero() {
    assert_eq!(combined(&[]), 0.0);
    assert!((combined(&[70]) - 70.0).abs() < 1e-9);
    assert!((combined(&[100, 100]) - 100.0).abs() < 1e-9);
}

#[test]
fn weak_reasons_never_add_up_to_high() {
    let weak = [59; 30];
    assert!(combined(&weak) > 75.0);
    assert_eq!(level(combined(&weak), 59), Level::Medium);
    assert_eq!(level(combined(&[74, 74, 74, 74]), 74), Level::High);
    assert_eq!(level(95.0, 75), Level::Critical);
}

#[test]
fn levels_change_exactly_at_their_bounds() {
    for (score, expected) in [
        (24.9, Level::Info),
        (25.0, Level::Low),
        (49.9, Level::Low),
        (50.0, Level::Medium),
        (74.9, Level::Medium),
        (75.0, Level::High),
        (89.9, Level::High),
        (90.0, Level::Critical),
    ] {
        assert_eq!(level(score, 100), expected, "{score}");
    }
}

fn reason(id: &str, kind: ReasonKind, score: u8) -> Reason {
    let (id, title) = (id.to_owned(), String::new());
    Reason { id, kind, score, title, locations: Vec::new(), rule: None, path: Vec::new() }
}

fn finding(reasons: &[(&str, ReasonKind, u8)]) -> Finding {
    let reasons = reasons.iter().map(|(id, kind, score)| reason(id, *kind, *score)).collect();
    let file = crate::detect::test_support::artefact("web.config", crate::model::Role::WebRoot, "web.config");
    score_finding(file, reasons).expect("has reasons")
}

#[test]
fn behaviours_that_end_in_the_same_place_count_once_and_in_two_places_twice() {
    let ends = |id: &str, score: u8, offset: u64, kind: ReasonKind| {
        let sink = crate::model::Location {
            offset,
            length: 4,
            encodings: "stored".to_owned(),
            line: None,
            excerpt: String::new(),
            role: Some(LocationRole::Sink),
        };
        Reason { locations: vec![sink], ..reason(id, kind, score) }
    };
    let level = |second: Reason| {
        let file = crate::detect::test_support::artefact("a.aspx", crate::model::Role::WebRoot, "a.aspx");
        score_finding(file, vec![ends("a", 72, 10, ReasonKind::Behaviour), second]).expect("has reasons").level
    };
    assert_eq!(level(ends("b", 60, 10, ReasonKind::Behaviour)), Level::Medium, "one action, seen twice");
    assert_eq!(level(ends("b", 60, 90, ReasonKind::Behaviour)), Level::High, "two acts");
    assert_eq!(level(ends("b", 60, 10, ReasonKind::Signature)), Level::High, "another reader says it, too");
}

#[test]
fn weak_reasons_of_configuration_are_no_medium_together_and_one_strong_one_is() {
    let weak = [("a", ReasonKind::Config, 49), ("b", ReasonKind::Config, 45), ("c", ReasonKind::Timestamp, 30)];
    assert_eq!(finding(&weak).level, Level::Low);
    assert!(finding(&weak).score > 50.0, "the score stays what it is");
    assert_eq!(finding(&[("a", ReasonKind::Config, 50)]).level, Level::Medium);
    let other = [weak[0], weak[1], ("d", ReasonKind::Location, 20)];
    assert_eq!(finding(&other).level, Level::Medium, "something else says it, too");
}

#[test]
fn what_opens_a_door_is_a_check_of_configuration() {
    for id in EXPOSURES {
        assert!(crate::detect::config::checks().any(|check| check.id == *id), "{id}");
    }
}

#[test]
fn an_open_door_is_critical_and_no_compromise() {
    let open = ("config/machine_key_disclosed", ReasonKind::Config, 95);
    let coverage = Coverage { surveyed: 3, examined: 3, ..Coverage::default() };
    let of = |findings: &[Finding]| {
        let mut tally = Tally::default();
        findings.iter().for_each(|finding| tally.add_finding(finding));
        let summary = conclude(&tally, &coverage, false);
        (summary.outcome, summary.by_level, summary.words)
    };
    let door = finding(&[open, ("config/machine_key_fixed", ReasonKind::Config, 20)]);
    assert_eq!((door.level, level_of_intrusion(&door)), (Level::Critical, Level::Info));
    let (outcome, by_level, words) = of(std::slice::from_ref(&door));
    assert_eq!((outcome, by_level), (Outcome::Exposed, [0, 0, 0, 0, 1]));
    assert!(words.starts_with("1 file exposes the server to anyone"), "{words}");
    let shell = finding(&[("behaviour/x", ReasonKind::Behaviour, 95)]);
    assert_eq!(of(&[door.clone(), shell]).0, Outcome::Compromised);
    let odd = finding(&[("location/x", ReasonKind::Location, 60)]);
    let (outcome, _, words) = of(&[door.clone(), odd]);
    assert_eq!(outcome, Outcome::Suspicious);
    assert!(
        words.starts_with("1 file needs review") && words.ends_with("1 file exposes the server to anyone"),
        "{words}"
    );
    let both = finding(&[open, ("config/static_extension_handler", ReasonKind::Config, 60)]);
    assert_eq!(of(&[both]).0, Outcome::Suspicious, "what else the file says counts as ever");
    let malicious = finding(&[open, ("behaviour/x", ReasonKind::Behaviour, 95)]);
    assert_eq!(of(&[malicious]).0, Outcome::Compromised);
}

fn conclude(tally: &Tally, coverage: &Coverage, interrupted: bool) -> Summary {
    let scope = Scope { files: Some(coverage), logs: None, interrupted, no_baseline: &[] };
    tally.conclude(scope, Vec::new(), 0.0)
}

#[test]
fn a_gap_turns_nothing_found_into_incomplete() {
    let mut tally = Tally::default();
    let coverage = Coverage { surveyed: 3, examined: 3, ..Coverage::default() };
    assert_eq!(conclude(&tally, &coverage, false).outcome, Outcome::NothingFound);
    tally.add_problem(ProblemKind::FolderMissing);
    assert_eq!(conclude(&tally, &coverage, false).outcome, Outcome::NothingFound);
    tally.add_problem(ProblemKind::FileLocked);
    let summary = conclude(&tally, &coverage, false);
    assert_eq!(summary.outcome, Outcome::Incomplete);
    assert_eq!(summary.gaps.as_deref(), Some("1 file was locked"));
    assert_eq!(conclude(&tally, &coverage, true).outcome, Outcome::Incomplete);
}

#[test]
fn an_interruption_is_reported_with_what_is_left_of_the_files() {
    let coverage = Coverage { surveyed: 3, examined: 1, not_reached: 2, ..Coverage::default() };
    let gaps = conclude(&Tally::default(), &coverage, true).gaps;
    assert_eq!(gaps.as_deref(), Some("interrupted with 2 files left"));
    let scope = Scope { files: None, logs: Some(&[]), interrupted: true, no_baseline: &[] };
    let summary = Tally::default().conclude(scope, Vec::new(), 0.0);
    assert_eq!((summary.outcome, summary.gaps.as_deref()), (Outcome::Incomplete, Some("interrupted")));
}

#[test]
fn what_is_listed_below_medium_is_never_called_nothing() {
    let coverage = Coverage { surveyed: 9, examined: 9, ..Coverage::default() };
    let words = |low: u64, hits: &[LogHit], gap: bool| {
        let mut tally = Tally { by_level: [5, low, 0, 0, 0], ..Tally::default() };
        hits.iter().for_each(|hit| tally.add_hit(hit));
        if gap {
            tally.add_problem(ProblemKind::FileLocked);
        }
        let summary = conclude(&tally, &coverage, false);
        (summary.outcome, summary.words)
    };
    let tried = [hit(Level::Low, "c", "a", 5)];
    let exploited = [hit(Level::High, "c", "a", 5)];
    for (low, hits, gap, outcome, expected) in [
        (0, &[][..], false, Outcome::NothingFound, "nothing found in 9 files"),
        (1, &[], false, Outcome::NothingFound, "nothing at medium or above found in 9 files; 1 low finding"),
        (
            3,
            &[],
            true,
            Outcome::Incomplete,
            "nothing at medium or above found in what could be examined; 3 low findings",
        ),
        (
            3,
            &tried,
            false,
            Outcome::Attempted,
            "attempts since 1970-01-01T00:00:05.0000000Z (c by 1 account), none known to have succeeded; nothing else at medium or above found; 3 low findings",
        ),
        (
            2,
            &exploited,
            false,
            Outcome::Compromised,
            "exploited since 1970-01-01T00:00:05.0000000Z (c by 1 account), no webshell found; 2 low findings",
        ),
    ] {
        assert_eq!(words(low, hits, gap), (outcome, expected.to_owned()));
    }
}

#[test]
fn a_build_that_no_table_knows_is_reported_whatever_the_verdict_and_is_no_gap() {
    let coverage = Coverage { surveyed: 9, examined: 9, ..Coverage::default() };
    let lines = ["C:\\V15: no baseline for this build".to_owned()];
    for (by_level, outcome) in [
        ([0; 5], Outcome::NothingFound),
        ([0, 0, 1, 0, 0], Outcome::Suspicious),
        ([0, 0, 0, 0, 1], Outcome::Compromised),
    ] {
        let tally = Tally { by_level, ..Tally::default() };
        let scope = Scope { files: Some(&coverage), logs: None, interrupted: false, no_baseline: &lines };
        let summary = tally.conclude(scope, Vec::new(), 0.0);
        assert_eq!((summary.outcome, summary.gaps), (outcome, None));
        assert!(summary.words.ends_with("; no baseline for this build"), "{}", summary.words);
        assert_eq!(summary.no_baseline, lines);
    }
}

fn hit(level: Level, check: &'static str, client: &str, second: i64) -> LogHit {
    LogHit {
        check,
        cves: &[],
        stage: crate::model::Stage::Attempt,
        level,
        title: String::new(),
        client: client.to_owned(),
        first: Some(Timestamp::new(second, 0)),
        last: None,
        count: 1,
        locations: Vec::new(),
        patch: None,
    }
}

/// The ladder of the verdict, each step with its words.
#[test]
fn files_and_logs_are_weighed_together() {
    let coverage = Coverage { surveyed: 3, examined: 3, ..Coverage::default() };
    let span = LogSpan {
        files: 1,
        first: Some(Timestamp::new(0, 0)),
        last: Some(Timestamp::new(9, 0)),
        gaps_count: 1,
        ..LogSpan::default()
    };
    let spans = [span, LogSpan::default()];
    let verdict = |shells: u64, hits: &[LogHit], spans: &[LogSpan]| {
        let mut tally = Tally { by_level: [0, 0, 0, 0, shells], ..Tally::default() };
        hits.iter().for_each(|hit| tally.add_hit(hit));
        let scope = Scope { files: Some(&coverage), logs: Some(spans), interrupted: false, no_baseline: &[] };
        let summary = tally.conclude(scope, Vec::new(), 0.0);
        (summary.outcome, summary.words)
    };
    let exploited = [hit(Level::Critical, "log/proxylogon", "a", 5), hit(Level::High, "log/proxyshell", "203.0.113.9", 4)];
    let tried = [hit(Level::Low, "log/proxylogon", "a", 5)];
    let reached = [hit(Level::Medium, "log/proxylogon", "a", 5)];
    let context = [hit(Level::Info, "log/proxylogon", "a", 5)];
    for (shells, hits, outcome, words) in [
        (
            2,
            &exploited[..],
            Outcome::Compromised,
            "exploited since 1970-01-01T00:00:04.0000000Z (proxylogon, proxyshell by 1 address and 1 account), and 2 malicious files (high confidence)",
        ),
        (
            1,
            &[],
            Outcome::Compromised,
            "1 malicious file (high confidence); the available logs do not show the initial access",
        ),
        (
            1,
            &tried,
            Outcome::Compromised,
            "1 malicious file (high confidence); the logs show attempts since 1970-01-01T00:00:05.0000000Z (proxylogon by 1 account), none known to have succeeded",
        ),
        (
            0,
            &exploited,
            Outcome::Compromised,
            "exploited since 1970-01-01T00:00:04.0000000Z (proxylogon, proxyshell by 1 address and 1 account), no webshell found",
        ),
        (
            0,
            &reached,
            Outcome::Suspicious,
            "attempts since 1970-01-01T00:00:05.0000000Z (proxylogon by 1 account), some of which may have succeeded",
        ),
        (
            0,
            &tried,
            Outcome::Attempted,
            "attempts since 1970-01-01T00:00:05.0000000Z (proxylogon by 1 account), none known to have succeeded; nothing else found",
        ),
        (
            0,
            &context,
            Outcome::NothingFound,
            "nothing found in 3 files, nor in logs from 1970-01-01T00:00:00.0000000Z to 1970-01-01T00:00:09.0000000Z, with 1 gap; 1 log type is missing",
        ),
    ] {
        assert_eq!(verdict(shells, hits, &spans), (outcome, words.to_owned()));
    }
    let noted = |level| LogHit { stage: Stage::ConfigurationChanged, ..hit(level, "event/log_cleared", "a", 5) };
    let sign = "the logs show activity that needs review since 1970-01-01T00:00:05.0000000Z (log_cleared by 1 account)";
    assert_eq!(
        verdict(0, &[noted(Level::Medium)], &spans),
        (Outcome::Suspicious, format!("no exploitation attempt found; {sign}"))
    );
    let (outcome, words) = verdict(0, &[noted(Level::Medium), tried[0].clone()], &spans);
    assert_eq!(outcome, Outcome::Suspicious);
    assert!(words.contains("none known to have succeeded; the logs show activity that needs review"), "{words}");
    let (outcome, words) = verdict(0, &[noted(Level::Low)], &spans);
    assert!(outcome == Outcome::NothingFound && words.ends_with(sign), "{words}");
    let (outcome, words) = verdict(0, &[], &[]);
    assert_eq!(outcome, Outcome::NothingFound);
    assert!(words.contains("exploitation cannot be ruled out"), "{words}");
}

#[test]
fn the_earliest_time_is_none_that_is_known_to_be_forged() {
    let mut tally = Tally::default();
    let reasons = [("behaviour/x", ReasonKind::Behaviour, 95), ("timestamp/set_back", ReasonKind::Timestamp, 15)];
    for (reasons, second) in [(&reasons[..], 1), (&reasons[..1], 5)] {
        let mut file = finding(reasons);
        file.artefact.entry.times.created = Some(Timestamp::new(second, 0));
        tally.add_finding(&file);
    }
    assert_eq!(tally.earliest, Some((Timestamp::new(5, 0), "created")));
}
