//! .NET assemblies decompiled to C#: the IL of each method, so that compiled pages are analysed like source.
//!
//! The text is made for the reader of server-side code and for signatures, not for a compiler: calls, values and where they
//! go are kept, branches are not. Pages, handlers and the like are written as a page, everything else as a source file, so
//! that reasons that only apply to pages are not reported for libraries.
//!
//! Every byte is the attacker's. Work is bounded over all methods together, so that bodies that overlap, or share a signature
//! of a megabyte, cost no more than others ([why so](../../../../docs/decisions/0011-assembly-analysis.md)).

mod body;
mod calls;
mod head;
mod image;
mod instruction;
mod names;
mod opcodes;
mod tables;
mod text;
mod work;

pub use work::Work;

use body::Reader;
use head::Body;
use image::{Image, Opened};
use names::{Names, identifier};
use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use tables::{
    ASSEMBLY, CUSTOM_ATTRIBUTE, EXPORTED_TYPE, IMPORT, INTERFACE, METHOD_DEF, MODULE_REF, PARAM, RESOURCE, TYPE_DEF,
    Tables, Token,
};
use work::MAX_ROWS;

/// The publisher that an assembly claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrongName<'a> {
    /// The public key, as the metadata holds it.
    pub public_key: &'a [u8],
    /// Where the signature is in the file; empty where there is no room for one.
    pub signature: Range<usize>,
}

/// Takes the code of an assembly as it is written.
pub trait Output {
    /// Takes text that came from `from..to`, positions ascending; `false` if no more fits.
    fn push(&mut self, text: &[u8], from: usize, to: usize) -> bool;

    /// Takes what is broken about the assembly.
    fn note_broken(&mut self, why: String);
}

/// Writes the code of an assembly, or what is broken about it; nothing of any other program. `start` is where its bytes begin,
/// as the positions handed to `output` have it.
pub fn write(bytes: &[u8], start: usize, work: &mut Work, output: &mut dyn Output) {
    match Image::open(bytes) {
        Opened::Other => {}
        Opened::Broken(why) => output.note_broken(why),
        Opened::Assembly(image) => assembly(image, start, work, output),
    }
}

/// The publisher that an assembly claims: the key of its identity, and where it has room for a signature.
pub fn strong_name(bytes: &[u8]) -> Option<StrongName<'_>> {
    let Opened::Assembly(mut image) = Image::open(bytes) else { return None };
    let tables = Tables::read(&mut image)?;
    let public_key = tables.blob(ASSEMBLY, 1, 6);
    (!public_key.is_empty()).then(|| StrongName { public_key, signature: image.signature.clone() })
}

/// The short names of the classes of an assembly, and of those that it hands on to another one.
pub fn class_names(bytes: &[u8]) -> Vec<String> {
    let Opened::Assembly(mut image) = Image::open(bytes) else { return Vec::new() };
    let Some(tables) = Tables::read(&mut image) else { return Vec::new() };
    let of = |table: u8, column: usize| {
        let rows = 1..=tables.rows(table).min(MAX_ROWS);
        rows.map(|row| tables.text(table, row, column)).filter(|name| !name.is_empty()).collect::<Vec<_>>()
    };
    [of(TYPE_DEF, 1), of(EXPORTED_TYPE, 2)].concat()
}

/// Where the resources are that an assembly contains itself (ECMA-335, II.22.24).
pub fn resources(bytes: &[u8]) -> Vec<Range<usize>> {
    let Opened::Assembly(mut image) = Image::open(bytes) else { return Vec::new() };
    let Some(start) = image.resources else { return Vec::new() };
    let Some(tables) = Tables::read(&mut image) else { return Vec::new() };
    let own = (1..=tables.rows(RESOURCE).min(MAX_RESOURCES)).filter(|row| tables.coded(RESOURCE, *row, 3).row == 0);
    own.filter_map(|row| {
        let at = start.checked_add(tables.cell(RESOURCE, row, 0) as usize)?;
        let length = image.bytes.u32(at)? as usize;
        Some(at + 4..(at + 4).saturating_add(length).min(bytes.len()))
    })
    .filter(|range| range.start < range.end)
    .collect()
}

/// How many resources of an assembly are looked at.
const MAX_RESOURCES: u32 = 10_000;

/// Whether these bytes begin as a program with a CLI header does.
pub fn is_assembly(bytes: &[u8]) -> bool {
    !matches!(Image::open(bytes), Opened::Other)
}

