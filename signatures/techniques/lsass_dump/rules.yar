// Pages that copy the memory of the log-on process.

rule lsass_dump_dump
{
    meta:
        description = "Server page that dumps LSASS memory or runs a credential dumping tool."
        score = 90
        family = "Passwords from memory"
        reference = "https://attack.mitre.org/techniques/T1003/001/"
        date = "2026-11-24"
    strings:
        $call = "MiniDumpWriteDump"
        $library = /comsvcs(\.dll)?["'\s,]{1,4}(MiniDump|#?\+?24)\b/ nocase
        $tool = /procdump(64)?(\.exe)?["'\s,]{1,4}[^"'\r\n]{0,60}lsass/ nocase
        $mimikatz = /sekurlsa::|lsadump::|Invoke-Mimikatz/ nocase
        $save = /reg(\.exe)?\s{1,3}save\s{1,3}(hklm|HKEY_LOCAL_MACHINE)\\(sam|security|system)\b/ nocase
        $ntds = /(ntdsutil|vssadmin(\.exe)?\s{1,3}create\s{1,3}shadow)[^\r\n]{0,80}/ nocase
        $server_2 = /<%[^<]/
        $server_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($call, $library, $tool, $mimikatz, $save, $ntds) and any of ($server_*)
}
