// Pages with the command lines of intruders in them.

rule command_line_tools_download
{
    meta:
        description = "Server page with a command that downloads a file with a Windows tool."
        score = 85
        family = "Tools of Windows abused"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $certutil = /certutil(\.exe)?["'\s,]{1,4}[^"'\r\n]{0,40}(-|\/)(urlcache|decode\b|verifyctl)/ nocase
        $bits = /bitsadmin(\.exe)?["'\s,]{1,4}[^"'\r\n]{0,20}\/transfer/ nocase
        $mshta = /mshta(\.exe)?["'\s,]{1,4}(https?:|vbscript:|javascript:)/ nocase
        $regsvr = /regsvr32(\.exe)?["'\s,]{1,4}[^"'\r\n]{0,40}\/i:(https?:|\\\\)/ nocase
        $server_2 = /<%[^<]/
        $server_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($certutil, $bits, $mshta, $regsvr) and any of ($server_*)
}

rule command_line_tools_powershell
{
    meta:
        description = "Server page that starts PowerShell hidden, or with an encoded or inline command."
        score = 85
        family = "PowerShell from a page"
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        date = "2026-11-24"
    strings:
        $flags = /powershell(\.exe)?["'\s,\/c&+]{1,8}[^"'\r\n]{0,80}(-|\/)(enc(odedcommand)?\b|ec?\s{1,2}["'&+a-z0-9]|w(indowstyle)?\s{1,2}hid|nop(rofile)?\s[^"'\r\n]{0,60}(-|\/)c(ommand)?\b)/ nocase
        $cradle = /(IEX|Invoke-Expression)[\s(]{1,4}[^"'\r\n]{0,40}(New-Object\s{1,2}(System\.)?Net\.WebClient|Invoke-WebRequest|DownloadString)/ nocase
        $server_2 = /<%[^<]/
        $server_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($flags, $cradle) and any of ($server_*)
}

rule command_line_tools_firewall
{
    meta:
        description = "Server page with a command that opens the firewall or forwards a port."
        score = 82
        family = "Firewall opened"
        reference = "https://attack.mitre.org/techniques/T1562/004/"
        date = "2026-11-24"
    strings:
        $off = /netsh(\.exe)?\s{1,3}(advfirewall|firewall)\s{1,3}(set|add)\s[^"'\r\n]{0,80}(off|disable|allow)/ nocase
        $proxy = /netsh(\.exe)?\s{1,3}interface\s{1,3}portproxy\s{1,3}add/ nocase
        $rdp = /fDenyTSConnections["'\s,\/a-z_]{1,40}0/ nocase
        $server_2 = /<%[^<]/
        $server_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($off, $proxy, $rdp) and any of ($server_*)
}
