// Godzilla: an encrypted payload arrives once, stays in the session, and each
// later request is passed to it; answers are framed by the two halves of an MD5.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule godzilla_default_key
{
    meta:
        description = "Server code that decrypts with the default key of Godzilla."
        score = 95
        family = "Godzilla"
        reference = "https://github.com/BeichenDream/Godzilla"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $key = /["']3c6e0b8a9c15224a["']/ nocase
        $use_1 = /CreateDecryptor\s{0,6}\(/ nocase
        $use_2 = /TransformFinalBlock\s{0,6}\(/ nocase
        $use_3 = /RijndaelManaged\s{0,6}\(/ nocase
        $use_4 = /MD5CryptoServiceProvider\s{0,6}\(/ nocase
        $use_5 = /Session\s{0,4}[\[(]\s{0,4}["']payload["']/ nocase
        $use_6 = /FromBase64String\s{0,6}\(/ nocase
    condition:
        $key and 2 of ($use_*)
}

rule godzilla_session_payload
{
    meta:
        description = "Page that stores a loaded assembly in the session under Godzilla's name and creates objects from it."
        score = 93
        family = "Godzilla"
        reference = "https://github.com/BeichenDream/Godzilla"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $payload = /Session\s{0,4}[\[(]\s{0,4}["']payload["']\s{0,4}[\])]/ nocase
        $new = /CreateInstance\s{0,6}\(/ nocase
        $load_1 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,6}\(/ nocase
        $load_2 = /GetMethod\s{0,6}\(\s{0,6}["']Load["']/ nocase
        $load_3 = /\(\s{0,4}(System\.Reflection\.)?Assembly\s{0,4}\)/ nocase
    condition:
        $payload and $new and any of ($load_*)
}

rule godzilla_payload_type
{
    meta:
        description = "Page that creates the type name of the Godzilla payload and calls its Equals method."
        score = 93
        family = "Godzilla"
        reference = "https://github.com/BeichenDream/Godzilla"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $type = /CreateInstance\s{0,6}\(\s{0,6}["']LY(\.O)?["']/ nocase
        $feed = /\.\s{0,4}Equals\s{0,6}\(\s{0,6}[\w.]{1,40}\s{0,6}\)/ nocase
    condition:
        $type and $feed
}

rule godzilla_assembly_in_session
{
    meta:
        description = "Page that takes an assembly from the session, runs it, and wraps the response in the halves of a hash."
        score = 88
        family = "Godzilla"
        reference = "https://github.com/BeichenDream/Godzilla"
        date = "2026-11-24"
    strings:
        $cast_1 = /\(\s{0,4}(System\.Reflection\.)?Assembly\s{0,4}\)\s{0,4}[\w.]{0,60}(Session|Application|Cache)\s{0,4}[\[(]/ nocase
        $cast_2 = /(Session|Application|Cache)\s{0,4}\[[^\]\r\n]{1,60}\]\s{1,4}as\s{1,4}(System\.Reflection\.)?Assembly\b/ nocase
        $cast_3 = /CType\s{0,4}\(\s{0,4}[\w.]{0,60}(Session|Application|Cache)\s{0,4}\([^\r\n]{1,60}\)\s{0,4},\s{0,4}(System\.Reflection\.)?Assembly\b/ nocase
        $new = /CreateInstance\s{0,6}\(/ nocase
        $sign_1 = /\.\s{0,4}Substring\s{0,6}\(\s{0,4}0\s{0,4},\s{0,4}16\s{0,4}\)/ nocase
        $sign_2 = "TransformFinalBlock" nocase
        $sign_3 = "FromBase64String" nocase
        $sign_4 = /\.\s{0,4}Equals\s{0,6}\(\s{0,6}[\w.]{1,40}\s{0,6}\)/ nocase
    condition:
        any of ($cast_*) and $new and 2 of ($sign_*)
}

rule godzilla_asp_session_payload
{
    meta:
        description = "Classic ASP page that stores an encoded payload in the session, XOR-decodes and executes it."
        score = 88
        family = "Godzilla (classic ASP)"
        reference = "https://github.com/BeichenDream/Godzilla"
        date = "2026-11-24"
    strings:
        $payload = /Session\s{0,4}\(\s{0,4}["']payload["']\s{0,4}\)/ nocase
        $xor_a = " xor asc" nocase
        $xor_b = "xor(asc" nocase
        $run = /[^.\w]execute(global)?[\s(]{0,8}["'(a-z_\/]/ nocase
    condition:
        $payload and any of ($xor_*) and $run
}

rule godzilla_answer_frame
{
    meta:
        description = "Page that writes the two halves of a hash around its response and decodes request input: the response frame of Godzilla."
        score = 90
        family = "Godzilla"
        reference = "https://github.com/BeichenDream/Godzilla"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $first = /te\s{0,4}\(\s{0,4}[\w.]{1,40}\.\s{0,4}Substring\s{0,4}\(\s{0,4}0\s{0,4},\s{0,4}16\s{0,4}\)/ nocase
        $second = /te\s{0,4}\(\s{0,4}[\w.]{1,40}\.\s{0,4}Substring\s{0,4}\(\s{0,4}16\s{0,4}\)/ nocase
        $join = /Substring\s{0,4}\(\s{0,4}0\s{0,4},\s{0,4}16\s{0,4}\)\s{0,4}[+&][^;]{1,200}Substring\s{0,4}\(\s{0,4}16\s{0,4}\)/ nocase
        $decode_1 = "FromBase64String" nocase
        $decode_2 = "TransformFinalBlock" nocase
        $run_1 = "CreateInstance" nocase
        $run_2 = "eval" nocase fullword
        $run_3 = /["']Load["']/
    condition:
        (($first and $second) or $join) and any of ($decode_*) and any of ($run_*)
}

rule godzilla_kept_elsewhere
{
    meta:
        description = "Server page that stores a decrypted assembly in a static field, the application or the domain and creates objects from it on later requests."
        score = 85
        family = "Godzilla"
        reference = "https://github.com/BeichenDream/Godzilla"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $keep_1 = /static\s{1,4}(System\.Reflection\.)?Assembly\s{1,4}\w{1,30}\s{0,4}[;=]/ nocase
        $keep_2 = /Shared\s{1,4}\w{1,30}\s{1,4}As\s{1,4}(System\.Reflection\.)?Assembly\b/ nocase
        $keep_3 = /CurrentDomain\s{0,4}\.\s{0,4}SetData\s{0,4}\([^;]{0,200}(Assembly\s{0,4}\.\s{0,4}Load\s{0,4}\(|["']Load["'])/ nocase
        $keep_4 = /(Session|Application|Cache)\s{0,4}[\[(][^;\r\n]{1,60}[\])]\s{0,4}=\s{0,4}[^;]{0,160}(Assembly\s{0,4}\.\s{0,4}Load\s{0,4}\(|["']Load["'])/ nocase
        $keep_5 = /Cache\s{0,4}\.\s{0,4}(Insert|Add)\s{0,4}\([^;]{0,160}(Assembly\s{0,4}\.\s{0,4}Load\s{0,4}\(|["']Load["'])/ nocase
        $crypt_1 = "TransformFinalBlock" nocase
        $crypt_2 = "CreateDecryptor" nocase
        $crypt_3 = "FromBase64String" nocase
        $new = /CreateInstance\s{0,6}\(/ nocase
    condition:
        any of ($page_*) and $input and any of ($keep_*) and any of ($crypt_*) and $new
}
