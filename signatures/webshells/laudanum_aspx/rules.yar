// Laudanum: a collection of small pages meant to be put in place through another
// weakness; each answers only to a list of addresses.

rule laudanum_aspx_named
{
    meta:
        description = "Server page of the Laudanum collection, by its name, that starts processes, reads files or forwards requests."
        score = 93
        attack = "T1505.003"
        family = "Laudanum"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $name = "Laudanum" nocase fullword
        $act_1 = "Process" nocase fullword
        $act_2 = "ProcessStartInfo" nocase
        $act_3 = "HttpWebRequest" nocase
        $act_4 = "DirectoryInfo" nocase
        $act_5 = "WScript.Shell" nocase
        $act_6 = "FileSystemObject" nocase
        $act_7 = "allowedIp" nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $name and any of ($act_*)
}

rule laudanum_aspx_address_list
{
    meta:
        description = "Server page that answers only to a list of addresses in its own text and starts processes for them."
        score = 78
        attack = "T1505.003"
        family = "Laudanum"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $list = /allowedIPs?\s{0,4}(=|As\s)/ nocase
        $who_1 = "REMOTE_ADDR"
        $who_2 = "UserHostAddress" nocase
        $run_1 = "ProcessStartInfo" nocase
        $run_2 = /Process\s{0,4}\.\s{0,4}Start\s{0,4}\(/ nocase
        $run_3 = ".StartInfo" nocase
        $run_4 = "WScript.Shell" nocase
        $shell_1 = "cmd.exe" nocase
        $shell_2 = /["']\s{0,2}\/c\s/ nocase
        $shell_3 = "powershell" nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $list and any of ($who_*) and any of ($run_*) and any of ($shell_*)
}
