// Source of a managed IIS module that does what a page shell does.

rule iis_module_backdoor_source
{
    meta:
        description = "Source code of an IIS module that starts programs, loads assemblies or compiles code on request."
        score = 80
        family = "Managed IIS module backdoor"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        date = "2026-11-24"
    strings:
        $module = /:\s{0,6}[\w.,\s]{0,60}IHttpModule\b/
        $vb = /Implements\s{1,6}(System\.Web\.)?IHttpModule\b/ nocase
        $request = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $act_1 = "RedirectStandardOutput" nocase
        $act_2 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,6}\(/ nocase
        $act_3 = "CompileAssemblyFromSource" nocase
        $act_4 = "VirtualAlloc"
    condition:
        ($module or $vb) and $request and any of ($act_*)
}
