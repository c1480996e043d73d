// pystinger: a page that passes form fields to a local relay program, which carries
// SOCKS traffic.

rule pystinger_fields
{
    meta:
        description = "Server page that forwards form fields to the address they name, with the field names of the pystinger tunnel."
        score = 92
        attack = "T1505.003,T1572"
        family = "pystinger"
        reference = "https://github.com/FunnyWolf/pystinger"
        date = "2026-11-24"
    strings:
        $field_1 = /["']Remoteserver["']/ nocase
        $field_2 = /["']Endpoint["']/ nocase
        $field_3 = "Die_client_address" nocase
        $field_4 = "stinger_sync" nocase
        $send_1 = "WebRequest" nocase
        $send_2 = "WebClient" nocase
        $send_3 = "HttpClient" nocase
        $send_4 = "XMLHTTP" nocase
    condition:
        $field_1 and any of ($field_2, $field_3, $field_4) and any of ($send_*)
}
