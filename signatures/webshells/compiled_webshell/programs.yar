// Libraries that ASP.NET compiled from a page (App_Web_*.dll in its temporary
// folder): they stay when the page is deleted. Names in .NET are plain, literals
// two-byte text.
// Names of properties stand without get and set: those begin thousands of names in every library.

rule compiled_webshell_commands
{
    meta:
        description = "Assembly compiled by ASP.NET from a page that starts the command interpreter and shows its output."
        score = 80
        needs = "FastObjectFactory_"
        family = "Compiled web shell"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $page = "FastObjectFactory_"
        $request = "_Request"
        $start = "ProcessStartInfo"
        $output = "_RedirectStandardOutput"
        $shell_1 = "cmd.exe" wide
        $shell_2 = "powershell" wide
        $shell_3 = "/c " wide
    condition:
        $page and $request and $start and $output and any of ($shell_*)
}

rule compiled_webshell_loader
{
    meta:
        description = "Assembly compiled by ASP.NET from a page that decodes request input and loads it as an assembly."
        score = 78
        needs = "FastObjectFactory_"
        family = "Compiled web shell (Behinder, Godzilla and kin)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $page = "FastObjectFactory_"
        $request = "_Request"
        $create = "CreateInstance"
        $load = { 00 4C 6F 61 64 00 }
        $assembly = "Assembly"
        $decode_1 = "TransformFinalBlock"
        $decode_2 = "CreateDecryptor"
        $decode_3 = "FromBase64String"
        $body_1 = "BinaryRead"
        $body_2 = "_InputStream"
        $body_3 = "_Session"
        $body_4 = "_Item"
    condition:
        $page and $request and $create and $load and $assembly and any of ($decode_*) and any of ($body_*)
}

rule compiled_webshell_compiler
{
    meta:
        description = "Assembly compiled by ASP.NET from a page that itself compiles source text."
        score = 85
        needs = "FastObjectFactory_"
        family = "Compiled web shell (compiling)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $page = "FastObjectFactory_"
        $request = "_Request"
        $compile = "CompileAssemblyFromSource"
    condition:
        $page and $request and $compile
}

rule compiled_webshell_tunnel
{
    meta:
        description = "Assembly compiled by ASP.NET from a page that keeps sockets in the session: a tunnel."
        score = 80
        needs = "FastObjectFactory_"
        family = "Compiled tunnel"
        reference = "https://attack.mitre.org/techniques/T1090/"
        date = "2026-11-24"
    strings:
        $page = "FastObjectFactory_"
        $request = "_Request"
        $socket = "System.Net.Sockets"
        $session = "_Session"
        $family = "AddressFamily"
        $out_1 = "BinaryWrite"
        $out_2 = "_OutputStream"
    condition:
        $page and $request and $socket and $session and $family and any of ($out_*)
}

rule compiled_webshell_native_code
{
    meta:
        description = "Assembly compiled by ASP.NET from a page that loads machine code into memory and runs it."
        score = 92
        needs = "FastObjectFactory_"
        family = "Compiled web shell (shellcode)"
        reference = "https://attack.mitre.org/techniques/T1055/"
        date = "2026-11-24"
    strings:
        $page = "FastObjectFactory_"
        $place_1 = "VirtualAlloc"
        $place_2 = "VirtualProtect"
        $run_1 = "CreateThread"
        $run_2 = "GetDelegateForFunctionPointer"
        $run_3 = "CreateRemoteThread"
    condition:
        $page and any of ($place_*) and any of ($run_*)
}
