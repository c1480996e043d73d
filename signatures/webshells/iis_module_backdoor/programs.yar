// Modules of IIS that take commands out of requests, and modules that show search
// engines other pages. Native ones export RegisterModule.
// Names of properties stand without get and set: those begin thousands of names in every library.

rule iis_module_backdoor_rgdoor
{
    meta:
        description = "Native IIS module with the cookie or the three commands of the backdoor RGDoor."
        score = 93
        needs = "RegisterModule"
        family = "RGDoor"
        reference = "https://unit42.paloaltonetworks.com/unit42-oilrig-uses-rgdoor-iis-backdoor-targets-middle-east/"
        date = "2026-11-24"
    strings:
        $module = "RegisterModule"
        $cookie = "RGSESSIONID="
        $command_1 = "cmd$"
        $command_2 = "upload$"
        $command_3 = "download$"
    condition:
        $module and ($cookie or 2 of ($command_*))
}

rule iis_module_backdoor_iis_raid
{
    meta:
        description = "Native IIS module with the commands of the public backdoor IIS-Raid."
        score = 92
        needs = "RegisterModule"
        family = "IIS-Raid"
        reference = "https://github.com/0x09AL/IIS-Raid"
        date = "2026-11-24"
    strings:
        $module = "RegisterModule"
        $mark_1 = "CMD|"
        $mark_2 = "PIN|"
        $mark_3 = "INJ|"
        $mark_4 = "DMP|"
        $mark_5 = "INVALID COMMAND"
        $mark_6 = "No Creds Found"
        $mark_7 = "\\Windows\\Temp\\creds.db"
        $mark_8 = "SIMPLEPASS"
    condition:
        $module and 2 of ($mark_*)
}

rule iis_module_backdoor_header_pair
{
    meta:
        description = "Native IIS module with request header names of known backdoors."
        score = 85
        needs = "RegisterModule"
        family = "IIS-Raid derivate"
        reference = "https://www.welivesecurity.com/2021/08/06/anatomy-native-iis-malware/"
        date = "2026-11-24"
    strings:
        $module = "RegisterModule"
        $header_1 = "COM_InterProt"
        $header_2 = "X-FFEServer"
        $header_3 = "XXXYYY-Ref"
        $header_4 = "Sense-Pwd"
        $header_5 = "X-IIS-Data"
        $header_6 = "X-Chrome-Variations"
    condition:
        $module and any of ($header_*)
}

rule iis_module_backdoor_configured_by_request
{
    meta:
        description = "Native IIS module that shows or reloads its settings on an unauthenticated request: search engine fraud."
        score = 88
        needs = "RegisterModule"
        family = "IISerpent"
        reference = "https://www.welivesecurity.com/2021/08/06/anatomy-native-iis-malware/"
        date = "2026-11-24"
    strings:
        $module = "RegisterModule"
        $query_1 = "DisplayModuleConfig=1"
        $query_2 = "ReloadModuleConfig=1"
    condition:
        $module and any of ($query_*)
}

rule iis_module_backdoor_session_manager
{
    meta:
        description = "Native IIS module with the file, command and proxy commands of the backdoor SessionManager."
        score = 90
        needs = "RegisterModule"
        family = "SessionManager"
        reference = "https://securelist.com/the-sessionmanager-iis-backdoor/106868/"
        date = "2026-11-24"
    strings:
        $module = "RegisterModule"
        $order_1 = "GETFILE"
        $order_2 = "PUTFILE"
        $order_3 = "DELETEFILE"
        $order_4 = "FILESIZE"
        $order_5 = "S5CONNECT"
        $order_6 = "S5WRITE"
        $order_7 = "S5READ"
        $order_8 = "S5CLOSE"
    condition:
        $module and 3 of ($order_*)
}

