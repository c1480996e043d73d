// Pages that make scheduled tasks or services.

rule scheduled_task_or_service_task
{
    meta:
        description = "Server page that creates a scheduled task."
        score = 80
        family = "Scheduled task"
        reference = "https://attack.mitre.org/techniques/T1053/005/"
        date = "2026-11-24"
    strings:
        $command = /schtasks(\.exe)?["'\s,]{1,4}\/create/ nocase
        $object = /CreateObject\s{0,6}\(\s{0,6}["']Schedule\.Service["']/ nocase
        $register = /RegisterTaskDefinition\s{0,6}[\s(]/ nocase
        $server_2 = /<%[^<]/
        $server_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        ($command or ($object and $register)) and any of ($server_*)
}

rule scheduled_task_or_service_service
{
    meta:
        description = "Server page that creates or changes a Windows service by command."
        score = 78
        family = "Service made"
        reference = "https://attack.mitre.org/techniques/T1543/003/"
        date = "2026-11-24"
    strings:
        $sc = /["'\s\/]sc(\.exe)?\s{1,3}(\\\\[^\s"']{1,40}\s{1,3})?(create|config)\s{1,3}[^"'\r\n]{0,60}binpath\s{0,3}=/ nocase
        $new = /New-Service\s{1,4}[^"'\r\n]{0,80}-BinaryPathName/ nocase
        $server_2 = /<%[^<]/
        $server_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($sc, $new) and any of ($server_*)
}
