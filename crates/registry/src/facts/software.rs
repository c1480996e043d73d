//! The hive SOFTWARE: what is installed, and what the virus scanner leaves out.

use super::event_logs::{EventLog, event_logs};
use super::{RegistryKey, clean, number, push, reporter, text};
use crate::{Hive, ValueData};

/// Facts of a server from the hive SOFTWARE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Software {
    /// Installations of Exchange, the newest version first.
    pub exchange: Vec<Exchange>,
    /// The Windows of the server.
    pub windows: Option<Windows>,
    /// IIS, if it is installed.
    pub iis: Option<Iis>,
    /// What Microsoft Defender does not scan.
    pub exclusions: Vec<Exclusion>,
    /// Installed products, of 64 and 32 bits.
    pub products: Vec<Product>,
    /// The event logs of the parts of Windows, by `WINEVT\Channels`.
    pub channels: Vec<EventLog>,
    /// What a group policy says of event logs, which outweighs their own settings.
    pub log_policies: Vec<EventLog>,
}

/// An installation of Exchange: the key `Microsoft\ExchangeServer\v15\Setup`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The key's version: `v15` (2013 and later), `v14` (2010), `v8` (2007).
    pub key: &'static str,
    /// Its folder (`MsiInstallPath`), as it is written there: `C:\Program Files\Microsoft\Exchange Server\V15\`.
    pub path: String,
    /// Its build (`MsiProductMajor` and the three behind it): 15.2.986.5.
    pub build: Option<[u32; 4]>,
    /// When the key was last changed, as FILETIME: about when the last cumulative update was installed.
    pub last_written: u64,
}

/// Windows, by `Microsoft\Windows NT\CurrentVersion`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    /// `Windows Server 2019 Standard`.
    pub product: Option<String>,
    /// `1809`, `21H2`.
    pub release: Option<String>,
    /// The version of its kernel before the build: `10.0`, `6.3`.
    pub version: Option<String>,
    /// `17763`.
    pub build: Option<String>,
    /// The number of the update within the build.
    pub update: Option<u32>,
    /// Its folder: `C:\Windows`.
    pub root: Option<String>,
    /// When it was installed, as FILETIME. An upgrade in place sets it anew.
    pub installed: Option<u64>,
}

/// IIS, by `Microsoft\InetStp`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Iis {
    /// 10, 0.
    pub version: Option<(u32, u32)>,
    /// Where its programs lie (`InstallPath`), with variables: `%windir%\system32\inetsrv`.
    pub install_path: Option<String>,
    /// The root of the default site (`PathWWWRoot`), with variables: `%SystemDrive%\inetpub\wwwroot`.
    pub web_root: Option<String>,
}

/// Something that Microsoft Defender does not scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// What it excludes.
    pub kind: ExclusionKind,
    /// The path, extension or process, as it is written there; paths may have variables and `*`.
    pub value: String,
    /// Who set it.
    pub source: ExclusionSource,
    /// When its list was last changed, as FILETIME: when the newest entry was made or an entry removed.
    pub last_written: u64,
}

/// What an exclusion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExclusionKind {
    /// A file or folder.
    Path,
    /// Files by their extension.
    Extension,
    /// Files that a process opens.
    Process,
}

/// Who set an exclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExclusionSource {
    /// An administrator of the machine, or a program with those rights: `Microsoft\Windows Defender\Exclusions`.
    Local,
    /// A group policy: `Policies\Microsoft\Windows Defender\Exclusions`.
    GroupPolicy,
    /// Device management: `Microsoft\Windows Defender\Policy Manager`.
    DeviceManagement,
}

/// An installed product: a key below `Microsoft\Windows\CurrentVersion\Uninstall`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its name (`DisplayName`).
    pub name: String,
    /// Its version, as registered.
    pub version: Option<String>,
    /// Its maker, as registered.
    pub publisher: Option<String>,
    /// Its folder, as registered.
    pub folder: Option<String>,
    /// Its installation date, as registered, mostly `20210303`.
    pub install_date: Option<String>,
    /// When its key was last changed, as FILETIME.
    pub last_written: u64,
}

