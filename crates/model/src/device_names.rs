//! Reserved DOS device names: `signatures/windows/device_names.csv`.

use super::table::rows;
use std::collections::HashSet;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../../signatures/windows/device_names.csv");

/// The reserved device name that Windows takes a file name for, in upper case, whatever extension, stream or spaces follow it.
pub fn device_of(name: &str) -> Option<String> {
    let stem = name.trim_end_matches(['.', ' ']).split(['.', ':']).next().unwrap_or_default().trim_end_matches(' ');
    // The shortest have three letters, the longest seven: most names end here.
    if !matches!(stem.chars().count(), 3 | 4 | 6 | 7) {
        return None;
    }
    static NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| rows::<2>(TABLE).map(|[name, _]| name).collect());
    let stem = stem.to_ascii_uppercase();
    NAMES.contains(stem.as_str()).then_some(stem)
}

/// The first name of a path that is a reserved device name, as the path has it.
pub fn device_in(path: &str) -> Option<&str> {
    let names = path.split(['\\', '/']).map(|name| name.trim_end_matches(['.', ' ']));
    // `C:` is a drive, and no name of one letter is a device.
    names.into_iter().find(|name| device_of(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::table::is_well_formed;
    use super::*;

    #[test]
    fn devices_are_known_in_every_spelling_and_their_look_alikes_are_not() {
        assert!(is_well_formed::<2>(TABLE));
        for name in ["aux", "CON.aspx", "com1", "LPT¹.x", "nul  .txt", "Prn.", "COM9:stream", "conin$"] {
            assert!(device_of(name).is_some(), "{name}");
        }
        for name in ["com0", "com10", "auxiliary", "lpt", "console", "c", "", "xcon"] {
            assert_eq!(device_of(name), None, "{name}");
        }
        assert_eq!(device_in(r"C:\inetpub\aux.x\y"), Some("aux.x"));
        assert_eq!(device_in(r"C:\inetpub\auxx\y"), None);
    }
}
