// Pages that read the secrets and the doors of the machine out of the registry.

rule registry_secrets_remote_desktop
{
    meta:
        description = "Server page that reads the remote desktop port or the automatic logon password from the registry."
        score = 82
        family = "Registry look-up"
        reference = "https://attack.mitre.org/techniques/T1012/"
        date = "2026-11-24"
    strings:
        $port = /Terminal Server\\{1,2}(WinStations\\{1,2}RDP-Tcp|Wds\\{1,2}(rdpwd|Repwd))[^\r\n]{0,40}PortNumber/ nocase
        $split_port = /Terminal Server\\{1,2}WinStations\\{1,2}RDP-Tcp/ nocase
        $logon = /Winlogon\\{0,2}[^\r\n]{0,60}(DefaultPassword|AutoAdminLogon)/ nocase
        $vnc = /(ORL|RealVNC|TightVNC)\\{1,2}[^"'\r\n]{0,40}(Password|PortNumber)/ nocase
        $radmin = /RAdmin\\{1,2}[^"'\r\n]{0,40}(Parameter|Port)/ nocase
        $read_1 = "RegRead" nocase
        $read_2 = /OpenSubKey\s{0,4}\(/ nocase
        $read_3 = "xp_regread" nocase
        $server = /<%[^<]/
    condition:
        any of ($port, $split_port, $logon, $vnc, $radmin) and any of ($read_*) and $server
}

rule registry_secrets_by_request
{
    meta:
        description = "Server page that reads or writes a registry value named by the request."
        score = 85
        family = "Registry on request"
        reference = "https://attack.mitre.org/techniques/T1012/"
        date = "2026-11-24"
    strings:
        $script_1 = /\.\s{0,4}RegRead[\s(]{1,4}[^\r\n]{0,60}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
        $script_2 = /\.\s{0,4}RegWrite[\s(]{1,4}[^\r\n]{0,60}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
        $script_3 = /\.\s{0,4}RegDelete[\s(]{1,4}[^\r\n]{0,60}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
        $net = /Registry\s{0,4}\.\s{0,4}(LocalMachine|CurrentUser|ClassesRoot)\s{0,4}\.\s{0,4}OpenSubKey\s{0,4}\([^;\r\n]{0,60}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
    condition:
        any of them
}
