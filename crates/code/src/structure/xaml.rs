//! Workflow services (`.xamlx`): their expressions are code, in brackets in Visual Basic, in elements of their own in C#.

use super::text::{MAX_KEPT, is_text};
use super::{Block, BlockKind, Language};
use std::ops::Range;

/// How long an expression may be.
const LONGEST: usize = 4096;

/// The expressions of a workflow, in order.
pub(super) fn read(text: &[u8]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr2(b'[', b'<', &text[at..]).map(|n| at + n) {
        at = next + 1;
        let mut push = |range: Range<usize>, language| {
            if blocks.len() < MAX_KEPT && is_text(&text[range.clone()], 256, true) {
                blocks.push(Block { kind: BlockKind::Output, language, range });
            }
        };
        if text[next] == b'[' {
            // `Value="[expression]"` and `<Value>[expression]</Value>`
            let close = match text[..next].trim_ascii_end().last() {
                Some(b'"') => b'"',
                Some(b'>') => b'<',
                _ => continue,
            };
            let rest = &text[at..text.len().min(at + LONGEST)];
            let end =
                memchr::memchr_iter(b']', rest).find(|&end| rest[end + 1..].trim_ascii_start().first() == Some(&close));
            let Some(end) = end else { continue };
            push(at..at + end, Language::VisualBasic);
            at += end + 1;
        } else {
            let head = &text[at..text.len().min(at + 256)];
            let Some(open) = memchr::memchr(b'>', head) else { continue };
            // Code inside of markup, which belongs to its class.
            if head[..open].trim_ascii_end().ends_with(b":Code") && !head.starts_with(b"/") {
                let from = at + open + 1;
                let end = memchr::memmem::find(&text[from..], b":Code>").map_or(text.len(), |n| from + n);
                let skip = memchr::memmem::find(&text[from..end], b"<![CDATA[").map_or(from, |n| from + n + 9);
                if blocks.len() < MAX_KEPT && is_text(&text[skip..end], 256, true) {
                    blocks.push(Block { kind: BlockKind::Members, language: Language::CSharp, range: skip..end });
                }
                at = end.max(at);
                continue;
            }
            let sharp = [&b"CSharpValue"[..], b"CSharpReference"].iter().any(|word| {
                let name = head[..open].split(|b| b.is_ascii_whitespace()).next().unwrap_or_default();
                name.ends_with(word) && !name.starts_with(b"/")
            });
            if sharp && head[..open].last() != Some(&b'/') {
                let from = at + open + 1;
                let end =
                    memchr::memchr(b'<', &text[from..text.len().min(from + LONGEST)]).map_or(from, |end| from + end);
                push(from..end, Language::CSharp);
                at = end.max(at);
            }
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_workflows_are_code() {
        let text = br#"<WorkflowService><Assign Value="[a(1)]" /><x>[ b ]</x><mca:CSharpValue x:TypeArguments="x">c(2)</mca:CSharpValue>
                       <y z="{x [no]}" /></WorkflowService>"#;
        let found: Vec<_> = read(text)
            .into_iter()
            .map(|block| (String::from_utf8_lossy(&text[block.range]).trim().to_owned(), block.language))
            .collect();
        let basic = Language::VisualBasic;
        assert_eq!(found, [("a(1)".into(), basic), ("b".into(), basic), ("c(2)".into(), Language::CSharp)]);
    }

    #[test]
    fn code_inside_of_markup_is_code() {
        let text = b"<W xmlns:x=\"y\"><x:Code><![CDATA[ int a() { return 1; } ]]></x:Code><b/></W>";
        let found = read(text);
        assert_eq!((found.len(), found[0].kind, found[0].language), (1, BlockKind::Members, Language::CSharp));
        assert!(text[found[0].range.clone()].starts_with(b" int a()"));
    }

    #[test]
    fn endless_openings_are_read_in_bounded_time() {
        read(&b"\"[".repeat(100_000));
        read(&b"<CSharpValue>".repeat(50_000));
    }
}
