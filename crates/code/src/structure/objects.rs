//! Data that creates objects when it is read: resources with serialized objects, XAML markup, and server-side include
//! commands.
//!
//! A `.resx` in `App_GlobalResources`, `App_LocalResources` or `App_Code` is read when ASP.NET compiles it (`ResXBuildProvider`),
//! and reading gives what `BinaryFormatter` or `SoapFormatter` make of it (Microsoft, "BinaryFormatter security guide";
//! `ResXDataNode` of .NET Framework's reference source: `application/x-microsoft.net.object.binary.base64`). A reader of XAML makes
//! whatever class the markup names and calls what `ObjectDataProvider` or `InvokeMethod` say.

use super::tag;
use super::text::{blank, goes_on, run};
use super::{Block, BlockKind, Element, Language};
use crate::code::flow::fold;
use std::ops::Range;

/// Something that acts when data is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// What it is.
    pub what: What,
    /// Where it lies.
    pub range: Range<usize>,
}

/// What data carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A command of the system in a server-side include.
    Command,
    /// A program in a server-side include, by its URL path.
    Program,
    /// Serialized objects of classes that run programs when they are read.
    Gadget,
    /// Serialized objects of classes that resources have no need of.
    Foreign,
    /// Markup that starts a program or loads one.
    Start,
}

/// Names of classes by which serialized objects run programs: those of public collections of such objects (ysoserial.net's list).
const GADGETS: &[&[u8]] = &[
    b"System.Windows.Data.ObjectDataProvider",
    b"System.DelegateSerializationHolder",
    b"System.Collections.Generic.ComparisonComparer",
    b"System.Diagnostics.Process",
    b"System.Security.Principal.WindowsIdentity",
    b"System.Security.Principal.WindowsPrincipal",
    b"System.Security.Principal.GenericPrincipal",
    b"System.Security.Claims.Claims",
    b"System.Web.Security.RolePrincipal",
    b"System.IdentityModel.Tokens.SessionSecurityToken",
    b"Microsoft.IdentityModel.",
    b"Microsoft.VisualStudio.Text.Formatting.",
    b"System.Workflow.ComponentModel.",
    b"System.Management.Automation.",
    b"System.Management.IWbemClassObjectFreeThreaded",
    b"System.Data.DataSet",
    b"System.Data.DataViewManager",
    b"System.Drawing.Design.ToolboxItemContainer",
    b"System.Web.UI.MobileControls.SessionViewState",
    b"System.CodeDom.Compiler.TempFileCollection",
    b"System.Configuration.Install.AssemblyInstaller",
    b"System.Windows.ResourceDictionary",
    b"System.Windows.Markup.XamlReader",
    b"System.Activities.Presentation.WorkflowDesigner",
    b"System.Runtime.Remoting.ObjRef",
    b"System.Reflection.Assembly",
    b"System.Resources.ResourceSet",
    b"System.Linq.Enumerable",
    b"Microsoft.PowerShell.",
];

/// Assemblies whose classes resources of ordinary programs hold, lower case.
const ORDINARY: &[&str] = &["mscorlib", "system", "system.drawing", "system.windows.forms", "system.drawing.common"];

/// How many objects of one file are kept.
const MOST: usize = 64;
/// How much of one object's text is undone.
const MOST_TEXT: usize = 4 << 20;

