//! The hive SYSTEM: the machine's name, its time zone, and which volume has which letter.

use super::{clean, number, push, text};
use crate::bytes::wide;
use crate::{Hive, Key, ValueData};
use shellsift_disk::numbers::{u32_at, u64_at};

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

/// Reads the facts of a hive SYSTEM.
pub fn system(hive: &Hive) -> System {
    let current = hive.at("Select").and_then(|select| number(select, "Current"));
    let set = current.and_then(|current| hive.at(&format!("ControlSet{current:03}")));
    // Where `Select` is lost, the first one is in use on nearly all machines.
    let set = set.or_else(|| hive.at("ControlSet001"));
    let shutdown = set.and_then(|set| set.at(r"Control\Windows")?.value("ShutdownTime"));
    System {
        control_set: set.and_then(|set| set.name().get("ControlSet".len()..)?.parse().ok()),
        host_name: set.and_then(host_name),
        time_zone: set.and_then(|set| set.at(r"Control\TimeZoneInformation")).and_then(time_zone),
        mounted: mounted(hive),
        shutdown: shutdown.and_then(|value| u64_at(&value.bytes(), 0)).filter(|time| *time > 0),
    }
}

fn host_name(set: Key<'_>) -> Option<String> {
    let name = |path: &str, value: &str| {
        let name: String = text(set.at(path)?, value)?.chars().take(MAX_HOST_NAME).collect();
        Some(name)
    };
    name(r"Control\ComputerName\ComputerName", "ComputerName")
        .or_else(|| name(r"Services\Tcpip\Parameters", "Hostname"))
}

fn time_zone(key: Key<'_>) -> Option<TimeZone> {
    let minutes = |name: &str| number(key, name).map(|minutes| minutes as i32);
    // Names that begin with `@` are resources of a library.
    let names = ["TimeZoneKeyName", "StandardName"].iter().filter_map(|name| text(key, name));
    Some(TimeZone {
        name: names.into_iter().find(|name| !name.starts_with('@')),
        bias: minutes("Bias")?,
        standard: minutes("StandardBias").unwrap_or_default(),
        daylight: minutes("DaylightBias").unwrap_or_default(),
        active: minutes("ActiveTimeBias"),
    })
}

fn mounted(hive: &Hive) -> Vec<Mounted> {
    let mut found = Vec::new();
    for value in hive.at("MountedDevices").into_iter().flat_map(Key::values) {
        let Some(name) = clean(&value.name()) else { continue };
        let ValueData::Bytes(data) = value.data() else { continue };
        let letter = match name.get(..12).map(|prefix| prefix.eq_ignore_ascii_case(r"\DosDevices\")) {
            Some(true) => match name.as_bytes().get(12..) {
                Some([letter, b':']) if letter.is_ascii_alphabetic() => Some(char::from(letter.to_ascii_uppercase())),
                _ => None,
            },
            _ => None,
        };
        push(hive, &mut found, Mounted { name, letter, device: Device::new(&data) }, "mounted devices");
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
            .binary(r"ControlSet002\Control\Windows", "ShutdownTime", &7_u64.to_le_bytes())
            .binary("MountedDevices", r"\DosDevices\c:", &[4, 3, 2, 1, 0, 0, 0x10, 0, 0, 0, 0, 0])
            .binary("MountedDevices", r"\DosDevices\D:", &[b"DMIO:ID:".to_vec(), id.clone()].concat())
            .binary("MountedDevices", r"\??\Volume{1}", &stick)
            .binary("MountedDevices", r"\DosDevices\EE", &[1]);
        let hive = Hive::new(hive.bytes(), &[]).expect("a hive");
        let system = system(&hive);
        assert_eq!((system.control_set, system.host_name.as_deref()), (Some(2), Some("MAIL01")));
        assert_eq!(system.shutdown, Some(7));
        assert_eq!(
            system.time_zone,
            Some(TimeZone {
                name: Some("W. Europe Standard Time".to_owned()),
                bias: -60,
                standard: 0,
                daylight: -60,
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
