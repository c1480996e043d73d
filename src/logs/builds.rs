//! The build that wrote each log, from the file headers only, for the patch level.

use super::coverage::build;
use super::sources::Sources;
use crate::evidence::Evidence;
use crate::model::{BuildSeen, Timestamp, Window};
use std::collections::BTreeMap;
use std::io::Read;

/// How much of a file is read: the `#` block of an Exchange log is some 300 bytes, and a header row of CSV stands before it.
const HEAD: u64 = 8 << 10;
/// How many builds are kept; a server has had a few dozen.
const MOST: usize = 1_000;

/// The builds that `#Version` lines at the heads of logs name, with the first and last `#Date` of each. What cannot be read is
/// left out: `logs` and `scan` read the same files whole and say so.
pub fn builds(evidence: &dyn Evidence, sources: &Sources) -> Vec<BuildSeen> {
    let mut seen: BTreeMap<(String, String), (Timestamp, Timestamp)> = BTreeMap::new();
    for at in 0..sources.len() {
        let Ok(content) = sources.open(at, evidence) else { continue };
        let mut head = Vec::new();
        let _ = content.reader.take(HEAD).read_to_end(&mut head);
        let Some((build, kind, time)) = named(&String::from_utf8_lossy(&head)) else { continue };
        let span = seen.entry((build, kind)).or_insert((time, time));
        *span = (span.0.min(time), span.1.max(time));
        if seen.len() > MOST {
            seen.pop_first(); // the newest ones, as far as texts compare so, are what the patch level is held against
        }
    }
    let mut builds: Vec<BuildSeen> = seen
        .into_iter()
        .map(|((build, source), (first, last))| BuildSeen { build, first: Some(first), last: Some(last), source })
        .collect();
    builds.sort_by(|a, b| (a.first, &a.build, &a.source).cmp(&(b.first, &b.build, &b.source)));
    builds
}

/// Build, kind of log and time of the first `#` block in a text.
fn named(head: &str) -> Option<(String, String, Timestamp)> {
    let value = |name: &str| {
        head.lines().find_map(|line| line.trim_start_matches('\u{feff}').strip_prefix(name)).map(str::trim)
    };
    let date = value("#Date:")?;
    // The same moment at both ends is how a window says one.
    let time = Window::parse(&format!("{date}..{date}")).ok()?.from?;
    let kind: String = value("#Log-type:")?.chars().take(60).collect();
    let kind = if kind.ends_with("Logs") { kind.trim_end_matches("Logs").trim_end().to_owned() } else { kind };
    Some((build(value("#Version:")?)?, format!("{kind} logs"), time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use crate::model::ServerPath;

    #[test]
    fn headers_give_the_builds_over_time_and_other_files_nothing() {
        let log = |version: &str, date: &str| {
            format!(
                "DateTime,RequestId\r\n#Software: Microsoft Exchange Server\r\n#Version: {version}\r\n#Log-type: HttpProxy Logs\r\n#Date: {date}\r\n#Fields: DateTime\r\n"
            )
        };
        let evidence = Memory::new()
            .file(r"C:\l\a.log", log("15.02.0721.002", "2021-03-03T06:00:00.120Z").as_bytes())
            .file(r"C:\l\b.log", log("15.02.0721.002", "2021-03-01T06:00:00.120Z").as_bytes())
            .file(r"C:\l\c.log", log("15.02.0721.013", "2021-03-12T06:00:00Z").as_bytes())
            .file(r"C:\l\d.log", log("15.02.0721.013", "never").as_bytes())
            .file(r"C:\l\e.log", &[0xFF; 9000])
            .file(r"C:\l\f.log", b"");
        let folder = ServerPath::from_windows(r"C:\l").expect("absolute");
        let sources = super::super::loose(&evidence, &[folder], &mut Vec::new());
        let reported: Vec<String> = builds(&evidence, &sources)
            .iter()
            .map(|seen| {
                let date =
                    |time: Option<Timestamp>| time.map_or(String::new(), |time| time.to_string()[..10].to_owned());
                format!("{} {} {} {}", seen.build, seen.source, date(seen.first), date(seen.last))
            })
            .collect();
        assert_eq!(
            reported,
            ["15.2.721.2 HttpProxy logs 2021-03-01 2021-03-03", "15.2.721.13 HttpProxy logs 2021-03-12 2021-03-12"]
        );
    }
}
