//! Packs `signatures/` into the binary, compressed, because antivirus software removes scanners whose rules it can
//! read.

use flate2::read::GzDecoder;
use flate2::{Compression, write::DeflateEncoder};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=signatures");
    let signatures = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo")).join("signatures");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));

    let mut facts = String::new();
    for subject in ["rules", "programs"] {
        let rules = compiled(&signatures, &format!("{subject}.yar"));
        facts.extend(rules.iter().filter(|rule| !rule.is_private()).map(|rule| fact(&rule)));
        pack(&out.join(format!("{subject}.z")), &rules.serialize().expect("rules can be serialised"));
    }
    pack(&out.join("rule_facts.z"), facts.as_bytes());
    pack(&out.join("rule_notes.z"), notes(&signatures).as_bytes());
    for table in [
        "indicators",
        "stock_names",
        "builds",
        "advisories",
        "virtual_directories",
        "modules",
        "web_config",
        "mitigations",
    ] {
        let file = signatures.join("exchange").join(format!("{table}.csv"));
        pack(&out.join(format!("{table}.z")), &read(&file));
    }
    pack(&out.join("virtual_handlers.z"), &read(&signatures.join("logs/virtual_handlers.csv")));
    for table in ["actions", "log_retention"] {
        pack(&out.join(format!("{table}.z")), &read(&signatures.join("response").join(format!("{table}.csv"))));
    }
    pack(&out.join("web_hashes.z"), &read(&signatures.join("web/hashes.csv")));
    pack(&out.join("loads.z"), &read(&signatures.join("web/loads.csv")));
    pack(&out.join("publishers.z"), &read(&signatures.join("publishers.csv")));
    pack_baseline(&signatures.join("exchange"), &out);
    write(&out.join("machine_keys.bin"), &machine_keys(&signatures.join("web/machine_keys.csv")));
}

/// The first eight bytes of each digest, sorted: `src/catalogue/machine_keys.rs` looks them up where they lie.
fn machine_keys(file: &Path) -> Vec<u8> {
    let text = String::from_utf8(read(file)).expect("machine_keys.csv is text");
    let cells = text.lines().skip(1).flat_map(|line| line.split(',')).map(str::trim).filter(|cell| !cell.is_empty());
    let mut heads: Vec<[u8; 8]> = cells.map(|cell| hex::<32>(cell)[..8].try_into().expect("eight of 32")).collect();
    heads.sort_unstable();
    heads.dedup();
    heads.concat()
}

