//! What the registry of the examined server says of it.

use super::words::{Text, Time, Times, Word, is_zero};
use crate::model::{
    AntivirusExclusion, ExchangeSetup, ExcludedKind, ExclusionAdvice, ExclusionSource, IisSetup, InstalledProduct,
    ServerInfo, TimeZoneInfo, WindowsInfo,
};
#[cfg(test)]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The operating system of a host.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct Os {
    #[serde(rename = "type")]
    pub(crate) kind: Text,
    pub(crate) family: Text,
    pub(crate) platform: Text,
    /// The product, its release and its version.
    pub(crate) full: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
}

impl From<&WindowsInfo> for Os {
    fn from(windows: &WindowsInfo) -> Self {
        const WINDOWS: &str = "windows";
        Self {
            kind: WINDOWS.into(),
            family: WINDOWS.into(),
            platform: WINDOWS.into(),
            full: windows.in_words(),
            name: windows.name.clone(),
            version: windows.version.clone(),
        }
    }
}

/// What the registry says of the server, beside `host.name` and `host.os`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ServerRecord {
    /// The folder of Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) windows_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) windows_installed: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_shutdown: Option<Time>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_zone: Option<TimeZoneRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) exchange: Vec<ExchangeRecord>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) iis: Option<IisRecord>,
    /// What Microsoft Defender does not scan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) defender_exclusions: Vec<ExclusionRecord>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) installed_products: Vec<ProductRecord>,
    /// Entries of these lists that were left out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) omitted: u64,
}

/// The time zone that the server is set to. Times of records are UTC all the same.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct TimeZoneRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// Ahead of UTC in winter: `+01:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) offset: Option<String>,
    /// The same in summer, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) daylight_offset: Option<String>,
}

/// An installation of Exchange.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ExchangeRecord {
    /// The version of its key: `v15`.
    pub(crate) version: String,
    pub(crate) path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) build: Option<String>,
    /// When its key was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changed: Option<Time>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct IisRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// The root of the default site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) web_root: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ExclusionRecord {
    pub(crate) kind: Word<ExcludedKind>,
    pub(crate) value: String,
    /// Who set it.
    pub(crate) source: Word<ExclusionSource>,
    /// When the list that it is in was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changed: Option<Time>,
    pub(crate) advice: Word<ExclusionAdvice>,
    pub(crate) score: u8,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub(crate) struct ProductRecord {
    pub(crate) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) publisher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    /// When its entry was last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changed: Option<Time>,
}

impl ServerRecord {
    /// `None` where the registry says nothing.
    pub(crate) fn new(server: &ServerInfo, times: &mut Times) -> Option<Self> {
        if *server == ServerInfo::default() {
            return None;
        }
        let windows = server.windows.as_ref();
        let installed = windows.and_then(|windows| windows.installed);
        let mut exclusion = |one: &AntivirusExclusion| ExclusionRecord {
            kind: Word(one.kind),
            value: one.value.clone(),
            source: Word(one.source),
            changed: times.take("shellsift.run.server.defender_exclusions.changed", one.changed),
            advice: Word(one.advice),
            score: one.score,
        };
        let defender_exclusions = server.exclusions.iter().map(&mut exclusion).collect();
        let mut setup = |one: &ExchangeSetup| ExchangeRecord {
            version: one.version.clone(),
            path: one.path.clone(),
            build: one.build.clone(),
            changed: times.take("shellsift.run.server.exchange.changed", one.changed),
        };
        let exchange = server.exchange.iter().map(&mut setup).collect();
        let mut product = |one: &InstalledProduct| ProductRecord {
            name: one.name.clone(),
            version: one.version.clone(),
            publisher: one.publisher.clone(),
            path: one.path.clone(),
            changed: times.take("shellsift.run.server.installed_products.changed", one.changed),
        };
        let installed_products = server.products.iter().map(&mut product).collect();
        Some(Self {
            windows_path: windows.and_then(|windows| windows.folder.clone()),
            windows_installed: times.take("shellsift.run.server.windows_installed", installed),
            last_shutdown: times.take("shellsift.run.server.last_shutdown", server.shut_down),
            time_zone: server.time_zone.as_ref().map(TimeZoneRecord::from),
            exchange,
            iis: server.iis.as_ref().map(IisRecord::from),
            defender_exclusions,
            installed_products,
            omitted: server.omitted,
        })
    }
}

impl From<&TimeZoneInfo> for TimeZoneRecord {
    fn from(zone: &TimeZoneInfo) -> Self {
        Self { name: zone.name.clone(), offset: zone.offset.clone(), daylight_offset: zone.daylight_offset.clone() }
    }
}

impl From<&IisSetup> for IisRecord {
    fn from(iis: &IisSetup) -> Self {
        Self { version: iis.version.clone(), path: iis.path.clone(), web_root: iis.web_root.clone() }
    }
}
