//! Encodings, external parts, and the classes and programs that configuration loads.

mod classes;
mod libraries;
mod parts;
mod server;
mod settings;

use super::{Server, Situation};

/// The configuration of OWA's sign-in pages.
const OWA: &str = r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\web.config";

/// A reason that the inert page has wherever it is examined.
const SHELL: &str = "signature/china_chopper_jscript_eval_unsafe";

/// Puts something at the end of a configuration.
fn add(server: &Server, config: &str, inside: &str) {
    server.edit(config, "</configuration>", &format!("{inside}</configuration>"));
}

/// A small library of .NET that nobody has signed.
fn library() -> Vec<u8> {
    stored("fixtures/signed/unsigned.dll.b64")
}

fn stored(file: &str) -> Vec<u8> {
    use base64::Engine;
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text: String = std::fs::read_to_string(path).unwrap().split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// By what they are about.
pub(super) const SITUATIONS: &[&[Situation]] =
    &[classes::SITUATIONS, settings::SITUATIONS, libraries::SITUATIONS, parts::SITUATIONS, server::SITUATIONS];
