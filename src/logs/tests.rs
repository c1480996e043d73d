//! Whole logs, in memory, through the whole of the reader.

use super::checks::cmdlets::{self, Places};
use super::*;
use crate::evidence::Memory;
use crate::evidence::memory::Fault;
use crate::model::{Grade, Level, LogReport, Problem, ProblemKind, ServerPath};
use std::sync::atomic::AtomicBool;

const PROXY: &str = "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,Protocol,UrlHost,UrlStem,ProtocolAction,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,TargetServerVersion,RoutingType,RoutingHint,BackEndCookie";
const IIS: &str = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken";
const ECP: &str = "TimeStamp,ServerName,EventId,EventData";
const OAB: &str = "Timestamp,RecordType,TraceId,OabGuid,AddressListGuid,Message";

/// What is known beside the logs.
struct With<'w> {
    found: Vec<(ServerPath, Vec<String>)>,
    exists: &'w (dyn Fn(&str) -> Exists + Sync),
    places: Places,
    threads: usize,
}

impl Default for With<'_> {
    fn default() -> Self {
        Self { found: Vec::new(), exists: &|_| Exists::No, places: Places::default(), threads: 1 }
    }
}

fn path(text: &str) -> ServerPath {
    ServerPath::from_windows(text).expect("absolute")
}

/// What all files of a folder tell.
fn read_all(evidence: &Memory, with: &With<'_>) -> (LogReport, Vec<Problem>) {
    let mut problems = Vec::new();
    let sources = loose(evidence, &[path(r"C:\logs")], &mut problems);
    let interrupted = AtomicBool::new(false);
    let counters = Counters::default();
    let job = Job {
        evidence,
        sources: &sources,
        found: &with.found,
        exists: with.exists,
        places: &with.places,
        threads: with.threads,
        interrupted: &interrupted,
        counters: &counters,
    };
    let report = examine(&job, &mut |problem| problems.push(problem));
    (report, problems)
}

fn read(bytes: &[u8]) -> (LogReport, Vec<Problem>) {
    read_all(&Memory::new().file(r"C:\logs\a.log", bytes), &With::default())
}

/// Check, grade and level of each hit of a log with this head and these lines.
fn hits(head: &str, lines: &[&str]) -> Vec<(&'static str, Grade, Level)> {
    let (report, problems) = read(format!("{head}\r\n{}\r\n", lines.join("\r\n")).as_bytes());
    assert_eq!(problems, [], "{lines:?}");
    report.hits.iter().map(|hit| (hit.check, hit.grade, hit.level)).collect()
}

fn iis(request: &str, rest: &str) -> String {
    format!("2021-03-05 03:06:27 10.0.0.5 {request} 443 {rest} 0 0 133")
}

fn proxied(stem: &str, anchor: &str, status: &str, cookie: &str) -> String {
    format!(
        "2021-03-03T06:49:42.162Z,00000000-0000-4000-8000-000000000001,15,1,2044,4,,Ecp,mail.example.org,{stem},,FBA,false,,,{anchor},UA,203.0.113.7,EX1,{status},{status},,POST,Proxy,ex1,15,IntraForest,X,{cookie},"
    )
}

fn outcome(line: &str) -> Vec<(&'static str, Grade, Level)> {
    hits(IIS, &[line])
}

#[test]
fn every_vector_answers_as_expected() {
    let vectors = include_str!("../../fixtures/logs/vectors.jsonl");
    let mut records = vectors.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let head = records.next().expect("the head")["httpproxy_header"].as_str().expect("text").to_owned();
    let mut count = 0;
    for record in records {
        let text = |key: &str| record[key].as_str().expect(key).to_owned();
        let head = match text("kind").as_str() {
            "httpproxy" => head.as_str(),
            "ecpserver" => ECP,
            "oabgen" => OAB,
            "iis" => IIS,
            other => panic!("{other}"),
        };
        use Grade::*;
        let expected = match (text("expect").as_str(), text("why").as_str()) {
            ("proxylogon:stage1" | "proxylogon:probe", _) => Some(("proxylogon", Attempt, Level::Low)),
            ("proxylogon:stage2", _) => Some(("proxylogon", Reached, Level::Medium)),
            ("proxylogon:stage3", _) => Some(("proxylogon", Session, Level::High)),
            ("proxylogon:stage5", _) => Some(("proxylogon", Set, Level::High)),
            ("proxylogon:stage6", _) => Some(("proxylogon", Written, Level::Critical)),
            ("cve-2021-27065:set", _) => Some(("virtual_directory_code", Set, Level::High)),
            ("context", _) => Some(("virtual_directory_reset", Context, Level::Info)),
            ("cve-2021-26858", _) => Some(("oab_download", Written, Level::Critical)),
            ("proxyshell:success", _) => Some(("proxyshell", Reached, Level::Medium)),
            ("proxyshell:attempt", _) => Some(("proxyshell", Attempt, Level::Low)),
            ("webshell:access-200", _) => Some(("unknown_script", Reached, Level::Medium)),
            ("webshell:probe", _) => Some(("webshell_probe", Attempt, Level::Low)),
            ("owassrf", _) => Some(("owassrf", Session, Level::High)),
            ("clean" | "clean-or-info", _) => None,
            other => panic!("{other:?}"),
        };
        let line = text("line");
        // The lines were written with blanks in the user agent's place as IIS writes them.
        assert_eq!(hits(head, &[&line]), Vec::from_iter(expected), "{line}");
        count += 1;
    }
    assert_eq!(count, 23);
}

