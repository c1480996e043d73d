// Style sheets with program code in them: an XSLT that runs script inside the server.

rule msxsl_script_request
{
    meta:
        description = "Page that runs XSLT with script enabled and takes the style sheet or the command from the request."
        score = 88
        family = "XSLT script"
        reference = "https://attack.mitre.org/techniques/T1220/"
        date = "2026-11-24"
    strings:
        $script = "msxsl:script" nocase
        $trust_1 = /XsltSettings\s{0,4}\.\s{0,4}TrustedXslt/ nocase
        $trust_2 = /XsltSettings\s{0,4}\(\s{0,4}(true|false)\s{0,4},\s{0,4}true\s{0,4}\)/ nocase
        $request = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $loads_1 = /LoadXml\s{0,6}\([^;]{0,100}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|BinaryRead|InputStream|Files)\b)/
        $loads_2 = /StringReader\s{0,6}\([^;]{0,100}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|BinaryRead|InputStream|Files)\b)/
        $loads_3 = /XmlReader\.Create\s{0,6}\([^;]{0,100}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|BinaryRead|InputStream|Files)\b)/
    condition:
        ($script and $request) or (any of ($trust_*) and any of ($loads_*))
}

rule msxsl_script_in_page
{
    meta:
        description = "Page that contains an XSLT style sheet with script code and enables it."
        score = 82
        family = "XSLT script"
        reference = "https://attack.mitre.org/techniques/T1220/"
        date = "2026-11-24"
    strings:
        $script = "msxsl:script" nocase
        $trust_1 = /XsltSettings\s{0,4}\.\s{0,4}TrustedXslt/ nocase
        $trust_2 = /XsltSettings\s{0,4}\(\s{0,4}(true|false)\s{0,4},\s{0,4}true\s{0,4}\)/ nocase
    condition:
        $script and any of ($trust_*)
}

rule msxsl_script_acts
{
    meta:
        description = "XSLT style sheet whose script starts processes, loads assemblies or writes files."
        score = 82
        family = "XSLT script"
        reference = "https://attack.mitre.org/techniques/T1220/"
        date = "2026-11-24"
    strings:
        $script = "msxsl:script" nocase
        $act_1 = "System.Diagnostics.Process" nocase
        $act_2 = "WScript.Shell" nocase
        $act_3 = "ProcessStartInfo" nocase
        $act_4 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,6}\(/ nocase
        $act_5 = /WriteAll(Text|Bytes)\s{0,6}\(/ nocase
        $act_6 = "eval" nocase fullword
    condition:
        $script and any of ($act_*)
}
