//! The parts of a record that Elastic Common Schema names. fixtures/ecs/fields.tsv is the list of its fields that a test checks
//! every record against.

use super::server::Os;
use super::words::Time;
#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use std::net::IpAddr;

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Ecs {
    pub(in crate::report) version: &'static str,
}

/// Values of `event.kind`.
#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum Kind {
    Alert,
    Event,
    State,
    Metric,
}

/// Values of `event.category`.
#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum Category {
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
#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum Type {
    Access,
    Change,
    Creation,
    Deletion,
    Info,
    Installation,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Event {
    pub(in crate::report) kind: Kind,
    pub(in crate::report) category: Vec<Category>,
    #[serde(rename = "type")]
    pub(in crate::report) kinds: Vec<Type>,
    pub(in crate::report) module: &'static str,
    /// `shellsift.` and the kind of record.
    pub(in crate::report) dataset: String,
    /// The same for the same evidence of the same host in every run; of records about the run itself, unique for the run.
    pub(in crate::report) id: String,
    /// When the record was made, by the clock of the analysis machine.
    pub(in crate::report) created: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) severity: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) risk_score: Option<f64>,
    /// When that which the record is about began and ended, by the server's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) start: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) end: Option<Time>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Host {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) os: Option<Os>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Observer {
    pub(in crate::report) product: &'static str,
    pub(in crate::report) vendor: &'static str,
    #[serde(rename = "type")]
    pub(in crate::report) kind: &'static str,
    pub(in crate::report) version: &'static str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Labels {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) case: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) examiner: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Url {
    /// The URL path, without host and query.
    pub(in crate::report) path: String,
}

/// The rule or check behind the record; of a finding, behind its strongest reason that has one.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Rule {
    /// The id of the reason or of the check of logs: `signature/<rule>`, `log/<check>`.
    pub(in crate::report) id: String,
    pub(in crate::report) name: String,
    /// The kind of reason.
    pub(in crate::report) category: &'static str,
    pub(in crate::report) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) ruleset: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) reference: Option<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct ErrorMessage {
    pub(in crate::report) message: String,
    /// The kind of the problem.
    #[serde(rename = "type")]
    pub(in crate::report) kind: &'static str,
}

/// The client of a request: only where the log has an IP address for it.
#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Client {
    pub(in crate::report) address: IpAddr,
    pub(in crate::report) ip: IpAddr,
}

#[derive(Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct User {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) domain: Option<String>,
    /// A security identifier (SID).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::report) id: Option<String>,
}

#[derive(Default, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Related {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::report) hash: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::report) hosts: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::report) ip: Vec<IpAddr>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::report) user: Vec<String>,
}

impl Related {
    /// Whether there is nothing to relate.
    pub(in crate::report) fn is_empty(&self) -> bool {
        self.hash.is_empty() && self.hosts.is_empty() && self.ip.is_empty() && self.user.is_empty()
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(in crate::report) struct Vulnerability {
    /// The first CVE that the record is about; `shellsift.hit.cves` has all.
    pub(in crate::report) id: String,
    pub(in crate::report) enumeration: &'static str,
    pub(in crate::report) reference: String,
}

impl Vulnerability {
    /// A CVE.
    pub(in crate::report) fn cve(id: &str) -> Self {
        Self { id: id.to_owned(), enumeration: "CVE", reference: format!("https://www.cve.org/CVERecord?id={id}") }
    }
}

/// Who is behind a log line: an address, or an account by its name or SID. Text that is neither stays a name.
pub(in crate::report) fn actor(client: &str) -> (Option<Client>, Option<User>) {
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

/// An address as logs write it: plain, in brackets, with a zone or a port.
fn address(text: &str) -> Option<IpAddr> {
    let plain = |text: &str| text.split('%').next().unwrap_or(text).parse::<IpAddr>().ok();
    plain(text).or_else(|| match text.strip_prefix('[') {
        Some(rest) => plain(rest.split(']').next().unwrap_or(rest)),
        None => plain(text.rsplit_once(':')?.0).filter(IpAddr::is_ipv4),
    })
}

/// `S-1-` and numbers (MS-DTYP 2.4.2.1).
fn is_sid(text: &str) -> bool {
    let numbers = text.strip_prefix("S-1-").or_else(|| text.strip_prefix("s-1-"));
    numbers.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || c == '-'))
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
