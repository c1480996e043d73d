//! Name resolution: maps each name to its variable and each member to its field, once everything is declared. A field
//! belongs to the class that declares it and to derived classes, so equal names of unrelated classes stay apart.

use crate::code::structure::Language;
use crate::code::token::{Interner, Symbol};
use crate::code::tree::{FunctionId, MAX_FIELDS, MAX_OUTER, Node, NodeClass, NodeId, Tree, VarId};

/// How many classes a class is made from that are distinguished.
const MAX_RELATED: usize = 64;
/// How many classes are made from one: a base of a large library has hundreds.
const MAX_DERIVED: usize = 1024;

/// Looks up what was read since the last time.
pub(super) fn resolve(tree: &mut Tree, interner: &Interner) {
    let mut resolver = Resolver { tree, interner };
    resolver.relate();
    resolver.fields();
    for at in resolver.tree.resolved.nodes..resolver.tree.nodes.len() {
        let (kind, field) = resolver.node(at as NodeId);
        resolver.tree.kinds.push(kind);
        resolver.tree.fields.push(field);
    }
    resolver.tree.resolved.nodes = resolver.tree.nodes.len();
}

struct Resolver<'r> {
    tree: &'r mut Tree,
    interner: &'r Interner,
}

impl Resolver<'_> {
    /// What the new classes are made from.
    fn relate(&mut self) {
        for at in self.tree.resolved.classes..self.tree.classes.len() {
            let (scope, bases) = (self.tree.classes[at].scope, self.tree.classes[at].bases.clone());
            if scope == 0 {
                continue;
            }
            let outer = self.tree.functions[scope as usize].outer;
            for base in bases {
                let base = self.class(base, outer);
                let known = self.tree.resolved.bases.entry(scope).or_default();
                if let NodeClass::Declared(base) = base
                    && base != scope
                    && !known.contains(&base)
                {
                    if known.len() < MAX_RELATED {
                        known.push(base);
                    } else {
                        self.tree.truncated = true;
                    }
                }
            }
        }
        // All above: a class that is made from itself ends where it began.
        for at in self.tree.resolved.classes..self.tree.classes.len() {
            let scope = self.tree.classes[at].scope;
            let mut above = self.tree.resolved.bases.get(&scope).cloned().unwrap_or_default();
            let mut next = 0;
            while next < above.len() {
                for &base in self.tree.resolved.bases.get(&above[next]).into_iter().flatten() {
                    if base != scope && !above.contains(&base) {
                        if above.len() < MAX_RELATED {
                            above.push(base);
                        } else {
                            self.tree.truncated = true;
                        }
                    }
                }
                next += 1;
            }
            for &base in &above {
                let below = self.tree.resolved.derived.entry(base).or_default();
                // The parts of one class lie near each other.
                if !below.iter().rev().take(8).any(|known| *known == scope) {
                    if below.len() < MAX_DERIVED {
                        below.push(scope);
                    } else {
                        self.tree.truncated = true;
                    }
                }
            }
            if !above.is_empty() {
                self.tree.resolved.bases.insert(scope, above);
            }
        }
        self.tree.resolved.classes = self.tree.classes.len();
    }

    /// A field that a base class has too is that one. What is declared is kept by name, for objects of unknown classes.
    fn fields(&mut self) {
        for at in self.tree.resolved.vars..self.tree.vars.len() {
            let (var, tree) = (self.tree.vars[at], &mut *self.tree);
            let Some(owner) = tree.functions.get(var.function as usize) else { continue };
            let is_class = owner.scope == var.function;
            if !var.declared || !is_class || owner.result as usize == at {
                continue;
            }
            let above = tree.resolved.bases.get(&var.function).into_iter().flatten();
            let base = above.filter_map(|&base| tree.scopes.get(&(base, var.symbol)).copied()).next_back();
            if let Some(base) = base {
                tree.scopes.insert((var.function, var.symbol), base);
                tree.vars[base as usize].class = tree.vars[base as usize].class.or(var.class);
            }
            let known = tree.by_field.entry(var.symbol).or_default();
            let field = base.unwrap_or(at as VarId);
            if known.len() <= MAX_FIELDS && !known.contains(&field) {
                known.push(field);
            }
        }
        self.tree.resolved.vars = self.tree.vars.len();
        for at in self.tree.resolved.functions..self.tree.functions.len() {
            let result = self.tree.functions[at].result;
            self.tree.functions[at].result = self.same(result);
        }
        self.tree.resolved.functions = self.tree.functions.len();
    }

    /// The variable that stands for this one: that of the base class.
    fn same(&self, var: VarId) -> VarId {
        let known = self.tree.vars[var as usize];
        let owner = &self.tree.functions[known.function as usize];
        match self.tree.scopes.get(&(known.function, known.symbol)) {
            Some(&other) if known.declared && owner.scope == known.function && owner.result != var => other,
            _ => var,
        }
    }

    /// The class of this name, the nearest one seen from a function.
    fn class(&self, symbol: Symbol, from: FunctionId) -> NodeClass {
        let symbol = self.tree.aliases.get(&symbol).copied().unwrap_or(symbol);
        match self.tree.resolved.by_name.get(&symbol).map(Vec::as_slice) {
            None | Some([]) => {
                let name = self.interner.name(symbol);
                // Letters stand for classes of any kind.
                let any = name.len() <= 2 || matches!(name, b"var" | b"dynamic" | b"object");
                if any { NodeClass::Unknown } else { NodeClass::External }
            }
            Some([only]) => NodeClass::Declared(*only),
            Some(several) => {
                let mut at = self.tree.scope(from);
                for _ in 0..MAX_OUTER {
                    let here = |scope: &&FunctionId| **scope == at || self.tree.functions[**scope as usize].outer == at;
                    if let Some(&scope) = several.iter().find(here) {
                        return NodeClass::Declared(scope);
                    }
                    if at == 0 {
                        break;
                    }
                    at = self.tree.functions[at as usize].outer;
                }
                NodeClass::Unknown
            }
        }
    }

    /// A field of a class or of those it is made from.
    fn member(&self, class: FunctionId, symbol: Symbol) -> Option<VarId> {
        if let Some(&var) = self.tree.scopes.get(&(class, symbol)) {
            return Some(var);
        }
        let above = self.tree.resolved.bases.get(&class).into_iter().flatten();
        above.filter_map(|&base| self.tree.scopes.get(&(base, symbol)).copied()).next()
    }

    /// What a method of a class, or of those it is made from, gives back.
    fn returns(&self, class: FunctionId, symbol: Symbol) -> Option<NodeClass> {
        let above = self.tree.resolved.bases.get(&class).into_iter().flatten();
        let functions = std::iter::once(&class)
            .chain(above)
            .filter_map(|&class| self.tree.members.get(&(class, symbol)))
            .find_map(|functions| functions.first())?;
        let function = &self.tree.functions[*functions as usize];
        Some(function.returns.map_or(NodeClass::Unknown, |returns| self.class(returns, class)))
    }

    /// The variable that a name stands for which nothing declares in the function it stands in.
    fn lookup(&mut self, var: VarId, at: NodeId) -> VarId {
        let known = self.tree.vars[var as usize];
        if known.function != 0 || known.declared {
            return self.same(var);
        }
        let from = self.tree.nodes[at as usize].function;
        let mut here = from;
        for _ in 0..MAX_OUTER {
            if here == 0 {
                break;
            }
            let Some(function) = self.tree.functions.get(here as usize) else { break };
            let found = if function.scope == here {
                self.member(here, known.symbol)
            } else {
                self.tree.scopes.get(&(here, known.symbol)).copied()
            };
            if let Some(found) = found {
                return self.same(found);
            }
            here = function.outer;
        }
        // A name that only the other half of the class declares. In scripts it is everybody's.
        match self.tree.scope(from) {
            0 => var,
            class if self.is_net(at) => self.tree.declare(known.symbol, class, None, false),
            _ => var,
        }
    }

    /// Whether code is of a language in which what nothing declares here is declared elsewhere.
    fn is_net(&self, at: NodeId) -> bool {
        matches!(self.tree.language(at), Language::CSharp | Language::VisualBasic)
    }

    /// The class of a variable.
    fn kind(&self, var: VarId) -> NodeClass {
        let known = &self.tree.vars[var as usize];
        match known.class {
            Some(class) => self.class(class, known.function),
            None => self.tree.resolved.kinds.get(&var).copied().unwrap_or_default(),
        }
    }

    /// The class of a node, and the field that it is.
    fn node(&mut self, at: NodeId) -> (NodeClass, Option<VarId>) {
        match self.tree.node(at) {
            Node::Name(var) => {
                let var = self.lookup(var, at);
                self.tree.nodes[at as usize].node = Node::Name(var);
                let known = self.tree.vars[var as usize];
                if known.declared || known.class.is_some() {
                    return (self.kind(var), None);
                }
                if is_self(self.interner.name(known.symbol)) {
                    let scope = self.tree.scope(self.tree.nodes[at as usize].function);
                    return (NodeClass::of_scope(scope), None);
                }
                match self.kind(var) {
                    NodeClass::Unknown => {
                        let class = self.class(known.symbol, self.tree.nodes[at as usize].function);
                        (class.of_content(), None)
                    }
                    kind => (kind, None),
                }
            }
            Node::Member(of, symbol) => self.member_of(at, of, symbol),
            Node::Call(callee, _) => {
                let kind = match self.tree.node(callee) {
                    Node::Name(var) => {
                        let symbol = self.tree.vars[var as usize].symbol;
                        let class = self.tree.scope(self.tree.nodes[at as usize].function);
                        match self.returns(class, symbol) {
                            Some(kind) => kind,
                            None => self.returns(0, symbol).unwrap_or_default(),
                        }
                    }
                    _ => self.tree.class_of(callee),
                };
                (kind.of_content(), None)
            }
            Node::Index(of, _) => (self.tree.class_of(of).of_content(), None),
            Node::New(class, _) | Node::Cast(class, _) => {
                let kind = self.class(class, self.tree.nodes[at as usize].function);
                // `new ClassLoader() { ... }` of Java is a class of this file that has no name.
                let nameless = self.tree.language(at) == Language::Java;
                (if nameless { kind.of_content() } else { kind }, None)
            }
            Node::Init(of, _) => (self.tree.class_of(of), None),
            Node::Either(one, other) => match self.tree.class_of(one) {
                NodeClass::Unknown => (self.tree.class_of(other), None),
                kind => (kind, None),
            },
            Node::Assign(mut target, value, more) => {
                let kind = self.tree.class_of(value);
                while let Node::Cast(_, of) = self.tree.node(target) {
                    target = of;
                }
                match self.tree.node(target) {
                    // `var x = new Class()`; of two classes neither is believed.
                    Node::Name(var) if self.tree.vars[var as usize].class.is_none() && kind != NodeClass::Unknown => {
                        let known = self.tree.resolved.kinds.entry(var).or_insert(kind);
                        if *known != kind {
                            *known = NodeClass::Unknown;
                        }
                    }
                    Node::Member(..) if !more => {
                        self.tree.targets.insert(target, ());
                    }
                    _ => {}
                }
                (kind, None)
            }
            _ => (NodeClass::Unknown, None),
        }
    }

    fn member_of(&mut self, at: NodeId, of: NodeId, symbol: Symbol) -> (NodeClass, Option<VarId>) {
        match self.tree.class_of(of) {
            NodeClass::Unknown => {
                let function = self.tree.nodes[at as usize].function;
                if let Node::Name(var) = self.tree.node(of)
                    && !self.tree.vars[var as usize].declared
                    && is_self(self.interner.name(self.tree.vars[var as usize].symbol))
                {
                    // A page has no class around its code.
                    let field = self.tree.declare(symbol, 0, None, false);
                    return (self.kind(field), Some(field));
                }
                // A class behind its name space.
                if self.tree.is_undeclared_path(of)
                    && let class @ NodeClass::Declared(_) = self.class(symbol, function)
                {
                    return (class, None);
                }
                // `Globals.Name`, `System.Web.Name`: one of the members of what only other files declare, and of its members.
                let whose = match self.tree.node(of) {
                    Node::Name(var) => Some(var).filter(|&var| !self.tree.vars[var as usize].declared),
                    Node::Member(..) => self.tree.field_of(of).filter(|&field| self.is_external(field)),
                    _ => None,
                };
                match whose {
                    Some(whose) if self.is_net(at) => {
                        let scope = self.tree.external(whose);
                        (NodeClass::Unknown, Some(self.tree.declare(symbol, scope, None, false)))
                    }
                    _ => (NodeClass::Unknown, None),
                }
            }
            NodeClass::External => {
                // What holds objects of any class gives them so.
                let holds = matches!(self.interner.name(symbol), b"value" | b"current" | b"result" | b"item" | b"key");
                (if holds { NodeClass::Unknown } else { NodeClass::External }, None)
            }
            NodeClass::Declared(class) => {
                if let Some(field) = self.member(class, symbol) {
                    let field = self.same(field);
                    return (self.kind(field), Some(field));
                }
                if let Some(kind) = self.returns(class, symbol) {
                    return (kind, None);
                }
                let mut inner = self.tree.resolved.by_name.get(&symbol).into_iter().flatten().copied();
                if let Some(inner) = inner.find(|&inner| self.tree.functions[inner as usize].outer == class) {
                    return (NodeClass::Declared(inner), None);
                }
                (NodeClass::Unknown, Some(self.tree.declare(symbol, class, None, false)))
            }
        }
    }

    /// Whether a field is one of what only other files declare.
    fn is_external(&self, field: VarId) -> bool {
        let var = self.tree.vars.get(field as usize);
        var.is_some_and(|var| self.tree.functions[var.function as usize].external)
    }
}

/// Whether a name means the object itself.
fn is_self(name: &[u8]) -> bool {
    matches!(name, b"this" | b"me" | b"base" | b"mybase" | b"myclass" | b"$this" | b"self" | b"static")
}
