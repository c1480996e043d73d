// One-line classic ASP shells in their disguises: text from the request reaches
// VBScript's Execute, ExecuteGlobal or Eval, or the eval of server-side JScript,
// over a detour that hides the words. A receiver in front (conn.Execute,
// Server.Execute) is another method, so the rules ask for none.

rule asp_one_liner_variable
{
    meta:
        description = "Classic ASP page that puts a value of the request into a variable and executes that variable as script."
        score = 85
        family = "Classic ASP one-liner"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $steps = /=\s{0,4}request\s{0,4}[(.][^)"]{0,30}["']?[^)"']{0,40}["']?[^)"']{0,8}\)[^"]{0,160}[\s:%>'](execute|executeglobal|eval)[\s(]{1,8}(strreverse[\s(]{1,4})?[a-z_]\w{0,30}[\s)]{0,8}([\r\n:']|%>)/ nocase
    condition:
        $steps
}

rule asp_one_liner_carrier
{
    meta:
        description = "Classic ASP page that takes text out of the session or the application and executes it as script."
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
        description = "Classic ASP page that executes a value of the request which is wrapped in other calls, joined to empty text, continued on the next line, or the whole form."
        score = 90
        family = "Classic ASP one-liner"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $wrapped = /[^.\w](execute|executeglobal|eval)[\s("'&+_]{1,12}([a-z]{2,14}\s{0,3}\([\s("'&+_]{0,8}){0,4}request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|servervariables|binaryread)\s{0,4}([(.:\r\n]|%>))/ nocase
    condition:
        $wrapped
}

rule asp_one_liner_request_alias
{
    meta:
        description = "Classic ASP page that gives the request object another name and executes one of its values."
        score = 88
        family = "Classic ASP one-liner"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $steps = /set\s{1,4}\w{1,20}\s{0,4}=\s{0,4}request\s{0,4}(\.\s{0,4}(form|querystring|cookies)\s{0,4})?[\r\n:][^"]{0,160}[\s:%>'](execute|executeglobal|eval)[\s(]{1,8}\w{1,20}\s{0,4}\(\s{0,4}["'0-9a-z]/ nocase
        $with = /with\s{1,4}request\s{0,4}(\.\s{0,4}(form|querystring|cookies)\s{0,4})?[\r\n:][^"]{0,80}[\s:](execute|executeglobal|eval)[\s(]{1,8}(\.\s{0,4}(form|querystring|item|cookies)\s{0,4}|\.)?\(\s{0,4}["'0-9a-z]/ nocase
    condition:
        any of them
}

rule asp_one_liner_reversed_code
{
    meta:
        description = "Classic ASP page that keeps script text written backwards and executes text."
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
        $word_6 = /\)\s{0,4}("{1,2}[^"]{1,12}"{1,2}|\d{1,3})\s{0,4}\(\s{0,4}tseuqer/ nocase
        $run = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}["'a-z_]/ nocase
    condition:
        (2 of ($word_*) or $word_6) and $run
}

rule asp_one_liner_spelled
{
    meta:
        description = "Classic ASP page that spells the words request, eval or execute letter by letter or by character codes and evaluates the outcome."
        score = 88
        family = "Classic ASP one-liner (spelled)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $codes_request = /\(\s{0,4}(114|82|&H72|&H52)\s{0,4}\)\s{0,4}[&+]\s{0,4}chrw?\s{0,4}\(\s{0,4}(101|69|&H65|&H45)\s{0,4}\)\s{0,4}[&+]\s{0,4}chrw?\s{0,4}\(\s{0,4}(113|81|&H71|&H51)\s{0,4}\)/ nocase
        $codes_run = /\(\s{0,4}(101|69|&H65|&H45)\s{0,4}\)\s{0,4}[&+]\s{0,4}chrw?\s{0,4}\(\s{0,4}(118|86|120|88|&H76|&H78)\s{0,4}\)\s{0,4}[&+]\s{0,4}chrw?\s{0,4}\(\s{0,4}(97|65|101|69|&H61|&H65)\s{0,4}\)/ nocase
        $letters_request = /["']r["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']e["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']q["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']u["']/ nocase
        $letters_eval = /["']e["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']v["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']a["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']l["']/ nocase
        $letters_execute = /["']e["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']x["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']e["']([\s&+]|\/\*[!-~]{0,16}\*\/){1,12}["']c["']/ nocase
        $run = /[^.\w](execute|executeglobal|eval)[\s(]{0,8}["'(a-z_\/]/ nocase
    condition:
        any of ($codes_*, $letters_*) and $run
}

rule asp_one_liner_decoded
{
    meta:
        description = "Classic ASP page that executes what a decoding function gives back."
        score = 78
        family = "Classic ASP one-liner (decoded)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $decoder = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}\w{0,12}(unescape|strreverse|decod|decrypt|uncode|unencode|jiemi|jiami|hextostr|frombase|base64)\w{0,12}\s{0,4}\(/ nocase
        $replaced = /=\s{0,4}(replace\s{0,4}\(\s{0,4}\w{1,24}\s{0,4},\s{0,4}"[^"%<>]{1,6}"\s{0,4},\s{0,4}"[^"%<>]{0,1}"|(strreverse|unescape)\s{0,4}\([^()]{1,80})\s{0,4}\)[\s:]{1,12}(execute|executeglobal|eval)[\s(]{1,8}[a-z_]\w{0,30}[\s)]{0,8}([\r\n:']|%>)/ nocase
        $looped = /[&+]\s{0,4}(chrw?|mid|left)\s{0,4}\([^"]{1,80}\)[\s:]{1,12}next[\s:]{1,12}(execute|executeglobal|eval)[\s(]{1,8}[a-z_]\w{0,30}[\s)]{0,8}([\r\n:']|%>)/ nocase
    condition:
        any of them
}

rule asp_one_liner_jscript_alias
{
    meta:
        description = "Server-side JScript page that hands the evaluator on under another name next to a value of the request."
        score = 85
        family = "Classic ASP one-liner (JScript)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $directive = /<%\s{0,4}@[^%]{0,60}language\s{0,6}=\s{0,6}["']?\s{0,3}(jscript|javascript|js)(\.encode)?["'\s%]/ nocase
        $block = /runat\s{0,6}=\s{0,6}["']?server["']?[^<>]{0,80}(jscript|javascript)/ nocase
        $request = /[^.\w]Request\s{0,4}(\(|\.\s{0,4}(Form|QueryString|Item|Cookies)\s{0,4}\()/
        $alias = /(return|=)\s{1,4}eval\s{0,4}[;}\r\n]/
        $by_name = /this\s{0,4}\[\s{0,4}["']e(["'\s+]{0,6})v(["'\s+]{0,6})a(["'\s+]{0,6})l["']/
        $function = /new\s{1,4}Function\s{0,4}\([^;]{0,60}Request\s{0,4}[(.]/
    condition:
        ($directive or $block) and $request and ($alias or $by_name or $function)
}

rule asp_one_liner_jscript_second_argument
{
    meta:
        description = "Server-side script block in JScript that evaluates a variable with a second argument kept in another variable, the place of the word unsafe."
        score = 80
        family = "Classic ASP one-liner (JScript)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $block_a = /runat\s{0,6}=\s{0,6}["']?server["']?[^<>]{0,80}(jscript|javascript)/ nocase
        $block_b = /language\s{0,6}=\s{0,6}["']?(jscript|javascript)["']?[^<>]{0,80}(runat\s{0,6}=\s{0,6}["']?server|%>)/ nocase
        $eval = /[^.\w]eval\s{0,4}\(\s{0,4}[a-z_$]\w{0,30}\s{0,4},\s{0,4}[a-z_$]\w{0,30}\s{0,4}\)/
    condition:
        any of ($block_*) and $eval
}

rule asp_one_liner_utf7
{
    meta:
        description = "Classic ASP page stored in UTF-7, which lets plus signs hide the words of its code."
        score = 85
        family = "Classic ASP one-liner (UTF-7)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $page = /codepage\s{0,4}=\s{0,4}["']?65000["'\s%]/ nocase
    condition:
        $page
}
