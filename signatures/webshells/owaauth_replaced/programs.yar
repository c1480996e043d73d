// A replaced owaauth.dll: an ISAPI filter that keeps passwords and runs commands.

rule owaauth_replaced_log
{
    meta:
        description = "ISAPI filter that names a plain log file on the system drive beside user names and passwords: the replaced Outlook logon filter OwaAuth."
        score = 85
        family = "OwaAuth"
        reference = "https://attack.mitre.org/software/S0072/"
        date = "2026-11-24"
    strings:
        $filter = "HttpFilterProc"
        $log_1 = "C:\\log.txt" ascii wide nocase
        $log_2 = "\\windows\\temp\\" ascii wide nocase
        $log_3 = "\\programdata\\" ascii wide nocase
        $log_4 = "\\users\\public\\" ascii wide nocase
        $user = "username=" ascii wide nocase
        $password = "password=" ascii wide nocase
    condition:
        $filter and any of ($log_*) and $user and $password
}

rule owaauth_replaced_commands
{
    meta:
        description = "ISAPI filter that starts the command interpreter and reads its output: a backdoor in place of a filter."
        score = 80
        family = "OwaAuth"
        reference = "https://attack.mitre.org/software/S0072/"
        date = "2026-11-24"
    strings:
        $filter = "HttpFilterProc"
        $shell_1 = "cmd.exe /c" ascii wide nocase
        $shell_2 = "cmd /c" ascii wide nocase
        $pipe = "CreatePipe"
    condition:
        $filter and any of ($shell_*) and $pipe
}
