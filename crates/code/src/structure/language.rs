//! Language detection for server code: by declaration, otherwise by the look of the code.

use super::Language;
use super::text::{behind_verbatim, run, without_entities};

/// What a page says of a language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Declared {
    /// Nothing.
    #[default]
    Nothing,
    /// C#.
    CSharp,
    /// Visual Basic.
    Basic,
    /// VBScript, which ASP.NET takes for Visual Basic.
    BasicScript,
    /// JScript, with or without .NET.
    Script,
    /// Java.
    Java,
    /// A language that is not supported.
    Unsupported,
    /// A word that no engine knows.
    Unknown,
}

impl Declared {
    /// What a `language` or `type` attribute means. Spellings are taken as loosely as engines and obfuscators have them.
    pub(super) fn of(value: &[u8]) -> Declared {
        let word: Vec<u8> = without_entities(&value[..value.len().min(256)])
            .into_iter()
            .filter(|b| b.is_ascii_alphabetic() || matches!(b, b'#' | b'.'))
            .map(|b| b.to_ascii_lowercase())
            .collect();
        let word =
            ["text", "application"].iter().find_map(|start| word.strip_prefix(start.as_bytes())).unwrap_or(&word);
        let word = word.strip_prefix(b"x.").unwrap_or(word);
        let starts = |start: &str| word.starts_with(start.as_bytes());
        match word {
            b"" => Declared::Nothing,
            b"c" | b"cs" | b"vjs" => Declared::CSharp,
            b"java" => Declared::Java,
            _ if starts("c#") || starts("csharp") || starts("cs.") || starts("vj#") => Declared::CSharp,
            _ if starts("vbs") => Declared::BasicScript,
            _ if starts("vb") || starts("visualbasic") || starts("basic") => Declared::Basic,
            _ if ["js", "jscript", "javascript", "ecmascript", "livescript"].iter().any(|w| starts(w)) => {
                Declared::Script
            }
            _ if ["perl", "php", "python", "ruby", "rexx", "tcl", "f#"].iter().any(|w| starts(w)) => {
                Declared::Unsupported
            }
            _ => Declared::Unknown,
        }
    }

    /// The language, `None` if none is declared or it is not supported.
    pub(super) fn language(self, classic: bool) -> Option<Language> {
        match self {
            Declared::CSharp => Some(Language::CSharp),
            Declared::Basic | Declared::BasicScript if classic => Some(Language::VbScript),
            Declared::Basic | Declared::BasicScript => Some(Language::VisualBasic),
            Declared::Script => Some(Language::JScript),
            Declared::Java => Some(Language::Java),
            Declared::Nothing | Declared::Unsupported | Declared::Unknown => None,
        }
    }

    /// Whether it says nothing that is of use.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Declared::Nothing | Declared::Unknown)
    }
}

/// How much code is looked at to recognise its language.
const SAMPLE: usize = 65_536;

/// What speaks for each language in the code seen so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LanguageHints {
    /// Visual Basic of any kind.
    pub(super) basic: u32,
    /// What only VBScript has, and Visual Basic .NET has not.
    pub(super) basic_script: u32,
    /// A language with braces and semicolons.
    pub(super) braces: u32,
    /// Among these C#.
    pub(super) sharp: u32,
    /// Among these JScript.
    pub(super) script: u32,
    /// Declarations that both C# and JScript have.
    pub(super) var: u32,
    read: usize,
}

