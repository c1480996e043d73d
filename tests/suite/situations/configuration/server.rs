//! What IIS, its pools and IIS Express load and start.

use super::super::{APPLICATION_HOST, Answer, Server, Situation};
use super::SHELL;

const ADMINISTRATION: &str = r"C:\Windows\System32\inetsrv\config\administration.config";

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

pub(super) const SITUATIONS: &[Situation] = &[
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
            reason: "config/iis_schema",
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
        answer: Answer::Finding { path: ADMINISTRATION, reason: "config/custom_type_loaded", level: "medium" },
        ordinary: Some(|s| {
            s.write(ADMINISTRATION, r#"<configuration><moduleProviders><add name="Modules" type="Microsoft.Web.Management.Iis.Modules.ModulesModuleProvider, Microsoft.Web.Management.Iis, Version=10.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"/></moduleProviders></configuration>"#)
        }),
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
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "medium" },
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
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "configuration/startup_hooks",
        what: "A pool has a .NET startup hook",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"<add name="DefaultAppPool" autoStart="true" />"#, r#"<add name="DefaultAppPool"><environmentVariables><add name="DOTNET_STARTUP_HOOKS" value="C:\x\h.dll"/></environmentVariables></add>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/complus",
        what: "A pool sets runtime options by environment variables",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"<add name="DefaultAppPool" autoStart="true" />"#, r#"<add name="DefaultAppPool"><environmentVariables><add name="COMPlus_Own" value="x"/></environmentVariables></add>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "low" },
        ordinary: None,
    },
    Situation {
        id: "configuration/variables_of_all_pools",
        what: "The pool defaults set an AppDomainManager by environment variable",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"<processModel identityType="ApplicationPoolIdentity" />"#, r#"<processModel identityType="ApplicationPoolIdentity" /><environmentVariables><add name="APPDOMAIN_MANAGER_ASM" value="Evil"/></environmentVariables>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/orphan_action",
        what: "A command runs when a worker process is orphaned",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"<add name="DefaultAppPool" autoStart="true" />"#, r#"<add name="DefaultAppPool"><failure orphanWorkerProcess="true" orphanActionExe="C:\Windows\System32\cmd.exe" orphanActionParams="/c x"/></add>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "high" },
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
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "configuration/trace_action",
        what: "A command runs when a request is traced",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><tracing><traceFailedRequests><add path="*" customActionExe="C:\odd\x.exe" customActionParams="x"/></traceFailedRequests></tracing></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "configuration/compression_library",
        what: "Responses are compressed by the intruder's DLL",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><httpCompression><scheme name="gzip" dll="C:\odd\g.dll"/></httpCompression></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "high" },
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
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "high" },
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
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/ftp_provider",
        what: "FTP authenticates with a custom class",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.ftpServer><providerDefinitions><add name="x" type="Evil.Ftp, Evil"/></providerDefinitions></system.ftpServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/custom_type_loaded", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/rewrite_provider",
        what: "URLs are rewritten by a custom class",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><rewrite><providers><provider name="x" type="Evil.R, Evil"/></providers></rewrite></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/custom_type_loaded", level: "medium" },
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
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/dangerous_feature_enabled", level: "medium" },
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
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/dangerous_feature_enabled", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/ssi_exec",
        what: "Server-side includes may execute commands",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><serverSideInclude ssiExecDisable="false"/></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/dangerous_feature_enabled", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/webdav_of_the_server",
        what: "WebDAV may write to a site, by the IIS configuration",
        plant: |s| {
            s.edit(APPLICATION_HOST, r#"    </sites>"#, r#"    </sites></system.applicationHost><system.webServer><webdav><authoring enabled="true"/><authoringRules><add users="*" path="*" access="Read, Write, Source"/></authoringRules></webdav></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/dangerous_feature_enabled", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/php_prepend",
        what: "An interpreter is configured to run a file before every page",
        plant: |s| {
            s.edit(APPLICATION_HOST, "    </sites>", r#"    </sites></system.applicationHost><system.webServer><fastCgi><application fullPath="C:\php\php-cgi.exe" arguments="-d auto_prepend_file=C:\ProgramData\x.txt"/></fastCgi></system.webServer><system.applicationHost>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "medium" },
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
        answer: Answer::Finding { path: r"C:\odd\x.txt", reason: "config/appdomain_manager", level: "medium" },
        ordinary: None,
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
            reason: "config/iis_schema",
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
        id: "configuration/profiling_switched_on",
        what: "A pool loads the machine-wide profiler",
        plant: |s| {
            pool(s, r#"<environmentVariables><add name="COR_ENABLE_PROFILING" value="1"/></environmentVariables>"#)
        },
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "medium" },
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
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/executable_launched", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "configuration/logs_for_listeners_alone",
        what: "Requests are logged to ETW only, not to a file",
        plant: |s| s.edit(APPLICATION_HOST, "<logFile ", r#"<logFile logTargetW3C="ETW" "#),
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/dangerous_feature_enabled", level: "medium" },
        ordinary: Some(|s| s.edit(APPLICATION_HOST, "<logFile ", r#"<logFile logTargetW3C="File,ETW" "#)),
    },
    Situation {
        id: "configuration/logs_without_addresses",
        what: "Requests are logged without the requested URL",
        plant: |s| s.edit(APPLICATION_HOST, "<logFile ", r#"<logFile logExtFileFlags="Date, Time, ClientIP" "#),
        more: &[],
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/dangerous_feature_enabled", level: "medium" },
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
        answer: Answer::Finding { path: APPLICATION_HOST, reason: "config/dangerous_feature_enabled", level: "low" },
        ordinary: Some(|s| {
            s.edit(APPLICATION_HOST, "<sites>", r#"<configHistory enabled="true" maxHistories="20"/><sites>"#)
        }),
    },
];
