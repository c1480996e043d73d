//! How the tables are refreshed from files of their sources: each kind of file is taken, and another is refused.

#[path = "../../examples/refresh/tables.rs"]
mod tables;

use tables::{advisories, attack, baseline, builds};

const BUILDS: &str = "product,cu,update,build,release_date,kb,end_of_support,note,source\n\
    Exchange2019,CU14,,15.2.1544.4,2024-02-13,KB5035606,2025-10-14,by hand,s\n";

#[test]
fn new_builds_of_microsofts_page_are_added_and_known_ones_stay_as_they_are() {
    let page = "# Build numbers\n\n|Product name|Release date|Build number|Long|\n|---|---|---|---|\n\
        |[Exchange Server 2019 CU14 Mar24SU](https://support.microsoft.com/help/5036401)|March 12, 2024|15.2.1544.9|15.02.1544.009|\n\
        |Exchange Server 2019 CU14|February 13, 2024|15.2.1544.4|15.02.1544.004|\n\
        Exchange Server SE RTM\tJuly 1, 2025\t15.2.2562.17\n";
    let new = builds(BUILDS, page, "the page of 2025-07").unwrap();
    let rows: Vec<&str> = new.text.lines().collect();
    assert_eq!(rows[..2], BUILDS.lines().collect::<Vec<_>>());
    assert_eq!(
        rows[2],
        "Exchange2019,CU14,Mar24SU,15.2.1544.9,2024-03-12,KB5036401,,end of support to be filled in,the page of 2025-07"
    );
    assert!(rows[3].starts_with("ExchangeSE,RTM,,15.2.2562.17,2025-07-01,,") && rows.len() == 4, "{rows:?}");
    assert_eq!(new.notes.len(), 2);
    assert!(builds(BUILDS, "<html>nothing of the kind</html>", "s").is_err());
    assert!(builds(BUILDS, "|Exchange Server 2019 CU14|some day|15.2.1544.9|", "s").is_err(), "no date");
}

#[test]
fn what_cisa_lists_is_marked_as_exploited_and_what_the_table_lacks_is_named() {
    let table = "cve,nickname,known_exploited,product,cu,fixed_by,first_fixed_build,condition,note,confidence,source\n\
        CVE-2021-1,,no,Exchange2019,CU8,X,15.2.1.1,,\"a, b\",high,s\nCVE-2021-2,,no,Exchange2019,CU8,X,15.2.1.1,,,high,s\n";
    let catalogue = r#"{"vulnerabilities":[{"cveID":"CVE-2021-1","product":"Exchange Server"},
        {"cveID":"CVE-2024-9","product":"Exchange Server"},{"cveID":"CVE-2024-8","product":"Windows"}]}"#;
    let new = advisories(table, catalogue).unwrap();
    assert_eq!(new.text, table.replacen(",no,", ",yes,", 1));
    assert_eq!(new.notes, ["now exploited: CVE-2021-1 (Exchange2019 CU8)", "not in the table: CVE-2024-9"]);
    for other in ["no JSON", "{}", r#"{"vulnerabilities":[]}"#] {
        assert!(advisories(table, other).is_err(), "{other}");
    }
}

#[test]
fn a_baseline_becomes_a_bit_of_the_table_and_a_broken_one_is_refused() {
    let hash = |digit: &str| digit.repeat(64);
    let known_good = format!("path_rel_install\tsha256\tbuilds_bitmask_hex\nfrontend\\a.aspx\t{}\t1\n", hash("a"));
    let list = "bit,build,product,cu,update,files\n0,15.0.516.32,Exchange2013,RTM,,1\n";
    let rows = format!(
        "{},15.02.0858.010,\\FrontEnd\\a.aspx\n{},15.2.858.10,\\ClientAccess\\15.2.858\\B.aspx\n{},15.2.858.10,\\Bin\\c.dll\n",
        hash("A"),
        hash("b"),
        hash("c")
    );
    let (new, builds) = baseline(&known_good, list, &rows, ["Exchange2019", "CU9", ""]).unwrap();
    let expected = format!("clientaccess\\version\\b.aspx\t{}\t2\nfrontend\\a.aspx\t{}\t3\n", hash("b"), hash("a"));
    assert_eq!(new.text, format!("path_rel_install\tsha256\tbuilds_bitmask_hex\n{expected}"));
    assert_eq!(builds, format!("{list}1,15.2.858.10,Exchange2019,CU9,,2\n"));
    for broken in ["nothing", "abc,15.2.858.10,\\FrontEnd\\a", &rows.replacen("15.2.858.10", "15.2.1.1", 1), ""] {
        assert!(baseline(&known_good, list, broken, ["", "", ""]).is_err(), "{broken}");
    }
    let known = rows.replace("15.2.858.10", "15.0.516.32").replace("15.02.0858.010", "15.0.516.32");
    assert!(baseline(&known_good, list, &known, ["", "", ""]).is_err(), "it is there already");
}

#[test]
fn techniques_are_taken_from_mitres_bundle_and_none_of_the_table_may_be_missing() {
    let object = |kind: &str, id: &str, more: &str| {
        format!(
            r#"{{"type":"{kind}","name":"N, {id}","external_references":[{{"source_name":"mitre-attack","external_id":"{id}"}}],{more}}}"#
        )
    };
    let bundle = format!(
        r#"{{"objects":[{},{},{}]}}"#,
        object("attack-pattern", "T1", r#""kill_chain_phases":[{"phase_name":"a"},{"phase_name":"b"}]"#),
        object("x-mitre-tactic", "TA1", r#""x_mitre_shortname":"a""#),
        object("attack-pattern", "T2", r#""revoked":true"#),
    );
    let new = attack("id,name,tactics,source\nT1,old,a,s\n", &bundle, "v1").unwrap();
    assert_eq!(new.text, "id,name,tactics,source\nTA1,\"N, TA1\",a,v1\nT1,\"N, T1\",a|b,v1\n");
    assert_eq!(new.notes, ["new: TA1 N, TA1"]);
    assert!(attack("id,name,tactics,source\nT2,gone,a,s\n", &bundle, "v1").is_err());
    for other in ["x", "{}", r#"{"objects":[]}"#] {
        assert!(attack("id,name,tactics,source\n", other, "v1").is_err(), "{other}");
    }
}
