//! Which file uses which, by the `use` lines and the paths in the code. What a file calls as a method of a value is not seen.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file by the path of its module; the first name is its crate's.
pub(super) type Module = Vec<String>;

/// One name that a `use` line brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Use {
    /// Whether others may have it from here.
    pub(super) public: bool,
    pub(super) path: Vec<String>,
    /// What it is called here.
    pub(super) name: String,
}

/// What is read of a file.
#[derive(Default)]
pub(super) struct File {
    pub(super) uses: Vec<Use>,
    /// The paths in its code, `name::name`, as they stand.
    pub(super) paths: Vec<Vec<String>>,
}

/// The files of some crates without their tests.
#[derive(Default)]
pub(super) struct Sources(BTreeMap<Module, File>);

impl Sources {
    /// All of a crate below the folder of its `lib.rs`, but for `main.rs`.
    pub(super) fn add_crate(&mut self, name: &str, folder: &Path) {
        let mut files = BTreeMap::new();
        for entry in walkdir::WalkDir::new(folder) {
            let path = entry.unwrap().into_path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(folder).unwrap().with_extension("");
                let below = below.components().map(|part| part.as_os_str().to_str().unwrap().to_owned());
                let mut module: Module = std::iter::once(name.to_owned()).chain(below).collect();
                if module.last().is_some_and(|last| last == "mod" || last == "lib") {
                    module.pop();
                }
                files.insert(module, std::fs::read_to_string(&path).unwrap());
            }
        }
        files.remove(&vec![name.to_owned(), "main".to_owned()]);
        self.add(files);
    }

    /// These files, but for those that are declared as tests.
    pub(super) fn add(&mut self, files: BTreeMap<Module, String>) {
        let mut of_tests = BTreeSet::new();
        let mut read = BTreeMap::new();
        for (module, text) in files {
            let (code, removed) = without_tests(&masked(&text));
            of_tests.extend(removed.into_iter().map(|name| [&module[..], &[name]].concat()));
            let (uses, code) = uses(&code);
            read.insert(module, File { uses, paths: paths(&code) });
        }
        read.retain(|module, _| !(1..=module.len()).any(|n| of_tests.contains(&module[..n])));
        self.0.append(&mut read);
    }

    pub(super) fn files(&self) -> impl Iterator<Item = (&Module, &File)> {
        self.0.iter()
    }

    /// A path of a file, from the root of a crate; `None` if it is of none of these crates.
    pub(super) fn resolve(&self, module: &[String], path: &[String]) -> Option<Module> {
        let mut base = module.to_vec();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => return Some([&module[..1], &rest[1..]].concat()),
            "self" => rest = &rest[1..],
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    base.pop()?;
                    rest = &rest[1..];
                }
            }
            _ if self.0.contains_key(&rest[..1]) => return Some(rest.to_vec()),
            name => {
                base.push(name.to_owned());
                self.0.contains_key(&base).then_some(())?;
                rest = &rest[1..];
            }
        }
        Some([&base[..], rest].concat())
    }

    /// As [`Sources::resolve`], of a path in the code, which may begin with a name that a `use` line brought.
    fn resolve_in_code(&self, module: &[String], path: &[String]) -> Option<Module> {
        let by_use = || {
            let brought = self.0[module].uses.iter().find(|one| one.name == path[0])?;
            Some([&self.resolve(module, &brought.path)?[..], &path[1..]].concat())
        };
        self.resolve(module, path).or_else(by_use)
    }

    /// The paths of all that a file names of these crates, from the root of a crate; without what a `pub use` only passes on, if so wanted.
    pub(super) fn named(&self, module: &Module, passed_on: bool) -> Vec<Module> {
        let file = &self.0[module];
        let brought = file.uses.iter().filter(|one| passed_on || !one.public);
        let brought = brought.map(|one| self.resolve(module, &one.path));
        brought.chain(file.paths.iter().map(|path| self.resolve_in_code(module, path))).flatten().collect()
    }

    /// The file that a name comes from: where the file of its path only passes it on, the one behind that.
    fn origin(&self, path: &[String], depth: usize) -> Option<Module> {
        let module = (1..=path.len()).rev().map(|n| &path[..n]).find(|module| self.0.contains_key(*module))?;
        if let Some(name) = path.get(module.len()).filter(|_| depth < 6) {
            let passed = self.0[module].uses.iter().find(|one| one.name == *name);
            if let Some(behind) = passed.and_then(|one| self.resolve(module, &one.path)) {
                return self.origin(&[&behind[..], &path[module.len() + 1..]].concat(), depth + 1);
            }
        }
        Some(module.to_vec())
    }

    /// Which files each file uses.
    pub(super) fn dependencies(&self) -> BTreeMap<&Module, BTreeSet<Module>> {
        let of = |module: &Module| -> BTreeSet<Module> {
            let used = self.named(module, false).into_iter().filter_map(|path| self.origin(&path, 0));
            used.filter(|other| other != module).collect()
        };
        self.0.keys().map(|module| (module, of(module))).collect()
    }

    /// The files that use each other in a circle, each circle once.
    pub(super) fn circles(&self) -> BTreeSet<Vec<String>> {
        let uses = self.dependencies();
        // What a file reaches; a few hundred files, so by brute force.
        let reach = |from: &Module| {
            let mut seen = BTreeSet::new();
            let mut next: Vec<&Module> = uses[from].iter().collect();
            while let Some(module) = next.pop() {
                if seen.insert(module) {
                    next.extend(&uses[module]);
                }
            }
            seen
        };
        let reached: BTreeMap<&Module, _> = uses.keys().map(|module| (*module, reach(module))).collect();
        let in_circles = reached.iter().filter(|(module, others)| others.contains(*module));
        in_circles
            .map(|(module, others)| {
                let circle = others.iter().filter(|other| reached[**other].contains(*module));
                circle.map(|other| other.join("/")).collect()
            })
            .collect()
    }
}

