//! Requests for webshells: unknown scripts, files that were found, and ToolShell.

use super::*;

/// The end of a line that was answered with success.
const OK: &str = "- 203.0.113.9 UA - 200";

#[test]
fn unknown_scripts_are_seen_and_exchanges_own_are_not() {
    use Stage::*;
    for (request, rest, expected) in [
        (
            "POST /aspnet_client/discover.aspx -",
            OK,
            Some(("log/unknown_script_request", CodeExecutionOrFileWrite, Level::High)),
        ),
        ("GET /aspnet_client/discover.aspx -", OK, Some(("log/unknown_script_request", ReachedBackend, Level::Medium))),
        (
            "POST /owa/auth/x.aspx/logon.aspx -",
            OK,
            Some(("log/unknown_script_request", CodeExecutionOrFileWrite, Level::High)),
        ),
        (
            "POST //owa/auth/%2e/x%2Easpx -",
            OK,
            Some(("log/unknown_script_request", CodeExecutionOrFileWrite, Level::High)),
        ),
        (
            "POST /(S(a))/owa/auth/x.ashx -",
            OK,
            Some(("log/unknown_script_request", CodeExecutionOrFileWrite, Level::High)),
        ),
        ("GET /owa/auth/x.aspx -", "- 203.0.113.9 UA - 302", Some(("log/webshell_probe", Attempt, Level::Low))),
        ("GET /aspnet_client/x.aspx -", "- 203.0.113.9 UA - 404", Some(("log/webshell_probe", Attempt, Level::Low))),
        ("GET /wp-login.php -", "- 203.0.113.9 UA - 404", None),
        ("POST /intranet/form.aspx -", OK, Some(("log/unknown_script_request", Context, Level::Low))),
        ("POST /form.aspx -", OK, Some(("log/unknown_script_request", Context, Level::Low))),
        ("GET /intranet/form.aspx -", OK, Some(("log/unknown_script_request", Context, Level::Info))),
        ("POST /ecp/y.js -", OK, Some(("log/post_to_static_file", ReachedBackend, Level::Medium))),
        (
            "POST /owa/auth/Current/themes/resources/owafont.css -",
            "- 203.0.113.9 UA - 405",
            Some(("log/post_to_static_file", Attempt, Level::Low)),
        ),
        ("GET /ecp/y.js -", OK, None),
        ("POST /owa/auth/getidtoken.htm -", OK, None),
        ("POST /owa/auth.owa -", "- 203.0.113.9 UA - 302", None),
        ("GET /owa/auth/logon.aspx url=x", OK, None),
        (
            "POST /owa/auth/15.2.721/logon.aspx -",
            OK,
            Some(("log/unknown_script_request", CodeExecutionOrFileWrite, Level::High)),
        ),
        ("POST /EWS/Exchange.asmx -", OK, None),
        ("POST /owa/alice@example.org/service.svc action=FindItem", OK, None),
        ("POST /owa/service.svc action=FindItem", OK, None),
        ("GET /ecp/GoHelp.aspx -", OK, None),
        ("POST /ecp/DDI/DDIService.svc/GetList -", OK, None),
        ("GET /ecp/auth/gohelp.aspx -", OK, Some(("log/unknown_script_request", ReachedBackend, Level::Medium))),
        ("GET /owa/auth/x.aspx -", "- ::1 AMProbe/Local/ClientAccess - 302", None),
        (
            "GET /owa/auth/x.aspx -",
            "- 203.0.113.9 AMProbe/Local/ClientAccess - 200",
            Some(("log/unknown_script_request", ReachedBackend, Level::Medium)),
        ),
    ] {
        assert_eq!(outcome(&iis(request, rest)), Vec::from_iter(expected), "{request} {rest}");
    }
}

