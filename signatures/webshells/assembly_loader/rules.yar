// Pages that load a program library sent by the visitor, whatever tool is behind them.

rule assembly_loader_bytes
{
    meta:
        description = "Server page that decodes or decrypts request input, loads it as a .NET assembly and runs it."
        score = 85
        family = "Assembly loader"
        reference = "https://attack.mitre.org/techniques/T1620/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $load_1 = /Assembly\s{0,4}\.\s{0,4}(Unsafe)?Load(From)?\s{0,4}\(\s{0,4}(new\s|[a-z_]\w{0,40}\s{0,4}[,)\[(.])/ nocase
        $load_2 = /CurrentDomain\s{0,4}\.\s{0,4}Load\s{0,4}\(\s{0,4}[a-z_]/ nocase
        $load_3 = /["']Load["']\s{0,4},[^;]{0,120}typeof\s{0,4}\(\s{0,4}byte\s{0,4}\[/ nocase
        $load_4 = /(InvokeMember|CallByName)\s{0,4}\([^;]{0,60}["']Load["']/ nocase
        $bytes_1 = "FromBase64String" nocase
        $bytes_2 = "TransformFinalBlock" nocase
        $bytes_3 = /Request\s{0,4}\.\s{0,4}(BinaryRead|TotalBytes|InputStream|ContentLength|GetBuffer\w{2,4}InputStream)\b/ nocase
        $bytes_4 = /Convert\s{0,4}\.\s{0,4}ToByte\s{0,4}\([^;]{1,80},\s{0,4}16\s{0,4}\)/ nocase
        $bytes_5 = /\b(GZipStream|DeflateStream)\s{0,4}\(/ nocase
        $run_1 = /\bCreateInstance\s{0,4}\(/ nocase
        $run_2 = /\bEntryPoint\s{0,4}\.\s{0,4}Invoke\s{0,4}\(/ nocase
        $run_3 = /\bInvokeMember\s{0,4}\(/ nocase
        $run_4 = /\bGetMethods?\s{0,4}\([^;]{0,160}\.\s{0,4}Invoke\s{0,4}\(/ nocase
        $run_5 = "DynamicInvoke" nocase
        $run_6 = /\bMethodInfo\b/ nocase
    condition:
        any of ($page_*) and $input and any of ($load_*) and any of ($bytes_*) and any of ($run_*)
}

rule assembly_loader_hand_over
{
    meta:
        description = "Server page that creates an object from a loaded assembly and passes itself or the request to it through Equals, ToString or GetHashCode."
        score = 88
        family = "Assembly loader"
        reference = "https://attack.mitre.org/techniques/T1620/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $chain_1 = /\bCreateInstance\s{0,4}\([^;]{0,120}\)\s{0,4}\.\s{0,4}Equals\s{0,4}\(/ nocase
        $chain_2 = /\bCreateInstance\s{0,4}\([^;]{0,120}\)\s{0,4}\.\s{0,4}(GetHashCode|ToString)\s{0,4}\(\s{0,4}\)/ nocase
        $load_1 = /Assembly\s{0,4}\.\s{0,4}(Unsafe)?Load\s{0,4}\(\s{0,4}[a-z_]/ nocase
        $load_2 = /["']Load["']/
        $load_3 = /CurrentDomain\s{0,4}\.\s{0,4}Load\s{0,4}\(\s{0,4}[a-z_]/ nocase
        $bytes_1 = "FromBase64String" nocase
        $bytes_2 = "TransformFinalBlock" nocase
        $bytes_3 = /Request\s{0,4}\.\s{0,4}(BinaryRead|TotalBytes|InputStream|ContentLength|GetBuffer\w{2,4}InputStream)\b/ nocase
        $bytes_4 = /Convert\s{0,4}\.\s{0,4}To(Byte|Int32)\s{0,4}\([^;]{1,80},\s{0,4}16\s{0,4}\)/ nocase
        $bytes_5 = /\bbyte\s{0,4}\[\s{0,4}\]/ nocase
    condition:
        any of ($page_*) and any of ($chain_*) and any of ($load_*) and any of ($bytes_*)
}

rule assembly_loader_split_name
{
    meta:
        description = "Server page that calls a method or type by a name assembled from parts, which only hides the call."
        score = 82
        family = "Hidden reflection"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $split_1 = /GetMethod\s{0,4}\([^;()"']{0,60}["']\w[\w.]{0,20}["']\s{0,4}[+&]\s{0,4}["'][\w.]{1,20}["']/
        $split_2 = /InvokeMember\s{0,4}\([^;()"']{0,60}["']\w[\w.]{0,20}["']\s{0,4}[+&]\s{0,4}["'][\w.]{1,20}["']/
        $split_3 = /GetType\s{0,4}\([^;()"']{0,60}["']\w[\w.]{0,20}["']\s{0,4}[+&]\s{0,4}["'][\w.]{1,20}["']/
        $split_4 = /CreateInstance\s{0,4}\([^;()"']{0,60}["']\w[\w.]{0,20}["']\s{0,4}[+&]\s{0,4}["'][\w.]{1,20}["']/
        $split_5 = /CallByName\s{0,4}\([^;()"']{0,60}["']\w[\w.]{0,20}["']\s{0,4}[+&]\s{0,4}["'][\w.]{1,20}["']/
        $split_6 = /GetTypeFromProgID\s{0,4}\([^;()"']{0,60}["']\w[\w.]{0,20}["']\s{0,4}[+&]\s{0,4}["'][\w.]{1,20}["']/
        $reversed = /\b(GetMethod|InvokeMember|GetType|GetTypeFromProgID)\s{0,4}\([^;"']{0,80}(StrReverse|\.\s{0,2}Reverse)\s{0,4}\(/ nocase
        $decoded = /\b(GetMethod|InvokeMember|GetType|GetTypeFromProgID)\s{0,4}\([^;"']{0,100}FromBase64String\s{0,4}\(\s{0,4}["']/ nocase
    condition:
        any of ($page_*) and (any of ($split_*) or $reversed or $decoded)
}

rule assembly_loader_embedded
{
    meta:
        description = "Server page that contains a .NET assembly as base64 text and loads it."
        score = 85
        family = "Assembly loader"
        reference = "https://attack.mitre.org/techniques/T1027/009/"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $program_1 = /["']TVqQAAMAAAAEAAAA/
        $program_2 = /["']TVpQAAIAAAAEAA8A/
        $program_3 = /["']H4sIAAAAAAAE[A-P]/
        $load_1 = /Assembly\s{0,4}\.\s{0,4}(Unsafe)?Load\s{0,4}\(/ nocase
        $load_2 = /CurrentDomain\s{0,4}\.\s{0,4}Load\s{0,4}\(/ nocase
        $load_3 = /GetMethod\s{0,4}\(\s{0,4}["']Load["']/ nocase
    condition:
        any of ($page_*) and any of ($program_*) and any of ($load_*)
}
