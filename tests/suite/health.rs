//! The patch level: every build of the table, every vulnerability at the boundaries, and inconsistent files.

use crate::support::version::program;
use crate::support::{folder, run, server};
use shellsift::catalogue;
use shellsift::catalogue::builds::{Build, Release, Table, Tables};
use shellsift::evidence::Memory;
use shellsift::health::{FixStatus, examine, judge};
use shellsift::model::{BuildSeen, Health, Problem, ServerPath, Timestamp};

pub(crate) const ROOT: &str = r"C:\Program Files\Microsoft\Exchange Server\V15";

pub(crate) fn build(text: &str) -> Build {
    Build::parse(text).unwrap()
}

pub(crate) fn time(text: &str) -> Timestamp {
    let parsed: jiff::Timestamp = text.parse().unwrap();
    Timestamp::new(parsed.as_second(), 0)
}

/// The day on which all examinations of these tests take place.
pub(crate) fn today() -> Timestamp {
    time("2026-11-24T00:00:00Z")
}

pub(crate) fn at_root(path: &str) -> String {
    format!("{ROOT}\\{path}")
}

pub(crate) fn examined(evidence: &Memory, tables: &Tables, logs: &[BuildSeen]) -> (Health, Vec<Problem>) {
    examine(evidence, &ServerPath::from_windows(ROOT).unwrap(), tables, logs, None, today())
}

/// A server whose ExSetup.exe has this version, examined.
pub(crate) fn of(version: &str) -> Health {
    let evidence = Memory::new().file(&at_root(r"bin\ExSetup.exe"), &program(build(version).0));
    let (health, problems) = examined(&evidence, &catalogue::exchange_builds(), &[]);
    assert_eq!(problems, [], "{version}");
    health
}

pub(crate) fn seen(build: &str, first: &str, last: &str) -> BuildSeen {
    BuildSeen {
        build: build.to_owned(),
        first: Some(time(first)),
        last: Some(time(last)),
        source: "HttpProxy logs".to_owned(),
    }
}

#[test]
fn every_build_of_the_table_is_identified_by_its_executable() {
    let tables = catalogue::exchange_builds();
    let rows: Vec<&Release> = tables.releases().collect();
    let table = include_str!("../../signatures/exchange/builds.csv");
    assert_eq!(rows.len(), table.trim_end().lines().count() - 1);
    for row in &rows {
        let evidence = Memory::new().file(&at_root(r"bin\ExSetup.exe"), &program(row.build.0));
        let (health, problems) = examined(&evidence, &tables, &[]);
        assert_eq!(problems, [], "{}", row.build);
        assert_eq!(
            (health.build.as_str(), health.source.as_str()),
            (row.build.to_string().as_str(), r"bin\ExSetup.exe")
        );
        let level = health.level.as_ref().unwrap();
        let (_, version) = row.product.split_at("Exchange".len());
        assert_eq!(level.product, format!("Exchange Server {version}"));
        assert_eq!((&level.cu, &level.released, &level.end_of_support), (&row.cu, &row.released, &row.end_of_support));
        assert_eq!(level.out_of_support, row.product != "ExchangeSE", "{}", row.build);
        assert!(!level.nearest);
        if row.update.is_empty() {
            // The first build of a cumulative update is the update itself; a later one is called by its article or month.
            let first = rows.iter().find(|other| (&other.product, &other.cu) == (&row.product, &row.cu)).unwrap();
            assert_eq!(level.update.is_empty(), first.build == row.build, "{}", row.build);
        } else {
            assert_eq!(level.update, row.update);
        }
        // Something is to be done unless it is the newest of a supported product.
        assert_eq!(health.steps.is_empty(), row.build == build("15.2.2562.46"), "{}: {:?}", row.build, health.steps);
    }
}

/// The rule again, written as HealthChecker has it: up the list of first fixed builds, until one is above or of the same
/// cumulative update.
fn is_vulnerable(build: Build, ascending: &[Build]) -> bool {
    for fixed in ascending {
        if build < *fixed {
            return true;
        }
        let same_update_has_more = ascending.iter().any(|other| other > fixed && other.line() == build.line());
        if build.line() == fixed.line() && !same_update_has_more {
            return false;
        }
    }
    false
}