rule iis_module_backdoor_search_engines
{
    meta:
        description = "Native IIS module that recognises search engine crawlers and fetches pages from elsewhere, to show them different content."
        score = 80
        needs = "RegisterModule"
        family = "BadIIS"
        reference = "https://www.welivesecurity.com/2021/08/06/anatomy-native-iis-malware/"
        date = "2026-11-24"
    strings:
        $module = "RegisterModule"
        $robot_1 = "aiduspider" ascii wide
        $robot_2 = "ogou web" ascii wide
        $robot_3 = "360Spider" ascii wide
        $robot_4 = "isouSpider" ascii wide
        $robot_5 = "ooglebot" ascii wide
        $fetch_1 = "InternetOpenUrl"
        $fetch_2 = "WinHttpConnect"
        $fetch_3 = "URLDownloadToFile"
        $fetch_4 = "InternetConnect"
    condition:
        $module and 3 of ($robot_*) and any of ($fetch_*)
}

rule iis_module_backdoor_native_shell
{
    meta:
        description = "Native IIS module that runs the command interpreter over a pipe and base64-encodes its responses."
        score = 45
        needs = "RegisterModule"
        family = "IIS module backdoor"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        date = "2026-11-24"
    strings:
        $module = "RegisterModule"
        $shell = "cmd.exe" ascii wide
        $pipe = "CreatePipe"
        $base64_1 = "CryptBinaryToString"
        $base64_2 = "CryptStringToBinary"
        $base64_3 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    condition:
        $module and $shell and $pipe and any of ($base64_*)
}

rule iis_module_backdoor_chopper_in_module
{
    meta:
        description = "DLL that implements the server side of the China Chopper protocol."
        score = 88
        needs = "ChopperApi_"
        family = "DeployFilter"
        reference = "https://www.cybereason.com/blog/research/deadringer-exposing-chinese-threat-actors-targeting-major-telcos"
        date = "2026-11-24"
    strings:
        $name = "ChopperApi_"
        $web_1 = "RegisterModule"
        $web_2 = "HttpFilterProc"
        $web_3 = "IHttpModule"
    condition:
        $name and any of ($web_*)
}

rule iis_module_backdoor_managed_named
{
    meta:
        description = "Managed IIS module with the names of the public IIS_backdoor, which runs commands and code from cookies."
        score = 90
        needs = "IHttpModule"
        family = "IIS_backdoor"
        reference = "https://github.com/WBGlIl/IIS_backdoor"
        date = "2026-11-24"
    strings:
        $module = "IHttpModule"
        $name_1 = "IIS_backdoor_dll"
        $name_2 = "Runpscmd"
    condition:
        $module and any of ($name_*)
}

rule iis_module_backdoor_managed_shell
{
    meta:
        description = "Managed IIS module that reads cookies or headers, starts the command interpreter and reads its output."
        score = 45
        needs = "IHttpModule"
        family = "Managed IIS module backdoor"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        date = "2026-11-24"
    strings:
        $module = "IHttpModule"
        $event_1 = "add_BeginRequest"
        $event_2 = "add_PreSendRequest"
        $event_3 = "add_EndRequest"
        $event_4 = "add_AuthenticateRequest"
        $input_1 = "_Cookies"
        $input_2 = "_Headers"
        $start = "ProcessStartInfo"
        $output = "_RedirectStandardOutput"
        $shell_1 = "cmd.exe" wide
        $shell_2 = "powershell.exe" wide
    condition:
        $module and any of ($event_*) and any of ($input_*) and $start and $output and any of ($shell_*)
}

rule iis_module_backdoor_managed_loader
{
    meta:
        description = "Managed IIS module that decrypts request input and creates objects from it."
        score = 45
        needs = "IHttpModule"
        family = "Managed IIS module backdoor"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        date = "2026-11-24"
    strings:
        $module = "IHttpModule"
        $event_1 = "add_BeginRequest"
        $event_2 = "add_PreSendRequest"
        $event_3 = "add_EndRequest"
        $event_4 = "add_PostAuthorizeRequest"
        $decrypt = "TransformFinalBlock"
        $text = "FromBase64String"
        $create = "CreateInstance"
        $load = "Assembly"
        $bare = { 00 4C 6F 61 64 00 }
        $page = /_(Headers|Cookies|Form|InputStream)\x00/
    condition:
        $module and any of ($event_*) and $decrypt and $text and $create and $load and $bare and $page
}
