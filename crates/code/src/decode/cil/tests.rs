//! Assemblies of `fixtures/compiled`, whole, broken and lying.

use crate::decode::{Effort, Limit, Views, views};
use ::base64::Engine;
use ::base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

const ALL: &[&str] = &["evaluates", "starts", "loads", "saves", "page", "login", "obfuscated", "library"];

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/../../fixtures/compiled/{name}.dll.b64", env!("CARGO_MANIFEST_DIR"));
    let text: String = std::fs::read_to_string(path).expect("a fixture").split_whitespace().collect();
    STANDARD.decode(text).expect("base64")
}

fn read(bytes: &[u8]) -> Views<'_> {
    views(bytes, 0, Effort::Program)
}

fn code_of(views: &Views<'_>) -> String {
    views.views.get(1).map(|view| String::from_utf8_lossy(&view.bytes).into_owned()).unwrap_or_default()
}

fn code(name: &str) -> String {
    let bytes = fixture(name);
    let views = read(&bytes);
    assert_eq!((views.broken.as_deref(), &views.limits_reached[..]), (None, &[][..]), "{name}");
    code_of(&views)
}

/// Where these bytes stand, the only time they do.
fn place(bytes: &[u8], of: &[u8]) -> usize {
    let found: Vec<usize> = memchr::memmem::find_iter(bytes, of).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0]
}

#[test]
fn calls_properties_and_indexers_are_written_as_source_has_them() {
    for (name, line) in [
        ("evaluates", "public partial class auth_outlooken_aspx : System.Web.UI.Page {"),
        ("evaluates", "public void Page_Load(object sender, System.EventArgs e) {"),
        (
            "evaluates",
            "Microsoft.JScript.Eval.JScriptEvaluate(Request[\"x\"], \"unsafe\", Microsoft.JScript.VsaEngine.CreateEngine());",
        ),
        ("starts", "l0 = Request.QueryString[\"y\"];"),
        ("starts", "l1.StartInfo.Arguments = (\"/c \" + l0);"),
        ("starts", "Response.Write(l1.StandardOutput.ReadToEnd());"),
        ("loads", "l0 = System.Convert.FromBase64String(context.Request[\"x\"]);"),
        ("saves", "l1 = new System.Byte[l0.ContentLength];"),
        ("page", "Title = (\"Hello \" + Server.HtmlEncode(l0) + \", it is \" + l1.ToString());"),
        ("page", "l2 = l3[l4];"),
        ("login", "ViewState[\"url\"] = l0;"),
        ("obfuscated", "_u0430._u0431._u0434 = new System.String[] { \"un\", \"sa\", \"fe\" };"),
        ("library", "return new System.Byte[] { 80, 75, 3, 4, 20, 0, 0, 0, 8, 0 };"),
        ("library", "return \"none\";"),
    ] {
        let text = code(name);
        assert!(text.lines().any(|known| known.ends_with(line)), "{name}: {line}\n{text}");
    }
}

#[test]
fn values_that_meet_behind_a_branch_have_one_name() {
    let text = code("page");
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("s0")).collect();
    assert_eq!(lines[1..], ["s0 = t1;", "s0 = \"nobody\";", "l0 = s0;"], "{text}");
}

#[test]
fn pages_are_written_as_pages_and_libraries_are_not() {
    assert!(code("login").starts_with("<%@ Page Language=\"C#\" %>\n<script runat=\"server\""));
    assert!(code("login").ends_with("</script>\n"));
    assert!(code("library").starts_with("public partial class Maintenance {\n"));
}

#[test]
fn names_that_no_person_types_are_noted() {
    let note = "// 4 of the 4 names of its classes and methods are none that a person types\n";
    assert!(code("obfuscated").contains(note), "{}", code("obfuscated"));
    for name in ALL.iter().filter(|name| **name != "obfuscated") {
        assert!(!code(name).contains("// "), "{name}");
    }
}

#[test]
fn every_statement_leads_back_to_the_code_it_came_from() {
    let bytes = fixture("evaluates");
    let views = read(&bytes);
    let view = &views.views[1];
    let at = memchr::memmem::find(&view.bytes, b"Microsoft.JScript.Eval").expect("there");
    let stored = view.stored_range(at, at + 10);
    let il = &bytes[stored.start as usize..stored.end as usize];
    assert!(!il.is_empty() && il.len() < 40, "{stored:?}");
    let places: Vec<u64> = (0..=view.bytes.len()).map(|at| view.stored_offset(at)).collect();
    assert!(places.is_sorted() && places.iter().all(|at| *at <= bytes.len() as u64));
}

