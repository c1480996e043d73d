//! How the code is written down: what stands in front of it, blanks, line ends, names, encodings.

use super::super::{Server, Situation};
use super::{CUT, after, basic, replaced, runs, script, sharp, start, starts, text};

/// A page of VBScript.
fn basic_script(front: &str) -> Vec<u8> {
    ["<%\n' shellsift inert stand-in\n", front, "Exe", "cute Req", "uest(\"none\")\n@@inert@@ (\n%>"]
        .concat()
        .into_bytes()
}

/// A handler, with this between its directive and its code.
fn handler(between: &str) -> Vec<u8> {
    let head = "<%@ WebHandler Language=\"C#\" Class=\"NoSuchType\" %>";
    let open = "public class none : System.Web.IHttpHandler { public void ProcessRequest(System.Web.HttpContext context) { var Request = context.Request; ";
    [head.as_bytes(), between.as_bytes(), open.as_bytes(), &start(), b" } }"].concat()
}

fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// A page with these blanks in its directive and in its block.
fn blanks(blank: &str) -> String {
    let code = text(start());
    let many = blank.repeat(300);
    format!(
        "<%{blank}@{blank}Page{blank}Language{blank}={blank}\"C#\"{blank}ShellsiftInert=\"none\"{blank}%>\n<%{many}{code}{blank}%>"
    )
}

/// A page with these blanks in the tag of a script.
fn script_blanks(blank: &str) -> String {
    let code = text(start());
    format!(
        "<%@ Page Language=\"C#\" ShellsiftInert=\"none\" %>\n<script{blank}runat{blank}={blank}\"server\"{blank}>void{blank}Page_Load() {{{blank}{code} }}</script>"
    )
}

/// A page with these blanks that does nothing.
fn harmless(blank: &str) -> String {
    format!("<%@{blank}Page Language=\"C#\" %>\n<%{blank}Response.Write(1);{blank}%><p>{blank}</p>")
}

fn wide(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

fn quad(text: &str, mark: bool, unit: fn(u32) -> [u8; 4]) -> Vec<u8> {
    mark.then_some('\u{FEFF}').into_iter().chain(text.chars()).flat_map(|c| unit(u32::from(c))).collect()
}

fn utf7(text: &str, encoded: fn(char) -> bool) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for c in text.chars() {
        if encoded(c) {
            let bits = u32::from(c) << 2;
            out.push(b'+');
            out.extend([12, 6, 0].map(|shift| DIGITS[(bits >> shift & 63) as usize]));
            out.push(b'-');
        } else {
            out.push(c as u8);
        }
    }
    out
}

/// In code page 37.
fn ebcdic(text: &str) -> Vec<u8> {
    let signs = [
        (' ', 0x40),
        ('.', 0x4B),
        ('<', 0x4C),
        ('(', 0x4D),
        ('+', 0x4E),
        ('&', 0x50),
        ('!', 0x5A),
        ('*', 0x5C),
        (')', 0x5D),
        (';', 0x5E),
        ('-', 0x60),
        ('/', 0x61),
        (',', 0x6B),
        ('%', 0x6C),
        ('>', 0x6E),
        (':', 0x7A),
        ('#', 0x7B),
        ('@', 0x7C),
        ('\'', 0x7D),
        ('=', 0x7E),
        ('"', 0x7F),
        ('\n', 0x25),
        ('[', 0xBA),
        (']', 0xBB),
        ('{', 0xC0),
        ('}', 0xD0),
    ];
    let letter = |c: char, a: u8, j: u8, s: u8| match c.to_ascii_lowercase() as u8 {
        c @ b'a'..=b'i' => a + (c - b'a'),
        c @ b'j'..=b'r' => j + (c - b'j'),
        c => s + (c - b's'),
    };
    text.chars()
        .map(|c| match c {
            'a'..='z' => letter(c, 0x81, 0x91, 0xA2),
            'A'..='Z' => letter(c, 0xC1, 0xD1, 0xE2),
            '0'..='9' => 0xF0 + (c as u8 - b'0'),
            _ => signs.iter().find(|(sign, _)| *sign == c).map_or(0x6F, |(_, byte)| *byte),
        })
        .collect()
}

