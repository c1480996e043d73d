//! For each check: location, what fires it with which score, and what is similar and silent.

mod handlers;

use handlers::{handlers, modules, processors, static_handlers};

pub(super) const WEB: &str = r"C:\inetpub\wwwroot|sub\web.config";
pub(super) const SERVER: &str = r"C:\|Windows\System32\inetsrv\config\applicationHost.config";
pub(super) const OWA: &str = r"C:\Program Files\Microsoft\Exchange Server\V15|FrontEnd\HttpProxy\owa\web.config";
pub(super) const AUTODISCOVER: &str =
    r"C:\Program Files\Microsoft\Exchange Server\V15|ClientAccess\Autodiscover\web.config";
pub(super) const AGENTS: &str = r"C:\Program Files\Microsoft\Exchange Server\V15|TransportRoles\Shared\agents.config";
pub(super) const W3WP: &str = r"C:\|Windows\System32\inetsrv\w3wp.exe.config";
pub(super) const ROOT: &str = r"C:\|Windows\Microsoft.NET\Framework64\v4.0.30319\Config\web.config";

/// What `elements` in this section of `system.webServer` says.
pub(super) fn section(name: &str, elements: &str) -> String {
    format!("<system.webServer><{name}>{elements}</{name}></system.webServer>")
}

/// A key that every list of disclosed ones has, published in 2020; encoded, as everything is that scanners look for.
pub(super) fn disclosed_key() -> String {
    use base64::Engine;
    let key = base64::engine::general_purpose::STANDARD
        .decode("Q0IyNzIxQUJEQUY4RTlEQzUxNkQ2MjFEOEI4QkYxM0EyQzlFODY4OUEyNTMwM0JG")
        .expect("base64");
    String::from_utf8(key).expect("digits")
}

fn handler(add: &str) -> String {
    section("handlers", add)
}

fn filtering(inside: &str) -> String {
    section("security", &format!("<requestFiltering>{inside}</requestFiltering>"))
}

fn web(inside: &str) -> String {
    format!("<system.web>{inside}</system.web>")
}

fn rules(rule: &str) -> String {
    section("rewrite", &format!("<rules>{rule}</rules>"))
}

fn binding(inside: &str) -> String {
    format!("<runtime><assemblyBinding>{inside}</assemblyBinding></runtime>")
}

/// A check, where, what fires it with which score, and what is near and silent.
pub(super) type Situation = (&'static str, &'static str, String, u8, String);

/// The situations of every check.
pub(super) fn situations() -> Vec<Situation> {
    let groups = [
        static_handlers(),
        handlers(),
        processors(),
        modules(),
        loading(),
        keys_and_logs(),
        requests(),
        types_and_programs(),
        others(),
    ];
    groups.into_iter().flatten().collect()
}

