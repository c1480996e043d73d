// devilzShell: a file and command console in several languages, here ASP.NET.

rule devilz_named
{
    meta:
        description = "Server page that names devilzShell or its authors and accesses files or processes."
        score = 93
        family = "devilzShell"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $name = /\bdevilz(shell|c0de)/ nocase
        $act_1 = "Diagnostics.Process" nocase
        $act_2 = "FileInfo" nocase
        $act_3 = "StartInfo" nocase
        $act_4 = "FileSystemObject" nocase
        $act_5 = "WScript.Shell" nocase
    condition:
        $name and any of ($act_*)
}

rule devilz_functions
{
    meta:
        description = "Server page with the function names of devilzShell, under any name."
        score = 90
        family = "devilzShell"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $part_1 = "xrunexploit" nocase
        $part_2 = /\bxparsefilesize\b/ nocase
        $part_3 = /\bxfilesummary\b/ nocase
        $part_4 = /\bxcleanpath\b/ nocase
        $part_5 = /\bxfileperms\b/ nocase
        $part_6 = /\bxparentfolder\b/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and 3 of ($part_*)
}
