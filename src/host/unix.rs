//! Host functions on Linux and other Unix systems.

use std::path::PathBuf;

/// The drives of this machine: none, it is no Windows.
pub fn drives() -> Vec<(char, PathBuf)> {
    Vec::new()
}

/// The drive that this machine's Windows runs from: none.
pub fn system_drive() -> Option<PathBuf> {
    None
}

/// A text of the registry: none.
pub fn registry_text(_: &str, _: &str) -> Option<String> {
    None
}

/// The name of this machine.
pub fn host_name() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

/// Asks for I/O of the calling thread in the background: Linux has no such thing that a plain user may ask for.
pub fn background_io() {}

/// Asks for less CPU for the calling thread; what the system refuses is left as it is.
pub fn lower_priority() {
    let _ = rustix::process::nice(10);
}
