// SIMPLESEESHARP and kin: a page of one statement that saves what it is sent
// where the sender says.

rule simpleseesharp_first_file_to_given_path
{
    meta:
        description = "Page that saves an uploaded file to a path combined from request input: the dropper SIMPLESEESHARP."
        score = 90
        family = "SIMPLESEESHARP"
        reference = "https://www.volexity.com/blog/2021/03/02/active-exploitation-of-microsoft-exchange-zero-day-vulnerabilities/"
        date = "2026-11-24"
    strings:
        $save = /\.\s{0,4}SaveAs\s{0,6}\(\s{0,6}[a-z.]{0,20}Path\s{0,4}\.\s{0,4}Combine\s{0,6}\([^;]{0,120}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
    condition:
        $save
}

rule simpleseesharp_bare_upload
{
    meta:
        description = "Page whose only code saves the first uploaded file, without a form, check or response."
        score = 72
        family = "SIMPLESEESHARP"
        reference = "https://www.volexity.com/blog/2021/03/02/active-exploitation-of-microsoft-exchange-zero-day-vulnerabilities/"
        date = "2026-11-24"
    strings:
        $cs = /<%\s{0,10}(\/\*[^*]{0,80}\*\/\s{0,10})?(System\.Web\.)?(HttpPostedFile|var)\s{1,8}\w{1,40}\s{0,6}=\s{0,6}[a-z.]{0,30}Request\s{0,4}\.\s{0,4}Files\s{0,4}\[\s{0,4}(0|["'][^"'\r\n]{1,30}["'])\s{0,4}\]\s{0,4};\s{0,20}\w{1,40}\s{0,4}\.\s{0,4}SaveAs\s{0,6}\(/ nocase
        $direct = /<%\s{0,10}[a-z.]{0,30}Request\s{0,4}\.\s{0,4}Files\s{0,4}[\[(]\s{0,4}(0|["'][^"'\r\n]{1,30}["'])\s{0,4}[\])]\s{0,4}\.\s{0,4}SaveAs\s{0,6}\(/ nocase
    condition:
        any of them
}

rule simpleseesharp_stream_to_given_path
{
    meta:
        description = "Page that opens a file for writing at a path from the request."
        score = 82
        family = "SIMPLESEESHARP-like dropper"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $writer = /new\s{1,8}(System\.IO\.)?StreamWriter\s{0,6}\(\s{0,6}[a-z.]{0,40}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
        $stream = /new\s{1,8}(System\.IO\.)?FileStream\s{0,6}\(\s{0,6}[a-z.]{0,40}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])[^;]{0,120}FileMode\s{0,4}\.\s{0,4}(Create|OpenOrCreate|Append)/ nocase
        $create = /File\s{0,4}\.\s{0,4}(CreateText|AppendText|OpenWrite)\s{0,6}\(\s{0,6}[a-z.]{0,40}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
    condition:
        any of them
}
