//! Visual Basic and VBScript.

use super::*;

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
            // No brackets and no operator carry a line on here.
            ("a = b &\nc", "a = b & c |"),
            ("a(b,\nc)", "a ( b , c ) |"),
            ("&H41 &O101& 1.5", "65 65 ? |"),
            ("a <> b", "a <> b |"),
            ("#1/1/2021#", "~ |"),
            ("‘a", "‘a |"),
        ],
    );
}
