//! Compiled pages and libraries: what their code does is seen as in source, and harmless ones stay silent.

use base64::Engine;
use shellsift::detect::{DETECTORS, Knowledge, signatures::Signatures};
use shellsift::evidence::Memory;
use shellsift::model::{Finding, Problem, ServerPath};
use shellsift::{catalogue, scan, targets};
use std::sync::atomic::AtomicBool;

const CACHE: &str = r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\8e05b027\e164d61b";
const BIN: &str = r"C:\inetpub\wwwroot\bin";

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/compiled/{name}.dll.b64", env!("CARGO_MANIFEST_DIR"));
    let text: String = std::fs::read_to_string(path).unwrap().split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

fn scan_all(evidence: &Memory) -> (Vec<Finding>, Vec<Problem>) {
    let root = ServerPath::drive('C');
    let given = targets::Given { shape: targets::recognise(evidence, &root), path: root };
    let plan = targets::discover(evidence, &[given], &['C'], false);
    let interrupted = AtomicBool::new(false);
    let mut problems = Vec::new();
    let survey = scan::survey(evidence, &plan, &interrupted, &mut problems);
    let (signatures, _) = Signatures::compile(true, &[]).unwrap();
    let knowledge = Knowledge {
        signatures: Some(signatures),
        hostile: catalogue::HashList::default(),
        every_digest: false,
        stock_names: catalogue::stock_names(),
        window: None,
        timeout: std::time::Duration::from_secs(30),
    };
    let detectors: Vec<&str> = DETECTORS.iter().map(|detector| detector.id).collect();
    let allowed = catalogue::HashList::default();
    let settings = scan::Settings {
        threads: 1,
        max_size: 64 << 20,
        cpu_limit: 100,
        detectors: &detectors,
        allowed: &allowed,
        interrupted: &interrupted,
        on_worker: || {},
    };
    let job =
        scan::Job { evidence, plan: &plan, survey: &survey, stock: None, knowledge: &knowledge, settings: &settings };
    let mut found = Vec::new();
    scan::scan(&job, &scan::Counters::default(), false, &mut |event| {
        match event {
            scan::Event::Finding(finding) => found.push(*finding),
            scan::Event::Problem(problem) => problems.push(problem),
            scan::Event::Clean(_) => {}
        }
        true
    });
    (found, problems)
}

/// The reasons that the code of a library gives, wherever it lies.
fn reasons(name: &str) -> Vec<String> {
    let bytes = fixture(name);
    let evidence = Memory::new()
        .folder(r"C:\Windows\System32")
        .file(&format!(r"{CACHE}\App_Web_abcd1234.dll"), &bytes)
        .file(&format!(r"{BIN}\{name}.dll"), &bytes);
    let (found, problems) = scan_all(&evidence);
    assert_eq!(problems, [], "{name}");
    let ids = |folder: &str| -> Vec<String> {
        let of = found.iter().filter(|finding| finding.artefact.path.as_str().starts_with(folder));
        let mut ids: Vec<String> =
            of.flat_map(|finding| finding.reasons.iter().map(|reason| reason.id.clone())).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(CACHE), ids(BIN), "{name}: the code is the same wherever it lies");
    ids(BIN)
}

#[test]
fn what_compiled_code_does_is_seen() {
    for (name, reason) in [
        ("evaluates", "behaviour/runs_request_code"),
        ("starts", "behaviour/starts_program_from_request"),
        ("loads", "behaviour/loads_request_program"),
        ("saves", "behaviour/writes_anywhere"),
        ("obfuscated", "behaviour/runs_request_code"),
    ] {
        let reasons = reasons(name);
        println!("{name}: {reasons:?}");
        assert!(reasons.iter().any(|id| id == reason), "{name}: {reasons:?}");
    }
}

#[test]
fn harmless_compiled_code_stays_silent() {
    for name in ["page", "login", "library"] {
        assert_eq!(reasons(name), [""; 0], "{name}");
    }
}
