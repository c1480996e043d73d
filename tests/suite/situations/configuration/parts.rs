//! How configuration is stored: encodings, parts in other files, files that are gone.

use super::super::{APPLICATION_HOST, Answer, Situation};
use super::{OWA, SHELL, add, library};

const REDIRECTION: &str = r"C:\Windows\System32\inetsrv\config\redirection.config";

/// A configuration by which pictures are pages.
const HANDLER: &str = r#"<configuration><system.webServer><handlers><add name="x" path="*.gif" verb="*" type="System.Web.UI.PageHandlerFactory"/></handlers></system.webServer></configuration>"#;

/// A text as windows-1252 has it.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c as u32).unwrap()).collect()
}

/// A text in UTF-16 without a mark.
fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "configuration/config_source_text",
        what: "The handlers section is in an external file that is not a .config file",
        plant: |s| {
            add(s, OWA, r#"<system.webServer><handlers configSource="auth\\logo.txt"/></system.webServer>"#);
            s.write(
                r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\logo.txt",
                r#"<handlers><add name="x" path="*.gif" verb="*" type="System.Web.UI.PageHandlerFactory"/></handlers>"#,
            );
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\logo.txt",
            reason: "config/static_extension_handler",
            level: "medium",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/config_source_modules",
        what: "The modules section is in an external file, with the intruder's DLL in `bin`",
        plant: |s| {
            add(s, OWA, r#"<system.webServer><modules configSource="m.config"/></system.webServer>"#);
            s.write(
                r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\m.config",
                r#"<modules><add name="x" type="Evil.M, Evil"/></modules>"#,
            );
            s.write(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\Evil.dll", library());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\Evil.dll",
            reason: "config/assembly_untrusted",
            level: "medium",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/config_source_broken",
        what: "An external part of the configuration cannot be parsed",
        plant: |s| {
            add(s, OWA, r#"<system.webServer><modules configSource="m.dat"/></system.webServer>"#);
            s.write(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\m.dat", "<modules><add");
        },
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "m.dat" },
        ordinary: None,
    },
    Situation {
        id: "configuration/settings_in_a_file_elsewhere",
        what: "Settings are included from ProgramData",
        plant: |s| {
            add(s, OWA, r#"<appSettings file="C:\ProgramData\s.txt"/>"#);
            s.write(
                r"C:\ProgramData\s.txt",
                r#"<appSettings><add key="owin:AppStartup" value="Evil.S, Evil"/></appSettings>"#,
            );
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/external_config_source", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/linked_configuration",
        what: "Configuration is linked from ProgramData",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<assemblyBinding><linkedConfiguration href="file:///C:/ProgramData/l.xml"/></assemblyBinding>"#,
            );
            s.write(r"C:\ProgramData\l.xml", "<configuration/>");
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/assembly_codebase", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/windows_1252",
        what: "The IIS configuration is stored in windows-1252, with an umlaut in a folder name",
        plant: |s| {
            let text = s.text(APPLICATION_HOST).replace("encoding=\"UTF-8\"", "encoding=\"windows-1252\"").replacen(
                "</application>",
                "<virtualDirectory path=\"/b\" physicalPath=\"C:\\B\u{fc}ro\" /></application>",
                1,
            );
            s.write(APPLICATION_HOST, latin(&text));
            s.shell("C:\\B\u{fc}ro\\x.aspx");
        },
        more: &[],
        answer: Answer::Finding { path: "C:\\B\u{fc}ro\\x.aspx", reason: SHELL, level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/utf16_without_mark",
        what: "A `web.config` is stored in UTF-16 without a byte order mark",
        plant: |s| s.write(OWA, wide(HANDLER)),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/static_extension_handler", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/utf32",
        what: "A `web.config` is stored in UTF-32",
        plant: |s| s.write(OWA, HANDLER.chars().flat_map(|c| (c as u32).to_le_bytes()).collect::<Vec<u8>>()),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/static_extension_handler", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/utf7",
        what: "A `web.config` declares UTF-7",
        plant: |s| {
            s.write(OWA, "<?xml version=\"1.0\" encoding=\"utf-7\"?><configuration>+ADw-x/+AD4-</configuration>")
        },
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "utf-7" },
        ordinary: None,
    },
    Situation {
        id: "configuration/ebcdic",
        what: "A `web.config` declares EBCDIC",
        plant: |s| s.write(OWA, "<?xml version=\"1.0\" encoding=\"IBM037\"?><configuration/>"),
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "IBM037" },
        ordinary: None,
    },
    Situation {
        id: "configuration/applicationhost_utf7",
        what: "The IIS configuration declares UTF-7",
        plant: |s| s.edit(APPLICATION_HOST, "encoding=\"UTF-8\"", "encoding=\"utf-7\""),
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "utf-7" },
        ordinary: None,
    },
    Situation {
        id: "configuration/entity",
        what: "A class name is written as an XML entity",
        plant: |s| {
            s.write(OWA, "<!DOCTYPE c [<!ENTITY t \"Evil.M, Evil\">]><configuration><system.webServer><modules><add name=\"x\" type=\"&t;\"/></modules></system.webServer></configuration>")
        },
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "entities" },
        ordinary: None,
    },
    Situation {
        id: "configuration/many_attributes",
        what: "An element has more attributes than are read",
        plant: |s| {
            s.write(
                OWA,
                format!(
                    "<configuration><own {} type=\"Evil.M, Evil\"/></configuration>",
                    (0..150).map(|n| format!("a{n}=\"\" ")).collect::<String>()
                ),
            )
        },
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "attributes" },
        ordinary: None,
    },
    Situation {
        id: "configuration/deep",
        what: "A `web.config` is nested deeper than is read",
        plant: |s| s.write(OWA, format!("<configuration>{}", "<a>".repeat(5_000))),
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "levels" },
        ordinary: None,
    },
    Situation {
        id: "configuration/missing",
        what: "`applicationHost.config` is missing",
        plant: |s| s.remove(APPLICATION_HOST),
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "not there" },
        ordinary: None,
    },
    Situation {
        id: "configuration/folder",
        what: "`applicationHost.config` is a folder",
        plant: |s| {
            s.remove(APPLICATION_HOST);
            s.write(&format!(r"{APPLICATION_HOST}\x"), "");
        },
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "a folder" },
        ordinary: None,
    },
    Situation {
        id: "configuration/temp_instead",
        what: "`applicationHost.config` is missing and a temporary copy is present",
        plant: |s| s.rename(APPLICATION_HOST, &format!("{APPLICATION_HOST}.temp")),
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "temp" },
        ordinary: None,
    },
    Situation {
        id: "configuration/redirected_inside",
        what: "The IIS configuration is redirected to another folder of the volume and serves the intruder's folder",
        plant: |s| {
            let text = s.text(APPLICATION_HOST).replacen(
                "</application>",
                "<virtualDirectory path=\"/b\" physicalPath=\"C:\\odd\" /></application>",
                1,
            );
            s.write(r"C:\shared\applicationHost.config", text);
            s.write(
                REDIRECTION,
                r#"<configuration><configurationRedirection enabled="true" path="C:\shared"/></configuration>"#,
            );
            s.shell(r"C:\odd\x.aspx");
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\odd\x.aspx", reason: SHELL, level: "medium" },
        ordinary: Some(|s| {
            s.write(
                REDIRECTION,
                r#"<configuration><configurationRedirection enabled="false" path="C:\shared"/></configuration>"#,
            )
        }),
    },
    Situation {
        id: "configuration/redirected_elsewhere",
        what: "The IIS configuration is redirected to another machine",
        plant: |s| {
            s.write(
                REDIRECTION,
                r#"<configuration><configurationRedirection enabled="1" path="\\host\share"/></configuration>"#,
            )
        },
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: "host" },
        ordinary: None,
    },
    Situation {
        id: "configuration/many_departures",
        what: "A thousand benign virtual directories precede one that points to a device",
        plant: |s| {
            let many: String = (0..1_500)
                .map(|n| format!("<virtualDirectory path=\"/h{n}\" physicalPath=\"C:\\inetpub\" />"))
                .collect();
            let odd = "<virtualDirectory path=\"/z\" physicalPath=\"C:\\ProgramData\\COM1\" />";
            s.edit(APPLICATION_HOST, "</application>", &format!("{many}{odd}</application>"));
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/path_reserved_device_name", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "configuration/sites_in_a_part",
        what: "The sites section of IIS is in an external file, with the intruder's folder",
        plant: |s| {
            let text = s.text(APPLICATION_HOST);
            let (from, to) = (text.find("<sites>").unwrap(), text.find("</sites>").unwrap() + "</sites>".len());
            let odd = r#"<virtualDirectory path="/b" physicalPath="C:\odd" /></application>"#;
            s.write(r"C:\Windows\System32\inetsrv\config\s.txt", text[from..to].replacen("</application>", odd, 1));
            s.write(APPLICATION_HOST, format!(r#"{}<sites configSource="s.txt"/>{}"#, &text[..from], &text[to..]));
            s.shell(r"C:\odd\x.aspx");
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\odd\x.aspx", reason: SHELL, level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/sites_in_a_part_that_is_gone",
        what: "The sites section of IIS is in an external file that is missing",
        plant: |s| {
            let text = s.text(APPLICATION_HOST);
            let (from, to) = (text.find("<sites>").unwrap(), text.find("</sites>").unwrap() + "</sites>".len());
            s.write(APPLICATION_HOST, format!(r#"{}<sites configSource="s.txt"/>{}"#, &text[..from], &text[to..]));
        },
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "s.txt" },
        ordinary: None,
    },
    Situation {
        id: "configuration/modules_in_a_part",
        what: "The modules section is in an external file and names a missing DLL",
        plant: |s| {
            s.write(
                r"C:\inetpub\wwwroot\img\web.config",
                r#"<configuration><system.webServer><modules configSource="m.config"/></system.webServer></configuration>"#,
            );
            s.write(
                r"C:\inetpub\wwwroot\img\m.config",
                r#"<modules><add name="q" type="Evil.Module, Evil"/></modules>"#,
            );
        },
        more: &[],
        answer: Answer::Gap { kind: "code_analysis_truncated", words: "Evil.Module" },
        ordinary: Some(|s| {
            s.write(
                r"C:\inetpub\wwwroot\img\web.config",
                r#"<configuration><system.webServer><modules configSource="m.config"/></system.webServer></configuration>"#,
            );
            s.write(
                r"C:\inetpub\wwwroot\img\m.config",
                r#"<modules><add name="q" type="System.Web.Security.FormsAuthenticationModule"/></modules>"#,
            );
        }),
    },
    Situation {
        id: "configuration/machine_key_in_a_part",
        what: "A fixed machine key is in an external file",
        plant: |s| {
            s.write(
                r"C:\inetpub\wwwroot\img\web.config",
                r#"<configuration><system.web><machineKey configSource="k.config"/></system.web></configuration>"#,
            );
            let key = "A1".repeat(64);
            s.write(
                r"C:\inetpub\wwwroot\img\k.config",
                format!(r#"<machineKey validationKey="{key}" validation="SHA1"/>"#),
            );
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot\img\k.config",
            reason: "config/machine_key_fixed",
            level: "medium",
        },
        ordinary: Some(|s| {
            s.write(
                r"C:\inetpub\wwwroot\img\web.config",
                r#"<configuration><system.web><machineKey configSource="k.config"/></system.web></configuration>"#,
            );
            s.write(
                r"C:\inetpub\wwwroot\img\k.config",
                r#"<machineKey validationKey="AutoGenerate,IsolateApps" decryptionKey="AutoGenerate,IsolateApps"/>"#,
            );
        }),
    },
    Situation {
        id: "configuration/rewrite_rules_in_a_part",
        what: "Rewrite rules that run a page for pictures are in an external file",
        plant: |s| {
            s.write(
                r"C:\inetpub\wwwroot\img\web.config",
                r#"<configuration><system.webServer><rewrite><rules configSource="rules.config"/></rewrite></system.webServer></configuration>"#,
            );
            s.write(
                r"C:\inetpub\wwwroot\img\rules.config",
                r#"<rules><rule name="a"><match url="^(.*)\.png$"/><action type="Rewrite" url="{R:1}.aspx"/></rule></rules>"#,
            );
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot\img\rules.config",
            reason: "config/url_rewrite",
            level: "low",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/handlers_in_a_part_that_is_gone",
        what: "The handlers section is in an external file that is missing",
        plant: |s| {
            s.write(
                r"C:\inetpub\wwwroot\img\web.config",
                r#"<configuration><system.webServer><handlers configSource="gone.config"/></system.webServer></configuration>"#,
            );
        },
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "gone.config" },
        ordinary: None,
    },
    Situation {
        id: "configuration/redirection_in_a_part",
        what: "The redirection of the IIS configuration is in an external file",
        plant: |s| {
            let odd = r#"<virtualDirectory path="/b" physicalPath="C:\odd" /></application>"#;
            s.write(r"C:\shared\applicationHost.config", s.text(APPLICATION_HOST).replacen("</application>", odd, 1));
            s.shell(r"C:\odd\x.aspx");
            s.write(
                REDIRECTION,
                r#"<configuration><configurationRedirection configSource="r.config"/></configuration>"#,
            );
            s.write(
                r"C:\Windows\System32\inetsrv\config\r.config",
                r#"<configurationRedirection enabled="true" path="C:\shared"/>"#,
            );
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\odd\x.aspx", reason: SHELL, level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/redirection_is_a_folder",
        what: "The file that redirects the IIS configuration is a folder",
        plant: |s| {
            s.remove(REDIRECTION);
            s.write(&format!(r"{REDIRECTION}\x.txt"), "");
        },
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "is a folder" },
        ordinary: Some(|s| s.remove(REDIRECTION)),
    },
];