#[test]
fn every_vulnerability_is_right_at_every_edge() {
    let tables = catalogue::exchange_builds();
    let mut edges = 0;
    for (cve, _) in tables.vulnerabilities() {
        for product in ["Exchange2010", "Exchange2013", "Exchange2016", "Exchange2019", "ExchangeSE"] {
            let fixes: Vec<Build> = tables.fixes(cve, product).iter().map(|fix| fix.build).collect();
            let rows: Vec<Build> =
                tables.releases().filter(|row| row.product == product).map(|row| row.build).collect();
            for fixed in &fixes {
                let Build([a, b, c, d]) = *fixed;
                for build in [Build([a, b, c, d.saturating_sub(1)]), *fixed, Build([a, b, c, d + 1])] {
                    // One below 14.3.496.0 would be a build of another update.
                    if tables.product(build) != Some(product) {
                        continue;
                    }
                    let open = matches!(judge(&tables, build, cve), FixStatus::Open { .. });
                    assert_eq!(open, is_vulnerable(build, &fixes), "{cve} {build}");
                    edges += 1;
                }
            }
            for build in rows {
                let expected = match fixes.is_empty() {
                    true => "unlisted",
                    false if is_vulnerable(build, &fixes) => "open",
                    false => "closed",
                };
                let actual = match judge(&tables, build, cve) {
                    FixStatus::Open { .. } => "open",
                    FixStatus::Closed(_) => "closed",
                    FixStatus::Unlisted => "unlisted",
                };
                assert_eq!(actual, expected, "{cve} {build}");
            }
        }
    }
    assert!(edges > 2000, "{edges}");
}

#[test]
fn the_edges_that_matter_are_right_by_hand() {
    let tables = catalogue::exchange_builds();
    let stands = |text: &str, cve: &str| match judge(&tables, build(text), cve) {
        FixStatus::Open { fix, disputed, .. } => {
            let fix = fix.map_or("never".to_owned(), |fix| fix.build.to_string());
            format!("open, {fix}{}", if disputed.is_some() { ", disputed" } else { "" })
        }
        FixStatus::Closed(_) => "closed".to_owned(),
        FixStatus::Unlisted => "unlisted".to_owned(),
    };
    for (build, cve, expected) in [
        // ProxyLogon: at its update, just below, and above.
        ("15.2.721.12", "CVE-2021-26855", "open, 15.2.721.13"),
        ("15.2.721.13", "CVE-2021-26855", "closed"),
        ("15.2.721.14", "CVE-2021-26855", "closed"),
        // A cumulative update before the first listed one of 2013 (CU21), and SP1, which got one of its own.
        ("15.0.1367.9", "CVE-2021-26855", "open, never"),
        ("15.0.847.64", "CVE-2021-26855", "closed"),
        ("15.0.847.62", "CVE-2021-26855", "open, 15.0.847.64"),
        ("15.0.913.22", "CVE-2021-26855", "open, never"),
        // After the last listed one: the fix is in it.
        ("15.2.858.5", "CVE-2021-26855", "closed"),
        ("15.2.2562.17", "CVE-2021-26855", "unlisted"),
        // Patched for March 2021 and yet open to April and May.
        ("15.2.721.13", "CVE-2021-34473", "open, never"),
        ("15.2.792.12", "CVE-2021-34473", "open, 15.2.792.13"),
        ("15.2.792.13", "CVE-2021-34473", "closed"),
        ("15.2.792.13", "CVE-2021-31207", "open, 15.2.792.15"),
        // Two builds of one cumulative update: sources disagree (2016 CU8), or a second update was needed (2019 CU12).
        ("15.1.1415.7", "CVE-2021-26855", "open, 15.1.1415.10"),
        ("15.1.1415.8", "CVE-2021-26855", "open, 15.1.1415.10, disputed"),
        ("15.1.1415.10", "CVE-2021-26855", "closed"),
        ("15.2.1118.25", "CVE-2023-21707", "open, 15.2.1118.26, disputed"),
        ("15.2.1118.26", "CVE-2023-21707", "closed"),
        // Exchange 2010 counts by service pack.
        ("14.3.509.0", "CVE-2021-26857", "open, 14.3.513.0"),
        ("14.3.513.0", "CVE-2021-26857", "closed"),
        ("14.2.390.3", "CVE-2021-26857", "open, never"),
        ("14.3.509.0", "CVE-2021-26855", "unlisted"),
        ("16.0.1.1", "CVE-2021-26855", "unlisted"),
        ("15.2.721.2", "CVE-1999-0001", "unlisted"),
    ] {
        assert_eq!(stands(build, cve), expected, "{build} {cve}");
    }
}

