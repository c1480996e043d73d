// WebSniff: a page that captures the server's network traffic and writes passwords and
// form posts to a file.

rule websniff_capture
{
    meta:
        description = "Server page that opens a raw socket for all traffic of the server: a password sniffer."
        score = 92
        family = "WebSniff"
        reference = "https://attack.mitre.org/techniques/T1040/"
        date = "2026-11-24"
    strings:
        $raw = /SocketType\s{0,4}\.\s{0,4}Raw\b/ nocase
        $all_1 = /\.\s{0,4}ReceiveAll\b/ nocase
        $all_2 = "0x98000001" nocase
        $all_3 = "-1744830463"
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $raw and any of ($all_*)
}

rule websniff_named
{
    meta:
        description = "Server page named WebSniff that captures packets."
        score = 92
        family = "WebSniff"
        reference = "https://attack.mitre.org/techniques/T1040/"
        date = "2026-11-24"
    strings:
        $name = /\bWebSniff(er)?\b/ nocase
        $act_1 = "PacketCapture" nocase
        $act_2 = "SocketType.Raw" nocase
        $act_3 = "logNextPacket" nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $name and any of ($act_*)
}