/// Rust without comments, and with nothing in its literals.
fn masked(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let behind_word = code.ends_with(is_word);
        let raw = ["br", "r"].iter().find_map(|start| rest.strip_prefix(start)).filter(|_| !behind_word);
        let raw = raw.map(|raw| (raw, raw.len() - raw.trim_start_matches('#').len()));
        let raw = raw.filter(|(raw, hashes)| raw[*hashes..].starts_with('"'));
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some((raw, hashes)) = raw {
            code.push_str("\"\"");
            let end = format!("\"{}", "#".repeat(hashes));
            let from = rest.len() - raw.len() + hashes + 1;
            rest[from..].find(&end).map_or(rest.len(), |at| from + at + end.len())
        } else if first == '"' {
            code.push_str("\"\"");
            let mut escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, c)| {
                let ends = *c == '"' && !escaped;
                escaped = *c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |(at, _)| at + 1)
        } else if let Some(length) = character(rest) {
            code.push_str("' '");
            length
        } else {
            code.push(first);
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    code
}

/// The length of the character literal that a text begins with, which a lifetime is not.
fn character(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('\'')?;
    let first = inside.chars().next()?;
    let from = first.len_utf8() + if first == '\\' { inside.chars().nth(1)?.len_utf8() } else { 0 };
    match inside[from..].find('\'')? {
        at if at == 0 || first == '\\' => Some(1 + from + at + 1),
        _ => None,
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Masked code without the items of tests, and the names of the modules among those that are files of their own.
fn without_tests(code: &str) -> (String, Vec<String>) {
    let (mut kept, mut modules) = (String::new(), Vec::new());
    let mut rest = code;
    while let Some((before, behind)) = ["#[cfg(test)]", "#[cfg(all(test,"]
        .iter()
        .filter_map(|mark| rest.find(mark))
        .min()
        .map(|at| (&rest[..at], &rest[at..]))
    {
        kept.push_str(before);
        let (item, after) = item(behind);
        let declared = item.split_whitespace().skip_while(|word| *word != "mod").nth(1);
        modules.extend(declared.and_then(|name| name.strip_suffix(';')).map(str::to_owned));
        rest = after;
    }
    kept.push_str(rest);
    (kept, modules)
}

/// An item with its attributes, and what stands behind it.
fn item(code: &str) -> (&str, &str) {
    let mut depth = 0;
    let mut words = code.trim_start();
    while words.starts_with("#[") {
        let end = closing(words).unwrap_or(words.len());
        words = words[end..].trim_start();
    }
    let from = code.len() - words.len();
    let is_use = words.split_whitespace().take(2).any(|word| word == "use");
    for (at, c) in words.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && (c == ';' || c == '}' && !is_use) {
            return code.split_at(from + at + 1);
        }
    }
    (code, "")
}

/// Behind the bracket that closes the first one.
fn closing(code: &str) -> Option<usize> {
    let mut depth = 0;
    code.char_indices().find_map(|(at, c)| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => return None,
        }
        (depth == 0).then_some(at + 1)
    })
}

