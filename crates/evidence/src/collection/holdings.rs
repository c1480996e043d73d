//! What a collection holds of a server. What it has not was not collected, which says nothing of the server.

use crate::model::ServerPath;
use crate::model::place::kind::is_web;
use crate::model::server_path::fold;

/// What an examination asks a server for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Pages and other code of the web server.
    WebFiles,
    /// Logs of IIS.
    IisLogs,
    /// Logs of HTTP.sys (HTTPERR).
    HttpErrLogs,
    /// Logs of Exchange: HttpProxy, ECP, OAB and others.
    ExchangeLogs,
    /// Event logs.
    EventLogs,
    /// applicationHost.config.
    IisConfiguration,
    /// Registry hives SOFTWARE and SYSTEM.
    Hives,
    /// $MFT.
    Mft,
    /// $UsnJrnl:$J.
    ChangeJournal,
}

impl Asked {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::WebFiles,
        Self::IisLogs,
        Self::HttpErrLogs,
        Self::ExchangeLogs,
        Self::EventLogs,
        Self::IisConfiguration,
        Self::Hives,
        Self::Mft,
        Self::ChangeJournal,
    ];

    /// As it stands behind "holds no".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::WebFiles => "web files",
            Self::IisLogs => "IIS logs",
            Self::HttpErrLogs => "HTTPERR logs",
            Self::ExchangeLogs => "Exchange logs",
            Self::EventLogs => "event logs",
            Self::IisConfiguration => "IIS configuration (applicationHost.config)",
            Self::Hives => "registry hives (SOFTWARE, SYSTEM)",
            Self::Mft => "$MFT",
            Self::ChangeJournal => "$UsnJrnl:$J",
        }
    }

    /// What a file is of that, by its folder below the volume and its name, both folded.
    fn of(folder: &str, name: &str) -> Option<Self> {
        let is_log = name.ends_with(".log") || name.ends_with(".log.gz") || name.ends_with(".zip");
        let last = folder.rsplit('/').next().unwrap_or_default();
        let site = last.starts_with("w3svc") && last.len() > 5;
        match () {
            () if name.ends_with(".evtx") => Some(Self::EventLogs),
            () if last == "httperr" && is_log => Some(Self::HttpErrLogs),
            () if is_log && (site || ["u_ex", "u_in", "u_nc"].iter().any(|begin| name.starts_with(begin))) => {
                Some(Self::IisLogs)
            }
            () if name.ends_with(".log") && folder.contains("/logging") && folder.contains("exchange server") => {
                Some(Self::ExchangeLogs)
            }
            () if name == "applicationhost.config" => Some(Self::IisConfiguration),
            () if matches!(name, "software" | "system") && folder.ends_with("system32/config") => Some(Self::Hives),
            () if name == "$mft" && folder.is_empty() => Some(Self::Mft),
            () if folder == "$extend" && matches!(name, "$j" | "$usnjrnl:$j" | "$usnjrnl_$j") => {
                Some(Self::ChangeJournal)
            }
            () if is_web(name) => Some(Self::WebFiles),
            () => None,
        }
    }
}

/// What was collected of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// What collected it: `Velociraptor`, `KAPE`.
    pub tool: &'static str,
    /// The collection on the analysis machine.
    pub analysis_path: String,
    /// The name of the server, where the collection says it.
    pub host: Option<String>,
    /// Its volumes by drive letter.
    pub volumes: Vec<ServerPath>,
    /// What else was collected, under its name in the collection: volumes without a letter, shadow copies.
    pub others: Vec<ServerPath>,
    /// How many files were collected.
    pub files: usize,
    /// Of how many of them its records have the original times.
    pub with_times: usize,
    /// Of how many of them its records have a hash, which is compared when they are read to their end.
    pub with_hash: usize,
    held: u16,
}

impl Holdings {
    pub(super) fn new(tool: &'static str, analysis_path: String) -> Self {
        let (volumes, others) = (Vec::new(), Vec::new());
        Self { tool, analysis_path, host: None, volumes, others, files: 0, with_times: 0, with_hash: 0, held: 0 }
    }

    /// Counts a file by its names below the volume, `/` between them.
    pub(super) fn count(&mut self, path: &str) {
        self.files += 1;
        let path = fold(path);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        if let Some(asked) = Asked::of(folder, name) {
            self.held |= 1 << asked as u16;
        }
    }

    /// Whether anything of this kind was collected.
    pub fn holds(&self, asked: Asked) -> bool {
        self.held & 1 << asked as u16 != 0
    }

    /// What was not collected, and is therefore not missing on the server.
    pub fn lacks(&self) -> Vec<Asked> {
        Asked::ALL.into_iter().filter(|asked| !self.holds(*asked)).collect()
    }

    /// A line of it: `the collection holds no IIS logs, no event logs`; `None` if it has all.
    pub fn lacks_in_words(&self) -> Option<String> {
        let lacks: Vec<String> = self.lacks().iter().map(|asked| format!("no {}", asked.in_words())).collect();
        (!lacks.is_empty()).then(|| format!("the collection contains {}", lacks.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_collected_is_reported_by_names() {
        let mut all = Holdings::new("KAPE", String::new());
        assert_eq!(all.lacks().len(), Asked::ALL.len());
        for path in [
            "inetpub/wwwroot/x.aspx",
            "inetpub/logs/LogFiles/W3SVC1/u_ex210303.log",
            "Windows/System32/LogFiles/HTTPERR/httperr1.log",
            "Program Files/Microsoft/Exchange Server/V15/Logging/HttpProxy/Ecp/HttpProxy_1.LOG",
            "Windows/System32/winevt/Logs/Security.evtx",
            "Windows/System32/inetsrv/config/applicationHost.config",
            "Windows/System32/config/SOFTWARE",
            "$MFT",
            "$Extend/$UsnJrnl:$J",
        ] {
            let before = all.lacks().len();
            all.count(path);
            assert_eq!(all.lacks().len(), before - 1, "{path}");
        }
        assert_eq!((all.files, all.lacks_in_words()), (9, None));
    }

    #[test]
    fn what_only_sounds_like_it_is_not_counted() {
        let mut none = Holdings::new("KAPE", String::new());
        for path in
            ["Users/x/setup.log", "Users/x/SYSTEM", "x/$MFT", "W3SVC1/notes.txt", "readme.txt", "x/Logging/a.log"]
        {
            none.count(path);
        }
        assert_eq!(none.lacks().len(), Asked::ALL.len());
        assert!(
            none.lacks_in_words()
                .is_some_and(|words| words.starts_with("the collection contains no web files, no IIS logs"))
        );
    }
}
