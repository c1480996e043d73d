// Programs started through WMI.

rule wmi_process_create_create
{
    meta:
        description = "Server page that starts a process through WMI."
        score = 85
        family = "WMI process start"
        reference = "https://attack.mitre.org/techniques/T1047/"
        date = "2026-11-24"
    strings:
        $script = /Win32_Process["']?\s{0,4}\)?["'\s]{0,4}\)?\s{0,4}\.\s{0,4}Create[\s(]/ nocase
        $get = /\.\s{0,4}Get\s{0,4}\(\s{0,4}["']{1,2}Win32_Process["']{1,2}\s{0,4}\)/ nocase
        $moniker = /winmgmts:[^"'\r\n]{0,80}Win32_Process["']/ nocase
        $create = /\.\s{0,4}Create[\s(]{1,4}/ nocase
        $net = /ManagementClass\s{0,6}\([^;]{0,80}["']Win32_Process["']/ nocase
        $invoke = /InvokeMethod\s{0,6}\(\s{0,6}["']Create["']/ nocase
    condition:
        $script or (any of ($get, $moniker) and $create) or ($net and $invoke)
}

rule wmi_process_create_start_up
{
    meta:
        description = "Server page that prepares a hidden process start through WMI."
        score = 82
        family = "WMI process start"
        reference = "https://attack.mitre.org/techniques/T1047/"
        date = "2026-11-24"
    strings:
        $start_up = /["'][^"'\r\n]{0,60}Win32_Process(["'&+\s\w]{0,12})?St["'&+\s\w]{0,12}artup/ nocase
        $server_1 = /<%[^<]/
        $server_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        $start_up and any of ($server_*)
}
