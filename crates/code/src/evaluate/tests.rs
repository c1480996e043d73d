use super::*;
use crate::code::lex::lex;
use crate::code::structure::{BlockKind, Language};

fn run(language: Language, text: &str, steps: usize) -> Computed {
    let (mut interner, mut tokens) = (Interner::default(), Tokens::default());
    lex(text.as_bytes(), 0..text.len(), language, BlockKind::Statements, &mut interner, &mut tokens, 100_000);
    evaluate(&tokens, text.as_bytes(), &mut interner, steps)
}

fn runs(language: Language, text: &str) -> Vec<String> {
    let computed = run(language, text, 200_000);
    let mut all: Vec<(u32, Vec<Vec<u8>>)> = computed.runs.into_iter().collect();
    all.sort();
    all.into_iter().flat_map(|(_, texts)| texts).map(|text| String::from_utf8(text).unwrap()).collect()
}

fn values(language: Language, text: &str) -> Vec<String> {
    let computed = run(language, text, 200_000);
    let mut all: Vec<(u32, Vec<u8>)> = computed.values.into_iter().collect();
    all.sort();
    all.into_iter().map(|(_, text)| String::from_utf8(text).unwrap()).collect()
}

#[test]
fn loops_of_vbscript_over_a_constant_are_run() {
    let shifted = "s = \"yt>t2\"\nfor i = 1 to len(s)\n  t = t & chr(asc(mid(s, i, 1)) - 1)\nnext\nexecute t";
    assert_eq!(runs(Language::VbScript, shifted), ["xs=s1"]);
    let counted = "Function d(s)\n Dim i, t : t = \"\"\n i = 1\n Do While i <= Len(s)\n t = t + Chr(\"&H\" & Mid(s, i, 2))\n \
                   i = i + 2\n Loop\n d = t\nEnd Function\nExecute(d(\"783d31\"))";
    assert_eq!(runs(Language::VbScript, counted), ["x=1"]);
    let listed = "a = split(\"120,61,50\", \",\")\nfor each n in a\nt = t & chr(n)\nnext\nexecuteglobal t";
    assert_eq!(runs(Language::VbScript, listed), ["x=2"]);
    let looked_up = "k = \"=x-1\"\nfunction l(n) : l = mid(k, n, 1) : end function\n\
                     execute l(2) & l(1) & l(4)";
    assert_eq!(runs(Language::VbScript, looked_up), ["x=1"]);
    let backwards = "for i = 3 to 1 step -1 : t = t & mid(\"1=x\", i, 1) : next : execute(t)";
    assert_eq!(runs(Language::VbScript, backwards), ["x=1"]);
}

#[test]
fn branches_are_run_as_they_are_known() {
    let text = "s = \"a1b2\"\nfor i = 1 to len(s)\n c = mid(s, i, 1)\n if c = \"1\" then\n  t = t & \"x\"\n elseif c = \"2\" then\n  \
                t = t & \"=\"\n else\n  t = t & \"1\"\n end if\nnext\nexecute t";
    assert_eq!(runs(Language::VbScript, text), ["1x1="]);
    let one_line = "for i = 1 to 5 : if i mod 2 = 0 then t = t & i else t = t & chr(45)\nnext\nexecute t";
    assert_eq!(runs(Language::VbScript, one_line), ["-2-4-"]);
    let chosen = "for i = 1 to 4\nselect case i\ncase 1, 3\nt = t & \"a\"\ncase 2\nt = t & \"b\"\ncase else\nt = t & chr(99)\n\
                  end select\nnext\nexecute t";
    assert_eq!(runs(Language::VbScript, chosen), ["abac"]);
    let left = "i = 0\ndo\n i = i + 1 : t = t & chr(64 + i)\n if i = 3 then exit do\nloop\nexecute t";
    assert_eq!(runs(Language::VbScript, left), ["ABC"]);
    let unknown =
        "t = \"abc\"\nif request(\"x\") = 1 then\n t = strreverse(t)\n end if\nfor i = 1 to 1 : next\nexecute t";
    assert_eq!(runs(Language::VbScript, unknown), ["cba"], "what may be done is done");
}

#[test]
fn code_inside_constants_is_run_too() {
    let text = "function d(s) : d = strreverse(s) : end function\nexecute d(\")\"\"1=x\"\"(d etucexe : 1 = y\")";
    assert_eq!(runs(Language::VbScript, text), ["y = 1 : execute d(\"x=1\")", "1=x"]);
    let number = "for i = 1 to 2 : t = t & chr(eval(\"64 + 1\")) : next\nexecute t";
    assert!(runs(Language::VbScript, number).contains(&"AA".to_owned()));
}

