// Full-featured classic ASP consoles of the Chinese, Turkish and other schools.
// They have hundreds of names and passwords and one set of tools: files, commands,
// registry, accounts, privilege escalation, packing a site, adding code to its
// pages. The rules look for tools that do not belong together in one page.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule asp_console_shell_and_files
{
    meta:
        description = "Classic ASP page with the Windows script shell or shell object, file copy, move and delete operations, and request input."
        score = 85
        family = "Classic ASP console"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $shell_1 = "WScript.Shell" nocase
        $shell_2 = "72C24DD5-D70A-438B-8A42-98424B88AFB8" nocase
        $shell_3 = "F935DC22-1CF0-11D0-ADB9-00C04FD58A0B" nocase
        $shell_4 = "13709620-C279-11CE-A49E-444553540000" nocase
        $shell_5 = "Shell.Application" nocase
        $copy = /\.\s{0,4}(Copy|Move)(File|Folder)[\s(]/ nocase
        $file_1 = /\.\s{0,4}Delete(File|Folder)[\s(]/ nocase
        $file_2 = /\.\s{0,4}(SaveToFile|CreateTextFile)[\s(]/ nocase
        $file_3 = /\.\s{0,4}(Drives|DriveLetter)\b/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
        $server = /ver\s{0,4}\.\s{0,4}(createobject|mappath|s\w{5}timeout)\b/ nocase
    condition:
        any of ($shell_*) and $copy and 2 of ($file_*) and $request and $server
}

rule asp_console_registry_secrets
{
    meta:
        description = "Classic ASP page that reads remote-control passwords, the remote desktop port or the automatic logon password from the registry."
        score = 90
        family = "Classic ASP console"
        reference = "https://attack.mitre.org/techniques/T1552/002/"
        date = "2026-11-24"
    strings:
        $read = /\.\s{0,4}RegRead[\s(]/ nocase
        $read_wmi = "StdRegProv" nocase
        $secret_1 = "\\RAdmin\\" nocase
        $secret_2 = /\\WinVNC[34\\]/ nocase
        $secret_3 = /RDP-Tcp\\/ nocase
        $secret_4 = /AutoAdminLogon|DefaultPassword/ nocase
        $secret_5 = "\\RealVNC\\" nocase
        $secret_6 = "\\Cat Soft\\" nocase
        $secret_7 = /\\Terminal Server\\Wds/ nocase
        $secret_8 = /EnableTelnetServer|\\TelnetServer\\/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
    condition:
        any of ($read*) and any of ($secret_*) and $request
}

rule asp_console_foothold_paths
{
    meta:
        description = "Classic ASP page that lists folders used for privilege escalation: remote control, FTP servers, start menus, Windows configuration."
        score = 80
        family = "Classic ASP console"
        reference = "https://attack.mitre.org/techniques/T1083/"
        date = "2026-11-24"
    strings:
        $path_1 = /Symantec\\{1,2}pcAnywhere/ nocase
        $path_2 = /Program Files\\{1,2}Serv-?U/ nocase
        $path_3 = /Start Menu\\{1,2}Programs/ nocase
        $path_4 = /system32\\{1,2}(inetsrv\\{1,2}(data|MetaBack)|config\b|spool)/ nocase
        $path_5 = /Program Files\\{1,2}(RhinoSoft\.com|Gene6|FileZilla|Radmin|Real\\{1,2}VNC|MySQL)/ nocase
        $path_6 = /\\{1,2}RECYCLER\\{1,2}/ nocase
        $files = "FileSystemObject" nocase
        $stream = /adodb\.stream/ nocase
        $clsid = "0D43FE01-F093-11CF-8940-00A0C9054228" nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
    condition:
        2 of ($path_*) and any of ($files, $stream, $clsid) and $request
}

rule asp_console_accounts
{
    meta:
        description = "Classic ASP page that works with local accounts and with files or commands."
        score = 80
        family = "Classic ASP console"
        reference = "https://attack.mitre.org/techniques/T1087/001/"
        date = "2026-11-24"
    strings:
        $adsi = /GetObject\s{0,4}\(\s{0,4}"WinNT:\/\// nocase
        $net = /net\s{1,3}localgroup\s{1,3}administrators\s{1,3}[^"<>]{1,40}\/add/ nocase
        $work_1 = /\.\s{0,4}(Drives|DriveLetter)\b/ nocase
        $work_2 = /\.\s{0,4}RegRead[\s(]/ nocase
        $work_3 = /cmd(\.exe)?\s{1,3}\/c/ nocase
        $work_4 = /\.\s{0,4}StdOut\b/ nocase
        $server = /ver\s{0,4}\.\s{0,4}(createobject|mappath|s\w{5}timeout)\b/ nocase
    condition:
        ($adsi or $net) and any of ($work_*) and $server
}

rule asp_console_site_packer
{
    meta:
        description = "Classic ASP page that packs the files of a site into a database table and unpacks them, as consoles do to exfiltrate a site."
        score = 70
        family = "Classic ASP console (site packer)"
        reference = "https://attack.mitre.org/techniques/T1560/"
        date = "2026-11-24"
    strings:
        $table = /VarChar\s{0,3}(\(\s{0,3}\d{1,5}\s{0,3}\)\s{0,3})?,\s{0,3}\[?\w{1,24}\]?\s{1,3}(Image|OleObject|LongBinary)\s{0,3}\)/ nocase
        $load = /\.\s{0,4}LoadFromFile[\s(]/ nocase
        $save = /\.\s{0,4}SaveToFile[\s(]/ nocase
        $walk = /\.\s{0,4}(SubFolders|Items)\b/ nocase
    condition:
        all of them
}

rule asp_console_trade_words
{
    meta:
        description = "Classic ASP page with file access that names features of Chinese consoles: privilege escalation, or code injection into pages."
        score = 75
        family = "Classic ASP console"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $raise_gbk = { CC E1 C8 A8 }
        $raise_utf8 = { E6 8F 90 E6 9D 83 }
        $inject_gbk = { B9 D2 C2 ED }
        $inject_utf8 = { E6 8C 82 E9 A9 AC }
        $aside_gbk = { C5 D4 D7 A2 }
        $webshell = "webshell" nocase
        $write_1 = /\.\s{0,4}(SaveToFile|CreateTextFile)[\s(]/ nocase
        $write_2 = /\.\s{0,4}(CopyFile|MoveFile|DeleteFile)[\s(]/ nocase
        $write_3 = /\.\s{0,4}RegRead[\s(]/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
        $server = /ver\s{0,4}\.\s{0,4}(createobject|mappath|s\w{5}timeout)\b/ nocase
    condition:
        any of ($raise_*, $inject_*, $aside_gbk, $webshell) and 2 of ($write_*) and $request and $server
}

rule asp_console_host_and_writing
{
    meta:
        description = "Classic ASP page that shows the computer name and its own account, and writes files or starts programs."
        score = 75
        family = "Classic ASP console"
        reference = "https://attack.mitre.org/techniques/T1033/"
        date = "2026-11-24"
    strings:
        $object_1 = "WScript.Network" nocase
        $object_2 = "093FF999-1EA0-4079-9525-9614C3504B74" nocase
        $object_3 = "F935DC26-1CF0-11D0-ADB9-00C04FD58A0B" nocase
        $name = /\.\s{0,4}ComputerName\b/ nocase
        $user = /\.\s{0,4}UserName\b/ nocase
        $work_1 = /\.\s{0,4}(CreateTextFile|SaveToFile|DeleteFile|CopyFile)[\s(]/ nocase
        $work_2 = /\.\s{0,4}(Run|Exec|RegRead)[\s(]{1,4}[\w"]/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
        $server = /ver\s{0,4}\.\s{0,4}(createobject|mappath|s\w{5}timeout)\b/ nocase
    condition:
        any of ($object_*) and $name and $user and any of ($work_*) and $request and $server
}

rule asp_console_site_listing
{
    meta:
        description = "Classic ASP page that reads the IIS sites and their account passwords from the metabase or through WMI."
        score = 85
        family = "Classic ASP console (IIS spy)"
        reference = "https://attack.mitre.org/techniques/T1552/"
        date = "2026-11-24"
    strings:
        $where_1 = "IIS://" nocase
        $where_2 = "MicrosoftIISv2" nocase
        $where_3 = "IISWebVirtualDirSetting" nocase
        $what_1 = "AnonymousUserPass" nocase
        $what_2 = "WAMUserPass" nocase
        $what_3 = "UNCPassword" nocase
        $server = /ver\s{0,4}\.\s{0,4}(createobject|mappath|s\w{5}timeout)\b/ nocase
        $write = /Response\s{0,4}\.\s{0,4}Write/ nocase
    condition:
        (any of ($where_*) or 2 of ($what_*)) and any of ($what_*) and $server and $write
}

rule asp_console_port_scan
{
    meta:
        description = "Classic ASP page that scans ports of other machines with database connection strings of address and port."
        score = 80
        family = "Classic ASP console (port scanner)"
        reference = "https://attack.mitre.org/techniques/T1046/"
        date = "2026-11-24"
    strings:
        $address = /Data\s{1,3}Source\s{0,3}=\s{0,3}"\s{0,3}&\s{0,3}[\w()]{1,30}\s{0,3}&\s{0,3}","\s{0,3}&/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
    condition:
        all of them
}

rule asp_console_timestamp
{
    meta:
        description = "Classic ASP page that sets the date of a file named in the request through the Windows shell object (timestomping)."
        score = 80
        family = "Classic ASP console"
        reference = "https://attack.mitre.org/techniques/T1070/006/"
        date = "2026-11-24"
    strings:
        $date = /\.\s{0,4}ModifyDate\s{0,4}=\s{0,4}\w/ nocase
        $shell_1 = "Shell.Application" nocase
        $shell_2 = "13709620-C279-11CE-A49E-444553540000" nocase
        $shell_3 = /\.\s{0,4}ParseName[\s(]/ nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
    condition:
        $date and any of ($shell_*) and $request
}
