//! `docs/configuration.md` is drawn from the sources.

use shellsift::detect::config::checks;
use std::collections::BTreeSet;
use std::fmt::Write;

#[test]
fn the_document_of_configuration_is_as_the_sources_say() {
    let mut text = String::from(
        "# What configuration is judged by\n\n\
         Drawn from `src/detect/config/`; `UPDATE_GOLDEN=1 cargo test --locked` draws it anew.\n\n\
         Configuration of IIS, ASP.NET, the runtime and the transport is read by structure, never by hash: setup and mitigations \
         edit it on every server. What is normal is a table ([`signatures/exchange/`](../signatures/exchange/README.md)); what \
         differs gets points that say how sure it alone makes us ([verdict.md](verdict.md)), at most those below. Each place that \
         a check found is a proof; several of one kind are one reason.\n\n\
         Rewrite rules that Microsoft gave out against attacks (EOMT, the Emergency Mitigation service) are known by their \
         conditions and are no reason. Beside another reason in the same file they are named, with 0 points \
         (`config/mitigation_rule`). Copies of the configuration that IIS writes for its pools get 20 points at most, and \
         `inetpub\\history`, which is the past, none.\n\n\
         What departs from the map of a stock Exchange (sites, applications, virtual directories, pools, and where they lead; \
         `shellsift sites` prints it whole) is a reason of applicationHost.config too, by the same names: `config/site_added`, \
         `application_added`, `virtual_directory_added`, `stock_path_changed`, `stock_pool_changed`, `pool_runs_as_system`, \
         `path_outside_known_roots`, `path_in_drop_folder`, `path_is_unc`, `path_is_raw`, `path_is_device_name`. Third-party \
         products have applications of their own: additions alone stay below 25 points.\n\n\
         What a file draws in from elsewhere (`configSource`, `appSettings file`, shared configuration) is said, and followed inside \
         the evidence; the libraries of the classes that are named are judged by their signatures \
         ([why](decisions/0023-classes-by-their-library.md)). Broken XML is a problem, and so is what cannot be decoded \
         ([how it is read](decisions/0024-reading-configuration.md)); what came before the break is judged.\n\n\
         | check | points | in short |\n|---|---|---|\n",
    );
    for check in checks() {
        let _ = writeln!(text, "| [{0}](#{0}) | {1} | {2} |", check.id, check.score, check.title);
    }
    for check in checks() {
        let _ = write!(
            text,
            "\n## {}\n\nUp to {} points: {}.\n\n**Looks for.** {}\n\n**Matters because.** {}\n\n**Harmless configuration that has it.** {}\n",
            check.id, check.score, check.title, check.what, check.why, check.harmless
        );
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(stored == text, "docs/configuration.md is old; UPDATE_GOLDEN=1 draws it anew");
}

#[test]
fn every_check_of_configuration_has_its_own_name_and_its_words() {
    let mut ids = BTreeSet::new();
    for check in checks() {
        assert!(ids.insert(check.id), "{} twice", check.id);
        assert!(check.id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", check.id);
        assert!(check.score <= 100);
        for text in [check.what, check.why, check.harmless] {
            assert!(text.ends_with('.') && text.len() > 10, "{}: {text}", check.id);
        }
    }
    assert!(ids.len() > 30);
}
