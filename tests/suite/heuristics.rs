//! `docs/heuristics.md` is drawn from the sources.

use shellsift::detect::behaviour::behaviours;
use std::collections::BTreeSet;
use std::fmt::Write;

#[test]
fn the_document_of_behaviours_is_as_the_sources_say() {
    let mut text = String::from(
        "# What code is judged by\n\n\
         Drawn from `src/detect/behaviour/`; `UPDATE_GOLDEN=1 cargo test --locked` draws it anew.\n\n\
         The server code of a page is read as its language, constants are put together, and request data is followed through \
         variables, functions and fields ([how](decisions/0010-reading-code.md)). A behaviour is something that such code does. \
         Its points say how sure it alone makes us ([verdict.md](verdict.md)); below 25 it never shows by itself.\n\n\
         | behaviour | points | in short |\n|---|---|---|\n",
    );
    for behaviour in behaviours() {
        let _ = writeln!(text, "| [{0}](#{0}) | {1} | {2} |", behaviour.id, behaviour.score, behaviour.title);
    }
    for behaviour in behaviours() {
        let _ = write!(
            text,
            "\n## {}\n\n{} points: {}.\n\n**Looks for.** {}\n\n**Matters because.** {}\n\n**Harmless code that does it.** {}\n",
            behaviour.id, behaviour.score, behaviour.title, behaviour.what, behaviour.why, behaviour.harmless
        );
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/heuristics.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(stored == text, "docs/heuristics.md is old; UPDATE_GOLDEN=1 draws it anew");
}

#[test]
fn every_behaviour_has_its_own_name_and_its_words() {
    let mut ids = BTreeSet::new();
    for behaviour in behaviours() {
        assert!(ids.insert(behaviour.id), "{} twice", behaviour.id);
        assert!(behaviour.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", behaviour.id);
        assert!(behaviour.score <= 100);
        for text in [behaviour.what, behaviour.why, behaviour.harmless] {
            assert!(text.ends_with('.') && text.len() > 10, "{}: {text}", behaviour.id);
        }
    }
}
