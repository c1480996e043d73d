//! The schema of a record, generated from the record types. Added here: the required fields of each kind, and that
//! objects are closed.

use super::Record;
use serde_json::{Map, Value, json};

/// Which schema it is.
const ID: &str = "urn:shellsift:record:2";

/// What records of a kind have in any case beside `shellsift`: top-level fields, and `event.*`.
const REQUIRED: &[(&str, &[&str], &[&str])] = &[
    ("finding", &["file", "rule"], &["severity", "risk_score"]),
    ("examined", &["file"], &[]),
    ("problem", &["error"], &[]),
    ("log_hit", &["rule"], &["severity"]),
    ("file_requests", &["file", "url"], &[]),
    ("comparison", &["file"], &[]),
];

/// The published schema.
pub(crate) fn schema() -> Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Record>();
    let mut schema = serde_json::to_value(schema).expect("a schema");
    let definitions = schema["$defs"].as_object_mut().expect("definitions");
    flatten(definitions);
    definitions.values_mut().for_each(close);
    schema["$defs"]["Event"]["properties"]["module"] = json!({ "const": "shellsift" });
    schema["$defs"]["Ecs"]["properties"]["version"] = json!({ "const": super::ECS });
    close(&mut schema);
    schema["title"] = json!("A record of shellsift's JSONL output");
    schema["$id"] = json!(ID);
    let rules = REQUIRED.iter().map(|(kind, fields, of_event)| {
        json!({
            "if": { "properties": { "shellsift": { "properties": { "record": { "const": kind } }, "required": ["record"] } } },
            "then": { "required": fields, "properties": { "event": { "required": of_event } } },
        })
    });
    schema["allOf"] = rules.collect();
    schema
}

/// Puts what is flattened into each kind of record: `shellsift` becomes one of several closed objects, distinguished by `record`.
fn flatten(definitions: &mut Map<String, Value>) {
    let own = definitions.get("Own").expect("shellsift.*").clone();
    let kinds = own["oneOf"].as_array().expect("kinds of record");
    let merged = kinds.iter().map(|kind| {
        let mut object = json!({ "type": "object", "properties": {}, "required": [] });
        merge(&mut object, &own);
        merge(&mut object, kind);
        if let Some(body) = kind["$ref"].as_str() {
            merge(&mut object, &definitions[body.rsplit('/').next().expect("a name")]);
        }
        object["properties"]["schema"] = json!({ "const": super::SCHEMA });
        object
    });
    let merged: Vec<Value> = merged.collect();
    definitions.insert("Own".to_owned(), json!({ "description": own["description"], "oneOf": merged }));
    definitions.retain(|name, _| !name.ends_with("Body"));
}

/// Adds the properties of an object and what it requires.
fn merge(object: &mut Value, other: &Value) {
    for (name, schema) in other["properties"].as_object().into_iter().flatten() {
        object["properties"][name] = schema.clone();
    }
    for name in other["required"].as_array().into_iter().flatten() {
        object["required"].as_array_mut().expect("a list").push(name.clone());
    }
}

/// No object has fields of other names, and none is there without a value.
fn close(schema: &mut Value) {
    let null = json!({ "type": "null" });
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| *choice != null);
        if let [only] = &choices[..] {
            let only = only.clone();
            let map = schema.as_object_mut().expect("it has a keyword");
            map.remove("anyOf");
            map.extend(only.as_object().cloned().unwrap_or_default());
        }
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = &types[..] {
            schema["type"] = only.clone();
        }
    }
    match schema {
        Value::Object(map) => {
            if map.contains_key("properties") && map.get("type") == Some(&json!("object")) {
                map.insert("additionalProperties".to_owned(), json!(false));
            }
            map.iter_mut().filter(|(name, _)| *name != "allOf").for_each(|(_, schema)| close(schema));
        }
        Value::Array(list) => list.iter_mut().for_each(close),
        _ => {}
    }
}
