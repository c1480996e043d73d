// Small command pages for ASP.NET: text from the visitor becomes a command of the
// server, as page, handler, web service or Razor view.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule aspx_command_whole_line
{
    meta:
        description = "Server page that passes a whole command line from a variable to the command interpreter (cmd /c)."
        score = 85
        family = "ASP.NET command page"
        reference = "https://attack.mitre.org/techniques/T1059/003/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $line_1 = /["']\/[ck]\s{0,3}\\?["']{1,4}\s{0,4}[+&,]\s{0,4}[a-z_(]/ nocase
        $line_2 = /["']\/[ck]\s{1,2}[\\"']{0,3}\{(0\}|[a-z_])/ nocase
        $line_3 = /["']\s\/[ck]\s{1,2}\\?["']{1,4}\s{0,4}[+&,]\s{0,4}[a-z_(]/ nocase
        $line_4 = /cmd\.exe["']{0,2}\s{1,3}\/[ck]\s{0,3}\\?["']{1,4}\s{0,4}[+&]\s{0,4}[a-z_(]/ nocase
        $line_6 = /cmd\s{1,3}\/[ck]\s{0,3}\\?["']{1,4}\s{0,4}[+&]\s{0,4}[a-z_(]/ nocase
        $line_5 = /cmd(\.exe)?\s{1,3}\/[ck]\s{1,3}\{(0\}|[a-z_])/ nocase
        $run_1 = "ProcessStartInfo" nocase
        $run_2 = ".StartInfo" nocase
        $run_3 = /Process\s{0,4}\.\s{0,4}Start\s{0,4}\(/ nocase
        $run_4 = /new\s{1,4}(System\.)?(Diagnostics\.)?Process\s{0,4}[({]/ nocase
        $run_5 = "WScript.Shell" nocase
        $run_6 = /\bShell\s{0,4}\(/ nocase
    condition:
        any of ($page_*) and any of ($line_*) and any of ($run_*)
}

rule aspx_command_from_control
{
    meta:
        description = "Server page that starts a program whose name or arguments are typed into a page field."
        score = 85
        family = "ASP.NET command page"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $set = /(Arguments|FileName)\s{0,4}=\s{0,4}[a-z_][\w.]{0,40}\.\s{0,2}(Text|Value|InnerText)\b/ nocase
        $info = /ProcessStartInfo\s{0,4}\(\s{0,4}[a-z_][\w.]{0,40}\.\s{0,2}(Text|Value|InnerText)\b/ nocase
        $start = /Process\s{0,4}\.\s{0,4}Start\s{0,4}\(([^;\r\n(){}]{0,60}[\s,&+])?[a-z_]\w{0,40}\.\s{0,2}(Text|Value|InnerText)\b/ nocase
        $run_1 = "UseShellExecute" nocase
        $run_2 = "RedirectStandardOutput" nocase
        $run_3 = "ProcessStartInfo" nocase
    condition:
        any of ($page_*) and ($info or $start or ($set and any of ($run_*)))
}

rule aspx_command_standard_input
{
    meta:
        description = "Server page that writes text from a variable to the standard input of a command interpreter."
        score = 82
        family = "ASP.NET command page"
        reference = "https://attack.mitre.org/techniques/T1059/003/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $type = /StandardInput\s{0,4}\.\s{0,4}Write(Line)?(Async)?[\s(]{1,8}[a-z_]\w{0,40}\s{0,4}[\[(.)+&;]/ nocase
        $shell_1 = "cmd.exe" nocase
        $shell_2 = /["']cmd["']/ nocase
        $shell_3 = "powershell" nocase
        $shell_4 = "ComSpec" nocase
    condition:
        any of ($page_*) and $type and any of ($shell_*)
}

rule aspx_command_interpreter
{
    meta:
        description = "Server page that runs the command interpreter with arguments from a variable, reads request input and shows the output."
        score = 78
        family = "ASP.NET command page"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $field = /(:TextBox|<textarea)\s/ nocase
        $web_1 = "WebMethod" nocase
        $web_2 = "OperationContract"
        $shell_1 = "cmd.exe" nocase
        $shell_2 = /["']cmd["']/ nocase
        $shell_3 = "powershell.exe" nocase
        $shell_4 = "ComSpec" nocase
        $variable_1 = /Arguments\s{0,4}=\s{0,4}[a-z_(]/ nocase
        $variable_2 = /(ProcessStartInfo|Process\s{0,4}\.\s{0,4}Start)\s{0,4}\(\s{0,4}[@$]?["'][^"'\r\n]{1,80}["']\s{0,4},\s{0,4}[a-z_]/ nocase
        $out = "RedirectStandardOutput" nocase
    condition:
        any of ($page_*) and ($input or $field or any of ($web_*)) and any of ($shell_*) and any of ($variable_*) and $out
}

rule aspx_command_program_id
{
    meta:
        description = "ASP.NET page that creates the Windows script shell or a similar object by ProgID or CLSID."
        score = 85
        family = "ASP.NET command page"
        reference = "https://attack.mitre.org/techniques/T1559/001/"
        date = "2026-11-24"
    strings:
        $make_1 = "GetTypeFromProgID" nocase
        $make_2 = "GetTypeFromCLSID" nocase
        $what_1 = "WScript.Shell" nocase
        $what_2 = "Shell.Application" nocase
        $what_3 = "MSScriptControl" nocase
        $what_4 = "72C24DD5-D70A-438B-8A42-98424B88AFB8" nocase
        $what_5 = "13709620-C279-11CE-A49E-444553540000" nocase
        $what_6 = "MMC20.Application" nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
    condition:
        any of ($page_*) and any of ($make_*) and any of ($what_*)
}

rule aspx_command_wmi
{
    meta:
        description = "Server page that starts processes through WMI with request input."
        score = 80
        family = "ASP.NET command page"
        reference = "https://attack.mitre.org/techniques/T1047/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $field = /(:TextBox|<textarea)\s/ nocase
        $class = "Win32_Process" nocase
        $create = /InvokeMethod\s{0,4}\(\s{0,4}["']Create["']/ nocase
    condition:
        any of ($page_*) and ($input or $field) and $class and $create
}

rule aspx_command_reflection
{
    meta:
        description = "Server page that reaches the process class by its name in a string, which hides the call."
        score = 85
        family = "ASP.NET command page"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $type = /GetType\s{0,4}\(\s{0,4}@?["']System\.Diagnostics\.Process/ nocase
        $make = /CreateInstance\s{0,4}\([^;"']{0,60}["']System\.Diagnostics\.Process/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
    condition:
        any of ($page_*) and ($type or $make)
}

rule aspx_command_vb_shell
{
    meta:
        description = "Server page that calls the Visual Basic Shell function with variable text."
        score = 80
        family = "ASP.NET command page"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $field = /(:TextBox|<textarea)\s/ nocase
        $call = /Interaction\s{0,4}\.\s{0,4}Shell\s{0,4}\(\s{0,4}(@?["'][^"'\r\n]{0,40}["']\s{0,4}[+&]\s{0,4})?[a-z_]/ nocase
        $late = /CallByName\s{0,4}\([^;\r\n]{1,80}["'](Run|Exec|ShellExecute)["']/ nocase
    condition:
        any of ($page_*) and ($input or $field) and ($call or $late)
}
