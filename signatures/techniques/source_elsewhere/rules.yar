// Pages whose code lies in a file that nobody takes for code.
// A first word written twice, as in (eval|\(eval), makes YARA-X search for the rarer word behind it.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule source_elsewhere_directive
{
    meta:
        description = "Page directive that takes its source from a picture, text or log file."
        score = 88
        family = "Source in another file"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $source = /<%@\s{0,10}(Page|Control|Assembly|WebHandler|WebService|Master|Application)\s[^<>]{0,200}\b(Src|CodeFile)\s{0,4}=\s{0,4}["'][^"'<>]{1,160}\.(jpe?g|gif|png|bmp|ico|txt|log|css|pdf|dat|tmp|xml)["']/ nocase
        $share = /<%@\s{0,10}(Page|Control|Assembly|WebHandler|WebService|Register|Reference)\s[^<>]{0,200}\b(Src|CodeFile|Page|Control)\s{0,4}=\s{0,4}["']\\\\[\w.-]/ nocase
        $web = /<%@\s{0,10}(Page|Control|Assembly|WebHandler|WebService|Register|Reference)\s[^<>]{0,200}\b(Src|CodeFile|Page|Control)\s{0,4}=\s{0,4}["']https?:/ nocase
        $disk = /<%@\s{0,10}(Page|Control|Assembly|WebHandler|WebService|Register|Reference)\s[^<>]{0,200}\b(Src|CodeFile|Page|Control)\s{0,4}=\s{0,4}["'][a-z]:\\/ nocase
    condition:
        any of them
}

rule source_elsewhere_include
{
    meta:
        description = "Classic ASP page that includes a temporary or unrelated file by absolute path."
        score = 65
        family = "Source in another file"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $path = /<!--\s{0,4}#\s{0,4}include\s{1,6}(file|virtual)\s{0,4}=\s{0,4}["'](\\\\|[a-z]:[\\\/](windows|temp|programdata|users|recycler|\$recycle))/ nocase
    condition:
        $path
}

rule source_elsewhere_executes_picture
{
    meta:
        description = "Server page that executes a picture, text or log file as a page."
        score = 66
        family = "Source in another file"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $run = /ver\s{0,4}\.\s{0,4}(Execute|Transfer)[\s(]{1,6}[^\r\n;]{0,60}\.(jpe?g|gif|png|bmp|ico|log|css|pdf|dat|tmp)["']/ nocase
        $read = /[^.\w](execute|\(execute)(global)?[\s(]{1,6}[^\r\n]{0,60}OpenTextFile\s{0,4}\([^\r\n]{0,60}\.(jpe?g|gif|png|bmp|ico|txt|log|css|pdf|dat|tmp|xml)["']/ nocase
        $compile = /CompileAssemblyFromFile\s{0,6}\([^;]{0,120}\.(jpe?g|gif|png|bmp|ico|txt|log|css|pdf|dat|tmp|xml)["']/ nocase
    condition:
        any of them
}
