//! The initial values of names.

use super::{Analyzer, Meaning, Platform, Seed, Symbol, Tree, Types, VarId, php, types};
use crate::code::api_model::meaning_in;
use std::collections::HashMap;

impl Analyzer<'_> {
    /// What every name is before the code is read.
    pub(super) fn begin(&mut self, seeds: &[Seed]) {
        let names = (0..self.interner.len()).map(|at| self.interner.name(at as Symbol));
        self.meanings = names.map(|name| meaning_in(self.platform, name)).collect();
        self.bases = bases(self.tree, &self.meanings);
        for (at, var) in self.tree.vars.iter().enumerate() {
            let name = self.interner.name(var.symbol);
            let class = var.class.map_or(Types::empty(), |class| self.class(class));
            let state = &mut self.states[at];
            state.value.types = class;
            if !var.declared && !self.tree.functions[var.function as usize].external {
                if let Some(types) = intrinsic(name, self.classic, self.platform) {
                    state.value.types = types;
                    state.intrinsic = true;
                } else if !self.classic {
                    // The class itself, for what is called on it.
                    state.value.types = class_of(self.tree, &self.meanings, &self.bases, var.symbol);
                }
            }
        }
        if self.platform == Platform::Php {
            self.counted = php::counted(self.tree);
        }
        for seed in seeds {
            if let Some(&var) = self.tree.scopes.get(&(0, seed.symbol)) {
                self.states[var as usize].value.types = seed.types;
            }
        }
    }

    /// Whether a name means a name space or a class: what is put into something below it does not go into all of it.
    pub(super) fn is_static(&self, var: VarId) -> bool {
        let (known, state) = (&self.tree.vars[var as usize], &self.states[var as usize]);
        self.is_elsewhere(var)
            && (self.is_name_space(known.symbol)
                || !state.value.types.is_empty()
                || self.tree.aliases.contains_key(&known.symbol)
                || self.tree.has_class(known.symbol))
    }

    /// Whether nothing declares a name and nothing is assigned to it: only other files can say what it is.
    pub(super) fn is_elsewhere(&self, var: VarId) -> bool {
        let (known, state) = (&self.tree.vars[var as usize], &self.states[var as usize]);
        !(self.classic || known.declared || state.intrinsic || state.assigned > 0 || state.before > 0)
    }

    pub(super) fn is_name_space(&self, name: Symbol) -> bool {
        matches!(self.interner.name(name), b"system" | b"microsoft" | b"my" | b"global")
            || self.tree.namespaces.contains_key(&name)
    }

    /// The kinds of a class by its name.
    pub(super) fn class(&self, symbol: Symbol) -> Types {
        class_of(self.tree, &self.meanings, &self.bases, symbol)
    }

    pub(super) fn meaning(&self, symbol: Symbol) -> Option<&'static Meaning> {
        self.meanings.get(symbol as usize).copied().flatten()
    }
}

/// Constants of the Basics by their names.
pub(super) fn known_constant(name: &[u8]) -> Option<&'static [u8]> {
    Some(match name {
        b"vbcrlf" | b"vbnewline" => b"\r\n",
        b"vbcr" => b"\r",
        b"vblf" => b"\n",
        b"vbtab" => b"\t",
        b"vbnullchar" => b"\0",
        b"vbnullstring" => b"",
        _ => return None,
    })
}

/// Objects that every page has.
pub(super) fn intrinsic(name: &[u8], classic: bool, platform: Platform) -> Option<Types> {
    match platform {
        Platform::Windows => {}
        Platform::Php => return php::intrinsic(name),
        Platform::Java => {
            return Some(match name {
                b"request" => types::REQUEST,
                b"response" | b"out" => types::RESPONSE,
                b"session" => types::STORE,
                b"pagecontext" | b"application" | b"config" => types::CONTEXT,
                b"this" | b"super" => Types::empty(),
                _ => return None,
            });
        }
    }
    Some(match name {
        b"request" => types::REQUEST,
        b"response" => types::RESPONSE,
        b"server" => types::SERVER,
        b"session" | b"application" => types::STORE,
        b"viewstate" | b"cache" | b"tempdata" | b"viewbag" | b"viewdata" if !classic => types::STORE,
        b"context" | b"httpcontext" | b"objectcontext" => types::CONTEXT,
        b"page" | b"this" | b"me" | b"base" | b"mybase" if !classic => types::CONTEXT,
        _ => return None,
    })
}

fn class_of(
    tree: &Tree,
    meanings: &[Option<&'static Meaning>],
    bases: &HashMap<Symbol, Types>,
    symbol: Symbol,
) -> Types {
    let symbol = tree.aliases.get(&symbol).copied().unwrap_or(symbol);
    // A class of this file is what it is made from.
    bases.get(&symbol).copied().unwrap_or_else(|| meant(meanings, symbol))
}

fn meant(meanings: &[Option<&'static Meaning>], symbol: Symbol) -> Types {
    meanings.get(symbol as usize).copied().flatten().map_or(Types::empty(), |meaning| meaning.class)
}

/// What the classes of this file are made from: all their parts, and the classes of this file between them and a known one.
/// What a class is goes to those that are made from it once it grows, so a circle of classes ends.
fn bases(tree: &Tree, meanings: &[Option<&'static Meaning>]) -> HashMap<Symbol, Types> {
    let mut known: HashMap<Symbol, Types> = tree.classes.iter().map(|class| (class.symbol, Types::empty())).collect();
    let mut below: HashMap<Symbol, Vec<Symbol>> = HashMap::new();
    let mut fresh: Vec<Symbol> = Vec::new();
    for class in &tree.classes {
        for &base in &class.bases {
            let base = tree.aliases.get(&base).copied().unwrap_or(base);
            if known.contains_key(&base) && base != class.symbol {
                below.entry(base).or_default().push(class.symbol);
            }
            // By its name alone it may be a known class as well: `class Process : System.Diagnostics.Process`.
            let types =
                if base == class.symbol || !known.contains_key(&base) { meant(meanings, base) } else { Types::empty() };
            if let Some(all) = known.get_mut(&class.symbol)
                && !all.contains(types)
            {
                *all |= types;
                fresh.push(class.symbol);
            }
        }
    }
    while let Some(base) = fresh.pop() {
        let types = known.get(&base).copied().unwrap_or_default();
        for class in below.get(&base).into_iter().flatten() {
            if let Some(all) = known.get_mut(class)
                && !all.contains(types)
            {
                *all |= types;
                fresh.push(*class);
            }
        }
    }
    known
}
