// Edited logon pages: code that keeps or sends on the passwords which users type.

rule logon_harvest_password_to_file
{
    meta:
        description = "Server page that writes the password field of a form to a file."
        score = 85
        family = "Logon page harvester"
        reference = "https://attack.mitre.org/techniques/T1056/003/"
        date = "2026-11-24"
    strings:
        $net = /(AppendAllText|WriteAllText|AppendAllLines|WriteLine)\s{0,6}\([^;]{0,300}Request\s{0,6}(\.\s{0,4}(Form|Params|Item)\s{0,4})?[\[(]\s{0,4}["'](password|passwd|passwordText|txtPassword|newPwd1|oldPwd)["']/ nocase
        $asp = /\.\s{0,4}WriteLine[\s(]{1,6}[^\r\n]{0,200}Request\s{0,6}(\.\s{0,4}Form\s{0,4})?\(\s{0,4}"(password|passwd|newPwd1|oldPwd)"/ nocase
    condition:
        any of them
}

rule logon_harvest_owa_page_writes
{
    meta:
        description = "Outlook logon page with server code that writes files: the default page has none, so it was modified."
        score = 88
        family = "Edited Outlook logon page"
        reference = "https://attack.mitre.org/techniques/T1056/003/"
        date = "2026-11-24"
    strings:
        $page_1 = "Microsoft.Exchange.HttpProxy." nocase
        $page_2 = "Microsoft.Exchange.Clients.Owa" nocase
        $page_3 = "auth.owa" nocase
        $page_4 = "clkLgn"
        $write_1 = /File\s{0,4}\.\s{0,4}(Append|Write)(AllText|AllLines|AllBytes|Text)\s{0,6}\(/ nocase
        $write_2 = /new\s{1,8}(System\.IO\.)?(StreamWriter|FileStream)\s{0,6}\(/ nocase
        $write_3 = "CreateTextFile" nocase
    condition:
        any of ($page_*) and any of ($write_*)
}

rule logon_harvest_owa_script_sends
{
    meta:
        description = "Script of the Outlook logon page that sends the entered password somewhere other than the logon form."
        score = 85
        family = "Edited Outlook logon page"
        reference = "https://attack.mitre.org/techniques/T1056/003/"
        date = "2026-11-24"
    strings:
        $page_1 = "auth.owa" nocase
        $page_2 = "clkLgn"
        $page_3 = "/owa/auth/" nocase
        $send_1 = /(\.\s{0,4}(ajax|post|sendBeacon|send|open)|\bfetch)\s{0,6}\([^;]{0,400}(password|passwd|pwd)[^;]{0,40}\.val(ue\b|\s{0,2}\()/ nocase
        $send_2 = /\.\s{0,4}src\s{0,6}=[^;\r\n]{0,200}(password|passwd|pwd)[^;\r\n]{0,40}\.val(ue\b|\s{0,2}\()/ nocase
        $send_3 = /document\s{0,4}\.\s{0,4}cookie\s{0,6}=[^;\r\n]{0,120}["'(](password|passwd|pwd)["'][^;\r\n]{0,20}\.val(ue\b|\s{0,2}\()/ nocase
    condition:
        any of ($page_*) and any of ($send_*)
}

rule logon_harvest_owa_button_calls_out
{
    meta:
        description = "Outlook logon page whose button function sends a request of its own before the form: the default function sends none."
        score = 86
        family = "Edited Outlook logon page"
        reference = "https://attack.mitre.org/techniques/T1056/003/"
        date = "2026-11-24"
    strings:
        $button = /function\s{1,4}clkLgn\s{0,4}\([^)]{0,40}\)([^fs]|f[^u]|fu[^n]|s[^u]|su[^b]|sub[^m]){0,1200}(XMLHttpRequest|sendBeacon|\.ajax\s{0,4}\(|\bfetch\s{0,4}\(|new\s{1,4}Image\b|\.post\s{0,4}\()/
    condition:
        $button
}

rule logon_harvest_password_to_other_host
{
    meta:
        description = "Server page that sends the password field of a form to another host or by mail."
        score = 80
        family = "Logon page harvester"
        reference = "https://attack.mitre.org/techniques/T1056/003/"
        date = "2026-11-24"
    strings:
        $web = /(DownloadString|DownloadData|UploadString|UploadValues|WebRequest\s{0,4}\.\s{0,4}Create)\s{0,6}\([^;]{0,300}Request\s{0,6}(\.\s{0,4}(Form|Params|Item)\s{0,4})?[\[(]\s{0,4}["'](password|passwd|passwordText|txtPassword|newPwd1|oldPwd)["']/ nocase
    condition:
        $web
}
