// ABPTTS (A Black Path Toward The Sun): a tunnel page whose messages are encrypted blocks
// in form fields.

rule abptts_options
{
    meta:
        description = "Server page with the option names of the ABPTTS tunnel."
        score = 95
        family = "ABPTTS"
        reference = "https://github.com/nccgroup/ABPTTS"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $option_1 = "opModeStringOpenConnection"
        $option_2 = "opModeStringSendReceive"
        $option_3 = "paramNameDestinationHost"
        $option_4 = "paramNameEncryptedBlock"
        $option_5 = "dataBlockParamSeparatorB64"
        $option_6 = "responseStringConnectionCreated"
        $option_7 = "serverSocketMaxUnusedIterations"
    condition:
        3 of ($option_*)
}

rule abptts_connection_table
{
    meta:
        description = "Server page that keeps a table of open connections in the session and forwards decoded request fields over them: a tunnel."
        score = 85
        family = "HTTP tunnel"
        reference = "https://attack.mitre.org/techniques/T1572/"
        date = "2026-11-24"
    strings:
        $field = /\b(public|private|internal|dim)\s{1,4}(System\.Net\.Sockets\.)?(Socket|TcpClient)\s{1,4}\w{1,30}\s{0,4}[;=]/ nocase
        $table = /\(\s{0,4}(Hashtable|Dictionary\s{0,4}<[^>;]{1,60}>|ConcurrentDictionary\s{0,4}<[^>;]{1,60}>)\s{0,4}\)\s{0,4}\(?\s{0,4}[\w.]{0,40}(Session|Application|Cache)\s{0,4}[\[(]/ nocase
        $receive = /\.\s{0,4}(Receive|GetStream)\s{0,4}\(/
        $bytes = "FromBase64String" nocase
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $input and $field and $table and $receive and $bytes
}
