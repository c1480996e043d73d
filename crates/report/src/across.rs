//! What is the same across the servers of a case: clients, files, techniques and rules, and how rare a found file is among them.

use crate::case::{Case, Entry, Run};
use crate::model::server_path::fold;
use crate::record::FindingBody;
use crate::text::grouped;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::net::IpAddr;

/// Fewer servers than this are no fleet: one of two says nothing of a file.
const FLEET: usize = 3;
/// How many of each kind the summary names.
const NAMED: usize = 10;

/// What is the same across the servers of a case. A server is counted once, however many runs there are of it.
#[derive(Debug, Default)]
pub struct Across {
    /// The names of the servers, in the order of the case.
    pub(crate) servers: Vec<String>,
    /// Addresses with requests for found files or hits in the logs, on two servers or more; the most widespread first.
    pub(crate) clients: Vec<Shared>,
    /// Found contents by SHA-256, likewise.
    pub(crate) files: Vec<Shared>,
    /// Techniques and subtechniques of MITRE ATT&CK by id, likewise.
    pub(crate) techniques: Vec<Shared>,
    /// Rules and checks by id, likewise.
    pub(crate) rules: Vec<Shared>,
    /// The servers that have a found content.
    by_hash: HashMap<String, BTreeSet<usize>>,
    /// The servers that have a finding at a path, whatever its content.
    by_path: HashMap<String, BTreeSet<usize>>,
}

/// What several servers have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shared {
    /// The address, the SHA-256, the id.
    pub(crate) value: String,
    /// What it is: the path of a file, the name of a technique; empty where the value says it.
    pub(crate) name: String,
    /// The servers, by their place in [`Across::servers`].
    pub(crate) servers: BTreeSet<usize>,
    /// How many servers there are.
    pub(crate) of: usize,
}

/// On how many of the servers a found file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rarity {
    /// Servers on which this content was found or, where it could not be hashed, a file at this path.
    pub(crate) on: usize,
    /// How many servers there are.
    pub(crate) of: usize,
    /// Servers that have a finding with other content at the same path.
    pub(crate) other_content: usize,
}

impl Rarity {
    /// Whether it tells this server from the others: on one of three or more, or on a tenth of them at most.
    pub(crate) fn is_rare(&self) -> bool {
        self.of >= FLEET && (self.on == 1 || self.on.saturating_mul(10) <= self.of)
    }
}

/// `on 1 of 40 servers; 3 others have other content at this path`
impl fmt::Display for Rarity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.on == self.of {
            true => write!(out, "on all {} servers", self.of)?,
            false => write!(out, "on {} of {} servers", self.on, self.of)?,
        }
        match self.other_content {
            0 => Ok(()),
            1 => write!(out, "; 1 other has other content at this path"),
            many => write!(out, "; {many} others have other content at this path"),
        }
    }
}

impl Shared {
    /// `on 12 of 40 servers`
    fn on(&self) -> String {
        match self.servers.len() == self.of {
            true => format!("on all {} servers", self.of),
            false => format!("on {} of {} servers", self.servers.len(), self.of),
        }
    }
}

/// Values with their name and the servers that have them.
type Seen = BTreeMap<String, (String, BTreeSet<usize>)>;

impl Across {
    /// Of a case. Nothing is shared where there is one server.
    pub fn of(case: &Case) -> Self {
        let mut across = Self { servers: case.servers().into_iter().map(str::to_owned).collect(), ..Self::default() };
        let places: HashMap<String, usize> =
            across.servers.iter().enumerate().map(|(at, name)| (name.to_lowercase(), at)).collect();
        let (mut clients, mut files, mut techniques, mut rules) = (Seen::new(), Seen::new(), Seen::new(), Seen::new());
        for run in &case.runs {
            let Some(server) = places.get(&run.server().to_lowercase()).copied() else { continue };
            let add = |seen: &mut Seen, value: String, name: &str| {
                seen.entry(value).or_insert_with(|| (name.to_owned(), BTreeSet::new())).1.insert(server);
            };
            for ip in addresses(run) {
                add(&mut clients, ip.to_string(), "");
            }
            for finding in &run.findings {
                across.by_path.entry(fold(finding.path())).or_default().insert(server);
                if let Some(sha256) = sha256(finding) {
                    add(&mut files, sha256.to_owned(), finding.path());
                }
                for reason in &finding.body.reasons {
                    add(&mut rules, reason.id.clone(), &reason.title);
                }
            }
            run.hits.iter().for_each(|hit| add(&mut rules, format!("log/{}", hit.body.hit.check), &hit.body.hit.title));
            let heads = run.findings.iter().map(|finding| &finding.head).chain(run.hits.iter().map(|hit| &hit.head));
            for threat in heads.filter_map(|head| head.threat.as_ref()) {
                threat.each(|id, name| add(&mut techniques, id.to_owned(), name));
            }
        }
        across.by_hash = files.iter().map(|(sha256, (_, servers))| (sha256.clone(), servers.clone())).collect();
        let of = across.servers.len();
        let shared = |seen: Seen| {
            let several = seen.into_iter().filter(|(_, (_, servers))| servers.len() > 1);
            let mut list: Vec<Shared> =
                several.map(|(value, (name, servers))| Shared { value, name, servers, of }).collect();
            list.sort_by(|a, b| b.servers.len().cmp(&a.servers.len()).then_with(|| a.value.cmp(&b.value)));
            list
        };
        across.clients = shared(clients);
        across.files = shared(files);
        across.techniques = shared(techniques);
        across.rules = shared(rules);
        across
    }

