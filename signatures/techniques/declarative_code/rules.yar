// Pages without a line of code: the controls of ASP.NET call what they are told.

rule declarative_code_data_source
{
    meta:
        description = "Page whose data source control starts processes, reads files or loads code: a webshell without a code block."
        score = 90
        family = "Codeless shell"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $type_a = /<asp:ObjectDataSource\s[^<>]{0,300}TypeName\s{0,6}=\s{0,6}["']\s{0,4}(System\.Diagnostics\.Process|System\.IO\.File|System\.Reflection\.Assembly|System\.Net\.WebClient|System\.Activator|System\.AppDomain)\b/ nocase
        $type_b = /ObjectDataSource\s[^<>]{0,300}SelectMethod\s{0,6}=\s{0,6}["'](Start|LoadFrom|LoadFile|ReadAllText|ReadAllBytes|WriteAllText|DownloadString|DownloadFile|CreateInstanceFrom)["'][^<>]{0,300}TypeName\s{0,6}=\s{0,6}["']System\./ nocase
    condition:
        any of them
}

rule declarative_code_binding_expression
{
    meta:
        description = "Page that starts processes or loads code in a data-binding or expression tag."
        score = 80
        family = "Code in a binding"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $bind = /<%[#$:]\s{0,10}[^%]{0,80}(Process\s{0,4}\.\s{0,4}Start|Assembly\s{0,4}\.\s{0,4}Load(From|File)?|JScriptEvaluate|CompileAssemblyFromSource)\s{0,6}\(/ nocase
    condition:
        $bind
}

rule declarative_code_xaml
{
    meta:
        description = "XAML or XOML markup that starts a process, a way to run code without a compiler."
        score = 85
        family = "Code in XAML"
        reference = "https://attack.mitre.org/techniques/T1127/"
        date = "2026-11-24"
    strings:
        $provider = /<(\w{1,12}:)?ObjectDataProvider\s[^<>]{0,300}MethodName\s{0,6}=\s{0,6}["']Start["']/ nocase
        $dictionary = /clr-namespace:System\.Diagnostics\b/ nocase
        $process = /<(\w{1,12}:)?Process(StartInfo)?[\s.>]|x:Type\s{1,4}\w{0,12}:?Process\b/ nocase
    condition:
        $provider or ($dictionary and $process)
}
