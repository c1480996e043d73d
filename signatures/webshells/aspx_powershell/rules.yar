// Server pages that run PowerShell text from the visitor, as a process or inside the
// worker process.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule aspx_powershell_process
{
    meta:
        description = "Server page that starts PowerShell with a command or encoded command from a variable."
        score = 85
        family = "PowerShell page"
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $name = "powershell" nocase
        $line_1 = /(bypass|-command|-nologo|-noprofile|-noninteractive|-enc(odedcommand)?)\s{0,3}["']\s{0,4}[+&]\s{0,4}[a-z_]/ nocase
        $line_2 = /-(c|ec|e|nop|noni)\s{1,3}(\\?["']){0,2}["']\s{0,4}[+&]\s{0,4}[a-z_]/ nocase
        $line_3 = /-(command|enc\w{0,12}|nop\w{0,6}|c)\s{1,3}(\\?["']){0,2}\{(0\}|[a-z_])/ nocase
        $run_1 = "ProcessStartInfo" nocase
        $run_2 = ".StartInfo" nocase
        $run_3 = /Process\s{0,4}\.\s{0,4}Start\s{0,4}\(/ nocase
    condition:
        any of ($page_*) and $name and any of ($line_*) and any of ($run_*)
}

rule aspx_powershell_in_process
{
    meta:
        description = "Server page that runs PowerShell text from request input inside the worker process, without powershell.exe."
        score = 80
        family = "PowerShell page"
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $field = /(:TextBox|<textarea)\s/ nocase
        $space_1 = "RunspaceFactory" nocase
        $space_2 = /PowerShell\s{0,4}\.\s{0,4}Create\s{0,4}\(/ nocase
        $space_3 = "RunspaceInvoke" nocase
        $script = /(AddScript|CreatePipeline|InvokeScript)\s{0,4}\(\s{0,4}[a-z_]/ nocase
    condition:
        any of ($page_*) and ($input or $field) and any of ($space_*) and $script
}
