// Server pages of Java of clients that encrypt what they send: Behinder and Godzilla.

rule jsp_encrypted_behinder_key
{
    meta:
        description = "JSP page with the default key of Behinder and a class loader."
        score = 93
        views = "java"
        family = "Behinder"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $key = "e45e329feb5d925b"
        $load_1 = "ClassLoader" fullword
        $load_2 = "defineClass" fullword
    condition:
        $key and any of ($load_*)
}

rule jsp_encrypted_class_of_page
{
    meta:
        description = "JSP page that decrypts request input, defines a class from it and passes the page to it: Behinder."
        score = 90
        views = "java"
        family = "Behinder"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $define = "defineClass" fullword
        $cipher = /Cipher\s{0,4}\.\s{0,4}getInstance\s{0,4}\(/
        $equals = /newInstance\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}equals\s{0,4}\(\s{0,4}(pageContext|request|\w{1,12})\s{0,4}\)/
    condition:
        all of them
}

rule jsp_encrypted_godzilla_key
{
    meta:
        description = "JSP page with the default key of Godzilla and a class loader."
        score = 93
        views = "java"
        family = "Godzilla"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $key = /["']3c6e0b8a9c15224a["']/
        $load_1 = "ClassLoader" fullword
        $load_2 = "defineClass" fullword
    condition:
        $key and any of ($load_*)
}

rule jsp_encrypted_payload_in_session
{
    meta:
        description = "JSP page that keeps a class from the request in the session and calls it later: Godzilla."
        score = 88
        views = "java"
        family = "Godzilla"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $define = "defineClass" fullword
        $cipher = /Cipher\s{0,4}\.\s{0,4}getInstance\s{0,4}\(/
        $keep = /(session|application)\s{0,4}\.\s{0,4}(setAttribute|putValue)\s{0,4}\(/
        $ask = /\(\s{0,4}\(\s{0,4}(java\.lang\.)?Class\s{0,4}\)\s{0,4}(session|application)\s{0,4}\.\s{0,4}get(Attribute|Value)\s{0,4}\([^)]{1,40}\)\s{0,4}\)\s{0,4}\.\s{0,4}newInstance/
    condition:
        all of them
}
