//! The analysis of one text as a page: structure, program, data flow.

use super::api_model::{self, Sink, types};
use super::client::{self, Sent};
use super::evaluate::{Computed, evaluate};
use super::flow::value::{Constant, StepId, TaintFlags};
use super::flow::{Event, Flow, Seed, Step, Work, analyze};
use super::lex::{Tokens, lex, php_opening};
use super::parse::parse;
use super::structure::{BlockKind, Element, Language, Structure};
use super::token::{Interner, Token};
use super::tree::{Node, NodeId, Tree};
use std::collections::HashSet;
use std::ops::Range;

/// How much work one text is worth.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Tokens that are read, those of code inside constants among them.
    pub tokens: usize,
    /// Bytes of constants that are put together.
    pub constants: usize,
    /// Steps of decoders that are run.
    pub steps: usize,
    /// Nodes that are looked at again, behind the first few times, until nothing new is learnt.
    pub visits: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { tokens: 500_000, constants: 16 << 20, steps: 300_000, visits: 4_000_000 }
    }
}

/// How often what constants that are code give is followed, whatever the size of the program.
const FREE_DEPTH: usize = 4;
/// How deep constants that are code are read as code.
const MAX_DEPTH: usize = 64;
/// How many constants are read as code.
const MAX_NESTED: usize = 8192;

/// A page that was read.
#[derive(Debug, Default)]
pub struct Reading {
    /// What it is made of.
    pub structure: Structure,
    /// Its program.
    pub tree: Tree,
    /// Its names and literals.
    pub interner: Interner,
    /// What reaches what.
    pub flow: Flow,
    /// How many bytes of server code it has.
    pub code: usize,
    /// How many tokens.
    pub tokens: usize,
    /// How many steps of decoders were run.
    pub steps: usize,
    /// Where scripts for the browser do what they have no need of with the password that is typed.
    pub sent: Vec<Sent>,
    /// Whether a budget ended before the code did.
    pub truncated: bool,
    /// From which node on code was read out of constants.
    pub nested_from: NodeId,
}

/// Reads a text as a page of this name. Nothing is read out of a text without server code.
pub fn read(text: &[u8], name: &str, budget: Budget) -> Reading {
    let structure = Structure::read(text, name);
    let (sent, sent_truncated) = client::sends(text, name);
    let mut reading = Reading { truncated: structure.truncated || sent_truncated, sent, ..Reading::default() };
    let has_com = structure.elements.iter().any(|element| element.tag == "object");
    if structure.blocks.is_empty() && !has_com {
        reading.structure = structure;
        return reading;
    }
    let mut tokens = Tokens::default();
    for block in &structure.blocks {
        reading.code += block.range.len();
        lex(text, block.range.clone(), block.language, block.kind, &mut reading.interner, &mut tokens, budget.tokens);
    }
    let seeds = seeds(&structure, text, &mut reading.interner);
    reading.tokens = tokens.tokens.len();
    reading.truncated |= tokens.truncated;
    if !reaches_sink(&reading.interner, &structure, &seeds) {
        reading.structure = structure;
        return reading;
    }
    let computed = evaluate(&tokens, text, &mut reading.interner, budget.steps);
    reading.steps = computed.steps;
    parse(&tokens.tokens, &reading.interner, &mut reading.tree);
    sheets(&mut reading, budget);
    reading.nested_from = reading.tree.nodes.len() as NodeId;
    let mut work = Work { constants: budget.constants, visits: budget.visits };
    reading.flow = analyze(&reading.tree, &reading.interner, &seeds, structure.classic, &mut work, &computed);
    let mut known = Known::default();
    // Code in constants may hold code in constants: until there is no more, or the work is used up.
    for depth in 0.. {
        let before = known.texts.len();
        nested(&mut reading, &mut known, budget, &computed);
        if known.texts.len() == before {
            break;
        }
        let cost = if depth < FREE_DEPTH { 0 } else { reading.tree.nodes.len() * 2 };
        if depth >= MAX_DEPTH || work.visits < cost {
            reading.truncated = true;
            break;
        }
        work.visits -= cost;
        reading.truncated |= reading.flow.truncated;
        reading.flow = analyze(&reading.tree, &reading.interner, &seeds, structure.classic, &mut work, &computed);
    }
    reading.truncated |= reading.flow.truncated;
    reading.structure = structure;
    reading
}

