//! MITRE ATT&CK in records. Which techniques a check shows is asked of [`attack`] alone.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// A technique or, with a point in its id, a subtechnique.
pub(in crate::report) struct Technique {
    /// `T1505.003`
    pub(in crate::report) id: &'static str,
    /// The name of the technique, without that of a subtechnique.
    pub(in crate::report) technique: &'static str,
    /// The name of the subtechnique; empty where the id is that of a technique.
    pub(in crate::report) subtechnique: &'static str,
    /// The tactic that it serves on a server under attack.
    pub(in crate::report) tactic: (&'static str, &'static str),
}

const PERSISTENCE: (&str, &str) = ("TA0003", "Persistence");
const COMPONENT: &str = "Server Software Component";

const WEB_SHELL: Technique =
    Technique { id: "T1505.003", technique: COMPONENT, subtechnique: "Web Shell", tactic: PERSISTENCE };
const IIS_COMPONENTS: Technique =
    Technique { id: "T1505.004", technique: COMPONENT, subtechnique: "IIS Components", tactic: PERSISTENCE };
const PUBLIC_FACING: Technique = Technique {
    id: "T1190",
    technique: "Exploit Public-Facing Application",
    subtechnique: "",
    tactic: ("TA0001", "Initial Access"),
};

/// The techniques that a check shows, by its id (`signature/<rule>`, `config/<check>`, `log/<check>`).
///
/// The one place that decides it: the table of all checks takes its place.
pub(in crate::report) fn attack(check: &str) -> &'static [Technique] {
    match check.split_once('/') {
        Some(("log", _)) => &[PUBLIC_FACING],
        Some(("config", check)) if check.starts_with("module") || check.starts_with("handler") => &[IIS_COMPONENTS],
        Some(("config", _)) => &[],
        _ => &[WEB_SHELL],
    }
}

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
    pub(in crate::report) fn of<'c>(checks: impl Iterator<Item = &'c str>) -> Option<Self> {
        let mut seen = BTreeSet::new();
        let (mut tactic, mut technique, mut subtechnique) = (Ids::default(), Techniques::default(), Ids::default());
        let push = |ids: &mut Vec<&'static str>, names: &mut Vec<&'static str>, id, name| {
            if !ids.contains(&id) {
                ids.push(id);
                names.push(name);
            }
        };
        for one in checks.flat_map(attack).filter(|one| seen.insert(one.id)) {
            let parent = one.id.split('.').next().unwrap_or(one.id);
            push(&mut tactic.id, &mut tactic.name, one.tactic.0, one.tactic.1);
            push(&mut technique.id, &mut technique.name, parent, one.technique);
            if parent != one.id {
                push(&mut subtechnique.id, &mut subtechnique.name, one.id, one.subtechnique);
            }
        }
        technique.subtechnique = Some(subtechnique).filter(|ids| !ids.id.is_empty());
        (!seen.is_empty()).then_some(Self { framework: "MITRE ATT&CK", tactic, technique })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_technique_is_named_once_with_its_tactic() {
        let checks = ["signature/x", "behaviour/y", "config/module_path"];
        let threat = serde_json::to_value(Threat::of(checks.into_iter())).expect("JSON");
        assert_eq!(threat["technique"]["id"], serde_json::json!(["T1505"]));
        assert_eq!(threat["technique"]["subtechnique"]["id"], serde_json::json!(["T1505.003", "T1505.004"]));
        assert_eq!(threat["tactic"]["name"], serde_json::json!(["Persistence"]));
        assert!(Threat::of(["config/dtd"].into_iter()).is_none());
        let log = serde_json::to_value(Threat::of(["log/proxylogon"].into_iter())).expect("JSON");
        assert!(log["technique"].get("subtechnique").is_none());
    }
}
