//! Streams of deflate, bare or with the header of gzip or zlib.

use flate2::{Decompress, FlushDecompress, Status};

/// How much is inflated at once, and how far a position may be off.
pub(super) const STEP: usize = 4096;

/// The deflate stream itself, without the header of gzip (RFC 1952) or zlib (RFC 1950).
pub(super) fn body(bytes: &[u8]) -> &[u8] {
    match bytes {
        [0x1F, 0x8B, 8, flags, rest @ ..] => gzip_body(*flags, rest).unwrap_or_default(),
        [method, check, rest @ ..]
            if method & 0x0F == 8
                && check & 0x20 == 0
                && (u16::from(*method) << 8 | u16::from(*check)).is_multiple_of(31) =>
        {
            rest
        }
        _ => bytes,
    }
}

fn gzip_body(flags: u8, rest: &[u8]) -> Option<&[u8]> {
    let mut rest = rest.get(6..)?; // time, level and system
    if flags & 4 != 0 {
        let length = usize::from(*rest.first()?) | usize::from(*rest.get(1)?) << 8;
        rest = rest.get(2 + length..)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            rest = rest.get(memchr::memchr(0, rest)? + 1..)?;
        }
    }
    if flags & 2 != 0 { rest.get(2..) } else { Some(rest) }
}

/// The whole of a stream, with or without the header of gzip or zlib, if it holds no more than `most` bytes. One that breaks
/// gives what came before.
pub fn inflate(bytes: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut body = body(bytes);
    let mut buffer = [0; STEP];
    let mut inflater = Decompress::new(false);
    loop {
        let (before_in, before_out) = (inflater.total_in(), inflater.total_out());
        let state = inflater.decompress(body, &mut buffer, FlushDecompress::None);
        let taken = (inflater.total_in() - before_in) as usize;
        let given = (inflater.total_out() - before_out) as usize;
        out.extend_from_slice(&buffer[..given]);
        if out.len() > most {
            return None;
        }
        body = &body[taken..];
        if !matches!(state, Ok(Status::Ok)) || taken == 0 && given == 0 {
            break;
        }
    }
    (!out.is_empty()).then_some(out)
}

/// Inflates the beginning of a stream into `out`; gives how much it holds. Nothing if it is no stream.
pub(super) fn peek(head: &[u8], out: &mut [u8]) -> usize {
    // The first three bits say how the first block is packed; 3 is no way.
    let body = body(head);
    if body.first().is_none_or(|first| first >> 1 & 3 == 3) {
        return 0;
    }
    let mut inflater = Decompress::new(false);
    match inflater.decompress(body, out, FlushDecompress::None) {
        Ok(_) => inflater.total_out() as usize,
        Err(_) => 0,
    }
}
