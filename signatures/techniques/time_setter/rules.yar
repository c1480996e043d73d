// Pages that change file times, so that a new file looks old.

rule time_setter_from_sibling
{
    meta:
        description = "Server page that copies the timestamps of another file to a file (timestomping)."
        score = 30
        family = "Changes file times"
        reference = "https://attack.mitre.org/techniques/T1070/006/"
        date = "2026-11-24"
    strings:
        $call = /Set(LastWriteTime|CreationTime|LastAccessTime)(Utc)?\s{0,6}\([^;]{0,120}Get(LastWriteTime|CreationTime|LastAccessTime)(Utc)?\s{0,6}\(/ nocase
        $field = /\.\s{0,4}(LastWriteTime|CreationTime)(Utc)?\s{0,4}=\s{0,4}\w{1,40}\s{0,4}\.\s{0,4}(LastWriteTime|CreationTime)/ nocase
    condition:
        any of them
}

rule time_setter_from_request
{
    meta:
        description = "Server page that sets file timestamps to a value from the request (timestomping)."
        score = 80
        family = "Changes file times"
        reference = "https://attack.mitre.org/techniques/T1070/006/"
        date = "2026-11-24"
    strings:
        $call_1 = /SetLastWriteTime(Utc)?\s{0,6}\([^;]{0,160}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
        $call_2 = /SetCreationTime(Utc)?\s{0,6}\([^;]{0,160}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
        $field_1 = /\.\s{0,4}LastWriteTime(Utc)?\s{0,4}=[^;\r\n]{0,80}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
        $field_2 = /\.\s{0,4}CreationTime(Utc)?\s{0,4}=[^;\r\n]{0,80}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
    condition:
        any of them
}

rule time_setter_constant
{
    meta:
        description = "Server page that sets file timestamps to a fixed date in the past (timestomping)."
        score = 65
        family = "Changes file times"
        reference = "https://attack.mitre.org/techniques/T1070/006/"
        date = "2026-11-24"
    strings:
        $call = /Set(LastWriteTime|CreationTime)(Utc)?\s{0,6}\([^;]{0,80}(new\s{1,4}DateTime\s{0,4}\(\s{0,4}(19|20)\d\d|DateTime\s{0,4}\.\s{0,4}Parse\s{0,4}\(\s{0,4}["']|Convert\s{0,4}\.\s{0,4}ToDateTime\s{0,4}\(\s{0,4}["'])/ nocase
    condition:
        $call
}

rule time_setter_shell_item
{
    meta:
        description = "Classic ASP page that sets a file date through the Windows shell (timestomping)."
        score = 45
        family = "Changes file times"
        reference = "https://attack.mitre.org/techniques/T1070/006/"
        date = "2026-11-24"
    strings:
        $item = /\.\s{0,4}(ParseName|Items\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}Item|Items\s{0,4}\.\s{0,4}Item)[\s(]{1,4}/ nocase
        $modify = /\.\s{0,4}ModifyDate\s{0,4}=/ nocase
        $shell = /shell["'&+\s]{0,6}\.["'&+\s]{0,6}app/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
    condition:
        $modify and any of ($item, $shell) and $request
}