/// What resources carry: text (`.resx`) or binary (`.resources`).
pub(super) fn resources(text: &[u8]) -> Vec<Carried> {
    const KINDS: &[&[u8]] = &[b"x-microsoft.net.object.binary.base64", b"x-microsoft.net.object.soap.base64"];
    let mut found = Vec::new();
    if text.starts_with(&[0xCE, 0xCA, 0xEF, 0xBE]) {
        // The header names the classes that read it, `System.Resources.ResourceSet` among them; its length stands at 8.
        let header = text.get(8..12).and_then(|length| length.try_into().ok()).map_or(0, u32::from_le_bytes);
        let objects = text.get(12..).and_then(|rest| rest.get(header as usize..)).unwrap_or(text);
        found.extend(judge(objects).map(|what| Carried { what, range: 0..4 }).filter(|c| c.what == What::Gadget));
        return found;
    }
    let mut at = 0;
    while let Some(next) = memchr::memmem::find(&text[at..], b"x-microsoft.net.object.").map(|n| at + n) {
        at = next + 1;
        if !KINDS.iter().any(|kind| goes_on(text, next, kind)) || found.len() >= MOST {
            continue;
        }
        // The value is the text of the element, or of one in it.
        let Some(open) = memchr::memmem::find(&text[next..], b"<value").map(|n| next + n) else { break };
        let Some(start) = memchr::memchr(b'>', &text[open..]).map(|n| open + n + 1) else { break };
        let end = memchr::memmem::find(&text[start..], b"</").map_or(text.len(), |n| start + n);
        let mut value: Vec<u8> =
            text[start..end].iter().copied().filter(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b)).collect();
        value.truncate(MOST_TEXT);
        value.truncate(value.len() / 4 * 4);
        let what = fold::base64(&value).and_then(|bytes| judge(&bytes));
        found.extend(what.map(|what| Carried { what, range: next..end }));
        at = end.max(at);
    }
    files(text, &mut found);
    found
}

/// Files that resources take in (`ResXFileRef`: `path;type;encoding`): one by an absolute path, or one of which an object is made
/// that is neither a picture nor a text.
fn files(text: &[u8], found: &mut Vec<Carried>) {
    let mut at = 0;
    while let Some(next) = memchr::memmem::find(&text[at..], b"System.Resources.ResXFileRef").map(|n| at + n) {
        at = next + 1;
        if found.len() >= MOST {
            return;
        }
        let Some(open) = memchr::memmem::find(&text[next..], b"<value").map(|n| next + n) else { return };
        let Some(start) = memchr::memchr(b'>', &text[open..]).map(|n| open + n + 1) else { return };
        let end = memchr::memchr(b'<', &text[start..]).map_or(text.len(), |n| start + n);
        let value = text[start..end].trim_ascii();
        let mut parts = value.split(|byte| *byte == b';');
        let path = parts.next().unwrap_or_default();
        let class = parts.next().unwrap_or_default();
        let absolute = path.starts_with(b"\\\\") || path.starts_with(b"//") || path.get(1) == Some(&b':');
        if GADGETS.iter().any(|name| memchr::memmem::find(class, name).is_some()) {
            found.push(Carried { what: What::Gadget, range: next..end });
        } else if absolute || judge(class) == Some(What::Foreign) {
            found.push(Carried { what: What::Foreign, range: next..end });
        }
        at = end.max(at);
    }
}

/// The names of classes in objects that `SoapFormatter` wrote, as `BinaryFormatter` writes them: there a name space and an assembly
/// stand in the name of a space of XML (`http://schemas.microsoft.com/clr/nsassem/Space/Assembly`), the class in that of an element.
fn soap(bytes: &[u8]) -> Option<Vec<u8>> {
    const SPACES: &[&[u8]] = &[b"schemas.microsoft.com/clr/nsassem/", b"schemas.microsoft.com/clr/ns/"];
    let mut names = Vec::new();
    for (at, space) in SPACES
        .iter()
        .flat_map(|space| memchr::memmem::find_iter(bytes, space).take(MOST).map(|at| (at + space.len(), *space)))
    {
        let rest = &bytes[at..bytes.len().min(at + 1024)];
        let rest = &rest[..rest.iter().position(|byte| b"\"'>".contains(byte)).unwrap_or(rest.len())];
        let (name, assembly) = match rest.iter().position(|byte| *byte == b'/') {
            Some(slash) if space.ends_with(b"nsassem/") => (&rest[..slash], &rest[slash + 1..]),
            _ => (rest, &b"mscorlib"[..]),
        };
        // xmlns:a1="http://..."
        let before = &bytes[at.saturating_sub(128)..at];
        let prefix = memchr::memmem::rfind(before, b"xmlns:").map(|n| &before[n + 6..]);
        let prefix = prefix.map(|p| &p[..p.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(0)]);
        let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty()) else { continue };
        let element = [prefix, b":"].concat();
        for found in memchr::memmem::find_iter(bytes, &element).take(MOST) {
            let class = &bytes[found + element.len()..];
            let end = class.iter().position(|b| !(b.is_ascii_alphanumeric() || b"_.-".contains(b)));
            names.extend([name, b".", &class[..end.unwrap_or(class.len()).min(256)], b"\n"].concat());
        }
        let assembly = &assembly[..assembly.iter().position(|b| b"%,".contains(b)).unwrap_or(assembly.len())];
        names.extend([b" ", assembly, b", Version=\n"].concat());
    }
    (!names.is_empty()).then_some(names)
}

