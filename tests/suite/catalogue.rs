//! The requirements of the signature catalogue, checked over all folders.

use crate::support::{self, fixture};
use shellsift::decode;
use shellsift::detect::signatures::{Needed, means};
use shellsift_yara::{Compiler, MetaValue, Rules, Scanner};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every folder of `signatures/webshells` and `signatures/techniques`.
fn families() -> Vec<PathBuf> {
    let signatures = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures");
    let folders = ["webshells", "techniques"].into_iter().flat_map(|kind| {
        let listed = std::fs::read_dir(signatures.join(kind)).unwrap();
        listed.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect::<Vec<_>>()
    });
    let mut families: Vec<_> = folders.collect();
    families.sort();
    families
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

/// The rule files: the name of their folder and their text.
fn sources() -> Vec<(String, String)> {
    let files = families().into_iter().flat_map(|family| {
        let texts = ["rules.yar", "programs.yar"].into_iter().filter_map(move |file| {
            let path = family.join(file);
            path.exists().then(|| (name(&family), std::fs::read_to_string(path).unwrap()))
        });
        texts.collect::<Vec<_>>()
    });
    files.collect()
}

fn rules() -> Rules {
    let mut compiler = Compiler::new();
    compiler.error_on_slow_pattern(true).error_on_slow_loop(true);
    for (family, text) in sources() {
        compiler.new_namespace(&family);
        compiler.add_source(text.as_str()).unwrap_or_else(|error| panic!("{family}: {error}"));
        assert_eq!(compiler.warnings(), [], "{family}");
    }
    compiler.build()
}

#[test]
fn the_program_has_every_rule_of_the_folders_and_no_other() {
    let (signatures, _) = shellsift::detect::signatures::Signatures::compile(true, &[]).unwrap();
    let built_in: BTreeSet<String> = signatures.list().into_iter().map(|rule| rule.name).collect();
    assert_eq!(built_in, rules().iter().map(|rule| rule.identifier().to_owned()).collect());
}

#[test]
fn no_rule_lies_readable_in_the_program() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_shellsift")).unwrap();
    // A behaviour may have the name of a rule about the same thing.
    let named: BTreeSet<&str> = shellsift::checks::checks()
        .filter(|check| check.area() != "signature")
        .map(|check| check.id.rsplit('/').next().unwrap_or_default())
        .collect();
    for rule in rules().iter().filter(|rule| !named.contains(rule.identifier())) {
        assert!(memchr::memmem::find(&program, rule.identifier().as_bytes()).is_none(), "{}", rule.identifier());
    }
    for word in ["JScriptEvaluate", "RedirSuiteServerProxy", "redirsuiteserverproxy.aspx"] {
        assert!(memchr::memmem::find(&program, word.as_bytes()).is_none(), "{word}");
    }
}

/// Every view of these bytes.
fn views(bytes: &[u8]) -> Vec<decode::View<'_>> {
    decode::views(bytes, 0, decode::Effort::Thorough).views
}

/// The rules that hit a view of a sample that they mean.
fn hits(rules: &Rules, sample: &str, bytes: &[u8]) -> BTreeSet<String> {
    let mut scanner = Scanner::new(rules);
    let mut hits = BTreeSet::new();
    for view in views(bytes) {
        let results = scanner.scan(&view.bytes).unwrap();
        let meant = results.matching_rules().filter(|rule| means(rule, sample.trim_end_matches(".b64"), &view));
        hits.extend(meant.map(|rule| rule.identifier().to_owned()));
    }
    hits
}

fn samples(family: &Path, kind: &str) -> Vec<(String, Vec<u8>)> {
    let folder = family.join(kind);
    let mut samples: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|_| panic!("{} is missing", folder.display()))
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            assert_eq!(path.extension().unwrap(), "b64", "{} is not stored encoded", path.display());
            (name(&path), fixture::decode(&std::fs::read(&path).unwrap()))
        })
        .collect();
    samples.sort();
    assert!(!samples.is_empty(), "{} is empty", folder.display());
    samples
}

