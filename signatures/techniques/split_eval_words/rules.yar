// Words that run code, written in pieces.

rule split_eval_words_evaluator
{
    meta:
        description = "Server page that assembles the name of an evaluator from parts."
        score = 82
        family = "Split words"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $eval_1 = /["']eva["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']l["'(]/ nocase
        $eval_2 = /["']ev["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']al["'(]/ nocase
        $eval_3 = /["']e["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']val["'(]/ nocase
        $eval_4 = "\"e\"+\"v\"+\"a\"+\"l\""
        $eval_5 = "\"e\"&\"v\"&\"a\"&\"l\"" nocase
        $execute_1 = /exec["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']ute(global)?["'(\s]/ nocase
        $execute_2 = /execu["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']te(global)?["'(\s]/ nocase
        $execute_3 = /["'\s]exe["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']cute(global)?["'(\s]/ nocase
        $execute_4 = /["'\s]ex["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']ecute(global)?["'(\s]/ nocase
        $execute_5 = /execute["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']global/ nocase
        $unsafe_1 = "\"u\"+\"n\"+\"s\""
        $unsafe_2 = "'u'+'n'+'s'"
        $unsafe_3 = /["']un["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']safe["']/
        $unsafe_4 = /["']uns["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']afe["']/
        $server_1 = /<%[^<]/
        $server_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($eval_*, $execute_*, $unsafe_*) and any of ($server_*)
}

rule split_eval_words_shell_object
{
    meta:
        description = "Server page that creates a shell object by a name assembled from parts."
        score = 85
        family = "Split words"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $shell = /CreateObject\s{0,6}\(\s{0,6}["']ws?c?r?i?p?t?\.?s?h?e?l?["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["'][a-z.]{0,12}(["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["'][a-z.]{0,12}){0,10}l(\.1)?["']/ nocase
        $application = /CreateObject\s{0,6}\(\s{0,6}["']sh?e?l?l?\.?a?p?p?l?i?c?a?t?i?o?["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["'][a-z.]{0,12}(["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["'][a-z.]{0,12}){0,10}n(\.1)?["']/ nocase
    condition:
        any of them
}

rule split_eval_words_file_object
{
    meta:
        description = "Server page that creates a file system object by a name assembled from parts."
        score = 30
        family = "Split words"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-29"
    strings:
        $file = /CreateObject\s{0,6}\(\s{0,6}["']sc?r?i?p?t?i?n?g?\.?f?i?l?e?s?y?s?t?e?m?o?b?j?e?c?["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["'][a-z.]{0,12}(["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["'][a-z.]{0,12}){0,12}t["']/ nocase
    condition:
        $file
}

rule split_eval_words_file_object_and_network
{
    meta:
        description = "Server page that sends network requests and creates a file system object by a name assembled from parts."
        score = 55
        family = "Split words"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-29"
    strings:
        $file = /CreateObject\s{0,6}\(\s{0,6}["']sc?r?i?p?t?i?n?g?\.?f?i?l?e?s?y?s?t?e?m?o?b?j?e?c?["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["'][a-z.]{0,12}(["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["'][a-z.]{0,12}){0,12}t["']/ nocase
        $network = /[^\w](xmlhttp|serverxmlhttp|winhttprequest)[."'\s]/ nocase
    condition:
        $file and $network
}

rule split_eval_words_command
{
    meta:
        description = "Server page that assembles the name of the command interpreter from parts."
        score = 75
        family = "Split words"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $cmd_1 = /["'\\]cmd["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']\.exe/
        $cmd_2 = /["'\\]cmd\.["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']exe/
        $cmd_3 = /["'\\]cm["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']d\.exe/
        $cmd_4 = /["'\\]c["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']md\.exe/
        $cmd_5 = /["'\\]cmd\.ex?["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']x?e["'\s]/
        $power_1 = /power["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']shell/
        $power_2 = /["']pow["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']ershell/
        $power_3 = /["']p["'][\s\/*-]{0,12}[&+][\s\/*-]{0,12}["']owershell/
        $server_1 = /<%[^<]/
        $server_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($cmd_*, $power_*) and any of ($server_*)
}

rule split_eval_words_spelled
{
    meta:
        description = "Server page that spells an evaluator, a shell or the request object in character codes."
        score = 80
        family = "Words from character numbers"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $eval = /\((69|101|&H45|&H65)\)[\s&+]{1,6}chrw?\((86|118|&H56|&H76)\)[\s&+]{1,6}chrw?\((65|97|&H41|&H61)\)[\s&+]{1,6}chrw?\((76|108|&H4C|&H6C)\)/ nocase
        $execute = /\((69|101|&H45|&H65)\)[\s&+]{1,6}chrw?\((88|120|&H58|&H78)\)[\s&+]{1,6}chrw?\((69|101|&H45|&H65)\)[\s&+]{1,6}chrw?\((67|99|&H43|&H63)\)/ nocase
        $request = /\((82|114|&H52|&H72)\)[\s&+]{1,6}chrw?\((69|101|&H45|&H65)\)[\s&+]{1,6}chrw?\((81|113|&H51|&H71)\)[\s&+]{1,6}chrw?\((85|117|&H55|&H75)\)/ nocase
        $shell = /\((87|119|&H57|&H77)\)[\s&+]{1,6}chrw?\((83|115|&H53|&H73)\)[\s&+]{1,6}chrw?\((67|99|&H43|&H63)\)[\s&+]{1,6}chrw?\((82|114|&H52|&H72)\)/ nocase
        $codes = /fromCharCode\s{0,4}\(\s{0,4}(101\s{0,4},\s{0,4}118\s{0,4},\s{0,4}97\s{0,4},\s{0,4}108|117\s{0,4},\s{0,4}110\s{0,4},\s{0,4}115\s{0,4},\s{0,4}97\s{0,4},\s{0,4}102)/ nocase
    condition:
        any of them
}
