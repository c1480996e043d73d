// China Chopper carriers and their one-line relatives: the page hands text from
// the request straight to an evaluator, a compiler, a loader or the system.
// A first word written twice, as in (eval|\(eval), makes YARA-X search for the rarer word behind it.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule china_chopper_jscript_eval_unsafe
{
    meta:
        description = "Server page that evaluates request input as JScript.NET with full rights: the classic China Chopper page."
        score = 95
        family = "China Chopper"
        reference = "https://attack.mitre.org/software/S0020/"
        date = "2026-11-24"
    strings:
        // punctuation before the word makes it the rarest part: the search begins there
        $eval = /eval(\s|\/\*[^*]{0,40}\*\/){0,60}\([^;]{0,200}Request[^;]{0,200}[!-\/:<-@\[-\x60{-~]unsafe[^a-z0-9;]{1,11}\)/ nocase
        $word = "eval" nocase fullword
        $request = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $rights = /[\s\x80-\xff]unsafe[^a-z0-9;]{1,11}\)/ nocase
    condition:
        $eval or ($word and $request and $rights)
}

rule china_chopper_jscript_eval_request
{
    meta:
        description = "Server-side JScript page that evaluates request input, plain or base64-encoded."
        score = 90
        family = "China Chopper"
        reference = "https://attack.mitre.org/software/S0020/"
        date = "2026-11-24"
    strings:
        $directive = /language\s{0,6}=\s{0,6}["']?\s{0,3}(jscript|javascript|js)(\.encode)?\s{0,3}["']?(\s[^<>]{0,200})?%>/ nocase
        $block_a = /language\s{0,6}=\s{0,6}["']?(jscript|javascript|js)["']?\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $block_b = /ver["']?\s[^<>]{0,80}language\s{0,6}=\s{0,6}["']?(jscript|javascript|js)["'\s>]/ nocase
        $plain = /(eval|\(eval)(\s|\/\*[^*]{0,40}\*\/){0,60}\([\s(]{0,8}[a-z_.]{0,60}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
        $encoded = /eval(\s|\/\*[^*]{0,40}\*\/){0,60}\([^;]{0,200}FromBase64String\s{0,8}\([^;]{0,80}Request\s{0,6}[\[(.]/ nocase
    condition:
        ($directive or $block_a or $block_b) and ($plain or $encoded)
}

rule china_chopper_jscript_unsafe_indirect
{
    meta:
        description = "Server-side JScript page with the word 'unsafe', whole or split, which gives the evaluator full rights."
        score = 85
        family = "China Chopper"
        reference = "https://attack.mitre.org/software/S0020/"
        date = "2026-11-24"
    strings:
        $directive = /language\s{0,6}=\s{0,6}["']?\s{0,3}(jscript|javascript|js)(\.encode)?\s{0,3}["']?(\s[^<>]{0,200})?%>/ nocase
        $block_a = /language\s{0,6}=\s{0,6}["']?(jscript|javascript|js)["']?\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $block_b = /ver["']?\s[^<>]{0,80}language\s{0,6}=\s{0,6}["']?(jscript|javascript|js)["'\s>]/ nocase
        $whole = /["']unsafe["']\s{0,8}[);]/ nocase
        $cut_1 = /["']u["']\s{0,4}\+\s{0,4}["']nsafe["']/ nocase
        $cut_2 = /["']un["']\s{0,4}\+\s{0,4}["']safe["']/ nocase
        $cut_4 = /["']unsa["']\s{0,4}\+\s{0,4}["']fe["']/ nocase
        $cut_5 = /["']unsaf["']\s{0,4}\+\s{0,4}["']e["']/ nocase
    condition:
        ($directive or $block_a or $block_b) and ($whole or any of ($cut_*))
}

rule china_chopper_jscriptevaluate_request
{
    meta:
        description = "C# or VB page that calls the JScript evaluator of .NET with request input."
        score = 95
        family = "China Chopper"
        reference = "https://attack.mitre.org/software/S0020/"
        date = "2026-11-24"
    strings:
        $call = /JScriptEvaluate\s{0,8}\([^;]{0,200}Request\s{0,6}[\[(.]/ nocase
    condition:
        $call
}

rule china_chopper_compile_request
{
    meta:
        description = "Page that compiles source text from the request in one call."
        score = 93
        family = "China Chopper (compiling carrier)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $call = /CompileAssemblyFromSource\s{0,8}\([^;]{0,240}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|BinaryRead)[\s\[(])/ nocase
    condition:
        $call
}

rule china_chopper_compile_page
{
    meta:
        description = "Inline server page that reads request input, compiles source text in memory and invokes the result."
        score = 80
        family = "China Chopper (compiling carrier)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $directive = "<%@"
        $block = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $compile = "CompileAssemblyFromSource" nocase
        $memory = "GenerateInMemory" nocase
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $run_a = /\.\s{0,4}CompiledAssembly\b/ nocase
        $run_b = /\.\s{0,4}(Invoke|InvokeMember|CreateInstance)\s{0,6}\(/ nocase
    condition:
        ($directive or $block) and $compile and $memory and $input and $run_a and $run_b
}

rule china_chopper_load_request
{
    meta:
        description = "Page that loads a .NET assembly directly from request input."
        score = 93
        family = "China Chopper (loading carrier)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $call = /Assembly\s{0,4}\.\s{0,4}Load\s{0,6}\([^;]{0,200}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|BinaryRead|InputStream)[\s\[(.),;])/ nocase
    condition:
        $call
}

rule china_chopper_write_request
{
    meta:
        description = "Page that writes request input to a path chosen by the request: a dropper."
        score = 88
        family = "China Chopper (dropping carrier)"
        reference = "https://www.microsoft.com/security/blog/2021/03/02/hafnium-targeting-exchange-servers/"
        date = "2026-11-24"
    strings:
        $write_1 = /WriteAllText\s{0,6}\(\s{0,6}(Server\s{0,4}\.\s{0,4}MapPath\s{0,4}\(\s{0,4})?[a-z.]{0,40}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])[^;]{0,200}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|BinaryRead)[\s\[(])/ nocase
        $write_2 = /WriteAllBytes\s{0,6}\(\s{0,6}(Server\s{0,4}\.\s{0,4}MapPath\s{0,4}\(\s{0,4})?[a-z.]{0,40}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])[^;]{0,200}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|BinaryRead)[\s\[(])/ nocase
        $write_3 = /AppendAllText\s{0,6}\(\s{0,6}(Server\s{0,4}\.\s{0,4}MapPath\s{0,4}\(\s{0,4})?[a-z.]{0,40}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])[^;]{0,200}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|BinaryRead)[\s\[(])/ nocase
        $save = /\.\s{0,4}SaveAs\s{0,6}\(\s{0,6}[a-z.]{0,40}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
    condition:
        any of ($write_*) or $save
}

rule china_chopper_process_request
{
    meta:
        description = "Page that starts a system command from request input."
        score = 90
        family = "Command one-liner"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $start = /Process\s{0,4}\.\s{0,4}Start\s{0,6}\([^;]{0,120}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
        $info = /ProcessStartInfo\s{0,6}\([^;]{0,120}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
        $shell = /WScript\.Shell["']\s{0,4}\)\s{0,4}\.\s{0,4}(exec|run)[\s(]{1,6}[^\r\n]{0,80}Request\s{0,6}[\[(.]/ nocase
        $vbshell = /[^.\w]Shell\s{0,6}\([^\r\n"]{0,10}("cmd[^"\r\n]{0,20}"\s{0,4}[&+]\s{0,4})?Request\s{0,6}[\[(.]/ nocase
        $arguments = /Arguments\s{0,6}=[^;\r\n]{0,80}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
        $program = /\bFileName\s{0,6}=\s{0,6}[a-z.]{0,40}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)[\s\[(])/ nocase
        $helper_a = "ProcessStartInfo" nocase
        $helper_b = "UseShellExecute" nocase
        $helper_c = ".StartInfo." nocase
    condition:
        $start or $info or $shell or $vbshell or (($arguments or $program) and any of ($helper_*))
}

rule china_chopper_script_control
{
    meta:
        description = "Page that passes request input to the Windows script control for execution."
        score = 93
        family = "China Chopper (VB carrier)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $control_a = "MSScriptControl.ScriptControl" nocase
        $control_b = "0E59F1D5-1FBE-11D0-8FF2-00A0D10038BC" nocase
        $statement = /ExecuteStatement[\s(]{1,8}[^;\r\n]{0,100}Request\s{0,6}[\[(.]/ nocase
        $add = /\.AddCode[\s(]{1,8}[^;\r\n]{0,100}Request\s{0,6}[\[(.]/ nocase
    condition:
        ($control_a or $control_b) and ($statement or $add)
}

rule china_chopper_asp_execute_request
{
    meta:
        description = "Classic ASP page that executes request input as script."
        score = 92
        family = "China Chopper"
        reference = "https://attack.mitre.org/software/S0020/"
        date = "2026-11-24"
    strings:
        $call = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}request\s{0,6}(\.\s{0,4}(form|querystring|item|cookies|servervariables)\s{0,4})?\(\s{0,6}["'a-z0-9_\x80-\xff][^,\r\n]{0,60}\)/ nocase
    condition:
        $call
}

rule china_chopper_asp_execute_decoded
{
    meta:
        description = "Classic ASP page that executes text just built from reversed text, character codes or the session."
        score = 82
        family = "China Chopper (hidden VBScript)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $reversed = /[^.\w](execute|executeglobal)[\s(]{1,8}strreverse\s{0,4}\(/ nocase
        $session = /[^.\w](execute|executeglobal)[\s(]{1,8}session\s{0,4}\(\s{0,4}["'a-z]/ nocase
        $codes = /[^.\w](execute|executeglobal)[\s(]{1,8}chrw?\s{0,4}\([^)\r\n]{1,20}\)\s{0,4}&\s{0,4}chrw?\s{0,4}\(/ nocase
    condition:
        any of them
}

rule china_chopper_jscript_eval_second_argument
{
    meta:
        description = "Server-side JScript page that calls the evaluator with a second argument, which only serves to give it full rights."
        score = 85
        family = "China Chopper"
        reference = "https://attack.mitre.org/software/S0020/"
        date = "2026-11-24"
    strings:
        $directive = /language\s{0,6}=\s{0,6}["']?\s{0,3}(jscript|javascript|js)(\.encode)?\s{0,3}["']?(\s[^<>]{0,200})?%>/ nocase
        $block_a = /language\s{0,6}=\s{0,6}["']?(jscript|javascript|js)["']?\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $block_b = /ver["']?\s[^<>]{0,80}language\s{0,6}=\s{0,6}["']?(jscript|javascript|js)["'\s>]/ nocase
        $eval = /[^.\w]eval(\s|\/\*[^*]{0,40}\*\/){0,60}\([^();,]{1,120},[^();]{1,160}\)/ nocase
    condition:
        ($directive or $block_a or $block_b) and $eval
}

rule china_chopper_jscript_eval_page
{
    meta:
        description = "ASP.NET page or handler written in JScript that evaluates text; legitimate pages hardly ever use this language."
        score = 75
        family = "China Chopper"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $page = /@\s{0,4}(Page|WebHandler|WebService|Control|ServiceHost|Master)\s[^<>]{0,200}language\s{0,6}=\s{0,6}["']?\s{0,3}(jscript|javascript|js)\b/ nocase
        $eval = "eval" nocase fullword
        $function = /new\s{1,4}Function\s{0,4}\([^)"']{0,40}(Request|\w{1,20}\s{0,4}\))/ nocase
    condition:
        $page and ($eval or $function)
}

rule china_chopper_jscriptevaluate_page
{
    meta:
        description = "ASP.NET page in another language that calls the JScript evaluator of .NET and reads request input, or gives it full rights."
        score = 78
        family = "China Chopper"
        reference = "https://attack.mitre.org/software/S0020/"
        date = "2026-11-24"
    strings:
        $call_1 = "JScriptEvaluate" nocase
        $call_2 = "CreateEngineAndGetGlobalScope" nocase
        $rights = /["']unsafe["']/ nocase
        $input = /Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies|Files|BinaryRead|InputStream|ContentLength|GetBufferlessInputStream|ServerVariables|Unvalidated|UserAgent|RawUrl|UrlReferrer)\b)/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_4 = /@(functions|inherits|model|using)\s/
        $page_5 = /@\{\s{0,60}(var|string|if|try|Layout|System|Process)\b/
    condition:
        any of ($page_*) and any of ($call_*) and ($input or $rights)
}

rule china_chopper_script_engine_request
{
    meta:
        description = "Page that passes request input to the C# script engine or to a template engine that compiles it."
        score = 90
        family = "China Chopper (compiling carrier)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $script = /CSharpScript\s{0,4}\.\s{0,4}(EvaluateAsync|RunAsync|Create|Evaluate)\s{0,4}(<[^>]{1,40}>\s{0,4})?\([^;]{0,200}Request\s{0,6}[\[(.]/
        $syntax = /(ParseText|ParseSyntaxTree)\s{0,4}\([^;]{0,160}Request\s{0,6}[\[(.]/
        $razor = /\bRazor\s{0,4}\.\s{0,4}(Parse|Compile|RunCompile)\s{0,4}(<[^>]{1,40}>\s{0,4})?\([^;]{0,160}Request\s{0,6}[\[(.]/
    condition:
        any of them
}