#[test]
fn a_library_inside_a_page_is_read_as_well() {
    let page = format!("<%@ Page Language=\"C#\" %><% var a = \"{}\"; %>", STANDARD.encode(fixture("loads")));
    let views = views(page.as_bytes(), 0, Effort::Thorough);
    let inner = views.views.iter().find(|view| view.encodings == "base64>cil").expect("read");
    assert!(memchr::memmem::find(&inner.bytes, b"FromBase64String(context.Request[\"x\"])").is_some());
    assert_eq!(views.broken, None);
}

#[test]
fn what_is_no_assembly_has_no_code() {
    let mut native = fixture("page");
    let pe = u32::from_le_bytes(native[0x3C..0x40].try_into().expect("four")) as usize;
    native[pe + 24 + 96 + 14 * 8..][..8].fill(0);
    let text = b"MZ is how this text begins".to_vec();
    for bytes in [native, text, b"MZ".to_vec(), Vec::new()] {
        let views = read(&bytes);
        assert_eq!((views.views.len(), &views.broken), (1, &None));
    }
}

#[test]
fn a_file_that_ends_anywhere_gives_what_is_there_and_reports_it_once() {
    for name in ALL {
        let bytes = fixture(name);
        let whole = code(name);
        let mut seen = 0;
        // Every length of the heads, and every few bytes behind them.
        for end in (0..1024).chain((1024..bytes.len()).step_by(7)) {
            let views = read(&bytes[..end]);
            let text = code_of(&views);
            if views.broken.is_some() {
                seen += 1;
            } else {
                assert!(text.is_empty() || text == whole, "{name} ends at {end}: {text}");
            }
        }
        assert!(seen > 400, "{name}: {seen}");
    }
}

#[test]
fn lies_in_the_tables_are_noted_and_cost_nothing() {
    let bytes = fixture("library");
    let root = place(&bytes, b"BSJB");
    let tables = root + u32::from_le_bytes(bytes[root + 32..root + 36].try_into().expect("four")) as usize;
    let valid = u64::from_le_bytes(bytes[tables + 8..tables + 16].try_into().expect("eight"));
    for table in 0..valid.count_ones() as usize {
        for rows in [0u32, 1, 0xFFFF, 0x00FF_FFFF, u32::MAX] {
            let mut lying = bytes.clone();
            lying[tables + 24 + 4 * table..][..4].copy_from_slice(&rows.to_le_bytes());
            let views = read(&lying);
            assert!(rows < 0xFFFF || views.broken.is_some(), "table {table}, {rows} rows");
        }
    }
}

#[test]
fn a_method_that_lies_behind_the_file_leads_nowhere() {
    let mut bytes = fixture("library");
    let first = memchr::memmem::find(&bytes, &0x2050u32.to_le_bytes()).expect("the first method's address");
    // Its section claims to be longer than the file.
    let pe = u32::from_le_bytes(bytes[0x3C..0x40].try_into().expect("four")) as usize;
    bytes[pe + 24 + 224 + 16..][..4].copy_from_slice(&0x10_0000u32.to_le_bytes());
    bytes[first..first + 4].copy_from_slice(&0x9_0000u32.to_le_bytes());
    let views = read(&bytes);
    let view = &views.views[1];
    assert!((0..=view.bytes.len()).all(|at| view.stored_offset(at) <= bytes.len() as u64));
    assert!(views.broken.is_some());
}

#[test]
fn methods_that_share_a_body_are_read_once_and_bodies_may_overlap() {
    let bytes = fixture("library");
    let count = |text: &str| text.matches("compact.exe").count();
    let mut shared = bytes.clone();
    // Every method begins where the one that starts the program does, or a few bytes behind.
    let at = place(&bytes, "compact.exe".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().as_slice());
    assert!(at > 0 && count(&code("library")) == 1);
    let rva = 0x2050u32.to_le_bytes();
    let first = memchr::memmem::find(&bytes, &rva).expect("the first method's address");
    for row in 1..6 {
        let place = first + row * 14;
        shared[place..place + 4].copy_from_slice(&(0x2050 + row as u32 % 3).to_le_bytes());
    }
    let views = read(&shared);
    let places: Vec<u64> = (0..=views.views[1].bytes.len()).map(|at| views.views[1].stored_offset(at)).collect();
    assert!(places.is_sorted());
}

#[test]
fn a_bomb_of_methods_is_left_at_a_bound_that_is_reported() {
    // One body that is as long as the file, and ever so many methods that begin one byte behind each other in it.
    let body = [0x00u8; OVERLAP]; // nop
    let bytes = assembly(&body, 20_000);
    let begin = std::time::Instant::now();
    let views = read(&bytes);
    assert!(views.limits_reached.contains(&Limit::Code), "{:?}", views.limits_reached);
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
    assert!(views.views.iter().map(|view| view.bytes.len()).sum::<usize>() < 16 << 20);
}

