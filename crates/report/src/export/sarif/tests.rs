use super::super::test_case::{MALICIOUS, SHA256, json_of, two_servers};
use super::parts::uri;
use super::*;

#[test]
fn a_result_is_a_finding_and_refers_to_what_is_there() {
    let log = json_of(&FORMAT, &two_servers());
    let runs = log["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 2);
    let run = &runs[0];
    let results = run["results"].as_array().expect("results");
    assert_eq!(results.len(), 5 + 3);
    for result in results {
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        assert_eq!(rules[result["ruleIndex"].as_u64().expect("index") as usize]["id"], result["ruleId"]);
        for location in result["locations"].as_array().expect("locations") {
            let file = &location["physicalLocation"]["artifactLocation"];
            if let Some(index) = file["index"].as_u64() {
                assert_eq!(run["artifacts"][index as usize]["location"]["uri"], file["uri"]);
            }
        }
        for taxon in result["taxa"].as_array().into_iter().flatten() {
            let index = taxon["index"].as_u64().expect("index") as usize;
            assert_eq!(run["taxonomies"][0]["taxa"][index]["id"], taxon["id"]);
        }
        assert!(result["partialFingerprints"]["shellsiftEventId/v1"].is_string());
    }
    let levels: Vec<&str> = results.iter().filter_map(|result| result["level"].as_str()).collect();
    assert_eq!(levels.iter().filter(|level| **level == "warning").count(), 1);
    let critical = results.iter().find(|result| result["properties"]["sha256"] == SHA256).expect("the page");
    let region = &critical["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["byteOffset"], &region["byteLength"]),
        (&json!(3), &json!(30), &json!(5))
    );
    assert_eq!(critical["relatedLocations"][0]["physicalLocation"].get("region"), None, "a name has no line");
    let reference =
        run["tool"]["driver"]["rules"].as_array().expect("rules").iter().find(|rule| rule["id"] == "signature/r");
    assert_eq!(reference.expect("rule").get("helpUri"), None, "no script is a web address");
}

#[test]
fn a_data_flow_goes_from_source_to_sink() {
    let log = json_of(&FORMAT, &two_servers());
    let flow = &log["runs"][1]["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"];
    let steps: Vec<(u64, &str)> = flow
        .as_array()
        .expect("steps")
        .iter()
        .map(|step| &step["location"])
        .map(|at| {
            let line = at["physicalLocation"]["region"]["startLine"].as_u64().expect("line");
            (line, at["message"]["text"].as_str().expect("text"))
        })
        .collect();
    assert_eq!(steps, [(1, "source: Request[\"x\"]"), (2, "step: v"), (3, "sink: eval")]);
}

#[test]
fn gaps_are_notifications() {
    let log = json_of(&FORMAT, &two_servers());
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    let texts: Vec<&str> = invocation["toolExecutionNotifications"]
        .as_array()
        .expect("notifications")
        .iter()
        .filter_map(|one| one["message"]["text"].as_str())
        .collect();
    assert!(texts.contains(&"not complete: 1 file failed"), "{texts:?}");
    assert_eq!(texts.len(), 3, "{texts:?}");
    let cut = super::super::test_case::case(&[super::super::test_case::problem("A", "C:\\x")]);
    let log = json_of(&FORMAT, &cut);
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    assert_eq!(log["runs"].as_array().map(Vec::len), Some(2), "what could not be read is a run of its own");
    assert_eq!(json_of(&FORMAT, &Case::default())["runs"], json!([]));
}

#[test]
fn paths_are_uris() {
    for (path, expected) in [
        ("C:\\a b\\c#%.aspx", "file:///C:/a%20b/c%23%25.aspx"),
        ("C:\\", "file:///C:/"),
        ("/cases/a\\b", "file:///cases/a%5Cb"),
        ("C:\\<5C>\u{e9}", "file:///C:/%3C5C%3E%C3%A9"),
        ("\\\\host\\share", "file:///host/share"),
        ("", "file:///"),
    ] {
        assert_eq!(uri(path), expected);
    }
    assert!(
        uri(&format!("C:\\{MALICIOUS}"))
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}".contains(&byte))
    );
}

#[test]
fn messages_are_neither_links_nor_placeholders() {
    assert_eq!(message("a {0} b"), "a {{0}} b");
    assert_eq!(message("[x](http://y)"), "\\[x\\](http://y)");
    assert_eq!(message("Request[\"x\"]"), "Request[\"x\"]");
    assert_eq!(message(""), "(no text)");
}
