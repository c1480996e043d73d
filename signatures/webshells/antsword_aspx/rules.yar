// AntSword: pages for its custom and C# types.

rule antsword_aspx_custom
{
    meta:
        description = "Server page that answers the numbered fields z0, z1, z2 with drives, folders and commands: the custom script of AntSword and China Chopper clients."
        score = 92
        family = "AntSword"
        reference = "https://github.com/AntSwordProject/antSword"
        date = "2026-11-24"
    strings:
        $z0 = /["']z0["']/ nocase
        $z1 = /["']z1["']/ nocase
        $z2 = /["']z2["']/ nocase
        $act_1 = "GetLogicalDrives" nocase
        $act_2 = "ProcessStartInfo" nocase
        $act_3 = "DirectoryInfo" nocase
        $act_4 = ".StartInfo" nocase
        $act_5 = "FileSystemObject" nocase
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
    condition:
        $input and $z1 and $z2 and ($z0 or 2 of ($act_*)) and any of ($act_*)
}

rule antsword_aspx_csharp
{
    meta:
        description = "Server page that loads an assembly from the request and creates its type Run by the assembly's own name: the C# type of AntSword."
        score = 95
        family = "AntSword"
        reference = "https://github.com/AntSwordProject/antSword"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $run = /CreateInstance\s{0,4}\([^;]{0,60}GetName\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}Name\s{0,4}[+&]\s{0,4}["']\.\w{1,20}["']/ nocase
        $load_1 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,4}\(/ nocase
        $load_2 = /GetMethod\s{0,4}\(\s{0,4}["']Load["']/ nocase
        $bytes_1 = "FromBase64String" nocase
        $bytes_2 = "TransformFinalBlock" nocase
        $bytes_3 = "BinaryRead" nocase
    condition:
        $run and any of ($load_*) and any of ($bytes_*)
}

rule antsword_aspx_named
{
    meta:
        description = "Server page that names AntSword and reads its commands from the request."
        score = 90
        family = "AntSword"
        reference = "https://github.com/AntSwordProject/antSword"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $name_1 = "AntSword" nocase
        $name_2 = "antSword_" nocase
        $run_1 = "ProcessStartInfo" nocase
        $run_2 = "CreateInstance" nocase
        $run_3 = "eval" nocase fullword
        $run_4 = "GetLogicalDrives" nocase
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $input and any of ($name_*) and any of ($run_*)
}
