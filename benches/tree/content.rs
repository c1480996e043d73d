//! File contents: ordinary scripts, styles, markup, pages and executables, with words that attract a scanner, and
//! nothing malicious.

use super::Random;
use super::words::{BLOCK, MEMBERS, PAGE, SCRIPT, SCRIPT_RARE, TEMPLATES, TEXTS, WORDS};

/// The kind of a file's content.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// JavaScript, as a minifier leaves it.
    Script,
    /// A style sheet.
    Style,
    /// A static page.
    Html,
    /// A vector drawing.
    Vector,
    /// Any other markup.
    Markup,
    /// These bytes, and then compressed content.
    Picture(&'static [u8]),
    /// A .NET program.
    Program,
    /// A server page.
    Page,
    /// A control of a server page.
    Control,
    /// The one line that names a service's class.
    Service,
    /// A web.config.
    Configuration,
}

impl Kind {
    /// Fills `out` with about `size` bytes; exactly so many where cutting does no harm.
    pub(super) fn fill(self, random: &mut Random, size: usize, out: &mut Vec<u8>) {
        match self {
            Kind::Script => script(random, size, out),
            Kind::Style => style(random, size, out),
            Kind::Html => html(random, size, out),
            Kind::Vector => vector(random, size, out),
            Kind::Markup => markup(random, size, out),
            Kind::Picture(start) => picture(random, start, size, out),
            Kind::Program => program(random, size, out),
            Kind::Page => page(random, size, out),
            Kind::Control => control(random, size, out),
            Kind::Service => return service(random, out),
            Kind::Configuration => return configuration(random, size, out),
        }
        if !matches!(self, Kind::Page | Kind::Control) {
            out.truncate(size);
        }
    }
}

fn name(random: &mut Random, out: &mut Vec<u8>) {
    for _ in 0..2 + random.below(2) {
        out.extend_from_slice(random.pick(WORDS).as_bytes());
    }
}

fn named(random: &mut Random) -> String {
    let mut out = Vec::new();
    name(random, &mut out);
    String::from_utf8(out).expect("words are ASCII")
}

/// A file's name without its extension.
pub(super) fn file_name(random: &mut Random, kind: Kind) -> String {
    match kind {
        Kind::Program => format!(
            "microsoft.exchange.{}.{}",
            named(random).to_ascii_lowercase(),
            random.pick(WORDS).to_ascii_lowercase()
        ),
        Kind::Script => format!("microsoft.owa.{}.{}", named(random).to_ascii_lowercase(), random.below(1000)),
        _ => format!("{}_{}", named(random).to_ascii_lowercase(), random.below(1000)),
    }
}

fn script(random: &mut Random, size: usize, out: &mut Vec<u8>) {
    let templates = random.one_in(30);
    out.extend_from_slice(b"// Copyright (c) the maker of this file. All rights reserved.\n");
    while out.len() < size {
        match random.below(400) {
            0 => out.extend_from_slice(random.pick(SCRIPT_RARE).as_bytes()),
            1 => {
                out.extend_from_slice(b"\"/*");
                name(random, out);
                out.extend_from_slice(b"*/ ");
                name(random, out);
                out.push(b'"');
            }
            2 => out.extend_from_slice(b";\r\n"),
            3 if templates => out.extend_from_slice(random.pick(TEMPLATES).as_bytes()),
            4..90 => name(random, out),
            _ => out.extend_from_slice(random.pick(SCRIPT).as_bytes()),
        }
    }
}

