//! Folders as evidence: nothing is changed, names are preserved, and each source states its limits.

use crate::support::{self, fixture, of_kind, scan, server};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[cfg(unix)]
fn state(folder: &Path) -> BTreeMap<PathBuf, String> {
    use std::os::unix::fs::MetadataExt;
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| {
            let entry = entry.unwrap();
            let m = entry.path().symlink_metadata().unwrap();
            let text = format!(
                "{} {}.{} {}.{} {}.{}",
                m.size(),
                m.mtime(),
                m.mtime_nsec(),
                m.ctime(),
                m.ctime_nsec(),
                m.atime(),
                m.atime_nsec()
            );
            // Of folders and links, reading moves the access time, for any reader; on a copy, which this is, it says nothing.
            let text = if m.is_file() { text } else { format!("{}.{}", m.mtime(), m.mtime_nsec()) };
            (entry.into_path(), text)
        })
        .collect()
}

#[cfg(unix)]
#[test]
fn a_scan_changes_nothing_not_even_an_access_time() {
    let folder = support::folder();
    fixture::unpack(&fixture::server("compromised_2019"), folder.path()).unwrap();
    // Access times far back, which a plain read would move even with relatime.
    for entry in walkdir::WalkDir::new(folder.path()) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
            let file = std::fs::OpenOptions::new().write(true).open(entry.path()).unwrap();
            file.set_times(std::fs::FileTimes::new().set_accessed(old)).unwrap();
        }
    }
    let before = state(folder.path());
    let (code, _) = scan(folder.path(), &[]);
    assert_eq!(code, 1);
    let after = state(folder.path());
    let changed: Vec<_> = before.iter().filter(|(path, state)| after.get(*path) != Some(state)).collect();
    assert!(changed.is_empty() && before.len() == after.len(), "{changed:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn crafted_names_survive_into_every_output_and_none_reaches_the_terminal_raw() {
    use std::os::unix::ffi::OsStrExt;
    let names: &[(&[u8], &str, &str)] = &[
        (b"\xff\xfe.aspx", "<FF><FE>.aspx", "<FF><FE>.aspx"),
        (b"a\\b.aspx", "a<5C>b.aspx", "a<5C>b.aspx"),
        ("x\u{202e}xpsa.aspx".as_bytes(), "x\u{202e}xpsa.aspx", "x<U+202E>xpsa.aspx"),
        (b"c\x1b[2J.aspx", "c\u{1b}[2J.aspx", "c<U+001B>[2J.aspx"),
        (b"new\nline.aspx", "new\nline.aspx", "new<U+000A>line.aspx"),
        (b"=cmd.aspx", "=cmd.aspx", "=cmd.aspx"),
        (b"con.aspx", "con.aspx", "con.aspx"),
        (b"dot.aspx.", "dot.aspx.", "dot.aspx."),
    ];
    let folder = support::folder();
    for (name, _, _) in names {
        std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), support::stand_in()).unwrap();
    }
    let (code, records) = scan(folder.path(), &[]);
    let found: Vec<&str> = of_kind(&records, "finding").iter().map(|r| r["file"]["name"].as_str().unwrap()).collect();
    assert_eq!((code, found.len()), (1, names.len()));
    let target = folder.path().to_str().unwrap();
    let table = support::run(["scan", target, "-q"]).out;
    let out = support::folder();
    let csv = out.path().join("out.csv");
    support::run(["scan", target, "-q", "-f", "csv", "-o", csv.to_str().unwrap()]);
    let csv = std::fs::read_to_string(csv).unwrap();
    for (_, in_json, shown) in names {
        assert!(found.contains(in_json), "{in_json:?}");
        assert!(table.contains(shown) && csv.contains(shown), "{shown}");
    }
    assert!(csv.contains("'=cmd.aspx"), "a formula is text");
    for text in [&table, &csv] {
        assert!(
            text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')),
            "a control character got through"
        );
        assert!(!text.contains('\u{202e}'));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_differ_only_in_case_both_count() {
    let folder = support::folder();
    let config = r#"<configuration><sites><site name="s" id="1"><application path="/"><virtualDirectory path="/" physicalPath="%SystemDrive%\INETPUB\wwwroot"/></application></site></sites></configuration>"#;
    for (path, bytes) in [
        ("windows/system32/INETSRV/config/ApplicationHost.config", config.as_bytes()),
        ("inetpub/WWWROOT/one.aspx", &support::stand_in()),
        ("InetPub/wwwroot/two.aspx", &support::stand_in()),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let (_, records) = scan(folder.path(), &[]);
    let mut found: Vec<&str> =
        of_kind(&records, "finding").iter().map(|r| r["file"]["path"].as_str().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, [r"C:\InetPub\wwwroot\two.aspx", r"C:\inetpub\WWWROOT\one.aspx"]);
}

#[cfg(target_os = "linux")]
#[test]
fn two_targets_that_differ_only_in_case_are_two() {
    let folder = support::folder();
    for (name, text) in [("Case", "<% one %>"), ("case", "<% two %>")] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        std::fs::write(folder.path().join(name).join("x.aspx"), text).unwrap();
    }
    let (_, records) = scan(&folder.path().join("Case"), &["--all", folder.path().join("case").to_str().unwrap()]);
    let hashes: std::collections::BTreeSet<String> =
        of_kind(&records, "examined").iter().map(|r| r["file"]["hash"]["sha256"].to_string()).collect();
    assert_eq!(hashes.len(), 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_copy_shows_no_time_that_is_its_own() {
    let (_, records) = scan(&server("compromised_2019"), &[]);
    let sources = &of_kind(&records, "scan_start")[0]["shellsift"]["run"]["sources"][0];
    assert_eq!(sources["times"], serde_json::json!(["modified"]));
    assert!(sources["kind"].as_str().unwrap().starts_with("copy on"), "{sources}");
    for finding in of_kind(&records, "finding") {
        let file = finding["file"].as_object().unwrap();
        assert!(
            file.contains_key("mtime")
                && !file.contains_key("created")
                && !file.contains_key("ctime")
                && !file.contains_key("accessed")
        );
    }
}

/// A mounted NTFS volume; gone when dropped.
#[cfg(target_os = "linux")]
struct Ntfs {
    folder: tempfile::TempDir,
}

#[cfg(target_os = "linux")]
impl Ntfs {
    /// `None` where the machine has no FUSE, no ntfs-3g, or forbids mounting.
    fn mount() -> Option<Self> {
        let folder = support::folder();
        let image = folder.path().join("image");
        std::fs::File::create(&image).unwrap().set_len(64 << 20).unwrap();
        std::fs::create_dir(folder.path().join("mnt")).unwrap();
        let run = |program: &str, arguments: &[&str]| {
            let output = std::process::Command::new(program).args(arguments).output();
            output.is_ok_and(|output| output.status.success())
        };
        let mounted = run("mkntfs", &["-F", "-Q", "-q", image.to_str()?])
            && run("ntfs-3g", &[image.to_str()?, folder.path().join("mnt").to_str()?]);
        mounted.then_some(Self { folder })
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("mnt")
    }
}

#[cfg(target_os = "linux")]
impl Drop for Ntfs {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.path()).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_same_tree_on_a_mounted_ntfs_volume_gives_the_same_findings_with_every_time() {
    let Some(volume) = Ntfs::mount() else {
        assert!(std::env::var_os("SHELLSIFT_REQUIRE_NTFS").is_none(), "an NTFS volume could not be mounted");
        println!("not tried: this machine cannot mount an NTFS volume");
        return;
    };
    fixture::unpack(&fixture::server("compromised_2019"), &volume.path()).unwrap();
    let (code, records) = scan(&volume.path(), &[]);
    assert_eq!(code, 1);
    let source = &of_kind(&records, "scan_start")[0]["shellsift"]["run"]["sources"][0];
    assert_eq!(source["kind"], "ntfs (ntfs-3g)");
    assert_eq!(source["times"], serde_json::json!(["created", "modified", "changed", "accessed"]));
    let ids = |records: &[serde_json::Value]| {
        let mut ids: Vec<String> = of_kind(records, "finding").iter().map(|r| r["event"]["id"].to_string()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&records), ids(&scan(&server("compromised_2019"), &[]).1));
    // A link has times of its own.
    for finding in of_kind(&records, "finding").iter().filter(|one| !one["file"]["hash"].is_null()) {
        let file = &finding["file"];
        assert!(file["mtime"].as_str().unwrap() < "2025", "{file}");
        // The fixture was written a moment ago, and ntfs-3g says so.
        assert!(file["created"].as_str().unwrap() > "2025", "{file}");
        assert!(file["ctime"].is_string() && file["accessed"].is_string() && file["inode"].is_string());
        assert!(
            file["attributes"].as_array().is_some_and(|names| names.iter().any(|name| name == "archive")),
            "{file}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn streams_of_a_mounted_ntfs_volume_are_seen() {
    let Some(volume) = Ntfs::mount() else {
        assert!(std::env::var_os("SHELLSIFT_REQUIRE_NTFS").is_none(), "an NTFS volume could not be mounted");
        println!("not tried: this machine cannot mount an NTFS volume");
        return;
    };
    let site = volume.path().join("inetpub/wwwroot");
    std::fs::create_dir_all(&site).unwrap();
    for (name, stream, content) in [
        ("shell.txt", "user.x.aspx", support::stand_in()),
        ("plain.txt", "user.Zone.Identifier", b"[ZoneTransfer]\r\nZoneId=3\r\n".to_vec()),
    ] {
        std::fs::write(site.join(name), "a").unwrap();
        rustix::fs::setxattr(site.join(name), stream, &content, rustix::fs::XattrFlags::empty()).unwrap();
    }
    let (code, records) = scan(&volume.path(), &[]);
    let found: Vec<_> = of_kind(&records, "finding").iter().map(|one| one["file"]["name"].clone()).collect();
    assert_eq!((code, found), (1, vec!["shell.txt".into()]));
    let source = &of_kind(&records, "scan_start")[0]["shellsift"]["run"]["sources"][0];
    assert!(!source["lacks"].to_string().contains("streams"), "{source}");
}
