//! The result of the parser: nodes in evaluation order, so that one pass over the list is one pass over the program and
//! nesting costs no call stack.

use super::structure::Language;
use super::token::{Punct, Symbol};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// The number of a node. A node's operands come before it.
pub type NodeId = u32;
/// The number of a variable.
pub type VarId = u32;
/// The number of a function; 0 is the code outside of all. Classes have one too: their fields are the variables of it.
pub type FunctionId = u32;

/// Hashes the numbers that this module itself gives out, one after the other. Names, which an attacker chooses, are never
/// hashed with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u32(u32::from(byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0.rotate_left(5) ^ u64::from(number)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

/// A map by such numbers.
pub type ByNumber<K, V> = HashMap<K, V, BuildHasherDefault<NumberHasher>>;

/// Some nodes in a row of [`Tree::lists`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The first.
    pub start: u32,
    /// How many.
    pub count: u32,
}

/// A piece of an expression or statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// Nothing, or nothing that matters.
    Empty,
    /// A number, if it is a small whole one.
    Number(Option<u32>),
    /// `null`, `Nothing` and the like: an empty text, where text is wanted.
    Nothing,
    /// A literal.
    Text(u32),
    /// A variable, a function or a class.
    Name(VarId),
    /// `of.name`
    Member(NodeId, Symbol),
    /// `callee(arguments)`, in Basic perhaps an element of an array.
    Call(NodeId, List),
    /// `of[arguments]`
    Index(NodeId, List),
    /// `new Class(arguments)`
    New(Symbol, List),
    /// A list of values.
    Array(List),
    /// An object and what its initialiser holds.
    Init(NodeId, List),
    /// An operator between two operands.
    Binary(Punct, NodeId, NodeId),
    /// One of two values.
    Either(NodeId, NodeId),
    /// An operator in front of its operand.
    Unary(Punct, NodeId),
    /// A value as this class.
    Cast(Symbol, NodeId),
    /// `target = value`; with `true`, `target += value`.
    Assign(NodeId, NodeId, bool),
    /// A loop's variable takes each element of a collection.
    Each(NodeId, NodeId),
    /// What a function gives back.
    Return(FunctionId, NodeId),
    /// What a block writes into the page.
    Output(NodeId),
    /// A class; the number is its place in [`Tree::classes`].
    Class(u32),
    /// A function begins.
    Function(FunctionId),
}

// A page may have half a million nodes.
const _: () = assert!(size_of::<Node>() == 16);

/// A node with its place.
#[derive(Clone, Copy, Debug)]
pub struct Spanned {
    /// What it is.
    pub node: Node,
    /// Where it begins in the text.
    pub start: u32,
    /// Where it ends.
    pub end: u32,
    /// The function it stands in.
    pub function: FunctionId,
}

/// A variable.
#[derive(Clone, Copy, Debug)]
pub struct Var {
    /// Its name.
    pub symbol: Symbol,
    /// The class it was declared with.
    pub class: Option<Symbol>,
    /// The function it belongs to.
    pub function: FunctionId,
    /// Whether it was declared anywhere.
    pub declared: bool,
    /// A parameter through which a function gives its caller a value: `ref`, `out`, `ByRef`, and those of VBScript.
    pub by_ref: bool,
}

/// What stood in front of a function in brackets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `[WebMethod]`, `[OperationContract]` and what else makes parameters come from a request.
    pub remote: bool,
    /// `[DllImport]`.
    pub native: bool,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub symbol: Symbol,
    /// Its parameters in order.
    pub parameters: Vec<VarId>,
    /// The variable that takes what it gives back.
    pub result: VarId,
    /// What stood in front of it.
    pub attributes: Attributes,
    /// The function it stands in.
    pub outer: FunctionId,
    /// The class it belongs to, itself if it is one; 0 for none.
    pub scope: FunctionId,
    /// The class of what it gives back.
    pub returns: Option<Symbol>,
    /// Whether it is called as a method of its first argument: `this` in front of it.
    pub extends: bool,
    /// Whether its body is read as a part of the function around it, and gives what that one gives.
    pub inline: bool,
    /// Whether it stands for a class that this file only uses: its variables are the members that are used.
    pub external: bool,
}

/// A class and what it is made from.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its name.
    pub symbol: Symbol,
    /// Its base class and interfaces.
    pub bases: Vec<Symbol>,
    /// The function whose variables its fields are; 0 for a module of Visual Basic, whose names are known everywhere.
    pub scope: FunctionId,
}

