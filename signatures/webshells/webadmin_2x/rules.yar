// WebAdmin 2.X and its descendants: a file, command, database and registry console in
// VB.NET (lake2, 2005), renamed many times.

rule webadmin_2x_menu
{
    meta:
        description = "ASP.NET page with the menu of the WebAdmin 2.X console: copying of file times and database commands beside files and a command line."
        score = 92
        family = "WebAdmin 2.X"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $menu_1 = "SQLRootkit" nocase
        $menu_2 = /\b(Go)?CloneTime\b/ nocase
        $menu_3 = /\bSub\s{1,4}RunCMD\s{0,4}\(/ nocase
        $menu_4 = /\bSub\s{1,4}(ReadReg|ShowReg)\s{0,4}\(/ nocase
        $menu_5 = /\bSub\s{1,4}(CMDSHELL|SqlCmdShell|ShowCmdShell)\s{0,4}\(/ nocase
        $menu_6 = /WebAdmin\s{1,3}2\.[\dX]/ nocase
        $menu_7 = /SESSIONNAME\s{1,4}as\s{1,4}string/ nocase
        $menu_8 = /\bPlaste_Click\b/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and 3 of ($menu_*)
}

rule webadmin_2x_library
{
    meta:
        description = "ASP.NET page that loads the WebAdmin 2.Y console from its assembly: the whole console is in the bin folder."
        score = 90
        family = "WebAdmin 2.X"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $library = /\bNew\s{1,8}WebAdmin2[A-Z]\s{0,2}\.\s{0,2}[xy]\s{0,2}\.\s{0,2}[xy]\s{0,4}\(/ nocase
    condition:
        $library
}