    /// On how many servers the file of a finding is; `None` where there is one server.
    pub(crate) fn rarity(&self, finding: &Entry<FindingBody>) -> Option<Rarity> {
        let of = self.servers.len();
        let at_path = self.by_path.get(&fold(finding.path()));
        let with_content = sha256(finding).and_then(|sha256| self.by_hash.get(sha256));
        let on = with_content.or(at_path)?;
        let others = at_path.into_iter().flatten().filter(|server| !on.contains(server));
        (of > 1).then(|| Rarity { on: on.len(), of, other_content: others.count() })
    }

    /// The findings that are rare, with their run, in the order of the case.
    pub(crate) fn rare<'c>(
        &'c self,
        case: &'c Case,
    ) -> impl Iterator<Item = (&'c Run, &'c Entry<FindingBody>, Rarity)> {
        let findings = case.runs.iter().flat_map(|run| run.findings.iter().map(move |finding| (run, finding)));
        findings.filter_map(|(run, finding)| {
            let rarity = self.rarity(finding).filter(Rarity::is_rare)?;
            Some((run, finding, rarity))
        })
    }

    /// All of it in lines, for a summary; empty where there is one server. What tells servers apart comes first, and techniques and rules
    /// are a line each. What comes from the evidence is raw.
    pub fn summary(&self, case: &Case) -> Vec<String> {
        let mut lines = Vec::new();
        if self.servers.len() < 2 {
            return lines;
        }
        let mut rare = self.rare(case);
        let named = rare.by_ref().take(NAMED);
        lines.extend(named.map(|(run, finding, rarity)| format!("{}: {} {rarity}", run.server(), finding.path())));
        match rare.count() {
            0 => {}
            1 => lines.push("1 more found file is on few servers".to_owned()),
            more => lines.push(format!("{} more found files are on few servers", grouped(more as u64))),
        }
        for (what, list) in [("client", &self.clients), ("file", &self.files)] {
            let name =
                |shared: &Shared| if shared.name.is_empty() { shared.value.clone() } else { shared.name.clone() };
            lines.extend(list.iter().take(NAMED).map(|shared| format!("{what} {} {}", name(shared), shared.on())));
            if list.len() > NAMED {
                lines.push(format!("{} more {what}s are on several servers", grouped((list.len() - NAMED) as u64)));
            }
        }
        let mut of_subtechniques: HashMap<&str, BTreeSet<usize>> = HashMap::new();
        for technique in &self.techniques {
            if let Some((main, _)) = technique.value.split_once('.') {
                of_subtechniques.entry(main).or_default().extend(&technique.servers);
            }
        }
        // A technique that is there through its subtechniques alone is named by these.
        let is_named = |technique: &&Shared| {
            of_subtechniques.get(technique.value.as_str()).is_none_or(|servers| !technique.servers.is_subset(servers))
        };
        let techniques = self.techniques.iter().filter(is_named);
        let techniques: Vec<String> =
            techniques.map(|one| format!("{} {} ({})", one.value, one.name, one.servers.len())).collect();
        let rules: Vec<String> =
            self.rules.iter().map(|one| format!("{} ({})", one.value, one.servers.len())).collect();
        for (what, list) in [("techniques", techniques), ("rules", rules)] {
            if !list.is_empty() {
                let more = list.len().saturating_sub(NAMED);
                let more = if more > 0 { format!(" and {} more", grouped(more as u64)) } else { String::new() };
                let named = list.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
                lines.push(format!("{what}, with the number of servers: {named}{more}"));
            }
        }
        lines
    }
}

/// The addresses that asked for found files or that hits are about. A server's own is the same on all of them, and no client.
fn addresses(run: &Run) -> BTreeSet<IpAddr> {
    let hits = run.hits.iter().flat_map(|hit| &hit.head.related.ip);
    let all = hits.chain(run.requests.iter().flat_map(|requests| &requests.head.related.ip));
    let is_own = |ip: &IpAddr| match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_link_local() || ip.is_unspecified(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unspecified(),
    };
    // A dual-stack log writes the same client both ways.
    all.map(IpAddr::to_canonical).filter(|ip| !is_own(ip)).collect()
}