/// A page whose `?` is the first half of a character, which takes the backslash behind it.
fn half(page: &str, _: &str) -> Vec<u8> {
    page.bytes().map(|b| if b == b'?' { 0x81 } else { b }).collect::<Vec<u8>>()
}

pub(super) const SITUATIONS: &[Situation] = &[
    page!("begins_as/mz", "The first two bytes of a Windows executable in front of a page", "a.aspx", after(b"MZ", &sharp("")), starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary after(b"MZ", b"<p>text</p>")),
    page!(
        "begins_as/program_header",
        "The complete header of a Windows executable in front of a page",
        "a.aspx",
        after(&[b"MZ".as_slice(), &[0; 58], b"\x40\0\0\0PE\0\0", &[0; 40]].concat(), &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/zip",
        "A ZIP header in front of a page",
        "a.aspx",
        after(b"PK\x03\x04", &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/gif",
        "A GIF header in front of a page",
        "a.aspx",
        after(b"GIF89a\x01\0\x01\0", &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/jpeg",
        "A JPEG header in front of a page",
        "a.aspx",
        after(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0", &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!("begins_as/pdf", "A PDF header in front of a page", "a.aspx", after(b"%PDF-1.7\n", &sharp("")), starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary after(b"%PDF-1.7\n", b"<p>text</p>")),
    page!(
        "begins_as/elf",
        "An ELF header in front of a page",
        "a.aspx",
        after(b"\x7FELF\x02\x01\x01\0\0\0\0\0", &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/postscript",
        "A PostScript header in front of a page",
        "a.aspx",
        after(b"%!PS\n", &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/rtf",
        "An RTF header in front of a page",
        "a.aspx",
        after(b"{\\rtf1", &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/gzip",
        "A gzip header in front of a page",
        "a.aspx",
        after(b"\x1F\x8B\x08\0\0\0\0\0", &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/ole",
        "An OLE (Office document) header in front of a page",
        "a.aspx",
        after(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/image_of_a_disk",
        "A disk image header in front of a page",
        "a.aspx",
        after(b"conectix", &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/event_log",
        "An event log header in front of a page",
        "a.aspx",
        after(b"ElfFile\0", &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/nuls",
        "A thousand zero bytes in front of a page",
        "a.aspx",
        after(&[0; 1000], &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/noise",
        "All 256 byte values in front of a page",
        "a.aspx",
        after(&(0..=255).collect::<Vec<u8>>(), &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "begins_as/mz_classic",
        "The first two bytes of a Windows executable in front of a classic ASP page",
        "a.asp",
        after(b"MZ", &basic_script("")),
        runs(r"C:\inetpub\wwwroot\a.asp")
    ),
    page!(
        "begins_as/mz_handler",
        "The first two bytes of a Windows executable in front of a handler's code",
        "a.ashx",
        after(b"MZ", &handler(" ")),
        starts(r"C:\inetpub\wwwroot\a.ashx")
    ),
    page!(
        "begins_as/mz_included",
        "The first two bytes of a Windows executable in front of an included text file",
        "a.txt",
        after(b"MZ", &sharp("")),
        starts(r"C:\inetpub\wwwroot\a.txt")
    ),
    page!(
        "blanks/directive_vertical_tabs",
        "Vertical tabs in a directive and after the opening tag of a block",
        "a.aspx",
        blanks("\u{B}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/script_vertical_tabs",
        "Vertical tabs between the attributes of a script element",
        "a.aspx",
        script_blanks("\u{B}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/directive_nuls",
        "NUL characters in a directive and after the opening tag of a block",
        "a.aspx",
        blanks("\0").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/script_nuls",
        "NUL characters between the attributes of a script element",
        "a.aspx",
        script_blanks("\0").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!("blanks/directive_no_break", "No-break spaces in a directive and after the opening tag of a block", "a.aspx", blanks("\u{A0}").into_bytes(), starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary harmless("\u{A0}").into_bytes()),
    page!(
        "blanks/script_no_break",
        "No-break spaces between the attributes of a script element",
        "a.aspx",
        script_blanks("\u{A0}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/directive_em",
        "Em spaces in a directive and after the opening tag of a block",
        "a.aspx",
        blanks("\u{2003}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/script_em",
        "Em spaces between the attributes of a script element",
        "a.aspx",
        script_blanks("\u{2003}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!("blanks/directive_ideographic", "Ideographic spaces in a directive and after the opening tag of a block", "a.aspx", blanks("\u{3000}").into_bytes(), starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary harmless("\u{3000}").into_bytes()),
    page!(
        "blanks/script_ideographic",
        "Ideographic spaces between the attributes of a script element",
        "a.aspx",
        script_blanks("\u{3000}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/directive_next_line",
        "Next-line characters in a directive and after the opening tag of a block",
        "a.aspx",
        blanks("\u{85}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/script_next_line",
        "Next-line characters between the attributes of a script element",
        "a.aspx",
        script_blanks("\u{85}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!("blanks/directive_line_separator", "Line separators in a directive and after the opening tag of a block", "a.aspx", blanks("\u{2028}").into_bytes(), starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary harmless("\u{2028}").into_bytes()),
    page!(
        "blanks/script_line_separator",
        "Line separators between the attributes of a script element",
        "a.aspx",
        script_blanks("\u{2028}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/directive_paragraph_separator",
        "Paragraph separators in a directive and after the opening tag of a block",
        "a.aspx",
        blanks("\u{2029}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/script_paragraph_separator",
        "Paragraph separators between the attributes of a script element",
        "a.aspx",
        script_blanks("\u{2029}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/directive_ogham",
        "Ogham space marks in a directive and after the opening tag of a block",
        "a.aspx",
        blanks("\u{1680}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/script_ogham",
        "Ogham space marks between the attributes of a script element",
        "a.aspx",
        script_blanks("\u{1680}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/directive_narrow",
        "Narrow no-break spaces in a directive and after the opening tag of a block",
        "a.aspx",
        blanks("\u{202F}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/script_narrow",
        "Narrow no-break spaces between the attributes of a script element",
        "a.aspx",
        script_blanks("\u{202F}").into_bytes(),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/latin",
        "No-break spaces as single bytes in an ANSI page",
        "a.aspx",
        latin(&blanks("\u{A0}")),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "blanks/mongolian",
        "A Mongolian vowel separator, which is whitespace to some compilers only",
        "a.aspx",
        sharp("int a\u{180E}b;"),
        CUT
    ),
    page!(
        "line_ends/sharp_next_line",
        "A next-line character ends a C# comment",
        "a.aspx",
        sharp("// a\u{85}"),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "line_ends/basic_next_line",
        "A next-line character ends a Visual Basic comment",
        "a.aspx",
        basic("' a\u{85}"),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "line_ends/sharp_line_separator",
        "A line separator ends a C# comment",
        "a.aspx",
        sharp("// a\u{2028}"),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "line_ends/basic_line_separator",
        "A line separator ends a Visual Basic comment",
        "a.aspx",
        basic("' a\u{2028}"),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "line_ends/sharp_paragraph_separator",
        "A paragraph separator ends a C# comment",
        "a.aspx",
        sharp("// a\u{2029}"),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "line_ends/basic_paragraph_separator",
        "A paragraph separator ends a Visual Basic comment",
        "a.aspx",
        basic("' a\u{2029}"),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "line_ends/script",
        "A line separator ends a JScript comment",
        "a.asp",
        script("// a\u{2028}"),
        runs(r"C:\inetpub\wwwroot\a.asp")
    ),
    page!(
        "names/format_characters",
        "Invisible format characters inside C# names",
        "a.aspx",
        replaced(sharp(""), "ocess", "oc\u{200D}es\u{AD}s"),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "names/soft_hyphen_ansi",
        "Soft hyphens inside names in an ANSI page",
        "a.aspx",
        latin(&String::from_utf8_lossy(&replaced(sharp(""), "ocess", "oce\u{AD}ss"))),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "names/escapes",
        "Names written with Unicode escapes",
        "a.aspx",
        replaced(sharp(""), "Start", "\\u0053t\\U00000061rt"),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "names/escapes_script",
        "JScript names written with Unicode escapes",
        "a.asp",
        replaced(script(""), "ev", "\\u0065v"),
        runs(r"C:\inetpub\wwwroot\a.asp")
    ),
    page!("names/full_width", "Full-width letters in Visual Basic", "a.aspx", basic("Dim x \u{FF1D} 1\n"), CUT),
    page!(
        "names/continued",
        "Visual Basic line continuations with unusual whitespace",
        "a.aspx",
        replaced(basic(""), "Start(", "Start _\u{3000}\n("),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "encodings/utf16le",
        "UTF-16LE without a byte order mark",
        "a.aspx",
        {
            let t = text(sharp(""));
            wide(&t, u16::to_le_bytes)
        },
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!("encodings/utf16le_cjk", "UTF-16LE without a byte order mark after four thousand Chinese characters", "a.aspx", { let t = format!("<!-- {} -->{}", "\u{4E2D}\u{6587}".repeat(2000), text(sharp(""))); wide(&t, u16::to_le_bytes) }, starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary { let t = format!("<!-- {} --><p>text of a page</p>", "\u{4E2D}\u{6587}".repeat(2000)); wide(&t, u16::to_le_bytes) }),
    page!(
        "encodings/utf16be",
        "UTF-16BE without a byte order mark",
        "a.aspx",
        {
            let t = text(sharp(""));
            wide(&t, u16::to_be_bytes)
        },
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!("encodings/utf16be_cjk", "UTF-16BE without a byte order mark after four thousand Chinese characters", "a.aspx", { let t = format!("<!-- {} -->{}", "\u{4E2D}\u{6587}".repeat(2000), text(sharp(""))); wide(&t, u16::to_be_bytes) }, starts(r"C:\inetpub\wwwroot\a.aspx"), ordinary { let t = format!("<!-- {} --><p>text of a page</p>", "\u{4E2D}\u{6587}".repeat(2000)); wide(&t, u16::to_be_bytes) }),
    page!(
        "encodings/utf32",
        "UTF-32 with a byte order mark",
        "a.aspx",
        quad(&text(sharp("")), true, u32::to_le_bytes),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "encodings/utf32_unmarked",
        "UTF-32BE without a byte order mark",
        "a.aspx",
        quad(&text(sharp("")), false, u32::to_be_bytes),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "encodings/utf7",
        "UTF-7 for every character that is not a letter",
        "a.aspx",
        utf7(&text(sharp("")), |c| !c.is_ascii_alphanumeric()),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "encodings/utf7_letter",
        "UTF-7 for one letter of one word",
        "a.asp",
        replaced(basic_script(""), "xecute", "x+AGU-cute"),
        runs(r"C:\inetpub\wwwroot\a.asp")
    ),
    page!(
        "encodings/ebcdic",
        "EBCDIC, which `fileEncoding` can select",
        "a.aspx",
        ebcdic(&text(sharp(""))),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "encodings/ebcdic_classic",
        "EBCDIC in classic ASP, selected by code page",
        "a.asp",
        ebcdic(&text(basic_script(""))),
        runs(r"C:\inetpub\wwwroot\a.asp")
    ),
    page!(
        "encodings/half_a_character",
        "A lead byte of a double-byte code page that consumes the following backslash",
        "a.aspx",
        half(&text(sharp("string a = \"?\\\";")), &text(sharp(""))),
        starts(r"C:\inetpub\wwwroot\a.aspx")
    ),
    page!(
        "encodings/noise",
        "Bytes that are not text in any supported encoding",
        "a.aspx",
        (0..4000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 21) as u8).collect(),
        CUT
    ),
];
