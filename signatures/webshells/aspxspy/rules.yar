// ASPXSpy and similar consoles: one page with a menu of command execution, file
// browser, IIS and registry views, database access and a port scanner.

rule aspxspy_named
{
    meta:
        description = "Server page named ASPXSpy that starts processes or reads the IIS metabase."
        score = 93
        family = "ASPXSpy"
        reference = "https://attack.mitre.org/software/S0073/"
        date = "2026-11-24"
    strings:
        $name = "ASPXSpy" nocase
        $server_1 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $server_2 = "<%@"
        $act_1 = "ProcessStartInfo" nocase
        $act_2 = "UseShellExecute" nocase
        $act_3 = "IIS://localhost" nocase
        $act_4 = "xp_cmdshell" nocase
        $act_5 = "Process.GetProcesses" nocase
        $act_6 = "System.Diagnostics" nocase
    condition:
        $name and ($server_1 or $server_2) and any of ($act_*)
}

rule aspxspy_console
{
    meta:
        description = "Single server page that combines command execution with IIS, registry, database and network tools: a webshell console."
        score = 87
        family = "ASPXSpy-like console"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $server_1 = "<%@"
        $server_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $exec_1 = "UseShellExecute" nocase
        $exec_2 = "RedirectStandardOutput" nocase
        $exec_3 = "ProcessStartInfo" nocase
        $tool_iis = /IIS:\/\/(localhost|["'])/ nocase
        $tool_sql = "xp_cmdshell" nocase
        $tool_ole = "sp_oacreate" nocase
        $tool_reg = /Registry\s{0,4}\.\s{0,4}(LocalMachine|ClassesRoot|CurrentUser)\b/ nocase
        $tool_ps = "Process.GetProcesses" nocase
        $tool_svc = "ServiceController.GetServices" nocase
        $tool_wmi = /Win32_(Service|Process|UserAccount|OperatingSystem)\b/ nocase
        $tool_net = /new\s{1,8}(System\.Net\.Sockets\.)?(TcpClient|Socket)\s{0,6}\(/ nocase
        $tool_ftp = "SITE MAINTENANCE" nocase
        $tool_drive = "Directory.GetLogicalDrives" nocase
        $tool_time = /\.\s{0,4}(CreationTimeUtc|LastWriteTimeUtc|CreationTime|LastWriteTime)\s{0,4}=\s{0,4}(Convert|DateTime)\b/ nocase
    condition:
        all of ($server_*) and any of ($exec_*) and 4 of ($tool_*)
}