#[test]
fn what_is_known_of_the_disk_and_the_server_decides_the_level_of_unknown_scripts() {
    use Stage::*;
    // A script on disk is known; where the disk is not known, levels are lower, and lowest for a server without Exchange.
    let reported = |request: &str, exchange: bool, exists: Exists| {
        let evidence = Memory::new().file(r"C:\logs\a.log", format!("{IIS}\n{}", iis(request, OK)).as_bytes());
        let exchange = exchange.then(|| path(r"C:\Ex")).into_iter().collect();
        let folders = KnownFolders { exchange, ..KnownFolders::default() };
        let (report, _) = read_all(&evidence, &With { exists: &move |_| exists, folders, ..With::default() });
        report.hits.first().map(|hit| (hit.stage, hit.level))
    };
    for (request, exchange, answers) in [
        ("GET /portal/form.aspx -", true, [None, Some((ReachedBackend, Level::Medium)), Some((Context, Level::Info))]),
        (
            "POST /portal/form.aspx -",
            true,
            [None, Some((ReachedBackend, Level::Medium)), Some((ReachedBackend, Level::Medium))],
        ),
        (
            "POST /form.aspx -",
            true,
            [None, Some((CodeExecutionOrFileWrite, Level::High)), Some((CodeExecutionOrFileWrite, Level::High))],
        ),
        ("GET /portal/form.aspx -", false, [None, Some((Context, Level::Info)), None]),
        ("POST /portal/form.aspx -", false, [None, Some((Context, Level::Low)), Some((Context, Level::Info))]),
        ("POST /form.aspx -", false, [None, Some((Context, Level::Low)), Some((Context, Level::Info))]),
        ("POST /api/form.aspx -", false, [None, Some((Context, Level::Low)), Some((Context, Level::Info))]),
        (
            "POST /owa/auth/x.aspx -",
            false,
            [None, Some((CodeExecutionOrFileWrite, Level::High)), Some((CodeExecutionOrFileWrite, Level::High))],
        ),
        ("POST /_layouts/15/upload.aspx -", false, [None, Some((Context, Level::Low)), None]),
    ] {
        let got = [Exists::Yes, Exists::No, Exists::Unknown].map(|exists| reported(request, exchange, exists));
        assert_eq!(got, answers, "{request}");
    }
}

#[test]
fn a_page_that_only_exchange_has_shows_what_server_a_log_is_of() {
    // A log by itself shows that it is of a server with Exchange: one that answered a page that no other has.
    let after = |before: &str| {
        let text = format!("{IIS}\n{before}\n{}", iis("POST /form.aspx -", OK));
        let evidence = Memory::new().file(r"C:\logs\a.log", text.as_bytes());
        let (report, _) = read_all(&evidence, &With { exists: &|_| Exists::Unknown, ..With::default() });
        report.hits.iter().map(|hit| hit.level).collect::<Vec<_>>()
    };
    let logon = "GET /owa/auth/logon.aspx url=x";
    assert_eq!(after(&iis(logon, OK)), [Level::High]);
    assert_eq!(after(&iis("POST /EWS/Exchange.asmx -", OK)), [Level::High]);
    assert_eq!(after(&iis(logon, "- 203.0.113.9 UA - 404")), [Level::Info], "a scanner asks anybody");
}

#[test]
fn the_title_says_whether_the_disk_was_checked() {
    let line = iis("POST /owa/auth/x.aspx -", OK);
    let evidence = Memory::new().file(r"C:\logs\a.log", format!("{IIS}\n{line}").as_bytes());
    let title =
        |exists| read_all(&evidence, &With { exists: &move |_| exists, ..With::default() }).0.hits[0].title.clone();
    assert!(title(Exists::Unknown).ends_with("whether it is on disk was not checked"), "{}", title(Exists::Unknown));
    assert!(title(Exists::No).contains("is neither on disk now"));
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
        assert_eq!((requests.locations.len(), requests.locations[0].line), (3, 5));
    }
}

/// A request to SharePoint, as IIS logs it.
fn sharepoint(request: &str, user: &str, referer: &str, status: u16) -> String {
    format!("2025-07-18 18:01:02 10.0.0.5 {request} 443 {user} 203.0.113.9 Mozilla/5.0 {referer} {status} 0 0 700")
}

/// What a log of one line shows where the disk is not known.
fn without_disk(head: &str, line: &str) -> Vec<(&'static str, Stage, Level)> {
    let evidence = Memory::new().file(r"C:\logs\a.log", format!("{head}\r\n{line}\r\n").as_bytes());
    let (report, _) = read_all(&evidence, &With { exists: &|_| Exists::Unknown, ..With::default() });
    report.hits.iter().map(|hit| (hit.check, hit.stage, hit.level)).collect()
}

const TOOL_PANE: &str = "POST /_layouts/15/ToolPane.aspx DisplayMode=Edit&a=/ToolPane.aspx";
const SIGN_OUT: &str = "/_layouts/SignOut.aspx";