fn sha256(finding: &Entry<FindingBody>) -> Option<&str> {
    finding.head.file.as_ref()?.hash.as_ref()?.sha256.as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CaseReader;
    use crate::recorder::tests::records;
    use serde_json::{Value, json};

    /// A server with a finding at each path, of this content, and a hit of this client.
    fn server(name: &str, files: &[(&str, &str)], client: &str) -> String {
        let all = records();
        let of_kind = |kind: &str| {
            all.iter()
                .rfind(|record| {
                    record["shellsift"]["record"] == *kind && record["shellsift"].get("suppressed").is_none()
                })
                .expect("a record")
        };
        let mut out = vec![of_kind("scan_start").clone()];
        for (path, content) in files {
            let mut finding = of_kind("finding").clone();
            finding["file"]["path"] = json!(path);
            finding["file"]["hash"]["sha256"] = json!(content.repeat(64));
            finding["event"]["id"] = json!(path);
            out.push(finding);
        }
        let mut hit = of_kind("log_hit").clone();
        hit["related"]["ip"] = json!([client]);
        out.push(hit);
        out.push(of_kind("scan_end").clone());
        out.iter_mut().for_each(|record: &mut Value| {
            record["host"]["name"] = json!(name);
            record["shellsift"]["scan_id"] = json!(name);
        });
        out.iter().map(|record| format!("{record}\n")).collect()
    }

    fn case(servers: &[String]) -> Case {
        let mut reader = CaseReader::default();
        for (at, text) in servers.iter().enumerate() {
            reader.add(&at.to_string(), text.as_bytes()).expect("an output");
        }
        reader.done()
    }

    #[test]
    fn a_page_of_one_server_is_told_and_a_hash_on_all_of_them_is_not() {
        let servers: Vec<String> = (0..40)
            .map(|at| {
                let own = if at == 7 { "b" } else { "c" };
                let mut files = vec![(r"C:\all.aspx", "a"), (r"C:\other.aspx", own)];
                files.extend((at == 3).then_some((r"C:\one.aspx", "d")));
                server(&format!("MAIL{at}"), &files, if at < 12 { "203.0.113.9" } else { "127.0.0.1" })
            })
            .collect();
        let case = case(&servers);
        let across = Across::of(&case);
        let sentence = |server: usize, path: &str| {
            let finding = case.runs[server].findings.iter().find(|finding| finding.path() == path).expect("a finding");
            let rarity = across.rarity(finding).expect("a fleet");
            (rarity.to_string(), rarity.is_rare())
        };
        assert_eq!(sentence(3, r"C:\one.aspx"), ("on 1 of 40 servers".to_owned(), true));
        assert_eq!(sentence(0, r"C:\all.aspx"), ("on all 40 servers".to_owned(), false));
        let other = "on 1 of 40 servers; 39 others have other content at this path";
        assert_eq!(sentence(7, r"C:\other.aspx"), (other.to_owned(), true));
        let other = "on 39 of 40 servers; 1 other has other content at this path";
        assert_eq!(sentence(8, r"C:\other.aspx"), (other.to_owned(), false));
        let clients: Vec<&str> = across.clients.iter().map(|client| client.value.as_str()).collect();
        assert_eq!(clients, ["203.0.113.9"], "a server's own address is no client");
        let summary = across.summary(&case);
        assert!(summary.contains(&"client 203.0.113.9 on 12 of 40 servers".to_owned()), "{summary:#?}");
        assert!(summary.contains(&r"file C:\all.aspx on all 40 servers".to_owned()), "{summary:#?}");
        assert!(summary.contains(&r"MAIL3: C:\one.aspx on 1 of 40 servers".to_owned()), "{summary:#?}");
        assert!(!summary.iter().any(|line| line.starts_with("MAIL0:")), "{summary:#?}");
        let techniques = summary.iter().find(|line| line.starts_with("techniques, with")).expect("a line");
        assert!(techniques.contains("T1505.003 ") && techniques.contains(" (40)"), "{summary:#?}");
        assert!(!techniques.contains("T1505 "), "what its subtechniques say: {summary:#?}");
        assert!(summary.len() < 12 && summary[0].starts_with("MAIL"), "what is rare comes first: {summary:#?}");
        assert_eq!(across.files[0].name, r"C:\all.aspx");
    }

    #[test]
    fn one_server_shares_nothing_however_many_runs_there_are_of_it() {
        let (one, again) =
            (server("M", &[("C:\\a", "a")], "203.0.113.9"), server("m", &[("C:\\a", "a")], "203.0.113.9"));
        let case = case(&[one, again]);
        let across = Across::of(&case);
        assert_eq!((across.servers.len(), across.clients.len(), across.files.len()), (1, 0, 0));
        assert!(across.rarity(&case.runs[0].findings[0]).is_none() && across.summary(&case).is_empty());
        let none = Across::of(&Case::default());
        assert!(none.servers.is_empty() && none.summary(&Case::default()).is_empty());
    }

    #[test]
    fn one_of_two_servers_is_not_rare() {
        let case = case(&[server("a", &[("C:\\a", "a")], "::ffff:203.0.113.9"), server("b", &[], "203.0.113.9")]);
        let across = Across::of(&case);
        let rarity = across.rarity(&case.runs[0].findings[0]).expect("two servers");
        assert_eq!((rarity.to_string(), rarity.is_rare()), ("on 1 of 2 servers".to_owned(), false));
        assert_eq!(across.clients.len(), 1, "the same address in both forms");
        assert_eq!(across.rare(&case).count(), 0);
    }
}
