// PHP pages that carry TCP connections inside HTTP requests: reGeorg, Neo-reGeorg and kin.

rule php_tunnel_header_names
{
    meta:
        description = "PHP page with the header names of the reGeorg tunnel that opens sockets."
        score = 93
        views = "php"
        family = "reGeorg"
        reference = "https://attack.mitre.org/techniques/T1090/"
        date = "2026-11-29"
    strings:
        $h1 = "HTTP_X_CMD" nocase
        $h2 = "HTTP_X_TARGET" nocase
        $h3 = "HTTP_X_PORT" nocase
        $h4 = "X-STATUS" nocase
        $h5 = "X-ERROR" nocase
        $s1 = "fsockopen" nocase
        $s2 = "socket_create" nocase
        $s3 = "stream_socket_client" nocase
    condition:
        3 of ($h*) and any of ($s*)
}

rule php_tunnel_greeting
{
    meta:
        description = "PHP page with the greeting of the reGeorg or Neo-reGeorg tunnel and socket code."
        score = 93
        views = "php"
        family = "reGeorg"
        reference = "https://attack.mitre.org/techniques/T1090/"
        date = "2026-11-29"
    strings:
        $greeting = /Georg\s{1,3}says\b/ nocase
        $greeting_b64 = "Georg says" base64
        $s1 = "fsockopen" nocase
        $s2 = "socket_create" nocase
        $s3 = "stream_socket_client" nocase
    condition:
        any of ($greeting*) and any of ($s*)
}

rule php_tunnel_queue_in_session
{
    meta:
        description = "PHP page that passes request bodies to a socket through the session, in a loop that outlives the request: a tunnel."
        score = 85
        views = "php"
        family = "HTTP tunnel"
        reference = "https://attack.mitre.org/techniques/T1572/"
        date = "2026-11-29"
    strings:
        $s1 = "fsockopen" nocase
        $s2 = "socket_create" nocase
        $input = "php://input" nocase
        $limit = /set_time_limit\s{0,4}\(\s{0,4}0\s{0,4}\)/ nocase
        $close = "session_write_close" nocase
        $queue = /\$_SESSION\s{0,4}\[[^\]]{1,40}\]\s{0,4}\.?=/ nocase
    condition:
        any of ($s*) and $input and $limit and $close and $queue
}
