// Classic ASP pages that fetch their code from elsewhere and execute it.

rule asp_remote_include_response
{
    meta:
        description = "Classic ASP page that fetches text over HTTP and executes it."
        score = 88
        family = "Classic ASP remote include"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $direct = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}(\w{1,24}\s{0,4}\(\s{0,4}){0,2}\w{0,24}\s{0,4}\.\s{0,4}response(text|body)\b/ nocase
        $url = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{1,24}\s{0,4}\(\s{0,4}"https?:\/\// nocase
        $step = /=\s{0,4}(\w{1,24}\s{0,4}\(\s{0,4})?\w{1,24}\s{0,4}\.\s{0,4}response(text|body)\b[^"]{0,120}[\s:](execute|executeglobal|eval)[\s(]{1,8}[a-z_]\w{0,30}[\s)]{0,8}([\r\n:']|%>)/ nocase
        $server = /(server\s{0,4}\.\s{0,4}createobject|createobject\s{0,4}\()/ nocase
    condition:
        ($direct or $url or $step) and $server
}

rule asp_remote_include_spelled_address
{
    meta:
        description = "Classic ASP page that fetches something from an address spelled in character codes and executes text."
        score = 85
        family = "Classic ASP remote include"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $address = /chrw?\s{0,4}\(\s{0,4}104\s{0,4}\)\s{0,4}[&+]\s{0,4}chrw?\s{0,4}\(\s{0,4}116\s{0,4}\)\s{0,4}[&+]\s{0,4}chrw?\s{0,4}\(\s{0,4}116\s{0,4}\)\s{0,4}[&+]\s{0,4}chrw?\s{0,4}\(\s{0,4}112\s{0,4}\)/ nocase
        $run = /[^.\w](execute|executeglobal)[\s(]{1,8}[a-z_]\w{0,30}/ nocase
    condition:
        $address and $run
}
