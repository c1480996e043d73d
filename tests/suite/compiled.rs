//! Compiled pages and assemblies: their code is analysed like source, and benign ones stay silent.

use base64::Engine;
use shellsift::detect::{DETECTORS, Knowledge, signatures::Signatures};
use shellsift::evidence::Memory;
use shellsift::model::{Finding, Level, Problem, ProblemKind, ServerPath};
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
    let given = targets::Target { kind: targets::recognise(evidence, &root), path: root };
    let plan = targets::discover(evidence, &[given], &['C'], false);
    let interrupted = AtomicBool::new(false);
    let mut problems = Vec::new();
    let survey = scan::survey(evidence, &plan, &interrupted, &mut problems);
    let (signatures, _) = Signatures::compile(true, &[]).unwrap();
    let knowledge = Knowledge { signatures: Some(signatures), ..Knowledge::new(std::time::Duration::from_secs(30)) };
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
    let job = scan::Job {
        evidence,
        plan: &plan,
        survey: &survey,
        baseline: None,
        knowledge: &knowledge,
        settings: &settings,
    };
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
        ("evaluates", "behaviour/eval_request_input"),
        ("starts", "behaviour/command_execution"),
        ("loads", "behaviour/assembly_load_request"),
        ("saves", "behaviour/arbitrary_file_write"),
        ("obfuscated", "behaviour/eval_request_input"),
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

/// The level of one library in `bin`, and its reasons.
fn judged(name: &str) -> (Option<Level>, Vec<String>) {
    let (found, problems) = said(&format!(r"{BIN}\{name}.dll"), &fixture(name));
    assert_eq!(problems, [], "{name}");
    let reasons = found.iter().flat_map(|finding| finding.reasons.iter().map(|reason| reason.id.clone())).collect();
    (found.first().map(|finding| finding.level), reasons)
}

#[test]
fn what_assemblies_do_for_a_living_is_low_and_the_same_in_a_page_is_found() {
    let (level, reasons) = judged("plumbing");
    assert!(level.is_none_or(|level| level <= Level::Low), "{level:?} {reasons:?}");
    assert!(!reasons.iter().any(|id| id.starts_with("signature/")), "rules about pages: {reasons:?}");
    let (level, reasons) = judged("plumbing_page");
    assert!(level >= Some(Level::High), "{level:?} {reasons:?}");
    assert!(reasons.iter().any(|id| id == "signature/aspx_memory_shell_hook"), "{reasons:?}");
}

#[test]
fn in_a_large_library_the_way_of_data_inside_one_class_counts_and_the_one_along_names_does_not() {
    let (level, reasons) = judged("near");
    assert_eq!(level, Some(Level::Critical), "{reasons:?}");
    for name in ["far", "kept"] {
        let (level, reasons) = judged(name);
        assert!(level.is_none_or(|level| level <= Level::Low), "{name}: {reasons:?}");
    }
}

#[test]
fn a_library_that_carries_a_page_for_a_provider_of_files_is_found_and_one_with_resources_is_not() {
    let sample = |name: &str| {
        let path = format!("{}/signatures/webshells/aspx_memory_shell/{name}.dll.b64", env!("CARGO_MANIFEST_DIR"));
        let text: String = std::fs::read_to_string(path).unwrap().split_whitespace().collect();
        let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        said(&format!(r"{BIN}\a.dll"), &bytes).0.first().map(|finding| finding.level)
    };
    assert!(sample("match/provider") >= Some(Level::High));
    assert!(sample("ignore/embedded") <= Some(Level::Low));
}

/// What is said of one library at one place.
fn said(path: &str, bytes: &[u8]) -> (Vec<Finding>, Vec<Problem>) {
    scan_all(&Memory::new().folder(r"C:\Windows\System32").file(path, bytes))
}

#[test]
fn a_broken_assembly_is_reported_once_and_what_is_there_is_read() {
    let bytes = fixture("evaluates");
    // Its last section holds nothing that is read.
    let (found, problems) = said(&format!(r"{BIN}\a.dll"), &bytes[..bytes.len() - 100]);
    let kinds: Vec<ProblemKind> = problems.iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [ProblemKind::ExecutableMalformed], "{problems:?}");
    assert!(found[0].reasons.iter().any(|reason| reason.id == "behaviour/eval_request_input"));
    let (_, problems) = said(&format!(r"{BIN}\a.dll"), &bytes[..1500]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    // A program that is not of .NET has no structure that is read here.
    let (_, problems) = said(&format!(r"{BIN}\a.dll"), b"MZ and nothing else");
    assert_eq!(problems, []);
}

#[test]
fn libraries_are_read_whatever_their_size_and_place() {
    let mut bytes = fixture("evaluates");
    bytes.resize(9 << 20, 0);
    let behaves = |path: &str| {
        let (found, problems) = said(path, &bytes);
        assert_eq!(problems, []);
        found.iter().flat_map(|finding| &finding.reasons).any(|reason| reason.id.starts_with("behaviour/"))
    };
    assert!(behaves(&format!(r"{CACHE}\App_Web_abcd1234.dll")));
    assert!(behaves(&format!(r"{BIN}\a.dll")));
    assert!(behaves(&format!(r"{CACHE}\assembly\dl3\1\2\a.dll")), "a copy of a library");
    assert!(behaves(r"C:\Windows\Microsoft.NET\assembly\GAC_MSIL\a\v4.0_1.0.0.0__0\a.dll"), "the global cache");
}

#[test]
fn a_page_that_is_gone_is_named_by_its_url() {
    let page = r#"<preserve resultType="3" virtualPath="/owa/auth/x1.aspx" assembly="App_Web_abcd1234" type="ASP.x"/>"#;
    let config = r#"<configuration><system.applicationHost><sites><site name="Default Web Site" id="1">
        <application path="/owa"><virtualDirectory path="/" physicalPath="C:\owa"/></application></site></sites>
        </system.applicationHost></configuration>"#;
    let server = |there: bool| {
        let server = Memory::new()
            .file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", config.as_bytes())
            .folder(r"C:\owa\auth")
            .file(&format!(r"{CACHE}\x1.aspx.1234.compiled"), page.as_bytes())
            .file(&format!(r"{CACHE}\App_Web_abcd1234.dll"), &fixture("page"));
        if there { server.file(r"C:\owa\auth\X1.aspx", b"<html>") } else { server }
    };
    let (found, problems) = scan_all(&server(false));
    assert_eq!(problems, []);
    let said: Vec<_> = found.iter().map(|finding| (finding.artefact.path.name(), &*finding.reasons[0].id)).collect();
    let expected =
        [("App_Web_abcd1234.dll", "compiled/source_deleted"), ("x1.aspx.1234.compiled", "compiled/source_deleted")];
    assert_eq!(said, expected);
    assert!(found.iter().all(|finding| finding.artefact.place.url.as_deref() == Some("/owa/auth/x1.aspx")));
    assert!(found[0].reasons[0].title.contains(r"C:\owa\auth\x1.aspx"), "{}", found[0].reasons[0].title);
    let (found, _) = scan_all(&server(true));
    let cached = |finding: &&Finding| finding.artefact.path.as_str().starts_with(CACHE);
    assert_eq!(found.iter().filter(cached).count(), 0);
}
