// Classic ASP consoles for databases: where the connection string, or the account,
// comes from the form, and statements too; and pages that take a server over by SQL.

rule asp_sql_console_connection_from_request
{
    meta:
        description = "Classic ASP page that opens a database with a connection string or database file from the request."
        score = 85
        family = "Classic ASP SQL console"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $open = /\.\s{0,4}(open|connectionstring)[\s(=]{1,6}(cstr\s{0,4}\(\s{0,4}|trim\s{0,4}\(\s{0,4}|replace\s{0,4}\(\s{0,4}){0,2}request\s{0,4}(\(|\.\s{0,4}(form|querystring|cookies|item)\s{0,4}\()/ nocase
        $step = /(conn|connstr|connectionstring|sqlconn|dsn|strconn|constr)\s{0,4}=\s{0,4}(trim\s{0,4}\(\s{0,4})?request\s{0,4}(\.\s{0,4}(form|querystring|item)\s{0,4})?\(\s{0,4}"/ nocase
        $source = /Data\s{1,3}Source\s{0,3}=\s{0,3}"?\s{0,3}&\s{0,3}(server\s{0,3}\.\s{0,3}mappath\s{0,3}\(\s{0,3})?request\s{0,3}(\(|\.\s{0,4}(form|querystring|item)\s{0,4}\()/ nocase
        $ado = /ADODB\.Connection/ nocase
    condition:
        $ado and ($open or $step or $source)
}

rule asp_sql_console_system_commands
{
    meta:
        description = "Classic ASP page that runs commands or writes files through stored procedures of SQL Server."
        score = 85
        family = "Classic ASP SQL console"
        reference = "https://attack.mitre.org/techniques/T1505/001/"
        date = "2026-11-24"
    strings:
        $proc_1 = /xp_cmdshell\]?\s{0,3}['"@]{1,4}\s{0,3}(&|\w{2,20}[\s.\/])/ nocase
        $proc_2 = /sp_oa(create|method)\s{1,3}['"@]/ nocase
        $proc_3 = /xp_reg(write|read|enumvalues)\s{1,3}['"]/ nocase
        $proc_4 = /xp_dirtree\s{1,3}['"]/ nocase
        $proc_5 = /sp_(add|drop)extendedproc\s{1,3}['"]{0,2}\[?[xo]/ nocase
        $proc_6 = /sp_makewebtask\s{1,3}[@'"]/ nocase
        $run = /(\.|[^.\w])(execute|open)[\s(]{1,4}["\w]/ nocase
        $ado_1 = /ADODB\.(Connection|Recordset|Command)/ nocase
        $ado_2 = "00000514-0000-0010-8000-00AA006D2EA4" nocase
        $ado_3 = "SQLOLEDB" nocase
        $request = /[^.\w]request\s{0,4}(\(|\.\s{0,4}(form|querystring|item|cookies|binaryread)\s{0,4}\()/ nocase
    condition:
        any of ($proc_*) and $run and any of ($ado_*) and $request
}

rule asp_sql_console_catalogue
{
    meta:
        description = "Classic ASP page that logs on to SQL Server with an account from a form or cookie and lists databases and objects."
        score = 75
        family = "Classic ASP SQL console"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        date = "2026-11-24"
    strings:
        $catalogue = "sysdatabases" nocase
        $objects = "sysobjects" nocase
        $provider = "SQLOLEDB" nocase
        $account = /(uid|pwd|user id|password|userid)\s{0,4}=\s{0,4}"\s{0,4}&\s{0,4}\w/ nocase
        $login = /=\s{0,4}(trim\s{0,4}\(\s{0,4})?request\s{0,4}(\.\s{0,4}(form|cookies|querystring)\s{0,4})?\(\s{0,4}["\w]{0,24}(pwd|password|pass|uid|server)/ nocase
    condition:
        $catalogue and $objects and $provider and $account and $login
}
