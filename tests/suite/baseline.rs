//! The known-good baseline: every build as a server, and the `baseline` commands.

use crate::support::{self, finding, of_kind, reasons, run, scan, server};
use shellsift::catalogue;
use shellsift::catalogue::baseline::{Baseline, Sha256, Votes, built_in, is_code_or_logon_script};
use shellsift::detect::{DetectorSet, Knowledge, ScanResults};
use shellsift::model::{Artefact, BaselineStatus, BuildMatch, Entry, Hashes, Level, Place, Role, ServerPath};
use shellsift::verdict;
use std::fmt::Write;
use std::path::Path;

/// The files of one build, as a server has them: its own number for the folders named after a build.
fn files_of(baseline: &Baseline, build: usize) -> Vec<(String, Sha256)> {
    let table = &baseline.tables[0];
    let name = &table.builds[build].name;
    let of_build = table.iter().filter(|(_, _, builds)| builds.contains(build));
    of_build.map(|(path, hash, _)| (path.replace(r"\version\", &format!(r"\{name}\")), hash)).collect()
}

fn build_match(baseline: &Baseline, files: &[(String, Sha256)]) -> BuildMatch {
    let mut votes = Votes::new(baseline);
    for (path, hash) in files {
        if Votes::is_program_of_interest(path) {
            votes.program(path, hash);
        } else if is_code_or_logon_script(path) && votes.is_baseline_name(path) {
            votes.page(path, hash);
        } else if is_code_or_logon_script(path) {
            votes.unknown_name();
        }
    }
    votes.conclude()
}

fn knowledge() -> Knowledge {
    Knowledge { malicious: catalogue::malicious_hashes(), ..Knowledge::new(std::time::Duration::from_secs(60)) }
}

/// What the detectors that judge without content say of the files of a server.
struct Judged {
    known_good: usize,
    by_level: [usize; 5],
    first: Option<String>,
}

fn judge(baseline: &Baseline, build_match: &BuildMatch, files: &[(String, Sha256)], knowledge: &Knowledge) -> Judged {
    let mut detectors = DetectorSet::new(knowledge, &["known-hash", "location", "baseline", "indicators"]);
    let mut judged = Judged { known_good: 0, by_level: [0; 5], first: None };
    for (relative, hash) in files {
        let name = relative.rsplit('\\').next().unwrap();
        let comparison = baseline.compare(relative, hash, build_match);
        judged.known_good += usize::from(comparison.status == BaselineStatus::KnownGood);
        let path = relative.split('\\').fold(ServerPath::drive('C').join("V15"), |path, name| path.join(name));
        let artefact = Artefact {
            hashes: Hashes { sha256: Some(hex::encode(hash)), ..Hashes::default() },
            comparison: Some(comparison),
            ..Artefact::new(path, Entry::file(name, 100), Place::new(Role::Exchange, &**relative))
        };
        let mut marks = ScanResults::default();
        detectors.look(&artefact, &shellsift::detect::ScanContext::new(&[]), &mut marks);
        if let Some(finding) = verdict::score_finding(artefact, marks.reasons) {
            judged.by_level[finding.level as usize] += 1;
            judged.first.get_or_insert_with(|| format!("{relative}: {}", finding.reasons[0].id));
        }
    }
    judged
}

#[test]
fn every_known_build_is_silent() {
    let baseline = Baseline { tables: vec![built_in()] };
    let knowledge = knowledge();
    for build in 0..baseline.tables[0].builds.len() {
        let name = &baseline.tables[0].builds[build].name;
        let files = files_of(&baseline, build);
        let build_match = build_match(&baseline, &files);
        let judged = judge(&baseline, &build_match, &files, &knowledge);
        assert_eq!((judged.known_good, judged.by_level), (files.len(), [0; 5]), "{name}: {:?}", judged.first);
        // A build without its programs in the table (they are in the next one) cannot be identified by them.
        if files.iter().any(|(path, _)| Votes::is_program_of_interest(path)) {
            assert_eq!(build_match, BuildMatch::Known(name.clone()));
        }
    }
}

#[test]
fn a_build_that_no_table_knows_raises_a_handful_of_alarms_at_most() {
    let knowledge = knowledge();
    let whole = Baseline { tables: vec![built_in()] };
    let mut baseline = whole.clone();
    let mut report = String::from("build\tfiles\tknown good\tstanding\tmedium or higher\tlow\n");
    for build in 0..whole.tables[0].builds.len() {
        baseline.tables[0].leave_out(Some(build));
        let name = &whole.tables[0].builds[build].name;
        let files = files_of(&whole, build);
        let build_match = build_match(&baseline, &files);
        let judged = judge(&baseline, &build_match, &files, &knowledge);
        let alarms: usize = judged.by_level[Level::Medium as usize..].iter().sum();
        assert!(alarms <= 5, "{name}: {alarms} alarms, the first {:?}", judged.first);
        let words = match &build_match {
            BuildMatch::Known(other) => format!("taken for {other}"),
            BuildMatch::CarriedOver { .. } => "pages carried over".to_owned(),
            BuildMatch::Unknown(_) => "no baseline".to_owned(),
        };
        let low = judged.by_level[Level::Low as usize];
        writeln!(report, "{name}\t{}\t{}\t{words}\t{alarms}\t{low}", files.len(), judged.known_good).unwrap();
    }
    support::golden("left_out.tsv", &report);
}

/// A table learnt from the clean fixture server.
fn learnt(folder: &Path) -> String {
    let table = folder.join("clean.csv").display().to_string();
    let clean = server("clean_2019");
    let ran = run(["baseline", "build", clean.to_str().unwrap(), "--build", "clean fixture", "-o", &table]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
    table
}

#[test]
fn a_learnt_server_is_known_good_and_an_edited_page_on_its_twin_is_found() {
    let folder = support::folder();
    let table = learnt(folder.path());
    let (code, records) = scan(&server("clean_2019"), &["--baseline", &table, "--all"]);
    assert_eq!(code, 0);
    let known =
        of_kind(&records, "examined").iter().filter(|r| r["shellsift"]["baseline"]["status"] == "known_good").count();
    assert!(known > 100, "{known}");
    let coverage = &of_kind(&records, "coverage")[0]["shellsift"]["coverage"];
    assert_eq!(coverage["known_good"], known);

    let (_, records) = scan(&server("compromised_2019"), &["--baseline", &table]);
    let page = r"C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\ecp\about.aspx";
    let edited = finding(&records, page).expect("the edited page");
    assert!(reasons(edited).contains(&"baseline/modified_page"), "{:?}", reasons(edited));
    let baseline = &edited["shellsift"]["baseline"];
    assert_eq!((&baseline["status"], &baseline["build"]), (&"modified".into(), &"clean fixture".into()));
    assert_eq!(baseline["expected_sha256"].as_str().unwrap().len(), 64);
    let stranger = r"C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\ecp\Reporting\summary.aspx";
    assert!(reasons(finding(&records, stranger).unwrap()).contains(&"baseline/unknown_page"));

    let (_, without) = scan(&server("compromised_2019"), &["--baseline", &table, "--without", "baseline"]);
    assert!(finding(&without, stranger).unwrap()["shellsift"].get("baseline").is_none());
}

#[test]
fn the_built_in_table_knows_a_file_in_the_folder_of_any_build_and_an_empty_file_only_at_its_place() {
    let folder = support::folder();
    let install = folder.path().join("V15");
    // A default installation has an empty style there; our own files are never those of Exchange.
    let images = "resources/images/0";
    for build in ["15.2.721.2", "15.1.2176.4", "15.99.1.1"] {
        let prem = install.join("ClientAccess/owa/prem").join(build).join(images);
        std::fs::create_dir_all(&prem).unwrap();
        for name in ["bdsprite1.narrow.x2.css", "mine.css"] {
            std::fs::write(prem.join(name), "").unwrap();
        }
    }
    std::fs::create_dir_all(install.join("FrontEnd/HttpProxy")).unwrap();
    let (code, records) = scan(&install, &["--all"]);
    assert_eq!(code, 0);
    let status = |name: &str| -> Vec<String> {
        let of_name = of_kind(&records, "examined").into_iter().filter(|record| record["file"]["name"] == name);
        of_name.map(|record| record["shellsift"]["baseline"]["status"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(status("bdsprite1.narrow.x2.css"), ["known_good"; 3]);
    assert_eq!(status("mine.css"), ["no_baseline"; 3]);
}

#[test]
fn an_exchange_2010_can_be_learnt_and_its_twin_compared() {
    let folder = support::folder();
    let install = folder.path().join("V14");
    let owa = install.join("ClientAccess/Owa");
    std::fs::create_dir_all(owa.join("bin")).unwrap();
    std::fs::create_dir_all(owa.join("auth")).unwrap();
    std::fs::write(owa.join("bin/Microsoft.Exchange.Clients.Owa.dll"), "MZ a library").unwrap();
    for page in ["auth/logon.aspx", "auth/error.aspx", "default.aspx"] {
        std::fs::write(owa.join(page), format!("the page {page}")).unwrap();
    }
    let table = folder.path().join("v14.csv");
    let (target, table) = (install.to_str().unwrap(), table.to_str().unwrap());
    let ran = run(["baseline", "build", target, "--as", "exchange", "--build", "14.3.123.4", "-o", table]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("4 files as build 14.3.123.4"), "{}", ran.out);
    let arguments = ["--as", "exchange", "--baseline", table];
    let (code, records) = scan(&install, &arguments);
    assert_eq!((code, of_kind(&records, "finding").len()), (0, 0));
    std::fs::write(owa.join("auth/logon.aspx"), "another page").unwrap();
    std::fs::write(owa.join("x.aspx"), "one page more").unwrap();
    let (code, records) = scan(&install, &arguments);
    assert_eq!(code, 1);
    for (name, reason) in [("logon.aspx", "baseline/modified_page"), ("x.aspx", "baseline/unknown_page")] {
        let found = of_kind(&records, "finding").into_iter().find(|record| record["file"]["name"] == name);
        assert!(reasons(found.unwrap()).contains(&reason), "{name}");
    }
}

#[test]
fn explain_says_that_a_file_is_known_good() {
    let folder = support::folder();
    let table = learnt(folder.path());
    let page = server("clean_2019").join("Program Files/Microsoft/Exchange Server/V15/ClientAccess/ecp/about.aspx");
    let ran = run(["explain", page.to_str().unwrap(), "--baseline", &table]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("known good, as in build clean fixture"), "{}", ran.out);
}

#[test]
fn check_lists_what_differs_libraries_and_configuration_too() {
    let folder = support::folder();
    let table = learnt(folder.path());
    let clean = server("clean_2019");
    let ran = run(["baseline", "check", clean.to_str().unwrap(), "--baseline", &table]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    let ran = run(["baseline", "check", server("compromised_2019").to_str().unwrap(), "--baseline", &table]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("modified: content matches no known build"), "{}", ran.out);
    assert!(ran.out.contains(r"ecp\about.aspx"), "{}", ran.out);
    let ran = run(["baseline", "check", clean.to_str().unwrap()]);
    assert_eq!(ran.code, 3, "nothing of the fixture is in the built-in table: {}", ran.out);
}

#[test]
fn info_lists_the_known_builds() {
    let ran = run(["baseline", "info"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let builds = include_str!("../../signatures/exchange/stock_builds.csv").trim_end().lines().count() - 1;
    assert!(ran.out.starts_with(&format!("built-in: {builds} builds, ")), "{}", ran.out);
    assert!(ran.out.contains("15.2.792.10       17093 files  Exchange2019 CU8 Mar21SU"), "{}", ran.out);
    let folder = support::folder();
    let ran = run(["baseline", "info", &learnt(folder.path())]);
    assert!(ran.out.contains("clean fixture"), "{}", ran.out);
}

#[test]
fn a_broken_table_is_refused_with_file_and_line() {
    let folder = support::folder();
    let table = learnt(folder.path());
    let text = std::fs::read_to_string(&table).unwrap();
    let lines = text.lines().count();
    let half: String = text.lines().take(20).map(|line| format!("{line}\n")).collect();
    let clean = server("clean_2019");
    for (content, line) in
        [(half, 20), (text.replacen(",clean fixture,", ";", 1), 2), (text.replace("# end ", "# end 1"), lines)]
    {
        std::fs::write(&table, content).unwrap();
        for arguments in
            [vec!["baseline", "info", &table], vec!["scan", clean.to_str().unwrap(), "--baseline", &table, "-q"]]
        {
            let ran = run(&arguments);
            assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.err);
            assert!(ran.err.contains(&format!("clean.csv: line {line}: ")), "{}", ran.err);
        }
    }
}

#[test]
fn a_table_is_never_written_into_the_evidence_and_never_over_another_one() {
    let folder = support::folder();
    fixture_copy(folder.path());
    let target = folder.path().join("server");
    let inside = target.join("inetpub/wwwroot/t.csv");
    let ran = run(["baseline", "build", target.to_str().unwrap(), "--build", "x", "-o", inside.to_str().unwrap()]);
    assert_eq!((ran.code, inside.exists()), (2, false), "{}", ran.err);
    let outside = folder.path().join("t.csv");
    std::fs::write(&outside, "mine").unwrap();
    let ran = run(["baseline", "build", target.to_str().unwrap(), "--build", "x", "-o", outside.to_str().unwrap()]);
    assert_eq!((ran.code, std::fs::read_to_string(&outside).unwrap().as_str()), (2, "mine"), "{}", ran.err);
    let ran = run(["baseline", "build", target.to_str().unwrap(), "-o", "-"]);
    assert_eq!(ran.code, 2, "a build that is not known needs a name");
    assert!(ran.err.contains("--build"), "{}", ran.err);
}

fn fixture_copy(folder: &Path) {
    let install = folder.join("server/Program Files/Microsoft/Exchange Server/V15/FrontEnd/HttpProxy/owa/auth");
    std::fs::create_dir_all(&install).unwrap();
    std::fs::create_dir_all(folder.join("server/inetpub/wwwroot")).unwrap();
    std::fs::write(install.join("logon.aspx"), "a page").unwrap();
}
