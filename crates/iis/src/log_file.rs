//! When IIS starts a new log file of a site: `logFile` of the site, and of `siteDefaults` where the site says nothing. IIS itself deletes
//! no log.

use super::Element;
use crate::model::server_path::same_name;

/// The schema of IIS: what is not configured.
const PERIOD: Period = Period::Every("daily");
const SIZE: u64 = 20 << 20;

/// The settings of a `logFile`, each only if configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFile {
    /// Whether there is such an element.
    pub is_there: bool,
    /// `enabled`
    enabled: Option<bool>,
    /// `period`; `Some(None)` for one that IIS does not know.
    period: Option<Option<Period>>,
    /// `truncateSize`, in bytes: the size of a file where the period is `MaxSize`.
    size: Option<u64>,
    /// `logTargetW3C`: whether files are written, and not only events.
    to_files: Option<bool>,
}

/// When a new file is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Every(&'static str),
    Size,
}

impl LogFile {
    /// Reads an element.
    pub(crate) fn of(element: &Element) -> Self {
        let mut own = Self { is_there: true, ..Self::default() };
        for (name, value) in &element.attributes {
            match name.as_str() {
                "enabled" => own.enabled = Some(same_name(value, "true")),
                "period" => own.period = Some(period(value)),
                "truncateSize" => own.size = value.trim().parse().ok(),
                "logTargetW3C" => own.to_files = Some(value.split(',').any(|one| same_name(one.trim(), "File"))),
                _ => {}
            }
        }
        own
    }

    /// These settings, with the defaults where nothing is said.
    pub(crate) fn or(self, defaults: &Self) -> Self {
        Self {
            is_there: self.is_there || defaults.is_there,
            enabled: self.enabled.or(defaults.enabled),
            period: self.period.or(defaults.period),
            size: self.size.or(defaults.size),
            to_files: self.to_files.or(defaults.to_files),
        }
    }

    /// `IIS starts a new file daily and deletes none`; `None` where nothing is configured, or nothing that is understood.
    pub fn in_words(&self) -> Option<String> {
        if !self.is_there {
            return None;
        }
        if self.enabled == Some(false) {
            return Some("logging is switched off: IIS writes no new lines and deletes none".to_owned());
        }
        if self.to_files == Some(false) {
            return Some(
                "IIS logs to event tracing alone: it writes no new lines to files and deletes none".to_owned(),
            );
        }
        let when = match self.period.unwrap_or(Some(PERIOD))? {
            Period::Every(when) => when.to_owned(),
            Period::Size => match self.size.unwrap_or(SIZE) {
                size if size < 1 << 20 => format!("at {size} bytes"),
                size => format!("at {} MiB", size >> 20),
            },
        };
        Some(format!("IIS starts a new file {when} and deletes none"))
    }
}

fn period(value: &str) -> Option<Period> {
    const NAMES: [(&str, Period); 5] = [
        ("Hourly", Period::Every("hourly")),
        ("Daily", Period::Every("daily")),
        ("Weekly", Period::Every("weekly")),
        ("Monthly", Period::Every("monthly")),
        ("MaxSize", Period::Size),
    ];
    NAMES.into_iter().find(|(name, _)| same_name(name, value.trim())).map(|(_, period)| period)
}

#[cfg(test)]
mod tests {
    use crate::Document;
    use crate::server::Server;

    /// The words for two sites: one with an element of its own, and one without.
    fn words(own: &str, defaults: &str) -> [Option<String>; 2] {
        let text = format!(
            "<c><sites><site name='a' id='1'>{own}</site><site name='b' id='2'/>\
             <siteDefaults>{defaults}</siteDefaults></sites></c>"
        );
        let server = Server::of(&Document::parse(&text));
        [&server.sites[0], &server.sites[1]].map(|site| site.log_file.in_words())
    }

    #[test]
    fn a_site_outweighs_the_defaults_attribute_by_attribute() {
        let daily = Some("IIS starts a new file daily and deletes none".to_owned());
        let at = |when: &str| Some(format!("IIS starts a new file {when} and deletes none"));
        assert_eq!(words("", ""), [None, None], "nothing is configured");
        assert_eq!(words("", "<logFile logFormat='W3C' directory='D:\\l'/>"), [daily.clone(), daily.clone()]);
        assert_eq!(
            words("<logFile period='Hourly'/>", "<logFile period='MaxSize' truncateSize='104857600'/>"),
            [at("hourly"), at("at 100 MiB")]
        );
        assert_eq!(
            words("<logFile truncateSize='1048576'/>", "<logFile period='maxsize'/>"),
            [at("at 1 MiB"), at("at 20 MiB")]
        );
        assert_eq!(words("<logFile period='Weekly'/>", ""), [at("weekly"), None]);
        assert_eq!(words("<logFile period='Yearly'/>", "<logFile/>"), [None, daily], "no period of IIS");
        let [off, on] = words("<logFile enabled='false'/>", "<logFile logTargetW3C='ETW'/>");
        assert!(off.is_some_and(|words| words.starts_with("logging is switched off")));
        assert!(on.is_some_and(|words| words.starts_with("IIS logs to event tracing alone")));
        assert_eq!(words("", "<logFile logTargetW3C='File, ETW' period='Monthly'/>")[0], at("monthly"));
    }
}
