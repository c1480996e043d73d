// Cknife and other clients that speak the China Chopper frame: every answer stands
// between two arrow marks.

rule cknife_frame
{
    meta:
        description = "Server page that frames its responses with the arrow markers of China Chopper, Cknife and AntSword and acts on request input."
        score = 92
        family = "Cknife"
        reference = "https://github.com/Chora10/Cknife"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $open = /["']-(>|&gt;)\|["']/
        $close = /["']\|<-["']/
        $bar = "\\x2D\\x3E\\x7C" nocase
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $input and (($open and $close) or ($bar and $close))
}
