//! One event, from the XML that its record renders to.

use crate::model::Timestamp;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event as Xml};

/// Values that are kept of one event; the longest schemas have some fifty.
const MOST: usize = 1_000;

/// An event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// `1116`.
    pub id: u32,
    /// `MSExchange CmdletLogs`.
    pub provider: String,
    /// `MSExchange Management`.
    pub channel: String,
    /// 1 critical, 2 error, 3 warning, 4 information; 0 if absent.
    pub level: u8,
    /// The machine that wrote it.
    pub computer: String,
    /// When it happened.
    pub time: Option<Timestamp>,
    /// The number of its record.
    pub record: u64,
    /// The SID of the account, if one is named.
    pub user: String,
    /// The data of the event, in order: name, which older programs leave empty, and value.
    pub data: Vec<(String, String)>,
    /// Its record was outside of what its chunk's header counts: it is older than the rest, or was taken out.
    pub recovered: bool,
    /// Its record was inside another: it was removed from the log.
    pub hidden: bool,
}

impl Event {
    /// The value of this name; empty if there is none.
    pub fn value(&self, name: &str) -> &str {
        self.data.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// The value at a place.
    pub fn at(&self, place: usize) -> &str {
        self.data.get(place).map_or("", |(_, value)| value)
    }

    /// Whether any value holds a text.
    pub fn contains_text(&self, text: &str) -> bool {
        self.data.iter().any(|(_, value)| value.contains(text))
    }

    /// The values in one line.
    pub fn line(&self) -> String {
        let parts = self
            .data
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| if name.is_empty() { value.clone() } else { format!("{name}={value}") });
        parts.collect::<Vec<_>>().join("; ")
    }

    /// Reads the XML of a record: `Event/System/*`, `Event/EventData/Data`, `Event/UserData/*/*`. What is broken is left out.
    /// `time` is what the record's header says, which counts where the event does not say its own.
    pub fn read(xml: &str, record: u64, time: Option<Timestamp>, recovered: bool) -> Self {
        let mut event = Self { record, time, recovered, ..Self::default() };
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = false;
        // Element names from the root down to the section; deeper ones only by their number.
        let mut depth = 0_usize;
        let mut section = String::new();
        let mut name = String::new();
        let mut text = String::new();
        loop {
            match reader.read_event() {
                Ok(Xml::Start(start)) => {
                    depth += 1;
                    text.clear();
                    name = event.start(&start, depth, &mut section);
                }
                Ok(Xml::Empty(start)) => {
                    let name = event.start(&start, depth + 1, &mut section);
                    event.end(depth + 1, &section, &name, "");
                }
                Ok(Xml::Text(piece)) => text.push_str(&piece.xml10_content()),
                Ok(Xml::CData(piece)) => text.push_str(&piece.xml10_content()),
                Ok(Xml::GeneralRef(reference)) => {
                    let predefined = match &*reference.xml10_content() {
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "amp" => Some('&'),
                        "quot" => Some('"'),
                        "apos" => Some('\''),
                        _ => None,
                    };
                    text.extend(predefined.or_else(|| reference.resolve_char_ref().ok().flatten()));
                }
                Ok(Xml::End(_)) => {
                    // Only the innermost element has a name left: what holds other elements is no value.
                    event.end(depth, &section, &std::mem::take(&mut name), &text);
                    text.clear();
                    depth = depth.saturating_sub(1);
                }
                Ok(Xml::Eof) | Err(_) => return event,
                Ok(_) => {}
            }
        }
    }

    /// Takes the attributes of an element and gives the name its value goes by.
    fn start(&mut self, start: &BytesStart<'_>, depth: usize, section: &mut String) -> String {
        let element = text_of(start.local_name().as_ref());
        let attribute = |wanted: &str| {
            let mut attributes = start.attributes();
            let attributes = attributes.with_checks(false).flatten().take(MOST);
            attributes
                .filter(|a| text_of(a.key.local_name().as_ref()) == wanted)
                .find_map(|a| Some(a.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?.into_owned()))
        };
        if depth == 2 {
            section.clone_from(&element);
        }
        if depth == 3 && section == "System" {
            match element.as_str() {
                "Provider" => {
                    self.provider = attribute("Name").or_else(|| attribute("EventSourceName")).unwrap_or_default()
                }
                "TimeCreated" => {
                    let own = attribute("SystemTime").and_then(|time| time.parse::<jiff::Timestamp>().ok());
                    self.time = own.map(|time| from_nanoseconds(time.as_nanosecond())).or(self.time);
                }
                "Security" => self.user = attribute("UserID").unwrap_or_default(),
                _ => {}
            }
        }
        match section.as_str() {
            "EventData" if element == "Data" => format!("={}", attribute("Name").unwrap_or_default()),
            _ => element,
        }
    }

