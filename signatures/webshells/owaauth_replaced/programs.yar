// A replaced owaauth.dll: an ISAPI filter that keeps passwords and runs commands.

rule owaauth_replaced_log
{
    meta:
        description = "ISAPI filter that names a plain log file on the system drive with user names and passwords: the OwaAuth replacement of the Outlook logon filter."
        score = 78
        needs = "HttpFilterProc"
        family = "OwaAuth"
        reference = "https://attack.mitre.org/software/S0072/"
        date = "2026-11-24"
    strings:
        $filter = "HttpFilterProc"
        $log_1 = "C:\\log.txt" ascii wide
        $log_2 = "\\Windows\\Temp\\" ascii wide
        $log_3 = "\\ProgramData\\" ascii wide
        $log_4 = "\\Users\\Public\\" ascii wide
        $user = "username=" ascii wide
        $password = "password=" ascii wide
    condition:
        $filter and any of ($log_*) and $user and $password
}

rule owaauth_replaced_commands
{
    meta:
        description = "ISAPI filter that starts the command interpreter and reads its output: a backdoor in place of a filter."
        score = 80
        needs = "HttpFilterProc"
        family = "OwaAuth"
        reference = "https://attack.mitre.org/software/S0072/"
        date = "2026-11-24"
    strings:
        $filter = "HttpFilterProc"
        $shell_1 = "cmd.exe /c" ascii wide
        $shell_2 = "cmd /c" ascii wide
        $pipe = "CreatePipe"
    condition:
        $filter and any of ($shell_*) and $pipe
}
