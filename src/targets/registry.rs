//! The live registry, on Windows.

use crate::host;

/// Where the registry says that Exchange is installed: `MsiInstallPath` below `ExchangeServer\v15\Setup` (2013 and later),
/// `v14` (2010) and `v8` (2007). Empty on other systems.
pub(super) fn exchange_folders() -> Vec<String> {
    let setup = |version: &str| format!(r"SOFTWARE\Microsoft\ExchangeServer\{version}\Setup");
    ["v15", "v14", "v8"].iter().filter_map(|version| host::registry_text(&setup(version), "MsiInstallPath")).collect()
}
