// Pages that put machine code into memory and run it.

rule aspx_shellcode_native
{
    meta:
        description = "Server page that allocates executable memory through the Windows API and runs machine code in it."
        score = 93
        family = "ASP.NET shellcode loader"
        reference = "https://attack.mitre.org/techniques/T1620/"
        date = "2026-11-24"
    strings:
        $take_1 = "VirtualAlloc"
        $take_2 = "VirtualProtect"
        $take_3 = "NtAllocateVirtualMemory"
        $take_4 = "MapViewOfFile"
        $take_5 = "WriteProcessMemory"
        $take_6 = "HeapCreate"
        $run_1 = "CreateThread"
        $run_2 = "GetDelegateForFunctionPointer"
        $run_3 = "CreateRemoteThread"
        $run_4 = "QueueUserAPC"
        $run_5 = "NtCreateThreadEx"
        $run_6 = "EnumSystemLocales"
        $run_7 = "CallWindowProc"
        $import_1 = "DllImport" nocase
        $import_2 = "GetProcAddress"
        $import_3 = "DefinePInvokeMethod"
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
    condition:
        any of ($page_*) and any of ($take_*) and any of ($run_*) and any of ($import_*)
}
