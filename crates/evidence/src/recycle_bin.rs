//! The recycle bin of Windows: `$Recycle.Bin\SID\$RABC.aspx` is what was deleted, `$IABC.aspx` beside it says where it was, how large it was
//! and when it was deleted. The format is read by [`shellsift_ntfs::recycle`].

use crate::evidence::Content;
use crate::model::server_path::same_name;
use crate::model::wide_name::escape_units;
use crate::model::{Recycled, ServerPath, Timestamp};
use shellsift_ntfs::recycle::{self, MAX_BYTES};
use std::io::{self, Read};

/// The folder in the root of each volume.
const NAME: &str = "$Recycle.Bin";
/// How the names of what was deleted and of its record begin.
const CONTENT: char = 'R';
const RECORD: char = 'I';

/// The place of a path in a recycle bin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BinItem {
    /// The folder of the user.
    pub folder: ServerPath,
    /// The name of the item in that folder: `$RABC.aspx`, or `$RABC` of a folder that was deleted.
    pub name: String,
    /// The names below it, of what lies in a deleted folder.
    pub below: Vec<String>,
}

impl BinItem {
    /// The item that a path is, or lies in; `None` of what lies in no folder of a user in a recycle bin.
    pub fn of(path: &ServerPath) -> Option<Self> {
        let mut names: Vec<String> = Vec::new();
        let mut at = path.clone();
        loop {
            let folder = at.parent()?;
            if same_name(folder.name(), NAME) {
                names.reverse();
                let mut names = names.into_iter();
                return Some(Self { folder: at, name: names.next()?, below: names.collect() });
            }
            names.push(at.name().to_owned());
            at = folder;
        }
    }

    /// Where it is.
    pub fn path(&self) -> ServerPath {
        self.folder.join(&self.name)
    }

    /// Whether it is something that was deleted: `$RABC.aspx`.
    pub fn is_content(&self) -> bool {
        self.is(CONTENT)
    }

    /// Whether it is the record of a deletion: `$IABC.aspx`.
    pub fn is_record(&self) -> bool {
        self.below.is_empty() && self.is(RECORD)
    }

    /// The record of what was deleted.
    pub fn record(&self) -> ServerPath {
        self.other(RECORD)
    }

    /// What a record is about.
    pub fn content(&self) -> ServerPath {
        self.other(CONTENT)
    }

    fn is(&self, letter: char) -> bool {
        let mut begin = self.name.chars();
        begin.next() == Some('$')
            && begin.next().is_some_and(|own| own.eq_ignore_ascii_case(&letter))
            && begin.next().is_some()
    }

    fn other(&self, letter: char) -> ServerPath {
        let rest: String = self.name.chars().skip(2).collect();
        self.folder.join(&format!("${letter}{rest}"))
    }

    /// The security identifier of the user, where the folder is called so.
    fn user(&self) -> Option<String> {
        let name = self.folder.name();
        let numbers = name.get(..4).filter(|start| start.eq_ignore_ascii_case("S-1-")).and(name.get(4..))?;
        let is_sid = !numbers.is_empty() && numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        is_sid.then(|| name.to_ascii_uppercase())
    }

    /// Reads the record of this item out of its content.
    ///
    /// # Errors
    /// What reading says, and [`io::ErrorKind::InvalidData`] with the reason where it is no record of a recycle bin.
    pub fn read(&self, record: Content) -> io::Result<Recycled> {
        let wrong = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
        let mut bytes = Vec::new();
        record.reader.take(MAX_BYTES as u64).read_to_end(&mut bytes)?;
        let discarded = recycle::read(&bytes).map_err(|error| wrong(error.to_string()))?;
        let original = original(&discarded.path).filter(|_| !discarded.truncated);
        let original = original.ok_or_else(|| wrong("the path in it is no path on a drive".to_owned()))?;
        let original = self.below.iter().fold(original, |path, name| path.join(name));
        Ok(Recycled { original, user: self.user(), time: Timestamp::from_filetime(discarded.time) })
    }
}

/// An absolute path of units of UTF-16. Windows writes it without `.` and `..`: one that has them is not Windows'.
fn original(path: &[u16]) -> Option<ServerPath> {
    let mut names = path.split(|unit| *unit == u16::from(b'\\'));
    let drive = names.next()?;
    let letter = drive.first().and_then(|unit| char::from_u32(u32::from(*unit))).filter(char::is_ascii_alphabetic)?;
    if drive.get(1..) != Some(&[u16::from(b':')]) {
        return None;
    }
    let mut original = ServerPath::drive(letter);
    for name in names.filter(|name| !name.is_empty()) {
        if name.iter().all(|unit| *unit == u16::from(b'.')) {
            return None;
        }
        original = original.join(&escape_units(name));
    }
    original.parent().is_some().then_some(original)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    fn record(original: &str) -> Content {
        let units: Vec<u16> = original.encode_utf16().chain([0]).collect();
        let mut bytes = [2_u64.to_le_bytes(), 7_u64.to_le_bytes(), 132_592_283_613_071_234_u64.to_le_bytes()].concat();
        bytes.extend((units.len() as u32).to_le_bytes());
        bytes.extend(units.into_iter().flat_map(u16::to_le_bytes));
        let size = bytes.len() as u64;
        Content { reader: Box::new(io::Cursor::new(bytes)), size, changed: None, inode: None, holes: 0 }
    }

    #[test]
    fn an_item_is_found_from_what_lies_in_it() {
        let bin = r"C:\$RECYCLE.BIN\S-1-5-21-1-2-3-500";
        let item = |name: &str| BinItem::of(&path(&format!(r"{bin}\{name}")));
        let page = item("$RABC.aspx").expect("an item");
        assert!(page.is_content() && !page.is_record());
        assert_eq!(page.record(), path(&format!(r"{bin}\$IABC.aspx")));
        let note = item("$iabc.aspx").expect("an item");
        assert_eq!((note.is_record(), note.content()), (true, path(&format!(r"{bin}\$Rabc.aspx"))));
        let inside = item(r"$RXYZ\a\x.aspx").expect("in a folder");
        assert_eq!((inside.path(), inside.below.len()), (path(&format!(r"{bin}\$RXYZ")), 2));
        assert!(item("desktop.ini").is_some_and(|item| !item.is_content() && !item.is_record()));
        for none in [bin, r"C:\$Recycle.Bin", r"C:\inetpub\x.aspx", r"C:\"] {
            assert_eq!(BinItem::of(&path(none)), None, "{none}");
        }
    }

    #[test]
    fn a_record_tells_where_who_and_when() {
        let item = BinItem::of(&path(r"C:\$Recycle.Bin\s-1-5-21-9-500\$RX\in.aspx")).expect("an item");
        let recycled = item.read(record(r"D:\web\old")).expect("read");
        assert_eq!(recycled.original, path(r"D:\web\old\in.aspx"));
        assert_eq!(recycled.user.as_deref(), Some("S-1-5-21-9-500"));
        assert_eq!(recycled.time.map(|time| time.to_string()).as_deref(), Some("2021-03-03T06:59:21.3071234Z"));
        let other = BinItem::of(&path(r"C:\$Recycle.Bin\S-1-x\$RX")).expect("an item");
        assert_eq!(other.read(record(r"D:\web\old")).expect("read").user, None);
        for wrong in ["", r"\\host\share\x", r"C:\", r"C:\a\..\x", "C:x", r"1:\x"] {
            assert_eq!(item.read(record(wrong)).map_err(|e| e.kind()), Err(io::ErrorKind::InvalidData), "{wrong}");
        }
    }
}
