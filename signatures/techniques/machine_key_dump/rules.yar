// Pages that give away the machine key, with which VIEWSTATE can be signed.

rule machine_key_dump_reflection
{
    meta:
        description = "Server page that reads and displays the site's machine key, which lets anyone sign ViewState and run code."
        score = 92
        family = "Machine key theft"
        reference = "https://www.microsoft.com/en-us/security/blog/2025/07/22/disrupting-active-exploitation-of-on-premises-sharepoint-vulnerabilities/"
        date = "2026-11-24"
    strings:
        $section = "MachineKeySection"
        $get = "GetApplicationConfig"
        $key_1 = /[^\w]ValidationKey\s{0,4}[^\s=\w]/
        $key_2 = /[^\w]DecryptionKey\s{0,4}[^\s=\w]/
        $show = /Response\s{0,4}\.\s{0,4}Write/ nocase
    condition:
        $section and ($get or $show) and any of ($key_*)
}

rule machine_key_dump_section_by_name
{
    meta:
        description = "Server page that reads the machine key section by its path and displays the keys."
        score = 85
        family = "Machine key theft"
        reference = "https://attack.mitre.org/techniques/T1552/004/"
        date = "2026-11-24"
    strings:
        $get = /Get(Section|WebApplicationSection)\s{0,6}\(\s{0,6}["']system\.web\/machineKey["']/ nocase
        $key_1 = /\.\s{0,4}ValidationKey\s{0,4}[^\s=\w]/
        $key_2 = /\.\s{0,4}DecryptionKey\s{0,4}[^\s=\w]/
        $show = /Response\s{0,4}\.\s{0,4}Write/ nocase
    condition:
        $get and any of ($key_*) and $show
}

rule machine_key_dump_from_file
{
    meta:
        description = "Server page that displays the web.config of its site."
        score = 72
        family = "Configuration shown"
        reference = "https://attack.mitre.org/techniques/T1552/001/"
        date = "2026-11-24"
    strings:
        $show = /Response\s{0,4}\.\s{0,4}(Write|WriteFile|TransmitFile)\s{0,6}\([^;]{0,80}(ReadAllText\s{0,4}\(|MapPath\s{0,4}\()[^;]{0,60}web\.config["']/ nocase
    condition:
        $show
}