/// One hit, and nothing else.
fn one(head: &str, line: &str) -> (&'static str, Grade, Level) {
    let hits = hits(head, &[line]);
    assert_eq!(hits.len(), 1, "{line}: {hits:?}");
    hits[0]
}

#[test]
fn proxylogon_is_graded_by_the_path_alone() {
    use Grade::*;
    let set = "/ecp/DDI/DDIService.svc/SetObject";
    for (anchor, status, expected) in [
        // Gaps of Test-ProxyLogon.ps1: the word anywhere, the host, the final sign, the folder.
        (format!("ServerInfo~a]@h:444{set}?x=/autodiscover&schema=ResetOABVirtualDirectory#"), "200", Written),
        (format!("ServerInfo~localhost{set}?schema=ResetOABVirtualDirectory"), "200", Written),
        (
            format!(
                "ServerInfo~h:444//ECP/./DDI/x/..%2fDDIService.svc/setobject?a=&SCHEMA=%52esetOABVirtualDirectory&x=#"
            ),
            "200",
            Written,
        ),
        (format!("serverinfo~h{set}?schema=OABVirtualDirectory#"), "200", Set),
        ("ServerInfo~h/ecp/DDI/DDIService.svc/GetObject?schema=OABVirtualDirectory#".to_owned(), "200", Read),
        ("ServerInfo~h/EWS/Exchange.asmx?#".to_owned(), "200", Read),
        ("ServerInfo~h/powershell?#".to_owned(), "200", Session),
        ("ServerInfo~h/ecp/proxyLogon.ecp?#".to_owned(), "241", Session),
        ("ServerInfo~h/ecp/proxyLogon.ecp?#".to_owned(), "200", Reached),
        ("ServerInfo~h/mapi/emsmdb/?#".to_owned(), "200", Reached),
        ("ServerInfo~h/mapi/emsmdb/?#".to_owned(), "401", Attempt),
        ("ServerInfo~localhost/ecp/default.flt?".to_owned(), "200", Attempt),
        ("ServerInfo~h/autodiscover/autodiscover.xml?#".to_owned(), "200", Attempt),
        (format!("ServerInfo~h{set}?schema=ResetOABVirtualDirectory#"), "", Attempt),
    ] {
        let (check, grade, _) = one(PROXY, &proxied("/ecp/y.js", &anchor, status, ""));
        assert_eq!((check, grade), ("proxylogon", expected), "{anchor} {status}");
    }
    let cookie = "Server~h:444/ecp/DDI/DDIService.svc/SetObject?schema=ResetOABVirtualDirectory~1942062522~2021";
    assert_eq!(one(PROXY, &proxied("/ecp/y.js", "", "200", cookie)).1, Written);
    for silent in [
        proxied("/ecp/", "MailboxGuid~1", "200", "Server~EX1.example.local~1941962754~2021-04-02T07:00:00"),
        proxied("/ecp/", "ServerInfo~ex1.example.local", "200", ""),
        proxied("/ecp/", "", "200", "").replace(",UA,", ",ServerInfo~a/ecp/x,"),
    ] {
        assert_eq!(hits(PROXY, &[&silent]), [], "{silent}");
    }
    // A build without the column, and a line that ends before it.
    let (report, _) = read(b"DateTime,RequestId,UrlStem,HttpStatus,BackEndCookie,Other\n2021-03-03T06:49:42.162Z,g,/ecp/y.js,200,,ServerInfo~h/mapi/nspi?\n");
    assert_eq!(report.hits.len(), 0, "no proof that this is the front-end proxy's");
    let (report, _) = read(b"#Log-type: HttpProxy Logs\n#Fields: DateTime,RequestId,UrlStem,HttpStatus,Other\n2021-03-03T06:49:42.162Z,g,/ecp/y.js,200,ServerInfo~h/mapi/nspi?\n");
    assert_eq!((report.hits[0].check, report.hits[0].grade), ("proxylogon", Reached));
}

#[test]
fn code_in_the_url_of_a_virtual_directory_is_seen_however_it_is_written() {
    let set = |value: &str| {
        format!(
            "2021-03-03T06:59:17.960Z,EX1,ECP.Request,\"S:CMD=Set-OabVirtualDirectory.ExternalUrl='http://f/{value}'.Identity='1';S:URL=/ecp/DDI/DDIService.svc/SetObject\""
        )
    };
    for value in [
        "<%@ Page %>",
        "<SCRIPT runat=server>",
        "%3Cscript%3E",
        "%253c%2525x%2525%253e",
        "&lt;script&gt;",
        "\\u003cscript",
        "&#x3c;% %>",
        "<script",
    ] {
        assert_eq!(one(ECP, &set(value)), ("virtual_directory_code", Grade::Set, Level::High), "{value}");
    }
    // Unquoted with commas, another directory, the other URL.
    let bare = "2021-03-03T06:59:17.960Z,EX1,ECP.Request,S:CMD=Set-EcpVirtualDirectory.InternalUrl='http://f/<% a(1, 2) %>';S:URL=/x";
    assert_eq!(one(ECP, bare).0, "virtual_directory_code");
    // Wrapped: the value holds a line end. Cut: the line lacks its end. Both are one hit with the first line as its place.
    let wrapped = set("\r\n<script language=\"\"JScript\"\" runat=\"\"server\"\">\r\nx</script>");
    let (report, problems) = read(format!("{ECP}\r\n{wrapped}\r\n").as_bytes());
    assert_eq!((report.hits.len(), report.hits[0].count, report.hits[0].proof[0].line, problems.len()), (1, 1, 2, 0));
    let whole = set("<script>");
    let cut = &whole[..whole.find("cript>").expect("there") + 5];
    assert_eq!(one(ECP, cut).0, "virtual_directory_code");
    let file = "2021-03-03T06:59:20.360Z,EX1,ECP.Request,S:CMD=New-OABVirtualDirectory.FilePathName='\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\aspnet_client\\x.aspx';S:URL=/ecp";
    assert_eq!(one(ECP, file), ("virtual_directory_file", Grade::Written, Level::Critical));
    for silent in ["https://mail.example.org/OAB", "https://mail.example.org/x.aspx?a=1%2C2"] {
        assert_eq!(hits(ECP, &[&set(silent)]), [], "{silent}");
    }
    assert_eq!(
        hits(ECP, &["2021-03-03T06:59:17.960Z,EX1,ECP.Request,S:CMD=Set-Mailbox.Note='<script>';S:URL=/ecp"]),
        []
    );
}