impl LanguageHints {
    /// Looks at a piece of code, until enough was seen.
    pub(super) fn add(&mut self, code: &[u8]) {
        let code = &code[..code.len().min(SAMPLE.saturating_sub(self.read))];
        self.read += code.len();
        let mut line_start = true;
        let mut word_before = Word::default();
        let mut i = 0;
        while let Some(&b) = code.get(i) {
            match b {
                b'\n' | b'\r' => {
                    line_start = true;
                    word_before = Word::default();
                    i += 1;
                    continue;
                }
                b' ' | b'\t' => {
                    i += 1;
                    continue;
                }
                // The statement goes on in the next line.
                b'_' if matches!(code.get(i + 1), Some(b'\r' | b'\n')) => {
                    self.basic += 2;
                    i += 1;
                }
                _ if b.is_ascii_alphabetic() || b == b'_' || b >= 0x80 => {
                    let end = run(code, i + 1, |b| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80);
                    word_before = self.word(&code[i..end], word_before, &code[end..], line_start);
                    i = end;
                }
                _ => match self.literal(code, i, line_start).or_else(|| self.operator(code, i)) {
                    Some(end) => i = end,
                    None => {
                        word_before = Word::default();
                        i += 1;
                    }
                },
            }
            line_start = false;
        }
    }

    /// Weighs the literal or comment at `at`; gives its end, `None` if none begins there.
    fn literal(&mut self, code: &[u8], at: usize, line_start: bool) -> Option<usize> {
        let from = at + 1;
        let rest = &code[from..];
        let line_end = || from + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        Some(match (code[at], rest.first()) {
            // Encoded script looks like nothing.
            (b'#', _) if rest.starts_with(b"@~^") => {
                from + memchr::memmem::find(rest, b"^#~@").map_or(rest.len(), |n| n + 4)
            }
            (b'@', Some(b'"')) => {
                self.sharp += 2;
                behind_verbatim(code, from + 1)
            }
            (b'"', _) => from + memchr::memchr3(b'"', b'\n', b'\r', rest).map_or(rest.len(), |n| n + 1),
            (b'\'', _) if line_start => {
                self.basic += 2;
                line_end()
            }
            (b'\'', _) => {
                // A literal, if an operator is in front and it closes; else a comment at the end of a line.
                let before = code[..at].trim_ascii_end().last().copied().unwrap_or(b' ');
                match memchr::memchr3(b'\'', b'\n', b'\r', rest) {
                    Some(n) if rest[n] == b'\'' && b"(,=[+:?{!".contains(&before) => {
                        self.braces += 1;
                        self.script += u32::from(n > 2);
                        from + n + 1
                    }
                    _ => line_end(),
                }
            }
            (b'/', Some(b'/')) => {
                self.braces += 2;
                line_end()
            }
            (b'/', Some(b'*')) => {
                self.braces += 2;
                from + memchr::memmem::find(rest, b"*/").map_or(rest.len(), |n| n + 2)
            }
            _ => return None,
        })
    }

    /// Weighs the operator or bracket at `at`; gives its end, `None` if it speaks for no language.
    fn operator(&mut self, code: &[u8], at: usize) -> Option<usize> {
        let from = at + 1;
        let rest = &code[from..];
        match (code[at], rest.first().copied().unwrap_or(b'\n')) {
            (b';' | b'{' | b'}', _) => self.braces += 1,
            (b'=', b'=') => {
                self.braces += 2;
                self.script += u32::from(rest.starts_with(b"=="));
                return Some(from + run_of(rest, b'='));
            }
            (b'=', b'>') => self.sharp += 2,
            (b'!', b'=') | (b'|', b'|') | (b'[', b'"' | b'\'') => self.braces += 2,
            (b'&', b'&') => {
                self.braces += 2;
                return Some(from + 1);
            }
            (b'&', b'=') => return None,
            (b'&', _) => self.basic += 1,
            (b'<', b'>') => self.basic += 2,
            _ => return None,
        }
        Some(from)
    }

    /// Whether enough was seen.
    pub(super) fn is_full(&self) -> bool {
        self.read >= SAMPLE
    }

