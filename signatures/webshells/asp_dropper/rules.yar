// Classic ASP pages that put a file on the server: content and path from the
// request ("small horses"), a fixed script name, or a download.
// A first word written twice, as in (eval|\(eval), makes YARA-X search for the rarer word behind it.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule asp_dropper_path_from_request
{
    meta:
        description = "Classic ASP page that creates a file at a path taken directly from the request."
        score = 85
        family = "Classic ASP dropper"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $create = /(CreateTextFile|SaveToFile)[\s(]{1,6}(server\s{0,4}\.\s{0,4}mappath\s{0,4}\(\s{0,4})?(trim\s{0,4}\(\s{0,4})?request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies)\s{0,4}\()/ nocase
        $open = /OpenTextFile[\s(]{1,6}(server\s{0,4}\.\s{0,4}mappath\s{0,4}\(\s{0,4})?(trim\s{0,4}\(\s{0,4})?request\s{0,4}(\(|\.\s{0,4}(form|querystring|item)\s{0,4}\()[^<>=]{0,60},\s{0,4}[28]\b/ nocase
    condition:
        any of them
}

rule asp_dropper_download_from_request
{
    meta:
        description = "Classic ASP page that downloads a URL from the request and saves the content."
        score = 75
        family = "Classic ASP downloader"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $fetch = /\.\s{0,4}open[\s(]{1,4}"(get|post)"\s{0,4},\s{0,4}(trim\s{0,4}\(|cstr\s{0,4}\()?\s{0,4}request\s{0,4}(\(|\.\s{0,4}(form|querystring|item)\s{0,4}\()/ nocase
        $body = /nse(text|body)\b/ nocase
        $write = /\.\s{0,4}(SaveToFile|CreateTextFile)[\s(]/ nocase
    condition:
        all of them
}

rule asp_dropper_small_horse
{
    meta:
        description = "Small classic ASP form that writes text from the request to a path from the request and reports success."
        score = 80
        family = "Classic ASP dropper (small horse)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $path_first = /=\s{0,4}(request|\(request)\s{0,4}(\.\s{0,4}form\s{0,4})?\(\s{0,4}"[^"]{1,20}"\s{0,4}\)[^=]{0,40}if\s{1,4}[^=]{1,60}<>\s{0,4}""\s{1,4}then[^=]{0,40}=\s{0,4}request\s{0,4}[(.][^=]{1,60}=\s{0,4}\w{1,20}\.createtextfile\s{0,4}\(/ nocase
        $path_tested = /if\s{1,4}(trim\s{0,4}\(\s{0,4})?request\s{0,4}\(\s{0,4}"[^"]{1,20}"\s{0,4}\)[\s)]{0,6}<>\s{0,4}""\s{1,4}then[^<>]{0,160}\.\s{0,4}createtextfile\s{0,4}\(\s{0,4}(\w{1,20}|request\s{0,4}\(\s{0,4}"[^"]{1,20}"\s{0,4}\))\s{0,4},\s{0,4}true\s{0,4}\)/ nocase
        $form = "<textarea" nocase
        $told = /if\s{1,4}(not\s{1,4})?err(\.number)?\s{0,4}(=|<>)\s{0,4}0/ nocase
        $own_path = /ver\s{0,4}\.\s{0,4}mappath\s{0,4}\(\s{0,4}(request\s{0,4}\.\s{0,4}servervariables\s{0,4}\(|"[\w.]{1,24}"\s{0,4}\)\s{0,4}%>)/ nocase
    condition:
        any of ($path_*) and $form and ($told or $own_path)
}

rule asp_dropper_script_name
{
    meta:
        description = "Classic ASP page that writes a stream to a fixed name that the server executes as a page."
        score = 85
        family = "Classic ASP dropper"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $stream = /\.\s{0,4}SaveToFile[\s(]{1,6}(server\s{0,4}\.\s{0,4}mappath\s{0,4}\(\s{0,4})?"[^"<>]{0,120}\.(asp|asa|cer|cdx|aspx|ashx|asmx|php|exe|bat|vbs)"/ nocase
        $input_1 = /nse(text|body)\b/ nocase
        $input_2 = /\.\s{0,4}write(text)?[\s(]{1,4}(cstr\s{0,4}\(\s{0,4})?request\s{0,4}[(.]/ nocase
    condition:
        $stream and any of ($input_*)
}

rule asp_dropper_request_to_script
{
    meta:
        description = "Classic ASP page that writes request input to a fixed file that the server executes as a page."
        score = 80
        family = "Classic ASP dropper"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $step = /=\s{0,4}(request|\(request)\s{0,4}(\.\s{0,4}(form|querystring)\s{0,4})?\(\s{0,4}"[^"]{1,20}"\s{0,4}\)[^<>]{0,140}createtextfile\s{0,4}\(\s{0,4}(server\s{0,4}\.\s{0,4}mappath\s{0,4}\(\s{0,4})?"[^"<>]{1,80}\.(asp|asa|cer|cdx|aspx|ashx|php)"[^<>"]{0,40}\.\s{0,4}write(line)?[\s(]{1,4}\w{1,24}[\s)]{0,6}/ nocase
        $direct = /createtextfile\s{0,4}\(\s{0,4}(server\s{0,4}\.\s{0,4}mappath\s{0,4}\(\s{0,4})?"[^"<>]{1,80}\.(asp|asa|cer|cdx|aspx|ashx|php)"[^<>"]{0,60}\.\s{0,4}write(line)?[\s(]{1,4}request\s{0,4}[(.]/ nocase
    condition:
        any of them
}

rule asp_dropper_shell_text
{
    meta:
        description = "Classic ASP page that contains a one-line webshell as text and writes files: it drops the webshell elsewhere."
        score = 85
        family = "Classic ASP dropper"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $text = /["&][^"<>]{0,40}(<|chrw?\(60\))[!"&\s]{0,6}%["&\s]{0,6}(execute|eval|executeglobal)[\s("]{1,6}request/ nocase
        $hex = /0x[0-9a-f]{0,16}3C25(20)?(6576616C|65786563)/ nocase
        $write = /\.\s{0,4}(CreateTextFile|SaveToFile|OpenTextFile)[\s(]/ nocase
        $backup = /backup\s{1,3}(database|log)\b/ nocase
    condition:
        ($text and ($write or $backup)) or $hex
}

rule asp_dropper_upload_anywhere
{
    meta:
        description = "Classic ASP page that reads an upload byte by byte, writes it to a folder from the same form and shows its own account."
        score = 75
        family = "Classic ASP uploader"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $read = /request\s{0,4}\.\s{0,4}binaryread\b/ nocase
        $disk = /<input[^<>]{0,80}value\s{0,3}=\s{0,3}["']?[c-z]:\\{1,2}["'\s>]/ nocase
        $write = /\.\s{0,4}(SaveToFile|CreateTextFile)[\s(]/ nocase
    condition:
        all of them
}
