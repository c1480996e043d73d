//! The default configuration of IIS and ASP.NET on an Exchange server: `signatures/exchange/modules.csv`,
//! `web_config.csv` and `mitigations.csv`. File and module names are compared without case, as Windows and IIS do.

use crate::model::server_path::fold;
use std::collections::{HashMap, HashSet};

/// The name of a .NET type as configuration writes it: `Class, Assembly, Version=..., PublicKeyToken=...`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeName {
    /// The class with its namespace.
    pub class: String,
    /// The assembly, where one is named.
    pub assembly: Option<String>,
    /// The public key token, where one is named; `null` is none.
    pub token: Option<String>,
}

impl TypeName {
    /// Reads such a name. Anything is one: what cannot be understood is part of the class.
    pub fn parse(text: &str) -> Self {
        let mut parts = text.split(',').map(str::trim);
        let class = parts.next().unwrap_or_default().to_owned();
        let mut name = Self { class, assembly: None, token: None };
        for part in parts {
            match part.split_once('=').map(|(key, value)| (key.trim(), value.trim())) {
                Some((key, value)) if key.eq_ignore_ascii_case("PublicKeyToken") => {
                    name.token = Some(value.to_ascii_lowercase()).filter(|token| token != "null");
                }
                Some(_) => {}
                None if name.assembly.is_none() && !part.is_empty() => name.assembly = Some(part.to_owned()),
                None => {}
            }
        }
        name
    }
}

/// What is known of a .NET type that configuration names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeIs {
    /// On the list, as the list has it.
    Default,
    /// On the list by its class, but of another assembly or key.
    NotAsDefault,
    /// Named like a part of Exchange, but on no list.
    LikeExchange,
    /// Named like a part of .NET or Windows, and of a key of Microsoft's.
    Microsoft,
    /// Named like a part of .NET or Windows, without such a key.
    LikeMicrosoft,
    /// Of somebody else.
    Foreign,
}

/// What is known of a native module or filter that configuration loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageIs {
    /// On the list, at its place.
    Default,
    /// On the list by its name, but another file.
    NotAsDefault,
    /// On no list.
    Unknown,
}

/// A rewrite rule that Microsoft gave out against an attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MitigationFact {
    /// The vulnerability; empty if the source does not name it.
    pub cve: String,
    /// What sets it: a script or the mitigation service.
    pub by: String,
    /// The name that it sets.
    pub name: String,
    /// The input of its condition, folded.
    pub input: String,
    /// The pattern of its condition, folded.
    pub pattern: String,
    /// Whether it is known to hold; `None` if unknown.
    pub works: Option<bool>,
}

/// The public key tokens that Microsoft signs .NET, Windows, Exchange, SharePoint and ASP.NET Core with.
const MICROSOFT: &[&str] = &[
    "b77a5c561934e089",
    "b03f5f7f11d50a3a",
    "31bf3856ad364e35",
    "89845dcd8080cc91",
    "71e9bce111e9429c",
    "adb9793829ddae60",
    "cc7b13ffcd2ddd51",
];

/// Assemblies of the framework whose names do not begin as [`is_named_like_microsoft`] asks, and of Microsoft's servers.
const OWN_NAMES: &[&str] = &[
    "mscorlib",
    "mscorcfg",
    "system",
    "netstandard",
    "windowsbase",
    "presentationcore",
    "presentationframework",
    "smdiagnostics",
    "sysglobl",
    "uiautomationtypes",
    "reportingserviceswebserver",
    "reportingservicesnativeclient",
    "reportingserviceslibrary",
];

/// Whether an assembly is called as Microsoft calls its own.
pub fn is_named_like_microsoft(assembly: &str) -> bool {
    let name = fold(assembly);
    ["system.", "microsoft."].iter().any(|start| name.starts_with(start)) || OWN_NAMES.contains(&name.as_str())
}

