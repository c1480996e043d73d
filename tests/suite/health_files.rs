//! The patch level: which file says the build, and files that do not go together.

use crate::health::{ROOT, at_root, examined, seen, time, today};
use crate::support::version::{Program, end_of_version, program};
use shellsift::catalogue;
use shellsift::evidence::{Memory, memory::Fault};
use shellsift::health::examine;
use shellsift::model::{BuildSeen, Health, ProblemKind, ServerPath};
use std::io;

const SERVER: &str = r"ClientAccess\Owa\bin\Microsoft.Exchange.Clients.Owa2.Server.dll";
const PROXY: &str = r"FrontEnd\HttpProxy\bin\Microsoft.Exchange.FrontEndHttpProxy.dll";

fn mixed(files: &[(&str, [u16; 4])], folders: &[&str]) -> Health {
    let mut evidence = Memory::new().folder(ROOT);
    for (path, version) in files {
        evidence = evidence.file(&at_root(path), &program(*version));
    }
    for path in folders {
        evidence = evidence.folder(&at_root(path));
    }
    examined(&evidence, &catalogue::exchange_builds(), &[]).0
}

#[test]
fn files_that_do_not_go_together_are_reported_with_what_each_says() {
    // An .msp that left the old ExSetup.exe behind.
    let health = mixed(&[(r"bin\ExSetup.exe", [15, 2, 721, 2]), (PROXY, [15, 2, 721, 13])], &[]);
    assert_eq!(health.build, "15.2.721.2");
    let caveat = &health.caveats[0];
    assert!(caveat.contains("15.2.721.2") && caveat.contains(&format!("{PROXY} is 15.2.721.13")), "{caveat}");
    // An update that stopped after ExSetup.exe.
    let health = mixed(&[(r"bin\ExSetup.exe", [15, 2, 721, 13]), (SERVER, [15, 2, 721, 8])], &[]);
    assert!(health.caveats[0].contains("did not complete"), "{:?}", health.caveats);
    // A file of an earlier cumulative update.
    let health = mixed(&[(r"bin\ExSetup.exe", [15, 2, 1748, 49]), (PROXY, [15, 2, 1544, 4])], &[]);
    assert!(health.caveats[0].contains("of an earlier cumulative update"), "{:?}", health.caveats);
    let health = mixed(&[(r"bin\ExSetup.exe", [15, 2, 1748, 10])], &[r"ClientAccess\owa\prem\15.2.1748.49"]);
    assert!(health.caveats[0].contains("a folder is named 15.2.1748.49"), "{:?}", health.caveats);
}

#[test]
fn files_that_an_update_need_not_replace_and_old_folders_are_no_doubt() {
    let health = mixed(
        &[(r"bin\ExSetup.exe", [15, 2, 1748, 49]), (SERVER, [15, 2, 1748, 49]), (PROXY, [15, 2, 1748, 10])],
        &[
            r"ClientAccess\Owa\prem\15.2.721.2",
            r"ClientAccess\Owa\prem\15.2.1748.10",
            r"FrontEnd\HttpProxy\owa\auth\15.2.721",
        ],
    );
    assert_eq!(health.caveats, [""; 0]);
    assert_eq!(health.seen.len(), 5, "{:?}", health.seen);
}

#[test]
fn without_exsetup_the_next_best_source_is_taken_and_said() {
    let health = mixed(&[(PROXY, [15, 2, 721, 2]), (SERVER, [15, 2, 721, 13])], &[r"ClientAccess\Owa\prem\15.2.721.2"]);
    assert_eq!((health.build.as_str(), health.source.as_str()), ("15.2.721.13", SERVER));
    assert!(health.caveats[0].contains("has no build; using"), "{:?}", health.caveats);
    let health = mixed(&[], &[r"ClientAccess\Owa\prem\15.2.721.6", r"ClientAccess\Owa\prem\15.2.721.2"]);
    assert_eq!((health.build.as_str(), health.source.as_str()), ("15.2.721.6", r"a folder in ClientAccess\Owa\prem"));
    let health = mixed(&[], &[r"FrontEnd\HttpProxy\owa\auth\15.2.721"]);
    assert_eq!(health.build, "");
    assert!(health.caveats[1].contains("15.2.721, which is Exchange Server 2019 CU7"), "{:?}", health.caveats);
    let health = mixed(&[], &[]);
    assert_eq!((health.build.as_str(), health.caveats.len(), health.open.len()), ("", 1, 0));

    let logs = [
        seen("15.02.0721.002", "2021-03-01T00:00:00Z", "2021-03-11T00:00:00Z"),
        seen("15.0.0.0", "2021-03-01T00:00:00Z", "2021-04-01T00:00:00Z"),
    ];
    let (health, _) = examined(&Memory::new().folder(ROOT), &catalogue::exchange_builds(), &logs);
    assert_eq!((health.build.as_str(), health.source.as_str()), ("15.2.721.2", "HttpProxy logs"));
}

