//! Predicates of the behaviours on an analysed page.

use crate::code::api_model::{Sink, Types, types};
use crate::code::client::Sent;
use crate::code::flow::Event;
use crate::code::flow::value::{Constant, TaintFlags, Value};
use crate::code::reading::Reading;
use crate::code::structure::objects::What;
use crate::code::token::{Punct, Symbol};
use crate::code::tree::{Node, NodeId};
use crate::model::CheckInfo;
use std::ops::Range;

/// A page, and its uses of capabilities.
pub(super) struct Facts<'r> {
    /// The page.
    pub(super) reading: &'r Reading,
}

/// One thing that shows a behaviour, by its index in the lists of the [`Reading`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trigger {
    /// A sink that is reached.
    Event(usize),
    /// A server-side include.
    Include(usize),
    /// A script for the browser that hands on a password.
    Sent(usize),
    /// Something that acts when the file is read.
    Carried(usize),
}

impl Trigger {
    /// The sink, if it is one.
    pub(super) fn event(self, reading: &Reading) -> Option<&Event> {
        match self {
            Trigger::Event(at) => reading.flow.events.get(at),
            _ => None,
        }
    }

    /// Where it stands in the text.
    pub(super) fn range(self, reading: &Reading) -> Option<Range<usize>> {
        match self {
            Trigger::Event(at) => reading.flow.events.get(at).map(|event| reading.range(event.node)),
            Trigger::Include(at) => reading.structure.includes.get(at).map(|include| include.range.clone()),
            Trigger::Sent(at) => reading.sent.get(at).map(|sent| sent.range.clone()),
            Trigger::Carried(at) => reading.structure.carried.get(at).map(|carried| carried.range.clone()),
        }
    }
}

/// What shows a behaviour, the strongest first. Empty if it is not there.
pub(super) type Shown = Vec<Trigger>;

/// Something that server code does.
pub struct Behaviour {
    /// What it is: `behaviour/<what it is>`.
    pub check: CheckInfo,
    /// The events that show it.
    pub(super) shows: fn(&Facts<'_>) -> Shown,
}

/// How many places are shown.
pub(super) const MOST_SHOWN: usize = 3;

/// Acts on files by their path.
pub(super) const FILES: &[Sink] =
    &[Sink::List, Sink::Read, Sink::Write, Sink::Save, Sink::Delete, Sink::Move, Sink::Attribute];

impl<'r> Facts<'r> {
    /// All events.
    pub(super) fn events(&self) -> &'r [Event] {
        &self.reading.flow.events
    }

    /// The places of events of these kinds for which something holds.
    pub(super) fn which(&self, sinks: &[Sink], holds: impl Fn(&Event) -> bool) -> Shown {
        let events = self.events().iter().enumerate();
        let found =
            events.filter(|(_, event)| sinks.contains(&event.sink) && holds(event)).map(|(at, _)| Trigger::Event(at));
        found.take(MOST_SHOWN).collect()
    }

    /// Whether there is such an event.
    pub(super) fn any(&self, sinks: &[Sink], holds: impl Fn(&Event) -> bool) -> bool {
        self.events().iter().any(|event| sinks.contains(&event.sink) && holds(event))
    }

