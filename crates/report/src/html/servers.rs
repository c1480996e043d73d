//! The servers of a case.

use crate::case::{Case, Run};
use std::collections::HashMap;

/// The servers, each once, by number.
pub(super) struct Servers<'c> {
    pub(super) names: Vec<&'c str>,
    numbers: HashMap<String, usize>,
}

impl<'c> Servers<'c> {
    pub(super) fn of(case: &'c Case) -> Self {
        let names = case.servers();
        let numbers = names.iter().enumerate().map(|(number, name)| (name.to_lowercase(), number)).collect();
        Self { names, numbers }
    }

    /// The number of the server of a run.
    pub(super) fn of_run(&self, run: &Run) -> usize {
        self.numbers.get(&run.server().to_lowercase()).copied().unwrap_or_default()
    }

    /// Whether there is more than one, so that each thing has to name its own.
    pub(super) fn several(&self) -> bool {
        self.names.len() > 1
    }

    /// The name of a server, where it has to be named.
    pub(super) fn label(&self, number: usize) -> &'c str {
        if self.several() { self.name(number) } else { "" }
    }

    /// The name of a server.
    pub(super) fn name(&self, number: usize) -> &'c str {
        self.names.get(number).copied().unwrap_or_default()
    }

    /// Several servers in a line, the first ones by name.
    pub(super) fn line(&self, numbers: &[usize]) -> String {
        const NAMED: usize = 4;
        if !self.several() {
            return String::new();
        }
        let mut names: Vec<&str> = numbers.iter().take(NAMED).map(|number| self.name(*number)).collect();
        let more = format!("{} more", numbers.len().saturating_sub(NAMED));
        if numbers.len() > NAMED {
            names.push(&more);
        }
        names.join(", ")
    }
}
