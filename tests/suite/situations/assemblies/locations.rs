//! Assemblies beyond every bound and in every load location.

use super::super::{Answer, EXCHANGE, Situation};
use super::{WEB, assembly};

const LOADS: &str = "behaviour/assembly_load_request";

/// With so many megabytes of zeros behind it.
fn padded(name: &str, megabytes: usize) -> Vec<u8> {
    let mut bytes = assembly(name);
    bytes.resize(bytes.len() + (megabytes << 20), 0);
    bytes
}

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "assemblies/bin_with_zeros",
        what: "A DLL in `bin` has two megabytes of zeros appended",
        plant: |server| server.write(&format!(r"{WEB}\bin\Tools.dll"), padded("near", 2)),
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\bin\Tools.dll", LOADS),
        ordinary: Some(|server| server.write(&format!(r"{WEB}\bin\Tools.dll"), padded("library", 3))),
    },
    Situation {
        id: "assemblies/bin_with_much",
        what: "A DLL in `bin` has forty megabytes appended",
        plant: |server| server.write(&format!(r"{WEB}\bin\Tools.dll"), padded("near", 40)),
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\bin\Tools.dll", LOADS),
        ordinary: None,
    },
    Situation {
        id: "assemblies/past_max_size",
        what: "A DLL in `bin` is larger than `--max-size`, with all its code at the beginning",
        plant: |server| server.write(&format!(r"{WEB}\bin\Tools.dll"), padded("near", 3)),
        more: &["--max-size", "1MiB"],
        answer: finding!(r"C:\inetpub\wwwroot\bin\Tools.dll", LOADS),
        ordinary: None,
    },
    Situation {
        id: "assemblies/past_max_size_is_a_gap",
        what: "A benign-looking DLL is larger than `--max-size`",
        plant: |server| server.write(&format!(r"{WEB}\bin\Tools.dll"), padded("library", 3)),
        more: &["--max-size", "1MiB"],
        answer: Answer::Gap { kind: "partially_examined", words: "Tools.dll" },
        ordinary: None,
    },
    Situation {
        id: "assemblies/temporary_files",
        what: "A compiled page has nine megabytes of zeros appended",
        plant: |server| {
            let folder =
                r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\8e05b027\e164d61b";
            server.write(&format!(r"{folder}\App_Web_q1w2e3r4.dll"), padded("evaluates", 9));
        },
        more: &[],
        answer: finding!(
            r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\8e05b027\e164d61b\App_Web_q1w2e3r4.dll",
            "behaviour/eval_request_input"
        ),
        ordinary: None,
    },
    Situation {
        id: "assemblies/shadow_copy",
        what: "Only ASP.NET's shadow copy of a DLL is left; the original is deleted",
        plant: |server| {
            let folder =
                r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\8e05b027\e164d61b";
            server.write(&format!(r"{folder}\assembly\dl3\1a2b3c4d\00d1e2f3_5a6bd701\Tools.dll"), padded("near", 2));
        },
        more: &[],
        answer: finding!(
            r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\owa\8e05b027\e164d61b\assembly\dl3\1a2b3c4d\00d1e2f3_5a6bd701\Tools.dll",
            LOADS
        ),
        ordinary: None,
    },
    Situation {
        id: "assemblies/owa_bin",
        what: "A large DLL in OWA's `bin`",
        plant: |server| {
            let folder = r"C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\Owa\bin";
            server.write(&format!(r"{folder}\Microsoft.Exchange.Clients.Tools.dll"), padded("near", 2));
        },
        more: &[],
        answer: finding!(
            r"C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\Owa\bin\Microsoft.Exchange.Clients.Tools.dll",
            LOADS
        ),
        ordinary: None,
    },
    Situation {
        id: "assemblies/exchange_bin",
        what: "A DLL in the `bin` folder of the installation, from which every Exchange application loads",
        plant: |server| {
            let folder = r"C:\Program Files\Microsoft\Exchange Server\V15\bin";
            server.write(&format!(r"{folder}\Microsoft.Exchange.Tools.dll"), assembly("near"));
        },
        more: &[],
        answer: finding!(r"C:\Program Files\Microsoft\Exchange Server\V15\bin\Microsoft.Exchange.Tools.dll", LOADS),
        ordinary: Some(|server| {
            let folder = r"C:\Program Files\Microsoft\Exchange Server\V15\bin";
            server.write(&format!(r"{folder}\Tools.dll"), padded("library", 2));
        }),
    },
    Situation {
        id: "assemblies/transport_agent",
        what: "A DLL beside the transport agents",
        plant: |server| {
            let folder = r"C:\Program Files\Microsoft\Exchange Server\V15\TransportRoles\agents\Hygiene";
            server.write(&format!(r"{folder}\Tools.dll"), assembly("near"));
        },
        more: &[],
        answer: finding!(
            r"C:\Program Files\Microsoft\Exchange Server\V15\TransportRoles\agents\Hygiene\Tools.dll",
            LOADS
        ),
        ordinary: None,
    },
    Situation {
        id: "assemblies/global_cache",
        what: "A DLL in the global assembly cache of .NET 4",
        plant: |server| {
            let folder = r"C:\Windows\Microsoft.NET\assembly\GAC_MSIL\Tools\v4.0_1.0.0.0__31bf3856ad364e35";
            server.write(&format!(r"{folder}\Tools.dll"), padded("near", 2));
        },
        more: &[],
        answer: finding!(
            r"C:\Windows\Microsoft.NET\assembly\GAC_MSIL\Tools\v4.0_1.0.0.0__31bf3856ad364e35\Tools.dll",
            LOADS
        ),
        ordinary: Some(|server| {
            let folder = r"C:\Windows\Microsoft.NET\assembly\GAC_MSIL\Tools\v4.0_1.0.0.0__31bf3856ad364e35";
            server.write(&format!(r"{folder}\Tools.dll"), padded("library", 2));
        }),
    },
    Situation {
        id: "assemblies/old_global_cache",
        what: "A DLL in the global assembly cache of .NET 2",
        plant: |server| {
            server.write(r"C:\Windows\assembly\GAC_64\Tools\1.0.0.0__b77a5c561934e089\Tools.dll", assembly("near"))
        },
        more: &[],
        answer: finding!(r"C:\Windows\assembly\GAC_64\Tools\1.0.0.0__b77a5c561934e089\Tools.dll", LOADS),
        ordinary: None,
    },
    Situation {
        id: "assemblies/profile_of_a_pool",
        what: "A compiled page in the profile of an application pool identity",
        plant: |server| {
            let folder = r"C:\Users\MSExchangeOWAAppPool\AppData\Local\Temp\Temporary ASP.NET Files\owa\1\2";
            server.write(&format!(r"{folder}\App_Web_q1w2e3r4.dll"), assembly("evaluates"));
        },
        more: &[],
        answer: finding!(
            r"C:\Users\MSExchangeOWAAppPool\AppData\Local\Temp\Temporary ASP.NET Files\owa\1\2\App_Web_q1w2e3r4.dll",
            "behaviour/eval_request_input"
        ),
        ordinary: Some(|server| {
            let folder = r"C:\Users\MSExchangeOWAAppPool\AppData\Local\Temp\Temporary ASP.NET Files\owa\1\2";
            server.write(&format!(r"{folder}\App_Web_q1w2e3r4.dll"), assembly("page"));
        }),
    },
    Situation {
        id: "assemblies/profile_of_a_service",
        what: "A compiled page in the profile of Network Service",
        plant: |server| {
            let profile = r"C:\Windows\ServiceProfiles\NetworkService\AppData\Local";
            server.write(
                &format!(r"{profile}\Temp\Temporary ASP.NET Files\root\1\2\App_Web_a.dll"),
                assembly("evaluates"),
            );
        },
        more: &[],
        answer: finding!(
            r"C:\Windows\ServiceProfiles\NetworkService\AppData\Local\Temp\Temporary ASP.NET Files\root\1\2\App_Web_a.dll",
            "behaviour/eval_request_input"
        ),
        ordinary: None,
    },
    Situation {
        id: "assemblies/copies_of_a_profile",
        what: "A runtime shadow copy in the system profile",
        plant: |server| {
            let profile = r"C:\Windows\System32\config\systemprofile\AppData\Local\assembly\dl3\A.B\C.D";
            server.write(&format!(r"{profile}\1a2b3c4d\00d1e2f3_5a6bd701\Tools.dll"), assembly("near"));
        },
        more: &[],
        answer: finding!(
            r"C:\Windows\System32\config\systemprofile\AppData\Local\assembly\dl3\A.B\C.D\1a2b3c4d\00d1e2f3_5a6bd701\Tools.dll",
            LOADS
        ),
        ordinary: None,
    },
    Situation {
        id: "assemblies/temp_directory",
        what: "`web.config` redirects ASP.NET compilation to a custom folder",
        plant: |server| {
            let compilation = r#"<compilation tempDirectory="C:\Odd\Temp"/>"#;
            let config = format!("<configuration><system.web>{compilation}</system.web></configuration>");
            server.write(&format!(r"{WEB}\web.config"), config);
            server.write(r"C:\Odd\Temp\root\1\2\App_Web_a.dll", assembly("evaluates"));
        },
        more: &[],
        answer: finding!(r"C:\Odd\Temp\root\1\2\App_Web_a.dll", "behaviour/eval_request_input"),
        ordinary: Some(|server| {
            let compilation = r#"<compilation tempDirectory="C:\Odd\Temp"/>"#;
            let config = format!("<configuration><system.web>{compilation}</system.web></configuration>");
            server.write(&format!(r"{WEB}\web.config"), config);
            server.write(r"C:\Odd\Temp\root\1\2\App_Web_a.dll", assembly("page"));
        }),
    },
    Situation {
        id: "assemblies/temp_directory_elsewhere",
        what: "`web.config` redirects ASP.NET compilation to a volume that was not provided",
        plant: |server| {
            let compilation = r#"<compilation tempDirectory="D:\Temp"/>"#;
            let config = format!("<configuration><system.web>{compilation}</system.web></configuration>");
            server.write(&format!(r"{WEB}\web.config"), config);
        },
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: "compiles into" },
        ordinary: None,
    },
    Situation {
        id: "assemblies/code_base",
        what: "`web.config` loads an assembly from another folder, under a name without an executable extension",
        plant: |server| {
            let base = r#"<codeBase version="1.0.0.0" href="file:///C:/ProgramData/Tools/font.dat"/>"#;
            let config = format!(
                "<configuration><runtime><assemblyBinding><dependentAssembly>{base}</dependentAssembly></assemblyBinding></runtime></configuration>"
            );
            server.write(&format!(r"{WEB}\web.config"), config);
            server.write(r"C:\ProgramData\Tools\font.dat", assembly("near"));
        },
        more: &[],
        answer: finding!(r"C:\ProgramData\Tools\font.dat", LOADS),
        ordinary: None,
    },
    Situation {
        id: "assemblies/code_base_elsewhere",
        what: "`web.config` loads an assembly from another machine",
        plant: |server| {
            let base = r#"<codeBase version="1.0.0.0" href="http://192.0.2.1/x.dll"/>"#;
            let config = format!(
                "<configuration><runtime><assemblyBinding><dependentAssembly>{base}</dependentAssembly></assemblyBinding></runtime></configuration>"
            );
            server.write(&format!(r"{WEB}\web.config"), config);
        },
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: "names an assembly at" },
        ordinary: None,
    },
    Situation {
        id: "assemblies/precompiled",
        what: "A precompiled site: the page is one line of text, and its assembly is large",
        plant: |server| {
            server
                .write(&format!(r"{WEB}\PrecompiledApp.config"), "<precompiledApp version=\"2\" updatable=\"false\"/>");
            server.write(&format!(r"{WEB}\x.aspx"), "This is a marker file generated by the precompilation tool");
            let preserve =
                r#"<preserve resultType="3" virtualPath="/x.aspx" assembly="App_Web_a1" type="ASP.x_aspx"/>"#;
            server.write(&format!(r"{WEB}\bin\x.aspx.cdcab7d2.compiled"), preserve);
            server.write(&format!(r"{WEB}\bin\App_Web_a1.dll"), padded("evaluates", 2));
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\bin\App_Web_a1.dll", "behaviour/eval_request_input"),
        ordinary: Some(|server| {
            server
                .write(&format!(r"{WEB}\PrecompiledApp.config"), "<precompiledApp version=\"2\" updatable=\"false\"/>");
            let preserve =
                r#"<preserve resultType="3" virtualPath="/x.aspx" assembly="App_Web_a1" type="ASP.x_aspx"/>"#;
            server.write(&format!(r"{WEB}\bin\x.aspx.cdcab7d2.compiled"), preserve);
            server.write(&format!(r"{WEB}\bin\App_Web_a1.dll"), padded("page", 2));
        }),
    },
    Situation {
        id: "assemblies/by_another_name",
        what: "An assembly in a web folder with a picture's extension",
        plant: |server| server.write(&format!(r"{WEB}\images\logo.png"), padded("near", 2)),
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\images\logo.png", LOADS),
        ordinary: None,
    },
    Situation {
        id: "assemblies/module",
        what: "An assembly module (.netmodule) in a web folder",
        plant: |server| server.write(&format!(r"{WEB}\bin\Tools.netmodule"), padded("near", 2)),
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\bin\Tools.netmodule", LOADS),
        ordinary: None,
    },
    Situation {
        id: "assemblies/program",
        what: "An assembly in `bin` with the extension .exe",
        plant: |server| server.write(&format!(r"{WEB}\bin\Tools.exe"), padded("near", 2)),
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\bin\Tools.exe", LOADS),
        ordinary: None,
    },
    Situation {
        id: "assemblies/satellite",
        what: "An assembly with the name of a satellite (translation) assembly",
        plant: |server| server.write(&format!(r"{WEB}\bin\de\Tools.resources.dll"), padded("near", 2)),
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\bin\de\Tools.resources.dll", LOADS),
        ordinary: None,
    },
    Situation {
        id: "assemblies/carried_as_resource",
        what: "An assembly embeds another one and loads it",
        plant: |server| {
            let both = [assembly("library"), vec![0; 4096], assembly("near")].concat();
            server.write(&format!(r"{WEB}\bin\Tools.dll"), both);
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\bin\Tools.dll", LOADS),
        ordinary: Some(|server| {
            let both = [assembly("library"), vec![0; 4096], assembly("library")].concat();
            server.write(&format!(r"{WEB}\bin\Tools.dll"), both);
        }),
    },
    Situation {
        id: "assemblies/compiled_in_advance",
        what: "A precompiled page of Exchange has no file",
        plant: |server| {
            let told =
                "<preserve resultType=\"3\" virtualPath=\"/owa/a.aspx\" assembly=\"Tools\" type=\"ASP.a_aspx\"/>";
            let folder = format!(r"{EXCHANGE}\FrontEnd\HttpProxy\owa\bin");
            server.write(&format!(r"{folder}\a.aspx.cdcab7d2.compiled"), told);
            server.write(&format!(r"{folder}\Tools.dll"), assembly("library"));
        },
        more: &[],
        answer: finding!(
            r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\bin\a.aspx.cdcab7d2.compiled",
            "location/precompiled_page"
        ),
        ordinary: Some(|server| {
            let told = "<preserve resultType=\"3\" virtualPath=\"/a.aspx\" assembly=\"Tools\" type=\"ASP.a_aspx\"/>";
            server.write(&format!(r"{WEB}\bin\a.aspx.cdcab7d2.compiled"), told);
            server.write(&format!(r"{WEB}\bin\Tools.dll"), assembly("library"));
        }),
    },
    Situation {
        id: "assemblies/compiled_in_advance_from_nowhere",
        what: "A precompiled page runs from an assembly that is missing",
        plant: |server| {
            let told = "<preserve resultType=\"3\" virtualPath=\"/a.aspx\" assembly=\"Odd\" type=\"ASP.a_aspx\"/>";
            server.write(&format!(r"{WEB}\bin\a.aspx.cdcab7d2.compiled"), told);
        },
        more: &[],
        answer: Answer::Gap { kind: "code_analysis_truncated", words: "Odd" },
        ordinary: None,
    },
];
