//! Names as collectors write them.
//!
//! Velociraptor escapes what other systems refuse in a name (`SanitizeStringForZip` of utils/sanitize.go): `C%3A`, `%2Ehidden`, `100%25`.

use crate::archive::names::escape;

/// What a name was before Velociraptor escaped it. Takes and gives an escaped name of the evidence; what is no escape stays.
pub(super) fn unescaped(name: &str) -> String {
    if !name.contains('%') {
        return name.to_owned();
    }
    let (mut out, mut bytes) = (String::with_capacity(name.len()), Vec::new());
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        let code = rest
            .strip_prefix('%')
            .and_then(|hex| hex.get(..2))
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = rest.get(3..).unwrap_or_default();
            }
            None => {
                out.push_str(&escape(&bytes).0);
                bytes.clear();
                out.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    out.push_str(&escape(&bytes).0);
    match out.as_str() {
        "." | ".." => out.replace('.', "<2E>"),
        "" => "<>".to_owned(),
        _ => out,
    }
}

/// A path of the server as records of collectors have it: its drive letter and the names below, folded and escaped, `/` between them.
/// `\\.\C:\...` and `\\?\C:\...` are the same path by the raw disk.
pub(super) fn key(path: &str) -> Option<(char, String)> {
    let path = ["\\\\.\\", "\\\\?\\"].iter().find_map(|prefix| path.strip_prefix(prefix)).unwrap_or(path);
    let mut chars = path.chars();
    let letter = chars.next().filter(char::is_ascii_alphabetic)?;
    let rest = chars.as_str().strip_prefix(':').filter(|rest| rest.is_empty() || rest.starts_with(['\\', '/']))?;
    let names = rest.split(['\\', '/']).filter(|name| !name.is_empty()).map(|name| escape(name.as_bytes()).0);
    let path = names.collect::<Vec<_>>().join("/");
    Some((letter.to_ascii_uppercase(), crate::model::server_path::fold(&path)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_escaped_comes_back_and_nothing_leads_out() {
        for (name, was) in [
            ("C%3A", "C:"),
            ("%5C%5C.%5CC%3A", "<5C><5C>.<5C>C:"),
            ("percent%2541.aspx", "percent%41.aspx"),
            ("%2Ehidden.aspx", ".hidden.aspx"),
            ("trailing.aspx%2E", "trailing.aspx."),
            ("$UsnJrnl%3A$J", "$UsnJrnl:$J"),
            ("%D0%BE.aspx", "о.aspx"),
            ("%FF", "<FF>"),
            ("..%2F..%2Fup.aspx", "..<2F>..<2F>up.aspx"),
            ("%2E%2E", "<2E><2E>"),
            ("%2E", "<2E>"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("a%00b", "a<00>b"),
            ("<5C>%20", "<5C> "),
            ("ошибка", "ошибка"),
            ("%é3", "%é3"),
        ] {
            assert_eq!(unescaped(name), was, "{name}");
        }
    }

    #[test]
    fn paths_of_records_are_one_however_they_were_read() {
        let expected = Some(('C', "inetpub/wwwroot/x.aspx".to_owned()));
        for path in [r"C:\inetpub\wwwroot\x.aspx", r"\\.\C:\Inetpub\wwwroot\X.aspx", r"\\?\c:\inetpub\\wwwroot\x.aspx"]
        {
            assert_eq!(key(path), expected, "{path}");
        }
        assert_eq!(key(r"\\.\C:\$Extend\$UsnJrnl:$J"), Some(('C', "$extend/$usnjrnl:$j".to_owned())));
        for path in ["", "C", "C:x", r"\\server\share\x", "/etc/passwd", r"\\?\GLOBALROOT\Device\x", "é:\\"] {
            assert_eq!(key(path), None, "{path}");
        }
    }
}