#[test]
fn known_exploited_vulnerabilities_come_first_and_conditions_are_reported() {
    let health = of("15.2.721.13");
    assert!(health.open[0].exploited && !health.open.last().unwrap().exploited);
    assert!(
        health
            .open
            .iter()
            .any(|vulnerability| vulnerability.cve == "CVE-2021-34473" && vulnerability.nickname == "ProxyShell")
    );
    assert!(!health.open.iter().any(|vulnerability| vulnerability.cve == "CVE-2021-26855"));

    let conditions = of("15.2.1748.49").conditions.join("\n");
    for (words, cve) in [
        ("Extended Protection", "CVE-2024-21410"),
        ("/PrepareAllDomains", "CVE-2022-21978"),
        ("SettingOverride", "CVE-2024-49040"),
        ("Download Domains", "CVE-2021-1730"),
        ("signing of serialized data", "CVE-2023-36039"),
        ("hybrid", "CVE-2025-53786"),
        ("TokenCacheModule", "CVE-2023-21709"),
    ] {
        assert!(conditions.lines().any(|line| line.contains(words) && line.contains(cve)), "{words}: {conditions}");
    }
    // Where the code lacks the fix, the condition is listed with the vulnerability.
    let health = of("15.2.986.5");
    let vulnerability = health.open.iter().find(|vulnerability| vulnerability.cve == "CVE-2024-21410").unwrap();
    assert!(
        vulnerability.condition.contains("Extended Protection")
            && !health.conditions.join("").contains("Extended Protection")
    );
    // So it does where this cumulative update never got the fix.
    let health = of("15.2.721.2");
    let vulnerability = health.open.iter().find(|vulnerability| vulnerability.cve == "CVE-2024-21410").unwrap();
    assert!(
        vulnerability.fixed_in.is_empty() && vulnerability.condition.contains("Extended Protection"),
        "{vulnerability:?}"
    );
    // 2016 CU21 brings the schema that CVE-2021-34470 needs.
    assert!(!of("15.1.2308.15").conditions.join("").contains("PrepareSchema"));
    assert!(of("15.1.2242.12").conditions.join("").contains("PrepareSchema"));
}

#[test]
fn what_to_install_is_reported_in_order() {
    for (build, steps) in [
        (
            "15.2.721.2",
            &[
                "install CU7 Mar21SU (15.2.721.13, ",
                "Install CU15 of Exchange Server 2019 (15.2.1748.10, 2025-02-10): CU7 no longer receives updates, the last one is of 2021-03-02.",
                "Then install CU15 Aug26SU (15.2.1748.49, ",
                "Updates of Exchange Server 2019 after 2025-10-14, its end of support, may require a paid programme; the last one before is CU15 Oct25SU (15.2.1748.39, ",
                "Support of Exchange Server 2019 ended on 2025-10-14: upgrade to Exchange Server SE, as of the reference data RTM Aug26SU (15.2.2562.46, ",
            ][..],
        ),
        // Its own cumulative update is still being updated.
        (
            "15.2.1544.14",
            &[
                "Install CU14 Aug26SU (15.2.1544.44, ",
                "Updates of Exchange Server 2019 after",
                "Support of Exchange Server 2019",
            ],
        ),
        ("15.2.1544.44", &["Support of Exchange Server 2019 ended"]),
        ("15.2.2562.17", &["Install RTM Aug26SU (15.2.2562.46, "]),
        ("15.2.2562.46", &[]),
        (
            "15.0.1497.2",
            &["Install CU23 Mar23SU (15.0.1497.48, ", "Support of Exchange Server 2013 ended on 2023-04-11"],
        ),
        (
            "14.3.123.4",
            &[
                "Install SP3 RU32 (14.3.513.0, ",
                "the last one before is SP3 RU30 (14.3.496.0, ",
                "Support of Exchange Server 2010 ended on 2020-10-13",
            ],
        ),
        (
            "15.1.225.42",
            &[
                "Install CU23 of Exchange Server 2016 (15.1.2507.6, ",
                "Then install CU23 Aug26SU",
                "Updates of",
                "Support of",
            ],
        ),
    ] {
        let health = of(build);
        assert_eq!(health.steps.len(), steps.len(), "{build}: {:#?}", health.steps);
        for (actual, expected) in health.steps.iter().zip(steps) {
            assert!(actual.contains(expected), "{build}: {actual}\nlacks {expected}");
        }
    }
}

