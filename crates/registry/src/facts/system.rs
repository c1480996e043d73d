//! The hive SYSTEM: the machine's name, its time zone, and which volume has which letter.

use super::event_logs::{EventLog, event_logs};
use super::{RegistryKey, clean, number, push, reporter, text};
use crate::bytes::wide;
use crate::{Hive, ValueData};
use shellsift_disk::numbers::{u16_at, u32_at, u64_at};

/// Facts of a server from the hive SYSTEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    /// The number of the control set in use (`Select\Current`); what follows is of this one.
    pub control_set: Option<u32>,
    /// The computer's name (`Control\ComputerName\ComputerName`), or else its host name in TCP/IP.
    pub host_name: Option<String>,
    /// The time zone, if it is set.
    pub time_zone: Option<TimeZone>,
    /// The volumes that the server has ever seen, by letter or by volume name.
    pub mounted: Vec<Mounted>,
    /// When the server was last shut down, as FILETIME.
    pub shutdown: Option<u64>,
    /// The event logs of Windows and of programs, by `Services\EventLog`.
    pub event_logs: Vec<EventLog>,
}

/// The time zone, by `Control\TimeZoneInformation`. All numbers are minutes, and what is added to local time to get UTC: -60 in
/// Berlin in winter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeZone {
    /// Its name: `W. Europe Standard Time`; before Vista one in the language of the system.
    pub name: Option<String>,
    /// Without daylight saving.
    pub bias: i32,
    /// Added to it in winter, mostly 0.
    pub standard: i32,
    /// Added to it in summer, mostly -60.
    pub daylight: i32,
    /// Whether there is a summer: zones without it have its numbers all the same.
    pub has_daylight: bool,
    /// What was in use when the hive was last written.
    pub active: Option<i32>,
}

/// A volume of `MountedDevices`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mounted {
    /// The name of the entry: `\DosDevices\C:` or `\??\Volume{...}`.
    pub name: String,
    /// The letter, in upper case, if the entry gives one.
    pub letter: Option<char>,
    /// The volume.
    pub device: Device,
}

/// How a volume is identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Device {
    /// A partition of an MBR disk: the signature of the disk (at 440 of its first sector), and where the partition begins, in bytes.
    Mbr {
        /// The signature.
        signature: u32,
        /// The position in bytes.
        start: u64,
    },
    /// A partition of a GPT disk by its unique id, in the order of bytes that the partition table has.
    Gpt([u8; 16]),
    /// A device by its name: a removable drive, a memory stick, a virtual disk.
    Named(String),
    /// Anything else.
    Other(Vec<u8>),
}

impl Device {
    /// From the data of an entry: 12 bytes are signature and position, 24 begin with `DMIO:ID:`, longer ones are a name.
    pub fn new(data: &[u8]) -> Self {
        match (data.len(), data.strip_prefix(b"DMIO:ID:").and_then(|id| id.first_chunk())) {
            (24, Some(id)) => Self::Gpt(*id),
            (12, _) => match (u32_at(data, 0), u64_at(data, 4)) {
                (Some(signature), Some(start)) => Self::Mbr { signature, start },
                _ => Self::Other(data.to_vec()),
            },
            (length, _) if length > 24 => match clean(&wide(data)) {
                Some(name) if length.is_multiple_of(2) => Self::Named(name),
                _ => Self::Other(data[..length.min(super::MAX_TEXT)].to_vec()),
            },
            _ => Self::Other(data.to_vec()),
        }
    }
}

/// Characters of a host name that are kept: the most that DNS allows for a name.
const MAX_HOST_NAME: usize = 255;

/// Reads the facts of a hive SYSTEM. Lists that are cut become problems of the hive.
pub fn system(hive: &Hive) -> System {
    system_of(&hive.root(), &reporter(hive))
}

/// Reads the facts below a root that is `HKEY_LOCAL_MACHINE\SYSTEM`; `report` takes what is omitted.
pub fn system_of(root: &impl RegistryKey, report: &dyn Fn(&str)) -> System {
    let set = |current: u32| Some((current, root.at(&format!("ControlSet{current:03}"))?));
    let current = root.at("Select").and_then(|select| number(&select, "Current"));
    // Where `Select` is lost, the first one is in use on nearly all machines.
    let (number, set) = current.and_then(set).or_else(|| set(1)).unzip();
    let bytes = |path: &str, name: &str| match set.as_ref()?.at(path)?.data(name)? {
        ValueData::Bytes(bytes) => Some(bytes),
        _ => None,
    };
    System {
        control_set: number,
        host_name: set.as_ref().and_then(host_name),
        time_zone: set.as_ref().and_then(|set| time_zone(&set.at(r"Control\TimeZoneInformation")?)),
        mounted: mounted(root, report),
        shutdown: bytes(r"Control\Windows", "ShutdownTime")
            .and_then(|bytes| u64_at(&bytes, 0))
            .filter(|time| *time > 0),
        event_logs: set
            .as_ref()
            .and_then(|set| set.at(r"Services\EventLog"))
            .map_or_else(Vec::new, |list| event_logs(&list, 1, report)),
    }
}

fn host_name(set: &impl RegistryKey) -> Option<String> {
    let name = |path: &str, value: &str| {
        let name: String = text(&set.at(path)?, value)?.chars().take(MAX_HOST_NAME).collect();
        Some(name)
    };
    name(r"Control\ComputerName\ComputerName", "ComputerName")
        .or_else(|| name(r"Services\Tcpip\Parameters", "Hostname"))
}