/// What the `use` lines of masked code bring, and the code without them.
fn uses(code: &str) -> (Vec<Use>, String) {
    let (mut all, mut kept) = (Vec::new(), String::new());
    let mut rest = code;
    while let Some(at) = rest.match_indices("use ").map(|(at, _)| at).find(|at| !rest[..*at].ends_with(is_word)) {
        let before = &rest[..at];
        let public = before.lines().last().unwrap_or_default().trim_start().starts_with("pub");
        let end = rest[at..].find(';').map_or(rest.len(), |end| at + end);
        let text: String = rest[at + 4..end].replace(" as ", "@").chars().filter(|c| !c.is_whitespace()).collect();
        for path in expanded(&text) {
            let (path, own) = path.split_once('@').unwrap_or((&path, ""));
            let mut path: Vec<String> = path.split("::").map(str::to_owned).collect();
            if path.last().is_some_and(|last| last == "self") {
                path.pop();
            }
            let name = if own.is_empty() { path.last().cloned().unwrap_or_default() } else { own.to_owned() };
            all.push(Use { public, path, name });
        }
        kept.push_str(before);
        rest = &rest[end..];
    }
    kept.push_str(rest);
    (all, kept)
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expanded(text: &str) -> Vec<String> {
    let Some(open) = text.find('{') else { return vec![text.to_owned()] };
    let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
    for c in text[open..].chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        match c {
            '{' if depth == 1 => {}
            ',' if depth == 1 => parts.push(std::mem::take(&mut part)),
            '}' if depth == 0 => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    parts.flat_map(|part| expanded(&format!("{}{part}", &text[..open]))).collect()
}

/// The paths of masked code without its `use` lines. Those of `pub(in ...)` are none.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(next) = code[at..].find(is_word) {
        let start = at + next;
        let before = &code[..start];
        let mut names = Vec::new();
        at = start;
        loop {
            let end = code[at..].find(|c| !is_word(c)).map_or(code.len(), |length| at + length);
            names.push(code[at..end].to_owned());
            at = end;
            match code[at..].strip_prefix("::") {
                Some(next) if next.starts_with(is_word) => at += 2,
                _ => break,
            }
        }
        if names.len() > 1 && !before.ends_with(['.', ':', '$']) && !before.ends_with("pub(in ") {
            all.push(names);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> Sources {
        let split = |module: &str| module.split('/').map(str::to_owned).collect();
        let mut sources = Sources::default();
        sources.add(files.iter().map(|(module, text)| (split(module), (*text).to_owned())).collect());
        sources
    }

    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        sources(files).circles().into_iter().map(|circle| circle.join(" ")).collect()
    }

    #[test]
    fn a_circle_of_two_files_is_found() {
        let root = ("x", "mod a;\nmod b;\n");
        for (a, b) in [
            ("use super::b::run;", "use crate::a;"),
            ("use crate::{b::{run, stop}, c};", "pub(super) struct B(crate::a::A);"),
            ("fn f() { super::b::run(|x: &'static str| x, b'\"', '\\''); }", "use x::a::A;"),
            ("use crate as own;\nfn f() { own::b::run(); }", "fn g() -> super::a::A { todo!(\"// {}\") }"),
        ] {
            assert_eq!(circles(&[root, ("x/a", a), ("x/b", b)]), ["x/a x/b"], "{a} {b}");
            assert!(circles(&[root, ("x/a", a), ("x/b", "use super::c;")]).is_empty());
        }
    }

    #[test]
    fn a_file_and_the_file_below_it_are_a_circle() {
        let below = ("x/a/b", "use super::A;");
        assert_eq!(circles(&[("x", ""), ("x/a", "mod b;\nstruct A;\nfn f() { b::run() }"), below]), ["x/a x/a/b"]);
        // What is only passed on, or lies below both, is none.
        assert!(circles(&[("x", ""), ("x/a", "mod b;\nstruct A;\npub use b::run;"), below]).is_empty());
        let shared = [("x/a", "mod b;\nmod c;\nuse c::A;\nfn f(_: A) { b::run() }"), ("x/a/c", "pub struct A;")];
        assert!(circles(&[("x", ""), shared[0], shared[1], below]).is_empty());
    }

    #[test]
    fn an_import_below_a_module_of_tests_is_seen() {
        for tests in [
            "#[cfg(test)]\nmod tests;",
            "#[cfg(test)]\n#[path = \"a/other.rs\"]\nmod tests;",
            "#[cfg(test)]\npub(crate) mod tests { fn f(x: [u8; 1]) { let _ = \"}\"; } }",
            "#[cfg(all(test, unix))]\nfn g() -> u8 { 0 }",
            "#[cfg(test)]\nuse { super::c, super::d };",
        ] {
            let a = format!("mod z;\n{tests}\nmod y;\nuse super::b;");
            assert_eq!(circles(&[("x", ""), ("x/a", &a), ("x/b", "use super::a;")]), ["x/a x/b"], "{tests}");
        }
    }

    #[test]
    fn what_tests_and_comments_use_does_not_count() {
        let b = ("x/b", "use super::a;");
        for a in [
            "// use super::b;\n/* super::b::f() */ const T: &str = \"super::b::f()\";\nconst R: &str = r#\"\"crate::b::f\"#;",
            "#[cfg(test)]\nmod tests {\n    use super::super::b;\n    fn f() { crate::b::f() }\n}",
            "fn f() {}\n#[cfg(test)]\nuse super::b::{f, g};\n#[cfg(test)]\nfn h() { super::b::f(); }",
            "pub(in super::super::b) fn f() {}",
        ] {
            assert!(circles(&[("x", ""), ("x/a", a), b]).is_empty(), "{a}");
        }
        let declared = ("x/a", "#[cfg(test)]\nmod tests;");
        let read = sources(&[("x", ""), declared, ("x/a/tests", "use super::super::b;"), ("x/a/tests/more", "")]);
        assert_eq!(read.files().map(|(module, _)| module.join("/")).collect::<Vec<_>>(), ["x", "x/a"]);
    }

    #[test]
    fn names_are_followed_to_where_they_come_from() {
        let files = [
            ("x", "use y as other;\npub use inner::deep::D;\nmod inner;"),
            ("x/inner", "pub mod deep;"),
            ("x/inner/deep", "pub struct D;"),
            ("x/user", "use crate::D;\nuse crate::other::E as F;\nfn f(_: F) { std::mem::drop(y::free()) }"),
            ("y", "mod e;\npub use e::*;\npub use e::E;\npub fn free() {}"),
            ("y/e", "pub struct E;"),
        ];
        let sources = sources(&files);
        let user: Module = vec!["x".into(), "user".into()];
        let used: Vec<String> = sources.dependencies()[&user].iter().map(|other| other.join("/")).collect();
        assert_eq!(used, ["x/inner/deep", "y", "y/e"]);
    }
}
