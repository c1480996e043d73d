// Pages that read or change the set-up of IIS.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule iis_metabase_tools_changes
{
    meta:
        description = "Server page that creates or changes web sites, folders or script permissions through the IIS metabase."
        score = 78
        family = "IIS set-up changed"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        date = "2026-11-24"
    strings:
        $metabase = /IIS:\/\/(localhost|["'&+])[^\r\n]{0,20}/ nocase
        $change_1 = /\.\s{0,4}(Create|CreateVirtualDirectory|AppCreate2?)\s{0,4}[\s(]{1,4}["']?(IIsWeb|W3SVC|\w{1,20})/ nocase
        $change_2 = /\b(AccessScript|AccessExecute|AccessWrite|ScriptMaps|EnableDirBrowsing|AccessFlags)\b/
        $commit = /\.\s{0,4}(SetInfo|CommitChanges)\b/ nocase
    condition:
        $metabase and any of ($change_*) and $commit
}

rule iis_metabase_tools_passwords
{
    meta:
        description = "Server page that reads web site accounts and passwords from the IIS metabase."
        score = 85
        family = "IIS passwords read"
        reference = "https://attack.mitre.org/techniques/T1552/"
        date = "2026-11-24"
    strings:
        $metabase = /IIS:\/\/(localhost|["'&+])/ nocase
        $password = /AnonymousUserPass|WAMUserPass|UNCPassword/ nocase
    condition:
        all of them
}

rule iis_metabase_tools_lists
{
    meta:
        description = "Server page that lists all IIS sites with their folders, as webshell consoles do."
        score = 62
        family = "IIS sites listed"
        reference = "https://attack.mitre.org/techniques/T1083/"
        date = "2026-11-24"
    strings:
        $metabase = /IIS:\/\/(localhost)?[^\r\n]{0,10}\/?w3svc/ nocase
        $binding = /verBindings/ nocase
        $path_1 = /verComment/ nocase
        $path_2 = /\.\s{0,4}Path\b/ nocase
        $page_1 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
        $page_2 = /<%[^<]/
    condition:
        $metabase and $binding and any of ($path_*) and any of ($page_*)
}

rule iis_metabase_tools_appcmd
{
    meta:
        description = "Server page that changes IIS through its command line tool or administration API."
        score = 78
        family = "IIS set-up changed"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        date = "2026-11-24"
    strings:
        $appcmd = /appcmd(\.exe)?["'\s,]{1,4}(set|add|install|unlock|delete)\s{1,3}(config|module|site|app|vdir|apppool)/ nocase
        $global = /New-WebGlobalModule|Install-TransportAgent/ nocase
        $gac = /(GacInstall|GacRemove)\s{0,6}\(/
        $server_2 = /<%[^<]/
        $server_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($appcmd, $global, $gac) and any of ($server_*)
}
