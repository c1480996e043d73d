//! The templates, and how text gets into them: whatever is not of this program is made visible, bounded and escaped, all in one
//! place, so that no field of a view can be forgotten.

use super::assets::{SCRIPT, STYLE};
use super::facts::number;
use crate::text::{grouped, plain};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior, escape_formatter};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::io;

/// The longest text of one place of the page, in characters. Even a path can be longer: Windows allows 32,767.
const LONGEST: usize = 4_000;

/// The parts of the page, in the order in which they are written.
const PARTS: [(&str, &str); 5] = [
    ("top.html", include_str!("page/top.html")),
    ("finding.html", include_str!("page/finding.html")),
    ("between.html", include_str!("page/between.html")),
    ("hit.html", include_str!("page/hit.html")),
    ("bottom.html", include_str!("page/bottom.html")),
];

/// The page as templates.
pub(super) struct Page {
    environment: Environment<'static>,
}

impl Page {
    pub(super) fn new() -> io::Result<Self> {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(io_error)?;
        environment.set_syntax(syntax);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        // A field that a view does not have is a mistake, not an empty place.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_formatter(format);
        environment.add_filter("grouped", grouped);
        environment.add_filter("number", |count: u64, one: String, many: String| number(count, &one, &many));
        for (name, source) in PARTS {
            environment.add_template(name, source).map_err(io_error)?;
        }
        environment.add_global("style", Value::from_safe_string(STYLE.to_owned()));
        environment.add_global("script", Value::from_safe_string(SCRIPT.to_owned()));
        environment.add_global("style_digest", Value::from_safe_string(digest(STYLE)));
        environment.add_global("script_digest", Value::from_safe_string(digest(SCRIPT)));
        Ok(Self { environment })
    }

    /// A part of the page with what this view has for it.
    pub(super) fn render(&self, part: &str, view: &impl Serialize) -> io::Result<String> {
        let template = self.environment.get_template(part).map_err(io_error)?;
        template.render(Serde(view)).map_err(io_error)
    }
}

/// The digest by which a content security policy allows this text (CSP 3, 2.3.1), in base64.
pub(super) fn digest(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}

fn io_error(error: Error) -> io::Error {
    io::Error::other(format!("{error:#}"))
}

/// Writes a value: text is shown as [`plain`] text of a bounded length, and then escaped for HTML.
fn format(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let Some(text) = value.as_str().filter(|_| !value.is_safe()) else {
        return escape_formatter(out, state, value);
    };
    let text = shown(text);
    // The formatter of the template engine escapes slashes too, which the page is full of.
    match text.contains(['<', '>', '&', '"', '\'']) {
        false => Ok(out.write_str(&text)?),
        true => escape_formatter(out, state, &Value::from(text.into_owned())),
    }
}

/// Text as the page has it.
fn shown(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(plain(&bounded(text, LONGEST)))
}

/// Text of at most so many characters; what is not shown is counted.
pub(super) fn bounded(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        None => Cow::Borrowed(text),
        Some((at, _)) => {
            let (head, rest) = text.split_at(at);
            let more = grouped(rest.chars().count() as u64);
            Cow::Owned(format!("{head} ... [{more} more characters are not shown]"))
        }
    }
}
