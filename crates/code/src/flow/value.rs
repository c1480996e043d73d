//! What is known of a value: its constant content, what it comes from, what kind of object it is.

use crate::code::api_model::Types;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A constant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Constant {
    /// Not known.
    #[default]
    Unknown,
    /// A whole number.
    Number(i64),
    /// A text of [`Texts`].
    Text(u32),
    /// A list of constants of [`Texts`].
    List(u32),
}

/// What a value comes from and what it holds, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaintFlags(pub u32);

impl TaintFlags {
    /// Request data.
    pub const DATA: TaintFlags = TaintFlags(1);
    /// The name of an uploaded file.
    pub const NAME: TaintFlags = TaintFlags(1 << 1);
    /// A number made of request data.
    pub const NUMBER: TaintFlags = TaintFlags(1 << 2);
    /// Made by decoding inside this file, from something that is not known.
    pub const BUILT: TaintFlags = TaintFlags(1 << 3);
    /// Content of a file, a database, another computer or a program's output.
    pub const STORED: TaintFlags = TaintFlags(1 << 4);
    /// Such content, and request data says whose.
    pub const CHOSEN: TaintFlags = TaintFlags(1 << 5);
    /// Begins with request data.
    pub const LEADS: TaintFlags = TaintFlags(1 << 6);
    /// Ends with the extension of a page or of configuration.
    pub const PAGE_NAME: TaintFlags = TaintFlags(1 << 7);
    /// Holds marks of server code.
    pub const CODE: TaintFlags = TaintFlags(1 << 8);
    /// Names a command interpreter.
    pub const SHELL: TaintFlags = TaintFlags(1 << 9);
    /// Where this page lies or was asked for.
    pub const PLACE: TaintFlags = TaintFlags(1 << 10);
    /// Went through something that is not known.
    pub const DERIVED: TaintFlags = TaintFlags(1 << 11);
    /// Long base64 or hexadecimal text, as programs are carried in.
    pub const BLOB: TaintFlags = TaintFlags(1 << 12);
    /// Made by a decoder of .NET from a constant.
    pub const DECODED: TaintFlags = TaintFlags(1 << 13);

    /// Put together from pieces of a text that is not known.
    pub const CUT: TaintFlags = TaintFlags(1 << 14);

    /// Comes from a literal of many hundred bytes.
    pub const LONG: TaintFlags = TaintFlags(1 << 15);
    /// Ends with request data: nothing is put behind it.
    pub const ENDS: TaintFlags = TaintFlags(1 << 16);
    /// A style sheet with script in it.
    pub const SHEET: TaintFlags = TaintFlags(1 << 17);
    /// The whole of a piece of request data.
    pub const WHOLE: TaintFlags = TaintFlags(1 << 6 | 1 << 16);

    /// Content from another computer.
    pub const REMOTE: TaintFlags = TaintFlags(1 << 18);

    /// A path below the site, however it was asked for: `Server.MapPath(x)`.
    pub const MAPPED: TaintFlags = TaintFlags(1 << 19);

    /// A member of an object that was made of request data: a part of it at most.
    pub const PART: TaintFlags = TaintFlags(1 << 20);
    /// Of a list or an object only some entries are request data, and it is known which.
    pub const MIXED: TaintFlags = TaintFlags(1 << 21);
    /// Where this very page lies, from its beginning to its end.
    pub const OWN: TaintFlags = TaintFlags(1 << 24);
    /// What was typed into a field for a password.
    pub const SECRET: TaintFlags = TaintFlags(1 << 25);
    /// Ends with the extension of a program.
    pub const PROGRAM: TaintFlags = TaintFlags(1 << 26);
    /// Every field of a form, whatever its name.
    pub const FORM: TaintFlags = TaintFlags(1 << 27);
    /// What is said of the end of a path.
    pub const TAIL: TaintFlags = TaintFlags(1 << 7 | 1 << 24 | 1 << 26);

    /// What makes a value the asker's.
    pub const TAINT: TaintFlags = TaintFlags(1 | 1 << 1 | 1 << 2);

