// Pages that hook themselves into the running application, so that the shell stays when
// the page is deleted.

rule aspx_memory_shell_virtual_path
{
    meta:
        description = "Server page that registers a VirtualPathProvider: pages that exist only in memory."
        score = 90
        family = "ASP.NET memory shell"
        reference = "https://github.com/pwntester/ysoserial.net"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $class = /:\s{0,4}(System\.Web\.Hosting\.)?VirtualPathProvider\b/
        $inherits = /Inherits\s{1,4}(System\.Web\.Hosting\.)?VirtualPathProvider\b/ nocase
        $register_1 = /RegisterVirtualPathProvider\w{0,20}/
        $register_2 = /\bHostingEnvironment\b[^;]{0,120}(GetField|InvokeMember|GetMethod)/
    condition:
        any of ($page_*) and ($class or $inherits) and any of ($register_*)
}

rule aspx_memory_shell_listener
{
    meta:
        description = "Server page that opens its own HTTP listener in the worker process and runs commands or assemblies for its clients."
        score = 90
        family = "ASP.NET memory shell"
        reference = "https://attack.mitre.org/techniques/T1205/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $listen = /new\s{1,4}(System\.Net\.)?HttpListener\s{0,4}\(/ nocase
        $prefix = /Prefixes\s{0,4}\.\s{0,4}Add\s{0,4}\(/ nocase
        $run_1 = "ProcessStartInfo" nocase
        $run_2 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,4}\(/ nocase
        $run_3 = /Process\s{0,4}\.\s{0,4}Start\s{0,4}\(/ nocase
        $run_4 = "CompileAssemblyFromSource" nocase
        $run_5 = /GetMethod\s{0,4}\(\s{0,4}["']Load["']/ nocase
        $run_6 = "JScriptEvaluate" nocase
        $run_7 = ".StartInfo" nocase
    condition:
        any of ($page_*) and $listen and $prefix and any of ($run_*)
}

rule aspx_memory_shell_hook
{
    meta:
        description = "Server page that adds a filter, route or module to the running application and runs commands or loaded assemblies from it."
        score = 85
        family = "ASP.NET memory shell"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $hook_1 = /GlobalFilters\s{0,4}\.\s{0,4}Filters\s{0,4}\.\s{0,4}(Add|Insert)\s{0,4}\(/
        $hook_2 = /RouteTable\s{0,4}\.\s{0,4}Routes\s{0,4}\.\s{0,4}(Add|Insert)\s{0,4}\(/
        $hook_3 = /(HttpApplication|DynamicModuleUtility)\s{0,4}\.\s{0,4}RegisterModule\s{0,4}\(/
        $hook_4 = /["']_moduleCollection["']|["']_registeredModules["']|["']_dynamicModuleRegistry["']/
        $hook_5 = /["']BuildIntegratedModuleCollection["']/
        $run_1 = "ProcessStartInfo" nocase
        $run_2 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,4}\(/ nocase
        $run_3 = /Process\s{0,4}\.\s{0,4}Start\s{0,4}\(/ nocase
        $run_4 = "CompileAssemblyFromSource" nocase
        $run_5 = /GetMethod\s{0,4}\(\s{0,4}["']Load["']/ nocase
        $run_6 = "JScriptEvaluate" nocase
        $run_7 = ".StartInfo" nocase
    condition:
        any of ($page_*) and any of ($hook_*) and any of ($run_*)
}

rule aspx_memory_shell_carried_page
{
    meta:
        description = "Assembly that registers a VirtualPathProvider and contains a page with server code as text: a page without a file."
        score = 80
        family = "ASP.NET memory shell"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        date = "2026-11-29"
        views = "assembly"
    strings:
        $class = /:\s{0,4}(System\.Web\.Hosting\.)?VirtualPathProvider\b/
        $register = /RegisterVirtualPathProvider\w{0,20}/
        // As the code of assemblies writes it, in which `<` stands as its number.
        $page_1 = /\\u003c%@\s{0,4}(Page|WebHandler|WebService|Control)\s/ nocase
        // The same in base64: `<%@`, and `<script runat`.
        $page_2 = /"PCVA[A-Za-z0-9+\/]{20}/
        $page_3 = "\"PHNjcmlwdCBydW5hd"
    condition:
        $class and $register and any of ($page_*)
}

rule aspx_memory_shell_in_precompiled_site
{
    meta:
        description = "Code that makes a precompiled site accept pages that it was not built with, and registers a VirtualPathProvider."
        score = 65
        family = "ASP.NET memory shell"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        date = "2026-11-29"
        views = "page,assembly"
    strings:
        $field_1 = "\"_theBuildManager\""
        $field_2 = "\"_isPrecompiledAppComputed\""
        $register = /RegisterVirtualPathProvider\w{0,20}/
    condition:
        all of them
}
