//! How the tables of `signatures/` are refreshed: each function takes a table as it is and a file of the source, and returns the new
//! table. What is there already stays as it is, since rows are corrected by hand and say so; new rows name their source.

#![allow(unreachable_pub)] // the suite takes this file too

use std::collections::{BTreeMap, BTreeSet};

/// What a refresh did.
#[derive(Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// The new table.
    pub text: String,
    /// What changed, and what a person has to look at, a line each.
    pub notes: Vec<String>,
}

/// Adds builds to `builds.csv` from Microsoft's page "Exchange Server build numbers and release dates", saved as text or Markdown:
/// rows of product and update, release date, build (`15.2.1544.9`) and, if it is there, the long form of the build, with `|` or tabs
/// between them.
///
/// Errors if the file has no such row.
pub fn builds(table: &str, page: &str, source: &str) -> Result<Refreshed, String> {
    let known: BTreeSet<String> = rows(table)?.iter().filter_map(|row| row.get(3).cloned()).collect();
    let (mut found, mut added) = (0, Vec::new());
    for line in page.lines() {
        let Some(build) = build_of(line) else { continue };
        found += 1;
        if known.contains(&build.number) {
            continue;
        }
        let kb = build.article.map_or(String::new(), |kb| format!("KB{kb}"));
        added.push(vec![
            build.product,
            build.update.0,
            build.update.1,
            build.number,
            build.date,
            kb,
            String::new(),
            "end of support to be filled in".to_owned(),
            source.to_owned(),
        ]);
    }
    if found == 0 {
        return Err("no row of a build: product and update, release date, build number".to_owned());
    }
    let notes = added.iter().map(|row| format!("new: {} {} {} {}", row[0], row[1], row[2], row[3])).collect();
    Ok(Refreshed { text: format!("{}{}", ended(table), written(&added)?), notes })
}

/// A row of the page.
struct PageRow {
    product: String,
    /// Cumulative update and update upon it.
    update: (String, String),
    number: String,
    /// `2024-03-12`
    date: String,
    article: Option<String>,
}

fn build_of(line: &str) -> Option<PageRow> {
    let cells: Vec<&str> = line.split(['|', '\t']).map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let [name, date, number, ..] = cells[..] else { return None };
    let article = name.rsplit_once("/help/").map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect());
    let name = name.trim_start_matches('[').split(']').next()?.trim_matches('*');
    let words: Vec<&str> = name.strip_prefix("Exchange Server ")?.split_whitespace().collect();
    let (product, rest) = words.split_first()?;
    let product = format!("Exchange{product}");
    // `CU14 Mar24SU`, `RTM`, `Cumulative Update 14`.
    let (update, rest) = match rest {
        ["Cumulative", "Update", number, rest @ ..] => (format!("CU{number}"), rest),
        [update, rest @ ..] => ((*update).to_owned(), rest),
        [] => ("RTM".to_owned(), rest),
    };
    let parts: Vec<u32> = number.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    let number = (parts.len() == 4).then(|| parts.iter().map(u32::to_string).collect::<Vec<_>>().join("."))?;
    Some(PageRow { product, update: (update, rest.concat()), number, date: day(date)?, article })
}