#[test]
fn the_address_book_is_compared_with_this_servers_own_folder() {
    let line = |path: &str| {
        format!(
            "2021-03-01T10:11:12.345Z,ErrorTrace,12,g,g,Download failed and temporary file '{path}' needs to be removed"
        )
    };
    let head = format!("{OAB}\r\n");
    let at = |with: &str, written: &str| {
        let evidence = Memory::new().file(r"C:\logs\oabgen.log", format!("{head}{}", line(written)).as_bytes());
        let (report, _) = read_all(
            &evidence,
            &With { places: Places { exchange: vec![path(with)], ..Places::default() }, ..With::default() },
        );
        report.hits.iter().map(|hit| hit.level).collect::<Vec<_>>()
    };
    let oab = r"C:\Program Files\Microsoft\Exchange Server\V15\ClientAccess\OAB";
    assert_eq!(at(r"C:\Program Files\Microsoft\Exchange Server\V15", &format!(r"{oab}\T\a.lzx")), []);
    assert_eq!(at(r"E:\Exchange", &format!(r"{oab}\T\a.lzx")), [Level::High]);
    assert_eq!(at(r"E:\Exchange", r"e:\exchange\clientaccess\oab\T\a.lzx"), []);
    assert_eq!(
        at(r"E:\Exchange", r"E:\Exchange\ClientAccess\OAB\x.aspx"),
        [Level::Critical],
        "a page is no address book"
    );
    assert_eq!(at(r"E:\Exchange", r"\\127.0.0.1\c$\inetpub\x.aspx"), [Level::Critical]);
    assert_eq!(hits(OAB, &[&line(r"C:\inetpub\x.aspx")[..100]]).len(), 1, "a line that lost its end");
    assert_eq!(hits(OAB, &["2021-03-01T10:11:12.345Z,InfoTrace,12,g,g,Finished"]), []);
}

#[test]
fn proxyshell_is_seen_through_every_encoding() {
    use Grade::*;
    for (request, rest, expected) in [
        (
            "GET /autodiscover/autodiscover.json @evil/mapi/nspi/?&Email=autodiscover/autodiscover.json%3F@evil",
            "- 203.0.113.7 UA - 302",
            Reached,
        ),
        (
            "POST /autodiscover/autodiscover.json @evil/powershell/?X-Rps-CAT=x&Email=autodiscover/autodiscover.json%3F@evil",
            "- 203.0.113.7 UA - 200",
            Session,
        ),
        ("POST /autodiscover/autodiscover.json a%40evil%2f%2570ower%73hell%2F", "- 203.0.113.7 UA - 200", Session),
        (
            "POST /AutoDiscover%2fautodiscover.json @evil/EWS/exchange.asmx?&Email=Autodiscover/autodiscover.json%253f@evil",
            "- 203.0.113.7 UA - 200",
            Read,
        ),
        (
            "GET /autodiscover/autodiscover.json?@evil/owa/ &Email=autodiscover/autodiscover.json%3F@evil",
            "- 203.0.113.7 UA - 404",
            Attempt,
        ),
    ] {
        let (check, grade, _) = one(IIS, &iis(request, rest));
        assert_eq!((check, grade), ("proxyshell", expected), "{request}");
    }
    // Logged on: ProxyNotShell, also with the second word in a parameter and percent-encoded, which the first mitigation missed.
    for request in [
        "GET /autodiscover/autodiscover.json @evil/owa/?&Email=autodiscover/autodiscover.json?a@evil&Protocol=XYZ&FooProtocol=%50owershell",
        "POST /autodiscover/admin@localhost/powershell/autodiscover.json x=a",
        "GET /autodiscover/autodiscover.json a@evil/PowerShell/",
    ] {
        let hit = one(IIS, &iis(request, r"EXAMPLE\bob 203.0.113.7 UA - 200"));
        assert_eq!(hit, ("proxynotshell", Session, Level::High), "{request}");
        assert_eq!(
            one(IIS, &iis(request, r"EXAMPLE\bob 203.0.113.7 UA - 403")),
            ("proxynotshell", Attempt, Level::Low)
        );
    }
    for request in [
        "GET /autodiscover/autodiscover.json Email=alice%40example.org&Protocol=EWS&RedirectCount=1",
        "GET /autodiscover/autodiscover.json/v1.0/alice@example.org Protocol=ActiveSync",
        "POST /autodiscover/autodiscover.xml -",
        "POST /PowerShell/ clientApplication=ActiveMonitor;PSVersion=5.1",
        "GET /autodiscover/metadata/json/1 -",
    ] {
        assert_eq!(outcome(&iis(request, "- 10.1.1.10 UA - 200")), [], "{request}");
    }
    // The same request in the front-end proxy's log.
    let line = "2021-08-19T13:20:00.000Z,g,15,2,721,2,,Autodiscover,m,/autodiscover/autodiscover.json,@evil/powershell/,203.0.113.7,200,POST";
    let head = "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,Protocol,UrlHost,UrlStem,UrlQuery,ClientIPAddress,HttpStatus,Method,AnchorMailbox";
    assert_eq!(one(head, line), ("proxyshell", Session, Level::High));
}