/// Whether the code can use a capability, by the names it has.
fn reaches_sink(interner: &Interner, structure: &Structure, seeds: &[Seed]) -> bool {
    let mut languages: Vec<Language> = Vec::new();
    for block in &structure.blocks {
        if !languages.contains(&block.language) {
            languages.push(block.language);
        }
    }
    let given = seeds.iter().fold(api_model::Types::empty(), |all, seed| all | seed.types);
    api_model::may_reach_sink(interner.names(), &languages, given, structure.classic)
        || languages.contains(&Language::Php) && opens_odd_files(interner)
}

/// Whether PHP has a text that may be no file's path, or names a picture that it may run.
fn opens_odd_files(interner: &Interner) -> bool {
    const KINDS: &[&[u8]] = &[b".ico", b".jpg", b".jpeg", b".png", b".gif", b".bmp"];
    let runs =
        || [&b"include"[..], b"include_once", b"require", b"require_once"].iter().any(|w| interner.find(w).is_some());
    let picture = |&(start, end): &(u32, u32)| {
        let text = interner.bytes.get(start as usize..end as usize).unwrap_or_default();
        KINDS.iter().any(|kind| text.len() > kind.len() && text[text.len() - kind.len()..].eq_ignore_ascii_case(kind))
    };
    memchr::memmem::find(&interner.bytes, b"php://").is_some() || interner.literals.iter().any(picture) && runs()
}

/// Constants that were read as code, each at the place that runs it.
#[derive(Default)]
struct Known {
    texts: HashSet<(NodeId, Vec<u8>)>,
    bytes: usize,
}

impl Known {
    /// Whether there is no room for one more. One long constant may be run in many places.
    fn is_full(&self, bytes: &[u8], budget: Budget) -> bool {
        self.texts.len() >= MAX_NESTED || budget.constants.saturating_sub(self.bytes) < bytes.len()
    }

    /// Whether it was not known yet.
    fn add(&mut self, node: NodeId, bytes: &[u8]) -> bool {
        let new = self.texts.insert((node, bytes.to_vec()));
        self.bytes += if new { bytes.len() } else { 0 };
        new
    }
}

/// Code inside a constant.
struct Nested {
    /// What runs or writes it.
    node: NodeId,
    bytes: Vec<u8>,
    /// Its language; `None` for a page that is written.
    language: Option<Language>,
}

/// The shortest constant that is read as code, in bytes.
const MIN_NESTED: usize = 3;

/// Reads constants that are run as code.
fn nested(reading: &mut Reading, known: &mut Known, budget: Budget, computed: &Computed) {
    let (mut found, truncated) = constants(reading, known, budget);
    let (ran, more) = computed_code(reading, known, budget, computed);
    found.extend(ran);
    reading.truncated |= truncated | more;
    for code in found {
        read_nested(reading, code, budget);
    }
}

/// The constants that are run or written, and whether there were more than are kept.
fn constants(reading: &Reading, known: &mut Known, budget: Budget) -> (Vec<Nested>, bool) {
    let mut found = Vec::new();
    let single = reading.flow.events.iter().map(|event| {
        let constant = match event.sink {
            Sink::Evaluate | Sink::Compile => event.main.constant,
            // A page that is written.
            Sink::Write | Sink::Save if event.second.flags.intersects(TaintFlags::CODE) => event.second.constant,
            _ => Constant::Unknown,
        };
        (event.sink, event.node, constant)
    });
    let several = reading.flow.several.iter().map(|&(node, constant)| (Sink::Evaluate, node, constant));
    for (sink, node, constant) in single.chain(several) {
        let Constant::Text(text) = constant else { continue };
        let bytes = reading.flow.texts.bytes(text);
        if bytes.len() < MIN_NESTED {
            continue;
        }
        if known.is_full(bytes, budget) {
            return (found, true);
        }
        if !known.add(node, bytes) {
            continue;
        }
        let language = match (sink, reading.tree.language(node)) {
            (Sink::Write | Sink::Save, _) => None,
            (Sink::Compile, _) if looks_basic(bytes) => Some(Language::VisualBasic),
            (Sink::Compile, _) => Some(Language::CSharp),
            (_, outer @ (Language::VbScript | Language::JScript | Language::Php)) => Some(outer),
            // Of .NET the evaluator of JScript is called.
            _ => Some(Language::JScript),
        };
        found.push(Nested { node, bytes: bytes.to_vec(), language });
    }
    (found, false)
}

