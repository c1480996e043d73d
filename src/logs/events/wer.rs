//! Crash reports (Windows Error Reporting): `Report.wer`, lines of `Name=value` in UTF-16.

use crate::evidence::{Evidence, classify};
use crate::logs::{HitAggregator, LogLocation, Sighting};
use crate::model::server_path::fold;
use crate::model::{CheckInfo, Level, Problem, ProblemKind, ServerPath, Stage, Timestamp};
use encoding_rs::{UTF_8, UTF_16LE};
use std::io::Read;

/// What is read of one report; real ones have a few kilobytes.
const MOST: u64 = 1 << 20;

/// The worker of the control panel crashed (Florian Roth, 2021-03-07: written when a patched server refuses the object).
pub const CRASH: CheckInfo = CheckInfo {
    id: "event/ecp_worker_crash",
    title: "the ECP worker process crashed",
    level: Some(Level::Low),
    looks_for: "`Report.wer` of a w3wp.exe of MSExchangeECPAppPool.",
    why: "Attempts against a patched server leave it.",
    benign_look_alikes: "Other faults of ECP.",
    attack: &["T1190"],
    cves: &["CVE-2021-26857"],
    ..CheckInfo::EMPTY
};

/// All checks of this file.
pub const CHECKS: &[&CheckInfo] = &[&CRASH];

/// Reads one report and enters what it shows.
pub fn examine(evidence: &dyn Evidence, file: &ServerPath, aggregate: &mut HitAggregator, problems: &mut Vec<Problem>) {
    let mut bytes = Vec::new();
    let read = evidence.open(file).and_then(|content| content.reader.take(MOST + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        problems.push(Problem::at(classify(&error), file, error.to_string()));
    }
    if bytes.len() as u64 > MOST {
        problems.push(Problem::at(ProblemKind::LogDamaged, file, "only the first MiB of this report was read"));
    }
    let Some(crash) = Crash::read(&bytes) else { return };
    aggregate.enter(&Sighting {
        check: &CRASH,
        stage: Stage::Attempt,
        level: Level::Low,
        title: "the ECP worker process crashed",
        client: "",
        time: crash.time,
        location: LogLocation { path: file, member: None, deleted: false, line: crash.line },
        excerpt: &crash.excerpt,
    });
}

/// A crash of the control panel.
#[derive(Debug, PartialEq, Eq)]
struct Crash {
    time: Option<Timestamp>,
    line: u64,
    excerpt: String,
}

impl Crash {
    fn read(bytes: &[u8]) -> Option<Self> {
        // With a byte order mark, as a rule; a copy may have lost it or been made UTF-8.
        let wide = bytes.get(1) == Some(&0);
        let (text, _, _) = if wide { UTF_16LE } else { UTF_8 }.decode(bytes);
        let (mut time, mut worker, mut pool) = (None, None, None);
        for (line, text) in (1..).zip(text.lines()) {
            let Some((name, value)) = text.split_once('=') else { continue };
            match name {
                "EventTime" => time = value.trim().parse().ok().and_then(Timestamp::from_filetime),
                "AppPath" if fold(value.trim()).ends_with(r"\inetsrv\w3wp.exe") => worker = Some(text),
                _ if name.ends_with(".Value") && value.trim().eq_ignore_ascii_case("w3wp#MSExchangeECPAppPool") => {
                    pool = Some((line, text));
                }
                _ => {}
            }
        }
        let (worker, (line, pool)) = (worker?, pool?);
        Some(Self { time, line, excerpt: format!("{}; {}", worker.trim(), pool.trim()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;

    const REPORT: &str = "Version=1\r\nEventType=E12IIS\r\nEventTime=132592283613071234\r\n\
        Sig[3].Name=Problem Signature 04\r\nSig[3].Value=w3wp#MSExchangeECPAppPool\r\n\
        AppPath=c:\\windows\\system32\\inetsrv\\w3wp.exe\r\n";

    fn wide(text: &str) -> Vec<u8> {
        format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn hits(bytes: &[u8]) -> (Vec<crate::model::LogHit>, Vec<Problem>) {
        let path = r"C:\ProgramData\Microsoft\Windows\WER\ReportArchive\Critical_w3wp\Report.wer";
        let evidence = Memory::new().file(path, bytes);
        let (mut aggregate, mut problems) = (HitAggregator::default(), Vec::new());
        examine(&evidence, &ServerPath::from_windows(path).expect("absolute"), &mut aggregate, &mut problems);
        (aggregate.into_hits().0, problems)
    }

    #[test]
    fn a_crash_of_the_control_panel_is_reported_with_its_time() {
        for bytes in [wide(REPORT), wide(REPORT)[2..].to_vec(), REPORT.as_bytes().to_vec()] {
            let (hits, problems) = hits(&bytes);
            let [hit] = hits.as_slice() else { panic!("one hit") };
            assert_eq!((hit.check, hit.stage, hit.level), ("event/ecp_worker_crash", Stage::Attempt, Level::Low));
            assert_eq!(hit.first.map(|t| t.to_string()).as_deref(), Some("2021-03-03T06:59:21.3071234Z"));
            assert_eq!((hit.locations[0].line, problems.len()), (5, 0));
        }
    }

    #[test]
    fn other_crashes_are_silent_and_bad_input_is_read() {
        for text in [
            REPORT.replace("ECPAppPool", "OWAAppPool"),
            REPORT.replace("w3wp.exe", "w3wp.exe.old"),
            REPORT.replace('=', ":"),
            String::new(),
        ] {
            assert_eq!(hits(&wide(&text)).0, [], "{text}");
        }
        let odd = [&wide(REPORT)[..101], &[0xD8, 0xDC, 0xFF]].concat();
        assert_eq!(hits(&odd).0, []);
        let long = [wide(REPORT), vec![b' '; 2 << 20]].concat();
        let (found, problems) = hits(&long);
        assert_eq!((found.len(), problems.len()), (1, 1));
    }
}