#[test]
fn owassrf_is_seen_in_all_three_logs() {
    let owa = "POST /owa/mastermailbox@outlook.com/powershell -";
    assert_eq!(one(IIS, &iis(owa, r"EXAMPLE\bob 203.0.113.7 UA - 200")), ("owassrf", Grade::Session, Level::High));
    assert_eq!(one(IIS, &iis(owa, r"- 203.0.113.7 UA - 401")), ("owassrf", Grade::Attempt, Level::Low));
    assert_eq!(outcome(&iis(owa, r"- 203.0.113.7 Microsoft+WinRM+Client - 200")), []);
    assert_eq!(one(PROXY, &proxied("/owa/a%2540b/powershell", "", "200", "")).0, "owassrf");
    assert_eq!(hits(PROXY, &[&proxied("/powershell", "", "200", "")]), []);
    let back = |agent: &str| {
        format!("2022-12-20 00:00:01 10.0.0.5 POST /powershell - 444 EXAMPLE\\EX1$ 10.0.0.5 {agent} - 200 0 0 55")
    };
    assert_eq!(one(IIS, &back("python-requests/2.28")), ("powershell_back_end", Grade::Reached, Level::Medium));
    assert_eq!(outcome(&back("Microsoft+WinRM+Client")), []);
    let head = "#Log-type: Rps Http Logs\r\n#Fields: DateTime,UrlStem,AuthenticationType,IsAuthenticated,User,HttpStatus,A,B,C,D,GenericInfo";
    let rps = |agent: &str| {
        format!(
            "2022-12-20T00:00:01.000Z,/powershell,Kerberos,true,EXAMPLE\\bob,200,0,,,,{agent};ContentType=application/soap+xml charset UTF-8"
        )
    };
    assert_eq!(one(head, &rps("UA")), ("powershell_back_end", Grade::Reached, Level::Medium));
    assert_eq!(hits(head, &[&rps("Microsoft WinRM Client")]), []);
}

#[test]
fn the_smaller_flaws_are_seen() {
    use Grade::*;
    let rules = "POST /ecp/alice@example.org/RulesEditor/InboxRules.svc/NewObject msExchEcpCanary=x";
    for (request, rest, expected) in [
        (rules, "- 203.0.113.7 UA - 500", Some(("proxytoken", Reached, Level::Medium))),
        (rules, "- 203.0.113.7 UA - 200", Some(("proxytoken", Set, Level::High))),
        (rules, r"EXAMPLE\alice 10.1.1.1 UA - 200", None),
        ("GET /ecp/ SecurityToken=x", "- 203.0.113.7 UA - 500", Some(("proxytoken", Reached, Level::Medium))),
        ("GET /ecp/ SecurityToken=x", "- 203.0.113.7 UA - 302", Some(("proxytoken", Attempt, Level::Low))),
        ("POST /owa/calendar/a -", "- 203.0.113.7 UA - 200", Some(("calendar_ssrf", Reached, Level::Medium))),
        ("POST /owa/calendar/a -", "- 203.0.113.7 UA - 503", None),
        ("POST /owa/calendar/a1b2c3@example.org/service.svc -", "- 203.0.113.7 UA - 200", None),
        (
            "GET /ecp/default.aspx __VIEWSTATEGENERATOR=B97B4E27&__VIEWSTATE=AAEAAAD",
            r"EXAMPLE\bob 203.0.113.7 UA - 500",
            Some(("viewstate", Reached, Level::Medium)),
        ),
        (
            "GET /ecp/default.aspx %5f%5f%56IEWSTATE=AAEAAAD",
            r"EXAMPLE\bob 203.0.113.7 UA - 500",
            Some(("viewstate", Reached, Level::Medium)),
        ),
        (
            "GET /owa/auth/logon.aspx __VIEWSTATE=AAEAAAD",
            r"- 203.0.113.7 UA - 302",
            Some(("viewstate", Attempt, Level::Low)),
        ),
        ("POST /ecp/default.aspx __VIEWSTATE=AAEAAAD", r"EXAMPLE\bob 203.0.113.7 UA - 200", None),
        ("GET /ecp/default.aspx p=1", r"EXAMPLE\bob 203.0.113.7 UA - 200", None),
    ] {
        assert_eq!(outcome(&iis(request, rest)), Vec::from_iter(expected), "{request} {rest}");
    }
}

