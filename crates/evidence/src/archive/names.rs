//! Names of members as names of the evidence. Nothing an archive says leads out of it: what would is kept as text.

use super::tree::LONGEST;

/// A name of a member, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Escaped names, as [`crate::model::ServerPath`] has them.
    pub(crate) names: Vec<String>,
    /// Whether it would lead out of the folder that it is unpacked to.
    pub(crate) climbs: bool,
    /// Whether it has characters that no name on Windows can have.
    pub(crate) odd: bool,
    /// Whether it stands for a folder by its end.
    pub(crate) is_folder: bool,
}

/// Takes the name of a member apart. `backslash`: it separates too, as archivers on Windows write it.
///
/// A root before it and `.` are dropped, as every archiver does; `..` becomes a name that only looks like it.
pub(crate) fn taken(raw: &[u8], backslash: bool) -> Taken {
    let is_separator = |byte: &u8| *byte == b'/' || backslash && *byte == b'\\';
    let mut taken = Taken { is_folder: raw.last().is_some_and(is_separator), ..Taken::default() };
    // What is longer is refused by the tree, whatever it is.
    let raw = raw.get(..LONGEST + 1).unwrap_or(raw);
    for name in raw.split(is_separator) {
        match name {
            b"" | b"." => {}
            b".." => {
                taken.climbs = true;
                taken.names.push("<2E><2E>".to_owned());
            }
            name => {
                let (name, odd) = escape(name);
                taken.odd |= odd;
                taken.names.push(name);
            }
        }
    }
    taken
}

/// One name, escaped, and whether anything but separators and angle brackets had to be.
pub(crate) fn escape(name: &[u8]) -> (String, bool) {
    let mut text = String::with_capacity(name.len());
    let mut odd = false;
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '<' | '\\' | '/' => text.push_str(&format!("<{:02X}>", u32::from(c))),
                // No name on Windows has one, a terminal and a program in C may take it for something else.
                '\0'..='\x1f' | '\x7f' => {
                    odd = true;
                    text.push_str(&format!("<{:02X}>", u32::from(c)));
                }
                c => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            odd = true;
            text.push_str(&format!("<{byte:02X}>"));
        }
    }
    (text, odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(raw: &[u8], backslash: bool) -> String {
        taken(raw, backslash).names.join("|")
    }

    #[test]
    fn no_name_leads_out() {
        assert_eq!(names(b"../../out.aspx", false), "<2E><2E>|<2E><2E>|out.aspx");
        assert!(taken(b"a/../b", false).climbs && !taken(b"a/..b", false).climbs);
        assert_eq!(names(b"/etc/absolute.aspx", false), "etc|absolute.aspx");
        assert_eq!(names(b"a/./b//c.aspx", false), "a|b|c.aspx");
        assert_eq!(names(b"C:\\w\\..\\x", true), "C:|w|<2E><2E>|x");
        assert_eq!(names(b"C:\\w\\..\\x", false), "C:<5C>w<5C>..<5C>x");
        assert!(taken(b"folder/", false).is_folder && !taken(b"folder", false).is_folder);
        assert_eq!(taken(b"/", false).names.len(), 0);
    }

    #[test]
    fn what_is_no_text_is_kept_as_bytes() {
        assert_eq!(names(b"x.aspx\0.txt", false), "x.aspx<00>.txt");
        assert_eq!(names(b"\x1b[2J<b>", false), "<1B>[2J<3C>b>");
        assert_eq!(names(b"caf\xe9", false), "caf<E9>");
        assert!(taken(b"a\nb", false).odd && !taken("oшибка’.aspx".as_bytes(), false).odd);
        assert_eq!(names("ошибка".as_bytes(), false), "ошибка");
    }
}
