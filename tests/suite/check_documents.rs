//! The documents about checks are generated from the tables with `UPDATE_GOLDEN=1`.

use shellsift::checks::{attack_of, checks};
use shellsift::model::CheckInfo;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const BEHAVIOURS: &str = "# Behaviours of server code\n\n\
    Generated from `src/detect/behaviour/`; `UPDATE_GOLDEN=1 cargo test --locked` regenerates it.\n\n\
    Server code is parsed in its language, constants are evaluated, and request input is followed from source to sink through \
    variables, functions and fields ([how](decisions/0010-code-analysis.md)). A behaviour is something that such code does. Its score \
    says how certain it alone makes a finding ([verdict.md](verdict.md)); below 25 it is never listed by itself. \
    `shellsift explain --check ID` prints one entry.\n";

const CONFIGURATION: &str = "# Configuration checks\n\n\
    Generated from `src/detect/config/` and `src/targets/exclusions.rs`; `UPDATE_GOLDEN=1 cargo test --locked` regenerates it.\n\n\
    The configuration of IIS, ASP.NET, the runtime and the transport service is parsed, never compared by hash: Setup and \
    mitigations edit it on every server. What is normal is a table ([`signatures/exchange/`](../signatures/exchange/README.md)); a \
    deviation gets a score that says how certain it alone makes a finding ([verdict.md](verdict.md)), at most the one given here. \
    Each element that a check finds is a location; several of one check are one reason.\n\n\
    Rewrite rules that Microsoft published against attacks (EOMT, the Emergency Mitigation service) are recognised by their \
    conditions and are not reported by themselves. Next to another reason in the same file they are listed with a score of 0 \
    (`config/mitigation_rule`). Copies of the configuration that IIS writes for its application pools score 20 at most, and \
    `inetpub\\history`, which is the past, is not scored.\n\n\
    Deviations from the sites, applications, virtual directories and pools of a default Exchange installation (`shellsift sites` \
    prints the whole map) are reasons of applicationHost.config. Third-party products have applications of their own: additions \
    alone stay below 25.\n\n\
    What a file includes from elsewhere (`configSource`, `appSettings file`, shared configuration) is reported, and followed inside \
    the evidence; the assemblies of the classes that are named are judged by their signatures \
    ([why](decisions/0023-trust-by-signature.md)). Broken XML is a problem, and so is what cannot be decoded \
    ([how it is read](decisions/0024-reading-configuration.md)); what came before the break is scored.\n";

const OTHERS: &str = "# Checks of locations, times, logs and the rest\n\n\
    Generated from the tables in `src/`; `UPDATE_GOLDEN=1 cargo test --locked` regenerates it. Behaviours of code are in \
    [heuristics.md](heuristics.md), configuration is in [configuration.md](configuration.md), the built-in YARA rules are listed by \
    `shellsift rules list --kind signature`. `shellsift explain --check ID` prints one check in full.\n\n\
    Scores are the highest that a check gives; those of logs are the highest level of a hit ([verdict.md](verdict.md)). Technique ids \
    are those of [MITRE ATT&CK](https://attack.mitre.org) (`signatures/attack.csv` has the version, names and tactics).\n";

/// The areas of the third document, in its order.
const AREAS: &[(&str, &str)] = &[
    ("location", "Locations and names"),
    ("timestamp", "Timestamps"),
    ("deleted", "Deleted files"),
    ("baseline", "Known-good baseline"),
    ("indicator", "Indicators"),
    ("hash", "Hashes"),
    ("compiled", "Compiled pages"),
    ("access", "Access"),
    ("autostart", "Tasks, services and scripts"),
    ("log", "Text logs"),
    ("cmdlet", "Exchange cmdlets (event logs, CmdletInfra, audit log)"),
    ("event", "Event logs"),
];

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

fn in_area(area: &str) -> Vec<&'static CheckInfo> {
    checks().filter(|check| check.area() == area).collect()
}

fn weight(check: &CheckInfo) -> String {
    check.level.map_or_else(|| check.score.to_string(), |level| level.to_string())
}

/// A table of these checks, then an entry for each. `heading`: the marks of an entry's heading.
fn entries(text: &mut String, checks: &[&CheckInfo], heading: &str) {
    let _ = writeln!(text, "\n| check | score | what it means | ATT&CK |\n|---|---|---|---|");
    for check in checks {
        let techniques = check.attack.join(", ");
        let _ = writeln!(
            text,
            "| [{0}](#{1}) | {2} | {3} | {techniques} |",
            check.id,
            anchor(check),
            weight(check),
            check.title
        );
    }
    for check in checks {
        let _ = write!(text, "\n{heading} {}\n\n{}: {}.", check.id, weight(check), check.title);
        let _ = write!(text, "\n\n**Looks for.** {}\n\n**Why it matters.** {}", check.looks_for, check.why);
        let _ = writeln!(text, "\n\n**Benign look-alikes.** {}", check.benign_look_alikes);
        if !check.attack.is_empty() {
            let name = |technique: &shellsift::model::Technique| {
                let parent = technique.parent.map_or(String::new(), |(_, name)| format!("{name}: "));
                format!("[{} {parent}{}]({})", technique.id, technique.name, technique.reference())
            };
            let names: Vec<String> = attack_of(check.id).iter().map(name).collect();
            let _ = writeln!(text, "\n**MITRE ATT&CK.** {}", names.join(", "));
        }
        if !check.cves.is_empty() {
            let _ = writeln!(text, "\n**Vulnerabilities.** {}", check.cves.join(", "));
        }
        if !check.references.is_empty() {
            let _ = writeln!(text, "\n**References.** {}", check.references.join(", "));
        }
    }
}

