//! File types by web server handling: `signatures/web/file_types.csv`, the only list of extensions.

use super::server_path::extension;
use super::table::rows;
use std::collections::HashMap;
use std::ops::BitOr;
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../../signatures/web/file_types.csv");

/// What takes a file of this kind, or reads it when it takes another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// None that reads code of it.
    #[default]
    None,
    /// Classic ASP, and server-side includes.
    Asp,
    /// A page, handler or service of ASP.NET.
    AspNet,
    /// Razor with C#.
    RazorCSharp,
    /// Razor with Visual Basic.
    RazorBasic,
    /// C# from end to end.
    CSharp,
    /// Visual Basic from end to end.
    Basic,
    /// JScript, as ASP.NET compiles it.
    JScript,
    /// A workflow service, and other markup of XAML.
    Workflow,
    /// Resources of .NET, as text or compiled.
    Resources,
    /// A server of Java.
    Java,
    /// PHP.
    Php,
}

impl Engine {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "" => Self::None,
            "asp" => Self::Asp,
            "aspnet" => Self::AspNet,
            "razor_csharp" => Self::RazorCSharp,
            "razor_basic" => Self::RazorBasic,
            "csharp" => Self::CSharp,
            "basic" => Self::Basic,
            "jscript" => Self::JScript,
            "workflow" => Self::Workflow,
            "resources" => Self::Resources,
            "java" => Self::Java,
            "php" => Self::Php,
            _ => return None,
        })
    }
}

/// Uses of a file type; a set of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uses(u32);

impl Uses {
    /// IIS with ASP and ASP.NET, or an engine that is often installed beside them, runs or compiles it, or pulls it into a page.
    pub const SERVER_CODE: Self = Self(1);
    /// It runs when its URL is requested.
    pub const RUNS: Self = Self(1 << 1);
    /// It runs by an engine that no Exchange server has.
    pub const FOREIGN: Self = Self(1 << 2);
    /// It is source code or a page whatever its bytes are.
    pub const PAGE: Self = Self(1 << 3);
    /// The framework's own configuration, or a designer of Microsoft's, has a build provider for it.
    pub const BUILT: Self = Self(1 << 4);
    /// Code that writes a file of this type drops a page.
    pub const DROPPED: Self = Self(1 << 5);
    /// It may name a class instead of holding code.
    pub const CLASS: Self = Self(1 << 6);
    /// It acts when something reads it, though no engine takes it by its name.
    pub const READ_AS_CODE: Self = Self(1 << 7);
    /// A default server gives it to an engine though it is no server code.
    pub const ENGINE_NORMAL: Self = Self(1 << 8);
    /// Browsers show or run it, and IIS sends it as it is.
    pub const BROWSER: Self = Self(1 << 9);
    /// Beside those for browsers: sent as it is, or to nobody.
    pub const STATIC: Self = Self(1 << 10);
    /// URLs of this type are rewritten to pages only by whoever hides one.
    pub const STATIC_URL: Self = Self(1 << 11);
    /// Exchange has such static files in its web folders, and no client posts to one.
    pub const STATIC_EXCHANGE: Self = Self(1 << 12);
    /// It may hold client-side templates, which write `<% %>` as well.
    pub const TEMPLATE: Self = Self(1 << 13);
    /// It holds no text, and so no code of PHP by accident.
    pub const MEDIA: Self = Self(1 << 14);
    /// It is an executable or a library.
    pub const PROGRAM: Self = Self(1 << 15);
    /// A page of markup, which many sites have run by an engine.
    pub const MARKUP: Self = Self(1 << 16);

    const NAMES: [(&'static str, Self); 17] = [
        ("server_code", Self::SERVER_CODE),
        ("runs", Self::RUNS),
        ("foreign", Self::FOREIGN),
        ("page", Self::PAGE),
        ("built", Self::BUILT),
        ("dropped", Self::DROPPED),
        ("class", Self::CLASS),
        ("read_as_code", Self::READ_AS_CODE),
        ("engine_normal", Self::ENGINE_NORMAL),
        ("browser", Self::BROWSER),
        ("static", Self::STATIC),
        ("static_url", Self::STATIC_URL),
        ("static_exchange", Self::STATIC_EXCHANGE),
        ("template", Self::TEMPLATE),
        ("media", Self::MEDIA),
        ("program", Self::PROGRAM),
        ("markup", Self::MARKUP),
    ];

    fn of(names: &str) -> Option<Self> {
        names.split('|').filter(|name| !name.is_empty()).try_fold(Self::default(), |all, name| {
            Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, uses)| all | *uses)
        })
    }
}