    /// Both.
    pub const fn and(self, other: TaintFlags) -> TaintFlags {
        TaintFlags(self.0 | other.0)
    }

    /// Those of `self` that are not in `other`.
    pub const fn without(self, other: TaintFlags) -> TaintFlags {
        TaintFlags(self.0 & !other.0)
    }

    /// Those in both.
    pub const fn only(self, other: TaintFlags) -> TaintFlags {
        TaintFlags(self.0 & other.0)
    }

    /// Whether it has any of them.
    pub const fn has(self, other: TaintFlags) -> bool {
        self.0 & other.0 != 0
    }
}

/// A value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// Its content, if that is known.
    pub constant: Constant,
    /// What it comes from and holds.
    pub traits: TaintFlags,
    /// How it came here: a step of the way, 0 for none.
    pub step: u32,
    /// What kind of object it may be.
    pub types: Types,
    /// What kinds of object its text names.
    pub names: Types,
}

impl Value {
    /// What may be one value or the other. A constant is not kept.
    pub fn or(self, other: Value) -> Value {
        // Bound to the site is only what is so either way.
        let free = |value: Value| value.is_data() && !value.traits.has(TaintFlags::MAPPED);
        let both = self.traits.and(other.traits);
        let traits = if free(self) || free(other) { both.without(TaintFlags::MAPPED) } else { both };
        let plain = |value: Value| {
            value.traits.has(TaintFlags::TAINT.and(TaintFlags::BUILT)) && !value.traits.has(TaintFlags::MIXED)
        };
        let traits = if plain(self) || plain(other) { traits.without(TaintFlags::MIXED) } else { traits };
        Value {
            constant: if self.constant == other.constant { self.constant } else { Constant::Unknown },
            traits,
            step: step(self, other),
            types: self.types.and(other.types),
            names: self.names.and(other.names),
        }
    }

    /// Whether request data, or text made of it, is in it.
    pub fn is_data(self) -> bool {
        self.traits.has(TaintFlags::DATA)
    }
}

/// The way that matters: that of request data before any other.
fn step(one: Value, other: Value) -> u32 {
    let strong = |value: Value| value.step != 0 && value.traits.has(TaintFlags::TAINT);
    match (strong(one), strong(other)) {
        (false, true) => other.step,
        _ if one.step != 0 => one.step,
        _ => other.step,
    }
}

/// The longest text that is put together.
pub const LONGEST: usize = 1 << 20;
/// The longest list that is kept.
pub const MOST: usize = 1 << 16;

/// Constant texts and lists of a file. Adding to the end of the text that was made last costs what is added, so that a
/// thousand pieces put together one after the other cost their length.
#[derive(Debug, Default)]
pub struct Texts {
    buffers: Vec<Vec<u8>>,
    entries: Vec<(u32, u32, u32)>,
    lists: Vec<Vec<Constant>>,
    /// Bytes and items that were made since the count began.
    pub(super) spent: usize,
    /// How many may be made.
    budget: usize,
    /// Whether the count goes on.
    goes_on: bool,
    /// What texts hold, as a number, for those that were asked for.
    prints: HashMap<u32, u64>,
}

impl Texts {
    /// With this budget of bytes.
    pub fn new(budget: usize) -> Self {
        Self { budget, ..Self::default() }
    }

    /// A pass over the program begins. The count of what is made begins with it, unless it goes on from the pass before.
    pub fn keep_spent(&mut self, goes_on: bool) {
        if !(goes_on && self.goes_on) {
            self.spent = 0;
        }
        self.goes_on = goes_on;
    }

    /// A number for what a text holds: the same for the same bytes. Each text is gone through once.
    pub fn print(&mut self, constant: Constant) -> u64 {
        let Constant::Text(text) = constant else { return 0 };
        if let Some(&print) = self.prints.get(&text) {
            return print;
        }
        let mut hasher = DefaultHasher::new();
        self.bytes(text).hash(&mut hasher);
        let print = hasher.finish();
        self.prints.insert(text, print);
        print
    }

