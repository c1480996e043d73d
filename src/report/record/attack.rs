//! MITRE ATT&CK in records: the techniques that checks are evidence of, as the table of checks has them.

use crate::model::TechniquesOf;
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// `threat.*` of a record.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Threat {
    framework: &'static str,
    tactic: Ids,
    technique: Techniques,
}

#[derive(Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct Ids {
    id: Vec<&'static str>,
    name: Vec<&'static str>,
}

#[derive(Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
struct Techniques {
    id: Vec<&'static str>,
    name: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subtechnique: Option<Ids>,
}

impl Threat {
    /// The techniques of these checks, each once; `None` without any.
    pub(in crate::report) fn of<'c>(
        checks: impl Iterator<Item = &'c str>,
        techniques_of: TechniquesOf,
    ) -> Option<Self> {
        let mut seen = BTreeSet::new();
        let (mut tactic, mut technique, mut subtechnique) = (Ids::default(), Techniques::default(), Ids::default());
        let push = |ids: &mut Vec<&'static str>, names: &mut Vec<&'static str>, id, name| {
            if !ids.contains(&id) {
                ids.push(id);
                names.push(name);
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
        (!seen.is_empty()).then_some(Self { framework: "MITRE ATT&CK", tactic, technique })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::attack_of;

    #[test]
    fn each_technique_is_named_once_with_its_tactics() {
        let checks = ["behaviour/eval_request_input", "behaviour/command_execution", "config/module_path"];
        let threat = serde_json::to_value(Threat::of(checks.into_iter(), attack_of)).expect("JSON");
        let ids = threat["technique"]["id"].as_array().expect("a list");
        assert_eq!(ids.iter().filter(|id| **id == "T1505").count(), 1, "{threat}");
        let parts = threat["technique"]["subtechnique"]["id"].as_array().expect("a list");
        assert!(parts.iter().any(|id| *id == "T1505.003") && parts.iter().any(|id| *id == "T1505.004"), "{threat}");
        assert_eq!(threat["tactic"]["id"].as_array().map(Vec::len), threat["tactic"]["name"].as_array().map(Vec::len));
        assert!(Threat::of(["signature/of_the_user"].into_iter(), attack_of).is_none());
        let log = serde_json::to_value(Threat::of(["log/proxylogon"].into_iter(), attack_of)).expect("JSON");
        assert!(log["technique"]["id"].as_array().expect("a list").iter().any(|id| *id == "T1190"), "{log}");
    }
}
