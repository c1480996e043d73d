//! The patch level at an earlier time, from logs, folders and release dates.

use crate::health::{at_root, build, examined, of, seen, time, today};
use crate::support::version::program;
use shellsift::catalogue;
use shellsift::catalogue::builds::Tables;
use shellsift::evidence::Memory;
use shellsift::health::History;
use shellsift::model::Health;

/// The server of the fixture: ExSetup.exe says 15.2.721.13, logs tell of the update in the night of 12 March.
fn examined_with_history() -> (Health, Tables) {
    let logs = [
        seen("15.02.0721.002", "2021-02-20T00:00:00Z", "2021-03-11T23:00:00Z"),
        seen("15.02.0721.013", "2021-03-12T02:10:00Z", "2021-08-20T00:00:00Z"),
    ];
    let evidence = Memory::new().file(&at_root(r"bin\ExSetup.exe"), &program([15, 2, 721, 13]));
    let tables = catalogue::exchange_builds();
    let health = examined(&evidence, &tables, &logs).0;
    (health, tables)
}

#[test]
fn the_level_at_the_time_of_a_hit_is_what_logs_of_that_time_say() {
    let (health, tables) = examined_with_history();
    assert_eq!(health.caveats.len(), 0, "{:?}", health.caveats);
    let history = History::new(&health, &tables);
    assert_eq!(
        history.open_at(time("2021-03-03T06:59:21Z"), &["CVE-2021-26855", "CVE-2021-27065"]),
        "15.2.721.2 then (HttpProxy logs): vulnerable to CVE-2021-26855, CVE-2021-27065"
    );
    assert_eq!(
        history.open_at(time("2021-08-19T13:20:00Z"), &["CVE-2021-34473", "CVE-2021-26855"]),
        "15.2.721.13 then (HttpProxy logs): vulnerable to CVE-2021-34473; CVE-2021-26855 fixed"
    );
    // In the gap between the two it is one or the other, and before and after all logs the next source speaks.
    assert_eq!(
        history.open_at(time("2021-03-12T01:00:00Z"), &["CVE-2021-26855", "CVE-2021-34473"]),
        "between 15.2.721.2 (HttpProxy logs until 2021-03-11) and 15.2.721.13 (HttpProxy logs from 2021-03-12 on) then: \
         vulnerable to CVE-2021-34473; unknown for CVE-2021-26855"
    );
    assert_eq!(
        history.open_at(time("2021-01-01T00:00:00Z"), &["CVE-2021-26855"]),
        "15.2.721.2 or earlier then (HttpProxy logs from 2021-02-20 on): vulnerable to CVE-2021-26855"
    );
    assert_eq!(
        history.open_at(time("2022-01-01T00:00:00Z"), &["CVE-2021-26855"]),
        "15.2.721.13 then (HttpProxy logs until 2021-08-20, bin\\ExSetup.exe on disk): CVE-2021-26855 fixed"
    );
    let all = history.open_at(time("2021-03-03T06:59:21Z"), &[]);
    assert!(all.starts_with("15.2.721.2 then (HttpProxy logs): vulnerable to ProxyLogon, "), "{all}");
    assert!(all.contains("ProxyShell") && all.matches("ProxyShell").count() == 1, "{all}");
    assert!(!all.contains("ProxyNotShell") && !all.contains("fixed"), "{all}");
    let newest = of("15.2.2562.46");
    assert_eq!(
        History::new(&newest, &tables).open_at(today(), &[]),
        "15.2.2562.46 or earlier then (bin\\ExSetup.exe on disk): unknown for OWA cross-site scripting"
    );
}

/// A server with a folder for each of these builds, created at these times; ExSetup.exe is of the last one.
fn with_folders(folders: &[(&str, &str)]) -> Health {
    let setup = folders.last().unwrap().0;
    let mut evidence = Memory::new().file(&at_root(r"bin\ExSetup.exe"), &program(build(setup).0));
    for (build, created) in folders {
        let path = at_root(&format!(r"ClientAccess\Owa\prem\{build}"));
        evidence = evidence.folder(&path).times(&path, time(created), time(created));
    }
    examined(&evidence, &catalogue::exchange_builds(), &[]).0
}

