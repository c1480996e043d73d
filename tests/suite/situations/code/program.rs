//! How the code is built: bounds of the analysis, structure of pages, the languages.

use super::super::{Answer, Server, Situation};
use super::{CUT, after, basic, many, replaced, request, run, runs, script, script_of, sharp, start, starts, text};

const LAYERS: Answer = Answer::Gap { kind: "decoding_truncated", words: "wwwroot" };

/// A page with a script that runs on the server.
fn handler_script() -> Vec<u8> {
    let open = "<%@ Page Language=\"C#\" ShellsiftInert=\"none\" %>\n<script runat=\"server\">void Page_Load() { ";
    [open.as_bytes(), &start(), b" }</script>"].concat()
}

fn members(load: &str, members: &str) -> Vec<u8> {
    format!(
        "<%@ Page Language=\"C#\" ShellsiftInert=\"none\" %>\n<script runat=\"server\">\nvoid Page_Load() {{ {load} }}\n{members}\n</script>"
    )
    .into_bytes()
}

fn harmless_page(front: &str) -> Vec<u8> {
    format!("<%@ Page Language=\"C#\" %>\n<% {front}Response.Write(1); %>").into_bytes()
}

/// A chain of members, each of which uses the next; the last one stands first.
fn chain(count: usize, link: &str, last: &str, first: &str) -> Vec<u8> {
    let link = |at: usize| {
        link.replace("{{", "\u{1}")
            .replace("}}", "\u{2}")
            .replace("{0}", &at.to_string())
            .replace("{1}", &(at + 1).to_string())
    };
    let mut all: Vec<String> =
        (0..count).map(link).map(|one| one.replace('\u{1}', "{").replace('\u{2}', "}")).collect();
    all.push(last.replace("{0}", &count.to_string()));
    all.reverse();
    let start = ["System.Diagnostics.", "Process.", "Start("].concat();
    members(&format!("{start}{first});"), &all.join("\n"))
}

fn variables(count: usize) -> Vec<u8> {
    let lines: Vec<String> = (0..count).map(|at| format!("v{at} = v{}", at + 1)).collect();
    script_of(&format!("Do\n{}\n{}\nv{count} = {}\nLoop", run("v0"), lines.join("\n"), request()))
}

fn functions(count: usize) -> Vec<u8> {
    let all: Vec<String> =
        (0..count).map(|at| format!("Function F{at}(a)\nF{at} = F{}(a)\nEnd Function", at + 1)).collect();
    let call = run(&format!("F0({})", request()));
    script_of(&format!("{call}\n{}\nFunction F{count}(a)\nF{count} = a\nEnd Function", all.join("\n")))
}

fn classes(count: usize) -> Vec<u8> {
    let all: Vec<String> = (0..count).map(|at| format!("class A{at} {{ }}")).collect();
    let start = ["new Z().", "Start(Req", "uest[\"none\"]);"].concat();
    members(&start, &format!("{}\nclass Z : System.Diagnostics.Process {{ }}", all.join("\n")))
}

fn parts() -> Vec<u8> {
    let start = ["new Z().", "Start(Req", "uest[\"none\"]);"].concat();
    members(&start, "partial class Z { }\npartial class Z : Y { }\nclass Y : System.Diagnostics.Process { }")
}

fn nested(depth: usize) -> Vec<u8> {
    script_of(&(0..depth).fold(run(&request()), |code, _| run(&format!("\"{}\"", code.replace('"', "\"\"")))))
}

fn calls(count: usize) -> Vec<u8> {
    let all: Vec<String> = (0..count).map(|at| format!("R \"x{at} = {at}\"")).collect();
    let last = run(&request()).replace('"', "\"\"");
    script_of(&format!("Sub R(a)\n{}\nEnd Sub\n{}\nR \"{last}\"", run("a"), all.join("\n")))
}