/// `March 12, 2024` is `2024-03-12`.
fn day(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let [month, day, year] = text.split([' ', ',']).filter(|part| !part.is_empty()).collect::<Vec<_>>()[..] else {
        return None;
    };
    let month = 1 + MONTHS.iter().position(|name| *name == month)?;
    let (day, year): (u8, u16) = (day.parse().ok()?, year.parse().ok()?);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// Sets `known_exploited` of `advisories.csv` from CISA's catalogue of known exploited vulnerabilities (its JSON file). CVEs of Exchange
/// that the table does not have are named: which build fixes them is for a person to find out.
///
/// Errors if the file is not that catalogue.
pub fn advisories(table: &str, catalogue: &str) -> Result<Refreshed, String> {
    let catalogue: serde_json::Value = serde_json::from_str(catalogue).map_err(|error| format!("no JSON: {error}"))?;
    let entries = catalogue["vulnerabilities"].as_array().ok_or("no list of vulnerabilities in it")?;
    let exploited: BTreeMap<&str, bool> = entries
        .iter()
        .filter_map(|entry| Some((entry["cveID"].as_str()?, entry["product"].as_str()?.contains("Exchange"))))
        .collect();
    if exploited.is_empty() {
        return Err("no entry with a cveID and a product".to_owned());
    }
    let (mut all, mut notes, mut known) = (rows(table)?, Vec::new(), BTreeSet::new());
    for row in &mut all {
        if exploited.contains_key(row[0].as_str()) && row[2] != "yes" {
            notes.push(format!("now exploited: {} ({} {})", row[0], row[3], row[4]));
            "yes".clone_into(&mut row[2]);
        }
        known.insert(row[0].clone());
    }
    let missing = exploited.iter().filter(|(cve, exchange)| **exchange && !known.contains(**cve));
    notes.extend(missing.map(|(cve, _)| format!("not in the table: {cve}")));
    let head = table.lines().next().unwrap_or_default();
    Ok(Refreshed { text: format!("{head}\n{}", written(&all)?), notes })
}

/// Adds a build to the known-good baseline: `known_good.tsv` (unpacked) and `stock_builds.csv`. The rows are those of a baseline of
/// microsoft/CSS-Exchange or of `shellsift baseline build`: `SHA256,build,\path\below\the\installation`. `about` says product,
/// cumulative update and update. Returns both tables.
///
/// Errors if a row is broken, if the rows are of several builds, or if the build is there already.
pub fn baseline(
    known_good: &str,
    builds: &str,
    rows_of_build: &str,
    about: [&str; 3],
) -> Result<(Refreshed, String), String> {
    let (mut name, mut files) = (None, BTreeSet::new());
    for (at, line) in rows_of_build.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let broken = |what: &str| format!("line {}: {what}", at + 1);
        let [hash, build, path] = line.splitn(3, ',').map(|cell| cell.trim().trim_matches('"')).collect::<Vec<_>>()[..]
        else {
            return Err(broken("not SHA256,build,path"));
        };
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(broken("no SHA-256 in the first field"));
        }
        let parts: Result<Vec<String>, _> =
            build.split('.').map(|part| part.parse::<u32>().map(|n| n.to_string())).collect();
        let build = parts.map_err(|_| broken("no build in the second field"))?.join(".");
        if *name.get_or_insert_with(|| build.clone()) != build {
            return Err(broken("another build than the lines before"));
        }
        let path = path.replace('/', "\\").to_lowercase();
        let path = path.trim_start_matches('\\');
        if !["frontend\\", "clientaccess\\"].iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let is_version =
            |name: &str| name.split('.').count() >= 3 && name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let place: Vec<&str> = path.split('\\').map(|name| if is_version(name) { "version" } else { name }).collect();
        files.insert((place.join("\\"), hash.to_lowercase()));
    }
    let name = name.filter(|_| !files.is_empty()).ok_or("no file below FrontEnd or ClientAccess")?;
    let known = rows(builds)?;
    if known.iter().any(|row| row[1] == name) {
        return Err(format!("{name} is in the table already"));
    }
    let bit = known.len();
    let mut table: BTreeMap<(String, String), Vec<u8>> = BTreeMap::new();
    for line in known_good.lines().skip(1) {
        let [path, hash, mask] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("no row: {line}"));
        };
        table.insert((path.to_owned(), hash.to_owned()), mask.bytes().rev().collect());
    }
    let count = files.len();
    for file in files {
        let mask = table.entry(file).or_default();
        mask.resize(mask.len().max(bit / 4 + 1), b'0');
        let digit = char::from(mask[bit / 4]).to_digit(16).ok_or("a mask that is not hexadecimal")? | 1 << (bit % 4);
        mask[bit / 4] = char::from_digit(digit, 16).map_or(b'0', |digit| digit as u8);
    }
    let mut text = format!("{}\n", known_good.lines().next().unwrap_or_default());
    for ((path, hash), mask) in &table {
        let mask: String = mask.iter().rev().map(|digit| char::from(*digit)).collect();
        text += &format!("{path}\t{hash}\t{mask}\n");
    }
    let [product, cu, update] = about;
    let row = [&bit.to_string(), &name, product, cu, update, &count.to_string()].map(str::to_owned).to_vec();
    let notes = vec![format!("new: {name}, {count} files")];
    Ok((Refreshed { text, notes }, format!("{}{}", ended(builds), written(&[row])?)))
}

/// Writes `attack.csv` anew from MITRE's bundle `enterprise-attack.json` (STIX). `source` says which version that is.
///
/// Errors if the file is no such bundle, or lacks a technique that the table has: a check may be about it.
pub fn attack(table: &str, bundle: &str, source: &str) -> Result<Refreshed, String> {
    let bundle: serde_json::Value = serde_json::from_str(bundle).map_err(|error| format!("no JSON: {error}"))?;
    let objects = bundle["objects"].as_array().ok_or("no list of objects in it")?;
    let mut new: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for object in objects.iter().filter(|object| object["revoked"] != true && object["x_mitre_deprecated"] != true) {
        let reference = |one: &&serde_json::Value| one["source_name"] == "mitre-attack";
        let id = object["external_references"].as_array().and_then(|all| all.iter().find(reference));
        let (Some(id), Some(name)) = (id.and_then(|one| one["external_id"].as_str()), object["name"].as_str()) else {
            continue;
        };
        let tactics = match object["type"].as_str() {
            Some("x-mitre-tactic") => object["x_mitre_shortname"].as_str().unwrap_or_default().to_owned(),
            Some("attack-pattern") => {
                let phases = object["kill_chain_phases"].as_array().into_iter().flatten();
                phases.filter_map(|phase| phase["phase_name"].as_str()).collect::<Vec<_>>().join("|")
            }
            _ => continue,
        };
        new.insert(id.to_owned(), vec![id.to_owned(), name.to_owned(), tactics, source.to_owned()]);
    }
    if new.is_empty() {
        return Err("no technique and no tactic in it".to_owned());
    }
    let old: BTreeSet<String> = rows(table)?.into_iter().filter_map(|row| row.into_iter().next()).collect();
    let gone: Vec<&str> = old.iter().filter(|id| !new.contains_key(*id)).map(String::as_str).collect();
    if !gone.is_empty() {
        return Err(format!("it lacks techniques of the table; what became of them? {}", gone.join(", ")));
    }
    let notes =
        new.values().filter(|row| !old.contains(&row[0])).map(|row| format!("new: {} {}", row[0], row[1])).collect();
    // Tactics first.
    let (mut all, techniques): (Vec<_>, Vec<_>) = new.into_values().partition(|row| row[0].starts_with("TA"));
    all.extend(techniques);
    Ok(Refreshed { text: format!("id,name,tactics,source\n{}", written(&all)?), notes })
}

/// The rows of a table without its head.
fn rows(table: &str) -> Result<Vec<Vec<String>>, String> {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows = reader.records().map(|row| row.map(|row| row.iter().map(str::to_owned).collect()));
    rows.collect::<Result<_, _>>().map_err(|error| format!("the table: {error}"))
}

fn written(rows: &[Vec<String>]) -> Result<String, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|error| error.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// A text with a line end at its end.
fn ended(text: &str) -> String {
    if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}
