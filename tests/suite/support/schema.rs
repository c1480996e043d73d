//! A validator for JSON Schema 2020-12, as far as the published schema uses it. It panics at any keyword that it does not know, so
//! that none is passed over. Also part of the unit tests of the program. A whole validator among the development crates would change
//! the features of crates that the program itself is built with, and so build YARA-X twice (docs/decisions/0035).

#![allow(unreachable_pub, dead_code)] // a module of test binaries

use serde_json::Value;

/// Where a value does not fit the schema; empty if it does.
pub fn misfits(root: &Value, value: &Value) -> Vec<String> {
    check(root, root, value, "")
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let keywords = match schema {
        Value::Bool(true) => return Vec::new(),
        Value::Bool(false) => return vec![format!("{at}: no such field")],
        Value::Object(keywords) => keywords,
        other => panic!("no schema: {other}"),
    };
    let fits = |schema: &Value| check(root, schema, value, at).is_empty();
    let list = |rule: &Value| rule.as_array().cloned().unwrap_or_else(|| panic!("{at}: no list: {rule}"));
    let mut errors = Vec::new();
    for (keyword, rule) in keywords {
        let ok = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" | "default" | "then" => true,
            "$ref" => {
                let path = rule.as_str().unwrap().trim_start_matches('#');
                errors.extend(check(root, root.pointer(path).expect("a definition"), value, at));
                true
            }
            "allOf" => {
                list(rule).iter().for_each(|schema| errors.extend(check(root, schema, value, at)));
                true
            }
            "anyOf" => list(rule).iter().any(fits),
            "oneOf" => {
                let schemas = list(rule);
                let count = schemas.iter().filter(|schema| fits(schema)).count();
                // What is wrong with the nearest of them says more than that none fits.
                if count == 0 {
                    let all = schemas.iter().map(|schema| check(root, schema, value, at));
                    errors.extend(all.min_by_key(Vec::len).unwrap_or_default());
                }
                count == 1
            }
            "if" => {
                if fits(rule) {
                    errors.extend(check(root, &keywords["then"], value, at));
                }
                true
            }
            "const" => value == rule,
            "enum" => list(rule).contains(value),
            "type" => {
                let names = rule.as_array().cloned().unwrap_or_else(|| vec![rule.clone()]);
                names.iter().any(|name| is_of_type(value, name.as_str().unwrap()))
            }
            "format" => value.as_str().is_none_or(|text| has_format(text, rule.as_str().unwrap())),
            "required" => {
                list(rule).iter().all(|name| value.get(name.as_str().unwrap()).is_some()) || !value.is_object()
            }
            "properties" => {
                for (name, schema) in rule.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        errors.extend(check(root, schema, value, &format!("{at}/{name}")));
                    }
                }
                true
            }
            "additionalProperties" => {
                let named = keywords.get("properties").and_then(Value::as_object);
                let is_named = |name: &String| named.is_some_and(|named| named.contains_key(name));
                for (name, value) in value.as_object().into_iter().flatten().filter(|(name, _)| !is_named(name)) {
                    errors.extend(check(root, rule, value, &format!("{at}/{name}")));
                }
                true
            }
            "items" => {
                for (n, value) in value.as_array().into_iter().flatten().enumerate() {
                    errors.extend(check(root, rule, value, &format!("{at}/{n}")));
                }
                true
            }
            "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= rule.as_f64().unwrap()),
            "minLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 >= rule.as_u64().unwrap()),
            "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 <= rule.as_u64().unwrap()),
            other => panic!("the schema has a keyword that this validator does not know: {other}"),
        };
        if !ok {
            errors.push(format!("{at}: {keyword} {rule}"));
        }
    }
    errors
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("type {other}"),
    }
}

fn has_format(text: &str, name: &str) -> bool {
    match name {
        "date-time" => is_date_time(text),
        "ip" => text.parse::<std::net::IpAddr>().is_ok(),
        // Of numbers.
        "double" | "uint8" | "uint64" => true,
        other => panic!("format {other}"),
    }
}

/// RFC 3339 with four digits of the year, as a date field takes it.
pub fn is_date_time(text: &str) -> bool {
    text.len() > 19 && text.as_bytes()[10] == b'T' && text.parse::<jiff::Timestamp>().is_ok()
}
