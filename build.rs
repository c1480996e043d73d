//! Packs `signatures/` into the binary, compressed: antivirus software kills scanners whose rules it can read.

use flate2::{Compression, write::DeflateEncoder};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=signatures");
    let signatures = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo")).join("signatures");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));

    // One stream for all rules: `family file length\n` and then that many bytes, once a file.
    let mut rules = Vec::new();
    for family in sorted(&signatures.join("webshells")) {
        let name = family.file_name().expect("a folder has a name").to_str().expect("family names are ASCII");
        for file in ["rules.yar", "programs.yar"] {
            let Ok(text) = fs::read(family.join(file)) else { continue };
            writeln!(rules, "{name} {file} {}", text.len()).expect("memory");
            rules.extend(text);
        }
    }
    pack(&out.join("rules.z"), &rules);
    for table in ["indicators", "stock_names"] {
        let file = signatures.join("exchange").join(format!("{table}.csv"));
        pack(&out.join(format!("{table}.z")), &fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display())));
    }
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn pack(to: &Path, bytes: &[u8]) {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    fs::write(to, encoder.finish().expect("memory")).expect("the build folder can be written");
}
