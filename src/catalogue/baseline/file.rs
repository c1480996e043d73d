//! Baseline files: the output of `baseline build`, and the CSV of Microsoft's CompareExchangeHashes.
//!
//! A row is `SHA256,build,\path\below\the\installation`, as in the baselines of microsoft/CSS-Exchange: hexadecimal in any
//! case, the build as `15.2.721.2` or `15.02.0721.002`, UTF-8 or UTF-16 with a byte order mark; the last line is ended, or
//! the table was cut off. Our own files begin with `# shellsift baseline 1` and end with `# end N rows`, so that one which was
//! cut off at a line is known by it too.

use super::{Build, Sha256, Table, place};
use crate::catalogue::builds;
use crate::model::server_path::fold;
use std::collections::HashMap;
use std::io::{self, Read, Write};

const BEGIN: &str = "# shellsift baseline 1";
const END: &str = "# end ";
/// A table is read whole: Microsoft's largest has 2.2 MB, and all of them together 200.
const LARGEST: u64 = 512 << 20;

/// A table file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BrokenTable {
    /// It could not be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What is wrong, and in which line, from 1.
    #[error("line {line}: {what}")]
    Line {
        /// The line.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
}

fn broken(line: usize, what: impl Into<String>) -> BrokenTable {
    BrokenTable::Line { line, what: what.into() }
}

/// Reads a table file. One broken line refuses the whole: half a table would call the other half unknown.
pub fn read_table(reader: impl Read) -> Result<Table, BrokenTable> {
    let mut bytes = Vec::new();
    reader.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(broken(0, format!("larger than {} MiB", LARGEST >> 20)));
    }
    let (text, _, malformed) = encoding_rs::UTF_8.decode(&bytes);
    if malformed {
        let line = 1 + text.lines().position(|line| line.contains(char::REPLACEMENT_CHARACTER)).unwrap_or(0);
        return Err(broken(line, "not a text file"));
    }
    let mut builds: Vec<Build> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut files = Vec::new();
    let mut own = false;
    let mut ended = false;
    let mut number = 0;
    for (at, line) in text.lines().enumerate() {
        number = at + 1;
        let line = line.trim_end();
        if ended && !line.is_empty() {
            return Err(broken(number, "data after the end of the table"));
        }
        if at == 0 && line == BEGIN {
            own = true;
            continue;
        }
        if let Some(rest) = line.strip_prefix(END).filter(|_| own) {
            let said: Option<usize> = rest.strip_suffix(" rows").and_then(|rows| rows.parse().ok());
            if said != Some(files.len()) {
                return Err(broken(number, format!("the table has {} rows, its footer says \"{rest}\"", files.len())));
            }
            ended = true;
            continue;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (path, sha256, build) = row(line).map_err(|what| broken(number, what))?;
        let next = builds.len();
        let build = *places.entry(build).or_insert_with_key(|name| {
            builds.push(Build { name: name.clone(), about: String::new() });
            next
        });
        files.push((path, sha256, build));
    }
    if own && !ended {
        return Err(broken(number, "the table is truncated: it has no footer"));
    }
    if files.is_empty() {
        return Err(broken(number, "the table has no rows"));
    }
    if !text.ends_with('\n') {
        return Err(broken(number, "the last line is incomplete: the table is truncated"));
    }
    Ok(Table::from_files(builds, files.into_iter()))
}

fn row(line: &str) -> Result<(String, Sha256, String), &'static str> {
    let mut fields = line.splitn(3, ',').map(|field| field.trim().trim_matches('"'));
    let mut field = || fields.next().unwrap_or_default();
    let (hash, build, path) = (field(), field(), field());
    let mut sha256 = [0; 32];
    hex::decode_to_slice(hash, &mut sha256).map_err(|_| "no SHA-256 in the first field")?;
    if build.is_empty() || build.len() > 64 || build.chars().any(char::is_control) {
        return Err("no build in the second field");
    }
    let path = fold(&path.replace('/', "\\"));
    let path = path.strip_prefix('\\').unwrap_or(&path);
    if path.is_empty() || path.len() > 1024 || path.ends_with('\\') || path.chars().any(char::is_control) {
        return Err("no path below the installation in the third field");
    }
    Ok((place(path), sha256, short(build)))
}

/// `15.02.0721.002` is `15.2.721.2`; a name that is no version stays.
fn short(build: &str) -> String {
    builds::Build::parse(build).map_or_else(|| build.to_owned(), |build| build.to_string())
}

