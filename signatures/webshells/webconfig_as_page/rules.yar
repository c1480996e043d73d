// A web.config that makes IIS run it (or another static file) as a page.

rule webconfig_as_page_code
{
    meta:
        description = "Configuration file that allows itself to be requested or executed as a page and contains server code: a webshell in web.config."
        score = 95
        family = "web.config as page"
        reference = "https://soroush.me/blog/2014/07/upload-a-web-config-file-for-fun-profit/"
        date = "2026-11-24"
    strings:
        $map_a = /path\s{0,6}=\s{0,6}["'](\*|web)\.config["'][^<>]{0,400}(asp\.dll|aspnet_isapi|PageHandlerFactory|SimpleHandlerFactory|WebServiceHandlerFactory|FastCgiModule|CgiModule|php-cgi)/ nocase
        $map_b = /(asp\.dll|aspnet_isapi\.dll|PageHandlerFactory|SimpleHandlerFactory|FastCgiModule|CgiModule|php-cgi\.exe)[^<>]{0,400}path\s{0,6}=\s{0,6}["'](\*|web)\.config["']/ nocase
        $map_c = /extension\s{0,6}=\s{0,6}["']\.config["'][^<>]{0,200}BuildProvider/ nocase
        $open_a = /fileExtension\s{0,6}=\s{0,6}["']\.config["']/ nocase
        $open_b = /segment\s{0,6}=\s{0,6}["']web\.config["']/ nocase
        $code_1 = /Response\s{0,4}\.\s{0,4}Write/ nocase
        $code_2 = /CreateObject\s{0,6}\(\s{0,6}["'](WScript\.Shell|Scripting\.FileSystemObject|ADODB\.Stream|MSXML2\.)/ nocase
        $code_3 = /[^.\w](execute|executeglobal|eval)[\s(]{1,8}request\s{0,6}[\[(.]/ nocase
        $code_4 = /<%@\s{0,10}(Page|WebHandler|WebService|Control|Import|Assembly|Language)[\s=]/ nocase
        $code_5 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $config = "</configuration>" nocase
    condition:
        $config and (any of ($map_*) or any of ($open_*)) and any of ($code_*)
}

rule webconfig_as_page_handler
{
    meta:
        description = "Configuration that maps .config files to a script engine or page compiler, so that a configuration file can be executed as a page."
        score = 78
        family = "web.config as page"
        reference = "https://soroush.me/blog/2014/07/upload-a-web-config-file-for-fun-profit/"
        date = "2026-11-24"
    strings:
        $map_a = /path\s{0,6}=\s{0,6}["'](\*|web)\.config["'][^<>]{0,400}(asp\.dll|PageHandlerFactory|SimpleHandlerFactory|WebServiceHandlerFactory|FastCgiModule|CgiModule|php-cgi)/ nocase
        $map_b = /(asp\.dll|PageHandlerFactory|SimpleHandlerFactory|FastCgiModule|CgiModule|php-cgi\.exe)[^<>]{0,400}path\s{0,6}=\s{0,6}["'](\*|web)\.config["']/ nocase
        $map_c = /extension\s{0,6}=\s{0,6}["']\.config["'][^<>]{0,200}BuildProvider/ nocase
        $config = "</configuration>" nocase
    condition:
        $config and any of ($map_*)
}

rule webconfig_as_page_static_extension
{
    meta:
        description = "Configuration that maps picture, text or log files to a script engine or page compiler, so that a benign-looking file can be executed as a page."
        score = 75
        family = "web.config handler abuse"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        date = "2026-11-24"
    strings:
        $map_a = /path\s{0,6}=\s{0,6}["']\*\.(jpe?g|png|gif|ico|bmp|txt|log|css|eot|ttf|woff2?|pdf)["'][^<>]{0,400}(asp\.dll|PageHandlerFactory|SimpleHandlerFactory|CgiModule|php-cgi)/ nocase
        $map_b = /(asp\.dll|PageHandlerFactory|SimpleHandlerFactory|CgiModule|php-cgi\.exe)[^<>]{0,400}path\s{0,6}=\s{0,6}["']\*\.(jpe?g|png|gif|ico|bmp|txt|log|css|eot|ttf|woff2?|pdf)["']/ nocase
        $map_c = /extension\s{0,6}=\s{0,6}["']\.(jpe?g|png|gif|ico|bmp|txt|log|css|eot|ttf|woff2?|pdf)["'][^<>]{0,200}(PageBuildProvider|WebHandlerBuildProvider|WebServiceBuildProvider)/ nocase
        $config = "</configuration>" nocase
    condition:
        $config and any of ($map_*)
}
