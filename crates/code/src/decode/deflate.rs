//! Text compressed before encoding: gzip, zlib and raw deflate, as written by .NET streams.

use super::inflate::{STEP, body};
use super::layer::{Input, Layer};
use super::plausible::{HEAD, PACKED_HEAD, is_packed, is_plain};
use super::{Decoder, Effort};
use flate2::{Decompress, FlushDecompress, Status};

pub(super) const DECODER: Decoder = Decoder {
    name: "deflate",
    about: "gzip, zlib or raw deflate that contains text or an executable, below another encoding",
    effort: Effort::Thorough,
    wide: false,
    decode,
};

fn decode(input: &Input<'_>, layer: &mut Layer) {
    if input.stored {
        return; // no engine takes compressed bytes for a page
    }
    let mut buffer = [0; STEP];
    for (start, bytes) in input.parts() {
        if is_plain(&bytes[..bytes.len().min(HEAD)]) || !is_packed(&bytes[..bytes.len().min(PACKED_HEAD)]) {
            continue;
        }
        let mut body = body(bytes);
        let mut at = start + bytes.len() - body.len();
        let mut inflater = Decompress::new(false);
        if !layer.part(at) {
            return;
        }
        loop {
            let (before_in, before_out) = (inflater.total_in(), inflater.total_out());
            let state = inflater.decompress(body, &mut buffer, FlushDecompress::None);
            let taken = (inflater.total_in() - before_in) as usize;
            let given = (inflater.total_out() - before_out) as usize;
            if !layer.push(&buffer[..given], at, at + taken) {
                return;
            }
            (body, at) = (&body[taken..], at + taken);
            // A stream that breaks or ends early gives what came before.
            if !matches!(state, Ok(Status::Ok)) || taken == 0 && given == 0 {
                break;
            }
        }
    }
}
