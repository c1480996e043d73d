// Reflection with names that are put together, decoded or turned round first.

rule reflection_by_parts_method_name
{
    meta:
        description = "Server page that looks up a method or type by a name assembled from parts."
        score = 82
        family = "Reflection"
        reference = "https://attack.mitre.org/techniques/T1620/"
        date = "2026-11-24"
    strings:
        $pieces = /(GetMethod|GetType|InvokeMember|GetConstructor|CreateInstance|GetProperty)\s{0,6}\(\s{0,6}@?["'][\w.]{1,24}["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["'][\w.]{1,24}["'\s]/
        $decoded = /(GetMethod|GetType|InvokeMember|CreateInstance)\s{0,6}\([^;\r\n]{0,40}(FromBase64String|StrReverse|\.\s{0,4}Reverse\s{0,4}\(|FromHex|\(char\)\s{0,2}\d)/
    condition:
        any of them
}

rule reflection_by_parts_load_bytes
{
    meta:
        description = "Server page that finds the method that loads an assembly from bytes by name and calls it."
        score = 82
        family = "Reflection"
        reference = "https://attack.mitre.org/techniques/T1620/"
        date = "2026-11-24"
    strings:
        $load = /GetMethod\s{0,6}\(\s{0,6}@?["']Load["'][^;]{0,120}(byte|typeof|GetType|Type\s{0,4}\[|Type\.)/ nocase
        $call = /\.\s{0,4}Invoke\s{0,6}\(/ nocase
        $page_1 = "<%@"
        $page_2 = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
    condition:
        $load and $call and any of ($page_*)
}

rule reflection_by_parts_process_type
{
    meta:
        description = "Server page that creates a process or shell object from a type name in a string."
        score = 80
        family = "Reflection"
        reference = "https://attack.mitre.org/techniques/T1620/"
        date = "2026-11-24"
    strings:
        $type = /(GetType|CreateInstance|GetTypeFromProgID|CreateInstanceFrom)\s{0,6}\(\s{0,6}@?["'](System\.Diagnostics\.Process(StartInfo)?|System\.Reflection\.Assembly|WScript\.Shell|Shell\.Application|System\.Management\.Automation\.PowerShell|Microsoft\.CSharp\.CSharpCodeProvider|Microsoft\.JScript\.\w{1,20})["',]/
    condition:
        $type
}
