// Pages that run programs as another user or climb to SYSTEM.

rule other_user_process_potato
{
    meta:
        description = "Server page with calls or names of tools that escalate the impersonation privilege to SYSTEM (potato exploits)."
        score = 90
        family = "Rise of rights"
        reference = "https://attack.mitre.org/techniques/T1134/001/"
        date = "2026-11-24"
    strings:
        $pipe = "ImpersonateNamedPipeClient"
        $name = /\b(Bad|Sweet|Juicy|Efs|God|Rotten|Rogue|Print|Sharp|Sig)Potato\b/
        $spooler = /\\pipe\\\\?spoolss/ nocase
        $efs = /EfsRpc(OpenFileRaw|EncryptFileSrv)/
        $page_1 = "<%@"
        $page_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($pipe, $name, $spooler, $efs) and any of ($page_*)
}

rule other_user_process_start
{
    meta:
        description = "Server page that starts a process with the token or password of another user."
        score = 80
        family = "Program as another user"
        reference = "https://attack.mitre.org/techniques/T1134/002/"
        date = "2026-11-24"
    strings:
        $start = /\bCreateProcess(AsUser|WithLogon|WithToken)[AW]?\s{0,6}\(/
        $page_1 = "<%@"
        $page_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        $start and any of ($page_*)
}
