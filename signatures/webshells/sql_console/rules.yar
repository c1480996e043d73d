// Pages that open a database with data from the visitor and run any query: consoles and
// table dumpers.
// Words that every page holds are cut to their end (ver. for Server.): YARA-X then searches for the rarer word beside them.

rule sql_console_request_connection
{
    meta:
        description = "Server page that opens a database with a connection string from the request."
        score = 85
        family = "SQL console"
        reference = "https://attack.mitre.org/techniques/T1213/006/"
        date = "2026-11-24"
    strings:
        $direct = /\b(Sql|OleDb|Odbc|MySql|Oracle|Npgsql|SQLite)Connection\s{0,4}\(\s{0,4}[\w.]{0,60}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)\s{0,4}[\[(])/ nocase
        $named = /\b(str)?(conn?|cs|connection|dsn)_?(str|string)?\s{0,4}=\s{0,4}(Convert\.ToString\(|HttpUtility\.UrlDecode\(|Server\.UrlDecode\()?[\w.]{0,30}Request\s{0,6}(\[|\(|\.\s{0,4}(Item|Form|QueryString|Params|Headers|Cookies)\s{0,4}[\[(])/ nocase
        $class = /new\s{1,4}[\w.]{0,40}(Sql|OleDb|Odbc|MySql|Oracle|Npgsql|SQLite)Connection\b/ nocase
        $run = /\b(ExecuteReader|ExecuteNonQuery|ExecuteScalar|Fill)\s{0,4}\(/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and ($direct or ($named and $class)) and $run
}

rule sql_console_typed_server
{
    meta:
        description = "Server page that builds a connection string from an entered server, database and account and reads tables named by request input."
        score = 75
        family = "SQL table dumper"
        reference = "https://attack.mitre.org/techniques/T1213/006/"
        date = "2026-11-24"
    strings:
        $build = /(er|ce|st)\s{0,4}=\s{0,4}["'\x80-\xff]{1,4}\s{0,4}[+&]\s{0,4}[\w.()]{1,40}\s{0,4}[+&]\s{0,4}["'\x80-\xff]{1,4}\s{0,4};\s{0,4}(database|initial\s?catalog|uid|user\s?id|pwd|password)\s{0,4}=/ nocase
        $table = /select\s{1,4}\*\s{1,4}from\s{1,4}\[?["'\x80-\xff]{1,4}\s{0,4}[+&]/ nocase
        $write_1 = "StreamWriter" nocase
        $write_2 = /Response\s{0,4}\.\s{0,4}Write/ nocase
        $write_3 = "DataGrid" nocase
        $write_4 = "GridView" nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $build and $table and any of ($write_*)
}

rule sql_console_session_account
{
    meta:
        description = "Server page that keeps the database server, account and password in the session and browses all tables with them."
        score = 72
        family = "SQL console"
        reference = "https://attack.mitre.org/techniques/T1213/006/"
        date = "2026-11-24"
    strings:
        $keep_1 = /Session[\[(]\s{0,4}["'](db_?)?(host|server)\w{0,8}["']/ nocase
        $keep_2 = /Session[\[(]\s{0,4}["'](db_?)?(pass|pwd|password)["']/ nocase
        $format = /(ost|er|ce)\s{0,4}=\s{0,4}\{0\}/ nocase
        $walk_1 = /["']\s{0,4}show\s{1,4}(keys|tables|databases|table\s{1,4}status|create\s{1,4}table)\b/ nocase
        $walk_2 = "INFORMATION_SCHEMA.TABLES" nocase
        $walk_3 = "sysobjects" nocase
        $free = /["']\s{0,4}select\s{1,4}\*\s{1,4}from\s{1,4}["']\s{0,4}[+&]\s{0,4}Request/ nocase
        $page_1 = "<%@"
        $page_2 = /<%\s{1,4}@/
        $page_3 = /<script\s[^<>]{0,80}runat\s{0,6}=\s{0,6}["']?server/ nocase
    condition:
        any of ($page_*) and $keep_1 and $keep_2 and $format and (any of ($walk_*) or $free)
}
