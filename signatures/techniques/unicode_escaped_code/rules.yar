// Identifiers written with \u escapes: C# and JScript take them, readers and search
// tools do not.

rule unicode_escaped_code_words
{
    meta:
        description = "Server page that writes the name of an evaluator, the request object or a loader in Unicode escapes."
        score = 88
        family = "Escaped identifiers"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $eval = /\\[uU](0000)?00(65|45)\\[uU](0000)?00(76|56)\\[uU](0000)?00(61|41)\\[uU](0000)?00(6c|4c)/ nocase
        $request = /\\[uU](0000)?00(72|52)\\[uU](0000)?00(65|45)\\[uU](0000)?00(71|51)\\[uU](0000)?00(75|55)\\[uU](0000)?00(65|45)/ nocase
        $assembly = /\\[uU](0000)?00(61|41)\\[uU](0000)?00(73|53)\\[uU](0000)?00(73|53)\\[uU](0000)?00(65|45)\\[uU](0000)?00(6d|4d)/ nocase
        $process = /\\[uU](0000)?00(70|50)\\[uU](0000)?00(72|52)\\[uU](0000)?00(6f|4f)\\[uU](0000)?00(63|43)\\[uU](0000)?00(65|45)/ nocase
        $unsafe = /\\[uU](0000)?00(75|55)\\[uU](0000)?00(6e|4e)\\[uU](0000)?00(73|53)\\[uU](0000)?00(61|41)\\[uU](0000)?00(66|46)/ nocase
    condition:
        any of them
}

rule unicode_escaped_code_run
{
    meta:
        description = "Server page with a long run of plain letters in Unicode escapes."
        score = 55
        family = "Escaped identifiers"
        reference = "https://attack.mitre.org/techniques/T1027/"
        date = "2026-11-24"
    strings:
        $run = /(\\[uU](0000)?00(4[1-9a-f]|5[0-9a]|6[1-9a-f]|7[0-9a])){8}/ nocase
        $server_1 = "<%@"
        $server_2 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        $run and any of ($server_*)
}
