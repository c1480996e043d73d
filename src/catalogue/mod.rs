//! What is known in advance, embedded from `signatures/`. Nothing is unpacked before somebody asks for it.

mod hashes;
mod names;
mod pages;
mod stock;

pub use hashes::{Algorithm, HashFact, HashList, Parsed, parse_list};
pub use names::{BadNames, NameFact, NameKind, Sure};
pub use pages::Pages;
pub use stock::StockNames;

use std::io::Read;
use std::sync::LazyLock;

static RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.z"));
static INDICATORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/indicators.z"));
static STOCK_NAMES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stock_names.z"));

fn unpack(packed: &[u8]) -> String {
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(packed).read_to_string(&mut text).expect("packed by build.rs from UTF-8 files");
    text
}

/// What a rule is about, and so which views it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Server code (`rules.yar`): views that hold some, or of files that IIS runs.
    Pages,
    /// Programs and libraries (`programs.yar`).
    Programs,
}

/// The rules of one family about one subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSource {
    /// The name of its folder in `signatures/webshells`.
    pub family: String,
    /// What the rules are about.
    pub subject: Subject,
    /// YARA source text.
    pub text: String,
}

/// The built-in rules, sorted by family.
pub fn rules() -> Vec<RuleSource> {
    let all = unpack(RULES);
    let mut sources = Vec::new();
    let mut rest = all.as_str();
    while let Some((header, body)) = rest.split_once('\n') {
        let mut fields = header.split(' ');
        let mut field = || fields.next().expect("build.rs writes `family file length`");
        let (family, file, length) = (field(), field(), field());
        let subject = if file == "programs.yar" { Subject::Programs } else { Subject::Pages };
        let (text, next) = body.split_at(length.parse().expect("build.rs writes a number"));
        sources.push(RuleSource { family: family.to_owned(), subject, text: text.to_owned() });
        rest = next;
    }
    sources
}

/// The built-in list of known hostile hashes.
pub fn hostile_hashes() -> HashList {
    hashes::from_indicators(&unpack(INDICATORS))
}

/// The names that stock Exchange has in its web folders.
pub fn stock_names() -> StockNames {
    StockNames::parse(&unpack(STOCK_NAMES))
}

/// The names and paths of files that intruders left.
pub fn bad_names() -> &'static BadNames {
    static NAMES: LazyLock<BadNames> = LazyLock::new(|| BadNames::parse(&unpack(INDICATORS)));
    &NAMES
}

/// The server code of stock Exchange by folder and by name.
pub fn pages() -> &'static Pages {
    static PAGES: LazyLock<Pages> = LazyLock::new(|| Pages::of(&stock_names()));
    &PAGES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_comes_out_as_it_lies_in_the_folder() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures/webshells");
        let sources = rules();
        assert!(sources.len() >= 8, "{} families", sources.len());
        for source in &sources {
            let name = if source.subject == Subject::Programs { "programs.yar" } else { "rules.yar" };
            let file = folder.join(&source.family).join(name);
            assert_eq!(std::fs::read_to_string(&file).expect("there"), source.text, "{}", source.family);
        }
    }

    #[test]
    fn no_rule_text_or_indicator_lies_readable_in_the_binary() {
        for packed in [RULES, INDICATORS, STOCK_NAMES] {
            assert!(memchr::memmem::find(packed, b"rule ").is_none());
            assert!(memchr::memmem::find(packed, b".aspx").is_none());
        }
    }
}
