//! Assemblies embedded in an assembly: as a resource or as the bytes of a field, compressed or not. The code that loads
//! them shows no data flow; their behaviour is visible when they are analysed themselves.

use super::layer::{Input, Layer};
use super::{Decoder, Effort, cil, inflate};

pub(super) const DECODER: Decoder = Decoder {
    name: "carried",
    about: "assemblies embedded in a .NET assembly, plain or compressed (gzip, deflate)",
    effort: Effort::Program,
    wide: false,
    decode,
};

/// How many are looked at of one assembly. One that packs all its libraries has some dozens.
const MOST: usize = 64;
/// How much of compressed ones is undone.
const MOST_BYTES: usize = 16 << 20;

fn decode(input: &Input<'_>, layer: &mut Layer) {
    // One that is carried carries no more: whoever nests them goes on to be seen by what loads them.
    if !input.stored || !cil::is_assembly(input.bytes) {
        return;
    }
    let bytes = input.bytes;
    let mut starts: Vec<usize> = Vec::new();
    for at in memchr::memmem::find_iter(bytes, b"MZ").filter(|at| *at > 0) {
        if cil::is_assembly(&bytes[at..]) {
            if starts.len() >= MOST {
                layer.code_truncated = true;
                break;
            }
            starts.push(at);
        }
    }
    for (number, &at) in starts.iter().enumerate() {
        let end = starts.get(number + 1).copied().unwrap_or(bytes.len());
        if !layer.part(at) || !layer.copy(bytes, at, end) {
            return;
        }
    }
    let mut left = MOST_BYTES;
    for resource in cil::resources(bytes).into_iter().take(MOST) {
        let packed = &bytes[resource.clone()];
        let mut head = [0; 2];
        if packed.starts_with(b"MZ") || inflate::peek(&packed[..packed.len().min(512)], &mut head) < 2 || &head != b"MZ"
        {
            continue;
        }
        let Some(program) = inflate::inflate(packed, left) else {
            layer.code_truncated = true;
            continue;
        };
        left -= program.len();
        if cil::is_assembly(&program)
            && !(layer.part(resource.start) && layer.push(&program, resource.start, resource.end))
        {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Effort, views};
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn assembly(name: &str) -> Vec<u8> {
        let path = format!("{}/../../fixtures/compiled/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut text = std::fs::read(path).expect("fixture");
        text.retain(|byte| !byte.is_ascii_whitespace());
        STANDARD.decode(text).expect("base64")
    }

    fn trails(bytes: &[u8]) -> Vec<String> {
        views(bytes, 0, Effort::Program).views.into_iter().map(|view| view.encodings).collect()
    }

    #[test]
    fn an_assembly_in_an_assembly_is_read_as_code_too() {
        let outer = assembly("library.dll.b64");
        assert!(!trails(&outer).iter().any(|encodings| encodings.starts_with("carried")));
        let inner = assembly("loads.dll.b64");
        let both = [&outer[..], &inner].concat();
        assert!(trails(&both).contains(&"carried>cil".to_owned()));
    }
}
