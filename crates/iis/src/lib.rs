//! Reads IIS and ASP.NET configuration by structure: `applicationHost.config`, `web.config`, `agents.config`.
//!
//! The file is the attacker's: elements become a flat list in document order, bounded in number, depth and text; entities
//! that a document declares are never expanded; what was understood before a break is kept and the break is reported.
//!
//! ```
//! use shellsift_iis::{Document, server::Server};
//!
//! let text = r#"<configuration><system.applicationHost><sites><site name="Default Web Site" id="1">
//!     <application path="/"><virtualDirectory path="/" physicalPath="%SystemDrive%\inetpub\wwwroot" /></application>
//! </site></sites></system.applicationHost></configuration>"#;
//! let server = Server::of(&Document::parse(text));
//! assert_eq!(server.sites[0].applications[0].folders[0].configured, r"%SystemDrive%\inetpub\wwwroot");
//! ```

pub mod cache;
pub mod deviations;
pub mod handling;
pub mod log_file;
pub mod scopes;
pub mod server;
pub mod text;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use shellsift_model as model;
use std::ops::Range;

/// What is read of one file. Real ones have 100 KB to 2 MB; the bound keeps a planted one from filling memory.
pub const MAX_BYTES: usize = 16 << 20;
/// How many elements are kept. The largest real file, an applicationHost.config of a hoster, has some ten thousand.
const MAX_ELEMENTS: usize = 200_000;
/// How deep elements may lie in each other; real files have at most a dozen levels.
const MAX_DEPTH: usize = 128;
/// How many attributes of one element are kept; IIS knows none with more than thirty.
const MAX_ATTRIBUTES: usize = 100;

/// How the text begins that says what configuration loads a file as: as a part of a configuration that names it.
pub const LOADED_AS_PART: &str = "external configuration part";
/// As the library of a class that configuration names.
pub const LOADED_AS_CLASS: &str = "assembly of the class";
/// As the library of a class that would be taken for one of Microsoft's by its name.
pub const LOADED_AS_MICROSOFT: &str = "assembly of a class with a Microsoft name";
/// As a library that a class without a library can be taken from.
pub const LOADED_AS_ANY: &str = "assembly that may contain the class";

/// How it ends where applications of Exchange have the configuration too.
pub const LOADED_ABOVE_EXCHANGE: &str = ", above Exchange applications";
/// How it ends below a site that has applications of Exchange, which do not have the configuration.
pub const LOADED_BESIDE_EXCHANGE: &str = ", on an Exchange site";
/// As the configuration that an application pool starts with.
pub const LOADED_AS_POOL: &str = "application pool configuration";

/// A configuration file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its elements in document order.
    pub elements: Vec<Element>,
    /// Why and where reading ended before the end, if it did.
    pub broken: Option<String>,
    /// Why attributes of an element were left out, if some were.
    pub attributes_left: Option<String>,
    /// Whether it declares a document type, which IIS never writes. What it declares is not expanded.
    pub has_document_type: bool,
    /// Whether that declares entities, or draws them in: what they stand for was not read.
    pub has_entities: bool,
}

/// One element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its name without prefix.
    pub name: String,
    /// The element it lies in, by its place in [`Document::elements`].
    pub parent: Option<usize>,
    /// Its attributes in order, references to characters and the five predefined entities resolved.
    pub attributes: Vec<(String, String)>,
    /// Its start tag in the text that was read, in bytes.
    pub range: Range<usize>,
}

impl Element {
    /// The value of an attribute; empty where it is missing. Names are compared exactly, as IIS does.
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    /// Whether an attribute is present and not false.
    pub fn is_on(&self, name: &str) -> bool {
        let value = self.attribute(name).trim();
        !value.is_empty() && !["false", "0", "no"].iter().any(|no| value.eq_ignore_ascii_case(no))
    }

    /// Whether an attribute is true.
    pub fn is_true(&self, name: &str) -> bool {
        self.attribute(name).eq_ignore_ascii_case("true")
    }
}

/// The first `most` characters of a text. A name is repeated with everything in it, and must not be a megabyte.
pub fn bounded(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(at, _)| &text[..at])
}

impl Document {
    /// Reads a file in the encoding that it has ([`text::Text`]).
    pub fn read(bytes: &[u8]) -> Self {
        Self::of(&text::Text::of(&bytes[..bytes.len().min(MAX_BYTES)]), bytes.len() > MAX_BYTES)
    }

    /// Reads decoded text; `truncated` where there is more of the file.
    pub fn of(text: &text::Text, truncated: bool) -> Self {
        let mut document = Self::parse(&text.text);
        if truncated {
            document.broken = Some(format!("larger than {} MiB: only the beginning was read", MAX_BYTES >> 20));
        }
        if let Some(uncertainty) = &text.uncertainty {
            document.broken = Some(uncertainty.clone());
        }
        document
    }

