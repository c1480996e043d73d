//! Reference data, embedded from `signatures/` and unpacked on first use.

mod antivirus_exclusions;
mod attack;
pub mod baseline;
mod baseline_names;
pub mod builds;
pub mod default_config;
mod exchange_folders;
mod handlers;
mod hashes;
pub mod loads;
mod machine_keys;
mod names;
mod pages;
mod products;
mod publishers;
mod response;
mod rule_facts;
mod web_server;

pub use antivirus_exclusions::{KnownExclusion, known_exclusions};
pub use attack::Techniques;
pub use baseline_names::BaselineNames;
pub use default_config::DefaultConfig;
pub use exchange_folders::{DefaultFolder, ExchangeFolder, baseline_urls, default_folders, exchange_applications};
pub use handlers::VirtualHandlers;
pub use hashes::{Algorithm, HashFact, HashList, Parsed, parse_list};
pub use loads::Loads;
pub use machine_keys::is_disclosed;
pub use names::{BadNames, NameFact, NameKind, Sure};
pub use pages::Pages;
pub use products::{ProductFolder, product_folders};
pub use publishers::Publishers;
pub use response::response;
pub use rule_facts::RuleFacts;

use crate::config::deviations::DefaultSites;
use std::io::Read;
use std::sync::LazyLock;

static PAGES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.z"));
static PROGRAMS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/programs.z"));
static INDICATORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/indicators.z"));
static WEB_HASHES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/web_hashes.z"));
static PUBLISHERS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/publishers.z"));
static BASELINE_NAMES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stock_names.z"));
static BUILDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/builds.z"));
static ADVISORIES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/advisories.z"));
static VIRTUAL_DIRECTORIES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/virtual_directories.z"));
static MODULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/modules.z"));
static WEB_CONFIG: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/web_config.z"));
static LOADS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/loads.z"));
static MITIGATIONS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/mitigations.z"));
static ACTIONS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/actions.z"));
static LOG_RETENTION: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/log_retention.z"));
static VIRTUAL_HANDLERS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/virtual_handlers.z"));

static ATTACK: &str = include_str!("../../signatures/attack.csv");
static RULE_FACTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rule_facts.z"));
static RULE_NOTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rule_notes.z"));

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

/// What the built-in lists of hashes are called.
pub const BUILT_IN_LISTS: [&str; 2] = ["exchange/indicators", "web/hashes"];

/// The techniques of MITRE ATT&CK.
pub fn techniques() -> &'static Techniques {
    static TECHNIQUES: LazyLock<Techniques> = LazyLock::new(|| Techniques::parse(ATTACK));
    &TECHNIQUES
}

/// The metadata of the built-in rules.
pub fn rule_facts() -> &'static [RuleFacts] {
    static FACTS: LazyLock<Vec<RuleFacts>> = LazyLock::new(|| rule_facts::parse(unpack_text(RULE_FACTS).leak()));
    &FACTS
}

/// What is written of a family or technique, in Markdown, by its folder: `webshells/godzilla`.
pub fn rule_notes(folder: &str) -> Option<&'static str> {
    static NOTES: LazyLock<String> = LazyLock::new(|| unpack_text(RULE_NOTES));
    rule_facts::notes(&NOTES, folder)
}

/// The built-in list of hashes of malicious files.
pub fn malicious_hashes() -> HashList {
    let [exchange, web] = BUILT_IN_LISTS;
    let mut list = hashes::from_indicators(&unpack_text(INDICATORS), exchange);
    list.extend(hashes::from_indicators(&unpack_text(WEB_HASHES), web));
    list
}

/// The names of default Exchange pages in its web folders.
pub fn baseline_names() -> BaselineNames {
    BaselineNames::parse(&unpack_text(BASELINE_NAMES))
}

/// The builds of Exchange and the vulnerabilities that they fix.
pub fn exchange_builds() -> builds::Tables {
    let mut tables = builds::Tables::default();
    tables.add(builds::Table::Builds, &unpack_text(BUILDS), "builds.csv");
    tables.add(builds::Table::Advisories, &unpack_text(ADVISORIES), "advisories.csv");
    tables
}

/// SHA-256 over the built-in rules as they are packed into the program.
pub fn rules_digest() -> [u8; 32] {
    use sha2::Digest;
    let mut hasher = sha2::Sha256::new();
    hasher.update(PAGES);
    hasher.update(PROGRAMS);
    hasher.finalize().into()
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

/// The sites, applications and virtual directories of default Exchange installations.
pub fn default_sites() -> &'static DefaultSites {
    static SITES: LazyLock<DefaultSites> = LazyLock::new(|| web_server::parse(&unpack_text(VIRTUAL_DIRECTORIES)));
    &SITES
}

/// The server code of a default Exchange installation by folder and by name.
pub fn pages() -> &'static Pages {
    static PAGES: LazyLock<Pages> = LazyLock::new(|| Pages::of(&baseline_names()));
    &PAGES
}

/// The publishers whose signatures are believed.
pub fn publishers() -> &'static Publishers {
    static PUBLISHERS_READ: LazyLock<Publishers> = LazyLock::new(|| Publishers::parse(&unpack_text(PUBLISHERS)));
    &PUBLISHERS_READ
}

/// What configuration looks like on a normal server.
pub fn default_config() -> &'static DefaultConfig {
    static DEFAULTS: LazyLock<DefaultConfig> = LazyLock::new(|| {
        DefaultConfig::parse(&unpack_text(MODULES), &unpack_text(WEB_CONFIG), &unpack_text(MITIGATIONS))
    });
    &DEFAULTS
}

/// What configuration loads beside handlers and modules.
pub fn loads() -> &'static Loads {
    static ROWS: LazyLock<Loads> = LazyLock::new(|| Loads::parse(&unpack_text(LOADS)));
    &ROWS
}

/// How many rows a table has, so that no test holds a number.
#[cfg(test)]
pub(crate) fn rows_of(table: &str) -> usize {
    csv::ReaderBuilder::new().flexible(true).from_reader(table.as_bytes()).records().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rule_text_or_indicator_lies_readable_in_the_binary() {
        for packed in [
            PAGES,
            PROGRAMS,
            INDICATORS,
            WEB_HASHES,
            BASELINE_NAMES,
            BUILDS,
            ADVISORIES,
            VIRTUAL_DIRECTORIES,
            MODULES,
            WEB_CONFIG,
            MITIGATIONS,
            LOADS,
            ACTIONS,
            LOG_RETENTION,
            RULE_FACTS,
            RULE_NOTES,
        ] {
            assert!(memchr::memmem::find(packed, b"rule ").is_none());
            assert!(memchr::memmem::find(packed, b".aspx").is_none());
            assert!(memchr::memmem::find(packed, b"CVE-2021-").is_none());
        }
    }
}
