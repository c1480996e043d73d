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

/// Compiles rules, each text under its namespace, and serialises them: what [`Rules::deserialize`] loads. Errors with the
/// compiler's own message.
pub fn serialized(sources: &[(&str, &str)]) -> Result<Vec<u8>, String> {
    let mut compiler = Compiler::new();
    for (namespace, text) in sources {
        compiler.new_namespace(namespace);
        compiler.add_source(*text).map_err(|error| format!("{namespace}: {error}"))?;
    }
    compiler.build().serialize().map_err(|error| error.to_string())
}
