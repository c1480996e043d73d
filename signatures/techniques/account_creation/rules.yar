// Pages that make Windows accounts.

rule account_creation_command
{
    meta:
        description = "Server page with a command that creates an account or adds an administrator."
        score = 80
        family = "Account made"
        reference = "https://attack.mitre.org/techniques/T1136/001/"
        date = "2026-11-24"
    strings:
        $user = /\bnet1?(\.exe)?["'\s,]{1,4}(user|localgroup|group)\s[^"'<>]{1,80}\/add\b/ nocase
        $server_2 = /<%[^<]/
        $server_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        $user and any of ($server_*)
}

rule account_creation_directory
{
    meta:
        description = "Server page that creates a Windows account through ADSI."
        score = 78
        family = "Account made"
        reference = "https://attack.mitre.org/techniques/T1136/001/"
        date = "2026-11-24"
    strings:
        $machine = /WinNT:\/\// nocase
        $create = /\.\s{0,4}(Create|Children\s{0,4}\.\s{0,4}Add)\s{0,4}\(\s{0,4}["'][^"'\r\n]{0,40}["']?,?\s{0,4}["']?user["']|\.\s{0,4}Create\s{0,4}\(\s{0,4}["']user["']/ nocase
        $password = /SetPassword/ nocase
    condition:
        $machine and $create and $password
}

rule account_creation_lists
{
    meta:
        description = "Server page that lists local Windows accounts or administrators and reads request input."
        score = 58
        family = "Accounts listed"
        reference = "https://attack.mitre.org/techniques/T1087/001/"
        date = "2026-11-24"
    strings:
        $machine = /GetObject\s{0,4}\(\s{0,4}["']WinNT:\/\/(\.["']|["'][^\r\n]{0,40}Administrators\s{0,2},\s{0,2}group)/ nocase
        $request = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
    condition:
        all of them
}