    /// Whether the budget is used up.
    pub fn is_spent(&self) -> bool {
        self.spent > self.budget
    }

    /// The bytes of a text.
    pub fn bytes(&self, text: u32) -> &[u8] {
        let Some(&(buffer, start, end)) = self.entries.get(text as usize) else { return &[] };
        self.buffers.get(buffer as usize).and_then(|b| b.get(start as usize..end as usize)).unwrap_or_default()
    }

    /// The members of a list.
    pub fn list(&self, list: u32) -> &[Constant] {
        self.lists.get(list as usize).map_or(&[], |list| list)
    }

    /// A constant as bytes, if it is a text.
    pub fn text(&self, constant: Constant) -> Option<&[u8]> {
        match constant {
            Constant::Text(text) => Some(self.bytes(text)),
            _ => None,
        }
    }

    /// A new text.
    pub fn add(&mut self, bytes: &[u8]) -> Constant {
        self.spent += bytes.len() + 16;
        if self.is_spent() || bytes.len() > LONGEST {
            return Constant::Unknown;
        }
        let last = self.buffers.len();
        // Small texts share a buffer, so that a million of them are not a million allocations.
        match self.buffers.last_mut() {
            Some(buffer) if buffer.len() < 1 << 14 && bytes.len() < 256 => {
                let start = buffer.len() as u32;
                buffer.extend_from_slice(bytes);
                self.entries.push((last as u32 - 1, start, start + bytes.len() as u32));
            }
            _ => {
                self.buffers.push(bytes.to_vec());
                self.entries.push((last as u32, 0, bytes.len() as u32));
            }
        }
        Constant::Text(self.entries.len() as u32 - 1)
    }

    /// A new list.
    pub fn add_list(&mut self, items: Vec<Constant>) -> Constant {
        self.spent += items.len() * 16 + 16;
        if self.is_spent() || items.len() > MOST {
            return Constant::Unknown;
        }
        self.lists.push(items);
        Constant::List(self.lists.len() as u32 - 1)
    }

    /// Two texts in a row. Numbers are written out.
    pub fn join(&mut self, left: Constant, right: Constant) -> Constant {
        let (Some(left), Some(right)) = (self.written(left), self.written(right)) else { return Constant::Unknown };
        let (Constant::Text(l), Constant::Text(r)) = (left, right) else { return Constant::Unknown };
        let added = self.bytes(r).len();
        let before = self.bytes(l).len();
        if before + added > LONGEST {
            return Constant::Unknown;
        }
        if added == 0 {
            return left;
        }
        let (Some(&(buffer, start, end)), Some(&(from, first, last))) =
            (self.entries.get(l as usize), self.entries.get(r as usize))
        else {
            return Constant::Unknown;
        };
        if self.buffers[buffer as usize].len() == end as usize && buffer != from {
            self.spent += added + 16;
            if self.is_spent() {
                return Constant::Unknown;
            }
            let piece = self.buffers[from as usize][first as usize..last as usize].to_vec();
            self.buffers[buffer as usize].extend_from_slice(&piece);
            self.entries.push((buffer, start, end + added as u32));
        } else {
            self.spent += before + added + 16;
            if self.is_spent() {
                return Constant::Unknown;
            }
            let mut text = Vec::with_capacity((before + added) * 2);
            text.extend_from_slice(self.bytes(l));
            text.extend_from_slice(self.bytes(r));
            let end = text.len() as u32;
            self.buffers.push(text);
            self.entries.push((self.buffers.len() as u32 - 1, 0, end));
            // The next small text begins a buffer of its own, so that this one can go on growing.
            self.buffers.push(Vec::new());
        }
        Constant::Text(self.entries.len() as u32 - 1)
    }

    /// A constant as text.
    pub fn written(&mut self, constant: Constant) -> Option<Constant> {
        match constant {
            Constant::Text(_) => Some(constant),
            Constant::Number(number) => Some(self.add(number.to_string().as_bytes())),
            _ => None,
        }
    }
}
