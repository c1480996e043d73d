//! Cases that must never be reported as clean: `--fail-on` thresholds, unopened images and archives, collections a few
//! folders down, unknown builds.

use crate::support::{self, of_kind, problems, program, run, scan, server};
use serde_json::Value;
use std::path::Path;

fn summary(records: &[Value]) -> &Value {
    &of_kind(records, "scan_end")[0]["shellsift"]["summary"]
}

/// The verdict in both forms: its word and its sentence.
fn verdict(records: &[Value]) -> (&str, &str) {
    (summary(records)["verdict"].as_str().unwrap(), summary(records)["description"].as_str().unwrap())
}

/// A folder with one file that a user's rule gives this score.
fn judged(score: u8) -> (tempfile::TempDir, String) {
    let folder = support::folder();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    std::fs::write(folder.path().join("in/notes.txt"), "shellsift inert stand-in").unwrap();
    let rule = folder.path().join("mine.yar");
    let text = format!("rule mine {{ meta: score = {score} strings: $a = \"inert stand-in\" condition: $a }}");
    std::fs::write(&rule, text).unwrap();
    let rule = rule.display().to_string();
    (folder, rule)
}

#[test]
fn the_line_of_fail_on_moves_the_exit_code_and_never_the_verdict() {
    // Points of the one finding; verdict; exit codes for --fail-on info, low, medium, high, critical.
    for (score, word, words, codes) in [
        (30, "nothing_found", "nothing at medium or above found in 1 file; 1 low finding", [1, 1, 0, 0, 0]),
        (60, "suspicious", "the file needs review, nothing in it is of high confidence", [1, 1, 1, 4, 4]),
        (80, "compromised", "the file is malicious (high confidence)", [1, 1, 1, 1, 4]),
        (95, "compromised", "the file is malicious (high confidence)", [1, 1, 1, 1, 1]),
    ] {
        let (folder, rule) = judged(score);
        let target = folder.path().join("in");
        for (line, expected) in ["info", "low", "medium", "high", "critical"].into_iter().zip(codes) {
            let more = ["-r", &rule, "--no-builtin-rules", "--fail-on", line];
            let (code, records) = scan(&target, &more);
            let (found, sentence) = verdict(&records);
            assert_eq!((code, found), (expected, word), "score {score}, --fail-on {line}");
            assert!(sentence.starts_with(words), "{sentence}");
            assert_eq!(scan(&target, &[&more[..], &["--exit-zero"]].concat()).0, 0);
        }
        let (code, records) = scan(&target, &["-r", &rule, "--no-builtin-rules"]);
        assert_eq!((code, verdict(&records).0), (codes[2], word), "medium is the line if none is drawn");
    }
    // What could not be examined outweighs what is below the line.
    let (folder, rule) = judged(60);
    std::fs::write(folder.path().join("in/disk.E01"), b"EVF\x09\r\n\xff\0\x01\x01\0").unwrap();
    let (code, records) = scan(&folder.path().join("in"), &["-r", &rule, "--no-builtin-rules", "--fail-on", "high"]);
    assert_eq!((code, verdict(&records).0), (3, "suspicious"));
}

#[test]
fn the_verdict_about_logs_does_not_move_with_the_line_either() {
    let target = server("compromised_2019").display().to_string();
    let found: Vec<(String, Value)> = ["low", "medium", "critical"]
        .into_iter()
        .map(|line| {
            let ran = run(["logs", &target, "-q", "-f", "jsonl", "--fail-on", line]);
            let records = support::records(&ran.out);
            (summary(&records)["description"].as_str().unwrap().to_owned(), summary(&records)["verdict"].clone())
        })
        .collect();
    assert!(found.iter().all(|one| *one == found[0] && one.1 == "compromised"), "{found:?}");
}

#[test]
fn a_low_finding_that_is_listed_is_in_the_sentence_and_an_unlisted_one_too() {
    let (folder, rule) = judged(30);
    let target = folder.path().join("in").display().to_string();
    for level in ["low", "critical"] {
        let ran = run(["scan", &target, "-q", "-r", &rule, "--no-builtin-rules", "--min-level", level]);
        let line = ran.out.lines().find(|line| line.starts_with("# NOTHING FOUND")).unwrap();
        assert!(line.ends_with("nothing at medium or above found in 1 file; 1 low finding"), "{line}");
        assert_eq!((ran.code, ran.out.contains("notes.txt")), (0, level == "low"));
    }
}