    /// Weighs one word, by the word before it and what follows.
    fn word(&mut self, as_is: &[u8], before: Word, behind: &[u8], line_start: bool) -> Word {
        if as_is.len() > 15 {
            return Word::Other;
        }
        let mut buffer = [0; 15];
        let lower = &mut buffer[..as_is.len()];
        lower.copy_from_slice(as_is);
        lower.make_ascii_lowercase();
        let same = lower == as_is;
        let after = behind.trim_ascii_start().first().copied().unwrap_or(b' ');
        let blank_after = behind.first().is_some_and(|b| matches!(b, b' ' | b'\t'));
        let names = after.is_ascii_alphabetic() || after == b'_';
        match &*lower {
            b"dim" | b"redim" | b"byval" | b"byref" | b"imports" | b"elseif" | b"wend" | b"andalso" | b"orelse" => {
                self.basic += 3;
            }
            b"then" | b"sub" | b"nothing" | b"isnot" | b"until" | b"preserve" => self.basic += 2,
            b"if" | b"function" | b"with" | b"select" | b"while" | b"class" | b"property" | b"try" | b"using"
                if before == Word::End =>
            {
                self.basic += 3;
            }
            b"end" => return Word::End,
            b"ctype" | b"directcast" | b"addressof" if after == b'(' || names => self.basic += 3,
            b"each" | b"of" if names && blank_after && as_is != &*lower => self.basic += 2,
            b"option" if names => self.basic += 1,
            b"error" if before == Word::On => self.basic += 3,
            b"on" => return Word::On,
            b"as" if names && blank_after && as_is != b"as" => self.basic += 1,
            b"rem" if line_start && blank_after => self.basic += 2,
            b"next" | b"loop" if line_start => self.basic += 1,
            b"call" if names && blank_after => self.basic += 1,
            b"set" if names && blank_after && behind.iter().take(60).any(|&b| b == b'=') => {
                self.basic += 2;
                self.basic_script += 1;
            }
            b"execute" | b"executeglobal" if before != Word::Other && (after == b'(' || names || after == b'"') => {
                self.basic += 2;
                self.basic_script += 1;
            }
            b"eval" if names && blank_after => {
                self.basic += 2;
                self.basic_script += 1;
            }
            b"createobject" => self.basic += 1,
            b"and" | b"or" | b"not" | b"mod" if blank_after => self.basic += 1,
            b"write" if blank_after && (names || after == b'"') => self.basic += 1,
            b"void" | b"foreach" | b"namespace" if same => self.sharp += 2,
            b"using" if same && names => self.sharp += 3,
            b"string" | b"int" | b"bool" | b"byte" | b"char" | b"long" | b"double" | b"object" if same => {
                self.sharp += u32::from(names || after == b'[');
            }
            b"public" | b"private" | b"protected" | b"static" | b"new" | b"override" | b"out" | b"ref" | b"try"
            | b"catch"
                if same =>
            {
                self.sharp += u32::from(names || after == b'{');
            }
            b"string" | b"httpcontext" | b"convert" => self.sharp += u32::from(names),
            b"var" if same && names => {
                self.var += 1;
                self.braces += 1;
            }
            b"function" if same => self.script += 2,
            b"eval" if same && after == b'(' => self.script += 2,
            b"typeof" if same && after != b'(' => self.script += 2,
            b"activexobject" | b"enumerator" | b"parseint" | b"undefined" => self.script += 3,
            b"prototype" | b"encodeuricomponent" => self.script += 3,
            _ => {}
        }
        Word::Other
    }

    /// The language that the signs speak for.
    pub(super) fn language(&self, classic: bool) -> Language {
        if classic {
            let braces =
                self.braces > self.basic * 2 + 2 && self.script + self.var > 0 || self.braces > self.basic * 2 + 8;
            if braces { Language::JScript } else { Language::VbScript }
        } else if self.basic > self.braces + self.sharp {
            Language::VisualBasic
        } else if self.script > self.sharp {
            Language::JScript
        } else {
            Language::CSharp
        }
    }
}

/// What is remembered of the word before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Word {
    #[default]
    None,
    End,
    On,
    Other,
}

/// How many of `b` the text starts with.
fn run_of(text: &[u8], b: u8) -> usize {
    text.iter().take_while(|&&other| other == b).count()
}
