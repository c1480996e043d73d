// Pages encoded with Microsoft Script Encoder. Encoding is no evidence: it is
// undone before, and every rule sees the plain text too.

rule vbscript_encode_note
{
    meta:
        description = "Server script encoded with Microsoft Script Encoder: not malicious by itself, review the decoded text."
        score = 15
        family = "Encoded script"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $encoded = /language\s{0,6}=\s{0,6}["']?\s{0,3}(vbscript|jscript|javascript|vbs)\.encode/ nocase
        $open = "#@~^"
        $server_1 = "<%@"
        $server_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        $encoded and $open and any of ($server_*)
}

rule vbscript_encode_with_plain_eval
{
    meta:
        description = "Page with an encoded part that executes request input in a plain part."
        score = 90
        family = "Encoded script"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $open = "#@~^"
        $close = "==^#~@"
        $run = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}request\s{0,6}[\[(.]/ nocase
    condition:
        $open and $close and $run
}

rule vbscript_encode_encodes_itself
{
    meta:
        description = "Page that encodes script text with the Script Encoder object: a webshell that re-encodes itself or its copies."
        score = 48
        family = "Encoded script"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $object = /CreateObject\s{0,6}\(\s{0,6}["']Scripting\.Encoder["']/ nocase
        $encode = "EncodeScriptFile" nocase
        $server = /<%[^<]/
    condition:
        $object and $encode and $server
}
