// Server side includes that run programs.

rule ssi_exec_command
{
    meta:
        description = "Page that executes a command through a server-side include."
        score = 65
        family = "SSI command"
        reference = "https://httpd.apache.org/docs/2.4/mod/mod_include.html"
        date = "2026-11-24"
    strings:
        $exec = /<!--\s{0,4}#\s{0,4}exec\s{1,8}cmd\s{0,4}=\s{0,4}["'][^"'\r\n]{1,200}/ nocase
    condition:
        $exec
}

rule ssi_exec_shell
{
    meta:
        description = "Server-side include that starts a command interpreter or downloads a program."
        score = 88
        family = "SSI command"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $exec = /<!--\s{0,4}#\s{0,4}exec\s{1,8}(cmd|cgi)\s{0,4}=\s{0,4}["'][^"'\r\n]{0,80}(cmd(\.exe)?\s{0,2}\/c|powershell|certutil|bitsadmin|whoami|net\s{1,2}user|wget|curl)/ nocase
    condition:
        $exec
}
