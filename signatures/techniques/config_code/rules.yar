// Configuration files that start code.

rule config_code_command_handler
{
    meta:
        description = "Configuration that maps requests to a command interpreter or another Windows executable."
        score = 92
        family = "Handler abuse"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        date = "2026-11-24"
    strings:
        $processor = /scriptProcessor\s{0,6}=\s{0,6}["'][^"']{0,200}\b(cmd|powershell|pwsh|cscript|wscript|mshta|rundll32|regsvr32|msbuild)\.exe/ nocase
        $aspnetcore = /<aspNetCore\s[^<>]{0,200}processPath\s{0,6}=\s{0,6}["'][^"']{0,120}\b(cmd|powershell|pwsh|cscript|wscript|mshta|rundll32)(\.exe)?["']/ nocase
    condition:
        any of them
}

rule config_code_compiler_options
{
    meta:
        description = "Configuration whose compiler options reference files on another machine or in a temporary folder."
        score = 80
        family = "Compiler options abuse"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $options = /compilerOptions\s{0,6}=\s{0,6}["'][^"']{0,200}(\/|-)(r|reference|resource|res|addmodule|analyzer|a|out|win32res)\s{0,3}:\s{0,3}["']?(\\\\|[a-z]:\\(windows\\temp|programdata|users\\public|temp)\\)/ nocase
    condition:
        $options
}

rule config_code_manager
{
    meta:
        description = "Configuration that sets an AppDomainManager for every application of the site."
        score = 68
        family = "AppDomainManager"
        reference = "https://attack.mitre.org/techniques/T1574/014/"
        date = "2026-11-24"
    strings:
        $assembly = /<appDomainManagerAssembly\s/ nocase
        $type = /<appDomainManagerType\s/ nocase
        $config = "</configuration>" nocase
    condition:
        all of them
}

rule config_code_remote_library
{
    meta:
        description = "Configuration that loads an assembly, module or page folder from another machine."
        score = 75
        family = "Code from the network"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $base = /<codeBase\s[^<>]{0,120}href\s{0,6}=\s{0,6}["'](https?:\/\/|file:\/\/\/?\\\\|\\\\)/ nocase
        $image_1 = /\simage\s{0,6}=\s{0,6}["']\\\\[^"']{1,120}\.dll["']/ nocase
        $image_2 = /Processor\s{0,6}=\s{0,6}["']\\\\[^"']{1,120}\.dll["']/ nocase
        $config = "</configuration>" nocase
    condition:
        $config and any of ($base, $image_*)
}
