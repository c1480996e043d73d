//! Refreshes the tables of `signatures/` from files that you have downloaded; docs/adding.md lists them. Nothing is fetched.
#![allow(clippy::print_stdout)] // a program to be run by hand

mod tables;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::fs::{read_to_string, write};
use std::io::{Read, Write};
use std::path::Path;
use tables::Refreshed;

const USAGE: &str = "usage: refresh builds FILE SOURCE         Microsoft's build numbers, saved as text or Markdown
       refresh advisories FILE            CISA's known_exploited_vulnerabilities.json
       refresh baseline FILE PRODUCT CU UPDATE
                                          a baseline of CSS-Exchange, or of `shellsift baseline build`
       refresh attack FILE SOURCE         MITRE's enterprise-attack.json
SOURCE is what new rows name as their source, with its version or date.";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match refresh(&arguments) {
        Ok(notes) => {
            notes.iter().for_each(|note| println!("{note}"));
            println!("{} notes; build and test, then look at the difference", notes.len());
        }
        Err(message) => {
            println!("refresh: {message}");
            std::process::exit(2);
        }
    }
}

fn refresh(arguments: &[&str]) -> Result<Vec<String>, String> {
    let read = |path: &str| read_to_string(path).map_err(|error| format!("{path}: {error}"));
    match *arguments {
        ["builds", file, source] => {
            table("signatures/exchange/builds.csv", |old| tables::builds(old, &read(file)?, source))
        }
        ["advisories", file] => {
            table("signatures/exchange/advisories.csv", |old| tables::advisories(old, &read(file)?))
        }
        ["attack", file, source] => table("signatures/attack.csv", |old| tables::attack(old, &read(file)?, source)),
        ["baseline", file, product, cu, update] => baseline(&read(file)?, [product, cu, update]),
        _ => Err(USAGE.to_owned()),
    }
}

/// Writes a table anew, if anything changed.
fn table(path: &str, change: impl FnOnce(&str) -> Result<Refreshed, String>) -> Result<Vec<String>, String> {
    let old = read_to_string(path).map_err(|error| format!("{path}: {error}; run it at the top of the repository"))?;
    let new = change(&old)?;
    if new.text != old {
        write(path, &new.text).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(new.notes)
}

fn baseline(rows: &str, about: [&str; 3]) -> Result<Vec<String>, String> {
    let folder = Path::new("signatures/exchange");
    let (packed, list) = (folder.join("stock.tsv.gz"), folder.join("stock_builds.csv"));
    let failed = |error: std::io::Error| error.to_string();
    let mut known_good = String::new();
    GzDecoder::new(std::fs::File::open(&packed).map_err(failed)?).read_to_string(&mut known_good).map_err(failed)?;
    let builds = read_to_string(&list).map_err(failed)?;
    let (new, builds) = tables::baseline(&known_good, &builds, rows, about)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(new.text.as_bytes()).map_err(failed)?;
    write(&packed, encoder.finish().map_err(failed)?).map_err(failed)?;
    write(&list, builds).map_err(failed)?;
    Ok(new.notes)
}
