//! MITRE ATT&CK in records: the techniques that checks are evidence of, as the table of checks has them.

use super::words::Text;
use crate::model::TechniquesOf;
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// `threat.*` of a record.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Threat {
    pub(crate) framework: Text,
    pub(crate) tactic: Ids,
    pub(crate) technique: Techniques,
}

#[derive(Default, Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Ids {
    pub(crate) id: Vec<Text>,
    pub(crate) name: Vec<Text>,
}

#[derive(Default, Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Techniques {
    pub(crate) id: Vec<Text>,
    pub(crate) name: Vec<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subtechnique: Option<Ids>,
}

impl Threat {
    /// The techniques of these checks, each once; `None` without any.
    pub(crate) fn of<'c>(checks: impl Iterator<Item = &'c str>, techniques_of: TechniquesOf) -> Option<Self> {
        let mut seen = BTreeSet::new();
        let (mut tactic, mut technique, mut subtechnique) = (Ids::default(), Techniques::default(), Ids::default());
        let push = |ids: &mut Vec<Text>, names: &mut Vec<Text>, id: &'static str, name: &'static str| {
            if !ids.iter().any(|known| *known == id) {
                ids.push(id.into());
                names.push(name.into());
            }
        };
        for one in checks.flat_map(techniques_of).filter(|one| seen.insert(one.id)) {
            for of in &one.tactics {
                push(&mut tactic.id, &mut tactic.name, of.id, of.name);
            }
            match one.parent {
                Some((parent, name)) => {
                    push(&mut technique.id, &mut technique.name, parent, name);
                    push(&mut subtechnique.id, &mut subtechnique.name, one.id, one.name);
                }
                None => push(&mut technique.id, &mut technique.name, one.id, one.name),
            }
        }
        technique.subtechnique = Some(subtechnique).filter(|ids| !ids.id.is_empty());
        (!seen.is_empty()).then_some(Self { framework: "MITRE ATT&CK".into(), tactic, technique })
    }

    /// Every technique and subtechnique, by id and name.
    pub(crate) fn each(&self, mut with: impl FnMut(&str, &str)) {
        let subtechnique = self.technique.subtechnique.iter().flat_map(|ids| ids.id.iter().zip(&ids.name));
        let all = self.technique.id.iter().zip(&self.technique.name).chain(subtechnique);
        all.for_each(|(id, name)| with(id, name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::techniques_of;

    #[test]
    fn each_technique_is_named_once_with_its_tactics() {
        let checks = ["behaviour/eval", "behaviour/command", "config/module"];
        let threat = serde_json::to_value(Threat::of(checks.into_iter(), techniques_of)).expect("JSON");
        assert_eq!(threat["technique"]["id"], serde_json::json!(["T1505", "T1059"]));
        assert_eq!(threat["technique"]["subtechnique"]["id"], serde_json::json!(["T1505.003", "T1505.004"]));
        assert_eq!(threat["tactic"]["id"], serde_json::json!(["TA0003", "TA0002"]));
        assert_eq!(threat["tactic"]["name"], serde_json::json!(["Persistence", "Execution"]));
        assert!(Threat::of(["signature/of_the_user"].into_iter(), techniques_of).is_none());
    }
}
