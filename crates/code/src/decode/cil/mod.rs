//! .NET assemblies, decompiled to C# by the crate `shellsift_pe`.

#[cfg(test)]
mod tests;

use super::layer::{Input, Layer};
use super::{Decoder, Effort};
pub use shellsift_pe::cil::{Assembly, class_names, is_assembly, lead, resources, seams, strong_name, written_as};
use shellsift_pe::cil::{Output, Work};

pub(super) const DECODER: Decoder = Decoder {
    name: "cil",
    about: ".NET assemblies: the code of their methods, decompiled to C#",
    effort: Effort::Program,
    // The lines are those of the text that `explain` shows: a program has none of its own.
    wide: true,
    decode,
};

fn decode(input: &Input<'_>, layer: &mut Layer) {
    let mut work = Work::of(input.bytes.len());
    for (start, bytes) in input.parts() {
        if bytes.starts_with(b"MZ") {
            shellsift_pe::cil::write(bytes, start, &mut work, layer);
        }
    }
    layer.code_truncated |= work.is_truncated();
}

impl Output for Layer {
    fn push(&mut self, text: &[u8], from: usize, to: usize) -> bool {
        Layer::push(self, text, from, to)
    }

    fn note_broken(&mut self, why: String) {
        Layer::note_broken(self, why);
    }
}
