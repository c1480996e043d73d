// Pages that compile source text while they run.

rule dynamic_compile_request
{
    meta:
        description = "Server page that compiles source text in memory and reads the request or decodes hidden text."
        score = 76
        family = "Compiles on request"
        reference = "https://attack.mitre.org/techniques/T1027/004/"
        date = "2026-11-24"
    strings:
        $provider = /(CSharpCodeProvider|VBCodeProvider|JScriptCodeProvider|CodeDomProvider\s{0,4}\.\s{0,4}CreateProvider)\s{0,6}\(/
        $compile = /CompileAssemblyFrom(Source|Dom|File|DomBatch|SourceBatch)/
        $request = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|BinaryRead|InputStream|Files)\b)/ nocase
        $hidden = /FromBase64String\s{0,6}\(/
    condition:
        $provider and $compile and any of ($request, $hidden)
}

rule dynamic_compile_roslyn
{
    meta:
        description = "Server page that runs a value of the request as C# script or compiles it with Roslyn."
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
        description = "C# or VB page that calls the JScript engine of .NET: nothing but an evaluator needs it."
        score = 70
        family = "JScript engine"
        reference = "https://attack.mitre.org/techniques/T1059/"
        date = "2026-11-24"
    strings:
        $engine = /Microsoft\s{0,4}\.\s{0,4}JScript\s{0,4}\.\s{0,4}(Eval|Vsa|Convert|GlobalObject)\b/
        $vsa = /VsaEngine\s{0,4}\.\s{0,4}CreateEngine/
        $call = "JScriptEvaluate"
        $page_1 = /<%@\s{0,10}(Page|WebHandler|WebService|Control|Import|Language)[\s=]/ nocase
        $page_2 = /runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($engine, $vsa, $call) and any of ($page_*)
}

rule dynamic_compile_data_expression
{
    meta:
        description = "Server page that evaluates a request value as an expression through a script or rule engine."
        score = 80
        family = "Evaluates on request"
        reference = "https://attack.mitre.org/techniques/T1059/"
        date = "2026-11-24"
    strings:
        $dynamic = /(ExpressionEvaluator|DynamicExpression|IronPython|ScriptEngine|V8ScriptEngine|NLua|Jint\.Engine)[^;]{0,80}\.\s{0,4}(Execute|Evaluate|Eval|DoString|ParseLambda)\s{0,6}\([^;]{0,80}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/
    condition:
        $dynamic
}