    /// Reads decoded text. Ranges of elements are of this text.
    pub fn parse(text: &str) -> Self {
        let mut document = Self::default();
        // The reader leaves a byte order mark out, and out of its count as well.
        let marked = text.len();
        let text = text.trim_start_matches('\u{FEFF}');
        let before = marked - text.len();
        let mut reader = Reader::from_str(text);
        let mut open: Vec<usize> = Vec::new();
        loop {
            let start = before + reader.buffer_position() as usize;
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    document.broken =
                        Some(format!("not well-formed at byte {}: {error}", before as u64 + reader.error_position()));
                    return document;
                }
            };
            let (element, has_content) = match &event {
                Event::Eof => {
                    document.broken = match () {
                        () if document.elements.is_empty() => Some("not an XML document".to_owned()),
                        () if !open.is_empty() => Some("ends inside an element".to_owned()),
                        () => None,
                    };
                    return document;
                }
                Event::DocType(declared) => {
                    document.has_document_type = true;
                    let declared = declared.to_ascii_uppercase();
                    document.has_entities |=
                        ["<!ENTITY", "SYSTEM", "PUBLIC"].iter().any(|word| declared.contains(word));
                    continue;
                }
                Event::End(_) => {
                    open.pop();
                    continue;
                }
                Event::Start(element) => (element, true),
                Event::Empty(element) => (element, false),
                _ => continue,
            };
            if document.elements.len() >= MAX_ELEMENTS || open.len() >= MAX_DEPTH {
                let what = if open.len() >= MAX_DEPTH { "levels" } else { "elements" };
                let most = if open.len() >= MAX_DEPTH { MAX_DEPTH } else { MAX_ELEMENTS };
                document.broken = Some(format!("more than {most} {what}: the rest from byte {start} on was not read"));
                return document;
            }
            let (attributes, fault) = attributes(element);
            if let Some(fault) = fault {
                document.attributes_left.get_or_insert_with(|| format!("{fault} at byte {start}"));
            }
            document.elements.push(Element {
                name: element.local_name().as_ref().to_owned(),
                parent: open.last().copied(),
                attributes,
                range: start..before + reader.buffer_position() as usize,
            });
            if has_content {
                open.push(document.elements.len() - 1);
            }
        }
    }

    /// The sections that lie in files of their own (`configSource`), and how the files are written.
    pub fn sources(&self) -> Vec<(usize, String)> {
        let elements = self.elements.iter().enumerate();
        let sources = elements.filter(|(_, element)| !element.attribute("configSource").is_empty());
        sources.map(|(at, element)| (at, element.attribute("configSource").to_owned())).collect()
    }

    /// Puts what a part holds into its section. Ranges of its elements stay those of the part.
    pub fn put_in(&mut self, section: usize, part: Self) {
        let first = self.elements.len();
        if first + part.elements.len() > MAX_ELEMENTS {
            self.broken = Some(format!("more than {MAX_ELEMENTS} elements: the rest was not read"));
            return;
        }
        // The root of the part is the section itself, with what its tag says.
        let mut elements = part.elements.into_iter();
        if let Some(root) = elements.next() {
            let own = &mut self.elements[section].attributes;
            let known = |name: &str, own: &[(String, String)]| own.iter().any(|(known, _)| known == name);
            for (name, value) in root.attributes {
                if own.len() < MAX_ATTRIBUTES && !known(&name, own) {
                    own.push((name, value));
                }
            }
        }
        for mut element in elements {
            element.parent = element.parent.map(|parent| if parent == 0 { section } else { first + parent - 1 });
            self.elements.push(element);
        }
        self.broken = self.broken.take().or(part.broken);
    }

    /// The names of the elements around one, the outermost first, and its own name last.
    pub fn path(&self, at: usize) -> Vec<&str> {
        let mut path = Vec::new();
        let mut next = Some(at);
        while let Some(at) = next {
            path.push(self.elements[at].name.as_str());
            next = self.elements[at].parent;
        }
        path.reverse();
        path
    }

    /// Whether the innermost elements around one, its own name included, are these, the outermost of them first. In a part of a
    /// configuration (`configSource`), whose root is the section, what would be around the root is taken to be there.
    pub fn ends_with<S: AsRef<str>>(&self, at: usize, names: &[S]) -> bool {
        let mut next = Some(at);
        for name in names.iter().rev() {
            match next {
                Some(at) if self.elements[at].name == name.as_ref() => next = self.elements[at].parent,
                None => return self.elements.first().is_some_and(|root| root.name != "configuration"),
                _ => return false,
            }
        }
        true
    }

    /// The `path` of the `location` element around one, if there is one.
    pub fn location(&self, at: usize) -> Option<&str> {
        let mut next = self.elements[at].parent;
        while let Some(at) = next {
            if self.elements[at].name == "location" {
                return Some(self.elements[at].attribute("path"));
            }
            next = self.elements[at].parent;
        }
        None
    }

    /// The children of one element, by their places.
    pub fn children(&self, of: usize) -> impl Iterator<Item = usize> + '_ {
        // Descendants follow their element, up to the first element that starts outside of it.
        (of + 1..self.elements.len())
            .take_while(move |&at| self.elements[at].parent.is_some_and(|parent| parent >= of))
            .filter(move |&at| self.elements[at].parent == Some(of))
    }
}

