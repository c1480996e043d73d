//! Disk images and archives as targets: what is on them is found, with what NTFS alone knows, and nothing of them is changed.

use crate::support::image::volume;
use crate::support::{self, finding, of_kind, reasons, records, run, scan};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A disk with an MBR whose first partition is the volume.
fn disk(volume: &[u8]) -> Vec<u8> {
    const START: u32 = 2_048;
    let mut disk = vec![0; START as usize * 512];
    disk[446 + 4] = 7;
    disk[446 + 8..446 + 12].copy_from_slice(&START.to_le_bytes());
    disk[446 + 12..446 + 16].copy_from_slice(&((volume.len() / 512) as u32).to_le_bytes());
    disk[510..512].copy_from_slice(b"\x55\xaa");
    disk.extend(volume);
    disk
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

const CLIENT: &str = r"C:\inetpub\wwwroot\aspnet_client";

fn found<'r>(records: &'r [Value], name: &str) -> &'r Value {
    finding(records, &format!(r"{CLIENT}\{name}")).unwrap_or_else(|| panic!("{name} is not found"))
}

#[test]
fn a_volume_is_scanned_without_a_mount() {
    let folder = support::folder();
    let image = written(folder.path(), "volume.dd", &volume());
    let before = std::fs::metadata(&image).unwrap();
    let (code, records) = scan(&image, &[]);
    assert_eq!(code, 1);
    let page = found(&records, "page.aspx");
    assert_eq!(page["shellsift"]["level"], "critical");
    let ntfs = &page["shellsift"]["ntfs"];
    assert!(ntfs["entry"].is_u64() && ntfs["sequence"].is_u64() && ntfs["name_created"].is_string(), "{ntfs}");
    assert_eq!(ntfs["deleted"], false);
    assert!(ntfs.get("remains").is_none() && page["file"]["created"].is_string());
    assert!(reasons(found(&records, "readme.txt")).contains(&"location/alternate_data_stream"));
    let gone = found(&records, "gone.aspx");
    assert_eq!(
        (&gone["shellsift"]["ntfs"]["deleted"], &gone["shellsift"]["ntfs"]["remains"]),
        (&true.into(), &"whole".into())
    );
    assert!(reasons(gone).contains(&"deleted/file"));
    assert!(gone["file"]["hash"]["sha256"].is_string());
    let after = std::fs::metadata(&image).unwrap();
    assert_eq!((before.len(), before.modified().unwrap()), (after.len(), after.modified().unwrap()));
}

