//! Time against size: code analysis must take time proportional to its input, whatever the content; this prints where
//! it does not. `cargo bench --bench code`; with a word after it, only the inputs whose names contain the word.
#![allow(clippy::print_stdout)] // a bench prints its table

use shellsift::code::reading::{Budget, read};
use std::fmt::Write;
use std::sync::LazyLock;
use std::time::Instant;

const SIZES: [usize; 4] = [64 << 10, 256 << 10, 1 << 20, 4 << 20];
/// Four times the size may take so many times as long. A square takes sixteen times; what outgrows the processor's caches
/// on the way takes up to twice as long for each byte.
const MOST: f64 = 9.0;
/// Below this many milliseconds nothing is measured well.
const LEAST: f64 = 5.0;

/// A shape of input: its name, the page's, and what makes one of a size.
type Shape = (&'static str, &'static str, fn(usize) -> String);

fn main() {
    let only = std::env::args().skip(1).find(|word| !word.starts_with("--")).unwrap_or_default();
    let mut bad = 0;
    println!("{:<34} {:>9} {:>9} {:>9} {:>9}   ratios", "shape, ms", "64 KiB", "256 KiB", "1 MiB", "4 MiB");
    for (shape, name, make) in SHAPES.iter().filter(|(shape, ..)| shape.contains(&only)) {
        // The largest first: an allocator that has seen it keeps memory, and smaller ones do not wait for the system's.
        let mut times: Vec<f64> = SIZES.iter().rev().map(|&size| time(&make(size), name)).collect();
        times.reverse();
        let ratios: Vec<f64> = times.windows(2).map(|pair| pair[1] / pair[0].max(0.001)).collect();
        let steep = ratios.iter().zip(&times[1..]).any(|(&ratio, &time)| ratio > MOST && time > LEAST);
        bad += usize::from(steep);
        print!("{shape:<34}");
        times.iter().for_each(|time| print!(" {time:>9.2}"));
        print!("  ");
        ratios.iter().for_each(|ratio| print!(" {ratio:.1}"));
        println!("{}", if steep { "  STEEP" } else { "" });
    }
    println!("\nordinary code");
    for (what, name, text) in ORDINARY.iter().filter(|(what, ..)| what.contains(&only)) {
        let text = text.repeat((1 << 20) / text.len());
        let ms = time(&text, name);
        println!("{what:<34} {:>9.2} ms a MiB, {:.1} MB/s", ms, text.len() as f64 / 1e3 / ms);
    }
    println!("\n{bad} shapes are steep");
}

/// Milliseconds that reading takes, after a first time that touches the memory, if it is quick.
fn time(text: &str, name: &str) -> f64 {
    let (mut times, mut whole) = (0, 0.0);
    let mut first = None;
    while times < 3 || whole < 60.0 && times < 200 {
        let start = now();
        std::hint::black_box(read(text.as_bytes(), name, Budget::default()));
        let took = now() - start;
        if took > 300.0 {
            return took;
        }
        if first.replace(took).is_some() {
            whole += took;
            times += 1;
        }
    }
    whole / f64::from(times)
}

/// CPU milliseconds of this thread, where the system provides them; otherwise the time.
fn now() -> f64 {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok())
        .map_or_else(|| BEGIN.elapsed().as_secs_f64() * 1e3, |ran| ran / 1e6)
}

fn repeated(before: &str, piece: &str, after: &str, size: usize) -> String {
    [before, &piece.repeat(size / piece.len()), after].concat()
}

/// Pieces with a number in them.
fn counted(before: &str, piece: fn(usize) -> String, after: &str, size: usize) -> String {
    let mut text = String::from(before);
    let mut number = 0;
    while text.len() < size {
        text.push_str(&piece(number));
        number += 1;
    }
    text + after
}

/// As deep as the size allows: `open` over and over, `inside`, `close` as often.
fn deep(before: &str, open: &str, inside: &str, close: &str, size: usize) -> String {
    let times = size / (open.len() + close.len());
    [before, &open.repeat(times), inside, &close.repeat(times), "\n%>"].concat()
}

const VBS: &str = "<%@ Language=\"VBScript\" %><%\n";
const JS: &str = "<%@ Language=\"JScript\" %><%\n";
const VB: &str = "<%@ Page Language=\"VB\" %><%\n";
const CS: &str = "<%@ Page Language=\"C#\" %><%\n";