/// What is known of the class that a node is an object of, or that it names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NodeClass {
    /// Nothing.
    #[default]
    Unknown,
    /// It is not in this file.
    External,
    /// The class of this file with this scope.
    Declared(FunctionId),
}

impl NodeClass {
    /// The class with this scope; 0 is none.
    pub(super) fn of_scope(scope: FunctionId) -> NodeClass {
        if scope == 0 { NodeClass::Unknown } else { NodeClass::Declared(scope) }
    }

    /// The same of an element or a result: what an external class holds or gives may be of any class.
    pub(super) fn of_content(self) -> NodeClass {
        if self == NodeClass::External { NodeClass::Unknown } else { self }
    }
}

/// A program.
#[derive(Debug, Default)]
pub struct Tree {
    /// In the order of evaluation.
    pub nodes: Vec<Spanned>,
    /// Members of lists.
    pub lists: Vec<NodeId>,
    /// All variables.
    pub vars: Vec<Var>,
    /// All functions.
    pub functions: Vec<Function>,
    /// All classes.
    pub classes: Vec<Class>,
    /// Functions by name, at most [`MAX_OVERLOADS`] of each.
    pub by_name: ByNumber<Symbol, Vec<FunctionId>>,
    /// Functions by class and name, at most [`MAX_OVERLOADS`] of each.
    pub members: ByNumber<(FunctionId, Symbol), Vec<FunctionId>>,
    /// `using Short = Long.Name`.
    pub aliases: ByNumber<Symbol, Symbol>,
    /// First parts of names of name spaces that the file imports or has.
    pub namespaces: ByNumber<Symbol, ()>,
    /// For each node the class that it is an object of, or that it names.
    pub kinds: Vec<NodeClass>,
    /// For each node that is a member of a class of this file, or of the object itself, the field.
    pub fields: Vec<Option<VarId>>,
    /// Fields that are declared, by name; at most [`MAX_FIELDS`] of each.
    pub by_field: ByNumber<Symbol, Vec<VarId>>,
    /// Which members are only given a value.
    pub targets: ByNumber<NodeId, ()>,
    pub(super) resolved: Resolved,
    /// What a constant that is run as code gives: the last node of its code, by the node that runs it.
    pub nested: Vec<(NodeId, NodeId)>,
    /// From which node on a language holds.
    pub languages: Vec<(NodeId, Language)>,
    pub(super) scopes: ByNumber<(FunctionId, Symbol), VarId>,
    /// Whether there was more of something than is distinguished.
    pub truncated: bool,
}

/// How many functions of one name are distinguished.
pub const MAX_OVERLOADS: usize = 64;
/// How many fields of one name are distinguished where the class of their object is not known.
pub const MAX_FIELDS: usize = 16;
/// How many functions lie in each other.
pub(super) const MAX_OUTER: usize = 48;

/// What was already looked up, since code that constants hold is read later.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    pub(super) nodes: usize,
    pub(super) vars: usize,
    pub(super) functions: usize,
    pub(super) classes: usize,
    /// Scopes of classes by name.
    pub(super) by_name: ByNumber<Symbol, Vec<FunctionId>>,
    /// What a class is made from, and the classes that are made from it: those of this file.
    pub(super) bases: ByNumber<FunctionId, Vec<FunctionId>>,
    pub(super) derived: ByNumber<FunctionId, Vec<FunctionId>>,
    /// What stands for classes and objects that nothing declares, by their name's variable.
    pub(super) external: ByNumber<VarId, FunctionId>,
    /// The classes of variables that say nothing of it themselves.
    pub(super) kinds: ByNumber<VarId, NodeClass>,
}

impl Tree {
    /// The class of a node.
    pub fn class_of(&self, node: NodeId) -> NodeClass {
        self.kinds.get(node as usize).copied().unwrap_or_default()
    }

    /// The field of a class of this file that a node is.
    pub fn field_of(&self, node: NodeId) -> Option<VarId> {
        self.fields.get(node as usize).copied().flatten()
    }

    /// The members of a list.
    pub fn list(&self, list: List) -> &[NodeId] {
        self.lists.get(list.start as usize..(list.start + list.count) as usize).unwrap_or_default()
    }

    /// A node.
    pub fn node(&self, at: NodeId) -> Node {
        self.nodes.get(at as usize).map_or(Node::Empty, |spanned| spanned.node)
    }

    /// Whether a node is a chain of names that nothing declares.
    pub fn is_undeclared_path(&self, mut node: NodeId) -> bool {
        for _ in 0..8 {
            match self.node(node) {
                Node::Name(var) => return !self.vars[var as usize].declared,
                Node::Member(of, _) => node = of,
                _ => return false,
            }
        }
        false
    }

