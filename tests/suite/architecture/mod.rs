//! The direction of the imports, circles among files, and content that no file of the project may have.

mod imports;

use imports::Sources;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which rooms of the program a room may import, beside itself. What lies in crates cannot import upward: the compiler sees to it.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("error", &["shellsift_rules"]),
    ("host", &[]),
    ("catalogue", &["model", "error", "config", "response"]),
    ("targets", &["model", "evidence", "catalogue", "config", "host", "shellsift_registry"]),
    ("detect", &["model", "error", "code", "decode", "catalogue", "pe", "signing", "config", "shellsift_rules"]),
    ("logs", &["model", "error", "evidence", "targets", "catalogue", "watch"]),
    ("health", &["model", "error", "evidence", "catalogue", "pe"]),
    ("verdict", &["model"]),
    ("scan", &["model", "evidence", "targets", "code", "decode", "detect", "catalogue", "verdict", "watch"]),
    ("checks", &["model", "catalogue", "detect", "targets", "scan", "logs"]),
    ("progress", &[]),
    ("cli", &["report", "detect"]),
    ("settings", &["model", "error", "cli", "evidence", "catalogue", "detect", "report"]),
    ("inputs", &["model", "error", "cli", "host", "evidence", "targets", "watch"]),
];

fn sources(folder: &str) -> Vec<PathBuf> {
    walkdir::WalkDir::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
        .into_iter()
        .map(|e| e.unwrap().into_path())
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .collect()
}

/// The program, as crate `shellsift`, and its crates.
fn program_and_crates() -> Sources {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Sources::default();
    sources.add_crate("shellsift", &root.join("src"));
    for entry in std::fs::read_dir(root.join("crates")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        sources.add_crate(&format!("shellsift_{name}"), &root.join("crates").join(&name).join("src"));
    }
    sources
}

#[test]
fn rooms_import_only_what_they_may() {
    let sources = program_and_crates();
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let root = ["shellsift".to_owned()];
    let (_, library) = sources.files().find(|(module, _)| **module == root).expect("the library");
    let mut seen = 0;
    for (module, _) in sources.files().filter(|(module, _)| module.len() > 1 && module[0] == root[0]) {
        let room = &module[1];
        let Some(allowed) = allowed.get(room.as_str()) else {
            assert!(["run", "scanner"].contains(&room.as_str()), "{room} is not in the table");
            continue;
        };
        for path in sources.named(module, true).into_iter().filter(|path| path.len() > 1) {
            // A crate is a room by the name that the library has for it.
            let of_crate = || library.uses.iter().find(|one| one.path == path[..1]).map(|one| one.name.as_str());
            let other = if path[0] == root[0] { &path[1] } else { of_crate().unwrap_or(&path[0]) };
            seen += 1;
            assert!(
                other == room || allowed.contains(&other),
                "{}: {room} imports {other}: {}",
                module.join("/"),
                path.join("::")
            );
        }
    }
    assert!(seen > 1000, "the test reads the imports: {seen}");
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
fn only_what_std_lacks_of_windows_is_unsafe_code() {
    for path in sources("src").into_iter().chain(sources("crates")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let has = text.lines().any(|line| line.contains("unsafe {") && !line.trim_start().starts_with("//"));
        let may = [
            "crates/evidence/src/device/windows.rs",
            "crates/evidence/src/directory/windows.rs",
            "src/host/windows.rs",
        ];
        assert!(!has || may.iter().any(|file| path.ends_with(file)), "{}", path.display());
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

#[test]
fn no_files_use_each_other_in_a_circle() {
    let sources = program_and_crates();
    let uses: usize = sources.dependencies().values().map(std::collections::BTreeSet::len).sum();
    assert!(uses > 2000, "the test reads the imports: {uses}");
    let circles = sources.circles();
    assert!(circles.is_empty(), "files that use each other: {circles:#?}");
}