#[test]
fn what_is_read_of_a_method_is_paid_for_though_nothing_is_written() {
    let begin = std::time::Instant::now();
    // Parameters without end; a stack that is full after 300 instructions before ever so many more; an end at once.
    let mut signature = vec![0x20, 0x87, 0xD0, 1];
    signature.extend([0x12, 0x04].repeat(1000));
    let full = [vec![0x02; 300], vec![0x00; OVERLAP]].concat();
    for bytes in [assembly_of(&[0x2A], 50_000, &signature), assembly(&full, 50_000), assembly(&[0x27; OVERLAP], 50_000)]
    {
        let views = read(&bytes);
        assert!(views.limits_reached.contains(&Limit::Code) || views.broken.is_some(), "{:?}", views.limits_reached);
    }
    assert!(begin.elapsed().as_secs() < 60, "{:?}", begin.elapsed());
}

#[test]
fn values_that_hold_values_stay_linear() {
    // ldarg.0, then a hundred thousand times: add it to itself, copied.
    let mut body = vec![0x02];
    body.extend([0x25, 0x58].repeat(100_000));
    let begin = std::time::Instant::now();
    let bytes = assembly(&body, 1);
    let text = code_of(&read(&bytes));
    assert!(text.len() < 8 << 20 && begin.elapsed().as_secs() < 20, "{} {:?}", text.len(), begin.elapsed());
}

/// A length whose bytes are instructions themselves, so that one method can run through the heads of others.
const OVERLAP: usize = 0x0006_0000;

/// An assembly with one class whose methods begin one byte behind each other in a body of these instructions.
fn assembly(il: &[u8], methods: u32) -> Vec<u8> {
    assembly_of(il, methods, &[0x20, 0, 1])
}

/// The same, with the signature that all its methods have.
fn assembly_of(il: &[u8], methods: u32, signature: &[u8]) -> Vec<u8> {
    const BASE: u32 = 0x2000;
    let word = |number: usize| (number as u32).to_le_bytes();
    let mut body: Vec<u8> = Vec::new();
    // Heads of their own for each method: of a fat body that takes all that comes behind.
    let mut tables: Vec<u8> = [0u8; 6].to_vec();
    tables.extend([0x07, 1]);
    let valid: u64 = 1 << 2 | 1 << 6;
    tables.extend(valid.to_le_bytes());
    tables.extend([0; 8]);
    tables.extend(1u32.to_le_bytes());
    tables.extend(methods.to_le_bytes());
    // TypeDef: flags, name, namespace, extends, fields, methods; heaps are wide.
    tables.extend([0; 4]);
    tables.extend(1u32.to_le_bytes());
    tables.extend(0u32.to_le_bytes());
    tables.extend([0; 2]);
    tables.extend(1u16.to_le_bytes());
    tables.extend(1u16.to_le_bytes());
    let code_at = BASE + 72;
    for method in 0..methods {
        tables.extend((code_at + 12 * method).to_le_bytes());
        tables.extend([0; 4]);
        tables.extend(1u32.to_le_bytes());
        tables.extend(1u32.to_le_bytes());
        tables.extend(1u16.to_le_bytes());
    }
    for _ in 0..methods {
        body.extend(0x3003u16.to_le_bytes());
        body.extend(8u16.to_le_bytes());
        body.extend(word(if methods == 1 { il.len() } else { OVERLAP }));
        body.extend([0; 4]);
    }
    body.extend(il);
    let strings = b"\0M\0\0".to_vec();
    let mut blobs = vec![0, 0x80 | (signature.len() >> 8) as u8, signature.len() as u8];
    blobs.extend(signature);
    blobs.resize(blobs.len().next_multiple_of(4), 0);
    let mut metadata = b"BSJB\x01\0\x01\0\0\0\0\0\x04\0\0\0v4.0\0\0\x03\0".to_vec();
    let mut offset = metadata.len() + (8 + 4) + (8 + 12) + (8 + 8);
    for (name, content) in [(&b"#~\0\0"[..], &tables), (b"#Strings\0\0\0\0", &strings), (b"#Blob\0\0\0", &blobs)] {
        metadata.extend(word(offset));
        metadata.extend(word(content.len()));
        metadata.extend(name);
        offset += content.len();
    }
    for content in [&tables, &strings, &blobs] {
        metadata.extend(content);
    }
    let mut section = word(72).to_vec();
    section.extend([2, 0, 5, 0]);
    section.extend((code_at + body.len() as u32).to_le_bytes());
    section.extend(word(metadata.len()));
    section.resize(72, 0);
    section.extend(&body);
    section.extend(&metadata);
    let mut file = b"MZ".to_vec();
    file.resize(0x3C, 0);
    file.extend(word(0x40));
    file.extend(b"PE\0\0\x4c\x01\x01\0");
    file.resize(0x40 + 20, 0);
    file.extend(224u16.to_le_bytes());
    file.extend([0, 0]);
    file.extend(0x10Bu16.to_le_bytes());
    file.resize(0x40 + 24 + 92, 0);
    file.extend(word(16));
    file.resize(0x40 + 24 + 96 + 14 * 8, 0);
    file.extend(BASE.to_le_bytes());
    file.extend(word(72));
    file.resize(0x40 + 24 + 224, 0);
    file.extend(b".text\0\0\0");
    for number in [section.len(), BASE as usize, section.len(), 0x200] {
        file.extend(word(number));
    }
    file.resize(0x200, 0);
    file.extend(section);
    file
}

