//! The patch level of one installation.

use super::{BuildSeen, ServerPath};

/// The build of an installation and its vulnerabilities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// The installation's folder.
    pub root: Option<ServerPath>,
    /// The build that the verdict is about: `15.2.721.2`; empty if none could be read.
    pub build: String,
    /// Where it was read: `bin\ExSetup.exe`.
    pub source: String,
    /// What that build is.
    pub level: Option<PatchLevel>,
    /// Builds from other sources; all of them where they differ.
    pub seen: Vec<BuildSeen>,
    /// Caveats, in words: a mixed set of files, an unknown build and its nearest known ones.
    pub caveats: Vec<String>,
    /// Vulnerabilities of this build, those known to be exploited first.
    pub open: Vec<OpenVulnerability>,
    /// Conditions of vulnerabilities whose fix needs more than the update, which files cannot show.
    pub conditions: Vec<String>,
    /// Rewrite rules of Microsoft's against attacks that the web server's configuration has, and whether they hold, in words.
    pub mitigations: Vec<String>,
    /// What to install, in order, in words.
    pub steps: Vec<String>,
    /// The newest release date in the reference data.
    pub tables_until: String,
}

impl Health {
    /// The level in one line: build, product, support, the vulnerabilities known to be exploited, and the caveats: one small file
    /// with the version of a new build must not silence the line.
    pub fn in_words(&self) -> String {
        let mut words = self.without_doubts();
        if let [first, more @ ..] = &self.caveats[..] {
            let more = if more.is_empty() { String::new() } else { format!(" (and {} more: see health)", more.len()) };
            words.push_str(&format!("; caveat: {first}{more}"));
        }
        words
    }

    fn without_doubts(&self) -> String {
        if self.build.is_empty() {
            return "unknown: no build could be read".to_owned();
        }
        let mut words = match &self.level {
            Some(level) => {
                let nearest = if level.nearest { "near " } else { "" };
                let name = [&level.product, &level.cu, &level.update].map(String::as_str);
                let name: Vec<&str> = name.into_iter().filter(|part| !part.is_empty()).collect();
                format!("{nearest}{}, build {} ({})", name.join(" "), self.build, self.source)
            }
            None => format!("build {} ({}), not in the reference data", self.build, self.source),
        };
        if self.level.as_ref().is_some_and(|level| level.out_of_support) {
            words.push_str(", out of support");
        }
        let exploited: Vec<&OpenVulnerability> =
            self.open.iter().filter(|vulnerability| vulnerability.exploited).collect();
        if exploited.is_empty() {
            words.push_str("; not vulnerable to any CVE known to be exploited (CISA KEV) at this update level");
            return words;
        }
        let mut names: Vec<&str> = Vec::new();
        for vulnerability in &exploited {
            let name = if vulnerability.nickname.is_empty() { &vulnerability.cve } else { &vulnerability.nickname };
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let cves = if exploited.len() == 1 { "1 CVE".to_owned() } else { format!("{} CVEs", exploited.len()) };
        words.push_str(&format!("; vulnerable to {cves} known to be exploited (CISA KEV): {}", names.join(", ")));
        words
    }
}

/// A row of the build table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchLevel {
    /// `Exchange Server 2019`.
    pub product: String,
    /// `CU7`.
    pub cu: String,
    /// `Mar21SU`; empty for the CU itself. An update without a name is called by its article (`KB4045655`) or its month.
    pub update: String,
    /// The build.
    pub build: String,
    /// `2021-03-02`.
    pub released: String,
    /// `2025-10-14`; empty where not known.
    pub end_of_support: String,
    /// Whether support had ended at the time of the run.
    pub out_of_support: bool,
    /// Whether this row is only the nearest known one.
    pub nearest: bool,
}

/// A vulnerability of the build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenVulnerability {
    /// `CVE-2021-26855`.
    pub cve: String,
    /// `ProxyLogon`; empty where it has no name.
    pub nickname: String,
    /// Whether it is known to be exploited (CISA).
    pub exploited: bool,
    /// The build that fixes it on this CU; empty where no fix was released for this CU.
    pub fixed_in: String,
    /// The update that this build belongs to: `Mar21SU`; empty as above.
    pub fixed_by: String,
    /// A further condition, which files cannot show.
    pub condition: String,
    /// What makes the row uncertain, in words; mostly empty.
    pub caveat: String,
}
