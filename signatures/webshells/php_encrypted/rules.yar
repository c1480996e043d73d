// PHP pages of clients that encrypt what they send: Behinder, Godzilla, Weevely.

rule php_encrypted_behinder_key
{
    meta:
        description = "PHP page with the default key of Behinder and code that decrypts and executes."
        score = 92
        views = "php"
        family = "Behinder"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $php = "<?php" nocase
        $key = "e45e329feb5d925b"
        $run_1 = /\beval\s{0,4}\(/ nocase
        $run_2 = "call_user_func" nocase
        $input = "php://input" nocase
    condition:
        $php and $key and any of ($run_*) and $input
}

rule php_encrypted_invoked_class
{
    meta:
        description = "PHP page that decrypts the request body and passes it to a class that executes it when invoked: Behinder."
        score = 88
        views = "php"
        family = "Behinder"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $invoke = /function\s{1,8}__invoke\s{0,4}\([^)]{1,40}\)\s{0,4}\{\s{0,8}(@|return\s)?\s{0,4}eval\s{0,4}\(/ nocase
        $input = "php://input" nocase
    condition:
        all of them
}

rule php_encrypted_godzilla_key
{
    meta:
        description = "PHP page with the default key of Godzilla and code that decodes and executes."
        score = 92
        views = "php"
        family = "Godzilla"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $php = "<?php" nocase
        $key = /["']3c6e0b8a9c15224a["']/
        $run = /\beval\s{0,4}\(/ nocase
    condition:
        all of them
}

rule php_encrypted_turned_key
{
    meta:
        description = "PHP page that decodes with a repeating sixteen-character key and keeps code in the session: Godzilla."
        score = 88
        views = "php"
        family = "Godzilla"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $turn = /\$\w{1,20}\s{0,4}\[\s{0,4}\$\w{1,8}\s{0,4}\+\s{0,4}1\s{0,4}&\s{0,4}15\s{0,4}\]/
        $session = "$_SESSION" nocase
        $run = /\beval\s{0,4}\(/ nocase
    condition:
        all of them
}

rule php_encrypted_framed_body
{
    meta:
        description = "PHP page that finds its own markers in the request body, decodes the text between them and executes it: Weevely."
        score = 90
        views = "php"
        family = "Weevely"
        reference = "https://attack.mitre.org/software/S0149/"
        date = "2026-11-29"
    strings:
        $match = /preg_match\s{0,4}\(\s{0,4}["']\/\$\w{1,12}\(\.\+\)\$\w{1,12}\/["']/
        $input = "php://input" nocase
        $unpack = "gzuncompress" nocase
    condition:
        all of them
}
