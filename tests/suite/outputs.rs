//! Results are never written into the evidence, by any path.
#![cfg(unix)]

use crate::support::{self, of_kind, program, records};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    /// A server's volume with an Exchange installation, and a folder beside it.
    fn new() -> Self {
        let folder = support::folder();
        let case = Self { folder };
        let pages = "Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/owa/auth";
        fs::create_dir_all(case.evidence().join("Windows/System32")).unwrap();
        fs::create_dir_all(case.evidence().join(pages)).unwrap();
        fs::create_dir_all(case.evidence().join("inetpub/wwwroot")).unwrap();
        fs::write(case.evidence().join(pages).join("x.aspx"), support::stand_in()).unwrap();
        fs::write(case.page(), "<configuration/>").unwrap();
        fs::create_dir(case.beside()).unwrap();
        case
    }

    fn evidence(&self) -> PathBuf {
        self.folder.path().join("evidence")
    }

    fn beside(&self) -> PathBuf {
        self.folder.path().join("beside")
    }

    fn page(&self) -> PathBuf {
        self.evidence().join("inetpub/wwwroot/web.config")
    }

    /// Every file of the evidence with its content.
    fn content(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let walk = walkdir::WalkDir::new(self.evidence()).sort_by_file_name();
        let files = walk.into_iter().map(|entry| entry.unwrap().into_path());
        files.map(|path| (path.clone(), fs::read(&path).unwrap_or_default())).collect()
    }

    /// Every verb that writes a file, with and without `--force`, into this output; gives what each said.
    fn write(&self, output: &Path) -> Vec<(Option<i32>, String)> {
        let evidence = self.evidence();
        let verbs: [&[&str]; 3] = [&["scan", "-q"], &["logs", "-q"], &["baseline", "build", "--build", "x"]];
        let mut runs = Vec::new();
        for (verb, force) in verbs.iter().flat_map(|verb| [(verb, false), (verb, true)]) {
            let mut command = program();
            command.args(*verb).arg(&evidence).arg("-o").arg(output);
            if force {
                command.arg("--force");
            }
            let ran = command.output().unwrap();
            runs.push((ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned()));
        }
        runs
    }
}

#[test]
fn no_output_is_written_into_the_evidence() {
    let case = Case::new();
    let (evidence, beside) = (case.evidence(), case.beside());
    symlink(case.page(), beside.join("link.jsonl")).unwrap();
    symlink("link.jsonl", beside.join("link_to_link.jsonl")).unwrap();
    symlink(evidence.join("inetpub/wwwroot/new.jsonl"), beside.join("dangling.jsonl")).unwrap();
    symlink(evidence.join("inetpub"), beside.join("folder")).unwrap();
    symlink(&beside, evidence.join("out")).unwrap();
    fs::hard_link(case.page(), beside.join("hard.jsonl")).unwrap();
    let other = beside.join("other");
    fs::create_dir(&other).unwrap();
    symlink("../../evidence", other.join("up")).unwrap();
    let before = case.content();
    for output in [
        beside.join("link.jsonl"),
        beside.join("link_to_link.jsonl"),
        beside.join("dangling.jsonl"),
        beside.join("folder/new.jsonl"),
        beside.join("folder/wwwroot/web.config"),
        beside.join("folder/../inetpub/new.jsonl"),
        beside.join("hard.jsonl"),
        other.join("up/new.jsonl"),
        evidence.join("new.jsonl"),
        evidence.join("inetpub/wwwroot/web.config"),
        PathBuf::from(format!("/proc/self/root{}", evidence.join("new.jsonl").display())),
        PathBuf::from(format!("/proc/self/cwd/../../{}", "nowhere/new.jsonl")),
    ] {
        for (code, said) in case.write(&output) {
            assert_eq!(code, Some(2), "{}: {said}", output.display());
            assert_eq!(said.lines().count(), 1, "{said}");
        }
        assert_eq!(case.content(), before, "{}", output.display());
    }
}

