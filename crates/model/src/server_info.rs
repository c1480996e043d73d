//! What the registry of the examined server says of it.

use super::Timestamp;
use super::named::named;

/// What the registry of a server says of it: its hives, or on a live server its own registry. What is not there is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerInfo {
    /// The name of the computer.
    pub host_name: Option<String>,
    /// Its Windows.
    pub windows: Option<WindowsInfo>,
    /// The time zone that it is set to.
    pub time_zone: Option<TimeZoneInfo>,
    /// When it was last shut down.
    pub shut_down: Option<Timestamp>,
    /// Its installations of Exchange.
    pub exchange: Vec<ExchangeSetup>,
    /// Its IIS.
    pub iis: Option<IisSetup>,
    /// What Microsoft Defender does not scan.
    pub exclusions: Vec<AntivirusExclusion>,
    /// Installed products.
    pub products: Vec<InstalledProduct>,
    /// Entries of these lists that were left out because there are too many.
    pub omitted: u64,
}

/// The Windows of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WindowsInfo {
    /// `Windows Server 2019 Standard`.
    pub name: Option<String>,
    /// `1809`, `21H2`.
    pub release: Option<String>,
    /// `10.0.17763.1879`, as far as its parts are known.
    pub version: Option<String>,
    /// Its folder: `C:\Windows`.
    pub folder: Option<String>,
    /// When it was installed.
    pub installed: Option<Timestamp>,
}

impl WindowsInfo {
    /// `Windows Server 2019 Standard 1809 (10.0.17763.1879)`.
    pub fn in_words(&self) -> String {
        let name = self.name.as_deref().unwrap_or("Windows");
        let release = self.release.as_ref().map_or(String::new(), |release| format!(" {release}"));
        let version = self.version.as_ref().map_or(String::new(), |version| format!(" ({version})"));
        format!("{name}{release}{version}")
    }
}

/// The time zone of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeZoneInfo {
    /// Windows' name of it: `W. Europe Standard Time`.
    pub name: Option<String>,
    /// How far it is ahead of UTC in winter: `+01:00`; `None` where its numbers are none of a time zone.
    pub offset: Option<String>,
    /// The same in summer, if there is one.
    pub daylight_offset: Option<String>,
}

impl TimeZoneInfo {
    /// From minutes that are added to UTC.
    pub fn new(name: Option<String>, winter: i64, summer: Option<i64>) -> Self {
        Self { name, offset: offset(winter), daylight_offset: summer.and_then(offset) }
    }

    /// `W. Europe Standard Time (UTC+01:00, in summer UTC+02:00)`.
    pub fn in_words(&self) -> String {
        let name = self.name.as_deref().unwrap_or("without a name");
        let Some(offset) = &self.offset else { return format!("{name} (its offset is no valid one)") };
        let summer = self.daylight_offset.as_ref().map_or(String::new(), |summer| format!(", in summer UTC{summer}"));
        format!("{name} (UTC{offset}{summer})")
    }
}

/// Minutes as `+01:00`; `None` beyond the zones that there are.
fn offset(minutes: i64) -> Option<String> {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.checked_abs().filter(|minutes| *minutes <= 15 * 60)?;
    Some(format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60))
}

/// An installation of Exchange as its setup has entered it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExchangeSetup {
    /// The version of its key: `v15`, `v14`, `v8`.
    pub version: String,
    /// Its folder, as it is written there.
    pub path: String,
    /// Its build: `15.2.986.5`.
    pub build: Option<String>,
    /// When the key was last changed: about when the last cumulative update was installed.
    pub changed: Option<Timestamp>,
}

/// IIS as its setup has entered it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IisSetup {
    /// `10.0`.
    pub version: Option<String>,
    /// Where its programs are, with variables.
    pub path: Option<String>,
    /// The root of the default site, with variables.
    pub web_root: Option<String>,
}

/// Something that Microsoft Defender does not scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AntivirusExclusion {
    /// What it excludes.
    pub kind: ExcludedKind,
    /// The path, extension or process, as it is written there.
    pub value: String,
    /// Who set it.
    pub source: ExclusionSource,
    /// When the list that it is in was last changed.
    pub changed: Option<Timestamp>,
    /// What is said of it.
    pub advice: ExclusionAdvice,
    /// What it adds to a finding, 0 to 100.
    pub score: u8,
}

/// What an exclusion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExcludedKind {
    /// A file or folder.
    Path,
    /// Files by their extension.
    Extension,
    /// Files that a process opens.
    Process,
}

named!(ExcludedKind { Path => "path", Extension => "extension", Process => "process" });

/// Who set an exclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExclusionSource {
    /// An administrator of the machine, or a program with those rights.
    Local,
    /// A group policy.
    GroupPolicy,
    /// Device management (Intune).
    DeviceManagement,
}

named!(ExclusionSource {
    Local => "local",
    GroupPolicy => "group_policy",
    DeviceManagement => "device_management",
});

/// What is said of an exclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExclusionAdvice {
    /// Microsoft recommends it for Exchange.
    Recommended,
    /// Microsoft recommended it for Exchange, and withdrew that.
    FormerlyRecommended,
    /// It leaves out web content, drop folders, or what Microsoft advises not to exclude.
    Risky,
    /// Nothing.
    Other,
}

named!(ExclusionAdvice {
    Recommended => "recommended",
    FormerlyRecommended => "formerly_recommended",
    Risky => "risky",
    Other => "other",
});

/// An installed product, as its setup has entered it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstalledProduct {
    /// Its name.
    pub name: String,
    /// Its version as it says.
    pub version: Option<String>,
    /// Its maker as it says.
    pub publisher: Option<String>,
    /// Its folder as it says.
    pub path: Option<String>,
    /// When its entry was last changed: mostly when it was installed or updated.
    pub changed: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_written_with_their_offsets_and_nonsense_is_not() {
        let berlin = TimeZoneInfo::new(Some("W. Europe Standard Time".to_owned()), 60, Some(120));
        assert_eq!(berlin.in_words(), "W. Europe Standard Time (UTC+01:00, in summer UTC+02:00)");
        assert_eq!(TimeZoneInfo::new(None, -210, None).in_words(), "without a name (UTC-03:30)");
        for minutes in [i64::MIN, i64::MAX, 901] {
            let zone = TimeZoneInfo::new(Some("x".to_owned()), minutes, Some(minutes));
            assert_eq!(zone.in_words(), "x (its offset is no valid one)", "{minutes}");
        }
    }

    #[test]
    fn windows_is_named_as_far_as_it_is_known() {
        let full = WindowsInfo {
            name: Some("Windows Server 2019 Standard".to_owned()),
            release: Some("1809".to_owned()),
            version: Some("10.0.17763.1879".to_owned()),
            ..WindowsInfo::default()
        };
        assert_eq!(full.in_words(), "Windows Server 2019 Standard 1809 (10.0.17763.1879)");
        assert_eq!(WindowsInfo::default().in_words(), "Windows");
    }
}
