//! Metadata names in C# syntax.

use super::tables::{
    FIELD, MEMBER_REF, METHOD_DEF, METHOD_SPEC, SIGNATURE, TYPE_DEF, TYPE_REF, TYPE_SPEC, Tables, Token, compressed,
};
use std::cell::Cell;

/// How deep nested types are followed for their names.
const MAX_NESTING: usize = 8;

/// How much of a signature is read. Many methods may share a long one.
const MAX_SIGNATURE: usize = 2048;

/// Words of C# that are no names (C# 6 specification, 2.4.3).
const KEYWORDS: &[&str] = &[
    "abstract",
    "as",
    "base",
    "bool",
    "break",
    "byte",
    "case",
    "catch",
    "char",
    "checked",
    "class",
    "const",
    "continue",
    "decimal",
    "default",
    "delegate",
    "do",
    "double",
    "else",
    "enum",
    "event",
    "explicit",
    "extern",
    "false",
    "finally",
    "fixed",
    "float",
    "for",
    "foreach",
    "goto",
    "if",
    "implicit",
    "in",
    "int",
    "interface",
    "internal",
    "is",
    "lock",
    "long",
    "namespace",
    "new",
    "null",
    "object",
    "operator",
    "out",
    "override",
    "params",
    "private",
    "protected",
    "public",
    "readonly",
    "ref",
    "return",
    "sbyte",
    "sealed",
    "short",
    "sizeof",
    "stackalloc",
    "static",
    "string",
    "struct",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "uint",
    "ulong",
    "unchecked",
    "unsafe",
    "ushort",
    "using",
    "virtual",
    "void",
    "volatile",
    "while",
];

/// A name as an identifier: what no identifier has is written as its number, so that no name is lost and none ends the text
/// around it.
pub(super) fn identifier(name: &str) -> String {
    let name = name.split_once('`').map_or(name, |(name, _)| name);
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '_' => text.push(c),
            '0'..='9' if !text.is_empty() => text.push(c),
            '<' | '>' => text.push('_'),
            c => text.push_str(&format!("_u{:04x}", c as u32)),
        }
    }
    if text.is_empty() || KEYWORDS.contains(&text.as_str()) {
        text.push('_');
    }
    text
}

/// A name of several parts.
fn dotted(name: &str) -> String {
    name.split('.').filter(|part| !part.is_empty()).map(identifier).collect::<Vec<_>>().join(".")
}

/// A method or field that code uses.
pub(super) struct Member<'b> {
    /// The type it belongs to.
    pub(super) owner: String,
    /// Its name as metadata has it.
    pub(super) name: String,
    /// Whether its type is one of this assembly.
    pub(super) own: bool,
    pub(super) signature: Signature<'b>,
}

/// The shape of a method (ECMA-335, II.23.2.1).
#[derive(Clone, Copy, Default)]
pub(super) struct Signature<'b> {
    pub(super) has_this: bool,
    pub(super) parameters: usize,
    pub(super) returns: bool,
    /// The types: of the result, then of the parameters.
    types: &'b [u8],
}

impl<'b> Signature<'b> {
    fn read(blob: &'b [u8]) -> Self {
        let read = || {
            let (&head, mut rest) = blob.split_first()?;
            if head & 0x10 != 0 {
                rest = rest.get(compressed(rest)?.1..)?;
            }
            let (count, used) = compressed(rest)?;
            let types = rest.get(used..)?;
            let types = &types[..types.len().min(MAX_SIGNATURE)];
            let mut result = types;
            while let Some((0x1F | 0x20, behind)) = result.split_first() {
                result = behind;
                number(&mut result);
            }
            // Each parameter takes a byte at least.
            let parameters = (count as usize).min(types.len());
            let returns = result.first().is_some_and(|&first| first != 1);
            Some(Self { has_this: head & 0x20 != 0, parameters, returns, types })
        };
        read().unwrap_or_default()
    }
}

pub(super) struct Names<'b> {
    pub(super) tables: Tables<'b>,
    /// How many bytes of names of types were put together since it was last read.
    pub(super) spent: Cell<usize>,
}

impl<'b> Names<'b> {
    /// A type by its row.
    pub(super) fn type_of(&self, token: Token) -> String {
        let name = self.name_of(token);
        self.spent.set(self.spent.get() + name.len());
        name
    }

