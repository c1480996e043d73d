//! Compiling rules and running them.

use super::test_support::{artefact, built_in, knowledge, results};
use super::*;
use crate::decode::View;
use crate::model::{Problem, ProblemKind, Role};
use crate::views::{JAVA, PAGE, PHP, kinds_of};
use shellsift_yara::{Compiler, Scanner};
use std::path::PathBuf;
use std::time::Duration;

fn with_rules(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("pack.yar");
    std::fs::write(&path, text).expect("written");
    (folder, path)
}

fn compiled(text: &str) -> Result<(Signatures, Vec<Problem>)> {
    let (_folder, path) = with_rules(text);
    Signatures::compile(None, &[path])
}

#[test]
fn rules_about_other_pages_do_not_match_php_nor_those_of_java_asp_net() {
    let kinds = |name: &str, text: &[u8]| {
        let views = crate::decode::views(text, 0, crate::decode::Effort::Quick);
        kinds_of(name, &views.views[0])
    };
    assert_eq!(kinds("a.php", b"<?php x"), [PHP]);
    assert_eq!(kinds("a.php", b"eval(x)"), [PHP]);
    assert_eq!(kinds("a.jpg", b"GIF <?php x"), [PHP]);
    assert_eq!(kinds("a.PHAR", b"<?php x ?><% Execute(x) %>"), [PHP]);
    assert_eq!(kinds("a.php", b"<?php x ?><% Execute(x) %>"), [PAGE, PHP], "another engine's marks");
    assert_eq!(kinds("a.asp", b"x"), [PAGE]);
    assert_eq!(kinds("a.ashx", b"<%@ WebHandler %>"), [PAGE]);
    assert_eq!(kinds("a.JSP", b"<% x(request) %>"), [PAGE, JAVA]);
    assert_eq!(kinds("a.gif", b"<% x(request) %>"), [PAGE, PHP, JAVA]);
}

#[test]
fn the_built_in_rules_compile_and_say_what_they_are() {
    let (signatures, problems) = Signatures::compile(Some(built_in()), &[]).expect("compiles");
    assert_eq!(problems, []);
    assert!(signatures.families >= 24 && signatures.techniques >= 12);
    for rule in signatures.list() {
        assert!(!rule.description.is_empty() && rule.reference.is_some(), "{}", rule.name);
    }
}

#[test]
fn public_rules_see_their_variables_and_their_score() {
    let rule = r#"rule by_name { meta: score = 65 description = "d" strings: $a = "needle" condition: $a and filename == "x.aspx" and extension == ".aspx" and filepath == "C:\\" and filetype == "UNKNOWN" and owner == "" }"#;
    let (signatures, problems) = compiled(rule).expect("compiles");
    assert_eq!(problems, []);
    let mut knowledge = knowledge();
    knowledge.signatures = Some(signatures);
    let file = artefact("X.ASPX", Role::Unknown, "x.aspx");
    let results = results(&knowledge, &file, b"a\nb needle c");
    let reason = &results.reasons[0];
    assert_eq!((reason.score, reason.title.as_str(), reason.id.as_str()), (65, "d", "signature/by_name"));
    assert_eq!(
        (reason.locations[0].offset, reason.locations[0].line, reason.locations[0].excerpt.as_str()),
        (4, Some(2), "b needle c")
    );
}

#[test]
fn a_broken_rule_is_named_and_the_others_stay() {
    let text = "rule good { strings: $a = \"abcd\" condition: $a }\nrule broken { condition: nothing_of_that_name }\nimport \"no_such_module\"\nrule also { strings: $a = \"efgh\" condition: $a }";
    let (signatures, problems) = compiled(text).expect("some compile");
    let names: Vec<_> = signatures.list().into_iter().map(|rule| rule.name).collect();
    assert!(names.contains(&"good".to_owned()), "{names:?}");
    assert!(problems.iter().any(|p| p.message.contains("broken")), "{problems:?}");
}

#[test]
fn compiled_files_and_packs_without_a_usable_rule_are_refused() {
    let (_folder, path) = with_rules("YARA-X\0\0\0\0");
    let error = Signatures::compile(Some(built_in()), &[path]).err().expect("refused").to_string();
    assert!(error.contains("can run code"), "{error}");
    for text in ["", "rule x { condition: nope }", "this is no rule"] {
        assert!(matches!(compiled(text), Err(Error::Rules(_))), "{text}");
    }
}

