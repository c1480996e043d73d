// Pages that switch off the script scan or the event tracing of Windows.

rule amsi_bypass_in_page_scan
{
    meta:
        description = "Server page that names internal AMSI functions, whole or split: it disables the malware scan interface."
        score = 90
        family = "AMSI bypass"
        reference = "https://attack.mitre.org/techniques/T1562/001/"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $buffer = /Amsi["'\s&+]{0,8}Scan["'\s&+]{0,8}(Buffer|String)/ nocase
        $failed = /amsi["'\s&+]{0,8}Init["'\s&+]{0,8}Failed/ nocase
        $utils = /Management\.Automation\.["'\s&+]{0,8}Amsi["'\s&+]{0,8}Utils/ nocase
        $library = /(LoadLibrary|GetModuleHandle|GetProcAddress)[AW]?\s{0,6}\([^;\r\n]{0,40}["']am["'\s&+]{0,8}si["'\s&+]{0,8}(\.dll)?["']/ nocase
        $page_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_3 = /<%[^<]/
    condition:
        any of ($buffer, $failed, $utils, $library) and any of ($page_*)
}

rule amsi_bypass_in_page_tracing
{
    meta:
        description = "Server page that patches the event tracing (ETW) of its own process."
        score = 88
        family = "ETW bypass"
        reference = "https://attack.mitre.org/techniques/T1562/006/"
        date = "2026-11-24"
    strings:
        $trace = /Etw["'\s&+]{0,8}Event["'\s&+]{0,8}Write/ nocase
        $patch_1 = "VirtualProtect"
        $patch_2 = "GetProcAddress"
        $patch_3 = /Marshal\s{0,4}\.\s{0,4}(Copy|WriteByte|WriteInt)/
        $page_1 = "<%@"
        $page_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        $trace and any of ($patch_*) and any of ($page_*)
}
