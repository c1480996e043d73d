// Classic ASP pages that fetch their code from elsewhere and execute it.
// A first word written twice, as in (eval|\(eval), makes YARA-X search for the rarer word behind it.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule asp_remote_include_response
{
    meta:
        description = "Classic ASP page that downloads text over HTTP and executes it."
        score = 88
        family = "Classic ASP remote include"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $direct_1 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}(\w{1,24}\s{0,4}\(\s{0,4}){0,2}\w{0,24}\s{0,4}\.\s{0,4}\w{0,5}nsetext\b/ nocase
        $direct_2 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}(\w{1,24}\s{0,4}\(\s{0,4}){0,2}\w{0,24}\s{0,4}\.\s{0,4}\w{0,5}nsebody\b/ nocase
        $url = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{1,24}\s{0,4}\(\s{0,4}"https?:\/\// nocase
        $step = /=\s{0,4}(\w{1,24}\s{0,4}\(\s{0,4})?\w{1,24}\s{0,4}\.\s{0,4}\w{0,5}nse(text|body)\b[^"]{0,120}[\s:](execute|executeglobal|eval)[\s(]{1,8}[a-z_]\w{0,30}[\s)]{0,8}([\r\n:']|%>)/ nocase
        $script = /GetObject\s{0,4}\(\s{0,4}"script:([^"]|"\s{0,4}&\s{0,4}([^s\s]|s[^e]))/ nocase
        $server = /createobject[\s(]/ nocase
    condition:
        ((any of ($direct_*) or $url or $step) and $server) or $script
}

rule asp_remote_include_spelled_address
{
    meta:
        description = "Classic ASP page that downloads from a URL spelled in character codes and executes text."
        score = 85
        family = "Classic ASP remote include"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $address = /chrw?\s{0,4}\(\s{0,4}104\s{0,4}\)\s{0,4}[&+]\s{0,4}chrw?\s{0,4}\(\s{0,4}116\s{0,4}\)\s{0,4}[&+]\s{0,4}chrw?\s{0,4}\(\s{0,4}116\s{0,4}\)\s{0,4}[&+]\s{0,4}chrw?\s{0,4}\(\s{0,4}112\s{0,4}\)/ nocase
        $run = /[^.\w]execute(global)?(["'(\/]|[\s(]{1,8}["'(a-z_\/])/ nocase
    condition:
        $address and $run
}

rule asp_remote_include_data_file
{
    meta:
        description = "Classic ASP page that executes the content of a picture, style sheet or other non-page file as script."
        score = 80
        family = "Classic ASP hidden include"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $read = /[^.\w](execute|\(execute)(global)?[\s(]{1,8}[^<>;=]{0,160}\.(jpe?g|gif|png|bmp|ico|css|dat|log)"[^<>;=]{0,40}\.\s{0,4}readall\b/ nocase
    condition:
        $read
}
