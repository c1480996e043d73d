//! Facts of a server from its registry hives: [`software`] and [`system`]. What is not there is empty; nothing is guessed.
//! [`software_of`] and [`system_of`] read the same of any [`RegistryKey`], such as one of a running Windows.
//!
//! Texts are the attacker's where the hive is: they are cut to [`MAX_TEXT`] characters, and lists to [`MAX_LIST`] entries, which
//! becomes one of the hive's problems.

mod event_logs;
mod software;
mod system;

use crate::{Hive, Key, ValueData};

pub use event_logs::EventLog;
pub use software::{
    Exchange, Exclusion, ExclusionKind, ExclusionSource, Iis, Product, Software, Windows, software, software_of,
};
pub use system::{Device, Mounted, System, TimeZone, system, system_of};

/// Characters that are kept of a text. Thousands of products may have five each.
pub const MAX_TEXT: usize = 1_024;
/// Entries that are kept of a list.
pub const MAX_LIST: usize = 10_000;

/// A key of a registry, as far as facts need it: of a hive, or of the registry of a running Windows.
pub trait RegistryKey: Sized {
    /// The key at a path below it, names parted by `\`, without case.
    fn at(&self, path: &str) -> Option<Self>;
    /// The keys right below it that can be opened, with their names.
    fn keys(&self) -> impl Iterator<Item = (String, Self)>;
    /// Its values, with their names.
    fn values(&self) -> impl Iterator<Item = (String, ValueData)>;
    /// What the value of a name holds, without case.
    fn data(&self, name: &str) -> Option<ValueData>;
    /// When it, one of its values or the list of its keys was last changed, as FILETIME.
    fn last_written(&self) -> u64;
}

impl RegistryKey for Key<'_> {
    fn at(&self, path: &str) -> Option<Self> {
        Key::at(*self, path)
    }

    fn keys(&self) -> impl Iterator<Item = (String, Self)> {
        Key::keys(*self).map(|key| (key.name(), key))
    }

    fn values(&self) -> impl Iterator<Item = (String, ValueData)> {
        Key::values(*self).map(|value| (value.name(), value.data()))
    }

    fn data(&self, name: &str) -> Option<ValueData> {
        Some(self.value(name)?.data())
    }

    fn last_written(&self) -> u64 {
        Key::last_written(*self)
    }
}

/// A text that is not empty, without control characters and blanks around it.
fn text(key: &impl RegistryKey, name: &str) -> Option<String> {
    match key.data(name)? {
        ValueData::Text(text) | ValueData::Expand(text) => clean(&text),
        _ => None,
    }
}

fn clean(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn number(key: &impl RegistryKey, name: &str) -> Option<u32> {
    u32::try_from(key.data(name)?.number()?).ok()
}

/// Adds to a list, which has an end. `report` takes what is omitted.
fn push<T>(report: &dyn Fn(&str), list: &mut Vec<T>, entry: T, what: &str) {
    if list.len() < MAX_LIST {
        list.push(entry);
    } else {
        report(&format!("more than {MAX_LIST} {what}: the rest is omitted"));
    }
}

/// What is omitted becomes a problem of the hive.
fn reporter(hive: &Hive) -> impl Fn(&str) {
    |problem| hive.report(problem)
}
