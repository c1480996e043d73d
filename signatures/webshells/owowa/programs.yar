// Owowa: a managed IIS module that keeps the passwords of Outlook users.

rule owowa_command_names
{
    meta:
        description = "Assembly with the user names through which operators send commands to Owowa."
        score = 95
        needs = "jFuLIXpzRdateYHoVwMlfc|Fb8v91c6tHiKsWzrulCeqO|dEUM3jZXaDiob8BrqSy2PQO1"
        family = "Owowa"
        reference = "https://securelist.com/owowa-credential-stealer-and-remote-access/105219/"
        date = "2026-11-24"
    strings:
        $user_1 = "jFuLIXpzRdateYHoVwMlfc" ascii wide
        $user_2 = "Fb8v91c6tHiKsWzrulCeqO" ascii wide
        $user_3 = "dEUM3jZXaDiob8BrqSy2PQO1" ascii wide
    condition:
        any of them
}

rule owowa_module_keeps_logons
{
    meta:
        description = "Managed IIS module that watches Outlook logons, encrypts what it stores and can start PowerShell."
        score = 65
        needs = "IHttpModule"
        family = "Owowa"
        reference = "https://securelist.com/owowa-credential-stealer-and-remote-access/105219/"
        date = "2026-11-24"
    strings:
        $module = "IHttpModule"
        $event = "PreSendRequestContent"
        $logon_1 = "/owa/auth.owa" ascii wide
        $logon_2 = "auth.owa" wide
        $logon_3 = "HealthMailbox" wide
        $password = "password" wide
        $run = "powershell.exe" ascii wide
        $key = "<RSAKeyValue>" wide
    condition:
        $module and ($event or $password) and any of ($logon_*) and any of ($run, $key)
}