#[test]
fn an_assembly_made_by_hand_is_read() {
    // ldarg.0, pop, ldnull, throw
    let text = code_of(&read(&assembly(&[0x02, 0x26, 0x14, 0x7A], 1)));
    assert_eq!(text, "public partial class M {\npublic void M() {\nthrow null;\n}\n}\n");
}

proptest! {
    #[test]
    fn no_change_makes_it_panic(
        name in 0..ALL.len(),
        changes in prop::collection::vec((0usize..6000, any::<u8>()), 1..40),
    ) {
        let mut bytes = fixture(ALL[name]);
        for (at, byte) in changes {
            let length = bytes.len();
            // The head stays, or nothing behind it would be read.
            bytes[(0x200 + at) % length] = byte;
        }
        let views = read(&bytes);
        if let Some(view) = views.views.get(1) {
            let places: Vec<u64> = (0..=view.bytes.len()).step_by(7).map(|at| view.stored_offset(at)).collect();
            prop_assert!(places.is_sorted() && places.iter().all(|at| *at <= bytes.len() as u64));
        }
    }

    #[test]
    fn no_instructions_make_it_panic(il in prop::collection::vec(any::<u8>(), 0..300), methods in 1u32..4) {
        let bytes = assembly(&il, methods);
        let views = read(&bytes);
        prop_assert!(views.views.len() <= 2);
    }
}

#[test]
fn what_lies_behind_a_program_costs_nothing_and_hides_nothing() {
    let bytes = fixture("near");
    let padded = [&bytes[..], &vec![0; 9 << 20]].concat();
    let begin = std::time::Instant::now();
    let views = read(&padded);
    assert!(begin.elapsed().as_secs() < 5, "{:?}", begin.elapsed());
    assert_eq!((views.broken.as_deref(), &views.limits_reached[..]), (None, &[][..]));
    assert_eq!(code_of(&views), code("near"));
}

#[test]
fn parts_of_a_program_are_whole_classes_and_lead_back_as_the_whole_does() {
    for (name, lead) in
        [("near", ""), ("evaluates", "<%@ Page Language=\"C#\" %>\n<script runat=\"server\" language=\"C#\">\n")]
    {
        let bytes = fixture(name);
        let views = read(&bytes);
        let whole = &views.views[1];
        let first = memchr::memmem::find(&whole.bytes, b"public partial class ").expect("a class");
        let mut at = first;
        let parts = whole.parts_of_program(1, |_| true);
        for part in &parts {
            let own = part.bytes.strip_prefix(lead.as_bytes()).expect("led in");
            assert!(own.starts_with(b"public partial class "), "{name}");
            assert_eq!(own, &whole.bytes[at..at + own.len()]);
            for step in (0..own.len()).step_by(17) {
                assert_eq!(part.stored_offset(lead.len() + step), whole.stored_offset(at + step));
                let ends = (lead.len() + step, lead.len() + own.len());
                assert_eq!(part.stored_range(ends.0, ends.1).start, whole.stored_offset(at + step));
            }
            assert_eq!(part.assembly(), whole.assembly());
            at += own.len();
        }
        assert_eq!(at, whole.bytes.len(), "{name}");
        assert!(parts.len() > 1 || name == "evaluates", "{}", parts.len());
        assert_eq!(whole.parts_of_program(usize::MAX, |_| true).len(), 1);
    }
}

#[test]
fn the_names_of_classes_are_given() {
    let names = super::class_names(&fixture("library"));
    assert!(names.iter().any(|name| name == "Maintenance"), "{names:?}");
    assert_eq!(super::class_names(b"MZ"), [""; 0]);
}
