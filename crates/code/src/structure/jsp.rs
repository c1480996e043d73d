//! Code elements of JSP documents (XML syntax): `<jsp:scriptlet>` and others, with any prefix.

use super::text::MAX_KEPT;
use super::{Block, BlockKind, Language};

/// What the elements are called behind their prefix, and how their code comes to run.
const ELEMENTS: &[(&[u8], BlockKind)] = &[
    (b":scriptlet", BlockKind::Statements),
    (b":declaration", BlockKind::Members),
    (b":expression", BlockKind::Output),
];

/// How long a prefix may be.
const PREFIX: usize = 64;

/// Adds the code of such elements to the blocks of a page, in the order of the text. Gives whether there were more than are kept.
pub(super) fn elements(text: &[u8], blocks: &mut Vec<Block>) -> bool {
    let mut at = 0;
    let mut more = false;
    while let Some(n) = text.get(at..).and_then(|rest| memchr::memchr(b':', rest)) {
        let colon = at + n;
        at = colon + 1;
        let Some((name, kind)) = ELEMENTS.iter().find(|(name, _)| text[colon..].starts_with(name)) else { continue };
        let head = &text[colon.saturating_sub(PREFIX)..colon];
        let prefix = head.iter().rev().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
        if prefix == 0 || prefix == head.len() || head[head.len() - prefix - 1] != b'<' {
            continue;
        }
        let behind = colon + name.len();
        let body = behind + text[behind..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        if text.get(body) != Some(&b'>') {
            continue;
        }
        let body = body + 1;
        let end = memchr::memmem::find_iter(&text[body..], b"</")
            .map(|n| body + n)
            .find(|&end| {
                let close = &text[end + 2..];
                close.get(prefix..).is_some_and(|close| close.starts_with(name))
            })
            .unwrap_or(text.len());
        // The delimiter of a section is no code.
        let marked = memchr::memmem::find(&text[body..end], b"<![CDATA[");
        let from = marked.map_or(body, |n| body + n + 9);
        let to = memchr::memmem::rfind(&text[from..end], b"]]>").map_or(end, |n| from + n);
        if blocks.len() >= MAX_KEPT {
            more = true;
            break;
        }
        blocks.push(Block { kind: *kind, language: Language::Java, range: from..to });
        at = end;
    }
    blocks.sort_by_key(|block| block.range.start);
    // Of two that overlap the first is kept.
    let mut end = 0;
    blocks.retain(|block| {
        let apart = block.range.start >= end;
        end = if apart { block.range.end } else { end };
        apart
    });
    more
}
