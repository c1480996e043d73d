// Pages that fetch code from elsewhere and run it.
// A first word written twice, as in (eval|\(eval), makes YARA-X search for the rarer word behind it.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule remote_include_load
{
    meta:
        description = "Server page that loads an assembly or compiles source text directly from the network."
        score = 92
        family = "Code from the network"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $load = /(Assembly\s{0,4}\.\s{0,4}Load|CompileAssemblyFromSource|\be?val|JScriptEvaluate)\s{0,6}\([^;]{0,120}(DownloadData|DownloadString|GetByteArrayAsync|GetStringAsync|OpenRead)\s{0,6}\(/
        $unc = /Assembly\s{0,4}\.\s{0,4}(LoadFrom|LoadFile|UnsafeLoadFrom)\s{0,6}\(\s{0,6}@?["'](https?:|\\\\)/
    condition:
        any of them
}

rule remote_include_execute
{
    meta:
        description = "Classic ASP page that executes text it has just downloaded."
        score = 85
        family = "Code from the network"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $direct_1 = /[^.\w](execute|\(execute)(global)?[\s(]{1,6}[^\r\n]{0,80}\.\s{0,4}\w{0,5}nseText\b/ nocase
        $direct_2 = /[^.\w](execute|\(execute)(global)?[\s(]{1,6}[^\r\n]{0,80}\.\s{0,4}\w{0,5}nseBody\b/ nocase
        $moniker = /GetObject\s{0,6}\(\s{0,6}["']{1,2}script:\s{0,2}(https?|\\\\)/ nocase
    condition:
        any of them
}

rule remote_include_execute_later
{
    meta:
        description = "Classic ASP page that downloads text and executes a variable: possibly code from the network."
        score = 40
        family = "Code from the network"
        reference = "https://attack.mitre.org/techniques/T1105/"
        date = "2026-11-24"
    strings:
        $fetch = /(L2|ft)["'&+\s]{0,6}\.["'&+\s]{0,6}(Server)?XML["'&+\s]{0,6}HTTP/ nocase
        $text = /nse(text|body)\b/ nocase
        $run = /[\r\n:]\s{0,20}(execute|executeglobal)\s{0,4}\(?\s{0,4}[a-z_]\w{0,30}\s{0,4}\)?\s{0,4}([\r\n:]|%>)/ nocase
    condition:
        all of them
}
