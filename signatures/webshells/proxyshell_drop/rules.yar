// Server code inside containers that Exchange itself wrote to disk: an exported
// mailbox (PST) or a certificate request.

rule proxyshell_drop_mailbox_export
{
    meta:
        description = "Exported mailbox (PST) with readable server code: a webshell written through a mailbox export."
        score = 93
        family = "ProxyShell PST drop"
        reference = "https://www.zerodayinitiative.com/blog/2021/8/17/from-pwn2own-2021-a-new-attack-surface-on-microsoft-exchange-proxyshell"
        date = "2026-11-24"
    strings:
        $pst = { 21 42 44 4E ?? ?? ?? ?? 53 4D }
        $code_1 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $code_2 = /<%@\s{0,10}(Page|WebHandler|WebService|Control|Import|Assembly|Language)[\s=]/ nocase
        $code_3 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}request\s{0,6}[\[(.]/ nocase
        $code_4 = /eval\s{0,8}\([^;]{0,200}Request[^;]{0,200}["']unsafe["']\s{0,8}\)/ nocase
    condition:
        $pst and any of ($code_*)
}

rule proxyshell_drop_certificate_request
{
    meta:
        description = "Binary certificate request with readable server code: a webshell written through a certificate request."
        score = 92
        family = "ProxyShell certificate request drop"
        reference = "https://www.huntress.com/blog/rapid-response-microsoft-exchange-servers-still-vulnerable-to-proxyshell-exploit"
        date = "2026-11-24"
    strings:
        $request = { 30 82 ?? ?? 30 82 ?? ?? 02 01 00 30 }
        $code_1 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $code_2 = /<%@\s{0,10}(Page|WebHandler|WebService|Control|Import|Assembly|Language)[\s=]/ nocase
        $code_3 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}request\s{0,6}[\[(.]/ nocase
        $code_4 = /eval\s{0,8}\([^;]{0,200}Request[^;]{0,200}["']unsafe["']\s{0,8}\)/ nocase
    condition:
        $request and any of ($code_*)
}

rule proxyshell_drop_permuted_code
{
    meta:
        description = "Exported mailbox (PST) with server code in the encoded form of its mails: a mailed webshell that was exported without preparation."
        score = 80
        family = "ProxyShell PST drop"
        reference = "https://www.zerodayinitiative.com/blog/2021/8/17/from-pwn2own-2021-a-new-attack-surface-on-microsoft-exchange-proxyshell"
        date = "2026-11-24"
    strings:
        $pst = { 21 42 44 4E ?? ?? ?? ?? 53 4D }
        // runat="server", Request, Language= and eval( after the table of MS-PST 5.1; each also in two-byte text.
        $ascii_runat = { 06 78 3A 4A 82 4E [0-1] EB EA 06 57 EA 06 }
        $ascii_request = { EA CE 78 EA EB 82 (5A | 48) }
        $ascii_language = { 4A 3A 53 78 4A 53 EA 4E }
        $ascii_eval = { EA 57 4A FD 48 }
        $wide_runat = { 06 41 78 41 3A 41 4A 41 82 41 4E 41 [0-2] EB 41 EA 41 06 41 57 41 EA 41 06 41 }
        $wide_request = { EA 41 CE 41 78 41 EA 41 EB 41 82 41 (5A | 48) 41 }
        $wide_language = { 4A 41 3A 41 53 41 78 41 4A 41 53 41 EA 41 4E 41 }
        $wide_eval = { EA 41 57 41 4A 41 FD 41 48 41 }
    condition:
        $pst and (2 of ($ascii_*) or 2 of ($wide_*))
}

rule proxyshell_drop_container_with_directive
{
    meta:
        description = "Exported mailbox or certificate request with a page directive: Exchange wrote a page that IIS can execute."
        score = 85
        family = "ProxyShell drop"
        reference = "https://www.zerodayinitiative.com/blog/2021/8/17/from-pwn2own-2021-a-new-attack-surface-on-microsoft-exchange-proxyshell"
        date = "2026-11-24"
    strings:
        $pst = { 21 42 44 4E ?? ?? ?? ?? 53 4D }
        $request = { 30 82 ?? ?? 30 82 ?? ?? 02 01 00 30 }
        $directive = /<%@\s{0,10}(Page|WebHandler|WebService|Control|Import|Assembly|Language)[\s=]/ nocase
    condition:
        any of ($pst, $request) and $directive
}

rule proxyshell_drop_mail_with_code
{
    meta:
        description = "Stored mail message with Exchange headers and an evaluated request value: a webshell sent by mail."
        score = 72
        family = "Mail with server code"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $mail_1 = "X-MS-Exchange-Organization-" nocase
        $mail_2 = "__substg1.0_"
        $mail_3 = { 5F 00 5F 00 73 00 75 00 62 00 73 00 74 00 67 00 31 00 2E 00 30 00 5F 00 }
        $code_1 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}request\s{0,6}[\[(.]/ nocase
        $code_2 = /eval\s{0,8}\([^;]{0,200}Request[^;]{0,200}["']unsafe["']\s{0,8}\)/ nocase
    condition:
        any of ($mail_*) and any of ($code_*)
}