    /// Takes the text of an element that ended.
    fn end(&mut self, depth: usize, section: &str, name: &str, text: &str) {
        match (section, depth, name) {
            (_, _, "") => {}
            ("System", 3, "EventID") => self.id = text.trim().parse().unwrap_or_default(),
            ("System", 3, "Level") => self.level = text.trim().parse().unwrap_or_default(),
            ("System", 3, "Channel") => text.trim().clone_into(&mut self.channel),
            ("System", 3, "Computer") => text.trim().clone_into(&mut self.computer),
            ("EventData", 3, name) | ("UserData", 4, name) if self.data.len() < MOST => {
                self.data.push((name.strip_prefix('=').unwrap_or(name).to_owned(), text.to_owned()));
            }
            _ => {}
        }
    }
}

fn text_of(name: impl AsRef<[u8]>) -> String {
    String::from_utf8_lossy(name.as_ref()).into_owned()
}

/// Nanoseconds since 1970 as a time, whose parts of a second count forward.
pub(super) fn from_nanoseconds(nanos: i128) -> Timestamp {
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).unwrap_or(i64::MAX);
    Timestamp::new(seconds, u32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_order_and_references_are_resolved() {
        let xml = r#"<?xml version="1.0"?><Event xmlns="x"><System><Provider Name="MSExchange CmdletLogs"/>
            <EventID Qualifiers="16384">1</EventID><Level>4</Level><TimeCreated SystemTime="2021-08-19T13:22:05.123000Z"/>
            <Channel>MSExchange Management</Channel><Computer>EX1</Computer><Security UserID="S-1-5-18"/></System>
            <EventData><Data>New-MailboxExportRequest</Data><Data></Data><Data/><Data>a &lt;b&gt; &#65;&amp;</Data>
            <Data Name="Path">c</Data><Binary>00</Binary></EventData></Event>"#;
        let event = Event::read(xml, 7, None, false);
        let expected = Event {
            id: 1,
            provider: "MSExchange CmdletLogs".to_owned(),
            channel: "MSExchange Management".to_owned(),
            level: 4,
            computer: "EX1".to_owned(),
            time: Some(Timestamp::new(1_629_379_325, 123_000_000)),
            record: 7,
            user: "S-1-5-18".to_owned(),
            data: [
                ("", "New-MailboxExportRequest"),
                ("", ""),
                ("", ""),
                ("", "a <b> A&"),
                ("Path", "c"),
                ("Binary", "00"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
            recovered: false,
            hidden: false,
        };
        assert_eq!(event, expected);
        assert_eq!(event.line(), "New-MailboxExportRequest; a <b> A&; Path=c; Binary=00");
    }

    #[test]
    fn what_programs_define_themselves_is_read() {
        let xml = r#"<Event><System><EventID>104</EventID></System><UserData><LogFileCleared xmlns="y">
            <SubjectUserName>admin</SubjectUserName><Channel>System</Channel><BackupPath></BackupPath>
            </LogFileCleared></UserData></Event>"#;
        let event = Event::read(xml, 1, Some(Timestamp::new(5, 0)), true);
        assert_eq!((event.id, event.value("SubjectUserName"), event.value("Channel")), (104, "admin", "System"));
        assert_eq!(event.data.len(), 3);
        assert_eq!((event.time, event.recovered), (Some(Timestamp::new(5, 0)), true));
        assert_eq!((event.value("Nothing"), event.at(9)), ("", ""));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "(<(/?(Event|System|EventData|Data|UserData|EventID)|[!?&a-z]{1,3})>?|&[#a-z0-9;]{0,4}|.){0,30}") {
            Event::read(&text, 0, None, false);
        }
    }
}