/// Reads the facts of a hive SOFTWARE. Lists that are cut become problems of the hive.
pub fn software(hive: &Hive) -> Software {
    software_of(&hive.root(), &reporter(hive))
}

/// Reads the facts below a root that is `HKEY_LOCAL_MACHINE\SOFTWARE`; `report` takes what is omitted.
pub fn software_of(root: &impl RegistryKey, report: &dyn Fn(&str)) -> Software {
    let windows = root.at(r"Microsoft\Windows NT\CurrentVersion").map(|key| windows(&key));
    let iis = root.at(r"Microsoft\InetStp").map(|key| iis(&key));
    Software {
        exchange: exchange(root),
        windows: windows.filter(|one| *one != Windows::default()),
        iis: iis.filter(|one| *one != Iis::default()),
        exclusions: exclusions(root, report),
        products: products(root, report),
        channels: root
            .at(r"Microsoft\Windows\CurrentVersion\WINEVT\Channels")
            .map_or_else(Vec::new, |list| event_logs(&list, 1, report)),
        // In KiB.
        log_policies: root
            .at(r"Policies\Microsoft\Windows\EventLog")
            .map_or_else(Vec::new, |list| event_logs(&list, 1 << 10, report)),
    }
}

fn exchange(root: &impl RegistryKey) -> Vec<Exchange> {
    let setup = |version: &'static str| {
        let key = root.at(&format!(r"Microsoft\ExchangeServer\{version}\Setup"))?;
        let path = text(&key, "MsiInstallPath")?;
        let part = |name: &str| number(&key, name);
        let build = || {
            Some([part("MsiProductMajor")?, part("MsiProductMinor")?, part("MsiBuildMajor")?, part("MsiBuildMinor")?])
        };
        Some(Exchange { key: version, path, build: build(), last_written: key.last_written() })
    };
    ["v15", "v14", "v8"].into_iter().filter_map(setup).collect()
}

fn windows(key: &impl RegistryKey) -> Windows {
    /// The second of 1970-01-01 since 1601-01-01.
    const UNIX: u64 = 11_644_473_600;
    let exact = key.data("InstallTime").and_then(|data| data.number()).filter(|time| *time > 0);
    let seconds = number(key, "InstallDate").filter(|seconds| *seconds > 0);
    // Windows 10 and later leave `CurrentVersion` at 6.3.
    let version =
        || Some(format!("{}.{}", number(key, "CurrentMajorVersionNumber")?, number(key, "CurrentMinorVersionNumber")?));
    Windows {
        product: text(key, "ProductName"),
        release: text(key, "DisplayVersion").or_else(|| text(key, "ReleaseId")),
        version: version().or_else(|| text(key, "CurrentVersion")),
        build: text(key, "CurrentBuild").or_else(|| text(key, "CurrentBuildNumber")),
        update: number(key, "UBR"),
        root: text(key, "SystemRoot"),
        installed: exact.or_else(|| seconds.map(|seconds| (u64::from(seconds) + UNIX) * 10_000_000)),
    }
}

fn iis(key: &impl RegistryKey) -> Iis {
    Iis {
        version: number(key, "MajorVersion").map(|major| (major, number(key, "MinorVersion").unwrap_or_default())),
        install_path: text(key, "InstallPath"),
        web_root: text(key, "PathWWWRoot"),
    }
}