    fn name_of(&self, token: Token) -> String {
        let tables = &self.tables;
        match token.table {
            TYPE_DEF => {
                let (space, name) = (tables.text(TYPE_DEF, token.row, 2), tables.text(TYPE_DEF, token.row, 1));
                whole(&space, &[identifier(&name)])
            }
            TYPE_REF => {
                let mut names = Vec::new();
                let mut at = token;
                loop {
                    names.push(identifier(&tables.text(TYPE_REF, at.row, 1)));
                    let outer = tables.coded(TYPE_REF, at.row, 0);
                    if outer.table != TYPE_REF || names.len() >= MAX_NESTING {
                        break;
                    }
                    at = outer;
                }
                names.reverse();
                whole(&tables.text(TYPE_REF, at.row, 2), &names)
            }
            TYPE_SPEC => {
                let blob = tables.blob(TYPE_SPEC, token.row, 0);
                self.type_in(&mut &blob[..blob.len().min(MAX_SIGNATURE)])
            }
            _ => "object".to_owned(),
        }
    }

    /// Reads a type off the front of a signature (ECMA-335, II.23.2.12). What a generic type is made of, and whether it is an
    /// array of arrays, is passed over.
    pub(super) fn type_in(&self, blob: &mut &'b [u8]) -> String {
        let mut name: Option<String> = None;
        let mut array = false;
        // What is still to be read: a type, or the shape of an array.
        let mut left = vec![true];
        while let Some(is_type) = left.pop() {
            if !is_type {
                for _ in 0..2 {
                    number(blob);
                    // Sizes, then lower bounds.
                    for _ in 0..number(blob).min(blob.len() as u32) {
                        number(blob);
                    }
                }
                continue;
            }
            let Some((&element, rest)) = blob.split_first() else { break };
            *blob = rest;
            let mut known = |text: &str| {
                name.get_or_insert_with(|| text.to_owned());
            };
            match element {
                0x01 => known("void"),
                0x02 => known("bool"),
                0x03 => known("char"),
                0x04 => known("sbyte"),
                0x05 => known("byte"),
                0x06..=0x0B => known("int"),
                0x0C | 0x0D => known("double"),
                0x0E => known("string"),
                0x18 | 0x19 => known("System.IntPtr"),
                0x0F | 0x10 | 0x41 | 0x45 => left.push(true),
                0x1D => {
                    array |= name.is_none();
                    left.push(true);
                }
                0x1F | 0x20 => {
                    number(blob);
                    left.push(true);
                }
                0x11 | 0x12 => {
                    let token = Tables::type_token(number(blob));
                    // A type cannot be made of itself without end: a specification is not followed here.
                    let text = if token.table == TYPE_SPEC { "object".to_owned() } else { self.type_of(token) };
                    known(&text);
                }
                0x13 | 0x1E => {
                    number(blob);
                    known("object");
                }
                0x14 => left.extend([false, true]),
                0x15 => {
                    let Some((_, rest)) = blob.split_first() else { break };
                    *blob = rest;
                    let token = Tables::type_token(number(blob));
                    let text = if token.table == TYPE_SPEC { "object".to_owned() } else { self.type_of(token) };
                    known(&text);
                    // Each argument takes a byte at least.
                    let count = (number(blob) as usize).min(blob.len().saturating_sub(left.len()));
                    left.extend((0..count).map(|_| true));
                }
                _ => known("object"),
            }
        }
        let name = name.unwrap_or_else(|| "object".to_owned());
        if array { name + "[]" } else { name }
    }

    /// The types of a method's parameters.
    pub(super) fn parameters(&self, signature: &Signature<'b>) -> Vec<String> {
        let mut types = signature.types;
        let _ = self.type_in(&mut types);
        (0..signature.parameters).map(|_| self.type_in(&mut types)).collect()
    }

    /// The types of local variables (ECMA-335, II.23.2.6).
    pub(super) fn locals(&self, token: Token) -> Vec<String> {
        let blob = if token.table == SIGNATURE { self.tables.blob(SIGNATURE, token.row, 0) } else { &[] };
        let Some((7, mut rest)) = blob.split_first() else { return Vec::new() };
        rest = &rest[..rest.len().min(MAX_SIGNATURE)];
        let count = number(&mut rest).min(rest.len() as u32);
        (0..count).map(|_| self.type_in(&mut rest)).collect()
    }

