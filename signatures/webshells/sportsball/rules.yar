// SPORTSBALL: a page with a password kept in a cookie, a command box and an
// upload box.

rule sportsball_known_marks
{
    meta:
        description = "Page with the cookie name or the password hash of the webshell SPORTSBALL."
        score = 95
        family = "SPORTSBALL"
        reference = "https://www.volexity.com/blog/2021/03/02/active-exploitation-of-microsoft-exchange-zero-day-vulnerabilities/"
        date = "2026-11-24"
    strings:
        $cookie = /["']fqrspt["']/
        $hash = "ZN2aDAB4rXsszEvCLrzgcvQ4oi5J1TuiRULlQbYwldE="
        $use_1 = "HttpCookie" nocase
        $use_2 = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
    condition:
        any of ($cookie, $hash) and any of ($use_*)
}

rule sportsball_request_to_standard_input
{
    meta:
        description = "Page that writes request input to the standard input of a process it started."
        score = 92
        family = "SPORTSBALL"
        reference = "https://www.volexity.com/blog/2021/03/02/active-exploitation-of-microsoft-exchange-zero-day-vulnerabilities/"
        date = "2026-11-24"
    strings:
        $type = /StandardInput\s{0,4}\.\s{0,4}Write(Line)?\s{0,6}\([^;\r\n]{0,120}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
    condition:
        $type
}

rule sportsball_password_cookie_console
{
    meta:
        description = "Page that keeps a posted password in a cookie, starts programs and saves uploads: the structure of SPORTSBALL."
        score = 85
        family = "SPORTSBALL-like console"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $cookie = /new\s{1,8}HttpCookie\s{0,6}\([^;\r\n]{0,80}Request\s{0,4}\.\s{0,4}Form\s{0,4}[\[(]/ nocase
        $exec_1 = "RedirectStandardInput" nocase
        $exec_2 = "RedirectStandardOutput" nocase
        $upload = /\.\s{0,4}SaveAs\s{0,6}\(/ nocase
    condition:
        $cookie and any of ($exec_*) and $upload
}
