//! What the behaviours ask of a page that was read.

use crate::code::flow::Event;
use crate::code::flow::value::{Constant, Traits, Value};
use crate::code::know::{Act, Types};
use crate::code::reading::Reading;
use crate::code::token::Symbol;
use crate::code::tree::{Node, NodeId};

/// A page, and its uses of capabilities.
pub(super) struct Facts<'r> {
    /// The page.
    pub(super) reading: &'r Reading,
}

/// What shows a behaviour: places in the events of the page, the strongest first. Empty if it is not there.
pub(super) type Shown = Vec<usize>;

/// From this number on a place is that of an include.
pub(super) const INCLUDE: usize = 1 << 32;

/// How many places are shown.
pub(super) const MOST_SHOWN: usize = 3;

/// Acts on files by their path.
pub(super) const FILES: &[Act] = &[Act::List, Act::Read, Act::Write, Act::Save, Act::Delete, Act::Move, Act::Attribute];

impl<'r> Facts<'r> {
    /// All events.
    pub(super) fn events(&self) -> &'r [Event] {
        &self.reading.flow.events
    }

    /// The places of events of these kinds for which something holds.
    pub(super) fn which(&self, acts: &[Act], holds: impl Fn(&Event) -> bool) -> Shown {
        let events = self.events().iter().enumerate();
        let found = events.filter(|(_, event)| acts.contains(&event.act) && holds(event)).map(|(at, _)| at);
        found.take(MOST_SHOWN).collect()
    }

    /// Whether there is such an event.
    pub(super) fn any(&self, acts: &[Act], holds: impl Fn(&Event) -> bool) -> bool {
        self.events().iter().any(|event| acts.contains(&event.act) && holds(event))
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
                    let text = self.reading.lexicon.literal(literal);
                    let head = text[..text.len().min(24)].trim_ascii_start().to_ascii_lowercase();
                    let verbs = ["select ", "insert ", "update ", "delete ", "create ", "alter ", "drop ", "exec "];
                    return verbs.iter().any(|verb| head.starts_with(verb.as_bytes()));
                }
                _ => return false,
            }
        }
        false
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
        let lexicon = &self.reading.lexicon;
        let literals = 0..lexicon.literals.len() as u32;
        let listed = literals.take(20_000).any(|at| {
            let text = lexicon.literal(at);
            let folded = text[..text.len().min(200)].to_ascii_lowercase();
            folded.split(|&b| matches!(b, b',' | b'|' | b';' | b' ' | b'/')).any(|word| WORDS.contains(&word))
                || WORDS.contains(&&folded[..])
        });
        listed
            || (0..lexicon.len() as Symbol).any(|symbol| {
                matches!(
                    lexicon.name(symbol),
                    b"getextension"
                        | b"getextensionname"
                        | b"contenttype"
                        | b"allowedextensions"
                        | b"haspermission"
                        | b"getimagesize"
                        | b"exif_imagetype"
                        | b"mime_content_type"
                        | b"finfo_file"
                )
            })
    }

    /// Whether the page is a part of something larger: it includes files, has code behind it, or asks who its user is.
    pub(super) fn belongs_somewhere(&self) -> bool {
        let structure = &self.reading.structure;
        let behind = structure.directives.iter().any(|directive| {
            directive.attributes.iter().any(|(name, value)| {
                matches!(&name[..], "inherits" | "codebehind" | "codefile" | "masterpagefile") && !value.is_empty()
            })
        });
        // Files of its own that a page of PHP runs.
        let part = self.any(&[Act::Include], |event| !data(event));
        behind || part || !structure.includes.is_empty()
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
        let acts = self
            .events()
            .iter()
            .any(|event| outside(event.node) && !matches!(event.act, Act::Include | Act::Define | Act::Output));
        let declares = tree.functions.len() > 1 || !tree.classes.is_empty();
        acts || !declares
            || tree.nodes.iter().any(|placed| {
                let named = |symbol: Symbol| tree.by_name.contains_key(&symbol);
                placed.function == 0
                    && match placed.node {
                        Node::New(class, _) => tree.classes.iter().any(|own| own.symbol == class),
                        Node::Call(callee, _) => match tree.node(callee) {
                            Node::Name(var) => tree.vars.get(var as usize).is_some_and(|var| {
                                named(var.symbol) || self.reading.lexicon.name(var.symbol).starts_with(b"$")
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

    /// As [`Facts::which`], for what only a page has no need of.
    pub(super) fn in_page(&self, acts: &[Act], holds: impl Fn(&Event) -> bool) -> Shown {
        if self.is_page() { self.which(acts, holds) } else { Vec::new() }
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
        let found = self.which(&[Act::Include], run);
        if !found.is_empty() {
            return found;
        }
        let found = self.reading.structure.includes.iter().position(|include| picture(&include.path));
        found.map_or(Vec::new(), |at| vec![INCLUDE + at])
    }

    /// Whether the code has this name, given in lower case.
    pub(super) fn mentions(&self, name: &[u8]) -> bool {
        (0..self.reading.lexicon.len() as Symbol).any(|symbol| self.reading.lexicon.name(symbol) == name)
    }

    /// Whether any class of the page is made from one of this name.
    pub(super) fn derives(&self, names: &[&[u8]]) -> bool {
        let classes = self.reading.tree.classes.iter();
        let mut bases = classes.flat_map(|class| class.bases.iter());
        bases.any(|&base| names.contains(&self.reading.lexicon.name(base)))
    }
}

/// Whether what matters most is request data.
pub(super) fn data(event: &Event) -> bool {
    event.main.traits.has(Traits::DATA)
}

/// Whether request data, or bytes made of it, are what matters most.
pub(super) fn bytes(event: &Event) -> bool {
    event.main.traits.has(Traits::DATA.and(Traits::NUMBER))
}

/// Whether what matters most is request data from its beginning to its end.
pub(super) fn whole(event: &Event) -> bool {
    data(event) && event.main.traits.has(Traits::LEADS) && event.main.traits.has(Traits::ENDS)
}

/// Whether request data is what else matters.
pub(super) fn with_data(event: &Event) -> bool {
    event.second.traits.has(Traits::DATA)
}

/// Whether a value is request data from its beginning to its end.
pub(super) fn is_whole(value: Value) -> bool {
    let traits = value.traits;
    traits.has(Traits::DATA) && traits.has(Traits::LEADS) && traits.has(Traits::ENDS)
}

/// Whether that is so, and the path is not bound to the site.
pub(super) fn anywhere(event: &Event) -> bool {
    whole(event) && !event.main.traits.has(Traits::MAPPED)
}

/// Whether nothing is known of the content of what matters most.
pub(super) fn unknown(event: &Event) -> bool {
    event.main.constant == Constant::Unknown
}

/// Whether what matters most has a trait.
pub(super) fn has(event: &Event, traits: Traits) -> bool {
    event.main.traits.has(traits)
}

/// Whether the object that acts is of a kind.
pub(super) fn own(event: &Event, types: Types) -> bool {
    event.own.meets(types)
}
