//! Encoded pages through the whole program, and broken, endless or oversized encodings.

use crate::support::{self, of_kind, problems, run, scan};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

fn wide(text: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(text).encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn escaped(text: &[u8]) -> String {
    text.iter().map(|byte| format!("\\u{byte:04x}")).collect()
}

fn entities(text: &[u8]) -> String {
    text.iter().map(|byte| format!("&#{byte};")).collect()
}

/// UTF-7 of the signs that a page cannot do without, as ASP.NET reads it.
fn utf7(text: &[u8]) -> String {
    String::from_utf8_lossy(text).replace('<', "+ADw-").replace('>', "+AD4-").replace('"', "+ACI-")
}

/// The messages of the problems, each with the name of its file.
fn messages(records: &[Value]) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    of_kind(records, "problem")
        .iter()
        .map(|record| (text(&record["file"]["name"]), text(&record["error"]["message"])))
        .collect()
}

/// The trails of the proof of all findings, and whether each piece of proof lies inside the file.
fn trails(records: &[Value], size: u64) -> Vec<String> {
    let mut trails = Vec::new();
    for finding in of_kind(records, "finding") {
        for reason in finding["shellsift"]["reasons"].as_array().unwrap() {
            for proof in reason["locations"].as_array().into_iter().flatten() {
                assert!(proof["offset"].as_u64().unwrap() + proof["length"].as_u64().unwrap() <= size, "{proof}");
                trails.push(proof["encodings"].as_str().unwrap().to_owned());
            }
        }
    }
    trails
}

#[test]
fn a_page_is_found_below_each_encoding_and_explain_shows_every_layer() {
    let page = support::stand_in();
    for (encoded, encodings) in [
        (format!("<% x(\"{}\") %>", base64(&page)), "base64"),
        (format!("<% x(\"{}\") %>", base64(wide(&page))), "base64>utf16le"),
        (format!("<% x(\"{}\") %>", base64(gzip(&page))), "base64>deflate"),
        (format!("<% x(\"{}\") %>", hex::encode(&page)), "hex"),
        (format!("<% x(\"{}\") %>", base64(wide(escaped(&page).as_bytes()))), "base64>utf16le>escapes"),
        (escaped(&page), "escapes"),
        (entities(&page), "entities"),
        (utf7(&page), "utf7"),
    ] {
        let folder = support::folder();
        let path = folder.path().join("page.aspx");
        fs::write(&path, &encoded).unwrap();
        let (code, records) = scan(folder.path(), &[]);
        assert_eq!((code, problems(&records)), (1, vec![]), "{encodings}");
        let trails = trails(&records, encoded.len() as u64);
        assert!(trails.iter().any(|found| found == encodings), "{encodings}: {trails:?}");
        let said = run(["explain", path.to_str().unwrap()]).out;
        let layers: Vec<&str> = encodings.split('>').collect();
        for depth in 1..=layers.len() {
            let view = layers[..depth].join(">");
            assert!(said.lines().any(|line| line.trim_start().starts_with(&format!("{view} "))), "{view}: {said}");
        }
        assert!(said.contains("NoSuchType"), "{encodings}: {said}");
    }
}

#[test]
fn what_explain_shows_of_a_layer_is_one_harmless_line() {
    let folder = support::folder();
    let path = folder.path().join("page.aspx");
    let crafted = format!("a line of text\u{1b}[31m\u{202e}{}", "x".repeat(5000));
    fs::write(&path, format!("<% \"{}\" %>", base64(wide(crafted.as_bytes())))).unwrap();
    let said = run(["explain", path.to_str().unwrap()]).out;
    assert!(said.contains("| a line of text<U+001B>[31m<U+202E>xxx"), "{said}");
    assert!(said.lines().all(|line| line.chars().count() < 300) && !said.contains('\u{202e}'), "{said}");
}

/// A file that is no page, in which a page of this name is found or not as if it were not there.
fn scan_with(name: &str, bytes: &[u8]) -> (Vec<(String, String)>, usize) {
    let folder = support::folder();
    fs::write(folder.path().join("shell.aspx"), support::stand_in()).unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    let begin = Instant::now();
    let (_, records) = scan(folder.path(), &[]);
    assert!(begin.elapsed() < Duration::from_secs(180), "{name}: {:?}", begin.elapsed());
    let coverage = &of_kind(&records, "coverage")[0]["shellsift"]["coverage"];
    assert_eq!(coverage["examined"], 2, "{name}");
    (messages(&records), of_kind(&records, "finding").len())
}

