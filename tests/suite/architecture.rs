//! The direction of the imports, and content that no file of the project may have.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which rooms of the program a room may import, beside itself. What lies in crates cannot import upward: the compiler sees to it.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("host", &[]),
    ("catalogue", &["model", "error", "config"]),
    ("targets", &["model", "evidence", "catalogue", "config", "host"]),
    ("detect", &["model", "error", "code", "decode", "catalogue", "pe", "config"]),
    ("logs", &["model", "error", "evidence", "targets", "catalogue", "watch"]),
    ("health", &["model", "error", "evidence", "catalogue", "pe"]),
    ("verdict", &["model"]),
    ("scan", &["model", "evidence", "targets", "code", "decode", "detect", "catalogue", "verdict", "watch"]),
    ("checks", &["model", "catalogue", "detect", "targets", "scan", "logs"]),
    ("progress", &[]),
    ("report", &["model"]),
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

fn room(path: &Path) -> String {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    below.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

#[test]
fn rooms_import_only_what_they_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut seen = 0;
    // Files of tests make what they need with other rooms.
    let is_of_tests =
        |path: &Path| path.components().any(|part| ["tests", "tests.rs"].iter().any(|name| part.as_os_str() == *name));
    for path in sources("src").into_iter().filter(|path| !is_of_tests(path.strip_prefix(root).unwrap())) {
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
fn only_what_std_lacks_of_windows_is_unsafe_code() {
    for path in sources("src").into_iter().chain(sources("crates")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let has = text.lines().any(|line| line.contains("unsafe {") && !line.trim_start().starts_with("//"));
        let may = ["crates/evidence/src/directory/windows.rs", "src/host/windows.rs"];
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

/// The files of the program and its crates by the path of their module, and their code without tests. A module of a crate is below
/// the crate's name.
fn modules() -> BTreeMap<Vec<String>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = std::fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().file_name());
    let crates = crates.map(|name| name.into_string().unwrap());
    let folders = crates.map(|name| (format!("crates/{name}/src"), vec![name])).chain([("src".to_owned(), vec![])]);
    let mut modules = BTreeMap::new();
    for (folder, above) in folders {
        for path in sources(&folder) {
            let below = path.strip_prefix(root.join(&folder)).unwrap().with_extension("");
            let below = below.components().map(|c| c.as_os_str().to_str().unwrap().to_owned());
            let mut names: Vec<String> = above.iter().cloned().chain(below).collect();
            if ["mod", "lib"].contains(&names.last().unwrap().as_str()) {
                names.pop();
            }
            let is_platform = names.last().is_some_and(|name| name == "windows" || name == "unix");
            if names.iter().any(|name| name == "tests" || name == "test_support" || name == "main") || is_platform {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            modules.insert(names, code.join("\n"));
        }
    }
    modules
}

/// Where `crate::...` leads from a module; `None` if it is another crate's.
fn from_crate(module: &[String], path: &[String], modules: &BTreeMap<Vec<String>, String>) -> Option<Vec<String>> {
    let folder = module.first().map(|name| Path::new(env!("CARGO_MANIFEST_DIR")).join("crates").join(name));
    let (Some(name), true) = (path.first(), folder.is_some_and(|folder| folder.is_dir())) else {
        return Some(path.to_vec());
    };
    // A crate calls itself and others by the names that they have in the program.
    let renamed = uses(&modules[&module[..1]]).into_iter().find(|(.., own)| own == name);
    match renamed {
        Some((_, target, _)) if target == ["crate"] => Some([&module[..1], &path[1..]].concat()),
        Some((_, target, _)) if target[0].starts_with("shellsift_") => None,
        _ => Some([&module[..1], path].concat()),
    }
}

/// The paths of the `use` lines of a file, whether they are public, and the names they bring.
fn uses(code: &str) -> Vec<(bool, Vec<String>, String)> {
    let mut all = Vec::new();
    for statement in code.split(';') {
        let Some(at) = statement.rfind("use ").filter(|at| statement[..*at].ends_with([' ', '\n', '\t']) || *at == 0)
        else {
            continue;
        };
        let before = statement[..at].lines().last().unwrap_or_default().trim().to_owned();
        let text: String = statement[at + 4..].replace(" as ", "@").chars().filter(|c| !c.is_whitespace()).collect();
        for path in expanded(&text) {
            let (path, own) = path.split_once('@').unwrap_or((&path, ""));
            let names: Vec<String> = path.split("::").map(str::to_owned).collect();
            let name = if own.is_empty() { names.last().unwrap().clone() } else { own.to_owned() };
            all.push((before.starts_with("pub"), names, name));
        }
    }
    all
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expanded(text: &str) -> Vec<String> {
    let Some(open) = text.find('{') else { return vec![text.to_owned()] };
    let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
    for c in text[open..].chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match c {
            '{' if depth == 1 => {}
            ',' if depth == 1 => parts.push(std::mem::take(&mut part)),
            '}' if depth == 0 => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.flat_map(|part| expanded(&format!("{}{part}", &text[..open]))).collect()
}

/// The path of a `use` line from the root of the crate; `None` if it is of another crate.
fn from_root(module: &[String], path: &[String], modules: &BTreeMap<Vec<String>, String>) -> Option<Vec<String>> {
    let mut base = module.to_vec();
    let mut rest = path;
    match rest.first()?.as_str() {
        "crate" => return from_crate(module, &rest[1..], modules),
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|name| name == "super") {
                base.pop()?;
                rest = &rest[1..];
            }
        }
        _ => {
            let mut child = base.clone();
            child.push(rest[0].clone());
            modules.contains_key(&child).then_some(())?;
        }
    }
    Some([&base[..], rest].concat())
}

/// The file that a name comes from: where the file of its path only passes it on, the one behind that.
fn origin(path: &[String], modules: &BTreeMap<Vec<String>, String>, depth: usize) -> Option<Vec<String>> {
    let module = (0..=path.len()).rev().map(|n| &path[..n]).find(|module| modules.contains_key(*module))?;
    if let Some(name) = path.get(module.len()).filter(|_| depth < 5) {
        let passed = uses(&modules[module]).into_iter().find(|(_, _, own)| own == name);
        if let Some(behind) = passed.and_then(|(_, path, _)| from_root(module, &path, modules)) {
            return origin(&[&behind[..], &path[module.len() + 1..]].concat(), modules, depth + 1);
        }
    }
    Some(module.to_vec())
}

/// What each file uses of others. A `pub use` only passes on.
fn dependencies() -> BTreeMap<Vec<String>, Vec<Vec<String>>> {
    let modules = modules();
    let of = |module: &Vec<String>, code: &String| -> Vec<Vec<String>> {
        let own = uses(code).into_iter().filter(|(public, ..)| !public);
        let paths = own.filter_map(|(_, path, _)| from_root(module, &path, &modules));
        let mut used: Vec<_> = paths.filter_map(|path| origin(&path, &modules, 0)).collect();
        used.retain(|other| other != module && !other.is_empty());
        used.sort();
        used.dedup();
        used
    };
    modules.iter().map(|(module, code)| (module.clone(), of(module, code))).collect()
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let uses = dependencies();
    assert!(uses.values().map(Vec::len).sum::<usize>() > 500, "the test reads the imports");
    // What a file reaches; a few hundred files, so by brute force.
    let reach = |from: &Vec<String>| {
        let mut seen: std::collections::BTreeSet<&Vec<String>> = std::collections::BTreeSet::new();
        let mut next: Vec<&Vec<String>> = uses[from].iter().collect();
        while let Some(module) = next.pop() {
            if seen.insert(module) {
                next.extend(uses.get(module).into_iter().flatten());
            }
        }
        seen
    };
    let reached: BTreeMap<&Vec<String>, _> = uses.keys().map(|module| (module, reach(module))).collect();
    let mut circles: std::collections::BTreeSet<Vec<String>> = std::collections::BTreeSet::new();
    for (module, others) in &reached {
        if others.contains(*module) {
            let circle = others.iter().filter(|other| reached.get(**other).is_some_and(|back| back.contains(*module)));
            circles.insert(circle.map(|other| other.join("/")).collect());
        }
    }
    assert!(circles.is_empty(), "files that import each other: {circles:#?}");
}