/// The attributes of an element, and what kept others from being read.
fn attributes(element: &BytesStart<'_>) -> (Vec<(String, String)>, Option<String>) {
    let mut found = Vec::new();
    for attribute in element.attributes().with_checks(false) {
        let attribute = match attribute {
            Ok(attribute) => attribute,
            Err(error) => return (found, Some(format!("attributes that are not well-formed ({error})"))),
        };
        if found.len() == MAX_ATTRIBUTES {
            return (found, Some(format!("more than {MAX_ATTRIBUTES} attributes: the rest was not read")));
        }
        let name = attribute.key.local_name().as_ref().to_owned();
        // A reference to an entity that the document declares stays as it is written.
        let value = attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_or_else(|_| attribute.value.to_string(), |value| value.into_owned());
        found.push((name, value));
    }
    (found, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_know_where_they_stand() {
        let text =
            r#"<a><location path="x/y"><h><add n="1&amp;2"/><add n="3"><k/></add></h></location><h><add/></h></a>"#;
        let document = Document::read(text.as_bytes());
        assert_eq!(document.broken, None);
        let adds: Vec<usize> =
            (0..document.elements.len()).filter(|at| document.ends_with(*at, &["h", "add"])).collect();
        assert_eq!(adds.len(), 3);
        assert_eq!(document.elements[adds[0]].attribute("n"), "1&2");
        assert_eq!(&text[document.elements[adds[0]].range.clone()], r#"<add n="1&amp;2"/>"#);
        assert_eq!((document.location(adds[1]), document.location(adds[2])), (Some("x/y"), None));
        assert_eq!(document.path(adds[1]), ["a", "location", "h", "add"]);
        let h = document.elements[adds[0]].parent.expect("has one");
        assert_eq!(document.children(h).collect::<Vec<_>>(), adds[..2]);
    }

    #[test]
    fn a_byte_order_mark_moves_nothing() {
        let text = "\u{FEFF}<a><b c='d'/></a>";
        let document = Document::parse(text);
        assert_eq!(&text[document.elements[1].range.clone()], "<b c='d'/>");
    }

    #[test]
    fn what_is_broken_keeps_what_came_before() {
        for (text, elements, says) in [
            ("<a><b/><c", 2, "not well-formed"),
            ("<a><b/>", 2, "ends inside"),
            ("MZ\0\0", 0, "not an XML document"),
            ("", 0, "not an XML document"),
            ("<a><b></a>", 2, "not well-formed"),
        ] {
            let document = Document::read(text.as_bytes());
            assert_eq!(document.elements.len(), elements, "{text}");
            assert!(
                document.broken.as_ref().is_some_and(|words| words.contains(says)),
                "{text}: {:?}",
                document.broken
            );
        }
    }

    #[test]
    fn entities_are_not_expanded_and_the_document_type_is_reported() {
        let text = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x y="&b;&b;"/>"#;
        let document = Document::read(text.as_bytes());
        assert!(document.has_document_type);
        assert_eq!(document.elements[0].attribute("y"), "&b;&b;");
    }

    #[test]
    fn number_depth_and_size_are_bounded() {
        let many = format!("<a>{}</a>", "<b/>".repeat(MAX_ELEMENTS + 5));
        let document = Document::read(many.as_bytes());
        assert!(document.elements.len() == MAX_ELEMENTS && document.broken.is_some());
        let deep = "<a>".repeat(100_000);
        assert!(Document::read(deep.as_bytes()).broken.is_some_and(|words| words.contains("levels")));
        let mut large = b"<a><b/>".to_vec();
        large.resize(MAX_BYTES + 100, b' ');
        let document = Document::read(&large);
        assert_eq!(document.elements.len(), 2);
        assert!(document.broken.is_some_and(|words| words.contains("16 MiB")));
    }

    #[test]
    fn utf16_is_read_and_children_cost_what_there_is() {
        let mut wide = vec![0xFF, 0xFE];
        wide.extend("<a><b c='ü'/></a>".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(Document::read(&wide).elements[1].attribute("c"), "ü");
    }
}