    /// The constant text of a value.
    pub(super) fn text(&self, constant: Constant) -> Option<&'r [u8]> {
        match constant {
            Constant::Text(text) => Some(self.reading.flow.texts.bytes(text)),
            _ => None,
        }
    }

    /// Whether the first argument of a call is a literal as it stands.
    pub(super) fn is_literal(&self, event: &Event) -> bool {
        self.first_argument(event.node).is_some_and(|node| matches!(self.reading.tree.node(node), Node::Text(_)))
    }

    fn first_argument(&self, node: NodeId) -> Option<NodeId> {
        match self.reading.tree.node(node) {
            Node::Call(_, list) | Node::New(_, list) => self.reading.tree.list(list).first().copied(),
            _ => None,
        }
    }

    /// Whether what is run begins as a statement of SQL: a function of that name runs it, not the language.
    pub(super) fn is_sql(&self, event: &Event) -> bool {
        let Some(mut node) = self.first_argument(event.node) else { return false };
        for _ in 0..256 {
            match self.reading.tree.node(node) {
                Node::Binary(_, left, _) => node = left,
                Node::Text(literal) => {
                    let text = self.reading.interner.literal(literal);
                    let head = text[..text.len().min(24)].trim_ascii_start().to_ascii_lowercase();
                    let verbs = ["select ", "insert ", "update ", "delete ", "create ", "alter ", "drop ", "exec "];
                    return verbs.iter().any(|verb| head.starts_with(verb.as_bytes()));
                }
                _ => return false,
            }
        }
        false
    }

    /// Whether what is run is an answer taken as a value: `x = ` or a bracket in front of it, as JSON was read before there was
    /// a parser.
    pub(super) fn is_object_text(&self, event: &Event) -> bool {
        let Some(mut node) = self.first_argument(event.node) else { return false };
        for depth in 0..256 {
            match self.reading.tree.node(node) {
                Node::Binary(_, left, _) => node = left,
                Node::Text(literal) => {
                    let text = self.reading.interner.literal(literal).trim_ascii_end();
                    return depth > 0 && matches!(text.last(), Some(b'=' | b'('));
                }
                _ => return false,
            }
        }
        false
    }

    /// Whether what is run is one character: `eval(s.charAt(i))` reads a digit.
    pub(super) fn is_character(&self, event: &Event) -> bool {
        let Some(node) = self.first_argument(event.node) else { return false };
        let Node::Call(callee, _) = self.reading.tree.node(node) else { return false };
        matches!(self.reading.tree.node(callee), Node::Member(_, name) if self.reading.interner.name(name) == b"charat")
    }

    /// Whether attributes are set that hide nothing: `FileAttributes.Normal`, or some taken away.
    pub(super) fn shows_file(&self, event: &Event) -> bool {
        let Node::Call(_, list) = self.reading.tree.node(event.node) else { return false };
        let Some(&attributes) = self.reading.tree.list(list).get(1) else { return false };
        match self.reading.tree.node(attributes) {
            Node::Member(_, name) => matches!(self.reading.interner.name(name), b"normal" | b"archive"),
            Node::Binary(Punct::BitAnd, ..) => true,
            _ => false,
        }
    }

    /// Whether this is a class that takes uploads to pieces and looks at the kind of file: which of what it saves whoever asks
    /// may name, its users say.
    pub(super) fn is_upload_class(&self) -> bool {
        !self.reading.tree.classes.is_empty() && self.mentions(b"binaryread") && self.checks_names()
    }

    /// Whether this is a source file that looks at the kind of file: the file manager of an application, whose paths begin where
    /// other files say. IIS runs no source file by its name.
    pub(super) fn is_file_manager_class(&self) -> bool {
        !self.is_page() && self.checks_names()
    }

    /// Whether what is run is what a function makes of a constant: a decoder's call.
    pub(super) fn is_decoder_call(&self, event: &Event) -> bool {
        let Some(node) = self.first_argument(event.node) else { return false };
        let Node::Call(callee, inner) = self.reading.tree.node(node) else { return false };
        if !matches!(self.reading.tree.node(callee), Node::Name(_)) {
            return false;
        }
        self.reading.tree.list(inner).iter().any(|&argument| {
            let value = self.reading.flow.values.get(argument as usize).copied().unwrap_or_default();
            self.text(value.constant).is_some_and(|text| text.len() > 6)
        })
    }

    /// Whether the code looks at what kind of file a name says, or at what a browser says of it: a literal or a member that
    /// a check of uploads needs.
    pub(super) fn checks_names(&self) -> bool {
        const WORDS: &[&[u8]] = &[
            b".jpg",
            b"jpg",
            b".gif",
            b"gif",
            b".png",
            b"png",
            b".jpeg",
            b"image/jpeg",
            b"image/gif",
            b"image/pjpeg",
            b".zip",
            b".doc",
            b".pdf",
            b".txt",
            b".csv",
            b".xml",
            b".xls",
            b".xlsx",
            b"rar",
            b"image/png",
            b"image/",
            b"text/xml",
        ];
        let interner = &self.reading.interner;
        let literals = 0..interner.literals.len() as u32;
        let listed = literals.take(20_000).any(|at| {
            let text = interner.literal(at);
            let folded = text[..text.len().min(200)].to_ascii_lowercase();
            folded.split(|&b| matches!(b, b',' | b'|' | b';' | b' ' | b'/')).any(|word| WORDS.contains(&word))
                || WORDS.contains(&&folded[..])
        });
        listed
            || (0..interner.len() as Symbol).any(|symbol| {
                let name = interner.name(symbol);
                let has = |word: &[u8]| memchr::memmem::find(name, word).is_some();
                matches!(
                    name,
                    b"getextension"
                        | b"getextensionname"
                        | b"allowedextensions"
                        | b"haspermission"
                        | b"getimagesize"
                        | b"exif_imagetype"
                        | b"mime_content_type"
                        | b"finfo_file"
                ) || has(b"ext") && (has(b"allow") || has(b"check") || has(b"valid") || has(b"deny"))
            })
            || self.asks_content_type()
    }

    /// Whether the code looks at the kind of content that comes; what a page says of its own does not count.
    fn asks_content_type(&self) -> bool {
        let tree = &self.reading.tree;
        tree.nodes.iter().any(|placed| match placed.node {
            Node::Member(of, symbol) if self.reading.interner.name(symbol) == b"contenttype" => {
                let of = self.reading.flow.values.get(of as usize).copied().unwrap_or_default();
                !of.types.intersects(types::RESPONSE)
            }
            _ => false,
        })
    }

    /// Whether the page is a part of something larger: it includes files, has code behind it, or asks who its user is.
    pub(super) fn belongs_somewhere(&self) -> bool {
        let structure = &self.reading.structure;
        let behind = structure.directives.iter().any(|directive| {
            directive.attributes.iter().any(|(name, value)| {
                // A class of the framework is no part of an application.
                let own = !value.is_empty() && !value.to_ascii_lowercase().starts_with("system.web.");
                matches!(&name[..], "inherits" | "codebehind" | "codefile" | "masterpagefile") && own
            })
        });
        // Files of its own that a page of PHP runs.
        let part = self.any(&[Sink::Include], |event| !data(event));
        behind || part || !structure.includes.is_empty() || !self.is_page()
    }

    /// Whether it is a style sheet with scripts: no page has elements of that name alone.
    pub(super) fn is_sheet(&self) -> bool {
        let structure = &self.reading.structure;
        let scripts = structure.elements.iter().all(|element| element.tag.ends_with(":script"));
        scripts && !structure.elements.is_empty() && structure.directives.is_empty()
    }

    /// Whether it is written in PHP.
    pub(super) fn is_php(&self) -> bool {
        use crate::code::structure::Language;
        self.reading.structure.blocks.iter().any(|block| block.language == Language::Php)
    }

    /// Whether a file of PHP does anything when it is asked for, or only declares what others use: outside of its functions
    /// it acts, makes an object or calls what it declares.
    fn does_by_itself(&self) -> bool {
        let tree = &self.reading.tree;
        let outside = |node: NodeId| tree.nodes.get(node as usize).is_some_and(|placed| placed.function == 0);
        let sinks = self
            .events()
            .iter()
            .any(|event| outside(event.node) && !matches!(event.sink, Sink::Include | Sink::Define | Sink::Output));
        let declares = tree.functions.len() > 1 || !tree.classes.is_empty();
        sinks
            || !declares
            || tree.nodes.iter().any(|placed| {
                let named = |symbol: Symbol| tree.by_name.contains_key(&symbol);
                placed.function == 0
                    && match placed.node {
                        Node::New(class, _) => tree.classes.iter().any(|own| own.symbol == class),
                        Node::Call(callee, _) => match tree.node(callee) {
                            Node::Name(var) => tree.vars.get(var as usize).is_some_and(|var| {
                                named(var.symbol) || self.reading.interner.name(var.symbol).starts_with(b"$")
                            }),
                            Node::Member(_, symbol) => named(symbol),
                            _ => true,
                        },
                        _ => false,
                    }
            })
    }

    /// Whether this is a page, and not a source file that may be compiled into whatever application.
    pub(super) fn is_page(&self) -> bool {
        use crate::code::structure::BlockKind;
        let structure = &self.reading.structure;
        if self.is_php() {
            return self.does_by_itself();
        }
        !structure.directives.is_empty()
            || !structure.elements.is_empty()
            || structure.blocks.iter().any(|block| block.kind != BlockKind::Members)
    }

    /// Whether what matters most is request data from its beginning to its end. In the other half of a page what went through
    /// functions of other files is not: they are where an application makes paths.
    pub(super) fn whole(&self, event: &Event) -> bool {
        whole(event) && (self.is_page() || !has(event, TaintFlags::DERIVED))
    }

    /// Whether that is so, and the path is not bound to the site.
    pub(super) fn anywhere(&self, event: &Event) -> bool {
        self.whole(event) && !has(event, TaintFlags::MAPPED)
    }

    /// Whether request data is one argument among others of a program that the code names, and that is no command interpreter:
    /// a converter that is given a file. Asked of what is no page by itself.
    pub(super) fn is_one_argument(&self, event: &Event) -> bool {
        !self.is_page()
            && !has(event, TaintFlags::WHOLE)
            && !self.any(&[Sink::Start], |e| has(e, TaintFlags::SHELL | TaintFlags::WHOLE))
    }

    /// As [`Facts::which`], for what only a page has no need of.
    pub(super) fn in_page(&self, sinks: &[Sink], holds: impl Fn(&Event) -> bool) -> Shown {
        if self.is_page() { self.which(sinks, holds) } else { Vec::new() }
    }

    /// A server-side include of a file that holds no code. No event shows it; the page itself does. `include` of PHP is an
    /// event.
    pub(super) fn includes_picture(&self) -> Shown {
        const KINDS: &[&str] =
            &[".jpg", ".jpeg", ".gif", ".png", ".bmp", ".ico", ".webp", ".mp3", ".mp4", ".zip", ".rar", ".7z", ".pdf"];
        let picture = |path: &str| {
            let path = path.trim().to_ascii_lowercase();
            KINDS.iter().any(|kind| path.ends_with(kind))
        };
        let run =
            |event: &Event| self.text(event.main.constant).is_some_and(|path| picture(&String::from_utf8_lossy(path)));
        let found = self.which(&[Sink::Include], run);
        if !found.is_empty() {
            return found;
        }
        let found = self.reading.structure.includes.iter().position(|include| picture(&include.path));
        found.map(Trigger::Include).into_iter().collect()
    }

    /// What of this kind acts when the file is read.
    pub(super) fn carried(&self, what: What) -> Shown {
        let found = self.reading.structure.carried.iter().position(|carried| carried.what == what);
        found.map(Trigger::Carried).into_iter().collect()
    }

    /// The places where scripts for the browser hand on a password, for which something holds.
    pub(super) fn sent(&self, holds: impl Fn(&Sent) -> bool) -> Shown {
        self.reading.sent.iter().position(holds).map(Trigger::Sent).into_iter().collect()
    }

    /// Whether a literal of the code begins so; given in lower case.
    pub(super) fn literal_starts_with(&self, start: &[u8]) -> bool {
        let interner = &self.reading.interner;
        (0..interner.literals.len().min(20_000) as u32).any(|at| {
            let text = interner.literal(at).trim_ascii_start();
            text.len() >= start.len() && text[..start.len()].eq_ignore_ascii_case(start)
        })
    }

    /// Whether a literal of the code holds this, given in lower case.
    pub(super) fn holds(&self, word: &[u8]) -> bool {
        let interner = &self.reading.interner;
        (0..interner.literals.len().min(20_000) as u32).any(|at| {
            let text = interner.literal(at);
            let folded = text[..text.len().min(512)].to_ascii_lowercase();
            memchr::memmem::find(&folded, word).is_some()
        })
    }

    /// Whether the code asks who its user is.
    pub(super) fn checks_user(&self) -> bool {
        const WORDS: &[&[u8]] =
            &[b"session", b"isauthenticated", b"identity", b"isinrole", b"formsauthentication", b"cookies"];
        WORDS.iter().any(|word| self.mentions(word))
    }

    /// Whether the code has this name, given in lower case.
    pub(super) fn mentions(&self, name: &[u8]) -> bool {
        (0..self.reading.interner.len() as Symbol).any(|symbol| self.reading.interner.name(symbol) == name)
    }

    /// Whether any class of the page is made from one of this name.
    pub(super) fn derives(&self, names: &[&[u8]]) -> bool {
        let classes = self.reading.tree.classes.iter();
        let mut bases = classes.flat_map(|class| class.bases.iter());
        bases.any(|&base| names.contains(&self.reading.interner.name(base)))
    }
}