/// The records of a run but for the findings, without what differs from run to run.
fn steady(records: &[Value]) -> Vec<Value> {
    let rest = records.iter().filter(|record| record["shellsift"]["record"] != "finding");
    rest.cloned()
        .map(|mut record| {
            record["@timestamp"] = Value::Null;
            record["event"]["created"] = Value::Null;
            let own = &mut record["shellsift"];
            own["scan_id"] = Value::Null;
            let kind = own["record"].as_str().unwrap().to_owned();
            let of_run: &[&str] = match kind.as_str() {
                "scan_start" => &["/run/started", "/run/command_line"],
                "scan_end" => &["/summary/started", "/summary/ended", "/summary/seconds"],
                _ => &[],
            };
            of_run.iter().for_each(|field| *own.pointer_mut(field).unwrap() = Value::Null);
            // The last action repeats the command line.
            if let Some(actions) = own.pointer_mut("/summary/actions").and_then(Value::as_array_mut) {
                actions.retain(|action| action["id"] != "check_again");
            }
            if ["scan_start", "coverage", "log_coverage", "scan_end"].contains(&kind.as_str()) {
                record["event"]["id"] = Value::Null;
            }
            record
        })
        .collect()
}

#[test]
fn what_is_listed_changes_nothing_of_what_is_analysed() {
    let target = server("compromised_2019");
    let (code, usual) = scan(&target, &[]);
    let expected = steady(&usual);
    assert!(expected.iter().any(|record| record["shellsift"]["record"] == "file_requests"));
    for level in ["info", "medium", "high", "critical"] {
        let (other, records) = scan(&target, &["--min-level", level]);
        assert_eq!(other, code);
        let least = shellsift::model::Level::ALL.iter().position(|one| one.name() == level).unwrap();
        let listed = |record: &&Value| {
            let own = record["shellsift"]["level"].as_str().unwrap();
            shellsift::model::Level::ALL.iter().position(|one| one.name() == own).unwrap() >= least
        };
        assert!(of_kind(&records, "finding").iter().all(listed), "{level}");
        for (record, expected) in steady(&records).iter().zip(&expected) {
            assert_eq!(record, expected, "--min-level {level}");
        }
        assert_eq!(steady(&records).len(), expected.len(), "--min-level {level}");
    }
    // The timeline and the requests of the table are those of the journal.
    let table = |level: &str| {
        let out = run(["scan", target.to_str().unwrap(), "-q", "--min-level", level]).out;
        let steady = |line: &&str| {
            line.starts_with('#')
                && !line.contains(" s, ")
                && !line.starts_with("# command")
                && !line.starts_with("# run ")
                && !line.contains("--min-level")
        };
        out.lines().filter(steady).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(table("critical"), table("info"));
}

/// A log of IIS with nothing of note in it.
const LOG: &str = "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-ip cs-method cs-uri-stem \
    cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n\
    2021-03-03 06:59:21 10.0.0.1 GET /x - 443 - 10.0.0.9 - - 200 0 0 1\r\n";

/// Bytes and their places in a file.
type ScanResults<'m> = &'m [(usize, &'m [u8])];

/// A file that begins as this kind does and holds nothing.
fn beginning(marks: ScanResults<'_>) -> Vec<u8> {
    let end = marks.iter().map(|(at, mark)| at + mark.len()).max().unwrap_or(0);
    let mut bytes = vec![0; end.max(1024)];
    for (at, mark) in marks {
        bytes[*at..*at + mark.len()].copy_from_slice(mark);
    }
    bytes
}

const PARTITION: &[u8] = b"\x80\x20\x21\0\x07\xfe\xff\xff\0\x08\0\0\0\0\x01\0";
const BOOT: (usize, &[u8]) = (510, b"\x55\xaa");

#[test]
fn a_disk_image_or_an_archive_as_a_target_is_refused_with_what_to_do() {
    let folder = support::folder();
    let cases: &[(&str, ScanResults<'_>, &str, &str)] = &[
        ("disk.E01", &[(0, b"EVF\x09\r\n\xff\0\x01\x01\0")], "an EnCase disk image", "ewfmount"),
        ("c.dd", &[(0, b"\xeb\x52\x90NTFS    "), BOOT], "an image of an NTFS volume", "ntfs-3g -o ro"),
        ("disk.raw", &[(446, PARTITION), BOOT], "a raw disk image (MBR)", "losetup -rP"),
        ("gpt.img", &[(512, b"EFI PART")], "a raw disk image (GPT)", "losetup -rP"),
        ("x.vhd", &[(0, b"conectix")], "a VHD disk image", "Mount-DiskImage -Access ReadOnly"),
        ("x.vhdx", &[(0, b"vhdxfile")], "a VHDX disk image", "qemu-nbd -r"),
        ("x.vmdk", &[(0, b"KDMV")], "a VMDK disk image", "qemu-nbd -r"),
        ("x.qcow2", &[(0, b"QFI\xfb")], "a QCOW2 disk image", "qemu-nbd -r"),
        ("x.aff4", &[(0, b"PK\x03\x04")], "an AFF4 image", "read-only"),
        ("x.ad1", &[(0, b"ADSEGMENTEDFILE\0")], "AD1", "FTK Imager"),
        ("x.rar", &[(0, b"Rar!\x1a\x07\x01\0")], "a RAR archive", "7z x"),
        ("x.wim", &[(0, b"MSWIM\0\0\0")], "a Windows image", "wimmount"),
        ("x.iso", &[(32_769, b"CD001")], "an image of an optical disc", "mount -o ro,loop"),
    ];
    for (name, marks, what, advice) in cases {
        let file = folder.path().join(name);
        std::fs::write(&file, beginning(marks)).unwrap();
        let ran = run(["scan", file.to_str().unwrap()]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{name}: {}", ran.err);
        assert!(ran.err.contains(what) && ran.err.contains(advice) && ran.err.contains(name), "{name}: {}", ran.err);
    }
    // An archive that ends early is opened as far as it goes: that is a gap, or it is refused.
    let archives: &[(&str, ScanResults<'_>)] = &[
        ("wwwroot.zip", &[(0, b"PK\x03\x04"), (30, b"wwwroot/")]),
        ("x.7z", &[(0, b"7z\xbc\xaf\x27\x1c")]),
        ("x.tar", &[(0, b"wwwroot/"), (257, b"ustar\x0000")]),
        ("x.tgz", &[(0, b"\x1f\x8b\x08")]),
    ];
    for (name, marks) in archives {
        let file = folder.path().join(name);
        std::fs::write(&file, beginning(marks)).unwrap();
        let ran = run(["scan", file.to_str().unwrap()]);
        assert!([2, 3].contains(&ran.code), "{name}: {} {}", ran.code, ran.err);
    }
    let image = folder.path().join("disk.E01").display().to_string();
    let map = format!("{image}=C:\\");
    for arguments in [
        &["logs", &image][..],
        &["sites", &image],
        &["health", &image],
        &["baseline", "check", &image],
        &["explain", &image],
        &["scan", "--map", &map],
    ] {
        let ran = run(arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.out);
        assert!(ran.err.contains("an EnCase disk image"), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn pages_documents_and_packed_logs_are_still_taken_as_files() {
    use std::io::Write;
    let folder = support::folder();
    let write = |name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file
    };
    // A page is run whatever stands before its first mark.
    let page = write("x.aspx", &[&b"PK\x03\x04"[..], &support::stand_in()].concat());
    assert_eq!(scan(&page, &[]).0, 1);
    assert_eq!(scan(&write("plain.txt", &support::stand_in()), &[]).0, 1);
    let (code, records) =
        scan(&write("letter.docx", &beginning(&[(0, b"PK\x03\x04"), (30, b"[Content_Types].xml")])), &[]);
    assert_eq!((code, verdict(&records).0), (0, "nothing_found"));
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(LOG.as_bytes()).unwrap();
    let packed = write("u_ex210303.log.gz", &packer.finish().unwrap());
    let ran = run(["logs", packed.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("2021-03-03"), "{}", ran.out);
    let ran = run(["scan", packed.to_str().unwrap()]);
    assert!(ran.code == 2 && ran.err.contains("shellsift logs reads"), "{}", ran.err);
    assert!(ran.err.contains("gunzip -k") && !ran.err.contains("tar -xf"), "it is no archive: {}", ran.err);
}

#[test]
fn an_image_in_a_scanned_folder_is_a_gap_and_an_archive_is_counted() {
    let folder = support::folder();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let archives = |records: &[Value]| of_kind(records, "coverage")[0]["shellsift"]["coverage"]["archives"].clone();
    write("backup.zip", &beginning(&[(0, b"PK\x03\x04"), (30, b"wwwroot/")]));
    let (code, records) = scan(folder.path(), &[]);
    assert_eq!((code, problems(&records)), (3, vec!["nothing_to_examine".to_owned()]), "nothing but an archive");
    // Notes beside collections are no site.
    write("notes.txt", b"from four servers");
    let (code, records) = scan(folder.path(), &[]);
    assert_eq!((code, problems(&records)), (3, vec!["nothing_to_examine".to_owned()]), "archives and a text");
    write("index.html", b"<p>hello</p>");
    let (code, records) = scan(folder.path(), &[]);
    assert_eq!(
        (code, problems(&records), archives(&records)),
        (0, Vec::new(), 1.into()),
        "an archive on a server is no gap"
    );
    assert!(
        run(["scan", folder.path().to_str().unwrap()]).out.contains("1 of them is an archive, which was not unpacked")
    );
    write("disk.E01", b"EVF\x09\r\n\xff\0\x01\x01\0");
    let (code, records) = scan(folder.path(), &[]);
    assert_eq!((code, problems(&records)), (3, vec!["image_not_opened".to_owned()]));
    assert_eq!(summary(&records)["gaps"], "1 disk image was not opened");
}

/// Puts a page and a file of logs where a collector would.
fn collected(folder: &Path, volumes: &[&str]) {
    for volume in volumes {
        let site = folder.join(volume).join("inetpub/wwwroot/aspnet_client");
        std::fs::create_dir_all(&site).unwrap();
        std::fs::write(site.join("x.aspx"), support::stand_in()).unwrap();
    }
}

#[cfg(unix)] // Windows has no such names
#[test]
fn the_volumes_of_a_triage_collection_are_examined_under_their_letters() {
    for (volumes, expected) in [
        (&["uploads/auto/C%3A"][..], r"C:\inetpub\wwwroot\aspnet_client\x.aspx"),
        (&["Collection-MAIL01/uploads/auto/D%3A"], r"D:\inetpub\wwwroot\aspnet_client\x.aspx"),
        (&["uploads/auto/C%3A", r"uploads/ntfs/%5C%5C.%5CC%3A"], r"C:\inetpub\wwwroot\aspnet_client\x.aspx"),
        (&["MAIL01's disk/C", "MAIL01's disk/E"], r"E:\inetpub\wwwroot\aspnet_client\x.aspx"),
        (&["fs/c:", "fs/x:"], r"X:\inetpub\wwwroot\aspnet_client\x.aspx"),
        (&["sysvol"], r"C:\inetpub\wwwroot\aspnet_client\x.aspx"),
    ] {
        let folder = support::folder();
        collected(folder.path(), volumes);
        let (code, records) = scan(folder.path(), &[]);
        assert_eq!(code, 1, "{volumes:?}");
        assert!(support::finding(&records, expected).is_some(), "{volumes:?}");
        // If asked to, it takes the folder for what it is called.
        let (_, records) = scan(folder.path(), &["--target-type", "folder"]);
        assert_eq!(of_kind(&records, "finding").len(), volumes.len());
    }
}

#[cfg(unix)]
#[test]
fn the_folder_of_a_collected_volume_is_that_volume_however_little_was_collected() {
    let folder = support::folder();
    let volume = folder.path().join("uploads/auto/D%3A");
    std::fs::create_dir_all(volume.join("ProgramData")).unwrap();
    std::fs::write(volume.join("ProgramData/x.aspx"), support::stand_in()).unwrap();
    let (code, records) = scan(&volume, &[]);
    assert_eq!(code, 1);
    assert!(support::finding(&records, r"D:\ProgramData\x.aspx").is_some());
}

#[test]
fn every_verb_takes_a_collection_of_one_server() {
    let folder = support::folder();
    collected(folder.path(), &["MAIL01/C"]);
    let logs = folder.path().join("MAIL01/C/inetpub/logs/LogFiles/W3SVC1");
    std::fs::create_dir_all(&logs).unwrap();
    std::fs::write(logs.join("u_ex210303.log"), LOG).unwrap();
    let target = folder.path().to_str().unwrap();
    for verb in ["sites", "health"] {
        let ran = run([verb, target]);
        assert!(!ran.err.contains("cannot be opened") && ran.code != 2, "{verb}: {}{}", ran.out, ran.err);
    }
    let (code, records) = scan(Path::new(target), &[]);
    assert!(code == 1 && support::finding(&records, r"C:\inetpub\wwwroot\aspnet_client\x.aspx").is_some());
    // Two servers in one folder are no server.
    let both = support::folder();
    collected(both.path(), &["MAIL01/uploads/auto/C%3A", "MAIL02/uploads/auto/C%3A"]);
    let ran = run(["scan", both.path().to_str().unwrap()]);
    assert!(ran.code == 2 && ran.err.contains("2 servers"), "{}", ran.err);
    assert_eq!(run(["logs", target]).code, 0);
    // A folder of pages that has folders of one letter is none.
    let site = support::folder();
    for name in ["a/x.txt", "c/windows/help.txt", "fs/read.txt", "uploads/1.txt"] {
        let file = site.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "text").unwrap();
    }
    assert_eq!(scan(site.path(), &[]).0, 0);
}

#[test]
fn a_build_that_no_table_knows_is_reported_by_the_verdict_and_is_no_gap() {
    let (code, records) = scan(&server("clean_2019"), &[]);
    let (word, words) = verdict(&records);
    assert_eq!((code, word), (0, "nothing_found"));
    assert!(words.ends_with("; no baseline for this build"), "{words}");
    let line = summary(&records)["no_baseline"][0].as_str().unwrap();
    assert!(
        line.starts_with(r"C:\Program Files\Microsoft\Exchange Server\V15: no baseline for this build ("),
        "{line}"
    );
    let table = run(["scan", server("clean_2019").to_str().unwrap(), "-q"]).out;
    assert!(table.contains("; no baseline for this build") && table.contains("baseline   C:"), "{table}");

    // With a table of its own it is known, and nothing is said.
    let folder = support::folder();
    let own = folder.path().join("own.csv").display().to_string();
    let clean = server("clean_2019").display().to_string();
    assert_eq!(run(["baseline", "build", &clean, "--build", "15.2.1544.4", "-o", &own]).code, 0);
    let (_, records) = scan(&server("clean_2019"), &["--baseline", &own]);
    assert!(!verdict(&records).1.contains("baseline") && summary(&records).get("no_baseline").is_none());
    // Nor where there is no Exchange.
    let pages = support::folder();
    std::fs::write(pages.path().join("index.html"), "<p>hello</p>").unwrap();
    assert!(!verdict(&scan(pages.path(), &[]).1).1.contains("baseline"));
}

#[test]
fn a_check_against_no_baseline_is_no_success() {
    let ran = run(["baseline", "check", server("clean_2019").to_str().unwrap()]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    let end = ran.out.lines().last().unwrap();
    assert!(end.starts_with("incomplete: no baseline for this build") && end.contains("baseline build"), "{end}");
    // An installation of which nothing but the frame is there, and one of which all that is there is known.
    let folder = support::folder();
    let install = folder.path().join("V15");
    std::fs::create_dir_all(install.join("FrontEnd/HttpProxy")).unwrap();
    let ran = run(["baseline", "check", install.to_str().unwrap()]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(ran.out.contains("incomplete: no file below FrontEnd or ClientAccess"), "{}", ran.out);
    let prem = install.join("ClientAccess/owa/prem/15.2.721.2/resources/images/0");
    std::fs::create_dir_all(&prem).unwrap();
    std::fs::write(prem.join("bdsprite1.narrow.x2.css"), "").unwrap();
    let ran = run(["baseline", "check", install.to_str().unwrap()]);
    assert_eq!(ran.code, 3, "one known file is no known build: {}", ran.out);
    assert!(ran.out.contains("incomplete: no baseline for this build"), "{}", ran.out);
}

#[test]
fn a_target_without_anything_to_examine_is_never_clean() {
    let folder = support::folder();
    std::fs::create_dir_all(folder.path().join("Windows/System32/drivers")).unwrap();
    std::fs::write(folder.path().join("Windows/System32/drivers/x.sys"), "MZ").unwrap();
    std::fs::create_dir_all(folder.path().join("empty")).unwrap();
    for (target, shape) in [
        (folder.path().to_owned(), None),
        (folder.path().join("empty"), Some("volume")),
        (folder.path().join("empty"), None),
    ] {
        let more: Vec<&str> = shape.iter().flat_map(|shape| ["--target-type", shape]).collect();
        let (code, records) = scan(&target, &more);
        assert_eq!((code, verdict(&records).0), (3, "incomplete"), "{} {shape:?}", target.display());
        assert_eq!(problems(&records), ["nothing_to_examine"]);
    }
    let missing = folder.path().join("gone.aspx");
    let ran = run(["scan", missing.to_str().unwrap()]);
    assert!(ran.code == 2 && ran.err.contains("no such target"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_never_clean_nor_waited_for() {
    let folder = support::folder();
    let fifo = folder.path().join("disk.E01");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let link = folder.path().join("link.aspx");
    std::os::unix::fs::symlink("/no/such/page.aspx", &link).unwrap();
    assert_eq!(scan(&fifo, &[]).0, 3);
    assert_eq!(program().args(["scan", link.to_str().unwrap()]).output().unwrap().status.code(), Some(2));
}

/// A shortcut (MS-SHLLINK 2.1) that leads nowhere: its header and nothing else.
fn shortcut() -> Vec<u8> {
    let mut bytes = vec![0; 76];
    bytes[..4].copy_from_slice(&76u32.to_le_bytes());
    bytes[4..20].copy_from_slice(b"\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46");
    bytes
}

#[test]
fn rules_that_ask_for_the_modules_of_public_packs_are_compiled_and_fire() {
    use base64::Engine;
    let folder = support::folder();
    let target = folder.path().join("in");
    std::fs::create_dir(&target).unwrap();
    let program = support::version::Program::of([15, 2, 721, 2]).bytes();
    std::fs::write(target.join("plain.dll"), &program).unwrap();
    let assembly = std::fs::read_to_string(format!("{}/fixtures/compiled/library.dll.b64", env!("CARGO_MANIFEST_DIR")));
    let assembly: String = assembly.unwrap().split_whitespace().collect();
    let assembly = base64::engine::general_purpose::STANDARD.decode(assembly).unwrap();
    std::fs::write(target.join("managed.dll"), assembly).unwrap();
    std::fs::write(target.join("x.lnk"), shortcut()).unwrap();
    std::fs::write(target.join("text.txt"), "MZ").unwrap();
    let rules = folder.path().join("pack.yar");
    let text = r#"import "pe"
        import "dotnet"
        import "lnk"
        import "hash"
        import "math"
        rule is_program { meta: score = 60 condition: pe.is_pe and pe.number_of_sections == 1 and not dotnet.is_dotnet }
        rule is_assembly { meta: score = 60 condition: pe.is_pe and dotnet.is_dotnet }
        rule is_shortcut { meta: score = 60 condition: lnk.is_lnk }
        rule is_random { condition: math.entropy(0, filesize) > 7.99 and hash.md5(0, 1) == "x" }"#;
    std::fs::write(&rules, text).unwrap();
    let ran = run(["rules", "check", rules.to_str().unwrap()]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "4 rules can be used, 0 problems\n"));
    let (_, records) = scan(&target, &["-r", rules.to_str().unwrap(), "--no-builtin-rules"]);
    assert_eq!(problems(&records), [""; 0]);
    let fired = |name: &str| {
        let found = of_kind(&records, "finding").into_iter().find(|record| record["file"]["name"] == name);
        found.map(|found| {
            support::reasons(found).into_iter().filter(|id| id.starts_with("signature/is_")).collect::<Vec<_>>()
        })
    };
    assert_eq!(fired("plain.dll"), Some(vec!["signature/is_program"]));
    assert_eq!(fired("managed.dll"), Some(vec!["signature/is_assembly"]));
    assert_eq!(fired("x.lnk"), Some(vec!["signature/is_shortcut"]));
    assert_eq!(fired("text.txt"), None);
}
