//! Libraries that a configuration loads: where they lie, who signed them, and those that nothing loads.

use super::super::super::test_support::{artefact_at, knowledge, results};
use super::super::*;
use crate::model::Role;
use crate::pe_test_support::Pe;
use std::collections::BTreeSet;

/// Ids and scores of what is reported for a library at a place, loaded so.
fn reported_for(path: &str, role: Role, loaded: &[&str], bytes: &[u8]) -> Vec<(String, u8)> {
    let mut file = artefact_at(role, path);
    file.entry.size = bytes.len() as u64;
    file.loaded_as = loaded.iter().map(|what| (*what).to_owned()).collect();
    let results = results(&DETECTOR, &knowledge(), &file, bytes);
    results.reasons.into_iter().map(|reason| (reason.id.replace("config/", ""), reason.score)).collect()
}

#[test]
fn libraries_are_judged_by_where_they_lie_and_what_they_carry() {
    let plain = Pe::library(&["RegisterModule"]).build();
    let signed = Pe { signed: true, ..Pe::library(&["RegisterModule"]) }.build();
    let module = &["native module X"];
    let drop = Role::DropFolder;
    let reason = |id: &str, score: u8| (id.to_owned(), score);

    assert_eq!(
        reported_for(r"C:\|ProgramData\x.dll", drop, module, &plain),
        [reason("module_path", 80), reason("module_unsigned", 40)]
    );
    assert_eq!(reported_for(r"C:\|ProgramData\x.dll", drop, module, &signed), [reason("module_path", 80)]);
    // A catalogue may sign what Windows has.
    let system = r"C:\|Windows\System32\inetsrv\";
    assert_eq!(reported_for(&format!("{system}cachuri.dll"), drop, &["native module UriCacheModule"], &plain), []);
    assert_eq!(reported_for(&format!("{system}new.dll"), drop, module, &plain), [reason("module_unsigned", 35)]);
    assert_eq!(reported_for(&format!("{system}new.dll"), drop, module, &signed), []);
    // Exchange signs its own.
    let exchange = r"D:\Mail\V15|bin\kerbauth.dll";
    let loaded = &["native module kerbauth"];
    assert_eq!(reported_for(exchange, Role::Exchange, loaded, &signed), []);
    assert_eq!(reported_for(exchange, Role::Exchange, loaded, &plain), [reason("module_unsigned", 60)]);
    // A managed module is no native one.
    let bin = r"C:\inetpub\wwwroot|bin\x.dll";
    let managed = Pe { managed: true, ..Pe::library(&[]) }.build();
    assert_eq!(reported_for(bin, Role::WebRoot, &["managed module M of A.B"], &managed), []);
}

#[test]
fn a_module_that_nothing_loads_is_reported_and_other_libraries_are_not() {
    let module = Pe::library(&["RegisterModule"]).build();
    let filter = Pe::library(&["GetFilterVersion", "HttpFilterProc"]).build();
    let other = Pe::library(&["DllMain", "Register"]).build();
    let not_loaded = vec![("module_unregistered".to_owned(), 50)];
    let place = r"C:\|Windows\System32\inetsrv\new.dll";
    assert_eq!(reported_for(place, Role::DropFolder, &[], &module), not_loaded);
    let on_a_site = reported_for(r"C:\inetpub\wwwroot|bin\x.dll", Role::WebRoot, &[], &filter);
    assert_eq!(on_a_site, [("module_unregistered".to_owned(), 40)]);
    assert_eq!(reported_for(place, Role::DropFolder, &[], &other), []);
    assert_eq!(
        reported_for(place, Role::DropFolder, &["native module X"], &other),
        [("module_unsigned".to_owned(), 35)]
    );
    assert_eq!(
        reported_for(r"C:\|Windows\System32\inetsrv\warmup.dll", Role::DropFolder, &[], &module),
        [],
        "of a role of IIS"
    );
    assert_eq!(reported_for(r"C:\x|x.dll", Role::Unknown, &[], &module), [], "no folder of a server");
    let ids: BTreeSet<&str> =
        elements().filter(|check| matches!(check.look, Look::Program(_))).map(|check| check.check.name()).collect();
    assert_eq!(ids, BTreeSet::from(["assembly_untrusted", "module_path", "module_unsigned", "module_unregistered"]));
}

#[test]
fn the_library_of_a_class_is_believed_by_its_signature_alone() {
    use crate::config::{LOADED_AS_ANY, LOADED_AS_CLASS, LOADED_AS_MICROSOFT};
    use crate::pe_test_support::signed;
    let class = [format!("{LOADED_AS_CLASS} A.B of add")];
    let microsoft = [format!("{LOADED_AS_MICROSOFT} System.Web.B of add")];
    let any = [format!("{LOADED_AS_ANY} Microsoft.B of add")];
    let score = |path: &str, role: Role, loaded: &[String], bytes: &[u8]| {
        let loaded: Vec<&str> = loaded.iter().map(String::as_str).collect();
        let found = reported_for(path, role, &loaded, bytes);
        found.iter().find(|(id, _)| id == "assembly_untrusted").map(|(_, score)| *score)
    };
    let (owa, site) = (r"D:\Mail\V15|FrontEnd\HttpProxy\owa\bin\x.dll", r"C:\inetpub\wwwroot|bin\x.dll");
    let unsigned = signed("unsigned");
    for (loaded, exchange, elsewhere) in
        [(&class, Some(55), None), (&microsoft, Some(70), Some(20)), (&any, Some(30), None)]
    {
        assert_eq!(score(owa, Role::Exchange, loaded, &unsigned), exchange, "{loaded:?}");
        assert_eq!(score(site, Role::WebRoot, loaded, &unsigned), elsewhere, "{loaded:?}");
    }
    assert_eq!(score(owa, Role::Exchange, &[], &unsigned), None);
    // Whom nobody knows has signed it, which is more than nobody.
    assert_eq!(score(owa, Role::Exchange, &class, &signed("authenticode")), Some(35));
    let native = Pe::library(&["X"]).build();
    assert_eq!(score(owa, Role::Exchange, &microsoft, &native), None, "it holds no class");
    assert_eq!(score(owa, Role::Exchange, &microsoft, b"no program"), None);
}

#[test]
fn a_loaded_library_with_broken_headers_is_a_problem() {
    let mut file = artefact_at(Role::DropFolder, r"C:\|ProgramData\x.dll");
    file.loaded_as = vec!["native module X".to_owned()];
    let whole = Pe::library(&["RegisterModule"]).build();
    let results = results(&DETECTOR, &knowledge(), &file, &whole[..80]);
    assert_eq!(results.problems[0].kind, ProblemKind::ExecutableMalformed);
    assert_eq!(results.reasons[0].id, "config/module_path", "its place is judged all the same");
}