#[test]
fn every_rule_hits_a_sample_of_its_family_and_every_sample_is_hit_by_its_family() {
    let rules = rules();
    for family in families() {
        let prefix = format!("{}_", name(&family));
        let own: BTreeSet<String> =
            rules.iter().map(|r| r.identifier().to_owned()).filter(|r| r.starts_with(&prefix)).collect();
        assert!(!own.is_empty(), "{prefix} has no rules");
        let mut hit = BTreeSet::new();
        for (sample, bytes) in samples(&family, "match") {
            let hits: BTreeSet<String> = hits(&rules, &sample, &bytes).intersection(&own).cloned().collect();
            assert!(!hits.is_empty(), "{prefix}: no rule hits {sample}");
            hit.extend(hits);
        }
        assert_eq!(hit, own, "{prefix}: rules that no sample shows");
    }
}

#[test]
fn every_sample_is_found_in_a_web_folder_under_its_own_name_and_under_that_of_a_picture() {
    use shellsift::detect::{DETECTORS, DetectorSet, ScanResults, signatures::Signatures};
    let knowledge = support::knowledge(Some(Signatures::compile(true, &[]).unwrap().0));
    assert!(DETECTORS.iter().any(|detector| detector.id == "signatures"));
    let mut detectors = DetectorSet::new(&knowledge, &["signatures"]);
    let mut found = |name: &str, bytes: &[u8]| {
        let artefact = support::page(name, bytes.len());
        let mut marks = ScanResults::default();
        detectors.look(&artefact, &shellsift::detect::ScanContext::new(&views(bytes)), &mut marks);
        !marks.reasons.is_empty()
    };
    for family in families() {
        for (sample, bytes) in samples(&family, "match") {
            let own_name = sample.trim_end_matches(".b64");
            assert!(found(own_name, &bytes), "{}: {sample}", name(&family));
            // A configuration file and a compiled library are what they are by their names.
            if ![".config", ".dll"].iter().any(|kind| own_name.ends_with(kind)) {
                assert!(found("logo.gif", &bytes), "{}: {sample} as a picture", name(&family));
            }
        }
    }
}

#[test]
fn no_rule_of_any_family_hits_a_benign_look_alike() {
    let rules = rules();
    for family in families() {
        for (sample, bytes) in samples(&family, "ignore") {
            assert_eq!(hits(&rules, &sample, &bytes), BTreeSet::new(), "{}: {sample}", name(&family));
        }
    }
}

#[test]
fn every_inert_sample_says_that_it_is_inert() {
    for family in families() {
        for (sample, bytes) in samples(&family, "match") {
            let said = views(&bytes)
                .iter()
                .any(|view| memchr::memmem::find(&view.bytes, b"shellsift inert stand-in").is_some());
            assert!(said, "{}: {sample}", name(&family));
        }
    }
}

#[test]
fn every_rule_says_what_it_is_and_belongs_to_its_folder() {
    let folders: Vec<String> = families().iter().map(|family| name(family)).collect();
    for rule in rules().iter() {
        let id = rule.identifier();
        assert!(
            folders.iter().any(|folder| id.starts_with(&format!("{folder}_")) && rule.namespace() == folder),
            "{id}"
        );
        let text = |key: &str| {
            rule.metadata().find_map(|(k, v)| match v {
                MetaValue::String(text) if k == key => Some(text.to_owned()),
                _ => None,
            })
        };
        for key in ["description", "family", "reference", "date", "attack"] {
            assert!(text(key).is_some_and(|text| !text.is_empty()), "{id} has no {key}");
        }
        // Which views it means, if not pages and source files: a word that nobody knows would silence it.
        if let Some(views) = text("views") {
            let known = |view: &str| shellsift::detect::signatures::VIEWS.contains(&view);
            assert!(views.split(',').all(known), "{id}: views = \"{views}\"");
        }
        let score = rule.metadata().find_map(|(k, v)| match v {
            MetaValue::Integer(score) if k == "score" => Some(score),
            _ => None,
        });
        assert!(score.is_some_and(|score| (1..=100).contains(&score)), "{id} has no score");
    }
}