#[test]
fn scripts_that_nobody_knows_are_seen_and_exchanges_own_are_not() {
    use Grade::*;
    let ok = "- 203.0.113.9 UA - 200";
    for (request, rest, expected) in [
        ("POST /aspnet_client/discover.aspx -", ok, Some(("unknown_script", Written, Level::High))),
        ("GET /aspnet_client/discover.aspx -", ok, Some(("unknown_script", Reached, Level::Medium))),
        ("POST /owa/auth/x.aspx/logon.aspx -", ok, Some(("unknown_script", Written, Level::High))),
        ("POST //owa/auth/%2e/x%2Easpx -", ok, Some(("unknown_script", Written, Level::High))),
        ("POST /(S(a))/owa/auth/x.ashx -", ok, Some(("unknown_script", Written, Level::High))),
        ("GET /owa/auth/x.aspx -", "- 203.0.113.9 UA - 302", Some(("webshell_probe", Attempt, Level::Low))),
        ("GET /aspnet_client/x.aspx -", "- 203.0.113.9 UA - 404", Some(("webshell_probe", Attempt, Level::Low))),
        ("GET /wp-login.php -", "- 203.0.113.9 UA - 404", None),
        ("POST /intranet/form.aspx -", ok, Some(("unknown_script", Reached, Level::Medium))),
        ("POST /ecp/y.js -", ok, Some(("post_to_static", Reached, Level::Medium))),
        (
            "POST /owa/auth/Current/themes/resources/owafont.css -",
            "- 203.0.113.9 UA - 405",
            Some(("post_to_static", Attempt, Level::Low)),
        ),
        ("GET /ecp/y.js -", ok, None),
        ("POST /owa/auth/getidtoken.htm -", ok, None),
        ("POST /owa/auth.owa -", "- 203.0.113.9 UA - 302", None),
        ("GET /owa/auth/logon.aspx url=x", ok, None),
        ("POST /owa/auth/15.2.721/logon.aspx -", ok, Some(("unknown_script", Written, Level::High))),
        ("POST /EWS/Exchange.asmx -", ok, None),
        ("POST /owa/alice@example.org/service.svc action=FindItem", ok, None),
        ("POST /owa/service.svc action=FindItem", ok, None),
        ("GET /ecp/GoHelp.aspx -", ok, None),
        ("POST /ecp/DDI/DDIService.svc/GetList -", ok, None),
        ("GET /ecp/auth/gohelp.aspx -", ok, Some(("unknown_script", Reached, Level::Medium))),
        ("GET /owa/auth/x.aspx -", "- ::1 AMProbe/Local/ClientAccess - 302", None),
        (
            "GET /owa/auth/x.aspx -",
            "- 203.0.113.9 AMProbe/Local/ClientAccess - 200",
            Some(("unknown_script", Reached, Level::Medium)),
        ),
    ] {
        assert_eq!(outcome(&iis(request, rest)), Vec::from_iter(expected), "{request} {rest}");
    }
    // What lies on disk is no stranger; where the disk is not known, less is said.
    let line = iis("GET /portal/form.aspx -", ok);
    let evidence = Memory::new().file(r"C:\logs\a.log", format!("{IIS}\n{line}").as_bytes());
    let levels = |exists: Exists| {
        let (report, _) = read_all(&evidence, &With { exists: &move |_| exists, ..With::default() });
        report.hits.iter().map(|hit| hit.level).collect::<Vec<_>>()
    };
    assert_eq!(
        (levels(Exists::Yes), levels(Exists::No), levels(Exists::Unknown)),
        (vec![], vec![Level::Medium], vec![Level::Info])
    );
}

#[test]
fn requests_for_found_files_are_counted_and_joined() {
    let shell = path(r"C:\inetpub\wwwroot\aspnet_client\discover.aspx");
    let id = "00000000-0000-4000-8000-00000000000a";
    let lines = [
        iis("POST /aspnet_client/discover.aspx -", "- 203.0.113.9 python-requests/2.25.1 - 200"),
        iis(
            &format!("GET /Aspnet_Client//dis%63over.aspx/x &CorrelationID=<empty>;&cafeReqId={id};"),
            "- 203.0.113.10 UA - 200",
        )
        .replace("03:06:27", "02:00:00"),
        iis("GET /aspnet_client/discover.aspx -", "- 203.0.113.9 UA - 404").replace("03:06:27", "04:00:00"),
        iis("GET /aspnet_client/other.htm -", "- 203.0.113.9 UA - 200"),
    ];
    let proxy =
        proxied("/aspnet_client/discover.aspx", "", "200", "").replace("00000000-0000-4000-8000-000000000001", id);
    let evidence = Memory::new()
        .file(
            r"C:\logs\HttpProxy\Owa\HttpProxy_1.LOG",
            format!("{PROXY}\r\n{proxy}\r\n{proxy}").replace("000a,", "000b,").replacen("000b,", "000a,", 1).as_bytes(),
        )
        .file(r"C:\logs\W3SVC1\u_ex1.log", format!("{IIS}\r\n{}", lines.join("\r\n")).as_bytes());
    for threads in [1, 3] {
        let found = vec![(shell.clone(), vec!["/aspnet_client/discover.aspx".to_owned()])];
        let (report, problems) =
            read_all(&evidence, &With { found, exists: &|_| Exists::Yes, threads, ..With::default() });
        assert_eq!((problems, report.hits), (vec![], vec![]));
        let [requests] = &report.requests[..] else { panic!("{:?}", report.requests) };
        let show = |time: Option<crate::model::Timestamp>| {
            time.map(|time| time.to_string()[11..19].to_owned()).unwrap_or_default()
        };
        assert_eq!((requests.count, requests.joined, requests.url.as_str()), (3, 1, "/aspnet_client/discover.aspx"));
        assert_eq!((show(requests.first), show(requests.last)), ("02:00:00".into(), "04:00:00".into()));
        assert_eq!((show(requests.first_success), show(requests.last_success)), ("02:00:00".into(), "03:06:27".into()));
        assert_eq!(requests.methods.iter().map(|(k, v)| format!("{k}{v}")).collect::<String>(), "GET2POST1");
        assert_eq!((requests.clients["203.0.113.9"], requests.statuses["404"], requests.agents.len()), (2, 1, 2));
        assert_eq!((requests.proof.len(), requests.proof[0].line), (3, 5));
    }
}

