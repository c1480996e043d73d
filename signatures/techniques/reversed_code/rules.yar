// Script that stands in the page back to front.
// A first word written twice, as in (eval|\(eval), makes YARA-X search for the rarer word behind it.

rule reversed_code_words
{
    meta:
        description = "Server page that contains script code written backwards, which is reversed and executed."
        score = 85
        family = "Reversed code"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $request = /[(\s"=,:]tseuqer[\s"(),:=&.]/ nocase
        $write = /etirw\.esnopser/ nocase
        $create = /tcejboetaerc/ nocase
        $end = /(noitcnuf|bus|fi)\s{1,2}dne/ nocase
        $eval = /["')(]\s{0,3}lave["'\s=.;]/ nocase
        $execute = /etucexe/ nocase
        $shell = /lleHs\.tpirCsW/ nocase
        $mappath = /htappam/ nocase
    condition:
        2 of them
}

rule reversed_code_turned
{
    meta:
        description = "Server page that executes reversed text."
        score = 82
        family = "Reversed code"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $asp = /[^.\w](execute|executeglobal|eval)[\s(]{1,6}(strreverse|[a-z_]\w{0,20}\s{0,3}\(\s{0,3}strreverse)\s{0,4}\(/ nocase
        $js = /(\beval|\(eval)\s{0,4}\([^;\r\n]{0,200}\.\s{0,3}reverse\s{0,3}\(\s{0,3}\)\s{0,3}\.\s{0,3}join/ nocase
        $server_1 = /<%[^<]/
        $server_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($asp, $js) and any of ($server_*)
}