/// Whether the framework itself has an assembly of this name. The names of .NET Framework 4.8 that configuration has reason to
/// name (docs.microsoft.com, ".NET Framework assemblies and versions").
pub fn is_of_the_framework(assembly: &str) -> bool {
    let name = fold(assembly);
    let web = [
        "abstractions",
        "applicationservices",
        "datavisualization",
        "dynamicdata",
        "entity",
        "extensions",
        "mobile",
        "regularexpressions",
        "routing",
        "services",
    ];
    matches!(
        name.as_str(),
        "mscorlib"
            | "system"
            | "netstandard"
            | "system.web"
            | "system.core"
            | "system.xml"
            | "system.data"
            | "system.drawing"
            | "system.configuration"
            | "system.configuration.install"
            | "system.enterpriseservices"
            | "system.security"
            | "system.transactions"
            | "system.activities"
            | "system.management"
            | "system.messaging"
            | "system.numerics"
            | "system.printing"
            | "system.design"
            | "system.deployment"
            | "system.directoryservices"
            | "microsoft.csharp"
            | "microsoft.visualbasic"
            | "microsoft.jscript"
            | "microsoft.build.framework"
            | "microsoft.build.utilities"
            | "microsoft.web.administration"
            | "microsoft.web.management"
            | "microsoft.web.management.iis"
    ) || name.strip_prefix("system.web.").is_some_and(|rest| web.contains(&rest))
        || [
            "system.servicemodel",
            "system.identitymodel",
            "system.runtime",
            "system.workflow",
            "system.xml",
            "system.xaml",
            "system.data",
            "system.componentmodel",
            "system.activities",
            "system.net",
            "system.directoryservices",
            "system.addin",
            "system.io",
            "system.windows",
        ]
        .iter()
        .any(|start| name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// All of it.
#[derive(Debug, Default)]
pub struct DefaultConfig {
    images: HashMap<String, HashSet<String>>,
    express: HashSet<(String, String)>,
    products: Vec<String>,
    modules: HashSet<String>,
    types: HashMap<String, Vec<TypeName>>,
    handlers: HashSet<(String, String)>,
    builds: HashSet<(String, String)>,
    not_anonymous: HashSet<String>,
    mitigations: Vec<MitigationFact>,
    rows: (usize, usize),
}

impl DefaultConfig {
    pub(super) fn parse(modules: &str, web_config: &str, mitigations: &str) -> Self {
        let mut defaults = Self::default();
        for row in rows(modules) {
            let [kind, name, path, _, modules, image, class, ..] = &row[..] else { continue };
            defaults.rows.0 += 1;
            match kind.as_str() {
                "global_module" | "optional_module" | "isapi_filter" => {
                    defaults.images.entry(fold(name)).or_default().insert(plain_path(image));
                }
                "express_module" => drop(defaults.express.insert((fold(name), plain_path(image)))),
                "product_module" => defaults.products.push(plain_path(image)),
                "not_anonymous" => drop(defaults.not_anonymous.insert(fold(path))),
                "managed_module" => {
                    defaults.modules.insert(fold(name));
                    defaults.add_type(class);
                }
                "framework_type" => defaults.add_type(class),
                _ => {
                    defaults.add_type(class);
                    defaults.add_handler(path, class, modules, image);
                }
            }
        }
        for row in rows(web_config) {
            let [_, section, name, path, _, class, ..] = &row[..] else { continue };
            defaults.rows.1 += 1;
            if section.ends_with("odules") {
                defaults.modules.insert(fold(name));
            }
            defaults.add_type(class);
            match section.as_str() {
                "buildProviders" => {
                    defaults.builds.insert((fold(path.trim_start_matches('.')), engine(class, "", "")));
                }
                "expressionBuilders" => {}
                _ if path.is_empty() => {}
                _ => defaults.add_handler(path, class, "", ""),
            }
        }
        for row in rows(mitigations) {
            let [cve, by, name, input, pattern, works, ..] = &row[..] else { continue };
            defaults.mitigations.push(MitigationFact {
                cve: cve.clone(),
                by: by.clone(),
                name: name.clone(),
                input: fold(input),
                pattern: fold(pattern),
                works: match works.as_str() {
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => None,
                },
            });
        }
        defaults
    }

    fn add_type(&mut self, text: &str) {
        let name = TypeName::parse(text);
        // Native modules and script engines have no namespace.
        if name.class.contains('.') {
            let known = self.types.entry(fold(&name.class)).or_default();
            if !known.contains(&name) {
                known.push(name);
            }
        }
    }

    fn add_handler(&mut self, path: &str, class: &str, modules: &str, image: &str) {
        self.handlers.insert((fold(path), engine(class, modules, image)));
    }

    /// What is known of a .NET type.
    pub fn type_is(&self, name: &TypeName) -> TypeIs {
        let class = fold(&name.class);
        let microsoft = name.token.as_deref().is_some_and(|token| MICROSOFT.contains(&token));
        if let Some(known) = self.types.get(&class) {
            // The list has a type with and without its assembly and key, as files write it; what one row says is binding.
            let agrees = |own: &Option<String>, other: fn(&TypeName) -> &Option<String>| match own {
                None => true,
                Some(own) => {
                    let mut said = known.iter().filter_map(|known| other(known).as_deref()).peekable();
                    said.peek().is_none() || said.any(|other| other.eq_ignore_ascii_case(own))
                }
            };
            let token = match &name.token {
                Some(_) if known.iter().all(|known| known.token.is_none()) => microsoft,
                token => agrees(token, |known| &known.token),
            };
            let assembly = match &name.assembly {
                Some(assembly) if known.iter().all(|known| known.assembly.is_none()) => {
                    ["system.", "microsoft."].iter().any(|start| fold(assembly).starts_with(start))
                }
                assembly => agrees(assembly, |known| &known.assembly),
            };
            // Without its library a class is taken from `bin`, unless it is one of System.Web.
            let bare = name.assembly.is_none()
                && class.starts_with("microsoft.exchange.")
                && known.iter().all(|known| known.assembly.is_some());
            return if assembly && token && !bare { TypeIs::Default } else { TypeIs::NotAsDefault };
        }
        match () {
            () if class.starts_with("microsoft.exchange.") => TypeIs::LikeExchange,
            () if !class.starts_with("system.") && !class.starts_with("microsoft.") => TypeIs::Foreign,
            // A key is only text: what carries one of Microsoft's has a name of Microsoft's too.
            () if microsoft && name.assembly.as_deref().is_none_or(is_named_like_microsoft) => TypeIs::Microsoft,
            () => TypeIs::LikeMicrosoft,
        }
    }

    /// What is known of a native module or ISAPI filter of this name and image. `exchange` is the folder of the installation,
    /// folded and without a final separator, where it is known.
    pub fn image_is(&self, name: &str, image: &str, exchange: Option<&str>) -> ImageIs {
        let Some(known) = self.images.get(&fold(name)) else { return ImageIs::Unknown };
        let image = in_default_folder(image, exchange);
        if known.contains(&image) { ImageIs::Default } else { ImageIs::NotAsDefault }
    }

    /// Whether a native or managed module of this name belongs to IIS or to Exchange.
    pub fn knows_module(&self, name: &str) -> bool {
        let name = fold(name);
        self.images.contains_key(&name) || self.modules.contains(&name)
    }

    /// Whether an image is one that a default module or filter has, whatever it is called here. `exchange` as above.
    pub fn is_default_image(&self, image: &str, exchange: Option<&str>) -> bool {
        let image = in_default_folder(image, exchange);
        self.images.values().any(|known| known.contains(&image))
    }

    /// Whether IIS Express has a native module of this name and image that IIS does not have.
    pub fn is_of_express(&self, name: &str, image: &str) -> bool {
        self.express.contains(&(fold(name), plain_path(image)))
    }

    /// Whether an image lies where a well-known product puts it.
    pub fn is_of_a_product(&self, image: &str) -> bool {
        let image = plain_path(image);
        self.products.iter().any(|known| fits(known, &image))
    }

    /// Whether a normal server maps this path to this engine: a class, or modules and a script processor.
    pub fn maps(&self, path: &str, class: &str, modules: &str, image: &str) -> bool {
        self.handlers.contains(&(fold(path), engine(class, modules, image)))
    }

    /// Whether Exchange has a build provider of this class for this extension, which comes without a point.
    pub fn builds(&self, extension: &str, class: &str) -> bool {
        self.builds.contains(&(fold(extension), engine(class, "", "")))
    }

    /// Whether no capture lets anybody in without a name at this place: `Default Web Site/PowerShell`.
    pub fn asks_for_a_name(&self, location: &str) -> bool {
        self.not_anonymous.contains(&fold(location.trim_end_matches('/')))
    }

    /// The rewrite rules that Microsoft gave out.
    pub fn mitigations(&self) -> &[MitigationFact] {
        &self.mitigations
    }
}

/// Where Exchange 2013 and later lie if nobody chose another folder, folded.
const EXCHANGE: &str = r"c:\program files\microsoft\exchange server\v15";

/// What stands for a folder at the start of a path, folded. Windows is taken to lie on C:, as `%windir%` does nearly always.
const VARIABLES: &[(&str, &str)] = &[
    (r"\\?\", ""),
    (r"\\.\", ""),
    ("%windir%", r"c:\windows"),
    ("%systemroot%", r"c:\windows"),
    ("%systemdrive%", "c:"),
    ("%programfiles%", r"c:\program files"),
    ("%programdata%", r"c:\programdata"),
    ("%allusersprofile%", r"c:\programdata"),
    ("%public%", r"c:\users\public"),
    ("%exchangeinstallpath%", r"c:\program files\microsoft\exchange server\v15\"),
    ("<exchangeinstallpath>", EXCHANGE),
];

/// A path as configuration writes it, in one form: folded, without quotes and `file:`, the known variables put in, `..` and
/// repeated separators resolved.
pub fn plain_path(path: &str) -> String {
    let folded = fold(path.trim().trim_matches('"'));
    let folded = folded.strip_prefix("file:").map_or(folded.as_str(), |rest| match rest.strip_prefix("///") {
        Some(rest) => rest,
        // `file://C:\x` is how Exchange's own files write a local path.
        None => rest.strip_prefix("//").filter(|rest| rest.as_bytes().get(1) == Some(&b':')).unwrap_or(rest),
    });
    let mut text = folded.replace('/', "\\");
    for (written, value) in VARIABLES {
        if let Some(rest) = text.strip_prefix(written) {
            text = format!("{value}{rest}");
        }
    }
    let share = text.starts_with(r"\\");
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('\\') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_none_or(|last| *last == "..") => parts.push(part),
            // Nothing lies above a drive.
            ".." if parts.len() == 1 && parts[0].ends_with(':') => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("{}{}", if share { r"\\" } else { "" }, parts.join("\\"))
}

/// The plain path of an image, with the installation folder of Exchange as if it were the default one.
fn in_default_folder(image: &str, exchange: Option<&str>) -> String {
    let image = plain_path(image);
    match exchange.and_then(|root| image.strip_prefix(root)).filter(|rest| rest.starts_with('\\')) {
        Some(rest) => format!("{EXCHANGE}{rest}"),
        None => image,
    }
}

/// Whether a path is as a pattern says, in which `*` stands for a part of one name. Both folded.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('\\'), path.split('\\'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(pattern), Some(name)) => {
                let fits = match pattern.split_once('*') {
                    Some((start, end)) => {
                        name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
                    }
                    None => pattern == name,
                };
                if !fits {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

fn engine(class: &str, modules: &str, image: &str) -> String {
    match TypeName::parse(class).class {
        class if !class.is_empty() => fold(&class),
        _ => format!("{}|{}", fold(modules), plain_path(image)),
    }
}

fn rows(text: &str) -> impl Iterator<Item = Vec<String>> + '_ {
    let reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    reader.into_records().flatten().map(|row| row.iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::super::{MITIGATIONS, MODULES, WEB_CONFIG, default_config, rows_of, unpack_text};
    use super::*;

    fn is(text: &str) -> TypeIs {
        default_config().type_is(&TypeName::parse(text))
    }

    #[test]
    fn every_row_is_read_and_is_the_default() {
        let defaults = default_config();
        let rows = [MODULES, WEB_CONFIG, MITIGATIONS].map(|packed| rows_of(&unpack_text(packed)));
        assert_eq!([defaults.rows.0, defaults.rows.1, defaults.mitigations().len()], rows);
        assert!(!defaults.images.is_empty() && defaults.images.len() < rows[0]);
        for known in defaults.types.values().flatten() {
            assert_eq!(defaults.type_is(known), TypeIs::Default, "{known:?}");
        }
        for (name, images) in &defaults.images {
            assert!(images.iter().all(|image| defaults.image_is(name, image, None) == ImageIs::Default));
        }
    }

    #[test]
    fn types_are_distinguished() {
        let full = "Microsoft.Exchange.Common.ExWebHealthModule,Microsoft.Exchange.Common, Version=15.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35";
        assert_eq!(is(full), TypeIs::Default);
        assert_eq!(is(&full.replace("31bf3856ad364e35", "0123456789abcdef")), TypeIs::NotAsDefault);
        assert_eq!(is(&full.replace(",Microsoft.Exchange.Common,", ", Helper,")), TypeIs::NotAsDefault);
        assert_eq!(is("System.Web.Security.RoleManagerModule, Evil"), TypeIs::NotAsDefault);
        assert_eq!(is("System.Web.Security.RoleManagerModule"), TypeIs::Default);
        assert_eq!(is("Microsoft.Exchange.Clients.Auth.Helper, Microsoft.Exchange.Auth"), TypeIs::LikeExchange);
        assert_eq!(
            is(
                "Microsoft.SharePoint.ApplicationRuntime.SPRequestModule, Microsoft.SharePoint, Version=16.0.0.0, Culture=neutral, PublicKeyToken=71e9bce111e9429c"
            ),
            TypeIs::Microsoft
        );
        assert_eq!(is("System.Web.Mvc.X, System.Web.Mvc, PublicKeyToken=31BF3856AD364E35"), TypeIs::Microsoft);
        assert_eq!(is("System.Web.Helper"), TypeIs::LikeMicrosoft);
        assert_eq!(is("Vendor.Agent, Vendor"), TypeIs::Foreign);
        assert_eq!(TypeName::parse("A,B,PublicKeyToken=null").token, None);
    }

    #[test]
    fn images_are_compared_by_their_place() {
        let defaults = default_config();
        let is = |name, image, root| defaults.image_is(name, image, root);
        assert_eq!(is("rewritemodule", r"C:\Windows\system32\inetsrv\.\Rewrite.dll", None), ImageIs::Default);
        assert_eq!(is("RewriteModule", r"C:\Windows\System32\inetsrv\..\rewrite.dll", None), ImageIs::NotAsDefault);
        assert_eq!(is("HttpCacheModule2", r"%windir%\System32\inetsrv\cachhttp.dll", None), ImageIs::Unknown);
        let moved = r"F:\Program Files\Microsoft\Exchange\Bin\kerbauth.dll";
        assert_eq!(is("kerbauth", moved, None), ImageIs::NotAsDefault);
        assert_eq!(is("kerbauth", moved, Some(r"f:\program files\microsoft\exchange")), ImageIs::Default);
    }

    #[test]
    fn paths_have_one_form() {
        for (path, plain) in [
            (r#" "%SystemRoot%/System32\\inetsrv\x.dll" "#, r"c:\windows\system32\inetsrv\x.dll"),
            (r"C:\Temp\..\Windows\x.dll", r"c:\windows\x.dll"),
            (r"%windir%\..\..\Temp\x.dll", r"c:\temp\x.dll"),
            (r"\\host\share\x.dll", r"\\host\share\x.dll"),
            (r"%windir%evil\x.dll", r"c:\windowsevil\x.dll"),
            (r"\\?\C:\Windows\x.dll", r"c:\windows\x.dll"),
            (r"file://C:\Ex\x.config", r"c:\ex\x.config"),
            ("file:///C:/Ex/x.dll", r"c:\ex\x.dll"),
            (r"file://host/share/x.dll", r"\\host\share\x.dll"),
            (r"%ExchangeInstallPath%bin\x.dll", r"c:\program files\microsoft\exchange server\v15\bin\x.dll"),
            (r".\bin\..\..\x", r"..\x"),
            ("", ""),
        ] {
            assert_eq!(plain_path(path), plain, "{path}");
        }
    }
}
