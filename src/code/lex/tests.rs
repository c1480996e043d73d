use super::*;
use crate::code::token::Punct;
use crate::decode::{Effort, views};
use proptest::prelude::*;

const ALL: [Language; 6] =
    [Language::CSharp, Language::VisualBasic, Language::JScript, Language::VbScript, Language::Php, Language::Java];

fn read(language: Language, text: &[u8]) -> (Tokens, Interner) {
    let (mut interner, mut tokens) = (Interner::default(), Tokens::default());
    lex(text, 0..text.len(), language, BlockKind::Statements, &mut interner, &mut tokens, usize::MAX);
    (tokens, interner)
}

/// The tokens of a text in a row: names as they are, texts in `'`, statement ends as `|`, what has no value as `~`, a name that
/// is no keyword behind `\`.
fn tokens(language: Language, text: &str) -> String {
    let (tokens, interner) = read(language, text.as_bytes());
    let mut out = Vec::new();
    for token in &tokens.tokens {
        out.push(match token.kind {
            Kind::Name if token.verbatim => format!("\\{}", String::from_utf8_lossy(interner.name(token.value))),
            Kind::Name => String::from_utf8_lossy(interner.name(token.value)).into_owned(),
            Kind::Number => token.number().map_or("?".to_owned(), |number| number.to_string()),
            Kind::Literal => format!("'{}'", String::from_utf8_lossy(interner.literal(token.value))),
            Kind::Other => "~".to_owned(),
            Kind::Punct(sign) => written(sign).to_owned(),
            Kind::End if out.is_empty() => continue,
            Kind::End => "|".to_owned(),
            Kind::Block | Kind::Output | Kind::Binding => continue,
        });
    }
    out.join(" ")
}

fn written(sign: Punct) -> &'static str {
    match sign {
        Punct::Open => "(",
        Punct::Close => ")",
        Punct::OpenIndex => "[",
        Punct::CloseIndex => "]",
        Punct::OpenBrace => "{",
        Punct::CloseBrace => "}",
        Punct::Comma => ",",
        Punct::Semicolon => ";",
        Punct::Colon => ":",
        Punct::Dot => ".",
        Punct::Question => "?",
        Punct::Coalesce => "??",
        Punct::Assign => "=",
        Punct::AddAssign => "+=",
        Punct::OtherAssign => "*=",
        Punct::Equal => "==",
        Punct::NotEqual => "<>",
        Punct::Less => "<",
        Punct::Greater => ">",
        Punct::LessEqual => "<=",
        Punct::GreaterEqual => ">=",
        Punct::Add => "+",
        Punct::Subtract => "-",
        Punct::Multiply => "*",
        Punct::Divide => "/",
        Punct::IntDivide => "div",
        Punct::Remainder => "%",
        Punct::Power => "pow",
        Punct::Concat => "&",
        Punct::And => "&&",
        Punct::Or => "||",
        Punct::Xor => "^",
        Punct::BitAnd => "bit&",
        Punct::BitOr => "bit|",
        Punct::Not => "!",
        Punct::ShiftLeft => "<<",
        Punct::ShiftRight => ">>",
        Punct::Step => "++",
        Punct::Lambda => "=>",
        Punct::At => "@",
    }
}

#[track_caller]
fn all(language: Language, cases: &[(&str, &str)]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(text, wanted)| tokens(language, text) != *wanted)
        .map(|(text, wanted)| format!("{text}\n  is  {}\n  not {wanted}", tokens(language, text)))
        .collect();
    assert!(wrong.is_empty(), "{language:?}:\n{}", wrong.join("\n"));
}

