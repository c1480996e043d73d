// Pages that write files where the visitor says, or write server pages: uploaders and
// droppers.

rule aspx_file_drop_request_path
{
    meta:
        description = "Server page that opens a file for writing at a path taken directly from the request."
        score = 88
        family = "ASP.NET file dropper"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $writer = /(StreamWriter|File\s{0,4}\.\s{0,4}(CreateText|AppendText|Create|OpenWrite|WriteAllText|WriteAllBytes|WriteAllLines|AppendAllText))\s{0,4}\(\s{0,4}([\w.]{0,30}\bServer\s{0,4}\.\s{0,4}MapPath\s{0,4}\(\s{0,4})?[\w.]{0,40}\bRequest\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)\s{0,4}[\[(])/ nocase
        $stream = /FileStream\s{0,4}\(\s{0,4}([\w.]{0,30}\bServer\s{0,4}\.\s{0,4}MapPath\s{0,4}\(\s{0,4})?[\w.]{0,40}\bRequest\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)\s{0,4}[\[(])[^;]{0,120}FileMode\s{0,4}\.\s{0,4}(Create|OpenOrCreate|Append)/ nocase
        $save_1 = /\.\s{0,4}SaveAs\s{0,4}\(\s{0,4}[\w.]{0,40}\bRequest\s{0,4}(\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)\s{0,4})?[\[(][^\])]{1,60}[\])]\s{0,4}\)/ nocase
        $save_2 = /\.\s{0,4}SaveAs\s{0,4}\(\s{0,4}[\w.]{0,30}\bServer\s{0,4}\.\s{0,4}MapPath\s{0,4}\(\s{0,4}[\w.]{0,40}\bRequest\s{0,4}(\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)\s{0,4})?[\[(][^\])]{1,60}[\])]\s{0,4}\)\s{0,4}\)/ nocase
    condition:
        $writer or $stream or any of ($save_*)
}

rule aspx_file_drop_typed_path
{
    meta:
        description = "Server page that writes a file at a path typed into a page field, without a fixed folder."
        score = 75
        family = "ASP.NET file dropper"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $direct = /(StreamWriter|File\s{0,4}\.\s{0,4}(CreateText|AppendText|Create|OpenWrite|WriteAllText|WriteAllBytes|AppendAllText)|\.\s{0,4}SaveAs)\s{0,4}\(\s{0,4}[a-z_]\w{0,40}\s{0,4}\.\s{0,4}(Text|Value)\s{0,4}[,)]/ nocase
        $stream = /FileStream\s{0,4}\(\s{0,4}[a-z_]\w{0,40}\s{0,4}\.\s{0,4}(Text|Value)\s{0,4},\s{0,4}[\w.]{0,20}FileMode\s{0,4}\.\s{0,4}(Create|OpenOrCreate|Append)/ nocase
        $info = /FileInfo\s{0,4}\(\s{0,4}[a-z_]\w{0,40}\s{0,4}\.\s{0,4}(Text|Value)\s{0,4}\)/ nocase
        $make = /\.\s{0,4}(CreateText|AppendText|Create|OpenWrite)\s{0,4}\(\s{0,4}\)/ nocase
    condition:
        any of ($page_*) and ($direct or $stream or ($info and $make))
}

rule aspx_file_drop_server_page
{
    meta:
        description = "Server page that writes another file with an executable page extension: a dropper."
        score = 72
        family = "ASP.NET file dropper"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $name = /(StreamWriter|File\s{0,4}\.\s{0,4}(CreateText|AppendText|Create|OpenWrite|WriteAllText|WriteAllBytes|AppendAllText))\s{0,4}\([^;\r\n]{0,160}\.(asp|aspx|ashx|asmx|ascx|asa|cer|cdx|soap|svc|cshtml|config)["']\s{0,4}[,)]/ nocase
    condition:
        any of ($page_*) and $name
}

rule aspx_file_drop_beside_itself
{
    meta:
        description = "Upload page that stores the uploaded file under its own name in the page's folder."
        score = 70
        family = "ASP.NET uploader"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $own_1 = /new\s{1,4}(System\.IO\.)?FileInfo\s{0,4}\(\s{0,4}[\w.]{0,40}Request\s{0,4}\.\s{0,4}PhysicalPath\s{0,4}\)/ nocase
        $own_2 = /GetDirectoryName\s{0,4}\(\s{0,4}[\w.]{0,40}Request\s{0,4}\.\s{0,4}PhysicalPath\s{0,4}\)/ nocase
        $own_3 = /(StreamWriter|File\s{0,4}\.\s{0,4}(CreateText|Create|WriteAllText|WriteAllBytes|AppendAllText))\s{0,4}\([^;\r\n]{0,60}Request\s{0,4}\.\s{0,4}PhysicalPath/ nocase
        $store = /(FileStream|SaveAs|WriteAllBytes)\s{0,4}\([^;]{0,160}\bFileName\b/ nocase
        $here_1 = /SaveAs\s{0,4}\([^;]{0,40}MapPath\s{0,4}\(\s{0,4}["'](\.\/?|\.\\{1,2}|~\/?)?["']\s{0,4}\)[^;]{0,60}\bFileName\b/ nocase
        $here_2 = /SaveAs\s{0,4}\([^;]{0,30}MapPath\s{0,4}\(\s{0,4}[\w.]{1,30}(\[[^\]]{1,20}\]|\(\d\))?\s{0,4}\.\s{0,4}FileName\s{0,4}\)/ nocase
    condition:
        any of ($page_*) and ($own_3 or $here_1 or $here_2 or (any of ($own_1, $own_2) and $store))
}