#[test]
fn a_rule_about_programs_never_hits_without_the_words_that_it_says_it_needs() {
    for family in families().into_iter().filter(|family| family.join("programs.yar").exists()) {
        let source = std::fs::read_to_string(family.join("programs.yar")).unwrap();
        let mut compiler = Compiler::new();
        compiler.add_source(source.as_str()).unwrap();
        let rules = compiler.build();
        let needed = Needed::of(&rules);
        assert!(!needed.may_hit(b"none of them"), "{}: a rule that does not say", name(&family));
        let samples = samples(&family, "match");
        for rule in rules.iter() {
            let needs = rule.metadata().find_map(|(key, value)| match value {
                MetaValue::String(words) if key == "needs" => Some(words.to_owned()),
                _ => None,
            });
            let needs = needs.unwrap();
            for word in needs.split('|') {
                assert!(source.contains(&format!("= \"{word}\"")), "{word} is no pattern of {}", rule.identifier());
            }
            let fires = |bytes: &[u8]| {
                let mut scanner = Scanner::new(&rules);
                let results = scanner.scan(bytes).unwrap();
                results.matching_rules().any(|hit| hit.identifier() == rule.identifier())
            };
            for (sample, bytes) in samples.iter().filter(|(_, bytes)| fires(bytes)) {
                assert!(needed.may_hit(bytes), "{sample}");
                let mut without = bytes.clone();
                for word in needs.split('|') {
                    let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
                    for word in [word.as_bytes(), &wide] {
                        let places: Vec<usize> = memchr::memmem::find_iter(&without, word).collect();
                        places.into_iter().for_each(|at| without[at] ^= 0x80);
                    }
                }
                assert!(!fires(&without), "{} hits {sample} without {needs}", rule.identifier());
            }
        }
    }
}

#[test]
fn no_rule_gates_on_size_or_position() {
    for (family, text) in sources() {
        for (at, line) in text.lines().enumerate() {
            let condition = line.trim();
            let is_string = condition.starts_with('$') && condition.contains('=');
            let is_text = ["//", "description", "reference", "family"].iter().any(|start| condition.starts_with(start));
            if is_string || is_text {
                continue;
            }
            for gate in ["filesize", " at ", " in (", "uint8", "uint16", "uint32", "entrypoint", "import "] {
                assert!(!condition.contains(gate), "{family} line {}: {condition}", at + 1);
            }
        }
    }
}

#[test]
fn padding_and_other_text_around_a_sample_take_no_hit_away() {
    let rules = rules();
    for family in families() {
        for (sample, bytes) in samples(&family, "match") {
            if views(&bytes).iter().any(|view| view.encodings.starts_with("utf16") || view.assembly().is_some()) {
                continue; // text in front of UTF-16 or of a program makes it another file
            }
            let before = hits(&rules, &sample, &bytes);
            let padded =
                [vec![b' '; 1_200_000], b"\n".to_vec(), bytes.clone(), b"\n".to_vec(), vec![b'x'; 1_200_000]].concat();
            assert!(hits(&rules, &sample, &padded).is_superset(&before), "{}: {sample}", name(&family));
        }
    }
}

#[test]
fn every_family_has_notes_with_what_it_is_and_benign_look_alikes() {
    for family in families() {
        let notes = std::fs::read_to_string(family.join("NOTES.md"))
            .unwrap_or_else(|_| panic!("{} has no notes", name(&family)));
        for word in ["**What it is.**", "**Benign look-alikes.**", "miss"] {
            assert!(notes.contains(word), "{}: its notes say nothing of \"{word}\"", name(&family));
        }
    }
}

#[test]
fn the_readme_of_the_facts_counts_the_rows_that_are_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures/exchange");
    let stored = std::fs::read_to_string(folder.join("README.md")).unwrap().replace("\r\n", "\n");
    let mut counted = 0;
    let line = |line: &str| {
        let cells: Vec<&str> = line.splitn(4, '|').collect();
        let name = cells.get(1).and_then(|cell| cell.trim().strip_prefix('`')?.strip_suffix('`'));
        let Some((name, rest)) = name.zip(cells.get(3)) else { return line.to_owned() };
        let rows = match name.strip_suffix(".gz") {
            Some(_) => {
                let file = std::fs::File::open(folder.join(name)).unwrap();
                std::io::BufRead::lines(std::io::BufReader::new(flate2::read::GzDecoder::new(file))).count() - 1
            }
            None => csv::Reader::from_path(folder.join(name)).unwrap().records().count(),
        };
        counted += 1;
        format!("| `{name}` | {} |{rest}", shellsift::report::text::grouped(rows as u64))
    };
    let text: String = stored.lines().map(line).map(|line| line + "\n").collect();
    assert!(counted >= 8, "{counted}");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(folder.join("README.md"), &text).unwrap();
    }
    assert!(
        stored == text || std::env::var_os("UPDATE_GOLDEN").is_some(),
        "a count is outdated; UPDATE_GOLDEN=1 corrects it"
    );
}