#[test]
fn results_beside_the_evidence_are_written_and_a_stream_is_no_file() {
    let case = Case::new();
    let beside = case.beside();
    // A folder reached by a link that leads to no evidence.
    let real = beside.join("real");
    fs::create_dir(&real).unwrap();
    symlink(&real, beside.join("folder")).unwrap();
    let out = beside.join("folder/out.jsonl");
    let scan = |more: &[&str], output: &Path| {
        let mut command = program();
        command.arg("scan").arg(case.evidence()).args(["-q", "-f", "jsonl", "-o"]).arg(output).args(more);
        support::Ran::from(command.output().unwrap())
    };
    assert_eq!(scan(&[], &out).code, 1);
    assert_eq!(scan(&[], &out).code, 2, "it exists");
    assert_eq!(scan(&["--force"], &out).code, 1);
    let written = records(&fs::read_to_string(real.join("out.jsonl")).unwrap());
    assert_eq!(of_kind(&written, "scan_end").len(), 1);
    for stream in ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        let ran = scan(&[], Path::new(stream));
        assert_eq!((ran.code, of_kind(&records(&ran.out), "scan_end").len()), (1, 1), "{stream}: {}", ran.err);
    }
    assert_eq!(scan(&[], Path::new("/dev/null")).code, 1);
    let fifo = beside.join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let reader = std::thread::spawn({
        let fifo = fifo.clone();
        move || fs::read_to_string(fifo).unwrap()
    });
    assert_eq!(scan(&[], &fifo).code, 1);
    assert_eq!(of_kind(&records(&reader.join().unwrap()), "scan_end").len(), 1);
    let twice = scan(&["-f", "csv", "-o", beside.join("x").to_str().unwrap()], &beside.join("../beside/x"));
    assert!(twice.code == 2 && twice.err.contains("two outputs"), "{}", twice.err);
}

/// A shell may have led standard output into the evidence.
#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_a_file_of_the_evidence_is_refused() {
    let case = Case::new();
    let page = case.evidence().join("Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/owa/auth/x.aspx");
    let evidence = case.evidence();
    for arguments in [
        &["scan", "-q", "-f", "jsonl"][..],
        &["logs", "-q"],
        &["sites"],
        &["health"],
        &["baseline", "check"],
        &["baseline", "build", "--build", "x"],
        &["explain"],
    ] {
        let file = fs::File::create(evidence.join("inetpub/out.jsonl")).unwrap();
        let target = if arguments[0] == "explain" { &page } else { &evidence };
        let ran = program().args(arguments).arg(target).stdout(file).output().unwrap();
        assert_eq!(ran.status.code(), Some(2), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
        assert_eq!(fs::read(evidence.join("inetpub/out.jsonl")).unwrap(), b"", "{arguments:?}");
    }
}

/// Needs the right to mount; without it there is nothing to try.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_of_the_evidence_that_is_mounted_elsewhere_is_evidence() {
    let case = Case::new();
    let point = case.beside().join("mounted");
    fs::create_dir(&point).unwrap();
    let mount = |arguments: &[&Path]| std::process::Command::new("mount").arg("--bind").args(arguments).output();
    if !mount(&[&case.evidence().join("inetpub"), &point]).is_ok_and(|ran| ran.status.success()) {
        return;
    }
    let before = case.content();
    let runs = [case.write(&point.join("new.jsonl")), case.write(&point.join("wwwroot/web.config"))].concat();
    let unmounted = std::process::Command::new("umount").arg(&point).status().unwrap();
    assert!(unmounted.success());
    for (code, said) in runs {
        assert_eq!(code, Some(2), "{said}");
    }
    assert_eq!(case.content(), before);
}

#[test]
fn events_are_sent_to_the_receiver_that_is_named_and_its_loss_is_an_error() {
    use std::io::Read;
    let case = Case::new();
    for format in ["cef", "jsonl"] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let to = format!("tcp://{}", listener.local_addr().unwrap());
        let taken = std::thread::spawn(move || {
            let mut all = String::new();
            listener.accept().unwrap().0.read_to_string(&mut all).unwrap();
            all
        });
        let scan = |to: &str| {
            let ran = program().arg("scan").arg(case.evidence()).args(["-q", "-f", format, "-o", to]).output();
            support::Ran::from(ran.unwrap())
        };
        let ran = scan(&to);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (1, "", ""));
        let all = taken.join().unwrap();
        let length: usize = all.split(' ').next().unwrap().parse().unwrap();
        let first = &all[all.find(' ').unwrap() + 1..][..length];
        assert!(first.starts_with("<109>1 ") && first.contains(&format!(" {format} - ")), "{first}");
        assert!(all.contains("scan_end"), "{all}");
        let ran = scan(&to);
        assert!(ran.code == 2 && ran.err.contains("cannot write syslog receiver 127.0.0.1:"), "{}", ran.err);
    }
}
