//! Assemblies beyond every bound and in every load location, and code in files that pages include.

macro_rules! finding {
    ($path:expr, $reason:expr) => {
        Answer::Finding { path: $path, reason: $reason, level: "medium" }
    };
}

mod locations;
mod pages;

use super::{Server, Situation};
use crate::support::fixture;

const WEB: &str = r"C:\inetpub\wwwroot";

/// An assembly of `fixtures/compiled`.
fn assembly(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/compiled/{name}.dll.b64", env!("CARGO_MANIFEST_DIR"));
    fixture::decode(&std::fs::read(path).unwrap())
}

fn page(server: &Server, name: &str, text: &str) {
    server.write(&format!(r"{WEB}\{name}"), format!("<%@ Page Language=\"C#\" %>\n{text}"));
}

/// By what they are about.
pub(super) const SITUATIONS: &[&[Situation]] = &[locations::SITUATIONS, pages::SITUATIONS];