/// What decoders gave when they were run, and whether there was more than is kept. Their own code lies at the same place.
fn computed_code(reading: &Reading, known: &mut Known, budget: Budget, computed: &Computed) -> (Vec<Nested>, bool) {
    let (mut found, mut truncated) = (Vec::new(), false);
    let unknown = reading.flow.events.iter().filter(|event| {
        event.sink == Sink::Evaluate && event.node < reading.nested_from && event.main.constant == Constant::Unknown
    });
    for event in unknown {
        for bytes in computed.runs.get(&reading.place(event.node).0).into_iter().flatten() {
            if bytes.len() < MIN_NESTED || known.texts.contains(&(event.node, bytes.clone())) {
                continue;
            }
            if known.is_full(bytes, budget) {
                truncated = true;
                break;
            }
            known.add(event.node, bytes);
            let language = match reading.tree.language(event.node) {
                outer @ (Language::VbScript | Language::JScript) => outer,
                _ => Language::JScript,
            };
            found.push(Nested { node: event.node, bytes: bytes.clone(), language: Some(language) });
        }
    }
    (found, truncated)
}

/// Reads code that a constant holds into the tree, at the place of what runs it.
fn read_nested(reading: &mut Reading, code: Nested, budget: Budget) {
    let Nested { node, bytes, language } = code;
    let mut tokens = Tokens::default();
    let room = budget.tokens.saturating_sub(reading.tokens);
    let blocks = match language {
        Some(language) => vec![(0..bytes.len(), language, BlockKind::Statements)],
        None => {
            let directive = memchr::memmem::find(&bytes, b"<%@").is_some();
            let php = php_opening(&bytes, 0).is_some_and(|tag| tag.full);
            let name = match (directive, php) {
                (true, _) => "x",
                (false, true) => "x.php",
                (false, false) => "x.asp",
            };
            let page = Structure::read(&bytes, name);
            reading.truncated |= page.truncated;
            page.blocks.into_iter().map(|block| (block.range, block.language, block.kind)).collect()
        }
    };
    for (range, language, kind) in blocks {
        lex(&bytes, range, language, kind, &mut reading.interner, &mut tokens, room);
    }
    reading.truncated |= tokens.truncated;
    if tokens.tokens.is_empty() {
        return;
    }
    reading.tokens += tokens.tokens.len();
    // Its locations are those of what runs it.
    let (start, end) = reading.place(node);
    for token in &mut tokens.tokens {
        *token = Token { start, end, ..*token };
    }
    parse(&tokens.tokens, &reading.interner, &mut reading.tree);
    let last = reading.tree.nodes.len() as NodeId - 1;
    reading.tree.nested.push((node, last));
}

/// Reads the scripts of style sheets that the code holds as text: `<msxsl:script language="...">`.
fn sheets(reading: &mut Reading, budget: Budget) {
    let mut found: Vec<(NodeId, Vec<u8>)> = Vec::new();
    for (at, spanned) in reading.tree.nodes.iter().enumerate() {
        if let Node::Text(literal) = spanned.node {
            let bytes = reading.interner.literal(literal);
            if bytes.len() > 100 && memchr::memmem::find(bytes, b"msxsl:script").is_some() {
                found.push((at as NodeId, bytes.to_vec()));
            }
        }
    }
    for (node, bytes) in found {
        let mut tokens = Tokens::default();
        let mut from = 0;
        while let Some(open) = memchr::memmem::find(&bytes[from..], b"msxsl:script") {
            let tag = from + open;
            let Some(body) = memchr::memchr(b'>', &bytes[tag..]).map(|end| tag + end + 1) else { break };
            let end = memchr::memmem::find(&bytes[body..], b"msxsl:script").map_or(bytes.len(), |end| body + end);
            let head = bytes[tag..body].to_ascii_lowercase();
            let has = |word: &[u8]| memchr::memmem::find(&head, word).is_some();
            let language = if has(b"c#") || has(b"csharp") {
                Language::CSharp
            } else if has(b"vb") || has(b"visualbasic") {
                Language::VisualBasic
            } else {
                Language::JScript
            };
            let code = memchr::memmem::find(&bytes[body..end], b"<![CDATA[").map_or(body, |mark| body + mark + 9);
            let room = budget.tokens.saturating_sub(reading.tokens);
            lex(&bytes, code..end, language, BlockKind::Members, &mut reading.interner, &mut tokens, room);
            from = (end + 12).min(bytes.len());
        }
        reading.truncated |= tokens.truncated;
        reading.tokens += tokens.tokens.len();
        let (start, end) = reading.place(node);
        for token in &mut tokens.tokens {
            *token = Token { start, end, ..*token };
        }
        if !tokens.tokens.is_empty() {
            parse(&tokens.tokens, &reading.interner, &mut reading.tree);
        }
    }
}