#[test]
fn a_bound_that_cuts_something_off_is_reported_in_the_record() {
    let nested = (0..30).fold(String::from_utf8(support::stand_in()).unwrap(), |text, _| base64(text));
    let thousand = format!("eval \\{}x41 ", "x5c".repeat(1000)).repeat(4);
    let bomb = base64(gzip(&b"<% inert %> ".repeat(1 << 20)));
    // Forty encodings of forty texts, each in an order of its own.
    let mut many = String::new();
    for n in 0..40u32 {
        let text = format!("<% shellsift inert stand-in number {n} of many %>");
        let layers = (0..4).fold(text, |text, layer| match (n >> layer) % 4 {
            0 => base64(&text),
            1 => hex::encode(&text),
            2 => base64(wide(text.as_bytes())),
            _ => escaped(text.as_bytes()),
        });
        many += &format!("x(\"{layers}\")\n");
    }
    for (name, bytes, said) in [
        ("nested.aspx", &nested, "layers below layer 5 were not decoded"),
        ("thousand.aspx", &thousand, "layers below layer 5 were not decoded"),
        ("bomb.aspx", &bomb, "decoding ended after"),
        ("many.aspx", &many, "more than 64 layers: the rest was not decoded"),
    ] {
        let (messages, _) = scan_with(name, bytes.as_bytes());
        // What was decoded of a bomb is more code than is read, too.
        assert!(messages.len() == 1 || name == "bomb.aspx", "{name}: {messages:?}");
        assert!(messages[0].0 == name && messages[0].1.contains(said), "{name}: {messages:?}");
    }
    let folder = support::folder();
    fs::write(folder.path().join("nested.aspx"), nested).unwrap();
    let (code, records) = scan(folder.path(), &[]);
    assert_eq!((code, problems(&records)), (3, vec!["decoding_truncated".to_owned()]), "a gap");
    assert_eq!(
        of_kind(&records, "scan_end")[0]["shellsift"]["summary"]["problems"],
        serde_json::json!([{"value": "decoding_truncated", "count": 1}])
    );
}

#[test]
fn broken_encodings_lose_nothing_of_the_rest_and_cut_nothing_off() {
    let page = support::stand_in();
    let encodings = [
        base64(&page).into_bytes(),
        hex::encode(&page).into_bytes(),
        escaped(&page).into_bytes(),
        entities(&page).into_bytes(),
        utf7(&page).into_bytes(),
        base64(gzip(&page)).into_bytes(),
        [&b"\xff\xfe"[..], &wide(&page)].concat(),
        b"#@~^AAAAAA==abc@#@&@!@*@$ @~AAAAAA==^#~@".to_vec(),
    ];
    let mut files: Vec<Vec<u8>> =
        vec![vec![], b"\xff\xfe".to_vec(), b"\xff\xfeA".to_vec(), b"\xef\xbb\xbf".to_vec(), vec![0; 4096]];
    for encoded in encodings {
        for end in [1, 2, 3, 5, 7, 11, encoded.len() / 2, encoded.len() - 1, encoded.len() - 2] {
            files.push(encoded[..end.min(encoded.len())].to_vec()); // truncated
        }
        let mut torn = encoded.clone();
        torn.iter_mut().step_by(13).for_each(|byte| *byte = 0xFF);
        files.push(torn);
    }
    // Odd encodings: UTF-32, EBCDIC, surrogates in the wrong order, overlong UTF-8, bytes of every value.
    files.push(page.iter().flat_map(|byte| [*byte, 0, 0, 0]).collect());
    files.push(page.iter().map(|byte| byte ^ 0x40).collect());
    files.push(b"\xff\xfe\0\xdc\0\xd8".repeat(100));
    files.push(b"\xc0\xbc\xc0\xa5\xe0\x80\xbc".repeat(100));
    files.push((0..=255).collect());
    let folder = support::folder();
    fs::write(folder.path().join("shell.aspx"), &page).unwrap();
    for (number, bytes) in files.iter().enumerate() {
        fs::write(folder.path().join(format!("{number}.aspx")), bytes).unwrap();
    }
    let (code, records) = scan(folder.path(), &[]);
    assert_eq!((code, problems(&records)), (1, vec![]));
    let names: Vec<_> = of_kind(&records, "finding").iter().map(|record| record["file"]["name"].to_string()).collect();
    assert!(names.contains(&"\"shell.aspx\"".to_owned()), "{names:?}");
    assert_eq!(of_kind(&records, "coverage")[0]["shellsift"]["coverage"]["examined"], files.len() + 1);
}

