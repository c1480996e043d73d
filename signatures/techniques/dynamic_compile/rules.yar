// Pages that compile source text while they run.

rule dynamic_compile_request
{
    meta:
        description = "Server page that compiles source text in memory and reads request input or decodes hidden text."
        score = 76
        family = "Compiles on request"
        reference = "https://attack.mitre.org/techniques/T1027/004/"
        date = "2026-11-24"
    strings:
        $provider = /(CSharpCodeProvider|VBCodeProvider|JScriptCodeProvider|CodeDomProvider\s{0,4}\.\s{0,4}CreateProvider)\s{0,6}\(/
        $compile = /CompileAssemblyFrom(Source|Dom|File|DomBatch|SourceBatch)/
        $request = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $hidden = /FromBase64String\s{0,6}\(/
    condition:
        $provider and $compile and any of ($request, $hidden)
}

rule dynamic_compile_roslyn
{
    meta:
        description = "Server page that runs request input as a C# script or compiles it with Roslyn."
        score = 88
        family = "Compiles on request"
        reference = "https://attack.mitre.org/techniques/T1027/004/"
        date = "2026-11-24"
    strings:
        $script = /CSharpScript\s{0,4}\.\s{0,4}(EvaluateAsync|RunAsync|Create)\s{0,4}(<[^>]{1,40}>)?\s{0,6}\([^;]{0,160}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
        $parse = /(CSharpSyntaxTree|VisualBasicSyntaxTree|SyntaxFactory)\s{0,4}\.\s{0,4}(ParseText|ParseSyntaxTree)\s{0,6}\([^;]{0,160}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
    condition:
        any of them
}

rule dynamic_compile_jscript_engine
{
    meta:
        description = "C# or VB page that calls the JScript engine of .NET, which is only useful as an evaluator."
        score = 70
        family = "JScript engine"
        reference = "https://attack.mitre.org/techniques/T1059/"
        date = "2026-11-24"
    strings:
        $engine = /\.\s{0,4}JScript\s{0,4}\.\s{0,4}(Eval|Vsa|Convert|GlobalObject)\b/
        $vsa = /VsaEngine\s{0,4}\.\s{0,4}CreateEngine/
        $call = "JScriptEvaluate"
        $page_1 = "<%@"
        $page_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($engine, $vsa, $call) and any of ($page_*)
}

rule dynamic_compile_data_expression
{
    meta:
        description = "Server page that evaluates request input as an expression of a script or rule engine."
        score = 80
        family = "Evaluates on request"
        reference = "https://attack.mitre.org/techniques/T1059/"
        date = "2026-11-24"
    strings:
        $dynamic_1 = /ExpressionEvaluator[^;]{0,80}\.\s{0,4}(Execute|Evaluate|Eval|DoString|ParseLambda)\s{0,6}\([^;]{0,80}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
        $dynamic_2 = /DynamicExpression[^;]{0,80}\.\s{0,4}(Execute|Evaluate|Eval|DoString|ParseLambda)\s{0,6}\([^;]{0,80}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
        $dynamic_3 = /IronPython[^;]{0,80}\.\s{0,4}(Execute|Evaluate|Eval|DoString|ParseLambda)\s{0,6}\([^;]{0,80}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
        $dynamic_4 = /ScriptEngine[^;]{0,80}\.\s{0,4}(Execute|Evaluate|Eval|DoString|ParseLambda)\s{0,6}\([^;]{0,80}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
        $dynamic_5 = /NLua[^;]{0,80}\.\s{0,4}(Execute|Evaluate|Eval|DoString|ParseLambda)\s{0,6}\([^;]{0,80}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
        $dynamic_6 = /Jint\.Engine[^;]{0,80}\.\s{0,4}(Execute|Evaluate|Eval|DoString|ParseLambda)\s{0,6}\([^;]{0,80}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
    condition:
        any of them
}
