// Classic ASP file managers that work on the whole disk, and pages that spread or
// change files over a site.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule asp_file_manager_whole_disk
{
    meta:
        description = "Classic ASP page that lists the drives of the server and deletes, copies or moves and writes files on them."
        score = 80
        family = "Classic ASP file manager"
        reference = "https://attack.mitre.org/techniques/T1083/"
        date = "2026-11-24"
    strings:
        $drives = /\.\s{0,4}(Drives|DriveLetter)\b/ nocase
        $delete = /\.\s{0,4}Delete(File|Folder)[\s(]/ nocase
        $copy = /\.\s{0,4}(Copy|Move)(File|Folder)[\s(]/ nocase
        $write = /\.\s{0,4}(SaveToFile|CreateTextFile|OpenTextFile)[\s(]/ nocase
        $create = /\.\s{0,4}CreateFolder[\s(]/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
        $server = /ver\s{0,4}\.\s{0,4}(createobject|mappath|s\w{5}timeout)\b/ nocase
    condition:
        $drives and $delete and ($copy or $create) and $write and $request and $server
}

rule asp_file_manager_spread
{
    meta:
        description = "Classic ASP page that walks the folders of the server, writes request input to files and changes their attributes or dates."
        score = 70
        family = "Classic ASP mass injector"
        reference = "https://attack.mitre.org/techniques/T1491/002/"
        date = "2026-11-24"
    strings:
        $walk = /\.\s{0,4}SubFolders\b/ nocase
        $write = /\.\s{0,4}(SaveToFile|CreateTextFile)[\s(]/ nocase
        $mask = /\.\s{0,4}(Attributes|ModifyDate)\s{0,4}=\s{0,4}[\w(]/ nocase
        $path = /=\s{0,4}(trim\s{0,4}\(\s{0,4})?request\s{0,4}(\.\s{0,4}(form|querystring|item)\s{0,4})?\(\s{0,4}"{1,2}[a-z_]{0,12}(path|file|folder|dir)/ nocase
        $content = /=\s{0,4}(trim\s{0,4}\(\s{0,4})?request\s{0,4}(\.\s{0,4}(form|querystring|item)\s{0,4})?\(\s{0,4}"{1,2}[a-z_]{0,12}(content|code|text|data)/ nocase
    condition:
        $walk and $write and $mask and $path and $content
}

rule asp_file_manager_write_probe
{
    meta:
        description = "Classic ASP page that walks folders named by the request and tests in each whether a file can be created and deleted."
        score = 80
        family = "Classic ASP folder scanner"
        reference = "https://attack.mitre.org/techniques/T1083/"
        date = "2026-11-24"
    strings:
        $walk = /\.\s{0,4}SubFolders\b/ nocase
        $make = /\.\s{0,4}CreateTextFile\s{0,4}\(\s{0,4}\w{1,24}\s{0,4}&\s{0,4}"\\[\w.]{1,24}"/ nocase
        $undo = /\.\s{0,4}DeleteFile\s{0,4}\(?\s{0,4}\w{1,24}\s{0,4}&\s{0,4}"\\[\w.]{1,24}"/ nocase
        $request = /=\s{0,4}(replace|trim)?\s{0,4}\(?\s{0,4}request\s{0,4}[(.]/ nocase
    condition:
        all of them
}

rule asp_file_manager_read_request
{
    meta:
        description = "Classic ASP page that opens a file or lists a folder at a path taken directly from the request."
        score = 60
        family = "Classic ASP file reader"
        reference = "https://attack.mitre.org/techniques/T1005/"
        date = "2026-11-24"
    strings:
        $read = /(OpenTextFile|GetFolder)[\s(]{1,6}(trim\s{0,4}\(\s{0,4})?request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies)\s{0,4}\()/ nocase
        $show_1 = /Response\s{0,4}\.\s{0,4}Write/ nocase
        $show_2 = /<%[^<]/
    condition:
        $read and any of ($show_*)
}

rule asp_file_manager_drive_root
{
    meta:
        description = "Classic ASP page that starts at a drive root when the request names no path, lists folders and shows or writes files."
        score = 75
        family = "Classic ASP file reader"
        reference = "https://attack.mitre.org/techniques/T1083/"
        date = "2026-11-24"
    strings:
        $root = /then\s{1,4}\w{1,24}\s{0,4}=\s{0,4}"[c-e]:\\{0,2}"/ nocase
        $walk = /\.\s{0,4}GetFolder[\s(]{1,4}\w/ nocase
        $file = /\.\s{0,4}(OpenTextFile|ReadAll|LoadFromFile|SaveToFile|CreateTextFile)\b/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
    condition:
        all of them
}
