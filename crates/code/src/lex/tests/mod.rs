//! Tests of the lexers.

mod basic;
mod bounds;
mod csharp;

use super::*;
use crate::code::token::Punct;

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
            Kind::Punct(punct) => written(punct).to_owned(),
            Kind::End if out.is_empty() => continue,
            Kind::End => "|".to_owned(),
            Kind::Block | Kind::Output | Kind::Binding => continue,
        });
    }
    out.join(" ")
}

fn written(punct: Punct) -> &'static str {
    match punct {
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
fn a_budget_ends_reading() {
    for language in ALL {
        let text = "a ".repeat(100);
        let (mut interner, mut tokens) = (Interner::default(), Tokens::default());
        lex(text.as_bytes(), 0..200, language, BlockKind::Members, &mut interner, &mut tokens, 10);
        assert_eq!((tokens.tokens.len(), tokens.truncated), (10, true));
        let (mut interner, mut tokens) = (Interner::default(), Tokens::default());
        lex(text.as_bytes(), 0..200, language, BlockKind::Members, &mut interner, &mut tokens, 200);
        assert!(!tokens.truncated);
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
        assert!(!tokens.truncated);
    }
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}
