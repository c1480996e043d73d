// reGeorg, Neo-reGeorg and kin: a page that carries TCP connections inside HTTP
// requests, so that an intruder reaches the inner network through the server.

rule regeorg_header_names
{
    meta:
        description = "Server page that speaks the header names of the reGeorg tunnel and opens sockets."
        score = 93
        family = "reGeorg"
        reference = "https://github.com/sensepost/reGeorg"
        date = "2026-11-24"
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
        description = "Server page with the greeting of the reGeorg or Neo-reGeorg tunnel next to socket code."
        score = 93
        family = "reGeorg"
        reference = "https://github.com/L-codes/Neo-reGeorg"
        date = "2026-11-24"
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
        description = "Server page that keeps an open socket in the visitor's session and moves request bytes over it: a tunnel."
        score = 85
        family = "HTTP tunnel"
        reference = "https://attack.mitre.org/techniques/T1090/"
        date = "2026-11-24"
    strings:
        $cast_1 = /\(\s{0,4}(System\.Net\.Sockets\.)?(Socket|TcpClient)\s{0,4}\)\s{0,4}[\w.]{0,60}(Session|Application)\s{0,4}[\[(.]/ nocase
        $cast_2 = /Session\s{0,4}\[[^\]\r\n]{1,80}\]\s{1,4}as\s{1,4}(System\.Net\.Sockets\.)?(Socket|TcpClient)\b/ nocase
        $cast_3 = /CType\s{0,4}\(\s{0,4}[\w.]{0,60}Session\s{0,4}\([^\r\n]{1,60}\)\s{0,4},\s{0,4}(System\.Net\.Sockets\.)?(Socket|TcpClient)\b/ nocase
        $family = "AddressFamily.InterNetwork" nocase
        $stream = "SocketType.Stream" nocase
        $client = /new\s{1,8}(System\.Net\.Sockets\.)?TcpClient\b/ nocase
        $out_1 = /Response\s{0,4}\.\s{0,4}(BinaryWrite|OutputStream|AddHeader|AppendHeader)\b/ nocase
        $in_1 = /Request\s{0,4}\.\s{0,4}(BinaryRead|InputStream|ContentLength|Headers)\b/ nocase
    condition:
        any of ($cast_*) and ($family or $stream or $client) and $out_1 and $in_1
}
