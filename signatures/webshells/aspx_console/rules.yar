// Consoles of any name: one ASP.NET page that joins command execution with several of
// an intruder's other tools.

rule aspx_console_tools
{
    meta:
        description = "Single ASP.NET page that starts programs and has three or more other attack tools (file times, registry, database commands, IIS accounts, services, raw sockets)."
        score = 85
        family = "ASP.NET console"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $run_1 = "UseShellExecute" nocase
        $run_2 = "ProcessStartInfo" nocase
        $run_3 = "RedirectStandardOutput" nocase
        $run_4 = "WScript.Shell" nocase
        $tool_sql_1 = "xp_cmdshell" nocase
        $tool_sql_2 = "sp_oacreate" nocase
        $tool_iis = "IIS://" nocase
        $tool_registry = /Registry\s{0,4}\.\s{0,4}(LocalMachine|ClassesRoot|CurrentUser|Users)\b/ nocase
        $tool_time = /\.\s{0,2}(LastWriteTime|CreationTime|LastAccessTime)(Utc)?\s{0,4}=\s{0,4}[a-z]/ nocase
        $tool_time_2 = /\bSet(LastWriteTime|CreationTime)(Utc)?\s{0,4}\(/ nocase
        $tool_wmi = /Win32_(Process|UserAccount|Service|NTLogEvent|Group|Share)\b/ nocase
        $tool_kill = /\.\s{0,2}Kill\s{0,4}\(\s{0,4}\)/ nocase
        $tool_service = "ServiceController.GetServices" nocase
        $tool_drives = /\.\s{0,2}(GetLogicalDrives|GetDrives)\b/ nocase
        $tool_net = /new\s{1,8}(System\.Net\.Sockets\.)?(TcpClient|Socket)\s{0,6}\(/ nocase
        $tool_ftp = "Serv-U" nocase
        $tool_account = "WinNT://" nocase
    condition:
        any of ($page_*) and any of ($run_*) and 3 of ($tool_*)
}

rule aspx_console_open_directive
{
    meta:
        description = "ASP.NET page with inline code that disables request validation and the ViewState MAC and loads assemblies for services, directory or registry: the page header that ASPXSpy derivatives share."
        score = 72
        family = "ASP.NET console"
        reference = "https://attack.mitre.org/software/S0073/"
        date = "2026-11-24"
    strings:
        $open_1 = /validateRequest\s{0,4}=\s{0,4}["']?false["']?\s[^<>]{0,80}EnableViewStateMac\s{0,4}=\s{0,4}["']?false/ nocase
        $open_2 = /EnableViewStateMac\s{0,4}=\s{0,4}["']?false["']?\s[^<>]{0,80}validateRequest\s{0,4}=\s{0,4}["']?false/ nocase
        $load = /Assembly\s{1,4}Name\s{0,4}=\s{0,4}["']?\s{0,4}System\.(DirectoryServices|Management|ServiceProcess)\b/ nocase
        $use = /Namespace\s{0,4}=\s{0,4}["']?\s{0,4}(System\.(Diagnostics|DirectoryServices|Management|ServiceProcess|Security\.AccessControl)|Microsoft\.Win32)\b/ nocase
        $code = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        ($open_1 or $open_2) and $load and $use and $code
}
