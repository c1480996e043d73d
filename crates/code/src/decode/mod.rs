//! Decodes nested encodings, so that detectors need not: every layer is a [`View`] that knows its encoding chain and
//! its position in the stored bytes.
//!
//! Layers nest, and malicious text can nest them without end: [`views`] is bounded in depth, number and bytes, and says when a
//! bound cut something off ([`Limit`]).

mod base64;
mod carried;
pub mod cil;
mod context;
mod decoder;
mod deflate;
mod ebcdic;
mod entities;
mod escapes;
mod gb18030;
mod hex_text;
mod inflate;
mod layer;
mod literals;
mod map;
mod plausible;
mod script_encode;
mod two_bytes;
mod utf16;
mod utf32;
mod utf7;
mod view;

pub use base64::decode_text as base64_text;
pub use cil::Assembly;
pub use context::{context, outline};
pub use decoder::{Decoder, Effort};
pub use inflate::inflate;
pub use view::{Bytes, View};

use layer::{Input, Layer};
use std::fmt;
use std::ops::Range;

/// Every decoder, in the order they are tried.
pub const DECODERS: &[Decoder] = &[
    utf16::LITTLE_ENDIAN,
    utf16::BIG_ENDIAN,
    utf32::DECODER,
    utf16::ANY_LITTLE_ENDIAN,
    utf16::ANY_BIG_ENDIAN,
    gb18030::DECODER,
    two_bytes::DECODER,
    two_bytes::JAPANESE,
    ebcdic::US,
    ebcdic::INTERNATIONAL,
    ebcdic::OPEN,
    script_encode::DECODER,
    escapes::DECODER,
    entities::DECODER,
    utf7::DECODER,
    base64::DECODER,
    hex_text::DECODER,
    deflate::DECODER,
    carried::DECODER,
    cil::DECODER,
];

/// The name in the encoding chain of a view that a page makes with the files that it includes.
pub const INCLUDED: &str = "include";

/// How many decoders may lie over each other.
pub const MAX_DEPTH: usize = 5;
/// How many views a piece of a file has at most, the stored bytes among them.
pub const MAX_VIEWS: usize = 64;
/// How many bytes are decoded at most, all views together: so many times those of the piece, and so many more.
const MAX_GROWTH: (usize, usize) = (12, 1 << 20);
/// How many bytes are decoded at most, however large the piece.
const MAX_BYTES: usize = 64 << 20;

/// The views of a piece of a file.
pub struct Views<'a> {
    /// The stored bytes first, then the layers, outer ones before those they hold.
    pub views: Vec<View<'a>>,
    /// Which limits were reached, each once.
    pub limits_reached: Vec<Limit>,
    /// What is broken about the stored bytes, where they are a program; the first thing that was met.
    pub broken: Option<String>,
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// There are layers below the deepest that was decoded.
    Depth,
    /// There are more layers than views are kept.
    Views,
    /// More would be decoded than this many bytes.
    Bytes(usize),
    /// More encoded strings than are looked at each by itself.
    Parts,
    /// A program has more code than is read.
    Code,
    /// The piece is larger than positions can express.
    TooLarge,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Limit::Depth => write!(f, "layers below layer {MAX_DEPTH} were not decoded"),
            Limit::Views => write!(f, "more than {MAX_VIEWS} layers: the rest was not decoded"),
            Limit::Bytes(limit) => write!(f, "decoding ended after {limit} bytes"),
            Limit::Parts => write!(f, "only the first {} encoded strings were decoded one by one", layer::MAX_PARTS),
            Limit::Code => write!(f, "it contains more code than the limit"),
            Limit::TooLarge => write!(f, "blocks of 4 GiB or more are not decoded"),
        }
    }
}

/// The views of a piece of a file: the stored bytes, and each layer that a decoder finds in them or in another layer. A layer
/// that repeats an earlier one is left out.
///
/// `start` is where the piece begins in the stored file.
pub fn views(stored: &[u8], start: u64, effort: Effort) -> Views<'_> {
    views_with(stored, start, effort, &[])
}

/// A stretch of text that stands in place of these bytes of the stored ones.
pub type Joined = (Vec<u8>, Range<usize>);

/// How much text of a page and of what it takes in is looked at together.
pub const MAX_JOINED: usize = 8 << 20;

/// As [`views`], with one more view: a text that was put together from the stored bytes and from other files, in the order of
/// the stored bytes.
pub fn views_with<'a>(stored: &'a [u8], start: u64, effort: Effort, joined: &[Joined]) -> Views<'a> {
    let mut views = vec![View::stored(stored, start)];
    let mut limits_reached = Limits(Vec::new());
    let limit = (MAX_GROWTH.0.saturating_mul(stored.len())).saturating_add(MAX_GROWTH.1).min(MAX_BYTES);
    let mut room = limit;
    let mut depths = vec![0];
    if stored.len() >= u32::MAX as usize {
        limits_reached.add(Limit::TooLarge);
        return Views { views, limits_reached: limits_reached.0, broken: None };
    }
    if !joined.is_empty() {
        let mut layer = Layer::new(MAX_JOINED);
        for (text, from) in joined {
            layer.push(text, from.start, from.end);
        }
        layer.finish();
        if layer.full {
            limits_reached.add(Limit::Bytes(MAX_JOINED));
        }
        views.push(views[0].decoded(INCLUDED, layer, false));
        depths.push(1);
    }
    let mut broken = None;
    let mut at = 0;
    while at < views.len() {
        // What is encoded below it, is so in the text that it was read from, too.
        if views[at].is_reread() {
            at += 1;
            continue;
        }
        for decoder in DECODERS.iter().filter(|decoder| decoder.effort <= effort) {
            // Past a bound a decoder is still asked whether there is something, but has no room for it.
            let bound = match (depths[at] >= MAX_DEPTH, views.len() >= MAX_VIEWS) {
                (true, _) => Some(Limit::Depth),
                (_, true) => Some(Limit::Views),
                _ => None,
            };
            if bound.is_some_and(|bound| limits_reached.0.contains(&bound)) {
                continue;
            }
            let outer = &views[at];
            let mut layer = Layer::new(if bound.is_some() { 0 } else { room });
            (decoder.decode)(&Input { bytes: &outer.bytes, parts: &outer.parts, stored: at == 0 }, &mut layer);
            layer.finish();
            if layer.full {
                limits_reached.add(bound.unwrap_or(Limit::Bytes(limit)));
            }
            if at == 0 {
                broken = broken.or(layer.broken.take());
            }
            let known = |view: &View<'_>| view.bytes[..] == layer.bytes[..];
            if layer.bytes.is_empty() || views.iter().any(known) {
                continue;
            }
            if layer.too_many_parts {
                limits_reached.add(Limit::Parts);
            }
            if layer.code_truncated {
                limits_reached.add(Limit::Code);
            }
            room -= layer.bytes.len();
            let view = outer.decoded(decoder.name, layer, decoder.wide);
            views.push(view);
            depths.push(depths[at] + 1);
        }
        at += 1;
    }
    Views { views, limits_reached: limits_reached.0, broken }
}

struct Limits(Vec<Limit>);

impl Limits {
    fn add(&mut self, limits_reached: Limit) {
        if !self.0.contains(&limits_reached) {
            self.0.push(limits_reached);
        }
    }
}

#[cfg(test)]
mod tests;