/// Writes a table of one build: the rows as they come, paths below the installation folder with a leading backslash.
/// Gives the number of rows.
pub fn write_table(
    out: &mut dyn Write,
    build: &str,
    rows: impl Iterator<Item = (Sha256, String)>,
) -> io::Result<usize> {
    writeln!(out, "{BEGIN}")?;
    let mut count = 0;
    for (sha256, path) in rows {
        writeln!(out, "{},{build},\\{path}", hex::encode_upper(sha256))?;
        count += 1;
    }
    writeln!(out, "{END}{count} rows")?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: &str = "5E132F7121BDF85DC49B4CB6DAB2AA3D1D100F89C3A2899A501315CC6ED39204";
    const B: &str = "690da2b24f565f0e1ee77b77f33214d936e247c2e73523246d91e33ca8edf273";

    fn read(bytes: &[u8]) -> Result<Table, String> {
        read_table(bytes).map_err(|error| error.to_string())
    }

    #[test]
    fn microsofts_csv_is_read_as_it_is() {
        let text = format!(
            "{A},15.02.0721.002,\\ClientAccess\\Owa\\prem\\15.2.721.2\\x.js\r\n{B},15.2.792.3,\\FrontEnd\\a.aspx\r\n"
        );
        let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
        let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        for bytes in [text.as_bytes(), &wide, &big, &marked] {
            let table = read(bytes).expect("a table");
            let names: Vec<_> = table.builds.iter().map(|build| build.name.as_str()).collect();
            assert_eq!((table.len(), names), (2, vec!["15.2.721.2", "15.2.792.3"]));
            assert!(table.has_path(r"clientaccess\owa\prem\version\x.js") && table.has_path(r"frontend\a.aspx"));
        }
    }

    #[test]
    fn our_own_table_comes_back_and_one_that_is_cut_off_is_refused() {
        let mut bytes = Vec::new();
        let mut sha256 = [0; 32];
        hex::decode_to_slice(A, &mut sha256).expect("a hash");
        let rows = [(sha256, r"FrontEnd\a,b.aspx".to_owned()), ([7; 32], "x".to_owned())];
        assert_eq!(write_table(&mut bytes, "MAIL01 golden", rows.into_iter()).expect("memory"), 2);
        let table = read(&bytes).expect("a table");
        assert_eq!(table.builds[0].name, "MAIL01 golden");
        assert!(table.builds_of(r"frontend\a,b.aspx", &sha256).is_some());
        let text = String::from_utf8(bytes).expect("text");
        for cut in 24..text.trim_end().len() {
            let error = read(&text.as_bytes()[..cut]).err().unwrap_or_else(|| panic!("cut at {cut}"));
            assert!(error.starts_with("line "), "{error}");
        }
    }

    #[test]
    fn a_broken_line_refuses_the_table_and_is_named() {
        for (text, said) in [
            ("", "line 0: the table has no row"),
            ("\0\0\0\0", "line 1: no SHA-256"),
            ("\u{0}PK\u{3}", "line 1"),
            (&format!("{A},15.2.721.2,\\a.aspx\n{},15.2.721.2,\\b.aspx", &A[..63]), "line 2: no SHA-256"),
            (&format!("{A},15.2.721.2,\\a.aspx\n{B},,\\b.aspx"), "line 2: no build"),
            (&format!("{A},15.2.721.2,\\a.aspx\n{B},15.2.721.2"), "line 2: no path"),
            (&format!("{A},15.2.721.2,\\a.aspx\n{B},15.2.721.2,\\Client"), "line 2: the last line is incomplete"),
            (&format!("{BEGIN}\n{A},x,\\a\n# end 2 rows\n"), "line 3: the table has 1 rows"),
            (&format!("{BEGIN}\n{A},x,\\a\n# end 1 rows\n{A},x,\\b\n"), "line 4: data after"),
        ] {
            let error = read(text.as_bytes()).err().unwrap_or_else(|| panic!("refused: {text}"));
            assert!(error.starts_with(said), "{text:?}: {error}");
        }
        assert!(read(b"\xFF\xFF\xFF").is_err());
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0usize..200) {
            let _ = read(&bytes);
            let text = format!("{BEGIN}\n{A},15.2.721.2,\\a.aspx\n# end 1 rows\n");
            let _ = read(&[&text.as_bytes()[..cut.min(text.len())], &bytes].concat());
        }
    }
}
