//! Every decoder: positive and negative cases, position mapping, bounds.

use super::*;
use ::base64::Engine;
use ::base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use std::io::Write;

fn all(bytes: &[u8]) -> Views<'_> {
    views(bytes, 0, Effort::Thorough)
}

fn trails(bytes: &[u8]) -> Vec<String> {
    all(bytes).views.into_iter().skip(1).map(|view| view.encodings).collect()
}

/// The text of the view with this encoding chain.
fn text(bytes: &[u8], encodings: &str) -> String {
    let views = all(bytes);
    let view = views.views.iter().find(|view| view.encodings == encodings);
    let have: Vec<_> = views.views.iter().map(|view| &view.encodings).collect();
    String::from_utf8_lossy(
        &view.unwrap_or_else(|| panic!("no {encodings} in {have:?} of {}", String::from_utf8_lossy(bytes))).bytes,
    )
    .into_owned()
}

const PAGE: &str = "<%@ Page Language=\"C#\" %><% shellsift inert stand-in %>";

fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

fn entities(text: &str) -> String {
    text.chars().map(|c| format!("&#x{:X};", c as u32)).collect()
}

fn utf7(text: &str) -> String {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    format!("+{}-", STANDARD_NO_PAD.encode(units))
}

/// A block as Microsoft's Script Encoder writes it.
fn script(text: &str) -> String {
    let body = script_encode::encode(text);
    let sum: u32 = text.bytes().filter(u8::is_ascii).map(u32::from).sum();
    format!("#@~^{}{body}{}^#~@", base64((body.len() as u32).to_le_bytes()), base64(sum.to_le_bytes()))
}

#[test]
fn base64_is_found_in_one_piece_in_lines_and_in_strings_put_together() {
    let whole = base64(PAGE);
    let lines: String = base64(PAGE.repeat(4))
        .as_bytes()
        .chunks(76)
        .map(|line| format!("  {}\r\n", String::from_utf8_lossy(line)))
        .collect();
    let pieces: Vec<String> =
        whole.as_bytes().chunks(5).map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece))).collect();
    for page in [
        format!("x = \"{whole}\""),
        format!("x = \"{}\"", STANDARD_NO_PAD.encode(PAGE)),
        format!("x=prefixed{whole} "),
        format!("f(\"UTF8\" + \"id\", {})", pieces.join(" + ")),
        format!("x = {}", pieces.join(" & _\r\n    ")),
        format!("x = {}", pieces.join("\r\nx = x & ")),
        format!("x += {};", pieces.join(";\nx += ")),
        format!("b.Append({});", pieces.join(").Append(")),
        format!("\"{}\"", whole.replace('/', "\\/")),
    ] {
        assert!(text(page.as_bytes(), "base64").contains(PAGE), "{page}");
    }
    assert!(text(lines.as_bytes(), "base64").starts_with(&PAGE.repeat(4)), "{lines}");
    let url = URL_SAFE_NO_PAD.encode("<%@ Page %> ?>?>?>~~~~ and so on");
    assert!(url.contains(['-', '_']));
    assert!(text(format!("'{url}'").as_bytes(), "base64").starts_with("<%@ Page %> ?>?"));
    // Short ones, where the page speaks of base64.
    assert_eq!(text(b"FromBase64String(\"dW5zYWZl\")", "base64"), "unsafe");
    assert_eq!(trails(b"Other(\"dW5zYWZl\")"), [""; 0]);
    assert_eq!(text(b"x(\"UmVxdWVzdC5JdGVtWyJ6Il0=\")", "base64"), "Request.Item[\"z\"]");
}