#[test]
fn a_rule_that_runs_too_long_is_stopped_and_reported() {
    let rule = "rule slow { condition: for any i in (0..1000000) : ( for any j in (0..1000000) : ( uint8(i % 1024) + j == 5000000 ) ) }";
    let (signatures, _) = compiled(rule).expect("compiles");
    let mut knowledge = knowledge();
    knowledge.signatures = Some(signatures);
    knowledge.timeout = Duration::from_secs(1);
    let results = results(&knowledge, &artefact("x", Role::Unknown, "x"), &[0; 2048]);
    assert_eq!(results.problems[0].kind, ProblemKind::DetectorAborted);
    assert!(results.problems[0].message.contains("exceeded 1 s"));
}

#[test]
fn a_rule_that_runs_out_of_time_twice_is_switched_off_and_the_others_stay() {
    let slow = "rule slow { condition: for any i in (0..1000000) : ( for any j in (0..1000000) : ( uint8(i % 1024) + j == 5000000 ) ) }";
    let text = format!(
        "rule before {{ strings: $a = \"needle\" condition: $a }} {slow} rule behind {{ condition: filesize == 2048 }}"
    );
    let (signatures, _) = compiled(&text).expect("compiles");
    let mut knowledge = knowledge();
    knowledge.signatures = Some(signatures);
    knowledge.timeout = Duration::from_secs(1);
    let file = artefact("x", Role::Unknown, "x");
    let mut bytes = vec![0; 2048];
    bytes[..6].copy_from_slice(b"needle");
    let look = || results(&knowledge, &file, &bytes);
    assert_eq!(look().problems.len(), 1);
    let second = look();
    assert!(
        second.problems[1].message.ends_with("rule slow exceeded 1 s twice and is disabled"),
        "{:?}",
        second.problems
    );
    let third = look();
    assert_eq!(third.problems, []);
    let ids: Vec<&str> = third.reasons.iter().map(|reason| reason.id.as_str()).collect();
    assert_eq!(ids, ["signature/before", "signature/behind"]);
}

#[test]
fn rules_that_nest_too_deep_or_take_in_other_files_are_named_and_the_others_stay() {
    let deep = |sign: &str, count: usize| format!("rule deep_{count} {{ condition: {}true }}", sign.repeat(count));
    let brackets = format!("rule brackets {{ condition: {}true{} }}", "(".repeat(5000), ")".repeat(5000));
    let fine = "rule fine { condition: true }";
    let text = format!("include \"/etc/passwd\"\n{fine}\n{}\n{}\n{brackets}", deep("not ", 100_000), deep("not ", 150));
    let (signatures, problems) = compiled(&text).expect("some compile");
    let names: Vec<_> = signatures.list().into_iter().map(|rule| rule.name).collect();
    assert_eq!(names, ["fine", "deep_150"]);
    for word in ["include", "deep_100000", "brackets"] {
        assert!(problems.iter().any(|problem| problem.message.contains(word)), "{word}: {problems:?}");
    }
    // The longest chain that is let through.
    let chain = |sign: &str| format!("rule chain {{ condition: 1{} }}", sign.repeat(source::CHAIN - 10));
    for sign in [" and true", " + 1", " - 1", " | 1"] {
        let (signatures, problems) = compiled(&chain(sign)).expect("it compiles");
        assert!(signatures.list().len() == 1 || !problems.is_empty(), "{sign}");
    }
}

