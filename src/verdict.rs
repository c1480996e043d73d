//! Weighs reasons into a score and a level, and findings into one verdict. The formula is docs/verdict.md's.

use crate::model::{Artefact, Coverage, Finding, Level, Outcome, ProblemKind, Reason, Summary};
use std::collections::BTreeMap;

/// The combined score of reasons, 0 to 100: `100 * (1 - prod(1 - points_i / 100 / 2^i))`, points sorted high to low and
/// `i` counted from 0. One strong reason decides; each further one moves the rest half as far.
pub fn score(points: &[u8]) -> f64 {
    let mut sorted = points.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let mut doubt = 1.0;
    let mut weight = 1.0;
    for points in sorted {
        doubt *= 1.0 - f64::from(points.min(100)) / 100.0 * weight;
        weight /= 2.0;
    }
    100.0 * (1.0 - doubt)
}

/// The level of a score. Weak reasons do not add up to a strong one: `High` needs one reason of at least 60 points,
/// `Critical` one of at least 75.
pub fn level(score: f64, strongest: u8) -> Level {
    match score {
        s if s >= 90.0 && strongest >= 75 => Level::Critical,
        s if s >= 75.0 && strongest >= 60 => Level::High,
        s if s >= 50.0 => Level::Medium,
        s if s >= 25.0 => Level::Low,
        _ => Level::Info,
    }
}

/// The finding that `reasons` make of a file; `None` without a reason.
pub fn weigh(artefact: Artefact, mut reasons: Vec<Reason>) -> Option<Finding> {
    // Stable: reasons of equal points keep the order of the detectors.
    reasons.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.id.cmp(&b.id)));
    reasons.dedup_by(|a, b| a.id == b.id);
    let strongest = reasons.first()?.points;
    let points: Vec<u8> = reasons.iter().map(|reason| reason.points).collect();
    let score = score(&points);
    Some(Finding { artefact, reasons, score, level: level(score, strongest) })
}

/// What a verdict rests on, gathered while the run goes on.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Findings by level.
    pub by_level: [u64; 5],
    /// Problems by kind.
    pub problems: BTreeMap<ProblemKind, u64>,
    /// The finding of level high or above whose file has the earliest creation or, failing that, modification time.
    pub earliest: Option<(crate::model::Timestamp, &'static str)>,
}

impl Tally {
    /// Counts a finding.
    pub fn add_finding(&mut self, finding: &Finding) {
        self.by_level[finding.level as usize] += 1;
        if finding.level >= Level::High {
            let times = &finding.artefact.entry.times;
            let born = times.created.map(|t| (t, "created")).or(times.modified.map(|t| (t, "last modified")));
            if let Some(born) = born
                && self.earliest.is_none_or(|earliest| born.0 < earliest.0)
            {
                self.earliest = Some(born);
            }
        }
    }

    /// Counts a problem.
    pub fn add_problem(&mut self, kind: ProblemKind) {
        *self.problems.entry(kind).or_default() += 1;
    }

    /// Findings at or above a level.
    pub fn at_least(&self, level: Level) -> u64 {
        self.by_level[level as usize..].iter().sum()
    }

    /// The verdict. `reported` is the least level that counts as found.
    pub fn conclude(&self, reported: Level, coverage: &Coverage, interrupted: bool, seconds: f64) -> Summary {
        let gaps = self.gaps(interrupted, coverage);
        let found = self.at_least(reported);
        let strong = self.at_least(Level::High);
        let files = |n: u64| if n == 1 { "1 file".to_owned() } else { format!("{n} files") };
        let (outcome, words) = if strong > 0 && found > 0 {
            let earliest = match self.earliest {
                Some((time, how)) => format!("; the earliest was {how} {time}"),
                None => String::new(),
            };
            let more = found.saturating_sub(strong);
            let more = if more > 0 { format!(", {more} more to look at") } else { String::new() };
            (Outcome::Compromised, format!("{} very probably hostile{more}{earliest}", files(strong)))
        } else if found > 0 {
            (Outcome::Suspicious, format!("{} to look at, none of them certain", files(found)))
        } else if gaps.is_some() {
            (Outcome::Incomplete, "nothing found in what could be examined".to_owned())
        } else {
            (Outcome::NothingFound, format!("nothing found in {}", files(coverage.surveyed)))
        };
        Summary { outcome, by_level: self.by_level, problems: self.problems.clone(), words, gaps, interrupted, seconds }
    }

    fn gaps(&self, interrupted: bool, coverage: &Coverage) -> Option<String> {
        let mut parts: Vec<String> = Vec::new();
        if interrupted {
            parts.push(format!("interrupted with {} files left", coverage.not_reached));
        }
        parts.extend(
            self.problems
                .iter()
                .filter(|(kind, _)| kind.leaves_a_gap())
                .map(|(kind, count)| kind.in_words(*count as usize)),
        );
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_example_of_the_document_holds() {
        assert_eq!(format!("{:.3}", score(&[40, 70, 50, 70, 40])), "84.196");
        let document = include_str!("../docs/verdict.md");
        assert!(document.contains("[70, 70, 50, 40, 40]") && document.contains("84.196"));
    }

    #[test]
    fn one_reason_is_its_own_score_and_none_is_zero() {
        assert_eq!(score(&[]), 0.0);
        assert!((score(&[70]) - 70.0).abs() < 1e-9);
        assert!((score(&[100, 100]) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn weak_reasons_never_add_up_to_high() {
        let weak = [59; 30];
        assert!(score(&weak) > 75.0);
        assert_eq!(level(score(&weak), 59), Level::Medium);
        assert_eq!(level(score(&[74, 74, 74, 74]), 74), Level::High);
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

    #[test]
    fn a_gap_turns_nothing_found_into_incomplete() {
        let mut tally = Tally::default();
        let coverage = Coverage { surveyed: 3, examined: 3, ..Coverage::default() };
        assert_eq!(tally.conclude(Level::Low, &coverage, false, 0.0).outcome, Outcome::NothingFound);
        tally.add_problem(ProblemKind::FolderMissing);
        assert_eq!(tally.conclude(Level::Low, &coverage, false, 0.0).outcome, Outcome::NothingFound);
        tally.add_problem(ProblemKind::FileLocked);
        let summary = tally.conclude(Level::Low, &coverage, false, 0.0);
        assert_eq!(summary.outcome, Outcome::Incomplete);
        assert_eq!(summary.gaps.as_deref(), Some("1 file was locked"));
        assert_eq!(tally.conclude(Level::Low, &coverage, true, 0.0).outcome, Outcome::Incomplete);
    }
}
