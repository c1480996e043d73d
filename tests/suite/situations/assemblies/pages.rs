//! Code in files that pages include, and in files that are no pages.

use super::super::{Answer, Situation};
use super::{WEB, assembly, page};
use base64::Engine;

const STARTS: &str = "behaviour/command_execution";

/// Code of C# that starts what the request names, put together here so that no file of this repository holds it.
fn code() -> String {
    let call = ["System.Diagnostics.Pro", "cess.Start(Req", "uest[\"none\"], Req", "uest[\"inert\"]);"].concat();
    format!("void Page_Load(object sender, System.EventArgs e) {{ @@inert@@; {call} }}\n")
}

/// The same as a class.
fn class(name: &str) -> String {
    format!("public class {name} : System.Web.UI.Page {{ {} }}\n", code())
}

/// Code of VBScript.
fn script() -> String {
    ["<%\n@@inert@@\nExec", "ute(Req", "uest(\"none\"))\n%>\n"].concat()
}

const HARMLESS: &str = "string Greeting() { return \"Hello\"; }\n";

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "pages/include_outside",
        what: "A page includes a text file outside all web folders",
        plant: |server| {
            server.write(r"C:\ProgramData\notes.txt", script());
            server.write(&format!(r"{WEB}\a.asp"), "<!--#include file=\"..\\..\\ProgramData\\notes.txt\"-->\n");
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\a.asp", "signature/asp_one_liner_wrapped"),
        ordinary: Some(|server| {
            server.write(r"C:\ProgramData\notes.txt", "<% Response.Write \"Hello\" %>\n");
            server.write(&format!(r"{WEB}\a.asp"), "<!--#include file=\"..\\..\\ProgramData\\notes.txt\"-->\n");
        }),
    },
    Situation {
        id: "pages/include_absolute",
        what: "An ASP.NET page includes a file by absolute path",
        plant: |server| {
            server.write(r"C:\Windows\Logs\cbs.log", format!("<script runat=\"server\">{}</script>", code()));
            page(server, "a.aspx", "<!-- #include file='C:\\Windows\\Logs\\CBS.log' -->\n");
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\a.aspx", STARTS),
        ordinary: Some(|server| {
            server.write(&format!(r"{WEB}\readme.txt"), "2021-03-02 all is well\n");
            page(server, "a.aspx", "<!-- #include file='README.txt' -->\n");
        }),
    },
    Situation {
        id: "pages/include_on_another_volume",
        what: "A page includes a file on a volume that was not provided",
        plant: |server| page(server, "a.aspx", "<!-- #include file='D:\\notes.txt' -->\n"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: "notes.txt" },
        ordinary: Some(|server| page(server, "a.aspx", "<p>Hello</p><!-- #include file='missing.inc' -->\n")),
    },
    Situation {
        id: "pages/include_on_another_machine",
        what: "A page includes a file on another machine",
        plant: |server| page(server, "a.aspx", "<!-- #include file='\\\\192.0.2.1\\x\\notes.txt' -->\n"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: "another machine" },
        ordinary: None,
    },
    Situation {
        id: "pages/include_by_short_name",
        what: "A page includes a file by its 8.3 short name",
        plant: |server| page(server, "a.aspx", "<!-- #include file='C:\\PROGRA~9\\notes.txt' -->\n"),
        more: &[],
        answer: Answer::Gap { kind: "volume_not_provided", words: "only be resolved by Windows" },
        ordinary: None,
    },
    Situation {
        id: "pages/include_far_behind_blanks",
        what: "An include directive contains two thousand spaces",
        plant: |server| {
            server.write(r"C:\ProgramData\notes.txt", script());
            let blanks = " ".repeat(2000);
            server.write(
                &format!(r"{WEB}\a.asp"),
                format!(
                    "<!--{blanks}#include{blanks}file{blanks}={blanks}\"..\\..\\ProgramData\\notes.txt\"{blanks}-->\n"
                ),
            );
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\a.asp", "signature/asp_one_liner_wrapped"),
        ordinary: None,
    },
    Situation {
        id: "pages/include_of_an_include",
        what: "A page includes a file that includes the malicious one",
        plant: |server| {
            server.write(r"C:\ProgramData\a\b.txt", script());
            server.write(r"C:\ProgramData\a\a.txt", "<!--#include file=\"b.txt\"-->\n");
            server.write(&format!(r"{WEB}\a.asp"), "<!--#include file=\"..\\..\\ProgramData\\a\\a.txt\"-->\n");
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\a.asp", "signature/asp_one_liner_wrapped"),
        ordinary: None,
    },
    Situation {
        id: "pages/include_of_the_site",
        what: "Half of the code is in the page, half in a file included by virtual path",
        plant: |server| {
            let half = ["<%\nSub Go(x)\n  Exec", "ute(x)\nEnd Sub\n%>\n"].concat();
            server.write(&format!(r"{WEB}\lib\half.asp"), half);
            let page =
                ["<!--#include virtual=\"/lib/half.asp\"-->\n<%\n@@inert@@\nGo Req", "uest(\"none\")\n%>\n"].concat();
            server.write(&format!(r"{WEB}\a.asp"), page);
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\a.asp", "signature/asp_one_liner_function"),
        ordinary: Some(|server| {
            server.write(
                &format!(r"{WEB}\lib\half.asp"),
                "<%\nSub Go(x)\n  Response.Write Server.HtmlEncode(x)\nEnd Sub\n%>\n",
            );
            let page = "<!--#include virtual=\"/lib/half.asp\"-->\n<%\nGo Request(\"name\")\n%>\n";
            server.write(&format!(r"{WEB}\a.asp"), page);
        }),
    },
    Situation {
        id: "pages/script_src",
        what: "A server-side script has its body in a text file beside the page",
        plant: |server| {
            server.write(&format!(r"{WEB}\readme.txt"), code());
            page(server, "a.aspx", "<script runat=\"server\" src=\"readme.txt\"></script>\n");
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\a.aspx", STARTS),
        ordinary: Some(|server| {
            server.write(&format!(r"{WEB}\readme.txt"), HARMLESS);
            page(server, "a.aspx", "<script runat=\"server\" src=\"readme.txt\"></script>\n");
        }),
    },
    Situation {
        id: "pages/script_src_empty",
        what: "The same with an unclosed element and an application-relative path",
        plant: |server| {
            server.write(&format!(r"{WEB}\x\readme.txt"), code());
            page(server, "x\\a.aspx", "<script src=\"~/x/readme.txt\" runat=\"server\" />\n");
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\x\a.aspx", STARTS),
        ordinary: None,
    },
    Situation {
        id: "pages/include_in_a_script",
        what: "The body of a server-side script is an include of a text file",
        plant: |server| {
            server.write(&format!(r"{WEB}\readme.txt"), code());
            page(server, "a.aspx", "<script runat=\"server\">\n<!--#include file=\"readme.txt\"-->\n</script>\n");
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\a.aspx", STARTS),
        ordinary: None,
    },
    Situation {
        id: "pages/source_outside",
        what: "The code file of a page is outside the web folder",
        plant: |server| {
            server.write(r"C:\Windows\Logs\x.cs", class("X"));
            let directive = "<%@ Page Language=\"C#\" Inherits=\"X\" Src=\"../../Windows/Logs/x.cs\" %>\n";
            server.write(&format!(r"{WEB}\a.aspx"), directive);
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\a.aspx", STARTS),
        ordinary: None,
    },
    Situation {
        id: "pages/handler_of_another_file",
        what: "A handler names a class in `App_Code`",
        plant: |server| {
            server.write(&format!(r"{WEB}\App_Code\x.cs"), class("X"));
            server.write(&format!(r"{WEB}\a.ashx"), "<%@ WebHandler Class=\"X\" %>\n");
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\App_Code\x.cs", STARTS),
        ordinary: Some(|server| {
            server.write(&format!(r"{WEB}\App_Code\x.cs"), format!("public class X {{ {HARMLESS} }}"));
            server.write(&format!(r"{WEB}\a.ashx"), "<%@ WebHandler Class=\"X\" %>\n");
        }),
    },
    Situation {
        id: "pages/handler_of_nowhere",
        what: "A handler names a class that is in no file of the evidence",
        plant: |server| server.write(&format!(r"{WEB}\a.ashx"), "<%@ WebHandler Class=\"Odd.Handler\" %>\n"),
        more: &[],
        answer: Answer::Gap { kind: "code_analysis_truncated", words: "Odd.Handler" },
        ordinary: Some(|server| {
            server.write(&format!(r"{WEB}\bin\Tools.dll"), assembly("library"));
            server.write(&format!(r"{WEB}\a.ashx"), "<%@ WebHandler Class=\"Tools.Maintenance, Tools\" %>\n");
        }),
    },
    Situation {
        id: "pages/service_of_nowhere",
        what: "A web service names a class in an assembly that is missing",
        plant: |server| {
            server.write(&format!(r"{WEB}\a.asmx"), "<%@ WebService Class=\"Odd.Service, Odd, Version=1.0.0.0\" %>\n");
        },
        more: &[],
        answer: Answer::Gap { kind: "code_analysis_truncated", words: "Odd.Service" },
        ordinary: None,
    },
    Situation {
        id: "pages/factory_of_nowhere",
        what: "A service names a factory that is in no file of the evidence",
        plant: |server| {
            server.write(
                &format!(r"{WEB}\a.svc"),
                "<%@ ServiceHost Factory=\"Odd.Factory\" Service=\"Odd.Service\" %>\n",
            );
        },
        more: &[],
        answer: Answer::Gap { kind: "code_analysis_truncated", words: "Odd." },
        ordinary: None,
    },
    Situation {
        id: "pages/script_of_app_code",
        what: "`App_Code` contains a JScript source file",
        plant: |server| {
            let call = ["ev", "al(System.Web.HttpContext.Current.Req", "uest[\"none\"], \"uns", "afe\");"].concat();
            server.write(
                &format!(r"{WEB}\App_Code\x.js"),
                format!("class X {{ function Go() {{ @@inert@@; {call} }} }}\n"),
            );
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\App_Code\x.js", "behaviour/eval_request_input"),
        ordinary: Some(|server| {
            server.write(&format!(r"{WEB}\scripts\x.js"), "function go() { return document.title; }\n");
        }),
    },
    Situation {
        id: "pages/style_sheet",
        what: "An XSLT style sheet contains a script that runs a command from the request",
        plant: |server| {
            let call = ["System.Diagnostics.Pro", "cess.Start(System.Web.HttpContext.Current.Req", "uest[\"none\"]);"]
                .concat();
            server.write(
                &format!(r"{WEB}\x.xslt"),
                format!(
                    "<xsl:stylesheet xmlns:xsl=\"x\" xmlns:m=\"urn:schemas-microsoft-com:xslt\"><m:script language=\"C#\" \
                     implements-prefix=\"u\"><![CDATA[ public string Go() {{ @@inert@@; {call} return \"\"; }} ]]></m:script></xsl:stylesheet>"
                ),
            );
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\x.xslt", STARTS),
        ordinary: Some(|server| {
            server.write(
                &format!(r"{WEB}\x.xslt"),
                "<xsl:stylesheet xmlns:xsl=\"x\" xmlns:m=\"urn:schemas-microsoft-com:xslt\"><m:script language=\"C#\" \
                 implements-prefix=\"u\"><![CDATA[ public string Today() { return System.DateTime.Now.ToString(); } ]]></m:script></xsl:stylesheet>",
            );
        }),
    },
    Situation {
        id: "pages/markup_of_objects",
        what: "XAML markup starts a process through ObjectDataProvider",
        plant: |server| {
            let class = ["clr-namespace:System.Diag", "nostics;assembly=System"].concat();
            server.write(
                &format!(r"{WEB}\x.xaml"),
                format!("<R xmlns:d=\"{class}\"><ObjectDataProvider ObjectType=\"{{x:Type d:Process}}\" MethodName=\"@@inert@@\"/></R>"),
            );
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\x.xaml", "behaviour/xaml_code_execution"),
        ordinary: Some(|server| {
            server.write(
                &format!(r"{WEB}\x.xaml"),
                "<R><ObjectDataProvider ObjectType=\"{x:Type sys:Enum}\" MethodName=\"GetValues\"/></R>",
            );
        }),
    },
    Situation {
        id: "pages/resources",
        what: "Resources contain serialized objects that execute commands on deserialization",
        plant: |server| {
            let objects = ["@@inert@@ mscorlib, Version=4.0.0.0 System.Delegate", "SerializationHolder"].concat();
            let value = base64::engine::general_purpose::STANDARD.encode(objects);
            let data = format!(
                "<data name=\"a\" mimetype=\"application/x-microsoft.net.object.binary.base64\"><value>{value}</value></data>"
            );
            server.write(&format!(r"{WEB}\App_GlobalResources\Strings.resx"), format!("<root>{data}</root>"));
        },
        more: &[],
        answer: finding!(
            r"C:\inetpub\wwwroot\App_GlobalResources\Strings.resx",
            "behaviour/resource_deserialization_gadget"
        ),
        ordinary: Some(|server| {
            let value = base64::engine::general_purpose::STANDARD
                .encode("System.Drawing, Version=4.0.0.0 System.Drawing.Bitmap");
            let data = format!(
                "<data name=\"a\" mimetype=\"application/x-microsoft.net.object.binary.base64\"><value>{value}</value></data>"
            );
            server.write(&format!(r"{WEB}\App_GlobalResources\Strings.resx"), format!("<root>{data}</root>"));
        }),
    },
    Situation {
        id: "pages/command_of_an_include",
        what: "A server-side include page executes a command",
        plant: |server| server.write(&format!(r"{WEB}\a.shtml"), "<html><!--#exec cmd=\"@@inert@@\" --></html>"),
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\a.shtml", "behaviour/ssi_exec_command"),
        ordinary: Some(|server| {
            server.write(&format!(r"{WEB}\a.shtml"), "<html><!--#echo var=\"DATE_LOCAL\" --></html>")
        }),
    },
    Situation {
        id: "pages/database_connector",
        what: "A query of the Internet Database Connector",
        plant: |server| {
            server.write(&format!(r"{WEB}\a.idc"), "Datasource: none\nTemplate: a.htx\nSQLStatement: @@inert@@\n")
        },
        more: &[],
        answer: Answer::Gap { kind: "code_analysis_truncated", words: "Internet Database Connector" },
        ordinary: None,
    },
    Situation {
        id: "pages/include_of_nothing",
        what: "A page consists of an include of a missing file",
        plant: |server| server.write(&format!(r"{WEB}\a.asp"), "<!--#include virtual=\"/none/notes.txt\"-->\n"),
        more: &[],
        answer: Answer::Gap { kind: "code_analysis_truncated", words: "notes.txt" },
        ordinary: Some(|server| {
            server.write(&format!(r"{WEB}\a.asp"), "<p>Hello</p><!--#include virtual=\"/none/notes.txt\"-->\n");
        }),
    },
    Situation {
        id: "pages/php_include_outside",
        what: "A PHP page includes a file outside all web folders",
        plant: |server| {
            let call = ["<?php @@inert@@; ev", "al($_PO", "ST['none']);"].concat();
            server.write(r"C:\ProgramData\notes.dat", call);
            server.write(
                &format!(r"{WEB}\a.php"),
                "<?php $f = '/notes.dat'; require_once __DIR__ . \"/../../ProgramData\" . $f; ?>",
            );
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\a.php", "behaviour/eval_request_input"),
        ordinary: Some(|server| {
            server.write(r"C:\ProgramData\notes.dat", "<?php return array('a' => 1);");
            server
                .write(&format!(r"{WEB}\a.php"), "<?php $a = include 'C:/ProgramData/notes.dat'; include 'b.php'; ?>");
        }),
    },
    Situation {
        id: "pages/compiler_options",
        what: "A page passes a source file with an arbitrary name to its compiler",
        plant: |server| {
            server.write(r"C:\ProgramData\notes.txt", class("X"));
            let directive = "<%@ Page Language=\"C#\" CompilerOptions='/nowarn:1 C:\\ProgramData\\notes.txt' %>\n";
            server.write(&format!(r"{WEB}\a.aspx"), directive);
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\a.aspx", STARTS),
        ordinary: Some(|server| {
            let directive =
                "<%@ Page Language=\"C#\" CompilerOptions=\"/define:NONE /nowarn:1591 -unsafe /r:System.Xml.dll\" %>\n";
            server.write(&format!(r"{WEB}\a.aspx"), directive);
        }),
    },
    Situation {
        id: "pages/compiler_options_of_a_file",
        what: "A page passes a module to its compiler",
        plant: |server| {
            let directive = "<%@ Page Language=\"C#\" CompilerOptions='/addmodule:C:\\ProgramData\\none.bin' %>\n";
            server.write(&format!(r"{WEB}\a.aspx"), directive);
        },
        more: &[],
        answer: Answer::Gap { kind: "code_analysis_truncated", words: "none.bin" },
        ordinary: None,
    },
    Situation {
        id: "pages/style_sheet_starts",
        what: "The script of a style sheet starts a process",
        plant: |server| {
            let call = ["new ActiveX", "Object(\"WScr", "ipt.Shell\").Run(\"@@inert@@\");"].concat();
            server.write(
                &format!(r"{WEB}\x.xsl"),
                format!(
                    "<xsl:stylesheet xmlns:xsl=\"x\" xmlns:m=\"urn:schemas-microsoft-com:xslt\"><m:script language=\"JScript\" \
                     implements-prefix=\"u\"><![CDATA[ function go() {{ {call} }} ]]></m:script></xsl:stylesheet>"
                ),
            );
        },
        more: &[],
        answer: finding!(r"C:\inetpub\wwwroot\x.xsl", "behaviour/xslt_script_execution"),
        ordinary: None,
    },
    Situation {
        id: "pages/program_of_an_include",
        what: "A server-side include page runs an executable that was not examined",
        plant: |server| server.write(&format!(r"{WEB}\a.shtml"), "<html><!--#exec cgi=\"/cgi/none.exe\" --></html>"),
        more: &[],
        answer: Answer::Gap { kind: "code_analysis_truncated", words: "none.exe" },
        ordinary: None,
    },
    Situation {
        id: "pages/resources_of_soap",
        what: "Resources contain objects for SoapFormatter",
        plant: |server| {
            let objects = [
                "<SOAP-ENV:Envelope><a1:Object",
                "DataProvider @@inert@@=\"\" xmlns:a1=\"http://schemas.microsoft.com/clr/nsassem/\
                 System.Windows.Data/PresentationFramework\"/></SOAP-ENV:Envelope>",
            ];
            let value = base64::engine::general_purpose::STANDARD.encode(objects.concat());
            let data = format!(
                "<data name=\"a\" mimetype=\"application/x-microsoft.net.object.soap.base64\"><value>{value}</value></data>"
            );
            server.write(&format!(r"{WEB}\App_GlobalResources\Strings.resx"), format!("<root>{data}</root>"));
        },
        more: &[],
        answer: finding!(
            r"C:\inetpub\wwwroot\App_GlobalResources\Strings.resx",
            "behaviour/resource_deserialization_gadget"
        ),
        ordinary: None,
    },
];