    /// The language of a node.
    pub fn language(&self, at: NodeId) -> Language {
        let next = self.languages.partition_point(|(from, _)| *from <= at);
        next.checked_sub(1).map_or(Language::CSharp, |at| self.languages[at].1)
    }

    /// The variable of this name in a function or around it.
    pub(super) fn variable(&mut self, symbol: Symbol, function: FunctionId) -> VarId {
        let mut at = function;
        // Functions inside functions are rare; a deeper name counts as global.
        for _ in 0..MAX_OUTER {
            if let Some(&var) = self.scopes.get(&(at, symbol)) {
                return var;
            }
            match self.functions.get(at as usize) {
                Some(here) if at != 0 => at = here.outer,
                _ => break,
            }
        }
        self.truncated |= at != 0;
        self.declare(symbol, 0, None, false)
    }

    /// A variable of this very function.
    pub(super) fn declare(
        &mut self,
        symbol: Symbol,
        function: FunctionId,
        class: Option<Symbol>,
        declared: bool,
    ) -> VarId {
        if let Some(&var) = self.scopes.get(&(function, symbol)) {
            let known = &mut self.vars[var as usize];
            known.class = class.or(known.class);
            known.declared |= declared;
            return var;
        }
        let var = self.vars.len() as VarId;
        self.vars.push(Var { symbol, class, function, declared, by_ref: false });
        self.scopes.insert((function, symbol), var);
        var
    }

    /// A new function of this name.
    pub(super) fn define(&mut self, symbol: Symbol, outer: FunctionId, attributes: Attributes) -> FunctionId {
        let scope = self.scope(outer);
        let id = self.begin(symbol, outer, scope, attributes);
        for same in [self.by_name.entry(symbol).or_default(), self.members.entry((scope, symbol)).or_default()] {
            if same.len() < MAX_OVERLOADS {
                same.push(id);
            }
        }
        id
    }

    fn begin(&mut self, symbol: Symbol, outer: FunctionId, scope: FunctionId, attributes: Attributes) -> FunctionId {
        let id = self.functions.len() as FunctionId;
        let result = self.vars.len() as VarId;
        self.vars.push(Var { symbol, class: None, function: id, declared: true, by_ref: false });
        let parameters = Vec::new();
        self.functions.push(Function {
            symbol,
            parameters,
            result,
            attributes,
            outer,
            scope,
            returns: None,
            extends: false,
            inline: false,
            external: false,
        });
        id
    }

    /// A new function whose body is read as a part of the function around it.
    pub(super) fn define_inline(&mut self, symbol: Symbol, outer: FunctionId) -> FunctionId {
        let id = self.define(symbol, outer, Attributes::default());
        self.functions[id as usize].inline = true;
        id
    }

    /// A class of this name, or a further part of it.
    pub(super) fn open_class(&mut self, symbol: Symbol, outer: FunctionId) -> FunctionId {
        let mut known = self.resolved.by_name.get(&symbol).into_iter().flatten().copied();
        if let Some(scope) = known.find(|&scope| self.functions[scope as usize].outer == outer) {
            return scope;
        }
        let id = self.functions.len() as FunctionId;
        let id = self.begin(symbol, outer, id, Attributes::default());
        let same = self.resolved.by_name.entry(symbol).or_default();
        if same.len() < MAX_OVERLOADS {
            same.push(id);
        }
        id
    }

    /// The classes of this file that a class is made from, itself first, then those made from it.
    pub fn related(&self, class: FunctionId) -> impl Iterator<Item = FunctionId> {
        let above = self.resolved.bases.get(&class).into_iter().flatten();
        let below = self.resolved.derived.get(&class).into_iter().flatten();
        std::iter::once(class).chain(above.chain(below).copied())
    }

    /// The scope whose variables are the members of what a name means that nothing declares.
    pub(super) fn external(&mut self, var: VarId) -> FunctionId {
        if let Some(&scope) = self.resolved.external.get(&var) {
            return scope;
        }
        let id = self.functions.len() as FunctionId;
        let symbol = self.vars[var as usize].symbol;
        let id = self.begin(symbol, 0, id, Attributes::default());
        self.functions[id as usize].external = true;
        self.resolved.external.insert(var, id);
        id
    }

    /// Whether a class of this file has this name.
    pub fn has_class(&self, symbol: Symbol) -> bool {
        self.resolved.by_name.contains_key(&symbol)
    }

    /// The class that a function belongs to; 0 for none.
    pub fn scope(&self, function: FunctionId) -> FunctionId {
        self.functions.get(function as usize).map_or(0, |function| function.scope)
    }
}
