//! Settings of ASP.NET, of its compilers and of the framework's own files.

use super::super::{Answer, Situation};
use super::{OWA, add};

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "configuration/webdav_authoring",
        what: "WebDAV may write to the site",
        plant: |s| add(s, OWA, r#"<system.webServer><webdav><authoring enabled="true"/></webdav></system.webServer>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/dangerous_feature_enabled", level: "medium" },
        ordinary: Some(|s| {
            add(s, OWA, r#"<system.webServer><webdav><authoring enabled="false"/></webdav></system.webServer>"#)
        }),
    },
    Situation {
        id: "configuration/url_mapping",
        what: "A URL is mapped to a page with a picture's extension",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><urlMappings enabled="true"><add url="~/x.aspx" mappedUrl="~/auth/logo.gif"/></urlMappings></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/external_page_included", level: "low" },
        ordinary: Some(|s| add(s, OWA, r#"<system.web><urlMappings enabled="false"/></system.web>"#)),
    },
    Situation {
        id: "configuration/controls_src",
        what: "A user control with a picture's extension is registered for every page",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><pages><controls><add tagPrefix="e" tagName="e" src="~/auth/logo.gif"/></controls></pages></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/external_page_included", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/code_sub_directories",
        what: "A code folder is compiled into a separate assembly",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><compilation><codeSubDirectories><add directoryName="Sub"/></codeSubDirectories></compilation></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/external_page_included", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/temp_directory",
        what: "Compiled pages are stored in the intruder's folder",
        plant: |s| add(s, OWA, r#"<system.web><compilation tempDirectory="C:\ProgramData\t"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/external_page_included", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/master_page",
        what: "Every page uses the intruder's master page",
        plant: |s| add(s, OWA, r#"<system.web><pages masterPageFile="~/auth/x.master"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/external_page_included", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/compiler_options",
        what: "Compiler options add a DLL to the page compiler",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.codedom><compilers><compiler language="c#" extension=".cs" type="Microsoft.CSharp.CSharpCodeProvider, System, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089" compilerOptions="/r:auth\x.dll"/></compilers></system.codedom>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/executable_launched", level: "low" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<system.codedom><compilers><compiler language="c#" extension=".cs" type="Microsoft.CSharp.CSharpCodeProvider, System, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089" warningLevel="4" compilerOptions="/langversion:default /nowarn:1659;1699;1701"/></compilers></system.codedom>"#,
            )
        }),
    },
    Situation {
        id: "configuration/compiler_response_file",
        what: "Compiler options name a response file",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.codedom><compilers><compiler language="c#" extension=".cs" type="Microsoft.CSharp.CSharpCodeProvider, System, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089" compilerOptions="@auth\x.txt"/></compilers></system.codedom>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/executable_launched", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/encrypted_settings",
        what: "Settings are encrypted",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<appSettings configProtectionProvider="DataProtectionConfigurationProvider"><EncryptedData><CipherData><CipherValue>AAAA</CipherValue></CipherData></EncryptedData></appSettings>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/section_encrypted", level: "low" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<connectionStrings configProtectionProvider="DataProtectionConfigurationProvider"><EncryptedData><CipherData><CipherValue>AAAA</CipherValue></CipherData></EncryptedData></connectionStrings>"#,
            )
        }),
    },
    Situation {
        id: "configuration/encrypted_handlers",
        what: "The handlers section is encrypted",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.webServer><handlers configProtectionProvider="RsaProtectedConfigurationProvider"><EncryptedData/></handlers></system.webServer>"#,
            )
        },
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "encrypted" },
        ordinary: None,
    },
    Situation {
        id: "configuration/root_v2.0.50727_web",
        what: "A custom class in `web.config` of .NET v2.0.50727",
        plant: |s| {
            s.write(r"C:\Windows\Microsoft.NET\Framework64\v2.0.50727\Config\web.config", r#"<configuration><system.web><httpModules><add name="x" type="Evil.M, Evil"/></httpModules><membership><providers><add name="e" type="Evil.P, Evil"/></providers></membership></system.web></configuration>"#)
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\Microsoft.NET\Framework64\v2.0.50727\Config\web.config",
            reason: "config/custom_type_loaded",
            level: "low",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/root_v2.0.50727_machine",
        what: "A custom class in `machine.config` of .NET v2.0.50727",
        plant: |s| {
            s.write(r"C:\Windows\Microsoft.NET\Framework64\v2.0.50727\Config\machine.config", r#"<configuration><system.web><httpModules><add name="x" type="Evil.M, Evil"/></httpModules><membership><providers><add name="e" type="Evil.P, Evil"/></providers></membership></system.web></configuration>"#)
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\Microsoft.NET\Framework64\v2.0.50727\Config\machine.config",
            reason: "config/custom_type_loaded",
            level: "low",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/root_v4.0.30319_web",
        what: "A custom class in `web.config` of .NET v4.0.30319",
        plant: |s| {
            s.write(r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Config\web.config", r#"<configuration><system.web><httpModules><add name="x" type="Evil.M, Evil"/></httpModules><membership><providers><add name="e" type="Evil.P, Evil"/></providers></membership></system.web></configuration>"#)
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Config\web.config",
            reason: "config/custom_type_loaded",
            level: "low",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/root_v4.0.30319_machine",
        what: "A custom class in `machine.config` of .NET v4.0.30319",
        plant: |s| {
            s.write(r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Config\machine.config", r#"<configuration><system.web><httpModules><add name="x" type="Evil.M, Evil"/></httpModules><membership><providers><add name="e" type="Evil.P, Evil"/></providers></membership></system.web></configuration>"#)
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Config\machine.config",
            reason: "config/custom_type_loaded",
            level: "low",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/root_v4.0.99999_web",
        what: "A custom class in `web.config` of .NET v4.0.99999",
        plant: |s| {
            s.write(r"C:\Windows\Microsoft.NET\Framework64\v4.0.99999\Config\web.config", r#"<configuration><system.web><httpModules><add name="x" type="Evil.M, Evil"/></httpModules><membership><providers><add name="e" type="Evil.P, Evil"/></providers></membership></system.web></configuration>"#)
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\Microsoft.NET\Framework64\v4.0.99999\Config\web.config",
            reason: "config/custom_type_loaded",
            level: "low",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/root_v4.0.99999_machine",
        what: "A custom class in `machine.config` of .NET v4.0.99999",
        plant: |s| {
            s.write(r"C:\Windows\Microsoft.NET\Framework64\v4.0.99999\Config\machine.config", r#"<configuration><system.web><httpModules><add name="x" type="Evil.M, Evil"/></httpModules><membership><providers><add name="e" type="Evil.P, Evil"/></providers></membership></system.web></configuration>"#)
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\Microsoft.NET\Framework64\v4.0.99999\Config\machine.config",
            reason: "config/custom_type_loaded",
            level: "low",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/aspnet_config",
        what: "`aspnet.config` of .NET sets an AppDomainManager",
        plant: |s| {
            s.write(r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\aspnet.config", r#"<configuration><runtime><appDomainManagerAssembly value="Evil"/><appDomainManagerType value="Evil.M"/></runtime></configuration>"#)
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\aspnet.config",
            reason: "config/appdomain_manager",
            level: "medium",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/browser_adapter",
        what: "A browser definition renders controls with a custom class",
        plant: |s| {
            s.write(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\App_Browsers\x.browser", r#"<browsers><browser refID="Default"><controlAdapters><adapter controlType="System.Web.UI.Page" adapterType="Evil.A, Evil"/></controlAdapters></browser></browsers>"#)
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\App_Browsers\x.browser",
            reason: "config/custom_type_loaded",
            level: "low",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/compiler_configuration",
        what: "The configuration of the page compiler sets an AppDomainManager",
        plant: |s| {
            s.write(
                r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\csc.exe.config",
                r#"<configuration><runtime><appDomainManagerType value="Evil.M"/></runtime></configuration>"#,
            )
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\csc.exe.config",
            reason: "config/appdomain_manager",
            level: "medium",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/session_server",
        what: "Sessions are deserialized from another server",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><sessionState mode="StateServer" stateConnectionString="tcpip=192.0.2.1:42424"/></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/dangerous_feature_enabled", level: "low" },
        ordinary: Some(|s| add(s, OWA, r#"<system.web><sessionState mode="Off"/></system.web>"#)),
    },
    Situation {
        id: "configuration/settings_from_where_anybody_writes",
        what: "Settings are included from the Windows temporary folder",
        plant: |s| {
            s.write(
                r"C:\inetpub\wwwroot\img\web.config",
                r#"<configuration><appSettings file="..\..\..\Windows\Temp\k.txt"/></configuration>"#,
            );
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot\img\web.config",
            reason: "config/external_config_source",
            level: "medium",
        },
        ordinary: Some(|s| {
            s.write(
                r"C:\inetpub\wwwroot\img\web.config",
                r#"<configuration><appSettings file="..\..\secrets.config"/><connectionStrings configSource="gone.config"/></configuration>"#,
            );
        }),
    },
];
