//! Classes that configuration names, one for each place of the schema.

use super::super::{Answer, Situation};
use super::{OWA, add};

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "configuration/request_validation_type",
        what: "A custom class validates every request value",
        plant: |s| add(s, OWA, r#"<system.web><httpRuntime requestValidationType="Evil.Check, Evil"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
        ordinary: Some(|s| add(s, OWA, r#"<system.web><pages validateRequest="false"/></system.web>"#)),
    },
    Situation {
        id: "configuration/user_control_base_type",
        what: "Every user control derives from a custom class",
        plant: |s| add(s, OWA, r#"<system.web><pages userControlBaseType="Evil.Control"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/session_id_manager",
        what: "A custom class creates session IDs",
        plant: |s| add(s, OWA, r#"<system.web><sessionState sessionIDManagerType="Evil.Ids, Evil"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/profile_inherits",
        what: "The profile of every visitor is a custom class",
        plant: |s| add(s, OWA, r#"<system.web><profile inherits="Evil.Profile, Evil"/></system.web>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/config_sections",
        what: "A configuration section is read by a custom class",
        plant: |s| add(s, OWA, r#"<configSections><section name="e" type="Evil.Section, Evil"/></configSections>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "low" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "low" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "low" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/assembly_post_processor",
        what: "A custom class processes every assembly before it is loaded",
        plant: |s| {
            add(s, OWA, r#"<system.web><compilation assemblyPostProcessorType="Evil.Post, Evil"/></system.web>"#)
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "low" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "low" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/proxy_module",
        what: "A custom class proxies outgoing requests",
        plant: |s| {
            add(s, OWA, r#"<system.net><defaultProxy><module type="Evil.Proxy, Evil"/></defaultProxy></system.net>"#)
        },
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/owin_startup",
        what: "An app setting makes a custom class start with the application",
        plant: |s| add(s, OWA, r#"<appSettings><add key="owin:AppStartup" value="Evil.Startup, Evil"/></appSettings>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/unknown_attribute",
        what: "A custom class is named in an attribute that is in no table",
        plant: |s| add(s, OWA, r#"<own><part handler="Evil.Part, Evil"/></own>"#),
        more: &[],
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "low" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: OWA, reason: "config/dangerous_feature_enabled", level: "medium" },
        ordinary: Some(|s| {
            add(
                s,
                OWA,
                r#"<system.runtime.remoting><application><channels><channel ref="http"><serverProviders><formatter ref="binary" typeFilterLevel="Low"/></serverProviders></channel></channels></application></system.runtime.remoting>"#,
            )
        }),
    },
];