#[test]
fn support_ends_on_its_day() {
    let tables = catalogue::exchange_builds();
    let evidence = Memory::new().file(&at_root(r"bin\ExSetup.exe"), &program([15, 2, 1748, 39]));
    let root = ServerPath::from_windows(ROOT).unwrap();
    for (day, ended) in [("2025-10-14T23:59:59Z", false), ("2025-10-15T00:00:00Z", true)] {
        let (health, _) = examine(&evidence, &root, &tables, &[], None, time(day));
        assert_eq!(health.level.unwrap().out_of_support, ended, "{day}");
        assert_eq!(health.steps.iter().any(|step| step.contains("Support of")), ended, "{day}");
    }
}

#[test]
fn unknown_builds_name_their_neighbours() {
    let health = of("15.2.721.9");
    let level = health.level.as_ref().unwrap();
    assert_eq!((level.build.as_str(), level.update.as_str(), level.nearest), ("15.2.721.8", "Feb21SU", true));
    assert!(
        health.caveats[0]
            .contains("15.2.721.8 (CU7 Feb21SU, 2021-02) below and 15.2.721.13 (CU7 Mar21SU, 2021-03-02) above")
    );
    assert!(health.open.iter().any(|vulnerability| vulnerability.cve == "CVE-2021-26855"), "the rule goes by numbers");

    let health = of("15.2.2562.99");
    assert!(health.caveats[0].contains("which ends on 2026-08-11"), "{:?}", health.caveats);
    assert_eq!(health.level.as_ref().unwrap().product, "Exchange Server SE");
    assert!(
        health.open.iter().all(|vulnerability| !vulnerability.exploited) && health.steps.is_empty(),
        "{:?}",
        health.steps
    );

    let health = of("15.0.400.1");
    assert!(health.caveats[0].contains("older than any build") && health.level.unwrap().build == "15.0.516.32");
    let health = of("16.0.1.1");
    assert!(
        health.caveats[0].contains("belongs to no Exchange version")
            && health.level.is_none()
            && health.open.is_empty()
    );
}

#[test]
fn products_of_which_the_tables_know_little_say_so() {
    assert!(of("14.3.513.0").caveats.join("").contains("only a few vulnerabilities of Exchange Server 2010"));
    assert!(of("15.0.1497.48").caveats.join("").contains("published after 2023-03-14"));
    assert_eq!(of("15.2.2562.46").caveats.len(), 1, "{:?}", of("15.2.2562.46").caveats); // the remark about its end of support
    assert_eq!(of("15.2.1748.49").caveats, [""; 0]);
}

#[test]
fn logs_that_say_another_build_than_the_disk_are_a_caveat() {
    let evidence = Memory::new().file(&at_root(r"bin\ExSetup.exe"), &program([15, 2, 721, 13]));
    let tables = catalogue::exchange_builds();
    let caveats =
        |build| examined(&evidence, &tables, &[seen(build, "2021-03-01T00:00:00Z", "2021-03-11T00:00:00Z")]).0.caveats;
    assert!(
        caveats("15.02.0721.002")[0].contains("on 2021-03-11 still recorded 15.2.721.2"),
        "{:?}",
        caveats("15.02.0721.002")
    );
    assert!(caveats("15.02.0858.005")[0].contains("newer than bin\\ExSetup.exe"));
    assert_eq!(caveats("15.02.0721.013"), [""; 0]);
    assert_eq!(caveats("15.00.0000.000"), [""; 0]);
}

#[test]
fn the_verb_shows_the_fixture_server_and_its_exit_code_says_what_is_open() {
    let ran = run(["health", server("compromised_2019").to_str().unwrap()]);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{}", ran.out);
    for words in [
        "15.2.721.13   read from bin\\ExSetup.exe",
        "Exchange Server 2019 CU7 Mar21SU",
        "CVE-2021-34473 ProxyShell",
        "further CVEs (-v lists them)",
    ] {
        assert!(ran.out.contains(words), "{words}:\n{}", ran.out);
    }
    let open: String = ran.out.lines().filter(|line| line.to_ascii_lowercase().starts_with("vulnerable")).collect();
    assert!(!open.contains("CVE-2021-26855") && !open.contains("CVE-2023-36745"), "{}", ran.out);
    // The rules of Microsoft's that the web server has, by their name and whether they hold.
    let rule = ran.out.lines().find(|line| line.starts_with("mitigation") && line.contains("CVE-2021-26855"));
    assert!(rule.is_some_and(|line| line.contains("is in force here (EOMT")), "{}", ran.out);
    let verbose = run(["health", "-v", server("clean_2019").to_str().unwrap()]);
    assert!(verbose.out.contains("CVE-2023-36745"), "{}", verbose.out);
}

