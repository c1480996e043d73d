//! Transport agents, which see every mail: `TransportRoles\Shared\agents.config`, and `fetagents.config` for the front
//! end. Format of both files: Microsoft, "Agents configuration file elements for Exchange 2013".

use super::subject::{Hit, PathClass, Subject};
use super::{Check, CheckInfo, Look};
use crate::model::server_path::fold;

pub(super) const CHECKS: &[Check] = &[Check {
    check: CheckInfo {
        id: "config/transport_agent_untrusted",
        title: "a transport agent that does not belong to Exchange",
        score: 85,
        looks_for: "An `agent` whose class factory is not Exchange's, or whose assembly is outside the Exchange \
                    folders.",
        why: "A transport agent reads and changes every message, and can take commands from messages: a backdoor that \
              is not a web page. LightNeuron was one.",
        benign_look_alikes: "Antivirus, antispam, signature and archiving products: nearly every mail product installs \
                             one in Program Files. They are listed with a low score.",
        attack: &["T1505.002"],
        ..CheckInfo::EMPTY
    },
    look: Look::File(agents),
}];

fn agents(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, agent) in subject.at(&["agentList", "agent"]) {
        let (name, class, path) =
            (agent.attribute("name"), agent.attribute("classFactory"), agent.attribute("assemblyPath"));
        let path_class = subject.path_class(path);
        let is_exchange_class = fold(class).starts_with("microsoft.exchange.") || class.is_empty();
        let off = if agent.attribute("enabled").eq_ignore_ascii_case("false") { " (disabled)" } else { "" };
        let score = match path_class {
            PathClass::Share => 85,
            PathClass::Drop => 75,
            PathClass::Exchange | PathClass::Relative if is_exchange_class => continue,
            PathClass::Windows | PathClass::System | PathClass::Elsewhere if is_exchange_class => 60,
            // A class of Exchange's in another product's folder.
            PathClass::Programs if is_exchange_class => 40,
            PathClass::Windows | PathClass::System | PathClass::Elsewhere => 50,
            PathClass::Exchange => 30,
            PathClass::Programs | PathClass::Relative => 20,
        };
        let title = match is_exchange_class {
            true => format!("the transport agent {name} has a class of Exchange, loaded from {path}{off}"),
            false => format!("the transport agent {name} belongs to another product: {class}, loaded from {path}{off}"),
        };
        hits.push(subject.hit(at, score, title));
    }
    hits
}
