// Pages that hide themselves or other pages.

rule hidden_attribute_setter_own_page
{
    meta:
        description = "Server page that sets its own file to hidden, system or read-only."
        score = 85
        family = "Hides itself"
        reference = "https://attack.mitre.org/techniques/T1564/001/"
        date = "2026-11-24"
    strings:
        $net = /SetAttributes\s{0,6}\([^;]{0,120}Request\s{0,4}\.\s{0,4}(PhysicalPath|FilePath|Path|CurrentExecutionFilePath|ServerVariables)[^;]{0,120}(Hidden|System|ReadOnly)/ nocase
        $asp = /GetFile\s{0,6}\([^\r\n]{0,60}(PATH_TRANSLATED|SCRIPT_NAME|PATH_INFO|URL)["'][^\r\n]{0,60}\)[^\r\n]{0,20}[\s\S]{0,120}\.\s{0,4}attributes\s{0,4}(=|<>)\s{0,4}\d/ nocase
    condition:
        any of them
}

rule hidden_attribute_setter_command
{
    meta:
        description = "Server page with a command that sets files to hidden and system or read-only."
        score = 70
        family = "Hides files"
        reference = "https://attack.mitre.org/techniques/T1564/001/"
        date = "2026-11-24"
    strings:
        $attrib = /attrib(\.exe)?["'\s,]{1,4}(\+[hsra]["'\s,]{1,3}){2,4}/ nocase
        $server_1 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $server_2 = /<%[^<]/
    condition:
        $attrib and any of ($server_*)
}

rule hidden_attribute_setter_number
{
    meta:
        description = "Classic ASP page that sets files to hidden and system by attribute number."
        score = 62
        family = "Hides files"
        reference = "https://attack.mitre.org/techniques/T1564/001/"
        date = "2026-11-24"
    strings:
        $set = /\.\s{0,4}Attributes\s{0,4}=\s{0,4}(6|7|38|39)\s{0,4}[\r\n:']/ nocase
        $file = /GetFile\s{0,6}\(/ nocase
    condition:
        all of them
}

rule hidden_attribute_setter_dotnet
{
    meta:
        description = "Server page that sets a file to hidden and system through .NET."
        score = 60
        family = "Hides files"
        reference = "https://attack.mitre.org/techniques/T1564/001/"
        date = "2026-11-24"
    strings:
        $set = /(SetAttributes\s{0,6}\([^;]{0,120}|\.\s{0,4}Attributes\s{0,4}\|?=\s{0,4}[^;]{0,60})FileAttributes\s{0,4}\.\s{0,4}(Hidden\b[^;]{0,60}FileAttributes\s{0,4}\.\s{0,4}System|System\b[^;]{0,60}FileAttributes\s{0,4}\.\s{0,4}Hidden)/
    condition:
        $set
}