#[test]
fn the_verb_says_what_it_could_not_read() {
    let disk = folder();
    let ran = run(["health", disk.path().to_str().unwrap()]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(ran.out.contains("no Exchange installation was found"), "{}", ran.out);
    let bin = disk.path().join("Exchange Server/V15/bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::write(bin.join("ExSetup.exe"), b"MZ").unwrap();
    let ran = run(["health", disk.path().to_str().unwrap()]);
    assert_eq!(ran.code, 3, "{}", ran.out);
    assert!(
        ran.out.contains("build       unknown") && ran.out.contains("ExSetup.exe: its version cannot be read"),
        "{}",
        ran.out
    );
    let with = |version| {
        std::fs::write(bin.join("ExSetup.exe"), program(version)).unwrap();
        run(["health", disk.path().to_str().unwrap()])
    };
    assert_eq!(with([16, 0, 1, 1]).code, 3, "a build of no product is judged by nothing");
    let ran = with([15, 2, 2562, 46]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    // A library that cannot be read leaves the cross-check undone.
    std::fs::write(bin.join("Microsoft.Exchange.Data.dll"), b"MZ").unwrap();
    let ran = with([15, 2, 2562, 46]);
    assert!(
        ran.code == 3 && ran.out.contains("Microsoft.Exchange.Data.dll: its version cannot be read"),
        "{}",
        ran.out
    );
}

#[test]
fn exchange_2010_is_known_as_far_as_the_tables_go() {
    let disk = folder();
    let bin = disk.path().join("Program Files/Microsoft/Exchange Server/V14/Bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::write(bin.join("exsetup.exe"), program([14, 3, 509, 0])).unwrap();
    let ran = run(["health", disk.path().to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    for words in [
        "Exchange Server 2010 SP3 RU31, released 2020-12-01",
        "CVE-2021-26857 ProxyLogon, known to be exploited: fixed by RU32 (14.3.513.0)",
        "only a few vulnerabilities of Exchange Server 2010",
    ] {
        assert!(ran.out.contains(words), "{words}:\n{}", ran.out);
    }
}

#[test]
fn facts_of_the_user_count_without_a_new_program() {
    let (disk, facts) = (folder(), folder());
    let bin = disk.path().join("Exchange Server/V15/bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::write(bin.join("ExSetup.exe"), program([15, 2, 2562, 46])).unwrap();
    let arguments =
        || ["health", disk.path().to_str().unwrap(), "--facts", facts.path().to_str().unwrap()].map(str::to_owned);
    let ran = run(arguments());
    assert_eq!(ran.code, 2, "an empty folder is a mistake: {}", ran.err);

    std::fs::write(facts.path().join("builds.csv"), "product,cu,update,build,release_date\nExchangeSE,RTM,Dec26SU,15.2.2562.60,2026-12-08\nExchangeSE,RTM,x,nonsense,2026-12-08\n").unwrap();
    std::fs::write(
        facts.path().join("advisories.csv"),
        "cve,product,known_exploited,fixed_by\nCVE-2026-99999,ExchangeSE,yes,Dec26SU\n",
    )
    .unwrap();
    let ran = run(arguments());
    assert_eq!(ran.code, 1, "{}", ran.out);
    for words in [
        "CVE-2026-99999, known to be exploited: fixed by Dec26SU (15.2.2562.60)",
        "as of 2026-12-08",
        "builds.csv:3: \"nonsense\" is not a build number",
    ] {
        assert!(ran.out.contains(words), "{words}:\n{}", ran.out);
    }
    let mut tables = catalogue::exchange_builds();
    assert_eq!(tables.add(Table::Builds, "product,cu,build,release_date\n", "empty.csv"), []);
}

#[test]
fn the_patch_line_of_a_scan_has_the_doubts_of_health() {
    let server = |setup: &str| {
        Memory::new()
            .file(&at_root(r"bin\ExSetup.exe"), &program(build(setup).0))
            .file(
                &at_root(r"ClientAccess\Owa\bin\Microsoft.Exchange.Clients.Owa2.Server.dll"),
                &program([15, 2, 721, 2]),
            )
            .file(
                &at_root(r"ClientAccess\ecp\bin\Microsoft.Exchange.Management.ControlPanel.dll"),
                &program([15, 2, 721, 2]),
            )
    };
    let words = |setup: &str| examined(&server(setup), &catalogue::exchange_builds(), &[]).0.in_words();
    assert!(!words("15.2.721.2").contains("caveat"), "{}", words("15.2.721.2"));
    let planted = words("15.2.1748.10");
    assert!(planted.contains("; caveat: inconsistent builds"), "{planted}");
}
