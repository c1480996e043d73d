// Server pages of Java that run a command, a script or a class of the request.

rule jsp_command_exec_request
{
    meta:
        description = "JSP page that executes a command from request input."
        score = 92
        views = "java"
        family = "JSP command"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $exec = /getRuntime\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}exec\s{0,4}\([^;]{0,120}request\s{0,4}\.\s{0,4}get(Parameter|Header|QueryString|Reader|InputStream|Cookies)\b/
        $builder = /ProcessBuilder\s{0,4}\([^;]{0,160}request\s{0,4}\.\s{0,4}get(Parameter|Header|QueryString|Reader|InputStream|Cookies)\b/
    condition:
        any of them
}

rule jsp_command_exec_page
{
    meta:
        description = "JSP page that starts a program, shows its output and reads request input."
        score = 60
        views = "java"
        family = "JSP command"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $page = "<%"
        $exec = /getRuntime\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}exec\s{0,4}\(/
        $builder = /new\s{1,4}ProcessBuilder\s{0,4}\(/
        $in = /request\s{0,4}\.\s{0,4}get(Parameter|Header|QueryString|Reader|InputStream|Cookies)\b/
        $out = /getInputStream\s{0,4}\(\s{0,4}\)/
    condition:
        $page and any of ($exec, $builder) and $in and $out
}

rule jsp_command_defines_class
{
    meta:
        description = "JSP page that defines a class from bytes in the request."
        score = 88
        views = "java"
        family = "JSP loader"
        reference = "https://attack.mitre.org/techniques/T1620/"
        date = "2026-11-29"
    strings:
        $page = "<%"
        $define = "defineClass" fullword
        $loader = /extends\s{1,8}(java\.lang\.)?ClassLoader\b/
        $reflect = /getDeclaredMethod\s{0,4}\(\s{0,4}["']defineClass["']/
        $in = /request\s{0,4}\.\s{0,4}get(Parameter|Header|QueryString|Reader|InputStream|Cookies)\b/
    condition:
        $page and $define and any of ($loader, $reflect) and $in
}

rule jsp_command_script_engine
{
    meta:
        description = "JSP page that evaluates request input with a script engine."
        score = 85
        views = "java"
        family = "JSP command"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $engine = "ScriptEngineManager" fullword
        $eval = /\.\s{0,4}eval\s{0,4}\([^;]{0,120}request\s{0,4}\.\s{0,4}get(Parameter|Header|QueryString|Reader|InputStream|Cookies)\b/
    condition:
        all of them
}
