// Classic ASP carriers of the clients that send whole programs (Godzilla,
// Behinder and their imitators) in forms that the families named after them do
// not know: other decoding, other carriers.

rule asp_memory_payload_session
{
    meta:
        description = "Classic ASP page that decodes base64 from the request, stores it in the session and executes it from there."
        score = 88
        family = "Godzilla (classic ASP)"
        reference = "https://github.com/BeichenDream/Godzilla"
        date = "2026-11-24"
    strings:
        $base64 = "bin.base64" nocase
        $store = /(session|application)\s{0,4}\(\s{0,4}["'][^"']{1,40}["']\s{0,4}\)\s{0,4}=\s{0,4}[a-z_]/ nocase
        $body = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
        $run = /[^.\w]execute(global)?[\s(]{0,8}["'(a-z_\/]/ nocase
        $plain = /midb\s{0,4}\(/ nocase
    condition:
        $base64 and $store and $body and $run and $plain
}

rule asp_memory_payload_xor_body
{
    meta:
        description = "Classic ASP page that XOR-decodes the request body byte by byte and evaluates text."
        score = 88
        family = "Behinder (classic ASP)"
        reference = "https://github.com/rebeyond/Behinder"
        date = "2026-11-24"
    strings:
        $loop = /midb\s{0,4}\([^"]{1,40}\)\s{0,4}\)\s{0,4}xor\b/ nocase
        $body = /request\s{0,4}\.\s{0,4}binaryread\b/ nocase
        $run_eval = "eval" nocase fullword
        $run_exec = /[^.\w]execute(global)?[\s(]{0,8}["'(a-z_\/]/ nocase
    condition:
        $loop and $body and any of ($run_*)
}

rule asp_memory_payload_default_key
{
    meta:
        description = "Classic ASP page with the default key of Behinder or Godzilla that executes text."
        score = 93
        family = "Behinder or Godzilla (classic ASP)"
        reference = "https://github.com/rebeyond/Behinder"
        date = "2026-11-24"
    strings:
        $key_1 = "\"e45e329feb5d925b\"" nocase
        $key_2 = "\"3c6e0b8a9c15224a\"" nocase
        $run_eval = "eval" nocase fullword
        $run_exec = /[^.\w]execute(global)?[\s(]{0,8}["'(a-z_\/]/ nocase
        $binary = /(ascb|midb|binaryread)\s{0,4}\(/ nocase
    condition:
        any of ($key_*) and any of ($run_*) and $binary
}