/// Whether text is Visual Basic rather than C#.
fn looks_basic(text: &[u8]) -> bool {
    let head = text[..text.len().min(4096)].to_ascii_lowercase();
    ["end sub", "end function", "end class", "imports "]
        .iter()
        .any(|w| memchr::memmem::find(&head, w.as_bytes()).is_some())
}

/// Controls that a person fills in.
const CONTROLS: &[&str] = &[
    "asp:textbox",
    "input",
    "textarea",
    "asp:hiddenfield",
    "asp:dropdownlist",
    "asp:listbox",
    "select",
    "asp:combobox",
    "asp:radiobuttonlist",
    "asp:checkboxlist",
];
const UPLOADS: &[&str] = &["asp:fileupload"];

/// What the page's elements are to its code.
fn seeds(structure: &Structure, text: &[u8], interner: &mut Interner) -> Vec<Seed> {
    let mut seeds = Vec::new();
    for element in &structure.elements {
        if element.id.is_empty() {
            continue;
        }
        let value = |name: &str| attribute(element, text, name);
        let types = if element.tag == "object" {
            let name = value("progid").or(value("classid")).unwrap_or_default();
            types::com(name)
        } else if UPLOADS.contains(&&element.tag[..])
            || element.tag == "input" && value("type").is_some_and(|kind| kind.eq_ignore_ascii_case(b"file"))
        {
            types::CONTROL | types::POSTED
        } else if CONTROLS.contains(&&element.tag[..]) {
            types::CONTROL
        } else if element.tag == "asp:sqldatasource" || element.tag == "asp:accessdatasource" {
            types::SQL_SOURCE
        } else {
            continue;
        };
        for exact in [false, true] {
            seeds.push(Seed { symbol: interner.symbol(element.id.as_bytes(), exact), types });
        }
    }
    seeds
}

/// The value of an element's attribute.
pub fn attribute<'t>(element: &Element, text: &'t [u8], name: &str) -> Option<&'t [u8]> {
    let (_, range) = element.attributes.iter().find(|(known, _)| known == name)?;
    text.get(range.clone())
}

impl Reading {
    /// Where a node lies in the text.
    pub fn place(&self, node: NodeId) -> (u32, u32) {
        self.tree.nodes.get(node as usize).map_or((0, 0), |spanned| (spanned.start, spanned.end))
    }

    /// As [`Reading::place`].
    pub fn range(&self, node: NodeId) -> Range<usize> {
        let (start, end) = self.place(node);
        start as usize..end as usize
    }

    /// The data flow that led to a value, the source first; at most 16 steps.
    pub fn data_flow(&self, step: Option<StepId>) -> Vec<Step> {
        let mut way = Vec::new();
        let mut seen = Vec::new();
        let mut at = step;
        // Steps may lead round in a circle, through variables that take each other's value.
        while let Some(id) = at
            && way.len() < 16
            && !seen.contains(&id)
        {
            let Some(step) = self.flow.steps.get(id.index()) else { break };
            seen.push(id);
            way.push(*step);
            at = step.from;
        }
        way.reverse();
        way
    }

    /// The name by which an event is called, in lower case.
    pub fn callee(&self, event: &Event) -> &[u8] {
        let symbol = match self.tree.node(event.node) {
            Node::Call(callee, _) => match self.tree.node(callee) {
                Node::Member(_, symbol) => Some(symbol),
                Node::Name(var) => self.tree.vars.get(var as usize).map(|var| var.symbol),
                _ => None,
            },
            Node::New(class, _) => Some(class),
            Node::Assign(target, _, _) => match self.tree.node(target) {
                Node::Member(_, symbol) => Some(symbol),
                _ => None,
            },
            _ => None,
        };
        symbol.map_or(&[], |symbol| self.interner.name(symbol))
    }
}