#[test]
fn scripts_and_c_sharp_are_run() {
    let script = "function d(s) { var t = ''; for (var i = 0; i < s.length; i += 2) { t += String.fromCharCode(parseInt(s.substr(i, \
                  2), 16)); } return t; }\neval(d('783d31'));";
    assert_eq!(runs(Language::JScript, script), ["x=1"]);
    let turned = "var k = 3, s = [123, 62, 50], t = \"\"; for (var i in s) { } var i = 0; while (i < s.length) { t += \
                  String.fromCharCode(s[i++] ^ k) } eval(t)";
    assert_eq!(runs(Language::JScript, turned), ["x=1"]);
    let sharp = "class P { static string D(string s) { var b = new StringBuilder(); foreach (char c in s) { b.Append((char)(c ^ 1)); } \
                 return b.ToString(); } void Page_Load(object o, EventArgs e) { Type.GetTypeFromProgID(D(\"VRbshqu/Ridmm\")); } }";
    assert_eq!(values(Language::CSharp, sharp), ["WScript.Shell"]);
    let indexed = "string k = \"abcS\"; int[] n = { 3, 0, 1 }; string t = \"\"; for (int i = 0; i < n.Length; i++) t += k[n[i]]; \
                   Type.GetTypeFromProgID(t);";
    assert_eq!(values(Language::CSharp, indexed), ["Sab"]);
}

#[test]
fn other_capabilities_get_their_text() {
    let text = "Function g(s)\nFor i = 1 To Len(s) Step 2\ng = g & Mid(s, i, 1)\nNext\nEnd Function\n\
                Set o = Server.CreateObject(g(\"WxSxcxrxixpxtx.xSxhxexlxlx\"))\n";
    assert_eq!(values(Language::VbScript, text), ["WScript.Shell"]);
}

#[test]
fn fields_of_classes_are_kept() {
    let text = "Class c\nPublic k\nPublic Function d(s)\nDim i\nFor i = 1 To Len(s)\nd = d & Chr(Asc(Mid(s, i, 1)) Xor k)\nNext\n\
                End Function\nEnd Class\nSet o = New c\no.k = 1\nExecute o.d(\"y<3\")";
    assert_eq!(runs(Language::VbScript, text), ["x=2"]);
}

#[test]
fn what_comes_from_outside_gives_nothing() {
    let text = "s = request(\"x\")\nfor i = 1 to len(s)\n t = t & chr(asc(mid(s, i, 1)) - 1)\nnext\nexecute t";
    assert!(runs(Language::VbScript, text).is_empty());
    let text = "s = request(\"x\")\nfor i = 1 to 3\ns = s & chr(65)\nnext\nexecute s";
    assert!(runs(Language::VbScript, text).is_empty());
}

#[test]
fn work_is_bounded() {
    for (language, text) in [
        (Language::VbScript, "do\nx = x & chr(65)\nloop\nexecute x".to_owned()),
        (Language::VbScript, "function f(s) : f = f(chr(65) & s) : end function\nexecute f(\"a\")".to_owned()),
        (
            Language::VbScript,
            "s = \"execute s : execute s : t = chr(65) : for i = 1 to 2 : next\" : execute s".to_owned(),
        ),
        (
            Language::JScript,
            "var s = 'ab'; while (true) { s = s + s; s = s.split('a').join('aa') } eval(s.charAt(1))".to_owned(),
        ),
        (Language::JScript, format!("for (;;) eval({}'a'.charAt(0){})", "(".repeat(50_000), ")".repeat(50_000))),
        (Language::JScript, format!("eval('a'.charAt(0)); {}", "if (x) { for (;;) ".repeat(50_000))),
        (Language::VbScript, format!("execute chr(65)\n{}", "if x then\nfor i = 1 to 3\n".repeat(20_000))),
        (Language::JScript, format!("eval('a'.charAt(0)); for (;;) {}", "a = a + (".repeat(5_000))),
        (Language::JScript, format!("eval('a'.charAt(0)); for (;;) {}", "a = a + function() { b = ".repeat(5_000))),
        (Language::CSharp, format!("eval(a.charAt(0)); {}", "int x = [{(".repeat(20_000))),
    ] {
        let computed = run(language, &text, 100_000);
        assert!(computed.steps <= 100_000);
    }
}
