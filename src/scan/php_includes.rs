//! PHP includes with a constant path: `include`, `require` and others with strings, `__DIR__`, `dirname(__FILE__)`, the
//! document root, and variables and constants assigned such once.

use std::ops::Range;

/// How many variables stand between an include and its text.
const MAX_DEPTH: usize = 4;
/// How many includes of one text are looked at.
const MOST: usize = 4_096;
/// How many places are looked at for the values of variables, over all includes of a text.
const MOST_PLACES: usize = 20_000;

/// An include and the path that it names. One that begins with `~/` goes from the root of the site on.
pub(super) fn find(text: &[u8]) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut places = MOST_PLACES;
    for word in [&b"include"[..], b"require"] {
        for at in positions(text, word).into_iter().take(MOST) {
            let before = at.checked_sub(1).map_or(0, |at| text[at]);
            if in_name(before) || b"$>:'\"\\".contains(&before) {
                continue;
            }
            let mut from = at + word.len();
            if text[from..].len() >= 5 && text[from..from + 5].eq_ignore_ascii_case(b"_once") {
                from += 5;
            }
            if text.get(from).is_some_and(|byte| in_name(*byte)) {
                continue;
            }
            let mut reader = Reader { text, at: from, places: &mut places };
            if let Some(path) = reader.value(0).filter(|path| !path.trim().is_empty()) {
                found.push((at..reader.at, path));
            }
        }
    }
    found.sort_by_key(|(range, _)| range.start);
    found
}

/// Where a word stands, in any case.
fn positions(text: &[u8], word: &[u8]) -> Vec<usize> {
    let (lower, upper) = (word[0], word[0].to_ascii_uppercase());
    let starts = memchr::memchr2_iter(lower, upper, text);
    starts
        .filter(|&at| text[at..].len() >= word.len() && text[at..at + word.len()].eq_ignore_ascii_case(word))
        .collect()
}

fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