fn overloads(count: usize) -> Vec<u8> {
    let all: Vec<String> = (0..count).map(|at| format!("void R(string a, A{at} b) {{ }}")).collect();
    let start = ["System.Diagnostics.", "Process.", "Start(a);"].concat();
    members(
        &["R(Req", "uest[\"none\"], 1);"].concat(),
        &format!("{}\nvoid R(string a, int b) {{ {start} }}", all.join("\n")),
    )
}

fn layers(count: usize) -> Vec<u8> {
    use base64::Engine as _;
    let engine = base64::engine::general_purpose::STANDARD;
    let inner = (0..count).fold(sharp(""), |inner, _| engine.encode(inner).into_bytes());
    [b"<%@ Page Language=\"C#\" %><% var x = \"".as_slice(), &inner, b"\"; %>"].concat()
}

fn bound() -> Vec<u8> {
    let code = text(start()).replace(';', "");
    format!("<%@ Page Language=\"C#\" ShellsiftInert=\"none\" %><asp:Label runat=server Text='<%# {code} %>' />")
        .into_bytes()
}

fn razor(front: &str) -> Vec<u8> {
    [b"@{ @@inert@@ ".as_slice(), front.as_bytes(), &start(), b" }"].concat()
}

pub(super) const SITUATIONS: &[Situation] = &[
    page!("bounds/methods_5", "Request input passed through 5 methods in reverse order", "a.aspx", chain(5, "string M{0}(string a) {{ return M{1}(a); }}", "string M{0}(string a) { return a; }", "M0(Request[\"none\"])"), starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary replaced(chain(5, "string M{0}(string a) {{ return M{1}(a); }}", "string M{0}(string a) { return a; }", "M0(Request[\"none\"])"), "System.Diagnostics.Process.Start", "Response.Write")),
    page!(
        "bounds/methods_16",
        "Request input passed through 16 methods in reverse order",
        "a.aspx",
        chain(
            16,
            "string M{0}(string a) {{ return M{1}(a); }}",
            "string M{0}(string a) { return a; }",
            "M0(Request[\"none\"])"
        ),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!("bounds/methods_100", "Request input passed through 100 methods in reverse order", "a.aspx", chain(100, "string M{0}(string a) {{ return M{1}(a); }}", "string M{0}(string a) { return a; }", "M0(Request[\"none\"])"), starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary replaced(chain(100, "string M{0}(string a) {{ return M{1}(a); }}", "string M{0}(string a) { return a; }", "M0(Request[\"none\"])"), "System.Diagnostics.Process.Start", "Response.Write")),
    page!(
        "bounds/methods_1000",
        "Request input passed through 1000 methods in reverse order",
        "a.aspx",
        chain(
            1000,
            "string M{0}(string a) {{ return M{1}(a); }}",
            "string M{0}(string a) { return a; }",
            "M0(Request[\"none\"])"
        ),
        CUT
    ),
    page!(
        "bounds/properties",
        "Request input passed through twelve properties",
        "a.aspx",
        chain(
            12,
            "string M{0} {{ get {{ return M{1}; }} }}",
            "string M{0} { get { return Request[\"none\"]; } }",
            "M0"
        ),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "bounds/variables",
        "Request input passed back through forty variables of a loop",
        "a.asp",
        variables(40),
        runs(r"C:\inetpub\wwwroot\a.asp")
    ),
    page!(
        "bounds/functions",
        "Request input passed through thirty VBScript functions",
        "a.asp",
        functions(30),
        runs(r"C:\inetpub\wwwroot\a.asp")
    ),
    page!(
        "bounds/classes",
        "A class derived from Process after two hundred others",
        "a.aspx",
        classes(200),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "bounds/parts_of_a_class",
        "A partial class whose second part names the base class",
        "a.aspx",
        parts(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "bounds/nested_code",
        "Code in a constant in a constant, eight levels deep",
        "a.asp",
        nested(8),
        runs(r"C:\inetpub\wwwroot\a.asp")
    ),
    page!(
        "bounds/nested_texts",
        "Five hundred executed constants before the malicious one",
        "a.asp",
        many(500),
        runs(r"C:\inetpub\wwwroot\a.asp")
    ),
    page!(
        "bounds/calls",
        "The fortieth call passes code to a function",
        "a.asp",
        calls(40),
        runs(r"C:\inetpub\wwwroot\a.asp")
    ),
    page!(
        "bounds/overloads",
        "The thirtieth overload of a method",
        "a.aspx",
        overloads(30),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!("bounds/overloads_more", "The three-hundredth overload of a method", "a.aspx", overloads(300), CUT),
    page!(
        "bounds/brackets",
        "A hundred thousand brackets around request input",
        "a.aspx",
        replaced(
            sharp(""),
            "Request[\"none\"]",
            &format!("{}Request[\"none\"]{}", "(".repeat(100_000), ")".repeat(100_000))
        ),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "bounds/blocks",
        "Seventy thousand code blocks before the malicious one",
        "a.aspx",
        after(&b"<% ; %>".repeat(70_000), &sharp("")),
        CUT
    ),
    page!("bounds/tokens", "More code than the token limit", "a.aspx", sharp(&"x = 1;".repeat(150_000)), CUT),
    page!(
        "bounds/long_tag",
        "A script tag longer than a page",
        "a.aspx",
        replaced(handler_script(), "<script", &format!("<script a=\"{}\"", "a".repeat(200_000))),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!("bounds/layers", "Ten layers of base64", "a.aspx", layers(10), LAYERS),
    page!(
        "structure/upper",
        "An upper-case script element without quotes or end tag",
        "a.aspx",
        b"<SCRIPT LANGUAGE=C# RUNAT=SERVER>void Page_Load() { ".iter().copied().chain(start()).chain(*b"}").collect(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "structure/entities",
        "`runat` written with character references",
        "a.aspx",
        replaced(handler_script(), "\"server\"", "\"&#x00000073;erver\""),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "structure/angle_in_value",
        "An angle bracket in an attribute value before `runat`",
        "a.aspx",
        replaced(handler_script(), "<script", "<script a=\"<b>\""),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!("structure/comment", "A code block in an HTML comment, which still runs", "a.aspx", [b"<!-- ".as_slice(), &sharp(""), b" -->"].concat(), starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary b"<!-- <% = 1 %> -->".to_vec()),
    page!("structure/comment_over_blocks", "A comment opened in one block and closed in the next, after two slashes", "a.aspx", replaced(sharp(""), "<% ", "<% /* %> text <% // */ "), starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary b"<%@ Page Language=\"C#\" %><% /* %><p>old</p><% */ %>".to_vec()),
    page!(
        "structure/binding",
        "A data-binding expression in a control attribute",
        "a.aspx",
        bound(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "structure/foreign",
        "A page in an unsupported language",
        "a.asp",
        b"<%@ Language=\"PerlScript\" %><% print 1; %>".to_vec(),
        CUT
    ),
    page!("structure/foreign_script", "A script in an unsupported language", "a.asp", b"<script runat=server language=Python>print 1</script>".to_vec(), CUT, ordinary b"<script language=Python>print 1</script>".to_vec()),
    page!("language/left_out", "Code after an `#if` whose excluded text opens a string", "a.aspx", sharp("\n#if none\n@\"\n#endif\n"), starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary harmless_page("\n#if none\nint a;\n#endif\n")),
    page!(
        "language/left_out_comment",
        "Code after an `#if` whose excluded text opens a comment",
        "a.aspx",
        sharp("\n#if none\n/*\n#endif\n"),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "language/expression",
        "A regular expression with a quote after a bracket",
        "a.asp",
        script("if (1) /\"/.test(x);"),
        CUT
    ),
    page!(
        "language/type_character",
        "A type character that looks like a date literal",
        "a.aspx",
        replaced(basic(""), "System", "Dim x#=1:System"),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "language/element",
        "A Visual Basic XML element that contains a quote",
        "a.aspx",
        basic("Dim x = <a>\"</a> : "),
        CUT
    ),
    page!("language/razor_text", "A quote in markup text within a Razor block", "a.cshtml", razor("<p>it\"s</p> "), CUT, ordinary b"@{ <p>it's</p> }".to_vec()),
];
