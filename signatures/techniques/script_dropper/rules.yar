// Pages that write other server pages from text they carry.

rule script_dropper_shell_text
{
    meta:
        description = "Server page that contains the text of a webshell in a string and can write files."
        score = 76
        family = "Dropper"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $text = /["'][^"'\r\n]{0,60}<["'&+\s]{0,6}%[^\r\n]{0,60}(execute|executeglobal|eval)[\s("'&+]{1,8}request/ nocase
        $entity = /["'][^"'\r\n]{0,60}&lt;%[^\r\n]{0,60}(execute|executeglobal|eval)[\s(]{1,8}request/ nocase
        $write_1 = "CreateTextFile" nocase
        $write_2 = "OpenTextFile" nocase
        $write_3 = "SaveToFile" nocase
        $write_4 = /WriteAll(Text|Bytes)\s{0,6}\(/
        $write_5 = "StreamWriter"
        $write_6 = "makewebtask" nocase
    condition:
        any of ($text, $entity) and any of ($write_*)
}

rule script_dropper_page_from_base64
{
    meta:
        description = "Server page that writes decoded base64 text to a file with a server page's name."
        score = 88
        family = "Dropper"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $write = /WriteAll(Text|Bytes)\s{0,6}\([^;]{0,120}\.(aspx|ashx|asmx|asp|asa|cer|ascx|cshtml|soap|svc|config)["'][^;]{0,60},[^;]{0,60}FromBase64String/
    condition:
        $write
}

rule script_dropper_page_from_request
{
    meta:
        description = "Server page that writes request input to a file with a server page's name."
        score = 85
        family = "Dropper"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $write_1 = /WriteAllText\s{0,6}\([^;]{0,120}\.(aspx|ashx|asmx|asp|asa|cer|ascx|cshtml|soap|svc)["'][^;]{0,60},[^;]{0,60}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
        $write_2 = /WriteAllBytes\s{0,6}\([^;]{0,120}\.(aspx|ashx|asmx|asp|asa|cer|ascx|cshtml|soap|svc)["'][^;]{0,60},[^;]{0,60}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
        $write_3 = /AppendAllText\s{0,6}\([^;]{0,120}\.(aspx|ashx|asmx|asp|asa|cer|ascx|cshtml|soap|svc)["'][^;]{0,60},[^;]{0,60}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
    condition:
        any of them
}

rule script_dropper_page_from_web
{
    meta:
        description = "Server page that downloads content and saves it under a server page's name."
        score = 85
        family = "Dropper"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $fetch = /DownloadFile\s{0,6}\([^;]{0,200}\.(aspx|ashx|asmx|asp|asa|cer|ascx|cshtml|soap|svc)["']/ nocase
    condition:
        $fetch
}
