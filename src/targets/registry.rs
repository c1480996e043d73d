//! The live registry, on Windows.

/// Where the registry says that Exchange is installed: `MsiInstallPath` below `ExchangeServer\v15\Setup` (2013 and later),
/// `v14` (2010) and `v8` (2007). Empty on other systems.
#[cfg(windows)]
pub(super) fn exchange_folders() -> Vec<String> {
    ["v15", "v14", "v8"]
        .iter()
        .filter_map(|version| {
            windows_registry::LOCAL_MACHINE
                .open(format!(r"SOFTWARE\Microsoft\ExchangeServer\{version}\Setup"))
                .and_then(|key| key.get_string("MsiInstallPath"))
                .ok()
        })
        .collect()
}

/// See above.
#[cfg(not(windows))]
pub(super) fn exchange_folders() -> Vec<String> {
    Vec::new()
}
