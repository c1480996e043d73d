// Pages that clear logs.

rule log_wiper_event_log
{
    meta:
        description = "Server page that clears event logs."
        score = 82
        family = "Logs cleared"
        reference = "https://attack.mitre.org/techniques/T1070/001/"
        date = "2026-11-24"
    strings:
        $command = /wevtutil(\.exe)?["'\s,]{1,4}(cl|clear-log)\b/ nocase
        $cmdlet = /(Clear|Remove)-EventLog\b/ nocase
        $call = /\bClearEventLog[AW]?\s{0,6}\(/
        $net = /new\s{1,4}(System\.Diagnostics\.)?EventLog\s{0,6}\([^;]{0,60}\)\s{0,4}\.\s{0,4}Clear\s{0,4}\(/ nocase
        $server_2 = /<%[^<]/
        $server_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($command, $cmdlet, $call, $net) and any of ($server_*)
}

rule log_wiper_web_log
{
    meta:
        description = "Server page that deletes or rewrites IIS logs."
        score = 78
        family = "Logs cleared"
        reference = "https://attack.mitre.org/techniques/T1070/004/"
        date = "2026-11-24"
    strings:
        $folder = /(inetpub\\{1,2}logs\\{1,2}logfiles|system32\\{1,2}logfiles)[^"'\r\n]{0,60}/ nocase
        $act_1 = /\b(del|erase|rd|rmdir)\s{1,3}[^"'\r\n]{0,60}logfiles/ nocase
        $act_2 = /\.\s{0,4}Delete(File|Folder)?[\s(]{1,6}[^;\r\n]{0,80}logfiles/ nocase
        $act_3 = /net(\.exe)?\s{1,3}stop\s{1,3}(w3svc|eventlog)/ nocase
        $server_2 = /<%[^<]/
        $server_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        ($act_1 or $act_2 or ($folder and $act_3)) and any of ($server_*)
}