fn style(random: &mut Random, size: usize, out: &mut Vec<u8>) {
    const RULES: &[&str] = &[
        "{color:#",
        "0078d7;}",
        "{margin:0 0 4px;padding:2px 8px;",
        "font-family:\"Segoe UI\",Tahoma,sans-serif;",
        "display:inline-block;",
        "background:url('../images/0/sprite1.mouse.png') no-repeat -0px -",
        "12px;width:16px;height:16px;}",
        "position:absolute;",
        ":hover",
        "expression(this.width)",
        "@media screen and (max-width:640px){",
        "}",
        " > li",
        "border:1px solid #ccc;",
        "filter:alpha(opacity=50);}",
    ];
    while out.len() < size {
        out.push(b'.');
        name(random, out);
        for _ in 0..3 {
            out.extend_from_slice(random.pick(RULES).as_bytes());
        }
        out.push(b'\n');
    }
}

fn html(random: &mut Random, size: usize, out: &mut Vec<u8>) {
    const PIECES: &[&str] = &[
        "<div class=\"",
        "\"></div>\r\n",
        "<script type=\"text/javascript\" src=\"../scripts/boot.js\"></script>\r\n",
        "<p>",
        "</p>\r\n",
        "<a href=\"#\" onclick=\"return false;\">",
        "</a>",
        "<td nowrap>",
        "</td>",
        "<span id=\"",
        "\">",
        "</span>\r\n",
        "&nbsp;",
        "<script language=\"javascript\">var a = location.search; if (a) { window.external.Execute(a); }</script>\r\n",
        "<input type=\"hidden\" name=\"",
        "<form action=\"/owa/auth.owa\" method=\"POST\">",
        "</form>",
    ];
    out.extend_from_slice(b"<!DOCTYPE html>\r\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"></head>\r\n<body>\r\n");
    while out.len() < size {
        out.extend_from_slice(random.pick(PIECES).as_bytes());
        if random.one_in(2) {
            name(random, out);
        }
    }
}

fn vector(random: &mut Random, size: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\">\n");
    while out.len() < size {
        out.extend_from_slice(b"<path d=\"M");
        for _ in 0..12 {
            let number = random.below(3200);
            out.extend_from_slice(format!("{}.{:02} ", number / 100, number % 100).as_bytes());
        }
        out.extend_from_slice(b"z\" fill=\"#333\"/>\n");
    }
}

fn markup(random: &mut Random, size: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<root>\r\n");
    while out.len() < size {
        out.extend_from_slice(b"  <data name=\"");
        name(random, out);
        out.extend_from_slice(b"\" language=\"en-US\"><value>");
        for _ in 0..random.below(8) {
            name(random, out);
            out.push(b' ');
        }
        out.extend_from_slice(b"</value></data>\r\n");
    }
}

fn picture(random: &mut Random, start: &[u8], size: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(start);
    noise(random, size.saturating_sub(out.len()), out);
}

fn noise(random: &mut Random, count: usize, out: &mut Vec<u8>) {
    let end = out.len() + count;
    while out.len() < end {
        out.extend_from_slice(&random.next().to_le_bytes());
    }
    out.truncate(end);
}

/// Headers, code, a string table, texts as UTF-16, resources.
fn program(random: &mut Random, size: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0\0\0\0\0\x40\0\0\0");
    out.resize(60, 0);
    out.extend_from_slice(b"\x80\0\0\0\x0e\x1f\xba\x0e\0\xb4\x09\xcd\x21\xb8\x01\x4c\xcd\x21This program cannot be run in DOS mode.\r\r\n$");
    out.resize(128, 0);
    out.extend_from_slice(b"PE\0\0\x4c\x01\x03\0");
    out.resize(512, 0);
    // What the compiler writes most: short instructions and small numbers, with tokens between them.
    const CODE: &[u8] = b"\x02\x03\x04\x06\x07\x0a\x0b\x16\x17\x25\x26\x28\x2a\x2c\x2d\x6f\x72\x73\x7b\x7d\x7e\x8c\x8d\xa2\xfe\0\0\0\0\x01\x0a\x70";
    let code_end = size * 5 / 10;
    while out.len() < code_end {
        let bits = random.next();
        out.extend((0..8).map(|at| CODE[(bits >> (at * 5)) as usize & 31]));
        out.extend_from_slice(&(bits >> 40).to_le_bytes()[..3]);
    }
    let names_end = size * 7 / 10;
    let mut members = MEMBERS.iter();
    while out.len() < names_end {
        if random.one_in(60)
            && let Some(member) = members.find(|_| random.one_in(2))
        {
            out.extend_from_slice(member.as_bytes());
        } else {
            out.extend_from_slice(random.pick(&["", "", "", "get_", "set_", "<", "I", "m_"]).as_bytes());
            name(random, out);
        }
        out.push(0);
    }
    let mut texts = TEXTS.iter();
    let texts_end = size * 78 / 100;
    while out.len() < texts_end {
        let text = match texts.find(|_| random.one_in(3)) {
            Some(text) if random.one_in(4) => (*text).to_owned(),
            _ => named(random),
        };
        out.push((text.len() * 2 + 1) as u8);
        out.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        out.push(0);
    }
    noise(random, (size * 92 / 100).saturating_sub(out.len()), out);
    out.resize(size.max(out.len()), 0);
}

