//! Handlers, what they start, modules and filters.

use super::{OWA, SERVER, Situation, WEB, handler, section, web};

/// Handlers that run what is sent as it is.
pub(super) fn static_handlers() -> Vec<Situation> {
    vec![
        (
            "static_extension_handler",
            WEB,
            handler(r#"<add name="p" path="*.GIF" verb="*" type="System.Web.UI.PageHandlerFactory, System.Web"/>"#),
            85,
            handler(
                r#"<add name="p" path="*.gif" verb="*" type="System.Web.StaticFileHandler"/><add path="*.aspx" type="System.Web.UI.PageHandlerFactory"/>"#,
            ),
        ),
        (
            "static_extension_handler",
            WEB,
            handler(
                r#"<add path="*.config" modules="IsapiModule" scriptProcessor="%windir%\system32\inetsrv\asp.dll"/>"#,
            ),
            90,
            handler(r#"<add path="*.asp" modules="IsapiModule" scriptProcessor="%windir%\system32\inetsrv\asp.dll"/>"#),
        ),
        (
            "static_extension_handler",
            WEB,
            web(
                r#"<httpHandlers><add path="*.aspx,*.jpg" verb="*" type="System.Web.UI.SimpleHandlerFactory"/></httpHandlers>"#,
            ),
            85,
            web(
                r#"<httpHandlers><add path="*.aspx,*.ashx" verb="*" type="System.Web.UI.SimpleHandlerFactory"/></httpHandlers>"#,
            ),
        ),
        (
            // A default for Autodiscover, in the server's own file. ASP.NET alone runs nothing of such a kind.
            "static_extension_handler",
            SERVER,
            format!(
                r#"<location path="Default Web Site/owa">{}</location>"#,
                handler(
                    r#"<add path="*.xml" verb="POST,GET" modules="IsapiModule" scriptProcessor="C:\Windows\Microsoft.NET\Framework64\v4.0.30319\aspnet_isapi.dll"/>"#
                )
            ),
            40,
            format!(
                r#"<location path="Default Web Site/Autodiscover">{}</location>"#,
                handler(
                    r#"<add path="*.xml" verb="POST,GET" modules="IsapiModule" scriptProcessor="C:\Windows\Microsoft.NET\Framework64\v4.0.30319\aspnet_isapi.dll"/>"#
                )
            ),
        ),
        (
            // With a build provider beside it, it does.
            "static_extension_handler",
            WEB,
            handler(
                r#"<add path="*.txt" modules="IsapiModule" scriptProcessor="%windir%\Microsoft.NET\Framework64\v4.0.30319\aspnet_isapi.dll"/>"#,
            ) + &web(
                r#"<compilation><buildProviders><add extension=".txt" type="System.Web.Compilation.PageBuildProvider"/></buildProviders></compilation>"#,
            ),
            85,
            handler(r#"<add path="*.txt" modules="StaticFileModule"/>"#),
        ),
        (
            "static_extension_handler",
            WEB,
            handler(r#"<add path="*.html" modules="ServerSideIncludeModule"/>"#),
            40,
            handler(r#"<add path="*.shtml" modules="ServerSideIncludeModule"/>"#),
        ),
        (
            "static_extension_handler",
            OWA,
            handler(r#"<add path="*.html" modules="ServerSideIncludeModule"/>"#),
            85,
            handler(r#"<add path="*.shtml" modules="ServerSideIncludeModule"/>"#),
        ),
    ]
}

/// Other handlers and what they start.
pub(super) fn handlers() -> Vec<Situation> {
    vec![
        (
            "unknown_extension_handler",
            WEB,
            handler(r#"<add path="*.abc" modules="IsapiModule" scriptProcessor="C:\Program Files\A\a.dll"/>"#),
            30,
            handler(r#"<add path="*.axd" type="System.Web.Handlers.TraceHandler"/>"#),
        ),
        (
            "unknown_extension_handler",
            WEB,
            handler(r#"<add path="*.abc" type="System.Web.UI.SimpleHandlerFactory"/>"#),
            60,
            handler(
                r#"<add path="*.ashx" type="System.Web.UI.SimpleHandlerFactory"/><add path="api/x" modules="IsapiModule"/>"#,
            ),
        ),
        (
            "wildcard_handler",
            WEB,
            handler(r#"<add path="*" type="System.Web.UI.PageHandlerFactory"/>"#),
            80,
            handler(
                r#"<add path="*" modules="StaticFileModule,DefaultDocumentModule"/><add path="*" modules="IsapiModule" scriptProcessor="%SystemRoot%\system32\rpcproxy\rpcproxy.dll"/>"#,
            ),
        ),
        (
            "wildcard_handler",
            WEB,
            handler(r#"<add path="*.*" modules="IsapiModule" scriptProcessor="C:\Windows\System32\inetsrv\asp.dll"/>"#),
            80,
            handler(r#"<add path="*." type="System.Web.Handlers.TransferRequestHandler"/>"#),
        ),
        (
            "custom_handler",
            OWA,
            handler(r#"<add path="x.ashx" type="Microsoft.Exchange.Clients.Owa2.Server.Core.Helper, Helper"/>"#),
            45,
            handler(
                r#"<add path="ev.owa" type="Microsoft.Exchange.Clients.Owa.Core.OwaEventHandlerFactory, Microsoft.Exchange.Clients.Owa"/>"#,
            ),
        ),
    ]
}

/// Programs and classes that handlers start.
pub(super) fn processors() -> Vec<Situation> {
    vec![
        (
            "script_processor",
            WEB,
            handler(r#"<add path="*.aspx" modules="CgiModule" scriptProcessor="C:\Windows\System32\cmd.exe /c %s"/>"#),
            92,
            handler(
                r#"<add path="*.aspx" modules="IsapiModule" scriptProcessor="%windir%\Microsoft.NET\Framework64\v4.0.30319\aspnet_isapi.dll"/>"#,
            ),
        ),
        (
            "script_processor",
            WEB,
            section("aspNetCore processPath='powershell' arguments='-c x'", "")
                .replace("</aspNetCore processPath='powershell' arguments='-c x'>", "</aspNetCore>"),
            92,
            section("aspNetCore processPath='.\\app.exe'", "")
                .replace("</aspNetCore processPath='.\\app.exe'>", "</aspNetCore>")
                .replace(".\\app.exe", ""),
        ),
        (
            "script_processor",
            SERVER,
            section("fastCgi", r#"<application fullPath="C:\ProgramData\p\php-cgi.exe"/>"#),
            85,
            section(
                "security",
                r#"<isapiCgiRestriction><add path="C:\Windows\System32\RpcProxy\RpcProxy.dll" allowed="true"/><add path="C:\x\y.dll" allowed="false"/></isapiCgiRestriction>"#,
            ),
        ),
        (
            "build_provider",
            WEB,
            web(
                r#"<compilation><buildProviders><add extension=".txt" type="System.Web.Compilation.PageBuildProvider"/></buildProviders></compilation>"#,
            ),
            85,
            web(
                r#"<compilation><buildProviders><add extension=".cshtml" type="System.Web.WebPages.Razor.RazorBuildProvider, System.Web.WebPages.Razor"/></buildProviders></compilation>"#,
            ),
        ),
    ]
}

/// Modules and filters.
pub(super) fn modules() -> Vec<Situation> {
    vec![
        (
            "native_module",
            SERVER,
            section("globalModules", r#"<add name="HttpHelper" image="C:\ProgramData\help.dll"/>"#),
            85,
            section(
                "globalModules",
                r#"<add name="FastCgiModule" image="%windir%\System32\inetsrv\iisfcgi.dll"/><add name="kerbauth" image="C:\Program Files\Microsoft\Exchange Server\V15\Bin\kerbauth.dll"/>"#,
            ),
        ),
        (
            "native_module",
            SERVER,
            section("globalModules", r#"<add name="UriCacheModule" image="%windir%\System32\inetsrv\cachuri2.dll"/>"#),
            75,
            section("globalModules", r#"<add name="UriCacheModule" image="%windir%\System32\inetsrv\cachuri.dll"/>"#),
        ),
        (
            "isapi_filter",
            SERVER,
            section(
                "isapiFilters",
                r#"<filter name="Exchange OWA Cookie Authentication ISAPI Filter" path="C:\inetpub\owaauth.dll"/>"#,
            ),
            85,
            section(
                "isapiFilters",
                r#"<filter name="Exchange OWA Cookie Authentication ISAPI Filter" path="C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\owa\auth\owaauth.dll"/>"#,
            ),
        ),
        (
            "managed_module",
            OWA,
            section(
                "modules",
                r#"<add name="HostHeaderValidationModule" type="Microsoft.Exchange.HttpUtilities.HostHeaderValidationModule, Microsoft.Exchange.HttpUtilities, Version=15.0.0.0, Culture=neutral, PublicKeyToken=0123456789abcdef"/>"#,
            ),
            70,
            section(
                "modules",
                r#"<remove name="X"/><add name="HttpLoggingModule"/><add name="Own" type="System.Web.Other, System.Web, PublicKeyToken=b03f5f7f11d50a3a"/>"#,
            ),
        ),
        (
            "managed_module",
            WEB,
            web(r#"<httpModules><add name="Duo" type="Vendor.Module, Vendor"/></httpModules>"#),
            15,
            web(
                r#"<httpModules><add name="Session" type="System.Web.SessionState.SessionStateModule"/></httpModules>"#,
            ),
        ),
    ]
}
