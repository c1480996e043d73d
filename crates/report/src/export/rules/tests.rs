use super::super::test_case::{EMPTY, MALICIOUS, SHA256, case, finding, two_servers, with_baseline};
use super::*;
use serde_json::Value;

fn export(records: &[Value], language: RuleLanguage, level: Level) -> (String, Exported) {
    written(&case(records), language, level)
}

fn written(case: &Case, language: RuleLanguage, level: Level) -> (String, Exported) {
    let mut out = Vec::new();
    let exported = export_rules(case, language, level, &mut out).expect("memory");
    (String::from_utf8(out).expect("UTF-8"), exported)
}

#[test]
fn yara_has_one_rule_for_each_content() {
    let (text, exported) = written(&two_servers(), RuleLanguage::Yara, Level::Medium);
    assert_eq!(exported.values, 3);
    assert_eq!(text.matches("\nrule shellsift_").count(), 3);
    assert!(text.contains(&format!("filesize == 12 and hash.sha256(0, filesize) == \"{SHA256}\"")), "{text}");
    assert!(text.contains("found_on = \"A, B<U+202E>\""), "{text}");
    assert!(!text.contains(EMPTY) && !text.contains(&"e".repeat(64)), "neither empty nor known good");
    assert_eq!(
        exported.left_out,
        ["1 finding with known-good content", "1 finding without a hash, or without content"]
    );
    let (_, exported) = written(&two_servers(), RuleLanguage::Yara, Level::High);
    assert_eq!(exported.values, 2);
    let (text, exported) = written(&Case::default(), RuleLanguage::Yara, Level::Medium);
    assert_eq!((exported, text.lines().last()), (Exported::default(), Some("import \"hash\"")));
}

#[test]
fn what_is_suppressed_becomes_no_rule_and_is_counted() {
    let mut known = finding("A", r"C:\inetpub\wwwroot\x.aspx", SHA256, "critical");
    for (suppressed, expected) in [(false, 1), (true, 0)] {
        if suppressed {
            known["shellsift"]["suppressed"] = serde_json::json!({ "reason": "our own" });
        }
        for language in [RuleLanguage::Yara, RuleLanguage::Sigma] {
            let (text, exported) = export(&[known.clone()], language, Level::Info);
            assert_eq!(text.matches("wwwroot").count() > 0, expected > 0, "{text}");
            let is_said = exported.left_out == ["1 finding that the user's list suppresses"];
            assert_eq!((is_said, exported.values > 0), (suppressed, !suppressed), "{exported:?}");
        }
    }
}

#[test]
fn text_of_the_evidence_stays_within_its_string() {
    let (text, _) = written(&two_servers(), RuleLanguage::Yara, Level::Medium);
    for line in text.lines().filter(|line| line.contains(" = \"")) {
        let inner = line.split_once(" = \"").and_then(|(_, rest)| rest.strip_suffix('"')).expect("a string");
        let unescaped = inner.replace("\\\\", "").replace("\\\"", "");
        assert!(!unescaped.contains(['"', '\\']), "{line}");
    }
    let (text, _) = written(&two_servers(), RuleLanguage::Sigma, Level::Medium);
    assert!(text.chars().all(|c| c == '\n' || crate::text::is_printable(c)));
    assert_eq!(text.lines().filter(|line| *line == "---").count() + 1, text.matches("\ntitle: ").count(), "{text}");
    assert_eq!(sigma::scalar("it's \u{202e}\n---"), "'it''s <U+202E><U+000A>---'");
    assert_eq!(yara::string("a\"\\\n"), "a\\\"\\\\<U+000A>");
}

#[test]
fn sigma_has_the_paths_and_the_urls() {
    let (text, exported) = written(&two_servers(), RuleLanguage::Sigma, Level::Medium);
    assert!(
        text.contains(
            "        TargetFilename|endswith:\n            - '\\inetpub\\wwwroot\\aspnet_client\\shell.aspx'\n"
        )
    );
    assert!(text.contains("        cs-uri-stem:\n            - '/x/shell.aspx'\n"), "{text}");
    assert!(text.contains("level: medium") && text.contains("level: critical"));
    assert!(text.contains("tags:\n    - attack.t1059\n    - attack.t1505.003\nlogsource:"), "{text}");
    assert!(!text.contains("logon.aspx"), "{text}");
    assert!(exported.left_out.contains(&"1 finding at a path that no log writes like this".to_owned()), "{exported:?}");
    assert!(!text.contains(MALICIOUS));
}

#[test]
fn names_that_other_servers_have_are_not_exported_alone() {
    let names = |records: &[Value]| export(records, RuleLanguage::Sigma, Level::Medium).1.values;
    let page = || finding("A", "C:\\w\\logon.aspx", SHA256, "critical");
    assert_eq!(names(&[page()]), 2, "its path and its URL");
    for (status, count) in
        [("known_good", 0), ("known_good_elsewhere", 0), ("modified", 0), ("no_baseline", 0), ("not_in_baseline", 2)]
    {
        assert_eq!(names(&[with_baseline(page(), status)]), count, "{status}");
    }
    let mut compiled = page();
    compiled["shellsift"]["role"] = "temporary_aspnet_files".into();
    assert_eq!(names(&[compiled]), 0);
    let mut unknown = with_baseline(page(), "no_baseline");
    unknown["shellsift"]["reasons"][0]["id"] = "location/unknown_page_in_logon_folder".into();
    assert_eq!(names(&[unknown]), 2);
    for name in ["web.config", "Default.aspx", "x.CONFIG"] {
        assert_eq!(names(&[finding("A", &format!("C:\\w\\{name}"), SHA256, "critical")]), 0, "{name}");
    }
    let yara = export(&[with_baseline(page(), "modified")], RuleLanguage::Yara, Level::Medium).1;
    assert_eq!(yara.values, 1, "by content it is exported");
}

#[test]
fn a_deleted_file_is_exported_where_it_was() {
    let mut deleted = finding("A", "C:\\$Recycle.Bin\\S-1\\$R1.aspx", SHA256, "high");
    deleted["shellsift"]["recycle_bin"] = serde_json::json!({"original_path": "D:\\w\\shell.aspx"});
    let (text, _) = export(&[deleted], RuleLanguage::Sigma, Level::Medium);
    assert!(text.contains("- '\\w\\shell.aspx'") && !text.contains("$R1"), "{text}");
}

#[test]
fn values_of_sigma_have_no_wildcards() {
    assert_eq!(sigma::literal("\\a\\b.aspx"), "\\a\\b.aspx");
    assert_eq!(sigma::literal("a*b?c"), "a\\*b\\?c");
    assert_eq!(sigma::literal("a\\*\\\\b\\"), "a\\\\\\*\\\\\\b\\\\");
}
