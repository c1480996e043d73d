// One-line classic ASP shells in their disguises: text from the request reaches
// VBScript's Execute, ExecuteGlobal or Eval, or the eval of server-side JScript,
// over a detour that hides the words. A receiver in front (conn.Execute,
// Server.Execute) is another method, so the rules ask for none.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule asp_one_liner_variable
{
    meta:
        description = "Classic ASP page that assigns request input to a variable and executes that variable as script."
        score = 85
        family = "Classic ASP one-liner"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $steps = /=\s{0,4}request\s{0,4}[(.][^)]{0,80}\)(\s{0,3}[&+]\s{0,3}"")?[^"]{0,160}[\s:%>'](execute|executeglobal|eval)[\s(]{1,8}(strreverse[\s(]{1,4})?[a-z_]\w{0,30}(\(\s?\w{1,4}\s?\))?[\s)]{0,8}([\r\n:']|%>)/ nocase
    condition:
        $steps
}

rule asp_one_liner_carrier
{
    meta:
        description = "Classic ASP page that takes text from the session or application object and executes it as script."
        score = 85
        family = "Classic ASP one-liner"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $steps = /=\s{0,4}(session|application)\s{0,4}\([^()]{1,40}\)[\s:]{1,12}(execute|executeglobal|eval)[\s(]{1,8}[a-z_]\w{0,40}[\s)]{0,8}([\r\n:']|%>)/ nocase
        $direct = /([^.\w]execute(global)?|[\s:%]eval\s)[\s(]{1,8}(session|application)\s{0,4}(\.\s{0,4}(contents|value)\s{0,4})?\(\s{0,4}["']/ nocase
    condition:
        any of them
}

rule asp_one_liner_wrapped
{
    meta:
        description = "Classic ASP page that executes request input wrapped in other calls, joined to empty text, continued on the next line, or as the whole form."
        score = 90
        family = "Classic ASP one-liner"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $wrapped = /[^.\w](execute|executeglobal|eval)[\s("'&+_]{1,12}([a-z]{2,14}\s{0,3}\([\s("'&+_]{0,8}){0,4}request\s{0,4}(\(\s{0,4}["'a-z0-9_\x80-\xff(]|\.\s{0,4}(form|querystring|item|cookies|servervariables|binaryread)\s{0,4}(\(\s{0,4}["'a-z0-9_\x80-\xff(]|[.:\r\n]|%>))/ nocase
    condition:
        $wrapped
}

rule asp_one_liner_request_alias
{
    meta:
        description = "Classic ASP page that aliases the request object and executes one of its values."
        score = 88
        family = "Classic ASP one-liner"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $steps = /set\s{1,4}\w{1,20}\s{0,4}=\s{0,4}request\s{0,4}(\.\s{0,4}(form|querystring|cookies)\s{0,4})?[\r\n:]([^"]{0,160}[\s:%>'])?(execute|executeglobal|eval)[\s(]{1,8}\w{1,20}\s{0,4}\(\s{0,4}["'0-9a-z]/ nocase
        $with = /with\s{1,4}request\s{0,4}(\.\s{0,4}(form|querystring|cookies)\s{0,4})?[\r\n:]([^"]{0,80}[\s:])?(execute|executeglobal|eval)[\s(]{1,8}(\.\s{0,4}(form|querystring|item|cookies)\s{0,4}|\.)?\(\s{0,4}["'0-9a-z]/ nocase
    condition:
        any of them
}

rule asp_one_liner_reversed_code
{
    meta:
        description = "Classic ASP page that contains script text written backwards and executes text."
        score = 88
        family = "Classic ASP shell (reversed)"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $word_1 = "tcejbOetaerC" nocase
        $word_2 = "txeN emuseR" nocase
        $word_3 = "etirW.esnopseR" nocase
        $word_4 = "noitcnuF dnE" nocase
        $word_5 = /\(\s{0,4}tseuqeR[\s(]/ nocase
        $word_6 = /\)[^()]{1,12}\(\s{0,4}tseuqer/ nocase
        $run_eval = "eval" nocase fullword
        $run_exec = /[^.\w]execute(global)?[\s(]{0,8}["'(a-z_\/]/ nocase
    condition:
        (2 of ($word_*) or $word_6) and any of ($run_*)
}

rule asp_one_liner_script_control
{
    meta:
        description = "Classic ASP page that passes request input as code to a script control, under any name."
        score = 88
        family = "Classic ASP one-liner"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $code_1 = /\.addcode\b[^<>;=]{0,60}[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|servervariables)\s{0,4}\()/ nocase
        $code_2 = /\.\s{0,4}executestatement\b[^<>;=]{0,60}[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|servervariables)\s{0,4}\()/ nocase
    condition:
        any of them
}

rule asp_one_liner_spelled
{
    meta:
        description = "Classic ASP page that spells request, eval or execute letter by letter or in character codes and evaluates the result."
        score = 88
        family = "Classic ASP one-liner (spelled)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $codes_request = /\(\s?(114|82|&H72|&H52)\s?\)\s{0,2}[&+]\s{0,2}chrw?\s?\(\s?(101|69|&H65|&H45)\s?\)\s{0,2}[&+]\s{0,2}chrw?\s?\(\s?(113|81|&H71|&H51)\s?\)/ nocase
        $codes_eval = /\(\s?(101|69|&H65|&H45)\s?\)\s{0,2}[&+]\s{0,2}chrw?\s?\(\s?(118|86|&H76|&H56)\s?\)\s{0,2}[&+]\s{0,2}chrw?\s?\(\s?(97|65|&H61|&H41)\s?\)\s{0,2}[&+]\s{0,2}chrw?\s?\(\s?(108|76|&H6C|&H4C)\s?\)/ nocase
        $codes_execute = /\(\s?(120|88|&H78|&H58)\s?\)\s{0,2}[&+]\s{0,2}chrw?\s?\(\s?(101|69|&H65|&H45)\s?\)\s{0,2}[&+]\s{0,2}chrw?\s?\(\s?(99|67|&H63|&H43)\s?\)/ nocase
        $letters_request = /["']r["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']e["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']q["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']u["']/ nocase
        $letters_eval = /["']e["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']v["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']a["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']l["']/ nocase
        $letters_execute = /["']e["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']x["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']e["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']c["']/ nocase
        $run_eval = "eval" nocase fullword
        $run_exec = /[^.\w]execute(global)?[\s(]{0,8}["'(a-z_\/]/ nocase
    condition:
        any of ($codes_*, $letters_*) and any of ($run_*)
}

rule asp_one_liner_cut
{
    meta:
        description = "Classic ASP page that splits the words request, eval or execute and evaluates the result."
        score = 85
        family = "Classic ASP one-liner (spelled)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $execute = /"ex?e?c?\w{0,3}"[\s&+]{1,8}"(xecute|ecute|cute|ute)(global)?["\s(]/ nocase
        $request = /"r\w{0,4}"[\s&+]{1,8}"(equest|quest|uest)\s{0,3}["(]/ nocase
        $eval = /"ev?"[\s&+]{1,8}"(val|al)["\s(]/ nocase
        $mixed = /chrw?\s?\(\s?\d{2,3}\s?\)[\s&+]{1,6}"(xecute|ecute|cute|val|al|equest|quest|uest)["\s(]/ nocase
        $run_eval = "eval" nocase fullword
        $run_exec = /[^.\w]execute(global)?[\s(]{0,8}["'(a-z_\/]/ nocase
    condition:
        any of ($execute, $request, $eval, $mixed) and any of ($run_*)
}

rule asp_one_liner_dictionary
{
    meta:
        description = "Classic ASP page that stores request input in a dictionary and evaluates an item."
        score = 80
        family = "Classic ASP one-liner"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $add = /\.\s{0,4}add\s{0,4}\(?\s{0,4}["'][^"']{1,30}["']\s{0,4},\s{0,4}(cstr\s{0,4}\(|trim\s{0,4}\()?\s{0,4}request\s{0,4}[(.]/ nocase
        $run_1 = /[^.\w]execute(global)?[\s(]{1,8}\w{1,24}\s{0,4}(\.\s{0,4}item\s{0,4})?\(\s{0,4}["']/ nocase
        $run_2 = /[^.\w]eval[\s(]{1,8}\w{1,24}\s{0,4}(\.\s{0,4}item\s{0,4})?\(\s{0,4}["']/ nocase
    condition:
        $add and any of ($run_*)
}

rule asp_one_liner_function
{
    meta:
        description = "Classic ASP page that passes request input to a function or property that executes its argument."
        score = 80
        family = "Classic ASP one-liner"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $function_1 = /(sub|function)\s{1,4}\w{1,30}\s{0,4}\(\s{0,4}(byval\s|byref\s)?\s{0,4}\w{1,30}\s{0,4}\)[^"]{0,80}[\s:]execute(global)?[\s(]{1,8}\w{1,30}[\s)]{0,4}[\r\n:]/ nocase
        $function_2 = /function\s{1,4}\w{1,30}\s{0,4}\(\s{0,4}(byval\s|byref\s)?\s{0,4}\w{1,30}\s{0,4}\)[^"]{0,80}[\s:]eval[\s(]{1,8}\w{1,30}[\s)]{0,4}[\r\n:]/ nocase
        $function_3 = /sub\s{1,4}\w{1,30}\s{0,4}\(\s{0,4}(byval\s|byref\s)?\s{0,4}\w{1,30}\s{0,4}\)[^"]{0,80}[\s:]e?val[\s(]{1,8}\w{1,30}[\s)]{0,4}[\r\n:]/ nocase
        $let = /property\s{1,4}let\s{1,4}\w{1,30}\s{0,4}\(\s{0,4}(byval\s|byref\s)?\s{0,4}\w{1,30}\s{0,4}\)[^"]{0,80}[\s:](execute|executeglobal|eval)[\s(]{1,8}\w{1,30}[\s)]{0,4}[\r\n:]/ nocase
        $property = /\.\s{0,2}\w{1,30}\s{0,4}=\s{0,4}request\s{0,4}[(.]/ nocase
        $call = /(call\s{1,4}|[\r\n:%]\s{0,4})\w{1,30}[\s(]{1,4}request\s{0,4}\([^)]{1,30}\)[\s)]{0,4}([\r\n:]|%>)/ nocase
    condition:
        (any of ($function_*) and $call) or ($let and $property)
}

rule asp_one_liner_decoded
{
    meta:
        description = "Classic ASP page that executes the result of a decoding function."
        score = 78
        family = "Classic ASP one-liner (decoded)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $decoder_1 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,14}unescape\w{0,12}\s{0,4}\(/ nocase
        $decoder_2 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,14}strreverse\w{0,12}\s{0,4}\(/ nocase
        $decoder_3 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,14}decod\w{0,12}\s{0,4}\(/ nocase
        $decoder_4 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,14}decrypt\w{0,12}\s{0,4}\(/ nocase
        $decoder_5 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,14}uncode\w{0,12}\s{0,4}\(/ nocase
        $decoder_6 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,14}unencode\w{0,12}\s{0,4}\(/ nocase
        $decoder_7 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,14}jiemi\w{0,12}\s{0,4}\(/ nocase
        $decoder_8 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,14}jiami\w{0,12}\s{0,4}\(/ nocase
        $decoder_9 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,14}hextostr\w{0,12}\s{0,4}\(/ nocase
        $decoder_10 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,14}ombase\w{0,12}\s{0,4}\(/ nocase
        $decoder_11 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,14}base64\w{0,12}\s{0,4}\(/ nocase
        $text_1 = /[^.\w]execute(global)?[\s(]{1,8}\w{1,24}\s{0,4}\(\s{0,4}"[0-9a-fx&h,|%\\u\s;]{20}/ nocase
        $text_2 = /[^.\w]eval[\s(]{1,8}\w{1,24}\s{0,4}\(\s{0,4}"[0-9a-fx&h,|%\\u\s;]{20}/ nocase
        $replaced = /=\s{0,4}(replace\s{0,4}\(\s{0,4}\w{1,24}\s{0,4},\s{0,4}"[^"%<>]{1,6}"\s{0,4},\s{0,4}"[^"%<>]{0,1}"|(strreverse|unescape)\s{0,4}\([^()]{1,80})\s{0,4}\)[\s:]{1,12}(execute|executeglobal|eval)[\s(]{1,8}[a-z_]\w{0,30}[\s)]{0,8}([\r\n:']|%>)/ nocase
        $looped = /[&+]\s{0,4}(chrw?|mid|left)\s{0,4}\([^"]{1,80}\)[\s:]{1,12}next[\s:]{1,12}(execute|executeglobal|eval)[\s(]{1,8}[a-z_]\w{0,30}[\s)]{0,8}([\r\n:']|%>)/ nocase
    condition:
        any of them
}

rule asp_one_liner_jscript_alias
{
    meta:
        description = "Server-side JScript page that aliases the evaluator and reads request input."
        score = 85
        family = "Classic ASP one-liner (JScript)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $directive = /language\s{0,6}=\s{0,6}["']?\s{0,3}(jscript|javascript|js)(\.encode)?\s{0,3}["']?(\s[^<>]{0,200})?%>/ nocase
        $block_a = /language\s{0,6}=\s{0,6}["']?(jscript|javascript|js)["']?\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $block_b = /ver["']?\s[^<>]{0,80}language\s{0,6}=\s{0,6}["']?(jscript|javascript|js)["'\s>]/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
        $alias = /(return\s|[:,=])\s{0,4}eval\s{0,4}[,;}\]\r\n]/
        $by_name = /this\[\s{0,4}["']e(["'\s+]{0,6})v(["'\s+]{0,6})a(["'\s+]{0,6})l["']/
        $function = /new\s{1,4}Function\s{0,4}\([^;]{0,60}Request\s{0,4}[(.]/
    condition:
        ($directive or $block_a or $block_b) and $request and ($alias or $by_name or $function)
}

rule asp_one_liner_utf7
{
    meta:
        description = "Classic ASP page stored in UTF-7, which hides the words of its code."
        score = 85
        family = "Classic ASP one-liner (UTF-7)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $page = /depage\s{0,4}=\s{0,4}["']?65000["'\s%]/ nocase
    condition:
        $page
}
