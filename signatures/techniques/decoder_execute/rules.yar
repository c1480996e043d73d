// Script that executes what its own function has decoded.
// A first word written twice, as in (eval|\(eval), makes YARA-X search for the rarer word behind it.

rule decoder_execute_literal
{
    meta:
        description = "Server page that executes a long string after decoding it with its own function."
        score = 80
        family = "Hidden script"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $run = /[^.\w](execute|executeglobal)[\s(]{1,4}[a-z_]\w{0,30}\s{0,2}\(\s{0,4}"[^"\r\n]{24,64}/ nocase
        $js = /<%[^%]{0,2000}[^.\w]eval\s{0,4}\(\s{0,4}[a-z_]\w{0,30}\s{0,2}\(\s{0,4}["'][^"'\r\n]{24,64}/ nocase
    condition:
        any of them
}

rule decoder_execute_variable
{
    meta:
        description = "Server page that executes the result of a function on a variable."
        score = 40
        family = "Hidden script"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $run = /[^.\w](execute|executeglobal)\s{0,2}\(\s{0,4}[a-z_]\w{0,30}\s{0,2}\(\s{0,4}[a-z_]\w{0,30}\s{0,4}\)\s{0,4}\)/ nocase
        $asp = /<%[^<]/
        $vb = /\bEnd\s{1,2}Function\b/ nocase
    condition:
        all of them
}

rule decoder_execute_builtin_decoder
{
    meta:
        description = "Server page that executes decoded base64 or hex text."
        score = 85
        family = "Hidden script"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $asp_1 = /[^.\w](execute|\(execute)(global)?[\s(]{1,4}[^\r\n]{0,40}base64_?decode\w{0,12}\s{0,4}\(/ nocase
        $asp_2 = /[^.\w](execute|\(execute)(global)?[\s(]{1,4}[^\r\n]{0,40}decode_?base64\w{0,12}\s{0,4}\(/ nocase
        $asp_3 = /[^.\w](execute|\(execute)(global)?[\s(]{1,4}[^\r\n]{0,40}b64dec\w{0,12}\s{0,4}\(/ nocase
        $asp_4 = /[^.\w](execute|\(execute)(global)?[\s(]{1,4}[^\r\n]{0,40}hex2str\w{0,12}\s{0,4}\(/ nocase
        $asp_5 = /[^.\w](execute|\(execute)(global)?[\s(]{1,4}[^\r\n]{0,40}hextostr\w{0,12}\s{0,4}\(/ nocase
        $asp_6 = /[^.\w](execute|\(execute)(global)?[\s(]{1,4}[^\r\n]{0,40}unescape\w{0,12}\s{0,4}\(/ nocase
        $asp_7 = /[^.\w](execute|\(execute)(global)?[\s(]{1,4}[^\r\n]{0,40}Server\.HtmlDecode\w{0,12}\s{0,4}\(/ nocase
        $net = /[^.\w]eval\s{0,4}\([^;\r\n]{0,120}FromBase64String\s{0,4}\(/ nocase
        $server_1 = /<%[^<]/
        $server_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($asp_*, $net) and any of ($server_*)
}
