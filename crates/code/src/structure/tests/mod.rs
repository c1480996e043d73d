//! Tests of what a page is made of. All pages here are made up and inert.

mod bounds;

use super::*;

/// The code of a page's blocks: kind, language, text.
fn blocks<'a>(text: &'a str, name: &str) -> Vec<(BlockKind, Language, &'a str)> {
    let structure = Structure::read(text.as_bytes(), name);
    hold(text.as_bytes(), &structure);
    structure.blocks.iter().map(|block| (block.kind, block.language, &text[block.range.clone()])).collect()
}

/// The code alone.
fn code<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    blocks(text, name).into_iter().map(|(_, _, code)| code).collect()
}

/// The languages alone.
fn languages(text: &str, name: &str) -> Vec<Language> {
    blocks(text, name).into_iter().map(|(_, language, _)| language).collect()
}

/// Whether all ranges lie inside the text, in order and, for blocks, apart.
fn hold(text: &[u8], structure: &Structure) {
    let mut end = 0;
    for block in &structure.blocks {
        assert!(block.range.start >= end && block.range.start <= block.range.end, "{structure:?}");
        end = block.range.end;
    }
    assert!(end <= text.len());
    let mut start = 0;
    for element in &structure.elements {
        assert!(element.range.start >= start && element.range.end <= text.len());
        start = element.range.start;
        assert!(element.attributes.iter().all(|(_, value)| value.start <= value.end && value.end <= element.range.end));
    }
    let ranges = structure.directives.iter().map(|d| &d.range).chain(structure.includes.iter().map(|i| &i.range));
    for range in ranges {
        assert!(range.start < range.end && range.end <= text.len());
    }
}

use BlockKind::{Binding, Members, Output, Statements};
use Language::{CSharp, JScript, VbScript, VisualBasic};

#[test]
fn blocks_of_asp_net_are_of_four_kinds() {
    let page = "<%@ Page Language='C#' %><p><% a(); %><%= b %><%: c %><%\n= d %><%# e %><%#: f %><%$ Setting:g %><%--<% h(); %>--%><%---%><% } %>";
    assert_eq!(
        blocks(page, "a.aspx"),
        [
            (Statements, CSharp, " a(); "),
            (Output, CSharp, " b "),
            (Output, CSharp, " c "),
            (Output, CSharp, " d "),
            (Binding, CSharp, " e "),
            (Binding, CSharp, " f "),
            (Statements, CSharp, " } "),
        ]
    );
}

#[test]
fn a_block_ends_at_the_first_mark_and_one_left_open_with_the_text() {
    assert_eq!(code("<% a = \"%>\" %> <% b = 1", "a.asp"), [" a = \"", " b = 1"]);
    assert_eq!(code("<!-- <% a() %> --> <script>var x = <%= b %>;</script>", "a.asp"), [" a() ", " b "]);
    assert!(code("< % a() % > %> <%%> <% %> &lt;% b %&gt;", "a.asp").is_empty());
}

#[test]
fn what_asp_net_skips_as_a_comment_is_code_in_classic_asp() {
    assert_eq!(code("<%-- Response.Write(1) --%>", "a.asp"), ["-- Response.Write(1) --"]);
    assert!(code("<%-- Response.Write(1) --%>", "a.aspx").is_empty());
    // A comment left open is none.
    assert_eq!(code("<%-- a(); %>", "a.aspx"), ["-- a(); "]);
    assert_eq!(code("<%# a %><%: b %>", "a.asp"), ["# a ", ": b "]);
}