fn time_zone(key: &impl RegistryKey) -> Option<TimeZone> {
    let minutes = |name: &str| number(key, name).map(|minutes| minutes as i32);
    // Names that begin with `@` are resources of a library.
    let names = ["TimeZoneKeyName", "StandardName"].iter().filter_map(|name| text(key, name));
    // When summer begins: a SYSTEMTIME, whose second number is a month, or 0 for never.
    let start = match key.data("DaylightStart") {
        Some(ValueData::Bytes(bytes)) => u16_at(&bytes, 2),
        _ => None,
    };
    Some(TimeZone {
        name: names.into_iter().find(|name| !name.starts_with('@')),
        bias: minutes("Bias")?,
        standard: minutes("StandardBias").unwrap_or_default(),
        daylight: minutes("DaylightBias").unwrap_or_default(),
        has_daylight: start.is_some_and(|month| month > 0),
        active: minutes("ActiveTimeBias"),
    })
}

fn mounted(root: &impl RegistryKey, report: &dyn Fn(&str)) -> Vec<Mounted> {
    let mut found = Vec::new();
    let Some(list) = root.at("MountedDevices") else { return found };
    for (name, data) in list.values() {
        let (Some(name), ValueData::Bytes(data)) = (clean(&name), data) else { continue };
        let letter = match name.get(..12).map(|prefix| prefix.eq_ignore_ascii_case(r"\DosDevices\")) {
            Some(true) => match name.as_bytes().get(12..) {
                Some([letter, b':']) if letter.is_ascii_alphabetic() => Some(char::from(letter.to_ascii_uppercase())),
                _ => None,
            },
            _ => None,
        };
        push(report, &mut found, Mounted { name, letter, device: Device::new(&data) }, "mounted devices");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::Written;

    #[test]
    fn the_control_set_in_use_counts() {
        let id: Vec<u8> = (1..=16).collect();
        let stick: Vec<u8> = r"\??\USBSTOR#Disk&Ven_A".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let hive = Written::new("ROOT")
            .dword("Select", "Current", 2)
            .text(r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName", "WIN-OLD")
            .text(r"ControlSet002\Control\ComputerName\ComputerName", "ComputerName", "MAIL01")
            .text(r"ControlSet002\Control\TimeZoneInformation", "TimeZoneKeyName", "W. Europe Standard Time\0rest")
            .dword(r"ControlSet002\Control\TimeZoneInformation", "Bias", (-60_i32) as u32)
            .dword(r"ControlSet002\Control\TimeZoneInformation", "DaylightBias", (-60_i32) as u32)
            .dword(r"ControlSet002\Control\TimeZoneInformation", "ActiveTimeBias", (-120_i32) as u32)
            .binary(r"ControlSet002\Control\TimeZoneInformation", "DaylightStart", &[0, 0, 3, 0, 5, 0, 2, 0])
            .binary(r"ControlSet002\Control\Windows", "ShutdownTime", &7_u64.to_le_bytes())
            .binary("MountedDevices", r"\DosDevices\c:", &[4, 3, 2, 1, 0, 0, 0x10, 0, 0, 0, 0, 0])
            .binary("MountedDevices", r"\DosDevices\D:", &[b"DMIO:ID:".to_vec(), id.clone()].concat())
            .binary("MountedDevices", r"\??\Volume{1}", &stick)
            .binary("MountedDevices", r"\DosDevices\EE", &[1]);
        let hive = hive
            .dword(r"ControlSet001\Services\EventLog\Security", "MaxSize", 1 << 20)
            .dword(r"ControlSet002\Services\EventLog\Security", "MaxSize", 20 << 20)
            .dword(r"ControlSet002\Services\EventLog\Security", "Retention", u32::MAX)
            .dword(r"ControlSet002\Services\EventLog\Security", "AutoBackupLogFiles", 1);
        let hive = Hive::new(hive.bytes(), &[]).expect("a hive");
        let system = system(&hive);
        let (name, yes) = ("Security".to_owned(), Some(true));
        assert_eq!(system.event_logs, [EventLog { name, max_size: Some(20 << 20), keeps_old: yes, archives: yes }]);
        assert_eq!((system.control_set, system.host_name.as_deref()), (Some(2), Some("MAIL01")));
        assert_eq!(system.shutdown, Some(7));
        assert_eq!(
            system.time_zone,
            Some(TimeZone {
                name: Some("W. Europe Standard Time".to_owned()),
                bias: -60,
                standard: 0,
                daylight: -60,
                has_daylight: true,
                active: Some(-120)
            })
        );
        let mounted: Vec<_> = system.mounted.iter().map(|one| (one.letter, &one.device)).collect();
        assert_eq!(
            mounted,
            [
                (Some('C'), &Device::Mbr { signature: 0x0102_0304, start: 0x10_0000 }),
                (Some('D'), &Device::Gpt(id.try_into().expect("16 bytes"))),
                (None, &Device::Named(r"\??\USBSTOR#Disk&Ven_A".to_owned())),
                (None, &Device::Other(vec![1])),
            ]
        );
        assert_eq!(hive.problems(), Vec::<String>::new());
    }

    #[test]
    fn a_lost_selection_is_the_first_set_and_another_hive_yields_nothing() {
        let path = r"ControlSet001\Services\Tcpip\Parameters";
        let hive = Hive::new(Written::new("ROOT").text(path, "Hostname", "mail02\u{1}").bytes(), &[]).expect("a hive");
        assert_eq!(system(&hive).host_name.as_deref(), Some("mail02"));
        let other = Hive::new(Written::new("ROOT").text("Microsoft", "a", "b").bytes(), &[]).expect("a hive");
        assert_eq!(system(&other), System::default());
    }
}