    /// The shape of a method of this assembly.
    pub(super) fn method(&self, row: u32) -> Signature<'b> {
        Signature::read(self.tables.blob(METHOD_DEF, row, 4))
    }

    /// The shape that a call through a pointer names.
    pub(super) fn pointed(&self, token: Token) -> Signature<'b> {
        Signature::read(if token.table == SIGNATURE { self.tables.blob(SIGNATURE, token.row, 0) } else { &[] })
    }

    /// The type that a field or method of this assembly belongs to: the last one whose list begins at or before it.
    pub(super) fn owner(&self, of: Token) -> u32 {
        let column = if of.table == FIELD { 4 } else { 5 };
        let (mut low, mut high) = (1, self.tables.rows(TYPE_DEF) + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.tables.cell(TYPE_DEF, middle, column) <= of.row { low = middle + 1 } else { high = middle }
        }
        low - 1
    }

    /// A method or field by the token that code has for it.
    pub(super) fn member(&self, token: Token) -> Member<'b> {
        let tables = &self.tables;
        let token = if token.table == METHOD_SPEC { tables.coded(METHOD_SPEC, token.row, 0) } else { token };
        match token.table {
            METHOD_DEF | FIELD => {
                let owner = Token { table: TYPE_DEF, row: self.owner(token) };
                let (name, blob) = if token.table == FIELD { (1, 2) } else { (3, 4) };
                Member {
                    owner: self.type_of(owner),
                    name: tables.text(token.table, token.row, name),
                    own: true,
                    signature: Signature::read(tables.blob(token.table, token.row, blob)),
                }
            }
            MEMBER_REF => {
                let parent = tables.coded(MEMBER_REF, token.row, 0);
                let owner = if parent.table == METHOD_DEF {
                    Token { table: TYPE_DEF, row: self.owner(parent) }
                } else {
                    parent
                };
                Member {
                    owner: self.type_of(owner),
                    name: tables.text(MEMBER_REF, token.row, 1),
                    own: owner.table == TYPE_DEF,
                    signature: Signature::read(tables.blob(MEMBER_REF, token.row, 2)),
                }
            }
            _ => Member { owner: String::new(), name: String::new(), own: false, signature: Signature::default() },
        }
    }
}

/// Parts of name spaces that the reader of code would take for a member that gives request data or leads to it.
const LIKE_MEMBERS: &[&str] = &["text", "request", "response", "session", "server"];

/// A name space. What is not the framework's gets parts that read as no members: `iTextSharp.text.pdf` is nobody's text.
fn space_of(space: &str) -> String {
    let of_framework = space == "System" || space.starts_with("System.") || space.starts_with("Microsoft.");
    let like = |part: &&str| LIKE_MEMBERS.iter().any(|member| member.eq_ignore_ascii_case(part));
    if of_framework || !space.split('.').any(|part| like(&part)) {
        return dotted(space);
    }
    let parts = space.split('.').filter(|part| !part.is_empty());
    parts.map(|part| identifier(part) + if like(&part) { "_" } else { "" }).collect::<Vec<_>>().join(".")
}

fn whole(space: &str, names: &[String]) -> String {
    let space = space_of(space);
    let names = names.join(".");
    if space.is_empty() { names } else { format!("{space}.{names}") }
}

/// Takes a compressed number off the front.
fn number(blob: &mut &[u8]) -> u32 {
    match compressed(blob) {
        Some((number, used)) => {
            *blob = &blob[used..];
            number
        }
        None => {
            *blob = &[];
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_spaces_read_as_no_members_but_those_of_the_framework_stay() {
        for (space, written) in [
            ("iTextSharp.text.pdf", "iTextSharp.text_.pdf"),
            ("Acme.Request.Handlers", "Acme.Request_.Handlers"),
            ("System.Text", "System.Text"),
            ("Microsoft.Exchange.Server", "Microsoft.Exchange.Server"),
            ("Acme.Web", "Acme.Web"),
            ("", ""),
        ] {
            assert_eq!(space_of(space), written);
        }
    }
}
