//! Pre-check of user rules: the position and nesting depth of each rule. YARA-X's parser and compiler recurse per
//! level, and a rule nested some thousand levels kills the process or is dropped silently.

use std::ops::Range;

/// How deep a rule may nest: brackets, and operators and words before an expression (`not`, `defined`, `-`, `~`). Rules of public packs
/// come to 20.
pub(super) const DEPTH: usize = 200;
/// How many operators one condition may join: the tree of a chain is as deep as the chain is long. Public packs come to some hundreds.
pub(super) const CHAIN: usize = 20_000;

/// One rule of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// Its name.
    pub(super) name: String,
    /// From its first word to its closing brace.
    pub(super) range: Range<usize>,
    /// Why it is not handed to the compiler.
    pub(super) refused: Option<String>,
}

/// One thing of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    Sign(u8),
    /// A string; nothing in it counts.
    Text,
    /// A regular expression, with how deep its brackets nest.
    Pattern(usize),
}

/// Reads a text from left to right. YARA divides by `\`, so a `/` opens a comment or a regular expression.
struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn next(&mut self) -> Option<(usize, Token<'t>)> {
        let bytes = self.text.as_bytes();
        loop {
            let start = self.at;
            let first = *bytes.get(start)?;
            let rest = bytes.get(start + 1..).unwrap_or_default();
            match first {
                b'/' if rest.first() == Some(&b'/') => {
                    self.at = memchr::memchr(b'\n', rest).map_or(bytes.len(), |end| start + 1 + end);
                }
                b'/' if rest.first() == Some(&b'*') => {
                    let end = memchr::memmem::find(rest.get(1..).unwrap_or_default(), b"*/");
                    self.at = end.map_or(bytes.len(), |end| start + 2 + end + 2);
                }
                b'"' => {
                    self.at = start + 1 + quoted(rest, b'"').0;
                    return Some((start, Token::Text));
                }
                b'/' => {
                    let (length, depth) = quoted(rest, b'/');
                    self.at = start + 1 + length;
                    return Some((start, Token::Pattern(depth)));
                }
                _ if first.is_ascii_alphanumeric() || matches!(first, b'_' | b'$' | b'#' | b'@' | b'!') => {
                    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                    self.at = start + 1 + rest.iter().take_while(|byte| is_word(byte)).count();
                    return Some((start, Token::Word(self.text.get(start..self.at).unwrap_or_default())));
                }
                _ => {
                    self.at = start + 1;
                    if !first.is_ascii_whitespace() {
                        return Some((start, Token::Sign(first)));
                    }
                }
            }
        }
    }
}

/// How long a text is up to its closing delimiter, which it may hold behind a backslash, and how deep brackets nest in it. Neither a string
/// nor a regular expression has a line end.
fn quoted(bytes: &[u8], close: u8) -> (usize, usize) {
    let (mut depth, mut deepest, mut at) = (0usize, 0, 0);
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'\n' => break,
            b'(' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b')' | b']' => depth = depth.saturating_sub(1),
            _ if byte == close => break,
            _ => {}
        }
    }
    (at.min(bytes.len()), deepest)
}

/// The rules of a text.
pub(super) fn rules(text: &str) -> Vec<Span> {
    let mut lexer = Lexer { text, at: 0 };
    let mut spans: Vec<Span> = Vec::new();
    let mut begin: Option<usize> = None;
    let mut named: Option<(usize, String)> = None;
    let mut nest = Nest::default();
    let mut awaits_name = false;
    while let Some((at, token)) = lexer.next() {
        if nest.levels.is_empty() {
            match token {
                Token::Word(word @ ("rule" | "private" | "global")) => {
                    begin.get_or_insert(at);
                    awaits_name |= word == "rule";
                }
                Token::Word(word) if awaits_name => {
                    named = Some((begin.take().unwrap_or(at), word.to_owned()));
                    awaits_name = false;
                }
                Token::Word("import" | "include") => begin = None,
                Token::Sign(b'{') => nest = Nest::open(),
                _ => {}
            }
            continue;
        }
        nest.take(token);
        if nest.levels.is_empty() {
            let (deepest, longest) = (nest.deepest, nest.longest);
            let refused = match () {
                () if deepest > DEPTH => Some(format!("it is nested deeper than {DEPTH}")),
                () if longest > CHAIN => Some(format!("it has an expression with more than {CHAIN} parts")),
                () => None,
            };
            if let Some((start, name)) = named.take() {
                spans.push(Span { name, range: start..lexer.at, refused });
            }
        }
    }
    // A rule that does not end is none, and must not be read for its depth either.
    if let Some((start, name)) = named
        && !nest.levels.is_empty()
    {
        let refused =
            (nest.deepest > DEPTH || nest.longest > CHAIN).then(|| format!("it is nested deeper than {DEPTH}"));
        spans.push(Span { name, range: start..text.len(), refused });
    }
    spans
}