/// Whether what matters most is request data.
pub(super) fn data(event: &Event) -> bool {
    event.main.flags.intersects(TaintFlags::DATA)
}

/// Whether request data, or bytes made of it, are what matters most.
pub(super) fn bytes(event: &Event) -> bool {
    event.main.flags.intersects(TaintFlags::DATA | TaintFlags::NUMBER)
}

/// Whether what matters most is request data from its beginning to its end.
pub(super) fn whole(event: &Event) -> bool {
    is_whole(event.main)
}

/// Whether request data is what else matters.
pub(super) fn with_data(event: &Event) -> bool {
    event.second.flags.intersects(TaintFlags::DATA)
}

/// Whether a value is request data from its beginning to its end.
pub(super) fn is_whole(value: Value) -> bool {
    let flags = value.flags;
    flags.intersects(TaintFlags::DATA)
        && flags.intersects(TaintFlags::AT_START)
        && flags.intersects(TaintFlags::AT_END)
        && !flags.intersects(TaintFlags::PART)
}

/// Whether the path begins with a folder of the page's own, below the site.
pub(super) fn inside(event: &Event) -> bool {
    event.main.flags.intersects(TaintFlags::MAPPED) && !event.main.flags.intersects(TaintFlags::AT_START)
}

/// Whether request data stands between other text, and went through something that is not known.
pub(super) fn between(event: &Event) -> bool {
    has(event, TaintFlags::DERIVED) && !has(event, TaintFlags::WHOLE)
}

/// Whether nothing is known of the content of what matters most.
pub(super) fn unknown(event: &Event) -> bool {
    event.main.constant == Constant::Unknown
}

/// Whether what matters most has a trait.
pub(super) fn has(event: &Event, flags: TaintFlags) -> bool {
    event.main.flags.intersects(flags)
}

/// Whether the object that acts is of a kind.
pub(super) fn own(event: &Event, types: Types) -> bool {
    event.receiver.intersects(types)
}
