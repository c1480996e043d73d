//! The live registry, on Windows: the same facts as of the hives, which the system has locked.

use crate::host;
use shellsift_registry::ValueData;
use shellsift_registry::facts::{RegistryKey, Software, System, software_of, system_of};

impl RegistryKey for host::RegistryKey {
    fn at(&self, path: &str) -> Option<Self> {
        host::RegistryKey::at(self, path)
    }

    fn keys(&self) -> impl Iterator<Item = (String, Self)> {
        self.key_names().into_iter().filter_map(|name| {
            let key = self.at(&name)?;
            Some((name, key))
        })
    }

    fn values(&self) -> impl Iterator<Item = (String, ValueData)> {
        self.value_names().into_iter().filter_map(|name| {
            let data = self.data(&name)?;
            Some((name, data))
        })
    }

    fn data(&self, name: &str) -> Option<ValueData> {
        self.value(name).map(|(kind, bytes)| ValueData::new(kind, bytes))
    }

    fn last_written(&self) -> u64 {
        host::RegistryKey::last_written(self)
    }
}

/// What `HKEY_LOCAL_MACHINE\SOFTWARE` of this machine says; `None` on other systems. Lists are cut as those of hives are.
pub(super) fn software() -> Option<Software> {
    host::RegistryKey::of_machine("SOFTWARE").map(|root| software_of(&root, &|_| {}))
}

/// What `HKEY_LOCAL_MACHINE\SYSTEM` of this machine says; `None` on other systems.
pub(super) fn system() -> Option<System> {
    host::RegistryKey::of_machine("SYSTEM").map(|root| system_of(&root, &|_| {}))
}
