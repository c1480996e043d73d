//! Where a method's code, its variables and its handlers are: ECMA-335, II.25.4.

use super::image::Image;
use super::tables::Token;
use std::ops::Range;

/// How many places where exceptions are caught are looked at.
const MAX_HANDLERS: usize = 1000;

/// Where a method's parts are.
pub(super) struct Body {
    /// The IL.
    pub(super) code: Range<usize>,
    /// The signature of its local variables.
    pub(super) locals: Token,
    /// Where handlers begin, and whether an exception is on their stack.
    pub(super) handlers: Vec<(usize, bool)>,
    /// Whether the file ends before the body does.
    pub(super) truncated: bool,
}

impl Body {
    /// Reads a method's header; `None` if there is none.
    pub(super) fn read(image: &Image<'_>, at: usize) -> Option<Self> {
        let bytes = image.bytes;
        let first = bytes.u8(at)?;
        let (start, length, locals, more) = match first & 3 {
            2 => (at + 1, usize::from(first >> 2), Token::of(0), false),
            3 => {
                let size = usize::from(bytes.u16(at)? >> 12) * 4;
                (at + size, bytes.u32(at + 4)? as usize, Token::of(bytes.u32(at + 8)?), first & 8 != 0)
            }
            _ => return None,
        };
        let end = start.saturating_add(length).min(bytes.0.len());
        let mut body = Self {
            code: start.min(end)..end,
            locals,
            handlers: Vec::new(),
            truncated: start.saturating_add(length) > end,
        };
        if more && !body.truncated {
            body.read_handlers(image, end.next_multiple_of(4));
        }
        Some(body)
    }

    fn read_handlers(&mut self, image: &Image<'_>, mut at: usize) {
        let bytes = image.bytes;
        // Sections may follow each other.
        for _ in 0..16 {
            let Some(kind) = bytes.u8(at) else { return };
            let Some(head) = bytes.u32(at) else { return };
            let (length, each) = if kind & 0x40 != 0 { (head >> 8, 24) } else { (head >> 8 & 0xFF, 12) };
            for clause in 0..(length.saturating_sub(4) / each) as usize {
                let clause = at + 4 + clause * each as usize;
                let found = match each {
                    24 => bytes.u32(clause).zip(bytes.u32(clause + 12)).map(|(kind, start)| (kind, start as usize)),
                    _ => bytes.u16(clause).zip(bytes.u16(clause + 5)).map(|(k, s)| (u32::from(k), usize::from(s))),
                };
                let Some((kind, start)) = found.filter(|_| self.handlers.len() < MAX_HANDLERS) else { return };
                self.handlers.push((start, kind <= 1));
            }
            if kind & 0x80 == 0 {
                return;
            }
            at = at.saturating_add(length as usize).next_multiple_of(4);
        }
    }
}
