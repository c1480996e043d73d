// Server code inside containers that Exchange itself wrote to disk: an exported
// mailbox (PST) or a certificate request.

rule proxyshell_drop_mailbox_export
{
    meta:
        description = "Exported mailbox (PST) that carries readable server code: a web shell written through a mailbox export."
        score = 93
        family = "ProxyShell PST drop"
        reference = "https://www.zerodayinitiative.com/blog/2021/8/17/from-pwn2own-2021-a-new-attack-surface-on-microsoft-exchange-proxyshell"
        date = "2026-11-24"
    strings:
        $pst = { 21 42 44 4E ?? ?? ?? ?? 53 4D }
        $code_1 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $code_2 = /language\s{0,6}=\s{0,6}["']?\s{0,3}(jscript|javascript|js|c#|cs|csharp|vb|vbscript)\s{0,3}["']?(\s[^<>]{0,200})?%>/ nocase
        $code_3 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}request\s{0,6}[\[(.]/ nocase
        $code_4 = /eval\s{0,8}\([^;]{0,200}Request[^;]{0,200}["']unsafe["']\s{0,8}\)/ nocase
    condition:
        $pst and any of ($code_*)
}

rule proxyshell_drop_certificate_request
{
    meta:
        description = "Binary certificate request that carries readable server code: a web shell written through a certificate request."
        score = 92
        family = "ProxyShell certificate request drop"
        reference = "https://www.huntress.com/blog/rapid-response-microsoft-exchange-servers-still-vulnerable-to-proxyshell-exploit"
        date = "2026-11-24"
    strings:
        $request = { 30 82 ?? ?? 30 82 ?? ?? 02 01 00 30 }
        $code_1 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $code_2 = /language\s{0,6}=\s{0,6}["']?\s{0,3}(jscript|javascript|js|c#|cs|csharp|vb|vbscript)\s{0,3}["']?(\s[^<>]{0,200})?%>/ nocase
        $code_3 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}request\s{0,6}[\[(.]/ nocase
        $code_4 = /eval\s{0,8}\([^;]{0,200}Request[^;]{0,200}["']unsafe["']\s{0,8}\)/ nocase
    condition:
        $request and any of ($code_*)
}