/// Kinds of classes whose assembly is written as a page if it was compiled from pages (their classes are in the namespace
/// `ASP`) or is small: those of pages, controls, handlers, modules, services and applications.
const PAGES: &[&str] = &[
    "System.Web.UI.Page",
    "System.Web.UI.UserControl",
    "System.Web.UI.MasterPage",
    "System.Web.HttpApplication",
    "System.Web.IHttpHandler",
    "System.Web.IHttpModule",
    "System.Web.Services.WebService",
    "System.Web.Hosting.VirtualPathProvider",
];

/// Where the code of an assembly can be parted so that each part has whole classes: places in the text, from its first class on
/// to its end, each at least `least` bytes behind the one before.
pub fn seams(text: &[u8], least: usize) -> Vec<usize> {
    let mut seams = Vec::new();
    let mut from = 0;
    for at in memchr::memmem::find_iter(text, CLASS) {
        // Text of a program is in one line with what is around it: nothing but a class begins a line so.
        let begins = at == 0 || text[at - 1] == b'\n';
        if begins && (seams.is_empty() || at >= from + least) {
            seams.push(at);
            from = at;
        }
    }
    seams.push(text.len());
    seams
}

/// How the code of an assembly is led in, which makes a page of it or not.
pub fn lead(text: &[u8]) -> Vec<u8> {
    match written_as(text) {
        Assembly::Pages => [OF_PAGES, SCRIPT].concat().into_bytes(),
        Assembly::Classes => [OF_CLASSES, SCRIPT].concat().into_bytes(),
        Assembly::Library => Vec::new(),
    }
}

/// How a class begins.
const CLASS: &[u8] = b"public partial class ";

/// How the code of an assembly begins that was compiled from pages, and how that of another one which is written as a page.
const OF_PAGES: &str = "<%@ Page Language=\"C#\" %>\n";
const OF_CLASSES: &str = "<%@ Assembly Language=\"C#\" %>\n";
const SCRIPT: &str = "<script runat=\"server\" language=\"C#\">\n";

/// What an assembly is, by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assembly {
    /// Compiled from pages: what they were before.
    Pages,
    /// A few classes, among them one that answers requests.
    Classes,
    /// Anything else.
    Library,
}

/// What the assembly is that was written as this text.
pub fn written_as(text: &[u8]) -> Assembly {
    if text.starts_with(OF_PAGES.as_bytes()) {
        Assembly::Pages
    } else if text.starts_with(OF_CLASSES.as_bytes()) {
        Assembly::Classes
    } else {
        Assembly::Library
    }
}

/// How many classes an assembly has at most that was made for one purpose: those of intruders have less than ten. A library with
/// hundreds has handlers and modules among much else, and what one class does is not what another one takes from the request.
const FEW: u32 = 32;

fn assembly(mut image: Image<'_>, start: usize, work: &mut Work, output: &mut dyn Output) {
    let Some(tables) = Tables::read(&mut image) else {
        output.note_broken("its metadata tables are missing".to_owned());
        return;
    };
    let names = Names { tables, spent: Cell::new(0) };
    let classes = Classes::read(&names, work);
    let mut writer = Writer { output, start, at: 0 };
    let types = names.tables.rows(TYPE_DEF);
    let compiled = (1..=work.rows(types)).any(|row| names.tables.text(TYPE_DEF, row, 2) == "ASP");
    let is_page =
        compiled || types <= FEW && classes.bases.values().flatten().any(|base| PAGES.contains(&base.as_str()));
    let (directive, head, tail) = match (compiled, is_page) {
        (true, _) => (OF_PAGES, SCRIPT, "</script>\n"),
        (false, true) => (OF_CLASSES, SCRIPT, "</script>\n"),
        (false, false) => ("", "", ""),
    };
    let mut open = writer.write(&format!("{directive}{head}{}", odd_names(&names)), 0..0);
    let mut class = 0;
    for (at, row) in methods(&image, &names, work) {
        if !open || work.truncated {
            break;
        }
        let owner = names.owner(Token { table: METHOD_DEF, row });
        if owner != class {
            let end = if class == 0 { "" } else { "}\n" };
            let head = format!("{end}{}", classes.head(&names, owner));
            open = work.room(head.len()) && writer.write(&head, at..at);
            class = owner;
        }
        open = open && method(&mut image, &names, &classes, at, row, work, &mut writer);
    }
    if class != 0 {
        writer.write("}\n", 0..0);
    }
    writer.write(tail, 0..0);
    if let Some(why) = image.broken {
        output.note_broken(why);
    }
}

