// reGeorg, Neo-reGeorg and kin: a page that carries TCP connections inside HTTP
// requests, so that an intruder reaches the inner network through the server.

rule regeorg_header_names
{
    meta:
        description = "Server page with the header names of the reGeorg tunnel that opens sockets."
        score = 93
        family = "reGeorg"
        reference = "https://github.com/sensepost/reGeorg"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $h1 = "X-CMD" nocase fullword
        $h2 = "X-TARGET" nocase fullword
        $h3 = "X-PORT" nocase fullword
        $h4 = "X-STATUS" nocase fullword
        $h5 = "X-ERROR" nocase fullword
        $socket_1 = /new\s{1,8}(System\.Net\.Sockets\.)?(Socket|TcpClient)\s{0,6}\(/ nocase
        $socket_2 = "AddressFamily.InterNetwork" nocase
        $socket_3 = "SocketType.Stream" nocase
    condition:
        3 of ($h*) and any of ($socket_*)
}

rule regeorg_greeting
{
    meta:
        description = "Server page with the greeting of the reGeorg or Neo-reGeorg tunnel and socket code."
        score = 93
        family = "reGeorg"
        reference = "https://github.com/L-codes/Neo-reGeorg"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $greeting = /Georg\s{1,3}says\b/ nocase
        $greeting_b64 = "Georg says" base64
        $socket_1 = /new\s{1,8}(System\.Net\.Sockets\.)?(Socket|TcpClient)\s{0,6}\(/ nocase
        $socket_2 = "AddressFamily.InterNetwork" nocase
        $socket_3 = "SocketType.Stream" nocase
        $socket_4 = "System.Net.Sockets" nocase
    condition:
        ($greeting or $greeting_b64) and any of ($socket_*)
}

rule regeorg_socket_in_session
{
    meta:
        description = "Server page that keeps an open socket in the session and forwards request bytes over it: a tunnel."
        score = 85
        family = "HTTP tunnel"
        reference = "https://attack.mitre.org/techniques/T1090/"
        date = "2026-11-24"
    strings:
        $cast_1 = /\(\s{0,4}(System\.Net\.Sockets\.)?(Socket|TcpClient)\s{0,4}\)\s{0,4}[\w.]{0,60}(Session|Application|Cache)\s{0,4}[\[(.]/ nocase
        $cast_2 = /(Session|Application|Cache)\s{0,4}\[[^\]\r\n]{1,80}\]\s{1,4}as\s{1,4}(System\.Net\.Sockets\.)?(Socket|TcpClient)\b/ nocase
        $cast_3 = /CType\s{0,4}\(\s{0,4}[\w.]{0,60}(Session|Application|Cache)\s{0,4}\([^\r\n]{1,60}\)\s{0,4},\s{0,4}(System\.Net\.Sockets\.)?(Socket|TcpClient)\b/ nocase
        $family = "AddressFamily.InterNetwork" nocase
        $stream = "SocketType.Stream" nocase
        $client = /new\s{1,8}(System\.Net\.Sockets\.)?TcpClient\b/ nocase
        $out_1 = /\.\s{0,4}(BinaryWrite|OutputStream|AddHeader|AppendHeader)\b/ nocase
        $in_1 = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
    condition:
        any of ($cast_*) and ($family or $stream or $client) and $out_1 and $in_1
}

rule regeorg_translated_base64
{
    meta:
        description = "Server page that swaps the base64 alphabet before decoding and opens sockets or forwards requests: Neo-reGeorg."
        score = 92
        family = "Neo-reGeorg"
        reference = "https://github.com/L-codes/Neo-reGeorg"
        date = "2026-11-24"
    strings:
        $swap_1 = /FromBase64String\s{0,4}\(\s{0,4}\w{1,20}\s{0,4}\([^();]{0,60}(\([^()]{0,60}\))?[^();]{0,20},\s{0,4}\w{1,20}\s{0,4},\s{0,4}\w{1,20}\s{0,4}\)/ nocase
        $swap_2 = /\bStrTr\s{0,4}\(/
        $net_1 = /new\s{1,8}(System\.Net\.Sockets\.)?(Socket|TcpClient)\s{0,6}\(/ nocase
        $net_2 = "AddressFamily.InterNetwork" nocase
        $net_3 = "SocketType.Stream" nocase
        $net_4 = /WebRequest\s{0,4}\.\s{0,4}Create\s{0,4}\(/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and any of ($swap_*) and any of ($net_*)
}

rule regeorg_relay
{
    meta:
        description = "Server page that writes request bytes to a socket and socket bytes to the response: a tunnel."
        score = 80
        family = "HTTP tunnel"
        reference = "https://attack.mitre.org/techniques/T1572/"
        date = "2026-11-24"
    strings:
        $open = /new\s{1,8}(System\.)?(Net\.)?(Sockets\.)?(Socket|TcpClient)\s{0,6}\(/ nocase
        $receive_1 = /\.\s{0,4}Receive(Async)?\s{0,4}\(/
        $receive_2 = /\.\s{0,4}GetStream\s{0,4}\(/
        $in = /Request\s{0,4}\.\s{0,4}(BinaryRead|TotalBytes|InputStream|ContentLength|GetBuffer\w{2,4}InputStream)\b/ nocase
        $out = /\.\s{0,4}(BinaryWrite|OutputStream)\b/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
    condition:
        any of ($page_*) and $open and any of ($receive_*) and $in and $out
}

rule regeorg_socket_table
{
    meta:
        description = "Server page that keeps open sockets in a table and forwards request input over them: a tunnel without a session."
        score = 85
        family = "HTTP tunnel"
        reference = "https://attack.mitre.org/techniques/T1572/"
        date = "2026-11-24"
    strings:
        $table = /Dictionary\s{0,4}<\s{0,4}\w{1,12}\s{0,4},\s{0,4}(System\.)?(Net\.)?(Sockets\.)?(Socket|TcpClient|NetworkStream)\s{0,4}>/ nocase
        $table_vb = /Dictionary\s{0,4}\(\s{0,4}Of\s{1,4}\w{1,12}\s{0,4},\s{0,4}(System\.)?(Net\.)?(Sockets\.)?(Socket|TcpClient|NetworkStream)\s{0,4}\)/ nocase
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
    condition:
        any of ($page_*) and any of ($table, $table_vb) and $input
}
