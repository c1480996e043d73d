//! What is known in advance, embedded from `signatures/`. Nothing is unpacked before somebody asks for it.

pub mod baseline;
mod handlers;
mod hashes;
mod names;
mod pages;
mod stock;

pub use handlers::VirtualHandlers;
pub use hashes::{Algorithm, HashFact, HashList, Parsed, parse_list};
pub use names::{BadNames, NameFact, NameKind, Sure};
pub use pages::Pages;
pub use stock::StockNames;

use std::io::Read;
use std::sync::LazyLock;

static PAGES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.z"));
static PROGRAMS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/programs.z"));
static INDICATORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/indicators.z"));
static STOCK_NAMES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stock_names.z"));
static VIRTUAL_HANDLERS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/virtual_handlers.z"));

fn unpack(packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::DeflateDecoder::new(packed).read_to_end(&mut bytes).expect("packed by build.rs");
    bytes
}

fn unpack_text(packed: &[u8]) -> String {
    String::from_utf8(unpack(packed)).expect("packed by build.rs from UTF-8 files")
}

/// What a rule is about, and so which views it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Server code (`rules.yar`): views that hold some, or of files that IIS runs.
    Pages,
    /// Programs and libraries (`programs.yar`).
    Programs,
}

/// The built-in rules about a subject, compiled and serialised when the program was built: a namespace
/// `shellsift/<folder>` a folder of `signatures/webshells`, `shellsift/technique/<folder>` one of `signatures/techniques`.
/// Only these bytes are ever loaded as compiled rules.
pub fn rules(subject: Subject) -> Vec<u8> {
    unpack(match subject {
        Subject::Pages => PAGES,
        Subject::Programs => PROGRAMS,
    })
}

/// The built-in list of known hostile hashes.
pub fn hostile_hashes() -> HashList {
    hashes::from_indicators(&unpack_text(INDICATORS))
}

/// The names that stock Exchange has in its web folders.
pub fn stock_names() -> StockNames {
    StockNames::parse(&unpack_text(STOCK_NAMES))
}

/// The addresses of Exchange that are answered though no such file lies on disk.
pub fn virtual_handlers() -> VirtualHandlers {
    VirtualHandlers::parse(&unpack_text(VIRTUAL_HANDLERS))
}

/// The names and paths of files that intruders left.
pub fn bad_names() -> &'static BadNames {
    static NAMES: LazyLock<BadNames> = LazyLock::new(|| BadNames::parse(&unpack_text(INDICATORS)));
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
    fn no_rule_text_or_indicator_lies_readable_in_the_binary() {
        for packed in [PAGES, PROGRAMS, INDICATORS, STOCK_NAMES] {
            assert!(memchr::memmem::find(packed, b"rule ").is_none());
            assert!(memchr::memmem::find(packed, b".aspx").is_none());
        }
    }
}
