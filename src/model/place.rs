//! Where a file lies, in the terms by which locations are judged.

/// What a folder is to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Below an Exchange installation; the relative path starts at its root (`FrontEnd\...`).
    Exchange,
    /// Content of an IIS site, application or virtual directory.
    WebRoot,
    /// Temporary ASP.NET Files of a framework version.
    AspnetTemp,
    /// No web content by itself, but where attackers drop it.
    DropFolder,
    /// A folder nobody said anything about: judged by content alone.
    Unknown,
}

impl Role {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Role::Exchange => "exchange",
            Role::WebRoot => "web root",
            Role::AspnetTemp => "temporary asp.net files",
            Role::DropFolder => "drop folder",
            Role::Unknown => "folder",
        }
    }
}

/// The place of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The role of the area it lies in.
    pub role: Role,
    /// Its path below the area's root, folded, with backslashes, the file's own name last.
    pub relative: String,
    /// Whether the names of the stock pages of this installation are known: those of Exchange 2010 (V14) are not.
    pub stock_known: bool,
    /// The URL path that reaches it, where the configuration says so.
    pub url: Option<String>,
    /// Every way in which the web server reaches it; filled in for findings.
    pub reach: Vec<super::Endpoint>,
}

impl Place {
    /// A file of which only the content is judged.
    pub fn unknown(name: &str) -> Self {
        Self {
            role: Role::Unknown,
            relative: super::server_path::fold(name),
            stock_known: false,
            url: None,
            reach: Vec::new(),
        }
    }

    /// The folder part of the relative path, without a final separator.
    pub fn folder(&self) -> &str {
        self.relative.rsplit_once('\\').map_or("", |(folder, _)| folder)
    }

    /// Whether it lies in or below a folder of this name at any depth.
    pub fn has_folder(&self, name: &str) -> bool {
        self.folder().split('\\').any(|part| part == name)
    }
}

/// The kinds of file by what IIS does with them.
pub mod kind {
    /// Extensions that a stock IIS with ASP and ASP.NET hands to a script engine or compiles, and the file kinds that
    /// ASP.NET pulls into such a page. From applicationHost.config's handler map (IIS 10, .NET 4) and the build
    /// providers of the framework's root web.config; the last row is what other engines add where they are installed.
    pub const SERVER_CODE: &[&str] = &[
        "aspx", "ashx", "asmx", "asax", "ascx", "master", "svc", "soap", "rem", "axd", "xamlx", "cshtml", "vbhtml",
        "skin", "browser", "asp", "asa", "cer", "cdx", "stm", "shtm", "shtml", "cs", "vb", "jsl", "php", "php3",
        "php4", "php5", "php7", "php8", "phtml", "pht", "phar", "jsp", "jspx", "jspf", "jspa", "jsw", "jsv", "jhtml",
        "tag", "tagx", "cfm", "pl", "cgi", "idc", "xoml", "cshtm", "vbhtm", "aspq",
    ];

    /// Kinds that act when something reads them, though no engine takes them by their name: resources, markup of XAML, style
    /// sheets.
    pub fn is_read_as_code(name: &str) -> bool {
        matches!(
            super::super::server_path::extension(name).as_str(),
            "resx" | "resources" | "xaml" | "rules" | "xsl" | "xslt"
        )
    }

    /// Those that a server of Java runs.
    pub const JAVA: &[&str] = &["jsp", "jspx", "jspf", "jspa", "jsw", "jsv", "jhtml", "tag", "tagx", "tagf"];

    /// Those that PHP runs.
    pub const PHP: &[&str] = &["php", "php3", "php4", "php5", "php7", "php8", "phtml", "pht", "phar"];

    /// Whether a file of this name is server code, or configuration that can hold it.
    pub fn is_web(name: &str) -> bool {
        let extension = super::super::server_path::extension(name);
        SERVER_CODE.contains(&extension.as_str())
            || (extension == "config" && !name.to_ascii_lowercase().ends_with(".exe.config"))
    }

    /// Kinds that browsers show or run, and that IIS sends to them as they are unless a mapping or an include says otherwise. Their
    /// own code is no code of the server, so only a mark that an engine takes makes a page of one.
    pub const FOR_BROWSERS: &[&str] = &[
        "gif", "jpg", "jpeg", "png", "bmp", "ico", "svg", "webp", "tif", "tiff", "css", "scss", "less", "js", "mjs",
        "map", "ts", "htm", "html", "xhtml", "mht", "json", "ttf", "eot", "woff", "woff2", "otf", "swf", "pdf", "mp3",
        "mp4", "wav",
    ];

    /// Whether a file of this name is for browsers.
    pub fn is_for_browsers(name: &str) -> bool {
        FOR_BROWSERS.contains(&super::super::server_path::extension(name).as_str())
    }

    /// Kinds in which client-side templates write `<% %>` as well.
    const TEMPLATES: &[&str] = &[
        "js", "ts", "htm", "html", "xhtml", "json", "map", "xml", "md", "tmpl", "tpl", "ejs", "jst", "mustache", "vue",
    ];

    /// Whether a file of this name may hold client-side templates.
    pub fn holds_templates(name: &str) -> bool {
        TEMPLATES.contains(&super::super::server_path::extension(name).as_str())
    }

    /// Whether a file of this name is a program or a library.
    pub fn is_program(name: &str) -> bool {
        matches!(super::super::server_path::extension(name).as_str(), "exe" | "dll" | "sys" | "ocx")
    }

    /// Whether IIS hands a file of this name to an engine.
    pub fn is_server_code(name: &str) -> bool {
        SERVER_CODE.contains(&super::super::server_path::extension(name).as_str())
    }
}
