// Antak, the PowerShell console page of the nishang collection.

rule antak_named
{
    meta:
        description = "Server page named Antak that runs PowerShell."
        score = 93
        family = "Antak"
        reference = "https://github.com/samratashok/nishang"
        date = "2026-11-24"
    strings:
        $name = "Antak" fullword
        $shell = "powershell" nocase
        $run_1 = "ProcessStartInfo" nocase
        $run_2 = "executionpolicy" nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $name and $shell and any of ($run_*)
}

rule antak_parts
{
    meta:
        description = "Server page with the functions and buttons of the Antak PowerShell console, under any name."
        score = 92
        family = "Antak"
        reference = "https://github.com/samratashok/nishang"
        date = "2026-11-24"
    strings:
        $part_1 = /\bdo_ps\s{0,4}\(/
        $part_2 = "Encode and Execute" nocase
        $part_3 = "ForLegitUseOnly"
        $part_4 = "Parse web.config" nocase
        $part_5 = /OnClick\s{0,4}=\s{0,4}["'](executesql|ConnectionStr)_Click["']/ nocase
        $part_6 = "Use this shell as a normal powershell console" nocase
        $part_7 = /\bbase64encode\s{0,4}\(\s{0,4}string\s/
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and 3 of ($part_*)
}
