//! Parses a `.compiled` (preservation) file.

use crate::config::Document;

/// How many dependencies are kept.
const MAX_DEPENDENCIES: usize = 64;
/// How long a URL path is kept; IIS takes none that is longer.
const MAX_PATH: usize = 4096;
/// The content of a `.compiled` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreservationFile {
    /// The URL path of what was compiled.
    pub virtual_path: String,
    /// The assembly's name without extension, if one is named.
    pub assembly: Option<String>,
    /// The files it was made of, by URL path.
    pub dependencies: Vec<String>,
}

/// Reads a `.compiled` file: `<preserve resultType virtualPath hash filehash flags assembly type>` around
/// `<filedeps><filedep name>` (its writer is `PreservationFileWriter` of .NET Framework's reference source). How `hash` and
/// `filehash` are made is not documented, so nothing is read out of them.
///
/// # Errors
/// What is wrong with it, in words.
pub fn read(bytes: &[u8]) -> Result<PreservationFile, String> {
    let document = Document::read(bytes);
    let named = |at: usize, name: &str| document.elements[at].name == name;
    let all = 0..document.elements.len();
    let found = all.clone().find(|&at| named(at, "preserve"));
    let root = found.map(|at| &document.elements[at]);
    let virtual_path = root.map(|root| root.attribute("virtualPath")).unwrap_or_default();
    if virtual_path.is_empty() {
        return Err(document.broken.unwrap_or_else(|| "names no virtual path".to_owned()));
    }
    if virtual_path.len() > MAX_PATH {
        return Err(format!("its virtual path is longer than {MAX_PATH} bytes"));
    }
    let assembly = root.map(|root| root.attribute("assembly")).filter(|name| !name.is_empty() && name.len() <= 260);
    let dependencies = all
        .filter(|&at| named(at, "filedep"))
        .map(|at| document.elements[at].attribute("name"))
        .filter(|name| !name.is_empty() && name.len() <= MAX_PATH)
        .take(MAX_DEPENDENCIES);
    Ok(PreservationFile {
        virtual_path: virtual_path.to_owned(),
        assembly: assembly.map(str::to_owned),
        dependencies: dependencies.map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<?xml version="1.0" encoding="utf-8"?><preserve resultType="3" virtualPath="/owa/auth/x.aspx"
        hash="1" filehash="2" flags="110000" assembly="App_Web_a1" type="ASP.x"><filedeps><filedep name="/owa/auth/x.aspx" />
        <filedep name="/owa/auth/y.cs"/></filedeps></preserve>"#;

    #[test]
    fn a_compiled_file_is_read_in_utf8_and_utf16_and_a_broken_one_says_why() {
        let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(PAGE.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        for bytes in [PAGE.as_bytes(), &wide] {
            let leftover = read(bytes).expect("whole");
            assert_eq!(leftover.virtual_path, "/owa/auth/x.aspx");
            assert_eq!(leftover.assembly.as_deref(), Some("App_Web_a1"));
            assert_eq!(leftover.dependencies, ["/owa/auth/x.aspx", "/owa/auth/y.cs"]);
        }
        // What was read before a break counts.
        assert_eq!(read(&PAGE.as_bytes()[..250]).expect("its head").virtual_path, "/owa/auth/x.aspx");
        for (text, says) in [
            ("MZ", "not an XML"),
            ("<a/>", "names no virtual path"),
            ("<preserve virtualPath=''/>", "names no"),
            ("<preserve virt", "not well-formed"),
        ] {
            assert!(read(text.as_bytes()).is_err_and(|why| why.contains(says)), "{text}");
        }
        let many: String = "<filedep name='/a'/>".repeat(500);
        let leftover = read(format!("<preserve virtualPath='/a'>{many}</preserve>").as_bytes()).expect("whole");
        assert_eq!(leftover.dependencies.len(), MAX_DEPENDENCIES);
        let long = format!("<preserve virtualPath='/{}'/>", "a".repeat(5000));
        assert!(read(long.as_bytes()).is_err());
    }
}