/// The anchor that Markdown viewers give a heading.
fn anchor(check: &CheckInfo) -> String {
    check.id.replace('/', "")
}

fn compare(name: &str, text: &str) {
    let path = file(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(stored == text, "docs/{name} is outdated; UPDATE_GOLDEN=1 regenerates it");
}

#[test]
fn the_document_of_behaviours_is_as_the_tables_say() {
    let mut text = BEHAVIOURS.to_owned();
    entries(&mut text, &in_area("behaviour"), "##");
    compare("heuristics.md", &text);
}

#[test]
fn the_document_of_configuration_is_as_the_tables_say() {
    let mut text = CONFIGURATION.to_owned();
    entries(&mut text, &in_area("config"), "##");
    compare("configuration.md", &text);
}

#[test]
fn the_document_of_the_other_checks_is_as_the_tables_say() {
    let mut text = OTHERS.to_owned();
    for (area, title) in AREAS {
        let _ = writeln!(text, "\n## {title}");
        entries(&mut text, &in_area(area), "###");
    }
    compare("checks.md", &text);
}

#[test]
fn every_check_is_in_one_of_the_documents() {
    let own = ["signature", "behaviour", "config"];
    let documented: BTreeSet<&str> = own.into_iter().chain(AREAS.iter().map(|(area, _)| *area)).collect();
    for check in checks() {
        assert!(documented.contains(check.area()), "{}", check.id);
    }
}

/// Old and new ids in `docs/ids-schema-2.md`.
fn renamed() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(file("ids-schema-2.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix("` |")?.split_once("` | `"));
    rows.map(|(old, new)| (old.to_owned(), new.to_owned())).collect()
}

#[test]
fn the_table_of_old_and_new_ids_names_checks_that_exist_and_every_old_id_once() {
    let known: BTreeSet<&str> = checks().map(|check| check.id).collect();
    let renamed = renamed();
    for (old, new) in &renamed {
        assert!(known.contains(new.as_str()), "{new}");
        assert!(old == new || !known.contains(old.as_str()), "{old} is another check today");
    }
    assert!(renamed.len() > 200);
}

#[test]
fn no_document_names_an_old_id() {
    let renamed = renamed();
    let old: BTreeSet<&str> =
        renamed.iter().filter(|(old, new)| old != new && old.contains('/')).map(|(old, _)| old.as_str()).collect();
    for name in ["adding.md", "verdict.md", "heuristics.md", "configuration.md", "checks.md", "evasion.md"] {
        let text = std::fs::read_to_string(file(name)).unwrap();
        for word in text.split(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '/'))) {
            assert!(!old.contains(word), "docs/{name}: {word}");
        }
    }
}

/// The documents that people write.
fn written_documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let below = ["docs", "benches", "fuzz", "fixtures", "signatures"].into_iter().flat_map(|folder| {
        let files = walkdir::WalkDir::new(root.join(folder)).into_iter().filter_entry(|e| e.file_name() != "target");
        files.map(|entry| entry.unwrap().into_path())
    });
    let is_document = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let notes = |path: &PathBuf| path.file_name().is_some_and(|name| name == "NOTES.md");
    below.filter(|path| is_document(path) && !notes(path)).chain([root.join("README.md")]).collect()
}

/// What a heading is called in a link.
fn heading_anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_and_paths_in_documents_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for document in written_documents() {
        let text = std::fs::read_to_string(&document).unwrap();
        let folder = document.parent().unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            if link.starts_with("http") {
                continue;
            }
            let target = if path.is_empty() { document.clone() } else { folder.join(path) };
            let has = |fragment: &str| {
                let text = std::fs::read_to_string(&target).unwrap_or_default();
                text.lines().any(|line| line.starts_with('#') && heading_anchor(line) == fragment)
            };
            if !target.exists() || !fragment.is_empty() && !has(fragment) {
                wrong.push(format!("{}: {link}", document.display()));
            }
        }
        for path in text.split('`').skip(1).step_by(2) {
            let top = ["src/", "crates/", "tests/", "docs/", "signatures/", "fixtures/", "benches/"];
            let is_path = path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '-'));
            let is_there = root.join(path).exists() || folder.join(path).exists();
            if is_path && top.iter().any(|top| path.starts_with(top)) && !is_there {
                wrong.push(format!("{}: {path}", document.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
