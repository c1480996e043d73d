//! Tokens of any bytes lie inside them.

use super::*;
use crate::decode::{Effort, views};
use proptest::prelude::*;

/// Pieces that mean something to one lexer or another.
const PIECES: &[&str] = &[
    "\"",
    "\"\"",
    "\"\"\"",
    "@\"",
    "$\"",
    "$@\"",
    "@$\"",
    "$$\"\"\"",
    "'",
    "\\",
    "\\u0041",
    "\\x4",
    "{",
    "}",
    "{{",
    "}}",
    "(",
    ")",
    "[",
    "]",
    "/",
    "//",
    "/*",
    "*/",
    "/*@cc_on",
    "@*/",
    "=",
    "a",
    "Rem ",
    "return ",
    "1",
    "0x1",
    "&H41",
    "&O7",
    ".5",
    "1e5",
    "#",
    "#1/1/2021#",
    ":",
    ":=",
    ",",
    ";",
    " _\r\n",
    "_",
    "\n",
    "\r\n",
    " ",
    "“",
    "”",
    "＂",
    "‘",
    "\u{200B}",
    "\u{FEFF}",
    "ä",
    "<",
    ">",
    "&",
    "+",
    "-",
    "!",
    "?",
    "??",
    "=>",
    "@",
    "$",
    "%",
    "^",
    "|",
    "~",
    "\0",
    "[a b]",
    "\"x\"c",
    "@class",
    "&=",
    "<?php ",
    "<?=",
    "?>",
    "$a",
    "$$a",
    "${",
    "{$",
    "`",
    "<<<A\n",
    "\nA;\n",
    "->",
    "->{",
    "::",
    "$a[",
    "#[",
    "\\a\\b",
];

fn inside(text: &[u8], language: Language) -> Result<Tokens, TestCaseError> {
    let (tokens, interner) = read(language, text);
    let mut before = 0;
    for token in &tokens.tokens {
        prop_assert!(token.start >= before, "{:?} goes back behind {}", token, before);
        prop_assert!(token.start <= token.end && token.end as usize <= text.len(), "{:?} is not in the text", token);
        before = token.start;
        match token.kind {
            Kind::Name => prop_assert!((token.value as usize) < interner.len()),
            Kind::Literal => prop_assert!((token.value as usize) < interner.literals.len()),
            _ => {}
        }
    }
    Ok(tokens)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn tokens_of_any_bytes_lie_inside_them(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        for language in ALL {
            inside(&text, language)?;
        }
    }

    #[test]
    fn tokens_of_any_pieces_lie_inside_them(text in proptest::collection::vec(proptest::sample::select(PIECES), 0..60)) {
        let text = text.concat();
        for language in ALL {
            inside(text.as_bytes(), language)?;
        }
    }

    #[test]
    fn tokens_of_encoded_text_lie_inside_the_file(
        text in proptest::collection::vec(proptest::sample::select(PIECES), 1..60),
        how in 0..4,
        start in 0..10_000u64,
    ) {
        use base64::Engine;
        let text = format!("Response.Write Request {}", text.concat());
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let base64 = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
        let stored = match how {
            0 => [&b"\xFF\xFE"[..], &wide(&text)].concat(),
            1 => format!("x = \"{}\" : y", base64(text.as_bytes())).into_bytes(),
            2 => format!("x = \"{}\" : y", base64(&wide(&text))).into_bytes(),
            _ => format!("x = \"{}\"", text.bytes().map(|b| format!("%{b:02x}")).collect::<String>()).into_bytes(),
        };
        let views = views(&stored, start, Effort::Thorough).views;
        prop_assert!(how > 0 || views.len() > 1);
        for view in &views {
            for language in ALL {
                for token in inside(&view.bytes, language)?.tokens {
                    let range = view.stored_range(token.start as usize, token.end as usize);
                    prop_assert!(range.start <= range.end);
                    prop_assert!(start <= range.start && range.end <= start + stored.len() as u64, "{:?}", range);
                }
            }
        }
    }
}