#[test]
fn rules_about_pages_see_what_can_be_a_page_and_in_folders_of_unknown_role_everything() {
    let (signatures, _) = Signatures::compile(Some(built_in()), &[]).expect("compiles");
    let mut knowledge = knowledge();
    knowledge.signatures = Some(signatures);
    // Put together here, so that no file of this repository holds it.
    let call = ["ev", "al(Request[\"inert\"],\"uns", "afe\")"].concat();
    let fires = |role, name: &str, text: &str| {
        !results(&knowledge, &artefact(name, role, name), text.as_bytes()).reasons.is_empty()
    };
    assert!(fires(Role::WebRoot, "x.aspx", &call), "runs by its name");
    assert!(fires(Role::WebRoot, "x.css", &format!("<% {call} %>")), "holds server code");
    assert!(!fires(Role::WebRoot, "x.css", &call), "is nothing that IIS could run");
    assert!(fires(Role::Unknown, "x.txt", &call), "content alone");
    assert!(!fires(Role::Unknown, "x.css", &call), "code of the browser's, if any");
    // What a script does in the browser, with a translation in it that begins like a block.
    let decodes = ["function a(x){ return ev", "al(unesc", "ape(x)); }"].concat();
    assert!(fires(Role::Unknown, "x.txt", &decodes) && fires(Role::WebRoot, "x.asp", &decodes));
    let translated = format!("var t=\"account %1$s <%2$s>\";{decodes}");
    for name in ["x.js", "x.html", "x.css", "x.map", "x.png"] {
        for role in [Role::Unknown, Role::WebRoot] {
            assert!(!fires(role, name, &decodes) && !fires(role, name, &translated), "{name}");
        }
    }
    assert!(fires(Role::Unknown, "x.css", &format!("<% {call} %>")), "holds server code");
}

#[test]
fn a_rule_about_pages_means_source_files_too_and_assemblies_only_if_it_says_so() {
    use crate::decode::{Effort, views};
    let file = |name: &str| {
        let path = format!("{}/../../fixtures/compiled/{name}.dll.b64", env!("CARGO_MANIFEST_DIR"));
        let text: String = std::fs::read_to_string(path).expect("a fixture").split_whitespace().collect();
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).expect("base64")
    };
    let rule = |views: &str| format!("rule r {{ meta: score = 1 {views} condition: true }}");
    let mut compiler = Compiler::new();
    for (name, views) in [("silent", ""), ("page", "views = \"page\""), ("all", "views = \"source,assembly\"")] {
        compiler.new_namespace(name);
        compiler.add_source(rule(views).as_str()).expect("a rule");
    }
    let rules = compiler.build();
    let meant = |name: &str, view: &View<'_>| -> Vec<String> {
        let mut scanner = Scanner::new(&rules);
        let results = scanner.scan(b"x").expect("scanned");
        results
            .matching_rules()
            .filter(|rule| means(rule, name, view))
            .map(|rule| rule.namespace().to_owned())
            .collect()
    };
    let text = views(b"class X { }", 0, Effort::Quick);
    assert_eq!(meant("x.aspx", &text.views[0]), ["silent", "page"]);
    assert_eq!(meant("x.cs", &text.views[0]), ["silent", "all"]);
    for (name, of) in [("plumbing", &["all"][..]), ("near", &["all"]), ("plumbing_page", &["silent", "page"])] {
        let bytes = file(name);
        let views = views(&bytes, 0, Effort::Program);
        assert_eq!(meant("x.dll", &views.views[1]), of, "{name}");
    }
}

#[test]
fn the_bytes_of_a_program_are_no_page_and_the_same_under_another_name_may_be() {
    let (signatures, _) = Signatures::compile(Some(built_in()), &[]).expect("compiles");
    let mut knowledge = knowledge();
    knowledge.signatures = Some(signatures);
    // Put together here, so that no file of this repository holds it.
    let head = ["MZ", &"\0".repeat(58), "\u{40}\0\0\0PE\0\0"].concat();
    let text = [&head, "<% ev", "al(Request[\"inert\"],\"uns", "afe\") %>"].concat();
    for (name, role, fires) in [
        ("x.dll", Role::WebRoot, false),
        ("x.dll", Role::Unknown, false),
        ("x.aspx", Role::WebRoot, true),
        ("x.gif", Role::WebRoot, true),
        ("x.aspx", Role::Unknown, true),
    ] {
        let results = results(&knowledge, &artefact(name, role, name), text.as_bytes());
        assert_eq!(!results.reasons.is_empty(), fires, "{name} {role:?}: {:?}", results.reasons);
    }
}

#[test]
fn wide_text_is_found_through_its_view_with_stored_offsets() {
    let (signatures, _) = compiled("rule w { strings: $a = \"needle\" condition: $a }").expect("compiles");
    let mut knowledge = knowledge();
    knowledge.signatures = Some(signatures);
    let wide: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain("hay needle".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let results = results(&knowledge, &artefact("x", Role::Unknown, "x"), &wide);
    let locations = &results.reasons[0].locations[0];
    assert_eq!((locations.encodings.as_str(), locations.offset, locations.length), ("utf16le", 10, 12));
}
