// filesystembrowser and other pages that walk every drive of the server and fetch or
// place files anywhere.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule filesystembrowser_named
{
    meta:
        description = "Server page with the title of filesystembrowser that lists, downloads or uploads files."
        score = 90
        family = "filesystembrowser"
        reference = "https://attack.mitre.org/techniques/T1083/"
        date = "2026-11-24"
    strings:
        $name = "filesystembrowser" nocase fullword
        $act_1 = "DirectoryInfo" nocase
        $act_2 = "FileInfo" nocase
        $act_3 = "HttpPostedFile" nocase
        $act_4 = "WriteFile" nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $name and any of ($act_*)
}

rule filesystembrowser_drives
{
    meta:
        description = "Server page with inline code that lists the drives, walks folders named by request input and sends, writes or deletes files there."
        score = 75
        family = "ASP.NET file manager"
        reference = "https://attack.mitre.org/techniques/T1083/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $field = /(:TextBox|<textarea)\s/ nocase
        $drives = /\.\s{0,2}(GetLogicalDrives|GetDrives)\b/ nocase
        $walk = /\b(GetDirectories|GetFiles|GetFileSystemInfos|EnumerateFiles|EnumerateFileSystemEntries)\s{0,4}\(/ nocase
        $touch_1 = /\.\s{0,4}(WriteFile|TransmitFile|BinaryWrite)\s{0,4}\(/ nocase
        $touch_2 = /File\s{0,4}\.\s{0,4}(Delete|Move|Copy|WriteAllText|WriteAllBytes)\s{0,4}\(/ nocase
        $touch_3 = /\.\s{0,2}SaveAs\s{0,4}\(/ nocase
    condition:
        any of ($page_*) and ($input or $field) and $drives and $walk and any of ($touch_*)
}
