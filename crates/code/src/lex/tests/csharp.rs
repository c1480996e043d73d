//! C#.

use super::*;

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
            // How a value is to be formatted is no code.
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
fn csharp_numbers_and_punctuation() {
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
