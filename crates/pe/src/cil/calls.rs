//! Calls in source form: properties, indexers and events by name, constructors as `new`.

use super::body::{Item, MAX_ELEMENTS, Reader};
use super::names::{Names, identifier};
use super::tables::{FIELD_DATA, METHOD_DEF, Token};

impl Reader<'_, '_> {
    /// The data that an array of a constant is made of, written as its elements.
    fn initialise(&mut self, field: &str) -> bool {
        let Some(row) = field.strip_prefix('#').and_then(|row| row.parse::<u32>().ok()) else { return false };
        let [.., Item::Array(of, length, elements), Item::Same] = &mut self.stack[..] else { return false };
        let tables = &self.names.tables;
        let count = length.parse::<usize>().unwrap_or(0).min(MAX_ELEMENTS);
        if !self.work.charge(count) {
            return false;
        }
        // The table is in the order of its fields.
        let (mut low, mut high) = (1, tables.rows(FIELD_DATA) + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if tables.cell(FIELD_DATA, middle, 1) < row { low = middle + 1 } else { high = middle }
        }
        if of == "System.Byte"
            && tables.cell(FIELD_DATA, low, 1) == row
            && let Some(at) = self.image.offset(tables.cell(FIELD_DATA, low, 0))
        {
            let data = self.image.bytes.0.get(at..).unwrap_or_default();
            *elements = data.iter().take(count).map(u8::to_string).collect();
        }
        self.stack.pop();
        true
    }

    pub(super) fn create(&mut self, token: Token) {
        let member = self.names.member(token);
        let arguments = self.pop_many(member.signature.parameters).join(", ");
        self.push(format!("new {}({arguments})", member.owner));
    }

    pub(super) fn call(&mut self, token: Token, dynamic: bool) {
        let member = self.names.member(token);
        let signature = member.signature;
        if member.name == "InitializeArray"
            && let Some(Item::Value(field)) = self.stack.last()
            && field.starts_with('#')
        {
            let field = self.pop();
            if !self.initialise(&field) {
                self.pop();
            }
            return;
        }
        let concatenated = member.owner == "System.String" && member.name == "Concat";
        // `Concat(new string[] { a, b })`: its elements.
        let list = match self.stack.last_mut() {
            Some(Item::Array(_, _, elements)) if concatenated && signature.parameters == 1 && !elements.is_empty() => {
                Some(std::mem::take(elements))
            }
            _ => None,
        };
        let mut arguments = self.pop_many(signature.parameters);
        if let Some(list) = list {
            arguments = list;
        }
        let object = signature.has_this.then(|| self.pop());
        // The constructor of the class below, or of a value in place.
        if member.name == ".ctor" {
            if let Some(object) = object.filter(|object| object != "this") {
                let text = format!("{object} = new {}({});", member.owner, arguments.join(", "));
                self.emit(text);
            }
            return;
        }
        let own_method = self.names.owner_is_here(token) && !dynamic;
        let text = match object {
            None if concatenated && arguments.len() > 1 => format!("({})", arguments.join(" + ")),
            None => match (&*member.name, arguments.len()) {
                ("op_Implicit" | "op_Explicit" | "GetTypeFromHandle", 1) => arguments.concat(),
                ("op_Equality", 2) => format!("({})", arguments.join(" == ")),
                ("op_Inequality", 2) => format!("({})", arguments.join(" != ")),
                ("op_Addition", 2) => format!("({})", arguments.join(" + ")),
                _ => accessor(&member.owner, &member.name, &mut arguments, !signature.returns),
            },
            Some(object) => {
                // Members of what the class is made from are called by their bare names, as source does.
                let bare = object == "this" && !member.own && !own_method;
                accessor(if bare { "" } else { &object }, &member.name, &mut arguments, !signature.returns)
            }
        };
        if signature.returns { self.push(text) } else { self.emit(format!("{text};")) }
    }
}

/// A call in the form that source has: properties, indexers and events by their names.
fn accessor(object: &str, name: &str, arguments: &mut Vec<String>, is_void: bool) -> String {
    let dot = |name: &str| match (object, identifier(name)) {
        ("", name) => name,
        (object, name) => format!("{object}.{name}"),
    };
    let this = if object.is_empty() { "this" } else { object };
    let (kind, plain) = name.split_once('_').unwrap_or(("", name));
    match (kind, arguments.len()) {
        ("get", 0) if !is_void => dot(plain),
        ("get", _) if !is_void => match plain {
            "Item" | "Chars" => format!("{this}[{}]", arguments.join(", ")),
            plain => format!("{}[{}]", dot(plain), arguments.join(", ")),
        },
        ("set", 1..) if is_void => {
            let value = arguments.pop().unwrap_or_default();
            match (arguments.is_empty(), plain) {
                (true, plain) => format!("{} = {value}", dot(plain)),
                (false, "Item") => format!("{this}[{}] = {value}", arguments.join(", ")),
                (false, plain) => format!("{}[{}] = {value}", dot(plain), arguments.join(", ")),
            }
        }
        ("add", 1) if is_void => format!("{} += {}", dot(plain), arguments.concat()),
        _ => format!("{}({})", dot(name), arguments.join(", ")),
    }
}

impl Names<'_> {
    /// Whether a token names a method of this assembly by its row.
    fn owner_is_here(&self, token: Token) -> bool {
        token.table == METHOD_DEF
    }
}
