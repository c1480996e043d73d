// InsomniaShell: a page that gives an interactive shell over a raw socket and takes
// tokens of higher accounts.

rule insomniashell_named
{
    meta:
        description = "Server page named InsomniaShell that calls Windows API functions for sockets or processes."
        score = 95
        family = "InsomniaShell"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $name = "InsomniaShell" nocase
        $call_1 = "ws2_32" nocase
        $call_2 = "CreateProcess"
        $call_3 = "DllImport"
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $name and any of ($call_*)
}

rule insomniashell_token
{
    meta:
        description = "Server page that takes the token of another account and starts a process with it."
        score = 90
        family = "InsomniaShell"
        reference = "https://attack.mitre.org/techniques/T1134/002/"
        date = "2026-11-24"
    strings:
        $token_1 = "ImpersonateNamedPipeClient"
        $token_2 = "DuplicateTokenEx"
        $token_3 = "NtQuerySystemInformation"
        $token_4 = "DuplicateHandle"
        $start_1 = "CreateProcessAsUser"
        $start_2 = "CreateProcessWithToken"
        $import = "DllImport" nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and any of ($token_*) and any of ($start_*) and $import
}
