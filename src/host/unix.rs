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

/// A key of the live registry: there is none.
pub enum RegistryKey {}

impl RegistryKey {
    /// A key below `HKEY_LOCAL_MACHINE`: none.
    pub fn of_machine(_: &str) -> Option<Self> {
        None
    }

    /// The key at a path below it.
    pub fn at(&self, _: &str) -> Option<Self> {
        match *self {}
    }

    /// The names of the keys right below it.
    pub fn key_names(&self) -> Vec<String> {
        match *self {}
    }

    /// The names of its values.
    pub fn value_names(&self) -> Vec<String> {
        match *self {}
    }

    /// The type and the bytes of a value.
    pub fn value(&self, _: &str) -> Option<(u32, Vec<u8>)> {
        match *self {}
    }

    /// When it was last changed.
    pub fn last_written(&self) -> u64 {
        match *self {}
    }
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
