//! The tables that reading logs needs, packed as the crate's own build does it. What would need YARA-X stays empty.

use flate2::{Compression, write::DeflateEncoder};
use std::io::Write;
use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=../signatures");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    for empty in
        ["rules.z", "programs.z", "stock.z", "stock.hashes", "machine_keys.bin", "rule_facts.z", "rule_notes.z"]
    {
        fs::write(out.join(empty), b"").expect("the build folder can be written");
    }
    for (table, packed) in [
        ("exchange/indicators.csv", "indicators.z"),
        ("exchange/stock_names.csv", "stock_names.z"),
        ("exchange/builds.csv", "builds.z"),
        ("exchange/advisories.csv", "advisories.z"),
        ("exchange/virtual_directories.csv", "virtual_directories.z"),
        ("exchange/modules.csv", "modules.z"),
        ("exchange/web_config.csv", "web_config.z"),
        ("exchange/mitigations.csv", "mitigations.z"),
        ("logs/virtual_handlers.csv", "virtual_handlers.z"),
        ("response/actions.csv", "actions.z"),
        ("response/log_retention.csv", "log_retention.z"),
        ("web/hashes.csv", "web_hashes.z"),
        ("web/loads.csv", "loads.z"),
        ("publishers.csv", "publishers.z"),
    ] {
        let bytes = fs::read(PathBuf::from("../signatures").join(table)).expect(table);
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&bytes).expect("memory");
        fs::write(out.join(packed), encoder.finish().expect("memory")).expect("the build folder can be written");
    }
}