/// The rules in the files of this name, a namespace a folder, compiled and serialised. Sources would have to be compiled at
/// every start of the program, a tenth of a second for every hundred rules.
fn compiled(signatures: &Path, file: &str) -> shellsift_yara::Rules {
    let rules = shellsift_yara::sources(signatures, file).and_then(|sources| shellsift_yara::compiled(&sources));
    rules.unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The metadata of a rule, in the columns of `src/catalogue/rule_facts.rs`.
fn fact(rule: &shellsift_yara::Rule<'_, '_>) -> String {
    let word = |wanted: &str| {
        let found = rule.metadata().find(|(key, _)| *key == wanted).map(|(_, value)| match value {
            shellsift_yara::MetaValue::String(text) => text.to_owned(),
            shellsift_yara::MetaValue::Integer(number) => number.to_string(),
            _ => String::new(),
        });
        found.unwrap_or_default().replace(['\t', '\n', '\r'], " ")
    };
    let folder = match rule.namespace().strip_prefix("shellsift/technique/") {
        Some(technique) => format!("techniques/{technique}"),
        None => rule.namespace().replacen("shellsift/", "webshells/", 1),
    };
    let words = ["score", "description", "reference", "attack"].map(word);
    format!("{}\t{folder}\t{}\n", rule.identifier(), words.join("\t"))
}

/// The notes of every folder: its name, a line feed, the notes, a form feed.
fn notes(signatures: &Path) -> String {
    let mut all = String::new();
    for kind in ["webshells", "techniques"] {
        for folder in sorted(&signatures.join(kind)).into_iter().filter(|folder| folder.join("NOTES.md").exists()) {
            let text = String::from_utf8(read(&folder.join("NOTES.md"))).expect("notes are text");
            let name = folder.file_name().expect("a folder has a name").to_string_lossy().into_owned();
            all += &format!("{kind}/{name}\n{}\u{c}", text.replace("\r\n", "\n"));
        }
    }
    all
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn read(file: &Path) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

fn write(to: &Path, bytes: &[u8]) {
    fs::write(to, bytes).expect("the build folder can be written");
}

fn pack(to: &Path, bytes: &[u8]) {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory");
    write(to, &encoder.finish().expect("memory"));
}

/// The known-good baseline, in the form that `src/catalogue/baseline/embedded.rs` describes.
fn pack_baseline(folder: &Path, out: &Path) {
    let mut text = String::new();
    let file = fs::File::open(folder.join("stock.tsv.gz")).expect("signatures/exchange/stock.tsv.gz is there");
    GzDecoder::new(file).read_to_string(&mut text).expect("stock.tsv.gz holds text");
    let mut table: BTreeMap<&str, BTreeMap<[u8; 32], Vec<u8>>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [path, hash, builds] = fields[..] else { panic!("three columns: {line}") };
        let hash = hex::<32>(hash);
        // The last hexadecimal digit is bits 0 to 3.
        let digits: Vec<u8> = builds.bytes().rev().map(digit).collect();
        let builds = digits.chunks(2).map(|pair| pair[0] | pair.get(1).unwrap_or(&0) << 4).collect();
        let known = table.entry(path).or_default().insert(hash, builds);
        assert!(known.is_none(), "one row a path and hash: {line}");
    }
    let mut hashes: Vec<[u8; 32]> = table.values().flat_map(BTreeMap::keys).copied().collect();
    hashes.sort_unstable();
    hashes.dedup();
    let width = table.values().flat_map(BTreeMap::values).map(Vec::len).max().expect("rows");
    let padded = |set: &Vec<u8>| {
        let mut set = set.clone();
        set.resize(width, 0);
        set
    };
    let mut sets: Vec<Vec<u8>> = table.values().flat_map(BTreeMap::values).map(padded).collect();
    sets.sort_unstable();
    sets.dedup();

    let mut packed = read(&folder.join("stock_builds.csv"));
    packed.push(0);
    packed.extend((table.len() as u32).to_varint());
    let mut last = "";
    for path in table.keys() {
        let shared = path.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count().min(255);
        let own = &path.as_bytes()[shared..];
        packed.extend([shared as u8, u8::try_from(own.len()).expect("baseline paths are short")]);
        packed.extend(own);
        last = path;
    }
    table.values().for_each(|rows| packed.extend((rows.len() as u32).to_varint()));
    let mut planes: [Vec<u8>; 5] = Default::default();
    for (hash, set) in table.values().flatten() {
        let hash = hashes.binary_search(hash).expect("collected above") as u32;
        let set = sets.binary_search(&padded(set)).expect("collected above") as u16;
        assert!(hash < 1 << 24, "a hash's place has three bytes");
        planes[..3].iter_mut().zip(hash.to_le_bytes()).for_each(|(plane, byte)| plane.push(byte));
        planes[3..].iter_mut().zip(set.to_le_bytes()).for_each(|(plane, byte)| plane.push(byte));
    }
    planes.iter().for_each(|plane| packed.extend(plane));
    packed.push(width as u8);
    sets.iter().for_each(|set| packed.extend(set));
    pack(&out.join("stock.z"), &packed);
    write(&out.join("stock.hashes"), &hashes.concat());
}

/// A number in groups of seven bits, the lowest first.
trait Varint {
    fn to_varint(self) -> Vec<u8>;
}

impl Varint for u32 {
    fn to_varint(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while self >= 0x80 {
            bytes.push(self as u8 | 0x80);
            self >>= 7;
        }
        bytes.push(self as u8);
        bytes
    }
}

fn hex<const N: usize>(text: &str) -> [u8; N] {
    assert_eq!(text.len(), 2 * N, "{text}");
    let digits: Vec<u8> = text.bytes().map(digit).collect();
    std::array::from_fn(|at| digits[2 * at] << 4 | digits[2 * at + 1])
}

fn digit(c: u8) -> u8 {
    (c as char).to_digit(16).unwrap_or_else(|| panic!("{c} is no hexadecimal digit")) as u8
}
