//! The parts of a record that Elastic Common Schema names. fixtures/ecs/fields.tsv is the list of its fields that a test checks
//! every record against.

use super::server::Os;
use super::words::{Text, Time};
use crate::model::client::{address, is_sid};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use std::net::IpAddr;

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Ecs {
    pub(crate) version: Text,
}

/// Values of `event.kind`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Alert,
    Event,
    State,
    Metric,
}

/// Values of `event.category`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Category {
    Configuration,
    File,
    Host,
    IntrusionDetection,
    Malware,
    Package,
    Vulnerability,
    Web,
}

/// Values of `event.type`.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Type {
    Access,
    Change,
    Creation,
    Deletion,
    Info,
    Installation,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Event {
    pub(crate) kind: Kind,
    pub(crate) category: Vec<Category>,
    #[serde(rename = "type")]
    pub(crate) kinds: Vec<Type>,
    pub(crate) module: Text,
    /// `shellsift.` and the kind of record.
    pub(crate) dataset: String,
    /// The same for the same evidence of the same host in every run; of records about the run itself, unique for the run.
    pub(crate) id: String,
    /// When the record was made, by the clock of the analysis machine.
    pub(crate) created: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) severity: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) risk_score: Option<f64>,
    /// When that which the record is about began and ended, by the server's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end: Option<Time>,
    /// With `--chain`: the number of the record in the output, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sequence: Option<u64>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Host {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) os: Option<Os>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Observer {
    pub(crate) product: Text,
    pub(crate) vendor: Text,
    #[serde(rename = "type")]
    pub(crate) kind: Text,
    pub(crate) version: Text,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Labels {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) examiner: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Url {
    /// The URL path, without host and query.
    pub(crate) path: String,
}

/// The rule or check behind the record; of a finding, behind its strongest reason that has one.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Rule {
    /// The id of the reason or of the check of logs: `signature/<rule>`, `log/<check>`.
    pub(crate) id: String,
    pub(crate) name: String,
    /// The kind of reason.
    pub(crate) category: Text,
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ruleset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ErrorMessage {
    pub(crate) message: String,
    /// The kind of the problem.
    #[serde(rename = "type")]
    pub(crate) kind: Text,
}

/// The client of a request: only where the log has an IP address for it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    pub(crate) ip: IpAddr,
}

#[derive(Default, Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct User {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) domain: Option<String>,
    /// A security identifier (SID).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
}

#[derive(Default, Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Related {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) hash: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) hosts: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ip: Vec<IpAddr>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) user: Vec<String>,
}

impl Related {
    /// Whether there is nothing to relate.
    pub(crate) fn is_empty(&self) -> bool {
        self.hash.is_empty() && self.hosts.is_empty() && self.ip.is_empty() && self.user.is_empty()
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Vulnerability {
    /// The first CVE that the record is about; `shellsift.hit.cves` has all.
    pub(crate) id: String,
    pub(crate) enumeration: Text,
    pub(crate) reference: String,
}

impl Vulnerability {
    /// A CVE.
    pub(crate) fn cve(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            enumeration: "CVE".into(),
            reference: format!("https://www.cve.org/CVERecord?id={id}"),
        }
    }
}

/// Who is behind a log line: an address, or an account by its name or SID. Text that is neither stays a name.
pub(crate) fn actor(client: &str) -> (Option<Client>, Option<User>) {
    let client = client.trim();
    if let Some(ip) = address(client) {
        return (Some(Client { address: ip, ip }), None);
    }
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let named = |name: &str, domain: &str| User { name: text(name), domain: text(domain), id: None };
    let user = match client {
        "" => return (None, None),
        sid if is_sid(sid) => User { id: Some(sid.to_owned()), ..User::default() },
        // An account by its name of Windows NT, by its canonical name, or by its user principal name.
        client => match (client.rsplit_once('\\'), client.split_once('/'), client.rsplit_once('@')) {
            (Some((domain, name)), ..) => named(name, domain),
            (_, Some((domain, path)), _) => named(path.rsplit('/').next().unwrap_or(path), domain),
            (_, _, Some((name, domain))) => named(name, domain),
            _ => named(client, ""),
        },
    };
    (None, Some(user))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_accounts_go_to_their_own_fields() {
        for (text, expected) in [
            ("203.0.113.9", "203.0.113.9"),
            ("203.0.113.9:443", "203.0.113.9"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("fe80::1%11", "fe80::1"),
            ("2001:db8::1", "2001:db8::1"),
        ] {
            let (client, user) = actor(text);
            assert_eq!(client.expect(text).ip.to_string(), expected);
            assert!(user.is_none(), "{text}");
        }
        for (text, name, domain, id) in [
            (r"EXAMPLE\alice", Some("alice"), Some("EXAMPLE"), None),
            ("example.local/Users/Administrator", Some("Administrator"), Some("example.local"), None),
            ("alice@example.com", Some("alice"), Some("example.com"), None),
            ("S-1-5-18", None, None, Some("S-1-5-18")),
            ("S-1-x", Some("S-1-x"), None, None),
            ("999.1.1.1", Some("999.1.1.1"), None, None),
        ] {
            let (client, user) = actor(text);
            let user = user.expect(text);
            assert!(client.is_none(), "{text}");
            assert_eq!(
                (user.name.as_deref(), user.domain.as_deref(), user.id.as_deref()),
                (name, domain, id),
                "{text}"
            );
        }
        assert!(actor(" ").0.is_none() && actor(" ").1.is_none());
    }
}
