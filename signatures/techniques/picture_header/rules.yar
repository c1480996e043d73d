// Server code in a file that pretends to be a picture or a document.

rule picture_header_page
{
    meta:
        description = "File with a picture header that contains a server page."
        score = 15
        family = "Picture with server code"
        reference = "https://attack.mitre.org/techniques/T1036/008/"
        date = "2026-11-24"
    strings:
        $gif = /(^|[^"'\w(,])GIF8[79]a[^"'\w]/
        $gif_tag = /(^|[^"'\w(,])GIF8[79]a\s{0,4}<[%s]/ nocase
        $png = { 89 50 4E 47 0D 0A 1A 0A }
        $jpeg = { FF D8 FF (E0 | E1 | DB | EE) ?? ?? (4A 46 49 46 | 45 78 69 66) }
        $code_1 = /<%@\s{0,10}(Page|WebHandler|WebService|Control|Import|Assembly|Language)[\s=]/ nocase
        $code_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $code_3 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}request\s{0,6}[\[(.]/ nocase
        $code_4 = /CreateObject\s{0,6}\(\s{0,6}["'](WScript\.Shell|Scripting\.FileSystemObject|ADODB\.Stream|Shell\.Application)/ nocase
    condition:
        any of ($gif, $gif_tag, $png, $jpeg) and any of ($code_*)
}

rule picture_header_runs_request
{
    meta:
        description = "Picture, document or archive that executes request input."
        score = 88
        family = "Picture with server code"
        reference = "https://attack.mitre.org/techniques/T1036/008/"
        date = "2026-11-24"
    strings:
        $gif = /GIF8[79]a/
        $png = { 89 50 4E 47 0D 0A 1A 0A }
        $jfif = "JFIF"
        $exif = { 45 78 69 66 00 00 }
        $pdf = /%PDF-1\.\d/
        $zip = { 50 4B 03 04 (0A | 14 | 2D) 00 }
        $webp = "WEBPVP8"
        $run = /<%[^%]{0,200}[^.\w](execute|executeglobal|eval)[\s(]{1,8}[a-z.]{0,30}request\s{0,6}[\[(.]/ nocase
    condition:
        any of ($gif, $png, $jfif, $exif, $pdf, $zip, $webp) and $run
}