#[test]
fn a_disk_gives_what_its_volume_gives_under_the_letter_that_is_asked_for() {
    let folder = support::folder();
    let volume = volume();
    let image = written(folder.path(), "disk.raw", &disk(&volume));
    let all = |records: &[Value]| {
        let findings =
            of_kind(records, "finding").into_iter().map(|one| (one["file"]["path"].clone(), reasons(one).join(" ")));
        let mut all: Vec<String> = findings.map(|(path, reasons)| format!("{path} {reasons}")).collect();
        all.sort();
        all
    };
    let (_, of_volume) = scan(&written(folder.path(), "volume.dd", &volume), &[]);
    let (code, of_disk) = scan(&image, &[]);
    assert_eq!((code, all(&of_disk)), (1, all(&of_volume)));
    let map = format!(r"{}#1=E:\", image.display());
    let ran = run(["scan", &image.display().to_string(), "--map", &map, "-q", "-f", "jsonl"]);
    assert!(
        finding(&records(&ran.out), &format!("E{}", &CLIENT[1..]).replace("aspnet_client", r"aspnet_client\page.aspx"))
            .is_some()
    );
    let start = of_kind(&of_disk, "scan_start")[0].to_string();
    assert!(start.contains("#1 is drive C: it has a Windows folder"), "{start}");
    let missing = run(["scan", &image.display().to_string(), "--map", &format!(r"{}#7=E:\", image.display()), "-q"]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("#7"), "{}", missing.err);
}

#[test]
fn an_image_that_ends_early_is_never_clean() {
    let folder = support::folder();
    let whole = volume();
    for length in [512, 8_192, 70_000, 1 << 20, whole.len() / 2, whole.len() - 4_096] {
        let image = written(folder.path(), "cut.dd", &whole[..length]);
        let ran = run(["scan", &image.display().to_string(), "-q", "-f", "jsonl"]);
        // The last sectors of a volume hold the copy of its boot sector and free clusters.
        assert!(ran.code != 0 && !ran.err.contains("internal error"), "{length}: {} {}", ran.code, ran.err);
    }
}

#[test]
#[cfg(not(windows))]
fn raw_access_is_for_a_windows_server_and_takes_no_target() {
    let elsewhere = run(["scan", "--raw", "-q"]);
    assert!(elsewhere.code == 2 && elsewhere.err.contains("/dev/sdb"), "{}", elsewhere.err);
    let folder = support::folder();
    let with_target = run(["scan", "--raw", &folder.path().display().to_string(), "-q"]);
    assert!(with_target.code == 2 && with_target.err.contains("cannot be used with"), "{}", with_target.err);
}

#[test]
fn a_collection_is_scanned_as_the_volumes_that_it_has() {
    let folder = support::folder();
    let path = folder.path().join("Collection-X.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in [
        ("uploads/auto/C%3A/inetpub/wwwroot/aspnet_client/page.aspx", support::stand_in()),
        ("uploads/auto/C%3A/inetpub/wwwroot/iisstart.htm", b"<html></html>".to_vec()),
        ("uploads.json", Vec::new()),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap();
    let (code, records) = scan(&path, &[]);
    assert_eq!(code, 1);
    assert_eq!(found(&records, "page.aspx")["shellsift"]["level"], "critical");
    let start = of_kind(&records, "scan_start")[0].to_string();
    assert!(start.contains("no IIS logs"), "{start}");
}

/// A zip of these members; the last word says whether each is compressed.
fn zipped(path: &Path, members: &[(&str, &[u8], bool)]) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, bytes, is_compressed) in members {
        let method = if *is_compressed { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        zip.start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

fn paths(records: &[Value]) -> Vec<String> {
    let mut paths: Vec<String> =
        of_kind(records, "finding").iter().map(|one| format!("{} {:?}", one["file"]["path"], reasons(one))).collect();
    paths.sort();
    paths
}

#[test]
fn a_disk_image_in_an_archive_is_opened_in_place() {
    let folder = support::folder();
    let (volume, path) = (volume(), folder.path().join("case.zip"));
    let disk = disk(&volume);
    let (code, plain) = scan(&written(folder.path(), "disk.raw", &disk), &[]);
    for is_compressed in [false, true] {
        zipped(&path, &[("evidence/disk.raw", &disk, is_compressed), ("evidence/notes.txt", b"notes", true)]);
        let (in_archive, records) = scan(&path, &[]);
        assert_eq!((in_archive, paths(&records)), (code, paths(&plain)), "{is_compressed}");
        let start = of_kind(&records, "scan_start")[0].to_string();
        assert!(start.contains("case.zip/evidence/disk.raw#1 is drive C:"), "{start}");
        assert!(start.contains("1 other file in it is not examined"), "{start}");
    }
    let map = format!(r"{}/evidence/disk.raw#1=E:\", path.display());
    let ran = run(["scan", path.to_str().unwrap(), "--map", &map, "-q", "-f", "jsonl"]);
    assert!(ran.out.contains(r"E:\\inetpub\\wwwroot\\aspnet_client\\page.aspx"), "{}", ran.err);
    // A disk in two parts: the second one is no image of its own.
    let (one, other) = disk.split_at(1 << 21);
    zipped(&path, &[("disk.001", one, false), ("disk.002", other, true)]);
    assert_eq!(paths(&scan(&path, &[]).1), paths(&plain));
}

#[test]
fn logs_are_read_out_of_an_image_in_an_archive_as_out_of_the_image() {
    let folder = support::folder();
    let (disk, path) = (disk(&volume()), folder.path().join("case.zip"));
    let read = |path: &Path| {
        let ran = run(["logs", path.to_str().unwrap(), "-q", "-f", "jsonl"]);
        let records = support::records(&ran.out);
        let spans = of_kind(&records, "log_coverage").first().map(|one| one["shellsift"]["log_coverage"].clone());
        (ran.code, spans, records[0].to_string())
    };
    let (code, spans, _) = read(&written(folder.path(), "disk.raw", &disk));
    zipped(&path, &[("evidence/disk.raw", &disk, true)]);
    let (in_archive, its, start) = read(&path);
    assert_eq!((in_archive, &its), (code, &spans));
    assert!(start.contains("case.zip/evidence/disk.raw#1 is drive C:"), "{start}");
    // An archive of logs is read as it is.
    let fields = "#Fields: date time cs-method cs-uri-stem c-ip sc-status";
    let line = "2021-03-03 06:59:21 GET / 203.0.113.9 200";
    let log =
        ["#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0", fields, line, ""].join("\r\n");
    zipped(&path, &[("u_ex210303.log", log.as_bytes(), true)]);
    let (code, spans, start) = read(&path);
    assert!(
        code == 0
            && spans.is_some_and(|spans| spans.to_string().contains("2021-03-03"))
            && !start.contains("is drive C:")
    );
}

#[test]
fn a_type_that_changes_nothing_about_an_image_is_refused() {
    let folder = support::folder();
    let (disk, path) = (disk(&volume()), folder.path().join("case.zip"));
    let image = written(folder.path(), "disk.raw", &disk);
    zipped(&path, &[("disk.raw", &disk, true)]);
    for target in [&image, &path] {
        for kind in ["folder", "exchange"] {
            let ran = run(["scan", target.to_str().unwrap(), "--target-type", kind, "-q"]);
            let says = format!("--target-type {kind}: {} holds the volumes of a server", target.display());
            assert!(ran.code == 2 && ran.err.contains(&says), "{} {}", ran.code, ran.err);
        }
        let (code, _) = scan(target, &["--target-type", "volume"]);
        assert_eq!(code, 1, "what it is anyway");
    }
}

#[test]
fn pages_beside_an_image_and_images_that_cannot_be_opened_are_not_passed_over() {
    let folder = support::folder();
    let (volume, path) = (volume(), folder.path().join("case.zip"));
    // An archive of a site, in which somebody left an image.
    zipped(&path, &[("site/x.aspx", &support::stand_in(), true), ("site/old.dd", &volume, true)]);
    let (code, records) = scan(&path, &[]);
    let is_found = |name: &str| {
        of_kind(&records, "finding").iter().any(|one| one["file"]["path"].as_str().unwrap().ends_with(name))
    };
    assert!(code == 1 && is_found("x.aspx") && !is_found("page.aspx"));
    assert_eq!(support::problems(&records), ["image_not_opened"]);
    // One that opens, one that does not: a gap.
    zipped(&path, &[("disk.dd", &volume, true), ("other.qcow2", b"QFI\xfb\0\0\0\x03 and nothing behind", true)]);
    let (_, records) = scan(&path, &[]);
    let gap = of_kind(&records, "problem").into_iter().find(|one| one["error"]["type"] == "image_not_opened").unwrap();
    assert!(gap["file"]["path"].as_str().unwrap().ends_with("other.qcow2"), "{gap}");
    // None that opens.
    zipped(&path, &[("other.qcow2", b"QFI\xfb\0\0\0\x03 and nothing behind", true)]);
    let ran = run(["scan", path.to_str().unwrap(), "-q"]);
    assert!(
        ran.code == 2 && ran.err.contains("other.qcow2: ") && ran.err.contains("unzip"),
        "{} {}",
        ran.code,
        ran.err
    );
}

#[test]
fn what_is_named_like_an_image_is_opened_as_one_or_refused() {
    let folder = support::folder();
    let mut damaged = volume();
    damaged[..512].fill(0xff);
    // The boot sector has a copy at the end of the volume.
    let (code, records) = scan(&written(folder.path(), "volume.dd", &damaged), &[]);
    assert_eq!(code, 1);
    found(&records, "page.aspx");
    let pattern: Vec<u8> = (0..9_000_usize).map(|at| (at * 7) as u8).collect();
    for (name, bytes, why) in [
        ("disk.E01", &pattern[..], "named like a disk image"),
        ("disk.img", &[], "it is empty"),
        ("disk.003", &pattern, "neither a partition table nor a volume"),
        ("case.zip", &pattern, "named like an archive"),
        ("x", b"regf\x01\0\0\0\x01\0\0\0", "a registry hive"),
        ("y", b"FILE0\0\x03\0", "an extracted $MFT"),
    ] {
        let file = written(folder.path(), name, bytes);
        for verb in ["scan", "logs", "health"] {
            let ran = run([verb, file.to_str().unwrap()]);
            assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{verb} {name}: {}", ran.err);
            assert!(ran.err.contains(why), "{verb} {name}: {}", ran.err);
        }
    }
    // What only has such a name, and what has none.
    for (name, bytes) in [("x.img", &b"a text\r\n"[..]), ("x.bin", &pattern)] {
        assert_eq!(scan(&written(folder.path(), name, bytes), &[]).0, 0, "{name}");
    }
}

#[test]
fn a_volume_that_bitlocker_encrypts_is_a_gap_with_what_to_do() {
    let folder = support::folder();
    let mut disk = disk(&volume());
    let start = disk.len() / 512;
    disk[462 + 4] = 7;
    disk[462 + 8..462 + 12].copy_from_slice(&(start as u32).to_le_bytes());
    disk[462 + 12..462 + 16].copy_from_slice(&64_u32.to_le_bytes());
    disk.resize(disk.len() + 64 * 512, 0);
    disk[start * 512..][..11].copy_from_slice(b"\xeb\x58\x90-FVE-FS-");
    disk[start * 512 + 510..][..2].copy_from_slice(b"\x55\xaa");
    let (code, records) = scan(&written(folder.path(), "disk.raw", &disk), &[]);
    let gap = of_kind(&records, "problem")[0]["error"]["message"].as_str().unwrap();
    assert!(code == 1 && gap.starts_with("partition 2 ") && gap.contains("BitLocker"), "{gap}");
    assert!(gap.contains("decrypt the image") && gap.contains("image it again"), "{gap}");
}

/// Where the record of a file or folder begins in a volume, by its name.
fn record_of(volume: &[u8], name: &str) -> usize {
    let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let records = (0..volume.len()).step_by(1_024).filter(|at| volume[*at..].starts_with(b"FILE"));
    let mut named = records.filter(|at| {
        let used = u32::from_le_bytes(volume[at + 24..at + 28].try_into().unwrap()) as usize;
        // The name of a file comes before the names that a folder holds.
        volume[*at..at + used.min(320)].windows(name.len()).any(|window| window == name)
    });
    named.next().unwrap()
}

#[test]
fn files_whose_folder_is_torn_are_examined() {
    let folder = support::folder();
    let mut volume = volume();
    let at = record_of(&volume, "aspnet_client");
    volume[at..at + 4].copy_from_slice(b"BAAD");
    let (_, records) = scan(&written(folder.path(), "torn.dd", &volume), &[]);
    let page = finding(&records, r"C:\$OrphanFiles\page.aspx").expect("found");
    assert!(reasons(page).contains(&"deleted/orphaned"), "{page}");
    assert_eq!(
        (&page["shellsift"]["level"], &page["shellsift"]["ntfs"]["deleted"]),
        (&"critical".into(), &false.into())
    );
    assert!(page["file"]["hash"]["sha256"].is_string() && page["shellsift"]["ntfs"].get("remains").is_none());
    let messages: Vec<String> =
        of_kind(&records, "problem").iter().map(|one| one["error"]["message"].to_string()).collect();
    assert!(messages.iter().any(|message| message.contains("Windows found the record torn")), "{messages:?}");
}

#[test]
fn a_deleted_file_that_is_known_good_is_no_finding() {
    let folder = support::folder();
    let image = written(folder.path(), "volume.dd", &volume());
    let (_, records) = scan(&image, &[]);
    let gone = finding(&records, r"C:\inetpub\wwwroot\aspnet_client\gone.aspx").expect("found");
    let allowed = folder.path().join("allowed.txt");
    std::fs::write(&allowed, gone["file"]["hash"]["sha256"].as_str().unwrap()).unwrap();
    let (_, cleared) = scan(&image, &["--allow-hashes", allowed.to_str().unwrap()]);
    assert!(finding(&cleared, r"C:\inetpub\wwwroot\aspnet_client\gone.aspx").is_none());
}
