// Pages that connect a command interpreter to a network socket.

rule aspx_reverse_shell_native
{
    meta:
        description = "Server page that declares Windows socket functions and starts a process on them: a reverse or bind shell."
        score = 93
        family = "ASP.NET reverse shell"
        reference = "https://attack.mitre.org/techniques/T1059/003/"
        date = "2026-11-24"
    strings:
        $socket_1 = "WSASocket" nocase
        $socket_2 = "WSAConnect" nocase
        $socket_3 = "ws2_32" nocase
        $start_1 = "CreateProcess"
        $start_2 = "STARTUPINFO" nocase
        $start_3 = "ProcessStartInfo" nocase
        $import = "DllImport" nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and any of ($socket_*) and any of ($start_*) and $import
}

rule aspx_reverse_shell_stream
{
    meta:
        description = "Server page that connects the input and output of a command interpreter to a TCP connection: a reverse or bind shell."
        score = 90
        family = "ASP.NET reverse shell"
        reference = "https://attack.mitre.org/techniques/T1059/003/"
        date = "2026-11-24"
    strings:
        $net_1 = /new\s{1,8}(System\.)?(Net\.)?(Sockets\.)?(TcpClient|TcpListener|UdpClient|Socket)\s{0,6}\(/ nocase
        $net_2 = /\.\s{0,2}GetStream\s{0,4}\(/ nocase
        $pipe_1 = "RedirectStandardInput" nocase
        $pipe_2 = "StandardInput." nocase
        $shell_1 = "cmd.exe" nocase
        $shell_2 = /["']cmd["']/ nocase
        $shell_3 = "powershell" nocase
        $shell_4 = "ComSpec" nocase
        $out_1 = "OutputDataReceived" nocase
        $out_2 = "StandardOutput" nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
    condition:
        any of ($page_*) and any of ($net_*) and any of ($pipe_*) and any of ($shell_*) and any of ($out_*)
}
