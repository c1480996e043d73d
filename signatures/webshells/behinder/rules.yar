// Behinder: the request body is decrypted with AES (ASP.NET) or XOR (classic
// ASP) and what comes out is loaded and run in memory.

rule behinder_default_key
{
    meta:
        description = "Server code that decrypts with the default key of Behinder."
        score = 95
        family = "Behinder"
        reference = "https://github.com/rebeyond/Behinder"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $key = /["']e45e329feb5d925b["']/ nocase
        $use_1 = /CreateDecryptor\s{0,6}\(/ nocase
        $use_2 = /TransformFinalBlock\s{0,6}\(/ nocase
        $use_3 = /RijndaelManaged\s{0,6}\(/ nocase
        $use_4 = /AesCryptoServiceProvider\s{0,6}\(/ nocase
        $use_5 = /Request\s{0,4}\.\s{0,4}(BinaryRead|TotalBytes|InputStream|ContentLength|GetBuffer\w{2,4}InputStream)\b/ nocase
        $use_6 = /Session\s{0,4}(\[|\(|\.\s{0,4}Add\s{0,4}\()[^\r\n]{0,20}["']e45e329feb5d925b/ nocase
    condition:
        $key and any of ($use_*)
}

rule behinder_load_decrypted
{
    meta:
        description = "Page that loads a .NET assembly directly from the result of a decryption."
        score = 93
        family = "Behinder"
        reference = "https://github.com/rebeyond/Behinder"
        date = "2026-11-24"
    strings:
        $load = /Assembly\s{0,4}\.\s{0,4}Load\s{0,6}\([^;]{0,300}TransformFinalBlock\s{0,6}\(/ nocase
        $body_1 = /Request\s{0,4}\.\s{0,4}(BinaryRead|TotalBytes|InputStream|ContentLength|GetBuffer\w{2,4}InputStream)\b/ nocase
        $body_2 = /CreateInstance\s{0,6}\([^;\r\n]{0,80}\)\s{0,6}\.\s{0,4}Equals\s{0,6}\(/ nocase
    condition:
        $load and any of ($body_*)
}

rule behinder_decrypt_and_instantiate
{
    meta:
        description = "Page that decrypts the request body, loads it as a .NET assembly and passes itself to the new object."
        score = 88
        family = "Behinder"
        reference = "https://github.com/rebeyond/Behinder"
        date = "2026-11-24"
    strings:
        $load_1 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,6}\(/ nocase
        $load_2 = /GetMethod\s{0,6}\(\s{0,6}["']Load["']/ nocase
        $crypt_1 = "TransformFinalBlock" nocase
        $crypt_2 = "CreateDecryptor" nocase
        $body = /Request\s{0,4}\.\s{0,4}(BinaryRead|TotalBytes|InputStream|ContentLength|GetBuffer\w{2,4}InputStream)\b/ nocase
        $hand_1 = /\.\s{0,4}Equals\s{0,6}\(\s{0,6}(this|me|context|HttpContext\.Current|Context|Page)\s{0,6}\)/ nocase
    condition:
        any of ($load_*) and any of ($crypt_*) and $body and $hand_1
}

rule behinder_asp_xor_execute
{
    meta:
        description = "Classic ASP page that XOR-decodes the binary request body byte by byte and executes the result."
        score = 90
        family = "Behinder (classic ASP)"
        reference = "https://github.com/rebeyond/Behinder"
        date = "2026-11-24"
    strings:
        $loop = /ascb\s{0,4}\(\s{0,4}midb\s{0,4}\([^\r\n]{0,80}xor\b/ nocase
        $body_1 = /Request\s{0,4}\.\s{0,4}(BinaryRead|TotalBytes|InputStream|ContentLength|GetBuffer\w{2,4}InputStream)\b/ nocase
        $run = /[^.\w]execute(global)?[\s(]{0,8}["'(a-z_\/]/ nocase
    condition:
        $loop and $body_1 and $run
}

rule behinder_type_u
{
    meta:
        description = "Page that creates an object of type U, the type name of Behinder's payload, from loaded or decrypted bytes."
        score = 94
        family = "Behinder"
        reference = "https://github.com/rebeyond/Behinder"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $type = /CreateInstance\s{0,4}\(\s{0,4}["']U["']/ nocase
        $load_1 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,4}\(/ nocase
        $load_2 = /["']Load["']/
        $load_3 = "TransformFinalBlock" nocase
        $load_4 = /\.\s{0,4}Equals\s{0,4}\(/ nocase
    condition:
        $type and any of ($load_*)
}

rule behinder_key_index
{
    meta:
        description = "Server page that decodes bytes with the sixteen-byte XOR loop of Behinder and loads the result."
        score = 90
        family = "Behinder"
        reference = "https://github.com/rebeyond/Behinder"
        date = "2026-11-24"
    strings:
        $index = /[\[(]\s{0,3}\(?\s{0,3}\w{1,6}\s{0,3}\+\s{0,3}1\s{0,3}\)?\s{0,3}(&|And|%)\s{0,3}1[56]\s{0,3}\)?\s{0,3}[\])]/ nocase
        $load_1 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,4}\(/ nocase
        $load_2 = /["']Load["']/
        $load_3 = /CurrentDomain\s{0,4}\.\s{0,4}Load\s{0,4}\(/ nocase
        $body_1 = /Request\s{0,4}\.\s{0,4}(BinaryRead|TotalBytes|InputStream|ContentLength|GetBuffer\w{2,4}InputStream)\b/ nocase
        $body_2 = "FromBase64String" nocase
    condition:
        $index and any of ($load_*) and any of ($body_*)
}

rule behinder_session_key
{
    meta:
        description = "Page that creates a random sixteen-character key on a request, stores it in the session, returns it and decrypts later requests: the key exchange of early Behinder."
        score = 90
        family = "Behinder"
        reference = "https://github.com/rebeyond/Behinder"
        date = "2026-11-24"
    strings:
        $make = /Guid\s{0,4}\.\s{0,4}NewGuid\s{0,4}\(\s{0,4}\)[^;]{0,80}(Substring\s{0,4}\(\s{0,4}16\s{0,4}\)|Substring\s{0,4}\(\s{0,4}0\s{0,4},\s{0,4}16\s{0,4}\))/ nocase
        $keep = /Session(\[|\(|\.\s{0,4}Add\s{0,4}\()/ nocase
        $crypt_1 = "CreateDecryptor" nocase
        $crypt_2 = "TransformFinalBlock" nocase
        $load_1 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,4}\(/ nocase
        $load_2 = /["']Load["']/
    condition:
        $make and $keep and any of ($crypt_*) and any of ($load_*)
}
