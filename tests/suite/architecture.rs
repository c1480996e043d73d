//! The direction of the imports, and what no file of the project may hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which rooms a room may import, beside itself.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("error", &[]),
    ("watch", &["model"]),
    ("host", &[]),
    ("evidence", &["model", "error", "watch"]),
    ("config", &["model"]),
    ("pe", &[]),
    ("decode", &["model", "pe"]),
    ("catalogue", &["model", "error", "config"]),
    ("code", &["model", "decode"]),
    ("targets", &["model", "evidence", "catalogue", "config", "host"]),
    ("detect", &["model", "error", "code", "decode", "catalogue", "pe", "config"]),
    ("logs", &["model", "error", "evidence", "targets", "catalogue", "watch"]),
    ("health", &["model", "error", "evidence", "catalogue", "pe"]),
    ("verdict", &["model"]),
    ("scan", &["model", "evidence", "targets", "code", "decode", "detect", "catalogue", "verdict", "watch"]),
    ("progress", &[]),
    ("report", &["model", "targets", "decode", "scan"]),
    ("cli", &[]),
    ("settings", &["model", "error", "cli", "host", "evidence", "targets", "catalogue", "detect", "report", "watch"]),
];

fn sources() -> Vec<PathBuf> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    walkdir::WalkDir::new(src)
        .into_iter()
        .map(|e| e.unwrap().into_path())
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .collect()
}

fn room(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    below.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

#[test]
fn rooms_import_only_what_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut seen = 0;
    for path in sources() {
        let room = room(&path);
        let Some(allowed) = allowed.get(room.as_str()) else {
            assert!(["run", "main", "lib"].contains(&room.as_str()), "{room} is not in the table");
            continue;
        };
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for (at, _) in line.match_indices("crate::") {
                let other: String =
                    line[at + 7..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                seen += 1;
                assert!(
                    other.is_empty() || other == room || allowed.contains(&other.as_str()),
                    "{}: {room} imports {other}: {line}",
                    path.display()
                );
            }
        }
    }
    assert!(seen > 50, "the test reads the imports: {seen}");
}

#[test]
fn only_what_std_lacks_of_windows_is_unsafe_code() {
    for path in sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        let has = text.lines().any(|line| line.contains("unsafe {") && !line.trim_start().starts_with("//"));
        let may = ["evidence/directory/windows.rs", "host/windows.rs"].iter().any(|file| path.ends_with(file));
        assert!(!has || may, "{}", path.display());
    }
}

#[test]
fn every_decision_and_document_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for document in [
        "README.md",
        "CHANGELOG.md",
        "NOTICE",
        "LICENSE",
        "docs/architecture.md",
        "docs/adding.md",
        "docs/verdict.md",
        "docs/output.md",
        "docs/schema/record.schema.json",
    ] {
        assert!(root.join(document).is_file(), "{document}");
    }
}
