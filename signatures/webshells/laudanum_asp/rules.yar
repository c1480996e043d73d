// Laudanum: a collection of small server pages for testers. Its classic ASP pages
// answer "not found" to every address but a few, and run commands, list files,
// look up names or fetch pages for the rest.

rule laudanum_asp_named
{
    meta:
        description = "Classic ASP page of the Laudanum collection, by its own title."
        score = 88
        family = "Laudanum (classic ASP)"
        reference = "https://www.kali.org/tools/laudanum/"
        date = "2026-11-24"
    strings:
        $name = /Laudanum\s{1,4}(ASP|Project|Shell|File|Proxy|Tools)/ nocase
        $address = "REMOTE_ADDR" nocase
        $work_1 = "WScript.Shell" nocase
        $work_2 = "FileSystemObject" nocase
        $work_3 = "XMLHTTP" nocase
        $work_4 = "WinHttpRequest" nocase
    condition:
        $name and $address and any of ($work_*)
}

rule laudanum_asp_hidden_for_others
{
    meta:
        description = "Classic ASP page that returns 'not found' except to a list of addresses, and runs commands."
        score = 85
        family = "Laudanum (classic ASP)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $status = /response\s{0,4}\.\s{0,4}status\s{0,4}=\s{0,4}"40[34]\s/ nocase
        $address = /servervariables\s{0,4}\(\s{0,4}"REMOTE_ADDR"\s{0,4}\)\s{0,4}then/ nocase
        $shell_1 = "WScript.Shell" nocase
        $shell_2 = "72C24DD5-D70A-438B-8A42-98424B88AFB8" nocase
        $shell_3 = "F935DC22-1CF0-11D0-ADB9-00C04FD58A0B" nocase
        $shell_4 = "Shell.Application" nocase
    condition:
        $status and $address and any of ($shell_*)
}
