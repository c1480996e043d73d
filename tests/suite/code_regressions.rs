//! Inputs that code analysis once failed on, with the checks of the fuzz targets (`fuzz/README.md`).

use base64::Engine;
use shellsift::code::reading::{Budget, read};
use shellsift::code::structure::Language;
use shellsift::{code, config, decode, pe, signing};
use std::path::Path;
use std::time::{Duration, Instant};

#[allow(unreachable_pub)] // the fuzz crate gives them out
#[path = "../../fuzz/src/checks.rs"]
mod checks;
#[allow(unreachable_pub)] // likewise
#[path = "../../fuzz/src/structures.rs"]
mod structures;

/// The name and content of each file below a folder of the project.
fn inputs(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files: Vec<_> = walkdir::WalkDir::new(&folder)
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.is_file())
        .map(|path| (path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

fn check(target: &str, input: &[u8]) {
    match target {
        "structure" => checks::structure(input),
        "lex_csharp" => checks::lexer(input, Language::CSharp),
        "lex_visual_basic" => checks::lexer(input, Language::VisualBasic),
        "lex_jscript" => checks::lexer(input, Language::JScript),
        "lex_vbscript" => checks::lexer(input, Language::VbScript),
        "fold" => checks::fold(input),
        "reading" => checks::reading(input),
        "config" => checks::configuration(input),
        "pe_shape" => structures::pe_shape(input),
        "signed" => structures::signed(input),
        other => panic!("there is no target {other}"),
    }
}

#[test]
fn what_once_failed_is_read() {
    for (name, text) in inputs("fixtures/regressions/code") {
        let text: Vec<u8> = text.into_iter().filter(|b| !b.is_ascii_whitespace()).collect();
        let input = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        check(name.split_once('-').unwrap().0, &input);
    }
}

#[test]
fn what_fuzzing_starts_from_is_read_by_every_target() {
    let targets =
        ["structure", "lex_csharp", "lex_visual_basic", "lex_jscript", "lex_vbscript", "fold", "reading", "config"];
    for (_, input) in inputs("fuzz/seeds") {
        targets.iter().for_each(|target| check(target, &input));
    }
}

/// What is put into a value that is taken as another class, a hundred thousand times over.
#[test]
fn no_depth_of_casts_costs_stack() {
    let text =
        ["<%@ Page Language=\"C#\" %><% Process.Start(\"a\"); ", &"(string)".repeat(100_000), "x = 1; %>"].concat();
    read(text.as_bytes(), "a.aspx", Budget::default());
}

/// Each took the square of its length, or thousands of times its length.
#[test]
fn what_once_took_long_does_not() {
    let size = 1 << 18;
    let long = |before: &str, piece: &str, after: &str| [before, &piece.repeat(size / piece.len()), after].concat();
    let vbscript = "<%@ Language=\"VBScript\" %><%\n";
    let script = "<%@ Language=\"JScript\" %><%\n";
    let needle = ["x = \"", &"ab".repeat(size / 4), "\"\n"].concat();
    let names: String = (0..size / 16).map(|i| format!("v{i} ")).collect();
    let pages = [
        ("a.asp", long(script, "? a ", "%>").replacen("? a", "var x", 1)),
        ("a.asp", long(&[vbscript, &needle].concat(), "y = Replace(\"a\", x, \"\")\n", "%>")),
        ("a.asp", long(&[vbscript, &needle].concat(), "y = Split(x, x)\n", "%>")),
        ("a.asp", long(&[vbscript, &needle].concat(), "execute(x)\n", "%>")),
        ("a.aspx", long("<%@ Page Language=\"C#\" %><% x = $\"", "{", "%>")),
        ("a.asp", long(&[script, "x = "].concat(), "/[", "%>")),
        (
            "a.aspx",
            long(
                &["<script runat=server language=c#>", &names, "</script>"].concat(),
                "<script runat=server language=vb>a</script><script runat=server language=c#>a</script>",
                "",
            ),
        ),
    ];
    for (name, text) in pages {
        let start = Instant::now();
        read(text.as_bytes(), name, Budget::default());
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{took:?} for {}", String::from_utf8_lossy(&text.as_bytes()[..80]));
    }
}
