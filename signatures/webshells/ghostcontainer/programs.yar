// GhostContainer: a library that poses as a compiled page of Exchange.

rule ghostcontainer_class_names
{
    meta:
        description = "Assembly with the class names of the Exchange backdoor GhostContainer."
        score = 95
        needs = "App_Web_843e75cf5b63|App_Web_8c9b251fb5b3"
        family = "GhostContainer"
        reference = "https://securelist.com/ghostcontainer/116953/"
        date = "2026-11-24"
    strings:
        $class_1 = "App_Web_843e75cf5b63"
        $class_2 = "App_Web_8c9b251fb5b3"
    condition:
        any of them
}

rule ghostcontainer_command_header
{
    meta:
        description = "Assembly that reads the request header used for GhostContainer commands."
        score = 92
        needs = "x-owa-urlpostdata"
        family = "GhostContainer"
        reference = "https://securelist.com/ghostcontainer/116953/"
        date = "2026-11-24"
    strings:
        $header = "x-owa-urlpostdata" ascii wide
    condition:
        $header
}

rule ghostcontainer_virtual_page
{
    meta:
        description = "Assembly that injects pages that exist only in memory, at a path chosen by the client."
        score = 85
        needs = "fakePath|fakePageName"
        family = "GhostContainer"
        reference = "https://securelist.com/ghostcontainer/116953/"
        date = "2026-11-24"
    strings:
        $path = "fakePath" ascii wide
        $name = "fakePageName" ascii wide
        $provider = "VirtualPathProvider"
    condition:
        ($path and $name) or ($provider and any of ($path, $name))
}

rule ghostcontainer_blinds_protection
{
    meta:
        description = ".NET web assembly that patches AMSI and the event tracing (ETW) of its own process."
        score = 90
        needs = "AmsiScanBuffer"
        family = "GhostContainer-like backdoor"
        reference = "https://securelist.com/ghostcontainer/116953/"
        date = "2026-11-24"
    strings:
        $web_1 = "HttpContext"
        $web_2 = "System.Web"
        $scan = "AmsiScanBuffer" ascii wide
        $trace_1 = "EtwEventWrite" ascii wide
        $trace_2 = "VirtualProtect"
    condition:
        any of ($web_*) and $scan and any of ($trace_*)
}
