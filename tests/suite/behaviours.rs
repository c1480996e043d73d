//! Every behaviour is detected in each language that can express it, and its benign look-alikes are not. See
//! `fixtures/behaviours/README.md`.

use crate::support::{self, fixture};
use shellsift::detect::behaviour::behaviours;
use shellsift::detect::{DetectorSet, ScanContext, ScanResults};
use shellsift::model::{Level, LocationRole, Reason};
use shellsift::{decode, verdict};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/behaviours")
}

/// The pages of a folder: their names and their bytes. None if there is no such folder.
fn pages(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(listed) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut pages: Vec<(String, Vec<u8>)> = listed
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            assert_eq!(path.extension().unwrap(), "b64", "{} is not stored encoded", path.display());
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fixture::decode(&std::fs::read(&path).unwrap()))
        })
        .collect();
    pages.sort();
    pages
}

/// What the behaviours say of a page.
fn reasons(name: &str, bytes: &[u8]) -> Vec<Reason> {
    let (knowledge, artefact) = (support::knowledge(None), support::page(name, bytes.len()));
    let views = decode::views(bytes, 0, decode::Effort::Thorough).views;
    let mut marks = ScanResults::default();
    DetectorSet::new(&knowledge, &["behaviour"]).look(&artefact, &ScanContext::new(&views), &mut marks);
    assert!(marks.problems.is_empty(), "{name}: {:?}", marks.problems);
    for proof in marks.reasons.iter().flat_map(|reason| &reason.locations) {
        assert!(proof.offset + proof.length <= bytes.len() as u64, "{name}: {proof:?}");
    }
    marks.reasons
}

/// What the reasons say, for a person.
fn said(reasons: &[Reason]) -> Vec<String> {
    reasons.iter().map(|reason| format!("{} {}", reason.id, reason.score)).collect()
}

#[test]
fn every_behaviour_is_found_and_the_proof_says_where() {
    let mut wrong = Vec::new();
    for behaviour in behaviours() {
        for (name, bytes) in pages(&root().join(behaviour.check.name()).join("fires")) {
            let reasons = reasons(&name, &bytes);
            let Some(reason) = reasons.iter().find(|r| r.id == behaviour.check.id) else {
                wrong.push(format!("{}/{name} is not found: {:?}", behaviour.check.id, said(&reasons)));
                continue;
            };
            let has = |role: LocationRole| reason.locations.iter().any(|p| p.role == Some(role) && p.length > 0);
            // Code inside a constant has one place for both; the way through its names tells them apart.
            // One may also run what the page itself brings, the other takes the request as an object.
            let others = ["xslt_injection", "assembly_invoke"];
            let of_request =
                behaviour.check.title.contains("request input") && !others.contains(&behaviour.check.name());
            if !has(LocationRole::Sink) || of_request && !has(LocationRole::Source) && reason.path.is_empty() {
                wrong.push(format!("{}/{name} is not proved: {:?}", behaviour.check.id, reason.locations));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_benign_look_alike_of_a_behaviour_is_taken_for_it() {
    let mut wrong = Vec::new();
    for behaviour in behaviours() {
        for (name, bytes) in pages(&root().join(behaviour.check.name()).join("silent")) {
            let reasons = reasons(&name, &bytes);
            let score: Vec<u8> = reasons.iter().map(|reason| reason.score).collect();
            let level = verdict::level(verdict::combined(&score), score.iter().copied().max().unwrap_or(0));
            if level >= Level::Medium || reasons.iter().any(|r| r.id == behaviour.check.id) {
                wrong.push(format!("{}/{name}: {:?}", behaviour.check.id, said(&reasons)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_page_of_a_real_application_is_suspected() {
    let benign = pages(&root().join("benign"));
    assert!(benign.len() >= 20);
    let suspected: Vec<String> = benign
        .iter()
        .map(|(name, bytes)| (name, reasons(name, bytes)))
        .filter(|(_, reasons)| reasons.iter().any(|reason| reason.score >= 25))
        .map(|(name, reasons)| format!("{name}: {:?}", said(&reasons)))
        .collect();
    assert!(suspected.is_empty(), "{suspected:#?}");
}

#[test]
fn every_behaviour_has_both_kinds_of_page_and_every_folder_is_one_of_a_behaviour() {
    let known: BTreeSet<&str> = behaviours().map(|behaviour| behaviour.check.name()).collect();
    for id in &known {
        for kind in ["fires", "silent"] {
            assert!(!pages(&root().join(id).join(kind)).is_empty(), "{id} has no page in {kind}");
        }
    }
    for entry in std::fs::read_dir(root()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        assert!(!entry.path().is_dir() || name == "benign" || known.contains(&&*name), "{name} is no behaviour");
    }
}

#[test]
fn every_inert_sample_says_that_it_is_inert() {
    for behaviour in behaviours() {
        for (name, bytes) in pages(&root().join(behaviour.check.name()).join("fires")) {
            let views = decode::views(&bytes, 0, decode::Effort::Thorough).views;
            let said = views.iter().any(|v| memchr::memmem::find(&v.bytes, b"shellsift inert stand-in").is_some());
            assert!(said, "{}: {name}", behaviour.check.id);
        }
    }
}

#[test]
fn more_code_than_is_read_is_reported_and_signatures_still_speak() {
    let folder = support::folder();
    let mut page = "<%\n".to_owned() + &"x = 1\n".repeat(250_000);
    // Put together here, so that no file of this repository holds it.
    page += &["' shellsift inert stand-in\n@@inert@@ (\nExec", "ute(Request(\"none\"))\n%>"].concat();
    std::fs::write(folder.path().join("long.asp"), page).unwrap();
    let (_, records) = support::scan(folder.path(), &[]);
    assert_eq!(support::problems(&records), ["code_analysis_truncated"]);
    let found = support::of_kind(&records, "finding");
    let reasons = found[0]["shellsift"]["reasons"].as_array().unwrap();
    assert!(reasons.iter().any(|reason| reason["kind"] == "signature"), "{reasons:?}");
}

#[test]
fn a_page_says_which_way_its_data_goes() {
    let text = "<%\n' shellsift inert stand-in\na = Request(\"none\")\nb = a & \"\"\n@@inert@@ = 1\nExecute b\n%>";
    let reasons = reasons("way.asp", text.as_bytes());
    let reason = reasons.iter().find(|reason| reason.id == "behaviour/eval_request_input").unwrap();
    assert_eq!(reason.path, ["Request(\"none\")", "a", "b", "execute"]);
    let lines: Vec<_> =
        reason.locations.iter().map(|proof| (proof.role.unwrap().name(), proof.line.unwrap())).collect();
    assert_eq!(lines, [("sink", 6), ("source", 3), ("step", 3), ("step", 4)]);
}

#[test]
fn a_way_that_goes_round_in_a_circle_is_reported_once() {
    let text = "<%\n' shellsift inert stand-in\na = Request(\"none\")\nb = a\na = b\n@@inert@@ = 1\nExecute b\n%>";
    let reasons = reasons("circle.asp", text.as_bytes());
    let reason = reasons.iter().find(|reason| reason.id == "behaviour/eval_request_input").unwrap();
    assert_eq!(reason.path, ["Request(\"none\")", "a", "b", "execute"]);
}
