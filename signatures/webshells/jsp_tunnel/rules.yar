// Server pages of Java that carry TCP connections inside HTTP requests: reGeorg, Neo-reGeorg and kin.

rule jsp_tunnel_header_names
{
    meta:
        description = "JSP page with the header names of the reGeorg tunnel that opens sockets."
        score = 93
        views = "java"
        family = "reGeorg"
        reference = "https://attack.mitre.org/techniques/T1090/"
        date = "2026-11-29"
    strings:
        $h1 = "X-CMD" nocase fullword
        $h2 = "X-TARGET" nocase fullword
        $h3 = "X-PORT" nocase fullword
        $h4 = "X-STATUS" nocase fullword
        $h5 = "X-ERROR" nocase fullword
        $s1 = "SocketChannel" fullword
        $s2 = /new\s{1,4}(java\.net\.)?Socket\s{0,4}\(/
    condition:
        3 of ($h*) and any of ($s*)
}

rule jsp_tunnel_greeting
{
    meta:
        description = "JSP page with the greeting of the reGeorg or Neo-reGeorg tunnel and socket code."
        score = 93
        views = "java"
        family = "reGeorg"
        reference = "https://attack.mitre.org/techniques/T1090/"
        date = "2026-11-29"
    strings:
        $greeting = /Georg\s{1,3}says\b/ nocase
        $greeting_b64 = "Georg says" base64
        $s1 = "SocketChannel" fullword
        $s2 = /new\s{1,4}(java\.net\.)?Socket\s{0,4}\(/
    condition:
        any of ($greeting*) and any of ($s*)
}

rule jsp_tunnel_socket_in_session
{
    meta:
        description = "JSP page that keeps an open socket in the session: a tunnel."
        score = 85
        views = "java"
        family = "HTTP tunnel"
        reference = "https://attack.mitre.org/techniques/T1572/"
        date = "2026-11-29"
    strings:
        $cast = /\(\s{0,4}(java\.nio\.channels\.|java\.net\.)?(SocketChannel|Socket)\s{0,4}\)\s{0,4}(session|application)\s{0,4}\.\s{0,4}getAttribute\s{0,4}\(/
    condition:
        $cast
}