const SHELL: &str = "2021-03-05 03:06:27 10.0.0.5 POST /aspnet_client/x.aspx - 443 - 203.0.113.9 UA - 200 0 0 133";
const STAGE6: &str = "2021-03-03T06:59:20.359Z,00000000-0000-4000-8000-000000000001,15,1,2044,4,,Ecp,mail.example.org,/ecp/y.js,,FBA,false,,,ServerInfo~a]@h:444/ecp/DDI/DDIService.svc/SetObject?schema=ResetOABVirtualDirectory#,UA,203.0.113.7,EX1,200,200,,POST";

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("memory");
        writer.write_all(bytes).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn every_encoding_and_packing_is_read_alike() {
    let text = format!("{IIS}\r\n{SHELL}\r\n");
    let wide = |mark: &[u8], pair: fn(u16) -> [u8; 2]| {
        [mark, &text.encode_utf16().flat_map(pair).collect::<Vec<u8>>()].concat()
    };
    let (half, rest) = text.as_bytes().split_at(40);
    for (what, bytes) in [
        ("plain", text.clone().into_bytes()),
        ("mark of UTF-8", [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        ("UTF-16LE", wide(b"\xFF\xFE", u16::to_le_bytes)),
        ("UTF-16BE", wide(b"\xFE\xFF", u16::to_be_bytes)),
        ("UTF-16LE without a mark", wide(b"", u16::to_le_bytes)),
        ("UTF-16BE without a mark", wide(b"", u16::to_be_bytes)),
        ("gzip", gzipped(text.as_bytes())),
        ("gzip of two members", [gzipped(half), gzipped(rest)].concat()),
        ("gzip of UTF-16", gzipped(&wide(b"\xFF\xFE", u16::to_le_bytes))),
        ("zip", zipped(&[("u_ex1.log", text.as_bytes())])),
        ("line ends of Unix", text.replace("\r\n", "\n").into_bytes()),
        ("no last line end", text.trim_end().to_owned().into_bytes()),
    ] {
        let (report, problems) = read(&bytes);
        assert_eq!(problems, [], "{what}");
        assert_eq!(
            (report.hits.len(), report.hits[0].check, report.hits[0].proof[0].line),
            (1, "unknown_script", 4),
            "{what}"
        );
        assert_eq!(report.hits[0].proof[0].member.as_deref(), (what == "zip").then_some("u_ex1.log"), "{what}");
        assert_eq!((report.spans[0].files, report.spans[0].first.is_some()), (1, true), "{what}");
    }
}

#[test]
fn heads_come_again_and_columns_change() {
    let first = PROXY.replace("AnchorMailbox", "RoutingHint2").replace("UserAgent", "AnchorMailbox");
    let text = format!(
        "{first}\r\n#Software: Microsoft Exchange Server\r\n#Version: 15.02.0721.002\r\n#Log-type: HttpProxy Logs\r\n#Date: 2021-03-03T06:00:00.000Z\r\n#Fields: {first}\r\n2021-03-03T06:00:00.000Z,g\r\n#Version: 15.02.0721.013\r\n#Log-type: HttpProxy Logs\r\n#Fields: {PROXY}\r\n{STAGE6}\r\n"
    );
    let (report, problems) = read(text.as_bytes());
    assert_eq!((report.hits.len(), report.hits[0].grade, problems.len()), (1, Grade::Written, 0));
    let builds: Vec<_> =
        report.builds.iter().map(|build| (build.build.as_str(), build.first.map(|t| t.seconds()))).collect();
    assert_eq!(builds, [("15.2.721.2", Some(1_614_751_200)), ("15.2.721.13", Some(1_614_754_760))]);
    // A file that becomes another kind of log.
    let (report, _) = read(format!("{text}{IIS}\r\n{SHELL}\r\n").as_bytes());
    assert_eq!(report.hits.iter().map(|hit| hit.check).collect::<Vec<_>>(), ["proxylogon", "unknown_script"]);
    // A head that is lost.
    let (report, problems) = read(SHELL.as_bytes());
    assert_eq!((report.hits.len(), problems.len()), (1, 1), "{problems:?}");
    assert!(problems[0].message.contains("usual columns"), "{problems:?}");
}

#[test]
fn damage_is_said_and_nothing_else_is_lost() {
    let ordinary = "2021-03-05 03:06:27 10.0.0.5 GET /owa/ - 443 - 10.1.1.1 UA - 200 0 0 1\r\n";
    let long = format!("2021-03-05 03:06:27 10.0.0.5 POST /aspnet_client/long.aspx {} 443", "a".repeat(3 << 20));
    for (what, middle, message, more) in [
        (
            "a long line",
            format!("{long}\r\n"),
            "longer than 256 KiB: only their first part was looked at; the first is line 5",
            0,
        ),
        ("zeros of a crash", "\0".repeat(700_000), "zero bytes", 0),
        ("binary", "\x01\u{fffd}\x7f\0\n\u{202e}\n".to_owned(), "1 line with zero bytes", 1),
        ("a time of 1601", ordinary.replace("2021", "1601"), "time that no log", 0),
        ("a date that is none", ordinary.replace("2021-03-05", "2021-13-55"), "without a time", 0),
    ] {
        let text = format!("{IIS}\r\n{ordinary}{middle}{SHELL}\r\n");
        let (report, problems) = read(text.as_bytes());
        let hits: Vec<_> = report.hits.iter().map(|hit| hit.check).collect();
        assert_eq!(hits, ["unknown_script"], "{what}");
        assert_eq!(problems.len(), 1 + more, "{what}: {problems:?}");
        assert!(
            problems.iter().any(|problem| problem.kind == ProblemKind::LogDamaged && problem.message.contains(message)),
            "{what}: {problems:?}"
        );
        assert_eq!(report.spans[0].first.map(|time| time.seconds()), Some(1_614_913_587), "{what}");
    }
    // The head of a long line is looked at, also of one that a quote never ends.
    let (report, _) = read(
        format!(
            "{ECP}\n2021-03-03T06:59:17.960Z,EX1,E,\"S:CMD=Set-OabVirtualDirectory.ExternalUrl='<%{}",
            "b".repeat(2 << 20)
        )
        .as_bytes(),
    );
    assert_eq!(report.hits.len(), 1);
    // A clock that goes back belongs to what is covered, and so do holes.
    let at = |time: &str| ordinary.replace("2021-03-05 03:06:27", time);
    let (report, problems) = read(
        format!("{IIS}\r\n{}{}{}", at("2021-03-05 10:00:00"), at("2021-03-05 03:00:00"), at("2021-03-06 03:00:00"))
            .as_bytes(),
    );
    let span = &report.spans[0];
    assert_eq!(
        (problems.len(), span.jumps_count, span.holes_count, span.holes[0].0.to_string()),
        (0, 1, 2, "2021-03-05T03:00:00.0000000Z".into())
    );
    let (_, problems) = read(b"this is no log\nat all\n");
    assert!(problems[0].message.contains("no log of a format"));
    assert_eq!(read(b"").1, []);
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_read() {
    let text = format!("{IIS}\r\n{SHELL}\r\n");
    let bomb = gzipped(&vec![b'a'; 100 << 20]);
    let mut encrypted = zipped(&[("a.log", text.as_bytes())]);
    // The bit that says so, in the member's head and in the directory.
    encrypted[6] |= 1;
    let directory = encrypted.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("there");
    encrypted[directory + 8] |= 1;
    let whole = zipped(&[("a.log", text.as_bytes())]);
    let evidence = Memory::new()
        .file(r"C:\logs\a.log", text.as_bytes())
        .file(r"C:\logs\locked.log", b"x")
        .fault(r"C:\logs\locked.log", Fault::Locked)
        .file(r"C:\logs\breaks.log", text.as_bytes())
        .fault(r"C:\logs\breaks.log", Fault::BreakAfter(text.len() - 3))
        .file(r"C:\logs\bomb.gz", &bomb)
        .file(r"C:\logs\cut.gz", &gzipped(text.repeat(50).as_bytes())[..100])
        .file(r"C:\logs\encrypted.zip", &encrypted)
        .file(r"C:\logs\cut.zip", &whole[..whole.len() - 10])
        .file(r"C:\logs\b.log", text.as_bytes());
    let (report, problems) = read_all(&evidence, &With { threads: 2, ..With::default() });
    let kinds: Vec<_> = problems
        .iter()
        .map(|problem| (problem.path.as_ref().expect("of a file").name().to_owned(), problem.kind))
        .collect();
    let of = |name: &str| kinds.iter().filter(|(other, _)| other == name).map(|(_, kind)| *kind).collect::<Vec<_>>();
    assert_eq!(of("locked.log"), [ProblemKind::FileLocked]);
    assert_eq!(of("breaks.log"), [ProblemKind::FileUnreadable]);
    for name in ["cut.gz", "encrypted.zip", "cut.zip"] {
        assert_eq!(of(name)[0], ProblemKind::LogDamaged, "{name}: {problems:?}");
    }
    assert!(problems.iter().any(|problem| problem.message.contains("unpacks to more than")), "{problems:?}");
    assert_eq!((of("a.log").len(), of("b.log").len()), (0, 0));
    assert!(report.hits[0].count >= 3, "both whole ones and the one that breaks: {:?}", report.hits[0]);
}

#[test]
fn the_logs_of_a_server_are_found_and_missing_ones_are_said() {
    let v15 = r"C:\Program Files\Microsoft\Exchange Server\V15";
    let evidence = Memory::new()
        .file(&format!(r"{v15}\Logging\HttpProxy\Ecp\HttpProxy_2021030306-1.LOG"), format!("{PROXY}\r\n{STAGE6}").as_bytes())
        .folder(&format!(r"{v15}\Logging\HttpProxy\Owa"))
        .file(&format!(r"{v15}\Logging\HttpProxy\Newer\HttpProxy_2021030306-1.LOG"), format!("{PROXY}\r\n{STAGE6}").as_bytes())
        .file(r"C:\IISLogs\W3SVC1\u_ex1.log", format!("{IIS}\r\n{SHELL}").as_bytes())
        .file(r"C:\inetpub\logs\LogFiles\W3SVC7\u_ex1.log", format!("{IIS}\r\n{SHELL}").as_bytes())
        .file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", br#"<configuration><sites><siteDefaults><logFile directory="%SystemDrive%\IISLogs"/></siteDefaults><site name="a" id="1"/><site name="b" id="2"/><site name="c" id="3"><logFile directory="D:\l"/></site></sites></configuration>"#);
    let root = ServerPath::drive('C');
    let given = crate::targets::Given { shape: crate::targets::recognise(&evidence, &root), path: root.clone() };
    let plan = crate::targets::discover(&evidence, &[given], &['C'], false);
    let mut problems = Vec::new();
    let sources = survey(&evidence, &plan, &[root], &mut problems);
    assert_eq!((sources.len(), problems.len()), (4, 1), "{problems:?}");
    assert_eq!(problems[0].kind, ProblemKind::VolumeNotGiven);
    let on_disk = OnDisk::new(&evidence, &plan);
    let report = examine(
        &Job {
            evidence: &evidence,
            sources: &sources,
            found: &[],
            exists: &|url| on_disk.exists(url),
            places: &Places { exchange: plan.exchange.clone(), ..Places::default() },
            threads: 2,
            interrupted: &AtomicBool::new(false),
            counters: &Counters::default(),
        },
        &mut |problem| panic!("{problem:?}"),
    );
    let span = |kind: &str| {
        report.spans.iter().find(|span| span.kind == kind).unwrap_or_else(|| panic!("{kind}: {:?}", report.spans))
    };
    assert_eq!(
        (span("HttpProxy Ecp").files, span("HttpProxy Owa").files, span("HttpProxy Owa").folder.is_some()),
        (1, 0, true)
    );
    assert_eq!(
        (
            span("HttpProxy Eas").folder.is_none(),
            span("IIS W3SVC2").folder.is_none(),
            span("ECP Server").folder.is_none()
        ),
        (true, true, true)
    );
    assert_eq!((span("IIS W3SVC1").files, span("IIS W3SVC7").files, span("HttpProxy").files), (1, 1, 1));
    assert!(!report.spans.iter().any(|span| span.kind == "HttpProxy Rest"), "a server of 2013 has none");
    assert_eq!(
        report.hits.iter().map(|hit| (hit.check, hit.count)).collect::<Vec<_>>(),
        [("proxylogon", 2), ("unknown_script", 2)]
    );
}

#[test]
fn scripts_are_looked_for_in_the_folders_of_each_site() {
    let evidence = Memory::new()
        .file(r"C:\inetpub\wwwroot\aspnet_client\There.aspx", b"x")
        .file(r"C:\Owa\auth\x.aspx", b"x")
        .file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", br#"<configuration><sites><site name="a" id="1"><application path="/"><virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot"/></application><application path="/owa"><virtualDirectory path="/" physicalPath="C:\Owa"/></application><application path="/d"><virtualDirectory path="/" physicalPath="D:\d"/></application></site></sites></configuration>"#);
    let root = ServerPath::drive('C');
    let given = crate::targets::Given { shape: crate::targets::recognise(&evidence, &root), path: root };
    let plan = crate::targets::discover(&evidence, &[given], &['C'], false);
    let on_disk = OnDisk::new(&evidence, &plan);
    for (url, exists) in [
        ("/aspnet_client/there.aspx", Exists::Yes),
        ("/aspnet_client/gone.aspx", Exists::No),
        ("/owa/auth/x.aspx", Exists::Yes),
        ("/owa/aspnet_client/there.aspx", Exists::No),
        ("/owap/x.aspx", Exists::No),
        ("/d/x.aspx", Exists::Unknown),
    ] {
        assert_eq!(on_disk.exists(url), exists, "{url}");
    }
    assert_eq!(OnDisk::new(&evidence, &crate::targets::Plan::default()).exists("/x.aspx"), Exists::Unknown);
}

#[test]
fn what_is_found_does_not_depend_on_workers_or_on_where_blocks_end() {
    let ordinary = "2021-03-05 03:06:27 10.0.0.5 GET /owa/ - 443 - 10.1.1.1 UA - 200 0 0 1\r\n";
    let mut evidence = Memory::new();
    for at in 0..8 {
        // Lines of interest lie across the ends of blocks at every offset.
        let mut text = format!("{IIS}\r\n{}", "x".repeat(at * 13));
        text.push_str("\r\n");
        for n in 0..9_000 {
            text.push_str(ordinary);
            if n % 700 == 0 {
                text.push_str(&format!("{SHELL}\r\n"));
            }
        }
        evidence = evidence.file(&format!(r"C:\logs\{at}.log"), text.as_bytes());
    }
    let (one, problems) = read_all(&evidence, &With::default());
    let (many, same) = read_all(&evidence, &With { threads: 3, ..With::default() });
    assert_eq!((&one, &problems), (&many, &same));
    assert_eq!((one.hits.len(), one.hits[0].count), (1, 8 * 13));
}

#[test]
fn cmdlets_are_judged_in_the_logs_of_remote_powershell() {
    let head = "#Log-type: Rps Cmdlet Logs\r\n#Fields: DateTime,AuthenticatedUser,ClientApplication,Cmdlet,Parameters,ExecutionResult,GenericErrors";
    let line = |cmdlet: &str, parameters: &str, outcome: &str| {
        format!("2021-08-19T13:22:05.100Z,EXAMPLE\\alice,,{cmdlet},\"{parameters}\",{outcome},")
    };
    let export = line(
        "New-MailboxExportRequest",
        r#"-Mailbox ""alice"" -FilePath ""\\127.0.0.1\C$\inetpub\wwwroot\aspnet_client\x.aspx"""#,
        "Success",
    );
    let (report, problems) = read(format!("{head}\r\n{export}\r\n").as_bytes());
    assert_eq!((problems.len(), report.hits.len()), (0, 1));
    let hit = &report.hits[0];
    assert_eq!(
        (hit.check, hit.grade, hit.level, hit.client.as_str()),
        ("mailbox_export", Grade::Written, Level::Critical, r"EXAMPLE\alice")
    );
    for silent in [
        line("Get-MailboxExportRequest", "", "Success"),
        line("New-MailboxExportRequest", r#"-Mailbox ""alice"" -FilePath ""\\files\pst\alice.pst"""#, "Success"),
        line("Get-Mailbox", "", "Success"),
    ] {
        assert_eq!(hits(head, &[&silent]), [], "{silent}");
    }
    // The audit spool, whose columns nobody has written down.
    let audit = "#Log-type: audit\r\n#Fields: timestamp,data";
    let entry = r#"2021-08-19T13:22:05.100Z,"New-MailboxExportRequest -Mailbox ""alice"" -FilePath ""\\localhost\c$\inetpub\wwwroot\x.aspx""""#;
    assert_eq!(one(audit, entry).0, cmdlets::MAILBOX_EXPORT.id);
}
