//! Classes whose library is not the one that their name says.

use super::super::{Answer, Situation};
use super::{OWA, add, library};

/// The configuration of the site above it.
const WWWROOT: &str = r"C:\inetpub\wwwroot\web.config";

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "configuration/class_with_microsofts_key",
        what: "A module names a custom class with Microsoft's public key token, in a DLL in `bin`",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.webServer><modules><add name="x" type="System.Web.Helper, Evil, Version=4.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"/></modules></system.webServer>"#,
            );
            s.write(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\Evil.dll", library());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\Evil.dll",
            reason: "config/assembly_untrusted",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/stock_class_in_false_library",
        what: "A default class is loaded from an unsigned DLL with a default name in `bin`",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<own><part type="Microsoft.Exchange.Common.ExWebHealthModule, Microsoft.Exchange.Common"/></own>"#,
            );
            s.write(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\Microsoft.Exchange.Common.dll", library());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\Microsoft.Exchange.Common.dll",
            reason: "config/assembly_untrusted",
            level: "high",
        },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<own><part type="Microsoft.Exchange.Common.ExWebHealthModule, Microsoft.Exchange.Common"/></own>"#,
            )
        }),
    },
    Situation {
        id: "configuration/stock_module_of_the_file_in_false_library",
        what: "The DLL of a module from the default configuration is in `bin`, unsigned",
        plant: |s| {
            s.write(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\Microsoft.Exchange.HttpUtilities.dll", library())
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\Microsoft.Exchange.HttpUtilities.dll",
            reason: "config/assembly_untrusted",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/stock_class_by_probing",
        what: "A probing path contains the intruder's DLL with a default name",
        plant: |s| {
            add(s, OWA, r#"<runtime><assemblyBinding><probing privatePath="auth;bin"/></assemblyBinding></runtime>"#);
            s.write(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\Microsoft.Exchange.HttpUtilities.dll", library());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\Microsoft.Exchange.HttpUtilities.dll",
            reason: "config/assembly_untrusted",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/stock_class_by_code_base",
        what: "`codeBase` loads a DLL with a default name from ProgramData",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<runtime><assemblyBinding><dependentAssembly><assemblyIdentity name="Microsoft.Exchange.HttpUtilities"/><codeBase version="15.0.0.0" href="file:///C:/ProgramData/h.dll"/></dependentAssembly></assemblyBinding></runtime>"#,
            );
            s.write(r"C:\ProgramData\h.dll", library());
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\ProgramData\h.dll", reason: "config/assembly_untrusted", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/stock_class_in_a_subfolders_file",
        what: "A `web.config` of a subfolder names a custom class in the application's `bin`",
        plant: |s| {
            s.write(
                r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\web.config",
                r#"<configuration><system.web><httpRuntime encoderType="Evil.E, Evil"/></system.web></configuration>"#,
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
        id: "configuration/class_in_the_global_cache",
        what: "A class with an Exchange name is in the global assembly cache, in an unsigned DLL",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><httpRuntime encoderType="Microsoft.Exchange.Own.E, Microsoft.Exchange.Own, Version=15.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"/></system.web>"#,
            );
            s.write(r"C:\Windows\Microsoft.NET\assembly\GAC_MSIL\Microsoft.Exchange.Own\v4.0_15.0.0.0__31bf3856ad364e35\Microsoft.Exchange.Own.dll", library());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\Microsoft.NET\assembly\GAC_MSIL\Microsoft.Exchange.Own\v4.0_15.0.0.0__31bf3856ad364e35\Microsoft.Exchange.Own.dll",
            reason: "config/assembly_untrusted",
            level: "medium",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/class_above_exchange",
        what: "A custom module in the `web.config` of the site above OWA",
        plant: |s| s.edit(WWWROOT, "<modules>", "<modules><add name=\"x\" type=\"Evil.M, Evil\"/>"),
        more: &[],
        answer: Answer::Finding { path: WWWROOT, reason: "config/managed_module", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/library_above_exchange",
        what: "A custom class in the `web.config` of the site above OWA, with its DLL in `bin`",
        plant: |s| {
            s.edit(WWWROOT, "<modules>", "<modules><add name=\"x\" type=\"Evil.M, Evil\"/>");
            s.write(r"C:\inetpub\wwwroot\bin\Evil.dll", library());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot\bin\Evil.dll",
            reason: "config/assembly_untrusted",
            level: "medium",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/validation_above_exchange",
        what: "A request validation class in the `web.config` of the site above OWA",
        plant: |s| {
            s.edit(
                WWWROOT,
                "</configuration>",
                "<system.web><httpRuntime requestValidationType=\"Evil.C, Evil\"/></system.web></configuration>",
            )
        },
        more: &[],
        answer: Answer::Finding { path: WWWROOT, reason: "config/custom_type_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/bare_class",
        what: "A class without an assembly name, named like Microsoft's, is in an unsigned DLL in `bin`",
        plant: |s| {
            add(s, OWA, r#"<system.web><httpRuntime encoderType="Microsoft.Own.Encoder"/></system.web>"#);
            s.write(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\any.dll", library());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\any.dll",
            reason: "config/assembly_untrusted",
            level: "low",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/module_with_a_key_as_text",
        what: "A module has a .NET name and the public key token as text, in a DLL that is not part of .NET",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.webServer><modules><add name="x" type="System.Web.Own, System.Web.Own, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a"/></modules></system.webServer>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/managed_module", level: "low" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<system.webServer><modules><add name="x" type="System.Web.Security.UrlAuthorizationModule, System.Web, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a"/></modules></system.webServer>"#,
            )
        }),
    },
    Situation {
        id: "configuration/redirected_library",
        what: "A .NET assembly is redirected to an unsigned version in `bin`",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<runtime><assemblyBinding><dependentAssembly><assemblyIdentity name="System.Web.Extensions" publicKeyToken="31bf3856ad364e35"/><bindingRedirect oldVersion="0.0.0.0-4.0.0.0" newVersion="9.0.0.0"/></dependentAssembly></assemblyBinding></runtime>"#,
            );
            s.write(
                r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\System.Web.Extensions.dll",
                library(),
            );
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\System.Web.Extensions.dll",
            reason: "config/assembly_untrusted",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/class_of_exchange_without_library",
        what: "A module has the name of an Exchange class and no assembly",
        plant: |s| {
            add(
                s,
                WWWROOT,
                r#"<system.webServer><modules><add name="q" type="Microsoft.Exchange.HttpUtilities.HostHeaderValidationModule"/></modules></system.webServer>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: WWWROOT, reason: "config/managed_module", level: "medium" },
        ordinary: None,
    },
];
