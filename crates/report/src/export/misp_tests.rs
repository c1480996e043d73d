use super::super::test_case::{SHA256, json_of, two_servers};
use super::*;

fn values<'e>(event: &'e Value, kind: &str) -> Vec<&'e str> {
    let attributes = event["Attribute"].as_array().expect("attributes");
    let of_kind = attributes.iter().filter(|attribute| attribute["type"] == kind);
    of_kind.map(|attribute| attribute["value"].as_str().expect("text")).collect()
}

#[test]
fn only_hashes_of_malicious_files_are_for_detection() {
    let event = json_of(&FORMAT, &two_servers())["Event"].take();
    assert!(event["Attribute"].as_array().expect("attributes").iter().all(|attribute| attribute["to_ids"] == false));
    let objects = event["Object"].as_array().expect("objects");
    assert_eq!(objects.len(), 3, "equal files of several servers are one; medium and known good are none");
    let mut detect = BTreeSet::new();
    for attribute in objects.iter().flat_map(|object| object["Attribute"].as_array().expect("attributes")) {
        let relation = attribute["object_relation"].as_str().expect("text");
        let is_hash = ["sha256", "sha1", "md5"].contains(&relation);
        assert_eq!(attribute["to_ids"] == true, is_hash, "{relation}");
        if relation == "sha256" {
            detect.insert(attribute["value"].as_str().expect("text"));
        }
    }
    assert_eq!(detect, BTreeSet::from([SHA256, &"c".repeat(64)]), "an empty file has no hash that says anything");
    let shared =
        objects.iter().find(|object| object["comment"].as_str().is_some_and(|text| text.contains("A, B<U+202E>")));
    assert!(shared.is_some(), "{objects:?}");
}

#[test]
fn clients_accounts_servers_and_cves_are_attributes_and_gaps_are_said() {
    let event = json_of(&FORMAT, &two_servers())["Event"].take();
    assert_eq!(values(&event, "ip-src"), ["10.0.0.1", "2001:db8::1", "203.0.113.7"]);
    assert_eq!(values(&event, "target-user"), ["EXAMPLE\\al<U+202E>ice"]);
    assert_eq!(values(&event, "target-machine"), ["A", "B<U+202E>"]);
    assert_eq!(values(&event, "vulnerability"), ["CVE-2021-26855"]);
    assert!(values(&event, "text").contains(&"A: 1 file failed"));
    assert!(values(&event, "text").iter().any(|text| text.starts_with("Isolate <U+202E>\nwhy\n- A: i a\"")));
    assert_eq!((&event["threat_level_id"], &event["distribution"]), (&json!("1"), &json!("0")));
    let tags: Vec<&str> =
        event["Tag"].as_array().expect("tags").iter().filter_map(|tag| tag["name"].as_str()).collect();
    assert_eq!(
        tags,
        [
            "tlp:amber",
            "misp-galaxy:mitre-attack-pattern=\"Command 'x' - T1059\"",
            "misp-galaxy:mitre-attack-pattern=\"Web Shell - T1505.003\"",
        ]
    );
}

#[test]
fn ids_are_once_each_and_the_same_each_time() {
    let case = two_servers();
    let event = json_of(&FORMAT, &case);
    assert_eq!(event, json_of(&FORMAT, &case));
    let mut ids = BTreeSet::new();
    let objects = event["Event"]["Object"].as_array().expect("objects");
    let inner = objects.iter().flat_map(|object| object["Attribute"].as_array().expect("attributes"));
    let all = objects.iter().chain(event["Event"]["Attribute"].as_array().expect("attributes")).chain(inner);
    all.for_each(|one| assert!(ids.insert(one["uuid"].as_str().expect("uuid")), "{one}"));
    let empty = json_of(&FORMAT, &Case::default());
    assert_eq!((&empty["Event"]["threat_level_id"], &empty["Event"]["date"]), (&json!("4"), &json!("1970-01-01")));
    assert_eq!(empty["Event"]["Object"], json!([]));
}