#[test]
fn folders_that_updates_left_date_the_level_where_logs_are_gone() {
    let tables = catalogue::exchange_builds();
    let health = with_folders(&[("15.2.721.2", "2020-10-01T10:00:00Z"), ("15.2.721.13", "2021-03-12T02:00:00Z")]);
    let history = History::new(&health, &tables);
    assert_eq!(
        history.open_at(time("2021-03-03T06:59:21Z"), &["CVE-2021-26855"]),
        "15.2.721.2 then (folder in ClientAccess\\Owa\\prem created on 2020-10-01, the next one on 2021-03-12): vulnerable to \
         CVE-2021-26855"
    );
    let after = history.open_at(time("2021-08-19T13:20:00Z"), &["CVE-2021-26855"]);
    assert_eq!(
        after,
        "15.2.721.13 then (folder in ClientAccess\\Owa\\prem created on 2021-03-12): CVE-2021-26855 fixed"
    );
    // Logs that tell of another build in that span win.
    let mut other = health.clone();
    other.seen.push(seen("15.2.721.8", "2021-02-20T00:00:00Z", "2021-03-01T00:00:00Z"));
    let words = History::new(&other, &tables).at(time("2021-03-03T06:59:21Z")).words;
    assert!(words.starts_with("between 15.2.721.8") || words.starts_with("15.2.721.8"), "{words}");
}

#[test]
fn updates_are_timeline_events() {
    let tables = catalogue::exchange_builds();
    let moments = |health: &Health| {
        let updates = History::new(health, &tables).updates();
        updates
            .iter()
            .map(|m| format!("{} {} {}", &m.time.to_string()[..16], m.what.name(), m.words))
            .collect::<Vec<_>>()
    };
    let (health, _) = examined_with_history();
    let words = "2021-03-12T02:10 patched updated from 15.2.721.2 to 15.2.721.13 (first seen in HttpProxy logs)";
    assert_eq!(moments(&health), [words]);
    let folders = with_folders(&[("15.2.721.2", "2020-10-01T10:00:00Z"), ("15.2.721.13", "2021-03-12T02:00:00Z")]);
    let words = r"2021-03-12T02:00 patched updated from 15.2.721.2 to 15.2.721.13 (first seen in folder in ClientAccess\Owa\prem)";
    assert_eq!(moments(&folders), [words]);
    // A server that was never updated, and logs of two servers that ran side by side.
    assert_eq!(moments(&of("15.2.721.13")), [""; 0]);
    let mut mixed = health.clone();
    mixed.seen.retain(|seen| seen.first.is_none());
    mixed.seen.push(seen("15.2.721.13", "2021-03-01T00:00:00Z", "2021-03-05T00:00:00Z"));
    mixed.seen.push(seen("15.2.721.2", "2021-03-01T00:00:00Z", "2021-03-05T00:00:00Z"));
    assert_eq!(moments(&mixed), [""; 0]);
}

#[test]
fn folders_of_a_copy_date_nothing() {
    let tables = catalogue::exchange_builds();
    let at = |folders: &[(&str, &str)]| History::new(&with_folders(folders), &tables).at(time("2021-05-01T00:00:00Z"));
    // Created within minutes, or in an order that no server has.
    for folders in [
        [("15.2.721.2", "2021-04-01T10:00:00Z"), ("15.2.721.13", "2021-04-01T10:02:00Z")],
        [("15.2.721.2", "2021-04-03T10:00:00Z"), ("15.2.721.13", "2021-04-01T10:00:00Z")],
    ] {
        assert_eq!(at(&folders).words, "15.2.721.13 or earlier then (bin\\ExSetup.exe on disk)");
    }
    // The folder of the present build is missing: others do not show all of it.
    let mut health = with_folders(&[("15.2.721.2", "2020-10-01T10:00:00Z")]);
    health.build = "15.2.721.13".to_owned();
    let words = History::new(&health, &tables).at(time("2021-05-01T00:00:00Z")).words;
    assert!(words.starts_with("15.2.721.13 or earlier"), "{words}");
}

#[test]
fn without_logs_the_release_of_the_update_says_what_cannot_have_been() {
    let health = of("15.2.721.13");
    let tables = catalogue::exchange_builds();
    let history = History::new(&health, &tables);
    assert_eq!(
        history.open_at(time("2021-03-01T23:59:59Z"), &["CVE-2021-26855"]),
        "15.2.721.13 or earlier then (bin\\ExSetup.exe on disk): vulnerable to CVE-2021-26855, since no update that \
         fixes it was released before 2021-03-02"
    );
    let words = history.open_at(time("2021-03-02T00:00:00Z"), &["CVE-2021-26855"]);
    assert!(words.ends_with(": unknown for CVE-2021-26855"), "{words}");
    // What the present build still lacks, the earlier ones lacked too.
    let words = history.open_at(time("2021-08-19T13:20:00Z"), &["CVE-2021-34473"]);
    assert!(words.ends_with(": vulnerable to CVE-2021-34473"), "{words}");
    assert_eq!(
        History::new(&Health::default(), &tables).open_at(today(), &[]).split(':').next(),
        Some("the build at that time is unknown")
    );
    let words = History::new(&Health::default(), &tables).open_at(time("2021-03-01T00:00:00Z"), &["CVE-2021-26855"]);
    assert!(words.contains("vulnerable to CVE-2021-26855, since no update"), "{words}");
}
