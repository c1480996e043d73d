//! What each check sees, what it leaves alone, and what its peers miss.

use super::*;

#[test]
fn every_vector_answers_as_expected() {
    let vectors = include_str!("../../../fixtures/logs/vectors.jsonl");
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
        use Stage::*;
        let expected = match (text("expect").as_str(), text("why").as_str()) {
            ("proxylogon:stage1" | "proxylogon:probe", _) => Some(("log/proxylogon", Attempt, Level::Low)),
            ("proxylogon:stage2", _) => Some(("log/proxylogon", ReachedBackend, Level::Medium)),
            ("proxylogon:stage3", _) => Some(("log/proxylogon", SessionObtained, Level::High)),
            ("proxylogon:stage5", _) => Some(("log/proxylogon", ConfigurationChanged, Level::High)),
            ("proxylogon:stage6", _) => Some(("log/proxylogon", CodeExecutionOrFileWrite, Level::Critical)),
            ("cve-2021-27065:set", _) => Some(("log/virtual_directory_script_url", ConfigurationChanged, Level::High)),
            ("context", _) => Some(("log/virtual_directory_reset", Context, Level::Info)),
            ("cve-2021-26858", _) => Some(("log/oab_download", CodeExecutionOrFileWrite, Level::Critical)),
            ("proxyshell:success", _) => Some(("log/proxyshell", ReachedBackend, Level::Medium)),
            ("proxyshell:attempt", _) => Some(("log/proxyshell", Attempt, Level::Low)),
            ("webshell:access-200", _) => Some(("log/unknown_script_request", ReachedBackend, Level::Medium)),
            ("webshell:probe", _) => Some(("log/webshell_probe", Attempt, Level::Low)),
            ("owassrf", _) => Some(("log/owassrf", SessionObtained, Level::High)),
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
pub(super) fn one(head: &str, line: &str) -> (&'static str, Stage, Level) {
    let hits = hits(head, &[line]);
    assert_eq!(hits.len(), 1, "{line}: {hits:?}");
    hits[0]
}

#[test]
fn the_stage_of_proxylogon_follows_from_the_path_alone() {
    use Stage::*;
    let set = "/ecp/DDI/DDIService.svc/SetObject";
    for (anchor, status, expected) in [
        // Gaps of Test-ProxyLogon.ps1: the word anywhere, the host, the final sign, the folder.
        (
            format!("ServerInfo~a]@h:444{set}?x=/autodiscover&schema=ResetOABVirtualDirectory#"),
            "200",
            CodeExecutionOrFileWrite,
        ),
        (format!("ServerInfo~localhost{set}?schema=ResetOABVirtualDirectory"), "200", CodeExecutionOrFileWrite),
        (
            "ServerInfo~h:444//ECP/./DDI/x/..%2fDDIService.svc/setobject?a=&SCHEMA=%52esetOABVirtualDirectory&x=#"
                .to_owned(),
            "200",
            CodeExecutionOrFileWrite,
        ),
        (format!("serverinfo~h{set}?schema=OABVirtualDirectory#"), "200", ConfigurationChanged),
        ("ServerInfo~h/ecp/DDI/DDIService.svc/GetObject?schema=OABVirtualDirectory#".to_owned(), "200", DataRead),
        ("ServerInfo~h/EWS/Exchange.asmx?#".to_owned(), "200", DataRead),
        ("ServerInfo~h/powershell?#".to_owned(), "200", SessionObtained),
        ("ServerInfo~h/ecp/proxyLogon.ecp?#".to_owned(), "241", SessionObtained),
        ("ServerInfo~h/ecp/proxyLogon.ecp?#".to_owned(), "200", ReachedBackend),
        ("ServerInfo~h/mapi/emsmdb/?#".to_owned(), "200", ReachedBackend),
        ("ServerInfo~h/mapi/emsmdb/?#".to_owned(), "401", Attempt),
        ("ServerInfo~localhost/ecp/default.flt?".to_owned(), "200", Attempt),
        ("ServerInfo~h/autodiscover/autodiscover.xml?#".to_owned(), "200", Attempt),
        (format!("ServerInfo~h{set}?schema=ResetOABVirtualDirectory#"), "", Attempt),
    ] {
        let (check, stage, _) = one(PROXY, &proxied("/ecp/y.js", &anchor, status, ""));
        assert_eq!((check, stage), ("log/proxylogon", expected), "{anchor} {status}");
    }
    let (report, _) =
        read(format!("{PROXY}\n{}", proxied("/ecp/y.js", "ServerInfo~h/mapi/nspi?", "200", "")).as_bytes());
    assert_eq!(
        report.hits[0].locations[0].excerpt,
        "POST /ecp/y.js AnchorMailbox=ServerInfo~h/mapi/nspi? HttpStatus=200 UserAgent=UA"
    );
    let cookie = "Server~h:444/ecp/DDI/DDIService.svc/SetObject?schema=ResetOABVirtualDirectory~1942062522~2021";
    assert_eq!(one(PROXY, &proxied("/ecp/y.js", "", "200", cookie)).1, CodeExecutionOrFileWrite);
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
    assert_eq!((report.hits[0].check, report.hits[0].stage), ("log/proxylogon", ReachedBackend));
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
        assert_eq!(
            one(ECP, &set(value)),
            ("log/virtual_directory_script_url", Stage::ConfigurationChanged, Level::High),
            "{value}"
        );
    }
    // Unquoted with commas, another directory, the other URL.
    let bare = "2021-03-03T06:59:17.960Z,EX1,ECP.Request,S:CMD=Set-EcpVirtualDirectory.InternalUrl='http://f/<% a(1, 2) %>';S:URL=/x";
    assert_eq!(one(ECP, bare).0, "log/virtual_directory_script_url");
    // Wrapped: the value holds a line end. Truncated: the line lacks its end. Both are one hit with the first line as its place.
    let wrapped = set("\r\n<script language=\"\"JScript\"\" runat=\"\"server\"\">\r\nx</script>");
    let (report, problems) = read(format!("{ECP}\r\n{wrapped}\r\n").as_bytes());
    assert_eq!(
        (report.hits.len(), report.hits[0].count, report.hits[0].locations[0].line, problems.len()),
        (1, 1, 2, 0)
    );
    let whole = set("<script>");
    let truncated = &whole[..whole.find("cript>").expect("there") + 5];
    assert_eq!(one(ECP, truncated).0, "log/virtual_directory_script_url");
    let file = "2021-03-03T06:59:20.360Z,EX1,ECP.Request,S:CMD=New-OABVirtualDirectory.FilePathName='\\\\127.0.0.1\\c$\\inetpub\\wwwroot\\aspnet_client\\x.aspx';S:URL=/ecp";
    assert_eq!(one(ECP, file), ("log/virtual_directory_page_write", Stage::CodeExecutionOrFileWrite, Level::Critical));
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
            &With {
                folders: KnownFolders { exchange: vec![path(with)], ..KnownFolders::default() },
                ..With::default()
            },
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
    use Stage::*;
    for (request, rest, expected) in [
        (
            "GET /autodiscover/autodiscover.json @evil/mapi/nspi/?&Email=autodiscover/autodiscover.json%3F@evil",
            "- 203.0.113.7 UA - 302",
            ReachedBackend,
        ),
        (
            "POST /autodiscover/autodiscover.json @evil/powershell/?X-Rps-CAT=x&Email=autodiscover/autodiscover.json%3F@evil",
            "- 203.0.113.7 UA - 200",
            SessionObtained,
        ),
        (
            "POST /autodiscover/autodiscover.json a%40evil%2f%2570ower%73hell%2F",
            "- 203.0.113.7 UA - 200",
            SessionObtained,
        ),
        (
            "POST /AutoDiscover%2fautodiscover.json @evil/EWS/exchange.asmx?&Email=Autodiscover/autodiscover.json%253f@evil",
            "- 203.0.113.7 UA - 200",
            DataRead,
        ),
        (
            "GET /autodiscover/autodiscover.json?@evil/owa/ &Email=autodiscover/autodiscover.json%3F@evil",
            "- 203.0.113.7 UA - 404",
            Attempt,
        ),
    ] {
        let (check, stage, _) = one(IIS, &iis(request, rest));
        assert_eq!((check, stage), ("log/proxyshell", expected), "{request}");
    }
    // Logged on: ProxyNotShell, also with the second word in a parameter and percent-encoded, which the first mitigation missed.
    for request in [
        "GET /autodiscover/autodiscover.json @evil/owa/?&Email=autodiscover/autodiscover.json?a@evil&Protocol=XYZ&FooProtocol=%50owershell",
        "POST /autodiscover/admin@localhost/powershell/autodiscover.json x=a",
        "GET /autodiscover/autodiscover.json a@evil/PowerShell/",
    ] {
        let hit = one(IIS, &iis(request, r"EXAMPLE\bob 203.0.113.7 UA - 200"));
        assert_eq!(hit, ("log/proxynotshell", SessionObtained, Level::High), "{request}");
        assert_eq!(
            one(IIS, &iis(request, r"EXAMPLE\bob 203.0.113.7 UA - 403")),
            ("log/proxynotshell", Attempt, Level::Low)
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
    assert_eq!(one(head, line), ("log/proxyshell", SessionObtained, Level::High));
}

#[test]
fn owassrf_is_seen_in_all_three_logs() {
    let owa = "POST /owa/mastermailbox@outlook.com/powershell -";
    assert_eq!(
        one(IIS, &iis(owa, r"EXAMPLE\bob 203.0.113.7 UA - 200")),
        ("log/owassrf", Stage::SessionObtained, Level::High)
    );
    assert_eq!(one(IIS, &iis(owa, r"- 203.0.113.7 UA - 401")), ("log/owassrf", Stage::Attempt, Level::Low));
    assert_eq!(outcome(&iis(owa, r"- 203.0.113.7 Microsoft+WinRM+Client - 200")), []);
    assert_eq!(one(PROXY, &proxied("/owa/a%2540b/powershell", "", "200", "")).0, "log/owassrf");
    assert_eq!(hits(PROXY, &[&proxied("/powershell", "", "200", "")]), []);
    let back = |agent: &str| {
        format!("2022-12-20 00:00:01 10.0.0.5 POST /powershell - 444 EXAMPLE\\EX1$ 10.0.0.5 {agent} - 200 0 0 55")
    };
    assert_eq!(
        one(IIS, &back("python-requests/2.28")),
        ("log/powershell_back_end", Stage::ReachedBackend, Level::Medium)
    );
    assert_eq!(outcome(&back("Microsoft+WinRM+Client")), []);
    let head = "#Log-type: Rps Http Logs\r\n#Fields: DateTime,UrlStem,AuthenticationType,IsAuthenticated,User,HttpStatus,A,B,C,D,GenericInfo";
    let rps = |agent: &str| {
        format!(
            "2022-12-20T00:00:01.000Z,/powershell,Kerberos,true,EXAMPLE\\bob,200,0,,,,{agent};ContentType=application/soap+xml charset UTF-8"
        )
    };
    assert_eq!(one(head, &rps("UA")), ("log/powershell_back_end", Stage::ReachedBackend, Level::Medium));
    assert_eq!(hits(head, &[&rps("Microsoft WinRM Client")]), []);
}

#[test]
fn the_smaller_vulnerabilities_are_seen() {
    use Stage::*;
    let rules = "POST /ecp/alice@example.org/RulesEditor/InboxRules.svc/NewObject msExchEcpCanary=x";
    for (request, rest, expected) in [
        (rules, "- 203.0.113.7 UA - 500", Some(("log/proxytoken", ReachedBackend, Level::Medium))),
        (rules, "- 203.0.113.7 UA - 200", Some(("log/proxytoken", ConfigurationChanged, Level::High))),
        (rules, r"EXAMPLE\alice 10.1.1.1 UA - 200", None),
        (
            "GET /ecp/ SecurityToken=x",
            "- 203.0.113.7 UA - 500",
            Some(("log/proxytoken", ReachedBackend, Level::Medium)),
        ),
        ("GET /ecp/ SecurityToken=x", "- 203.0.113.7 UA - 302", Some(("log/proxytoken", Attempt, Level::Low))),
        (
            "POST /owa/calendar/a -",
            "- 203.0.113.7 UA - 200",
            Some(("log/calendar_ssrf", ReachedBackend, Level::Medium)),
        ),
        ("POST /owa/calendar/a -", "- 203.0.113.7 UA - 503", None),
        ("POST /owa/calendar/a1b2c3@example.org/service.svc -", "- 203.0.113.7 UA - 200", None),
        (
            "GET /ecp/default.aspx __VIEWSTATEGENERATOR=B97B4E27&__VIEWSTATE=AAEAAAD",
            r"EXAMPLE\bob 203.0.113.7 UA - 500",
            Some(("log/viewstate_in_query", ReachedBackend, Level::Medium)),
        ),
        (
            "GET /ecp/default.aspx %5f%5f%56IEWSTATE=AAEAAAD",
            r"EXAMPLE\bob 203.0.113.7 UA - 500",
            Some(("log/viewstate_in_query", ReachedBackend, Level::Medium)),
        ),
        (
            "GET /owa/auth/logon.aspx __VIEWSTATE=AAEAAAD",
            r"- 203.0.113.7 UA - 302",
            Some(("log/viewstate_in_query", Attempt, Level::Low)),
        ),
        ("POST /ecp/default.aspx __VIEWSTATE=AAEAAAD", r"EXAMPLE\bob 203.0.113.7 UA - 200", None),
        ("GET /ecp/default.aspx p=1", r"EXAMPLE\bob 203.0.113.7 UA - 200", None),
    ] {
        assert_eq!(outcome(&iis(request, rest)), Vec::from_iter(expected), "{request} {rest}");
    }
}

#[test]
fn the_front_end_proxy_is_read_without_its_head() {
    let query = "?@x.invalid/powershell/?X-Rps-CAT=inert&Email=autodiscover/autodiscover.json%3F@x.invalid";
    let line = |columns: usize| {
        format!(
            "2021-08-19T13:20:09.957Z,3422ea93-768f-4cd4-8b0c-578038deb0b2,15,1,2176,9,,Autodiscover,mail.example.org,/autodiscover/autodiscover.json,,Anonymous,false,,,Email-a,UA,198.51.100.23,EX1,200,200,,POST,Proxy,ex1,15.01,IntraForest,X,{}{query},,BeginRequest=2021;,,,CafeV1",
            ",".repeat(columns - 28)
        )
    };
    // Builds differ in the number of columns before the query.
    for columns in [59, 64, 65, 66] {
        let (report, problems) = read(line(columns).as_bytes());
        let reported: Vec<_> = report.hits.iter().map(|hit| (hit.check, hit.stage)).collect();
        assert_eq!((reported, problems.len()), (vec![("log/proxyshell", Stage::SessionObtained)], 1), "{columns}");
        assert!(report.hits[0].locations[0].excerpt.contains("UrlQuery=?@x.invalid"));
    }
    let ordinary = line(65).replace(query, "?Email=alice%40example.org");
    assert_eq!(read(ordinary.as_bytes()).0.hits, []);
    let of_2013 =
        line(64).replace(",mail.example.org,/", ",/").replace("3422ea93-768f-4cd4-8b0c-578038deb0b2", &"a1".repeat(16));
    assert_eq!(read(of_2013.as_bytes()).0.hits[0].stage, Stage::SessionObtained);
}

#[test]
fn proxylogon_is_seen_by_the_back_end_where_no_browser_asked() {
    let line = |request: &str, agent: &str, status: u16| {
        format!(r"2021-03-03 06:59:10 fe80::1 {request} 444 EXAMPLE\admin fe80::1 {agent} - {status} 0 0 15")
    };
    let (tool, browser) = ("python-requests/2.25.1", "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)");
    let session = "POST /ecp/proxyLogon.ecp &CorrelationID=<empty>;&cafeReqId=a;";
    let set = "POST /ecp/DDI/DDIService.svc/SetObject msExchEcpCanary=x.&schema=OABVirtualDirectory&cafeReqId=a;";
    let reset =
        "POST /ecp/DDI/DDIService.svc/SetObject msExchEcpCanary=x.&schema=ResetOABVirtualDirectory&cafeReqId=a;";
    for (request, agent, status, expected) in [
        (session, tool, 241, Some((Stage::SessionObtained, Level::High))),
        (session, "-", 241, Some((Stage::SessionObtained, Level::High))),
        (session, tool, 500, None),
        (session, browser, 241, None),
        (set, tool, 200, Some((Stage::ConfigurationChanged, Level::High))),
        (set, tool, 403, None),
        (set, browser, 200, None),
        (reset, tool, 200, Some((Stage::CodeExecutionOrFileWrite, Level::Critical))),
        (reset, browser, 200, Some((Stage::ConfigurationChanged, Level::Medium))),
        ("POST /ecp/DDI/DDIService.svc/GetObject schema=OABVirtualDirectory", tool, 200, None),
        ("POST /ecp/DDI/DDIService.svc/SetObject schema=DistributionGroup", tool, 200, None),
        ("GET /owa/ schema=ResetOABVirtualDirectory", tool, 200, None),
    ] {
        let expected = expected.map(|(stage, level)| ("log/proxylogon_back_end", stage, level));
        assert_eq!(outcome(&line(request, agent, status)), Vec::from_iter(expected), "{request} {agent} {status}");
    }
}

#[test]
fn what_http_sys_refused_is_read() {
    let lines = [
        "2021-08-20 08:09:10 203.0.113.7 2094 10.0.0.5 443 HTTP/1.1 POST /autodiscover/autodiscover.json?@x/powershell/?X-Rps-CAT=y 503 2 AppOffline MSExchangeAutodiscoverAppPool",
        "2021-08-20 09:10:11 10.1.1.1 2780 10.0.0.5 80 HTTP/1.1 GET /ThisIsMyUrl.htm 400 - Hostname -",
        "2021-08-20 13:31:17 10.1.1.1 54697 10.0.0.5 443 - - - - - Timer_ConnectionIdle -",
    ];
    let head = "#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n#Date: 2021-08-20 06:06:19\r\n#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\r\n";
    for head in [head, ""] {
        let (report, problems) = read(format!("{head}{}\r\n", lines.join("\r\n")).as_bytes());
        assert_eq!(problems, [], "{head}");
        let reported: Vec<_> = report.hits.iter().map(|hit| (hit.check, hit.stage, hit.client.as_str())).collect();
        assert_eq!(reported, [("log/proxyshell", Stage::Attempt, "203.0.113.7")], "{head}");
        let [span] = &report.spans[..] else { panic!("{:?}", report.spans) };
        assert_eq!((span.kind.as_str(), span.files, span.gaps_count), ("HTTPERR", 1, 0));
        assert!(span.last.is_some_and(|time| time.to_string().starts_with("2021-08-20T13:31:17")));
    }
}
