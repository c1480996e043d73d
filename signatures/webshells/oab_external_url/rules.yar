// Files that Exchange wrote when an attacker exported a virtual directory whose
// URL property held a script: a list of "name : value" lines with code in it.

rule oab_external_url_script_value
{
    meta:
        description = "Exported Exchange virtual directory whose internal or external URL contains server script: a ProxyLogon drop."
        score = 95
        family = "ProxyLogon OAB drop"
        reference = "https://www.microsoft.com/security/blog/2021/03/02/hafnium-targeting-exchange-servers/"
        date = "2026-11-24"
    strings:
        $external = /ExternalUrl\s{0,60}:\s{0,8}[^\r\n]{0,200}<\s{0,4}(script|object|%)/ nocase
        $internal = /InternalUrl\s{0,60}:\s{0,8}[^\r\n]{0,200}<\s{0,4}(script|object|%)/ nocase
        $field_1 = /InternalAuthenticationMethods\s{1,60}:/ nocase
        $field_2 = /ExternalAuthenticationMethods\s{1,60}:/ nocase
        $field_3 = /ExtendedProtectionTokenChecking\s{1,60}:/ nocase
        $field_4 = /ExtendedProtectionSPNList\s{1,60}:/ nocase
        $field_5 = /OfflineAddressBooks\s{1,60}:/ nocase
        $field_6 = /PollInterval\s{1,60}:/ nocase
        $field_7 = /MetabasePath\s{1,60}:/ nocase
        $field_8 = /BasicAuthentication\s{1,60}:/ nocase
    condition:
        ($external or $internal) and 2 of ($field_*)
}

rule oab_external_url_dump_with_code
{
    meta:
        description = "Exported Exchange virtual directory that contains server code somewhere in the file."
        score = 88
        family = "ProxyLogon OAB drop"
        reference = "https://www.microsoft.com/security/blog/2021/03/02/hafnium-targeting-exchange-servers/"
        date = "2026-11-24"
    strings:
        $url_a = /ExternalUrl\s{1,60}:/ nocase
        $url_b = /InternalUrl\s{1,60}:/ nocase
        $field_1 = /InternalAuthenticationMethods\s{1,60}:/ nocase
        $field_2 = /ExternalAuthenticationMethods\s{1,60}:/ nocase
        $field_3 = /ExtendedProtectionTokenChecking\s{1,60}:/ nocase
        $field_4 = /ExtendedProtectionSPNList\s{1,60}:/ nocase
        $field_5 = /OfflineAddressBooks\s{1,60}:/ nocase
        $field_6 = /PollInterval\s{1,60}:/ nocase
        $field_7 = /MetabasePath\s{1,60}:/ nocase
        $field_8 = /BasicAuthentication\s{1,60}:/ nocase
        $code_1 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $code_2 = /<%@\s{0,10}(Page|WebHandler|WebService|Control|Import|Assembly|Language)[\s=]/ nocase
        $code_3 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}request\s{0,6}[\[(.]/ nocase
    condition:
        ($url_a or $url_b) and 2 of ($field_*) and any of ($code_*)
}

rule oab_external_url_escaped_value
{
    meta:
        description = "Exported Exchange virtual directory (OAB, ECP, EWS, OWA or other) whose URL contains escaped script: an attempted drop."
        score = 85
        family = "ProxyLogon OAB drop"
        reference = "https://www.microsoft.com/security/blog/2021/03/02/hafnium-targeting-exchange-servers/"
        date = "2026-11-24"
    strings:
        $url = /(External|Internal|InternalNLBBypass)Url\s{0,60}:\s{0,8}[^\r\n]{0,200}(%3C|&lt;|&#0{0,4}60;|&#x0{0,4}3c;|\\u003c|\\x3c)(\s|%20|\+){0,4}(script|object|%|%25|&#37;)/ nocase
        $field_1 = "InternalAuthenticationMethods" nocase
        $field_2 = "ExternalAuthenticationMethods" nocase
        $field_3 = "ExtendedProtectionTokenChecking" nocase
        $field_4 = "ExtendedProtectionSPNList" nocase
        $field_5 = /MetabasePath\s{1,60}:/ nocase
    condition:
        $url and 2 of ($field_*)
}

rule oab_external_url_value_without_fields
{
    meta:
        description = "Line of an Exchange virtual directory whose URL is a server-side script, in a file with little or nothing else of the directory."
        score = 85
        family = "ProxyLogon OAB drop"
        reference = "https://www.microsoft.com/security/blog/2021/03/02/hafnium-targeting-exchange-servers/"
        date = "2026-11-24"
    strings:
        $url = /(External|Internal|InternalNLBBypass)Url["']?\s{0,60}[:=]\s{0,8}["']?\s{0,8}https?:\/\/[^\s<>"']{0,120}\/?\s{0,4}<\s{0,4}(script\s[^<>]{0,80}(runat\s{0,6}=\s{0,6}["'\\]{0,2}server|language\s{0,6}=\s{0,6}["'\\]{0,2}j?(script|c#|vb))|%)/ nocase
    condition:
        $url
}