const SHAPES: &[Shape] = &[
    ("blanks", "a.asp", |n| repeated(VBS, " ", "%>", n)),
    ("line ends", "a.asp", |n| repeated(VBS, "\n", "%>", n)),
    ("colons", "a.asp", |n| repeated(VBS, ":", "%>", n)),
    ("comments of Basic", "a.asp", |n| repeated(VBS, "' a b c\n", "%>", n)),
    ("comments of C#", "a.aspx", |n| repeated(CS, "/* a */ // b\n", "%>", n)),
    ("comments left open", "a.aspx", |n| repeated(CS, "/* a ", "%>", n)),
    ("conditional compilation", "a.asp", |n| repeated(JS, "/*@cc_on @if ", "%>", n)),
    ("slashes", "a.asp", |n| repeated(JS, "=/[", "%>", n)),
    ("brackets of Basic", "a.asp", |n| deep(VBS, "x = (", "1", ")", n)),
    ("round brackets", "a.aspx", |n| deep(CS, "(", "1", ")", n)),
    ("round brackets left open", "a.aspx", |n| repeated(CS, "(", "\n%>", n)),
    ("round brackets closed", "a.aspx", |n| repeated(CS, ")", "\n%>", n)),
    ("brackets of all kinds", "a.aspx", |n| deep(CS, "([{", "1", "}])", n)),
    ("brackets of all kinds left open", "a.asp", |n| repeated(JS, "([{", "\n%>", n)),
    ("open and wrong close", "a.aspx", |n| [CS, &"(".repeat(1100), &"(}".repeat(n / 2), "%>"].concat()),
    ("braces", "a.aspx", |n| deep(CS, "{", "a;", "}", n)),
    ("nested calls of Basic", "a.asp", |n| deep(VBS, "Chr(", "1", ")", n)),
    ("nested calls of C#", "a.aspx", |n| deep(CS, "f(", "1", ")", n)),
    ("nested replace", "a.asp", |n| deep(VBS, "Replace(", "\"a\"", ",\"a\",\"b\")", n)),
    ("chained calls", "a.aspx", |n| repeated(CS, ".f(1)[2]", "%>", n)),
    ("chained replace", "a.asp", |n| repeated(&[JS, "x = \"a\""].concat(), ".replace(\"a\",\"b\")", "%>", n)),
    ("bare calls", "a.asp", |n| repeated(VBS, "f a, b\n", "%>", n)),
    ("bare calls in a row", "a.asp", |n| repeated(VBS, "f ", "%>", n)),
    ("one long sum", "a.asp", |n| repeated(&[VBS, "x = \"a\""].concat(), " & \"b\"", "%>", n)),
    ("one long sum of variables", "a.asp", |n| repeated(&[VBS, "x = \"a\""].concat(), " & x", "%>", n)),
    ("one long sum of C#", "a.aspx", |n| repeated(&[CS, "var x = \"a\""].concat(), " + \"b\"", ";%>", n)),
    ("growing text", "a.asp", |n| repeated(VBS, "s = s & \"x\"\n", "execute(s)%>", n)),
    ("growing text of C#", "a.aspx", |n| repeated(CS, "s += \"x\";", "%>", n)),
    ("text growing at the front", "a.asp", |n| repeated(VBS, "s = \"x\" & s\n", "execute(s)%>", n)),
    ("two growing texts", "a.asp", |n| repeated(VBS, "s = s & \"x\"\nt = t & s\n", "%>", n)),
    ("doubling text", "a.asp", |n| repeated(&[VBS, "s = \"x\"\n"].concat(), "s = s & s\n", "execute(s)%>", n)),
    ("doubling list", "a.asp", |n| repeated(VBS, "s = Array(s, s)\n", "%>", n)),
    ("characters", "a.asp", |n| repeated(VBS, "s = s & Chr(65)\n", "execute(s)%>", n)),
    ("codes", "a.asp", |n| repeated(&[JS, "eval(String.fromCharCode(1"].concat(), ",65", "))%>", n)),
    ("array", "a.aspx", |n| repeated(&[CS, "var a = new[] { 1"].concat(), ", 65", "};%>", n)),
    ("many mid of a long text", "a.asp", |n| {
        let text = ["x = \"", &"abc ".repeat(n / 8), "\"\n"].concat();
        [VBS, &text, &"y = y & Mid(x, 5, 1)\n".repeat(n / 2 / 21), "%>"].concat()
    }),
    ("many mid of a long wide text", "a.asp", |n| {
        let text = ["x = \"", &"ä ".repeat(n / 6), "\"\n"].concat();
        [VBS, &text, &"y = y & Mid(x, 5, 1)\n".repeat(n / 2 / 21), "%>"].concat()
    }),
    ("replace of a long needle", "a.asp", |n| {
        let text = ["x = \"", &"ab".repeat(n / 4), "\"\n"].concat();
        [VBS, &text, &"y = Replace(\"a\", x, \"\")\n".repeat(n / 2 / 24), "%>"].concat()
    }),
    ("split and join", "a.asp", |n| {
        let text = ["x = Split(\"", &",".repeat((n / 2).min(60_000)), "\", \",\")\n"].concat();
        [VBS, &text, &"y = Join(x, \"\")\n".repeat(n / 2 / 16), "%>"].concat()
    }),
    ("format of a long list", "a.aspx", |n| {
        repeated(&[CS, "var x = String.Format(\"{0}\""].concat(), ", \"a\"", ");%>", n)
    }),
    ("unescape", "a.asp", |n| repeated(&[JS, "eval(unescape(\""].concat(), "%41", "\"))%>", n)),
    ("code in constants", "a.asp", |n| repeated(VBS, "execute(\"y = 1 : execute(\"\"z = 2\"\")\")\n", "%>", n)),
    ("one long constant run often", "a.asp", |n| {
        let text = ["x = \"", &" ".repeat(n / 2), "y=1\"\n"].concat();
        [VBS, &text, &"execute(x)\n".repeat(n / 2 / 11), "%>"].concat()
    }),
    ("variables", "a.asp", |n| counted(VBS, |i| format!("v{i} = v{} & \"a\"\n", i / 2), "%>", n)),
    ("variables declared", "a.aspx", |n| counted(CS, |i| format!("string v{i} = v{};", i / 2), "%>", n)),
    ("a blank added again and again", "a.asp", |n| {
        counted(&[VBS, "x = \"\"\n"].concat(), |_| "x = x & \" \"\n".into(), "%>", n)
    }),
    ("one long constant given to many calls", "a.asp", |n| {
        let head = [VBS, "x = \"", &"ab".repeat(n / 4), "\"\nSub f(a)\nEnd Sub\n"].concat();
        counted(&head, |_| "f x & \"\"\n".into(), "%>", n)
    }),
    ("a parameter that is run in many places", "a.asp", |n| {
        counted(&[VBS, "Sub f(a)\n"].concat(), |_| "Execute a\n".into(), "End Sub\nf \"abcd\"\nf \"bcde\"\n%>", n)
    }),
    ("casts of what is assigned", "a.aspx", |n| {
        counted(&[CS, "Process.Start(\"a\"); "].concat(), |_| "(string)".into(), "x = 1; %>", n)
    }),
    ("data through variables", "a.asp", |n| {
        counted(&[VBS, "v0 = Request(\"a\")\n"].concat(), |i| format!("v{} = v{i}\n", i + 1), "%>", n)
    }),
    ("data through variables backwards", "a.asp", |n| {
        let mut text = String::from(VBS);
        (1..n / 16).rev().for_each(|i| writeln!(text, "v{} = v{i}", i + 1).unwrap_or_default());
        text + "v1 = Request(\"a\")\n%>"
    }),
    ("elements", "a.asp", |n| counted(VBS, |i| format!("a({i}) = a({})\n", i / 2), "%>", n)),
    ("functions", "a.asp", |n| {
        counted(VBS, |i| format!("Function f{i}(a)\nf{i} = f{}(a) & f{}(a)\nEnd Function\n", i + 1, i / 2), "%>", n)
    }),
    ("functions of one name", "a.aspx", |n| repeated(CS, "int f(int a, int b) { return f(b, a); }", "%>", n)),
    ("functions in functions", "a.asp", |n| deep(JS, "function f(a) { return ", "a", "}", n)),
    ("functions in functions, called", "a.asp", |n| deep(JS, "(function (a) { return ", "a", "})(a)", n)),
    ("functions left open", "a.asp", |n| repeated(JS, "function f(a) {", "\n%>", n)),
    ("parameters", "a.asp", |n| repeated(&[JS, "function f(a"].concat(), ",b", ") {} %>", n)),
    ("functions with many parameters", "a.asp", |n| repeated(JS, "f(a,(b),function(c){f(d)});", "%>", n)),
    ("lambdas", "a.aspx", |n| repeated(&[CS, "x = "].concat(), "a => (b, c) => ", "d; %>", n)),
    ("lambdas in brackets", "a.aspx", |n| deep(CS, "((a) => ", "a", ")", n)),
    ("arrows in arrows", "a.aspx", |n| repeated("<script runat=server language=c#>", "int f() => ", "1; </script>", n)),
    ("classes", "a.aspx", |n| {
        counted("<script runat=server language=c#>", |i| format!("class c{i} : c{} {{}}", i / 2), "</script>", n)
    }),
    ("classes used", "a.aspx", |n| {
        counted(
            "<script runat=server language=c#>",
            |i| format!("class c{i} : Process {{ c{i} v{i}; }}"),
            "</script>",
            n,
        )
    }),
    ("classes in classes", "a.aspx", |n| deep(CS, "class a : b {", "", "}", n)),
    ("attributes", "a.aspx", |n| repeated(CS, "[a(b)]", "int f() {} %>", n)),
    ("attributes of Basic", "a.aspx", |n| repeated(VB, "<a()> ", "%>", n)),
    ("type arguments", "a.aspx", |n| repeated(CS, "a<b", "%>", n)),
    ("casts", "a.aspx", |n| repeated(&[CS, "x = "].concat(), "(a)", "b; %>", n)),
    ("casts of brackets", "a.aspx", |n| deep(&[CS, "x = "].concat(), "(a.", "b", ")", n)),
    ("minus signs", "a.aspx", |n| repeated(&[CS, "x = "].concat(), "- ", "1; %>", n)),
    ("not after not", "a.asp", |n| repeated(&[VBS, "x = "].concat(), "Not ", "1\n%>", n)),
    ("powers", "a.asp", |n| repeated(&[VBS, "x = 1"].concat(), " ^ 1", "%>", n)),
    ("assignments in a row", "a.asp", |n| repeated(&[JS, "x"].concat(), " = x", "%>", n)),
    ("assignments in a row of Basic", "a.asp", |n| repeated(&[VBS, "x"].concat(), " = x", "%>", n)),
    ("question marks", "a.asp", |n| repeated(&[JS, "x = 1"].concat(), " ? a", "%>", n)),
    ("question marks declared", "a.asp", |n| repeated(&[JS, "var x = 1"].concat(), " ? a", "%>", n)),
    ("question marks declared, no value", "a.asp", |n| repeated(&[JS, "var x"].concat(), " ? a", "%>", n)),
    ("choices", "a.asp", |n| repeated(&[JS, "x = "].concat(), "a ? b : ", "c%>", n)),
    ("choices in choices", "a.asp", |n| deep(&[JS, "x = "].concat(), "a ? ", "b", " : c", n)),
    ("colons of JScript", "a.asp", |n| repeated(&[JS, "x = - - -a"].concat(), " ? - a :", "%>", n)),
    ("minus and colon", "a.asp", |n| repeated(&[JS, "x = "].concat(), "- :", "%>", n)),
    ("null or", "a.aspx", |n| repeated(&[CS, "x = a"].concat(), " ?? a", ";%>", n)),
    ("commas", "a.aspx", |n| repeated(&[CS, "int a"].concat(), ", b", ";%>", n)),
    ("elements by comma", "a.asp", |n| repeated(&[VBS, "f 1"].concat(), ", 1", "\n%>", n)),
    ("else if of Basic", "a.asp", |n| {
        repeated(&[VBS, "If a Then\n"].concat(), "ElseIf b = 1 Then\nc = 2\n", "End If\n%>", n)
    }),
    ("else if of C#", "a.aspx", |n| repeated(&[CS, "if (a) {}"].concat(), " else if (b == 1) { c = 2; }", "%>", n)),
    ("if in if", "a.aspx", |n| deep(CS, "if (a) {", "b = 1;", "}", n)),
    ("if without a body", "a.aspx", |n| repeated(CS, "if (a) ", "b = 1; %>", n)),
    ("if in brackets", "a.aspx", |n| repeated(CS, "if (", "\n%>", n)),
    ("for", "a.aspx", |n| repeated(CS, "for (;;", "", n)),
    ("with in with", "a.asp", |n| repeated(VBS, "With a.b\n.c = .d\n", "%>", n)),
    ("end", "a.asp", |n| repeated(VBS, "End With\nEnd Sub\nEnd Class\n", "%>", n)),
    ("cases", "a.asp", |n| repeated(&[VBS, "Select Case a\n"].concat(), "Case 1, 2\nb = 1\n", "End Select\n%>", n)),
    ("interpolated strings in each other", "a.aspx", |n| deep(&[CS, "x = "].concat(), "$\"a{", "1", "}\"", n)),
    ("interpolated strings left open", "a.aspx", |n| repeated(&[CS, "x = "].concat(), "$\"{", "\n%>", n)),
    ("braces in an interpolated string", "a.aspx", |n| repeated(&[CS, "x = $\""].concat(), "{", "\n%>", n)),
    ("dollars", "a.aspx", |n| repeated(&[CS, "x = $\""].concat(), "${{", "\";%>", n)),
    ("dollars of JScript", "a.asp", |n| repeated(&[JS, "x = "].concat(), "${{", "%>", n)),
    ("quotes", "a.aspx", |n| repeated(&[CS, "x = "].concat(), "\"", "\n%>", n)),
    ("raw strings", "a.aspx", |n| repeated(&[CS, "x = $\"\"\"\""].concat(), "\"\"\"{{ ", "\n%>", n)),
    ("strings left open", "a.asp", |n| repeated(VBS, "x = \"a\n", "%>", n)),
    ("names in brackets left open", "a.asp", |n| repeated(VBS, "[a", "%>", n)),
    ("underscores", "a.asp", |n| repeated(VBS, "_ ", "%>", n)),
    ("hashes", "a.aspx", |n| repeated(VB, "#a", "%>", n)),
    ("hidden characters", "a.aspx", |n| repeated(CS, "a\u{200B}", "%>", n)),
    ("escapes in names", "a.aspx", |n| repeated(CS, "\\u0061", "%>", n)),
    ("blocks", "a.asp", |n| repeated("", "<% a %>", "", n)),
    ("blocks left open", "a.asp", |n| repeated("", "<%", "", n)),
    ("blocks that write", "a.asp", |n| repeated("", "<%= a %>", "", n)),
    ("blocks in turn with markup", "a.aspx", |n| repeated(CS, "if (a) { %> <p> <% } else { %> </p> <% } ", "%>", n)),
    ("script elements", "a.aspx", |n| repeated("", "<script runat=server>a</script>", "", n)),
    ("script elements of two languages", "a.aspx", |n| {
        let names = counted("<script runat=server language=c#>", |i| format!("v{i} "), "</script>", n / 2);
        let turns = "<script runat=server language=vb>a</script><script runat=server language=c#>a</script>";
        names + &turns.repeat(n / 2 / turns.len())
    }),
    ("elements with names", "a.aspx", |n| {
        counted(CS, |i| format!("%><asp:TextBox id=\"t{i}\" runat=server /><% t{i}.Text = \"\"; "), "%>", n)
    }),
    ("directives", "a.aspx", |n| repeated("", "<%@ Import Namespace=\"a\" %>", CS, n)),
    ("uses of one variable with a step", "a.asp", |n| {
        repeated(&[VBS, "x = Request(\"a\")\n"].concat(), "execute(x)\nx = x & y\n", "%>", n)
    }),
    ("razor braces", "a.cshtml", |n| repeated("@{", "@{", "", n)),
    ("razor expressions", "a.cshtml", |n| repeated("", "@a(", "", n)),
    ("razor in Basic", "a.vbhtml", |n| repeated("@Code\n", "@If a Then\n", "", n)),
    ("code files", "a.cs", |n| {
        counted("", |i| format!("class A{i} {{ int F(int x) {{ return x + {i}; }} }}\n"), "", n)
    }),
];

const ORDINARY: &[(&str, &str, &str)] = &[
    ("C#", "a.aspx", include_str!("code/csharp.txt")),
    ("Visual Basic", "a.aspx", include_str!("code/visual_basic.txt")),
    ("VBScript", "a.asp", include_str!("code/vbscript.txt")),
    ("JScript", "a.asp", include_str!("code/jscript.txt")),
];
