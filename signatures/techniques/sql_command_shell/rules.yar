// Pages that make the database run commands.

rule sql_command_shell_console
{
    meta:
        description = "Server page that enables or calls several command procedures of SQL Server."
        score = 78
        family = "SQL command shell"
        reference = "https://attack.mitre.org/techniques/T1505/001/"
        date = "2026-11-24"
    strings:
        $shell = /((\bexec(ute)?\s|master\s{0,2}\.)[^"'|\r\n]{0,40}|\(\s{0,2}')xp_cmdshell\b/ nocase
        $other_1 = /\bsp_oa(create|method)\b/ nocase
        $other_2 = /\bxp_reg(write|read)\b/ nocase
        $other_3 = /\bsp_addextendedproc\b/ nocase
        $other_4 = /\bsp_makewebtask\b/ nocase
        $other_5 = /sp_configure\s{0,4}["']{1,2}(xp_cmdshell|show advanced options|Ole Automation)/ nocase
        $other_6 = /\bsp_add(job|srvrolemember)\b/ nocase
        $server_1 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $server_2 = /<%[^<]/
    condition:
        $shell and any of ($other_*) and any of ($server_*)
}

rule sql_command_shell_by_request
{
    meta:
        description = "Server page that passes request input to a command procedure of SQL Server."
        score = 88
        family = "SQL command shell"
        reference = "https://attack.mitre.org/techniques/T1505/001/"
        date = "2026-11-24"
    strings:
        $shell = /xp_cmdshell\s{0,4}["'\s&+]{1,8}[^;\r\n]{0,40}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
    condition:
        $shell
}