#[test]
fn directives_in_any_spelling() {
    let read = |text: &str, name: &str| Structure::read(text.as_bytes(), name).directives;
    for text in [
        "<%@ Page Language=\"C#\" Debug='true' %>",
        "<%@Page language=C# debug=true%>",
        "GIF89a <html><%\n @\n PAGE\n LANGUAGE = 'C#'\n\tDebug= \"true\" \n%>",
    ] {
        let directives = read(text, "a.aspx");
        assert_eq!(directives.len(), 1, "{text}");
        assert_eq!(directives[0].name, "page");
        let attributes = [("language", "C#"), ("debug", "true")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(directives[0].attributes, attributes);
        assert!(text[directives[0].range.clone()].starts_with("<%") && text.ends_with("%>"));
    }
    let classic = &read("<%@LANGUAGE=VBScript CODEPAGE=\"936\"%>", "a.asp")[0];
    assert_eq!((&*classic.name, classic.attributes.len()), ("", 2));
    assert!(read("<% @ %> <%@ %> <p @page>", "a.aspx").is_empty());
    assert_eq!(code("<%@ Page Title=\"a %> b\" Language=\"C#\" %><% c(); %>", "a.aspx"), [" c(); "]);
    assert_eq!(code("<%@ Page Language=\"C# %><% c(\"d\"); %>", "a.aspx"), [" c(\"d\"); "]);
    assert_eq!(code("<%@ language=\"vbscript %><% c \"d\" %>", "a.asp"), [" c \"d\" "]);
    assert_eq!(code("<%@ Page <% c(); %>", "a.aspx"), [" c(); "]);
}

#[test]
fn server_scripts_in_any_spelling() {
    for tag in [
        "<script runat=server language=c#>",
        "<SCRIPT Language=\"C#\"\n RunAt = 'Server' >",
        "<script title='a > b' runat=\"server\"\tlanguage='c#'>",
        "<script language='c#'runat='server'>",
        "<script id=<%= a %> runat=server language=c#>",
    ] {
        let page = format!("{tag}void a() {{ b(\"<% c %>\"); }}</Script \n><% d(); %>");
        let expected = [(Members, CSharp, "void a() { b(\"<% c %>\"); }"), (Statements, CSharp, " d(); ")];
        assert_eq!(blocks(&page, "a.aspx"), expected, "{tag}");
    }
    for page in [
        "<script>void a() {}</script>",
        "<script runat=client>a</script>",
        "<scripts runat=server>a</scripts>",
        "<script data='runat=server'>a</script>",
        "<script runat=server> \n </script>",
        "<script runat=server />a</script>",
    ] {
        assert!(code(page, "a.aspx").is_empty(), "{page}");
    }
    assert_eq!(code("<script runat=server>void a() {} </scripts>", "a.aspx"), ["void a() {} </scripts>"]);
    assert_eq!(blocks("<script runat=server language=jscript>var a;</script><% b 1 %>", "a.asp")[0].1, JScript);
}

#[test]
fn a_script_declares_its_language_and_that_of_its_page() {
    assert_eq!(languages("<script runat=server language=vb>a</script><% b() %>", "a.aspx"), [VisualBasic, VisualBasic]);
    assert_eq!(languages("<script runat=server language=jscript>a</script><% Dim b %>", "a.asp"), [JScript, VbScript]);
    assert_eq!(languages("<script runat=server type='text/javascript'>a</script>", "a.asp"), [JScript]);
    // No engine reads the type.
    let page = "<%@ Page Language=C# %><script runat=server type='text/javascript'>void a() {}</script>";
    assert_eq!(languages(page, "a.aspx"), [CSharp]);
    assert!(languages("<script runat=server language=PerlScript>a</script>", "a.asp").is_empty());
}

#[test]
fn files_are_included_by_comments_and_by_scripts() {
    let page = "<!-- #include file=\"a.inc\" --><!--#INCLUDE Virtual = '/b.asp'--><!--\n#include\nfile=c.txt\n-->\
        <script runat=server src='d.cs'></script><script runat=server><!--#include file='e.cs'--></script>";
    let includes = Structure::read(page.as_bytes(), "a.asp").includes;
    let paths: Vec<&str> = includes.iter().map(|include| &*include.path).collect();
    assert_eq!(paths, ["a.inc", "/b.asp", "c.txt", "d.cs", "e.cs"]);
    assert_eq!(&page[includes[1].range.clone()], "<!--#INCLUDE Virtual = '/b.asp'-->");
    let none = "<!-- include file='a' --><!--#include file='a'><!--#include flie='a'--><!--#echo var='a'--><script src=a></script>";
    assert!(Structure::read(none.as_bytes(), "a.asp").includes.is_empty());
    assert_eq!(Structure::read(b"<!--#include file='a' b -->", "a.asp").includes[0].path, "a");
}

#[test]
fn elements_of_the_server_have_their_attributes() {
    let page = "<asp:TextBox ID=\"a\" runat=\"server\" Text='x \"y\"' Enabled=false/><INPUT type=hidden runat=server id=b>\
        <object runat=server id=c progid='x.y'></object><p id=d><asp:Label id=e>";
    let elements = Structure::read(page.as_bytes(), "a.aspx").elements;
    let names: Vec<_> = elements.iter().map(|element| (&*element.tag, &*element.id)).collect();
    assert_eq!(names, [("asp:textbox", "a"), ("input", "b"), ("object", "c")]);
    let attributes: Vec<_> =
        elements[0].attributes.iter().map(|(name, value)| (&**name, &page[value.clone()])).collect();
    assert_eq!(attributes, [("id", "a"), ("runat", "server"), ("text", "x \"y\""), ("enabled", "false")]);
    assert_eq!(&page[elements[2].range.clone()], "<object runat=server id=c progid='x.y'>");
}

#[test]
fn blocks_in_attributes_are_found_and_do_not_end_the_tag() {
    for tag in [
        "<asp:Label id=a Text='<%# Eval(\"x\") %>' runat=server>",
        "<asp:Label id=a Text=\"<%# Eval(\"x\") %>\" runat=server>",
        "<asp:Label id=a Text=<%# Eval(\"x\") %> runat=server />",
    ] {
        assert_eq!(blocks(tag, "a.ascx"), [(Binding, CSharp, " Eval(\"x\") ")], "{tag}");
        let elements = Structure::read(tag.as_bytes(), "a.ascx").elements;
        assert_eq!((elements.len(), &*elements[0].id, elements[0].range.end), (1, "a", tag.len()), "{tag}");
    }
    assert_eq!(code("<a href='<%= b %>' title=\"<%= c %>\">", "a.aspx"), [" b ", " c "]);
}

#[test]
fn a_tag_hidden_in_what_is_no_tag_for_the_engine_is_found() {
    let page = "<p a=\"x\"b=\"<script runat='server'>void a() {}</script>";
    assert_eq!(code(page, "a.aspx"), ["void a() {}"]);
    assert_eq!(code("<p a=\"left open <script runat=server>void a() {}</script>", "a.aspx"), ["void a() {}"]);
}

#[test]
fn classic_by_name_then_by_content() {
    let classic = |text: &str, name: &str| Structure::read(text.as_bytes(), name).classic;
    for name in
        ["a.asp", "C:\\x\\A.ASA", "/x/a.cer", "a.cdx", "a.shtml", "a.asp.bak", "a.asp;.jpg", "a.asp::$DATA", "a.asp. "]
    {
        assert!(classic("<% a() %>", name), "{name}");
    }
    for name in ["a.aspx", "a.ashx", "x.asp/a.ascx", "a.master", "a.aspx.txt"] {
        assert!(!classic("<% a() %>", name), "{name}");
    }
    assert!(classic("<%@ language=jscript %><% a() %>", "a.txt"));
    assert!(classic("<% Dim a : a = 1 %>", "web.config"));
    assert!(classic("<script runat=server language=vbscript>a</script>", "a"));
    assert!(classic("<% #@~^AAAA^#~@ %>", "a"));
    assert!(!classic("<%@ Import Namespace='a' %><% Dim a %>", "a.txt"));
    assert!(!classic("<asp:Label runat=server /><% Dim a %>", "a.txt"));
    assert!(!classic("<% int a = 1; %>", "a.txt"));
    // The engine of the name would not run it.
    assert!(!classic("<%@ Page Language='C#' %><% int a = 1; %>", "a.asp"));
    assert_eq!(languages("<%@ Page Language='C#' %><% Dim a %>", "a.asp"), [CSharp]);
    assert_eq!(languages("<%@ Language='C#' %><% a %>", "a.asp"), [CSharp]);
    assert_eq!(languages("<script language='C#' runat=server>int a;</script>", "a.asp"), [CSharp]);
    assert_eq!(languages("<%@ language=VBScript %><% Set a = b %>", "a.aspx"), [VbScript]);
    assert_eq!(languages("<%@ language=VBScript %><% Dim a As String %>", "a.aspx"), [VisualBasic]);
}

#[test]
fn languages_are_known_in_odd_spellings() {
    for (word, net, classic) in [
        ("C#", Some(CSharp), Some(CSharp)),
        ("c# ;x", Some(CSharp), Some(CSharp)),
        ("CSharp", Some(CSharp), Some(CSharp)),
        ("cs", Some(CSharp), Some(CSharp)),
        ("&#67;&#x23;", Some(CSharp), Some(CSharp)),
        ("vb", Some(VisualBasic), Some(VbScript)),
        ("Visual Basic", Some(VisualBasic), Some(VbScript)),
        (" VBScript.Encode", Some(VisualBasic), Some(VbScript)),
        ("Jscript", Some(JScript), Some(JScript)),
        ("JScript.NET", Some(JScript), Some(JScript)),
        ("text/javascript", Some(JScript), Some(JScript)),
        ("js", Some(JScript), Some(JScript)),
        ("PerlScript", None, None),
        ("", None, None),
        ("&#", None, None),
        ("no such", None, None),
    ] {
        let declared = Declared::of(word.as_bytes());
        assert_eq!((declared.language(false), declared.language(true)), (net, classic), "{word}");
    }
    assert!(languages("<%@ language=PerlScript %><% print 1; %>", "a.asp").is_empty());
    assert_eq!(languages("<%@ page import=\"java.util.*\" %><% int a; %>", "a.jsp"), [Language::Java]);
    assert_eq!(languages("<%@ Page Language='no such' %><% Dim a As Integer %>", "a.aspx"), [VisualBasic]);
    assert_eq!(languages("<%@ Page Language='Jscript' %><% a %>", "a.svc"), [JScript]);
}

#[test]
fn languages_are_recognised_by_content() {
    for (code, net, classic) in [
        ("Dim a\nIf a = 1 Then\n b \"x;y{}\"\nEnd If", VisualBasic, VbScript),
        ("For Each a In b\n Response.Write(a & \"x\") ' it's\nNext", VisualBasic, VbScript),
        ("var a = 1; function b() { return a === 2; }", JScript, JScript),
        ("eval(a[\"b\"]);", JScript, JScript),
        ("#@~^AAA==;;;;{}{}^#~@", CSharp, VbScript),
        ("a", CSharp, VbScript),
    ] {
        let page = format!("<% {code} %>");
        assert_eq!((languages(&page, "a.aspx")[0], languages(&page, "a.asp")[0]), (net, classic), "{code}");
    }
    for code in ["using A; string b = \"Dim End If\"; foreach (var c in d) { }", "var a = @\"Dim\nDim\nDim\"; a();"] {
        assert_eq!(languages(&format!("<% {code} %>"), "a.ascx"), [CSharp], "{code}");
    }
}

#[test]
fn a_handler_is_code_behind_its_directives() {
    let page = "<%@ WebHandler Language=\"C#\" Class=\"A\" %>\n<%@ Assembly Name='b' %><%-- c --%>\nclass A { string d = \"<% e %>\"; }";
    for name in ["a.ashx", "a.aspx", "a.asp", "a"] {
        assert_eq!(blocks(page, name), [(Members, CSharp, "\nclass A { string d = \"<% e %>\"; }")], "{name}");
    }
    assert_eq!(languages("<%@ WebService Language=VB Class=A %>Class A\nEnd Class", "a.asmx"), [VisualBasic]);
    assert_eq!(languages("<%@ ServiceHost Language=JScript Service=A %>class A {}", "a.svc"), [JScript]);
    assert!(code("<%@ WebHandler Language=\"C#\" CodeBehind='a.cs' Class=\"A\" %> \n", "a.ashx").is_empty());
    assert!(code("class A { }", "a.ashx").is_empty());
    // Somebody wrote a page.
    assert_eq!(code("<%@ WebHandler Language=C# %>\n<% a(); %>", "a.ashx"), [" a(); "]);
    assert_eq!(code("<%@ Page %><%@ WebHandler Language=C# %>a<% b(); %>", "a.aspx"), [" b(); "]);
}

#[test]
fn an_application_is_code_unless_it_has_scripts() {
    assert_eq!(blocks("<%@ Application Language=C# %>\nint a;", "Global.asax"), [(Members, CSharp, "\nint a;")]);
    assert_eq!(code("<%@ Application Language=C# %>\n<script runat=server>int a;</script>", "Global.asax"), ["int a;"]);
    assert!(code("<%@ Application Inherits=A %>\n", "Global.asax").is_empty());
}

#[test]
fn files_of_code_are_code_from_end_to_end() {
    assert_eq!(blocks("\u{feff}class A { }", "a.cs"), [(Members, CSharp, "class A { }")]);
    assert_eq!(blocks("Class A\nEnd Class", "A.VB"), [(Members, VisualBasic, "Class A\nEnd Class")]);
    assert!(blocks("\u{feff} \n", "a.cs").is_empty());
    assert!(blocks("class A { }", "a.cs.txt").is_empty());
}

#[test]
fn razor_in_c_sharp() {
    let page = "@using A.B\n@model C\n@{ var a = \"}\" + '}' + @\"\"\"}\" /* } */; // }\n }<p>@a.b(c[\")\"]).d. @(e + 1)</p>@if (f) { <p>it's</p> } else if (g) { h(); }\nelse { i(); } j\n\
        @functions { int k; }@helper L(int m) { <b>@m</b> }\n@section S {\n<i>@n</i> }\n@try { o(); } catch (P) { } finally { }@do { } while (q);";
    assert_eq!(
        blocks(page, "a.cshtml"),
        [
            (Statements, CSharp, " var a = \"}\" + '}' + @\"\"\"}\" /* } */; // }\n "),
            (Output, CSharp, "a.b(c[\")\"]).d"),
            (Output, CSharp, "e + 1"),
            (Statements, CSharp, "if (f) { <p>it's</p> } else if (g) { h(); }\nelse { i(); }"),
            (Members, CSharp, " int k; "),
            (Members, CSharp, "L(int m) { <b>@m</b> }"),
            (Output, CSharp, "n"),
            (Statements, CSharp, "try { o(); } catch (P) { } finally { }"),
            (Statements, CSharp, "do { } while (q)"),
        ]
    );
    let none = "a@b.example @@c @* @d @{ } *@ @ e @1 @<p> @model F\n@page \"x\"\n@section T { }";
    assert!(blocks(&none.replace(" @model", "\n@model"), "a.cshtml").is_empty());
    assert_eq!(code("x@(a) @await B.C() @{ unclosed", "a.cshtml"), ["a", "await B.C()", " unclosed"]);
    assert_eq!(
        code("@foreach (var a in b) { <a href=\"http://c/}\">d</a> @e } @f", "a.cshtml"),
        ["foreach (var a in b) { <a href=\"http://c/}\">d</a> @e }", "f"]
    );
    assert_eq!(code("@{ var a = \"\"\"}\"\"\"; }", "a.cshtml"), [" var a = \"\"\"}\"\"\"; "]);
    assert!(code("@{ a(); }", "a.aspx").is_empty());
}

#[test]
fn razor_in_visual_basic() {
    let page = "@ModelType A\n@Imports B\n@Code\n Dim a = \"x\"\nEnd Code<p>@a.b(\")\") @(c & d)</p>\n@If e Then\n  If f Then g()\n  @If h Then\n  End If\n <b>@i</b>\nEnd If j\n\
        @For Each k In l\n<i>@k</i>\nNext\n@Functions\n Dim m\nEnd Functions\n@Section S\n@n\nEnd Section";
    assert_eq!(
        blocks(page, "a.vbhtml"),
        [
            (Statements, VisualBasic, "\n Dim a = \"x\"\n"),
            (Output, VisualBasic, "a.b(\")\")"),
            (Output, VisualBasic, "c & d"),
            (Statements, VisualBasic, "If e Then\n  If f Then g()\n  @If h Then\n  End If\n <b>@i</b>\nEnd If"),
            (Statements, VisualBasic, "For Each k In l\n<i>@k</i>\nNext"),
            (Members, VisualBasic, "\n Dim m\n"),
            (Output, VisualBasic, "n"),
        ]
    );
    assert!(blocks("a@b.example @@c @* @d *@ @{ } @", "a.vbhtml").is_empty());
}

#[test]
fn razor_with_a_directive_is_read_both_ways() {
    let page = "<%@ Page Language='VB' %>@{ a(); <% b() %> }<% c() %>@d<% e(@f) %>";
    assert_eq!(
        blocks(page, "a.cshtml"),
        [
            (Statements, CSharp, " a(); <% b() %> "),
            (Statements, VisualBasic, " c() "),
            (Output, CSharp, "d"),
            (Output, CSharp, "f")
        ]
    );
    assert!(blocks("<% a(); %>", "a.cshtml").is_empty());
}

#[test]
fn marks_by_chance_in_a_binary_are_no_code_and_code_in_one_is() {
    let mut binary = b"GIF89a\x01\x02<%\x00\x01\x02\x03a\x04\x05\x06\x07%>\x00<%\x01\x02\x00\x00<p>".to_vec();
    assert!(Structure::read(&binary, "a.asp").blocks.is_empty());
    binary.extend_from_slice(b"<% Response.Write(1) %>\xFF\x00");
    let structure = Structure::read(&binary, "a.asp");
    hold(&binary, &structure);
    assert_eq!(structure.blocks.len(), 1);
    assert_eq!(&binary[structure.blocks[0].range.clone()], b" Response.Write(1) ");
    // Text of any encoding is text.
    let comment =
        b"<% '".iter().chain([0xD6, 0xD0].iter().cycle().take(600)).chain(b"\n%>").copied().collect::<Vec<_>>();
    assert_eq!(Structure::read(&comment, "a.asp").blocks.len(), 1);
    let encoded = [&b"<%#@~^AAAA=="[..], &[0xC0, 0x7F, 0x01, 0xFE].repeat(100), b"^#~@%>"].concat();
    assert_eq!(Structure::read(&encoded, "a.asp").blocks.len(), 1);
    let far = [&b"<%"[..], &[b' '; 1000], b"Response.Write(1)", &[b' '; 1000], b"%>"].concat();
    assert_eq!(Structure::read(&far, "a.asp").blocks.len(), 1);
}

#[test]
fn a_page_of_php_is_one_block_from_its_first_tag() {
    use Language::Php;
    assert_eq!(blocks("<p><?php a(); ?><%= b %>", "a.php"), [(Statements, Php, "a(); ?><%= b %>")]);
    assert_eq!(blocks("<?xml version='1.0'?><?= $a ?>", "x.inc"), [(Output, Php, " $a ?>")]);
    assert_eq!(languages("<% Response.Write 1 %>", "a.php"), [CSharp], "none of its tags");
    assert_eq!(languages("<?php a(); ?><%@ Page Language='C#' %><% b(); %>", "a.aspx"), [CSharp], "by its name");
    assert_eq!(languages("<?php a();", "a.asp;.php5"), [Php]);
}

#[test]
fn a_page_of_java_is_recognised_by_its_name_or_its_directive() {
    use Language::Java;
    assert_eq!(
        blocks("<%! int a; %><% b(); %><%= c %>", "a.jsp"),
        [(Statements, Java, "! int a; "), (Statements, Java, " b(); "), (Output, Java, " c ")]
    );
    assert_eq!(languages("<%@ page import='java.util.*' %><% a(); %>", "a.txt"), [Java]);
    assert_eq!(languages("<%@ page language='java' %><% a(); %>", "a.aspx"), [Java]);
    assert_eq!(languages("<%@ page language='C#' %><% a(); %>", "a.jsp"), [CSharp]);
    let xml = "<j:root xmlns:j='x'><j:declaration>int a;</j:declaration><j:scriptlet ><![CDATA[ b(); ]]></j:scriptlet><j:expression>c</j:expression></j:root>";
    assert_eq!(blocks(xml, "a.jspx"), [(Members, Java, "int a;"), (Statements, Java, " b(); "), (Output, Java, "c")]);
}