/// A remark if half of the names of classes and methods, and four at least, are ones that no person types: nothing follows from
/// it, since those who sell libraries do that too. What compilers make up does not count.
fn odd_names(names: &Names<'_>) -> String {
    let tables = &names.tables;
    let (mut all, mut odd) = (0u32, 0u32);
    for (table, column) in [(TYPE_DEF, 1), (METHOD_DEF, 3)] {
        for row in 1..=tables.rows(table).min(MAX_ROWS) {
            let name = tables.text(table, row, column);
            if name.is_empty() || name.contains('<') || name.starts_with('.') {
                continue;
            }
            all += 1;
            odd += u32::from(!name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'`')));
        }
    }
    match odd >= 4 && odd * 2 >= all {
        true => format!("// {odd} of the {all} names of its classes and methods are none that a person types\n"),
        false => String::new(),
    }
}

/// The methods that have a body, or are called out of another library, in the order of their bodies; no body twice.
fn methods(image: &Image<'_>, names: &Names<'_>, work: &mut Work) -> Vec<(usize, u32)> {
    let rows = 1..=work.rows(names.tables.rows(METHOD_DEF));
    let mut methods: Vec<(usize, u32)> = rows
        .filter_map(|row| match names.tables.cell(METHOD_DEF, row, 0) {
            0 => (names.tables.cell(METHOD_DEF, row, 2) & PINVOKE != 0).then_some((0, row)),
            _ if names.tables.cell(METHOD_DEF, row, 1) & CODE_TYPE != 0 => None,
            address => Some((image.offset(address)?, row)),
        })
        .collect();
    methods.sort_unstable();
    let mut seen = HashSet::new();
    methods.retain(|(at, _)| *at == 0 || seen.insert(*at));
    methods
}

/// The flag of a method that another library has (ECMA-335, II.23.1.10).
const PINVOKE: u32 = 0x2000;
/// The bits of what a method's code is: 0 is IL, all else is code of the processor or the runtime's own (II.23.1.11). Libraries
/// of C++/CLI have both.
const CODE_TYPE: u32 = 3;

/// Writes one method; `false` when there is no more room.
fn method(
    image: &mut Image<'_>,
    names: &Names<'_>,
    classes: &Classes,
    at: usize,
    row: u32,
    work: &mut Work,
    writer: &mut Writer<'_>,
) -> bool {
    let signature = names.method(row);
    let types = names.parameters(&signature);
    let parameters = parameters(names, row, types.len());
    let result = if signature.returns { "object" } else { "void" };
    let name = names.tables.text(METHOD_DEF, row, 3);
    let name = match &*name {
        ".ctor" => "ctor".to_owned(),
        ".cctor" => "cctor".to_owned(),
        name => identifier(name),
    };
    let list: Vec<String> = types.iter().zip(&parameters).map(|(of, name)| format!("{of} {name}")).collect();
    let mut head: String =
        classes.attributes.get(&row).into_iter().flatten().map(|name| format!("[{name}] ")).collect();
    let kept = if signature.has_this { "" } else { "static " };
    if let Some((library, entry)) = classes.imports.get(&row) {
        let entry = if *entry == name { String::new() } else { format!(", EntryPoint = \"{entry}\"") };
        head.push_str(&format!(
            "[DllImport(\"{library}\"{entry})] static extern object {name}({});\n",
            list.join(", ")
        ));
        return work.room(head.len()) && writer.write(&head, at..at);
    }
    // Paid for whether it is written or not.
    if !work.room(list.iter().map(String::len).sum()) {
        return false;
    }
    head.push_str(&format!("public {kept}{result} {name}({}) {{\n", list.join(", ")));
    let Some(body) = Body::read(image, at) else {
        image.note("a method has no header");
        return true;
    };
    if body.truncated {
        image.note("the code of a method extends beyond the end of the file");
    }
    let code = image.bytes.0.get(body.code.clone()).unwrap_or_default();
    let mut reader = Reader::new(image, names, work, code, &signature, parameters);
    reader.read(&body);
    let (met, broken) = (reader.met, reader.broken);
    let statements = std::mem::take(&mut reader.statements);
    if broken {
        image.note("the code of a method contains an invalid instruction");
    }
    if statements.is_empty() {
        return !work.truncated;
    }
    for (at, of) in names.locals(body.locals).iter().enumerate() {
        head.push_str(&format!("{of} l{at}; "));
    }
    for at in 0..met {
        head.push_str(&format!("object s{at}; "));
    }
    if !work.room(head.len() + 2 * statements.len() + 4) || !writer.write(&head, at..body.code.start) {
        return false;
    }
    let base = body.code.start;
    let all = statements.iter().all(|statement| {
        writer.write(&statement.text, base + statement.from..base + statement.to) && writer.write("\n", 0..0)
    });
    all && writer.write("}\n", 0..0)
}

