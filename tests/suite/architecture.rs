//! The direction of the imports, and what no file of the project may hold.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which rooms of the program a room may import, beside itself. What lies in crates cannot import upward: the compiler sees to it.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("catalogue", &["model", "error", "config"]),
    ("targets", &["model", "evidence", "catalogue", "config"]),
    ("detect", &["model", "error", "code", "decode", "catalogue", "pe", "config"]),
    ("logs", &["model", "error", "evidence", "targets", "catalogue", "watch"]),
    ("health", &["model", "error", "evidence", "catalogue", "pe"]),
    ("verdict", &["model"]),
    ("scan", &["model", "evidence", "targets", "code", "decode", "detect", "catalogue", "verdict", "watch"]),
    ("checks", &["model", "catalogue", "detect", "targets", "scan", "logs"]),
    ("progress", &[]),
    ("report", &["model", "checks"]),
    ("cli", &["detect"]),
    ("settings", &["model", "error", "cli", "evidence", "targets", "catalogue", "detect", "report", "watch"]),
];

fn sources(folder: &str) -> Vec<PathBuf> {
    walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .into_iter()
        .map(|e| e.unwrap().into_path())
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .collect()
}

fn room(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    below.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

fn report_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report")
}

#[test]
fn rooms_import_only_what_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut seen = 0;
    // Files of tests make what they need with other rooms.
    for path in
        sources("src").into_iter().filter(|path| !path.ends_with("tests.rs") || !path.starts_with(report_folder()))
    {
        let room = room(&path);
        let Some(allowed) = allowed.get(room.as_str()) else {
            assert!(["run", "main", "lib", "scanner"].contains(&room.as_str()), "{room} is not in the table");
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

/// What depends on the engine takes minutes to build, and one list of its features serves the program and its build script.
#[test]
fn one_crate_names_yara_x() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = std::fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let named = crates.chain([root.to_owned(), root.join("fuzz")]).filter(|folder| {
        std::fs::read_to_string(folder.join("Cargo.toml"))
            .unwrap()
            .lines()
            .any(|line| line.starts_with("yara-x") && line.contains("version"))
    });
    assert_eq!(named.collect::<Vec<_>>(), [root.join("crates/yara")]);
    for free in ["model", "pe", "code", "evidence", "iis"] {
        let manifest = std::fs::read_to_string(root.join("crates").join(free).join("Cargo.toml")).unwrap();
        assert!(!manifest.contains("shellsift-rules") && !manifest.contains("shellsift-yara"), "{free}");
    }
}

#[test]
fn only_one_file_has_unsafe_code() {
    for path in sources("src").into_iter().chain(sources("crates")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let has = text.lines().any(|line| line.contains("unsafe {") && !line.trim_start().starts_with("//"));
        assert!(!has || path.ends_with("crates/evidence/src/directory/windows.rs"), "{}", path.display());
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
