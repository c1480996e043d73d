//! Small pages of string functions, made from bytes: each byte chooses the next piece, so that a change of one byte changes
//! one piece and the page stays a program.

/// The depth of nested calls.
const DEEPEST: usize = 12;
/// How long a page may get.
const LONGEST: usize = 1 << 16;

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "-1",
    "65",
    "255",
    "65536",
    "2147483647",
    "4294967296",
    "-9223372036854775808",
    "1000000",
    "x",
];
const TEXTS: &[&str] = &[
    "",
    "a",
    "abc",
    "a,b,c",
    "{0}{1}{",
    "%41%u0042%",
    "YWJj",
    "&H41",
    "-9223372036854775808",
    "9223372036854775807",
    "\u{e4}\u{20ac}\u{1f600}",
    "x = 1 : y = \"\"2\"\"",
    "Response.Write(1)",
];

/// Functions of VBScript and Visual Basic with the number of their arguments.
const BASIC: &[(&str, usize)] = &[
    ("Chr", 1),
    ("ChrW", 1),
    ("Asc", 1),
    ("Mid", 2),
    ("Mid", 3),
    ("Left", 2),
    ("Right", 2),
    ("StrReverse", 1),
    ("Replace", 3),
    ("Split", 2),
    ("Split", 1),
    ("Join", 2),
    ("Join", 1),
    ("Array", 3),
    ("LCase", 1),
    ("UCase", 1),
    ("Trim", 1),
    ("CStr", 1),
    ("CInt", 1),
    ("CLng", 1),
    ("Hex", 1),
    ("Space", 1),
    ("String", 2),
    ("Unescape", 1),
    ("Len", 1),
];
/// Of C# and JScript; the first argument of a member is its object.
const BRACES: &[(&str, usize)] = &[
    (".Substring", 2),
    (".Substring", 3),
    (".substr", 3),
    (".slice", 2),
    (".Replace", 3),
    (".split", 2),
    (".join", 2),
    (".concat", 3),
    (".reverse", 1),
    (".ToLower", 1),
    (".ToUpper", 1),
    (".Trim", 1),
    (".ToString", 1),
    (".ToCharArray", 1),
    (".Remove", 2),
    (".Remove", 3),
    (".charAt", 2),
    (".charCodeAt", 2),
    ("String.fromCharCode", 2),
    ("String.Format", 3),
    ("String.Join", 2),
    ("String.Concat", 3),
    ("String.Insert", 3),
    ("Convert.FromBase64String", 1),
    ("Convert.ToChar", 1),
    ("Convert.ToInt32", 2),
    ("unescape", 1),
    ("decodeURIComponent", 1),
    ("parseInt", 2),
    ("Encoding.UTF8.GetString", 1),
    ("new string", 1),
    ("(char)", 1),
    ("(int)", 1),
];
const OPERATORS: &[&str] = &["+", "-", "*", "/", "&", "==", "^", "%", "<<", ">>", "|"];
const BASIC_OPERATORS: &[&str] = &["&", "+", "-", "*", "/", "\\", "^", "Mod", "Xor", "And", "="];

struct Maker<'d> {
    data: &'d [u8],
    out: String,
    basic: bool,
}

/// A page made from these bytes, and its name.
pub(super) fn page(data: &[u8]) -> Option<(Vec<u8>, &'static str)> {
    let (&kind, data) = data.split_first()?;
    // One in four is the input itself, put where an expression stands.
    if kind & 0xC0 == 0xC0 {
        let (before, after, name) = match kind % 3 {
            0 => (&b"<% x = 1\r\nexecute("[..], &b") %>"[..], "a.asp"),
            1 => (&b"<%@ Language=\"JScript\" %><% var x = 1; eval("[..], &b") %>"[..], "a.asp"),
            _ => (&b"<%@ Page Language=\"C#\" %><% var x = 1; Process.Start("[..], &b"); %>"[..], "a.aspx"),
        };
        return Some(([before, data, after].concat(), name));
    }
    let basic = kind & 1 == 0;
    let (head, begin, end, name) = match kind % 4 {
        0 => ("", "execute(", ")", "a.asp"),
        1 => ("<%@ Language=\"JScript\" %>", "eval(", ");", "a.asp"),
        2 => ("<%@ Page Language=\"VB\" %>", "Shell(", ")", "a.aspx"),
        _ => ("<%@ Page Language=\"C#\" %>", "Process.Start(", ");", "a.aspx"),
    };
    let mut maker = Maker { data, out: String::from(head), basic };
    maker.out.push_str("<%\n");
    while !maker.data.is_empty() && maker.out.len() < LONGEST {
        let variable = ["x", "y", "z", "i"][maker.take() as usize % 4];
        match maker.take() % 6 {
            0 => {
                maker.out.push_str(begin);
                maker.value(0);
                maker.out.push_str(end);
            }
            1 if !basic => {
                maker.out.push_str(variable);
                maker.out.push_str(" += ");
                maker.value(0);
                maker.out.push(';');
            }
            2 => {
                maker.out.push_str(variable);
                maker.out.push_str(if basic { "(" } else { "[" });
                maker.value(4);
                maker.out.push_str(if basic { ") = " } else { "] = " });
                maker.value(0);
                maker.out.push_str(if basic { "" } else { ";" });
            }
            _ => {
                maker.out.push_str(variable);
                maker.out.push_str(" = ");
                maker.value(0);
                maker.out.push_str(if basic { "" } else { ";" });
            }
        }
        maker.out.push('\n');
    }
    maker.out.push_str(begin);
    maker.out.push('x');
    maker.out.push_str(end);
    maker.out.push_str("\n%>");
    Some((maker.out.into_bytes(), name))
}

impl Maker<'_> {
    fn take(&mut self) -> u8 {
        let Some((&first, rest)) = self.data.split_first() else { return 0 };
        self.data = rest;
        first
    }

    fn value(&mut self, depth: usize) {
        let byte = self.take();
        let choice = if depth >= DEEPEST || self.out.len() >= LONGEST { byte % 3 } else { byte % 8 };
        match choice {
            0 => self.out.push_str(["x", "y", "z", "i"][byte as usize / 8 % 4]),
            1 => {
                let number = NUMBERS[byte as usize / 8 % NUMBERS.len()];
                self.out.push_str(number);
            }
            2 => {
                let text = TEXTS[byte as usize / 8 % TEXTS.len()];
                self.out.push('"');
                self.out.push_str(text);
                self.out.push('"');
            }
            3 => {
                let operator = if self.basic { BASIC_OPERATORS } else { OPERATORS };
                let operator = operator[byte as usize / 8 % operator.len()];
                self.out.push('(');
                self.value(depth + 1);
                self.out.push(' ');
                self.out.push_str(operator);
                self.out.push(' ');
                self.value(depth + 1);
                self.out.push(')');
            }
            4 => {
                // An element.
                self.value(DEEPEST);
                self.out.push(if self.basic { '(' } else { '[' });
                self.value(depth + 1);
                self.out.push(if self.basic { ')' } else { ']' });
            }
            _ => {
                let functions = if self.basic { BASIC } else { BRACES };
                let (name, mut count) = functions[self.take() as usize % functions.len()];
                if let Some(member) = name.strip_prefix('.') {
                    self.value(depth + 1);
                    self.out.push('.');
                    self.out.push_str(member);
                    count -= 1;
                } else {
                    self.out.push_str(name);
                }
                self.out.push('(');
                for number in 0..count {
                    if number > 0 {
                        self.out.push_str(", ");
                    }
                    self.value(depth + 1);
                }
                self.out.push(')');
            }
        }
    }
}
