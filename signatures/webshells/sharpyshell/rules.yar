// SharPyShell: a small page with a XOR key; each request brings C# source or input for a
// library, which is compiled or loaded in memory.

rule sharpyshell_named
{
    meta:
        description = "Server page with the names of SharPyShell and its compiled or loaded payload."
        score = 95
        family = "SharPyShell"
        reference = "https://github.com/antonioCoco/SharPyShell"
        date = "2026-11-24"
        views = "page,source,assembly"
    strings:
        $name_1 = "SharPyShell"
        $name_2 = /CreateInstance\s{0,4}\(\s{0,4}["']SharPy/
        $run_1 = "CompileAssemblyFromSource" nocase
        $run_2 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,4}\(/ nocase
        $run_3 = "CreateInstance" nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and any of ($name_*) and any of ($run_*)
}

rule sharpyshell_xor_compile
{
    meta:
        description = "Server page that decodes request input with a repeating XOR key and compiles or loads the result."
        score = 90
        family = "SharPyShell"
        reference = "https://github.com/antonioCoco/SharPyShell"
        date = "2026-11-24"
    strings:
        $xor_1 = /\^\s{0,4}(\(byte\)\s{0,4})?\w{1,20}\s{0,4}\[\s{0,4}\w{1,8}\s{0,4}%\s{0,4}\w{1,20}\s{0,4}\.\s{0,4}Length/ nocase
        $xor_2 = /\^=\s{0,4}(\(byte\)\s{0,4})?\w{1,20}\s{0,4}\[\s{0,4}\w{1,8}\s{0,4}%\s{0,4}\w{1,20}\s{0,4}\.\s{0,4}Length/ nocase
        $xor_3 = /\bXor\s{1,4}\w{1,20}\s{0,4}\(\s{0,4}\w{1,8}\s{1,4}Mod\s{1,4}\w{1,20}\s{0,4}\.\s{0,4}Length/ nocase
        $run_1 = "CompileAssemblyFromSource" nocase
        $run_2 = /Assembly\s{0,4}\.\s{0,4}Load\s{0,4}\(/ nocase
        $run_3 = /GetMethod\s{0,4}\(\s{0,4}["']Load["']/ nocase
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $input and any of ($xor_*) and any of ($run_*)
}
