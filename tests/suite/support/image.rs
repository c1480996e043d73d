//! The volume of `fixtures/images`.

use base64::Engine;
use std::io::Read;
use std::path::Path;

/// The volume of `fixtures/images` (make.sh there says what is on it).
pub fn volume() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/images/volume.ntfs.gz.b64");
    let text: String = std::fs::read_to_string(path).unwrap().split_whitespace().collect();
    let packed = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut bytes).unwrap();
    bytes
}