struct Reader<'t> {
    text: &'t [u8],
    at: usize,
    places: &'t mut usize,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        loop {
            let rest = &self.text[self.at.min(self.text.len())..];
            self.at += rest.len() - rest.trim_ascii_start().len();
            let rest = &self.text[self.at..];
            if !rest.starts_with(b"/*") {
                return;
            }
            self.at += memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
        }
    }

    fn takes(&mut self, sign: u8) -> bool {
        self.blanks();
        let there = self.text.get(self.at) == Some(&sign);
        self.at += usize::from(there);
        there
    }

    /// Texts that are joined, to the end of the expression.
    fn value(&mut self, depth: usize) -> Option<String> {
        let mut value = String::new();
        loop {
            let mut open = 0;
            while open < 8 && self.takes(b'(') {
                open += 1;
            }
            value += &self.term(depth)?;
            while self.takes(b')') {}
            if !self.takes(b'.') {
                break;
            }
        }
        let ends = self.text.get(self.at).is_none_or(|byte| b";,)?]}".contains(byte));
        (ends && value.len() < 4096).then_some(value)
    }

    fn term(&mut self, depth: usize) -> Option<String> {
        self.blanks();
        match *self.text.get(self.at)? {
            quote @ (b'\'' | b'"') => self.literal(quote),
            b'$' => {
                let start = self.at;
                self.at += 1;
                let name = self.name();
                if name.eq_ignore_ascii_case(b"_SERVER") {
                    let rest = &self.text[self.at..self.text.len().min(self.at + 40)];
                    let end = memchr::memchr(b']', rest)?;
                    self.at += end + 1;
                    return memchr::memmem::find(&rest[..end], b"DOCUMENT_ROOT").map(|_| "~/".to_owned());
                }
                let name = self.text[start..self.at].to_vec();
                let mut value =
                    self.given(&name, depth, |rest| rest.strip_prefix(b"=").filter(|rest| !rest.starts_with(b"=")))?;
                self.appended(&name, depth, &mut value)?;
                Some(value)
            }
            byte if in_name(byte) => {
                let name = self.name().to_ascii_uppercase();
                match &name[..] {
                    b"__DIR__" => Some("./".to_owned()),
                    b"DIRECTORY_SEPARATOR" => Some("/".to_owned()),
                    b"DIRNAME" => self.folder(),
                    b"REALPATH" => {
                        self.takes(b'(');
                        self.value(depth)
                    }
                    _ => {
                        let quoted: Vec<Vec<u8>> =
                            [b'\'', b'"'].iter().map(|q| [&[*q], &name[..], &[*q]].concat()).collect();
                        let comma = |rest: &'_ [u8]| rest.first() == Some(&b',');
                        let mut found = None;
                        for name in &quoted {
                            found = found.or_else(|| {
                                self.given(name, depth, |rest| if comma(rest) { Some(&rest[1..]) } else { None })
                            });
                        }
                        found
                    }
                }
            }
            _ => None,
        }
    }

    fn name(&mut self) -> &[u8] {
        let start = self.at;
        self.at += self.text[start..].iter().take_while(|byte| in_name(**byte)).count();
        &self.text[start..self.at]
    }

    /// Behind `dirname`: of this file or folder, so many times.
    fn folder(&mut self) -> Option<String> {
        if !self.takes(b'(') {
            return None;
        }
        let (mut deep, mut up) = (1, 0);
        loop {
            self.blanks();
            match &self.name().to_ascii_uppercase()[..] {
                b"DIRNAME" if deep < 32 && self.takes(b'(') => deep += 1,
                b"__FILE__" => break,
                b"__DIR__" => {
                    up += 1;
                    break;
                }
                _ => return None,
            }
        }
        up += deep - 1;
        while deep > 0 {
            if self.takes(b',') {
                self.blanks();
                let count: usize = std::str::from_utf8(self.name()).ok()?.parse().ok()?;
                up += count.clamp(1, 64) - 1;
            }
            if !self.takes(b')') {
                break;
            }
            deep -= 1;
        }
        Some(format!("./{}", "../".repeat(up)))
    }

    fn literal(&mut self, quote: u8) -> Option<String> {
        let start = self.at + 1;
        let mut bytes = Vec::new();
        let mut i = start;
        loop {
            match *self.text.get(i)? {
                byte if byte == quote => break,
                b'$' if quote == b'"' => return None,
                b'\\' => {
                    let next = *self.text.get(i + 1)?;
                    let hex = |n: usize| self.text.get(i + 2..i + 2 + n).and_then(|d| std::str::from_utf8(d).ok());
                    match next {
                        b'\\' | b'\'' | b'"' => bytes.push(next),
                        b'x' if quote == b'"' => {
                            bytes.push(u8::from_str_radix(hex(2)?, 16).ok()?);
                            i += 2;
                        }
                        b'0'..=b'7' if quote == b'"' => {
                            let digits = self.text[i + 1..].iter().take(3).take_while(|d| (b'0'..=b'7').contains(*d));
                            let value = digits.clone().fold(0u32, |value, digit| value * 8 + u32::from(digit - b'0'));
                            bytes.push(value as u8);
                            i += digits.count() - 1;
                        }
                        _ => bytes.extend([b'\\', next]),
                    }
                    i += 1;
                }
                byte => bytes.push(byte),
            }
            i += 1;
            if i - start > 4096 {
                return None;
            }
        }
        self.at = i + 1;
        String::from_utf8(bytes).ok()
    }

    /// The text that a variable or a constant is given, at the first place that gives it one.
    fn given(&mut self, name: &[u8], depth: usize, opens: impl Fn(&[u8]) -> Option<&[u8]>) -> Option<String> {
        if depth >= MAX_DEPTH {
            return None;
        }
        for at in memchr::memmem::find_iter(self.text, name) {
            *self.places = self.places.checked_sub(1)?;
            let rest = self.text[at + name.len()..].trim_ascii_start();
            let Some(behind) = opens(rest) else { continue };
            let at = self.text.len() - behind.len();
            let mut reader = Reader { text: self.text, at, places: self.places };
            if let Some(value) = reader.value(depth + 1) {
                return Some(value);
            }
        }
        None
    }

    /// Adds what `.=` appends to a variable, in the order of the text. `None` if that cannot be determined: then nothing is known.
    fn appended(&mut self, name: &[u8], depth: usize, value: &mut String) -> Option<()> {
        for at in memchr::memmem::find_iter(self.text, name) {
            *self.places = self.places.checked_sub(1)?;
            let behind = &self.text[at + name.len()..];
            if behind.first().is_some_and(|byte| in_name(*byte)) {
                continue;
            }
            if let Some(behind) = behind.trim_ascii_start().strip_prefix(b".=") {
                let at = self.text.len() - behind.len();
                let more = Reader { text: self.text, at, places: self.places }.value(depth + 1)?;
                value.push_str(&more);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn paths_are_put_together_as_the_text_says() {
        let one = |text: &str| find(text.as_bytes()).into_iter().map(|(_, path)| path).collect::<Vec<_>>();
        assert_eq!(one("<?php include \"C:/none/i.dat\"; ?>"), ["C:/none/i.dat"]);
        assert_eq!(one("<?php Require_Once ( __DIR__ . '/../a' . \".txt\" );"), [".//../a.txt"]);
        assert_eq!(one("<?php include(dirname(__FILE__).'/a.txt');"), [".//a.txt"]);
        assert_eq!(one("<?php include dirname(dirname(__FILE__)) . '/a.txt';"), ["./..//a.txt"]);
        assert_eq!(one("<?php include $_SERVER['DOCUMENT_ROOT'] . '/a.txt';"), ["~//a.txt"]);
        assert_eq!(one("<?php define('P', 'C:/none'); $f = P . '/i.dat'; include $f;"), ["C:/none/i.dat"]);
        assert_eq!(one("<?php $f = 'C:/no'; $f .= 'ne/i' . '.dat'; include $f;"), ["C:/none/i.dat"]);
        assert_eq!(one("<?php $d = __DIR__ . '/src'; $d .= '/' . f($c); include $d;"), [""; 0]);
        assert_eq!(one("<?php include \"C:\\\\none\\\\\\x69.dat\";"), ["C:\\none\\i.dat"]);
        assert_eq!(
            one(
                "<?php include $_GET['a']; $this->include('a'); include_path('a'); include \"$a.php\"; include f('a');"
            ),
            [""; 0]
        );
    }

    #[test]
    fn endless_includes_are_read_in_bounded_time() {
        let begin = std::time::Instant::now();
        find(&b"include $a; ".repeat(100_000));
        find(&b"$a = $b; $b = $a; include $a . ".repeat(20_000));
        find(&b"include (((((dirname(dirname(".repeat(20_000));
        assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
    }
}
