//! Each kind of bad input gets a clear message or a reported problem, and loses nothing of the rest.

use crate::support::{self, of_kind, problems, run, scan};
use std::fs;
use std::path::Path;

/// A folder with one page that is found, whatever else is in it.
fn target() -> tempfile::TempDir {
    let folder = support::folder();
    fs::write(folder.path().join("shell.aspx"), support::stand_in()).unwrap();
    folder
}

/// The page is found, and the problems are these.
fn finds_the_rest(folder: &Path, expected: &[&str]) {
    let (code, records) = scan(folder, &[]);
    assert_eq!(of_kind(&records, "finding").len(), 1);
    assert_eq!((code, problems(&records)), (1, expected.iter().map(|kind| (*kind).to_owned()).collect()));
}

#[test]
fn no_such_target_and_an_empty_one_are_reported() {
    let ran = run(["scan", "/no/such/folder"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("shellsift: no such target: /no/such/folder"), "{}", ran.err);
    let empty = support::folder();
    let (code, records) = scan(empty.path(), &[]);
    assert_eq!((code, problems(&records)), (3, vec!["nothing_to_examine".to_owned()]));
    assert_eq!(of_kind(&records, "scan_end")[0]["shellsift"]["summary"]["verdict"], "incomplete");
    // A configured folder that does not exist is a note, no gap.
    let bare = support::folder();
    let config = r#"<c><sites><site name="s" id="1"><application path="/"><virtualDirectory path="/" physicalPath="C:\gone"/></application></site></sites></c>"#;
    fs::create_dir_all(bare.path().join("Windows/System32/inetsrv/config")).unwrap();
    fs::write(bare.path().join("Windows/System32/inetsrv/config/applicationHost.config"), config).unwrap();
    fs::create_dir_all(bare.path().join("inetpub/wwwroot")).unwrap();
    let (code, records) = scan(bare.path(), &[]);
    assert_eq!((code, problems(&records)), (0, vec!["folder_missing".to_owned()]), "its configuration was examined");
}

/// Runs as a user for whom modes count: root reads everything.
#[cfg(unix)]
fn as_nobody(folder: &Path, arguments: &[&str]) -> support::Ran {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;
    // A copy where every user may go: the build folder may lie in a home that is closed.
    let copy = folder.join("shellsift-copy");
    fs::copy(env!("CARGO_BIN_EXE_shellsift"), &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = std::process::Command::new(&copy);
    if fs::metadata(&copy).unwrap().uid() == 0 {
        command.uid(65534).gid(65534);
    }
    command.current_dir("/").args(arguments).output().unwrap().into()
}

#[cfg(unix)]
#[test]
fn a_single_file_that_cannot_be_opened_is_never_clean() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().unwrap(); // in the system's own place, which every user can reach
    fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["x.txt", "disk.E01"] {
        let file = outer.path().join(name);
        fs::write(&file, b"EVF\x09\r\n\xff\0").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
        let ran = as_nobody(outer.path(), &["scan", file.to_str().unwrap(), "-q", "-f", "jsonl"]);
        assert_eq!(ran.code, 3, "{}", ran.err);
        assert_eq!(problems(&support::records(&ran.out)), ["file_unreadable"]);
    }
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_and_folder_are_problems_and_the_rest_is_found() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().unwrap(); // in the system's own place, which every user can reach
    fs::set_permissions(outer.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let folder = outer.path().join("in");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("shell.aspx"), support::stand_in()).unwrap();
    fs::write(folder.join("closed.aspx"), b"x").unwrap();
    fs::create_dir(folder.join("closed")).unwrap();
    for name in ["closed.aspx", "closed"] {
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let ran = as_nobody(outer.path(), &["scan", folder.to_str().unwrap(), "-q", "-f", "jsonl"]);
    let records = support::records(&ran.out);
    let mut kinds = problems(&records);
    kinds.sort();
    assert_eq!(kinds, ["file_unreadable", "folder_unreadable"], "{}", ran.err);
    assert_eq!((ran.code, of_kind(&records, "finding").len()), (1, 1));
    assert_eq!(of_kind(&records, "coverage")[0]["shellsift"]["coverage"]["failed"], 1);
    fs::set_permissions(folder.join("closed"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_file_that_vanishes_breaks_or_grows_is_a_problem_of_its_own() {
    use shellsift::evidence::{Memory, memory::Fault};
    let evidence = Memory::new()
        .file(r"C:\w\gone.aspx", b"x")
        .fault(r"C:\w\gone.aspx", Fault::Refuse(std::io::ErrorKind::NotFound))
        .file(r"C:\w\breaks.txt", b"<%@ Page %> and then the bad sector")
        .fault(r"C:\w\breaks.txt", Fault::BreakAfter(12))
        .file(r"C:\w\grows.aspx", b"01234")
        .fault(r"C:\w\grows.aspx", Fault::Grow(100))
        .file(r"C:\w\fine.aspx", b"fine");
    let (mut problems, mut findings) = (Vec::new(), Vec::new());
    let coverage = support::scan_in_memory(&evidence, &mut |event| {
        match event {
            shellsift::scan::Event::Problem(problem) => {
                problems.push((problem.path.unwrap().name().to_owned(), problem.kind.name()));
            }
            shellsift::scan::Event::Finding(finding) => findings.push(*finding),
            shellsift::scan::Event::Clean(_) => {}
        }
        true
    });
    problems.sort();
    assert_eq!(findings.len(), 1, "what came before the error is looked at");
    let artefact = &findings[0].artefact;
    assert_eq!((artefact.examined, &artefact.hashes.sha256), (shellsift::model::Examined::UpTo(12), &None));
    let expected = [("breaks.txt", "file_unreadable"), ("gone.aspx", "file_vanished"), ("grows.aspx", "file_changed")];
    assert_eq!(problems, expected.map(|(name, kind)| (name.to_owned(), kind)));
    assert_eq!((coverage.examined, coverage.failed), (2, 2));
    assert!(coverage.adds_up());
}

#[test]
fn a_file_that_antivirus_forbids_to_open_is_a_finding_and_a_locked_one_a_problem() {
    use shellsift::evidence::{Memory, memory::Fault};
    use shellsift::model::{Examined, Level};
    let evidence = Memory::new()
        .file(r"C:\w\blocked.aspx", b"x")
        .fault(r"C:\w\blocked.aspx", Fault::Blocked)
        .file(r"C:\w\locked.aspx", b"x")
        .fault(r"C:\w\locked.aspx", Fault::Locked)
        .file(r"C:\w\aspnet_client\locked.aspx", b"x")
        .fault(r"C:\w\aspnet_client\locked.aspx", Fault::Locked);
    let (mut findings, mut problems) = (Vec::new(), Vec::new());
    let coverage = support::scan_in_memory(&evidence, &mut |event| {
        match event {
            shellsift::scan::Event::Finding(finding) => findings.push(*finding),
            shellsift::scan::Event::Problem(problem) => {
                assert!(problem.kind.name() != "file_locked" || problem.message.contains("1 bytes, modified 2020-"));
                problems.push(problem.kind.name());
            }
            shellsift::scan::Event::Clean(_) => {}
        }
        true
    });
    // They are reported as they are found.
    problems.sort_unstable();
    findings.sort_by_key(|finding| finding.artefact.entry.name.clone());
    assert_eq!(problems, ["file_blocked", "file_locked", "file_locked"]);
    assert_eq!(findings.len(), 2);
    assert_eq!(
        findings[1].reasons[0].id, "location/page_in_aspnet_client",
        "its place speaks for a page that holds itself open"
    );
    let finding = &findings[0];
    assert_eq!((finding.artefact.entry.name.as_str(), finding.level), ("blocked.aspx", Level::Medium));
    assert_eq!(
        (finding.reasons[0].id.as_str(), finding.artefact.examined),
        ("access/blocked_by_antivirus", Examined::MetadataOnly)
    );
    assert_eq!(finding.artefact.hashes.sha256, None);
    assert_eq!(coverage.failed, 3);
}

#[test]
fn a_file_of_five_gigabytes_is_hashed_whole_and_looked_at_in_both_ends() {
    use std::io::{Seek, SeekFrom, Write};
    let folder = support::folder();
    let path = folder.path().join("big.aspx");
    let mut file = fs::File::create(&path).unwrap();
    // Sparse: five gigabytes of nothing with a page at the very end.
    let size = if std::env::var_os("SHELLSIFT_TEST_FIVE_GB").is_some() { 5 << 30 } else { 300 << 20 };
    file.set_len(size).unwrap();
    file.seek(SeekFrom::End(0)).unwrap();
    file.write_all(&support::stand_in()).unwrap();
    drop(file);
    let (code, records) = scan(folder.path(), &[]);
    assert_eq!((code, problems(&records)), (1, vec!["partially_examined".to_owned()]));
    let finding = of_kind(&records, "finding")[0];
    let ids: Vec<_> =
        finding["shellsift"]["reasons"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&"location/oversized_page") && ids.iter().any(|id| id.starts_with("signature/")), "{ids:?}");
    let offset = finding["shellsift"]["reasons"][0]["locations"][0]["offset"].as_u64().unwrap();
    assert!(offset >= size, "{offset}");
    assert_eq!(finding["shellsift"]["examined"], "first_and_last");
    assert_eq!(finding["file"]["hash"]["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(of_kind(&records, "coverage")[0]["shellsift"]["coverage"]["partially_examined"], 1);
}

#[cfg(unix)]
#[test]
fn a_fifo_a_socket_and_loops_of_links_are_listed_and_never_opened() {
    let folder = target();
    let fifo = folder.path().join("pipe.aspx");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket.asp")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
    std::os::unix::fs::symlink("b", folder.path().join("a")).unwrap();
    std::os::unix::fs::symlink("a", folder.path().join("b")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("zero.aspx")).unwrap();
    let (code, records) = scan(folder.path(), &[]);
    assert_eq!((code, of_kind(&records, "finding").len()), (1, 1));
    let coverage = &of_kind(&records, "coverage")[0]["shellsift"]["coverage"];
    assert_eq!(
        coverage["skipped"],
        serde_json::json!([
            {"value": "link", "count": 4},
            {"value": "fifo", "count": 1},
            {"value": "socket", "count": 1}
        ])
    );
    assert_eq!(coverage["surveyed"], 7);
    let (code, records) = scan(&fifo, &[]);
    assert_eq!((code, problems(&records)), (3, vec!["nothing_to_examine".to_owned()]), "a FIFO as the target itself");
}

#[test]
fn a_broken_configuration_is_a_problem_and_the_default_folders_are_still_examined() {
    for bytes in [&b"not xml"[..], b"<configuration><sites><site name=", b"\xff\xfe<\0a\0", b""] {
        let folder = support::folder();
        let config = folder.path().join("Windows/System32/inetsrv/config/applicationHost.config");
        fs::create_dir_all(config.parent().unwrap()).unwrap();
        fs::write(&config, bytes).unwrap();
        let page = folder.path().join("inetpub/wwwroot/x.aspx");
        fs::create_dir_all(page.parent().unwrap()).unwrap();
        fs::write(&page, support::stand_in()).unwrap();
        finds_the_rest(folder.path(), &["config_malformed"]);
    }
}

#[test]
fn broken_compiled_and_missing_rules_are_reported() {
    let folder = target();
    let rules = support::folder();
    let file = |name: &str, bytes: &[u8]| {
        let path = rules.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mixed =
        file("mixed.yar", b"rule fine { strings: $a = \"@@inert@@\" condition: $a }\nrule broken { condition: nope }");
    let (code, records) = scan(folder.path(), &["-r", &mixed]);
    assert_eq!((code, problems(&records)), (1, vec!["rule_invalid".to_owned()]));
    assert!(of_kind(&records, "problem")[0]["error"]["message"].as_str().unwrap().contains("broken"));
    for path in
        [file("compiled.yar", b"YARA-X\0\0\0"), file("text.yar", b"this is no rule"), "/no/such/file.yar".to_owned()]
    {
        let ran = run(["scan", folder.path().to_str().unwrap(), "-r", &path]);
        assert_eq!(ran.code, 2, "{path}");
        assert!(ran.err.contains(&path), "{}", ran.err);
    }
}

#[test]
fn a_rule_that_runs_past_its_time_is_stopped_and_reported_and_the_rest_is_found() {
    let folder = target();
    let rules = support::folder();
    let slow = rules.path().join("slow.yar");
    let loops = "for any i in (0..1000000) : ( for any j in (0..1000000) : ( uint8(i % 64) + j == 5000000 ) )";
    fs::write(&slow, format!("rule slow {{ condition: filename == \"slow.bin\" and {loops} }}")).unwrap();
    fs::write(folder.path().join("slow.bin"), [0; 4096]).unwrap();
    let (code, records) = scan(folder.path(), &["-r", slow.to_str().unwrap(), "--timeout", "1"]);
    assert_eq!(
        (code, of_kind(&records, "finding").len(), problems(&records)),
        (1, 1, vec!["detector_aborted".to_owned()])
    );
}

#[test]
fn lists_with_bad_lines_keep_their_good_ones_and_lists_without_any_are_refused() {
    let folder = target();
    let lists = support::folder();
    let list = lists.path().join("iocs.txt");
    fs::write(&list, "not a hash\n").unwrap();
    let ran = run(["scan", folder.path().to_str().unwrap(), "--iocs", list.to_str().unwrap()]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("no line contains a hash"), "{}", ran.err);
}

#[test]
fn output_that_cannot_be_written_is_reported_before_the_scan() {
    let folder = target();
    let ran = run(["scan", folder.path().to_str().unwrap(), "-o", "/no/such/folder/x.txt"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot write"), "{}", ran.err);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_with_a_message_and_the_other_output_is_whole() {
    let folder = target();
    let csv = support::folder();
    let csv = csv.path().join("out.csv");
    let ran = run([
        "scan",
        folder.path().to_str().unwrap(),
        "-q",
        "-f",
        "jsonl,csv",
        "-o",
        "/dev/full",
        "-o",
        csv.to_str().unwrap(),
        "--force",
    ]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot write /dev/full"), "{}", ran.err);
    assert_eq!(fs::read_to_string(csv).unwrap().lines().count(), 2, "the finding is in the other output");
}

#[test]
fn overlong_names_and_empty_files_are_examined_like_any_other() {
    let folder = support::folder();
    let long = format!("{}.aspx", "n".repeat(250));
    std::fs::write(folder.path().join(&long), support::stand_in()).unwrap();
    for name in ["empty.aspx", "empty.config", "empty.dll", "empty"] {
        std::fs::write(folder.path().join(name), "").unwrap();
    }
    let (code, records) = scan(folder.path(), &["--all"]);
    assert_eq!((code, problems(&records).len()), (1, 0));
    let found: Vec<_> = of_kind(&records, "finding").iter().map(|record| record["file"]["name"].clone()).collect();
    assert_eq!(found, [long]);
    assert_eq!(of_kind(&records, "examined").len(), 4);
}

#[test]
fn many_files_in_one_folder_are_no_trouble() {
    let folder = target();
    for n in 0..20_000 {
        fs::write(folder.path().join(format!("{n:06}.txt")), b"").unwrap();
    }
    let (code, records) = scan(folder.path(), &[]);
    assert_eq!((code, of_kind(&records, "finding").len()), (1, 1));
    assert_eq!(of_kind(&records, "coverage")[0]["shellsift"]["coverage"]["examined"], 20_001);
}

#[test]
fn streams_are_examined_where_their_file_is_not_and_up_to_where_they_can_be_read() {
    use shellsift::evidence::{Memory, memory::Fault};
    use shellsift::scan::Event;
    let program = [b"MZ".to_vec(), vec![0x90; 100]].concat();
    let (locked, broken, plain) = (r"C:\w\locked.txt", r"C:\w\broken.txt", r"C:\w\plain.txt");
    let evidence = Memory::new()
        .file(locked, b"x")
        .stream(locked, "code", &program)
        .fault(locked, Fault::Locked)
        .file(broken, b"x")
        .stream(broken, "code", &program)
        .fault(broken, Fault::BreakAfter(64))
        .file(plain, b"x")
        .fault(plain, Fault::Locked);
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    support::scan_in_memory(&evidence, &mut |event| {
        match event {
            Event::Finding(finding) => found.push((finding.artefact.path.to_string(), finding.reasons[0].id.clone())),
            Event::Problem(problem) => problems.push(problem.message),
            Event::Clean(_) => {}
        }
        true
    });
    found.sort();
    let stream = "location/alternate_data_stream".to_owned();
    assert_eq!(found, [(broken.to_owned(), stream.clone()), (locked.to_owned(), stream)]);
    let of_stream =
        problems.iter().filter(|message| message.contains("alternate data stream \"code\" could not be read"));
    assert_eq!((problems.len(), of_stream.count()), (4, 1), "{problems:?}");
}