/// A pattern with a name for each `{}`; `{{` and `}}` stand for braces.
fn fill_in(random: &mut Random, pattern: &str, out: &mut Vec<u8>) {
    for (at, piece) in pattern.split("{}").enumerate() {
        if at > 0 {
            name(random, out);
        }
        out.extend_from_slice(piece.replace("{{", "{").replace("}}", "}").as_bytes());
    }
}

fn page(random: &mut Random, size: usize, out: &mut Vec<u8>) {
    fill_in(
        random,
        "<%@ Page Language=\"C#\" AutoEventWireup=\"false\" Inherits=\"Microsoft.Exchange.{}\" ValidateRequest=\"true\" %>\r\n",
        out,
    );
    markup_of_a_page(random, size, out);
}

fn control(random: &mut Random, size: usize, out: &mut Vec<u8>) {
    fill_in(
        random,
        "<%@ Control Language=\"C#\" AutoEventWireup=\"true\" Inherits=\"Microsoft.Exchange.{}\" %>\r\n",
        out,
    );
    markup_of_a_page(random, size, out);
}

fn markup_of_a_page(random: &mut Random, size: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<%@ Import Namespace=\"System.Web\" %>\r\n");
    if random.one_in(3) {
        out.extend_from_slice(b"<script runat=\"server\">\r\n");
        for _ in 0..6 {
            let line = random.pick(BLOCK);
            fill_in(random, line, out);
        }
        out.extend_from_slice(b"</script>\r\n");
    }
    out.extend_from_slice(b"<!DOCTYPE html>\r\n<html><body>\r\n");
    while out.len() < size {
        let line = random.pick(PAGE);
        fill_in(random, line, out);
    }
    out.extend_from_slice(b"</body></html>\r\n");
}

fn service(random: &mut Random, out: &mut Vec<u8>) {
    fill_in(
        random,
        "<%@ ServiceHost Language=\"C#\" Debug=\"false\" Service=\"Microsoft.Exchange.{}\" Factory=\"Microsoft.Exchange.{}\" %>\r\n",
        out,
    );
}

fn configuration(random: &mut Random, size: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(
        b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<configuration>\r\n  <system.webServer>\r\n    <handlers>\r\n",
    );
    for _ in 0..3 {
        fill_in(
            random,
            "      <add name=\"{}\" verb=\"GET,POST\" path=\"*.svc\" type=\"System.Web.UI.PageHandlerFactory\" preCondition=\"integratedMode\" />\r\n",
            out,
        );
    }
    out.extend_from_slice(b"    </handlers>\r\n  </system.webServer>\r\n  <appSettings>\r\n");
    while out.len() < size {
        fill_in(random, "    <add key=\"{}\" value=\"{}\" />\r\n", out);
    }
    out.extend_from_slice(b"  </appSettings>\r\n</configuration>\r\n");
}
