//! Declarations: functions, classes and others.

use super::words::Word;
use super::{
    Around, Attributes, Class, FunctionId, Kind, Language, NAMELESS, Node, Operator, Parser, Punct, Symbol, Token,
};

impl Parser<'_> {
    /// `Class name`, `Class name(parameters) {`: what stands before is a class. C# only.
    pub(super) fn declaration(&mut self, token: Token) -> bool {
        let Some(&top) = self.operands.last() else { return false };
        let class = match self.tree.node(top) {
            Node::Name(var) => self.tree.vars[var as usize].symbol,
            Node::Member(_, symbol) => symbol,
            Node::Index(of, _) => match self.tree.node(of) {
                Node::Name(var) => self.tree.vars[var as usize].symbol,
                Node::Member(_, symbol) => symbol,
                _ => return false,
            },
            _ => return false,
        };
        self.operands.pop();
        let frame = self.frame();
        if let Some(top) = self.frames.last_mut() {
            top.class = Some(class);
        }
        if self.is_punct(1, Punct::Less)
            && let Some(end) = self.type_arguments(self.at + 1)
            && self.tokens.get(end + 1).is_some_and(|token| token.kind == Kind::Punct(Punct::Open))
        {
            self.at = end;
        }
        if self.is_punct(1, Punct::Open) && frame.around.holds_statements() && self.method(token, Some(class)) {
            return true;
        }
        let property =
            frame.around.holds_statements() && (self.is_punct(1, Punct::OpenBrace) || self.is_punct(1, Punct::Lambda));
        let owner = if property { self.tree.scope(self.function) } else { self.function };
        let var = self.tree.declare(token.value, owner, Some(class), true);
        self.operand(Node::Name(var), token.start, token.end);
        if property {
            // What its accessors give back is what it is.
            let attributes = std::mem::take(&mut self.attributes);
            let function = self.tree.define(token.value, self.function, attributes);
            self.tree.functions[function as usize].result = var;
            self.enter_body(function, token);
        }
        true
    }

    /// `name(parameters)` with a body behind it: a function of C#. The current token is the name.
    pub(super) fn method(&mut self, token: Token, class: Option<Symbol>) -> bool {
        let open = self.at + 1;
        let Some(close) = self.bracket_pairs.closing(open) else { return false };
        let behind = self.tokens.get(close + 1).map(|token| token.kind);
        let wanted = matches!(behind, Some(Kind::Punct(Punct::OpenBrace | Punct::Lambda | Punct::Colon)))
            || matches!(self.tokens.get(close + 1), Some(next) if next.kind == Kind::Name && matches!(self.interner.name(next.value), b"where" | b"throws"))
            || self.attributes != Attributes::default() && behind == Some(Kind::Punct(Punct::Semicolon));
        if !wanted {
            return false;
        }
        let attributes = std::mem::take(&mut self.attributes);
        let function = self.tree.define(token.value, self.function, attributes);
        self.tree.functions[function as usize].returns = class;
        self.parameters(function, open, close);
        self.at = close;
        if behind != Some(Kind::Punct(Punct::Semicolon)) {
            self.enter_body(function, token);
        }
        true
    }

    /// Goes into a function whose body begins behind the current token.
    pub(super) fn enter_body(&mut self, function: FunctionId, token: Token) {
        self.end_statement();
        let back = self.function;
        // `: base(...)`, `where T : class`.
        let mut ahead = 1;
        while ahead < 64 && !self.is_punct(ahead, Punct::OpenBrace) && !self.is_punct(ahead, Punct::Lambda) {
            ahead += 1;
        }
        self.function = function;
        self.push_node(Node::Function(function), token.start, token.end);
        if self.is_punct(ahead, Punct::OpenBrace) {
            self.at += ahead;
            self.open(Around::Block(false), token.start);
        } else if self.is_punct(ahead, Punct::Lambda) {
            self.at += ahead;
            self.open(Around::Arrow, token.start);
            self.operators.push((Operator::Return, token.start));
        } else {
            self.function = back;
            return;
        }
        if let Some(frame) = self.frames.last_mut() {
            frame.back = Some(back);
        }
    }

    /// Declares the parameters that stand between two brackets.
    pub(super) fn parameters(&mut self, function: FunctionId, open: usize, close: usize) {
        let basic = self.basic();
        let script = self.language == Language::JScript;
        let (mut depth, mut first, mut last, mut class, mut behind) = (0i32, None, None, None, 0u8);
        // Arguments of VBScript go both ways; those of JScript never do.
        let both = self.language == Language::VbScript;
        let mut by_ref = both;
        let mut at = open + 1;
        loop {
            let token = self.tokens.get(at).filter(|_| at < close);
            let done = token.is_none_or(|token| depth == 0 && token.kind == Kind::Punct(Punct::Comma));
            if done {
                let (name, of) = if basic || script { (first, class) } else { (last, first) };
                if let Some(name) = name
                    && self.tree.functions[function as usize].parameters.len() < 256
                {
                    let var = self.tree.declare(name, function, of, true);
                    self.tree.vars[var as usize].by_ref = by_ref;
                    self.tree.functions[function as usize].parameters.push(var);
                }
                (depth, first, last, class, behind) = (0, None, None, None, 0);
                by_ref = both;
            }
            let Some(token) = token else { break };
            match token.kind {
                Kind::Punct(Punct::Open | Punct::OpenIndex | Punct::OpenBrace | Punct::Less) => depth += 1,
                Kind::Punct(Punct::Close | Punct::CloseIndex | Punct::CloseBrace | Punct::Greater) => depth -= 1,
                Kind::Punct(Punct::Assign) => behind = 2,
                Kind::Punct(Punct::Colon) if script => behind = 1,
                Kind::Name if depth == 0 && behind < 2 => {
                    let symbol = token.value;
                    let name = self.interner.name(symbol);
                    if basic && name == b"as" {
                        behind = 1;
                    } else if behind == 1 {
                        class = Some(symbol);
                    } else if matches!(
                        name,
                        b"byval"
                            | b"byref"
                            | b"optional"
                            | b"paramarray"
                            | b"out"
                            | b"ref"
                            | b"in"
                            | b"params"
                            | b"this"
                    ) {
                        by_ref = matches!(name, b"byref" | b"out" | b"ref") || by_ref && name != b"byval";
                        self.tree.functions[function as usize].extends |= name == b"this";
                    } else if first.is_none() {
                        first = Some(symbol);
                        last = Some(symbol);
                    } else if !basic && !script && self.tokens[at - 1].kind == Kind::Punct(Punct::Dot) && last == first
                    {
                        // The last part of a dotted class.
                        first = Some(symbol);
                        last = Some(symbol);
                    } else if !basic {
                        last = Some(symbol);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    pub(super) fn class(&mut self, token: Token) {
        if self.after {
            self.plain(token);
            return;
        }
        self.end_statement();
        let module = self.basic() && self.name_at(0) == b"module";
        let Some(Token { kind: Kind::Name, value: symbol, .. }) = self.tokens.get(self.at + 1).copied() else { return };
        self.at += 1;
        let outer = self.function;
        let scope = if module { 0 } else { self.tree.open_class(symbol, self.tree.scope(outer)) };
        let mut bases = Vec::new();
        if self.basic() {
            self.classes.push((outer, self.routines.len()));
            if !module {
                self.function = scope;
            }
        } else {
            let mut ahead = 1;
            while ahead < 200 {
                match self.kind(ahead) {
                    Some(Kind::Name)
                        if !self.is_punct(ahead + 1, Punct::Dot)
                            && bases.len() < 16
                            && !matches!(self.name_at(ahead), b"where" | b"extends" | b"implements") =>
                    {
                        bases.push(self.tokens[self.at + ahead].value);
                    }
                    Some(
                        Kind::Name
                        | Kind::Punct(
                            Punct::Colon
                            | Punct::Comma
                            | Punct::Dot
                            | Punct::Less
                            | Punct::Greater
                            | Punct::Open
                            | Punct::Close
                            | Punct::OpenIndex
                            | Punct::CloseIndex,
                        ),
                    ) => {}
                    Some(Kind::Punct(Punct::OpenBrace)) => {
                        self.at += ahead;
                        self.open(Around::Block(false), token.start);
                        if let Some(frame) = self.frames.last_mut() {
                            frame.back = Some(outer);
                        }
                        self.function = scope;
                        break;
                    }
                    _ => {
                        self.at += ahead - 1;
                        break;
                    }
                }
                ahead += 1;
            }
        }
        self.attributes = Attributes::default();
        let class = self.tree.classes.len() as u32;
        self.tree.classes.push(Class { symbol, bases, scope });
        self.push_node(Node::Class(class), token.start, token.end);
    }

    /// `function name(parameters) {` of JScript, as a statement or as a value.
    pub(super) fn script_function(&mut self, token: Token) {
        // `Function(text)` makes one of text; names are folded here, so what stands behind decides.
        if self.is_punct(1, Punct::Open) {
            let body = self.bracket_pairs.closing(self.at + 1).and_then(|close| self.tokens.get(close + 1));
            let body = body.map(|token| token.kind);
            if !matches!(body, Some(Kind::Punct(Punct::OpenBrace | Punct::Colon))) {
                return self.plain(token);
            }
        }
        let value = !self.frame().around.holds_statements() || self.operators.len() > self.frame().operators;
        // JScript.NET: `WebMethodAttribute function x(...)`.
        self.attributes = Attributes::default();
        self.read_attributes(self.at.saturating_sub(3), self.at);
        let attributes = std::mem::take(&mut self.attributes);
        if self.after {
            self.end_statement();
        }
        let mut ahead = 1;
        let mut symbol = NAMELESS;
        // JScript.NET: `function get X()`.
        while let Some(Token { kind: Kind::Name, value, .. }) = self.tokens.get(self.at + ahead) {
            symbol = *value;
            ahead += 1;
            if ahead > 3 {
                break;
            }
        }
        let open = self.at + ahead;
        let Some(close) = self.bracket_pairs.closing(open).filter(|_| self.is_punct(ahead, Punct::Open)) else {
            return;
        };
        let frame = self.frame();
        // `{ f: function(x)`: the function has the member's name.
        if symbol == NAMELESS
            && frame.around == Around::List
            && let [.., name, Token { kind: Kind::Punct(Punct::Colon), .. }] = self.tokens[..self.at]
            && name.kind == Kind::Name
        {
            symbol = name.value;
        }
        // `var f = function(x)`: the function has the variable's name.
        if symbol == NAMELESS {
            symbol = self.bound_name();
        }
        let function = self.tree.define(symbol, self.function, attributes);
        self.parameters(function, open, close);
        self.at = close;
        // A class of the value it gives back: `) : String {`.
        if self.is_punct(1, Punct::Colon) {
            self.at += 1;
            self.class_name();
        }
        if self.is_punct(1, Punct::OpenBrace) {
            self.at += 1;
            let back = self.function;
            self.function = function;
            self.push_node(Node::Function(function), token.start, token.end);
            self.open(Around::Block(value), token.start);
            if let Some(frame) = self.frames.last_mut() {
                frame.back = Some(back);
            }
        }
    }

    /// `Function name(parameters) As Class` and `Sub name(parameters)` of Basic.
    pub(super) fn routine(&mut self, token: Token) {
        if self.after && !self.frame().around.holds_statements() {
            self.reduce_all();
            self.after = false;
        }
        if self.is_punct(1, Punct::Open) {
            // A function as a value: its parameters are local names.
            let open = self.at + 1;
            let Some(close) = self.bracket_pairs.closing(open) else { return };
            let lambda = self.tree.define_inline(self.bound_name(), self.function);
            self.parameters(lambda, open, close);
            self.at = close;
            if self.kind(1) == Some(Kind::End) {
                self.routines.push(self.function);
            }
            let names: Vec<Symbol> = self.tree.functions[lambda as usize]
                .parameters
                .iter()
                .map(|&v| self.tree.vars[v as usize].symbol)
                .collect();
            for name in names {
                self.tree.declare(name, self.function, None, true);
            }
            return;
        }
        self.end_statement();
        if self.kind(1) == Some(Kind::End) && self.kind(2) == Some(Kind::Name) {
            self.at += 1;
        }
        let Some(Token { kind: Kind::Name, value: symbol, .. }) = self.tokens.get(self.at + 1).copied() else { return };
        self.at += 1;
        let attributes = std::mem::take(&mut self.attributes);
        let function = self.tree.define(symbol, self.function, attributes);
        // Its own name takes what it gives back.
        let result = self.tree.functions[function as usize].result;
        self.tree.scopes.insert((function, symbol), result);
        // The line of its brackets may have been wrapped.
        if self.language == Language::VbScript && self.kind(1) == Some(Kind::End) && self.is_punct(2, Punct::Open) {
            self.at += 1;
        }
        let open = self.at + 1;
        if self.basic()
            && self.is_punct(1, Punct::Open)
            && let Some(close) = self.bracket_pairs.closing(open)
        {
            self.parameters(function, open, close);
            self.at = close;
        }
        if self.word_at(1) == Word::As {
            self.at += 1;
            self.tree.functions[function as usize].returns = self.class_name();
        }
        // `Handles x.Click`, `Implements a.b`.
        if matches!(self.name_at(1), b"handles" | b"implements") {
            self.skip_statement();
        }
        self.routines.push(self.function);
        self.function = function;
        self.push_node(Node::Function(function), token.start, token.end);
    }

    pub(super) fn property(&mut self, token: Token) {
        if self.after {
            self.plain(token);
            return;
        }
        // VBScript: `Property Get x`.
        if matches!(self.name_at(1), b"get" | b"let" | b"set") && self.kind(2) == Some(Kind::Name) {
            self.at += 1;
        }
        if self.net() {
            self.end_statement();
            if let Some(Token { kind: Kind::Name, value, .. }) = self.tokens.get(self.at + 1).copied() {
                self.tree.declare(value, self.tree.scope(self.function), None, true);
                self.at += 1;
            }
            self.skip_statement();
        } else {
            self.routine(token);
        }
    }

    /// `delegate (parameters) {`, or a declaration of a class of functions.
    pub(super) fn delegate(&mut self, token: Token) {
        if self.is_punct(1, Punct::OpenBrace) {
            self.at += 1;
            self.open(Around::Block(true), token.start);
        } else if self.is_punct(1, Punct::Open)
            && let Some(close) = self.bracket_pairs.closing(self.at + 1)
        {
            let open = self.at + 1;
            let behind = self.tokens.get(close + 1).map(|token| token.kind);
            if behind == Some(Kind::Punct(Punct::OpenBrace)) {
                let lambda = self.tree.define_inline(self.bound_name(), self.function);
                self.parameters(lambda, open, close);
                let back = self.function;
                self.function = lambda;
                self.at = close + 1;
                self.open(Around::Block(true), token.start);
                if let Some(frame) = self.frames.last_mut() {
                    frame.back = Some(back);
                }
            }
        }
    }

    pub(super) fn lambda_parameters(&mut self, lambda: FunctionId, open: usize, close: usize) {
        self.parameters(lambda, open, close);
        let names: Vec<(Symbol, Option<Symbol>)> = self.tree.functions[lambda as usize]
            .parameters
            .iter()
            .map(|&var| (self.tree.vars[var as usize].symbol, self.tree.vars[var as usize].class))
            .collect();
        // Its body is read as a part of the function around it, where its parameters are names like others.
        let mut own = Vec::new();
        for (name, class) in names {
            own.push(self.tree.declare(name, self.function, class.filter(|&class| class != name), true));
        }
        self.tree.functions[lambda as usize].parameters = own;
    }

    /// The name that takes the function which is read next: `var f = x => ...`; none for one without.
    pub(super) fn bound_name(&self) -> Symbol {
        let frame = self.frame();
        if let [.., (Operator::Assign(_), _)] = *self.waiting(frame)
            && let Some(&target) = self.operands.last()
        {
            return match self.tree.node(target) {
                Node::Name(var) => self.tree.vars[var as usize].symbol,
                Node::Member(_, symbol) => symbol,
                _ => NAMELESS,
            };
        }
        NAMELESS
    }

    pub(super) fn read_attributes(&mut self, from: usize, to: usize) {
        for token in &self.tokens[from.min(to)..to] {
            if token.kind == Kind::Name {
                match self.interner.name(token.value) {
                    b"webmethod"
                    | b"webmethodattribute"
                    | b"operationcontract"
                    | b"operationcontractattribute"
                    | b"scriptmethod"
                    | b"webget"
                    | b"webinvoke"
                    | b"httppost"
                    | b"httpget"
                    | b"httpput" => {
                        self.attributes.remote = true;
                    }
                    b"dllimport" => self.attributes.native = true,
                    _ => {}
                }
            }
        }
    }

    /// `<WebMethod()>` in front of a function of Visual Basic.
    pub(super) fn basic_attributes(&mut self) {
        let limit = (self.at + 64).min(self.tokens.len());
        let end = (self.at + 1..limit).find(|&at| self.tokens[at].kind == Kind::Punct(Punct::Greater));
        if let Some(end) = end {
            self.read_attributes(self.at + 1, end);
            self.at = end;
        }
    }

    pub(super) fn lambda(&mut self, token: Token) {
        if self.after {
            // `x => ...`: x is a name of this function.
            if let Some(node) = self.operands.pop()
                && let Node::Name(var) = self.tree.node(node)
            {
                let symbol = self.tree.vars[var as usize].symbol;
                let parameter = self.tree.declare(symbol, self.function, None, true);
                let lambda = self.tree.define_inline(self.bound_name(), self.function);
                self.tree.functions[lambda as usize].parameters.push(parameter);
            }
        }
        self.after = false;
        if self.is_punct(1, Punct::OpenBrace) {
            self.at += 1;
            self.open(Around::Block(true), token.start);
        }
    }
}