impl BitOr for Uses {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What is known of an extension; nothing of most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileType {
    /// What takes it.
    pub engine: Engine,
    /// What else it is.
    pub uses: Uses,
}

impl FileType {
    /// Whether it has any of these uses.
    pub fn is(self, uses: Uses) -> bool {
        self.uses.0 & uses.0 != 0
    }
}

fn types() -> &'static HashMap<&'static str, FileType> {
    static TYPES: LazyLock<HashMap<&'static str, FileType>> = LazyLock::new(|| {
        let row = |[extension, engine, uses, _]: [&'static str; 4]| {
            Some((extension, FileType { engine: Engine::of(engine)?, uses: Uses::of(uses)? }))
        };
        rows(TABLE).filter_map(row).collect()
    });
    &TYPES
}

/// What is known of an extension in lower case, without its dot.
pub fn of_extension(extension: &str) -> FileType {
    types().get(extension).copied().unwrap_or_default()
}

/// What is known of a file by its name, as IIS sees its extension.
pub fn of_name(name: &str) -> FileType {
    of_extension(&extension(name))
}

/// The extensions that have any of these uses, in the order of the alphabet.
pub fn extensions(uses: Uses) -> Vec<&'static str> {
    let mut all: Vec<&str> = types().iter().filter(|(_, known)| known.is(uses)).map(|(name, _)| *name).collect();
    all.sort_unstable();
    all
}

/// Whether a file of this name is server code, or configuration that can hold it.
pub fn is_web(name: &str) -> bool {
    let extension = extension(name);
    of_extension(&extension).is(Uses::SERVER_CODE)
        || (extension == "config" && !name.to_ascii_lowercase().ends_with(".exe.config"))
}

/// Whether IIS, or an engine beside it, takes a file of this name as code.
pub fn is_server_code(name: &str) -> bool {
    of_name(name).is(Uses::SERVER_CODE)
}

/// Whether a file of this name acts when something reads it, though no engine takes it by its name: resources, markup of XAML,
/// style sheets.
pub fn is_read_as_code(name: &str) -> bool {
    of_name(name).is(Uses::READ_AS_CODE)
}

/// Whether a file of this name is for browsers. Its own code is no code of the server, so only a mark that an engine takes makes a
/// page of it.
pub fn is_for_browsers(name: &str) -> bool {
    of_name(name).is(Uses::BROWSER)
}

/// Whether a file of this name may hold client-side templates.
pub fn holds_templates(name: &str) -> bool {
    of_name(name).is(Uses::TEMPLATE)
}

/// Whether a file of this name is an executable or a library.
pub fn is_program(name: &str) -> bool {
    of_name(name).is(Uses::PROGRAM)
}

/// Whether a server of Java runs an extension, in lower case.
pub fn is_java(extension: &str) -> bool {
    of_extension(extension).engine == Engine::Java
}

/// Whether PHP runs an extension, in lower case. Libraries of PHP have others, which it runs only when a page includes them.
pub fn is_php(extension: &str) -> bool {
    let known = of_extension(extension);
    known.engine == Engine::Php && known.is(Uses::SERVER_CODE)
}

#[cfg(test)]
mod tests {
    use super::super::table::is_well_formed;
    use super::*;

    #[test]
    fn every_row_is_read_and_has_a_source() {
        assert!(is_well_formed::<4>(TABLE));
        assert_eq!(types().len(), TABLE.lines().count() - 1, "an engine or a use is not known");
    }

    #[test]
    fn what_runs_is_code_and_what_is_sent_is_not() {
        for (extension, known) in types() {
            let code = known.is(Uses::SERVER_CODE);
            assert!(code || !known.is(Uses::RUNS), "{extension}");
            assert!(known.is(Uses::RUNS) || !known.is(Uses::FOREIGN), "{extension}");
            assert!(!(code && known.is(Uses::BROWSER | Uses::STATIC | Uses::MEDIA)), "{extension}");
        }
        assert!(is_server_code("a.ASPX. .") && !is_server_code("aspx") && !is_server_code("a.aspx.txt"));
        assert!(is_web("web.config") && !is_web("x.exe.config"));
        assert!(is_php("phtml") && !is_php("inc") && is_java("tagf") && !is_server_code("a.tagf"));
    }
}
