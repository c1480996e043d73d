use super::super::test_case::{MALICIOUS, SHA256, case, finding, json_of, two_servers};
use super::*;

fn of_kind<'b>(bundle: &'b Value, kind: &str) -> Vec<&'b Value> {
    bundle["objects"].as_array().expect("objects").iter().filter(|object| object["type"] == kind).collect()
}

#[test]
fn only_malicious_files_become_indicators_and_each_server_is_a_sighting() {
    let bundle = json_of(&FORMAT, &two_servers());
    let mut patterns: Vec<&str> =
        of_kind(&bundle, "indicator").iter().map(|one| one["pattern"].as_str().expect("text")).collect();
    patterns.sort_unstable();
    let of = |hash: &str| format!("[file:hashes.'SHA-256' = '{hash}']");
    assert_eq!(patterns, [of(SHA256), of(&"c".repeat(64))], "neither medium, nor known good, nor empty");
    let shared =
        of_kind(&bundle, "indicator").into_iter().find(|one| one["pattern"] == of(SHA256).as_str()).expect("it");
    let sightings = of_kind(&bundle, "sighting");
    let servers: BTreeSet<&str> = sightings
        .iter()
        .filter(|one| one["sighting_of_ref"] == shared["id"])
        .map(|one| one["where_sighted_refs"][0].as_str().expect("id"))
        .collect();
    assert_eq!((sightings.len(), servers.len()), (3, 2));
    let results: Vec<&Value> = of_kind(&bundle, "malware-analysis").iter().map(|one| &one["result"]).collect();
    assert_eq!(results.len(), 6);
    for (result, count) in [("malicious", 4), ("suspicious", 1), ("benign", 1)] {
        assert_eq!(results.iter().filter(|one| **one == result).count(), count, "{result}");
    }
}

#[test]
fn every_id_is_once_and_every_reference_is_in_the_bundle() {
    let case = two_servers();
    let bundle = json_of(&FORMAT, &case);
    let mut ids = BTreeSet::new();
    for object in bundle["objects"].as_array().expect("objects") {
        let id = object["id"].as_str().expect("id");
        assert!(ids.insert(id), "{id} is there twice");
        assert!(id.starts_with(&format!("{}--", object["type"].as_str().expect("type"))), "{id}");
    }
    for object in bundle["objects"].as_array().expect("objects") {
        for (name, value) in object.as_object().expect("object") {
            let refs = match value {
                Value::Array(list) if name.ends_with("_refs") => list.iter().collect(),
                one if name.ends_with("_ref") => vec![one],
                _ => Vec::new(),
            };
            refs.into_iter().for_each(|one| assert!(ids.contains(one.as_str().expect("id")), "{name}: {one}"));
        }
    }
    assert_eq!(bundle, json_of(&FORMAT, &case), "the ids are the same each time");
    assert_eq!(of_kind(&bundle, "report").len(), 2);
    assert_eq!(of_kind(&bundle, "vulnerability").len(), 1, "what is no CVE is none");
    assert_eq!(of_kind(&bundle, "attack-pattern").len(), 2, "the parent of a subtechnique and T'1 are none");
}

#[test]
fn observables_have_the_ids_of_the_standard_and_their_values_unchanged() {
    let bundle = json_of(&FORMAT, &two_servers());
    // The ids are those that the library stix2 3.0 of OASIS makes of the same values.
    for (kind, name, value, id) in [
        ("ipv4-addr", "value", "203.0.113.7", "9ddd739e-87b1-587d-83f2-62ef1130af2f"),
        ("directory", "path", "C:\\inetpub\\wwwroot\\aspnet_client", "6778a97b-9042-5151-a660-75d33756bfda"),
        ("file", "name", "shell.aspx", "61b03650-429f-5fcf-9e7e-92abec817582"),
    ] {
        let object = of_kind(&bundle, kind).into_iter().find(|one| one[name] == value).expect(value);
        assert_eq!(object["id"], format!("{kind}--{id}"));
    }
    let names: Vec<&Value> = of_kind(&bundle, "file").iter().map(|file| &file["name"]).collect();
    assert!(names.iter().any(|name| **name == MALICIOUS.rsplit('\\').next().expect("name")), "{names:?}");
    assert_eq!(of_kind(&bundle, "user-account")[0]["account_login"], "EXAMPLE\\al\u{202e}ice");
    assert_eq!(of_kind(&bundle, "ipv6-addr")[0]["value"], "2001:db8::1");
}

#[test]
fn what_to_do_now_is_a_course_of_action() {
    let bundle = json_of(&FORMAT, &two_servers());
    let actions = of_kind(&bundle, "course-of-action");
    assert_eq!((actions.len(), &actions[0]["name"]), (2, &json!("Isolate <U+202E>")));
    let words = actions[0]["description"].as_str().expect("text");
    assert!(words.starts_with("why\n- i a\"'`{0}](x)<U+202E>") && words.ends_with("\n- and 3 more"), "{words}");
}

#[test]
fn files_of_one_id_have_times_where_the_servers_agree() {
    let page = "C:\\w\\shell.aspx";
    let (one, mut other) = (finding("A", page, SHA256, "critical"), finding("B", page, SHA256, "critical"));
    let files = |records: &[Value]| {
        let bundle = json_of(&FORMAT, &case(records));
        of_kind(&bundle, "file").into_iter().cloned().collect::<Vec<_>>()
    };
    let same = files(&[one.clone(), other.clone()]);
    assert_eq!((same.len(), &same[0]["ctime"]), (1, &json!("2021-03-03T06:59:17.960Z")));
    other["file"]["created"] = "2022-01-01T00:00:00Z".into();
    let different = files(&[one, other]);
    assert_eq!((different.len(), different[0].get("ctime")), (1, None));
}

#[test]
fn a_case_without_runs_is_a_bundle_that_says_what_was_not_read() {
    let bundle = json_of(&FORMAT, &Case::default());
    assert_eq!(bundle["objects"].as_array().map(Vec::len), Some(2));
    let unread = Case { unread: vec!["x\u{202e}".to_owned()], ..Case::default() };
    let bundle = json_of(&FORMAT, &unread);
    assert_eq!(of_kind(&bundle, "note")[0]["content"], "x<U+202E>");
}
