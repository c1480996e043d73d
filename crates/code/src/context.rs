//! The input of an examination: the views of a file, and which of them contain server code.

use crate::decode::View;
use crate::model::place::kind;
use crate::model::{Location, LocationRole};
use crate::page::{ServerCode, may_be_a_page, server_code};
use std::cell::OnceCell;
use std::ops::Range;

/// What detectors look at: the views of a piece of a file, the stored bytes first, and what several of them ask of it.
pub struct ScanContext<'s, 'v> {
    /// The views.
    pub views: &'s [View<'v>],
    code: OnceCell<Vec<Option<ServerCode>>>,
}

impl<'s, 'v> ScanContext<'s, 'v> {
    /// Of these views.
    pub fn new(views: &'s [View<'v>]) -> Self {
        Self { views, code: OnceCell::new() }
    }

    /// The surest server code marker in each view, searched for once.
    pub fn server_code(&self) -> &[Option<ServerCode>] {
        // A program that is written as a page for the reader is no page.
        let mark = |view: &View<'_>| server_code(&view.bytes).filter(|_| !view.is_program_code());
        self.code.get_or_init(|| self.views.iter().map(mark).collect())
    }

    /// Whether any view can be a page under this name.
    pub fn may_be_a_page(&self, name: &str) -> bool {
        self.server_code().iter().any(|code| may_be_a_page(name, *code))
    }

    /// Whether the stored bytes begin as a Windows program does.
    pub fn begins_as_program(&self) -> bool {
        self.views.first().is_some_and(|view| view.bytes.starts_with(b"MZ"))
    }

    /// Whether the stored bytes are a Windows program that is no page by its name, nor by what it holds. Two letters in front
    /// of a page make no program, and what IIS runs by its name it runs whatever it begins with.
    pub fn is_program(&self, name: &str) -> bool {
        let is_one = self.begins_as_program()
            && self.views.first().is_some_and(|view| has_program_header(&view.bytes))
            && !kind::is_web(name);
        is_one && (kind::is_program(name) || !self.may_be_a_page(name))
    }
}

/// Whether the header that `MZ` opens leads to the header of a program of Windows (Microsoft, "PE Format": the field `e_lfanew`),
/// or to one of the kinds before it.
fn has_program_header(bytes: &[u8]) -> bool {
    let field = bytes.get(0x3C..0x40).and_then(|field| field.try_into().ok()).map(u32::from_le_bytes);
    let header = field.and_then(|at| bytes.get(at as usize..));
    header.is_some_and(|header| [&b"PE\0\0"[..], b"NE", b"LE", b"LX"].iter().any(|mark| header.starts_with(mark)))
}

/// A piece of a view as a location, with at most `longest` bytes of its text.
pub fn piece(view: &View<'_>, range: Range<usize>, longest: usize, role: Option<LocationRole>) -> Location {
    let stored = view.stored_range(range.start, range.end);
    Location {
        offset: stored.start,
        length: stored.end - stored.start,
        encodings: view.encodings.clone(),
        line: Some(view.line(range.start)),
        excerpt: view.excerpt(range.start, range.end, longest),
        role,
    }
}
