// Classic ASP pages that show crawlers of search engines, or visitors who come from
// one, something fetched from elsewhere; and pages that relay any address.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule asp_search_cloak_remote_page
{
    meta:
        description = "Classic ASP page that recognises crawlers or visitors from search engines and shows them content from another server (cloaking)."
        score = 70
        family = "Search-engine cloak"
        reference = "https://attack.mitre.org/techniques/T1491/002/"
        date = "2026-11-24"
    strings:
        $who = /servervariables\s{0,4}\(\s{0,4}"HTTP_(USER_AGENT|REFERER)"/ nocase
        $engine_1 = /(baidu|google|sogou|yisou|bing|yahoo|360|haosou)(spider|bot)/ nocase
        $engine_2 = /instr\s{0,4}\([^"]{1,80}"(www\.)?(baidu|google|soso|sogou|haosou|yahoo|bing)/ nocase
        $engine_3 = /["|](baidu|google|soso|sogou|haosou|yahoo|bing)\|(baidu|google|soso|sogou|haosou|yahoo|bing)\|/ nocase
        $fetch = /(XMLHTTP|WinHttpRequest)/ nocase
        $show = /Response\s{0,4}\.\s{0,4}Write/ nocase
        $body = /nse(text|body)\b/ nocase
    condition:
        $who and any of ($engine_*) and $fetch and $show and $body
}

rule asp_search_cloak_relay
{
    meta:
        description = "Classic ASP page that fetches any URL named by the request and forwards cookies and forms: a web proxy."
        score = 65
        family = "Classic ASP web proxy"
        reference = "https://attack.mitre.org/techniques/T1090/"
        date = "2026-11-24"
    strings:
        $fetch_1 = "XMLHTTP" nocase
        $fetch_2 = "WinHttpRequest" nocase
        $address = /=\s{0,4}(trim\s{0,4}\(|String\s{0,4}\(|server\.htmlencode\s{0,4}\()?\s{0,4}request\s{0,4}(\.\s{0,4}(querystring|form|item)\s{0,4})?\(\s{0,4}"{1,2}(url|u|site|target|address|link|klasor|page)"{1,2}/ nocase
        $open = /\.\s{0,4}open[\s(]{1,4}("get"|"post"|\w{1,20})\s{0,4},\s{0,4}(""\s{0,3}&\s{0,3})?\w{1,24}\s{0,4}(&\s{0,3}""\s{0,3})?,/ nocase
        $pass = /(AddHeader\s{0,4}\(?\s{0,4}"(Set-)?Cookie"|setRequestHeader\s{0,4}\(?\s{0,4}"Cookie"|htmlencode\s{0,4}\(\s{0,4}\w{1,24}\.responsetext)/ nocase
    condition:
        any of ($fetch_*) and $address and $open and $pass
}
