//! Tests that hold for any text: ranges, bounds, time.

use super::{Structure, hold};
use proptest::prelude::*;

#[test]
fn more_than_is_kept_is_reported() {
    let few = "<%= a %>".repeat(100);
    assert!(!Structure::read(few.as_bytes(), "a.asp").truncated);
    for (unit, name) in
        [("<%= a %>", "a.asp"), ("<a runat=server>", "a.aspx"), ("<%@ Import a=b %>", "a.aspx"), ("@a ", "a.cshtml")]
    {
        let structure = Structure::read(unit.repeat(70_000).as_bytes(), name);
        assert!(structure.truncated, "{unit}");
        let most = structure.blocks.len().max(structure.elements.len()).max(structure.directives.len());
        assert_eq!(most, 65_536, "{unit}");
    }
}

#[test]
fn openings_without_an_end_are_read_in_linear_time() {
    let begin = std::time::Instant::now();
    for unit in [
        "<%",
        "<% ",
        "<%\x01a",
        "<%--",
        "<%-- %>",
        "<%@",
        "<%@ ",
        "<%@ a=\"",
        "<%@ a='b\n",
        "<%@ WebHandler %>",
        "%>",
        "<",
        "<a",
        "<a ",
        "<a b='",
        "<a b=\"'",
        "<a b=\"<a b='",
        "<a b=\"\"c='<",
        "<a b=<% ",
        "<a b='<%",
        "<asp:x ",
        "<asp:x runat=server ",
        "<script ",
        "<script runat=server ",
        "<script runat=server>",
        "<script runat=server></script ",
        "<!--#include ",
        "<!--#include file=",
        "<!--#include file=\"",
        "@",
        "@{",
        "@(",
        "@a(",
        "@a.",
        "@a[",
        "@if(",
        "@if(a){",
        "<?",
        "<?php ",
        "<j:scriptlet>",
        "<j:scriptlet",
        ":scriptlet>",
        "@if(a){}else ",
        "@helper ",
        "@helper a ",
        "@*",
        "@'",
        "@{'",
        "@{\"",
        "@{/*",
        "@section a",
        "@Code ",
        "@If a Then\n",
        "@If a\n",
        "@For ",
        "@For\nNext\n",
        "End ",
        "@Functions End ",
        "'",
        "\"",
        " '",
        "@{a}",
        "@\"",
        "<%'",
        "<%\"%>",
        "<%= a _\n",
    ] {
        let text = unit.repeat((1 << 18) / unit.len());
        for name in ["a.asp", "a.aspx", "a.cshtml", "a.vbhtml", "a.txt"] {
            hold(text.as_bytes(), &Structure::read(text.as_bytes(), name));
        }
    }
    assert!(begin.elapsed().as_secs() < 30, "{:?}", begin.elapsed());
}

const NAMES: [&str; 9] = ["a.asp", "a.aspx", "a.ashx", "a.asax", "a.cshtml", "a.vbhtml", "a.cs", "a.jsp", "a"];

/// Pieces that mean something, to be put together in any order.
const PIECES: [&str; 46] = [
    "<%",
    "%>",
    "<%=",
    "<%#",
    "<%:",
    "<%$",
    "<%--",
    "--%>",
    "<%@",
    " Page",
    " WebHandler",
    " Application",
    " language=",
    "c#",
    "vb",
    "jscript",
    "\"",
    "'",
    "<script",
    " runat=server",
    ">",
    "/>",
    "</script>",
    "<asp:x",
    " id=a",
    "<!--",
    "#include file=",
    "-->",
    "@",
    "{",
    "}",
    "(",
    ")",
    "[",
    "if",
    "functions",
    "Code",
    "End Code",
    "If a Then\n",
    "End If\n",
    "a",
    " ",
    "\n",
    "\u{0}",
    "é",
    "*",
];

#[test]
fn ranges_hold_for_every_beginning_of_a_page() {
    let page = "\u{feff}<%@ Page Language=\"C#\" %><!-- #include file='a' --><script runat=server>int b;</script><asp:X id=c runat=server t='<%# d %>'/>\
        <%-- e --%><%= f %>@{ g(); }@h.i(j)[0]@if (k) { } else { }@Code\nDim l\nEnd Code<% m(); %>";
    for end in 0..=page.len() {
        for name in NAMES {
            hold(&page.as_bytes()[..end], &Structure::read(&page.as_bytes()[..end], name));
        }
    }
}

proptest! {
    #[test]
    fn ranges_hold_for_any_pieces(pieces in proptest::collection::vec(0..PIECES.len(), 0..80), name in 0..NAMES.len()) {
        let text: String = pieces.into_iter().map(|piece| PIECES[piece]).collect();
        hold(text.as_bytes(), &Structure::read(text.as_bytes(), NAMES[name]));
    }

    #[test]
    fn ranges_hold_for_any_bytes(text in proptest::collection::vec(any::<u8>(), 0..400), name in 0..NAMES.len()) {
        hold(&text, &Structure::read(&text, NAMES[name]));
    }
}
