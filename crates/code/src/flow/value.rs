//! What is known about a value: constant content, origin, object type.

use crate::code::api_model::Types;
use bitflags::bitflags;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroU32;

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

bitflags! {
    /// Where a value comes from and what it holds.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct TaintFlags: u32 {
        /// Request data.
        const DATA = 1;
        /// The name of an uploaded file.
        const NAME = 1 << 1;
        /// A number made of request data.
        const NUMBER = 1 << 2;
        /// Made by decoding inside this file, from something that is not known.
        const BUILT = 1 << 3;
        /// Content of a file, a database, another computer or a program's output.
        const STORED = 1 << 4;
        /// Such content, and request data says whose.
        const SELECTED = 1 << 5;
        /// Begins with request data.
        const AT_START = 1 << 6;
        /// Ends with the extension of a page or of configuration.
        const PAGE_NAME = 1 << 7;
        /// Holds server code markers.
        const CODE = 1 << 8;
        /// Names a command interpreter.
        const SHELL = 1 << 9;
        /// Where this page lies or was asked for.
        const PAGE_PATH = 1 << 10;
        /// Went through something that is not known.
        const DERIVED = 1 << 11;
        /// Long base64 or hexadecimal text, as programs are carried in.
        const BLOB = 1 << 12;
        /// Made by a decoder of .NET from a constant.
        const DECODED = 1 << 13;
        /// Put together from pieces of a text that is not known.
        const SPLICED = 1 << 14;
        /// Comes from a literal of many hundred bytes.
        const LONG = 1 << 15;
        /// Ends with request data: nothing is put behind it.
        const AT_END = 1 << 16;
        /// A style sheet with script in it.
        const SHEET = 1 << 17;
        /// The whole of a piece of request data.
        const WHOLE = Self::AT_START.bits() | Self::AT_END.bits();
        /// Content from another computer.
        const REMOTE = 1 << 18;
        /// A path below the site, however it was asked for: `Server.MapPath(x)`.
        const MAPPED = 1 << 19;
        /// A member of an object that was made of request data: a part of it at most.
        const PART = 1 << 20;
        /// Of a list or an object only some entries are request data, and it is known which.
        const MIXED = 1 << 21;
        /// Where this very page lies, from its beginning to its end.
        const THIS_PAGE = 1 << 24;
        /// What was typed into a field for a password.
        const SECRET = 1 << 25;
        /// Ends with the extension of a program.
        const PROGRAM = 1 << 26;
        /// Every field of a form, whatever its name.
        const FORM = 1 << 27;
        /// What is known of the end of a path.
        const TAIL = Self::PAGE_NAME.bits() | Self::THIS_PAGE.bits() | Self::PROGRAM.bits();
        /// What makes a value the client's.
        const TAINT = Self::DATA.bits() | Self::NAME.bits() | Self::NUMBER.bits();
    }
}

/// The number of a step of [`super::Flow::steps`]. No step takes no extra space: `Option<StepId>` is as large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepId(NonZeroU32);

impl StepId {
    /// That of the step at an index.
    pub fn new(index: usize) -> StepId {
        StepId(NonZeroU32::MIN.saturating_add(u32::try_from(index).unwrap_or(u32::MAX)))
    }

    /// Its index.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// Its content, if that is known.
    pub constant: Constant,
    /// What it comes from and holds.
    pub flags: TaintFlags,
    /// The data flow that led here: its last step.
    pub step: Option<StepId>,
    /// What kind of object it may be.
    pub types: Types,
    /// What kinds of object its text names.
    pub names: Types,
}

// A page has millions of values.
const _: () = assert!(size_of::<Value>() == 64);

impl Value {
    /// What may be one value or the other. A constant is not kept.
    pub fn or(self, other: Value) -> Value {
        // Bound to the site is only what is so either way.
        let free = |value: Value| value.is_data() && !value.flags.intersects(TaintFlags::MAPPED);
        let both = self.flags | other.flags;
        let flags = if free(self) || free(other) { both - TaintFlags::MAPPED } else { both };
        let plain = |value: Value| {
            value.flags.intersects(TaintFlags::TAINT | TaintFlags::BUILT) && !value.flags.intersects(TaintFlags::MIXED)
        };
        let flags = if plain(self) || plain(other) { flags - TaintFlags::MIXED } else { flags };
        Value {
            constant: if self.constant == other.constant { self.constant } else { Constant::Unknown },
            flags,
            step: step(self, other),
            types: self.types | other.types,
            names: self.names | other.names,
        }
    }

    /// Whether request data, or text made of it, is in it.
    pub fn is_data(self) -> bool {
        self.flags.intersects(TaintFlags::DATA)
    }
}

/// The data flow that matters: that of request data before any other.
fn step(one: Value, other: Value) -> Option<StepId> {
    let strong = |value: Value| value.step.is_some() && value.flags.intersects(TaintFlags::TAINT);
    match (strong(one), strong(other)) {
        (false, true) => other.step,
        _ if one.step.is_some() => one.step,
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