#[test]
fn where_neither_files_nor_logs_have_the_build_the_registry_is_taken_and_said() {
    let (tables, root) = (catalogue::exchange_builds(), ServerPath::from_windows(ROOT).unwrap());
    let none = Memory::new().file(&at_root(r"Logging\a.log"), b"");
    let with = |evidence: &Memory, logs: &[BuildSeen], registered| {
        examine(evidence, &root, &tables, logs, registered, today()).0
    };
    let health = with(&none, &[], Some("15.2.721.2"));
    assert_eq!((health.build.as_str(), health.source.as_str()), ("15.2.721.2", "registry"));
    assert!(health.caveats[0].contains("cumulative updates only"), "{:?}", health.caveats);
    assert_eq!(health.level.as_ref().map(|level| level.cu.as_str()), Some("CU7"));
    assert!(health.seen.iter().any(|seen| seen.source == "registry" && seen.first.is_none()));
    let then = shellsift::health::History::new(&health, &tables).at(time("2021-03-03T00:00:00Z"));
    assert!(then.builds.is_empty() && then.or_lower && then.or_higher, "{then:?}");
    // Logs know security updates; the registry knows a cumulative update that came after them.
    let logs = [seen("15.02.0721.013", "2021-01-01T00:00:00Z", "2021-03-01T00:00:00Z")];
    assert_eq!(with(&none, &logs, Some("15.2.721.2")).source, "HttpProxy logs");
    assert_eq!(with(&none, &logs, Some("15.2.858.5")).source, "registry");
    // A program decides, and nothing is said of the registry.
    let there = Memory::new().file(&at_root(r"bin\ExSetup.exe"), &program([15, 2, 721, 13]));
    let health = with(&there, &[], Some("15.2.858.5"));
    assert_eq!((health.build.as_str(), health.seen.len()), ("15.2.721.13", 1));
    assert!(health.caveats.iter().all(|caveat| !caveat.contains("registry")), "{:?}", health.caveats);
    assert_eq!(with(&none, &[], Some("no build")).build, "");
    assert_eq!(with(&none, &[], None).build, "");
}

#[test]
fn numbers_that_differ_from_the_text_and_packed_programs_are_reported() {
    let lying = Program { text: Some("15.02.0721.013".to_owned()), ..Program::of([15, 2, 721, 2]) }.bytes();
    let evidence = Memory::new().file(&at_root(r"bin\ExSetup.exe"), &lying);
    let (health, _) = examined(&evidence, &catalogue::exchange_builds(), &[]);
    assert_eq!(health.build, "15.2.721.2");
    assert!(
        health.caveats[0].contains("15.2.721.2") && health.caveats[0].contains("15.02.0721.013"),
        "{:?}",
        health.caveats
    );
    let packed = Program { section: *b"UPX1\0\0\0\0", ..Program::of([15, 2, 721, 2]) }.bytes();
    let evidence = Memory::new().file(&at_root(r"bin\ExSetup.exe"), &packed);
    let (health, _) = examined(&evidence, &catalogue::exchange_builds(), &[]);
    assert!(health.caveats[0].contains("packed with UPX"), "{:?}", health.caveats);
}

#[test]
fn a_program_cut_anywhere_is_a_problem_with_its_path_and_never_a_wrong_build() {
    let whole = program([15, 2, 721, 13]);
    let end = end_of_version(&whole);
    let tables = catalogue::exchange_builds();
    let path = at_root(r"bin\ExSetup.exe");
    for cut in (0..whole.len()).step_by(16) {
        let (health, problems) = examined(&Memory::new().file(&path, &whole[..cut]), &tables, &[]);
        if cut >= end {
            assert_eq!((health.build.as_str(), problems.len()), ("15.2.721.13", 0), "{cut}");
            continue;
        }
        assert_eq!((health.build.as_str(), problems.len()), ("", 1), "{cut}");
        assert_eq!(
            (problems[0].kind, problems[0].path.as_ref().map(ServerPath::as_str)),
            (ProblemKind::ExecutableMalformed, Some(path.as_str()))
        );
    }
}

#[test]
fn a_program_that_cannot_be_read_is_a_problem_of_its_kind() {
    for (fault, kind) in [
        (Fault::Locked, ProblemKind::FileLocked),
        (Fault::Blocked, ProblemKind::FileBlocked),
        (Fault::Refuse(io::ErrorKind::PermissionDenied), ProblemKind::FileUnreadable),
        (Fault::BreakAfter(700), ProblemKind::FileUnreadable),
    ] {
        let path = at_root(r"bin\ExSetup.exe");
        let evidence = Memory::new().file(&path, &program([15, 2, 721, 13])).fault(&path, fault);
        let (health, problems) = examined(&evidence, &catalogue::exchange_builds(), &[]);
        assert_eq!((problems.len(), problems[0].kind, health.build.as_str()), (1, kind, ""), "{fault:?}");
    }
}