/// How deep things stand.
#[derive(Default)]
struct Nest {
    /// Of each open bracket: how deep it stands below the one around it, for the operators before it.
    levels: Vec<usize>,
    depth: usize,
    /// Signs before an expression, so far.
    signs: usize,
    deepest: usize,
    /// Whether this is where expressions stand.
    in_condition: bool,
    /// Operators of it.
    chain: usize,
    longest: usize,
}

impl Nest {
    fn open() -> Self {
        Self { levels: vec![1], depth: 1, ..Self::default() }
    }

    fn take(&mut self, token: Token<'_>) {
        match token {
            Token::Sign(b'(' | b'[' | b'{') => {
                self.levels.push(self.signs + 1);
                self.depth += self.signs + 1;
                self.signs = 0;
            }
            Token::Sign(b')' | b']' | b'}') => {
                self.depth = self.depth.saturating_sub(self.levels.pop().unwrap_or(0));
                self.signs = 0;
            }
            Token::Word("not" | "defined") | Token::Sign(b'-' | b'~') => self.signs += 1,
            Token::Word("condition") => (self.in_condition, self.signs) = (true, 0),
            Token::Pattern(depth) => {
                self.deepest = self.deepest.max(self.depth + depth);
                self.signs = 0;
            }
            _ => self.signs = 0,
        }
        let joins = |token| {
            matches!(
                token,
                Token::Word("and" | "or") | Token::Sign(b'+' | b'-' | b'*' | b'\\' | b'%' | b'&' | b'|' | b'^' | b'.')
            )
        };
        // `[` behind a name, and the dot of a field, stand one below the other as well.
        self.chain += usize::from(self.in_condition && (joins(token) || token == Token::Sign(b'[')));
        self.longest = self.longest.max(self.chain);
        self.deepest = self.deepest.max(self.depth + self.signs);
    }
}

/// The text with these rules taken out; what is left stays on its lines.
pub(super) fn without<'s>(text: &str, spans: impl Iterator<Item = &'s Span>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for span in spans {
        for byte in bytes.get_mut(span.range.clone()).unwrap_or_default() {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, bool)> {
        rules(text).into_iter().map(|span| (span.name, span.refused.is_some())).collect()
    }

    #[test]
    fn rules_are_separated_whatever_their_strings_hold() {
        let text = r#"import "pe" // rule no { (
            /* rule no { */ private rule a : tag { meta: x = "rule b { \" (" strings: $a = /[}({\/]{2}\)/ $h = { 41 (42 | 43) [2-4] } condition: $a }
            global private rule c { condition: 4 \ 2 == 2 and not defined pe.x }"#;
        assert_eq!(names(text), [("a".to_owned(), false), ("c".to_owned(), false)]);
        let spans = rules(text);
        assert!(
            text[spans[0].range.clone()].starts_with("private rule a") && text[spans[1].range.clone()].ends_with('}')
        );
        let rest = without(text, spans.iter().take(1));
        assert_eq!((rest.lines().count(), names(&rest)), (text.lines().count(), vec![("c".to_owned(), false)]));
    }

    #[test]
    fn deep_rules_are_refused_however_they_nest() {
        let deep = |open: &str, close: &str| {
            format!(
                "rule deep {{ condition: {}true{} }} rule fine {{ condition: true }}",
                open.repeat(300),
                close.repeat(300)
            )
        };
        for (open, close) in [("(", ")"), ("not ", ""), ("not(", ")"), ("-", ""), ("~", ""), ("defined ", "")] {
            assert_eq!(names(&deep(open, close)), [("deep".to_owned(), true), ("fine".to_owned(), false)], "{open}");
        }
        let of_strings = |string: String| format!("rule deep {{ strings: $a = {string} condition: $a }}");
        for string in [
            format!("/x{}a{}/", "(".repeat(300), ")".repeat(300)),
            format!("{{ 41 {} 42 {} }}", "(".repeat(300), ")".repeat(300)),
        ] {
            assert_eq!(names(&of_strings(string)), [("deep".to_owned(), true)]);
        }
        assert!(names(&format!("rule long {{ condition: 1{} == 2 }}", "+1".repeat(CHAIN + 1)))[0].1);
        assert!(
            !names(&format!("rule wide {{ strings: {} condition: any of them }}", "$ = \"((((\" ".repeat(5000)))[0].1
        );
        assert!(names(&format!("rule open {{ condition: {}", "(".repeat(300)))[0].1);
    }
}
