// Machine code that a page puts into memory and runs.

rule shellcode_in_page_native_calls
{
    meta:
        description = "Server page that allocates memory through the Windows API and starts a thread in it: shellcode."
        score = 93
        family = "Shellcode in a page"
        reference = "https://attack.mitre.org/techniques/T1055/"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $place_1 = /\bVirtualAlloc(Ex|ExNuma|2)?\s{0,6}\(/
        $place_2 = /\b(Nt|Zw)(AllocateVirtualMemory|MapViewOfSection|CreateSection)\s{0,6}\(/
        $place_3 = /\bVirtualProtect(Ex)?\s{0,6}\(/
        $place_4 = /\bHeapCreate\s{0,6}\(/
        $run = /\b(CreateThread|CreateRemoteThread(Ex)?|QueueUserAPC|RtlCreateUserThread|NtCreateThreadEx|CreateFiber|Enum(SystemLocales|Windows|DesktopsW|UILanguages)\w{0,4}|GetDelegateForFunctionPointer|CallWindowProcA?|CertEnumSystemStore)\s{0,4}[(<]/
        $page_1 = "<%@"
        $page_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_3 = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
    condition:
        any of ($place_*) and $run and any of ($page_*)
}

rule shellcode_in_page_delegate
{
    meta:
        description = "Server page that copies decoded bytes into memory and calls them as a function."
        score = 80
        family = "Shellcode in a page"
        reference = "https://attack.mitre.org/techniques/T1055/"
        date = "2026-11-24"
    strings:
        $delegate = /GetDelegateForFunctionPointer\s{0,4}[(<]/
        $copy = /Marshal\s{0,4}\.\s{0,4}Copy\s{0,6}\(/
        $bytes_1 = /FromBase64String\s{0,6}\(/
        $bytes_2 = /0xfc\s{0,3},\s{0,3}0x(48|e8)\s{0,3},\s{0,3}0x8[0-9]/ nocase
        $bytes_3 = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
    condition:
        $delegate and $copy and any of ($bytes_*)
}

rule shellcode_in_page_known_bytes
{
    meta:
        description = "Server page with the first bytes of known shellcode in an array."
        score = 82
        family = "Shellcode in a page"
        reference = "https://attack.mitre.org/techniques/T1055/"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $x64 = /0xfc\s{0,3},\s{0,6}0x48\s{0,3},\s{0,6}0x83\s{0,3},\s{0,6}0xe4\s{0,3},\s{0,6}0xf0/ nocase
        $x86 = /0xfc\s{0,3},\s{0,6}0xe8\s{0,3},\s{0,6}0x8[0-9a-f]\s{0,3},\s{0,6}0x00/ nocase
        $vb64 = /&Hfc\s{0,3},\s{0,6}&H48\s{0,3},\s{0,6}&H83\s{0,3},\s{0,6}&He4/ nocase
    condition:
        any of them
}

rule shellcode_in_page_wrapper
{
    meta:
        description = "Classic ASP page that calls Windows API functions through a wrapper object."
        score = 78
        family = "Native calls from script"
        reference = "https://attack.mitre.org/techniques/T1106/"
        date = "2026-11-24"
    strings:
        $wrapper = /CreateObject\s{0,6}\(\s{0,6}["'](DynamicWrapperX?|DynWrap|DynamicWrapper\.2|Excel\.Application)["']/ nocase
        $register = /\.\s{0,4}(Register|ExecuteExcel4Macro)[\s(]{1,6}["'][^"'\r\n]{0,20}(kernel32|user32|ntdll|CALL\()/ nocase
    condition:
        all of them
}
