// COM objects of the shell, made by number instead of by name.

rule object_classid_shell
{
    meta:
        description = "Server object created by the CLSID of the Windows shell, which allows commands without naming it."
        score = 85
        family = "COM object by number"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $tag_a = /<object\s[^>]{0,120}runat\s{0,6}=\s{0,6}["']?server[^>]{0,160}clsid:\{?(72C24DD5-D70A-438B-8A42-98424B88AFB8|F935DC22-1CF0-11D0-ADB9-00C04FD58A0B|13709620-C279-11CE-A49E-444553540000|9BA05972-F6A8-11CF-A442-00A0C90A8F39)/ nocase
        $tag_b = /<object\s[^>]{0,120}clsid:\{?(72C24DD5-D70A-438B-8A42-98424B88AFB8|F935DC22-1CF0-11D0-ADB9-00C04FD58A0B|13709620-C279-11CE-A49E-444553540000|9BA05972-F6A8-11CF-A442-00A0C90A8F39)[^>]{0,160}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of them
}

rule object_classid_shell_by_name
{
    meta:
        description = "Server object tag that creates the Windows shell."
        score = 75
        family = "COM object tag"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $tag_a = /<object\s[^>]{0,120}runat\s{0,6}=\s{0,6}["']?server[^>]{0,120}progid\s{0,4}=\s{0,4}["']?(wscript\.shell|shell\.application)/ nocase
        $tag_b = /<object\s[^>]{0,120}progid\s{0,4}=\s{0,4}["']?(wscript\.shell|shell\.application)[^>]{0,120}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of them
}

rule object_classid_moniker
{
    meta:
        description = "Server script that creates an object by CLSID through a moniker, to avoid its name."
        score = 80
        family = "COM object by number"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $new = /(CreateObject|GetObject)\s{0,6}\(\s{0,6}["']{1,2}new:\s{0,2}\{?[0-9a-f]{8}-[0-9a-f]{4}/ nocase
        $net = /GetTypeFromCLSID\s{0,6}\([^;]{0,60}["']\{?(72C24DD5-D70A-438B|F935DC22-1CF0-11D0|13709620-C279-11CE|9BA05972-F6A8-11CF|C08AFD90-F2A1-11D1)/ nocase
    condition:
        any of them
}

rule object_classid_files
{
    meta:
        description = "Server objects for files and for raw bytes or the network, all created by CLSID or tag."
        score = 65
        family = "COM object by number"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $fso_1 = /<object\s[^>]{0,200}runat\s{0,6}=\s{0,6}["']?server[^>]{0,200}clsid:\{?0D43FE01-F093-11CF-8940-00A0C9054228/ nocase
        $fso_2 = /<object\s[^>]{0,200}clsid:\{?0D43FE01-F093-11CF-8940-00A0C9054228[^>]{0,200}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $other = /clsid:\{?(00000566-0000-0010-8000-00AA006D2EA4|093FF999-1EA0-4079-9525-9614C3504B74|F935DC26-1CF0-11D0-ADB9-00C04FD58A0B)/ nocase
    condition:
        any of ($fso_*) and $other
}
