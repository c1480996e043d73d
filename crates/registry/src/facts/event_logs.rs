//! How large event logs may become, and what happens then: the settings of the event log service.

use super::{RegistryKey, number, push, text};

/// The settings of an event log, each only if it is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventLog {
    /// The name of the log: `Security`, `Microsoft-IIS-Configuration/Operational`.
    pub name: String,
    /// The size at which it is full, in bytes (`MaxSize`).
    pub max_size: Option<u64>,
    /// Whether old events are kept then, and new ones are not written (`Retention`).
    pub keeps_old: Option<bool>,
    /// Whether it is archived then, if old events are kept (`AutoBackupLogFiles`).
    pub archives: Option<bool>,
}

impl EventLog {
    /// These settings, with others where nothing is said.
    pub fn or(self, other: Self) -> Self {
        Self {
            name: if self.name.is_empty() { other.name } else { self.name },
            max_size: self.max_size.or(other.max_size),
            keeps_old: self.keeps_old.or(other.keeps_old),
            archives: self.archives.or(other.archives),
        }
    }
}

/// The settings of the logs below a key. `unit`: of the sizes, in bytes. Those that say nothing are left out.
pub(super) fn event_logs(list: &impl RegistryKey, unit: u64, report: &dyn Fn(&str)) -> Vec<EventLog> {
    let mut found = Vec::new();
    for (name, key) in list.keys() {
        // A policy has some of them as text.
        let value = |name: &str| {
            let written = || text(&key, name).and_then(|text| text.parse::<u32>().ok());
            number(&key, name).or_else(written).map(u64::from)
        };
        let flag = |name: &str| value(name).map(|value| value != 0);
        let max_size = value("MaxSize").filter(|size| *size > 0).map(|size| size.saturating_mul(unit));
        let own = EventLog {
            max_size,
            keeps_old: flag("Retention"),
            archives: flag("AutoBackupLogFiles"),
            ..EventLog::default()
        };
        if own != EventLog::default() {
            let name = name.chars().take(super::MAX_TEXT).collect();
            push(report, &mut found, EventLog { name, ..own }, "event logs");
        }
    }
    found
}