#[test]
fn csharp_verbatim_strings() {
    all(
        Language::CSharp,
        &[
            (r#"@"a\b""#, r"'a\b'"),
            (r#"@"a ""b""" + c"#, r#"'a "b"' + c"#),
            ("@\"two\nlines\" x", "'two\nlines' x"),
            (r#"@"""" x"#, r#"'"' x"#),
            (r#"@"" x"#, "'' x"),
            // Left open: to the end of the code.
            (r#"@"a; b"#, "'a; b'"),
            // An at sign in front of something else is none.
            (r#"@ "a\tb""#, "@ 'a\tb'"),
        ],
    );
}

#[test]
fn csharp_interpolated_strings() {
    all(
        Language::CSharp,
        &[
            (r#"$"a""#, "( 'a' )"),
            (r#"$"a{b}c""#, "( 'a' + ( b ) + 'c' )"),
            (r#"$"{a}{b}""#, "( '' + ( a ) + '' + ( b ) + '' )"),
            // What is said on how to write a value is no code.
            (r#"$"{a:F2}{b,10:X}" c"#, "( '' + ( a ) + '' + ( b ) + '' ) c"),
            // Inside brackets a colon is one of the code.
            (r#"$"{(a ? b : c)}""#, "( '' + ( ( a ? b : c ) ) + '' )"),
            (r#"$"{f(a, b)[1, 2]}""#, "( '' + ( f ( a , b ) [ 1 , 2 ] ) + '' )"),
            (r#"$"{new A { B = 1 }.B}""#, "( '' + ( new a { b = 1 } . b ) + '' )"),
            // Doubled braces are text.
            (r#"$"{{a}} {{{b}}}""#, "( '{a} {' + ( b ) + '}' )"),
            (r#"$"a\"\t{b}""#, "( 'a\"\t' + ( b ) + '' )"),
            (r#"$@"a\{b}""c" + d"#, r#"( 'a\' + ( b ) + '"c' ) + d"#),
            (r#"@$"a\{b}""c" + d"#, r#"( 'a\' + ( b ) + '"c' ) + d"#),
            // Strings in a hole, and a string with holes in it.
            (r#"$"{f("}")}" d"#, "( '' + ( f ( '}' ) ) + '' ) d"),
            (r#"$"a{$"b{c}d"}e" f"#, "( 'a' + ( ( 'b' + ( c ) + 'd' ) ) + 'e' ) f"),
            // Left open: to the end of the line.
            ("$\"a{b}c\nd", "( 'a' + ( b ) + 'c' ) d"),
            // A dollar in a name of JScript opens nothing, nor does one of C#.
            ("a$ + b", "a$ + b"),
        ],
    );
    assert_eq!(tokens(Language::JScript, r#"$"a{b}""#), "$ 'a{b}'");
}

#[test]
fn csharp_raw_strings() {
    all(
        Language::CSharp,
        &[
            (r#""""a "b" \c""" d"#, r#"'a "b" \c' d"#),
            (r#"""""a """b""""  c"#, r#"'a """b' c"#),
            (r#"$"""a{b}"c" """ d"#, r#"( 'a' + ( b ) + '"c" ' ) d"#),
            (r#"$$"""{a} {{b}}""" c"#, "( '{a} ' + ( b ) + '' ) c"),
            // Lines: the first and the last are none of the text, nor is the indent of the last.
            ("\"\"\"\n    a\n      b\n    \"\"\" c", "'a\n  b' c"),
            ("\"\"\"\r\n  a\r\n  \"\"\" c", "'a' c"),
            ("\"\"\"\n\"\"\" c", "'' c"),
            // Less indented than the last line: as it is.
            ("\"\"\"\na\n  \"\"\" c", "'a' c"),
            (r#""" + a"#, "'' + a"),
        ],
    );
}

#[test]
fn csharp_characters_and_escapes() {
    all(
        Language::CSharp,
        &[
            (r"'a' '\'' '\\' '\u0041' '\x41' '\0'", "'a' ''' '\\' 'A' 'A' '\0'"),
            (r#""\u0041\U00000042\x43z\n\t\"" d"#, "'ABCz\n\t\"' d"),
            // `\x` takes up to four digits.
            (r#""\x0041" "\x41 ""#, "'A' 'A '"),
            // A character that is none.
            (r#""\uD800""#, "'\u{FFFD}'"),
            // Left open: to the end of the line.
            ("\"a\nb", "'a' b"),
            ("'a\nb", "'a' b"),
        ],
    );
}

#[test]
fn csharp_names() {
    all(
        Language::CSharp,
        &[
            (r"\u0061b a\u0062c", "ab abc"),
            (r"\U00000061b", "ab"),
            ("a\u{200B}b \u{FEFF}c \u{AD}", "ab c"),
            ("@class @a.@b", "\\class \\a . \\b"),
            ("naïve 变量", "naïve 变量"),
            ("Aa_1 _b", "aa_1 _b"),
            // A backslash that begins no escape.
            (r"a\ b \x", "a b x"),
            (r"\u00", "u00"),
        ],
    );
}

#[test]
fn csharp_lines_and_comments() {
    all(
        Language::CSharp,
        &[
            ("#if X\na\n#else // \"\nb\n  #endif\nc", "a b c"),
            // Not at the start of a line.
            ("a # b", "a b"),
            ("a // b \" c\nd", "a d"),
            ("a /* b \" \n c */ d", "a d"),
            ("a /* b", "a"),
            ("a /*/ b */ c", "a c"),
            ("\"//\" '/*' b", "'//' '/*' b"),
            // A slash by itself.
            ("a / b", "a / b"),
        ],
    );
}

#[test]
fn csharp_numbers_and_signs() {
    all(
        Language::CSharp,
        &[
            ("1 0x1F 1_000 10UL 2.5 1e5, .5, 99999999999", "1 31 1000 10 ? ? , ? , ?"),
            ("a.b?.c ?? d ? e : f", "a . b . c ?? d ? e : f"),
            ("a ? .5 : b", "a ? ? : b"),
            ("a ??= b += c *= d => e -> f :: g", "a *= b += c *= d => e . f . g"),
            ("a == b != c <= d >= e << f && g || h", "a == b <> c <= d >= e << f && g || h"),
            ("i++; --j", "i ++ ; ++ j"),
            ("a[1..2]", "a [ 1 , 2 ]"),
        ],
    );
}

#[test]
fn jscript_regular_expressions() {
    all(
        Language::JScript,
        &[
            ("a = /b\"c/g; d", "a = ~ ; d"),
            ("f(/[/\"]\\//) + g", "f ( ~ ) + g"),
            ("return /'/.test(a)", "return ~ . test ( a )"),
            ("case /'/: typeof /'/ in /'/", "case ~ : typeof ~ in ~"),
            ("a ? /'/ : !/'/", "a ? ~ : ! ~"),
            // Divisions.
            ("a / b / c", "a / b / c"),
            ("(a) / b / 2", "( a ) / b / 2"),
            ("a[0] / b / 2", "a [ 0 ] / b / 2"),
            ("2 / 3 / '4'", "2 / 3 / '4'"),
            ("a++ / 2 / '4'", "a ++ / 2 / '4'"),
            ("a /= 2 / 3", "a *= 2 / 3"),
            // No end on its line.
            ("a = / b\nc", "a = / b c"),
            ("a = /[/ b\nc", "a = / [ / b c"),
        ],
    );
    // C# has none.
    assert_eq!(tokens(Language::CSharp, "= /a/ b"), "= / a / b");
}

#[test]
fn jscript_conditional_compilation() {
    all(
        Language::JScript,
        &[
            ("/*@cc_on a = 1; @*/ b", "cc_on a = 1 ; b"),
            ("/*@CC_ON @*/ /*@if (@_win32) a @end @*/ b", "cc_on if ( @ _win32 ) a @ end b"),
            ("/*@set @a = 1 @*/ b", "set @ a = 1 b"),
            ("//@cc_on a\nb", "cc_on a b"),
            ("//@if (1) a\nb", "if ( 1 ) a b"),
            // Other comments.
            ("/*@else a */ b", "b"),
            ("/* @cc_on a */ b", "b"),
            ("// @cc_on a\nb", "b"),
        ],
    );
    assert_eq!(tokens(Language::CSharp, "/*@cc_on a */ b"), "b");
}

#[test]
fn jscript_strings_and_names() {
    all(
        Language::JScript,
        &[
            (r#"'a"b' "c'd""#, r#"'a"b' 'c'd'"#),
            (r#""\x41\u0042\103\0\q""#, "'ABC\0q'"),
            // Two digits and no more.
            (r#""\x4142""#, "'A42'"),
            ("\"a\\\nb\" c", "'ab' c"),
            ("\"a\\\r\nb\" c", "'ab' c"),
            (r"\u0065val $a _b", "eval $a _b"),
            ("a === b !== c >>> d", "a == b <> c > > > d"),
            ("#a", "a"),
        ],
    );
}

#[test]
fn visual_basic_strings() {
    all(
        Language::VisualBasic,
        &[
            (r#""a ""b""" c"#, r#"'a "b"' c |"#),
            ("“a” c", "'a' c |"),
            ("“a” & \"b” & ＂c＂", "'a' & 'b' & 'c' |"),
            ("\"a“”b\" c", "'a\"b' c |"),
            (r#""c"c "d"C "e"cd"#, "'c' 'd' 'e' cd |"),
            // Left open: to the end of the line.
            ("\"a\nb", "'a' | b |"),
            // Letters that only begin like a quote.
            ("\"é€\" b", "'é€' b |"),
            ("‘a\nb ’c", "b |"),
        ],
    );
    // VBScript knows the plain ones only.
    assert_eq!(tokens(Language::VbScript, "\"a”b\" c"), "'a”b' c |");
}

#[test]
fn visual_basic_interpolated_strings() {
    all(
        Language::VisualBasic,
        &[
            (r#"$"a" b"#, "( 'a' ) b |"),
            (r#"$"a{b}c" & d"#, "( 'a' + ( b ) + 'c' ) & d |"),
            (r#"$"{a(b, c)}{d:F2}{e,10:X}""#, "( '' + ( a ( b , c ) ) + '' + ( d ) + '' + ( e ) + '' ) |"),
            (r#"f($"{a}", b) : c"#, "f ( ( '' + ( a ) + '' ) , b ) | c |"),
            (r#"$"{{a}} ""{b}"" {({1, 2})(0)}""#, "( '{a} \"' + ( b ) + '\" ' + ( ( { 1 , 2 } ) ( 0 ) ) + '' ) |"),
            (r#"$"a{f("}") & $"b{c}"}d" e"#, "( 'a' + ( f ( '}' ) & ( 'b' + ( c ) + '' ) ) + 'd' ) e |"),
            // Left open: to the end of the line.
            ("$\"a\nb", "( 'a' ) | b |"),
            ("$\"a{b:\nc", "( 'a' + ( b | c |"),
            ("a$ & \"b\"", "a & 'b' |"),
        ],
    );
    assert_eq!(tokens(Language::VbScript, "a $\"b{c}\""), "a 'b{c}' |");
}

#[test]
fn visual_basic_lines() {
    all(
        Language::VisualBasic,
        &[
            ("a = b _\n+ c", "a = b + c |"),
            ("a = b _ ' why\r\n+ c", "a = b + c |"),
            ("a = b & _\n\nc", "a = b & c |"),
            // Where a line cannot end.
            ("a = b &\nc", "a = b & c |"),
            ("a =\nb", "a = b |"),
            ("a(b,\nc)\nd", "a ( b , c ) | d |"),
            ("a(\nb\n)\nc", "a ( b ) | c |"),
            ("a *\nb", "a * b |"),
            ("a.\nb", "a . b |"),
            // Where it can.
            ("a\n+ b", "a | + b |"),
            ("a : b\n\n\nc", "a | b | c |"),
            ("a_\nb", "a_ | b |"),
            ("#If X Then\na\n#End If\nb", "a | b |"),
        ],
    );
}

#[test]
fn visual_basic_literals_and_names() {
    all(
        Language::VisualBasic,
        &[
            ("#1/1/2021# #1/1/2021 10:00:00 PM#", "~ ~ |"),
            ("&H41 &h1F& &O101 &HFFFFFFFFFF", "65 31 65 ? |"),
            ("a&b a &Hz", "a & b a & hz |"),
            ("a$ = b% & c!d", "a = b & c . d |"),
            ("[End].a [a b]", "\\end . a \\a b |"),
            ("a ' b \" c\nd", "a | d |"),
            ("Rem a \" b\nremark", "remark |"),
            ("f(a:=1) : b", "f ( a : 1 ) | b |"),
            ("a <> b <= c >= d << e >> f \\ g ^ h", "a <> b <= c >= d << e >> f div g pow h |"),
            ("a &= b += c -= d", "a += b += c *= d |"),
            ("a?.b {1, 2}", "a . b { 1 , 2 } |"),
            ("<A> b", "< a > b |"),
            // A bracket that is never closed.
            ("[a\nb", "a | b |"),
            ("[] b", "b |"),
        ],
    );
}

#[test]
fn vbscript() {
    all(
        Language::VbScript,
        &[
            ("a = \"b ' c\" ' d", "a = 'b ' c' |"),
            ("rem a\nb : rem c\nd = rem", "b | d = rem |"),
            ("if a then rem b\nc", "if a then | c |"),
            ("a : b:c", "a | b | c |"),
            ("[a name] = [b]", "\\a name = \\b |"),
            ("a = \"b\nc = \"\"\"d\"\"\"", "a = 'b' | c = '\"d\"' |"),
            ("a = \"\"\nb", "a = '' | b |"),
            ("a = b _\r\n& c\r\nd", "a = b & c | d |"),
            // No brackets and no sign carry a line on here.
            ("a = b &\nc", "a = b & c |"),
            ("a(b,\nc)", "a ( b , c ) |"),
            ("&H41 &O101& 1.5", "65 65 ? |"),
            ("a <> b", "a <> b |"),
            ("#1/1/2021#", "~ |"),
            ("‘a", "‘a |"),
        ],
    );
}

#[test]
fn a_budget_ends_reading() {
    for language in ALL {
        let text = "a ".repeat(100);
        let (mut interner, mut tokens) = (Interner::default(), Tokens::default());
        lex(text.as_bytes(), 0..200, language, BlockKind::Members, &mut interner, &mut tokens, 10);
        assert_eq!((tokens.tokens.len(), tokens.cut), (10, true));
        let (mut interner, mut tokens) = (Interner::default(), Tokens::default());
        lex(text.as_bytes(), 0..200, language, BlockKind::Members, &mut interner, &mut tokens, 200);
        assert!(!tokens.cut);
    }
}

#[test]
fn a_block_is_read_by_itself() {
    let text = b"\"<% a = 1 %>\"";
    let (mut interner, mut tokens) = (Interner::default(), Tokens::default());
    lex(text, 3..10, Language::VbScript, BlockKind::Output, &mut interner, &mut tokens, 100);
    let places: Vec<_> = tokens.tokens.iter().map(|token| (token.kind, token.start, token.end)).collect();
    assert_eq!(places[0], (Kind::Output, 3, 3));
    assert_eq!(places[1], (Kind::Name, 4, 5));
    assert_eq!(places[3], (Kind::Number, 8, 9));
    // A range that is not in the text.
    lex(text, 5..500, Language::CSharp, BlockKind::Binding, &mut interner, &mut tokens, 100);
    lex(text, 50..60, Language::CSharp, BlockKind::Binding, &mut interner, &mut tokens, 100);
    assert!(tokens.tokens.iter().all(|token| token.start <= token.end && token.end as usize <= text.len()));
}

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

#[test]
fn variables_of_php_keep_their_sign_and_names_their_last_part() {
    let php = |text: &str| tokens(Language::Php, text);
    assert_eq!(
        php("$Ab = \\a\\B($$c, ${'d'}, A::$e, $f?->g, $h->{'i'}());"),
        "$ab = b ( $$ ( $c ) , $$ ( 'd' ) , a . $e , $f . g , $h . $$ ( 'i' ) ( ) ) ;"
    );
    assert_eq!(
        php("f(...$a) . 'b\\'c\\d' .= ~$e ^ 0x10; # x ?> y <?= 1 ?>"),
        "f ( $a ) & 'b\'c\\d' += ! $e ^ 16 ; ; 1 ;"
    );
    assert_eq!(php("/* a */ b // c\n#[D] e; __halt_compiler(); f"), "b [ d ] e ; __halt_compiler");
}

#[test]
fn strings_of_php_are_put_together_with_their_variables() {
    let php = |text: &str| tokens(Language::Php, text);
    assert_eq!(php(r#""a\x41\101\u{41}\$b\q""#), "'aAAA$b\\q'");
    assert_eq!(php(r#""a $b[c] $d->e $f[0]z""#), "( 'a ' & $b [ 'c' ] & ' ' & $d . e & ' ' & $f [ 0 ] & 'z' )");
    assert_eq!(php(r#""a{$b['c']}d" . "x${e}y""#), "( 'a' & ( $b [ 'c' ] ) & 'd' ) & ( 'x' & ( $e ) & 'y' )");
    assert_eq!(php("`a $b`"), "shell_exec ( ( 'a ' & $b & '' ) )");
    assert_eq!(php("f(<<<A\n b {$c}\n  A, 'd')"), "f ( ( ' b ' & ( $c ) & '' ) , 'd' )");
    assert_eq!(php("<<<'A'\n b $c\r\nA;"), "' b $c' ;");
    assert_eq!(php("\"a $b"), "( 'a ' & $b & '' )", "without an end");
}

#[test]
fn words_of_java_have_no_capitals() {
    assert_eq!(tokens(Language::Java, "Class c = a -> b.class;"), "\\class c = a => b . class ;");
}

#[test]
fn endless_php_is_read_in_linear_time() {
    let begin = std::time::Instant::now();
    for unit in ["<?", "?>", "\"$a", "\"{$", "${", "$", "<<<A\n", "<<<A\n$b", "`", "\"{$a[\"", "->{", "/*", "'", "\\a"]
    {
        let (tokens, _) = read(Language::Php, unit.repeat((1 << 20) / unit.len()).as_bytes());
        assert!(!tokens.cut);
    }
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
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
