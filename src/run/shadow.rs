//! Shadow copies of a run: which there are, and which of them are looked into.

use super::steps::keep;
use crate::cli::ShadowChoice;
use crate::error::{Error, Result};
use crate::evidence::Evidence;
use crate::inputs::Inputs;
use crate::model::{Discovered, Problem, ServerPath, ShadowCopy};

/// How many copies of a volume the head of the report names.
const NAMED: usize = 8;

/// The shadow copies of the evidence.
#[derive(Default)]
pub(super) struct ShadowCopies {
    pub(super) all: Vec<ShadowCopy>,
    /// Those that are looked into.
    pub(super) chosen: &'static [ShadowCopy],
    /// What is damaged in the lists of them.
    pub(super) problems: Vec<Problem>,
    has_images: bool,
}

impl ShadowCopies {
    pub(super) fn of(inputs: &Inputs) -> Self {
        let mut problems = Vec::new();
        let all = inputs.evidence.shadow_copies(&mut problems);
        Self { all, chosen: &[], problems, has_images: inputs.has_images }
    }

    /// Takes the choice of the user. An error if it can mean nothing: that nothing differs in copies that nobody looked into would be
    /// taken for a result.
    pub(super) fn choose(&mut self, choice: Option<&ShadowChoice>) -> Result<()> {
        let Some(choice) = choice else { return Ok(()) };
        if !self.has_images {
            let message = "--shadow: no target is a disk image, and shadow copies are read from disk images only";
            return Err(Error::Usage(message.to_owned()));
        }
        let numbers = match choice {
            ShadowChoice::List => return Ok(()),
            ShadowChoice::All => {
                self.chosen = keep(self.all.clone()).as_slice();
                return Ok(());
            }
            ShadowChoice::Numbers(numbers) => numbers,
        };
        if let Some(missing) = numbers.iter().find(|number| !self.all.iter().any(|copy| copy.number == **number)) {
            let message =
                format!("--shadow {missing}: no volume has a shadow copy {missing}; --shadow list shows them");
            return Err(Error::Usage(message));
        }
        let chosen: Vec<ShadowCopy> = self.all.iter().filter(|copy| numbers.contains(&copy.number)).cloned().collect();
        self.chosen = keep(chosen).as_slice();
        Ok(())
    }

    /// Lines for the head of the report: the copies of each volume, and which of them are looked into.
    pub(super) fn in_words(&self) -> Vec<Discovered> {
        let mut volumes: Vec<&ServerPath> = self.all.iter().map(|copy| &copy.volume).collect();
        volumes.dedup();
        let mut lines: Vec<String> = volumes.into_iter().map(|volume| self.of_volume(volume)).collect();
        lines.extend(self.problems.iter().map(|problem| problem.message.clone()));
        lines.into_iter().map(|words| Discovered { what: "shadow", words }).collect()
    }

    fn of_volume(&self, volume: &ServerPath) -> String {
        let of_volume = |copies: &[ShadowCopy]| -> Vec<ShadowCopy> {
            copies.iter().filter(|copy| copy.volume == *volume).cloned().collect()
        };
        let (all, chosen) = (of_volume(&self.all), of_volume(self.chosen));
        let named = all.iter().take(NAMED).map(|copy| {
            let created = copy.created.map_or_else(|| "an unknown time".to_owned(), |time| time.to_string());
            let stored = if copy.stored { "" } else { " (not stored on the volume)" };
            format!("{} of {created}{stored}", copy.number)
        });
        let mut named: Vec<String> = named.collect();
        if all.len() > NAMED {
            named.push(format!("and {} more", all.len() - NAMED));
        }
        let what = if all.len() == 1 { "shadow copy" } else { "shadow copies" };
        let next = match (chosen.is_empty(), chosen.len() == all.len()) {
            (true, _) => "not scanned; scan --shadow all also scans what differs in them".to_owned(),
            (_, true) => "what differs in them is scanned".to_owned(),
            _ => {
                let numbers: Vec<String> = chosen.iter().map(|copy| copy.number.to_string()).collect();
                format!("what differs in {} is scanned", numbers.join(", "))
            }
        };
        format!("{volume} has {} {what}: {}; {next}", all.len(), named.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    fn copies(count: u32) -> ShadowCopies {
        let copy = |number: u32| ShadowCopy {
            volume: ServerPath::drive('C'),
            number,
            id: number.to_string(),
            created: Some(Timestamp::new(1_614_736_800 + i64::from(number), 0)),
            size: 1,
            machine: None,
            stored: number != 2,
        };
        ShadowCopies { all: (1..=count).map(copy).collect(), has_images: true, ..ShadowCopies::default() }
    }

    fn words(copies: &ShadowCopies) -> String {
        copies.in_words().iter().map(|line| line.words.clone()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_head_names_the_copies_and_which_of_them_are_scanned() {
        let mut two = copies(2);
        assert_eq!(
            words(&two),
            "C:\\ has 2 shadow copies: 1 of 2021-03-03T02:00:01.0000000Z, 2 of 2021-03-03T02:00:02.0000000Z (not stored on the \
             volume); not scanned; scan --shadow all also scans what differs in them"
        );
        two.choose(Some(&ShadowChoice::Numbers(vec![2, 2]))).expect("there");
        assert!(words(&two).ends_with("what differs in 2 is scanned") && two.chosen.len() == 1);
        two.choose(Some(&ShadowChoice::All)).expect("there");
        assert!(words(&two).ends_with("what differs in them is scanned") && two.chosen.len() == 2);
        assert!(words(&copies(20)).contains("and 12 more"));
        assert_eq!(words(&copies(0)), "");
    }

    #[test]
    fn a_choice_that_means_nothing_is_refused() {
        let refused = |mut copies: ShadowCopies, choice| copies.choose(Some(&choice)).map_err(|e| e.to_string());
        assert!(refused(copies(2), ShadowChoice::Numbers(vec![1, 3])).is_err_and(|error| error.contains("copy 3")));
        let none = ShadowCopies { has_images: false, ..copies(0) };
        assert!(refused(none, ShadowChoice::All).is_err_and(|error| error.contains("disk image")));
        assert!(refused(copies(0), ShadowChoice::All).is_ok(), "an image without copies");
    }
}
