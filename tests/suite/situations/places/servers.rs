//! Other web servers, and what an earlier system left.

use super::super::{AUTH, Answer, Situation};
use super::{SOFTWARE, service};
use crate::support::{self, hive::Written};

/// An assembly of `fixtures/compiled`.
fn compiled(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/compiled/{name}.dll.b64", env!("CARGO_MANIFEST_DIR"));
    support::fixture::decode(&std::fs::read(path).unwrap())
}

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "servers/xampp",
        what: "A page in the default folder of a web server bundle",
        plant: |server| server.shell(r"C:\xampp\htdocs\dashboard\x.aspx"),
        more: &[],
        answer: Answer::Finding {
            path: r"C:\xampp\htdocs\dashboard\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: Some(|server| server.write(r"C:\xampp\htdocs\index.html", "<html><body>It works</body></html>")),
    },
    Situation {
        id: "servers/apache_alias",
        what: "Apache serves a folder named in an included configuration file",
        plant: |server| {
            server.write(
                r"C:\Apache24\conf\httpd.conf",
                "Define SRVROOT \"C:/Apache24\"\r\nServerRoot \"${SRVROOT}\"\r\nInclude conf/extra/*.conf\r\n",
            );
            server.write(r"C:\Apache24\conf\extra\a.conf", "Alias /a \"C:/data/pictures\"\r\n");
            server.shell(r"C:\data\pictures\x.jsp.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\pictures\x.jsp.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(
                r"C:\Apache24\conf\httpd.conf",
                "DocumentRoot \"C:/Apache24/htdocs\"\r\nInclude conf/extra/*.conf\r\n",
            );
            server.write(r"C:\Apache24\htdocs\index.html", "<html><body>It works</body></html>");
        }),
    },
    Situation {
        id: "servers/apache_elsewhere",
        what: "Apache serves a folder on a volume that was not provided",
        plant: |server| server.write(r"C:\Apache24\conf\httpd.conf", "DocumentRoot \"E:/sites/a\"\r\n"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: "httpd.conf" },
        ordinary: None,
    },
    Situation {
        id: "servers/nginx_root",
        what: "nginx, discovered by its folder, serves a folder named in its configuration",
        plant: |server| {
            server.write(
                r"C:\tools\nginx-1.25\conf\nginx.conf",
                "http {\n server {\n  location / { }\n  root C:/data/n;\n }\n}\n",
            );
            server.shell(r"C:\data\n\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\n\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/tomcat_context",
        what: "A Tomcat context points to a folder elsewhere",
        plant: |server| {
            server.write(
                r"C:\Program Files\Apache Software Foundation\Tomcat 9.0\conf\Catalina\localhost\a.xml",
                r#"<Context docBase="C:\data\t" reloadable="true"/>"#,
            );
            server.shell(r"C:\data\t\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\t\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/by_service",
        what: "A renamed web server is discovered by the service that runs it",
        plant: |server| {
            service(server, "ImagePath", r#""C:\data\s\bin\httpd.exe" -k runservice"#);
            server.write(r"C:\data\s\bin\httpd.exe", "MZ");
            server.shell(r"C:\data\s\htdocs\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\s\htdocs\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/packed_application",
        what: "A Java application is served from its archive",
        plant: |server| server.write(r"C:\wildfly-30\standalone\deployments\x.war", b"PK\x03\x04\x14\0\0\0"),
        more: &[],
        answer: Answer::Gap { kind: "partially_examined", words: "x.war" },
        ordinary: None,
    },
    Situation {
        id: "servers/prepended",
        what: "PHP runs a file before every page",
        plant: |server| server.write(r"C:\PHP\php.ini", "[PHP]\r\nauto_prepend_file = \"C:\\ProgramData\\a.txt\"\r\n"),
        more: &[],
        answer: Answer::Finding { path: r"C:\PHP\php.ini", reason: "autostart/php_auto_prepend", level: "low" },
        ordinary: Some(|server| {
            server.write(r"C:\PHP\php.ini", "[PHP]\r\nauto_prepend_file =\r\n;auto_prepend_file=x\r\n")
        }),
    },
    Situation {
        id: "servers/linux_inside",
        what: "A web server runs in WSL, with its files in a user's folder",
        plant: |server| {
            server.shell(r"C:\Users\a\AppData\Local\Packages\Distribution_1\LocalState\rootfs\var\www\html\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Users\a\AppData\Local\Packages\Distribution_1\LocalState\rootfs\var\www\html\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/linux_disk",
        what: "A web server runs in WSL, with its files in a disk image",
        plant: |server| {
            server.write(r"C:\Users\a\AppData\Local\Packages\Distribution_1\LocalState\ext4.vhdx", "vhdxfile")
        },
        more: &[],
        answer: Answer::Gap { kind: "image_not_opened", words: "ext4.vhdx" },
        ordinary: None,
    },
    Situation {
        id: "servers/nginx_one_line",
        what: "nginx serves a folder from a one-line configuration",
        plant: |server| {
            server.write(
                r"C:\nginx\conf\nginx.conf",
                "http { include sites/*.conf; server { listen 80; root C:/data/n; } }\n",
            );
            server.shell(r"C:\data\n\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\n\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(r"C:\nginx\conf\nginx.conf", "http { server { listen 80; root html; } }\n");
            server.write(r"C:\nginx\html\index.html", "<html></html>");
        }),
    },
    Situation {
        id: "servers/nginx_included_alias",
        what: "nginx serves a folder named in an included file",
        plant: |server| {
            server.write(r"C:\nginx\conf\nginx.conf", "http { include sites/*.conf; }\n");
            server.write(r"C:\nginx\conf\sites\a.conf", "server { location /q/ { alias \"C:/data/a b/\"; } }\n");
            server.shell(r"C:\data\a b\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\a b\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/tomcat_base",
        what: "A Tomcat instance is stored apart from the Tomcat installation",
        plant: |server| {
            server.write(r"C:\tomcat\bin\setenv.bat", "set \"CATALINA_BASE=C:\\data\\t\"\r\n");
            server.shell(r"C:\data\t\webapps\ROOT\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\t\webapps\ROOT\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(r"C:\tomcat\bin\setenv.bat", "set \"JAVA_OPTS=-Xmx1g\"\r\n");
            server.write(r"C:\tomcat\webapps\ROOT\index.html", "<html></html>");
        }),
    },
    Situation {
        id: "servers/tomcat_base_of_service",
        what: "The Tomcat service names its instance folder in the registry only",
        plant: |server| {
            let hive = Written::new("ROOT").text(
                r"Apache Software Foundation\Procrun 2.0\Tomcat9\Parameters\Java",
                "Options",
                r"-Dcatalina.base=C:\data\s",
            );
            server.write(SOFTWARE, hive.bytes());
            server.shell(r"C:\data\s\webapps\ROOT\x.aspx");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\data\s\webapps\ROOT\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "servers/linux_disk_elsewhere",
        what: "A WSL distribution was imported into a folder outside all user profiles",
        plant: |server| {
            server.write(r"C:\wsl\u\ext4.vhdx", "vhdxfile");
        },
        more: &[],
        answer: Answer::Gap { kind: "image_not_opened", words: "ext4.vhdx" },
        ordinary: Some(|server| server.write(r"C:\WindowsImageBackup\EX1\Backup\1.vhdx", "vhdxfile")),
    },
    Situation {
        id: "servers/linux_disk_of_registry",
        what: "Only a user's registry names the location of the WSL disk",
        plant: |server| {
            let hive = Written::new("ROOT").text(
                r"Software\Microsoft\Windows\CurrentVersion\Lxss\{0}",
                "BasePath",
                r"\\?\C:\data\a\b\c\d",
            );
            server.write(r"C:\Users\a\NTUSER.DAT", hive.bytes());
            server.write(r"C:\data\a\b\c\d\ext4.vhdx", "vhdxfile");
        },
        more: &[],
        answer: Answer::Gap { kind: "image_not_opened", words: "ext4.vhdx" },
        ordinary: None,
    },
    Situation {
        id: "servers/php_extension",
        what: "PHP loads an extension DLL from a world-writable folder",
        plant: |server| {
            server.write(r"C:\PHP\php.ini", "extension=C:\\ProgramData\\q.dll\r\n");
            server.write(r"C:\ProgramData\q.dll", "MZ");
        },
        more: &[],
        answer: Answer::Finding { path: r"C:\PHP\php.ini", reason: "autostart/runs_from_drop_folder", level: "medium" },
        ordinary: Some(|server| {
            let ini = "extension=curl\r\nextension_dir = \"C:\\PHP\\ext\"\r\nzend_extension=C:\\PHP\\ext\\php_opcache.dll\r\n";
            server.write(r"C:\PHP\php.ini", ini);
        }),
    },
    Situation {
        id: "earlier/windows_old",
        what: "A page in `Windows.old`",
        plant: |server| server.shell(r"C:\Windows.old\inetpub\wwwroot\x.aspx"),
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows.old\inetpub\wwwroot\x.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: Some(|server| {
            let logon = server.text(&format!(r"{}\errorFE.aspx", AUTH));
            let place =
                r"C:\Windows.old\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\errorFE.aspx";
            server.write(place, logon);
            server.write(r"C:\Windows.old\inetpub\wwwroot\iisstart.htm", "<html></html>");
        }),
    },
    Situation {
        id: "earlier/setup_folder",
        what: "A page in a Windows setup folder",
        plant: |server| server.shell(r"C:\$WINDOWS.~BT\Sources\x.ashx.aspx"),
        more: &[],
        answer: Answer::Finding {
            path: r"C:\$WINDOWS.~BT\Sources\x.ashx.aspx",
            reason: "signature/china_chopper_jscript_eval_page",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "earlier/compiled_page",
        what: "A compiled page in `Windows.old`",
        plant: |server| {
            let folder =
                r"C:\Windows.old\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\root\1\2";
            server.write(&format!(r"{folder}\App_Web_q.dll"), compiled("near"));
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows.old\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\root\1\2\App_Web_q.dll",
            reason: "behaviour/assembly_load_request",
            level: "medium",
        },
        ordinary: Some(|server| {
            let folder =
                r"C:\Windows.old\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files\root\1\2";
            server.write(&format!(r"{folder}\App_Web_q.dll"), compiled("library"));
        }),
    },
    Situation {
        id: "earlier/library_of_site",
        what: "A site's DLL in `Windows.old`",
        plant: |server| server.write(r"C:\Windows.old\inetpub\wwwroot\bin\Tools.dll", compiled("near")),
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Windows.old\inetpub\wwwroot\bin\Tools.dll",
            reason: "behaviour/assembly_load_request",
            level: "medium",
        },
        ordinary: Some(|server| server.write(r"C:\Windows.old\inetpub\wwwroot\bin\Tools.dll", compiled("library"))),
    },
    Situation {
        id: "servers/tomcat_compiled",
        what: "A Tomcat page is deleted, and its compiled form is left",
        plant: |server| {
            server.write(r"C:\tomcat\conf\server.xml", "<Server><Host appBase=\"webapps\"/></Server>");
            server.write(r"C:\tomcat\webapps\ROOT\index.jsp", "<html></html>");
            server.write(r"C:\tomcat\work\Catalina\localhost\ROOT\org\apache\jsp\x_jsp.java", "class x_jsp {}");
        },
        more: &[],
        answer: Answer::Gap { kind: "partially_examined", words: "x_jsp.java" },
        ordinary: Some(|server| {
            server.write(r"C:\tomcat\conf\server.xml", "<Server><Host appBase=\"webapps\"/></Server>");
            server.write(r"C:\tomcat\webapps\ROOT\a b\in-dex.jsp", "<html></html>");
            let folder = r"C:\tomcat\work\Catalina\localhost\ROOT\org\apache\jsp\a_0020b";
            server.write(&format!(r"{folder}\in_002ddex_jsp.java"), "class x_jsp {}");
        }),
    },
];
