//! Encodings, external parts, and the classes and programs that configuration loads.

use super::{APPLICATION_HOST, Answer, Server, Situation};

/// The configuration of OWA's sign-in pages.
const OWA: &str = r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\web.config";
/// The configuration of the site above it.
const WWWROOT: &str = r"C:\inetpub\wwwroot\web.config";
const REDIRECTION: &str = r"C:\Windows\System32\inetsrv\config\redirection.config";
const ADMINISTRATION: &str = r"C:\Windows\System32\inetsrv\config\administration.config";
/// A reason that the inert page has wherever it is examined.
const SHELL: &str = "signature/china_chopper_jscript_eval_unsafe";
/// A configuration by which pictures are pages.
const HANDLER: &str = r#"<configuration><system.webServer><handlers><add name="x" path="*.gif" verb="*" type="System.Web.UI.PageHandlerFactory"/></handlers></system.webServer></configuration>"#;

/// Puts something at the end of a configuration.
fn add(server: &Server, config: &str, inside: &str) {
    server.edit(config, "</configuration>", &format!("{inside}</configuration>"));
}

/// A small library of .NET that nobody has signed.
fn library() -> Vec<u8> {
    stored("fixtures/signed/unsigned.dll.b64")
}

fn stored(file: &str) -> Vec<u8> {
    use base64::Engine;
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text: String = std::fs::read_to_string(path).unwrap().split_whitespace().collect();
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

/// A configuration of IIS Express that serves `C:\odd`.
const EXPRESS: &str = r#"<configuration><system.applicationHost><sites><site name="WebSite1" id="1"><application path="/"><virtualDirectory path="/" physicalPath="C:\odd"/></application></site></sites></system.applicationHost></configuration>"#;

/// Puts something into a pool of IIS.
fn pool(server: &Server, inside: &str) {
    server.edit(
        APPLICATION_HOST,
        "</applicationPools>",
        &format!(r#"<add name="more">{inside}</add></applicationPools>"#),
    );
}

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
        id: "configuration/request_validation_type",
        what: "A custom class validates every request value",
        plant: |s| add(s, OWA, r#"<system.web><httpRuntime requestValidationType="Evil.Check, Evil"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<system.web><httpRuntime requestValidationMode="2.0" requestValidationType="System.Web.Util.RequestValidator"/></system.web>"#,
            )
        }),
    },
    Situation {
        id: "configuration/encoder_type",
        what: "A custom class encodes all page output",
        plant: |s| add(s, OWA, r#"<system.web><httpRuntime encoderType="Evil.Encoder"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<system.web><httpRuntime encoderType="System.Web.Security.AntiXss.AntiXssEncoder, System.Web"/></system.web>"#,
            )
        }),
    },
    Situation {
        id: "configuration/page_base_type",
        what: "Every page derives from a custom class",
        plant: |s| add(s, OWA, r#"<system.web><pages pageBaseType="Evil.Page, Evil"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: Some(|s| add(s, OWA, r#"<system.web><pages validateRequest="false"/></system.web>"#)),
    },
    Situation {
        id: "configuration/user_control_base_type",
        what: "Every user control derives from a custom class",
        plant: |s| add(s, OWA, r#"<system.web><pages userControlBaseType="Evil.Control"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/page_parser_filter",
        what: "A page parser filter modifies pages",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><pages pageParserFilterType="Evil.Filter, Evil, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null"/></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/soap_extension",
        what: "A SOAP extension sees every web service message",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><webServices><soapExtensionTypes><add type="Evil.Soap, Evil" priority="1" group="0"/></soapExtensionTypes></webServices></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/session_id_manager",
        what: "A custom class creates session IDs",
        plant: |s| add(s, OWA, r#"<system.web><sessionState sessionIDManagerType="Evil.Ids, Evil"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: Some(|s| add(s, OWA, r#"<system.web><sessionState mode="InProc"/></system.web>"#)),
    },
    Situation {
        id: "configuration/session_provider",
        what: "A custom class stores sessions",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><sessionState mode="Custom"><providers><add name="e" type="Evil.Store, Evil"/></providers></sessionState></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/membership_provider",
        what: "A custom membership provider receives passwords",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><membership><providers><add name="e" type="Evil.Members, Evil"/></providers></membership></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/role_provider",
        what: "A custom role provider assigns roles",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><roleManager enabled="true"><providers><add name="e" type="Evil.Roles, Evil"/></providers></roleManager></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/profile_inherits",
        what: "The profile of every visitor is a custom class",
        plant: |s| add(s, OWA, r#"<system.web><profile inherits="Evil.Profile, Evil"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/health_monitoring",
        what: "A custom health monitoring provider receives every event",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><healthMonitoring><providers><add name="e" type="Evil.Events, Evil"/></providers></healthMonitoring></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/output_cache",
        what: "A custom output cache provider stores responses",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><caching><outputCache><providers><add name="e" type="Evil.Cache, Evil"/></providers></outputCache></caching></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/config_sections",
        what: "A configuration section is read by a custom class",
        plant: |s| add(s, OWA, r#"<configSections><section name="e" type="Evil.Section, Evil"/></configSections>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "low" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<configSections><section name="e" type="System.Configuration.NameValueSectionHandler, System"/></configSections>"#,
            )
        }),
    },
    Situation {
        id: "configuration/config_sections_framework_name",
        what: "A section is read by a class with a .NET name, in the intruder's DLL",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<configSections><section name="e" type="System.Configuration.NameValueSectionHandler, Evil"/></configSections>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/behavior_extensions",
        what: "A WCF behaviour extension is added to services",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.serviceModel><extensions><behaviorExtensions><add name="e" type="Evil.Behavior, Evil"/></behaviorExtensions></extensions></system.serviceModel>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/binding_extensions",
        what: "A WCF binding extension is added to services",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.serviceModel><extensions><bindingElementExtensions><add name="e" type="Evil.Binding, Evil"/></bindingElementExtensions></extensions></system.serviceModel>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/service_activations",
        what: "A WCF service is activated without a file",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.serviceModel><serviceHostingEnvironment><serviceActivations><add relativeAddress="x.svc" service="Evil.Service" factory="Evil.Factory, Evil"/></serviceActivations></serviceHostingEnvironment></system.serviceModel>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<system.serviceModel><serviceHostingEnvironment aspNetCompatibilityEnabled="true"/></system.serviceModel>"#,
            )
        }),
    },
    Situation {
        id: "configuration/password_validator",
        what: "A custom class receives the passwords of callers",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.serviceModel><behaviors><serviceBehaviors><behavior name="b"><serviceCredentials><userNameAuthentication userNamePasswordValidationMode="Custom" customUserNamePasswordValidatorType="Evil.Validator, Evil"/></serviceCredentials></behavior></serviceBehaviors></behaviors></system.serviceModel>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/service_authorization",
        what: "A custom class decides who may call a service",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.serviceModel><behaviors><serviceBehaviors><behavior><serviceAuthorization serviceAuthorizationManagerType="Evil.Manager, Evil"/></behavior></serviceBehaviors></behaviors></system.serviceModel>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/tag_mapping",
        what: "Page controls are replaced by a custom class",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><pages><tagMapping><add tagType="System.Web.UI.WebControls.TextBox" mappedTagType="Evil.Box, Evil"/></tagMapping></pages></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/controls_assembly",
        what: "Controls for every page come from the intruder's DLL",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><pages><controls><add tagPrefix="e" namespace="Evil" assembly="Evil"/></controls></pages></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "low" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<system.web><pages><controls><add tagPrefix="a" namespace="System.Web.UI" assembly="System.Web.Extensions, Version=4.0.0.0, Culture=neutral, PublicKeyToken=31BF3856AD364E35"/></controls></pages></system.web>"#,
            )
        }),
    },
    Situation {
        id: "configuration/folder_build_provider",
        what: "Folders are compiled by a custom class",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><compilation><folderLevelBuildProviders><add name="e" type="Evil.Builder, Evil"/></folderLevelBuildProviders></compilation></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/assembly_post_processor",
        what: "A custom class processes every assembly before it is loaded",
        plant: |s| {
            add(s, OWA, r#"<system.web><compilation assemblyPostProcessorType="Evil.Post, Evil"/></system.web>"#)
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/compilation_assemblies",
        what: "A DLL with a start method is referenced by every page",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.web><compilation><assemblies><add assembly="Evil, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null"/></assemblies></compilation></system.web>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "low" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<system.web><compilation><assemblies><add assembly="System.Web.Extensions, Version=4.0.0.0, Culture=neutral, PublicKeyToken=31BF3856AD364E35"/><add assembly="*"/></assemblies></compilation></system.web>"#,
            )
        }),
    },
    Situation {
        id: "configuration/trace_listener",
        what: "A custom listener receives all traces",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.diagnostics><trace><listeners><add name="e" type="Evil.Listener, Evil"/></listeners></trace></system.diagnostics>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "low" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<system.diagnostics><trace><listeners><add name="d" type="System.Diagnostics.TextWriterTraceListener"/></listeners></trace></system.diagnostics>"#,
            )
        }),
    },
    Situation {
        id: "configuration/web_request_module",
        what: "A custom class opens outgoing URLs",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.net><webRequestModules><add prefix="https" type="Evil.Https, Evil"/></webRequestModules></system.net>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/proxy_module",
        what: "A custom class proxies outgoing requests",
        plant: |s| {
            add(s, OWA, r#"<system.net><defaultProxy><module type="Evil.Proxy, Evil"/></defaultProxy></system.net>"#)
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/protected_data_provider",
        what: "A custom class decrypts configuration sections",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<configProtectedData><providers><add name="e" type="Evil.Provider, Evil"/></providers></configProtectedData>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/config_builders",
        what: "A custom class builds parts of the configuration",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<configBuilders><builders><add name="e" type="Evil.Builder, Evil"/></builders></configBuilders>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/owin_startup",
        what: "An app setting makes a custom class start with the application",
        plant: |s| add(s, OWA, r#"<appSettings><add key="owin:AppStartup" value="Evil.Startup, Evil"/></appSettings>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: Some(|s| {
            add(s, OWA, r#"<appSettings><add key="owin:AutomaticAppStartup" value="false"/></appSettings>"#)
        }),
    },
    Situation {
        id: "configuration/crypto_class",
        what: "A cryptographic algorithm is mapped to a custom class",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<mscorlib><cryptographySettings><cryptoNameMapping><cryptoClasses><cryptoClass SHA="Evil.Sha, Evil, Version=1.0.0.0, Culture=neutral, PublicKeyToken=null"/></cryptoClasses></cryptoNameMapping></cryptographySettings></mscorlib>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/unknown_attribute",
        what: "A custom class is named in an attribute that is in no table",
        plant: |s| add(s, OWA, r#"<own><part handler="Evil.Part, Evil"/></own>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "low" },
        ordinary: Some(|s| add(s, OWA, r#"<own><part text="Outlook, Exchange and others"/></own>"#)),
    },
    Situation {
        id: "configuration/claims_manager",
        what: "A custom class determines the caller's identity",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.identityModel><identityConfiguration><claimsAuthenticationManager type="Evil.Claims, Evil"/></identityConfiguration></system.identityModel>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/wellknown",
        what: "A custom object can be called over .NET remoting",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.runtime.remoting><application><service><wellknown mode="Singleton" type="Evil.Object, Evil" objectUri="x.rem"/></service></application></system.runtime.remoting>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/location_path",
        what: "The class is named in a `location` element for a subfolder",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<location path="auth"><system.web><httpRuntime requestValidationType="Evil.Check, Evil"/></system.web></location>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/type_filter_level",
        what: ".NET remoting deserializes any type",
        plant: |s| {
            add(
                s,
                OWA,
                r#"<system.runtime.remoting><application><channels><channel ref="http"><serverProviders><formatter ref="binary" typeFilterLevel="Full"/></serverProviders></channel></channels></application></system.runtime.remoting>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/switched_on", level: "medium" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<system.runtime.remoting><application><channels><channel ref="http"><serverProviders><formatter ref="binary" typeFilterLevel="Low"/></serverProviders></channel></channels></application></system.runtime.remoting>"#,
            )
        }),
    },
    Situation {
        id: "configuration/webdav_authoring",
        what: "WebDAV may write to the site",
        plant: |s| add(s, OWA, r#"<system.webServer><webdav><authoring enabled="true"/></webdav></system.webServer>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/switched_on", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/page_drawn_in", level: "low" },
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
        answer: Answer::Finding { path: OWA, reason: "config/page_drawn_in", level: "low" },
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
        answer: Answer::Finding { path: OWA, reason: "config/page_drawn_in", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/temp_directory",
        what: "Compiled pages are stored in the intruder's folder",
        plant: |s| add(s, OWA, r#"<system.web><compilation tempDirectory="C:\ProgramData\t"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/page_drawn_in", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/master_page",
        what: "Every page uses the intruder's master page",
        plant: |s| add(s, OWA, r#"<system.web><pages masterPageFile="~/auth/x.master"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/page_drawn_in", level: "low" },
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
        answer: Answer::Finding { path: OWA, reason: "config/program_started", level: "low" },
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
        answer: Answer::Finding { path: OWA, reason: "config/program_started", level: "low" },
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
            reason: "config/class_library",
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
            reason: "config/class_library",
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
            reason: "config/class_library",
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
            reason: "config/class_library",
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
        answer: Answer::Finding { path: r"C:\ProgramData\h.dll", reason: "config/class_library", level: "low" },
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
            reason: "config/class_library",
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
            reason: "config/class_library",
            level: "medium",
        },
        ordinary: None,
    },
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
            reason: "config/handler_static",
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
            reason: "config/class_library",
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
        answer: Answer::Finding { path: OWA, reason: "config/configuration_elsewhere", level: "low" },
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
        answer: Answer::Finding { path: OWA, reason: "config/library_by_path", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/handler_static", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/utf32",
        what: "A `web.config` is stored in UTF-32",
        plant: |s| s.write(OWA, HANDLER.chars().flat_map(|c| (c as u32).to_le_bytes()).collect::<Vec<u8>>()),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/handler_static", level: "medium" },
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
        id: "configuration/iis_express",
        what: "A user serves a folder with IIS Express",
        plant: |s| {
            s.write(r"C:\Users\u\Documents\IISExpress\config\applicationhost.config", r#"<configuration><sites><site name="w" id="1"><application path="/"><virtualDirectory path="/" physicalPath="C:\odd"/></application></site></sites></configuration>"#);
            s.shell(r"C:\odd\x.aspx");
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\odd\x.aspx", reason: SHELL, level: "medium" },
        ordinary: Some(|s| {
            s.write(r"C:\Users\u\Documents\IISExpress\config\applicationhost.config", r#"<configuration><sites><site name="w" id="1"><application path="/"><virtualDirectory path="/" physicalPath="%IIS_SITES_HOME%\WebSite1"/></application></site></sites></configuration>"#)
        }),
    },
    Situation {
        id: "configuration/own_schema",
        what: "A custom schema is added to IIS",
        plant: |s| {
            s.write(r"C:\Windows\System32\inetsrv\config\schema\own.xml", "<configSchema><sectionSchema name=\"system.webServer/handlers\"><collection addElement=\"put\"/></sectionSchema></configSchema>")
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\System32\inetsrv\config\schema\own.xml",
            reason: "config/own_schema",
            level: "medium",
        },
        ordinary: Some(|s| {
            s.write(r"C:\Windows\System32\inetsrv\config\schema\IIS_schema.xml", "<configSchema><sectionSchema name=\"system.webServer/handlers\"><collection addElement=\"add\" clearElement=\"clear\"/></sectionSchema></configSchema>")
        }),
    },
    Situation {
        id: "configuration/administration_provider",
        what: "The IIS management service authenticates with a custom class",
        plant: |s| {
            s.write(ADMINISTRATION, r#"<configuration><system.webServer><management><authentication><providers><add name="x" type="Evil.Logon, Evil"/></providers></authentication></management></system.webServer></configuration>"#)
        },
        more: &[],
        answer: Answer::Finding { path: ADMINISTRATION, reason: "config/class_loaded", level: "medium" },
        ordinary: Some(|s| {
            s.write(ADMINISTRATION, r#"<configuration><moduleProviders><add name="Modules" type="Microsoft.Web.Management.Iis.Modules.ModulesModuleProvider, Microsoft.Web.Management.Iis, Version=10.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"/></moduleProviders></configuration>"#)
        }),
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
            reason: "config/class_loaded",
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
            reason: "config/class_loaded",
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
            reason: "config/class_loaded",
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
            reason: "config/class_loaded",
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
            reason: "config/class_loaded",
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
            reason: "config/class_loaded",
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
            reason: "config/domain_manager",
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
            reason: "config/class_loaded",
            level: "low",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/managed_runtime_loader",
        what: "A pool uses a custom runtime loader",
        plant: |s| {
            s.edit(
                APPLICATION_HOST,
                r#"<add name="DefaultAppPool" autoStart="true" />"#,
                r#"<add name="DefaultAppPool" autoStart="true" managedRuntimeLoader="own.dll" />"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "medium" },
        ordinary: Some(|s| {
            s.edit(
                APPLICATION_HOST,
                r#"<add name="DefaultAppPool" autoStart="true" />"#,
                r#"<add name="DefaultAppPool" autoStart="true" managedRuntimeLoader="webengine4.dll" />"#,
            )
        }),
    },
    Situation {
        id: "configuration/cor_profiler",
        what: "A pool loads a profiler",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"<add name="DefaultAppPool" autoStart="true" />"#, r#"<add name="DefaultAppPool"><environmentVariables><add name="COR_ENABLE_PROFILING" value="1"/><add name="COR_PROFILER" value="{0}"/><add name="COR_PROFILER_PATH" value="C:\ProgramData\p.dll"/></environmentVariables></add>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "configuration/startup_hooks",
        what: "A pool has a .NET startup hook",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"<add name="DefaultAppPool" autoStart="true" />"#, r#"<add name="DefaultAppPool"><environmentVariables><add name="DOTNET_STARTUP_HOOKS" value="C:\x\h.dll"/></environmentVariables></add>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/complus",
        what: "A pool sets runtime options by environment variables",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"<add name="DefaultAppPool" autoStart="true" />"#, r#"<add name="DefaultAppPool"><environmentVariables><add name="COMPlus_Own" value="x"/></environmentVariables></add>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/variables_of_all_pools",
        what: "The pool defaults set an AppDomainManager by environment variable",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"<processModel identityType="ApplicationPoolIdentity" />"#, r#"<processModel identityType="ApplicationPoolIdentity" /><environmentVariables><add name="APPDOMAIN_MANAGER_ASM" value="Evil"/></environmentVariables>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/orphan_action",
        what: "A command runs when a worker process is orphaned",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"<add name="DefaultAppPool" autoStart="true" />"#, r#"<add name="DefaultAppPool"><failure orphanWorkerProcess="true" orphanActionExe="C:\Windows\System32\cmd.exe" orphanActionParams="/c x"/></add>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "high" },
        ordinary: Some(|s| {
            s.edit(
                APPLICATION_HOST,
                r#"<add name="DefaultAppPool" autoStart="true" />"#,
                r#"<add name="DefaultAppPool"><failure rapidFailProtection="false"/></add>"#,
            )
        }),
    },
    Situation {
        id: "configuration/auto_shutdown",
        what: "A command runs when a pool is shut down",
        plant: |s| {
            s.edit(
                APPLICATION_HOST,
                r#"<add name="DefaultAppPool" autoStart="true" />"#,
                r#"<add name="DefaultAppPool"><failure autoShutdownExe="C:\odd\x.exe"/></add>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "configuration/trace_action",
        what: "A command runs when a request is traced",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><tracing><traceFailedRequests><add path="*" customActionExe="C:\odd\x.exe" customActionParams="x"/></traceFailedRequests></tracing></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "configuration/compression_library",
        what: "Responses are compressed by the intruder's DLL",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><httpCompression><scheme name="gzip" dll="C:\odd\g.dll"/></httpCompression></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "high" },
        ordinary: Some(|s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><httpCompression><scheme name="gzip" dll="%Windir%\system32\inetsrv\gzip.dll"/></httpCompression></system.webServer><system.applicationHost>"#)
        }),
    },
    Situation {
        id: "configuration/listener_adapter",
        what: "The process activation service loads the intruder's DLL",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites><listenerAdapters><add name="x" protocolManagerDll="C:\odd\l.dll" protocolManagerDllInitFunction="I"/></listenerAdapters>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "high" },
        ordinary: Some(|s| {
            s.edit(
                APPLICATION_HOST,
                r#"    </sites>"#,
                r#"    </sites><listenerAdapters><add name="http"/></listenerAdapters>"#,
            )
        }),
    },
    Situation {
        id: "configuration/log_plugin",
        what: "Logs are written by a COM class",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"<site name="Exchange Back End" id="2" serverAutoStart="true">"#, r#"<site name="Exchange Back End" id="2" serverAutoStart="true"><logFile logFormat="Custom" customLogPluginClsid="{0}"/>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/ftp_provider",
        what: "FTP authenticates with a custom class",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.ftpServer><providerDefinitions><add name="x" type="Evil.Ftp, Evil"/></providerDefinitions></system.ftpServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/rewrite_provider",
        what: "URLs are rewritten by a custom class",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><rewrite><providers><provider name="x" type="Evil.R, Evil"/></providers></rewrite></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/class_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/binary_logs",
        what: "All sites log to one binary file",
        plant: |s| {
            s.edit(
                APPLICATION_HOST,
                r#"    </sites>"#,
                r#"    </sites><log centralLogFileMode="CentralBinary"><centralBinaryLogFile enabled="true"/></log>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/switched_on", level: "medium" },
        ordinary: Some(|s| {
            s.edit(
                APPLICATION_HOST,
                r#"    </sites>"#,
                r#"    </sites><log centralLogFileMode="Site"><centralBinaryLogFile enabled="false"/></log>"#,
            )
        }),
    },
    Situation {
        id: "configuration/cgi_unlisted",
        what: "Unlisted CGI programs are allowed",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><security><isapiCgiRestriction notListedCgisAllowed="true"/></security></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/switched_on", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/ssi_exec",
        what: "Server-side includes may execute commands",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><serverSideInclude ssiExecDisable="false"/></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/switched_on", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/webdav_of_the_server",
        what: "WebDAV may write to a site, by the IIS configuration",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><webdav><authoring enabled="true"/><authoringRules><add users="*" path="*" access="Read, Write, Source"/></authoringRules></webdav></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/switched_on", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/php_prepend",
        what: "An interpreter is configured to run a file before every page",
        plant: |s| {
            s.edit(APPLICATION_HOST, "    </sites>", r#"    </sites></system.applicationHost><system.webServer><fastCgi><application fullPath="C:\php\php-cgi.exe" arguments="-d auto_prepend_file=C:\ProgramData\x.txt"/></fastCgi></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "medium" },
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
            reason: "config/class_library",
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
        answer: Answer::Finding { path: WWWROOT, reason: "config/class_loaded", level: "medium" },
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
            reason: "config/class_library",
            level: "low",
        },
        ordinary: None,
    },
    Situation {
        id: "configuration/pool_configuration_text",
        what: "A pool starts with a configuration that is not a .config file",
        plant: |s| {
            s.edit(
                APPLICATION_HOST,
                "<add name=\"DefaultAppPool\" autoStart=\"true\" />",
                "<add name=\"DefaultAppPool\" CLRConfigFile=\"C:\\odd\\x.txt\" />",
            );
            s.write(
                r"C:\odd\x.txt",
                r#"<configuration><runtime><appDomainManagerAssembly value="Evil"/></runtime></configuration>"#,
            );
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\odd\x.txt", reason: "config/domain_manager", level: "medium" },
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
            reason: "config/domain_manager",
            level: "medium",
        },
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
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/path_is_device_name", level: "high" },
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
            reason: "config/class_library",
            level: "high",
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
        answer: Answer::Finding { path: OWA, reason: "config/switched_on", level: "low" },
        ordinary: Some(|s| add(s, OWA, r#"<system.web><sessionState mode="Off"/></system.web>"#)),
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
            reason: "config/machine_key",
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
            reason: "config/rewrite",
            level: "low",
        },
        ordinary: None,
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
            reason: "config/configuration_elsewhere",
            level: "medium",
        },
        ordinary: Some(|s| {
            s.write(
                r"C:\inetpub\wwwroot\img\web.config",
                r#"<configuration><appSettings file="..\..\secrets.config"/><connectionStrings configSource="gone.config"/></configuration>"#,
            );
        }),
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
    Situation {
        id: "configuration/no_sites",
        what: "The IIS configuration names no site",
        plant: |s| s.write(APPLICATION_HOST, r#"<?xml version="1.0"?><configuration></configuration>"#),
        more: &[],
        answer: Answer::Gap { kind: "config_malformed", words: "names no site" },
        ordinary: None,
    },
    Situation {
        id: "configuration/copy_of_a_pool_serves_more",
        what: "A pool's working copy of the configuration serves a folder that the main configuration does not name",
        plant: |s| {
            let odd = r#"<virtualDirectory path="/b" physicalPath="C:\odd" /></application>"#;
            s.write(
                r"C:\inetpub\temp\appPools\DefaultAppPool\DefaultAppPool.config",
                s.text(APPLICATION_HOST).replacen("</application>", odd, 1),
            );
            s.shell(r"C:\odd\x.aspx");
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\odd\x.aspx", reason: SHELL, level: "medium" },
        ordinary: Some(|s| {
            s.write(r"C:\inetpub\temp\appPools\DefaultAppPool\DefaultAppPool.config", s.text(APPLICATION_HOST));
        }),
    },
    Situation {
        id: "configuration/copy_of_a_pool_loads_more",
        what: "A pool's working copy of the configuration loads a module that the main configuration does not name",
        plant: |s| {
            s.write(
                r"C:\inetpub\temp\appPools\DefaultAppPool\DefaultAppPool.config",
                s.text(APPLICATION_HOST).replacen(
                    "<globalModules>",
                    r#"<globalModules><add name="x" image="C:\ProgramData\x.dll" />"#,
                    1,
                ),
            );
        },
        more: &[],
        answer: Answer::Gap { kind: "partially_examined", words: "x.dll" },
        ordinary: None,
    },
    Situation {
        id: "configuration/express_of_a_project",
        what: "IIS Express serves a folder with the configuration of a project",
        plant: |s| {
            s.write(r"C:\Users\svc\source\repos\App\.vs\App\config\applicationhost.config", EXPRESS);
            s.shell(r"C:\odd\x.aspx");
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\odd\x.aspx", reason: SHELL, level: "medium" },
        ordinary: Some(|s| {
            s.write(
                r"C:\Users\svc\source\repos\App\.vs\App\config\applicationhost.config",
                EXPRESS.replace(r"C:\odd", r"%IIS_SITES_HOME%\WebSite1"),
            );
        }),
    },
    Situation {
        id: "configuration/express_of_a_service",
        what: "IIS Express serves a folder with the configuration of a system account",
        plant: |s| {
            s.write(
                r"C:\Windows\ServiceProfiles\NetworkService\Documents\IISExpress\config\applicationhost.config",
                EXPRESS,
            );
            s.shell(r"C:\odd\x.aspx");
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\odd\x.aspx", reason: SHELL, level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/express_in_a_web_folder",
        what: "An IIS Express configuration in a web folder serves a folder that is not scanned otherwise",
        plant: |s| {
            s.write(r"C:\inetpub\wwwroot\q\applicationhost.config", EXPRESS);
            s.shell(r"C:\odd\x.aspx");
        },
        more: &[],
        answer: Answer::Gap { kind: "partially_examined", words: "odd" },
        ordinary: Some(|s| s.write(r"C:\inetpub\wwwroot\q\applicationhost.config", EXPRESS)),
    },
    Situation {
        id: "configuration/stock_schema_with_a_class",
        what: "The default IIS schema is modified to name a COM class",
        plant: |s| {
            s.write(
                r"C:\Windows\System32\inetsrv\config\schema\IIS_schema.xml",
                r#"<configSchema><sectionSchema name="system.applicationHost/sites"><method name="Start" extension="Evil.Class"/></sectionSchema></configSchema>"#,
            )
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows\System32\inetsrv\config\schema\IIS_schema.xml",
            reason: "config/own_schema",
            level: "low",
        },
        ordinary: Some(|s| {
            s.write(
                r"C:\Windows\System32\inetsrv\config\schema\IIS_schema.xml",
                r#"<configSchema><sectionSchema name="system.applicationHost/sites"><method name="Start" extension="Microsoft.ApplicationHost.RscaExtension"/></sectionSchema></configSchema>"#,
            )
        }),
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
    Situation {
        id: "configuration/profiling_switched_on",
        what: "A pool loads the machine-wide profiler",
        plant: |s| {
            pool(s, r#"<environmentVariables><add name="COR_ENABLE_PROFILING" value="1"/></environmentVariables>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "medium" },
        ordinary: Some(|s| {
            pool(s, r#"<environmentVariables><add name="COR_ENABLE_PROFILING" value="0"/></environmentVariables>"#)
        }),
    },
    Situation {
        id: "configuration/domain_manager_by_the_environment",
        what: "An environment variable of a pool sets an AppDomainManager",
        plant: |s| {
            pool(
                s,
                r#"<environmentVariables><add name="COMPLUS_AppDomainManagerAsm" value="Evil"/></environmentVariables>"#,
            )
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/program_started", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/logs_for_listeners_alone",
        what: "Requests are logged to ETW only, not to a file",
        plant: |s| s.edit(APPLICATION_HOST, "<logFile ", r#"<logFile logTargetW3C="ETW" "#),
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/switched_on", level: "medium" },
        ordinary: Some(|s| s.edit(APPLICATION_HOST, "<logFile ", r#"<logFile logTargetW3C="File,ETW" "#)),
    },
    Situation {
        id: "configuration/logs_without_addresses",
        what: "Requests are logged without the requested URL",
        plant: |s| s.edit(APPLICATION_HOST, "<logFile ", r#"<logFile logExtFileFlags="Date, Time, ClientIP" "#),
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/switched_on", level: "medium" },
        ordinary: Some(|s| {
            s.edit(
                APPLICATION_HOST,
                "<logFile ",
                r#"<logFile logExtFileFlags="Date, Time, ClientIP, UserName, Method, UriStem, UriQuery, HttpStatus" "#,
            )
        }),
    },
    Situation {
        id: "configuration/no_old_states",
        what: "The IIS configuration history is disabled",
        plant: |s| s.edit(APPLICATION_HOST, "<sites>", r#"<configHistory enabled="false"/><sites>"#),
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/switched_on", level: "low" },
        ordinary: Some(|s| {
            s.edit(APPLICATION_HOST, "<sites>", r#"<configHistory enabled="true" maxHistories="20"/><sites>"#)
        }),
    },
];