/// The names of a method's parameters.
fn parameters(names: &Names<'_>, row: u32, count: usize) -> Vec<String> {
    let tables = &names.tables;
    let first = tables.cell(METHOD_DEF, row, 5);
    let mut found: Vec<String> = (0..count).map(|at| format!("a{at}")).collect();
    // Up to where those of the next method begin.
    let next = if row < tables.rows(METHOD_DEF) { tables.cell(METHOD_DEF, row + 1, 5) } else { u32::MAX };
    for param in (first.max(1)..=tables.rows(PARAM)).take_while(|param| *param < next).take(count + 1) {
        let place = (tables.cell(PARAM, param, 1) as usize).checked_sub(1);
        let name = tables.text(PARAM, param, 2);
        if let Some(slot) = place.and_then(|place| found.get_mut(place))
            && !name.is_empty()
        {
            *slot = identifier(&name);
        }
    }
    found
}

/// What is known of classes and methods beside their code.
#[derive(Default)]
struct Classes {
    /// What a class is made from, by its row.
    bases: BTreeMap<u32, Vec<String>>,
    /// The attributes of a method, by its row.
    attributes: BTreeMap<u32, Vec<String>>,
    /// The library and the name there of a method that another library has.
    imports: BTreeMap<u32, (String, String)>,
}

impl Classes {
    fn read(names: &Names<'_>, work: &mut Work) -> Self {
        let tables = &names.tables;
        let mut classes = Self::default();
        for row in 1..=work.rows(tables.rows(TYPE_DEF)) {
            let base = tables.coded(TYPE_DEF, row, 3);
            if !work.charge(1 + names.spent.take() / 64) {
                break;
            }
            if base.row != 0 {
                let name = names.type_of(base);
                if !matches!(&*name, "System.Object" | "System.ValueType" | "System.Enum") {
                    classes.bases.entry(row).or_default().push(name);
                }
            }
        }
        for row in 1..=work.rows(tables.rows(INTERFACE)) {
            let bases = classes.bases.entry(tables.cell(INTERFACE, row, 0)).or_default();
            if !work.charge(1 + names.spent.take() / 64) {
                break;
            }
            if bases.len() < 16 {
                bases.push(names.type_of(tables.coded(INTERFACE, row, 1)));
            }
        }
        for row in 1..=work.rows(tables.rows(CUSTOM_ATTRIBUTE)) {
            let parent = tables.coded(CUSTOM_ATTRIBUTE, row, 0);
            if !work.charge(1 + names.spent.take() / 64) {
                break;
            }
            if parent.table != METHOD_DEF {
                continue;
            }
            let member = names.member(tables.coded(CUSTOM_ATTRIBUTE, row, 1));
            let short = member.owner.rsplit('.').next().unwrap_or_default();
            let short = short.strip_suffix("Attribute").unwrap_or(short);
            let known = classes.attributes.entry(parent.row).or_default();
            // What compilers add means nothing.
            if !member.owner.starts_with("System.Runtime.")
                && !member.owner.starts_with("System.Diagnostics.")
                && known.len() < 8
            {
                known.push(short.to_owned());
            }
        }
        for row in 1..=work.rows(tables.rows(IMPORT)) {
            let method = tables.coded(IMPORT, row, 1);
            let library = tables.text(MODULE_REF, tables.cell(IMPORT, row, 3), 0);
            let library =
                library.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).collect();
            classes.imports.insert(method.row, (library, identifier(&tables.text(IMPORT, row, 2))));
        }
        classes
    }

    /// The opening of a class. Its name is not looked up again: a class that is written in pieces has it in each.
    fn head(&self, names: &Names<'_>, row: u32) -> String {
        let name = names.type_of(Token { table: TYPE_DEF, row });
        let name = name.rsplit('.').next().unwrap_or_default().to_owned();
        match self.bases.get(&row) {
            Some(bases) if !bases.is_empty() => format!("public partial class {name} : {} {{\n", bases.join(", ")),
            _ => format!("public partial class {name} {{\n"),
        }
    }
}

/// Writes text, positions ascending.
struct Writer<'w> {
    output: &'w mut dyn Output,
    start: usize,
    /// Up to where of the program text was written.
    at: usize,
}

impl Writer<'_> {
    /// Writes what came from this stretch of the program. Bodies may overlap: no stretch begins before the last one ended.
    fn write(&mut self, text: &str, from: Range<usize>) -> bool {
        let begin = from.start.max(self.at);
        let end = from.end.max(begin);
        self.at = end;
        self.output.push(text.as_bytes(), self.start + begin, self.start + end)
    }
}