fn exclusions(root: &impl RegistryKey, report: &dyn Fn(&str)) -> Vec<Exclusion> {
    const WHAT: &str = "exclusions of Microsoft Defender";
    const KEYS: [(&str, ExclusionKind); 3] = [
        ("Paths", ExclusionKind::Path),
        ("Extensions", ExclusionKind::Extension),
        ("Processes", ExclusionKind::Process),
    ];
    let mut found = Vec::new();
    for (path, source) in [
        (r"Microsoft\Windows Defender\Exclusions", ExclusionSource::Local),
        (r"Policies\Microsoft\Windows Defender\Exclusions", ExclusionSource::GroupPolicy),
    ] {
        let Some(lists) = root.at(path) else { continue };
        for (name, kind) in KEYS {
            let Some(list) = lists.at(name) else { continue };
            let last_written = list.last_written();
            for value in list.values().filter_map(|(name, _)| clean(&name)) {
                push(report, &mut found, Exclusion { kind, value, source, last_written }, WHAT);
            }
        }
    }
    let Some(manager) = root.at(r"Microsoft\Windows Defender\Policy Manager") else { return found };
    for (name, kind) in KEYS {
        let Some(ValueData::Text(list)) = manager.data(&format!("Excluded{name}")) else { continue };
        for value in list.split('|').filter_map(clean) {
            let source = ExclusionSource::DeviceManagement;
            push(report, &mut found, Exclusion { kind, value, source, last_written: manager.last_written() }, WHAT);
        }
    }
    found
}

