// Tunna: a tunnel page of SECFORCE that moves one TCP connection over requests with the
// parameter proxy.

rule tunna_greeting
{
    meta:
        description = "Server page with the responses of the Tunna tunnel."
        score = 95
        family = "Tunna"
        reference = "https://github.com/SECFORCE/Tunna"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $greeting_1 = "All good to go, ensure the listener is working" nocase
        $greeting_2 = /\[Server\]\s{1,3}(Unable to (connect to|open) |Connection Established|Error )/ nocase
        $parameter = /["']proxy["']/
        $session = /Session\s{0,4}[\[(]\s{0,4}["']running["']/ nocase
        $socket = /\b(Socket|TcpClient)\b/
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $socket and ($greeting_1 or ($greeting_2 and $session) or ($parameter and $session))
}