#[test]
fn a_file_of_one_line_of_50_mb_is_decoded_to_its_end() {
    let page = base64(support::stand_in());
    // Text that is like itself everywhere, and at its end a page.
    let filler = base64("one and the same text again and again. ".repeat(100));
    let mut line = b"x(\"".to_vec();
    while line.len() < 50_000_000 {
        line.extend_from_slice(filler.as_bytes());
        line.extend_from_slice(b"\"),f(x);y(\"");
    }
    line.extend_from_slice(page.as_bytes());
    line.extend_from_slice(b"\")");
    let (messages, findings) = scan_with("line.aspx", &line);
    assert_eq!((messages, findings), (vec![], 2));
}

#[test]
fn self_similar_and_enormous_texts_stay_in_their_bounds() {
    let repeated = |unit: &[u8]| unit.repeat((4 << 20) / unit.len());
    let noise: Vec<u8> = (0..4u32 << 20).map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8).collect();
    for (name, bytes) in [
        ("zeros.aspx", vec![0; 4 << 20]),
        ("noise.aspx", noise.clone()),
        ("letters.aspx", repeated(b"QUFB")),
        ("pieces.aspx", repeated(b"\"QUFB\" & _\r\n")),
        ("escapes.aspx", repeated(b"\\u005c\\u0075")),
        ("percents.aspx", repeated(b"%25")),
        ("entities.aspx", repeated(b"&amp;#97;")),
        ("plus.aspx", repeated(b"+AGEA")),
        ("blocks.aspx", repeated(b"#@~^AAAAAA==")),
        ("hex.aspx", repeated(b"3431")),
        ("gbk.aspx", repeated(b"\xb0\xa1")),
        ("numbers.aspx", repeated(b"0x41, ")),
    ] {
        let (messages, findings) = scan_with(name, &bytes);
        assert_eq!(findings, 1, "{name}");
        assert!(messages.iter().all(|(file, _)| file == name), "{messages:?}");
    }
}

#[test]
fn ordinary_large_files_cut_nothing_off() {
    let noise: Vec<u8> = (0..30_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let picture = base64([&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &noise].concat());
    let images = format!("background:url(data:image/png;base64,{picture});\n").repeat(60);
    let sources =
        serde_json::json!({"version": 3, "sourcesContent": ["function a(b) { return b + 1; }\n".repeat(20_000)]});
    let map = format!("a();\n//# sourceMappingURL=data:application/json;base64,{}\n", base64(sources.to_string()));
    let strings: String = (0..50_000).map(|n| format!("\"{}\",\n", base64(format!("string number {n}")))).collect();
    for (name, text) in [
        ("site.css", &images),
        ("page.aspx", &images),
        ("bundle.js", &map),
        ("map.aspx", &map),
        ("strings.aspx", &strings),
    ] {
        assert_eq!(scan_with(name, text.as_bytes()), (vec![], 1), "{name}");
    }
}

/// A page whose name alone says that it is one, so that both ways into decoding are tried.
#[test]
fn a_file_that_is_not_named_like_a_page_is_decoded_if_it_holds_a_mark_of_one() {
    let folder = support::folder();
    let encoded = base64(support::stand_in());
    let write = |name: &str, text: String| fs::write(Path::new(folder.path()).join(name), text).unwrap();
    write("a.txt", format!("<%@ Language=\"JScript\" %><% x(\"{encoded}\") %>"));
    write("b.txt", format!("a letter with an attachment: \"{encoded}\""));
    let (_, records) = scan(folder.path(), &[]);
    let names: Vec<_> = of_kind(&records, "finding").iter().map(|record| record["file"]["name"].to_string()).collect();
    assert_eq!(names, ["\"a.txt\""]);
}