fn products(root: &impl RegistryKey, report: &dyn Fn(&str)) -> Vec<Product> {
    let mut found = Vec::new();
    for below in ["Microsoft", r"Wow6432Node\Microsoft"] {
        let Some(list) = root.at(&format!(r"{below}\Windows\CurrentVersion\Uninstall")) else { continue };
        for (_, key) in list.keys() {
            let Some(name) = text(&key, "DisplayName") else { continue };
            let product = Product {
                name,
                version: text(&key, "DisplayVersion"),
                publisher: text(&key, "Publisher"),
                folder: text(&key, "InstallLocation"),
                install_date: text(&key, "InstallDate"),
                last_written: key.last_written(),
            };
            push(report, &mut found, product, "installed products");
            if found.len() >= super::MAX_LIST {
                return found;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{Written, written};

    fn server() -> Hive {
        let setup = r"Microsoft\ExchangeServer\v15\Setup";
        let hive = Written::new("ROOT")
            .text(setup, "MsiInstallPath", r"D:\Exchange Server\V15\")
            .dword(setup, "MsiProductMajor", 15)
            .dword(setup, "MsiProductMinor", 2)
            .dword(setup, "MsiBuildMajor", 986)
            .dword(setup, "MsiBuildMinor", 5)
            .text(r"Microsoft\Windows NT\CurrentVersion", "ProductName", "Windows Server 2019 Standard")
            .text(r"Microsoft\Windows NT\CurrentVersion", "CurrentVersion", "6.3")
            .dword(r"Microsoft\Windows NT\CurrentVersion", "CurrentMajorVersionNumber", 10)
            .dword(r"Microsoft\Windows NT\CurrentVersion", "CurrentMinorVersionNumber", 0)
            .text(r"Microsoft\Windows NT\CurrentVersion", "CurrentBuild", "17763")
            .dword(r"Microsoft\Windows NT\CurrentVersion", "InstallDate", 1_614_754_761)
            .dword(r"Microsoft\InetStp", "MajorVersion", 10)
            .text(r"Microsoft\InetStp", "PathWWWRoot", r"%SystemDrive%\inetpub\wwwroot")
            .dword(r"Microsoft\Windows Defender\Exclusions\Paths", r"C:\inetpub\wwwroot", 0)
            .dword(r"Microsoft\Windows Defender\Exclusions\Extensions", "aspx", 0)
            .text(r"Policies\Microsoft\Windows Defender\Exclusions\Processes", "w3wp.exe", "0")
            .text(r"Microsoft\Windows Defender\Policy Manager", "ExcludedPaths", r"C:\a|D:\b")
            .text(r"Wow6432Node\Microsoft\Windows\CurrentVersion\Uninstall\{1}", "DisplayName", "AnyDesk")
            .text(r"Microsoft\Windows\CurrentVersion\Uninstall\KB1", "ParentKeyName", "OperatingSystem");
        Hive::new(hive.bytes(), &[]).expect("a hive")
    }

    #[test]
    fn a_server_is_described() {
        let facts = software(&server());
        let exchange = &facts.exchange[0];
        assert_eq!((exchange.key, exchange.path.as_str()), ("v15", r"D:\Exchange Server\V15\"));
        assert_eq!((exchange.build, exchange.last_written), (Some([15, 2, 986, 5]), written("Setup")));
        let windows = facts.windows.expect("Windows");
        assert_eq!(windows.product.as_deref(), Some("Windows Server 2019 Standard"));
        assert_eq!((windows.version.as_deref(), windows.build.as_deref()), (Some("10.0"), Some("17763")));
        assert_eq!(windows.update, None);
        assert_eq!(windows.installed, Some(132_592_283_610_000_000));
        let iis = facts.iis.expect("IIS");
        assert_eq!((iis.version, iis.web_root.as_deref()), (Some((10, 0)), Some(r"%SystemDrive%\inetpub\wwwroot")));
        assert_eq!(facts.products.iter().map(|product| product.name.as_str()).collect::<Vec<_>>(), ["AnyDesk"]);
        let exclusions: Vec<_> =
            facts.exclusions.iter().map(|one| (one.kind, one.value.as_str(), one.source)).collect();
        assert_eq!(
            exclusions,
            [
                (ExclusionKind::Path, r"C:\inetpub\wwwroot", ExclusionSource::Local),
                (ExclusionKind::Extension, "aspx", ExclusionSource::Local),
                (ExclusionKind::Process, "w3wp.exe", ExclusionSource::GroupPolicy),
                (ExclusionKind::Path, r"C:\a", ExclusionSource::DeviceManagement),
                (ExclusionKind::Path, r"D:\b", ExclusionSource::DeviceManagement),
            ]
        );
        assert_eq!(facts.exclusions[0].last_written, written("Paths"));
    }

    #[test]
    fn event_logs_have_their_settings_and_those_of_a_policy() {
        const CHANNELS: &str = r"Microsoft\Windows\CurrentVersion\WINEVT\Channels";
        const POLICY: &str = r"Policies\Microsoft\Windows\EventLog";
        let hive = Written::new("ROOT")
            .dword(&format!(r"{CHANNELS}\Microsoft-IIS-Configuration/Operational"), "MaxSize", 1_052_672)
            .dword(&format!(r"{CHANNELS}\Silent"), "Enabled", 1)
            .dword(&format!(r"{POLICY}\Security"), "MaxSize", 196_608)
            .text(&format!(r"{POLICY}\Security"), "Retention", "1")
            .text(&format!(r"{POLICY}\Security"), "AutoBackupLogFiles", "0")
            .text(&format!(r"{POLICY}\System"), "MaxSize", "large");
        let facts = software(&Hive::new(hive.bytes(), &[]).expect("a hive"));
        let log = |name: &str, max_size: u64, keeps_old, archives| EventLog {
            name: name.to_owned(),
            max_size: Some(max_size),
            keeps_old,
            archives,
        };
        assert_eq!(facts.channels, [log("Microsoft-IIS-Configuration/Operational", 1_052_672, None, None)]);
        assert_eq!(facts.log_policies, [log("Security", 192 << 20, Some(true), Some(false))]);
        let own = log("Security", 20 << 20, Some(false), None);
        assert_eq!(facts.log_policies[0].clone().or(own.clone()), facts.log_policies[0]);
        assert_eq!(EventLog { name: "Security".to_owned(), ..EventLog::default() }.or(own.clone()), own);
    }

    #[test]
    fn another_hive_yields_nothing() {
        let hive = Hive::new(Written::new("ROOT").text("Select", "a", "b").bytes(), &[]).expect("a hive");
        assert_eq!(software(&hive), Software::default());
        assert_eq!(hive.problems(), Vec::<String>::new());
    }
}
