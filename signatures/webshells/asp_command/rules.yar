// Classic ASP pages whose one purpose is to start commands: WScript.Shell with the
// output read back or sent over a file, Shell.Application, WMI.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule asp_command_output
{
    meta:
        description = "Classic ASP page that starts a program from request input with the Windows script shell and reads its output."
        score = 85
        family = "Classic ASP command page"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $read = /\.\s{0,4}StdOut\s{0,4}\.\s{0,4}Read(All|Line)\b/ nocase
        $pipe = /\.\s{0,4}StdOut\s{0,4}[\r\n:]/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
        $start = /\.\s{0,4}(exec|run)[\s(]{1,4}[\w"'%(]/ nocase
    condition:
        ($read or $pipe) and $request and $start
}

rule asp_command_output_file
{
    meta:
        description = "Classic ASP page that runs the command interpreter with output redirected to a file and reads that file."
        score = 88
        family = "Classic ASP command page (CmdAsp)"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $run = /\.\s{0,4}(run|exec)[\s(]{1,6}[^<>;]{0,60}&\s{0,4}["'\s]{1,4}\s{0,3}>{1,2}\s{0,3}/ nocase
        $interpreter = /(cmd(\.exe)?|%comspec%)\s{1,3}\/c/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
    condition:
        $run and $interpreter and $request
}

rule asp_command_request
{
    meta:
        description = "Classic ASP page that passes request input directly to a method that starts programs."
        score = 90
        family = "Classic ASP command page"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $direct = /\.\s{0,4}(run|exec|shellexecute|shellexec)[\s(]{1,6}("[^"<>]{0,40}"{1,3}\s{0,4}&\s{0,4}|cstr\s{0,4}\(\s{0,4}|trim\s{0,4}\(\s{0,4}){0,3}request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|servervariables)\s{0,4}\()/ nocase
    condition:
        $direct
}

rule asp_command_shellexecute
{
    meta:
        description = "Classic ASP page that starts programs through the Windows shell object and reads request input."
        score = 80
        family = "Classic ASP command page"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $object_1 = "Shell.Application" nocase
        $object_2 = "13709620-C279-11CE-A49E-444553540000" nocase
        $start = /\.\s{0,4}ShellExecute[\s(]{1,6}[\w"'%]/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
    condition:
        any of ($object_*) and $start and $request
}

rule asp_command_wmi
{
    meta:
        description = "Classic ASP page that creates or terminates processes through WMI and reads request input."
        score = 80
        family = "Classic ASP command page"
        reference = "https://attack.mitre.org/techniques/T1047/"
        date = "2026-11-24"
    strings:
        $class = "Win32_Process" nocase
        $create = /\.\s{0,4}(create|terminate)\s{0,4}\(/ nocase
        $run = /Win32_Process["')\s]{1,6}\.\s{0,4}create\b/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
        $server = /ver\s{0,4}\.\s{0,4}(createobject|mappath|s\w{5}timeout)\b/ nocase
    condition:
        $class and ($create or $run) and $request and $server
}

rule asp_command_cut_object
{
    meta:
        description = "Classic ASP page that splits the name of the Windows script shell and starts programs."
        score = 85
        family = "Classic ASP command page"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $cut = /"[a-z.]{0,9}"[\s&+]{1,6}(\w{1,12}[\s&+]{1,6})?"[a-z]{0,6}(pt\.sh|t\.shel|\.shell|ript\.s)/ nocase
        $start = /\.\s{0,4}(exec|run)[\s(]{1,4}[\w"'%(]/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
    condition:
        all of them
}

rule asp_command_script_shell
{
    meta:
        description = "Classic ASP page that creates the Windows script shell, starts programs with it and reads request input."
        score = 60
        family = "Classic ASP command page"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $object_1 = /(create|activex)object\s{0,4}\(\s{0,4}["']WScript\.Shell/ nocase
        $object_2 = "72C24DD5-D70A-438B-8A42-98424B88AFB8" nocase
        $object_3 = "F935DC22-1CF0-11D0-ADB9-00C04FD58A0B" nocase
        $start = /\.\s{0,4}(exec|run)[\s(]{1,4}[\w"'%(]/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
    condition:
        any of ($object_*) and $start and $request
}