/// What serialized objects are, by the names in them.
fn judge(bytes: &[u8]) -> Option<What> {
    let soap = soap(bytes);
    let bytes = soap.as_deref().unwrap_or(bytes);
    if GADGETS.iter().any(|name| memchr::memmem::find(bytes, name).is_some()) {
        return Some(What::Gadget);
    }
    let names_assembly = memchr::memmem::find_iter(bytes, b", Version=").take(10_000).any(|at| {
        let before = &bytes[at.saturating_sub(200)..at];
        let start =
            before.iter().rposition(|b| !(b.is_ascii_alphanumeric() || b"._-".contains(b))).map_or(0, |n| n + 1);
        let name = String::from_utf8_lossy(&before[start..]).to_ascii_lowercase();
        // The length of a string stands in front of it, and may look like a letter.
        !ORDINARY.iter().any(|known| name == *known || name.get(1..) == Some(known))
    });
    names_assembly.then_some(What::Foreign)
}

/// What markup of XAML makes and calls.
pub(super) fn markup(text: &[u8]) -> Vec<Carried> {
    let has = |word: &[u8]| memchr::memmem::find(text, word);
    let mut found = Vec::new();
    // A class is named by a prefix of its name space, or as text with its assembly.
    let spaces: &[(&[u8], &[&[u8]])] = &[
        (b"System.Diagnostics", &[b":Process", b"Diagnostics.Process"]),
        (b"System.Reflection", &[b":Assembly", b"Reflection.Assembly"]),
        (b"System.Management.Automation", &[b":PowerShell", b"Automation.PowerShell", b":Runspace"]),
        (b"System.Windows.Markup", &[b":XamlReader", b"Markup.XamlReader"]),
        (b"System.CodeDom.Compiler", &[b"CodeProvider", b":CompilerParameters"]),
    ];
    for (space, classes) in spaces {
        if has(space).is_some()
            && let Some((at, class)) = classes.iter().find_map(|class| Some((has(class)?, class)))
        {
            found.push(Carried { what: What::Start, range: at..at + class.len() });
        }
    }
    // Lists of the values of an enumeration are what markup of windows has it for.
    let ordinary = [&b"\"GetValues\""[..], b"'GetValues'", b"\"GetNames\"", b"'GetNames'"];
    for at in memchr::memmem::find_iter(text, b"ObjectDataProvider").take(1000) {
        let element = &text[at..text.len().min(at + 4096)];
        let element = &element[..memchr::memchr(b'>', element).unwrap_or(element.len())];
        let calls = memchr::memmem::find(element, b"MethodName").is_some();
        let usual = ordinary.iter().any(|word| memchr::memmem::find(element, word).is_some());
        if calls && !usual && found.len() < MOST {
            found.push(Carried { what: What::Start, range: at..at + b"ObjectDataProvider".len() });
        }
    }
    found
}

/// The name space by which style sheets have scripts.
const SCRIPTED: &[u8] = b"urn:schemas-microsoft-com:xslt";

/// Whether a text is a style sheet with scripts of Microsoft's kind.
pub fn is_scripted_sheet(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    text.trim_ascii_start().starts_with(b"<")
        && memchr::memmem::find(text, SCRIPTED).is_some()
        && memchr::memmem::find(text, b":script").is_some()
}