#[test]
fn base64_of_pictures_keys_and_words_is_left_alone() {
    let noise: Vec<u8> = (0..3000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let picture = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", &noise[..]].concat();
    for page in [
        format!("url(data:image/png;base64,{})", base64(&picture)),
        format!("<machineKey validationKey=\"{}\" />", ::hex::encode_upper(&noise[..64])),
        format!("value=\"{}\"", base64(&noise)),
        "<a href=\"/owa/auth/logon/resources/thirdparty/jquery/plugins\">AVeryLongNameOfSomethingThatIsNoBase64AtAll</a>".to_owned(),
        "Public Key Token=b77a5c561934e089, Version=4000, 2021-03-03 12:00:00, 00-50-56-c0-00-08".to_owned(),
        format!("\"{}\" {}", "A".repeat(400), "qqqq".repeat(100)),
        "\"text/javascript\" + \"application\" + \"stylesheet\" + \"description\" + \"keywords\"".to_owned(),
    ] {
        assert_eq!(trails(page.as_bytes()), [""; 0], "{page}");
    }
}

#[test]
fn many_strings_are_parts_of_one_view() {
    let page: String =
        (0..1000).map(|n| format!("f(\"{}\"); ", base64(format!("the number {n} of many strings")))).collect();
    let views = all(page.as_bytes());
    assert_eq!((views.views.len(), views.views[1].parts.len()), (2, 1000));
    assert_eq!(views.views[1].bytes.split(|byte| *byte == b'\n').count(), 1000);
    let at = memchr::memmem::find(&views.views[1].bytes, b"number 999").unwrap();
    let stored = views.views[1].stored_range(at, at + 10);
    let place = page.rfind("f(").unwrap() as u64 + 3;
    assert!(stored.start > place && stored.end < page.len() as u64, "{stored:?} {place}");
}

#[test]
fn layers_below_base64_are_decoded_each_part_by_itself() {
    let page = format!(
        "a=\"{}\" b=\"{}\" c=\"{}\" d=\"{}\"",
        base64(wide(PAGE)),
        base64(gzip(&PAGE.repeat(3).into_bytes())),
        base64(deflate(&PAGE.repeat(40).into_bytes())),
        base64("only a plain text that is no page")
    );
    assert_eq!(text(page.as_bytes(), "base64>utf16le"), PAGE);
    let unpacked = text(page.as_bytes(), "base64>deflate");
    assert_eq!(unpacked, format!("{}\n{}", PAGE.repeat(3), PAGE.repeat(40)));
    let program = [b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0", &[0; 60][..]].concat();
    let page = format!("<% a = \"{}\" : b = \"{}\" %>", base64("another text that stands before"), base64(&program));
    let views = all(page.as_bytes());
    assert!(views.views[1].holds_program() && !views.views[0].holds_program());
}

#[test]
fn hex_is_found_in_a_row_with_marks_and_in_strings_put_together() {
    let digits: Vec<String> = PAGE.bytes().map(|byte| format!("{byte:02X}")).collect();
    for page in [
        digits.concat(),
        digits.concat().to_lowercase(),
        digits.join("-"),
        digits.join(" "),
        digits.chunks(16).map(|line| line.join(" ")).collect::<Vec<_>>().join("\r\n"),
        digits.join(", 0x").replacen("", "0x", 1),
        digits.join(",&H").replacen("", "&H", 1),
        digits.chunks(8).map(<[String]>::concat).collect::<Vec<_>>().join("\" & _\n \""),
        format!("0x{}", digits.concat()),
    ] {
        let page = format!("x = \"{page}\"");
        assert_eq!(text(page.as_bytes(), "hex"), PAGE, "{page}");
    }
    for page in ["deadbeefdeadbeefdeadbeefdeadbeefdeadbeef", "41 42 43 44 45", "0x41 0x42 1999-12-31", "&H &Hz 0xg"] {
        assert_eq!(trails(page.as_bytes()), [""; 0], "{page}");
    }
}

#[test]
fn escapes_are_undone_in_place_where_somebody_escaped_what_needs_none() {
    for (page, plain) in [
        (r"<% ev\u0061l(x) %>", "<% eval(x) %>"),
        (r"<% ev\u{61}l(x\n) %>", r"<% eval(x\n) %>"),
        (r#""\x65\x76al""#, "\"eval\""),
        (r"\U00000065val \ud834\udd1e \ud834", "eval 𝄞 \\ud834"),
        ("unescape('%65%76%61%6C%28')", "unescape('eval(')"),
        ("unescape('%u0065%u0076al')", "unescape('eval')"),
        (r"\u003c%@ x %>", "<%@ x %>"),
        ("%3C%25@ x", "<%@ x"),
    ] {
        assert_eq!(text(page.as_bytes(), "escapes"), plain, "{page}");
    }
    for page in [
        r#"<% a = "C:\users\x64\u\new" %>"#,
        "<%call a%><%ad%><% x like '%ab%' %> width=\"50%\" %20%2F",
        r"/[\x00-\x1f\u2028\u2029]/ \u003cb\u003e \u0026 \u0027",
        r"\u12 \x4 %u \",
    ] {
        assert_eq!(trails(page.as_bytes()), [""; 0], "{page}");
    }
}

#[test]
fn entities_are_undone_in_place_where_somebody_wrote_what_needs_none() {
    for (page, plain) in [
        ("<x a=\"&#101;&#x76;&#0097&#108;\">&amp;", "<x a=\"eval\">&"),
        ("&lt;%@ P&#97;&#103;e %&gt;", "<%@ Page %>"),
        ("eval&lpar;a&lsqb;1&rsqb;&rpar;", "eval(a[1])"),
    ] {
        assert_eq!(text(page.as_bytes(), "entities"), plain, "{page}");
    }
    for page in [
        "&lt;%@ Page %&gt; &#60;script runat=server&#62;",
        "&nbsp;&#160;&#8217;&lt;b&gt;&#39;&quot;",
        "a && b & c &#; &#x; &#99999999; &unknown;",
        "?a=1&lt=2&gt=3",
    ] {
        assert_eq!(trails(page.as_bytes()), [""; 0], "{page}");
    }
}

#[test]
fn utf7_is_undone_in_place() {
    let page = format!("{}@ Page {} +- 1", utf7("<%"), utf7("%>"));
    assert_eq!(text(page.as_bytes(), "utf7"), "<%@ Page %> + 1");
    assert_eq!(text(b"+ADwAJQBA- x +AOQ-", "utf7"), "<%@ x ä");
    for page in ["a+b+ADw", "x = a+AField+ACount", "+A+B+- ++ +", "AA+AEA/AEA=", "+2AA-"] {
        assert_eq!(trails(page.as_bytes()), [""; 0], "{page}");
    }
}

#[test]
fn gb18030_becomes_utf8_and_other_bytes_stay_what_they_are() {
    let (page, _, _) = encoding_rs::GB18030.encode("<% '中文注释，ａｓｐ '〇㐀𠀀 Ж %> eval(1) 中文注释中文注释");
    assert_eq!(text(&page, "gb18030"), "<% '中文注释，ａｓｐ '〇㐀𠀀 Ж %> eval(1) 中文注释中文注释");
    for bytes in [
        "<% '中文 %>".as_bytes(),
        b"caf\xe9 au lait, d\xe9j\xe0 vu, na\xefve",
        b"\xc4\xe3\0\xba\xc3",
        b"\xff\xfe\xfd",
        b"\x81",
    ] {
        assert!(!trails(bytes).contains(&"gb18030".to_owned()), "{bytes:?}");
    }
}

#[test]
fn encoded_script_is_undone_in_place_block_by_block() {
    let (one, two) = ("a = \"<b>@\"\r\n\tx(1)", "Response.Write 1 ~ 2");
    let page = format!("<%{}%> text <%{}%>", script(one), script(two));
    assert_eq!(text(page.as_bytes(), "vbscript.encode"), format!("<%{one}%> text <%{two}%>"));
    // A length that lies, and a missing end.
    let lying = page.replacen(&page[6..12], "zzzzzz", 1);
    assert_eq!(text(lying.as_bytes(), "vbscript.encode"), format!("<%{one}%> text <%{two}%>"));
    let cut = &page[..page.len() - 10];
    assert!(text(cut.as_bytes(), "vbscript.encode").contains(two));
    // Characters outside ASCII, one by one in UTF-8, in pairs in GBK: a second byte may look like ASCII.
    let chinese = "a = \"中文丂\" : eval(1) '丂丂x";
    assert_eq!(text(script(chinese).as_bytes(), "vbscript.encode"), chinese);
    let mut gbk = Vec::new();
    for c in script(chinese).chars() {
        gbk.extend_from_slice(&encoding_rs::GB18030.encode(&c.to_string()).0);
    }
    assert_eq!(text(&gbk, "gb18030>vbscript.encode"), chinese);
    let (plain, _, _) = encoding_rs::GB18030.encode(chinese);
    assert!(all(&gbk).views.iter().any(|view| view.encodings == "vbscript.encode" && view.bytes[..] == plain[..]));
    for page in ["#@~^", "#@~^AAAAAA=", "#@~^!!!!!!==abc", "mail#@~^"] {
        assert_eq!(trails(page.as_bytes()), [""; 0], "{page}");
    }
}

type Encode = fn(&str) -> String;

/// An encoder, and the encoding chain of its decoder.
const ENCODERS: &[(&str, Encode)] = &[
    ("base64", |text| base64(text)),
    ("hex", |text| ::hex::encode(text)),
    ("escapes", escaped),
    ("entities", entities),
    ("utf7", utf7),
    ("vbscript.encode", script),
    ("base64>utf16le", |text| base64(wide(&format!("\u{feff}{text}")))),
    ("base64>deflate", |text| base64(gzip(text.as_bytes()))),
    ("base64", |text| {
        let lines: Vec<_> =
            base64(text).as_bytes().chunks(6).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        format!("\"{}\"", lines.join("\" & _\r\n\t\""))
    }),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_position_of_a_decoded_text_leads_back_into_its_encoded_form(
        body in "[ -~\n\u{e4}\u{20ac}\u{4e2d}]{20,200}", before in "[ -!,;\n]{0,40}", start in 0u64..5000
    ) {
        for (encodings, encode) in ENCODERS {
            let text = format!("<%@ Page %>{body}");
            let encoded = encode(&text);
            let page = format!("{before} \n{encoded}\n (the end)");
            let views = views(page.as_bytes(), start, Effort::Thorough);
            let view = views.views.iter().find(|view| view.encodings == *encodings);
            prop_assert!(view.is_some(), "{encodings}: {page}");
            let view = view.unwrap();
            let place = memchr::memmem::find(&view.bytes, text.as_bytes());
            prop_assert!(place.is_some(), "{encodings}: {:?}", String::from_utf8_lossy(&view.bytes));
            let place = place.unwrap();
            let from = start + before.len() as u64 + 2;
            let to = from + encoded.len() as u64;
            let mut last = from;
            for at in place..place + text.len() {
                let stored = view.stored_range(at, at + 1);
                prop_assert!(last <= stored.start && stored.start <= stored.end && stored.end <= to, "{encodings} {at}: {stored:?} in {from}..{to}");
                last = stored.start;
            }
            // Where units have one length each position is exact: its unit alone holds what is there.
            let unit = match *encodings { "hex" => 2, "escapes" => 6, _ => continue };
            let at = place + 5;
            prop_assert_eq!(view.stored_offset(at), from + (at - place) as u64 * unit);
        }
    }

    #[test]
    fn so_does_every_position_through_many_layers(layers in prop::collection::vec(0usize..ENCODERS.len(), 2..4), body in "[ -~\n]{0,40}") {
        let depth: usize = layers.iter().map(|layer| ENCODERS[*layer].0.split('>').count()).sum();
        prop_assume!(depth <= MAX_DEPTH);
        let text = format!("<%@ Page Language=\"C#\" %> {body}");
        let encoded = layers.iter().fold(text.clone(), |text, layer| ENCODERS[*layer].1(&text));
        let page = format!("x = \n{encoded}\n;");
        let views = all(page.as_bytes());
        let view = views.views.iter().find_map(|view| Some((view, memchr::memmem::find(&view.bytes, text.as_bytes())?)));
        let trails: Vec<_> = views.views.iter().map(|view| &view.encodings).collect();
        prop_assert!(view.is_some(), "{layers:?} {trails:?}");
        let (view, place) = view.unwrap();
        for at in place..place + text.len() {
            let stored = view.stored_range(at, at + 1);
            prop_assert!(stored.start >= 5 && stored.end <= 5 + encoded.len() as u64 && stored.start <= stored.end, "{} {stored:?}", view.encodings);
        }
        prop_assert_eq!(view.line(place), 2 + page[5..view.stored_offset(place) as usize].matches('\n').count() as u64);
    }

    #[test]
    fn nothing_makes_a_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), signs in "[\\\\%&+#@~^xuHh0-9a-f;=\"'{}A-Z \n-]{0,400}") {
        all(&bytes);
        all(signs.as_bytes());
        all(&[signs.as_bytes(), &bytes, signs.as_bytes()].concat());
    }
}

#[test]
fn the_line_of_a_decoded_text_is_that_of_its_encoded_form() {
    let page = format!("one\ntwo\n\"{}\"", base64(format!("first\n{PAGE}")));
    let views = all(page.as_bytes());
    assert_eq!((views.views[1].line(0), views.views[1].line(20)), (3, 3));
    let utf16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(wide(&page)).collect();
    let views = all(&utf16);
    let view = views.views.iter().find(|view| view.encodings == "utf16le>base64").unwrap();
    assert_eq!(view.line(20), 3);
    let stored = view.stored_range(0, view.bytes.len());
    let padding = 2 * page.matches('=').count() as u64;
    assert_eq!(stored, 2 + 2 * 9..utf16.len() as u64 - 2 - padding);
}

/// Bytes that are decoded at most of a piece of this length.
fn limit(length: usize) -> usize {
    (MAX_GROWTH.0 * length + MAX_GROWTH.1).min(MAX_BYTES)
}

fn decoded(views: &Views<'_>) -> usize {
    views.views.iter().skip(1).map(|view| view.bytes.len()).sum()
}

#[test]
fn a_thousand_layers_are_decoded_to_the_bound_and_that_is_reported() {
    let mut nested = PAGE.to_owned();
    (0..20).for_each(|_| nested = base64(&nested));
    // Each round undoes one layer of `\x5cx5cx5c...`.
    let slashes = format!("{PAGE} \\{}x41", "x5c".repeat(1000)).repeat(4);
    let mixed = format!("{slashes} \"{nested}\" {}", base64(wide(&nested)));
    for text in [nested, slashes, mixed] {
        let views = all(text.as_bytes());
        assert!(views.views.len() > MAX_DEPTH && views.views.len() <= MAX_VIEWS);
        assert!(decoded(&views) <= limit(text.len()));
        assert!(views.limits_reached.contains(&Limit::Depth), "{:?}", views.limits_reached);
    }
    let mut deep = PAGE.to_owned();
    (0..MAX_DEPTH).for_each(|_| deep = base64(&deep));
    assert_eq!(all(deep.as_bytes()).limits_reached, []);
    assert_eq!(all(deep.as_bytes()).views.last().unwrap().bytes[..], *PAGE.as_bytes());
    assert_eq!(all(base64(deep).as_bytes()).limits_reached, [Limit::Depth]);
}

#[test]
fn a_bomb_is_inflated_to_the_bound_and_that_is_reported() {
    let bomb = base64(gzip(&b"<% inert %> ".repeat(1 << 20)));
    let views = all(bomb.as_bytes());
    assert_eq!(views.limits_reached, [Limit::Bytes(limit(bomb.len()))]);
    assert!(decoded(&views) <= limit(bomb.len()) && decoded(&views) > 1 << 20);
    let calm = base64(gzip(&b"<% inert %> ".repeat(1 << 10)));
    assert_eq!(all(calm.as_bytes()).limits_reached, []);
}

#[test]
fn what_repeats_itself_is_one_view() {
    let page = format!("\"{}\" \\u0061 &#97;&#98;", base64(PAGE));
    let trails = trails(page.as_bytes());
    assert_eq!(trails, ["escapes", "entities", "base64", "escapes>entities"], "the same in whatever order");
}

#[test]
fn endless_signs_are_read_in_linear_time() {
    let begin = std::time::Instant::now();
    let units: &[&[u8]] = &[
        b"+",
        b"+AB",
        b"+ADw-",
        b"&",
        b"&#",
        b"&#x",
        b"&#0",
        b"&lt;",
        b"\\",
        b"\\u",
        b"\\u0061",
        b"\\x5c",
        b"%",
        b"%2",
        b"%25",
        b"#@~^",
        b"#@~^AAAAAA==",
        b"==^#~@",
        b"\"A\"+",
        b"\"AAAA\" & ",
        b"\"\"+\"\"",
        b"\"A\",",
        b"A\n",
        b"41 ",
        b"0x41,",
        b"&H4",
        b"4",
        b"\"41\"&",
        b"=",
        b"\x81",
        b"\x810\x81",
        b"\xff\xfe",
        b"\0a",
        b"MZ",
        b"QUFB",
        b"'Q' +                                                    ",
    ];
    for unit in units {
        let text = unit.repeat((1 << 19) / unit.len());
        let views = all(&text);
        assert!(decoded(&views) <= limit(text.len()) && views.views.len() <= MAX_VIEWS);
    }
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}