/// What is loaded when an application starts.
fn loading() -> Vec<Situation> {
    vec![
        (
            "autostart",
            SERVER,
            "<system.applicationHost><serviceAutoStartProviders><add name='a' type='Some.Starter, Some'/></serviceAutoStartProviders></system.applicationHost>".to_owned(),
            30,
            section("applicationInitialization", "<add initializationPage='/health'/>"),
        ),
        (
            "appdomain_manager",
            W3WP,
            "<runtime><appDomainManagerAssembly value='M, Version=1.0.0.0'/><appDomainManagerType value='M.M'/></runtime>".to_owned(),
            80,
            "<runtime><gcServer enabled='true'/><NGenReserveForJumpStubs value='10'/></runtime>".to_owned(),
        ),
        (
            "assembly_codebase",
            OWA,
            binding(r#"<dependentAssembly><codeBase version="15.0.0.0" href="file:///C:\ProgramData\x.dll"/></dependentAssembly>"#),
            75,
            binding(r#"<linkedConfiguration href="file://C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\SharedWebConfig.config"/><dependentAssembly><codeBase version="15.0.0.0" href="file:///C:\Program Files\Microsoft\Exchange Server\V15\bin\de\x.dll"/><codeBase version="6" href="./DSAPIClient/x.dll"/></dependentAssembly><probing privatePath="bin;lib\x"/>"#),
        ),
        (
            "assembly_codebase",
            WEB,
            web(r#"<compilation><assemblies><add assembly="C:\x\y.dll"/></assemblies></compilation>"#),
            75,
            web(r#"<compilation><assemblies><add assembly="*"/><add assembly="Microsoft.Exchange.Data, Version=15.0.0.0"/></assemblies></compilation>"#),
        ),
        (
            "assembly_codebase",
            WEB,
            r#"<system.codedom><compilers><compiler extension=".cs" compilerOptions="/r:\\example.test\inert\none.dll"/></compilers></system.codedom>"#.to_owned(),
            80,
            r#"<system.codedom><compilers><compiler extension=".cs" compilerOptions="/langversion:6 /nowarn:1659"/></compilers></system.codedom>"#.to_owned(),
        ),
        (
            "assembly_codebase",
            WEB,
            binding(r#"<probing privatePath="bin;..\..\x"/>"#),
            45,
            binding(r#"<probing privatePath="bin"/>"#),
        ),
        (
            "devpath",
            W3WP,
            "<runtime><developmentMode developerInstallation='true'/></runtime>".to_owned(),
            45,
            "<runtime><developmentMode developerInstallation='false'/><loadFromRemoteSources enabled='false'/></runtime>".to_owned(),
        ),
        (
            "app_pool_clr_config",
            SERVER,
            r"<applicationPools><add name='P' CLRConfigFile='C:\Windows\Temp\x.config'/></applicationPools>".to_owned(),
            75,
            r"<applicationPools><add name='P' CLRConfigFile='C:\Program Files\Microsoft\Exchange Server\V15\bin\x.config'/><add name='Q' CLRConfigFile=''/></applicationPools>".to_owned(),
        ),
        (
            "expression_builder",
            WEB,
            web("<compilation><expressionBuilders><add expressionPrefix='x' type='Some.Builder, Some'/></expressionBuilders></compilation>"),
            20,
            r#"<system.codedom><compilers><compiler type="Microsoft.CSharp.CSharpCodeProvider, System, PublicKeyToken=b77a5c561934e089"/></compilers></system.codedom>"#.to_owned(),
        ),
        (
            "external_config_source",
            WEB,
            "<appSettings file='\\\\host\\share\\x.config'/>".to_owned(),
            50,
            "<connectionStrings configSource='parts\\db.config'/>".to_owned(),
        ),
    ]
}

/// Keys, filtering, logging and access.
fn keys_and_logs() -> Vec<Situation> {
    vec![
        (
            "machine_key_disclosed",
            WEB,
            format!("<location path='sub'>{}</location>", web(&format!("<machineKey validationKey='AutoGenerate' decryptionKey=' {},IsolateApps'/>", disclosed_key()))),
            95,
            web("<machineKey validationKey='AutoGenerate,IsolateApps' decryptionKey=''/>"),
        ),
        (
            "machine_key_fixed",
            OWA,
            web("<machineKey validationKey='0011223344556677889900112233445566778899' decryptionKey='AutoGenerate,IsolateApps'/>"),
            75,
            web("<machineKey validationKey='AutoGenerate,IsolateApps'/>"),
        ),
        (
            "viewstate_mac_disabled",
            WEB,
            web("<pages enableViewStateMac='false'/>"),
            40,
            web("<pages enableViewStateMac='true'/><machineKey validation='HMACSHA256' decryption='AES'/>")
                + "<appSettings><add key='aspnet:UseHostHeaderForRequestUrl' value='true'/></appSettings>",
        ),
        (
            "server_code_in_config",
            WEB,
            "<!-- <%@ Page %> -->".to_owned(),
            75,
            "<!-- a page begins with a directive --><appSettings><add key='template' value='&lt;% name %&gt;'/></appSettings>".to_owned(),
        ),
        (
            "request_filtering_weakened",
            WEB,
            filtering("<hiddenSegments><remove segment='Web.Config'/></hiddenSegments>"),
            80,
            filtering("<hiddenSegments applyToWebDAV='true'><add segment='web.config'/></hiddenSegments><fileExtensions><add fileExtension='.config' allowed='false'/><add fileExtension='.zip' allowed='true'/></fileExtensions>"),
        ),
        (
            "request_filtering_weakened",
            WEB,
            filtering("<fileExtensions><clear/></fileExtensions>"),
            45,
            filtering("<fileExtensions><clear/><add fileExtension='.config' allowed='false'/></fileExtensions>"),
        ),
        (
            "http_logging_disabled",
            WEB,
            section("httpLogging dontLog='true'", "").replace("</httpLogging dontLog='true'>", "</httpLogging>"),
            40,
            section("httpLogging dontLog='false'", "").replace("</httpLogging dontLog='false'>", "</httpLogging>"),
        ),
        (
            "http_logging_disabled",
            OWA,
            section("httpLogging dontLog='true'", "").replace("</httpLogging dontLog='true'>", "</httpLogging>"),
            55,
            section("httpLogging", ""),
        ),
        (
            "http_logging_disabled",
            SERVER,
            "<sites><site name='Default Web Site' id='1'><logFile enabled='false'/></site></sites>".to_owned(),
            40,
            "<sites><site name='Default Web Site' id='1'><logFile directory='x'/></site></sites>".to_owned(),
        ),
        (
            "anonymous_access",
            SERVER,
            format!("<location path='Default Web Site/PowerShell'>{}</location>", section("security", "<authentication><anonymousAuthentication enabled='true'/></authentication>")),
            55,
            format!("<location path='Default Web Site/ecp'>{0}</location><location path='Default Web Site/PowerShell'>{1}</location>", section("security", "<authentication><anonymousAuthentication enabled='true'/></authentication>"), section("security", "<authentication><anonymousAuthentication enabled='false'/></authentication>")),
        ),
    ]
}

/// Where requests are led.
fn requests() -> Vec<Situation> {
    vec![
        (
            "http_redirect",
            OWA,
            section("httpRedirect enabled='true' destination='https://mail.example.test/owa'", "").replace(
                "</httpRedirect enabled='true' destination='https://mail.example.test/owa'>",
                "</httpRedirect>",
            ),
            45,
            section("httpRedirect enabled='true' destination='/owa'", "")
                .replace("</httpRedirect enabled='true' destination='/owa'>", "</httpRedirect>"),
        ),
        (
            "error_page",
            WEB,
            section("httpErrors", "<error statusCode='404' responseMode='ExecuteURL' path='/aspnet_client/x.aspx'/>"),
            60,
            section(
                "httpErrors",
                "<error statusCode='404' responseMode='ExecuteURL' path='/errors/404.aspx'/><error statusCode='401' prefixLanguageFilePath='%SystemDrive%\\inetpub\\custerr' path='401.htm'/>",
            ),
        ),
        (
            "default_document",
            WEB,
            section("defaultDocument", "<files><clear/><add value='css/x7.aspx'/></files>"),
            35,
            section("defaultDocument", "<files><add value='Default.asp'/><add value='logon.aspx'/></files>"),
        ),
        (
            "url_rewrite",
            OWA,
            rules(
                r"<rule name='r'><match url='^logo\.(png|gif)$'/><action type='Rewrite' url='/owa/auth/x.aspx'/></rule>",
            ),
            65,
            rules(
                r"<rule name='r'><match url='^old/(.*)$'/><action type='Redirect' url='/new/{R:1}'/></rule><rule name='s'><match url='.*'/><action type='Redirect' url='https://{HTTP_HOST}/{R:0}'/></rule><rule name='t'><match url='^products/(.*)'/><action type='Rewrite' url='/product.aspx?id={R:1}'/></rule>",
            ),
        ),
        (
            // A site map that a page draws is worth knowing; a page among pictures is not one.
            "url_rewrite",
            WEB,
            rules(r"<rule name='r'><match url='^sitemap\.xml$'/><action type='Rewrite' url='/sitemap.ashx'/></rule>"),
            25,
            rules(r"<rule name='r'><match url='^list/(.*)$'/><action type='Rewrite' url='/list.aspx?n={R:1}'/></rule>"),
        ),
        (
            "url_rewrite",
            WEB,
            rules(
                r"<rule name='r'><match url='^logo\.png$'/><action type='Rewrite' url='/aspnet_client/x.aspx'/></rule>",
            ),
            65,
            rules(r"<rule name='r'><match url='^list/(.*)$'/><action type='Rewrite' url='/list.aspx?n={R:1}'/></rule>"),
        ),
        ("mitigation_disabled", OWA, rules("<clear/>"), 55, rules(&format!("<clear/>{EEMS}"))),
        (
            "mitigation_disabled",
            WEB,
            rules("<remove name='EEMS M1.1 PowerShell - inbound'/>"),
            65,
            rules("<remove name='old address'/>"),
        ),
    ]
}

/// Classes that are loaded and programs that are started.
fn types_and_programs() -> Vec<Situation> {
    vec![
        (
            "custom_type_loaded",
            OWA,
            web(r#"<httpRuntime requestValidationType="Own.Checks, Own"/>"#),
            55,
            web(r#"<httpRuntime requestValidationType="System.Web.Util.RequestValidator"/>"#),
        ),
        (
            "custom_type_loaded",
            WEB,
            web(r#"<httpRuntime requestValidationType="Own.Checks, Own"/>"#),
            15,
            web(r#"<httpRuntime requestValidationMode="2.0"/>"#),
        ),
        (
            // In no row of the table, in a file of Exchange.
            "custom_type_loaded",
            OWA,
            r#"<own><part made="Own.Part, Own"/></own>"#.to_owned(),
            30,
            r#"<own><part made="Outlook, Exchange and others" of="Microsoft.Exchange.Common.ExWebHealthModule, Microsoft.Exchange.Common"/></own>"#.to_owned(),
        ),
        (
            "custom_type_loaded",
            OWA,
            r#"<configSections><section name="s" type="System.Configuration.NameValueSectionHandler, Own"/></configSections>"#.to_owned(),
            30,
            r#"<configSections><section name="s" type="System.Configuration.NameValueSectionHandler, System"/></configSections>"#.to_owned(),
        ),
        (
            "executable_launched",
            SERVER,
            r#"<applicationPools><add name="p" managedRuntimeLoader="own.dll"/></applicationPools>"#.to_owned(),
            75,
            r#"<applicationPools><add name="p" managedRuntimeLoader="webengine4.dll"/></applicationPools>"#.to_owned(),
        ),
        (
            "executable_launched",
            SERVER,
            r#"<environmentVariables><add name="COR_ENABLE_PROFILING" value="1"/><add name="COR_PROFILER" value="{1}"/><add name="COR_PROFILER_PATH_64" value="C:\Program Files\V\p.dll"/></environmentVariables>"#.to_owned(),
            40,
            r#"<environmentVariables><add name="TMP" value="C:\x"/></environmentVariables>"#.to_owned(),
        ),
        (
            "executable_launched",
            WEB,
            r#"<system.codedom><compilers><compiler compilerOptions="/langversion:6 @more.txt"/></compilers></system.codedom>"#.to_owned(),
            20,
            r#"<system.codedom><compilers><compiler compilerOptions="/langversion:default /nowarn:1659;1699;1701 /define:_MYTYPE=\&quot;Web\&quot;"/></compilers></system.codedom>"#.to_owned(),
        ),
    ]
}

/// All others.
fn others() -> Vec<Situation> {
    vec![
        (
            "dangerous_feature_enabled",
            SERVER,
            section("webdav", r#"<authoring enabled="true"/>"#),
            55,
            section("webdav", r#"<authoring enabled="false"/>"#),
        ),
        (
            "external_page_included",
            WEB,
            web(r#"<urlMappings><add url="~/a.aspx" mappedUrl="~/images/a.gif"/></urlMappings>"#),
            50,
            web(r#"<urlMappings><add url="~/a.aspx" mappedUrl="~/b.aspx"/></urlMappings>"#),
        ),
        (
            "section_encrypted",
            OWA,
            r#"<appSettings configProtectionProvider="P"><EncryptedData/></appSettings>"#.to_owned(),
            30,
            r#"<connectionStrings configProtectionProvider="P"><EncryptedData/></connectionStrings>"#.to_owned(),
        ),
        (
            "iis_schema",
            r"C:\|Windows\System32\inetsrv\config\schema\rscaext.xml",
            r#"<sectionSchema name="system.webServer/handlers"><collection addElement="put"/></sectionSchema>"#.to_owned(),
            75,
            r#"<sectionSchema name="system.webServer/handlers"><collection addElement="add"/></sectionSchema>"#.to_owned(),
        ),
        (
            "transport_agent_untrusted",
            AGENTS,
            r"<mexRuntime><agentList><agent name='A' classFactory='Some.Factory' assemblyPath='C:\ProgramData\a.dll' enabled='true'/></agentList></mexRuntime>".to_owned(),
            75,
            r"<mexRuntime><agentList><agent name='Malware Agent' classFactory='Microsoft.Exchange.Transport.Agent.Malware.MalwareAgentFactory' assemblyPath='C:\Program Files\Microsoft\Exchange Server\V15\TransportRoles\agents\Antimalware\x.dll' enabled='true'/></agentList></mexRuntime>".to_owned(),
        ),
    ]
}

pub(super) const EEMS: &str = r#"<rule name="EEMS M1.1 PowerShell - inbound" stopProcessing="true"><match url=".*"/><conditions>
  <add input="{UrlDecode:{REQUEST_URI}}" pattern="(?=.*autodiscover)(?=.*powershell)"/></conditions><action type="AbortRequest"/></rule>"#;