/// The scripts of a style sheet: `<msxsl:script language="C#" implements-prefix="x">`, under whatever prefix.
pub(super) fn sheet(text: &[u8]) -> (Vec<Block>, Vec<Element>) {
    let (mut blocks, mut elements) = (Vec::new(), Vec::new());
    let mut attributes = Vec::new();
    let mut at = 0;
    while let Some(open) = memchr::memmem::find(&text[at..], b":script").map(|n| at + n) {
        at = open + 7;
        let prefix = text[..open].iter().rposition(|b| !(b.is_ascii_alphanumeric() || b"_-.".contains(b)));
        let Some(start) = prefix.filter(|&start| text[start] == b'<') else { continue };
        let Ok(tag) = tag::read(text, start, 4096, &mut attributes) else { continue };
        if tag.empty || !blank(text[at.min(text.len() - 1)]) && text[at.min(text.len() - 1)] != b'>' {
            continue;
        }
        let declared = attributes.iter().find(|a| text[a.name.clone()].eq_ignore_ascii_case(b"language"));
        let declared = declared.map(|a| text[a.value.clone()].to_ascii_lowercase()).unwrap_or_default();
        let language = match &declared[..] {
            b"c#" | b"csharp" | b"cs" => Language::CSharp,
            b"vb" | b"visualbasic" | b"vbs" | b"vbscript" => Language::VisualBasic,
            _ => Language::JScript,
        };
        let from = run(text, tag.end, blank);
        let from = if goes_on(text, from, b"<![CDATA[") { from + 9 } else { tag.end };
        let name = &text[start + 1..at];
        let closing = [b"</", name].concat();
        let end = memchr::memmem::find(&text[from..], &closing).map_or(text.len(), |n| from + n);
        let code = text[from..end].trim_ascii_end();
        let end = from + code.strip_suffix(b"]]>").unwrap_or(code).len();
        if blocks.len() < super::text::MAX_KEPT {
            blocks.push(Block { kind: BlockKind::Members, language, range: from..end });
            let tag = String::from_utf8_lossy(name).to_ascii_lowercase();
            elements.push(Element { tag, id: String::new(), attributes: Vec::new(), range: start..from });
        }
        at = end.max(at);
    }
    (blocks, elements)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    fn resx(mime: &str, bytes: &[u8]) -> Vec<What> {
        let value = STANDARD.encode(bytes);
        let text = format!(
            "<root><data name=\"a\" mimetype=\"application/{mime}\"><value>\r\n  {value}\r\n</value></data></root>"
        );
        resources(text.as_bytes()).into_iter().map(|carried| carried.what).collect()
    }

    #[test]
    fn serialized_objects_of_resources_are_distinguished_by_their_classes() {
        let binary = "x-microsoft.net.object.binary.base64";
        let picture = b"\0\x01\0\0\0\x0c\x02\0\0\0QSystem.Drawing, Version=4.0.0.0, Culture=neutral\x05\x01\0\0\0\x15System.Drawing.Bitmap";
        assert_eq!(resx(binary, picture), []);
        let list = b"\x0c\x02\0\0\0WSystem.Windows.Forms, Version=2.0.0.0\x26System.Windows.Forms.ImageListStreamer";
        assert_eq!(resx(binary, list), []);
        assert_eq!(resx(binary, b"\x0cOwn.Things, Version=1.0.0.0"), [What::Foreign]);
        let gadget = b"..mscorlib, Version=4.0.0.0..System.DelegateSerializationHolder..";
        assert_eq!(resx(binary, gadget), [What::Gadget]);
        assert_eq!(resx("x-microsoft.net.object.soap.base64", gadget), [What::Gadget]);
        assert_eq!(resx("x-microsoft.net.object.bytearray.base64", gadget), []);
        let soap = |space: &str, class: &str| {
            let space = format!("http://schemas.microsoft.com/clr/nsassem/{space}");
            let text = format!(
                "<SOAP-ENV:Envelope><a1:{class} xmlns:a1=\"{space}%2C%20Version%3D4.0.0.0\"/></SOAP-ENV:Envelope>"
            );
            resx("x-microsoft.net.object.soap.base64", text.as_bytes())
        };
        assert_eq!(soap("System.Windows.Data/PresentationFramework", "ObjectDataProvider"), [What::Gadget]);
        assert_eq!(soap("Own/Own", "Thing"), [What::Foreign]);
        assert_eq!(soap("System.Drawing/System.Drawing", "Bitmap"), []);
        let file = |value: &str| {
            let text = format!(
                "<data type=\"System.Resources.ResXFileRef, System.Windows.Forms\"><value>{value}</value></data>"
            );
            resources(text.as_bytes()).into_iter().map(|carried| carried.what).collect::<Vec<_>>()
        };
        assert_eq!(file("..\\a.png;System.Drawing.Bitmap, System.Drawing, Version=4.0.0.0"), []);
        assert_eq!(file("C:\\none\\a.bin;System.Byte[], mscorlib, Version=4.0.0.0"), [What::Foreign]);
        assert_eq!(file("a.bin;Own.Thing, Own, Version=1.0.0.0"), [What::Foreign]);
        let compiled = [&[0xCE, 0xCA, 0xEF, 0xBE, 1, 0, 0, 0][..], gadget].concat();
        assert_eq!(resources(&compiled).len(), 1);
        // Every file of resources names the classes that read it.
        let header = b"lSystem.Resources.ResourceReader, mscorlib, Version=2.0.0.0\x1cSystem.Resources.ResourceSet";
        let length = u32::try_from(header.len()).expect("short").to_le_bytes();
        let empty = [&[0xCE, 0xCA, 0xEF, 0xBE, 1, 0, 0, 0][..], &length, header, &[2, 0, 0, 0, 0, 0, 0, 0]].concat();
        assert_eq!(resources(&empty), []);
        assert_eq!(resources(&[&empty[..], gadget].concat()).len(), 1);
    }

    #[test]
    fn markup_that_starts_programs_is_distinguished_from_that_of_windows() {
        let of = |text: &str| markup(text.as_bytes()).len();
        assert_eq!(
            of(
                "<R xmlns:d='clr-namespace:System.Diagnostics;assembly=System'><ObjectDataProvider x:Key='a' ObjectType='{x:Type d:Process}' MethodName='Start'/></R>"
            ),
            2
        );
        assert_eq!(
            of(
                "<InvokeMethod TargetType='d:Process' MethodName='Start' xmlns:d='clr-namespace:System.Diagnostics;assembly=System'/>"
            ),
            1
        );
        assert_eq!(of("<ObjectDataProvider MethodName=\"GetValues\" ObjectType='{x:Type sys:Enum}'>"), 0);
        assert_eq!(of("<Window xmlns:d='clr-namespace:System.Diagnostics'><d:Trace/></Window>"), 0);
    }

    #[test]
    fn scripts_of_style_sheets_are_code_under_any_prefix() {
        let text = "<x:stylesheet xmlns:m='urn:schemas-microsoft-com:xslt'><m:script language='C#' implements-prefix='u'><![CDATA[ int a; ]]></m:script>\
            <m:script language=\"VB\">Dim b</m:script><m:script implements-prefix='q'>var c;</m:script><x:template/></x:stylesheet>";
        assert!(is_scripted_sheet(text.as_bytes()));
        let (blocks, elements) = sheet(text.as_bytes());
        let found: Vec<_> = blocks.iter().map(|block| (text[block.range.clone()].trim(), block.language)).collect();
        assert_eq!(
            found,
            [("int a;", Language::CSharp), ("Dim b", Language::VisualBasic), ("var c;", Language::JScript)]
        );
        assert_eq!(elements.len(), 3);
        assert!(!is_scripted_sheet(b"var s = 'urn:schemas-microsoft-com:xslt <m:script'"));
    }

    #[test]
    fn endless_openings_are_read_in_bounded_time() {
        let begin = std::time::Instant::now();
        sheet(&b"<m:script ".repeat(50_000));
        resources(&b"x-microsoft.net.object.binary.base64 ".repeat(20_000));
        markup(&b"ObjectDataProvider ".repeat(50_000));
        assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
    }
}
