// Pages in a charset that is chosen so that nobody can read them.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule charset_trick_directive
{
    meta:
        description = "Page or configuration that sets UTF-7 or an EBCDIC code page for its own text, so that its code is not recognisable."
        score = 78
        family = "Charset trick"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $attribute_1 = /depage\s{0,4}=\s{0,4}["']?\s{0,2}(65000|1026|20424|37|500)["'\s%]/ nocase
        $attribute_2 = /Encoding\s{0,4}=\s{0,4}["']\s{0,2}(65000|utf-?7|ibm0?37|ibm1026|ibm500|cp0?37|cp1026|cp500)\s{0,2}["']/ nocase
        $server_1 = "<%@"
        $server_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $server_3 = "<globalization" nocase
    condition:
        any of ($attribute_*) and any of ($server_*)
}

rule charset_trick_utf7_code
{
    meta:
        description = "UTF-7 text with an encoded opening tag of a code block."
        score = 80
        family = "UTF-7 code"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $block = /\+ADw-?%/
        $block_2 = "+ADwAJQ"
        $script = /\+ADw-?script[^\r\n]{0,80}runat/ nocase
        $run = /(execute|executeglobal|eval)[\s(]{1,4}(\+ACg-?)?\s{0,4}request/ nocase
    condition:
        ($script or $block or $block_2) and $run
}

rule charset_trick_code_page_switch
{
    meta:
        description = "Classic ASP page that switches the session to UTF-7."
        score = 75
        family = "Charset trick"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $switch = /(Session|Response)\s{0,4}\.\s{0,4}CodePage\s{0,4}=\s{0,4}65000\b/ nocase
    condition:
        $switch
}
