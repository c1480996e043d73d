//! Techniques of MITRE ATT&CK, as records name them.

/// A tactic: what an attacker wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tactic {
    /// `TA0003`
    pub id: &'static str,
    /// `Persistence`
    pub name: &'static str,
}

/// A technique or sub-technique: how an attacker does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Technique {
    /// `T1505.003`
    pub id: &'static str,
    /// Its own name: `Web Shell`.
    pub name: &'static str,
    /// The technique that a sub-technique belongs to: `T1505`, `Server Software Component`.
    pub parent: Option<(&'static str, &'static str)>,
    /// What it serves.
    pub tactics: Vec<Tactic>,
}

impl Technique {
    /// The page that describes it.
    pub fn reference(&self) -> String {
        format!("https://attack.mitre.org/techniques/{}/", self.id.replace('.', "/"))
    }
}

/// Looks up the techniques that a check is evidence of, by the id of the check.
pub type TechniquesOf = fn(&str) -> &'static [Technique];
