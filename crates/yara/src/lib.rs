//! YARA-X with the features that shellsift needs, and no others.
//!
//! A crate of its own, since the build script of the program compiles the built-in rules with it: both then have the same features,
//! and Cargo builds YARA-X once. Nothing else of the workspace names `yara-x`.
//!
//! ```
//! let bytes = shellsift_yara::serialized(&[("shellsift/example", "rule a { strings: $a = \"needle\" condition: $a }")]).unwrap();
//! let rules = shellsift_yara::Rules::deserialize(bytes).unwrap();
//! let mut scanner = shellsift_yara::Scanner::new(&rules);
//! assert_eq!(scanner.scan(b"hay needle hay").unwrap().matching_rules().count(), 1);
//! ```

pub use yara_x::*;

use std::fs;
use std::path::Path;

/// The rule files of this name below `signatures`, each with its namespace, sorted by folder. Errors name a folder that cannot be
/// listed and a file that is no text: nobody would miss its rules.
pub fn sources(signatures: &Path, file: &str) -> Result<Vec<(String, String)>, String> {
    let mut sources = Vec::new();
    for (kind, namespace) in [("webshells", "shellsift/"), ("techniques", "shellsift/technique/")] {
        let kind = signatures.join(kind);
        let listed = fs::read_dir(&kind).map_err(|error| format!("{}: {error}", kind.display()))?;
        let mut folders: Vec<_> = listed.flatten().map(|entry| entry.path()).collect();
        folders.sort();
        for path in folders.iter().map(|folder| folder.join(file)).filter(|path| path.exists()) {
            let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
            sources.push((format!("{namespace}{}", folder.display()), text));
        }
    }
    Ok(sources)
}

/// Compiles rules, each text under its namespace. Errors with the compiler's own message.
pub fn compiled<S: AsRef<str>>(sources: &[(S, S)]) -> Result<Rules, String> {
    let mut compiler = Compiler::new();
    for (namespace, text) in sources {
        let namespace = namespace.as_ref();
        compiler.new_namespace(namespace);
        compiler.add_source(text.as_ref()).map_err(|error| format!("{namespace}: {error}"))?;
    }
    Ok(compiler.build())
}

/// The same, serialised: what [`Rules::deserialize`] loads.
pub fn serialized<S: AsRef<str>>(sources: &[(S, S)]) -> Result<Vec<u8>, String> {
    compiled(sources)?.serialize().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_come_by_folder_and_what_is_no_text_or_not_there_is_an_error() {
        let root = tempfile::tempdir().expect("a folder");
        for folder in ["webshells/b", "webshells/a", "webshells/without", "techniques/t"] {
            fs::create_dir_all(root.path().join(folder)).expect("made");
            if !folder.ends_with("without") {
                fs::write(root.path().join(folder).join("rules.yar"), folder).expect("written");
            }
        }
        let all = sources(root.path(), "rules.yar").expect("listed");
        let names: Vec<&str> = all.iter().map(|(namespace, _)| &**namespace).collect();
        assert_eq!(names, ["shellsift/a", "shellsift/b", "shellsift/technique/t"]);
        assert_eq!(all[0].1, "webshells/a");
        fs::write(root.path().join("webshells/a/rules.yar"), b"\xff").expect("written");
        assert!(sources(root.path(), "rules.yar").expect_err("no text").contains("rules.yar"));
        assert!(sources(&root.path().join("nowhere"), "rules.yar").is_err());
    }
}
