// Consoles and file managers in PHP that go by a name of their own.

rule php_console_named
{
    meta:
        description = "PHP page with the name of a known console: c99, r57, WSO, b374k, p0wny, AntSword and others."
        score = 85
        views = "php"
        family = "PHP console"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $php_1 = "<?php" nocase
        $php_2 = "<?="
        $c99 = /\bc99sh(ell)?(_\w{1,20})?\b/ nocase
        $r57 = /\br57shell\b/ nocase
        $wso = /["']FilesMan["']/
        $b374k = /\bb374k\b/ nocase
        $p0wny = /p0wny@shell/ nocase
        $alfa = /\bALFA\s{0,2}TEaM\s{0,2}Shell\b/ nocase
        $indo = /\bIndoXploit\b/ nocase
        $mini = /\bMini\s{0,2}Shell\b[^\n]{0,60}\bby\b/ nocase
    condition:
        any of ($php_*) and any of ($c99, $r57, $wso, $b374k, $p0wny, $alfa, $indo, $mini)
}

rule php_console_command_and_files
{
    meta:
        description = "PHP page that runs commands from a form, accepts uploads and shows permissions and system information: a console."
        score = 75
        views = "php"
        family = "PHP console"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-29"
    strings:
        $upload = "move_uploaded_file" nocase
        $run_1 = "shell_exec" nocase
        $run_2 = "passthru" nocase
        $run_3 = "proc_open" nocase
        $uname = "php_uname" nocase
        $safe_1 = "safe_mode" nocase
        $safe_2 = "disable_functions" nocase
        $perms = "fileperms" nocase
        $who = /get_current_user\s{0,4}\(/ nocase
        $cwd = /getcwd\s{0,4}\(/ nocase
    condition:
        $upload and any of ($run_*) and $uname and any of ($safe_*) and $perms and $who and $cwd
}