#[test]
fn toolshell_is_seen_by_the_page_it_says_it_comes_from() {
    use Stage::*;
    for (request, user, referer, status, expected) in [
        (TOOL_PANE, "-", SIGN_OUT, 200, Some(("log/toolshell", SessionObtained, Level::High))),
        (
            TOOL_PANE,
            "-",
            "https://sp.example.org/_layouts/15/%53ignOut.aspx?x",
            200,
            Some(("log/toolshell", SessionObtained, Level::High)),
        ),
        (TOOL_PANE, "-", SIGN_OUT, 302, Some(("log/toolshell", ReachedBackend, Level::Medium))),
        (TOOL_PANE, "-", SIGN_OUT, 401, Some(("log/toolshell", Attempt, Level::Low))),
        (
            "POST /sites/a/_layouts/16//toolpane.aspx/x displaymode=edit",
            "-",
            SIGN_OUT,
            200,
            Some(("log/toolshell", SessionObtained, Level::High)),
        ),
        (TOOL_PANE, r"CONTOSO\a", "https://sp.example.org/SitePages/Home.aspx", 200, None),
        (TOOL_PANE, "-", "-", 401, None),
        ("GET /_layouts/15/ToolPane.aspx DisplayMode=Edit", r"CONTOSO\a", SIGN_OUT, 200, None),
        ("GET /_layouts/15/SignOut.aspx -", r"CONTOSO\a", "-", 200, None),
        (
            "GET /_layouts/15/spinstall0.aspx -",
            "-",
            SIGN_OUT,
            200,
            Some(("log/toolshell_page", CodeExecutionOrFileWrite, Level::High)),
        ),
        (
            "POST /_layouts/16/spinstallb.aspx -",
            "-",
            "-",
            200,
            Some(("log/toolshell_page", CodeExecutionOrFileWrite, Level::High)),
        ),
        (
            "GET /_layouts/15/debug_dev.js -",
            "-",
            "-",
            200,
            Some(("log/toolshell_page", CodeExecutionOrFileWrite, Level::High)),
        ),
        (
            "GET /_layouts/15/ghostfile346.aspx -",
            "-",
            "-",
            200,
            Some(("log/toolshell_page", CodeExecutionOrFileWrite, Level::High)),
        ),
        (
            "POST /_layouts/15/spinstall0.aspx/a -",
            "-",
            "-",
            200,
            Some(("log/toolshell_page", CodeExecutionOrFileWrite, Level::High)),
        ),
        ("GET /_layouts/15/spinstall0.aspx -", "-", "-", 404, Some(("log/toolshell_page", Attempt, Level::Low))),
        ("GET /_layouts/15/start.aspx -", r"CONTOSO\a", "-", 200, None),
        ("POST /_layouts/15/upload.aspx -", r"CONTOSO\a", "-", 200, None),
        ("GET /_layouts/15/init.js -", "-", "-", 200, None),
        ("GET /downloads/spinstall0.aspx -", "-", "-", 200, None),
    ] {
        let line = sharepoint(request, user, referer, status);
        assert_eq!(without_disk(IIS, &line), Vec::from_iter(expected), "{request} {referer} {status}");
    }
}

#[test]
fn toolshell_is_an_attempt_where_there_is_no_sharepoint() {
    use Stage::*;
    // A server that is known to have no SharePoint may answer any address with success.
    for request in [TOOL_PANE, "GET /_layouts/15/spinstall0.aspx -"] {
        let text = format!("{IIS}\r\n{}\r\n", sharepoint(request, "-", SIGN_OUT, 200));
        let evidence = Memory::new().file(r"C:\logs\a.log", text.as_bytes());
        let (report, _) = read_all(&evidence, &With { exists: &|_| Exists::No, ..With::default() });
        let hit = report.hits.iter().find(|hit| hit.check.starts_with("log/toolshell")).expect(request);
        assert_eq!((hit.stage, hit.level), (Attempt, Level::Low), "{request}");
        // Of one that has it, the page may be gone again.
        let exists = |url: &str| if url == "/_layouts/16/toolpane.aspx" { Exists::Yes } else { Exists::No };
        let (report, _) = read_all(&evidence, &With { exists: &exists, ..With::default() });
        let hit = report.hits.iter().find(|hit| hit.check.starts_with("log/toolshell")).expect(request);
        assert_eq!(hit.level, Level::High, "{request}");
    }
}

#[test]
fn toolshell_is_seen_in_other_columns() {
    use Stage::*;
    // Columns in another order, and without the one of the page it came from.
    let other = "#Fields: date time sc-status cs(Referer) cs-uri-query cs-uri-stem cs-method c-ip cs-username s-ip";
    let turned = format!(
        "2025-07-18 18:01:02 200 {SIGN_OUT} DisplayMode=Edit /_layouts/15/ToolPane.aspx POST 203.0.113.9 - 10.0.0.5"
    );
    assert_eq!(without_disk(other, &turned), [("log/toolshell", SessionObtained, Level::High)]);
    let fewer = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query cs-username c-ip sc-status";
    let without = |user: &str| format!("2025-07-18 18:01:02 10.0.0.5 {TOOL_PANE} {user} 203.0.113.9 200");
    assert_eq!(without_disk(fewer, &without("-")), [("log/toolshell", ReachedBackend, Level::Medium)]);
    assert_eq!(without_disk(fewer, &without(r"CONTOSO\a")), []);
}
