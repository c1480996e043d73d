// Pages that turn a request value back into objects with a formatter that runs code.

rule aspx_deserialize_request
{
    meta:
        description = "Server page that passes request input to a .NET formatter that runs code chosen by the sender."
        score = 88
        family = "Deserialising page"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $los = /(LosFormatter|ObjectStateFormatter)\s{0,4}\([^;]{0,40}\)\s{0,4}\.\s{0,4}Deserialize\s{0,4}\([^;]{0,160}Request\s{0,6}[\[(.]/ nocase
        $binary = /BinaryFormatter\s{0,4}\([^;]{0,40}\)\s{0,4}\.\s{0,4}(Unsafe)?(Deserialize|ReadObject)\s{0,4}\([^;]{0,200}Request\s{0,6}[\[(.]/ nocase
        $soap = /SoapFormatter\s{0,4}\([^;]{0,40}\)\s{0,4}\.\s{0,4}(Unsafe)?(Deserialize|ReadObject)\s{0,4}\([^;]{0,200}Request\s{0,6}[\[(.]/ nocase
        $contract = /NetDataContractSerializer\s{0,4}\([^;]{0,40}\)\s{0,4}\.\s{0,4}(Unsafe)?(Deserialize|ReadObject)\s{0,4}\([^;]{0,200}Request\s{0,6}[\[(.]/ nocase
        $xaml = /XamlReader\s{0,4}\.\s{0,4}(Parse|Load)\s{0,4}\([^;]{0,160}Request\s{0,6}[\[(.]/ nocase
        $services = /XamlServices\s{0,4}\.\s{0,4}(Parse|Load)\s{0,4}\([^;]{0,160}Request\s{0,6}[\[(.]/ nocase
    condition:
        any of them
}

rule aspx_deserialize_page_formatter
{
    meta:
        description = "Server page with inline code that creates its own ViewState formatter and feeds it request input: a webshell without a command in its text."
        score = 82
        family = "Deserialising page"
        reference = "https://github.com/pwntester/ysoserial.net"
        date = "2026-11-24"
    strings:
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $make_1 = /new\s{1,4}[\w.]{0,40}(LosFormatter|ObjectStateFormatter|NetDataContractSerializer)\s{0,4}\(/ nocase
        $make_2 = /(BinaryFormatter|SoapFormatter)\s{0,4}\(/ nocase
        $make_3 = "SimpleTypeResolver" nocase
        $make_4 = /XamlReader\s{0,4}\.\s{0,4}(Parse|Load)\s{0,4}\(/ nocase
        $use_1 = /\.\s{0,4}(Unsafe)?Deserialize\s{0,4}\(/ nocase
        $use_2 = /\.\s{0,4}ReadObject\s{0,4}\(/ nocase
        $bytes = "FromBase64String" nocase
    condition:
        any of ($page_*) and $input and (($make_1 and any of ($use_*)) or (($make_2 or $make_3) and $use_1 and $bytes) or ($make_4 and $bytes))
}
